/* SPDX-License-Identifier: MIT */
#include "view/vbudget_priced.h"

#include <string.h>

#include "view/vslo.h"

static bool is_of(const struct store_filter *scope, const uint32_t dim[DIM_COUNT])
{
    for (int d = 0; d < DIM_COUNT; d++) {
        uint32_t i = 0;
        while (i < scope->dim[d].count && scope->dim[d].ids[i] != dim[d])
            i++;
        if (scope->dim[d].count > 0 && i == scope->dim[d].count)
            return false;
    }
    return true;
}

/* The gateways that book spend. */
static enum err find_booking(struct vbudget_priced *v)
{
    const struct store *st = v->l.st;
    const size_t count = store_series_count(st);

    v->booking = arena_array(v->l.scratch, count + 1, sizeof *v->booking);
    for (size_t i = 0; v->booking != NULL && i < count; i++) {
        const struct series *s = store_series_at(st, i);
        const size_t n = v->booking_count;
        if (s->signal == SIG_COST && (n == 0 || v->booking[n - 1] != s->dim[DIM_GATEWAY])) /* series of one gateway stand together */
            v->booking[v->booking_count++] = s->dim[DIM_GATEWAY];
    }
    return v->booking != NULL ? ERR_OK : ERR_NOMEM;
}

/* Whether a gateway counts tokens of a scope without booking spend. */
static bool has_unbooked(const struct vbudget_priced *v, const struct store_filter *scope)
{
    const struct store *st = v->l.st;
    const size_t count = store_series_count(st);
    uint32_t seen = UINT32_MAX; /* most are the last one's */

    for (size_t i = 0; i < count; i++) {
        const struct series *s = store_series_at(st, i);
        size_t k = 0;
        if ((s->signal != SIG_TOKENS_INPUT && s->signal != SIG_TOKENS_OUTPUT) || s->dim[DIM_GATEWAY] == seen || !is_of(scope, s->dim))
            continue;
        seen = s->dim[DIM_GATEWAY];
        while (k < v->booking_count && v->booking[k] != seen)
            k++;
        if (k == v->booking_count)
            return true;
    }
    return false;
}

enum err vbudget_priced_init(struct vbudget_priced *v, const struct view_loader *l, const struct view_params *p, struct errctx *ctx)
{
    static const struct store_filter all;
    memset(v, 0, sizeof *v);
    v->l = *l;
    v->p = *p;
    v->p.filter = "";
    for (uint32_t i = 0; i < l->cfg->budget_count; i++)
        for (uint32_t k = 0; k < l->cfg->budgets[i].scope_count; k++)
            v->dims |= DIM_BIT(l->cfg->budgets[i].scope[k].dim);
    if (l->cfg->budget_count > 0 && find_booking(v) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
    v->is_needed = l->cfg->budget_count > 0 && has_unbooked(v, &all);
    return v->is_needed ? vprice_book_read(l->cfg, l->arena, &v->book, ctx) : ERR_OK;
}

/* The window's groups, read once. Errors: ERR_LIMIT past 20,000 of them. */
static enum err window_of(struct vbudget_priced *v, int64_t t0_ms, int64_t t1_ms, const struct vprice **ret, struct errctx *ctx)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->window[i].t0_ms == t0_ms && v->window[i].t1_ms == t1_ms) {
            *ret = &v->window[i].priced;
            return v->window[i].too_many ? ERR_LIMIT : ERR_OK;
        }
    }
    struct vread *vr = arena_alloc(v->l.scratch, sizeof *vr);
    v->count -= v->count == VBUDGET_WINDOWS_MAX;
    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
    const struct vprice_ask ask = {v->dims, t0_ms, t1_ms - t0_ms, 1};
    enum err e = vread_init(vr, &v->l, &v->p, ctx);
    if (e == ERR_OK)
        e = vprice_load(vr, &v->book, &ask, &v->window[v->count].priced, ctx);
    if (e != ERR_OK && e != ERR_LIMIT)
        return e;
    v->window[v->count].too_many = e == ERR_LIMIT;
    v->window[v->count].t0_ms = t0_ms;
    v->window[v->count].t1_ms = t1_ms;
    *ret = &v->window[v->count++].priced;
    return e;
}

enum err vbudget_priced_sum(struct vbudget_priced *v, const struct config_budget *b, int64_t t0_ms, int64_t t1_ms, struct vbudget_cost *ret,
                            struct errctx *ctx)
{
    struct store_filter scope;
    struct vprice_cell sum;
    const struct vprice *w;

    memset(ret, 0, sizeof *ret);
    memset(&sum, 0, sizeof sum);
    if (!v->is_needed)
        return ERR_OK;
    enum err e = vslo_scope_filter(&v->l, b->scope, b->scope_count, &scope);
    if (e == ERR_OK)
        e = window_of(v, t0_ms, t1_ms, &w, ctx);
    if (e == ERR_LIMIT) {
        ret->any = has_unbooked(v, &scope);
        return ERR_OK;
    }
    if (e != ERR_OK)
        return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading budgets") : e;
    for (size_t i = 0; i < w->count; i++)
        if (!w->groups[i].books && is_of(&scope, w->groups[i].dim))
            vprice_add(&sum, &w->groups[i].cells[0]);
    *ret = (struct vbudget_cost){.any = vprice_tokens(&sum) > 0,
                                 .amount = vprice_computed(&sum, w->tokens_trust),
                                 .covered_ms = w->covered_ms[0],
                                 .stale = w->tokens_trust.stale};
    return ERR_OK;
}
