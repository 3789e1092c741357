/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/runaway.h"
#include "base/rng.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, STEP_MS = 15000 };
static const int64_t t0 = INT64_C(1763942400000); /* 2025-11-24T00:00Z, a Monday */

struct key {
    struct runaway r;
    int64_t at_ms;
    uint64_t sequence; /* of prompt sizes */
};

static struct key *fresh(void)
{
    static struct key k;
    memset(&k, 0, sizeof k);
    runaway_init(&k.r);
    k.at_ms = t0;
    return &k;
}

/* Requests of some 1,000 tokens at $0.001 each, unless said otherwise. */
struct way {
    uint64_t per_minute, tokens, nusd, same_tokens, fallbacks_per_10, answer;
    bool refused; /* all but one request of ten minutes: counted, and nothing of it */
};

static void live(struct key *k, int minutes, struct way w)
{
    for (int i = 0; i < minutes * MINUTE_MS / STEP_MS; i++) {
        uint64_t n = w.per_minute / 4 + (i % 4 < (int)(w.per_minute % 4) ? 1 : 0), tokens = w.tokens != 0 ? w.tokens : 1000;
        struct runaway_count c = {
            .requests = n, .cost_nusd = (int64_t)(n * (w.nusd != 0 ? w.nusd : 1000000)), .fallbacks = n * w.fallbacks_per_10 / 10};
        c.input_tokens = w.same_tokens != 0 ? n * w.same_tokens : n * (tokens + tokens / 10 * (k->sequence++ % 7) / 3 - tokens / 10);
        c.output_tokens = n * w.answer;
        if (w.refused) {
            const uint64_t got = i % 40 == 0 ? 1 : 0;
            c = (struct runaway_count){.requests = n, .failed = n - got, .cost_nusd = (int64_t)got * 1000000, .input_tokens = got * 1000};
        }
        runaway_feed(&k->r, k->at_ms, k->at_ms + STEP_MS, &c);
        k->at_ms += STEP_MS;
    }
}

static void calm_hours(struct key *k, int hours, uint64_t per_minute)
{
    live(k, hours * 60, (struct way){.per_minute = per_minute});
}

static unsigned signs(const struct key *k)
{
    struct runaway_usual u;
    ck_assert(runaway_usual(&k->r, &u));
    return runaway_judge(&k->r, &u).signs;
}

static const struct way usual_way = {.per_minute = 20};

START_TEST(named_in_the_second_minute)
{
    struct key *k = fresh();
    struct runaway_usual u;
    calm_hours(k, 3, 20);
    ck_assert_uint_eq(signs(k), 0);
    int64_t began = k->at_ms;
    ck_assert(runaway_usual(&k->r, &u));
    ck_assert(fabs(u.requests_per_s - 20.0 / 60) < 1e-9 && fabs(u.nusd_per_s - 1e6 / 3) < 1 && !u.week_known);
    live(k, 1, (struct way){.per_minute = 140});
    ck_assert_uint_eq(signs(k), 0);
    live(k, 1, (struct way){.per_minute = 140});
    struct runaway_verdict v = runaway_judge(&k->r, &u);
    ck_assert_uint_eq(v.signs, RUNAWAY_RATE | RUNAWAY_SPEND);
    ck_assert(fabs(v.requests_per_s - 140.0 / 60) < 1e-9);
    ck_assert(v.minute_ms == MINUTE_MS && v.window_ms == 2 * MINUTE_MS);
    ck_assert_int_le(llabs(runaway_onset(&k->r, &u, &v).at_ms - began), 30000);
    ck_assert(!v.is_calm);
    live(k, 20, usual_way);
    v = runaway_judge(&k->r, &u);
    ck_assert(v.signs == 0 && v.is_calm);
}
END_TEST

/* What comes back is as long as before, though nothing of it was counted meanwhile. */
START_TEST(what_is_answered_again_after_refusals_is_no_finding)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    live(k, 90, (struct way){.per_minute = 20, .refused = true});
    for (int i = 0; i < 8; i++) {
        live(k, 1, usual_way);
        ck_assert_uint_eq(signs(k) & RUNAWAY_PROMPT, 0);
    }
}
END_TEST

/* A key of seven requests in ten minutes has a minute of two or more of them in any ten. */
START_TEST(what_is_back_by_ten_minutes_is_back_though_single_minutes_are_not)
{
    struct key *k = fresh();
    struct runaway_usual u;
    calm_hours(k, 3, 20);
    ck_assert(runaway_usual(&k->r, &u));
    live(k, 20, (struct way){.per_minute = 140});
    live(k, 5, usual_way);
    live(k, 1, (struct way){.per_minute = 44});
    ck_assert(!runaway_judge(&k->r, &u).is_calm); /* ten minutes hold a part of the run still */
    live(k, 9, usual_way);
    live(k, 1, (struct way){.per_minute = 44});
    ck_assert(runaway_judge(&k->r, &u).is_calm);
    live(k, 9, (struct way){.per_minute = 44});
    ck_assert(!runaway_judge(&k->r, &u).is_calm);
}
END_TEST

/* Requests by chance around a usual rate, which rises to 7.5 times of it, at once or over some seconds, beginning somewhere within a poll.
 * Whether the onset that is told once it is named lies within its error. */
struct run {
    int poll_s, rise_s;
    double per_s;
};

static double rate_at(const struct run *w, int64_t s)
{
    const double risen = s < 0 ? 0 : s < w->rise_s ? (double)s / w->rise_s : 1;
    return w->per_s * (1 + 6.5 * risen);
}

static bool onset_holds(const struct run *w, uint64_t seed, int64_t *ret_error_ms)
{
    enum { CALM_S = 3 * 3600, GIVEN_UP_S = 1200 };
    struct key *k = fresh();
    struct runaway_usual u;
    struct rng r;
    rng_seed(&r, seed);
    const int64_t began_s = CALM_S + (int64_t)rng_below(&r, (uint64_t)w->poll_s);
    for (int64_t s = 0; s < CALM_S + GIVEN_UP_S; s += w->poll_s) {
        double n = 0;
        for (int64_t i = s; i < s + w->poll_s; i++)
            n += rate_at(w, i - began_s);
        const uint64_t requests = rng_poisson(&r, n);
        const struct runaway_count c = {
            .requests = requests, .cost_nusd = (int64_t)requests * 1000000, .input_tokens = requests * 999 + seed};
        runaway_feed(&k->r, t0 + s * 1000, t0 + (s + w->poll_s) * 1000, &c);
        if (s < CALM_S || !runaway_usual(&k->r, &u))
            continue;
        const struct runaway_verdict v = runaway_judge(&k->r, &u);
        if (v.signs == 0)
            continue;
        const struct runaway_onset onset = runaway_onset(&k->r, &u, &v);
        *ret_error_ms = onset.error_ms;
        return llabs(onset.at_ms - t0 - began_s * 1000) <= onset.error_ms;
    }
    ck_abort_msg("not named");
}

START_TEST(an_onset_is_as_exact_as_is_said)
{
    enum { SEEDS = 100 };
    for (size_t i = 0; i < 12; i++) {
        const struct run w = {.poll_s = i % 2 != 0 ? 60 : 15,
                              .rise_s = i / 2 % 2 != 0 ? 120 : 0,
                              .per_s = i / 4 == 0   ? 0.1
                                       : i / 4 == 1 ? 1
                                                    : 10};
        int64_t error_ms = 0, sum_ms = 0;
        int held = 0;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            held += onset_holds(&w, seed, &error_ms);
            sum_ms += error_ms;
        }
        const int64_t mean_ms = sum_ms / SEEDS, most_ms = w.poll_s * 500 + (w.per_s >= 1 ? 45 : 150) * 1000;
        ck_assert_msg(held >= SEEDS * 95 / 100, "%d s polls, rise of %d s, %g/s: %d of %d", w.poll_s, w.rise_s, w.per_s, held, SEEDS);
        ck_assert_msg(mean_ms >= w.poll_s * 500 && mean_ms <= most_ms, "%d s polls, rise of %d s, %g/s: +-%lld ms", w.poll_s, w.rise_s,
                      w.per_s, (long long)mean_ms);
    }
}
END_TEST

START_TEST(three_times_is_no_run)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    for (int i = 0; i < 30; i++) {
        live(k, 1, (struct way){.per_minute = 68});
        ck_assert_uint_eq(signs(k), 0);
    }
}
END_TEST

START_TEST(a_burst_of_a_minute_is_no_run)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    live(k, 1, (struct way){.per_minute = 2000});
    for (int i = 0; i < 8; i++) {
        ck_assert_uint_eq(signs(k), 0);
        live(k, 1, usual_way);
    }
}
END_TEST

START_TEST(few_requests_are_no_run)
{
    struct key *k = fresh();
    calm_hours(k, 3, 1);
    live(k, 10, (struct way){.per_minute = 9});
    ck_assert_uint_eq(signs(k), 0);
    live(k, 2, (struct way){.per_minute = 20});
    ck_assert_uint_ne(signs(k) & RUNAWAY_RATE, 0);
}
END_TEST

/* The first Monday after a Sunday: no hour was as busy, but the same came half an hour ago. */
START_TEST(what_comes_in_spells_of_minutes_is_no_run)
{
    struct key *k = fresh();
    calm_hours(k, 3, 4);
    live(k, 3, (struct way){.per_minute = 60});
    live(k, 27, (struct way){.per_minute = 4});
    live(k, 2, (struct way){.per_minute = 60});
    ck_assert_uint_eq(signs(k), 0);
    live(k, 2, (struct way){.per_minute = 150});
    ck_assert_uint_eq(signs(k), RUNAWAY_RATE | RUNAWAY_SPEND);
}
END_TEST

/* What runs is not what it is measured against. */
START_TEST(it_is_still_a_run_after_ten_minutes)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    live(k, 10, (struct way){.per_minute = 120});
    ck_assert_uint_eq(signs(k), RUNAWAY_RATE | RUNAWAY_SPEND);
}
END_TEST

/* On the first day nobody knows at which hours a job runs, only how large it was. */
START_TEST(no_more_than_the_busiest_hour)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    calm_hours(k, 1, 150);
    calm_hours(k, 3, 20);
    live(k, 3, (struct way){.per_minute = 220});
    ck_assert_uint_eq(signs(k), 0);
    live(k, 2, (struct way){.per_minute = 320});
    ck_assert_uint_eq(signs(k), RUNAWAY_RATE | RUNAWAY_SPEND);
}
END_TEST

/* 2 a minute on Sunday, 200 from nine to five on working days. */
static void office(struct key *k, int hours)
{
    for (int h = 0; h < hours; h++) {
        int day = (int)((k->at_ms / HOUR_MS / 24 + 4) % 7), hour = (int)(k->at_ms / HOUR_MS % 24);
        for (int m = 0; m < 60; m++) {
            live(k, 1, (struct way){.per_minute = day >= 1 && day <= 5 && hour >= 9 && hour < 17 ? 200 : 2});
            struct runaway_usual u;
            if (h >= 3 * 24)
                ck_assert_msg(!runaway_usual(&k->r, &u) || runaway_judge(&k->r, &u).signs == 0, "hour %d, minute %d", h, m);
        }
    }
}

START_TEST(a_monday_after_a_sunday_is_no_run)
{
    struct key *k = fresh();
    struct runaway_usual u;
    office(k, 15 * 24); /* the second Monday; before that the busiest hour is known */
    live(k, 60, (struct way){.per_minute = 2});
    ck_assert(runaway_usual(&k->r, &u));
    ck_assert(u.week_known);
    live(k, 3, (struct way){.per_minute = 30}); /* a night that is not like it */
    ck_assert_uint_ne(signs(k) & RUNAWAY_RATE, 0);
}
END_TEST

/* What the night is known for by day would be a run. */
START_TEST(a_nightly_job_is_usual_at_night)
{
    struct key *k = fresh();
    for (int day = 0; day < 9; day++) {
        calm_hours(k, 2, 20);
        for (int m = 0; m < 30; m++) {
            live(k, 1, (struct way){.per_minute = 300});
            if (day >= 1)
                ck_assert_uint_eq(signs(k), 0);
        }
        live(k, 30, usual_way);
        calm_hours(k, 21, 20);
    }
    calm_hours(k, 12, 20);
    live(k, 2, (struct way){.per_minute = 300});
    ck_assert_uint_ne(signs(k) & RUNAWAY_RATE, 0);
}
END_TEST

START_TEST(spend)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    live(k, 2, (struct way){.per_minute = 20, .nusd = 6000000, .fallbacks_per_10 = 5, .answer = 50}); /* a dear fallback */
    ck_assert_uint_eq(signs(k), 0);
    live(k, 60, (struct way){.per_minute = 20, .answer = 50});
    live(k, 2, (struct way){.per_minute = 20, .nusd = 6000000, .answer = 50}); /* a dear model that it chose */
    ck_assert_uint_eq(signs(k), RUNAWAY_SPEND);
    live(k, 60, usual_way);
    live(k, 2, (struct way){.per_minute = 20, .nusd = 6000000, .answer = 5000});
    ck_assert_uint_eq(signs(k), RUNAWAY_SPEND);
    struct runaway_usual u;
    int64_t began = k->at_ms - 2 * MINUTE_MS;
    ck_assert(runaway_usual(&k->r, &u));
    const struct runaway_verdict v = runaway_judge(&k->r, &u);
    ck_assert_int_le(llabs(runaway_onset(&k->r, &u, &v).at_ms - began), 30000);
}
END_TEST

/* On the first day nobody knows how a morning rises: six times the spend of the hour before and three times that of its busiest minutes is
 * chance, of 22 requests, and none of 88. */
START_TEST(few_dear_requests_of_a_first_morning)
{
    for (uint64_t size = 1; size <= 4; size += 3) {
        struct key *k = fresh();
        live(k, 170, (struct way){.per_minute = 3 * size});
        live(k, 5, (struct way){.per_minute = 6 * size});
        live(k, 15, (struct way){.per_minute = 3 * size});
        live(k, 2, (struct way){.per_minute = 11 * size, .nusd = 1700000});
        ck_assert_uint_eq(signs(k), size == 1 ? 0 : RUNAWAY_SPEND);
    }
}
END_TEST

START_TEST(prompts_grow)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    live(k, 5, (struct way){.per_minute = 20, .tokens = 2000, .nusd = 2000000});
    ck_assert_uint_eq(signs(k), 0);
    live(k, 5, (struct way){.per_minute = 20, .tokens = 3000, .nusd = 3000000});
    ck_assert_uint_eq(signs(k), RUNAWAY_PROMPT);
    live(k, 5, (struct way){.per_minute = 20, .tokens = 3000}); /* read from a cache: nobody minds */
    ck_assert_uint_eq(signs(k), 0);
}
END_TEST

/* Of a gateway that tells no money, by the requests that came with them. */
START_TEST(prompts_grow_and_nobody_tells_what_they_cost)
{
    struct key *k = fresh();
    struct runaway_usual u;
    int64_t began = 0;
    for (int i = 0; i < 185 * 4; i++, k->at_ms += STEP_MS) {
        const bool late = i >= 180 * 4;
        began = i == 180 * 4 ? k->at_ms : began;
        runaway_feed(&k->r, k->at_ms, k->at_ms + STEP_MS,
                     &(struct runaway_count){.requests = late ? 15 : 5, .input_tokens = late ? 45000 + (uint64_t)i : 5000 + (uint64_t)i});
    }
    ck_assert(runaway_usual(&k->r, &u));
    const struct runaway_verdict v = runaway_judge(&k->r, &u);
    ck_assert_uint_eq(v.signs, RUNAWAY_PROMPT);
    const struct runaway_onset onset = runaway_onset(&k->r, &u, &v);
    ck_assert_int_le(llabs(onset.at_ms - began), onset.error_ms);
    ck_assert_int_le(onset.error_ms, 2 * MINUTE_MS);
}
END_TEST

START_TEST(equal_sizes)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    live(k, 3, (struct way){.per_minute = 60});
    ck_assert_uint_eq(signs(k), 0);
    live(k, 3, (struct way){.per_minute = 60, .same_tokens = 1234});
    ck_assert_uint_eq(signs(k), RUNAWAY_SAME);
    k = fresh(); /* two polls of equal means are chance */
    calm_hours(k, 3, 20);
    for (int i = 0; i < 4; i++) {
        const struct runaway_count c = {.requests = 60, .input_tokens = i < 2 ? 60007 + (uint64_t)i : 74040, .cost_nusd = 60000000};
        runaway_feed(&k->r, k->at_ms, k->at_ms + MINUTE_MS, &c);
        k->at_ms += MINUTE_MS;
        ck_assert_uint_eq(signs(k), 0);
    }
    k = fresh(); /* a probe that never sent anything else */
    live(k, 180, (struct way){.per_minute = 20, .same_tokens = 1234});
    live(k, 5, (struct way){.per_minute = 60, .same_tokens = 1234});
    ck_assert_uint_eq(signs(k), 0);
}
END_TEST

START_TEST(fallback_loop)
{
    struct key *k = fresh();
    calm_hours(k, 3, 20);
    live(k, 3, (struct way){.per_minute = 20, .fallbacks_per_10 = 10}); /* an outage */
    ck_assert_uint_eq(signs(k), 0);
    live(k, 1, (struct way){.per_minute = 20, .fallbacks_per_10 = 50});
    ck_assert_uint_eq(signs(k), 0);
    live(k, 3, (struct way){.per_minute = 20, .fallbacks_per_10 = 20});
    ck_assert_uint_eq(signs(k), RUNAWAY_FALLBACK);
}
END_TEST

/* Taken for normal: what was before says nothing any more, and an hour later the new is usual. */
START_TEST(forgetting)
{
    struct key *k = fresh();
    struct runaway_usual u;
    calm_hours(k, 200, 20);
    int64_t onset = k->at_ms;
    live(k, 8, (struct way){.per_minute = 140});
    ck_assert_uint_ne(signs(k), 0);
    live(k, 22, (struct way){.per_minute = 140});
    runaway_forget(&k->r, onset);
    ck_assert(!runaway_usual(&k->r, &u));
    live(k, 31, (struct way){.per_minute = 140});
    ck_assert(runaway_usual(&k->r, &u));
    ck_assert(fabs(u.requests_per_s - 140.0 / 60) < 1e-9 && !u.week_known && runaway_judge(&k->r, &u).signs == 0);
}
END_TEST

START_TEST(a_young_key_is_not_judged)
{
    struct key *k = fresh();
    struct runaway_usual u;
    live(k, 59, usual_way);
    ck_assert(!runaway_usual(&k->r, &u));
    live(k, 1, usual_way);
    ck_assert(runaway_usual(&k->r, &u));
}
END_TEST

/* While the recorder was away nothing is known, and the half minute it has been back for is no minute. */
START_TEST(gaps_are_gaps)
{
    struct key *k = fresh();
    struct runaway_usual u;
    calm_hours(k, 3, 20);
    k->at_ms += 2 * HOUR_MS;
    live(k, 2, (struct way){.per_minute = 140});
    ck_assert(!runaway_usual(&k->r, &u));
    k = fresh();
    calm_hours(k, 3, 20);
    ck_assert(runaway_usual(&k->r, &u));
    for (int i = 0; i < 4; i++) { /* every other quarter of a minute is lost */
        live(k, 1, usual_way);
        k->at_ms += MINUTE_MS;
    }
    struct runaway_verdict v = runaway_judge(&k->r, &u);
    ck_assert(fabs(v.requests_per_s - 20.0 / 60) < 1e-9 && v.is_calm);
}
END_TEST

START_TEST(time_of_several_sources_counts_once)
{
    struct key *k = fresh();
    struct runaway_usual u;
    const struct runaway_count half = {.requests = 5, .cost_nusd = 5};
    for (int64_t t = t0; t < t0 + 2 * HOUR_MS; t += STEP_MS)
        for (int source = 0; source < 2; source++)
            runaway_feed(&k->r, t, t + STEP_MS, &half);
    ck_assert(runaway_usual(&k->r, &u));
    ck_assert(fabs(u.requests_per_s - 10 / 15.0) < 1e-9);
    runaway_feed(&k->r, 0, t0 + 2 * HOUR_MS, &half);                                                         /* nobody knows since when */
    runaway_feed(&k->r, t0 + HOUR_MS, t0 + HOUR_MS + STEP_MS, &(struct runaway_count){.requests = 1000000}); /* too late */
    ck_assert(fabs(runaway_judge(&k->r, &u).requests_per_s - 10 / 15.0) < 1e-9);
}
END_TEST

/* By hours, as after a restart, the same is usual as by polls. */
/* From a request in two hours to a thousand a second, and from a fraction of a nano-USD to what costs a million an hour. */
START_TEST(an_hour_of_any_size_is_known_to_a_thousandth)
{
    static const struct runaway_count hours[] = {{.requests = 1, .cost_nusd = 1},
                                                 {.requests = 3601, .cost_nusd = 3599},
                                                 {.requests = 123457, .cost_nusd = 987654321},
                                                 {.requests = 3600000, .cost_nusd = INT64_C(1000000000000000)}};
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
        struct key *k = fresh();
        struct runaway_usual u;
        const struct runaway_count nothing = {.requests = 0};
        for (int h = 0; h < 2 * 168; h++, k->at_ms += HOUR_MS)
            runaway_feed(&k->r, k->at_ms, k->at_ms + HOUR_MS, h == 200 ? &hours[i] : &nothing);
        for (int m = 0; m < 75; m++, k->at_ms += MINUTE_MS)
            runaway_feed(&k->r, k->at_ms, k->at_ms + MINUTE_MS, &nothing);
        ck_assert(runaway_usual(&k->r, &u));
        const double req = (double)hours[i].requests / 7200, cost = (double)hours[i].cost_nusd / 7200; /* the week before: none */
        ck_assert_msg(fabs(u.busiest_per_s / req - 1) < 1e-3, "%g instead of %g requests", u.busiest_per_s, req);
        ck_assert_msg(fabs(u.busiest_nusd_per_s / cost - 1) < 1e-3, "%g instead of %g nano-USD", u.busiest_nusd_per_s, cost);
    }
}
END_TEST

START_TEST(hours_rebuild_the_week)
{
    struct key *k = fresh();
    struct runaway_usual u;
    for (int h = 0; h < 190; h++) {
        const struct runaway_count c = {.requests = h % 24 == 5 ? 36000 : 1200, .cost_nusd = 1200};
        runaway_feed(&k->r, k->at_ms, k->at_ms + HOUR_MS, &c);
        k->at_ms += HOUR_MS;
    }
    calm_hours(k, 2, 20); /* 22:00 to midnight */
    ck_assert(runaway_usual(&k->r, &u));
    ck_assert(u.week_known && fabs(u.requests_per_s - 20.0 / 60) < 1e-3 && fabs(u.busiest_per_s - 10) < 1e-3);
    calm_hours(k, 5, 20);
    ck_assert(runaway_usual(&k->r, &u));
    ck_assert(fabs(u.requests_per_s - 10) < 1e-3); /* the hour of the job comes */
}
END_TEST

Suite *suite_runaway(void);
Suite *suite_runaway(void)
{
    Suite *s = suite_create("runaway");
    TCase *tc = tcase_create("runaway");
    tcase_add_test(tc, named_in_the_second_minute);
    tcase_add_test(tc, what_is_answered_again_after_refusals_is_no_finding);
    tcase_add_test(tc, what_is_back_by_ten_minutes_is_back_though_single_minutes_are_not);
    tcase_add_test(tc, an_onset_is_as_exact_as_is_said);
    tcase_add_test(tc, three_times_is_no_run);
    tcase_add_test(tc, a_burst_of_a_minute_is_no_run);
    tcase_add_test(tc, few_requests_are_no_run);
    tcase_add_test(tc, it_is_still_a_run_after_ten_minutes);
    tcase_add_test(tc, no_more_than_the_busiest_hour);
    tcase_add_test(tc, what_comes_in_spells_of_minutes_is_no_run);
    tcase_add_test(tc, a_monday_after_a_sunday_is_no_run);
    tcase_add_test(tc, a_nightly_job_is_usual_at_night);
    tcase_add_test(tc, spend);
    tcase_add_test(tc, few_dear_requests_of_a_first_morning);
    tcase_add_test(tc, prompts_grow);
    tcase_add_test(tc, prompts_grow_and_nobody_tells_what_they_cost);
    tcase_add_test(tc, equal_sizes);
    tcase_add_test(tc, fallback_loop);
    tcase_add_test(tc, forgetting);
    tcase_add_test(tc, a_young_key_is_not_judged);
    tcase_add_test(tc, gaps_are_gaps);
    tcase_add_test(tc, time_of_several_sources_counts_once);
    tcase_add_test(tc, an_hour_of_any_size_is_known_to_a_thousandth);
    tcase_add_test(tc, hours_rebuild_the_week);
    suite_add_tcase(s, tc);
    return s;
}
