/* SPDX-License-Identifier: MIT */
/* What a handover is made of. Each part finds its data and puts its rows; nothing here is told of measurements but spend. */
#include "view/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vfilter.h"
#include "view/vhandoff.h"
#include "view/vtext.h"

enum { NOISY_FIRED = 3, NOISY_TOLD = 8, SILENCED_TOLD = 30, BAKING_TOLD = 30, GAPS_TOLD = 30 };
static const int64_t noisy_ms = 7 * (int64_t)86400000; /* a rule that fires each night is told by more than one of them */

/* ---- incidents ---- */

static bool is_over(const struct vincident *v)
{
    return v->in.state == INCIDENT_RESOLVED;
}

static int by_gravity(const void *a, const void *b)
{
    const struct vincident *x = *(const struct vincident *const *)a, *y = *(const struct vincident *const *)b;
    if (x->in.severity != y->in.severity)
        return x->in.severity > y->in.severity ? -1 : 1;
    return x->in.opened_ms != y->in.opened_ms ? (x->in.opened_ms < y->in.opened_ms ? -1 : 1) : 0;
}

static int by_end(const void *a, const void *b)
{
    const struct vhandoff_over *x = a, *y = b;
    return x->v->in.resolved_ms != y->v->in.resolved_ms ? (x->v->in.resolved_ms > y->v->in.resolved_ms ? -1 : 1) : 0;
}

static bool was_spoken_of(const struct vhandoff *h, int64_t incident)
{
    for (size_t i = 0; i < h->act_count; i++)
        if (h->acts[i].incident == incident)
            return true;
    return false;
}

static enum err find_incidents(struct vhandoff *h, struct errctx *ctx)
{
    struct view_handoff *out = h->out;
    struct view_incidents v;
    enum err e = view_load_incidents_since(h->l, h->p, out->from_ms, &v, ctx);
    if (e == ERR_OK)
        e = store_acts(h->l->st, h->p->cursor_ms, h->l->arena, &h->acts, &h->act_count, ctx);
    if (e != ERR_OK)
        return e;
    const size_t count = v.count + v.child_count; /* what was a page of its own is told with what it became a part of */
    const struct vincident **open = arena_array(h->l->arena, count + 1, sizeof *open);
    struct vhandoff_over *over = arena_array(h->l->arena, count + 1, sizeof *over);
    if (open == NULL || over == NULL)
        return ERR_NOMEM;
    h->incidents = v.list;
    h->incident_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct vincident *in = &v.list[i];
        if (!is_over(in))
            open[out->open_count++] = in;
        else if (in->in.resolved_ms > out->from_ms)
            over[out->over_count++] = (struct vhandoff_over){.v = in, .by_itself = in->in.parent == 0 && !was_spoken_of(h, in->in.id)};
        out->without_step += !is_over(in) && in->next_step[0] == '\0';
    }
    qsort(open, out->open_count, sizeof *open, by_gravity);
    qsort(over, out->over_count, sizeof *over, by_end);
    out->open = open;
    out->over = over;
    return ERR_OK;
}

/* ---- rules, silences, changes ---- */

static int by_fired(const void *a, const void *b)
{
    const struct vrule *x = a, *y = b;
    if (x->record.fired != y->record.fired)
        return x->record.fired > y->record.fired ? -1 : 1;
    if (x->record.firing_ms != y->record.firing_ms)
        return x->record.firing_ms > y->record.firing_ms ? -1 : 1;
    return strcmp(x->info.rule, y->info.rule);
}

static enum err find_noisy(struct vhandoff *h, struct errctx *ctx)
{
    struct view_handoff *out = h->out;
    struct view_rules v;
    size_t n = 0;

    out->noisy_ms = noisy_ms;
    enum err e = view_load_rules(h->l, h->p, noisy_ms, &v, ctx);
    struct vrule *list = e == ERR_OK ? arena_array(h->l->arena, v.count + 1, sizeof *list) : NULL;
    if (list == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    for (size_t i = 0; i < v.count; i++)
        if (v.rules[i].record.noise >= NOISY_FIRED && v.rules[i].record.acted == 0)
            list[n++] = v.rules[i];
    if (n > 0)
        qsort(list, n, sizeof *list, by_fired);
    out->noisy = list;
    out->noisy_count = n < NOISY_TOLD ? n : NOISY_TOLD;
    out->parts[VHANDOFF_NOISY].more = (uint32_t)(n - out->noisy_count);
    return ERR_OK;
}

/* What outside systems keep silent, and until when: it pages nobody meanwhile. */
static enum err find_silenced(struct vhandoff *h, struct errctx *ctx)
{
    struct view_handoff *out = h->out;
    struct view_alerts v;
    enum err e = view_load_alerts(h->l, h->p, &v, ctx);
    const struct outside **list = e == ERR_OK ? arena_array(h->l->arena, v.count + 1, sizeof *list) : NULL;
    if (list == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    for (size_t i = 0; i < v.count; i++) {
        const struct outside *o = v.list[i].outside;
        if (o == NULL || o->state != OUTSIDE_SILENCED)
            continue;
        if (out->silenced_count < SILENCED_TOLD)
            list[out->silenced_count++] = o;
        else
            out->parts[VHANDOFF_PUT_OFF].more++;
    }
    out->silenced = list;
    out->silences_unread = v.unread;
    return ERR_OK;
}

static bool bakes(enum event_kind k)
{
    return k == EVENT_DEPLOY || k == EVENT_MODEL_VERSION || k == EVENT_CONFIG || k == EVENT_PRICE;
}

static enum err find_baking(struct vhandoff *h, struct errctx *ctx)
{
    struct view_handoff *out = h->out;
    struct event *events;
    size_t count;
    enum err e = vfilter_events(h->l, h->p, h->p->cursor_ms - out->baking_ms, h->p->cursor_ms, &events, &count, ctx);
    struct event *list = e == ERR_OK ? arena_array(h->l->arena, BAKING_TOLD, sizeof *list) : NULL;
    if (list == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    for (size_t i = count; i-- > 0;) {
        if (!bakes(events[i].kind))
            continue;
        if (out->baking_count < BAKING_TOLD)
            list[out->baking_count++] = events[i];
        else
            out->parts[VHANDOFF_BAKING].more++;
    }
    out->baking = list;
    return ERR_OK;
}

/* ---- what was not recorded ---- */

/* Of the shift's time alone, though a gap may reach beyond it. */
static void add_gap(const struct view_handoff *out, const struct store_gap *g, struct vhandoff_gap *to)
{
    const int64_t from = g->t0_ms > out->from_ms ? g->t0_ms : out->from_ms, until = g->t1_ms < out->to_ms ? g->t1_ms : out->to_ms;
    to->count++;
    to->sum_ms += until > from ? until - from : 0;
    to->lost = to->lost || g->lost;
    if (to->count > 1 && g->t1_ms - g->t0_ms <= to->to_ms - to->from_ms)
        return;
    to->from_ms = g->t0_ms;
    to->to_ms = g->t1_ms;
    to->reason = g->reason;
}

static enum err find_gaps(struct vhandoff *h, struct errctx *ctx)
{
    struct view_handoff *out = h->out;
    struct source_status *sources;
    struct store_gap *gaps;
    size_t source_count, gap_count, n = 0;
    enum err e = store_sources(h->l->st, h->p->cursor_ms, h->l->arena, &sources, &source_count, ctx);
    if (e == ERR_OK)
        e = store_gaps(h->l->st, out->from_ms, out->to_ms, h->l->arena, &gaps, &gap_count, ctx);
    struct vhandoff_gap *list = e == ERR_OK ? arena_array(h->l->arena, source_count + 1, sizeof *list) : NULL;
    if (list == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    for (size_t i = 0; i < source_count; i++) {
        struct vhandoff_gap *to = &list[n];
        *to = (struct vhandoff_gap){.source = sources[i].name,
                                    .reason = "",
                                    .state = sources[i].state,
                                    .state_reason = sources[i].reason,
                                    .state_since_ms = sources[i].last_ok_ms};
        for (size_t g = 0; g < gap_count; g++)
            if (gaps[g].source == sources[i].id)
                add_gap(out, &gaps[g], to);
        n += to->count > 0 || to->state != SOURCE_OK;
    }
    out->gaps = list;
    out->gap_count = n < GAPS_TOLD ? n : GAPS_TOLD;
    out->parts[VHANDOFF_GAPS].more = (uint32_t)(n - out->gap_count);
    const int64_t since = store_recorded_since_ms(h->l->st);
    out->recorded_since_ms = since > out->from_ms ? since : 0;
    return ERR_OK;
}

/* ---- spend ---- */

static enum err find_plan(struct vhandoff *h, struct errctx *ctx)
{
    struct view_handoff *out = h->out;
    struct view_params p = *h->p;
    struct view_cost cost;

    p.window_ms = out->to_ms - out->from_ms;
    enum err e = view_load_cost(h->l, &p, &cost, ctx);
    if (e != ERR_OK)
        return e;
    out->budgets = cost.budgets;
    out->budget_count = cost.budget_count;
    out->spent = (struct vnum){.v = NAN};
    h->periods = cost.period_text;
    for (size_t i = 0; i < cost.table_count; i++)
        if (cost.table[i].is_total && cost.table[i].cost_known)
            out->spent = (struct vnum){.v = (double)cost.table[i].nusd / 1e9, .exact = cost.table[i].exact, .n = cost.table[i].requests};
    return ERR_OK;
}

enum err view_load_handoff(const struct view_loader *l, const struct view_params *p, int64_t baking_ms, struct view_handoff *ret,
                           struct errctx *ctx)
{
    static enum err (*const find[])(struct vhandoff * h, struct errctx * ctx) = {find_incidents, find_silenced, find_noisy,
                                                                                 find_baking,    find_gaps,     find_plan};
    struct view_handoff *out = arena_alloc(l->arena, sizeof *out);
    struct vhandoff h = {.l = l, .p = p, .out = out};
    enum err e = out != NULL ? ERR_OK : ERR_NOMEM;

    if (e == ERR_OK)
        *out = (struct view_handoff){.from_ms = p->cursor_ms - p->window_ms, .to_ms = p->cursor_ms, .baking_ms = baking_ms};
    for (size_t i = 0; e == ERR_OK && i < sizeof find / sizeof *find; i++)
        e = find[i](&h, ctx);
    if (e == ERR_OK)
        e = vhandoff_rows(&h);
    if (e == ERR_NOMEM)
        return errctx_set(ctx, e, "out of memory while writing the handover");
    if (e == ERR_OK)
        *ret = *out;
    return e;
}
