/* SPDX-License-Identifier: MIT */
/* Traffic or model? Where an alarm's samples tell of whom they are (route, team, key), the day before the onset and what came since are
 * compared within these strata (analysis/strata.h): the last day that was no earlier finding's, nor before what was taken for normal. Where
 * they do not, what moved beside them is said (analyse_traffic_beside.c).
 *
 * It is asked once per alarm, so it reads the store. */
#include <math.h>

#include "record/analyse_parts.h"

static const double within_chance = 1e-5, rather_chance = 1e-3, told_share = 0.2, left_share = 0.25,
                    most_share = 0.5; /* of the rise: worth a word; what may be left to chance; most of it */

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

/* Whether so few samples of a share would be a baseline that watches nothing. */
static bool is_thin(const struct group *g, const struct daycount *c)
{
    const struct edetect_count left = {.n = c->n, .sum = daycount_bad(c)};
    return edetect_lacks_of((enum edetect_kind)((const struct stream *)g->own)->d.kind, &left) > 0;
}

/* How much of a change is other traffic by one dimension, and whether that is all there is to it. What is in strata that were not there
 * before is excused without a look at what they had. So it counts where what is known by the same dimension would show the change, and
 * neither that nor any other dimension does; where another proves one it counts for nothing, and until either is known it cannot be
 * told. */
struct share_of_it {
    double part;
    enum traffic_word word;
    bool mostly; /* it is most of the change, and none is near to being shown within its parts */
};

static struct share_of_it share_of(const struct strata *of, double least_p)
{
    const bool denied = least_p <= within_chance && of->p > within_chance, believed = of->would_show && least_p > rather_chance;
    const double mix = of->excess != 0 ? of->mix / of->excess : 0, fresh = of->excess != 0 && !denied ? of->fresh / of->excess : 0;
    struct share_of_it s = {.part = mix + fresh, .word = TRAFFIC_UNSURE};
    s.mostly = (believed ? s.part : mix) >= most_share && of->p > rather_chance;
    if (of->p <= within_chance || s.part < told_share)
        s.word = TRAFFIC_NOT;
    else if ((believed ? s.part : mix) >= 1 - left_share)
        s.word = TRAFFIC_ALONE;
    return s;
}

static enum err explain(struct analyser *an, const struct group *g, const struct by *b, const struct share_of_it *s, struct traffic *ret,
                        struct errctx *ctx)
{
    const double p = b->of.p, n = b->of.expected_n, percent = 100 * fmin(s->part, 1);
    const char *moved = traffic_stratum_text(an, b->dim, b->most, b->of.was, b->of.is, "them");
    ret->left = daycount_of((uint64_t)llround(n), b->of.expected * floor(n), 0);
    ret->word = s->word == TRAFFIC_ALONE && is_thin(g, &ret->left) ? TRAFFIC_UNSURE : s->word;
    ret->mostly = s->mostly;
    ret->text =
        moved == NULL                ? NULL
        : ret->word == TRAFFIC_ALONE ? arena_printf(&an->scratch, "%s; within each %s nothing %s (p %.2g)", moved, dim_name(b->dim),
                                                    p > rather_chance ? "changed beyond chance" : "is proved to have changed", p)
        : ret->word == TRAFFIC_UNSURE && ret->mostly
            ? arena_printf(&an->scratch, "%.0f %% of it is other traffic: %s; within each %s nothing is proved to have changed (p %.2g)",
                           percent, moved, dim_name(b->dim), p)
        : ret->word == TRAFFIC_UNSURE
            ? arena_printf(&an->scratch, "%.0f %% of it may be other traffic: %s, and there are too few samples to tell", percent, moved)
            : arena_printf(&an->scratch, "%.0f %% of it is other traffic: %s", percent, moved);
    return ret->text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
}

/* The one that explains all of it, else the one by which most of it is other traffic. */
static enum err explain_most(struct analyser *an, const struct group *g, const struct by *list, size_t count, struct traffic *ret,
                             struct errctx *ctx)
{
    struct share_of_it most = {.part = 0, .word = TRAFFIC_NOT};
    double least_p = 1;
    size_t at = count;
    for (size_t i = 0; i < count; i++)
        least_p = fmin(least_p, list[i].of.p);
    for (size_t i = 0; i < count; i++) {
        const struct share_of_it s = share_of(&list[i].of, least_p);
        const bool is_all = s.word == TRAFFIC_ALONE, was_all = most.word == TRAFFIC_ALONE;
        if (list[i].of.would_show) {
            ret->p = fmax(ret->p, list[i].of.p);
            ret->is_told = true;
        }
        if (s.part < told_share || (is_all == was_all ? s.part <= most.part : was_all))
            continue;
        most = s;
        at = i;
    }
    return at < count ? explain(an, g, &list[at], &most, ret, ctx) : ERR_OK;
}

static enum err compare(struct analyser *an, const struct group *g, const struct parts_asked *a, struct parts_table *t, int64_t look,
                        struct traffic *ret, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const size_t each = s->share != NULL ? 4 : 2;
    const double mean = stream_rise_is_bad(g) ? s->d.base_mean : 1 - s->d.base_mean,
                 usual = isnan(mean) ? g->was : mean;                      /* of a state that was lost, as its finding tells */
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
    return explain_most(an, g, list, count, ret, ctx);
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
