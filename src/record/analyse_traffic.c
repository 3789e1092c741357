/* SPDX-License-Identifier: MIT */
/* Traffic or model? Where an alarm's samples tell of whom they are (route, team, key), the day before the onset and what came since are
 * compared within these strata (analysis/strata.h): the last day that was no earlier finding's, nor before what was taken for normal. Where they do not, that the requests' own mix or length moved is said beside the finding:
 * it may be the reason, and nothing can tell.
 *
 * It is asked once per alarm, so it reads the store. */
#include <math.h>
#include <string.h>

#include "analysis/divergence.h"
#include "record/analyse_stream.h"

enum { STRATA_MAX = 4096 };
/* Whose traffic it is, and after that where the gateway sent it: no other traffic, but a place where a drift may be. */
static const enum dim dims[] = {DIM_ROUTE, DIM_TEAM, DIM_KEY, DIM_DEPLOYMENT};
enum { PLACES = sizeof dims / sizeof dims[0], DIMS = PLACES - 1 };
static const double within_chance = 1e-5, rather_chance = 1e-3, told_share = 0.2,
                    left_share = 0.25; /* of the rise: worth a word; what may be left to chance */
static const double moved_chance = 1e-6, moved_share = 0.10, moved_length = 1.25;

/* Classes of a signal's series but one; ids of a store that knows no class of that name match nothing. */
static enum err all_but(struct analyser *an, enum signal signal, const char *class, struct store_filter *ret, struct errctx *ctx)
{
    const struct intern *strings = store_strings(an->st);
    const size_t count = store_series_count(an->st);
    uint32_t n = 0, but = UINT32_MAX, *ids = arena_array(&an->scratch, STRATA_MAX, sizeof *ids);
    if (ids == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading answers");
    (void)intern_find(strings, str_of(class), &but);
    for (size_t i = 0; i < count && n < STRATA_MAX; i++) {
        const struct series *s = store_series_at(an->st, i);
        uint32_t k = 0;
        if (s->signal != signal || s->dim[DIM_CLASS] == but)
            continue;
        while (k < n && ids[k] != s->dim[DIM_CLASS])
            k++;
        if (k == n)
            ids[n++] = s->dim[DIM_CLASS];
    }
    ret->dim[DIM_CLASS].ids = ids;
    ret->dim[DIM_CLASS].count = n;
    return ERR_OK;
}

static enum err only(struct analyser *an, enum dim dim, uint32_t id, struct store_filter *f, struct errctx *ctx)
{
    uint32_t *one = arena_alloc(&an->scratch, sizeof *one);
    if (one == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading answers");
    *one = id;
    f->dim[dim].ids = one;
    f->dim[dim].count = 1;
    return ERR_OK;
}

enum err analyse_share_filters(struct analyser *an, const struct answer_share *share, struct store_filter *ret_whole,
                               struct store_filter *ret_bad, struct errctx *ctx)
{
    uint32_t class = UINT32_MAX;
    enum err e = share->not_of_whole != NULL ? all_but(an, share->whole, share->not_of_whole, ret_whole, ctx) : ERR_OK;
    if (e != ERR_OK || share->bad_class == NULL)
        return e;
    (void)intern_find(store_strings(an->st), str_of(share->bad_class), &class);
    return only(an, DIM_CLASS, class, ret_bad, ctx);
}

/* ---- reading ---- */

/* One query per dimension and window: the whole of a stream, or its bad ones; and of the whole one more, in the usual share's time. */
struct asked {
    struct store_query q[5 * PLACES];
    struct store_result r[5 * PLACES];
    size_t count;
    const struct store_result *usual; /* by dimension; NULL: as before */
};

static void ask_one(struct asked *a, enum signal signal, const struct store_filter *f, enum dim dim, const struct span *of)
{
    a->q[a->count++] = (struct store_query){.signal = signal,
                                            .filter = *f,
                                            .group_by = DIM_BIT(dim),
                                            .t0_ms = of->t0_ms,
                                            .step_ms = of->t1_ms > of->t0_ms ? of->t1_ms - of->t0_ms : 1,
                                            .columns = 1};
}

static void ask(struct asked *a, enum signal signal, const struct store_filter *f, enum dim dim, const struct spans *of)
{
    ask_one(a, signal, f, dim, &of->base);
    ask_one(a, signal, f, dim, &of->now);
}

static enum err filter_of(struct analyser *an, enum signal signal, uint32_t model, struct store_filter *f, struct errctx *ctx)
{
    enum err e = analyse_allowed(an, signal, &f->sources, &f->source_count, ctx);
    return e == ERR_OK ? only(an, DIM_MODEL, model, f, ctx) : e; /* 0: those of no model alone, as the stream */
}

/* Asks for what a stream is of, by each dimension: of a score two results, of a share of answers four; and after them the usual ones. */
static enum err ask_stream(struct analyser *an, const struct group *g, struct asked *a, const struct spans *of, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const enum signal whole = s->share != NULL ? s->share->whole : SIG_EVAL, bad = s->share != NULL ? s->share->bad : SIG_COUNT;
    struct store_filter of_whole = {.source_count = 0}, of_bad = {.source_count = 0};
    enum err e = filter_of(an, whole, g->b, &of_whole, ctx);
    if (e == ERR_OK && bad != SIG_COUNT)
        e = filter_of(an, bad, g->b, &of_bad, ctx);
    if (e == ERR_OK && s->share != NULL)
        e = analyse_share_filters(an, s->share, &of_whole, &of_bad, ctx);
    if (e == ERR_OK && (s->share == NULL || s->share->by_name))
        e = only(an, DIM_NAME, s->name, &of_whole, ctx);
    if (e == ERR_OK && s->share != NULL && s->share->by_name)
        e = only(an, DIM_NAME, s->name, &of_bad, ctx);
    if (e == ERR_OK && s->share == NULL)
        e = only(an, DIM_JUDGE, s->judge, &of_whole, ctx);
    for (size_t i = 0; e == ERR_OK && i < PLACES; i++) {
        ask(a, whole, &of_whole, dims[i], of);
        if (bad != SIG_COUNT)
            ask(a, bad, &of_bad, dims[i], of);
    }
    a->usual = of->usual.t1_ms > of->usual.t0_ms ? &a->r[a->count] : NULL;
    for (size_t i = 0; e == ERR_OK && i < PLACES && a->usual != NULL; i++)
        ask_one(a, whole, &of_whole, dims[i], &of->usual);
    return e;
}

/* A table by the values of one dimension; of more than it holds the rest is one stratum, that is nobody's. */
enum { SLOTS = 4 * STRATA_MAX };
struct table {
    uint32_t id[STRATA_MAX];
    struct stratum list[STRATA_MAX];
    size_t count;
    uint16_t slots[SLOTS]; /* place in the list and one, 0 = free */
};

static void clear(struct table *t)
{
    memset(t->slots, 0, sizeof t->slots);
    t->count = 0;
}

static struct stratum *row(struct table *t, uint32_t id)
{
    size_t slot = id * UINT32_C(2654435761) % SLOTS;
    while (t->slots[slot] != 0 && t->id[t->slots[slot] - 1] != id)
        slot = (slot + 1) % SLOTS;
    if (t->slots[slot] != 0)
        return &t->list[t->slots[slot] - 1];
    const bool is_rest = t->count >= STRATA_MAX - 1;
    const size_t at = is_rest ? STRATA_MAX - 1 : t->count;
    if (t->count < STRATA_MAX) {
        t->id[at] = is_rest ? TRAFFIC_REST : id;
        t->list[at] = (struct stratum){.base_n = 0};
        t->count++;
    }
    if (!is_rest)
        t->slots[slot] = (uint16_t)(at + 1);
    return &t->list[at];
}

/* How many, and how many of them are bad; of scores what they lack of the best. */
static void count_cell(const struct group *g, const struct store_cell *cell, uint64_t *ret_n, uint64_t *ret_bad)
{
    const struct stream *s = g->own;
    if (s->share != NULL) {
        *ret_n = cell->sum > 0 ? (uint64_t)cell->sum : 0;
        *ret_bad = 0;
        return;
    }
    const double n = (double)cell->score_n, sum = unit_from_fixed(UNIT_RATIO, cell->sum);
    const double bad = !s->is_score ? (double)cell->score_bad : stream_high_is_good(g) ? n - sum : sum;
    *ret_n = n > 0 ? (uint64_t)n : 0;
    *ret_bad = (uint64_t)llround(fmin(fmax(0, bad), fmax(0, n)));
}

static void add_usual(const struct group *g, struct table *t, const struct store_result *r, enum dim dim)
{
    for (size_t i = 0; i < r->count; i++) {
        uint64_t n, bad;
        count_cell(g, &r->groups[i].cells[0], &n, &bad);
        if (n > 0)
            row(t, r->groups[i].dim[dim])->usual_n += n;
    }
}

static void add(const struct group *g, struct table *t, const struct store_result *r, enum dim dim, bool is_now, bool is_bad)
{
    for (size_t i = 0; i < r->count; i++) {
        uint64_t n, bad;
        struct stratum *s = r->groups[i].cells[0].n > 0 ? row(t, r->groups[i].dim[dim]) : NULL;
        if (s == NULL)
            continue;
        count_cell(g, &r->groups[i].cells[0], &n, &bad);
        *(is_now ? &s->now_bad : &s->base_bad) += is_bad ? n : bad;
        if (!is_bad)
            *(is_now ? &s->now_n : &s->base_n) += n;
    }
}

static uint64_t base_samples(const struct table *t)
{
    uint64_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        n += t->list[i].base_n;
    return n;
}

static uint64_t now_samples(const struct table *t)
{
    uint64_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        n += t->list[i].now_n;
    return n;
}

static void clamp(struct table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        struct stratum *s = &t->list[i];
        s->base_bad = s->base_bad < s->base_n ? s->base_bad : s->base_n;
        s->now_bad = s->now_bad < s->now_n ? s->now_bad : s->now_n;
    }
}

/* ---- saying ---- */

static const char *share_text(struct analyser *an, double share)
{
    return arena_printf(&an->scratch, "%.*f", share < 0.0995 ? 1 : 0, 100 * share);
}

static const char *stratum_text(struct analyser *an, enum dim dim, uint32_t id, double was, double is, const char *of)
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
    uint32_t most;   /* id of of.most */
    uint64_t base_n; /* samples of before */
};

static enum err explain(struct analyser *an, const struct by *b, double part, struct traffic *ret, struct errctx *ctx)
{
    const double p = b->of.p, n = fmin(b->of.expected_n, (double)b->base_n);
    ret->word = p <= within_chance ? TRAFFIC_NOT : part >= 1 - left_share ? TRAFFIC_ALONE : TRAFFIC_UNSURE;
    ret->rather = p > rather_chance;
    ret->left.n = (uint64_t)llround(n);
    ret->left.bad = (uint64_t)llround(b->of.expected * (double)ret->left.n);
    const char *moved = stratum_text(an, b->dim, b->most, b->of.was, b->of.is, "them");
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

static enum err compare(struct analyser *an, const struct group *g, const struct asked *a, struct table *t, int64_t look,
                        struct traffic *ret, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const size_t each = s->share != NULL ? 4 : 2;
    const double usual = stream_rise_is_bad(g) ? s->d.base_mean : 1 - s->d.base_mean;
    const double tests = PLACES * (double)look * (double)(look + 1); /* 1 / k (k + 1) of all k is 1 */
    struct by list[DIMS];
    size_t count = 0;
    for (size_t i = 0; i < PLACES; i++) {
        const struct store_result *r = &a->r[i * each];
        clear(t);
        for (size_t k = 0; k < each; k++)
            add(g, t, &r[k], dims[i], k % 2 == 1, k >= 2);
        if (a->usual != NULL)
            add_usual(g, t, &a->usual[i], dims[i]);
        clamp(t);
        ret->seen = now_samples(t);
        ret->has_parts = ret->has_parts || t->count > 1;
        enum err e = analyse_where(an, g, dims[i], t->list, t->id, t->count, usual, tests, &ret->found, ctx);
        if (e != ERR_OK)
            return e;
        if (i < DIMS && strata_compare(t->list, t->count, usual, &list[count].of)) {
            list[count].dim = dims[i];
            list[count].most = t->id[list[count].of.most];
            list[count++].base_n = base_samples(t);
        }
    }
    ret->is_split = count > 0;
    return explain_most(an, list, count, ret, ctx);
}

/* The requests' own mix, where the samples do not tell theirs. */
static enum err compare_requests(struct analyser *an, const struct group *g, struct table *t, const struct spans *of, struct traffic *ret,
                                 struct errctx *ctx)
{
    struct store_filter f = {.source_count = 0};
    struct asked a = {.count = 0};
    uint64_t base[STRATA_MAX], now[STRATA_MAX];
    double moved = moved_share;
    enum err e = filter_of(an, SIG_REQUESTS, g->b, &f, ctx);
    for (size_t i = 0; e == ERR_OK && i < DIMS; i++)
        ask(&a, SIG_REQUESTS, &f, dims[i], of);
    if (e == ERR_OK)
        e = store_read(an->st, a.q, a.count, &an->scratch, a.r, ctx);
    for (size_t i = 0; e == ERR_OK && i < DIMS; i++) {
        struct divergence d;
        double base_n = 0, now_n = 0;
        clear(t);
        for (size_t k = 0; k < 2; k++) {
            const struct store_result *r = &a.r[2 * i + k];
            for (size_t j = 0; j < r->count; j++) {
                struct stratum *s = r->groups[j].cells[0].n > 0 ? row(t, r->groups[j].dim[dims[i]]) : NULL;
                if (s != NULL && r->groups[j].cells[0].sum > 0)
                    *(k == 1 ? &s->now_n : &s->base_n) += (uint64_t)r->groups[j].cells[0].sum;
            }
        }
        for (size_t k = 0; k < t->count; k++) {
            base_n += (double)(base[k] = t->list[k].base_n);
            now_n += (double)(now[k] = t->list[k].now_n);
        }
        if (!divergence_test(base, now, t->count, &d) || d.p > moved_chance || d.moved <= moved || d.most == SIZE_MAX)
            continue;
        moved = d.moved;
        const char *what =
            stratum_text(an, dims[i], t->id[d.most], (double)base[d.most] / base_n, (double)now[d.most] / now_n, "its requests");
        ret->text =
            what != NULL ? arena_printf(&an->scratch, "its traffic changed as well (%s), and the samples are not split by it", what) : NULL;
        if (ret->text == NULL)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
    }
    return e;
}

/* Input tokens per request of a window; NaN where either is not told. */
static double length_of(const struct store_result *tokens, const struct store_result *requests)
{
    const bool told = tokens->count > 0 && requests->count > 0 && requests->groups[0].cells[0].sum > 0 && tokens->groups[0].cells[0].n > 0;
    return told ? (double)tokens->groups[0].cells[0].sum / (double)requests->groups[0].cells[0].sum : (double)NAN;
}

static enum err compare_length(struct analyser *an, const struct group *g, const struct spans *of, struct traffic *ret, struct errctx *ctx)
{
    struct asked a = {.count = 0};
    struct store_filter tokens = {.source_count = 0}, requests = {.source_count = 0};
    enum err e = filter_of(an, SIG_TOKENS_INPUT, g->b, &tokens, ctx);
    if (e == ERR_OK)
        e = filter_of(an, SIG_REQUESTS, g->b, &requests, ctx);
    ask(&a, SIG_TOKENS_INPUT, &tokens, DIM_MODEL, of);
    ask(&a, SIG_REQUESTS, &requests, DIM_MODEL, of);
    if (e == ERR_OK)
        e = store_read(an->st, a.q, a.count, &an->scratch, a.r, ctx);
    if (e != ERR_OK)
        return e;
    const double was = length_of(&a.r[0], &a.r[2]), is = length_of(&a.r[1], &a.r[3]);
    if (isnan(was) || isnan(is) || (is < was * moved_length && was < is * moved_length))
        return ERR_OK;
    const char *before = text_number(an, was, 2), *now = text_number(an, is, 2);
    if (before != NULL && now != NULL)
        ret->text =
            arena_printf(&an->scratch, "%s%sits prompts are %s -> %s tokens", ret->text, ret->text[0] != '\0' ? "; " : "", before, now);
    return before != NULL && now != NULL && ret->text != NULL ? ERR_OK
                                                              : errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
}

enum err analyse_traffic(struct analyser *an, const struct group *g, int64_t onset_ms, int64_t now_ms, int64_t look, struct traffic *ret,
                         struct errctx *ctx)
{
    struct asked *a = arena_alloc(&an->scratch, sizeof *a);
    struct table *t = arena_alloc(&an->scratch, sizeof *t);
    struct spans of;
    *ret = (struct traffic){.text = "", .found = {.class = ""}};
    if (a == NULL || t == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
    a->count = 0;
    enum err e = analyse_spans(an, g, onset_ms, now_ms, &of, ctx);
    if (e == ERR_OK)
        e = ask_stream(an, g, a, &of, ctx);
    if (e == ERR_OK)
        e = store_read(an->st, a->q, a->count, &an->scratch, a->r, ctx);
    if (e == ERR_OK)
        e = compare(an, g, a, t, look, ret, ctx);
    if (e == ERR_OK && !ret->is_split && g->b != 0)
        e = compare_requests(an, g, t, &of, ret, ctx);
    return e == ERR_OK && ret->word != TRAFFIC_ALONE && g->b != 0 ? compare_length(an, g, &of, ret, ctx) : e;
}

/* ---- lengths ---- */

static const double most_answers = 0.5; /* of those now must be in strata that were there before */
enum {
    LEAST_ANSWERS = 30
}; /* before, of a stratum or an earlier day whose mean is to be compared with: as in a sample of analyse_length.c */

/* Adds a window's tokens (as bad) and answers (as n) to the table. */
static void add_length(struct table *t, const struct store_result *r, enum dim dim, bool is_now, bool is_tokens)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct store_cell *cell = &r->groups[i].cells[0];
        struct stratum *s = cell->n > 0 && cell->sum > 0 ? row(t, r->groups[i].dim[dim]) : NULL;
        if (s == NULL)
            continue;
        uint64_t *n = is_now ? (is_tokens ? &s->now_bad : &s->now_n) : (is_tokens ? &s->base_bad : &s->base_n);
        *n += (uint64_t)cell->sum;
    }
}

/* Tokens now over those that as many answers of each stratum had before; NaN where the table has one stratum, or too little is comparable. */
static double within(const struct table *t)
{
    double now = 0, then = 0, answers = 0, all = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct stratum *s = &t->list[i];
        all += (double)s->now_n;
        if (s->base_n < LEAST_ANSWERS || s->now_n == 0)
            continue;
        answers += (double)s->now_n;
        now += (double)s->now_bad;
        then += (double)s->now_n * (double)s->base_bad / (double)s->base_n;
    }
    return t->count > 1 && then > 0 && answers >= most_answers * all ? now / then : (double)NAN;
}

enum err analyse_length_traffic(struct analyser *an, uint32_t model, enum signal tokens, int64_t onset_ms, int64_t now_ms,
                                struct length_traffic *ret, struct errctx *ctx)
{
    struct asked *a = arena_alloc(&an->scratch, sizeof *a);
    struct store_query earlier[4];
    struct store_result then[4];
    struct table *t = arena_alloc(&an->scratch, sizeof *t);
    struct store_filter of_tokens = {.source_count = 0}, of_answers = {.source_count = 0};
    uint32_t ok = UINT32_MAX;
    const struct spans of = analyse_day_before(onset_ms, now_ms);
    *ret = (struct length_traffic){(double)NAN, {(double)NAN, (double)NAN}};
    if (a == NULL || t == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
    a->count = 0;
    (void)intern_find(store_strings(an->st), str_of(outcome_name(OUTCOME_OK)), &ok);
    enum err e = filter_of(an, tokens, model, &of_tokens, ctx);
    if (e == ERR_OK)
        e = filter_of(an, SIG_REQUESTS, model, &of_answers, ctx);
    if (e == ERR_OK)
        e = only(an, DIM_CLASS, ok, &of_answers, ctx);
    for (size_t i = 0; e == ERR_OK && i < DIMS; i++) {
        ask(a, SIG_REQUESTS, &of_answers, dims[i], &of);
        ask(a, tokens, &of_tokens, dims[i], &of);
    }
    for (int i = 0; i < 2; i++) { /* in columns that rollups have */
        const int64_t back_ms = (i == 0 ? 1 : 7) * DAY_MS, from_ms = (onset_ms - back_ms) / STREAM_STEP_MS * STREAM_STEP_MS;
        const int64_t to_ms = (now_ms - back_ms) / STREAM_STEP_MS * STREAM_STEP_MS;
        const struct store_query q = {.signal = SIG_REQUESTS,
                                      .filter = of_answers,
                                      .t0_ms = from_ms,
                                      .step_ms = to_ms > from_ms ? to_ms - from_ms : STREAM_STEP_MS,
                                      .columns = 1};
        earlier[2 * i] = earlier[2 * i + 1] = q;
        earlier[2 * i + 1].signal = tokens;
        earlier[2 * i + 1].filter = of_tokens;
    }
    if (e == ERR_OK)
        e = store_read(an->st, a->q, a->count, &an->scratch, a->r, ctx);
    if (e == ERR_OK)
        e = store_read(an->st, earlier, 4, &an->scratch, then, ctx);
    for (size_t i = 0; e == ERR_OK && i < DIMS; i++) {
        clear(t);
        for (size_t k = 0; k < 4; k++)
            add_length(t, &a->r[4 * i + k], dims[i], k % 2 == 1, k >= 2);
        const double by = within(t);
        if (!isnan(by) && (isnan(ret->within) || fabs(by - 1) < fabs(ret->within - 1)))
            ret->within = by;
    }
    for (int i = 0; e == ERR_OK && i < 2; i++) {
        const bool enough = then[2 * i].count > 0 && then[2 * i].groups[0].cells[0].sum >= LEAST_ANSWERS;
        ret->earlier[i] = enough ? length_of(&then[2 * i + 1], &then[2 * i]) : (double)NAN;
    }
    return e;
}
