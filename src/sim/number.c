/* SPDX-License-Identifier: MIT */
#include "sim/number.h"

#include <stdbool.h>
#include <string.h>

/* A decimal without trailing zeros: 0.d1d2d3... * 10^point. */
struct decimal {
    char digits[20];
    size_t count;
    int point;
    bool negative;
};

static struct decimal decimal_of(int64_t value, unsigned decimals)
{
    struct decimal d = {.negative = value < 0};
    uint64_t v = d.negative ? 0 - (uint64_t)value : (uint64_t)value;
    char reversed[20];
    size_t n = 0;
    for (; v != 0; v /= 10)
        reversed[n++] = (char)('0' + v % 10);
    d.point = (int)n - (int)decimals;
    size_t zeros = 0;
    while (zeros < n && reversed[zeros] == '0')
        zeros++;
    for (size_t i = n; i > zeros; i--)
        d.digits[d.count++] = reversed[i - 1];
    return d;
}

static char *put_exponent(char *p, const struct decimal *d, bool python)
{
    *p++ = d->digits[0];
    if (d->count > 1) {
        *p++ = '.';
        memcpy(p, d->digits + 1, d->count - 1);
        p += d->count - 1;
    }
    int e = d->point - 1;
    *p++ = 'e';
    *p++ = e < 0 ? '-' : '+';
    e = e < 0 ? -e : e;
    if (python && d->point > 0)
        *p++ = '0'; /* its formatter writes "e+0" before whatever follows, so 1e10 reads e+010 */
    else if (e < 10)
        *p++ = '0';
    if (e >= 10)
        *p++ = (char)('0' + e / 10);
    *p++ = (char)('0' + e % 10);
    return p;
}

static char *put_plain(char *p, const struct decimal *d, bool python)
{
    if (d->point <= 0) {
        *p++ = '0';
        *p++ = '.';
        for (int i = d->point; i < 0; i++)
            *p++ = '0';
        memcpy(p, d->digits, d->count);
        return p + d->count;
    }
    size_t whole = (size_t)d->point;
    size_t have = d->count < whole ? d->count : whole;
    memcpy(p, d->digits, have);
    memset(p + have, '0', whole - have);
    p += whole;
    if (d->count > whole) {
        *p++ = '.';
        memcpy(p, d->digits + whole, d->count - whole);
        p += d->count - whole;
    } else if (python) {
        *p++ = '.';
        *p++ = '0';
    }
    return p;
}

static size_t put_word(char *out, const char *word)
{
    size_t n = strlen(word);
    memcpy(out, word, n);
    return n;
}

/* Both languages leave plain notation below 1e-4; from 1e6 up Go does, and Python's client imitates it for positive values only. */
static size_t put_number(char *out, int64_t value, unsigned decimals, bool python)
{
    if (value == NUMBER_INF)
        return put_word(out, "+Inf");
    if (value == NUMBER_NAN)
        return put_word(out, "NaN");
    if (value == 0)
        return put_word(out, python ? "0.0" : "0");
    struct decimal d = decimal_of(value, decimals);
    char *p = out;
    if (d.negative)
        *p++ = '-';
    bool large = d.point > 6 && !(python && d.negative);
    p = large || d.point < -3 ? put_exponent(p, &d, python) : put_plain(p, &d, python);
    return (size_t)(p - out);
}

size_t number_python(char out[NUMBER_MAX], int64_t value, unsigned decimals)
{
    return put_number(out, value, decimals, true);
}

size_t number_go(char out[NUMBER_MAX], int64_t value, unsigned decimals)
{
    return put_number(out, value, decimals, false);
}
