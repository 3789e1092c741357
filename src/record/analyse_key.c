/* SPDX-License-Identifier: MIT */
/* A key that runs away, by what analysis/runaway.h says of it: fed with what all series of the key tell, judged at the end of each
 * interval. */
#include "analysis/runaway.h"

#include <math.h>
#include <stdlib.h>

#include "model/money.h"
#include "record/analyse_detect.h"

enum {
    HOURS = RUNAWAY_HOURS,
    FINE_MS = 75 * MINUTE_MS, /* what is usual wants the last hour and a quarter by minutes */
    BYTES_MAX = 128 << 20,
};

/* The detector's part of a group. */
struct key {
    struct runaway run;
    struct runaway_count at;    /* of the interval at hand */
    struct runaway_usual usual; /* before the finding that holds; not known after a restart */
    bool has_usual;
};

/* Signals of a key, and what they count. A link's mark is the row. */
enum { MARK_REQUESTS, MARK_FAILED, MARK_COST, MARK_INPUT, MARK_OUTPUT, MARK_FALLBACKS, MARKS };
static const enum signal signals[MARKS] = {
    [MARK_REQUESTS] = SIG_REQUESTS,  [MARK_FAILED] = SIG_REQUESTS,      [MARK_COST] = SIG_COST,
    [MARK_INPUT] = SIG_TOKENS_INPUT, [MARK_OUTPUT] = SIG_TOKENS_OUTPUT, [MARK_FALLBACKS] = SIG_FALLBACKS};

static void count(struct runaway_count *to, unsigned mark, int64_t increment)
{
    uint64_t n = increment > 0 ? (uint64_t)increment : 0;
    switch (mark) {
    case MARK_FAILED: to->failed += n; /* fallthrough */
    case MARK_REQUESTS: to->requests += n; break;
    case MARK_COST: to->cost_nusd += (int64_t)n; break;
    case MARK_INPUT: to->input_tokens += n; break;
    case MARK_OUTPUT: to->output_tokens += n; break;
    default: to->fallbacks += n; break;
    }
}

/* Requests of a class that is no answer are counted as such. */
static unsigned mark_of(const struct analyser *an, unsigned mark, uint32_t class)
{
    enum outcome o;
    return mark == MARK_REQUESTS && class != 0 && outcome_by_name(str_of(intern_text(store_strings(an->st), class)), &o) && o != OUTCOME_OK
               ? MARK_FAILED
               : mark;
}

static void *make(void)
{
    return groups_new(sizeof(struct key), false);
}

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    struct groups *gs = state;
    unsigned mark = 0;
    while (mark < MARKS && s->signal != (uint16_t)signals[mark])
        mark++;
    if (mark == MARKS || s->dim[DIM_KEY] == 0)
        return ERR_OK;
    uint32_t known = gs->count;
    enum err e = groups_get(an, gs, &detect_key, s->dim[DIM_KEY], s->dim[DIM_GATEWAY], &ret_link->slot, ret_wanted, ctx);
    if (gs->count > known) {
        struct key *k = gs->list[known]->own;
        runaway_init(&k->run);
    }
    ret_link->mark = (uint8_t)mark_of(an, mark, s->dim[DIM_CLASS]);
    if (e == ERR_OK && *ret_wanted && gs->list[ret_link->slot]->more == 0)
        gs->list[ret_link->slot]->more = s->dim[DIM_TEAM];
    return e;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    struct groups *gs = state;
    struct key *k = gs->list[l->slot]->own;
    (void)an;
    count(&k->at, l->mark, item->v.increment);
    groups_count(gs, l->slot, l->mark <= MARK_FAILED && item->v.increment > 0 ? (uint64_t)item->v.increment : 0, 0);
}

static void finding(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope)
{
    const char *key = text_string(an, a);
    *ret_rule = analyse_rule(an, "key", b);
    *ret_scope = key != NULL ? arena_printf(&an->scratch, "key=%s", key) : NULL;
}

/* ---- saying it ---- */

/* "x7.0", "x12", "from nothing". */
static const char *text_times(struct analyser *an, double now, double usual)
{
    if (!(usual > 0))
        return "from nothing";
    return arena_printf(&an->scratch, "x%.*f", now / usual < 9.95 ? 1 : 0, now / usual);
}

/* "~7.0x its requests", "requests from nothing". */
static const char *text_half(struct analyser *an, double now, double usual, const char *what)
{
    if (!(usual > 0))
        return arena_printf(&an->scratch, "%s from nothing", what);
    return arena_printf(&an->scratch, "~%.*fx its %s", now / usual < 9.95 ? 1 : 0, now / usual, what);
}

static const char *text_usd_per_h(struct analyser *an, double nusd_per_s)
{
    const char *usd = text_usd(an, llround(fmin(nusd_per_s * 3600, 9e18)));
    return usd != NULL ? arena_printf(&an->scratch, "%s/h", usd) : NULL;
}

/* What the first of the signs saw, and the level that it is about. */
struct saying {
    const char *text, *half; /* "req/s x7.0: 2.3/s over 1m, usually 0.33/s"; "~7.0x its requests": of one minute. NULL: out of memory */
    double was, is;
};

static struct saying say(struct analyser *an, const struct runaway_verdict *v, const struct runaway_usual *u)
{
    struct arena *a = &an->scratch;
    struct saying s = {.was = u->requests_per_s, .is = v->requests_per_s};
    const char *over = text_duration(an, (v->signs & (RUNAWAY_RATE | RUNAWAY_SAME | RUNAWAY_SPEND)) != 0 ? v->minute_ms : v->window_ms);
    if ((v->signs & (RUNAWAY_RATE | RUNAWAY_SAME)) != 0) {
        bool same = (v->signs & RUNAWAY_RATE) == 0;
        s.text = arena_printf(a, "req/s %s%s: %s/s over %s, usually %s/s", text_times(an, s.is, s.was), same ? ", all of one size" : "",
                              text_number(an, s.is, 2), over, text_number(an, s.was, 2));
        s.half = arena_printf(a, "%s%s", text_half(an, s.is, s.was, "requests"), same ? ", all of one size" : "");
    } else if ((v->signs & RUNAWAY_SPEND) != 0) {
        s.was = u->nusd_per_s;
        s.is = v->nusd_per_s;
        s.text = arena_printf(a, "spend %s: %s over %s, usually %s", text_times(an, s.is, s.was), text_usd_per_h(an, s.is), over,
                              text_usd_per_h(an, s.was));
        s.half = text_half(an, s.is, s.was, "spend");
    } else if ((v->signs & RUNAWAY_PROMPT) != 0) {
        s.was = u->tokens_per_request;
        s.is = v->tokens_per_request;
        s.text = arena_printf(a, "prompts %s: %s tokens over %s, usually %s", text_times(an, s.is, s.was), text_number(an, s.is, 3), over,
                              text_number(an, s.was, 3));
        s.half = text_half(an, s.is, s.was, "prompt length");
    } else {
        s.was = u->fallbacks_per_request;
        s.is = v->fallbacks_per_request;
        s.text = arena_printf(a, "falls back %.1f times per request over %s, usually %.1f", s.is, over, s.was);
        s.half = arena_printf(a, "%.1f fallbacks per request", s.is);
    }
    return s;
}

/* What is kept with the finding: usual requests and nano-USD of an hour. One at least, for none means that it was taken for normal. */
static struct daycount kept(const struct runaway_usual *u)
{
    uint64_t requests = (uint64_t)llround(u->requests_per_s * 3600);
    return (struct daycount){
        .n = requests > 0 ? requests : 1, .bad = (uint64_t)llround(fmin(u->nusd_per_s * 3600, 9e18)), .observed_ms = HOUR_MS};
}

static struct runaway_usual unkept(const struct daycount *c)
{
    return (struct runaway_usual){.requests_per_s = 1000 * (double)c->n / (double)c->observed_ms,
                                  .nusd_per_s = 1000 * (double)c->bad / (double)c->observed_ms,
                                  .tokens_per_request = (double)NAN,
                                  .week_known = true};
}

static enum err report(struct analyser *an, struct group *g, const struct runaway_verdict *v, const struct runaway_usual *u,
                       const struct interval *in, struct errctx *ctx)
{
    const char *key = text_string(an, g->a), *team = g->more != 0 ? text_string(an, g->more) : NULL;
    const char *owner = team != NULL ? arena_printf(&an->scratch, " (team %s)", team) : "";
    const struct saying s = say(an, v, u);
    const struct runaway_onset onset = runaway_onset(&((struct key *)g->own)->run, u, v);
    const char *off = text_duration(an, onset.error_ms);
    if (key == NULL || owner == NULL || s.text == NULL || s.half == NULL || off == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down what a key does");
    const char *id = arena_printf(&an->scratch, "key:%u:%u:%lld", g->b, g->a, (long long)in->t1_ms);
    enum err e = analyse_event(an, id, EVENT_KEY, onset.at_ms, in->known_ms, arena_printf(&an->scratch, "key=%s", key),
                               arena_printf(&an->scratch, "key %s%s %s; onset +-%s", key, owner, s.text, off), ctx);
    if (e != ERR_OK)
        return e;
    const struct finding f = {.text = arena_printf(&an->scratch, "key %s%s: %s", key, owner, s.half),
                              .onset_ms = onset.at_ms,
                              .onset_error_ms = onset.error_ms,
                              .window_ms = (int)v->window_ms,
                              .was = s.was,
                              .is = s.is};
    const struct daycount usual = kept(u);
    return group_hold(an, &detect_key, g, &f, &usual, in, ctx);
}

/* ---- judging ---- */

/* Of one that runs, or did within the hour, what was usual before. */
static bool usual_of(const struct group *g, struct key *k, struct runaway_usual *ret)
{
    struct daycount day;
    if (!g->held)
        return runaway_usual(&k->run, ret);
    if (!k->has_usual && !group_has_usual(g, &day))
        return false;
    *ret = k->has_usual ? k->usual : unkept(&day);
    return true;
}

/* What runs at five times the usual is not below twice of it in every minute of three by chance: then it fell back, in the first of them or
 * the poll before. */
static enum err follow_end(struct analyser *an, struct group *g, bool is_calm, const struct interval *in, struct errctx *ctx)
{
    const int64_t poll_ms = in->t1_ms - in->t0_ms, off_ms = (MINUTE_MS + poll_ms) / 2;
    if (!g->firing)
        return ERR_OK;
    if (!is_calm && g->ended_ms != 0)
        return group_ended(an, &detect_key, g, 0, 0, in, ctx);
    return is_calm && g->ended_ms == 0 && g->calm_ms != 0 && in->t1_ms - g->calm_ms >= 2 * MINUTE_MS
               ? group_ended(an, &detect_key, g, g->calm_ms - off_ms, off_ms, in, ctx)
               : ERR_OK;
}

static enum err judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct key *k = g->own;
    struct runaway_usual usual;
    runaway_feed(&k->run, in->t0_ms, in->t1_ms, &k->at);
    k->at = (struct runaway_count){.requests = 0};
    if (!usual_of(g, k, &usual))
        return ERR_OK;
    const struct runaway_verdict v = runaway_judge(&k->run, &usual);
    if (v.window_ms == 0)
        return ERR_OK;
    enum err e = follow_end(an, g, v.is_calm, in, ctx);
    if (e == ERR_OK)
        e = group_calm(an, &detect_key, g, v.is_calm, in, ctx);
    if (e != ERR_OK || g->held || v.signs == 0)
        return e;
    k->usual = usual;
    k->has_usual = true;
    return report(an, g, &v, &usual, in, ctx);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    return groups_close(an, state, &detect_key, in, judge, ctx);
}

/* ---- what is usual, from the store ---- */

/* Seven days by hours and what is left of them by minutes; columns of the one and then of the other. */
struct week {
    int64_t newest_ms;
    struct store_query q[2];
    uint32_t columns;
    struct runaway_count *counts; /* [groups * columns] */
};

static struct week week_of(int64_t newest_ms)
{
    struct week w = {.newest_ms = newest_ms};
    int64_t end = (newest_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS, edge = (end - FINE_MS) / HOUR_MS * HOUR_MS;
    w.q[0] = (struct store_query){.t0_ms = edge - HOURS * (int64_t)HOUR_MS, .step_ms = HOUR_MS, .columns = HOURS};
    w.q[1] = (struct store_query){.t0_ms = edge, .step_ms = MINUTE_MS, .columns = (uint32_t)((end - edge) / MINUTE_MS)};
    w.columns = w.q[0].columns + w.q[1].columns;
    return w;
}

static void take(const struct analyser *an, const struct groups *gs, struct week *w, unsigned mark, const struct store_result *r,
                 uint32_t first, uint32_t columns)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct store_group *g = &r->groups[i];
        uint32_t slot;
        if (!groups_find(gs, g->dim[DIM_KEY], g->dim[DIM_GATEWAY], &slot))
            continue;
        for (uint32_t c = 0; c < columns; c++) {
            struct runaway_count *to = &w->counts[(size_t)slot * w->columns + first + c];
            if (g->cells[c].n == 0)
                continue;
            count(to, mark_of(an, mark, g->dim[DIM_CLASS]), g->cells[c].sum);
            if (g->cells[c].covered_ms > to->observed_ms)
                to->observed_ms = g->cells[c].covered_ms;
        }
    }
}

static enum err read_signal(struct analyser *an, const struct groups *gs, struct week *w, unsigned mark, struct errctx *ctx)
{
    struct store_result r[2];
    struct arena a; /* of this reading alone */
    for (int i = 0; i < 2; i++) {
        w->q[i].signal = signals[mark];
        w->q[i].group_by = DIM_BIT(DIM_KEY) | DIM_BIT(DIM_GATEWAY) | (mark == MARK_REQUESTS ? DIM_BIT(DIM_CLASS) : 0);
        enum err e = analyse_allowed(an, signals[mark], &w->q[i].filter.sources, &w->q[i].filter.source_count, ctx);
        if (e != ERR_OK)
            return e;
    }
    arena_init(&a, BYTES_MAX);
    enum err e = store_read(an->st, w->q, 2, &a, r, ctx);
    if (e == ERR_OK) {
        take(an, gs, w, mark, &r[0], 0, w->q[0].columns);
        take(an, gs, w, mark, &r[1], w->q[0].columns, w->q[1].columns);
    }
    arena_fini(&a);
    return e;
}

/* What was torn (analyse_torn.c) is no part of what is usual. */
static bool is_torn(const struct analyser *an, int64_t t0_ms, int64_t t1_ms)
{
    uint64_t counted = 0;
    for (unsigned mark = 0; mark < MARKS; mark++)
        counted |= UINT64_C(1) << signals[mark];
    return analyse_torn_any(an, counted, t0_ms, t1_ms);
}

static void feed_week(const struct analyser *an, const struct group *g, const struct week *w, const struct runaway_count *counts)
{
    struct key *k = g->own;
    for (uint32_t c = 0; c < w->columns; c++) {
        const struct store_query *q = c < HOURS ? &w->q[0] : &w->q[1];
        int64_t begin = q->t0_ms + (c < HOURS ? c : c - HOURS) * q->step_ms, end = begin + q->step_ms;
        if (end > w->newest_ms)
            end = w->newest_ms;
        if (begin >= g->from_ms && counts[c].observed_ms > 0 && !is_torn(an, begin, end))
            runaway_feed(&k->run, end - counts[c].observed_ms, end, &counts[c]);
    }
}

static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    struct groups *gs = state;
    struct week w = week_of(analyse_newest_ms(an));
    enum err e = ERR_OK;
    if (w.newest_ms == 0 || gs->count == 0)
        return ERR_OK;
    w.counts = calloc((size_t)gs->count * w.columns, sizeof *w.counts);
    if (w.counts == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what keys usually do");
    for (unsigned mark = 0; e == ERR_OK && mark < MARKS; mark++)
        e = mark != MARK_FAILED ? read_signal(an, gs, &w, mark, ctx) : ERR_OK; /* it is a part of what requests tell */
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++)
        feed_week(an, gs->list[i], &w, &w.counts[(size_t)i * w.columns]);
    free(w.counts);
    return e;
}

static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    struct groups *gs = state;
    enum err e = groups_accept(an, gs, &detect_key, a, ctx);
    for (uint32_t i = 0; i < gs->count; i++) {
        struct key *k = gs->list[i]->own;
        if (gs->list[i]->from_ms <= k->run.first_ms)
            continue;
        runaway_forget(&k->run, gs->list[i]->from_ms);
        k->has_usual = false;
    }
    return e;
}

const struct detector detect_key = {.name = "key",
                                    .make = make,
                                    .drop = groups_free,
                                    .on_series = on_series,
                                    .on_item = on_item,
                                    .on_interval = on_interval,
                                    .fill = fill,
                                    .accept = accept,
                                    .finding = finding};
