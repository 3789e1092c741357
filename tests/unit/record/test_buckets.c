/* SPDX-License-Identifier: MIT */
/* Histograms through the whole normaliser: pages in, counts per bucket out. */
#include "record/outs.h"
#include "unit/record/fixture.h"

static struct fixture f;

static void setup(void)
{
    fixture_open(&f);
}

static void teardown(void)
{
    fixture_close(&f);
}

/* One histogram of ttft with bounds 0.5, 1, 2. */
static const char *page(int b1, int b2, int b3, int inf, double sum)
{
    static char text[500];
    snprintf(
        text, sizeof text,
        "gw_ttft_bucket{le=\"0.5\",model=\"m\"} %d\ngw_ttft_bucket{le=\"1.0\",model=\"m\"} %d\ngw_ttft_bucket{model=\"m\",le=\"2\"} %d\n"
        "gw_ttft_bucket{le=\"+Inf\",model=\"m\"} %d\ngw_ttft_sum{model=\"m\"} %.9g\ngw_ttft_count{model=\"m\"} %d\n",
        b1, b2, b3, inf, sum, inf);
    return text;
}

static const struct store_item *item(void)
{
    return fixture_item(&f, SIG_TTFT, DIM_MODEL, "m");
}

static void expect(uint64_t a, uint64_t b, uint64_t c, uint64_t open)
{
    ck_assert_ptr_nonnull(item());
    ck_assert_uint_eq(fixture_bucket(item(), 0), a);
    ck_assert_uint_eq(fixture_bucket(item(), 1), b);
    ck_assert_uint_eq(fixture_bucket(item(), 2), c);
    ck_assert_uint_eq(fixture_bucket(item(), 3), open);
    ck_assert_uint_eq(item()->v.hist.n, a + b + c + open);
}

START_TEST(cumulative_buckets_become_increments_per_bucket)
{
    fixture_poll(&f, page(1, 3, 6, 10, 20));
    ck_assert_ptr_null(item());
    fixture_poll(&f, page(2, 5, 9, 14, 26.5));
    expect(1, 1, 1, 1);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(6500000000));
    const struct hist_bounds *b = store_bounds_by_id(f.st, store_series_at(f.st, item()->series - 1)->bounds);
    ck_assert_uint_eq(b->count, 3);
    ck_assert_double_eq(b->upper[0], 0.5);
    ck_assert_double_eq(b->upper[2], 2);
    fixture_poll(&f, page(2, 5, 9, 14, 26.5));
    expect(0, 0, 0, 0);
}
END_TEST

START_TEST(a_histogram_that_appears_later_counts_from_nothing)
{
    fixture_poll(&f, "gw_running{model=\"m\"} 1\n");
    fixture_poll(&f, page(2, 5, 9, 14, 26.5));
    expect(2, 3, 4, 5);
}
END_TEST

START_TEST(a_reset_counts_the_new_values)
{
    fixture_poll(&f, page(100, 200, 300, 400, 900));
    fixture_poll(&f, page(1, 1, 2, 2, 3));
    ck_assert_uint_eq(f.report.resets, 1);
    fixture_wait(&f, page(1, 1, 2, 2, 3));
    expect(1, 0, 1, 0);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(3000000000));
}
END_TEST

START_TEST(milliseconds_become_seconds)
{
    fixture_poll(&f,
                 "gw_latency_ms_bucket{le=\"250\"} 0\ngw_latency_ms_bucket{le=\"+Inf\"} 0\ngw_latency_ms_sum 0\ngw_latency_ms_count 0\n");
    fixture_poll(
        &f, "gw_latency_ms_bucket{le=\"250\"} 1\ngw_latency_ms_bucket{le=\"+Inf\"} 2\ngw_latency_ms_sum 1250\ngw_latency_ms_count 2\n");
    const struct store_item *it = fixture_item(&f, SIG_E2E, DIM_MODEL, "");
    ck_assert_int_eq(it->v.hist.sum_fixed, INT64_C(1250000000));
    ck_assert_double_eq(store_bounds_by_id(f.st, store_series_at(f.st, it->series - 1)->bounds)->upper[0], 0.25);
}
END_TEST

START_TEST(label_sets_that_fold_add_their_buckets)
{
    static const char text[] =
        "gw_ttft_bucket{le=\"1\",model=\"m\",user=\"a\"} %d\ngw_ttft_bucket{le=\"+Inf\",model=\"m\",user=\"a\"} %d\n"
        "gw_ttft_bucket{le=\"1\",model=\"m\",user=\"b\"} %d\ngw_ttft_bucket{le=\"+Inf\",model=\"m\",user=\"b\"} %d\n";
    char buf[500];
    snprintf(buf, sizeof buf, text, 1, 1, 1, 1);
    fixture_poll(&f, buf);
    snprintf(buf, sizeof buf, text, 3, 4, 2, 5);
    fixture_poll(&f, buf);
    ck_assert_uint_eq(fixture_bucket(item(), 0), 3);
    ck_assert_uint_eq(fixture_bucket(item(), 1), 4);
}
END_TEST

START_TEST(spellings_of_a_bound_are_one_bound)
{
    fixture_poll(
        &f,
        "gw_ttft_bucket{le=\"1\",model=\"m\"} 1\ngw_ttft_bucket{le=\"1e+00\",model=\"m\"} 1\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 1\n");
    ck_assert_uint_ge(f.report.warnings, 1);
    fixture_poll(
        &f,
        "gw_ttft_bucket{le=\"1\",model=\"m\"} 2\ngw_ttft_bucket{le=\"1e+00\",model=\"m\"} 2\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 2\n");
    ck_assert_uint_eq(fixture_bucket(item(), 0), 1);
}
END_TEST

START_TEST(without_inf_the_count_stands_in)
{
    fixture_poll(&f, "gw_ttft_bucket{le=\"1\",model=\"m\"} 1\ngw_ttft_sum{model=\"m\"} 1\ngw_ttft_count{model=\"m\"} 2\n");
    fixture_poll(&f, "gw_ttft_bucket{le=\"1\",model=\"m\"} 3\ngw_ttft_sum{model=\"m\"} 1\ngw_ttft_count{model=\"m\"} 7\n");
    ck_assert_uint_eq(fixture_bucket(item(), 0), 2);
    ck_assert_uint_eq(fixture_bucket(item(), 1), 3);
    ck_assert_ptr_nonnull(strstr(f.report.warning, "+Inf"));
}
END_TEST

START_TEST(a_torn_page_is_made_good_by_the_next)
{
    fixture_poll(&f, page(5, 7, 7, 7, 1));
    fixture_poll(&f, page(8, 7, 7, 7, 1)); /* the first bucket was read before an observation, the rest after three more were due */
    ck_assert_uint_ge(f.report.warnings, 1);
    uint64_t first = fixture_bucket(item(), 0), n = item()->v.hist.n;
    fixture_poll(&f, page(8, 10, 10, 10, 1));
    ck_assert_uint_eq(first + fixture_bucket(item(), 0), 3);
    ck_assert_uint_eq(n + item()->v.hist.n, 3);
}
END_TEST

START_TEST(a_sparse_bucket_that_appears_starts_at_nothing)
{
    fixture_poll(&f, "gw_ttft_bucket{le=\"2\",model=\"m\"} 10\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 10\n");
    fixture_poll(
        &f,
        "gw_ttft_bucket{le=\"1\",model=\"m\"} 3\ngw_ttft_bucket{le=\"2\",model=\"m\"} 13\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 14\n");
    ck_assert_uint_eq(fixture_bucket(item(), 0), 3);
    ck_assert_uint_eq(fixture_bucket(item(), 1), 0);
    ck_assert_uint_eq(fixture_bucket(item(), 2), 1);
}
END_TEST

/* A bucket that one page lacks: what all of them counted since the last whole one is known with the next, and is spread over both. */
START_TEST(a_bucket_that_one_page_lacks_costs_nothing)
{
    fixture_poll(&f, page(10, 20, 30, 30, 30));
    fixture_poll(&f, "gw_ttft_bucket{le=\"1.0\",model=\"m\"} 14\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 50\ngw_ttft_sum{model=\"m\"} 50\n"
                     "gw_ttft_count{model=\"m\"} 50\n");
    ck_assert_ptr_null(item());
    ck_assert_int_eq(f.report.lack.since_ms, f.t_ms - 15000);
    ck_assert_ptr_nonnull(strstr(f.report.lack_text, "lacks 6 of 6 series of gw_ttft since"));
    fixture_poll(&f, page(20, 40, 70, 70, 70));
    ck_assert_int_eq(f.report.lack.since_ms, 0);
    ck_assert_uint_eq(f.report.made_good_count, 1);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(fixture_bucket(item(), 0), 5);
        ck_assert_uint_eq(fixture_bucket(item(), 1), 5);
        ck_assert_uint_eq(fixture_bucket(item(), 2), 10);
        ck_assert_uint_eq(item()->v.hist.n, 20);
        ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(20000000000));
        ck_assert_int_eq(f.batch.t1_ms, f.t_ms - 15000 * i);
        f.batch = f.report.made_good[0];
    }
}
END_TEST

/* It does not come back, and nothing else came: after some patience that is the set. One interval is lost. */
START_TEST(a_bucket_that_stays_away_is_waited_for_and_then_forgotten)
{
    char text[500];
    uint64_t n = 0;
    fixture_poll(&f, page(10, 20, 30, 30, 30));
    for (int i = 1; i <= 10; i++) {
        snprintf(text, sizeof text,
                 "gw_ttft_bucket{le=\"1.0\",model=\"m\"} %d\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} %d\ngw_ttft_sum{model=\"m\"} %d\n"
                 "gw_ttft_count{model=\"m\"} %d\n",
                 10 + 4 * i, 30 + 10 * i, 30 + 10 * i, 30 + 10 * i);
        fixture_poll(&f, text);
        ck_assert_int_eq(f.report.lack.since_ms != 0, i <= 4);
        for (size_t k = 0; k <= f.report.made_good_count; k++) {
            n += item() != NULL ? fixture_bucket(item(), 0) + fixture_bucket(item(), 1) : 0;
            f.batch = k < f.report.made_good_count ? f.report.made_good[k] : f.batch;
        }
        ck_assert_uint_eq(n, i <= 4 ? 0 : (uint64_t)(i - 1) * 10);
    }
}
END_TEST

START_TEST(buckets_that_vanish_make_an_interval_unknown)
{
    fixture_poll(&f, page(1, 2, 3, 4, 1));
    fixture_poll(&f, "gw_ttft_bucket{le=\"1.0\",model=\"m\"} 5\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 9\ngw_ttft_count{model=\"m\"} 9\n");
    ck_assert_ptr_null(item());
    fixture_poll(&f,
                 "gw_ttft_bucket{le=\"1.0\",model=\"m\"} 6\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 11\ngw_ttft_count{model=\"m\"} 11\n");
    ck_assert_uint_eq(fixture_bucket(item(), 0), 1);
    ck_assert_uint_eq(fixture_bucket(item(), 1), 1);
    ck_assert_uint_eq(item()->v.hist.n, 0); /* of none of them is the sum known */
}
END_TEST

static uint32_t bounds_of(const struct store_item *it)
{
    return store_bounds_by_id(f.st, store_series_at(f.st, it->series - 1)->bounds)->count;
}

START_TEST(of_a_summary_how_many_and_the_sum_are_taken_and_its_quantiles_are_not)
{
    for (int i = 1; i <= 2; i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "# TYPE gw_ttft summary\ngw_ttft{model=\"m\",quantile=\"0.99\"} 1\ngw_ttft_sum{model=\"m\"} "
                 "%d\ngw_ttft_count{model=\"m\"} %d\n",
                 6 * i, 4 * i);
        fixture_poll(&f, text);
    }
    ck_assert_uint_eq(f.batch.count, 1);
    ck_assert_uint_eq(item()->v.hist.n, 4);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(6000000000));
    ck_assert_uint_eq(bounds_of(item()), 0);
    ck_assert_ptr_nonnull(strstr(f.report.warning, "no finite le"));
}
END_TEST

START_TEST(a_histogram_of_the_open_bucket_alone_is_an_average)
{
    fixture_poll(&f, "gw_ttft_bucket{le=\"+Inf\",model=\"m\"} 1\ngw_ttft_sum{model=\"m\"} 1\ngw_ttft_count{model=\"m\"} 1\n");
    ck_assert_ptr_null(item());
    fixture_poll(&f, "gw_ttft_bucket{le=\"+Inf\",model=\"m\"} 4\ngw_ttft_sum{model=\"m\"} 7\ngw_ttft_count{model=\"m\"} 4\n");
    ck_assert_uint_eq(bounds_of(item()), 0);
    ck_assert_uint_eq(fixture_bucket(item(), 0), 3);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(6000000000));
    fixture_poll(&f, "gw_ttft_sum{model=\"m\"} 9\n"); /* of how many is not known */
    ck_assert_ptr_null(item());
    /* a bucket of its own shows up, as in sparse sets: from then on there is a distribution */
    fixture_poll(&f, "gw_ttft_bucket{le=\"1\",model=\"m\"} 2\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 7\ngw_ttft_count{model=\"m\"} 7\n");
    ck_assert_uint_eq(bounds_of(item()), 1);
    ck_assert_uint_eq(fixture_bucket(item(), 0), 2);
    ck_assert_uint_eq(fixture_bucket(item(), 1), 1);
}
END_TEST

START_TEST(counters_of_a_sum_and_a_number_are_an_average)
{
    static const char text[] =
        "# TYPE gw_llm_ms counter\ngw_llm_ms{model=\"m\",user=\"a\"} %d\ngw_llm_ms{model=\"m\",user=\"b\"} %d\n"
        "# TYPE gw_llm_calls counter\ngw_llm_calls{model=\"m\",user=\"a\"} %d\ngw_llm_calls{model=\"m\",user=\"b\"} %d\n";
    char page[400];
    fixture_close(&f);
    fixture_open_with(
        &f,
        "title: t\ntier: gateway\nrecognise: [\"gw_*\"]\nmetrics:\n  - {name: gw_llm_ms, signal: e2e, part: sum, factor: 0.001, "
        "labels: {model: model}}\n  - {name: gw_llm_calls, signal: e2e, part: n, labels: {model: model}}\n",
        100);
    snprintf(page, sizeof page, text, 1000, 50, 10, 1);
    fixture_poll(&f, page);
    ck_assert_ptr_null(fixture_item(&f, SIG_E2E, DIM_MODEL, "m"));
    snprintf(page, sizeof page, text, 1900, 650, 13, 3);
    fixture_poll(&f, page);
    const struct store_item *it = fixture_item(&f, SIG_E2E, DIM_MODEL, "m");
    ck_assert_uint_eq(f.batch.count, 1);
    ck_assert_uint_eq(it->v.hist.n, 5);
    ck_assert_uint_eq(fixture_bucket(it, 0), 5);
    ck_assert_int_eq(it->v.hist.sum_fixed, INT64_C(1500000000));
    ck_assert_uint_eq(bounds_of(it), 0);
    snprintf(page, sizeof page, text, 2000, 40, 14, 1); /* b began anew */
    fixture_poll(&f, page);
    ck_assert_uint_eq(f.report.warnings, 0);
    fixture_wait(&f, page);
    it = fixture_item(&f, SIG_E2E, DIM_MODEL, "m");
    ck_assert_uint_eq(it->v.hist.n, 2);
    ck_assert_int_eq(it->v.hist.sum_fixed, INT64_C(140000000));
}
END_TEST

START_TEST(a_sum_that_is_no_number_waits_and_is_said)
{
    fixture_poll(&f, page(1, 3, 6, 10, 20));
    fixture_poll(&f, page(2, 5, 9, 14, NAN));
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(fixture_bucket(item(), i), 1);
    ck_assert_uint_eq(item()->v.hist.n, 0);
    ck_assert_int_eq(item()->v.hist.sum_fixed, 0);
    ck_assert_ptr_nonnull(strstr(f.report.warning, "has no _sum, or one that is no number"));
    fixture_poll(&f, page(2, 5, 9, 14, 26.5)); /* and what came meanwhile is made good */
    ck_assert_uint_eq(item()->v.hist.n, 4);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(6500000000));
    ck_assert_uint_eq(f.report.warnings, 0);
}
END_TEST

START_TEST(a_sum_that_the_buckets_contradict_is_not_taken)
{
    fixture_poll(&f, page(0, 0, 0, 0, 0));
    fixture_poll(&f, page(0, 0, 0, 10, 19)); /* ten beyond 2 s are 20 s at least */
    ck_assert_uint_eq(fixture_bucket(item(), 3), 10);
    ck_assert_uint_eq(item()->v.hist.n, 0);
    ck_assert_int_eq(item()->v.hist.sum_fixed, 0);
    ck_assert_ptr_nonnull(strstr(f.report.warning, "gw_ttft{model=\"m\"} has a _sum that its buckets contradict"));
    fixture_poll(&f, page(0, 0, 0, 20, 44));
    ck_assert_uint_eq(item()->v.hist.n, 10);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(25000000000));
}
END_TEST

/* What went down, and whether it is a restart: then the new values are the increments; else nothing of the page is taken. */
START_TEST(a_part_that_falls_alone_is_no_restart)
{
    static const struct {
        int b[4];
        const char *le;
    } broken[] = {{{50, 210, 310, 410}, "le=\"0.5\""}, {{110, 210, 310, 50}, "le=\"+Inf\""}, {{100, 200, 300, 350}, "le=\"+Inf\""}};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        const int *b = broken[i].b;
        fixture_close(&f);
        fixture_open(&f);
        fixture_poll(&f, page(100, 200, 300, 400, 900));
        fixture_poll(&f, page(b[0], b[1], b[2], b[3], 905));
        ck_assert_ptr_null(item());
        ck_assert_uint_eq(f.report.resets, 0);
        ck_assert_msg(strstr(f.report.warning, broken[i].le) != NULL, "%s", f.report.warning);
        ck_assert_uint_eq(f.report.odd_buckets >> SIG_TTFT & 1, 0);
        fixture_poll(&f, page(110, 210, 310, 420, 930));
        expect(10, 0, 0, 10);
        ck_assert_uint_eq(f.report.warnings, 0);
    }
    fixture_poll(&f, page(10, 10, 20, 20, 30)); /* all of it did */
    ck_assert_uint_eq(f.report.resets, 1);
    fixture_wait(&f, page(10, 10, 20, 20, 30));
    expect(10, 0, 10, 0);
}
END_TEST

/* A bucket that stays down counts from there, and nobody knows how it climbed up again. */
START_TEST(a_part_that_stays_down_is_waited_for_and_then_taken_as_it_is)
{
    int known = 0;
    for (int i = 0; i < 40; i++) {
        const bool down = i >= 3 && i < 30;
        fixture_poll(&f, page(1000 + 10 * i - (down ? 500 : 0), 2000 + 20 * i, 3000 + 20 * i, 4000 + 20 * i, 9000 + 30 * i));
        ck_assert_int_eq(f.report.warnings > 0, down);
        if (item() == NULL)
            continue;
        known++;
        expect(10, 10, 0, 0);
    }
    ck_assert_int_eq(known, 39 - 5 - 1);

    fixture_close(&f);
    fixture_open(&f);
    uint64_t n = 0;
    for (int i = 40; i < 60; i++) { /* for good */
        fixture_poll(&f, page(i < 45 ? 1400 : 50 + i, 2800 + 10 * i, 3800 + 10 * i, 4800 + 10 * i, 9000 + 30 * i));
        ck_assert_int_eq(f.report.warnings > 0, i >= 45);
        n += item() != NULL && i > 49 ? item()->v.hist.n : 0;
        if (i == 45)
            ck_assert_ptr_nonnull(strstr(f.report.warning, "this interval is not known"));
    }
    ck_assert_ptr_nonnull(strstr(f.report.warning, "it counts from there"));
    ck_assert_uint_eq(n, 10 * 10);
}
END_TEST

/* Several processes in turn show other buckets than this one: what is compared with is then of their bounds. */
START_TEST(bounds_that_change_while_nothing_is_known_are_chosen_anew)
{
    static const char text[] =
        "process_start_time_seconds %d\ngw_ttft_bucket{le=\"0.25\",model=\"m\"} %d\ngw_ttft_bucket{le=\"0.5\",model=\"m\"} %d\n"
        "gw_ttft_bucket{le=\"1.0\",model=\"m\"} %d\ngw_ttft_bucket{model=\"m\",le=\"2\"} %d\ngw_ttft_bucket{model=\"m\",le=\"4\"} %d\n"
        "gw_ttft_bucket{le=\"+Inf\",model=\"m\"} %d\n";
    char both[700];
    for (int i = 1; i < 3; i++) {
        snprintf(both, sizeof both, "process_start_time_seconds 1000000\n%s", page(i, 3 * i, 6 * i, 10 * i, 20));
        fixture_poll(&f, both);
    }
    for (int i = 1; i < 3; i++) {
        snprintf(both, sizeof both, text, 500000, 10 * i, 21 * i, 33 * i, 46 * i, 60 * i, 75 * i);
        fixture_poll(&f, both);
        ck_assert_int_eq(item() == NULL, i == 1);
    }
    for (uint32_t k = 0; k < 6; k++)
        ck_assert_uint_eq(fixture_bucket(item(), k), 10 + k);
}
END_TEST

static const char *three(const char *const le[3], int n)
{
    static char text[600];
    snprintf(
        text, sizeof text,
        "gw_ttft_bucket{le=\"%s\",model=\"m\"} %d\ngw_ttft_bucket{le=\"%s\",model=\"m\"} %d\ngw_ttft_bucket{le=\"%s\",model=\"m\"} %d\n"
        "gw_ttft_bucket{le=\"+Inf\",model=\"m\"} %d\ngw_ttft_sum{model=\"m\"} %d\ngw_ttft_count{model=\"m\"} %d\n",
        le[0], 3 * n, le[1], 8 * n, le[2], 9 * n, 10 * n, 20 * n, 10 * n);
    return text;
}

/* An upgrade, and back. */
START_TEST(a_new_spelling_takes_the_place_of_the_old_one)
{
    static const char *const spelled[][3] = {{"1", "2", "4"}, {"1.0", "2.0", "4.0"}, {"1.0", "2", "4e0"}, {"1", "2", "4"}};
    for (int i = 0; i < 12; i++) {
        fixture_poll(&f, three(spelled[i / 3], 10 + i));
        ck_assert_uint_eq(f.report.warnings, 0);
        if (i == 0)
            continue;
        expect(3, 5, 1, 1);
        ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(20000000000));
    }
    fixture_poll(&f, three(spelled[1], 1)); /* with a restart, too */
    fixture_wait(&f, three(spelled[1], 1));
    expect(3, 5, 1, 1);
}
END_TEST

START_TEST(a_changed_set_of_bounds_counts_from_its_first_page)
{
    static const char *const sets[][3] = {{"0.5", "1", "2"}, {"0.5", "1", "3"}, {"0.4", "0.8", "1.6"}};
    for (int i = 0; i < 9; i++) {
        fixture_poll(&f, three(sets[i / 3], 100 + i));
        ck_assert_int_eq(f.report.warnings > 0, i > 0 && i % 3 == 0);
        if (i % 3 == 0)
            ck_assert_ptr_null(item());
        else
            expect(3, 5, 1, 1);
    }
}
END_TEST

START_TEST(a_bound_that_is_added_makes_one_interval_unknown)
{
    uint64_t n = 0;
    for (int i = 1; i < 10; i++) {
        char split[100] = "", both[700];
        if (i >= 5)
            snprintf(split, sizeof split, "gw_ttft_bucket{le=\"0.7\",model=\"m\"} %d\n", 50 * i);
        snprintf(both, sizeof both, "%s%s", page(30 * i, 80 * i, 100 * i, 100 * i, 70 * i), split);
        fixture_poll(&f, both);
        ck_assert_int_eq(f.report.warnings > 0, i == 5);
        n += item() != NULL ? item()->v.hist.n : 0;
        if (i == 6)
            expect(30, 20, 30, 20);
    }
    ck_assert_uint_eq(n, 7 * 100);
}
END_TEST

/* Every observation takes 0.7 s. A sum that dips is not counted on, and what it climbs back is nobody's time. */
START_TEST(a_sum_that_falls_makes_no_time)
{
    for (int dip = 1; dip <= 9; dip += 4) {
        uint64_t n = 0;
        int64_t sum = 0;
        teardown();
        setup();
        for (int i = 1; i <= 40; i++) {
            const double true_sum = 70 * i;
            fixture_poll(&f, page(0, 100 * i, 100 * i, 100 * i, i >= 20 && i < 20 + dip ? true_sum / 2 : true_sum));
            n += item() != NULL ? item()->v.hist.n : 0;
            sum += item() != NULL ? item()->v.hist.sum_fixed : 0;
        }
        ck_assert_int_eq((int64_t)n, dip == 1 ? 3900 : 3900 - 100 * (dip + 1)); /* one that stays down is given up, and the climb with it */
        ck_assert_int_eq(sum, (int64_t)n * 700000000);
    }
}
END_TEST

START_TEST(more_bounds_than_there_may_be_are_left_out)
{
    char *text = malloc(200000);
    ck_assert_ptr_nonnull(text);
    for (int i = 1; i < 3; i++) {
        size_t at = 0;
        for (int k = 1; k <= HIST_BOUNDS_MAX + 5; k++)
            at += (size_t)snprintf(text + at, 200000 - at, "gw_ttft_bucket{le=\"%d\",model=\"m\"} %d\n", k, i * k);
        snprintf(text + at, 200000 - at, "gw_ttft_count{model=\"m\"} %d\n", i * 5000);
        fixture_poll(&f, text);
        ck_assert_uint_ge(f.report.warnings, 1);
    }
    free(text);
    ck_assert_uint_eq(fixture_bucket(item(), 0), 1);
    ck_assert_uint_eq(fixture_bucket(item(), HIST_BOUNDS_MAX), 5000 - HIST_BOUNDS_MAX);
}
END_TEST

START_TEST(an_output_takes_as_many_buckets_as_it_has)
{
    uint64_t counts[3] = {1, 2, 3}, held[2] = {0, 0};
    struct out o = {.buckets = 2, .counts = held};
    ck_assert(!outs_add_buckets(&o, counts, 3));
    ck_assert(!o.dirty && held[0] == 0);
    ck_assert(outs_add_buckets(&o, counts, 2));
    ck_assert(o.dirty && held[1] == 2);
}
END_TEST

START_TEST(increments_add_up_to_last_minus_first_whatever_lies_between)
{
    uint64_t n = 0;
    int64_t sum = 0;
    int b[4] = {0, 0, 0, 0};
    fixture_poll(&f, page(0, 0, 0, 0, 0));
    for (int i = 1; i <= 300; i++) {
        int own[4] = {i % 3, i % 7, i % 2, i % 5}; /* observations of each bucket alone */
        for (int k = 0, all = 0; k < 4; k++)
            b[k] += all += own[k];
        fixture_poll(&f, page(b[0], b[1], b[2], b[3], i * 123.456789));
        ck_assert_ptr_nonnull(item());
        n += item()->v.hist.n;
        sum += item()->v.hist.sum_fixed;
    }
    ck_assert_uint_eq(n, (uint64_t)b[3]);
    ck_assert_int_eq(sum, INT64_C(37037036700000));
}
END_TEST

Suite *suite_buckets(void);
Suite *suite_buckets(void)
{
    Suite *s = suite_create("buckets");
    TCase *c = tcase_create("buckets");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, cumulative_buckets_become_increments_per_bucket);
    tcase_add_test(c, a_histogram_that_appears_later_counts_from_nothing);
    tcase_add_test(c, a_reset_counts_the_new_values);
    tcase_add_test(c, milliseconds_become_seconds);
    tcase_add_test(c, label_sets_that_fold_add_their_buckets);
    tcase_add_test(c, spellings_of_a_bound_are_one_bound);
    tcase_add_test(c, without_inf_the_count_stands_in);
    tcase_add_test(c, a_torn_page_is_made_good_by_the_next);
    tcase_add_test(c, a_sparse_bucket_that_appears_starts_at_nothing);
    tcase_add_test(c, a_bucket_that_one_page_lacks_costs_nothing);
    tcase_add_test(c, a_bucket_that_stays_away_is_waited_for_and_then_forgotten);
    tcase_add_test(c, buckets_that_vanish_make_an_interval_unknown);
    tcase_add_test(c, of_a_summary_how_many_and_the_sum_are_taken_and_its_quantiles_are_not);
    tcase_add_test(c, a_histogram_of_the_open_bucket_alone_is_an_average);
    tcase_add_test(c, counters_of_a_sum_and_a_number_are_an_average);
    tcase_add_test(c, a_sum_that_is_no_number_waits_and_is_said);
    tcase_add_test(c, a_sum_that_the_buckets_contradict_is_not_taken);
    tcase_add_test(c, a_part_that_falls_alone_is_no_restart);
    tcase_add_test(c, a_part_that_stays_down_is_waited_for_and_then_taken_as_it_is);
    tcase_add_test(c, bounds_that_change_while_nothing_is_known_are_chosen_anew);
    tcase_add_test(c, a_new_spelling_takes_the_place_of_the_old_one);
    tcase_add_test(c, a_changed_set_of_bounds_counts_from_its_first_page);
    tcase_add_test(c, a_bound_that_is_added_makes_one_interval_unknown);
    tcase_add_test(c, a_sum_that_falls_makes_no_time);
    tcase_add_test(c, more_bounds_than_there_may_be_are_left_out);
    tcase_add_test(c, an_output_takes_as_many_buckets_as_it_has);
    tcase_add_test(c, increments_add_up_to_last_minus_first_whatever_lies_between);
    suite_add_tcase(s, c);
    return s;
}
