/* SPDX-License-Identifier: MIT */
#include "model/money.h"

#include <stdio.h>
#include <string.h>

__extension__ typedef __int128 i128;

enum { DECIMALS = 9, MS_PER_HOUR = 3600000 };

static i128 divide_rounded(i128 a, int64_t b)
{
    return (a + (a < 0 ? -(b / 2) : b / 2)) / b; /* half away from zero; exact for even b, and odd b has no half */
}

bool money_price(int64_t tokens, int64_t price_pusd, int64_t *ret_nusd)
{
    i128 nusd = divide_rounded((i128)tokens * price_pusd, 1000);
    if (nusd > INT64_MAX || nusd < INT64_MIN)
        return false;
    *ret_nusd = (int64_t)nusd;
    return true;
}

int64_t money_per_hour(int64_t nusd, int64_t interval_ms)
{
    i128 v = divide_rounded((i128)nusd * MS_PER_HOUR, interval_ms);
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
    snprintf(out, MONEY_MAX, "%s%llu.%09llu", nusd < 0 ? "-" : "", (unsigned long long)(v / NUSD_PER_USD), (unsigned long long)(v % NUSD_PER_USD));
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
        {0, 2, 10000, ""},                                        /* below $100: cents */
        {0, 0, 10000, ""},                                        /* below $10,000: dollars */
        {3, 1, 1000, "k"}, {3, 0, 1000, "k"},                     /* $12.3k, $123k */
        {6, 2, 1000, "M"}, {6, 1, 1000, "M"}, {6, 0, 1000, "M"},  /* $1.23M, $12.3M, $123M */
        {9, 2, 1000, "G"},                                        /* int64 ends at 9.22e9 */
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
