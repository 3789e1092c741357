/* SPDX-License-Identifier: MIT */
#include "source/exposition.h"

#include <check.h>
#include <stdio.h>

#include "unit/source/expo_transcript.h"

enum { MAX_BYTES = 16 << 20 };

static struct expo *new_parser(struct transcript *t, bool openmetrics)
{
    transcript_begin(t);
    struct expo_handler h = transcript_handler(t);
    struct expo *p = expo_new(&h, MAX_BYTES);
    ck_assert_ptr_nonnull(p);
    expo_set_openmetrics(p, openmetrics);
    return p;
}

static struct expo_stats check_bytes(struct str body, bool openmetrics, const char *want)
{
    struct transcript t;
    struct expo *p = new_parser(&t, openmetrics);
    struct expo_stats stats = transcript_run(&t, p, body, 0, 0);
    ck_assert_msg(strcmp(transcript_text(&t), want) == 0, "body:\n%.*s\ngot:\n%s\nwanted:\n%s", (int)body.n, body.p, transcript_text(&t), want);
    ck_assert_uint_eq(stats.samples, t.samples);
    ck_assert_uint_eq(stats.warnings, t.warnings);
    expo_free(p);
    buf_fini(&t.text);
    return stats;
}

static struct expo_stats check(const char *body, bool openmetrics, const char *want)
{
    return check_bytes(str_of(body), openmetrics, want);
}

struct row {
    const char *body, *want;
};

#define ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

/* 0.0.4: what is right, however it is spaced. */
static const struct row classic_rows[] = {
    {"", ""},
    {"\n\n  \t \n", ""},
    {"up 1\n", "S 1 up{} 1\n"},
    {"vllm:num_requests_running{engine=\"0\",model_name=\"Qwen/Qwen2.5\"} 37.0\n", "S 1 vllm:num_requests_running{engine=0,model_name=Qwen/Qwen2.5} 37\n"},
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
    {"a{b=\"Bj\xC3\xB6rn \xE4\xBD\x96\xE4\xBD\xA5 \xF0\x9F\x9A\x80\"} 1\n", "S 1 a{b=Bj\xC3\xB6rn \xE4\xBD\x96\xE4\xBD\xA5 \xF0\x9F\x9A\x80} 1\n"},
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
    {"# TYPE a untyped\n# TYPE b unknown\n# TYPE c info\n# TYPE d stateset\n# TYPE e gaugehistogram\n# TYPE f gauge_histogram\n# TYPE g SUMMARY\n",
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
    {"# TYPE h histogram\nh 1\nh_bucket 2\nh_max 3\n# TYPE s summary\ns 4\n", "T h 3\nS 2 h{} 1\nS 3 h_bucket{} 2\nS 4 h_max{} 3\nT s 4\nS 6 s{} 4\n"},
    /* interleaved groups are no fault in 0.0.4; nor is a negative quantile */
    {"# TYPE s summary\ns{quantile=\"-12.34\"} -1\nd 1\ns_sum -4711\ns_count 5\n", "T s 4\nS 2 s{quantile=-12.34} -1\nS 3 d{} 1\nS 4 s_sum{} -4711\nS 5 s_count{} 5\n"},
    /* an exporter that writes OpenMetrics under text/plain: exemplars are read over */
    {"a_bucket{le=\"1\"} 3 # {trace_id=\"x}\\\"\"} 0.5 1.5\na_total 3 123 # {} 1\n", "S 1 a_bucket{le=1} 3\nS 2 a_total{} 3 @123\n"},
};

START_TEST(test_classic)
{
    for (size_t i = 0; i < ROWS(classic_rows); i++) {
        check(classic_rows[i].body, false, classic_rows[i].want);
    }
}
END_TEST

START_TEST(test_comments_are_ignored)
{
    struct expo_stats s = check("# a comment\n#\n#another\n# UNIT 9 is no name: somebody's remark\n# HELPER x\n# eof\n", false, "");
    ck_assert(!s.saw_eof);
    s = check("a 1\n# EOF\n", false, "S 1 a{} 1\n");
    ck_assert(s.saw_eof);
    s = check("a 1\n# EOF", false, "S 1 a{} 1\n");
    ck_assert(s.saw_eof);
    s = check("a 1\n# EOF\nb 2\n", false, "S 1 a{} 1\nS 3 b{} 2\n"); /* two pages in one: only a comment in between */
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
        check(body, false, want);
    }
}
END_TEST

/* Kept, with a warning. */
static const struct row odd_rows[] = {
    {"a{,} 1\n", "W 1 a comma too many among the labels: a{,} 1\nS 1 a{} 1\n"},
    {"a{b=\"c\",,d=\"e\"} 1\n", "W 1 a comma too many among the labels: a{b=\"c\",,d=\"e\"} 1\nS 1 a{b=c,d=e} 1\n"},
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
    {"# TYPE h histogram\nh_count -1\nh_bucket{le=\"1\"} -412.5\n", "T h 3\nW 2 negative count: h_count -1\nS 2 h_count{} -1\nW 3 negative count: h_bucket{le=\"1\"} -412.5\n"
                                                                   "S 3 h_bucket{le=1} -412.5\n"},
    /* exemplars never cost the sample */
    {"a_total 1 # {x=\"y\"}\n", "W 1 exemplar has no value: a_total 1 # {x=\"y\"}\nS 1 a_total{} 1\n"},
    {"a_total 1 # {x=\"y\"} z\n", "W 1 exemplar has no value: a_total 1 # {x=\"y\"} z\nS 1 a_total{} 1\n"},
    {"a_total 1 #\n", "W 1 exemplar has no label set: a_total 1 #\nS 1 a_total{} 1\n"},
    {"a_total 1 # {x=y} 1\n", "W 1 exemplar has a label set that is not valid: a_total 1 # {x=y} 1\nS 1 a_total{} 1\n"},
    {"a_total 1 # {\"n\"} 1\n", "W 1 exemplar has a label set that is not valid: a_total 1 # {\"n\"} 1\nS 1 a_total{} 1\n"},
    {"a_total 1 # {}1\n", "W 1 exemplar has no white space before its value: a_total 1 # {}1\nS 1 a_total{} 1\n"},
    {"a_total 1 # {} 1 NaN\n", "W 1 exemplar has a timestamp that is not a finite number of seconds: a_total 1 # {} 1 NaN\nS 1 a_total{} 1\n"},
    {"a_total 1 # {} 1 2 3\n", "W 1 text after the exemplar: a_total 1 # {} 1 2 3\nS 1 a_total{} 1\n"},
    /* what is no bucket or quantile is still a sample */
    {"# TYPE h histogram\nh_bucket{le=\"bla\"} 1\nh_bucket{le=\"0x1p-3\"} 1\n",
     "T h 3\nW 2 label le is not a number: h_bucket{le=\"bla\"} 1\nS 2 h_bucket{le=bla} 1\n"
     "W 3 label le is not a number: h_bucket{le=\"0x1p-3\"} 1\nS 3 h_bucket{le=0x1p-3} 1\n"},
    {"# TYPE s summary\ns{quantile=\"bla\"} 1\n", "T s 4\nW 2 label quantile is not a number: s{quantile=\"bla\"} 1\nS 2 s{quantile=bla} 1\n"},
};

START_TEST(test_odd_lines)
{
    for (size_t i = 0; i < ROWS(odd_rows); i++) {
        check(odd_rows[i].body, false, odd_rows[i].want);
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

static const struct row openmetrics_rows[] = {
    {"# TYPE a counter\n# HELP a help\na_total 0 123 # {a=\"b\"} 0.5\na_created 123.456\n# EOF\n", "T a 1\nH a help\nS 3 a_total{} 0 @123000\nS 4 a_created{} 123.456\n"},
    {"# TYPE a counter\na_total{foo=\"1\"} 1 000\na_total{foo=\"2\"} 1 1435781451.781\na_total{foo=\"3\"} 1 1.5e3\na_total{foo=\"4\"} 1 -0.001\n# EOF\n",
     "T a 1\nS 2 a_total{foo=1} 1 @0\nS 3 a_total{foo=2} 1 @1435781451781\nS 4 a_total{foo=3} 1 @1500000\nS 5 a_total{foo=4} 1 @-1\n"},
    {"a 1 12345678901234567890.1\nb 1 -1e300\n# EOF", "S 1 a{} 1 @9223372036854775807\nS 2 b{} 1 @-9223372036854775808\n"},
    {"# TYPE a counter\na_total{foo=\"b\\\\a\\z # \"} 4\na_total{foo=\"} foo # bar # \"} 1\n# EOF\n", "T a 1\nS 2 a_total{foo=b\\\\a\\z # !} 4\nS 3 a_total{foo=} foo # bar # } 1\n"},
    {"# HELP a \n# UNIT a \n# EOF\n", "H a \nU a \n"},
    {"# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n# EOF\n", "T a_seconds 2\nU a_seconds seconds\nS 3 a_seconds{} 1\n"},
    {"# TYPE a stateset\na{a=\"bar\"} 0\na{a=\"foo\"} 1.0\n# TYPE b info\nb_info{x=\"y\"} 1\n# EOF\n", "T a 7\nS 2 a{a=bar} 0\nS 3 a{a=foo} 1\nT b 6\nS 5 b_info{x=y} 1\n"},
    {"# TYPE a gaugehistogram\na_bucket{le=\"-1.0\"} 1\na_bucket{le=\"+Inf\"} 3\na_gcount 3\na_gsum -5\n# EOF\n",
     "T a 5\nS 2 a_bucket{le=-1.0} 1\nS 3 a_bucket{le=+Inf} 3\nS 4 a_gcount{} 3\nS 5 a_gsum{} -5\n"},
    {"# TYPE a histogram\na_bucket{le=\"1\"} 1 1\na_bucket{le=\"+Inf\"} 2 1\na_count 2 1\na_sum 2 1\na_bucket{le=\"1\"} 0 2\na_bucket{le=\"+Inf\"} 0 2\n# EOF\n",
     "T a 3\nS 2 a_bucket{le=1} 1 @1000\nS 3 a_bucket{le=+Inf} 2 @1000\nS 4 a_count{} 2 @1000\nS 5 a_sum{} 2 @1000\nS 6 a_bucket{le=1} 0 @2000\n"
     "S 7 a_bucket{le=+Inf} 0 @2000\n"},
    /* without TYPE lines nobody can tell whether x_sum belongs to x */
    {"x_bucket{r=\"1\",le=\"+Inf\"} 1\nx_count{r=\"1\"} 1\nx_bucket{r=\"2\",le=\"+Inf\"} 1\nx_count{r=\"2\"} 1\n# EOF\n",
     "S 1 x_bucket{r=1,le=+Inf} 1\nS 2 x_count{r=1} 1\nS 3 x_bucket{r=2,le=+Inf} 1\nS 4 x_count{r=2} 1\n"},
    {"a 1 1\na 2 1\na 3 1.5\n# EOF\n", "S 1 a{} 1 @1000\nS 2 a{} 2 @1000\nS 3 a{} 3 @1500\n"},
};

START_TEST(test_openmetrics)
{
    for (size_t i = 0; i < ROWS(openmetrics_rows); i++) {
        struct expo_stats s = check(openmetrics_rows[i].body, true, openmetrics_rows[i].want);
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
    {"# TYPE a histogram\na_bucket{le=\"2\"} 0\na_bucket{le=\"1\"} 0\na_bucket{le=\"+Inf\"} 0\n# EOF\n", "buckets are not in increasing order of le", 3, 3},
    {"# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 0\n# EOF\n", "bucket holds less than the one before", 3, 2},
    {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 0\na_count 1\na_sum 1\n# EOF\n", "the histogram before has a count that differs from its +Inf bucket", 5, 3},
    {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 0\na_sum 0\n# EOF\n", "the histogram before has a sum and no count", 4, 2},
    {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 0\na_count 0\n# EOF\n", "the histogram before has a count and no sum", 4, 2},
    {"# TYPE a histogram\na_bucket{le=\"-1\"} 0\na_bucket{le=\"+Inf\"} 0\na_count 0\na_sum 0\n# EOF\n", "the histogram before has negative bounds and a sum", 6, 4},
    {"# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gsum -1\na_gcount 1\n# EOF\n", "the histogram before has a negative sum without negative bounds", 5, 3},
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

static void append_repeated(struct buf *b, const char *piece, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        ck_assert_int_eq(buf_append_z(b, piece), ERR_OK);
    }
}

START_TEST(test_exemplar_length_in_code_points)
{
    static const struct {
        const char *piece;
        size_t times;
        bool fits; /* with the label name's one: 128 at most */
    } rows[] = {{"x", 127, true}, {"x", 128, false}, {"\xE4\xBD\x96", 127, true}, {"\xE4\xBD\x96", 128, false}, {"\\n", 127, true}, {"\\n", 128, false}};
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct buf body;
        buf_init(&body, MAX_BYTES);
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
            ck_assert_msg(strcmp(transcript_text(&cut), transcript_text(&whole)) == 0, "cut at %zu and %zu:\n%s\ninstead of\n%s", first, second,
                          transcript_text(&cut), transcript_text(&whole));
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
    buf_init(&body, MAX_BYTES);
    for (size_t extra = 0; extra <= 1; extra++) {
        append_repeated(&body, "a{b=\"", 1);
        append_repeated(&body, "x", EXPO_LINE_MAX - 9 + extra);
        append_repeated(&body, "\"} 1\nb 2\n", 1);
    }
    append_repeated(&body, "y", 3 * EXPO_LINE_MAX);
    size_t cuts[] = {0, 1, 100, EXPO_LINE_MAX - 1, EXPO_LINE_MAX, EXPO_LINE_MAX + 1, EXPO_LINE_MAX + 100, 2 * EXPO_LINE_MAX, 4 * EXPO_LINE_MAX, body.len};
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
    buf_init(&body, MAX_BYTES);
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
            buf_init(&body, MAX_BYTES);
            append_repeated(&body, "a{", 1);
            for (size_t i = 0; i < 60; i++) {
                ck_assert_int_eq(buf_printf(&body, "label_%zu=\"v\",", i == b ? a : i), ERR_OK);
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
    struct expo *p = expo_new(&h, MAX_BYTES);
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
    ck_assert_str_eq(transcript_text(&m.t), "S 1 a{} 1\nS 2 b{x=},y=\\\"} 5!} 2 @7\nS 3 c{z=1} 3\nS 4 q.n{l=v} 4\nS 5 d_total{t=#} 5\nS 6 e{} 6\n");
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
    transcript_run(&m.t, p, str_of("a{b=\"c\"} x\na{b=\"c\"}\na{b=\"c\"} 1 z\na{b=\"c\"}x 1\naa 1\na} 1\na 1 # }\na{b=\"c\",c=\"d\"} 2\na-b 1\n"), 0, 0);
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
    transcript_run(&m.t, p, str_of("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n# TYPE c counter\nc_total 1\n# EOF\n"), 0, 0);
    ck_assert_uint_eq(m.t.warnings, 0);
    buf_reset(&m.t.text);
    expo_reset(p);
    transcript_run(&m.t, p, str_of("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_bucket{le=\"1\"} 2\n# TYPE c counter\nc_total -1\n# EOF\n"), 0, 0);
    ck_assert_str_eq(transcript_text(&m.t), "S 2 h_bucket{} 1\nS 3 h_bucket{} 2\nW 5 counter is negative or not a number: c_total -1\nS 5 c_total{} -1\n");
    expo_free(p);
    buf_fini(&m.t.text);
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
    struct expo_stats s = check("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_count 1\nh_sum 1\n# HELP g x\ng 1\nstray_total 1\nstray_total{a=\"b\"} 1\n# TYPE none gauge\n",
                                false, "T h 3\nS 2 h_bucket{le=1} 1\nS 3 h_count{} 1\nS 4 h_sum{} 1\nH g x\nS 6 g{} 1\nS 7 stray_total{} 1\nS 8 stray_total{a=b} 1\nT none 2\n");
    ck_assert_uint_eq(s.lines, 9);
    ck_assert_uint_eq(s.samples, 6);
    ck_assert_uint_eq(s.families, 4);
    ck_assert_uint_eq(s.bytes, 124);
}
END_TEST

/* More families than are remembered: still read, no warning, and the next body starts afresh. */
START_TEST(test_many_families)
{
    struct buf body;
    buf_init(&body, MAX_BYTES);
    for (int i = 0; i < 20000; i++) {
        ck_assert_int_eq(buf_printf(&body, "# TYPE f%d gauge\nf%d 1\n", i, i), ERR_OK);
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
    buf_init(&body, MAX_BYTES);
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
    struct expo *p = expo_new(&h, MAX_BYTES);
    ck_assert_ptr_nonnull(p);
    ck_assert_int_eq(transcript_feed(p, cut_body, sizeof cut_body - 1), ERR_OK);
    ck_assert_int_eq(expo_finish(p), ERR_OK);
    ck_assert_uint_eq(expo_stats(p).samples, 3);
    expo_free(p);
    expo_free(NULL);
}
END_TEST

START_TEST(test_unescape)
{
    static const struct row rows[] = {{"", ""}, {"plain", "plain"}, {"a\\\\b\\\"c\\nd", "a\\b\"c\nd"}, {"\\t\\", "\\t\\"}, {"\\\\n", "\\n"}, {"\\\\\\n", "\\\n"}};
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
    tcase_add_test(t, test_openmetrics);
    tcase_add_loop_test(t, test_openmetrics_faults, 0, (int)ROWS(openmetrics_faults));
    tcase_add_test(t, test_exemplar_length_in_code_points);
    tcase_add_test(t, test_unescape);
    suite_add_tcase(s, t);
    t = tcase_create("bodies");
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
    tcase_add_test(t, test_what_it_looks_like);
    tcase_add_test(t, test_stats);
    tcase_add_test(t, test_many_families);
    tcase_add_test(t, test_names_of_any_length);
    tcase_add_test(t, test_callbacks_are_optional);
    suite_add_tcase(s, t);
    return s;
}
