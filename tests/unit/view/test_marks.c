/* SPDX-License-Identifier: MIT */
/* Every number of a view says when it rests on stale data, on some of its sources only, or on some of them twice. */
#include <math.h>

#include "fixture.h"

#define AVAILABLE "[{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.99,\"period_ms\":2592000000,\"scope\":[]}]"

enum { MORE = 10 }; /* minutes that the other source goes on */

/* What one source tells in two hours: requests of two teams, one of which fails; attempts, latency, spend. */
static void tell(struct fixture *f, int polls)
{
    static const double bounds[] = {0.1, 1, 10};
    const struct hist_bounds *hb;
    ck_assert_int_eq(store_bounds(f->st, bounds, 3, &hb, NULL), ERR_OK);
    uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", ""),
             bad = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "b", "k2", "5xx", "");
    uint32_t attempts = fixture_series(f, SIG_ATTEMPTS, 0, "gpt-x", "a", "k1", "ok", ""),
             cost = fixture_series(f, SIG_COST, 0, "gpt-x", "a", "k1", "", "");
    uint32_t ttft = fixture_series(f, SIG_TTFT, hb->id, "gpt-x", "a", "k1", "", "");
    for (int i = 1; i <= polls; i++) {
        const struct store_hist_count counts[] = {{1, 600}};
        fixture_increment(f, ok, 60);
        fixture_increment(f, bad, 6);
        fixture_increment(f, attempts, 60);
        fixture_increment(f, cost, 60000000);
        f->items[f->count] = (struct store_item){.series = ttft};
        f->items[f->count].v.hist.sum_fixed = INT64_C(400000000000);
        f->items[f->count].v.hist.n = 600;
        f->items[f->count].v.hist.counts = counts;
        f->items[f->count++].v.hist.count = 1;
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
}

/* Of the sources that tell it, the first falls silent after two hours; the last goes on, and tells the same or nothing of it. */
static void record(struct fixture *f, bool twice)
{
    fixture_open(f);
    config_fini(&f->cfg);
    ck_assert_int_eq(
        config_parse(str_of("gateway: test\nbudgets:\n  - name: all\n    limit: 1000 USD\n    period: month\n"), "test", &f->cfg, NULL),
        ERR_OK);
    tell(f, FIXTURE_POLLS);
    fixture_source(f, "other");
    if (twice) {
        tell(f, FIXTURE_POLLS + MORE);
    } else {
        uint32_t waiting = fixture_series(f, SIG_WAITING, 0, "gpt-x", "", "", "", "");
        for (int i = 1; i <= FIXTURE_POLLS + MORE; i++) {
            f->items[f->count] = (struct store_item){.series = waiting};
            f->items[f->count++].v.gauge = 3;
            fixture_append(f, fixture_start_ms + i * fixture_step_ms);
        }
    }
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(AVAILABLE), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

START_TEST(traffic_is_stale_row_by_row)
{
    struct fixture f;
    struct view_traffic v;
    record(&f, false);
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert(fixture_row(v.rows, v.row_count, "5xx %")->now.stale);
    ck_assert(fixture_row(v.rows, v.row_count, "fallback %")->now.stale); /* of stale requests, though nothing tells fallbacks */
    for (size_t i = 0; i < v.table_count; i++) {
        const struct vtraffic_row *r = &v.table[i];
        ck_assert(r->req_per_s.stale && r->fail_ratio.stale && r->share.stale && r->attempts.stale);
        ck_assert(!r->fail_then.stale);
        ck_assert_int_eq(r->req_per_s.age_ms, MORE * fixture_step_ms);
        ck_assert_int_eq(r->share.age_ms, MORE * fixture_step_ms);
        ck_assert_int_eq(r->fail_then.age_ms, 0);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(objectives_and_who_is_hit_are_stale)
{
    struct fixture f;
    struct view_overview v;
    record(&f, false);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.slo_count, 1);
    ck_assert(v.slos[0].burn_5m.stale && v.slos[0].burn_3d.stale && v.slos[0].budget_left.stale);
    ck_assert_double_eq_tol(v.slos[0].burn_5m.v, 6.0 / 66 / 0.01, 1e-9);
    ck_assert_ptr_eq(strstr(v.slos[0].text, "stale: "), v.slos[0].text);
    ck_assert_uint_gt(v.hits.count, 0);
    ck_assert(v.hits.list[0].stale && v.hits.list[0].cost_per_h.stale);
    ck_assert_int_eq(v.hits.list[0].age_ms, MORE * fixture_step_ms);
    ck_assert_int_eq(v.slos[0].budget_left.age_ms, MORE * fixture_step_ms);
    ck_assert(v.cost_per_h.stale);
    ck_assert_ptr_eq(strstr(v.money_line, "stale: "), v.money_line);
    fixture_close(&f);
}
END_TEST

START_TEST(money_is_stale_and_its_rate_is_read_where_it_ends)
{
    struct fixture f;
    struct view_cost v;
    record(&f, false);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert(v.now_per_h.stale && v.table[0].per_h_now.stale);
    ck_assert_ptr_eq(strstr(v.sentence, "stale: "), v.sentence);
    ck_assert_uint_eq(v.budget_count, 1);
    ck_assert(v.budgets[0].stale);
    ck_assert_str_eq(v.budgets[0].rate, "at the 5m rate");
    ck_assert_ptr_eq(strstr(v.budgets[0].text, "stale: "), v.budgets[0].text);
    fixture_close(&f);
}
END_TEST

START_TEST(quantiles_are_stale)
{
    struct fixture f;
    struct view_latency v;
    record(&f, false);
    ck_assert_int_eq(view_load_latency(&f.loader, &f.params, &(const struct view_latency_ask){.signal = SIG_TTFT}, &v, NULL), ERR_OK);
    ck_assert_uint_gt(v.signal_count, 0);
    ck_assert(v.signals[0].stale && !v.signals[0].about);
    ck_assert(v.table[0].stale && v.table[v.table_count - 1].stale && v.table[0].req_per_s.stale);
    fixture_close(&f);
}
END_TEST

/* Without one of its sources a sum is a lower bound, and a share or a quantile is not exact. */
static void assert_marks(struct fixture *f, enum exactness sum, enum exactness money)
{
    struct view_traffic t;
    struct view_overview o;
    struct view_cost c;
    struct view_latency l;
    ck_assert_int_eq(view_load_traffic(&f->loader, &f->params, &t, NULL), ERR_OK);
    const struct vtraffic_row *all = &t.table[t.table_count - 1];
    ck_assert_int_eq(all->req_per_s.exact, sum);
    ck_assert_int_eq(all->fail_ratio.exact, ABOUT);
    ck_assert_int_eq(fixture_row(t.rows, t.row_count, "5xx %")->now.exact, ABOUT);
    ck_assert_int_eq(fixture_row(t.rows, t.row_count, "fallback %")->now.exact, ABOUT);
    ck_assert_int_eq(view_load_overview(&f->loader, &f->params, &o, NULL), ERR_OK);
    ck_assert_int_eq(o.slos[0].burn_5m.exact, ABOUT);
    ck_assert_int_eq(o.slos[0].budget_left.exact, ABOUT);
    ck_assert_int_eq(o.hits.list[0].exact, sum);
    ck_assert_int_eq(o.hits.list[0].cost_per_h.exact, money);
    ck_assert_int_eq(view_load_cost(&f->loader, &f->params, &c, NULL), ERR_OK);
    ck_assert_int_eq(c.now_per_h.exact, money);
    ck_assert_int_eq(c.table[0].per_h_now.exact, money);
    ck_assert_int_eq(view_load_latency(&f->loader, &f->params, &(const struct view_latency_ask){.signal = SIG_TTFT}, &l, NULL), ERR_OK);
    ck_assert(l.signals[0].about && l.table[0].about && !l.table[0].stale);
}

START_TEST(what_lacks_a_source_is_no_total)
{
    struct fixture f;
    record(&f, true);
    assert_marks(&f, AT_LEAST, AT_LEAST);
    fixture_close(&f);
}
END_TEST

START_TEST(what_may_count_twice_is_no_total)
{
    struct fixture f;
    record(&f, true);
    fixture_source(&f, "gw");
    fixture_append(&f, f.params.now_ms); /* both answer */
    const struct store_authority twin = {.source = f.source, .unresolved = UINT64_MAX};
    ck_assert_int_eq(store_put_authority(f.st, &twin, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    assert_marks(&f, AT_MOST, ABOUT); /* money that is booked late and may count twice has no bound */
    fixture_close(&f);
}
END_TEST

Suite *suite_marks(void);
Suite *suite_marks(void)
{
    Suite *s = suite_create("marks");
    TCase *tc = tcase_create("marks");
    tcase_add_test(tc, traffic_is_stale_row_by_row);
    tcase_add_test(tc, objectives_and_who_is_hit_are_stale);
    tcase_add_test(tc, money_is_stale_and_its_rate_is_read_where_it_ends);
    tcase_add_test(tc, quantiles_are_stale);
    tcase_add_test(tc, what_lacks_a_source_is_no_total);
    tcase_add_test(tc, what_may_count_twice_is_no_total);
    suite_add_tcase(s, tc);
    return s;
}
