/* SPDX-License-Identifier: MIT */
/* What is said beside a drift, where its samples do not tell of whom they are: that the requests' own mix or length moved. It may be the
 * reason, and nothing can tell. And the lengths of answers against those of the same routes, teams or keys (analyse_length.c). */
#include <math.h>

#include "analysis/divergence.h"
#include "record/analyse_parts.h"

static const double moved_chance = 1e-6, moved_share = 0.10, moved_length = 1.25;

enum err traffic_compare_requests(struct analyser *an, const struct group *g, const struct spans *of, struct traffic *ret,
                                  struct errctx *ctx)
{
    struct store_filter f = {.source_count = 0};
    struct parts_asked a = {.count = 0};
    struct parts_table *t = arena_alloc(&an->scratch, sizeof *t);
    uint64_t base[PARTS_MAX], now[PARTS_MAX];
    double moved = moved_share;
    enum err e =
        t != NULL ? parts_filter(an, SIG_REQUESTS, g->b, &f, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
    for (size_t i = 0; e == ERR_OK && i < PARTS_DIMS; i++)
        parts_ask(&a, SIG_REQUESTS, &f, parts_dims[i], of);
    if (e == ERR_OK)
        e = store_read(an->st, a.q, a.count, &an->scratch, a.r, ctx);
    for (size_t i = 0; e == ERR_OK && i < PARTS_DIMS; i++) {
        struct divergence d;
        double base_n = 0, now_n = 0;
        parts_clear(t);
        for (size_t k = 0; k < 2; k++) {
            const struct store_result *r = &a.r[2 * i + k];
            for (size_t j = 0; j < r->count; j++) {
                struct stratum *s = r->groups[j].cells[0].n > 0 ? parts_row(t, r->groups[j].dim[parts_dims[i]]) : NULL;
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
        const char *what = traffic_stratum_text(an, parts_dims[i], t->id[d.most], (double)base[d.most] / base_n,
                                                (double)now[d.most] / now_n, "its requests");
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

enum err traffic_compare_length(struct analyser *an, const struct group *g, const struct spans *of, struct traffic *ret, struct errctx *ctx)
{
    struct parts_asked a = {.count = 0};
    struct store_filter tokens = {.source_count = 0}, requests = {.source_count = 0};
    enum err e = parts_filter(an, SIG_TOKENS_INPUT, g->b, &tokens, ctx);
    if (e == ERR_OK)
        e = parts_filter(an, SIG_REQUESTS, g->b, &requests, ctx);
    parts_ask(&a, SIG_TOKENS_INPUT, &tokens, DIM_MODEL, of);
    parts_ask(&a, SIG_REQUESTS, &requests, DIM_MODEL, of);
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

/* ---- lengths ---- */

static const double most_answers = 0.5; /* of those now must be in strata that were there before */
enum {
    LEAST_ANSWERS = 30
}; /* before, of a stratum or an earlier day whose mean is to be compared with: as in a sample of analyse_length.c */

/* Adds a window's tokens (as bad) and answers (as n) to the table. */
static void add_length(struct parts_table *t, const struct store_result *r, enum dim dim, bool is_now, bool is_tokens)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct store_cell *cell = &r->groups[i].cells[0];
        struct stratum *s = cell->n > 0 && cell->sum > 0 ? parts_row(t, r->groups[i].dim[dim]) : NULL;
        if (s == NULL)
            continue;
        uint64_t *n = is_now ? (is_tokens ? &s->now_bad : &s->now_n) : (is_tokens ? &s->base_bad : &s->base_n);
        *n += (uint64_t)cell->sum;
    }
}

/* Tokens now over those that as many answers of each stratum had before; NaN where the table has one stratum, or too little is
 * comparable. */
static double within(const struct parts_table *t)
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
    struct parts_asked *a = arena_alloc(&an->scratch, sizeof *a);
    struct store_query earlier[4];
    struct store_result then[4];
    struct parts_table *t = arena_alloc(&an->scratch, sizeof *t);
    struct store_filter of_tokens = {.source_count = 0}, of_answers = {.source_count = 0};
    uint32_t ok = UINT32_MAX;
    const struct spans of = analyse_day_before(onset_ms, now_ms);
    *ret = (struct length_traffic){(double)NAN, {(double)NAN, (double)NAN}};
    if (a == NULL || t == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
    a->count = 0;
    (void)intern_find(store_strings(an->st), str_of(outcome_name(OUTCOME_OK)), &ok);
    enum err e = parts_filter(an, tokens, model, &of_tokens, ctx);
    if (e == ERR_OK)
        e = parts_filter(an, SIG_REQUESTS, model, &of_answers, ctx);
    if (e == ERR_OK)
        e = parts_only(an, DIM_CLASS, ok, &of_answers, ctx);
    for (size_t i = 0; e == ERR_OK && i < PARTS_DIMS; i++) {
        parts_ask(a, SIG_REQUESTS, &of_answers, parts_dims[i], &of);
        parts_ask(a, tokens, &of_tokens, parts_dims[i], &of);
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
    for (size_t i = 0; e == ERR_OK && i < PARTS_DIMS; i++) {
        parts_clear(t);
        for (size_t k = 0; k < 4; k++)
            add_length(t, &a->r[4 * i + k], parts_dims[i], k % 2 == 1, k >= 2);
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
