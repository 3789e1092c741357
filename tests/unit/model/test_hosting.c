/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "model/hosting.h"

Suite *suite_hosting(void);

static const int64_t day_ms = INT64_C(86400000), hour_ms = INT64_C(3600000);

/* From day 10 on the day costs more, the night stays what it was; from day 20 on the night is dearer. */
static const struct tariff list[] = {
    {.from_ms = INT64_MIN, .kwh_nusd = 200, .from_hour = 0, .to_hour = 24},
    {.from_ms = INT64_MIN, .kwh_nusd = 100, .from_hour = 22, .to_hour = 6},
    {.from_ms = INT64_C(864000000), .kwh_nusd = 250, .from_hour = 0, .to_hour = 24},
    {.from_ms = INT64_C(1728000000), .kwh_nusd = 120, .from_hour = 22, .to_hour = 6},
};
enum { TARIFFS = sizeof list / sizeof *list };

static int64_t price(int64_t at_ms)
{
    const struct tariff *t = tariff_at(list, TARIFFS, at_ms);
    return t != NULL ? t->kwh_nusd : -1;
}

START_TEST(hours_go_before_the_day_and_the_newest_before_the_older)
{
    ck_assert_int_eq(price(12 * hour_ms), 200);
    ck_assert_int_eq(price(22 * hour_ms), 100);
    ck_assert_int_eq(price(6 * hour_ms - 1), 100);
    ck_assert_int_eq(price(6 * hour_ms), 200);
    ck_assert_int_eq(price(10 * day_ms - 1), 100);
    ck_assert_int_eq(price(10 * day_ms + 12 * hour_ms), 250);
    ck_assert_int_eq(price(10 * day_ms + 23 * hour_ms), 100);
    ck_assert_int_eq(price(20 * day_ms + 23 * hour_ms), 120);
    ck_assert_int_eq(price(-hour_ms), 100); /* 23 h of the day before 1970 */
    ck_assert_ptr_null(tariff_at(&list[2], 1, 0));
}
END_TEST

START_TEST(two_prices_of_one_instant_collide)
{
    const struct tariff evening = {.from_ms = INT64_MIN, .from_hour = 18, .to_hour = 23},
                        morning = {.from_ms = INT64_MIN, .from_hour = 6, .to_hour = 9},
                        later = {.from_ms = 0, .from_hour = 22, .to_hour = 6};
    ck_assert(tariff_collides(&list[1], &evening)); /* 22 to 23 */
    ck_assert(!tariff_collides(&list[1], &morning));
    ck_assert(!tariff_collides(&list[1], &later));
    ck_assert(!tariff_collides(&list[0], &list[1]));
    ck_assert(tariff_collides(&list[0], &list[0]));
}
END_TEST

START_TEST(a_kilowatt_hour_costs_what_it_says)
{
    const int64_t kwh = INT64_C(3600000000000);
    ck_assert_int_eq(energy_cost(kwh, 1000, 240000000), 240000000);
    ck_assert_int_eq(energy_cost(kwh, 1250, 240000000), 300000000);
    ck_assert_int_eq(energy_cost(kwh / 2, 1000, 1), 1); /* half a nano-dollar, away from zero */
    ck_assert_int_eq(energy_cost(kwh / 2 - 1, 1000, 1), 0);
    ck_assert_int_eq(energy_cost(kwh, 1000, -240000000), -240000000); /* they do fall below zero */
}
END_TEST

START_TEST(a_pool_is_what_its_newest_item_says)
{
    const struct hosting pools[] = {
        {.name = "a", .from_ms = 100, .gpus = 8}, {.name = "a", .from_ms = INT64_MIN, .gpus = 4}, {.name = "b", .from_ms = 50, .gpus = 2}};
    ck_assert_uint_eq(hosting_at(pools, 3, "a", 99)->gpus, 4);
    ck_assert_uint_eq(hosting_at(pools, 3, "a", 100)->gpus, 8);
    ck_assert_ptr_null(hosting_at(pools, 3, "b", 49));
}
END_TEST

Suite *suite_hosting(void)
{
    Suite *suite = suite_create("hosting");
    TCase *t = tcase_create("hosting");
    tcase_add_test(t, hours_go_before_the_day_and_the_newest_before_the_older);
    tcase_add_test(t, two_prices_of_one_instant_collide);
    tcase_add_test(t, a_kilowatt_hour_costs_what_it_says);
    tcase_add_test(t, a_pool_is_what_its_newest_item_says);
    suite_add_tcase(suite, t);
    return suite;
}
