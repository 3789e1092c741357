/* SPDX-License-Identifier: MIT */
/* How this works: three days of one-minute buckets in a ring; every window keeps its sum, and when the newest minute advances, each window
 * subtracts the bucket that leaves it. */
#include "analysis/burn.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/burn_int.h"

enum { MINUTE_MS = BURN_MINUTE_MS, HOUR_MS = BURN_HOUR_MS, RING = BURN_RING, HOURS = BURN_HOURS };
enum { CALM_MS = 60000, RESET_CALM_MS = 300000, WEEK_DAYS = 7 };

static const struct burn_rule rules[BURN_RULES] = {
    {"page-1h", SEV_PAGE, 14.4, SLO_1H, SLO_5M},
    {"page-6h", SEV_PAGE, 6, SLO_6H, SLO_30M},
    {"ticket-3d", SEV_TICKET, 1.3, SLO_3D, SLO_6H},
    {"ticket-reset", SEV_TICKET, 1.5, SLO_1H, SLO_5M},
};

const struct burn_rule *burn_rule_at(size_t i)
{
    assert(i < BURN_RULES);
    return &rules[i];
}

struct burn_state *burn_state_new(void)
{
    struct burn_state *s = calloc(1, sizeof *s);
    if (s != NULL)
        s->minute = -1;
    return s;
}

void burn_state_free(struct burn_state *s)
{
    free(s);
}

void burn_state_forget(struct burn_state *s)
{
    struct burn_alarm kept[BURN_RULES];
    memcpy(kept, s->alarm, sizeof kept);
    *s = (struct burn_state){.minute = -1};
    memcpy(s->alarm, kept, sizeof kept);
}

/* ---- windows ---- */

static int64_t minutes_of(int w)
{
    return slo_window_ms((enum slo_window)w) / MINUTE_MS;
}

static void advance(struct burn_state *s, int64_t minute)
{
    if (s->minute < 0 || minute - s->minute >= RING) {
        memset(s->ring, 0, sizeof s->ring);
        memset(s->sum, 0, sizeof s->sum);
        s->minute = minute;
    }
    while (s->minute < minute) {
        s->minute++;
        for (int w = 0; w < SLO_WINDOW_COUNT; w++) {
            if (s->minute < minutes_of(w))
                continue;
            const struct burn_minute *leaves = &s->ring[(s->minute - minutes_of(w)) % RING];
            s->sum[w].spent_nusd -= leaves->spent_nusd;
            s->sum[w].observed_ms -= leaves->observed_ms;
        }
        s->ring[s->minute % RING] = (struct burn_minute){.spent_nusd = 0};
    }
}

static void add(struct burn_bucket *b, struct burn_bucket more)
{
    int64_t sum;
    b->spent_nusd = __builtin_add_overflow(b->spent_nusd, more.spent_nusd, &sum) ? b->spent_nusd : sum;
    b->observed_ms += more.observed_ms;
}

static void add_minute(struct burn_minute *m, struct burn_bucket more, int64_t end_ms)
{
    int64_t sum;
    m->spent_nusd = __builtin_add_overflow(m->spent_nusd, more.spent_nusd, &sum) ? m->spent_nusd : sum;
    m->observed_ms += (int32_t)more.observed_ms;
    m->end_ms = end_ms > m->end_ms ? (int32_t)end_ms : m->end_ms;
}

static void add_hour(struct burn_state *s, int64_t number, struct burn_bucket more)
{
    struct burn_hour *h = &s->hour[number % HOURS];
    if (h->number > number)
        return;
    if (h->number < number)
        *h = (struct burn_hour){.number = number};
    add(&h->count, more);
}

void burn_feed(struct burn_state *s, int64_t t0_ms, int64_t t1_ms, int64_t spent_nusd)
{
    if (t0_ms <= 0 || t1_ms <= t0_ms)
        return;
    int64_t minute = (t1_ms - 1) / MINUTE_MS; /* windows are half-open: an interval that ends with a minute belongs to it */
    int64_t from = t0_ms > s->now_ms ? t0_ms : s->now_ms;
    if (t1_ms - from > RING * (int64_t)MINUTE_MS)
        from = t1_ms - RING * (int64_t)MINUTE_MS; /* no window is longer */
    const struct burn_bucket more = {.spent_nusd = spent_nusd, .observed_ms = t1_ms > from ? t1_ms - from : 0};
    add_hour(s, (t1_ms - 1) / HOUR_MS, more);
    if (minute > s->minute)
        advance(s, minute);
    else if (s->minute - minute >= RING)
        return;
    add_minute(&s->ring[minute % RING], more, t1_ms - minute * MINUTE_MS);
    for (int w = 0; w < SLO_WINDOW_COUNT; w++)
        if (s->minute - minute < minutes_of(w))
            add(&s->sum[w], more);
    if (t1_ms > s->now_ms)
        s->now_ms = t1_ms;
}

int64_t burn_now_ms(const struct burn_state *s)
{
    return s->now_ms;
}

/* What the budget allows between two instants, by its plan where that is more than even. */
static double allowed(const struct burn_budget *b, int64_t t0_ms, int64_t t1_ms)
{
    double even = (double)b->limit_nusd / (double)b->period_ms, planned = 0;
    for (int64_t at = t0_ms; b->plan != NULL && at < t1_ms;) {
        int64_t hour = at / HOUR_MS, end = (hour + 1) * HOUR_MS < t1_ms ? (hour + 1) * HOUR_MS : t1_ms;
        planned += b->plan[hour % BURN_PLAN_HOURS] * (double)(end - at);
        at = end;
    }
    return even * fmax((double)(t1_ms - t0_ms), planned);
}

struct burn_window burn_window_of(const struct burn_budget *b, enum slo_window w, int64_t end_ms, int64_t spent_nusd, int64_t observed_ms)
{
    assert(b->limit_nusd > 0 && b->period_ms >= 0 && w < SLO_WINDOW_COUNT);
    int64_t begin = end_ms > slo_window_ms(w) ? end_ms - slo_window_ms(w) : 0;
    struct burn_window ret = {.spent_nusd = spent_nusd, .observed_ms = observed_ms, .burn = (double)NAN, .burn_least = (double)NAN};
    ret.allowed_nusd = b->period_ms > 0 ? allowed(b, begin, end_ms) : 0;
    if (ret.observed_ms <= 0 || !(ret.allowed_nusd > 0))
        return ret;
    ret.burn_least = (double)ret.spent_nusd / ret.allowed_nusd;
    ret.burn = ret.burn_least * fmax(1, (double)slo_window_ms(w) / (double)ret.observed_ms);
    return ret;
}

struct burn_window burn_window(const struct burn_state *s, const struct burn_budget *b, enum slo_window w)
{
    return burn_window_of(b, w, s->now_ms, s->sum[w].spent_nusd, s->sum[w].observed_ms);
}

/* ---- rules ---- */

bool burn_rule_fires(size_t i, const struct burn_window *in_long, const struct burn_window *in_short)
{
    assert(i < BURN_PACE_RULES);
    return in_long->burn_least > rules[i].factor && in_short->burn > rules[i].factor; /* false for NaN */
}

struct burn_alarm burn_alarm_get(const struct burn_state *s, size_t rule)
{
    assert(rule < BURN_RULES);
    return s->alarm[rule];
}

void burn_alarm_set(struct burn_state *s, size_t rule, const struct burn_alarm *a)
{
    assert(rule < BURN_RULES);
    s->alarm[rule] = *a;
}

/* Fills everything of a change but `after`. */
static struct burn_change look(const struct burn_state *s, const struct burn_budget *b, size_t i)
{
    return (struct burn_change){.rule = i,
                                .before = s->alarm[i],
                                .after = s->alarm[i],
                                .in_long = burn_window(s, b, rules[i].long_window),
                                .in_short = burn_window(s, b, rules[i].short_window)};
}

/* The most that was spent in an hour of about this time of the day, on the seven days before; while none of those was observed, in any hour
 * before; NaN: there was none. */
static double usual_hour(const struct burn_state *s)
{
    enum { DAY_HOURS = 24 };
    int64_t now = (s->now_ms - 1) / HOUR_MS;
    double same = (double)NAN, any = (double)NAN;
    for (size_t i = 0; i < HOURS; i++) {
        const struct burn_hour *h = &s->hour[i];
        int64_t ago = now - h->number, of_day = ago % DAY_HOURS;
        if (h->count.observed_ms < HOUR_MS / 10 * 9 || ago <= 0 || ago > WEEK_DAYS * DAY_HOURS + 1)
            continue;
        any = fmax(any, (double)h->count.spent_nusd); /* of NaN and a number, the number */
        if (ago >= DAY_HOURS - 1 && (of_day <= 1 || of_day == DAY_HOURS - 1))
            same = fmax(same, (double)h->count.spent_nusd);
    }
    return isnan(same) ? any : same;
}

/* Whether spend of so much an hour is more than usual, as far as that is known, and takes the rest of the budget before its reset. */
static bool takes_the_rest(const struct burn_state *s, const struct burn_budget *b, double nusd_per_h)
{
    double left_h = (double)(b->reset_ms - s->now_ms) / HOUR_MS, usual = usual_hour(s);
    return nusd_per_h * left_h > (double)(b->limit_nusd - b->used_nusd) && nusd_per_h >= rules[BURN_RESET].factor * usual;
}

/* Of a whole window, so that what was not observed counts as nothing spent; of its observed time, where there is any. */
static double spends_per_h(const struct burn_window *w, enum slo_window window, bool observed_alone)
{
    double ms = observed_alone ? (double)w->observed_ms : (double)slo_window_ms(window);
    return w->observed_ms > 0 ? (double)w->spent_nusd / ms * HOUR_MS : (double)NAN;
}

static bool is_gone(const struct burn_budget *b)
{
    return b->used_nusd >= b->limit_nusd;
}

static bool fires(const struct burn_state *s, const struct burn_budget *b, const struct burn_change *c)
{
    if (c->rule != BURN_RESET)
        return burn_rule_fires(c->rule, &c->in_long, &c->in_short);
    return is_gone(b) || (takes_the_rest(s, b, spends_per_h(&c->in_long, SLO_1H, false)) &&
                          takes_the_rest(s, b, spends_per_h(&c->in_short, SLO_5M, true)));
}

static bool ended(const struct burn_state *s, const struct burn_budget *b, struct burn_change *c)
{
    struct burn_alarm *a = &c->after;
    double factor = rules[c->rule].factor;
    bool resets = c->rule == BURN_RESET, calm = c->in_short.burn <= factor; /* false for NaN: silence is no recovery */
    if (!resets && !(c->in_long.burn > factor))
        return true;
    if (resets)
        calm = !is_gone(b) && c->in_short.observed_ms > 0 && !takes_the_rest(s, b, spends_per_h(&c->in_short, SLO_5M, true));
    if (!calm) {
        a->calm_from_ms = 0;
        return false;
    }
    if (a->calm_from_ms == 0)
        a->calm_from_ms = s->now_ms;
    return s->now_ms - a->calm_from_ms >= (resets ? RESET_CALM_MS : CALM_MS);
}

/* Enters a state; a rule's changes have rising times, whatever the data's. */
static void enter(struct burn_alarm *a, enum alert_state state, int64_t at_ms)
{
    a->state = state;
    a->since_ms = at_ms > a->since_ms ? at_ms : a->since_ms + 1;
    a->was_firing = false;
    a->calm_from_ms = 0;
}

static void evaluate(const struct burn_state *s, const struct burn_budget *b, struct burn_change *c)
{
    struct burn_alarm *a = &c->after;
    bool was_firing = a->state == ALERT_FIRING || (a->state == ALERT_NO_DATA && a->was_firing);

    if (a->state == ALERT_NO_DATA && s->now_ms <= a->since_ms)
        return; /* nothing has come since */
    if (!was_firing && fires(s, b, c)) {
        enter(a, ALERT_FIRING, s->now_ms);
        burn_onset(s, rules[c->rule].long_window, rules[c->rule].short_window, &a->onset_ms, &a->onset_error_ms);
    } else if (was_firing && ended(s, b, c)) {
        enter(a, ALERT_INACTIVE, s->now_ms);
    } else if (a->state == ALERT_NO_DATA && (was_firing || c->in_short.observed_ms > 0)) {
        enter(a, was_firing ? ALERT_FIRING : ALERT_INACTIVE, s->now_ms);
    }
}

size_t burn_evaluate(struct burn_state *s, const struct burn_budget *b, struct burn_change ret[BURN_RULES])
{
    size_t n = 0;
    for (size_t i = b->period_ms > 0 ? 0 : BURN_RESET; s->now_ms != 0 && i < BURN_RULES; i++) {
        struct burn_change c = look(s, b, i);
        evaluate(s, b, &c);
        s->alarm[i] = c.after;
        if (c.after.state != c.before.state)
            ret[n++] = c;
    }
    return n;
}

size_t burn_tick(struct burn_state *s, const struct burn_budget *b, int64_t now_ms, struct burn_change ret[BURN_RULES])
{
    size_t n = 0;
    for (size_t i = b->period_ms > 0 ? 0 : BURN_RESET; s->now_ms != 0 && i < BURN_RULES; i++) {
        struct burn_change c = look(s, b, i);
        int64_t patience = slo_window_ms(rules[i].short_window);
        if (c.before.state == ALERT_NO_DATA || now_ms - s->now_ms < patience)
            continue;
        enter(&c.after, ALERT_NO_DATA, s->now_ms + patience);
        c.after.was_firing = c.before.state == ALERT_FIRING;
        s->alarm[i] = c.after;
        ret[n++] = c;
    }
    return n;
}
