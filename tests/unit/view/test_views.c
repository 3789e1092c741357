/* SPDX-License-Identifier: MIT */
/* Every number of a pane, traced from what was appended to the view that is drawn. */
#include <math.h>

#include "base/timefmt.h"
#include "fixture.h"
#include "model/money.h"
#include "view/proposals.h"
#include "view/vparts.h"
#include "view/vread.h"
#include "view/vsuspects.h"
#include "view/vtext.h"

/* Per minute: gpt-x/search 60 ok; gpt-x/batch 20 ok, 15 5xx, 5 client (in the last 10 minutes; before: 35 ok, 5 client);
 * c-s/batch no requests at all but spend; cost 0.06 USD for search, 0.03 for batch, doubled for key k2 in the last 10 minutes. */
static void record(struct fixture *f)
{
    fixture_open(f);
    static const double bounds[] = {0.1, 1, 10};
    const struct hist_bounds *hb;
    ck_assert_int_eq(store_bounds(f->st, bounds, 3, &hb, NULL), ERR_OK);
    uint32_t ok_search = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", "");
    uint32_t ok_batch = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "batch", "k2", "ok", "");
    uint32_t bad_batch = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "batch", "k2", "5xx", "");
    uint32_t client_batch = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "batch", "k2", "client", "");
    uint32_t cost_search = fixture_series(f, SIG_COST, 0, "gpt-x", "search", "k1", "", "");
    uint32_t cost_batch = fixture_series(f, SIG_COST, 0, "gpt-x", "batch", "k2", "", "");
    uint32_t tokens = fixture_series(f, SIG_TOKENS_INPUT, 0, "gpt-x", "search", "k1", "", "");
    uint32_t ttft = fixture_series(f, SIG_TTFT, hb->id, "gpt-x", "search", "k1", "", "");
    uint32_t eval = fixture_series(f, SIG_EVAL, 0, "gpt-x", "", "", "", "json_valid");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        bool late = i > FIXTURE_POLLS - 10;
        const struct store_hist_count counts[] = {{1, 50}, {late ? 3u : 2u, 10}};
        fixture_increment(f, ok_search, 60);
        fixture_increment(f, ok_batch, late ? 20 : 35);
        fixture_increment(f, bad_batch, late ? 15 : 0);
        fixture_increment(f, client_batch, 5);
        fixture_increment(f, cost_search, 60000000);
        fixture_increment(f, cost_batch, late ? 60000000 : 30000000);
        fixture_increment(f, tokens, 1000);
        f->items[f->count] = (struct store_item){.series = ttft};
        f->items[f->count].v.hist.sum_fixed = INT64_C(40000000000);
        f->items[f->count].v.hist.n = 60;
        f->items[f->count].v.hist.counts = counts;
        f->items[f->count++].v.hist.count = 2;
        f->items[f->count] = (struct store_item){.series = eval};
        f->items[f->count].v.score.n = 20;
        f->items[f->count].v.score.bad = late ? 8 : i % 10 == 0;
        f->items[f->count].v.score.sum_fixed = (20 - f->items[f->count].v.score.bad) * INT64_C(1000000000);
        f->count++;
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

START_TEST(overview_rows_are_what_was_recorded)
{
    struct fixture f;
    struct view_overview v;
    record(&f);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    const struct vrow *r = fixture_row(v.rows, v.row_count, "req/s");
    ck_assert_double_eq_tol(r->now.v, 100.0 / 60, 1e-9);
    ck_assert_uint_eq(r->now.n, 500);
    ck_assert_double_eq_tol(r->then.v, 100.0 / 60, 1e-9);
    r = fixture_row(v.rows, v.row_count, "fail % all"); /* 15 of 60 + 20 + 15: the client's own faults are in no share */
    ck_assert_double_eq_tol(r->now.v, 100.0 * 15 / 95, 1e-9);
    ck_assert_uint_eq(r->now.n, 95 * 5);
    ck_assert_double_eq_tol(r->then.v, 0, 1e-12);
    ck_assert_double_eq_tol(r->strip.v[59], 100.0 * 15 / 95, 1e-9);
    ck_assert_double_eq_tol(r->strip.v[49], 0, 1e-12);
    ck_assert_double_eq_tol(r->strip.v[50], 100.0 * 15 / 95, 1e-9);
    r = fixture_row(v.rows, v.row_count, "ttft p95"); /* 60 a minute, 10 of them in the open bucket: the 95 % rank lies there */
    ck_assert(r->now.v == 10 && r->now.exact == ABOVE);
    ck_assert(isinf(r->strip.v[59]));
    ck_assert_double_le(r->strip.v[0], 10);
    r = fixture_row(v.rows, v.row_count, "cost $/h");
    ck_assert_double_eq_tol(r->now.v, 0.12 * 60, 1e-9);
    ck_assert_int_eq(r->now.exact, AT_LEAST);
    fixture_close(&f);
}
END_TEST

/* The column of earlier values, the change of spend and the stages call one time by one name, and none by that of another. */
START_TEST(a_comparison_has_one_name)
{
    struct fixture f;
    struct view_frame frame;
    struct view_cost cost;
    record(&f);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &cost, NULL), ERR_OK);
    ck_assert_int_eq(frame.axis.compare_ms, 3600000);
    ck_assert_str_eq(frame.axis.against, "1h ago");
    ck_assert_str_eq(cost.against, frame.axis.against);
    ck_assert_str_eq(vparts_against(2 * INT64_C(86400000)), "earlier");
    f.params.compare_ms = 0;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_str_eq(frame.axis.against, "");
    fixture_close(&f);
}
END_TEST

START_TEST(who_is_hit_sums_to_the_total)
{
    struct fixture f;
    struct view_overview v;
    uint64_t sum = 0;
    record(&f);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.hits.total, 75);
    ck_assert_str_eq(v.hits.list[0].name, "batch");
    ck_assert_uint_eq(v.hits.list[0].bad, 75);
    for (size_t i = 0; i < v.hits.count; i++) {
        sum += v.hits.list[i].bad;
        ck_assert_msg(v.hits.list[i].bad > 0 || v.hits.list[i].cost_per_h.v >= 0.005, "%s is not hit and spends nothing",
                      v.hits.list[i].name);
    }
    ck_assert_uint_eq(sum, v.hits.total);
    fixture_close(&f);
}
END_TEST

START_TEST(cost_rows_sum_to_the_total_and_parts_to_the_change)
{
    struct fixture f;
    struct view_cost v;
    int64_t sum = 0, parts = 0;
    record(&f);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.total_nusd, 60 * INT64_C(60000000) + 50 * INT64_C(30000000) + 10 * INT64_C(60000000));
    for (size_t i = 0; i + 1 < v.table_count; i++)
        sum += v.table[i].nusd;
    ck_assert(v.table[v.table_count - 1].is_total);
    ck_assert_int_eq(sum, v.table[v.table_count - 1].nusd);
    ck_assert_int_eq(sum, v.total_nusd);
    for (size_t i = 0; i < v.part_count; i++)
        parts += v.parts[i].per_h_nusd;
    ck_assert_int_eq(parts, 60 * INT64_C(30000000)); /* 0.12 against 0.09 USD a minute */
    ck_assert_str_eq(v.parts[0].label, "key k2");
    ck_assert_str_eq(v.against, "1h ago");
    fixture_close(&f);
}
END_TEST

/* The last minute is ten times as dear as the four before it: the legend, the table and the total are of the same five minutes, and add
 * up. */
START_TEST(the_legend_the_table_and_the_total_are_of_one_window)
{
    struct fixture f;
    struct view_cost v;
    double legend = 0, rows = 0;
    record(&f);
    fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", ""), 600000000);
    fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", "batch", "k2", "", ""), 120000000);
    fixture_append(&f, fixture_start_ms + (FIXTURE_POLLS + 1) * fixture_step_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params.group = DIM_KEY;
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_double_eq_tol(v.now_per_h.v, (4 * 0.12 + 0.72) * 12, 1e-9);
    ck_assert_uint_ge(v.stack_count, 2);
    for (size_t i = 0; i < v.stack_count; i++)
        legend += v.stack[i].now;
    ck_assert_double_eq_tol(legend, v.now_per_h.v, 1e-8);
    for (size_t i = 0; i + 1 < v.table_count; i++)
        rows += v.table[i].per_h_now.v;
    ck_assert_double_eq_tol(rows, v.now_per_h.v, 1e-9);
    ck_assert_double_eq_tol(v.table[v.table_count - 1].per_h_now.v, v.now_per_h.v, 1e-12);
    ck_assert_str_eq(v.table[0].owner, "search");
    fixture_close(&f);
}
END_TEST

/* 60,000 tokens in an hour of 3,600 answers to k1; k2 was answered 35 times in each of fifty minutes and 20 times in each of ten. */
START_TEST(what_a_request_costs_and_how_long_its_prompt_is)
{
    struct fixture f;
    struct view_cost v;
    record(&f);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    const struct vcost_row *total = &v.table[v.table_count - 1];
    ck_assert_uint_eq(total->answered, 5550);
    ck_assert_double_eq_tol(total->input_per_request, 60000.0 / 5550, 1e-9);
    ck_assert_double_eq_tol(total->per_request, 5.7 / 6000, 1e-12); /* of all of them */
    ck_assert_double_eq_tol(total->per_1k_tokens, 5.7 / 60, 1e-12);
    ck_assert_str_eq(v.unit_text, "$0.00095 a request, $0.095 per 1k tokens, 11 input tokens an answer, ? cached");
    for (size_t i = 0; i + 1 < v.table_count; i++)
        if (strcmp(v.table[i].name, "search") == 0)
            ck_assert_double_eq_tol(v.table[i].input_per_request, 1000.0 / 60, 1e-9);
    ck_assert_str_eq(v.movers_text, "team batch +$1.80/h"); /* 0.06 against 0.03 USD a minute; search is as it was */
    ck_assert_str_eq(v.stack_text, "what changed");
    fixture_close(&f);
}
END_TEST

/* Twenty minutes before its end nothing of record() had changed. */
START_TEST(where_nothing_stands_out_the_rows_are_stacked)
{
    struct fixture f;
    struct view_cost v;
    double now = 0;
    record(&f);
    f.params.cursor_ms -= 20 * fixture_step_ms;
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.stack_text, "by team");
    ck_assert_uint_eq(v.stack_count, 3);
    ck_assert_str_eq(v.stack[1].label, "team search");
    ck_assert_double_eq_tol(v.stack[1].now, 0.06 * 60, 1e-9);
    ck_assert_double_eq_tol(v.stack[2].now, 0.03 * 60, 1e-9);
    const struct vcost_row *total = &v.table[v.table_count - 1];
    for (size_t i = 0; i < v.stack_count; i++)
        now += v.stack[i].now;
    ck_assert_double_eq_tol(now, v.now_per_h.v, 1e-9);
    for (uint32_t c = 0; c < f.params.columns; c++)
        if (!isnan(total->strip.v[c]))
            ck_assert_double_eq_tol(v.stack[0].v[c] + v.stack[1].v[c] + v.stack[2].v[c], total->strip.v[c], 1e-9);
    ck_assert_str_eq(v.surcharge_text, "");
    fixture_close(&f);
}
END_TEST

/* What is known of tokens is known of each kind; what nobody tells is not 0. */
START_TEST(each_kind_of_token_is_known_by_itself)
{
    struct fixture f;
    struct view_cost v;
    record(&f);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    const struct vcost_row *total = &v.table[v.table_count - 1];
    ck_assert(total->input_known && !total->cached_known && !total->output_known);
    ck_assert_uint_eq(total->tokens_in, 60000);
    fixture_close(&f);
}
END_TEST

START_TEST(a_window_longer_than_the_recording_says_so)
{
    struct fixture f;
    struct view_cost v;
    record(&f);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.coverage_text, "");
    ck_assert_int_eq(v.table[0].exact, EXACT);
    f.params.window_ms = 30 * INT64_C(86400000);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.coverage_text, "recorded since 23 Nov 14:01Z, not the whole 30d");
    for (size_t i = 0; i < v.table_count; i++)
        ck_assert_int_eq(v.table[i].exact, AT_LEAST);
    fixture_close(&f);
}
END_TEST

static struct vbudget budget_of(struct fixture *f, const char *limit, const char *period)
{
    char yaml[128];
    struct view_cost v;
    config_fini(&f->cfg);
    ck_assert(str_format(yaml, sizeof yaml, "gateway: test\nbudgets:\n  - {name: b, limit: %s USD, period: %s}\n", limit, period));
    ck_assert_int_eq(config_parse(str_of(yaml), "test", &f->cfg, NULL), ERR_OK);
    ck_assert_int_eq(view_load_cost(&f->loader, &f->params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.budget_count, 1);
    ck_assert_ptr_nonnull(strstr(v.sentence, v.budgets[0].text));
    return v.budgets[0];
}

/* Recorded from 14:00 to 16:00 of 23 November: 11.10 - 3 x 0.60 ... USD in sum, at 7.20 USD/h. */
START_TEST(a_budget_of_which_not_all_was_recorded_is_not_safe)
{
    struct fixture f;
    record(&f);
    const int64_t used = FIXTURE_POLLS * INT64_C(60000000) + 110 * INT64_C(30000000) + 10 * INT64_C(60000000);
    struct vbudget b = budget_of(&f, "100000", "month");
    ck_assert_int_eq(b.used_nusd, used);
    ck_assert_int_eq(b.used_exact, AT_LEAST);
    ck_assert_int_eq(b.end, BUDGET_UNKNOWN);
    ck_assert_int_eq(b.gone_ms, 0);
    ck_assert_str_eq(b.text, "end not known: recorded since 23 Nov 14:01Z");
    b = budget_of(&f, "18.3", "month"); /* even the lower bound leaves no more than an hour of it */
    ck_assert_int_eq(b.end, BUDGET_GONE);
    ck_assert_int_eq(b.gone_ms, f.params.now_ms + 3600000);
    ck_assert_str_eq(b.text, "gone by 23 Nov 17:00Z at the latest at the 5m rate");
    ck_assert_str_eq(budget_of(&f, "1", "month").text, "spent, starts anew 1 Dec");
    /* The day after is recorded from its start. */
    fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", ""), 60000000);
    fixture_append(&f, fixture_start_ms + 12 * INT64_C(3600000));
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    b = budget_of(&f, "100", "day");
    ck_assert_int_eq(b.used_exact, EXACT);
    ck_assert_int_eq(b.end, BUDGET_LASTS);
    ck_assert_ptr_nonnull(strstr(b.text, "lasts to reset 25 Nov at the 1m rate"));
    ck_assert_int_eq(budget_of(&f, "100000", "week").end, BUDGET_UNKNOWN);
    fixture_close(&f);
}
END_TEST

/* 7.20 USD/h against 2,592 and 720 USD for the 720 hours of November; of what no budget is just for, there is no plan. */
START_TEST(spend_is_held_against_the_plan_of_what_is_shown)
{
    struct fixture f;
    struct view_cost v;
    record(&f);
    config_fini(&f.cfg);
    ck_assert_int_eq(config_parse(str_of("gateway: test\nbudgets:\n- {name: s, limit: 720 USD, period: month, scope: team=search}\n"
                                         "- {name: b, limit: 2592 USD, period: month}\n"),
                                  "test", &f.cfg, NULL),
                     ERR_OK);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_double_eq(v.plan_per_h, 3.6);
    ck_assert_str_eq(v.plan_text, "budget b");
    ck_assert_msg(strstr(v.sentence, ">=$7.20/h over the last 5m, plan $3.60/h (>=2.0x)") == v.sentence, "%s", v.sentence);
    f.params.filter = "team=search";
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_double_eq(v.plan_per_h, 1);
    f.params.filter = "team=search model=gpt-x";
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert(isnan(v.plan_per_h));
    ck_assert_ptr_null(strstr(v.sentence, "plan"));
    fixture_close(&f);
}
END_TEST

/* Spend over (t0, t1], in one poll. */
static void spend(struct fixture *f, uint32_t series, int64_t from_ms, int64_t to_ms, int64_t nusd_per_minute)
{
    const struct store_item item = {.series = series, .v.increment = (to_ms - from_ms) / fixture_step_ms * nusd_per_minute};
    const struct store_batch b = {.source = f->source, .t0_ms = from_ms, .t1_ms = to_ms, .items = &item, .count = 1};
    ck_assert_int_eq(store_append(f->st, &b, 1, NULL), ERR_OK);
}

/* A day at 0.06 USD a minute, then five minutes at that and at three times that: a day's rate is no forecast of what runs away. */
START_TEST(what_runs_away_is_forecast_at_the_rate_of_now)
{
    static const struct {
        int64_t nusd;
        const char *rate;
    } rows[] = {{60000000, "at the 24h rate"}, {110000000, "at the 24h rate"}, {180000000, "at the 5m rate"}};
    const int64_t five = 5 * fixture_step_ms, end = fixture_start_ms + 25 * 3600000;
    struct fixture f;
    fixture_open(&f);
    uint32_t cost = fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", "");
    for (int64_t t = fixture_start_ms; t < end; t += five)
        spend(&f, cost, t, t + five, 60000000);
    spend(&f, cost, end, end + five, rows[_i].nusd);
    fixture_append(&f, end + five);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_str_eq(budget_of(&f, "1000", "day").rate, rows[_i].rate);
    fixture_close(&f);
}
END_TEST

/* 1 USD in every hour since 1 October, but for the nights where there are any; it is noon of 24 November, 156 hours before the month's
 * end. */
static void record_months(struct fixture *f, bool nights)
{
    const int64_t hour = 3600000, end = fixture_start_ms + 22 * hour, start = end - (54 * 24 + 12) * hour;
    fixture_open(f);
    uint32_t cost = fixture_series(f, SIG_COST, 0, "gpt-x", "search", "k1", "", ""),
             other = fixture_series(f, SIG_COST, 0, "c-s", "batch", "k2", "", "");
    enum { AT_ONCE = 131 }; /* hours in a commit; the last one is alone */
    static struct store_item items[AT_ONCE][2];
    static struct store_batch batches[AT_ONCE];
    for (int64_t t = start; t < end;) {
        size_t n = 0;
        for (; n < AT_ONCE && t < end && (n == 0 || t < end - hour); n++, t += hour) {
            const bool asleep = nights && (t / hour % 24 < 6 || t / hour % 24 >= 18);
            items[n][0] = (struct store_item){.series = cost, .v.increment = 1000000000};
            items[n][1] = (struct store_item){.series = other, .v.increment = 60000};
            batches[n] = (struct store_batch){
                .source = f->source, .t0_ms = t, .t1_ms = t + hour, .items = &items[n][asleep ? 1 : 0], .count = asleep ? 1 : 2};
        }
        ck_assert_int_eq(store_append(f->st, batches, n, NULL), ERR_OK);
    }
    fixture_append(f, end);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static struct vbudget month_of(struct fixture *f, const char *limit, const char *scope)
{
    char yaml[160];
    struct view_cost v;
    config_fini(&f->cfg);
    ck_assert(
        str_format(yaml, sizeof yaml, "gateway: test\nbudgets:\n  - {name: b, limit: %s USD, period: month, scope: %s}\n", limit, scope));
    ck_assert_int_eq(config_parse(str_of(yaml), "test", &f->cfg, NULL), ERR_OK);
    ck_assert_int_eq(view_load_cost(&f->loader, &f->params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.budget_count, 1);
    return v.budgets[0];
}

/* 564 USD of November are spent. */
START_TEST(a_budget_ends_by_the_usual_course_of_its_scope)
{
    const int64_t hour = 3600000;
    struct fixture f;
    record_months(&f, false);
    struct vbudget b = month_of(&f, "600.5", "team=search");
    ck_assert_int_eq(b.used_exact, EXACT);
    ck_assert_msg(b.by_course, "%s", b.text);
    ck_assert_int_eq(b.end, BUDGET_GONE);
    ck_assert_int_le(llabs(b.gone_ms - (f.params.now_ms + 36 * hour + hour / 2)), 1000);
    ck_assert_int_le(b.gone_from_ms, b.gone_ms);
    ck_assert_int_ge(b.gone_to_ms, b.gone_ms);
    ck_assert_double_eq_tol(b.over, 1, 1e-6);
    ck_assert_str_eq(b.end_text, "gone 26 Nov 00:30Z by the usual course (26 Nov 00:30Z to 26 Nov 00:30Z), P(over) >99.9%");
    f.params.cursor_ms -= 25 * hour + hour / 2; /* what the rest of that hour cost was not known then */
    b = month_of(&f, "600.5", "team=search");
    ck_assert_int_le(llabs(b.gone_ms - (f.params.now_ms + 36 * hour + hour / 2)), 1000);
    f.params.cursor_ms = f.params.now_ms;
    b = month_of(&f, "721", "team=search");
    ck_assert_int_eq(b.end, BUDGET_LASTS);
    ck_assert_int_eq(b.gone_ms, 0);
    ck_assert_double_eq_tol(b.over, 0, 1e-6);
    ck_assert_ptr_nonnull(strstr(b.text, "lasts to reset 1 Dec by the usual course, P(over) <0.1%"));
    fixture_close(&f);
    /* Twelve hours of a day cost nothing: 18 USD are 6 of today, 12 of tomorrow. A rate of the last day would have said midnight. */
    record_months(&f, true);
    b = month_of(&f, "300", "team=search");
    ck_assert_int_eq(b.used_nusd, INT64_C(1000000000) * (23 * 12 + 6));
    ck_assert_int_le(llabs(b.gone_ms - (f.params.now_ms + 30 * hour)), hour / 60);
    fixture_close(&f);
}
END_TEST

/* It is Tuesday noon: half of today, a day and a half of the week, 23.5 days of the month; beside them what batch spends, 60,000 nano-USD
 * an hour. */
START_TEST(the_running_day_week_and_month)
{
    static const int64_t hours[VCOST_PERIODS] = {12, 36, 564};
    struct fixture f;
    struct view_cost v;
    record_months(&f, false);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    for (int i = 0; i < VCOST_PERIODS; i++) {
        ck_assert(v.period[i].known);
        ck_assert_int_eq(v.period[i].exact, EXACT);
        ck_assert_int_eq(v.period[i].from_ms, f.params.now_ms - hours[i] * 3600000);
        ck_assert_int_eq(v.period[i].nusd, hours[i] * INT64_C(1000060000));
    }
    ck_assert_str_eq(v.period_text, "$12.0 today, $36.0 this week, $564 this month");
    fixture_close(&f);
    record(&f);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.period[0].exact, AT_LEAST); /* recorded since 14:01 */
    fixture_close(&f);
}
END_TEST

/* Two days are no history, and of a month that was not recorded from its start nobody knows what is left. */
START_TEST(without_enough_history_there_is_no_course)
{
    struct fixture f;
    record(&f);
    struct vbudget b = month_of(&f, "1000", "team=search");
    ck_assert(!b.by_course && isnan(b.over));
    ck_assert_str_eq(b.text, "end not known: recorded since 23 Nov 14:01Z");
    fixture_close(&f);
}
END_TEST

/* Ten times the usual spend in the last five minutes: the date is that of now, the usual course is said beside it. */
START_TEST(what_runs_away_has_no_usual_course)
{
    struct fixture f;
    record_months(&f, false);
    const int64_t now = f.params.now_ms, five = 5 * fixture_step_ms;
    spend(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", ""), now, now + five, INT64_C(10000000000) / 60); /* 10 USD/h */
    fixture_append(&f, now + five);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    struct vbudget b = month_of(&f, "740", "team=search");
    ck_assert(!b.by_course && b.runs_away);
    ck_assert_str_eq(b.rate, "at the 5m rate");
    ck_assert_double_eq_tol(b.over, 0, 1e-3);
    ck_assert_ptr_nonnull(strstr(b.text, "at the 5m rate; by the usual course P(over) <0.1%"));
    fixture_close(&f);
}
END_TEST

/* One replica tells the first three of the last five minutes, another the last two, of other keys: 60 requests in every minute of them. */
START_TEST(replicas_that_take_turns_are_not_added_up_in_time)
{
    struct fixture f;
    struct view_traffic v;
    double sum = 0;
    fixture_open(&f);
    uint32_t one = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    for (int i = 1; i <= FIXTURE_POLLS - 2; i++) {
        fixture_increment(&f, one, 60);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    fixture_source(&f, "other");
    uint32_t two = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k2", "ok", "");
    for (int i = FIXTURE_POLLS - 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, two, 60);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params.group = DIM_KEY;
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_double_eq_tol(v.table[v.table_count - 1].req_per_s.v, 1, 1e-9);
    for (size_t i = 0; i + 1 < v.table_count; i++)
        sum += v.table[i].req_per_s.v;
    ck_assert_double_eq_tol(sum, 1, 1e-9);
    fixture_close(&f);
}
END_TEST

START_TEST(traffic_table_counts_every_class)
{
    struct fixture f;
    struct view_traffic v;
    record(&f);
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.table[0].name, "batch"); /* what fails comes first */
    ck_assert_uint_eq(v.table[0].by_class[OUTCOME_5XX], 75);
    ck_assert_uint_eq(v.table[0].by_class[OUTCOME_CLIENT], 25);
    ck_assert_double_eq_tol(v.table[0].fail_ratio.v, 15.0 / 35, 1e-9);
    ck_assert(v.table[v.table_count - 1].is_total);
    ck_assert_uint_eq(v.table[v.table_count - 1].requests, 500);
    fixture_close(&f);
}
END_TEST

START_TEST(without_rules_nothing_can_page)
{
    struct fixture f;
    struct view_frame v;
    record(&f);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_NO_RULES);
    ck_assert_uint_eq(v.sources_ok, 1);
    fixture_close(&f);
}
END_TEST

START_TEST(stale_sources_make_the_verdict_unknown)
{
    struct fixture f;
    struct view_frame v;
    record(&f);
    f.params.cursor_ms = f.params.now_ms += 10 * fixture_step_ms;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.verdict.was, VERDICT_NO_RULES);
    ck_assert_int_eq(v.data_age_ms, 10 * fixture_step_ms);
    ck_assert_uint_eq(v.stale_count, 1);
    fixture_close(&f);
}
END_TEST

/* Another source goes on with what it measures for ten minutes after the first has fallen silent. */
static void outlive(struct fixture *f, enum signal s)
{
    fixture_source(f, "other");
    uint32_t id = fixture_series(f, s, 0, "gpt-x", "", "", s == SIG_REQUESTS ? "ok" : "", "");
    for (int i = 1; i <= FIXTURE_POLLS + 10; i++) {
        f->items[f->count] = (struct store_item){.series = id};
        if (s == SIG_WAITING)
            f->items[f->count].v.gauge = 3;
        else
            f->items[f->count].v.increment = 60;
        f->count++;
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

/* The source goes on answering, but since minute 120 its counters mean nothing; the gauge of one worker still reads. */
static void saw(struct fixture *f, int minutes)
{
    const int64_t since = fixture_start_ms + FIXTURE_POLLS * fixture_step_ms;
    uint32_t waiting = fixture_series(f, SIG_WAITING, 0, "gpt-x", "", "", "", "");
    for (int i = 1; i <= minutes; i++) {
        const int64_t t = since + i * fixture_step_ms;
        struct store_item item = {.series = waiting, .v.gauge = 3};
        const struct store_batch b = {.source = f->source, .t0_ms = t - fixture_step_ms, .t1_ms = t, .items = &item, .count = 1};
        const struct source_status s = {.id = f->source,
                                        .state = SOURCE_SAWTOOTH,
                                        .sawtooth_since_ms = since,
                                        .interval_ms = fixture_step_ms,
                                        .last_ok_ms = t,
                                        .last_try_ms = t,
                                        .reason = "counters go up and down"};
        ck_assert_int_eq(store_put_status(f->st, t, &s, NULL), ERR_OK);
        ck_assert_int_eq(store_append(f->st, &b, 1, NULL), ERR_OK);
        f->params.now_ms = f->params.cursor_ms = t;
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

START_TEST(counters_that_mean_nothing_are_unknown_and_neither_zero_nor_old)
{
    struct fixture f;
    struct view_overview o;
    struct view_frame v;
    struct view_traffic t;
    record(&f);
    saw(&f, 2); /* most of the now window lies before it */
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *r = fixture_row(o.rows, o.row_count, "req/s"), *fail = fixture_row(o.rows, o.row_count, "fail % all"),
                      *ttft = fixture_row(o.rows, o.row_count, "ttft p95"), *w = fixture_row(o.rows, o.row_count, "vllm waiting");
    ck_assert(isnan(r->now.v) && r->now.stale && r->now.n == 0);
    ck_assert(isnan(fail->now.v) && fail->now.stale);
    ck_assert(isnan(ttft->now.v) && ttft->now.stale);
    ck_assert_double_eq(w->now.v, 3);
    ck_assert_int_eq(w->now.exact, AT_LEAST); /* of one worker of several */
    ck_assert(!w->now.stale);
    ck_assert(isnan(r->strip.v[59]) && isnan(r->strip.v[58]) && !isnan(r->strip.v[57]));
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &t, NULL), ERR_OK);
    for (size_t i = 0; i < t.table_count; i++)
        ck_assert(isnan(t.table[i].req_per_s.v));
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.verdict.was, VERDICT_NO_RULES);
    ck_assert_int_eq(v.verdict.since_ms, fixture_start_ms + FIXTURE_POLLS * fixture_step_ms);
    ck_assert_ptr_nonnull(strstr(v.verdict.sentence, "gw: counters go up and down"));
    ck_assert_ptr_nonnull(strstr(v.verdict.reality, "gw: counters go up and down"));
    ck_assert_uint_eq(v.sources_ok, 0);
    ck_assert_uint_eq(v.sources_sawtooth, 1);
    ck_assert_int_eq(v.stale[0].state, SOURCE_SAWTOOTH);
    ck_assert_int_eq(v.stale[0].age_ms, 2 * fixture_step_ms);
    ck_assert_int_eq(v.axis.cursor_ms, f.params.now_ms); /* its gauges go on */
    ck_assert(v.requests_uncounted);
    ck_assert_uint_eq(o.hits.count, 0);
    ck_assert_str_eq(o.ttft.note, "not known: what is counted goes up and down"); /* where none is drawn */
    fixture_close(&f);
}
END_TEST

START_TEST(beside_a_source_that_counts_one_that_does_not_makes_a_lower_bound)
{
    struct fixture f;
    struct view_overview o;
    struct view_frame v;
    record(&f);
    saw(&f, 10);
    outlive(&f, SIG_REQUESTS);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *r = fixture_row(o.rows, o.row_count, "req/s");
    ck_assert_double_eq_tol(r->now.v, 1, 1e-9);
    ck_assert_int_eq(r->now.exact, AT_LEAST);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(v.verdict.reality, "other 0s answer; gw: counters go up and down"));
    fixture_close(&f);
}
END_TEST

/* The source goes on answering with what is left of the requests, the good ones, and says what it lacks. */
static void lack(struct fixture *f, int minutes, struct source_lack what)
{
    const int64_t since = fixture_start_ms + FIXTURE_POLLS * fixture_step_ms;
    uint32_t good = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", "");
    what.since_ms = since;
    for (int i = 1; i <= minutes; i++) {
        const int64_t t = since + i * fixture_step_ms;
        struct store_item item = {.series = good, .v.increment = 60};
        const struct store_batch b = {.source = f->source, .t0_ms = t - fixture_step_ms, .t1_ms = t, .items = &item, .count = 1};
        struct source_status s = fixture_status(f, t);
        s.state = SOURCE_PARTIAL;
        s.lack = what;
        s.reason = "lacks 2 of 4 series of failures_total since 16:00:00Z";
        ck_assert_int_eq(store_put_status(f->st, t, &s, NULL), ERR_OK);
        ck_assert_int_eq(store_append(f->st, &b, 1, NULL), ERR_OK);
        f->params.now_ms = f->params.cursor_ms = t;
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

#define BIT(s) (UINT64_C(1) << (s))

static void objectives(struct fixture *f)
{
    static const char json[] = "[{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.5,\"period_ms\":2592000000,\"scope\":[]},"
                               "{\"name\":\"fast\",\"kind\":\"latency\",\"signal\":\"ttft\",\"threshold\":1000,\"objective\":0.5,"
                               "\"period_ms\":2592000000,\"scope\":[]}]";
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(json), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

START_TEST(without_the_failures_requests_are_a_bound_and_no_ratio_is_known)
{
    struct fixture f;
    struct view_overview o;
    struct view_frame v;
    struct view_traffic t;
    record(&f);
    objectives(&f);
    lack(&f, 3, (struct source_lack){.part = BIT(SIG_REQUESTS), .family = BIT(SIG_REQUESTS)});
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *r = fixture_row(o.rows, o.row_count, "req/s"), *fail = fixture_row(o.rows, o.row_count, "fail % all");
    ck_assert(r->now.v > 0 && r->now.exact == AT_LEAST && !r->now.stale);
    ck_assert(isnan(fail->now.v));
    ck_assert_uint_eq(o.hits.count, 0);
    ck_assert_str_eq(o.hits.note, "not known: how many failed is not known");
    ck_assert_str_eq(o.suspect_note, "not known: a source lacks a part of what it counted");
    ck_assert(isnan(fail->strip.v[59]) && isnan(fail->strip.v[57]) && !isnan(fail->strip.v[56])); /* the three minutes, and no more */
    ck_assert(isnan(o.slos[0].burn_5m.v) && isnan(o.slos[0].budget_left.v));
    ck_assert_int_eq(o.slos[0].gone_ms, 0);
    ck_assert(o.slos[0].total > 0 && o.slos[0].counted == AT_LEAST);
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &t, NULL), ERR_OK);
    for (size_t i = 0; i < t.table_count; i++)
        ck_assert(isnan(t.table[i].fail_ratio.v) && t.table[i].severity == SEV_NONE);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.verdict.was, VERDICT_OK);
    ck_assert_int_eq(v.verdict.since_ms, fixture_start_ms + FIXTURE_POLLS * fixture_step_ms);
    ck_assert_msg(strstr(v.verdict.sentence, "requests in the last 5m, how many failed is not known") != NULL, "%s", v.verdict.sentence);
    ck_assert_msg(strcmp(v.verdict.reality, "gw lacks 2 of 4 series of failures_total since 16:00:00Z") == 0, "%s", v.verdict.reality);
    ck_assert_uint_eq(v.sources_ok, 0);
    ck_assert_uint_eq(v.sources_partial, 1);
    ck_assert_int_eq(v.stale[0].state, SOURCE_PARTIAL);
    ck_assert_int_eq(v.stale[0].age_ms, 3 * fixture_step_ms);
    fixture_close(&f);
}
END_TEST

/* Counters fell: a restart, or several workers. Until the next polls tell, nothing that is counted since is sure. */
START_TEST(that_nothing_answers_has_its_reason)
{
    struct fixture f;
    struct view_frame v;
    record(&f);
    objectives(&f);
    const int64_t t = f.params.now_ms + 4 * fixture_step_ms;
    struct source_status s = fixture_status(&f, t);
    s.state = SOURCE_DOWN;
    s.last_ok_ms = f.params.now_ms;
    s.reason = "nobody answers there";
    ck_assert_int_eq(store_put_status(f.st, t, &s, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    f.params.now_ms = f.params.cursor_ms = t;
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.verdict.reality, "gw: nobody answers there: what is below is old");
    fixture_close(&f);
}
END_TEST

START_TEST(what_is_watched_is_shown_and_not_sure)
{
    struct fixture f;
    struct view_overview o;
    struct view_frame v;
    record(&f);
    objectives(&f);
    const int64_t since = f.params.now_ms, t = since + fixture_step_ms;
    struct source_status s = fixture_status(&f, t);
    s.state = SOURCE_WATCHING;
    s.watching_since_ms = since;
    s.reason = "its counters fell: a restart, or several workers behind one port: watching";
    fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", ""), 60);
    fixture_append_from(&f, since, t);
    ck_assert_int_eq(store_put_status(f.st, t, &s, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    f.params.now_ms = f.params.cursor_ms = t;
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_int_eq(fixture_row(o.rows, o.row_count, "req/s")->now.exact, ABOUT);
    ck_assert_int_eq(fixture_row(o.rows, o.row_count, "fail % all")->now.exact, ABOUT);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.verdict.was, VERDICT_OK);
    ck_assert_int_eq(v.verdict.since_ms, since);
    ck_assert_str_eq(v.verdict.reality, "gw: its counters fell: a restart, or several workers behind one port: watching");
    ck_assert(v.sources_ok == 0 && v.sources_watching == 1 && view_answering(&v) == 1);
    ck_assert_int_eq(v.stale[0].age_ms, fixture_step_ms);
    f.params.cursor_ms = since;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_OK);
    fixture_close(&f);
}
END_TEST

/* A few counters fell by themselves: their signal is unsure, and what the others count is as sure as ever. */
START_TEST(what_is_watched_in_part_leaves_the_rest_sure)
{
    static const struct {
        uint64_t signals;
        enum source_state state;
        enum verdict_state verdict;
        enum exactness requests, cost;
    } cases[] = {{BIT(SIG_COST), SOURCE_WATCHING, VERDICT_OK, EXACT, ABOUT}, /* of spend the fixture has a part */
                 {BIT(SIG_REQUESTS), SOURCE_WATCHING, VERDICT_UNKNOWN, ABOUT, AT_LEAST},
                 {BIT(SIG_REQUESTS) | BIT(SIG_COST), SOURCE_WATCHING, VERDICT_UNKNOWN, ABOUT, ABOUT},
                 {BIT(SIG_REQUESTS), SOURCE_PARTIAL, VERDICT_UNKNOWN, ABOUT, AT_LEAST},
                 {0, SOURCE_WATCHING, VERDICT_UNKNOWN, ABOUT, ABOUT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        struct view_overview o;
        struct view_frame v;
        record(&f);
        objectives(&f);
        const int64_t since = f.params.now_ms, t = since + fixture_step_ms;
        struct source_status s = fixture_status(&f, t);
        s.state = cases[i].state;
        s.watching_since_ms = since;
        s.watching_signals = cases[i].signals;
        s.lack = s.state == SOURCE_PARTIAL ? (struct source_lack){.since_ms = since, .part = BIT(SIG_CACHE_HITS)} : s.lack;
        s.reason = "gw_spend_total fell";
        fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", ""), 60);
        fixture_append_from(&f, since, t);
        ck_assert_int_eq(store_put_status(f.st, t, &s, NULL), ERR_OK);
        ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
        f.params.now_ms = f.params.cursor_ms = t;
        ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
        ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
        ck_assert_int_eq(fixture_row(o.rows, o.row_count, "req/s")->now.exact, cases[i].requests);
        ck_assert_int_eq(fixture_row(o.rows, o.row_count, "cost $/h")->now.exact, cases[i].cost);
        ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
        ck_assert_int_eq(v.verdict.state, cases[i].verdict);
        struct view_cost c;
        ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &c, NULL), ERR_OK);
        ck_assert_int_eq(c.table[0].exact == ABOUT, cases[i].cost == ABOUT);
        ck_assert_int_eq(c.table[0].counts_exact == ABOUT, cases[i].requests == ABOUT);
        ck_assert_str_eq(v.verdict.reality, i < 3    ? "gw 0s answer; gw: gw_spend_total fell"
                                            : i == 3 ? "gw gw_spend_total fell"
                                                     : "gw: gw_spend_total fell");
        ck_assert_uint_eq(v.sources_watching_part, s.state == SOURCE_WATCHING && s.watching_signals != 0);
        ck_assert_str_eq(v.stale[0].part, i == 0 ? "cost" : i == 1 ? "requests" : i == 2 ? "requests +1" : "");
        fixture_close(&f);
    }
}
END_TEST

/* Of a time in which some signals' counts are lost the others' are known. */
START_TEST(what_is_lost_of_one_signal_is_whole_of_another)
{
    struct fixture f;
    struct view_overview o;
    struct view_sources v;
    record(&f);
    const int64_t t = f.params.now_ms;
    const struct store_gap gap = {f.source, t - 2 * fixture_step_ms, t - fixture_step_ms, "some of its counters fell",
                                  true,     BIT(SIG_REQUESTS)};
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_int_eq(fixture_row(o.rows, o.row_count, "req/s")->now.exact, EXACT);
    ck_assert_int_eq(store_put_gap(f.st, &gap, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_int_eq(fixture_row(o.rows, o.row_count, "req/s")->now.exact, AT_LEAST);
    ck_assert_int_eq(fixture_row(o.rows, o.row_count, "json_valid gpt-x")->now.exact, EXACT);
    ck_assert_int_eq(view_load_sources(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.gaps[0].reason, "requests: some of its counters fell");
    fixture_close(&f);
}
END_TEST

/* A page that takes longer than its interval is well, and that it is slow is said beside its age. */
START_TEST(a_slow_source_is_said_to_be)
{
    struct fixture f;
    struct view_frame v;
    record(&f);
    struct source_status s = fixture_status(&f, f.params.now_ms);
    s.slow_ms = 3 * fixture_step_ms;
    s.reason = "answers in up to 3m, asked every 1m";
    ck_assert_int_eq(store_put_status(f.st, f.params.now_ms, &s, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.verdict.reality, "gw 0s answer; gw answers in up to 3m, asked every 1m");
    ck_assert_uint_eq(v.sources_ok, 1);
    fixture_close(&f);
}
END_TEST

START_TEST(what_lacks_a_part_is_about_and_the_objective_says_so)
{
    struct fixture f;
    struct view_overview o;
    struct view_frame v;
    record(&f);
    objectives(&f);
    lack(&f, 1, (struct source_lack){.part = BIT(SIG_REQUESTS)});
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *r = fixture_row(o.rows, o.row_count, "req/s"), *fail = fixture_row(o.rows, o.row_count, "fail % all");
    ck_assert_int_eq(r->now.exact, AT_LEAST);
    ck_assert(!isnan(fail->now.v) && fail->now.exact == ABOUT);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.verdict.since_ms, fixture_start_ms + FIXTURE_POLLS * fixture_step_ms);
    ck_assert_str_eq(o.suspect_note, "not known: a source lacks a part of what it counted");
    ck_assert_uint_eq(o.suspect_count, 0);
    ck_assert_msg(strstr(v.verdict.sentence, "all 2 objectives hold; avail by what is left of its series; ~") != NULL, "%s",
                  v.verdict.sentence);
    const struct alert page = {.rule = "slo:avail:page-1h",
                               .scope = "",
                               .severity = SEV_PAGE,
                               .state = ALERT_FIRING,
                               .since_ms = f.params.cursor_ms,
                               .known_ms = f.params.cursor_ms,
                               .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &page, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_PAGE); /* what is left is enough to fire */
    fixture_close(&f);
}
END_TEST

START_TEST(a_signal_of_which_nothing_is_left_is_as_old_as_its_last_value)
{
    struct fixture f;
    struct view_overview o;
    struct view_frame v;
    record(&f);
    objectives(&f);
    lack(&f, 2, (struct source_lack){.part = BIT(SIG_TTFT), .family = BIT(SIG_TTFT), .all = BIT(SIG_TTFT)});
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *r = fixture_row(o.rows, o.row_count, "req/s"), *ttft = fixture_row(o.rows, o.row_count, "ttft p95");
    ck_assert(!r->now.stale && r->now.exact == EXACT);
    ck_assert(ttft->now.stale && ttft->now.n > 0); /* the last five minutes that there were */
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.verdict.since_ms, fixture_start_ms + FIXTURE_POLLS * fixture_step_ms);
    fixture_close(&f);
}
END_TEST

START_TEST(a_recorder_that_is_stopped_is_named_and_not_the_sources)
{
    struct fixture f;
    struct view_frame v;
    record(&f);
    const int64_t last = f.params.now_ms;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert(v.recorder_running && !v.recorder_silent && !v.recorder_missing);
    fixture_hush(&f);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert(!v.recorder_silent); /* what it wrote is fresh: it does write */
    f.params.cursor_ms = f.params.now_ms = last + 10 * fixture_step_ms;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert(v.recorder_running && v.recorder_silent && v.recorder_missing);
    ck_assert_int_eq(v.recorder_wrote_ms, last);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(v.verdict.sentence, "the recorder has not written since 16:00:00Z; then: "));
    ck_assert_ptr_nonnull(strstr(v.verdict.reality, "the recorder has not written since 16:00:00Z"));
    ck_assert_ptr_null(strstr(v.verdict.reality, "no source answers"));
    f.params.cursor_ms = last; /* a moment of which everything is known */
    f.params.live = false;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert(v.recorder_silent && !v.recorder_missing);
    ck_assert_ptr_nonnull(strstr(v.verdict.reality, "gw 0s answer"));
    fixture_close(&f);
}
END_TEST

START_TEST(a_cursor_in_a_hole_names_what_made_it)
{
    struct fixture f;
    struct view_frame v;
    record(&f);
    const int64_t last = f.params.now_ms;
    const struct store_gap gap = {f.source, last, last + 20 * fixture_step_ms, "the recorder did not run: it was stopped, or hung",
                                  false,    0};
    ck_assert_int_eq(store_put_gap(f.st, &gap, NULL), ERR_OK);
    fixture_append(&f, last + 20 * fixture_step_ms);
    f.params.cursor_ms = last + 10 * fixture_step_ms;
    f.params.live = false;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_str_eq(v.verdict.reality, "nothing is known from 16:00:00Z to 16:20:00Z: the recorder did not run: it was stopped, or hung");
    fixture_close(&f);
}
END_TEST

/* The poll after it told what was counted in it: at a cursor in it nothing of that was known. */
START_TEST(a_cursor_in_a_hole_says_what_was_made_good_later)
{
    struct fixture f;
    struct view_frame v;
    record(&f);
    const int64_t last = f.params.now_ms, end = last + 20 * fixture_step_ms;
    const uint32_t s = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", "");
    const struct store_gap gap = {f.source, last, end, "HTTP 503", false, 0};
    const struct store_late late = {f.source, last, end, end, false};
    ck_assert_int_eq(store_put_gap(f.st, &gap, NULL), ERR_OK);
    ck_assert_int_eq(store_put_late(f.st, &late, NULL), ERR_OK);
    fixture_increment(&f, s, 5000);
    fixture_append_from(&f, last, end);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params.now_ms = end;
    f.params.cursor_ms = last + 10 * fixture_step_ms;
    f.params.live = false;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.late_text, "made good later: 16:00:00-16:20:00Z was not known until 16:20:00Z");
    ck_assert_uint_eq(v.late_count, 1);
    ck_assert_str_eq(v.late[0].source, "gw");
    ck_assert_int_eq(v.late[0].known_ms, end);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.verdict.since_ms, last);
    ck_assert_msg(strstr(v.verdict.sentence, "; known since 16:20:00Z: 0% of 5k requests of that time failed") != NULL, "%s",
                  v.verdict.sentence);
    ck_assert_str_eq(v.verdict.reality, "made good later: 16:00:00-16:20:00Z was not known until 16:20:00Z: HTTP 503");
    for (int i = 0; i < 2; i++) { /* where it was known already, and before it */
        f.params.cursor_ms = i == 0 ? end : last;
        ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
        ck_assert_str_eq(v.late_text, "");
        ck_assert_uint_eq(v.late_count, 0);
        ck_assert_ptr_null(strstr(v.verdict.sentence, "known since"));
    }
    fixture_close(&f);
}
END_TEST

/* Polls every step_ms; the now window is of 5 min. */
START_TEST(the_window_is_what_was_measured_of_it)
{
    static const struct {
        int polls;
        int64_t step_ms;
        const char *measured;
    } all[] = {{1, 20000, "20s"}, {2, 60000, "2m"}, {5, 60000, "5m"},  {60, 60000, "5m"},
               {30, 10500, "5m"}, {3, 50000, "3m"}, {4, 600000, "10m"}};
    struct fixture f;
    struct view_frame v;
    char said[64];
    fixture_open(&f);
    const uint32_t s = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", "");
    for (int i = 1; i <= all[_i].polls; i++) {
        fixture_increment(&f, s, 100);
        fixture_append_from(&f, fixture_start_ms + (i - 1) * all[_i].step_ms, fixture_start_ms + i * all[_i].step_ms);
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.measured, all[_i].measured);
    ck_assert(str_format(said, sizeof said, "failed in the last %s", v.measured));
    ck_assert_msg(strstr(v.verdict.sentence, said) != NULL, "%s", v.verdict.sentence);
    fixture_close(&f);
}
END_TEST

START_TEST(what_has_become_stale_stays_as_it_was)
{
    struct fixture f;
    struct view_overview v;
    struct view_frame frame;
    record(&f);
    int64_t last = f.params.now_ms;
    f.params.cursor_ms = f.params.now_ms += 90 * fixture_step_ms;
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    const struct vrow *r = fixture_row(v.rows, v.row_count, "req/s");
    ck_assert(r->now.stale);
    ck_assert_double_eq_tol(r->now.v, 100.0 / 60, 1e-9);
    ck_assert(!isnan(r->strip.v[59]));
    ck_assert_uint_eq(v.hits.total, 75);
    ck_assert_int_eq(r->now.age_ms, 90 * fixture_step_ms); /* of now, not of the last poll, where the screen stands */
    ck_assert_int_eq(frame.axis.cursor_ms, last);
    ck_assert_int_eq(frame.axis.now_ms, f.params.now_ms);
    ck_assert_int_eq(frame.verdict.since_ms, last);
    fixture_close(&f);
}
END_TEST

START_TEST(a_source_that_answers_does_not_vouch_for_another)
{
    struct fixture f;
    struct view_frame v;
    struct view_overview o;
    record(&f);
    outlive(&f, SIG_WAITING);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.sources_ok, 1);
    ck_assert_int_eq(v.verdict.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.verdict.was, VERDICT_NO_RULES);
    ck_assert_int_eq(v.verdict.since_ms, fixture_start_ms + FIXTURE_POLLS * fixture_step_ms);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *r = fixture_row(o.rows, o.row_count, "req/s"), *w = fixture_row(o.rows, o.row_count, "vllm waiting");
    ck_assert(r->now.stale && !w->now.stale);
    ck_assert_double_eq_tol(r->now.v, 100.0 / 60, 1e-9); /* its last five minutes */
    ck_assert(isnan(r->strip.v[59]));                    /* on the axis that goes on, a gap */
    ck_assert_double_eq_tol(w->now.v, 3, 1e-9);
    fixture_close(&f);
}
END_TEST

START_TEST(a_total_without_one_of_its_sources_is_a_lower_bound)
{
    struct fixture f;
    struct view_frame v;
    struct view_overview o;
    record(&f);
    outlive(&f, SIG_REQUESTS);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.verdict.state, VERDICT_NO_RULES);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *r = fixture_row(o.rows, o.row_count, "req/s"), *bad = fixture_row(o.rows, o.row_count, "fail % all");
    ck_assert_int_eq(r->now.exact, AT_LEAST);
    ck_assert_int_eq(bad->now.exact, ABOUT);
    ck_assert_double_eq_tol(r->now.v, 1, 1e-9);
    fixture_close(&f);
}
END_TEST

/* A budget of the gateway's own, as its gauges tell it in one more poll. */
static void tell_budget(struct fixture *f, const char *team, double limit, double left, double reset_s)
{
    static const enum signal signals[] = {SIG_BUDGET_LIMIT, SIG_BUDGET_REMAINING, SIG_BUDGET_RESET};
    const double values[] = {limit, left, reset_s};
    for (size_t i = 0; i < 3; i++) {
        f->items[f->count] = (struct store_item){.series = fixture_series(f, signals[i], 0, "", team, "", "", "")};
        f->items[f->count++].v.gauge = values[i];
    }
}

START_TEST(a_gateways_budget_names_its_end_and_the_rate)
{
    struct fixture f;
    struct view_cost v;
    record(&f);
    tell_budget(&f, "search", 100, 98.5, 86400);
    tell_budget(&f, "batch", 100, 1.5, 86400);
    tell_budget(&f, "idle", 100, 50, 86400);
    fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", ""), 60000000);
    fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", "batch", "k2", "", ""), 60000000);
    fixture_append(&f, fixture_start_ms + (FIXTURE_POLLS + 1) * fixture_step_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.budget_count, 3);
    ck_assert_str_eq(v.budgets[0].name, "team batch"); /* 1.50 USD at 0.06 USD a minute: 25 minutes */
    ck_assert_int_eq(v.budgets[0].gone_ms, f.params.now_ms + 25 * fixture_step_ms);
    ck_assert_ptr_nonnull(strstr(v.budgets[0].text, "at the 5m rate"));
    ck_assert_str_eq(v.budgets[1].name, "team idle");
    ck_assert_int_eq(v.budgets[1].gone_ms, 0);
    ck_assert_ptr_nonnull(strstr(v.budgets[1].text, "its spend is not known"));
    ck_assert_str_eq(v.budgets[2].name, "team search"); /* 98.50 USD last for 27 hours: longer than the period */
    ck_assert_int_eq(v.budgets[2].gone_ms, 0);
    ck_assert_ptr_nonnull(strstr(v.budgets[2].text, "lasts to reset"));
    ck_assert_ptr_nonnull(strstr(v.sentence, "Budget team batch: 98% used, gone"));
    fixture_close(&f);
}
END_TEST

START_TEST(one_reset_is_one_time)
{
    static const double told_s[] = {86400, 86399.4, 86400.6}; /* what clocks of several workers make of it */
    static const int64_t later_ms[] = {0, 20000, 40000};      /* between polls */
    struct fixture f;
    struct view_cost v;
    record(&f);
    tell_budget(&f, "search", 100, 98.5, told_s[_i]);
    fixture_append(&f, fixture_start_ms + (FIXTURE_POLLS + 1) * fixture_step_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    const int64_t told_ms = f.params.now_ms;
    for (size_t i = 0; i < sizeof later_ms / sizeof *later_ms; i++) {
        f.params.cursor_ms = f.params.now_ms = told_ms + later_ms[i];
        ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
        ck_assert_int_eq(v.budgets[0].to_ms, told_ms + INT64_C(86400000));
    }
    fixture_close(&f);
}
END_TEST

/* Once nothing answers, the overview says of a budget and of a finding what Cost and the header say of them. */
START_TEST(what_is_known_after_the_last_poll_is_in_the_overview)
{
    struct fixture f;
    struct view_cost c;
    struct view_overview v;
    record(&f);
    tell_budget(&f, "batch", 100, 1.5, 86400);
    fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", "batch", "k2", "", ""), 60000000);
    fixture_append(&f, fixture_start_ms + (FIXTURE_POLLS + 1) * fixture_step_ms);
    const struct alert drift = {.rule = "quality:json_valid",
                                .scope = "model=gpt-x",
                                .state = ALERT_FIRING,
                                .since_ms = f.params.now_ms + 2000,
                                .onset_ms = f.params.now_ms - 600000,
                                .known_ms = f.params.now_ms + 2000,
                                .total = 100,
                                .text = "json_valid of gpt-x fell"};
    ck_assert_int_eq(store_put_alert(f.st, &drift, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_ptr_null(strstr(v.money_line, "stale"));
    f.params.cursor_ms = f.params.now_ms += 90 * fixture_step_ms;
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &c, NULL), ERR_OK);
    ck_assert(c.budgets[0].stale);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_msg(strstr(v.money_line, "; budget team batch: stale: ") != NULL, "%s", v.money_line);
    ck_assert_msg(strstr(v.money_line, c.budgets[0].end_text) != NULL, "%s", v.money_line);
    ck_assert_int_eq(v.quality[0].severity, SEV_TICKET);
    fixture_close(&f);
}
END_TEST

START_TEST(a_rate_over_a_time_that_is_not_certain_is_about)
{
    ck_assert_int_eq(vnum_rate((struct vsum){.sum = 60, .covered_ms = 60000, .n = 1, .known = true}, 1).exact, EXACT);
    ck_assert_int_eq(vnum_rate((struct vsum){.sum = 60, .covered_ms = 60000, .n = 1, .known = true, .covered_about = true}, 1).exact,
                     ABOUT);
    const struct voutcomes o = {.all = 60, .covered_ms = 60000, .known = true, .covered_about = true};
    ck_assert_int_eq(vnum_rate(voutcomes_requests(&o), 1).exact, ABOUT);
    ck_assert_double_eq_tol(vnum_rate(voutcomes_requests(&o), 1).v, 1, 1e-12);
}
END_TEST

static uint64_t weigh(const struct store_group *g)
{
    return (uint64_t)g->cells[0].sum;
}

/* As many groups as a store gives: each of 10,000 teams in two classes, the heavier the higher its number up to 5,000, and then all
 * alike. */
START_TEST(ids_come_heaviest_first_and_each_once)
{
    enum { IDS = 10000, HALF = IDS / 2 };
    static struct store_group groups[2 * IDS];
    static struct store_cell cells[2 * IDS];
    static uint32_t ids[IDS + 1];
    static struct vread vr;
    struct arena a;

    arena_init(&a, 16 << 20);
    const struct view_loader l = {.arena = &a, .scratch = &a};
    vr.l = &l;
    vr.r[0] = (struct store_result){.groups = groups, .count = 2 * IDS};
    vr.scratch = arena_array(&a, 2 * IDS, sizeof *vr.scratch);
    ck_assert_ptr_nonnull(vr.scratch);
    for (uint32_t i = 0; i < 2 * IDS; i++) {
        uint32_t id = i * 7919 % IDS;
        groups[i].dim[DIM_TEAM] = id;
        groups[i].cells = &cells[i];
        cells[i].sum = id < HALF ? id : i < IDS ? 100000 : 0;
    }
    ck_assert_uint_eq(vread_ids(&vr, 0, DIM_TEAM, weigh, ids, IDS + 1), IDS);
    for (uint32_t i = 0; i < IDS; i++)
        ck_assert_uint_eq(ids[i], i < HALF ? HALF + i : IDS - 1 - i);
    ck_assert_uint_eq(vread_ids(&vr, 0, DIM_TEAM, NULL, ids, 3), 3);
    ck_assert(ids[0] == 0 && ids[1] == 1 && ids[2] == 2);
    arena_fini(&a);
}
END_TEST

/* What is read of hundreds of keys is put where the console gives it back; the view, which names a few of them, stands without it. */
START_TEST(a_view_does_not_hold_what_was_read_for_it)
{
    enum { KEYS = 400, A_POLL = 50 };
    struct fixture f;
    struct view_overview v;

    fixture_open(&f);
    for (int i = 1; i <= KEYS; i++) {
        char key[16];
        ck_assert(str_format(key, sizeof key, "key-%d", i));
        fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", "search", key, "", ""), 1000 + i);
        if (i % A_POLL == 0)
            fixture_append(&f, fixture_start_ms + i / A_POLL * fixture_step_ms);
    }
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_gt(f.scratch.used, KEYS * f.params.columns * sizeof(struct store_cell));
    ck_assert_msg(f.arena.used < f.scratch.used / 4, "%zu bytes of views for %zu that were read", f.arena.used, f.scratch.used);
    arena_fini(&f.scratch);
    ck_assert_uint_gt(v.row_count, 0);
    for (size_t i = 0; i < v.row_count; i++)
        ck_assert_uint_gt(strlen(v.rows[i].label), 0);
    fixture_close(&f);
}
END_TEST

/* A gauge of one more poll. */
static void tell(struct fixture *f, enum signal signal, const char *deployment, const char *provider, const char *engine, double v)
{
    struct series s = {.source = f->source, .signal = (uint16_t)signal};
    s.dim[DIM_DEPLOYMENT] = fixture_string(f, deployment);
    s.dim[DIM_PROVIDER] = fixture_string(f, provider);
    s.dim[DIM_NAME] = fixture_string(f, engine);
    f->items[f->count].v.gauge = v;
    ck_assert_int_eq(store_series(f->st, &s, &f->items[f->count++].series, NULL), ERR_OK);
}

START_TEST(replicas_tell_one_budget_and_not_two)
{
    struct fixture f;
    struct view_cost v;
    record(&f);
    for (int i = 1; i <= 2; i++)
        for (int replica = 0; replica < 2; replica++) {
            fixture_source(&f, replica == 0 ? "gw" : "gw-2");
            tell_budget(&f, "search", 100, replica == 0 ? 40 : 41, replica == 0 ? 86400 : 86430);
            fixture_append(&f, fixture_start_ms + (FIXTURE_POLLS + i) * fixture_step_ms + replica * 1000);
        }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.budget_count, 1);
    ck_assert_int_eq(v.budgets[0].limit_nusd, INT64_C(100000000000));
    ck_assert_int_eq(v.budgets[0].used_nusd, INT64_C(60000000000));
    ck_assert_int_eq(v.budgets[0].to_ms, instant_floor(f.params.cursor_ms, 60000) + 86400000);
    fixture_close(&f);
}
END_TEST

/* Two engines on one page and a third on another, all of one deployment; its providers are told apart by the pages. */
START_TEST(engines_are_counted_and_the_fullest_one_is_shown)
{
    struct fixture f;
    struct view_traffic t;
    struct view_overview o;
    record(&f);
    for (int i = 1; i <= 2; i++)
        for (int page = 0; page < 2; page++) {
            fixture_source(&f, page == 0 ? "vllm-0" : "vllm-1");
            for (int engine = 0; engine < 2 - page; engine++) {
                tell(&f, SIG_KV_CACHE, "dep", page == 0 ? "p" : "", engine == 0 ? "0" : "1", page == 0 ? 0.7 : 0.2);
                tell(&f, SIG_RUNNING, "dep", page == 0 ? "p" : "", engine == 0 ? "0" : "1", 3);
                tell(&f, SIG_WAITING, "dep", page == 0 ? "p" : "", engine == 0 ? "0" : "1", 2);
            }
            fixture_append(&f, fixture_start_ms + (FIXTURE_POLLS + i) * fixture_step_ms + page * 1000);
        }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &t, NULL), ERR_OK);
    ck_assert_double_eq_tol(fixture_row(t.engines, t.engine_count, "dep KV %")->now.v, 70, 1e-9);
    ck_assert_double_eq_tol(fixture_row(t.engines, t.engine_count, "dep running")->now.v, 9, 1e-9);
    ck_assert_uint_eq(t.deployment_count, 1);
    ck_assert_double_eq_tol(t.deployments[0].kv.v, 70, 1e-9);
    ck_assert_double_eq_tol(t.deployments[0].running.v, 9, 1e-9); /* over both providers */
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *w = fixture_row(o.rows, o.row_count, "vllm waiting");
    ck_assert_double_eq_tol(w->now.v, 6, 1e-9);
    ck_assert_str_eq(w->n_text, "3 eng");
    fixture_close(&f);
}
END_TEST

/* Many keys of which each fails a little, and one of which all does: found among them, with both of its classes in one cell. */
START_TEST(a_suspect_is_found_among_many_keys)
{
    enum { KEYS = 2000 };
    struct fixture f;
    const struct vsuspect *list;
    const char *note;
    size_t count;
    static struct store_item items[2 * KEYS];
    char key[16];
    record(&f);
    for (int i = 0; i < 2 * KEYS; i++) {
        str_format(key, sizeof key, "many%d", i / 2);
        items[i] = (struct store_item){.series = fixture_series(&f, SIG_REQUESTS, 0, "gpt-m", "many", key, i % 2 == 0 ? "ok" : "5xx", "")};
        items[i].v.increment = i / 2 == 777 ? (i % 2 == 0 ? 10 : 5000) : i % 2 == 0 ? 10 : 0;
    }
    struct store_batch b = {
        .source = f.source, .t0_ms = f.params.cursor_ms, .t1_ms = f.params.cursor_ms + 1000, .items = items, .count = 2 * KEYS};
    ck_assert_int_eq(store_append(f.st, &b, 1, NULL), ERR_OK);
    fixture_append(&f, f.params.cursor_ms + fixture_step_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    struct view_differs_ask ask;
    ck_assert_int_eq(view_differs_usual(&f.loader, &f.params, &ask, NULL), ERR_OK);
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_gt(count, 0);
    ck_assert_msg(strstr(list[0].title, "many777") != NULL, "%s", list[0].title);
    fixture_close(&f);
}
END_TEST

/* More groups than can be read at once: the keys are joined and the rest is still told; nothing else of a view is lost. */
START_TEST(more_keys_than_can_be_read_are_joined)
{
    enum { KEYS = 7000, CLASSES = 3 };
    struct fixture f;
    struct view_overview v;
    const struct vsuspect *list;
    const char *note;
    size_t count;
    static const char *const classes[CLASSES] = {"ok", "5xx", "client"};
    static struct store_item items[CLASSES * KEYS];
    char key[16];
    record(&f);
    for (int i = 0; i < CLASSES * KEYS; i++) {
        const int k = i / CLASSES, class = i % CLASSES;
        str_format(key, sizeof key, "many%d", k);
        items[i] = (struct store_item){
            .series = fixture_series(&f, SIG_REQUESTS, 0, "gpt-m", k < KEYS / 2 ? "sick" : "well", key, classes[class], "")};
        items[i].v.increment = class == 1 ? (k < KEYS / 2 ? 10 : 0) : 10;
    }
    struct store_batch b = {
        .source = f.source, .t0_ms = f.params.cursor_ms, .t1_ms = f.params.cursor_ms + 1000, .items = items, .count = CLASSES * KEYS};
    ck_assert_int_eq(store_append(f.st, &b, 1, NULL), ERR_OK);
    fixture_append(&f, f.params.cursor_ms + fixture_step_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    struct view_differs_ask ask;
    ck_assert_int_eq(view_differs_usual(&f.loader, &f.params, &ask, NULL), ERR_OK);
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_gt(count, 0);
    ck_assert_str_eq(list[0].title, "team sick");
    arena_reset(&f.arena);
    f.params.filter = "key=many1,many2"; /* the keys are what is asked about, and cannot be joined */
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_eq(count, 0);
    ck_assert_str_eq(note, "too many combinations of dimensions to look for one who stands out");
    arena_reset(&f.arena);
    f.params.filter = "";
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.suspects[0].title, "team sick");
    fixture_close(&f);
}
END_TEST

/* What the screen is filtered by is whose failures are explained; who does not fail is still there to compare with. */
START_TEST(a_filter_asks_and_does_not_narrow_the_comparison)
{
    struct fixture f;
    const struct vsuspect *list;
    const char *note;
    size_t count;
    record(&f);
    const int64_t now = f.params.cursor_ms;
    const struct view_differs_ask ask = {
        .t0_ms = now - 10 * fixture_step_ms, .t1_ms = now, .onset_ms = now - 10 * fixture_step_ms, .scope = ""};
    f.params.filter = "team=batch";
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(list[0].title, "team batch");
    ck_assert_msg(strstr(list[0].reason, "100 % of what fails beyond the usual") != NULL, "%s", list[0].reason);
    ck_assert_str_eq(note, "");
    f.params.filter = "team=search";
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_eq(count, 0);
    ck_assert_str_eq(note, "too few more failures than usual to tell");
    fixture_close(&f);
}
END_TEST

/* A second trouble stands in what differs beside a greater one, and is a suspect as well: one ranking. */
START_TEST(a_lesser_trouble_shows_beside_a_greater_one)
{
    struct fixture f;
    struct view_differs v;
    const struct vsuspect *list;
    const char *note;
    size_t count, second = 0;
    static const struct {
        const char *model, *team;
        int64_t bad, late_bad;
    } of[] = {{"gpt-x", "search", 1, 1}, {"gpt-x", "batch", 0, 80}, {"gpt-y", "sales", 0, 20}};
    fixture_open(&f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) { /* 100 requests a minute each */
        for (size_t k = 0; k < 3; k++) {
            int64_t bad = i > FIXTURE_POLLS - 10 ? of[k].late_bad : of[k].bad;
            fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, of[k].model, of[k].team, "", "ok", ""), 100 - bad);
            fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, of[k].model, of[k].team, "", "5xx", ""), bad);
        }
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    const int64_t now = f.params.cursor_ms;
    const struct view_differs_ask ask = {.t0_ms = now - 10 * fixture_step_ms,
                                         .t1_ms = now,
                                         .base0_ms = now - 70 * fixture_step_ms,
                                         .base1_ms = now - 10 * fixture_step_ms,
                                         .base_text = "the hour before",
                                         .scope = ""};
    ck_assert_int_eq(view_load_differs(&f.loader, &f.params, &ask, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.rows[0].what, "team=batch");
    for (size_t i = 1; i < v.row_count && strcmp(v.rows[i].measure, "fail %") == 0; i++)
        second = strcmp(v.rows[i].what, "model=gpt-y") == 0 ? i : second;
    ck_assert_uint_eq(second, 1);
    ck_assert_double_eq_tol(v.rows[second].now.v, 20, 1e-9);
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(list[0].title, "team batch");
    ck_assert_str_eq(list[1].title, "model gpt-y");
    fixture_close(&f);
}
END_TEST

/* Three teams of 100 requests a minute each; so many of them fail in the last ten minutes, and one in a hundred before. */
static struct view_differs differs_of_teams(struct fixture *f, const int64_t bad[3], const struct vsuspect **suspects, size_t *count,
                                            const char **note)
{
    static const char *const teams[] = {"search", "batch", "sales"};
    struct view_differs v;
    fixture_open(f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        for (size_t k = 0; k < 3; k++) {
            const int64_t failed = i > FIXTURE_POLLS - 10 ? bad[k] : 1;
            fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", teams[k], "", "ok", ""), 100 - failed);
            fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", teams[k], "", "5xx", ""), failed);
        }
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
    const int64_t now = f->params.cursor_ms, onset = now - 10 * fixture_step_ms;
    const struct view_differs_ask ask = {.t0_ms = onset,
                                         .t1_ms = now,
                                         .base0_ms = onset - 60 * fixture_step_ms,
                                         .base1_ms = onset,
                                         .base_text = "the hour before",
                                         .onset_ms = onset,
                                         .onset_error_ms = 3 * fixture_step_ms,
                                         .scope = ""};
    ck_assert_int_eq(view_load_differs(&f->loader, &f->params, &ask, &v, NULL), ERR_OK);
    ck_assert_int_eq(vsuspects_load(&f->loader, &f->params, &ask, suspects, count, note, NULL), ERR_OK);
    return v;
}

START_TEST(where_nobody_stands_out_that_is_said)
{
    struct fixture f;
    const struct vsuspect *suspects;
    const char *note;
    size_t count;
    struct view_differs v = differs_of_teams(&f, (const int64_t[]){50, 52, 49}, &suspects, &count, &note);
    ck_assert_uint_eq(count, 0);
    ck_assert_str_eq(note, "nothing stands out: all teams alike");
    ck_assert_uint_eq(v.row_count, 1);
    ck_assert_str_eq(v.rows[0].what, "");
    ck_assert_str_eq(view_differs_name(&v.rows[0]), "all alike");
    ck_assert_str_eq(v.sentence, "fail % 50.3 against 1 in the hour before; nothing stands out: all teams alike");
    ck_assert_double_eq_tol(v.rows[0].share, 1, 1e-9);
    fixture_close(&f);
}
END_TEST

START_TEST(who_is_alike_is_named_with_the_other)
{
    struct fixture f;
    const struct vsuspect *suspects;
    const char *note;
    size_t count;
    struct view_differs v = differs_of_teams(&f, (const int64_t[]){40, 41, 1}, &suspects, &count, &note);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(suspects[0].title, "team batch");
    ck_assert_str_eq(suspects[0].reason, "5xx since 15:50:00Z +-3m; 51 % of what fails beyond the usual; alike: team search");
    ck_assert_str_eq(suspects[1].reason, "5xx since 15:50:00Z +-3m; 49 % of what fails beyond the usual; alike: team batch");
    ck_assert_uint_eq(v.row_count, 2);
    ck_assert_str_eq(v.rows[1].alike, "team=batch");
    ck_assert_str_eq(v.sentence, "team=batch: fail % 41 against 1 in the hour before, 51% of the change; alike: team=search");
    fixture_close(&f);
}
END_TEST

/* What fires says since when and about what; `w`, the overview and the suspects read the same window. */
START_TEST(the_usual_comparison_is_that_of_the_worst_that_fires)
{
    struct fixture f;
    struct view_differs_ask ask;
    record(&f);
    const int64_t now = f.params.cursor_ms;
    struct alert al = {.rule = "slo:a:page-1h",
                       .scope = "team=batch,model=gpt-x",
                       .severity = SEV_TICKET,
                       .state = ALERT_FIRING,
                       .since_ms = now - 60000,
                       .onset_ms = now - 120000,
                       .known_ms = now - 60000,
                       .text = ""};
    ck_assert_int_eq(view_differs_usual(&f.loader, &f.params, &ask, NULL), ERR_OK);
    ck_assert_int_eq(ask.onset_ms, 0);
    ck_assert_int_eq(ask.t0_ms, now - 300000);
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    al.rule = "slo:b:page-1h";
    al.scope = "";
    al.severity = SEV_PAGE;
    al.onset_ms = now - 90000;
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(view_differs_usual(&f.loader, &f.params, &ask, NULL), ERR_OK);
    ck_assert_int_eq(ask.onset_ms, now - 90000);
    ck_assert_int_eq(ask.t0_ms, now - 90000); /* also where it began within the now window */
    ck_assert_int_eq(ask.t1_ms, now);
    ck_assert_int_eq(ask.base0_ms, now - 90000 - 3600000);
    ck_assert_str_eq(ask.scope, "");
    fixture_close(&f);
}
END_TEST

static int64_t put_incident(struct fixture *f, const char *scope, int64_t onset_ms, int64_t resolved_ms)
{
    int64_t id = 0;
    const struct incident in = {.title = "errors",
                                .scope = scope,
                                .severity = SEV_PAGE,
                                .state = resolved_ms != 0 ? INCIDENT_RESOLVED : INCIDENT_OPEN,
                                .onset_ms = onset_ms,
                                .opened_ms = onset_ms + 60000,
                                .resolved_ms = resolved_ms,
                                .known_ms = onset_ms + 60000,
                                .owner = ""};
    ck_assert_int_eq(store_put_incident(f->st, &in, &id, NULL), ERR_OK);
    return id;
}

static bool has_line(const char *const *lines, size_t count, const char *line)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(lines[i], line) == 0)
            return true;
    return false;
}

/* Once the source that counts requests is silent, who was hit is still of the incident's own time, and sums to what was lost. */
START_TEST(who_an_incident_hit_sums_to_what_it_lost)
{
    struct fixture f;
    struct view_incidents v;
    uint64_t sum = 0;
    record(&f);
    const int64_t open = put_incident(&f, "", f.params.cursor_ms - 5 * fixture_step_ms, 0);
    outlive(&f, SIG_WAITING);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, open, &v, NULL), ERR_OK);
    for (size_t i = 0; i < v.hits.count; i++)
        sum += v.hits.list[i].bad;
    ck_assert_uint_eq(v.list[0].lost, 5 * 15);
    ck_assert_uint_eq(sum, 5 * 15);
    ck_assert(has_line(v.impact, v.impact_count, "requests lost   >=75 of >=475"));
    ck_assert_int_eq(v.list[0].lost_exact, AT_LEAST);
    fixture_close(&f);
}
END_TEST

/* It lasts to the last that is known of it: where what counts it is silent, and where nobody writes any more; of one that is over nothing
 * is missed. */
START_TEST(an_incident_of_which_nothing_is_told_any_more_counts_on_no_longer)
{
    for (int alone = 0; alone < 2; alone++) {
        struct fixture f;
        struct view_incidents v;
        record(&f);
        const int64_t now = f.params.cursor_ms;
        (void)put_incident(&f, "", now - 9 * fixture_step_ms, now - 7 * fixture_step_ms);
        const int64_t open = put_incident(&f, "", now - 5 * fixture_step_ms, 0);
        if (!alone)
            outlive(&f, SIG_WAITING);
        f.params.cursor_ms = f.params.now_ms = now + 10 * fixture_step_ms;
        ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, open, &v, NULL), ERR_OK);
        ck_assert_str_eq(v.list[0].duration_text, ">=5m, then not known");
        ck_assert_str_eq(v.list[0].short_text, ">=5m");
        ck_assert(v.list[0].is_silent && v.list[0].to_ms == now && v.list[0].lost_exact == AT_LEAST);
        ck_assert_ptr_nonnull(strstr(v.impact[0], ">=5m, then not known, since "));
        ck_assert_str_eq(v.list[1].duration_text, "2m");
        ck_assert(!v.list[1].is_silent && v.list[1].lost_exact == EXACT);
        fixture_close(&f);
    }
}
END_TEST

/* Another source counts them too, and is silent: what was lost is at least that. */
START_TEST(what_an_incident_lost_is_a_bound_while_a_source_is_missing)
{
    struct fixture f;
    struct view_incidents v;
    record(&f);
    const int64_t open = put_incident(&f, "", f.params.cursor_ms - 5 * fixture_step_ms, 0);
    outlive(&f, SIG_REQUESTS);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, open, &v, NULL), ERR_OK);
    ck_assert(!v.list[0].is_silent && v.list[0].lost_exact == AT_LEAST);
    ck_assert_msg(strncmp(v.impact[1], "requests lost   >=", 18) == 0 && strstr(v.impact[1], " of >=") != NULL, "%s", v.impact[1]);
    fixture_close(&f);
}
END_TEST

/* What is counted is of the time in which it did harm, not of the calm before it is resolved. */
START_TEST(an_incident_counts_to_the_end_of_its_trouble)
{
    struct fixture f;
    struct view_incidents v;
    record(&f);
    const int64_t now = f.params.cursor_ms, end = now - 3 * fixture_step_ms;
    struct incident in = {.title = "errors",
                          .scope = "",
                          .severity = SEV_PAGE,
                          .onset_ms = now - 8 * fixture_step_ms,
                          .opened_ms = now - 7 * fixture_step_ms,
                          .ended_ms = end - 30000,
                          .ended_error_ms = 30000, /* the poll in which it ended counts */
                          .onset_error_ms = 90000,
                          .known_ms = now,
                          .owner = ""};
    ck_assert_int_eq(store_put_incident(f.st, &in, &in.id, NULL), ERR_OK);
    for (int resolved = 0; resolved < 2; resolved++) {
        ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, in.id, &v, NULL), ERR_OK);
        ck_assert_uint_eq(v.list[0].lost, 5 * 15);
        ck_assert_str_eq(v.list[0].duration_text, "4m30s");
        ck_assert(has_line(v.impact, v.impact_count, "requests lost   75 of 475"));
        ck_assert_str_eq(v.impact[0],
                         resolved
                             ? "lasted          4m30s, Mon 23 Nov 15:52:00Z +-1m30s to 15:56:30Z +-30s"
                             : "errors ended    15:56:30Z +-30s (not resolved yet); it lasted 4m30s, since Mon 23 Nov 15:52:00Z +-1m30s");
        in.state = INCIDENT_RESOLVED;
        in.resolved_ms = now;
        ck_assert_int_eq(store_put_incident(f.st, &in, NULL, NULL), ERR_OK);
    }
    fixture_close(&f);
}
END_TEST

/* Who took its fallbacks, and how many of them: of several the one that took most, and of a gateway that names none, some. */
START_TEST(an_incident_says_who_took_its_fallbacks)
{
    static const struct {
        const char *names[3];
        const char *line;
    } rows[] = {{{""}, "fallbacks       16 requests were handed to a fallback"},
                {{"gpt-x-weu"}, "fallbacks       16 requests were handed to gpt-x-weu"},
                {{"c-s", "gpt-x-weu", "c-l"}, "fallbacks       56 requests were handed to gpt-x-weu +2"}};
    static const int64_t per_minute[3] = {4, 7, 3};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        struct view_incidents v;
        fixture_open(&f);
        for (int m = 1; m <= FIXTURE_POLLS; m++) {
            for (size_t k = 0; k < 3 && rows[i].names[k] != NULL; k++)
                fixture_increment(&f, fixture_series(&f, SIG_FALLBACKS, 0, "gpt-x", "", "", "ok", rows[i].names[k]), per_minute[k]);
            fixture_append(&f, fixture_start_ms + m * fixture_step_ms);
        }
        const int64_t id = put_incident(&f, "model=gpt-x", f.params.cursor_ms - 4 * fixture_step_ms, 0);
        ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
        ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
        ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id, &v, NULL), ERR_OK);
        ck_assert_msg(has_line(v.impact, v.impact_count, rows[i].line), "%s", v.impact[2]);
        fixture_close(&f);
    }
}
END_TEST

/* Many incidents of one scope are one reading; each is counted over its own time. */
START_TEST(incidents_of_one_scope_are_read_at_once)
{
    enum { MORE = 20 };
    struct fixture f;
    struct view_incidents v;
    record(&f);
    const int64_t now = f.params.cursor_ms;
    (void)put_incident(&f, "team=batch", now - 5 * fixture_step_ms, 0);
    arena_reset(&f.arena);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 0, &v, NULL), ERR_OK);
    const size_t one = f.arena.used;
    for (int i = 0; i < MORE; i++)
        (void)put_incident(&f, i == 7 ? "team=search" : "team=batch", now - (10 + i) * fixture_step_ms, now - (3 + i) * fixture_step_ms);
    arena_reset(&f.arena);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 0, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.count, MORE + 1);
    for (size_t i = 0; i < v.count; i++) { /* 15 a minute in the last ten, of team batch */
        const int64_t from = v.list[i].in.onset_ms, to = v.list[i].in.resolved_ms != 0 ? v.list[i].in.resolved_ms : now;
        const int64_t late = from > now - 10 * fixture_step_ms ? from : now - 10 * fixture_step_ms;
        const bool hit = strcmp(v.list[i].in.scope, "team=batch") == 0 && to > late;
        ck_assert_uint_eq(v.list[i].lost, hit ? (uint64_t)((to - late) / fixture_step_ms * 15) : 0);
        ck_assert(v.list[i].lost_known);
    }
    ck_assert_uint_lt(f.arena.used, one + MORE / 2 * sizeof(struct vread));
    fixture_close(&f);
}
END_TEST

/* What an operator wrote stands on the incident at once, before the recorder took it in; and it is what is remembered of it the next
 * time. */
START_TEST(an_incident_carries_what_was_written_on_it)
{
    struct fixture f;
    struct view_incidents v;
    struct view_overview o;
    record(&f);
    const int64_t now = f.params.cursor_ms, minute = fixture_step_ms;
    const int64_t oldest = put_incident(&f, "team=batch", now - 110 * minute, now - 100 * minute);
    const int64_t old = put_incident(&f, "team=batch", now - 80 * minute, now - 70 * minute);
    const int64_t other = put_incident(&f, "", now - 9 * minute, 0), open = put_incident(&f, "team=batch", now - 10 * minute, 0);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, open, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.detail->note, "");
    ck_assert_uint_eq(v.act_count, 0);
    ck_assert_int_eq(store_act_drop(f.path, "note", old, "rerouted by hand", now - 75 * minute, NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(f.path, "note", open, "first", now - 3 * minute, NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(f.path, "note", open, "azure takes it", now - 2 * minute, NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(f.path, "ack", open, "", now - minute, NULL), ERR_OK);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, open, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.detail->note, "azure takes it");
    ck_assert_int_eq(v.detail->in.state, INCIDENT_ACKNOWLEDGED);
    ck_assert_uint_eq(v.act_count, 3);
    char before[160], day[TIMEFMT_MAX];
    instant_format_day(now - 80 * minute, day);
    str_format(before, sizeof before, "seen before     #%lld, %s: rerouted by hand, over in 10m; 1 more", (long long)old, day);
    ck_assert_msg(has_line(v.impact, v.impact_count, before), "%s", v.impact[v.impact_count - 1]);
    ck_assert_uint_eq(v.hits.list[0].bad, 150); /* 15 a minute since its onset, not of the last five minutes */
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, oldest, &v, NULL), ERR_OK);
    for (size_t i = 0; i < v.impact_count; i++)
        ck_assert_ptr_null(strstr(v.impact[i], "seen before"));

    /* The overview's story is that of what fires, else of the newest. */
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    str_format(before, sizeof before, "#%lld PAGE open", (long long)other);
    ck_assert_str_eq(o.incident_text, before);
    const struct alert al = {.rule = "slo:a:page-1h",
                             .scope = "team=batch",
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = now - minute,
                             .onset_ms = now - 10 * minute,
                             .known_ms = now - minute,
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    str_format(before, sizeof before, "#%lld PAGE acknowledged, owner %s", (long long)open, v.list[1].in.owner);
    ck_assert_msg(strncmp(o.incident_text, before, 22) == 0, "%s", o.incident_text);
    ck_assert_str_eq(o.suspects[0].title, "team batch");
    ck_assert_str_eq(o.diffs[0].what, "team=batch");
    fixture_close(&f);
}
END_TEST

static uint32_t deployed(struct fixture *f, enum signal signal, const char *deployment)
{
    struct series s = {.source = f->source, .signal = (uint16_t)signal};
    uint32_t id = 0;
    s.dim[DIM_MODEL] = fixture_string(f, "gpt-x");
    s.dim[DIM_KEY] = fixture_string(f, "only");
    s.dim[DIM_DEPLOYMENT] = fixture_string(f, deployment);
    ck_assert_int_eq(store_series(f->st, &s, &id, NULL), ERR_OK);
    return id;
}

/* Two hours of one key at 6 USD/h and ten requests a minute on one deployment; in the last ten minutes 12 USD/h on another, or for more
 * requests. */
static void move(struct fixture *f, const char *late_to, int64_t late_requests)
{
    fixture_open(f);
    const uint32_t cost[2] = {deployed(f, SIG_COST, "cheap"), deployed(f, SIG_COST, late_to)},
                   requests[2] = {deployed(f, SIG_REQUESTS, "cheap"), deployed(f, SIG_REQUESTS, late_to)},
                   tokens[2] = {deployed(f, SIG_TOKENS_OUTPUT, "cheap"), deployed(f, SIG_TOKENS_OUTPUT, late_to)};
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        bool late = i > FIXTURE_POLLS - 10;
        fixture_increment(f, cost[late], late ? 200000000 : 100000000);
        fixture_increment(f, requests[late], late ? late_requests : 10);
        fixture_increment(f, tokens[late], late ? 100 * late_requests : 1000);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static const char *what_moved(struct fixture *f, const char *late_to, int64_t late_requests)
{
    struct view_overview o;
    move(f, late_to, late_requests);
    ck_assert_int_eq(view_load_overview(&f->loader, &f->params, &o, NULL), ERR_OK);
    return o.money_line;
}

START_TEST(a_key_is_named_for_what_it_does_and_not_for_what_it_is_charged)
{
    struct fixture f;
    ck_assert_str_eq(what_moved(&f, "dear", 10),
                     ">=$12.0/h over the last 5m; +$6.00/h vs 1h ago = model gpt-x, now on dear +$6.00/h (fallback), rest +$0/h");
    struct alert found = {.rule = "fallback:test",
                          .scope = "model=gpt-x",
                          .severity = SEV_NONE,
                          .state = ALERT_FIRING,
                          .since_ms = f.params.cursor_ms - 8 * fixture_step_ms,
                          .onset_ms = f.params.cursor_ms - 10 * fixture_step_ms,
                          .onset_error_ms = fixture_step_ms,
                          .known_ms = f.params.cursor_ms - 8 * fixture_step_ms,
                          .total = 60,
                          .text = "rose"};
    struct view_overview o;
    ck_assert_int_eq(store_put_alert(f.st, &found, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(o.money_line, "model gpt-x, now on dear +$6.00/h since 15:50Z +-1m (fallback)"));
    found.since_ms = found.known_ms = f.params.cursor_ms - fixture_step_ms; /* the newest poll is of its own deployment again */
    found.ended_ms = f.params.cursor_ms - fixture_step_ms;
    ck_assert_int_eq(store_put_alert(f.st, &found, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(o.money_line, "model gpt-x +$6.00/h (fallback)"));
    fixture_close(&f);
    /* 30 % more of them at a price that rose by more: ln 1.3 of ln 2 is the key's doing */
    ck_assert_str_eq(
        what_moved(&f, "cheap", 13),
        ">=$12.0/h over the last 5m; +$6.00/h vs 1h ago = model gpt-x +$6.00/h (higher price, ~1.3x its requests), rest +$0/h");
    fixture_close(&f);
    ck_assert_str_eq(
        what_moved(&f, "cheap", 20),
        ">=$12.0/h over the last 5m; +$6.00/h vs 1h ago = key only +$6.00/h (1.2-3.3x its requests), rest +$0/h"); /* of 50 and 100 */
    const struct store_gap gap = {
        f.source, f.params.cursor_ms - 2 * fixture_step_ms, f.params.cursor_ms - fixture_step_ms, "HTTP 503", true, 0};
    ck_assert_int_eq(store_put_gap(f.st, &gap, NULL), ERR_OK); /* of what is lost nobody knows how it was split */
    struct view_cost v;
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.parts[0].because_text, "~1.2-3.3x its requests");
    fixture_close(&f);
}
END_TEST

/* One key of 500 requests a minute, 1000 in the last 50 minutes before the run, which began so many polls before the end with 7.5 times as
 * many; it was found with that onset, known to within a poll. */
static void record_run(struct fixture *f, int began)
{
    fixture_open(f);
    const uint32_t cost = deployed(f, SIG_COST, "cheap"), requests = deployed(f, SIG_REQUESTS, "cheap"),
                   tokens = deployed(f, SIG_TOKENS_OUTPUT, "cheap");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        const int64_t n = i > FIXTURE_POLLS - began ? 7500 : i > FIXTURE_POLLS - began - 50 ? 1000 : 500;
        fixture_increment(f, cost, 100000 * n);
        fixture_increment(f, requests, n);
        fixture_increment(f, tokens, 100 * n);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    const struct alert found = {.rule = "key:test",
                                .scope = "key=only",
                                .severity = SEV_NONE,
                                .state = ALERT_FIRING,
                                .since_ms = f->params.cursor_ms - fixture_step_ms,
                                .onset_ms = f->params.cursor_ms - began * fixture_step_ms,
                                .onset_error_ms = fixture_step_ms,
                                .known_ms = f->params.cursor_ms - fixture_step_ms,
                                .total = 60,
                                .text = "key only: 7.5x its requests"};
    ck_assert_int_eq(store_put_alert(f->st, &found, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

/* 22,500 requests and 30,000 before: no chance, but no rate is known to keep to better than a tenth, which is 7.5 times e^+-0.2. Against an
 * hour ago, whose rate was half as high, it would be 15. */
START_TEST(a_run_is_told_by_what_came_since_its_onset)
{
    static const struct {
        int began;
        const char *line;
    } runs[] = {
        {3, " since 15:57Z +-1m (6.1-9.2x its requests since 15:58:00Z)"},
        {1, " since 15:59Z +-1m (6.1-9.2x its requests since 15:59:00Z)"}, /* nothing is certainly since: the newest minute */
        {20, " since 15:40Z +-1m (6.1-9.2x its requests)"},
        {45, " since 15:15Z +-1m (6.1-9.2x its requests)"}, /* the hour around an hour ago holds some of the run */
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct fixture f;
        struct view_overview o;
        record_run(&f, runs[i].began);
        ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
        ck_assert_msg(strstr(o.money_line, runs[i].line) != NULL, "%s", o.money_line);
        fixture_close(&f);
    }
}
END_TEST

/* Of two keys that ask a little more than before at half the price again, neither is named for it: the price is the model's. */
START_TEST(a_price_is_the_models)
{
    static const char *const keys[] = {"a", "b"};
    struct fixture f;
    struct view_overview o;
    fixture_open(&f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        for (int k = 0; k < 2; k++) {
            const bool late = i > FIXTURE_POLLS - 10;
            const int64_t n = late && k == 0 ? 1600 : 1000;
            fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "c-l", "team", keys[k], "", ""), (late ? 150000 : 100000) * n);
            fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "c-l", "team", keys[k], "ok", ""), n);
            fixture_increment(&f, fixture_series(&f, SIG_TOKENS_OUTPUT, 0, "c-l", "team", keys[k], "", ""), 100 * n);
        }
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_msg(strstr(o.money_line, "= model c-l +") != NULL, "%s", o.money_line);
    fixture_close(&f);
}
END_TEST

/* One model of two keys on two deployments, $1 and $3 per million input tokens, $5 and $15 of output; k1 asks 10 times a minute, k2 20
 * times. In the last ten minutes: */
enum late { LATE_FALLBACK, LATE_PROMPTS, LATE_REQUESTS, LATE_ANSWERS, LATE_PRICE, LATE_NEW_KEY, LATES };
static void record_why(struct fixture *f, enum late what)
{
    static const char *const keys[3] = {"k1", "k2", "k3"};
    struct series s = {.signal = SIG_COST};
    uint32_t id[3][2][4], counted;
    static const enum signal signals[4] = {SIG_COST, SIG_REQUESTS, SIG_TOKENS_INPUT, SIG_TOKENS_OUTPUT};
    fixture_open(f);
    s.source = f->source;
    s.dim[DIM_MODEL] = fixture_string(f, "gpt-x");
    for (int k = 0; k < 3; k++)
        for (int d = 0; d < 2; d++)
            for (int i = 0; i < 4; i++) {
                s.signal = (uint16_t)signals[i];
                s.dim[DIM_KEY] = fixture_string(f, keys[k]);
                s.dim[DIM_DEPLOYMENT] = fixture_string(f, d == 0 ? "own" : "other");
                ck_assert_int_eq(store_series(f->st, &s, &id[k][d][i], NULL), ERR_OK);
            }
    counted = fixture_series(f, SIG_FALLBACKS, 0, "gpt-x", "", "", "ok", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        const bool late = i > FIXTURE_POLLS - 10;
        for (int k = 0; k < 3; k++) {
            const int d = late && what == LATE_FALLBACK;
            int64_t n = k == 0 ? 10 : 20, in = 1000 + i % 3 * 100, out = 100 + 7 * (i % 5) * (3 - k), price = d == 1 ? 3000 : 1000;
            n = late && what == LATE_REQUESTS && k == 0 ? 80 : n;
            in += late && what == LATE_PROMPTS && k == 0 ? 20000 : 0;
            out = late && what == LATE_ANSWERS ? out * 10 : out;
            price = late && what == LATE_PRICE ? 4 * price : price;
            if (k == 2 && !(late && what == LATE_NEW_KEY))
                continue;
            fixture_increment(f, id[k][d][0], n * (in + 5 * out) * price);
            fixture_increment(f, id[k][d][1], n);
            fixture_increment(f, id[k][d][2], n * in);
            fixture_increment(f, id[k][d][3], n * out);
        }
        if (late && what == LATE_FALLBACK)
            fixture_increment(f, counted, 30);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static int64_t sum_of(const struct vcost_because *list, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += list[i].per_h_nusd;
    return sum;
}

/* Whoever moved it, and because of what; all sums to the nano-dollar. */
START_TEST(a_change_is_split_into_what_drove_it)
{
    static const struct {
        const char *because, *part, *text;
    } rows[LATES] = {
        [LATE_FALLBACK] = {"fallback", "model gpt-x, now on other", "fallback"},
        [LATE_PROMPTS] = {"input length", "key k1", "prompts 19x as long"},
        [LATE_REQUESTS] = {"requests", "key k1", "5.2-12x its requests"},
        [LATE_ANSWERS] = {"output length", "key k2", "answers 10x as long"},
        [LATE_PRICE] = {"price", "model gpt-x", "higher price"},
        [LATE_NEW_KEY] = {"new", "key k3", "new"},
    };
    struct fixture f;
    struct view_cost v;
    int64_t parts = 0;
    record_why(&f, (enum late)_i);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    for (size_t i = 0; i < v.part_count; i++) {
        parts += v.parts[i].per_h_nusd;
        ck_assert_int_eq(sum_of(v.parts[i].because, v.parts[i].because_count), v.parts[i].per_h_nusd);
    }
    ck_assert_int_eq(sum_of(v.why, v.why_count), parts);
    ck_assert_str_eq(v.parts[0].label, rows[_i].part);
    ck_assert_str_eq(v.parts[0].because_text, rows[_i].text);
    ck_assert_str_eq(v.why[0].name, rows[_i].because);
    ck_assert_str_eq(v.why_note, "");
    ck_assert_double_gt((double)v.why[0].per_h_nusd / (double)parts, 0.95);
    ck_assert_msg(strncmp(v.why_text, rows[_i].because, strlen(rows[_i].because)) == 0, "%s", v.why_text);
    fixture_close(&f);
}
END_TEST

/* All is served at three times the price: two thirds of it are what the fallback costs more. */
START_TEST(a_fallback_costs_what_it_is_dearer)
{
    struct fixture f;
    struct view_cost v;
    char want[128];
    record_why(&f, LATE_FALLBACK);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_double_eq_tol(v.surcharge_per_h, v.now_per_h.v * 2 / 3, 1e-4 * v.now_per_h.v);
    str_format(want, sizeof want, "fallbacks cost $%.2f/h more than their models' own deployments would", v.surcharge_per_h);
    ck_assert_str_eq(v.surcharge_text, want);
    fixture_close(&f);
    record_why(&f, LATE_PRICE);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_double_eq(v.surcharge_per_h, 0);
    fixture_close(&f);
}
END_TEST

/* record() tells requests by key and model, tokens of one key alone and no deployment; without prices a cost per request is all that is
 * known. */
START_TEST(what_a_change_cannot_be_split_into_is_said)
{
    struct fixture f;
    struct view_cost v;
    record(&f);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.why[0].name, "not split"); /* 3.5x per request at 0.57x its requests */
    ck_assert_str_eq(v.parts[0].because_text, "3.5x per request");
    ck_assert_str_eq(v.why_note, "requests and tokens are not split by deployment");
    ck_assert_ptr_nonnull(strstr(v.why_text, v.why_note));
    fixture_close(&f);
    fixture_open(&f); /* spend alone */
    const uint32_t cost = deployed(&f, SIG_COST, "cheap");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, cost, i > FIXTURE_POLLS - 10 ? 200000000 : 100000000);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.why_count, 1);
    ck_assert_str_eq(v.why[0].name, "not split");
    ck_assert_str_eq(v.parts[0].because_text, "why is not told");
    ck_assert_str_eq(v.why_note, "no requests are told, so why is not");
    fixture_close(&f);
}
END_TEST

/* An hour in which nothing was spent, and one with 0.06 USD a minute. */
START_TEST(spend_that_came_from_nothing_has_no_ratio)
{
    struct fixture f;
    struct view_cost v;
    fixture_open(&f);
    const uint32_t cost = fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, cost, i > FIXTURE_POLLS / 2 ? 60000000 : 0);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_msg(strstr(v.sentence, ">=$3.60/h over the last 5m, $0/h 1h ago: ") == v.sentence, "%s", v.sentence);
    ck_assert_ptr_null(strstr(v.sentence, "nan"));
    fixture_close(&f);
}
END_TEST

START_TEST(filter_keeps_what_matches)
{
    struct fixture f;
    struct view_cost v;
    struct errctx ctx = {.text = ""};
    record(&f);
    f.params.filter = "team=search";
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.total_nusd, 60 * INT64_C(60000000));
    f.params.filter = "team=nobody";
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.total_nusd, 0);
    f.params.filter = "tean=search";
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, &ctx), ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "tean=search"));
    fixture_close(&f);
}
END_TEST

START_TEST(what_differs_is_named_with_its_numbers)
{
    struct fixture f;
    struct view_differs v;
    record(&f);
    int64_t now = f.params.now_ms;
    const struct view_differs_ask ask = {.t0_ms = now - 10 * fixture_step_ms,
                                         .t1_ms = now,
                                         .base0_ms = now - 70 * fixture_step_ms,
                                         .base1_ms = now - 10 * fixture_step_ms,
                                         .base_text = "the hour before"};
    ck_assert_int_eq(view_load_differs(&f.loader, &f.params, &ask, &v, NULL), ERR_OK);
    ck_assert_uint_gt(v.row_count, 0);
    ck_assert_str_eq(v.rows[0].what, "team=batch"); /* its only key holds the same failures */
    ck_assert_str_eq(v.rows[0].measure, "fail %");
    ck_assert_double_eq_tol(v.rows[0].now.v, 100.0 * 15 / 35, 1e-9);
    ck_assert_uint_eq(v.rows[0].now.n, 350);
    ck_assert_double_eq_tol(v.rows[0].then.v, 0, 1e-12);
    ck_assert_double_eq_tol(v.rows[0].share, 1, 0.01);
    const struct vdiffer *money = NULL;
    for (size_t i = 0; i < v.row_count; i++)
        money = money == NULL && strcmp(v.rows[i].measure, "$/h") == 0 ? &v.rows[i] : money;
    ck_assert_ptr_nonnull(money);
    ck_assert_str_eq(money->what, "team=batch");
    ck_assert_double_eq_tol(money->now.v, 3.6, 1e-9); /* 0.06 USD a minute, 0.03 before */
    ck_assert_double_eq_tol(money->then.v, 1.8, 1e-9);
    fixture_close(&f);
}
END_TEST

/* What fell is no trouble and is not listed, and a rise beside a fall is no part of the sum of both. */
START_TEST(only_what_got_worse_differs_and_parts_that_cancel_say_so)
{
    struct fixture f;
    struct view_differs v;
    static const struct {
        const char *team;
        int64_t bad, late_bad, usd, late_usd;
    } of[] = {{"rises", 2, 30, 10, 40}, {"falls", 40, 2, 50, 25}, {"stays", 1, 1, 10, 10}};
    fixture_open(&f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        for (size_t k = 0; k < 3; k++) {
            const bool late = i > FIXTURE_POLLS - 10;
            const int64_t bad = late ? of[k].late_bad : of[k].bad;
            fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", of[k].team, "", "ok", ""), 100 - bad);
            fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", of[k].team, "", "5xx", ""), bad);
            fixture_increment(&f, fixture_series(&f, SIG_COST, 0, "gpt-x", of[k].team, "", "", ""),
                              (late ? of[k].late_usd : of[k].usd) * unit_scale(UNIT_USD));
        }
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    const int64_t now = f.params.cursor_ms;
    const struct view_differs_ask ask = {.t0_ms = now - 10 * fixture_step_ms,
                                         .t1_ms = now,
                                         .base0_ms = now - 70 * fixture_step_ms,
                                         .base1_ms = now - 10 * fixture_step_ms,
                                         .base_text = "the hour before",
                                         .scope = ""};
    ck_assert_int_eq(view_load_differs(&f.loader, &f.params, &ask, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.row_count, 2);
    for (size_t i = 0; i < v.row_count; i++) {
        ck_assert_str_eq(v.rows[i].what, "team=rises");
        ck_assert(v.rows[i].now.v > v.rows[i].then.v);
        ck_assert(isnan(v.rows[i].share));
    }
    ck_assert_str_eq(v.sentence, "team=rises: fail % 30 against 2 in the hour before, parts cancel");
    fixture_close(&f);
}
END_TEST

/* Of what fires the hour before is a baseline for what came after its onset, and for nothing else; without it there is none. */
START_TEST(a_baseline_that_there_is_not_says_why)
{
    struct fixture f;
    struct view_differs_ask ask;
    struct view_differs v;
    record(&f);
    const int64_t now = f.params.cursor_ms, onset = now - 600000;
    ck_assert_int_eq(view_differs_against(&f.loader, &f.params, 0, 0, DIFFERS_INCIDENT, &ask, NULL), ERR_OK);
    ck_assert_int_eq(view_load_differs(&f.loader, &f.params, &ask, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.row_count, 0);
    ck_assert_msg(strstr(v.sentence, "nothing fires here") != NULL, "%s", v.sentence);
    const struct alert al = {.rule = "slo:a:page-1h",
                             .scope = "",
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = onset,
                             .onset_ms = onset,
                             .known_ms = onset,
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(view_differs_against(&f.loader, &f.params, now - 120000, now - 60000, DIFFERS_USUAL, &ask, NULL), ERR_OK);
    ck_assert_int_eq(ask.base, DIFFERS_INCIDENT);
    ck_assert_int_eq(ask.base1_ms, onset);
    ck_assert_int_eq(ask.t0_ms, now - 120000);
    ck_assert_int_eq(view_differs_against(&f.loader, &f.params, onset - 60000, onset, DIFFERS_USUAL, &ask, NULL), ERR_OK);
    ck_assert_int_eq(ask.base, DIFFERS_BEFORE);
    ck_assert_int_eq(view_differs_against(&f.loader, &f.params, onset - 60000, onset, DIFFERS_INCIDENT, &ask, NULL), ERR_OK);
    ck_assert_msg(strstr(ask.none, "after this window did") != NULL, "%s", ask.none);
    ck_assert_int_eq(view_differs_against(&f.loader, &f.params, 0, 0, DIFFERS_YESTERDAY, &ask, NULL), ERR_OK);
    ck_assert_int_eq(ask.t0_ms, onset); /* the window stays what the trouble makes it */
    ck_assert_int_eq(ask.base0_ms, onset - 24 * INT64_C(3600000));
    fixture_close(&f);
}
END_TEST

START_TEST(proposals_rest_on_what_was_recorded_and_no_longer)
{
    struct fixture f;
    struct view_proposals v;
    fixture_open(&f);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params = (struct view_params){.now_ms = fixture_start_ms, .cursor_ms = fixture_start_ms, .filter = ""};
    ck_assert_int_eq(view_load_proposals(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.to_ms, 0); /* nothing */
    int64_t first = fixture_start_ms + fixture_step_ms, last = fixture_start_ms + 2 * fixture_step_ms;
    for (int64_t at = first; at <= last; at += fixture_step_ms) {
        fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", ""), 60);
        fixture_append(&f, at);
    }
    f.params.cursor_ms = f.params.now_ms = last + fixture_step_ms; /* three minutes into a step of five */
    ck_assert_int_eq(view_load_proposals(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.from_ms, first);
    ck_assert_int_eq(v.to_ms, last);
    f.params.cursor_ms = f.params.now_ms = last + 60 * fixture_step_ms; /* nobody recorded since */
    ck_assert_int_eq(view_load_proposals(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.to_ms, last);
    fixture_close(&f);
}
END_TEST

START_TEST(gaps_stay_gaps)
{
    struct fixture f;
    struct view_overview v;
    record(&f);
    fixture_append(&f, fixture_start_ms +
                           (FIXTURE_POLLS + 30) * fixture_step_ms); /* a poll without any series, after half an hour of nothing */
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    const struct vrow *r = fixture_row(v.rows, v.row_count, "req/s");
    ck_assert(isnan(r->now.v));
    ck_assert(isnan(r->strip.v[59]));
    ck_assert(!isnan(r->strip.v[29]));
    fixture_close(&f);
}
END_TEST

Suite *suite_views(void);
START_TEST(a_number_of_a_sentence_has_three_digits_and_no_exponent)
{
    static const struct {
        double v;
        const char *text;
    } rows[] = {{0, "0"},           {0.000041234, "0.0000412"},
                {0.0417, "0.0417"}, {0.99961, "1"},
                {1, "1"},           {2.504, "2.5"},
                {41.26, "41.3"},    {50, "50"},
                {999.2, "999"},     {1234, "1.23k"},
                {12345678, "12.3M"}};
    char out[VTEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        vtext_number(rows[i].v, out);
        ck_assert_str_eq(out, rows[i].text);
    }
}
END_TEST

Suite *suite_views(void)
{
    Suite *s = suite_create("views");
    TCase *tc = tcase_create("traced");
    tcase_add_test(tc, overview_rows_are_what_was_recorded);
    tcase_add_test(tc, a_comparison_has_one_name);
    tcase_add_test(tc, who_is_hit_sums_to_the_total);
    tcase_add_test(tc, cost_rows_sum_to_the_total_and_parts_to_the_change);
    tcase_add_test(tc, the_legend_the_table_and_the_total_are_of_one_window);
    tcase_add_test(tc, each_kind_of_token_is_known_by_itself);
    tcase_add_test(tc, a_window_longer_than_the_recording_says_so);
    tcase_add_test(tc, a_budget_of_which_not_all_was_recorded_is_not_safe);
    tcase_add_test(tc, spend_is_held_against_the_plan_of_what_is_shown);
    tcase_add_loop_test(tc, what_runs_away_is_forecast_at_the_rate_of_now, 0, 3);
    tcase_add_test(tc, a_budget_ends_by_the_usual_course_of_its_scope);
    tcase_add_test(tc, without_enough_history_there_is_no_course);
    tcase_add_test(tc, the_running_day_week_and_month);
    tcase_add_test(tc, what_a_request_costs_and_how_long_its_prompt_is);
    tcase_add_test(tc, where_nothing_stands_out_the_rows_are_stacked);
    tcase_add_test(tc, a_fallback_costs_what_it_is_dearer);
    tcase_add_test(tc, what_runs_away_has_no_usual_course);
    tcase_add_test(tc, replicas_that_take_turns_are_not_added_up_in_time);
    tcase_add_test(tc, traffic_table_counts_every_class);
    tcase_add_test(tc, without_rules_nothing_can_page);
    tcase_add_test(tc, stale_sources_make_the_verdict_unknown);
    tcase_add_test(tc, counters_that_mean_nothing_are_unknown_and_neither_zero_nor_old);
    tcase_add_test(tc, beside_a_source_that_counts_one_that_does_not_makes_a_lower_bound);
    tcase_add_test(tc, without_the_failures_requests_are_a_bound_and_no_ratio_is_known);
    tcase_add_test(tc, that_nothing_answers_has_its_reason);
    tcase_add_test(tc, what_is_watched_is_shown_and_not_sure);
    tcase_add_test(tc, what_is_watched_in_part_leaves_the_rest_sure);
    tcase_add_test(tc, what_is_lost_of_one_signal_is_whole_of_another);
    tcase_add_test(tc, a_slow_source_is_said_to_be);
    tcase_add_test(tc, what_lacks_a_part_is_about_and_the_objective_says_so);
    tcase_add_test(tc, a_signal_of_which_nothing_is_left_is_as_old_as_its_last_value);
    tcase_add_test(tc, a_recorder_that_is_stopped_is_named_and_not_the_sources);
    tcase_add_test(tc, a_cursor_in_a_hole_names_what_made_it);
    tcase_add_test(tc, a_cursor_in_a_hole_says_what_was_made_good_later);
    tcase_add_test(tc, what_has_become_stale_stays_as_it_was);
    tcase_add_loop_test(tc, the_window_is_what_was_measured_of_it, 0, 7);
    tcase_add_test(tc, a_source_that_answers_does_not_vouch_for_another);
    tcase_add_test(tc, a_total_without_one_of_its_sources_is_a_lower_bound);
    tcase_add_test(tc, a_gateways_budget_names_its_end_and_the_rate);
    tcase_add_loop_test(tc, one_reset_is_one_time, 0, 3);
    tcase_add_test(tc, what_is_known_after_the_last_poll_is_in_the_overview);
    tcase_add_test(tc, a_rate_over_a_time_that_is_not_certain_is_about);
    tcase_add_test(tc, ids_come_heaviest_first_and_each_once);
    tcase_add_test(tc, replicas_tell_one_budget_and_not_two);
    tcase_add_test(tc, engines_are_counted_and_the_fullest_one_is_shown);
    tcase_add_test(tc, a_suspect_is_found_among_many_keys);
    tcase_add_test(tc, more_keys_than_can_be_read_are_joined);
    tcase_add_test(tc, a_filter_asks_and_does_not_narrow_the_comparison);
    tcase_add_test(tc, a_lesser_trouble_shows_beside_a_greater_one);
    tcase_add_test(tc, where_nobody_stands_out_that_is_said);
    tcase_add_test(tc, who_is_alike_is_named_with_the_other);
    tcase_add_test(tc, a_key_is_named_for_what_it_does_and_not_for_what_it_is_charged);
    tcase_add_test(tc, a_run_is_told_by_what_came_since_its_onset);
    tcase_add_test(tc, a_price_is_the_models);
    tcase_add_test(tc, who_an_incident_hit_sums_to_what_it_lost);
    tcase_add_test(tc, a_number_of_a_sentence_has_three_digits_and_no_exponent);
    tcase_add_test(tc, an_incident_of_which_nothing_is_told_any_more_counts_on_no_longer);
    tcase_add_test(tc, what_an_incident_lost_is_a_bound_while_a_source_is_missing);
    tcase_add_test(tc, an_incident_counts_to_the_end_of_its_trouble);
    tcase_add_test(tc, an_incident_says_who_took_its_fallbacks);
    tcase_add_test(tc, incidents_of_one_scope_are_read_at_once);
    tcase_add_loop_test(tc, a_change_is_split_into_what_drove_it, 0, LATES);
    tcase_add_test(tc, what_a_change_cannot_be_split_into_is_said);
    tcase_add_test(tc, an_incident_carries_what_was_written_on_it);
    tcase_add_test(tc, the_usual_comparison_is_that_of_the_worst_that_fires);
    tcase_add_test(tc, spend_that_came_from_nothing_has_no_ratio);
    tcase_add_test(tc, filter_keeps_what_matches);
    tcase_add_test(tc, what_differs_is_named_with_its_numbers);
    tcase_add_test(tc, only_what_got_worse_differs_and_parts_that_cancel_say_so);
    tcase_add_test(tc, a_baseline_that_there_is_not_says_why);
    tcase_add_test(tc, proposals_rest_on_what_was_recorded_and_no_longer);
    tcase_add_test(tc, gaps_stay_gaps);
    tcase_add_test(tc, a_view_does_not_hold_what_was_read_for_it);
    suite_add_tcase(s, tc);
    return s;
}
