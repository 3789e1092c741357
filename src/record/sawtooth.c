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

/* At least one in five, and at least MANY. */
static bool is_many(uint32_t n, uint32_t of)
{
    return n >= MANY && n >= (of + 4) / 5;
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

enum sawtooth_verdict sawtooth_judge(struct sawtooth *s, const struct sawtooth_poll *p)
{
    bool moved = !isnan(p->start_s) && !isnan(s->start_s) && fabs(p->start_s - s->start_s) > START_JITTER_S;
    /* A process that began after the last poll is new; one that is older than that was there all along. */
    bool restarted = moved && p->start_s > s->start_s && p->start_s * 1000.0 >= (double)(p->t0_ms - SKEW_MS);
    bool other = moved && !restarted;
    bool fell = is_many(p->fell, p->counters) && !restarted;
    bool little = fell && p->fell_half * 2 >= p->fell;
    bool turn = fell || other;
    bool climb = is_many(p->climbed, p->counters) && s->turns != 0;
    s->turns = shift(s->turns, turn);
    s->others = shift(s->others, other);
    s->climbs = shift(s->climbs, climb);
    s->start_s = p->start_s;

    if (turn && bits(s->turns) >= 2 && (s->climbs != 0 || bits(s->others) >= 2))
        s->on = true;
    s->calm = turn || climb ? 0 : s->calm + 1;
    if (s->on && s->calm >= SAWTOOTH_CALM) {
        s->on = false;
        s->turns = s->others = s->climbs = 0;
    }
    if (s->on || other || little || climb)
        return SAWTOOTH_UNKNOWN;
    return restarted ? SAWTOOTH_RESTARTED : SAWTOOTH_CONTINUE;
}
