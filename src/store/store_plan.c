/* SPDX-License-Identifier: MIT */
#include "store/store_plan.h"

#include <stdlib.h>

#include "base/timefmt.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000 };

/* Shorter stretches are read from the finer tier: a few buckets, or what raw reads in no time. */
static const int64_t worth_ms[PLAN_TIERS] = {[PLAN_5M] = HOUR_MS / 2, [PLAN_1H] = 12 * HOUR_MS, [PLAN_1D] = 2 * (int64_t)DAY_MS};
/* A whole range of small columns goes to the 5-minute tier only when raw would be slow. */
enum { RECENT_MS = 6 * HOUR_MS };

int64_t store_plan_tier_ms(enum store_plan_tier t)
{
    static const int64_t ms[PLAN_TIERS] = {0, 5 * MINUTE_MS, HOUR_MS, DAY_MS};
    return ms[t];
}

void store_plan_fini(struct store_plan *p)
{
    free(p->ranges);
}

static enum err push(struct store_plan *p, int64_t a_ms, int64_t b_ms, enum store_plan_tier tier)
{
    if (a_ms >= b_ms)
        return ERR_OK;
    if (p->count > 0 && p->ranges[p->count - 1].tier == tier && p->ranges[p->count - 1].b_ms == a_ms) {
        p->ranges[p->count - 1].b_ms = b_ms;
        return ERR_OK;
    }
    if (p->count == p->cap) {
        size_t cap = p->cap == 0 ? 16 : 2 * p->cap;
        struct store_range *r = realloc(p->ranges, cap * sizeof *r);
        if (r == NULL)
            return ERR_NOMEM;
        p->ranges = r;
        p->cap = cap;
    }
    p->ranges[p->count++] = (struct store_range){.a_ms = a_ms, .b_ms = b_ms, .tier = tier};
    return ERR_OK;
}

static int64_t ceil_to(int64_t t, int64_t step)
{
    int64_t f = instant_floor(t, step);
    return f == t ? t : f + step;
}

/* (a, b] with tiers no coarser than `coarsest`: the coarsest worthwhile one in the middle, finer ones at the ends. */
static enum err emit(const struct store_plan_limits *lim, int64_t a, int64_t b, enum store_plan_tier coarsest, struct store_plan *p)
{
    for (int t = (int)coarsest; t > PLAN_RAW; t--) {
        int64_t ms = store_plan_tier_ms((enum store_plan_tier)t);
        int64_t from = instant_later(ceil_to(a, ms), lim->floor_ms[t]), to = instant_floor(instant_earlier(b, lim->sealed_ms), ms);
        if (to - from < worth_ms[t])
            continue;
        enum err e = emit(lim, a, from, (enum store_plan_tier)(t - 1), p);
        if (e == ERR_OK)
            e = push(p, from, to, (enum store_plan_tier)t);
        return e == ERR_OK ? emit(lim, to, b, (enum store_plan_tier)(t - 1), p) : e;
    }
    return push(p, a, b, PLAN_RAW);
}

static bool is_kept(const struct store_plan_limits *lim, int64_t a, int64_t *ret_until)
{
    for (size_t i = 0; i < lim->kept_count; i++) {
        if (a >= lim->kept[2 * i] && a < lim->kept[2 * i + 1]) {
            *ret_until = lim->kept[2 * i + 1];
            return true;
        }
        if (a < lim->kept[2 * i]) {
            *ret_until = lim->kept[2 * i];
            return false;
        }
    }
    *ret_until = INT64_MAX;
    return false;
}

/* A range whose samples are gone, or are too many: the finest rollup that is kept, its buckets booked by their ends. */
static enum err push_coarse(const struct store_plan_limits *lim, int64_t a, int64_t b, struct store_plan *p)
{
    enum store_plan_tier t = PLAN_5M;

    while (t < PLAN_1D && lim->floor_ms[t] > a)
        t++;
    return push(p, instant_floor(a, store_plan_tier_ms(t)), instant_floor(b, store_plan_tier_ms(t)), t);
}

/* What comes of the raw range that starts at a: read raw or not, and up to where. */
static bool is_coarse(const struct store_plan_limits *lim, int64_t a, bool too_many, int64_t *ret_until)
{
    int64_t until, sealed = instant_floor(lim->sealed_ms, 5 * MINUTE_MS);
    bool kept = is_kept(lim, a, &until);

    if (!kept && a < lim->floor_ms[PLAN_RAW]) {
        *ret_until = instant_earlier(until, lim->floor_ms[PLAN_RAW]);
        return true;
    }
    *ret_until = kept && until < lim->floor_ms[PLAN_RAW] ? until : INT64_MAX;
    if (!too_many || a >= sealed)
        return false;
    *ret_until = instant_earlier(*ret_until, sealed);
    return true;
}

/* Replaces raw ranges that can't be read raw. */
static enum err replace_raw(const struct store_plan_limits *lim, const struct store_plan *wish, struct store_plan *ret)
{
    int64_t raw_ms = 0;
    enum err e = ERR_OK;

    for (size_t i = 0; i < wish->count; i++)
        if (wish->ranges[i].tier == PLAN_RAW)
            raw_ms += instant_earlier(wish->ranges[i].b_ms, lim->sealed_ms) - instant_earlier(wish->ranges[i].a_ms, lim->sealed_ms);
    for (size_t i = 0; e == ERR_OK && i < wish->count; i++) {
        struct store_range r = wish->ranges[i];
        bool too_many = raw_ms > lim->raw_max_ms;
        while (e == ERR_OK && r.tier == PLAN_RAW && r.a_ms < r.b_ms) {
            int64_t until;
            bool coarse = is_coarse(lim, r.a_ms, too_many, &until);
            int64_t end = instant_earlier(r.b_ms, until);
            e = coarse ? push_coarse(lim, r.a_ms, end, ret) : push(ret, r.a_ms, end, PLAN_RAW);
            r.a_ms = end;
        }
        if (e == ERR_OK && r.tier != PLAN_RAW)
            e = push(ret, r.a_ms, r.b_ms, r.tier);
    }
    return e;
}

enum err store_plan_make(const struct store_plan_limits *lim, int64_t t0_ms, int64_t step_ms, uint32_t columns, struct store_plan *ret)
{
    struct store_plan wish = {.ranges = NULL}, plan = {.ranges = NULL};
    int64_t end = t0_ms + step_ms * columns;
    enum store_plan_tier whole = columns == 1 ? PLAN_1D : PLAN_RAW; /* what lies within one column needs no edges but its own */
    enum err e = ERR_OK;

    for (int t = PLAN_5M; columns > 1 && t < PLAN_TIERS; t++)
        if (step_ms % store_plan_tier_ms((enum store_plan_tier)t) == 0 && t0_ms % store_plan_tier_ms((enum store_plan_tier)t) == 0)
            whole = (enum store_plan_tier)t;
    if (end - t0_ms < RECENT_MS)
        e = push(&wish, t0_ms, end, PLAN_RAW);
    else if (whole != PLAN_RAW)
        e = emit(lim, t0_ms, end, whole, &wish);
    else
        for (uint32_t i = 0; e == ERR_OK && i < columns; i++)
            e = emit(lim, t0_ms + step_ms * i, t0_ms + step_ms * (i + 1), PLAN_1D, &wish);
    if (e == ERR_OK)
        e = replace_raw(lim, &wish, &plan);
    store_plan_fini(&wish);
    if (e != ERR_OK) {
        store_plan_fini(&plan);
        return e;
    }
    *ret = plan;
    return ERR_OK;
}
