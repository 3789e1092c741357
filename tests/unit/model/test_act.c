/* SPDX-License-Identifier: MIT */
#include "model/act.h"

#include <check.h>
#include <string.h>

Suite *suite_act(void);

static const int64_t now_ms = 1764567000000; /* 2025-12-01T05:30:00Z */
static struct arena a;
static struct errctx ctx;

static void setup(void)
{
    arena_init(&a, 1 << 20);
}

static void teardown(void)
{
    arena_fini(&a);
}

START_TEST(verbs_have_names)
{
    for (int v = 0; v < ACT_VERB_COUNT; v++) {
        enum act_verb back;
        ck_assert(act_verb_by_name(act_verb_name((enum act_verb)v), &back));
        ck_assert_int_eq(back, v);
    }
    enum act_verb none;
    ck_assert(!act_verb_by_name("rm", &none));
}
END_TEST

START_TEST(what_cannot_be_shown_is_no_text)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"gpt-x 2026-11 goes live", NULL},
        {"naïve — 日本語 $(reboot) `id`; 'x' | y", NULL}, /* text is text */
        {"", "the text is empty"},
        {"   ", "the text is empty"},
        {"red \x1b[31malert", "the text has a byte 0x1b at 5 that cannot be shown; it is one line of plain text"},
        {"two\nlines", "the text has a byte 0x0a at 4 that cannot be shown; it is one line of plain text"},
        {"\xff", "the text has a byte 0xff at 1 that cannot be shown; it is one line of plain text"},
        {"a\xe2\x80\xae"
         "b",
         "the text has a byte 0xe2 at 2 that cannot be shown; it is one line of plain text"}, /* U+202E */
    };
    static char big[(64 << 10) + 1];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ctx.text[0] = '\0';
        enum err e = act_check_text("the text", rows[i].text, ACT_TEXT_MAX, &ctx);
        ck_assert_int_eq(e, rows[i].why != NULL ? ERR_USAGE : ERR_OK);
        ck_assert_str_eq(ctx.text, rows[i].why != NULL ? rows[i].why : "");
    }
    memset(big, 'x', sizeof big - 1);
    ck_assert_int_eq(act_check_text("the text", big, ACT_TEXT_MAX, &ctx), ERR_USAGE);
    ck_assert_str_eq(ctx.text, "the text has 65536 bytes, and nothing of it is kept; say it in at most 500");
}
END_TEST

START_TEST(scopes_have_one_form)
{
    static const struct {
        const char *words, *scope, *why;
    } rows[] = {
        {"", "", NULL},
        {"model=gpt-x", "model=gpt-x", NULL},
        {"team=search model=gpt-x", "model=gpt-x,team=search", NULL},
        {"model=gpt-x,team=search", "model=gpt-x,team=search", NULL},
        {"gpt-x", NULL, "scope 'gpt-x': expected DIMENSION=VALUE, as in model=gpt-x"},
        {"model=", NULL, "scope 'model=': expected DIMENSION=VALUE, as in model=gpt-x"},
        {"model=a|b", NULL, "scope 'model=a|b': expected DIMENSION=VALUE, as in model=gpt-x"},
        {"model=a model=b", NULL, "scope: model stands twice; a mark is of one model or of all"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *scope = NULL;
        enum err e = act_scope_make(rows[i].words, &a, &scope, &ctx);
        ck_assert_int_eq(e, rows[i].scope != NULL ? ERR_OK : ERR_USAGE);
        if (rows[i].scope != NULL)
            ck_assert_str_eq(scope, rows[i].scope);
        else
            ck_assert_str_eq(ctx.text, rows[i].why);
    }
}
END_TEST

START_TEST(a_mark_comes_back_as_it_was_said)
{
    static const char *const names[] = {"deploy", "config", "model", "price", "note", "silence"};
    static const enum event_kind kinds[] = {EVENT_DEPLOY, EVENT_CONFIG, EVENT_MODEL_VERSION, EVENT_PRICE, EVENT_MARK, EVENT_SILENCE};
    char text[1024];
    for (size_t i = 0; i < 5; i++) {
        struct act_mark m = {.at_ms = now_ms - 1000, .scope = "model=gpt-x", .text = "weights a|b | c"}, back;
        ck_assert_int_eq(act_kind_by_name(names[i], &m.kind, NULL), ERR_OK);
        ck_assert_int_eq(m.kind, kinds[i]);
        ck_assert_str_eq(act_kind_name(m.kind), names[i]);
        ck_assert_int_eq(act_mark_format(&m, now_ms, text, sizeof text, &ctx), ERR_OK);
        ck_assert(act_mark_parse(text, now_ms, &a, &back));
        ck_assert_int_eq(back.kind, kinds[i]);
        ck_assert_int_eq(back.at_ms, now_ms - 1000);
        ck_assert_str_eq(back.scope, "model=gpt-x");
        ck_assert_str_eq(back.text, "weights a|b | c");
    }
    enum event_kind none;
    ck_assert_int_eq(act_kind_by_name("page", &none, &ctx), ERR_USAGE); /* nobody pages by a mark */
    ck_assert_str_eq(ctx.text, "there is no kind 'page'; a mark is a deploy, config, model, price, silence or note");
    const struct act_mark ahead = {.kind = EVENT_DEPLOY, .at_ms = now_ms + 60000, .scope = "", .text = "soon"};
    ck_assert_int_eq(act_mark_format(&ahead, now_ms, text, sizeof text, &ctx), ERR_USAGE);
    ck_assert_str_eq(ctx.text, "2025-12-01T05:31:00Z lies in the future: it is 2025-12-01T05:30:00Z");
}
END_TEST

/* An act is a file that others may write. */
START_TEST(what_is_no_mark_is_none)
{
    static const char *const rows[] = {
        "",
        "deploy",
        "deploy|1764566000000|model=gpt-x",
        "page|1764566000000||x",
        "deploy|soon||x",
        "deploy|-5||x",
        "deploy|1764567000001||from the future",
        "deploy|1764566000000|gpt-x|x",
        "deploy|1764566000000||",
        "deploy|1764566000000||two\nlines",
    };
    struct act_mark m;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(!act_mark_parse(rows[i], now_ms, &a, &m), "%s", rows[i]);
    ck_assert(act_mark_parse("deploy|1764566000000||x", now_ms, &a, &m));
    ck_assert_str_eq(m.scope, "");
}
END_TEST

START_TEST(a_snooze_has_a_length_and_a_reason)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"2h the vendor has it", NULL},
        {"0s it is back", NULL},
        {"soon it will be", "'soon it will be' is no duration like 30m, 4h or 2d; 0s ends a snooze"},
        {"2h", "the reason is empty"},
        {"2h ", "the reason is empty"},
        {"31d we are away", "'31d' is longer than 30 days, and what is put off for so long is forgotten"},
    };
    int64_t ms;
    const char *reason;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum err e = act_snooze_parse(rows[i].text, &ms, &reason, &ctx);
        ck_assert_int_eq(e, rows[i].why != NULL ? ERR_USAGE : ERR_OK);
        if (rows[i].why != NULL)
            ck_assert_str_eq(ctx.text, rows[i].why);
    }
    ck_assert_int_eq(act_snooze_parse("2h the vendor has it", &ms, &reason, &ctx), ERR_OK);
    ck_assert_int_eq(ms, 7200000);
    ck_assert_str_eq(reason, "the vendor has it");
}
END_TEST

START_TEST(a_correction_names_its_entry)
{
    static const struct {
        enum act_verb verb;
        const char *text, *why;
    } rows[] = {
        {ACT_CORRECT, "t12 it was azure", NULL},
        {ACT_CORRECT, "n5  it was azure", NULL},
        {ACT_CORRECT, "t12", "the text is empty"},
        {ACT_CORRECT, "t12 a\x1b[2J", "the text has a byte 0x1b at 2 that cannot be shown; it is one line of plain text"},
        {ACT_CORRECT, "12 it was azure", "'12' is no entry like t12 or n5; `gwtop incidents show` has them beside the timeline"},
        {ACT_CORRECT, "t0 x", "'t0' is no entry like t12 or n5; `gwtop incidents show` has them beside the timeline"},
        {ACT_CORRECT, "t x", "'t' is no entry like t12 or n5; `gwtop incidents show` has them beside the timeline"},
        {ACT_CORRECT, "", "'' is no entry like t12 or n5; `gwtop incidents show` has them beside the timeline"},
        {ACT_PIN, "t12", NULL},
        {ACT_PIN, "n5 off", NULL},
        {ACT_PIN, "n5 away", "'away' says nothing of a pin; n5 alone sets it, and n5 off takes it away"},
    };
    struct act_entry entry;
    const char *rest;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(act_check(rows[i].verb, rows[i].text, &ctx), rows[i].why != NULL ? ERR_USAGE : ERR_OK);
        if (rows[i].why != NULL)
            ck_assert_str_eq(ctx.text, rows[i].why);
    }
    ck_assert_int_eq(act_entry_parse("n5  it was azure", &entry, &rest, &ctx), ERR_OK);
    ck_assert_int_eq(entry.kind, 'n');
    ck_assert_int_eq(entry.id, 5);
    ck_assert_str_eq(rest, "it was azure");
}
END_TEST

Suite *suite_act(void)
{
    Suite *s = suite_create("act");
    TCase *t = tcase_create("act");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, verbs_have_names);
    tcase_add_test(t, what_cannot_be_shown_is_no_text);
    tcase_add_test(t, scopes_have_one_form);
    tcase_add_test(t, a_mark_comes_back_as_it_was_said);
    tcase_add_test(t, what_is_no_mark_is_none);
    tcase_add_test(t, a_correction_names_its_entry);
    tcase_add_test(t, a_snooze_has_a_length_and_a_reason);
    suite_add_tcase(s, t);
    return s;
}
