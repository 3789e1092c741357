/* SPDX-License-Identifier: MIT */
/* The finding that a model is booked at something else than its tokens cost. Model own costs 2 USD per million input tokens: 10,000 a
 * minute are 20 milli-USD. */
#include <math.h>

#include "unit/record/analyse_world.h"

enum { MINUTE = 60000, TOKENS = 10000 };
static const int64_t cost_nusd = 20000000;

static const struct price_rate flat[] = {{.term = PRICE_INPUT, .pusd = 2000000}, {.term = PRICE_CACHED, .pusd = 2000000}},
                               steps[] = {{.term = PRICE_INPUT, .pusd = 2000000},
                                          {.term = PRICE_INPUT, .above_tokens = 5000, .pusd = 4000000}};
static const struct price_rate dearer[] = {{.term = PRICE_INPUT, .pusd = 3000000}};

static struct price_override configured(const char *model, int64_t from_ms, const struct price_rate *rates, uint32_t n)
{
    return (struct price_override){
        .pattern = model,
        .from_ms = from_ms,
        .line = 1,
        .price = {
            .model = model, .provider = "", .mode = "", .from_ms = from_ms, .rates = rates, .rate_count = n, .multiplier = PRICE_ONE}};
}

static struct world *priced_world(struct price_override *prices, uint32_t n)
{
    struct world *w = world_new(MINUTE);
    w->cfg.prices = prices;
    w->cfg.price_count = n;
    world_open(w);
    return w;
}

static void run(struct world *w, const char *model, int minutes, int64_t booked_nusd)
{
    const struct labels l = {.model = model, .team = "red"};
    for (int i = 0; i < minutes; i++) {
        world_item(w, world_series(w, 0, SIG_TOKENS_INPUT, l, NULL))->v.increment = TOKENS;
        world_item(w, world_series(w, 0, SIG_COST, l, NULL))->v.increment = booked_nusd;
        world_poll(w);
    }
}

/* The newest version of the only finding; its text in `text`. */
static struct alert finding(struct world *w, char *text, size_t cap)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct alert *list, found = {.id = 0};
    size_t count;
    arena_init(&a, 8 << 20);
    OK(store_alerts(w->st, INT64_MAX, &a, &list, &count, &ctx));
    text[0] = '\0';
    ck_assert_uint_le(count, 1);
    if (count == 1) {
        found = list[0];
        ck_assert(alert_is_finding(&found));
        snprintf(text, cap, "%s {%s} %s", found.rule, found.scope, found.text);
    }
    arena_fini(&a);
    return found;
}

START_TEST(a_difference_is_found_and_ends)
{
    struct price_override own = configured("own", PRICE_ALWAYS, flat, 2);
    struct world *w = priced_world(&own, 1);
    struct event e;
    char text[400];
    run(w, "own", 120, cost_nusd);
    ck_assert_int_eq(finding(w, text, sizeof text).id, 0);
    run(w, "own", 60, cost_nusd * 11 / 10);
    struct alert al = finding(w, text, sizeof text);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_msg(
        strstr(text, "price:gw {model=own} own is booked 10% above what its tokens cost by the configured prices: $0.22 for $0.20") == text,
        "%s", text);
    ck_assert_int_le(llabs(al.onset_ms - (WORLD_T0 + 120 * (int64_t)MINUTE)), al.onset_error_ms);
    ck_assert_int_ge(al.onset_error_ms, 150 * 1000); /* half a column */
    ck_assert_int_le(al.onset_error_ms, 5 * (int64_t)MINUTE);
    ck_assert_int_le((al.since_ms - WORLD_T0) / MINUTE, 150);
    ck_assert_uint_eq(world_events(w, EVENT_PRICE, &e, text, sizeof text), 1);

    world_kill(w); /* a restart goes on from what the store says */
    world_open(w);
    run(w, "own", 30, cost_nusd * 11 / 10);
    ck_assert_int_eq(finding(w, text, sizeof text).since_ms, al.since_ms);
    run(w, "own", 35, cost_nusd);
    ck_assert_int_eq(finding(w, text, sizeof text).state, ALERT_INACTIVE); /* by its last quarter of an hour: the hour still differs */
    run(w, "own", 60, cost_nusd);
    ck_assert_uint_eq(world_events(w, EVENT_PRICE, &e, text, sizeof text), 1);
    world_free(w);
}
END_TEST

/* It is read in columns of five minutes: what began late in one is not said to have begun with it. */
START_TEST(an_onset_lies_within_what_is_said)
{
    for (int late = 1; late < 5; late++) {
        struct price_override own = configured("own", PRICE_ALWAYS, flat, 2);
        struct world *w = priced_world(&own, 1);
        char text[400];
        run(w, "own", 120 + late, cost_nusd);
        run(w, "own", 60, cost_nusd * 14 / 10);
        const struct alert al = finding(w, text, sizeof text);
        ck_assert_int_eq(al.state, ALERT_FIRING);
        ck_assert_int_le(llabs(al.onset_ms - (WORLD_T0 + (120 + late) * (int64_t)MINUTE)), al.onset_error_ms);
        world_free(w);
    }
}
END_TEST

START_TEST(less_is_found_as_well)
{
    struct price_override own = configured("own", PRICE_ALWAYS, flat, 2);
    struct world *w = priced_world(&own, 1);
    char text[400];
    run(w, "own", 90, cost_nusd / 2);
    ck_assert_int_eq(finding(w, text, sizeof text).state, ALERT_FIRING);
    ck_assert_msg(strstr(text, "own is booked 50% below what its tokens cost by the configured prices") != NULL, "%s", text);
    ck_assert_int_eq(finding(w, text, sizeof text).onset_ms, 0); /* never seen to agree */
    world_free(w);
}
END_TEST

START_TEST(what_is_within_a_hundredth_or_the_interval_or_not_certain_is_none)
{
    struct price_override own[] = {configured("own", PRICE_ALWAYS, flat, 2)}, two[] = {configured("own", PRICE_ALWAYS, steps, 2)};
    char text[400];
    struct world *w = priced_world(own, 1);
    run(w, "own", 90, cost_nusd * 1009 / 1000);
    run(w, "nobody-knows", 90, cost_nusd); /* without a price */
    ck_assert_int_eq(finding(w, text, sizeof text).id, 0);
    world_free(w);
    w = priced_world(two, 1); /* 20 to 40 */
    run(w, "own", 90, cost_nusd * 15 / 10);
    ck_assert_int_eq(finding(w, text, sizeof text).id, 0);
    run(w, "own", 90, cost_nusd * 25 / 10);
    ck_assert_int_eq(finding(w, text, sizeof text).state, ALERT_FIRING);
    world_free(w);
    w = priced_world(own, 1);
    run(w, "own", 90, cost_nusd / 500); /* a five-hundredth, and less than a cent off */
    world_free(w);
}
END_TEST

START_TEST(few_tokens_and_small_amounts_are_none)
{
    struct price_override own = configured("own", PRICE_ALWAYS, flat, 2);
    struct world *w = priced_world(&own, 1);
    const struct labels l = {.model = "own"};
    char text[400];
    for (int i = 0; i < 90; i++) { /* 6,000 tokens an hour at a dollar a minute */
        world_item(w, world_series(w, 0, SIG_TOKENS_INPUT, l, NULL))->v.increment = 100;
        world_item(w, world_series(w, 0, SIG_COST, l, NULL))->v.increment = NUSD_PER_USD;
        world_poll(w);
    }
    ck_assert_int_eq(finding(w, text, sizeof text).id, 0);
    world_free(w);
}
END_TEST

START_TEST(a_price_that_changes_within_the_hour_waits)
{
    /* From minute 100 on own costs 3: the gateway books that at once. */
    struct price_override own[] = {configured("own", PRICE_ALWAYS, flat, 2),
                                   configured("own", WORLD_T0 + 100 * (int64_t)MINUTE, dearer, 1)};
    struct world *w = priced_world(own, 2);
    char text[400];
    run(w, "own", 100, cost_nusd);
    run(w, "own", 100, cost_nusd * 3 / 2);
    ck_assert_int_eq(finding(w, text, sizeof text).id, 0);
    run(w, "own", 100, cost_nusd); /* and then the old price again */
    ck_assert_int_eq(finding(w, text, sizeof text).state, ALERT_FIRING);
    world_free(w);
}
END_TEST

START_TEST(a_difference_can_be_taken_for_normal)
{
    struct price_override own = configured("own", PRICE_ALWAYS, flat, 2);
    struct world *w = priced_world(&own, 1);
    struct errctx ctx = {.text = ""};
    size_t taken;
    char text[400];
    run(w, "own", 90, cost_nusd / 2);
    OK(store_act_drop(w->db, STORE_ACT_ACCEPT, 0, "price:gw|model=own", w->t_ms, &ctx));
    OK(store_act_ingest(w->st, &taken, &ctx));
    ck_assert_uint_eq(taken, 1);
    run(w, "own", 60, cost_nusd / 2);
    ck_assert_int_eq(finding(w, text, sizeof text).state, ALERT_INACTIVE);
    ck_assert_msg(strstr(text, "; taken for normal by ") != NULL, "%s", text);
    world_kill(w);
    world_open(w);
    run(w, "own", 60, cost_nusd / 2);
    ck_assert_int_eq(finding(w, text, sizeof text).state, ALERT_INACTIVE);
    run(w, "own", 90, cost_nusd / 4); /* that is another difference */
    ck_assert_int_eq(finding(w, text, sizeof text).state, ALERT_FIRING);
    world_free(w);
}
END_TEST

/* Tokens without the spend that a page lacks are no difference, while it lacks it and after a restart that lost it. */
START_TEST(a_torn_time_is_not_compared)
{
    struct price_override own = configured("own", PRICE_ALWAYS, flat, 2);
    struct world *w = priced_world(&own, 1);
    char text[400];
    run(w, "own", 120, cost_nusd);
    world_lacks(w, 0, UINT64_C(1) << SIG_COST, false);
    run(w, "own", 50, 0);
    ck_assert_int_eq(finding(w, text, sizeof text).id, 0);
    world_lacks(w, 0, 0, true);
    run(w, "own", 50, cost_nusd);
    ck_assert_int_eq(finding(w, text, sizeof text).id, 0);
    run(w, "own", 90, cost_nusd * 11 / 10); /* and then it is judged as ever */
    ck_assert_int_eq(finding(w, text, sizeof text).state, ALERT_FIRING);
    world_free(w);
}
END_TEST

Suite *suite_analyse_price(void);
Suite *suite_analyse_price(void)
{
    Suite *s = suite_create("analyse_price");
    TCase *tc = tcase_create("price");
    tcase_add_test(tc, a_difference_is_found_and_ends);
    tcase_add_test(tc, an_onset_lies_within_what_is_said);
    tcase_add_test(tc, less_is_found_as_well);
    tcase_add_test(tc, what_is_within_a_hundredth_or_the_interval_or_not_certain_is_none);
    tcase_add_test(tc, few_tokens_and_small_amounts_are_none);
    tcase_add_test(tc, a_price_that_changes_within_the_hour_waits);
    tcase_add_test(tc, a_difference_can_be_taken_for_normal);
    tcase_add_test(tc, a_torn_time_is_not_compared);
    suite_add_tcase(s, tc);
    return s;
}
