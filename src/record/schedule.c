/* SPDX-License-Identifier: MIT */
#include "record/schedule.h"

#include <math.h>
#include <stdlib.h>

enum { BACKOFF_INTERVALS = 4 };

void schedule_init(struct schedule *s, double rate_per_s, bool jitter, uint64_t seed, int64_t now_ms)
{
    *s = (struct schedule){.rate_per_s = rate_per_s, .burst = fmax(1.0, rate_per_s), .filled_ms = now_ms, .jitter = jitter};
    s->tokens = s->burst;
    rng_seed(&s->rng, seed);
}

void schedule_fini(struct schedule *s)
{
    if (s == NULL)
        return;
    free(s->list);
    *s = (struct schedule){0};
}

enum err schedule_add(struct schedule *s, int64_t interval_ms, int64_t now_ms, uint32_t *ret)
{
    if (s->count == s->cap) {
        uint32_t cap = s->cap == 0 ? 16 : s->cap * 2;
        struct schedule_entry *list = realloc(s->list, cap * sizeof *list);
        if (list == NULL)
            return ERR_NOMEM;
        s->list = list;
        s->cap = cap;
    }
    int64_t spread = interval_ms / 10 < SCHEDULE_SPREAD_MS ? interval_ms / 10 : SCHEDULE_SPREAD_MS;
    int64_t offset = s->jitter && spread > 0 ? (int64_t)rng_below(&s->rng, (uint64_t)spread) : 0;
    s->list[s->count] = (struct schedule_entry){.interval_ms = interval_ms, .due_ms = now_ms + offset};
    *ret = s->count++;
    return ERR_OK;
}

static double tokens_at(const struct schedule *s, int64_t now_ms)
{
    return fmin(s->burst, s->tokens + (double)(now_ms - s->filled_ms) / 1000.0 * s->rate_per_s);
}

bool schedule_take_token(struct schedule *s, int64_t now_ms)
{
    if (s->rate_per_s <= 0)
        return true;
    double tokens = tokens_at(s, now_ms);
    if (tokens < 1.0)
        return false;
    s->tokens = tokens - 1.0;
    s->filled_ms = now_ms;
    return true;
}

bool schedule_take_spare_token(struct schedule *s, int64_t now_ms)
{
    if (s->rate_per_s <= 0)
        return true;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct schedule_entry *e = &s->list[i];
        const double by_then = tokens_at(s, now_ms) - 1.0 + (double)(e->due_ms - now_ms) / 1000.0 * s->rate_per_s;
        if (!e->in_flight && (e->due_ms <= now_ms || by_then < s->burst))
            return false;
    }
    return schedule_take_token(s, now_ms);
}

int64_t schedule_token_wait(const struct schedule *s, int64_t now_ms)
{
    if (s->rate_per_s <= 0)
        return 0;
    double missing = 1.0 - tokens_at(s, now_ms);
    return missing <= 0 ? 0 : (int64_t)ceil(missing / s->rate_per_s * 1000.0);
}

bool schedule_take(struct schedule *s, int64_t now_ms, uint32_t *ret)
{
    const struct schedule_entry *best = NULL;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct schedule_entry *e = &s->list[i];
        if (!e->in_flight && e->due_ms <= now_ms && (best == NULL || e->due_ms < best->due_ms))
            best = e;
    }
    if (best == NULL || !schedule_take_token(s, now_ms))
        return false;
    *ret = (uint32_t)(best - s->list);
    s->list[*ret].in_flight = true;
    return true;
}

/* The longest wait: BACKOFF_INTERVALS, but 15 s at least and five minutes (or the interval, when that is longer) at most. */
static int64_t longest_backoff(int64_t interval_ms)
{
    int64_t most = interval_ms > SCHEDULE_BACKOFF_MAX_MS ? SCHEDULE_BACKOFF_MAX_MS : interval_ms * BACKOFF_INTERVALS;
    most = most < SCHEDULE_BACKOFF_MAX_MS ? most : SCHEDULE_BACKOFF_MAX_MS;
    most = most > SCHEDULE_BACKOFF_LEAST_MS ? most : SCHEDULE_BACKOFF_LEAST_MS;
    return most > interval_ms ? most : interval_ms;
}

/* Doubles with each failure after the first, at least one interval, at most the longest wait. */
static int64_t backoff(struct schedule *s, const struct schedule_entry *e)
{
    int64_t most = longest_backoff(e->interval_ms);
    int64_t delay = e->interval_ms;
    for (uint32_t k = 1; k < e->failures && delay < most; k++)
        delay *= 2;
    delay = delay < most ? delay : most;
    double factor = s->jitter && e->failures > 1 ? 0.75 + 0.25 * rng_unit(&s->rng) : 1.0;
    int64_t varied = (int64_t)((double)delay * factor);
    return varied > e->interval_ms ? varied : e->interval_ms;
}

void schedule_done(struct schedule *s, uint32_t i, bool good, int64_t now_ms)
{
    struct schedule_entry *e = &s->list[i];
    e->in_flight = false;
    e->failures = good ? 0 : e->failures + 1;
    int64_t behind = now_ms - e->due_ms;
    int64_t missed = behind > 0 ? behind / e->interval_ms : 0;
    int64_t on_beat = e->due_ms + (missed + 1) * e->interval_ms;
    e->due_ms = e->failures > 1 ? now_ms + backoff(s, e) : on_beat;
}

void schedule_hold(struct schedule *s, uint32_t i, int64_t delay_ms, int64_t now_ms)
{
    struct schedule_entry *e = &s->list[i];
    e->due_ms = now_ms + delay_ms > e->due_ms ? now_ms + delay_ms : e->due_ms;
}

void schedule_wake(struct schedule *s, uint32_t i, int64_t now_ms)
{
    s->list[i].due_ms = now_ms;
}

int64_t schedule_wait(const struct schedule *s, int64_t now_ms, int64_t max_ms)
{
    int64_t due = now_ms + max_ms;
    for (uint32_t i = 0; i < s->count; i++) {
        if (!s->list[i].in_flight && s->list[i].due_ms < due)
            due = s->list[i].due_ms;
    }
    int64_t wait = due > now_ms ? due - now_ms : 0;
    int64_t token = schedule_token_wait(s, now_ms);
    wait = wait > token ? wait : token;
    return wait < max_ms ? wait : max_ms;
}
