/* SPDX-License-Identifier: MIT */
/* What is told of slowness where a latency objective fires: 100 first tokens a minute, in buckets up to 0.5 s, 1 s, 2 s and above. In the
 * last ten minutes 40 of team search and 20 of team batch take 1 to 2 s, before that none do. */
#include "unit/view/fixture.h"

enum { SLOW_POLLS = 10 };

/* counts: kept until the batch is appended. */
static void add_ttft(struct fixture *f, uint32_t bounds, const char *team, const struct store_hist_count counts[2])
{
    struct store_item *item = &f->items[f->count++];
    *item = (struct store_item){.series = fixture_series(f, SIG_TTFT, bounds, "gpt-x", team, "", "", "")};
    item->v.hist.sum_fixed = INT64_C(40000000000);
    item->v.hist.n = counts[0].count + counts[1].count;
    item->v.hist.counts = counts;
    item->v.hist.count = counts[1].count > 0 ? 2 : 1;
}

/* by_team: whether the source tells teams apart. */
static void record(struct fixture *f, bool by_team)
{
    static const double le[] = {0.5, 1, 2};
    static const char slo[] = "[{\"name\":\"gpt\",\"kind\":\"latency\",\"signal\":\"ttft\",\"threshold\":1,\"objective\":0.95,"
                              "\"period_ms\":2592000000,\"scope\":[{\"dim\":\"model\",\"value\":\"gpt-x\"}]}]";
    const struct hist_bounds *hb;
    fixture_open(f);
    ck_assert_int_eq(store_bounds(f->st, le, 3, &hb, NULL), ERR_OK);
    for (int i = 0; i < FIXTURE_POLLS; i++) {
        const bool slow = i >= FIXTURE_POLLS - SLOW_POLLS;
        const struct store_hist_count search[] = {{0, slow ? 20 : 60}, {2, slow ? 40 : 0}},
                                      batch[] = {{0, slow ? 20 : 40}, {2, slow ? 20 : 0}};
        const struct store_hist_count all[] = {{0, slow ? 40 : 100}, {2, slow ? 60 : 0}};
        add_ttft(f, hb->id, by_team ? "search" : "", by_team ? search : all);
        if (by_team)
            add_ttft(f, hb->id, "batch", batch);
        fixture_append(f, fixture_start_ms + (i + 1) * fixture_step_ms);
    }
    const int64_t now = f->params.cursor_ms, onset = now - SLOW_POLLS * fixture_step_ms;
    const struct incident in = {.title = "gpt-x slow ttft",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .onset_ms = onset,
                                .opened_ms = onset,
                                .known_ms = onset,
                                .owner = ""};
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f->st, &in, &id, NULL), ERR_OK);
    const struct alert al = {.rule = "slo:gpt:page-1h",
                             .scope = "model=gpt-x",
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = onset + fixture_step_ms,
                             .known_ms = onset + fixture_step_ms,
                             .onset_ms = onset,
                             .incident = id,
                             .text = ""};
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(slo), NULL), ERR_OK);
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

START_TEST(the_first_screen_says_how_slow_against_what_and_who_waits)
{
    struct fixture f;
    struct view_overview v;
    record(&f, true);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    const struct vrow *r = fixture_row(v.rows, v.row_count, "slow % gpt-x");
    ck_assert_double_eq_tol(r->now.v, 60, 1e-9);
    ck_assert_uint_eq(r->now.n, 500);
    ck_assert_double_eq_tol(r->then.v, 0, 1e-9);
    ck_assert_int_eq(r->severity, SEV_PAGE);
    ck_assert_double_eq_tol(r->strip.threshold, 72, 1e-9); /* 14.4 times the allowed 5 % */
    r = fixture_row(v.rows, v.row_count, "ttft p95 gpt-x");
    ck_assert_double_gt(r->now.v, 1);
    ck_assert_double_eq_tol(r->strip.threshold, 1, 1e-9);
    ck_assert_str_eq(r->strip.threshold_text, "95% within 1 s");
    ck_assert_str_eq(v.heat_text, "ttft, model=gpt-x");
    ck_assert_str_eq(v.hits.over, "1 s");
    ck_assert_int_eq(v.hits.dim, DIM_TEAM);
    ck_assert_uint_eq(v.hits.total, 300);
    ck_assert_uint_eq(v.hits.count, 2);
    ck_assert_str_eq(v.hits.list[0].name, "search");
    ck_assert_uint_eq(v.hits.list[0].bad, 200);
    ck_assert_double_eq_tol(v.hits.list[0].share, 2.0 / 3, 1e-9);
    ck_assert_uint_eq(v.hits.list[1].bad, 100);
    fixture_close(&f);
}
END_TEST

START_TEST(who_waits_is_not_known_where_nobody_tells_teams_apart)
{
    struct fixture f;
    struct view_overview v;
    record(&f, false);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.hits.count, 0);
    ck_assert_str_eq(v.hits.note, "not known: ttft is not split by team, key or route; 300 of 500 answers took longer");
    fixture_close(&f);
}
END_TEST

START_TEST(an_incident_of_slowness_counts_slow_answers_over_its_own_time)
{
    struct fixture f;
    struct view_incidents v;
    record(&f, true);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 1, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.list[0].bad_text, "600 slow");
    ck_assert_str_eq(v.slowed.over, "1 s (ttft)");
    ck_assert_uint_eq(v.slowed.slow, 600);
    ck_assert_uint_eq(v.slowed.answers, 1000);
    bool told = false;
    for (size_t i = 0; i < v.impact_count; i++)
        told = told || strcmp(v.impact[i], "answers slow    600 of 1k took longer than 1 s (ttft)") == 0;
    ck_assert(told);
    ck_assert_uint_eq(v.hits.list[0].bad, 400);
    fixture_close(&f);
}
END_TEST

Suite *suite_slow(void);
Suite *suite_slow(void)
{
    Suite *s = suite_create("slow");
    TCase *tc = tcase_create("traced");
    tcase_add_test(tc, the_first_screen_says_how_slow_against_what_and_who_waits);
    tcase_add_test(tc, who_waits_is_not_known_where_nobody_tells_teams_apart);
    tcase_add_test(tc, an_incident_of_slowness_counts_slow_answers_over_its_own_time);
    suite_add_tcase(s, tc);
    return s;
}
