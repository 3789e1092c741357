/* SPDX-License-Identifier: MIT */
/* How this works: a change point. The share of bad ones was p0 and is p1, or the reverse; every poll in which that change is nearly as
 * likely as in the likeliest may hold it. Source: docs/decisions/0002-burn-rate.md. */
#include "analysis/slo.h"

#include <math.h>

#include "analysis/slo_int.h"

/* What is known singly of the time since some moment, the newest first: polls, and minutes of them before the last few hundred. */
struct past {
    const struct slo_state *s;
    uint32_t polls;
    int64_t minute; /* the newest of the minutes */
    uint32_t count; /* of both */
};

static const struct interval *poll_at(const struct slo_state *s, uint32_t i)
{
    return &s->recent[(s->recent_first + s->recent_count - 1 - i) % SLO_RECENT];
}

static struct interval past_at(const struct past *p, uint32_t i)
{
    if (i < p->polls)
        return *poll_at(p->s, i);
    int64_t m = p->minute - (i - p->polls);
    const struct bucket *b = &p->s->ring[m % SLO_RING];
    return (struct interval){
        .t0_ms = m * SLO_MINUTE_MS - b->lead_ms, .t1_ms = (m + 1) * SLO_MINUTE_MS, .total = b->total, .bad = b->bad_lo};
}

static struct past past_since(const struct slo_state *s, int64_t from_ms)
{
    struct past p = {.s = s, .minute = -1};
    if (s->recent_count == SLO_RECENT) /* the polls of this minute may not all be kept any more */
        p.minute = slo_minute_of(s->recent[s->recent_first].t1_ms);
    while (p.polls < s->recent_count && slo_minute_of(poll_at(s, p.polls)->t1_ms) > p.minute && poll_at(s, p.polls)->t0_ms >= from_ms)
        p.polls++;
    p.count = p.polls;
    int64_t oldest = s->minute >= SLO_RING ? s->minute - SLO_RING + 1 : 0;
    while (p.minute - (p.count - p.polls) >= oldest && past_at(&p, p.count).t0_ms >= from_ms)
        p.count++;
    return p;
}

/* Evidence that so many fail because their share is p and not p0, in nats. */
static double nats_for(const struct interval *in, double p, double p0)
{
    return (double)in->bad * log(p / p0) + (double)(in->total - in->bad) * log((1 - p) / (1 - p0));
}

/* The same for a share that changed between p0 and p1 somewhere within the interval. */
static double nats_within(const struct interval *in, double p0, double p1)
{
    return in->total > 0 ? nats_for(in, fmax(p0, fmin((double)in->bad / (double)in->total, p1)), p0) : 0;
}

/* Where the share changed between p0 and p1, among the intervals newest .. oldest, p1 being that of the newer ones when it rises, else that
 * of the older ones. A change within an interval is as likely as the evidence of those beyond it and its own; every interval that is not
 * told from the likeliest one by `doubt` may hold it. */
static bool locate(const struct past *p, uint32_t newest, uint32_t oldest, bool rises, double p0, double p1, struct interval *ret)
{
    static const double doubt = 4; /* nats: a likelihood ratio of 55 */
    double best = 0;
    for (int look = 0; look < 2; look++) {
        double sum = 0;
        *ret = (struct interval){.t0_ms = INT64_MAX};
        for (uint32_t k = 0; k <= oldest - newest; k++) {
            const struct interval in = past_at(p, rises ? newest + k : oldest - k);
            double v = sum + nats_within(&in, p0, p1);
            if (look == 0 && v > best)
                best = v;
            if (look == 1 && v >= best - doubt) {
                ret->t0_ms = in.t0_ms < ret->t0_ms ? in.t0_ms : ret->t0_ms;
                ret->t1_ms = in.t1_ms > ret->t1_ms ? in.t1_ms : ret->t1_ms;
            }
            sum += nats_for(&in, p1, p0);
        }
    }
    return best > 0;
}

/* All of them: the logarithms want a remainder. */
static double share_of(uint64_t bad, uint64_t total)
{
    return total > 0 ? fmin((double)bad / (double)total, 0.999) : 0;
}

bool slo_onset(const struct slo_state *s, enum slo_window present, int64_t from_ms, int64_t *ret_ms, int64_t *ret_error_ms)
{
    double p0 = 1 - s->objective, p1 = share_of(s->sum[present].bad_lo, s->sum[present].total);
    const struct past p = past_since(s, from_ms);
    struct interval at;
    if (p.count == 0 || p1 <= p0 || !locate(&p, 0, p.count - 1, true, p0, p1, &at))
        return false;
    *ret_ms = at.t0_ms + (at.t1_ms - at.t0_ms) / 2;
    *ret_error_ms = (at.t1_ms - at.t0_ms + 1) / 2;
    return true;
}

/* The newest run of intervals that shows trouble beyond doubt: *ret_newest .. *ret_oldest of past_at(). */
static bool find_trouble(const struct past *p, double p0, double p1, uint32_t *ret_newest, uint32_t *ret_oldest)
{
    static const double beyond_doubt = 14; /* nats: 1e-6, as the guard of a page */
    double sum = 0;
    p1 = fmin(p1, (1 + p0) / 2);
    for (uint32_t i = 0; i < p->count; i++) {
        const struct interval in = past_at(p, i);
        double next = fmax(0, sum + nats_for(&in, p1, p0));
        if (sum == 0 && next > 0)
            *ret_newest = i;
        sum = next;
        *ret_oldest = i;
        if (sum >= beyond_doubt)
            return true;
    }
    return false;
}

bool slo_trouble_end(const struct slo_state *s, int64_t from_ms, struct slo_end *ret)
{
    static const double enough = 7; /* nats: 1e-3, as the guard of a ticket */
    /* what leaks on after an outage is trouble; few failures are so by a page's rate alone */
    const struct slo_rule *slow = slo_rule_at(SLO_TICKET_1D), *fast = slo_rule_at(SLO_PAGE_1H);
    double p0 = 1 - s->objective;
    const struct past p = past_since(s, from_ms);
    uint32_t newest, oldest;
    uint64_t bad = 0, total = 0;
    if (!find_trouble(&p, p0, slo_rule_factor(slow, s->objective, s->period_ms) * p0, &newest, &oldest) &&
        !find_trouble(&p, p0, slo_rule_factor(fast, s->objective, s->period_ms) * p0, &newest, &oldest))
        return false;
    for (uint32_t i = newest; i <= oldest; i++) {
        const struct interval in = past_at(&p, i);
        bad += in.bad;
        total += in.total;
    }
    double p1 = share_of(bad, total), calm = 0; /* what it was in the end, however bad it had been before */
    struct interval at;
    if (p1 <= p0 || !locate(&p, 0, oldest, false, p0, p1, &at))
        return false;
    for (uint32_t i = 0; i < p.count; i++) {
        const struct interval in = past_at(&p, i);
        if (in.t0_ms < at.t1_ms)
            break;
        calm -= nats_for(&in, p1, p0);
    }
    *ret = (struct slo_end){.at_ms = at.t0_ms + (at.t1_ms - at.t0_ms) / 2,
                            .error_ms = (at.t1_ms - at.t0_ms + 1) / 2,
                            .seems_over = s->now_ms - at.t1_ms >= SLO_SEEMS_ENDED_MS && calm >= enough,
                            .over = s->now_ms - at.t1_ms >= SLO_ENDED_MS && calm >= enough};
    return true;
}
