/* SPDX-License-Identifier: MIT */
/* The exposition parser over whole bodies: cuts, caps, series that the caller knows. */
#include "source/exposition.h"

#include "unit/source/expo_rows.h"

/* Everything that could depend on a border: multi-byte runes, escapes, CR LF, exemplars, faults, metadata, a long line, a cut end. */
static const char cut_body[] = "\xEF\xBB\xBF# HELP h lat\xC3\xA4ncy\\n\r\n# TYPE h histogram\r\n"
                               "h_bucket{le=\"0.5\",m=\"\xE4\xBD\x96\\\"}\"} 1 1435781451.781 # {id=\"}#\"} 0.25 1\n"
                               "h_bucket{le=\"+Inf\",m=\"\xE4\xBD\x96\\\"}\"} 2 1435781451.781\n\n  # TYPE g  gauge\n"
                               "g{a=\"b\"\t, c = \"d\",} +Inf \nbroken{a=\"\xFF\"} 1\nbroken 0x1\n{\"q.n\",\"l.n\"=\"v\"} 1e-3\n"
                               "# UNIT g_s s\n# EOF\nlast 12";

START_TEST(test_cut_at_every_byte)
{
    struct str body = {cut_body, sizeof cut_body - 1};
    struct transcript whole, cut;
    struct expo *p = new_parser(&whole, _i == 1);
    transcript_run(&whole, p, body, 0, 0);
    expo_free(p);
    ck_assert_uint_ge(whole.samples, 3);
    p = new_parser(&cut, _i == 1);
    for (size_t first = 0; first <= body.n; first++) {
        for (size_t second = first; second <= body.n; second += first % 7 ? 37 : 2) {
            expo_reset(p);
            buf_reset(&cut.text);
            transcript_run(&cut, p, body, first, second);
            ck_assert_msg(strcmp(transcript_text(&cut), transcript_text(&whole)) == 0, "cut at %zu and %zu:\n%s\ninstead of\n%s", first,
                          second, transcript_text(&cut), transcript_text(&whole));
        }
    }
    expo_reset(p);
    buf_reset(&cut.text);
    for (size_t i = 0; i < body.n; i++) {
        ck_assert_int_eq(transcript_feed(p, body.p + i, 1), ERR_OK);
        ck_assert_int_eq(transcript_feed(p, body.p, 0), ERR_OK);
    }
    ck_assert_int_eq(expo_finish(p), ERR_OK);
    ck_assert_str_eq(transcript_text(&cut), transcript_text(&whole));
    expo_free(p);
    buf_fini(&cut.text);
    buf_fini(&whole.text);
}
END_TEST

/* A line one byte too long is skipped with one warning; the longest that is allowed is read; both wherever they are cut. */
START_TEST(test_long_lines)
{
    struct buf body;
    buf_init(&body, EXPO_ROWS_BODY_MAX);
    for (size_t extra = 0; extra <= 1; extra++) {
        append_repeated(&body, "a{b=\"", 1);
        append_repeated(&body, "x", EXPO_LINE_MAX - 9 + extra);
        append_repeated(&body, "\"} 1\nb 2\n", 1);
    }
    append_repeated(&body, "y", 3 * EXPO_LINE_MAX);
    size_t cuts[] = {
        0,       1, 100, EXPO_LINE_MAX - 1, EXPO_LINE_MAX, EXPO_LINE_MAX + 1, EXPO_LINE_MAX + 100, 2 * EXPO_LINE_MAX, 4 * EXPO_LINE_MAX,
        body.len};
    for (size_t i = 0; i < ROWS(cuts); i++) {
        struct transcript t;
        struct expo *p = new_parser(&t, false);
        struct expo_stats stats = transcript_run(&t, p, buf_str(&body), cuts[i], cuts[i] + 70000 < body.len ? cuts[i] + 70000 : 0);
        ck_assert_uint_eq(t.samples, 3);
        ck_assert_uint_eq(t.warnings, 2);
        ck_assert_uint_eq(stats.lines, 5);
        ck_assert_ptr_nonnull(strstr(transcript_text(&t), "W 3 line is too long and was skipped: a{b=\"xxxx"));
        ck_assert_ptr_nonnull(strstr(transcript_text(&t), "W 5 line is too long and was skipped: yyyyyyyy"));
        ck_assert_ptr_nonnull(strstr(transcript_text(&t), "S 4 b{} 2\n"));
        expo_free(p);
        buf_fini(&t.text);
    }
    buf_fini(&body);
}
END_TEST

START_TEST(test_label_count_is_capped)
{
    struct buf body;
    buf_init(&body, EXPO_ROWS_BODY_MAX);
    for (size_t n = EXPO_LABELS_MAX; n <= EXPO_LABELS_MAX + 1; n++) {
        append_repeated(&body, "a{", 1);
        for (size_t i = 0; i < n; i++) {
            ck_assert_int_eq(buf_printf(&body, "l%zu=\"v\",", i), ERR_OK);
        }
        append_repeated(&body, "} 1\n", 1);
    }
    struct transcript t;
    struct expo *p = new_parser(&t, false);
    transcript_run(&t, p, buf_str(&body), 0, 0);
    ck_assert_uint_eq(t.samples, 1);
    ck_assert_ptr_nonnull(strstr(transcript_text(&t), "l63=v} 1\n"));
    ck_assert_ptr_nonnull(strstr(transcript_text(&t), "W 2 too many labels: "));
    expo_free(p);
    buf_fini(&t.text);
    buf_fini(&body);
}
END_TEST

/* Any two labels of sixty, in every pair of places: the repeated one is always seen. */
START_TEST(test_repeated_label_among_many)
{
    for (size_t a = 0; a < 60; a += 3) {
        for (size_t b = a + 1; b < 60; b += 2) {
            struct buf body;
            buf_init(&body, EXPO_ROWS_BODY_MAX);
            append_repeated(&body, "a{", 1);
            for (size_t i = 0; i < 60; i++) {
                transcript_must(buf_printf(&body, "label_%zu=\"v\",", i == b ? a : i) == ERR_OK, "buffer");
            }
            append_repeated(&body, "} 1\n", 1);
            struct transcript t;
            struct expo *p = new_parser(&t, false);
            transcript_run(&t, p, buf_str(&body), 0, 0);
            ck_assert_uint_eq(t.samples, 0);
            ck_assert_ptr_nonnull(strstr(transcript_text(&t), "the same label name twice"));
            expo_free(p);
            buf_fini(&t.text);
            buf_fini(&body);
        }
    }
}
END_TEST

START_TEST(test_body_cap)
{
    static const char body[] = "a 1\nb 2\nc 3\n";
    for (size_t cut = 0; cut < sizeof body - 1; cut++) {
        struct transcript t;
        transcript_begin(&t);
        struct expo_handler h = transcript_handler(&t);
        struct expo *p = expo_new(&h, 9);
        ck_assert_ptr_nonnull(p);
        transcript_run(&t, p, str_of(body), cut, 0);
        ck_assert_str_eq(transcript_text(&t), "S 1 a{} 1\nS 2 b{} 2\nE limit\n");
        ck_assert_int_eq(expo_feed(p, "d 4\n", 4), ERR_LIMIT);
        ck_assert_int_eq(expo_finish(p), ERR_LIMIT);
        ck_assert_uint_eq(expo_stats(p).bytes, 9);
        expo_reset(p);
        buf_reset(&t.text);
        transcript_run(&t, p, str_of("d 4\ne 5\n\n"), 0, 0);
        ck_assert_str_eq(transcript_text(&t), "S 1 d{} 4\nS 2 e{} 5\n");
        expo_free(p);
        buf_fini(&t.text);
    }
}
END_TEST

START_TEST(test_caller_says_stop)
{
    struct transcript t;
    struct expo *p = new_parser(&t, false);
    t.stop_after = 2;
    transcript_run(&t, p, str_of("a 1\nb 2\nc 3\n"), 0, 0);
    ck_assert_str_eq(transcript_text(&t), "S 1 a{} 1\nS 2 b{} 2\nE limit\n");
    ck_assert_int_eq(expo_feed(p, "d 4\n", 4), ERR_LIMIT);
    expo_free(p);
    buf_fini(&t.text);
}
END_TEST

/* Remembers every series it was handed, and answers for those. */
struct memory {
    struct transcript t;
    char series[32][128];
    size_t count, hits, misses;
    struct str last; /* what on_known said yes to, copied: */
    char last_bytes[128];
};

static bool memory_known(void *ctx, struct str series)
{
    struct memory *m = ctx;
    for (size_t i = 0; i < m->count; i++) {
        if (str_eq_z(series, m->series[i])) {
            m->hits++;
            return true;
        }
    }
    m->misses++;
    return false;
}

static bool memory_sample(void *ctx, const struct expo_sample *s)
{
    struct memory *m = ctx;
    m->last = (struct str){m->last_bytes, s->series.n};
    ck_assert(str_copy(m->last_bytes, sizeof m->last_bytes, s->series));
    bool known = false;
    for (size_t i = 0; i < m->count; i++) {
        known |= str_eq_z(s->series, m->series[i]);
    }
    if (!known) {
        ck_assert_uint_lt(m->count, 32);
        ck_assert(str_copy(m->series[m->count++], sizeof m->series[0], s->series));
    }
    return transcript_sample(&m->t, s);
}

static void memory_warning(void *ctx, const struct expo_warning *w)
{
    transcript_warning(&((struct memory *)ctx)->t, w);
}

static struct expo *new_memory(struct memory *m)
{
    *m = (struct memory){0};
    transcript_begin(&m->t);
    struct expo_handler h = {.on_known = memory_known, .on_sample = memory_sample, .on_warning = memory_warning, .ctx = m};
    struct expo *p = expo_new(&h, EXPO_ROWS_BODY_MAX);
    ck_assert_ptr_nonnull(p);
    return p;
}

START_TEST(test_known_series_are_not_split)
{
    static const char body[] = "a 1\n"
                               "b{x=\"}\",y=\"\\\"} 5\"} 2 7\n"
                               "c {z=\"1\"}3\n"
                               "{\"q.n\",l=\"v\"} 4\n"
                               "d_total{t=\"#\"} 5 # {id=\"}\"} 1\n"
                               "e{} 6\n";
    struct memory m;
    struct expo *p = new_memory(&m);
    transcript_run(&m.t, p, str_of(body), 0, 0);
    ck_assert_str_eq(transcript_text(&m.t),
                     "S 1 a{} 1\nS 2 b{x=},y=\\\"} 5!} 2 @7\nS 3 c{z=1} 3\nS 4 q.n{l=v} 4\nS 5 d_total{t=#} 5\nS 6 e{} 6\n");
    ck_assert_uint_eq(m.count, 6);
    ck_assert_str_eq(m.series[1], "b{x=\"}\",y=\"\\\"} 5\"}");
    ck_assert_str_eq(m.series[2], "c {z=\"1\"}");
    ck_assert_str_eq(m.series[4], "d_total{t=\"#\"}");
    for (size_t cut = 0; cut < sizeof body; cut++) {
        buf_reset(&m.t.text);
        expo_reset(p);
        m.hits = 0;
        transcript_run(&m.t, p, str_of(body), cut, 0);
        ck_assert_str_eq(transcript_text(&m.t), "S 1 a{} 1\nS 2 b{} 2 @7\nS 3 c{} 3\nS 4 {} 4\nS 5 d_total{} 5\nS 6 e{} 6\n");
        ck_assert_uint_eq(m.hits, 6);
    }
    ck_assert_uint_eq(m.count, 6);
    expo_free(p);
    buf_fini(&m.t.text);
}
END_TEST

/* The bytes behind a known series are checked as ever, and what only looks like a known series is none. */
START_TEST(test_known_series_do_not_hide_faults)
{
    struct memory m;
    struct expo *p = new_memory(&m);
    transcript_run(&m.t, p, str_of("a{b=\"c\"} 1\na 1\n"), 0, 0);
    buf_reset(&m.t.text);
    expo_reset(p);
    transcript_run(&m.t, p,
                   str_of("a{b=\"c\"} x\na{b=\"c\"}\na{b=\"c\"} 1 z\na{b=\"c\"}x 1\naa 1\na} 1\na 1 # }\na{b=\"c\",c=\"d\"} 2\na-b 1\n"), 0,
                   0);
    ck_assert_str_eq(transcript_text(&m.t), "W 1 value is not a number that a double can hold: a{b=\"c\"} x\n"
                                            "W 2 value is missing: a{b=\"c\"}\n"
                                            "W 3 timestamp is not a whole number of milliseconds: a{b=\"c\"} 1 z\n"
                                            "W 4 value is not a number that a double can hold: a{b=\"c\"}x 1\n"
                                            "S 5 aa{} 1\n"
                                            "W 6 metric name is not valid: a} 1\n"
                                            "W 7 exemplar has no label set: a 1 # }\nS 7 a{} 1\n"
                                            "S 8 a{b=c,c=d} 2\n"
                                            "W 9 metric name is not valid: a-b 1\n");
    expo_free(p);
    buf_fini(&m.t.text);
}
END_TEST

START_TEST(test_known_counts_are_still_checked)
{
    struct memory m;
    struct expo *p = new_memory(&m);
    static const char body[] = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\n# TYPE g gauge\ng -1\n";
    transcript_run(&m.t, p, str_of(body), 0, 0);
    buf_reset(&m.t.text);
    expo_reset(p);
    transcript_run(&m.t, p, str_of("# TYPE h histogram\nh_bucket{le=\"1\"} -1\n# TYPE g gauge\ng -1\n"), 0, 0);
    ck_assert_str_eq(transcript_text(&m.t), "W 2 negative count: h_bucket{le=\"1\"} -1\nS 2 h_bucket{} -1\nS 4 g{} -1\n");
    expo_free(p);
    buf_fini(&m.t.text);
}
END_TEST

/* Known buckets can't be followed, so nothing is said of their order; all else is. */
START_TEST(test_known_series_in_openmetrics)
{
    struct memory m;
    struct expo *p = new_memory(&m);
    expo_set_openmetrics(p, true);
    transcript_run(&m.t, p,
                   str_of("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n# TYPE c counter\nc_total 1\n# EOF\n"), 0, 0);
    ck_assert_uint_eq(m.t.warnings, 0);
    buf_reset(&m.t.text);
    expo_reset(p);
    transcript_run(
        &m.t, p, str_of("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_bucket{le=\"1\"} 2\n# TYPE c counter\nc_total -1\n# EOF\n"), 0, 0);
    ck_assert_str_eq(transcript_text(&m.t),
                     "S 2 h_bucket{} 1\nS 3 h_bucket{} 2\nW 5 counter is negative or not a number: c_total -1\nS 5 c_total{} -1\n");
    expo_free(p);
    buf_fini(&m.t.text);
}
END_TEST

/* More families than are remembered: still read, no warning, and the next body starts afresh. */
START_TEST(test_many_families)
{
    struct buf body;
    buf_init(&body, EXPO_ROWS_BODY_MAX);
    for (int i = 0; i < 20000; i++) {
        transcript_must(buf_printf(&body, "# TYPE f%d gauge\nf%d 1\n", i, i) == ERR_OK, "buffer");
    }
    struct transcript t;
    struct expo *p = new_parser(&t, false);
    for (int i = 0; i < 2; i++) {
        t.samples = 0;
        expo_reset(p);
        struct expo_stats s = transcript_run(&t, p, buf_str(&body), 0, 0);
        ck_assert_uint_eq(t.samples, 20000);
        ck_assert_uint_eq(t.warnings, 0);
        ck_assert_uint_ge(s.families, 3000);
    }
    expo_free(p);
    buf_fini(&t.text);
    buf_fini(&body);
}
END_TEST

START_TEST(test_names_of_any_length)
{
    struct buf body;
    buf_init(&body, EXPO_ROWS_BODY_MAX);
    for (size_t n = 250; n < 262; n++) {
        append_repeated(&body, "# TYPE ", 1);
        append_repeated(&body, "x", n);
        append_repeated(&body, " histogram\n", 1);
        append_repeated(&body, "x", n);
        append_repeated(&body, "_bucket{le=\"1\"} 1\n", 1);
    }
    struct transcript t;
    struct expo *p = new_parser(&t, true);
    transcript_run(&t, p, buf_str(&body), 0, 0);
    ck_assert_uint_eq(t.samples, 12);
    expo_free(p);
    buf_fini(&t.text);
    buf_fini(&body);
}
END_TEST

START_TEST(test_callbacks_are_optional)
{
    struct expo_handler h = {0};
    struct expo *p = expo_new(&h, EXPO_ROWS_BODY_MAX);
    ck_assert_ptr_nonnull(p);
    ck_assert_int_eq(transcript_feed(p, cut_body, sizeof cut_body - 1), ERR_OK);
    ck_assert_int_eq(expo_finish(p), ERR_OK);
    ck_assert_uint_eq(expo_stats(p).samples, 3);
    expo_free(p);
    expo_free(NULL);
}
END_TEST

Suite *suite_expo_stream(void);
Suite *suite_expo_stream(void)
{
    Suite *s = suite_create("source/expo_stream");
    TCase *t = tcase_create("bodies");
    tcase_add_loop_test(t, test_cut_at_every_byte, 0, 2);
    tcase_add_test(t, test_long_lines);
    tcase_add_test(t, test_label_count_is_capped);
    tcase_add_test(t, test_repeated_label_among_many);
    tcase_add_test(t, test_body_cap);
    tcase_add_test(t, test_caller_says_stop);
    tcase_add_test(t, test_known_series_are_not_split);
    tcase_add_test(t, test_known_series_do_not_hide_faults);
    tcase_add_test(t, test_known_counts_are_still_checked);
    tcase_add_test(t, test_known_series_in_openmetrics);
    tcase_add_test(t, test_many_families);
    tcase_add_test(t, test_names_of_any_length);
    tcase_add_test(t, test_callbacks_are_optional);
    suite_add_tcase(s, t);
    return s;
}
