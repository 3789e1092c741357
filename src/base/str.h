/* SPDX-License-Identifier: MIT */
/* A borrowed span of bytes, and the few string helpers that C17 lacks. A span is never NUL-terminated by promise. */
#ifndef GWTOP_BASE_STR_H
#define GWTOP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct str {
    const char *p;
    size_t n;
};

struct str str_of(const char *z); /* borrows z */
bool str_eq(struct str a, struct str b);
bool str_eq_z(struct str a, const char *z);
bool str_has_prefix(struct str s, const char *z);
bool str_has_suffix(struct str s, const char *z);

/* Copies s into dst[cap] with a final NUL; returns false (and cuts at a UTF-8 boundary) when it does not fit. cap >= 1. */
bool str_copy(char *dst, size_t cap, struct str s);

/* A copy on the heap, with a final NUL; NULL when out of memory. */
char *str_dup(struct str s);

/* printf into dst[cap]; returns false when cut. Always NUL-terminated. */
bool str_format(char *dst, size_t cap, const char *fmt, ...) GW_PRINTF(3, 4);

/* Whole-string number parsing: no leading or trailing bytes allowed. Returns false when the text is not such a number or overflows. */
bool str_to_i64(struct str s, int64_t *ret);
bool str_to_f64(struct str s, double *ret); /* accepts NaN, Inf, +Inf, -Inf in any case; refuses hexadecimal and underscores */

#endif
