/* SPDX-License-Identifier: MIT */
/* Fallback begins: the share of a model's requests that another model had to take is ten times that of the day before. */
#include <math.h>

#include "analysis/cusum.h"
#include "analysis/stat.h"
#include "record/analyse_detect.h"

enum { WINDOW = 5, LEAST_REQUESTS = 20 }; /* minutes; requests in them */
enum { MARK_REQUEST, MARK_FALLBACK };
static const double jump = 10, back = 2, chance = 1e-6, some = 1e-3;

static void *make(void)
{
    return groups_new(0, true);
}

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    if ((s->signal != SIG_REQUESTS && s->signal != SIG_FALLBACKS) || s->dim[DIM_MODEL] == 0)
        return ERR_OK;
    ret_link->mark = s->signal == SIG_REQUESTS ? MARK_REQUEST : MARK_FALLBACK;
    return groups_get(an, state, &detect_fallback, s->dim[DIM_MODEL], s->dim[DIM_GATEWAY], &ret_link->slot, ret_wanted, ctx);
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    uint64_t n = item->v.increment > 0 ? (uint64_t)item->v.increment : 0;
    (void)an;
    groups_count(state, l->slot, l->mark == MARK_REQUEST ? n : 0, l->mark == MARK_FALLBACK ? n : 0);
}

static void finding(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope)
{
    const char *model = text_string(an, a);
    *ret_rule = analyse_rule(an, "fallback", b);
    *ret_scope = model != NULL ? arena_printf(&an->scratch, "model=%s", model) : NULL;
}

static enum err report(struct analyser *an, struct group *g, const struct daycount *now, const struct daycount *day, double usual,
                       const struct interval *in, struct errctx *ctx)
{
    int64_t onset = in->t1_ms, error = 0;
    double share = (double)now->bad / (double)now->n;
    const struct dayring_rise rise = dayring_share_rise(usual, share < 0.999 ? share : 0.999, group_rate(now));
    (void)dayring_onset(g->ring, &rise, &onset, &error);
    struct daycount since = dayring_since(g->ring, onset); /* the poll of the onset and all after it: not what was well before */
    const bool diluted = since.n >= LEAST_REQUESTS && since.n < now->n;
    since = diluted ? since : *now;
    since.bad = since.bad < since.n ? since.bad : since.n;
    const char *model = text_string(an, g->a), *was = text_share(an, day->bad, day->n), *is = text_share(an, now->bad, now->n),
               *n = text_count(an, now->n), *risen = text_share(an, since.bad, since.n);
    const char *before = group_before(an, g, day);
    if (model == NULL || was == NULL || is == NULL || n == NULL || before == NULL || risen == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a fallback");
    const char *text =
        arena_printf(&an->scratch, "fallback from %s begins: %s of %s requests in 5 min, %s in %s", model, is, n, was, before);
    const char *id = arena_printf(&an->scratch, "fallback:%u:%u:%lld", g->b, g->a, (long long)in->t1_ms);
    enum err e = analyse_event(an, id, EVENT_FALLBACK, onset, in->known_ms, arena_printf(&an->scratch, "model=%s", model), text, ctx);
    const struct daycount before_it = group_usual(g, onset, day);
    const struct finding f = {.text = arena_printf(&an->scratch, "fallback of %s rose %s -> %s", model, was, risen),
                              .onset_ms = onset,
                              .onset_error_ms = error,
                              .window_ms = WINDOW * MINUTE_MS,
                              .was = usual,
                              .is = (double)since.bad / (double)since.n};
    return e == ERR_OK ? group_hold(an, &detect_fallback, g, &f, &before_it, in, ctx) : e;
}

/* Whether the newest polls prove that it fell back, though the last five minutes still hold what was; or that it did not. */
static enum err follow_end(struct analyser *an, struct group *g, double usual, const struct interval *in, struct errctx *ctx)
{
    int64_t end = 0, error = 0;
    const struct daycount lately = dayring_recent(g->ring, DAYRING_MINUTES), newest = dayring_recent(g->ring, 1);
    /* The poll in which it was found held less of it than those that followed. */
    const double level = fmin(fmax(g->is, lately.n > 0 ? (double)lately.bad / (double)lately.n : 0), 0.999);
    if (!g->firing || !(level > usual))
        return ERR_OK;
    const struct daycount calm = dayring_calm(g->ring, cusum_share(usual, level), &end, &error);
    if (calm.n >= LEAST_REQUESTS && calm.bad <= calm.n && stat_binom_tail(calm.n, 1 - level / 2, calm.n - calm.bad) <= chance)
        return g->ended_ms == 0 ? group_ended(an, &detect_fallback, g, end, error, in, ctx) : ERR_OK;
    const bool again = newest.n > 0 && newest.bad <= newest.n && stat_binom_tail(newest.n, back * usual, newest.bad) <= chance;
    return again && g->ended_ms != 0 ? group_ended(an, &detect_fallback, g, 0, 0, in, ctx) : ERR_OK;
}

static enum err judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct daycount day, now = dayring_recent(g->ring, WINDOW);
    if (!group_baseline(g, &day) || day.n == 0 || now.n < LEAST_REQUESTS)
        return ERR_OK;
    if (now.bad > now.n)
        now.bad = now.n; /* retries may fall back more than once per request */
    /* One more than was seen, so that a day without any is not certain that there are none. */
    double usual = ((double)day.bad + 1) / ((double)day.n + 1), share = (double)now.bad / (double)now.n;
    enum err e = usual < 0.5 ? follow_end(an, g, usual, in, ctx) : ERR_OK;
    /* Of a day with few of them one alone is more than twice as many: what is over fires anew only where that is no chance, as it did. */
    const double beyond = stat_binom_tail(now.n, fmin(back * usual, 1), now.bad);
    if (e == ERR_OK)
        e = group_calm(an, &detect_fallback, g, share < back * usual || beyond > (g->firing ? some : chance), in, ctx);
    if (e != ERR_OK || g->held || usual >= 0.5 || share < jump * usual || stat_binom_tail(now.n, usual, now.bad) > chance)
        return e;
    return report(an, g, &now, &day, usual, in, ctx);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    return groups_close(an, state, &detect_fallback, in, judge, ctx);
}

static struct daycount count(const struct store_cell *cell)
{
    return (struct daycount){.n = cell->sum > 0 ? (uint64_t)cell->sum : 0};
}

static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    const struct groups_reading how = {
        .n_signal = SIG_REQUESTS, .bad_signal = SIG_FALLBACKS, .a = DIM_MODEL, .b = DIM_GATEWAY, .count = count};
    return groups_fill(an, state, &how, ctx);
}

static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    return groups_accept(an, state, &detect_fallback, a, ctx);
}

const struct detector detect_fallback = {.name = "fallback",
                                         .make = make,
                                         .drop = groups_free,
                                         .on_series = on_series,
                                         .on_item = on_item,
                                         .on_interval = on_interval,
                                         .fill = fill,
                                         .accept = accept,
                                         .finding = finding};
