/* SPDX-License-Identifier: MIT */
/* How this works: the digits become w * 10^q with w < 2^64.
 * 1. w <= 2^53 and |q| <= 22: both are doubles without error, so one multiplication or division rounds once (Clinger 1990).
 * 2. |q| <= 27: 5^|q| fits 64 bits, so that w * 5^q, or w / 5^-q with its remainder, is exact in 128 bits and is rounded by hand.
 * 3. Anything else (more than 19 digits, far exponents) is rare and goes to strtod, rewritten without a decimal point so that no
 *    locale can misread it.
 * Step 2 stands where Eisel-Lemire keeps a table of 650 powers: pages of metrics have exponents within it. */
#include "source/fastnum.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "step 1 needs arithmetic that rounds to double at once");

__extension__ typedef unsigned __int128 u128;

enum {
    DIGITS_FIT = 19,      /* any 19 digits are below 2^64 */
    DIGITS_DECIDE = 768,  /* no double, nor the middle of two, has more significant digits: further ones count only as "not zero" */
    EXPONENT_CAP = 99999, /* far beyond 0 and infinity even with 64 KB of digits before or behind the point */
    POWER_EXACT = 22,     /* 10^22 is the largest power of ten that is a double */
    POWER_FITS = 27,      /* 5^27 is the largest power of five below 2^64 */
};

static const double pow10_exact[POWER_EXACT + 1] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

static const uint64_t pow5[POWER_FITS + 1] = {
    1u,
    5u,
    25u,
    125u,
    625u,
    3125u,
    15625u,
    78125u,
    390625u,
    1953125u,
    9765625u,
    48828125u,
    244140625u,
    1220703125u,
    6103515625u,
    30517578125u,
    152587890625u,
    762939453125u,
    3814697265625u,
    19073486328125u,
    95367431640625u,
    476837158203125u,
    2384185791015625u,
    11920928955078125u,
    59604644775390625u,
    298023223876953125u,
    1490116119384765625u,
    7450580596923828125u,
};

/* The text of a decimal: digits of the mantissa with at most one point, and what the exponent says. */
struct decimal {
    const char *digits, *digits_end; /* from the first to behind the last byte of digits and point */
    const char *point;               /* NULL when there is none */
    int64_t exponent;
    bool negative;
};

/* The double nearest to m * 2^e, or to a little more when rest is set. m has at least 54 bits: step 1 took what has fewer, and 5^23 has
 * 54 alone. |e| < 200, so the result is never subnormal. */
static double round_to_double(uint64_t m, int e, bool rest)
{
    int drop = 64 - __builtin_clzll(m) - DBL_MANT_DIG;
    uint64_t cut = m & ((UINT64_C(1) << drop) - 1);
    uint64_t half = UINT64_C(1) << (drop - 1);
    m >>= drop;
    e += drop;
    if (cut > half || (cut == half && (rest || (m & 1)))) {
        m++; /* may become 2^53: the sum below then carries into the exponent, as it should */
    }
    uint64_t bits = ((uint64_t)(e + DBL_MANT_DIG - 1 + DBL_MAX_EXP - 1) << (DBL_MANT_DIG - 1)) + (m - (UINT64_C(1) << (DBL_MANT_DIG - 1)));
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* w * 10^q for w > 0 and 0 <= q <= POWER_FITS, exact but for the one rounding. */
static double scale_up(uint64_t w, int q)
{
    u128 product = (u128)w * pow5[q];
    uint64_t high = (uint64_t)(product >> 64);
    if (high == 0) {
        return round_to_double((uint64_t)product, q, false);
    }
    int shift = 64 - __builtin_clzll(high);
    uint64_t m = (uint64_t)(product >> shift);
    bool rest = (product & (((u128)1 << shift) - 1)) != 0;
    return round_to_double(m, q + shift, rest);
}

/* w / 10^q for w > 0 and 1 <= q <= POWER_FITS. Both sides are shifted to 64 bits, so the quotient has 63 or 64 of them. */
static double scale_down(uint64_t w, int q)
{
    int shift_w = __builtin_clzll(w);
    int shift_d = __builtin_clzll(pow5[q]);
    u128 numerator = (u128)(w << shift_w) << 63;
    uint64_t divisor = pow5[q] << shift_d;
    uint64_t quotient = (uint64_t)(numerator / divisor);
    bool rest = (uint64_t)numerator != quotient * divisor;
    return round_to_double(quotient, shift_d - shift_w - 63 - q, rest);
}

/* Step 3: "<digits>e<exponent>" for strtod, at most DIGITS_DECIDE digits and one that stands for the rest. The number is not zero. */
static bool convert_exactly(const struct decimal *d, double *ret)
{
    char text[DIGITS_DECIDE + 32];
    size_t n = 0;
    bool rest = false;
    int64_t exponent = d->exponent;
    for (const char *p = d->digits; p < d->digits_end; p++) {
        if (p == d->point) {
            continue;
        }
        if (d->point && p > d->point) {
            exponent--;
        }
        if (n == 0 && *p == '0') {
            continue;
        }
        if (n < DIGITS_DECIDE) {
            text[n++] = *p;
        } else {
            rest |= *p != '0';
            exponent++;
        }
    }
    if (rest) {
        text[n++] = '1';
        exponent--;
    }
    if (exponent > EXPONENT_CAP) {
        return false;
    }
    if (exponent < -EXPONENT_CAP) {
        *ret = 0.0;
        return true;
    }
    snprintf(text + n, sizeof text - n, "e%d", (int)exponent);
    double value = strtod(text, NULL);
    if (value > DBL_MAX) {
        return false;
    }
    *ret = value;
    return true;
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Eight digits at once: little-endian SWAR, three multiplications instead of eight. */
static inline bool eight_digits(const char *p, uint64_t *ret)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t v;
    memcpy(&v, p, sizeof v);
    if (((v & 0xF0F0F0F0F0F0F0F0u) | (((v + 0x0606060606060606u) & 0xF0F0F0F0F0F0F0F0u) >> 4)) != 0x3333333333333333u) {
        return false;
    }
    v -= 0x3030303030303030u;
    v = v * 10 + (v >> 8);
    v = ((v & 0x000000FF000000FFu) * 0x000F424000000064u + ((v >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u) >> 32;
    *ret = v & 0xFFFFFFFFu;
    return true;
#else
    (void)p;
    (void)ret;
    return false;
#endif
}

/* Reads digits into *w, which wraps silently past 19 of them: the caller counts. */
static inline const char *scan_digits(const char *p, const char *end, uint64_t *w)
{
    uint64_t v = *w;
    uint64_t eight;
    while (end - p >= 8 && eight_digits(p, &eight)) {
        v = v * 100000000u + eight;
        p += 8;
    }
    while (p < end && is_digit(*p)) {
        v = v * 10 + (uint64_t)(*p - '0');
        p++;
    }
    *w = v;
    return p;
}

/* The exponent at p ('e' was seen there), or p when what follows is not one. */
static const char *scan_exponent(const char *p, const char *end, int64_t *ret)
{
    const char *q = p + 1;
    bool negative = false;
    if (q < end && (*q == '+' || *q == '-')) {
        negative = *q == '-';
        q++;
    }
    if (q >= end || !is_digit(*q)) {
        return p;
    }
    int64_t v = 0;
    for (; q < end && is_digit(*q); q++) {
        if (v < 10 * (int64_t)EXPONENT_CAP) {
            v = v * 10 + (*q - '0');
        }
    }
    *ret = negative ? -v : v;
    return q;
}

static size_t match_word(const char *p, const char *end, const char *lower)
{
    size_t n = 0;
    for (; lower[n]; n++) {
        if (p + n >= end || (char)(p[n] | 0x20) != lower[n]) {
            return 0;
        }
    }
    return n;
}

/* inf, infinity, nan; first is behind the sign. */
static const char *scan_word(const char *start, const char *first, const char *end, double *ret)
{
    bool negative = first > start && *start == '-';
    size_t n = match_word(first, end, "infinity");
    if (n == 0) {
        n = match_word(first, end, "inf");
    }
    if (n > 0) {
        *ret = negative ? -(double)INFINITY : (double)INFINITY;
        return first + n;
    }
    n = match_word(first, end, "nan");
    if (n > 0 && first == start) {
        *ret = (double)NAN;
        return first + n;
    }
    return NULL;
}

const char *fastnum_scan(const char *p, const char *end, double *ret)
{
    const char *start = p;
    struct decimal d = {.negative = p < end && *p == '-'};
    if (p < end && (*p == '-' || *p == '+')) {
        p++;
    }
    uint64_t w = 0;
    d.digits = p;
    p = scan_digits(p, end, &w);
    int64_t count = p - d.digits;
    int64_t behind_point = 0;
    if (p < end && *p == '.') {
        d.point = p;
        p = scan_digits(p + 1, end, &w);
        behind_point = p - d.point - 1;
        count += behind_point;
    }
    if (count == 0) {
        return scan_word(start, d.digits, end, ret);
    }
    d.digits_end = p;
    for (const char *z = d.digits; count > DIGITS_FIT && (*z == '0' || *z == '.'); z++) {
        count -= *z == '0'; /* zeros in front took no part in w: 0.0013300656000000001 */
    }
    if (p < end && (*p | 0x20) == 'e') {
        p = scan_exponent(p, end, &d.exponent);
    }
    double value = 0.0;
    int64_t q = d.exponent - behind_point;
    if (w == 0 && count <= DIGITS_FIT) {
        /* stays zero, whatever the exponent */
    } else if (count > DIGITS_FIT || q > POWER_FITS || q < -POWER_FITS) {
        if (!convert_exactly(&d, &value)) {
            return NULL;
        }
    } else if (w <= (UINT64_C(1) << DBL_MANT_DIG) && q <= POWER_EXACT && q >= -POWER_EXACT) {
        value = q < 0 ? (double)w / pow10_exact[-q] : (double)w * pow10_exact[q];
    } else {
        value = q < 0 ? scale_down(w, (int)-q) : scale_up(w, (int)q);
    }
    *ret = d.negative ? -value : value;
    return p;
}

const char *fastnum_scan_i64(const char *p, const char *end, int64_t *ret)
{
    bool negative = p < end && *p == '-';
    if (negative) {
        p++;
    }
    if (p >= end || !is_digit(*p)) {
        return NULL;
    }
    int64_t v = 0; /* kept negative: the range has one more number on that side */
    for (; p < end && is_digit(*p); p++) {
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, *p - '0', &v)) {
            return NULL;
        }
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, v, &v)) {
        return NULL;
    }
    *ret = v;
    return p;
}
