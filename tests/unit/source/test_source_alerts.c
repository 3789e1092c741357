/* SPDX-License-Identifier: MIT */
/* The adapters for alert systems against answers of our own making: what is asked for, what is understood, and what ends nothing. */
#include "unit/source/score_rig.h"

#include "source/alertfeed.h"

static void alertmanager(void)
{
    rig_open(&source_alertmanager, SOURCE_ALERTMANAGER, "am", "http://am:9093/prefix/", NULL);
}

#define AT "2027-01-15T07:55:00.123Z" /* five minutes before now */
#define AT_MS "1799999700123"
#define SOON "2027-01-15T08:03:00Z"
#define AM(fp, name, more, status)                                                                                                         \
    "{\"fingerprint\":\"" fp "\",\"labels\":{\"alertname\":\"" name "\"" more "},\"annotations\":{},\"startsAt\":\"" AT                    \
    "\",\"endsAt\":\"" SOON "\",\"status\":" status "}"
#define ACTIVE "{\"state\":\"active\",\"silencedBy\":[],\"inhibitedBy\":[]}"
#define SILENCE(id, state, ends)                                                                                                           \
    "{\"id\":\"" id "\",\"status\":{\"state\":\"" state "\"},\"comment\":\"why " id "\",\"createdBy\":\"ann\",\"endsAt\":\"" ends "\"}"

static enum err alerts(const char *silences, const char *list)
{
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://am:9093/prefix/api/v2/silences");
    ck_assert_int_eq(answer(silences), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://am:9093/prefix/api/v2/alerts");
    enum err e = answer(list);
    ck_assert(!next(NOW));
    return e;
}

START_TEST(an_alert_that_fires_is_told_with_what_it_says)
{
    ck_assert_int_eq(alerts("[]",
                            "[{\"fingerprint\":\"f1\",\"labels\":{\"alertname\":\"Errors\",\"severity\":\"page\",\"model\":\"gpt-x\"},"
                            "\"annotations\":{\"summary\":\"many fail\",\"runbook_url\":\"https://r/1\",\"dashboard\":\"https://d/1\"},"
                            "\"startsAt\":\"2027-01-15T09:55:00.123456789+02:00\",\"endsAt\":\"" SOON
                            "\",\"generatorURL\":\"https://p/g\",\"status\":" ACTIVE "}]"),
                     ERR_OK);
    ck_assert_str_eq(told(), "alerts\nalert f1 Errors firing " AT_MS "-0 {alertname=Errors,severity=page,model=gpt-x} severity='page' "
                             "summary='many fail' runbook='https://r/1' dashboard='https://d/1'\ntold\n");
    ck_assert_ptr_null(s->ops->remark(s));
}
END_TEST

START_TEST(silences_tell_who_until_when_and_why)
{
    ck_assert_int_eq(
        alerts("[" SILENCE("s1", "active", "2027-01-15T09:00:00Z") "," SILENCE("s2", "active", "2027-01-15T10:00:00Z") "," SILENCE(
                   "s3", "expired", "2027-01-15T12:00:00Z") "]",
               "[" AM("f1", "A", "", "{\"state\":\"suppressed\",\"silencedBy\":[\"s1\",\"s2\",\"s3\"],\"inhibitedBy\":[\"f9\"]}") "," AM(
                   "f2", "B", "", "{\"state\":\"suppressed\",\"silencedBy\":[],\"inhibitedBy\":[\"f1\"]}") "," AM("f3", "C", "",
                                                                                                                  "{\"state\":"
                                                                                                                  "\"suppressed\","
                                                                                                                  "\"silencedBy\":[],"
                                                                                                                  "\"inhibitedBy\":[],"
                                                                                                                  "\"mutedBy\":[\"nights\"]"
                                                                                                                  "}") "," AM("f4", "D", "",
                                                                                                                              "{\"state\":"
                                                                                                                              "\"unprocesse"
                                                                                                                              "d\"}") "]"),
        ERR_OK);
    ck_assert_str_eq(told(),
                     "alerts\nalert f1 A silenced " AT_MS "-0 {alertname=A} quiet='why s2' by='ann' until=1800007200000\n"
                     "alert f2 B inhibited " AT_MS "-0 {alertname=B} by='A'\nalert f3 C inhibited " AT_MS "-0 {alertname=C} by='nights'\n"
                     "alert f4 D pending " AT_MS "-0 {alertname=D}\ntold\n");
}
END_TEST

/* However many an answer names, so many are looked for. */
START_TEST(of_an_alerts_silences_the_first_sixteen_are_looked_at)
{
    char list[1024] = "", body[2048];
    for (int others = 15; others <= 16; others++) {
        list[0] = '\0';
        for (int i = 0; i < others; i++)
            strcat(list, "\"x\",");
        snprintf(body, sizeof body, "[" AM("f1", "A", "", "{\"state\":\"suppressed\",\"silencedBy\":[%s\"s2\"]}") "]", list);
        ck_assert_int_eq(
            alerts("[" SILENCE("s1", "active", SOON) "," SILENCE("s3", "active", SOON) "," SILENCE("s2", "active", SOON) "]", body),
            ERR_OK);
        ck_assert_int_eq(strstr(told(), "quiet='why s2'") != NULL, others == 15);
    }
}
END_TEST

START_TEST(an_end_in_the_future_ends_nothing_and_one_that_has_passed_does)
{
    ck_assert_int_eq(alerts("[]", "[{\"fingerprint\":\"f1\",\"labels\":{\"alertname\":\"A\"},\"startsAt\":\"" AT
                                  "\",\"endsAt\":\"2063-01-01T00:00:00Z\",\"status\":" ACTIVE
                                  "},{\"fingerprint\":\"f2\",\"labels\":{\"alertname\":\"A\"},\"startsAt\":\"" AT
                                  "\",\"endsAt\":\"2027-01-15T08:00:00Z\",\"status\":" ACTIVE
                                  "},{\"fingerprint\":\"f3\",\"labels\":{\"alertname\":\"A\"},\"startsAt\":\"" AT
                                  "\",\"endsAt\":\"0001-01-01T00:00:00Z\",\"status\":" ACTIVE "}]"),
                     ERR_OK);
    ck_assert_str_eq(told(), "alerts\nalert f1 A firing " AT_MS "-0 {alertname=A}\nalert f2 A over " AT_MS "-1800000000000 {alertname=A}\n"
                             "alert f3 A firing " AT_MS "-0 {alertname=A}\ntold\n");
}
END_TEST

/* Every way of being no whole list of alerts: what was told is told, and nothing is over. */
START_TEST(what_is_not_a_whole_list_ends_nothing)
{
    static const struct {
        const char *body, *why;
    } refused[] = {{"null", "no list of alerts"},
                   {"{\"alerts\":[]}", "no list of alerts"},
                   {"\"unauthorised\"", "no list of alerts"},
                   {"", "it is empty"},
                   {"<!doctype html><title>Sign in</title>", "HTML or XML page"},
                   {"[" AM("f1", "A", "", ACTIVE), "not all of it"},
                   {"[" AM("f1", "A", "", ACTIVE) ",]", "no JSON"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ck_assert_int_ne(alerts("[]", refused[i].body), ERR_OK);
        ck_assert_msg(strstr(ctx.text, refused[i].why) != NULL, "%s: %s", refused[i].body, ctx.text);
        ck_assert_str_eq(told(), "alerts\n");
    }
    static const char utf16[] = "\xff\xfe[\0]\0", half[] = "\xff\xfe[\0]"; /* as AWS answers: read, or no list either */
    ck_assert_int_eq(alerts("[]", "[]"), ERR_OK);
    ck_assert_str_eq(told(), "alerts\ntold\n");
    for (int cut = 0; cut < 2; cut++) {
        ck_assert(next(NOW));
        ck_assert_int_eq(answer("[]"), ERR_OK);
        ck_assert(next(NOW));
        const enum err e = cut ? answer_n(half, sizeof half - 1) : answer_n(utf16, sizeof utf16 - 1);
        ck_assert_int_eq(e, cut ? ERR_PARSE : ERR_OK);
        ck_assert(!next(NOW));
        ck_assert_str_eq(told(), cut ? "alerts\n" : "alerts\ntold\n");
    }
}
END_TEST

START_TEST(an_item_that_cannot_be_read_makes_the_poll_no_whole_one)
{
    static const char *const items[] = {"null",
                                        "7",
                                        "{}",
                                        "{\"labels\":null,\"status\":" ACTIVE "}",
                                        "{\"labels\":{\"alertname\":7},\"status\":" ACTIVE "}",
                                        AM("f2", "B", "", "{\"state\":\"exploded\"}"),
                                        AM("f2", "B", "", "null"),
                                        AM("f2", "B", "", "{\"state\":[\"active\"]}")};
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        char body[1024];
        snprintf(body, sizeof body, "[%s," AM("f1", "A", "", ACTIVE) "]", items[i]);
        ck_assert_int_eq(alerts("[]", body), ERR_OK);
        const char *text = told();
        ck_assert_msg(strstr(text, "warn 0 an alert has ") != NULL && strstr(text, "alert f1 A firing") != NULL &&
                          strstr(text, "told in part\n") != NULL,
                      "%s: %s", items[i], text);
        ck_assert_ptr_nonnull(strstr(s->ops->remark(s), "none is taken for over"));
    }
    ck_assert_int_eq(alerts("[]", "[]"), ERR_OK);
    ck_assert_str_eq(told(), "alerts\ntold\n");
    ck_assert_ptr_null(s->ops->remark(s));
}
END_TEST

START_TEST(silences_that_are_refused_leave_the_alerts)
{
    ck_assert(next(NOW));
    ck_assert(s->ops->fail(s, 403));
    ck_assert(next(NOW));
    ck_assert_ptr_nonnull(strstr(rq.url, "/api/v2/alerts"));
    ck_assert_int_eq(answer("[" AM("f1", "A", "", "{\"state\":\"suppressed\",\"silencedBy\":[\"s1\"]}") "]"), ERR_OK);
    ck_assert_str_eq(told(), "alerts\nalert f1 A silenced " AT_MS "-0 {alertname=A}\ntold\n");
    ck_assert_ptr_nonnull(strstr(s->ops->remark(s), "silences are refused (HTTP 403)"));
    ck_assert(!next(NOW));
    ck_assert(next(NOW)); /* any other failure is one of the poll */
    ck_assert(!s->ops->fail(s, 500));
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "alerts\n");
}
END_TEST

START_TEST(more_alerts_than_are_taken_is_an_error_that_names_the_cap)
{
    logged.refuse = true;
    ck_assert_int_eq(alerts("[]", "[" AM("f1", "A", "", ACTIVE) "]"), ERR_LIMIT);
    ck_assert_str_eq(ctx.text, "it tells more than 5000 alerts: the others are left out; narrow them with match");
    ck_assert_ptr_nonnull(strstr(told(), "told in part\n"));
}
END_TEST

START_TEST(each_matcher_is_a_filter_of_its_own)
{
    s->ops->close(s);
    cfg.match = "team=\"a,b\\\"c\", severity=~\"page|critical\"";
    ck_assert_int_eq(source_alertmanager.open(&cfg, NULL, &sink, &s, &ctx), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("[]"), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url,
                     "http://am:9093/prefix/api/v2/alerts?filter=team%3D%22a%2Cb%5C%22c%22&filter=severity%3D~%22page%7Ccritical%22");
}
END_TEST

/* Cut at every byte: nothing is over, whatever was told before the cut. */
START_TEST(a_cut_answer_ends_nothing_wherever_it_is_cut)
{
    static const char whole[] =
        "[" AM("f1", "A", ",\"model\":\"gpt-x\"", ACTIVE) "," AM("f2", "B", "", "{\"state\":\"suppressed\",\"silencedBy\":[\"s1\"]}") "]";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        ck_assert(next(NOW));
        ck_assert_int_eq(answer("[]"), ERR_OK);
        ck_assert(next(NOW));
        ck_assert_int_ne(answer_n(whole, n), ERR_OK);
        ck_assert(!next(NOW));
        ck_assert_str_eq(told(), "alerts\n");
    }
    ck_assert_int_eq(alerts("[]", whole), ERR_OK);
}
END_TEST

/* ---- the rules of a Prometheus ---- */

static void rules(void)
{
    rig_open(&source_prometheus_rules, SOURCE_PROMETHEUS_RULES, "pr", "http://pr:9090", NULL);
}

#define RULES(list) "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"g\",\"rules\":[" list "]}]}}"
#define RULE(state, health, list)                                                                                                          \
    "{\"type\":\"alerting\",\"name\":\"Slow\",\"state\":\"" state "\",\"health\":\"" health "\",\"alerts\":" list "}"
#define ALERT(state)                                                                                                                       \
    "{\"labels\":{\"alertname\":\"Slow\",\"model\":\"c\"},\"annotations\":{\"description\":\"p95 high\"},\"state\":\"" state               \
    "\",\"activeAt\":\"" AT "\",\"value\":\"1e+00\"}"

START_TEST(rules_tell_what_is_pending_and_what_fires)
{
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://pr:9090/api/v1/rules?type=alert");
    ck_assert_int_eq(
        answer(RULES(RULE("firing", "ok",
                          "[" ALERT("firing") "," ALERT("pending") "," ALERT("inactive") "]") ",{\"type\":\"recording\",\"name\":\"r\"}")),
        ERR_OK);
    ck_assert_str_eq(told(), "alerts\nalert  Slow firing " AT_MS "-0 {alertname=Slow,model=c} summary='p95 high'\n"
                             "alert  Slow pending " AT_MS "-0 {alertname=Slow,model=c} summary='p95 high'\ntold\n");
    ck_assert(!next(NOW));
}
END_TEST

START_TEST(rules_that_do_not_say_it_all_end_nothing)
{
    static const char *const in_part[] = {RULES(RULE("firing", "ok", "null")),
                                          RULES(RULE("inactive", "err", "[]")),
                                          RULES(RULE("inactive", "unknown", "[]")),
                                          RULES(RULE("inactive", "ok\",\"lastEvaluation\":\"0001-01-01T00:00:00Z", "[]")),
                                          RULES(RULE("firing", "ok", "[" ALERT("ablaze") "]")),
                                          "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"g\",\"rules\":null}]}}"};
    static const char *const refused[] = {"{\"status\":\"success\",\"data\":{\"groups\":null}}", "{\"status\":\"error\",\"error\":\"no\"}",
                                          "[]", "{\"data\":{\"groups\":[]}}"};
    for (size_t i = 0; i < sizeof in_part / sizeof *in_part; i++) {
        ck_assert(next(NOW));
        ck_assert_int_eq(answer(in_part[i]), ERR_OK);
        ck_assert_msg(strstr(told(), "told in part\n") != NULL, "%s", in_part[i]);
        ck_assert(!next(NOW));
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ck_assert(next(NOW));
        ck_assert_int_eq(answer(refused[i]), ERR_PARSE);
        ck_assert_str_eq(told(), "alerts\n");
        ck_assert(!next(NOW));
    }
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(RULES(RULE("inactive", "ok", "null"))), ERR_OK); /* it says itself that there are none */
    ck_assert_str_eq(told(), "alerts\ntold\n");
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(RULES(RULE("inactive", "no match", "[]"))), ERR_OK); /* vmalert: it was evaluated, over no series */
    ck_assert_str_eq(told(), "alerts\ntold\n");
}
END_TEST

/* ---- pagers ---- */

static void pagerduty(void)
{
    rig_open(&source_pagerduty, SOURCE_PAGERDUTY, "pd", "https://api.pagerduty.com", NULL);
}

#define PD(id, status, more)                                                                                                               \
    "{\"id\":\"" id "\",\"title\":\"T\",\"status\":\"" status "\",\"urgency\":\"high\",\"created_at\":\"" AT                               \
    "\",\"service\":{\"summary\":\"gw\"},\"priority\":null,\"html_url\":\"https://x/" id "\"" more "}"

/* An incident as PagerDuty's reference of GET /incidents documents it, with other ids and times. */
START_TEST(an_incident_as_pagerduty_documents_it_is_read)
{
    static const char body[] =
        "{\"incidents\":[{\"id\":\"PT4KHLK\",\"type\":\"incident\",\"summary\":\"[#1234] The server is on fire.\","
        "\"self\":\"https://api.pagerduty.com/incidents/PT4KHLK\",\"html_url\":\"https://subdomain.pagerduty.com/incidents/PT4KHLK\","
        "\"incident_number\":1234,\"title\":\"The server is on fire.\",\"created_at\":\"" AT "\",\"updated_at\":\"" AT "\","
        "\"status\":\"triggered\",\"incident_key\":\"baf7\",\"service\":{\"id\":\"PIJ90N7\",\"type\":\"service_reference\","
        "\"summary\":\"My Mail Service\"},\"assignments\":[{\"at\":\"" AT "\",\"assignee\":{\"id\":\"PXPGF42\",\"type\":"
        "\"user_reference\",\"summary\":\"Earline Greenholt\"}}],\"assigned_via\":\"escalation_policy\",\"last_status_change_at\":\"" AT
        "\",\"resolved_at\":null,\"alert_counts\":{\"all\":2,\"triggered\":2,\"resolved\":0},\"is_mergeable\":true,"
        "\"escalation_policy\":{\"id\":\"PT20YPA\",\"type\":\"escalation_policy_reference\",\"summary\":\"Another\"},"
        "\"pending_actions\":[{\"type\":\"urgency_change\",\"at\":\"2027-01-15T07:59:00Z\"},{\"type\":\"escalate\",\"at\":"
        "\"2027-01-15T08:24:00Z\"}],\"acknowledgements\":[],\"priority\":{\"id\":\"P53ZZH5\",\"type\":\"priority_reference\","
        "\"summary\":\"P2\"},\"urgency\":\"high\"}],\"limit\":100,\"offset\":0,\"total\":null,\"more\":false}";
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(body), ERR_OK);
    ck_assert_str_eq(told(), "alerts\nalert PT4KHLK The server is on fire. firing " AT_MS
                             "-0 {escalates=2027-01-15T08:24:00Z,service=My Mail Service,urgency=high,priority=P2} severity='page' "
                             "dashboard='https://subdomain.pagerduty.com/incidents/PT4KHLK'\ntold\n");
}
END_TEST

START_TEST(pagerduty_tells_who_took_it_and_pages_by_offset)
{
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url,
                     "https://api.pagerduty.com/"
                     "incidents?statuses[]=triggered&statuses[]=acknowledged&date_range=all&sort_by=created_at:asc&limit=100&offset=0");
    ck_assert_int_eq(
        answer("{\"incidents\":[" PD("P1", "triggered", "") "," PD(
            "P2", "acknowledged", ",\"acknowledgements\":[{\"acknowledger\":{\"summary\":\"Ann\"}}]") "," PD("P3", "acknowledged",
                                                                                                             "") "],\"more\":false}"),
        ERR_OK);
    ck_assert_str_eq(
        told(), "alerts\nalert P1 T firing " AT_MS "-0 {service=gw,urgency=high,priority=} severity='page' dashboard='https://x/P1'\n"
                "alert P2 T firing " AT_MS "-0 {service=gw,urgency=high,priority=} severity='page' acked='Ann' dashboard='https://x/P2'\n"
                "alert P3 T firing " AT_MS
                "-0 {service=gw,urgency=high,priority=} severity='page' acked='somebody' dashboard='https://x/P3'\ntold\n");
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{\"incidents\":[" PD("P1", "triggered", "") "],\"more\":true}"), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_ptr_nonnull(strstr(rq.url, "&offset=100"));
    ck_assert_int_eq(answer("{\"incidents\":[],\"more\":false}"), ERR_OK);
    ck_assert_ptr_nonnull(strstr(told(), "told in part\n")); /* what moved up between two pages was not seen */
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{\"incidents\":null}"), ERR_PARSE);
    ck_assert_str_eq(told(), "alerts\n");
}
END_TEST

static void oncall(void)
{
    rig_open(&source_oncall, SOURCE_ONCALL, "oc", "https://oncall.example", NULL);
}

#define OC(id, state, more)                                                                                                                \
    "{\"id\":\"" id "\",\"title\":\"T\",\"state\":\"" state "\",\"created_at\":\"" AT "\",\"permalinks\":{\"web\":\"https://w/" id         \
    "\"}" more "}"
#define OC_PAGE(list, next) "{\"count\":9,\"next\":" next ",\"results\":[" list "]}"

/* A group as OnCall's reference of /api/v1/alert_groups documents it, with another time, and the same one while somebody has it. */
#define OC_DOCUMENTED(state, acked)                                                                                                        \
    "{\"count\":1,\"next\":null,\"previous\":null,\"results\":[{\"id\":\"I68T24C13IFW1\",\"integration_id\":\"CFRPV98RPR1U8\","            \
    "\"route_id\":\"RIYGUJXCPFHXY\",\"alerts_count\":3,\"state\":\"" state "\",\"created_at\":\"2027-01-15T07:58:00.430444Z\","            \
    "\"resolved_at\":null,\"acknowledged_at\":null,\"acknowledged_by\":" acked ",\"resolved_by\":null,"                                    \
    "\"title\":\"Memory above 90% threshold\",\"permalinks\":{\"slack\":\"https://s/1\",\"telegram\":\"https://t/1\"},"                    \
    "\"silenced_at\":null,\"last_alert\":{\"id\":\"AA74DN7T4JQB6\",\"alert_group_id\":\"I68T24C13IFW1\","                                  \
    "\"created_at\":\"2020-05-11T20:08:43Z\",\"payload\":{\"state\":\"alerting\",\"title\":\"[Alerting] Test notification\","              \
    "\"ruleId\":0,\"message\":\"m\",\"evalMatches\":[{\"tags\":null,\"value\":100,\"metric\":\"High value\"}]}}}],"                        \
    "\"current_page_number\":1,\"page_size\":50,\"total_pages\":1}"

START_TEST(a_group_as_oncall_documents_it_is_read)
{
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(OC_DOCUMENTED("new", "null")), ERR_OK);
    ck_assert_str_eq(told(), "alerts\nalert I68T24C13IFW1 Memory above 90% threshold firing 1799999880430-0 {}\ntold\n");
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(OC_DOCUMENTED("acknowledged", "\"UCGEIXI1MR1NZ\"")), ERR_OK);
    ck_assert_str_eq(told(),
                     "alerts\nalert I68T24C13IFW1 Memory above 90% threshold firing 1799999880430-0 {} acked='UCGEIXI1MR1NZ'\ntold\n");
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(OC_DOCUMENTED("resolved", "null")), ERR_OK);
    ck_assert_str_eq(told(), "alerts\nalert I68T24C13IFW1  over 0-0 {}\ntold\n");
}
END_TEST

START_TEST(oncall_is_read_to_where_history_begins_and_by_no_address_that_it_names)
{
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "https://oncall.example/api/v1/alert_groups/?page=1");
    ck_assert_int_eq(
        answer(OC_PAGE(
            OC("I1", "new",
               ",\"last_alert\":{\"payload\":{\"commonLabels\":{\"model\":\"gpt-x\",\"severity\":\"critical\"},\"commonAnnotations\":{"
               "\"summary\":\"it fails\"}}}") "," OC("I2", "acknowledged",
                                                     ",\"acknowledged_by\":\"U1\"") "," OC("I3", "silenced", "") "," OC("I4", "resolved",
                                                                                                                        ""),
            "\"http://evil.example/?page=2\"")),
        ERR_OK);
    for (int page = 2; page <= 3; page++) {
        char want[80];
        snprintf(want, sizeof want, "https://oncall.example/api/v1/alert_groups/?page=%d", page);
        ck_assert(next(NOW));
        ck_assert_str_eq(rq.url, want);
        ck_assert_int_eq(answer(OC_PAGE(OC("I5", "resolved", ""), "\"http://evil.example/\"")), ERR_OK);
    }
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "alerts\nalert I1 T firing " AT_MS
                             "-0 {model=gpt-x,severity=critical} severity='critical' summary='it fails' dashboard='https://w/I1'\n"
                             "alert I2 T firing " AT_MS "-0 {} acked='U1' dashboard='https://w/I2'\nalert I3 T silenced " AT_MS
                             "-0 {} dashboard='https://w/I3'\nalert I4  over 0-0 {}\nalert I5  over 0-0 {}\nalert I5  over 0-0 {}\n"
                             "told in part\n"); /* of what is older nothing is known */
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(OC_PAGE(OC("I1", "strange", ""), "null")), ERR_OK);
    ck_assert_ptr_nonnull(strstr(told(), "told in part\n"));
}
END_TEST

START_TEST(oncall_is_read_on_to_the_oldest_group_that_was_open)
{
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(OC_PAGE(OC("I1", "new", ""), "null")), ERR_OK);
    ck_assert(!next(NOW));
    (void)told();
    ck_assert(next(NOW));
    for (int page = 1; page <= 4; page++) { /* newer ones that came and went */
        ck_assert_int_eq(
            answer(OC_PAGE("{\"id\":\"N\",\"title\":\"T\",\"state\":\"resolved\",\"created_at\":\"2027-01-15T07:59:00Z\"}", "\"x\"")),
            ERR_OK);
        ck_assert(next(NOW));
    }
    ck_assert_int_eq(answer(OC_PAGE(OC("I1", "new", ""), "null")), ERR_OK);
    ck_assert(!next(NOW));
    const char *all = told();
    ck_assert_msg(strstr(all, "alert I1 T firing") != NULL && strstr(all, "\ntold\n") != NULL, "%s", all);
    for (int polls = 0; polls < 2; polls++) { /* it is gone: the next poll looks for it in vain, the one after that no more */
        int pages = 1;
        ck_assert(next(NOW));
        do {
            ck_assert_int_eq(
                answer(OC_PAGE("{\"id\":\"O\",\"title\":\"T\",\"state\":\"resolved\",\"created_at\":\"2027-01-15T07:00:00Z\"}", "\"x\"")),
                ERR_OK);
        } while (next(NOW) && pages++ < 9);
        ck_assert_int_eq(pages, 2);
        ck_assert_ptr_nonnull(strstr(told(), "told in part\n"));
    }
}
END_TEST

START_TEST(pages_that_never_end_are_an_error)
{
    enum err e = ERR_OK;
    int pages = 0;
    while (next(NOW)) {
        e = answer(OC_PAGE(OC("I1", "new", ""), "\"x\""));
        ck_assert_int_lt(pages++, ALERTFEED_PAGES_MAX);
    }
    ck_assert_int_eq(e, ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(told(), "told in part\n"));
}
END_TEST

/* The view knows which sources tell alerts by the names that adapters have. */
START_TEST(every_adapter_of_alerts_is_known_as_one)
{
    for (int k = 0; k < SOURCE_KINDS; k++)
        ck_assert(outside_is_kind(source_ops_of((enum source_kind)k)->name) == source_kind_alerts((enum source_kind)k));
}
END_TEST

static void add(Suite *suite, const char *name, void (*open)(void), const TTest *const *tests, size_t count)
{
    TCase *t = tcase_create(name);
    tcase_add_checked_fixture(t, open, rig_close);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(suite, t);
}

Suite *suite_source_alerts(void);
Suite *suite_source_alerts(void)
{
    Suite *suite = suite_create("source_alerts");
    const TTest *const am[] = {an_alert_that_fires_is_told_with_what_it_says,
                               silences_tell_who_until_when_and_why,
                               of_an_alerts_silences_the_first_sixteen_are_looked_at,
                               an_end_in_the_future_ends_nothing_and_one_that_has_passed_does,
                               what_is_not_a_whole_list_ends_nothing,
                               an_item_that_cannot_be_read_makes_the_poll_no_whole_one,
                               silences_that_are_refused_leave_the_alerts,
                               more_alerts_than_are_taken_is_an_error_that_names_the_cap,
                               each_matcher_is_a_filter_of_its_own,
                               a_cut_answer_ends_nothing_wherever_it_is_cut,
                               every_adapter_of_alerts_is_known_as_one};
    const TTest *const pr[] = {rules_tell_what_is_pending_and_what_fires, rules_that_do_not_say_it_all_end_nothing};
    const TTest *const pd[] = {an_incident_as_pagerduty_documents_it_is_read, pagerduty_tells_who_took_it_and_pages_by_offset};
    const TTest *const oc[] = {a_group_as_oncall_documents_it_is_read,
                               oncall_is_read_to_where_history_begins_and_by_no_address_that_it_names,
                               oncall_is_read_on_to_the_oldest_group_that_was_open, pages_that_never_end_are_an_error};
    add(suite, "alertmanager", alertmanager, am, sizeof am / sizeof *am);
    add(suite, "prometheus_rules", rules, pr, sizeof pr / sizeof *pr);
    add(suite, "pagerduty", pagerduty, pd, sizeof pd / sizeof *pd);
    add(suite, "oncall", oncall, oc, sizeof oc / sizeof *oc);
    return suite;
}
