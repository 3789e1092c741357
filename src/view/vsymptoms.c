/* SPDX-License-Identifier: MIT */
/* How this works: what is compared is the time since the onset with the hour before it, without the time in which the onset lies. A line of
 * luck is drawn by counts (requests come in bunches: of twice the variance of as many that come by themselves), and above it one of what is
 * worth a word. */
#include "view/vsymptoms.h"

#include <math.h>

#include "view/vtext.h"

static const int64_t hour_ms = 3600000, least_before_ms = 600000;
/* Fewer requests say nothing of a share. */
enum { LEAST = 20, LEAST_FAILED = 5 };
/* A hundredth of all that fails, and twice of what did: as where a table's row is coloured without an objective (voutcomes_severity). */
static const double least_share = 0.01, least_rise = 2;
/* A cache that serves half as much, and five points less: who asks what moves it by less. */
static const double cached_half = 0.5, cached_points = 5;
/* Half as many requests again, or half as many; surely (two deviations) a quarter more, or less. */
static const double traffic_rose = 1.5, traffic_fell = 0.5, traffic_surely = 1.25, bunch = 2;

struct reading {
    size_t requests[2], cached[2], input[2]; /* [0] before, [1] since */
    size_t failed, now;
};

/* The last added query is of the scope, too. */
static enum err narrow(struct vread *vr, const struct store_filter *scope)
{
    enum err e = ERR_OK;
    for (int d = 0; e == ERR_OK && d < DIM_COUNT; d++)
        if (scope->dim[d].count == 1)
            e = vread_narrow(vr, (enum dim)d, scope->dim[d].ids[0]);
    return e;
}

static enum err add(struct vread *vr, enum signal s, int64_t t0_ms, int64_t t1_ms, const struct store_filter *scope, size_t *ret)
{
    *ret = vread_window(vr, s, s == SIG_REQUESTS ? DIM_BIT(DIM_CLASS) : 0, t0_ms, t1_ms);
    return narrow(vr, scope);
}

static enum err ask_all(struct vread *vr, const struct vsymptoms_ask *ask, const struct store_filter *scope, struct reading *r)
{
    const int64_t from[2] = {ask->from_ms - hour_ms, ask->by_ms}, to[2] = {ask->from_ms, ask->to_ms};
    const int64_t recent = ask->to_ms - vr->p->now_window_ms;
    enum err e = ERR_OK;

    for (int side = 0; e == ERR_OK && side < 2; side++) {
        e = add(vr, SIG_REQUESTS, from[side], to[side], scope, &r->requests[side]);
        if (e == ERR_OK)
            e = add(vr, SIG_TOKENS_CACHED, from[side], to[side], scope, &r->cached[side]);
        if (e == ERR_OK)
            e = add(vr, SIG_TOKENS_INPUT, from[side], to[side], scope, &r->input[side]);
    }
    if (e == ERR_OK)
        e = add(vr, SIG_REQUESTS, ask->onset_ms, ask->to_ms, scope, &r->failed);
    return e == ERR_OK ? add(vr, SIG_REQUESTS, recent > ask->onset_ms ? recent : ask->onset_ms, ask->to_ms, scope, &r->now) : e;
}

static void tell_failures(const struct voutcomes *before, const struct voutcomes *since, const struct voutcomes *now,
                          struct view_symptoms *s)
{
    const bool compared = before->known && !before->trust.torn && before->counted >= LEAST;
    const double then = compared ? (double)before->bad / (double)before->counted : (double)NAN;

    s->failed = since->bad;
    s->counted = since->counted;
    s->exact = vnum_of(0, 0, VNUM_SUM, since->trust).exact;
    s->fail_percent = vnum_share(since->bad, since->counted, since->trust);
    s->fail_now = vnum_share(now->bad, now->counted, now->trust);
    const double share = s->fail_percent.v / 100;
    s->fails = compared && since->known && !since->trust.torn && since->counted >= LEAST && since->bad >= LEAST_FAILED &&
               share >= least_share && share >= least_rise * then;
}

static void tell_cached(const struct vread *vr, const struct reading *r, struct view_symptoms *s)
{
    struct vnum share[2];
    bool known = false;

    for (int side = 0; side < 2; side++) {
        const struct vsum cached = vread_sum(vr, r->cached[side], 0, DIM_COUNT, 0), input = vread_sum(vr, r->input[side], 0, DIM_COUNT, 0);
        known = known || cached.known; /* where nothing comes from it any more its counter may be silent */
        share[side] = input.known && input.sum > 0 && cached.sum >= 0
                          ? vnum_share((uint64_t)cached.sum, (uint64_t)input.sum, vtrust_join(cached.trust, input.trust))
                          : vnum_unknown();
    }
    s->cached_then = share[0];
    s->cached = share[1];
    s->uncached = known && share[1].v <= cached_half * share[0].v && share[0].v - share[1].v >= cached_points;
}

/* By how much they surely differ, of 1: as view/vwhy_text.c has it of who spends. */
static double surely(double times, uint64_t n, uint64_t then)
{
    const double off = 2 * sqrt(bunch * (1 / (double)n + 1 / (double)then));
    return times >= 1 ? times * exp(-off) : 1 / (times * exp(off));
}

static void tell_traffic(const struct voutcomes o[2], struct view_symptoms *s)
{
    const struct vsum then = voutcomes_requests(&o[0]), now = voutcomes_requests(&o[1]);

    s->per_s_then = vnum_rate(then, 1);
    s->per_s = vnum_rate(now, 1);
    s->times = s->per_s.v / s->per_s_then.v;
    /* of what is counted in part alone it is not known that it is fewer */
    const enum exactness fewer = s->times < 1 ? s->per_s.exact : s->per_s_then.exact;
    s->other_traffic = then.known && now.known && fewer != AT_LEAST && then.covered_ms >= least_before_ms && o[0].all >= LEAST &&
                       o[1].all > 0 && (s->times >= traffic_rose || s->times <= traffic_fell) &&
                       surely(s->times, o[1].all, o[0].all) >= traffic_surely;
}

static const char no_room[] = "out of memory while reading what else is wrong";

enum err vsymptoms_read(const struct view_loader *l, const struct view_params *p, const struct vsymptoms_ask *ask,
                        struct view_symptoms *ret, struct errctx *ctx)
{
    struct view_symptoms s = {.times = (double)NAN};
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    const char *filter = vread_scope_filter(l->scratch, ask->scope);
    struct store_filter scope;
    struct reading r;

    *ret = s;
    if (vr == NULL || filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "%s", no_room);
    if (ask->to_ms <= ask->by_ms)
        return ERR_OK;
    enum err e = view_filter_parse(filter, l->st, l->arena, &scope, ctx);
    if (e == ERR_USAGE) /* a scope that says more than dimensions do: of it nothing is known */
        return ERR_OK;
    if (e == ERR_OK)
        e = vread_init(vr, l, p, ctx);
    if (e == ERR_OK)
        e = ask_all(vr, ask, &scope, &r);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? errctx_set(ctx, e, "%s", no_room) : e;
    struct voutcomes o[2] = {vread_outcomes(vr, r.requests[0], 0, DIM_COUNT, 0), vread_outcomes(vr, r.requests[1], 0, DIM_COUNT, 0)};
    struct voutcomes failed = vread_outcomes(vr, r.failed, 0, DIM_COUNT, 0);
    const struct voutcomes now = vread_outcomes(vr, r.now, 0, DIM_COUNT, 0);
    failed.trust.less = failed.trust.less || ask->less;
    tell_failures(&o[0], &failed, &now, &s);
    tell_cached(vr, &r, &s);
    tell_traffic(o, &s);
    *ret = s;
    return ERR_OK;
}

/* ---- in words ---- */

/* "~0.29%" */
static void marked_percent(const struct vnum *n, char out[2 * VTEXT_MAX])
{
    char text[VTEXT_MAX];
    vtext_percent(n->v, text);
    (void)str_format(out, 2 * VTEXT_MAX, "%s%s", exact_mark(n->exact), text);
}

/* ">=8.88/s" */
static void marked_rate(const struct vnum *n, char out[2 * VTEXT_MAX])
{
    char text[VTEXT_MAX];
    vtext_number(n->v, text);
    (void)str_format(out, 2 * VTEXT_MAX, "%s%s/s", exact_mark(n->exact), text);
}

/* "2.4x" */
static void marked_times(const struct view_symptoms *s, char out[2 * VTEXT_MAX])
{
    const bool least = s->per_s.exact == AT_LEAST && s->per_s_then.exact == EXACT;
    const bool about = s->per_s.exact != EXACT || s->per_s_then.exact != EXACT;
    const int decimals = s->times < 0.95 ? 2 : s->times < 9.95 ? 1 : 0;
    (void)str_format(out, 2 * VTEXT_MAX, "%s%.*fx", exact_mark(least ? AT_LEAST : about ? ABOUT : EXACT), decimals, s->times);
}

const char *vsymptoms_cached(struct arena *a, const struct view_symptoms *s)
{
    char then[2 * VTEXT_MAX], now[2 * VTEXT_MAX];
    if (!s->uncached)
        return "";
    marked_percent(&s->cached_then, then);
    marked_percent(&s->cached, now);
    return arena_printf(a, "%s -> %s", then, now);
}

const char *vsymptoms_traffic(struct arena *a, const struct view_symptoms *s)
{
    char times[2 * VTEXT_MAX];
    if (!s->other_traffic)
        return "";
    marked_times(s, times);
    return arena_printf(a, "%s its requests", times);
}

const char *vsymptoms_rates(struct arena *a, const struct view_symptoms *s)
{
    char then[2 * VTEXT_MAX], now[2 * VTEXT_MAX], times[2 * VTEXT_MAX];
    if (!s->other_traffic)
        return "";
    marked_times(s, times);
    marked_rate(&s->per_s_then, then);
    marked_rate(&s->per_s, now);
    return arena_printf(a, "%s: %s -> %s", times, then, now);
}

const char *vsymptoms_tail(struct arena *a, const struct view_symptoms *s)
{
    const char *cached = vsymptoms_cached(a, s), *traffic = vsymptoms_traffic(a, s);
    if (cached == NULL || traffic == NULL)
        return NULL;
    return arena_printf(a, "%s%s%s%s", cached[0] != '\0' ? ", cached share " : "", cached, traffic[0] != '\0' ? ", " : "", traffic);
}

const char *vsymptoms_sentence(struct arena *a, const struct view_symptoms *s)
{
    char then[2 * VTEXT_MAX], now[2 * VTEXT_MAX], times[2 * VTEXT_MAX];
    const char *cached = "", *traffic = "";

    marked_percent(&s->cached_then, then);
    marked_percent(&s->cached, now);
    if (s->uncached)
        cached = arena_printf(a, "%s of its prompts came from a cache (%s in the hour before)", now, then);
    marked_times(s, times);
    marked_rate(&s->per_s_then, then);
    marked_rate(&s->per_s, now);
    if (s->other_traffic)
        traffic = arena_printf(a, "it got %s the requests (%s, and %s in the hour before)", times, now, then);
    if (cached == NULL || traffic == NULL)
        return NULL;
    const bool both = s->uncached && s->other_traffic;
    return s->uncached || s->other_traffic ? arena_printf(a, "Meanwhile %s%s%s.", cached, both ? ", and " : "", traffic) : "";
}
