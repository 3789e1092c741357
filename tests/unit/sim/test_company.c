/* SPDX-License-Identifier: MIT */
#include "sim/company.h"

#include <check.h>
#include <string.h>

Suite *suite_company(void);

START_TEST(keys_are_distinct_and_refer_to_what_exists)
{
    unsigned models_used = 0, teams_used = 0, found;
    double rate = 0;
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        const struct key *key = company_key(k);
        ck_assert(company_key_by_alias(key->alias, &found));
        ck_assert_uint_eq(found, k); /* the first of that name: so no other has it */
        ck_assert_int_lt(key->team, TEAM_COUNT);
        ck_assert(key->first > 0 && key->first <= 1 && key->streams >= 0 && key->streams <= 1);
        ck_assert(key->model[0] == key->model[1] ? key->first == 1 : key->first < 1);
        teams_used |= 1u << key->team;
        models_used |= 1u << key->model[0] | 1u << key->model[1];
        rate += key->rate;
    }
    ck_assert_uint_eq(teams_used, (1u << TEAM_COUNT) - 1);
    ck_assert_uint_eq(models_used, (1u << MODEL_COUNT) - 1);
    ck_assert_double_eq_tol(rate, 15, 1);
    ck_assert(!company_key_by_alias("nobody", &found));
}
END_TEST

START_TEST(deployments_and_models_agree)
{
    for (unsigned m = 0; m < MODEL_COUNT; m++) {
        const struct model *model = company_model((enum model_id)m);
        ck_assert_int_le(model->first, model->last);
        for (unsigned d = model->first; d <= (unsigned)model->last; d++)
            ck_assert_str_eq(company_deployment((enum deployment_id)d)->group, model->name);
        ck_assert_str_ne(model->version[0], model->version[1]);
    }
    for (unsigned e = 0; e < ENGINE_COUNT; e++)
        ck_assert_int_eq(company_deployment(company_engine(e)->deployment)->engine, (int)e);
}
END_TEST

/* The tasks' means make up the model's. */
START_TEST(extraction_is_harder_and_the_mean_over_tasks_is_the_models)
{
    ck_assert_double_eq_tol(company_task_share(TASK_CHAT) + company_task_share(TASK_EXTRACT), 1, 1e-12);
    for (unsigned m = 0; m < MODEL_COUNT; m++) {
        const struct model *model = company_model((enum model_id)m);
        const double means[][2] = {{model->json_valid, model->extract_json_valid}, {model->tool_ok, model->extract_tool_ok}};
        for (size_t i = 0; i < 2; i++) {
            double mean = 0, chat = company_task_mean(TASK_CHAT, means[i][0], means[i][1]);
            for (unsigned t = 0; t < TASK_COUNT; t++)
                mean += company_task_share((enum task_id)t) * company_task_mean((enum task_id)t, means[i][0], means[i][1]);
            ck_assert_double_eq_tol(mean, means[i][0], 1e-12);
            ck_assert(chat < 1 && chat > means[i][0] && means[i][1] < means[i][0] && means[i][1] > 0);
        }
    }
}
END_TEST

/* 2026-11-17 is a Tuesday. A working day's mean is 1, whatever the team. */
START_TEST(working_days_have_a_mean_of_one_and_weekends_are_quieter)
{
    enum { TUESDAY = 1794873600, DAY = 86400, STEP = 600 };
    for (unsigned t = 0; t < TEAM_COUNT; t++) {
        double tuesday = 0, sunday = 0;
        for (int s = 0; s < DAY; s += STEP) {
            tuesday += company_rhythm((enum team_id)t, TUESDAY + s) * STEP / DAY;
            sunday += company_rhythm((enum team_id)t, TUESDAY + 5 * DAY + s) * STEP / DAY;
        }
        ck_assert_double_eq_tol(tuesday, 1, .01);
        ck_assert_double_eq_tol(sunday, company_team((enum team_id)t)->weekend, .12);
    }
    ck_assert_double_gt(company_rhythm(TEAM_BATCH, TUESDAY + 2 * 3600), 4 * company_rhythm(TEAM_BATCH, TUESDAY + 12 * 3600));
    ck_assert_double_gt(company_rhythm(TEAM_SEARCH, TUESDAY + 10 * 3600), 2 * company_rhythm(TEAM_SEARCH, TUESDAY + 2 * 3600));
}
END_TEST

START_TEST(the_weekend_comes_without_a_step)
{
    enum { FRIDAY_20 = 1794873600 + 3 * 86400 + 20 * 3600 };
    for (unsigned t = 0; t < TEAM_COUNT; t++) {
        double before = company_rhythm((enum team_id)t, FRIDAY_20);
        for (int s = 60; s < 3 * 86400; s += 60) {
            double now = company_rhythm((enum team_id)t, FRIDAY_20 + s);
            ck_assert_double_le(now > before ? now - before : before - now, .03);
            before = now;
        }
    }
}
END_TEST

Suite *suite_company(void)
{
    Suite *suite = suite_create("company");
    TCase *t = tcase_create("company");
    tcase_add_test(t, keys_are_distinct_and_refer_to_what_exists);
    tcase_add_test(t, deployments_and_models_agree);
    tcase_add_test(t, extraction_is_harder_and_the_mean_over_tasks_is_the_models);
    tcase_add_test(t, working_days_have_a_mean_of_one_and_weekends_are_quieter);
    tcase_add_test(t, the_weekend_comes_without_a_step);
    suite_add_tcase(suite, t);
    return suite;
}
