/* SPDX-License-Identifier: MIT */
/* `on_page`, `notify`, `heartbeat`, `rules` and `builtin_rules`: what is read, and what is said with line and column. */
#include "model/rulelist.h"
#include "unit/config/config_world.h"

Suite *suite_config_paging(void);

#define SOURCES "sources:\n- {name: gw, metrics: http://127.0.0.1:4000/metrics}\n"

static void good(const char *text)
{
    ck_assert_msg(config_parse(str_of(text), "g.yaml", &cfg, &why) == ERR_OK, "%s", why.text);
}

static void bad(const char *text, const char *want)
{
    ck_assert_int_eq(config_parse(str_of(text), "g.yaml", &cfg, &why), ERR_CONFIG);
    ck_assert_msg(strncmp(why.text, want, strlen(want)) == 0, "%s", why.text);
}

START_TEST(who_is_told_is_read)
{
    good(SOURCES "on_page:\n- {name: phone, command: [call, --to, oncall], on: [page, resolved], retries: 0}\n"
                 "- {name: sh, shell: 'echo \"$GWTOP_TITLE\"'}\n"
                 "notify:\n- {name: chat, url: https://chat.example/h, on: ticket, timeout: 3s, headers: [{name: X-Token, file: t}]}\n"
                 "heartbeat: {file: beat, every: 30s}\n");
    ck_assert_uint_eq(cfg.pager_count, 3);
    ck_assert_str_eq(cfg.pagers[0].argv[2], "oncall");
    ck_assert_ptr_null(cfg.pagers[0].argv[3]);
    ck_assert_uint_eq(cfg.pagers[0].on, 1U << PAGE_PAGE | 1U << PAGE_RESOLVED);
    ck_assert_uint_eq(cfg.pagers[0].retries, 0);
    ck_assert_int_eq(cfg.pagers[0].timeout_ms, 30000);
    ck_assert_str_eq(cfg.pagers[1].argv[0], "/bin/sh");
    ck_assert_str_eq(cfg.pagers[1].argv[2], "echo \"$GWTOP_TITLE\"");
    ck_assert_uint_eq(cfg.pagers[1].on, 1U << PAGE_PAGE);
    ck_assert_ptr_null(cfg.pagers[2].argv);
    ck_assert_uint_eq(cfg.pagers[2].on, 1U << PAGE_TICKET);
    ck_assert_uint_eq(cfg.pagers[2].post.header_count, 1);
    ck_assert_uint_eq(cfg.pagers[2].retries, 3);
    ck_assert_int_eq(cfg.heartbeat.every_ms, 30000);
    ck_assert_ptr_null(cfg.heartbeat.post.url);
}
END_TEST

/* What follows a webhook's host lets in. */
START_TEST(an_address_may_come_from_where_secrets_do)
{
    good(SOURCES "notify:\n- {name: a, url_file: hook}\n- {name: b, url_env: HOOK}\n- {name: c, url_command: 'pass hook'}\n"
                 "heartbeat: {url_file: beat}\n");
    ck_assert_ptr_null(cfg.pagers[0].post.url);
    ck_assert_ptr_nonnull(strstr(cfg.pagers[0].post.url_secret.file, "/hook"));
    ck_assert_str_eq(cfg.pagers[1].post.url_secret.env, "HOOK");
    ck_assert_str_eq(cfg.pagers[2].post.url_secret.command, "pass hook");
    ck_assert(config_post_is_given(&cfg.heartbeat.post) && cfg.heartbeat.post.url == NULL);
    config_fini(&cfg);
    bad(SOURCES "notify:\n- {name: a}\n", "g.yaml:4:3: names no address: one of url, url_file, url_env, url_command");
    bad(SOURCES "notify:\n- {name: a, url: https://c.example/, url_env: HOOK}\n", "g.yaml:4:3: names more than one address");
    bad(SOURCES "heartbeat: {url_env: A, url_file: b}\n", "g.yaml:3:12: names more than one address");
}
END_TEST

START_TEST(what_could_go_nowhere_is_refused)
{
    bad(SOURCES "on_page:\n- {name: a}\n", "g.yaml:4:3: a command has command or shell, one of them");
    bad(SOURCES "on_page:\n- {name: a, command: [x], shell: y}\n", "g.yaml:4:3: a command has command or shell");
    bad(SOURCES "on_page:\n- {name: a, command: x}\n", "g.yaml:4:22: command: expected a list of texts");
    bad(SOURCES "on_page:\n- {name: a, command: [x], on: resolved}\n", "g.yaml:4:31: on: resolved is told of what was told before");
    bad(SOURCES "on_page:\n- {name: a, command: [x], on: pages}\n", "g.yaml:4:31: on: expected page, ticket, resolved");
    bad(SOURCES "on_page:\n- {name: a, command: [x]}\nnotify:\n- {name: a, url: http://127.0.0.1/}\n",
        "g.yaml:6:10: name: 'a' is the name of an earlier item");
    bad(SOURCES "notify:\n- {name: a, url: http://chat.example/, headers: [{name: X-Token, file: t}]}\n",
        "g.yaml:4:18: url: this would send a secret over http");
    bad(SOURCES "heartbeat: {every: 5s}\n", "g.yaml:3:12: heartbeat: names neither a file nor a url");
}
END_TEST

START_TEST(rules_are_read_and_their_faults_placed)
{
    good(SOURCES "rules:\n- name: high\n  expr: ratio(requests{class=\"5xx\"}, requests) > 5%\n  clear: 2%\n  for: 2m\n  severity: page\n"
                 "  scope: model=gpt-x\n  runbook: https://w/x\n");
    ck_assert_uint_eq(cfg.rule_count, 1);
    ck_assert_double_eq_tol(cfg.rules[0].clear, 0.02, 1e-12);
    ck_assert_int_eq(cfg.rules[0].for_ms, 120000);
    ck_assert_int_eq(cfg.rules[0].keep_ms, 300000);
    ck_assert_int_eq(cfg.rules[0].severity, RULE_PAGE);
    ck_assert_str_eq(config_duty_of_rule(&cfg, "rule:high").runbook, "https://w/x");
    ck_assert_ptr_null(config_duty_of_rule(&cfg, "rule:higher").runbook);
    ck_assert_uint_eq(cfg.builtin.down_intervals, 3);
    ck_assert_int_eq(cfg.builtin.cert_page_ms, 2 * INT64_C(86400000));
    config_fini(&cfg);
    /*            1234567890123456789 */
    bad(SOURCES "rules:\n- name: a\n  expr: rate(requsts) > 1\n", "g.yaml:5:14: expr: at 'requsts) > 1' (byte 6): expected a signal");
    bad(SOURCES "rules:\n- name: a\n  expr: \"rate(requsts) > 1\"\n", "g.yaml:5:15: expr: at 'requsts) > 1' (byte 6)");
    bad(SOURCES "rules:\n- name: a\n  expr: kv_cache\n", "g.yaml:5:17: expr: at its end: expected an operation, or a comparison");
    bad(SOURCES "rules:\n- {name: a, expr: kv_cache > 90%, clear: 95%}\n", "g.yaml:4:42: clear: lies on the wrong side");
    bad(SOURCES "rules:\n- {name: source_down, expr: kv_cache > 90%}\n", "g.yaml:4:10: name: 'source_down' is a rule of gwtop's own");
    bad(SOURCES "rules:\n- {name: a, scope: model=x, expr: 'kv_cache{model=\"y\"} > 1'}\n",
        "g.yaml:4:20: scope: model is limited in expr, too");
    bad(SOURCES "rules:\n- {name: a, expr: kv_cache > 1, summary: budget of x}\n", "g.yaml:4:42: summary: begins with 'budget '");
}
END_TEST

START_TEST(what_can_fire_is_listed)
{
    struct rule_info *list;
    struct buf out;
    struct arena a;
    size_t count;
    good(SOURCES "slos:\n- {name: avail, availability: 99.9%, scope: model=gpt-x, owner: me}\n"
                 "rules:\n- {name: full, expr: kv_cache > 90%}\nbuiltin_rules: {source_down: 0}\n");
    buf_init(&out, 1 << 20);
    arena_init(&a, 4 << 20);
    ck_assert_int_eq(config_rules_to_json(&cfg, &out), ERR_OK);
    ck_assert_int_eq(rule_list_read(buf_str(&out), &a, &list, &count, NULL), ERR_OK);
    ck_assert_uint_eq(count, 4);
    const struct rule_info *r = rule_info_of(list, count, "slo:avail:page-1h");
    ck_assert_ptr_nonnull(r);
    ck_assert_str_eq(r->what, "99.9% of requests do not fail");
    ck_assert_str_eq(r->scope, "model=gpt-x");
    ck_assert_str_eq(r->duty.owner, "me");
    ck_assert_str_eq(rule_info_of(list, count, "rule:full")->what, "kv_cache > 90%");
    ck_assert_int_eq(rule_info_of(list, count, "rule:certificate:gw:page")->kind, RULE_BUILTIN);
    ck_assert_ptr_null(rule_info_of(list, count, "rule:source_down:gw")); /* it is off */
    ck_assert_ptr_null(rule_info_of(list, count, "slo:available:page-1h"));
    arena_fini(&a);
    buf_fini(&out);
}
END_TEST

Suite *suite_config_paging(void)
{
    Suite *s = suite_create("config_paging");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, who_is_told_is_read);
    tcase_add_test(t, an_address_may_come_from_where_secrets_do);
    tcase_add_test(t, what_could_go_nowhere_is_refused);
    tcase_add_test(t, rules_are_read_and_their_faults_placed);
    tcase_add_test(t, what_can_fire_is_listed);
    suite_add_tcase(s, t);
    return s;
}
