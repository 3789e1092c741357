/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <string.h>

#include "analysis/propose.h"

enum { DAY = 1440, TWO_DAYS = 2 * DAY };
static const int64_t minute = 60000, start = INT64_C(1763946000000);

static struct slo_count counts[TWO_DAYS];
static struct hist_set hists[TWO_DAYS];

static struct propose_input recording(size_t count)
{
    return (struct propose_input){.name = "gpt-x", .t0_ms = start, .step_ms = minute, .count = count, .counts = counts};
}

static void fill(size_t from, size_t to, uint64_t total, uint64_t bad)
{
    for (size_t i = from; i < to; i++)
        counts[i] = (struct slo_count){.total = total, .bad_lo = bad, .bad_hi = bad, .observed_ms = minute};
}

static struct proposal ask(const struct propose_input *in, struct arena *a)
{
    struct proposal p;
    ck_assert_int_eq(propose_availability(in, a, &p), ERR_OK);
    return p;
}

START_TEST(the_strictest_that_ordinary_hours_keep)
{
    static const struct {
        uint64_t total, bad;
        double objective;
    } of[] = {
        {10000, 4, 0.999}, /* 0.04 % */
        {10000, 5, 0.999}, /* exactly twice */
        {10000, 6, 0.995}, {10000, 40, 0.99}, {10000, 400, 0.9},
    };
    struct arena a;
    arena_init(&a, 8 << 20);
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        fill(0, DAY, of[i].total, of[i].bad);
        struct propose_input in = recording(DAY);
        struct proposal p = ask(&in, &a);
        ck_assert(p.possible);
        ck_assert_double_eq_tol(p.slo.objective, of[i].objective, 1e-12);
        ck_assert_uint_eq(p.pages, 0);
    }
    fill(0, DAY, 10000, 600);
    struct propose_input in = recording(DAY);
    struct proposal p = ask(&in, &a);
    ck_assert(!p.possible);
    ck_assert_str_eq(p.reason, "gpt-x: 6 % of requests fail in an ordinary hour: no objective would mean anything");
    arena_fini(&a);
}
END_TEST

START_TEST(an_incident_shows_as_the_pages_it_would_have_caused)
{
    struct arena a;
    arena_init(&a, 8 << 20);
    fill(0, DAY, 1000, 0);
    fill(600, 615, 1000, 400);
    fill(1000, 1010, 1000, 400);
    struct propose_input in = recording(DAY);
    struct proposal p = ask(&in, &a);
    ck_assert(p.possible);
    ck_assert_double_eq_tol(p.slo.objective, 0.999, 1e-12); /* the incidents did not loosen it */
    ck_assert_uint_eq(p.pages, 2);
    ck_assert_uint_eq(p.bad, 25 * 400);
    ck_assert_double_eq_tol(p.usual_ratio, 0, 1e-12);
    ck_assert_str_eq(p.slo.name, "gpt-x availability");
    /* a day of a month: 1.44 M of 43.2 M requests, of which 43,200 may fail; 10,000 did */
    ck_assert_double_eq_tol(p.budget.left_ratio, 1 - 10000 / 43200.0, 1e-9);
    ck_assert(p.budget.partial);
    ck_assert_msg(strstr(p.reason, "0 % of requests fail in an ordinary hour, 0.69 % failed in all; 2 pages and ") == p.reason, "%s",
                  p.reason);
    ck_assert_msg(strstr(p.reason, " would have come in 1d") != NULL, "%s", p.reason);
    arena_fini(&a);
}
END_TEST

/* Two minutes of outage are less than the 2 % of a 99.5 % budget that page-1h asks for. */
START_TEST(a_short_outage_would_have_paged)
{
    struct arena a;
    arena_init(&a, 8 << 20);
    fill(0, DAY, 1000, 2);
    fill(600, 602, 1000, 1000);
    struct propose_input in = recording(DAY);
    struct proposal p = ask(&in, &a);
    ck_assert_double_eq_tol(p.slo.objective, 0.995, 1e-12);
    ck_assert_uint_eq(p.pages, 1);
    arena_fini(&a);
}
END_TEST

START_TEST(quiet_services_get_what_they_can_keep)
{
    struct arena a;
    arena_init(&a, 8 << 20);
    fill(0, TWO_DAYS, 1, 0); /* 43,200 a month: 99.9 % would allow 43 */
    struct propose_input in = recording(TWO_DAYS);
    ck_assert_double_eq_tol(ask(&in, &a).slo.objective, 0.999, 1e-12);
    for (size_t i = 0; i < TWO_DAYS; i++)
        counts[i].total = i % 3 == 0; /* 14,400: 14 are too few to decide anything */
    struct proposal p = ask(&in, &a);
    ck_assert(!p.possible); /* and 960 in two days too few to judge by */
    ck_assert_str_eq(p.reason, "gpt-x: 960 requests in 2d recorded; an objective wants 1000 over at least 1 h");
    for (size_t i = 0; i < TWO_DAYS; i++)
        counts[i].total = i % 5 < 2;
    ck_assert_double_eq_tol(ask(&in, &a).slo.objective, 0.995, 1e-12);
    in.count = 0;
    ck_assert(!ask(&in, &a).possible);
    arena_fini(&a);
}
END_TEST

START_TEST(gaps_are_not_fed)
{
    struct arena a;
    arena_init(&a, 8 << 20);
    fill(0, DAY, 1000, 0);
    for (size_t i = 300; i < 900; i++)
        counts[i] = (struct slo_count){.total = 0};
    struct propose_input in = recording(DAY);
    struct proposal p = ask(&in, &a);
    ck_assert_int_eq(p.observed_ms, (DAY - 600) * minute);
    ck_assert_uint_eq(p.total, (DAY - 600) * 1000);
    arena_fini(&a);
}
END_TEST

START_TEST(latency_on_an_edge)
{
    static const double upper[] = {0.5, 1, 2, 4};
    static const struct hist_bounds bounds = {.id = 1, .count = 4, .upper = upper};
    static uint64_t quick[] = {500, 400, 85, 15, 0}, slow[] = {100, 100, 100, 600, 100};
    const struct slo scope = {.scope_count = 1, .scope = {{DIM_MODEL, "gpt-x"}}};
    struct arena a;
    struct proposal p;
    arena_init(&a, 8 << 20);
    fill(0, DAY, 0, 0);
    for (size_t i = 0; i < DAY; i++)
        hists[i] = (struct hist_set){
            .count = 1,
            .h = {{.scheme = HIST_CLASSIC, .bounds = &bounds, .count = 5, .counts = i >= 700 && i < 715 ? slow : quick, .n = 1000}}};
    struct propose_input in = recording(DAY);
    in.hists = hists;
    in.signal = SIG_TTFT;
    in.scope = &scope;
    ck_assert_int_eq(propose_latency(&in, &a, &p), ERR_OK);
    ck_assert(p.possible);
    ck_assert_double_eq_tol(p.slo.threshold, 2, 1e-12); /* 1.5 % are above it, and of 1 s ten per cent */
    ck_assert_double_eq_tol(p.usual_ratio, 0.015, 1e-12);
    ck_assert_int_eq(p.slo.kind, SLO_LATENCY);
    ck_assert_str_eq(p.slo.name, "gpt-x ttft");
    ck_assert_str_eq(p.slo.scope[0].value, "gpt-x");
    ck_assert_uint_eq(p.bad, (DAY - 15) * 15 + 15 * 700);
    ck_assert_uint_eq(p.pages, 0); /* 14.4 * 5 % of an hour are 43 minutes of it */

    static uint64_t lost[] = {0, 0, 0, 500, 500};
    for (size_t i = 0; i < DAY; i++)
        hists[i].h[0].counts = lost;
    ck_assert_int_eq(propose_latency(&in, &a, &p), ERR_OK);
    ck_assert(!p.possible);
    ck_assert_str_eq(p.reason, "gpt-x: too much of ttft lies beyond the last bucket to say what is slow");
    arena_fini(&a);
}
END_TEST

Suite *suite_propose(void);
Suite *suite_propose(void)
{
    Suite *s = suite_create("propose");
    TCase *tc = tcase_create("objectives");
    tcase_add_test(tc, the_strictest_that_ordinary_hours_keep);
    tcase_add_test(tc, an_incident_shows_as_the_pages_it_would_have_caused);
    tcase_add_test(tc, a_short_outage_would_have_paged);
    tcase_add_test(tc, quiet_services_get_what_they_can_keep);
    tcase_add_test(tc, gaps_are_not_fed);
    tcase_add_test(tc, latency_on_an_edge);
    suite_add_tcase(s, tc);
    return s;
}
