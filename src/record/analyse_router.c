/* SPDX-License-Identifier: MIT */
/* How a gateway shares the requests of a model among its deployments, and when it begins to do so otherwise for good: a router's weights,
 * a deployment more or less. It is a change, as a deploy is one: an event, no finding.
 *
 * How this works: counts are cut into steps of five minutes. Each step's end tests windows of two, six and twelve of them against all
 * that was before, back to the last move, by analysis/divergence.h. Shares wander by themselves (load, cooldowns, callers), so chi-squared
 * is held against what it was on the stream's own windows of that width, which are those that leave the widest one, not against chance
 * alone. A window that differs must do so in both its halves: what comes back by itself is none. From the onset on the new shares are the
 * usual ones. The state is a note as of the end of a step; what came since is counted from the store after a restart.
 * Source: docs/decisions/0013-detectors.md. */
#include "record/analyse_router.h"

#include <math.h>
#include <string.h>

#include "analysis/stat.h"

enum {
    VERSION = 1,
    STEP_LEAST = 30,     /* requests; of fewer a step goes on */
    BASE_LEAST = 2,      /* steps */
    BASE_MOST = 72,      /* steps: six hours; of more all fades by half */
    TESTED_LEAST = 4,    /* windows, as if none overlapped, from which the spread is known */
    SPREAD_MEMORY = 288, /* windows: a day */
    SAVED_AT_ONCE = 256, /* states of 3 KB in one transaction; with more models each is kept less often */
};
static const uint32_t width[ROUTER_SCALES] = {2, 6, ROUTER_STEPS}; /* steps */
static const double outlier = 10;                                  /* a window counts at most so many times the usual spread */
static const double half_move = 0.5;                               /* of a window's move, which each half of it must show */
static const double onset_nats = 3;                                /* less than the likeliest an onset may be: 95 % of it */

static void *make(void)
{
    return groups_new(sizeof(struct router), false);
}

uint64_t router_sum(const uint64_t n[ROUTER_PARTS])
{
    uint64_t all = 0;
    for (size_t i = 0; i < ROUTER_PARTS; i++)
        all += n[i];
    return all;
}

double router_share(const struct router_base *b, size_t part)
{
    const uint64_t all = router_sum(b->n);
    return all > 0 ? (double)b->n[part] / (double)all : 0;
}

static uint64_t count_sum(const struct router_count *c)
{
    struct router_base b = {.steps = 0};
    router_add(&b, c, 0);
    return router_sum(b.n);
}

static void count_add(struct router_count *to, const struct router_count *c)
{
    for (size_t i = 0; i < ROUTER_PARTS; i++) {
        to->n[i] += c->n[i];
        to->bad[i] += c->bad[i];
    }
    to->from_ms = to->from_ms == 0 || c->from_ms < to->from_ms ? c->from_ms : to->from_ms;
    to->to_ms = c->to_ms > to->to_ms ? c->to_ms : to->to_ms;
}

/* ---- its state ---- */

static bool is_valid(const struct router *m, uint32_t strings)
{
    bool good = m->version == VERSION && m->count <= ROUTER_PARTS && m->steps <= ROUTER_STEPS;
    for (uint32_t i = 0; good && i < m->count; i++)
        good = m->id[i] < strings;
    for (int i = 0; good && i < ROUTER_SCALES; i++)
        good = isfinite(m->chi2[i]) && isfinite(m->df[i]) && m->chi2[i] >= 0 && m->df[i] >= 0;
    return good;
}

static enum err open_router(struct analyser *an, struct group *g, struct errctx *ctx)
{
    struct router *m = g->own, *was;
    const void *bytes;
    if (m->ready)
        return ERR_OK;
    m->ready = true;
    m->version = VERSION;
    enum err e = analyse_state_read(an, g, ROUTER_KEPT_BYTES, &bytes, ctx);
    was = bytes != NULL ? arena_alloc(&an->scratch, sizeof *was) : NULL;
    if (was == NULL)
        return e;
    memcpy(was, bytes, ROUTER_KEPT_BYTES);
    if (is_valid(was, intern_count(store_strings(an->st)))) {
        memcpy(m, was, ROUTER_KEPT_BYTES);
        m->saved_ms = m->heard_ms = m->at_ms;
        m->ranked = m->rank != 0;
    }
    return ERR_OK;
}

static enum err save(struct analyser *an, const struct group *g, struct errctx *ctx)
{
    struct router *m = g->own;
    m->saved_ms = m->at_ms;
    return analyse_state_put(an, g, m, ROUTER_KEPT_BYTES, ctx);
}

/* Other series of the model tell more, or another source has the word: what was counted was another thing. */
static void begin(struct router *m)
{
    struct router_base none = {.steps = 0};
    m->base = m->was = none;
    m->now = (struct router_count){.from_ms = 0};
    m->steps = m->minute_count = 0;
    m->moved_ms = 0;
    m->followed = false;
    memset(m->chi2, 0, sizeof m->chi2);
    memset(m->df, 0, sizeof m->df);
    memset(m->windows, 0, sizeof m->windows);
}

static void take_rank(struct router *m, uint32_t rank)
{
    if (m->rank != 0)
        begin(m);
    m->rank = rank;
    m->count = 0;
    m->got = (struct router_count){.from_ms = 0};
    m->feeders = (struct feeders){.now = 0};
}

/* ---- windows ---- */

/* Steps from .. to, oldest first. */
static struct router_base steps_of(const struct router *m, uint32_t from, uint32_t to)
{
    struct router_base b = {.steps = 0};
    for (uint32_t i = from; i < to; i++)
        router_add(&b, &m->step[i], 1);
    return b;
}

static struct router_base before_of(const struct router *m, uint32_t steps)
{
    struct router_base b = m->base;
    for (uint32_t i = 0; i < steps; i++)
        router_add(&b, &m->step[i], 1);
    return b;
}

/* How many times the variance of chance alone that of windows of this width is, at the most by what was seen of them; 0: not known yet. */
static double spread_of(const struct router *m, int scale)
{
    const double n = (double)m->windows[scale] / (double)width[scale];
    if (n < TESTED_LEAST || m->df[scale] <= 0)
        return 0;
    const double mean = m->chi2[scale] / m->df[scale], df = m->df[scale] / (double)width[scale];
    return fmax(1, mean * (1 + 3 * sqrt(2 / df)));
}

/* The oldest of the newest steps, which no move that is still to be found is part of. */
static void learn(struct router *m, int scale)
{
    const struct router_base w = steps_of(m, 0, width[scale]);
    struct divergence d;
    if (m->base.steps < BASE_LEAST || !divergence_test(m->base.n, w.n, m->count, &d))
        return;
    if (m->windows[scale] >= SPREAD_MEMORY) {
        m->windows[scale] /= 2;
        m->chi2[scale] /= 2;
        m->df[scale] /= 2;
    }
    const double known = m->df[scale] > 0 ? fmax(1, m->chi2[scale] / m->df[scale]) : 1;
    m->chi2[scale] += fmin(d.chi2, outlier * known * d.df);
    m->df[scale] += d.df;
    m->windows[scale]++;
}

/* Both halves show at least half of the move, the same way. */
static bool is_for_good(const struct router *m, uint32_t w, size_t part, double was, double by)
{
    for (uint32_t half = 0; half < 2; half++) {
        const uint32_t from = m->steps - w + half * (w / 2);
        const struct router_base b = steps_of(m, from, from + w / 2);
        if ((router_share(&b, part) - was) / by < half_move)
            return false;
    }
    return true;
}

/* Tests the newest steps at a width. */
static bool differs(const struct analyser *an, const struct router *m, int scale, struct router_move *ret)
{
    const uint32_t w = width[scale];
    const double spread = spread_of(m, scale), tests = 30.0 * DAY_MS / STREAM_STEP_MS * ROUTER_SCALES * m->all->count;
    double by = 0;
    if (spread <= 0 || m->steps < w)
        return false;
    ret->before = before_of(m, m->steps - w);
    const struct router_base now = steps_of(m, m->steps - w, m->steps);
    if (ret->before.steps < BASE_LEAST || !divergence_test(ret->before.n, now.n, m->count, &ret->d))
        return false;
    for (size_t i = 0; i < m->count; i++) {
        const double moved = router_share(&now, i) - router_share(&ret->before, i);
        ret->most = fabs(moved) > fabs(by) ? i : ret->most;
        by = fabs(moved) > fabs(by) ? moved : by;
    }
    ret->spread = spread;
    ret->p = stat_chi2_tail(ret->d.df, ret->d.chi2 / spread);
    return fabs(by) >= ROUTER_LEAST_MOVED && ret->p <= an->cfg->false_alarms / tests &&
           is_for_good(m, w, ret->most, router_share(&ret->before, ret->most), by);
}

/* ---- the onset ---- */

/* How much likelier a minute's counts are of the new shares than of the old, in nats; at the stream's own spread. */
static double nats_of(const struct router_move *v, const struct router_base *found, const struct router_count *c)
{
    const double before = (double)router_sum(v->before.n) + ROUTER_PARTS / 2.0, after = (double)router_sum(found->n) + ROUTER_PARTS / 2.0;
    double nats = 0;
    for (size_t i = 0; i < ROUTER_PARTS; i++)
        nats += c->n[i] * log(((double)found->n[i] + 0.5) / after / (((double)v->before.n[i] + 0.5) / before));
    return nats / v->spread;
}

/* The minute from which on all is likeliest of the new shares, and those that are not much less likely; where the minutes that are at hand
 * are not all of the window, the step. */
static void find_onset(const struct router *m, int scale, struct router_move *v)
{
    const struct router_base found = steps_of(m, m->steps - width[scale] / 2, m->steps);
    const int64_t window_ms = m->step[m->steps - width[scale]].from_ms, from_ms = window_ms - STREAM_STEP_MS;
    const struct router_count *list[ROUTER_MINUTES];
    const uint32_t count = router_counts(m, window_ms, list);
    double sum = 0, nats[ROUTER_MINUTES], most = -(double)INFINITY;
    uint32_t at = count - 1, first = at, last = at, clean = 0, whole = 0;
    for (uint32_t i = count; i-- > 0;) {
        sum += nats_of(v, &found, list[i]);
        nats[i] = list[i]->from_ms >= from_ms ? sum : -(double)INFINITY;
        at = nats[i] > most ? i : at;
        most = fmax(most, nats[i]);
    }
    for (uint32_t i = count; i-- > 0;) {
        first = nats[i] >= most - onset_nats ? i : first;
        last = nats[i] >= most - onset_nats && last == count - 1 ? i : last;
    }
    const int64_t at_ms = list[at]->from_ms, earliest_ms = first > 0 ? list[first - 1]->from_ms : 2 * list[0]->from_ms - list[0]->to_ms,
                  sooner = at_ms - earliest_ms, later = list[last]->to_ms - at_ms;
    v->onset_ms = at_ms;
    v->onset_error_ms = sooner > later ? sooner : later;
    const uint32_t clear = at + 2 < count ? at + 1 : at; /* that of the onset has something of both */
    v->after = (struct router_base){.steps = 0};
    for (uint32_t i = clear; i < count; i++)
        router_add(&v->after, list[i], 0);
    for (uint32_t i = 0; i < m->steps; i++) {
        clean += m->step[i].to_ms <= at_ms;
        whole += m->step[i].from_ms >= at_ms;
    }
    v->after.steps = whole > BASE_LEAST ? whole : BASE_LEAST;
    const struct router_base before = before_of(m, clean);
    v->before = before.steps >= BASE_LEAST ? before : v->before;
}

/* From now on that is usual. While failures go on it is what was before them that it comes back to. */
static void settle(struct router *m, const struct router_move *v)
{
    m->base = v->after;
    m->steps = 0;
    if (!v->told)
        return;
    if (!v->followed || !m->followed || v->back) {
        m->was = v->before;
        m->moved_ms = v->onset_ms;
    }
    m->followed = v->followed && !v->back;
}

/* ---- steps ---- */

static void push(struct router *m)
{
    if (m->steps == ROUTER_STEPS) {
        for (int i = 0; i < ROUTER_SCALES; i++)
            learn(m, i);
        router_add(&m->base, &m->step[0], 1);
        if (m->base.steps > BASE_MOST) {
            for (size_t i = 0; i < ROUTER_PARTS; i++) {
                m->base.n[i] /= 2;
                m->base.bad[i] /= 2;
            }
            m->base.steps /= 2;
        }
        memmove(m->step, m->step + 1, (ROUTER_STEPS - 1) * sizeof *m->step);
        m->steps--;
    }
    m->step[m->steps++] = m->now;
    m->now = (struct router_count){.from_ms = 0};
}

/* The step at hand is over, if it has enough. */
static enum err close_step(struct analyser *an, struct group *g, const struct interval *in, bool *ret_moved, struct errctx *ctx)
{
    struct router *m = g->own;
    struct router_move v = {.most = 0};
    int scale = 0;
    if (count_sum(&m->now) < STEP_LEAST)
        return ERR_OK;
    push(m);
    while (scale < ROUTER_SCALES && !differs(an, m, scale, &v))
        scale++;
    if (scale == ROUTER_SCALES)
        return ERR_OK;
    find_onset(m, scale, &v);
    enum err e = router_report(an, g, &v, in, ctx);
    settle(m, &v);
    *ret_moved = true;
    return e;
}

void router_take(struct router *m, const struct router_count *c, bool is_kept)
{
    struct router_count *last = m->minute_count > 0 ? &m->minute[(m->minute_at + ROUTER_MINUTES - 1) % ROUTER_MINUTES] : NULL;
    if (!is_kept)
        count_add(&m->now, c);
    if (last != NULL && (last->to_ms - 1) / MINUTE_MS == (c->to_ms - 1) / MINUTE_MS) {
        count_add(last, c);
        return;
    }
    m->minute[m->minute_at] = *c;
    m->minute_at = (m->minute_at + 1) % ROUTER_MINUTES;
    m->minute_count += m->minute_count < ROUTER_MINUTES ? 1 : 0;
}

/* Whether the interval told something of its rank. Where that told no request for a day, and a lesser one did, that is counted from now
 * on: a gateway, or who asks it, tells attempts no more. */
static bool is_heard(struct router *m, int64_t now_ms, bool has_counts)
{
    const bool heard = m->heard;
    m->heard = false;
    m->ranked = m->ranked || has_counts;
    m->lesser = has_counts ? 0 : m->lesser;
    m->heard_ms = has_counts || m->heard_ms == 0 ? now_ms : m->heard_ms;
    if (m->lesser == 0 || now_ms - m->heard_ms <= DAY_MS)
        return heard;
    take_rank(m, m->lesser);
    m->ranked = true;
    m->lesser = 0;
    m->heard_ms = now_ms;
    return false;
}

static enum err judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct router *m = g->own;
    struct router_count got = m->got;
    const int64_t edge = (in->t1_ms - 1) / STREAM_STEP_MS * STREAM_STEP_MS;
    enum err e = ERR_OK;
    bool moved = false;
    m->got = (struct router_count){.from_ms = 0};
    if (!is_heard(m, in->t1_ms, count_sum(&got) > 0))
        return ERR_OK;
    if (feeders_left(&m->feeders))
        begin(m);
    if (m->at_ms < edge) {
        e = m->at_ms > 0 ? close_step(an, g, in, &moved, ctx) : ERR_OK;
        m->at_ms = edge;
        if (e == ERR_OK && (analyse_state_due(g, &m->saved_ms, edge, m->all->count, SAVED_AT_ONCE) || moved))
            e = save(an, g, ctx);
    }
    got.from_ms = in->t0_ms > 0 ? in->t0_ms : in->t1_ms;
    got.to_ms = in->t1_ms;
    router_take(m, &got, false);
    return e;
}

/* ---- the detector ---- */

uint32_t router_rank_of(const struct series *s)
{
    if ((s->signal != SIG_ATTEMPTS && s->signal != SIG_REQUESTS) || s->dim[DIM_MODEL] == 0)
        return 0;
    const uint32_t of_part = s->dim[DIM_DEPLOYMENT] != 0 ? 2 : s->dim[DIM_PROVIDER] != 0 ? 1 : 0;
    return of_part > 0 && s->signal == SIG_ATTEMPTS ? of_part + 2 : of_part;
}

uint32_t router_part_id(const struct series *s)
{
    return s->dim[DIM_DEPLOYMENT] != 0 ? s->dim[DIM_DEPLOYMENT] : s->dim[DIM_PROVIDER];
}

bool router_is_bad(const struct analyser *an, const struct series *s)
{
    const char *class = s->dim[DIM_CLASS] != 0 ? intern_text(store_strings(an->st), s->dim[DIM_CLASS]) : NULL;
    enum outcome o;
    return class != NULL && outcome_by_name(str_of(class), &o) && outcome_is_bad(o);
}

/* What with the model names a group, and its state in the store. */
static enum err name_of(struct analyser *an, uint32_t gateway, uint32_t *ret, struct errctx *ctx)
{
    const char *name = gateway != 0 ? text_string(an, gateway) : "";
    const char *text = name != NULL ? arena_printf(&an->scratch, gateway != 0 ? "router %s" : "router%s", name) : NULL;
    return text != NULL ? store_string(an->st, str_of(text), ret, ctx)
                        : errctx_set(ctx, ERR_NOMEM, "out of memory for the detector router");
}

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    struct groups *gs = state;
    uint32_t a;
    const uint32_t rank = router_rank_of(s);
    if (rank == 0)
        return ERR_OK;
    enum err e = name_of(an, s->dim[DIM_GATEWAY], &a, ctx);
    if (e == ERR_OK)
        e = groups_get(an, gs, &detect_router, a, s->dim[DIM_MODEL], &ret_link->slot, ret_wanted, ctx);
    if (e != ERR_OK || !*ret_wanted)
        return e;
    struct group *g = gs->list[ret_link->slot];
    struct router *m = g->own;
    g->more = s->dim[DIM_GATEWAY];
    m->all = gs;
    e = open_router(an, g, ctx);
    *ret_wanted = e == ERR_OK; /* lesser ones as well: they may become all that is told */
    if (rank > m->rank && !m->ranked)
        take_rank(m, rank);
    if (rank == m->rank)
        feeders_add(an, &m->feeders, s->source);
    ret_link->mark = router_is_bad(an, s) ? 1 : 0;
    ret_link->certain = rank;
    ret_link->possible = router_part_id(s);
    return e;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    struct groups *gs = state;
    struct router *m = gs->list[l->slot]->own;
    if (item->v.increment < 0 || (item->v.increment == 0 && l->certain != m->rank))
        return;
    if (l->certain > m->rank) {
        take_rank(m, l->certain);
        feeders_add(an, &m->feeders, store_series_at(an->st, item->series - 1)->source);
    }
    if (l->certain == m->rank) {
        m->heard = true;
        router_count_into(m, l->possible, (uint64_t)item->v.increment, l->mark != 0);
    } else if (l->certain > m->lesser) {
        m->lesser = l->certain;
    }
    groups_count(gs, l->slot, 0, 0);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    return groups_close(an, state, &detect_router, in, judge, ctx);
}

static void finding(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope)
{
    stream_finding(an, a, b, ret_rule, ret_scope); /* there never is one: what its state is kept under */
}

const struct detector detect_router = {.name = "router",
                                       .make = make,
                                       .drop = groups_free,
                                       .on_series = on_series,
                                       .on_item = on_item,
                                       .on_interval = on_interval,
                                       .fill = router_fill,
                                       .finding = finding};
