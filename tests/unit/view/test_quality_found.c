/* SPDX-License-Identifier: MIT */
/* What pane 5 says of findings beside their numbers: of whom they are, where, and what is none; and of what is not watched. */
#include "quality_rows.h"

static void note_found(struct fixture *f, const char *rule, const char *scope, const char *json)
{
    char name[200];
    ck_assert(str_format(name, sizeof name, DRIFT_FOUND_NOTE, rule, scope));
    ck_assert_int_eq(store_put_note(f->st, name, minute(ONSET + 5), str_of(json), NULL), ERR_OK);
    settle(f);
}

/* json_valid of gpt-x that is split by route: 10 of 100 bad in the last poll of /chat, which is judged with all others. */
START_TEST(a_drift_under_a_filter_is_of_all)
{
    struct fixture f;
    record(&f);
    struct series s = {.source = f.source, .signal = SIG_EVAL};
    uint32_t chat = 0;
    s.dim[DIM_NAME] = fixture_string(&f, "json_valid");
    s.dim[DIM_MODEL] = fixture_string(&f, "gpt-x");
    s.dim[DIM_ROUTE] = fixture_string(&f, "/chat");
    ck_assert_int_eq(store_series(f.st, &s, &chat, NULL), ERR_OK);
    scores(&f, chat, 100, 4, 96000);
    fixture_append(&f, minute(FIXTURE_POLLS + 1));
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    find_drift(&f);
    f.params.filter = "route=/chat";
    const struct view_quality v = load(&f);
    const struct vquality_row *r = row_of(&v, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_DRIFT);
    ck_assert(r->of_all);
    ck_assert_double_eq_tol(r->now.v, 96, 1e-9);
    ck_assert(isnan(r->base.v));
    ck_assert_str_eq(r->missing, "of all: drift is not split by route");
    ck_assert_str_eq(r->blind, "cannot see the hour of the day: a score that has a daily rhythm drifts with it");
    ck_assert_str_eq(v.sentence,
                     "of all, for drift is not split by route: json_valid of gpt-x fell 98.0 -> 90.0 % when found, since 15:00:00Z +-3m "
                     "(1h01m); what the filter names alone: 96.0% in the last 15m (n 100)");
    f.params.filter = "";
    ck_assert(!reload(&f, "json_valid gpt-x")->of_all);
    fixture_close(&f);
}
END_TEST

START_TEST(where_a_drift_is_is_known_with_its_onset)
{
    static const char route[] = "{\"onset_ms\":%lld,\"class\":\"\",\"where\":\"alone\",\"dim\":\"route\",\"names\":[\"/extract\"],"
                                "\"was\":0.987,\"is\":0.712,\"n\":212,\"part\":0.97,\"parts\":5}";
    struct fixture f;
    char json[300];
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    find_drift(&f);
    ck_assert_str_eq(reload(&f, "json_valid gpt-x")->where_text, "");
    ck_assert(str_format(json, sizeof json, route, (long long)minute(ONSET)));
    note_found(&f, "quality:json_valid", "model=gpt-x", json);
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_str_eq(r->where_text, "route /extract alone: 98.7 -> 71.2 % (n 212)");
    ck_assert_int_eq(r->where.dim, DIM_ROUTE);
    ck_assert_double_eq(r->where.part, 0.97);
    f.params.cursor_ms = minute(ONSET + 5) - 1; /* as known then there was no drift either */
    ck_assert_str_eq(reload(&f, "json_valid gpt-x")->where_text, "");
    f.params.cursor_ms = minute(FIXTURE_POLLS);
    ck_assert(str_format(json, sizeof json, route, (long long)minute(ONSET) - 1)); /* of an earlier finding */
    note_found(&f, "quality:json_valid", "model=gpt-x", json);
    ck_assert_str_eq(reload(&f, "json_valid gpt-x")->where_text, "");
    fixture_close(&f);
}
END_TEST

/* The figures stand before the place, and what is not decided says when it was asked. */
START_TEST(an_undecided_drift_says_when_it_was_asked)
{
    struct fixture f;
    char json[512];
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    find_drift(&f);
    ck_assert(str_format(json, sizeof json,
                         "{\"onset_ms\":%lld,\"what\":\"json_valid of gpt-x fell 98.0 -> 90.0 %%\",\"beside\":\"40 %% of it may be other "
                         "traffic\",\"undecided\":true,\"asked_ms\":%lld,\"where\":\"alone\",\"dim\":\"route\",\"names\":[\"/extract\"],"
                         "\"was\":0.987,\"is\":0.712,\"n\":212,\"part\":0.97,\"parts\":5}",
                         (long long)minute(ONSET), (long long)minute(ONSET + 5)));
    note_found(&f, "quality:json_valid", "model=gpt-x", json);
    ck_assert_str_eq(load(&f).sentence,
                     "json_valid of gpt-x fell 98.0 -> 90.0 % when found, since 15:00:00Z +-3m (1h): 90.0% in the last 15m (n 300), "
                     "baseline 98.0%, -8.00pp since its onset (n 1.2k; 95 % -9.90 to -6.27); route /extract alone: 98.7 -> 71.2 % (n "
                     "212); 40 % of it may be other traffic, asked last 15:05:00Z");
    fixture_close(&f);
}
END_TEST

/* 15 minutes and more without a bad one are told as what they are, while it is not proved that it is over. */
START_TEST(the_newest_of_a_drift_may_be_as_usual)
{
    struct fixture f;
    record(&f);
    ck_assert_ptr_null(strstr(load(&f).sentence, "no worse"));
    const uint32_t json = score_series(&f, "json_valid", "", "gpt-x");
    for (int i = 1; i <= 16; i++) {
        scores(&f, json, 20, i % 4 == 0, (20 - (i % 4 == 0)) * 1000);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    find_drift(&f);
    const struct view_quality v = load(&f);
    ck_assert_int_eq(v.rows[0].state, QUALITY_DRIFT);
    ck_assert_msg(strstr(v.sentence, "98.7% in the last 15m (n 300), no worse than its baseline, baseline 98.0%") != NULL, "%s",
                  v.sentence);
    fixture_close(&f);
}
END_TEST

/* Of the hour a part is what the mix was before, of which the new baseline is not: json_valid was 100 % until 15:00. */
START_TEST(a_new_baseline_is_compared_with_what_came_since)
{
    struct fixture f;
    struct drift_base b = known;
    record(&f);
    b.why = DRIFT_TRAFFIC "route /v1/extract 6.0 -> 31 % of them";
    b.from_ms = minute(FIXTURE_POLLS - 40);
    b.mean = 0.88;
    b.bad = 240;
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), 0.1);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(FIXTURE_POLLS - 30), b);
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_MIX);
    ck_assert(isnan(r->effect.points));
    ck_assert_double_eq_tol(r->since.points, 2, 1e-9); /* 90 % of the 800 since then */
    ck_assert_uint_eq(r->since.n, 800);
    b.from_ms = minute(FIXTURE_POLLS - 60);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(FIXTURE_POLLS - 29), b);
    ck_assert_uint_eq(reload(&f, "json_valid gpt-x")->effect.n, 1200); /* an hour of it is the hour */
    fixture_close(&f);
}
END_TEST

/* It began between 14:55 and 15:04, told at 15:05: on all screens, in words and in numbers. */
START_TEST(the_sides_of_an_onset_are_told_apart)
{
    struct fixture f;
    struct view_frame frame;
    char json[300];
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    find_drift(&f);
    ck_assert(str_format(json, sizeof json, "{\"onset_ms\":%lld,\"from_ms\":%lld,\"to_ms\":%lld}", (long long)minute(ONSET),
                         (long long)minute(ONSET - 5), (long long)minute(ONSET + 1)));
    note_found(&f, "quality:json_valid", "model=gpt-x", json);
    const struct view_quality v = load(&f);
    const struct vquality_row *r = row_of(&v, "json_valid gpt-x");
    ck_assert_int_eq(r->onset.from_ms, minute(ONSET - 5));
    ck_assert_int_eq(r->onset.to_ms, minute(ONSET + 1));
    ck_assert_int_eq(r->onset.limit_ms, minute(ONSET + 5));
    ck_assert_msg(strstr(v.sentence, " since 15:00:00Z (14:55:00 to 15:01:00Z), for 1h: ") != NULL, "%s", v.sentence);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_msg(strstr(frame.verdict.sentence, " since 15:00:00Z (14:55:00 to 15:01:00Z), for 1h") != NULL, "%s", frame.verdict.sentence);
    f.params.cursor_ms = minute(ONSET + 5) - 1; /* nothing was known then */
    ck_assert_int_eq(reload(&f, "json_valid gpt-x")->onset.at_ms, 0);
    fixture_close(&f);
}
END_TEST

/* Answers of 57 requests a minute that are ok: 5,700 tokens a minute are 100 each, 150 it was. */
START_TEST(a_length_has_its_figures)
{
    struct fixture f;
    record(&f);
    const uint32_t tokens = fixture_series(&f, SIG_TOKENS_OUTPUT, 0, "gpt-x", "", "", "", ""),
                   ok = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", ""),
                   failed = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "", "", "5xx", "");
    for (int i = 1; i <= 20; i++) {
        fixture_increment(&f, tokens, 5700);
        fixture_increment(&f, ok, 57);
        fixture_increment(&f, failed, 3);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    const struct alert al = {.rule = "quality:output tokens per answer",
                             .scope = "model=gpt-x",
                             .state = ALERT_FIRING,
                             .since_ms = minute(FIXTURE_POLLS + 10),
                             .onset_ms = minute(FIXTURE_POLLS),
                             .onset_error_ms = 5 * minute_ms,
                             .known_ms = minute(FIXTURE_POLLS + 10),
                             .burn_long = 150,
                             .burn_short = 101,
                             .window_long_ms = 3600000,
                             .bad = 3420,
                             .total = 513000,
                             .text = "output tokens per answer of gpt-x fell 150 -> 101"};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    settle(&f);
    const struct view_quality v = load(&f);
    const struct vquality_row *r = &v.rows[0];
    ck_assert_int_eq(r->kind, QUALITY_LENGTH);
    ck_assert_int_eq(r->unit, QUALITY_TOKENS);
    ck_assert_double_eq_tol(r->now.v, 100, 1e-9);
    ck_assert_uint_eq(r->now.n, 15 * 57);
    ck_assert_double_eq_tol(r->base.v, 150, 1e-9);
    ck_assert_uint_eq(r->base.n, 3420);
    ck_assert_int_eq(r->base_from_ms, minute(FIXTURE_POLLS) - 3600000);
    ck_assert_int_eq(r->base_to_ms, minute(FIXTURE_POLLS));
    ck_assert_double_eq_tol(r->strip.max, 100, 1e-9);
    ck_assert_str_eq(v.sentence,
                     "output tokens per answer of gpt-x fell 150 -> 101 when found, since 16:00:00Z +-5m (20m): 100 in the last 15m (n "
                     "855), baseline 150");
    fixture_close(&f);
}
END_TEST

/* 10 of 50 answers a minute end with a tool. */
START_TEST(a_mix_has_the_figures_of_what_moved_most)
{
    struct fixture f;
    record(&f);
    const uint32_t stop = fixture_series(&f, SIG_FINISH, 0, "gpt-x", "", "", "stop", ""),
                   tool = fixture_series(&f, SIG_FINISH, 0, "gpt-x", "", "", "tool", "");
    char json[200];
    for (int i = 1; i <= 20; i++) {
        fixture_increment(&f, stop, 40);
        fixture_increment(&f, tool, 10);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    const struct alert al = {.rule = "quality:finish reasons",
                             .scope = "model=gpt-x",
                             .state = ALERT_FIRING,
                             .since_ms = minute(FIXTURE_POLLS + 10),
                             .onset_ms = minute(FIXTURE_POLLS),
                             .known_ms = minute(FIXTURE_POLLS + 10),
                             .burn_long = 0.12,
                             .burn_short = 0.19,
                             .window_long_ms = 3600000,
                             .bad = 1200,
                             .total = 10000,
                             .text = "finish reasons of gpt-x: tool 12.0 -> 19.0 %"};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    settle(&f);
    const struct vquality_row *r = reload(&f, "finish reasons gpt-x");
    ck_assert(isnan(r->now.v)); /* of which reason was not told */
    ck_assert_double_eq_tol(r->base.v, 12, 1e-9);
    ck_assert(str_format(json, sizeof json, "{\"onset_ms\":%lld,\"class\":\"tool\",\"where\":\"\"}", (long long)minute(FIXTURE_POLLS)));
    note_found(&f, "quality:finish reasons", "model=gpt-x", json);
    r = reload(&f, "finish reasons gpt-x");
    ck_assert_int_eq(r->kind, QUALITY_FINISH);
    ck_assert_double_eq_tol(r->now.v, 20, 1e-9);
    ck_assert_uint_eq(r->now.n, 750);
    ck_assert_uint_eq(r->base.n, 10000);
    fixture_close(&f);
}
END_TEST

START_TEST(the_better_is_no_drift)
{
    struct fixture f;
    struct drift_base b = known;
    record(&f);
    b.from_ms = minute(ONSET);
    b.from_error_ms = 4 * minute_ms;
    b.onset_from_ms = minute(ONSET - 4);
    b.onset_to_ms = minute(ONSET + 1);
    b.onset_was = 0.9;
    b.why = DRIFT_BETTER;
    hold(&f, "quality:json_valid", "model=gpt-x", minute(ONSET + 9), b);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS - 1), 0.2);
    struct view_quality v = load(&f);
    ck_assert_int_eq(v.rows[0].state, QUALITY_BETTER);
    ck_assert_ptr_null(v.rows[0].finding);
    ck_assert_int_eq(v.rows[0].onset.at_ms, minute(ONSET));
    ck_assert_int_eq(v.rows[0].onset.error_ms, 4 * minute_ms);
    ck_assert_int_eq(v.rows[0].onset.from_ms, minute(ONSET - 4));
    ck_assert_int_eq(v.rows[0].onset.to_ms, minute(ONSET + 1));
    ck_assert_str_eq(v.rows[0].why,
                     "no drift: it is better since 23 Nov 15:00Z (14:56:00 to 15:01:00Z), 90.0 -> 98.0 %, and that is the baseline");
    ck_assert_msg(
        strstr(v.sentence, "no drift in 1 of 4 streams, 3 too thin to judge; better, no drift: json_valid gpt-x 90.0 -> 98.0 %") ==
            v.sentence,
        "%s", v.sentence);
    b.lacks = 5; /* what is thin is not watched, and says so */
    hold(&f, "quality:json_valid", "model=gpt-x", minute(ONSET + 10), b);
    v = load(&f);
    ck_assert_int_eq(v.rows[0].state, QUALITY_BETTER);
    ck_assert_msg(strstr(v.sentence, "not known: no baseline is complete yet") == v.sentence, "%s", v.sentence);
    b.lacks = 0; /* a drift that may follow is not hidden by it */
    hold(&f, "quality:json_valid", "model=gpt-x", minute(ONSET + 11), b);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), 0.9);
    ck_assert_int_eq(reload(&f, "json_valid gpt-x")->state, QUALITY_WATCHING);
    fixture_close(&f);
}
END_TEST

START_TEST(other_traffic_has_its_onset)
{
    struct fixture f;
    struct drift_base b = known;
    record(&f);
    b.from_ms = minute(ONSET);
    b.from_error_ms = 29 * minute_ms;
    b.why = DRIFT_TRAFFIC "route /v1/extract 6.0 -> 31 % of them";
    hold(&f, "quality:json_valid", "model=gpt-x", minute(ONSET + 9), b);
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_MIX);
    ck_assert_int_eq(r->onset.at_ms, minute(ONSET));
    ck_assert_int_eq(r->onset.error_ms, 29 * minute_ms);
    ck_assert_str_eq(r->why, "traffic changed 23 Nov 15:00Z +-29m, no model: route /v1/extract 6.0 -> 31 % of them when found");
    fixture_close(&f);
}
END_TEST

START_TEST(a_baseline_that_was_just_completed_is_complete)
{
    struct fixture f;
    struct drift_base b = known;
    record(&f);
    b.to_ms = minute(FIXTURE_POLLS);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(FIXTURE_POLLS), b);
    const struct view_quality v = load(&f);
    ck_assert_int_eq(row_of(&v, "json_valid gpt-x")->state, QUALITY_READY);
    ck_assert_str_eq(row_of(&v, "json_valid gpt-x")->missing, "the baseline is complete, not judged yet: evidence comes once a minute");
    ck_assert_str_eq(v.sentence, "not known: the first baseline was completed just now, evidence comes once a minute");
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), 0.2);
    ck_assert_int_eq(reload(&f, "json_valid gpt-x")->state, QUALITY_QUIET);
    fixture_close(&f);
}
END_TEST

START_TEST(what_is_not_watched_is_counted)
{
    struct fixture f;
    record(&f);
    struct view_quality v = load(&f);
    ck_assert_uint_eq(v.left, 0);
    ck_assert_str_eq(v.left_text, "");
    ck_assert_int_eq(store_put_note(f.st, DRIFT_LEFT_NOTE, minute(3), str_of("352 2048"), NULL), ERR_OK);
    settle(&f);
    v = load(&f);
    ck_assert_uint_eq(v.left, 352);
    ck_assert_str_eq(v.left_text, "352 more streams are not watched: at most 2048 of a kind are");
    ck_assert_str_eq(row_of(&v, "json_valid c-l")->missing,
                     "not judged yet, or not watched: 352 more streams are not watched: at most 2048 of a kind are");
    ck_assert_int_eq(store_put_note(f.st, DRIFT_LEFT_NOTE, minute(4), str_of("many"), NULL), ERR_OK);
    settle(&f);
    ck_assert_uint_eq(load(&f).left, 0);
    fixture_close(&f);
}
END_TEST

Suite *suite_quality_found(void);
Suite *suite_quality_found(void)
{
    Suite *s = suite_create("quality_found");
    TCase *tc = tcase_create("found");
    tcase_add_test(tc, an_undecided_drift_says_when_it_was_asked);
    tcase_add_test(tc, the_newest_of_a_drift_may_be_as_usual);
    tcase_add_test(tc, a_new_baseline_is_compared_with_what_came_since);
    tcase_add_test(tc, the_sides_of_an_onset_are_told_apart);
    tcase_add_test(tc, a_drift_under_a_filter_is_of_all);
    tcase_add_test(tc, where_a_drift_is_is_known_with_its_onset);
    tcase_add_test(tc, a_length_has_its_figures);
    tcase_add_test(tc, a_mix_has_the_figures_of_what_moved_most);
    tcase_add_test(tc, the_better_is_no_drift);
    tcase_add_test(tc, other_traffic_has_its_onset);
    tcase_add_test(tc, a_baseline_that_was_just_completed_is_complete);
    tcase_add_test(tc, what_is_not_watched_is_counted);
    suite_add_tcase(s, tc);
    return s;
}
