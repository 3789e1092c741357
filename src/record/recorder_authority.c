/* SPDX-License-Identifier: MIT */
/* Who has the word, from what is known of all sources of the store: those being recorded, those not heard of in this run yet, and those
 * that are gone. */
#include <math.h>
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

/* Of each configured source, when it or one of its targets last answered. */
static void find_newest(const struct recorder *r, const struct source_status *rows, size_t count, int64_t *newest_ms)
{
    for (size_t i = 0; i < count; i++) {
        int64_t *newest = &newest_ms[configured(r, &rows[i])];
        *newest = rows[i].last_ok_ms > *newest ? rows[i].last_ok_ms : *newest;
    }
}

static bool is_twin(const struct recorder *r, const struct feedsource *s, uint32_t id, bool had_twin)
{
    for (uint32_t k = 0; k < s->target_count; k++) {
        if (s->targets[k].status.id == id)
            return has_twin(r, s, &s->targets[k], had_twin);
    }
    return had_twin;
}

/* False for a source of which nothing is known that could be ruled on: no signals, or a profile that is no more. */
static bool describe(const struct recorder *r, const struct source_status *row, const int64_t *newest_ms, struct authority_source *a)
{
    bool had_twin = a->was.unresolved != 0;
    a->config = configured(r, row);
    a->kind = strcmp(row->kind, source_ops_of(SOURCE_METRICS)->name) == 0 ? SOURCE_METRICS : SOURCE_PROMETHEUS;
    a->profile = profiles_by_name(r->opt.profiles, row->profile);
    a->config_name = "";
    a->gateway_name = row->gateway;
    a->signals = store_source_signals(r->st, row->id);
    a->gone = true;
    a->twin = had_twin;
    if (a->config < r->count) {
        const struct feedsource *s = &r->sources[a->config];
        a->config_name = s->cfg->name;
        a->gone = a->kind == SOURCE_PROMETHEUS && newest_ms[a->config] - row->last_ok_ms > GONE_MS;
        a->twin = is_twin(r, s, row->id, had_twin);
    }
    return a->signals != 0 && a->profile != NULL;
}

static enum err rule(struct recorder *r, struct arena *mem, struct errctx *ctx)
{
    struct source_status *rows;
    struct store_authority *old;
    size_t row_count, old_count, n = 0;
    enum err e = store_sources(r->st, INT64_MAX, mem, &rows, &row_count, ctx);
    if (e == ERR_OK)
        e = store_authorities(r->st, mem, &old, &old_count, ctx);
    if (e != ERR_OK)
        return e;
    struct authority_source *list = arena_array(mem, row_count + 1, sizeof *list);
    struct store_authority *now = arena_array(mem, row_count + 1, sizeof *now);
    int64_t *newest_ms = arena_array(mem, r->count + 1, sizeof *newest_ms);
    if (list == NULL || now == NULL || newest_ms == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the table of sources");
    find_newest(r, rows, row_count, newest_ms);
    for (size_t i = 0; i < row_count; i++) {
        list[n] = (struct authority_source){.was = store_authority_of(old, old_count, rows[i].id)};
        n += describe(r, &rows[i], newest_ms, &list[n]);
    }
    authority_rule(list, n, r->opt.cfg, now);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        if (now[i].kept != list[i].was.kept || now[i].unresolved != list[i].was.unresolved)
            e = store_put_authority(r->st, &now[i], ctx);
    }
    return e;
}

enum err recorder_put_authorities(struct recorder *r, struct errctx *ctx)
{
    struct arena mem;
    arena_init(&mem, LIST_BYTES_MAX);
    enum err e = rule(r, &mem, ctx);
    arena_fini(&mem);
    if (e == ERR_OK)
        r->unruled = false;
    return e;
}
