/* SPDX-License-Identifier: MIT */
/* What the frame must never leave out, and masking. */
#include "ui/draw/frame.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ui/draw/mask.h"
#include "ui/draw/popup.h"

static struct canvas cv;
static struct view_frame view;
static struct frame_in in;
static struct draw_ctx ctx;
static struct draw_out out;

static const int64_t now_ms = INT64_C(1795490062000); /* 2026-11-24T03:14:22Z */

static void setup(void)
{
    canvas_init(&cv);
    view = (struct view_frame){
        .gateway = "prod-eu",
        .scope_text = "all",
        .live = true,
        .kept = true,
        .now_ms = now_ms,
        .cursor_ms = now_ms,
        .data_age_ms = 4000,
        .recorder_running = true,
        .sources_ok = 5,
        .sources_all = 6,
        .verdict = {.state = VERDICT_PAGE, .was = VERDICT_PAGE, .sentence = "38% of requests fail", .reality = "litellm 4s", .others = 1}};
    in = (struct frame_in){.view = &view};
    out = draw_out_none();
    ctx = (struct draw_ctx){.out = &out, .frame = &view};
}

static void teardown(void)
{
    canvas_fini(&cv);
}

static const char *row(int cols, int rows, int y)
{
    static char line[1024];
    struct buf b;
    ck_assert_int_eq(canvas_resize(&cv, cols, rows), ERR_OK);
    struct layout l = layout_screen(cols, rows, false);
    (void)frame_draw(&cv, &l, &in, &ctx);
    buf_init(&b, 1 << 16);
    ck_assert_int_eq(canvas_export(&cv, CANVAS_GLYPHS, &b), ERR_OK);
    const char *p = b.data;
    for (int i = 0; i < y; i++) {
        p = strchr(p, '\n') + 1;
    }
    size_t n = (size_t)(strchr(p, '\n') - p);
    memcpy(line, p, n);
    line[n] = '\0';
    buf_fini(&b);
    return line;
}

#define HAS(text, part) ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in: %s", part, text)
#define LACKS(text, part) ck_assert_msg(strstr(text, part) == NULL, "'%s' is in: %s", part, text)

START_TEST(test_live)
{
    const char *line = row(80, 24, 0);
    HAS(line, "prod-eu");
    HAS(line, "Tue 24 Nov 03:14:22Z");
    HAS(line, "LIVE 4s");
    HAS(line, "sources 5/6");
    LACKS(line, "DEMO");
    LACKS(line, "local"); /* the test runs in UTC */
}
END_TEST

START_TEST(test_local_time)
{
    ck_assert_int_eq(setenv("TZ", "XXX-1", 1), 0);
    const char *line = row(80, 24, 0);
    HAS(line, "(04:14 local)");
    ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
}
END_TEST

START_TEST(test_silence_is_not_live)
{
    view.sources_ok = 0;
    view.data_age_ms = 540000;
    const char *line = row(80, 24, 0);
    LACKS(line, "LIVE");
    HAS(line, "DATA 9m OLD");
    view.data_age_ms = -1;
    line = row(80, 24, 0);
    LACKS(line, "LIVE");
    HAS(line, "NO DATA YET");
}
END_TEST

START_TEST(test_a_silent_recorder_is_named_and_not_the_sources)
{
    static const struct vstale stale[] = {{"litellm", 62000, SOURCE_STALE, ""}, {"vllm-a", 99000, SOURCE_DOWN, ""}};
    char text[FRAME_TEXT_MAX];
    ck_assert_str_eq(frame_recorder_text(&view, text), "");
    view.stale = stale;
    view.stale_count = 2;
    view.sources_ok = 0;
    view.recorder_silent = view.recorder_missing = true;
    view.recorder_wrote_ms = now_ms - 62000;
    const char *line = row(120, 40, 0);
    HAS(line, " RECORDER SILENT since 03:13:20Z ");
    LACKS(line, "STALE litellm");
    HAS(line, "DOWN vllm-a 99s"); /* that was seen */
    LACKS(line, "LIVE");
    LACKS(line, "OLD");
    view.sources_ok = 6; /* its last words are not old yet */
    LACKS(row(120, 40, 0), "LIVE");
    HAS(row(120, 40, 2), "UNSURE");
    view.recorder_silent = view.recorder_running = false;
    HAS(row(120, 40, 0), " NO RECORDER since 03:13:20Z ");
}
END_TEST

START_TEST(test_a_screen_that_stands_still_says_whether_anybody_records)
{
    view.recorder_silent = true;
    view.recorder_wrote_ms = now_ms - 62000;
    in.frozen_ms = 70000;
    const char *line = row(120, 40, 0);
    HAS(line, "FROZEN 70s");
    HAS(line, "RECORDER SILENT since 03:13:20Z");
    LACKS(line, "LIVE");
    in.frozen_ms = 0;
    view.live = false;
    view.cursor_ms = now_ms - 292000;
    line = row(120, 40, 0);
    HAS(line, "AT 03:09:30Z");
    HAS(line, "RECORDER SILENT since 03:13:20Z");
    view.recorder_silent = false;
    view.late_text = "made good later: 03:09:00-03:10:00Z was not known until 03:10:05Z";
    HAS(row(160, 40, 0), "made good later: 03:09:00-03:10:00Z was not known until 03:10:05Z");
    HAS(row(120, 40, 2), "REAL"); /* as known then */
}
END_TEST

START_TEST(test_counters_that_mean_nothing_are_not_live)
{
    static const struct vstale stale[] = {{"litellm", 180000, SOURCE_SAWTOOTH, ""}};
    view.stale = stale;
    view.stale_count = 1;
    HAS(row(120, 40, 0), "LIVE 4s"); /* another source answers */
    HAS(row(120, 40, 0), "SAWTOOTH litellm 3m");
    view.sources_ok = 0;
    view.sources_sawtooth = 1;
    const char *line = row(120, 40, 0);
    LACKS(line, "LIVE");
    LACKS(line, "OLD");
    HAS(line, " COUNTS UNKNOWN ");
    HAS(row(120, 40, 2), "UNSURE");
}
END_TEST

START_TEST(test_an_answer_in_part_is_not_live)
{
    static const struct vstale stale[] = {{"litellm", 180000, SOURCE_PARTIAL, ""}};
    view.stale = stale;
    view.stale_count = 1;
    HAS(row(120, 40, 0), "LIVE 4s"); /* another source answers whole */
    HAS(row(120, 40, 0), "PARTIAL litellm 3m");
    view.sources_ok = 0;
    view.sources_partial = 1;
    const char *line = row(120, 40, 0);
    LACKS(line, "LIVE");
    LACKS(line, "OLD");
    HAS(line, " PARTIAL ");
    HAS(line, "sources 1/6"); /* it answers */
    HAS(row(120, 40, 2), "UNSURE");
}
END_TEST

START_TEST(test_what_is_watched_has_one_word)
{
    static const struct vstale stale[] = {{"litellm", 3000, SOURCE_WATCHING, ""}};
    view.stale = stale;
    view.stale_count = 1;
    view.sources_ok = 0;
    view.sources_watching = view.sources_all = 1;
    const char *line = row(120, 40, 0);
    HAS(line, " WATCHING ");
    HAS(line, "WATCHING litellm 3s");
    HAS(line, "sources 1/1");
    LACKS(line, "SURE");
}
END_TEST

/* A few counters' own: the rest is as sure as ever, and lives. */
START_TEST(test_what_is_watched_in_part_names_it)
{
    static const struct vstale stale[] = {{"litellm", 3000, SOURCE_WATCHING, "requests +1"}};
    view.stale = stale;
    view.stale_count = 1;
    view.sources_ok = 0;
    view.sources_watching = view.sources_watching_part = view.sources_all = 1;
    view.verdict.state = VERDICT_OK;
    const char *line = row(120, 40, 0);
    HAS(line, "LIVE 4s");
    LACKS(line, " WATCHING  ");
    HAS(line, "WATCHING requests +1 of litellm 3s");
    HAS(row(120, 40, 2), "REAL");
}
END_TEST

START_TEST(test_past)
{
    view.live = false;
    view.cursor_ms = now_ms - 292000;
    HAS(row(80, 24, 0), " AT 03:09:30Z (-4m52s) ");
    view.cursor_ms = now_ms - 972000;
    HAS(row(80, 24, 0), " AT 02:58:10Z (-16m) ");
    view.cursor_ms = now_ms - INT64_C(90000000);
    const char *line = row(80, 24, 0);
    HAS(line, "AT Mon 23 Nov 02:14:22Z"); /* another day is named */
    LACKS(line, "LIVE");
    view.cursor_ms = now_ms - 292000;
    HAS(row(120, 40, 0), "as known then; 0 live");
}
END_TEST

START_TEST(test_warnings_stay_on_narrow_screens)
{
    static const struct vstale stale[] = {{"langfuse", 540000, SOURCE_STALE, ""},
                                          {"vllm-a", 60000, SOURCE_DOWN, ""},
                                          {"x", -1, SOURCE_NEVER, ""},
                                          {"y", 1, SOURCE_STALE, ""}};
    view.demo = true;
    view.kept = false;
    view.recorder_running = false;
    view.stale = stale;
    view.stale_count = 4;
    in.frozen_ms = 41000;
    const char *line = row(80, 24, 0);
    HAS(line, "DEMO");
    HAS(line, "NOT KEPT");
    HAS(line, "FROZEN 41s");
    LACKS(line, "LIVE"); /* it is not: it stands still, and nobody records */
    HAS(line, "NO RECORDER");
    line = row(200, 24, 0);
    HAS(line, "STALE langfuse 9m");
    HAS(line, "DOWN vllm-a 60s");
    HAS(line, "x NO ANSWER YET");
    HAS(line, "+1 more");
    view.ended_ms = now_ms;
    line = row(80, 24, 0);
    HAS(line, "ENDED 03:14:22Z");
    LACKS(line, "NO RECORDER"); /* a finished recording misses none */
    LACKS(line, "LIVE");
}
END_TEST

START_TEST(test_verdicts)
{
    char text[256];
    HAS(row(80, 24, 1), "PAGE 38% of requests fail; +1");
    view.verdict.others = 2;
    HAS(row(160, 48, 1), "; +2 other incidents");
    view.verdict.sentence =
        "gpt-x: 39% of requests fail since 13:42:49Z (6m30s), 1.32k lost, 60% handed to a fallback"; /* goes on in the row below */
    HAS(row(80, 24, 1), "PAGE gpt-x: 39% of requests fail since 13:42:49Z (6m30s), 1.32k lost, 60%");
    HAS(row(80, 24, 2), "handed to a fallback; +2  REAL litellm 4s");
    HAS(row(100, 24, 2), " REAL litellm 4s");
    LACKS(row(120, 40, 2), "fallback");
    view.verdict.sentence = "a sentence that is very much longer than two rows of eighty columns can ever be, and that goes on and on and "
                            "on until it is cut after all";
    HAS(row(80, 24, 1), "columns can");
    const char *line = row(80, 24, 2);
    HAS(line, "~; +2  REAL"); /* the others are never what is cut, nor whether it is real */
    ck_assert_uint_le(strlen(line), 80);
    view.verdict = (struct view_verdict){.state = VERDICT_UNKNOWN, .was = VERDICT_PAGE, .since_ms = now_ms - 322000, .sentence = ""};
    HAS(row(80, 24, 1), "UNKNOWN since 03:09Z, was PAGE");
    HAS(row(80, 24, 2), "UNSURE");
    view.verdict = (struct view_verdict){.state = VERDICT_NO_RULES, .sentence = ""};
    HAS(row(80, 24, 1), "NO RULES nothing can page");
    frame_verdict_text(&view.verdict, text, sizeof text);
    HAS(text, "nothing can page");
    view.verdict = (struct view_verdict){.state = VERDICT_UNKNOWN, .was = VERDICT_UNKNOWN, .sentence = "no data"};
    LACKS(row(80, 24, 1), "was");
    view.verdict = (struct view_verdict){.state = VERDICT_OK, .sentence = "all 2 objectives hold"};
    (void)row(80, 24, 1);
    const enum role calm = (enum role)canvas_cell(&cv, 1, 1)->role;
    view.verdict = (struct view_verdict){.state = VERDICT_OK, .warns = true, .sentence = "but avail burns 15x its budget"};
    (void)row(80, 24, 1);
    ck_assert_int_eq(calm, ROLE_OK_BADGE);
    ck_assert_int_eq((enum role)canvas_cell(&cv, 1, 1)->role, ROLE_TICKET_BADGE); /* not green */
}
END_TEST

START_TEST(test_too_small_keeps_the_verdict)
{
    HAS(row(39, 24, 0), "PAGE 38% of requests fail");
    HAS(row(39, 24, 23), "too small");
    HAS(row(80, 9, 0), "PAGE");
    HAS(row(10, 3, 0), "PAGE 38%");
    HAS(row(5, 1, 0), "PAGE");
    (void)row(1, 1, 0);
    in.view = NULL;
    in.loading = "opening the store";
    HAS(row(20, 3, 0), "opening the store");
}
END_TEST

START_TEST(test_loading)
{
    in.view = NULL;
    in.loading = "opening /var/lib/gwtop/gwtop.db";
    HAS(row(80, 24, 0), "gwtop");
    HAS(row(80, 24, 1), "opening /var/lib/gwtop/gwtop.db");
    HAS(row(80, 24, 3), "1 Overview");
}
END_TEST

START_TEST(test_tabs_and_filter)
{
    const char *line = row(80, 24, 3);
    HAS(line, "1 Overview");
    HAS(line, "8 Sources");
    view.scope_text = "team=search model=gpt-x";
    in.pane = PANE_COST;
    line = row(80, 24, 3); /* a filtered screen says so at any width */
    HAS(line, "filter team=search model=gpt-x");
    HAS(line, "4 Cost");
    line = row(40, 24, 3);
    HAS(line, "filter");
    in.window_ms = 3600000;
    view.scope_text = "all";
    HAS(row(160, 24, 3), "scope all  window 1h");
}
END_TEST

START_TEST(test_footer)
{
    static const struct frame_key keys[] = {{"?", "help"}, {":", "command"}, {"q", "quit"}};
    in.keys = keys;
    in.key_count = 3;
    HAS(row(80, 24, 23), " ? help  : command  q quit");
    LACKS(row(40, 10, 9), "~");
    in.message_kind = FRAME_MESSAGE_ERROR;
    in.message = "store: disk is full";
    const char *line = row(80, 24, 23);
    HAS(line, "store: disk is full");
    LACKS(line, "help");
    in.message_kind = FRAME_MESSAGE_PROMPT;
    in.prompt = "filter ";
    in.message = "team=search";
    in.prompt_cursor = 4;
    ck_assert_int_eq(canvas_resize(&cv, 80, 24), ERR_OK);
    struct layout l = layout_screen(80, 24, false);
    struct frame_point p = frame_draw(&cv, &l, &in, &ctx);
    ck_assert_int_eq(p.y, 23);
    ck_assert_int_eq(p.x, 1 + 7 + 4);
    in.prompt_cursor = 500; /* a long text is shown around its cursor */
    p = frame_draw(&cv, &l, &in, &ctx);
    ck_assert_int_lt(p.x, 80);
    in.message_kind = FRAME_MESSAGE_NONE;
    p = frame_draw(&cv, &l, &in, &ctx);
    ck_assert_int_lt(p.x, 0);
}
END_TEST

START_TEST(test_mask)
{
    char a[64], b[64], text[256];
    ck_assert_str_eq(mask_name(false, DIM_TEAM, "search", a, sizeof a), "search");
    ck_assert_str_eq(mask_name(true, DIM_MODEL, "gpt-x", a, sizeof a), "gpt-x");
    ck_assert_str_eq(mask_name(true, DIM_TEAM, "other", a, sizeof a), "other");
    ck_assert_str_eq(mask_name(true, DIM_KEY, NULL, a, sizeof a), "");
    (void)mask_name(true, DIM_TEAM, "search", a, sizeof a);
    ck_assert_int_eq(strncmp(a, "team-", 5), 0);
    ck_assert_str_eq(mask_name(true, DIM_TEAM, "search", b, sizeof b), a); /* the same everywhere */
    ck_assert_str_ne(mask_name(true, DIM_TEAM, "support", b, sizeof b), a);
    (void)mask_name(true, DIM_KEY, "f31a", b, sizeof b);
    ck_assert_int_eq(strncmp(b, "key-", 4), 0);
    ck_assert_ptr_null(strstr(b, "f31a"));
    (void)mask_text(true, "+$240/h = fallback 118 + key f31a 97; team=search, monkey business", text, sizeof text);
    LACKS(text, "f31a");
    LACKS(text, "search");
    HAS(text, a); /* the text and the table name one team alike */
    HAS(text, "monkey business");
    HAS(text, "fallback 118");
    ck_assert_str_eq(mask_text(true, "a key", text, sizeof text), "a key");
    ck_assert_str_eq(mask_text(true, "a key ", text, sizeof text), "a key ");
    ck_assert_str_eq(mask_text(false, "key f31a", text, sizeof text), "key f31a");
    ck_assert_str_eq(mask_text(true, "no team or key stands out", text, sizeof text), "no team or key stands out");
    ck_assert_str_eq(mask_name(true, DIM_TEAM, "(no team)", text, sizeof text), "(no team)");
    char small[8];
    (void)mask_text(true, "key f31a key f31b", small, sizeof small); /* cut, never past the end */
    ck_assert_uint_lt(strlen(small), sizeof small);
    LACKS(small, "f31a");
}
END_TEST

START_TEST(test_popups_at_every_size)
{
    struct popup_row rows[70];
    for (int i = 0; i < 70; i++) {
        rows[i] = (struct popup_row){.left = i % 10 ? "Ctrl-L" : "a heading",
                                     .right = i % 10 ? "redraws the screen after something else wrote on it" : NULL,
                                     .heading = i % 10 == 0,
                                     .figures = i % 3 == 0,
                                     .tail = i % 2 ? " of change" : NULL};
    }
    ck_assert_int_eq(canvas_resize(&cv, 200, 60), ERR_OK);
    for (int h = 1; h <= 60; h++) {
        for (int w = 1; w <= 200; w += 1 + h % 7) {
            bool good = canvas_resize(&cv, w, h) == ERR_OK;
            ctx.selected = -1;
            ctx.focus = true;
            popup_list(&cv, canvas_rect(&cv), "help", "Esc closes", rows, 70, 2, &ctx);
            good = good && out.rows >= 1;
            ctx.selected = 65;
            popup_list(&cv, canvas_rect(&cv), "list", NULL, rows, 70, 1, &ctx);
            good = good && (out.page <= 0 || (out.scroll <= 65 && out.scroll + out.page > 65)); /* the selected row is visible */
            popup_text(&cv, canvas_rect(&cv), "evidence", "", "one line\n\na longer line that has to be wrapped somewhere in the box",
                       &ctx);
            popup_start(&cv, canvas_rect(&cv), "~/.config/gwtop/gwtop.yaml", "no configuration found", &ctx);
            if (!good) {
                ck_abort_msg("%dx%d", w, h);
            }
        }
    }
}
END_TEST

/* Names give way to figures, whole or cut in their middle; what explains the figures goes first. */
START_TEST(test_figures_of_a_popup_are_whole)
{
    static const struct popup_row rows[] = {
        {.left = "provider=openai model=gpt-x deployment=gpt-x-eu2",
         .right = "fail  87.4% was 0.04%   98%",
         .figures = true,
         .tail = " of change"},
        {.left = "team=a", .right = "req  2.31/s was none     -", .figures = true, .tail = " cancels"},
    };
    for (int w = 40; w <= 100; w++) {
        struct buf b;
        ck_assert_int_eq(canvas_resize(&cv, w, 10), ERR_OK);
        popup_list(&cv, canvas_rect(&cv), "what differs", "", rows, 2, 1, &ctx);
        buf_init(&b, 1 << 16);
        ck_assert_int_eq(canvas_export(&cv, CANVAS_GLYPHS, &b), ERR_OK);
        HAS(b.data, "87.4% was 0.04%   98%");
        HAS(b.data, "u2  fail");
        if (w >= 48 + 2 + 27 + 10 + 4) {
            HAS(b.data, "deployment=gpt-x-eu2  fail");
            HAS(b.data, "98% of change");
        } else {
            LACKS(b.data, "of change");
        }
        buf_fini(&b);
    }
}
END_TEST

/* Where the names of the sources do not fit, their number does. */
START_TEST(test_reality_is_no_part_of_a_name)
{
    view.sources_ok = view.sources_all = 5;
    view.verdict.reality = "litellm-of-the-first-region 0s, litellm-of-the-second-region 0s, vllm-qwen 0s, +2 more answer";
    HAS(row(80, 24, 2), " REAL 5 sources answer");
    HAS(row(120, 40, 2), "litellm-of-the-second-region 0s, vllm-qwen 0s, +2 more answer");
}
END_TEST

Suite *suite_frame(void);
Suite *suite_frame(void)
{
    Suite *s = suite_create("frame");
    TCase *t = tcase_create("frame");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_live);
    tcase_add_test(t, test_local_time);
    tcase_add_test(t, test_figures_of_a_popup_are_whole);
    tcase_add_test(t, test_reality_is_no_part_of_a_name);
    tcase_add_test(t, test_silence_is_not_live);
    tcase_add_test(t, test_a_silent_recorder_is_named_and_not_the_sources);
    tcase_add_test(t, test_a_screen_that_stands_still_says_whether_anybody_records);
    tcase_add_test(t, test_counters_that_mean_nothing_are_not_live);
    tcase_add_test(t, test_an_answer_in_part_is_not_live);
    tcase_add_test(t, test_what_is_watched_has_one_word);
    tcase_add_test(t, test_what_is_watched_in_part_names_it);
    tcase_add_test(t, test_past);
    tcase_add_test(t, test_warnings_stay_on_narrow_screens);
    tcase_add_test(t, test_verdicts);
    tcase_add_test(t, test_too_small_keeps_the_verdict);
    tcase_add_test(t, test_loading);
    tcase_add_test(t, test_tabs_and_filter);
    tcase_add_test(t, test_footer);
    tcase_add_test(t, test_mask);
    tcase_add_test(t, test_popups_at_every_size);
    suite_add_tcase(s, t);
    return s;
}
