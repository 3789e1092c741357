/* SPDX-License-Identifier: MIT */
/* Which objectives and budgets are in force, what fires of them, and what a filter leaves of both.
 *
 * How this works: an objective whose scope lies apart from the filter is left out, and one whose scope lies within it is as the recorder
 * judged it. One that reaches beyond the filter is judged anew for the filter's part alone, by the recorder's own rules over the same
 * windows. Where no source tells that part apart, it stays whole and is said to be so. */
#include "view/vslo.h"

#include <string.h>

#include "analysis/burn.h"
#include "config/yaml.h"
#include "view/vfilter.h"
#include "view/vpace.h"

static const struct yaml_node *scalar(const struct yaml_node *n, const char *key)
{
    const struct yaml_node *v = yaml_get(n, key);
    return v != NULL && v->kind == YAML_SCALAR ? v : NULL;
}

enum err vslo_read_scope(const struct yaml_node *scope, struct arena *a, struct scope_part ret[SCOPE_PARTS_MAX], uint32_t *ret_count)
{
    *ret_count = 0;
    for (size_t i = 0; scope != NULL && scope->kind == YAML_SEQUENCE && i < scope->count && *ret_count < SCOPE_PARTS_MAX; i++) {
        const struct yaml_node *dim = scalar(scope->items[i], "dim"), *value = scalar(scope->items[i], "value");
        if (dim == NULL || value == NULL || !dim_by_name(dim->text, &ret[*ret_count].dim))
            return ERR_NOTFOUND;
        ret[*ret_count].value = arena_strdup(a, value->text);
        if (ret[(*ret_count)++].value == NULL)
            return ERR_NOMEM;
    }
    return ERR_OK;
}

/* One definition of the note. ERR_NOTFOUND when a member is missing, which a note of an older form may have; ERR_NOMEM. */
static enum err read_definition(const struct yaml_node *n, struct arena *a, struct slo *ret)
{
    const struct yaml_node *name = scalar(n, "name"), *kind = scalar(n, "kind"), *scope = yaml_get(n, "scope");
    const struct yaml_node *objective = scalar(n, "objective"), *period = scalar(n, "period_ms");
    struct slo s = {.kind = SLO_AVAILABILITY};

    if (name == NULL || kind == NULL || objective == NULL || period == NULL || !str_to_f64(objective->text, &s.objective) ||
        !str_to_i64(period->text, &s.period_ms) || !(s.objective > 0 && s.objective < 1) || s.period_ms <= 0)
        return ERR_NOTFOUND;
    s.name = arena_strdup(a, name->text);
    if (s.name == NULL)
        return ERR_NOMEM;
    if (str_eq_z(kind->text, "latency")) {
        const struct yaml_node *signal = scalar(n, "signal"), *threshold = scalar(n, "threshold");
        s.kind = SLO_LATENCY;
        if (signal == NULL || threshold == NULL || !signal_by_name(signal->text, &s.signal) || !str_to_f64(threshold->text, &s.threshold))
            return ERR_NOTFOUND;
    }
    enum err e = vslo_read_scope(scope, a, s.scope, &s.scope_count);
    if (e != ERR_OK)
        return e;
    *ret = s;
    return ERR_OK;
}

enum err vslo_definitions(const struct view_loader *l, int64_t cursor_ms, struct slo **ret, size_t *ret_count, struct errctx *ctx)
{
    struct str text;
    const struct yaml_node *root;

    enum err e = store_note(l->st, "slo", cursor_ms, l->arena, &text);
    if (e != ERR_OK && e != ERR_NOTFOUND)
        return errctx_set(ctx, e, "the objectives cannot be read: %s", err_name(e));
    if (e == ERR_NOTFOUND || text.n == 0) {
        *ret = NULL;
        *ret_count = 0;
        return ERR_OK;
    }
    e = yaml_parse(text, "note slo", l->arena, &root, ctx);
    if (e != ERR_OK)
        return e;
    if (root->kind != YAML_SEQUENCE)
        return errctx_set(ctx, ERR_CORRUPT, "store: the note 'slo' is not a list of objectives; restart the recorder to write it anew");
    struct slo *list = arena_array(l->arena, root->count + 1, sizeof *list);
    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    size_t n = 0;
    for (size_t i = 0; i < root->count; i++) {
        e = read_definition(root->items[i], l->arena, &list[n]);
        if (e == ERR_NOMEM)
            return errctx_set(ctx, e, "out of memory while reading objectives");
        n += e == ERR_OK;
    }
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}

const char *vslo_scope(struct arena *a, const struct slo *s, const char *between)
{
    const char *text = "";
    for (uint32_t i = 0; i < s->scope_count && text != NULL; i++)
        text = arena_printf(a, "%s%s%s=%s", text, i > 0 ? between : "", dim_name(s->scope[i].dim), s->scope[i].value);
    return text;
}

const struct slo *vslo_of_rule(const struct slo *slos, size_t count, const char *rule)
{
    static const char prefix[] = "slo:";
    if (strncmp(rule, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *name = rule + sizeof prefix - 1;
    const char *end = strrchr(name, ':');
    size_t n = end != NULL ? (size_t)(end - name) : strlen(name);
    for (size_t i = 0; i < count; i++)
        if (strlen(slos[i].name) == n && memcmp(slos[i].name, name, n) == 0)
            return &slos[i];
    return NULL;
}

void vslo_slowness(const struct slo *slos, size_t count, const struct alert *al, struct view_differs_ask *trouble)
{
    const struct slo *s = al != NULL ? vslo_of_rule(slos, count, al->rule) : NULL;
    trouble->of_slowness = s != NULL && s->kind == SLO_LATENCY;
    trouble->slow = trouble->of_slowness ? s->signal : SIG_E2E;
}

enum err vslo_scope_filter(const struct view_loader *l, const struct scope_part *scope, uint32_t count, struct store_filter *ret)
{
    enum err e = ERR_OK;

    memset(ret, 0, sizeof *ret);
    for (uint32_t i = 0; e == ERR_OK && i < count; i++)
        e = vfilter_add(l, scope[i].dim, scope[i].value, ret);
    return e;
}

enum err vslo_reach_of(const struct vread *vr, const struct scope_part *scope, uint32_t count, enum signal signal, enum vslo_reach *ret)
{
    struct store_filter own;
    uint32_t unsplit = vr->unsplit[signal];
    enum err e = vslo_scope_filter(vr->l, scope, count, &own);

    if (e != ERR_OK)
        return e;
    for (uint32_t i = 0; i < count; i++)
        unsplit &= ~DIM_BIT(scope[i].dim); /* the scope says it already */
    switch (vfilter_scope(vr->l->st, &vr->filter, &own, signal)) {
    case VSCOPE_APART: *ret = VSLO_APART; break;
    case VSCOPE_WITHIN: *ret = VSLO_WHOLE; break;
    case VSCOPE_WIDER:
        *ret = unsplit != 0 ? VSLO_UNSPLIT : vfilter_matches(vr->l->st, signal, &vr->filter) ? VSLO_NARROWED : VSLO_APART;
        break;
    }
    return ERR_OK;
}

enum err vslo_reach(const struct vread *vr, const struct slo *s, enum vslo_reach *ret)
{
    return vslo_reach_of(vr, s->scope, s->scope_count, vslo_signal(s), ret);
}

enum err vslo_narrow_to(struct vread *vr, const struct scope_part *scope, uint32_t count, enum vslo_reach reach)
{
    enum err e = ERR_OK;

    if (reach != VSLO_NARROWED)
        vread_unfilter(vr);
    for (uint32_t i = 0; e == ERR_OK && i < count; i++)
        e = vfilter_add(vr->l, scope[i].dim, scope[i].value, &vr->q[vr->count - 1].filter);
    return e;
}

enum err vslo_narrow(struct vread *vr, const struct slo *s)
{
    enum vslo_reach reach;
    enum err e = vslo_reach(vr, s, &reach);

    return e == ERR_OK ? vslo_narrow_to(vr, s->scope, s->scope_count, reach) : e;
}

enum err vslo_is_seen(const struct vread *vr, const struct slo *s, bool *ret)
{
    struct store_filter scope;
    enum err e = vslo_scope_filter(vr->l, s->scope, s->scope_count, &scope);
    if (e == ERR_OK)
        *ret = vfilter_matches(vr->l->st, vslo_signal(s), &scope);
    return e;
}

/* ---- rules ---- */

static bool is_of(const struct alert *al, const struct slo *s)
{
    return vslo_of_rule(s, 1, al->rule) == s;
}

/* Leaves out the objectives that lie apart from the filter. */
static enum err keep_reached(const struct vread *vr, struct vslo_rules *r)
{
    size_t n = 0;

    r->defined = r->count;
    r->reach = arena_array(vr->l->arena, r->count + 1, sizeof *r->reach);
    if (r->reach == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->count; i++) {
        enum err e = vslo_reach(vr, &r->slos[i], &r->reach[n]);
        if (e != ERR_OK)
            return e;
        if (r->reach[n] == VSLO_APART)
            continue;
        r->slos[n] = r->slos[i];
        n++;
    }
    r->count = n;
    return ERR_OK;
}

/* Whether an alert began before another, as far as that is known (0: it is not). */
static bool is_older(const struct alert *a, const struct alert *b)
{
    return a->since_ms != 0 && (b->since_ms == 0 || a->since_ms < b->since_ms);
}

struct alert *vslo_worse(struct alert *a, struct alert *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    return b->severity > a->severity || (b->severity == a->severity && is_older(b, a)) ? b : a;
}

/* The worst alert of an objective that fires; NULL when none does. */
static const struct alert *firing_of(const struct vslo_rules *r, const struct slo *s)
{
    struct alert *worst = NULL;

    for (size_t i = 0; i < r->alert_count; i++)
        if (r->alerts[i].state == ALERT_FIRING && is_of(&r->alerts[i], s))
            worst = vslo_worse(worst, &r->alerts[i]);
    return worst;
}

/* What rule i of an objective says of the filter's part; of the whole: what fires there, or NULL. */
static enum err judged_alert(const struct view_loader *l, const struct slo *s, size_t i, const struct alert *whole, struct alert *ret)
{
    const struct slo_rule *r = slo_rule_at(i);

    *ret = (struct alert){.rule = arena_printf(l->arena, "slo:%s:%s", s->name, r->name),
                          .scope = whole != NULL ? whole->scope : vslo_scope(l->arena, s, ","),
                          .severity = r->severity,
                          .state = ALERT_FIRING,
                          .since_ms = whole != NULL ? whole->since_ms : 0,
                          .onset_ms = whole != NULL ? whole->onset_ms : 0,
                          .window_long_ms = slo_window_ms(r->long_window),
                          .window_short_ms = slo_window_ms(r->short_window),
                          .text = ""};
    return ret->rule != NULL && ret->scope != NULL ? ERR_OK : ERR_NOMEM;
}

/* counts[i]: the windows of slos[i], where the filter's part of it is to be judged. */
static enum err count_narrowed(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r,
                               struct slo_count (*counts)[SLO_WINDOW_COUNT], struct errctx *ctx)
{
    struct slo *narrowed = arena_array(l->arena, r->count + 1, sizeof *narrowed);
    size_t n = 0;

    if (narrowed == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    for (size_t i = 0; i < r->count; i++)
        if (r->reach[i] == VSLO_NARROWED)
            narrowed[n++] = r->slos[i];
    enum err e = vslo_windows(l, p, narrowed, n, counts, ctx);
    for (size_t i = r->count; e == ERR_OK && i-- > 0;) /* from the end: none is written over before it was moved */
        if (r->reach[i] == VSLO_NARROWED)
            memmove(counts[i], counts[--n], sizeof counts[i]);
    return e;
}

/* In place of what the recorder says of objectives as a whole, what holds for the filter's part of them. */
static enum err judge_parts(const struct view_loader *l, const struct view_params *p, struct vslo_rules *r, struct errctx *ctx)
{
    struct slo_count(*counts)[SLO_WINDOW_COUNT] = arena_array(l->arena, r->count + 1, sizeof *counts);
    struct alert *alerts = arena_array(l->arena, r->alert_count + r->count * SLO_RULES + r->budget_count * BURN_RULES + 1, sizeof *alerts);
    enum severity worst = SEV_NONE;
    size_t n = 0;

    if (counts == NULL || alerts == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    enum err e = count_narrowed(l, p, r, counts, ctx);
    for (size_t i = 0; e == ERR_OK && i < r->count; i++) {
        const struct slo *s = &r->slos[i];
        const struct alert *whole = r->reach[i] == VSLO_NARROWED ? firing_of(r, s) : NULL;
        size_t before = n;
        for (size_t k = 0; e == ERR_OK && r->reach[i] == VSLO_NARROWED && k < SLO_RULES; k++)
            if (slo_rule_fires(k, counts[i], s->objective, s->period_ms))
                e = judged_alert(l, s, k, whole, &alerts[n++]);
        if (whole != NULL && n == before && whole->severity > worst) {
            worst = whole->severity;
            r->elsewhere = s->name;
        }
        for (size_t k = 0; k < r->alert_count; k++)
            if (is_of(&r->alerts[k], s) && (r->reach[i] != VSLO_NARROWED || r->alerts[k].state == ALERT_NO_DATA))
                alerts[n++] = r->alerts[k];
    }
    if (e == ERR_OK)
        e = vpace_judge_parts(l, p, r, worst, alerts, &n, ctx);
    r->alerts = alerts;
    r->alert_count = n;
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading objectives") : e;
}

static enum err find_own(const struct view_loader *l, const struct view_params *p, struct vslo_rules *r, struct errctx *ctx)
{
    struct rule_info *list;
    size_t count;
    enum err e = view_rule_list(l, p, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        r->has_own = r->has_own || list[i].kind == RULE_OWN;
    return e;
}

enum err vslo_rules_load(const struct view_loader *l, const struct view_params *p, struct vslo_rules *ret, struct errctx *ctx)
{
    struct vslo_rules r = {.elsewhere = NULL};
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    enum err e = vr != NULL ? vread_init(vr, l, p, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");

    if (e == ERR_OK)
        e = vslo_definitions(l, p->cursor_ms, &r.slos, &r.count, ctx);
    if (e == ERR_OK)
        e = store_alerts(l->st, p->cursor_ms, l->arena, &r.alerts, &r.alert_count, ctx);
    if (e == ERR_OK)
        e = find_own(l, p, &r, ctx);
    if (e == ERR_OK)
        e = vpace_reached(vr, p->cursor_ms, &r, ctx);
    if (e == ERR_OK && keep_reached(vr, &r) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    if (e == ERR_OK && p->filter != NULL && p->filter[0] != '\0')
        e = judge_parts(l, p, &r, ctx);
    if (e == ERR_OK)
        *ret = r;
    return e;
}

enum severity vslo_severity(const struct vslo_rules *r, const struct slo *s)
{
    const struct alert *al = firing_of(r, s);
    return al != NULL ? al->severity : SEV_NONE;
}

enum severity vslo_rules_severity(const struct vslo_rules *r, enum slo_kind kind, enum signal signal, const char *model)
{
    enum severity worst = SEV_NONE;
    for (size_t i = 0; i < r->count; i++) {
        const struct slo *s = &r->slos[i];
        bool about = s->kind == kind && (kind == SLO_AVAILABILITY || s->signal == signal);
        for (uint32_t k = 0; k < s->scope_count && model != NULL; k++)
            about = about && (s->scope[k].dim != DIM_MODEL || strcmp(s->scope[k].value, model) == 0);
        enum severity severity = vslo_severity(r, s);
        worst = about && severity > worst ? severity : worst;
    }
    return worst;
}
