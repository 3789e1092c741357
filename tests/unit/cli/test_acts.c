/* SPDX-License-Identifier: MIT */
/* What operators say, as far as a recording that is over goes: it takes nothing, and shows events and the audit of what was said. */
#include "unit/cli/fixture.h"

Suite *suite_acts(void);

static struct ran r;

static void setup(void)
{
    ran_open(&r);
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_FIRING);
}

static void teardown(void)
{
    ran_close(&r);
}

static void put_event(const char *key, enum event_kind kind, int64_t ago_ms, const char *scope, const char *text)
{
    const int64_t at_ms = r.f.manual.wall_ms - ago_ms;
    const struct event e = {.kind = kind, .at_ms = at_ms, .known_ms = at_ms, .scope = scope, .text = text, .source = "ann"};
    ck_assert_int_eq(store_put_event(r.f.st, key, &e, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
}

START_TEST(a_recording_that_is_over_takes_nothing)
{
    static const char *const lines[] = {"ack 1",       "note 1 x",      "assign #1 bea", "next 1 x",       "mitigate 1",
                                        "resolve 1 x", "snooze 1 2h x", "mark x",        "correct 1 t1 x", "pin 1 t1"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        ck_assert_int_eq(ran_here(&r, lines[i]), 1);
        ck_assert_str_eq(r.err, "gwtop: this recording has ended: nobody would take it in\n");
    }
}
END_TEST

START_TEST(what_is_said_wrongly_is_told_why)
{
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"ack", "gwtop: ack: expected ID; a text is one word in quotes\n"},
        {"ack x", "gwtop ack: expected the number of an incident, got 'x'; `gwtop incidents` lists them\n"},
        {"ack 0", "gwtop ack: expected the number of an incident, got '0'; `gwtop incidents` lists them\n"},
        {"ack 1 now", "gwtop ack: unexpected argument 'now'; `gwtop ack --help` shows what it takes\n"},
        {"note 1", "gwtop: note: expected ID TEXT; a text is one word in quotes\n"},
        {"assign 1 \x07", "gwtop: the name has a byte 0x07 at 1 that cannot be shown; it is one line of plain text\n"},
        {"snooze 1 2h", "gwtop: snooze: expected ID DURATION REASON; a text is one word in quotes\n"},
        {"snooze 1 60d x", "gwtop: '60d' is longer than 30 days, and what is put off for so long is forgotten\n"},
        {"correct 1 t1", "gwtop: correct: expected ID ENTRY TEXT; a text is one word in quotes\n"},
        {"correct 1 x y", "gwtop: 'x' is no entry like t12 or n5; `gwtop incidents show` has them beside the timeline\n"},
        {"pin 1 t1 away", "gwtop: 'away' says nothing of a pin; t1 alone sets it, and t1 off takes it away\n"},
        {"mark", "gwtop: mark what? One text in quotes: gwtop mark \"gpt-x v7 goes live\" --kind deploy\n"},
        {"mark x --kind shell", "gwtop: there is no kind 'shell'; a mark is a deploy, config, model, price, silence or note\n"},
        {"mark x --scope colour=red", "gwtop: scope 'colour=red': expected DIMENSION=VALUE, as in model=gpt-x\n"},
        {"mark x --at soon", "gwtop: "},
        {"audit", "gwtop: audit what? `gwtop audit list`, `gwtop audit verify` or `gwtop audit head`\n"},
        {"audit verify --head 3", "gwtop: --head: expected ID:HASH as `gwtop audit head` prints it, got '3'\n"},
        {"audit head --head 3:0", "gwtop: --head goes with `gwtop audit verify`\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(ran_here(&r, rows[i].line) == 64, "%s: %s", rows[i].line, r.err);
        ck_assert_msg(strstr(r.err, rows[i].why) == r.err, "%s: %s", rows[i].line, r.err);
    }
}
END_TEST

START_TEST(events_are_told_newest_first_in_text_and_json)
{
    put_event("a", EVENT_DEPLOY, 3600000, "model=gpt-x", "v7 goes live for team zebra");
    put_event("b", EVENT_MARK, 60000, "", "cable pulled");
    ck_assert_int_eq(ran_here(&r, "events"), 0);
    assert_out(&r, "\n2026-11-23T15:59:00Z  mark                 cable pulled                 ann\n"
                   "2026-11-23T15:00:00Z  deploy  model=gpt-x  v7 goes live for team zebra  ann\n");
    ck_assert_int_eq(ran_here(&r, "events --since 10m"), 0);
    assert_out(&r, "cable pulled");
    ck_assert_ptr_null(strstr(r.out, "v7"));
    ck_assert_int_eq(ran_here(&r, "events --at 15:30 --json"), 0);
    assert_out(
        &r, "\"at\": \"2026-11-23T15:00:00Z\",\n      \"known\": \"2026-11-23T15:00:00Z\",\n      \"kind\": \"deploy\",\n      \"scope\": "
            "\"model=gpt-x\",\n      \"text\": \"v7 goes live for team zebra\",\n      \"by\": \"ann\"");
    ck_assert_ptr_null(strstr(r.out, "cable"));
    ck_assert_int_eq(ran_here(&r, "events --at 14:30"), 0);
    assert_out(&r, "nothing changed, as far as gwtop can see\n");
    ran_config(&r, "gateway: test\nmask_names: true\n");
    ck_assert_int_eq(ran_here(&r, "events"), 0);
    ck_assert_ptr_null(strstr(r.out, "zebra"));
    ck_assert_int_eq(ran_here(&r, "events --json"), 0);
    ck_assert_ptr_null(strstr(r.out, "zebra"));
}
END_TEST

START_TEST(the_audit_says_what_it_rests_on)
{
    char head[128], line[256];
    size_t n;
    ck_assert_int_eq(ran_here(&r, "audit verify"), 3); /* who deletes all of them leaves just this */
    ck_assert_str_eq(r.out, "whole as far as it goes: 0 acts as taken in; its end cannot be told without --head\n");
    ck_assert_int_eq(ran_here(&r, "audit verify --json"), 3);
    assert_out(&r, "\"end_is_known\": false,");
    ck_assert_int_eq(store_act_drop(r.f.path, "note", 1, "one", r.f.manual.wall_ms - 1000, NULL), ERR_OK);
    ck_assert_int_eq(store_act_ingest(r.f.st, &n, NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(r.f.path, "note", 1, "two", r.f.manual.wall_ms - 1000, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "audit head"), 0);
    ck_assert_int_eq(strncmp(r.out, "1:", 2), 0);
    ck_assert(str_copy(head, sizeof head, (struct str){r.out, strlen(r.out) - 1}));
    ck_assert_uint_eq(strlen(head), 66);
    ck_assert(str_format(line, sizeof line, "audit verify --head %s", head));
    ck_assert_int_eq(ran_here(&r, line), 0);
    ck_assert_str_eq(r.out, "whole: 1 act as taken in, the one whose head was kept among them\n1 more waits to be taken in\n");
    ck_assert(str_format(line, sizeof line, "audit verify --json --head %s", head));
    ck_assert_int_eq(ran_here(&r, line), 0);
    assert_out(&r, "\"end_is_known\": true,");
    head[2] = head[2] == '0' ? '1' : '0';
    ck_assert(str_format(line, sizeof line, "audit verify --head %s", head));
    ck_assert_int_eq(ran_here(&r, line), 2);
    assert_out(&r, "MADE ANEW: act 1 has another hash than the one that was kept\nit reads now: 2026-11-23T15:59:59Z ");
    assert_out(&r, ", note #1: one\n");
    head[0] = '3';
    ck_assert(str_format(line, sizeof line, "audit verify --json --head %s", head));
    ck_assert_int_eq(ran_here(&r, line), 2);
    assert_out(&r, "\"verdict\": \"cut\",\n  \"acts\": 1,\n  \"waiting\": 1,\n  \"head\": 1,");
    assert_out(&r, "\"first_bad\": 2,\n  \"act\": null\n");
}
END_TEST

Suite *suite_acts(void)
{
    Suite *s = suite_create("cli: acts");
    TCase *tc = tcase_create("acts");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_recording_that_is_over_takes_nothing);
    tcase_add_test(tc, what_is_said_wrongly_is_told_why);
    tcase_add_test(tc, events_are_told_newest_first_in_text_and_json);
    tcase_add_test(tc, the_audit_says_what_it_rests_on);
    suite_add_tcase(s, tc);
    return s;
}
