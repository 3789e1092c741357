/* SPDX-License-Identifier: MIT */
/* What operators say of incidents, folded in: the last word holds, what was known then is what is shown at a past cursor, and nobody's word
 * outlives a rule that fires anew. */
#include "unit/view/fixture.h"

Suite *suite_acts(void);

static struct fixture f;
static int64_t incident_id;

static int64_t minute(int i)
{
    return fixture_start_ms + i * fixture_step_ms;
}

static void put(enum incident_state state, int known)
{
    const struct incident in = {.id = incident_id,
                                .title = "gpt-x errors",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = state,
                                .onset_ms = minute(10),
                                .opened_ms = minute(12),
                                .resolved_ms = state == INCIDENT_RESOLVED ? minute(known) : 0,
                                .known_ms = minute(known),
                                .owner = ""};
    ck_assert_int_eq(store_put_incident(f.st, &in, &incident_id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
}

static void fire(const char *rule, const char *scope, int since)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = minute(since),
                             .known_ms = minute(since),
                             .text = "burns"};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
}

static void setup(void)
{
    fixture_open(&f);
    uint32_t ok = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "k", "ok", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, ok, 100);
        fixture_append(&f, minute(i));
    }
    incident_id = 0;
    put(INCIDENT_OPEN, 12);
    fire("slo:a:page-5m", "model=gpt-x", 12);
}

static void teardown(void)
{
    fixture_close(&f);
}

/* Said and taken in at that minute. */
static void say(int at, const char *verb, const char *text)
{
    size_t n;
    f.manual.wall_ms = minute(at);
    ck_assert_int_eq(store_act_drop(f.path, verb, incident_id, text, minute(at), NULL), ERR_OK);
    ck_assert_int_eq(store_act_ingest(f.st, &n, NULL), ERR_OK);
    ck_assert_uint_eq(n, 1);
}

static struct vincident at(int cursor)
{
    struct vincident v;
    f.params.now_ms = f.params.cursor_ms = minute(cursor);
    arena_reset(&f.arena);
    ck_assert_int_eq(view_load_incident(&f.loader, &f.params, incident_id, &v, NULL), ERR_OK);
    return v;
}

START_TEST(each_moment_has_the_words_that_were_known_then)
{
    say(20, "ack", "");
    say(22, "assign", "bea");
    say(24, "next", "ask the provider");
    say(26, "mitigate", "traffic moved");
    say(28, "resolve", "");
    static const struct {
        int cursor;
        enum incident_state state;
        bool owned_by_bea, has_next;
    } rows[] = {
        {19, INCIDENT_OPEN, false, false},       {20, INCIDENT_ACKNOWLEDGED, false, false}, {22, INCIDENT_ACKNOWLEDGED, true, false},
        {24, INCIDENT_ACKNOWLEDGED, true, true}, {26, INCIDENT_MITIGATED, true, true},      {40, INCIDENT_RESOLVED, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vincident v = at(rows[i].cursor);
        ck_assert_msg(v.in.state == rows[i].state, "at %d: %s", rows[i].cursor, incident_state_name(v.in.state));
        ck_assert_int_eq(strcmp(v.in.owner, "bea") == 0, rows[i].owned_by_bea);
        ck_assert_str_eq(v.next_step, rows[i].has_next ? "ask the provider" : "");
        ck_assert_int_eq(v.said_by[0] != '\0', v.in.state != INCIDENT_OPEN);
    }
    ck_assert_int_eq(at(40).in.resolved_ms, minute(28));
    ck_assert_int_eq(at(40).said_ms, minute(28));
}
END_TEST

START_TEST(the_last_word_holds_and_the_first_is_kept)
{
    struct view_incidents v;
    say(20, "resolve", "it is over");
    say(21, "ack", ""); /* another engineer, who does not see it so */
    ck_assert_int_eq(at(20).in.state, INCIDENT_RESOLVED);
    const struct vincident last = at(22);
    ck_assert_int_eq(last.in.state, INCIDENT_ACKNOWLEDGED);
    ck_assert_int_eq(last.in.resolved_ms, 0);
    ck_assert_int_eq(last.said_ms, minute(21));
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, incident_id, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.act_count, 2);
    ck_assert_ptr_nonnull(strstr(v.acts[0], "resolve: it is over"));
    bool told = false;
    for (size_t i = 0; i < v.impact_count; i++)
        told = told || strncmp(v.impact[i], "state           acknowledged, says ", 35) == 0;
    ck_assert(told);
}
END_TEST

START_TEST(nobodys_word_outlives_a_rule_that_fires_anew)
{
    say(20, "ack", "");
    say(20, "snooze", "2h it is known");
    say(21, "resolve", "");
    fire("slo:a:page-1h", "model=c-l", 22); /* of another incident */
    ck_assert_int_eq(at(24).in.state, INCIDENT_RESOLVED);
    fire("slo:a:ticket-1d", "model=gpt-x", 35);
    ck_assert_int_eq(at(34).in.state, INCIDENT_RESOLVED);
    const struct vincident v = at(36); /* and who took it then took what was over */
    ck_assert_int_eq(v.in.state, INCIDENT_OPEN);
    ck_assert_int_eq(v.snoozed_until_ms, 0);
    ck_assert_int_eq(v.said_ms, 0);
    ck_assert_int_eq(v.in.resolved_ms, 0);
    ck_assert_int_eq(v.again_ms, minute(35)); /* which is told */
    ck_assert_ptr_nonnull(strstr(v.again_text, ", that it was resolved, holds no more: slo:a:ticket-1d fires"));
    ck_assert_int_eq(at(34).again_ms, 0);
}
END_TEST

/* A console that is older than parts says of one what it knows of: the page goes on, and has its word. */
START_TEST(a_word_on_a_part_ends_no_page)
{
    struct incident part = {.title = "c-l errors",
                            .scope = "model=c-l",
                            .severity = SEV_TICKET,
                            .state = INCIDENT_RESOLVED,
                            .opened_ms = minute(5),
                            .resolved_ms = minute(6),
                            .parent = incident_id,
                            .known_ms = minute(6),
                            .owner = ""};
    const int64_t page = incident_id;
    ck_assert_int_eq(store_put_incident(f.st, &part, &incident_id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    say(20, "mitigate", "c-l moved");
    say(21, "resolve", "");
    say(22, "ack", "");
    incident_id = page;
    ck_assert_int_eq(at(21).in.state, INCIDENT_OPEN);
    ck_assert_str_eq(at(21).note, "c-l moved");
    ck_assert_int_eq(at(23).in.state, INCIDENT_ACKNOWLEDGED);
}
END_TEST

START_TEST(what_the_data_resolved_stays_resolved_and_owned)
{
    say(20, "ack", "");
    put(INCIDENT_RESOLVED, 30);
    say(32, "mitigate", "late");
    say(33, "ack", "");
    const struct vincident v = at(40);
    ck_assert_int_eq(v.in.state, INCIDENT_RESOLVED);
    ck_assert_int_eq(v.in.resolved_ms, minute(30));
    ck_assert_str_eq(v.said_by, "");
    ck_assert_str_ne(v.in.owner, "");
}
END_TEST

START_TEST(a_snooze_ends_by_itself_by_word_and_with_the_incident)
{
    say(20, "snooze", "10m the provider has it");
    ck_assert_int_eq(at(19).snoozed_until_ms, 0);
    ck_assert_int_eq(at(29).snoozed_until_ms, minute(30));
    ck_assert_str_eq(at(29).snooze_reason, "the provider has it");
    ck_assert_int_eq(at(29).in.state, INCIDENT_OPEN); /* it is put off, and nothing else */
    ck_assert_int_eq(at(30).snoozed_until_ms, 0);
    say(40, "snooze", "1h again");
    say(41, "snooze", "whenever it is back"); /* no length, no snooze */
    ck_assert_int_eq(at(42).snoozed_until_ms, minute(100));
    say(43, "snooze", "0s it is back");
    ck_assert_int_eq(at(44).snoozed_until_ms, 0);
    say(45, "snooze", "1h once more");
    say(46, "resolve", "");
    ck_assert_int_eq(at(45).snoozed_until_ms, minute(105));
    ck_assert_int_eq(at(47).snoozed_until_ms, 0);
}
END_TEST

START_TEST(what_waits_is_shown_and_an_incident_that_there_is_not_is_none)
{
    struct vincident v;
    struct errctx ctx = {.text = ""};
    ck_assert_int_eq(store_act_drop(f.path, "ack", incident_id, "", minute(20), NULL), ERR_OK);
    ck_assert_int_eq(at(21).in.state, INCIDENT_ACKNOWLEDGED); /* pending */
    ck_assert_int_eq(store_act_drop(f.path, "shutdown", incident_id, "", minute(20), NULL), ERR_OK);
    ck_assert_int_eq(at(21).in.state, INCIDENT_ACKNOWLEDGED); /* a verb of another version says nothing */
    ck_assert_int_eq(view_load_incident(&f.loader, &f.params, 77, &v, &ctx), ERR_NOTFOUND);
    ck_assert_str_eq(ctx.text, "there is no incident #77; `gwtop incidents` lists them");
}
END_TEST

Suite *suite_acts(void)
{
    Suite *s = suite_create("acts");
    TCase *tc = tcase_create("acts");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, each_moment_has_the_words_that_were_known_then);
    tcase_add_test(tc, the_last_word_holds_and_the_first_is_kept);
    tcase_add_test(tc, nobodys_word_outlives_a_rule_that_fires_anew);
    tcase_add_test(tc, a_word_on_a_part_ends_no_page);
    tcase_add_test(tc, what_the_data_resolved_stays_resolved_and_owned);
    tcase_add_test(tc, a_snooze_ends_by_itself_by_word_and_with_the_incident);
    tcase_add_test(tc, what_waits_is_shown_and_an_incident_that_there_is_not_is_none);
    suite_add_tcase(s, tc);
    return s;
}
