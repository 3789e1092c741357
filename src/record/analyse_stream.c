/* SPDX-License-Identifier: MIT */
/* How a stream goes: its samples are fed to the detector. Of an alarm analyse_stream_report.c says what it is; after a finding the detector
 * rests until analyse_stream_over.c says that it is over. analyse_stream_kept.c has what outlives a run. */
#include "record/analyse_stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/analyse_late.h"

enum {
    SAVED_AT_ONCE = 128, /* states of 9 KB in one transaction; with more streams each is kept less often */
    QUIET_MS = 5000,     /* of files that come one after the other the next is here by then */
    STALLED_MAX = 16,    /* intervals that bad ones wait for the whole that they are of */
};
static const int64_t PERIOD_MS = 30 * DAY_MS; /* of the budget of false alarms */

void stream_finding(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope)
{
    const char *model = b != 0 ? text_string(an, b) : "";
    *ret_rule = analyse_rule(an, "quality", a);
    *ret_scope = model == NULL ? NULL : b != 0 ? arena_printf(&an->scratch, "model=%s", model) : "";
}

/* ---- which way is good ---- */

/* Of graded scores: as it was told, else batches with more bad ones have a lower mean, or a higher one, where somebody told the bad
 * ones. */
static enum score_better direction(const struct stream *s)
{
    static const double rounding = 1e-9;
    const double with_bad = s->w * s->wxb - s->wx * s->wb, least = rounding * s->w * s->w;
    if (s->better != SCORE_UNTOLD || s->is_guess)
        return s->better;
    return with_bad > least ? SCORE_LOWER : with_bad < -least ? SCORE_HIGHER : SCORE_UNTOLD;
}

bool stream_high_is_good(const struct group *g)
{
    const struct stream *s = g->own;
    if (s->share != NULL)
        return false;
    if (s->is_score)
        return !s->low_is_good;
    const double off = s->wx - s->wb, turned = s->wx - (s->w - s->wb);
    return fabs(off) == fabs(turned) ? s->better != SCORE_LOWER : fabs(off) > fabs(turned);
}

bool stream_is_directed(const struct group *g)
{
    const struct stream *s = g->own;
    return !s->is_score || direction(s) != SCORE_UNTOLD;
}

void stream_direct(struct group *g, bool low_is_good)
{
    struct stream *s = g->own;
    if (s->low_is_good == low_is_good)
        return;
    s->low_is_good = low_is_good;
    g->usual = daycount_of(g->usual.n, (double)g->usual.n - daycount_bad(&g->usual), g->usual.observed_ms);
    dayring_turn(g->ring);
}

void stream_direct_known(struct group *g)
{
    const struct stream *s = g->own;
    if (s->is_score && !g->firing && direction(s) != SCORE_UNTOLD)
        stream_direct(g, direction(s) == SCORE_LOWER);
}

/* As a source told it; *ret_guess: that it did not, and which of its scores are bad was guessed. */
static enum err told_by(struct analyser *an, const struct series *of, enum score_better *ret, bool *ret_guess, struct errctx *ctx)
{
    char note[SCORE_BETTER_NOTE_MAX];
    struct str text;
    (void)str_format(note, sizeof note, SCORE_BETTER_NOTE, of->source, of->dim[DIM_NAME], of->dim[DIM_JUDGE], of->dim[DIM_MODEL]);
    const enum err e = store_note(an->st, note, INT64_MAX, &an->scratch, &text);
    *ret_guess = e == ERR_OK && str_eq_z(text, SCORE_BETTER_UNTOLD);
    *ret = e != ERR_OK ? SCORE_UNTOLD : str_eq_z(text, "lower") ? SCORE_LOWER : str_eq_z(text, "higher") ? SCORE_HIGHER : SCORE_UNTOLD;
    return e == ERR_OK || e == ERR_NOTFOUND
               ? ERR_OK
               : errctx_set(ctx, e, "which values of %s are good cannot be read", intern_text(store_strings(an->st), of->dim[DIM_NAME]));
}

enum err stream_ask_better(struct analyser *an, struct group *g, struct errctx *ctx)
{
    struct stream *s = g->own;
    enum score_better told;
    bool is_guess;
    uint32_t asked = 0;
    if (s->name == 0)
        return ERR_OK;
    const struct score_rule *rule =
        score_rule_of(an->cfg->scores, an->cfg->score_count, str_of(intern_text(store_strings(an->st), s->name)));
    s->better = rule != NULL ? rule->better : SCORE_UNTOLD;
    s->is_guess = false;
    if (s->better != SCORE_UNTOLD)
        return ERR_OK;
    for (size_t i = 0; i < store_series_count(an->st); i++) {
        const struct series *of = store_series_at(an->st, i);
        if (of->signal != SIG_EVAL || of->dim[DIM_NAME] != s->name || of->dim[DIM_JUDGE] != s->judge || of->dim[DIM_MODEL] != g->b ||
            of->source == asked)
            continue;
        asked = of->source;
        enum err e = told_by(an, of, &told, &is_guess, ctx);
        if (e != ERR_OK)
            return e;
        if (told != SCORE_UNTOLD && s->better != SCORE_UNTOLD && told != s->better) {
            s->better = SCORE_UNTOLD; /* they contradict each other: nobody knows */
            s->is_guess = true;
            return ERR_OK;
        }
        s->better = told != SCORE_UNTOLD ? told : s->better;
        s->is_guess = s->is_guess || is_guess;
    }
    return ERR_OK;
}

bool stream_rise_is_bad(const struct group *g)
{
    return !((const struct stream *)g->own)->is_score || !stream_high_is_good(g);
}

/* ---- begin and restart ---- */

static enum edetect_kind kind_of(const struct stream *s)
{
    return s->is_score ? EDETECT_SCORE : EDETECT_BINARY;
}

void stream_begin(struct stream *s, int64_t from_ms, const char *why)
{
    edetect_init(&s->d, kind_of(s), s->d.arl > 0 ? s->d.arl : DRIFT_ARL_FIRST);
    s->sum = s->base_sum = 0;
    s->since = (struct scored){.n = 0};
    s->late = (struct scored){.n = 0};
    s->revised_base = (struct stream_change){.n = 0};
    s->alarm_ms = s->late_from_ms = 0;
    s->from_ms = s->base_ms = from_ms;
    s->from_error_ms = s->evidence_ms = s->rested_from_ms = s->rested_to_ms = 0;
    (void)str_copy(s->why, sizeof s->why, str_of(why));
    s->noted_n = UINT64_MAX; /* it is to be told */
}

struct scored stream_scored(const struct group *g, const struct daycount *c, double var)
{
    const struct stream *s = g->own;
    const double n = (double)c->n, bad = daycount_bad(c), sum = stream_high_is_good(g) ? n - bad : bad;
    const bool is_told = s->is_score && c->n > 0 && var >= 0; /* else the most that the squares can be */
    return (struct scored){.n = c->n, .bad = c->bad, .sum = sum, .sum_sq = is_told ? fmin(sum, n * var + sum * sum / n) : sum};
}

void stream_begin_with(struct group *g, int64_t from_ms, const char *why, const struct scored *c)
{
    struct stream *s = g->own;
    const struct edetect_count of = {c->n, s->is_score ? c->sum : (double)c->bad, s->is_score ? c->sum_sq : (double)c->bad};
    stream_begin(s, from_ms, why);
    if (!g->firing && g->ended_ms != 0) {
        s->rested_from_ms = g->ended_ms - g->ended_error_ms;
        s->rested_to_ms = s->at_ms;
    }
    if (c->n == 0)
        return;
    edetect_init_with(&s->d, kind_of(s), s->d.arl, s->at_ms, &of);
    s->from_ms = s->from_ms == 0 ? s->at_ms : s->from_ms;
    s->base_ms = s->at_ms;
    s->sum = s->base_sum = c->sum;
}

/* ---- feeding ---- */

static const int64_t part_ms[STREAM_PARTS] = {MINUTE_MS, STREAM_STEP_MS};

void stream_add(struct scored *to, const struct scored *c)
{
    to->n += c->n;
    to->bad += c->bad;
    to->sum += c->sum;
    to->sum_sq += c->sum_sq;
}

void stream_move_to(struct stream *s, int64_t at_ms)
{
    for (int i = 0; i < STREAM_PARTS; i++)
        if ((at_ms - 1) / part_ms[i] > (s->at_ms - 1) / part_ms[i])
            s->part[i] = (struct scored){.n = 0};
    s->at_ms = at_ms > s->at_ms ? at_ms : s->at_ms;
}

void stream_feed(struct stream *s, const struct scored *c)
{
    const uint64_t base = s->d.base.n;
    s->from_ms = s->from_ms == 0 ? s->at_ms : s->from_ms;
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

/* Takes what came by end_ms. Once there is an alarm it is not fed any more: of a state that was lost, what was found would become the
 * baseline. */
static void take(struct group *g, int64_t end_ms, const struct scored *c)
{
    struct stream *s = g->own;
    stream_move_to(s, end_ms);
    for (int i = 0; i < STREAM_PARTS; i++)
        if ((end_ms - 1) / part_ms[i] == (s->at_ms - 1) / part_ms[i])
            stream_add(&s->part[i], c);
    if (c->n == 0)
        return;
    if (!g->firing && edetect_state(&s->d) != EDETECT_DRIFT)
        stream_feed(s, c);
    else if (!g->firing || end_ms > g->onset_ms)
        stream_add(&s->since, c);
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
        s->low_is_good = !stream_high_is_good(g); /* as the ring has those before */
        s->is_score = true;
        stream_begin(s, 0, "");
    }
    if (c->n > 0) {
        s->w += (double)c->n;
        s->wx += c->sum;
        s->wb += (double)c->bad;
        s->wxb += c->sum * (double)c->bad / (double)c->n;
    }
}

void stream_count(struct groups *gs, uint32_t slot, const struct scored *c)
{
    struct stream *s = gs->list[slot]->own;
    learn(gs->list[slot], c);
    stream_add(&s->now, c);
    groups_count(gs, slot, 0, 0);
}

/* What the ring counts as bad: of scores what they lack of the best. */
static double ring_bad(struct group *g, const struct scored *c)
{
    const struct stream *s = g->own;
    if (!s->is_score)
        return (double)c->bad;
    stream_direct_known(g);
    return stream_high_is_good(g) ? (double)c->n - c->sum : c->sum;
}

/* Samples a second: of the last day, or, where hardly anything of that was observed, of all since it began. */
static double rate_of(const struct group *g)
{
    const struct stream *s = g->own;
    const struct daycount day = dayring_until(g->ring, g->now_ms); /* what comes late is not known yet of the time since */
    const struct daycount all = {.n = s->d.all.n, .observed_ms = s->at_ms - s->from_ms};
    return group_rate(day.observed_ms < HOUR_MS && all.observed_ms > day.observed_ms ? &all : &day);
}

double stream_arl(struct analyser *an, const struct group *g)
{
    const double samples = rate_of(g) * (double)PERIOD_MS / 1000;
    return samples > 0 && an->cfg->false_alarms > 0 ? edetect_arl(analyse_stream_total(an), samples, an->cfg->false_alarms) : 0;
}

static void set_arl(struct analyser *an, struct group *g)
{
    const double arl = stream_arl(an, g);
    if (arl > 0)
        edetect_set_arl(&((struct stream *)g->own)->d, arl);
}

struct scored stream_not_fed(const struct stream *s, int64_t begin_ms, int64_t end_ms, const struct scored *c)
{
    const struct scored *fed = &s->part[end_ms - begin_ms <= MINUTE_MS ? 0 : 1];
    if (begin_ms >= s->saved_ms || s->saved_ms == 0)
        return *c;
    if (end_ms <= s->saved_ms || c->n <= fed->n)
        return (struct scored){.n = 0};
    struct scored left = {.n = c->n - fed->n, .bad = c->bad > fed->bad ? c->bad - fed->bad : 0};
    left.bad = left.bad < left.n ? left.bad : left.n;
    left.sum = fmin(fmax(0, c->sum - fed->sum), (double)left.n);
    left.sum_sq = fmin(fmax(0, c->sum_sq - fed->sum_sq), left.sum);
    return left;
}

double stream_fill(struct analyser *an, struct group *g, int64_t begin_ms, int64_t end_ms, const struct scored *c)
{
    struct stream *s = g->own;
    const struct scored left = stream_not_fed(s, begin_ms, end_ms, c);
    learn(g, &left);
    set_arl(an, g);
    if (left.n > 0)
        take(g, end_ms, &left);
    return ring_bad(g, c);
}

/* ---- judging ---- */

double stream_evidence(const struct group *g)
{
    const struct stream *s = g->own;
    if (edetect_state(&s->d) == EDETECT_THIN)
        return g->firing ? 1 : (double)NAN;
    const double rise = edetect_evidence(&s->d, EDETECT_RISE), fall = edetect_evidence(&s->d, EDETECT_FALL);
    const double worse = stream_rise_is_bad(g) ? rise : fall, better = stream_rise_is_bad(g) ? fall : rise;
    return g->firing ? fmax(1, worse) : !stream_is_directed(g) ? fmax(worse, better) : worse >= better ? worse : -better;
}

uint32_t streams_alive(const struct analyser *an, const void *groups)
{
    const struct groups *gs = groups;
    const int64_t since = analyse_as_of_ms(an) - DAY_MS;
    uint32_t n = 0;
    for (uint32_t i = 0; i < gs->count; i++) {
        const struct stream *s = gs->list[i]->own;
        n += (gs->list[i]->now_ms == 0 || gs->list[i]->now_ms > since) && (s->share == NULL || s->told);
    }
    return n;
}

/* at: of what came out of its order, the newest interval, in which it is judged. */
static enum err judge(struct analyser *an, const struct detector *d, struct group *g, const struct interval *at, struct errctx *ctx)
{
    struct stream *s = g->own;
    const bool is_old = at->t1_ms < s->at_ms;
    const struct interval now_as = {.source = at->source, .t1_ms = s->at_ms, .known_ms = at->known_ms, .backfill = at->backfill},
                          *in = is_old ? &now_as : at;
    const struct scored now = s->now;
    const int64_t edge = (in->t1_ms - 1) / STREAM_STEP_MS * STREAM_STEP_MS;
    const bool crossed = s->at_ms <= edge;
    enum err e = ERR_OK;
    s->now = (struct scored){.n = 0};
    if (s->at_ms - at->t1_ms > STREAM_STEP_MS) { /* polls of several sources are out of order by less, and an onset is no better known */
        s->late_from_ms = s->late_from_ms == 0 || at->t0_ms < s->late_from_ms ? at->t0_ms : s->late_from_ms;
        stream_add(&s->late, &now);
        s->is_ahead = true;
    }
    if (feeders_left(&s->feeders) && !g->firing)
        stream_begin(s, in->t0_ms, "counted by other sources since");
    if (crossed) {
        set_arl(an, g);
        if (s->at_ms > 0 && (s->share == NULL || s->told) &&
            analyse_state_due(g, &s->saved_ms, edge, analyse_stream_total(an), SAVED_AT_ONCE)) {
            s->to_save = an->as_of_ms != 0; /* once, after all of them */
            e = s->to_save ? ERR_OK : stream_save(an, g, edge, ctx);
        }
    }
    s->to_save = s->to_save || (an->as_of_ms != 0 && an->late_noted_ms != 0); /* before it is noted that nothing waits */
    take(g, at->t1_ms, &now);
    if (e == ERR_OK && g->firing)
        e = stream_held(an, d, g, in, ctx);
    else if (e == ERR_OK && edetect_state(&s->d) == EDETECT_DRIFT)
        e = stream_report(an, d, g, in, ctx);
    if (s->share != NULL && !s->told)
        return e;
    return e == ERR_OK && (crossed || s->noted_thin != (edetect_lacks(&s->d) > 0) || s->noted_n == UINT64_MAX)
               ? stream_note(an, g, in->known_ms, ctx)
               : e;
}

enum err streams_close(struct analyser *an, struct groups *gs, const struct detector *d, const struct interval *in, struct errctx *ctx)
{
    enum err e = groups_sweep(an, gs, d, in, ctx);
    for (uint32_t i = 0; i < gs->touched_count; i++) {
        struct group *g = gs->list[gs->touched[i]];
        struct stream *s = g->own;
        g->touched = false;
        if (s->now.bad > s->now.n && ++s->stalled < STALLED_MAX)
            continue; /* the whole of it is in another source's answer */
        s->now.bad = s->now.bad < s->now.n ? s->now.bad : s->now.n;
        s->stalled = 0;
        dayring_add_sum(g->ring, in->t0_ms, in->t1_ms, s->now.n, ring_bad(g, &s->now)); /* silence was observed as well */
        if (s->now.n == 0)
            continue;
        g->now_ms = in->t1_ms > g->now_ms ? in->t1_ms : g->now_ms;
        if (e == ERR_OK)
            e = judge(an, d, g, in, ctx);
    }
    gs->touched_count = 0;
    return e;
}

/* Late samples that are no alarm among those that came meanwhile may be one in the order of their times. */
static enum err again(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    s->asked_ms = s->revised_ms = in->t1_ms;
    an->asked++;
    enum err e = stream_again(an, g, in, ctx);
    return e == ERR_OK && edetect_state(&s->d) == EDETECT_DRIFT ? stream_report(an, d, g, in, ctx) : e;
}

enum err streams_tick(struct analyser *an, struct groups *gs, const struct detector *d, int64_t now_ms, struct errctx *ctx)
{
    enum err e = ERR_OK;
    const struct interval in = {.t1_ms = now_ms, .known_ms = now_ms, .backfill = true};
    if (analyse_late_waits(an) || now_ms - an->late_ms < QUIET_MS)
        return ERR_OK; /* what waits behind may tell more */
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++) {
        struct group *g = gs->list[i];
        struct stream *s = g->own;
        if (!g->firing && edetect_state(&s->d) == EDETECT_DRIFT && now_ms - s->asked_ms >= MINUTE_MS && now_ms > g->now_ms)
            e = stream_report(an, d, g, &in, ctx);
        else if (s->share == NULL && an->asked < STREAM_ASKED_AT_ONCE && stream_again_due(g, now_ms))
            e = g->firing ? stream_revised_held(an, d, g, &in, ctx) : again(an, d, g, &in, ctx);
        if (e == ERR_OK && g->firing && s->noted_n == UINT64_MAX)
            e = stream_note(an, g, now_ms, ctx);
    }
    return e;
}

enum err streams_accept(struct analyser *an, struct groups *gs, const struct detector *d, const struct acceptance *a, struct errctx *ctx)
{
    enum err e = groups_accept(an, gs, d, a, ctx);
    for (uint32_t i = 0; i < gs->count; i++) {
        struct group *g = gs->list[i];
        struct stream *s = g->own;
        const struct scored since = s->since;
        if (!g->accepted)
            continue;
        stream_begin_with(g, g->from_ms, DRIFT_ACCEPTED, &since);
        s->from_error_ms = g->onset_error_ms;
        an->evidence_due = true; /* screens are to have all of it at once */
        if (e == ERR_OK)
            e = stream_note(an, g, analyse_newest_ms(an), ctx);
        if (e == ERR_OK)
            e = stream_tell_accepted(an, g, a->author, ctx);
    }
    return e;
}
