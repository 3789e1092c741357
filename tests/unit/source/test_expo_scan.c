/* SPDX-License-Identifier: MIT */
/* The vector scans against the byte-by-byte ones that define them, over every byte value, position, and distance to the readable end. */
#include "source/expo_scan.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_MAX = 70 };

static bool scans_agree(const char *p, size_t n, size_t readable)
{
    return expo_scan_name(p, p + n, p + readable) == expo_scan_name_portable(p, p + n) &&
           expo_scan_label(p, p + n, p + readable) == expo_scan_label_portable(p, p + n) &&
           expo_scan_value(p, p + n, p + readable) == expo_scan_value_portable(p, p + n) &&
           expo_find_last_brace(p, p + n) == expo_find_last_brace_portable(p, p + n);
}

START_TEST(test_one_odd_byte_anywhere)
{
    for (size_t n = 0; n <= 40; n += n < 20 ? 1 : 5) {
        char *p = malloc(n + 1); /* exact, so that a sanitizer sees a look past readable */
        ck_assert_ptr_nonnull(p);
        for (int byte = 0; byte < 256; byte++) {
            for (size_t at = 0; at < n; at++) {
                memset(p, 'a', n);
                p[at] = (char)byte;
                if (!scans_agree(p, n, n) || !scans_agree(p, at, n)) {
                    ck_abort_msg("byte %d at %zu of %zu", byte, at, n);
                }
            }
        }
        free(p);
    }
}
END_TEST

START_TEST(test_random_bytes)
{
    static const char alphabet[] = "azAZ09_:{}\"\\,= \t\n\x80\xFF@[`/;";
    uint64_t state = 7;
    char p[LENGTH_MAX];
    for (int i = 0; i < 200000; i++) {
        for (size_t k = 0; k < sizeof p; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            p[k] = alphabet[(state >> 33) % (sizeof alphabet - 1)];
        }
        size_t n = (state >> 40) % sizeof p;
        if (!scans_agree(p, n, n + (state >> 50) % (sizeof p - n + 1))) {
            ck_abort_msg("%zu bytes: %.*s", n, (int)n, p);
        }
    }
}
END_TEST

START_TEST(test_classes)
{
    for (int c = 0; c < 256; c++) {
        char b = (char)c;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        ck_assert_int_eq(expo_is_label_char(b), letter || digit || c == '_');
        ck_assert_int_eq(expo_is_name_char(b), letter || digit || c == '_' || c == ':');
        ck_assert_int_eq(expo_is_blank(b), c == ' ' || c == '\t');
    }
}
END_TEST

Suite *suite_expo_scan(void);
Suite *suite_expo_scan(void)
{
    Suite *s = suite_create("source/expo_scan");
    TCase *t = tcase_create("scans");
    tcase_add_test(t, test_classes);
    tcase_add_test(t, test_one_odd_byte_anywhere);
    tcase_add_test(t, test_random_bytes);
    suite_add_tcase(s, t);
    return s;
}
