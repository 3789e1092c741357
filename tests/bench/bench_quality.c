/* SPDX-License-Identifier: MIT */
/* What a load of pane 5 costs with 2,000 streams: scores of 100 names by 20 models, a poll a minute for 90 minutes, each held against a
 * baseline of its own.
 * usage: bench_quality [STREAMS]
 * Prints the median of 31 loads in processor time, and what it takes to read as many baselines one by one. Fails where a load takes 25
 * times that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/drift.h"
#include "support/tmpdir.h"
#include "view/load.h"

enum { STREAMS = 2000, MODELS = 20, POLLS = 90, LOADS = 31, MOST_TIMES = 25 };
static const int64_t start_ms = INT64_C(1795442400000), minute_ms = 60000;

#define MUST(call)                                                                                                                         \
    do {                                                                                                                                   \
        if ((call) != ERR_OK) {                                                                                                            \
            fprintf(stderr, "%s: %s\n", #call, ctx.text);                                                                                  \
            exit(EXIT_FAILURE);                                                                                                            \
        }                                                                                                                                  \
    } while (0)

static double now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void name_of(int stream, char name[32], char model[32])
{
    snprintf(name, 32, "score_%d", stream / MODELS);
    snprintf(model, 32, "model-%d", stream % MODELS);
}

static void put_notes(struct store *st, int streams, struct errctx ctx)
{
    for (int i = 0; i < streams; i++) {
        char name[32], model[32], note[160];
        struct buf text;
        struct drift_base b = {.is_share = true,
                               .high_is_good = true,
                               .n = 2000,
                               .bad = 40,
                               .mean = 0.98,
                               .var = 0.0196,
                               .from_ms = start_ms,
                               .to_ms = start_ms + 30 * minute_ms,
                               .arl = 1e6,
                               .alarms = 2,
                               .streams = (uint32_t)streams,
                               .why = ""};
        name_of(i, name, model);
        snprintf(note, sizeof note, "drift:quality:%s|model=%s", name, model);
        for (int k = 0; k < 8; k++) { /* as many versions as a baseline that is taken again at twice the samples has in a month */
            buf_init(&text, 4096);
            b.n = (uint64_t)2000 << k;
            MUST(drift_base_write(&b, &text));
            MUST(store_put_note(st, note, start_ms + (30 + k) * minute_ms, buf_str(&text), &ctx));
            buf_fini(&text);
        }
        if (i % 16 == 15) /* what waits for a commit is looked through for each note */
            MUST(store_commit(st, &ctx));
    }
}

static void fill(struct store *st, int streams, struct errctx ctx)
{
    struct source_status own = {.name = DRIFT_SOURCE,
                                .kind = OWN_SOURCE_KIND,
                                .url = "",
                                .gateway = "",
                                .profile = "",
                                .interval_ms = minute_ms},
                         src = {.name = "gw",
                                .kind = "metrics",
                                .url = "",
                                .gateway = "gw",
                                .profile = "litellm",
                                .interval_ms = minute_ms,
                                .reason = "",
                                .warning = "",
                                .state = SOURCE_OK};
    struct store_item *items = calloc(2 * (size_t)streams, sizeof *items);
    if (items == NULL)
        exit(EXIT_FAILURE);
    uint32_t ids[2];
    MUST(store_put_source(st, &src, &ids[0], &ctx));
    MUST(store_put_source(st, &own, &ids[1], &ctx));
    src.id = ids[0];
    for (int i = 0; i < streams; i++) {
        char name[32], model[32];
        struct series s = {.source = ids[0], .signal = SIG_EVAL};
        name_of(i, name, model);
        MUST(store_string(st, str_of(name), &s.dim[DIM_NAME], &ctx));
        MUST(store_string(st, str_of(model), &s.dim[DIM_MODEL], &ctx));
        MUST(store_series(st, &s, &items[i].series, &ctx));
        items[i].v.score.n = 20;
        items[i].v.score.sum_fixed = 20 * INT64_C(1000000000);
        s.source = ids[1];
        s.signal = SIG_DRIFT_EVIDENCE;
        MUST(store_series(st, &s, &items[streams + i].series, &ctx));
        items[streams + i].v.gauge = 0.1;
    }
    for (int p = 1; p <= POLLS; p++) {
        const int64_t at = start_ms + p * minute_ms;
        const struct store_batch b[2] = {
            {.source = ids[0], .t0_ms = at - minute_ms, .t1_ms = at, .items = items, .count = (size_t)streams},
            {.source = ids[1], .t0_ms = at - minute_ms, .t1_ms = at, .items = items + streams, .count = (size_t)streams}};
        src.last_ok_ms = src.last_try_ms = at;
        src.http_status = 200;
        MUST(store_put_status(st, at, &src, &ctx));
        MUST(store_append(st, b, 2, &ctx));
    }
    put_notes(st, streams, ctx);
    MUST(store_commit(st, &ctx));
    MUST(store_refresh(st, &ctx));
    free(items);
}

/* Each baseline by itself: what a load is compared with. */
static double one_by_one(struct store *st, int streams, struct errctx ctx)
{
    const double begin = now_ms();
    struct arena a;
    arena_init(&a, 64 << 20);
    for (int i = 0; i < streams; i++) {
        char name[32], model[32], note[160];
        struct str text;
        struct drift_base b;
        name_of(i, name, model);
        snprintf(note, sizeof note, "drift:quality:%s|model=%s", name, model);
        MUST(store_note(st, note, start_ms + POLLS * minute_ms, &a, &text));
        MUST(drift_base_read(text, &a, &b, &ctx));
    }
    arena_fini(&a);
    return now_ms() - begin;
}

int main(int argc, char **argv)
{
    struct errctx ctx = {.text = ""};
    char dir[256], path[300];
    const int streams = argc > 1 ? atoi(argv[1]) : STREAMS;
    const int64_t end = start_ms + POLLS * minute_ms;
    struct clock_manual manual = {.wall_ms = end};
    struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true};
    struct config cfg;
    struct store *st;
    double took[LOADS];
    if (streams < 1 || !tmpdir_make(dir, sizeof dir))
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/q.db", dir);
    MUST(store_open_writer(path, &opt, &clock, &st, &ctx));
    MUST(config_parse(str_of("gateway: gw\n"), "bench", &cfg, &ctx));
    fill(st, streams, ctx);
    size_t rows = 0;
    for (int i = 0; i < LOADS; i++) {
        struct arena a, scratch;
        struct view_quality v;
        arena_init(&a, 256 << 20);
        arena_init(&scratch, 256 << 20);
        const struct view_loader l = {.st = st, .cfg = &cfg, .arena = &a, .scratch = &scratch};
        const struct view_params p = {.now_ms = end,
                                      .cursor_ms = end,
                                      .live = true,
                                      .window_ms = 3600000,
                                      .columns = 60,
                                      .now_window_ms = 300000,
                                      .compare_ms = 7 * INT64_C(86400000),
                                      .group = DIM_TEAM,
                                      .filter = ""};
        const double begin = now_ms();
        MUST(view_load_quality(&l, &p, &v, &ctx));
        took[i] = now_ms() - begin;
        rows = v.row_count;
        arena_fini(&a);
        arena_fini(&scratch);
    }
    qsort(took, LOADS, sizeof *took, rising);
    const double each = one_by_one(st, streams, ctx);
    printf("%zu rows: a load %.1f ms (median of %d, %.1f to %.1f); the baselines one by one %.1f ms\n", rows, took[LOADS / 2], LOADS,
           took[0], took[LOADS - 1], each);
    config_fini(&cfg);
    store_close(st);
    (void)tmpdir_remove(dir);
    return rows == (size_t)streams && took[LOADS / 2] <= MOST_TIMES * each ? EXIT_SUCCESS : EXIT_FAILURE;
}
