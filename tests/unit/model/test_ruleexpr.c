/* SPDX-License-Identifier: MIT */
/* The language of rules: what it means, and what is said of what is none, with the byte. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "model/ruleexpr.h"

Suite *suite_ruleexpr(void);

static struct arena a;
static struct ruleexpr x;
static struct errctx why;
static size_t at;

static void setup(void)
{
    arena_init(&a, 1 << 20);
}

static void teardown(void)
{
    arena_fini(&a);
}

static enum err parse(const char *text)
{
    why.text[0] = '\0';
    return ruleexpr_parse(str_of(text), &a, &x, &at, &why);
}

static void good(const char *text)
{
    const enum err e = parse(text);
    ck_assert_msg(e == ERR_OK, "%s: at %zu: %s", text, at, why.text);
}

static void bad(const char *text, size_t where, const char *what)
{
    ck_assert_msg(parse(text) != ERR_OK, "%s was read", text);
    ck_assert_msg(at == where && strstr(why.text, what) != NULL, "%s: at %zu: %s", text, at, why.text);
}

START_TEST(terms_and_their_windows_are_read)
{
    good("ratio( requests{class=\"5xx|timeout\", model=\"gpt-x\"}, requests, 10m) > 5%");
    ck_assert_uint_eq(x.term_count, 1);
    ck_assert_int_eq(x.term[0].fn, RULEEXPR_RATIO);
    ck_assert_int_eq(x.term[0].window_ms, 600000);
    ck_assert_uint_eq(x.term[0].selector_count, 2);
    ck_assert_uint_eq(x.term[0].selector[0].part_count, 3);
    ck_assert_str_eq(x.term[0].selector[0].part[1].value, "timeout");
    ck_assert_int_eq(x.term[0].selector[0].part[1].dim, DIM_CLASS);
    ck_assert_int_eq(x.term[0].selector[0].part[2].dim, DIM_MODEL);
    ck_assert_uint_eq(x.term[0].selector[1].part_count, 0);
    ck_assert_double_eq_tol(x.compare[0].threshold, 0.05, 1e-12);

    good("quantile(ttft, 0.95) >= 1500ms and rate(requests) < 2k");
    ck_assert_double_eq_tol(x.compare[0].threshold, 1.5, 1e-12);
    ck_assert(x.compare[0].above && x.compare[0].or_equal && !x.compare[1].above && !x.compare[1].or_equal);
    ck_assert_int_eq(x.term[0].window_ms, 300000);
    ck_assert_double_eq_tol(x.term[0].q, 0.95, 1e-12);
    ck_assert_double_eq_tol(x.compare[1].threshold, 2000, 1e-9);
}
END_TEST

START_TEST(operations_bind_as_in_arithmetic)
{
    const double v[] = {8, 2, 2};
    good("kv_cache + waiting * 3 - -1 > 0");
    ck_assert_double_eq_tol(ruleexpr_value(&x, 0, v), 8 + 6 + 1, 1e-12);
    good("(kv_cache + waiting) / (waiting * 5) - 1 > -1");
    ck_assert_double_eq_tol(ruleexpr_value(&x, 0, v), 0, 1e-12);
    ck_assert_double_eq_tol(x.compare[0].threshold, -1, 1e-12);
    good("kv_cache - 1 - 1 > 0"); /* from the left */
    ck_assert_double_eq_tol(ruleexpr_value(&x, 0, v), 6, 1e-12);
}
END_TEST

START_TEST(unknown_neither_holds_nor_fails)
{
    const double nothing[] = {NAN, 5}, zero[] = {3, 0}, both[] = {9, 5}, low[] = {1, NAN};
    good("kv_cache / waiting > 2");
    ck_assert(isnan(ruleexpr_value(&x, 0, zero)));
    ck_assert_int_eq(ruleexpr_holds(&x, 2, zero), RULEEXPR_UNKNOWN);
    ck_assert_int_eq(ruleexpr_holds(&x, 2, nothing), RULEEXPR_UNKNOWN);
    good("kv_cache > 2 and waiting > 4");
    ck_assert_int_eq(ruleexpr_holds(&x, 2, both), RULEEXPR_TRUE);
    ck_assert_int_eq(ruleexpr_holds(&x, 9, both), RULEEXPR_FALSE); /* another threshold of the first */
    ck_assert_int_eq(ruleexpr_holds(&x, 2, nothing), RULEEXPR_UNKNOWN);
    ck_assert_int_eq(ruleexpr_holds(&x, 2, low), RULEEXPR_FALSE); /* whatever the other is */
    good("kv_cache >= 9");
    ck_assert_int_eq(ruleexpr_holds(&x, 9, both), RULEEXPR_TRUE);
}
END_TEST

START_TEST(what_is_wrong_is_said_where_it_is)
{
    bad("", 0, "expected a signal, a function, a number or (");
    bad("rate(requsts) > 1", 5, "expected a signal");
    bad("rat(requests) > 1", 0, "is no function");
    bad("requests > 1", 0, "counts: write rate(...)");
    bad("rate(kv_cache) > 1", 5, "is a gauge");
    bad("quantile(requests, 0.5) > 1", 9, "has no quantiles");
    bad("quantile(ttft, 95) > 1", 15, "between 0 and 1");
    bad("mean(cost) > 1", 5, "neither a latency nor a score");
    bad("bad(ttft) > 1", 4, "is no score");
    bad("rate(requests{modl=\"x\"}) > 1", 14, "expected a dimension");
    bad("rate(requests{model=x}) > 1", 20, "double quotes");
    bad("rate(requests{model=\"x}) > 1", 21, "has no end");
    bad("rate(requests, 10s) > 1", 15, "a window of 1m to 1d");
    bad("rate(requests, 5) > 1", 15, "a window of 1m to 1d");
    bad("kv_cache", 8, "a comparison");
    bad("kv_cache > ", 11, "expected a number");
    bad("kv_cache > 5 or kv_cache < 2", 13, "expected and, or the end");
    bad("kv_cache > 5x", 12, "is no unit");
    bad("1 > 0", 0, "names no signal");
    bad("(kv_cache > 1", 10, "expected an operation or )");
}
END_TEST

Suite *suite_ruleexpr(void)
{
    Suite *s = suite_create("ruleexpr");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, terms_and_their_windows_are_read);
    tcase_add_test(t, operations_bind_as_in_arithmetic);
    tcase_add_test(t, unknown_neither_holds_nor_fails);
    tcase_add_test(t, what_is_wrong_is_said_where_it_is);
    suite_add_tcase(s, t);
    return s;
}
