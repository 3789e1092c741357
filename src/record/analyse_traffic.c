/* SPDX-License-Identifier: MIT */
/* Traffic or model? Where an alarm's samples tell of whom they are (route, team, key), the day before the onset and what came since are
 * compared within these strata (analysis/strata.h): the last day that was no earlier finding's, nor before what was taken for normal. Where they do
 * not, what moved beside them is said (analyse_traffic_beside.c).
 *
 * It is asked once per alarm, so it reads the store. */
#include <math.h>

#include "record/analyse_parts.h"

static const double within_chance = 1e-5, rather_chance = 1e-3, told_share = 0.2,
                    left_share = 0.25; /* of the rise: worth a word; what may be left to chance */

static uint64_t now_samples(const struct parts_table *t)
{
    uint64_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        n += t->list[i].now_n;
    return n;
}

static void clamp(struct parts_table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        struct stratum *s = &t->list[i];
        s->base_bad = s->base_bad < s->base_n ? s->base_bad : s->base_n;
        s->now_bad = s->now_bad < s->now_n ? s->now_bad : s->now_n;
        s->usual_bad = s->usual_bad < s->usual_n ? s->usual_bad : s->usual_n;
    }
}

/* ---- saying ---- */

static const char *share_text(struct analyser *an, double share)
{
    return arena_printf(&an->scratch, "%.*f", share < 0.0995 ? 1 : 0, 100 * share);
}

const char *traffic_stratum_text(struct analyser *an, enum dim dim, uint32_t id, double was, double is, const char *of)
{
    const char *name = id == TRAFFIC_REST ? "(any of the rest)"
                       : id != 0          ? text_string(an, id)
                                          : "not told",
               *before = share_text(an, was), *now = share_text(an, is);
    return name != NULL && before != NULL && now != NULL
               ? arena_printf(&an->scratch, "%s %s %s -> %s %% of %s", dim_name(dim), name, before, now, of)
               : NULL;
}

/* By one dimension. */
struct by {
    enum dim dim;
    struct strata of;
    uint32_t most; /* id of of.most */
};

static enum err explain(struct analyser *an, const struct by *b, double part, struct traffic *ret, struct errctx *ctx)
{
    const double p = b->of.p;
    ret->word = p <= within_chance ? TRAFFIC_NOT : part >= 1 - left_share ? TRAFFIC_ALONE : TRAFFIC_UNSURE;
    ret->rather = p > rather_chance;
    ret->left.n = (uint64_t)llround(b->of.expected_n);
    ret->left.bad = (uint64_t)llround(b->of.expected * (double)ret->left.n);
    const char *moved = traffic_stratum_text(an, b->dim, b->most, b->of.was, b->of.is, "them");
    ret->text = moved == NULL                ? NULL
                : ret->word == TRAFFIC_ALONE ? arena_printf(&an->scratch, "%s; within each %s nothing %s (p %.2g)", moved, dim_name(b->dim),
                                                            ret->rather ? "changed beyond chance" : "is proved to have changed", p)
                                             : arena_printf(&an->scratch, "%.0f %% of it is other traffic: %s", 100 * fmin(part, 1), moved);
    return ret->text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
}

/* The one by which most of what changed is the mix's. What is in strata that were not there before is excused without a look at what they had, so not
 * where something changed within those of another dimension. */
static enum err explain_most(struct analyser *an, const struct by *list, size_t count, struct traffic *ret, struct errctx *ctx)
{
    double most = 0, least_p = 1;
    enum err e = ERR_OK;
    for (size_t i = 0; i < count; i++)
        least_p = fmin(least_p, list[i].of.p);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct strata *of = &list[i].of;
        const double fresh = least_p <= within_chance && of->p > within_chance ? 0 : of->fresh;
        const double part = of->excess != 0 ? (of->mix + fresh) / of->excess : 0;
        ret->p = fmax(ret->p, of->p);
        if (part <= most || part < told_share)
            continue;
        most = part;
        e = explain(an, &list[i], part, ret, ctx);
    }
    return e;
}

static enum err compare(struct analyser *an, const struct group *g, const struct parts_asked *a, struct parts_table *t, int64_t look,
                        struct traffic *ret, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const size_t each = s->share != NULL ? 4 : 2;
    const double usual = stream_rise_is_bad(g) ? s->d.base_mean : 1 - s->d.base_mean;
    const double tests = PARTS_PLACES * (double)look * (double)(look + 1); /* 1 / k (k + 1) of all k is 1 */
    struct by list[PARTS_DIMS];
    size_t count = 0;
    for (size_t i = 0; i < PARTS_PLACES; i++) {
        const struct store_result *r = &a->r[i * each];
        parts_clear(t);
        for (size_t k = 0; k < each; k++)
            parts_add(g, t, &r[k], parts_dims[i], k % 2 == 1, k >= 2);
        for (size_t k = 0; k < each / 2 && a->usual != NULL; k++)
            parts_add_usual(g, t, &a->usual[i * each / 2 + k], parts_dims[i], k == 1);
        clamp(t);
        ret->seen = now_samples(t);
        ret->has_parts = ret->has_parts || t->count > 1;
        enum err e = analyse_where(an, g, parts_dims[i], t->list, t->id, t->count, usual, tests, &ret->found, ctx);
        if (e != ERR_OK)
            return e;
        if (i < PARTS_DIMS && strata_compare(t->list, t->count, usual, &list[count].of)) {
            list[count].dim = parts_dims[i];
            list[count].most = t->id[list[count].of.most];
            count++;
        }
    }
    ret->is_split = count > 0;
    return explain_most(an, list, count, ret, ctx);
}

enum err analyse_traffic(struct analyser *an, const struct group *g, int64_t onset_ms, int64_t now_ms, int64_t look, struct traffic *ret,
                         struct errctx *ctx)
{
    struct parts_asked *a = arena_alloc(&an->scratch, sizeof *a);
    struct parts_table *t = arena_alloc(&an->scratch, sizeof *t);
    struct spans of;
    *ret = (struct traffic){.text = "", .found = {.class = ""}};
    if (a == NULL || t == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
    a->count = 0;
    enum err e = analyse_spans(an, g, onset_ms, now_ms, &of, ctx);
    if (e == ERR_OK)
        e = parts_ask_stream(an, g, a, &of, ctx);
    if (e == ERR_OK)
        e = store_read(an->st, a->q, a->count, &an->scratch, a->r, ctx);
    if (e == ERR_OK)
        e = compare(an, g, a, t, look, ret, ctx);
    if (e == ERR_OK && !ret->is_split && g->b != 0)
        e = traffic_compare_requests(an, g, &of, ret, ctx);
    return e == ERR_OK && ret->word != TRAFFIC_ALONE && g->b != 0 ? traffic_compare_length(an, g, &of, ret, ctx) : e;
}
