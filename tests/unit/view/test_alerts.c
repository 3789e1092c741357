/* SPDX-License-Identifier: MIT */
/* Alerts as they are listed, and what outside ones do to the verdict: each number is traced to what the store was given. */
#include <math.h>

#include "base/timefmt.h"
#include "fixture.h"

static struct fixture f;
static const int64_t minute = 60000, day = 86400000;
static int64_t end;

/* Two hours of a gateway that fails nothing, and its end. */
static void setup(void)
{
    fixture_open(&f);
    const uint32_t ok = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, ok, 100);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    end = fixture_start_ms + FIXTURE_POLLS * fixture_step_ms;
    f.params = (struct view_params){.now_ms = end,
                                    .cursor_ms = end,
                                    .live = true,
                                    .window_ms = 3600000,
                                    .columns = 60,
                                    .now_window_ms = VIEW_NOW_WINDOW_MS,
                                    .compare_ms = VIEW_COMPARE_MS,
                                    .filter = ""};
}

static void teardown(void)
{
    fixture_close(&f);
}

static void put(const char *fingerprint, const char *scope, enum outside_state state, int64_t known_ms)
{
    const struct outside o = {.source = "am",
                              .fingerprint = fingerprint,
                              .rule = "outside:am:N",
                              .name = "N",
                              .scope = scope,
                              .labels = "",
                              .severity = SEV_PAGE,
                              .state = state,
                              .since_ms = known_ms,
                              .starts_ms = known_ms - minute,
                              .quiet = "deploying",
                              .quiet_by = "ann",
                              .quiet_until_ms = fixture_start_ms + day,
                              .acked_by = state == OUTSIDE_FIRING ? "bob" : "",
                              .summary = "it fails",
                              .runbook = "",
                              .dashboard = "",
                              .known_ms = known_ms};
    ck_assert_int_eq(store_put_outside(f.st, &o, NULL), ERR_OK);
}

static void put_alert_of(const char *rule, const char *scope, enum alert_state state, int64_t since_ms)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_PAGE,
                             .state = state,
                             .since_ms = since_ms,
                             .onset_ms = since_ms - minute,
                             .known_ms = since_ms,
                             .burn_long = NAN,
                             .burn_short = NAN,
                             .text = "gpt-x: N fires, says am: it fails"};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
}

static void put_alert(const char *rule, enum alert_state state, int64_t since_ms)
{
    put_alert_of(rule, "model=gpt-x", state, since_ms);
}

static void done(void)
{
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
}

static struct view_alerts load(void)
{
    struct view_alerts v;
    struct errctx ctx = {""};
    ck_assert_msg(view_load_alerts(&f.loader, &f.params, &v, &ctx) == ERR_OK, "%s", ctx.text);
    return v;
}

START_TEST(own_and_outside_ones_are_listed_with_how_often_they_fired)
{
    const struct incident in = {.title = "gpt-x alert N",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .opened_ms = end - 30 * minute,
                                .known_ms = end - 30 * minute,
                                .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(f.st, &in, &id, NULL), ERR_OK);
    for (int i = 0; i < 3; i++) { /* it flaps */
        put("f1", "model=gpt-x", OUTSIDE_FIRING, end - (60 - 10 * i) * minute);
        put("f1", "model=gpt-x", OUTSIDE_OVER, end - (55 - 10 * i) * minute);
    }
    put("f1", "model=gpt-x", OUTSIDE_FIRING, end - 20 * minute);
    put("f2", "team=a", OUTSIDE_SILENCED, end - 10 * minute);
    put_alert("outside:am:N", ALERT_FIRING, end - 20 * minute);
    put_alert("slo:avail:page-1h", ALERT_FIRING, end - 50 * minute);
    put_alert("slo:avail:page-1h", ALERT_INACTIVE, end - 40 * minute);
    put_alert("slo:avail:page-1h", ALERT_FIRING, end - 35 * minute);
    put_alert("slo:avail:page-1h", ALERT_NO_DATA, end - 30 * minute);
    put_alert("slo:avail:page-1h", ALERT_FIRING, end - 25 * minute);
    done();
    const struct view_alerts v = load();
    ck_assert_uint_eq(v.count, 3);
    ck_assert_uint_eq(v.active, 3);
    ck_assert_uint_eq(v.silent, 1);
    ck_assert_str_eq(v.list[0].quiet_text, "silenced by ann until 2026-11-24T14:00:00Z: deploying");
    ck_assert_str_eq(v.list[0].state, "silenced");
    ck_assert_int_eq(v.list[0].incident, 0);
    ck_assert_str_eq(v.list[1].source, "am");
    ck_assert_str_eq(v.list[1].state, "firing");
    ck_assert_str_eq(v.list[1].text, "it fails");
    ck_assert_str_eq(v.list[1].quiet_text, "acknowledged by bob");
    ck_assert_int_eq(v.list[1].since_ms, end - 20 * minute);
    ck_assert_int_eq(v.list[1].onset_ms, end - 21 * minute);
    ck_assert_uint_eq(v.list[1].fired_24h, 4);
    ck_assert_int_eq(v.list[1].incident, id);
    ck_assert_str_eq(v.list[2].source, "gwtop");
    ck_assert_str_eq(v.list[2].rule, "slo:avail:page-1h");
    ck_assert_uint_eq(v.list[2].fired_24h, 2); /* what waited for data did not stop */
    ck_assert_ptr_null(v.list[2].outside);
}
END_TEST

/* Of each what is its own is looked at and kept: the view's memory would hold all transitions only some two hundred times. */
START_TEST(thousands_of_scopes_of_one_rule_are_listed)
{
    enum { SCOPES = 1500 };
    char scope[32];
    for (int i = 0; i < SCOPES; i++)
        for (int k = 0; k < 3; k++) {
            ck_assert(str_format(scope, sizeof scope, "model=m%d", i));
            put_alert_of("slo:each:page-1h", scope, k == 1 ? ALERT_INACTIVE : ALERT_FIRING, end - (30 - 10 * k) * minute);
        }
    put_alert("slo:each:page-1h", ALERT_FIRING, end - 40 * minute);
    done();
    const struct view_alerts v = load();
    ck_assert_uint_eq(v.count, SCOPES + 1);
    for (size_t i = 0; i < v.count; i++)
        ck_assert_uint_eq(v.list[i].fired_24h, strcmp(v.list[i].scope, "model=gpt-x") == 0 ? 1 : 2);
}
END_TEST

START_TEST(what_is_over_for_a_day_is_not_listed_and_a_past_cursor_has_its_own)
{
    put("f1", "model=gpt-x", OUTSIDE_FIRING, end - day - 10);
    put("f1", "model=gpt-x", OUTSIDE_OVER, end - day - 1);
    put("f2", "model=gpt-x", OUTSIDE_FIRING, end - 10 * minute);
    put("f2", "model=gpt-x", OUTSIDE_OVER, end - 5 * minute);
    done();
    ck_assert_uint_eq(load().count, 1);
    ck_assert_str_eq(load().list[0].state, "over");
    ck_assert(!load().list[0].active);
    f.params.cursor_ms = end - 6 * minute;
    ck_assert_str_eq(load().list[0].state, "firing");
    f.params.cursor_ms = end - 11 * minute; /* then the other was over for less than a day */
    ck_assert_uint_eq(load().count, 1);
    ck_assert_str_eq(load().list[0].outside->fingerprint, "f1");
}
END_TEST

START_TEST(a_filter_leaves_out_what_is_of_another_scope)
{
    put("f1", "model=gpt-x", OUTSIDE_FIRING, end - 10 * minute);
    put("f2", "team=nobody", OUTSIDE_FIRING, end - 10 * minute);
    put("f3", "", OUTSIDE_FIRING, end - 10 * minute);
    done();
    f.params.filter = "model=gpt-x team=a";
    const struct view_alerts v = load();
    ck_assert_uint_eq(v.count, 2);
    for (size_t i = 0; i < v.count; i++)
        ck_assert_str_ne(v.list[i].scope, "team=nobody");
}
END_TEST

START_TEST(a_feed_that_is_not_read_is_named)
{
    struct source_status am = {.name = "am",
                               .kind = "alertmanager",
                               .url = "",
                               .gateway = "test",
                               .profile = "",
                               .reason = "HTTP 503",
                               .warning = "",
                               .interval_ms = minute,
                               .state = SOURCE_DOWN,
                               .last_try_ms = end};
    uint32_t id;
    ck_assert_uint_eq(load().feeds, 0);
    ck_assert_int_eq(store_put_source(f.st, &am, &id, NULL), ERR_OK);
    am.id = id;
    ck_assert_int_eq(store_put_status(f.st, end, &am, NULL), ERR_OK);
    done();
    ck_assert_uint_eq(load().feeds, 1);
    ck_assert_str_eq(load().unread, "am (down: HTTP 503)");
}
END_TEST

static struct view_verdict verdict(void)
{
    struct view_frame frame;
    struct errctx ctx = {""};
    ck_assert_msg(view_load_frame(&f.loader, &f.params, &frame, &ctx) == ERR_OK, "%s", ctx.text);
    return frame.verdict;
}

START_TEST(the_verdict_pages_with_it_and_is_unknown_once_it_is_told_no_more)
{
    ck_assert_int_eq(
        store_put_note(f.st, "slo", fixture_start_ms,
                       str_of("[{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.99,\"period_ms\":2592000000,\"scope\":[]}]"),
                       NULL),
        ERR_OK);
    done();
    ck_assert_int_eq(verdict().state, VERDICT_OK);
    put_alert("outside:am:N", ALERT_FIRING, end - 10 * minute);
    done();
    struct view_verdict v = verdict();
    ck_assert_int_eq(v.state, VERDICT_PAGE);
    ck_assert_str_eq(v.sentence, "gpt-x: N fires, says am: it fails, since 15:49:00Z (11m); none of its 1.1k requests failed");
    ck_assert_int_eq(v.since_ms, end - 11 * minute);
    ck_assert_str_eq(v.scope, "model=gpt-x");
    put_alert("outside:am:N", ALERT_NO_DATA, end - 5 * minute);
    done();
    v = verdict();
    ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.was, VERDICT_PAGE);
    ck_assert_int_eq(v.since_ms, end - 5 * minute);
    put_alert("outside:am:N", ALERT_INACTIVE, end - minute);
    done();
    ck_assert_int_eq(verdict().state, VERDICT_OK);
}
END_TEST

/* ---- a pager ---- */

/* A rule of gwtop's fires in incident 1, and a pager has an incident that is a part of it, taken by acked_by. */
static int64_t page(const char *kind, const char *acked_by, enum source_state state, int escalates)
{
    char labels[96] = "", at[TIMEFMT_MAX];
    instant_format_iso(end + escalates * minute, at);
    if (escalates != 0)
        snprintf(labels, sizeof labels, "escalates=%s, service=gw", at);
    const struct incident in = {.title = "gpt-x errors",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .opened_ms = end - 20 * minute,
                                .known_ms = end - 20 * minute,
                                .owner = ""};
    struct source_status s = fixture_status(&f, end);
    struct outside o = {.source = "pd",
                        .fingerprint = "PT4KHLK",
                        .rule = "outside:pd:down",
                        .name = "down",
                        .scope = "",
                        .labels = labels,
                        .severity = SEV_PAGE,
                        .state = OUTSIDE_FIRING,
                        .since_ms = end - 18 * minute,
                        .starts_ms = end - 19 * minute,
                        .quiet = "",
                        .quiet_by = "",
                        .acked_by = acked_by,
                        .summary = "",
                        .runbook = "",
                        .dashboard = "",
                        .known_ms = end - 18 * minute};
    struct alert al = {.rule = "slo:a:page-1h",
                       .scope = "model=gpt-x",
                       .severity = SEV_PAGE,
                       .state = ALERT_FIRING,
                       .since_ms = end - 20 * minute,
                       .onset_ms = end - 21 * minute,
                       .known_ms = end - 20 * minute,
                       .text = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(f.st, &in, &id, NULL), ERR_OK);
    al.incident = id;
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_put_outside(f.st, &o, NULL), ERR_OK);
    al.rule = o.rule;
    al.scope = o.scope;
    al.since_ms = al.known_ms = o.since_ms;
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    s.id = 0;
    s.name = "pd";
    s.kind = kind;
    s.state = state;
    uint32_t source;
    ck_assert_int_eq(store_put_source(f.st, &s, &source, NULL), ERR_OK);
    s.id = source;
    ck_assert_int_eq(store_put_status(f.st, end - 30 * minute, &s, NULL), ERR_OK);
    done();
    return id;
}

static const struct {
    const char *kind, *acked_by;
    enum source_state state;
    int escalates; /* minutes from the cursor, 0 = it is not told */
    const char *row, *text;
} paged[] = {
    {"pagerduty", "", SOURCE_OK, 0, "PagerDuty UNACKED since 15:41Z", "PagerDuty: unacked, PT4KHLK"},
    {"pagerduty", "", SOURCE_OK, 24, "PagerDuty UNACKED since 15:41Z", "PagerDuty escalates 16:24Z: unacked, PT4KHLK"},
    {"pagerduty", "", SOURCE_OK, -1, "PagerDuty UNACKED since 15:41Z",
     "PagerDuty: unacked, PT4KHLK"}, /* whom it called then is not known */
    {"pagerduty", "ann", SOURCE_OK, 0, "PagerDuty acked by ann", "PagerDuty: acked by ann, PT4KHLK"},
    {"grafana-oncall", "", SOURCE_OK, 0, "Grafana OnCall UNACKED since 15:41Z", "Grafana OnCall: unacked, PT4KHLK"},
    {"pagerduty", "ann", SOURCE_DOWN, 0, "PagerDuty NOT READ", "PagerDuty: not known, pd is down"},
    {"alertmanager", "ann", SOURCE_OK, 0, "", "no pager is told"},
};

START_TEST(what_a_pager_says_is_said_and_nothing_else)
{
    struct view_frame frame;
    struct view_pager v;
    const int64_t id = page(paged[_i].kind, paged[_i].acked_by, paged[_i].state, paged[_i].escalates);
    ck_assert_int_eq(view_load_pager(&f.loader, &f.params, id, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.row, paged[_i].row);
    ck_assert_str_eq(v.text, paged[_i].text);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_int_eq(frame.verdict.incident, id);
    ck_assert_str_eq(frame.verdict.pager, paged[_i].row);
    ck_assert_int_eq(view_load_pager(&f.loader, &f.params, 99, &v, NULL), ERR_NOTFOUND);
    f.params.cursor_ms = end - 19 * minute; /* before it told of it */
    f.params.live = false;
    ck_assert_int_eq(view_load_pager(&f.loader, &f.params, id, &v, NULL), ERR_OK);
    ck_assert_ptr_null(strstr(v.text, "PT4KHLK"));
}
END_TEST

START_TEST(a_pager_that_has_none_of_it_says_so)
{
    const struct incident other = {.title = "c-s errors",
                                   .scope = "model=c-s",
                                   .severity = SEV_PAGE,
                                   .opened_ms = end - minute,
                                   .known_ms = end - minute,
                                   .owner = ""};
    struct view_pager v;
    int64_t id;
    page("pagerduty", "", SOURCE_OK, 0);
    ck_assert_int_eq(store_put_incident(f.st, &other, &id, NULL), ERR_OK);
    done();
    ck_assert_int_eq(view_load_pager(&f.loader, &f.params, id, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.text, "PagerDuty has none of it");
    ck_assert_str_eq(v.row, "");
}
END_TEST

Suite *suite_alerts(void);
Suite *suite_alerts(void)
{
    Suite *s = suite_create("alerts");
    TCase *t = tcase_create("alerts");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, own_and_outside_ones_are_listed_with_how_often_they_fired);
    tcase_add_test(t, thousands_of_scopes_of_one_rule_are_listed);
    tcase_add_test(t, what_is_over_for_a_day_is_not_listed_and_a_past_cursor_has_its_own);
    tcase_add_test(t, a_filter_leaves_out_what_is_of_another_scope);
    tcase_add_test(t, a_feed_that_is_not_read_is_named);
    tcase_add_test(t, the_verdict_pages_with_it_and_is_unknown_once_it_is_told_no_more);
    tcase_add_loop_test(t, what_a_pager_says_is_said_and_nothing_else, 0, sizeof paged / sizeof *paged);
    tcase_add_test(t, a_pager_that_has_none_of_it_says_so);
    suite_add_tcase(s, t);
    return s;
}
