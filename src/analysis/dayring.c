/* SPDX-License-Identifier: MIT */
#include "analysis/dayring.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/cusum.h"

enum { MINUTE_MS = 60000, FIVE = 5 };

void dayring_init(struct dayring *r)
{
    memset(r, 0, sizeof *r);
    r->minute = r->five = -1;
}

static const double parts_of_one = 4294967296.0;

double daycount_bad(const struct daycount *c)
{
    return (double)c->bad + (double)c->parts / parts_of_one;
}

struct daycount daycount_of(uint64_t n, double bad, int64_t observed_ms)
{
    const double whole = floor(fmin(fmax(0, bad), (double)n));
    const double parts = fmin(floor((fmax(whole, bad) - whole) * parts_of_one), parts_of_one - 1);
    return (struct daycount){.n = n, .bad = (uint64_t)whole, .observed_ms = observed_ms, .parts = whole < (double)n ? (uint64_t)parts : 0};
}

static uint32_t capped(uint32_t have, uint64_t more)
{
    return more < UINT32_MAX - have ? have + (uint32_t)more : UINT32_MAX;
}

static void take_out(struct daycount *sum, const struct daycell *c)
{
    sum->n -= c->n;
    sum->bad -= c->bad;
    sum->observed_ms -= c->observed_ms;
    sum->parts -= c->parts;
}

static void put_in(struct daycount *sum, const struct daycell *c)
{
    sum->n += c->n;
    sum->bad += c->bad;
    sum->observed_ms += c->observed_ms;
    sum->parts += c->parts;
}

/* Counts more in a cell, whose observed time is told. */
static void grow(struct daycell *c, uint64_t n, uint64_t bad, uint64_t parts, uint32_t observed_ms)
{
    const uint64_t all = c->parts + parts;
    *c = (struct daycell){
        .n = capped(c->n, n), .bad = capped(c->bad, bad + (all >> 32)), .observed_ms = observed_ms, .parts = (uint32_t)all};
}

/* Empties the five-minute buckets between the newest and `five`. */
static void day_advance(struct dayring *r, int64_t five)
{
    if (r->five < 0 || five - r->five >= DAYRING_FIVES) {
        memset(r->fives, 0, sizeof r->fives);
        r->day = (struct daycount){.n = 0};
        r->five = five;
    }
    while (r->five < five) {
        struct daycell *c = &r->fives[++r->five % DAYRING_FIVES];
        take_out(&r->day, c);
        *c = (struct daycell){.n = 0};
    }
}

/* A minute leaves the 15 and becomes part of the day. */
static void retire(struct dayring *r, int64_t minute)
{
    struct daycell *from = &r->recent[minute % DAYRING_MINUTES];
    day_advance(r, minute / FIVE);
    struct daycell *to = &r->fives[minute / FIVE % DAYRING_FIVES];
    take_out(&r->day, to);
    grow(to, from->n, from->bad, from->parts, capped(to->observed_ms, from->observed_ms));
    put_in(&r->day, to);
    *from = (struct daycell){.n = 0};
}

static void advance(struct dayring *r, int64_t minute)
{
    if (r->minute < 0) {
        r->minute = minute;
        return;
    }
    int64_t oldest = r->minute - DAYRING_MINUTES + 1, stay = minute - DAYRING_MINUTES + 1;
    for (int64_t m = oldest < 0 ? 0 : oldest; m <= r->minute && m < stay; m++)
        retire(r, m);
    r->minute = minute;
    if (stay > 0)
        day_advance(r, (stay - 1) / FIVE > r->five ? (stay - 1) / FIVE : r->five);
}

/* Up to when the minutes before one are covered. */
static int64_t covered_before(const struct dayring *r, int64_t minute)
{
    int64_t t_ms = 0;
    for (int64_t m = minute - 1; m >= 0 && m > r->minute - DAYRING_MINUTES; m--)
        if (r->recent[m % DAYRING_MINUTES].observed_ms > 0 && r->spans[m % DAYRING_MINUTES].t1_ms > t_ms)
            t_ms = r->spans[m % DAYRING_MINUTES].t1_ms;
    return t_ms;
}

/* What comes late becomes part of the day at once. Its time was observed once, by zeros in the meantime or by itself. */
static void add_late(struct dayring *r, int64_t minute, int64_t length_ms, const struct daycount *d)
{
    const int64_t newest = (r->minute - DAYRING_MINUTES) / FIVE, five = minute / FIVE, cell_ms = FIVE * MINUTE_MS;
    if (newest > r->five)
        day_advance(r, newest);
    if (minute < 0 || five <= r->five - DAYRING_FIVES)
        return;
    struct daycell *c = &r->fives[five % DAYRING_FIVES];
    const int64_t most = length_ms > cell_ms ? length_ms : cell_ms, all = c->observed_ms + length_ms;
    const int64_t observed = c->observed_ms >= most ? c->observed_ms : all < most ? all : most;
    take_out(&r->day, c);
    grow(c, d->n, d->bad, d->parts, capped(0, (uint64_t)observed));
    put_in(&r->day, c);
}

static void add(struct dayring *r, int64_t t0_ms, int64_t t1_ms, const struct daycount *d)
{
    if (t0_ms <= 0 || t1_ms <= t0_ms)
        return;
    int64_t minute = (t1_ms - 1) / MINUTE_MS;
    if (minute > r->minute)
        advance(r, minute);
    if (t1_ms > r->now_ms)
        r->now_ms = t1_ms;
    if (r->minute - minute >= DAYRING_MINUTES) {
        add_late(r, minute, t1_ms - t0_ms, d);
        return;
    }
    struct daycell *c = &r->recent[minute % DAYRING_MINUTES];
    struct dayspan *span = &r->spans[minute % DAYRING_MINUTES];
    if (c->observed_ms == 0)
        *span = (struct dayspan){t0_ms, t1_ms};
    span->t0_ms = t0_ms < span->t0_ms ? t0_ms : span->t0_ms;
    span->t1_ms = t1_ms > span->t1_ms ? t1_ms : span->t1_ms;
    const int64_t before = covered_before(r, minute), most = span->t1_ms - (before > span->t0_ms ? before : span->t0_ms);
    uint32_t observed = capped(c->observed_ms, (uint64_t)(t1_ms - t0_ms));
    if ((int64_t)observed > most)
        observed = (uint32_t)most;
    grow(c, d->n, d->bad, d->parts, observed);
}

void dayring_add(struct dayring *r, int64_t t0_ms, int64_t t1_ms, uint64_t n, uint64_t bad)
{
    add(r, t0_ms, t1_ms, &(struct daycount){.n = n, .bad = bad});
}

void dayring_add_sum(struct dayring *r, int64_t t0_ms, int64_t t1_ms, uint64_t n, double bad)
{
    const struct daycount d = daycount_of(n, bad, 0);
    add(r, t0_ms, t1_ms, &d);
}

void dayring_correct(struct dayring *r, int64_t t1_ms, int64_t n, double bad)
{
    const int64_t minute = (t1_ms - 1) / MINUTE_MS, five = minute / FIVE;
    const bool is_recent = r->minute - minute < DAYRING_MINUTES;
    if (t1_ms <= 0 || minute > r->minute || (!is_recent && (five > r->five || five <= r->five - DAYRING_FIVES)))
        return;
    struct daycell *c = is_recent ? &r->recent[minute % DAYRING_MINUTES] : &r->fives[five % DAYRING_FIVES];
    const struct daycount was = {.n = c->n, .bad = c->bad, .parts = c->parts};
    const int64_t left = (int64_t)c->n + n;
    const struct daycount is = daycount_of(left > 0 ? (uint64_t)left : 0, daycount_bad(&was) + bad, 0);
    if (!is_recent)
        take_out(&r->day, c);
    *c = (struct daycell){.n = capped(0, is.n), .bad = capped(0, is.bad), .observed_ms = c->observed_ms, .parts = (uint32_t)is.parts};
    if (!is_recent)
        put_in(&r->day, c);
}

struct daycount dayring_recent(const struct dayring *r, int minutes)
{
    struct daycount sum = {.n = 0};
    assert(minutes >= 1 && minutes <= DAYRING_MINUTES);
    for (int64_t m = r->minute; m >= 0 && m > r->minute - minutes; m--)
        put_in(&sum, &r->recent[m % DAYRING_MINUTES]);
    return sum;
}

struct daycount dayring_day(const struct dayring *r)
{
    return r->day;
}

void dayring_split(const struct dayring *r, int fives, struct daycount *ret_now, struct daycount *ret_before)
{
    struct daycount now = dayring_recent(r, DAYRING_MINUTES), before = r->day;
    for (int64_t f = r->five; f >= 0 && f > r->five - fives; f--) {
        put_in(&now, &r->fives[f % DAYRING_FIVES]);
        take_out(&before, &r->fives[f % DAYRING_FIVES]);
    }
    *ret_now = now;
    *ret_before = before;
}

struct daycount dayring_until(const struct dayring *r, int64_t t_ms)
{
    struct daycount sum = {.n = 0};
    for (int64_t f = r->five; f >= 0 && f > r->five - DAYRING_FIVES; f--)
        if ((f + 1) * FIVE * MINUTE_MS <= t_ms)
            put_in(&sum, &r->fives[f % DAYRING_FIVES]);
    for (int64_t m = r->minute; m >= 0 && m > r->minute - DAYRING_MINUTES; m--)
        if ((m + 1) * MINUTE_MS <= t_ms)
            put_in(&sum, &r->recent[m % DAYRING_MINUTES]);
    return sum;
}

struct daycount dayring_from(const struct dayring *r, int64_t t_ms)
{
    struct daycount sum = {.n = 0};
    for (int64_t f = r->five; f >= 0 && f > r->five - DAYRING_FIVES; f--)
        if (f * FIVE * MINUTE_MS >= t_ms)
            put_in(&sum, &r->fives[f % DAYRING_FIVES]);
    for (int64_t m = r->minute; m >= 0 && m > r->minute - DAYRING_MINUTES; m--)
        if (m * MINUTE_MS >= t_ms)
            put_in(&sum, &r->recent[m % DAYRING_MINUTES]);
    return sum;
}

struct daycount dayring_since(const struct dayring *r, int64_t t_ms)
{
    struct daycount sum = {.n = 0};
    for (int64_t m = r->minute; m >= 0 && m > r->minute - DAYRING_MINUTES; m--)
        if (r->spans[m % DAYRING_MINUTES].t1_ms > t_ms)
            put_in(&sum, &r->recent[m % DAYRING_MINUTES]);
    return sum;
}

static void turn(struct daycell *c)
{
    const bool is_whole = c->parts == 0 || c->bad >= c->n;
    c->bad = c->n - c->bad - !is_whole;
    c->parts = is_whole ? 0 : -c->parts;
}

void dayring_turn(struct dayring *r)
{
    r->day = (struct daycount){.n = 0};
    for (int f = 0; f < DAYRING_FIVES; f++) {
        turn(&r->fives[f]);
        put_in(&r->day, &r->fives[f]);
    }
    for (int m = 0; m < DAYRING_MINUTES; m++)
        turn(&r->recent[m]);
}

void dayring_forget(struct dayring *r, int64_t t_ms)
{
    for (int64_t f = r->five; f >= 0 && f > r->five - DAYRING_FIVES; f--) {
        if (f * FIVE * MINUTE_MS >= t_ms)
            continue;
        take_out(&r->day, &r->fives[f % DAYRING_FIVES]);
        r->fives[f % DAYRING_FIVES] = (struct daycell){.n = 0};
    }
    for (int64_t m = r->minute; m >= 0 && m > r->minute - DAYRING_MINUTES; m--)
        if (m * MINUTE_MS < t_ms)
            r->recent[m % DAYRING_MINUTES] = (struct daycell){.n = 0};
}

struct dayring_rise dayring_share_rise(double p0, double p1, double n_per_s)
{
    return (struct dayring_rise){.per_n = cusum_share(p0, p1), .nats_per_s = n_per_s * cusum_share_nats(p0, p1)};
}

static void step(struct cusum *c, int64_t t0_ms, int64_t t1_ms, const struct daycell *cell, const struct dayring_rise *rise)
{
    if (cell->observed_ms > 0)
        cusum_step(c, t0_ms, t1_ms, cell->bad, rise->per_n * (double)cell->n);
}

bool dayring_onset(const struct dayring *r, const struct dayring_rise *rise, int64_t *ret_ms, int64_t *ret_error_ms)
{
    struct cusum c = {.sum = 0};
    int64_t oldest = r->five - DAYRING_FIVES + 1, first = r->minute - DAYRING_MINUTES + 1;
    for (int64_t f = oldest < 0 ? 0 : oldest; f <= r->five; f++)
        step(&c, f * FIVE * MINUTE_MS, (f + 1) * FIVE * MINUTE_MS, &r->fives[f % DAYRING_FIVES], rise);
    for (int64_t m = first < 0 ? 0 : first; m <= r->minute; m++) {
        const struct dayspan *span = &r->spans[m % DAYRING_MINUTES];
        step(&c, span->t0_ms, span->t1_ms, &r->recent[m % DAYRING_MINUTES], rise);
    }
    return cusum_onset(&c, rise->nats_per_s, ret_ms, ret_error_ms);
}

struct daycount dayring_calm(const struct dayring *r, double per_n, int64_t *ret_ms, int64_t *ret_error_ms)
{
    struct daycount sum = {.n = 0};
    int64_t width = 0;
    for (int64_t m = r->minute; m >= 0 && m > r->minute - DAYRING_MINUTES; m--) {
        const struct daycell *c = &r->recent[m % DAYRING_MINUTES];
        const struct dayspan *span = &r->spans[m % DAYRING_MINUTES];
        if (c->observed_ms == 0)
            continue;
        width = span->t1_ms - span->t0_ms > width ? span->t1_ms - span->t0_ms : width;
        if ((double)c->bad > per_n * (double)c->n)
            break;
        put_in(&sum, c);
        *ret_ms = span->t0_ms;
        *ret_error_ms = width;
    }
    return sum;
}
