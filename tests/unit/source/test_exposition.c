/* SPDX-License-Identifier: MIT */
#include "source/exposition.h"

#include <stdio.h>

#include "unit/source/expo_rows.h"

/* 0.0.4: what is right, however it is spaced. */
static const struct row classic_rows[] = {
    {"", ""},
    {"\n\n  \t \n", ""},
    {"up 1\n", "S 1 up{} 1\n"},
    {"vllm:num_requests_running{engine=\"0\",model_name=\"Qwen/Qwen2.5\"} 37.0\n",
     "S 1 vllm:num_requests_running{engine=0,model_name=Qwen/Qwen2.5} 37\n"},
    {"a{} 3\n", "S 1 a{} 3\n"},
    {"a{b=\"c\",} 3\n", "S 1 a{b=c} 3\n"},
    {"a{ b = \"c\" , d\t=\t\"e\" , } 3\n", "S 1 a{b=c,d=e} 3\n"},
    {"m{model_name=\"m10\", target_model_name=\"t10\", le=\"0.005\"} 1\n", "S 1 m{model_name=m10,target_model_name=t10,le=0.005} 1\n"},
    {"a {b=\"c\"}-Inf\n", "S 1 a{b=c} -inf\n"},
    {" \ta{b=\"c\"}\t5 \t 1395066363000 \t\n", "S 1 a{b=c} 5 @1395066363000\n"},
    {"a 1 -3982045\n", "S 1 a{} 1 @-3982045\n"},
    {"a 1 0\n", "S 1 a{} 1 @0\n"},
    {"a{b=\"\"} 1\n", "S 1 a{b=} 1\n"},
    {"a{b=\"None\",c=\"unknown\"} 1\n", "S 1 a{b=None,c=unknown} 1\n"},
    {"a{b=\"x \\\"y\\\\z\\nw\"} 1\n", "S 1 a{b=x \\\"y\\\\z\\nw!} 1\n"},
    {"a{b=\"outbound|443||llm;{}=,#\\\\\"} 1\n", "S 1 a{b=outbound|443||llm;{}=,#\\\\!} 1\n"},
    {"a{b=\"Mozilla/5.0 (X11; rv:154.0)\"} 1\n", "S 1 a{b=Mozilla/5.0 (X11; rv:154.0)} 1\n"},
    {"a{b=\"tab\there\"} 1\n", "S 1 a{b=tab\there} 1\n"},
    {"a{b=\"Bj\xC3\xB6rn \xE4\xBD\x96\xE4\xBD\xA5 \xF0\x9F\x9A\x80\"} 1\n",
     "S 1 a{b=Bj\xC3\xB6rn \xE4\xBD\x96\xE4\xBD\xA5 \xF0\x9F\x9A\x80} 1\n"},
    {"a_1:b{c_2=\"d\"} 1\n", "S 1 a_1:b{c_2=d} 1\n"},
    {"_{_=\"d\"} 1\n:x 2\n", "S 1 _{_=d} 1\nS 2 :x{} 2\n"},
    {"a NaN\na nan\na +Inf\na -inf\na INF\n", "S 1 a{} nan\nS 2 a{} nan\nS 3 a{} inf\nS 4 a{} -inf\nS 5 a{} inf\n"},
    {"a 1.6920637e+07\na -3e3\na .5\na 08\na 9223372036854775794\n",
     "S 1 a{} 16920637\nS 2 a{} -3000\nS 3 a{} 0.5\nS 4 a{} 8\nS 5 a{} 9.2233720368547758e+18\n"},
    /* names in quotes */
    {"{\"my.metric\",l=\"v\"} 1\n", "S 1 my.metric{l=v} 1\n"},
    {"{\"my.metric\",\"label.name\"=\"v\"} 1\n", "S 1 my.metric{label.name=v} 1\n"},
    {"{l=\"v\", \"my.metric\"} 1\n", "S 1 my.metric{l=v} 1\n"},
    {"{\"m\"} 1\n{ \"m\" , } 2\n", "S 1 m{} 1\nS 2 m{} 2\n"},
    {"m{\"foo\"=\"bar\", \"dotted.label\" = \"bla\"} 3.14\n", "S 1 m{foo=bar,dotted.label=bla} 3.1400000000000001\n"},
    {"{\"my\\\"q\\nn\\\\\",\"l\\\"n\"=\"v\"} 1\n", "S 1 my\\\"q\\nn\\\\{l\\\"n=v} 1\n"},
    {"# TYPE \"my.metric\" counter\n# HELP \"my.metric\" some help\n", "T my.metric 1\nH my.metric some help\n"},
    /* metadata */
    {"# HELP a two\\nlines \\\\ \"x\"\n# TYPE a gauge\na 1\n", "H a two\\nlines \\\\ \"x\"\nT a 2\nS 3 a{} 1\n"},
    {"# TYPE a untyped\n# TYPE b unknown\n# TYPE c info\n# TYPE d stateset\n# TYPE e gaugehistogram\n# TYPE f gauge_histogram\n# TYPE g "
     "SUMMARY\n",
     "T a 0\nT b 0\nT c 6\nT d 7\nT e 5\nT f 5\nT g 4\n"},
    {" #\tTYPE  a   counter \n", "T a 1\n"},
    {"# HELP a\n# HELP a \n# HELP\n# HELP \n", ""},
    {"a 1\n# HELP a late help is fine\n", "S 1 a{} 1\nH a late help is fine\n"},
    {"# UNIT a_seconds seconds\n", "U a_seconds seconds\n"},
    {"# TYPE empty counter\n# TYPE empty2 histogram\n", "T empty 1\nT empty2 3\n"}, /* families without samples */
    /* gauges named _total, counters that are not, _created families: passed on, the caller decides */
    {"# TYPE x_total gauge\nx_total -1\n# TYPE y counter\ny 2\n# TYPE y_created gauge\ny_created 1.79103656069e+09\n",
     "T x_total 2\nS 2 x_total{} -1\nT y 1\nS 4 y{} 2\nT y_created 2\nS 6 y_created{} 1791036560.6900001\n"},
    /* le anywhere, sparse buckets, no +Inf, _count before _sum */
    {"# TYPE h histogram\nh_bucket{a=\"1\",le=\"1500\",z=\"2\"} 1\nh_count{a=\"1\",z=\"2\"} 1\nh_sum{a=\"1\",z=\"2\"} 1.5\n",
     "T h 3\nS 2 h_bucket{a=1,le=1500,z=2} 1\nS 3 h_count{a=1,z=2} 1\nS 4 h_sum{a=1,z=2} 1.5\n"},
    /* a sample that is none of its family's, and one without the label that would make it a bucket */
    {"# TYPE h histogram\nh 1\nh_bucket 2\nh_max 3\n# TYPE s summary\ns 4\n",
     "T h 3\nS 2 h{} 1\nS 3 h_bucket{} 2\nS 4 h_max{} 3\nT s 4\nS 6 s{} 4\n"},
    /* interleaved groups are no fault in 0.0.4; nor is a negative quantile */
    {"# TYPE s summary\ns{quantile=\"-12.34\"} -1\nd 1\ns_sum -4711\ns_count 5\n",
     "T s 4\nS 2 s{quantile=-12.34} -1\nS 3 d{} 1\nS 4 s_sum{} -4711\nS 5 s_count{} 5\n"},
    /* an exporter that writes OpenMetrics under text/plain: exemplars are read over */
    {"a_bucket{le=\"1\"} 3 # {trace_id=\"x}\\\"\"} 0.5 1.5\na_total 3 123 # {} 1\n", "S 1 a_bucket{le=1} 3\nS 2 a_total{} 3 @123\n"},
};

START_TEST(test_classic)
{
    for (size_t i = 0; i < ROWS(classic_rows); i++) {
        check_body(classic_rows[i].body, false, classic_rows[i].want);
    }
}
END_TEST

START_TEST(test_comments_are_ignored)
{
    struct expo_stats s = check_body("# a comment\n#\n#another\n# UNIT 9 is no name: somebody's remark\n# HELPER x\n# eof\n", false, "");
    ck_assert(!s.saw_eof);
    s = check_body("a 1\n# EOF\n", false, "S 1 a{} 1\n");
    ck_assert(s.saw_eof);
    s = check_body("a 1\n# EOF", false, "S 1 a{} 1\n");
    ck_assert(s.saw_eof);
    s = check_body("a 1\n# EOF\nb 2\n", false, "S 1 a{} 1\nS 3 b{} 2\n"); /* two pages in one: only a comment in between */
    ck_assert(s.saw_eof);
}
END_TEST

/* A line that is dropped, with the sentence that says why. */
static const struct row malformed_rows[] = {
    {"9a 1", "metric name is not valid"},
    {"a.b 1", "metric name is not valid"},
    {"a-b 1", "metric name is not valid"},
    {"@x{label=\"bla\"} 3.14 2", "metric name is not valid"},
    {"{a=\"ok\"} 1", "no metric name"},
    {"{A}0", "no '=' after the label name"},
    {"{} 3.14", "no metric name"},
    {"{\"\"} 1", "quoted name is empty"},
    {"{\"a\",\"b\"} 1", "more than one metric name"},
    {"m{\"a\"} 1", "more than one metric name"},
    {"{\"a\\xc5z\",label=\"bla\"} 3.14", "quoted name has an escape other than \\\\, \\\" and \\n"},
    {"{\"metric.name\".label=\"bla\"} 3.14", "no ',' or '}' after a label"},
    {"{\"a\xBD\"} 1", "quoted name has no closing quote, or is not UTF-8"},
    {"{\"a", "quoted name has no closing quote, or is not UTF-8"},
    {"a{1=\"x\"} 1", "label name is not valid"},
    {"a{b:c=\"x\"} 1", "no '=' after the label name"},
    {"a{@=\"x\"} 1", "label name is not valid"},
    {"a{b} 1", "no '=' after the label name"},
    {"a{b+=\"x\"} 1", "no '=' after the label name"},
    {"a{b\"x\"} 1", "no '=' after the label name"},
    {"a{b=x} 1", "label value is not in double quotes"},
    {"a{b='x'} 1", "label value is not in double quotes"},
    {"a{b=} 1", "label value is not in double quotes"},
    {"a{b=", "label value is not in double quotes"},
    {"a{b=\"} 1", "label value has no closing quote"},
    {"a{b=\"x\\", "label value has no closing quote"},
    {"a{b=\"x\\\"} 1", "label value has no closing quote"},
    {"a{b=\"x\"", "label set has no closing brace"},
    {"a{b=\"x\",", "label set has no closing brace"},
    {"a{", "label set has no closing brace"},
    {"a{b=\"x\"+} 1", "no ',' or '}' after a label"},
    {"a{b=\"x\"c=\"y\"} 1", "no ',' or '}' after a label"},
    {"a{b=\"x\"\"} 1", "no ',' or '}' after a label"},
    {"a{b=\"x\",b=\"y\"} 1", "the same label name twice"},
    {"a{b=\"x\",\"b\"=\"y\"} 1", "the same label name twice"},
    {"a{__name__=\"x\"} 1", "label name __name__ is reserved"},
    {"a{\"__name__\"=\"x\"} 1", "label name __name__ is reserved"},
    {"a{b=\"\xBD\"} 1", "label value is not UTF-8"},
    {"a{b=\"\\\xFF\"} 1", "label value is not UTF-8"},
    {"a{b=\"\xC0\x80\"} 1", "label value is not UTF-8"},
    {"a{b=\"\xED\xA0\x80\"} 1", "label value is not UTF-8"},
    {"a{b=\"\xF4\x90\x80\x80\"} 1", "label value is not UTF-8"},
    {"a{b=\"x\xE4\xBD\"} 1", "label value is not UTF-8"},
    {"a", "value is missing"},
    {"a ", "value is missing"},
    {"a{b=\"x\"}", "value is missing"},
    {"a{b=\"x\"} blubb", "value is not a number that a double can hold"},
    {"a 1_2", "value is not a number that a double can hold"},
    {"a 0x1p-3", "value is not a number that a double can hold"},
    {"a 0X1", "value is not a number that a double can hold"},
    {"a 0b1", "value is not a number that a double can hold"},
    {"a 0o1", "value is not a number that a double can hold"},
    {"a 1e999", "value is not a number that a double can hold"},
    {"a 1e", "value is not a number that a double can hold"},
    {"a 1,5", "value is not a number that a double can hold"},
    {"a ...", "value is not a number that a double can hold"},
    {"a {\"request_mode\"=\"oneshot\"} x", "value is not a number that a double can hold"},
    {"a{count:5,sum:3} 1", "no '=' after the label name"},
    {"a {count:5}", "no '=' after the label name"}, /* a composite value of OpenMetrics 2.0 */
    {"a 1# {} 1", "value is not a number that a double can hold"},
    {"a 1 2.72", "timestamp is not a whole number of milliseconds"},
    {"a 1 z", "timestamp is not a whole number of milliseconds"},
    {"a 1 1z", "timestamp is not a whole number of milliseconds"},
    {"a 1 99999999999999999999", "timestamp is not a whole number of milliseconds"},
    {"a 1 NaN", "timestamp is not a whole number of milliseconds"},
    {"a 1 2 3", "text after the timestamp"},
    {"# TYPE m bla", "metric type is not known"},
    {"# TYPE x bucket", "metric type is not known"},
    {"# TYPE m counter gauge", "metric type is not known"},
    {"# TYPE m", "TYPE line without a type"},
    {"# TYPE met-ric", "metric name in a comment is not valid"},
    {"# TYPE met-ric counter", "metric name in a comment is not valid"},
    {"# HELP 9x text", "metric name in a comment is not valid"},
    {"# HELP x \xFF", "text of a comment is not UTF-8"},
    {"# TYPE \"a\\t\" counter", "quoted name has an escape other than \\\\, \\\" and \\n"},
    {"<html><body>", "metric name is not valid"},
};

START_TEST(test_malformed_lines_are_named_and_the_rest_is_kept)
{
    for (size_t i = 0; i < ROWS(malformed_rows); i++) {
        char body[256], want[512];
        snprintf(body, sizeof body, "before 1\n%s\nafter{c=\"d\"} 2\n", malformed_rows[i].body);
        snprintf(want, sizeof want, "S 1 before{} 1\nW 2 %s: %s\nS 3 after{c=d} 2\n", malformed_rows[i].want, malformed_rows[i].body);
        check_body(body, false, want);
    }
}
END_TEST

/* Kept, with a warning. */
static const struct row odd_rows[] = {
    {"a{,} 1\n", "W 1 a comma too many among the labels: a{,} 1\nS 1 a{} 1\n"},
    {"a{b=\"c\",,d=\"e\"} 1\n", "W 1 a comma too many among the labels: a{b=\"c\",,d=\"e\"} 1\nS 1 a{b=c,d=e} 1\n"},
    {"{,\"m\"} 1\n", "W 1 a comma too many among the labels: {,\"m\"} 1\nS 1 m{} 1\n"},
    {"h_bucket{le=\"1\"} -1\n# TYPE h histogram\nh_bucket{le=\"1\"} -1\n",
     "S 1 h_bucket{le=1} -1\nT h 3\nW 3 negative count: h_bucket{le=\"1\"} -1\nS 3 h_bucket{le=1} -1\n"},
    {"a{b=\"c\", ,} 1\n", "W 1 a comma too many among the labels: a{b=\"c\", ,} 1\nS 1 a{b=c} 1\n"},
    {"a{b=\"C:\\temp\"} 1\n", "W 1 label value has an escape other than \\\\, \\\" and \\n: a{b=\"C:\\temp\"} 1\nS 1 a{b=C:\\temp!} 1\n"},
    {"a 1\r\nb 2\r\n", "W 1 lines end in CR LF: a 1\r\nS 1 a{} 1\nS 2 b{} 2\n"},
    {"\xEF\xBB\xBF# TYPE a gauge\na 1\n", "W 1 byte order mark at the start: \xEF\xBB\xBF# TYPE a gauge\nT a 2\nS 2 a{} 1\n"},
    {"a 1\nb 2", "S 1 a{} 1\nS 2 b{} 2\nW 2 the last line has no newline: the body may have been cut: b 2\n"},
    {"a 1\n \t", "S 1 a{} 1\n"},
    {"# TYPE a counter\n# TYPE a untyped\n", "T a 1\nW 2 second TYPE line for this name: # TYPE a untyped\nT a 0\n"},
    {"# TYPE a counter\n# TYPE b gauge\n# TYPE a counter\n", "T a 1\nT b 2\nW 3 second TYPE line for this name: # TYPE a counter\nT a 1\n"},
    {"# HELP a x\n# HELP a y\n", "H a x\nW 2 second HELP line for this name: # HELP a y\nH a y\n"},
    {"a 1\n# TYPE a counter\n", "S 1 a{} 1\nW 2 TYPE after samples of this family: # TYPE a counter\nT a 1\n"},
    {"# TYPE h histogram\nh_count -1\nh_bucket{le=\"1\"} -412.5\n",
     "T h 3\nW 2 negative count: h_count -1\nS 2 h_count{} -1\nW 3 negative count: h_bucket{le=\"1\"} -412.5\n"
     "S 3 h_bucket{le=1} -412.5\n"},
    /* exemplars never cost the sample */
    {"a_total 1 # {x=\"y\"}\n", "W 1 exemplar has no value: a_total 1 # {x=\"y\"}\nS 1 a_total{} 1\n"},
    {"a_total 1 # {x=\"y\"} z\n", "W 1 exemplar has no value: a_total 1 # {x=\"y\"} z\nS 1 a_total{} 1\n"},
    {"a_total 1 #\n", "W 1 exemplar has no label set: a_total 1 #\nS 1 a_total{} 1\n"},
    {"a_total 1 # {x=y} 1\n", "W 1 exemplar has a label set that is not valid: a_total 1 # {x=y} 1\nS 1 a_total{} 1\n"},
    {"a_total 1 # {\"n\"} 1\n", "W 1 exemplar has a label set that is not valid: a_total 1 # {\"n\"} 1\nS 1 a_total{} 1\n"},
    {"a_total 1 # {}1\n", "W 1 exemplar has no white space before its value: a_total 1 # {}1\nS 1 a_total{} 1\n"},
    {"a_total 1 # {} 1 NaN\n",
     "W 1 exemplar has a timestamp that is not a finite number of seconds: a_total 1 # {} 1 NaN\nS 1 a_total{} 1\n"},
    {"a_total 1 # {} 1 2 3\n", "W 1 text after the exemplar: a_total 1 # {} 1 2 3\nS 1 a_total{} 1\n"},
    /* what is no bucket or quantile is still a sample */
    {"# TYPE h histogram\nh_bucket{le=\"bla\"} 1\nh_bucket{le=\"0x1p-3\"} 1\n",
     "T h 3\nW 2 label le is not a number: h_bucket{le=\"bla\"} 1\nS 2 h_bucket{le=bla} 1\n"
     "W 3 label le is not a number: h_bucket{le=\"0x1p-3\"} 1\nS 3 h_bucket{le=0x1p-3} 1\n"},
    {"# TYPE s summary\ns{quantile=\"bla\"} 1\n",
     "T s 4\nW 2 label quantile is not a number: s{quantile=\"bla\"} 1\nS 2 s{quantile=bla} 1\n"},
};

START_TEST(test_odd_lines)
{
    for (size_t i = 0; i < ROWS(odd_rows); i++) {
        check_body(odd_rows[i].body, false, odd_rows[i].want);
    }
}
END_TEST

START_TEST(test_nul_bytes_are_text)
{
    static const char body[] = "a{b=\"x\0y\"} 1\nc\0d 1\n# HELP a he\0lp\n";
    static const char want[] = "S 1 a{b=x\0y} 1\nW 2 metric name is not valid: c\0d 1\nH a he\0lp\n";
    struct transcript t;
    struct expo *p = new_parser(&t, false);
    transcript_run(&t, p, (struct str){body, sizeof body - 1}, 0, 0);
    ck_assert_uint_eq(t.text.len, sizeof want - 1);
    ck_assert_mem_eq(t.text.data, want, sizeof want - 1);
    expo_free(p);
    buf_fini(&t.text);
}
END_TEST

START_TEST(test_what_it_looks_like)
{
    static const struct {
        const char *body;
        bool html, json;
    } rows[] = {{"\n  <!DOCTYPE html><html>\n<body>login</body>", true, false},
                {"<html>", true, false},
                {"{\"error\":\"unauthorized\"}\n", false, true},
                {" [1,2]", false, true},
                {"\xEF\xBB\xBF{\"a\":1}", false, true},
                {"{\"my.metric\"} 1\n", false, false},
                {"a 1\n<html>\n", false, false},
                {"", false, false},
                {"plain text\n", false, false}};
    for (size_t i = 0; i < ROWS(rows); i++) {
        for (size_t cut = 0; cut <= strlen(rows[i].body); cut++) {
            struct transcript t;
            struct expo *p = new_parser(&t, false);
            struct expo_stats s = transcript_run(&t, p, str_of(rows[i].body), cut, 0);
            ck_assert_msg(s.looks_like_html == rows[i].html && s.looks_like_json == rows[i].json, "%s", rows[i].body);
            expo_free(p);
            buf_fini(&t.text);
        }
    }
}
END_TEST

START_TEST(test_stats)
{
    struct expo_stats s = check_body("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_count 1\nh_sum 1\n# HELP g x\ng 1\nstray_total "
                                     "1\nstray_total{a=\"b\"} 1\n# TYPE none gauge\n",
                                     false,
                                     "T h 3\nS 2 h_bucket{le=1} 1\nS 3 h_count{} 1\nS 4 h_sum{} 1\nH g x\nS 6 g{} 1\nS 7 stray_total{} "
                                     "1\nS 8 stray_total{a=b} 1\nT none 2\n");
    ck_assert_uint_eq(s.lines, 9);
    ck_assert_uint_eq(s.samples, 6);
    ck_assert_uint_eq(s.families, 4);
    ck_assert_uint_eq(s.bytes, 124);
}
END_TEST

START_TEST(test_unescape)
{
    static const struct row rows[] = {{"", ""},           {"plain", "plain"}, {"a\\\\b\\\"c\\nd", "a\\b\"c\nd"},
                                      {"\\t\\", "\\t\\"}, {"\\\\n", "\\n"},   {"\\\\\\n", "\\\n"}};
    for (size_t i = 0; i < ROWS(rows); i++) {
        char dst[64];
        size_t n = expo_unescape(str_of(rows[i].body), dst);
        ck_assert(str_eq_z((struct str){dst, n}, rows[i].want));
    }
}
END_TEST

Suite *suite_exposition(void);
Suite *suite_exposition(void)
{
    Suite *s = suite_create("source/exposition");
    TCase *t = tcase_create("lines");
    tcase_add_test(t, test_classic);
    tcase_add_test(t, test_comments_are_ignored);
    tcase_add_test(t, test_malformed_lines_are_named_and_the_rest_is_kept);
    tcase_add_test(t, test_odd_lines);
    tcase_add_test(t, test_nul_bytes_are_text);
    tcase_add_test(t, test_what_it_looks_like);
    tcase_add_test(t, test_stats);
    tcase_add_test(t, test_unescape);
    suite_add_tcase(s, t);
    return s;
}
