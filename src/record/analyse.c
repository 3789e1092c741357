/* SPDX-License-Identifier: MIT */
#include "record/analyse.h"

#include <stdlib.h>
#include <string.h>

#include "model/rulelist.h"
#include "record/analyse_int.h"
#include "record/analyse_late.h"

enum { DEFINITIONS_MAX_BYTES = 16 << 20 };

enum err analyse_grow(void **list, uint32_t *cap, uint32_t need, size_t size, struct errctx *ctx)
{
    if (need < *cap)
        return ERR_OK;
    uint32_t room = *cap < 64 ? 64 : *cap;
    while (room <= need && room < UINT32_MAX / 2)
        room *= 2;
    void *more = room > need && room <= SIZE_MAX / size ? realloc(*list, room * size) : NULL;
    if (more == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the analysers' tables (%u entries)", need);
    memset((char *)more + *cap * size, 0, (room - *cap) * size);
    *list = more;
    *cap = room;
    return ERR_OK;
}

enum err analyse_source(struct analyser *an, uint32_t source, struct source_track **ret, struct errctx *ctx)
{
    void *list = an->sources;
    enum err e = analyse_grow(&list, &an->source_cap, source, sizeof *an->sources, ctx);
    if (e != ERR_OK)
        return e;
    an->sources = list;
    *ret = &an->sources[source];
    return ERR_OK;
}

int64_t analyse_newest_ms(const struct analyser *an)
{
    int64_t newest = 0;
    for (uint32_t i = 0; i < an->source_cap; i++)
        if (an->sources[i].last_ms > newest)
            newest = an->sources[i].last_ms;
    return newest;
}

int64_t analyse_as_of_ms(const struct analyser *an)
{
    return an->as_of_ms != 0 ? an->as_of_ms : analyse_newest_ms(an);
}

/* ---- opening ---- */

/* The newest interval of a source is what the store holds: data and transitions are one transaction, so it was analysed, too. Of what it
 * lacked, its status tells. */
static enum err read_watermarks(struct analyser *an, struct errctx *ctx)
{
    struct source_status *list;
    size_t count, polls;
    enum err e = store_sources(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct source_track *t;
        int64_t *times;
        e = analyse_source(an, list[i].id, &t, ctx);
        if (e == ERR_OK)
            e = store_polls(an->st, list[i].id, 0, INT64_MAX, 1, &an->scratch, &times, &polls, ctx);
        if (e == ERR_OK && polls > 0 && times[polls - 1] > t->last_ms)
            t->last_ms = times[polls - 1];
        if (e == ERR_OK && t->first_ms == 0)
            t->first_ms = t->last_ms;
        if (e == ERR_OK && list[i].lack.family != 0) /* of this run nobody knows yet whether it goes on */
            analyse_torn_add(
                an, &(struct torn){
                        .source = list[i].id, .from_ms = list[i].lack.since_ms, .to_ms = t->last_ms, .signals = list[i].lack.family});
    }
    return e;
}

/* A rule that is no longer configured must not fire for ever. It was in force up to the newest data. */
static enum err retire(struct analyser *an, struct errctx *ctx)
{
    struct alert *alerts;
    size_t count;
    enum err e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct alert over = alerts[i];
        bool of_slo = strncmp(over.rule, "slo:", 4) == 0, of_budget = budget_of_rule(over.rule).p != NULL;
        bool of_rule = strncmp(over.rule, "rule:", 5) == 0;
        bool known = (of_slo && analyse_slos_know(an, &over)) || (of_budget && analyse_budgets_know(an, &over)) ||
                     (of_rule && (analyse_rules_know(an, &over) || analyse_builtins_know(an, &over)));
        if (over.state == ALERT_INACTIVE || known || (!of_slo && !of_budget && !of_rule))
            continue;
        over.state = ALERT_INACTIVE;
        over.since_ms = over.known_ms = over.known_ms >= analyse_newest_ms(an) ? over.known_ms + 1 : analyse_newest_ms(an);
        over.text = of_slo    ? "this objective is no longer configured"
                    : of_rule ? "this rule is no longer configured"
                              : "this budget is no longer configured";
        e = store_put_alert(an->st, &over, ctx);
    }
    return e;
}

static enum err put_definition(struct analyser *an, const char *note, enum err written, const struct buf *json, bool any,
                               struct errctx *ctx)
{
    struct str old = {NULL, 0};
    if (written != ERR_OK)
        return errctx_set(ctx, written, "out of memory while writing down the note %s", note);
    bool had = store_note(an->st, note, INT64_MAX, &an->scratch, &old) == ERR_OK; /* what cannot be read is written anew */
    if (had ? str_eq(old, buf_str(json)) : !any)
        return ERR_OK;
    return store_put_note(an->st, note, analyse_newest_ms(an), buf_str(json), ctx);
}

/* The notes "slo", "budgets", "pricing", "rules" and "topology" tell consoles which objectives, budgets, prices, rules and edges were in
 * force, from the newest data on. */
static enum err put_definitions(struct analyser *an, struct errctx *ctx)
{
    const struct config *cfg = an->cfg;
    struct buf slos, budgets, pricing, topology, rules;
    buf_init(&rules, DEFINITIONS_MAX_BYTES);
    buf_init(&topology, DEFINITIONS_MAX_BYTES);
    buf_init(&pricing, DEFINITIONS_MAX_BYTES);
    buf_init(&slos, DEFINITIONS_MAX_BYTES);
    buf_init(&budgets, DEFINITIONS_MAX_BYTES);
    enum err e = config_slos_to_json(cfg->slos, cfg->slo_count, &slos);
    e = put_definition(an, "slo", e, &slos, cfg->slo_count > 0, ctx);
    if (e == ERR_OK) {
        e = config_budgets_to_json(cfg->budgets, cfg->budget_count, &budgets);
        e = put_definition(an, "budgets", e, &budgets, cfg->budget_count > 0, ctx);
    }
    if (e == ERR_OK) {
        e = buf_append(&pricing, cfg->pricing != NULL ? cfg->pricing : "{}", cfg->pricing != NULL ? strlen(cfg->pricing) : 2);
        e = put_definition(an, "pricing", e, &pricing, cfg->pricing != NULL, ctx);
    }
    if (e == ERR_OK) {
        e = config_topology_to_json(cfg->topology, cfg->topology_count, &topology);
        e = put_definition(an, "topology", e, &topology, cfg->topology_count > 0, ctx);
    }
    buf_fini(&topology);
    if (e == ERR_OK) {
        e = config_rules_to_json(cfg, &rules);
        e = put_definition(an, RULES_NOTE, e, &rules, cfg->slo_count + cfg->budget_count + cfg->rule_count > 0, ctx);
    }
    buf_fini(&rules);
    buf_fini(&slos);
    buf_fini(&budgets);
    buf_fini(&pricing);
    return e;
}

enum err analyser_open(struct store *st, const struct config *cfg, struct analyser **ret, struct errctx *ctx)
{
    struct analyser *an = calloc(1, sizeof *an);
    if (an == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the analysers");
    an->st = st;
    an->cfg = cfg;
    an->opening = true;
    arena_init(&an->arena, DEFINITIONS_MAX_BYTES);
    arena_init(&an->scratch, SCRATCH_MAX_BYTES);
    enum err e = analyse_pages_open(an, ctx);
    if (e == ERR_OK)
        e = analyse_slos_open(an, ctx);
    if (e == ERR_OK)
        e = analyse_budgets_open(an, ctx);
    if (e == ERR_OK)
        e = analyse_rules_open(an, ctx);
    if (e == ERR_OK)
        e = analyse_builtins_open(an, ctx);
    if (e == ERR_OK)
        e = analyse_detectors_open(an, ctx);
    if (e == ERR_OK)
        e = analyse_outside_open(an, ctx);
    if (e == ERR_OK)
        e = analyse_note_read(an, ctx);
    if (e == ERR_OK)
        e = read_watermarks(an, ctx);
    if (e == ERR_OK)
        e = retire(an, ctx);
    if (e == ERR_OK)
        e = analyse_incidents_open(an, ctx);
    if (e == ERR_OK)
        e = put_definitions(an, ctx);
    if (e == ERR_OK)
        e = analyse_findings_open(an, ctx);
    if (e == ERR_OK)
        e = analyse_index(an, ctx);
    if (e == ERR_OK)
        e = analyse_windows(an, ctx);
    if (e == ERR_OK)
        e = analyse_detectors_fill(an, ctx);
    an->opening = false;
    if (e != ERR_OK) {
        analyser_close(an);
        return e;
    }
    arena_fini(&an->scratch); /* what rebuilding took is not needed again */
    *ret = an;
    return ERR_OK;
}

void analyser_close(struct analyser *an)
{
    if (an == NULL)
        return;
    analyse_detectors_close(an);
    analyse_outside_close(an);
    analyse_evidence_drop(an);
    free(an->told);
    free(an->late);
    free(an->pages);
    for (uint32_t i = 0; an->slos != NULL && i < an->slo_count; i++)
        slo_state_free(an->slos[i].state);
    for (uint32_t i = 0; i < an->budget_count; i++)
        burn_state_free(an->budgets[i].state);
    free(an->budgets);
    analyse_rules_close(an);
    free(an->builtins);
    for (uint32_t i = 0; i < an->incident_count; i++)
        free((void *)(uintptr_t)an->incidents[i].scope);
    for (uint32_t i = 0; i < an->case_count; i++)
        analyse_case_fini(&an->cases[i]);
    free(an->incidents);
    free(an->cases);
    analyse_follow_close(an);
    grouping_free(an->grouping);
    topology_free(an->topology);
    free(an->ways);
    free(an->sources);
    free(an->links.list);
    free(an->link_end);
    free(an->kept);
    free(an->kept_stages);
    arena_fini(&an->scratch);
    arena_fini(&an->arena);
    free(an);
}

/* ---- steps ---- */

/* Late data is in the store and reaches the windows from there, when the store holds everything that was analysed. */
static enum err refresh(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    if (now_ms - an->ruled_ms >= MINUTE_MS) {
        bool changed;
        enum err e = analyse_rulings_changed(an, &changed, ctx);
        if (e != ERR_OK)
            return e;
        an->ruled_ms = now_ms;
        if (changed) {
            analyse_index_drop(an);
            an->stale = true;
        }
        e = analyse_detectors_accept(an, ctx);
        if (e != ERR_OK)
            return e;
    }
    if (!an->stale || now_ms - an->rebuilt_ms < MINUTE_MS)
        return ERR_OK;
    for (uint32_t i = 1; i < an->source_cap; i++) {
        int64_t *times;
        size_t polls;
        if (an->sources[i].last_ms == 0)
            continue;
        enum err e = store_polls(an->st, i, an->sources[i].last_ms - 1, INT64_MAX, 1, &an->scratch, &times, &polls, ctx);
        if (e != ERR_OK)
            return e;
        if (polls == 0)
            return ERR_OK; /* analysed and not stored yet: another time */
    }
    an->stale = false;
    an->rebuilt_ms = now_ms;
    enum err e = analyse_index(an, ctx);
    return e == ERR_OK ? analyse_windows(an, ctx) : e;
}

typedef void link_fn(struct analyser *an, const struct link *l, const struct store_item *item, const struct interval *in);

static void feed(struct analyser *an, const struct link *l, const struct store_item *item, const struct interval *in)
{
    if (l->to == LINK_SLO)
        analyse_slo_item(&an->slos[l->slot], l, item);
    else if (l->to == LINK_BUDGET)
        analyse_budget_item(&an->budgets[l->slot], l, item, in);
    else if (l->to == LINK_RULE)
        analyse_rule_item(an, l, item, in);
    else
        analyse_detector_item(an, l, item, in);
}

static void each_link(struct analyser *an, const struct store_batch *b, const struct interval *in, link_fn *fn)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct store_item *item = &b->items[i];
        if (item->series == 0 || item->series > an->indexed)
            continue;
        uint32_t at = item->series >= 2 ? an->link_end[item->series - 2] : 0;
        for (; at < an->link_end[item->series - 1]; at++)
            if (!analyse_torn_is(an, &an->links.list[at]))
                fn(an, &an->links.list[at], item, in);
    }
}

static enum err step_one(struct analyser *an, const struct store_batch *b, int64_t known_ms, bool backfill, struct errctx *ctx)
{
    const struct interval in = {
        .source = b->source, .t0_ms = b->t0_ms, .t1_ms = b->t1_ms, .known_ms = known_ms, .backfill = backfill, .revised = b->revised};
    struct source_track *src;
    enum err e = analyse_source(an, b->source, &src, ctx);
    if (e != ERR_OK)
        return e;
    if (b->t1_ms <= src->last_ms) { /* seen, or late: never added to the windows, which are read anew */
        an->stale = true;
        each_link(an, b, &in, analyse_detector_late);
        return analyse_late_failed(an, ctx);
    }
    if (src->first_ms == 0) {
        src->first_ms = b->t1_ms;
        an->dirty = true;
    }
    src->last_ms = b->t1_ms;
    each_link(an, b, &in, feed);
    e = analyse_late_failed(an, ctx);
    if (e == ERR_OK)
        e = analyse_detectors_interval(an, &in, ctx);
    if (e == ERR_OK)
        e = analyse_slos_interval(an, &in, ctx);
    if (e == ERR_OK)
        e = analyse_budgets_interval(an, &in, ctx);
    if (e == ERR_OK)
        e = analyse_rules_interval(an, &in, ctx);
    if (e == ERR_OK)
        e = analyse_incidents_interval(an, &in, ctx);
    return e == ERR_OK ? analyse_evidence(an, &in, ctx) : e;
}

static int by_end(const void *a, const void *b)
{
    const struct store_batch *x = *(const struct store_batch *const *)a, *y = *(const struct store_batch *const *)b;
    if (x->t1_ms != y->t1_ms)
        return x->t1_ms < y->t1_ms ? -1 : 1;
    return x < y ? -1 : x > y;
}

void analyser_unstored(struct analyser *an, const struct store_batch *list, size_t count)
{
    an->unstored = list;
    an->unstored_count = count;
}

enum err analyser_step(struct analyser *an, const struct store_batch *batches, size_t count, int64_t known_ms, bool backfill,
                       struct errctx *ctx)
{
    arena_reset(&an->scratch);
    analyse_evidence_drop(an);
    an->asked = an->looked_count = 0;
    const struct store_batch **order = arena_array(&an->scratch, count, sizeof *order);
    if (order == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while ordering %zu polls", count);
    for (size_t i = 0; i < count; i++)
        order[i] = &batches[i];
    qsort(order, count, sizeof *order, by_end);
    enum err e = count > 0 ? refresh(an, order[count - 1]->t1_ms, ctx) : ERR_OK;
    if (e == ERR_OK)
        e = analyse_index(an, ctx);
    analyse_torn_mark(an);
    an->batches = batches;
    an->batch_count = count;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = step_one(an, order[i], known_ms, backfill, ctx);
    an->batches = NULL;
    an->batch_count = 0;
    analyser_unstored(an, NULL, 0);
    if (e == ERR_OK)
        e = analyse_late_bound(an, known_ms, ctx);
    return e == ERR_OK && an->dirty ? analyse_note_put(an, ctx) : e;
}

void analyser_taken_back(struct analyser *an)
{
    an->stale = true;
}

enum err analyser_judge_sources(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    arena_reset(&an->scratch);
    enum err e = analyse_builtins_tick(an, now_ms, ctx);
    return e == ERR_OK && an->dirty ? analyse_note_put(an, ctx) : e;
}

enum err analyser_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    arena_reset(&an->scratch);
    analyse_evidence_drop(an);
    an->looked_count = 0;
    enum err e = refresh(an, now_ms, ctx);
    if (e == ERR_OK)
        e = analyse_detectors_tick(an, now_ms, ctx);
    if (e == ERR_OK)
        e = analyse_slos_tick(an, now_ms, ctx);
    if (e == ERR_OK)
        e = analyse_budgets_tick(an, now_ms, ctx);
    if (e == ERR_OK)
        e = analyse_outside_tick(an, now_ms, ctx);
    if (e == ERR_OK)
        e = analyse_rules_tick(an, now_ms, ctx);
    if (e == ERR_OK)
        e = analyse_builtins_tick(an, now_ms, ctx);
    if (e == ERR_OK)
        e = analyse_incidents_tick(an, now_ms, ctx);
    return e == ERR_OK && an->dirty ? analyse_note_put(an, ctx) : e;
}
