/* SPDX-License-Identifier: MIT */
/* What becomes of a stream's alarm: one for the worse is held against the traffic (analyse_traffic.c). What that explains is an event, and the baseline
 * begins anew; what remains is a finding. One for the better is an event as well, and a new baseline. */
#include "record/analyse_stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STORED_MS = 10 * MINUTE_MS, /* by then an alarm's samples are in the store */
    SURE_MS = HOUR_MS,          /* as long an alarm waits for more of them, where the traffic changed as well */
};
static const double likelier = 1000;

/* An alarm in words: "json_valid of gpt-x fell 98.9 -> 94.0 %"; means, where the bad ones are told as such. */
static const char *found_text(struct analyser *an, const struct group *g, const struct edetect_alarm *al, bool is_directed)
{
    const struct stream *s = g->own;
    const char *name = text_string(an, g->a), *model = g->b != 0 ? text_string(an, g->b) : "all models";
    bool turned = !s->is_score && stream_high_is_good(g), rise = (al->side == EDETECT_RISE) != turned;
    double was = turned ? 1 - al->before : al->before, is = turned ? 1 - al->after : al->after;
    int digits = fmin(was, is) < 0.0095 ? 2 : 1;
    if (name == NULL || model == NULL)
        return NULL;
    return arena_printf(&an->scratch, "%s of %s %s %.*f -> %.*f %%%s", name, model, rise ? "rose" : "fell", digits, 100 * was, digits,
                        100 * is, is_directed ? "" : " (better or worse? scores: better is not set)");
}

static const char *promise(struct analyser *an, const struct stream *s)
{
    const char *arl = text_number(an, s->d.arl, 2);
    return arl != NULL ? arena_printf(&an->scratch, "e-detector, at most 1 false alarm in %s samples (%g in 30 d over %u streams)", arl,
                                      an->cfg->false_alarms, analyse_stream_total(an))
                       : NULL;
}

static enum err tell(struct analyser *an, const struct group *g, int64_t onset_ms, const struct interval *in, const char *text,
                     struct errctx *ctx)
{
    const char *rule, *scope;
    stream_finding(an, g->a, g->b, &rule, &scope);
    const char *id = arena_printf(&an->scratch, "quality:%u:%u:%lld", g->a, g->b, (long long)onset_ms); /* after a crash once more */
    return analyse_event(an, id, EVENT_QUALITY, onset_ms, in->known_ms, scope, text, ctx);
}

enum err stream_tell_over(struct analyser *an, const struct group *g, const struct interval *in, struct errctx *ctx)
{
    const char *rule, *scope, *name = text_string(an, g->a), *model = g->b != 0 ? text_string(an, g->b) : "all models";
    const char *from = text_clock(an, g->onset_ms), *to = text_clock(an, g->ended_ms), *off = text_duration(an, g->ended_error_ms);
    stream_finding(an, g->a, g->b, &rule, &scope);
    const char *id = arena_printf(&an->scratch, "quality-over:%u:%u:%lld", g->a, g->b, (long long)g->onset_ms);
    const char *text = name != NULL && model != NULL && from != NULL && to != NULL && off != NULL
                           ? arena_printf(&an->scratch, "%s of %s: over, back at its baseline since %s +-%s; it drifted from %s on", name,
                                          model, to, off, from)
                           : NULL;
    return analyse_event(an, id, EVENT_QUALITY, g->ended_ms, in->known_ms, scope, text, ctx);
}

/* What was counted since the onset is the baseline from now on, and why. */
static void begin_since(struct group *g, const struct edetect_alarm *al, const char *why)
{
    struct stream *s = g->own;
    struct scored c = {.n = al->since.n, .bad = (uint64_t)al->since.sum, .sum = al->since.sum};
    if (!s->is_score && stream_high_is_good(g))
        c.sum = (double)(c.n - c.bad);
    c.sum_sq = c.sum;
    stream_begin(s, al->onset, why);
    stream_feed(g, s->at_ms, &c);
}

static enum err hold(struct analyser *an, const struct detector *d, struct group *g, const struct edetect_alarm *al, const char *found,
                     int64_t error_ms, const struct interval *in, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const bool up = stream_rise_is_bad(g);
    const double was = up ? al->before : 1 - al->before;
    struct daycount day = {.n = s->d.base.n, .observed_ms = s->base_ms - s->from_ms}; /* where the ring does not reach back to an hour */
    day.bad = (uint64_t)llround(was * (double)day.n);
    const struct daycount usual = group_usual(g, al->onset, &day);
    const struct finding f = {.text = found,
                              .onset_ms = al->onset,
                              .onset_error_ms = error_ms,
                              .window_ms = (int)fmin((double)(in->t1_ms - al->onset), INT32_MAX),
                              .was = was,
                              .is = up ? al->after : 1 - al->after};
    return group_hold(an, d, g, &f, &usual, in, ctx);
}

/* Whether an alarm is to be told later. */
static bool waits(const struct stream *s, const struct traffic *t, uint64_t n, int64_t now_ms)
{
    const int64_t waited = now_ms - s->alarm_ms;
    return (2 * t->seen < n && waited < STORED_MS) || (t->word == TRAFFIC_UNSURE && waited < SURE_MS);
}

/* That another model answers, or was deployed or configured, is what a drift of its begins with, where the samples do not speak against it: it is some
 * hundred times likelier to be one than any other minute; of those that are alike the one nearest to the onset by the samples, and none that an earlier
 * finding outlasted. Its text, "" = none. */
static enum err begun_by(struct analyser *an, const struct group *g, struct edetect_alarm *al, const char **ret, struct errctx *ctx)
{
    const struct stream *s = g->own;
    struct event *list;
    size_t count;
    const char *rule, *scope;
    double most = -log(likelier);
    int64_t at = 0;
    stream_finding(an, g->a, g->b, &rule, &scope);
    *ret = "";
    if (scope == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a drift");
    enum err e = store_events(an->st, al->onset - DAY_MS, s->at_ms, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && g->b != 0 && i < count; i++) {
        const bool is_change = list[i].kind == EVENT_DEPLOY || list[i].kind == EVENT_MODEL_VERSION || list[i].kind == EVENT_CONFIG;
        const double nats =
            is_change && strcmp(list[i].scope, scope) == 0 ? edetect_onset_nats(&s->d, list[i].at_ms, STREAM_STEP_MS) : -(double)INFINITY;
        const bool is_nearer = llabs(list[i].at_ms - al->onset) < llabs(at - al->onset);
        if (list[i].at_ms < g->ended_ms || !(nats > most || (nats == most && is_nearer)))
            continue;
        most = nats;
        at = list[i].at_ms;
        *ret = list[i].text;
    }
    if (e == ERR_OK && at != 0)
        edetect_alarm_from(&s->d, at, al);
    return e;
}

enum err stream_report(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    struct edetect_alarm al;
    struct traffic traffic = {.text = ""};
    const bool is_old = s->alarm_ms != 0 && in->t1_ms - s->alarm_ms > MINUTE_MS; /* within a minute its samples are stored */
    if ((is_old && in->t1_ms - s->asked_ms < MINUTE_MS) || an->asked == STREAM_ASKED_AT_ONCE || !edetect_alarm(&s->d, &al))
        return ERR_OK;
    s->asked_ms = in->t1_ms;
    an->asked++;
    s->alarm_ms = s->alarm_ms == 0 ? in->t1_ms : s->alarm_ms;
    enum err e = stream_ask_better(an, g, ctx);
    const bool is_directed = stream_is_directed(g);
    if (is_directed)
        stream_direct_known(g);
    else /* a change that is neither worse nor better is a finding, until it is back */
        stream_direct(g, al.side == EDETECT_RISE);
    const bool worse = (al.side == EDETECT_RISE) == stream_rise_is_bad(g);
    const char *by = "";
    e = e == ERR_OK && worse ? begun_by(an, g, &al, &by, ctx) : e;
    if (e == ERR_OK)
        e = analyse_traffic(an, g, al.onset, in->t1_ms, 1, &traffic, ctx);
    if (e == ERR_OK && waits(s, &traffic, al.since.n, in->t1_ms))
        return ERR_OK;
    int64_t error = al.onset_hi - al.onset > al.onset - al.onset_lo ? al.onset_hi - al.onset : al.onset - al.onset_lo;
    error = error > in->t1_ms - in->t0_ms || in->t0_ms == 0 ? error : in->t1_ms - in->t0_ms;
    if (s->late_from_ms != 0 && al.onset - s->late_from_ms > error) /* some of its samples are of any time since */
        error = al.onset - s->late_from_ms;
    const char *told = found_text(an, g, &al, is_directed),
               *found = told != NULL && worse ? analyse_where_add(an, told, &traffic.found) : told, *n = text_count(an, al.since.n),
               *how = promise(an, s);
    const char *off = text_duration(an, error),
               *onset = off != NULL && by[0] != '\0' ? arena_printf(&an->scratch, "%s by the scores, taken from: %s", off, by) : off;
    if (found == NULL || n == NULL || onset == NULL || how == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a drift");
    s->alarm_ms = 0;
    const bool explained = traffic.word == TRAFFIC_ALONE || (traffic.word == TRAFFIC_UNSURE && traffic.rather);
    const char *also = traffic.text[0] != '\0' ? "; " : "";
    const char *text =
        explained ? arena_printf(&an->scratch,
                                 "traffic changed, no model: %s, n %s, and %s; the baseline is what this traffic had before; onset +-%s",
                                 found, n, traffic.text, onset)
        : worse   ? arena_printf(&an->scratch, "%s, n %s: %s; onset +-%s%s%s", found, n, how, onset, also, traffic.text)
                  : arena_printf(&an->scratch, "%s, n %s, for the better: what came since is the baseline; onset +-%s", found, n, onset);
    if (e == ERR_OK)
        e = tell(an, g, al.onset, in, text, ctx);
    if (e != ERR_OK)
        return e;
    if (worse && !explained) {
        traffic.found.what = told;
        traffic.found.beside = traffic.text;
        const char *whole = analyse_found_text(an, &traffic.found);
        s->located = analyse_where_is_final(&traffic);
        s->where = traffic.found.where;
        s->asked_note = an->evidence_due = true;
        s->noted_n = UINT64_MAX; /* screens are to tell the promise that this alarm was made with */
        e = hold(an, d, g, &al, whole, error, in, ctx);
        if (e == ERR_OK)
            e = stream_save(an, g, s->at_ms, ctx);
        return e == ERR_OK ? analyse_found_put(an, g, &traffic.found, in->known_ms, ctx) : e;
    }
    if (explained) {
        const char *why = arena_printf(&an->scratch, DRIFT_TRAFFIC "%s", traffic.text);
        if (why == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a drift");
        stream_begin_with(g, al.onset, why, &traffic.left);
    } else
        begin_since(g, &al, DRIFT_BETTER);
    s->from_error_ms = error;
    return stream_save(an, g, s->at_ms, ctx);
}
