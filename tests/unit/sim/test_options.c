/* SPDX-License-Identifier: MIT */
#include "sim/options.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

Suite *suite_options(void);

enum { WORDS_MAX = 24 };

/* Splits at spaces; the command line of a test is one text. */
static enum err parse(const char *line, struct sim_options *ret, struct errctx *ctx)
{
    static char room[256]; /* options borrow from it */
    char *argv[WORDS_MAX + 1] = {NULL}, *save = NULL;
    int argc = 0;
    ck_assert_uint_lt(strlen(line), sizeof room);
    memcpy(room, line, strlen(line) + 1);
    for (char *w = strtok_r(room, " ", &save); w != NULL && argc < WORDS_MAX; w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    return options_parse(argc, argv, ret, ctx);
}

START_TEST(every_option_reaches_its_field)
{
    struct sim_options o;
    ck_assert_int_eq(
        parse("sim serve --listen 127.0.0.1:9 --seed=7 --scenario drift --onset +5m --speed 2.5 --for 1h --start now", &o, NULL), ERR_OK);
    ck_assert_int_eq(o.command, COMMAND_SERVE);
    ck_assert_str_eq(o.listen, "127.0.0.1:9");
    ck_assert_uint_eq(o.seed, 7);
    ck_assert_str_eq(o.scenarios, "drift");
    ck_assert_str_eq(o.onset, "+5m");
    ck_assert_double_eq(o.speed, 2.5);
    ck_assert_int_eq(o.for_ms, 3600000);
    ck_assert_str_eq(o.start, "now");
    ck_assert_int_eq(parse("sim serve --port-file=p --truth t", &o, NULL), ERR_OK);
    ck_assert_str_eq(o.port_file, "p");
    ck_assert_str_eq(o.truth, "t");
    ck_assert_int_eq(parse("sim demo --headless --for 10m --store x.db", &o, NULL), ERR_OK);
    ck_assert_int_eq(o.command, COMMAND_DEMO);
    ck_assert(o.headless);
    ck_assert_str_eq(o.store, "x.db");
    ck_assert(!o.plain);
    ck_assert_int_eq(parse("sim demo --plain", &o, NULL), ERR_OK);
    ck_assert(o.plain);
}
END_TEST

START_TEST(what_is_not_given_is_known_as_such)
{
    struct sim_options o;
    ck_assert_int_eq(parse("sim demo", &o, NULL), ERR_OK);
    ck_assert(o.listen == NULL && o.scenarios == NULL && o.onset == NULL && o.store == NULL && !o.headless);
    ck_assert_uint_eq(o.seed, 1);
    ck_assert_double_eq(o.speed, 0);
    ck_assert_int_eq(o.for_ms, -1);
}
END_TEST

static const struct {
    const char *line, *says;
} wrong[] = {
    {"sim", "a command is missing"},
    {"sim play", "there is no command \"play\""},
    {"sim serve --sed 1", "\"--sed\" is not an option of serve"},
    {"sim serve now", "\"now\" is not an option of serve"},
    {"sim serve --headless", "\"--headless\" is not an option of serve"},
    {"sim demo --start now", "\"--start\" is not an option of demo"},
    {"sim serve --seed", "--seed needs a value (N)"},
    {"sim serve --seed -1", "is not a whole number"},
    {"sim serve --seed 1x", "is not a whole number"},
    {"sim serve --speed 0", "is not a factor above 0"},
    {"sim serve --speed nan", "is not a factor above 0"},
    {"sim serve --speed inf", "is not a factor above 0"},
    {"sim serve --for 10", "the unit is missing"},
    {"sim demo --headless=yes", "--headless takes no value"},
    {"sim demo --for 1m", "--for needs --headless"},
    {"sim demo --plain --headless", "exclude each other"},
};

START_TEST(wrong_command_lines_are_refused_with_a_sentence)
{
    struct sim_options o = {.seed = 99};
    struct errctx ctx = {""};
    ck_assert_int_eq(parse(wrong[_i].line, &o, &ctx), ERR_USAGE);
    ck_assert_msg(strstr(ctx.text, wrong[_i].says) != NULL, "%s: %s", wrong[_i].line, ctx.text);
    ck_assert_uint_eq(o.seed, 99); /* untouched */
}
END_TEST

START_TEST(help_is_asked_for_in_several_ways_and_names_every_option)
{
    struct sim_options o;
    static const char *const asks[] = {"sim help", "sim --help", "sim -h", "sim serve --help", "sim demo -h"};
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        ck_assert_int_eq(parse(asks[i], &o, NULL), ERR_OK);
        ck_assert_int_eq(o.command, COMMAND_HELP);
    }
    ck_assert_int_eq(parse("sim --version", &o, NULL), ERR_OK);
    ck_assert_int_eq(o.command, COMMAND_VERSION);
    struct buf text;
    buf_init(&text, 1 << 16);
    ck_assert_int_eq(options_help(&text), ERR_OK);
    static const char *const names[] = {"--listen ", "--seed ",      "--scenario ", "--onset ",    "--speed ", "--for ",
                                        "--start ",  "--port-file ", "--truth ",    "--headless ", "--store ", "--plain "};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_ptr_nonnull(strstr(text.data, names[i]));
    buf_fini(&text);
}
END_TEST

/* Every row of the help stands in the man page too. */
START_TEST(the_man_page_has_every_option)
{
    static char man[1 << 16];
    struct buf help;
    FILE *f = fopen(TEST_ROOT "/../man/gwtop-sim.8", "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_gt(fread(man, 1, sizeof man - 1, f), 0);
    fclose(f);
    buf_init(&help, 1 << 16);
    ck_assert_int_eq(options_help(&help), ERR_OK);
    int rows = 0;
    for (char *at = strstr(help.data, "\n  --"); at != NULL; at = strstr(at + 1, "\n  --"), rows++) {
        char row[64];
        ck_assert(str_format(row, sizeof row, "Fl -%.*s", (int)strcspn(at + 5, " "), at + 5));
        ck_assert_msg(strstr(man, row) != NULL, "no %s", row);
    }
    ck_assert_int_ge(rows, 11);
    buf_fini(&help);
}
END_TEST

START_TEST(onsets_are_read_relative_to_the_base)
{
    int64_t ms = 0, base = INT64_C(1794916800000);
    struct errctx ctx = {""};
    ck_assert_int_eq(options_onset("-7m", base, false, &ms, NULL), ERR_OK);
    ck_assert_int_eq(ms, base - 420000);
    ck_assert_int_eq(options_onset("+90s", base, false, &ms, NULL), ERR_OK);
    ck_assert_int_eq(ms, base + 90000);
    ck_assert_int_eq(options_onset("5m", base, false, &ms, NULL), ERR_OK);
    ck_assert_int_eq(ms, base + 300000);
    ck_assert_int_eq(options_onset("2026-11-17T13:00:00Z", base, true, &ms, NULL), ERR_OK);
    ck_assert_int_eq(ms, base + 3600000);
    ck_assert_int_eq(options_onset("2026-11-17T13:00:00Z", base, false, &ms, &ctx), ERR_USAGE);
    ck_assert_int_eq(options_onset("soon", base, true, &ms, &ctx), ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "--onset"));
    ck_assert_int_eq(ms, base + 3600000);
}
END_TEST

Suite *suite_options(void)
{
    Suite *suite = suite_create("options");
    TCase *t = tcase_create("options");
    tcase_add_test(t, every_option_reaches_its_field);
    tcase_add_test(t, what_is_not_given_is_known_as_such);
    tcase_add_loop_test(t, wrong_command_lines_are_refused_with_a_sentence, 0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(t, help_is_asked_for_in_several_ways_and_names_every_option);
    tcase_add_test(t, the_man_page_has_every_option);
    tcase_add_test(t, onsets_are_read_relative_to_the_base);
    suite_add_tcase(suite, t);
    return suite;
}
