/* SPDX-License-Identifier: MIT */
/* What else went wrong where a latency objective fires: in the last ten minutes 60 of 100 first tokens of gpt-x are slow. */
#include "unit/view/fixture.h"

enum { SLOW_POLLS = 10 };

/* What of gpt-x is counted in a minute: before, and of the last ten. */
struct minute {
    int ok, failed, input, cached;
};

static void record(struct fixture *f, const struct minute *before, const struct minute *since)
{
    static const double le[] = {0.5, 1, 2};
    static const char slo[] = "[{\"name\":\"gpt\",\"kind\":\"latency\",\"signal\":\"ttft\",\"threshold\":1,\"objective\":0.95,"
                              "\"period_ms\":2592000000,\"scope\":[{\"dim\":\"model\",\"value\":\"gpt-x\"}]}]";
    const struct hist_bounds *hb;
    fixture_open(f);
    ck_assert_int_eq(store_bounds(f->st, le, 3, &hb, NULL), ERR_OK);
    const uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "", "ok", ""),
                   failed = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "", "5xx", ""),
                   other = fixture_series(f, SIG_REQUESTS, 0, "qwen", "a", "", "ok", ""),
                   input = fixture_series(f, SIG_TOKENS_INPUT, 0, "gpt-x", "a", "", "", ""),
                   cached = fixture_series(f, SIG_TOKENS_CACHED, 0, "gpt-x", "a", "", "", ""),
                   ttft = fixture_series(f, SIG_TTFT, hb->id, "gpt-x", "a", "", "", "");
    for (int i = 0; i < FIXTURE_POLLS; i++) {
        const struct minute *m = i >= FIXTURE_POLLS - SLOW_POLLS ? since : before;
        const struct store_hist_count counts[] = {{0, m == since ? 40 : 100}, {2, m == since ? 60 : 0}};
        fixture_increment(f, ok, m->ok);
        fixture_increment(f, failed, m->failed);
        fixture_increment(f, other, 500);
        fixture_increment(f, input, m->input);
        fixture_increment(f, cached, m->cached);
        f->items[f->count] = (struct store_item){.series = ttft};
        f->items[f->count].v.hist.sum_fixed = INT64_C(40000000000);
        f->items[f->count].v.hist.n = 100;
        f->items[f->count].v.hist.counts = counts;
        f->items[f->count++].v.hist.count = m == since ? 2 : 1;
        fixture_append(f, fixture_start_ms + (i + 1) * fixture_step_ms);
    }
    const int64_t onset = f->params.cursor_ms - SLOW_POLLS * fixture_step_ms;
    const struct incident in = {.title = "gpt-x slow ttft",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .onset_ms = onset,
                                .onset_error_ms = 1,
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
                             .onset_error_ms = 1,
                             .incident = id,
                             .text = ""};
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(slo), NULL), ERR_OK);
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static bool has_line(const struct view_incidents *v, const char *line)
{
    for (size_t i = 0; i < v->impact_count; i++)
        if (strcmp(v->impact[i], line) == 0)
            return true;
    return false;
}

START_TEST(a_page_of_slowness_names_who_fails_first_and_what_else_moved)
{
    struct fixture f;
    struct view_frame frame;
    struct view_incidents v;
    struct view_report r;
    record(&f, &(struct minute){100, 0, 10000, 6000}, &(struct minute){150, 50, 20000, 300});
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_msg(strncmp(frame.verdict.sentence, "gpt-x: 25% of requests fail and 60% of answers have ttft above 1 s since ", 73) == 0,
                  "%s", frame.verdict.sentence);
    ck_assert_ptr_nonnull(strstr(frame.verdict.sentence, ", 500 requests lost; p95 "));
    ck_assert_ptr_nonnull(strstr(frame.verdict.sentence, ", cached share 60% -> 1.5%, 2.0x its requests"));
    ck_assert_msg(strncmp(frame.verdict.brief, "gpt-x: 25% fail, 60% have ttft above 1 s since ", 47) == 0, "%s", frame.verdict.brief);
    ck_assert_ptr_nonnull(strstr(frame.verdict.brief, ", 500 lost"));
    ck_assert_ptr_nonnull(strstr(frame.verdict.brief, ", cached share 60% -> 1.5%, 2.0x its requests; p95 "));
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 1, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.list[0].bad_text, "500 lost, 600 slow");
    ck_assert(has_line(&v, "cached share    60% -> 1.5% of its prompts, the hour before and since"));
    ck_assert(has_line(&v, "requests        2.0x: 1.67/s -> 3.33/s, the hour before and since"));
    ck_assert_int_eq(view_load_report(&f.loader, &f.params, 1, &r, NULL), ERR_OK);
    ck_assert_msg(
        strncmp(r.status[0],
                "gpt-x slow (#1, page): 25% of requests of model gpt-x have failed, and 60% of its answers have taken longer than 1 s to "
                "begin since ",
                131) == 0,
        "%s", r.status[0]);
    ck_assert_ptr_nonnull(strstr(r.status[0],
                                 ". Meanwhile 1.5% of its prompts came from a cache (60% in the hour before), and it got 2.0x the "
                                 "requests (3.33/s, and 1.67/s in the hour before)."));
    fixture_close(&f);
}
END_TEST

START_TEST(what_moves_by_less_than_is_worth_a_word_is_not_told)
{
    struct fixture f;
    struct view_frame frame;
    struct view_incidents v;
    record(&f, &(struct minute){98, 2, 10000, 6000}, &(struct minute){136, 3, 14000, 4300}); /* 2 % failed before as well */
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_msg(strncmp(frame.verdict.sentence, "gpt-x: 60% of answers have ttft above 1 s since ", 48) == 0, "%s",
                  frame.verdict.sentence);
    ck_assert_ptr_null(strstr(frame.verdict.sentence, "lost"));
    ck_assert_ptr_null(strstr(frame.verdict.sentence, "cached"));
    ck_assert_ptr_null(strstr(frame.verdict.sentence, "its requests"));
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 1, &v, NULL), ERR_OK);
    ck_assert(!v.symptoms.fails && !v.symptoms.uncached && !v.symptoms.other_traffic);
    ck_assert_double_eq_tol(v.symptoms.times, 1.39, 1e-9);
    fixture_close(&f);
}
END_TEST

START_TEST(without_an_hour_before_nothing_is_compared)
{
    struct fixture f;
    struct view_frame frame;
    struct view_incidents v;
    record(&f, &(struct minute){0, 0, 0, 0}, &(struct minute){150, 50, 20000, 300}); /* a quarter fails, and may always have */
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 1, &v, NULL), ERR_OK);
    ck_assert(!v.symptoms.fails && !v.symptoms.uncached && !v.symptoms.other_traffic);
    ck_assert_uint_eq(v.symptoms.failed, 500); /* what was counted is known all the same */
    ck_assert_uint_eq(v.symptoms.counted, 2000);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_msg(strncmp(frame.verdict.sentence, "gpt-x: 60% of answers have ttft above 1 s since ", 48) == 0, "%s",
                  frame.verdict.sentence);
    fixture_close(&f);
}
END_TEST

Suite *suite_symptoms(void);
Suite *suite_symptoms(void)
{
    Suite *s = suite_create("symptoms");
    TCase *tc = tcase_create("symptoms");
    tcase_add_test(tc, a_page_of_slowness_names_who_fails_first_and_what_else_moved);
    tcase_add_test(tc, what_moves_by_less_than_is_worth_a_word_is_not_told);
    tcase_add_test(tc, without_an_hour_before_nothing_is_compared);
    suite_add_tcase(s, tc);
    return s;
}
