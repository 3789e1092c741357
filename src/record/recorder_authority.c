/* SPDX-License-Identifier: MIT */
/* Who has the word, from what is known of all sources of the store: those being recorded, those not heard of in this run yet, and those
 * that are gone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/authority.h"
#include "record/recorder_int.h"

enum { LIST_BYTES_MAX = 64 << 20 }; /* of the store's 65,535 sources at most */
/* A target that its Prometheus has not shown for so long is gone; until then it may be down. */
static const int64_t GONE_MS = 24 * INT64_C(3600000);
static const double SAME_START_S = 2.0; /* exporters compute their start, so that it trembles */

/* ---- one endpoint under two gateways' names ---- */

/* Whether two targets are one endpoint under two names. Where both tell when their process began, that decides. */
static bool is_same_endpoint(const struct target *a, const struct target *b)
{
    if (!isnan(a->process_start_s) && !isnan(b->process_start_s) && fabs(a->process_start_s - b->process_start_s) >= SAME_START_S)
        return false;
    return normalise_is_same_page(a->normaliser, b->normaliser);
}

/* What cannot be compared, because one of the two has not answered in this run, stays as it was. */
static bool has_twin(const struct recorder *r, const struct feedsource *s, const struct target *t, bool had_twin)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct feedsource *other = &r->sources[i];
        if (strcmp(other->cfg->gateway, s->cfg->gateway) == 0)
            continue;
        for (uint32_t k = 0; k < other->target_count; k++) {
            const struct target *o = &other->targets[k];
            if (o->profile != t->profile)
                continue;
            if (t->normaliser == NULL || o->normaliser == NULL ? had_twin : is_same_endpoint(t, o))
                return true;
        }
    }
    return false;
}

/* ---- what the rules need to know of a source ---- */

/* The configured source that a source of the store is, or is a target of; r->count: none. */
static uint32_t configured(const struct recorder *r, const struct source_status *row)
{
    uint32_t i = 0;
    for (; i < r->count; i++) {
        const struct feedsource *s = &r->sources[i];
        const char *name = s->targets[0].name;
        size_t n = strlen(name);
        bool is = strcmp(row->name, name) == 0;
        bool below = s->cfg->kind == SOURCE_PROMETHEUS && strncmp(row->name, name, n) == 0 && row->name[n] == '/';
        if ((is || below) && strcmp(row->kind, s->source->ops->name) == 0)
            break;
    }
    return i;
}

/* Of each configured source, when it or one of its targets last answered an earlier run. */
static void find_before(struct recorder *r, const struct source_status *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t config = configured(r, &rows[i]);
        struct feedsource *s = config < r->count ? &r->sources[config] : NULL;
        if (s != NULL && rows[i].last_ok_ms > s->before_ms)
            s->before_ms = rows[i].last_ok_ms;
    }
}

static struct target *find_target(const struct feedsource *s, uint32_t id)
{
    uint32_t k = 0;
    while (k < s->target_count && s->targets[k].status.id != id)
        k++;
    return k < s->target_count ? &s->targets[k] : NULL;
}

/* When its Prometheus last showed a target: in the time of answers, for the samples may be of long ago. A target that an earlier run was
 * shown to its end has as long from the beginning of this one. */
static int64_t shown_ms(const struct recorder *r, const struct feedsource *s, const struct source_status *row)
{
    const struct target *t = find_target(s, row->id);
    if (t != NULL)
        return t->heard_ms;
    return s->before_ms - row->last_ok_ms <= GONE_MS && r->opened_ms > row->last_ok_ms ? r->opened_ms : row->last_ok_ms;
}

static bool is_gone(const struct recorder *r, const struct source_status *row)
{
    uint32_t config = configured(r, row);
    if (config == r->count)
        return true;
    const struct feedsource *s = &r->sources[config];
    if (s->cfg->kind != SOURCE_PROMETHEUS || s->targets[0].status.id == row->id)
        return false;
    return (s->heard_ms > 0 ? s->heard_ms : s->before_ms) - shown_ms(r, s, row) > GONE_MS;
}

/* Of a source that is gone no more is missed. */
static enum err stop_gone(struct recorder *r, const struct source_status *row, int64_t now_ms, struct errctx *ctx)
{
    uint32_t config = configured(r, row);
    struct target *t = config < r->count ? find_target(&r->sources[config], row->id) : NULL;
    const char *reason = config < r->count ? "its Prometheus has not shown it for a day" : "it is no longer configured";
    if (t != NULL) {
        t->status.state = SOURCE_STOPPED;
        str_copy(t->reason, sizeof t->reason, str_of(reason));
        t->changed = t->gone = true;
        return ERR_OK;
    }
    struct source_status stopped = *row;
    stopped.state = SOURCE_STOPPED;
    stopped.reason = reason;
    return row->state == SOURCE_STOPPED ? ERR_OK : store_put_status(r->st, now_ms, &stopped, ctx);
}

static bool is_twin(const struct recorder *r, const struct feedsource *s, uint32_t id, bool had_twin)
{
    const struct target *t = find_target(s, id);
    return t != NULL ? has_twin(r, s, t, had_twin) : had_twin;
}

/* False for a source of which nothing is known that could be ruled on: no signals, or a profile that is no more. */
static bool describe(const struct recorder *r, const struct source_status *row, struct authority_source *a)
{
    bool had_twin = a->was.unresolved != 0;
    a->config = configured(r, row);
    a->kind = strcmp(row->kind, source_ops_of(SOURCE_METRICS)->name) == 0 ? SOURCE_METRICS : SOURCE_PROMETHEUS;
    a->profile = profiles_by_name(r->opt.profiles, row->profile);
    a->config_name = "";
    a->gateway_name = row->gateway;
    a->signals = store_source_signals(r->st, row->id);
    a->gone = is_gone(r, row);
    a->twin = had_twin;
    if (a->config < r->count) {
        const struct feedsource *s = &r->sources[a->config];
        a->config_name = s->cfg->name;
        a->twin = is_twin(r, s, row->id, had_twin);
    }
    return a->signals != 0 && a->profile != NULL;
}

/* ---- stages ---- */

struct stages {
    struct store_stage *list; /* rising by source, signal and stage */
    size_t count;
    struct store_stage *was; /* that were kept */
    size_t was_count;
};

static int by_stage(const void *a, const void *b)
{
    const struct store_stage *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->signal != y->signal)
        return x->signal < y->signal ? -1 : 1;
    return x->stage < y->stage ? -1 : x->stage > y->stage;
}

/* Every stage of every source, and of signals that somebody tells stages of what is told without one. */
static enum err find_stages(const struct recorder *r, struct arena *mem, struct stages *ret, struct errctx *ctx)
{
    const size_t series = store_series_count(r->st);
    uint64_t staged = 0;
    size_t most = 0, n = 0;

    for (size_t i = 0; i < series; i++)
        if (store_series_at(r->st, i)->dim[DIM_STAGE] != 0)
            staged |= UINT64_C(1) << store_series_at(r->st, i)->signal;
    for (size_t i = 0; i < series; i++)
        most += staged >> store_series_at(r->st, i)->signal & 1;
    struct store_stage *list = arena_array(mem, most + 1, sizeof *list);
    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the table of stages");
    for (size_t i = 0; i < series; i++) {
        const struct series *s = store_series_at(r->st, i);
        if ((staged >> s->signal & 1) != 0)
            list[n++] = (struct store_stage){s->source, (enum signal)s->signal, s->dim[DIM_STAGE]};
    }
    qsort(list, n, sizeof *list, by_stage);
    ret->list = list;
    ret->count = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_stage(&list[i], &list[i - 1]) != 0)
            list[ret->count++] = list[i];
    return store_kept_stages(r->st, mem, &ret->was, &ret->was_count, ctx);
}

static enum err describe_stages(const struct stages *st, struct authority_source *a, struct arena *mem, struct errctx *ctx)
{
    size_t first = 0;
    while (first < st->count && st->list[first].source < a->was.source)
        first++;
    size_t count = 0;
    while (first + count < st->count && st->list[first + count].source == a->was.source)
        count++;
    a->stages = arena_array(mem, count + 1, sizeof *a->stages);
    a->stage_count = count;
    if (a->stages == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the table of stages");
    for (size_t k = 0; k < count; k++) {
        const struct store_stage *s = &st->list[first + k];
        const struct series one = {.source = s->source, .signal = (uint16_t)s->signal, .dim[DIM_STAGE] = s->stage};
        a->stages[k] = (struct authority_stage){s->signal, s->stage,
                                                (a->was.kept >> s->signal & 1) != 0 || store_has_stage(st->was, st->was_count, &one)};
    }
    return ERR_OK;
}

/* Those that are kept of signals that their sources have the word for otherwise. */
static enum err put_stages(struct recorder *r, int64_t now_ms, const struct stages *st, const struct authority_source *list,
                           const struct store_authority *now, size_t count, struct arena *mem, struct errctx *ctx)
{
    struct store_stage *kept = arena_array(mem, st->count + 1, sizeof *kept);
    size_t n = 0;

    if (kept == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the table of stages");
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < list[i].stage_count; k++) {
            const struct authority_stage *s = &list[i].stages[k];
            if (s->kept && (now[i].kept >> s->signal & 1) == 0)
                kept[n++] = (struct store_stage){now[i].source, s->signal, s->stage};
        }
    }
    bool same = n == st->was_count;
    for (size_t i = 0; same && i < n; i++)
        same = by_stage(&kept[i], &st->was[i]) == 0;
    return same ? ERR_OK : store_put_kept_stages(r->st, now_ms, kept, n, ctx);
}

static enum err rule(struct recorder *r, int64_t now_ms, struct arena *mem, struct errctx *ctx)
{
    struct source_status *rows;
    struct store_authority *old;
    struct stages stages = {.count = 0};
    size_t row_count, old_count, n = 0;
    enum err e = store_sources(r->st, INT64_MAX, mem, &rows, &row_count, ctx);
    if (e == ERR_OK)
        e = store_authorities(r->st, mem, &old, &old_count, ctx);
    if (e == ERR_OK)
        e = find_stages(r, mem, &stages, ctx);
    if (e != ERR_OK)
        return e;
    struct authority_source *list = arena_array(mem, row_count + 1, sizeof *list);
    struct store_authority *now = arena_array(mem, row_count + 1, sizeof *now);
    if (list == NULL || now == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the table of sources");
    if (r->ruled_ms == 0)
        find_before(r, rows, row_count);
    for (size_t i = 0; i < row_count && e == ERR_OK; i++) {
        if (is_gone(r, &rows[i]))
            e = stop_gone(r, &rows[i], now_ms, ctx);
        list[n] = (struct authority_source){.was = store_authority_of(old, old_count, rows[i].id)};
        if (e == ERR_OK && describe(r, &rows[i], &list[n]))
            e = describe_stages(&stages, &list[n++], mem, ctx);
    }
    if (e != ERR_OK)
        return e;
    authority_rule(list, n, r->opt.cfg, now);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        if (now[i].kept != list[i].was.kept || now[i].unresolved != list[i].was.unresolved)
            e = store_put_authority(r->st, &now[i], ctx);
    }
    return e == ERR_OK ? put_stages(r, now_ms, &stages, list, now, n, mem, ctx) : e;
}

/* Whether somebody tells of a stage that nobody had told of when sources were ruled on. */
bool recorder_has_new_stage(struct recorder *r)
{
    const size_t count = store_series_count(r->st);
    bool found = false;
    for (; r->ruled_series < count; r->ruled_series++)
        found = found || store_series_at(r->st, r->ruled_series)->dim[DIM_STAGE] != 0;
    return found;
}

enum err recorder_put_authorities(struct recorder *r, int64_t now_ms, struct errctx *ctx)
{
    struct arena mem;
    arena_init(&mem, LIST_BYTES_MAX);
    enum err e = rule(r, now_ms, &mem, ctx);
    arena_fini(&mem);
    if (e == ERR_OK) {
        r->unruled = false;
        r->ruled_ms = now_ms;
    }
    return e;
}
