/* SPDX-License-Identifier: MIT */
/* Does the detector of runaway keys name them in time, and nothing else? Polls of 15 s, the simulated company's 40 keys.
 *   ordinary: gwtop-sim's own traffic for three weeks, and what it lacks: jobs that start on the minute every night or once a week, and
 *   offices
 *     that open at nine sharp. False alarms by week: in the first the detector has seen no Monday yet.
 *   runs: at a random instant of the third week one key misbehaves. Seconds from its beginning until it is named, and whether it began
 *   within the error
 *     of the onset that is told then.
 * The peer is the rule that this detector took the place of: 3 min at five times the mean of the day before, twice the busiest hour, begun
 * lately. An alarm holds until an hour of calm. Fails when an ordinary week but the first has more than one false alarm, or when less than
 * 95 % of all runs, or 90 % of a kind, are named within 3 min, or of the onsets of a kind less than 90 % hold. --short, for the tests: a
 * fifth of the ordinary keys, a tenth of the runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cusum.h"
#include "analysis/dayring.h"
#include "analysis/runaway.h"
#include "base/rng.h"
#include "sim/company.h"
#include "sim/traffic.h"

enum { STEP_S = 15, HOUR_S = 3600, DAY_S = 86400, WEEK_S = 7 * DAY_S, WEEKS = 3, KINDS = 6 };
static const int64_t monday_s = INT64_C(1763942400); /* 2025-11-24T00:00Z */

/* ---- one key under both detectors ---- */

struct watched {
    struct runaway r;
    struct dayring day;
    struct runaway_usual kept;
    bool held, day_held;
    int64_t calm_s, day_calm_s;
};

/* Holds an alarm until an hour of calm. Returns whether it is a new one. */
static bool hold(bool *held, int64_t *calm_s, bool alarm, bool calm, int64_t now_s)
{
    if (!*held) {
        *held = alarm;
        *calm_s = 0;
        return alarm;
    }
    *calm_s = !calm ? 0 : *calm_s == 0 ? now_s : *calm_s;
    if (*calm_s != 0 && now_s - *calm_s >= HOUR_S)
        *held = false;
    return false;
}

/* The rule of a day's mean, as it was. */

static void put_in(struct daycount *sum, const struct daycell *c)
{
    sum->n += c->n;
    sum->observed_ms += c->observed_ms;
}

static double busiest_rate(const struct dayring *r)
{
    enum { HOUR_FIVES = 12 };
    double busiest = 0;
    for (int64_t end = r->five; r->five >= 0 && end > r->five - DAYRING_FIVES; end--) {
        struct daycount hour = {.n = 0};
        for (int64_t f = end; f >= 0 && f > end - HOUR_FIVES && f > r->five - DAYRING_FIVES; f--)
            put_in(&hour, &r->fives[f % DAYRING_FIVES]);
        if (hour.observed_ms >= 1800000)
            busiest = fmax(busiest, 1000.0 * (double)hour.n / (double)hour.observed_ms);
    }
    return busiest;
}

static bool last_minutes(const struct dayring *r, int64_t observed_ms, struct daycount *ret, double *ret_least_rate)
{
    struct daycount sum = {.n = 0};
    double least = (double)INFINITY;
    for (int64_t m = r->minute; m >= 0 && m > r->minute - DAYRING_MINUTES; m--) {
        const struct daycell *c = &r->recent[m % DAYRING_MINUTES];
        if (c->observed_ms == 0)
            continue;
        put_in(&sum, c);
        least = fmin(least, 1000.0 * (double)c->n / (double)c->observed_ms);
        if (sum.observed_ms >= observed_ms) {
            *ret = sum;
            *ret_least_rate = least;
            return true;
        }
    }
    return false;
}

static bool began_lately(const struct dayring *d, double r0, double r1, int64_t now_ms)
{
    struct cusum c = {.sum = 0};
    int64_t onset, error;
    double allowed = (r1 - r0) / log(r1 / r0);
    for (int64_t f = d->five - DAYRING_FIVES + 1; f <= d->five; f++) {
        const struct daycell *cell = &d->fives[(f + DAYRING_FIVES) % DAYRING_FIVES];
        if (cell->observed_ms > 0)
            cusum_step(&c, f * 300000, (f + 1) * 300000, cell->n, allowed * cell->observed_ms / 1000);
    }
    for (int64_t m = d->minute - DAYRING_MINUTES + 1; m <= d->minute; m++) {
        const struct daycell *cell = &d->recent[(m + DAYRING_MINUTES) % DAYRING_MINUTES];
        if (cell->observed_ms > 0)
            cusum_step(&c, m * 60000, (m + 1) * 60000, cell->n, allowed * cell->observed_ms / 1000);
    }
    return cusum_onset(&c, 0, &onset, &error) && now_ms - onset <= 600000;
}

static bool day_rule(struct dayring *d, int64_t now_ms, bool *ret_calm)
{
    struct daycount day = dayring_day(d), last;
    double least;
    *ret_calm = false;
    if (day.observed_ms < HOUR_S * INT64_C(1000) || day.n == 0 || !last_minutes(d, 180000, &last, &least))
        return false;
    double usual = 1000.0 * (double)day.n / (double)day.observed_ms, now = 1000.0 * (double)last.n / (double)last.observed_ms;
    *ret_calm = now < 2 * usual;
    return last.n >= 50 && now >= 5 * usual && least >= 2.5 * usual && now >= 2 * busiest_rate(d) && began_lately(d, usual, now, now_ms);
}

struct named {
    bool now, day;
    unsigned signs;
    int64_t onset_ms, onset_error_ms;
};

static struct named feed(struct watched *w, int64_t t0_s, int64_t t1_s, const struct runaway_count *c)
{
    struct named n = {.now = false};
    struct runaway_usual usual;
    bool calm;
    runaway_feed(&w->r, t0_s * 1000, t1_s * 1000, c);
    dayring_add(&w->day, t0_s * 1000, t1_s * 1000, c->requests, c->requests);
    n.day = day_rule(&w->day, t1_s * 1000, &calm);
    n.day = hold(&w->day_held, &w->day_calm_s, n.day, calm, t1_s);
    if (w->held)
        usual = w->kept;
    else if (!runaway_usual(&w->r, &usual))
        return n;
    struct runaway_verdict v = runaway_judge(&w->r, &usual);
    n.now = hold(&w->held, &w->calm_s, v.signs != 0, v.is_calm, t1_s);
    n.signs = v.signs;
    if (!n.now)
        return n;
    w->kept = usual;
    const struct runaway_onset onset = runaway_onset(&w->r, &usual, &v);
    n.onset_ms = onset.at_ms;
    n.onset_error_ms = onset.error_ms;
    return n;
}

static void init(struct watched *w)
{
    memset(w, 0, sizeof *w);
    runaway_init(&w->r);
    dayring_init(&w->day);
}

/* ---- ordinary weeks ---- */

struct alarms {
    unsigned now[WEEKS], day[WEEKS];
};

struct company {
    struct watched key[KEY_COUNT];
    struct runaway_count at[KEY_COUNT]; /* of the interval at hand */
};

static void book(void *ctx, const struct request *q)
{
    struct company *c = ctx;
    struct runaway_count *to = &c->at[q->key];
    to->requests++;
    to->fallbacks += q->fallback ? 1 : 0;
    to->input_tokens += (uint64_t)q->input;
    to->cost_nusd += q->spend_nusd;
}

static void close_interval(struct company *c, int64_t now_s, int64_t start_s, struct alarms *a)
{
    size_t week = (size_t)((now_s - 1 - start_s) / WEEK_S);
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        struct named n = feed(&c->key[k], now_s - STEP_S, now_s, &c->at[k]);
        a->now[week] += n.now;
        a->day[week] += n.day;
        c->at[k] = (struct runaway_count){.requests = 0};
    }
}

static struct alarms simulated_weeks(uint64_t seed, int weeks)
{
    static struct company c;
    struct alarms a = {.now = {0}};
    const struct script script = {.count = 0};
    struct traffic *t = traffic_new(seed, &script, monday_s, (struct traffic_observer){&c, book});
    for (unsigned k = 0; k < KEY_COUNT; k++)
        init(&c.key[k]);
    memset(c.at, 0, sizeof c.at);
    for (int64_t s = monday_s + 1; t != NULL && s <= monday_s + weeks * WEEK_S; s++) {
        if (traffic_tick(t) != ERR_OK)
            exit(EXIT_FAILURE);
        if (s % STEP_S == 0)
            close_interval(&c, s, monday_s, &a);
    }
    traffic_free(t);
    return a;
}

/* What one key does, in multiples of the ordinary. */
struct ways {
    double rate, prompt, price;
    double fallbacks;               /* per request */
    double same_per_s, same_tokens; /* a loop beside the ordinary traffic, every request of so many tokens */
};
static const struct ways ordinary = {.rate = 1, .prompt = 1, .price = 1};

/* Tokens of n requests: one by one, and of very many the sum as the normal distribution has it. */
static double tokens_of(uint64_t n, double median, double sigma, struct rng *r)
{
    double sum = 0, mean = median * exp(sigma * sigma / 2), deviation = mean * sqrt(exp(sigma * sigma) - 1);
    if (n > 300)
        return fmax(0, (double)n * mean + sqrt((double)n) * deviation * rng_normal(r));
    for (uint64_t i = 0; i < n; i++)
        sum += rng_lognormal(r, median, sigma);
    return sum;
}

/* By chance around the key's rate and sizes. */
static struct runaway_count one_interval(const struct key *k, double rhythm, const struct ways *ways, struct rng *r)
{
    const struct team *t = company_team(k->team);
    const struct deployment *d = company_deployment(company_model(k->model[0])->first);
    uint64_t own = rng_poisson(r, STEP_S * k->rate * rhythm * ways->rate), same = rng_poisson(r, STEP_S * ways->same_per_s);
    double input = floor(tokens_of(own, t->prompt_median * ways->prompt, t->prompt_sigma, r)) + (double)same * ways->same_tokens;
    double output = tokens_of(own, t->output_median, t->output_sigma, r) + (double)same * t->output_median;
    struct runaway_count c = {.requests = own + same,
                              .input_tokens = (uint64_t)input,
                              .cost_nusd =
                                  (int64_t)((input * (double)d->input_pusd + output * (double)d->output_pusd) * ways->price / 1000)};
    c.fallbacks = rng_poisson(r, (double)c.requests * ways->fallbacks);
    return c;
}

enum habit { NIGHTLY, WEEKLY, SHARP_OFFICE, HABITS };
static const char *const habit_names[HABITS] = {"jobs every night", "jobs once a week", "offices open at nine"};

/* A key's rhythm with the habit: jobs run for 20 to 90 minutes at 10 to 40 times the mean. */
static double habitual(enum habit h, unsigned k, int64_t wall_s)
{
    int64_t second = wall_s % DAY_S, day = (wall_s / DAY_S + 4) % 7, starts = 7200 + (int64_t)k * 613,
            lasts = 1200 + (int64_t)(k * 311 % 4200);
    bool runs = second >= starts && second < starts + lasts && (h == NIGHTLY || day == (int64_t)(k % 7));
    if (h != SHARP_OFFICE)
        return runs ? 10 + k % 31 : 0.2;
    return day >= 1 && day <= 5 && second >= 9 * HOUR_S + (int64_t)k * 7 && second < 17 * HOUR_S ? 2 : 0.05;
}

static struct alarms habitual_weeks(enum habit h, uint64_t seed, int weeks, unsigned keys)
{
    static struct company c;
    struct alarms a = {.now = {0}};
    struct rng r;
    rng_seed(&r, seed);
    for (unsigned k = 0; k < KEY_COUNT; k++)
        init(&c.key[k]);
    memset(c.at, 0, sizeof c.at);
    for (int64_t s = monday_s + STEP_S; s <= monday_s + weeks * WEEK_S; s += STEP_S) {
        for (unsigned k = 0; k < keys; k++)
            c.at[k] = one_interval(company_key(k), habitual(h, k, s - STEP_S), &ordinary, &r);
        close_interval(&c, s, monday_s, &a);
    }
    return a;
}

/* Whether no week but the first has more than one alarm. */
static bool print_alarms(const char *name, const struct alarms *a, int runs, int weeks)
{
    bool good = true;
    printf("%-22s", name);
    for (int w = 0; w < weeks; w++) {
        printf(" %9.1f %9.1f", (double)a->now[w] / runs, (double)a->day[w] / runs);
        good = good && (w == 0 || a->now[w] <= (unsigned)runs);
    }
    printf("\n");
    return good;
}

static void add(struct alarms *to, const struct alarms *a)
{
    for (int w = 0; w < WEEKS; w++) {
        to->now[w] += a->now[w];
        to->day[w] += a->day[w];
    }
}

/* ---- runs ---- */

static const char *const kind_names[KINDS] = {"7.5x, 2 min ramp", "10x at once",         "price of a request 8x",
                                              "prompts 4x",       "loop of one request", "fallback loop"};

/* How the key behaves so long after the run began. The first is gwtop-sim's scenario runaway-key. */
static struct ways misbehaving(int kind, const struct key *k, double rhythm, int64_t since_s)
{
    struct ways w = ordinary;
    double ramp = since_s < 120 ? (double)(since_s + STEP_S) / 120 : 1;
    switch (kind) {
    case 0:
        w.rate = 1 + 6.5 * fmin(1, ramp);
        w.prompt = 1 + 3 * fmin(1, (double)since_s / 1800);
        break;
    case 1: w.rate = 10; break;
    case 2: w.price = 8; break;
    case 3: w.prompt = 4; break;
    case 4:
        w.rate = 0; /* the agent's every step is the same call */
        w.same_per_s = 3 * k->rate * rhythm;
        w.same_tokens = 4321;
        break;
    default:
        w.rate = 1.5;
        w.fallbacks = 4;
        break;
    }
    return w;
}

/* Seconds until it is named, -1 = not in half an hour; the error of the onset that was told, and whether it holds. */
struct outcome {
    int named_s, day_named_s, error_s;
    bool holds;
};

/* Two weeks by the hour, then from three hours before by the poll. */
static struct outcome run_once(int kind, uint64_t seed)
{
    static struct watched w;
    struct outcome o = {.named_s = -1, .day_named_s = -1};
    struct rng r;
    unsigned k;
    rng_seed(&r, seed * KINDS + (uint64_t)kind);
    int64_t onset = monday_s + 2 * WEEK_S + (int64_t)rng_below(&r, WEEK_S) / STEP_S * STEP_S, fine = (onset - 3 * HOUR_S) / HOUR_S * HOUR_S;
    init(&w);
    do /* one of which a run is worth a name: 30 requests in its two first minutes */
        k = (unsigned)rng_below(&r, KEY_COUNT);
    while (company_key(k)->rate * company_rhythm(company_key(k)->team, onset) * 120 < 30);
    double mood = 0;
    for (int64_t s = monday_s + HOUR_S; s <= fine; s += HOUR_S) {
        const struct key *key = company_key(k);
        struct runaway_count c = one_interval(key, company_rhythm(key->team, s - HOUR_S / 2) * HOUR_S / STEP_S, &ordinary, &r);
        (void)feed(&w, s - HOUR_S, s, &c);
    }
    for (int64_t s = fine + STEP_S; s <= onset + HOUR_S / 2; s += STEP_S) {
        const struct key *key = company_key(k);
        mood = s % 60 == 0 ? 0.96 * mood + 0.022 * rng_normal(&r) : mood;
        double rhythm = company_rhythm(key->team, s) * exp(mood);
        struct ways ways = s > onset ? misbehaving(kind, key, rhythm, s - onset - STEP_S) : ordinary;
        struct runaway_count c = one_interval(key, rhythm, &ways, &r);
        struct named n = feed(&w, s - STEP_S, s, &c);
        if (s <= onset)
            continue;
        if (n.now && o.named_s < 0) {
            o.named_s = (int)(s - onset);
            o.error_s = (int)(n.onset_error_ms / 1000);
            o.holds = llabs(n.onset_ms - onset * 1000) <= n.onset_error_ms;
        }
        o.day_named_s = n.day && o.day_named_s < 0 ? (int)(s - onset) : o.day_named_s;
    }
    return o;
}

static int rising(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* How many were named in time, whenever, and with an onset that holds. */
struct score {
    int in_time, found, day_in_time, day_found, held;
};

static struct score print_runs(int kind, int seeds)
{
    int *times = malloc((size_t)seeds * 2 * sizeof *times);
    struct score sum = {.in_time = 0};
    if (times == NULL)
        exit(EXIT_FAILURE);
    int *errors = times + seeds;
    for (int i = 0; i < seeds; i++) {
        const struct outcome o = run_once(kind, (uint64_t)i + 1);
        times[i] = o.named_s < 0 ? 9999 : o.named_s;
        errors[i] = o.named_s < 0 ? 9999 : o.error_s;
        sum.in_time += o.named_s >= 0 && o.named_s <= 180;
        sum.found += o.named_s >= 0;
        sum.day_in_time += o.day_named_s >= 0 && o.day_named_s <= 180;
        sum.day_found += o.day_named_s >= 0;
        sum.held += o.holds;
    }
    qsort(times, (size_t)seeds, sizeof *times, rising);
    qsort(errors, (size_t)seeds, sizeof *errors, rising);
    int last = seeds - 1 - seeds / 20;
    printf("%-22s %7.1f %% %7.1f %% %6d s %6d s %7.1f %% +-%4d s   %7.1f %% %7.1f %%\n", kind_names[kind], 100.0 * sum.in_time / seeds,
           100.0 * sum.found / seeds, times[seeds / 2], times[last], sum.found > 0 ? 100.0 * sum.held / sum.found : 0, errors[seeds / 2],
           100.0 * sum.day_in_time / seeds, 100.0 * sum.day_found / seeds);
    free(times);
    return sum;
}

int main(int argc, char **argv)
{
    bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0, good = true;
    int seeds = is_short ? 0 : 3, weeks = is_short ? 2 : WEEKS, runs = is_short ? 100 : 1000, in_time = 0, found = 0, held = 0;
    struct alarms sum = {.now = {0}};
    printf("alarms per ordinary week of 40 keys (--short: 8); right of each the rule of a day's mean\n%-22s %19s %19s %19s\n", "",
           "first week", "second", "third");
    for (int i = 0; i < seeds; i++) {
        struct alarms a = simulated_weeks((uint64_t)i + 1, weeks);
        add(&sum, &a);
    }
    if (seeds > 0)
        good = print_alarms("as simulated", &sum, seeds, weeks) && good;
    for (int h = 0; h < HABITS; h++) {
        struct alarms a = habitual_weeks((enum habit)h, 1, weeks, is_short ? 8 : KEY_COUNT);
        good = print_alarms(habit_names[h], &a, 1, weeks) && good;
    }
    printf("\nruns, %d of each, at random times and keys\n%-22s %9s %9s %8s %8s %18s   %21s\n", runs, "", "in 3 min", "in 30 min", "median",
           "95 % by", "onset holds, is to", "a day's mean: 3, 30 min");
    for (int kind = 0; kind < KINDS; kind++) {
        const struct score n = print_runs(kind, runs);
        good = good && n.in_time * 100 >= 90 * runs && n.held * 100 >= 90 * n.found;
        in_time += n.in_time;
        found += n.found;
        held += n.held;
    }
    printf("all: %.1f %% in 3 min; of the onsets %.1f %% hold\n", 100.0 * in_time / (KINDS * runs), found > 0 ? 100.0 * held / found : 0);
    return good && in_time * 100 >= 95 * KINDS * runs ? EXIT_SUCCESS : EXIT_FAILURE;
}
