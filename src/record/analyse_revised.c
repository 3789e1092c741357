/* SPDX-License-Identifier: MIT */
/* Scores that were told otherwise afterwards.
 *
 * How this works: what a revision takes back was fed, and a bet that was laid is not taken back. So it only marks its stream, as late
 * samples do; then its past is fed again from the store (analyse_again.c), against the baseline as its scores are now. An open finding goes
 * where the store holds no alarm any more; one that is over stays told, as what was known then. docs/decisions/0014-scores.md */
#include <math.h>

#include "base/timefmt.h"
#include "record/analyse_stream.h"

enum { REVISED_MS = 10 * MINUTE_MS };         /* no sooner than that, where it moves little */
static const double revised_deviations = 3.3; /* p 1e-3 */

static void add(struct stream_change *to, const struct stream_change *by)
{
    to->n += by->n;
    to->bad += by->bad;
    to->sum += by->sum;
    to->sum_sq += by->sum_sq;
}

static double sum_of(const struct stream *s, const struct stream_change *by)
{
    return s->is_score ? by->sum : (double)by->bad;
}

static bool is_thin(const struct stream *s)
{
    return edetect_state(&s->d) == EDETECT_THIN;
}

void stream_revise(struct group *g, int64_t t0_ms, int64_t t1_ms, const struct stream_change *by)
{
    struct stream *s = g->own;
    const bool is_found = t1_ms > g->onset_ms && t0_ms < g->ended_ms; /* which is in no baseline */
    const double n = (double)by->n, bad = !s->is_score ? (double)by->bad : stream_high_is_good(g) ? n - by->sum : by->sum;
    if (s->at_ms == 0)
        return;
    dayring_correct(g->ring, t1_ms, by->n, bad);
    if (t1_ms > s->from_ms && t1_ms <= (is_thin(s) ? s->at_ms : s->base_ms) && !is_found)
        add(&s->revised_base, by);
    add(&s->revised, by);
    s->late_from_ms = s->late_from_ms == 0 || t0_ms < s->late_from_ms ? t0_ms : s->late_from_ms;
    s->is_revised = s->again = true;
}

bool stream_revised_due(const struct group *g, int64_t now_ms)
{
    const struct stream *s = g->own;
    const double n = fmax(1, (double)dayring_from(g->ring, s->late_from_ms).n), var = s->d.base_var;
    return now_ms - s->revised_ms >= REVISED_MS || (var > 0 && fabs(sum_of(s, &s->revised)) > revised_deviations * sqrt(var * n));
}

/* The counts of yes and no are whole. */
static struct edetect_count changed(const struct edetect_count *c, int64_t n, double sum, double sum_sq)
{
    const int64_t left = (int64_t)c->n + n;
    struct edetect_count is = {.n = left > 0 ? (uint64_t)left : 0};
    is.sum = fmin(fmax(0, c->sum + sum), (double)is.n);
    is.sum_sq = fmin(fmax(0, c->sum_sq + sum_sq), is.sum);
    return is;
}

void stream_revised_base(struct stream *s)
{
    const struct stream_change by = s->revised_base;
    const bool was_thin = is_thin(s);
    const double sum = sum_of(s, &by), sum_sq = s->is_score ? by.sum_sq : sum;
    const struct edetect_count is = changed(was_thin ? &s->d.all : &s->d.base, by.n, sum, sum_sq);
    s->revised_base = s->revised = (struct stream_change){.n = 0};
    s->is_revised = false;
    if ((by.n == 0 && sum == 0 && sum_sq == 0) || is.n == 0)
        return;
    edetect_init_with(&s->d, s->is_score ? EDETECT_SCORE : EDETECT_BINARY, s->d.arl, s->at_ms, &is);
    s->sum = s->base_sum = fmin(fmax(0, (was_thin ? s->sum : s->base_sum) + by.sum), (double)is.n);
    s->base_ms = was_thin && !is_thin(s) ? s->at_ms : s->base_ms;
    s->noted_n = UINT64_MAX; /* screens are to tell it */
}

static enum err tell_revised(struct analyser *an, const struct group *g, const struct interval *in, struct errctx *ctx)
{
    const char *rule, *scope, *name = text_string(an, g->a), *model = g->b != 0 ? text_string(an, g->b) : "all models";
    char onset[TIMEFMT_MAX], day[TIMEFMT_MAX];
    instant_format_clock(g->onset_ms, onset);
    instant_format_day(g->onset_ms, day);
    stream_finding(an, g->a, g->b, &rule, &scope);
    const char *id = arena_printf(&an->scratch, "quality-revised:%u:%u:%lld", g->a, g->b, (long long)g->onset_ms);
    const char *text =
        name != NULL && model != NULL
            ? arena_printf(&an->scratch, "%s of %s: revised: nothing of it is left, what was found from %s %s on is withdrawn", name, model,
                           day + 4, onset)
            : NULL;
    return analyse_event(an, id, EVENT_QUALITY, in->t1_ms, in->known_ms, scope, text, ctx);
}

enum err stream_revised_held(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    const int64_t from_ms = s->late_from_ms;
    bool lasts;
    an->asked++;
    s->revised_ms = in->t1_ms;
    enum err e = stream_again_lasts(an, g, &lasts, ctx);
    s->again = s->is_revised = false;
    s->revised = (struct stream_change){.n = 0}; /* of its baseline that stays to be counted */
    if (e != ERR_OK || lasts)
        return e == ERR_OK ? stream_held(an, d, g, in, ctx) : e;
    stream_revised_base(s);
    e = tell_revised(an, g, in, ctx);
    g->ended_ms = g->ended_error_ms = 0; /* it never was: it neither began nor ended */
    if (e == ERR_OK)
        e = group_lift(an, d, g, in, ctx);
    if (e == ERR_OK)
        e = stream_silent(an, g, in, ctx);
    g->onset_ms = g->onset_error_ms = 0;
    s->late_from_ms = from_ms; /* what came since the baseline is fed with the next turn */
    s->is_revised = true;
    s->revised_ms = 0;
    return e;
}
