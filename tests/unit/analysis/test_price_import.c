/* SPDX-License-Identifier: MIT */
#include "analysis/price_import.h"

#include "unit/analysis/price_rows.h"

Suite *suite_price_import(void);

static struct arena arena;
static struct price_import_report report;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
}

static void teardown(void)
{
    arena_fini(&arena);
}

static struct price_table import(const char *json, const char *name, bool whole_tiers)
{
    struct price_table t = {0};
    struct errctx why = {""};
    const struct price_import_options opt = {.name = name, .whole_tiers = whole_tiers};
    ck_assert_msg(price_import(str_of(json), &opt, &arena, &t, &report, &why) == ERR_OK, "%s", why.text);
    return t;
}

/* The list as our own form writes it, without its head and end. */
static void becomes(const char *json, const char *name, const char *rows)
{
    struct price_table t = import(json, name, false);
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(price_table_write(&t, &out), ERR_OK);
    char *begin = strchr(strchr(strchr(out.data, '\n') + 1, '\n') + 1, '\n') + 1, *end = strstr(out.data, "\nend ");
    end[1] = '\0';
    ck_assert_str_eq(begin, rows);
    buf_fini(&out);
}

START_TEST(litellm)
{
    becomes("{\"sample_spec\": {\"input_cost_per_token\": 0.5, \"mode\": \"one of: chat\", \"litellm_provider\": \"one of\"},\n"
            " \"gpt-x\": {\"litellm_provider\": \"openai\", \"mode\": \"chat\", \"input_cost_per_token\": 1.25e-06, "
            "\"output_cost_per_token\": 1e-05,\n"
            "  \"cache_read_input_token_cost\": 1.25e-07, \"cache_creation_input_token_cost\": 2e-06, "
            "\"cache_creation_input_token_cost_above_1hr\": 3e-06,\n"
            "  \"output_cost_per_reasoning_token\": 2e-05, \"input_cost_per_audio_token\": 4e-05, \"output_cost_per_audio_token\": 8e-05,\n"
            "  \"input_cost_per_request\": 0.005, \"input_cost_per_token_batches\": 6.25e-07, \"output_cost_per_token_flex\": 5e-06,\n"
            "  \"input_cost_per_token_priority\": 2e-06, \"input_cost_per_token_above_200k_tokens\": 2.5e-06, "
            "\"input_cost_per_token_above_200k_tokens_priority\": 5e-06,\n"
            "  \"output_cost_per_token_priority_above_200k_tokens\": 7e-06, "
            "\"cache_creation_input_token_cost_above_1hr_above_200k_tokens\": 9e-06,\n"
            "  \"regional_processing_uplift_multiplier_eu\": 1.1, \"provider_specific_entry\": {\"us\": 1.25, \"fast\": 6.0}, "
            "\"max_tokens\": \"many\"},\n"
            " \"pic\": {\"litellm_provider\": \"openai\", \"mode\": \"image_generation\", \"input_cost_per_token\": 1e-06}}",
            "x.json",
            "gpt-x\topenai\tchat\t-\tinput=1250000 cached=125000 cache_write=2000000 cache_write_1h=3000000 audio_input=40000000 "
            "output=10000000 "
            "reasoning=20000000 audio_output=80000000 request=5000000000 input@200000=2500000 cache_write_1h@200000=9000000 "
            "batch.input=625000 flex.output=5000000 "
            "priority.input=2000000 priority.input@200000=5000000 priority.output@200000=7000000 region.eu=11000 region.us=12500\n");
    ck_assert_str_eq(report.form, "LiteLLM");
    ck_assert_uint_eq(report.rows, 1);
    ck_assert_uint_eq(report.other_kind, 1);
    ck_assert_uint_eq(report.rounded, 0);
}
END_TEST

#define STEPS                                                                                                                              \
    "{\"q\": {\"litellm_provider\": \"dashscope\", \"mode\": \"chat\", \"tiered_pricing\": [{\"range\": [0, 256000.0], "                   \
    "\"input_cost_per_token\": 5e-08}, "                                                                                                   \
    "{\"range\": [256000.0, 1000000.0], \"input_cost_per_token\": 2.5e-07}]}}"

START_TEST(litellm_steps)
{
    becomes(STEPS, "x.json", "q\tdashscope\tchat\t-\tinput%0=50000 input%256000=250000\n");
    struct price_table t = import(STEPS, "x.json", true);
    int64_t pusd;
    ck_assert(price_rate_find(&t.rows[0], PRICE_INPUT, PRICE_STANDARD, 256000, &pusd) && !t.rows[0].rates[1].graduated);
}
END_TEST

START_TEST(agentgateway)
{
    becomes("{\"providers\": {\"gcp.gemini\": {\"models\": {\"gem\": {\"rates\": {\"input\": \"1.25\", \"output\": \"10\", \"cacheRead\": "
            "\"0.125\"},\n"
            " \"tiers\": [{\"contextOver\": 200000, \"rates\": {\"input\": \"2.5\", \"cacheRead\": \"0.25\"}}]}}},\n"
            " \"openai\": {\"models\": {\"mini\": {\"rates\": {\"input\": \"0.15\", \"cacheWrite\": \"0.2\", \"reasoning\": \"1\", "
            "\"inputAudio\": \"10\", \"outputAudio\": \"20\"}}}}}}",
            "x.json",
            "gcp.gemini/gem\tgcp.gemini\t\t-\tinput=1250000 cached=125000 output=10000000 input@200000=2500000 cached@200000=250000\n"
            "openai/mini\topenai\t\t-\tinput=150000 cache_write=200000 audio_input=10000000 reasoning=1000000 audio_output=20000000\n");
    ck_assert_str_eq(report.form, "agentgateway");
}
END_TEST

START_TEST(models_dev)
{
    becomes("{\"acme\": {\"id\": \"acme\", \"models\": {\"a\": {\"cost\": {\"input\": 3, \"output\": 15, \"cache_read\": 0.3, "
            "\"cache_write\": 3.75, \"reasoning\": 20,\n"
            "  \"input_audio\": 1, \"output_audio\": 2, \"context_over_200k\": {\"input\": 6, \"output\": 22.5}}},\n"
            " \"b\": {\"cost\": {\"input\": 1, \"output\": 2, \"context_over_200k\": {\"input\": 9}, \"tiers\": [{\"tier\": {\"type\": "
            "\"context\", \"size\": 272000}, \"input\": 4}]}},\n"
            " \"c\": {\"id\": \"c\"}}}}",
            "api.json",
            "acme/a\tacme\t\t-\tinput=3000000 cached=300000 cache_write=3750000 audio_input=1000000 output=15000000 reasoning=20000000 "
            "audio_output=2000000 "
            "input@200000=6000000 output@200000=22500000\n"
            "acme/b\tacme\t\t-\tinput=1000000 output=2000000 input@272000=4000000\n"
            "acme/c\tacme\t\t-\t!the list has no price for it\n");
    ck_assert_str_eq(report.form, "models.dev");
    ck_assert_uint_eq(report.no_price, 1);
}
END_TEST

#define CENTS(in, out) "\"pay_as_you_go\": {\"request_token\": {\"price\": " in "}, \"response_token\": {\"price\": " out "}"

START_TEST(portkey)
{
    becomes(
        "{\"default\": {\"pricing_config\": {" CENTS(
            "0",
            "0") "}, \"currency\": \"USD\"}},\n"
                 " \"claude-y\": {\"pricing_config\": {" CENTS(
                     "0.0003",
                     "0.0015") ", \"cache_read_input_token\": {\"price\": 0.00003}, \"cache_write_input_token\": {\"price\": 0.000375},\n"
                               "   \"additional_units\": {\"cache_write_1h\": {\"price\": 0.0006}, \"web_search\": {\"price\": 1}}},\n"
                               "   \"batch_config\": {\"request_token\": {\"price\": 0.00015}, \"response_token\": {\"price\": "
                               "0.00075}}}},\n"
                               " \"gpt-x\": {\"pricing_config\": {" CENTS(
                                   "0.00025",
                                   "0.001") ", \"cache_write_input_token\": {\"price\": 0}, \"cache_read_input_token\": {\"price\": "
                                            "0.000125},\n"
                                            "   \"additional_units\": {\"thinking_token\": {\"price\": 0.002}}}}},\n"
                                            " \"gem-lte-128k\": {\"pricing_config\": {" CENTS(
                                                "0.0000075",
                                                "0.00003") "}}},\n"
                                                           " \"gem-gt-128k\": {\"pricing_config\": {" CENTS(
                                                               "0.000015",
                                                               "0.00006") "}}},\n"
                                                                          " \"odd-gt-128k\": {\"pricing_config\": {" CENTS(
                                                                              "0.0001",
                                                                              "0.0001") "}}},\n"
                                                                                        " \"euro\": {\"pricing_config\": {" CENTS(
                                                                                            "0.0001",
                                                                                            "0.0001") "}, \"currency\": \"EUR\"}}}",
        "https://example.org/pricing/open-ai.json?x=1",
        "open-ai/claude-y\topen-ai\t\t-\tinput=3000000 cached=300000 cache_write=3750000 cache_write_1h=6000000 output=15000000 "
        "search=10000000000 "
        "batch.input=1500000 batch.output=7500000\n"
        "open-ai/euro\topen-ai\t\t-\t!its currency is 'EUR', and only USD is known\n"
        "open-ai/gem\topen-ai\t\t-\tinput=75000 output=300000 input@128000=150000 output@128000=600000\n"
        "open-ai/gpt-x\topen-ai\t\t-\tinput=2500000 cached=1250000 output=10000000 reasoning=20000000\n"
        "open-ai/odd-gt-128k\topen-ai\t\t-\tinput=1000000 output=1000000\n");
    ck_assert_str_eq(report.form, "Portkey");
    ck_assert_uint_eq(report.fault_count, 1);
}
END_TEST

/* One LiteLLM row among a good one: what is said of it. */
static void row_is(const char *fields, const char *unpriced)
{
    char json[2000];
    ck_assert(str_format(
        json, sizeof json,
        "{\"good\": {\"litellm_provider\": \"a\", \"input_cost_per_token\": 1e-06}, \"m\": {\"litellm_provider\": \"a\", %s}}", fields));
    struct price_table t = import(json, "x.json", false);
    ck_assert_uint_eq(t.count, 2);
    ck_assert_ptr_null(t.rows[0].unpriced);
    if (unpriced == NULL) {
        ck_assert_msg(t.rows[1].unpriced == NULL, "%s", t.rows[1].unpriced);
        return;
    }
    ck_assert_ptr_nonnull(t.rows[1].unpriced);
    ck_assert_str_eq(t.rows[1].unpriced, unpriced);
    ck_assert_uint_eq(t.rows[1].rate_count, 0);
    ck_assert_uint_eq(report.priced, 1);
}

START_TEST(a_row_with_a_fault_is_left_out_and_named)
{
    row_is("\"input_cost_per_token\": -1e-06", "input_cost_per_token is negative or no number: '-1e-06'");
    ck_assert_uint_eq(report.fault_count, 1);
    ck_assert_str_eq(report.faults[0]->model, "m");
    row_is("\"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 0.015", "output_cost_per_token is absurd: 0.015 USD per token");
    row_is("\"input_cost_per_token\": 0.01", "input_cost_per_token is absurd: 0.01 USD per token");
    row_is("\"input_cost_per_token\": 0.0099", NULL);
    row_is("\"input_cost_per_token\": 1e30", "input_cost_per_token is absurd: 1e30");
    row_is("\"input_cost_per_token\": \"cheap\"", "input_cost_per_token is no number: 'cheap'");
    row_is("\"input_cost_per_token\": true", "input_cost_per_token is no number");
    row_is("\"input_cost_per_token\": [1]", "input_cost_per_token is no number");
    row_is("\"input_cost_per_token\": 1.23456789e-08", NULL); /* 12,345.6789 pico-USD */
    row_is("\"input_cost_per_token\": 1.5e-12", "input_cost_per_token is finer than a pico-dollar: 1.5e-12");
    row_is("\"input_cost_per_token\": 1e-20", "input_cost_per_token is finer than a pico-dollar: 1e-20");
    row_is("\"input_cost_per_token\": \"4e-07\"", NULL); /* YAML leaves such strings */
    row_is("\"input_cost_per_token\": -0.0", NULL);
    row_is("\"input_cost_per_token\": null", "the list has no price for it");
    row_is("\"input_cost_per_second\": 0.01", "the list prices it by the second");
    row_is("\"regional_processing_uplift_multiplier_eu\": -1, \"input_cost_per_token\": 1e-06",
           "regional_processing_uplift_multiplier_ is no factor");
    row_is("\"tiered_pricing\": [{\"input_cost_per_token\": 1e-06}]", "tiered_pricing has a step without a range");
    row_is("\"tiered_pricing\": [{\"range\": [0, 1000], \"input_cost_per_token\": 1e-06}, {\"range\": [1500, 2000], "
           "\"input_cost_per_token\": 2e-06}]",
           "tiered_pricing has a hole: it says nothing of the tokens just below 1500");
    row_is("\"tiered_pricing\": [{\"range\": [0, 1000], \"input_cost_per_token\": 1e-06}, {\"range\": [1001, 2000], "
           "\"input_cost_per_token\": 2e-06}]",
           NULL);
    row_is("\"currency\": \"EUR\", \"input_cost_per_token\": 1e-06", "its currency is 'EUR', and only USD is known");
    row_is("\"currency\": \"USD\", \"input_cost_per_token\": 1e-06", NULL);
    row_is("\"input_cost_per_token\": 2.9999900000000002e-06", NULL);
    ck_assert_uint_eq(report.rounded, 1);
    row_is("\"input_cost_per_token\": 1e-06, \"input_cost_per_token\": 2e-06", "input_cost_per_token has two prices");
}
END_TEST

START_TEST(rows_that_stand_twice)
{
    struct price_table t =
        import("{\"m\": {\"litellm_provider\": \"a\", \"input_cost_per_token\": 1e-06}, \"x\": {\"input_cost_per_token\": 1e-06},\n"
               " \"m\": {\"litellm_provider\": \"a\", \"input_cost_per_token\": 1e-6}}",
               "x.json", false);
    ck_assert_uint_eq(t.count, 2);
    ck_assert_ptr_null(t.rows[0].unpriced);
    ck_assert_uint_eq(report.priced, 2);
    ck_assert_uint_eq(report.rows, 2);
    t = import(
        "{\"m\": {\"input_cost_per_token\": 1e-06}, \"x\": {\"input_cost_per_token\": 1e-06}, \"m\": {\"input_cost_per_token\": 2e-06}}",
        "x.json", false);
    ck_assert_str_eq(t.rows[0].unpriced, "two rows of this name have different prices");
    ck_assert_uint_eq(report.priced, 1);
    ck_assert_uint_eq(report.fault_count, 1);
}
END_TEST

static void refused(const char *json, const char *says)
{
    struct price_table t = {.count = 42};
    struct errctx why = {""};
    const struct price_import_options opt = {.name = "x.json"};
    ck_assert_int_ne(price_import(str_of(json), &opt, &arena, &t, &report, &why), ERR_OK);
    ck_assert_str_eq(why.text, says);
    ck_assert_uint_eq(t.count, 42);
}

START_TEST(what_is_no_list_is_refused_whole)
{
    static const char none[] = "x.json: not a price list that gwtop reads: LiteLLM's, models.dev's (agentgateway's too), Portkey's";
    refused("", "x.json: line 1: it ends in the middle: not a whole price list, nothing was taken from it");
    refused("<html>", "x.json: line 1: that is no value: not a whole price list, nothing was taken from it");
    refused("{\"m\": {\"input_cost_per_token\": 1e-06},\n",
            "x.json: line 2: it ends in the middle: not a whole price list, nothing was taken from it");
    refused("{}", none);
    refused("[]", none);
    refused("3", none);
    refused("{\"data\": [{\"id\": \"gpt-x\"}]}", none);
    refused("{\"m\": {\"input_cost_per_token\": -1}}", "x.json: a list of LiteLLM's form without one price that can be taken");
    refused("{\"providers\": {}}", "x.json: a list of agentgateway's form without one price that can be taken");
}
END_TEST

START_TEST(every_cut_is_refused)
{
    static const char json[] =
        "{\"m\": {\"litellm_provider\": \"a\", \"input_cost_per_token\": 1.5e-06}, \"n\": {\"input_cost_per_token\": 1}}";
    const struct price_import_options opt = {.name = "x.json"};
    struct price_table t;
    for (size_t n = 0; n + 1 < sizeof json; n++)
        ck_assert_msg(price_import((struct str){json, n}, &opt, &arena, &t, &report, NULL) != ERR_OK, "accepted %zu bytes", n);
}
END_TEST

START_TEST(names_from_outside_break_no_line)
{
    struct price_table t = import("{\"a\\tb\\nend 1\": {\"input_cost_per_token\": 1e-06}, \"m\": {\"input_cost_per_token\": 1e-06, "
                                  "\"litellm_provider\": \"x\\ty\"},\n"
                                  " \"n\": {\"input_cost_per_token\": \"1\\n2\"}}",
                                  "x.json", false),
                       again;
    struct buf out;
    struct errctx why = {""};
    buf_init(&out, 1 << 16);
    ck_assert_int_eq(price_table_write(&t, &out), ERR_OK);
    ck_assert_msg(price_table_parse(buf_str(&out), "p", &arena, &again, &why) == ERR_OK, "%s", why.text);
    ck_assert_uint_eq(again.count, 3);
    ck_assert_str_eq(again.rows[0].model, "(a name that cannot be kept)");
    ck_assert_str_eq(again.rows[2].unpriced, "input_cost_per_token is no number: '1?2'");
    buf_fini(&out);
}
END_TEST

Suite *suite_price_import(void)
{
    Suite *suite = suite_create("price_import");
    TCase *t = tcase_create("price_import");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, litellm);
    tcase_add_test(t, litellm_steps);
    tcase_add_test(t, agentgateway);
    tcase_add_test(t, models_dev);
    tcase_add_test(t, portkey);
    tcase_add_test(t, a_row_with_a_fault_is_left_out_and_named);
    tcase_add_test(t, rows_that_stand_twice);
    tcase_add_test(t, what_is_no_list_is_refused_whole);
    tcase_add_test(t, every_cut_is_refused);
    tcase_add_test(t, names_from_outside_break_no_line);
    suite_add_tcase(suite, t);
    return suite;
}
