/* SPDX-License-Identifier: MIT */
/* The stores that bench_console.py reads. usage: console_store gigabyte|month PATH
 *
 * A gateway of believable size with 8 teams on 6 models. gigabyte: 100 keys and 10 deployments, one poll every 15 s until the file has 1e9
 * bytes; about 2,000 series, which are 7,000 exposition values, for a histogram is 20 of them. month: 40 keys, each told by all models and
 * their 24 deployments, one poll a minute for 30 days; about 10,000 series. The recording ends with traffic under way, forty polls into an
 * outage of the first model that pages, and says that it has ended, so that a console opens at its last instant, live, with everything to
 * show that a page brings. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/store_data.h"

enum {
    TEAMS = 8,
    MODELS = 6,
    PROVIDERS = 3,
    COUNTERS = 8,
    HISTOGRAMS = 5,
    GAUGES = 3,
    OUTAGE_POLLS = 40,
    POLLS_PER_COMMIT = 20,
    BUCKETS_MAX = 4
};

struct shape {
    const char *name;
    int keys, models_per_key;
    int told_deployments; /* of each key and model; 0 = what is counted tells no deployment */
    int deployments, shares;
    int64_t start_ms, step_ms, keep_raw_ms, bytes, polls; /* until the file has the bytes, or there are the polls */
};
static const struct shape shapes[] = {
    {"gigabyte", 100, 2, 0, 10, 4, INT64_C(1793664000000) /* 2026-11-03T00:00Z */, 15000, 400 * INT64_C(86400000), 1000000000, 0},
    {"month", 40, MODELS, 4, 24, 16, INT64_C(1793454420000) /* 2026-10-31T13:47Z */, 60000, 0, 0, 43200},
};

static const char *const models[MODELS] = {"gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-pro", "o3", "gpt-5"};
static const double bounds[] = {0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 30, 60};
static const enum signal counters[COUNTERS] = {SIG_REQUESTS,     SIG_REQUESTS,      SIG_REQUESTS,      SIG_COST,
                                               SIG_TOKENS_INPUT, SIG_TOKENS_CACHED, SIG_TOKENS_OUTPUT, SIG_FALLBACKS};
static const char *const classes[COUNTERS] = {"ok", "5xx", "429", "", "", "", "", "ok"};
static const enum signal histograms[HISTOGRAMS] = {SIG_TTFT, SIG_E2E, SIG_PROVIDER_LATENCY, SIG_TPOT, SIG_OVERHEAD};
static const enum signal gauges[GAUGES] = {SIG_RUNNING, SIG_WAITING, SIG_KV_CACHE};

struct world {
    const struct shape *shape;
    struct store *st;
    uint32_t source, bounds_id, *id;  /* [count] */
    size_t count, combos;             /* series; of them counters, the first */
    bool *breaks;                     /* [count] whether it counts failures of the model that breaks */
    struct store_item *items;         /* [POLLS_PER_COMMIT][count] */
    struct store_hist_count *buckets; /* [POLLS_PER_COMMIT][count][BUCKETS_MAX] */
    uint64_t rng;
    bool outage; /* of the first model */
};

static uint64_t next(struct world *w)
{
    w->rng ^= w->rng << 13;
    w->rng ^= w->rng >> 7;
    return w->rng ^= w->rng << 17;
}

static uint32_t string(struct world *w, const char *text)
{
    uint32_t id = 0;
    if (store_string(w->st, str_of(text), &id, NULL) != ERR_OK)
        bench_die("string", text);
    return id;
}

static uint32_t name(struct world *w, const char *what, unsigned n)
{
    char text[40];
    snprintf(text, sizeof text, "%s-%u", what, n);
    return string(w, text);
}

static void add(struct world *w, enum signal s, const char *class, int key, int model, int deployment)
{
    struct series x = {.source = w->source, .signal = (uint16_t)s, .bounds = signal_info(s)->kind == KIND_HISTOGRAM ? w->bounds_id : 0};
    x.dim[DIM_MODEL] = string(w, models[model]);
    if (key >= 0) {
        x.dim[DIM_KEY] = name(w, "key", (unsigned)key);
        x.dim[DIM_TEAM] = name(w, "team", (unsigned)key % TEAMS);
    }
    if (deployment >= 0) {
        x.dim[DIM_DEPLOYMENT] = name(w, "deployment", (unsigned)deployment);
        x.dim[DIM_PROVIDER] = name(w, "provider", (unsigned)deployment % PROVIDERS);
    }
    if (class[0] != '\0')
        x.dim[DIM_CLASS] = string(w, class);
    w->breaks[w->count] = model == 0 && strcmp(class, "5xx") == 0;
    if (store_series(w->st, &x, &w->id[w->count++], NULL) != ERR_OK)
        bench_die("series", "refused");
}

static void add_all(struct world *w)
{
    const int told = w->shape->told_deployments > 0 ? w->shape->told_deployments : 1;
    const struct hist_bounds *b;
    const struct source_status s = {.name = "litellm",
                                    .kind = "metrics",
                                    .url = "http://127.0.0.1:1/metrics/",
                                    .gateway = "bench",
                                    .profile = "litellm",
                                    .reason = "",
                                    .warning = "",
                                    .interval_ms = w->shape->step_ms};
    if (store_put_source(w->st, &s, &w->source, NULL) != ERR_OK ||
        store_bounds(w->st, bounds, sizeof bounds / sizeof *bounds, &b, NULL) != ERR_OK)
        bench_die("source", "refused");
    w->bounds_id = b->id;
    for (int key = 0; key < w->shape->keys; key++)
        for (int m = 0; m < w->shape->models_per_key; m++)
            for (int d = 0; d < told; d++)
                for (int i = 0; i < COUNTERS; i++) {
                    int model = (key + m * MODELS / w->shape->models_per_key) % MODELS;
                    add(w, counters[i], classes[i], key, model, w->shape->told_deployments > 0 ? model + d * MODELS : -1);
                }
    w->combos = w->count;
    for (int d = 0; d < w->shape->deployments; d++) {
        for (int k = 0; k < w->shape->shares; k++)
            for (int i = 0; i < HISTOGRAMS; i++)
                add(w, histograms[i], "", k, d % MODELS, d);
        for (int i = 0; i < GAUGES; i++)
            add(w, gauges[i], "", -1, d % MODELS, d);
    }
}

/* Two keys of three are busy at any time. */
static void fill(struct world *w, size_t n, uint32_t poll, size_t slot)
{
    struct store_item *it = &w->items[slot * w->count + n];
    struct store_hist_count *c = w->buckets + (slot * w->count + n) * BUCKETS_MAX;
    const size_t combos = w->combos, per_deployment = (size_t)w->shape->shares * HISTOGRAMS + GAUGES;
    bool busy = (n / COUNTERS + poll / 480) % 3 != 0;
    uint64_t r = next(w);
    static const uint32_t most[COUNTERS] = {9, 2, 2, 90000000, 60000, 30000, 9000, 2};

    *it = (struct store_item){.series = w->id[n]};
    if (n < combos) {
        bool rare = n % COUNTERS == 1 || n % COUNTERS == 2 || n % COUNTERS == 7;
        it->v.increment = w->outage && w->breaks[n]        ? (int64_t)(r % 5)
                          : !busy || (rare && r % 64 != 0) ? 0
                                                           : (int64_t)(r >> 8) % most[n % COUNTERS];
    } else if ((n - combos) % per_deployment < per_deployment - GAUGES) {
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
        "{\"name\":\"gpt-4o ttft\",\"kind\":\"latency\",\"objective\":0.95,\"period_ms\":2592000000,\"signal\":\"ttft\",\"threshold\":5,"
        "\"scope\":[{\"dim\":\"model\",\"value\":\"gpt-4o\"}]}]";
    char end[32];
    struct errctx ctx = {.text = ""};
    snprintf(end, sizeof end, "%lld", (long long)end_ms);
    if (store_put_note(w->st, "slo", w->shape->start_ms, str_of(slo), &ctx) != ERR_OK ||
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
    for (size_t i = 0; i < POLLS_PER_COMMIT; i++, (*poll)++, t1 += w->shape->step_ms) {
        for (size_t n = 0; n < w->count; n++)
            fill(w, n, *poll, i);
        b[i] = (struct store_batch){
            .source = w->source, .t0_ms = t1, .t1_ms = t1 + w->shape->step_ms, .items = &w->items[i * w->count], .count = w->count};
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
                                    .interval_ms = w->shape->step_ms,
                                    .last_ok_ms = t1,
                                    .last_try_ms = t1,
                                    .http_status = 200};
    manual->wall_ms = t1;
    if (store_put_status(w->st, t1, &s, &ctx) != ERR_OK || store_append(w->st, b, POLLS_PER_COMMIT, &ctx) != ERR_OK)
        bench_die("append", ctx.text);
}

static const struct shape *shape_named(const char *name)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(shapes[i].name, name) == 0)
            return &shapes[i];
    bench_die("no such shape", name);
}

static void make_world(struct world *w, const char *path, const struct clock *clock)
{
    const struct shape *sh = w->shape;
    const struct store_options opt = {.private_files = true, .keep_raw_ms = sh->keep_raw_ms};
    const int told = sh->told_deployments > 0 ? sh->told_deployments : 1;
    const size_t series = (size_t)(sh->keys * sh->models_per_key * told * COUNTERS + sh->deployments * (sh->shares * HISTOGRAMS + GAUGES));
    struct errctx ctx = {.text = ""};

    w->id = calloc(series, sizeof *w->id);
    w->breaks = calloc(series, sizeof *w->breaks);
    w->items = calloc(series * POLLS_PER_COMMIT, sizeof *w->items);
    w->buckets = calloc(series * POLLS_PER_COMMIT * BUCKETS_MAX, sizeof *w->buckets);
    if (w->id == NULL || w->breaks == NULL || w->items == NULL || w->buckets == NULL)
        bench_die("memory", "out of it");
    w->rng = 88172645463325252u;
    if (store_open_writer(path, &opt, clock, &w->st, &ctx) != ERR_OK)
        bench_die("open", ctx.text);
    add_all(w);
}

int main(int argc, char **argv)
{
    struct world w = {.count = 0};
    uint32_t poll = 0;

    if (argc != 3)
        bench_die("usage", "console_store gigabyte|month PATH");
    w.shape = shape_named(argv[1]);
    struct clock_manual manual = {.wall_ms = w.shape->start_ms};
    const struct clock clock = clock_manual(&manual);
    make_world(&w, argv[2], &clock);
    while (size_of(argv[2]) < w.shape->bytes || poll + OUTAGE_POLLS < w.shape->polls)
        record(&w, &manual, &poll);
    w.outage = true;
    put_page(&w, manual.wall_ms);
    for (int i = 0; i < OUTAGE_POLLS; i += POLLS_PER_COMMIT)
        record(&w, &manual, &poll);
    put_notes(&w, manual.wall_ms);
    store_close(w.st);
    printf("%lld bytes: %zu series, %.1f days of one poll in %lld s\n", (long long)size_of(argv[2]), w.count,
           (double)(manual.wall_ms - w.shape->start_ms) / 86400000, (long long)(w.shape->step_ms / 1000));
    return EXIT_SUCCESS;
}
