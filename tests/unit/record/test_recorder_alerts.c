/* SPDX-License-Identifier: MIT */
/* Alerts of an Alertmanager through the recorder: from answers to rules' states, incidents and versions in the store, over restarts and
 * silences. */
#include "record/analyse_int.h"
#include "unit/record/recorder_world.h"

#define STEP INT64_C(15000)

static const char both[] = "gateway: gw\nsources:\n- {name: am, alertmanager: 'http://127.0.0.1:9093'}\n- {name: am2, alertmanager: "
                           "'http://127.0.0.1:9094'}\n";
static const char one[] = "gateway: gw\nsources:\n- {name: am, alertmanager: 'http://127.0.0.1:9093'}\n";

static void setup(void)
{
    world_setup();
    start(both);
}

static bool answer(uint32_t i, const char *body)
{
    const struct source_answer head = {.content_type = "application/json"};
    const struct http_result res = {.status = 200, .bytes = (int64_t)strlen(body), .url = "http://127.0.0.1:9093/"};
    struct errctx why = {""};
    recorder_head(r, i, &head);
    ck_assert(recorder_body(r, i, body, strlen(body), &why));
    return recorder_done(r, i, &res, now);
}

static bool poll_of(uint32_t i, const char *alerts)
{
    static const char silences[] = "[{\"id\":\"s\",\"status\":{\"state\":\"active\"},\"comment\":\"deploying\",\"createdBy\":\"ann\","
                                   "\"endsAt\":\"2027-01-15T09:00:00Z\"}]";
    struct source_request rq;
    bool good = true;
    for (int k = 0; recorder_request(r, i, now, &rq); k++)
        good = answer(i, k == 0 ? silences : alerts) && good;
    OK(recorder_tick(r, now, &ctx));
    return good;
}

/* 15 s later, the first source tells this; returns whether that was understood. */
static bool poll(const char *alerts)
{
    advance(STEP);
    return poll_of(0, alerts);
}

static void polls(int n, const char *alerts)
{
    for (int i = 0; i < n; i++)
        ck_assert(poll(alerts));
}

/* Nobody answers, for so many polls. */
static void silence(int n)
{
    const struct http_result res = {.failed = HTTP_TCP, .url = "http://127.0.0.1:9093/", .reason = "nobody answers there"};
    struct source_request rq;
    for (int i = 0; i < n; i++) {
        advance(STEP);
        ck_assert(recorder_request(r, 0, now, &rq));
        ck_assert(!recorder_done(r, 0, &res, now));
        ck_assert(!recorder_request(r, 0, now, &rq));
        OK(recorder_tick(r, now, &ctx));
    }
}

#define ITEM(fp, labels, state)                                                                                                            \
    "{\"fingerprint\":\"" fp "\",\"labels\":{\"alertname\":\"Errors\",\"severity\":\"critical\"" labels                                    \
    "},\"annotations\":{\"summary\":\"many "                                                                                               \
    "fail\"},\"startsAt\":\"2027-01-15T07:58:00Z\",\"endsAt\":\"2027-01-15T12:00:00Z\",\"status\":" state "}"
#define GPT ",\"model\":\"gpt-x\""
#define ACTIVE "{\"state\":\"active\"}"
#define SILENCED "{\"state\":\"suppressed\",\"silencedBy\":[\"s\"]}"
#define FIRES "[" ITEM("f1", GPT, ACTIVE) "]"

static struct alert alert(const char *rule)
{
    struct alert *list, found = {.rule = NULL};
    size_t n;
    OK(store_alerts(st, now, &arena, &list, &n, &ctx));
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].rule, rule) == 0)
            found = list[i];
    return found;
}

static struct incident *incidents(size_t *ret_count)
{
    struct incident *list;
    OK(store_incidents(st, now, &arena, &list, ret_count, &ctx));
    return list;
}

static struct outside *told(size_t *ret_count)
{
    struct outside *list;
    OK(store_outside(st, now, 0, &arena, &list, ret_count, &ctx));
    return list;
}

static size_t versions(void)
{
    struct outside *list;
    size_t n;
    OK(store_outside_history(st, 0, now, &arena, &list, &n, &ctx));
    return n;
}

static bool timeline_has(int64_t incident, const char *text)
{
    struct timeline_entry *list;
    size_t n;
    OK(store_timeline(st, incident, now, &arena, &list, &n, &ctx));
    for (size_t i = 0; i < n; i++)
        if (strstr(list[i].text, text) != NULL)
            return true;
    return false;
}

static size_t pages(void)
{
    struct event *list;
    size_t n, count = 0;
    OK(store_events(st, 0, now, now, &arena, &list, &n, &ctx));
    for (size_t i = 0; i < n; i++)
        count += list[i].kind == EVENT_PAGE;
    return count;
}

/* The first one: what is not read opens another, of its own. */
static struct incident oldest(void)
{
    size_t n;
    const struct incident *list = incidents(&n);
    return list[n - 1];
}

START_TEST(an_alert_opens_an_incident_and_clears_when_it_clears_there)
{
    size_t n;
    ck_assert(poll("[]"));
    (void)incidents(&n);
    ck_assert_uint_eq(n, 0);
    ck_assert(poll(FIRES));
    const struct alert al = alert("outside:am:Errors");
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_eq(al.severity, SEV_PAGE);
    ck_assert_str_eq(al.scope, "model=gpt-x");
    ck_assert_str_eq(al.text, "gpt-x: Errors fires, says am: many fail");
    ck_assert_int_eq(al.since_ms, now);
    ck_assert_int_eq(al.onset_ms, NOW - 2 * MINUTE);
    struct incident in = incidents(&n)[0];
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(in.title, "gpt-x alert Errors");
    ck_assert_str_eq(in.scope, "model=gpt-x");
    ck_assert_int_eq(in.severity, SEV_PAGE);
    ck_assert_int_eq(in.onset_ms, NOW - 2 * MINUTE);
    ck_assert(timeline_has(in.id, "Errors began, says am") && timeline_has(in.id, "page: Errors fires, says am: many fail"));
    ck_assert_uint_eq(pages(), 1);
    polls(10, FIRES); /* told again and again, it is one */
    ck_assert_uint_eq(pages(), 1);
    ck_assert_uint_eq(versions(), 1);
    ck_assert(poll("[]"));
    ck_assert_int_eq(alert("outside:am:Errors").state, ALERT_INACTIVE);
    ck_assert(timeline_has(in.id, "Errors is over, says am"));
    ck_assert_int_eq(incidents(&n)[0].state, INCIDENT_OPEN);
    polls(41, "[]"); /* ten calm minutes */
    in = incidents(&n)[0];
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(told(&n)[0].state, OUTSIDE_OVER);
    ck_assert_int_ne(told(&n)[0].ends_ms, 0);
}
END_TEST

START_TEST(what_is_silenced_or_pending_or_quiet_opens_nothing_and_is_kept)
{
    size_t n;
    ck_assert(poll("[" ITEM("f1", GPT, SILENCED) "," ITEM(
        "f2", "", "{\"state\":\"unprocessed\"}") ",{\"fingerprint\":\"f3\",\"labels\":{\"alertname\":"
                                                 "\"Watchdog\",\"severity\":\"none\"},\"status\":" ACTIVE "}]"));
    (void)incidents(&n);
    ck_assert_uint_eq(n, 0);
    const struct outside *o = told(&n);
    ck_assert_uint_eq(n, 3);
    ck_assert(o[0].state == OUTSIDE_SILENCED && o[1].state == OUTSIDE_PENDING && o[2].state == OUTSIDE_FIRING);
    ck_assert_str_eq(o[0].quiet, "deploying");
    ck_assert_str_eq(o[0].quiet_by, "ann");
    ck_assert_int_eq(o[0].quiet_until_ms, NOW + 60 * MINUTE);
    ck_assert_int_eq(o[2].severity, SEV_NONE);
    ck_assert_ptr_null(alert("outside:am:Errors").rule);
}
END_TEST

START_TEST(a_silence_ends_the_rule_and_not_the_incidents_story)
{
    size_t n;
    ck_assert(poll(FIRES));
    ck_assert(poll("[" ITEM("f1", GPT, SILENCED) "]"));
    const struct alert al = alert("outside:am:Errors");
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_str_eq(al.text, "Errors is silenced in am by ann until 2027-01-15T09:00:00Z: deploying");
    ck_assert(timeline_has(incidents(&n)[0].id, "Errors is silenced in am by ann"));
    ck_assert(!timeline_has(incidents(&n)[0].id, "is over"));
    ck_assert(poll(FIRES));
    ck_assert_int_eq(alert("outside:am:Errors").state, ALERT_FIRING);
    (void)incidents(&n);
    ck_assert_uint_eq(n, 1);
}
END_TEST

/* A poll that is no whole list, or did not come, ends nothing; after three intervals it is not known. */
START_TEST(a_feed_that_cannot_be_read_leaves_no_data_and_neither_ends_nor_goes_on)
{
    size_t n;
    ck_assert(poll(FIRES));
    ck_assert(!poll("null"));
    ck_assert(!poll("<html>sign in</html>"));
    ck_assert(!poll("[" ITEM("f1", GPT, ACTIVE)));
    ck_assert_int_eq(alert("outside:am:Errors").state, ALERT_FIRING);
    silence(1);
    const struct alert al = alert("outside:am:Errors");
    ck_assert_int_eq(al.state, ALERT_NO_DATA);
    ck_assert_str_eq(al.text, "gpt-x: whether Errors still fires is not known: am has not told of it since 08:00:15Z");
    ck_assert_int_eq(told(&n)[0].state, OUTSIDE_UNKNOWN);
    silence(60);
    ck_assert_int_eq(oldest().state, INCIDENT_OPEN); /* nobody knows that it is over */
    ck_assert(poll(FIRES));
    ck_assert_int_eq(alert("outside:am:Errors").state, ALERT_FIRING);
    ck_assert(timeline_has(oldest().id, "fires on: observed again"));
    ck_assert_uint_eq(pages(), 1);
    silence(4);
    ck_assert(poll("[]"));
    ck_assert_int_eq(alert("outside:am:Errors").state, ALERT_INACTIVE);
}
END_TEST

/* An item that cannot be read stands for any alert. */
START_TEST(a_poll_in_part_ends_nothing_and_what_it_leaves_out_for_long_is_not_known)
{
    size_t n;
    ck_assert(poll("[" ITEM("f1", GPT, ACTIVE) "," ITEM("f2", ",\"team\":\"a\"", ACTIVE) "]"));
    polls(4, "[{}," ITEM("f1", GPT, ACTIVE) "]");
    const struct outside *o = told(&n);
    ck_assert_uint_eq(n, 2);
    ck_assert(o[0].state == OUTSIDE_FIRING && o[1].state == OUTSIDE_UNKNOWN);
    ck_assert(poll("[" ITEM("f1", GPT, ACTIVE) "]"));
    ck_assert_int_eq(told(&n)[1].state, OUTSIDE_OVER);
}
END_TEST

START_TEST(one_fingerprint_told_twice_is_one_alert_and_one_name_with_two_is_two_rules)
{
    size_t n;
    ck_assert(poll("[" ITEM("f1", GPT, SILENCED) "," ITEM("f1", GPT, ACTIVE) "," ITEM("f1", GPT, SILENCED) "]"));
    (void)told(&n);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(alert("outside:am:Errors").state, ALERT_FIRING);
    ck_assert(poll("[" ITEM("f1", GPT, ACTIVE) "," ITEM("f2", GPT, ACTIVE) "]"));
    ck_assert_int_eq(alert("outside:am:Errors:f2").state, ALERT_FIRING);
    (void)incidents(&n);
    ck_assert_uint_eq(n, 1);
    ck_assert(poll("[" ITEM("f2", GPT, ACTIVE) "]"));
    ck_assert_int_eq(alert("outside:am:Errors").state, ALERT_INACTIVE);
    ck_assert_int_eq(alert("outside:am:Errors:f2").state, ALERT_FIRING);
}
END_TEST

START_TEST(a_restart_goes_on_where_the_last_run_was)
{
    size_t n;
    ck_assert(poll(FIRES));
    stop();
    advance(MINUTE);
    start(both);
    OK(recorder_tick(r, now, &ctx));
    ck_assert_int_eq(alert("outside:am:Errors").state, ALERT_FIRING);
    ck_assert(poll(FIRES));
    ck_assert_uint_eq(pages(), 1);
    ck_assert_uint_eq(versions(), 1 + 1); /* what the alert said before is known by its state alone: it is written once more */
    (void)incidents(&n);
    ck_assert_uint_eq(n, 1);
    ck_assert(poll("[]"));
    stop();
    start(both);
    polls(41, "[]");
    ck_assert_int_eq(incidents(&n)[0].state, INCIDENT_RESOLVED); /* though nothing of it fired in this run */
}
END_TEST

START_TEST(what_a_source_told_that_is_no_longer_configured_fires_no_more)
{
    size_t n;
    advance(STEP);
    ck_assert(poll_of(1, FIRES));
    ck_assert_int_eq(alert("outside:am2:Errors").state, ALERT_FIRING);
    polls(20, "[]");
    ck_assert_int_eq(alert("outside:am2:Errors").state, ALERT_NO_DATA);
    const int64_t between = now;
    polls(20, "[]");
    stop();
    start(one);
    advance(STEP);
    OK(recorder_tick(r, now, &ctx));
    ck_assert_int_eq(alert("outside:am2:Errors").state, ALERT_INACTIVE);
    ck_assert_int_eq(told(&n)[0].state, OUTSIDE_OVER);
    ck_assert_int_eq(incidents(&n)[0].state, INCIDENT_RESOLVED);
    ck_assert(timeline_has(incidents(&n)[0].id, "resolved: nobody watches its rule any more"));
    const struct page_log *log = analyser_pages(r->an); /* who was paged hears the end */
    ck_assert_uint_eq(log->count, 2);
    ck_assert(log->list[1].on == PAGE_RESOLVED && log->list[1].incident == log->list[0].incident);
    now = between; /* then it was configured, and this is what was shown */
    ck_assert_int_eq(alert("outside:am2:Errors").state, ALERT_NO_DATA);
    ck_assert_int_eq(told(&n)[0].state, OUTSIDE_UNKNOWN);
}
END_TEST

/* Who was paged hears that somebody said it was over, and who: once, also where the recorder was killed after it took the word in. */
START_TEST(an_operators_word_that_it_is_over_is_told_once)
{
    size_t n;
    ck_assert(poll(FIRES));
    const int64_t id = incidents(&n)[0].id;
    ck_assert_uint_eq(analyser_pages(r->an)->count, 1);
    OK(store_act_drop(path, "note", id, "looking", now, &ctx));
    OK(store_act_drop(path, "resolve", id, "rerouted", now, &ctx));
    ck_assert(poll(FIRES));
    const struct page_log *log = analyser_pages(r->an);
    ck_assert_uint_eq(log->count, 2);
    ck_assert(log->list[1].on == PAGE_RESOLVED && log->list[1].incident == id && log->list[1].severity == SEV_PAGE);
    char author[STORE_AUTHOR_MAX], want[200];
    store_act_author(author);
    snprintf(want, sizeof want, "resolved by %s: rerouted", author);
    ck_assert_str_eq(log->list[1].text, want);
    stop();
    start(both);
    polls(2, FIRES);
    ck_assert_uint_eq(analyser_pages(r->an)->count, 2);

    size_t acts; /* taken in by a run that died before it looked at it */
    OK(store_act_drop(path, "resolve", id, "", now, &ctx));
    OK(store_act_ingest(st, &acts, &ctx));
    OK(store_commit(st, &ctx));
    stop();
    start(both);
    ck_assert(poll(FIRES));
    ck_assert_uint_eq(analyser_pages(r->an)->count, 3);
    snprintf(want, sizeof want, "resolved by %s", author);
    ck_assert_str_eq(analyser_pages(r->an)->list[2].text, want);
}
END_TEST

/* A summary that holds a value is another with each evaluation. */
START_TEST(texts_that_change_with_every_value_are_kept_every_five_minutes)
{
    for (int i = 0; i < 40; i++) {
        char body[1024];
        snprintf(body, sizeof body,
                 "[{\"fingerprint\":\"f1\",\"labels\":{\"alertname\":\"A\"},\"annotations\":{\"summary\":\"%d %% fail\"},\"status\":" ACTIVE
                 "}]",
                 i);
        ck_assert(poll(body));
    }
    ck_assert_uint_eq(versions(), 2);
}
END_TEST

START_TEST(a_severity_that_rises_pages_and_one_that_falls_does_not_end_it)
{
    static const char ticket[] =
        "[{\"fingerprint\":\"f1\",\"labels\":{\"alertname\":\"A\",\"severity\":\"warning\"},\"status\":" ACTIVE "}]",
                      page[] = "[{\"fingerprint\":\"f1\",\"labels\":{\"alertname\":\"A\",\"severity\":\"page\"},\"status\":" ACTIVE "}]";
    size_t n;
    ck_assert(poll(ticket));
    ck_assert_uint_eq(pages(), 0);
    ck_assert(poll(page));
    ck_assert_uint_eq(pages(), 1);
    ck_assert_int_eq(incidents(&n)[0].severity, SEV_PAGE);
    ck_assert(poll(ticket));
    ck_assert_int_eq(alert("outside:am:A").severity, SEV_TICKET);
    ck_assert_int_eq(alert("outside:am:A").state, ALERT_FIRING);
    ck_assert_uint_eq(pages(), 1);
}
END_TEST

/* Nobody could see it rise: it pages as it comes back. One that comes back lower goes on. */
START_TEST(a_severity_that_rose_unseen_pages)
{
    static const char ticket[] =
        "[{\"fingerprint\":\"f1\",\"labels\":{\"alertname\":\"A\",\"severity\":\"warning\"},\"status\":" ACTIVE "}]",
                      page[] = "[{\"fingerprint\":\"f1\",\"labels\":{\"alertname\":\"A\",\"severity\":\"page\"},\"status\":" ACTIVE "}]";
    size_t n;
    ck_assert(poll(ticket));
    silence(5);
    ck_assert_int_eq(alert("outside:am:A").state, ALERT_NO_DATA);
    ck_assert(poll(page));
    ck_assert_uint_eq(pages(), 1);
    ck_assert_int_eq(oldest().severity, SEV_PAGE);
    (void)incidents(&n);
    ck_assert_uint_eq(n, 2);
    silence(5);
    ck_assert(poll(ticket));
    ck_assert_int_eq(alert("outside:am:A").severity, SEV_TICKET);
    ck_assert(timeline_has(oldest().id, "A fires on: observed again"));
    ck_assert_uint_eq(pages(), 1);
}
END_TEST

/* So many alerts that fire from number `first` on, each of one of so many instances, of which number `shift` is the first. */
static const char *many(int first, int count, int instances, int shift)
{
    static char body[1 << 20];
    size_t used = (size_t)snprintf(body, sizeof body, "[");
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(body + used, sizeof body - used,
                                 "%s{\"fingerprint\":\"%d\",\"labels\":{\"alertname\":\"A\",\"instance\":\"i%d\"},\"status\":" ACTIVE "}",
                                 i > 0 ? "," : "", first + i, shift + i % instances);
    snprintf(body + used, sizeof body - used, "]");
    return body;
}

static size_t rules_in(enum alert_state state)
{
    struct alert *rules;
    size_t n, count = 0;
    OK(store_alerts(st, now, &arena, &rules, &n, &ctx));
    for (size_t i = 0; i < n; i++)
        count += rules[i].state == state;
    return count;
}

/* 5,000 are taken and the error says so; what was told is told. */
START_TEST(thousands_of_alerts_are_cut_with_an_error_that_names_the_cap)
{
    size_t n;
    ck_assert(!poll(many(0, OUTSIDE_ALERTS_MAX + 1, 1000, 0)));
    ck_assert_ptr_nonnull(strstr(recorder_status(r, 0).reason, "more than 5000 alerts: the others are left out; narrow them with match"));
    (void)told(&n);
    ck_assert_uint_eq(n, OUTSIDE_ALERTS_MAX);
    (void)incidents(&n);
    ck_assert_uint_eq(n, 1); /* that grouping makes of them */
    ck_assert_uint_eq(rules_in(ALERT_FIRING), OUTSIDE_ALERTS_MAX);
    ck_assert(poll("[]"));
    struct outside *list;
    OK(store_outside(st, now, now, &arena, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    ck_assert_uint_eq(rules_in(ALERT_FIRING), 0);
}
END_TEST

/* Alerts beyond the scopes that there is room for are kept and open nothing, and the source says so at each poll; they fire as soon as
 * there is room. */
START_TEST(a_limit_of_scopes_is_said_with_its_number_and_given_room)
{
    size_t n;
    for (int i = 0; i < 3; i++) {
        ck_assert(!poll(many(0, 2500, 2500, 0)));
        ck_assert_ptr_nonnull(
            strstr(recorder_status(r, 0).reason,
                   "500 of its alerts fire and can open no incident and page nobody: they are of more than 2000 scopes, which "
                   "have one each; narrow them with match"));
        ck_assert_uint_eq(rules_in(ALERT_FIRING), 2000);
        (void)told(&n);
        ck_assert_uint_eq(n, 2500); /* and each is listed */
    }
    ck_assert(!poll(many(1999, 501, 501, 1999))); /* the incident goes on by the last of those that had room */
    advance(41 * MINUTE);
    ck_assert(!poll(many(1999, 501, 501, 1999))); /* the others are long over, which is noticed at the end of a poll */
    ck_assert(poll(many(1999, 501, 501, 1999)));
    ck_assert_uint_eq(rules_in(ALERT_FIRING), 501);
    ck_assert_ptr_null(strstr(recorder_status(r, 0).reason, "scopes"));
}
END_TEST

/* Thousands of scopes one after the other: what has been over for long enough is given back. The same fingerprints come again with other
 * scopes. */
START_TEST(scopes_that_are_over_make_room_over_many_polls)
{
    for (int round = 0; round < 6; round++) {
        ck_assert_msg(poll(many(0, 1500, 1500, 1500 * round)), "round %d: %s", round, recorder_status(r, 0).reason);
        ck_assert(poll(many(0, 1500, 1500, 1500 * round)));
        ck_assert_uint_eq(rules_in(ALERT_FIRING), 1500);
        ck_assert(poll("[]"));
        advance(10 * MINUTE);
        ck_assert(poll("[]")); /* calm for ten minutes: resolved */
        advance(30 * MINUTE);
        ck_assert(poll("[]")); /* and not to be opened again */
    }
    ck_assert_uint_eq(rules_in(ALERT_FIRING), 0);
    ck_assert_uint_le(r->an->incident_count, 2000);
}
END_TEST

START_TEST(a_past_cursor_sees_what_was_known_then)
{
    struct outside *list;
    size_t n;
    ck_assert(poll(FIRES));
    const int64_t fired_ms = now;
    polls(3, "[]");
    OK(store_outside(st, fired_ms, 0, &arena, &list, &n, &ctx));
    ck_assert(n == 1 && list[0].state == OUTSIDE_FIRING);
    OK(store_outside(st, fired_ms - 1, 0, &arena, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(the_source_is_one_like_others)
{
    struct source_status *list;
    size_t n;
    ck_assert(poll(FIRES));
    OK(store_sources(st, now, &arena, &list, &n, &ctx));
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(list[0].kind, "alertmanager");
    ck_assert_int_eq(list[0].state, SOURCE_OK);
    ck_assert_int_eq(list[0].last_ok_ms, now);
    ck_assert_uint_eq(list[0].series_kept, 1);
    ck_assert(poll("[{}]"));
    ck_assert_uint_eq(recorder_status(r, 0).warnings, 1);
    ck_assert_ptr_nonnull(strstr(recorder_status(r, 0).reason, "none is taken for over"));
}
END_TEST

Suite *suite_recorder_alerts(void);
Suite *suite_recorder_alerts(void)
{
    Suite *s = suite_create("recorder_alerts");
    TCase *t = tcase_create("alerts");

    tcase_add_checked_fixture(t, setup, world_teardown);
    tcase_add_test(t, an_alert_opens_an_incident_and_clears_when_it_clears_there);
    tcase_add_test(t, what_is_silenced_or_pending_or_quiet_opens_nothing_and_is_kept);
    tcase_add_test(t, a_silence_ends_the_rule_and_not_the_incidents_story);
    tcase_add_test(t, a_feed_that_cannot_be_read_leaves_no_data_and_neither_ends_nor_goes_on);
    tcase_add_test(t, a_poll_in_part_ends_nothing_and_what_it_leaves_out_for_long_is_not_known);
    tcase_add_test(t, one_fingerprint_told_twice_is_one_alert_and_one_name_with_two_is_two_rules);
    tcase_add_test(t, a_restart_goes_on_where_the_last_run_was);
    tcase_add_test(t, what_a_source_told_that_is_no_longer_configured_fires_no_more);
    tcase_add_test(t, an_operators_word_that_it_is_over_is_told_once);
    tcase_add_test(t, texts_that_change_with_every_value_are_kept_every_five_minutes);
    tcase_add_test(t, a_severity_that_rises_pages_and_one_that_falls_does_not_end_it);
    tcase_add_test(t, a_severity_that_rose_unseen_pages);
    tcase_add_test(t, thousands_of_alerts_are_cut_with_an_error_that_names_the_cap);
    tcase_add_test(t, a_limit_of_scopes_is_said_with_its_number_and_given_room);
    tcase_add_test(t, scopes_that_are_over_make_room_over_many_polls);
    tcase_add_test(t, a_past_cursor_sees_what_was_known_then);
    tcase_add_test(t, the_source_is_one_like_others);
    suite_add_tcase(s, t);
    return s;
}
