/* SPDX-License-Identifier: MIT */
/* A small recorded world for the loaders: one source polled every minute for two hours, two models, two teams, three keys. Per minute
 * and in total 100 requests; what each number must be is written beside its test. */
#ifndef GWTOP_TESTS_VIEW_FIXTURE_H
#define GWTOP_TESTS_VIEW_FIXTURE_H

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "support/tmpdir.h"
#include "view/load.h"

enum { FIXTURE_POLLS = 120, FIXTURE_ITEMS_MAX = 64 };
static const int64_t fixture_start_ms = INT64_C(1795442400000), fixture_step_ms = 60000;

struct fixture {
    char dir[256], path[512];
    struct clock_manual manual;
    struct clock clock;
    struct store *st;
    struct config cfg;
    struct arena arena, scratch;
    struct view_loader loader;
    struct view_params params;
    uint32_t source;
    const char *source_name;
    struct store_item items[FIXTURE_ITEMS_MAX];
    size_t count;
};

static inline uint32_t fixture_string(struct fixture *f, const char *z)
{
    uint32_t id = 0;
    ck_assert_int_eq(store_string(f->st, str_of(z), &id, NULL), ERR_OK);
    return id;
}

/* The id of a series; dims as pairs ended by DIM_COUNT. */
static inline uint32_t fixture_series(struct fixture *f, enum signal s, uint32_t bounds, const char *model, const char *team,
                                      const char *key, const char *class, const char *name)
{
    struct series sr = {.source = f->source, .signal = (uint16_t)s, .bounds = bounds};
    uint32_t id = 0;
    sr.dim[DIM_GATEWAY] = fixture_string(f, "test");
    sr.dim[DIM_MODEL] = fixture_string(f, model);
    sr.dim[DIM_TEAM] = fixture_string(f, team);
    sr.dim[DIM_KEY] = fixture_string(f, key);
    sr.dim[DIM_CLASS] = fixture_string(f, class);
    sr.dim[DIM_NAME] = fixture_string(f, name);
    ck_assert_int_eq(store_series(f->st, &sr, &id, NULL), ERR_OK);
    return id;
}

static inline void fixture_increment(struct fixture *f, uint32_t series, int64_t v)
{
    ck_assert_uint_lt(f->count, FIXTURE_ITEMS_MAX);
    f->items[f->count++] = (struct store_item){.series = series, .v.increment = v};
}

/* The source's status when it last answered at_ms; 0 = never yet. */
static inline struct source_status fixture_status(const struct fixture *f, int64_t at_ms)
{
    return (struct source_status){.id = f->source,
                                  .name = f->source_name,
                                  .kind = "metrics",
                                  .url = "http://127.0.0.1:1/metrics",
                                  .gateway = "test",
                                  .profile = "litellm",
                                  .reason = "",
                                  .warning = "",
                                  .interval_ms = fixture_step_ms,
                                  .state = SOURCE_OK,
                                  .last_ok_ms = at_ms,
                                  .last_try_ms = at_ms,
                                  .http_status = at_ms != 0 ? 200 : 0};
}

/* Makes f->source another source, by name. */
static inline void fixture_source(struct fixture *f, const char *name)
{
    f->source = 0;
    f->source_name = name;
    const struct source_status src = fixture_status(f, 0);
    ck_assert_int_eq(store_put_source(f->st, &src, &f->source, NULL), ERR_OK);
}

static inline void fixture_open(struct fixture *f)
{
    struct store_options opt = {.private_files = true};
    memset(f, 0, sizeof *f);
    tmpdir_make(f->dir, sizeof f->dir);
    ck_assert(str_format(f->path, sizeof f->path, "%s/t.db", f->dir));
    f->manual.wall_ms = fixture_start_ms;
    f->clock = clock_manual(&f->manual);
    ck_assert_int_eq(store_open_writer(f->path, &opt, &f->clock, &f->st, NULL), ERR_OK);
    fixture_source(f, "gw");
    ck_assert_int_eq(config_parse(str_of("gateway: test\n"), "test", &f->cfg, NULL), ERR_OK);
    arena_init(&f->arena, 64 << 20);
    arena_init(&f->scratch, 64 << 20);
    f->loader = (struct view_loader){.st = f->st, .cfg = &f->cfg, .arena = &f->arena, .scratch = &f->scratch};
}

static inline void fixture_append_from(struct fixture *f, int64_t t0_ms, int64_t t1_ms)
{
    const struct source_status src = fixture_status(f, t1_ms);
    struct store_batch b = {.source = f->source, .t0_ms = t0_ms, .t1_ms = t1_ms, .items = f->items, .count = f->count};
    ck_assert_int_eq(store_put_status(f->st, t1_ms, &src, NULL), ERR_OK);
    ck_assert_int_eq(store_append(f->st, &b, 1, NULL), ERR_OK);
    f->count = 0;
    f->manual.wall_ms = t1_ms;
    f->params = (struct view_params){.now_ms = t1_ms,
                                     .cursor_ms = t1_ms,
                                     .live = true,
                                     .window_ms = 3600000,
                                     .columns = 60,
                                     .now_window_ms = 300000,
                                     .compare_ms = 7 * INT64_C(86400000),
                                     .group = DIM_TEAM,
                                     .filter = ""};
}

static inline void fixture_append(struct fixture *f, int64_t t1_ms)
{
    fixture_append_from(f, t1_ms - fixture_step_ms, t1_ms);
}

/* The row of that label; the test fails without one. */
static inline const struct vrow *fixture_row(const struct vrow *rows, size_t n, const char *label)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].label, label) == 0)
            return &rows[i];
    ck_abort_msg("no row '%s'", label);
    return NULL;
}

/* The recorder's last sign of life becomes an hour old. */
static inline void fixture_hush(const struct fixture *f)
{
    char lock[600];
    struct timespec now, then[2];
    ck_assert(str_format(lock, sizeof lock, "%s.lock", f->path));
    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
    then[0] = then[1] = (struct timespec){.tv_sec = now.tv_sec - 3600};
    ck_assert_int_eq(utimensat(AT_FDCWD, lock, then, 0), 0);
}

static inline void fixture_close(struct fixture *f)
{
    store_close(f->st);
    config_fini(&f->cfg);
    arena_fini(&f->arena);
    arena_fini(&f->scratch);
    tmpdir_remove(f->dir);
}

#endif
