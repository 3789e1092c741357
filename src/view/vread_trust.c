/* SPDX-License-Identifier: MIT */
/* Which sources count for a signal, how fresh it is, and by what it can be split. Source:
 * docs/decisions/0006-who-counts-and-what-is-old.md. */
#include "view/vread.h"

#include <string.h>

#include "view/vlate.h"

/* What was ruled of the sources, in their order. */
static enum err read_rulings(struct vread *vr, struct errctx *ctx)
{
    struct store_authority *list;
    size_t count;
    enum err e = store_authorities(vr->l->st, vr->l->arena, &list, &count, ctx);

    if (e != ERR_OK)
        return e;
    vr->rulings = arena_array(vr->l->arena, vr->source_count + 1, sizeof *vr->rulings);
    if (vr->rulings == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while listing sources");
    for (size_t i = 0; i < vr->source_count; i++)
        vr->rulings[i] = store_authority_of(list, count, vr->sources[i].id);
    e = store_kept_stages(vr->l->st, vr->l->arena, &vr->kept_stages, &vr->kept_stage_count, ctx);
    if (e != ERR_OK)
        return e;
    vr->filter.without = vr->kept_stages;
    vr->filter.without_count = (uint32_t)vr->kept_stage_count;
    return ERR_OK;
}

static bool counts_for(const struct vread *vr, enum signal s, size_t i)
{
    return (vr->rulings[i].kept >> s & 1) == 0;
}

bool vread_counts(const struct vread *vr, enum signal s, size_t i)
{
    return counts_for(vr, s, i) && (store_source_signals(vr->l->st, vr->sources[i].id) >> s & 1) != 0;
}

static enum err allow_sources(struct vread *vr, enum signal s)
{
    uint32_t *ids = arena_array(vr->l->arena, vr->source_count + 1, sizeof *ids);
    uint32_t n = 0;

    if (ids == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < vr->source_count; i++) {
        vr->overlap[s] = vr->overlap[s] || (vr->rulings[i].unresolved >> s & 1) != 0;
        if (counts_for(vr, s, i))
            ids[n++] = vr->sources[i].id;
    }
    if (n < vr->source_count) {
        if (n == 0) /* cannot be: those that have the word are sources; an empty list would allow all */
            ids[n++] = UINT32_MAX;
        vr->allowed[s] = ids;
        vr->allowed_count[s] = n;
    }
    return ERR_OK;
}

bool vread_is_gone(const struct vread *vr, size_t i)
{
    return vr->recorded && vr->sources[i].state == SOURCE_STOPPED;
}

/* What the sources that count for a signal say of it: bits of signals. */
struct told {
    uint64_t any, kept, fresh, missed, uncounted, torn;
    int64_t known_ms[SIG_COUNT], torn_ms[SIG_COUNT];
};

static void tell(struct vread *vr, size_t i, struct told *t)
{
    const struct source_status *s = &vr->sources[i];
    const uint64_t signals = store_source_signals(vr->l->st, s->id);

    for (int k = 0; k < SIG_COUNT; k++) {
        const uint64_t bit = signals & UINT64_C(1) << k;
        if (bit == 0 || !counts_for(vr, (enum signal)k, i))
            continue;
        /* What a gauge of one of several workers reads is something, but not all. */
        const bool reads = s->state == SOURCE_SAWTOOTH && signal_info((enum signal)k)->kind == KIND_GAUGE;
        const bool uncounted = s->state == SOURCE_SAWTOOTH && !reads;
        const bool partial = s->state == SOURCE_PARTIAL, none = (s->lack.all & bit) != 0, torn = partial && (s->lack.family & bit) != 0;
        const bool watched = s->watching_since_ms != 0 && (s->watching_signals == 0 || (s->watching_signals & bit) != 0);
        const bool unsure = watched && (s->state == SOURCE_WATCHING || partial) && signal_info((enum signal)k)->kind != KIND_GAUGE;
        const int64_t known = uncounted ? s->sawtooth_since_ms : none ? s->lack.since_ms : s->last_ok_ms;
        t->any |= bit;
        t->kept |= vread_is_gone(vr, i) ? 0 : bit;
        t->fresh |= s->state == SOURCE_OK || s->state == SOURCE_WATCHING || reads || (partial && !none) ? bit : 0;
        t->missed |= s->state == SOURCE_STALE || s->state == SOURCE_DOWN || s->state == SOURCE_SAWTOOTH ? bit : 0;
        t->missed |= partial ? s->lack.part & bit : 0;
        if (partial && (s->lack.part & bit) != 0 && (vr->lacks_ms[k] == 0 || s->lack.since_ms < vr->lacks_ms[k]))
            vr->lacks_ms[k] = s->lack.since_ms;
        if (unsure && (vr->unsure_ms[k] == 0 || s->watching_since_ms < vr->unsure_ms[k]))
            vr->unsure_ms[k] = s->watching_since_ms;
        t->torn |= torn ? bit : 0;
        if (torn && (t->torn_ms[k] == 0 || s->lack.since_ms < t->torn_ms[k]))
            t->torn_ms[k] = s->lack.since_ms;
        t->uncounted |= uncounted ? bit : 0;
        t->known_ms[k] = known > t->known_ms[k] ? known : t->known_ms[k];
    }
}

static enum freshness freshness_of(const struct told *t, uint64_t bit)
{
    if ((t->any & bit) == 0)
        return FRESH;
    if ((t->kept & bit) == 0)
        return GONE;
    if ((t->fresh & bit) != 0)
        return (t->torn & bit) != 0 ? TORN : (t->missed & bit) != 0 ? PARTLY_STALE : FRESH;
    return (t->uncounted & bit) != 0 ? UNCOUNTED : STALE;
}

/* Which signals are fresh, from what is known of the sources that count for them. */
static void find_freshness(struct vread *vr)
{
    const int64_t cursor = vr->p->cursor_ms;
    struct told t = {.any = 0};
    int64_t newest = 0;
    bool answers = false;

    for (size_t i = 0; i < vr->source_count; i++)
        vr->recorded = vr->recorded || vr->sources[i].state != SOURCE_STOPPED;
    for (size_t i = 0; i < vr->source_count; i++) {
        const struct source_status *s = &vr->sources[i];
        answers =
            answers || s->state == SOURCE_OK || s->state == SOURCE_SAWTOOTH || s->state == SOURCE_PARTIAL || s->state == SOURCE_WATCHING;
        newest = s->last_ok_ms > newest ? s->last_ok_ms : newest;
        tell(vr, i, &t);
    }
    for (int k = 0; k < SIG_COUNT; k++) {
        vr->freshness[k] = freshness_of(&t, UINT64_C(1) << k);
        const int64_t told = vr->freshness[k] == TORN ? t.torn_ms[k] : t.known_ms[k], known = told > 0 && told < cursor ? told : cursor;
        vr->known_ms[k] = known;
        const bool polled = vr->freshness[k] != GONE && vr->freshness[k] != UNCOUNTED && t.known_ms[k] > 0 && t.known_ms[k] < cursor;
        vr->until_ms[k] = polled ? t.known_ms[k] : cursor;
    }
    vr->newest_ms = newest;
    if (!answers && newest > 0 && newest < cursor) {
        vr->measured = *vr->p;
        vr->measured.cursor_ms = newest;
        vr->p = &vr->measured;
        for (int k = 0; k < SIG_COUNT; k++)
            vr->until_ms[k] = vr->until_ms[k] > newest ? newest : vr->until_ms[k];
    }
}

/* By which dimensions of the filter the sources tell signals apart. One that does not, beside others that do, leaves a part. */
static void find_split(struct vread *vr)
{
    uint32_t filtered = 0, any[SIG_COUNT] = {0}, lacking[SIG_COUNT] = {0};

    for (int d = 0; d < DIM_COUNT; d++)
        filtered |= vr->filter.dim[d].count > 0 ? DIM_BIT(d) : 0;
    for (size_t i = 0; i < vr->source_count; i++) {
        uint64_t signals = store_source_signals(vr->l->st, vr->sources[i].id);
        for (int s = 0; s < SIG_COUNT; s++) {
            if ((signals >> s & 1) == 0 || !counts_for(vr, (enum signal)s, i))
                continue;
            uint32_t dims = filtered != 0 ? store_source_dims(vr->l->st, vr->sources[i].id, (enum signal)s) : 0;
            vr->has_series[s] = true;
            any[s] |= dims;
            lacking[s] |= filtered & ~dims;
        }
    }
    for (int s = 0; s < SIG_COUNT; s++) {
        vr->unsplit[s] = vr->has_series[s] ? filtered & ~any[s] : 0;
        vr->partly_split[s] = vr->unsplit[s] == 0 && lacking[s] != 0;
    }
}

bool vread_splits(const struct vread *vr, enum signal s, enum dim dim)
{
    for (size_t i = 0; i < vr->source_count; i++)
        if (counts_for(vr, s, i) && (store_source_dims(vr->l->st, vr->sources[i].id, s) & DIM_BIT(dim)) != 0)
            return true;
    return !vr->has_series[s];
}

bool vread_is_unknown(const struct vread *vr, enum signal s)
{
    return vr->freshness[s] == STALE || vr->freshness[s] == UNCOUNTED || vr->freshness[s] == TORN;
}

bool vread_is_told(const struct vread *vr, enum signal s)
{
    return vr->freshness[s] != UNCOUNTED && vr->freshness[s] != TORN;
}

/* Of the query's columns from first to last, what can be said. */
static struct vtrust trust_of(const struct vread *vr, size_t q, uint32_t first, uint32_t last)
{
    enum signal s = vr->q[q].signal;
    bool filtered = !vr->unfiltered[q], now = !vr->past[q];
    int64_t begin = vr->q[q].t0_ms + vr->q[q].step_ms * first, end = vr->q[q].t0_ms + vr->q[q].step_ms * ((int64_t)last + 1);
    bool torn = now && vr->freshness[s] == TORN && end > vr->known_ms[s];
    bool unsure = now && vr->unsure_ms[s] != 0 && end > vr->unsure_ms[s]; /* too much, or too little */
    bool stale = now && (vr->freshness[s] == STALE || vr->freshness[s] == UNCOUNTED);
    return (struct vtrust){.stale = stale,
                           .age_ms = stale ? vr->cursor_ms - vr->known_ms[s] : 0,
                           .less = torn || unsure || (now && vr->freshness[s] == PARTLY_STALE) || (filtered && vr->partly_split[s]),
                           .lost = vread_has_lost(vr, s, begin, end),
                           .more = unsure || vr->overlap[s],
                           .torn = torn,
                           .unsplit = filtered ? vr->unsplit[s] : 0};
}

struct vtrust vread_trust_at(const struct vread *vr, size_t q, uint32_t column)
{
    return trust_of(vr, q, column, column);
}

struct vtrust vread_trust(const struct vread *vr, size_t q)
{
    return trust_of(vr, q, 0, vr->q[q].columns - 1);
}

struct vtrust vtrust_join(struct vtrust a, struct vtrust b)
{
    return (struct vtrust){.stale = a.stale || b.stale,
                           .less = a.less || b.less,
                           .lost = a.lost || b.lost,
                           .more = a.more || b.more,
                           .torn = a.torn || b.torn,
                           .unsplit = a.unsplit | b.unsplit,
                           .age_ms = a.age_ms > b.age_ms ? a.age_ms : b.age_ms};
}

enum err vread_init(struct vread *vr, const struct view_loader *l, const struct view_params *p, struct errctx *ctx)
{
    memset(vr, 0, sizeof *vr);
    vr->l = l;
    vr->p = p;
    vr->cursor_ms = p->cursor_ms;
    if (!intern_find(store_strings(l->st), str_of(outcome_name(OUTCOME_OK)), &vr->answered[1]))
        vr->answered[1] = UINT32_MAX;
    enum err e = view_filter_parse(p->filter, l->st, l->arena, &vr->filter, ctx);
    if (e != ERR_OK)
        return e;
    e = store_sources(l->st, p->cursor_ms, l->arena, &vr->sources, &vr->source_count, ctx);
    if (e != ERR_OK)
        return e;
    size_t measuring = 0; /* who tells of changes alone says nothing of what is measured, nor of whether anything is */
    for (size_t i = 0; i < vr->source_count; i++)
        if (!source_is_of_changes(&vr->sources[i]))
            vr->sources[measuring++] = vr->sources[i];
    vr->source_count = measuring;
    e = store_lost(l->st, 0, p->cursor_ms, l->scratch, &vr->lost, &vr->lost_count, ctx);
    if (e == ERR_OK)
        e = read_rulings(vr, ctx);
    if (e != ERR_OK)
        return e;
    for (int s = 0; s < SIG_COUNT; s++) {
        e = allow_sources(vr, (enum signal)s);
        if (e != ERR_OK)
            return errctx_set(ctx, e, "out of memory while listing sources");
    }
    find_freshness(vr);
    find_split(vr);
    return vlate_read(vr, ctx);
}
