/* SPDX-License-Identifier: MIT */
#include "analysis/suspects.h"

#include <math.h>
#include <string.h>

#include "analysis/suspects_int.h"

enum {
    LIKE_SCORE = 4,          /* nats that one must have which is like one that is named, and ... */
    LIKE_CONTRAST = 2,       /* ... by which it stands out of the others */
    ROUNDS_MAX = 8,          /* causes that are set aside, named or not */
    SCRATCH_BYTES = 64 << 20 /* of one ranking at SUSPECT_CELLS_MAX cells */
};
static const double least_share = 0.05, weak_share = 0.5;
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
    *ret = (struct weighed_table){.list = list, .count = t->count, .dims = t->dims};
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

/* An element's failures, of its cells that are set aside or of those that are not. */
static struct differs_part part_of(const struct weighed_table *t, const struct differs_element *e, bool removed)
{
    struct differs_part p = {.v = e->v, .e = e->e};
    for (size_t i = 0; i < t->count; i++)
        p.n += t->list[i].removed == removed && differs_holds(e, t->list[i].cell->dim) ? (double)t->list[i].cell->n : 0;
    return p;
}

static bool is_of_kind(const struct differs_element *a, const struct differs_element *b)
{
    return a->dim_count == b->dim_count && memcmp(a->dim, b->dim, a->dim_count * sizeof *a->dim) == 0;
}

/* Whether an element is of the same kind as one that is named, and fails less often by no more than luck brings about once in a hundred
 * times. */
static bool is_like(const struct weighed_table *t, const struct differs_element *x, const struct differs_element *named)
{
    const struct differs_part a = part_of(t, x, false), b = part_of(t, named, true);
    return is_of_kind(x, named) && a.n > 0 && differs_is_no_better(&a, &b);
}

/* like: what is named of its like, NULL = it has to stand out on its own. */
static bool stands_out(const struct weighed_table *t, const struct differs_element *x, const struct differs_part *all,
                       const struct differs_element *like)
{
    const struct differs_part part = part_of(t, x, false);
    const struct differs_contrast apart = differs_contrast_of(&part, all);
    if (!(apart.ratio > 1))
        return false;
    if (like != NULL)
        return x->score >= LIKE_SCORE && apart.nats >= LIKE_CONTRAST && is_like(t, x, like);
    return x->score >= DIFFERS_LEAST_SCORE && x->v - x->e >= DIFFERS_LEAST_EVENTS && apart.nats >= DIFFERS_LEAST_CONTRAST &&
           apart.own >= least_share * (all->v - all->e);
}

/* The best element of a table that stands out; score 0: none does. */
static enum err best_in(const struct weighed_table *t, const struct differs_element *like, struct arena *scratch,
                        struct differs_element *ret)
{
    struct differs_leaf *leaves = arena_array(scratch, t->count + 1, sizeof *leaves);
    struct differs_element *list;
    size_t count = 0, left = 0;
    struct differs_part all = {.n = 0};

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
        all.n += (double)w->cell->n;
        all.v += leaf->v;
        all.e += leaf->e;
    }
    enum err e = differs_rank(leaves, left, t->dims, DIFFERS_RISES, DIFFERS_ROWS_MAX, scratch, &list, &count);
    for (size_t i = 0; e == ERR_OK && i < count && ret->score <= 0; i++)
        if (stands_out(t, &list[i], &all, like))
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

/* Says of those who are named who of them is alike. */
static enum err tell_alike(const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const char *others = "";
        for (size_t k = 0; k < f->count; k++) {
            const struct finding *a = &f->named[i], *b = &f->named[k];
            if (i == k || a->table != b->table || !is_of_kind(&a->e, &b->e))
                continue;
            const struct differs_part x = part_of(&f->ts->list[a->table], &a->e, true), y = part_of(&f->ts->list[b->table], &b->e, true);
            if (!differs_is_no_better(&x, &y) || !differs_is_no_better(&y, &x))
                continue;
            others = arena_printf(f->a, "%s%s%s", others, others[0] != '\0' ? " and " : "", f->list[k].title);
            if (others == NULL)
                return ERR_NOMEM;
        }
        if (others[0] != '\0')
            f->list[i].reason = arena_printf(f->a, "%s; alike: %s", f->list[i].reason, others);
        if (f->list[i].reason == NULL)
            return ERR_NOMEM;
    }
    return ERR_OK;
}

enum err suspects_rank(const struct suspects_input *in, struct arena *a, struct suspect **ret, size_t *ret_count, const char **ret_note)
{
    struct tables ts = {.count = in->table_count};
    struct arena scratch;
    size_t n = 0;
    double excess = 0;
    const char *note = "";
    struct suspect *list = arena_array(a, SUSPECTS_MAX, sizeof *list);
    enum err e = list != NULL ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < ts.count; i++) {
        e = in->table[i].count > SUSPECT_CELLS_MAX ? ERR_LIMIT : weigh(&in->table[i], a, &ts.list[i]);
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
        if (e == ERR_OK)
            e = tell_alike(&f);
        n = f.count;
        arena_fini(&scratch);
        note = n > 0 ? "" : suspects_none(in->strings, ts.list, ts.count, a);
        if (e == ERR_OK && note == NULL)
            e = ERR_NOMEM;
        if (e == ERR_OK)
            e = suspects_changes(in, a, list, &n);
    }
    if (e == ERR_OK && n == 0 && in->owner_id != 0) {
        e = suspects_owner(in, a, &list[n++]);
        note = "";
    }
    if (e != ERR_OK)
        return e;
    *ret = list;
    *ret_count = n;
    *ret_note = note;
    return ERR_OK;
}
