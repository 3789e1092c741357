/* SPDX-License-Identifier: MIT */
#include "analysis/lmdi.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double ms_per_h = 3600000;

/* Before and after. Long double, so that what cancels between the factors of a cell does not show in the sum. */
struct pair {
    long double then, now;
};

/* A factor of a term, and the part that it belongs to. */
struct factor {
    enum lmdi_part part;
    struct pair x;
};
enum { FACTORS_MAX = 8 };

/* One product: its value is what its factors multiply to, up to rounding. */
struct term {
    struct pair cost;
    struct factor factor[FACTORS_MAX];
    size_t count;
};

/* What the cells of a group have in common. */
struct group {
    size_t first, end;
    struct pair requests, fell_back, cost;
};

struct totals {
    struct pair hours, requests; /* requests: of the groups that are in both windows */
};

const char *lmdi_part_name(enum lmdi_part p)
{
    static const char *const names[LMDI_PARTS] = {
        [LMDI_REQUESTS] = "requests",
        [LMDI_MIX] = "mix",
        [LMDI_INPUT] = "input length",
        [LMDI_CACHE] = "cache share",
        [LMDI_OUTPUT] = "output length",
        [LMDI_PRICE] = "price",
        [LMDI_FALLBACK] = "fallback",
        [LMDI_NEW] = "new",
        [LMDI_GONE] = "gone",
        [LMDI_UNSPLIT] = "not split",
    };
    assert(p < LMDI_PARTS);
    return names[p];
}

static struct pair ratio(struct pair part, struct pair whole)
{
    return (struct pair){whole.then > 0 ? part.then / whole.then : 0, whole.now > 0 ? part.now / whole.now : 0};
}

static void multiply(struct term *t, enum lmdi_part part, struct pair x)
{
    assert(t->count < FACTORS_MAX);
    t->factor[t->count++] = (struct factor){part, x};
}

static long double log_mean(struct pair c)
{
    return c.now == c.then ? c.now : (c.now - c.then) / log1pl((c.now - c.then) / c.then);
}

/* The first factor that is nothing on a side on which the term is nothing: the later ones are nothing because of it. */
static enum lmdi_part vanishing(const struct term *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->cost.then > 0 ? t->factor[i].x.now <= 0 : t->factor[i].x.then <= 0)
            return t->factor[i].part;
    return LMDI_UNSPLIT;
}

static void share_out(const struct term *t, long double row[LMDI_PARTS])
{
    if (t->cost.then <= 0 || t->cost.now <= 0) {
        if (t->cost.then > 0 || t->cost.now > 0)
            row[vanishing(t)] += t->cost.now - t->cost.then;
        return;
    }
    long double mean = log_mean(t->cost);
    for (size_t i = 0; i < t->count; i++)
        row[t->factor[i].part] += mean * logl(t->factor[i].x.now / t->factor[i].x.then);
}

/* ---- from cells to terms ---- */

static long double per_h(long double v, long double hours)
{
    return v / hours;
}

static struct pair requests_of(const struct lmdi_cell *c, const struct totals *all)
{
    return (struct pair){per_h(c->then.requests, all->hours.then), per_h(c->now.requests, all->hours.now)};
}

static struct pair cost_of(const struct lmdi_cell *c, const struct totals *all)
{
    return (struct pair){per_h(c->then.cost_nusd, all->hours.then), per_h(c->now.cost_nusd, all->hours.now)};
}

static long double weight(const struct lmdi_side *s, int kind)
{
    return (long double)s->tokens[kind] * (long double)s->price_pusd[kind];
}

static long double weights(const struct lmdi_side *s)
{
    long double sum = 0;
    for (int k = 0; k < LMDI_KINDS; k++)
        sum += weight(s, k);
    return sum;
}

static long double input_of(const struct lmdi_side *s)
{
    return (long double)s->tokens[LMDI_UNCACHED] + (long double)s->tokens[LMDI_CACHED] + (long double)s->tokens[LMDI_WRITTEN];
}

/* A side's cost can be shared out over kinds when there is none, or when prices say how. */
static bool has_kinds(const struct lmdi_side *s)
{
    return s->cost_nusd == 0 || weights(s) > 0;
}

/* Cost that no request stands behind, or less than none: a product of factors it is not. */
static bool is_product(const struct lmdi_side *s)
{
    return s->cost_nusd == 0 || (s->cost_nusd > 0 && s->requests > 0);
}

/* The factors that all kinds share: how many requests, and which of them came here. */
static struct term request_factors(const struct lmdi_cell *c, const struct group *g, const struct totals *all)
{
    struct term t = {.count = 0};
    struct pair mine = requests_of(c, all), class = g->fell_back;
    if (!c->is_fallback)
        class = (struct pair){g->requests.then - g->fell_back.then, g->requests.now - g->fell_back.now};
    multiply(&t, LMDI_REQUESTS, all->requests);
    multiply(&t, LMDI_MIX, ratio(g->requests, all->requests));
    multiply(&t, LMDI_FALLBACK, ratio(class, g->requests));
    multiply(&t, LMDI_MIX, ratio(mine, class));
    return t;
}

static void split_kind(const struct lmdi_cell *c, struct term t, struct pair cost, int kind, long double row[LMDI_PARTS])
{
    struct pair whole = {weights(&c->then), weights(&c->now)}, mine = {weight(&c->then, kind), weight(&c->now, kind)};
    struct pair share = ratio(mine, whole), tokens = {c->then.tokens[kind], c->now.tokens[kind]};
    struct pair requests = {c->then.requests, c->now.requests}, input = {input_of(&c->then), input_of(&c->now)};
    t.cost = (struct pair){cost.then * share.then, cost.now * share.now};
    /* nUSD per hour over tokens of the window: the windows' lengths stand in it as they do in the requests, and cancel */
    struct pair booked = {cost.then > 0 ? (long double)c->then.cost_nusd * share.then : 0,
                          cost.now > 0 ? (long double)c->now.cost_nusd * share.now : 0};
    if (kind == LMDI_ANSWER) {
        multiply(&t, LMDI_OUTPUT, ratio(tokens, requests));
    } else {
        multiply(&t, LMDI_INPUT, ratio(input, requests));
        multiply(&t, LMDI_CACHE, ratio(tokens, input));
    }
    multiply(&t, LMDI_PRICE, ratio(booked, tokens));
    share_out(&t, row);
}

/* Returns false when part of the cell's change could not be told. */
static bool split_cell(const struct lmdi_cell *c, const struct group *g, const struct totals *all, long double row[LMDI_PARTS])
{
    struct pair cost = cost_of(c, all);
    if (!is_product(&c->then) || !is_product(&c->now) || all->requests.then <= 0 || all->requests.now <= 0) {
        row[LMDI_UNSPLIT] += cost.now - cost.then;
        return false;
    }
    struct term t = request_factors(c, g, all);
    if (has_kinds(&c->then) && has_kinds(&c->now)) {
        for (int k = 0; k < LMDI_KINDS; k++)
            split_kind(c, t, cost, k, row);
        return true;
    }
    t.cost = cost;
    multiply(&t, LMDI_UNSPLIT, ratio(cost, requests_of(c, all)));
    share_out(&t, row);
    return false;
}

/* ---- groups ---- */

static struct group group_at(const struct lmdi_cell *cells, size_t count, size_t first, const struct totals *all)
{
    struct group g = {.first = first, .end = first};
    for (; g.end < count && cells[g.end].group == cells[first].group; g.end++) {
        struct pair n = requests_of(&cells[g.end], all), cost = cost_of(&cells[g.end], all);
        g.requests.then += n.then;
        g.requests.now += n.now;
        g.cost.then += fabsl(cost.then);
        g.cost.now += fabsl(cost.now);
        if (cells[g.end].is_fallback) {
            g.fell_back.then += n.then;
            g.fell_back.now += n.now;
        }
    }
    return g;
}

static bool is_new(const struct group *g)
{
    return g->requests.then <= 0 && g->cost.then <= 0;
}

static bool is_gone(const struct group *g)
{
    return g->requests.now <= 0 && g->cost.now <= 0;
}

static struct totals count_all(const struct lmdi_cell *cells, size_t count, int64_t then_ms, int64_t now_ms)
{
    struct totals all = {.hours = {(long double)then_ms / ms_per_h, (long double)now_ms / ms_per_h}};
    for (size_t i = 0; i < count;) {
        struct group g = group_at(cells, count, i, &all);
        if (!is_new(&g) && !is_gone(&g)) {
            all.requests.then += g.requests.then;
            all.requests.now += g.requests.now;
        }
        i = g.end;
    }
    return all;
}

void lmdi_split(const struct lmdi_cell *cells, size_t count, int64_t then_ms, int64_t now_ms, struct lmdi_split *ret,
                double (*ret_by_cell)[LMDI_PARTS])
{
    assert(then_ms > 0 && now_ms > 0);
    const struct totals all = count_all(cells, count, then_ms, now_ms);
    long double sum[LMDI_PARTS] = {0}, then = 0, now = 0, named = 0;
    struct lmdi_split s = {.new_groups = 0};
    struct group g = {.end = 0};

    for (size_t i = 0; i < count; i++) {
        if (i == g.end) {
            g = group_at(cells, count, i, &all);
            s.new_groups += is_new(&g) && !is_gone(&g);
            s.gone_groups += is_gone(&g) && !is_new(&g);
        }
        long double row[LMDI_PARTS] = {0};
        struct pair cost = cost_of(&cells[i], &all);
        if (is_new(&g) || is_gone(&g))
            row[is_new(&g) ? LMDI_NEW : LMDI_GONE] = cost.now - cost.then;
        else
            s.unsplit_cells += !split_cell(&cells[i], &g, &all, row);
        then += cost.then;
        now += cost.now;
        for (int p = 0; p < LMDI_PARTS; p++) {
            sum[p] += row[p];
            if (ret_by_cell != NULL)
                ret_by_cell[i][p] = (double)row[p];
        }
    }
    for (int p = 0; p < LMDI_PARTS; p++) {
        s.part_per_h[p] = (double)sum[p];
        named += sum[p];
    }
    s.then_per_h = (double)then;
    s.now_per_h = (double)now;
    s.residual_per_h = (double)(now - then - named);
    *ret = s;
}
