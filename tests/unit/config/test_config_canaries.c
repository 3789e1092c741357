/* SPDX-License-Identifier: MIT */
/* `canaries`: what is read, and what is said with line and column. */
#define _DEFAULT_SOURCE /* chmod beside _POSIX_C_SOURCE */
#include <stdio.h>
#include <sys/stat.h>

#include "support/tmpdir.h"
#include "unit/config/config_world.h"

Suite *suite_config_canaries(void);

#define SOURCES "sources:\n- {name: gw, metrics: http://127.0.0.1:4000/metrics}\n"
#define HEAD SOURCES "canaries:\n- name: basics\n  url: https://gw.example/v1/chat/completions\n  model: gpt-x\n  cap: 0.50 USD\n"

START_TEST(a_canary_is_read)
{
    const char *text =
        HEAD "  key: {file: key}\n"
             "  interval: 15m\n"
             "  temperature: 0\n"
             "  max_tokens_name: max_completion_tokens\n"
             "  prompts:\n"
             "  - {id: sum, prompt: \"What is 17 + 25?\\nA number.\", max_tokens: 8, exact: \"42\"}\n"
             "  - id: two\n"
             "    messages: [{role: system, content: be brief}, {role: user, content: say yes}]\n"
             "    max_tokens: 4\n"
             "    matches: ^[Yy]es\n"
             "  - {id: obj, prompt: an object, max_tokens: 50, json: true}\n"
             "  - id: shape\n"
             "    prompt: an object with a\n"
             "    max_tokens: 50\n"
             "    schema: {type: object, required: [a], properties: {a: {type: integer, minimum: 1}, b: {enum: [\"1\", 1, yes, true]}}}\n"
             "  - {id: sql, prompt: a query, max_tokens: 90, command: [check-sql, --strict]}\n"
             "  - {id: probe, prompt: Yes or no, token: \" Yes\"}\n";
    ck_assert_msg(config_parse(str_of(text), "/dir/gwtop.yaml", &cfg, &why) == ERR_OK, "%s", why.text);
    ck_assert_uint_eq(cfg.canary_count, 1);
    const struct config_canary *k = &cfg.canaries[0];
    ck_assert_str_eq(k->c.name, "basics");
    ck_assert_str_eq(k->c.gateway, "gw");
    ck_assert_str_eq(k->key.file, "/dir/key");
    ck_assert_int_eq(k->c.cap_nusd, 500000000);
    ck_assert_int_eq(k->c.interval_ms, 900000);
    ck_assert_int_eq(k->c.timeout_ms, 60000);
    ck_assert_int_eq(k->c.command_timeout_ms, 10000);
    ck_assert_double_eq(k->c.temperature, 0);
    ck_assert(k->c.newer_max_name);
    ck_assert_uint_eq(k->c.item_count, 6);
    const struct canary_item *it = k->c.items;
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(it[i].check, i);
    ck_assert_str_eq(it[0].messages[0].role, "user");
    ck_assert_str_eq(it[0].messages[0].content, "What is 17 + 25?\nA number.");
    ck_assert_str_eq(it[0].want, "42");
    ck_assert_uint_eq(it[1].message_count, 2);
    ck_assert_str_eq(it[3].want, "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":1},"
                                 "\"b\":{\"enum\":[\"1\",1,\"yes\",true]}}}");
    ck_assert_str_eq(it[4].argv[1], "--strict");
    ck_assert_ptr_null(it[4].argv[2]);
    ck_assert_str_eq(it[5].want, " Yes");
    ck_assert_uint_eq(it[5].max_tokens, 1);
}
END_TEST

START_TEST(none_is_the_default)
{
    ck_assert_int_eq(config_parse(str_of(SOURCES), "g.yaml", &cfg, &why), ERR_OK);
    ck_assert_uint_eq(cfg.canary_count, 0);
}
END_TEST

#define P(rest) "  prompts:\n  - {id: a, prompt: b" rest "}\n"
static const struct refusal {
    const char *text, *message;
} refusals[] = {
    {"", "4:3: a canary has prompts or prompts_file, one of them"},
    {"  prompts: []\n", "8:12: a canary has at least one prompt"},
    {P(", max_tokens: 3"), "9:5: a prompt has one check of exact, matches, json: true, schema, command and token; this one has none"},
    {P(", max_tokens: 3, json: true, exact: x"),
     "9:5: a prompt has one check of exact, matches, json: true, schema, command and token; this one has several"},
    {P(", exact: x"), "9:5: max_tokens is missing: the most tokens an answer may have, which is what it is priced at"},
    {P(", max_tokens: 0, exact: x"), "9:36: max_tokens: expected 1 to 100000, got '0'"},
    {P(", max_tokens: 2, token: x"), "9:36: max_tokens: is 1 with token: one token is asked for"},
    {P(", max_tokens: 3, matches: \"a(\""), "9:48: matches: no regular expression: a ( is not closed"},
    {P(", max_tokens: 3, matches: \"((a{20}){20}){20}\""), "9:48: matches: no regular expression: with its repetitions it is too large"},
    {P(", max_tokens: 3, schema: {oneOf: []}"), "9:47: schema: at /oneOf: the keyword 'oneOf' of JSON Schema is not checked by gwtop"},
    {P(", max_tokens: 3, command: check"), "9:48: command: expected a list of texts like [/usr/local/bin/check, --strict]"},
    {P(", max_tokens: 3, command: [./check]"), "9:49: command: expected a name, which is looked up in PATH, or a path that begins with /"},
    {P(", messages: [], max_tokens: 3, exact: x"), "9:5: a prompt has prompt or messages, one of them"},
    {"  prompts:\n  - {id: a, messages: [], max_tokens: 3, exact: x}\n", "9:23: messages: is empty: expected at least one message"},
    {"  prompts:\n  - {id: a, messages: [{role: bot, content: x}], max_tokens: 3, exact: x}\n",
     "9:31: role: expected one of system, developer, user, assistant, got 'bot'"},
    {"  prompts:\n  - {id: a#b, prompt: x, max_tokens: 3, exact: x}\n", "9:10: id: expected at most 64 bytes, none of them #"},
    {P(", max_tokens: 3, exact: x") "  - {id: a, prompt: b, max_tokens: 3, exact: y}\n",
     "10:10: id: 'a' is the id of an earlier prompt too"},
    {"  interval: 10s\n" P(", max_tokens: 3, exact: x"), "8:13: interval: expected 1m to 7d, got '10s'"},
    {"  key: sk-123\n" P(", max_tokens: 3, exact: x"),
     "8:8: key: a secret does not belong into this file; write file: PATH, env: NAME or command: COMMAND below it"},
    {"  prompts_file: /nowhere/prompts.yaml\n", "8:17: prompts_file: /nowhere/prompts.yaml: No such file or directory"},
};

START_TEST(what_is_wrong_is_said_where)
{
    char text[1000];
    ck_assert(str_format(text, sizeof text, HEAD "%s", refusals[_i].text));
    ck_assert_int_eq(config_parse(str_of(text), "g.yaml", &cfg, &why), ERR_CONFIG);
    ck_assert(strncmp(why.text, "g.yaml:", 7) == 0);
    ck_assert_str_eq(why.text + 7, refusals[_i].message);
}
END_TEST

START_TEST(money_and_keys_are_guarded)
{
    static const struct refusal heads[] = {
        {"- {name: a, url: http://gw.example/v1, model: x, cap: 1 USD, key: {env: K}, prompts: [{id: a, prompt: b, max_tokens: 1, exact: "
         "x}]}\n",
         "4:18: this canary would send its key over http to another host; use https, or allow_plaintext_token: true"},
        {"- {name: a, url: https://gw.example/v1, model: x, prompts: [{id: a, prompt: b, max_tokens: 1, exact: x}]}\n",
         "4:3: cap is missing: the most that may be spent in a UTC day; a run that could pass it is not begun"},
        {"- {name: a, url: https://gw.example/v1, model: x, cap: 0 USD, prompts: [{id: a, prompt: b, max_tokens: 1, exact: x}]}\n",
         "4:56: cap: expected 1e-06 USD to 9000000000 USD, got '0 USD'"},
    };
    char text[1000];
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        ck_assert(str_format(text, sizeof text, SOURCES "canaries:\n%s", heads[i].text));
        ck_assert_int_eq(config_parse(str_of(text), "g.yaml", &cfg, &why), ERR_CONFIG);
        ck_assert_str_eq(why.text + 7, heads[i].message);
    }
}
END_TEST

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    ck_assert_int_eq(chmod(path, 0600), 0);
}

START_TEST(prompts_may_be_a_file)
{
    char dir[128], path[200], text[1000], said[400];
    ck_assert(tmpdir_make(dir, sizeof dir));
    (void)str_format(path, sizeof path, "%s/prompts.json", dir);
    (void)str_format(text, sizeof text, HEAD "  prompts_file: %s\n", path);
    write_file(path, "[{\"id\": \"a\", \"prompt\": \"b\", \"max_tokens\": 5, \"exact\": \"x\"}]\n");
    ck_assert_msg(config_parse(str_of(text), "g.yaml", &cfg, &why) == ERR_OK, "%s", why.text);
    ck_assert_uint_eq(cfg.canaries[0].c.item_count, 1);
    ck_assert_str_eq(cfg.canaries[0].c.items[0].messages[0].content, "b");
    config_fini(&cfg);
    memset(&cfg, 0, sizeof cfg);
    write_file(path, "- {id: a, prompt: b, max_tokens: 5}\n");
    (void)str_format(said, sizeof said,
                     "g.yaml:8:17: prompts_file: %s:1:3: a prompt has one check of exact, matches, json: true, schema, command and token; "
                     "this one has none",
                     path);
    ck_assert_int_eq(config_parse(str_of(text), "g.yaml", &cfg, &why), ERR_CONFIG);
    ck_assert_str_eq(why.text, said);
    ck_assert_int_eq(chmod(path, 0666), 0); /* whoever can write it could have anything asked */
    ck_assert_int_eq(config_parse(str_of(text), "g.yaml", &cfg, &why), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(why.text, "can write"));
    tmpdir_remove(dir);
}
END_TEST

/* What is asked and how it is checked is what an item is; its place and its id's spelling are not. */
START_TEST(an_item_is_its_prompt_and_its_check)
{
    static const char *const variants[] = {P(", max_tokens: 3, exact: x"),   P(" c, max_tokens: 3, exact: x"),
                                           P(", max_tokens: 4, exact: x"),   P(", max_tokens: 3, exact: y"),
                                           P(", max_tokens: 3, matches: x"), P(", max_tokens: 3, json: true")};
    uint64_t hash[6], set[6];
    char text[1000];
    for (int i = 0; i < 6; i++) {
        (void)str_format(text, sizeof text, HEAD "%s", variants[i]);
        ck_assert_msg(config_parse(str_of(text), "g.yaml", &cfg, &why) == ERR_OK, "%s", why.text);
        hash[i] = canary_item_hash(&cfg.canaries[0].c.items[0]);
        set[i] = canary_hash(&cfg.canaries[0].c);
        config_fini(&cfg);
        memset(&cfg, 0, sizeof cfg);
        for (int k = 0; k < i; k++)
            ck_assert(hash[i] != hash[k] && set[i] != set[k]);
    }
    ck_assert_uint_eq(hash[0], UINT64_C(3096539303095099790)); /* stores hold it: another one would begin every comparison anew */
}
END_TEST

Suite *suite_config_canaries(void)
{
    Suite *suite = suite_create("config_canaries");
    TCase *t = tcase_create("config_canaries");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_canary_is_read);
    tcase_add_test(t, none_is_the_default);
    tcase_add_loop_test(t, what_is_wrong_is_said_where, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(t, money_and_keys_are_guarded);
    tcase_add_test(t, prompts_may_be_a_file);
    tcase_add_test(t, an_item_is_its_prompt_and_its_check);
    suite_add_tcase(suite, t);
    return suite;
}
