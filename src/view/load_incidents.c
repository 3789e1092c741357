/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <stdlib.h>
#include <string.h>

#include "view/vdetail.h"
#include "view/vfeeds.h"
#include "view/vharm.h"
#include "view/vincidents.h"
#include "view/vlasted.h"
#include "view/vpace.h"
#include "view/vrefused.h"
#include "view/vslo.h"
#include "view/vslowed.h"
#include "view/vtext.h"

enum { LOST_MAX = 24 };

/* Requests lost and money spent by list[first] and by those after it of its scope, each over its own time: one reading for a scope. */
static enum err count_lost_in_scope(const struct view_loader *l, const struct view_params *p, struct vincident *list, size_t count,
                                    size_t first, bool counted[LOST_MAX], struct errctx *ctx)
{
    const char *scope = list[first].in.scope;
    struct view_params at = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    size_t q[LOST_MAX], cost[LOST_MAX];

    at.filter = vread_scope_filter(l->arena, scope);
    if (vr == NULL || at.filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    enum err e = vread_init(vr, l, &at, ctx);
    for (size_t i = first; e == ERR_OK && i < count; i++) {
        const struct vtime harm = vdetail_harm(&list[i], p->cursor_ms);
        if (counted[i] || strcmp(list[i].in.scope, scope) != 0)
            continue;
        q[i] = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), harm.t0_ms, harm.t1_ms);
        cost[i] = vread_window(vr, SIG_COST, 0, harm.t0_ms, harm.t1_ms);
    }
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    for (size_t i = first; e == ERR_OK && i < count; i++) {
        if (counted[i] || strcmp(list[i].in.scope, scope) != 0)
            continue;
        struct voutcomes o = vread_outcomes(vr, q[i], 0, DIM_COUNT, 0);
        list[i].lost = o.bad;
        list[i].lost_known = o.known;
        list[i].refused = o.refused;
        list[i].refusals = vrefused_matters(&o, o.all);
        list[i].harmed = vharm_is_in(&o, incident_is_of_budget(&list[i].in));
        o.trust.less = o.trust.less || vlasted_is_partly_counted(&list[i]);
        list[i].lost_exact = vdetail_sum_exact(o.trust);
        struct vsum spent = vread_sum(vr, cost[i], 0, DIM_COUNT, 0);
        spent.trust.less = spent.trust.less || list[i].counted_from_ms != 0;
        list[i].spend = vdetail_spend(spent);
        counted[i] = true;
    }
    return e;
}

/* Of the newest incidents of the list. */
static enum err count_lost(const struct view_loader *l, const struct view_params *p, struct vincident *list, size_t count,
                           struct errctx *ctx)
{
    bool counted[LOST_MAX] = {false};
    const size_t newest = count < LOST_MAX ? count : LOST_MAX;
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < newest; i++)
        if (!counted[i])
            e = count_lost_in_scope(l, p, list, newest, i, counted, ctx);
    return e;
}

/* Whether another firing of the same rule stands before history[at] in the incident. */
static bool fired_before(const struct alert *history, size_t at, const struct incident *in)
{
    for (size_t i = 0; i < at; i++)
        if (history[i].since_ms >= in->opened_ms && alert_is_firing_rule(&history[i]) && strcmp(history[i].rule, history[at].rule) == 0 &&
            incident_is_of(in, &history[i]))
            return true;
    return false;
}

/* What its scope's traffic did meanwhile is none of its doing. */
static void take_apart(struct vincident *v)
{
    v->lost_known = v->refusals = v->harmed = false;
    v->lost = v->refused = 0;
    v->spend = vnum_unknown();
}

/* The rules that fired in each of the newest incidents, and how many answers were slow in those of latency objectives. */
static enum err count_rules(const struct view_loader *l, const struct view_params *p, const struct vknown *known, struct errctx *ctx)
{
    struct vincident *list = known->in.list;
    const size_t count = known->in.count;
    const struct slo *slow[LOST_MAX];
    const size_t newest = count < LOST_MAX ? count : LOST_MAX;
    struct alert *history;
    size_t alerts;
    int64_t from = p->cursor_ms;
    for (size_t i = 0; i < newest; i++)
        from = list[i].in.opened_ms < from ? list[i].in.opened_ms : from;
    enum err e = store_alert_history(l->st, from - 1, p->cursor_ms, p->cursor_ms, l->scratch, &history, &alerts, ctx);
    for (size_t i = 0; e == ERR_OK && i < newest; i++) {
        const struct incident *in = &list[i].in;
        for (size_t k = 0; k < alerts; k++) {
            const bool is = vincident_has_firing(in, &history[k]);
            list[i].rules += is && !fired_before(history, k, in);
            list[i].harmed = list[i].harmed || (is && vharm_is_of_rule(history[k].rule));
        }
        slow[i] = vslowed_objective(known, in, history, alerts);
        list[i].of_money = vincident_is_of_money(in, history, alerts);
        list[i].apart = vincident_apart(in, history, alerts);
        if (list[i].apart != NULL)
            take_apart(&list[i]);
    }
    return e == ERR_OK ? vslowed_count(l, p, list, slow, newest, ctx) : e;
}

/* "310 lost, " of what is told as slow, where a hundredth of its requests failed as well; "". NULL when the arena is full. */
static const char *lost_too(struct arena *a, const struct vincident *v)
{
    enum { SHARE = 100, LEAST = 5 };
    char n[VTEXT_MAX];
    vtext_count(v->lost, n);
    return v->lost_known && v->lost >= LEAST && v->lost * SHARE >= v->slowed.answers + v->lost
               ? arena_printf(a, "%s%s lost, ", exact_mark(v->lost_exact), n)
               : "";
}

static enum err tell_how_bad(struct arena *a, struct vincident *list, size_t count, struct errctx *ctx)
{
    for (size_t i = 0; i < count; i++) {
        struct vincident *v = &list[i];
        const bool slow = v->slowed.over != NULL;
        char n[VTEXT_MAX];
        const bool refused = !slow && v->refusals && (v->refused > v->lost || v->of_money); /* what it lost most */
        vtext_count(slow ? v->slowed.slow : refused ? v->refused : v->lost, n);
        const char *lost = slow ? lost_too(a, v) : "";
        if (lost == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
        v->bad_text = v->lost_known && !v->harmed && incident_is_of_budget(&v->in) ? "no harm" /* what fails there is not its doing */
                      : (slow ? v->slowed.known : v->lost_known)
                          ? arena_printf(a, "%s%s%s %s", lost, exact_mark(slow ? v->slowed.exact : v->lost_exact), n,
                                         slow      ? "slow"
                                         : refused ? "refused"
                                                   : "lost")
                          : "?";
        if (v->bad_text == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    }
    return ERR_OK;
}

const struct vincident *view_incident_children(const struct view_incidents *v, const struct vincident *in)
{
    for (size_t i = v->count; i < v->count + v->child_count; i++)
        if (v->list[i].in.parent == in->in.id)
            return &v->list[i];
    return NULL;
}

/* What is told of how bad it is; 0 also where that is not known. */
static uint64_t loss_of(const struct vincident *v)
{
    if (v->slowed.over != NULL)
        return v->slowed.known ? v->slowed.slow : 0;
    if (!v->lost_known)
        return 0;
    if (v->of_money)
        return v->harmed ? v->refused : 0;
    return v->refusals && v->refused > v->lost ? v->refused : v->lost;
}

/* Somebody took it, or put it off. */
static bool is_taken(const struct vincident *v)
{
    return v->in.state != INCIDENT_OPEN || v->snoozed_until_ms != 0;
}

/* Of what is open, what asks most for somebody; then what is over, the newest first. */
static int compare_urgency(const void *l, const void *r)
{
    const struct vincident *a = l, *b = r;
    const bool a_over = a->in.state == INCIDENT_RESOLVED, b_over = b->in.state == INCIDENT_RESOLVED;
    if (a_over != b_over)
        return a_over ? 1 : -1;
    if (!a_over && a->in.severity != b->in.severity)
        return a->in.severity > b->in.severity ? -1 : 1;
    if (!a_over && is_taken(a) != is_taken(b))
        return is_taken(a) ? 1 : -1;
    if (!a_over && loss_of(a) != loss_of(b))
        return loss_of(a) > loss_of(b) ? -1 : 1;
    if (a->in.opened_ms != b->in.opened_ms)
        return a->in.opened_ms > b->in.opened_ms ? -1 : 1;
    return (a->in.id < b->in.id) - (a->in.id > b->in.id);
}

/* Children stand behind all others; a parent that the filter leaves out has none. Errors: ERR_NOMEM. */
static enum err fold(struct arena *a, struct vincident *list, size_t count, struct view_incidents *v)
{
    struct vincident *all = arena_array(a, count + 1, sizeof *all);
    if (all == NULL)
        return ERR_NOMEM;
    for (size_t i = 0, parent = 0; i < count; i++) { /* each stands behind its own (vincidents_load) */
        if (list[i].in.parent != 0 && list[parent].in.id == list[i].in.parent) {
            list[parent].children++;
            v->child_count++;
        } else {
            parent = i;
        }
    }
    v->count = count - v->child_count;
    size_t roots = 0, children = v->count;
    for (size_t i = 0, parent = 0; i < count; i++) {
        const bool is_child = list[i].in.parent != 0 && list[parent].in.id == list[i].in.parent;
        parent = is_child ? parent : i;
        all[is_child ? children++ : roots++] = list[i];
    }
    qsort(all, roots, sizeof *all, compare_urgency);
    v->list = all;
    return ERR_OK;
}

/* Which are listed, and which of them the detail is of: that of the id that is wanted, or that of a row. */
struct pick {
    struct vincidents_want want;
    bool by_row;
    size_t row;
};

static const struct vincident *picked(const struct view_incidents *v, struct pick pick)
{
    if (pick.by_row && v->count > 0)
        return &v->list[pick.row < v->count ? pick.row : v->count - 1];
    for (size_t i = 0; i < v->count + v->child_count; i++)
        if (v->list[i].in.id == pick.want.id)
            return &v->list[i];
    return NULL;
}

static enum err find_own_rules(const struct view_loader *l, const struct view_params *p, bool *ret, struct errctx *ctx)
{
    struct rule_info *list;
    size_t count;
    enum err e = view_rule_list(l, p, &list, &count, ctx);
    *ret = false;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        *ret = *ret || list[i].kind == RULE_OWN;
    return e;
}

static enum err load(const struct view_loader *l, const struct view_params *p, struct pick pick, struct view_incidents *ret,
                     struct errctx *ctx)
{
    struct view_incidents v;
    struct config_budget *budgets;
    struct vknown known;
    struct vfeeds feeds;
    size_t budget_count;
    bool has_own = false;

    memset(&v, 0, sizeof v);
    enum err e = vincidents_load(l, p, &pick.want, &known.in, ctx);
    if (e == ERR_OK)
        e = vlasted_tell(l, p, known.in.list, known.in.count, ctx);
    if (e == ERR_OK)
        e = count_lost(l, p, known.in.list, known.in.count, ctx);
    if (e == ERR_OK)
        e = vslo_definitions(l, p->cursor_ms, &known.slos, &known.slo_count, ctx);
    if (e == ERR_OK)
        e = count_rules(l, p, &known, ctx);
    if (e == ERR_OK)
        e = tell_how_bad(l->arena, known.in.list, known.in.count, ctx);
    if (e == ERR_OK)
        e = vpace_definitions(l, p->cursor_ms, &budgets, &budget_count, ctx);
    if (e == ERR_OK)
        e = vfeeds_load(l, p->cursor_ms, &feeds, ctx);
    if (e == ERR_OK)
        e = find_own_rules(l, p, &has_own, ctx);
    if (e != ERR_OK)
        return e;
    v.filter_text = p->filter[0] == '\0' ? "" : arena_printf(l->arena, "those that %s may be part of; each is told as a whole", p->filter);
    v.rules_text = known.slo_count > 0 || has_own
                       ? ""
                       : arena_printf(l->arena, "NO RULES: %s. `gwtop init --slo` proposes objectives from what was recorded.",
                                      vfeeds_what_pages(&feeds, budget_count > 0));
    if (v.filter_text == NULL || v.rules_text == NULL || fold(l->arena, known.in.list, known.in.count, &v) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    v.older = known.in.older;
    const struct vincident *sel = picked(&v, pick);
    if (sel != NULL) {
        v.selected = sel->in.id;
        e = vdetail_load(l, p, &known, sel, &v, ctx);
    }
    if (e != ERR_OK)
        return e;
    *ret = v;
    return ERR_OK;
}

enum err view_load_incidents(const struct view_loader *l, const struct view_params *p, int64_t selected, struct view_incidents *ret,
                             struct errctx *ctx)
{
    return load(l, p, (struct pick){.want = {.id = selected}}, ret, ctx);
}

enum err view_load_incidents_row(const struct view_loader *l, const struct view_params *p, size_t row, struct view_incidents *ret,
                                 struct errctx *ctx)
{
    return load(l, p, (struct pick){.by_row = true, .row = row}, ret, ctx);
}

enum err view_load_incidents_since(const struct view_loader *l, const struct view_params *p, int64_t since_ms, struct view_incidents *ret,
                                   struct errctx *ctx)
{
    return load(l, p, (struct pick){.want = {.since_ms = since_ms}}, ret, ctx);
}
