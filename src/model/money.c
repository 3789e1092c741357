/* SPDX-License-Identifier: MIT */
#include "model/money.h"

#include <stdio.h>
#include <string.h>

enum { DECIMALS = 9, MS_PER_HOUR = 3600000 };

static money_wide divide_rounded(money_wide a, int64_t b)
{
    return (a + (a < 0 ? -(b / 2) : b / 2)) / b; /* half away from zero; exact for even b, and odd b has no half */
}

bool money_price(int64_t tokens, int64_t price_pusd, int64_t *ret_nusd)
{
    money_wide nusd = divide_rounded((money_wide)tokens * price_pusd, 1000);
    if (nusd > INT64_MAX || nusd < INT64_MIN)
        return false;
    *ret_nusd = (int64_t)nusd;
    return true;
}

int64_t money_per_hour(int64_t nusd, int64_t interval_ms)
{
    money_wide v = divide_rounded((money_wide)nusd * MS_PER_HOUR, interval_ms);
    return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : (int64_t)v;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

/* Cuts zeros at the end of the decimals, down to `keep` of them, and the point when none is left. */
static void cut_zeros(char *z, size_t keep)
{
    char *point = strchr(z, '.');
    if (point == NULL)
        return;
    size_t n = strlen(point + 1);
    while (n > keep && point[n] == '0')
        n--;
    point[n == 0 ? 0 : n + 1] = '\0';
}

void money_format_exact(int64_t nusd, char out[MONEY_MAX])
{
    uint64_t v = magnitude(nusd);
    snprintf(out, MONEY_MAX, "%s%llu.%09llu", nusd < 0 ? "-" : "", (unsigned long long)(v / NUSD_PER_USD),
             (unsigned long long)(v % NUSD_PER_USD));
    cut_zeros(out, 0);
}

/* v nano-USD in units of 10^power USD with the given decimals, rounded half up on the magnitude. Returns the number scaled by
 * 10^decimals. */
static uint64_t rounded(uint64_t v, int power, int decimals)
{
    uint64_t divisor = 1;
    for (int i = 0; i < DECIMALS + power - decimals; i++)
        divisor *= 10;
    return v / divisor + (v % divisor >= (divisor + 1) / 2);
}

static void write_scaled(char out[MONEY_MAX], const char *sign, uint64_t scaled, int decimals, const char *suffix)
{
    unsigned long long ten = 1;
    for (int i = 0; i < decimals; i++)
        ten *= 10;
    if (decimals == 0)
        snprintf(out, MONEY_MAX, "%s$%llu%s", sign, (unsigned long long)scaled, suffix);
    else
        snprintf(out, MONEY_MAX, "%s$%llu.%0*llu%s", sign, scaled / ten, decimals, scaled % ten, suffix);
}

/* The rows are tried in order; the first whose rounded number stays below its limit is written. */
void money_format(int64_t nusd, char out[MONEY_MAX])
{
    static const struct {
        int power, decimals;
        uint64_t limit; /* of the number scaled by its decimals */
        const char *suffix;
    } rows[] = {
        {0, 2, 1000, ""},  {0, 1, 1000, ""},  {0, 0, 1000, ""},  /* $4.20, $41.2, $412 */
        {3, 2, 1000, "k"}, {3, 1, 1000, "k"}, {3, 0, 1000, "k"}, /* $4.49k, $12.3k, $123k */
        {6, 2, 1000, "M"}, {6, 1, 1000, "M"}, {6, 0, 1000, "M"}, /* $1.23M, $12.3M, $123M */
        {9, 2, 1000, "G"},                                       /* int64 ends at 9.22e9 */
    };
    const char *sign = nusd < 0 ? "-" : "";
    uint64_t v = magnitude(nusd);
    if (v == 0) {
        snprintf(out, MONEY_MAX, "$0");
        return;
    }
    if (v < (uint64_t)NUSD_PER_USD) { /* three significant digits, wherever they begin */
        int decimals = 2;
        for (uint64_t edge = NUSD_PER_USD / 10; decimals < DECIMALS; edge /= 10) {
            decimals++;
            if (v >= edge)
                break;
        }
        write_scaled(out, sign, rounded(v, 0, decimals), decimals, "");
        cut_zeros(out, 2);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t scaled = rounded(v, rows[i].power, rows[i].decimals);
        if (scaled < rows[i].limit) {
            write_scaled(out, sign, scaled, rows[i].decimals, rows[i].suffix);
            return;
        }
    }
}

bool money_parse(struct str s, int64_t *ret_nusd)
{
    size_t i = 0;
    bool negative = s.n > 0 && s.p[0] == '-';
    i += negative;
    if (i < s.n && s.p[i] == '$')
        i++;
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t v = 0;
    int whole = 0, decimals = -1; /* -1: no point yet */
    for (; i < s.n; i++) {
        unsigned d = (unsigned char)s.p[i] - (unsigned)'0';
        if (s.p[i] == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (d > 9 || decimals == DECIMALS || v > (limit - d) / 10)
            return false;
        v = v * 10 + d;
        if (decimals < 0)
            whole = 1;
        else
            decimals++;
    }
    if (whole == 0 || decimals == 0)
        return false;
    for (int k = decimals < 0 ? 0 : decimals; k < DECIMALS; k++) {
        if (v > limit / 10)
            return false;
        v *= 10;
    }
    *ret_nusd = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* ---- sums that are rounded once ---- */

bool money_wide_add(money_wide *sum, int64_t count, int64_t price_pusd, int64_t multiplier)
{
    money_wide v;
    if (__builtin_mul_overflow((money_wide)count * price_pusd, (money_wide)multiplier, &v) || __builtin_add_overflow(*sum, v, &v))
        return false;
    *sum = v;
    return true;
}

bool money_wide_to_nusd(money_wide v, int64_t *ret_nusd)
{
    money_wide nusd = divide_rounded(v, MONEY_WIDE_PER_NUSD);
    if (nusd > INT64_MAX || nusd < INT64_MIN)
        return false;
    *ret_nusd = (int64_t)nusd;
    return true;
}

bool money_wide_take(money_wide sum, int64_t *taken, int64_t *ret_nusd)
{
    int64_t all, more;
    if (!money_wide_to_nusd(sum, &all) || __builtin_sub_overflow(all, *taken, &more))
        return false;
    *taken = all;
    *ret_nusd = more;
    return true;
}

void money_wide_format(money_wide v, char out[MONEY_WIDE_MAX])
{
    enum { WIDE_DECIMALS = 20 };
    char digits[48];
    size_t n = 0, at = 0;
    bool negative = v < 0;
    for (; v != 0 || n <= WIDE_DECIMALS; v /= 10) {
        int d = (int)(v % 10);
        digits[n++] = (char)('0' + (d < 0 ? -d : d));
    }
    if (negative)
        out[at++] = '-';
    while (n > 0) {
        if (n == WIDE_DECIMALS)
            out[at++] = '.';
        out[at++] = digits[--n];
    }
    out[at] = '\0';
    cut_zeros(out, 0);
}

/* The digits of a decimal text and where its point lies. */
struct decimal {
    char digit[64];   /* without leading zeros; what follows beyond is only remembered as `more` */
    int count, point; /* the value is 0.DIGITS * 10^point */
    bool negative, more;
};

static bool read_exponent(struct str s, size_t *i, int *ret)
{
    enum { EXPONENT_MAX = 100000 };
    bool negative = *i < s.n && s.p[*i] == '-';
    size_t begin = *i += *i < s.n && (s.p[*i] == '-' || s.p[*i] == '+');
    int v = 0;
    for (; *i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9'; (*i)++)
        v = v < EXPONENT_MAX ? v * 10 + (s.p[*i] - '0') : v;
    *ret = negative ? -v : v;
    return *i > begin;
}

static bool read_decimal(struct str s, struct decimal *d)
{
    bool any = false, pointed = false;
    size_t i = 0;
    int exponent = 0;
    *d = (struct decimal){.negative = s.n > 0 && s.p[0] == '-'};
    for (i = d->negative; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && !pointed)); i++) {
        if (s.p[i] == '.') {
            pointed = true;
            continue;
        }
        any = true;
        bool leading = d->count == 0 && s.p[i] == '0';
        d->point += leading ? (pointed ? -1 : 0) : (pointed ? 0 : 1);
        if (leading)
            continue;
        if (d->count < (int)sizeof d->digit)
            d->digit[d->count++] = s.p[i];
        else
            d->more = d->more || s.p[i] != '0';
    }
    if (any && i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        any = read_exponent(s, &i, &exponent);
    }
    d->point += exponent;
    return any && i == s.n && s.n < 4096;
}

bool money_parse_decimal(struct str s, int power, int64_t *ret, bool *ret_inexact)
{
    struct decimal d;
    if (!read_decimal(s, &d))
        return false;
    int whole = d.count == 0 ? 0 : d.point + power; /* how many digits stand before the point */
    bool inexact = d.more;
    if (whole > 19)
        return false;
    money_wide v = 0;
    for (int i = 0; i < whole; i++)
        v = v * 10 + (i < d.count ? d.digit[i] - '0' : 0);
    for (int i = whole < 0 ? 0 : whole; i < d.count; i++)
        inexact = inexact || d.digit[i] != '0';
    v += whole >= 0 && whole < d.count && d.digit[whole] >= '5';
    v = d.negative ? -v : v;
    if (v > INT64_MAX || v < INT64_MIN)
        return false;
    *ret = (int64_t)v;
    *ret_inexact = inexact;
    return true;
}
