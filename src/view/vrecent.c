/* SPDX-License-Identifier: MIT */
#include "view/vrecent.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vtext.h"

enum {
    STEPS = 300,         /* of the now window: seconds of five minutes */
    LEAST_MS = 30000,    /* a time shorter than that proves nothing */
    SOON_MS = 9000,      /* but a rise that the number of requests shows as well: of polls of ten seconds, which come early and late */
    STEADY_PERCENT = 25, /* a rate that differs by less is not another */
};
static const double SPREAD = 3, NO_CHANCE = 5, NO_CHANCE_OF_NONE = 1e-4; /* see the header */

/* What was counted up to the end of a step. */
struct total {
    double money, events, ms;
};

struct curve {
    struct total upto[STEPS + 1];
    bool polled[STEPS + 1]; /* a poll ended in the step before */
    bool ended[STEPS + 1];  /* and a request */
    bool has_requests;
    uint32_t end; /* behind the last poll */
};

struct vrecent_ask vrecent_ask(struct vread *vr)
{
    const enum signal of[] = {SIG_COST, SIG_TOKENS_INPUT, SIG_TOKENS_OUTPUT, SIG_REQUESTS};
    const int64_t window = vr->p->now_window_ms, step = window / STEPS > 0 ? window / STEPS : 1;
    size_t q[4];
    for (size_t i = 0; i < 4; i++)
        q[i] = vread_add(vr, of[i], 0, instant_floor(vr->until_ms[of[i]], step) - STEPS * step, step, STEPS);
    return (struct vrecent_ask){q[0], q[1], q[2], q[3]};
}

static bool is_whole(const struct vread *vr, size_t q)
{
    const struct vtrust t = vread_trust(vr, q);
    return !t.stale && !t.less && !t.more && !t.torn && t.unsplit == 0 && vr->freshness[vr->q[q].signal] == FRESH;
}

/* Of requests nothing need be known; then a poll that counted something stands for one. */
static void read_curve(const struct vread *vr, const struct vrecent_ask *ask, bool is_computed, struct curve *c)
{
    memset(c, 0, sizeof *c);
    for (uint32_t i = 0; i < STEPS; i++)
        c->has_requests = c->has_requests || vread_sum(vr, ask->requests, i, DIM_COUNT, 0).sum > 0;
    c->has_requests = c->has_requests && is_whole(vr, ask->requests);
    for (uint32_t i = 0; i < STEPS; i++) {
        const struct vsum requests = vread_sum(vr, ask->requests, i, DIM_COUNT, 0);
        struct vsum s = vread_sum(vr, is_computed ? ask->input : ask->cost, i, DIM_COUNT, 0);
        const struct vsum more = vread_sum(vr, ask->output, i, DIM_COUNT, 0);
        s.sum += is_computed ? more.sum : 0;
        c->upto[i + 1] = c->upto[i];
        c->ended[i + 1] = requests.sum > 0;
        if (!s.known)
            continue;
        c->polled[i + 1] = true;
        c->end = i + 1;
        c->upto[i + 1].money += (double)s.sum;
        c->upto[i + 1].events += c->has_requests ? (double)requests.sum : s.sum > 0;
        c->upto[i + 1].ms += (double)s.covered_ms;
    }
}

/* Nothing after the cut is a hole: a second at its begin and one at its end is how exact steps are. */
static bool is_covered(const struct curve *c, uint32_t cut, double step_ms)
{
    return c->upto[c->end].ms - c->upto[cut].ms >= ((double)(c->end - cut) - 2) * step_ms;
}

/* How many times as far as chance goes part is from its share of all, of n events. */
static double deviations(double part, double all, double n, double share)
{
    return (part - all * share) / (all / n * sqrt(SPREAD * n * share * (1 - share)));
}

/* How many times as far as chance goes the rate after the cut is from that of begin to the end; 0 where it proves nothing. */
static double proof(const struct curve *c, uint32_t begin, uint32_t cut, double step_ms)
{
    const struct total *a = &c->upto[begin], *b = &c->upto[cut], *e = &c->upto[c->end];
    const double ms = e->ms - b->ms, before_ms = b->ms - a->ms, share = ms / (ms + before_ms);
    const double money = e->money - b->money, all = e->money - a->money, before = all - money, n = e->events - a->events;

    if (!c->polled[cut] || ms < SOON_MS || !is_covered(c, cut, step_ms) || before_ms < LEAST_MS || all <= 0 || n <= 0)
        return 0;
    if (ms < LEAST_MS && (money <= 0 || deviations(e->events - b->events, n, n, share) < NO_CHANCE))
        return 0; /* one dear request is no rise, and a pause of some seconds no stop */
    if (money <= 0)
        return n * log(1 - share) <= log(NO_CHANCE_OF_NONE) ? INFINITY : 0;
    const double rate = money / ms, was = before / before_ms, most = 1 + STEADY_PERCENT / 100.0;
    if (rate < was * most && was < rate * most)
        return 0;
    const double z = fabs(deviations(money, all, n, share));
    return z >= NO_CHANCE ? z : 0;
}

/* Money per time between two cuts. */
static double rate(const struct curve *c, uint32_t from, uint32_t to)
{
    return (c->upto[to].money - c->upto[from].money) / (c->upto[to].ms - c->upto[from].ms);
}

/* The poll in which a rate fell holds some of what went before, and belongs to neither: what comes after it bounds the new rate from
 * below. */
static uint32_t after_next_poll(const struct curve *c, uint32_t begin)
{
    do
        begin++;
    while (begin < c->end && !c->polled[begin]);
    return begin;
}

struct vrecent_time vrecent_find(const struct vread *vr, const struct vrecent_ask *ask, bool is_computed)
{
    const size_t q = is_computed ? ask->input : ask->cost;
    const int64_t step = vr->q[q].step_ms, t0 = vr->q[q].t0_ms;
    struct vrecent_time t = {.since_ms = 0};
    struct curve c;
    uint32_t begin = 0, least = 0; /* least: after the last time whose counts are lost */
    bool fell = false;

    if (!is_whole(vr, q) || (is_computed && !is_whole(vr, ask->output)))
        return t;
    read_curve(vr, ask, is_computed, &c);
    while (least < c.end && vread_has_lost(vr, vr->q[q].signal, t0 + least * step, t0 + c.end * step))
        least++;
    for (bool found = true; found;) {
        double best = 0;
        uint32_t at = begin;
        for (uint32_t cut = begin + 1 > least ? begin + 1 : least; cut < c.end; cut++) {
            const double z = proof(&c, begin, cut, (double)step);
            if (z > best) { /* of several cuts before nothing the first */
                best = z;
                at = cut;
            }
        }
        found = at != begin;
        fell = found ? rate(&c, at, c.end) < rate(&c, begin, at) : fell;
        begin = at;
    }
    while (begin > least && c.upto[begin - 1].money >= c.upto[c.end].money &&
           is_covered(&c, begin - 1, (double)step)) /* no cut there, where little lies before it */
        begin--;
    t.stopped = c.upto[c.end].money <= c.upto[begin].money;
    if (begin > 0 && fell && !t.stopped)
        begin = after_next_poll(&c, begin);
    if (begin == 0 || begin >= c.end)
        return t;
    t.since_ms = t0 + begin * step;
    for (uint32_t i = begin; is_computed && i < c.end; i++) /* what is booked beside it goes on */
        t.stopped = t.stopped && vread_sum(vr, ask->cost, i, DIM_COUNT, 0).sum <= 0;
    t.is_idle = t.stopped && c.has_requests;
    t.booked_nusd = llround(c.upto[c.end].money - c.upto[begin].money);
    t.covered_ms = llround(c.upto[c.end].ms - c.upto[begin].ms);
    for (uint32_t i = begin + 1; i <= c.end; i++)
        t.is_idle = t.is_idle && !c.ended[i];
    return t;
}

struct vspend_recent vrecent_tell(struct arena *a, const struct vrecent_time *t, struct vspend_amount per_h, bool is_computed)
{
    char at[TIMEFMT_MAX], lo[MONEY_MAX], hi[MONEY_MAX];
    struct vspend_recent r = {.text = ""};

    per_h = t->stopped ? (struct vspend_amount){.known = true, .exact = AT_LEAST} : per_h;
    if (t->since_ms == 0 || !per_h.known)
        return r;
    instant_format_clock(t->since_ms, at);
    money_format(per_h.lo_nusd, lo);
    money_format(per_h.hi_nusd, hi);
    const bool one = strcmp(lo, hi) == 0;
    r = (struct vspend_recent){.since_ms = t->since_ms, .stopped = t->stopped, .per_h = per_h};
    r.text = t->stopped ? arena_printf(a, "%s since %s",
                                       t->is_idle    ? "no request ended"
                                       : is_computed ? "no tokens counted"
                                                     : "nothing booked",
                                       at)
                        : arena_printf(a, "%s%s%s%s/h since %s", exact_mark(per_h.exact), lo, one ? "" : " to ", one ? "" : hi, at);
    return r;
}

const char *vrecent_over(struct arena *a, int64_t measured_ms, const struct vspend_recent *r)
{
    char last[VTEXT_MAX];
    if (r->text == NULL)
        return NULL;
    vtext_last(measured_ms, last);
    return r->text[0] != '\0' ? arena_printf(a, "over the %s (%s)", last, r->text) : arena_printf(a, "over the %s", last);
}
