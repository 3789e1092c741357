/* SPDX-License-Identifier: MIT */
/* What the analysers cost per poll: a day of polls at a minute's step of one gateway page with some 3,000 series, ten objectives, every
 * detector fed, one outage, one runaway key and one drift in it. Processor time of analyser_step alone. The floor is one walk
 * over the same items. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "record/analyse.h"
#include "support/tmpdir.h"

enum { MODELS = 6, TEAMS = 8, KEYS = 40, CLASSES = 4, EVALS = 4, DEPLOYMENTS = 3, POLLS = 1440, ITEMS_MAX = 8192, BUCKETS = 14, SLOS = 10 };
static const int64_t start_ms = INT64_C(1763946000000), minute_ms = 60000;

static _Noreturn void die(const char *what, const struct errctx *ctx)
{
    fprintf(stderr, "bench_analyse: %s: %s\n", what, ctx != NULL ? ctx->text : "");
    exit(EXIT_FAILURE);
}

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct page {
    struct store *st;
    uint32_t source;
    struct store_item items[ITEMS_MAX];
    uint8_t model[ITEMS_MAX], class[ITEMS_MAX], key[ITEMS_MAX]; /* of requests; class CLASSES = something else */
    enum signal_kind kind[ITEMS_MAX];
    size_t count;
    struct store_hist_count counts[BUCKETS];
};

static const char *const classes[CLASSES] = {"ok", "5xx", "429", "client"};

static uint32_t string(struct page *p, const char *fmt, unsigned i)
{
    char text[32];
    struct errctx ctx;
    uint32_t id;
    str_format(text, sizeof text, "%s%u", fmt, i);
    if (store_string(p->st, str_of(text), &id, &ctx) != ERR_OK)
        die("store_string", &ctx);
    return id;
}

static void add(struct page *p, struct series s, unsigned model, unsigned class, unsigned key)
{
    struct errctx ctx;
    if (p->count == ITEMS_MAX)
        die("too many series", NULL);
    s.source = p->source;
    s.dim[DIM_GATEWAY] = string(p, "gw", 0);
    if (store_series(p->st, &s, &p->items[p->count].series, &ctx) != ERR_OK)
        die("store_series", &ctx);
    p->model[p->count] = (uint8_t)model;
    p->class[p->count] = (uint8_t) class;
    p->key[p->count] = (uint8_t)key;
    p->kind[p->count++] = signal_info((enum signal)s.signal)->kind;
}

static void build(struct page *p, uint32_t bounds)
{
    static const enum signal per_key[] = {SIG_TOKENS_INPUT, SIG_TOKENS_CACHED, SIG_TOKENS_OUTPUT, SIG_COST};
    struct errctx ctx;
    for (unsigned m = 0; m < MODELS; m++) {
        for (unsigned k = 0; k < KEYS; k++) {
            struct series s = {.signal = SIG_REQUESTS};
            s.dim[DIM_MODEL] = string(p, "model-", m);
            s.dim[DIM_KEY] = string(p, "key-", k);
            s.dim[DIM_TEAM] = string(p, "team-", k % TEAMS);
            for (unsigned c = 0; c < CLASSES; c++) {
                if (store_string(p->st, str_of(classes[c]), &s.dim[DIM_CLASS], &ctx) != ERR_OK)
                    die("store_string", &ctx);
                add(p, s, m, c, k);
            }
            s.dim[DIM_CLASS] = 0;
            for (size_t i = 0; i < sizeof per_key / sizeof per_key[0]; i++) {
                s.signal = (uint16_t)per_key[i];
                add(p, s, m, CLASSES, k);
            }
        }
        for (unsigned t = 0; t < TEAMS; t++) {
            static const enum signal hists[] = {SIG_TTFT, SIG_E2E, SIG_TPOT, SIG_OVERHEAD, SIG_PROVIDER_LATENCY, SIG_QUEUE_TIME};
            for (size_t i = 0; i < sizeof hists / sizeof hists[0]; i++) {
                struct series s = {.signal = (uint16_t)hists[i], .bounds = bounds};
                s.dim[DIM_MODEL] = string(p, "model-", m);
                s.dim[DIM_TEAM] = string(p, "team-", t);
                add(p, s, m, CLASSES, 0);
            }
            struct series f = {.signal = SIG_FALLBACKS};
            f.dim[DIM_MODEL] = string(p, "model-", m);
            f.dim[DIM_TEAM] = string(p, "team-", t);
            add(p, f, m, CLASSES, 0);
        }
        for (unsigned e = 0; e < EVALS; e++) {
            struct series s = {.signal = SIG_EVAL};
            s.dim[DIM_MODEL] = string(p, "model-", m);
            s.dim[DIM_NAME] = string(p, "eval-", e);
            add(p, s, m, CLASSES, 0);
        }
        for (unsigned d = 0; d < DEPLOYMENTS * TEAMS * CLASSES; d++) {
            struct series s = {.signal = SIG_ATTEMPTS};
            s.dim[DIM_MODEL] = string(p, "model-", m);
            s.dim[DIM_DEPLOYMENT] = string(p, "deployment-", m * DEPLOYMENTS + d % DEPLOYMENTS);
            s.dim[DIM_TEAM] = string(p, "team-", d / DEPLOYMENTS % TEAMS);
            const unsigned c = d / DEPLOYMENTS / TEAMS;
            if (store_string(p->st, str_of(classes[c]), &s.dim[DIM_CLASS], &ctx) != ERR_OK)
                die("store_string", &ctx);
            add(p, s, m, c, KEYS);
        }
        for (unsigned g = 0; g < 64; g++) {
            struct series s = {.signal = SIG_RUNNING};
            s.dim[DIM_MODEL] = string(p, "model-", m);
            s.dim[DIM_NAME] = string(p, "engine-", g);
            add(p, s, m, CLASSES, 0);
        }
    }
}

static void fill(struct page *p, struct rng *r, int poll)
{
    bool outage = poll >= 900 && poll < 915, drift = poll >= 1100;
    for (size_t i = 0; i < p->count; i++) {
        struct store_item *it = &p->items[i];
        unsigned m = p->model[i];
        double mean = p->class[i] == CLASSES ? 20 : p->class[i] == 0 ? 3 : p->class[i] == 1 ? (outage && m == 0 ? 2 : 0.002) : 0.001;
        if (poll >= 1000 && p->class[i] == 0 && p->key[i] == 7)
            mean *= 7;
        if (p->kind[i] == KIND_INCREMENT) {
            it->v.increment = (int64_t)rng_poisson(r, mean);
        } else if (p->kind[i] == KIND_GAUGE) {
            it->v.gauge = 1;
        } else if (p->kind[i] == KIND_SCORE) {
            it->v.score.n = 50;
            it->v.score.bad = (int64_t)rng_poisson(r, drift && m == 1 ? 4 : 1);
            it->v.score.sum_fixed = (50 - it->v.score.bad) * 1000000000;
        } else {
            it->v.hist.counts = p->counts;
            it->v.hist.count = BUCKETS;
            it->v.hist.n = 10 * BUCKETS;
        }
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(void)
{
    static struct page p;
    static double times[POLLS];
    static struct slo slos[SLOS];
    static const double upper[BUCKETS - 1] = {.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96};
    static const char *const models[MODELS] = {"model-0", "model-1", "model-2", "model-3", "model-4", "model-5"};
    struct errctx ctx = {.text = ""};
    const struct store_options opt = {.private_files = true};
    struct clock clock = clock_system();
    const struct hist_bounds *bounds;
    struct config cfg = {.slos = slos, .slo_count = SLOS};
    struct analyser *an;
    struct rng rng;
    char dir[96], db[128];

    for (int i = 0; i < SLOS; i++) {
        bool latency = i >= MODELS;
        slos[i] = (struct slo){.name = latency ? models[i - MODELS] : models[i] + 6,
                               .kind = latency ? SLO_LATENCY : SLO_AVAILABILITY,
                               .objective = latency ? 0.2 : 0.999,
                               .period_ms = 30 * INT64_C(86400000),
                               .signal = SIG_TTFT,
                               .threshold = 2,
                               .scope_count = 1,
                               .scope = {{DIM_MODEL, models[i % MODELS]}}};
    }
    if (!tmpdir_make(dir, sizeof dir))
        die("no temporary directory", NULL);
    str_format(db, sizeof db, "%s/gwtop.db", dir);
    if (store_open_writer(db, &opt, &clock, &p.st, &ctx) != ERR_OK)
        die("store_open_writer", &ctx);
    const struct source_status src = {
        .name = "gateway", .kind = "metrics", .url = "http://127.0.0.1/", .gateway = "gw0", .profile = "", .interval_ms = minute_ms};
    if (store_put_source(p.st, &src, &p.source, &ctx) != ERR_OK || store_bounds(p.st, upper, BUCKETS - 1, &bounds, &ctx) != ERR_OK)
        die("store", &ctx);
    for (uint32_t i = 0; i < BUCKETS; i++)
        p.counts[i] = (struct store_hist_count){i, 10};
    build(&p, bounds->id);
    if (store_commit(p.st, &ctx) != ERR_OK || analyser_open(p.st, &cfg, &an, &ctx) != ERR_OK)
        die("open", &ctx);

    volatile int64_t walked = 0;
    double floor_us = 0;
    rng_seed(&rng, 1);
    for (int i = 0; i < POLLS; i++) {
        fill(&p, &rng, i);
        const struct store_batch b = {.source = p.source,
                                      .t0_ms = start_ms + i * minute_ms,
                                      .t1_ms = start_ms + (i + 1) * minute_ms,
                                      .items = p.items,
                                      .count = p.count};
        double t0 = cpu_us();
        int64_t sum = 0;
        for (size_t k = 0; k < p.count; k++)
            sum += p.items[k].series;
        walked = walked + sum;
        double t1 = cpu_us();
        if (analyser_step(an, &b, 1, b.t1_ms, false, &ctx) != ERR_OK)
            die("analyser_step", &ctx);
        times[i] = cpu_us() - t1;
        floor_us += t1 - t0;
    }
    struct arena a;
    struct event *events;
    size_t count;
    arena_init(&a, 8 << 20);
    if (store_events(p.st, 0, INT64_MAX, INT64_MAX, &a, &events, &count, &ctx) != ERR_OK)
        die("store_events", &ctx);
    for (size_t i = 0; i < count; i++)
        printf("%c %4d min: %s\n", event_kind_letter(events[i].kind), (int)((events[i].at_ms - start_ms) / minute_ms), events[i].text);
    double total = 0;
    for (int i = 0; i < POLLS; i++)
        total += times[i];
    qsort(times, POLLS, sizeof times[0], by_value);
    printf("analyser_step: %zu series, %d objectives, %d polls: p50 %.0f us, p99 %.0f us, worst %.0f us, together %.0f ms\n", p.count, SLOS,
           POLLS, times[POLLS / 2], times[POLLS * 99 / 100], times[POLLS - 1], total / 1000);
    printf("floor (one walk over the items): %.1f us; ratio %.0f; %.0f ns per series\n", floor_us / POLLS, total / floor_us,
           total / POLLS / (double)p.count * 1000);
    arena_fini(&a);
    analyser_close(an);
    store_close(p.st);
    return tmpdir_remove(dir) ? EXIT_SUCCESS : EXIT_FAILURE;
}
