/* SPDX-License-Identifier: MIT */
/* Quality drift: more answers of a model are bad by some evaluation in the last 15 minutes than in the 24 hours before, or in the last half
 * hour or hour and a quarter than in the day before those, and chance alone would do that less than once in a million times (Fisher's
 * exact test, so that twenty answers are judged as fairly as two thousand). The short window is the first to see a large drift, the long
 * ones see a small one at all.
 *
 * From then on the day before the onset is what it is measured against, or the drift would become its own baseline. It is over when none of the
 * windows differs from that day any more, and the answers since some moment are a million times likelier at the old level than at the one
 * found: that few answers do not differ proves nothing. docs/decisions/0008-drift.md. */
#include <math.h>

#include "analysis/stat.h"
#include "record/analyse_detect.h"

enum { LEAST_NOW = 20, LEAST_DAY = 50 }; /* scores: fewer cannot reach the chance below */
static const int windows[] = {0, 3, 12}; /* five minutes beyond the last 15 */
static const double chance = 1e-6, normal_chance = 1e-3;

static void *make(void)
{
    return groups_new(0);
}

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    if (s->signal != SIG_EVAL || s->dim[DIM_NAME] == 0)
        return ERR_OK;
    return groups_get(an, state, &detect_quality, s->dim[DIM_NAME], s->dim[DIM_MODEL], &ret_link->slot, ret_wanted, ctx);
}

/* The levels as a cusum wants them: neither is 0 or 1. */
static double least_share(double share, uint64_t n)
{
    return fmax(share, 0.5 / (double)n);
}

/* Adds the interval's answers to the evidence for the old level against the one found. */
static void weigh(struct group *g, uint64_t n, uint64_t bad)
{
    double was = least_share((double)g->usual.bad / (double)g->usual.n, g->usual.n), is = fmin(g->is, 0.999);
    if (g->firing && is > was)
        g->back = fmax(0, g->back + (double)(n - bad) * log((1 - was) / (1 - is)) + (double)bad * log(was / is));
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    struct groups *gs = state;
    struct group *g = gs->list[l->slot];
    uint64_t n = item->v.score.n > 0 ? (uint64_t)item->v.score.n : 0, bad = item->v.score.bad > 0 ? (uint64_t)item->v.score.bad : 0;
    (void)an;
    g->sum += (double)item->v.score.sum_fixed;
    g->weight += (double)n;
    g->bad_ever += (double)bad;
    bad = bad < n ? bad : n;
    weigh(g, n, bad);
    groups_count(gs, l->slot, n, bad);
}

/* Whether the score is high when the answer is good ("json_valid"), or when it is bad ("refusal"): whichever of the two shares its mean is
 * nearer to. */
static bool high_is_good(const struct group *g)
{
    double mean = unit_from_fixed(UNIT_RATIO, 1) * g->sum / g->weight, bad = g->bad_ever / g->weight;
    return !(fabs(mean - bad) < fabs(mean - (1 - bad)));
}

/* One comparison: what it is about, and how surprising. */
struct drift {
    struct daycount now, before;
    int minutes;
    double p;
};

static void finding(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope)
{
    const char *model = b != 0 ? text_string(an, b) : "";
    *ret_rule = analyse_rule(an, "quality", a);
    *ret_scope = model == NULL ? NULL : b != 0 ? arena_printf(&an->scratch, "model=%s", model) : "";
}

static enum err report(struct analyser *an, struct group *g, const struct drift *d, const struct interval *in, struct errctx *ctx)
{
    int64_t onset = in->t1_ms, error = d->minutes * (int64_t)MINUTE_MS;
    double was = (double)d->before.bad / (double)d->before.n, is = (double)d->now.bad / (double)d->now.n;
    bool good = high_is_good(g);
    const struct dayring_rise rise = dayring_share_rise(least_share(was, d->before.n), fmin(is, 0.999), group_rate(&d->now));
    (void)dayring_onset(g->ring, &rise, &onset, &error);
    const char *name = text_string(an, g->a), *model = g->b != 0 ? text_string(an, g->b) : "all models", *n = text_count(an, d->now.n);
    const char *before = group_before(an, g, &d->before), *off = text_duration(an, error);
    if (name == NULL || model == NULL || n == NULL || before == NULL || off == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a drift");
    const char *found = arena_printf(&an->scratch, "%s of %s %s %.1f -> %.1f %%", name, model, good ? "fell" : "rose",
                                     100 * (good ? 1 - was : was), 100 * (good ? 1 - is : is));
    const char *text = found == NULL ? NULL
                                     : arena_printf(&an->scratch, "%s, n %s: %d min against %s, exact test p %.0e; onset +-%s", found, n,
                                                    d->minutes, before, d->p, off);
    const char *scope = g->b != 0 ? arena_printf(&an->scratch, "model=%s", model) : "";
    const char *id = arena_printf(&an->scratch, "quality:%u:%u:%lld", g->a, g->b, (long long)in->t1_ms);
    enum err e = analyse_event(an, id, EVENT_QUALITY, onset, in->known_ms, scope, text, ctx);
    const struct daycount usual = group_usual(g, onset, &d->before);
    const struct finding f = {
        .text = found, .onset_ms = onset, .onset_error_ms = error, .window_ms = d->minutes * MINUTE_MS, .was = was, .is = is};
    return e == ERR_OK ? group_hold(an, &detect_quality, g, &f, &usual, in, ctx) : e;
}

/* The most surprising of the windows against what is usual; p 1 where none is worse than before, or too little was scored. */
static struct drift look(const struct group *g)
{
    struct drift worst = {.p = 1};
    struct daycount usual;
    for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
        struct drift d = {.minutes = DAYRING_MINUTES + 5 * windows[i]};
        dayring_split(g->ring, windows[i], &d.now, &d.before);
        if (group_has_usual(g, &usual))
            d.before = usual;
        bool worse = (double)d.now.bad * (double)d.before.n > (double)d.before.bad * (double)d.now.n;
        if (d.now.n < LEAST_NOW || d.before.n < LEAST_DAY || !worse)
            continue;
        d.p = stat_fisher_tail(d.before.n, d.before.bad, d.now.n, d.now.bad);
        if (d.p < worst.p)
            worst = d;
    }
    return worst;
}

static enum err judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct daycount day;
    if (!group_baseline(g, &day))
        return ERR_OK;
    struct drift d = look(g);
    if (g->firing)
        return d.p > normal_chance && g->back >= -log(chance) ? group_lift(an, &detect_quality, g, in, ctx) : ERR_OK;
    enum err e = group_calm(an, &detect_quality, g, d.p > chance, in, ctx);
    return e != ERR_OK || g->held || d.p > chance ? e : report(an, g, &d, in, ctx);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    return groups_close(an, state, &detect_quality, in, judge, ctx);
}

static struct daycount count(const struct store_cell *cell)
{
    return (struct daycount){.n = cell->score_n > 0 ? (uint64_t)cell->score_n : 0,
                             .bad = cell->score_bad > 0 ? (uint64_t)cell->score_bad : 0};
}

static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    const struct groups_reading how = {.n_signal = SIG_EVAL, .bad_signal = SIG_COUNT, .a = DIM_NAME, .b = DIM_MODEL, .count = count};
    return groups_fill(an, state, &how, ctx);
}

static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    return groups_accept(an, state, &detect_quality, a, ctx);
}

const struct detector detect_quality = {.name = "quality",
                                        .make = make,
                                        .drop = groups_free,
                                        .on_series = on_series,
                                        .on_item = on_item,
                                        .on_interval = on_interval,
                                        .fill = fill,
                                        .accept = accept,
                                        .finding = finding};
