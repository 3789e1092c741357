/* SPDX-License-Identifier: MIT */
/* Restarts: a process' start time moved forward. Behind a balancer the processes of several workers answer in turn and their times
 * alternate; only a time later than any before is a restart. Of a page without a
 * start time its counters tell, some polls later (record/sawtooth.h). */
#include <math.h>
#include <stdlib.h>

#include "record/analyse_detect.h"

enum { RESTARTS_MAX = 4096, JITTER_S = 1 }; /* exporters compute the time anew at each scrape */

struct process {
    uint32_t series, source, model, name;
    double newest_s, seen_s; /* NaN = not known */
};

struct restarts {
    struct process *list;
    uint32_t count, cap;
    bool moved;
};

static void *make(void)
{
    return calloc(1, sizeof(struct restarts));
}

static void drop(void *state)
{
    struct restarts *r = state;
    free(r->list);
    free(r);
}

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    struct restarts *r = state;
    (void)an;
    if (s->signal != SIG_PROCESS_START)
        return ERR_OK;
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->list[i].series == s->id) {
            ret_link->slot = i;
            *ret_wanted = true;
            return ERR_OK;
        }
    }
    if (r->count == RESTARTS_MAX)
        return ERR_OK;
    void *list = r->list;
    enum err e = analyse_grow(&list, &r->cap, r->count, sizeof *r->list, ctx);
    if (e != ERR_OK)
        return e;
    r->list = list;
    r->list[r->count] = (struct process){.series = s->id,
                                         .source = s->source,
                                         .model = s->dim[DIM_MODEL],
                                         .name = s->dim[DIM_NAME],
                                         .newest_s = (double)NAN,
                                         .seen_s = (double)NAN};
    ret_link->slot = r->count++;
    *ret_wanted = true;
    return ERR_OK;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    struct restarts *r = state;
    (void)an;
    r->list[l->slot].seen_s = item->v.gauge;
    r->moved = r->moved || item->v.gauge > r->list[l->slot].newest_s + JITTER_S;
    if (isnan(r->list[l->slot].newest_s))
        r->list[l->slot].newest_s = item->v.gauge; /* the first sight is no restart */
}

/* "between 12:31:41Z and 12:32:41Z": two polls; t0 0: there was none before. NULL: out of memory. */
static const char *between(struct analyser *an, int64_t t0_ms, int64_t t1_ms)
{
    const char *to = text_clock(an, t1_ms), *from = t0_ms > 0 ? text_clock(an, t0_ms) : NULL;
    if (to == NULL || (from == NULL && t0_ms > 0))
        return NULL;
    return from != NULL ? arena_printf(&an->scratch, "between %s and %s", from, to) : arena_printf(&an->scratch, "before %s", to);
}

/* A process whose own time lies outside the polls that tell the restart has another clock, or a coarser one: the polls have the word, in
 * what is said of it as in where it stands. */
static enum err report(struct analyser *an, const struct process *p, const struct interval *in, struct errctx *ctx)
{
    struct source_status *list;
    size_t count;
    const char *source = "";
    enum err e = store_sources(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < count; i++)
        if (list[i].id == p->source)
            source = list[i].name;
    int64_t start = (int64_t)(p->seen_s * 1000), at = start > in->t0_ms && start <= in->t1_ms ? start : in->t1_ms;
    const char *what = p->model != 0 ? text_string(an, p->model) : p->name != 0 ? text_string(an, p->name) : NULL;
    const char *clock = at == start ? text_clock(an, start) : between(an, in->t0_ms, in->t1_ms), *name = text_safe(an, source);
    if (clock == NULL || name == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a restart");
    const char *text = what != NULL ? arena_printf(&an->scratch, "the process behind %s (%s) restarted %s", name, what, clock)
                                    : arena_printf(&an->scratch, "the process behind %s restarted %s", name, clock);
    return analyse_event(an, arena_printf(&an->scratch, "restart:%u:%lld", p->series, (long long)start), EVENT_RESTART, at, in->known_ms,
                         "", text, ctx);
}

enum err analyser_began_anew(struct analyser *an, const char *source, uint32_t id, int64_t t0_ms, int64_t t1_ms, int64_t known_ms,
                             struct errctx *ctx)
{
    arena_reset(&an->scratch);
    const char *name = text_safe(an, source), *when = between(an, t0_ms, t1_ms);
    if (name == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a restart");
    const char *text =
        when != NULL
            ? arena_printf(&an->scratch, "the process behind %s restarted %s, as its counters tell: they fell and went on from there", name,
                           when)
            : NULL;
    return analyse_event(an, arena_printf(&an->scratch, "restart:source %u:%lld", id, (long long)t1_ms), EVENT_RESTART, t1_ms, known_ms, "",
                         text, ctx);
}

enum err analyser_lost(struct analyser *an, const char *source, uint32_t id, int64_t t0_ms, int64_t t1_ms, int64_t known_ms,
                       const char *why, struct errctx *ctx)
{
    arena_reset(&an->scratch);
    const char *name = text_safe(an, source), *from = text_clock(an, t0_ms), *to = text_clock(an, t1_ms);
    const char *text = name != NULL && from != NULL && to != NULL
                           ? arena_printf(&an->scratch, "not all that source %s counted from %s to %s is known: %s", name, from, to, why)
                           : NULL;
    if (text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down an event");
    return analyse_event(an, arena_printf(&an->scratch, "lost:source %u:%lld", id, (long long)t1_ms), EVENT_SOURCE, t1_ms, known_ms, "",
                         text, ctx);
}

enum err analyser_leapt(struct analyser *an, const char *source, uint32_t id, int64_t t0_ms, int64_t t1_ms, int64_t known_ms,
                        struct errctx *ctx)
{
    arena_reset(&an->scratch);
    const char *name = text_safe(an, source), *from = text_clock(an, t0_ms), *to = text_clock(an, t1_ms);
    const char *text =
        name != NULL && from != NULL && to != NULL
            ? arena_printf(&an->scratch,
                           "source %s counted more from %s to %s than in any poll before or since: a burst, or another worker's "
                           "page took its place; it is counted",
                           name, from, to)
            : NULL;
    if (text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down an event");
    return analyse_event(an, arena_printf(&an->scratch, "leapt:source %u:%lld", id, (long long)t1_ms), EVENT_SOURCE, t1_ms, known_ms, "",
                         text, ctx);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    struct restarts *r = state;
    enum err e = ERR_OK;
    if (!r->moved)
        return ERR_OK;
    r->moved = false;
    for (uint32_t i = 0; e == ERR_OK && i < r->count; i++) {
        struct process *p = &r->list[i];
        if (p->source != in->source || !(p->seen_s > p->newest_s + JITTER_S) || !(p->seen_s < 1e12))
            continue;
        e = report(an, p, in, ctx);
        p->newest_s = p->seen_s;
    }
    return e;
}

static bool newest_of(void *ctx, int64_t t0_ms, int64_t t1_ms, const struct store_item *item)
{
    struct process *p = ctx;
    (void)t0_ms;
    (void)t1_ms;
    if (!(item->v.gauge <= p->newest_s)) /* true for the first, too */
        p->newest_s = item->v.gauge;
    return true;
}

static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    struct restarts *r = state;
    int64_t newest = analyse_newest_ms(an);
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < r->count; i++)
        e = store_scan(an->st, r->list[i].series, newest - HOUR_MS, newest, newest_of, &r->list[i], ctx);
    return e;
}

const struct detector detect_restart = {
    .name = "restart", .make = make, .drop = drop, .on_series = on_series, .on_item = on_item, .on_interval = on_interval, .fill = fill};
