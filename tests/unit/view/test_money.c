/* SPDX-License-Identifier: MIT */
/* What of money is not known, and what may be divided by what. gpt-4o-mini: 0.15 USD per million input tokens. */
#include <math.h>

#include "model/money.h"
#include "unit/view/fixture.h"
#include "view/spend.h"

Suite *suite_money(void);

#define assert_has(text, part) ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in '%s'", part, text)

static uint32_t series(struct fixture *f, enum signal s, const char *gateway, const char *team)
{
    struct series sr = {.source = f->source, .signal = (uint16_t)s};
    uint32_t id = 0;
    sr.dim[DIM_GATEWAY] = fixture_string(f, gateway);
    sr.dim[DIM_MODEL] = fixture_string(f, "gpt-4o-mini");
    sr.dim[DIM_TEAM] = fixture_string(f, team);
    if (s == SIG_REQUESTS)
        sr.dim[DIM_CLASS] = fixture_string(f, "ok");
    ck_assert_int_eq(store_series(f->st, &sr, &id, NULL), ERR_OK);
    return id;
}

/* A minute of a gateway that books 0.1 USD for 10 requests of 1,000 input tokens each, a quarter of them cached. */
static void book(struct fixture *f)
{
    fixture_increment(f, series(f, SIG_COST, "test", "red"), 100000000);
    fixture_increment(f, series(f, SIG_REQUESTS, "test", "red"), 10);
    fixture_increment(f, series(f, SIG_TOKENS_INPUT, "test", "red"), 10000);
    fixture_increment(f, series(f, SIG_TOKENS_CACHED, "test", "red"), 2500);
}

static void record_from(struct fixture *f, int64_t start_ms, bool engine)
{
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        book(f);
        if (engine) /* tells neither requests nor what was cached: 0.15 USD a minute */
            fixture_increment(f, series(f, SIG_TOKENS_INPUT, "engine", "blue"), 1000000);
        fixture_append(f, start_ms + i * fixture_step_ms);
    }
}

static struct view_cost load(struct fixture *f)
{
    struct errctx ctx = {.text = ""};
    struct view_cost v;
    ck_assert_msg(view_load_cost(&f->loader, &f->params, &v, &ctx) == ERR_OK, "%s", ctx.text);
    return v;
}

static const struct vcost_row *total_of(const struct view_cost *v)
{
    return &v->table[v->table_count - 1];
}

static void lose(struct fixture *f, int64_t from_ms, int64_t to_ms, bool lost)
{
    const struct store_gap g = {f->source, from_ms, to_ms, "HTTP 503", lost, 0};
    ck_assert_int_eq(store_put_gap(f->st, &g, NULL), ERR_OK);
}

START_TEST(what_counters_lost_makes_every_amount_a_lower_bound)
{
    static const enum dim by_model[] = {DIM_MODEL};
    struct fixture f;
    struct view_spend s;
    fixture_open(&f);
    record_from(&f, fixture_start_ms, false);
    const int64_t end = f.params.cursor_ms;
    lose(&f, end - 40 * fixture_step_ms, end - 37 * fixture_step_ms, false); /* counters went on: nothing is missing */
    struct view_cost v = load(&f);
    ck_assert_int_eq(total_of(&v)->exact, EXACT);
    ck_assert_uint_eq(v.unknown_count, 0);
    lose(&f, end - 30 * fixture_step_ms, end - 27 * fixture_step_ms + 17000, true);
    v = load(&f);
    for (size_t i = 0; i < v.table_count; i++)
        ck_assert_int_eq(v.table[i].exact, AT_LEAST);
    ck_assert_uint_eq(v.unknown_count, 1);
    ck_assert_int_eq(v.unknown[0].to_ms - v.unknown[0].from_ms, 197000);
    ck_assert_str_eq(v.coverage_text, "spend of 3m17s is not known (15:30:00Z to 15:33:17Z)");
    ck_assert_int_eq(view_load_spend(&f.loader, &f.params, by_model, 1, &s, NULL), ERR_OK);
    ck_assert_int_eq(s.summary.cost.exact, AT_LEAST);
    ck_assert_int_eq(s.summary.computed.exact, AT_LEAST);
    ck_assert_int_eq(s.models[0].booked.exact, AT_LEAST);
    ck_assert_int_eq(s.models[0].computed.exact, AT_LEAST);
    lose(&f, end - 10 * fixture_step_ms, end - 9 * fixture_step_ms, true);
    v = load(&f);
    ck_assert_str_eq(v.coverage_text, "spend of 4m17s is not known (2 gaps)");
    fixture_close(&f);
}
END_TEST

START_TEST(a_window_before_the_recording_is_a_lower_bound_everywhere)
{
    static const enum dim by_model[] = {DIM_MODEL};
    struct fixture f;
    struct view_spend s;
    fixture_open(&f);
    record_from(&f, fixture_start_ms, false);
    f.params.window_ms = INT64_C(24) * 3600000;
    ck_assert_int_eq(view_load_spend(&f.loader, &f.params, by_model, 1, &s, NULL), ERR_OK);
    ck_assert_int_eq(s.summary.cost.exact, AT_LEAST);
    ck_assert_int_eq(s.models[0].computed.exact, AT_LEAST);
    fixture_close(&f);
}
END_TEST

START_TEST(ratios_over_lost_time_are_about)
{
    struct fixture f;
    fixture_open(&f);
    record_from(&f, fixture_start_ms, false);
    struct view_cost v = load(&f);
    ck_assert_str_eq(v.unit_text, "$0.01 a request, $0.01 per 1k tokens, 1k input tokens an answer, 25% cached");
    lose(&f, f.params.cursor_ms - 30 * fixture_step_ms, f.params.cursor_ms - 27 * fixture_step_ms, true);
    v = load(&f);
    ck_assert_str_eq(v.unit_text, "~$0.01 a request, ~$0.01 per 1k tokens, ~1k input tokens an answer, ~25% cached");
    for (size_t i = 0; i < v.table_count; i++)
        ck_assert_int_eq(v.table[i].cached_exact, ABOUT);
    fixture_close(&f);
}
END_TEST

START_TEST(ratios_are_of_who_tells_both_sides)
{
    static const enum dim by_team[] = {DIM_TEAM};
    struct fixture f;
    struct view_spend s;
    fixture_open(&f);
    record_from(&f, fixture_start_ms, true);
    struct view_cost v = load(&f);
    const struct vcost_row *total = total_of(&v);
    ck_assert_int_eq(total->nusd, 60 * INT64_C(250000000));
    ck_assert_double_eq_tol(total->per_request, 0.01, 1e-12);
    ck_assert_double_eq_tol(total->input_per_request, 1000, 1e-9);
    ck_assert_double_eq_tol(total->cached_share, 0.25, 1e-12);
    ck_assert(total->per_request_is_part);
    assert_has(v.unit_text, "~$0.01 a request, ");
    assert_has(v.unit_text, "~1k input tokens an answer, ~25% cached (each where it is told)");
    ck_assert_int_eq(view_load_spend(&f.loader, &f.params, by_team, 1, &s, NULL), ERR_OK);
    /* what the engine did not book is no difference: 0.1 booked, 10,000 tokens of 0.15 (a quarter at 0.075) = 0.0013125 computed */
    ck_assert_int_eq(s.summary.over.lo_nusd, INT64_C(60) * (100000000 - 1312500));
    fixture_close(&f);
}
END_TEST

START_TEST(what_is_spent_now_is_one_number)
{
    struct fixture f;
    fixture_open(&f);
    record_from(&f, fixture_start_ms, true);
    struct view_cost v = load(&f);
    ck_assert(v.is_computed);
    ck_assert_double_eq_tol(v.now_per_h.v, 15, 1e-9);
    ck_assert_double_eq_tol(total_of(&v)->per_h_now.v, v.now_per_h.v, 1e-9);
    ck_assert_double_eq_tol(v.booked_per_h.v, 6, 1e-9);
    double stacked = 0;
    for (size_t i = 0; i < v.stack_count; i++)
        stacked += v.stack[i].now;
    ck_assert_double_eq_tol(stacked, v.booked_per_h.v, 1e-9);
    assert_has(v.stack_text, "booked, ");
    assert_has(v.sentence, ">=$15.0/h over the last 5m, booked, and computed by ");
    fixture_close(&f);
}
END_TEST

/* Three teams whose rates are no whole nano-dollars an hour: what rounding leaves is no team. */
START_TEST(dust_is_no_other)
{
    static const char *const teams[] = {"a", "b", "c"};
    struct fixture f;
    fixture_open(&f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        for (size_t t = 0; t < 3; t++)
            fixture_increment(&f, series(&f, SIG_TOKENS_INPUT, "engine", teams[t]), 7 + (int64_t)t * 3);
        book(&f);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    f.params.now_window_ms = 7 * fixture_step_ms;
    const struct view_cost v = load(&f);
    for (size_t i = 0; i < v.table_count; i++)
        ck_assert(!v.table[i].is_other);
    for (size_t i = 0; i < v.stack_count; i++)
        ck_assert_double_ge(v.stack[i].now, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(a_recording_that_ended_says_of_which_day_it_tells)
{
    struct fixture f;
    fixture_open(&f);
    record_from(&f, fixture_start_ms, false);
    struct view_cost v = load(&f);
    assert_has(v.period_text, " today, ");
    f.params.now_ms = f.params.cursor_ms += 349 * INT64_C(86400000);
    v = load(&f);
    assert_has(v.period_text, ">=$12.0 on 2026-11-23, >=$12.0 in that week, ");
    ck_assert_int_eq(v.period[0].exact, AT_LEAST);
    fixture_close(&f);
}
END_TEST

/* The budget in trouble is the last of the configuration. */
START_TEST(budgets_are_in_the_order_of_their_urgency)
{
    struct fixture f;
    struct errctx ctx = {.text = ""};
    fixture_open(&f);
    config_fini(&f.cfg);
    ck_assert_msg(config_parse(str_of("gateway: test\nbudgets:\n  - {name: all, limit: 90000 USD, period: month}\n"
                                      "  - {name: blue, limit: 9 USD, period: day, scope: team=blue}\n"
                                      "  - {name: red, limit: 12.5 USD, period: day, scope: team=red}\n"),
                               "test", &f.cfg, &ctx) == ERR_OK,
                  "%s", ctx.text);
    record_from(&f, fixture_start_ms, false);
    const struct view_cost v = load(&f);
    ck_assert_uint_eq(v.budget_count, 3);
    ck_assert_str_eq(v.budgets[0].name, "red");
    ck_assert_str_eq(v.budgets[1].name, "all");
    ck_assert_int_eq(strncmp(v.sentence, "Budget red: ", 12), 0); /* it is gone within a day */
    fixture_close(&f);
}
END_TEST

/* 30 s before midnight to 30 s after, each minute. */
START_TEST(a_poll_over_midnight_makes_the_day_about)
{
    const int64_t begin = fixture_start_ms + INT64_C(9) * 3600000; /* two hours around midnight */
    struct fixture f;
    struct errctx ctx = {.text = ""};
    fixture_open(&f);
    config_fini(&f.cfg);
    ck_assert_msg(config_parse(str_of("gateway: test\nbudgets:\n  - {name: day, limit: 9000 USD, period: day}\n"), "test", &f.cfg, &ctx) ==
                      ERR_OK,
                  "%s", ctx.text);
    record_from(&f, begin + 30000, false);
    struct view_cost v = load(&f);
    ck_assert_int_eq(v.period[0].exact, ABOUT);
    ck_assert_int_eq(v.budgets[0].used_exact, ABOUT);
    ck_assert_int_eq(v.budgets[0].end, BUDGET_LASTS); /* half a minute does not make its end unknown */
    assert_has(v.period_text, "~$");
    fixture_close(&f);
    fixture_open(&f);
    record_from(&f, begin, false); /* a poll ends at midnight: nothing is carried over */
    v = load(&f);
    ck_assert_int_eq(v.period[0].exact, EXACT);
    fixture_close(&f);
}
END_TEST

/* Polls each 5 s; of each cost, requests and failures. Returns the end. */
enum { QUICK_MS = 5000 };
static int64_t quick(struct fixture *f, int64_t from_ms, int polls, int64_t nusd, int requests, int failures)
{
    struct series sr = {.source = f->source, .signal = SIG_REQUESTS};
    uint32_t failed = 0;
    sr.dim[DIM_GATEWAY] = fixture_string(f, "test");
    sr.dim[DIM_CLASS] = fixture_string(f, "5xx");
    ck_assert_int_eq(store_series(f->st, &sr, &failed, NULL), ERR_OK);
    for (int i = 1; i <= polls; i++) {
        fixture_increment(f, series(f, SIG_COST, "test", "red"), nusd);
        fixture_increment(f, series(f, SIG_REQUESTS, "test", "red"), requests);
        fixture_increment(f, failed, failures);
        fixture_append_from(f, from_ms + (int64_t)(i - 1) * QUICK_MS, from_ms + (int64_t)i * QUICK_MS);
    }
    return from_ms + (int64_t)polls * QUICK_MS;
}

/* A cent for each of 10 requests in 5 s: 72 USD/h, for six minutes. */
static int64_t busy(struct fixture *f)
{
    fixture_open(f);
    return quick(f, fixture_start_ms, 72, 100000000, 10, 0);
}

START_TEST(traffic_that_stopped_is_told_within_a_minute)
{
    struct fixture f;
    struct view_overview o;
    int64_t end = busy(&f);
    struct view_cost v = load(&f);
    ck_assert_str_eq(v.over_text, "over the last 5m");
    ck_assert_int_eq(v.recent->since_ms, 0);
    (void)quick(&f, end, 6, 0, 0, 0);
    v = load(&f);
    ck_assert_double_eq_tol(v.now_per_h.v, 72 * 0.9, 1e-9);
    ck_assert_int_eq(v.recent->since_ms, end);
    ck_assert(v.recent->stopped && v.recent->is_whole && v.recent->per_h.known);
    ck_assert_int_eq(v.recent->per_h.hi_nusd, 0);
    ck_assert_int_eq(strncmp(v.sentence, ">=$64.8/h over the last 5m (no request ended since 14:06:00Z); ", 60), 0);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_str_eq(o.money_line, ">=$64.8/h over the last 5m (no request ended since 14:06:00Z)");
    (void)quick(&f, end + 6 * QUICK_MS, 50, 0, 0, 0); /* little lies before it */
    v = load(&f);
    ck_assert_int_eq(v.recent->since_ms, end);
    (void)quick(&f, end + 56 * QUICK_MS, 4, 0, 0, 0);
    v = load(&f);
    ck_assert_str_eq(v.over_text, "over the last 5m");
    ck_assert_double_eq(v.now_per_h.v, 0);
    fixture_close(&f);
}
END_TEST

static void put_budget(struct fixture *f, const char *yaml)
{
    struct errctx ctx = {.text = ""};
    config_fini(&f->cfg);
    ck_assert_msg(config_parse(str_of(yaml), "test", &f->cfg, &ctx) == ERR_OK, "%s", ctx.text);
}

/* 7.20 of 20 USD are used at 72 an hour: gone in ten minutes and some, were it not for the stop; blue, without traffic of its own, is
 * nobody's. */
START_TEST(after_a_stop_no_end_is_told_by_the_rate_before)
{
    struct fixture f;
    const int64_t end = busy(&f);
    put_budget(&f, "gateway: test\nbudgets:\n  - {name: red, limit: 20 USD, period: day, scope: team=red}\n");
    struct view_cost v = load(&f);
    ck_assert_int_eq(v.budgets[0].end, BUDGET_GONE);
    assert_has(v.budgets[0].end_text, "gone by 23 Nov 14:16Z at the latest at the 5m rate");
    for (int i = 1; i <= 6; i++) { /* others go on */
        fixture_increment(&f, series(&f, SIG_COST, "test", "blue"), 100000000);
        fixture_increment(&f, series(&f, SIG_REQUESTS, "test", "blue"), 10);
        fixture_increment(&f, series(&f, SIG_COST, "test", "red"), 0);
        fixture_append_from(&f, end + (i - 1) * QUICK_MS, end + i * QUICK_MS);
    }
    v = load(&f);
    ck_assert_int_eq(v.budgets[0].end, BUDGET_UNKNOWN);
    ck_assert_int_eq(v.budgets[0].gone_ms, 0);
    ck_assert_str_eq(v.budgets[0].end_text, "end not known: no request ended since 14:06:00Z");
    put_budget(&f, "gateway: test\nbudgets:\n  - {name: red, limit: 7 USD, period: day, scope: team=red}\n");
    v = load(&f);
    ck_assert_str_eq(v.budgets[0].end_text, "spent, starts anew 24 Nov");
    put_budget(&f, "gateway: test\nbudgets:\n  - {name: all, limit: 20 USD, period: day}\n");
    v = load(&f);
    ck_assert_int_eq(v.budgets[0].end, BUDGET_GONE);
    fixture_close(&f);
}
END_TEST

/* 7.20 USD of 20 are used at 72 an hour, and then a minute goes by at an eighth, or at four times of that. */
START_TEST(a_budget_is_dated_by_the_rate_that_is_proved)
{
    static const struct {
        int64_t nusd;
        int requests;
        const char *rate, *end;
    } rows[] = {{12500000, 1, "at the 55s rate", "gone by 23 Nov 15:31Z at the latest at the 55s rate"},
                {400000000, 40, "at the 1m rate", "gone by 23 Nov 14:08Z at the latest at the 1m rate"}};
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        const int64_t end = busy(&f);
        put_budget(&f, "gateway: test\nbudgets:\n  - {name: red, limit: 20 USD, period: day, scope: team=red}\n");
        (void)quick(&f, end, 12, rows[i].nusd, rows[i].requests, 0);
        const struct view_cost v = load(&f);
        ck_assert_str_eq(v.budgets[0].rate, rows[i].rate);
        ck_assert_str_eq(v.budgets[0].end_text, rows[i].end);
        fixture_close(&f);
    }
}
END_TEST

/* A day at 72 USD/h, 1080 of 2000 are used since midnight, five minutes in polls of 5 s, and then a minute. What rises to twice the day's
 * rate and twice of what it was just before is dated by that minute at once; a busy hour, a fall and a stop are what a day's rate is
 * for. */
START_TEST(a_budget_of_a_days_rate_is_dated_by_a_proved_rise)
{
    static const struct {
        int64_t before_nusd, nusd;
        int requests;
        const char *rate;
        enum budget_end end;
    } rows[] = {{100000000, 300000000, 30, "at the 1m rate", BUDGET_GONE},
                {100000000, 150000000, 15, "at the 24h rate", BUDGET_LASTS},
                {170000000, 260000000, 26, "at the 24h rate", BUDGET_LASTS},
                {100000000, 12500000, 1, "at the 24h rate", BUDGET_LASTS},
                {100000000, 0, 0, "at the 24h rate", BUDGET_LASTS}};
    const int64_t five = 300000, end = fixture_start_ms + 25 * 12 * five;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        fixture_open(&f);
        for (int64_t t = fixture_start_ms; t < end; t += five) {
            fixture_increment(&f, series(&f, SIG_COST, "test", "red"), INT64_C(6000000000));
            fixture_increment(&f, series(&f, SIG_REQUESTS, "test", "red"), 600);
            fixture_append_from(&f, t, t + five);
        }
        (void)quick(&f, quick(&f, end, 60, rows[i].before_nusd, 10, 0), 12, rows[i].nusd, rows[i].requests, 0);
        put_budget(&f, "gateway: test\nbudgets:\n  - {name: red, limit: 2000 USD, period: day, scope: team=red}\n");
        const struct view_cost v = load(&f);
        ck_assert_msg(strcmp(v.budgets[0].rate, rows[i].rate) == 0, "%zu: %s", i, v.budgets[0].rate);
        ck_assert_int_eq(v.budgets[0].end, rows[i].end);
        fixture_close(&f);
    }
}
END_TEST

/* An engine that books nothing: 0.15 USD of tokens in 5 s, and for a minute an eighth of that. Its newest polls are priced by themselves,
 * budget by budget. */
START_TEST(a_computed_budget_is_dated_so_too)
{
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 84; i++) {
        fixture_increment(&f, series(&f, SIG_TOKENS_INPUT, "engine", "blue"), i < 72 ? 1000000 : 125000);
        fixture_increment(&f, series(&f, SIG_REQUESTS, "engine", "blue"), i < 72 ? 80 : 10);
        fixture_append_from(&f, fixture_start_ms + i * QUICK_MS, fixture_start_ms + (i + 1) * QUICK_MS);
    }
    put_budget(&f, "gateway: test\nbudgets:\n  - {name: day, limit: 20 USD, period: day, scope: team=blue}\n"
                   "  - {name: week, limit: 30 USD, period: week, scope: team=blue}\n"
                   "  - {name: month, limit: 40 USD, period: month, scope: team=blue}\n");
    const struct view_cost v = load(&f);
    ck_assert_uint_eq(v.budget_count, 3);
    for (size_t i = 0; i < 3; i++) { /* 11.025 USD are used, and 13.50 an hour is the rate */
        ck_assert_int_eq(v.budgets[i].basis, BUDGET_COMPUTED);
        ck_assert_str_eq(v.budgets[i].rate, "at the 55s rate");
        ck_assert_int_eq(v.budgets[i].gone_ms, f.params.cursor_ms + (int64_t)((20 + 10 * (double)i - 11.025) / 13.5 * 3600000));
    }
    fixture_close(&f);
}
END_TEST

/* An hour of the day at 6 USD an hour; 20 s without counts are little of it, and much of the now window. */
START_TEST(a_rate_over_lost_time_is_a_lower_bound)
{
    static const char *const budgets[] = {"gateway: test\nbudgets:\n  - {name: day, limit: 10 USD, period: day}\n",
                                          "gateway: test\nbudgets:\n  - {name: day, limit: 9000 USD, period: day}\n"};
    static const char *const ends[2][2] = {
        {"gone 24 Nov 01:40Z at the 5m rate", "lasts to reset 25 Nov at the 5m rate"},
        {"gone by 24 Nov 01:40Z at the latest at the 5m rate", "end not known at the 5m rate: spend of some of its time was lost"}};
    struct fixture f;
    fixture_open(&f);
    record_from(&f, fixture_start_ms + INT64_C(9) * 3600000, false);
    for (int lost = 0; lost < 2; lost++) {
        for (int i = 0; i < 2; i++) {
            put_budget(&f, budgets[i]);
            const struct view_cost v = load(&f);
            ck_assert_str_eq(v.budgets[0].end_text, ends[lost][i]);
        }
        lose(&f, f.params.cursor_ms - 100000, f.params.cursor_ms - 80000, true);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(requests_that_fail_and_cost_nothing_are_no_silence)
{
    struct fixture f;
    const int64_t end = busy(&f);
    (void)quick(&f, end, 12, 0, 0, 10);
    const struct view_cost v = load(&f);
    ck_assert_str_eq(v.recent->text, "nothing booked since 14:06:00Z");
    fixture_close(&f);
}
END_TEST

/* Two minutes of nothing, and then the same as before: within ten seconds it is told, and one dear request in as short a time is no
 * rise. */
START_TEST(traffic_that_is_back_is_told_at_once)
{
    struct fixture f;
    int64_t end = busy(&f);
    end = quick(&f, end, 24, 0, 0, 0);
    (void)quick(&f, end, 2, 100000000, 10, 0);
    struct view_cost v = load(&f);
    ck_assert_str_eq(v.over_text, "over the last 5m (>=$72.0/h since 14:08:00Z)");
    ck_assert_int_eq(v.recent->per_h.lo_nusd, INT64_C(72000000000));
    fixture_close(&f);
    end = busy(&f);
    end = quick(&f, end, 1, 800000000, 10, 0);
    (void)quick(&f, end, 1, 100000000, 10, 0);
    v = load(&f);
    ck_assert_int_eq(v.recent->since_ms, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(a_rate_that_doubled_is_told_with_its_time)
{
    struct fixture f;
    struct view_cost v;
    int64_t end = busy(&f);
    (void)quick(&f, end, 12, 200000000, 20, 0);
    v = load(&f);
    ck_assert_int_eq(v.recent->since_ms, end);
    ck_assert_int_eq(v.recent->per_h.lo_nusd, INT64_C(144000000000));
    ck_assert_str_eq(v.over_text, "over the last 5m (>=$144/h since 14:06:00Z)");
    end += 12 * QUICK_MS;
    (void)quick(&f, end, 8, 0, 0, 0); /* the last change counts */
    v = load(&f);
    ck_assert_str_eq(v.recent->text, "no request ended since 14:07:00Z");
    fixture_close(&f);
    end = busy(&f); /* dearer, and no more of them */
    (void)quick(&f, end, 8, 400000000, 10, 0);
    v = load(&f);
    ck_assert_str_eq(v.recent->text, ">=$288/h since 14:06:00Z");
    fixture_close(&f);
}
END_TEST

/* A poll in which spend fell from 72 to 9 dollars an hour holds some of both: `>=` is of what came after it, and of the poll alone nothing
 * is told. */
START_TEST(a_rate_that_fell_is_of_the_time_after_it)
{
    struct fixture f;
    struct view_cost v;
    int64_t end = busy(&f);
    put_budget(&f, "gateway: test\nbudgets:\n  - {name: red, limit: 20 USD, period: day, scope: team=red}\n");
    end = quick(&f, end, 1, 50000000, 5, 0);
    for (int i = 0; i < 14; i++) {
        end = quick(&f, end, 1, 12500000, 1, 0);
        v = load(&f);
        ck_assert(i < 12 || v.recent->since_ms != 0);
        if (v.recent->since_ms != 0) {
            ck_assert_int_eq(v.recent->per_h.lo_nusd, INT64_C(9000000000));
            ck_assert_int_ge(v.budgets[0].gone_ms, f.params.cursor_ms + (int64_t)((20.0 - 7.25 - 0.0125 * (i + 1)) / 9 * 3600000) - 1000);
        }
    }
    fixture_close(&f);
}
END_TEST

/* An engine that is paid by its tokens falls silent, beside a gateway that books and tells no tokens; then that one, too. */
START_TEST(what_is_computed_stops_and_what_is_booked_goes_on)
{
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 84; i++) {
        fixture_increment(&f, series(&f, SIG_COST, "test", "red"), i < 72 ? 100000000 : 0);
        fixture_increment(&f, series(&f, SIG_TOKENS_INPUT, "engine", "blue"), i < 60 ? 1000000 : 0);
        fixture_append_from(&f, fixture_start_ms + i * QUICK_MS, fixture_start_ms + (i + 1) * QUICK_MS);
        if (i != 71 && i != 83)
            continue;
        const struct view_cost v = load(&f);
        ck_assert(v.is_computed);
        ck_assert_int_eq(v.recent->since_ms, fixture_start_ms + 60 * QUICK_MS);
        ck_assert(!v.recent->stopped);
        ck_assert_int_eq(v.recent->per_h.lo_nusd, INT64_C(72000000000) / (i == 71 ? 1 : 2));
    }
    fixture_close(&f);
}
END_TEST

START_TEST(chance_proves_nothing)
{
    struct fixture f;
    struct view_cost v;
    fixture_open(&f);
    int64_t end = fixture_start_ms;
    for (int i = 0; i < 80; i++) /* 6 requests a minute of unlike prices; the last 45 s without any */
        end = quick(&f, end, 1, i % 2 == 0 && i < 71 ? 10000000 * (1 + i * 7 % 13) : 0, i % 2 == 0 && i < 71, 0);
    v = load(&f);
    ck_assert_int_eq(v.recent->since_ms, 0);
    fixture_close(&f);
    end = busy(&f);
    end = quick(&f, end, 3, 0, 0, 0); /* 15 s */
    v = load(&f);
    ck_assert_int_eq(v.recent->since_ms, 0);
    lose(&f, end - 2 * QUICK_MS, end - QUICK_MS, true); /* and what is lost in the time proves nothing of it */
    (void)quick(&f, end, 4, 0, 0, 0);
    v = load(&f);
    ck_assert_int_eq(v.recent->since_ms, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(what_was_cached_is_of_the_models_that_tell_it)
{
    struct fixture f;
    struct series silent = {.signal = SIG_TOKENS_INPUT};
    uint32_t id = 0;
    fixture_open(&f);
    silent.source = f.source;
    silent.dim[DIM_GATEWAY] = fixture_string(&f, "test");
    silent.dim[DIM_MODEL] = fixture_string(&f, "tells-nothing");
    silent.dim[DIM_TEAM] = fixture_string(&f, "red");
    ck_assert_int_eq(store_series(f.st, &silent, &id, NULL), ERR_OK);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        book(&f);
        fixture_increment(&f, id, 90000);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    const struct view_cost v = load(&f);
    ck_assert_double_eq_tol(total_of(&v)->cached_share, 0.25, 1e-12);
    ck_assert(total_of(&v)->cached_is_part);
    assert_has(v.unit_text, "25% cached (each where it is told)");
    const struct vrow *row = fixture_row(v.tokens, v.token_count, "cached input %");
    ck_assert_double_eq_tol(row->now.v, 25, 1e-9);
    ck_assert_int_eq(row->now.exact, ABOUT);
    ck_assert_double_eq_tol(row->strip.v[30], 25, 1e-9);
    fixture_close(&f);
}
END_TEST

START_TEST(a_keys_own_limit_stands_in_its_row)
{
    static const struct {
        enum signal s;
        const char *key;
        double usd;
    } gauges[] = {{SIG_BUDGET_LIMIT, "k1", 50}, {SIG_BUDGET_REMAINING, "k1", 12.5}, {SIG_BUDGET_LIMIT, "k2", (double)NAN}};
    struct fixture f;
    fixture_open(&f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        for (size_t k = 0; k < 2; k++) {
            struct series sr = {.source = f.source, .signal = SIG_COST};
            uint32_t id = 0;
            sr.dim[DIM_KEY] = fixture_string(&f, k == 0 ? "k1" : "k2");
            ck_assert_int_eq(store_series(f.st, &sr, &id, NULL), ERR_OK);
            fixture_increment(&f, id, k == 0 ? 2000000 : 1000000);
        }
        for (size_t g = 0; g < sizeof gauges / sizeof gauges[0]; g++) {
            struct series sr = {.source = f.source, .signal = (uint16_t)gauges[g].s};
            uint32_t id = 0;
            sr.dim[DIM_KEY] = fixture_string(&f, gauges[g].key);
            ck_assert_int_eq(store_series(f.st, &sr, &id, NULL), ERR_OK);
            f.items[f.count++] = (struct store_item){.series = id, .v.gauge = gauges[g].usd};
        }
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    f.params.group = DIM_KEY;
    const struct view_cost v = load(&f);
    ck_assert_uint_eq(v.table_count, 3);
    ck_assert_str_eq(v.table[0].name, "k1");
    ck_assert(v.table[0].limit_known && v.table[0].left_known);
    ck_assert_int_eq(v.table[0].limit_nusd, INT64_C(50000000000));
    ck_assert_int_eq(v.table[0].left_nusd, INT64_C(12500000000));
    ck_assert(!v.table[1].limit_known); /* no limit */
    ck_assert(!total_of(&v)->limit_known);
    fixture_close(&f);
}
END_TEST

Suite *suite_money(void)
{
    Suite *s = suite_create("money");
    TCase *t = tcase_create("money");
    tcase_add_test(t, what_counters_lost_makes_every_amount_a_lower_bound);
    tcase_add_test(t, a_window_before_the_recording_is_a_lower_bound_everywhere);
    tcase_add_test(t, ratios_over_lost_time_are_about);
    tcase_add_test(t, ratios_are_of_who_tells_both_sides);
    tcase_add_test(t, what_is_spent_now_is_one_number);
    tcase_add_test(t, traffic_that_stopped_is_told_within_a_minute);
    tcase_add_test(t, after_a_stop_no_end_is_told_by_the_rate_before);
    tcase_add_test(t, a_budget_is_dated_by_the_rate_that_is_proved);
    tcase_add_test(t, a_budget_of_a_days_rate_is_dated_by_a_proved_rise);
    tcase_add_test(t, a_computed_budget_is_dated_so_too);
    tcase_add_test(t, a_rate_over_lost_time_is_a_lower_bound);
    tcase_add_test(t, requests_that_fail_and_cost_nothing_are_no_silence);
    tcase_add_test(t, traffic_that_is_back_is_told_at_once);
    tcase_add_test(t, a_rate_that_doubled_is_told_with_its_time);
    tcase_add_test(t, a_rate_that_fell_is_of_the_time_after_it);
    tcase_add_test(t, what_is_computed_stops_and_what_is_booked_goes_on);
    tcase_add_test(t, chance_proves_nothing);
    tcase_add_test(t, what_was_cached_is_of_the_models_that_tell_it);
    tcase_add_test(t, a_keys_own_limit_stands_in_its_row);
    tcase_add_test(t, dust_is_no_other);
    tcase_add_test(t, a_recording_that_ended_says_of_which_day_it_tells);
    tcase_add_test(t, budgets_are_in_the_order_of_their_urgency);
    tcase_add_test(t, a_poll_over_midnight_makes_the_day_about);
    suite_add_tcase(s, t);
    return s;
}
