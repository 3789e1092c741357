/* SPDX-License-Identifier: MIT */
/* Series id -> what its items go to. Series are only ever added, with rising ids, so the index is two arrays that grow at their ends. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/analyse_int.h"

enum { EXPONENTIAL_ZERO = 1 << 30 }; /* store_hist_count: exponential index + 2^30 */

/* ---- who has the word ---- */

static enum err read_kept_stages(struct analyser *an, struct errctx *ctx)
{
    struct store_stage *list;
    size_t count;
    void *kept = an->kept_stages;
    enum err e = store_kept_stages(an->st, &an->scratch, &list, &count, ctx);
    if (e == ERR_OK)
        e = analyse_grow(&kept, &an->kept_stage_cap, (uint32_t)count, sizeof *an->kept_stages, ctx);
    if (e != ERR_OK)
        return e;
    an->kept_stages = kept;
    memcpy(an->kept_stages, list, count * sizeof *list);
    an->kept_stage_count = (uint32_t)count;
    return ERR_OK;
}

static enum err read_rulings(struct analyser *an, struct errctx *ctx)
{
    struct store_authority *list;
    size_t count;
    if (an->ruled)
        return ERR_OK;
    enum err e = store_authorities(an->st, &an->scratch, &list, &count, ctx);
    if (e != ERR_OK)
        return e;
    void *kept = an->kept;
    uint32_t most = count > 0 ? list[count - 1].source : 0;
    e = analyse_grow(&kept, &an->kept_cap, most, sizeof *an->kept, ctx);
    if (e != ERR_OK)
        return e;
    an->kept = kept;
    memset(an->kept, 0, an->kept_cap * sizeof *an->kept);
    for (size_t i = 0; i < count; i++)
        an->kept[list[i].source] = list[i].kept;
    e = read_kept_stages(an, ctx);
    an->ruled = e == ERR_OK;
    return e;
}

/* Whether others have the word. An overlap that nobody has resolved counts all of its sources, as the screen does, which marks the total.
 * When a process began nobody tells for another one: an engine's restart is not its gateway's. */
static bool is_kept(const struct analyser *an, unsigned signal, uint32_t source)
{
    return signal != SIG_PROCESS_START && source < an->kept_cap && signal < SIG_COUNT && (an->kept[source] >> signal & 1) != 0;
}

enum err analyse_rulings_changed(struct analyser *an, bool *ret, struct errctx *ctx)
{
    struct store_authority *list;
    struct store_stage *stages;
    size_t count, stage_count;
    bool changed = false;
    enum err e = store_authorities(an->st, &an->scratch, &list, &count, ctx);
    if (e == ERR_OK)
        e = store_kept_stages(an->st, &an->scratch, &stages, &stage_count, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < count && an->ruled; i++)
        changed = changed || list[i].kept != (list[i].source < an->kept_cap ? an->kept[list[i].source] : 0);
    changed = changed || (an->ruled && stage_count != an->kept_stage_count);
    for (size_t i = 0; i < stage_count && an->ruled && !changed; i++)
        changed = stages[i].source != an->kept_stages[i].source || stages[i].signal != an->kept_stages[i].signal ||
                  stages[i].stage != an->kept_stages[i].stage;
    *ret = changed;
    return ERR_OK;
}

enum err analyse_allowed(struct analyser *an, enum signal signal, const uint32_t **ret_ids, uint32_t *ret_count, struct errctx *ctx)
{
    struct source_status *list;
    size_t count;
    uint32_t n = 0;
    enum err e = read_rulings(an, ctx);
    if (e == ERR_OK)
        e = store_sources(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    if (e != ERR_OK)
        return e;
    uint32_t *ids = arena_array(&an->scratch, count + 1, sizeof *ids);
    if (ids == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while listing sources");
    for (size_t i = 0; i < count; i++) {
        if (!is_kept(an, signal, list[i].id))
            ids[n++] = list[i].id;
    }
    *ret_ids = n < count ? ids : NULL;
    *ret_count = n < count ? n : 0;
    if (n == 0 && count > 0) { /* cannot be: those that have the word are sources */
        *ret_ids = ids;
        ids[0] = UINT32_MAX;
        *ret_count = 1;
    }
    return ERR_OK;
}

/* ---- links ---- */

enum err analyse_link(struct analyser *an, struct link l, struct errctx *ctx)
{
    void *list = an->links.list;
    enum err e = analyse_grow(&list, &an->links.cap, an->links.count, sizeof l, ctx);
    if (e != ERR_OK)
        return e;
    an->links.list = list;
    an->links.list[an->links.count++] = l;
    return ERR_OK;
}

/* The first buckets that lie above the threshold as a whole, and at least in part: the same cut as hist_above's. */
static void cut_classic(const struct hist_bounds *b, double threshold, struct link *l)
{
    l->possible = b->count;
    for (uint32_t i = b->count; i > 0 && b->upper[i - 1] > threshold; i--)
        l->possible = i - 1;
    bool from_edge = l->possible > 0 && b->upper[l->possible - 1] >= threshold; /* nothing of it is at or below */
    l->certain = from_edge ? l->possible : l->possible + 1;
}

static void cut_exponential(double threshold, struct link *l)
{
    double at = ceil(log2(threshold) * 32); /* bucket i is (2^((i-1)/32), 2^(i/32)] */
    while (exp2(at / 32) > threshold)
        at--;
    while (exp2(at / 32) < threshold)
        at++;
    bool on_edge = exp2(at / 32) <= threshold;
    double first = on_edge ? at + 1 : at; /* lowest bucket whose top is above */
    double base = EXPONENTIAL_ZERO;
    first = fmin(fmax(first + base, 0), UINT32_MAX - 1.0);
    l->possible = (uint32_t)first;
    l->certain = on_edge ? l->possible : l->possible + 1;
}

/* Whether the series counts for the objective, and how. */
static bool link_slo(struct analyser *an, const struct slo_track *t, const struct series *s, struct link *l)
{
    if (!analyse_watch_has(&t->scope, s))
        return false;
    if (t->def->kind == SLO_AVAILABILITY) {
        enum outcome o = OUTCOME_OTHER;
        if (s->signal != SIG_REQUESTS)
            return false;
        (void)outcome_by_name(str_of(intern_text(store_strings(an->st), s->dim[DIM_CLASS])), &o);
        l->mark = outcome_is_bad(o) ? MARK_BAD : MARK_GOOD;
        return o == OUTCOME_OK || outcome_is_bad(o); /* the client's own faults are not the service's requests */
    }
    if (s->signal != (uint16_t)t->def->signal)
        return false;
    const struct hist_bounds *b = store_bounds_by_id(an->st, s->bounds);
    l->mark = MARK_HIST;
    if (b != NULL)
        cut_classic(b, t->def->threshold, l);
    else
        cut_exponential(t->def->threshold, l);
    return true;
}

static enum err index_one(struct analyser *an, const struct series *s, struct errctx *ctx)
{
    enum err e = ERR_OK;
    if (is_kept(an, s->signal, s->source) || store_has_stage(an->kept_stages, an->kept_stage_count, s))
        return ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->slo_count; i++) {
        struct link l = {.to = LINK_SLO, .slot = i};
        if (link_slo(an, &an->slos[i], s, &l))
            e = analyse_link(an, l, ctx);
    }
    for (uint32_t i = 0; e == ERR_OK && i < an->budget_count; i++) {
        struct link l = {.to = LINK_BUDGET, .slot = i};
        if (analyse_budget_link(&an->budgets[i], s, &l))
            e = analyse_link(an, l, ctx);
    }
    if (e == ERR_OK)
        e = analyse_rules_series(an, s, ctx);
    return e == ERR_OK ? analyse_detectors_series(an, s, ctx) : e;
}

enum err analyse_index(struct analyser *an, struct errctx *ctx)
{
    size_t count = store_series_count(an->st);
    if (an->indexed >= count)
        return ERR_OK;
    void *ends = an->link_end;
    enum err e = analyse_grow(&ends, &an->index_cap, (uint32_t)count, sizeof *an->link_end, ctx);
    if (e != ERR_OK)
        return e;
    an->link_end = ends;
    bool found;
    e = analyse_budgets_find(an, &found, ctx);
    if (found && an->indexed > 0) { /* what was spent of them may be told by series that are indexed */
        analyse_index_drop(an);
        an->stale = true;
    }
    if (e == ERR_OK)
        e = read_rulings(an, ctx);
    if (e != ERR_OK)
        return e;
    for (uint32_t i = 0; i < an->slo_count; i++)
        analyse_watch_find(an, &an->slos[i].scope);
    for (uint32_t i = 0; i < an->budget_count; i++)
        analyse_watch_find(an, &an->budgets[i].scope);
    analyse_rules_find(an, an->indexed == 0);
    while (an->indexed < count) {
        const struct series s = *store_series_at(an->st, an->indexed);
        e = index_one(an, &s, ctx);
        if (e != ERR_OK)
            return e;
        an->link_end[an->indexed++] = an->links.count;
    }
    return ERR_OK;
}

void analyse_index_drop(struct analyser *an)
{
    an->indexed = 0;
    an->index_count++;
    an->links.count = 0;
    an->ruled = false;
    an->torn_moved = true;
}
