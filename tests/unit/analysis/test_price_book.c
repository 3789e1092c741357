/* SPDX-License-Identifier: MIT */
#include "analysis/price_book.h"

#include "unit/analysis/price_rows.h"

Suite *suite_price_book(void);

static struct arena arena;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
}

static void teardown(void)
{
    arena_fini(&arena);
}

static struct price_override own(const char *pattern, int64_t from_ms, const char *prices)
{
    return (struct price_override){.pattern = pattern, .from_ms = from_ms, .price = rows_price(prices, &arena)};
}

static struct price_override discount(const char *pattern, int64_t from_ms, int64_t multiplier)
{
    return (struct price_override){.pattern = pattern, .from_ms = from_ms, .is_discount = true, .price = {.multiplier = multiplier}};
}

/* What 100 input tokens cost. */
static void costs(const struct price_book *b, const char *model, const char *provider, int64_t at_ms, const char *usd)
{
    struct price_found f;
    struct price_bill bill;
    ck_assert(price_book_find(b, model, provider, at_ms, &f));
    ck_assert_int_eq(price_bill_make(&f.price, &(struct price_usage){{100}}, &(struct price_how){0}, &bill, NULL), ERR_OK);
    rows_usd(bill.total, usd);
}

START_TEST(a_replay_finds_the_price_of_its_day)
{
    struct price_table t;
    const struct price_override o[] = {own("gpt-x", 1000, "input=500000"), own("gpt-x", 3000, "input=400000"),
                                       discount("azure/*", 2000, 8800), discount("*", 5000, 9000)};
    rows_parse(LIST(ROW("azure/gpt-y", "input=1000000") ROW("gpt-x", "input=1000000 cached=100000") ROW("gpt-z", "input=1000000"), "3"),
               &arena, &t);
    const struct price_book b = {&t, o, sizeof o / sizeof o[0]};
    costs(&b, "gpt-x", "", 999, "0.0001");
    costs(&b, "gpt-x", "", 1000, "0.00005");
    costs(&b, "gpt-x", "", 2999, "0.00005");
    costs(&b, "gpt-x", "", 3000, "0.00004");
    costs(&b, "gpt-x", "", 9000, "0.00004"); /* the closer pattern, not the later one */
    costs(&b, "gpt-y", "azure", 1999, "0.0001");
    costs(&b, "gpt-y", "azure", 2000, "0.000088");
    costs(&b, "gpt-y", "azure", 6000, "0.000088");
    costs(&b, "gpt-z", "", 4999, "0.0001");
    costs(&b, "gpt-z", "", 5000, "0.00009");
}
END_TEST

START_TEST(a_configured_price_takes_nothing_from_the_list)
{
    struct price_table t;
    const struct price_override o[] = {own("gpt-x", 0, "input=500000"), own("house-model", 0, "input=10000"),
                                       discount("unlisted", 0, 5000)};
    struct price_found f;
    struct price_bill bill;
    rows_parse(LIST(ROW("gpt-x", "input=1000000 cached=100000"), "1"), &arena, &t);
    const struct price_book b = {&t, o, sizeof o / sizeof o[0]};
    ck_assert(price_book_find(&b, "gpt-x", "", 10, &f));
    ck_assert_int_eq(price_bill_make(&f.price, &(struct price_usage){{100, 100}}, &(struct price_how){0}, &bill, NULL), ERR_OK);
    rows_usd(bill.total, "0.00005"); /* not the list's 0.00001: an old list price says nothing about a contract */
    ck_assert_int_eq(bill.notes, PRICE_NOTE_CACHED_AS_INPUT);
    costs(&b, "house-model", "", 10, "0.000001");
    ck_assert(!price_book_find(&b, "unlisted", "", 10, &f)); /* a discount on nothing */
}
END_TEST

START_TEST(the_built_in_list_is_whole)
{
    struct price_table t;
    struct price_match m;
    struct errctx why = {""};
    ck_assert_msg(price_book_builtin(&arena, &t, &why) == ERR_OK, "%s", why.text);
    ck_assert_uint_ge(t.count, 2300);
    ck_assert(t.date_ms > INT64_C(1700000000000));
    ck_assert(price_match(&t, "claude-sonnet-4-5", "anthropic", 0, &m));
    ck_assert(m.is_exact);
}
END_TEST

static void served(const struct price_book *b, const char *model, const char *deployment, const char *usd)
{
    struct price_found f;
    struct price_bill bill;
    ck_assert(price_book_find_served(b, &(struct price_served){model, "azure", deployment, ""}, 5, &f));
    ck_assert_int_eq(price_bill_make(&f.price, &(struct price_usage){{100}}, &(struct price_how){0}, &bill, NULL), ERR_OK);
    rows_usd(bill.total, usd);
}

START_TEST(a_deployment_is_asked_where_it_says_more_than_the_model)
{
    struct price_table t;
    struct price_found f;
    const struct price_override o[] = {own("eu-1", 1, "input=7000000"), own("*", 1, "input=9000000")};
    rows_parse(LIST(ROW("gpt-x", "input=1000000") ROW("gpt-y", "input=2000000"), "2"), &arena, &t);
    const struct price_book list = {&t, NULL, 0}, b = {&t, o, 1}, star = {&t, o + 1, 1};
    served(&list, "gpt-x", "gpt-y", "0.0001");     /* the model's own row first */
    served(&list, "our-alias", "gpt-y", "0.0002"); /* the provider's name of it */
    served(&list, "", "gpt-y", "0.0002");
    served(&b, "gpt-x", "eu-1", "0.0007"); /* configured for the deployment itself */
    served(&b, "gpt-x", "eu-2", "0.0001");
    served(&star, "gpt-x", "eu-2", "0.0009"); /* a pattern is no word on a deployment */
    ck_assert(!price_book_find_served(&list, &(struct price_served){"our-alias", "azure", "eu-2", ""}, 5, &f));
    ck_assert(!price_book_find_served(&list, &(struct price_served){"", "", "", ""}, 5, &f));
}
END_TEST

static struct price_found find_alias(const struct price_book *b, const char *model, const char *upstream, const char *usd)
{
    struct price_found f;
    struct price_bill bill;
    ck_assert(price_book_find_served(b, &(struct price_served){model, "azure", "eu-1", upstream}, 5, &f));
    ck_assert_int_eq(price_bill_make(&f.price, &(struct price_usage){{100}}, &(struct price_how){0}, &bill, NULL), ERR_OK);
    rows_usd(bill.total, usd);
    return f;
}

/* An alias is priced by what answers, even where a list has another model of the alias' name. */
START_TEST(an_alias_is_priced_by_its_upstream)
{
    struct price_table t;
    const struct price_override mine[] = {own("fast", 1, "input=7000000")}, half[] = {discount("fast", 1, 5000)};
    rows_parse(LIST(ROW("gpt-x", "input=1000000") ROW("gpt-y", "input=2000000"), "2"), &arena, &t);
    const struct price_book list = {&t, NULL, 0}, configured = {&t, mine, 1}, discounted = {&t, half, 1};
    ck_assert_str_eq(find_alias(&list, "fast", "gpt-y", "0.0002").upstream, "gpt-y");
    ck_assert_str_eq(find_alias(&list, "gpt-x", "gpt-y", "0.0002").upstream, "gpt-y");
    ck_assert_ptr_null(find_alias(&list, "gpt-x", "nobody-knows", "0.0001").upstream);
    ck_assert_ptr_null(find_alias(&list, "gpt-x", "gpt-x", "0.0001").upstream);
    ck_assert_ptr_null(find_alias(&configured, "fast", "gpt-y", "0.0007").upstream);
    ck_assert_ptr_eq(find_alias(&discounted, "fast", "gpt-y", "0.0001").override, half);
}
END_TEST

START_TEST(dates_are_those_at_which_some_price_begins)
{
    struct price_table t;
    size_t n;
    const struct price_override o[] = {own("a", 1000, "input=1"), own("b", 3000, "input=1"), own("c", 3000, "input=1"),
                                       own("d", 2000, "input=1")};
    rows_parse(LIST(ROW("gpt-x", "input=1000000"), "1"), &arena, &t);
    const struct price_book b = {&t, o, sizeof o / sizeof o[0]};
    const int64_t *dates = price_book_dates(&b, 1000, 4000, &arena, &n);
    ck_assert_ptr_nonnull(dates);
    ck_assert_uint_eq(n, 2); /* what begins with the first instant changes nothing within */
    ck_assert_int_eq(dates[0], 2000);
    ck_assert_int_eq(dates[1], 3000);
}
END_TEST

Suite *suite_price_book(void)
{
    Suite *suite = suite_create("price_book");
    TCase *t = tcase_create("price_book");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_replay_finds_the_price_of_its_day);
    tcase_add_test(t, a_configured_price_takes_nothing_from_the_list);
    tcase_add_test(t, the_built_in_list_is_whole);
    tcase_add_test(t, a_deployment_is_asked_where_it_says_more_than_the_model);
    tcase_add_test(t, an_alias_is_priced_by_its_upstream);
    tcase_add_test(t, dates_are_those_at_which_some_price_begins);
    suite_add_tcase(suite, t);
    return suite;
}
