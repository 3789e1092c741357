/* SPDX-License-Identifier: MIT */
/* A refusal costs nobody a failure: it is counted beside them, with the rule of the gateway that it comes from, and with what an answer
 * cost in the hour before, so that one sees what was not spent.
 *
 * An incident has one scope, that of the alert it has its name from, and its figures are of it. Where alerts of others fired in it, what
 * all of them lost is counted as one set: a request is of it when any of the scopes holds it, so that none is counted twice. */
#include "view/vloss.h"

#include <math.h>
#include <string.h>

#include "model/money.h"
#include "view/vbudget.h"
#include "view/vpace.h"
#include "view/vrefused.h"
#include "view/vreport.h"
#include "view/vtext.h"

enum { SCOPES_MAX = 16, COLUMNS_MAX = 360 };
static const int64_t hour_ms = 3600000, half_minute_ms = 30000;

/* ---- refused ---- */

/* USD that what was refused would have cost at what an answer did in the hour before; NaN where that is not known. */
static struct vnum unspent_of(uint64_t refused, const struct voutcomes *before, const struct vsum *cost)
{
    const double answered = (double)before->by_class[OUTCOME_OK];
    if (refused == 0 || answered <= 0 || !cost->known || cost->sum <= 0)
        return vnum_unknown();
    return (struct vnum){.v = unit_from_fixed(UNIT_USD, cost->sum) / answered * (double)refused, .exact = ABOUT, .n = refused};
}

/* When the gateway's own budget that the incident is of starts anew; 0 = it is of none, or nobody tells. */
static enum err anew_of(const struct vloss_ask *ask, int64_t *ret, struct errctx *ctx)
{
    struct view_params whole = *ask->p;
    struct vbudget *list;
    size_t count;

    *ret = 0;
    whole.filter = "";
    if (!incident_is_of_budget(ask->in))
        return ERR_OK;
    enum err e = vbudget_load(ask->l, &whole, NULL, 0, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        for (size_t k = 0; k < ask->alert_count; k++)
            if (vpace_is_about(ask->alerts[k].rule, &list[i]))
                *ret = list[i].to_ms;
    return e;
}

static enum err read_refused(const struct vloss_ask *ask, struct vimpact *n, struct errctx *ctx)
{
    struct view_params own = *ask->p;
    struct vread *vr = arena_alloc(ask->l->scratch, sizeof *vr);

    own.filter = vread_scope_filter(ask->l->arena, ask->in->scope);
    own.cursor_ms = ask->to_ms;
    if (vr == NULL || own.filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    enum err e = vread_init(vr, ask->l, &own, ctx);
    if (e != ERR_OK)
        return e;
    const size_t during = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), ask->from_ms, ask->to_ms);
    const size_t before = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), ask->from_ms - hour_ms, ask->from_ms);
    const size_t cost = vread_window(vr, SIG_COST, 0, ask->from_ms - hour_ms, ask->from_ms);
    /* columns of half a minute, or of as much more as there is place for */
    const int64_t lasted = ask->to_ms - ask->from_ms, fit = lasted / COLUMNS_MAX + 1000, step = fit > half_minute_ms ? fit : half_minute_ms;
    const size_t course =
        vread_add(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), ask->from_ms, step, lasted > 0 ? (uint32_t)((lasted + step - 1) / step) : 1);
    e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    const struct voutcomes o = vread_outcomes(vr, during, 0, DIM_COUNT, 0), b = vread_outcomes(vr, before, 0, DIM_COUNT, 0);
    const struct vsum spent = vread_sum(vr, cost, 0, DIM_COUNT, 0);
    n->refused = o.refused;
    n->asked = o.all;
    n->refusals = vrefused_matters(&o, o.all);
    n->unspent = unspent_of(o.refused, &b, &spent);
    n->refused_until_ms = vrefused_until_ms(vr, course);
    n->refused_why = vrefused_reasons(ask->l->arena, o.by_class);
    n->refused_text = n->refusals ? vrefused_text(ask->l->arena, &o) : "";
    if (n->refused_why == NULL || n->refused_text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    return anew_of(ask, &n->anew_ms, ctx);
}

/* ---- all scopes ---- */

struct scopes {
    struct store_filter of[SCOPES_MAX];
    const char *text[SCOPES_MAX];
    size_t count;
    uint32_t dims;
    bool more; /* than are counted, or of what requests are not split by */
};

static enum err add_scope(const struct vloss_ask *ask, const struct vread *vr, const char *scope, struct scopes *s, struct errctx *ctx)
{
    struct store_filter f;
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->text[i], scope) == 0)
            return ERR_OK;
    const char *filter = vread_scope_filter(ask->l->arena, scope);
    if (filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    enum err e = view_filter_parse(filter, ask->l->st, ask->l->arena, &f, ctx);
    uint32_t dims = 0;
    bool split = true;
    for (int d = 0; e == ERR_OK && d < DIM_COUNT; d++) {
        dims |= f.dim[d].count > 0 ? DIM_BIT(d) : 0;
        split = split && (f.dim[d].count == 0 || vread_splits(vr, SIG_REQUESTS, (enum dim)d));
    }
    if (e != ERR_OK)
        return e;
    if (!split || s->count == SCOPES_MAX) {
        s->more = true;
        return ERR_OK;
    }
    s->text[s->count] = scope;
    s->of[s->count++] = f;
    s->dims |= dims;
    return ERR_OK;
}

static bool holds(const struct store_filter *f, const struct store_group *g)
{
    for (int d = 0; d < DIM_COUNT; d++) {
        bool is = f->dim[d].count == 0;
        for (uint32_t i = 0; i < f->dim[d].count; i++)
            is = is || f->dim[d].ids[i] == g->dim[d];
        if (!is)
            return false;
    }
    return true;
}

static void count_all(const struct vread *vr, size_t q, const struct scopes *s, struct vimpact *n)
{
    const struct store_result *r = &vr->r[q];
    for (size_t i = 0; i < r->count; i++) {
        const struct store_cell *c = &r->groups[i].cells[0];
        const enum outcome class = vread_class(vr, q, i);
        const uint64_t sum = c->sum > 0 ? (uint64_t)c->sum : 0;
        bool is = false;
        for (size_t k = 0; k < s->count; k++)
            is = is || holds(&s->of[k], &r->groups[i]);
        if (!is || c->n == 0)
            continue;
        n->all_known = true;
        n->all_failed += outcome_is_bad(class) ? sum : 0;
        n->all_counted += class == OUTCOME_OK || outcome_is_bad(class) ? sum : 0;
        n->all_refused += outcome_is_refused(class) ? sum : 0;
    }
}

/* "model c-s; all requests". NULL when the arena is full. */
static const char *scopes_text(struct arena *a, const struct scopes *s)
{
    const char *text = "";
    for (size_t i = 0; i < s->count && text != NULL; i++) {
        const char *scope = vreport_scope(a, s->text[i]);
        text = scope != NULL ? arena_printf(a, "%s%s%s", text, i > 0 ? "; " : "", scope) : NULL;
    }
    return text;
}

static enum err read_all(const struct vloss_ask *ask, struct vimpact *n, struct errctx *ctx)
{
    struct view_params whole = *ask->p;
    struct vread *vr = arena_alloc(ask->l->scratch, sizeof *vr);
    struct scopes *s = arena_alloc(ask->l->scratch, sizeof *s);

    whole.filter = "";
    whole.cursor_ms = ask->to_ms;
    n->all_scopes = "";
    n->scope_text = vreport_scope(ask->l->arena, ask->in->scope);
    if (vr == NULL || s == NULL || n->scope_text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    *s = (struct scopes){.count = 0};
    enum err e = vread_init(vr, ask->l, &whole, ctx);
    if (e == ERR_OK)
        e = add_scope(ask, vr, ask->in->scope, s, ctx);
    for (size_t i = 0; e == ERR_OK && i < ask->alert_count; i++)
        if (ask->alerts[i].state == ALERT_FIRING)
            e = add_scope(ask, vr, ask->alerts[i].scope, s, ctx);
    if (e != ERR_OK || s->count < 2)
        return e;
    const size_t q = vread_window(vr, SIG_REQUESTS, s->dims | DIM_BIT(DIM_CLASS), ask->from_ms, ask->to_ms);
    e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    count_all(vr, q, s, n);
    n->all_exact = vnum_of(0, 0, VNUM_SUM, vread_trust(vr, q)).exact;
    n->all_exact = s->more && n->all_exact == EXACT ? AT_LEAST : n->all_exact;
    n->all_scopes = scopes_text(ask->l->arena, s);
    return n->all_scopes != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
}

enum err vloss_read(const struct vloss_ask *ask, struct vimpact *n, struct errctx *ctx)
{
    enum err e = read_refused(ask, n, ctx);
    return e == ERR_OK ? read_all(ask, n, ctx) : e;
}

enum err vloss_none(const struct vloss_ask *ask, struct vimpact *n, struct errctx *ctx)
{
    n->refused_why = n->refused_text = n->all_scopes = "";
    n->unspent = vnum_unknown();
    n->scope_text = vreport_scope(ask->l->arena, ask->in->scope);
    return n->scope_text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
}

/* ---- words ---- */

static const char *refused_line(struct arena *a, const struct vimpact *n)
{
    char refused[VTEXT_MAX], asked[VTEXT_MAX];
    const char *mark = exact_mark(n->exact);
    vtext_count(n->refused, refused);
    vtext_count(n->asked, asked);
    return arena_printf(a, "refused         %s%s of %s%s: %s", mark, refused, mark, asked, n->refused_why);
}

static const char *all_line(struct arena *a, const struct vimpact *n)
{
    char failed[VTEXT_MAX], counted[VTEXT_MAX], refused[VTEXT_MAX];
    const char *mark = exact_mark(n->all_exact);
    vtext_count(n->all_failed, failed);
    vtext_count(n->all_counted, counted);
    vtext_count(n->all_refused, refused);
    const char *more = n->refusals ? arena_printf(a, ", %s%s refused", mark, refused) : "";
    return more != NULL
               ? arena_printf(a, "in all scopes   %s%s of %s%s lost%s, each once: %s", mark, failed, mark, counted, more, n->all_scopes)
               : NULL;
}

size_t vloss_lines(struct arena *a, const struct vimpact *n, bool over, const char *lines[VLOSS_LINES])
{
    char text[VTEXT_MAX];
    size_t count = 0;
    if (n->refusals) {
        const char *anew = n->anew_ms != 0 && !over ? vtext_moment(a, n->anew_ms) : "";
        lines[count++] = refused_line(a, n);
        if (anew == NULL || anew[0] != '\0')
            lines[count++] = anew != NULL ? arena_printf(a, "until           %s, when it starts anew, or is raised", anew) : NULL;
        vtext_usd(n->unspent.v, text);
        if (!isnan(n->unspent.v))
            lines[count++] = arena_printf(a, "not spent       %s%s: refused, at what an answer cost the hour before",
                                          exact_mark(n->unspent.exact), text);
    }
    if (n->all_scopes[0] != '\0' && n->all_known)
        lines[count++] = all_line(a, n);
    return count;
}
