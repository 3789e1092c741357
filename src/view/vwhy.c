/* SPDX-License-Identifier: MIT */
#include "view/vwhy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/price_fit.h"
#include "base/timefmt.h"

static const enum dim dims[VWHY_DIMS] = {[VWHY_KEY] = DIM_KEY, [VWHY_MODEL] = DIM_MODEL, [VWHY_DEPLOYMENT] = DIM_DEPLOYMENT};
static const enum signal token_signals[VWHY_TOKENS] = {SIG_TOKENS_INPUT, SIG_TOKENS_CACHED, SIG_TOKENS_CACHE_WRITE, SIG_TOKENS_OUTPUT};
static const uint32_t all_dims = DIM_BIT(DIM_KEY) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT);
enum { PAID_STEP_MS = 300000, PAID_STEPS = 12 };
/* A deployment with a smaller share of its model's requests is as good as not in use. */
static const double unused_share = 0.05;

void vwhy_ask_paid(struct vread *vr, struct vwhy_ask *ask)
{
    const int64_t until = instant_floor(vr->until_ms[SIG_COST], PAID_STEP_MS), since = until - PAID_STEPS * (int64_t)PAID_STEP_MS;
    ask->paid = vread_add(vr, SIG_COST, all_dims, since, PAID_STEP_MS, PAID_STEPS);
    for (int k = 0; k < VWHY_TOKENS; k++)
        ask->paid_tokens[k] = vread_add(vr, token_signals[k], all_dims, since, PAID_STEP_MS, PAID_STEPS);
}

struct vwhy_ask vwhy_ask(struct vread *vr, size_t cost_now, size_t cost_then, int64_t then_ms)
{
    struct vwhy_ask ask = {.cost = {cost_now, cost_then}};
    for (int side = 0; side < VWHY_SIDES; side++) {
        const int64_t back = side == VWHY_THEN ? then_ms : 0;
        const bool is_asked = side == VWHY_NOW || then_ms > 0;
        ask.requests[side] = is_asked ? vread_now(vr, SIG_REQUESTS, all_dims, back) : VROWS_NONE;
        if (is_asked)
            vread_keep_answered(vr);
        ask.fallbacks[side] = is_asked ? vread_now(vr, SIG_FALLBACKS, DIM_BIT(DIM_MODEL), back) : VROWS_NONE;
        for (int k = 0; k < VWHY_TOKENS; k++)
            ask.tokens[side][k] = is_asked ? vread_now(vr, token_signals[k], all_dims, back) : VROWS_NONE;
    }
    vwhy_ask_paid(vr, &ask);
    return ask;
}

/* ---- what was read, as a list of counts that is sorted into cells ---- */

enum what { WHAT_COST, WHAT_REQUESTS, WHAT_TOKENS }; /* tokens: and the kind */
struct count {
    uint32_t id[VWHY_DIMS], column; /* column: the side, or the step */
    int what;
    uint64_t n;
};
struct counts {
    struct count *at;
    size_t count;
};

/* By which dimensions a query's groups are told apart. */
static uint32_t told_by(const struct vread *vr, size_t q)
{
    uint32_t told = 0;
    for (size_t i = 0; q != VROWS_NONE && i < vr->r[q].count; i++)
        for (int d = 0; d < VWHY_DIMS; d++)
            told |= vr->r[q].groups[i].dim[dims[d]] != 0 ? DIM_BIT(dims[d]) : 0;
    return told;
}

/* Spend and requests must be told apart by a dimension, and tokens where there are any. */
static uint32_t shared_dims(const struct vread *vr, const struct vwhy_ask *ask)
{
    uint32_t shared = (told_by(vr, ask->cost[VWHY_NOW]) | told_by(vr, ask->cost[VWHY_THEN])) &
                      (told_by(vr, ask->requests[VWHY_NOW]) | told_by(vr, ask->requests[VWHY_THEN]));
    for (int k = 0; k < VWHY_TOKENS; k++) {
        uint32_t told = told_by(vr, ask->tokens[VWHY_NOW][k]) | told_by(vr, ask->tokens[VWHY_THEN][k]);
        shared &= told != 0 ? told : shared;
    }
    return shared;
}

static size_t room_for(const struct vread *vr, size_t q)
{
    return q != VROWS_NONE ? vr->r[q].count * vr->q[q].columns : 0;
}

static void take_ids(const struct store_group *g, uint32_t by, uint32_t ret[VWHY_DIMS])
{
    for (int d = 0; d < VWHY_DIMS; d++)
        ret[d] = by & DIM_BIT(dims[d]) ? g->dim[dims[d]] : 0;
}

/* Of a query with one column, which is that of the side. */
static void take(const struct vread *vr, size_t q, uint32_t by, int what, uint32_t side, struct counts *c)
{
    for (size_t i = 0; q != VROWS_NONE && i < vr->r[q].count; i++) {
        const struct store_group *g = &vr->r[q].groups[i];
        if (g->cells[0].n == 0 || g->cells[0].sum <= 0)
            continue;
        struct count *to = &c->at[c->count++];
        *to = (struct count){.column = side, .what = what, .n = (uint64_t)g->cells[0].sum};
        take_ids(g, by, to->id);
    }
}

static void add_count(struct lmdi_side *s, const struct count *c)
{
    if (c->what == WHAT_COST)
        s->cost_nusd += (int64_t)c->n;
    else if (c->what == WHAT_REQUESTS)
        s->requests += c->n;
    else if (c->what == WHAT_TOKENS + VWHY_IN)
        s->tokens[LMDI_UNCACHED] += c->n;
    else
        s->tokens[c->what == WHAT_TOKENS + VWHY_READ      ? LMDI_CACHED
                  : c->what == WHAT_TOKENS + VWHY_WRITTEN ? LMDI_WRITTEN
                                                          : LMDI_ANSWER] += c->n;
}

/* Takes what was read from and written to the cache out of the input that it is a part of. */
static void split_input(struct lmdi_side *s)
{
    uint64_t cached = s->tokens[LMDI_CACHED] + s->tokens[LMDI_WRITTEN];
    s->tokens[LMDI_UNCACHED] = s->tokens[LMDI_UNCACHED] > cached ? s->tokens[LMDI_UNCACHED] - cached : 0;
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int by_cell(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    int order = 0;
    for (int d = 0; d < VWHY_DIMS && order == 0; d++)
        order = compare_u32(x->id[d], y->id[d]);
    return order;
}

/* A group of what was paid, or of the tokens that it was paid for. */
struct paid {
    uint32_t id[VWHY_DIMS];
    int what;
    const struct store_cell *cells; /* [PAID_STEPS] */
};

static int by_served(const void *a, const void *b)
{
    const struct paid *x = a, *y = b;
    int order = compare_u32(x->id[VWHY_MODEL], y->id[VWHY_MODEL]);
    order = order != 0 ? order : compare_u32(x->id[VWHY_DEPLOYMENT], y->id[VWHY_DEPLOYMENT]);
    return order != 0 ? order : compare_u32(x->id[VWHY_KEY], y->id[VWHY_KEY]);
}

static enum err gather_cells(struct vread *vr, const struct vwhy_ask *ask, struct vwhy *w)
{
    struct counts c = {.count = 0};
    size_t room = 0;
    for (int side = 0; side < VWHY_SIDES; side++) {
        room += room_for(vr, ask->cost[side]) + room_for(vr, ask->requests[side]);
        for (int k = 0; k < VWHY_TOKENS; k++)
            room += room_for(vr, ask->tokens[side][k]);
    }
    c.at = arena_array(vr->l->arena, room + 1, sizeof *c.at);
    if (c.at == NULL)
        return ERR_NOMEM;
    for (int side = 0; side < VWHY_SIDES; side++) {
        take(vr, ask->cost[side], w->dims, WHAT_COST, (uint32_t)side, &c);
        take(vr, ask->requests[side], w->dims, WHAT_REQUESTS, (uint32_t)side, &c);
        for (int k = 0; k < VWHY_TOKENS; k++)
            take(vr, ask->tokens[side][k], w->dims, WHAT_TOKENS + k, (uint32_t)side, &c);
    }
    qsort(c.at, c.count, sizeof *c.at, by_cell);
    size_t cells = 1;
    for (size_t i = 1; i < c.count; i++)
        cells += by_cell(&c.at[i - 1], &c.at[i]) != 0;
    w->cells = arena_array(vr->l->arena, cells, sizeof *w->cells);
    w->ids = arena_array(vr->l->arena, cells, sizeof *w->ids);
    w->scratch = arena_array(vr->l->arena, cells, sizeof *w->scratch);
    if (w->cells == NULL || w->ids == NULL || w->scratch == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < c.count; i++) {
        const uint32_t *id = c.at[i].id;
        if (i == 0 || by_cell(&c.at[i - 1], &c.at[i]) != 0) {
            const uint32_t *before = w->count > 0 ? w->ids[w->count - 1] : NULL;
            bool same = before != NULL && before[VWHY_KEY] == id[VWHY_KEY] && before[VWHY_MODEL] == id[VWHY_MODEL];
            w->cells[w->count].group = same ? w->cells[w->count - 1].group : w->count;
            memcpy(w->ids[w->count++], id, sizeof *w->ids);
        }
        struct lmdi_cell *cell = &w->cells[w->count - 1];
        add_count(c.at[i].column == VWHY_NOW ? &cell->now : &cell->then, &c.at[i]);
    }
    for (size_t i = 0; i < w->count; i++) {
        split_input(&w->cells[i].now);
        split_input(&w->cells[i].then);
    }
    return ERR_OK;
}

/* ---- what a deployment's tokens cost, and whether it is a fallback ---- */

static bool same_served(const struct count *a, const struct count *b)
{
    return a->id[VWHY_MODEL] == b->id[VWHY_MODEL] && a->id[VWHY_DEPLOYMENT] == b->id[VWHY_DEPLOYMENT];
}

static void take_paid(const struct vread *vr, size_t q, uint32_t by, int what, struct paid *list, size_t *n)
{
    for (size_t i = 0; i < vr->r[q].count; i++) {
        list[*n] = (struct paid){.what = what, .cells = vr->r[q].groups[i].cells};
        take_ids(&vr->r[q].groups[i], by, list[(*n)++].id);
    }
}

/* Counts by deployment, key and step, in that order. Whole groups are sorted, for there are a step's times fewer of them. */
static enum err gather_paid(struct vread *vr, const struct vwhy_ask *ask, uint32_t by, struct counts *c)
{
    size_t most = vr->r[ask->paid].count, n = 0;
    for (int k = 0; k < VWHY_TOKENS; k++)
        most += vr->r[ask->paid_tokens[k]].count;
    struct paid *list = arena_array(vr->l->scratch, most + 1, sizeof *list);
    c->count = 0;
    c->at = arena_array(vr->l->arena, most * PAID_STEPS + 1, sizeof *c->at);
    if (list == NULL || c->at == NULL)
        return ERR_NOMEM;
    take_paid(vr, ask->paid, by, WHAT_COST, list, &n);
    for (int k = 0; k < VWHY_TOKENS; k++)
        take_paid(vr, ask->paid_tokens[k], by, WHAT_TOKENS + k, list, &n);
    qsort(list, n, sizeof *list, by_served);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && by_served(&list[first], &list[end]) == 0;)
            end++;
        for (uint32_t step = 0; step < PAID_STEPS; step++)
            for (const struct paid *p = &list[first]; p < &list[end]; p++) {
                if (p->cells[step].n == 0 || p->cells[step].sum <= 0)
                    continue;
                struct count *to = &c->at[c->count++];
                *to = (struct count){.column = step, .what = p->what, .n = (uint64_t)p->cells[step].sum};
                memcpy(to->id, p->id, sizeof to->id);
            }
    }
    return ERR_OK;
}

static bool is_same_row(const struct count *a, const struct count *b)
{
    return memcmp(a->id, b->id, sizeof a->id) == 0 && a->column == b->column;
}

/* What was paid in steps lo to hi (excluded), of one deployment's counts. */
static bool fit_steps(const struct count *at, size_t count, uint32_t lo, uint32_t hi, struct lmdi_side *rows, int64_t ret_pusd[LMDI_KINDS])
{
    const struct count *last = NULL;
    size_t n = 0;
    for (const struct count *c = at; c < at + count; c++) {
        if (c->column < lo || c->column >= hi)
            continue;
        if (last == NULL || !is_same_row(last, c))
            memset(&rows[n++], 0, sizeof *rows);
        add_count(&rows[n - 1], c);
        last = c;
    }
    for (size_t i = 0; i < n; i++)
        split_input(&rows[i]);
    return price_fit(rows, n, ret_pusd);
}

/* Where the counts of the deployment end that one is of. */
static size_t served_end(const struct counts *c, size_t first)
{
    size_t end = first;
    while (end < c->count && same_served(&c->at[first], &c->at[end]))
        end++;
    return end;
}

static enum err find_prices(struct vread *vr, const struct vwhy_ask *ask, struct vwhy *w)
{
    struct counts c;
    enum err e = gather_paid(vr, ask, w->dims, &c);
    if (e != ERR_OK)
        return e;
    size_t served = 0, most = 0;
    for (size_t first = 0, end; first < c.count; first = end, served++) {
        end = served_end(&c, first);
        most = end - first > most ? end - first : most;
    }
    struct lmdi_side *rows = arena_array(vr->l->arena, most + 1, sizeof *rows);
    w->served = arena_array(vr->l->arena, served + 1, sizeof *w->served);
    if (rows == NULL || w->served == NULL)
        return ERR_NOMEM;
    for (size_t first = 0, end; first < c.count; first = end) {
        end = served_end(&c, first);
        struct vserved *s = &w->served[w->served_count++];
        *s = (struct vserved){.model = c.at[first].id[VWHY_MODEL], .deployment = c.at[first].id[VWHY_DEPLOYMENT]};
        for (size_t i = first; i < end; i++)
            s->paid_nusd += c.at[i].what == WHAT_COST ? (int64_t)c.at[i].n : 0;
        /* where a price changed in that hour, one of its halves is of one price */
        if (!fit_steps(&c.at[first], end - first, 0, PAID_STEPS, rows, s->price_pusd) &&
            !fit_steps(&c.at[first], end - first, 0, PAID_STEPS / 2, rows, s->price_pusd))
            (void)fit_steps(&c.at[first], end - first, PAID_STEPS / 2, PAID_STEPS, rows, s->price_pusd);
    }
    return ERR_OK;
}

static int compare_served(const void *key, const void *row)
{
    const uint32_t *id = key;
    const struct vserved *s = row;
    int order = compare_u32(id[VWHY_MODEL], s->model);
    return order != 0 ? order : compare_u32(id[VWHY_DEPLOYMENT], s->deployment);
}

static struct vserved *served_of(const struct vwhy *w, const uint32_t id[VWHY_DIMS])
{
    return w->served_count > 0 ? bsearch(id, w->served, w->served_count, sizeof *w->served, compare_served) : NULL;
}

/* Share of its model's requests. */
static double share(const struct vwhy *w, const struct vserved *s, int side)
{
    uint64_t all = 0;
    for (const struct vserved *o = w->served; o < w->served + w->served_count; o++)
        all += o->model == s->model ? o->requests[side] : 0;
    return all > 0 ? (double)s->requests[side] / (double)all : 0;
}

static bool is_fallback(const struct vread *vr, const struct vwhy_ask *ask, const struct vserved *s)
{
    const double now = s->share[VWHY_NOW], then = s->share[VWHY_THEN];
    const int busy = now >= then ? VWHY_NOW : VWHY_THEN;
    if (s->deployment == 0 || ask->fallbacks[busy] == VROWS_NONE || fmin(now, then) >= unused_share || fmax(now, then) < unused_share)
        return false;
    struct vsum counted = vread_sum(vr, ask->fallbacks[busy], 0, DIM_MODEL, s->model);
    bool nobody_counts = !vread_sum(vr, ask->fallbacks[busy], 0, DIM_COUNT, 0).known || counted.trust.unsplit != 0;
    return nobody_counts ? busy == VWHY_NOW : (uint64_t)counted.sum * 2 >= s->requests[busy];
}

static void put_served(const struct vread *vr, const struct vwhy_ask *ask, struct vwhy *w)
{
    for (size_t i = 0; i < w->count; i++) {
        struct vserved *s = served_of(w, w->ids[i]);
        if (s != NULL) {
            s->requests[VWHY_NOW] += w->cells[i].now.requests;
            s->requests[VWHY_THEN] += w->cells[i].then.requests;
        }
    }
    for (struct vserved *s = w->served; s < w->served + w->served_count; s++) {
        for (int side = 0; side < VWHY_SIDES; side++)
            s->share[side] = share(w, s, side);
        s->is_fallback = is_fallback(vr, ask, s);
    }
    for (size_t i = 0; i < w->count; i++) {
        const struct vserved *s = served_of(w, w->ids[i]);
        if (s == NULL)
            continue;
        w->cells[i].is_fallback = s->is_fallback;
        memcpy(w->cells[i].now.price_pusd, s->price_pusd, sizeof s->price_pusd);
        memcpy(w->cells[i].then.price_pusd, s->price_pusd, sizeof s->price_pusd);
    }
}

enum err vwhy_prices(struct vread *vr, const struct vwhy_ask *ask, struct vwhy *ret)
{
    struct vwhy w = {.dims = told_by(vr, ask->paid)};
    for (int k = 0; k < VWHY_TOKENS; k++)
        w.dims &= told_by(vr, ask->paid_tokens[k]) != 0 ? told_by(vr, ask->paid_tokens[k]) : w.dims;
    enum err e = find_prices(vr, ask, &w);
    if (e == ERR_OK)
        *ret = w;
    return e;
}

static bool is_about(const struct vread *vr, size_t q)
{
    return q != VROWS_NONE && vnum_of(0, 0, VNUM_OTHER, vread_trust(vr, q)).exact != EXACT;
}

static enum exactness exact_of(const struct vread *vr, const struct vwhy_ask *ask)
{
    bool about = false;
    for (int side = 0; side < VWHY_SIDES; side++) {
        about = about || is_about(vr, ask->cost[side]) || is_about(vr, ask->requests[side]);
        for (int k = 0; k < VWHY_TOKENS; k++)
            about = about || is_about(vr, ask->tokens[side][k]);
    }
    return about ? ABOUT : EXACT;
}

enum err vwhy_build(struct vread *vr, const struct vwhy_ask *ask, struct vwhy *ret)
{
    struct vwhy w = {.exact = exact_of(vr, ask), .dims = shared_dims(vr, ask)};
    for (int side = 0; side < VWHY_SIDES; side++)
        w.covered_ms[side] = ask->cost[side] != VROWS_NONE ? vread_sum(vr, ask->cost[side], 0, DIM_COUNT, 0).covered_ms : 0;
    enum err e = gather_cells(vr, ask, &w);
    if (e == ERR_OK)
        e = find_prices(vr, ask, &w);
    if (e != ERR_OK)
        return e;
    put_served(vr, ask, &w);
    *ret = w;
    return ERR_OK;
}

/* Where a fallback's model belongs; NULL when no price of it is known. */
static const struct vserved *own_of(const struct vwhy *w, uint32_t model)
{
    const struct vserved *most = NULL;
    for (const struct vserved *s = w->served; s < w->served + w->served_count; s++) {
        bool fits = s->model == model && !s->is_fallback && (s->price_pusd[LMDI_UNCACHED] > 0 || s->price_pusd[LMDI_ANSWER] > 0);
        most = fits && (most == NULL || s->paid_nusd > most->paid_nusd) ? s : most;
    }
    return most;
}

double vwhy_surcharge(const struct vwhy *w)
{
    static const double pusd_per_nusd = 1000, ms_per_h = 3600000;
    double nusd = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct lmdi_side *now = &w->cells[i].now;
        if (!w->cells[i].is_fallback || now->cost_nusd == 0)
            continue;
        const struct vserved *own = own_of(w, w->ids[i][VWHY_MODEL]);
        if (own == NULL)
            return (double)NAN;
        nusd += (double)now->cost_nusd;
        for (int k = 0; k < LMDI_KINDS; k++)
            nusd -= (double)now->tokens[k] * (double)own->price_pusd[k] / pusd_per_nusd;
    }
    return w->covered_ms[VWHY_NOW] > 0 ? nusd / ((double)w->covered_ms[VWHY_NOW] / ms_per_h) : 0;
}
