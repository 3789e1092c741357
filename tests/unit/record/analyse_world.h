/* SPDX-License-Identifier: MIT */
/* A small world for the analysers' tests: a real store in a directory of its own, sources whose polls are written by hand, and a recorder
 * that can die between analysing a poll and storing it. */
#ifndef GWTOP_TESTS_UNIT_RECORD_ANALYSE_WORLD_H
#define GWTOP_TESTS_UNIT_RECORD_ANALYSE_WORLD_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/analyse.h"
#include "support/tmpdir.h"

#define WORLD_T0 INT64_C(1763946000000) /* 2025-11-24T01:00:00Z, a whole hour */
#define OK(call)                                                                                                                           \
    do {                                                                                                                                   \
        enum err e_ = (call);                                                                                                              \
        ck_assert_msg(e_ == ERR_OK, "%s: %s: %s", #call, err_name(e_), ctx.text);                                                          \
    } while (0)

enum { WORLD_ITEMS = 64, WORLD_SLOS = 4, WORLD_BUDGETS = 3, WORLD_COUNTS = 64 };

struct world {
    char dir[96], db[128];
    struct clock_manual manual;
    struct config cfg;
    struct slo slos[WORLD_SLOS];
    struct config_budget budgets[WORLD_BUDGETS];
    struct store *st;
    struct analyser *an;
    uint32_t source[4];
    int64_t t_ms, step_ms;
    struct store_item items[WORLD_ITEMS];
    size_t count;
    struct store_hist_count counts[WORLD_COUNTS]; /* of the poll being made */
    size_t count_count;
    bool revised; /* the next batch tells by how much scores of before are otherwise */
};

static inline void world_open(struct world *w)
{
    struct errctx ctx = {.text = ""};
    const struct store_options opt = {.private_files = true};
    struct clock clock = clock_manual(&w->manual);
    OK(store_open_writer(w->db, &opt, &clock, &w->st, &ctx));
    for (uint32_t i = 0; i < 2; i++) {
        const struct source_status s = {.name = i == 0 ? "litellm" : "prometheus",
                                        .kind = "metrics",
                                        .url = "http://127.0.0.1/metrics",
                                        .gateway = "gw",
                                        .profile = "litellm",
                                        .interval_ms = w->step_ms};
        OK(store_put_source(w->st, &s, &w->source[i], &ctx));
    }
    OK(analyser_open(w->st, &w->cfg, &w->an, &ctx));
}

/* What was not appended is lost, as when the process is killed. */
static inline void world_kill(struct world *w)
{
    analyser_close(w->an);
    store_close(w->st);
    w->an = NULL;
    w->st = NULL;
}

static inline struct world *world_new(int64_t step_ms)
{
    struct world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* thousands of transactions: that they reach the disk is the store's tests' matter */
    ck_assert(tmpdir_make(w->dir, sizeof w->dir));
    snprintf(w->db, sizeof w->db, "%s/gwtop.db", w->dir);
    w->manual = (struct clock_manual){.wall_ms = WORLD_T0, .mono_ms = 1000};
    w->cfg.slos = w->slos;
    w->cfg.budgets = w->budgets;
    w->cfg.false_alarms = 2;
    w->t_ms = WORLD_T0;
    w->step_ms = step_ms;
    return w;
}

static inline void world_free(struct world *w)
{
    world_kill(w);
    ck_assert(tmpdir_remove(w->dir));
    free(w);
}

static inline struct slo *world_slo(struct world *w, const char *name, double objective, const char *model)
{
    struct slo *s = &w->slos[w->cfg.slo_count++];
    *s = (struct slo){.name = name, .kind = SLO_AVAILABILITY, .objective = objective, .period_ms = 30 * INT64_C(86400000)};
    if (model != NULL) {
        s->scope_count = 1;
        s->scope[0].dim = DIM_MODEL;
        s->scope[0].value = model;
    }
    return s;
}

struct labels {
    const char *model, *class, *key, *team, *deployment, *name, *route, *judge, *provider;
};

static inline uint32_t world_series(struct world *w, uint32_t source, enum signal signal, struct labels l, const struct hist_bounds *bounds)
{
    struct errctx ctx = {.text = ""};
    struct series s = {.source = w->source[source], .signal = (uint16_t)signal, .bounds = bounds != NULL ? bounds->id : 0};
    const char *const values[DIM_COUNT] = {
        [DIM_GATEWAY] = "gw",  [DIM_MODEL] = l.model,           [DIM_CLASS] = l.class, [DIM_KEY] = l.key,
        [DIM_TEAM] = l.team,   [DIM_DEPLOYMENT] = l.deployment, [DIM_NAME] = l.name,   [DIM_ROUTE] = l.route,
        [DIM_JUDGE] = l.judge, [DIM_PROVIDER] = l.provider};
    uint32_t id;
    for (int d = 0; d < DIM_COUNT; d++)
        if (values[d] != NULL)
            OK(store_string(w->st, str_of(values[d]), &s.dim[d], &ctx));
    OK(store_series(w->st, &s, &id, &ctx));
    return id;
}

static inline struct store_item *world_item(struct world *w, uint32_t series)
{
    ck_assert(w->count < WORLD_ITEMS);
    struct store_item *it = &w->items[w->count++];
    memset(it, 0, sizeof *it);
    it->series = series;
    return it;
}

static inline void world_requests(struct world *w, uint32_t source, const char *model, const char *class, int64_t n)
{
    world_item(w, world_series(w, source, SIG_REQUESTS, (struct labels){.model = model, .class = class}, NULL))->v.increment = n;
}

/* Ends the poll that was made: (t - step, t] with t moved on by `advance` steps; kills the recorder before or after the data is durable. */
enum fate { LIVES, DIES_BEFORE_APPEND, DIES_AFTER_APPEND };

static inline void world_analyse_at(struct world *w, uint32_t source, int64_t t0_ms, int64_t t1_ms, bool backfill, enum fate fate)
{
    struct errctx ctx = {.text = ""};
    const struct store_batch b = {
        .source = w->source[source], .t0_ms = t0_ms, .t1_ms = t1_ms, .items = w->items, .count = w->count, .revised = w->revised};
    if (w->manual.wall_ms < t1_ms)
        w->manual.wall_ms = t1_ms;
    OK(analyser_step(w->an, &b, 1, backfill ? w->manual.wall_ms : t1_ms, backfill, &ctx));
    if (fate != DIES_BEFORE_APPEND) {
        const struct store_batch *told;
        size_t count;
        analyser_told(w->an, &told, &count);
        for (size_t i = 0; i < count; i++)
            OK(store_append(w->st, &told[i], 1, &ctx));
        OK(store_append(w->st, &b, 1, &ctx));
    }
    if (fate != LIVES) {
        world_kill(w);
        world_open(w);
    }
    w->count = 0;
    w->count_count = 0;
    w->revised = false;
}

static inline void world_poll(struct world *w)
{
    w->t_ms += w->step_ms;
    world_analyse_at(w, 0, w->t_ms - w->step_ms, w->t_ms, false, LIVES);
}

/* n polls of model gpt-x with so many good and bad requests each. */
static inline void world_run(struct world *w, int n, int64_t good, int64_t bad)
{
    for (int i = 0; i < n; i++) {
        world_requests(w, 0, "gpt-x", "ok", good);
        world_requests(w, 0, "gpt-x", "5xx", bad);
        world_poll(w);
    }
}

/* What a source's answers lack of some signals from now on, as a recorder tells it: to the analysers, and in its status with the next
 * poll. */
static inline void world_lacks(struct world *w, uint32_t source, uint64_t signals, bool lost)
{
    struct errctx ctx = {.text = ""};
    struct source_status s = {.id = w->source[source],
                              .state = SOURCE_OK,
                              .interval_ms = w->step_ms,
                              .last_ok_ms = w->t_ms,
                              .last_try_ms = w->t_ms,
                              .reason = "",
                              .warning = ""};
    if (signals != 0) {
        s.state = SOURCE_PARTIAL;
        s.lack = (struct source_lack){.since_ms = w->t_ms, .part = signals, .family = signals};
    }
    analyser_lacks(w->an, s.id, &s.lack, lost);
    OK(store_put_status(w->st, w->t_ms, &s, &ctx));
}

/* The newest version of a finding; "" when there is none. */
static inline struct alert world_finding(struct world *w, const char *rule, char *text, size_t cap)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct alert *list, found = {.id = 0};
    size_t count;
    arena_init(&a, 8 << 20);
    OK(store_alerts(w->st, INT64_MAX, &a, &list, &count, &ctx));
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].rule, rule) != 0)
            continue;
        found = list[i];
        ck_assert(alert_is_finding(&found));
        snprintf(text, cap, "{%s} %s", list[i].scope, list[i].text);
    }
    arena_fini(&a);
    return found;
}

/* Whether what a detector keeps of a model is in the store. */
static inline bool world_has_state(struct world *w, const char *rule, const char *model)
{
    struct arena a;
    struct str bytes;
    char name[256];
    arena_init(&a, 1 << 20);
    snprintf(name, sizeof name, "detector:%s|model=%s", rule, model);
    const enum err e = store_note(w->st, name, INT64_MAX, &a, &bytes);
    arena_fini(&a);
    ck_assert(e == ERR_OK || e == ERR_NOTFOUND);
    return e == ERR_OK;
}

/* The recorder dies, and another begins. */
static inline void world_reopen(struct world *w)
{
    world_kill(w);
    world_open(w);
}

/* ---- facts as text: one line each, to be compared as a whole ---- */

static inline void world_alerts(struct world *w, char *out, size_t cap)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct alert *list;
    size_t count, at = 0;
    arena_init(&a, 8 << 20);
    OK(store_alert_history(w->st, 0, INT64_MAX, INT64_MAX, &a, &list, &count, &ctx));
    out[0] = '\0';
    for (size_t i = 0; i < count && at < cap; i++)
        at += (size_t)snprintf(out + at, cap - at, "%s {%s} %d at %+lld onset %+lld %lld/%lld: %s\n", list[i].rule, list[i].scope,
                               (int)list[i].state, (long long)(list[i].since_ms - WORLD_T0) / 1000,
                               list[i].onset_ms != 0 ? (long long)(list[i].onset_ms - WORLD_T0) / 1000 : -1, (long long)list[i].bad,
                               (long long)list[i].total, list[i].text);
    arena_fini(&a);
}

static inline size_t world_events(struct world *w, enum event_kind kind, struct event *ret_last, char *text, size_t cap)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct event *list;
    size_t count, n = 0;
    arena_init(&a, 8 << 20);
    *ret_last = (struct event){.id = 0};
    text[0] = '\0';
    OK(store_events(w->st, 0, INT64_MAX, INT64_MAX, &a, &list, &count, &ctx));
    for (size_t i = 0; i < count; i++) {
        if (list[i].kind != kind)
            continue;
        n++;
        *ret_last = list[i];
        snprintf(text, cap, "%s", list[i].text);
    }
    ret_last->text = text;
    arena_fini(&a);
    return n;
}

/* Whether there is one with that scope. */
static inline bool world_has_event(struct world *w, enum event_kind kind, const char *scope)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct event *list;
    size_t count;
    bool has = false;
    arena_init(&a, 8 << 20);
    OK(store_events(w->st, 0, INT64_MAX, INT64_MAX, &a, &list, &count, &ctx));
    for (size_t i = 0; i < count; i++)
        has = has || (list[i].kind == kind && strcmp(list[i].scope, scope) == 0);
    arena_fini(&a);
    return has;
}

/* How many there are, and the newest one with its title and, until the next call, its scope; other texts are cut off. */
static inline size_t world_incidents(struct world *w, struct incident *ret_newest, char *title, size_t cap)
{
    static char scope[256];
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct incident *list;
    size_t count;
    arena_init(&a, 8 << 20);
    OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
    *ret_newest = (struct incident){.id = 0};
    if (count > 0) {
        *ret_newest = list[0];
        snprintf(title, cap, "%s", list[0].title);
        snprintf(scope, sizeof scope, "%s", list[0].scope);
        ret_newest->title = title;
        ret_newest->scope = scope;
    }
    arena_fini(&a);
    return count;
}

static inline void world_timeline(struct world *w, int64_t incident, char *out, size_t cap)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct timeline_entry *list;
    size_t count, at = 0;
    arena_init(&a, 8 << 20);
    OK(store_timeline(w->st, incident, INT64_MAX, &a, &list, &count, &ctx));
    out[0] = '\0';
    for (size_t i = 0; i < count && at < cap; i++)
        at += (size_t)snprintf(out + at, cap - at, "%c %+lld %s\n", list[i].letter, (long long)(list[i].at_ms - WORLD_T0) / 1000,
                               list[i].text);
    arena_fini(&a);
}

#endif
