/* SPDX-License-Identifier: MIT */
/* What the gateway refuses, from the label that it is told by to the incident's lines: a key of which all requests are refused since its
 * budget is spent, beside a provider's failures of another key, for ten minutes. */
#include <math.h>

#include "model/dims.h"
#include "unit/view/fixture.h"
#include "view/vrefused.h"

Suite *suite_refused(void);

enum { BEFORE = 60, DURING = 10 };

static const char *class_of(const char *status, const char *exception)
{
    return outcome_name(outcome_of_status(str_of(status), str_of(exception)));
}

static void minute(struct fixture *f, int64_t at_ms, const int64_t counts[4])
{
    const uint32_t mail = fixture_series(f, SIG_REQUESTS, 0, "m", "support", "mail", "ok", "");
    const uint32_t refused = fixture_series(f, SIG_REQUESTS, 0, "m", "support", "mail", class_of("400", "BudgetExceededError"), "");
    const uint32_t other = fixture_series(f, SIG_REQUESTS, 0, "m", "search", "rank", "ok", "");
    const uint32_t failed = fixture_series(f, SIG_REQUESTS, 0, "m", "search", "rank", class_of("500", "Openai.InternalServerError"), "");
    const uint32_t cost = fixture_series(f, SIG_COST, 0, "m", "support", "mail", "", "");
    const uint32_t all[] = {mail, refused, other, failed};
    for (size_t i = 0; i < 4; i++)
        fixture_increment(f, all[i], counts[i]);
    fixture_increment(f, cost, counts[0] * INT64_C(10000000)); /* a cent each */
    fixture_append(f, at_ms);
}

static void put_facts(struct fixture *f, int64_t onset_ms)
{
    const struct alert own = {.rule = "budget:key mail:ticket-gateway",
                              .scope = "key=mail",
                              .severity = SEV_TICKET,
                              .state = ALERT_FIRING,
                              .since_ms = onset_ms + 60000,
                              .onset_ms = onset_ms,
                              .known_ms = onset_ms + 60000,
                              .bad = 6,
                              .total = 6,
                              .incident = 1,
                              .text = "all of $6.00 is spent"};
    struct alert whole = own;
    whole.rule = "slo:all:page-5m";
    whole.scope = "";
    whole.since_ms += 1;
    const struct incident in = {.title = "budget key mail",
                                .scope = "key=mail",
                                .severity = SEV_TICKET,
                                .state = INCIDENT_OPEN,
                                .onset_ms = onset_ms,
                                .opened_ms = onset_ms + 60000,
                                .known_ms = onset_ms + 60000,
                                .owner = ""};
    ck_assert_int_eq(store_put_alert(f->st, &own, NULL), ERR_OK);
    ck_assert_int_eq(store_put_alert(f->st, &whole, NULL), ERR_OK);
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f->st, &in, &id, NULL), ERR_OK);
}

static void record_refusals(struct fixture *f)
{
    static const int64_t before[] = {20, 0, 40, 0}, during[] = {0, 30, 38, 2};
    fixture_open(f);
    int64_t at = fixture_start_ms;
    for (int i = 0; i < BEFORE; i++)
        minute(f, at += fixture_step_ms, before);
    const int64_t onset = at;
    put_facts(f, onset); /* durable with what comes next */
    for (int i = 0; i < DURING; i++)
        minute(f, at += fixture_step_ms, during);
    f->params.cursor_ms = f->params.now_ms = at;
}

static const char *line_of(const struct view_incidents *v, const char *label)
{
    for (size_t i = 0; i < v->impact_count; i++)
        if (strncmp(v->impact[i], label, strlen(label)) == 0)
            return v->impact[i];
    return "";
}

START_TEST(an_incident_tells_what_was_refused_beside_what_failed)
{
    struct fixture f;
    struct view_incidents v;
    record_refusals(&f);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 1, &v, NULL), ERR_OK);
    ck_assert_ptr_nonnull(v.detail);
    ck_assert_uint_eq(v.counts.failed, 0);
    ck_assert_uint_eq(v.counts.refused, 300);
    ck_assert_uint_eq(v.counts.asked, 300);
    ck_assert_double_eq_tol(v.counts.unspent.v, 3, 1e-9); /* 300 at a cent */
    ck_assert_str_eq(line_of(&v, "requests lost"), "requests lost   none failed");
    ck_assert_str_eq(line_of(&v, "refused"), "refused         300 of 300: budget spent");
    ck_assert_str_eq(line_of(&v, "not spent"), "not spent       ~$3.00: refused, at what an answer cost the hour before");
    ck_assert_uint_eq(v.list[0].refused, 300);
    ck_assert_uint_eq(v.list[0].lost, 0);
    ck_assert_uint_eq(v.hits.count, 1);
    ck_assert_str_eq(v.hits.list[0].name, "support");
    ck_assert_uint_eq(v.hits.list[0].refused, 300);
    ck_assert_uint_eq(v.hits.list[0].bad, 0);
    ck_assert_uint_eq(v.suspect_count, 1);
    ck_assert_str_eq(v.suspects[0].title, "budget of key mail");
    fixture_close(&f);
}
END_TEST

START_TEST(what_fired_in_other_scopes_is_counted_once)
{
    struct fixture f;
    struct view_incidents v;
    record_refusals(&f);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 1, &v, NULL), ERR_OK);
    ck_assert(v.counts.all_known);
    ck_assert_uint_eq(v.counts.all_failed, 20); /* those of the other key: the whole holds this one's, too */
    ck_assert_uint_eq(v.counts.all_counted, 400);
    ck_assert_uint_eq(v.counts.all_refused, 300);
    ck_assert_str_eq(line_of(&v, "in all scopes"), "in all scopes   20 of 400 lost, 300 refused, each once: key mail; all requests");
    fixture_close(&f);
}
END_TEST

START_TEST(the_overview_has_refusals_as_no_failures)
{
    struct fixture f;
    struct view_overview v;
    record_refusals(&f);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    const struct vrow *fail = fixture_row(v.rows, v.row_count, "fail % all"), *refused = fixture_row(v.rows, v.row_count, "refused % all");
    ck_assert_double_eq_tol(fail->now.v, 5, 1e-9); /* 2 of 40 */
    ck_assert_double_eq_tol(refused->now.v, 100.0 * 30 / 70, 1e-9);
    ck_assert_str_eq(v.hits.list[0].name, "support"); /* who lost most */
    ck_assert_uint_eq(v.hits.list[0].refused, 150);
    ck_assert_uint_eq(v.hits.list[0].bad, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(what_is_always_refused_takes_no_place)
{
    const struct voutcomes scanners = {.by_class = {[OUTCOME_AUTH] = 9}, .refused = 9, .all = 9},
                           one_limit = {.by_class = {[OUTCOME_LIMIT] = 1}, .refused = 1, .all = 100000};
    ck_assert(!vrefused_matters(&scanners, 1000));
    ck_assert(vrefused_matters(&scanners, 800));
    ck_assert(vrefused_matters(&one_limit, 100000));
    struct arena a;
    arena_init(&a, 4096);
    ck_assert_str_eq(vrefused_reasons(&a, scanners.by_class), "not let in");
    const uint64_t both[OUTCOME_COUNT] = {[OUTCOME_BUDGET] = 840, [OUTCOME_LIMIT] = 3, [OUTCOME_CLIENT] = 7};
    ck_assert_str_eq(vrefused_reasons(&a, both), "budget spent 840, rate limit 3");
    arena_fini(&a);
}
END_TEST

Suite *suite_refused(void)
{
    Suite *suite = suite_create("refused");
    TCase *t = tcase_create("refused");
    tcase_add_test(t, an_incident_tells_what_was_refused_beside_what_failed);
    tcase_add_test(t, what_fired_in_other_scopes_is_counted_once);
    tcase_add_test(t, the_overview_has_refusals_as_no_failures);
    tcase_add_test(t, what_is_always_refused_takes_no_place);
    suite_add_tcase(suite, t);
    return suite;
}
