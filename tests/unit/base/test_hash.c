/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <check.h>
#include <string.h>

Suite *suite_hash(void);

/* The published check values of wyhash final 4 with its default secret: the value of the index is the key. */
START_TEST(published_values)
{
    static const struct {
        const char *text;
        uint64_t hash;
    } rows[] = {
        {"", UINT64_C(0x93228a4de0eec5a2)},
        {"a", UINT64_C(0xc5bac3db178713c4)},
        {"abc", UINT64_C(0xa97f2f7b1d9b3314)},
        {"message digest", UINT64_C(0x786d1f1df3801df4)},
        {"abcdefghijklmnopqrstuvwxyz", UINT64_C(0xdca5a8138ad37c87)},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", UINT64_C(0xb9e734f117cfaf70)},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890", UINT64_C(0x6cc5eab49a92d617)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_uint_eq(hash_bytes(rows[i].text, strlen(rows[i].text), i), rows[i].hash);
    unsigned char ramp[96];
    for (size_t i = 0; i < sizeof ramp; i++)
        ramp[i] = (unsigned char)i;
    ck_assert_uint_eq(hash_bytes(ramp, 48, 0), UINT64_C(0xecbfb7ff9e3d9a97)); /* the edges of the 48-byte loop */
    ck_assert_uint_eq(hash_bytes(ramp, 96, 0), UINT64_C(0x948137d69794b570));
}
END_TEST

START_TEST(every_byte_and_the_key_count)
{
    char text[200];
    memset(text, 'x', sizeof text);
    for (size_t n = 1; n <= sizeof text; n++) {
        uint64_t plain = hash_bytes(text, n, 1);
        ck_assert_uint_ne(plain, hash_bytes(text, n, 2));
        ck_assert_uint_ne(plain, hash_bytes(text, n - 1, 1));
        for (size_t i = 0; i < n; i++) {
            text[i] = 'y';
            ck_assert_uint_ne(plain, hash_bytes(text, n, 1));
            text[i] = 'x';
        }
    }
}
END_TEST

START_TEST(numbers_spread)
{
    uint32_t seen[256] = {0};
    for (uint64_t i = 0; i < 65536; i++)
        seen[hash_u64(i, 99) & 255]++;
    for (int i = 0; i < 256; i++)
        ck_assert_msg(seen[i] > 150 && seen[i] < 370, "bucket %d has %u of 256", i, seen[i]); /* 7 deviations */
    ck_assert_uint_ne(hash_u64(1, 1), hash_u64(1, 2));
    ck_assert_uint_ne(hash_random_key(), hash_random_key());
}
END_TEST

Suite *suite_hash(void)
{
    Suite *suite = suite_create("hash");
    TCase *t = tcase_create("hash");
    tcase_add_test(t, published_values);
    tcase_add_test(t, every_byte_and_the_key_count);
    tcase_add_test(t, numbers_spread);
    suite_add_tcase(suite, t);
    return suite;
}
