/* SPDX-License-Identifier: MIT */
/* What a filter leaves: of the verdict, of numbers that no source splits by it, of facts with a scope, and when it matches nothing. */
#include <math.h>

#include "fixture.h"

#define ALL "{\"name\":\"all\",\"kind\":\"availability\",\"objective\":0.999,\"period_ms\":2592000000,\"scope\":[]}"
#define GPT                                                                                                                                \
    "{\"name\":\"gpt\",\"kind\":\"availability\",\"objective\":0.999,\"period_ms\":2592000000,\"scope\":[{\"dim\":\"model\",\"value\":"    \
    "\"gpt-x\"}]}"

enum { LATE = 10 }; /* minutes of trouble at the end */

static int64_t minute(int i)
{
    return fixture_start_ms + i * fixture_step_ms;
}

static void note_slos(struct fixture *f, const char *json)
{
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(json), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static uint32_t deployment_series(struct fixture *f, enum signal s)
{
    struct series sr = {.source = f->source, .signal = (uint16_t)s};
    uint32_t id;
    sr.dim[DIM_DEPLOYMENT] = fixture_string(f, "eu1");
    ck_assert_int_eq(store_series(f->st, &sr, &id, NULL), ERR_OK);
    return id;
}

/* Per minute: search 60 ok and batch 20 ok of gpt-x, data 30 ok of c-s, each of its own team; in the last ten minutes 15 more of batch
 * fail. Cooldowns and waiting requests are told per deployment, scores per model. */
static void record(struct fixture *f)
{
    fixture_open(f);
    uint32_t search = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", "");
    uint32_t batch = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "batch", "k2", "ok", "");
    uint32_t bad = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "batch", "k2", "5xx", "");
    uint32_t data = fixture_series(f, SIG_REQUESTS, 0, "c-s", "data", "k3", "ok", "");
    uint32_t eval = fixture_series(f, SIG_EVAL, 0, "gpt-x", "", "", "", "json_valid");
    uint32_t cost = fixture_series(f, SIG_COST, 0, "gpt-x", "search", "k1", "", "");
    uint32_t cooled = deployment_series(f, SIG_COOLDOWNS), waiting = deployment_series(f, SIG_WAITING),
             attempts = deployment_series(f, SIG_ATTEMPTS);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, search, 60);
        fixture_increment(f, batch, 20);
        fixture_increment(f, bad, i > FIXTURE_POLLS - LATE ? 15 : 0);
        fixture_increment(f, data, 30);
        fixture_increment(f, cost, 60000000);
        fixture_increment(f, cooled, 1);
        fixture_increment(f, attempts, 100);
        f->items[f->count] = (struct store_item){.series = eval};
        f->items[f->count].v.score.n = f->items[f->count].v.score.sum_fixed = 1;
        f->count++;
        f->items[f->count] = (struct store_item){.series = waiting};
        f->items[f->count++].v.gauge = 2;
        fixture_append(f, minute(i));
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static struct view_frame frame(struct fixture *f, const char *filter)
{
    struct view_frame v;
    f->params.filter = filter;
    ck_assert_int_eq(view_load_frame(&f->loader, &f->params, &v, NULL), ERR_OK);
    return v;
}

static void page(struct fixture *f, const char *rule, const char *scope)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = minute(FIXTURE_POLLS - 8),
                             .onset_ms = minute(FIXTURE_POLLS - LATE),
                             .known_ms = minute(FIXTURE_POLLS - 8),
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static void says(const struct view_verdict *v, enum verdict_state state, const char *text)
{
    ck_assert_msg(v->state == state && strstr(v->sentence, text) != NULL, "state %d: %s", v->state, v->sentence);
}

START_TEST(the_part_of_a_filter_is_judged_by_itself)
{
    struct fixture f;
    record(&f);
    note_slos(&f, "[" ALL "," GPT "]");
    struct view_frame v = frame(&f, "team=batch"); /* nothing fires as a whole, so there is no onset: 75 in its rule's window */
    says(&v.verdict, VERDICT_PAGE, "all requests within team=batch: 43% of requests fail, 75 lost in the last 5m");
    ck_assert_int_eq(v.verdict.since_ms, 0);
    ck_assert_double_eq_tol(v.verdict.bad_percent, 100.0 * 15 / 35, 1e-9);
    v = frame(&f, "team=search");
    says(&v.verdict, VERDICT_OK, "all 2 objectives hold within team=search; 0% of 300 requests failed in the last 5m");
    page(&f, "slo:gpt:page-1h", "model=gpt-x");
    v = frame(&f, "team=search");
    says(&v.verdict, VERDICT_OK, "all 2 objectives hold within team=search, while gpt fires for others;");
    v = frame(&f, "team=batch");
    says(&v.verdict, VERDICT_PAGE, "gpt-x within team=batch: 43% of requests fail since 15:50:00Z (10m), 150 lost");
    fixture_close(&f);
}
END_TEST

/* What explains the verdict is of what the verdict is about: nothing of what fires for others. */
START_TEST(what_explains_is_of_the_filter_as_the_verdict_is)
{
    struct fixture f;
    struct view_differs_ask ask;
    struct view_overview v;
    size_t firing = 0;
    record(&f);
    note_slos(&f, "[" GPT "]");
    page(&f, "slo:gpt:page-1h", "model=gpt-x");
    f.params.filter = "team=search";
    ck_assert_int_eq(view_differs_usual(&f.loader, &f.params, &ask, NULL), ERR_OK);
    ck_assert_int_eq(ask.onset_ms, 0);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.rule_count, 0);
    f.params.filter = "team=batch";
    ck_assert_int_eq(view_differs_usual(&f.loader, &f.params, &ask, NULL), ERR_OK);
    ck_assert_int_eq(ask.onset_ms, minute(FIXTURE_POLLS - LATE));
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    for (size_t i = 0; i < v.rule_count; i++)
        firing += alert_is_firing_rule(&v.rules[i]);
    ck_assert_uint_gt(firing, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(an_objective_apart_from_the_filter_is_left_out)
{
    struct fixture f;
    record(&f);
    note_slos(&f, "[" ALL "," GPT "]");
    page(&f, "slo:gpt:page-1h", "model=gpt-x");
    struct view_frame v = frame(&f, "model=c-s");
    says(&v.verdict, VERDICT_OK, "the objective holds within model=c-s;");
    v = frame(&f, "team=data"); /* no request of this team was ever to gpt-x */
    says(&v.verdict, VERDICT_OK, "the objective holds within team=data;");
    v = frame(&f, "model=gpt-x"); /* the scope lies within: as the recorder judged it */
    says(&v.verdict, VERDICT_PAGE, "gpt-x: 16% of requests fail since 15:50:00Z (10m), 150 lost");
    note_slos(&f, "[" GPT "]");
    v = frame(&f, "model=c-s");
    says(&v.verdict, VERDICT_NO_RULES, "nothing can page: no objective covers model=c-s; 0% of 150 requests failed");
    fixture_close(&f);
}
END_TEST

START_TEST(what_the_filter_does_not_reach_stays_whole_and_says_so)
{
    struct fixture f;
    struct view_slos s;
    record(&f);
    note_slos(&f, "[" ALL "]");
    page(&f, "slo:all:page-1h", "");
    struct view_frame v = frame(&f, "deployment=eu1");
    says(&v.verdict, VERDICT_PAGE, "all requests: 12% of requests fail since 15:50:00Z (10m), 150 lost; of all: not split by deployment");
    ck_assert_int_eq(view_load_slos(&f.loader, &f.params, &s, NULL), ERR_OK);
    ck_assert_int_eq(s.slos[0].reach, VSLO_UNSPLIT);
    ck_assert_ptr_nonnull(strstr(s.slos[0].text, "(whole: not split by deployment)"));
    f.params.filter = "team=batch";
    ck_assert_int_eq(view_load_slos(&f.loader, &f.params, &s, NULL), ERR_OK);
    ck_assert_int_eq(s.slos[0].reach, VSLO_NARROWED);
    ck_assert_uint_eq(s.slos[0].bad, 150);
    ck_assert_uint_eq(s.slos[0].total, 20 * FIXTURE_POLLS + 150);
    ck_assert_double_eq_tol(s.slos[0].burn_5m.v, 15.0 / 35 / 0.001, 1e-6);
    fixture_close(&f);
}
END_TEST

START_TEST(a_filter_that_matches_nothing_is_not_healthy)
{
    struct fixture f;
    struct view_overview o;
    record(&f);
    note_slos(&f, "[" ALL "]");
    struct view_frame v = frame(&f, "team=bacth");
    says(&v.verdict, VERDICT_UNKNOWN, "nothing recorded matches team=bacth; did you mean team=batch?");
    ck_assert(v.verdict.nothing);
    struct view_frame h;
    ck_assert_int_eq(view_load_header(&f.loader, &f.params, &h, NULL), ERR_OK); /* what a report says instead of its numbers */
    says(&h.verdict, VERDICT_UNKNOWN, v.verdict.sentence);
    ck_assert(h.verdict.nothing);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_uint_eq(o.hits.count, 0);
    ck_assert_ptr_nonnull(strstr(o.hits.note, "nothing recorded matches team=bacth"));
    ck_assert_ptr_nonnull(strstr(o.suspect_note, "nothing recorded matches team=bacth"));
    v = frame(&f, "team:somebody-else");
    says(&v.verdict, VERDICT_UNKNOWN, "nothing recorded matches team:somebody-else; recorded are team=search, team=batch, team=data");
    v = frame(&f, "region=eu");
    says(&v.verdict, VERDICT_UNKNOWN, "no region was ever recorded");
    v = frame(&f, "team=batch deployment=eu1");
    says(&v.verdict, VERDICT_UNKNOWN, "each is known, but no source tells them apart together");
    v = frame(&f, "team=batch,nobody");
    ck_assert_int_eq(v.verdict.state, VERDICT_PAGE);
    ck_assert_int_eq(view_load_header(&f.loader, &f.params, &h, NULL), ERR_OK); /* asks no rule */
    says(&h.verdict, VERDICT_UNKNOWN, "");
    ck_assert(!h.verdict.nothing);
    ck_assert_uint_eq(h.sources_ok, v.sources_ok);
    ck_assert_int_eq(h.data_age_ms, v.data_age_ms);
    ck_assert_str_eq(h.late_text, v.late_text);
    ck_assert_str_eq(h.unsplit_text, v.unsplit_text);
    fixture_close(&f);
}
END_TEST

START_TEST(an_objective_of_which_nothing_was_seen_does_not_hold)
{
    struct fixture f;
    struct view_overview o;
    fixture_open(&f);
    note_slos(&f, "[" ALL "]");
    fixture_append(&f, minute(1)); /* the first poll of a gateway: counters that nothing can be taken from yet */
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    struct view_frame v = frame(&f, "");
    says(&v.verdict, VERDICT_UNKNOWN, "nothing seen yet of what all watches; requests of the last 5m not known");
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_str_eq(o.hits.note, "not known: no request was recorded in the last 5m");
    fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "c-s", "data", "k3", "ok", ""), 5);
    fixture_append(&f, minute(2));
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    v = frame(&f, "");
    says(&v.verdict, VERDICT_OK, "the objective holds");
    note_slos(&f, "[" ALL "," GPT "]");
    v = frame(&f, "");
    says(&v.verdict, VERDICT_OK, "1 of 2 objectives hold, nothing seen yet of what gpt watches");
    fixture_close(&f);
}
END_TEST

START_TEST(a_number_that_no_source_splits_says_so)
{
    struct fixture f;
    struct view_overview o;
    struct view_traffic t;
    struct view_quality q;
    struct view_cost c;
    record(&f);
    struct view_frame v = frame(&f, "team=batch");
    ck_assert_str_eq(v.unsplit_text, "not split by team: attempts, cooldowns, eval, waiting");
    ck_assert_uint_eq(v.unsplit >> SIG_WAITING & 1, 1);
    ck_assert_uint_eq(v.unsplit >> SIG_REQUESTS & 1, 0);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_uint_eq(fixture_row(o.rows, o.row_count, "vllm waiting")->now.unsplit, DIM_BIT(DIM_TEAM));
    ck_assert_uint_eq(fixture_row(o.rows, o.row_count, "scores")->now.unsplit, DIM_BIT(DIM_TEAM));
    ck_assert_uint_eq(fixture_row(o.rows, o.row_count, "req/s")->now.unsplit, 0);
    ck_assert_str_eq(o.deployment_note, "attempts are not split by team");
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &t, NULL), ERR_OK);
    ck_assert_uint_eq(fixture_row(t.rows, t.row_count, "cooldowns/h")->now.unsplit, DIM_BIT(DIM_TEAM));
    ck_assert_uint_eq(fixture_row(t.engines, t.engine_count, "waiting")->now.unsplit, DIM_BIT(DIM_TEAM));
    ck_assert_int_eq(view_load_quality(&f.loader, &f.params, &q, NULL), ERR_OK);
    ck_assert_str_eq(q.sentence, "not known: scores are not split by team");
    f.params.filter = "deployment=eu1"; /* which cooldowns are told by, and money is not */
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &t, NULL), ERR_OK);
    ck_assert_double_eq_tol(t.deployments[0].cooldowns.v, 60, 1e-9);
    ck_assert(!t.table[t.table_count - 1].known);
    ck_assert_uint_eq(t.table[t.table_count - 1].req_per_s.unsplit, DIM_BIT(DIM_DEPLOYMENT));
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &c, NULL), ERR_OK);
    ck_assert_str_eq(c.sentence, "spend is not split by deployment");
    ck_assert(!c.table[c.table_count - 1].cost_known && !c.table[c.table_count - 1].cost_split);
    f.params.filter = "class=ok"; /* by which requests are told, and money is not: $ per request is not $0 */
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &c, NULL), ERR_OK);
    ck_assert(c.table[c.table_count - 1].requests_known && c.table[c.table_count - 1].requests_split);
    ck_assert(isnan(c.table[c.table_count - 1].per_request));
    v = frame(&f, "");
    ck_assert_str_eq(v.unsplit_text, "");
    fixture_close(&f);
}
END_TEST

START_TEST(a_source_that_does_not_split_leaves_a_lower_bound)
{
    struct fixture f;
    struct view_overview o;
    record(&f);
    fixture_source(&f, "other");
    uint32_t id = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, id, 60);
        fixture_append(&f, minute(i));
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params.filter = "team=search";
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct vrow *r = fixture_row(o.rows, o.row_count, "req/s");
    ck_assert_double_eq_tol(r->now.v, 1, 1e-9);
    ck_assert_int_eq(r->now.exact, AT_LEAST);
    f.params.filter = "model=gpt-x"; /* by which both do */
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_int_eq(fixture_row(o.rows, o.row_count, "req/s")->now.exact, EXACT);
    fixture_close(&f);
}
END_TEST

START_TEST(facts_apart_from_the_filter_are_left_out)
{
    struct fixture f;
    struct view_incidents in;
    struct view_events ev;
    record(&f);
    static const char *const scopes[] = {"model=gpt-x", "model=c-s", ""};
    for (size_t i = 0; i < 3; i++) {
        const struct incident one = {.title = scopes[i],
                                     .scope = scopes[i],
                                     .severity = SEV_PAGE,
                                     .state = INCIDENT_OPEN,
                                     .onset_ms = minute(100),
                                     .opened_ms = minute(101),
                                     .known_ms = minute(101),
                                     .owner = ""};
        const struct event event = {
            .kind = EVENT_QUALITY, .at_ms = minute(100), .known_ms = minute(100), .scope = scopes[i], .text = "changed", .source = "gw"};
        ck_assert_int_eq(store_put_incident(f.st, &one, NULL, NULL), ERR_OK);
        ck_assert_int_eq(store_put_event(f.st, scopes[i], &event, NULL), ERR_OK);
    }
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    static const struct {
        const char *filter;
        size_t incidents, events;
    } rows[] = {{"", 3, 3}, {"model=c-s", 2, 2}, {"team=data", 2, 3 /* of events only the values are compared */}, {"team=nobody", 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        f.params.filter = rows[i].filter;
        ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 0, &in, NULL), ERR_OK);
        ck_assert_msg(in.count == rows[i].incidents, "%s: %zu incidents", rows[i].filter, in.count);
        ck_assert_int_eq(in.filter_text[0] != '\0', rows[i].filter[0] != '\0');
        ck_assert_int_eq(view_load_events(&f.loader, &f.params, &ev, NULL), ERR_OK);
        ck_assert_msg(ev.count == rows[i].events, "%s: %zu events", rows[i].filter, ev.count);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(a_scope_is_a_filter_whatever_its_value_holds)
{
    static const char *const names[] = {"blue whale", "a,b", "say \"hi\"", "\"", "x=y z", "a,blue=b"};
    struct fixture f;
    struct view_incidents in;
    fixture_open(&f);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char scope[64];
        uint32_t s = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", names[i], "", "5xx", "");
        fixture_increment(&f, s, 7);
        fixture_append(&f, minute((int)i + 1));
        snprintf(scope, sizeof scope, "model=gpt-x,team=%s", names[i]);
        const struct incident one = {.title = "x",
                                     .scope = scope,
                                     .state = INCIDENT_OPEN,
                                     .owner = "",
                                     .onset_ms = minute(0),
                                     .opened_ms = minute(0),
                                     .known_ms = minute((int)i + 1)};
        int64_t id = 0;
        ck_assert_int_eq(store_put_incident(f.st, &one, &id, NULL), ERR_OK);
        ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
        f.params.now_ms = f.params.cursor_ms = minute((int)i + 1);
        struct errctx ctx = {.text = ""};
        const enum err e = view_load_incidents(&f.loader, &f.params, id, &in, &ctx);
        ck_assert_msg(e == ERR_OK, "%s: %s", scope, ctx.text);
        ck_assert_msg(in.counts.failed == 7, "%s: %d failed", scope, (int)in.counts.failed);
    }
    struct store_filter parsed;
    ck_assert_int_eq(view_filter_parse("team=\"blue whale\",\"a,b\"  model=gpt-x", f.st, &f.arena, &parsed, NULL), ERR_OK);
    ck_assert(parsed.dim[DIM_TEAM].count == 2 && parsed.dim[DIM_TEAM].ids[0] != UINT32_MAX && parsed.dim[DIM_TEAM].ids[1] != UINT32_MAX);
    ck_assert_int_eq(view_filter_parse("team=\"\"", f.st, &f.arena, &parsed, NULL), ERR_OK);
    ck_assert(parsed.dim[DIM_TEAM].count == 1 && parsed.dim[DIM_TEAM].ids[0] == UINT32_MAX);
    fixture_close(&f);
}
END_TEST

START_TEST(a_budget_beyond_the_filter_is_told_as_a_whole)
{
    struct fixture f;
    struct view_cost c;
    record(&f);
    config_fini(&f.cfg);
    ck_assert_int_eq(config_parse(str_of("gateway: test\nbudgets:\n  - {name: month, limit: 100 USD, period: month}\n  - {name: cs, scope: "
                                         "model=c-s, limit: 100 USD, period: month}\n"
                                         "  - {name: s, scope: team=search, limit: 100 USD, period: month}\n"),
                                  "test", &f.cfg, NULL),
                     ERR_OK);
    f.params.filter = "team=search";
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &c, NULL), ERR_OK);
    ck_assert_uint_eq(c.budget_count, 3);
    for (size_t i = 0; i < c.budget_count; i++) {
        ck_assert_int_eq(c.budgets[i].is_wider, strcmp(c.budgets[i].name, "s") != 0);
        ck_assert_int_eq(strstr(c.budgets[i].text, "(whole: more than team=search)") != NULL, c.budgets[i].is_wider);
    }
    f.params.filter = "model=gpt-x";
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &c, NULL), ERR_OK);
    ck_assert_uint_eq(c.budget_count, 2);
    ck_assert(strcmp(c.budgets[0].name, "s") == 0 || strcmp(c.budgets[1].name, "s") == 0);
    fixture_close(&f);
}
END_TEST

Suite *suite_filter(void);
Suite *suite_filter(void)
{
    Suite *s = suite_create("filter");
    TCase *tc = tcase_create("filter");
    tcase_add_test(tc, the_part_of_a_filter_is_judged_by_itself);
    tcase_add_test(tc, what_explains_is_of_the_filter_as_the_verdict_is);
    tcase_add_test(tc, an_objective_apart_from_the_filter_is_left_out);
    tcase_add_test(tc, what_the_filter_does_not_reach_stays_whole_and_says_so);
    tcase_add_test(tc, a_filter_that_matches_nothing_is_not_healthy);
    tcase_add_test(tc, an_objective_of_which_nothing_was_seen_does_not_hold);
    tcase_add_test(tc, a_number_that_no_source_splits_says_so);
    tcase_add_test(tc, a_source_that_does_not_split_leaves_a_lower_bound);
    tcase_add_test(tc, facts_apart_from_the_filter_are_left_out);
    tcase_add_test(tc, a_scope_is_a_filter_whatever_its_value_holds);
    tcase_add_test(tc, a_budget_beyond_the_filter_is_told_as_a_whole);
    suite_add_tcase(s, tc);
    return s;
}
