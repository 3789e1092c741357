/* SPDX-License-Identifier: MIT */
/* gwtop detect, on series that are written here. */
#include <math.h>
#include <unistd.h>

#include "base/rng.h"
#include "unit/cli/fixture.h"

Suite *suite_detect(void);

static struct ran ran;
static char path[700];

static void setup(void)
{
    ran_open(&ran);
    ck_assert(str_format(path, sizeof path, "%s/series.csv", ran.f.dir));
}

static void teardown(void)
{
    ran_close(&ran);
}

static void write_text(const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fclose(f), 0);
}

/* One a minute from 2026-11-01 on: 2 % bad, from row 3,001 on 10 %, from row 8,001 on again 2 %. */
static void write_outcomes(void)
{
    FILE *f = fopen(path, "w");
    struct rng r;
    rng_seed(&r, 1);
    fprintf(f, "timestamp,bad\r\n");
    for (int i = 0; i < 12000; i++)
        fprintf(f, "2026-11-%02dT%02d:%02d:00Z,%d\r\n", 1 + i / 1440, i / 60 % 24, i % 60,
                rng_unit(&r) < (i >= 3000 && i < 8000 ? 0.10 : 0.02));
    ck_assert_int_eq(fclose(f), 0);
}

static int run(const char *options)
{
    char line[1100];
    ck_assert(str_format(line, sizeof line, "detect --input %s %s", path, options));
    return ran_bare(&ran, line);
}

/* Number behind the nth "key": of the output. */
static double number_of(const char *key, int nth)
{
    char quoted[64];
    const char *p = ran.out;
    ck_assert(str_format(quoted, sizeof quoted, "\"%s\": ", key));
    for (int i = 0; i <= nth && p != NULL; i++)
        p = strstr(p + (i > 0), quoted);
    ck_assert_msg(p != NULL, "no %s in %s", key, ran.out);
    return strtod(p + strlen(quoted), NULL);
}

START_TEST(alarms_with_onset_and_promise)
{
    write_outcomes();
    ck_assert_int_eq(run("--kind binary"), EXIT_OK);
    assert_out(&ran, ": rise from ");
    assert_out(&ran, ": fall from ");
    assert_out(&ran, "2 alarms in 12000 rows, binary\n");
    assert_out(&ran, "mixture Shiryaev-Roberts e-detector: at most one false alarm in 10,000 samples on average, while");
    ck_assert_str_eq(ran.err, "");
}
END_TEST

START_TEST(json_has_the_alarms)
{
    write_outcomes();
    ck_assert_int_eq(run("--json --arl 100000"), EXIT_OK);
    assert_out(&ran, "\"kind\": \"binary\"");
    assert_out(&ran, "\"arl\": 100000");
    assert_out(&ran, "\"direction\": \"rise\"");
    ck_assert_double_eq(number_of("alarm_count", 0), 2);
    for (int i = 0; i < 2; i++) { /* the second after all began anew */
        double truth = i == 0 ? 3001 : 8001, row = number_of("row", i), onset = number_of("onset", i);
        ck_assert_msg(number_of("onset_from", i) <= truth && truth <= number_of("onset_to", i), "%s", ran.out);
        ck_assert(onset <= row && row > truth && row < truth + 800 && fabs(onset - truth) < 150);
        ck_assert_double_eq(number_of("line", i), row + 1);
    }
    assert_out(&ran, "\"onset_time\": \"2026-11-03T0");
}
END_TEST

START_TEST(the_onsets_instead)
{
    write_outcomes();
    ck_assert_int_eq(run("--onsets --json"), EXIT_OK);
    ck_assert_double_eq(number_of("alarm_count", 0), 2);
    ck_assert_double_eq_tol(number_of("onset", 0), 3001, 100);
    ck_assert_double_eq_tol(number_of("onset", 1), 8001, 100);
    write_text("1\n1\n2\n1\n2\n1\n2\n1\n1\n2\n9\n8\n9\n9\n8\n9\n8\n9\n9\n8\n");
    ck_assert_int_eq(run("--onsets"), EXIT_OK);
    assert_out(&ran, ": rise from 1.40 to 8.60 since row 11 ");
    assert_out(&ran, "1 change in 20 rows, metric\nBayesian change points, the likeliest division: no rate of false alarms is promised");
    ck_assert_int_eq(run("--onsets --scores"), EXIT_USAGE);
}
END_TEST

START_TEST(scores_keep_their_rows)
{
    write_text("value\n1\nnan\n2\n\n3\noops\n");
    ck_assert_int_eq(run("--scores"), EXIT_OK);
    ck_assert_str_eq(ran.out, "row,score\n1,0\n2,\n3,0\n4,0\n5,\n");
    assert_err(&ran, ":3: 'nan' is not finite; left out\n");
    assert_err(&ran, ":7: 'oops' is no number; left out\n");
}
END_TEST

START_TEST(a_metric_and_its_spike)
{
    FILE *f = fopen(path, "w");
    struct rng r;
    rng_seed(&r, 1);
    for (int i = 0; i < 2000; i++)
        fprintf(f, "%d,%.3f\n", i, (i == 1500 || i == 1501 ? 40 : 10) + rng_normal(&r));
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(run(""), EXIT_OK);
    assert_out(&ran, "row 1501: rise from 10.");
    assert_out(&ran, ", metric\nshort means against long ones, beyond their record: no rate of false alarms is promised");
    ck_assert_int_eq(run("--scores"), EXIT_OK);
    assert_out(&ran, "\n1503,0\n"); /* quiet after it */
}
END_TEST

START_TEST(a_thin_baseline_says_what_it_lacks)
{
    write_text("0\n1\n0\n0\n0\n1\n");
    ck_assert_int_eq(run(""), EXIT_OK);
    assert_out(&ran, "0 alarms in 6 rows, binary\n");
    assert_out(&ran, "thin: the baseline lacks 34 bad or good outcomes; nothing is watched until then\n");
    ck_assert_int_eq(run("--json"), EXIT_OK);
    assert_out(&ran, "\"state\": \"thin\"");
    ck_assert_double_eq(number_of("lacks", 0), 34);
}
END_TEST

START_TEST(bad_input)
{
    write_text("");
    ck_assert_int_eq(run(""), EXIT_UNKNOWN);
    assert_err(&ran, "no row of it can be used");
    write_text("value\nabc\n");
    ck_assert_int_eq(run("--json"), EXIT_UNKNOWN);
    ck_assert_int_eq(run("--kind mean"), EXIT_USAGE);
    assert_err(&ran, "--kind: expected binary, score or metric, got 'mean'");
    ck_assert_int_eq(run("--arl 0.5"), EXIT_USAGE);
    ck_assert_int_eq(run("--arl nan"), EXIT_USAGE);
    ck_assert_int_eq(run("--arl 100 --kind metric"), EXIT_USAGE);
    ck_assert_int_eq(run("--arl 100 --onsets"), EXIT_USAGE);
    write_text("cpu\n17.5\n18.25\n3\n"); /* guessed to be a metric */
    ck_assert_int_eq(run("--arl 100"), EXIT_USAGE);
    assert_err(&ran, "--arl: change points and metrics have no rate of false alarms; leave it out, or say --kind");
    ck_assert_int_eq(run(""), EXIT_OK);
    ck_assert_int_eq(ran_bare(&ran, "detect"), EXIT_USAGE);
    assert_err(&ran, "--input FILE is missing");
    ck_assert_int_eq(ran_bare(&ran, "detect --input /nowhere/x.csv"), EXIT_FAILED);
    assert_err(&ran, "/nowhere/x.csv: No such file or directory");
    ck_assert_int_eq(ran_bare(&ran, "detect --input /"), EXIT_FAILED);
    assert_err(&ran, "/: Is a directory");
    FILE *f = fopen(path, "w");
    fputs("0.5\n", f);
    for (int i = 0; i < 100000; i++)
        fputc('7', f);
    fputs("\n7\n0.25", f); /* a line without an end */
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(run("--kind score --json"), EXIT_OK);
    ck_assert_double_eq(number_of("rows", 0), 2);
    assert_err(&ran, ":2: the line is too long; left out\n");
    assert_err(&ran, ":3: '7' is not between 0 and 1; left out\n");
}
END_TEST

START_TEST(from_standard_input)
{
    write_outcomes();
    int was = dup(STDIN_FILENO);
    ck_assert_ptr_nonnull(freopen(path, "r", stdin));
    ck_assert_int_eq(ran_bare(&ran, "detect --input - --json"), EXIT_OK);
    ck_assert_double_eq(number_of("alarm_count", 0), 2);
    ck_assert_int_ge(dup2(was, STDIN_FILENO), 0);
    close(was);
}
END_TEST

Suite *suite_detect(void)
{
    Suite *s = suite_create("detect");
    TCase *t = tcase_create("detect");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, alarms_with_onset_and_promise);
    tcase_add_test(t, json_has_the_alarms);
    tcase_add_test(t, the_onsets_instead);
    tcase_add_test(t, scores_keep_their_rows);
    tcase_add_test(t, a_metric_and_its_spike);
    tcase_add_test(t, a_thin_baseline_says_what_it_lacks);
    tcase_add_test(t, bad_input);
    tcase_add_test(t, from_standard_input);
    suite_add_tcase(s, t);
    return s;
}
