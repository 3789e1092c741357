/* SPDX-License-Identifier: MIT */
/* The exposition parser when it was told that the page is OpenMetrics: what is right there, and each fault of its rule book. */
#include "source/exposition.h"

#include <stdio.h>

#include "unit/source/expo_rows.h"

static const struct row openmetrics_rows[] = {
    {"# TYPE a counter\n# HELP a help\na_total 0 123 # {a=\"b\"} 0.5\na_created 123.456\n# EOF\n",
     "T a 1\nH a help\nS 3 a_total{} 0 @123000\nS 4 a_created{} 123.456\n"},
    {"# TYPE a counter\na_total{foo=\"1\"} 1 000\na_total{foo=\"2\"} 1 1435781451.781\na_total{foo=\"3\"} 1 1.5e3\na_total{foo=\"4\"} 1 "
     "-0.001\n# EOF\n",
     "T a 1\nS 2 a_total{foo=1} 1 @0\nS 3 a_total{foo=2} 1 @1435781451781\nS 4 a_total{foo=3} 1 @1500000\nS 5 a_total{foo=4} 1 @-1\n"},
    {"a 1 12345678901234567890.1\nb 1 -1e300\n# EOF", "S 1 a{} 1 @9223372036854775807\nS 2 b{} 1 @-9223372036854775808\n"},
    {"# TYPE a counter\na_total{foo=\"b\\\\a\\z # \"} 4\na_total{foo=\"} foo # bar # \"} 1\n# EOF\n",
     "T a 1\nS 2 a_total{foo=b\\\\a\\z # !} 4\nS 3 a_total{foo=} foo # bar # } 1\n"},
    {"# HELP a \n# UNIT a \n# EOF\n", "H a \nU a \n"},
    {"# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n# EOF\n", "T a_seconds 2\nU a_seconds seconds\nS 3 a_seconds{} 1\n"},
    {"# TYPE a stateset\na{a=\"bar\"} 0\na{a=\"foo\"} 1.0\n# TYPE b info\nb_info{x=\"y\"} 1\n# EOF\n",
     "T a 7\nS 2 a{a=bar} 0\nS 3 a{a=foo} 1\nT b 6\nS 5 b_info{x=y} 1\n"},
    {"# TYPE a gaugehistogram\na_bucket{le=\"-1.0\"} 1\na_bucket{le=\"+Inf\"} 3\na_gcount 3\na_gsum -5\n# EOF\n",
     "T a 5\nS 2 a_bucket{le=-1.0} 1\nS 3 a_bucket{le=+Inf} 3\nS 4 a_gcount{} 3\nS 5 a_gsum{} -5\n"},
    {"# TYPE a histogram\na_bucket{le=\"1\"} 1 1\na_bucket{le=\"+Inf\"} 2 1\na_count 2 1\na_sum 2 1\na_bucket{le=\"1\"} 0 "
     "2\na_bucket{le=\"+Inf\"} 0 2\n# EOF\n",
     "T a 3\nS 2 a_bucket{le=1} 1 @1000\nS 3 a_bucket{le=+Inf} 2 @1000\nS 4 a_count{} 2 @1000\nS 5 a_sum{} 2 @1000\nS 6 a_bucket{le=1} 0 "
     "@2000\n"
     "S 7 a_bucket{le=+Inf} 0 @2000\n"},
    /* without TYPE lines nobody can tell whether x_sum belongs to x */
    {"x_bucket{r=\"1\",le=\"+Inf\"} 1\nx_count{r=\"1\"} 1\nx_bucket{r=\"2\",le=\"+Inf\"} 1\nx_count{r=\"2\"} 1\n# EOF\n",
     "S 1 x_bucket{r=1,le=+Inf} 1\nS 2 x_count{r=1} 1\nS 3 x_bucket{r=2,le=+Inf} 1\nS 4 x_count{r=2} 1\n"},
    {"a 1 1\na 2 1\na 3 1.5\n# EOF\n", "S 1 a{} 1 @1000\nS 2 a{} 2 @1000\nS 3 a{} 3 @1500\n"},
};

START_TEST(test_openmetrics)
{
    for (size_t i = 0; i < ROWS(openmetrics_rows); i++) {
        struct expo_stats s = check_body(openmetrics_rows[i].body, true, openmetrics_rows[i].want);
        ck_assert(s.saw_eof);
    }
}
END_TEST

/* One warning, and whether the samples were kept all the same. */
static const struct fault {
    const char *body, *sentence;
    size_t line, samples;
} openmetrics_faults[] = {
    {"a 1\n", "no # EOF at the end: the body may have been cut", 1, 1},
    {"", "no # EOF at the end: the body may have been cut", 0, 0},
    {"a 1\n\n# EOF\n", "blank line", 2, 1},
    {"a 1\n# EOF\nblah 1\nblub 2\n", "text after # EOF", 3, 3},
    {"a  1\n# EOF\n", "white space that OpenMetrics does not allow", 1, 1},
    {"a 1 \n# EOF\n", "white space that OpenMetrics does not allow", 1, 1},
    {"a\t1\n# EOF\n", "white space that OpenMetrics does not allow", 1, 1},
    {" a 1\n# EOF\n", "white space that OpenMetrics does not allow", 1, 1},
    {"a{b=\"c\"}1\n# EOF\n", "white space that OpenMetrics does not allow", 1, 1},
    {"a{b=\"c\", d=\"e\"} 1\n# EOF\n", "white space that OpenMetrics does not allow", 1, 1},
    {"a {b=\"c\"} 1\n# EOF\n", "white space that OpenMetrics does not allow", 1, 1},
    {"a{b=\"c\",} 1\n# EOF\n", "a comma too many among the labels", 1, 1},
    {"# FOO a x\n# EOF\n", "comment that is neither HELP, TYPE, UNIT nor EOF", 1, 0},
    {"#a_sum 0\n# EOF\n", "comment that is neither HELP, TYPE, UNIT nor EOF", 1, 0},
    {"# HELP a\n# EOF\n", "HELP, TYPE or UNIT line that ends too early", 1, 0},
    {"# HELP\n# EOF\n", "HELP, TYPE or UNIT line that ends too early", 1, 0},
    {"# UNIT a\n# EOF\n", "HELP, TYPE or UNIT line that ends too early", 1, 0},
    {"# TYPE a untyped\n# EOF\n", "metric type is not known", 1, 0},
    {"# TYPE a Gauge\n# EOF\n", "metric type is not known", 1, 0},
    {"# TYPE a gauge \n# EOF\n", "metric type is not known", 1, 0},
    {"# TYPE  a gauge\n# EOF\n", "white space that OpenMetrics does not allow", 1, 0},
    {"# HELP a\tx\n# EOF\n", "white space that OpenMetrics does not allow", 1, 0},
    {"# UNIT a seconds\n# EOF\n", "unit is not the suffix of the name", 1, 0},
    {"# UNIT as s\n# EOF\n", "unit is not the suffix of the name", 1, 0},
    {"# TYPE x_u info\n# UNIT x_u u\n# EOF\n", "an info or a stateset has no unit", 2, 0},
    {"# UNIT a_s s\n# UNIT a_s s\n# EOF\n", "second UNIT line for this name", 2, 0},
    {"# TYPE a_s gauge\na_s 1\n# UNIT a_s s\n# EOF\n", "UNIT after samples of this family", 3, 1},
    {"a 1\n# HELP a x\n# EOF\n", "HELP after samples of this family", 2, 1},
    {"# HELP a x\na 1\n# TYPE a gauge\n# EOF\n", "TYPE after samples of this family", 3, 1},
    {"# TYPE a_created gauge\n# TYPE a counter\n# EOF\n", "name clashes with another family and its suffixes", 2, 0},
    {"# TYPE a counter\n# TYPE a_created gauge\n# EOF\n", "name clashes with another family and its suffixes", 2, 0},
    {"# TYPE a gauge\n# TYPE b gauge\na 1\nb 1\na{x=\"y\"} 1\n# EOF\n", "families are interleaved", 5, 3},
    {"# TYPE a counter\na_total 1\n# TYPE b gauge\nb 1\na_total{x=\"y\"} 1\n# EOF\n", "families are interleaved", 5, 3},
    {"# TYPE a counter\na_total -1\n# EOF\n", "counter is negative or not a number", 2, 1},
    {"# TYPE a counter\na_total NaN\n# EOF\n", "counter is negative or not a number", 2, 1},
    {"# TYPE a summary\na_count NaN\n# EOF\n", "count is not a number", 2, 1},
    {"# TYPE a summary\na_count -1\n# EOF\n", "negative count", 2, 1},
    {"# TYPE a summary\na_sum -1\n# EOF\n", "sum is negative or not a number", 2, 1},
    {"# TYPE a summary\na 0\n# EOF\n", "sample of a summary has no label quantile", 2, 1},
    {"# TYPE a summary\na{quantile=\"1.01\"} 0\n# EOF\n", "label quantile is not within 0 and 1", 2, 1},
    {"# TYPE a summary\na{quantile=\"NaN\"} 0\n# EOF\n", "label quantile is not within 0 and 1", 2, 1},
    {"# TYPE a summary\na{quantile=\"foo\"} 0\n# EOF\n", "label quantile is not a number", 2, 1},
    {"# TYPE a summary\na{quantile=\"0.5\"} -1\n# EOF\n", "quantile of a summary is negative", 2, 1},
    {"# TYPE a info\na_info 2\n# EOF\n", "value of an info is not 1", 2, 1},
    {"# TYPE a stateset\na{a=\"b\"} 2\n# EOF\n", "value of a stateset is not 0 or 1", 2, 1},
    {"# TYPE a stateset\na 0\n# EOF\n", "sample of a stateset has no label of its name", 2, 1},
    {"# TYPE a histogram\na_bucket 0\na_bucket{le=\"+Inf\"} 0\n# EOF\n", "bucket has no label le", 2, 2},
    {"# TYPE a histogram\na_bucket{le=\"+INF\"} 0\na_bucket{le=\"+Inf\"} 0\n# EOF\n", "label le is neither a finite number nor +Inf", 2, 2},
    {"# TYPE a histogram\na_bucket{le=\"1\"} 0\n# EOF\n", "the histogram before has no +Inf bucket", 3, 1},
    {"# TYPE a histogram\na_bucket{le=\"1\"} 0\n# TYPE b gauge\nb 1\n# EOF\n", "the histogram before has no +Inf bucket", 3, 2},
    {"# TYPE a histogram\na_bucket{le=\"2\"} 0\na_bucket{le=\"1\"} 0\na_bucket{le=\"+Inf\"} 0\n# EOF\n",
     "buckets are not in increasing order of le", 3, 3},
    {"# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 0\n# EOF\n", "bucket holds less than the one before", 3, 2},
    {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 0\na_count 1\na_sum 1\n# EOF\n",
     "the histogram before has a count that differs from its +Inf bucket", 5, 3},
    {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 0\na_sum 0\n# EOF\n", "the histogram before has a sum and no count", 4, 2},
    {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 0\na_count 0\n# EOF\n", "the histogram before has a count and no sum", 4, 2},
    {"# TYPE a histogram\na_bucket{le=\"-1\"} 0\na_bucket{le=\"+Inf\"} 0\na_count 0\na_sum 0\n# EOF\n",
     "the histogram before has negative bounds and a sum", 6, 4},
    {"# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gsum -1\na_gcount 1\n# EOF\n",
     "the histogram before has a negative sum without negative bounds", 5, 3},
    {"# TYPE a gauge\na 1 # {a=\"b\"} 1\n# EOF\n", "exemplar on a sample that can't have one", 2, 1},
    {"# TYPE a counter\na_created 1 # {a=\"b\"} 1\n# EOF\n", "exemplar on a sample that can't have one", 2, 1},
    {"# TYPE a counter\na_total 1 # {a=\"b\"} 0.5 Inf\n# EOF\n", "exemplar has a timestamp that is not a finite number of seconds", 2, 1},
    {"a 1 NaN\n# EOF\n", "timestamp is not a finite number of seconds", 1, 0},
    {"a 1 0x1p-3\n# EOF\n", "timestamp is not a finite number of seconds", 1, 0},
    {"a 1 2\na 1 1\n# EOF\n", "timestamps of a series go backwards", 2, 2},
    {"a 1\na 1 1\n# EOF\n", "the same series twice without timestamps on both", 2, 2},
};

static void check_fault(const struct fault *f)
{
    struct transcript t;
    struct expo *p = new_parser(&t, true);
    struct expo_stats stats = transcript_run(&t, p, str_of(f->body), 0, 0);
    char want[160];
    snprintf(want, sizeof want, "W %zu %s: ", f->line, f->sentence);
    ck_assert_msg(strstr(transcript_text(&t), want) != NULL, "%s\nwanted %s\ngot:\n%s", f->body, want, transcript_text(&t));
    ck_assert_msg(stats.warnings == 1, "%s\ngot:\n%s", f->body, transcript_text(&t));
    ck_assert_msg(stats.samples == f->samples, "%s\ngot:\n%s", f->body, transcript_text(&t));
    expo_free(p);
    buf_fini(&t.text);
}

START_TEST(test_openmetrics_faults)
{
    check_fault(&openmetrics_faults[_i]);
}
END_TEST

START_TEST(test_exemplar_length_in_code_points)
{
    static const struct {
        const char *piece;
        size_t times;
        bool fits; /* with the label name's one: 128 at most */
    } rows[] = {{"x", 127, true},   {"x", 128, false},  {"\xE4\xBD\x96", 127, true}, {"\xE4\xBD\x96", 128, false},
                {"\\n", 127, true}, {"\\n", 128, false}};
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct buf body;
        buf_init(&body, EXPO_ROWS_BODY_MAX);
        append_repeated(&body, "a_total 1 # {a=\"", 1);
        append_repeated(&body, rows[i].piece, rows[i].times);
        append_repeated(&body, "\"} 1\n", 1);
        struct transcript t;
        struct expo *p = new_parser(&t, false);
        transcript_run(&t, p, buf_str(&body), 0, 0);
        ck_assert_uint_eq(t.samples, 1);
        ck_assert_uint_eq(t.warnings, rows[i].fits ? 0 : 1);
        expo_free(p);
        buf_fini(&t.text);
        buf_fini(&body);
    }
}
END_TEST

Suite *suite_expo_openmetrics(void);
Suite *suite_expo_openmetrics(void)
{
    Suite *s = suite_create("source/expo_openmetrics");
    TCase *t = tcase_create("rules");
    tcase_add_test(t, test_openmetrics);
    tcase_add_loop_test(t, test_openmetrics_faults, 0, (int)ROWS(openmetrics_faults));
    tcase_add_test(t, test_exemplar_length_in_code_points);
    suite_add_tcase(s, t);
    return s;
}
