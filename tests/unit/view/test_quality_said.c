/* SPDX-License-Identifier: MIT */
/* What pane 5 says where nothing is known, or not yet: that the data is old, when a baseline will be complete, and of which time one is. */
#include "model/drift.h"
#include "model/score.h"
#include "quality_rows.h"
#include "view/vfinding.h"
#include "view/vtext.h"

/* ---- what is old ---- */

static void be_late(struct fixture *f, int minutes)
{
    f->params.cursor_ms = f->params.now_ms = f->manual.wall_ms = minute(FIXTURE_POLLS + minutes);
}

START_TEST(a_silent_stream_has_a_baseline)
{
    struct fixture f;
    record(&f);
    const uint32_t fresh = score_series(&f, "fresh", "", "c-l");
    for (int i = 1; i <= 20; i++) {
        scores(&f, fresh, 10, 1, 9000);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    hold(&f, "quality:fresh", "model=c-l", minute(1), (struct drift_base){.is_share = true, .n = 80, .bad = 8, .mean = 0.1, .lacks = 12});
    f.params.filter = "name=json_valid,fresh";
    const struct view_quality v = load(&f);
    const struct vquality_row *r = row_of(&v, "json_valid gpt-x");
    ck_assert_int_eq(r->state, QUALITY_STALE);
    ck_assert_int_eq(r->told_ms, minute(FIXTURE_POLLS));
    ck_assert_str_eq(r->missing, "no score since 16:00:00Z (20m)");
    ck_assert_int_eq(row_of(&v, "fresh c-l")->state, QUALITY_THIN);
    ck_assert_str_eq(v.sentence, "not known: the data is old, nothing was told since 16:00:00Z (20m) of 1 stream with a baseline, "
                                 "2 too thin to judge");
    fixture_close(&f);
}
END_TEST

/* Others of its source go on: nobody knows whether what it had lasts. */
START_TEST(a_drift_of_a_silent_stream_is_not_known_to_last)
{
    struct fixture f;
    record(&f);
    const uint32_t fresh = score_series(&f, "fresh", "", "c-l");
    for (int i = 1; i <= 80; i++) {
        scores(&f, fresh, 10, 1, 9000);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
        if (i != 20 && i != 80)
            continue;
        be_late(&f, i);
        hold(&f, "quality:json_valid", "model=gpt-x", minute(1 + i), known);
        find_drift(&f);
        f.params.filter = "name=json_valid";
        const struct view_quality v = load(&f);
        const struct vquality_row *r = row_of(&v, "json_valid gpt-x");
        ck_assert_int_eq(r->state, QUALITY_SILENT);
        ck_assert_str_eq(r->missing, i == 20 ? "no score since 16:00:00Z (20m), whether it lasts is not known"
                                             : "no score since 16:00:00Z (1h20m), whether it lasts is not known");
        ck_assert(r->now.stale && r->now.n == 0);
        ck_assert_msg(strstr(v.sentence, i == 20 ? "when found, since 15:00:00Z +-3m, no score since 16:00:00Z (20m), whether it lasts is "
                                                   "not known: baseline 98.0%"
                                                 : "when found, since 15:00:00Z +-3m, no score since 16:00:00Z (1h20m), whether it lasts "
                                                   "is not known: baseline 98.0%") != NULL,
                      "%s", v.sentence);
        struct view_frame frame; /* on all screens: no clock of it goes on */
        ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
        ck_assert_int_eq(frame.findings[0].silent_ms, minute(FIXTURE_POLLS));
        ck_assert_msg(
            strstr(frame.verdict.sentence, i == 20 ? "since 15:00:00Z +-3m, no score since 16:00:00Z (20m), whether it lasts is not known"
                                                   : "since 15:00:00Z +-3m, no score since 16:00:00Z (1h20m), whether it lasts is not "
                                                     "known") != NULL,
            "%s", frame.verdict.sentence);
    }
    fixture_close(&f);
}
END_TEST

/* Checks of pii that did not run tell nothing of the share that blocks; the last that ran are of the end of the recording. */
START_TEST(a_share_is_silent_where_its_whole_is)
{
    struct fixture f;
    record(&f);
    const uint32_t skipped = fixture_series(&f, SIG_GUARDRAIL_CHECKS, 0, "", "", "", "not_run", "pii");
    for (int i = 1; i <= 40; i++) {
        fixture_increment(&f, skipped, 5);
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    put(&f, "quality:guardrail pii blocks", "", "guardrail pii blocks of all models rose", ALERT_FIRING, minute(ONSET + 5), 2000);
    struct alert *list;
    size_t count;
    be_late(&f, 14); /* within the 15 minutes it is not */
    ck_assert_int_eq(vfindings_load(&f.loader, &f.params, &list, &count, NULL), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(list[0].silent_ms, 0);
    be_late(&f, 37);
    ck_assert_int_eq(vfindings_load(&f.loader, &f.params, &list, &count, NULL), ERR_OK);
    ck_assert_int_eq(list[0].silent_ms, minute(FIXTURE_POLLS));
    ck_assert_str_eq(vtext_found_since(&f.arena, &list[0], f.params.cursor_ms),
                     " since 15:00:00Z +-3m, no answer since 16:00:00Z (37m), whether it lasts is not known");
    list[0].ended_ms = minute(FIXTURE_POLLS - 10); /* nor does it stay back for ever */
    ck_assert_str_eq(vtext_found_since(&f.arena, &list[0], f.params.cursor_ms),
                     " since 15:00:00Z +-3m, back at its baseline for 10m, not confirmed yet, no answer since 16:00:00Z (37m), whether it "
                     "lasts is not known");
    fixture_close(&f);
}
END_TEST

/* Beyond the day that is looked at it is silent as well. */
START_TEST(a_stream_that_is_silent_for_days_is_no_live_one)
{
    static const struct {
        int minutes;
        enum finding_silence is;
        const char *text;
    } cases[] = {{23 * 60, SILENCE_SINCE, " since 15:00:00Z +-3m, no score since 16:00:00Z (23h), whether it lasts is not known"},
                 {26 * 60, SILENCE_BEFORE, " since 15:00:00Z +-3m, no score within a day, whether it lasts is not known"},
                 {50 * 60, SILENCE_BEFORE, " since 15:00:00Z +-3m, no score within a day, whether it lasts is not known"}};
    struct fixture f;
    struct alert *list;
    size_t count;
    record(&f);
    find_drift(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        be_late(&f, cases[i].minutes);
        ck_assert_int_eq(vfindings_load(&f.loader, &f.params, &list, &count, NULL), ERR_OK);
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(list[0].silence, cases[i].is);
        ck_assert_int_eq(list[0].silent_ms, minute(i == 0 ? FIXTURE_POLLS : FIXTURE_POLLS + cases[i].minutes - 24 * 60));
        ck_assert_str_eq(vtext_found_since(&f.arena, &list[0], f.params.cursor_ms), cases[i].text);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(those_that_are_not_asked_say_so)
{
    enum { ALL = 34, ASKED = 32 };
    struct fixture f;
    struct alert *list;
    size_t count, unasked = 0;
    char scope[32];
    record(&f);
    for (int i = 0; i < ALL; i++) {
        snprintf(scope, sizeof scope, "model=m%02d", i);
        put(&f, "quality:json_valid", scope, "json_valid fell", ALERT_FIRING, minute(ONSET + 5), 2000);
    }
    be_late(&f, 40);
    ck_assert_int_eq(vfindings_load(&f.loader, &f.params, &list, &count, NULL), ERR_OK);
    ck_assert_uint_eq(count, ALL);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_ne(list[i].silence, SILENCE_NONE);
        if (list[i].silence != SILENCE_UNASKED)
            continue;
        unasked++;
        ck_assert_int_eq(list[i].silent_ms, 0);
        ck_assert_str_eq(vtext_found_since(&f.arena, &list[i], f.params.cursor_ms),
                         " since 15:00:00Z +-3m, whether it lasts was not looked at");
    }
    ck_assert_uint_eq(unasked, ALL - ASKED);
    fixture_close(&f);
}
END_TEST

START_TEST(a_silent_source_makes_all_old)
{
    struct fixture f;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1),
         (struct drift_base){.is_share = true, .high_is_good = true, .n = 800, .bad = 8, .mean = 0.99, .lacks = 12});
    f.params.filter = "name=json_valid";
    be_late(&f, 16);
    struct view_quality v = load(&f);
    const struct vquality_row *r = row_of(&v, "json_valid gpt-x");
    ck_assert_uint_gt(r->now.n, 0);   /* as of the end of the recording */
    ck_assert_int_eq(r->lacks_ms, 0); /* there is no present rate */
    ck_assert_str_eq(r->missing, "nothing was told since 16:00:00Z (16m); the baseline lacks 12 of 20 bad ones (n 800)");
    ck_assert_str_eq(v.sentence,
                     "not known: the data is old, nothing was told since 16:00:00Z (16m) of 2 streams and no baseline was complete");
    hold(&f, "quality:json_valid", "model=gpt-x", minute(2), known);
    find_drift(&f);
    v = load(&f);
    ck_assert_str_eq(v.sentence, "json_valid of gpt-x fell 98.0 -> 90.0 % when found, since 15:00:00Z +-3m, no score since 16:00:00Z "
                                 "(16m), whether it lasts is not known: 90.0% in the 15m to 16:00:00Z (n 300), baseline 98.0%, -8.00pp "
                                 "since its onset (n 1.2k; 95 % -9.90 to -6.27)");
    fixture_close(&f);
}
END_TEST

START_TEST(a_past_that_is_still_read_is_why)
{
    struct fixture f;
    record(&f);
    struct source_status src = fixture_status(&f, minute(FIXTURE_POLLS));
    src.reason = SCORE_PAST_REMARK ": those up to 23 Nov 13:00Z so far";
    ck_assert_int_eq(store_put_status(f.st, minute(FIXTURE_POLLS), &src, NULL), ERR_OK);
    settle(&f);
    const struct view_quality v = load(&f);
    ck_assert_str_eq(v.sentence, "not known: no baseline is complete yet");
    ck_assert_str_eq(v.sources_text, "judged up to 23 Nov 13:00Z: gw still reads scores of the past");
    ck_assert_uint_eq(v.source_count, 1);
    ck_assert_str_eq(v.sources[0].until, "23 Nov 13:00Z");
    ck_assert_uint_eq(v.sources[0].left_out, 0);
    ck_assert_int_eq(v.judged_ms, 0);
    fixture_close(&f);
}
END_TEST

/* Nothing is said where nothing waits; and at a past cursor what was known then. */
START_TEST(how_far_is_judged_is_told_while_scores_wait)
{
    struct fixture f;
    record(&f);
    const int64_t at = f.params.cursor_ms;
    ck_assert_str_eq(load(&f).sources_text, "");
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)minute(10));
    ck_assert_int_eq(store_put_note(f.st, DRIFT_JUDGED_NOTE, at, str_of(text), NULL), ERR_OK);
    ck_assert_int_eq(store_put_note(f.st, DRIFT_JUDGED_NOTE, at + 60000, str_of("0"), NULL), ERR_OK);
    settle(&f);
    const struct view_quality v = load(&f);
    ck_assert_int_eq(v.judged_ms, minute(10));
    ck_assert_str_eq(v.sources_text, "judged up to 23 Nov 14:10Z: scores wait");
    f.params.cursor_ms = f.params.now_ms = f.manual.wall_ms = at + 60000;
    ck_assert_str_eq(load(&f).sources_text, "");
    fixture_close(&f);
}
END_TEST

/* A page of metrics has warnings of its own, which say nothing of scores. */
START_TEST(scores_that_were_left_out_are_told)
{
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        record(&f);
        struct source_status src = fixture_status(&f, minute(FIXTURE_POLLS));
        src.kind = i == 0 ? "langfuse" : src.kind;
        src.warnings = 1234;
        src.warning = "toxicity lies in the future: left out until its time comes";
        if (i == 0)
            ck_assert_int_eq(store_put_source(f.st, &src, &src.id, NULL), ERR_OK);
        ck_assert_int_eq(store_put_status(f.st, minute(FIXTURE_POLLS), &src, NULL), ERR_OK);
        settle(&f);
        const struct view_quality v = load(&f);
        ck_assert_str_eq(v.sources_text,
                         i == 0 ? "gw: 1.23k left out, the newest: toxicity lies in the future: left out until its time comes" : "");
        ck_assert_uint_eq(v.source_count, i == 0);
        ck_assert_uint_eq(i == 0 ? v.sources[0].left_out : 0, i == 0 ? 1234 : 0);
        fixture_close(&f);
    }
}
END_TEST

/* ---- when it will be complete ---- */

static const char *lacks(struct arena *a, bool is_share, uint64_t n, double bad, double per_hour, int64_t *ret_ms)
{
    const struct drift_base b = {.is_share = is_share, .n = n, .bad = bad, .why = ""};
    return vdrift_lacks(&b, per_hour, a, ret_ms);
}

START_TEST(a_few_samples_tell_no_time)
{
    struct arena a;
    int64_t ms = -1;
    arena_init(&a, 4096);
    ck_assert_str_eq(lacks(&a, true, 51, 1, 0, &ms), "the baseline lacks 19 of 20 bad ones (n 51)");
    ck_assert_int_eq(ms, 0);
    /* One of 51: 8.97 % at the most (95 %, Clopper-Pearson), so 19 take 212 samples at least. */
    ck_assert_str_eq(lacks(&a, true, 51, 1, 100, &ms), "the baseline lacks 19 of 20 bad ones (n 51), at least 2h more at the present rate");
    ck_assert_int_eq(ms, 0);
    ck_assert_str_eq(lacks(&a, true, 500, 5, 100, &ms), "the baseline lacks 15 of 20 bad ones (n 500), about 15h more at the present rate");
    ck_assert_int_eq(ms, 15 * 3600000);
    ck_assert_str_eq(lacks(&a, false, 1, 0.9, 1, &ms), "the baseline lacks 299 of 300 scores");
    ck_assert_int_eq(ms, 0);
    ck_assert_str_eq(lacks(&a, false, 30, 24, 30, &ms), "the baseline lacks 270 of 300 scores, about 9h more at the present rate");
    arena_fini(&a);
}
END_TEST

START_TEST(the_rate_is_that_of_the_time_it_was_there)
{
    struct drift_base b = {.from_ms = minute(0), .why = ""};
    ck_assert_double_eq(vdrift_pace(&b, 51, minute(0) + 7000), 0);
    ck_assert_double_eq(vdrift_pace(&b, 150, minute(3)), 3000);
    ck_assert_double_eq(vdrift_pace(&b, 150, minute(600)), 150);
    b.why = DRIFT_ACCEPTED; /* the stream is older than its baseline */
    ck_assert_double_eq(vdrift_pace(&b, 150, minute(3)), 150);
}
END_TEST

/* ---- of which time a baseline is ---- */

START_TEST(a_baseline_of_several_times_has_no_one_range)
{
    struct fixture f;
    struct drift_base b = known;
    record(&f);
    b.why = DRIFT_WITHOUT "1 Dec 03:50:20Z, when it drifted, and since 1 Dec 06:15:00Z";
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), b);
    const struct vquality_row *r = reload(&f, "json_valid gpt-x");
    ck_assert_int_eq(r->base_from_ms, 0);
    ck_assert_int_eq(r->base_to_ms, 0);
    ck_assert_str_eq(r->why, "baseline: of before 1 Dec 03:50:20Z, when it drifted, and since 1 Dec 06:15:00Z");
    fixture_close(&f);
}
END_TEST

START_TEST(all_rows_tell_the_newest_budget)
{
    struct fixture f;
    char name[200];
    struct buf text;
    struct drift_base b = known;
    record(&f);
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), b);
    buf_init(&text, 4096);
    b.to_ms += 1000;
    b.alarms = 3;
    b.streams = 1;
    b.arl = 2e6;
    b.why = "";
    ck_assert(str_format(name, sizeof name, DRIFT_NOTE, "quality:json_valid", "model=c-l"));
    ck_assert_int_eq(drift_base_write(&b, &text), ERR_OK);
    ck_assert_int_eq(store_put_note(f.st, name, minute(1), buf_str(&text), NULL), ERR_OK);
    buf_fini(&text);
    settle(&f);
    const struct view_quality v = load(&f);
    static const char promise[] = "e-detector: on average at most 1 false alarm in 2M samples; 3 in 30 d over 1 stream";
    ck_assert_str_eq(row_of(&v, "json_valid gpt-x")->test, promise);
    ck_assert_str_eq(row_of(&v, "json_valid c-l")->test, promise);
    ck_assert_uint_eq(row_of(&v, "json_valid gpt-x")->streams, 1);
    fixture_close(&f);
}
END_TEST

/* ---- whose drift it is ---- */

START_TEST(a_filter_by_name_leaves_out_other_names)
{
    struct fixture f;
    record(&f);
    scores(&f, score_series(&f, "judge", "v1", "gpt-x"), 10, 1, 9000);
    fixture_append(&f, minute(FIXTURE_POLLS));
    hold(&f, "quality:json_valid", "model=gpt-x", minute(1), known);
    find_drift(&f);
    put(&f, "quality:output tokens per answer", "model=gpt-x", "they are shorter", ALERT_FIRING, minute(ONSET + 2), 900);
    put(&f, "quality:judge@v0", "model=gpt-x", "judge@v0 fell", ALERT_FIRING, minute(ONSET + 2), 900); /* no score of it for a day */
    f.params.filter = "name=judge";
    struct view_quality v = load(&f);
    ck_assert_uint_eq(v.row_count, 2);
    ck_assert_str_eq(v.rows[0].label, "judge@v0 gpt-x");
    ck_assert_str_eq(v.rows[1].name, "judge");
    f.params.filter = "judge=v1";
    v = load(&f);
    ck_assert_uint_eq(v.row_count, 1);
    ck_assert_msg(strstr(v.sentence, "fell") == NULL, "%s", v.sentence);
    f.params.filter = "model=gpt-x";
    v = load(&f);
    ck_assert_str_eq(row_of(&v, "output tokens per answer gpt-x")->found, "they are shorter when found");
    fixture_close(&f);
}
END_TEST

START_TEST(what_carries_a_promise_goes_first)
{
    struct fixture f;
    struct view_frame frame;
    record(&f);
    find_drift(&f);
    const struct alert length = {.rule = "quality:output tokens per answer",
                                 .scope = "model=gpt-x",
                                 .state = ALERT_FIRING,
                                 .since_ms = minute(ONSET + 6),
                                 .onset_ms = minute(ONSET + 1), /* the newer one */
                                 .known_ms = minute(ONSET + 6),
                                 .text = "output tokens per answer of gpt-x fell 351 -> 278"};
    ck_assert_int_eq(store_put_alert(f.st, &length, NULL), ERR_OK);
    settle(&f);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_msg(
        strstr(frame.verdict.sentence, "json_valid of gpt-x fell 98.0 -> 90.0 % when found, since 15:00:00Z +-3m (1h), +1 more") != NULL,
        "%s", frame.verdict.sentence);
    ck_assert_str_eq(frame.findings[0].rule, "quality:json_valid");
    fixture_close(&f);
}
END_TEST

Suite *suite_quality_said(void);
Suite *suite_quality_said(void)
{
    Suite *s = suite_create("quality_said");
    TCase *tc = tcase_create("said");
    tcase_add_test(tc, a_silent_stream_has_a_baseline);
    tcase_add_test(tc, a_drift_of_a_silent_stream_is_not_known_to_last);
    tcase_add_test(tc, a_share_is_silent_where_its_whole_is);
    tcase_add_test(tc, a_stream_that_is_silent_for_days_is_no_live_one);
    tcase_add_test(tc, those_that_are_not_asked_say_so);
    tcase_add_test(tc, a_silent_source_makes_all_old);
    tcase_add_test(tc, a_past_that_is_still_read_is_why);
    tcase_add_test(tc, how_far_is_judged_is_told_while_scores_wait);
    tcase_add_test(tc, scores_that_were_left_out_are_told);
    tcase_add_test(tc, a_few_samples_tell_no_time);
    tcase_add_test(tc, the_rate_is_that_of_the_time_it_was_there);
    tcase_add_test(tc, a_baseline_of_several_times_has_no_one_range);
    tcase_add_test(tc, all_rows_tell_the_newest_budget);
    tcase_add_test(tc, a_filter_by_name_leaves_out_other_names);
    tcase_add_test(tc, what_carries_a_promise_goes_first);
    suite_add_tcase(s, tc);
    return s;
}
