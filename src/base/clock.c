/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <stddef.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t); /* cannot fail for these ids on Linux */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_wall(void *ctx)
{
    (void)ctx;
    return read_ms(CLOCK_REALTIME);
}

static int64_t system_mono(void *ctx)
{
    (void)ctx;
    return read_ms(CLOCK_MONOTONIC);
}

struct clock clock_system(void)
{
    return (struct clock){system_wall, system_mono, NULL};
}

static int64_t manual_wall(void *ctx)
{
    return ((struct clock_manual *)ctx)->wall_ms;
}

static int64_t manual_mono(void *ctx)
{
    return ((struct clock_manual *)ctx)->mono_ms;
}

struct clock clock_manual(struct clock_manual *m)
{
    return (struct clock){manual_wall, manual_mono, m};
}

void clock_manual_advance(struct clock_manual *m, int64_t delta_ms)
{
    m->wall_ms += delta_ms;
    m->mono_ms += delta_ms;
}

static int64_t scaled_wall(void *ctx)
{
    const struct clock_scaled *s = ctx;
    return s->origin_wall_ms + (int64_t)((double)(read_ms(CLOCK_REALTIME) - s->origin_system_ms) * s->speed);
}

static int64_t scaled_mono(void *ctx)
{
    return (int64_t)((double)read_ms(CLOCK_MONOTONIC) * ((struct clock_scaled *)ctx)->speed);
}

struct clock clock_scaled(struct clock_scaled *s)
{
    return (struct clock){scaled_wall, scaled_mono, s};
}

int64_t clock_wall_ms(const struct clock *c)
{
    return c->wall_ms(c->ctx);
}

int64_t clock_mono_ms(const struct clock *c)
{
    return c->mono_ms(c->ctx);
}
