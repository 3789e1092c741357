/* SPDX-License-Identifier: MIT */
/* The store that bench_console.py paints from. usage: console_store PATH [BYTES]
 *
 * A gateway of believable size, one poll every 15 s until the file has BYTES (1e9): 100 keys of 8 teams on 6 models, 10 deployments of 3 providers; about 2,000
 * series, which are 7,000 exposition values, for a histogram is 20 of them. The recording ends with traffic under way, ten minutes into an outage of model-0
 * that pages, and says that it has ended, so that a console opens at its last instant, live, with everything to show that a page brings. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/store_data.h"

enum {
    STEP_MS = 15000,
    KEYS = 100,
    TEAMS = 8,
    MODELS = 6,
    MODELS_PER_KEY = 2,
    DEPLOYMENTS = 10,
    PROVIDERS = 3,
    COUNTERS = 8,
    HISTOGRAMS = 5,
    GAUGES = 3,
    SHARES = 4,
    OUTAGE_POLLS = 40,
    SERIES = KEYS * MODELS_PER_KEY * COUNTERS + DEPLOYMENTS * SHARES * HISTOGRAMS + DEPLOYMENTS * GAUGES,
    POLLS_PER_COMMIT = 20,
    BUCKETS_MAX = 4
};
#define START_MS INT64_C(1793664000000) /* 2026-11-03T00:00:00Z */

static const double bounds[] = {0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 30, 60};
static const enum signal counters[COUNTERS] = {SIG_REQUESTS,     SIG_REQUESTS,      SIG_REQUESTS,      SIG_COST,
                                               SIG_TOKENS_INPUT, SIG_TOKENS_CACHED, SIG_TOKENS_OUTPUT, SIG_FALLBACKS};
static const char *const classes[COUNTERS] = {"ok", "5xx", "429", "", "", "", "", "ok"};
static const enum signal histograms[HISTOGRAMS] = {SIG_TTFT, SIG_E2E, SIG_PROVIDER_LATENCY, SIG_TPOT, SIG_OVERHEAD};
static const enum signal gauges[GAUGES] = {SIG_RUNNING, SIG_WAITING, SIG_KV_CACHE};

struct world {
    struct store *st;
    uint32_t source, bounds_id, id[SERIES];
    size_t count;
    struct store_item *items;         /* [POLLS_PER_COMMIT][SERIES] */
    struct store_hist_count *buckets; /* [POLLS_PER_COMMIT][SERIES][BUCKETS_MAX] */
    uint64_t rng;
    bool outage; /* of model-0 */
};

static uint64_t next(struct world *w)
{
    w->rng ^= w->rng << 13;
    w->rng ^= w->rng >> 7;
    return w->rng ^= w->rng << 17;
}

static uint32_t name(struct world *w, const char *what, unsigned n)
{
    char text[40];
    uint32_t id = 0;
    snprintf(text, sizeof text, "%s-%u", what, n);
    if (store_string(w->st, str_of(text), &id, NULL) != ERR_OK)
        bench_die("string", text);
    return id;
}

static void add(struct world *w, enum signal s, const char *class, int key, int model, int deployment)
{
    struct series x = {.source = w->source, .signal = (uint16_t)s, .bounds = signal_info(s)->kind == KIND_HISTOGRAM ? w->bounds_id : 0};
    x.dim[DIM_MODEL] = name(w, "model", (unsigned)model);
    if (key >= 0) {
        x.dim[DIM_KEY] = name(w, "key", (unsigned)key);
        x.dim[DIM_TEAM] = name(w, "team", (unsigned)key % TEAMS);
    }
    if (deployment >= 0) {
        x.dim[DIM_DEPLOYMENT] = name(w, "deployment", (unsigned)deployment);
        x.dim[DIM_PROVIDER] = name(w, "provider", (unsigned)deployment % PROVIDERS);
    }
    if (class[0] != '\0' && store_string(w->st, str_of(class), &x.dim[DIM_CLASS], NULL) != ERR_OK)
        bench_die("string", class);
    if (store_series(w->st, &x, &w->id[w->count++], NULL) != ERR_OK)
        bench_die("series", "refused");
}

static void add_all(struct world *w)
{
    const struct hist_bounds *b;
    const struct source_status s = {.name = "litellm",
                                    .kind = "metrics",
                                    .url = "http://127.0.0.1:1/metrics/",
                                    .gateway = "bench",
                                    .profile = "litellm",
                                    .reason = "",
                                    .warning = "",
                                    .interval_ms = STEP_MS};
    if (store_put_source(w->st, &s, &w->source, NULL) != ERR_OK ||
        store_bounds(w->st, bounds, sizeof bounds / sizeof *bounds, &b, NULL) != ERR_OK)
        bench_die("source", "refused");
    w->bounds_id = b->id;
    for (int key = 0; key < KEYS; key++)
        for (int m = 0; m < MODELS_PER_KEY; m++)
            for (int i = 0; i < COUNTERS; i++)
                add(w, counters[i], classes[i], key, (key + 3 * m) % MODELS, -1);
    for (int d = 0; d < DEPLOYMENTS; d++) {
        for (int k = 0; k < SHARES; k++)
            for (int i = 0; i < HISTOGRAMS; i++)
                add(w, histograms[i], "", k, d % MODELS, d);
        for (int i = 0; i < GAUGES; i++)
            add(w, gauges[i], "", -1, d % MODELS, d);
    }
}

/* Two keys of three are busy at any time. */
static void fill(struct world *w, size_t n, uint32_t poll, size_t slot)
{
    struct store_item *it = &w->items[slot * SERIES + n];
    struct store_hist_count *c = w->buckets + (slot * SERIES + n) * BUCKETS_MAX;
    size_t combos = (size_t)KEYS * MODELS_PER_KEY * COUNTERS;
    bool busy = (n / COUNTERS + poll / 480) % 3 != 0;
    uint64_t r = next(w);
    static const uint32_t most[COUNTERS] = {9, 2, 2, 90000000, 60000, 30000, 9000, 2};

    *it = (struct store_item){.series = w->id[n]};
    if (n < combos) {
        bool rare = n % COUNTERS == 1 || n % COUNTERS == 2 || n % COUNTERS == 7;
        size_t key = n / (COUNTERS * MODELS_PER_KEY), m = n / COUNTERS % MODELS_PER_KEY;
        bool fails = w->outage && n % COUNTERS == 1 && (key + 3 * m) % MODELS == 0;
        it->v.increment = fails ? (int64_t)(r % 5) : !busy || (rare && r % 64 != 0) ? 0 : (int64_t)(r >> 8) % most[n % COUNTERS];
    } else if ((n - combos) % (SHARES * HISTOGRAMS + GAUGES) < SHARES * HISTOGRAMS) {
        uint32_t from = (uint32_t)(r % 9), count = 1 + (uint32_t)(r >> 8) % (BUCKETS_MAX - 1);
        for (uint32_t b = 0; b < count; b++) {
            c[b] = (struct store_hist_count){.bucket = from + 2 * b, .count = 1 + (r >> (10 + 3 * b)) % 6};
            it->v.hist.n += c[b].count;
        }
        it->v.hist.counts = c;
        it->v.hist.count = count;
        it->v.hist.sum_fixed = (int64_t)(r % 50000000000);
    } else {
        it->v.gauge = (double)(r % 100) / 100;
    }
}

/* What a recorder would have noted: the objectives in force, and that the recording has ended. */
static void put_notes(struct world *w, int64_t end_ms)
{
    static const char slo[] =
        "[{\"name\":\"all availability\",\"kind\":\"availability\",\"objective\":0.999,\"period_ms\":2592000000,\"scope\":[]},"
        "{\"name\":\"model-0 ttft\",\"kind\":\"latency\",\"objective\":0.95,\"period_ms\":2592000000,\"signal\":\"ttft\",\"threshold\":5,"
        "\"scope\":[{\"dim\":\"model\",\"value\":\"model-0\"}]}]";
    char end[32];
    struct errctx ctx = {.text = ""};
    snprintf(end, sizeof end, "%lld", (long long)end_ms);
    if (store_put_note(w->st, "slo", START_MS, str_of(slo), &ctx) != ERR_OK ||
        store_put_note(w->st, "ended", end_ms, str_of(end), &ctx) != ERR_OK || store_commit(w->st, &ctx) != ERR_OK)
        bench_die("note", ctx.text);
}

/* The page, as a recorder would have put it two minutes into the outage. */
static void put_page(struct world *w, int64_t onset_ms)
{
    const struct alert al = {.rule = "slo:all availability:page-1h",
                             .scope = "",
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = onset_ms + 120000,
                             .onset_ms = onset_ms,
                             .known_ms = onset_ms + 120000,
                             .text = ""};
    const struct incident in = {.title = "all availability errors",
                                .scope = "",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .onset_ms = onset_ms,
                                .opened_ms = onset_ms + 120000,
                                .known_ms = onset_ms + 120000,
                                .owner = ""};
    struct errctx ctx = {.text = ""};
    int64_t id = 0;
    if (store_put_alert(w->st, &al, &ctx) != ERR_OK || store_put_incident(w->st, &in, &id, &ctx) != ERR_OK)
        bench_die("page", ctx.text);
}

static int64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* One commit of POLLS_PER_COMMIT polls; the clock moves on by them. */
static void record(struct world *w, struct clock_manual *manual, uint32_t *poll)
{
    struct store_batch b[POLLS_PER_COMMIT];
    struct errctx ctx = {.text = ""};
    int64_t t1 = manual->wall_ms;
    for (size_t i = 0; i < POLLS_PER_COMMIT; i++, (*poll)++, t1 += STEP_MS) {
        for (size_t n = 0; n < w->count; n++)
            fill(w, n, *poll, i);
        b[i] = (struct store_batch){
            .source = w->source, .t0_ms = t1, .t1_ms = t1 + STEP_MS, .items = &w->items[i * SERIES], .count = w->count};
    }
    const struct source_status s = {.id = w->source,
                                    .name = "litellm",
                                    .kind = "metrics",
                                    .url = "",
                                    .gateway = "bench",
                                    .profile = "litellm",
                                    .reason = "",
                                    .warning = "",
                                    .state = SOURCE_OK,
                                    .interval_ms = STEP_MS,
                                    .last_ok_ms = t1,
                                    .last_try_ms = t1,
                                    .http_status = 200};
    manual->wall_ms = t1;
    if (store_put_status(w->st, t1, &s, &ctx) != ERR_OK || store_append(w->st, b, POLLS_PER_COMMIT, &ctx) != ERR_OK)
        bench_die("append", ctx.text);
}

int main(int argc, char **argv)
{
    int64_t bytes = argc > 2 ? strtoll(argv[2], NULL, 10) : 1000000000;
    struct clock_manual manual = {.wall_ms = START_MS};
    struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true, .keep_raw_ms = 400 * INT64_C(86400000)};
    struct errctx ctx = {.text = ""};
    struct world *w = calloc(1, sizeof *w);

    if (argc < 2)
        bench_die("usage", "console_store PATH [BYTES]");
    if (w == NULL || (w->items = calloc((size_t)SERIES * POLLS_PER_COMMIT, sizeof *w->items)) == NULL ||
        (w->buckets = calloc((size_t)SERIES * POLLS_PER_COMMIT * BUCKETS_MAX, sizeof *w->buckets)) == NULL)
        bench_die("memory", "out of it");
    w->rng = 88172645463325252u;
    if (store_open_writer(argv[1], &opt, &clock, &w->st, &ctx) != ERR_OK)
        bench_die("open", ctx.text);
    add_all(w);
    uint32_t poll = 0;
    while (size_of(argv[1]) < bytes)
        record(w, &manual, &poll);
    w->outage = true;
    put_page(w, manual.wall_ms);
    for (int i = 0; i < OUTAGE_POLLS; i += POLLS_PER_COMMIT)
        record(w, &manual, &poll);
    put_notes(w, manual.wall_ms);
    store_close(w->st);
    printf("%lld bytes: %zu series, %.1f days at 15 s\n", (long long)size_of(argv[1]), w->count,
           (double)(manual.wall_ms - START_MS) / 86400000);
    return EXIT_SUCCESS;
}
