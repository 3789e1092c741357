/* SPDX-License-Identifier: MIT */
/* Which alert of an Alertmanager a word means, and what a silence of it would be: by the adapter's own reading of answers of our making. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "model/act.h"
#include "netcli/silence.h"

#define NOW INT64_C(1800000000000) /* 2027-01-15T08:00:00Z */
#define ALERT(fp, labels, ends)                                                                                                            \
    "{\"fingerprint\":\"" fp "\",\"labels\":{" labels "},\"annotations\":{},\"startsAt\":\"2027-01-15T07:55:00Z\",\"endsAt\":\"" ends      \
    "\",\"status\":{\"state\":\"active\",\"silencedBy\":[],\"inhibitedBy\":[]}}"
#define LATER "2027-01-15T08:03:00Z"
#define BEFORE "2027-01-15T07:59:00Z"

static struct arena arena;
static struct silence_feed feed;
static struct config_source cfg;
static struct errctx ctx;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
    cfg = (struct config_source){.name = "am",
                                 .kind = SOURCE_ALERTMANAGER,
                                 .url = "http://am:9093",
                                 .max_body_bytes = 1 << 20,
                                 .page_severities = "critical",
                                 .quiet_severities = "none"};
}

static void teardown(void)
{
    arena_fini(&arena);
}

static void hear(struct source *s, const char *body)
{
    const struct source_answer head = {.content_type = "application/json"};
    struct source_request rq;
    ck_assert(s->ops->request(s, NOW, &rq));
    s->ops->begin(s, &head);
    ck_assert_int_eq(s->ops->feed(s, body, strlen(body), &ctx), ERR_OK);
    ck_assert_msg(s->ops->finish(s, &ctx) == ERR_OK, "%s", ctx.text);
}

static void tell(const char *alerts)
{
    struct source *s;
    struct source_request rq;
    ck_assert_int_eq(silence_feed_init(&feed, &cfg, &arena, &ctx), ERR_OK);
    ck_assert_int_eq(source_alertmanager.open(&cfg, NULL, &feed.sink, &s, &ctx), ERR_OK);
    hear(s, "[]");
    hear(s, alerts);
    ck_assert(!s->ops->request(s, NOW, &rq));
    s->ops->close(s);
}

static struct silence_plan plan_of(const char *word)
{
    const struct silence_alert *found[1];
    ck_assert_uint_eq(silence_find(&feed, word, found, 1), 1);
    return (struct silence_plan){
        .source = &cfg, .alert = found[0], .from_ms = NOW, .until_ms = NOW + 7200000, .by = "ann", .reason = "a \"new\" disk comes"};
}

#define SDA "\"alertname\":\"DiskFull\",\"model\":\"gpt-x\",\"disk\":\"sda\""

START_TEST(a_word_is_a_fingerprint_or_else_a_name)
{
    const struct silence_alert *found[2];
    tell("[" ALERT("f1", SDA, LATER) "," ALERT("f2", "\"alertname\":\"DiskFull\",\"disk\":\"sdb\"", LATER) "," ALERT(
        "f3", "\"alertname\":\"f1\"",
        LATER) "," ALERT("f4", "\"alertname\":\"Was\"",
                         BEFORE) "," ALERT("f1", SDA, LATER) "," ALERT("f5", "\"alertname\":\"Was\",\"disk\":\"sdc\"", LATER) "]");
    ck_assert(feed.whole);
    ck_assert_uint_eq(silence_find(&feed, "DiskFull", found, 2), 2); /* f1 is told twice, and one */
    ck_assert_str_eq(found[0]->o.fingerprint, "f1");
    ck_assert_str_eq(found[0]->o.scope, "model=gpt-x");
    ck_assert_str_eq(found[1]->o.fingerprint, "f2");
    ck_assert_uint_eq(silence_find(&feed, "DiskFull", found, 1), 2);
    ck_assert_uint_eq(silence_find(&feed, "f1", found, 2), 1);
    ck_assert_str_eq(found[0]->o.name, "DiskFull"); /* not the alert that is called so */
    ck_assert_uint_eq(silence_find(&feed, "Was", found, 2), 1);
    ck_assert_str_eq(found[0]->o.fingerprint, "f5"); /* what is over needs none */
    ck_assert_uint_eq(silence_find(&feed, "f4", found, 2), 0);
    ck_assert_uint_eq(silence_find(&feed, "Disk", found, 2), 0);
}
END_TEST

START_TEST(it_is_posted_by_all_labels_and_nothing_else)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    tell("[" ALERT("f1", "\"alertname\":\"Disk\\\"Full\",\"model\":\".*\",\"disk\":\"sd\xc3\xa4\\u000a\"", LATER) "]");
    const struct silence_plan p = plan_of("f1");
    ck_assert(!p.alert->cut);
    ck_assert_int_eq(silence_body(&p, &out), ERR_OK);
    ck_assert_str_eq(out.data, "{\"matchers\":[{\"name\":\"alertname\",\"value\":\"Disk\\\"Full\",\"isRegex\":false,\"isEqual\":true},"
                               "{\"name\":\"model\",\"value\":\".*\",\"isRegex\":false,\"isEqual\":true},"
                               "{\"name\":\"disk\",\"value\":\"sd\xc3\xa4\\n\",\"isRegex\":false,\"isEqual\":true}],"
                               "\"startsAt\":\"2027-01-15T08:00:00Z\",\"endsAt\":\"2027-01-15T10:00:00Z\",\"createdBy\":\"ann\","
                               "\"comment\":\"a \\\"new\\\" disk comes\"}");
    buf_fini(&out);
}
END_TEST

/* Matchers fit whatever has these labels and others besides. */
START_TEST(it_covers_what_has_its_labels_too)
{
    tell("[" ALERT("f1", "\"alertname\":\"DiskFull\"", LATER) "," ALERT("f2", SDA, LATER) "," ALERT(
        "f3", "\"alertname\":\"DiskFuller\"", LATER) "," ALERT("f4", "\"other\":\"DiskFull\"", LATER) "]");
    const struct silence_plan wide = plan_of("f1"), narrow = plan_of("f2");
    ck_assert_uint_eq(silence_covers(&feed, &wide), 2);
    ck_assert_uint_eq(silence_covers(&feed, &narrow), 1);
}
END_TEST

START_TEST(labels_that_cannot_all_be_read_are_told)
{
    char many[8192] = "\"alertname\":\"A\"", body[16384];
    tell("[" ALERT("f1", "\"alertname\":\"A\",\"n\":7", LATER) "]");
    ck_assert(plan_of("f1").alert->cut);
    for (int i = 1; i < OUTSIDE_LABELS_MAX; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",\"l%d\":\"x\"", i);
    for (int more = 0; more < 2; more++) {
        snprintf(body, sizeof body, "[" ALERT("f1", "%s%s", LATER) "]", many, more ? ",\"z\":\"x\"" : "");
        tell(body);
        ck_assert_uint_eq(plan_of("f1").alert->label_count, OUTSIDE_LABELS_MAX);
        ck_assert_int_eq(plan_of("f1").alert->cut, more == 1);
    }
}
END_TEST

START_TEST(an_answer_names_the_silence_or_is_none)
{
    static const struct {
        const char *body, *why;
    } refused[] = {{"<!doctype html><title>Sign in</title>", "HTML or XML page"},
                   {"", "it is empty"},
                   {"{\"silenceID\":\"7b2e", "not all of it"},
                   {"[]", "names no silence"},
                   {"{\"silenceID\":7}", "names no silence"},
                   {"{\"silenceID\":\"\"}", "names no silence"},
                   {"{\"silenceID\":\"--help\"}", "names no silence"},
                   {"{\"silenceID\":\"a;rm -rf\"}", "names no silence"},
                   {"{\"silenceID\":\"a\\u0000b\"}", "names no silence"}};
    char id[SILENCE_ID_MAX];
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ck_assert_int_eq(silence_read_id(str_of(refused[i].body), id, &ctx), ERR_PARSE);
        ck_assert_msg(strstr(ctx.text, refused[i].why) != NULL, "%s: %s", refused[i].body, ctx.text);
    }
    ck_assert_int_eq(silence_read_id(str_of("{\"silenceID\":\"e0d7a3f2-6e6c-4b41-9d4e-1c2d3e4f5a6b\"}"), id, &ctx), ERR_OK);
    ck_assert_str_eq(id, "e0d7a3f2-6e6c-4b41-9d4e-1c2d3e4f5a6b");
}
END_TEST

START_TEST(its_act_says_what_was_made_or_may_have_been)
{
    char act[1024], longest[ACT_TEXT_MAX + 1];
    struct act_mark m;
    tell("[" ALERT("f1", SDA, LATER) "," ALERT("f2", "\"alertname\":\"A\",\"model\":\"a|b\"", LATER) "]");
    struct silence_plan p = plan_of("f1");
    ck_assert_int_eq(silence_act(&p, "7b2e", NOW, &arena, act, sizeof act, &ctx), ERR_OK);
    ck_assert(act_mark_parse(act, NOW, &arena, &m));
    ck_assert_int_eq(m.kind, EVENT_SILENCE);
    ck_assert_str_eq(m.scope, "model=gpt-x");
    ck_assert_str_eq(m.text, "silenced DiskFull at am until 2027-01-15T10:00:00Z (7b2e): a \"new\" disk comes");
    ck_assert_int_eq(silence_act(&p, NULL, NOW, &arena, act, sizeof act, &ctx), ERR_OK);
    ck_assert(act_mark_parse(act, NOW, &arena, &m));
    ck_assert_str_eq(m.text, "tried to silence DiskFull at am until 2027-01-15T10:00:00Z, not known whether it is: a \"new\" disk comes");
    memset(longest, 'x', ACT_TEXT_MAX);
    longest[ACT_TEXT_MAX] = '\0';
    p.reason = longest;
    ck_assert_int_eq(silence_act(&p, "7b2e", NOW, &arena, act, sizeof act, &ctx), ERR_USAGE);
    ck_assert_msg(strstr(ctx.text, "the alert's name and the reason, has ") != NULL, "%s", ctx.text);
    const struct silence_plan odd = plan_of("f2");
    ck_assert_int_eq(silence_act(&odd, "7b2e", NOW, &arena, act, sizeof act, &ctx), ERR_OK);
    ck_assert(act_mark_parse(act, NOW, &arena, &m));
    ck_assert_str_eq(m.scope, "");
}
END_TEST

Suite *suite_silence(void);
Suite *suite_silence(void)
{
    Suite *suite = suite_create("silence");
    TCase *c = tcase_create("silence");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_word_is_a_fingerprint_or_else_a_name);
    tcase_add_test(c, it_is_posted_by_all_labels_and_nothing_else);
    tcase_add_test(c, it_covers_what_has_its_labels_too);
    tcase_add_test(c, labels_that_cannot_all_be_read_are_told);
    tcase_add_test(c, an_answer_names_the_silence_or_is_none);
    tcase_add_test(c, its_act_says_what_was_made_or_may_have_been);
    suite_add_tcase(suite, c);
    return suite;
}
