/* SPDX-License-Identifier: MIT */
/* Histograms: what merging costs per bucket, beside adding two arrays; how far a schema-5 quantile is from the sample's own; and a heatmap
 * of 30 days of 100 series in 200 columns from a store, beside reading the same file's bytes.
 *
 * usage: bench_hist [hist|heat]     both when none is named. CPU time for merging, wall time for reading: "warm" is the median of 11 runs,
 * "cold" the first with the file's pages dropped from the cache. */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "bench/store_data.h"

enum { HISTS = 2000, BUCKETS = 320, ROUNDS = 9, SAMPLES = 1000000, SERIES = 100, POLLS = 30 * 1440, COLUMNS = 200, PER_COMMIT = 60 };
#define START_MS INT64_C(1793664000000)
static const double bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5, 7.5, 10, 20, 60};
enum { BOUNDS = sizeof bounds / sizeof bounds[0] };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_value);
    return v[n / 2];
}

/* ---- merging ---- */

static double merging(enum hist_scheme scheme, const struct hist_bounds *b, uint32_t buckets)
{
    static uint64_t counts[HISTS][BUCKETS];
    static struct hist h[HISTS];
    double ns[ROUNDS];
    struct rng rng;

    rng_seed(&rng, 1);
    for (size_t i = 0; i < HISTS; i++) {
        for (uint32_t k = 0; k < buckets; k++)
            counts[i][k] = rng_below(&rng, 50);
        h[i] = (struct hist){
            .scheme = scheme, .bounds = b, .first = (int32_t)rng_below(&rng, 40), .count = buckets, .counts = counts[i], .n = 100};
    }
    for (int r = 0; r < ROUNDS; r++) {
        struct arena a;
        struct hist sum = {0};
        arena_init(&a, 16 << 20);
        double t0 = bench_cpu();
        for (size_t i = 0; i < HISTS; i++) {
            sum.scheme = i == 0 ? scheme : sum.scheme;
            if (hist_merge(&sum, &h[i], &a) != ERR_OK)
                bench_die("hist_merge", "refused");
        }
        ns[r] = (bench_cpu() - t0) * 1e9 / ((double)HISTS * buckets);
        arena_fini(&a);
    }
    return median(ns, ROUNDS);
}

static double adding_arrays(void)
{
    static uint64_t counts[HISTS][BUCKETS], sum[BUCKETS];
    double ns[ROUNDS];

    for (size_t i = 0; i < HISTS; i++)
        for (uint32_t k = 0; k < BUCKETS; k++)
            counts[i][k] = i ^ k;
    for (int r = 0; r < ROUNDS; r++) {
        double t0 = bench_cpu();
        for (size_t i = 0; i < HISTS; i++)
            for (uint32_t k = 0; k < BUCKETS; k++)
                sum[k] += counts[i][k];
        ns[r] = (bench_cpu() - t0) * 1e9 / ((double)HISTS * BUCKETS);
    }
    volatile uint64_t keep = sum[7];
    (void)keep;
    return median(ns, ROUNDS);
}

/* ---- error ---- */

static double sample(int kind, struct rng *rng)
{
    if (kind == 0)
        return rng_lognormal(rng, 0.8, 0.9);
    if (kind == 1)
        return rng_unit(rng) < 0.7 ? rng_lognormal(rng, 0.2, 0.2) : rng_lognormal(rng, 9, 0.3);
    return 0.05 / pow(1 - rng_unit(rng), 1 / 1.3);
}

static double largest_error(int kind)
{
    static const double qs[] = {0.5, 0.9, 0.95, 0.99, 0.999};
    double *v = malloc(SAMPLES * sizeof *v), worst = 0;
    static uint64_t counts[4096];
    struct rng rng;

    if (v == NULL)
        bench_die("samples", "out of memory");
    memset(counts, 0, sizeof counts);
    rng_seed(&rng, 7);
    struct hist h = {.scheme = HIST_EXPONENTIAL, .first = -1000, .count = 4096, .counts = counts, .n = SAMPLES};
    for (size_t i = 0; i < SAMPLES; i++) {
        v[i] = sample(kind, &rng);
        double at = ceil(log2(v[i]) * 32) + 1000;
        if (at < 0 || at >= 4096)
            bench_die("sample", "outside the buckets");
        counts[(size_t)at]++;
    }
    qsort(v, SAMPLES, sizeof *v, by_value);
    struct hist_set set = {.count = 1, .h = {h}};
    for (size_t i = 0; i < sizeof qs / sizeof *qs; i++) {
        double truth = v[(size_t)ceil(qs[i] * SAMPLES) - 1], error = fabs(hist_quantile(&set, qs[i]).value / truth - 1);
        worst = error > worst ? error : worst;
    }
    free(v);
    return worst;
}

static void bench_hists(void)
{
    const struct hist_bounds b = {.id = 1, .count = BOUNDS, .upper = bounds};
    double floor = adding_arrays();

    printf(
        "merging, exponential, %d buckets: %.2f ns per bucket (asked <= 20); classic, %d buckets: %.2f ns; floor, adding arrays: %.2f ns\n",
        BUCKETS, merging(HIST_EXPONENTIAL, NULL, BUCKETS), BOUNDS + 1, merging(HIST_CLASSIC, &b, BOUNDS + 1), floor);
    printf("largest error of p50 to p99.9 over 10^6 samples: lognormal %.2f %%, bimodal %.2f %%, Pareto %.2f %% (asked <= 1.09 %%)\n",
           100 * largest_error(0), 100 * largest_error(1), 100 * largest_error(2));
}

/* ---- heatmap ---- */

static void record(const char *path)
{
    struct clock_manual manual = {.wall_ms = START_MS};
    struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true};
    const struct source_status src = {.name = "bench",
                                      .kind = "metrics",
                                      .url = "http://127.0.0.1:1/metrics",
                                      .gateway = "bench",
                                      .profile = "litellm",
                                      .reason = "",
                                      .warning = "",
                                      .interval_ms = 60000};
    static struct store_item items[PER_COMMIT][SERIES];
    static struct store_hist_count counts[PER_COMMIT][SERIES][4];
    struct store_batch batches[PER_COMMIT];
    const struct hist_bounds *hb;
    struct store *st;
    uint32_t source, id[SERIES];
    struct rng rng;
    struct errctx ctx = {.text = ""};

    rng_seed(&rng, 3);
    if (store_open_writer(path, &opt, &clock, &st, &ctx) != ERR_OK || store_put_source(st, &src, &source, &ctx) != ERR_OK ||
        store_bounds(st, bounds, BOUNDS, &hb, &ctx) != ERR_OK)
        bench_die("store", ctx.text);
    for (uint32_t i = 0; i < SERIES; i++) {
        struct series s = {.source = source, .signal = SIG_TTFT, .bounds = hb->id};
        char name[16];
        snprintf(name, sizeof name, "d-%u", i);
        if (store_string(st, str_of(name), &s.dim[DIM_DEPLOYMENT], &ctx) != ERR_OK || store_series(st, &s, &id[i], &ctx) != ERR_OK)
            bench_die("series", ctx.text);
    }
    for (uint32_t poll = 0; poll < POLLS; poll++) {
        uint32_t slot = poll % PER_COMMIT;
        int64_t t1 = START_MS + (poll + 1) * INT64_C(60000);
        for (uint32_t i = 0; i < SERIES; i++) {
            struct store_item *it = &items[slot][i];
            uint32_t from = (uint32_t)rng_below(&rng, BOUNDS - 6);
            *it = (struct store_item){.series = id[i]};
            for (uint32_t k = 0; k < 3; k++) {
                counts[slot][i][k] = (struct store_hist_count){.bucket = from + 2 * k, .count = 1 + rng_below(&rng, 9)};
                it->v.hist.n += counts[slot][i][k].count;
            }
            it->v.hist.counts = counts[slot][i];
            it->v.hist.count = 3;
            it->v.hist.sum_fixed = (int64_t)rng_below(&rng, 20000000000);
        }
        batches[slot] = (struct store_batch){.source = source, .t0_ms = t1 - 60000, .t1_ms = t1, .items = items[slot], .count = SERIES};
        manual.wall_ms = t1;
        if (slot == PER_COMMIT - 1 && store_append(st, batches, PER_COMMIT, &ctx) != ERR_OK)
            bench_die("append", ctx.text);
    }
    store_close(st);
}

static double heat(const char *path)
{
    struct errctx ctx = {.text = ""};
    struct store *st;
    struct arena a;
    struct store_result r;
    struct hist_set set;
    uint64_t n = 0;
    /* As the console's axis does: the next round step for 30 days in so many columns, 4 h. */
    const int64_t step_ms = 4 * 3600000;
    const struct store_query q = {
        .signal = SIG_TTFT, .t0_ms = START_MS + INT64_C(30) * 86400000 - COLUMNS * step_ms, .step_ms = step_ms, .columns = COLUMNS};

    if (store_open_reader(path, &st, &ctx) != ERR_OK || store_refresh(st, &ctx) != ERR_OK)
        bench_die("open", ctx.text);
    arena_init(&a, 256 << 20);
    double t0 = bench_seconds();
    if (store_read(st, &q, 1, &a, &r, &ctx) != ERR_OK || r.count != 1)
        bench_die("read", ctx.text);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        set = r.groups[0].hists[c];
        n += hist_n(&set);
    }
    double ms = (bench_seconds() - t0) * 1000;
    if (n < (uint64_t)POLLS * SERIES * 3)
        bench_die("heat", "counts are missing");
    arena_fini(&a);
    store_close(st);
    return ms;
}

static void bench_heat(void)
{
    char dir[] = "/var/tmp/gwtop-bench-XXXXXX", path[80];
    double warm[11];
    struct stat sb;

    if (mkdtemp(dir) == NULL)
        bench_die(dir, "cannot make it");
    snprintf(path, sizeof path, "%s/heat.db", dir);
    double t0 = bench_seconds();
    record(path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &sb) != 0)
        bench_die(path, "cannot open");
    printf("made 30 days of %d histograms at 60 s in %.1f s: %.1f MB\n", SERIES, bench_seconds() - t0, (double)sb.st_size / 1e6);
    (void)fdatasync(fd);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    double cold = heat(path);
    for (size_t i = 0; i < 11; i++)
        warm[i] = heat(path);
    close(fd);
    printf("30 days x %d series of heatmap in %d columns, from rollups: %.1f ms warm (asked <= 50), %.1f ms cold (asked <= 250)\n", SERIES,
           COLUMNS, median(warm, 11), cold);
    char cmd[120];
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    if (system(cmd) != 0)
        bench_die(dir, "cannot remove it");
}

int main(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "hist") == 0)
        bench_hists();
    if (argc < 2 || strcmp(argv[1], "heat") == 0)
        bench_heat();
    return EXIT_SUCCESS;
}
