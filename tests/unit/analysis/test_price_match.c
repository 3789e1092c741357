/* SPDX-License-Identifier: MIT */
#include "analysis/price_match.h"

#include "unit/analysis/price_rows.h"

Suite *suite_price_match(void);

static struct arena arena;
static struct price_table table;

#define OF(model, provider, pusd) model "\t" provider "\tchat\t-\tinput=" pusd "\n"

static void setup(void)
{
    arena_init(&arena, 8 << 20);
    rows_parse(LIST(OF("gpt-x", "openai", "1") OF("gpt-x-2025-04-14", "openai", "2") OF("azure/gpt-x", "azure", "3")
                        OF("azure/us/gpt-x", "azure", "4") OF("anthropic.claude-y-20250929-v1:0", "bedrock_converse", "5")
                            OF("eu.anthropic.claude-y-20250929-v1:0", "bedrock_converse", "6") OF("claude-y-20250929", "anthropic", "7")
                                OF("claude-y-20240101", "anthropic", "8") OF("mistral/large-latest", "mistral", "9")
                                    OF("vertex_ai/claude-y@20250929", "vertex_ai-anthropic_models", "10")
                                        OF("ft:gpt-x-2025-04-14", "openai", "11") OF("openrouter/lonely", "openrouter", "12")
                                            OF("a/shared", "a", "13") OF("b/shared", "b", "14") OF("b/popular", "b", "15")
                                                OF("deepseek/popular", "deepseek",
                                                   "16") "copilot/gpt-x\tcopilot\tchat\t-\t!the list has no price for it\n",
                    "17"),
               &arena, &table);
}

static void teardown(void)
{
    arena_fini(&arena);
}

START_TEST(names_that_gateways_report)
{
    static const struct {
        const char *model, *provider, *row;
        bool is_exact;
        const char *how;
    } rows[] = {
        {"gpt-x", "", "gpt-x", true, "by its name"},
        {"gpt-x", "openai", "gpt-x", true, "by its name"},
        {"gpt-x", "azure", "azure/gpt-x", true, "by its name"},
        {"gpt-x", "az.ai.openai", "azure/gpt-x", true, "by its name"},
        {"gpt-x", "groq", "gpt-x", false, "by its name; the price of openai"},
        {"openai/gpt-x", "", "gpt-x", true, "without the provider 'openai/'"},
        {"groq/gpt-x", "", "gpt-x", false, "without the provider 'groq/'; the price of openai"},
        {"azure/us/gpt-x", "", "azure/us/gpt-x", true, "by its name"},
        {"azure/eu/gpt-x", "", "azure/gpt-x", false, "without the region 'eu/'"},
        {"azure/swedencentral-1/gpt-x", "", "azure/gpt-x", false, "without the region 'swedencentral-1/'"},
        {"gpt-x-2025-04-14", "", "gpt-x-2025-04-14", true, "by its name"},
        {"gpt-x-2025-08-01", "", "gpt-x", false, "without the date '-2025-08-01'"},
        {"gpt-x-20250801", "", "gpt-x", false, "without the date '-20250801'"},
        {"gpt-x-0613", "", "gpt-x", false, "without the date '-0613'"},
        {"gpt-x-latest", "", "gpt-x", false, "without '-latest'"},
        {"mistral/large-latest", "", "mistral/large-latest", true, "by its name"},
        {"claude-y", "", "claude-y-20250929", false, "the newest dated one, 'claude-y-20250929'"},
        {"claude-y-latest", "", "claude-y-20250929", false, "without '-latest'; the newest dated one, 'claude-y-20250929'"},
        {"anthropic/claude-y-20240101", "", "claude-y-20240101", true, "without the provider 'anthropic/'"},
        {"eu.anthropic.claude-y-20250929-v1:0", "", "eu.anthropic.claude-y-20250929-v1:0", true, "by its name"},
        {"jp.anthropic.claude-y-20250929-v1:0", "", "anthropic.claude-y-20250929-v1:0", false, "without the region 'jp.'"},
        {"bedrock/eu.anthropic.claude-y-20250929-v1:0", "", "eu.anthropic.claude-y-20250929-v1:0", true, "without the provider 'bedrock/'"},
        {"bedrock/us-east-1/anthropic.claude-y-20250929-v1:0", "", "anthropic.claude-y-20250929-v1:0", false,
         "without the region 'us-east-1/'; without the provider 'bedrock/'"},
        {"anthropic.claude-y", "", "anthropic.claude-y-20250929-v1:0", false, "the newest dated one, 'anthropic.claude-y-20250929-v1:0'"},
        {"vertex_ai/claude-y@20250929", "", "vertex_ai/claude-y@20250929", true, "by its name"},
        {"claude-y@20250929", "gcp.vertex_ai", "vertex_ai/claude-y@20250929", true, "by its name"},
        {"ft:gpt-x-2025-04-14:acme::x1", "", "ft:gpt-x-2025-04-14", true, "without ':acme::x1'"},
        {"lonely", "", "openrouter/lonely", true, "'openrouter/lonely', the only one of that name"},
        {"popular", "", "deepseek/popular", true, "'deepseek/popular', one of several of that name"},
        {"popular", "b", "b/popular", true, "by its name"},
        {"GPT-X", "", "gpt-x", true, "in other case"},
        {"Azure/GPT-X", "", "azure/gpt-x", true, "in other case"},
        {"House/GPT-X", "", "gpt-x", false, "without the provider 'House/'; in other case; the price of openai"},
        {"gpt-xl", "", NULL, false, ""},
        {"gpt", "", NULL, false, ""},
        {"", "", NULL, false, ""},
        {"shared", "", NULL, false, "2 rows have that name at different prices, such as 'a/shared', 'b/shared': name the provider too"},
        {"copilot/gpt-x", "", "copilot/gpt-x", true, "by its name"}, /* without a price, and yet the answer */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct price_match m;
        bool found = price_match(&table, rows[i].model, rows[i].provider, 0, &m);
        ck_assert_msg(found == (rows[i].row != NULL), "%s: %s", rows[i].model, found ? m.price->model : "not found");
        ck_assert_str_eq(m.how, rows[i].how);
        if (!found)
            continue;
        ck_assert_str_eq(m.price->model, rows[i].row);
        ck_assert_msg(m.is_exact == rows[i].is_exact, "%s", rows[i].model);
    }
}
END_TEST

START_TEST(what_a_newer_list_does_not_name_is_passed_over)
{
    struct price_table t;
    struct price_match m;
    rows_parse(LIST(OF("gpt-x", "openai", "1") "gpt-x\topenai\tchat\t2026-02-01\t!" PRICE_GONE
                                               "\n" OF("gpt-y", "openai", "2") "gpt-y\topenai\tchat\t2026-02-01\t!" PRICE_GONE "\n"
                                                                               "openai/gpt-x\topenai\tchat\t2026-02-01\tinput=3\n",
                    "5"),
               &arena, &t);
    ck_assert(price_match(&t, "gpt-x", "", INT64_C(1770000000000), &m)); /* 2026-02-02 */
    ck_assert_str_eq(m.price->model, "openai/gpt-x");
    ck_assert(price_match(&t, "gpt-x", "", INT64_C(1769000000000), &m)); /* before */
    ck_assert_str_eq(m.price->model, "gpt-x");
    ck_assert(price_match(&t, "gpt-y", "", INT64_C(1770000000000), &m));
    ck_assert_str_eq(m.price->unpriced, PRICE_GONE);
}
END_TEST

START_TEST(long_names_are_no_harm)
{
    char name[5000];
    struct price_match m;
    memset(name, '/', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert(!price_match(&table, name, "", 0, &m));
    for (size_t i = 0; i + 4 < sizeof name; i += 4)
        memcpy(name + i, "us.-", 4);
    ck_assert(!price_match(&table, name, name, 0, &m));
    name[190] = '\0';
    ck_assert(!price_match(&table, name, "", 0, &m));
}
END_TEST

START_TEST(patterns)
{
    ck_assert(price_name_fits("gpt-x", "gpt-x"));
    ck_assert(!price_name_fits("gpt-x", "gpt-xl"));
    ck_assert(price_name_fits("*", ""));
    ck_assert(price_name_fits("azure/*", "azure/gpt-x"));
    ck_assert(!price_name_fits("azure/*", "openai/gpt-x"));
    ck_assert(price_name_fits("*claude*", "eu.anthropic.claude-y"));
    ck_assert(price_name_fits("*-v1:*", "a-v1:-v1:0"));
    ck_assert(!price_name_fits("*x", "xy"));
    ck_assert(!price_name_fits("", "x"));
}
END_TEST

Suite *suite_price_match(void)
{
    Suite *suite = suite_create("price_match");
    TCase *t = tcase_create("price_match");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, names_that_gateways_report);
    tcase_add_test(t, what_a_newer_list_does_not_name_is_passed_over);
    tcase_add_test(t, long_names_are_no_harm);
    tcase_add_test(t, patterns);
    suite_add_tcase(suite, t);
    return suite;
}
