/* SPDX-License-Identifier: MIT */
/* The mix of finish reasons of each model, by analysis/divergence.h.
 *
 * How this works: answers are counted in windows of MIX_WINDOW and more, and each window is tested once against those before it, at the p
 * of this stream's share of the fleet's false alarms. What differs by less than MIX_LEAST_MOVED is no news, and of rare reasons the test
 * would be less exact than its p. A window that does not differ becomes part of the baseline, which fades, so that it is of the last 64
 * windows or so. One change is told once: while a share of the same answers (analyse_answers.c: cut, filtered, aborted) has an open
 * finding, windows are dropped; a mix found before that is closed then, for the share says it better; and where a share was taken for
 * normal, the baseline begins anew; so it does where another source gets the word.
 * Another hour brings other traffic, and that other reasons. So what differs must differ within the routes, teams or keys as well, and from
 * the same time a day earlier where that is known; where answers are split by none of them and no day is known, nothing is told.
 * A finding is over when windows since some moment are a million times likelier of the old mix than of the one found, and the last one does
 * not differ at p 1e-3: docs/decisions/0008-drift.md. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "record/analyse_mix.h"

enum {
    VERSION = 1,
    BASE_LEAST = 5 * MIX_WINDOW,
    BASE_MOST = 64 * MIX_WINDOW,
    SAVED_AT_ONCE = 1024, /* states of 0.5 KB in one transaction; with more models each is kept less often */
    READ_AT_ONCE = 256,   /* models: a day of one and five classes is 0.1 MB */
    READ_BYTES_MAX = 128 << 20,
};
static const double over_chance = 1e-6;

static const size_t KEPT_BYTES = offsetof(struct mix, ready);

static void *make(void)
{
    return groups_new(sizeof(struct mix), true);
}

uint64_t mix_sum(const uint64_t n[MIX_CLASSES])
{
    uint64_t all = 0;
    for (size_t i = 0; i < MIX_CLASSES; i++)
        all += n[i];
    return all;
}

uint32_t mix_class_of(struct mix *m, uint32_t id)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (m->id[i] == id)
            return i;
    if (m->count == MIX_CLASSES)
        return MIX_CLASSES - 1;
    m->id[m->count] = id;
    return m->count++;
}

static bool is_valid(const struct mix *m, uint32_t strings)
{
    bool good = m->version == VERSION && m->count <= MIX_CLASSES && m->back >= 0 && isfinite(m->back);
    for (uint32_t i = 0; good && i < m->count; i++)
        good = m->id[i] < strings;
    return good;
}

static enum err open_mix(struct analyser *an, struct group *g, struct errctx *ctx)
{
    struct mix *m = g->own, *was;
    const void *bytes;
    if (m->ready)
        return ERR_OK;
    m->ready = true;
    m->version = VERSION;
    m->from_ms = g->from_ms;
    enum err e = analyse_state_read(an, g, KEPT_BYTES, &bytes, ctx);
    was = bytes != NULL ? arena_alloc(&an->scratch, sizeof *was) : NULL;
    if (was == NULL)
        return e;
    memcpy(was, bytes, KEPT_BYTES);
    if (is_valid(was, intern_count(store_strings(an->st))) && was->finding_ms == g->since_ms) {
        memcpy(m, was, KEPT_BYTES);
        m->saved_ms = m->at_ms;
    }
    return ERR_OK;
}

static enum err save(struct analyser *an, const struct group *g, struct errctx *ctx)
{
    struct mix *m = g->own;
    m->saved_ms = m->at_ms;
    m->finding_ms = g->since_ms;
    return analyse_state_put(an, g, m, KEPT_BYTES, ctx);
}

/* ---- windows ---- */

static void begin(struct mix *m, int64_t from_ms)
{
    memset(m->base, 0, sizeof m->base);
    memset(m->now, 0, sizeof m->now);
    m->from_ms = from_ms;
    m->began_ms = 0;
}

/* Whether a share of this model's answers has an open finding. Where one was taken for normal later than the baseline began, that begins
 * anew. */
static bool share_is_open(struct analyser *an, struct group *g)
{
    struct mix *m = g->own;
    bool open = false;
    size_t at = 0;
    for (const struct groups *gs; (gs = analyse_streams_at(an, &at)) != NULL;) {
        for (uint32_t i = 0; i < gs->count; i++) {
            const struct group *of = gs->list[i];
            const struct stream *s = of->own;
            if (of->b != g->b || s->share == NULL || s->share->whole != SIG_FINISH)
                continue;
            open = open || of->firing;
            if (of->from_ms > m->from_ms)
                begin(m, of->from_ms);
        }
    }
    return open;
}

/* Adds the window to the evidence for the old mix against the one found. */
static void weigh(struct mix *m)
{
    const double base = (double)mix_sum(m->base) + 0.5 * m->count, found = (double)mix_sum(m->found) + 0.5 * m->count;
    for (uint32_t i = 0; i < m->count; i++)
        m->back += (double)m->now[i] * log(((double)m->base[i] + 0.5) / base / (((double)m->found[i] + 0.5) / found));
    m->back = fmax(0, m->back);
}

void mix_merge(struct mix *m)
{
    const uint64_t fade = mix_sum(m->base) > BASE_MOST ? 2 : 1;
    for (uint32_t i = 0; i < m->count; i++)
        m->base[i] = m->base[i] / fade + m->now[i];
}

/* The window at hand is full: a test, once. */
static void close_window(struct analyser *an, struct group *g)
{
    struct mix *m = g->own;
    struct divergence d;
    const uint64_t n = mix_sum(m->now);
    if (g->firing) {
        weigh(m);
        m->over = m->back >= -log(over_chance) && divergence_test(m->base, m->now, m->count, &d) && d.p > MIX_NORMAL_CHANCE;
    } else if (share_is_open(an, g)) {
        ; /* it tells what this would */
    } else if (mix_sum(m->base) >= BASE_LEAST && stream_arl(an, g) > 0 && divergence_test(m->base, m->now, m->count, &d) &&
               d.moved >= MIX_LEAST_MOVED && d.p <= divergence_alarm_p((double)n, stream_arl(an, g))) {
        m->alarmed = true;
        m->d = d;
        memcpy(m->found, m->now, sizeof m->found);
        return;
    } else {
        mix_merge(m);
    }
    memset(m->now, 0, sizeof m->now);
    m->began_ms = 0;
}

/* What an interval, or a column of the store, counted. */
static void take(struct analyser *an, struct group *g, int64_t t0_ms, int64_t t1_ms, const uint64_t n[MIX_CLASSES])
{
    struct mix *m = g->own;
    if (m->alarmed)
        return;
    m->from_ms = m->from_ms == 0 ? t0_ms : m->from_ms;
    m->began_ms = m->began_ms == 0 ? t0_ms : m->began_ms;
    m->at_ms = t1_ms > m->at_ms ? t1_ms : m->at_ms;
    for (uint32_t i = 0; i < m->count; i++)
        m->now[i] += n[i];
    if (mix_sum(m->now) >= MIX_WINDOW)
        close_window(an, g);
}

/* ---- judging ---- */

static enum err lift(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct mix *m = g->own;
    enum err e = group_lift(an, &detect_mix, g, in, ctx);
    g->held = m->over = false;
    g->calm_ms = 0;
    m->back = 0;
    return e;
}

static enum err judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct mix *m = g->own;
    uint64_t got[MIX_CLASSES];
    const int64_t edge = (in->t1_ms - 1) / STREAM_STEP_MS * STREAM_STEP_MS;
    enum err e = ERR_OK;
    memcpy(got, m->got, sizeof got);
    memset(m->got, 0, sizeof m->got);
    if (feeders_left(&m->feeders) && !g->firing) {
        begin(m, in->t0_ms);
        m->alarmed = false;
    }
    if (m->at_ms > 0 && m->at_ms <= edge && analyse_state_due(g, &m->saved_ms, edge, m->all->count, SAVED_AT_ONCE)) {
        m->at_ms = edge;
        e = save(an, g, ctx);
    }
    take(an, g, in->t0_ms > 0 ? in->t0_ms : in->t1_ms, in->t1_ms, got);
    const bool told = m->alarmed || (g->firing && (m->over || share_is_open(an, g)));
    if (e == ERR_OK && told)
        e = m->alarmed ? mix_report(an, g, in, ctx) : lift(an, g, in, ctx);
    return e == ERR_OK && told ? save(an, g, ctx) : e;
}

/* ---- the detector ---- */

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    struct groups *gs = state;
    uint32_t a;
    if (s->signal != SIG_FINISH)
        return ERR_OK;
    enum err e = store_string(an->st, str_of(DRIFT_MIX), &a, ctx);
    if (e == ERR_OK)
        e = groups_get(an, gs, &detect_mix, a, s->dim[DIM_MODEL], &ret_link->slot, ret_wanted, ctx);
    if (e != ERR_OK || !*ret_wanted)
        return e;
    struct mix *m = gs->list[ret_link->slot]->own;
    m->all = gs;
    feeders_add(an, &m->feeders, s->source);
    e = open_mix(an, gs->list[ret_link->slot], ctx);
    ret_link->mark = (uint8_t)mix_class_of(m, s->dim[DIM_CLASS]);
    return e;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    struct groups *gs = state;
    const uint64_t n = item->v.increment > 0 ? (uint64_t)item->v.increment : 0;
    (void)an;
    ((struct mix *)gs->list[l->slot]->own)->got[l->mark] += n;
    groups_count(gs, l->slot, n, 0);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    return groups_close(an, state, &detect_mix, in, judge, ctx);
}

/* ---- the day from the store: for the rate of answers; of that, what came after the kept state is counted ---- */

static void fill_column(struct analyser *an, struct group *g, int64_t t0_ms, int64_t t1_ms, bool is_torn)
{
    struct mix *m = g->own;
    uint64_t got[MIX_CLASSES];
    const int64_t observed_ms = m->observed_ms;
    memcpy(got, m->got, sizeof got);
    memset(m->got, 0, sizeof m->got);
    m->observed_ms = 0;
    if (observed_ms == 0 || t0_ms < g->from_ms || is_torn)
        return;
    dayring_add(g->ring, t1_ms - observed_ms, t1_ms, mix_sum(got), 0);
    g->now_ms = t1_ms;
    if (t0_ms >= m->at_ms)
        take(an, g, t0_ms, t1_ms, got);
}

/* The result has a group per model and class, in no order, and a window is of all classes: so column by column. */
static enum err fill_columns(struct analyser *an, struct group *const *list, uint32_t count, const struct store_query *q,
                             const struct store_result *r, struct arena *a, int64_t newest_ms, struct errctx *ctx)
{
    struct mix **of = arena_array(a, r->count + 1, sizeof *of);
    if (of == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading answers");
    for (size_t i = 0; i < r->count; i++) {
        uint32_t k = 0;
        while (k < count && list[k]->b != r->groups[i].dim[DIM_MODEL])
            k++;
        of[i] = k < count ? list[k]->own : NULL;
    }
    for (uint32_t c = 0; c < q->columns; c++) {
        const int64_t t0 = q->t0_ms + (int64_t)c * q->step_ms, t1 = t0 + q->step_ms < newest_ms ? t0 + q->step_ms : newest_ms;
        for (size_t i = 0; i < r->count; i++) {
            const struct store_cell *cell = &r->groups[i].cells[c];
            if (of[i] == NULL || cell->n == 0 || cell->sum < 0)
                continue;
            of[i]->got[mix_class_of(of[i], r->groups[i].dim[DIM_CLASS])] += (uint64_t)cell->sum;
            of[i]->observed_ms = cell->covered_ms > of[i]->observed_ms ? cell->covered_ms : of[i]->observed_ms;
        }
        const bool is_torn = analyse_torn_any(an, UINT64_C(1) << SIG_FINISH, t0, t1);
        for (uint32_t k = 0; k < count; k++)
            fill_column(an, list[k], t0, t1, is_torn);
    }
    return ERR_OK;
}

static enum err fill_groups(struct analyser *an, struct group *const *list, uint32_t count, struct store_query q[2], int64_t newest_ms,
                            struct errctx *ctx)
{
    uint32_t ids[READ_AT_ONCE];
    struct store_result r[2];
    struct arena a; /* of this reading alone */
    arena_init(&a, READ_BYTES_MAX);
    for (uint32_t k = 0; k < count; k++)
        ids[k] = list[k]->b;
    for (int i = 0; i < 2; i++) {
        q[i].filter.dim[DIM_MODEL].ids = ids;
        q[i].filter.dim[DIM_MODEL].count = count;
    }
    enum err e = store_read(an->st, q, 2, &a, r, ctx);
    for (int i = 0; e == ERR_OK && i < 2; i++)
        e = fill_columns(an, list, count, &q[i], &r[i], &a, newest_ms, ctx);
    arena_fini(&a);
    return e;
}

/* By five minutes, the store's finest rollup, and by the minute what the kept states do not hold yet. */
static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    struct groups *gs = state;
    const int64_t newest = analyse_newest_ms(an), end = (newest + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS,
                  edge = (end - DAYRING_MINUTES * MINUTE_MS) / STREAM_STEP_MS * STREAM_STEP_MS;
    struct store_query q[2] = {{.signal = SIG_FINISH, .group_by = DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_CLASS)}};
    if (newest == 0)
        return ERR_OK;
    enum err e = analyse_allowed(an, SIG_FINISH, &q[0].filter.sources, &q[0].filter.source_count, ctx);
    q[1] = q[0];
    q[0].t0_ms = edge - DAY_MS;
    q[0].step_ms = STREAM_STEP_MS;
    q[0].columns = (uint32_t)(DAY_MS / STREAM_STEP_MS);
    q[1].t0_ms = edge;
    q[1].step_ms = MINUTE_MS;
    q[1].columns = (uint32_t)((end - edge) / MINUTE_MS);
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i += READ_AT_ONCE)
        e = fill_groups(an, &gs->list[i], gs->count - i < READ_AT_ONCE ? gs->count - i : READ_AT_ONCE, q, newest, ctx);
    return e;
}

static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    struct groups *gs = state;
    enum err e = groups_accept(an, gs, &detect_mix, a, ctx);
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++) {
        struct mix *m = gs->list[i]->own;
        if (!gs->list[i]->accepted)
            continue;
        begin(m, gs->list[i]->from_ms);
        memcpy(m->base, m->found, sizeof m->base);
        m->back = 0;
        e = save(an, gs->list[i], ctx);
    }
    return e;
}

static uint32_t alive(const struct analyser *an, const void *state)
{
    const struct groups *gs = state;
    const int64_t since_ms = analyse_newest_ms(an) - DAY_MS;
    uint32_t n = 0;
    for (uint32_t i = 0; i < gs->count; i++)
        n += gs->list[i]->now_ms == 0 || gs->list[i]->now_ms > since_ms; /* 0: to be read */
    return n;
}

const struct detector detect_mix = {.name = "mix",
                                    .make = make,
                                    .drop = groups_free,
                                    .on_series = on_series,
                                    .on_item = on_item,
                                    .on_interval = on_interval,
                                    .fill = fill,
                                    .accept = accept,
                                    .finding = stream_finding,
                                    .alive = alive};
