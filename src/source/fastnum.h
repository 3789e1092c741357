/* SPDX-License-Identifier: MIT */
/* Correctly rounded decimal to double, fast on what metric pages hold, independent of the locale.
 *
 * str_to_f64 (base/str.h) reads one whole string; this reads a number at the front of a longer text and says where it ended.
 * Invariant: the double is the one nearest to the decimal, ties to even, whatever its length: the same as strtod in the C locale. */
#ifndef GWTOP_SOURCE_FASTNUM_H
#define GWTOP_SOURCE_FASTNUM_H

#include <stdint.h>

/* Reads the longest number at p: an optional sign, decimal digits with at most one point among them, an optional exponent; or inf,
 * infinity or nan in any case (inf with an optional sign, nan without one). No hexadecimal, no underscores, no leading white space.
 * Returns the byte after it; NULL when no number is there or when it is beyond the range of a double. Too small a number is 0.
 * Cost: some 10 ns up to 19 digits and exponents of a metric page, below a microsecond for anything else, linear in the digits. */
const char *fastnum_scan(const char *p, const char *end, double *ret);

/* Reads an optional minus and decimal digits at p. Returns the byte after them; NULL when none are there or they overflow. */
const char *fastnum_scan_i64(const char *p, const char *end, int64_t *ret);

#endif
