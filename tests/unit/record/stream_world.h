/* SPDX-License-Identifier: MIT */
/* What tests of streams share: scores of a model, poll by poll, and what screens are told of them. */
#ifndef GWTOP_TESTS_UNIT_RECORD_STREAM_WORLD_H
#define GWTOP_TESTS_UNIT_RECORD_STREAM_WORLD_H

#include <math.h>

#include "model/drift.h"
#include "unit/record/analyse_world.h"

static const int64_t minute = 60000;

static inline struct world *quiet(void)
{
    struct world *w = world_new(minute);
    world_open(w);
    return w;
}

static inline void scores(struct world *w, const char *name, const char *version, int64_t n, int64_t bad, double mean)
{
    struct store_item *it =
        world_item(w, world_series(w, 0, SIG_EVAL, (struct labels){.name = name, .model = "gpt-x", .deployment = version}, NULL));
    it->v.score.n = n;
    it->v.score.bad = bad;
    it->v.score.sum_fixed = (int64_t)(mean * (double)n * 1e9);
    it->v.score.sumsq_fixed = it->v.score.sum_fixed;
}

static inline void with_scores(struct world *w, int polls, const char *version, int64_t json_bad, int64_t refused)
{
    for (int i = 0; i < polls; i++) {
        scores(w, "json_valid", version, 60, json_bad, 1 - (double)json_bad / 60);
        scores(w, "refusal", version, 100, refused, (double)refused / 100);
        world_poll(w);
    }
}

/* The last evidence of a stream, NaN = none in the last ten minutes; and what it is held against. */
static inline double stream_of(struct world *w, const char *name, const char *scope, struct drift_base *ret)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    char note[160];
    static char why[256];
    struct str text;
    struct store_result r;
    const struct store_query q = {
        .signal = SIG_DRIFT_EVIDENCE, .group_by = DIM_BIT(DIM_NAME), .t0_ms = w->t_ms - 10 * minute, .step_ms = 10 * minute, .columns = 1};
    double found = (double)NAN;
    arena_init(&a, 8 << 20);
    OK(store_read(w->st, &q, 1, &a, &r, &ctx));
    for (size_t i = 0; i < r.count; i++)
        if (r.groups[i].cells[0].n > 0 && strcmp(intern_text(store_strings(w->st), r.groups[i].dim[DIM_NAME]), name) == 0)
            found = r.groups[i].cells[0].last;
    snprintf(note, sizeof note, "drift:quality:%s|%s", name, scope);
    OK(store_note(w->st, note, INT64_MAX, &a, &text));
    OK(drift_base_read(text, &a, ret, &ctx));
    snprintf(why, sizeof why, "%s", ret->why);
    ret->why = why;
    arena_fini(&a);
    return found;
}

#endif
