/* SPDX-License-Identifier: MIT */
/* A shift is handed over: what the store has of it is in the text, the Markdown and the JSON alike; a snapshot of it reads as the original
 * does; and the audit lists what was said with what it changed. */
#include "unit/cli/fixture.h"

Suite *suite_handoff(void);

static struct ran r;
static const int64_t minute_ms = 60000, hour_ms = 3600000;

static int64_t ago(int64_t ms)
{
    return r.f.manual.wall_ms - ms;
}

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

/* Said and taken in at that time. */
static void say(const char *verb, int64_t incident, const char *text, int64_t ago_ms)
{
    const int64_t end_ms = r.f.manual.wall_ms;
    size_t n;
    r.f.manual.wall_ms = end_ms - ago_ms;
    ck_assert_int_eq(store_act_drop(r.f.path, verb, incident, text, r.f.manual.wall_ms, NULL), ERR_OK);
    ck_assert_int_eq(store_act_ingest(r.f.st, &n, NULL), ERR_OK);
    ck_assert_uint_eq(n, 1);
    r.f.manual.wall_ms = end_ms;
}

static int64_t parent, onset_before_ms; /* of the next one that is over; onset: how long before it opened */

static int64_t over(const char *title, int64_t opened_ago_ms, int64_t ended_ago_ms)
{
    struct incident in = {.title = title,
                          .scope = "model=c-l",
                          .severity = SEV_TICKET,
                          .state = INCIDENT_OPEN,
                          .onset_ms = ago(opened_ago_ms + onset_before_ms),
                          .opened_ms = ago(opened_ago_ms),
                          .known_ms = ago(opened_ago_ms),
                          .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    in.id = id;
    in.state = INCIDENT_RESOLVED;
    in.parent = parent;
    in.ended_ms = in.resolved_ms = in.known_ms = ago(ended_ago_ms);
    ck_assert_int_eq(store_put_incident(r.f.st, &in, NULL, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    return id;
}

static void flap(const char *rule, const char *scope, int times)
{
    for (int i = 0; i < 2 * times; i++) {
        const struct alert al = {.rule = rule,
                                 .scope = scope,
                                 .severity = SEV_TICKET,
                                 .state = i % 2 == 0 ? ALERT_FIRING : ALERT_INACTIVE,
                                 .since_ms = ago(90 * minute_ms) + i * minute_ms,
                                 .known_ms = ago(90 * minute_ms) + i * minute_ms,
                                 .text = ""};
        ck_assert_int_eq(store_put_alert(r.f.st, &al, NULL), ERR_OK);
    }
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
}

static void whole_shift(void)
{
    const struct event deploy = {.kind = EVENT_DEPLOY,
                                 .at_ms = ago(hour_ms),
                                 .known_ms = ago(hour_ms),
                                 .scope = "model=gpt-x",
                                 .text = "v7 goes live for team zebra",
                                 .source = "ann"};
    const struct store_gap gap = {
        .source = 1, .t0_ms = ago(50 * minute_ms), .t1_ms = ago(45 * minute_ms), .reason = "timed out", .lost = true};
    over("c-l slow", 80 * minute_ms, 70 * minute_ms);
    flap("rule:c-s fallbacks", "model=c-s", 3);
    flap("rule:c-m fallbacks", "model=c-m", 2);
    ck_assert_int_eq(store_put_event(r.f.st, "d", &deploy, NULL), ERR_OK);
    ck_assert_int_eq(store_put_gap(r.f.st, &gap, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    say("snooze", 1, "2h the vendor has it", 3 * minute_ms);
}

/* Nobody's request failed because money went fast; and its onset is hours before its rule fired. */
START_TEST(what_a_budget_forecast_did_is_no_harm)
{
    onset_before_ms = 2 * hour_ms;
    over("budget team zebra", 60 * minute_ms, 50 * minute_ms);
    onset_before_ms = 0;
    ck_assert_int_eq(ran_here(&r, "handoff"), 0);
    assert_out(&r, "budget team zebra: ticket, opened 15:00:00Z, over 15:10:00Z after 10m, by itself: ");
}
END_TEST

START_TEST(who_comes_reads_what_who_goes_knew)
{
    whole_shift();
    ck_assert_int_eq(ran_here(&r, "handoff"), 0);
    assert_out(&r, "Handover of test, shift of 12h: 2026-11-23T04:00:00Z to 2026-11-23T16:00:00Z\n"
                   "1 incident is open, 1 without a next step; 1 ended in the shift, 1 by itself.\n");
    assert_out(&r, "\nOpen incidents\n- #1 gpt-x errors: page, open since 15:51:00Z (9m so far), ");
    assert_out(&r, "owner nobody; next: NONE WRITTEN\n");
    assert_out(&r, "\nOpened and over\n- #2 c-l slow: ticket, opened 14:40:00Z, over 14:50:00Z after 10m");
    assert_out(&r, "by itself: nobody said a word on it\n");
    assert_out(&r, "\nPut off\n- #1 gpt-x errors: snoozed until 17:57:00Z (1h57m more) by ");
    assert_out(&r, ": the vendor has it\n");
    assert_out(&r, "\nNoisy rules\n- rule:c-s fallbacks: ticket, fired 3 times in 7d, 3m in all, last at 14:34:00Z; nobody acted\n");
    ck_assert_ptr_null(strstr(r.out, "c-m"));
    assert_out(
        &r, "\nDeploys and changes younger than 1d\n- deploy 15:00:00Z: 1h old, of model=gpt-x: v7 goes live for team zebra (says ann)\n");
    assert_out(&r, "\nNot recorded\n- the recording: begins at 14:01:00Z: what came before is not known\n"
                   "- gw: a gap at 15:10:00Z for 5m: timed out; what was counted then is lost\n");
    assert_out(&r, "\nSpend against plan\n- spent in the shift: >=$14.8 from 14:01:00Z to 16:00:00Z; of UTC days >=$14.8 today");
    ck_assert_int_eq(ran_here(&r, "handoff --shift 30m --baking 10m"), 0);
    assert_out(&r, "No incident ended in the shift.\n");
    assert_out(&r, "\nNo deploy, and no change of a configuration, a model version or a price, that gwtop knows of.\n");
    assert_out(&r, "No gap, and every source answers.\n");
    ck_assert_int_eq(ran_here(&r, "handoff --at 15:00"), 0); /* as it was known then */
    assert_out(&r, "No incident is open; 1 ended in the shift");
    assert_out(&r, "Nothing is snoozed or silenced.\n");
}
END_TEST

START_TEST(what_somebody_did_is_not_by_itself_and_not_noise)
{
    const int64_t id = over("c-l slow", 80 * minute_ms, 70 * minute_ms);
    flap("slo:c-l slow:ticket-1d", "model=c-l", 3);
    say("note", id, "vendor's disk", 75 * minute_ms);
    say("next", 1, "ask the provider", minute_ms);
    ck_assert_int_eq(ran_here(&r, "handoff"), 0);
    assert_out(&r, "1 incident is open; 1 ended in the shift, 0 by themselves.\n");
    assert_out(&r, "; next: ask the provider\n");
    assert_out(&r, ", with a note; vendor's disk\n");
    assert_out(&r, "No rule fired three times in a week without anybody acting on it.\n");
}
END_TEST

static void silence(const char *fingerprint, enum outside_state state, const char *by, const char *why, int64_t until_ms)
{
    const struct outside o = {.source = "am",
                              .fingerprint = fingerprint,
                              .rule = "outside:am:GatewayErrors",
                              .name = "GatewayErrors",
                              .scope = "model=gpt-x",
                              .labels = "",
                              .severity = SEV_PAGE,
                              .state = state,
                              .since_ms = ago(20 * minute_ms),
                              .starts_ms = ago(30 * minute_ms),
                              .known_ms = ago(20 * minute_ms),
                              .quiet = why,
                              .quiet_by = by,
                              .quiet_until_ms = until_ms,
                              .acked_by = "",
                              .summary = "",
                              .runbook = "",
                              .dashboard = ""};
    ck_assert_int_eq(store_put_outside(r.f.st, &o, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
}

START_TEST(what_is_silenced_elsewhere_is_put_off_too)
{
    silence("f1", OUTSIDE_SILENCED, "ann", "deploying", ago(0) + hour_ms);
    silence("f2", OUTSIDE_SILENCED, "", "", 0);
    silence("f3", OUTSIDE_FIRING, "", "", 0);
    silence("f4", OUTSIDE_OVER, "bob", "past", ago(0) + hour_ms);
    ck_assert_int_eq(ran_here(&r, "handoff"), 0);
    assert_out(&r, "- GatewayErrors: page, silenced in am until 17:00:00Z (1h more) by ann: deploying; of model=gpt-x\n");
    assert_out(&r, "- GatewayErrors: page, silenced in am, until when is not told; of model=gpt-x\n");
    ck_assert_ptr_null(strstr(r.out, "past"));
    ck_assert_int_eq(ran_here(&r, "handoff --json"), 0);
    assert_out(&r, "\"until\": \"2026-11-23T17:00:00Z\",\n      \"by\": \"ann\",\n      \"reason\": \"deploying\"\n");
    ck_assert_int_eq(ran_here(&r, "handoff --at 15:30"), 0);
    assert_out(&r, "Nothing is snoozed or silenced.\n");
}
END_TEST

START_TEST(the_last_word_on_one_that_is_over_is_what_resolved_it)
{
    const int64_t id = over("c-l slow", 80 * minute_ms, 70 * minute_ms);
    say("resolve", id, "rerouted to azure", 72 * minute_ms);
    say("resolve", id, "again", 71 * minute_ms);
    say("note", id, "vendor's disk", 75 * minute_ms);
    ck_assert_int_eq(ran_here(&r, "handoff"), 0);
    assert_out(&r, ", opened 14:40:00Z, over 14:50:00Z after 10m");
    assert_out(&r, ": rerouted to azure\n");
    ck_assert_ptr_null(strstr(r.out, "vendor's disk"));
}
END_TEST

START_TEST(outside_alerts_have_records_of_their_own)
{
    flap("outside:am:DiskFull", "instance=a", 3);
    flap("outside:am:GatewayErrors", "model=gpt-x", 1);
    ck_assert_int_eq(ran_here(&r, "handoff"), 0);
    assert_out(&r, "\n- outside:am:DiskFull: ticket, fired 3 times in 7d, 3m in all");
    ck_assert_int_eq(ran_here(&r, "rules"), 0);
    assert_out(&r, "am:DiskFull");
    assert_out(&r, "am:GatewayErrors");
}
END_TEST

START_TEST(what_was_folded_under_another_did_not_end_by_itself)
{
    parent = 1;
    over("c-l slow", 80 * minute_ms, 70 * minute_ms);
    parent = 0;
    ck_assert_int_eq(ran_here(&r, "handoff"), 0);
    assert_out(&r, "1 ended in the shift, 0 by themselves.\n");
    assert_out(&r, "- #2 c-l slow: ticket, opened 14:40:00Z, over 14:50:00Z after 10m, told as a part of #1 since\n");
    ck_assert_int_eq(ran_here(&r, "handoff --json"), 0);
    assert_out(&r, "\"part_of\": 1,\n      \"by_itself\": false");
}
END_TEST

START_TEST(json_and_markdown_have_the_same)
{
    whole_shift();
    ck_assert_int_eq(ran_here(&r, "handoff --json"), 0);
    assert_out(&r, "\"shift_from\": \"2026-11-23T04:00:00Z\"");
    assert_out(&r, "\"next_step_written\": false");
    assert_out(&r, "\"by_itself\": true");
    assert_out(&r, "\"rule\": \"rule:c-s fallbacks\",\n      \"scope\": \"model=c-s\",\n      \"severity\": \"ticket\",\n"
                   "      \"fired\": 3,\n      \"acted_on\": 0,\n      \"firing_ms\": 180000,");
    assert_out(&r, "\"gap_ms\": 300000");
    assert_out(&r, "\"lost\": true");
    assert_out(&r, "\"snoozed_until\": \"2026-11-23T17:57:00Z\"");
    ck_assert_int_eq(ran_here(&r, "handoff --markdown"), 0);
    assert_out(&r, "# Handover of test, shift of 12h");
    assert_out(&r, "\n## Open incidents\n\n- **\\#1 gpt-x errors:** page, open since");
    ran_config(&r, "gateway: test\nmask_names: true\n");
    ck_assert_int_eq(ran_here(&r, "handoff"), 0);
    ck_assert_ptr_null(strstr(r.out, "zebra"));
    ck_assert_int_eq(ran_here(&r, "handoff --json"), 0);
    ck_assert_ptr_null(strstr(r.out, "zebra"));
}
END_TEST

START_TEST(what_is_asked_wrongly_is_told_why)
{
    static const struct {
        const char *line, *why;
        int status;
    } rows[] = {
        {"handoff --shift soon", "gwtop: --shift: expected a duration like 12h, at most 31d, got 'soon'\n", 64},
        {"handoff --baking 99d", "gwtop: --baking: expected a duration like 12h, at most 31d, got '99d'\n", 64},
        {"handoff take", "gwtop: handoff: unexpected argument 'take'; `gwtop handoff accept ID...` takes incidents over\n", 64},
        {"handoff accept", "gwtop: handoff accept: which incidents? `gwtop handoff` lists them; --all takes every one that is open\n", 64},
        {"handoff accept 1 --all", "gwtop: --all goes with `gwtop handoff accept`, in place of incidents\n", 64},
        {"handoff --all", "gwtop: --all goes with `gwtop handoff accept`, in place of incidents\n", 64},
        {"handoff accept x", "gwtop handoff accept: expected the number of an incident, got 'x'; `gwtop incidents` lists them\n", 64},
        {"handoff accept 1 77", "gwtop: incident #77 is not open; `gwtop handoff` lists those that are\n", 1},
        {"handoff accept 1", "gwtop: this recording has ended: nobody would take it in\n", 1},
        {"handoff accept 1 --at 15:00", "gwtop: handoff accept is said now, and takes no --at\n", 64},
        {"snapshot -o x", "gwtop: snapshot: of what? --incident ID, or --from TIME [--to TIME]\n", 64},
        {"snapshot --incident 1", "gwtop: snapshot: into which file? -o inc42.gwtop\n", 64},
        {"snapshot --incident 77 -o /nonexistent/x", "gwtop: there is no incident #77; `gwtop incidents` lists them\n", 1},
        {"snapshot --from 15:00 --to 14:00 -o x", "gwtop: --to: the time must end after it begins, and not after now\n", 64},
        {"audit verify --since 1h", "gwtop: --since goes with `gwtop audit list`; the chain is verified whole\n", 64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(ran_here(&r, rows[i].line) == rows[i].status, "%s: %s", rows[i].line, r.err);
        ck_assert_msg(strstr(r.err, rows[i].why) == r.err, "%s: %s", rows[i].line, r.err);
    }
}
END_TEST

START_TEST(the_audit_lists_what_each_act_changed)
{
    ck_assert_int_eq(setenv("SSH_CONNECTION", "10.2.3.4 51122 10.0.0.1 22", 1), 0);
    say("ack", 1, "", 5 * minute_ms);
    ck_assert_int_eq(unsetenv("SSH_CONNECTION"), 0);
    say("assign", 1, "bea", 4 * minute_ms);
    say("next", 1, "ask the provider", 3 * minute_ms);
    say("mitigate", 1, "traffic moved", 2 * minute_ms);
    say("note", 1, "for team zebra", minute_ms);
    ck_assert_int_eq(ran_here(&r, "audit list"), 0);
    assert_out(&r, "   1  2026-11-23T15:55:00Z  ");
    assert_out(&r, "ssh from 10.2.3.4)  ack #1  [open, owner nobody -> acknowledged, owner ");
    assert_out(&r, "  assign #1: bea  [owner ");
    assert_out(&r, " -> owner bea]\n");
    assert_out(&r, "  next #1: ask the provider  [no next step -> next: ask the provider]\n");
    assert_out(&r, "  mitigate #1: traffic moved  [acknowledged -> mitigated]\n");
    assert_out(&r, "  note #1: for team zebra\n");
    ck_assert_int_eq(ran_here(&r, "audit list --json --since 150s"), 0);
    assert_out(&r, "\"verb\": \"mitigate\",\n      \"incident\": 1,\n      \"told_under\": null,\n      \"text\": \"traffic moved\",\n     "
                   " \"before\": \"acknowledged\",\n"
                   "      \"after\": \"mitigated\"");
    ck_assert_ptr_null(strstr(r.out, "\"ack\""));
    ck_assert_int_eq(ran_here(&r, "audit list --at 15:55:30"), 0);
    ck_assert_ptr_null(strstr(r.out, "bea"));
    ck_assert_int_eq(ran_here(&r, "incidents show 1"), 0);
    assert_out(&r, " ack -- says ");
    ran_config(&r, "gateway: test\nmask_names: true\n");
    ck_assert_int_eq(ran_here(&r, "audit list"), 0);
    ck_assert_ptr_null(strstr(r.out, "zebra"));
}
END_TEST

/* All of one commit are known at one instant; pending or taken in, each is told by what it changed. */
START_TEST(the_audit_tells_acts_of_one_commit_apart)
{
    static const char *const said[][2] = {
        {"assign", "alice"},      {"assign", "dave"}, {"assign", "carol"}, {"ack", ""},       {"next", "ask the provider"},
        {"next", "move traffic"}, {"mitigate", ""},   {"pin", "t1"},       {"pin", "t1 off"}, {"snooze", "1h a fix is on its way"}};
    const size_t count = sizeof said / sizeof *said;
    const int64_t end_ms = r.f.manual.wall_ms;
    size_t n;
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(store_act_drop(r.f.path, said[i][0], 1, said[i][1], end_ms - minute_ms + (int64_t)i * 1000, NULL), ERR_OK);
    for (int taken = 0; taken < 2; taken++) {
        ck_assert_int_eq(ran_here(&r, "audit list"), 0);
        ck_assert_int_eq(strstr(r.out, "waits to be taken in") == NULL, taken);
        assert_out(&r, "assign #1: alice  [owner nobody -> owner alice]");
        assert_out(&r, "assign #1: dave  [owner alice -> owner dave]");
        assert_out(&r, "assign #1: carol  [owner dave -> owner carol]");
        assert_out(&r, "ack #1  [open, owner carol -> acknowledged, owner carol]");
        assert_out(&r, "next #1: ask the provider  [no next step -> next: ask the provider]");
        assert_out(&r, "next #1: move traffic  [next: ask the provider -> next: move traffic]");
        assert_out(&r, "mitigate #1  [acknowledged -> mitigated]");
        assert_out(&r, "pin #1: t1  [t1 not pinned: page for team zebra -> t1 pinned by ");
        assert_out(&r, ": page for team zebra -> t1 not pinned: page for team zebra]");
        assert_out(&r, "[not snoozed -> snoozed until ");
        ck_assert_int_eq(store_act_ingest(r.f.st, &n, NULL), ERR_OK);
        ck_assert_uint_eq(n, taken == 0 ? count : 0);
    }
}
END_TEST

/* A part of a page puts the page off no more than it ends it; what else is said of it is said of the page, by its name. */
START_TEST(a_part_of_a_page_does_not_put_it_off)
{
    static const char *const down[] = {"snooze 2 1h x", "mitigate 2", "resolve 2 x"};
    char line[96];
    parent = 1;
    ck_assert_int_eq(over("c-l slow", 80 * minute_ms, 70 * minute_ms), 2);
    parent = 0;
    for (size_t i = 0; i < sizeof down / sizeof *down; i++) {
        ck_assert_int_eq(ran_here(&r, down[i]), 64);
        assert_err(&r, "gwtop: #2 is told under #1, and this would be said of all of #1; if that is meant, open #1 or `gwtop ");
        ck_assert(str_format(line, sizeof line, "or `gwtop %.*s 1`\n", (int)strcspn(down[i], " "), down[i]));
        assert_err(&r, line);
    }
    say("snooze", 2, "3h all of it", 3 * minute_ms); /* by an older console */
    say("assign", 2, "bea", 2 * minute_ms);
    ck_assert_int_eq(ran_here(&r, "incidents show 1 --json"), 0);
    ck_assert_ptr_null(strstr(r.out, "all of it"));
    assert_out(&r, "\"owner\": \"bea\"");
    ck_assert_int_eq(ran_here(&r, "audit list"), 0);
    assert_out(&r, "snooze #2 (told under #1): 3h all of it  [not snoozed -> not snoozed]\n");
    assert_out(&r, "assign #2 (told under #1): bea  [owner nobody -> owner bea]\n");
    ck_assert_int_eq(ran_here(&r, "audit list --json"), 0);
    assert_out(&r, "\"incident\": 2,\n      \"told_under\": 1,");
    ran_note(&r, "ended", "no more"); /* so that something can be said of it */
    ck_assert_int_eq(ran_here(&r, "assign 2 carol"), 0);
    assert_out(&r, "#2 is told under #1, and this is said of that: #1 gpt-x errors: open, owner carol");
    ck_assert_int_eq(ran_here(&r, "note 1 x"), 0);
    ck_assert_ptr_null(strstr(r.out, "told under"));
}
END_TEST

START_TEST(the_audit_has_marks_in_words)
{
    char text[96];
    ck_assert(str_format(text, sizeof text, "deploy|%lld|model=gpt-x|v7 goes live", (long long)ago(60 * minute_ms)));
    say("mark", 0, text, 4 * minute_ms);
    ck_assert(str_format(text, sizeof text, "note|%lld||cable pulled", (long long)ago(3 * minute_ms)));
    say("mark", 0, text, 3 * minute_ms);
    say("mark", 0, "deploy|soon|x", 2 * minute_ms);
    ck_assert_int_eq(ran_here(&r, "audit list"), 0);
    assert_out(&r, "  mark: deploy model=gpt-x: v7 goes live, since 2026-11-23T15:00:00Z\n");
    assert_out(&r, "  mark: cable pulled\n");
    assert_out(&r, "  mark: deploy|soon|x\n"); /* which is no event */
}
END_TEST

/* What a command prints of the original at a moment, and of the snapshot at the same. */
static void compare(const char *line, const char *snapshot)
{
    char whole[900], *original;
    ck_assert(str_format(whole, sizeof whole, "%s --at 15:58 --store %s --config %s", line, r.f.path, r.config));
    ck_assert_msg(ran_bare(&r, whole) == 0, "%s: %s", line, r.err);
    original = strdup(r.out);
    ck_assert_ptr_nonnull(original);
    ck_assert(str_format(whole, sizeof whole, "%s --at 15:58 --store %s --config %s", line, snapshot, r.config));
    ck_assert_msg(ran_bare(&r, whole) == 0, "%s: %s", line, r.err);
    const char *mine = strchr(r.out, '\n'), *theirs = strchr(original, '\n'); /* the header says that it is a snapshot */
    ck_assert_ptr_nonnull(strstr(r.out, "SNAPSHOT #1 gpt-x errors, taken 23 Nov 16:00Z by "));
    ck_assert_msg(mine != NULL && theirs != NULL && strcmp(mine, theirs) == 0, "%s:\n%s\nis not\n%s", line, r.out, original);
    free(original);
}

START_TEST(a_snapshot_reads_as_the_original_does)
{
    static const char *const lines[] = {"report 1", "incidents", "incidents show 1", "handoff --shift 1h", "cost --since 30m",
                                        "events",   "slo",       "differs"};
    char file[600], line[800];
    whole_shift();
    ck_assert(str_format(file, sizeof file, "%s/inc1.gwtop", r.f.dir));
    ck_assert(str_format(line, sizeof line, "snapshot --incident 1 -o %s", file));
    ck_assert_int_eq(ran_here(&r, line), 0);
    assert_out(&r, " of #1 gpt-x errors, 2026-11-23T14:51:00Z to 2026-11-23T16:00:00Z\n");
    assert_out(&r, "open it with: gwtop open ");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        compare(lines[i], file);
    ck_assert_int_eq(ran_here(&r, line), 64); /* it is there already */
    ck_assert(str_format(line, sizeof line, "say 1 --json --store %s --config %s", file, r.config));
    ck_assert_int_eq(ran_bare(&r, line), 0);
    assert_out(&r, "\"snapshot\": \"#1 gpt-x errors, taken 23 Nov 16:00Z by ");
    assert_out(&r, "\"lines\": [\n    \"gpt-x errors (#1, page): ");
}
END_TEST

START_TEST(a_masked_snapshot_names_nobody)
{
    static const char *const lines[] = {"report 1", "handoff",          "cost --by team", "cost --by key",
                                        "events",   "incidents show 1", "audit list"};
    char file[600], line[800];
    whole_shift();
    ck_assert(str_format(file, sizeof file, "%s/inc1.gwtop", r.f.dir));
    ck_assert(str_format(line, sizeof line, "snapshot --incident 1 --mask --json -o %s", file));
    ck_assert_int_eq(ran_here(&r, line), 0);
    assert_out(&r, "\"masked\": true");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        ck_assert(str_format(line, sizeof line, "%s --store %s --config %s", lines[i], file, r.config));
        ck_assert_msg(ran_bare(&r, line) == 0, "%s: %s", lines[i], r.err);
        ck_assert_msg(strstr(r.out, "zebra") == NULL && strstr(r.out, "quagga") == NULL, "%s:\n%s", lines[i], r.out);
    }
    ck_assert(str_format(line, sizeof line, "cost --by team --store %s --config %s", file, r.config));
    ck_assert_int_eq(ran_bare(&r, line), 0);
    assert_out(&r, "team-");
}
END_TEST

Suite *suite_handoff(void)
{
    Suite *s = suite_create("cli: handoff");
    TCase *tc = tcase_create("handoff");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, who_comes_reads_what_who_goes_knew);
    tcase_add_test(tc, what_a_budget_forecast_did_is_no_harm);
    tcase_add_test(tc, what_somebody_did_is_not_by_itself_and_not_noise);
    tcase_add_test(tc, what_is_silenced_elsewhere_is_put_off_too);
    tcase_add_test(tc, the_last_word_on_one_that_is_over_is_what_resolved_it);
    tcase_add_test(tc, outside_alerts_have_records_of_their_own);
    tcase_add_test(tc, what_was_folded_under_another_did_not_end_by_itself);
    tcase_add_test(tc, json_and_markdown_have_the_same);
    tcase_add_test(tc, what_is_asked_wrongly_is_told_why);
    tcase_add_test(tc, the_audit_lists_what_each_act_changed);
    tcase_add_test(tc, the_audit_tells_acts_of_one_commit_apart);
    tcase_add_test(tc, a_part_of_a_page_does_not_put_it_off);
    tcase_add_test(tc, the_audit_has_marks_in_words);
    tcase_add_test(tc, a_snapshot_reads_as_the_original_does);
    tcase_add_test(tc, a_masked_snapshot_names_nobody);
    suite_add_tcase(s, tc);
    return s;
}
