/* SPDX-License-Identifier: MIT */
/* How this works: 3 days of one-minute buckets in a ring; every window keeps its sum, and when the newest minute advances, each window
 * subtracts the bucket that leaves it, so reading a window costs nothing. */
#include "analysis/slo.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/slo_int.h"
#include "analysis/stat.h"

enum {
    CALM_MS = 60000,  /* of calm end a firing */
    SILENT_POLLS = 3, /* a source that is polled rarely is silent only after that many missed polls */
};

static const struct {
    const char *name;
    int64_t minutes;
} windows[SLO_WINDOW_COUNT] = {
    [SLO_1M] = {"1m", 1},   [SLO_5M] = {"5m", 5},   [SLO_30M] = {"30m", 30}, [SLO_1H] = {"1h", 60},
    [SLO_2H] = {"2h", 120}, [SLO_6H] = {"6h", 360}, [SLO_1D] = {"1d", 1440}, [SLO_3D] = {"3d", SLO_RING},
};

/* An outage, at page-1h's rate; then the workbook's pairs with Sloth's fourth. The guards keep a quiet service from paging on single
 * failures. */
static const struct slo_rule rules[SLO_RULES] = {
    [SLO_PAGE_5M] = {"page-5m", SEV_PAGE, 0.02 / 12, SLO_5M, SLO_5M, SLO_1M, SLO_5M, 1e-6, 1.0 / 6},
    [SLO_PAGE_1H] = {"page-1h", SEV_PAGE, 0.02, SLO_1H, SLO_5M, SLO_5M, SLO_5M, 1e-6, 0},
    [SLO_PAGE_6H] = {"page-6h", SEV_PAGE, 0.05, SLO_6H, SLO_30M, SLO_5M, SLO_5M, 1e-6, 0},
    [SLO_TICKET_1D] = {"ticket-1d", SEV_TICKET, 0.10, SLO_1D, SLO_2H, SLO_30M, SLO_30M, 1e-3, 0},
    [SLO_TICKET_3D] = {"ticket-3d", SEV_TICKET, 0.10, SLO_3D, SLO_6H, SLO_30M, SLO_30M, 1e-3, 0},
};

int64_t slo_window_ms(enum slo_window w)
{
    assert(w < SLO_WINDOW_COUNT);
    return windows[w].minutes * SLO_MINUTE_MS;
}

const char *slo_window_name(enum slo_window w)
{
    assert(w < SLO_WINDOW_COUNT);
    return windows[w].name;
}

const struct slo_rule *slo_rule_at(size_t i)
{
    assert(i < SLO_RULES);
    return &rules[i];
}

/* It spends the budget share within the long window. */
double slo_rule_end_factor(const struct slo_rule *r, int64_t period_ms)
{
    return fmax(1, r->budget_share * (double)period_ms / (double)slo_window_ms(r->long_window));
}

double slo_rule_factor(const struct slo_rule *r, double objective, int64_t period_ms)
{
    return fmax(slo_rule_end_factor(r, period_ms), r->least_bad_ratio / (1 - objective));
}

double slo_burn(const struct slo_count *c, double objective)
{
    return c->total > 0 ? (double)c->bad_lo / (double)c->total / (1 - objective) : (double)NAN;
}

static int64_t gone_in(double left, uint64_t bad, int64_t observed_ms, int64_t period_ms)
{
    if (left <= 0)
        return 0;
    const double left_ms = left * (double)observed_ms / (double)bad;
    return bad > 0 && observed_ms > 0 && left_ms < (double)period_ms ? (int64_t)left_ms : -1;
}

struct slo_budget slo_budget(const struct slo_count *period, const struct slo_count *recent, double objective, int64_t period_ms)
{
    struct slo_budget b = {.left_ratio = (double)NAN, .gone_in_ms = -1, .early_in_ms = -1};
    if (period->total == 0 || period->observed_ms <= 0)
        return b;
    b.partial = period->observed_ms < period_ms - period_ms / 50; /* a few restarts in a month do not make it an estimate */
    double whole = (double)period->total * (b.partial ? (double)period_ms / (double)period->observed_ms : 1);
    double allowed = whole * (1 - objective);
    b.left_ratio = 1 - (double)period->bad_lo / allowed;
    b.gone_in_ms = gone_in(allowed - (double)period->bad_lo, recent->bad_lo, recent->observed_ms, period_ms);
    b.early_in_ms = gone_in(allowed - (double)period->bad_hi, recent->bad_hi, recent->observed_ms, period_ms);
    return b;
}

struct slo_state *slo_state_new(double objective, int64_t period_ms)
{
    assert(objective > 0 && objective < 1 && period_ms > 0);
    struct slo_state *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->objective = objective;
    s->period_ms = period_ms;
    s->minute = -1;
    return s;
}

void slo_state_free(struct slo_state *s)
{
    free(s);
}

void slo_state_forget(struct slo_state *s)
{
    struct slo_alarm kept[SLO_RULES];
    memcpy(kept, s->alarm, sizeof kept);
    *s = (struct slo_state){.objective = s->objective, .period_ms = s->period_ms, .minute = -1};
    memcpy(s->alarm, kept, sizeof kept);
}

/* ---- windows ---- */

static void subtract(struct slo_count *c, const struct bucket *b)
{
    c->total -= b->total;
    c->bad_lo -= b->bad_lo;
    c->bad_hi -= b->bad_hi;
    c->observed_ms -= b->observed_ms;
}

static void advance(struct slo_state *s, int64_t minute)
{
    if (s->minute < 0 || minute - s->minute >= SLO_RING) {
        memset(s->ring, 0, sizeof s->ring);
        memset(s->sum, 0, sizeof s->sum);
        s->minute = minute;
    }
    while (s->minute < minute) {
        s->minute++;
        for (int w = 0; w < SLO_WINDOW_COUNT; w++)
            if (s->minute >= windows[w].minutes)
                subtract(&s->sum[w], &s->ring[(s->minute - windows[w].minutes) % SLO_RING]);
        s->ring[s->minute % SLO_RING] = (struct bucket){.total = 0};
    }
}

static uint32_t room_for(uint32_t have, uint64_t more)
{
    return more < UINT32_MAX - have ? (uint32_t)more : UINT32_MAX - have;
}

static void remember(struct slo_state *s, struct interval in)
{
    struct interval *last = &s->recent[(s->recent_first + s->recent_count + SLO_RECENT - 1) % SLO_RECENT];
    if (s->recent_count > 0 && in.t1_ms <= last->t1_ms) { /* another source's view of a time that is there already */
        last->t0_ms = in.t0_ms < last->t0_ms ? in.t0_ms : last->t0_ms;
        last->total += in.total;
        last->bad += in.bad;
        return;
    }
    if (s->recent_count == SLO_RECENT)
        s->recent_first = (s->recent_first + 1) % SLO_RECENT;
    else
        s->recent_count++;
    s->recent[(s->recent_first + s->recent_count - 1) % SLO_RECENT] = in;
}

/* Puts a gap before number i; of too many the oldest is forgotten. */
static void put_gap(struct slo_state *s, uint32_t i, struct gap g)
{
    if (s->gap_count < SLO_GAPS) {
        memmove(&s->gaps[i + 1], &s->gaps[i], (s->gap_count - i) * sizeof *s->gaps);
        s->gap_count++;
    } else if (i > 0) {
        i--;
        memmove(&s->gaps[0], &s->gaps[1], i * sizeof *s->gaps);
    } else {
        return;
    }
    s->gaps[i] = g;
}

/* The time of (t0, t1] that no interval has covered yet; now it is. */
static int64_t cover(struct slo_state *s, int64_t t0_ms, int64_t t1_ms)
{
    int64_t fresh = 0;
    if (t0_ms > s->now_ms)
        put_gap(s, s->gap_count, (struct gap){s->now_ms, t0_ms});
    if (t1_ms > s->now_ms)
        fresh = t1_ms - (t0_ms > s->now_ms ? t0_ms : s->now_ms);
    for (uint32_t i = s->gap_count; i-- > 0 && s->gaps[i].t1_ms > t0_ms;) {
        const struct gap g = s->gaps[i];
        int64_t from = g.t0_ms > t0_ms ? g.t0_ms : t0_ms, to = g.t1_ms < t1_ms ? g.t1_ms : t1_ms;
        if (from >= to)
            continue;
        fresh += to - from;
        s->gap_count--;
        memmove(&s->gaps[i], &s->gaps[i + 1], (s->gap_count - i) * sizeof *s->gaps);
        if (to < g.t1_ms)
            put_gap(s, i, (struct gap){to, g.t1_ms});
        if (g.t0_ms < from) { /* all others end before */
            put_gap(s, i, (struct gap){g.t0_ms, from});
            break;
        }
    }
    return fresh;
}

/* first_ms: since when what is counted may have happened, <= t0_ms. */
static void feed(struct slo_state *s, int64_t first_ms, int64_t t0_ms, int64_t t1_ms, const struct slo_count *n)
{
    if (t0_ms <= 0 || t1_ms <= t0_ms)
        return;
    int64_t minute = slo_minute_of(t1_ms); /* windows are half-open: an interval that ends with a minute belongs to it */
    if (minute > s->minute)
        advance(s, minute);
    else if (s->minute - minute >= SLO_RING)
        return;
    struct bucket *b = &s->ring[minute % SLO_RING];
    struct bucket add = {.observed_ms = room_for(b->observed_ms, (uint64_t)cover(s, t0_ms, t1_ms)),
                         .total = room_for(b->total, n->total),
                         .bad_lo = room_for(b->bad_lo, n->bad_lo),
                         .bad_hi = room_for(b->bad_hi, n->bad_hi)};
    b->observed_ms += add.observed_ms;
    b->total += add.total;
    b->bad_lo += add.bad_lo;
    b->bad_hi += add.bad_hi;
    if (minute * SLO_MINUTE_MS - first_ms > b->lead_ms)
        b->lead_ms = room_for(0, (uint64_t)(minute * SLO_MINUTE_MS - first_ms));
    for (int w = 0; w < SLO_WINDOW_COUNT; w++) {
        if (s->minute - minute >= windows[w].minutes)
            continue;
        s->sum[w].total += add.total;
        s->sum[w].bad_lo += add.bad_lo;
        s->sum[w].bad_hi += add.bad_hi;
        s->sum[w].observed_ms += add.observed_ms;
    }
    remember(s, (struct interval){.t0_ms = first_ms, .t1_ms = t1_ms, .total = n->total, .bad = n->bad_lo});
    if (t1_ms > s->now_ms) {
        s->now_ms = t1_ms;
        s->step_ms = t1_ms - t0_ms;
    }
}

void slo_feed(struct slo_state *s, int64_t t0_ms, int64_t t1_ms, uint64_t total, uint64_t bad_lo, uint64_t bad_hi)
{
    feed(s, t0_ms, t0_ms, t1_ms, &(struct slo_count){.total = total, .bad_lo = bad_lo, .bad_hi = bad_hi});
}

void slo_feed_polls(struct slo_state *s, int64_t t0_ms, int64_t t1_ms, const struct slo_count *n)
{
    feed(s, t0_ms, t1_ms - n->observed_ms, t1_ms, n);
}

int64_t slo_now_ms(const struct slo_state *s)
{
    return s->now_ms;
}

struct slo_count slo_window(const struct slo_state *s, enum slo_window w)
{
    assert(w < SLO_WINDOW_COUNT);
    return s->sum[w];
}

/* ---- rules ---- */

struct slo_alarm slo_alarm_get(const struct slo_state *s, size_t rule)
{
    assert(rule < SLO_RULES);
    return s->alarm[rule];
}

void slo_alarm_set(struct slo_state *s, size_t rule, const struct slo_alarm *a)
{
    assert(rule < SLO_RULES);
    s->alarm[rule] = *a;
}

/* Fills everything of a change but `after`. */
static struct slo_change look(const struct slo_state *s, size_t i)
{
    struct slo_change c = {.rule = i, .before = s->alarm[i], .after = s->alarm[i]};
    c.in_long = s->sum[rules[i].long_window];
    c.in_short = s->sum[rules[i].short_window];
    c.in_over = s->sum[rules[i].over_window];
    c.burn_long = slo_burn(&c.in_long, s->objective);
    c.burn_short = slo_burn(&c.in_short, s->objective);
    return c;
}

bool slo_proves_over(const struct slo_count *c, double objective, double factor, double chance)
{
    double rate = factor * (1 - objective);
    return c->total > 0 && rate < 1 && 1 - stat_binom_tail(c->total, rate, c->bad_lo + 1) <= chance;
}

double slo_observed_ratio(const struct slo_count *c, enum slo_window w)
{
    return fmin(1, (double)c->observed_ms / (double)slo_window_ms(w));
}

/* Comparisons with NaN are false, so windows without observations never fire. */
bool slo_rule_fires(size_t i, const struct slo_count counts[SLO_WINDOW_COUNT], double objective, int64_t period_ms)
{
    assert(i < SLO_RULES);
    const struct slo_rule *r = &rules[i];
    const struct slo_count *in_long = &counts[r->long_window];
    double factor = slo_rule_factor(r, objective, period_ms);
    return slo_burn(&counts[r->short_window], objective) > factor &&
           slo_burn(in_long, objective) * slo_observed_ratio(in_long, r->long_window) > factor &&
           stat_binom_tail(in_long->total, 1 - objective, in_long->bad_lo) <= r->guard &&
           !slo_proves_over(&counts[r->now_window], objective, factor, SLO_OVER_CHANCE);
}

static uint64_t more_than(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* What a window holds after a while at the rates of `now`. What it holds falls out of it by age, which the shorter windows tell. */
static struct slo_count count_ahead(const struct slo_count counts[SLO_WINDOW_COUNT], size_t window, const struct slo_count *now,
                                    int64_t ahead_ms)
{
    const int64_t length = slo_window_ms((enum slo_window)window), added = ahead_ms < length ? ahead_ms : length, oldest = length - added;
    double times = (double)added / (double)now->observed_ms, total = (double)now->total * times, lo = (double)now->bad_lo * times,
           hi = (double)now->bad_hi * times, observed = (double)added;
    struct slo_count inner = {.total = 0};

    for (size_t w = 0; w <= window; w++) {
        const struct slo_count *c = &counts[w];
        if (c->observed_ms <= inner.observed_ms)
            continue;
        const double ring = (double)(c->observed_ms - inner.observed_ms), kept = (double)(oldest - inner.observed_ms) / ring,
                     keep = kept > 1   ? 1
                            : kept < 0 ? 0
                                       : kept;
        total += (double)more_than(c->total, inner.total) * keep;
        lo += (double)more_than(c->bad_lo, inner.bad_lo) * keep;
        hi += (double)more_than(c->bad_hi, inner.bad_hi) * keep;
        observed += ring * keep;
        inner = *c;
    }
    return (struct slo_count){.total = (uint64_t)llround(total),
                              .bad_lo = (uint64_t)llround(lo),
                              .bad_hi = (uint64_t)llround(hi),
                              .observed_ms = llround(observed)};
}

static bool fires_ahead(size_t i, const struct slo_count counts[SLO_WINDOW_COUNT], const struct slo_count *now, int64_t ahead_ms,
                        double objective, int64_t period_ms)
{
    struct slo_count then[SLO_WINDOW_COUNT];
    for (size_t w = 0; w < SLO_WINDOW_COUNT; w++)
        then[w] = count_ahead(counts, w, now, ahead_ms);
    return slo_rule_fires(i, then, objective, period_ms);
}

int64_t slo_rule_fires_in_ms(size_t i, const struct slo_count counts[SLO_WINDOW_COUNT], const struct slo_count *now, double objective,
                             int64_t period_ms)
{
    enum { LOOKS = 256, EXACT_MS = 1000 };
    const int64_t step = slo_window_ms(rules[i].long_window) / LOOKS;
    int64_t ahead = 0;

    if (now->observed_ms <= 0)
        return -1;
    while (ahead <= LOOKS * step && !fires_ahead(i, counts, now, ahead, objective, period_ms))
        ahead += step;
    if (ahead > LOOKS * step)
        return -1;
    for (int64_t before = ahead - step; ahead > 0 && ahead - before > EXACT_MS;) {
        const int64_t middle = before + (ahead - before) / 2;
        *(fires_ahead(i, counts, now, middle, objective, period_ms) ? &ahead : &before) = middle;
    }
    return ahead;
}

/* Five minutes without a request are nothing to a quiet service; that an hour has nothing bad ends an outage. */
static bool forgotten(const struct slo_state *s, const struct slo_change *c, double factor)
{
    return c->rule == SLO_PAGE_5M ? s->sum[SLO_1H].bad_lo == 0 : !(c->burn_long > factor);
}

/* By the share's factor alone: what wants more than that to fire does not flap where it fired. */
static bool ended(const struct slo_state *s, struct slo_change *c)
{
    double factor = slo_rule_end_factor(&rules[c->rule], s->period_ms);
    struct slo_alarm *a = &c->after;
    if (forgotten(s, c, factor))
        return true;
    if (!(c->burn_short <= factor) && !slo_proves_over(&c->in_over, s->objective, factor, SLO_OVER_CHANCE)) {
        a->calm_from_ms = 0;
        return false;
    }
    if (a->calm_from_ms == 0)
        a->calm_from_ms = s->now_ms;
    return s->now_ms - a->calm_from_ms >= CALM_MS;
}

/* Enters a state; a rule's changes have rising times, whatever the data's. */
static void enter(struct slo_alarm *a, enum alert_state state, int64_t at_ms)
{
    a->state = state;
    a->since_ms = at_ms > a->since_ms ? at_ms : a->since_ms + 1;
    a->was_firing = false;
    a->calm_from_ms = 0;
}

/* When the last firing of any rule ended, 0 = none did. */
static int64_t last_end(const struct slo_state *s)
{
    int64_t end = 0;
    for (size_t i = 0; i < SLO_RULES; i++)
        if (s->alarm[i].state == ALERT_INACTIVE && s->alarm[i].since_ms > end)
            end = s->alarm[i].since_ms;
    return end;
}

/* When the trouble began that a rule has just fired for. What another rule said of the same trouble stands, unless this one tells it from
 * that. */
static void find_onset(const struct slo_state *s, const struct slo_rule *r, struct slo_alarm *a)
{
    a->onset_ms = a->onset_error_ms = 0;
    if (!slo_onset(s, r->short_window, last_end(s), &a->onset_ms, &a->onset_error_ms))
        return;
    for (size_t i = 0; i < SLO_RULES; i++) {
        const struct slo_alarm *said = &s->alarm[i];
        int64_t apart = llabs(said->onset_ms - a->onset_ms);
        if (said->state != ALERT_FIRING || said->onset_ms == 0 || apart > a->onset_error_ms + said->onset_error_ms)
            continue;
        a->onset_ms = said->onset_ms;
        a->onset_error_ms = said->onset_error_ms;
        return;
    }
}

/* Whether what came since the trouble's end burns fast enough by itself: what the short window still holds of it fires nothing again. */
static bool is_new(const struct slo_state *s, const struct slo_rule *r)
{
    const int64_t end_ms = last_end(s);
    struct slo_count since = {.total = 0};
    for (size_t i = 0; i < SLO_RULES; i++)
        if (s->alarm[i].state == ALERT_FIRING) /* it did not end */
            return true;
    if (end_ms == 0 || s->now_ms - end_ms >= slo_window_ms(r->short_window))
        return true;
    for (int64_t m = s->minute; m > end_ms / SLO_MINUTE_MS && m > s->minute - SLO_RING; m--) {
        since.total += s->ring[m % SLO_RING].total;
        since.bad_lo += s->ring[m % SLO_RING].bad_lo;
    }
    return slo_burn(&since, s->objective) > slo_rule_factor(r, s->objective, s->period_ms) &&
           stat_binom_tail(since.total, 1 - s->objective, since.bad_lo) <= r->guard;
}

static void evaluate(struct slo_state *s, struct slo_change *c)
{
    const struct slo_rule *r = &rules[c->rule];
    struct slo_alarm *a = &c->after;
    bool was_firing = a->state == ALERT_FIRING || (a->state == ALERT_NO_DATA && a->was_firing);

    if (!was_firing && slo_rule_fires(c->rule, s->sum, s->objective, s->period_ms) && is_new(s, r)) {
        enter(a, ALERT_FIRING, s->now_ms);
        find_onset(s, r, a);
    } else if (was_firing && ended(s, c)) {
        enter(a, ALERT_INACTIVE, s->now_ms);
    } else if (a->state == ALERT_NO_DATA && (was_firing || c->in_short.total > 0)) {
        enter(a, was_firing ? ALERT_FIRING : ALERT_INACTIVE, s->now_ms);
    }
}

size_t slo_evaluate(struct slo_state *s, struct slo_change ret[SLO_RULES])
{
    size_t n = 0;
    if (s->now_ms == 0)
        return 0;
    for (size_t i = 0; i < SLO_RULES; i++) {
        struct slo_change c = look(s, i);
        evaluate(s, &c);
        s->alarm[i] = c.after;
        if (c.after.state != c.before.state)
            ret[n++] = c;
    }
    return n;
}

size_t slo_tick(struct slo_state *s, int64_t now_ms, struct slo_change ret[SLO_RULES])
{
    size_t n = 0;
    if (s->now_ms == 0)
        return 0;
    for (size_t i = 0; i < SLO_RULES; i++) {
        struct slo_change c = look(s, i);
        int64_t patience = slo_window_ms(rules[i].short_window);
        if (patience < SILENT_POLLS * s->step_ms)
            patience = SILENT_POLLS * s->step_ms;
        if (c.before.state == ALERT_NO_DATA || now_ms - s->now_ms < patience)
            continue;
        enter(&c.after, ALERT_NO_DATA, s->now_ms + patience);
        c.after.was_firing = c.before.state == ALERT_FIRING;
        s->alarm[i] = c.after;
        ret[n++] = c;
    }
    return n;
}
