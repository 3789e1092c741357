/* SPDX-License-Identifier: MIT */
/* Beginning and end of planted outages, at many offsets within the poll: what is stated holds in 95 % of them, at every volume. */
#include <check.h>
#include <stdlib.h>

#include "analysis/slo.h"
#include "base/rng.h"

enum { SEEDS = 200 };
static const int64_t minute = 60000, hour = 3600000, day30 = 30 * INT64_C(86400000);
static const int64_t start = 1700000040000; /* a whole minute */

struct outage {
    double objective, per_minute, share; /* of those that fail during it */
    int64_t step_ms;
    bool by_minute; /* polls are known by the minute they ended in, as after a restart without their times */
};

struct run {
    struct outage o;
    struct slo_state *s;
    struct rng rng;
    int64_t from_ms, to_ms, t_ms;
    struct slo_count minute; /* that is not fed yet */
};

static void feed_minute(struct run *r)
{
    int64_t end = (r->t_ms + minute - 1) / minute * minute;
    if (r->minute.observed_ms > 0)
        slo_feed_polls(r->s, end - minute - r->minute.observed_ms, end, &r->minute);
    r->minute = (struct slo_count){.total = 0};
}

static void poll(struct run *r)
{
    int64_t t0 = r->t_ms, t1 = t0 + r->o.step_ms, a = t0 > r->from_ms ? t0 : r->from_ms, b = t1 < r->to_ms ? t1 : r->to_ms;
    double bad_ms = b > a ? (double)(b - a) : 0, good_ms = (double)r->o.step_ms - bad_ms, usual = 0.3 * (1 - r->o.objective);
    uint64_t bad = rng_poisson(&r->rng, (bad_ms * r->o.share + good_ms * usual) * r->o.per_minute / 60000);
    uint64_t good = rng_poisson(&r->rng, (bad_ms * (1 - r->o.share) + good_ms * (1 - usual)) * r->o.per_minute / 60000);
    if (r->o.by_minute && r->t_ms > start && (t1 - 1) / minute != (t0 - 1) / minute)
        feed_minute(r);
    r->t_ms = t1;
    if (!r->o.by_minute) {
        slo_feed(r->s, t0, t1, good + bad, bad, bad);
        return;
    }
    r->minute.total += good + bad;
    r->minute.bad_lo += bad;
    r->minute.bad_hi += bad;
    r->minute.observed_ms += r->o.step_ms;
}

static struct run run_of(const struct outage *o, int seed)
{
    struct run r = {.o = *o, .s = slo_state_new(o->objective, day30)};
    ck_assert_ptr_nonnull(r.s);
    rng_seed(&r.rng, 977 * (uint64_t)seed + 7);
    r.t_ms = start + (int64_t)rng_below(&r.rng, 60000);
    r.from_ms = r.t_ms + 2 * hour + o->step_ms * (seed % 16) / 16;
    r.to_ms = r.from_ms + 30 * minute + o->step_ms * (seed % 13) / 13;
    return r;
}

static bool is_within(int64_t stated_ms, int64_t true_ms, int64_t error_ms)
{
    return stated_ms - true_ms <= error_ms && true_ms - stated_ms <= error_ms;
}

/* Whether onset and end lie in what is stated of them: of the first rule that fires, and when the end is first told. False: nothing was
 * told. */
static bool live_through(struct run *r, bool *ret_onset, bool *ret_end)
{
    bool fired = false;
    while (r->t_ms < r->to_ms + 2 * hour) {
        struct slo_change c[SLO_RULES];
        struct slo_end end;
        poll(r);
        size_t n = slo_evaluate(r->s, c);
        if (!fired && n > 0 && r->t_ms > r->from_ms) {
            fired = true;
            *ret_onset = is_within(c[0].after.onset_ms, r->from_ms, c[0].after.onset_error_ms);
        }
        if (!fired || !slo_trouble_end(r->s, r->from_ms - 15 * minute, &end) || !end.over)
            continue;
        *ret_end = is_within(end.at_ms, r->to_ms, end.error_ms);
        return true;
    }
    return false;
}

static void expect(const struct outage *o)
{
    int told = 0, onsets = 0, ends = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
        struct run r = run_of(o, seed);
        bool onset = false, end = false;
        if (live_through(&r, &onset, &end)) {
            told++;
            onsets += onset;
            ends += end;
        }
        slo_state_free(r.s);
    }
    ck_assert_msg(told > SEEDS / 2 && 100 * onsets >= 95 * told && 100 * ends >= 95 * told,
                  "%g %% of %g/min fail at %g, %lld s polls%s: of %d told, %d onsets and %d ends are within what is stated", 100 * o->share,
                  o->per_minute, o->objective, (long long)o->step_ms / 1000, o->by_minute ? " by minute" : "", told, onsets, ends);
}

START_TEST(onset_and_end_are_within_what_is_stated)
{
    static const double volumes[] = {10, 60, 600, 6000}, shares[] = {1, 0.4, 0.1};
    const int64_t step_ms = _i % 2 == 0 ? 15000 : 60000;
    for (size_t v = 0; v < 4; v++) {
        for (size_t k = 0; k < 3; k++) {
            struct outage o = {.objective = 0.999, .per_minute = volumes[v], .share = shares[k], .step_ms = step_ms, .by_minute = _i >= 2};
            expect(&o);
            o.objective = 0.99;
            if (shares[k] > 0.144) /* what pages within the half hour */
                expect(&o);
        }
    }
}
END_TEST

/* All fail, then a tenth, then none: the end is that of the last. */
START_TEST(the_end_is_that_of_the_last_part)
{
    struct slo_state *s = slo_state_new(0.999, day30);
    struct slo_end end;
    int64_t at = start;
    ck_assert_ptr_nonnull(s);
    for (int i = 0; i < 200; i++, at += minute) {
        uint64_t bad = i < 120 ? 0 : i < 130 ? 600 : i < 140 ? 60 : 0;
        slo_feed(s, at, at + minute, 600, bad, bad);
        bool any = slo_trouble_end(s, start, &end);
        ck_assert_int_eq(any, i >= 120);
        ck_assert(!any || end.over == (i >= 145)); /* told five minutes later */
    }
    ck_assert(is_within(end.at_ms, start + 140 * minute, end.error_ms));
    ck_assert_int_le(end.error_ms, minute);
    ck_assert(!slo_trouble_end(s, start + 145 * minute, &end)); /* nothing came after that */
    slo_state_free(s);
}
END_TEST

Suite *suite_slo_onset(void);
Suite *suite_slo_onset(void)
{
    Suite *s = suite_create("slo_onset");
    TCase *tc = tcase_create("slo_onset");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, onset_and_end_are_within_what_is_stated, 0, 4);
    tcase_add_test(tc, the_end_is_that_of_the_last_part);
    suite_add_tcase(s, tc);
    return s;
}
