/* SPDX-License-Identifier: MIT */
#include "model/exact.h"

#include <math.h>

#include "base/str.h"

const char *exact_mark(enum exactness e)
{
    static const char *const marks[] = {[EXACT] = "", [AT_LEAST] = ">=", [AT_MOST] = "<=", [ABOUT] = "~", [ABOVE] = ">", [BELOW] = "<"};
    return marks[e];
}

enum exactness exact_over(enum exactness part, enum exactness whole)
{
    static const enum exactness turned[] = {
        [EXACT] = EXACT, [AT_LEAST] = AT_MOST, [AT_MOST] = AT_LEAST, [ABOUT] = ABOUT, [ABOVE] = BELOW, [BELOW] = ABOVE};
    return whole == EXACT || part == turned[whole] ? part : part == EXACT ? turned[whole] : ABOUT;
}

struct change change_times(double now, enum exactness now_is, double then, enum exactness then_is)
{
    struct change c = {.v = (double)NAN, .exact = exact_over(now_is, then_is)};
    if (!isfinite(now) || !isfinite(then) || (now == 0 && then == 0))
        return c;
    c.v = then != 0 ? now / then : (double)INFINITY;
    if (then == 0) /* nothing or some; no more than nothing is nothing, however exact what it became is */
        c.exact = then_is == EXACT || then_is == AT_MOST ? EXACT : ABOUT;
    return c;
}

struct change change_points(double now, enum exactness now_is, double then, enum exactness then_is)
{
    const double by = now - then;
    return (struct change){.v = isfinite(by) ? by : (double)NAN, .exact = exact_over(now_is, then_is)};
}

const char *exact_times(double v, char out[EXACT_TEXT_MAX])
{
    static const struct {
        double from, unit;
        const char *suffix;
    } steps[] = {{999.5e6, 1e9, "G"}, {999.5e3, 1e6, "M"}, {999.5, 1e3, "k"}, {0, 1, ""}};
    size_t i = 0;

    if (v > 0 && v < 0.005) {
        (void)str_copy(out, EXACT_TEXT_MAX, str_of("<.01x"));
        return out;
    }
    while (steps[i].from > 0 && v < steps[i].from)
        i++;
    v /= steps[i].unit;
    (void)str_format(out, EXACT_TEXT_MAX, "%.*f%sx", v < 0.095 ? 2 : v < 9.95 ? 1 : 0, v, steps[i].suffix);
    return out;
}

const char *exact_share(double ratio, char out[EXACT_TEXT_MAX])
{
    const double percent = 100 * ratio;

    if (percent > 0 && percent < 1)
        (void)str_copy(out, EXACT_TEXT_MAX, str_of("<1%"));
    else if (percent > 99.5 && percent < 100)
        (void)str_copy(out, EXACT_TEXT_MAX, str_of(">99%"));
    else
        (void)str_format(out, EXACT_TEXT_MAX, "%.0f%%", percent);
    return out;
}

const char *change_text(struct change c, char out[EXACT_TEXT_MAX])
{
    char times[EXACT_TEXT_MAX];
    if (isnan(c.v))
        (void)str_copy(out, EXACT_TEXT_MAX, str_of("-"));
    else if (isinf(c.v))
        (void)str_format(out, EXACT_TEXT_MAX, "%snew", exact_mark(c.exact));
    else
        (void)str_format(out, EXACT_TEXT_MAX, "%s%s", exact_mark(c.exact), exact_times(c.v, times));
    return out;
}
