/* SPDX-License-Identifier: MIT */
#include "record/sawtooth.h"

#include <math.h>

enum {
    MANY = 3,            /* counters that must fall together */
    SKEW_MS = 60 * 1000, /* the exporter's clock may differ from ours by this much */
};
static const double START_JITTER_S = 2.0; /* exporters compute the start from uptime, so that it moves a little */

void sawtooth_init(struct sawtooth *s)
{
    *s = (struct sawtooth){.start_s = NAN};
}

/* At least one in five, and at least MANY; or most of the plain ones that moved. */
static bool is_many(uint32_t n, uint32_t of, uint32_t plain, uint32_t of_plain)
{
    return (n >= MANY && n >= (of + 4) / 5) || plain * 2 > of_plain;
}

static int bits(uint32_t x)
{
    int n = 0;
    for (; x != 0; x &= x - 1)
        n++;
    return n;
}

static uint32_t shift(uint32_t history, bool now)
{
    return (history << 1 | (now ? 1u : 0u)) & ((1u << SAWTOOTH_WINDOW) - 1);
}

static void forget_held(struct sawtooth *s, uint32_t which)
{
    s->held &= ~which;
    s->falls &= ~which;
    s->many &= ~which;
}

/* What became of the polls that wait, and whether this one does. fell: many did. */
static void judge_held(struct sawtooth *s, const struct sawtooth_poll *p, bool fell, bool turn, bool known)
{
    const uint32_t past = (2u << SAWTOOTH_HOLD) - 1;
    forget_held(s, UINT32_C(1) << SAWTOOTH_HOLD); /* it counts since the last poll */
    s->held = s->held << 1 & past;
    s->falls = s->falls << 1 & past;
    s->many = s->many << 1 & past;
    if (s->on)
        forget_held(s, s->held);
    if (turn)
        forget_held(s, s->held & ~s->falls);
    s->refuted = s->back && s->falls != 0;
    if (s->refuted)
        forget_held(s, s->falls);
    s->began_anew = (s->many >> SAWTOOTH_HOLD & 1) != 0 && isnan(p->start_s);

    const bool falls = (fell && p->fell_half * 2 < p->fell) || p->plain_fell > p->plain_half;
    s->hold = known && (falls || p->jumped * 2 > p->rose);
    s->held |= s->hold;
    if (!s->hold || !falls)
        return;
    s->falls |= 1;
    s->many |= fell;
}

enum sawtooth_verdict sawtooth_judge(struct sawtooth *s, const struct sawtooth_poll *p)
{
    bool moved = !isnan(p->start_s) && !isnan(s->start_s) && fabs(p->start_s - s->start_s) > START_JITTER_S;
    /* A process that began after the last poll is new; one that is older than that was there all along. */
    bool restarted = moved && p->start_s > s->start_s && p->start_s * 1000.0 >= (double)(p->t0_ms - SKEW_MS);
    bool other = moved && !restarted;
    bool fell = is_many(p->fell, p->counters, p->plain_fell, p->plain) && !restarted;
    bool little = fell && p->fell_half * 2 >= p->fell;
    bool again = p->again > 0 && s->backs != 0 && !restarted;
    bool turn = fell || other || again;
    s->back = p->climbed * 2 > s->last_fell && p->climbed > 0;
    bool climb = s->back && is_many(p->climbed, p->counters, p->plain_climbed, p->plain) && s->turns != 0;
    s->turns = shift(s->turns, turn);
    s->others = shift(s->others, other);
    s->climbs = shift(s->climbs, climb);
    s->backs = shift(s->backs, s->back);
    s->last_fell = p->fell > 0 ? p->fell : s->last_fell;
    s->start_s = p->start_s;

    if (again || (turn && bits(s->turns) >= 2 && (s->climbs != 0 || bits(s->others) >= 2)))
        s->on = true;
    s->calm = turn || climb ? 0 : s->calm + 1;
    if (s->on && s->calm >= SAWTOOTH_CALM) {
        s->on = false;
        s->turns = s->others = s->climbs = s->backs = 0;
    }
    const bool known = !s->on && !other && !little && !climb;
    judge_held(s, p, fell, turn, known && !restarted);
    if (!known)
        return SAWTOOTH_UNKNOWN;
    return restarted ? SAWTOOTH_RESTARTED : SAWTOOTH_CONTINUE;
}
