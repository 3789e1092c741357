/* SPDX-License-Identifier: MIT */
/* The store's reading, on a store of 10,000 series of 20 sources at 15 s.
 *
 * usage: bench_query [PATH [DAYS [open|hour]]], the last word to time the opening alone, or the last hour alone. Makes the store at PATH
 * when it is not there (11 days are about 1 GB, and take a few minutes), else reads the one that is; without PATH a temporary one is made
 * and removed. "warm": CPU time with a warm page cache, median of 21 runs, for nothing waits then; "cold": wall time of the first read with
 * the file's pages dropped from the cache. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/store_data.h"

enum { SOURCES = 20, PER_SOURCE = 500, SERIES = SOURCES * PER_SOURCE, STEP_MS = 15000, RUNS = 21, PROVIDERS = 3, MODELS = 6, TEAMS = 8 };
#define START_MS INT64_C(1763942400000) /* 2025-11-24T00:00:00Z */

static const double bounds[DATA_BUCKETS - 1] = {0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 30, 60};

struct world {
    uint32_t source[SOURCES], id[SERIES];
    enum signal signal[SERIES];
    struct store_item *items;
    struct store_hist_count *counts;
    uint64_t rng;
};

static uint64_t next(struct world *w)
{
    w->rng ^= w->rng << 13;
    w->rng ^= w->rng >> 7;
    return w->rng ^= w->rng << 17;
}

static const enum signal mix[20] = {SIG_REQUESTS, SIG_REQUESTS,     SIG_REQUESTS,      SIG_REQUESTS, SIG_REQUESTS,
                                    SIG_REQUESTS, SIG_TOKENS_INPUT, SIG_TOKENS_OUTPUT, SIG_COST,     SIG_TOKENS_CACHED,
                                    SIG_RETRIES,  SIG_FALLBACKS,    SIG_TTFT,          SIG_E2E,      SIG_TTFT,
                                    SIG_E2E,      SIG_RUNNING,      SIG_WAITING,       SIG_KV_CACHE, SIG_BUDGET_REMAINING};

static uint32_t name(struct store *st, const char *what, unsigned n)
{
    char text[40];
    uint32_t id = 0;
    snprintf(text, sizeof text, "%s%u", what, n);
    if (store_string(st, str_of(text), &id, NULL) != ERR_OK)
        bench_die("string", text);
    return id;
}

static void register_all(struct world *w, struct store *st)
{
    const struct hist_bounds *b;
    if (store_bounds(st, bounds, DATA_BUCKETS - 1, &b, NULL) != ERR_OK)
        bench_die("bounds", "refused");
    for (uint32_t k = 0; k < SOURCES; k++) {
        char text[32];
        snprintf(text, sizeof text, "source%u", k);
        const struct source_status s = {
            .name = text, .kind = "metrics", .url = "", .gateway = "gw", .profile = "litellm", .interval_ms = STEP_MS};
        if (store_put_source(st, &s, &w->source[k], NULL) != ERR_OK)
            bench_die("source", text);
        for (uint32_t i = 0; i < PER_SOURCE; i++) {
            uint32_t n = k * PER_SOURCE + i;
            w->signal[n] = mix[i % 20];
            struct series x = {.source = w->source[k], .signal = (uint16_t)w->signal[n]};
            x.bounds = signal_info(w->signal[n])->kind == KIND_HISTOGRAM ? b->id : 0;
            x.dim[DIM_PROVIDER] = name(st, "provider", n / 20 % PROVIDERS);
            x.dim[DIM_MODEL] = name(st, "model", n / 20 % MODELS);
            x.dim[DIM_TEAM] = name(st, "team", n / 20 % TEAMS);
            x.dim[DIM_KEY] = name(st, "key", n / 20);
            x.dim[DIM_CLASS] = w->signal[n] == SIG_REQUESTS ? name(st, "class", i % 20) : 0;
            x.dim[DIM_NAME] = name(st, "x", i % 20);
            if (store_series(st, &x, &w->id[n], NULL) != ERR_OK)
                bench_die("series", "refused");
        }
    }
}

/* Half the keys are idle at any time; a busy one has a few requests per poll. */
static void fill_item(struct world *w, uint32_t n, uint32_t poll)
{
    struct store_item *it = &w->items[n];
    bool busy = (n / 20 + poll / 240) % 2 == 0;
    *it = (struct store_item){.series = w->id[n]};
    uint64_t r = next(w);
    switch (signal_info(w->signal[n])->kind) {
    case KIND_INCREMENT:
        if (busy)
            it->v.increment = w->signal[n] == SIG_REQUESTS ? (n % 20 == 0 ? (int64_t)(r % 9) : r % 50 == 0)
                              : w->signal[n] == SIG_COST   ? (int64_t)(r % 90000000)
                                                           : (int64_t)(r % 6000);
        break;
    case KIND_GAUGE:
        it->v.gauge = w->signal[n] == SIG_KV_CACHE           ? (double)(300 + r % 200) / 1000
                      : w->signal[n] == SIG_BUDGET_REMAINING ? 1000 - poll * 0.01
                                                             : (double)(busy ? r % 12 : 0);
        break;
    case KIND_HISTOGRAM: {
        struct store_hist_count *c = w->counts + (size_t)n * 4;
        uint32_t from = (uint32_t)(r % 9), count = busy ? 1 + (uint32_t)(r >> 8) % 3 : 0;
        for (uint32_t b = 0; b < count; b++)
            c[b] = (struct store_hist_count){.bucket = from + 2 * b, .count = 1 + (r >> (10 + b)) % 3};
        it->v.hist.counts = c;
        it->v.hist.count = count;
        for (uint32_t b = 0; b < count; b++)
            it->v.hist.n += c[b].count;
        it->v.hist.sum_fixed = count == 0 ? 0 : (int64_t)(r % 5000000000);
        break;
    }
    case KIND_SCORE: break;
    }
}

static void make_store(const char *path, uint32_t days)
{
    struct clock_manual manual = {.wall_ms = START_MS};
    struct clock clock = clock_manual(&manual);
    struct store *st = bench_open(path, &clock, 0);
    struct world *w = calloc(1, sizeof *w);
    if (w == NULL)
        bench_die("memory", "out of it");
    w->items = calloc(SERIES, sizeof *w->items);
    w->counts = calloc((size_t)SERIES * 4, sizeof *w->counts);
    w->rng = 88172645463325252u;
    register_all(w, st);
    struct store_batch *b = calloc(16 * SOURCES, sizeof *b);
    double append = 0;
    uint32_t polls = days * 5760;
    for (uint32_t p = 0; p < polls; p++) {
        int64_t t1 = START_MS + (int64_t)(p + 1) * STEP_MS;
        manual.wall_ms = t1;
        for (uint32_t n = 0; n < SERIES; n++)
            fill_item(w, n, p);
        for (uint32_t k = 0; k < SOURCES; k++)
            b[k] = (struct store_batch){.source = w->source[k],
                                        .t0_ms = p == 0 ? 0 : t1 - STEP_MS,
                                        .t1_ms = t1,
                                        .items = w->items + k * PER_SOURCE,
                                        .count = PER_SOURCE};
        struct errctx ctx = {.text = ""};
        double t = bench_seconds();
        if (store_append(st, b, SOURCES, &ctx) != ERR_OK)
            bench_die("append", ctx.text);
        append += bench_seconds() - t;
        if (p % 5760 == 5759 && isatty(STDERR_FILENO))
            fprintf(stderr, "\rday %u of %u", p / 5760 + 1, days);
    }
    printf("made %u days: %.1f M samples at %.2f M samples/s, one durable commit per poll, sealing, rollups and day rollups included\n",
           days, (double)polls * SERIES / 1e6, (double)polls * SERIES / append / 1e6);
    store_close(st);
    free(w->items);
    free(w->counts);
    free(w);
    free(b);
}

static void drop_cache(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd >= 0) {
        fsync(fd);
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
}

static void run(const char *path, const char *what, const struct store_query *q, size_t count, int64_t expected)
{
    double ms[RUNS];
    struct errctx ctx = {.text = ""};
    struct store_result *r = calloc(count, sizeof *r);
    struct arena a;
    struct store *st = NULL;
    arena_init(&a, (size_t)1 << 30);
    drop_cache(path);
    if (store_open_reader(path, &st, &ctx) != ERR_OK)
        bench_die("open", ctx.text);
    double cold = bench_seconds();
    if (store_read(st, q, count, &a, r, &ctx) != ERR_OK)
        bench_die("read", ctx.text);
    cold = (bench_seconds() - cold) * 1000;
    size_t groups = 0;
    uint64_t n = 0;
    for (int i = 0; i < RUNS; i++) {
        arena_reset(&a);
        double t = bench_cpu();
        if (store_read(st, q, count, &a, r, &ctx) != ERR_OK)
            bench_die("read", ctx.text);
        ms[i] = (bench_cpu() - t) * 1000;
    }
    for (size_t i = 0; i < count; i++) {
        groups += r[i].count;
        for (size_t g = 0; g < r[i].count; g++)
            for (uint32_t c = 0; c < q[i].columns; c++)
                n += r[i].groups[g].cells[c].n;
    }
    double p50 = bench_median(ms, RUNS);
    printf("%-64s %7.2f ms warm, %7.2f cold; %8.3f M samples, %zu groups%s", what, p50, cold, (double)n / 1e6, groups,
           r[0].from_rollup ? ", rollups" : "");
    printf("%s\n", expected > 0 && p50 > (double)expected ? "  OVER its limit" : "");
    store_close(st);
    arena_fini(&a);
    free(r);
}

static void bench_opening(const char *path, int64_t end)
{
    double cold[RUNS], warm[RUNS];
    const struct store_query q = {
        .signal = SIG_REQUESTS, .t0_ms = end - 3600000, .step_ms = 60000, .columns = 60, .group_by = DIM_BIT(DIM_CLASS)};
    for (int i = 0; i < 2 * RUNS; i++) {
        struct store *st = NULL;
        struct errctx ctx = {.text = ""};
        struct store_result r;
        struct arena a;
        arena_init(&a, 64 << 20);
        if (i % 2 == 0)
            drop_cache(path);
        double t = i % 2 == 0 ? bench_seconds() : bench_cpu();
        if (store_open_reader(path, &st, &ctx) != ERR_OK || store_read(st, &q, 1, &a, &r, &ctx) != ERR_OK)
            bench_die("open", ctx.text);
        *(i % 2 == 0 ? &cold[i / 2] : &warm[i / 2]) = ((i % 2 == 0 ? bench_seconds() : bench_cpu()) - t) * 1000;
        store_close(st);
        arena_fini(&a);
    }
    printf("open and first query (requests of the last hour by class): %.2f ms warm, %.2f ms cold\n", bench_median(warm, RUNS),
           bench_median(cold, RUNS));
}

int main(int argc, char **argv)
{
    char dir[200] = "", path[512];
    struct stat sb;
    uint32_t days = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 11;
    if (argc > 1) {
        snprintf(path, sizeof path, "%s", argv[1]);
    } else {
        bench_dir(dir, sizeof dir);
        snprintf(path, sizeof path, "%s/store.db", dir);
    }
    if (stat(path, &sb) != 0) {
        make_store(path, days);
        stat(path, &sb);
    }
    struct store *st = NULL;
    struct store_stats stats;
    struct errctx ctx = {.text = ""};
    if (store_open_reader(path, &st, &ctx) != ERR_OK || store_get_stats(st, &stats, &ctx) != ERR_OK)
        bench_die("open", ctx.text);
    store_close(st);
    int64_t end = stats.last_ms, day = end - end % 86400000;
    printf("store: %.2f GB, %.1f M samples, %zu series, %llu raw segments, %llu rollup segments, %llu head rows\n",
           (double)sb.st_size / 1e9, (double)stats.samples / 1e6, stats.series, (unsigned long long)stats.chunks,
           (unsigned long long)stats.rollups, (unsigned long long)stats.head_rows);
    if (argc <= 3 || strcmp(argv[3], "hour") != 0)
        bench_opening(path, end);
    if (argc > 3 && strcmp(argv[3], "open") == 0)
        return 0;

    const uint32_t by[] = {0, DIM_BIT(DIM_CLASS), DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_CLASS), DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_CLASS),
                           DIM_BIT(DIM_TEAM)};
    static const enum signal all[] = {
        SIG_REQUESTS, SIG_TOKENS_INPUT, SIG_TOKENS_OUTPUT, SIG_TOKENS_CACHED, SIG_COST,     SIG_RETRIES,         SIG_FALLBACKS,
        SIG_TTFT,     SIG_E2E,          SIG_RUNNING,       SIG_WAITING,       SIG_KV_CACHE, SIG_BUDGET_REMAINING};
    struct store_query q[64];
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        q[n++] = (struct store_query){.signal = all[i], .t0_ms = end - 3600000, .step_ms = 60000, .columns = 60};
    run(path, "last hour, all 10,000 series, 13 totals x 60 columns", q, n, 20);
    if (argc > 3 && strcmp(argv[3], "hour") == 0)
        return 0;
    q[0] =
        (struct store_query){.signal = SIG_REQUESTS, .t0_ms = end - 3600000, .step_ms = 60000, .columns = 60, .group_by = DIM_BIT(DIM_KEY)};
    run(path, "last hour, requests by 500 keys x 60 columns", q, 1, 0);
    n = 0;
    for (int week = 0; week < 2; week++)
        for (int i = 0; i < 15; i++)
            q[n++] = (struct store_query){.signal = i < 5    ? SIG_REQUESTS
                                                    : i < 8  ? SIG_TTFT
                                                    : i < 10 ? SIG_E2E
                                                             : all[i - 9],
                                          .group_by = by[i % 5],
                                          .t0_ms = end - 3600000 - week * INT64_C(7 * 86400000),
                                          .step_ms = 60000,
                                          .columns = 60};
    run(path, "overview: 15 queries, last hour and the hour 7 days ago", q, n, 80);
    n = 0;
    for (int i = 0; i < 5; i++)
        q[n++] = (struct store_query){
            .signal = i == 4 ? SIG_TTFT : SIG_REQUESTS, .group_by = by[i], .t0_ms = end - 86400000, .step_ms = 86400000, .columns = 1};
    run(path, "last 24 hours in one column, not on whole buckets, 5 queries", q, n, 0);
    for (size_t i = 0; i < n; i++) {
        q[i].step_ms = 1800000;
        q[i].columns = 48;
        q[i].t0_ms = end - end % 300000 - 86400000;
    }
    run(path, "last 24 hours in half hours, 5 queries", q, n, 0);
    for (size_t i = 0; i < n; i++)
        q[i] = (struct store_query){
            .signal = q[i].signal, .group_by = q[i].group_by, .t0_ms = day - 9 * INT64_C(86400000), .step_ms = 3600000, .columns = 200};
    run(path, "9 days in hours, 200 columns, 5 queries", q, n, 0);
    if (dir[0] != '\0')
        bench_remove(dir);
    return 0;
}
