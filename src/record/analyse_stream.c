/* SPDX-License-Identifier: MIT */
/* How a stream goes: its samples are fed to the detector. An alarm for the worse is held against the traffic (analyse_traffic.c): what
 * the traffic explains is an event, and the baseline begins anew; what remains is a finding, and the detector rests until that is over. An
 * alarm for the better is an event as well.
 *
 * A finding is over when none of the windows differs from the day before its onset any more, and the answers since some moment are a million
 * times likelier at the old level than at the one found: that few answers do not differ proves nothing. docs/decisions/0008-drift.md */
#include "record/analyse_stream.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"
#include "model/drift.h"

enum {
    VERSION = 1,
    SAVED_AT_ONCE = 128, /* states of 5 KB in one transaction; with more streams each is kept less often */
    NOTE_BYTES_MAX = 4096,
    STORED_MS = 10 * MINUTE_MS, /* by then an alarm's samples are in the store */
    SURE_MS = HOUR_MS,          /* as long an alarm waits for more of them, where the traffic changed as well */
};
static const size_t KEPT_BYTES = offsetof(struct stream, saved_ms);
static const int windows[] = {0, 3, 12}; /* five minutes beyond the last 15 */
static const double over_chance = 1e-6, normal_chance = 1e-3;
static const double first_arl = 1e6;          /* of the order that streams have, until it is known what this one brings */
static const int64_t PERIOD_MS = 30 * DAY_MS; /* of the budget of false alarms */

void stream_finding(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope)
{
    const char *model = b != 0 ? text_string(an, b) : "";
    *ret_rule = analyse_rule(an, "quality", a);
    *ret_scope = model == NULL ? NULL : b != 0 ? arena_printf(&an->scratch, "model=%s", model) : "";
}

bool stream_high_is_good(const struct group *g)
{
    if (((const struct stream *)g->own)->share != NULL)
        return false;
    double mean = g->sum / g->weight, bad = g->bad_ever / g->weight;
    return !(fabs(mean - bad) < fabs(mean - (1 - bad)));
}

/* Of a share bad ones are counted. */
static bool is_rise_bad(const struct group *g)
{
    return !((const struct stream *)g->own)->is_score || !stream_high_is_good(g);
}

/* ---- begin and restart ---- */

static void begin(struct stream *s, int64_t from_ms, const char *why)
{
    edetect_init(&s->d, s->is_score ? EDETECT_SCORE : EDETECT_BINARY, s->d.arl > 0 ? s->d.arl : first_arl);
    s->version = VERSION;
    s->sum = s->base_sum = 0;
    s->alarm_ms = 0;
    s->from_ms = s->base_ms = from_ms;
    (void)str_copy(s->why, sizeof s->why, str_of(why));
    s->noted_n = UINT64_MAX; /* it is to be told */
}

/* The first samples of a baseline, by the ring's counts. */
static void begin_with(struct group *g, int64_t from_ms, const char *why, const struct daycount *c)
{
    struct stream *s = g->own;
    double sum = stream_high_is_good(g) ? (double)(c->n - c->bad) : (double)c->bad;
    begin(s, from_ms, why);
    stream_feed(g, s->at_ms, &(struct scored){.n = c->n, .bad = c->bad, .sum = sum, .sum_sq = sum});
}

/* The note of its state, or the one for screens. */
static const char *note_name(struct analyser *an, const struct group *g, bool is_state)
{
    const char *rule, *scope;
    stream_finding(an, g->a, g->b, &rule, &scope);
    if (rule == NULL || scope == NULL)
        return NULL;
    return is_state ? arena_printf(&an->scratch, "detector:%s|%s", rule, scope) : arena_printf(&an->scratch, DRIFT_NOTE, rule, scope);
}

/* Who feeds it, by the index that is being built. */
static void list_source(const struct analyser *an, struct stream *s, uint32_t source)
{
    if (s->index_count != an->index_count) {
        s->index_count = an->index_count;
        s->sources_before = s->sources;
        s->sources = 0;
    }
    s->sources |= UINT64_C(1) << source % 64;
}

enum err stream_open(struct analyser *an, struct group *g, uint32_t source, struct errctx *ctx)
{
    struct stream *s = g->own;
    list_source(an, s, source);
    struct str bytes;
    const char *name = note_name(an, g, true);
    if (s->ready)
        return ERR_OK;
    s->ready = true;
    begin(s, g->from_ms, "");
    if (name == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for streams");
    enum err e = store_note(an->st, name, INT64_MAX, &an->scratch, &bytes);
    if (e == ERR_NOTFOUND)
        return ERR_OK;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "the state of %s cannot be read", name);
    struct stream *was = bytes.n == KEPT_BYTES ? arena_alloc(&an->scratch, sizeof *was) : NULL;
    if (was == NULL)
        return ERR_OK; /* of another build: its day is fed anew */
    memcpy(was, bytes.p, KEPT_BYTES);
    if (was->version != VERSION || !edetect_valid(&was->d))
        return ERR_OK;
    if (g->firing || g->since_ms <= was->at_ms) { /* else what it found is over, or was taken for normal, since */
        memcpy(s, was, KEPT_BYTES);
        s->saved_ms = s->at_ms;
    }
    return ERR_OK;
}

/* ---- feeding ---- */

void stream_feed(struct group *g, int64_t end_ms, const struct scored *c)
{
    struct stream *s = g->own;
    uint64_t base = s->d.base.n;
    if (edetect_state(&s->d) == EDETECT_DRIFT || c->n == 0)
        return;
    s->from_ms = s->from_ms == 0 ? end_ms : s->from_ms;
    s->at_ms = end_ms > s->at_ms ? end_ms : s->at_ms;
    if (s->is_score)
        edetect_feed_scores(&s->d, s->at_ms, c->n, c->sum, c->sum_sq);
    else
        edetect_feed_binary(&s->d, s->at_ms, c->n, c->bad);
    s->sum += c->sum;
    if (s->d.base.n != base) {
        s->base_sum = s->sum;
        s->base_ms = s->at_ms;
    }
}

/* A share has values 0 and 1 alone, of which one is bad. */
static bool fits_share(const struct scored *c)
{
    static const double exact = 1e-6; /* a sum in 1e-9 of each */
    double n = (double)c->n, bad = (double)c->bad;
    return fabs(c->sum - bad) <= exact * n || fabs(c->sum - (n - bad)) <= exact * n;
}

/* What kind of stream it is, and which way is good. */
static void learn(struct group *g, const struct scored *c)
{
    struct stream *s = g->own;
    if (!s->is_score && s->share == NULL && !fits_share(c)) {
        s->is_score = true;
        begin(s, 0, "");
    }
    g->sum += c->sum;
    g->weight += (double)c->n;
    g->bad_ever += (double)c->bad;
}

void stream_count(struct groups *gs, uint32_t slot, const struct scored *c)
{
    struct stream *s = gs->list[slot]->own;
    learn(gs->list[slot], c);
    s->now.n += c->n;
    s->now.bad += c->bad;
    s->now.sum += c->sum;
    s->now.sum_sq += c->sum_sq;
    groups_count(gs, slot, 0, 0);
}

/* What the ring counts as bad: of scores what they lack of the best, in whole ones. */
static uint64_t ring_bad(struct group *g, struct stream *s, const struct scored *c)
{
    if (!s->is_score)
        return c->bad;
    double off = s->carry + (stream_high_is_good(g) ? (double)c->n - c->sum : c->sum);
    double whole = fmin(floor(fmax(0, off)), (double)c->n);
    s->carry = off - whole;
    return (uint64_t)whole;
}

/* Its share of the budget, by what it brings. */
static void set_arl(struct analyser *an, struct group *g)
{
    struct stream *s = g->own;
    struct daycount day = dayring_day(g->ring), recent = dayring_recent(g->ring, DAYRING_MINUTES);
    day.n += recent.n;
    day.observed_ms += recent.observed_ms;
    double samples = group_rate(&day) * (double)PERIOD_MS / 1000;
    if (samples > 0 && an->cfg->false_alarms > 0)
        edetect_set_arl(&s->d, edetect_arl(analyse_stream_total(an), samples, an->cfg->false_alarms));
}

uint64_t stream_fill(struct analyser *an, struct group *g, int64_t end_ms, const struct scored *c)
{
    struct stream *s = g->own;
    learn(g, c);
    set_arl(an, g);
    if (end_ms > s->saved_ms && !g->firing)
        stream_feed(g, end_ms, c);
    return ring_bad(g, s, c);
}

static double least_share(double share, uint64_t n)
{
    return fmax(share, 0.5 / (double)n);
}

/* Adds the interval's answers to the evidence for the old level against the one found. */
static void weigh(struct group *g)
{
    if (!g->firing)
        return;
    double was = least_share((double)g->usual.bad / (double)g->usual.n, g->usual.n), is = fmin(g->is, 0.999);
    if (is > was)
        g->back = fmax(0, g->back + (double)(g->n - g->bad) * log((1 - was) / (1 - is)) + (double)g->bad * log(was / is));
}

/* ---- what is kept ---- */

static enum err save(struct analyser *an, struct group *g, int64_t edge_ms, struct errctx *ctx)
{
    struct stream *s = g->own;
    const char *name = note_name(an, g, true);
    s->at_ms = edge_ms;
    s->saved_ms = edge_ms;
    if (name == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for streams");
    return store_put_note(an->st, name, 0, (struct str){(const char *)s, KEPT_BYTES}, ctx); /* one version alone */
}

/* Tells screens what it is held against, when that is another. */
static enum err note(struct analyser *an, struct group *g, int64_t known_ms, struct errctx *ctx)
{
    struct stream *s = g->own;
    const double lacks = edetect_lacks(&s->d);
    const bool same = s->noted_thin == (lacks > 0) && s->noted_n != UINT64_MAX && (double)s->d.base.n < 1.1 * (double)s->noted_n;
    struct buf text;
    if (same || s->d.all.n == 0)
        return ERR_OK;
    s->noted_n = s->d.base.n;
    s->noted_thin = lacks > 0;
    const struct drift_base b = {.is_share = !s->is_score,
                                 .n = s->d.base.n,
                                 .bad = s->d.base.sum,
                                 .mean = s->d.base.n > 0 ? s->base_sum / (double)s->d.base.n : (double)NAN,
                                 .from_ms = s->from_ms,
                                 .to_ms = s->base_ms,
                                 .lacks = lacks,
                                 .arl = s->d.arl,
                                 .alarms = an->cfg->false_alarms,
                                 .streams = analyse_stream_total(an),
                                 .why = s->why};
    const char *name = note_name(an, g, false);
    buf_init(&text, NOTE_BYTES_MAX);
    enum err e = name != NULL ? drift_base_write(&b, &text) : ERR_NOMEM;
    if (e == ERR_OK)
        e = store_put_note(an->st, name, known_ms, buf_str(&text), ctx);
    else
        (void)errctx_set(ctx, e, "out of memory while writing down a baseline");
    buf_fini(&text);
    return e;
}

/* ---- judging ---- */

/* The most surprising p of the windows against what is usual; 1 where none is worse. */
static double differs(const struct group *g)
{
    double least = 1;
    struct daycount usual, now, before;
    if (!group_has_usual(g, &usual))
        return 1;
    for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
        dayring_split(g->ring, windows[i], &now, &before);
        if ((double)now.bad * (double)usual.n > (double)usual.bad * (double)now.n)
            least = fmin(least, stat_fisher_tail(usual.n, usual.bad, now.n, now.bad));
    }
    return least;
}

/* An alarm in words: "json_valid of gpt-x fell 98.9 -> 94.0 %"; means, where the bad ones are told as such. */
static const char *found_text(struct analyser *an, const struct group *g, const struct edetect_alarm *al)
{
    const struct stream *s = g->own;
    const char *name = text_string(an, g->a), *model = g->b != 0 ? text_string(an, g->b) : "all models";
    bool turned = !s->is_score && stream_high_is_good(g), rise = (al->side == EDETECT_RISE) != turned;
    double was = turned ? 1 - al->before : al->before, is = turned ? 1 - al->after : al->after;
    int digits = fmin(was, is) < 0.0095 ? 2 : 1;
    if (name == NULL || model == NULL)
        return NULL;
    return arena_printf(&an->scratch, "%s of %s %s %.*f -> %.*f %%", name, model, rise ? "rose" : "fell", digits, 100 * was, digits,
                        100 * is);
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
    const char *id = arena_printf(&an->scratch, "quality:%u:%u:%lld", g->a, g->b, (long long)in->t1_ms);
    return analyse_event(an, id, EVENT_QUALITY, onset_ms, in->known_ms, scope, text, ctx);
}

/* What was counted since the onset is the baseline from now on, and why. */
static void begin_since(struct group *g, const struct edetect_alarm *al, const char *why)
{
    struct stream *s = g->own;
    struct scored c = {.n = al->since.n, .bad = (uint64_t)al->since.sum, .sum = al->since.sum};
    if (!s->is_score && stream_high_is_good(g))
        c.sum = (double)(c.n - c.bad);
    c.sum_sq = c.sum;
    begin(s, al->onset, why);
    stream_feed(g, s->at_ms, &c);
}

static enum err hold(struct analyser *an, const struct detector *d, struct group *g, const struct edetect_alarm *al, const char *found,
                     int64_t error_ms, const struct interval *in, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const bool up = is_rise_bad(g);
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

/* That another model answers, or was deployed or configured, is what a drift of its begins with, where the data's own interval holds it. Its text, ""
 * = none. */
static enum err begun_by(struct analyser *an, const struct group *g, struct edetect_alarm *al, const char **ret, struct errctx *ctx)
{
    struct event *list;
    size_t count;
    const char *rule, *scope;
    const int64_t mode = al->onset;
    stream_finding(an, g->a, g->b, &rule, &scope);
    *ret = "";
    if (scope == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a drift");
    enum err e = store_events(an->st, al->onset_lo - 1, al->onset_hi, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && g->b != 0 && i < count; i++) {
        const bool is_change = list[i].kind == EVENT_DEPLOY || list[i].kind == EVENT_MODEL_VERSION || list[i].kind == EVENT_CONFIG;
        if (!is_change || strcmp(list[i].scope, scope) != 0 ||
            ((*ret)[0] != '\0' && llabs(list[i].at_ms - mode) >= llabs(al->onset - mode)))
            continue;
        al->onset = list[i].at_ms;
        *ret = list[i].text;
    }
    return e;
}

/* The detector's alarm becomes a finding or an event. */
static enum err report(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    struct edetect_alarm al;
    struct traffic traffic = {.text = ""};
    if (!edetect_alarm(&s->d, &al))
        return ERR_OK;
    s->alarm_ms = s->alarm_ms == 0 ? in->t1_ms : s->alarm_ms;
    const bool worse = (al.side == EDETECT_RISE) == is_rise_bad(g);
    const char *by = "";
    enum err e = worse ? begun_by(an, g, &al, &by, ctx) : ERR_OK;
    if (e == ERR_OK && worse)
        e = analyse_traffic(an, g, al.onset, in->t1_ms, &traffic, ctx);
    if (e == ERR_OK && worse && waits(s, &traffic, al.since.n, in->t1_ms))
        return ERR_OK;
    int64_t error = al.onset_hi - al.onset > al.onset - al.onset_lo ? al.onset_hi - al.onset : al.onset - al.onset_lo;
    error = error > in->t1_ms - in->t0_ms || in->t0_ms == 0 ? error : in->t1_ms - in->t0_ms;
    const char *found = found_text(an, g, &al), *n = text_count(an, al.since.n), *how = promise(an, s);
    const char *off = text_duration(an, error),
               *onset = off != NULL && by[0] != '\0' ? arena_printf(&an->scratch, "%s by the scores, taken from: %s", off, by) : off;
    if (found == NULL || n == NULL || onset == NULL || how == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a drift");
    s->alarm_ms = 0;
    const bool explained = traffic.word == TRAFFIC_ALONE;
    const char *also = traffic.text[0] != '\0' ? "; " : "";
    const char *text =
        explained ? arena_printf(&an->scratch,
                                 "traffic changed, no model: %s, n %s, and %s; what came since the onset is the baseline; onset +-%s",
                                 found, n, traffic.text, onset)
        : worse   ? arena_printf(&an->scratch, "%s, n %s: %s; onset +-%s%s%s", found, n, how, onset, also, traffic.text)
                  : arena_printf(&an->scratch, "%s, n %s, for the better: what came since is the baseline; onset +-%s", found, n, onset);
    if (e == ERR_OK)
        e = tell(an, g, al.onset, in, text, ctx);
    if (e != ERR_OK)
        return e;
    if (worse && !explained) {
        const char *whole = traffic.text[0] != '\0' ? arena_printf(&an->scratch, "%s; %s", found, traffic.text) : found;
        return hold(an, d, g, &al, whole, error, in, ctx);
    }
    begin_since(g, &al, explained ? arena_printf(&an->scratch, "traffic changed: %s", traffic.text) : "better since");
    return ERR_OK;
}

static enum err judge_held(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    const struct daycount usual = g->usual;
    if (!(differs(g) > normal_chance && g->back >= -log(over_chance)))
        return ERR_OK;
    enum err e = group_lift(an, d, g, in, ctx);
    g->held = false;
    g->calm_ms = 0;
    begin_with(g, g->onset_ms - usual.observed_ms, "", &usual);
    return e;
}

double stream_evidence(const struct group *g)
{
    const struct stream *s = g->own;
    if (edetect_state(&s->d) == EDETECT_THIN)
        return g->firing ? 1 : (double)NAN;
    const double rise = edetect_evidence(&s->d, EDETECT_RISE), fall = edetect_evidence(&s->d, EDETECT_FALL);
    const double worse = is_rise_bad(g) ? rise : fall, better = is_rise_bad(g) ? fall : rise;
    return g->firing ? fmax(1, worse) : worse >= better ? worse : -better;
}

uint32_t streams_alive(const struct analyser *an, const struct groups *gs)
{
    const int64_t since = analyse_newest_ms(an) - DAY_MS;
    uint32_t n = 0;
    for (uint32_t i = 0; i < gs->count; i++) {
        const struct stream *s = gs->list[i]->own;
        n += (gs->list[i]->now_ms == 0 || gs->list[i]->now_ms > since) && (s->share == NULL || s->told);
    }
    return n;
}

static bool is_due(struct analyser *an, const struct group *g, int64_t column)
{
    const uint32_t every = 1 + analyse_stream_total(an) / SAVED_AT_ONCE;
    return ((uint64_t)column + g->a + g->b) % every == 0;
}

static enum err judge(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    const struct scored now = s->now;
    const int64_t edge = (in->t1_ms - 1) / STREAM_STEP_MS * STREAM_STEP_MS;
    const bool crossed = s->at_ms <= edge;
    enum err e = ERR_OK;
    s->now = (struct scored){.n = 0};
    if ((s->sources_before & ~s->sources) != 0 && !g->firing) /* what others count is another thing */
        begin(s, in->t0_ms, "counted by other sources since");
    s->sources_before = 0;
    weigh(g);
    if (crossed) {
        set_arl(an, g);
        if (s->at_ms > 0 && is_due(an, g, edge / STREAM_STEP_MS))
            e = save(an, g, edge, ctx);
    }
    stream_feed(g, in->t1_ms, &now);
    s->at_ms = in->t1_ms > s->at_ms ? in->t1_ms : s->at_ms;
    if (e == ERR_OK && g->firing)
        e = judge_held(an, d, g, in, ctx);
    else if (e == ERR_OK && edetect_state(&s->d) == EDETECT_DRIFT)
        e = report(an, d, g, in, ctx);
    return e == ERR_OK && (crossed || s->noted_thin != (edetect_lacks(&s->d) > 0) || s->noted_n == UINT64_MAX)
               ? note(an, g, in->known_ms, ctx)
               : e;
}

enum err streams_close(struct analyser *an, struct groups *gs, const struct detector *d, const struct interval *in, struct errctx *ctx)
{
    enum err e = groups_sweep(an, gs, d, in, ctx);
    for (uint32_t i = 0; i < gs->touched_count; i++) {
        struct group *g = gs->list[gs->touched[i]];
        struct stream *s = g->own;
        g->touched = false;
        if (s->share != NULL && !s->told) {
            s->now = (struct scored){.n = 0};
            continue;
        }
        if (s->now.n == 0 || s->now.bad > s->now.n)
            continue; /* the whole of it is in another source's answer */
        g->n = s->now.n;
        g->bad = ring_bad(g, s, &s->now);
        dayring_add(g->ring, in->t0_ms, in->t1_ms, g->n, g->bad);
        g->now_ms = in->t1_ms > g->now_ms ? in->t1_ms : g->now_ms;
        if (e == ERR_OK)
            e = judge(an, d, g, in, ctx);
    }
    gs->touched_count = 0;
    return e;
}

enum err streams_accept(struct analyser *an, struct groups *gs, const struct detector *d, const struct acceptance *a, struct errctx *ctx)
{
    for (uint32_t i = 0; i < gs->count; i++)
        gs->list[i]->accepted = false;
    enum err e = groups_accept(an, gs, d, a, ctx);
    for (uint32_t i = 0; i < gs->count; i++) {
        struct group *g = gs->list[i];
        struct daycount day = dayring_day(g->ring), recent = dayring_recent(g->ring, DAYRING_MINUTES);
        if (!g->accepted)
            continue;
        day.n += recent.n; /* what began before the onset is forgotten */
        day.bad += recent.bad;
        begin_with(g, g->from_ms, "taken for normal since", &day);
    }
    return e;
}
