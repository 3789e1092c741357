/* SPDX-License-Identifier: MIT */
#include "view/vdetail.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vbars.h"
#include "view/ventries.h"
#include "view/vfeeds.h"
#include "view/vincidents.h"
#include "view/vlasted.h"
#include "view/vloss.h"
#include "view/vpace.h"
#include "view/vpages.h"
#include "view/vparts.h"
#include "view/vsimilar.h"
#include "view/vslo.h"
#include "view/vslowed.h"
#include "view/vsuspects.h"
#include "view/vsymptoms.h"
#include "view/vtext.h"
#include "view/vtrouble.h"
#include "view/vworked.h"

enum { IMPACT_MAX = 15 + VLOSS_LINES, HITS_MAX = 8 };

struct detail {
    const struct view_loader *l;
    const struct view_params *p;
    const struct vincident *v;
    const struct incident *in; /* v's */
    int64_t from_ms, to_ms;    /* while it did harm: onset to the end of its trouble, or as far as it is known */
    const char *apart;         /* as struct vincident's */
    bool of_money;
    int64_t closed_ms; /* when it was resolved, or as far as it is known */
};

static int64_t until(int64_t ms, int64_t cursor_ms)
{
    return ms != 0 && ms <= cursor_ms ? ms : cursor_ms;
}

struct vtime vdetail_harm(const struct vincident *v, int64_t cursor_ms)
{
    const struct incident *in = &v->in;
    /* to the last moment at which it may have ended: the last poll that failed counts */
    int64_t end = in->ended_ms != 0 ? in->ended_ms + in->ended_error_ms : in->resolved_ms;
    return (struct vtime){in->onset_ms != 0 ? in->onset_ms : in->opened_ms, end != 0 ? until(end, cursor_ms) : v->to_ms};
}

static struct detail detail_of(const struct view_loader *l, const struct view_params *p, const struct vincident *v)
{
    const struct incident *in = &v->in;
    const struct vtime harm = vdetail_harm(v, p->cursor_ms);
    return (struct detail){.l = l,
                           .p = p,
                           .v = v,
                           .in = in,
                           .from_ms = harm.t0_ms,
                           .to_ms = harm.t1_ms,
                           .closed_ms = v->is_silent ? v->to_ms : until(in->resolved_ms, p->cursor_ms)};
}

struct impact_reading {
    struct voutcomes during;
    struct vsum cost, fallbacks;
    bool fallbacks_known;  /* a counter that never counted anything is not exposed at all: where others of its kind are, it is 0 */
    const char *handed_to; /* who took most of the fallbacks, and how many others there are */
    const char *unsplit, *spend_unsplit; /* as in struct vimpact */
    struct vhits hits;
};

/* Another deployment or another model: the gateway's own name of it. */
static const char *handed_to(const struct vread *vr, size_t fallbacks)
{
    enum { TOLD = 16 };
    uint32_t ids[TOLD];
    const size_t n = vread_ids(vr, fallbacks, DIM_NAME, vread_by_sum, ids, TOLD);
    const char *name = n > 0 ? vread_text(vr, ids[0]) : "";
    if (name[0] == '\0')
        return "a fallback";
    return n > 1 ? arena_printf(vr->l->arena, "%s +%zu", name, n - 1) : name;
}

/* Everything that is counted over the incident's own time, within its scope. slow: the latency objective that it is of, or NULL. */
static enum err read_impact(const struct detail *d, const struct slo *slow, struct impact_reading *ret, struct errctx *ctx)
{
    struct view_params p = *d->p;
    p.filter = vread_scope_filter(d->l->arena, d->in->scope);
    p.cursor_ms = d->to_ms;
    struct vread *vr = arena_alloc(d->l->scratch, sizeof *vr);
    if (vr == NULL || p.filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    enum err e = vread_init(vr, d->l, &p, ctx);
    if (e != ERR_OK)
        return e;
    size_t requests = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), d->from_ms, d->to_ms);
    size_t cost = vread_window(vr, SIG_COST, 0, d->from_ms, d->to_ms);
    size_t fallbacks = vread_window(vr, SIG_FALLBACKS, DIM_BIT(DIM_NAME), d->from_ms, d->to_ms);
    struct vhits_ask hits;
    if (slow == NULL)
        hits = vhits_ask_window(vr, DIM_TEAM, d->from_ms, d->to_ms);
    else
        e = vhits_ask_slow_window(vr, slow, vhits_slow_dim(vr, slow), d->from_ms, d->to_ms, &hits);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    ret->during = vread_outcomes(vr, requests, 0, DIM_COUNT, 0);
    ret->cost = vread_sum(vr, cost, 0, DIM_COUNT, 0);
    ret->fallbacks = vread_sum(vr, fallbacks, 0, DIM_COUNT, 0);
    ret->fallbacks_known =
        ret->fallbacks.known || (ret->during.known && vr->has_series[SIG_FALLBACKS] && ret->fallbacks.trust.unsplit == 0);
    ret->handed_to = handed_to(vr, fallbacks);
    ret->unsplit = vread_unsplit_text(vr, SIG_REQUESTS);
    ret->spend_unsplit = vread_unsplit_text(vr, SIG_COST);
    if (ret->handed_to == NULL || ret->unsplit == NULL || ret->spend_unsplit == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    const bool partly = vlasted_is_partly_counted(d->v);
    ret->during.trust.less = ret->during.trust.less || partly;
    ret->fallbacks.trust.less = ret->fallbacks.trust.less || partly;
    ret->cost.trust.less = ret->cost.trust.less || d->v->counted_from_ms != 0;
    e = vhits_build(vr, &hits, HITS_MAX, &ret->hits);
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading the incident") : e;
}

/* "errors ended    18:40:54Z +-1s (not resolved yet); it lasted 1m30s, since Mon 30 Nov 18:39:24Z". NULL when the arena is full. */
static const char *ended_line(const struct detail *d, const char *lasted, const char *since)
{
    const char *error = vtext_error(d->l->arena, d->in->ended_error_ms);
    char clock[TIMEFMT_MAX];
    instant_format_clock(d->in->ended_ms, clock);
    return error != NULL ? arena_printf(d->l->arena, "%-15s %s%s (not resolved yet); it lasted %s, since %s", vincident_ended(d->in), clock,
                                        error, lasted, since)
                         : NULL;
}

/* NULL when the arena is full. */
static const char *lasted_line(const struct detail *d)
{
    const struct vhole began = vlasted_began(d->v);
    const struct incident *in = d->in;
    struct arena *a = d->l->arena;
    int64_t end = incident_end_ms(in);
    char day[TIMEFMT_MAX], from[TIMEFMT_MAX], to[TIMEFMT_MAX], error[TIMEFMT_MAX];
    instant_format_day(d->from_ms, day);
    instant_format_clock(d->from_ms, from);
    instant_format_clock(end, to);
    duration_format(in->ended_error_ms, error);
    const char *lasted = d->v->duration_text;
    const char *exact = vtext_error(a, in->onset_ms != 0 ? in->onset_error_ms : 0);
    const char *since = began.is_hole   ? vtrouble_hole_text(a, &began, day)
                        : exact != NULL ? arena_printf(a, "%s %s%s", day, from, exact)
                                        : NULL;
    if (since == NULL)
        return NULL;
    if (end == 0)
        return arena_printf(a, "lasts           %s, since %s", lasted, since);
    if (!incident_length_is_known(in)) {
        const struct vhole within = {.from_ms = end - in->ended_error_ms, .to_ms = end + in->ended_error_ms};
        const char *when = vtrouble_hole_text(a, &within, day);
        return when != NULL ? arena_printf(a, "lasted          not known: %s", when) : NULL;
    }
    const char *until = began.is_hole ? "until" : "to";
    if (in->ended_ms == 0)
        return arena_printf(a, "lasted          %s, %s %s %s when %s", lasted, since, until, to,
                            d->v->said_by[0] != '\0' ? "that was said" : "its rules ended");
    if (in->state != INCIDENT_RESOLVED)
        return ended_line(d, lasted, since);
    return arena_printf(a, "lasted          %s, %s %s %s +-%s", lasted, since, until, to, error);
}

/* What operators said of it that holds; at most 3 lines, NULL where the arena is full. */
static size_t said_lines(const struct detail *d, const char **lines)
{
    const struct vincident *v = d->v;
    struct arena *a = d->l->arena;
    char at[TIMEFMT_MAX];
    size_t n = 0;
    instant_format_clock(v->said_ms, at);
    if (v->said_by[0] != '\0')
        lines[n++] = arena_printf(a, "state           %s, says %s since %s", incident_state_name(d->in->state), v->said_by, at);
    if (v->next_step[0] != '\0')
        lines[n++] = arena_printf(a, "next step       %s", v->next_step);
    instant_format_clock(v->snoozed_until_ms, at);
    if (v->snoozed_until_ms != 0)
        lines[n++] = arena_printf(a, "snoozed         until %s by %s: %s", at, v->snoozed_by, v->snooze_reason);
    return n;
}

enum exactness vdetail_sum_exact(struct vtrust t)
{
    return vnum_of(0, 0, VNUM_SUM, t).exact;
}

struct vnum vdetail_spend(struct vsum cost)
{
    struct vnum spend = vnum_usd_per_h(cost);
    if (!isnan(spend.v))
        spend.v = unit_from_fixed(UNIT_USD, cost.sum);
    return spend;
}

static struct vimpact counts_of(const struct detail *d, const struct impact_reading *r)
{
    const struct voutcomes *o = &r->during;
    struct vimpact n = {.from_ms = d->from_ms,
                        .to_ms = d->to_ms,
                        .apart = d->apart,
                        .of_money = d->of_money,
                        .known = o->known,
                        .torn = o->trust.torn,
                        .failed = o->bad,
                        .counted = o->counted,
                        .exact = vdetail_sum_exact(o->trust),
                        .percent = vnum_share(o->bad, o->counted, o->trust),
                        .fallbacks_known = r->fallbacks_known,
                        .fallbacks = r->fallbacks.sum > 0 ? (uint64_t)r->fallbacks.sum : 0,
                        .fallbacks_exact = vdetail_sum_exact(r->fallbacks.trust),
                        .handed_to = r->handed_to,
                        .spend = vdetail_spend(r->cost),
                        .unsplit = r->unsplit,
                        .spend_unsplit = r->spend_unsplit};
    memcpy(n.by_class, o->by_class, sizeof n.by_class);
    return n;
}

/* "qwen-72b slow ttft (#43, page, since 03:08:12Z); ...". NULL when the arena is full. */
static const char *children_text(const struct detail *d, const struct view_incidents *v)
{
    const struct vincident *list = view_incident_children(v, d->v);
    const char *text = "";
    char at[TIMEFMT_MAX];
    for (uint32_t i = 0; text != NULL && i < d->v->children; i++) {
        instant_format_clock(list[i].in.onset_ms != 0 ? list[i].in.onset_ms : list[i].in.opened_ms, at);
        text = arena_printf(d->l->arena, "%s%s#%lld %s, %s, since %s", text, i > 0 ? "; " : "", (long long)list[i].in.id, list[i].in.title,
                            list[i].severity_text, at);
    }
    return text;
}

static const char *slowed_line(struct arena *a, const struct vslowed *s)
{
    char slow[VTEXT_MAX], all[VTEXT_MAX];
    vtext_count(s->slow, slow);
    vtext_count(s->answers, all);
    return s->known ? arena_printf(a, "answers slow    %s%s of %s took longer than %s", exact_mark(s->exact), slow, all, s->over)
                    : "answers slow    unknown: no answer was recorded whole";
}

/* What else went wrong in its scope; at most 2 lines, NULL where the arena is full. */
static size_t symptom_lines(struct arena *a, const struct view_symptoms *s, const char **lines)
{
    const char *cached = vsymptoms_cached(a, s), *traffic = vsymptoms_rates(a, s);
    size_t n = 0;
    if (cached == NULL || cached[0] != '\0')
        lines[n++] = cached != NULL ? arena_printf(a, "cached share    %s of its prompts, the hour before and since", cached) : NULL;
    if (traffic == NULL || traffic[0] != '\0')
        lines[n++] = traffic != NULL ? arena_printf(a, "requests        %s, the hour before and since", traffic) : NULL;
    return n;
}

static enum err impact_lines(const struct detail *d, const struct impact_reading *r, struct view_incidents *v)
{
    struct arena *a = d->l->arena;
    const char **lines = arena_array(a, IMPACT_MAX, sizeof *lines);
    char bad[VTEXT_MAX], all[VTEXT_MAX], text[VTEXT_MAX];
    size_t n = 0;

    if (lines == NULL)
        return ERR_NOMEM;
    lines[n++] = lasted_line(d);
    if (d->v->counted_from_ms != 0) {
        const char *at = vtext_moment(a, d->v->counted_from_ms);
        lines[n++] = at != NULL ? arena_printf(a, "counted         from %s on: recording began then", at) : NULL;
    }
    if (v->slow != NULL)
        lines[n++] = slowed_line(a, &v->slowed);
    vtext_count(r->during.bad, bad);
    vtext_count(r->during.counted, all);
    const char *lost = exact_mark(vdetail_sum_exact(r->during.trust));
    lines[n++] = d->apart != NULL                               ? arena_printf(a, "impact          not known: %s", d->apart)
                 : v->counts.refusals && r->during.counted == 0 ? "requests lost   none failed"
                 : d->of_money && r->during.known
                     ? arena_printf(a, "requests lost   none of its doing; %s%s of %s%s failed of something else", lost, bad, lost, all)
                 : r->during.known       ? arena_printf(a, "requests lost   %s%s of %s%s%s%s", lost, bad, lost, all,
                                                  v->counts.all_scopes[0] != '\0' ? " of " : "",
                                                  v->counts.all_scopes[0] != '\0' ? v->counts.scope_text : "")
                 : r->unsplit[0] != '\0' ? arena_printf(a, "requests lost   unknown: requests are %s", r->unsplit)
                                         : "requests lost   unknown: nothing was recorded then";
    n += vloss_lines(a, &v->counts, incident_end_ms(d->in) != 0, lines + n);
    n += symptom_lines(a, &v->symptoms, lines + n);
    if (r->fallbacks.known && r->fallbacks.sum > 0) {
        vtext_count((uint64_t)r->fallbacks.sum, text);
        lines[n++] = arena_printf(a, "fallbacks       %s%s requests were handed to %s", exact_mark(vdetail_sum_exact(r->fallbacks.trust)),
                                  text, r->handed_to);
    }
    const struct vnum spend = vnum_usd_per_h(r->cost);
    if (!isnan(spend.v)) {
        vtext_usd_per_h(spend.v, text);
        money_format(r->cost.sum, all);
        const char *mark = exact_mark(spend.exact);
        lines[n++] = arena_printf(a, "spend           %s%s, %s%s, in its scope meanwhile", mark, all, mark, text);
    }
    if (d->in->onset_ms != 0 && d->in->opened_ms > d->in->onset_ms) {
        char after[TIMEFMT_MAX];
        duration_format(d->in->opened_ms - d->v->from_ms, after);
        lines[n++] = arena_printf(a, "detected        %s%s after its onset", vlasted_began(d->v).is_hole ? "at most " : "", after);
    }
    lines[n++] = d->in->owner[0] != '\0' ? arena_printf(a, "owner           %s", d->in->owner) : "owner           none";
    n += said_lines(d, lines + n);
    const char *with = children_text(d, v);
    if (with == NULL || with[0] != '\0')
        lines[n++] = with != NULL ? arena_printf(a, "with it         %s", with) : NULL;
    const char *before = v->seen_before = vsimilar_text(a, v->similar, v->similar_count);
    if (before == NULL || before[0] != '\0')
        lines[n++] = before != NULL ? arena_printf(a, "seen before     %s", before) : NULL;
    for (size_t i = 0; i < n; i++)
        if (lines[i] == NULL)
            return ERR_NOMEM;
    v->impact = lines;
    v->impact_count = n;
    return ERR_OK;
}

static enum err act_lines(const struct detail *d, const struct vknown *known, struct view_incidents *v, struct errctx *ctx)
{
    const char **lines = arena_array(d->l->arena, known->in.act_count + 1, sizeof *lines);
    if (lines == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    for (size_t i = 0; i < known->in.act_count; i++) {
        const struct store_act *act = &known->in.acts[i];
        char clock[TIMEFMT_MAX];
        if (act->incident != d->in->id)
            continue;
        instant_format_clock(act->at_ms, clock);
        lines[v->act_count] =
            arena_printf(d->l->arena, "%s %s %s%s%s%s%s%s", clock, act->author, act->verb, act->text[0] != '\0' ? ": " : "", act->text,
                         act->origin[0] != '\0' ? " -- says " : "", act->origin, act->pending ? " (pending)" : "");
        if (lines[v->act_count++] == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    }
    v->acts = lines;
    return ERR_OK;
}

/* What traffic did meanwhile is none of its doing: nothing of that is told as what it cost. Errors: ERR_NOMEM. */
static enum err take_apart(const struct detail *d, const char *why, struct impact_reading *r, struct view_incidents *v)
{
    const char *note = arena_printf(d->l->arena, "not known: %s", why);
    memset(r, 0, sizeof *r);
    r->handed_to = r->unsplit = r->spend_unsplit = "";
    r->hits = (struct vhits){.dim = DIM_TEAM, .over = "", .note = note};
    memset(&v->symptoms, 0, sizeof v->symptoms);
    return note != NULL ? ERR_OK : ERR_NOMEM;
}

/* By what latency objective it is slow, and how slow. */
static enum err find_slow(const struct detail *d, const struct vknown *known, struct view_incidents *v, struct errctx *ctx)
{
    struct vincident own = *d->v;
    v->slow = vslowed_objective(known, d->in, v->alerts, v->alert_count);
    enum err e = vslowed_count(d->l, d->p, &own, &v->slow, 1, ctx);
    v->slowed = own.slowed;
    return e;
}

static enum err find_symptoms(const struct detail *d, struct view_incidents *v, struct errctx *ctx)
{
    const struct vsymptoms_ask ask = {.scope = d->in->scope,
                                      .from_ms = d->v->from_ms,
                                      .onset_ms = d->from_ms,
                                      .by_ms = d->v->from_by_ms,
                                      .to_ms = d->to_ms,
                                      .less = vlasted_is_partly_counted(d->v)};
    struct view_params then = *d->p;
    then.filter = "";
    then.cursor_ms = d->to_ms;
    return vsymptoms_read(d->l, &then, &ask, &v->symptoms, ctx);
}

static enum err find_suspects(const struct detail *d, const struct vknown *known, struct view_incidents *v,
                              struct view_differs_ask *trouble, struct errctx *ctx)
{
    const struct vsimilar_known earlier = {known->in.list, known->in.count, known->in.acts, known->in.act_count};
    struct view_params whole = *d->p; /* an incident is explained by its own scope, whatever the screen's filter says */
    whole.filter = "";
    enum err e = view_differs_since(d->l, d->from_ms, d->to_ms, d->in->scope, trouble, ctx);
    trouble->onset_error_ms = d->in->onset_error_ms;
    trouble->of_spend = incident_is_of_budget(d->in);
    trouble->apart = d->apart;
    trouble->of_slowness = v->slow != NULL;
    trouble->slow = v->slow != NULL ? v->slow->signal : SIG_E2E;
    if (e == ERR_OK)
        e = vsuspects_load(d->l, &whole, trouble, &v->suspects, &v->suspect_count, &v->suspect_note, ctx);
    if (e == ERR_OK && incident_end_ms(d->in) == 0)
        e = vpages_load(d->l, &whole, &v->pages, &v->page_count, ctx);
    if (e == ERR_OK)
        e = vsimilar_find(d->l, &whole, &earlier, d->v, v->suspects, v->suspect_count, &v->similar, &v->similar_count, ctx);
    return e;
}

/* The rules that its alerts are of, each once. */
static enum err find_duties(const struct detail *d, struct view_incidents *v, struct errctx *ctx)
{
    struct rule_info *list;
    size_t count, n = 0;
    enum err e = view_rule_list(d->l, d->p, &list, &count, ctx);
    struct rule_info *mine = e == ERR_OK ? arena_array(d->l->arena, count + 1, sizeof *mine) : NULL;
    if (e == ERR_OK && mine == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading the rules of an incident");
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        bool is = false;
        for (size_t k = 0; k < v->alert_count && !is; k++)
            is = v->alerts[k].state == ALERT_FIRING && rule_info_of(list, count, v->alerts[k].rule) == &list[i];
        if (is)
            mine[n++] = list[i];
    }
    v->duties = mine;
    v->duty_count = n;
    return e;
}

/* What was noted, said, and worked out. */
static enum err tell_story(const struct detail *d, const struct vknown *known, const struct view_differs_ask *trouble,
                           struct view_incidents *v, struct errctx *ctx)
{
    struct view_params whole = *d->p;
    struct ventry worked[VWORKED_MAX];
    size_t count = 0;
    whole.filter = "";
    const struct vworked_ask ask = {d->l, &whole, d->v, trouble, d->to_ms, v};
    enum err e = vworked_make(&ask, worked, &count, ctx);
    const struct ventries_ask told = {d->l->arena,    d->in->id,           v->timeline, v->timeline_count,
                                      known->in.acts, known->in.act_count, worked,      count};
    return e == ERR_OK ? ventries_make(&told, &v->entries, &v->entry_count, ctx) : e;
}

/* Why nobody is listed of those whose requests failed: of answers that are too slow that is told already. */
static enum err hit_note(const struct detail *d, const struct impact_reading *r, struct vhits *hits)
{
    if (hits->over[0] != '\0' || d->apart != NULL)
        return ERR_OK;
    hits->note = r->during.trust.torn    ? "not known: how many failed is not known"
                 : r->during.known       ? d->of_money && hits->count == 0 ? "nobody: the budget refused nothing" : NULL
                 : r->unsplit[0] != '\0' ? arena_printf(d->l->arena, "not known: requests are %s", r->unsplit)
                                         : "not known: no request was recorded";
    return hits->note != NULL || r->during.known ? ERR_OK : ERR_NOMEM;
}

enum err vdetail_load(const struct view_loader *l, const struct view_params *p, const struct vknown *known, const struct vincident *sel,
                      struct view_incidents *v, struct errctx *ctx)
{
    struct detail d = detail_of(l, p, sel);
    struct impact_reading r;
    struct timeline_entry *timeline;
    struct view_differs_ask trouble;

    memset(&r, 0, sizeof r);
    enum err e = store_timeline(l->st, sel->in.id, p->cursor_ms, l->arena, &timeline, &v->timeline_count, ctx);
    if (e == ERR_OK)
        e = vbars_make(&(struct vbars_ask){l, p, sel, d.from_ms, d.closed_ms, known->in.acts, known->in.act_count}, v, ctx);
    if (e == ERR_OK)
        e = find_slow(&d, known, v, ctx);
    if (e == ERR_OK) {
        /* the list's word goes by all alerts: while the one source stands still, its own is behind the last moment that is known */
        d.apart = sel->apart != NULL ? sel->apart : vincident_apart(d.in, v->alerts, v->alert_count);
        d.of_money = vincident_is_of_money(d.in, v->alerts, v->alert_count);
    }
    if (e == ERR_OK)
        e = read_impact(&d, v->slow, &r, ctx);
    if (e == ERR_OK)
        e = find_symptoms(&d, v, ctx);
    if (e == ERR_OK && d.apart != NULL && take_apart(&d, d.apart, &r, v) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    if (e == ERR_OK)
        e = find_duties(&d, v, ctx);
    if (e == ERR_OK)
        e = act_lines(&d, known, v, ctx);
    if (e == ERR_OK)
        e = find_suspects(&d, known, v, &trouble, ctx);
    if (e != ERR_OK)
        return e;
    v->counts = counts_of(&d, &r);
    v->timeline = timeline;
    if (d.of_money)
        vhits_keep_refused(&r.hits);
    v->hits = r.hits;
    const struct vloss_ask loss = {l, p, d.in, v->alerts, v->alert_count, d.from_ms, d.to_ms};
    e = d.apart != NULL ? vloss_none(&loss, &v->counts, ctx) : vloss_read(&loss, &v->counts, ctx);
    if (e != ERR_OK)
        return e;
    if (impact_lines(&d, &r, v) != ERR_OK || hit_note(&d, &r, &v->hits) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    v->detail = sel;
    return tell_story(&d, known, &trouble, v, ctx);
}
