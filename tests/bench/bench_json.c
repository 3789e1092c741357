/* SPDX-License-Identifier: MIT */
/* The query-answer reader on a 10 MB query_range body (252 series, 1,440 points), beside cJSON on the same bytes and the floor of memchr.
 *
 * usage: bench_json. CPU time, medians of 5 rounds, then linear time on hostile shapes. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "source/promjson.h"

enum { ROUNDS = 5, FEED = 16384, SERIES = 252, POINTS = 1440, MB = 1 << 20, MAX_BYTES = 1 << 30 };

struct tally {
    size_t series, points;
    double sum;
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, compare_doubles);
    return v[n / 2];
}

static void must(enum err e)
{
    if (e) {
        fprintf(stderr, "bench_json: %s\n", err_name(e));
        exit(EXIT_FAILURE);
    }
}

static bool on_series(void *ctx, const struct promjson_label *labels, size_t count)
{
    struct tally *t = ctx;
    t->series += count > 0 && labels[0].name.n > 0;
    return true;
}

static bool on_point(void *ctx, const struct promjson_point *p)
{
    struct tally *t = ctx;
    t->points++;
    t->sum += p->value;
    return true;
}

enum form { PLAIN, SPACED, NATIVE, FORMS };

static const char *const form_names[FORMS] = {"as Prometheus writes it", "with blanks between the tokens",
                                              "native histograms of 40 buckets"};

static void write_histograms(struct buf *out)
{
    must(buf_append_z(
        out, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"x\"},\"histograms\":["));
    for (int k = 0; k < 6000; k++) {
        must(buf_printf(out, "%s[%d.123,{\"count\":\"%d\",\"sum\":\"%.15g\",\"buckets\":[", k ? "," : "", 1763883600 + k * 15, k * 400,
                        k * 1.37));
        for (int b = 0; b < 40; b++) {
            must(buf_printf(out, "%s[0,\"%.16g\",\"%.16g\",\"%d\"]", b ? "," : "", 0.001 * (1 << (b / 4)) * 1.0905077326652577,
                            0.001 * (1 << (b / 4)) * 1.189207115002721, k + b));
        }
        must(buf_append_z(out, "]}]"));
    }
    must(buf_append_z(out, "]}]}}"));
}

static void write_body(struct buf *out, enum form form)
{
    if (form == NATIVE) {
        write_histograms(out);
        return;
    }
    const char *s = form == SPACED ? " " : "";
    uint64_t rng = 0x2545F4914F6CDD1Du;
    must(buf_printf(out, "{\"status\":%s\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[", s));
    for (int i = 0; i < SERIES; i++) {
        must(buf_printf(out,
                        "%s{\"metric\":{\"__name__\":\"vllm:time_to_first_token_seconds_bucket\",\"engine\":\"%d\",\"instance\":\"10.0.%d."
                        "7:8000\",\"le\":\"0.25\","
                        "\"model_name\":\"Qwen/Qwen2.5-0.5B-Instruct\"},\"values\":[",
                        i ? "," : "", i % 8, i));
        double value = i;
        for (int k = 0; k < POINTS; k++) {
            rng = rng * 6364136223846793005u + 1442695040888963407u;
            value += (double)(rng >> 60) * (i % 4 ? 1.0 : 0.137);
            must(buf_printf(out, "%s[%s%d.%03d,%s\"%.15g\"]", k ? "," : "", s, 1763883600 + k * 60, i % 1000, s, value));
        }
        must(buf_append_z(out, "]}"));
    }
    must(buf_append_z(out, "]}}"));
}

static double read_body(struct promjson *p, struct str body, bool must_succeed)
{
    double start = cpu_seconds();
    enum err e = ERR_OK;
    promjson_reset(p);
    for (size_t at = 0; at < body.n && !e; at += FEED) {
        e = promjson_feed(p, body.p + at, body.n - at < FEED ? body.n - at : FEED);
    }
    enum err finished = promjson_finish(p, NULL);
    if (must_succeed) {
        must(finished);
    }
    return cpu_seconds() - start;
}

static double read_cjson(struct str body, size_t *ret_heap)
{
    double start = cpu_seconds();
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    cJSON *tree = cJSON_ParseWithLength(body.p, body.n);
    double seconds = cpu_seconds() - start;
    *ret_heap = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    if (!tree) {
        fprintf(stderr, "bench_json: cJSON refused the body\n");
        exit(EXIT_FAILURE);
    }
    cJSON_Delete(tree);
    return seconds;
}

static double time_memchr(struct str body)
{
    double start = cpu_seconds();
    if (memchr(body.p, '\x01', body.n)) {
        puts("?");
    }
    return cpu_seconds() - start;
}

static void report(const char *what, double seconds, struct str body)
{
    printf("%-52s %9.1f MB/s\n", what, (double)body.n / seconds * 1e-6);
}

static void compare(struct promjson *p, struct tally *t, enum form form)
{
    struct buf body;
    buf_init(&body, MAX_BYTES);
    write_body(&body, form);
    struct str s = buf_str(&body);
    double ours[ROUNDS], cjson[ROUNDS], floor_time[ROUNDS];
    size_t heap = 0;
    *t = (struct tally){0};
    read_body(p, s, true);
    printf("%s: %zu series, %zu points, %.1f MB\n", form_names[form], t->series, t->points, (double)s.n * 1e-6);
    for (size_t i = 0; i < ROUNDS; i++) {
        ours[i] = read_body(p, s, true);
        cjson[i] = read_cjson(s, &heap);
        floor_time[i] = time_memchr(s);
    }
    double a = median(ours, ROUNDS), b = median(cjson, ROUNDS);
    report("query answer, streamed (wanted: 300)", a, s);
    report("peer: cJSON_ParseWithLength, without freeing", b, s);
    report("floor: memchr, no match", median(floor_time, ROUNDS), s);
    printf("%.1f times cJSON, whose tree took %.1f times the body\n\n", b / a, (double)heap / (double)s.n);
    buf_fini(&body);
}

static const struct shape {
    const char *name, *prefix, *piece, *suffix;
} shapes[] = {
    {"one endless unknown string", "{\"x\":\"", "yyyyyyyyyyyyyyyy", ""},
    {"escapes in it", "{\"x\":\"", "\\n", ""},
    {"\\u escapes in it", "{\"x\":\"", "\\ud83d", ""},
    {"an endless key", "{\"", "k", ""},
    {"unknown array of numbers", "{\"x\":[0", ",1", "]}"},
    {"unknown array of objects", "{\"x\":[0", ",{\"a\":[]}", "]}"},
    {"white space", "{", "    ", "}"},
    {"many warnings", "{\"warnings\":[\"\"", ",\"w\"", "]}"},
    {"series without points", "{\"data\":{\"result\":[{}", ",{\"metric\":{\"a\":\"b\"}}", "]}}"},
    {"points with long values", "{\"data\":{\"result\":[{\"metric\":{},\"values\":[[0,\"0\"]",
     ",[1,\"1234567890123456789012345678901234567890.12345678901234567890123456789012345678901234567890e-20\"]", "]}]}}"},
    {"histograms without buckets", "{\"data\":{\"result\":[{\"metric\":{},\"histograms\":[[0,{\"count\":\"0\",\"sum\":\"0\"}]",
     ",[1,{\"count\":\"1\",\"sum\":\"1\"}]", "]}]}}"},
};

static void make_shape(struct buf *out, const struct shape *s, size_t bytes)
{
    buf_reset(out);
    must(buf_append_z(out, s->prefix));
    while (out->len < bytes) {
        must(buf_append_z(out, s->piece));
    }
    must(buf_append_z(out, s->suffix));
}

static void check_linear(struct promjson *p)
{
    struct buf body;
    buf_init(&body, (size_t)256 * MB);
    printf("hostile shapes: time of 64 MB / time of 32 MB (linear is 2, wanted: <= 2.5)\n");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        double ratio[3], rate = 0;
        for (size_t k = 0; k < 3; k++) {
            make_shape(&body, &shapes[i], (size_t)32 * MB);
            double half = read_body(p, buf_str(&body), false);
            make_shape(&body, &shapes[i], (size_t)64 * MB);
            double whole = read_body(p, buf_str(&body), false);
            ratio[k] = whole / half;
            rate = (double)body.len / whole * 1e-6;
        }
        double r = median(ratio, 3);
        printf("  %-34s %5.2f  %8.1f MB/s%s\n", shapes[i].name, r, rate, r > 2.5 ? "  NOT LINEAR" : "");
    }
    buf_fini(&body);
}

int main(void)
{
    struct tally t;
    struct promjson *p = promjson_new(&(struct promjson_handler){.on_series = on_series, .on_point = on_point, .ctx = &t}, MAX_BYTES);
    if (!p) {
        return EXIT_FAILURE;
    }
    for (enum form f = PLAIN; f < FORMS; f++) {
        compare(p, &t, f);
    }
    check_linear(p);
    promjson_free(p);
    return EXIT_SUCCESS;
}
