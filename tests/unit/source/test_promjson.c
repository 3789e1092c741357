/* SPDX-License-Identifier: MIT */
#include "source/promjson.h"

#include <check.h>
#include <math.h>

#include "unit/source/promjson_transcript.h"

enum { MAX_BYTES = 64 << 20 };

#define ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static struct promjson *new_reader(struct answer *a)
{
    answer_begin(a);
    struct promjson_handler h = answer_handler(a);
    struct promjson *p = promjson_new(&h, MAX_BYTES);
    ck_assert_ptr_nonnull(p);
    return p;
}

static void check(const char *body, const char *want)
{
    struct answer a;
    struct promjson *p = new_reader(&a);
    answer_run(&a, p, str_of(body), 0, 0);
    ck_assert_msg(strcmp(answer_text(&a), want) == 0, "body:\n%s\ngot:\n%s\nwanted:\n%s", body, answer_text(&a), want);
    promjson_free(p);
    buf_fini(&a.text);
}

#define SUCCESS(result) "{\"status\":\"success\",\"data\":" result "}"
#define MATRIX(series) SUCCESS("{\"resultType\":\"matrix\",\"result\":[" series "]}")
#define VALUES(points) MATRIX("{\"metric\":{\"a\":\"b\"},\"values\":[" points "]}")
#define HISTOGRAM(fields) MATRIX("{\"metric\":{},\"histograms\":[[1,{" fields "}]]}")

struct row {
    const char *body, *want;
};

static const struct row good_rows[] = {
    {SUCCESS("{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"up\",\"job\":\"node\"},\"value\":[1435781451.781,\"1\"]},"
             "{\"metric\":{},\"value\":[1435781451,\"0.5\"]}]}"),
     "N __name__=up,job=node\nP 1435781451781 1\nN \nP 1435781451000 0.5\n"},
    {MATRIX("{\"metric\":{\"a\":\"b\"},\"values\":[[1435781430.781,\"1\"],[1435781445.78,\"2e+00\"],[1435781460,\"NaN\"]]}"),
     "N a=b\nP 1435781430781 1\nP 1435781445780 2\nP 1435781460000 nan\n"},
    {VALUES("[0,\"+Inf\"],[0.5,\"-Inf\"],[12.25,\"nan\"],[1e3,\"1.6920637e+07\"],[-1.5,\"0.013300656000000001\"]"),
     "N a=b\nP 0 inf\nP 500 -inf\nP 12250 nan\nP 1000000 16920637\nP -1500 0.013300656000000001\n"},
    {VALUES("[1.4357814307815e9,\"9223372036854775794\"],[1435781430.78149,\"1\"],[999999999999.999,\"1\"],[1234567890123,\"1\"]"),
     "N a=b\nP 1435781430782 9.2233720368547758e+18\nP 1435781430781 1\nP 999999999999999 1\nP 1234567890123000 1\n"},
    {" \r\n{ \"status\" : \"success\" ,\t\"data\" : { \"resultType\" : \"matrix\" , \"result\" : [ { \"metric\" : { \"a\" : \"b\" } , "
     "\"values\" : "
     "[ [ 1 , \"1\" ] , [ 2 , \"2\" ] ] } ] } } \n",
     "N a=b\nP 1000 1\nP 2000 2\n"},
    {MATRIX(""), ""},
    {MATRIX("{\"metric\":{\"a\":\"b\"}}"), "N a=b\n"},
    {VALUES(""), "N a=b\n"},
    {SUCCESS("{\"resultType\":\"matrix\",\"result\":null}"), ""},
    {SUCCESS("{\"result\":[],\"resultType\":\"vector\"}"), ""},
    {SUCCESS("{\"resultType\":\"scalar\",\"result\":[1435781451.781,\"42\"]}"), "N \nP 1435781451781 42\n"},
    {SUCCESS("{\"resultType\":\"string\",\"result\":[1435781451.781,\"hello\"]}"), ""},
    /* native histograms, beside floats too; buckets may be absent */
    {MATRIX("{\"metric\":{\"h\":\"d\"},\"values\":[[1,\"5\"]],\"histograms\":[[1763883600.123,{\"count\":\"4\",\"sum\":\"6.5\",\"buckets\":"
            "[[0,\"0.5\",\"1\",\"1\"],"
            "[3,\"-0.001\",\"0.001\",\"3\"]]}],[1763883615,{\"count\":\"5\",\"sum\":\"NaN\"}],[1763883616,{\"buckets\":null,\"sum\":\"0\","
            "\"count\":\"0\"}]]}"),
     "N h=d\nP 1000 5\nH 1763883600123 4 6.5 [0 0.5 1 1] [3 -0.001 0.001 3]\nH 1763883615000 5 nan\nH 1763883616000 0 0\n"},
    {SUCCESS("{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"histogram\":[2,{\"count\":\"1\",\"sum\":\"1\",\"x\":[{}],\"buckets\":"
             "[[1,\"-Inf\",\"+Inf\",\"1\"]]}]}]}"),
     "N \nH 2000 1 1 [1 -inf inf 1]\n"},
    /* a float after a histogram has no buckets left over */
    {MATRIX("{\"metric\":{},\"histograms\":[[1,{\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[0,\"0\",\"1\",\"1\"]]}]],\"values\":[[ "
            "2,\"3\"]]}"),
     "N \nH 1000 1 1 [0 0 1 1]\nP 2000 3\n"},
    /* warnings, infos, isPartial; of other types they are nobody's business */
    {"{\"status\":\"success\",\"isPartial\":true,\"data\":{\"resultType\":\"vector\",\"result\":[],\"warnings\":[\"in "
     "data\"]},\"warnings\":[\"results truncated\",\"two\"],"
     "\"infos\":[\"PromQL info: \\\"x\\\" (1:6)\"]}",
     "W the answer is partial (isPartial)\nW in data\nW results truncated\nW two\nW PromQL info: \"x\" (1:6)\n"},
    {"{\"status\":\"success\",\"isPartial\":false,\"data\":{\"result\":[]},\"warnings\":null,\"infos\":{\"a\":[\"b\"]}}", ""},
    {"{\"status\":\"success\",\"isPartial\":\"yes\",\"data\":{\"result\":[]},\"warnings\":[1,null,[\"x\"],{\"y\":\"z\"},\"w\"],\"infos\":"
     "\"text\"}",
     "W w\n"},
    /* unknown members, to any depth */
    {"{\"trace\":{\"children\":[{\"a\":[1,2.5e-3,-0,true,false,null,\"x\\u00e9\"]}]},\"stats\":{\"seriesFetched\":\"1\","
     "\"executionTimeMsec\":2},\"status\":\"success\","
     "\"data\":{\"stats\":[[[]]],\"result\":[{\"z\":{},\"metric\":{\"a\":\"b\"},\"y\":[],\"values\":[[1,\"1\"]],\"x\":0}]},\"status2\":0}",
     "N a=b\nP 1000 1\n"},
    /* escapes */
    {MATRIX("{\"metric\":{\"a\\u0062c\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u4F60\\uD83D\\ude80\"}}"),
     "N abc=\"\\/\b\f\n\r\t\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x9A\x80\n"},
    {MATRIX("{\"metric\":{\"a\":\"\\ud83d\",\"b\":\"x\\ud83dy\",\"c\":\"\\ude80\",\"d\":\"\\ud83d\\ud83d\\ude80\",\"e\":\"\\ud83d\\n\"}}"),
     "N a=\xEF\xBF\xBD,b=x\xEF\xBF\xBDy,c=\xEF\xBF\xBD,d=\xEF\xBF\xBD\xF0\x9F\x9A\x80,e=\xEF\xBF\xBD\n\n"},
    {MATRIX("{\"metric\":{\"m\":\"\xE4\xBD\xA0 {}[],:\"},\"values\":[[1,\"\\u0031\\u002e5\"]]}"), "N m=\xE4\xBD\xA0 {}[],:\nP 1000 1.5\n"},
};

START_TEST(test_good)
{
    check(good_rows[_i].body, good_rows[_i].want);
}
END_TEST

START_TEST(test_nul_in_a_label)
{
    struct answer a;
    struct promjson *p = new_reader(&a);
    ck_assert_int_eq(answer_run(&a, p, str_of(MATRIX("{\"metric\":{\"a\":\"x\\u0000y\"}}")), 0, 0), ERR_OK);
    ck_assert_uint_eq(a.text.len, 8);
    ck_assert_mem_eq(a.text.data, "N a=x\0y\n", 8);
    promjson_free(p);
    buf_fini(&a.text);
}
END_TEST

/* Refused: what was said before stands, and the sentence names the fault. */
static const struct row bad_rows[] = {
    {"", "E parse: query answer, byte 0: the answer is empty\n"},
    {"  ", "E parse: query answer, byte 2: the answer ends in the middle\n"},
    {"[]", "E parse: query answer, byte 0: the answer is not a JSON object\n"},
    {"null", "E parse: query answer, byte 4: the answer ends in the middle\n"},
    {"null ", "E parse: query answer, byte 0: the answer is not a JSON object\n"},
    {"\"x\"", NULL},
    {"<html>502 Bad Gateway</html>", "E parse: query answer, byte 0: not JSON but markup: the answer of a login page or proxy?\n"},
    {"upstream connect error", NULL},
    {"\xEF\xBB\xBF{}", NULL},
    {"\xFF\xFE{\0", NULL},
    {"{}", "E parse: query answer, byte 2: the answer has no status: not a Prometheus API?\n"},
    {"{\"status\":\"success\"}", "E parse: query answer, byte 20: the answer has no result: not of a query?\n"},
    {SUCCESS("{\"version\":\"3.0\"}"), NULL},
    {SUCCESS("[\"a\",\"b\"]"), "E parse: query answer, byte 27: data is not the object of a query answer\n"},
    {SUCCESS("\"x\""), NULL},
    {"{\"status\":\"maybe\",\"data\":{\"result\":[]}}", NULL},
    {"{\"status\":1}", NULL},
    {"{\"status\":\"error\"", NULL},
    {"{\"status\":\"success\",\"data\":{\"result\":[]}}x", NULL},
    {"{\"status\":\"success\",\"data\":{\"result\":[]}}{}", NULL},
    {"{\"status\":\"success\",\"data\":{\"result\":[]}},", NULL},
    {"{\"status\":\"success\",\"data\":{\"result\":[]}}\"x\"", NULL},
    {"{\"status\":\"success\",\"data\":{\"result\":[],\"result\":[]}}", NULL},
    {"{\"status\":\"success\",}", "E parse: query answer, byte 20: not JSON: a closing bracket in the wrong place\n"},
    {"{,\"status\":\"success\"}", NULL},
    {"{\"status\" \"success\"}", NULL},
    {"{\"status\":,}", NULL},
    {"{\"status\":\"success\"]", NULL},
    {"{status:\"success\"}", NULL},
    {"{:1}", NULL},
    {"{\"a\":1:2}", NULL},
    {"{\"a\":\"b\"\"c\"}", NULL},
    {"{\"a\":\"b\":1}", NULL},
    {"{\"a\":{}{}}", NULL},
    {"{\"a\":[]]}", NULL},
    {"{\"a\":-x}", NULL},
    {"{\"a\":1e+}", NULL},
    {"{\"a\":\"\\u00\"}", NULL},
    {"{\"a\":tru}", NULL},
    {"{\"a\":01}", NULL},
    {"{\"a\":+1}", NULL},
    {"{\"a\":1.}", NULL},
    {"{\"a\":.5}", NULL},
    {"{\"a\":1e}", NULL},
    {"{\"a\":-}", NULL},
    {"{\"a\":NaN}", NULL},
    {"{\"a\":0x1}", NULL},
    {"{\"a\":1_0}", NULL},
    {"{\"a\":'x'}", NULL},
    {"{\"a\":\"\\x\"}", NULL},
    {"{\"a\":\"\\u12g4\"}", NULL},
    {"{\"a\":\"x\ny\"}", NULL},
    {"{\"a\":[1,]}", NULL},
    {"{\"a\":[,1]}", NULL},
    {"{\"a\":[1 2]}", NULL},
    {SUCCESS("{\"result\":{}}"), NULL},
    {SUCCESS("{\"result\":\"x\"}"), NULL},
    {SUCCESS("{\"result\":[1]}"), NULL},
    {SUCCESS("{\"result\":[1,2]}"), NULL},
    {SUCCESS("{\"result\":[1,\"2\",\"3\"]}"), NULL},
    {SUCCESS("{\"result\":[1,\"hello\"]}"), NULL},
    {SUCCESS("{\"result\":[\"1\",\"2\"]}"), NULL},
    {SUCCESS("{\"resultType\":2,\"result\":[]}"), NULL},
    {MATRIX("[]"), NULL},
    {MATRIX("null"), NULL},
    {MATRIX("{\"metric\":[]}"), NULL},
    {MATRIX("{\"metric\":null}"), NULL},
    {MATRIX("{\"metric\":{\"a\":1}}"), NULL},
    {MATRIX("{\"metric\":{\"a\":{}}}"), NULL},
    {MATRIX("{\"metric\":{\"a\":null}}"), NULL},
    {MATRIX("{\"metric\":{\"a\":\"\xFF\"}}"), NULL},
    {MATRIX("{\"metric\":{\"\xC0\x80\":\"a\"}}"), NULL},
    {MATRIX("{\"values\":[[1,\"1\"]]}"), NULL},
    {MATRIX("{\"values\":[[1,\"1\"]],\"metric\":{}}"), NULL},
    {MATRIX("{\"metric\":{},\"metric\":{}}"), NULL},
    {MATRIX("{\"metric\":{},\"values\":{}}"), NULL},
    {MATRIX("{\"metric\":{},\"values\":\"x\"}"), NULL},
    {VALUES("1"), NULL},
    {VALUES("{}"), NULL},
    {VALUES("null"), NULL},
    {VALUES("[]"), NULL},
    {VALUES("[1]"), NULL},
    {VALUES("[1,1]"), NULL},
    {VALUES("[\"1\",\"1\"]"), NULL},
    {VALUES("[1,\"1\",2]"), NULL},
    {VALUES("[1,\"\"]"), NULL},
    {VALUES("[1,\"x\"]"), NULL},
    {VALUES("[1,\"1x\"]"), NULL},
    {VALUES("[1,\" 1\"]"), NULL},
    {VALUES("[1,\"0x10\"]"), NULL},
    {VALUES("[1,\"1_0\"]"), NULL},
    {VALUES("[1,\"1e999\"]"), NULL},
    {VALUES("[1,null]"), NULL},
    {VALUES("[null,\"1\"]"), NULL},
    {VALUES("[01,\"1\"]"), NULL},
    {VALUES("[1.,\"1\"]"), NULL},
    {VALUES("[1e300,\"1\"]"), NULL},
    {VALUES("[1e999,\"1\"]"), NULL},
    {VALUES("[1,[1]]"), NULL},
    {VALUES("[1,{\"count\":\"1\",\"sum\":\"1\"}]"), NULL},
    {HISTOGRAM(""), NULL},
    {HISTOGRAM("\"count\":\"1\""), NULL},
    {HISTOGRAM("\"count\":1,\"sum\":\"1\""), NULL},
    {HISTOGRAM("\"count\":\"x\",\"sum\":\"1\""), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":{}"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[1]"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[]]"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[0,\"1\",\"2\"]]"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[0,\"1\",\"2\",\"3\",\"4\"]]"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[4,\"1\",\"2\",\"3\"]]"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[-1,\"1\",\"2\",\"3\"]]"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[\"0\",\"1\",\"2\",\"3\"]]"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[0,1,\"2\",\"3\"]]"), NULL},
    {HISTOGRAM("\"count\":\"1\",\"sum\":\"1\",\"buckets\":[[0,\"1\",\"2\",null]]"), NULL},
    {MATRIX("{\"metric\":{},\"histograms\":[[1,{\"count\":\"1\",\"sum\":\"1\"}],[2,{}]]}"), NULL},
    {MATRIX("{\"metric\":{},\"histograms\":[[1,\"1\"]]}"), NULL},
    {MATRIX("{\"metric\":{},\"histograms\":[[1]]}"), NULL},
};

START_TEST(test_bad)
{
    const struct row *r = &bad_rows[_i];
    struct answer a;
    struct promjson *p = new_reader(&a);
    ck_assert_msg(answer_run(&a, p, str_of(r->body), 0, 0) == ERR_PARSE, "%s\n%s", r->body, answer_text(&a));
    const char *said = strstr(answer_text(&a), "E parse: query answer, byte ");
    ck_assert_msg(said != NULL, "%s", answer_text(&a));
    ck_assert_msg(!r->want || strcmp(said, r->want) == 0, "%s\n%s", r->body, said);
    ck_assert_int_eq(promjson_finish(p, NULL), ERR_PARSE);
    promjson_free(p);
    buf_fini(&a.text);
}
END_TEST

START_TEST(test_errors_of_the_server)
{
    check("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"exceeded maximum resolution of 11,000 points per timeseries.\"}",
          "E net: the server refused the query: bad_data: exceeded maximum resolution of 11,000 points per timeseries.\n");
    check("{\"status\":\"error\",\"error\":\"no org id\"}", "E net: the server refused the query: no org id\n");
    check("{\"status\":\"error\"}", "E net: the server refused the query: \n");
    check("{\"status\":\"error\",\"errorType\":null,\"error\":null,\"data\":null}", "E net: the server refused the query: \n");
    /* data may come with an error; remote bytes are made safe to show */
    check("{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"a\\u001b[31m\",\"data\":{\"result\":[{\"metric\":{},\"value\":[1,"
          "\"2\"]}]}}",
          "N \nP 1000 2\nE net: the server refused the query: timeout: a^[[31m\n");
}
END_TEST

START_TEST(test_skipped_series)
{
    static const char body[] = MATRIX("{\"metric\":{\"a\":\"no\"},\"values\":[[1,\"1\"],[2,\"x\"]],\"histograms\":[[1,{}]]},{\"metric\":{"
                                      "\"a\":\"b\"},\"values\":[[3,\"3\"]]},"
                                      "{\"metric\":{\"a\":\"no\"},\"value\":[1,\"1\"],\"histogram\":[]}");
    for (size_t cut = 0; cut < sizeof body; cut++) {
        struct answer a;
        struct promjson *p = new_reader(&a);
        a.unwanted = "no";
        ck_assert_int_eq(answer_run(&a, p, str_of(body), cut, 0), ERR_OK);
        ck_assert_str_eq(answer_text(&a), "N a=no\nN a=b\nP 3000 3\nN a=no\n");
        promjson_free(p);
        buf_fini(&a.text);
    }
}
END_TEST

START_TEST(test_reader_says_stop)
{
    struct answer a;
    struct promjson *p = new_reader(&a);
    a.stop_after = 2;
    ck_assert_int_eq(answer_run(&a, p, str_of(VALUES("[1,\"1\"],[2,\"2\"],[3,\"3\"]")), 0, 0), ERR_LIMIT);
    ck_assert_uint_eq(a.points, 2);
    ck_assert_int_eq(promjson_feed(p, "x", 1), ERR_LIMIT);
    promjson_reset(p);
    buf_reset(&a.text);
    a.stop_after = 0;
    ck_assert_int_eq(answer_run(&a, p, str_of(VALUES("[1,\"1\"]")), 0, 0), ERR_OK);
    ck_assert_str_eq(answer_text(&a), "N a=b\nP 1000 1\n");
    promjson_free(p);
    buf_fini(&a.text);
}
END_TEST

START_TEST(test_body_cap)
{
    static const char body[] = VALUES("[1,\"1\"],[2,\"2\"]");
    struct answer a;
    answer_begin(&a);
    struct promjson_handler h = answer_handler(&a);
    struct promjson *p = promjson_new(&h, sizeof body - 2);
    ck_assert_ptr_nonnull(p);
    for (size_t cut = 0; cut < sizeof body - 1; cut++) {
        promjson_reset(p);
        buf_reset(&a.text);
        ck_assert_int_eq(answer_run(&a, p, str_of(body), cut, 0), ERR_LIMIT);
        ck_assert_str_eq(answer_text(&a),
                         "N a=b\nP 1000 1\nP 2000 2\nE limit: query answer, byte 109: the answer is larger than allowed\n");
    }
    promjson_free(p);
    p = promjson_new(&h, sizeof body - 1);
    ck_assert_ptr_nonnull(p);
    buf_reset(&a.text);
    ck_assert_int_eq(answer_run(&a, p, str_of(body), 0, 0), ERR_OK);
    promjson_free(p);
    promjson_free(NULL);
    buf_fini(&a.text);
}
END_TEST

/* Every body above, cut at every byte into two, and byte by byte: the same callbacks, the same end. */
static void check_cuts(const char *text)
{
    struct str body = str_of(text);
    struct answer whole, cut;
    struct promjson *p = new_reader(&whole);
    enum err e = answer_run(&whole, p, body, 0, 0);
    promjson_free(p);
    p = new_reader(&cut);
    for (size_t at = 1; at < body.n; at++) {
        promjson_reset(p);
        buf_reset(&cut.text);
        ck_assert_int_eq(answer_run(&cut, p, body, at, 0), e);
        ck_assert_msg(strcmp(answer_text(&cut), answer_text(&whole)) == 0, "%s\ncut at %zu:\n%s\ninstead of\n%s", text, at,
                      answer_text(&cut), answer_text(&whole));
    }
    promjson_reset(p);
    buf_reset(&cut.text);
    for (size_t at = 0; at < body.n; at++) {
        enum err fed = answer_feed(p, body.p + at, 1);
        ck_assert(!fed || e == fed);
    }
    ck_assert_int_eq(answer_run(&cut, p, (struct str){"", 0}, 0, 0), e);
    ck_assert_str_eq(answer_text(&cut), answer_text(&whole));
    promjson_free(p);
    buf_fini(&whole.text);
    buf_fini(&cut.text);
}

START_TEST(test_cut_at_every_byte)
{
    for (size_t i = 0; i < ROWS(good_rows); i++) {
        check_cuts(good_rows[i].body);
    }
    for (size_t i = 0; i < ROWS(bad_rows); i++) {
        check_cuts(bad_rows[i].body);
    }
}
END_TEST

/* Every prefix of every good body is refused as cut, and never crashes. */
START_TEST(test_every_prefix_is_incomplete)
{
    for (size_t i = 0; i < ROWS(good_rows); i++) {
        struct str body = str_of(good_rows[i].body);
        while (body.n > 0 && (body.p[body.n - 1] == '\n' || body.p[body.n - 1] == ' ')) {
            body.n--;
        }
        struct answer a;
        struct promjson *p = new_reader(&a);
        for (size_t n = 0; n < body.n; n++) {
            promjson_reset(p);
            buf_reset(&a.text);
            ck_assert_int_eq(answer_run(&a, p, (struct str){body.p, n}, 0, 0), ERR_PARSE);
        }
        promjson_free(p);
        buf_fini(&a.text);
    }
}
END_TEST

static void append(struct buf *b, const char *z, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        answer_must(buf_append_z(b, z) == ERR_OK, "buffer");
    }
}

/* prefix, piece so many times, suffix. */
static void check_repeated(const char *prefix, const char *piece, size_t times, const char *suffix, enum err want)
{
    struct buf body;
    buf_init(&body, MAX_BYTES);
    append(&body, prefix, 1);
    append(&body, piece, times);
    append(&body, suffix, 1);
    for (size_t cut = 0; cut < body.len; cut += body.len / 3 + 1) {
        struct answer a;
        struct promjson *p = new_reader(&a);
        enum err got = answer_run(&a, p, buf_str(&body), cut, 0);
        ck_assert_msg(got == want, "%s %s x %zu %s: %s", prefix, piece, times, suffix, err_name(got));
        promjson_free(p);
        buf_fini(&a.text);
    }
    buf_fini(&body);
}

START_TEST(test_caps)
{
    const char *head = "{\"status\":\"success\",\"x\":", *tail = ",\"data\":{\"result\":[]}}";
    char prefix[64];
    /* unknown strings of any length; unknown nesting up to the cap */
    ck_assert(str_format(prefix, sizeof prefix, "%s\"", head));
    char suffix[64];
    ck_assert(str_format(suffix, sizeof suffix, "\"%s", tail));
    check_repeated(prefix, "y", 200000, suffix, ERR_OK);
    check_repeated(prefix, "\\n", 100000, suffix, ERR_OK);
    check_repeated(head, "[", 1000, "", ERR_PARSE);
    check_repeated(head, "{\"a\":", 1000, "", ERR_PARSE);
    check_repeated(head, "[", 63, "", ERR_PARSE);
    /* labels: a value as long as the text allows, and longer; many, and too many */
    check_repeated("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"a\":\"", "y", 65535, "\"}}]}}", ERR_OK);
    check_repeated("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"a\":\"", "y", 65536, "\"}}]}}", ERR_LIMIT);
    check_repeated("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"z\":\"\"", ",\"a\":\"b\"", 255, "}}]}}", ERR_OK);
    check_repeated("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"z\":\"\"", ",\"a\":\"b\"", 256, "}}]}}", ERR_LIMIT);
    /* numbers, keys, sentences */
    check_repeated("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{},\"value\":[1,\"", "0", 1024, "\"]}]}}", ERR_OK);
    check_repeated("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{},\"values\":[[1,\"", "0", 1025, "\"]]}]}}", ERR_LIMIT);
    check_repeated("{\"status\":\"success\",\"a\":", "1", 1025, ",\"data\":{\"result\":[]}}", ERR_LIMIT);
    check_repeated("{\"status\":\"success\",\"", "k", 100000, "\":1,\"data\":{\"result\":[]}}", ERR_OK);
    check_repeated("{\"status\":\"success\",\"warnings\":[\"", "w", 100000, "\"],\"data\":{\"result\":[]}}", ERR_OK);
    check_repeated("{\"status\":\"error\",\"error\":\"", "\xC3\xA9", 100000, "\"}", ERR_NET);
    check_repeated("{\"status\":\"success\",\"data\":{\"resultType\":\"string\",\"result\":[1,\"", "s", 100000, "\"]}}", ERR_OK);
    check_repeated("{\"status\":\"", "s", 100000, "\"}", ERR_LIMIT);
    /* buckets */
    check_repeated("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{},\"histogram\":[1,{\"count\":\"1\",\"sum\":\"1\","
                   "\"buckets\":[[0,\"1\",\"2\",\"3\"]",
                   ",[0,\"1\",\"2\",\"3\"]", 2047, "]}]}]}}", ERR_OK);
    check_repeated("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{},\"histogram\":[1,{\"count\":\"1\",\"sum\":\"1\","
                   "\"buckets\":[[0,\"1\",\"2\",\"3\"]",
                   ",[0,\"1\",\"2\",\"3\"]", 2048, "]}]}]}}", ERR_LIMIT);
}
END_TEST

/* The short cut for plain points against the long way, which an escape in the value forces: times with 0..3 decimals, values of every
 * spelling. */
START_TEST(test_short_cut_agrees)
{
    static const char *const formats[] = {"0",      "NaN", "+Inf",     "-Inf", "1e+00", "-0", "123456789012345678", "0.013300656000000001",
                                          "5e-324", "1.5", "infinity", "+7"};
    uint64_t state = 99;
    struct answer a, b;
    struct promjson *p = new_reader(&a), *q = new_reader(&b);
    for (int i = 0; i < 4000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t whole = (state >> 20) % (i % 3 ? 4000000000u : 999999999999u);
        unsigned digits = (unsigned)(state >> 11) % 4;
        char t[32], plain[256], escaped[256];
        static const unsigned scale[] = {1, 10, 100, 1000};
        ck_assert(digits ? str_format(t, sizeof t, "%" PRIu64 ".%0*u", whole, (int)digits, (unsigned)(state >> 40) % scale[digits])
                         : str_format(t, sizeof t, "%" PRIu64, whole));
        const char *v = formats[(size_t)i % ROWS(formats)];
        ck_assert(str_format(plain, sizeof plain,
                             "{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{},\"values\":[[%s,\"%s\"]]}]}}", t, v));
        ck_assert(str_format(escaped, sizeof escaped,
                             "{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{},\"values\":[[%s,\"\\u%04x%s\"]]}]}}", t,
                             (unsigned)v[0], v + 1));
        promjson_reset(p);
        promjson_reset(q);
        buf_reset(&a.text);
        buf_reset(&b.text);
        ck_assert_int_eq(answer_run(&a, p, str_of(plain), 0, 0), ERR_OK);
        ck_assert_int_eq(answer_run(&b, q, str_of(escaped), 0, 0), ERR_OK);
        ck_assert_msg(strcmp(answer_text(&a), answer_text(&b)) == 0, "%s\n%s%s", plain, answer_text(&a), answer_text(&b));
    }
    promjson_free(p);
    promjson_free(q);
    buf_fini(&a.text);
    buf_fini(&b.text);
}
END_TEST

START_TEST(test_callbacks_are_optional)
{
    struct promjson_handler h = {0};
    struct promjson *p = promjson_new(&h, MAX_BYTES);
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < ROWS(good_rows); i++) {
        promjson_reset(p);
        ck_assert_int_eq(answer_feed(p, good_rows[i].body, strlen(good_rows[i].body)), ERR_OK);
        ck_assert_int_eq(promjson_finish(p, NULL), ERR_OK);
    }
    promjson_free(p);
}
END_TEST

Suite *suite_promjson(void);
Suite *suite_promjson(void)
{
    Suite *s = suite_create("source/promjson");
    TCase *t = tcase_create("answers");
    tcase_add_loop_test(t, test_good, 0, (int)ROWS(good_rows));
    tcase_add_loop_test(t, test_bad, 0, (int)ROWS(bad_rows));
    tcase_add_test(t, test_nul_in_a_label);
    tcase_add_test(t, test_errors_of_the_server);
    tcase_add_test(t, test_skipped_series);
    tcase_add_test(t, test_reader_says_stop);
    tcase_add_test(t, test_body_cap);
    tcase_add_test(t, test_cut_at_every_byte);
    tcase_add_test(t, test_every_prefix_is_incomplete);
    tcase_add_test(t, test_caps);
    tcase_add_test(t, test_short_cut_agrees);
    tcase_add_test(t, test_callbacks_are_optional);
    suite_add_tcase(s, t);
    return s;
}
