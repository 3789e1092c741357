/* SPDX-License-Identifier: MIT */
#include "unit/cli/fixture.h"

Suite *suite_options(void);

START_TEST(help_of_every_command_is_asked_for_in_two_ways)
{
    struct ran r;
    char line[64], usage[64];
    memset(&r, 0, sizeof r);
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++) {
        for (int i = 0; i < 2; i++) {
            ck_assert(str_format(line, sizeof line, "%s %s", c->name, i == 0 ? "--help" : "-h"));
            ck_assert(str_format(usage, sizeof usage, "usage: gwtop %s", c->name));
            ck_assert_int_eq(ran_bare(&r, line), 0);
            ck_assert_ptr_eq(strstr(r.out, usage), r.out);
            assert_out(&r, c->help);
            assert_out(&r, "\n  --help  ");
            ck_assert_str_eq(r.err, "");
        }
    }
    ran_forget(&r);
}
END_TEST

/* What the usage line promises is explained below it, and taken. */
START_TEST(every_option_of_a_usage_line_has_a_sentence)
{
    struct ran r;
    char line[64], option[32];
    size_t seen = 0;
    memset(&r, 0, sizeof r);
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++) {
        ck_assert(str_format(line, sizeof line, "%s --help", c->name));
        ck_assert_int_eq(ran_bare(&r, line), 0);
        for (const char *at = strstr(c->arguments, "--"); at != NULL; at = strstr(at + 2, "--"), seen++) {
            ck_assert(str_format(option, sizeof option, "\n  %.*s", (int)strcspn(at, " ]"), at));
            assert_out(&r, option);
        }
    }
    ck_assert_uint_gt(seen, 12);
    ran_forget(&r);
}
END_TEST

static const struct {
    const char *line, *says;
} wrong[] = {
    {"status --jsn", "gwtop status: there is no option --jsn; `gwtop status --help` shows what it takes\n"},
    {"status --json=yes", "gwtop status: --json takes no value; `gwtop status --help` shows what it takes\n"},
    {"status --line --json", "gwtop status: --line and --json exclude each other\n"},
    {"cost --json --csv", "gwtop cost: --json and --csv exclude each other\n"},
    {"cost --since", "gwtop cost: --since needs a value; `gwtop cost --help` shows what it takes\n"},
    {"cost --at=", "gwtop cost: --at needs a value; `gwtop cost --help` shows what it takes\n"},
    {"cost team", "gwtop cost: unexpected argument 'team'; `gwtop cost --help` shows what it takes\n"},
    {"incidents 1",
     "gwtop incidents: unexpected argument '1'; `gwtop incidents show ID` shows one of those that `gwtop incidents` lists\n"},
    {"incidents show", "gwtop incidents show: expected the number of an incident, got ''; `gwtop incidents` lists them\n"},
    {"incidents show x", "gwtop incidents show: expected the number of an incident, got 'x'; `gwtop incidents` lists them\n"},
    {"incidents show 1 2", "gwtop incidents: unexpected argument '2'; `gwtop incidents --help` shows what it takes\n"},
    {"check a b", "gwtop check: unexpected argument 'b'; `gwtop check --help` shows what it takes\n"},
    {"config --json", "gwtop config: there is no option --json; `gwtop config --help` shows what it takes\n"},
    {"init", "gwtop init: say what to propose: --slo\n"},
};

START_TEST(a_wrong_line_is_refused_with_one_sentence_that_names_the_way_out)
{
    struct ran r;
    memset(&r, 0, sizeof r);
    ck_assert_int_eq(ran_bare(&r, wrong[_i].line), 64);
    ck_assert_str_eq(r.err, wrong[_i].says);
    ck_assert_str_eq(r.out, "");
    ran_forget(&r);
}
END_TEST

static const struct {
    const char *line, *says;
} meant[] = {
    {"status --at tomorrow", "gwtop: --at: time \"tomorrow\": expected "},
    {"cost --since soon", "gwtop: --since: expected a duration like 3h or 7d, or a time \"soon\": expected "},
    {"cost --since 2027-01-01", "gwtop: --since: '2027-01-01' leaves no time before the cursor\n"},
    {"cost --by colour", "gwtop: --by: expected model, "},
    {"cost --filter colour=red", "gwtop: filter 'colour=red': expected DIMENSION=VALUE"},
};

START_TEST(a_wrong_value_is_refused_under_the_name_of_its_option)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, meant[_i].line), 64);
    ck_assert_ptr_eq(strstr(r.err, meant[_i].says), r.err);
    ck_assert_str_eq(r.out, "");
    ran_close(&r);
}
END_TEST

Suite *suite_options(void)
{
    Suite *s = suite_create("cli: options");
    TCase *c = tcase_create("options");
    tcase_add_test(c, help_of_every_command_is_asked_for_in_two_ways);
    tcase_add_test(c, every_option_of_a_usage_line_has_a_sentence);
    tcase_add_loop_test(c, a_wrong_line_is_refused_with_one_sentence_that_names_the_way_out, 0, sizeof wrong / sizeof *wrong);
    tcase_add_loop_test(c, a_wrong_value_is_refused_under_the_name_of_its_option, 0, sizeof meant / sizeof *meant);
    suite_add_tcase(s, c);
    return s;
}
