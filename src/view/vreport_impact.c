/* SPDX-License-Identifier: MIT */
/* What a report says of keys, money, and of what was not recorded. */
#include <math.h>
#include <string.h>

#include "view/vparts.h"
#include "view/vreport.h"
#include "view/vtext.h"

enum { KEYS_MAX = 8 };
static const int64_t hour_ms = 3600000;

/* Keys may be too many to be read one by one: that is said, and no reason to have no report. */
static enum err put_keys(const struct vreport *r, struct vread *vr, struct errctx *ctx)
{
    struct view_report *out = r->out;
    struct errctx why = {.text = ""};
    const struct slo *slow = out->incidents.slow;
    const enum signal counted = slow != NULL ? slow->signal : SIG_REQUESTS;
    struct vhits_ask ask;
    enum err e = ERR_OK;

    out->keys = (struct vhits){.dim = DIM_KEY, .over = out->incidents.hits.over, .note = out->incidents.hits.note};
    if (out->keys.note != NULL && out->keys.note[0] != '\0')
        return ERR_OK;
    if (!vread_splits(vr, counted, DIM_KEY)) {
        out->keys.note = arena_printf(r->l->arena, "%s are not split by key", slow != NULL ? "answers" : "requests");
        return out->keys.note != NULL ? ERR_OK : ERR_NOMEM;
    }
    if (slow == NULL)
        ask = vhits_ask_window(vr, DIM_KEY, r->counts->from_ms, r->counts->to_ms);
    else
        e = vhits_ask_slow_window(vr, slow, DIM_KEY, r->counts->from_ms, r->counts->to_ms, &ask);
    if (e == ERR_OK)
        e = vread_run(vr, &why);
    if (e == ERR_LIMIT) {
        out->keys.note = "more keys than can be told apart at once";
        return ERR_OK;
    }
    if (e != ERR_OK)
        return errctx_set(ctx, e, "%s", errctx_text(&why, e));
    e = vhits_build(vr, &ask, KEYS_MAX, &out->keys);
    if (e == ERR_OK && r->counts->of_money)
        vhits_keep_refused(&out->keys);
    return e;
}

static struct vnum times_hours(struct vnum per_h, int64_t ms)
{
    per_h.v *= (double)ms / (double)hour_ms;
    return per_h;
}

/* The cost pane's words for the incident's own time, as if that were its now window. */
static enum err put_money(const struct vreport *r, struct vread *vr, struct errctx *ctx)
{
    const int64_t ms = vr->until_ms[SIG_COST] - r->counts->from_ms; /* a now window ends with the last poll */
    struct view_report *out = r->out;
    struct view_params p = r->own;
    struct view_cost cost;

    out->extra = out->usual_spend = vnum_unknown();
    out->extra_note = r->counts->apart != NULL              ? r->counts->apart
                      : r->counts->spend_unsplit[0] != '\0' ? arena_printf(r->l->arena, "spend is %s", r->counts->spend_unsplit)
                                                            : "nothing was spent, or nobody booked it";
    out->usual_text = "";
    if (out->extra_note == NULL)
        return ERR_NOMEM;
    if (ms <= 0 || isnan(r->counts->spend.v))
        return ERR_OK;
    p.window_ms = p.now_window_ms = ms;
    p.columns = 1;
    enum err e = view_load_cost(r->l, &p, &cost, ctx);
    if (e != ERR_OK)
        return e;
    /* an hour ago is no other time where it went on for longer */
    const bool compared = !isnan(cost.then_per_h.v) && (ms <= hour_ms || strcmp(cost.against, vparts_against(hour_ms)) != 0);
    if (compared) {
        out->usual_spend = times_hours(cost.then_per_h, ms);
        out->usual_text = cost.against;
    }
    out->extra_note = "";
    const char *unsplit = vread_unsplit_text(vr, SIG_FALLBACKS);
    if (unsplit == NULL)
        return ERR_NOMEM;
    if (!r->counts->fallbacks_known)
        out->extra_note = unsplit[0] != '\0' ? arena_printf(r->l->arena, "fallbacks are %s", unsplit) : "fallbacks are not recorded";
    else if (r->counts->fallbacks == 0)
        out->extra = (struct vnum){.v = 0, .exact = r->counts->fallbacks_exact};
    else if (!compared)
        out->extra_note = "no earlier time is recorded to tell fallbacks by";
    else if (isnan(cost.surcharge_per_h))
        out->extra_note = "what a token costs at one of the deployments is not known";
    else /* by prices that were paid, of a rate */
        out->extra = times_hours((struct vnum){.v = cost.surcharge_per_h, .exact = ABOUT}, ms);
    return out->extra_note != NULL ? ERR_OK : ERR_NOMEM;
}

static void add_spender(const struct vcost_row *row, int64_t ms, struct vreport_spender *to)
{
    const struct vnum usual = times_hours(row->per_h_then, ms);
    to->nusd += row->nusd;
    to->exact = to->exact == EXACT ? row->exact : to->exact;
    to->usual.v += usual.v;
    to->usual.exact = to->usual.exact == EXACT ? usual.exact : to->usual.exact;
}

/* Whose spend it was, and what they usually spend: the cost pane's table of the incident's time, the rest of it in one row. */
static enum err put_spenders(const struct vreport *r, enum dim by, const struct vreport_spender **ret, size_t *ret_count,
                             struct errctx *ctx)
{
    enum { TOLD = 8 };
    const int64_t ms = r->counts->to_ms - r->counts->from_ms;
    struct vreport_spender *list = arena_array(r->l->arena, TOLD + 1, sizeof *list);
    struct view_params p = r->own;
    struct view_cost cost = {.table_count = 0};
    size_t n = 0;

    if (list == NULL)
        return ERR_NOMEM;
    p.group = by;
    p.window_ms = p.now_window_ms = ms;
    p.columns = 1;
    enum err e = ms > 0 ? view_load_cost(r->l, &p, &cost, ctx) : ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < cost.table_count; i++) {
        const struct vcost_row *row = &cost.table[i];
        if (row->is_total || !row->cost_known || row->nusd == 0)
            continue;
        const bool begins = n == 0 || (n <= TOLD && strcmp(list[n - 1].name, "other") != 0);
        if (begins)
            list[n] = (struct vreport_spender){.name = row->is_other || n == TOLD ? "other" : row->name, .usual = {.v = 0}};
        n += begins;
        add_spender(row, ms, &list[n - 1]);
    }
    *ret = list;
    *ret_count = n;
    return e;
}

/* In which a source was not asked, or what it counted was lost; and whether the incident's figures, requests or spend, are of what it
 * counts. */
static enum err put_gaps(const struct vreport *r, const struct vread *vr, struct errctx *ctx)
{
    static const int64_t around_ms = 600000;
    const enum signal s = incident_is_of_budget(&r->v->in) ? SIG_COST : SIG_REQUESTS;
    const int64_t from = r->counts->from_ms - around_ms, after = r->counts->to_ms + around_ms, first = store_recorded_since_ms(r->l->st);
    const int64_t to = after < r->whole.cursor_ms ? after : r->whole.cursor_ms;
    struct view_report *out = r->out;
    struct store_gap *gaps;
    size_t count;

    enum err e = store_gaps(r->l->st, from, to, r->l->arena, &gaps, &count, ctx);
    struct vreport_gap *list = e == ERR_OK ? arena_array(r->l->arena, count + 1, sizeof *list) : NULL;
    if (list == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < vr->source_count; i++)
            if (vr->sources[i].id == gaps[k].source)
                list[out->gap_count++] = (struct vreport_gap){.source = vr->sources[i].name,
                                                              .reason = gaps[k].reason,
                                                              .from_ms = gaps[k].t0_ms,
                                                              .to_ms = gaps[k].t1_ms,
                                                              .counts = store_gap_is_of(&gaps[k], s) && vread_counts(vr, s, i),
                                                              .lost = gaps[k].lost};
    out->gaps = list;
    out->gaps_from_ms = from;
    out->gaps_to_ms = to;
    out->gap_note = "";
    if (first <= from)
        return ERR_OK;
    const char *since = vtext_moment(r->l->arena, first);
    out->gap_note = since != NULL ? arena_printf(r->l->arena, "Recorded since %s: what came before is not known.", since) : NULL;
    return out->gap_note != NULL ? ERR_OK : ERR_NOMEM;
}

enum err vreport_impact(const struct vreport *r, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(r->l->scratch, sizeof *vr);
    enum err e = vr != NULL ? vread_init(vr, r->l, &r->own, ctx) : ERR_NOMEM;

    if (e == ERR_OK)
        e = put_gaps(r, vr, ctx);
    if (e == ERR_OK)
        e = put_keys(r, vr, ctx);
    if (e == ERR_OK)
        e = put_money(r, vr, ctx);
    if (e != ERR_OK || !incident_is_of_budget(&r->v->in))
        return e;
    e = put_spenders(r, DIM_TEAM, &r->out->teams, &r->out->team_count, ctx);
    return e == ERR_OK ? put_spenders(r, DIM_KEY, &r->out->keys_spent, &r->out->keys_spent_count, ctx) : e;
}
