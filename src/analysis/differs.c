/* SPDX-License-Identifier: MIT */
#include "analysis/differs.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/stat.h"
#include "base/hash.h"

enum { PAST_WEIGHT = 50 }; /* events that the common share counts for in a leaf's own past; flat from 10 to 1,000 on RobustSpot */

/* Of two elements that explain alike, upstream comes first. */
static const enum dim order[] = {DIM_PROVIDER, DIM_REGION, DIM_DEPLOYMENT, DIM_GATEWAY, DIM_MODEL, DIM_ROUTE,
                                 DIM_STAGE,    DIM_TEAM,   DIM_KEY,        DIM_NAME,    DIM_CLASS};
enum { ORDER = sizeof order / sizeof order[0] };

double differs_expected(double n, double past_n, double past_bad, double common_share)
{
    return n * (past_bad + PAST_WEIGHT * common_share) / (past_n + PAST_WEIGHT);
}

struct slot {
    uint64_t key; /* of the values; 0 = free */
    double v, e;
    uint32_t leaves, first; /* first: a leaf that is in it */
};

struct scan {
    const struct differs_leaf *leaves;
    uint32_t *column[ORDER]; /* per leaf, the number of its value from 1, 0 = not given; NULL: the dim tells nothing apart */
    struct slot *slots;
    uint32_t *used; /* slots of the combination at hand */
    size_t count;
    uint32_t mask, used_count;
    double v, e; /* of all leaves */
    enum differs_way way;
    struct differs_element *best;
    size_t best_count, max;
};

double differs_change(double v, double e)
{
    if (e <= 0)
        return v > 0 ? INFINITY : 0;
    return (v > 0 ? v * log(v / e) : 0) - (v - e);
}

static double score_of(const struct scan *s, double v, double e)
{
    double rest_v = s->v - v, rest_e = s->e - e;
    return differs_change(v, e) - differs_change(rest_v > 0 ? rest_v : 0, rest_e > 1e-9 * s->e ? rest_e : 1e-9 * s->e);
}

/* Two values of v are one value when only rounding tells them apart. */
static bool same(double x, double y)
{
    return fabs(x - y) <= 1e-9 * (fabs(x) + fabs(y));
}

bool differs_holds(const struct differs_element *e, const uint32_t dim[DIM_COUNT])
{
    for (uint32_t i = 0; i < e->dim_count; i++)
        if (dim[e->dim[i]] != e->id[i])
            return false;
    return true;
}

static void keep(struct scan *s, const struct slot *slot, const size_t *dims, uint32_t dim_count)
{
    const struct differs_leaf *leaf = &s->leaves[slot->first];
    struct differs_element e = {
        .dim_count = dim_count, .v = slot->v, .e = slot->e, .leaves = slot->leaves, .score = score_of(s, slot->v, slot->e)};
    size_t at = s->best_count;

    bool rises = slot->v > slot->e;
    if (!(e.score > 0) || (s->way == DIFFERS_WITH_TOTAL && (s->v > s->e) != rises) || (s->way == DIFFERS_RISES && !rises))
        return;
    while (at > 0 && e.score > s->best[at - 1].score && !same(e.score, s->best[at - 1].score))
        at--;
    if (at == s->max)
        return;
    /* Fewer values were looked at first, so who holds the same leaves stands already. */
    for (size_t i = at; i > 0 && same(s->best[i - 1].score, e.score); i--)
        if (s->best[i - 1].leaves == e.leaves && differs_holds(&s->best[i - 1], leaf->dim))
            return;
    for (uint32_t i = 0; i < dim_count; i++) {
        e.dim[i] = order[dims[i]];
        e.id[i] = leaf->dim[order[dims[i]]];
    }
    s->best_count += s->best_count < s->max;
    memmove(&s->best[at + 1], &s->best[at], (s->best_count - at - 1) * sizeof e);
    s->best[at] = e;
}

/* Adds the leaves up by one combination of dims and keeps what is good of it. */
static void look(struct scan *s, const size_t *dims, uint32_t dim_count)
{
    for (size_t i = 0; i < s->count; i++) {
        uint64_t key = 0;
        for (uint32_t d = 0; d < dim_count; d++) {
            uint32_t value = s->column[dims[d]][i];
            key = value == 0 || (d > 0 && key == 0) ? 0 : key << 20 | value;
        }
        if (key == 0)
            continue;
        uint32_t at = (uint32_t)(hash_u64(key, 0) & s->mask);
        while (s->slots[at].key != 0 && s->slots[at].key != key)
            at = (at + 1) & s->mask;
        struct slot *slot = &s->slots[at];
        if (slot->key == 0) {
            *slot = (struct slot){.key = key, .first = (uint32_t)i};
            s->used[s->used_count++] = at;
        }
        slot->v += s->leaves[i].v;
        slot->e += s->leaves[i].e;
        slot->leaves++;
    }
    for (uint32_t i = 0; i < s->used_count; i++) {
        keep(s, &s->slots[s->used[i]], dims, dim_count);
        s->slots[s->used[i]].key = 0;
    }
    s->used_count = 0;
}

/* Numbers the values of a dim; a dim with a single value for all explains nothing. */
static enum err number_values(struct scan *s, size_t o, struct arena *a)
{
    uint32_t *column = arena_array(a, s->count, sizeof *column), values = 0;
    bool missing = false;

    if (column == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->count; i++) {
        uint32_t id = s->leaves[i].dim[order[o]];
        missing = missing || id == 0;
        if (id == 0)
            continue;
        uint32_t at = (uint32_t)(hash_u64(id, 0) & s->mask);
        while (s->slots[at].key != 0 && s->slots[at].key != id)
            at = (at + 1) & s->mask;
        if (s->slots[at].key == 0) {
            s->slots[at] = (struct slot){.key = id, .leaves = ++values};
            s->used[s->used_count++] = at;
        }
        column[i] = s->slots[at].leaves;
    }
    for (uint32_t i = 0; i < s->used_count; i++)
        s->slots[s->used[i]].key = 0;
    s->used_count = 0;
    s->column[o] = values > 1 || (values == 1 && missing) ? column : NULL;
    return ERR_OK;
}

static void look_at_all(struct scan *s)
{
    for (uint32_t depth = 1; depth <= DIFFERS_DEPTH; depth++) {
        size_t d[DIFFERS_DEPTH];
        for (d[0] = 0; d[0] < ORDER; d[0]++) {
            if (s->column[d[0]] == NULL)
                continue;
            if (depth == 1)
                look(s, d, 1);
            for (d[1] = d[0] + 1; depth > 1 && d[1] < ORDER; d[1]++) {
                if (s->column[d[1]] == NULL)
                    continue;
                if (depth == 2)
                    look(s, d, 2);
                for (d[2] = d[1] + 1; depth > 2 && d[2] < ORDER; d[2]++)
                    if (s->column[d[2]] != NULL)
                        look(s, d, 3);
            }
        }
    }
}

enum err differs_rank(const struct differs_leaf *leaves, size_t count, uint32_t dims, enum differs_way way, size_t max, struct arena *a,
                      struct differs_element **ret, size_t *ret_count)
{
    struct scan s = {.leaves = leaves, .count = count, .way = way, .max = max};
    uint32_t slots = 16;

    assert(max <= DIFFERS_ROWS_MAX);
    if (count > DIFFERS_LEAVES_MAX)
        return ERR_LIMIT;
    while (slots < 2 * count)
        slots *= 2;
    s.mask = slots - 1;
    s.slots = arena_array(a, slots, sizeof *s.slots);
    s.used = arena_array(a, slots, sizeof *s.used);
    s.best = arena_array(a, max + 1, sizeof *s.best);
    if (s.slots == NULL || s.used == NULL || s.best == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        s.v += leaves[i].v;
        s.e += leaves[i].e;
    }
    for (size_t o = 0; o < ORDER; o++) {
        enum err e = (dims & DIM_BIT(order[o])) != 0 ? number_values(&s, o, a) : ERR_OK;
        if (e != ERR_OK)
            return e;
    }
    look_at_all(&s);
    *ret = s.best;
    *ret_count = s.best_count;
    return ERR_OK;
}

/* ---- standing out of the rest ---- */

static double log_part(double v, double expected)
{
    return v > 0 ? v * log(v / expected) : 0;
}

/* common: what the rest's change makes of the part; pooled: what that of all does. */
static struct differs_contrast contrast_with(double v, double all, double common, double pooled)
{
    struct differs_contrast c = {.own = v - common, .ratio = v / common};
    c.nats = pooled > 0 && pooled < all ? fmax(0, log_part(v, pooled) + log_part(all - v, all - pooled)) : 0;
    return c;
}

/* What of events that were not expected to fail does so all the same. */
static double more_share(double n, double v, double e)
{
    return n > e ? fmin(fmax(0, (v - e) / (n - e)), 1) : 0;
}

struct differs_contrast differs_contrast_of(const struct differs_part *part, const struct differs_part *all)
{
    const struct differs_part rest = {.n = all->n - part->n, .v = fmax(0, all->v - part->v), .e = all->e - part->e};
    if (!(rest.e > 1e-9 * all->e) || !(part->e > 0))
        return (struct differs_contrast){.ratio = (double)NAN};
    const struct differs_contrast by_factor = contrast_with(part->v, all->v, part->e * rest.v / rest.e, part->e * all->v / all->e);
    if (isnan(all->n))
        return by_factor;
    const double rest_share = more_share(rest.n, rest.v, rest.e), share = more_share(all->n, all->v, all->e);
    const double pooled = part->e + (part->n - part->e) * share, pooled_rest = rest.e + (rest.n - rest.e) * share;
    struct differs_contrast by_share =
        contrast_with(part->v, all->v, part->e + (part->n - part->e) * rest_share, all->v * pooled / (pooled + pooled_rest));
    if ((by_factor.ratio > 1) != (by_share.ratio > 1))
        by_share.nats = 0;
    return by_share.nats < by_factor.nats ? by_share : by_factor;
}

bool differs_is_no_better(const struct differs_part *a, const struct differs_part *than)
{
    static const double like_chance = 0.01;
    return stat_binom_tail((uint64_t)(a->v + than->v), than->n / (a->n + than->n), (uint64_t)than->v) > like_chance;
}

const char *differs_none_text(struct arena *a, uint32_t dims)
{
    const char *text = "", *last = NULL;
    for (size_t o = 0; o < ORDER && text != NULL; o++) {
        if ((dims & DIM_BIT(order[o])) == 0)
            continue;
        if (last != NULL)
            text = arena_printf(a, "%s%s%ss", text, text[0] != '\0' ? ", " : "", last);
        last = dim_name(order[o]);
    }
    if (last == NULL)
        return "nothing stands out: no part of the traffic is told from another";
    return text != NULL ? arena_printf(a, "nothing stands out: all %s%s%ss alike", text, text[0] != '\0' ? " and " : "", last) : NULL;
}
