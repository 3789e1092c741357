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

/* ---- money ---- */

static const int64_t usd = 1000000000;

/* Half of gpt-x fails for key a, and key b spends ten times what it did: both since half an hour before the cursor. refused: a minute,
 * of b. */
static void money(struct fixture *f, enum outcome refused, int64_t count)
{
    fixture_open(f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        const bool trouble = i > FIXTURE_POLLS - 30;
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "a", "ok", ""), 100);
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "a", "5xx", ""), trouble ? 100 : 0);
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "b", outcome_name(refused), ""), trouble ? count : 0);
        fixture_increment(f, fixture_series(f, SIG_COST, 0, "gpt-x", "search", "a", "", ""), usd);
        fixture_increment(f, fixture_series(f, SIG_COST, 0, "gpt-x", "search", "b", "", ""), trouble ? 10 * usd : usd);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
}

static void put_budget(struct fixture *f, bool with_objective, struct view_incidents *v, struct view_report *r)
{
    const int64_t since = f->params.cursor_ms - 30 * fixture_step_ms, id = put(f, "budget team search", "team=search", since);
    put_alert(f, "budget:team search:ticket-reset", "team=search", since, id);
    if (with_objective)
        put_alert(f, "slo:search:page-1h", "team=search", since, id);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_incidents(&f->loader, &f->params, id, v, NULL), ERR_OK);
    ck_assert_int_eq(view_load_report(&f->loader, &f->params, id, r, NULL), ERR_OK);
}

/* A budget that is going to be gone costs nobody a request yet: who fails in its scope fails of something else, and who spends is the
 * suspect. */
START_TEST(a_budget_points_at_who_spends_and_not_at_what_fails)
{
    struct fixture f;
    struct view_incidents v;
    struct view_report r;
    money(&f, OUTCOME_LIMIT, 7); /* of a rate limit, which is no budget's doing either */
    put_budget(&f, false, &v, &r);
    ck_assert_str_eq(v.list[0].bad_text, "no harm");
    ck_assert(v.counts.of_money && v.counts.failed == 3000);
    ck_assert(has_line(&v, "requests lost   none of its doing; 3k of 6k failed of something else"));
    ck_assert_ptr_nonnull(strstr(r.summary[1], "3k of 6k requests failed of something else"));
    ck_assert_uint_eq(v.suspect_count, 1);
    ck_assert_str_eq(v.suspects[0].title, "key b");
    ck_assert_str_eq(v.suspects[0].reason, "spends $540/h more than in the hour before, half of the rise or more");
    for (size_t i = 0; i < v.entry_count; i++)
        ck_assert_ptr_null(strstr(v.entries[i].text, "lost"));
    fixture_close(&f);
}
END_TEST

/* What it refuses is its doing, and whom it hits those that are refused. */
START_TEST(a_budget_that_is_spent_hits_those_it_refuses)
{
    struct fixture f;
    struct view_incidents v;
    struct view_report r;
    money(&f, OUTCOME_BUDGET, 7);
    put_budget(&f, false, &v, &r);
    ck_assert_str_eq(v.list[0].bad_text, "210 refused");
    ck_assert_uint_eq(v.hits.count, 1);
    ck_assert(v.hits.list[0].refused == 210 && v.hits.list[0].bad == 0 && v.hits.list[0].share == 1);
    ck_assert_uint_eq(r.keys.count, 1);
    ck_assert_str_eq(r.keys.list[0].name, "b");
    ck_assert_str_eq(v.suspects[0].title, "budget of team search");
    fixture_close(&f);
}
END_TEST

/* With an objective's rule in it, it is of what fails as well. */
START_TEST(a_budget_with_an_objective_in_it_loses_what_fails)
{
    struct fixture f;
    struct view_incidents v;
    struct view_report r;
    money(&f, OUTCOME_LIMIT, 10);
    put_budget(&f, true, &v, &r);
    ck_assert_str_eq(v.list[0].bad_text, "3k lost");
    ck_assert(has_line(&v, "requests lost   3k of 6k"));
    ck_assert_uint_eq(v.hits.list[0].bad, 3000);
    ck_assert_uint_eq(r.keys.count, 2); /* shares are of both that failed and that were refused: what a row is there for */
    ck_assert(r.keys.list[0].bad == 3000 && fabs(r.keys.list[0].share - 3000.0 / 3300) < 1e-9);
    ck_assert(r.keys.list[1].refused == 300 && fabs(r.keys.list[1].share - 300.0 / 3300) < 1e-9);
    fixture_close(&f);
}
END_TEST

/* ---- folded ---- */

/* The alerts of an incident that is told under another stand there: its report is the other's, and says so. */
START_TEST(the_report_on_a_part_is_that_of_the_whole)
{
    struct fixture f;
    struct view_report r;
    requests(&f);
    const int64_t now = f.params.cursor_ms, since = now - 20 * fixture_step_ms;
    const int64_t whole = put(&f, "x errors", "model=gpt-x", since), part = put(&f, "y errors", "model=gpt-y", since);
    put_alert(&f, "rule:x", "model=gpt-x", since, whole);
    put_alert(&f, "rule:y", "model=gpt-y", since, part);
    const struct incident folded = {.id = part,
                                    .title = "y errors",
                                    .scope = "model=gpt-y",
                                    .severity = SEV_TICKET,
                                    .state = INCIDENT_RESOLVED,
                                    .onset_ms = since,
                                    .opened_ms = since,
                                    .resolved_ms = now - fixture_step_ms,
                                    .known_ms = now - fixture_step_ms,
                                    .parent = whole,
                                    .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(f.st, &folded, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_report(&f.loader, &f.params, part, &r, NULL), ERR_OK);
    ck_assert(r.asked == part && r.incidents.detail->in.id == whole);
    ck_assert_uint_eq(r.incidents.alert_count, 2);
    ck_assert_int_eq(view_load_report(&f.loader, &f.params, whole, &r, NULL), ERR_OK);
    ck_assert(r.asked == 0 && r.incidents.detail->in.id == whole);
    f.params.cursor_ms = now - 2 * fixture_step_ms; /* by then it was one of its own */
    f.params.live = false;
    ck_assert_int_eq(view_load_report(&f.loader, &f.params, part, &r, NULL), ERR_OK);
    ck_assert(r.asked == 0 && r.incidents.detail->in.id == part);
    fixture_close(&f);
}
END_TEST

/* ---- what was found beside it ---- */

static const char *verdict_with(const char *fires, const char *found, struct fixture *f)
{
    struct view_frame frame;
    fixture_open(f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "a", "ok", ""), 100);
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-y", "search", "b", "ok", ""), 100);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    const int64_t since = f->params.cursor_ms - 30 * fixture_step_ms;
    const struct alert finding = {.rule = "key:runaway",
                                  .scope = found,
                                  .severity = SEV_NONE,
                                  .state = ALERT_FIRING,
                                  .since_ms = since,
                                  .onset_ms = since,
                                  .known_ms = since,
                                  .text = "it spends"};
    put_alert(f, "rule:x", fires, since, put(f, "x", fires, since));
    ck_assert_int_eq(store_put_alert(f->st, &finding, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_frame(&f->loader, &f->params, &frame, NULL), ERR_OK);
    return frame.verdict.sentence;
}

/* A finding of what has no traffic in what fires is no suspect of it, and is not read as one. */
START_TEST(what_was_found_elsewhere_is_told_as_that)
{
    static const struct {
        const char *fires, *found;
        bool meets;
    } cases[] = {{"model=gpt-x", "key=a", true},        {"model=gpt-x", "key=b", false},
                 {"model=gpt-x", "model=gpt-y", false}, {"", "key=b", true},
                 {"model=gpt-x", "team=search", true},  {"key=b", "team=search,model=gpt-x", false},
                 {"model=gpt-x", "stage=a", true} /* requests are not split by stage: nobody can tell */};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        const char *text = verdict_with(cases[i].fires, cases[i].found, &f);
        ck_assert_msg((strstr(text, "; also it spends when found") != NULL) == cases[i].meets, "%zu: %s", i, text);
        ck_assert_msg((strstr(text, "; elsewhere: it spends when found") != NULL) == !cases[i].meets, "%zu: %s", i, text);
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
    tcase_add_test(t, a_budget_points_at_who_spends_and_not_at_what_fails);
    tcase_add_test(t, a_budget_that_is_spent_hits_those_it_refuses);
    tcase_add_test(t, a_budget_with_an_objective_in_it_loses_what_fails);
    tcase_add_test(t, the_report_on_a_part_is_that_of_the_whole);
    tcase_add_test(t, what_was_found_elsewhere_is_told_as_that);
    suite_add_tcase(s, t);
    return s;
}
