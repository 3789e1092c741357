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
    s->own &= ~which;
    s->dips &= ~which;
    s->little &= ~which;
    s->rises &= ~which;
}

/* The poll of the oldest of these, and all later ones. */
static uint32_t since(uint32_t which)
{
    uint32_t all = 0;
    while (which > all)
        all = all << 1 | 1;
    return all;
}

static void age_held(struct sawtooth *s)
{
    s->held <<= 1;
    s->falls <<= 1;
    s->many <<= 1;
    s->own <<= 1;
    s->dips <<= 1;
    s->little <<= 1;
    s->rises <<= 1;
}

/* What has waited long enough counts, and what waited for nothing but that. */
static void release_held(struct sawtooth *s, const struct sawtooth_poll *p)
{
    const uint32_t oldest = UINT32_C(1) << SAWTOOTH_HOLD, alone = s->held & ~(s->falls | s->rises | since(s->dips & ~oldest));
    s->failed_over = (s->little & oldest) != 0;
    s->began_anew = (s->many & oldest) != 0 && !s->failed_over && isnan(p->start_s);
    s->leapt = (s->rises & oldest) != 0 && (s->loads & (oldest - 1)) == 0;
    s->counts = s->held & (oldest | alone);
    forget_held(s, s->counts);
}

/* What became of the polls that wait, and whether this one does. fell: many did; none: what it shows is no process that goes on or
 * began. */
static void judge_held(struct sawtooth *s, const struct sawtooth_poll *p, bool fell, bool little, bool turn, bool none)
{
    age_held(s);
    const bool above = !s->on && p->above * 2 > p->apart;
    s->returned = above && !fell && (s->little != 0 || (s->back && s->dips != 0));
    s->refuted = (s->back && s->falls != 0) || (above && fell && s->rises != 0);
    none = none || (s->refuted && fell);
    if (s->on || s->returned)
        forget_held(s, s->held);
    if (s->refuted)
        forget_held(s, since(s->falls | s->rises));
    if (turn)
        forget_held(s, s->rises);
    release_held(s, p);

    const bool falls = (fell && p->fell_half * 2 < p->fell) || p->plain_fell > p->plain_half || little;
    const bool rises = p->jumped * 2 > p->rose;
    s->hold = !none && !s->returned && (falls || rises || s->dips != 0);
    if (!s->hold)
        return;
    s->held |= 1;
    s->falls |= falls;
    s->many |= falls && fell;
    s->own |= falls && !fell && !rises && s->dips == 0;
    s->dips |= fell && p->counters * 2 >= p->had;
    s->little |= little;
    s->rises |= rises && !falls;
}

uint32_t sawtooth_doubt(const struct sawtooth *s)
{
    uint32_t first = 0;
    for (uint32_t i = 0; i < SAWTOOTH_WINDOW; i++)
        first = (s->turns >> i & 1) != 0 ? i : first;
    return first + SAWTOOTH_WINDOW;
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
    s->loads = shift(s->loads, p->steep * 2 > p->rose);
    s->last_fell = p->fell > 0 ? p->fell : s->last_fell;
    s->start_s = p->start_s;

    if (again || (turn && bits(s->turns) >= 2 && (s->climbs != 0 || bits(s->others) >= 2)))
        s->on = true;
    s->calm = turn || climb ? 0 : s->calm + 1;
    if (s->on && s->calm >= SAWTOOTH_CALM) {
        s->on = false;
        s->turns = s->others = s->climbs = s->backs = 0;
    }
    judge_held(s, p, fell, little, turn, s->on || other || restarted || climb);
    const uint32_t lately = (UINT32_C(1) << SAWTOOTH_HOLD) - 1;
    s->watch = !s->on && ((s->turns | s->climbs | s->held) & lately) != 0;
    s->whole = s->watch && ((s->turns | s->climbs | (s->held & ~s->own)) & lately) != 0;
    if (s->on || other || ((little || climb || (fell && s->refuted)) && !s->returned))
        return SAWTOOTH_UNKNOWN;
    return restarted ? SAWTOOTH_RESTARTED : SAWTOOTH_CONTINUE;
}
