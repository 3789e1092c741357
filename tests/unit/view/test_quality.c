/* SPDX-License-Identifier: MIT */
/* Pane 5's numbers from what was recorded: values from measurements, what is judged from the recorder's notes, evidence and findings. */
#include "quality_rows.h"

/* ---- what stands in a row ---- */

START_TEST(a_row_has_its_numbers)
{
    struct fixture f;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    hold(&f, "quality:requests filtered", "model=gpt-x", minute(1),
         (struct drift_base){.is_share = true, .n = 1000, .bad = 50, .mean = 0.05});
    hold(&f, "quality:guardrail pii blocks", "", minute(1), (struct drift_base){.is_share = true, .n = 400, .bad = 30, .mean = 0.075});
    for (int i = 0; i < 3; i++)
        tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS - 40 + 20 * i), 0.2 + 0.1 * i);
    tell_evidence(&f, "requests filtered", "gpt-x", minute(FIXTURE_POLLS), -0.3);
    tell_evidence(&f, "guardrail pii blocks", "", minute(FIXTURE_POLLS), 0.1);
    const struct view_quality v = load(&f);
    const struct vquality_row *r = row_of(&v, "json_valid gpt-x");
    ck_assert_int_eq(r->kind, QUALITY_SCORE);
    ck_assert_double_eq_tol(r->now.v, 90, 1e-9); /* 18 of 20 */
    ck_assert_uint_eq(r->now.n, 300);            /* 15 minutes of 20 */
    ck_assert_double_eq_tol(r->base.v, 98, 1e-9);
    ck_assert_uint_eq(r->base.n, 2000);
    ck_assert_int_eq(r->base_from_ms, known.from_ms);
    ck_assert_int_eq(r->base_to_ms, known.to_ms);
    ck_assert_double_eq_tol(r->evidence, 0.4, 1e-9);
    ck_assert_int_eq(r->state, QUALITY_QUIET); /* the recorder has found nothing: whatever the values are */
    ck_assert_int_eq(r->onset.at_ms, 0);
    ck_assert_str_eq(r->test, "e-detector: on average at most 1 false alarm in 2M samples; 2 in 30 d over 5 streams");
    /* The last hour: 1080 of 1200 against 1960 of 2000; Newcombe's interval of the difference. */
    ck_assert_double_eq_tol(r->effect.points, -8, 1e-9);
    ck_assert_double_eq_tol(r->effect.lo, -9.9018, 1e-3);
    ck_assert_double_eq_tol(r->effect.hi, -6.2745, 1e-3);
    ck_assert_uint_eq(r->effect.n, 1200);
    ck_assert_str_eq(r->effect.method, "Newcombe");
    ck_assert_uint_eq(r->per_hour, 1200);
    ck_assert_double_lt(r->detectable_most, r->detectable);
    ck_assert_double_eq_tol(r->detectable, -3.3018, 1e-3); /* log (2e6) / 1200 nats a sample above the bound of 2 % */
    ck_assert_double_eq_tol(r->strip.max, 90, 1e-9);       /* of the last hour */
    ck_assert_double_eq(r->evidence_strip.threshold, 1);
    ck_assert_double_eq_tol(r->evidence_strip.max, 0.4, 1e-9);
    ck_assert(isnan(r->evidence_strip.v[0]));
    r = row_of(&v, "requests filtered gpt-x");
    ck_assert_int_eq(r->kind, QUALITY_SHARE);
    ck_assert_double_eq_tol(r->now.v, 5, 1e-9); /* 3 of 60 */
    ck_assert_uint_eq(r->now.n, 900);
    ck_assert_double_eq_tol(r->evidence, -0.3, 1e-9);
    ck_assert_double_eq(r->evidence_strip.max, 0); /* for the better: nothing speaks for the worse */
    ck_assert_double_gt(r->detectable, 0);
    r = row_of(&v, "guardrail pii blocks");
    ck_assert_str_eq(r->scope, "");
    ck_assert_double_eq_tol(r->now.v, 10, 1e-9); /* 1 of 10: what did not run checked nothing */
    ck_assert_uint_eq(r->now.n, 150);
    ck_assert_str_eq(v.sentence, "no drift in 3 of 4 streams, 1 too thin to judge; none bad in 1 more; on average at most 2 false alarms "
                                 "in 30 d over all 5 that are watched");
    ck_assert_uint_eq(v.never_bad, 1);
    ck_assert_str_eq(v.never_text, "none bad in what was seen (2h or more): requests filtered c-l");
    ck_assert_str_eq(v.rows[v.row_count - 1].label, "requests filtered c-l");
    fixture_close(&f);
}
END_TEST

START_TEST(evidence_near_the_line_is_watched)
{
    struct fixture f;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    const double line = drift_watch_line(&(struct drift_base){.arl = 2e6});
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS - 1), line - 0.01);
    ck_assert_int_eq(reload(&f, "json_valid gpt-x")->state, QUALITY_QUIET);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), line + 0.01);
    const struct view_quality v = load(&f);
    ck_assert_str_eq(v.rows[0].label, "json_valid gpt-x");
    ck_assert_int_eq(v.rows[0].state, QUALITY_WATCHING);
    ck_assert_msg(strstr(v.sentence, "; watching json_valid gpt-x at 0.71 of the alarm line; ") != NULL, "%s", v.sentence);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS) + 1000, 1.05);
    f.params.cursor_ms = minute(FIXTURE_POLLS) + 1000;
    const struct view_quality over = load(&f);
    ck_assert_msg(strncmp(over.sentence, "json_valid gpt-x crossed the alarm line and is being looked into; no drift in 0 of ", 83) == 0,
                  "%s", over.sentence);
    ck_assert(strstr(over.sentence, "watching") == NULL);
    ck_assert_msg(strncmp(over.rows[0].missing, "crossed the alarm line: ", 24) == 0, "%s", over.rows[0].missing);
    fixture_close(&f);
}
END_TEST

START_TEST(a_thin_one_says_what_it_lacks)
{
    struct fixture f;
    record(&f);
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_THIN);
    ck_assert_str_eq(r->missing, "the recorder has not judged it yet");
    ck_assert(isnan(r->base.v));
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1),
         (struct drift_base){.is_share = true, .n = 800, .bad = 8, .mean = 0.99, .lacks = 12});
    const struct view_quality v = load(&f);
    r = row_of(&v, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_THIN);
    ck_assert_double_eq(r->lacks, 12);
    ck_assert_str_eq(r->missing,
                     "the baseline lacks 12 of 20 bad ones (n 800), about 60m more at the present rate"); /* 1 % of 1200 an hour */
    ck_assert_int_eq(r->lacks_ms, 3600000);
    ck_assert(isnan(r->detectable));
    ck_assert_str_eq(v.sentence, "not known: no baseline is complete yet, the first in about 60m");
    hold(&f, "quality:json_valid", "model=gpt-x", minute(2),
         (struct drift_base){.is_share = true, .n = 800, .bad = 0, .mean = 1, .lacks = 20});
    r = reload(&f, "json_valid gpt-x");
    ck_assert_str_eq(
        r->missing,
        "the baseline lacks 20 of 20 bad ones (n 800), at least 4h more at the present rate"); /* 0.374 % at the most, with 95 % */
    ck_assert_int_eq(r->lacks_ms, 0);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(3), (struct drift_base){.n = 180, .bad = 144, .mean = 0.8, .lacks = 120});
    ck_assert_str_eq(reload(&f, "json_valid gpt-x")->missing, "the baseline lacks 120 of 300 scores, about 6m more at the present rate");
    fixture_close(&f);
}
END_TEST

START_TEST(a_drift_is_what_the_recorder_found)
{
    struct fixture f;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), 1.2);
    find_drift(&f);
    struct view_quality v = load(&f);
    const struct vquality_row *r = &v.rows[0];
    ck_assert_str_eq(r->label, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_DRIFT);
    ck_assert_int_eq(r->onset.at_ms, minute(ONSET));
    ck_assert_int_eq(r->onset.error_ms, 3 * minute_ms);
    ck_assert_double_eq_tol(r->base.v, 98, 1e-9);
    ck_assert_msg(strstr(r->blind, "the hour of the day, nor whose traffic it is: no route, team or key") != NULL, "%s", r->blind);
    ck_assert_str_eq(v.sentence,
                     "json_valid of gpt-x fell 98.0 -> 90.0 % when found, since 15:00:00Z +-3m (1h): 90.0% in the last 15m (n 300), "
                     "baseline 98.0%, -8.00pp since its onset (n 1.2k; 95 % -9.90 to -6.27)");
    ck_assert_double_eq_tol(r->since.points, -8, 1e-9); /* two of twenty a minute, of all since the onset */
    ck_assert_uint_eq(r->since.n, (FIXTURE_POLLS - ONSET) * 20);
    ck_assert(r->since.lo < -8 && r->since.hi > -8);
    /* As known then: before it was found, before its baseline was told. */
    f.params.cursor_ms = minute(ONSET + 4);
    ck_assert_int_ne(reload(&f, "json_valid gpt-x")->state, QUALITY_DRIFT);
    f.params.cursor_ms = minute(ONSET + 5);
    ck_assert_int_eq(reload(&f, "json_valid gpt-x")->state, QUALITY_DRIFT);
    f.params.cursor_ms = minute(FIXTURE_POLLS);
    put(&f, "quality:json_valid", "model=gpt-x", "it", ALERT_INACTIVE, minute(FIXTURE_POLLS), 2000);
    scores(&f, score_series(&f, "json_valid", "", "gpt-x"), 20, 0, 20000);
    fixture_append(&f, minute(FIXTURE_POLLS + 1));
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS + 1), 0.1);
    r = reload(&f, "json_valid gpt-x");
    ck_assert_ptr_null(r->finding);
    ck_assert_int_eq(r->state, QUALITY_QUIET);
    fixture_close(&f);
}
END_TEST

/* One that is over is told for a day, with both of its ends; and an open one is no less than its alarm. */
START_TEST(a_drift_that_is_over_was_one)
{
    struct fixture f;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    find_drift(&f);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), 0.4);
    ck_assert_double_eq(reload(&f, "json_valid gpt-x")->evidence, 1);
    const struct alert al = {.rule = "quality:json_valid",
                             .scope = "model=gpt-x",
                             .state = ALERT_INACTIVE,
                             .since_ms = minute(ONSET + 50),
                             .onset_ms = minute(ONSET),
                             .onset_error_ms = 3 * minute_ms,
                             .ended_ms = minute(ONSET + 30),
                             .ended_error_ms = 5 * minute_ms,
                             .known_ms = minute(ONSET + 50),
                             .total = 2000,
                             .text = "json_valid of gpt-x fell 98.0 -> 90.0 %"};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    settle(&f);
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_QUIET);
    ck_assert_double_eq(r->evidence, 0.4);
    ck_assert_str_eq(r->missing, "was drift 23 Nov 15:00Z +-3m to 23 Nov 15:30Z +-5m");
    fixture_close(&f);
}
END_TEST

/* Likelier over than not, and not proved: neither told as what goes on, nor as over. */
START_TEST(a_drift_that_is_back_is_not_confirmed)
{
    struct fixture f;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    find_drift(&f);
    const struct alert al = {.rule = "quality:json_valid",
                             .scope = "model=gpt-x",
                             .state = ALERT_FIRING,
                             .since_ms = minute(ONSET + 5) + 1,
                             .onset_ms = minute(ONSET),
                             .onset_error_ms = 3 * minute_ms,
                             .ended_ms = minute(FIXTURE_POLLS - 10),
                             .ended_error_ms = 5 * minute_ms,
                             .known_ms = minute(FIXTURE_POLLS - 2),
                             .total = 2000,
                             .text = "json_valid of gpt-x fell 98.0 -> 90.0 %"};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    settle(&f);
    const struct view_quality v = load(&f);
    ck_assert_int_eq(v.rows[0].state, QUALITY_BACK);
    ck_assert_str_eq(v.rows[0].missing, "back at its baseline for 10m, not confirmed yet");
    ck_assert_msg(strstr(v.sentence, " since 15:00:00Z +-3m (1h), back at its baseline for 10m, not confirmed yet: ") != NULL, "%s",
                  v.sentence);
    f.params.cursor_ms = minute(FIXTURE_POLLS - 3); /* as known then */
    ck_assert_int_eq(reload(&f, "json_valid gpt-x")->state, QUALITY_DRIFT);
    fixture_close(&f);
}
END_TEST

START_TEST(a_past_cursor_has_the_baseline_of_then)
{
    struct fixture f;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(10), known);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(100), (struct drift_base){.is_share = true, .n = 4000, .bad = 120, .mean = 0.97});
    tell_evidence(&f, "json_valid", "gpt-x", minute(90), 0.3);
    tell_evidence(&f, "json_valid", "gpt-x", minute(110), 0.5);
    ck_assert_double_eq_tol(reload(&f, "json_valid gpt-x")->base.v, 97, 1e-9);
    f.params.cursor_ms = minute(95);
    f.params.live = false;
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_double_eq_tol(r->base.v, 98, 1e-9);
    ck_assert_double_eq_tol(r->evidence, 0.3, 1e-9);
    f.params.cursor_ms = minute(9);
    ck_assert(isnan(reload(&f, "json_valid gpt-x")->base.v));
    fixture_close(&f);
}
END_TEST

/* ---- why it began anew ---- */

START_TEST(other_traffic_is_no_drift)
{
    struct fixture f;
    static const char why[] =
        DRIFT_TRAFFIC "route /v1/extract 6.0 -> 31 % of them; within each route nothing changed beyond chance (p 0.4)";
    record(&f);
    struct drift_base b = known;
    b.from_ms = minute(ONSET);
    b.why = why;
    hold(&f, "quality:json_valid", "model=gpt-x", minute(ONSET + 9), b);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), 0.2);
    struct view_quality v = load(&f);
    ck_assert_int_eq(v.rows[0].state, QUALITY_MIX);
    ck_assert_str_eq(v.rows[0].why,
                     "traffic changed 23 Nov 15:00Z, no model: route /v1/extract 6.0 -> 31 % of them when found; within each "
                     "route nothing changed beyond chance (p 0.4)");
    ck_assert_msg(strstr(v.sentence, "no drift in 1 of 4 streams") == v.sentence, "%s", v.sentence);
    ck_assert_msg(strstr(v.sentence, "; traffic changed, no model: json_valid gpt-x") != NULL, "%s", v.sentence);
    b.from_ms = minute(FIXTURE_POLLS) - 25 * 60 * minute_ms; /* a day later it is a baseline as any other */
    hold(&f, "quality:json_valid", "model=gpt-x", minute(ONSET + 10), b);
    ck_assert_int_eq(reload(&f, "json_valid gpt-x")->state, QUALITY_QUIET);
    fixture_close(&f);
}
END_TEST

START_TEST(what_was_taken_for_normal_is_the_baseline)
{
    struct fixture f;
    record(&f);
    find_drift(&f);
    struct drift_base b = known;
    b.mean = 0.9;
    b.bad = 200;
    b.from_ms = minute(ONSET);
    b.why = DRIFT_ACCEPTED;
    put(&f, "quality:json_valid", "model=gpt-x", "it; taken for normal by ana", ALERT_INACTIVE, minute(112), 0);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(112), b);
    tell_evidence(&f, "json_valid", "gpt-x", minute(112), 1.2); /* of what was found: no second alarm */
    f.params.cursor_ms = minute(112) + 20000;
    ck_assert_int_ne(reload(&f, "json_valid gpt-x")->state, QUALITY_WATCHING);
    f.params.cursor_ms = minute(FIXTURE_POLLS);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), 0.1);
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_QUIET);
    ck_assert_double_eq_tol(r->base.v, 90, 1e-9);
    ck_assert_double_eq_tol(r->effect.points, 0, 1e-9);
    ck_assert_str_eq(r->why, "baseline: taken for normal since 23 Nov 15:00Z");
    fixture_close(&f);
}
END_TEST

/* ---- judges, means, filters ---- */

START_TEST(each_judge_is_a_row)
{
    struct fixture f;
    record(&f);
    const uint32_t v1 = score_series(&f, "faithful", "v1", "gpt-x"), v2 = score_series(&f, "faithful", "v2", "gpt-x"),
                   alone = score_series(&f, "tone", "v7", "gpt-x");
    for (int i = 1; i <= 5; i++) {
        scores(&f, v1, 10, 1, 8000);
        scores(&f, v2, 10, 3, 6000);
        scores(&f, alone, 10, 0, 9000);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    hold(&f, "quality:faithful@v2", "model=gpt-x", minute(1), (struct drift_base){.n = 500, .bad = 400, .mean = 0.8, .var = 0.04});
    put(&f, "quality:faithful@v2", "model=gpt-x", "faithful@v2 of gpt-x fell 80.0 -> 60.0 %", ALERT_FIRING, minute(FIXTURE_POLLS), 500);
    const struct view_quality v = load(&f);
    ck_assert_str_eq(v.rows[0].label, "faithful@v2 gpt-x");
    ck_assert_str_eq(v.rows[0].name, "faithful");
    ck_assert_str_eq(v.rows[0].judge, "v2");
    ck_assert_int_eq(v.rows[0].state, QUALITY_DRIFT);
    ck_assert_double_eq_tol(v.rows[0].now.v, 60, 1e-9);
    ck_assert_str_eq(v.rows[0].effect.method, "Welch");
    /* 50 scores of mean 0.6 whose squares were not told, so of at most 0.24, against 500 of 0.8: t(51.1) = 2.0075 of sqrt(0.04/500 +
     * 0.24/50) */
    ck_assert_double_eq_tol(v.rows[0].effect.points, -20, 1e-9);
    ck_assert_double_eq_tol(v.rows[0].effect.lo, -20 - 14.02, 0.01);
    ck_assert_double_eq_tol(v.rows[0].effect.hi, -20 + 14.02, 0.01);
    ck_assert(isnan(v.rows[0].detectable));
    ck_assert_int_ne(row_of(&v, "faithful@v1 gpt-x")->state, QUALITY_DRIFT);
    ck_assert_str_eq(row_of(&v, "tone gpt-x")->judge, "v7"); /* not in the label: there is no other */
    fixture_close(&f);
}
END_TEST

START_TEST(a_filter_that_nothing_is_judged_by_says_so)
{
    struct fixture f;
    record(&f);
    const uint32_t search = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "", "filter", ""),
                   fine = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "", "ok", "");
    fixture_increment(&f, search, 10);
    fixture_increment(&f, fine, 90);
    fixture_append(&f, minute(FIXTURE_POLLS + 1));
    hold(&f, "quality:requests filtered", "model=gpt-x", minute(1),
         (struct drift_base){.is_share = true, .n = 1000, .bad = 50, .mean = 0.05});
    f.params.filter = "team=search";
    struct view_quality v = load(&f);
    ck_assert_uint_eq(v.row_count, 1);
    ck_assert_double_eq_tol(v.rows[0].now.v, 10, 1e-9);
    ck_assert_int_eq(v.rows[0].state, QUALITY_UNSPLIT);
    ck_assert_uint_eq(v.rows[0].base.unsplit, DIM_BIT(DIM_TEAM));
    ck_assert(isnan(v.rows[0].base.v) && isnan(v.rows[0].effect.points));
    ck_assert_str_eq(v.sentence, "not known: scores are not split by team");
    ck_assert_str_eq(v.rows[0].missing, "drift is judged of all of it: not split by team");
    f.params.filter = "model=c-l";
    v = load(&f);
    ck_assert_uint_eq(v.row_count, 2);
    ck_assert_str_eq(v.rows[0].label, "json_valid c-l");
    fixture_close(&f);
}
END_TEST

START_TEST(silence_is_stale)
{
    struct fixture f;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    const uint32_t other = score_series(&f, "json_valid", "", "c-l");
    for (int i = 1; i <= 20; i++) {
        scores(&f, other, 1, 0, 1000);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_STALE);
    ck_assert_str_eq(r->missing, "no score since 16:00:00Z (20m)");
    ck_assert_uint_eq(r->now.n, 0);
    ck_assert(isnan(r->now.v));
    fixture_close(&f);
}
END_TEST

/* ---- of which none was ever bad ---- */

static uint32_t requests(struct fixture *f, const char *model)
{
    return fixture_series(f, SIG_REQUESTS, 0, model, "", "", "ok", "");
}

START_TEST(none_is_bad_of_what_was_seen)
{
    struct fixture f;
    fixture_open(&f);
    const uint32_t fine = requests(&f, "c-l");
    for (int i = 1; i <= 10; i++) {
        fixture_increment(&f, fine, 60);
        fixture_append(&f, minute(i));
    }
    struct view_quality v = load(&f);
    ck_assert_uint_eq(v.never_bad, 1);
    ck_assert_str_eq(v.never_text, "none bad in what was seen (10m or more): requests filtered c-l");
    ck_assert_str_eq(v.sentence, "no answer was bad in what was seen (10m or more)");
    for (int i = 1; i <= 48; i++) {
        fixture_increment(&f, fine, 60);
        fixture_append_from(&f, minute(10 + 30 * (i - 1)), minute(10 + 30 * i));
    }
    v = load(&f);
    ck_assert_str_eq(v.never_text, "none bad in 24h: requests filtered c-l");
    ck_assert_str_eq(v.sentence, "no answer was bad in 24h");
    fixture_close(&f);
}
END_TEST

START_TEST(silence_is_not_none)
{
    struct fixture f;
    record(&f);
    ck_assert_uint_eq(load(&f).never_bad, 1);
    const uint32_t other = requests(&f, "gpt-x");
    for (int i = 1; i <= 20; i++) {
        fixture_increment(&f, other, 1);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    struct view_quality v = load(&f);
    ck_assert_uint_eq(v.never_bad, 0);
    ck_assert_str_eq(v.never_text, "");
    ck_assert_int_eq(row_of(&v, "requests filtered c-l")->state, QUALITY_THIN);
    ck_assert_str_eq(row_of(&v, "requests filtered c-l")->missing, "the recorder has not judged it yet");
    fixture_close(&f);
    record(&f);
    f.params.cursor_ms = f.params.now_ms = minute(FIXTURE_POLLS + 5); /* of the same numbers, as their source is silent */
    f.manual.wall_ms = f.params.now_ms;
    v = load(&f);
    ck_assert(row_of(&v, "requests filtered c-l")->now.n > 0 && row_of(&v, "requests filtered c-l")->now.stale);
    ck_assert_uint_eq(v.never_bad, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(what_some_sources_tell_is_what_was_seen)
{
    struct fixture f;
    fixture_open(&f);
    fixture_source(&f, "other");
    const uint32_t gone = requests(&f, "c-l");
    fixture_increment(&f, gone, 60);
    fixture_append(&f, minute(1));
    fixture_source(&f, "gw");
    const uint32_t fine = requests(&f, "c-l");
    for (int i = 1; i <= 49; i++) {
        fixture_increment(&f, fine, 60);
        fixture_append_from(&f, minute(30 * (i - 1)), minute(30 * i));
    }
    const struct view_quality v = load(&f);
    ck_assert_str_eq(v.never_text, "none bad in what was seen: requests filtered c-l");
    fixture_close(&f);
}
END_TEST

START_TEST(many_of_them_are_counted)
{
    enum { MANY = 2000 };
    static struct vquality_row rows[MANY];
    static char labels[MANY][32];
    struct arena a;
    arena_init(&a, 16384);
    for (int i = 0; i < MANY; i++) {
        ck_assert(str_format(labels[i], sizeof labels[i], "answers aborted m%04d", i));
        rows[i] = (struct vquality_row){.name = "answers aborted", .scope = labels[i] + strlen("answers aborted "), .label = labels[i]};
    }
    const char *text = vquality_never(&a, rows, MANY, 86400000);
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(strstr(text, "none bad in 24h: answers aborted m0000, m0001, ") == text, "%s", text);
    ck_assert_msg(strstr(text, ", m0082, +1917 more") != NULL, "%s", text); /* 599 bytes of names, of 7 each but the first */
    ck_assert_str_eq(vquality_never(&a, rows, 2, 86400000), "none bad in 24h: answers aborted m0000, m0001");
    ck_assert_str_eq(vquality_never(&a, rows, 0, 0), "");
    arena_fini(&a);
}
END_TEST

/* ---- which way is good, and whose evidence it is ---- */

START_TEST(which_way_is_good_is_the_recorders_word)
{
    struct fixture f;
    struct drift_base half = {.is_share = true, .high_is_good = true, .n = 2000, .bad = 1000, .mean = 0.5};
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), half);
    ck_assert_double_lt(reload(&f, "json_valid gpt-x")->detectable, 0);
    half.high_is_good = false;
    hold(&f, "quality:json_valid", "model=gpt-x", minute(2), half);
    ck_assert_double_gt(reload(&f, "json_valid gpt-x")->detectable, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(a_promise_that_was_not_told_is_none)
{
    struct arena a;
    struct drift_base b = known;
    arena_init(&a, 4096);
    b.alarms = 2;
    b.arl = NAN;
    ck_assert_str_eq(vdrift_promise(b.arl, b.alarms, 5, &a), "");
    ck_assert(isnan(vdrift_visible(&b, false, 1200, EDETECT_HALF)));
    b.arl = 1e6;
    ck_assert(!isnan(vdrift_visible(&b, false, 1200, EDETECT_HALF)));
    ck_assert_str_eq(vdrift_promise(DRIFT_ARL_FIRST, 2, 5, &a), "e-detector: its share of the budget of false alarms was not known yet");
    b.alarms = NAN;
    ck_assert_str_eq(vdrift_promise(b.arl, b.alarms, 5, &a), "");
    arena_fini(&a);
}
END_TEST

START_TEST(each_stream_has_its_own_evidence)
{
    enum { NAMES = 20 };
    struct fixture f;
    char name[16], label[32];
    record(&f);
    for (int i = 0; i < NAMES; i++) {
        ck_assert(str_format(name, sizeof name, "s%d", 7 * i % NAMES));
        scores(&f, score_series(&f, name, "", "gpt-x"), 10, 1, 9000);
        scores(&f, score_series(&f, name, "", "c-l"), 10, 1, 9000);
    }
    fixture_append(&f, minute(FIXTURE_POLLS + 1));
    for (int i = 0; i < 2 * NAMES; i++) {
        const int k = 11 * i % (2 * NAMES);
        ck_assert(str_format(name, sizeof name, "s%d", k / 2));
        tell_evidence(&f, name, k % 2 == 0 ? "gpt-x" : "c-l", minute(FIXTURE_POLLS + 1), k / 100.0);
    }
    const struct view_quality v = load(&f);
    for (int k = 0; k < 2 * NAMES; k++) {
        ck_assert(str_format(label, sizeof label, "s%d %s", k / 2, k % 2 == 0 ? "gpt-x" : "c-l"));
        ck_assert_double_eq_tol(row_of(&v, label)->evidence, k / 100.0, 1e-9);
        ck_assert_double_eq_tol(row_of(&v, label)->evidence_strip.max, k / 100.0, 1e-9);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(a_name_tells_whether_it_is_of_a_share)
{
    static const char *const shares[] = {"answers aborted", "guardrail pii blocks", "guardrail  blocks"};
    static const char *const others[] = {
        "finish reasons", "output tokens per answer", "guardrail blocks", "json_valid", "guardrail pii", ""};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        ck_assert_msg(vstream_share_of(shares[i]) != NULL, "%s", shares[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(vstream_share_of(others[i]) == NULL, "%s", others[i]);
}
END_TEST

/* ---- canaries, and what has no values here ---- */

START_TEST(canaries_are_rows)
{
    struct fixture f;
    struct buf text;
    record(&f);
    const struct canary_state list[] = {{.name = "basics",
                                         .model = "gpt-x",
                                         .url = "http://127.0.0.1:1/v1",
                                         .interval_ms = 60 * minute_ms,
                                         .cap_nusd = 500000000,
                                         .run_nusd = 1000000,
                                         .day_nusd = 24000000,
                                         .spent_day_ms = canary_day(minute(0)),
                                         .spent_nusd = 2000000,
                                         .last_ms = minute(FIXTURE_POLLS - 4),
                                         .ended_ms = minute(FIXTURE_POLLS - 4),
                                         .next_ms = minute(FIXTURE_POLLS + 56),
                                         .passed = 11,
                                         .bad = 1,
                                         .why = ""},
                                        {.name = "fresh", .model = "c-l", .url = "", .interval_ms = 60 * minute_ms, .why = ""}};
    buf_init(&text, 65536);
    ck_assert_int_eq(canary_states_write(list, 2, &text), ERR_OK);
    ck_assert_int_eq(store_put_note(f.st, CANARY_NOTE, minute(FIXTURE_POLLS - 4), buf_str(&text), NULL), ERR_OK);
    buf_fini(&text);
    settle(&f);
    struct view_quality v = load(&f);
    const struct vquality_row *r = row_of(&v, "basics gpt-x");
    ck_assert_int_eq(r->kind, QUALITY_CANARY);
    ck_assert_double_eq_tol(r->now.v, 100.0 * 11 / 12, 1e-9);
    ck_assert_uint_eq(r->now.n, 12);
    ck_assert_int_eq(r->state, QUALITY_QUIET);
    ck_assert_str_eq(r->canary,
                     "basics (gpt-x): ran 4m ago, 11 of 12 passed; next in 56m; $0.002 of $0.50 a day spent, up to $0.024 a day expected");
    ck_assert_int_eq(row_of(&v, "fresh c-l")->state, QUALITY_THIN);
    ck_assert_str_eq(v.sentence, "not known: no baseline is complete yet; 1 of 2 canaries quiet");
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    tell_evidence(&f, "json_valid", "gpt-x", minute(FIXTURE_POLLS), 0.1);
    v = load(&f); /* the promise is of streams alone */
    ck_assert_str_eq(v.sentence, "no drift in 1 of 4 streams, 3 too thin to judge; none bad in 1 more; on average at most 2 false alarms "
                                 "in 30 d over all 5 that are "
                                 "watched; 1 of 2 canaries quiet");
    put(&f, "canary:basics", "model=gpt-x", "canary basics of gpt-x fell 99.0 -> 91.0 %", ALERT_FIRING, minute(FIXTURE_POLLS - 3), 0);
    v = load(&f);
    ck_assert_str_eq(v.rows[0].label, "basics gpt-x");
    ck_assert_int_eq(v.rows[0].state, QUALITY_DRIFT);
    ck_assert_msg(strstr(v.sentence, "(1h): 91.7% in the last run (n 12)") != NULL, "%s", v.sentence);
    f.params.filter = "model=c-l";
    v = load(&f);
    for (size_t i = 0; i < v.row_count; i++)
        ck_assert_str_eq(v.rows[i].scope, "c-l");
    f.params.filter = "";
    f.params.cursor_ms = minute(FIXTURE_POLLS - 5); /* nobody had told of them */
    v = load(&f);
    for (size_t i = 0; i < v.row_count; i++)
        ck_assert_int_ne(v.rows[i].kind, QUALITY_CANARY);
    fixture_close(&f);
}
END_TEST

START_TEST(no_finding_is_left_out)
{
    struct fixture f;
    char note[300];
    record(&f);
    put(&f, "quality:output tokens per answer", "model=gpt-x", "answers of gpt-x; and x are shorter: 412 -> 260 tokens; they were retried",
        ALERT_FIRING, minute(ONSET + 2), 900);
    struct view_quality v = load(&f); /* of a build that told all in one */
    ck_assert_str_eq(v.sentence,
                     "answers of gpt-x; and x are shorter: 412 -> 260 tokens; they were retried when found, since 15:00:00Z (14:57:00 to "
                     "15:02:00Z), for 1h"); /* no later than it was told */
    ck_assert(str_format(note, sizeof note,
                         "{\"onset_ms\":%lld,\"what\":\"answers of gpt-x; and x are shorter: 412 -> 260 tokens\",\"beside\":\"they were "
                         "retried\"}",
                         (long long)minute(ONSET)));
    ck_assert_int_eq(store_put_note(f.st, "found:quality:output tokens per answer|model=gpt-x", minute(ONSET + 2), str_of(note), NULL),
                     ERR_OK);
    settle(&f);
    v = load(&f);
    ck_assert_str_eq(v.rows[0].label, "output tokens per answer gpt-x");
    ck_assert_int_eq(v.rows[0].kind, QUALITY_LENGTH);
    ck_assert_int_eq(v.rows[0].state, QUALITY_DRIFT);
    ck_assert_str_eq(v.rows[0].beside, "they were retried");
    ck_assert_str_eq(v.sentence, "answers of gpt-x; and x are shorter: 412 -> 260 tokens when found, since 15:00:00Z (14:57:00 to "
                                 "15:02:00Z), for 1h; they were retried");
    fixture_close(&f);
}
END_TEST

/* The judge of gpt-x tells nothing after two hours, though its source says so of every interval: after a day it has ended, out of the way,
 * and after a week it is no row any more. At instants before it is what it was. */
START_TEST(a_judge_that_fell_silent_ends_and_is_left_out)
{
    enum { DAY = 24 * 60 };
    static const int at[] = {FIXTURE_POLLS + DAY - 30, FIXTURE_POLLS + DAY + 30, FIXTURE_POLLS + 7 * DAY - 300,
                             FIXTURE_POLLS + 7 * DAY + 720};
    static const enum quality_state states[] = {QUALITY_STALE, QUALITY_ENDED, QUALITY_ENDED};
    struct fixture f;
    record(&f);
    const uint32_t json = score_series(&f, "json_valid", "", "gpt-x"), other = score_series(&f, "json_valid", "", "c-l");
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    for (int i = FIXTURE_POLLS + 30; i <= at[3]; i += 30) {
        scores(&f, json, 0, 0, 0);
        scores(&f, other, 20, 0, 20000);
        fixture_append(&f, minute(i));
    }
    settle(&f);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        f.params.cursor_ms = minute(at[i]);
        const struct view_quality v = load(&f);
        const struct vquality_row *last = &v.rows[v.row_count - v.never_bad - 1];
        bool any = false;
        for (size_t k = 0; k < v.row_count; k++)
            any = any || strcmp(v.rows[k].label, "json_valid gpt-x") == 0;
        ck_assert_int_eq(any, i < 3);
        if (i == 3)
            continue;
        const struct vquality_row *r = row_of(&v, "json_valid gpt-x");
        ck_assert_int_eq(r->state, states[i]);
        ck_assert(i == 0 || last == r);
        ck_assert_msg(i == 0 || strncmp(r->missing, "no score since ", 15) == 0, "%s", r->missing);
        ck_assert_msg(i == 0 || strstr(r->missing, " or up to 6h before: left out after 7 d") != NULL, "%s", r->missing);
    }
    f.params.cursor_ms = minute(FIXTURE_POLLS);
    ck_assert_int_ne(reload(&f, "json_valid gpt-x")->state, QUALITY_ENDED);
    find_drift(&f); /* of which it is not known whether it lasts, and after a day nobody looks any more */
    for (size_t i = 0; i < 2; i++) {
        f.params.cursor_ms = minute(at[i]);
        const struct view_quality v = load(&f);
        const struct vquality_row *r = row_of(&v, "json_valid gpt-x");
        ck_assert_int_eq(r->state, i == 0 ? QUALITY_SILENT : QUALITY_ENDED);
        ck_assert(r->finding != NULL && (r->onset.at_ms != 0) == (i == 0));
        ck_assert_msg(
            i == 0 || strncmp(r->missing, "it drifted since 23 Nov 15:00Z +-3m, whether that lasts is not known: no score since ", 85) == 0,
            "%s", r->missing);
        ck_assert_msg((strstr(v.sentence, "whether it lasts is not known") != NULL) == (i == 0), "%s", v.sentence);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(what_changed_about_the_onset_is_named)
{
    struct fixture f;
    static const struct {
        int at;
        enum event_kind kind;
        const char *scope, *text;
    } events[] = {
        {ONSET - 40, EVENT_CONFIG, "", "too early"},
        {ONSET - 20, EVENT_DEPLOY, "", "deployed v2"},
        {ONSET + 1, EVENT_MODEL_VERSION, "model=gpt-x", "gpt-x answers as new"},
        {ONSET + 2, EVENT_CONFIG, "model=c-l", "of another model"},
        {ONSET + 2, EVENT_QUALITY, "model=gpt-x", "no change"},
        {ONSET + 6, EVENT_CONFIG, "", "too late"},
    };
    record(&f);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        const struct event e = {.at_ms = minute(events[i].at),
                                .known_ms = minute(events[i].at),
                                .kind = events[i].kind,
                                .scope = events[i].scope,
                                .text = events[i].text,
                                .source = "gw"};
        ck_assert_int_eq(store_put_event(f.st, events[i].text, &e, NULL), ERR_OK);
    }
    find_drift(&f);
    ck_assert_str_eq(reload(&f, "json_valid gpt-x")->explain, "15:01:00Z gpt-x answers as new");
    fixture_close(&f);
}
END_TEST

/* ---- the first screen ---- */

START_TEST(the_overview_knows_judges)
{
    struct fixture f;
    struct view_overview o;
    record(&f);
    const uint32_t v1 = score_series(&f, "faithful", "v1", "gpt-x"), v2 = score_series(&f, "faithful", "v2", "gpt-x");
    for (int i = 1; i <= 5; i++) {
        scores(&f, v1, 10, 1, 9000);
        scores(&f, v2, 10, 3, 7000);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    put(&f, "quality:faithful@v2", "model=gpt-x", "it fell", ALERT_FIRING, minute(FIXTURE_POLLS), 500);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_str_eq(o.quality[0].label, "faithful@v2 gpt-x");
    ck_assert_int_eq(o.quality[0].severity, SEV_TICKET);
    ck_assert_double_eq_tol(o.quality[0].now.v, 70, 1e-9); /* the other judge's scores are not in it */
    ck_assert_uint_eq(o.quality[0].now.n, 50);
    fixture_close(&f);
}
END_TEST

START_TEST(the_overview_shows_a_share_that_drifts)
{
    struct fixture f;
    struct view_overview o;
    record(&f);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_uint_eq(o.quality_count, 2); /* scores alone */
    put(&f, "quality:requests filtered", "model=gpt-x", "requests filtered of gpt-x rose 1.0 -> 5.0 %", ALERT_FIRING, minute(ONSET + 5),
        500);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_uint_eq(o.quality_count, 3);
    ck_assert_str_eq(o.quality[0].label, "requests filtered gpt-x");
    ck_assert_double_eq_tol(o.quality[0].now.v, 5, 1e-9);
    ck_assert_uint_eq(o.quality[0].now.n, 300); /* of the last five minutes */
    ck_assert_int_eq(o.quality[0].severity, SEV_TICKET);
    ck_assert_double_eq_tol(o.quality[0].strip.max, 5, 1e-9);
    fixture_close(&f);
}
END_TEST

Suite *suite_quality(void);
Suite *suite_quality(void)
{
    Suite *s = suite_create("quality");
    TCase *tc = tcase_create("quality");
    tcase_add_test(tc, a_row_has_its_numbers);
    tcase_add_test(tc, evidence_near_the_line_is_watched);
    tcase_add_test(tc, a_thin_one_says_what_it_lacks);
    tcase_add_test(tc, a_drift_is_what_the_recorder_found);
    tcase_add_test(tc, a_drift_that_is_over_was_one);
    tcase_add_test(tc, a_drift_that_is_back_is_not_confirmed);
    tcase_add_test(tc, a_past_cursor_has_the_baseline_of_then);
    tcase_add_test(tc, other_traffic_is_no_drift);
    tcase_add_test(tc, what_was_taken_for_normal_is_the_baseline);
    tcase_add_test(tc, each_judge_is_a_row);
    tcase_add_test(tc, a_filter_that_nothing_is_judged_by_says_so);
    tcase_add_test(tc, silence_is_stale);
    tcase_add_test(tc, none_is_bad_of_what_was_seen);
    tcase_add_test(tc, silence_is_not_none);
    tcase_add_test(tc, what_some_sources_tell_is_what_was_seen);
    tcase_add_test(tc, many_of_them_are_counted);
    tcase_add_test(tc, which_way_is_good_is_the_recorders_word);
    tcase_add_test(tc, a_promise_that_was_not_told_is_none);
    tcase_add_test(tc, each_stream_has_its_own_evidence);
    tcase_add_test(tc, a_name_tells_whether_it_is_of_a_share);
    tcase_add_test(tc, canaries_are_rows);
    tcase_add_test(tc, no_finding_is_left_out);
    tcase_add_test(tc, a_judge_that_fell_silent_ends_and_is_left_out);
    tcase_add_test(tc, what_changed_about_the_onset_is_named);
    tcase_add_test(tc, the_overview_knows_judges);
    tcase_add_test(tc, the_overview_shows_a_share_that_drifts);
    suite_add_tcase(s, tc);
    return s;
}
