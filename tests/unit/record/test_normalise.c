/* SPDX-License-Identifier: MIT */
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

START_TEST(the_first_poll_is_the_baseline_and_later_ones_count)
{
    fixture_poll(&f, "gw_requests_total{model=\"a\",team=\"x\",code=\"200\"} 1000\ngw_running{model=\"a\"} 3\n");
    ck_assert(f.report.first);
    ck_assert_ptr_null(fixture_item(&f, SIG_REQUESTS, DIM_MODEL, "a")); /* absent, not 0 */
    ck_assert_double_eq(fixture_item(&f, SIG_RUNNING, DIM_MODEL, "a")->v.gauge, 3);
    ck_assert_int_eq(f.batch.t0_ms, 0);
    fixture_poll(&f, "gw_requests_total{model=\"a\",team=\"x\",code=\"200\"} 1042\ngw_running{model=\"a\"} 3\n");
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 42);
    ck_assert_int_eq(f.batch.t1_ms - f.batch.t0_ms, 15000);
    fixture_poll(&f, "gw_requests_total{model=\"a\",team=\"x\",code=\"200\"} 1042\n");
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 0); /* there, and nothing happened */
    ck_assert_ptr_null(fixture_item(&f, SIG_RUNNING, DIM_MODEL, "a"));
}
END_TEST

START_TEST(a_series_that_appears_later_began_since)
{
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 5\n");
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 5\ngw_requests_total{model=\"b\",code=\"200\"} 7\n");
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "b"), 7);
    fixture_poll(&f, "gw_requests_total{model=\"b\",code=\"200\"} 9\n");
    ck_assert_ptr_null(fixture_item(&f, SIG_REQUESTS, DIM_MODEL, "a")); /* vanished is absent */
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "b"), 2);
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 8\n"); /* and back: from its last value */
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 3);
}
END_TEST

START_TEST(a_fall_is_a_reset_and_the_new_value_counts)
{
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 1000\n");
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 12\n");
    ck_assert_uint_eq(f.report.resets, 1);
    ck_assert(!f.report.restarted);
    fixture_wait(&f, "gw_requests_total{model=\"a\",code=\"200\"} 12\n");
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 12);
}
END_TEST

START_TEST(a_new_process_restarts_every_counter_even_one_that_stands_higher)
{
    char page[300];
    fixture_poll(&f, "process_start_time_seconds 1000\ngw_requests_total{model=\"a\",code=\"200\"} 10\n");
    snprintf(page, sizeof page, "process_start_time_seconds %.3f\ngw_requests_total{model=\"a\",code=\"200\"} 25\n",
             (double)f.t_ms / 1000.0 + 5);
    fixture_poll(&f, page);
    ck_assert(f.report.restarted);
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 25);
    ck_assert_uint_eq(f.report.resets, 1);
}
END_TEST

START_TEST(workers_behind_one_port_give_no_increments)
{
    static const char *const workers[] = {
        "process_start_time_seconds 1000\ngw_requests_total{model=\"a\",code=\"200\"} 100\ngw_latency_ms_bucket{le=\"+Inf\"} 50\n"
        "gw_latency_ms_bucket{le=\"10\"} 40\ngw_latency_ms_count 50\ngw_latency_ms_sum 300\n",
        "process_start_time_seconds 1010\ngw_requests_total{model=\"a\",code=\"200\"} 90\ngw_latency_ms_bucket{le=\"+Inf\"} 45\n"
        "gw_latency_ms_bucket{le=\"10\"} 30\ngw_latency_ms_count 45\ngw_latency_ms_sum 280\n",
    };
    int64_t total = 0;
    for (int i = 0; i < 20; i++) {
        fixture_poll(&f, workers[i % 2]);
        const struct store_item *item = fixture_item(&f, SIG_REQUESTS, DIM_MODEL, "a");
        total += item != NULL ? item->v.increment : 0;
        ck_assert_ptr_null(fixture_item(&f, SIG_E2E, DIM_MODEL, ""));
    }
    ck_assert(f.report.sawtooth);
    ck_assert_int_eq(total, 0);
}
END_TEST

/* What all of a signal's series counted, by the batches so far. */
struct booked {
    int64_t requests, cost, observed;
    int began;
    struct {
        int64_t t1_ms, requests, observed;
    } by_poll[100];
    size_t polls;
};

static void book(struct booked *b, const struct store_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct store_item *item = &batch->items[i];
        switch ((enum signal)store_series_at(f.st, item->series - 1)->signal) {
        case SIG_REQUESTS: b->requests += item->v.increment; break;
        case SIG_COST: b->cost += item->v.increment; break;
        case SIG_TTFT:
            for (uint32_t k = 0; k < item->v.hist.count; k++)
                b->observed += (int64_t)item->v.hist.counts[k].count;
            break;
        default: break;
        }
    }
}

/* As the store does with what is taken back. */
static void take_back(struct booked *b)
{
    for (; b->polls > 0 && b->by_poll[b->polls - 1].t1_ms > f.report.taken_back_ms; b->polls--) {
        b->requests -= b->by_poll[b->polls - 1].requests;
        b->observed -= b->by_poll[b->polls - 1].observed;
    }
}

static void book_poll(struct booked *b, const char *page)
{
    fixture_poll(&f, page);
    if (f.report.taken_back_ms != 0)
        take_back(b);
    const struct booked before = *b;
    for (size_t i = 0; i < f.report.made_good_count; i++)
        book(b, &f.report.made_good[i]);
    book(b, &f.batch);
    ck_assert_uint_lt(b->polls, sizeof b->by_poll / sizeof *b->by_poll);
    b->by_poll[b->polls].t1_ms = f.t_ms;
    b->by_poll[b->polls].requests = b->requests - before.requests;
    b->by_poll[b->polls++].observed = b->observed - before.observed;
    b->began += f.report.began_t1_ms != 0;
}

/* A page of `models` models, each with ok and failed requests, spend and (many > 1) a histogram, that have counted n requests each. */
static const char *counted(int models, double n)
{
    static char text[8000];
    size_t used = 0;
    for (int i = 0; i < models; i++) {
        const char m = (char)('a' + i);
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "gw_requests_total{model=\"%c\",code=\"200\"} %.0f\ngw_requests_total{model=\"%c\",code=\"500\"} %.0f\n",
                                 m, n, m, floor(n / 500));
        if (models > 1)
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     "gw_spend_total{team=\"%c\"} %.2f\ngw_ttft_bucket{le=\"1\",model=\"%c\"} %.0f\n"
                                     "gw_ttft_bucket{le=\"+Inf\",model=\"%c\"} %.0f\ngw_ttft_sum{model=\"%c\"} %.2f\n"
                                     "gw_ttft_count{model=\"%c\"} %.0f\ngw_running{model=\"%c\"} 1\n",
                                     m, n / 100, m, floor(n / 2), m, n, m, n, m, n, m);
    }
    return text;
}

/* Two workers that were there all along: whichever is seen first, and however they take turns, nothing of their difference is counted. That
 * of a first flank up, with too little before it to tell it from a load, is until the verdict takes it back. */
START_TEST(what_lies_between_two_workers_is_never_counted)
{
    static const struct {
        int models, bases[2], told; /* by that poll */
        const char *turns;
    } saws[] = {{1, {50000, 20000}, 4, "ababababababababababab"},      {1, {20000, 50000}, 5, "ababababababababababab"},
                {4, {60000, 90000}, 10, "aaaaaabbbabaaaabbbbabaabbb"}, {4, {90000, 60000}, 9, "aaaaabbbbbabaababbabbbabab"},
                {1, {90000, 60000}, 6, "aababababababababbabab"},      {4, {50000, 1000}, 8, "aaabbaabbaabaabbababbab"}};
    for (size_t i = 0; i < sizeof saws / sizeof *saws; i++) {
        struct booked b = {0};
        fixture_close(&f);
        fixture_open(&f);
        for (int k = 0; saws[i].turns[k] != '\0'; k++) {
            book_poll(&b, counted(saws[i].models, saws[i].bases[saws[i].turns[k] == 'b'] + 10 * k));
            if (f.report.sawtooth || saws[i].bases[0] > saws[i].bases[1]) {
                ck_assert_int_le(b.requests, saws[i].models * 11 * k);
                ck_assert_int_le(b.observed, saws[i].models * 10 * k);
            }
            ck_assert(f.report.sawtooth || k < saws[i].told + 4);
        }
        ck_assert(f.report.sawtooth);
        ck_assert_int_eq(b.began, 0);
    }
}
END_TEST

/* 900 requests, a restart that has 35 at the next poll and goes on: what it had is known some polls later, at its own time. */
START_TEST(a_restart_that_counters_alone_tell_loses_and_doubles_nothing)
{
    for (int models = 1; models <= 4; models += 3) {
        for (int tells = 0; tells < 2; tells++) { /* its start time */
            struct booked b = {0};
            char page[9000];
            double n = 10000;
            int64_t fell_ms = 0;
            fixture_close(&f);
            fixture_open(&f);
            for (int k = 0; k < 40; k++) {
                n = k == 10 ? 35 : n + 100;
                if (k == 10)
                    fell_ms = f.t_ms + 15000;
                snprintf(page, sizeof page, "%s%s", counted(models, n), "");
                if (tells)
                    snprintf(page + strlen(page), sizeof page - strlen(page), "process_start_time_seconds %.0f\n",
                             k < 10 ? 1e9 : (double)fell_ms / 1000 - 5);
                book_poll(&b, page);
                ck_assert(models == 1 || fixture_item(&f, SIG_RUNNING, DIM_MODEL, "a") != NULL); /* gauges do not wait */
                if (k == 10)
                    ck_assert_ptr_eq(fixture_item(&f, SIG_REQUESTS, DIM_MODEL, "a") != NULL ? &f : NULL, tells ? &f : NULL);
                if (k >= 10 && (tells || k == 10 + SAWTOOTH_HOLD)) {
                    ck_assert_int_eq(b.observed, models > 1 ? models * (900 + 35 + 100 * (k - 10)) : 0);
                    ck_assert_int_eq(f.report.began_t1_ms, tells ? 0 : fell_ms);
                }
                ck_assert(!f.report.sawtooth);
            }
            ck_assert_int_eq(b.requests, models * (900 + 2 + 35 + 2900 + 5));
            ck_assert_int_eq(b.cost, models > 1 ? models * INT64_C(38350000000) : 0);
            ck_assert_int_eq(b.observed, models > 1 ? models * 3835 : 0);
            ck_assert_int_eq(b.began, !tells);
        }
    }
}
END_TEST

/* A page that is lower for some polls and then at its old level or above. Either it was another's for a while (another replica's, an old
 * one), and what its process counted is last minus first; or its process was restarted and overtook the old level, and what was counted is
 * all that the new one shows, and more. No start time says which. What is booked is what was counted at the least in both. */
static const struct sequence {
    const char *what;
    int models, levels[12], fell, back; /* at these polls */
    int booked, if_dip, if_restart;     /* per model, from the first poll on; if_restart: at least */
} sequences[] = {
    {"another replica's page, lower by more than half", 4, {1000, 1100, 300, 310, 320, 1500, 1600}, 2, 5, 600, 600, 100 + 1600},
    {"of two counters", 1, {1000, 1100, 300, 310, 320, 1500, 1600}, 2, 5, 600, 600, 100 + 1600},
    {"a busier replica's", 4, {1000, 1100, 100, 500, 590, 1110, 1120}, 2, 5, 120, 120, 100 + 1120},
    {"a restart that overtakes within a poll", 4, {100, 200, 90, 400, 500}, 2, 3, 400, 400, 100 + 500},
    {"back at the very level", 4, {1000, 1100, 300, 1100, 1200}, 2, 3, 200, 200, 100 + 1200},
    {"an old page from a cache that goes on", 4, {1000, 1100, 1200, 1000, 1100, 1500, 1600}, 3, 5, 600, 600, 200 + 1600},
    {"that comes near the old level by itself", 4, {1000, 1100, 1200, 1000, 1100, 1190, 1500}, 3, 6, 500, 500, 200 + 1500},
    {"an old page that stands", 4, {1000, 1100, 1050, 1050, 1300}, 2, 4, 300, 300, 100 + 1300},
    {"nothing at all", 4, {1000, 1100, 0, 0, 1400}, 2, 4, 400, 400, 100 + 1400},
    {"as long as is waited", 4, {1000, 1100, 300, 310, 320, 330, 340, 350, 2000}, 2, 8, 1000, 1000, 100 + 2000},
};

START_TEST(a_page_that_is_back_counts_what_it_rose_meanwhile)
{
    const struct sequence *q = &sequences[_i];
    struct booked b = {0};
    int64_t before_ms = 0;
    ck_assert_int_le(q->booked, q->if_dip);
    ck_assert_int_le(q->booked, q->if_restart);
    for (int k = 0; k < 12 && (k <= q->back || q->levels[k] > 0); k++) {
        book_poll(&b, counted(q->models, q->levels[k]));
        ck_assert_msg(!f.report.sawtooth, "%s", q->what);
        ck_assert_int_eq(b.began, 0);
        ck_assert_int_eq(f.report.waits_since_ms, k >= q->fell && k < q->back ? before_ms : 0);
        before_ms = k < q->fell ? f.t_ms : before_ms;
        ck_assert(q->models == 1 || fixture_item(&f, SIG_RUNNING, DIM_MODEL, "a") != NULL); /* gauges do not wait */
        if (k != q->back) {
            ck_assert_int_eq(f.report.lost_t1_ms, 0);
            continue;
        }
        /* marked, and booked at its own time: each poll of the dip has its share */
        ck_assert_int_eq(f.report.lost_t0_ms, before_ms);
        ck_assert_int_eq(f.report.lost_t1_ms, f.t_ms);
        ck_assert(f.report.lost_event);
        ck_assert_ptr_nonnull(strstr(f.report.lost_why, "came back"));
        ck_assert_uint_eq(f.report.made_good_count, (size_t)(q->back - q->fell));
        for (size_t i = 0; i < f.report.made_good_count; i++)
            ck_assert_int_eq(f.report.made_good[i].t1_ms, before_ms + 15000 * (int64_t)(i + 1));
    }
    ck_assert_msg(b.requests >= q->models * q->booked && b.requests <= q->models * (q->booked + 3), "%s: %lld", q->what,
                  (long long)b.requests); /* a failure in 500 beside them */
    ck_assert_int_eq(b.observed, q->models > 1 ? q->models * q->booked : 0);
    ck_assert_int_eq(b.cost, q->models > 1 ? q->models * INT64_C(10000000) * q->booked : 0);
}
END_TEST

/* It went on for longer than is waited, from a level that no process reaches within a poll's time: another one, as after a fail-over. Of
 * the poll at which it took over nothing is known; all after it counts. */
START_TEST(a_fall_by_little_that_stays_is_marked_and_goes_on)
{
    struct booked b = {0};
    for (int k = 0; k < 20; k++) {
        book_poll(&b, counted(4, k < 5 ? 1000 + 100 * k : 900 + 10 * (k - 5)));
        ck_assert_int_eq(f.report.lost_t1_ms, k == 5 + SAWTOOTH_HOLD ? f.t_ms - SAWTOOTH_HOLD * 15000 : 0);
        ck_assert(f.report.lost_t1_ms == 0 || f.report.lost_t0_ms == f.report.lost_t1_ms - 15000);
        ck_assert_int_eq(b.observed, 4 * (k < 5 ? 100 * k : k < 5 + SAWTOOTH_HOLD ? 400 : 400 + 10 * (k - 5)));
    }
    ck_assert_int_eq(b.began, 0);
}
END_TEST

/* Of a page that shows few of the series that it had only the first interval waits: no proxy leaves out labels, and a restart is to be seen
 * at once. */
START_TEST(a_process_that_shows_few_of_its_labels_began_anew)
{
    struct booked b = {0};
    for (int k = 0; k < 20; k++) {
        book_poll(&b, counted(k < 5 ? 4 : 1, k < 5 ? 10000 + 100 * k : 30 + 50 * (k - 5)));
        if (k > 5)
            ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_CLASS, "ok"), 50);
        ck_assert_int_eq(f.report.waits_since_ms, k >= 5 && k < 5 + SAWTOOTH_HOLD ? f.t_ms - 15000 * (k - 4) : 0);
        ck_assert_int_eq(strcmp(f.report.watch_text,
                                "some of its counters fell after 08:01:15Z: they began anew, or another worker answered: "
                                "watching; what the poll after that counted is shown once the next 6 polls tell") == 0,
                         k >= 5 && k < 5 + SAWTOOTH_HOLD);
    }
    ck_assert_int_eq(b.began, 1);
    ck_assert_int_eq(b.requests, 4 * 400 + 30 + 50 * 14 + 1);
}
END_TEST

/* The other way round: another replica's page stands higher for a while. Of the time in between only a part is known. */
START_TEST(a_page_that_jumps_and_is_back_is_marked_and_counts_nothing_of_it)
{
    struct booked b = {0};
    for (int k = 0; k < 30; k++) {
        const bool other = k >= 10 && k < 13;
        book_poll(&b, counted(4, (other ? 90000 : 20000) + 10 * k));
        ck_assert_int_le(b.observed, 4 * 10 * k);
        ck_assert_int_eq(f.report.lost_t1_ms, k == 13 ? f.t_ms : 0);
        ck_assert(k != 13 || f.report.lost_t0_ms == f.t_ms - 4 * 15000);
    }
    ck_assert_int_eq(b.observed, 4 * (9 * 10 + 2 * 10 + 16 * 10));
    ck_assert_int_eq(b.began, 0);
}
END_TEST

START_TEST(a_process_that_dies_again_and_again_is_counted_each_time)
{
    struct booked b = {0};
    for (int k = 0; k < 60; k++) {
        const int life = k < 10 ? 5000 + 50 * k : k < 45 ? 50 * (k % 5) + 30 : 30 + 50 * (k - 45);
        book_poll(&b, counted(4, life));
        ck_assert(!f.report.sawtooth);
    }
    ck_assert_int_eq(b.observed, 4 * (9 * 50 + 7 * 230 + 730));
    ck_assert_int_eq(b.began, 8);
}
END_TEST

/* One of many began anew by itself: it counts, and the process is the same. */
START_TEST(a_counter_that_falls_alone_is_no_restart_of_the_process)
{
    struct booked b = {0};
    char page[9000];
    for (int k = 0; k < 20; k++) {
        snprintf(page, sizeof page, "%sgw_requests_total{model=\"z\",code=\"200\"} %d\n", counted(4, 10000 + 10 * k),
                 k < 5 ? 700 + 3 * k : 3 * (k - 4));
        book_poll(&b, page);
        ck_assert(!f.report.sawtooth);
    }
    ck_assert_int_eq(b.requests, 4 * 190 + 12 + 45);
    ck_assert_int_eq(b.observed, 4 * 190);
    ck_assert_int_eq(b.began, 0);
    for (int k = 20; k < 40; k++) { /* and now it goes to and fro: nothing of it counts, and the second time the page is no more believed */
        const int64_t before = b.requests;
        snprintf(page, sizeof page, "%sgw_requests_total{model=\"z\",code=\"200\"} %d\n", counted(4, 10000 + 10 * k),
                 k % 4 < 2 ? 40000 : 9000);
        book_poll(&b, page);
        ck_assert_int_le(b.requests - before, k == 20 ? 40000 : 41 + 40);
    }
    ck_assert(f.report.sawtooth);
}
END_TEST

#define BIT(s) (UINT64_C(1) << (s))

/* Four models and one more, z, whose requests alone are at n. */
static const char *beside(int k, int n)
{
    static char page[9000];
    snprintf(page, sizeof page, "%sgw_requests_total{model=\"z\",code=\"200\"} %d\n", counted(4, 10000 + 10 * k), n);
    return page;
}

/* Beside many that go on one began anew: of requests that interval waits, and of nothing else. */
START_TEST(a_counter_that_falls_alone_makes_its_signal_wait_and_no_other)
{
    for (int k = 0; k < 20; k++) {
        const bool fell = k == 5, watched = k >= 5 && k < 5 + SAWTOOTH_HOLD;
        fixture_poll(&f, beside(k, k < 5 ? 700 + 3 * k : 3 * (k - 4)));
        if (k > 0) {
            ck_assert_int_eq(fixture_increment(&f, SIG_COST, DIM_TEAM, "a"), INT64_C(100000000));
            ck_assert_uint_eq(fixture_item(&f, SIG_TTFT, DIM_MODEL, "a")->v.hist.n, 10);
            ck_assert_int_eq(fixture_item(&f, SIG_REQUESTS, DIM_MODEL, "a") == NULL,
                             fell); /* or failures would stand there without what they are of */
        }
        ck_assert_int_eq(f.report.watch_ms != 0, watched);
        ck_assert_uint_eq(f.report.watch_signals, watched ? BIT(SIG_REQUESTS) : 0);
        ck_assert_uint_eq(normalise_waits_signals(f.n), watched ? BIT(SIG_REQUESTS) : 0);
        ck_assert_str_eq(
            f.report.watch_text,
            watched
                ? "gw_requests_total{model=\"z\",class=\"ok\"} fell after 08:01:15Z: it began anew, or another worker answered: watching "
                  "requests; what the poll after that counted of it is shown once the next 6 polls tell"
                : "");
        ck_assert_uint_eq(f.report.made_good_count, k == 5 + SAWTOOTH_HOLD);
        ck_assert_int_eq(f.report.lost_t1_ms, 0);
    }
}
END_TEST

/* It came back: what is not known is of its signal. */
START_TEST(what_a_counter_loses_that_came_back_alone_is_of_its_signal)
{
    int64_t before_ms = 0;
    for (int k = 0; k < 20; k++) {
        fixture_poll(&f, beside(k, k == 5 || k == 6 ? 3 : 700 + 3 * k));
        before_ms = k == 4 ? f.t_ms : before_ms;
        ck_assert_int_eq(f.report.lost_t1_ms, k == 7 ? f.t_ms : 0);
        ck_assert_uint_eq(f.report.lost_signals, k == 7 ? BIT(SIG_REQUESTS) : 0);
        ck_assert(k != 7 || (f.report.lost_event && f.report.lost_t0_ms == before_ms));
        ck_assert(k == 0 || fixture_item(&f, SIG_COST, DIM_TEAM, "a") != NULL);
    }
}
END_TEST

/* A model that was taken out and put in again: its counters and its histogram began anew, and are told together. */
START_TEST(a_histogram_that_began_anew_waits_with_the_counters_that_did)
{
    for (int k = 0; k < 20; k++) {
        char page[10000];
        const int n = k < 5 ? 700 + 3 * k : 3 * (k - 4);
        snprintf(page, sizeof page,
                 "%sgw_spend_total{team=\"z\"} %d\ngw_ttft_bucket{le=\"1\",model=\"z\"} %d\ngw_ttft_bucket{le=\"+Inf\",model=\"z\"} %d\n"
                 "gw_ttft_sum{model=\"z\"} %d\ngw_ttft_count{model=\"z\"} %d\n",
                 beside(k, n), n, n, n, n, n);
        fixture_poll(&f, page);
        const bool watched = k >= 5 && k < 5 + SAWTOOTH_HOLD;
        ck_assert_uint_eq(f.report.watch_signals, watched ? BIT(SIG_REQUESTS) | BIT(SIG_COST) | BIT(SIG_TTFT) : 0);
        ck_assert(!watched ||
                  strstr(f.report.watch_text, "class=\"ok\"} and 1 more fell after 08:01:15Z: they began anew, or another worker "
                                              "answered: watching requests, ttft, cost; what ") != NULL);
        ck_assert(k != 5 || f.batch.count == 4); /* gauges */
    }
}
END_TEST

/* Most counters rise as they never did: a worker that was not seen before, or a load that begins. It went on, so it counts, at its time. */
START_TEST(a_load_that_begins_counts_late_and_whole)
{
    struct booked b = {0};
    for (int k = 0; k < 20; k++) {
        book_poll(&b, counted(4, 1000 + k + (k < 12 ? 0 : 6000 * (k - 11))));
        if (k >= 12 && k < 12 + SAWTOOTH_HOLD)
            ck_assert_int_lt(b.observed, 4 * (k + 6000 * (k - 11)));
        else
            ck_assert_int_eq(b.observed, 4 * (k + (k < 12 ? 0 : 6000 * (k - 11))));
        ck_assert_int_eq(strncmp(f.report.watch_text, "its counters rose as never before after 08:03:00Z: more load", 60) == 0,
                         k >= 12 && k < 12 + SAWTOOTH_HOLD);
        ck_assert(k == 12 || fixture_item(&f, SIG_REQUESTS, DIM_MODEL, "a") != NULL || k == 0);
    }
    ck_assert_int_eq(b.began, 0);
}
END_TEST

/* A worker whose counters stand higher takes the place of the other for good: as far as they tell, a burst of one poll. Which it was nobody
 * can say, and that is said, once; of a load that goes on it is not. */
START_TEST(a_rise_that_stays_and_does_not_go_on_is_told)
{
    for (int goes_on = 0; goes_on < 2; goes_on++) {
        struct booked b = {0};
        fixture_close(&f);
        fixture_open(&f);
        for (int k = 0; k < 30; k++) {
            const int more = k < 12 ? 0 : goes_on ? 6000 * (k - 11) : 6000;
            book_poll(&b, counted(4, 10000 + 10 * k + more));
            const bool told = !goes_on && k == 12 + SAWTOOTH_HOLD;
            ck_assert_int_eq(f.report.leapt_t1_ms, told ? f.t_ms - SAWTOOTH_HOLD * 15000 : 0);
            ck_assert_int_eq(f.report.leapt_t0_ms, told ? f.report.leapt_t1_ms - 15000 : 0);
            ck_assert_int_eq(b.observed, 4 * (10 * k + more - (k >= 12 && k < 12 + SAWTOOTH_HOLD ? 6010 : 0)));
        }
    }
}
END_TEST

/* Whether one that is met at its start, or woken after a rest, rises more steeply than ever nobody can say yet. */
START_TEST(a_server_that_just_began_is_no_load_that_begins)
{
    static const int intervals[] = {1000, 300, 1000, 1000, 1000, 1000, 1000, 1000};
    uint32_t seed = 7;
    for (int run = 0; run < 20; run++) {
        int levels[4] = {1200, 700, 3000, 90};
        fixture_close(&f);
        fixture_open(&f);
        for (int k = 0; k < 40; k++) {
            char page[2000] = "";
            const int ms = intervals[k < 8 ? k : 7];
            for (int m = 0; m < 4; m++) {
                for (int events = 0; events < 24 * ms / 1000; events++) {
                    seed = seed * 1664525 + 1013904223;
                    levels[m] += seed >> 28 == 0 && (m < 2 || k > 20) ? (int)(seed >> 16 & 4095) : 0; /* some are idle at first */
                }
                snprintf(page + strlen(page), sizeof page - strlen(page), "gw_requests_total{model=\"%d\",code=\"200\"} %d\n", m,
                         levels[m]);
            }
            f.t_ms -= 15000 - ms;
            fixture_poll(&f, page);
            ck_assert_msg(f.report.watch_ms == 0, "run %d, poll %d: %s", run, k, f.report.watch_text);
        }
    }
}
END_TEST

START_TEST(money_is_exact_over_any_number_of_polls)
{
    /* 0.1 + 0.2 style values: each step rounds, the sum does not drift */
    int64_t sum = 0;
    char page[100];
    fixture_poll(&f, "gw_spend_total{team=\"x\"} 0.1\n");
    double v = 0.1;
    for (int i = 1; i <= 1000; i++) {
        v += 0.0123456789;
        snprintf(page, sizeof page, "gw_spend_total{team=\"x\"} %.17g\n", v);
        fixture_poll(&f, page);
        sum += fixture_increment(&f, SIG_COST, DIM_TEAM, "x");
    }
    int64_t last, first;
    ck_assert(unit_to_fixed(UNIT_USD, v, &last) && unit_to_fixed(UNIT_USD, 0.1, &first));
    ck_assert_int_eq(sum, last - first);
}
END_TEST

START_TEST(labels_that_are_no_dimension_fold_together)
{
    fixture_poll(
        &f, "gw_requests_total{model=\"a\",user=\"u1\",code=\"200\"} 10\ngw_requests_total{model=\"a\",user=\"u2\",code=\"200\"} 20\n");
    fixture_poll(
        &f, "gw_requests_total{model=\"a\",user=\"u1\",code=\"200\"} 11\ngw_requests_total{model=\"a\",user=\"u2\",code=\"200\"} 25\n");
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 6);
    ck_assert_uint_eq(f.batch.count, 1);
}
END_TEST

START_TEST(status_codes_become_classes_and_None_is_not_given)
{
    fixture_poll(&f, "gw_requests_total{model=\"None\",code=\"429\"} 1\ngw_requests_total{model=\"a\",code=\"503\"} 1\n");
    fixture_poll(&f, "gw_requests_total{model=\"None\",code=\"429\"} 4\ngw_requests_total{model=\"a\",code=\"503\"} 3\n");
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_CLASS, "429"), 3);
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_CLASS, "5xx"), 2);
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, ""), 3);
}
END_TEST

START_TEST(gauges_that_are_no_number_are_unknown)
{
    fixture_poll(&f, "gw_running{model=\"a\"} NaN\ngw_running{model=\"b\"} +Inf\ngw_left{team=\"x\"} 9.2e18\ngw_left{team=\"y\"} 12.5\n");
    ck_assert(isnan(fixture_item(&f, SIG_RUNNING, DIM_MODEL, "a")->v.gauge));
    ck_assert(isnan(fixture_item(&f, SIG_RUNNING, DIM_MODEL, "b")->v.gauge));
    ck_assert(isnan(fixture_item(&f, SIG_BUDGET_REMAINING, DIM_TEAM, "x")->v.gauge));
    ck_assert_double_eq(fixture_item(&f, SIG_BUDGET_REMAINING, DIM_TEAM, "y")->v.gauge, 12.5);
}
END_TEST

/* What an exporter cannot read stands there as a huge number: neither its appearing nor its going is energy. */
START_TEST(a_counter_that_was_not_read_counts_nothing)
{
    static const char *const pages[] = {"gw_energy_mj{gpu=\"a\"} 1000000\n", "gw_energy_mj{gpu=\"a\"} 9223372036854775794\n",
                                        "gw_energy_mj{gpu=\"a\"} 1005000\n", "gw_energy_mj{gpu=\"a\"} 1007000\n"};
    for (int i = 0; i < 3; i++) {
        fixture_poll(&f, pages[i]);
        ck_assert_ptr_null(fixture_item(&f, SIG_ENERGY, DIM_NAME, "a"));
        ck_assert_uint_eq(f.report.resets, 0);
    }
    fixture_poll(&f, pages[3]);
    ck_assert_int_eq(fixture_increment(&f, SIG_ENERGY, DIM_NAME, "a"), 2000000);
}
END_TEST

START_TEST(gauges_fold_as_the_profile_says)
{
    fixture_poll(&f, "gw_running{model=\"a\",worker=\"1\"} 3\ngw_running{model=\"a\",worker=\"2\"} 4\n"
                     "gw_left{team=\"x\",key=\"1\"} 10\ngw_left{team=\"x\",key=\"2\"} 4\ngw_left{team=\"x\",key=\"3\"} NaN\n");
    ck_assert_double_eq(fixture_item(&f, SIG_RUNNING, DIM_MODEL, "a")->v.gauge, 7);
    ck_assert_double_eq(fixture_item(&f, SIG_BUDGET_REMAINING, DIM_TEAM, "x")->v.gauge, 4);
}
END_TEST

START_TEST(counters_that_are_no_number_are_left_out_with_a_warning)
{
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 5\ngw_requests_total{model=\"b\",code=\"200\"} NaN\n");
    ck_assert_uint_eq(f.report.warnings, 1);
    ck_assert_ptr_nonnull(strstr(f.report.warning, "line 2"));
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 5\ngw_requests_total{model=\"b\",code=\"200\"} NaN\n");
    ck_assert_uint_eq(f.report.warnings, 1); /* as long as it is so */
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} -1\ngw_requests_total{model=\"b\",code=\"200\"} 3\n");
    ck_assert_ptr_null(fixture_item(&f, SIG_REQUESTS, DIM_MODEL, "a"));
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "b"), 3); /* its first value that is one */
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 6\n");
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 1);
}
END_TEST

START_TEST(unknown_families_are_counted_once_and_created_ones_not_at_all)
{
    static const char page[] = "# TYPE odd histogram\nodd_bucket{le=\"1\"} 1\nodd_sum 1\nodd_count 1\n# TYPE strange gauge\nstrange 1\n"
                               "gw_boring_total 3\ngw_requests_created{model=\"a\"} 1.7e9\ngw_requests_total{model=\"a\",code=\"200\"} 1\n";
    for (int i = 0; i < 3; i++)
        fixture_poll(&f, page);
    ck_assert_uint_eq(f.report.families_unknown, 2);
    ck_assert_uint_eq(f.report.seen, 7);
    ck_assert_uint_eq(f.report.kept, 1);
}
END_TEST

START_TEST(a_type_that_contradicts_the_profile_is_believed)
{
    for (int i = 0; i < 2; i++)
        fixture_poll(&f, "# TYPE gw_requests_total gauge\ngw_requests_total{model=\"a\",code=\"200\"} 1\n");
    ck_assert_uint_eq(f.batch.count, 0);
}
END_TEST

START_TEST(hostile_labels_reach_the_store_as_safe_text)
{
    fixture_poll(&f, "gw_running{model=\"\x1b]52;c;x\x07\xe2\x80\xae\"} 1\n");
    ck_assert_uint_eq(f.batch.count, 1);
    const struct series *s = store_series_at(f.st, f.batch.items[0].series - 1);
    const char *text = intern_text(store_strings(f.st), s->dim[DIM_MODEL]);
    ck_assert_ptr_null(strchr(text, '\x1b'));
    ck_assert_ptr_null(strstr(text, "\xe2\x80\xae"));
    ck_assert_ptr_nonnull(strstr(text, "^["));
}
END_TEST

START_TEST(an_aborted_poll_changes_nothing)
{
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 10\n");
    fixture_stage(&f, "gw_requests_total{model=\"a\",code=\"200\"} 3\n"); /* would be a reset */
    normalise_abort(f.n);
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 14\n");
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 4);
    ck_assert_int_eq(f.batch.t1_ms - f.batch.t0_ms, 30000);
}
END_TEST

START_TEST(samples_with_an_old_timestamp_are_no_news)
{
    char page[200];
    snprintf(page, sizeof page, "gw_running{model=\"a\"} 1 %lld\ngw_running{model=\"b\"} 2 %lld\n", (long long)f.t_ms - 3600000,
             (long long)f.t_ms);
    fixture_poll(&f, page);
    ck_assert_ptr_null(fixture_item(&f, SIG_RUNNING, DIM_MODEL, "a"));
    ck_assert_double_eq(fixture_item(&f, SIG_RUNNING, DIM_MODEL, "b")->v.gauge, 2);
    ck_assert_uint_eq(f.report.warnings, 1);
    ck_assert_ptr_nonnull(strstr(f.report.warning, "line 1: a sample whose own timestamp is more than 5 min old"));
}
END_TEST

START_TEST(a_warning_names_its_line_where_there_is_one)
{
    normalise_begin(f.n, f.t_ms + 1);
    normalise_warning(f.n, 0, "the server says", str_of("partial"));
    ck_assert_int_eq(normalise_finish(f.n, &f.arena, &f.batch, &f.report, &f.ctx), ERR_OK);
    ck_assert_str_eq(f.report.warning, "the server says: partial");
    normalise_begin(f.n, f.t_ms + 2);
    normalise_warning(f.n, 7, "odd", str_of("x\x1b[2J"));
    ck_assert_int_eq(normalise_finish(f.n, &f.arena, &f.batch, &f.report, &f.ctx), ERR_OK);
    ck_assert_str_eq(f.report.warning, "line 7: odd: x^[[2J");
}
END_TEST

START_TEST(the_same_series_twice_counts_once)
{
    for (int i = 0; i < 2; i++) {
        fixture_poll(&f, "gw_running{model=\"a\"} 1\ngw_running{model=\"a\"} 100\n");
        ck_assert_double_eq(fixture_item(&f, SIG_RUNNING, DIM_MODEL, "a")->v.gauge, 1);
        ck_assert_uint_eq(f.report.warnings, 1); /* as long as it is so */
    }
}
END_TEST

START_TEST(a_forgotten_time_has_no_beginning)
{
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 10\n");
    normalise_forget_time(f.n);
    fixture_poll(&f, "gw_requests_total{model=\"a\",code=\"200\"} 14\n");
    ck_assert_int_eq(f.batch.t0_ms, 0);
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 4);
}
END_TEST

static void small_setup(void)
{
    fixture_open_with(&f, fixture_profile, 5);
}

START_TEST(the_cap_drops_and_counts_and_never_halves_a_histogram)
{
    static const char page[] =
        "gw_requests_total{model=\"a\",code=\"200\"} %d\ngw_running{model=\"a\"} 1\ngw_running{model=\"b\"} 1\n"
        "gw_ttft_bucket{le=\"1\"} %d\ngw_ttft_bucket{le=\"2\"} %d\ngw_ttft_bucket{le=\"+Inf\"} %d\ngw_running{model=\"c\"} 1\n";
    char text[500];
    for (int i = 1; i <= 3; i++) {
        snprintf(text, sizeof text, page, i, i, i, i);
        fixture_poll(&f, text);
        ck_assert_uint_eq(f.report.dropped, 2);
        ck_assert_ptr_null(fixture_item(&f, SIG_TTFT, DIM_MODEL, ""));
    }
    ck_assert_int_eq(fixture_increment(&f, SIG_REQUESTS, DIM_MODEL, "a"), 1);
}
END_TEST

START_TEST(labels_that_change_all_the_time_are_forgotten)
{
    char text[500];
    int64_t sum = 0;
    teardown();
    fixture_open_with(&f, fixture_profile, 3000);
    for (int i = 0; i < 4000; i++) { /* twice as many as there is room for */
        snprintf(text, sizeof text, "gw_requests_total{model=\"a\",code=\"200\",pod=\"p%d\"} 1\ngw_running{model=\"x\"} %d\n", i, i);
        fixture_poll(&f, text);
        ck_assert_uint_eq(f.report.dropped, 0);
        const struct store_item *item = fixture_item(&f, SIG_REQUESTS, DIM_MODEL, "a");
        sum += item != NULL ? item->v.increment : 0;
    }
    ck_assert_int_eq(sum, 3999);
}
END_TEST

/* Of yes/no outcomes nobody needs to tell a sum; of which neither a sum nor the failed are told, nothing is known but how many there
 * were. */
START_TEST(a_score_has_the_value_that_is_told_or_none)
{
    static const char profile[] = "title: test\ntier: telemetry\nrecognise: [\"ev_*\"]\nmetrics:\n"
                                  "  - {name: ev_total, signal: eval, part: n, labels: {name: of}}\n"
                                  "  - {name: ev_failed_total, signal: eval, part: bad, labels: {name: of}}\n"
                                  "  - {name: ev_sum, signal: eval, part: sum, labels: {name: of}}\n";
    fixture_close(&f);
    fixture_open_with(&f, profile, 1000);
    fixture_poll(&f, "ev_total{of=\"graded\"} 0\nev_total{of=\"passed\"} 0\nev_total{of=\"bare\"} 0\n"
                     "ev_failed_total{of=\"graded\"} 0\nev_failed_total{of=\"passed\"} 0\nev_sum{of=\"graded\"} 0\n");
    fixture_poll(&f, "ev_total{of=\"graded\"} 10\nev_total{of=\"passed\"} 20\nev_total{of=\"bare\"} 5\n"
                     "ev_failed_total{of=\"graded\"} 2\nev_failed_total{of=\"passed\"} 1\nev_sum{of=\"graded\"} 7.5\n");
    const struct store_item *graded = fixture_item(&f, SIG_EVAL, DIM_NAME, "graded"),
                            *passed = fixture_item(&f, SIG_EVAL, DIM_NAME, "passed");
    ck_assert(graded != NULL && graded->v.score.n == 10 && graded->v.score.bad == 2 && graded->v.score.sum_fixed == INT64_C(7500000000));
    ck_assert(passed != NULL && passed->v.score.n == 20 && passed->v.score.bad == 1 && passed->v.score.sum_fixed == INT64_C(19000000000));
    ck_assert_ptr_null(fixture_item(&f, SIG_EVAL, DIM_NAME, "bare"));
}
END_TEST

Suite *suite_normalise(void);
Suite *suite_normalise(void)
{
    Suite *s = suite_create("normalise");
    TCase *c = tcase_create("normalise");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, the_first_poll_is_the_baseline_and_later_ones_count);
    tcase_add_test(c, a_score_has_the_value_that_is_told_or_none);
    tcase_add_test(c, a_series_that_appears_later_began_since);
    tcase_add_test(c, a_fall_is_a_reset_and_the_new_value_counts);
    tcase_add_test(c, a_new_process_restarts_every_counter_even_one_that_stands_higher);
    tcase_add_test(c, workers_behind_one_port_give_no_increments);
    tcase_add_test(c, what_lies_between_two_workers_is_never_counted);
    tcase_add_test(c, a_restart_that_counters_alone_tell_loses_and_doubles_nothing);
    tcase_add_loop_test(c, a_page_that_is_back_counts_what_it_rose_meanwhile, 0, (int)(sizeof sequences / sizeof *sequences));
    tcase_add_test(c, a_fall_by_little_that_stays_is_marked_and_goes_on);
    tcase_add_test(c, a_process_that_shows_few_of_its_labels_began_anew);
    tcase_add_test(c, a_page_that_jumps_and_is_back_is_marked_and_counts_nothing_of_it);
    tcase_add_test(c, a_process_that_dies_again_and_again_is_counted_each_time);
    tcase_add_test(c, a_counter_that_falls_alone_is_no_restart_of_the_process);
    tcase_add_test(c, a_counter_that_falls_alone_makes_its_signal_wait_and_no_other);
    tcase_add_test(c, what_a_counter_loses_that_came_back_alone_is_of_its_signal);
    tcase_add_test(c, a_histogram_that_began_anew_waits_with_the_counters_that_did);
    tcase_add_test(c, a_load_that_begins_counts_late_and_whole);
    tcase_add_test(c, a_rise_that_stays_and_does_not_go_on_is_told);
    tcase_add_test(c, a_server_that_just_began_is_no_load_that_begins);
    tcase_add_test(c, money_is_exact_over_any_number_of_polls);
    tcase_add_test(c, labels_that_are_no_dimension_fold_together);
    tcase_add_test(c, status_codes_become_classes_and_None_is_not_given);
    tcase_add_test(c, gauges_that_are_no_number_are_unknown);
    tcase_add_test(c, a_counter_that_was_not_read_counts_nothing);
    tcase_add_test(c, gauges_fold_as_the_profile_says);
    tcase_add_test(c, counters_that_are_no_number_are_left_out_with_a_warning);
    tcase_add_test(c, unknown_families_are_counted_once_and_created_ones_not_at_all);
    tcase_add_test(c, a_type_that_contradicts_the_profile_is_believed);
    tcase_add_test(c, hostile_labels_reach_the_store_as_safe_text);
    tcase_add_test(c, an_aborted_poll_changes_nothing);
    tcase_add_test(c, samples_with_an_old_timestamp_are_no_news);
    tcase_add_test(c, a_warning_names_its_line_where_there_is_one);
    tcase_add_test(c, the_same_series_twice_counts_once);
    tcase_add_test(c, a_forgotten_time_has_no_beginning);
    tcase_add_test(c, labels_that_change_all_the_time_are_forgotten);
    suite_add_tcase(s, c);
    TCase *small = tcase_create("cap");
    tcase_add_checked_fixture(small, small_setup, teardown);
    tcase_add_test(small, the_cap_drops_and_counts_and_never_halves_a_histogram);
    suite_add_tcase(s, small);
    return s;
}
