/* SPDX-License-Identifier: MIT */
/* The exposition parser on one page of 100,000 series, beside VictoriaMetrics' parser on the same bytes and the floor of memchr.
 *
 * usage: bench_parse [SERIES]. The peer is built from vmparse/ by its build.sh and asked for its rate in each round, so that the two see
 * the same machine. All times are CPU time, medians of 5 rounds. The last part holds the parser to linear time on hostile shapes. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "bench/expo_data.h"
#include "source/exposition.h"

enum { ROUNDS = 5, FEED = 16384, MB = 1 << 20, MAX_BYTES = 1 << 30 };

/* As the recorder does (record/slots.h): the series in the order of the last page, their bytes in one pool, each with a guess at the one
 * that follows; only a wrong guess costs a hash and a look into the table. */
struct cache {
    struct series {
        size_t key, length;
        uint64_t hash;
        double value;
    } * list;
    uint32_t *table; /* number + 1, 0 = free */
    char *keys;
    size_t mask, count, keys_length, at;
};

struct tally {
    size_t samples, labels;
    double sum;
    struct cache *cache;
    size_t new_series;
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

static void *must_alloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p) {
        fprintf(stderr, "bench_parse: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return p;
}

static bool on_split(void *ctx, const struct expo_sample *s)
{
    struct tally *t = ctx;
    t->samples++;
    t->labels += s->label_count;
    t->sum += s->value;
    return true;
}

static bool is_series(const struct cache *c, size_t i, struct str series)
{
    return i < c->count && c->list[i].length == series.n && memcmp(c->keys + c->list[i].key, series.p, series.n) == 0;
}

static bool on_known(void *ctx, struct str series)
{
    struct cache *c = ((struct tally *)ctx)->cache;
    if (is_series(c, c->at + 1, series)) {
        c->at++;
        return true;
    }
    uint64_t hash = hash_bytes(series.p, series.n, 42);
    for (size_t i = hash & c->mask; c->table[i] != 0; i = (i + 1) & c->mask) {
        if (c->list[c->table[i] - 1].hash == hash && is_series(c, c->table[i] - 1, series)) {
            c->at = c->table[i] - 1;
            return true;
        }
    }
    return false;
}

static void cache_add(struct cache *c, struct str series)
{
    struct series *s = &c->list[c->count];
    *s = (struct series){.key = c->keys_length, .length = series.n, .hash = hash_bytes(series.p, series.n, 42)};
    memcpy(c->keys + c->keys_length, series.p, series.n);
    c->keys_length += series.n;
    size_t i = s->hash & c->mask;
    while (c->table[i] != 0) {
        i = (i + 1) & c->mask;
    }
    c->at = c->count++;
    c->table[i] = (uint32_t)c->count;
}

static bool on_cached(void *ctx, const struct expo_sample *s)
{
    struct tally *t = ctx;
    if (s->label_count > 0) {
        cache_add(t->cache, s->series);
        t->new_series++;
    }
    t->samples++;
    t->cache->list[t->cache->at].value = s->value;
    return true;
}

/* Feeds the body in pieces as curl hands them out. */
static double parse(struct expo *p, struct str body)
{
    double start = cpu_seconds();
    expo_reset(p);
    for (size_t at = 0; at < body.n; at += FEED) {
        size_t n = body.n - at < FEED ? body.n - at : FEED;
        if (expo_feed(p, body.p + at, n)) {
            fprintf(stderr, "bench_parse: refused\n");
            exit(EXIT_FAILURE);
        }
    }
    if (expo_finish(p)) {
        exit(EXIT_FAILURE);
    }
    return cpu_seconds() - start;
}

static struct expo *must_parser(const struct expo_handler *h)
{
    struct expo *p = expo_new(h, MAX_BYTES);
    if (!p) {
        exit(EXIT_FAILURE);
    }
    return p;
}

static double time_memchr(struct str body)
{
    double start = cpu_seconds();
    if (memchr(body.p, '\x01', body.n)) {
        puts("?");
    }
    return cpu_seconds() - start;
}

static double time_newlines(struct str body, size_t *ret_lines)
{
    double start = cpu_seconds();
    const char *p = body.p, *end = body.p + body.n;
    size_t lines = 0;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        p++;
        lines++;
    }
    *ret_lines = lines;
    return cpu_seconds() - start;
}

/* Builds the peer where it is not built yet; prints why when it can't be had. */
static bool have_peer(void)
{
    char line[512] = "";
    FILE *f = popen(VMPARSE_BUILD " '" VMPARSE_DIR "'", "r");
    if (!f || (fgets(line, sizeof line, f) && line[0])) {
        printf("peer: VictoriaMetrics %s", line);
    }
    return f && pclose(f) == 0 && access(VMPARSE_DIR "/vmparse", X_OK) == 0;
}

/* The peer's seconds for a pass over the file, and its rows; 0 when there is no answer. */
static double time_peer(const char *file, size_t *ret_rows)
{
    char command[1024];
    double seconds = 0;
    if (!str_format(command, sizeof command, "GOMAXPROCS=1 '" VMPARSE_DIR "/vmparse' '%s'", file)) {
        return 0;
    }
    FILE *f = popen(command, "r");
    if (f) {
        if (fscanf(f, "%lf %zu", &seconds, ret_rows) != 2) {
            seconds = 0;
        }
        pclose(f);
    }
    return seconds;
}

static void report(const char *what, double seconds, struct str body, size_t series)
{
    printf("%-52s %7.3f GB/s", what, (double)body.n / seconds * 1e-9);
    if (series > 0) {
        printf("  %6.2f M series/s  %5.0f ns/series", (double)series / seconds * 1e-6, seconds * 1e9 / (double)series);
    }
    putchar('\n');
}

static void write_file(const char *path, struct str body)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(body.p, 1, body.n, f) != body.n || fclose(f) != 0) {
        fprintf(stderr, "bench_parse: cannot write %s\n", path);
        exit(EXIT_FAILURE);
    }
}

static void compare(struct str body, bool peer)
{
    struct cache cache = {.mask = (1u << 18) - 1};
    while (cache.mask + 1 < body.n / 64) {
        cache.mask = cache.mask * 2 + 1;
    }
    cache.list = must_alloc(cache.mask + 1, sizeof *cache.list);
    cache.table = must_alloc(cache.mask + 1, sizeof *cache.table);
    cache.keys = must_alloc(1, body.n);
    struct tally split = {0}, cached = {.cache = &cache}, om = {0};
    struct expo *a = must_parser(&(struct expo_handler){.on_sample = on_split, .ctx = &split});
    struct expo *b = must_parser(&(struct expo_handler){.on_sample = on_cached, .on_known = on_known, .ctx = &cached});
    struct expo *c = must_parser(&(struct expo_handler){.on_sample = on_split, .ctx = &om});
    expo_set_openmetrics(c, true);
    parse(a, body);
    parse(b, body); /* every series is new */
    cached.new_series = 0;
    size_t series = split.samples, rows = 0, lines = 0;
    char path[256];
    str_format(path, sizeof path, "%s/gwtop-bench-parse.%ld.prom", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (long)getpid());
    if (peer) {
        write_file(path, body);
    }
    double ta[ROUNDS], tb[ROUNDS], tc[ROUNDS], tp[ROUNDS], tm[ROUNDS], tn[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        ta[i] = parse(a, body);
        tb[i] = parse(b, body);
        tc[i] = parse(c, body);
        tm[i] = time_memchr(body);
        tn[i] = time_newlines(body, &lines);
        tp[i] = peer ? time_peer(path, &rows) : 0;
    }
    remove(path);
    printf("%zu series, %zu lines, %.1f MB, %zu bytes a line; warnings %zu\n", series, lines, (double)body.n * 1e-6, body.n / lines,
           expo_stats(a).warnings + expo_stats(b).warnings);
    double full = median(ta, ROUNDS), peer_time = median(tp, ROUNDS);
    report("(a) fully validated, labels split", full, body, series);
    report("(b) series known to the caller", median(tb, ROUNDS), body, series);
    report("    fully validated by the rules of OpenMetrics", median(tc, ROUNDS), body, series);
    report("floor: memchr, no match", median(tm, ROUNDS), body, 0);
    report("floor: newlines counted by memchr", median(tn, ROUNDS), body, 0);
    if (peer_time > 0) {
        report("peer: VictoriaMetrics Rows.Unmarshal", peer_time, body, rows);
        printf("(a) is %.2f times VictoriaMetrics (wanted: 1.3)\n", peer_time / full);
    } else {
        printf("(a) is %.2f times the 0.8 GB/s wanted without a peer\n", (double)body.n / full * 1e-9 / 0.8);
    }
    printf("series that (b) met anew while measured: %zu\n", cached.new_series);
    free(cache.list);
    free(cache.table);
    free(cache.keys);
    expo_free(a);
    expo_free(b);
    expo_free(c);
}

/* A hostile shape: prefix, then a piece repeated, then a suffix, as one line or as many. */
static const struct shape {
    const char *name, *prefix, *piece, *suffix;
    size_t line_bytes;
} shapes[] = {
    {"one endless line", "", "x", "", 0},
    {"unterminated quotes", "a{b=\"", "x", "", 60000},
    {"quotes only", "", "\"", "", 60000},
    {"backslashes", "a{b=\"", "\\\\", "\"} 1", 60000},
    {"lone continuation bytes", "a{b=\"", "\xBF", "\"} 1", 60000},
    {"four-byte runes", "a{b=\"", "\xF0\x9F\x9A\x80", "\"} 1", 60000},
    {"64 long labels and many more", "a{", "abcdefghijklmnop=\"\",", "} 1", 60000},
    {"commas", "a{", ",", "} 1", 60000},
    {"blanks", "a ", " ", "1", 60000},
    {"digits", "a ", "9", "", 60000},
    {"zeros behind the point", "a 0.", "0", "1", 60000},
    {"exponents", "a 1e", "9", "", 60000},
    {"braces for the guess", "a ", "}", "", 60000},
    {"empty lines", "", "", "", 1},
    {"short bad lines", "", "}", "", 2},
    {"new names", "", "", "", 0}, /* made below */
    {"exemplars", "a_total 1 # {", "x=\"y\",", "} 1", 60000},
};

static void make_shape(struct buf *out, const struct shape *s, size_t bytes)
{
    enum err e = ERR_OK;
    buf_reset(out);
    for (size_t i = 0; out->len < bytes && strcmp(s->name, "new names") == 0; i++) {
        e = buf_printf(out, "n%zu 1\n", i);
    }
    while (!e && out->len < bytes) {
        size_t start = out->len;
        e = buf_append_z(out, s->prefix);
        while (!e && out->len < bytes && *s->piece && (s->line_bytes == 0 || out->len - start < s->line_bytes)) {
            e = buf_append_z(out, s->piece);
        }
        e = e ? e : buf_append_z(out, s->suffix);
        e = e ? e : buf_append_char(out, '\n');
    }
    if (e) {
        exit(EXIT_FAILURE);
    }
}

static bool never_known(void *ctx, struct str series)
{
    (void)ctx;
    return series.n == SIZE_MAX;
}

static int check_linear(void)
{
    int failures = 0;
    struct buf body;
    buf_init(&body, (size_t)256 * MB);
    struct tally t = {0};
    struct expo *p = must_parser(&(struct expo_handler){.on_sample = on_split, .on_known = never_known, .ctx = &t});
    printf("\nhostile shapes: time of 64 MB / time of 32 MB (linear is 2, wanted: <= 2.5)\n");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        double ratio[3], rate = 0;
        for (size_t k = 0; k < 3; k++) {
            make_shape(&body, &shapes[i], (size_t)32 * MB);
            double half = parse(p, buf_str(&body));
            make_shape(&body, &shapes[i], (size_t)64 * MB);
            double whole = parse(p, buf_str(&body));
            ratio[k] = whole / half;
            rate = (double)body.len / whole * 1e-9;
        }
        double r = median(ratio, 3);
        failures += r > 2.5;
        printf("  %-34s %5.2f  %7.3f GB/s%s\n", shapes[i].name, r, rate, r > 2.5 ? "  NOT LINEAR" : "");
    }
    expo_free(p);
    buf_fini(&body);
    return failures;
}

int main(int argc, char **argv)
{
    size_t series = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 100000;
    struct buf body;
    buf_init(&body, MAX_BYTES);
    expo_data_write(&body, series);
    compare(buf_str(&body), have_peer());
    buf_fini(&body);
    check_linear();
    return EXIT_SUCCESS;
}
