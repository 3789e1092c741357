/* SPDX-License-Identifier: MIT */
#include "view/vpace.h"

#include <math.h>
#include <string.h>

#include "analysis/burn.h"
#include "base/timefmt.h"
#include "config/yaml.h"
#include "model/money.h"
#include "view/vbudget.h"
#include "view/vfilter.h"
#include "view/vriser.h"
#include "view/vtext.h"
#include "view/vtrouble.h"

static const int64_t hour_ms = 3600000;

/* ---- definitions ---- */

static const struct yaml_node *scalar(const struct yaml_node *n, const char *key)
{
    const struct yaml_node *v = yaml_get(n, key);
    return v != NULL && v->kind == YAML_SCALAR ? v : NULL;
}

/* ERR_NOTFOUND when a member is missing or is none; ERR_NOMEM. */
static enum err read_budget(const struct yaml_node *n, struct arena *a, struct config_budget *ret)
{
    const struct yaml_node *name = scalar(n, "name"), *limit = scalar(n, "limit_nusd"), *period = scalar(n, "period");
    struct config_budget b = {.period = PERIOD_MONTH};

    if (name == NULL || limit == NULL || period == NULL || !str_to_i64(limit->text, &b.limit_nusd) || b.limit_nusd <= 0)
        return ERR_NOTFOUND;
    if (!str_eq_z(period->text, "month"))
        b.period = str_eq_z(period->text, "day") ? PERIOD_DAY : PERIOD_WEEK;
    b.name = arena_strdup(a, name->text);
    if (b.name == NULL)
        return ERR_NOMEM;
    enum err e = vslo_read_scope(yaml_get(n, "scope"), a, b.scope, &b.scope_count);
    if (e == ERR_OK)
        *ret = b;
    return e;
}

enum err vpace_definitions(const struct view_loader *l, int64_t cursor_ms, struct config_budget **ret, size_t *ret_count,
                           struct errctx *ctx)
{
    struct arena *a = l->arena;
    const struct yaml_node *root;
    struct str text;
    enum err e = store_note(l->st, "budgets", cursor_ms, a, &text);

    *ret = NULL;
    *ret_count = 0;
    if (e == ERR_NOTFOUND || (e == ERR_OK && text.n == 0))
        return ERR_OK;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "the budgets cannot be read: %s", err_name(e));
    e = yaml_parse(text, "note budgets", a, &root, ctx);
    if (e != ERR_OK)
        return e;
    if (root->kind != YAML_SEQUENCE)
        return errctx_set(ctx, ERR_CORRUPT, "store: the note 'budgets' is not a list of budgets; restart the recorder to write it anew");
    *ret = arena_array(a, root->count + 1, sizeof **ret);
    e = *ret != NULL ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; e != ERR_NOMEM && i < root->count; i++) {
        e = read_budget(root->items[i], a, &(*ret)[*ret_count]);
        *ret_count += e == ERR_OK;
    }
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading budgets") : ERR_OK;
}

enum err vpace_reached(const struct vread *vr, int64_t cursor_ms, struct vslo_rules *r, struct errctx *ctx)
{
    struct config_budget *all;
    size_t count;
    enum err e = vpace_definitions(vr->l, cursor_ms, &all, &count, ctx);

    r->budgets = all;
    r->budget_count = 0;
    r->budget_reach = arena_array(vr->l->arena, count + 1, sizeof *r->budget_reach);
    if (e == ERR_OK && r->budget_reach == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        enum vslo_reach *reach = &r->budget_reach[r->budget_count];
        r->budgets[r->budget_count] = all[i];
        if (vslo_reach_of(vr, all[i].scope, all[i].scope_count, SIG_COST, reach) != ERR_OK)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
        r->budget_count += e == ERR_OK && *reach != VSLO_APART;
    }
    return e;
}

static bool is_gateways(const char *rule)
{
    const char *last = strrchr(rule, ':');
    return last != NULL && strcmp(last + 1, VPACE_GATEWAYS_RULE) == 0;
}

bool vpace_is_about(const char *rule, const struct vbudget *b)
{
    const struct str name = budget_of_rule(rule);
    return name.p != NULL && str_eq_z(name, b->name) && (strcmp(b->origin, "config") != 0) == is_gateways(rule);
}

const struct config_budget *vpace_of_rule(const struct vslo_rules *r, const char *rule)
{
    const struct str name = budget_of_rule(rule);

    for (size_t i = 0; name.p != NULL && !is_gateways(rule) && i < r->budget_count; i++)
        if (str_eq_z(name, r->budgets[i].name))
            return &r->budgets[i];
    return NULL;
}

/* ---- the filter's part of a budget ---- */

static struct burn_budget burn_budget_of(const struct config_budget *b, int64_t at_ms)
{
    int64_t from, to;
    config_budget_period(b, at_ms, &from, &to);
    return (struct burn_budget){.limit_nusd = b->limit_nusd, .period_ms = to - from};
}

/* Whether each rule fires on the filter's part of a budget alone: a part has no allowance of its own, so it is held against the whole's.
 * What is left is left of the whole: BURN_RESET is about the part that carries half of the present spend. */
static enum err part_fires(const struct view_loader *l, const struct view_params *p, const struct config_budget *b, bool resets,
                           bool ret[BURN_RULES], struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    enum err e = vr != NULL ? vread_init(vr, l, p, ctx) : ERR_NOMEM;
    size_t q[BURN_PACE_RULES][2];

    for (size_t i = 0; e == ERR_OK && i < 2 * BURN_PACE_RULES; i++) {
        const struct burn_rule *rule = burn_rule_at(i / 2);
        int64_t until = vr->until_ms[SIG_COST];
        int64_t from = until - slo_window_ms(i % 2 == 0 ? rule->long_window : rule->short_window);
        q[i / 2][i % 2] = vread_window(vr, SIG_COST, 0, i % 2 == 0 ? instant_floor(from, 60000) : from, until);
        e = vslo_narrow_to(vr, b->scope, b->scope_count, VSLO_NARROWED);
    }
    size_t part = e == ERR_OK ? vread_now(vr, SIG_COST, 0, 0) : 0;
    if (e == ERR_OK)
        e = vslo_narrow_to(vr, b->scope, b->scope_count, VSLO_NARROWED);
    size_t all = e == ERR_OK ? vread_now(vr, SIG_COST, 0, 0) : 0;
    if (e == ERR_OK)
        e = vslo_narrow_to(vr, b->scope, b->scope_count, VSLO_WHOLE);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e == ERR_OK && resets)
        ret[BURN_RESET] = 2 * vread_sum(vr, part, 0, DIM_COUNT, 0).sum >= vread_sum(vr, all, 0, DIM_COUNT, 0).sum;
    for (size_t i = 0; e == ERR_OK && i < BURN_PACE_RULES; i++) {
        const struct burn_rule *rule = burn_rule_at(i);
        const struct burn_budget budget = burn_budget_of(b, p->cursor_ms);
        struct burn_window w[2];
        for (size_t k = 0; k < 2; k++) {
            struct vsum s = vread_sum(vr, q[i][k], 0, DIM_COUNT, 0);
            enum slo_window window = k == 0 ? rule->long_window : rule->short_window;
            w[k] = burn_window_of(&budget, window, vr->until_ms[SIG_COST], s.sum, s.known ? s.covered_ms : 0);
        }
        ret[i] = burn_rule_fires(i, &w[0], &w[1]);
    }
    return e;
}

static const char *scope_of(struct arena *a, const struct config_budget *b)
{
    const char *text = "";
    for (uint32_t i = 0; i < b->scope_count && text != NULL; i++)
        text = arena_printf(a, "%s%s%s=%s", text, i > 0 ? "," : "", dim_name(b->scope[i].dim), b->scope[i].value);
    return text;
}

/* What rule i says of the filter's part; of the whole: what fires there, or NULL. */
static enum err judged(struct arena *a, const struct config_budget *b, size_t i, const struct alert *whole, struct alert *ret)
{
    const struct burn_rule *rule = burn_rule_at(i);

    *ret = (struct alert){.rule = arena_printf(a, "budget:%s:%s", b->name, rule->name),
                          .scope = whole != NULL ? whole->scope : scope_of(a, b),
                          .severity = rule->severity,
                          .state = ALERT_FIRING,
                          .since_ms = whole != NULL ? whole->since_ms : 0,
                          .onset_ms = whole != NULL ? whole->onset_ms : 0,
                          .window_long_ms = slo_window_ms(rule->long_window),
                          .window_short_ms = slo_window_ms(rule->short_window),
                          .text = ""};
    return ret->rule != NULL && ret->scope != NULL ? ERR_OK : ERR_NOMEM;
}

/* The worst alert of a budget that fires; NULL when none does. */
static const struct alert *firing_of(const struct vslo_rules *r, const struct config_budget *b)
{
    struct alert *worst = NULL;

    for (size_t i = 0; i < r->alert_count; i++)
        if (r->alerts[i].state == ALERT_FIRING && vpace_of_rule(r, r->alerts[i].rule) == b)
            worst = vslo_worse(worst, &r->alerts[i]);
    return worst;
}

/* Whether the whole of a budget is gone, or goes before its reset. */
static bool is_going(const struct vslo_rules *r, const struct config_budget *b)
{
    for (size_t i = 0; i < r->alert_count; i++) {
        const char *last = strrchr(r->alerts[i].rule, ':');
        if (r->alerts[i].state == ALERT_FIRING && vpace_of_rule(r, r->alerts[i].rule) == b &&
            strcmp(last + 1, burn_rule_at(BURN_RESET)->name) == 0)
            return true;
    }
    return false;
}

/* A gateway's own budget is that of one owner: it is whole, or apart from the filter. */
static enum err keep_gateways(const struct view_loader *l, const struct view_params *p, struct alert *alerts, size_t *n, struct errctx *ctx)
{
    struct alert *list;
    size_t count;
    enum err e = vfilter_alerts(l, p, &list, &count, ctx);

    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (budget_of_rule(list[i].rule).p != NULL && is_gateways(list[i].rule))
            alerts[(*n)++] = list[i];
    return e;
}

enum err vpace_judge_parts(const struct view_loader *l, const struct view_params *p, struct vslo_rules *r, enum severity worst,
                           struct alert *alerts, size_t *n, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < r->budget_count; i++) {
        const struct config_budget *b = &r->budgets[i];
        bool narrowed = r->budget_reach[i] == VSLO_NARROWED, fires[BURN_RULES] = {false};
        const struct alert *whole = narrowed ? firing_of(r, b) : NULL;
        size_t before = *n;
        if (narrowed)
            e = part_fires(l, p, b, is_going(r, b), fires, ctx);
        for (size_t k = 0; e == ERR_OK && k < BURN_RULES; k++)
            if (fires[k])
                e = judged(l->arena, b, k, whole, &alerts[(*n)++]);
        if (whole != NULL && *n == before && whole->severity > worst) {
            worst = whole->severity;
            r->elsewhere = arena_printf(l->arena, "budget %s", b->name);
            e = r->elsewhere != NULL ? e : ERR_NOMEM;
        }
        for (size_t k = 0; k < r->alert_count; k++)
            if (vpace_of_rule(r, r->alerts[k].rule) == b && (!narrowed || r->alerts[k].state == ALERT_NO_DATA))
                alerts[(*n)++] = r->alerts[k];
    }
    return e == ERR_OK ? keep_gateways(l, p, alerts, n, ctx) : e;
}

/* ---- the sentence ---- */

struct money_ask {
    size_t now, who_now[VRISER_DIMS], who_before[VRISER_DIMS]; /* before: the hour before the onset */
    bool has_before;
};

static enum err ask_money(struct vread *vr, const struct config_budget *b, enum vslo_reach reach, int64_t onset_ms, struct money_ask *ask)
{
    enum err e;

    *ask = (struct money_ask){.has_before = onset_ms > 0};
    ask->now = vread_now(vr, SIG_COST, 0, 0);
    e = vslo_narrow_to(vr, b->scope, b->scope_count, reach);
    for (size_t i = 0; e == ERR_OK && i < VRISER_DIMS; i++) {
        ask->who_now[i] = vread_now(vr, SIG_COST, DIM_BIT(vriser_dim(i)), 0);
        e = vslo_narrow_to(vr, b->scope, b->scope_count, reach);
        if (e != ERR_OK || !ask->has_before)
            continue;
        ask->who_before[i] = vread_window(vr, SIG_COST, DIM_BIT(vriser_dim(i)), onset_ms - hour_ms, onset_ms);
        e = vslo_narrow_to(vr, b->scope, b->scope_count, reach);
    }
    return e;
}

/* ", key agents-f31a +$425/h"; "" where nothing rose, or nobody carries half of it. */
static const char *who(struct vread *vr, const struct money_ask *ask, const struct config_budget *b)
{
    struct vriser r;
    uint32_t scoped = 0;
    char amount[VTEXT_MAX];
    for (uint32_t k = 0; k < b->scope_count; k++)
        scoped |= DIM_BIT(b->scope[k].dim);
    if (!ask->has_before || !vriser_find(vr, ask->who_now, ask->who_before, scoped, &r))
        return "";
    vtext_usd_per_h(r.more, amount);
    return arena_printf(vr->l->arena, ", %s %s +%s", dim_name(r.dim), vread_text(vr, r.id), amount);
}

/* The budget as the cost pane tells it; NULL when it does not. */
static enum err find_budget(const struct view_loader *l, const struct view_params *p, const char *rule, const struct vbudget **ret,
                            struct errctx *ctx)
{
    struct view_params whole = *p;
    struct vbudget *list;
    size_t count;

    whole.filter = "";
    *ret = NULL;
    enum err e = vbudget_load(l, &whole, NULL, 0, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (vpace_is_about(rule, &list[i]))
            *ret = &list[i];
    return e;
}

/* Whether another budget's alert is as grave as the one that would be told. */
static bool rivals(const struct alert *told, const struct alert *al)
{
    return al != told && al->state == ALERT_FIRING && al->severity == told->severity && budget_of_rule(al->rule).p != NULL;
}

static enum err soonest(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, struct alert **al,
                        struct errctx *ctx)
{
    struct alert *const told = *al;
    struct vbudget *list;
    struct view_params whole = *p;
    size_t count, others = 0;

    for (size_t i = 0; i < r->alert_count; i++)
        others += rivals(told, &r->alerts[i]);
    if (others == 0)
        return ERR_OK;
    whole.filter = "";
    enum err e = vbudget_load(l, &whole, NULL, 0, &list, &count, ctx);
    int64_t first_ms = INT64_MAX;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct alert *found = NULL;
        for (size_t k = 0; k < r->alert_count; k++)
            if ((&r->alerts[k] == told || rivals(told, &r->alerts[k])) && vpace_is_about(r->alerts[k].rule, &list[i]))
                found = vslo_worse(found, &r->alerts[k]);
        if (found == NULL || list[i].end != BUDGET_GONE || list[i].gone_ms >= first_ms)
            continue;
        *al = found;
        first_ms = list[i].gone_ms;
    }
    return e;
}

/* As its incident is called, and since that began. */
static enum err by_incident(const struct view_loader *l, const struct vslo_rules *r, const struct incident *in, struct alert **al,
                            struct errctx *ctx)
{
    struct alert *const told = *al, *copy = arena_alloc(l->arena, sizeof *copy);

    if (copy == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    *copy = *told;
    for (size_t i = 0; !incident_is_called_after(in, copy->rule) && i < r->alert_count; i++)
        if (rivals(told, &r->alerts[i]) && incident_is_of(in, &r->alerts[i]) && incident_is_called_after(in, r->alerts[i].rule))
            *copy = r->alerts[i];
    copy->onset_ms = in->onset_ms != 0 ? in->onset_ms : in->opened_ms;
    copy->onset_error_ms = in->onset_ms != 0 ? in->onset_error_ms : 0;
    copy->onset_from_ms = copy->onset_to_ms = 0;
    *al = copy;
    return ERR_OK;
}

enum err vpace_told(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, struct alert **al,
                    struct errctx *ctx)
{
    struct incident *list;
    size_t count;

    if (*al == NULL || (*al)->state != ALERT_FIRING || budget_of_rule((*al)->rule).p == NULL)
        return ERR_OK;
    enum err e = soonest(l, p, r, al, ctx);
    if (e == ERR_OK)
        e = store_incidents(l->st, p->cursor_ms, l->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (list[i].state != INCIDENT_RESOLVED && incident_is_of_budget(&list[i]) && incident_is_of(&list[i], *al))
            return by_incident(l, r, &list[i], al, ctx);
    return e;
}

/* The definition, or of a gateway's own budget what its scope says. */
static enum err subject_of(struct arena *a, const struct vslo_rules *r, const struct alert *al, struct config_budget *ret,
                           enum vslo_reach *ret_reach)
{
    const struct config_budget *def = vpace_of_rule(r, al->rule);

    *ret_reach = VSLO_WHOLE;
    if (def != NULL) {
        *ret = *def;
        *ret_reach = r->budget_reach[def - r->budgets];
        return ERR_OK;
    }
    *ret = (struct config_budget){.name = arena_strdup(a, budget_of_rule(al->rule))};
    for (const char *c = al->scope; *c != '\0' && ret->scope_count < SCOPE_PARTS_MAX;) {
        size_t n = strcspn(c, ","), eq = strcspn(c, "=");
        struct scope_part *part = &ret->scope[ret->scope_count];
        if (eq < n && dim_by_name((struct str){c, eq}, &part->dim)) {
            part->value = arena_strdup(a, (struct str){c + eq + 1, n - eq - 1});
            if (part->value == NULL)
                return ERR_NOMEM;
            ret->scope_count++;
        }
        c += n + (c[n] == ',');
    }
    return ret->name != NULL ? ERR_OK : ERR_NOMEM;
}

/* " is 15x its pace"; "" of a gateway's own budget, whose period nobody tells. */
static const char *pace_text(struct arena *a, const struct config_budget *b, double usd_per_h, int64_t at_ms)
{
    if (b->limit_nusd <= 0 || isnan(usd_per_h))
        return "";
    const struct burn_budget budget = burn_budget_of(b, at_ms);
    double pace = usd_per_h / (unit_from_fixed(UNIT_USD, b->limit_nusd) / ((double)budget.period_ms / (double)hour_ms));
    return arena_printf(a, " is %.*fx its pace", pace < 9.95 ? 1 : 0, pace);
}

/* ", about as in the hour before it rose at 03:06:40Z +-1m (7m42s ago), and longer windows still burn" of a budget that is spent no faster
 * than before; "" of one that is, or of which that is not known. NULL when the arena is full. */
static const char *over_phrase(struct vread *vr, const struct money_ask *ask, const struct alert *al, int64_t wide_ms,
                               const struct vbudget *left)
{
    const double was = vriser_per_h(vr, ask->who_before[0], DIM_COUNT, 0), now = vriser_per_h(vr, ask->now, DIM_COUNT, 0);
    const bool is_spent = left != NULL && left->end == BUDGET_GONE && left->gone_ms <= vr->cursor_ms;
    char clock[TIMEFMT_MAX], ago[TIMEFMT_MAX];

    if (al->onset_ms == 0 || !vriser_is_none(vr, ask->now, ask->who_before[0]))
        return "";
    instant_format_clock(al->onset_ms, clock);
    duration_format(vr->until_ms[SIG_COST] - al->onset_ms, ago);
    const char *error = vtext_error(vr->l->arena, wide_ms);
    return error != NULL
               ? arena_printf(vr->l->arena, ", %s in the hour before it rose at %s%s (%s ago)%s", now > was ? "about as" : "no more than",
                              clock, error, ago, is_spent ? "" : ", and longer windows still burn")
               : NULL;
}

enum err vpace_sentence(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, const struct alert *al,
                        const char **ret, struct errctx *ctx)
{
    struct arena *a = l->arena;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    int64_t onset = al->onset_ms != 0 ? al->onset_ms : al->since_ms;
    struct config_budget b;
    enum vslo_reach reach;
    struct money_ask ask;
    const struct vbudget *left;
    char amount[VTEXT_MAX];

    enum err e = vr != NULL ? subject_of(a, r, al, &b, &reach) : ERR_NOMEM;
    if (e == ERR_OK)
        e = vread_init(vr, l, p, ctx);
    if (e == ERR_OK)
        e = ask_money(vr, &b, reach, onset - al->onset_error_ms, &ask);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e == ERR_OK)
        e = find_budget(l, p, al->rule, &left, ctx);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while writing the verdict") : e;
    const bool is_gone = left != NULL && left->end == BUDGET_GONE && left->gone_ms <= vr->cursor_ms && left->end_exact != ABOUT;
    if (is_gone && vpace_of_rule(r, al->rule) == NULL) {
        const struct vpace_spent spent = {b.name, al, left, b.scope, b.scope_count, reach};
        return vpace_spent_sentence(vr, &spent, ret, ctx);
    }
    const struct vnum rate = vnum_usd_per_h(vread_sum(vr, ask.now, 0, DIM_COUNT, 0));
    const char *within = reach == VSLO_NARROWED ? arena_printf(a, " within %s", p->filter) : "";
    const char *unsplit = reach == VSLO_UNSPLIT ? vread_unsplit_text(vr, SIG_COST) : "";
    const char *whole = unsplit == NULL ? NULL : unsplit[0] != '\0' ? arena_printf(a, "; of all: %s", unsplit) : "";
    const int64_t wide = vtrouble_wide_ms(vr, SIG_COST, al->onset_error_ms);
    const char *over = over_phrase(vr, &ask, al, wide, left);
    const char *since = over == NULL || over[0] != '\0' ? over : vtext_since(a, onset, wide, vr->until_ms[SIG_COST]);
    const char *rose = over == NULL || over[0] != '\0' ? "" : who(vr, &ask, &b);
    const char *pace = pace_text(a, &b, rate.v, vr->p->cursor_ms), *until = left != NULL ? arena_printf(a, "; %s", left->end_text) : "";
    if (within == NULL || whole == NULL || since == NULL || rose == NULL || pace == NULL || until == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    char last[VTEXT_MAX];
    vtext_usd_per_h(rate.v, amount);
    vtext_last(vread_measured_ms(vr, ask.now), last);
    *ret = isnan(rate.v) ? arena_printf(a, "budget %s%s: no spend known now%s%s%s", b.name, within, since, until, whole)
                         : arena_printf(a, "budget %s%s: %s%s in the %s%s%s%s%s%s%s", b.name, within, exact_mark(rate.exact), amount, last,
                                        pace, pace[0] == '\0' && since[0] == ' ' ? "," : "", since, rose, until, whole);
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}
