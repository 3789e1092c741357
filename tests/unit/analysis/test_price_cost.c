/* SPDX-License-Identifier: MIT */
#include "analysis/price_cost.h"

#include "unit/analysis/price_rows.h"

Suite *suite_price_cost(void);

static struct arena arena;

static void setup(void)
{
    arena_init(&arena, 8 << 20);
}

static void teardown(void)
{
    arena_fini(&arena);
}

/* Every kind of price; 100,000 tokens of each are easy to check by hand. */
#define RICH                                                                                                                               \
    "input=2000000 cached=500000 cache_write=2500000 cache_write_1h=4000000 audio_input=9000000 output=8000000 reasoning=6000000 "         \
    "audio_output=20000000 request=1000000000 batch.input=1000000 batch.output=4000000 priority.input=3000000 flex.output=7000000 "        \
    "input@200000=4000000 cached@200000=1000000 output@200000=12000000 input@500000=5000000 priority.input@200000=6000000 region.eu=11000"

static const struct price_how standard = {.service = PRICE_STANDARD};

static struct price_bill bill(const struct price *p, struct price_usage u, const struct price_how *how)
{
    struct price_bill b;
    struct errctx why = {""};
    ck_assert_msg(price_bill_make(p, &u, how, &b, &why) == ERR_OK, "%s", why.text);
    money_wide sum = 0;
    for (uint32_t i = 0; i < b.line_count; i++)
        sum += b.line[i].amount;
    ck_assert(sum == b.total);
    return b;
}

static void costs(const char *prices, struct price_usage u, const struct price_how *how, const char *usd, enum price_bound bound,
                  unsigned notes)
{
    struct price p = rows_price(prices, &arena);
    struct price_bill b = bill(&p, u, how);
    rows_usd(b.total, usd);
    ck_assert_int_eq(b.bound, bound);
    ck_assert_int_eq(b.notes, notes);
}

START_TEST(every_part_at_its_price)
{
    struct price p = rows_price(RICH, &arena);
    /* input: 40k plain, 30k cached, 10k written, 5k for an hour, 15k audio; output: 30k plain, 15k reasoning, 5k audio; 2 requests */
    struct price_bill b = bill(&p, (struct price_usage){{100000, 30000, 10000, 5000, 15000, 0, 50000, 15000, 5000, 2, 0}}, &standard);
    /* .08 + .015 + .025 + .02 + .135 + .24 + .09 + .1 + .002 */
    rows_usd(b.total, "0.707");
    ck_assert_int_eq(b.line_count, 9);
    ck_assert_int_eq(b.line[0].count, 40000);
    ck_assert_int_eq(b.bound, PRICE_EXACT);
    ck_assert_int_eq(b.notes, 0);
}
END_TEST

START_TEST(parts_are_never_added_to_their_whole)
{
    costs("input=2000000 cached=2000000 output=8000000 reasoning=8000000", (struct price_usage){{1000, 400, [PRICE_OUTPUT] = 100, 60}},
          &standard, "0.0028", PRICE_EXACT, 0);
}
END_TEST

START_TEST(a_missing_price_is_not_free)
{
    costs("input=2000000", (struct price_usage){{1000, 400}}, &standard, "0.002", PRICE_AT_MOST, PRICE_NOTE_CACHED_AS_INPUT);
    costs("input=2000000", (struct price_usage){{1000, 0, 400}}, &standard, "0.002", PRICE_ABOUT, PRICE_NOTE_WRITE_AS_INPUT);
    costs("input=2000000 cache_write=2500000", (struct price_usage){{1000, 0, 0, 400}}, &standard, "0.0022", PRICE_AT_LEAST,
          PRICE_NOTE_1H_AS_WRITE);
    costs("input=2000000", (struct price_usage){{1000, 0, 0, 400}}, &standard, "0.002", PRICE_ABOUT,
          PRICE_NOTE_1H_AS_WRITE | PRICE_NOTE_WRITE_AS_INPUT);
    costs("input=2000000 output=1000000", (struct price_usage){{[PRICE_OUTPUT] = 1000, 400}}, &standard, "0.001", PRICE_EXACT,
          0); /* reasoning is output */
    costs("input=2000000", (struct price_usage){{1000, [PRICE_AUDIO_INPUT] = 10}}, &standard, "0.002", PRICE_ABOUT,
          PRICE_NOTE_AUDIO_AS_TEXT);
    costs("input=2000000 cached=0", (struct price_usage){{1000, 400}}, &standard, "0.0012", PRICE_EXACT, 0); /* a listed 0 is a price */
}
END_TEST

START_TEST(what_has_no_price_fails)
{
    struct price p = rows_price("input=2000000", &arena), none = rows_price("!absurd", &arena);
    struct price_bill b = {.total = 42};
    struct errctx why;
    ck_assert_int_eq(price_bill_make(&p, &(struct price_usage){{10, [PRICE_OUTPUT] = 1}}, &standard, &b, &why), ERR_NOTFOUND);
    ck_assert_str_eq(why.text, "output has no price");
    ck_assert_int_eq(price_bill_make(&none, &(struct price_usage){{10}}, &standard, &b, &why), ERR_NOTFOUND);
    ck_assert_str_eq(why.text, "m has no price: absurd");
    ck_assert_int_eq(price_bill_make(&p, &(struct price_usage){{-1}}, &standard, &b, &why), ERR_USAGE);
    ck_assert_int_eq(price_bill_make(&p, &(struct price_usage){{10, [PRICE_REQUEST] = 5}}, &standard, &b, &why),
                     ERR_OK); /* no price per request: none */
    rows_usd(b.total, "0.00002");
}
END_TEST

START_TEST(a_cliff_prices_the_whole_request_anew)
{
    struct price_usage u = {{200000, 100000, [PRICE_OUTPUT] = 1000}};
    costs(RICH, u, &standard, "0.258", PRICE_EXACT, 0); /* at the step, not above it */
    u.count[PRICE_INPUT]++;
    costs(RICH, u, &standard, "0.512004", PRICE_EXACT, 0); /* 100,001 at 4, 100,000 at 1, 1,000 at 12 */
    u.count[PRICE_INPUT] = 600000;
    costs(RICH, u, &standard, "2.612", PRICE_EXACT, 0); /* the next step has a price of input only */
}
END_TEST

START_TEST(graduated_steps_price_what_lies_above)
{
    static const char list[] = "input%0=1000000 input%100=2000000 input%300=4000000 output%0=10000000 output%100=20000000";
    struct price p = rows_price(list, &arena);
    struct price_bill b = bill(&p, (struct price_usage){{450, [PRICE_OUTPUT] = 100}}, &standard);
    rows_usd(b.total, "0.0021"); /* 100 at 1, 200 at 2, 150 at 4; 100 at 10 */
    ck_assert_int_eq(b.line_count, 4);
    ck_assert_int_eq(b.line[2].above_tokens, 300);
    ck_assert_int_eq(b.line[2].count, 150);
    ck_assert_int_eq(b.notes, PRICE_NOTE_GRADUATED);
    costs(list, (struct price_usage){{100}}, &standard, "0.0001", PRICE_EXACT, PRICE_NOTE_GRADUATED);
    costs(list, (struct price_usage){{101}}, &standard, "0.000102", PRICE_EXACT, PRICE_NOTE_GRADUATED);
    costs(list, (struct price_usage){{200, 150}}, &standard, "0.00025", PRICE_AT_MOST, PRICE_NOTE_GRADUATED | PRICE_NOTE_CACHED_AS_INPUT);
    const struct price_how whole = {.whole_tiers = true};
    costs(list, (struct price_usage){{450, [PRICE_OUTPUT] = 100}}, &whole, "0.0038", PRICE_EXACT, 0); /* 450 at 4, 100 at 20 */
    costs(list, (struct price_usage){{100, [PRICE_OUTPUT] = 101}}, &whole, "0.00111", PRICE_EXACT, 0);
}
END_TEST

START_TEST(services_and_regions)
{
    const struct price_how batch = {.service = PRICE_BATCH}, priority = {.service = PRICE_PRIORITY}, flex = {.service = PRICE_FLEX},
                           eu = {.region = "eu"}, mars = {.region = "mars"};
    costs(RICH, (struct price_usage){{1000, [PRICE_OUTPUT] = 100}}, &batch, "0.0014", PRICE_EXACT, 0);
    costs(RICH, (struct price_usage){{1000, 500}}, &batch, "0.00075", PRICE_ABOUT, PRICE_NOTE_SERVICE_STANDARD);
    costs(RICH, (struct price_usage){{300000}}, &priority, "1.8", PRICE_EXACT, 0);
    costs(RICH, (struct price_usage){{600000}}, &priority, "3", PRICE_ABOUT,
          PRICE_NOTE_SERVICE_STANDARD); /* the step outweighs the service */
    costs(RICH, (struct price_usage){{[PRICE_OUTPUT] = 100, 40}}, &flex, "0.0007", PRICE_EXACT,
          0); /* reasoning follows the output's service */
    costs(RICH, (struct price_usage){{1000}}, &eu, "0.0022", PRICE_EXACT, 0);
    costs(RICH, (struct price_usage){{1000}}, &mars, "0.002", PRICE_EXACT, PRICE_NOTE_NO_UPLIFT);
}
END_TEST

START_TEST(contradictions_and_zeros_are_said)
{
    costs("input=2000000 cached=1000000", (struct price_usage){{100, 300}}, &standard, "0.0003", PRICE_ABOUT, PRICE_NOTE_PARTS_EXCEED);
    costs("input=0 output=0", (struct price_usage){{100, [PRICE_OUTPUT] = 5}}, &standard, "0", PRICE_EXACT, PRICE_NOTE_LISTED_FREE);
    costs("input=2000000", (struct price_usage){{0}}, &standard, "0", PRICE_EXACT, 0);
    for (int i = 0; i < PRICE_NOTES; i++)
        ck_assert(price_note_text((enum price_note)(1 << i))[0] != '\0');
    ck_assert_int_eq(price_bound_of(PRICE_NOTE_CACHED_AS_INPUT | PRICE_NOTE_1H_AS_WRITE), PRICE_ABOUT);
    ck_assert_int_eq(price_bound_of(PRICE_NOTE_CACHED_AS_INPUT | PRICE_NOTE_GRADUATED), PRICE_AT_MOST);
}
END_TEST

START_TEST(amounts_beyond_all_sense_are_refused)
{
    struct price p = rows_price("input=9999999999", &arena);
    struct price_bill b;
    struct errctx why;
    ck_assert_int_eq(price_bill_make(&p, &(struct price_usage){{INT64_MAX}}, &standard, &b, &why), ERR_OK); /* 9.2e16 USD, still exact */
    rows_usd(b.total, "92233720359324386.033145224193"); /* 9223372036854775807 * 9999999999 e-12 */
}
END_TEST

Suite *suite_price_cost(void)
{
    Suite *suite = suite_create("price_cost");
    TCase *t = tcase_create("price_cost");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, every_part_at_its_price);
    tcase_add_test(t, parts_are_never_added_to_their_whole);
    tcase_add_test(t, a_missing_price_is_not_free);
    tcase_add_test(t, what_has_no_price_fails);
    tcase_add_test(t, a_cliff_prices_the_whole_request_anew);
    tcase_add_test(t, graduated_steps_price_what_lies_above);
    tcase_add_test(t, services_and_regions);
    tcase_add_test(t, contradictions_and_zeros_are_said);
    tcase_add_test(t, amounts_beyond_all_sense_are_refused);
    suite_add_tcase(suite, t);
    return suite;
}
