/* SPDX-License-Identifier: MIT */
/* The story of an incident: what was noted and what was said in one list, corrections and pins folded in as they were known then, and
 * nothing said lost. */
#include "unit/view/fixture.h"

Suite *suite_entries(void);

static struct fixture f;
static int64_t incident_id, other_id;

static int64_t minute(int i)
{
    return fixture_start_ms + i * fixture_step_ms;
}

static void open_one(int64_t *id, const char *title, const char *scope)
{
    const struct incident in = {.title = title,
                                .scope = scope,
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .onset_ms = minute(10),
                                .opened_ms = minute(12),
                                .known_ms = minute(12),
                                .owner = ""};
    ck_assert_int_eq(store_put_incident(f.st, &in, id, NULL), ERR_OK);
}

static void put_entry(const char *key, int at, int known, char letter, const char *text)
{
    const struct timeline_entry t = {
        .incident = incident_id, .at_ms = minute(at), .known_ms = minute(known), .letter = letter, .text = text, .source = "gwtop"};
    ck_assert_int_eq(store_put_timeline(f.st, key, &t, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
}

static void put_alert(const char *rule, enum severity severity, enum alert_state state, int since)
{
    const struct alert al = {.rule = rule,
                             .scope = "model=gpt-x",
                             .severity = severity,
                             .state = state,
                             .since_ms = minute(since),
                             .onset_ms = minute(10),
                             .known_ms = minute(since),
                             .burn_short = 12.5,
                             .window_short_ms = 300000,
                             .text = state == ALERT_FIRING ? "burns" : "over: 0 of 9"};
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
    incident_id = other_id = 0;
    open_one(&incident_id, "gpt-x errors", "model=gpt-x");
    open_one(&other_id, "c-l errors", "model=c-l");
    put_entry("onset", 10, 12, 'E', "errors begin");
    put_entry("page", 12, 12, 'P', "page: burns");
}

static void teardown(void)
{
    fixture_close(&f);
}

static void say_of(int64_t id, int at, const char *verb, const char *text)
{
    size_t n;
    f.manual.wall_ms = minute(at);
    ck_assert_int_eq(store_act_drop(f.path, verb, id, text, minute(at), NULL), ERR_OK);
    ck_assert_int_eq(store_act_ingest(f.st, &n, NULL), ERR_OK);
    ck_assert_uint_eq(n, 1);
}

static void say(int at, const char *verb, const char *text)
{
    say_of(incident_id, at, verb, text);
}

static struct ventry told[32];

/* The view with the entries that have been noted or said. */
static struct view_incidents at(int cursor)
{
    struct view_incidents v;
    f.params.now_ms = f.params.cursor_ms = minute(cursor);
    arena_reset(&f.arena);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, incident_id, &v, NULL), ERR_OK);
    ck_assert_ptr_nonnull(v.detail);
    size_t n = 0;
    for (size_t i = 0; i < v.entry_count; i++)
        if (v.entries[i].id[0] != '\0' || v.entries[i].is_said)
            told[n++] = v.entries[i];
    v.entries = told;
    v.entry_count = n;
    return v;
}

START_TEST(what_was_noted_and_said_is_one_story)
{
    say(20, "ack", "");
    say(21, "assign", "bea");
    say(22, "snooze", "10m the provider has it");
    say_of(other_id, 23, "note", "of another incident");
    say(24, "whatever", "of another version");
    say(25, "mitigate", "traffic moved");
    static const struct {
        char letter;
        const char *text;
        bool is_said;
    } rows[] = {{'E', "errors begin", false},
                {'P', "page: burns", false},
                {'a', "acknowledged", true},
                {'A', "assigned to bea", true},
                {'S', "snoozed until 12:32:00Z: the provider has it", true},
                {'*', "whatever: of another version", true},
                {'M', "mitigated: traffic moved", true}};
    const struct view_incidents v = at(30);
    ck_assert_uint_eq(v.entry_count, sizeof rows / sizeof *rows);
    for (size_t i = 0; i < v.entry_count; i++) {
        ck_assert_int_eq(v.entries[i].letter, rows[i].letter);
        ck_assert_int_eq(v.entries[i].is_said, rows[i].is_said);
        if (rows[i].letter != 'S')
            ck_assert_str_eq(v.entries[i].text, rows[i].text);
        else
            ck_assert_ptr_nonnull(strstr(v.entries[i].text, "Z: the provider has it"));
    }
    ck_assert_str_eq(v.entries[0].id, "t1");
    ck_assert_str_eq(v.entries[2].id, "n1");
    ck_assert_str_eq(v.entries[5].id, "n5");
    ck_assert_int_eq(v.life.detected_ms, minute(12));
    ck_assert_int_eq(v.life.acked_ms, minute(20));
    ck_assert_int_eq(v.life.mitigated_ms, minute(25));
    ck_assert_uint_eq(at(19).entry_count, 2); /* nobody had said anything */
    ck_assert_int_eq(at(19).life.acked_ms, 0);
}
END_TEST

START_TEST(a_correction_keeps_what_was_there_and_is_known_when_it_was_said)
{
    say(20, "note", "azure is down");
    say(22, "correct", "t1 openai errors begin");
    say(23, "correct", "n1 openai is down");
    say(26, "correct", "t1 5xx of openai begin");
    struct view_incidents v = at(21);
    ck_assert_str_eq(v.entries[0].text, "errors begin");
    ck_assert_str_eq(v.entries[0].was, "");
    v = at(24);
    ck_assert_str_eq(v.entries[0].text, "openai errors begin");
    ck_assert_str_eq(v.entries[2].text, "openai is down");
    ck_assert_str_eq(v.entries[2].was, "azure is down");
    ck_assert_str_eq(v.detail->note, "openai is down");
    v = at(30);
    ck_assert_uint_eq(v.entry_count, 3);
    ck_assert_str_eq(v.entries[0].text, "5xx of openai begin"); /* the last one said, over the first text */
    ck_assert_str_eq(v.entries[0].was, "errors begin");
    ck_assert_int_eq(v.entries[0].corrected_ms, minute(26));
    ck_assert_str_eq(v.entries[0].corrected_by, v.entries[2].source);
    ck_assert_uint_eq(v.act_count, 4); /* and each stands among what was said */
}
END_TEST

START_TEST(a_pin_holds_until_it_is_taken_away)
{
    say(20, "pin", "t2");
    say(25, "pin", "t2 off");
    ck_assert_str_eq(at(19).entries[1].pinned_by, "");
    ck_assert_str_ne(at(20).entries[1].pinned_by, "");
    ck_assert_str_eq(at(20).entries[0].pinned_by, "");
    ck_assert_str_eq(at(25).entries[1].pinned_by, "");
}
END_TEST

START_TEST(what_is_about_no_entry_is_not_lost)
{
    struct errctx ctx = {.text = ""};
    say_of(other_id, 20, "note", "elsewhere");
    say(21, "correct", "n1 of another incident");
    say(22, "pin", "t99");
    say(23, "correct", "nonsense");
    const struct view_incidents v = at(30);
    ck_assert_uint_eq(v.entry_count, 5);
    ck_assert_str_eq(v.entries[2].text, "correction of no entry here: n1 of another incident");
    ck_assert_str_eq(v.entries[3].text, "pin of no entry here: t99");
    ck_assert_str_eq(v.entries[4].text, "correction of no entry here: nonsense");
    ck_assert_int_eq(view_find_entry(&f.loader, &f.params, incident_id, "t1 x", &ctx), ERR_OK);
    ck_assert_int_eq(view_find_entry(&f.loader, &f.params, incident_id, "n2", &ctx), ERR_OK);
    ck_assert_int_eq(view_find_entry(&f.loader, &f.params, incident_id, "n1 x", &ctx), ERR_NOTFOUND); /* it is the other's */
    ck_assert_str_eq(ctx.text, "incident #1 has no entry n1; `gwtop incidents show 1` has them beside its timeline");
    ck_assert_int_eq(view_find_entry(&f.loader, &f.params, incident_id, "t99", &ctx), ERR_NOTFOUND);
}
END_TEST

/* Two correct one entry in the same minute, before the recorder takes in either. */
START_TEST(of_two_at_once_both_are_kept_and_the_last_is_shown)
{
    size_t n;
    ck_assert_int_eq(store_act_drop(f.path, "correct", incident_id, "t1 ann's words", minute(20), NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(f.path, "correct", incident_id, "t1 bea's words", minute(20) + 1, NULL), ERR_OK);
    struct view_incidents v = at(21);
    ck_assert_str_eq(v.entries[0].text, "bea's words");
    ck_assert(v.entries[0].pending);
    ck_assert_uint_eq(v.act_count, 2);
    f.manual.wall_ms = minute(21);
    ck_assert_int_eq(store_act_ingest(f.st, &n, NULL), ERR_OK);
    v = at(22);
    ck_assert_str_eq(v.entries[0].text, "bea's words");
    ck_assert(!v.entries[0].pending);
    ck_assert_ptr_nonnull(strstr(v.acts[0], "ann's words"));
    ck_assert_ptr_nonnull(strstr(v.acts[1], "bea's words"));
}
END_TEST

START_TEST(what_was_worked_out_stands_in_it_without_a_number)
{
    struct view_incidents v;
    f.params.now_ms = f.params.cursor_ms = minute(30);
    arena_reset(&f.arena);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, incident_id, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.entry_count, 4);
    ck_assert_int_eq(v.entries[2].letter, '?');
    ck_assert_int_eq(v.entries[2].at_ms, minute(12));
    ck_assert_str_eq(v.entries[2].text, "no suspect then: too few more failures than usual to tell");
    ck_assert_str_eq(v.entries[3].text, "0 of 2k requests lost");
    ck_assert_int_eq(v.entries[3].at_ms, minute(30));
    ck_assert_str_eq(v.entries[3].id, "");
}
END_TEST

START_TEST(rules_of_an_objective_are_one_line_of_bars)
{
    put_alert("slo:gpt-x avail:page-5m", SEV_PAGE, ALERT_FIRING, 12);
    put_alert("slo:gpt-x avail:page-1h", SEV_PAGE, ALERT_FIRING, 13);
    put_alert("slo:gpt-x avail:ticket-1d", SEV_TICKET, ALERT_FIRING, 14);
    put_alert("slo:gpt-x avail:page-5m", SEV_PAGE, ALERT_INACTIVE, 20);
    put_alert("slo:gpt-x avail:page-1h", SEV_PAGE, ALERT_INACTIVE, 22);
    put_alert("slo:gpt-x avail:page-5m", SEV_PAGE, ALERT_FIRING, 25);
    const struct view_incidents v = at(30);
    static const struct {
        int from, to;
        enum severity severity;
    } bars[] = {{12, 22, SEV_PAGE}, {25, 0, SEV_PAGE}, {14, 0, SEV_TICKET}};
    ck_assert_uint_eq(v.bar_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(v.bars[i].from_ms, minute(bars[i].from));
        ck_assert_int_eq(v.bars[i].to_ms, bars[i].to != 0 ? minute(bars[i].to) : 0);
        ck_assert_int_eq(v.bars[i].severity, bars[i].severity);
        ck_assert_str_eq(v.bars[i].label, bars[i].severity == SEV_PAGE ? "gpt-x avail page" : "gpt-x avail ticket");
        ck_assert_str_eq(v.bars[i].change, "12.5x/5m");
    }
    ck_assert_uint_eq(v.rule_count, 3); /* what fires first, the severest */
    ck_assert_str_eq(v.rules[0].al->rule, "slo:gpt-x avail:page-5m");
    ck_assert_uint_eq(v.rules[0].times, 2);
    ck_assert_int_eq(v.rules[0].since_ms, minute(25));
    ck_assert_str_eq(v.rules[1].al->rule, "slo:gpt-x avail:ticket-1d");
    ck_assert_str_eq(v.rules[2].al->rule, "slo:gpt-x avail:page-1h");
    ck_assert_int_eq(v.rules[2].to_ms, minute(22));
    ck_assert_str_eq(v.rules[2].al->text, "burns"); /* its evidence is that of the firing */
    ck_assert_uint_eq(v.alert_count, 6);
    ck_assert_int_eq(at(19).bars[0].to_ms, 0); /* as known then */
}
END_TEST

START_TEST(what_changed_meanwhile_is_a_bar_unless_it_is_anothers)
{
    static const struct {
        const char *rule, *scope, *text;
        int onset;
    } found[] = {{"fallback:demo", "model=gpt-x", "fallback of gpt-x rose 0.02 % -> 37.7 %", 11},
                 {"quality:json_valid", "model=c-l", "json_valid of c-l fell 98.9 -> 94.0 %", 11},
                 {"key:demo", "", "key a: ~5.2x its spend", -10}};
    for (size_t i = 0; i < 3; i++) {
        const struct alert al = {.rule = found[i].rule,
                                 .scope = found[i].scope,
                                 .severity = SEV_NONE,
                                 .state = ALERT_FIRING,
                                 .since_ms = minute(13),
                                 .onset_ms = minute(found[i].onset),
                                 .known_ms = minute(13),
                                 .text = found[i].text};
        ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    }
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    const struct view_incidents v = at(30);
    ck_assert_uint_eq(v.bar_count, 1); /* the second is of another model, the third began long before */
    ck_assert_str_eq(v.bars[0].label, "fallback gpt-x");
    ck_assert_str_eq(v.bars[0].change, "0.02 % -> 37.7 %");
    ck_assert_int_eq(v.bars[0].from_ms, minute(11));
    ck_assert_int_eq(v.bars[0].to_ms, 0);
    ck_assert_uint_eq(v.rule_count, 0); /* it pages nobody */
}
END_TEST

Suite *suite_entries(void)
{
    Suite *s = suite_create("entries");
    TCase *tc = tcase_create("entries");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, what_was_noted_and_said_is_one_story);
    tcase_add_test(tc, a_correction_keeps_what_was_there_and_is_known_when_it_was_said);
    tcase_add_test(tc, a_pin_holds_until_it_is_taken_away);
    tcase_add_test(tc, what_is_about_no_entry_is_not_lost);
    tcase_add_test(tc, of_two_at_once_both_are_kept_and_the_last_is_shown);
    tcase_add_test(tc, what_was_worked_out_stands_in_it_without_a_number);
    tcase_add_test(tc, rules_of_an_objective_are_one_line_of_bars);
    tcase_add_test(tc, what_changed_meanwhile_is_a_bar_unless_it_is_anothers);
    suite_add_tcase(s, tc);
    return s;
}
