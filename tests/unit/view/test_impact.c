/* SPDX-License-Identifier: MIT */
/* What an incident is told to have done, and what is none of its doing. */
#include <math.h>
#include <string.h>

#include "fixture.h"

static int64_t put(struct fixture *f, const char *title, const char *scope, int64_t opened_ms)
{
    const struct incident in = {.title = title,
                                .scope = scope,
                                .severity = SEV_TICKET,
                                .worst = SEV_TICKET,
                                .onset_ms = opened_ms,
                                .opened_ms = opened_ms,
                                .known_ms = opened_ms,
                                .owner = ""};
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f->st, &in, &id, NULL), ERR_OK);
    return id;
}

static void put_alert(struct fixture *f, const char *rule, const char *scope, int64_t since_ms, int64_t incident)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_TICKET,
                             .state = ALERT_FIRING,
                             .since_ms = since_ms,
                             .onset_ms = since_ms,
                             .known_ms = since_ms,
                             .incident = incident,
                             .text = "it fires"};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
}

/* Half of gpt-x fails from half an hour before the cursor on, and nothing of gpt-y. */
static void requests(struct fixture *f)
{
    fixture_open(f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "", "ok", ""), 100);
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-y", "search", "", "ok", ""), 100);
        if (i > FIXTURE_POLLS - 30)
            fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "", "5xx", ""), 100);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
}

static bool has_line(const struct view_incidents *v, const char *line)
{
    for (size_t i = 0; i < v->impact_count; i++)
        if (strcmp(v->impact[i], line) == 0)
            return true;
    return false;
}

/* ---- the watching ---- */

/* Of a source that does not answer, what failed meanwhile is not told as what it did, and nobody is suspected. */
START_TEST(what_fails_while_a_source_is_down_is_not_its_doing)
{
    static const struct {
        const char *rule, *why;
    } rules[] = {{"rule:gateway_silent", "it is the watching that fails"},
                 {"rule:source_down:a", "it is the watching that fails"},
                 {"rule:source_down:a:frozen", "it is the watching that fails"},
                 {"rule:certificate:a:ticket", "it is a certificate that ends"}};
    char text[128];
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct fixture f;
        struct view_incidents v;
        struct view_frame frame;
        struct view_report r;
        requests(&f);
        const int64_t since = f.params.cursor_ms - 30 * fixture_step_ms;
        const int64_t id = put(&f, "source a does not answer", "gateway=test", since);
        put_alert(&f, rules[i].rule, "gateway=test", since, id);
        ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
        ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id, &v, NULL), ERR_OK);
        ck_assert_uint_eq(v.suspect_count, 0);
        ck_assert_str_eq(v.suspect_note, rules[i].why);
        (void)snprintf(text, sizeof text, "impact          not known: %s", rules[i].why);
        ck_assert(has_line(&v, text));
        ck_assert(!v.counts.known && isnan(v.counts.percent.v) && isnan(v.counts.spend.v) && !v.counts.refusals && !v.symptoms.fails);
        ck_assert_str_eq(v.hits.note, text + strlen("impact          "));
        ck_assert_uint_eq(v.hits.count, 0);
        ck_assert(!v.list[0].lost_known && !v.list[0].harmed);
        ck_assert_str_eq(v.list[0].bad_text, "?");
        ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
        ck_assert_int_eq(frame.verdict.state, VERDICT_TICKET);
        ck_assert_str_eq(frame.verdict.suspect, "");
        ck_assert_int_eq(view_load_report(&f.loader, &f.params, id, &r, NULL), ERR_OK);
        (void)snprintf(text, sizeof text, "How many requests failed is not known: %s.", rules[i].why);
        ck_assert_str_eq(r.summary[1], text);
        ck_assert_ptr_null(strstr(r.summary[0], "share of requests"));
        fixture_close(&f);
    }
}
END_TEST

/* Where an objective fires in it too, it is of traffic; and so is what another rule is called. */
START_TEST(what_fails_beside_a_source_that_is_down_is_told)
{
    static const char *const others[] = {"slo:x:page-1h", "rule:source_downtime"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct fixture f;
        struct view_incidents v;
        requests(&f);
        const int64_t since = f.params.cursor_ms - 30 * fixture_step_ms, id = put(&f, "x errors", "gateway=test", since);
        put_alert(&f, "rule:source_down:a", "gateway=test", since, id);
        put_alert(&f, others[i], "gateway=test", since + fixture_step_ms, id);
        ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
        ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id, &v, NULL), ERR_OK);
        ck_assert(has_line(&v, "requests lost   3k of 9k"));
        ck_assert_uint_gt(v.suspect_count, 0);
        ck_assert_str_eq(v.suspects[0].title, "model gpt-x");
        fixture_close(&f);
    }
}
END_TEST

Suite *suite_impact(void);
Suite *suite_impact(void)
{
    Suite *s = suite_create("impact");
    TCase *t = tcase_create("impact");
    tcase_add_test(t, what_fails_while_a_source_is_down_is_not_its_doing);
    tcase_add_test(t, what_fails_beside_a_source_that_is_down_is_told);
    suite_add_tcase(s, t);
    return s;
}
