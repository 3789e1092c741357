/* SPDX-License-Identifier: MIT */
#include "analysis/suspects.h"

#include <math.h>
#include <string.h>

#include "analysis/stat.h"
#include "analysis/suspects_int.h"
#include "base/hash.h"

enum {
    PAST_WEIGHT = 50,   /* requests that the common rate counts for in a cell's own past; from the RobustSpot runs */
    LEAST_EXCESS = 10,  /* failures more than usual, below which nothing can be told */
    LEAST_LLR = 8,      /* nats */
    LEAST_CONTRAST = 5, /* nats by which a value must stand out of the others, were all raised alike */
};
/* Two values must explain that much better than one. Chosen on 60 RobustSpot incidents; flat from 0.75 to 0.95. */
static const double pair_penalty = 0.9;
static const double least_share = 0.05, weak_share = 0.5;

/* What is more likely the cause when two values hold the very same failures: upstream before downstream. */
static const enum dim order[] = {DIM_PROVIDER, DIM_REGION, DIM_DEPLOYMENT, DIM_GATEWAY, DIM_MODEL, DIM_ROUTE, DIM_STAGE, DIM_TEAM, DIM_KEY};
enum { ORDER = sizeof order / sizeof order[0] };

bool element_holds(const struct element *e, const struct suspect_cell *c)
{
    for (uint32_t i = 0; i < e->dim_count; i++)
        if (c->dim[e->dim[i]] != e->id[i])
            return false;
    return true;
}

static uint64_t bad_of(const struct suspect_cell *c)
{
    uint64_t bad = 0;
    for (int o = 0; o < OUTCOME_COUNT; o++)
        bad += outcome_is_bad((enum outcome)o) ? c->by_class[o] : 0;
    return bad;
}

/* Expectations: a cell's own past rate, drawn towards the table's where that past is short. */
static enum err weigh(const struct suspect_table *t, struct arena *a, struct weighed_table *ret)
{
    double past_n = 1, past_bad = 0.5;
    struct weighed *list = arena_array(a, t->count + 1, sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->count; i++) {
        past_n += (double)t->cells[i].past_n;
        past_bad += (double)t->cells[i].past_bad;
    }
    *ret = (struct weighed_table){.list = list, .count = t->count, .dims = t->dims};
    for (size_t i = 0; i < t->count; i++) {
        const struct suspect_cell *c = &t->cells[i];
        double rate = ((double)c->past_bad + PAST_WEIGHT * past_bad / past_n) / ((double)c->past_n + PAST_WEIGHT);
        list[i] = (struct weighed){.cell = c, .bad = bad_of(c), .expected = (double)c->n * rate};
        ret->bad += list[i].bad;
        ret->expected += list[i].expected;
    }
    return ERR_OK;
}

/* ---- scan ---- */

struct scan {
    struct element *slots;
    uint32_t mask;
};

/* Adds the cells up by one dim (second DIM_COUNT) or two. */
static void add_up(struct scan *s, const struct weighed_table *t, enum dim first, enum dim second)
{
    memset(s->slots, 0, (s->mask + (size_t)1) * sizeof *s->slots);
    for (size_t i = 0; i < t->count; i++) {
        const struct weighed *w = &t->list[i];
        uint32_t a = w->cell->dim[first], b = second != DIM_COUNT ? w->cell->dim[second] : 0;
        if (w->removed || a == 0 || (second != DIM_COUNT && b == 0))
            continue;
        uint32_t at = (uint32_t)hash_u64((uint64_t)a << 32 | b, 0) & s->mask;
        while (s->slots[at].dim_count != 0 && !(s->slots[at].id[0] == a && s->slots[at].id[1] == b))
            at = (at + 1) & s->mask;
        struct element *e = &s->slots[at];
        if (e->dim_count == 0)
            *e = (struct element){.dim = {first, second}, .id = {a, b}, .dim_count = second != DIM_COUNT ? 2 : 1};
        e->n += w->cell->n;
        e->bad += w->bad;
        e->expected += w->expected;
    }
}

/* How much better two rates, inside and outside, explain the failures than one common rise: what is left to say when everything rose. */
static double contrast(const struct element *e, const struct weighed_table *t)
{
    double scale = (double)t->bad / t->expected, inside = e->expected * scale, outside = (t->expected - e->expected) * scale;
    double v = (double)e->bad, rest = (double)(t->bad - e->bad), llr = v > 0 ? v * log(v / inside) : 0;
    if (v <= inside)
        return 0;
    return rest > 0 && outside > 0 ? llr + rest * log(rest / outside) : outside > 1e-9 ? llr : 0;
}

static void keep_better(struct element *best, struct element e, const struct weighed_table *t)
{
    if (!(e.expected > 0))
        return;
    e.llr = stat_poisson_llr((double)e.bad, e.expected) * (e.dim_count == 2 ? pair_penalty : 1);
    if (e.llr > best->llr * (1 + 1e-9) && e.llr >= LEAST_LLR && contrast(&e, t) >= LEAST_CONTRAST)
        *best = e;
}

static struct element scan_table(struct scan *s, const struct weighed_table *t)
{
    struct element best = {.llr = 0};
    for (size_t i = 0; i < ORDER; i++) {
        for (size_t k = i; k < ORDER; k++) {
            bool pair = k > i, has = (t->dims & DIM_BIT(order[i])) != 0 && (t->dims & DIM_BIT(order[k])) != 0;
            if (!has)
                continue;
            add_up(s, t, order[i], pair ? order[k] : DIM_COUNT);
            for (size_t e = 0; e <= s->mask; e++)
                if (s->slots[e].dim_count != 0)
                    keep_better(&best, s->slots[e], t);
        }
    }
    return best;
}

/* Sets aside what the suspect holds, in every table that can tell. */
static void set_aside(struct weighed_table *tables, size_t count, const struct element *e)
{
    for (size_t t = 0; t < count; t++) {
        uint32_t needs = DIM_BIT(e->dim[0]) | (e->dim_count == 2 ? DIM_BIT(e->dim[1]) : 0);
        if ((tables[t].dims & needs) != needs)
            continue;
        tables[t].bad = 0;
        tables[t].expected = 0;
        for (size_t i = 0; i < tables[t].count; i++) {
            struct weighed *w = &tables[t].list[i];
            w->removed = w->removed || element_holds(e, w->cell);
            tables[t].bad += w->removed ? 0 : w->bad;
            tables[t].expected += w->removed ? 0 : w->expected;
        }
    }
}

struct tables {
    struct weighed_table list[SUSPECT_TABLES_MAX];
    size_t count, cells;
    uint64_t bad;
    double excess; /* of the table that sees most */
};

static enum err weigh_all(const struct suspects_input *in, struct arena *a, struct tables *ret)
{
    *ret = (struct tables){.count = in->table_count < SUSPECT_TABLES_MAX ? in->table_count : SUSPECT_TABLES_MAX};
    for (size_t i = 0; i < ret->count; i++) {
        if (in->table[i].count > SUSPECT_CELLS_MAX)
            return ERR_LIMIT;
        enum err e = weigh(&in->table[i], a, &ret->list[i]);
        if (e != ERR_OK)
            return e;
        const struct weighed_table *t = &ret->list[i];
        if (t->count > ret->cells)
            ret->cells = t->count;
        if ((double)t->bad - t->expected > ret->excess) {
            ret->excess = (double)t->bad - t->expected;
            ret->bad = t->bad;
        }
    }
    return ERR_OK;
}

/* The best element of all tables; *ret_table is the one that it was found in. */
static struct element best_of(struct scan *s, const struct tables *ts, size_t *ret_table)
{
    struct element best = {.llr = 0};
    for (size_t i = 0; i < ts->count; i++) {
        struct element e = ts->list[i].expected > 0 ? scan_table(s, &ts->list[i]) : (struct element){.llr = 0};
        if (e.llr > best.llr) {
            best = e;
            *ret_table = i;
        }
    }
    return best;
}

static enum err make_scan(const struct tables *ts, struct arena *a, struct scan *ret)
{
    uint32_t slots = 16;
    while (slots < 2 * ts->cells)
        slots *= 2;
    ret->mask = slots - 1;
    ret->slots = arena_array(a, slots, sizeof *ret->slots);
    return ret->slots != NULL ? ERR_OK : ERR_NOMEM;
}

enum err suspects_rank(const struct suspects_input *in, struct arena *a, struct suspect **ret, size_t *ret_count, const char **ret_note)
{
    struct tables ts;
    struct scan s;
    size_t n = 0, table = 0;
    const char *note = "";
    struct suspect *list = arena_array(a, SUSPECTS_MAX, sizeof *list);
    enum err e = list != NULL ? weigh_all(in, a, &ts) : ERR_NOMEM;
    if (e == ERR_OK)
        e = make_scan(&ts, a, &s);
    if (e != ERR_OK)
        return e;
    if (ts.excess < LEAST_EXCESS) {
        note = "too few more failures than usual to tell";
    } else {
        while (e == ERR_OK && n < SUSPECTS_MAX) {
            struct element best = best_of(&s, &ts, &table);
            double share = ((double)best.bad - best.expected) / ts.excess;
            if (best.llr <= 0 || share < least_share)
                break;
            list[n].weak = share < weak_share;
            e = suspects_describe(in, &ts.list[table], &best, share < 1 ? share : 1, a, &list[n++]);
            set_aside(ts.list, ts.count, &best);
        }
        if (n == 0)
            note = "failures rose alike wherever one looks: no provider, deployment, model, team or key stands out";
    }
    if (e == ERR_OK && ts.excess >= LEAST_EXCESS)
        e = suspects_changes(in, a, list, &n);
    if (e != ERR_OK)
        return e;
    *ret = list;
    *ret_count = n;
    *ret_note = n == 0 ? note : "";
    return ERR_OK;
}
