/* SPDX-License-Identifier: MIT */
#include "analysis/canary_price.h"

#include "unit/analysis/price_rows.h"

Suite *suite_canary_price(void);

static struct arena arena;
static struct price_table table;
static struct errctx why;

static const struct canary_message ten[] = {{"user", "0123456789"}};
static const struct canary_item items[] = {
    {.id = "a", .messages = ten, .message_count = 1, .max_tokens = 8, .check = CANARY_EXACT, .want = "x"},
    {.id = "b", .messages = ten, .message_count = 1, .max_tokens = 1, .check = CANARY_TOKEN, .want = "y"}};
static struct canary canary;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
    rows_parse(LIST(ROW("claude-x", "input=3000000 cached=300000 cache_write=3750000 output=15000000") ROW("gpt-free", "input=0 output=0")
                        ROW("gpt-x", "input=1000000 output=2000000") ROW("gpt-y", "input=1000000"),
                    "4"),
               &arena, &table);
    canary = (struct canary){.name = "c", .model = "gpt-x", .interval_ms = 3600000, .items = items, .item_count = 2};
}

static void teardown(void)
{
    arena_fini(&arena);
}

/* 10 bytes, "user", 8 of the message and 16 of the prompt are 38 tokens at most. */
START_TEST(the_most_it_can_cost)
{
    const struct price_book b = {&table, NULL, 0};
    struct canary_price p;
    ck_assert_int_eq(canary_input_tokens(&items[0]), 38);
    ck_assert_msg(canary_price_make(&b, &canary, 1, &p, &why) == ERR_OK, "%s", why.text);
    ck_assert_int_eq(p.item_nusd[0], 38 * 1000 + 8 * 2000);
    ck_assert_int_eq(p.item_nusd[1], 38 * 1000 + 1 * 2000);
    ck_assert_int_eq(p.run_nusd, p.item_nusd[0] + p.item_nusd[1]);
    ck_assert_int_eq(p.day_nusd, 24 * p.run_nusd);
    canary.interval_ms = 7 * 3600000; /* at 0, 7, 14 and 21 h */
    ck_assert_int_eq(canary_price_make(&b, &canary, 1, &p, &why), ERR_OK);
    ck_assert_int_eq(p.day_nusd, 4 * p.run_nusd);
}
END_TEST

START_TEST(the_dearest_reading_counts)
{
    const struct price_book b = {&table, NULL, 0};
    struct canary_price p;
    canary.model = "claude-x"; /* a gateway may have the prompt cached */
    ck_assert_int_eq(canary_price_make(&b, &canary, 1, &p, &why), ERR_OK);
    ck_assert_int_eq(p.item_nusd[0], 38 * 3750 + 8 * 15000);
    canary.model = "gpt-free"; /* a listed 0 is a price */
    ck_assert_int_eq(canary_price_make(&b, &canary, 1, &p, &why), ERR_OK);
    ck_assert_int_eq(p.day_nusd, 0);
    struct price_override own = {.pattern = "gpt-x",
                                 .price = rows_price("input=1000001 output=2000000 reasoning=3000000 request=5000000", &arena)};
    const struct price_book with = {&table, &own, 1};
    canary.model = "gpt-x";
    ck_assert_int_eq(canary_price_make(&with, &canary, 1, &p, &why), ERR_OK);
    ck_assert_int_eq(p.item_nusd[0], 38 * 1000 + 1 + 8 * 3000 + 5000); /* rounded up */
}
END_TEST

START_TEST(without_a_price_there_is_none)
{
    static const char *const models[] = {"prod-chat", "gpt-y", "gpt-x-2025-04-14"};
    static const char *const said[] = {
        "model prod-chat has no price, and nothing is sent at an unknown price; give it one under `prices`", "output",
        "model gpt-x-2025-04-14 has no price of its own (the nearest is that of gpt-x), and nothing is sent"};
    const struct price_book b = {&table, NULL, 0};
    struct canary_price p;
    for (size_t i = 0; i < 3; i++) {
        canary.model = models[i];
        ck_assert_int_eq(canary_price_make(&b, &canary, 1, &p, &why), ERR_NOTFOUND);
        ck_assert_msg(strstr(why.text, said[i]) != NULL, "%s", why.text);
    }
    struct price_override own = {.pattern = "prod-*", .price = rows_price("input=1000000 output=2000000", &arena)};
    const struct price_book with = {&table, &own, 1};
    canary.model = "prod-chat";
    ck_assert_int_eq(canary_price_make(&with, &canary, 1, &p, &why), ERR_OK);
}
END_TEST

Suite *suite_canary_price(void)
{
    Suite *suite = suite_create("canary_price");
    TCase *t = tcase_create("canary_price");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_most_it_can_cost);
    tcase_add_test(t, the_dearest_reading_counts);
    tcase_add_test(t, without_a_price_there_is_none);
    suite_add_tcase(suite, t);
    return suite;
}
