/* SPDX-License-Identifier: MIT */
#include "model/hosting.h"

#include <string.h>

#include "model/money.h"

#define HOUR_MS INT64_C(3600000)
#define MICROJOULES_PER_KWH INT64_C(3600000000000)
enum { HOURS = 24, MILLI = 1000 };

bool tariff_is_whole_day(const struct tariff *t)
{
    return t->from_hour == 0 && t->to_hour == HOURS;
}

static bool holds_in(const struct tariff *t, int hour)
{
    return t->from_hour <= t->to_hour ? hour >= t->from_hour && hour < t->to_hour : hour >= t->from_hour || hour < t->to_hour;
}

bool tariff_collides(const struct tariff *a, const struct tariff *b)
{
    if (a->from_ms != b->from_ms || tariff_is_whole_day(a) != tariff_is_whole_day(b))
        return false;
    for (int h = 0; h < HOURS; h++)
        if (holds_in(a, h) && holds_in(b, h))
            return true;
    return false;
}

static int hour_of(int64_t at_ms)
{
    const int64_t hour = (at_ms / HOUR_MS - (at_ms % HOUR_MS < 0)) % HOURS;
    return (int)(hour < 0 ? hour + HOURS : hour);
}

const struct tariff *tariff_at(const struct tariff *list, size_t count, int64_t at_ms)
{
    const struct tariff *best = NULL;
    const int hour = hour_of(at_ms);

    for (const struct tariff *t = list; t < list + count; t++) {
        if (t->from_ms > at_ms || !holds_in(t, hour))
            continue;
        const bool special = best != NULL && tariff_is_whole_day(best) != tariff_is_whole_day(t);
        if (best == NULL || (special ? tariff_is_whole_day(best) : t->from_ms > best->from_ms))
            best = t;
    }
    return best;
}

const struct hosting *hosting_at(const struct hosting *list, size_t count, const char *name, int64_t at_ms)
{
    const struct hosting *best = NULL;
    for (const struct hosting *h = list; h < list + count; h++)
        if (strcmp(h->name, name) == 0 && h->from_ms <= at_ms && (best == NULL || h->from_ms > best->from_ms))
            best = h;
    return best;
}

int64_t energy_cost(int64_t microjoules, int64_t pue_milli, int64_t kwh_nusd)
{
    const money_wide per = (money_wide)MICROJOULES_PER_KWH * MILLI, product = (money_wide)microjoules * pue_milli * kwh_nusd;
    return (int64_t)((product + (product < 0 ? -per : per) / 2) / per);
}
