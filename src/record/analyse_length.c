/* SPDX-License-Identifier: MIT */
/* How long answers are, and prompts: mean tokens per answered request of each model, watched by analysis/deviation.h. Nothing bounds it and
 * it has its hours, so it promises no rate of false alarms, and says so.
 *
 * How this works: a sample is the mean of five minutes, the pace that the detector's settings are for and the store's finest rollup, from
 * which a restart goes on. Five minutes of too few answers are left out: a mean of them is mostly noise. An alarm is a suspicion, and
 * becomes a finding (output) or an event "traffic changed" (input) when the next samples are still out there; what came back was a batch.
 * It must also be out of what was at the same time a day and a week earlier, where that is known, and of answers within the routes, teams
 * and keys that they went to: an evening's other traffic is no drift. Where neither can be told nothing is. While a finding is open the
 * detector rests: trouble must not become what is usual. Where another source gets the word it begins anew.
 * It is over when the samples since some moment are a million times likelier at the old mean than at the one found, and none of the windows
 * is further from the old than a quarter of the way: docs/decisions/0008-drift.md. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cusum.h"
#include "analysis/deviation.h"
#include "record/analyse_stream.h"

enum {
    VERSION = 1,
    LEAST_ANSWERS = 30, /* in a sample: lengths scatter by about their mean, so this one's error is a fifth */
    LASTS = 3, /* samples after the alarm, most of which and the last must still be out there: a quarter of an hour, longer than a burst */
    SAVED_AT_ONCE = 128, /* states of 5 KB in one transaction; with more models each is kept less often */
};
static const double least_moved = 0.1;              /* of the mean: what moved by less is no news, however sure */
static const double still = 0.5, back_again = 0.25; /* of the way from the old mean to the one found */
static const double over_chance = 1e-6, prompts_moved = 1.25;
static const int windows[] = {0, 3, 12}; /* five minutes beyond the last 15 */
static const char *const names[] = {DRIFT_LENGTH, "input tokens per answer"};
enum { OF_OUTPUT, OF_INPUT, KINDS };
enum { MARK_TOKENS, MARK_ANSWERS };

/* Its group counts tokens as n and answers as bad. */
struct length {
    /* what is kept, as bytes */
    uint32_t version;
    uint32_t suspected; /* 1: an alarm was raised, and it is to be seen whether that lasts */
    struct deviation d;
    struct deviation_alarm alarm;
    int64_t at_ms;          /* end of the newest five minutes that are taken in */
    int64_t finding_ms;     /* the newest version of its finding, which this goes with */
    uint64_t samples, out;  /* since the alarm; of those, that are nearer to what was found */
    uint64_t is_out;        /* the last of them is */
    double was, is, spread; /* tokens per answer; spread: deviation of a sample */
    double back;            /* evidence that a finding is over, in nats */
    /* of this run */
    bool ready, moved, told; /* moved: a sample was taken in; told: it led to a fact, which must not come twice */
    uint32_t kind;
    int64_t saved_ms; /* what was taken in until then is in the store, 0 = not settled yet */
    int64_t column;   /* number of the five minutes at hand, 0 = none */
    uint64_t tokens, answers;
    struct feeders feeders;
    const struct groups *all;
    const struct group *prompts; /* of an output: the same model's input, NULL = not told */
};
static const size_t KEPT_BYTES = offsetof(struct length, ready);

static void *make(void)
{
    return groups_new(sizeof(struct length), true);
}

/* ---- what is kept ---- */

static void begin(struct length *l)
{
    l->version = VERSION;
    l->suspected = 0;
    l->back = 0;
    deviation_init(&l->d);
}

static enum err open_length(struct analyser *an, struct group *g, struct errctx *ctx)
{
    struct length *l = g->own;
    const void *bytes;
    if (l->ready)
        return ERR_OK;
    l->ready = true;
    begin(l);
    enum err e = analyse_state_read(an, g, KEPT_BYTES, &bytes, ctx);
    struct length *was = bytes != NULL ? arena_alloc(&an->scratch, sizeof *was) : NULL;
    if (was == NULL)
        return e;
    memcpy(was, bytes, KEPT_BYTES);
    if (was->version == VERSION && deviation_valid(&was->d) && was->finding_ms == g->since_ms) {
        memcpy(l, was, KEPT_BYTES);
        l->saved_ms = l->at_ms;
    }
    return ERR_OK;
}

static enum err save(struct analyser *an, const struct group *g, struct errctx *ctx)
{
    struct length *l = g->own;
    l->told = false;
    l->saved_ms = l->at_ms;
    l->finding_ms = g->since_ms;
    return analyse_state_put(an, g, l, KEPT_BYTES, ctx);
}

/* ---- samples ---- */

static double mean_of(const struct daycount *c)
{
    return c->bad > 0 ? (double)c->n / (double)c->bad : (double)NAN;
}

/* All that is remembered, after t_ms. */
static struct daycount since(const struct group *g, int64_t t_ms)
{
    const struct daycount before = dayring_until(g->ring, t_ms), recent = dayring_recent(g->ring, DAYRING_MINUTES);
    struct daycount all = dayring_day(g->ring);
    all.n += recent.n - before.n;
    all.bad += recent.bad - before.bad;
    all.observed_ms += recent.observed_ms - before.observed_ms;
    return all;
}

static void suspect(struct group *g, const struct deviation_alarm *al)
{
    struct length *l = g->own;
    const struct daycount before = dayring_until(g->ring, al->onset - STREAM_STEP_MS);
    const struct deviation_mean *value = &l->d.part[DEVIATION_JUMP];
    l->was = before.bad > 0 ? mean_of(&before) : value->far;
    /* The level is of a logarithm, beyond what is usual at the hour. */
    l->is = al->part == DEVIATION_JUMP ? l->was + al->after - al->before : l->was * exp(al->after - al->before);
    l->spread = sqrt(value->var);
    l->alarm = *al;
    l->samples = l->out = l->is_out = 0;
    l->suspected = l->was > 0 && l->spread > 0 && l->is != l->was;
}

/* Adds a sample to the evidence for the old mean against the one found. */
static void weigh(struct length *l, double mean)
{
    const double from_was = (mean - l->was) / l->spread, from_is = (mean - l->is) / l->spread;
    l->back = fmax(0, l->back + (from_is * from_is - from_was * from_was) / 2);
}

static void close_column(struct group *g)
{
    struct length *l = g->own;
    struct deviation_alarm al;
    const double mean = (double)l->tokens / (double)l->answers;
    const int64_t end = (l->column + 1) * STREAM_STEP_MS;
    const uint64_t tokens = l->tokens, answers = l->answers;
    l->tokens = l->answers = 0;
    l->at_ms = end;
    l->moved = true;
    if (answers < LEAST_ANSWERS || tokens == 0)
        return;
    if (g->firing) {
        weigh(l, mean);
        return;
    }
    if (l->suspected) {
        l->is_out = (mean - l->was) / (l->is - l->was) >= still;
        l->out += l->is_out;
        l->samples++;
    }
    if (deviation_feed(&l->d, end, end, mean, &al) >= 1 && !l->suspected)
        suspect(g, &al);
}

/* What an interval, or a column of the store, that ended at end_ms counted. */
static void take(struct group *g, int64_t end_ms, uint64_t tokens, uint64_t answers)
{
    struct length *l = g->own;
    const int64_t column = (end_ms - 1) / STREAM_STEP_MS;
    if (end_ms <= l->at_ms)
        return;
    if (l->column != 0 && column > l->column)
        close_column(g);
    l->column = column > l->column ? column : l->column;
    l->tokens += tokens;
    l->answers += answers;
}

/* ---- judging ---- */

/* The last zero of a cumulative sum of what exceeds the middle of the two means. */
static void find_onset(const struct group *g, int64_t *ret_ms, int64_t *ret_error_ms)
{
    const struct length *l = g->own;
    const struct dayring *r = g->ring;
    const double way = l->is > l->was ? 1 : -1, middle = (l->was + l->is) / 2, apart = (l->is - l->was) / l->spread;
    struct cusum c = {.sum = 0};
    for (int64_t f = r->five - DAYRING_FIVES + 1; f <= r->five; f++) {
        const struct daycell *d = &r->fives[(f + DAYRING_FIVES) % DAYRING_FIVES];
        if (f >= 0)
            cusum_step(&c, f * STREAM_STEP_MS, (f + 1) * STREAM_STEP_MS, way * d->n, way * middle * d->bad);
    }
    for (int64_t m = r->minute - DAYRING_MINUTES + 1; m <= r->minute; m++) {
        const struct daycell *d = &r->recent[(m + DAYRING_MINUTES) % DAYRING_MINUTES];
        if (m >= 0)
            cusum_step(&c, m * MINUTE_MS, (m + 1) * MINUTE_MS, way * d->n, way * middle * d->bad);
    }
    const int64_t own_ms = l->alarm.onset - STREAM_STEP_MS; /* as the detector sees it: the two may differ by the error */
    const int64_t least_ms = STREAM_STEP_MS;
    if (!cusum_onset(&c, apart * apart / 2 / (STREAM_STEP_MS / 1000.0), ret_ms, ret_error_ms)) {
        *ret_ms = own_ms;
        *ret_error_ms = 0;
    }
    *ret_error_ms = *ret_error_ms > least_ms ? *ret_error_ms : least_ms;
    *ret_error_ms = *ret_error_ms > llabs(*ret_ms - own_ms) ? *ret_error_ms : llabs(*ret_ms - own_ms);
}

/* "its prompts are 310 -> 620 tokens, which may be why", "" where they did not move. */
static const char *prompts_text(struct analyser *an, const struct group *g, int64_t onset_ms)
{
    const struct group *p = ((const struct length *)g->own)->prompts;
    if (p == NULL)
        return "";
    const struct daycount before = dayring_until(p->ring, onset_ms), now = since(p, onset_ms);
    const double was = mean_of(&before), is = mean_of(&now);
    if (isnan(was) || isnan(is) || (is < was * prompts_moved && was < is * prompts_moved))
        return "";
    const char *from = text_number(an, was, 2), *to = text_number(an, is, 2);
    return from != NULL && to != NULL ? arena_printf(&an->scratch, "its prompts are %s -> %s tokens, which may be why", from, to) : NULL;
}

/* Whether a mean is another than a level, on the side of what was found. */
static bool is_out(const struct length *l, double mean, double level)
{
    return (mean - level) * (l->is - l->was) > 0 && fabs(mean - level) >= least_moved * level;
}

/* Whether other traffic, or the hour, may be all there is to it. */
static bool is_usual(const struct length *l, const struct length_traffic *t)
{
    bool known = false;
    for (int i = 0; i < 2; i++) {
        if (isnan(t->earlier[i]))
            continue;
        known = true;
        if (!is_out(l, l->is, t->earlier[i]))
            return true;
    }
    if (l->kind == OF_INPUT)
        return !known;
    return isnan(t->within) ? !known : !is_out(l, t->within, 1);
}

static enum err report(struct analyser *an, struct group *g, int64_t onset_ms, int64_t error_ms, const struct length_traffic *t,
                       const struct interval *in, struct errctx *ctx)
{
    struct length *l = g->own;
    const char *rule, *scope, *model = text_string(an, g->b), *what = text_string(an, g->a), *n = text_count(an, since(g, onset_ms).bad);
    const char *was = text_number(an, l->was, 3), *is = text_number(an, l->is, 3), *off = text_duration(an, error_ms);
    const char *why = l->kind == OF_OUTPUT ? prompts_text(an, g, onset_ms) : "";
    const char *same =
        l->kind == OF_OUTPUT && !isnan(t->within) ? arena_printf(&an->scratch, ", of the same traffic x%.2f", t->within) : "";
    stream_finding(an, g->a, g->b, &rule, &scope);
    if (model == NULL || what == NULL || n == NULL || was == NULL || is == NULL || off == NULL || why == NULL || same == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a length of answers");
    const char *found = arena_printf(&an->scratch, "%s of %s %s %s -> %s%s", what, model, l->is > l->was ? "rose" : "fell", was, is, same),
               *also = why[0] != '\0' ? "; " : "";
    const char *text =
        arena_printf(&an->scratch,
                     "%s%s%s%s, n %s: %.1f deviations off and still so a quarter of an hour later, at most %.1f before; no rate of false "
                     "alarms is promised; onset +-%s",
                     l->kind == OF_INPUT ? "traffic changed: " : "", found, also, why, n, l->alarm.z, l->alarm.record, off);
    const char *id = arena_printf(&an->scratch, "quality:%u:%u:%lld", g->a, g->b, (long long)in->t1_ms);
    enum err e = analyse_event(an, id, EVENT_QUALITY, onset_ms, in->known_ms, scope, text, ctx);
    if (e != ERR_OK || l->kind == OF_INPUT)
        return e;
    const struct daycount usual = dayring_until(g->ring, onset_ms);
    const struct drift_found parts = {.what = arena_printf(&an->scratch, "%s (no promised rate of false alarms)", found),
                                      .beside = why,
                                      .class = "",
                                      .was = (double)NAN,
                                      .is = (double)NAN,
                                      .part = (double)NAN};
    const struct finding f = {.text = parts.what != NULL ? analyse_found_text(an, &parts) : NULL,
                              .onset_ms = onset_ms,
                              .onset_error_ms = error_ms,
                              .window_ms = (int)fmin((double)(in->t1_ms - onset_ms), INT32_MAX),
                              .was = l->was,
                              .is = l->is};
    e = group_hold(an, &detect_length, g, &f, &usual, in, ctx);
    return e == ERR_OK ? analyse_found_put(an, g, &parts, in->known_ms, ctx) : e;
}

/* The alarm's next samples are there: did it last? */
static enum err judge_suspected(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct length *l = g->own;
    struct length_traffic traffic;
    struct daycount of_finding;
    int64_t onset, error;
    l->suspected = 0;
    l->told = true;
    if (!l->is_out || 2 * l->out <= l->samples)
        return ERR_OK;
    find_onset(g, &onset, &error);
    const struct daycount before = dayring_until(g->ring, onset), after = since(g, onset);
    if (before.bad == 0 || after.bad == 0)
        return ERR_OK;
    l->was = mean_of(&before);
    l->is = mean_of(&after);
    l->back = 0;
    if (!is_out(l, l->is, l->was))
        return ERR_OK;
    enum err e =
        analyse_length_traffic(an, g->b, l->kind == OF_OUTPUT ? SIG_TOKENS_OUTPUT : SIG_TOKENS_INPUT, onset, in->t1_ms, &traffic, ctx);
    if (group_has_usual(g, &of_finding)) /* a day earlier was no usual day */
        traffic.earlier[0] = (double)NAN;
    return e == ERR_OK && !is_usual(l, &traffic) ? report(an, g, onset, error, &traffic, in, ctx) : e;
}

static enum err judge_held(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct length *l = g->own;
    if (l->back < -log(over_chance))
        return ERR_OK;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        struct daycount now, before;
        dayring_split(g->ring, windows[i], &now, &before);
        if (now.bad == 0 || (mean_of(&now) - l->was) / (l->is - l->was) > back_again)
            return ERR_OK;
    }
    enum err e = group_lift(an, &detect_length, g, in, ctx);
    g->held = false;
    g->calm_ms = 0;
    l->back = 0;
    l->told = true;
    return e;
}

static enum err judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct length *l = g->own;
    enum err e = ERR_OK;
    if (feeders_left(&l->feeders) && !g->firing) {
        dayring_forget(g->ring, in->t0_ms);
        begin(l);
        l->tokens = l->answers = 0;
    }
    if (in->t0_ms > 0) /* else nobody knows when it was */
        take(g, in->t1_ms, g->n, g->bad);
    if (!l->moved)
        return ERR_OK;
    l->moved = false;
    if (g->firing)
        e = judge_held(an, g, in, ctx);
    else if (l->suspected && l->samples >= LASTS)
        e = judge_suspected(an, g, in, ctx);
    const bool due = l->told || analyse_state_due(g, &l->saved_ms, l->at_ms, l->all->count, SAVED_AT_ONCE);
    return e == ERR_OK && due ? save(an, g, ctx) : e;
}

/* ---- the detector ---- */

static enum err link_kind(struct analyser *an, struct groups *gs, const struct series *s, uint32_t kind, struct link link,
                          struct group **ret, struct errctx *ctx)
{
    uint32_t name;
    bool found;
    enum err e = store_string(an->st, str_of(names[kind]), &name, ctx);
    if (e == ERR_OK)
        e = groups_get(an, gs, &detect_length, name, s->dim[DIM_MODEL], &link.slot, &found, ctx);
    *ret = NULL;
    if (e != ERR_OK || !found)
        return e;
    *ret = gs->list[link.slot];
    struct length *l = (*ret)->own;
    l->kind = kind;
    l->all = gs;
    feeders_add(an, &l->feeders, s->source);
    e = open_length(an, *ret, ctx);
    return e == ERR_OK ? analyse_link(an, link, ctx) : e;
}

/* Answers are of both kinds, so that the links are made here. */
static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    const bool is_answer =
        s->signal == SIG_REQUESTS && strcmp(intern_text(store_strings(an->st), s->dim[DIM_CLASS]), outcome_name(OUTCOME_OK)) == 0;
    struct group *output = NULL, *input = NULL;
    enum err e = ERR_OK;
    (void)ret_wanted;
    if (s->dim[DIM_MODEL] == 0 || (!is_answer && s->signal != SIG_TOKENS_OUTPUT && s->signal != SIG_TOKENS_INPUT))
        return ERR_OK;
    ret_link->mark = is_answer ? MARK_ANSWERS : MARK_TOKENS;
    if (s->signal != SIG_TOKENS_INPUT)
        e = link_kind(an, state, s, OF_OUTPUT, *ret_link, &output, ctx);
    if (e == ERR_OK && s->signal != SIG_TOKENS_OUTPUT)
        e = link_kind(an, state, s, OF_INPUT, *ret_link, &input, ctx);
    if (output != NULL && input != NULL)
        ((struct length *)output->own)->prompts = input;
    return e;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    const uint64_t n = item->v.increment > 0 ? (uint64_t)item->v.increment : 0;
    (void)an;
    groups_count(state, l->slot, l->mark == MARK_TOKENS ? n : 0, l->mark == MARK_ANSWERS ? n : 0);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    return groups_close(an, state, &detect_length, in, judge, ctx);
}

static struct daycount count(const struct store_cell *cell)
{
    return (struct daycount){.n = cell->sum > 0 ? (uint64_t)cell->sum : 0};
}

static double column(struct analyser *an, struct group *g, int64_t begin_ms, int64_t end_ms, const struct store_cell *cell,
                     const struct daycount *c)
{
    (void)an;
    (void)begin_ms;
    (void)cell;
    take(g, end_ms, c->n, c->bad);
    return (double)c->bad;
}

static uint32_t name_of(const struct analyser *an, const struct groups_reading *how, const struct store_group *g)
{
    uint32_t id;
    (void)g;
    const uint32_t kind = how->n_signal == SIG_TOKENS_OUTPUT ? OF_OUTPUT : OF_INPUT;
    return intern_find(store_strings(an->st), str_of(names[kind]), &id) ? id : UINT32_MAX;
}

static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    uint32_t ok = UINT32_MAX; /* nothing was answered yet */
    enum err e = ERR_OK;
    (void)intern_find(store_strings(an->st), str_of(outcome_name(OUTCOME_OK)), &ok);
    for (uint32_t kind = 0; e == ERR_OK && kind < KINDS; kind++) {
        struct groups_reading how = {.n_signal = kind == OF_OUTPUT ? SIG_TOKENS_OUTPUT : SIG_TOKENS_INPUT,
                                     .bad_signal = SIG_REQUESTS,
                                     .a = DIM_COUNT,
                                     .b = DIM_MODEL,
                                     .step_ms = STREAM_STEP_MS,
                                     .count = count,
                                     .name = name_of,
                                     .column = column};
        how.bad_filter.dim[DIM_CLASS].ids = &ok;
        how.bad_filter.dim[DIM_CLASS].count = 1;
        e = groups_fill(an, state, &how, ctx);
    }
    return e;
}

static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    struct groups *gs = state;
    enum err e = groups_accept(an, gs, &detect_length, a, ctx);
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++) {
        if (!gs->list[i]->accepted)
            continue;
        begin(gs->list[i]->own);
        e = save(an, gs->list[i], ctx);
    }
    return e;
}

const struct detector detect_length = {.name = "length",
                                       .make = make,
                                       .drop = groups_free,
                                       .on_series = on_series,
                                       .on_item = on_item,
                                       .on_interval = on_interval,
                                       .fill = fill,
                                       .accept = accept,
                                       .finding = stream_finding};
