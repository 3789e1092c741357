/* SPDX-License-Identifier: MIT */
#include "view/vquality.h"

#include <math.h>
#include <string.h>

#include "view/vcanary.h"
#include "view/vfilter.h"

/* ---- canaries ---- */

static const struct alert *canary_finding(const struct vquality *q, const char *name)
{
    static const char rule[] = "canary:";
    for (size_t i = 0; i < q->found_count; i++)
        if (strncmp(q->found[i].rule, rule, strlen(rule)) == 0 && strcmp(q->found[i].rule + strlen(rule), name) == 0)
            return &q->found[i];
    return NULL;
}

static enum err canary_strip(const struct vquality *q, const struct store_result *r, const struct canary_state *s, struct vstrip *ret)
{
    double *v = vstrip_alloc(q->vr, &q->axis, ret);
    if (v == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->count; i++) {
        const struct store_group *g = &r->groups[i];
        if (strcmp(vread_text(q->vr, g->dim[DIM_NAME]), s->name) != 0 || strcmp(vread_text(q->vr, g->dim[DIM_MODEL]), s->model) != 0)
            continue;
        for (uint32_t c = 0; c < q->axis.columns; c++)
            if (g->cells[c].n > 0 && g->cells[c].score_n > 0)
                v[c] = 100 * (1 - (double)g->cells[c].score_bad / (double)g->cells[c].score_n);
    }
    vstrip_finish(ret, q->axis.columns);
    return ERR_OK;
}

static enum err canary_row(const struct vquality *q, const struct canary_state *s, const struct store_result *r, struct vquality_row *row,
                           struct errctx *ctx)
{
    const uint32_t judged = s->passed + s->bad;
    const bool is_late = s->next_ms > 0 && s->next_ms + s->interval_ms < q->p->cursor_ms;
    struct arena *a = q->vr->l->arena;

    *row = vquality_row_of(QUALITY_CANARY, s->name, "", s->model);
    row->label = vquality_label(a, s->name, s->model);
    row->now = (struct vnum){.v = judged > 0 ? 100.0 * s->passed / judged : (double)NAN, .n = judged, .stale = is_late};
    row->missing = s->why;
    row->canary = vcanary_text(s, q->p->cursor_ms, a);
    enum err e = vquality_find(q, canary_finding(q, s->name), row, ctx);
    row->state = row->finding != NULL             ? QUALITY_DRIFT
                 : judged == 0 && s->last_ms == 0 ? QUALITY_THIN
                 : judged == 0 || is_late         ? QUALITY_STALE
                                                  : QUALITY_QUIET;
    if (row->label == NULL || row->canary == NULL || canary_strip(q, r, s, &row->strip) != ERR_OK)
        return vquality_nomem(ctx);
    return e;
}

static bool is_apart(const struct vquality *q, const struct canary_state *s)
{
    struct store_filter of = {.source_count = 0};
    return vfilter_add(q->vr->l, DIM_MODEL, s->model, &of) == ERR_OK &&
           vfilter_scope(q->vr->l->st, &q->vr->filter, &of, SIG_COUNT) == VSCOPE_APART;
}

enum err vquality_canaries_read(const struct vquality *q, struct vquality_canaries *ret, struct errctx *ctx)
{
    const struct view_loader *l = q->vr->l;
    const struct store_query runs = {.signal = SIG_CANARY,
                                     .group_by = DIM_BIT(DIM_NAME) | DIM_BIT(DIM_MODEL),
                                     .t0_ms = q->axis.t0_ms,
                                     .step_ms = q->axis.step_ms,
                                     .columns = q->axis.columns};
    struct str text;
    *ret = (struct vquality_canaries){.count = 0};
    enum err e = store_note(l->st, CANARY_NOTE, q->p->cursor_ms, l->arena, &text);
    if (e == ERR_NOTFOUND)
        return ERR_OK;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "how the canaries stand cannot be read");
    e = canary_states_read(text, l->arena, &ret->list, &ret->count, ctx);
    return e == ERR_OK ? store_read(l->st, &runs, 1, l->scratch, &ret->runs, ctx) : e;
}

enum err vquality_canary_rows(struct vquality *q, const struct vquality_canaries *c, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < c->count; i++)
        if (!is_apart(q, &c->list[i]))
            e = canary_row(q, &c->list[i], &c->runs, &q->rows[q->count++], ctx);
    return e;
}

/* ---- what else was found ---- */

static bool has_row(const struct vquality *q, const struct alert *found)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->rows[i].finding == found)
            return true;
    return false;
}

static enum err other_row(const struct vquality *q, const struct alert *found, const char *name, struct vquality_row *row,
                          struct errctx *ctx)
{
    static const char of_model[] = "model=";
    const char *model = strncmp(found->scope, of_model, strlen(of_model)) == 0 ? found->scope + strlen(of_model) : found->scope;
    uint32_t id = 0;
    *row = vquality_row_of(QUALITY_OTHER, name, "", model);
    row->label = vquality_label(q->vr->l->arena, name, model);
    row->state = QUALITY_DRIFT;
    enum err e = vquality_find(q, found, row, ctx);
    (void)intern_find(store_strings(q->vr->l->st), str_of(model), &id);
    if (e == ERR_OK)
        e = vquality_level(q, id, row, ctx);
    row->evidence = vdrift_evidence(&q->drifts, q->vr, name, id);
    if (row->label == NULL || vdrift_strip(&q->drifts, q->vr, name, id, &q->axis, &row->evidence_strip) != ERR_OK)
        return vquality_nomem(ctx);
    return e;
}

/* Whether the filter's names and judges leave it: findings have them in their rule alone. What is no score has neither. */
static bool is_named(const struct vquality *q, const char *label)
{
    const struct store_filter *f = &q->vr->filter;
    const char *values[2] = {label, ""};
    const enum dim dims[2] = {DIM_NAME, DIM_JUDGE};
    char name[DRIFT_NAME_MAX];
    const char *at = strrchr(label, '@');
    if (at != NULL && str_copy(name, sizeof name, (struct str){label, (size_t)(at - label)})) {
        values[0] = name;
        values[1] = at + 1;
    }
    for (size_t i = 0; i < 2; i++) {
        bool is_any = f->dim[dims[i]].count == 0;
        for (uint32_t k = 0; k < f->dim[dims[i]].count && !is_any; k++) {
            const char *value = vread_text(q->vr, f->dim[dims[i]].ids[k]);
            is_any = strcmp(value, values[i]) == 0 || (i == 0 && strcmp(value, label) == 0);
        }
        if (!is_any)
            return false;
    }
    return true;
}

enum err vquality_other_rows(struct vquality *q, struct errctx *ctx)
{
    static const char rule[] = "quality:";
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < q->found_count; i++) {
        const struct alert *f = &q->found[i];
        if (f->state == ALERT_FIRING && strncmp(f->rule, rule, strlen(rule)) == 0 && !has_row(q, f) && is_named(q, f->rule + strlen(rule)))
            e = other_row(q, f, f->rule + strlen(rule), &q->rows[q->count++], ctx);
    }
    return e;
}
