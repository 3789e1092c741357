/* SPDX-License-Identifier: MIT */
/* What canaries send and understand, how they judge, and that their cap holds over restarts and midnight. Over a real endpoint:
 * tests/sessions/canary.py. */
#include "record/canary.h"

#include <check.h>
#include <math.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "model/canary_state.h"
#include "record/canary_ask.h"
#include "record/canary_judge.h"
#include "record/secret.h"
#include "support/tmpdir.h"

Suite *suite_canary(void);

static struct arena arena;
static struct errctx why;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
    why.text[0] = '\0';
}

static void teardown(void)
{
    arena_fini(&arena);
}

/* ---- asking ---- */

static const struct canary_message messages[] = {{"system", "be \"brief\""}, {"user", "line\nline"}};

START_TEST(the_body_is_chat_completions)
{
    const struct canary_item
        word = {.id = "a", .messages = messages, .message_count = 2, .max_tokens = 7, .check = CANARY_EXACT, .want = "x"},
        token = {.id = "b", .messages = messages + 1, .message_count = 1, .max_tokens = 1, .check = CANARY_TOKEN, .want = "x"};
    struct canary c = {.model = "gpt-x", .temperature = -1};
    struct buf out;
    buf_init(&out, 10000);
    ck_assert_int_eq(canary_body(&c, &word, &out), ERR_OK);
    ck_assert_str_eq(out.data, "{\"model\":\"gpt-x\",\"messages\":[{\"role\":\"system\",\"content\":\"be \\\"brief\\\"\"},"
                               "{\"role\":\"user\",\"content\":\"line\\nline\"}],\"max_tokens\":7}");
    buf_reset(&out);
    c.temperature = 0;
    c.newer_max_name = true;
    ck_assert_int_eq(canary_body(&c, &token, &out), ERR_OK);
    ck_assert_str_eq(out.data, "{\"model\":\"gpt-x\",\"messages\":[{\"role\":\"user\",\"content\":\"line\\nline\"}],"
                               "\"max_completion_tokens\":1,\"temperature\":0,\"logprobs\":true,\"top_logprobs\":5}");
    buf_fini(&out);
}
END_TEST

START_TEST(answers_are_understood)
{
    struct canary_answer a;
    ck_assert_int_eq(canary_read_answer(str_of("{\"choices\":[{\"message\":{\"content\":\"hi \\u00e9\"}}],\"usage\":{\"prompt_tokens\":9,"
                                               "\"completion_tokens\":0}}"),
                                        NULL, &arena, &a, &why),
                     ERR_OK);
    ck_assert(str_eq_z(a.text, "hi \xc3\xa9") && a.input_tokens == 9 && a.output_tokens == 0 && !a.has_token);
    /* A refusal, and counts that are none. */
    ck_assert_int_eq(
        canary_read_answer(str_of("{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"no\"}}],\"usage\":{\"prompt_tokens\":-9,"
                                  "\"completion_tokens\":\"1\"}}"),
                           NULL, &arena, &a, &why),
        ERR_OK);
    ck_assert(a.text.n == 0 && a.input_tokens == -1 && a.output_tokens == -1);
}
END_TEST

#define TOP                                                                                                                                \
    "{\"choices\":[{\"message\":{\"content\":\"No\"},\"logprobs\":{\"content\":[{\"token\":\"No\",\"logprob\":%s,\"top_logprobs\":["       \
    "{\"token\":\"No\",\"logprob\":-0.1},{\"token\":\" Yes\",\"logprob\":-2.5}]}]}}]}"

START_TEST(the_expected_tokens_logarithm)
{
    struct canary_answer a;
    char text[400];
    (void)str_format(text, sizeof text, TOP, "-0.1");
    ck_assert_int_eq(canary_read_answer(str_of(text), " Yes", &arena, &a, &why), ERR_OK);
    ck_assert(a.has_token && str_eq_z(a.token, "No"));
    ck_assert_double_eq(a.logprob, -2.5);
    ck_assert_int_eq(canary_read_answer(str_of(text), "No", &arena, &a, &why), ERR_OK);
    ck_assert_double_eq(a.logprob, -0.1);
    ck_assert_int_eq(canary_read_answer(str_of(text), "Maybe", &arena, &a, &why), ERR_OK);
    ck_assert(a.has_token && isnan(a.logprob)); /* not told, and not a number made up for it */
    static const char *const bad[] = {"null", "\"x\"", "0.5", "-1e9", "1e999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)str_format(text, sizeof text,
                         "{\"choices\":[{\"message\":{},\"logprobs\":{\"content\":[{\"token\":\"a\",\"logprob\":%s}]}}]}", bad[i]);
        ck_assert_int_eq(canary_read_answer(str_of(text), "a", &arena, &a, &why), ERR_OK);
        ck_assert_msg(isnan(a.logprob), "%s", bad[i]);
    }
}
END_TEST

START_TEST(what_is_no_answer)
{
    static const char *const bodies[] = {"",
                                         "<html>",
                                         "{",
                                         "[]",
                                         "null",
                                         "{\"error\":{\"message\":\"secret prompt\"}}",
                                         "{\"choices\":[]}",
                                         "{\"choices\":{\"message\":{}}}",
                                         "{\"choices\":[{\"text\":\"old\"}]}",
                                         "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\"}]}}]}"};
    struct canary_answer a;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        ck_assert_msg(canary_read_answer(str_of(bodies[i]), "x", &arena, &a, &why) == ERR_PARSE, "%s", bodies[i]);
        ck_assert_ptr_null(strstr(why.text, "secret"));
    }
}
END_TEST

/* ---- judging ---- */

static const struct judged {
    enum canary_check check;
    const char *want, *text;
    enum canary_verdict verdict;
} judged[] = {
    {CANARY_EXACT, "42", " 42\n", CANARY_PASS},
    {CANARY_EXACT, "42", "42.", CANARY_FAIL},
    {CANARY_EXACT, "42", "", CANARY_FAIL},
    {CANARY_MATCHES, "^[0-9]+$", "42\n", CANARY_PASS},
    {CANARY_MATCHES, "^[0-9]+$", "about 42", CANARY_FAIL},
    {CANARY_JSON, NULL, "{\"a\":[1,2]}\n", CANARY_PASS},
    {CANARY_JSON, NULL, "```json\n{}\n```", CANARY_FAIL},
    {CANARY_JSON, NULL, "{\"a\":1,}", CANARY_FAIL},
    {CANARY_SCHEMA, "{\"type\":\"object\",\"required\":[\"a\"]}", "{\"a\":1}", CANARY_PASS},
    {CANARY_SCHEMA, "{\"type\":\"object\",\"required\":[\"a\"]}", "{\"b\":1}", CANARY_FAIL},
    {CANARY_SCHEMA, "{\"type\":\"object\"}", "sorry", CANARY_FAIL},
    {CANARY_TOKEN, "Yes", "Yes", CANARY_PASS},
    {CANARY_TOKEN, " Yes", "Yes", CANARY_PASS},
    {CANARY_TOKEN, "Yes", "No", CANARY_FAIL},
};

START_TEST(answers_are_judged)
{
    const struct judged *j = &judged[_i];
    const struct canary_item it = {.check = j->check, .want = j->want};
    const struct canary_answer a = {.text = str_of(j->text), .logprob = NAN};
    ck_assert_msg(canary_judge(&it, &a, &arena, &why) == j->verdict, "%s of %s: %s", j->text, j->want != NULL ? j->want : "", why.text);
    ck_assert(j->verdict == CANARY_PASS || why.text[0] != '\0');
}
END_TEST

START_TEST(a_flood_is_not_judged)
{
    static char flood[CANARY_TEXT_MAX + 1];
    const struct canary_item it = {.check = CANARY_JSON};
    memset(flood, 'x', sizeof flood);
    const struct canary_answer a = {.text = {flood, sizeof flood}, .logprob = NAN};
    ck_assert_int_eq(canary_judge(&it, &a, &arena, &why), CANARY_UNJUDGED);
}
END_TEST

static enum canary_verdict command(const char *const *argv, const char *text, bool late)
{
    const struct canary_item it = {.check = CANARY_COMMAND, .argv = argv};
    pid_t pid = 0;
    enum canary_verdict v = canary_command_start(&it, str_of(text), &pid, &why);
    if (v == CANARY_PENDING && late)
        return canary_command_hear(pid, true, &why);
    while (v == CANARY_PENDING && (v = canary_command_hear(pid, false, &why)) == CANARY_PENDING)
        (void)poll(NULL, 0, 1);
    return v;
}

START_TEST(a_command_says)
{
    static const char *const grep[] = {"grep", "-q", "4[2]", NULL}, *const none[] = {"/nowhere/x", NULL},
                             *const kills[] = {"/bin/sh", "-c", "kill -9 $$", NULL},
                             *const hangs[] = {"/bin/sh", "-c", "exec sleep 1000", NULL},
                             *const literal[] = {"test", "$(echo x)", "=", "$(echo x)", NULL};
    ck_assert_int_eq(command(grep, "is 42", false), CANARY_PASS);
    ck_assert_int_eq(command(grep, "is 43", false), CANARY_FAIL);
    ck_assert_int_eq(command(literal, "", false), CANARY_PASS); /* there is no shell */
    ck_assert_int_eq(command(none, "", false), CANARY_UNJUDGED);
    ck_assert_int_eq(command(kills, "", false), CANARY_UNJUDGED);
    ck_assert_int_eq(command(hangs, "", true), CANARY_UNJUDGED);
    ck_assert_str_eq(why.text, "the command took longer than command_timeout");
}
END_TEST

/* ---- the cap ---- */

#define DAY INT64_C(86400000)
static const int64_t midnight = 20000 * DAY;

/* A recorder's canary at a port where nobody answers after the first run was begun by hand of the store's note. */
struct world {
    char dir[128], path[200];
    struct clock_manual manual;
    struct clock clock;
    struct store *st;
    struct config cfg;
    struct price_table table;
    struct price_book book;
    struct http *http;
    struct secrets *secrets;
    struct canaries *c;
    int64_t budget;
};

static bool may_ask(void *ctx)
{
    struct world *w = ctx;
    return w->budget-- > 0;
}

/* At 100,000 nano-USD a token, 29 tokens in and one out are 3,000,000 a prompt. */
#define CONFIG(prompts)                                                                                                                    \
    "prices: [{model: m, from: 2000-01-01, input: 100 USD/M, cached: 100 USD/M, output: 100 USD/M}]\n"                                     \
    "canaries:\n- {name: c, url: \"http://127.0.0.1:1/v1\", model: m, cap: 0.007 USD, interval: 1h, prompts: [" prompts "]}\n"
#define ONE(id) "{id: " id ", prompt: \"\\n\", max_tokens: 1, exact: x}"

static void open_world(struct world *w)
{
    const struct store_options so = {.private_files = true};
    ck_assert_msg(store_open_writer(w->path, &so, &w->clock, &w->st, &why) == ERR_OK, "%s", why.text);
    ck_assert_int_eq(http_open(w->secrets, "test", &w->http, &why), ERR_OK);
    const struct canaries_options o = {
        .cfg = &w->cfg, .book = &w->book, .st = w->st, .http = w->http, .secrets = w->secrets, .may_ask = may_ask, .ctx = w};
    ck_assert_msg(canaries_open(&o, w->manual.wall_ms, &w->c, &why) == ERR_OK, "%s", why.text);
}

static void close_world(struct world *w)
{
    canaries_close(w->c);
    http_close(w->http);
    store_close(w->st);
}

static struct canary_state state(struct world *w)
{
    struct str text;
    struct canary_state *list;
    size_t count;
    ck_assert_int_eq(store_note(w->st, CANARY_NOTE, INT64_MAX, &arena, &text), ERR_OK);
    ck_assert_int_eq(canary_states_read(text, &arena, &list, &count, &why), ERR_OK);
    ck_assert_uint_eq(count, 1);
    return list[0];
}

static void make_world(struct world *w, const char *text, int64_t at_ms)
{
    memset(w, 0, sizeof *w);
    ck_assert(tmpdir_make(w->dir, sizeof w->dir));
    (void)str_format(w->path, sizeof w->path, "%s/t.db", w->dir);
    w->manual.wall_ms = at_ms;
    w->clock = clock_manual(&w->manual);
    w->secrets = secrets_new();
    w->budget = INT64_MAX;
    ck_assert_msg(config_parse(str_of(text), "/dir/g.yaml", &w->cfg, &why) == ERR_OK, "%s", why.text);
    w->book = (struct price_book){&w->table, w->cfg.prices, w->cfg.price_count};
    open_world(w);
}

static void end_world(struct world *w)
{
    close_world(w);
    config_fini(&w->cfg);
    secrets_free(w->secrets);
    tmpdir_remove(w->dir);
}

/* Until nothing runs: where nobody listens, that is at once. */
static void run_out(struct world *w)
{
    int running = 0;
    do {
        canaries_step(w->c, w->manual.wall_ms);
        ck_assert_int_eq(http_wait(w->http, 20, -1, &running, &why), ERR_OK);
    } while (canaries_are_running(w->c));
    canaries_step(w->c, w->manual.wall_ms);
}

enum { RUN_NUSD = (16 + 8 + 4 + 1 + 1) * 100000 };

START_TEST(a_kill_leaves_the_run_counted)
{
    struct world w;
    make_world(&w, CONFIG(ONE("a")), midnight + 1000);
    canaries_step(w.c, w.manual.wall_ms); /* the request is on its way */
    ck_assert(canaries_are_running(w.c));
    ck_assert_int_eq(state(&w).spent_nusd, RUN_NUSD);
    ck_assert(state(&w).running);
    for (int i = 2; i <= 4; i++) { /* every new recorder is killed, too */
        close_world(&w);
        w.manual.wall_ms += 3600000;
        open_world(&w);
        ck_assert_ptr_nonnull(strstr(state(&w).why, i <= 3 ? "cut off" : "cap of"));
        canaries_step(w.c, w.manual.wall_ms);
        ck_assert_int_eq(state(&w).spent_nusd, (i < 2 ? i : 2) * RUN_NUSD); /* 0.006 of 0.007 USD: a third does not fit */
    }
    ck_assert_ptr_nonnull(
        strstr(state(&w).why, "the cap of 0.007 USD a day is reached: 0.006 USD are spent, and a run costs up to 0.003 USD"));
    ck_assert(!canaries_are_running(w.c));
    ck_assert_int_eq(state(&w).next_ms, midnight + DAY);
    canaries_order(w.c, w.manual.wall_ms); /* nor by order */
    canaries_step(w.c, w.manual.wall_ms);
    ck_assert_int_eq(state(&w).spent_nusd, 2 * RUN_NUSD);
    w.manual.wall_ms = midnight + DAY;
    canaries_step(w.c, w.manual.wall_ms);
    ck_assert(canaries_are_running(w.c));
    ck_assert_int_eq(state(&w).spent_nusd, RUN_NUSD);
    ck_assert_int_eq(state(&w).spent_day_ms, midnight + DAY);
    end_world(&w);
}
END_TEST

START_TEST(what_was_never_sent_costs_nothing)
{
    struct world w;
    make_world(&w, CONFIG(ONE("a")), midnight + 1000);
    run_out(&w); /* nobody listens there */
    const struct canary_state s = state(&w);
    ck_assert_int_eq(s.spent_nusd, 0);
    ck_assert_uint_eq(s.failed[CANARY_NO_ANSWER], 1);
    ck_assert_int_eq(s.next_ms, midnight + 1000 + 3600000);
    end_world(&w);
}
END_TEST

/* The rest of a run that midnight divides is taken off the new day's cap. */
START_TEST(midnight_divides_a_run)
{
    struct world w;
    int running = 0;
    make_world(&w, CONFIG(ONE("a") ", " ONE("b")), midnight + DAY - 1);
    canaries_step(w.c, w.manual.wall_ms);
    ck_assert_int_eq(state(&w).spent_nusd, 2 * RUN_NUSD);
    ck_assert_int_eq(state(&w).spent_day_ms, midnight);
    w.manual.wall_ms = midnight + DAY;
    w.budget = 1;
    while (w.budget > 0) { /* until the second prompt is asked */
        ck_assert_int_eq(http_wait(w.http, 20, -1, &running, &why), ERR_OK);
        canaries_step(w.c, w.manual.wall_ms);
    }
    ck_assert_int_eq(state(&w).spent_nusd, RUN_NUSD);
    ck_assert_int_eq(state(&w).spent_day_ms, midnight + DAY);
    run_out(&w);
    ck_assert_int_eq(state(&w).spent_nusd, 0); /* it was not sent either */
    ck_assert_uint_eq(state(&w).failed[CANARY_NO_ANSWER], 2);
    end_world(&w);
}
END_TEST

/* Nothing is reserved while it waits for the request budget. */
START_TEST(it_waits_for_the_budget)
{
    struct world w;
    make_world(&w, CONFIG(ONE("a")), midnight + 1000);
    w.budget = 0;
    canaries_step(w.c, w.manual.wall_ms);
    ck_assert(!canaries_are_running(w.c));
    ck_assert_int_eq(state(&w).spent_nusd, 0);
    ck_assert_int_le(canaries_wait(w.c, w.manual.wall_ms, 1000), 250);
    w.budget = 1;
    run_out(&w);
    ck_assert_int_eq(state(&w).ended_ms, w.manual.wall_ms);
    end_world(&w);
}
END_TEST

/* A model whose price went with a newer list is refused, whatever it cost before. */
START_TEST(without_a_price_nothing_is_sent)
{
    struct world w;
    make_world(&w, CONFIG(ONE("a")), midnight + 1000);
    w.book.override_count = 0;
    canaries_step(w.c, w.manual.wall_ms);
    ck_assert(!canaries_are_running(w.c));
    ck_assert_ptr_nonnull(strstr(state(&w).why, "has no price"));
    ck_assert_int_eq(state(&w).run_nusd, -1);
    ck_assert_int_eq(state(&w).next_ms, midnight + 1000 + 3600000);
    end_world(&w);
}
END_TEST

Suite *suite_canary(void)
{
    Suite *suite = suite_create("canary");
    TCase *t = tcase_create("canary");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_body_is_chat_completions);
    tcase_add_test(t, answers_are_understood);
    tcase_add_test(t, the_expected_tokens_logarithm);
    tcase_add_test(t, what_is_no_answer);
    tcase_add_loop_test(t, answers_are_judged, 0, sizeof judged / sizeof *judged);
    tcase_add_test(t, a_flood_is_not_judged);
    tcase_add_test(t, a_command_says);
    tcase_add_test(t, a_kill_leaves_the_run_counted);
    tcase_add_test(t, what_was_never_sent_costs_nothing);
    tcase_add_test(t, midnight_divides_a_run);
    tcase_add_test(t, it_waits_for_the_budget);
    tcase_add_test(t, without_a_price_nothing_is_sent);
    suite_add_tcase(suite, t);
    return suite;
}
