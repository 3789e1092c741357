/* SPDX-License-Identifier: MIT */
/* Pages that lie or hold back, all the way from the page to what `gwtop latency` prints of it: nothing is made up, and what is not known is
 * said. */
#include <sys/stat.h>

#include "cli/cli.h"
#include "unit/record/fixture.h"

enum { LINE_MAX_BYTES = 1000, ARGS_MAX = 16 };

static struct fixture f;
static char config[250], *out, *err;

static void setup(void)
{
    fixture_open(&f);
    ck_assert(str_format(config, sizeof config, "%s/gwtop.yaml", f.dir));
    FILE *file = fopen(config, "w");
    ck_assert(file != NULL && fputs("gateway: gw\n", file) >= 0 && fclose(file) == 0 && chmod(config, 0600) == 0);
}

static void teardown(void)
{
    fixture_close(&f);
    free(out);
    free(err);
    out = err = NULL;
}

/* One poll, recorded. */
static void poll(const char *page)
{
    fixture_poll(&f, page);
    struct source_status src = {.id = f.batch.source,
                                .name = "src",
                                .kind = "metrics",
                                .url = "",
                                .gateway = "gw",
                                .profile = "test",
                                .reason = "",
                                .warning = "",
                                .interval_ms = 15000,
                                .state = SOURCE_OK,
                                .last_ok_ms = f.t_ms,
                                .last_try_ms = f.t_ms,
                                .http_status = 200};
    ck_assert_int_eq(store_put_status(f.st, f.t_ms, &src, NULL), ERR_OK);
    if (f.report.made_good_count > 0)
        ck_assert_int_eq(store_append(f.st, f.report.made_good, f.report.made_good_count, NULL), ERR_OK);
    ck_assert_int_eq(store_append(f.st, &f.batch, 1, NULL), ERR_OK);
    f.manual.wall_ms = f.t_ms;
}

/* `gwtop latency` as of the last poll. */
static void latency(const char *arguments)
{
    char line[LINE_MAX_BYTES], ended[32], *argv[ARGS_MAX], *save = NULL;
    size_t n;
    int argc = 0;

    free(out);
    free(err);
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)f.t_ms));
    ck_assert_int_eq(store_put_note(f.st, "ended", f.t_ms, str_of(ended), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert(str_format(line, sizeof line, "latency --store %s --config %s %s", f.path, config, arguments));
    for (char *word = strtok_r(line, " ", &save); word != NULL && argc + 1 < ARGS_MAX; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    argv[argc] = NULL;
    struct cli_io io = {.out = open_memstream(&out, &n), .err = open_memstream(&err, &n)};
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++)
        if (strcmp(c->name, argv[0]) == 0)
            ck_assert_int_eq(c->run(argc, argv, &io), 0);
    fclose(io.out);
    fclose(io.err);
}

#define says(text) ck_assert_msg(strstr(out, text) != NULL, "'%s' is not in:\n%s%s", text, out, err)
#define does_not_say(text) ck_assert_msg(strstr(out, text) == NULL, "'%s' is in:\n%s", text, out)
#define warns(text) ck_assert_msg(strstr(f.report.warning, text) != NULL, "'%s' is not in: %s", text, f.report.warning)

/* A page of ttft with bounds 0.3, 1 and 82. */
static const char *page(double a, double b, double c, double inf, double sum)
{
    static char text[500];
    ck_assert(str_format(
        text, sizeof text,
        "gw_ttft_bucket{le=\"0.3\",model=\"m\"} %g\ngw_ttft_bucket{le=\"1.0\",model=\"m\"} %g\ngw_ttft_bucket{le=\"82\",model=\"m\"} %g\n"
        "gw_ttft_bucket{le=\"+Inf\",model=\"m\"} %g\ngw_ttft_sum{model=\"m\"} %g\ngw_ttft_count{model=\"m\"} %g\n",
        a, b, c, inf, sum, inf));
    return text;
}

START_TEST(buckets_that_go_down_without_a_restart_are_an_interval_not_known)
{
    poll(page(1000, 1000, 1000, 1000, 200));
    poll(page(1100, 1100, 1100, 1100, 220));
    poll(page(900, 1150, 1200, 1200, 240)); /* the first went down, the total did not: no 900 new ones */
    warns("gw_ttft{model=\"m\"}: le=\"0.3\" went down and others did not, which is no restart: this interval is not known");
    for (int i = 0; i < 4; i++)
        poll(page(900, 1150, 1200, 1200, 240)); /* nor does it come back: from here on it counts */
    poll(page(900, 1150, 1300, 1300, 540));
    latency("--q 25,75 --csv");
    says("\n\"m\",row,,,200,=,1.6,200,false,false,false,,below,0,0.3,0,0.3,41.5,about,1,82,1,82,\"\"\n");
    for (int i = 0; i <= SAWTOOTH_HOLD; i++)
        poll(page(1, 2, 3, 3, 4)); /* all of them fell: that is a restart, and three more, once the next polls have told */
    latency("--q 50 --json");
    says("\"n\": 203,");
}
END_TEST

START_TEST(a_sum_that_is_no_number_leaves_no_mean)
{
    poll(page(0, 0, 0, 0, 0));
    poll(page(50, 100, 100, 100, NAN));
    warns("its mean is not known");
    latency("--q 75");
    says("\nm          -  ~0.65 s  (0.3,1]     -  100\n");
    latency("--q 75 --json");
    says("\"mean_s\": null");
    says("\"n\": 100");
    latency("--q 75 --csv");
    says("\"m\",row,,,100,=,,0,false,false,false,0.65,about,");
    poll(page(60, 120, 120, 120, 72)); /* it is a number again, of all of them */
    latency("--q 75 --csv");
    says("\"m\",row,,,120,=,0.6,120,");
}
END_TEST

/* One of two series tells its sum: the mean is that of its observations, and says of how many; the other's are not taken to have lasted
 * nothing. */
START_TEST(a_mean_of_several_is_of_those_with_a_sum)
{
    static const char other[] =
        "gw_ttft_bucket{le=\"0.3\",model=\"b\"} %d\ngw_ttft_bucket{le=\"+Inf\",model=\"b\"} %d\n%sgw_ttft_count{model=\"b\"} %d\n";
    static const char *const sums[] = {"gw_ttft_sum{model=\"b\"} NaN\n", ""};
    char body[1000], b[400];
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        teardown();
        setup();
        ck_assert(str_format(b, sizeof b, other, 0, 0, sums[i], 0));
        ck_assert(str_format(body, sizeof body, "%s%s", page(0, 0, 0, 0, 0), b));
        poll(body);
        ck_assert(str_format(b, sizeof b, other, 250, 300, sums[i], 300));
        ck_assert(str_format(body, sizeof body, "%s%s", page(50, 100, 100, 100, 60), b));
        poll(body);
        latency("--q 50");
        says("  0.60 s  100\n");
        says("  ~0.60 s of 100  400\n");
        latency("--q 50 --csv");
        says("\"all\",total,,,400,=,0.6,100,");
        says("\"b\",row,,,300,=,,0,");
        latency("--q 50 --json");
        says("\"mean_s\": 0.6,\n      \"mean_n\": 100,\n      \"n\": 400,");
        ck_assert_int_eq(store_seal_all(f.st, NULL), ERR_OK); /* from chunks it is the same */
        latency("--q 50 --csv");
        says("\"all\",total,,,400,=,0.6,100,");
    }
}
END_TEST

START_TEST(a_quantile_that_text_does_not_give_as_a_number_is_none_in_files)
{
    poll(page(0, 0, 0, 0, 0));
    poll(page(10, 20, 20, 20, 9));
    latency("--q 99 --csv");
    says("\"m\",row,,,20,=,0.45,20,false,false,false,,thin,0.3,1,0.3,,\"\"\n");
    latency("--q 99 --json");
    says("\"is\": \"thin\"");
    says("\"value\": null");
    does_not_say("\"value\": 0");
}
END_TEST

START_TEST(without_inf_the_count_says_how_many_are_beyond_the_last_bucket)
{
    static const char text[] =
        "gw_ttft_bucket{le=\"0.3\",model=\"m\"} %d\ngw_ttft_bucket{le=\"1.0\",model=\"m\"} %d\ngw_ttft_sum{model=\"m\"} %d\n"
        "gw_ttft_count{model=\"m\"} %d\n";
    char body[400];
    ck_assert(str_format(body, sizeof body, text, 0, 0, 0, 0));
    poll(body);
    ck_assert(str_format(body, sizeof body, text, 200, 400, 900, 600));
    poll(body);
    warns("has no le=\"+Inf\": its _count stands in");
    latency("--q 50,99");
    says("  >1 s  (1,inf]  1.50 s  600\n");
    latency("--q 99 --json");
    says("\"value\": null,\n          \"bucket_lo\": 1,\n          \"bucket_hi\": null,");
    says("\"above_last_bucket\": true");
    latency("--q 99 --csv");
    says("\"m\",row,,,600,=,1.5,600,false,false,false,,above,1,,1,,\"\"\n");
}
END_TEST

START_TEST(an_inf_below_its_neighbour_is_not_believed_and_made_good_later)
{
    poll(page(0, 0, 0, 0, 0));
    poll(page(100, 400, 600, 500, 900));
    warns("gw_ttft{model=\"m\"}: le=\"+Inf\" holds less than the bucket below it: the lower one is believed");
    latency("--q 50 --csv");
    says("\"m\",row,,,600,=,1.5,600,");
    poll(page(100, 400, 600, 700, 20000));
    latency("--q 50,99 --csv");
    says("\"m\",row,,,700,=,28.57142857,700,false,false,false,0.8833333333,about,0.3,1,0.3,1,,above,82,,82,,\"\"\n");
}
END_TEST

/* 300 observations of one set of bounds and as many of another: a quantile is between what either allows. */
START_TEST(bounds_that_change_between_polls_give_an_interval)
{
    static const char other[] = "gw_ttft_bucket{le=\"5e-1\",model=\"m\"} %d\ngw_ttft_bucket{le=\"2\",model=\"m\"} %d\n"
                                "gw_ttft_bucket{le=\"+Inf\",model=\"m\"} %d\ngw_ttft_sum{model=\"m\"} %d\ngw_ttft_count{model=\"m\"} %d\n";
    char body[500];
    poll(page(0, 0, 0, 0, 0));
    poll(page(100, 300, 300, 300, 150));
    ck_assert(str_format(body, sizeof body, other, 150, 350, 350, 200, 350));
    poll(body);
    warns("has other buckets without a restart: this interval is not known");
    ck_assert(str_format(body, sizeof body, other, 250, 650, 650, 500, 650));
    poll(body);
    latency("--q 50 --json");
    says("\"n\": 600,"); /* 100 to 0.3 s, 200 to 1 s; 100 to 0.5 s, 200 to 2 s: the 300th is not below 0.3 and not above 1 */
    says("\"bucket_lo\": 0.3,\n          \"bucket_hi\": 1,");
    latency("--q 50");
    says("(0.3,1]");
}
END_TEST

START_TEST(what_lies_in_the_first_or_the_last_bucket_has_one_edge)
{
    poll(page(0, 0, 0, 0, 0));
    poll(page(500, 500, 500, 500, 20));
    latency("--q 50,95");
    says("\nm          -  <0.30 s  (0,0.3]  <0.30 s  (0,0.3]  40 ms  500\n");
    latency("--q 95 --json");
    says("\"below_first_bucket\": true");
    poll(page(500, 500, 500, 1500, 200000));
    latency("--q 95");
    says("  >82 s  (82,inf]  ");
}
END_TEST

START_TEST(a_sparse_set_grows_and_a_bucket_it_does_not_have_is_not_made_up)
{
    static const char *const pages[] = {
        "gw_ttft_bucket{le=\"+Inf\",model=\"m\"} 0\ngw_ttft_sum{model=\"m\"} 0\ngw_ttft_count{model=\"m\"} 0\n",
        "gw_ttft_bucket{le=\"1.5\",model=\"m\"} 100\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} 100\ngw_ttft_sum{model=\"m\"} 120\n"
        "gw_ttft_count{model=\"m\"} 100\n",
        "gw_ttft_bucket{le=\"0.25\",model=\"m\"} 100\ngw_ttft_bucket{le=\"1.5\",model=\"m\"} 200\ngw_ttft_bucket{le=\"+Inf\",model=\"m\"} "
        "200\n"
        "gw_ttft_sum{model=\"m\"} 140\ngw_ttft_count{model=\"m\"} 200\n",
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        poll(pages[i]);
    latency("--q 75 --csv");
    says("\"m\",row,,,200,=,0.7,200,false,false,false,,below,0,1.5,0,1.5,\"\"\n"); /* 100 to 1.5 s whose lower edge nobody gave, and 100 to
                                                                                   * 0.25 s */
}
END_TEST

/* A summary, and the counters of Higress and Triton, are a sum and a number. */
START_TEST(averages_are_shown_as_averages)
{
    static const char text[] =
        "# TYPE gw_ttft summary\ngw_ttft{model=\"m\",quantile=\"0.99\"} 9\ngw_ttft_sum{model=\"m\"} %d\ngw_ttft_count{model=\"m\"} %d\n%s";
    char body[800];
    ck_assert(str_format(body, sizeof body, text, 10, 10, ""));
    poll(body);
    ck_assert(str_format(body, sizeof body, text, 610, 410, ""));
    poll(body);
    latency("--q 50,95");
    says("\nm          -  avg only      avg only      1.50 s  400\n");
    says("\navg only: what is counted is a sum and a number, so there is a mean and no percentile\n");
    latency("--q 95 --json");
    says("\"mean_s\": 1.5,\n      \"mean_n\": 400,\n      \"n\": 400,");
    says("\"q\": 0.95,\n          \"n\": 0,\n          \"is\": \"average_only\",\n          \"average_only\": true\n");
    does_not_say("\"value\"");
    latency("--q 95 --csv");
    says("\"m\",row,,,400,=,1.5,400,false,false,true,,average_only,,,,,\"\"\n");
}
END_TEST

/* 100 of which only the average is known beside 300 that lie in buckets: a quantile is as wide as they allow. */
START_TEST(averages_beside_a_distribution_widen_it)
{
    static const char a[] = "gw_ttft_sum{model=\"a\"} %d\ngw_ttft_count{model=\"a\"} %d\n";
    char body[1000], average[200];
    ck_assert(str_format(average, sizeof average, a, 0, 0));
    ck_assert(str_format(body, sizeof body, "%s%s", page(0, 0, 0, 0, 0), average));
    poll(body);
    ck_assert(str_format(average, sizeof average, a, 50, 100));
    ck_assert(str_format(body, sizeof body, "%s%s", page(100, 200, 300, 300, 5000), average));
    poll(body);
    latency("--q 50,95 --csv");
    says("\"a\",row,,,100,=,0.5,100,false,false,true,,average_only,,,,,,average_only,,,,,\"\"\n");
    says("\"m\",row,,,300,=,16.66666667,300,false,false,false,0.65,about,0.3,1,0.3,1,");
    says("\"all\",total,,,400,=,12.625,400,false,false,false,"); /* the 200th is the 100th to the 200th of m; the 380th may be above all of
                                                                 * m */
    says(",below,0,1,0,82,,above,1,,1,,\"\"\n");
}
END_TEST

Suite *suite_pages(void);
Suite *suite_pages(void)
{
    Suite *s = suite_create("pages that lie");
    TCase *c = tcase_create("pages");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, buckets_that_go_down_without_a_restart_are_an_interval_not_known);
    tcase_add_test(c, a_sum_that_is_no_number_leaves_no_mean);
    tcase_add_test(c, a_mean_of_several_is_of_those_with_a_sum);
    tcase_add_test(c, a_quantile_that_text_does_not_give_as_a_number_is_none_in_files);
    tcase_add_test(c, without_inf_the_count_says_how_many_are_beyond_the_last_bucket);
    tcase_add_test(c, an_inf_below_its_neighbour_is_not_believed_and_made_good_later);
    tcase_add_test(c, bounds_that_change_between_polls_give_an_interval);
    tcase_add_test(c, what_lies_in_the_first_or_the_last_bucket_has_one_edge);
    tcase_add_test(c, a_sparse_set_grows_and_a_bucket_it_does_not_have_is_not_made_up);
    tcase_add_test(c, averages_are_shown_as_averages);
    tcase_add_test(c, averages_beside_a_distribution_widen_it);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    SRunner *runner = srunner_create(suite_pages());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
