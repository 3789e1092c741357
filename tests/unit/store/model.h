/* SPDX-License-Identifier: MIT */
/* A naive store: keeps every sample in a list and answers queries by looking at all of them, from the definitions in store.h alone. */
#ifndef GWTOP_TESTS_UNIT_STORE_MODEL_H
#define GWTOP_TESTS_UNIT_STORE_MODEL_H

#include <math.h>

#include "support.h"

enum { MODEL_BUCKETS = 8 };

struct model_sample {
    const struct series *s; /* own copy, below */
    int64_t t0_ms, t1_ms;
    struct store_item item;
    struct store_hist_count counts[MODEL_BUCKETS];
};

struct model {
    struct model_sample *samples;
    size_t count, cap;
    struct series *series; /* copies, by id - 1 */
    size_t series_count;
    struct {
        uint32_t source;
        int64_t t0_ms, t1_ms;
    } * polls;
    size_t poll_count, poll_cap;
};

static inline void model_fini(struct model *m)
{
    free(m->samples);
    free(m->series);
    free(m->polls);
}

static inline void model_poll(struct model *m, uint32_t source, int64_t t0_ms, int64_t t1_ms)
{
    if (m->poll_count == m->poll_cap) {
        m->poll_cap = m->poll_cap == 0 ? 256 : 2 * m->poll_cap;
        m->polls = realloc(m->polls, m->poll_cap * sizeof *m->polls);
    }
    m->polls[m->poll_count].source = source;
    m->polls[m->poll_count].t0_ms = t0_ms;
    m->polls[m->poll_count++].t1_ms = t1_ms;
}

static inline void model_add(struct model *m, const struct series *s, int64_t t0_ms, int64_t t1_ms, const struct store_item *it)
{
    if (m->count == m->cap) {
        m->cap = m->cap == 0 ? 1024 : 2 * m->cap;
        m->samples = realloc(m->samples, m->cap * sizeof *m->samples);
    }
    struct model_sample *x = &m->samples[m->count++];
    *x = (struct model_sample){.s = s, .t0_ms = t0_ms, .t1_ms = t1_ms, .item = *it};
    if (signal_info((enum signal)s->signal)->kind == KIND_HISTOGRAM)
        for (uint32_t i = 0; i < it->v.hist.count; i++)
            x->counts[i] = it->v.hist.counts[i];
}

static inline bool model_wants(const struct store_query *q, const uint32_t *group, const struct series *s)
{
    if (s->signal != q->signal)
        return false;
    for (int d = 0; d < DIM_COUNT; d++) {
        bool allowed = q->filter.dim[d].count == 0;
        for (uint32_t i = 0; i < q->filter.dim[d].count; i++)
            allowed = allowed || q->filter.dim[d].ids[i] == s->dim[d];
        if (!allowed || (q->group_by & DIM_BIT(d) && s->dim[d] != group[d]))
            return false;
    }
    bool allowed = q->filter.source_count == 0;
    for (uint32_t i = 0; i < q->filter.source_count; i++)
        allowed = allowed || q->filter.sources[i] == s->source;
    return allowed;
}

/* The union of the intervals of a group's polls that end in the column, as far as no earlier poll of the group covers it; and how many
 * there are. */
static inline void model_cover(const struct model *m, const struct store_query *q, const uint32_t *group, int64_t c0, int64_t c1,
                               uint32_t *ret_polls, int64_t *ret_covered)
{
    uint32_t polls = 0;
    int64_t covered = 0, end = INT64_MIN, done = INT64_MIN;
    uint32_t done_source = 0;

    for (;;) { /* next poll in (t1, source) order that has a sample of the group in the query's range */
        const struct model_sample *next = NULL;
        int64_t t0 = 0;
        for (size_t i = 0; i < m->count; i++) {
            const struct model_sample *x = &m->samples[i];
            if (!model_wants(q, group, x->s) || x->t1_ms <= q->t0_ms || x->t1_ms > c1 || x->t1_ms < done ||
                (x->t1_ms == done && x->s->source <= done_source))
                continue;
            if (signal_info(q->signal)->kind == KIND_GAUGE && isnan(x->item.v.gauge))
                continue;
            if (next == NULL || x->t1_ms < next->t1_ms || (x->t1_ms == next->t1_ms && x->s->source < next->s->source))
                next = x;
        }
        if (next == NULL)
            break;
        t0 = next->t0_ms;
        done = next->t1_ms;
        done_source = next->s->source;
        int64_t from = t0 > end ? t0 : end;
        if (done > c0) {
            polls++;
            covered += t0 != 0 && done > from ? done - from : 0;
        }
        end = done;
    }
    *ret_polls = polls;
    *ret_covered = covered;
}

/* A group's value at poll (source, t1): what its current polls say. */
static inline double model_gauge_at(const struct model *m, const struct store_query *q, const uint32_t *group, uint32_t source, int64_t t1)
{
    double v = NAN;

    for (size_t i = 0; i < m->count; i++) {
        const struct model_sample *x = &m->samples[i];
        if (!model_wants(q, group, x->s) || isnan(x->item.v.gauge) || x->t1_ms > t1 || (x->t1_ms == t1 && x->s->source > source))
            continue;
        bool unknown = x->t0_ms == 0, current = true;
        int64_t hold = unknown ? 300000 : (x->t1_ms - x->t0_ms) * 3 / 2;
        if (t1 - x->t1_ms > (hold > 300000 ? 300000 : hold))
            current = false;
        for (size_t k = 0; current && k < m->poll_count; k++) {
            if (m->polls[k].source != x->s->source || m->polls[k].t1_ms <= x->t1_ms || m->polls[k].t1_ms > t1)
                continue;
            if (m->polls[k].t1_ms == t1 && m->polls[k].source > source)
                continue;
            if (unknown || m->polls[k].t0_ms == 0 || m->polls[k].t0_ms >= x->t1_ms)
                current = false;
        }
        if (!current)
            continue;
        enum merge rule = signal_info(q->signal)->merge;
        double a = x->item.v.gauge;
        v = isnan(v) ? a : rule == MERGE_MIN ? fmin(v, a) : rule == MERGE_MAX ? fmax(v, a) : v + a;
    }
    return v;
}

/* How exactly a result must agree. From rollups, a group's covered time is a lower bound, and a gauge exact where the group is one
 * series. */
enum model_strictness { MODEL_EXACT, MODEL_MIXED, MODEL_ROLLUP };

static inline void model_check_gauge(const struct model *m, const struct store_query *q, const struct store_group *g, uint32_t column,
                                     int64_t c0, int64_t c1)
{
    const struct store_cell *c = &g->cells[column];
    double min = INFINITY, max = -INFINITY, last = NAN, total = 0;
    int64_t last_t = INT64_MIN;
    uint32_t last_source = 0;

    for (size_t k = 0; k < m->poll_count; k++) {
        bool has = false;
        if (m->polls[k].t1_ms <= c0 || m->polls[k].t1_ms > c1)
            continue;
        for (size_t i = 0; !has && i < m->count; i++)
            has = m->samples[i].t1_ms == m->polls[k].t1_ms && m->samples[i].s->source == m->polls[k].source &&
                  model_wants(q, g->dim, m->samples[i].s) && !isnan(m->samples[i].item.v.gauge);
        if (!has)
            continue;
        double v = model_gauge_at(m, q, g->dim, m->polls[k].source, m->polls[k].t1_ms);
        total += v;
        min = v < min ? v : min;
        max = v > max ? v : max;
        if (m->polls[k].t1_ms > last_t || (m->polls[k].t1_ms == last_t && m->polls[k].source > last_source)) {
            last = v;
            last_t = m->polls[k].t1_ms;
            last_source = m->polls[k].source;
        }
    }
    ck_assert_double_eq_tol(c->last, last, 1e-6);
    ck_assert_double_eq_tol(c->min, min, 1e-6);
    ck_assert_double_eq_tol(c->max, max, 1e-6);
    ck_assert_double_eq_tol(c->total, total, 1e-6);
}

static inline uint64_t model_bucket(const struct hist_set *set, const struct series *s, uint32_t bucket)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const struct hist *h = &set->h[i];
        if (s->bounds != 0 && h->scheme == HIST_CLASSIC && h->bounds->id == s->bounds)
            return h->counts[bucket];
        int64_t k = (int64_t)bucket - (1 << 30) - h->first;
        if (s->bounds == 0 && h->scheme == HIST_EXPONENTIAL)
            return k >= 0 && k < h->count ? h->counts[k] : 0;
    }
    return 0;
}

static inline void model_check_hists(const struct model *m, const struct store_query *q, const struct store_group *g, uint32_t column,
                                     int64_t c0, int64_t c1)
{
    const struct hist_set *set = &g->hists[column];
    uint64_t n = 0, listed = 0, found = 0;

    for (size_t i = 0; i < m->count; i++) {
        const struct model_sample *x = &m->samples[i];
        if (!model_wants(q, g->dim, x->s) || x->t1_ms <= c0 || x->t1_ms > c1)
            continue;
        n += x->item.v.hist.n;
        for (uint32_t b = 0; b < x->item.v.hist.count; b++) {
            uint64_t sum = 0; /* of this bucket over all samples of the same scheme */
            for (size_t k = 0; k < m->count; k++) {
                const struct model_sample *y = &m->samples[k];
                if (!model_wants(q, g->dim, y->s) || y->s->bounds != x->s->bounds || y->t1_ms <= c0 || y->t1_ms > c1)
                    continue;
                for (uint32_t j = 0; j < y->item.v.hist.count; j++)
                    sum += y->counts[j].bucket == x->counts[b].bucket ? y->counts[j].count : 0;
            }
            ck_assert_uint_eq(model_bucket(set, x->s, x->counts[b].bucket), sum);
            listed += x->counts[b].count;
        }
    }
    ck_assert_uint_eq(hist_n(set), n);
    for (uint32_t i = 0; i < set->count; i++)
        for (uint32_t k = 0; k < set->h[i].count; k++)
            found += set->h[i].counts[k];
    ck_assert_uint_eq(found, listed);
}

static inline void model_check_cell(const struct model *m, const struct store_query *q, const struct store_group *g, uint32_t column,
                                    enum model_strictness strict)
{
    const struct store_cell *c = &g->cells[column];
    int64_t c0 = q->t0_ms + q->step_ms * column, c1 = c0 + q->step_ms, covered = 0;
    uint32_t n = 0, polls = 0;
    int64_t sum = 0, sn = 0, sq = 0, sb = 0;
    enum signal_kind kind = signal_info(q->signal)->kind;

    for (size_t i = 0; i < m->count; i++) {
        const struct model_sample *x = &m->samples[i];
        if (!model_wants(q, g->dim, x->s) || x->t1_ms <= c0 || x->t1_ms > c1 || (kind == KIND_GAUGE && isnan(x->item.v.gauge)))
            continue;
        n++;
        if (kind == KIND_INCREMENT)
            sum += x->item.v.increment;
        if (kind == KIND_HISTOGRAM)
            sum += x->item.v.hist.sum_fixed;
        if (kind == KIND_SCORE) {
            sum += x->item.v.score.sum_fixed;
            sn += x->item.v.score.n;
            sq += x->item.v.score.sumsq_fixed;
            sb += x->item.v.score.bad;
        }
    }
    ck_assert_uint_eq(c->n, n);
    ck_assert_int_eq(c->sum, sum);
    if (kind == KIND_SCORE) {
        ck_assert_int_eq(c->score_n, sn);
        ck_assert_int_eq(c->score_sumsq, sq);
        ck_assert_int_eq(c->score_bad, sb);
    }
    model_cover(m, q, g->dim, c0, c1, &polls, &covered);
    if (strict == MODEL_EXACT) {
        ck_assert_uint_eq(c->polls, polls);
        ck_assert_int_eq(c->covered_ms, covered);
    } else {
        ck_assert_uint_le(c->polls, polls);
        ck_assert(n == 0 || c->polls > 0);
    }
    if (n > 0 && kind == KIND_GAUGE && (strict == MODEL_EXACT || g->series == 1))
        model_check_gauge(m, q, g, column, c0, c1);
    if (kind == KIND_HISTOGRAM)
        model_check_hists(m, q, g, column, c0, c1);
}

/* The samples of one group, and what a gauge may look back at. */
static inline struct model model_of_group(const struct model *m, const struct store_query *q, const uint32_t *group)
{
    struct model g = {.polls = m->polls, .poll_count = m->poll_count, .samples = malloc((m->count + 1) * sizeof *m->samples)};
    int64_t end = q->t0_ms + q->step_ms * q->columns;

    for (size_t i = 0; i < m->count; i++)
        if (m->samples[i].t1_ms > q->t0_ms - 300000 && m->samples[i].t1_ms <= end && model_wants(q, group, m->samples[i].s))
            g.samples[g.count++] = m->samples[i];
    return g;
}

static inline void model_check(const struct model *m, const struct store_query *q, const struct store_result *r,
                               enum model_strictness strict)
{
    size_t expected = q->group_by == 0 ? 1 : 0;

    for (size_t i = 0; i < r->count; i++) {
        struct model g = model_of_group(m, q, r->groups[i].dim);
        for (uint32_t c = 0; c < q->columns; c++)
            model_check_cell(&g, q, &r->groups[i], c, strict);
        free(g.samples);
    }
    /* every sample in range is in one of the groups */
    for (size_t i = 0; i < m->count; i++) {
        const struct model_sample *x = &m->samples[i];
        size_t groups = 0;
        if (x->t1_ms <= q->t0_ms || x->t1_ms > q->t0_ms + q->step_ms * q->columns || x->s->signal != q->signal ||
            (signal_info(q->signal)->kind == KIND_GAUGE && isnan(x->item.v.gauge)))
            continue;
        uint32_t dim[DIM_COUNT];
        for (int d = 0; d < DIM_COUNT; d++)
            dim[d] = q->group_by & DIM_BIT(d) ? x->s->dim[d] : 0;
        if (!model_wants(q, dim, x->s))
            continue;
        for (size_t g = 0; g < r->count; g++)
            groups += memcmp(r->groups[g].dim, dim, sizeof dim) == 0;
        ck_assert_uint_eq(groups, 1);
    }
    if (expected == 1)
        ck_assert_uint_eq(r->count, 1);
}

#endif
