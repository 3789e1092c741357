/* SPDX-License-Identifier: MIT */
/* Pages that lack what they had: what is called so, what is not, and what becomes of the counts in between. */
#include <stdio.h>

#include "record/lacks.h"
#include "unit/record/fixture.h"

static struct fixture f;

/* What a page shows: counters per poll i, and which parts of it are there. */
struct page {
    int ok[2], bad[2], spend, gauge; /* -1 = not there */
    int start;                       /* of the process, 0 = not told */
    int observed;                    /* of the histogram; -1 = not there */
    int buckets;                     /* of its four lines how many are there */
};

static const struct page whole = {.ok = {100, 200}, .bad = {10, 20}, .spend = 5, .gauge = 3, .observed = 40, .buckets = 4};

/* Everything counts on, by i. */
static struct page at(int i)
{
    struct page p = whole;
    p.ok[0] += 10 * i;
    p.ok[1] += 20 * i;
    p.bad[0] += i;
    p.bad[1] += 2 * i;
    p.spend += i;
    p.observed += 4 * i;
    return p;
}

static const char *text_of(const struct page *p)
{
    static char text[2000];
    int n = 0;
    static const char *const models[] = {"a", "b"};
    if (p->start > 0)
        n += snprintf(text + n, sizeof text - (size_t)n, "process_start_time_seconds %d\n", p->start);
    for (int m = 0; m < 2; m++) {
        if (p->ok[m] >= 0)
            n += snprintf(text + n, sizeof text - (size_t)n, "gw_requests_total{model=\"%s\",code=\"200\"} %d\n", models[m], p->ok[m]);
    }
    for (int m = 0; m < 2; m++) {
        if (p->bad[m] >= 0)
            n += snprintf(text + n, sizeof text - (size_t)n, "gw_requests_total{model=\"%s\",code=\"500\"} %d\n", models[m], p->bad[m]);
    }
    if (p->gauge >= 0)
        n += snprintf(text + n, sizeof text - (size_t)n, "gw_left{team=\"t\"} %d\n", p->gauge);
    if (p->spend >= 0)
        n += snprintf(text + n, sizeof text - (size_t)n, "gw_spend_total{team=\"t\"} %d\n", p->spend);
    const int lines[] = {p->observed / 2, p->observed, 3 * p->observed, p->observed};
    static const char *const names[] = {"bucket{le=\"1\",model=\"a\"}", "bucket{le=\"+Inf\",model=\"a\"}", "sum{model=\"a\"}",
                                        "count{model=\"a\"}"};
    for (int k = 0; p->observed >= 0 && k < p->buckets; k++)
        n += snprintf(text + n, sizeof text - (size_t)n, "gw_ttft_%s %d\n", names[k], lines[k]);
    ck_assert_int_lt(n, (int)sizeof text);
    return text;
}

static void show(const struct page *p)
{
    fixture_poll(&f, text_of(p));
}

/* A recorder that begins, with what an earlier one told last. */
static void begin(const struct source_lack *lack)
{
    normaliser_free(f.n);
    const struct normalise_options opt = {.source = 1, .gateway = "g", .max_series = 1000, .scraped = true, .lack = lack};
    ck_assert_int_eq(normaliser_new(f.st, &f.profile, &opt, &f.n, &f.ctx), ERR_OK);
}

static void open_scraped(const char *profile)
{
    fixture_open_with(&f, profile, 1000);
    begin(NULL);
}

static void setup(void)
{
    open_scraped(fixture_profile);
}

static void teardown(void)
{
    fixture_close(&f);
}

static bool lacks(enum signal s)
{
    return (f.report.lack.part >> s & 1) != 0;
}

static bool lacks_metric(enum signal s)
{
    return (f.report.lack.family >> s & 1) != 0;
}

static bool lacks_all(enum signal s)
{
    return (f.report.lack.all >> s & 1) != 0;
}

/* What a batch holds of a signal, classes and labels added up. */
static int64_t sum_of(const struct store_batch *b, enum signal s)
{
    int64_t sum = 0;
    for (size_t i = 0; i < b->count; i++) {
        if (store_series_at(f.st, b->items[i].series - 1)->signal != s)
            continue;
        sum += signal_info(s)->kind == KIND_HISTOGRAM ? (int64_t)b->items[i].v.hist.n : b->items[i].v.increment;
    }
    return sum;
}

START_TEST(all_failures_gone_is_a_metric_that_is_lacking)
{
    for (int i = 0; i < 4; i++) {
        struct page p = at(i);
        show(&p);
        ck_assert_int_eq(f.report.lack.since_ms, 0);
        ck_assert_str_eq(f.report.lack_text, "");
    }
    int64_t last = f.batch.t1_ms;
    for (int i = 4; i < 9; i++) {
        struct page p = at(i);
        p.bad[0] = p.bad[1] = -1;
        show(&p);
        ck_assert_int_eq(f.report.lack.since_ms, last);
        ck_assert(lacks(SIG_REQUESTS) && lacks_metric(SIG_REQUESTS) && !lacks_all(SIG_REQUESTS));
        ck_assert(!lacks(SIG_COST) && !lacks(SIG_TTFT));
        ck_assert_msg(strstr(f.report.lack_text, "lacks 2 of 4 series of gw_requests_total since ") == f.report.lack_text, "%s",
                      f.report.lack_text);
    }
}
END_TEST

/* Exporters keep what was counted once: that it stood still is no reason to go. */
START_TEST(failures_that_stood_still_are_missed_as_well)
{
    for (int i = 0; i < 40; i++) {
        struct page p = at(i);
        p.bad[0] = p.bad[1] = 7;
        show(&p);
    }
    struct page p = at(40);
    p.bad[0] = p.bad[1] = -1;
    show(&p);
    ck_assert(lacks_metric(SIG_REQUESTS));
}
END_TEST

START_TEST(half_of_a_page_is_missed_to_the_last_histogram)
{
    for (int i = 0; i < 4; i++) {
        struct page p = at(i);
        show(&p);
    }
    struct page half = at(4);
    half.spend = half.gauge = -1;
    half.buckets = 2; /* cut within it */
    show(&half);
    ck_assert(lacks_all(SIG_COST) && lacks_all(SIG_TTFT) && lacks_all(SIG_BUDGET_REMAINING));
    ck_assert(!lacks(SIG_REQUESTS));
    ck_assert_msg(strstr(f.report.lack_text, "lacks 4 of 4 series of gw_ttft and of 2 more metrics since ") == f.report.lack_text, "%s",
                  f.report.lack_text);
    ck_assert_ptr_null(fixture_item(&f, SIG_TTFT, DIM_MODEL, "a"));
}
END_TEST

/* Nothing is lost, nothing twice, and no interval holds more than what it was. */
START_TEST(what_is_back_is_booked_over_the_polls_that_lacked_it)
{
    int64_t requests = 0, ttft = 0, cost = 0;
    for (int i = 0; i < 12; i++) {
        struct page p = at(i);
        if (i >= 4 && i < 8) {
            p.bad[0] = p.bad[1] = p.spend = -1;
            p.buckets = i < 6 ? 2 : 0; /* of the histogram first a part goes, then the rest */
        }
        show(&p);
        ck_assert_int_eq(f.report.lack.since_ms != 0, i >= 4 && i < 8);
        ck_assert_uint_eq(f.report.made_good_count, i == 8 ? 4 : 0);
        for (size_t k = 0; k < f.report.made_good_count; k++) {
            const struct store_batch *b = &f.report.made_good[k];
            ck_assert_int_eq(b->t1_ms, f.batch.t1_ms - (4 - (int64_t)k) * 15000);
            ck_assert_int_eq(b->t1_ms - b->t0_ms, 15000);
            ck_assert_int_eq(sum_of(b, SIG_REQUESTS), 3);
            ck_assert_int_eq(sum_of(b, SIG_TTFT), 4);
            requests += sum_of(b, SIG_REQUESTS);
            ttft += sum_of(b, SIG_TTFT);
            cost += sum_of(b, SIG_COST);
        }
        if (i == 8) {
            ck_assert_int_eq(sum_of(&f.batch, SIG_REQUESTS), 33);
            ck_assert_int_eq(sum_of(&f.batch, SIG_TTFT), 4);
        }
        requests += sum_of(&f.batch, SIG_REQUESTS);
        ttft += sum_of(&f.batch, SIG_TTFT);
        cost += sum_of(&f.batch, SIG_COST);
    }
    ck_assert_int_eq(requests, 11 * 33);
    ck_assert_int_eq(ttft, 11 * 4);
    ck_assert_int_eq(cost, 11 * INT64_C(1000000000));
}
END_TEST

/* One observation of 20 s while it was away: in no share of it are whole observations and their sum the same, which is not the page's
 * fault. */
START_TEST(a_histogram_that_is_back_is_not_said_to_contradict_itself)
{
    int64_t n = 0, sum = 0;
    for (int i = 0; i < 10; i++) {
        char page[1000];
        const int seen = i < 4 ? 10 + i : 14, slow = i < 4 ? 0 : 1;
        size_t used = (size_t)snprintf(page, sizeof page, "gw_requests_total{model=\"a\",code=\"200\"} %d\n", 100 + 10 * i);
        if (i < 4 || i > 6)
            snprintf(page + used, sizeof page - used,
                     "gw_ttft_bucket{le=\"1\",model=\"a\"} %d\ngw_ttft_bucket{le=\"8\",model=\"a\"} %d\n"
                     "gw_ttft_bucket{le=\"+Inf\",model=\"a\"} %d\ngw_ttft_sum{model=\"a\"} %d\ngw_ttft_count{model=\"a\"} %d\n",
                     seen - slow, seen - slow, seen, seen - slow + 20 * slow, seen);
        fixture_poll(&f, page);
        ck_assert_int_eq(lacks(SIG_TTFT), i >= 4 && i <= 6);
        ck_assert_msg(f.report.warnings == 0, "%s", f.report.warning);
        for (size_t k = 0; k <= f.report.made_good_count; k++) {
            const struct store_batch *b = k < f.report.made_good_count ? &f.report.made_good[k] : &f.batch;
            for (size_t m = 0; m < b->count; m++) {
                if (store_series_at(f.st, b->items[m].series - 1)->signal != SIG_TTFT)
                    continue;
                ck_assert_int_eq(b->items[m].v.hist.n == 0, b->items[m].v.hist.sum_fixed == 0); /* no sum of nothing */
                n += (int64_t)b->items[m].v.hist.n;
                sum += b->items[m].v.hist.sum_fixed;
            }
        }
    }
    ck_assert_int_eq(n, 4);
    ck_assert_int_eq(sum, INT64_C(23000000000));
}
END_TEST

/* While some are back, others go: since when is the others' matter then, and each is booked over its own hole. */
START_TEST(one_lack_after_another_has_its_own_beginning)
{
    int64_t sum = 0, went = 0;
    for (int i = 0; i < 12; i++) {
        struct page p = at(i);
        if (i >= 4 && i < 7)
            p.bad[0] = p.bad[1] = -1;
        if (i >= 6 && i < 10)
            p.spend = -1;
        show(&p);
        went = i == 5 ? f.batch.t1_ms : went;
        ck_assert(i < 7 || i > 9 || f.report.lack.since_ms == went);
        ck_assert_uint_eq(f.report.made_good_count, i == 7 ? 3 : i == 10 ? 4 : 0);
        for (size_t k = 0; k < f.report.made_good_count; k++) {
            ck_assert_int_eq(sum_of(&f.report.made_good[k], SIG_REQUESTS), i == 7 ? 3 : 0);
            sum += sum_of(&f.report.made_good[k], SIG_COST);
        }
        sum += sum_of(&f.batch, SIG_COST);
    }
    ck_assert_int_eq(sum, 11 * INT64_C(1000000000));
}
END_TEST

START_TEST(a_long_hole_is_made_good_in_coarser_steps)
{
    enum { HOLE = 959 };
    int64_t sum = 0, from = 0;
    for (int i = 0; i < 3; i++) {
        struct page p = at(i);
        show(&p);
    }
    from = f.batch.t1_ms;
    for (int i = 3; i < 3 + HOLE; i++) {
        struct page p = at(i);
        p.bad[0] = p.bad[1] = -1;
        show(&p);
    }
    struct page p = at(3 + HOLE);
    show(&p);
    ck_assert_uint_ge(f.report.made_good_count, 60);
    ck_assert_uint_le(f.report.made_good_count, 240);
    for (size_t k = 0; k < f.report.made_good_count; k++) {
        ck_assert_int_eq(f.report.made_good[k].t0_ms, from);
        from = f.report.made_good[k].t1_ms;
        sum += sum_of(&f.report.made_good[k], SIG_REQUESTS);
    }
    ck_assert_int_eq(from, f.batch.t0_ms);
    ck_assert_int_eq(sum, 3 * HOLE);
    ck_assert_int_eq(sum_of(&f.batch, SIG_REQUESTS), 33); /* and the poll that sees them again holds its own */
}
END_TEST

/* The clock is set back while something is missed: times stay in order, and nothing is lost. */
START_TEST(a_clock_that_is_set_back_leaves_a_hole_to_be_made_good)
{
    int64_t sum = 0;
    for (int i = 0; i < 12; i++) {
        struct page p = at(i);
        if (i >= 4 && i < 9)
            p.bad[0] = p.bad[1] = -1;
        if (i == 6) {
            f.t_ms -= 120000;
            normalise_forget_time(f.n);
        }
        show(&p);
        ck_assert_int_eq(f.report.lack.since_ms != 0, i >= 4 && i < 9);
        ck_assert_int_le(f.report.lack.since_ms, f.batch.t1_ms);
        for (size_t k = 0; k < f.report.made_good_count; k++) {
            ck_assert_int_lt(f.report.made_good[k].t0_ms, f.report.made_good[k].t1_ms);
            ck_assert_int_le(f.report.made_good[k].t1_ms, f.batch.t0_ms);
            ck_assert_msg(store_append(f.st, &f.report.made_good[k], 1, &f.ctx) == ERR_OK, "%s", f.ctx.text);
            sum += sum_of(&f.report.made_good[k], SIG_REQUESTS);
        }
        if (i == 9)
            ck_assert_int_eq(sum_of(&f.batch, SIG_REQUESTS), 33);
        sum += sum_of(&f.batch, SIG_REQUESTS);
    }
    ck_assert_int_eq(sum, 11 * 33);
}
END_TEST

/* No room for what is back: the poll is not known, and the next one's is its own. */
START_TEST(what_could_not_be_made_good_is_unknown_and_not_wrong)
{
    for (size_t most = 1024; most <= 16384; most *= 2) { /* fails before the first of the polls that lacked it, and in the middle of them */
        struct arena small;
        struct store_batch batch;
        struct normalise_report report;
        teardown();
        setup();
        for (int i = 0; i < 200; i++) {
            struct page p = at(i);
            if (i >= 4)
                p.bad[0] = p.bad[1] = p.observed = -1;
            show(&p);
        }
        struct page p = at(200);
        fixture_stage(&f, text_of(&p));
        arena_init(&small, most);
        ck_assert_int_eq(normalise_finish(f.n, &small, &batch, &report, &f.ctx), ERR_NOMEM);
        arena_fini(&small);
        p = at(201);
        show(&p);
        ck_assert_uint_eq(f.report.made_good_count, 0);
        ck_assert_int_eq(sum_of(&f.batch, SIG_REQUESTS), 33);
        ck_assert_int_eq(sum_of(&f.batch, SIG_TTFT), 4);
        ck_assert_int_eq(f.report.lack.since_ms, 0);
        ck_assert(f.report.lack_lost);
    }
}
END_TEST

/* A label that no profile keeps is another: the output goes on, and nothing is missed. */
START_TEST(what_others_stand_in_for_is_not_missed)
{
    char text[400];
    int64_t sum = 0;
    for (int i = 0; i < 1300; i++) {
        snprintf(text, sizeof text,
                 "gw_requests_total{model=\"a\",code=\"200\"} %d\ngw_requests_total{model=\"a\",code=\"200\",session=\"%d\"} %d\n", 100 + i,
                 i / 2, 5 + i % 2 * 3);
        fixture_poll(&f, text);
        ck_assert_str_eq(f.report.lack_text, "");
        ck_assert_uint_eq(f.report.dropped, 0); /* of 1,000, because those that are gone are forgotten */
        sum += sum_of(&f.batch, SIG_REQUESTS);
    }
    ck_assert_int_eq(sum, 1299 + 650 * 8 - 5); /* a session begins at zero */

    for (int i = 0; i < 6; i++) { /* there is a moment without one */
        snprintf(text, sizeof text, "gw_requests_total{model=\"a\",code=\"200\"} %d\n", 2000 + i);
        if (i != 3)
            snprintf(text + strlen(text), sizeof text - strlen(text), "gw_requests_total{model=\"b\",code=\"500\",session=\"%c\"} %d\n",
                     i < 3 ? 'x' : 'y', i + 1);
        fixture_poll(&f, text);
        ck_assert(lacks(SIG_REQUESTS) == false || i == 3);
    }
}
END_TEST

/* The counter of a GPU goes on under other labels; and not with those that it had before. */
START_TEST(energy_of_a_pod_that_is_another_goes_on_from_a_baseline)
{
    static const char *const pods[] = {"train", "train", "infer", "infer", "infer", "train", "train", "late"};
    static const int64_t joules[] = {0, 4500, -1, 4500, 4500, -1, 4500, -1}; /* -1: not known */
    char text[300];
    for (int i = 0; i < 8; i++) {
        snprintf(text, sizeof text, "process_start_time_seconds %lld\ngw_energy_mj{gpu=\"a\",pod=\"%s\"} %lld\n",
                 i < 4 ? 1000000LL : 1800000000LL + 60, pods[i], 311040000000LL + i * 4500000LL);
        fixture_poll(&f, text);
        ck_assert_int_eq(f.report.restarted, i == 4); /* the exporter; not what it reads */
        ck_assert_str_eq(f.report.lack_text, "");
        const struct store_item *item = fixture_item(&f, SIG_ENERGY, DIM_GATEWAY, "g");
        ck_assert_int_eq(item != NULL ? item->v.increment : -1, i == 0 ? -1 : joules[i] < 0 ? -1 : joules[i] * 1000000);
    }
}
END_TEST

static void show_combinations(int i, bool all)
{
    char text[600];
    int n = 0;
    static const char *const of[] = {"a\",team=\"t", "a\",team=\"u", "b\",team=\"t"};
    for (int k = all ? 0 : 1; k < 3; k++)
        n += snprintf(text + n, sizeof text - (size_t)n, "gw_requests_total{model=\"%s\",code=\"200\"} %d\n", of[k], 10 + i);
    fixture_poll(&f, text);
}

START_TEST(one_series_of_several_is_waited_for_a_day)
{
    for (int i = 0; i < 3; i++)
        show_combinations(i, true);
    for (int i = 3; i < 3 + 4 * 60 * 24; i++) {
        show_combinations(i, false);
        ck_assert(lacks(SIG_REQUESTS) && !lacks_metric(SIG_REQUESTS));
    }
    show_combinations(10000, false);
    ck_assert_int_eq(f.report.lack.since_ms, 0);
}
END_TEST

/* All of a metric is missed, whoever it is of; but not once it shows others. */
START_TEST(the_last_of_a_metric_that_was_removed_is_missed_until_there_is_another)
{
    for (int i = 0; i < 46; i++) {
        struct page p = at(i);
        char text[2000];
        p.gauge = -1;
        p.spend = i < 3 ? p.spend : -1;
        snprintf(text, sizeof text, "%s%s", text_of(&p), i >= 6 ? "gw_spend_total{team=\"u\"} 1\n" : "");
        fixture_poll(&f, text);
        ck_assert_int_eq(f.report.lack.since_ms != 0, i >= 3 && i < 43); /* ten minutes */
    }
}
END_TEST

/* A recorder that begins in the middle of it knows from the earlier one, and takes nothing that comes back for new. */
START_TEST(a_later_run_goes_on_with_what_was_missed)
{
    struct source_lack was = {.since_ms = 0};
    char kept[LACKS_METRICS_MAX];
    for (int i = 0; i < 10; i++) {
        struct page p = at(i);
        p.bad[0] = p.bad[1] = p.observed = i >= 4 && i < 8 ? -1 : 1000 * i;
        if (i == 6) {
            was = f.report.lack;
            snprintf(kept, sizeof kept, "%s", was.metrics);
            was.metrics = kept;
            ck_assert_str_eq(kept, "gw_requests_total bad 2 0 gw_ttft all 4 0");
            begin(&was);
        }
        show(&p);
        ck_assert_int_eq(f.report.lack.since_ms, i < 4 || i >= 8 ? 0 : i < 6 ? f.report.lack.since_ms : was.since_ms);
        ck_assert_int_eq(f.report.lack_lost, i == 8);
        if (i == 6 || i == 7) {
            ck_assert_uint_eq(f.report.lack.part, was.part);
            ck_assert_uint_eq(f.report.lack.family, was.family);
            ck_assert_uint_eq(f.report.lack.all, was.all);
            ck_assert_str_eq(f.report.lack.metrics, kept);
            ck_assert_msg(strstr(f.report.lack_text, "lacks 4 of 4 series of gw_ttft and of 1 more metric since ") == f.report.lack_text,
                          "%s", f.report.lack_text);
        }
        ck_assert(i != 8 || sum_of(&f.batch, SIG_REQUESTS) == 30);
        ck_assert(i != 8 || sum_of(&f.batch, SIG_TTFT) == 0);
        ck_assert(i != 9 || sum_of(&f.batch, SIG_REQUESTS) == 2030);
        ck_assert(i != 9 || sum_of(&f.batch, SIG_TTFT) == 1000);
    }
    begin(&was); /* by then another process answers */
    struct page p = at(20);
    p.bad[0] = p.bad[1] = p.observed = -1;
    p.start = (int)(was.since_ms / 1000) + 1;
    show(&p);
    ck_assert_int_eq(f.report.lack.since_ms, 0);
    ck_assert(f.report.lack_lost);
    p.bad[0] = 7;
    show(&p);
    ck_assert_int_eq(sum_of(&f.batch, SIG_REQUESTS), 7);
}
END_TEST

START_TEST(a_restart_is_no_lack_and_ends_one)
{
    for (int i = 0; i < 4; i++) {
        struct page p = at(i);
        p.start = 1000000;
        show(&p);
    }
    struct page p = at(4); /* a new process: only what was used since shows */
    p.start = (int)(f.t_ms / 1000);
    p.ok[0] = 3;
    p.ok[1] = p.bad[0] = p.bad[1] = p.spend = p.observed = -1;
    show(&p);
    ck_assert(f.report.restarted);
    ck_assert_int_eq(f.report.lack.since_ms, 0);
    p.ok[0] = 4;
    p.ok[1] = 1;
    show(&p);
    ck_assert_int_eq(f.report.lack.since_ms, 0);
    p.bad[0] = 400; /* more than the old process had counted: all of it is the new one's */
    show(&p);
    ck_assert_int_eq(sum_of(&f.batch, SIG_REQUESTS), 400);

    p.ok[1] = p.bad[0] = -1;
    p.ok[0] = 10;
    show(&p);
    ck_assert(lacks(SIG_REQUESTS));
    p.start = (int)(f.t_ms / 1000); /* restarted while it lacked them */
    p.ok[0] = 1;
    show(&p);
    ck_assert_int_eq(f.report.lack.since_ms, 0);
    p.bad[0] = 500;
    show(&p);
    ck_assert_int_eq(sum_of(&f.batch, SIG_REQUESTS), 500);
    ck_assert_uint_eq(f.report.made_good_count, 0);
}
END_TEST

START_TEST(counters_that_begin_anew_are_a_restart_without_a_start_time)
{
    for (int i = 0; i < 4; i++) {
        struct page p = at(i);
        show(&p);
    }
    struct page p = at(4);
    p.ok[0] = 3;
    p.ok[1] = 1;
    p.bad[0] = p.bad[1] = p.spend = p.observed = -1;
    show(&p);
    ck_assert_int_eq(f.report.lack.since_ms, 0);
    p.observed = 60;
    show(&p);
    ck_assert_int_eq(sum_of(&f.batch, SIG_TTFT), 60); /* and not the difference to the old process' */
}
END_TEST

static const char otel[] = "title: t\ntier: telemetry\nrecognise: [\"gw_*\"]\nexpires: true\nmetrics:\n"
                           "  - name: gw_requests_total\n    signal: requests\n    labels: {model: model}\n    class: {status: code}\n"
                           "  - name: gw_spend_total\n    signal: cost\n    labels: {team: team}\n";

START_TEST(an_exporter_that_forgets_idle_series_lacks_only_what_moved)
{
    teardown();
    open_scraped(otel);
    for (int i = 0; i < 30; i++) {
        struct page p = at(i);
        p.observed = p.gauge = -1;
        p.bad[0] = p.bad[1] = 7;
        p.spend = i < 5 ? 5 : -1; /* never rose: forgotten */
        if (i >= 24)
            p.bad[0] = p.bad[1] = -1;
        show(&p);
        ck_assert_int_eq(f.report.lack.since_ms, 0);
    }
    struct page p = at(30);
    p.observed = p.gauge = p.spend = p.bad[0] = p.bad[1] = p.ok[1] = -1;
    show(&p);
    ck_assert(lacks(SIG_REQUESTS)); /* model b had requests a moment ago */
    p = at(31);
    p.observed = p.gauge = p.spend = p.ok[0] = p.ok[1] = -1;
    p.bad[0] = p.bad[1] = 7;
    show(&p);
    ck_assert(lacks(SIG_REQUESTS)); /* it rose half a minute ago */
}
END_TEST

/* One of several idle series of a metric may go, and gauges may as they like. */
START_TEST(what_is_idle_or_finished_is_not_missed)
{
    for (int i = 0; i < 30; i++) {
        struct page p = at(i);
        p.bad[1] = i < 28 ? 7 : -1;
        p.gauge = i < 20 ? 3 : -1;
        show(&p);
        ck_assert_int_eq(f.report.lack.since_ms, 0);
    }
}
END_TEST

/* A model that had requests a moment ago does not go without notice; one of which nothing came back for ten minutes did. */
START_TEST(what_was_in_use_is_missed_until_it_is_taken_for_removed)
{
    for (int i = 0; i < 48; i++) {
        struct page p = at(i);
        if (i >= 3)
            p.ok[1] = p.bad[1] = -1;
        show(&p);
        ck_assert_int_eq(f.report.lack.since_ms != 0, i >= 3 && i < 43);
        ck_assert_int_eq(lacks(SIG_REQUESTS), i >= 3 && i < 43);
    }
}
END_TEST

START_TEST(a_part_of_a_metric_is_a_part)
{
    for (int i = 0; i < 4; i++) {
        struct page p = at(i);
        show(&p);
    }
    struct page p = at(4);
    p.ok[1] = -1; /* model b still fails */
    show(&p);
    ck_assert(lacks(SIG_REQUESTS) && !lacks_metric(SIG_REQUESTS) && !lacks_all(SIG_REQUESTS));
    ck_assert_ptr_nonnull(strstr(f.report.lack_text, "lacks 1 of 4 series of gw_requests_total since "));
    p = at(5);
    show(&p);
    ck_assert_int_eq(f.report.lack.since_ms, 0);
}
END_TEST

/* A histogram that is there to the end of it has the buckets it has. */
START_TEST(buckets_that_others_replace_are_not_missed)
{
    static const char *const les[] = {"1", "2", "2.0", "5", "1"};
    for (int i = 0; i < 20; i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "gw_ttft_bucket{le=\"%s\",model=\"a\"} %d\ngw_ttft_bucket{le=\"+Inf\",model=\"a\"} %d\ngw_ttft_sum{model=\"a\"} "
                 "%d\ngw_ttft_count{model=\"a\"} %d\n",
                 les[i / 4], 10 * i, 20 * i, 70 * i, 20 * i);
        fixture_poll(&f, text);
        ck_assert_str_eq(f.report.lack_text, "");
        const bool first = i % 4 == 0 && i != 8; /* of a set; the third is the second in other letters */
        ck_assert_int_eq(sum_of(&f.batch, SIG_TTFT), first ? 0 : 20);
    }
}
END_TEST

START_TEST(what_is_missed_is_not_forgotten_with_old_series)
{
    char text[100];
    for (int i = 0; i < 3; i++) {
        struct page p = at(i);
        show(&p);
    }
    for (int i = 0; i < 1200; i++) { /* labels that change all the time make the table be swept */
        snprintf(text, sizeof text, "gw_requests_total{model=\"a\",code=\"200\",user=\"%d\"} 1\n", i);
        fixture_poll(&f, text);
        ck_assert(lacks_all(SIG_COST));
    }
}
END_TEST

START_TEST(samples_of_a_prometheus_are_no_page)
{
    teardown();
    fixture_open_with(&f, fixture_profile, 1000);
    for (int i = 0; i < 4; i++) {
        struct page p = at(i);
        show(&p);
    }
    struct page p = at(4);
    p.bad[0] = p.bad[1] = p.spend = -1;
    show(&p);
    ck_assert_int_eq(f.report.lack.since_ms, 0); /* a target that was scaled away; the API tells what is stale */
}
END_TEST

Suite *suite_lacks(void);
Suite *suite_lacks(void)
{
    Suite *s = suite_create("lacks");
    TCase *c = tcase_create("lacks");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, all_failures_gone_is_a_metric_that_is_lacking);
    tcase_add_test(c, failures_that_stood_still_are_missed_as_well);
    tcase_add_test(c, half_of_a_page_is_missed_to_the_last_histogram);
    tcase_add_test(c, what_is_back_is_booked_over_the_polls_that_lacked_it);
    tcase_add_test(c, a_histogram_that_is_back_is_not_said_to_contradict_itself);
    tcase_add_test(c, one_lack_after_another_has_its_own_beginning);
    tcase_add_test(c, a_long_hole_is_made_good_in_coarser_steps);
    tcase_add_test(c, a_restart_is_no_lack_and_ends_one);
    tcase_add_test(c, counters_that_begin_anew_are_a_restart_without_a_start_time);
    tcase_add_test(c, an_exporter_that_forgets_idle_series_lacks_only_what_moved);
    tcase_add_test(c, what_is_idle_or_finished_is_not_missed);
    tcase_add_test(c, what_was_in_use_is_missed_until_it_is_taken_for_removed);
    tcase_add_test(c, a_part_of_a_metric_is_a_part);
    tcase_add_test(c, buckets_that_others_replace_are_not_missed);
    tcase_add_test(c, what_is_missed_is_not_forgotten_with_old_series);
    tcase_add_test(c, samples_of_a_prometheus_are_no_page);
    tcase_add_test(c, a_clock_that_is_set_back_leaves_a_hole_to_be_made_good);
    tcase_add_test(c, what_could_not_be_made_good_is_unknown_and_not_wrong);
    tcase_add_test(c, what_others_stand_in_for_is_not_missed);
    tcase_add_test(c, energy_of_a_pod_that_is_another_goes_on_from_a_baseline);
    tcase_add_test(c, one_series_of_several_is_waited_for_a_day);
    tcase_add_test(c, the_last_of_a_metric_that_was_removed_is_missed_until_there_is_another);
    tcase_add_test(c, a_later_run_goes_on_with_what_was_missed);
    suite_add_tcase(s, c);
    return s;
}
