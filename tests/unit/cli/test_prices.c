/* SPDX-License-Identifier: MIT */
/* gwtop prices show and cost, with invented prices. */
#include "unit/cli/fixture.h"

Suite *suite_prices(void);

static struct ran ran;
static char list[700];

static const char prices[] =
    "gwtop-prices 1\ndate 2026-06-02\norigin a test\n"
    "free\tacme\tchat\t-\tinput=0 output=0\n"
    "gone\tacme\tchat\t-\tinput=1000000\ngone\tacme\tchat\t2026-10-01\t!not in the price list any more\n"
    "gpt-x\topenai\tchat\t-\tinput=1250000 cached=125000 output=10000000 input@200000=2500000 cached@200000=250000 "
    "output@200000=15000000 batch.input=625000 region.eu=11000\n"
    "gpt-x\topenai\tchat\t2026-11-01\tinput=1000000 cached=100000 output=8000000\n"
    "plain\tacme\tchat\t-\tinput=3 output=7\n"
    "rr\tacme\trerank\t-\tinput=0 query=2000000000\n"
    "steps\tacme\tchat\t-\tinput%0=1000000 output%0=2000000 input%100=3000000\n"
    "end 8\n";

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
    ran_open(&ran);
    ck_assert(str_format(list, sizeof list, "%s/prices-of-a-test.txt", ran.f.dir));
    write_file(list, prices);
}

static void teardown(void)
{
    ran_close(&ran);
}

static int run(const char *line)
{
    char whole[1200];
    ck_assert(str_format(whole, sizeof whole, "prices %s --prices %s --config %s", line, list, ran.config));
    return ran_bare(&ran, whole);
}

static void fails(const char *line, int status, const char *says)
{
    ck_assert_msg(run(line) == status, "%s: %s%s", line, ran.out, ran.err);
    ck_assert_str_eq(ran.out, "");
    assert_err(&ran, says);
}

/* 300,000 tokens of two requests: one of them, both or none is above 200,000. */
START_TEST(cost_refuses_several_requests_of_unknown_sizes)
{
    fails("cost gpt-x --input 300000 --output 1000 --requests 2 --at 2026-07-01", EXIT_USAGE,
          "gpt-x costs by the size of each request: 2 of them cost 0.385 to 0.765 USD; ask for one at a time");
    ck_assert_int_eq(run("cost gpt-x --input 300000 --output 1000 --requests 1 --at 2026-07-01"), EXIT_OK);
    assert_out(&ran, "total 0.765 USD");
    ck_assert_int_eq(run("cost gpt-x --input 200000 --output 1000 --requests 2 --at 2026-07-01"), EXIT_OK); /* none can be */
    assert_out(&ran, "total 0.26 USD");
    ck_assert_int_eq(run("cost gpt-x --input 300000 --output 1000 --requests 2 --at 2026-11-02"), EXIT_OK); /* one price for all */
}
END_TEST

START_TEST(cost_prints_every_term)
{
    ck_assert_int_eq(run("cost openai/gpt-x --input 1000 --cached 200 --output 100 --reasoning 40 --at 2026-07-01"), EXIT_OK);
    assert_out(&ran, "model   gpt-x\nmatch   without the provider 'openai/'\nsold by openai, chat\n");
    assert_out(&ran, "prices-of-a-test.txt, a test, 2026-06-02: 6 models, 6 with a price\nat      2026-07-01T00:00:00Z\n");
    assert_out(&ran, "\ninput         800          x 1.25 USD/M     0.001\n"
                     "cached input  200         x 0.125 USD/M  0.000025\n"
                     "output         60            x 10 USD/M    0.0006\n"
                     "reasoning      40  x 10 USD/M as output    0.0004\n"
                     "total 0.002025 USD\n");
}
END_TEST

START_TEST(the_price_of_its_day)
{
    ck_assert_int_eq(run("cost gpt-x --input 1000 --at 2026-10-31"), EXIT_OK);
    assert_out(&ran, "total 0.00125 USD\n");
    ck_assert_int_eq(run("cost gpt-x --input 1000 --at 2026-11-01"), EXIT_OK);
    assert_out(&ran, "total 0.001 USD\n");
    ck_assert_int_eq(run("cost gone --input 1000 --at 2026-09-30"), EXIT_OK);
    fails("cost gone --input 1000 --at 2026-10-01", EXIT_FAILED, "prices-of-a-test.txt of 2026-06-02): not in the price list any more\n");
}
END_TEST

START_TEST(cost_as_json)
{
    ck_assert_int_eq(run("cost gpt-x --input=200001 --cached=1 --output=1 --region=eu --at=2026-07-01 --json"), EXIT_OK);
    assert_out(&ran, "\"usd\": \"0.550016775\",\n  \"nusd\": 550016775,\n  \"exactness\": \"=\",\n  \"notes\": []\n");
    assert_out(&ran, "\"multiplier\": \"1.1\",");
    assert_out(
        &ran,
        "\"term\": \"cached\",\n      \"count\": 1,\n      \"price_usd\": \"0.00000025\",\n      \"priced_as\": \"cached\",\n"
        "      \"service\": \"standard\",\n      \"above_tokens\": 200000,\n      \"graduated\": false,\n      \"usd\": \"0.000000275\"\n");
    ck_assert_int_eq(run("cost plain --input 1 --json"), EXIT_OK);
    assert_out(&ran, "\"usd\": \"0.000000000003\",\n  \"nusd\": 0,");
    ck_assert_int_eq(run("cost plain --input 10 --cached 5 --json"), EXIT_OK);
    assert_out(&ran, "\"exactness\": \"<=\",\n  \"notes\": [\n    \"no cached price is listed: cached tokens are priced as input, which is "
                     "the most they can cost\"\n");
}
END_TEST

START_TEST(services_queries_and_steps)
{
    ck_assert_int_eq(run("cost gpt-x --input 1000 --service batch --at 2026-07-01"), EXIT_OK);
    assert_out(&ran, "input, batch  1000  x 0.625 USD/M  0.000625\n");
    ck_assert_int_eq(run("cost rr --input 1000"), EXIT_OK);
    assert_out(&ran, "total 0.002 USD\n");
    ck_assert_int_eq(run("cost rr --input 1000 --queries 3"), EXIT_OK);
    assert_out(&ran, "total 0.006 USD\n");
    ck_assert_int_eq(run("cost steps --input 150"), EXIT_OK);
    assert_out(&ran, "total 0.00025 USD\n");
    assert_out(&ran, "note: if the whole request is billed at the step of its prompt, it is 0.00045 USD\n");
    ck_assert_int_eq(run("cost free --input 150"), EXIT_OK);
    assert_out(&ran, "total 0 USD\nnote: every price that it uses is listed as 0: a free tier or a subscription\n");
}
END_TEST

START_TEST(what_has_no_price_fails)
{
    fails("cost gpt-y --input 1", EXIT_FAILED, "gwtop: gpt-y has no price: no row of ");
    fails("show gpt-y", EXIT_FAILED, "gwtop: gpt-y has no price: no row of ");
    fails("cost rr --output 1", EXIT_FAILED, "gwtop: output has no price\n");
    fails("cost gpt-y --input 1 --json", EXIT_FAILED, "gwtop: gpt-y has no price: no row of ");
}
END_TEST

START_TEST(wrong_lines_are_refused)
{
    fails("", EXIT_USAGE, "prices: expected `show MODEL`, `cost MODEL` with counts, or `update --from FILE|URL`");
    fails("cost", EXIT_USAGE, "prices: expected");
    fails("list gpt-x", EXIT_USAGE, "prices: expected");
    fails("cost gpt-x", EXIT_USAGE, "cost of what? Give --input, --output or another count");
    fails("cost gpt-x --input -1", EXIT_USAGE, "--input: expected a whole number that is not negative, got '-1'");
    fails("cost gpt-x --input 1.5", EXIT_USAGE, "--input: expected a whole number that is not negative, got '1.5'");
    fails("cost gpt-x --input 99999999999999999999", EXIT_USAGE, "--input: expected a whole number");
    fails("cost gpt-x --input 1 --service fast", EXIT_USAGE, "--service: expected standard, batch, flex or priority, got 'fast'");
    fails("cost gpt-x --input 1 --at soon", EXIT_USAGE, "--at: ");
}
END_TEST

START_TEST(a_list_that_is_none_is_refused)
{
    char line[900];
    ck_assert_int_eq(ran_bare(&ran, "prices cost gpt-x --input 1 --prices /nonexistent/prices.txt"), EXIT_FAILED);
    assert_err(&ran, "/nonexistent/prices.txt: No such file or directory");
    write_file(list, "gwtop-prices 1\ndate 2026-06-02\norigin a test\nplain\tacme\tchat\t-\tinput=3\n");
    fails("cost plain --input 1", EXIT_FAILED, "cut after line 4: its end is missing");
    ck_assert(str_format(line, sizeof line, "{\"plain\": {\"litellm_provider\": \"acme\", \"input_cost_per_token\": 3e-06}}"));
    write_file(list, line); /* public forms are read as well */
    ck_assert_int_eq(run("cost plain --input 1"), EXIT_OK);
    assert_out(&ran, "total 0.000003 USD\n");
}
END_TEST

START_TEST(show_has_every_date)
{
    ck_assert_int_eq(run("show gpt-x --at 2026-07-01"), EXIT_OK);
    assert_out(&ran, "\nthe oldest known  (in force)\n  input                                  1.25 USD/M\n");
    assert_out(&ran, "  cached input in prompts above 200000   0.25 USD/M\n");
    assert_out(&ran, "  times 1.1 in region eu\n\nfrom 2026-11-01T00:00:00Z\n  input           1 USD/M\n");
    ck_assert_int_eq(run("show gpt-x --json"), EXIT_OK);
    assert_out(&ran, "\"from\": null,\n      \"in_force\": false,");
    assert_out(&ran, "\"from\": \"2026-11-01T00:00:00Z\",\n      \"in_force\": true,");
}
END_TEST

START_TEST(the_configuration_has_the_last_word)
{
    ran_config(&ran, "prices:\n- {model: gpt-x, from: 2026-12-01, input: 0.50 USD/M, output: 1 USD/M}\n- {model: 'pl*', from: 2026-12-01, "
                     "discount: 12.5%}\n");
    ck_assert_int_eq(run("cost gpt-x --input 1000 --at 2026-11-30"), EXIT_OK);
    assert_out(&ran, "total 0.001 USD\n");
    ck_assert_int_eq(run("cost gpt-x --input 1000 --cached 10 --at 2026-12-01"), EXIT_OK);
    assert_out(&ran, "match   configured from 2026-12-01T00:00:00Z, line 2\n");
    assert_out(&ran, "total <=0.0005 USD\n");
    ck_assert_int_eq(run("cost plain --input 1000 --at 2026-12-01"), EXIT_OK);
    assert_out(&ran, "match   by its name; discount of 12.5% configured from 2026-12-01T00:00:00Z, line 3\n");
    assert_out(&ran, "each times 0.875\ntotal 0.000000002625 USD\n");
    ck_assert_int_eq(run("show plain --at 2026-12-01"), EXIT_OK);
    assert_out(&ran, "\ndiscount of 12.5% configured from 2026-12-01T00:00:00Z, line 3  (in force)\n");
    ran_config(&ran,
               "prices:\n- {model: plain, from: 2026-12-01, input: 0.50 USD/M}\n- {model: plain, from: 2026-07-01, input: 1 USD/M}\n");
    ck_assert_int_eq(run("show plain --at 2026-12-01"), EXIT_OK);
    assert_out(&ran, "\n\nconfigured from 2026-07-01T00:00:00Z, line 3\n  input  1 USD/M\n"
                     "\nconfigured from 2026-12-01T00:00:00Z, line 2  (in force)\n  input  0.5 USD/M\n");
}
END_TEST

START_TEST(without_a_list_the_built_in_one_serves)
{
    char whole[900];
    ck_assert(str_format(whole, sizeof whole, "prices cost gpt-4.1 --input 1000 --cached 200 --output 100 --config %s", ran.config));
    char store[900];
    ck_assert(str_format(store, sizeof store, "store: %s/none.db\n", ran.f.dir));
    ran_config(&ran, store);
    ck_assert_int_eq(ran_bare(&ran, whole), EXIT_OK);
    assert_out(&ran, "list    built in, LiteLLM model_prices_and_context_window.json, 2026-06-02");
    assert_out(&ran, "total 0.0025 USD\n");
}
END_TEST

Suite *suite_prices(void)
{
    Suite *suite = suite_create("prices");
    TCase *t = tcase_create("prices");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, cost_prints_every_term);
    tcase_add_test(t, cost_refuses_several_requests_of_unknown_sizes);
    tcase_add_test(t, the_price_of_its_day);
    tcase_add_test(t, cost_as_json);
    tcase_add_test(t, services_queries_and_steps);
    tcase_add_test(t, what_has_no_price_fails);
    tcase_add_test(t, wrong_lines_are_refused);
    tcase_add_test(t, a_list_that_is_none_is_refused);
    tcase_add_test(t, show_has_every_date);
    tcase_add_test(t, the_configuration_has_the_last_word);
    tcase_add_test(t, without_a_list_the_built_in_one_serves);
    suite_add_tcase(suite, t);
    return suite;
}
