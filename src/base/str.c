/* SPDX-License-Identifier: MIT */
/* Numbers are read by a grammar of our own, because strtod depends on the process' locale and takes hexadecimal.
 *
 * How str_to_f64 works: the decimal digits are gathered into a 64-bit mantissa and an exponent of ten. Up to 2^53 and 10^22 both are
 * exact doubles, and one multiplication or division rounds once and so correctly (Clinger 1990). Up to 19 digits and 10^19 the same is
 * done with 128-bit integers, whose remainder tells on which side of a halfway point the number lies: sums of seconds have 17 digits.
 * Everything else is rewritten in a normal form of bounded length and given to strtod_l in the C locale. A point halfway between two
 * doubles is an odd number below 2^54 times 2^-1075 or more, and so has at most 768 significant digits: further ones of the input
 * count only as "not zero". */
#define _GNU_SOURCE /* strtod_l */
#include "base/str.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

enum { DIGITS_MAX = 768 }; /* see above */

struct str str_of(const char *z)
{
    return (struct str){z, strlen(z)};
}

bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_z(struct str a, const char *z)
{
    return str_eq(a, str_of(z));
}

bool str_has_prefix(struct str s, const char *z)
{
    size_t n = strlen(z);
    return n <= s.n && memcmp(s.p, z, n) == 0;
}

bool str_has_suffix(struct str s, const char *z)
{
    size_t n = strlen(z);
    return n <= s.n && memcmp(s.p + (s.n - n), z, n) == 0;
}

/* The longest prefix of s[0..n) that does not end inside a UTF-8 sequence; p[n] is readable. */
static size_t whole_runes(const char *p, size_t n)
{
    size_t cut = n;
    for (int back = 0; back < 4 && cut > 0 && ((unsigned char)p[cut] & 0xC0u) == 0x80u; back++)
        cut--;
    return ((unsigned char)p[cut] & 0xC0u) == 0x80u ? n : cut; /* no lead byte near: not UTF-8, any cut is as good */
}

bool str_copy(char *dst, size_t cap, struct str s)
{
    bool fits = s.n < cap;
    size_t n = fits ? s.n : whole_runes(s.p, cap - 1);
    if (n > 0)
        memcpy(dst, s.p, n);
    dst[n] = '\0';
    return fits;
}

char *str_dup(struct str s)
{
    char *z = malloc(s.n + 1);
    if (z == NULL)
        return NULL;
    if (s.n > 0)
        memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    return z;
}

bool str_format(char *dst, size_t cap, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(dst, cap, fmt, args);
    va_end(args);
    if (n < 0)
        dst[0] = '\0';
    return n >= 0 && (size_t)n < cap;
}

bool str_to_i64(struct str s, int64_t *ret)
{
    size_t i = 0;
    bool negative = s.n > 0 && s.p[0] == '-';
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        i++;
    if (i == s.n)
        return false;
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t v = 0;
    for (; i < s.n; i++) {
        unsigned d = (unsigned char)s.p[i] - (unsigned)'0';
        if (d > 9 || v > (limit - d) / 10)
            return false;
        v = v * 10 + d;
    }
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* A decimal number taken apart: what the fast paths need, and where the slow one finds the digits again. */
struct decimal {
    uint64_t mantissa;  /* the first 19 significant digits */
    int digits;         /* how many of them */
    bool dropped;       /* a nonzero digit did not fit */
    int64_t exponent10; /* value = mantissa * 10^exponent10 when nothing was dropped */
    size_t first, last; /* span of the digits and the point in the text, for the slow path */
    int64_t written10;  /* the exponent as written */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool exponent_scan(struct str s, size_t i, int64_t *ret)
{
    bool negative = i < s.n && s.p[i] == '-';
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    if (i == s.n)
        return false;
    int64_t e = 0;
    for (; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
        if (e < 1000000000) /* far beyond any double; the digits after it cannot matter */
            e = e * 10 + (s.p[i] - '0');
    }
    *ret = negative ? -e : e;
    return true;
}

static bool decimal_scan(struct str s, size_t i, struct decimal *d)
{
    *d = (struct decimal){.first = i};
    bool point = false, any = false;
    for (; i < s.n; i++) {
        char c = s.p[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(c))
            break;
        any = true;
        if (d->digits == 19) {
            d->dropped |= c != '0';
            d->exponent10 += !point;
            continue;
        }
        d->mantissa = d->mantissa * 10 + (uint64_t)(c - '0');
        d->digits += d->mantissa != 0;
        d->exponent10 -= point;
    }
    d->last = i;
    if (!any)
        return false;
    if (i < s.n) {
        if ((s.p[i] != 'e' && s.p[i] != 'E') || !exponent_scan(s, i + 1, &d->written10))
            return false;
        d->exponent10 += d->written10;
    }
    return true;
}

/* mantissa * 10^exponent10, -19 <= exponent10 <= 19, mantissa > 0. The quotient or product is brought to 63 or 64 bits with its lowest
 * bit set when anything nonzero was cut; then the one rounding is the conversion to double. */
static double decimal_wide(uint64_t mantissa, int exponent10)
{
    uint64_t power = 1;
    for (int i = exponent10 < 0 ? -exponent10 : exponent10; i > 0; i--)
        power *= 10;
    int zeros_m = __builtin_clzll(mantissa), zeros_p = __builtin_clzll(power);
    mantissa <<= zeros_m;
    power <<= zeros_p;
    u128 wide = exponent10 < 0 ? (u128)mantissa << 63 : (u128)mantissa * power;
    uint64_t high, rest;
    if (exponent10 < 0) {
        high = (uint64_t)(wide / power);
        rest = (uint64_t)(wide % power);
        return ldexp((double)(high | (rest != 0)), zeros_p - zeros_m - 63);
    }
    high = (uint64_t)(wide >> 64);
    rest = (uint64_t)wide;
    return ldexp((double)(high | (rest != 0)), 64 - zeros_m - zeros_p);
}

/* Rewrites the digits without leading zeros, at most DIGITS_MAX of them, as an integer with an exponent, and lets strtod_l round. */
static double decimal_slow(struct str s, const struct decimal *d)
{
    char text[DIGITS_MAX + 32];
    size_t n = 0;
    int64_t e = d->written10;
    bool point = false, rest = false;
    for (size_t i = d->first; i < d->last; i++) {
        char c = s.p[i];
        if (c == '.') {
            point = true;
        } else if (n == 0 && c == '0') {
            e -= point;
        } else if (n < DIGITS_MAX) {
            text[n++] = c;
            e -= point;
        } else {
            rest |= c != '0';
            e += !point;
        }
    }
    if (rest) {
        text[n++] = '1';
        e--;
    }
    snprintf(text + n, sizeof text - n, "e%lld", (long long)e);
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* glibc's own constant object: no allocation */
    double v = strtod_l(text, NULL, c_locale);
    freelocale(c_locale);
    return v;
}

static bool special_f64(struct str s, double *ret)
{
    size_t sign = s.n == 4 && (s.p[0] == '+' || s.p[0] == '-') ? 1 : 0;
    if (s.n - sign != 3)
        return false;
    char low[3];
    for (size_t i = 0; i < 3; i++)
        low[i] = (char)(s.p[sign + i] | 0x20);
    if (memcmp(low, "inf", 3) == 0)
        *ret = sign && s.p[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    else if (memcmp(low, "nan", 3) == 0 && sign == 0)
        *ret = (double)NAN;
    else
        return false;
    return true;
}

bool str_to_f64(struct str s, double *ret)
{
    static const double power10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t sign = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    struct decimal d;
    if (!decimal_scan(s, sign, &d))
        return special_f64(s, ret);
    double v;
    if (d.mantissa == 0)
        v = 0;
    else if (!d.dropped && d.mantissa <= UINT64_C(1) << 53 && d.exponent10 >= -22 && d.exponent10 <= 22)
        v = d.exponent10 < 0 ? (double)d.mantissa / power10[-d.exponent10] : (double)d.mantissa * power10[d.exponent10];
    else if (!d.dropped && d.exponent10 >= -19 && d.exponent10 <= 19)
        v = decimal_wide(d.mantissa, (int)d.exponent10);
    else
        v = decimal_slow(s, &d);
    if (isinf(v))
        return false;
    *ret = sign && s.p[0] == '-' ? -v : v;
    return true;
}
