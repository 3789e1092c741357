/* SPDX-License-Identifier: MIT */
/* What becomes of a stream's alarm: one for the worse is held against the traffic (analyse_traffic.c). What that explains is an event, and
 * the baseline begins anew; what remains is a finding. One for the better is an event as well, and a new baseline. */
#include "record/analyse_stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "record/analyse_late.h"

enum {
    STORED_MS = 10 * MINUTE_MS, /* by then an alarm's samples are in the store */
    SURE_MS = HOUR_MS,          /* as long an alarm waits for more of them, where the traffic changed as well */
};
static const double likelier = 1000;

const char *stream_found_text(struct analyser *an, const struct group *g, const struct edetect_alarm *al, bool is_directed)
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
    if (s->d.arl == DRIFT_ARL_FIRST)
        return "e-detector, its share of the budget of false alarms was not known yet";
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
    const char *from = text_beside(an, g->onset_ms, g->ended_ms), *to = text_beside(an, g->ended_ms, g->onset_ms),
               *off = text_duration(an, g->ended_error_ms);
    stream_finding(an, g->a, g->b, &rule, &scope);
    const char *id = arena_printf(&an->scratch, "quality-over:%u:%u:%lld", g->a, g->b, (long long)g->onset_ms);
    const char *text = name != NULL && model != NULL && from != NULL && to != NULL && off != NULL
                           ? arena_printf(&an->scratch, "%s of %s: over, back at its baseline since %s +-%s; it drifted from %s on", name,
                                          model, to, off, from)
                           : NULL;
    return analyse_event(an, id, EVENT_QUALITY, g->ended_ms, in->known_ms, scope, text, ctx);
}

enum err stream_tell_accepted(struct analyser *an, const struct group *g, const char *author, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const char *rule, *scope, *name = text_string(an, g->a), *model = g->b != 0 ? text_string(an, g->b) : "all models";
    const int64_t now = analyse_newest_ms(an);
    const char *by = text_safe(an, author), *from = text_beside(an, s->from_ms, now), *off = text_duration(an, s->from_error_ms),
               *n = text_count(an, s->d.all.n);
    stream_finding(an, g->a, g->b, &rule, &scope);
    const char *id = arena_printf(&an->scratch, "quality-normal:%u:%u:%lld", g->a, g->b, (long long)s->from_ms);
    const char *text = name != NULL && model != NULL && by != NULL && from != NULL && off != NULL && n != NULL
                           ? arena_printf(&an->scratch, "%s of %s: taken for normal by %s: the baseline is the %s samples since %s +-%s",
                                          name, model, by, n, from, off)
                           : NULL;
    return analyse_event(an, id, EVENT_QUALITY, now, now, scope, text, ctx);
}

/* What was counted since the onset of an alarm, and since the alarm, while it waited. */
static struct scored since(const struct group *g, const struct edetect_alarm *al)
{
    const struct stream *s = g->own;
    struct scored c = {.n = al->since.n, .bad = (uint64_t)al->since.sum, .sum = al->since.sum, .sum_sq = al->since.sum_sq};
    if (!s->is_score && stream_high_is_good(g))
        c.sum = (double)(c.n - c.bad);
    c.n += s->since.n;
    c.bad += s->since.bad;
    c.sum += s->since.sum;
    c.sum_sq += s->since.sum_sq;
    return c;
}

/* The baseline that a detector was held to, as the ring counts. */
static struct daycount base_of(const struct group *g)
{
    const struct stream *s = g->own;
    const double n = (double)s->d.base.n, sum = s->d.base.sum;
    return daycount_of(s->d.base.n, stream_rise_is_bad(g) ? sum : n - sum, s->base_ms - s->from_ms);
}

/* What was usual before an onset: the day before, which is nearest to it, unless that is less than the detector's baseline and would be a
 * thin one. */
static struct daycount usual_of(const struct group *g, int64_t until_ms)
{
    const struct stream *s = g->own;
    const struct daycount base = base_of(g), day = group_usual(g, until_ms, &base);
    const struct edetect_count of = {.n = day.n, .sum = daycount_bad(&day)};
    return day.n < base.n && edetect_lacks_of((enum edetect_kind)s->d.kind, &of) > 0 ? base : day;
}

static enum err hold(struct analyser *an, const struct detector *d, struct group *g, const struct edetect_alarm *al, const char *found,
                     int64_t error_ms, const struct interval *in, struct errctx *ctx)
{
    const bool up = stream_rise_is_bad(g);
    const struct daycount usual = usual_of(g, al->onset_after); /* not what came with the onset */
    const struct finding f = {.text = found,
                              .onset_ms = al->onset,
                              .onset_error_ms = error_ms,
                              .window_ms = (int)fmin((double)(in->t1_ms - al->onset), INT32_MAX),
                              .was = up ? al->before : 1 - al->before,
                              .is = up ? al->after : 1 - al->after};
    return group_hold(an, d, g, &f, &usual, in, ctx);
}

/* Whether an alarm is to be told later. */
static bool waits(const struct stream *s, const struct traffic *t, uint64_t n, int64_t now_ms)
{
    const int64_t waited = now_ms - s->alarm_ms;
    return (2 * t->seen < n && waited < STORED_MS) || (t->word == TRAFFIC_UNSURE && waited < SURE_MS);
}

/* That another model answers, or was deployed or configured, is what a drift of its begins with, where the samples do not speak against it:
 * it is some hundred times likelier to be one than any other minute; of those that are alike the one nearest to the onset by the samples,
 * and none that an earlier finding outlasted. Its text, "" = none; and whether it is of when gwtop saw it, before which it may have been
 * so. */
static enum err begun_by(struct analyser *an, const struct group *g, struct edetect_alarm *al, const char **ret, bool *ret_seen,
                         struct errctx *ctx)
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
        const double nats = is_change && strcmp(list[i].scope, scope) == 0 ? edetect_onset_nats(&s->d, list[i].at_ms) : -(double)INFINITY;
        const bool is_nearer = llabs(list[i].at_ms - al->onset) < llabs(at - al->onset);
        if (list[i].at_ms < g->ended_ms || !(nats > most || (nats == most && is_nearer)))
            continue;
        most = nats;
        at = list[i].at_ms;
        *ret = list[i].text;
        *ret_seen = strcmp(list[i].source, "gwtop") == 0;
    }
    if (e == ERR_OK && at != 0)
        edetect_alarm_from(&s->d, at, al);
    return e;
}

/* How it was found, and what it is put down to. */
struct found {
    struct edetect_alarm al;
    struct traffic traffic;
    const char *by; /* what it is taken to have begun with, "" = nothing */
    bool by_seen;   /* which may have begun before it was seen */
    bool is_directed, worse, explained;
    struct instant_between onset; /* by the scores */
    struct instant_between told;  /* what is told: of what it began with, to the poll that saw that */
    const char *text;
};

/* Between the two, neither before the baseline began nor after now. */
static struct instant_between between(const struct stream *s, int64_t at_ms, int64_t from_ms, int64_t to_ms, int64_t now_ms)
{
    const int64_t begun = s->from_ms != 0 && s->from_ms <= at_ms ? instant_later(from_ms, s->from_ms) : from_ms;
    struct instant_between b = {.at_ms = at_ms,
                                .from_ms = instant_earlier(begun, at_ms),
                                .to_ms = instant_later(instant_earlier(to_ms, now_ms), at_ms),
                                .limit_ms = now_ms};
    b.error_ms = instant_later(b.at_ms - b.from_ms, b.to_ms - b.at_ms);
    return b;
}

/* No better than to the samples before it, nor than the times of what came late. What came with the end of a drift is seen first when the
 * detector goes on. */
static struct instant_between onset_of(const struct stream *s, const struct edetect_alarm *al, int64_t now_ms)
{
    const int64_t late = s->late_from_ms != 0 ? instant_later(al->onset - s->late_from_ms, 0) : 0, after = al->onset_lo_after,
                  lo = s->rested_to_ms != 0 && after <= s->rested_to_ms ? instant_earlier(after, s->rested_from_ms) : after;
    return between(s, al->onset, instant_earlier(lo, al->onset - late), instant_later(al->onset_hi, al->onset + late), now_ms);
}

/* *ret: the event's. */
static enum err put_in_words(struct analyser *an, const struct group *g, struct found *f, const char **ret, struct errctx *ctx)
{
    const struct traffic *t = &f->traffic;
    const char *told = stream_found_text(an, g, &f->al, f->is_directed), *n = text_count(an, f->al.since.n), *how = promise(an, g->own);
    char off[TIMEFMT_MAX];
    instant_format_between(&f->onset, off);
    const char *onset = f->by[0] != '\0' ? arena_printf(&an->scratch, "%s by the scores, taken from: %s", off, f->by) : off;
    f->text = told != NULL && f->worse ? analyse_where_add(an, told, &t->found) : told;
    f->traffic.found.what = told;
    f->traffic.found.beside = t->text;
    if (f->text == NULL || n == NULL || onset == NULL || how == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a drift");
    const char *also = t->text[0] != '\0' ? "; " : "";
    *ret = f->explained ? arena_printf(&an->scratch,
                                       "traffic changed, no model: %s, n %s, and %s; the baseline is what this traffic had before; onset%s",
                                       f->text, n, t->text, onset)
           : f->worse   ? arena_printf(&an->scratch, "%s, n %s: %s; onset%s%s%s", f->text, n, how, onset, also, t->text)
                      : arena_printf(&an->scratch, "%s, n %s, for the better: what came since is the baseline; onset%s", f->text, n, onset);
    return ERR_OK;
}

static enum err open_finding(struct analyser *an, const struct detector *d, struct group *g, struct found *f, const struct interval *in,
                             struct errctx *ctx)
{
    struct stream *s = g->own;
    f->traffic.found.from_ms = f->told.from_ms;
    f->traffic.found.to_ms = f->told.to_ms;
    const char *text = analyse_found_text(an, &f->traffic.found);
    s->located = analyse_where_is_final(&f->traffic);
    s->where = f->traffic.found.where;
    s->undecided = f->traffic.found.undecided = f->traffic.word == TRAFFIC_UNSURE;
    f->traffic.found.asked_ms = in->t1_ms;
    s->asked_note = an->evidence_due = true;
    s->noted_n = UINT64_MAX; /* screens are to tell the promise that this alarm was made with */
    s->since = since(g, &f->al);
    enum err e = hold(an, d, g, &f->al, text, f->told.error_ms, in, ctx);
    if (e == ERR_OK)
        e = stream_save(an, g, s->at_ms, ctx);
    return e == ERR_OK ? analyse_found_put(an, g, &f->traffic.found, in->known_ms, ctx) : e;
}

/* Of a baseline that begins with an onset, of which the event tells the same. was: the level before it, 0 = not told. */
static void keep_onset(struct stream *s, const struct instant_between *onset, double was)
{
    s->from_error_ms = onset->error_ms;
    s->begun_ms = onset->at_ms;
    s->begun_from_ms = onset->from_ms;
    s->begun_to_ms = onset->to_ms;
    s->begun_was = was;
    s->rested_from_ms = s->rested_to_ms = 0;
}

/* The baseline from now on: what this traffic had before, with the variance of what came since. */
static enum err begin_explained(struct analyser *an, struct group *g, const struct instant_between *onset, const struct scored *now,
                                const struct traffic *t, struct errctx *ctx)
{
    struct stream *s = g->own;
    const double n = (double)now->n, var = fmax(s->d.base_var, now->sum_sq / n - now->sum * now->sum / (n * n));
    const struct scored left = stream_scored(g, &t->left, var);
    const char *why = arena_printf(&an->scratch, DRIFT_TRAFFIC "%s", t->text);
    if (why == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a drift");
    stream_begin_with(g, onset->at_ms, why, &left);
    keep_onset(s, onset, 0);
    return stream_save(an, g, s->at_ms, ctx);
}

/* What is no finding is the baseline from now on: for the better what came since. */
static enum err begin_anew(struct analyser *an, struct group *g, const struct found *f, struct errctx *ctx)
{
    struct stream *s = g->own;
    const struct scored now = since(g, &f->al);
    if (f->explained)
        return begin_explained(an, g, &f->told, &now, &f->traffic, ctx);
    const bool turned = !s->is_score && stream_high_is_good(g);
    stream_begin_with(g, f->told.at_ms, DRIFT_BETTER, &now);
    keep_onset(s, &f->told, turned ? 1 - f->al.before : f->al.before);
    return stream_save(an, g, s->at_ms, ctx);
}

enum err stream_explained(struct analyser *an, const struct detector *d, struct group *g, const char *found, const struct traffic *t,
                          const struct interval *in, struct errctx *ctx)
{
    const struct scored now = ((const struct stream *)g->own)->since;
    const char *rule, *scope, *id = arena_printf(&an->scratch, "quality-traffic:%u:%u:%lld", g->a, g->b, (long long)g->onset_ms);
    const char *text =
        arena_printf(&an->scratch, "traffic changed, no model: %s, and %s; the baseline is what this traffic had before", found, t->text);
    stream_finding(an, g->a, g->b, &rule, &scope);
    enum err e = analyse_event(an, id, EVENT_QUALITY, g->onset_ms, in->known_ms, scope, text, ctx);
    if (e == ERR_OK)
        e = group_lift(an, d, g, in, ctx);
    g->held = false;
    g->calm_ms = 0;
    an->evidence_due = true;
    const struct instant_between onset = {.at_ms = g->onset_ms, .error_ms = g->onset_error_ms};
    return e == ERR_OK ? begin_explained(an, g, &onset, &now, t, ctx) : e;
}

enum err stream_report(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    struct found f = {.traffic = {.text = ""}, .by = ""};
    const char *text;
    const bool is_old = s->alarm_ms != 0 && in->t1_ms - s->alarm_ms > MINUTE_MS; /* within a minute its samples are stored */
    const bool is_late = s->late_from_ms != 0 && s->share == NULL;
    if ((is_old && in->t1_ms - s->asked_ms < MINUTE_MS) || an->asked == STREAM_ASKED_AT_ONCE || !edetect_alarm(&s->d, &f.al) ||
        (is_late && analyse_late_waits(an))) /* what waits may be of any time */
        return ERR_OK;
    s->asked_ms = in->t1_ms;
    an->asked++;
    s->alarm_ms = s->alarm_ms == 0 ? in->t1_ms : s->alarm_ms;
    enum err e = stream_ask_better(an, g, ctx);
    if (e == ERR_OK && is_late)
        e = stream_again(an, g, in, ctx);
    if (e != ERR_OK || !edetect_alarm(&s->d, &f.al))
        return e;
    f.is_directed = stream_is_directed(g);
    if (f.is_directed)
        stream_direct_known(g);
    else /* a change that is neither worse nor better is a finding, until it is back */
        stream_direct(g, f.al.side == EDETECT_RISE);
    f.worse = (f.al.side == EDETECT_RISE) == stream_rise_is_bad(g);
    e = e == ERR_OK && f.worse ? begun_by(an, g, &f.al, &f.by, &f.by_seen, ctx) : e;
    if (e == ERR_OK)
        e = analyse_traffic(an, g, f.al.onset_after, in->t1_ms, 1, &f.traffic, ctx);
    if (e == ERR_OK && waits(s, &f.traffic, f.al.since.n, in->t1_ms))
        return ERR_OK;
    f.onset = f.told = onset_of(s, &f.al, in->t1_ms);
    if (f.by[0] != '\0') {
        const int64_t poll_ms = in->t0_ms > 0 ? in->t1_ms - in->t0_ms : MINUTE_MS;
        const int64_t from_ms = f.al.onset - poll_ms;
        f.told = between(s, f.al.onset, f.by_seen ? instant_earlier(f.onset.from_ms, from_ms) : from_ms, f.al.onset + poll_ms, in->t1_ms);
    }
    /* What most of it is explained by is the baseline as it explains it: what is left of the change is watched against that. */
    f.explained = traffic_explains(&f.traffic);
    if (e == ERR_OK)
        e = put_in_words(an, g, &f, &text, ctx);
    if (e != ERR_OK)
        return e;
    s->alarm_ms = 0;
    e = tell(an, g, f.al.onset, in, text, ctx);
    if (e != ERR_OK)
        return e;
    if (!f.worse || f.explained)
        return begin_anew(an, g, &f, ctx);
    e = open_finding(an, d, g, &f, in, ctx);
    return e == ERR_OK && is_late ? stream_held(an, d, g, in, ctx) : e; /* what came after it is known already */
}
