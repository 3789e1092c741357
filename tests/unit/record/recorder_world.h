/* SPDX-License-Identifier: MIT */
/* A recorder on a store of its own, without a network and with a clock that stands until it is moved. */
#ifndef GWTOP_TESTS_UNIT_RECORD_RECORDER_WORLD_H
#define GWTOP_TESTS_UNIT_RECORD_RECORDER_WORLD_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "record/recorder_int.h"
#include "support/tmpdir.h"

#define MINUTE INT64_C(60000)
#define NOW INT64_C(1800000000000) /* 2027-01-15T08:00:00Z, when a test begins */

static char dir[128], path[200];
static struct clock_manual manual;
static struct clock clk;
static struct config cfg;
static struct arena arena;
static struct profiles profiles;
static struct store *st;
static struct recorder *r;
static struct errctx ctx;
static int64_t now;

#define OK(call) ck_assert_msg((call) == ERR_OK, "%s: %s", #call, ctx.text)

/* A run of the recorder with this configuration. */
static inline void start(const char *yaml)
{
    const struct store_options so = {.private_files = true};
    OK(config_parse(str_of(yaml), "test.yaml", &cfg, &ctx));
    OK(store_open_writer(path, &so, &clk, &st, &ctx));
    const struct recorder_options ro = {&cfg, &profiles, NULL};
    OK(recorder_open(st, &ro, now, &r, &ctx));
}

static inline void stop(void)
{
    recorder_close(r, now, "the recorder was stopped");
    store_close(st);
    config_fini(&cfg);
    r = NULL;
    st = NULL;
}

static inline void advance(int64_t ms)
{
    now += ms;
    manual.wall_ms = now;
}

static inline void world_setup(void)
{
    ck_assert(tmpdir_make(dir, sizeof dir));
    snprintf(path, sizeof path, "%s/t.db", dir);
    now = manual.wall_ms = NOW;
    clk = clock_manual(&manual);
    arena_init(&arena, 64 << 20);
    OK(profiles_load(NULL, &arena, &profiles, &ctx));
}

static inline void world_teardown(void)
{
    if (r != NULL)
        stop();
    arena_fini(&arena);
    ck_assert(tmpdir_remove(dir));
}

/* A source as the store has it. */
static inline struct source_status source(const char *name)
{
    struct source_status *list, found = {.name = NULL};
    size_t n;
    OK(store_sources(st, now, &arena, &list, &n, &ctx));
    for (size_t i = 0; i < n; i++)
        found = strcmp(list[i].name, name) == 0 ? list[i] : found;
    ck_assert_ptr_nonnull(found.name);
    return found;
}

#endif
