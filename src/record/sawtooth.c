/* SPDX-License-Identifier: MIT */
#include "record/sawtooth.h"

#include <math.h>

enum {
    CALM_POLLS = 60,     /* without a sign before the page is believed again */
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

enum sawtooth_verdict sawtooth_judge(struct sawtooth *s, const struct sawtooth_poll *p)
{
    bool moved = !isnan(p->start_s) && !isnan(s->start_s) && fabs(p->start_s - s->start_s) > START_JITTER_S;
    /* A process that began after the last poll is new; one that is older than that was there all along. */
    bool restarted = moved && p->start_s > s->start_s && p->start_s * 1000.0 >= (double)(p->t0_ms - SKEW_MS);
    bool other = moved && !restarted;
    bool fell = is_many(p->fell, p->counters) && !restarted;
    bool little = fell && p->fell_half * 2 >= p->fell;
    s->drops = (s->drops << 1 | (fell ? 1u : 0u)) & 0xff;
    s->climbs = (s->climbs << 1 | (is_many(p->climbed, p->counters) ? 1u : 0u)) & 0xff;
    s->start_s = p->start_s;

    bool sign = other || little || (bits(s->drops) >= 2 && bits(s->climbs) >= 1 && fell);
    if (sign) {
        s->on = true;
        s->calm = 0;
    } else if (s->on && ++s->calm >= CALM_POLLS) {
        s->on = false;
        s->drops = s->climbs = 0;
        return SAWTOOTH_UNKNOWN; /* this poll is the new baseline */
    }
    if (s->on)
        return SAWTOOTH_UNKNOWN;
    return restarted ? SAWTOOTH_RESTARTED : SAWTOOTH_CONTINUE;
}
