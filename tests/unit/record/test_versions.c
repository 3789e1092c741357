/* SPDX-License-Identifier: MIT */
/* What pages say of what runs there, page by page. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "record/versions.h"
#include "support/tmpdir.h"

#define OK(call) ck_assert_msg((call) == ERR_OK, "%s", ctx.text)

static char dir[128];
static struct clock_manual manual;
static struct clock clk;
static struct store *st;
static struct versions *v;
static struct arena arena;
static struct profile profile;
static struct errctx ctx;
static int64_t now;

static const char yaml[] = "title: My gateway\ntier: gateway\nrecognise: [gw_requests_total]\n"
                           "metrics:\n  - {name: gw_requests_total, signal: requests}\n"
                           "versions:\n  - {name: gw_build_info, labels: [tag, rev]}\n"
                           "  - {name: gw_config_info, kind: config, labels: [a, b, c, d, e, f]}\n";

static void setup(void)
{
    char path[200];
    const struct store_options so = {.private_files = true};
    ck_assert(tmpdir_make(dir, sizeof dir));
    snprintf(path, sizeof path, "%s/t.db", dir);
    now = manual.wall_ms = INT64_C(1800000000000);
    clk = clock_manual(&manual);
    arena_init(&arena, 1 << 20);
    OK(profile_parse(str_of(yaml), "gw.yaml", &arena, &profile, &ctx));
    OK(store_open_writer(path, &so, &clk, &st, &ctx));
    OK(versions_new(&profile, "gw", &v, &ctx));
}

static void teardown(void)
{
    versions_free(v);
    store_close(st);
    arena_fini(&arena);
    ck_assert(tmpdir_remove(dir));
}

static bool on_sample(void *unused, const struct expo_sample *s)
{
    (void)unused;
    versions_see(v, s);
    return true;
}

static struct version_change list[PROFILE_VERSIONS_MAX];

/* A page, 15 s after the one before: how many changes it tells. */
static size_t page(const char *text, bool mixed)
{
    const struct expo_handler h = {.on_sample = on_sample};
    struct expo *p = expo_new(&h, 1 << 20);
    size_t count;
    now += 15000;
    versions_begin(v);
    OK(expo_feed(p, text, strlen(text)));
    OK(expo_finish(p));
    expo_free(p);
    OK(versions_end(v, st, now, mixed, list, &count, &ctx));
    OK(store_commit(st, &ctx));
    return count;
}

START_TEST(another_version_is_told_with_what_differs)
{
    ck_assert_uint_eq(page("gw_build_info{tag=\"1.2\",rev=\"aa\",node=\"n1\"} 1\ngw_requests_total 3\n", false), 0);
    ck_assert_uint_eq(page("gw_requests_total 4\ngw_build_info{node=\"n2\",rev=\"aa\",tag=\"1.2\"} 1\n", false), 0);
    ck_assert_uint_eq(page("gw_build_info{tag=\"1.3\",rev=\"aa\",node=\"n1\"} 1\n", false), 1);
    ck_assert_str_eq(list[0].text, "gw_build_info: tag 1.2 -> 1.3");
    ck_assert(!list[0].config);
    ck_assert_uint_eq(page("gw_build_info{tag=\"1.3\",rev=\"aa\"} 1\n", false), 0);
}
END_TEST

START_TEST(a_configuration_is_of_its_own_kind_and_the_first_labels_stand_for_all)
{
    ck_assert_uint_eq(page("gw_build_info{tag=\"1\"} 1\ngw_config_info{a=\"1\",b=\"1\",c=\"1\",d=\"1\",e=\"1\",f=\"1\"} 1\n", false), 0);
    ck_assert_uint_eq(
        page("gw_build_info{tag=\"2\",rev=\"b\"} 1\ngw_config_info{a=\"2\",b=\"2\",c=\"1\",d=\"2\",e=\"2\",f=\"2\"} 1\n", false), 2);
    ck_assert_str_eq(list[0].text, "gw_build_info: tag 1 -> 2, rev not told -> b");
    ck_assert_str_eq(list[1].text, "gw_config_info: a 1 -> 2, b 1 -> 2, d 1 -> 2, e 1 -> 2, and 1 more");
    ck_assert(list[1].config);
}
END_TEST

START_TEST(a_page_that_says_nothing_of_it_is_no_change)
{
    ck_assert_uint_eq(page("gw_build_info{tag=\"1\"} 1\ngw_config_info{a=\"1\"} 1\n", false), 0);
    ck_assert_uint_eq(page("gw_requests_total 4\n", false), 0);
    ck_assert_uint_eq(page("gw_build_info{tag=\"1\"} 1\n", false), 0);
    ck_assert_uint_eq(page("gw_build_info{tag=\"1\"} 1\ngw_config_info{a=\"2\"} 1\n", false), 1);
    ck_assert_str_eq(list[0].text, "gw_config_info: a 1 -> 2");
}
END_TEST

START_TEST(engines_of_one_page_say_it_together)
{
    ck_assert_uint_eq(page("gw_config_info{engine=\"0\",a=\"1\"} 1\ngw_config_info{engine=\"1\",a=\"1\"} 1\n", false), 0);
    ck_assert_uint_eq(page("gw_config_info{engine=\"1\",a=\"2\"} 1\ngw_config_info{engine=\"0\",a=\"1\"} 1\n", false), 1);
    ck_assert_str_eq(list[0].text, "gw_config_info: a 1 -> 1+2");
}
END_TEST

START_TEST(workers_in_turn_are_no_deploys)
{
    ck_assert_uint_eq(page("gw_build_info{tag=\"1\"} 1\n", false), 0);
    ck_assert_uint_eq(page("gw_build_info{tag=\"2\"} 1\n", false), 1);
    ck_assert_uint_eq(page("gw_build_info{tag=\"1\"} 1\n", false), 1); /* as far as is known it was taken back */
    for (int i = 0; i < 10; i++)
        ck_assert_uint_eq(page(i % 2 == 0 ? "gw_build_info{tag=\"2\"} 1\n" : "gw_build_info{tag=\"1\"} 1\n", false), 0);
    ck_assert_uint_eq(page("gw_build_info{tag=\"3\"} 1\n", true), 0);
    now += 600000;
    ck_assert_uint_eq(page("gw_build_info{tag=\"2\"} 1\n", false), 1);
}
END_TEST

START_TEST(a_change_while_nobody_looked_is_told_and_a_lost_one_again)
{
    ck_assert_uint_eq(page("gw_build_info{tag=\"1\"} 1\n", false), 0);
    versions_free(v);
    OK(versions_new(&profile, "gw", &v, &ctx));
    ck_assert_uint_eq(page("gw_build_info{tag=\"2\"} 1\n", false), 1);
    versions_begin(v);
    versions_forget(v); /* nothing was lost: it is not told again */
    ck_assert_uint_eq(page("gw_build_info{tag=\"2\"} 1\n", false), 0);
}
END_TEST

START_TEST(what_a_page_says_is_bounded_and_safe)
{
    char text[40000] = "";
    ck_assert_uint_eq(page("gw_build_info{tag=\"1\"} 1\n", false), 0);
    ck_assert_uint_eq(page("gw_build_info{tag=\"\x1b[31m\"} 1\n", false), 1);
    ck_assert_str_eq(list[0].text, "gw_build_info: tag 1 -> ^[[31m");
    for (int i = 0; i < 200; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "gw_build_info{tag=\"%d\"} 1\n", i);
    ck_assert_uint_eq(page(text, false), 0);
    memset(text, 'x', sizeof text);
    snprintf(text, sizeof text, "gw_build_info{tag=\"");
    text[strlen(text)] = 'x';
    snprintf(text + 2000, sizeof text - 2000, "\"} 1\n");
    ck_assert_uint_eq(page(text, false), 1);
    ck_assert_uint_lt(strlen(list[0].text), 160);
}
END_TEST

Suite *suite_versions(void);
Suite *suite_versions(void)
{
    Suite *s = suite_create("versions");
    TCase *c = tcase_create("versions");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, another_version_is_told_with_what_differs);
    tcase_add_test(c, a_configuration_is_of_its_own_kind_and_the_first_labels_stand_for_all);
    tcase_add_test(c, a_page_that_says_nothing_of_it_is_no_change);
    tcase_add_test(c, engines_of_one_page_say_it_together);
    tcase_add_test(c, workers_in_turn_are_no_deploys);
    tcase_add_test(c, a_change_while_nobody_looked_is_told_and_a_lost_one_again);
    tcase_add_test(c, what_a_page_says_is_bounded_and_safe);
    suite_add_tcase(s, c);
    return s;
}
