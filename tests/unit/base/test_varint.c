/* SPDX-License-Identifier: MIT */
#include "base/varint.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

Suite *suite_varint(void);

static void round_trip(uint64_t v, size_t expected)
{
    uint8_t bytes[VARINT_MAX];
    size_t n = varint_put(bytes, v);
    if (expected > 0)
        ck_assert_uint_eq(n, expected);
    const uint8_t *p = bytes;
    uint64_t back = ~v;
    ck_assert(varint_get(&p, bytes + n, &back));
    ck_assert_uint_eq(back, v);
    ck_assert_ptr_eq(p, bytes + n);
    for (size_t cut = 0; cut < n; cut++) { /* a cut one is refused and nothing moves */
        p = bytes;
        ck_assert(!varint_get(&p, bytes + cut, &back));
        ck_assert_ptr_eq(p, bytes);
    }
    ck_assert_uint_eq(back, v);
    uint8_t room[VARINT_MAX + 8] = {0};
    memcpy(room, bytes, n);
    memset(room + n, (int)(v & 0xff), 8); /* whatever follows */
    p = room;
    ck_assert(varint_get_word(&p, &back) == (n <= 8));
    ck_assert_ptr_eq(p, n <= 8 ? room + n : room);
    ck_assert_uint_eq(back, v);
}

START_TEST(round_trips)
{
    round_trip(0, 1);
    round_trip(127, 1);
    round_trip(128, 2);
    round_trip(16383, 2);
    round_trip(16384, 3);
    round_trip(UINT64_MAX, 10);
    round_trip(UINT64_C(1) << 63, 10);
    struct rng r;
    rng_seed(&r, 5);
    for (int i = 0; i < 10000; i++)
        round_trip(rng_u64(&r) >> rng_below(&r, 64), 0);
}
END_TEST

static bool reads(const char *bytes, size_t n)
{
    const uint8_t *p = (const uint8_t *)bytes;
    uint8_t room[VARINT_MAX + 8] = {0};
    uint64_t v;
    bool is_one = varint_get(&p, p + n, &v);
    memcpy(room, bytes, n);
    p = room;
    if (n > 0 && n <= 8)
        ck_assert(varint_get_word(&p, &v) == is_one);
    return is_one;
}

START_TEST(one_form_per_number)
{
    ck_assert(reads("\x00", 1));
    ck_assert(!reads("\x80\x00", 2));
    ck_assert(!reads("\xff\x00", 2));
    ck_assert(!reads("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 10));
    ck_assert(reads("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10));
    ck_assert(!reads("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", 10));
    ck_assert(!reads("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11));
    ck_assert(!reads("", 0));
}
END_TEST

START_TEST(zigzag_keeps_small_numbers_small)
{
    ck_assert_uint_eq(zigzag(0), 0);
    ck_assert_uint_eq(zigzag(-1), 1);
    ck_assert_uint_eq(zigzag(1), 2);
    ck_assert_uint_eq(zigzag(INT64_MIN), UINT64_MAX);
    ck_assert_int_eq(unzigzag(zigzag(INT64_MIN)), INT64_MIN);
    ck_assert_int_eq(unzigzag(zigzag(INT64_MAX)), INT64_MAX);
    for (int64_t v = -1000; v <= 1000; v++)
        ck_assert_int_eq(unzigzag(zigzag(v)), v);
}
END_TEST

/* The definition, one bit at a time. */
static uint32_t slow_crc(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

START_TEST(crc32c_is_castagnoli)
{
    uint8_t bytes[48] = {0};
    ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xE3069283u);
    ck_assert_uint_eq(crc32c(0, bytes, 32), 0x8A9136AAu); /* RFC 3720, B.4 */
    memset(bytes, 0xFF, 32);
    ck_assert_uint_eq(crc32c(0, bytes, 32), 0x62A8AB43u);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    ck_assert_uint_eq(crc32c(0, bytes, 32), 0x46DD794Eu);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    ck_assert_uint_eq(crc32c(0, bytes, 32), 0x113FDB5Cu);
    ck_assert_uint_eq(crc32c(0, "", 0), 0);
}
END_TEST

START_TEST(crc32c_continues_from_any_cut)
{
    uint8_t bytes[300];
    struct rng r;
    rng_seed(&r, 6);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)rng_u64(&r);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        uint32_t whole = slow_crc(bytes, n);
        ck_assert_uint_eq(crc32c(0, bytes, n), whole);
        ck_assert_uint_eq(crc32c_by_table(0, bytes, n), whole);
        size_t cut = n / 3;
        ck_assert_uint_eq(crc32c(crc32c(0, bytes, cut), bytes + cut, n - cut), whole);
    }
}
END_TEST

Suite *suite_varint(void)
{
    Suite *suite = suite_create("varint");
    TCase *t = tcase_create("varint");
    tcase_add_test(t, round_trips);
    tcase_add_test(t, one_form_per_number);
    tcase_add_test(t, zigzag_keeps_small_numbers_small);
    tcase_add_test(t, crc32c_is_castagnoli);
    tcase_add_test(t, crc32c_continues_from_any_cut);
    suite_add_tcase(suite, t);
    return suite;
}
