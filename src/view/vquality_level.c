/* SPDX-License-Identifier: MIT */
/* Findings whose level is no share of bad answers: tokens per answer, and the share of the finish reason that a mix is told by. What it was
 * stands in the finding, what it is now is counted here. */
#include <math.h>
#include <string.h>

#include "view/vquality.h"

static const char length_rule[] = "quality:" DRIFT_LENGTH, mix_rule[] = "quality:" DRIFT_MIX;

void vquality_levels_ask(struct vquality *q)
{
    const int64_t until = q->vr->until_ms[SIG_TOKENS_OUTPUT];
    for (size_t i = 0; i < q->found_count; i++)
        q->has_tokens = q->has_tokens || (q->found[i].state == ALERT_FIRING && strcmp(q->found[i].rule, length_rule) == 0);
    if (!q->has_tokens)
        return;
    q->tokens[0] = vread_window(q->vr, SIG_TOKENS_OUTPUT, DIM_BIT(DIM_MODEL), until - VDRIFT_RECENT_MS, until);
    q->tokens[1] = vread_axis(q->vr, SIG_TOKENS_OUTPUT, DIM_BIT(DIM_MODEL), &q->axis);
}

/* What is above and below the line of a ratio: queries of vr, and the class that counts, NULL = all. */
struct ratio {
    size_t above, below;
    const char *above_class, *below_class;
    double scale;
};

/* NaN where nothing of the model was told. */
static double sum_of(const struct vread *vr, size_t query, const char *class, uint32_t model, uint32_t column)
{
    const struct store_result *r = &vr->r[query];
    double sum = (double)NAN;
    for (size_t i = 0; i < r->count; i++) {
        const struct store_group *g = &r->groups[i];
        if (g->dim[DIM_MODEL] != model || g->cells[column].n == 0)
            continue;
        const bool counts = class == NULL || strcmp(vread_text(vr, g->dim[DIM_CLASS]), class) == 0;
        sum = (isnan(sum) ? 0 : sum) + (counts ? fmax(0, (double)g->cells[column].sum) : 0);
    }
    return sum;
}

static double value_of(const struct vread *vr, const struct ratio *r, uint32_t model, uint32_t column, double *ret_n)
{
    const double n = sum_of(vr, r->below, r->below_class, model, column);
    *ret_n = n;
    return n > 0 ? r->scale * sum_of(vr, r->above, r->above_class, model, column) / n : (double)NAN;
}

/* false: what it is told by is not known, as findings of before that was written down do not tell it. */
static bool ratio_of(const struct vquality *q, const struct vquality_row *row, bool is_axis, struct ratio *ret)
{
    const enum vstream_window w = is_axis ? VSTREAM_AXIS : VSTREAM_RECENT;
    if (row->kind == QUALITY_LENGTH) {
        const size_t answers = vstreams_query(&q->streams, SIG_REQUESTS, w);
        *ret = (struct ratio){q->tokens[is_axis], answers, NULL, outcome_name(OUTCOME_OK), 1};
        return true;
    }
    const size_t all = vstreams_query(&q->streams, SIG_FINISH, w);
    *ret = (struct ratio){all, all, row->where.class, NULL, 100};
    return row->where.class[0] != '\0';
}

static enum err take(const struct vquality *q, const struct ratio *now, const struct ratio *axis, uint32_t model, struct vquality_row *row)
{
    const struct vread *vr = q->vr;
    const struct vtrust t = vtrust_join(vread_trust(vr, now->above), vread_trust(vr, now->below));
    double n, *v = vstrip_alloc(vr, &q->axis, &row->strip);
    if (v == NULL)
        return ERR_NOMEM;
    const double is = value_of(vr, now, model, 0, &n);
    row->now = isnan(is) || t.unsplit != 0 ? vnum_marked(vnum_unknown(), VNUM_OTHER, t) : vnum_of(is, (uint64_t)n, VNUM_OTHER, t);
    for (uint32_t c = 0; c < q->axis.columns; c++)
        v[c] = value_of(vr, axis, model, c, &n);
    vstrip_finish(&row->strip, q->axis.columns);
    return ERR_OK;
}

enum err vquality_level(const struct vquality *q, uint32_t model, struct vquality_row *row, struct errctx *ctx)
{
    const struct alert *f = row->finding;
    struct ratio now, axis;
    if (f == NULL || (strcmp(f->rule, length_rule) != 0 && strcmp(f->rule, mix_rule) != 0))
        return ERR_OK;
    row->kind = strcmp(f->rule, length_rule) == 0 ? QUALITY_LENGTH : QUALITY_FINISH;
    row->unit = row->kind == QUALITY_LENGTH ? QUALITY_TOKENS : QUALITY_PERCENT;
    const uint64_t n = (uint64_t)(row->kind == QUALITY_LENGTH ? f->bad : f->total);
    const bool is_known = q->unsplit == 0 && n > 0;
    row->base = (struct vnum){
        .v = is_known ? (row->kind == QUALITY_LENGTH ? 1 : 100) * f->burn_long : (double)NAN, .n = is_known ? n : 0, .unsplit = q->unsplit};
    row->base_from_ms = f->onset_ms - f->window_long_ms;
    row->base_to_ms = f->onset_ms;
    if (!ratio_of(q, row, false, &now) || !ratio_of(q, row, true, &axis))
        return ERR_OK;
    return take(q, &now, &axis, model, row) == ERR_OK ? ERR_OK : vquality_nomem(ctx);
}
