/* SPDX-License-Identifier: MIT */
/* A normaliser on a store of its own with a small profile, fed whole pages of text, and what came out of it by name. */
#ifndef GWTOP_TESTS_UNIT_RECORD_FIXTURE_H
#define GWTOP_TESTS_UNIT_RECORD_FIXTURE_H

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "record/normalise.h"
#include "record/sawtooth.h"
#include "support/tmpdir.h"

static const char fixture_profile[] = "title: test\ntier: gateway\n"
                                      "recognise: [\"gw_*\"]\n"
                                      "absent: [\"None\", \"\"]\n"
                                      "metrics:\n"
                                      "  - name: gw_requests_total\n"
                                      "    signal: requests\n"
                                      "    labels: {model: model, team: team}\n"
                                      "    class: {status: code}\n"
                                      "  - name: gw_spend_total\n"
                                      "    signal: cost\n"
                                      "    labels: {team: team}\n"
                                      "  - name: gw_running\n"
                                      "    signal: running\n"
                                      "    labels: {model: model}\n"
                                      "  - name: gw_left\n"
                                      "    signal: budget_remaining\n"
                                      "    labels: {team: team}\n"
                                      "    combine: min\n"
                                      "    max_valid: 1e9\n"
                                      "  - name: gw_energy_mj\n"
                                      "    signal: energy\n"
                                      "    factor: 0.001\n"
                                      "    labels: {name: gpu}\n"
                                      "    max_valid: 1e12\n"
                                      "  - name: gw_latency_ms\n"
                                      "    signal: e2e\n"
                                      "    factor: 0.001\n"
                                      "    labels: {model: model}\n"
                                      "  - name: gw_ttft\n"
                                      "    signal: ttft\n"
                                      "    labels: {model: model}\n"
                                      "ignore: [gw_boring_total]\n";

struct fixture {
    char dir[128], path[200];
    struct clock_manual manual;
    struct clock clock;
    struct store *st;
    struct arena arena, profiles;
    struct profile profile;
    struct normaliser *n;
    struct expo *parser;
    struct errctx ctx;
    int64_t t_ms;
    struct store_batch batch;
    struct normalise_report report;
};

static inline bool fixture_known(void *ctx, struct str series)
{
    struct fixture *f = ctx;
    return normalise_known(f->n, series);
}

static inline bool fixture_sample(void *ctx, const struct expo_sample *s)
{
    struct fixture *f = ctx;
    return normalise_sample(f->n, s, &f->ctx) == ERR_OK;
}

static inline void fixture_type(void *ctx, struct str family, enum expo_type type)
{
    struct fixture *f = ctx;
    normalise_type(f->n, family, type);
}

static inline void fixture_warning(void *ctx, const struct expo_warning *w)
{
    struct fixture *f = ctx;
    normalise_warning(f->n, w->line, w->what, w->text);
}

static inline void fixture_open_with(struct fixture *f, const char *profile, uint32_t max_series)
{
    memset(f, 0, sizeof *f);
    ck_assert(tmpdir_make(f->dir, sizeof f->dir));
    snprintf(f->path, sizeof f->path, "%s/t.db", f->dir);
    f->manual.wall_ms = f->t_ms = INT64_C(1800000000000);
    f->clock = clock_manual(&f->manual);
    const struct store_options opt = {.private_files = true};
    ck_assert_msg(store_open_writer(f->path, &opt, &f->clock, &f->st, &f->ctx) == ERR_OK, "%s", f->ctx.text);
    arena_init(&f->arena, 64 << 20);
    arena_init(&f->profiles, 16 << 20);
    ck_assert_msg(profile_parse(str_of(profile), "test.yaml", &f->profiles, &f->profile, &f->ctx) == ERR_OK, "%s", f->ctx.text);
    const struct source_status source = {
        .name = "src", .kind = "metrics", .url = "", .gateway = "gw", .profile = "test", .reason = "", .warning = "", .interval_ms = 15000};
    uint32_t id;
    ck_assert_int_eq(store_put_source(f->st, &source, &id, &f->ctx), ERR_OK);
    const struct normalise_options no = {.source = id, .gateway = "gw", .max_series = max_series};
    ck_assert_int_eq(normaliser_new(f->st, &f->profile, &no, &f->n, &f->ctx), ERR_OK);
    const struct expo_handler h = {fixture_known, fixture_sample, fixture_type, NULL, NULL, fixture_warning, f};
    f->parser = expo_new(&h, 64 << 20);
    ck_assert_ptr_nonnull(f->parser);
}

static inline void fixture_open(struct fixture *f)
{
    fixture_open_with(f, fixture_profile, 100000);
}

static inline void fixture_close(struct fixture *f)
{
    expo_free(f->parser);
    normaliser_free(f->n);
    store_close(f->st);
    arena_fini(&f->arena);
    arena_fini(&f->profiles);
    ck_assert(tmpdir_remove(f->dir));
}

/* Parses a page without ending the poll. */
static inline void fixture_stage(struct fixture *f, const char *page)
{
    f->t_ms += 15000;
    normalise_begin(f->n, f->t_ms);
    expo_reset(f->parser);
    ck_assert_int_eq(expo_feed(f->parser, page, strlen(page)), ERR_OK);
    ck_assert_int_eq(expo_finish(f->parser), ERR_OK);
}

/* One poll, 15 s after the last. */
static inline void fixture_poll(struct fixture *f, const char *page)
{
    fixture_stage(f, page);
    arena_reset(&f->arena);
    ck_assert_msg(normalise_finish(f->n, &f->arena, &f->batch, &f->report, &f->ctx) == ERR_OK, "%s", f->ctx.text);
}

/* The same page until what the last one counts has waited long enough, and whatever came after it with it; the batch is then the first of
 * these. */
static inline void fixture_wait(struct fixture *f, const char *page)
{
    ck_assert_uint_eq(f->batch.count, 0);
    for (int i = 0; i < SAWTOOTH_HOLD; i++) {
        fixture_poll(f, page);
        ck_assert_uint_eq(f->report.made_good_count > 0, i + 1 == SAWTOOTH_HOLD);
    }
    f->batch = f->report.made_good[0];
    ck_assert_int_eq(f->batch.t1_ms, f->t_ms - SAWTOOTH_HOLD * 15000);
    ck_assert_int_eq(f->batch.t0_ms, f->batch.t1_ms - 15000);
}

/* The item of signal whose dimension d has this text; NULL when the poll has none. */
static inline const struct store_item *fixture_item(const struct fixture *f, enum signal signal, enum dim d, const char *text)
{
    for (size_t i = 0; i < f->batch.count; i++) {
        const struct series *s = store_series_at(f->st, f->batch.items[i].series - 1);
        if (s->signal == signal && strcmp(intern_text(store_strings(f->st), s->dim[d]), text) == 0)
            return &f->batch.items[i];
    }
    return NULL;
}

static inline int64_t fixture_increment(const struct fixture *f, enum signal signal, enum dim d, const char *text)
{
    const struct store_item *item = fixture_item(f, signal, d, text);
    ck_assert_msg(item != NULL, "no %s of %s", signal_info(signal)->name, text);
    return item->v.increment;
}

/* Observations of a histogram item in bucket i, 0 when it is not listed. */
static inline uint64_t fixture_bucket(const struct store_item *item, uint32_t i)
{
    for (uint32_t k = 0; k < item->v.hist.count; k++) {
        if (item->v.hist.counts[k].bucket == i)
            return item->v.hist.counts[k].count;
    }
    return 0;
}

#endif
