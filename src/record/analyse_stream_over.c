/* SPDX-License-Identifier: MIT */
/* When a stream's finding is over: when the odds are 99 to one that the answers since some moment are at the old level, against that a part
 * of what was found lasts or is left, for that few answers do not differ proves nothing; and when nothing that came since that moment
 * differs from what was usual before the onset. docs/decisions/0008-drift.md */
#include "record/analyse_stream.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "analysis/stat.h"
#include "base/timefmt.h"

static const int windows[] = {0, 3, 12}; /* five minutes beyond the last 15 */
static const double over_odds = 99, normal_chance = 1e-3;

/* The variance of one score, NaN where that is not known; of yes and no there is none beside their mean. */
static double score_var(const struct stream *s)
{
    return s->is_score && s->d.base_var > 0 ? s->d.base_var : (double)NAN;
}

/* That so much more than usual comes by chance. */
static double chance_of(const struct stream *s, const struct daycount *usual, const struct daycount *now)
{
    const double n = (double)now->n, base = (double)usual->n, more = daycount_bad(now) / n - daycount_bad(usual) / base, var = score_var(s);
    if (!(more > 0))
        return 1;
    return isnan(var) ? stat_fisher_tail(usual->n, usual->bad, now->n, now->bad) : erfc(more / sqrt(2 * var * (1 / n + 1 / base))) / 2;
}

/* How surprising the last quarter of an hour is against what is usual. */
static double differs_now(const struct group *g)
{
    struct daycount usual, now, before;
    if (!group_has_usual(g, &usual))
        return 1;
    dayring_split(g->ring, 0, &now, &before);
    return chance_of(g->own, &usual, &now);
}

/* The most surprising of what came since it ended, in all and in the windows, as far as these do not reach back before its end; 1 where
 * none is worse. */
static double differs_since(const struct group *g, int64_t end_ms)
{
    struct daycount usual, now = dayring_from(g->ring, end_ms);
    if (!group_has_usual(g, &usual))
        return 1;
    double least = chance_of(g->own, &usual, &now);
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        const int64_t begin_ms = g->ring->now_ms - (DAYRING_MINUTES + 5 * windows[i]) * (int64_t)MINUTE_MS;
        now = dayring_from(g->ring, begin_ms > end_ms ? begin_ms : end_ms);
        least = fmin(least, chance_of(g->own, &usual, &now));
    }
    return least;
}

/* How much more a score tells of its mean than an outcome of yes or no: over its variance that of these. */
static double weight(const struct stream *s, double was)
{
    const double var = score_var(s);
    return isnan(var) ? 1 : fmax(1, was * (1 - was) / var);
}

/* It is held against what it was before: by the detector's own baseline, which nothing disturbed, or by what was usual where that tells
 * more. */
static void begin_again(struct group *g, const char *why)
{
    struct stream *s = g->own;
    const struct daycount usual = g->usual;
    const struct stream was = *s;
    if (s->d.base.n < usual.n) {
        const struct scored c = stream_scored(g, &usual, score_var(s));
        stream_begin_with(g, g->onset_ms - usual.observed_ms, why, &c);
        return;
    }
    const struct scored base = {.n = was.d.base.n, .bad = (uint64_t)was.d.base.sum, .sum = was.d.base.sum, .sum_sq = was.d.base.sum_sq};
    stream_begin_with(g, was.from_ms, was.why[0] != '\0' ? was.why : why, &base);
    s->base_ms = was.base_ms;
    s->sum = s->base_sum = was.base_sum;
    s->from_error_ms = was.from_error_ms;
}

enum err stream_silent(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    g->held = false;
    g->calm_ms = 0;
    begin_again(g, "");
    an->evidence_due = true;
    return stream_save(an, g, in->t1_ms, ctx);
}

/* Of what a baseline is after a drift: "of before 1 Dec 03:50:20Z, when it drifted, and since 1 Dec 06:15:00Z". */
static const char *without_text(struct analyser *an, const struct group *g)
{
    char onset[TIMEFMT_MAX], end[TIMEFMT_MAX], onset_day[TIMEFMT_MAX], end_day[TIMEFMT_MAX];
    instant_format_clock(g->onset_ms, onset);
    instant_format_day(g->onset_ms, onset_day);
    instant_format_clock(g->ended_ms, end);
    instant_format_day(g->ended_ms, end_day);
    return arena_printf(&an->scratch, DRIFT_WITHOUT "%s %s, when it drifted, and since %s %s", onset_day + 4, onset, end_day + 4, end);
}

bool stream_back(const struct group *g, struct dayring_back *ret)
{
    const struct daycount usual = g->usual;
    const double share = usual.n > 0 ? daycount_bad(&usual) / (double)usual.n : 1, more = weight(g->own, share),
                 was = fmax(share, 0.5 / (more * (double)usual.n)); /* of half an outcome at least */
    return dayring_back(g->ring, g->onset_ms, was, fmin(g->is, 1), more, ret) && ret->nats > 0;
}

bool stream_is_over(const struct group *g, struct dayring_back *ret)
{
    return stream_back(g, ret) && ret->nats >= log(over_odds) && differs_since(g, ret->at_ms) > normal_chance;
}

/* While it is not proved that it is over, whether it is likelier than not: a version of the finding that says since when. */
static enum err tell_back(struct analyser *an, const struct detector *d, struct group *g, const struct dayring_back *back,
                          const struct interval *in, struct errctx *ctx)
{
    if (back->at_ms == 0 ? g->ended_ms == 0 : g->ended_ms != 0 && llabs(back->at_ms - g->ended_ms) <= g->ended_error_ms)
        return ERR_OK;
    g->ended_ms = back->at_ms;
    g->ended_error_ms = back->error_ms;
    return group_retell(an, d, g, g->text, in, ctx);
}

enum err stream_held(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    const struct dayring_back goes_on = {.at_ms = 0};
    struct dayring_back back;
    const bool is_back = differs_now(g) > normal_chance && stream_back(g, &back);
    enum err e = ERR_OK;
    if (!is_back || !stream_is_over(g, &back)) {
        e = stream_locate(an, d, g, in, ctx);
        return e == ERR_OK ? tell_back(an, d, g, is_back ? &back : &goes_on, in, ctx) : e;
    }
    g->ended_ms = back.at_ms;
    g->ended_error_ms = back.error_ms;
    const char *without = without_text(an, g);
    e = without != NULL ? group_lift(an, d, g, in, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a baseline");
    if (e == ERR_OK)
        e = stream_tell_over(an, g, in, ctx);
    g->held = false;
    g->calm_ms = 0;
    begin_again(g, without != NULL ? without : "");
    an->evidence_due = true;
    return e == ERR_OK ? stream_save(an, g, in->t1_ms, ctx) : e;
}
