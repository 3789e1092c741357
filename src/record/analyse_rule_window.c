/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/analyse_rule.h"

enum { EXPONENTIAL_ZERO = 1 << 30, WIDTH_MAX = 1 << 16, HISTS_BYTES_MAX = 64 << 20, GAUGE_SLACK_MS = 30000, GAUGE_INTERVALS = 3 };

enum err rule_window_init(struct rule_window *w, const struct ruleexpr_term *term, const struct scope_part *scope, uint32_t scope_count)
{
    memset(w, 0, sizeof *w);
    w->term = term;
    w->scope = scope;
    w->scope_count = scope_count;
    w->sub_ms = term->window_ms / RULE_SLOTS;
    w->sub_ms = w->sub_ms < 1000 ? 1000 : w->sub_ms;
    arena_init(&w->arena, HISTS_BYTES_MAX);
    if (term->fn == RULEEXPR_GAUGE)
        return ERR_OK;
    w->slot = calloc(RULE_SLOTS, sizeof *w->slot);
    return w->slot != NULL ? ERR_OK : ERR_NOMEM;
}

void rule_window_fini(struct rule_window *w)
{
    free(w->slot);
    free(w->gauge);
    arena_fini(&w->arena);
}

void rule_window_forget(struct rule_window *w)
{
    if (w->slot != NULL)
        memset(w->slot, 0, RULE_SLOTS * sizeof *w->slot);
    w->covered_until_ms = 0;
    arena_reset(&w->arena);
}

/* ---- who feeds it ---- */

/* The parts of selector i, then those of the scope. */
static const struct scope_part *part_of(const struct rule_window *w, uint32_t i, uint32_t k)
{
    const struct ruleexpr_selector *s = &w->term->selector[i];
    return k < s->part_count ? &s->part[k] : &w->scope[k - s->part_count];
}

static uint32_t parts(const struct rule_window *w, uint32_t i)
{
    return w->term->selector[i].part_count + w->scope_count;
}

void rule_window_find(struct rule_window *w, const struct intern *strings)
{
    for (uint32_t i = 0; i < w->term->selector_count; i++)
        for (uint32_t k = 0; k < parts(w, i); k++) {
            uint32_t id;
            if (w->want[i][k] == 0 && intern_find(strings, str_of(part_of(w, i, k)->value), &id))
                w->want[i][k] = id;
        }
}

/* Of each dimension that is named one of the alternatives; no dimension is both the selector's and the scope's. */
bool rule_window_has(const struct rule_window *w, uint32_t i, const struct series *s)
{
    unsigned named = 0, met = 0;
    if (s->signal != (uint16_t)w->term->selector[i].signal)
        return false;
    for (uint32_t k = 0; k < parts(w, i); k++) {
        const enum dim d = part_of(w, i, k)->dim;
        named |= DIM_BIT(d);
        met |= w->want[i][k] != 0 && s->dim[d] == w->want[i][k] ? DIM_BIT(d) : 0;
    }
    return named == met;
}

enum err rule_window_filter(const struct rule_window *w, uint32_t i, struct arena *a, struct store_filter *f)
{
    for (uint32_t d = 0; d < DIM_COUNT; d++) {
        uint32_t n = 0, *ids = arena_array(a, parts(w, i) + 1, sizeof *ids);
        if (ids == NULL)
            return ERR_NOMEM;
        for (uint32_t k = 0; k < parts(w, i); k++)
            if (part_of(w, i, k)->dim == (enum dim)d)
                ids[n++] = w->want[i][k] != 0 ? w->want[i][k] : UINT32_MAX;
        f->dim[d].ids = n > 0 ? ids : NULL;
        f->dim[d].count = n;
    }
    return ERR_OK;
}

enum err rule_window_add_gauge(struct rule_window *w, uint32_t *ret_cell)
{
    if (w->gauge_count == w->gauge_cap) {
        const uint32_t cap = w->gauge_cap == 0 ? 16 : 2 * w->gauge_cap;
        struct rule_gauge *list = realloc(w->gauge, cap * sizeof *list);
        if (list == NULL)
            return ERR_NOMEM;
        w->gauge = list;
        w->gauge_cap = cap;
    }
    *ret_cell = w->gauge_count;
    w->gauge[w->gauge_count++] = (struct rule_gauge){.v = NAN};
    return ERR_OK;
}

/* ---- feeding ---- */

static void empty(struct rule_slot *s, int64_t id)
{
    s->id = id;
    s->covered_ms = s->bad = 0;
    memset(s->sum, 0, sizeof s->sum);
    memset(s->n, 0, sizeof s->n);
    for (uint32_t i = 0; i < s->hists.count; i++) { /* its buckets are kept: the same ones come again */
        struct hist *h = &s->hists.h[i];
        if (h->count > 0)
            memset(h->counts, 0, h->count * sizeof *h->counts);
        h->zero = h->n = h->summed = 0;
        h->sum_fixed = 0;
    }
}

struct rule_slot *rule_window_slot(struct rule_window *w, int64_t t_ms)
{
    const int64_t id = (t_ms - 1) / w->sub_ms;
    struct rule_slot *s = &w->slot[id % RULE_SLOTS];
    if (s->id > id)
        return NULL;
    if (s->id != id)
        empty(s, id);
    return s;
}

static enum err feed_hist(struct rule_window *w, struct rule_slot *s, const struct store_item *it, const struct hist_bounds *b,
                          struct arena *a)
{
    uint64_t n = 0;
    struct hist *h, one = {.scheme = HIST_EXPONENTIAL};
    const struct store_hist_count *c = it->v.hist.counts;
    const uint32_t count = it->v.hist.count;
    for (uint32_t i = 0; i < count; i++)
        n += c[i].count;
    if (b != NULL) {
        enum err e = hist_set_classic(&s->hists, b, &w->arena, &h);
        for (uint32_t i = 0; e == ERR_OK && i < count; i++)
            hist_count(h, b, c[i].bucket, c[i].count);
        if (e == ERR_OK) {
            h->n += n;
            h->summed += it->v.hist.n;
            h->sum_fixed += it->v.hist.sum_fixed;
        }
        return e;
    }
    uint32_t from = 0;
    for (; from < count && c[from].bucket <= EXPONENTIAL_ZERO + HIST_EXP_LEAST; from++)
        one.zero += c[from].count;
    if (from < count) {
        one.first = (int32_t)((int64_t)c[from].bucket - EXPONENTIAL_ZERO);
        one.count = c[count - 1].bucket - c[from].bucket + 1;
        one.counts = one.count <= WIDTH_MAX ? arena_array(a, one.count, sizeof *one.counts) : NULL;
        if (one.counts == NULL)
            return one.count <= WIDTH_MAX ? ERR_NOMEM : ERR_OK;
    }
    for (uint32_t i = from; i < count; i++)
        one.counts[c[i].bucket - c[from].bucket] = c[i].count;
    one.n = n;
    one.summed = it->v.hist.n;
    one.sum_fixed = it->v.hist.sum_fixed;
    return hist_set_add(&s->hists, &one, &w->arena);
}

enum err rule_window_feed(struct rule_window *w, uint32_t i, const struct store_item *item, const struct hist_bounds *bounds, uint32_t cell,
                          const struct interval *in, struct arena *a)
{
    if (w->slot == NULL) {
        w->gauge[cell] = (struct rule_gauge){item->v.gauge, in->t1_ms, in->t0_ms != 0 ? in->t1_ms - in->t0_ms : MINUTE_MS};
        return ERR_OK;
    }
    struct rule_slot *s = rule_window_slot(w, in->t1_ms);
    if (s == NULL)
        return ERR_OK;
    switch (signal_info(w->term->selector[i].signal)->kind) {
    case KIND_INCREMENT: s->sum[i] += item->v.increment; break;
    case KIND_SCORE:
        s->n[i] += item->v.score.n;
        s->sum[i] += item->v.score.sum_fixed;
        s->bad += item->v.score.bad;
        break;
    case KIND_HISTOGRAM:
        for (uint32_t k = 0; k < item->v.hist.count; k++)
            s->n[i] += (int64_t)item->v.hist.counts[k].count;
        if (w->term->fn == RULEEXPR_QUANTILE || w->term->fn == RULEEXPR_MEAN)
            return feed_hist(w, s, item, bounds, a);
        break;
    case KIND_GAUGE: break;
    }
    return ERR_OK;
}

void rule_window_covered(struct rule_window *w, const struct interval *in)
{
    struct rule_slot *s = w->slot != NULL && in->t0_ms != 0 ? rule_window_slot(w, in->t1_ms) : NULL;
    const int64_t from = in->t0_ms > w->covered_until_ms ? in->t0_ms : w->covered_until_ms;
    if (s == NULL || in->t1_ms <= from)
        return;
    s->covered_ms += in->t1_ms - from;
    w->covered_until_ms = in->t1_ms;
}

/* ---- what it is ---- */

static double gauge_value(const struct rule_window *w, int64_t now_ms)
{
    const enum merge m = signal_info(w->term->selector[0].signal)->merge;
    double v = NAN;
    for (uint32_t i = 0; i < w->gauge_count; i++) {
        const struct rule_gauge *g = &w->gauge[i];
        if (g->at_ms != 0 && now_ms - g->at_ms <= GAUGE_INTERVALS * g->interval_ms + GAUGE_SLACK_MS)
            v = merge_gauge(m, v, g->v);
    }
    return v;
}

static double total(const struct rule_window *w, uint32_t i, const struct rule_slot *all)
{
    const struct signal_info *info = signal_info(w->term->selector[i].signal);
    return info->kind == KIND_INCREMENT ? unit_from_fixed(info->unit, all->sum[i]) : (double)all->n[i];
}

static double of_hists(const struct rule_window *w, const struct hist_set *set)
{
    if (w->term->fn == RULEEXPR_MEAN)
        return hist_mean(set, unit_scale(signal_info(w->term->selector[0].signal)->unit), NULL);
    const struct quantile q = hist_quantile(set, w->term->q);
    const struct quantile_reading r = quantile_read(&q, false);
    return q.n == 0 || q.average_only ? NAN : r.is == QUANTILE_ABOVE ? q.lo : q.value;
}

double rule_window_value(const struct rule_window *w, int64_t now_ms, struct arena *a)
{
    if (w->slot == NULL)
        return gauge_value(w, now_ms);
    const int64_t last = (now_ms - 1) / w->sub_ms;
    const bool hists = signal_info(w->term->selector[0].signal)->kind == KIND_HISTOGRAM &&
                       (w->term->fn == RULEEXPR_QUANTILE || w->term->fn == RULEEXPR_MEAN);
    struct rule_slot all = {.id = 0};
    for (int k = 0; k < RULE_SLOTS; k++) {
        const struct rule_slot *s = &w->slot[k];
        if (s->id > last || s->id <= last - RULE_SLOTS || s->id == 0)
            continue;
        all.covered_ms += s->covered_ms;
        all.bad += s->bad;
        for (int i = 0; i < 2; i++) {
            all.sum[i] += s->sum[i];
            all.n[i] += s->n[i];
        }
        for (uint32_t i = 0; hists && i < s->hists.count; i++)
            if (s->hists.h[i].n > 0 && hist_set_add(&all.hists, &s->hists.h[i], a) != ERR_OK)
                return NAN;
    }
    const bool observed = all.covered_ms >= w->term->window_ms / 2;
    switch (w->term->fn) {
    case RULEEXPR_GAUGE: break;
    case RULEEXPR_RATE: return observed ? total(w, 0, &all) * 1000 / (double)all.covered_ms : NAN;
    case RULEEXPR_SUM: return observed ? total(w, 0, &all) : NAN;
    case RULEEXPR_RATIO: return total(w, 1, &all) > 0 ? total(w, 0, &all) / total(w, 1, &all) : NAN;
    case RULEEXPR_QUANTILE: return of_hists(w, &all.hists);
    case RULEEXPR_MEAN:
        if (hists)
            return of_hists(w, &all.hists);
        return all.n[0] > 0 ? unit_from_fixed(signal_info(w->term->selector[0].signal)->unit, all.sum[0]) / (double)all.n[0] : NAN;
    case RULEEXPR_BAD: return all.n[0] > 0 ? (double)all.bad / (double)all.n[0] : NAN;
    }
    return NAN;
}
