/* SPDX-License-Identifier: MIT */
#include "analysis/suspects.h"

#include <math.h>
#include <string.h>

#include "analysis/stat.h"
#include "analysis/suspects_int.h"

enum {
    LEAST_CONTRAST = 5,      /* nats by which a value must stand out of the others, were all raised alike */
    LIKE_SCORE = 4,          /* nats that one must have which is like one that is named, and ... */
    LIKE_CONTRAST = 2,       /* ... by which it stands out of the others */
    ROUNDS_MAX = 8,          /* causes that are set aside, named or not */
    SCRATCH_BYTES = 64 << 20 /* of one ranking at SUSPECT_CELLS_MAX cells */
};
static const double least_share = 0.05, weak_share = 0.5, like_chance = 0.01;
static const double no_past_share =
    0.01; /* of failures taken for usual where nothing before was seen: more is worth a look at who stands out */

static uint64_t bad_of(const struct suspect_cell *c)
{
    uint64_t bad = 0;
    for (int o = 0; o < OUTCOME_COUNT; o++)
        bad += outcome_is_bad((enum outcome)o) ? c->by_class[o] : 0;
    return bad;
}

static enum err weigh(const struct suspect_table *t, struct arena *a, struct weighed_table *ret)
{
    double past_n = 1, past_bad = 0;
    struct weighed *list = arena_array(a, t->count + 1, sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->count; i++) {
        past_n += (double)t->cells[i].past_n;
        past_bad += (double)t->cells[i].past_bad;
    }
    past_bad += past_n > 1 ? 0.5 : no_past_share;
    *ret = (struct weighed_table){.list = list, .count = t->count, .dims = t->dims, .has_past = past_n > 1};
    for (size_t i = 0; i < t->count; i++) {
        const struct suspect_cell *c = &t->cells[i];
        double expected = differs_expected((double)c->n, (double)c->past_n, (double)c->past_bad, past_bad / past_n);
        list[i] = (struct weighed){.cell = c, .bad = bad_of(c), .expected = expected};
        ret->asked_excess += c->asked ? (double)list[i].bad - expected : 0;
        ret->knows_asked = ret->knows_asked || c->asked;
    }
    return ERR_OK;
}

/* ---- the best of what is left ---- */

struct tables {
    struct weighed_table list[SUSPECT_TABLES_MAX];
    size_t count;
};

/* How much better two rates, inside and outside, explain the failures than one common rise: what is left to say when everything rose. */
static double contrast(const struct differs_element *e, double bad, double expected)
{
    double scale = bad / expected, inside = e->e * scale, outside = (expected - e->e) * scale;
    double rest = bad - e->v, llr = e->v > 0 ? e->v * log(e->v / inside) : 0;
    if (e->v <= inside)
        return 0;
    return rest > 0 && outside > 0 ? llr + rest * log(rest / outside) : outside > 1e-9 ? llr : 0;
}

static double requests_of(const struct weighed_table *t, const struct differs_element *e)
{
    double n = 0;
    for (size_t i = 0; i < t->count; i++)
        n += differs_holds(e, t->list[i].cell->dim) ? (double)t->list[i].cell->n : 0;
    return n;
}

/* Whether an element is of the same kind as one that is named, and fails less often by no more than luck brings about once in a hundred times. */
static bool is_like(const struct weighed_table *t, const struct differs_element *x, const struct differs_element *named)
{
    double n = requests_of(t, x), named_n = requests_of(t, named);
    return x->dim_count == named->dim_count && memcmp(x->dim, named->dim, x->dim_count * sizeof *x->dim) == 0 && n > 0 &&
           stat_binom_tail((uint64_t)(x->v + named->v), named_n / (n + named_n), (uint64_t)named->v) > like_chance;
}

/* like: what is named of its like, NULL = it has to stand out on its own. */
static bool stands_out(const struct weighed_table *t, const struct differs_element *x, double bad, double expected,
                       const struct differs_element *like)
{
    double apart = contrast(x, bad, expected);
    if (like != NULL)
        return x->score >= LIKE_SCORE && apart >= LIKE_CONTRAST && is_like(t, x, like);
    return x->score >= DIFFERS_LEAST_SCORE && x->v - x->e >= DIFFERS_LEAST_EVENTS && apart >= LEAST_CONTRAST;
}

/* The best element of a table that stands out; score 0: none does. */
static enum err best_in(const struct weighed_table *t, const struct differs_element *like, struct arena *scratch,
                        struct differs_element *ret)
{
    struct differs_leaf *leaves = arena_array(scratch, t->count + 1, sizeof *leaves);
    struct differs_element *list;
    size_t count = 0, left = 0;
    double bad = 0, expected = 0;

    *ret = (struct differs_element){.score = 0};
    if (leaves == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->count; i++) {
        const struct weighed *w = &t->list[i];
        if (w->removed)
            continue;
        struct differs_leaf *leaf = &leaves[left++];
        memcpy(leaf->dim, w->cell->dim, sizeof leaf->dim);
        leaf->v = (double)w->bad;
        leaf->e = w->expected;
        bad += leaf->v;
        expected += leaf->e;
    }
    enum err e = differs_rank(leaves, left, t->dims, DIFFERS_RISES, DIFFERS_ROWS_MAX, scratch, &list, &count);
    for (size_t i = 0; e == ERR_OK && i < count && ret->score <= 0; i++)
        if (stands_out(t, &list[i], bad, expected, like))
            *ret = list[i];
    return e;
}

/* The best element of all tables; *ret_table is the one that it was found in. */
static enum err best_of(const struct tables *ts, struct arena *scratch, struct differs_element *ret, size_t *ret_table)
{
    struct differs_element best = {.score = 0}, one;
    for (size_t i = 0; i < ts->count; i++) {
        arena_reset(scratch);
        enum err e = best_in(&ts->list[i], NULL, scratch, &one);
        if (e != ERR_OK)
            return e;
        if (one.score > best.score * (1 + 1e-9)) {
            best = one;
            *ret_table = i;
        }
    }
    *ret = best;
    return ERR_OK;
}

/* ---- setting aside ---- */

/* The failing combinations of the values that two tables both know, inside an element of the first. */
struct projection {
    const struct suspect_cell **list;
    size_t count;
    uint32_t dims;
};

/* A value that was not given may be any. */
static bool agree(const struct suspect_cell *x, const struct suspect_cell *y, uint32_t dims)
{
    for (int d = 0; d < DIM_COUNT; d++)
        if ((dims & DIM_BIT(d)) != 0 && x->dim[d] != 0 && y->dim[d] != 0 && x->dim[d] != y->dim[d])
            return false;
    return true;
}

static bool in_projection(const struct projection *p, const struct suspect_cell *c)
{
    for (size_t i = 0; i < p->count; i++)
        if (agree(p->list[i], c, p->dims))
            return true;
    return false;
}

static enum err project(const struct weighed_table *from, const struct differs_element *e, uint32_t dims, struct arena *scratch,
                        struct projection *ret)
{
    *ret = (struct projection){.list = arena_array(scratch, from->count + 1, sizeof *ret->list), .dims = dims};
    if (ret->list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < from->count; i++) {
        const struct weighed *w = &from->list[i];
        if (w->bad > 0 && !w->removed && differs_holds(e, w->cell->dim) && !in_projection(ret, w->cell))
            ret->list[ret->count++] = w->cell;
    }
    return ERR_OK;
}

/* Sets aside what the element of table `at` explains: its own cells there, and in the others, which see the same failures from another
 * side, what may be the same. ret_explained: the share of the failures asked about that it holds, by its own table if that can tell,
 * else by the one that sees most. */
static enum err set_aside(struct tables *ts, size_t at, const struct differs_element *e, struct arena *scratch, double *ret_explained)
{
    size_t judge = at;
    struct projection p = {.count = 0};

    for (size_t t = 0; t < ts->count; t++)
        if (!ts->list[at].knows_asked && ts->list[t].asked_excess > ts->list[judge].asked_excess)
            judge = t;
    *ret_explained = 0;
    arena_reset(scratch);
    for (size_t k = 0; k < ts->count; k++) {
        size_t t = (at + 1 + k) % ts->count; /* its own last: the projections are of what it holds */
        struct weighed_table *table = &ts->list[t];
        enum err err = t == at ? ERR_OK : project(&ts->list[at], e, table->dims & ts->list[at].dims, scratch, &p);
        double explained = 0;
        if (err != ERR_OK)
            return err;
        for (size_t i = 0; i < table->count; i++) {
            struct weighed *w = &table->list[i];
            if (w->removed || (t == at ? !differs_holds(e, w->cell->dim) : !in_projection(&p, w->cell)))
                continue;
            w->removed = true;
            explained += w->cell->asked ? (double)w->bad - w->expected : 0;
        }
        if (t == judge && table->asked_excess > 0)
            *ret_explained = explained / table->asked_excess;
    }
    return ERR_OK;
}

struct finding {
    struct differs_element e;
    size_t table; /* in which it was found */
};

struct findings {
    const struct suspects_input *in;
    struct tables *ts;
    struct arena *a, *scratch;
    struct suspect *list;
    struct finding named[SUSPECTS_MAX]; /* list[i] */
    size_t count;
};

/* Sets it aside and, if it holds enough of what is asked about, names it. */
static enum err take(struct findings *f, const struct differs_element *x, size_t table)
{
    double share;
    struct suspect *s = &f->list[f->count];
    enum err e = set_aside(f->ts, table, x, f->scratch, &share);
    if (e != ERR_OK || share < least_share)
        return e;
    s->weak = share < weak_share;
    f->named[f->count] = (struct finding){.e = *x, .table = table};
    e = suspects_describe(f->in, &f->ts->list[table], x, share < 1 ? share : 1, f->a, s);
    f->count += e == ERR_OK;
    return e;
}

/* Those that stand out, and then those of whom nothing but luck says that they do not when their like does. */
static enum err find_all(struct findings *f)
{
    struct differs_element best = {.score = 1};
    size_t table = 0;
    enum err e = ERR_OK;
    for (int round = 0; e == ERR_OK && best.score > 0 && round < ROUNDS_MAX && f->count < SUSPECTS_MAX; round++) {
        e = best_of(f->ts, f->scratch, &best, &table);
        if (e == ERR_OK && best.score > 0)
            e = take(f, &best, table);
    }
    for (size_t i = 0; e == ERR_OK && i < f->count && f->count < SUSPECTS_MAX;) {
        const struct finding *like = &f->named[i];
        arena_reset(f->scratch);
        e = best_in(&f->ts->list[like->table], &like->e, f->scratch, &best);
        if (e == ERR_OK && best.score > 0)
            e = take(f, &best, like->table);
        else
            i++;
    }
    return e;
}

enum err suspects_rank(const struct suspects_input *in, struct arena *a, struct suspect **ret, size_t *ret_count, const char **ret_note)
{
    struct tables ts = {.count = in->table_count};
    struct arena scratch;
    size_t n = 0;
    double excess = 0;
    bool has_past = false;
    const char *note = "";
    struct suspect *list = arena_array(a, SUSPECTS_MAX, sizeof *list);
    enum err e = list != NULL ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < ts.count; i++) {
        e = in->table[i].count > SUSPECT_CELLS_MAX ? ERR_LIMIT : weigh(&in->table[i], a, &ts.list[i]);
        has_past = has_past || (e == ERR_OK && ts.list[i].has_past);
        if (e == ERR_OK && ts.list[i].asked_excess > excess)
            excess = ts.list[i].asked_excess;
    }
    if (e != ERR_OK)
        return e;
    if (excess < DIFFERS_LEAST_EVENTS) {
        note = "too few more failures than usual to tell";
    } else {
        arena_init(&scratch, SCRATCH_BYTES);
        struct findings f = {.in = in, .ts = &ts, .a = a, .scratch = &scratch, .list = list};
        e = find_all(&f);
        n = f.count;
        arena_fini(&scratch);
        note = n > 0       ? ""
               : !has_past ? "everything fails alike: no part stands out"
                           : "failures rose alike wherever one looks: no provider, deployment, model, team or key stands out";
        if (e == ERR_OK)
            e = suspects_changes(in, a, list, &n);
    }
    if (e != ERR_OK)
        return e;
    *ret = list;
    *ret_count = n;
    *ret_note = note;
    return ERR_OK;
}
