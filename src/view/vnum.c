/* SPDX-License-Identifier: MIT */
/* Numbers with what the sources allow to say of them, and strips of them. */
#include "view/vread.h"

#include <math.h>

struct vnum vnum_unknown(void)
{
    return (struct vnum){.v = NAN};
}

struct vnum vnum_marked(struct vnum n, enum vnum_kind kind, struct vtrust t)
{
    bool less = t.less || t.lost || n.exact == AT_LEAST, more = t.more || n.exact == AT_MOST;

    n.stale = n.stale || t.stale;
    n.age_ms = n.age_ms > t.age_ms ? n.age_ms : t.age_ms;
    n.unsplit |= t.unsplit;
    n.v = kind == VNUM_OTHER && t.torn ? NAN : n.v;
    n.word = t.torn ? NULL : n.word;
    if (n.exact == ABOVE || n.exact == BELOW)
        return n; /* that it lies beyond an edge is all that was said of it */
    if (kind == VNUM_OTHER && (t.less || t.lost || t.more))
        n.exact = ABOUT; /* a bound, too: both sides of a ratio grow by what is missing, and which way that turns it nobody knows */
    else if (n.exact != ABOUT)
        n.exact = less && more ? ABOUT : less ? AT_LEAST : more ? AT_MOST : EXACT;
    return n;
}

struct vnum vnum_of(double v, uint64_t n, enum vnum_kind kind, struct vtrust t)
{
    return vnum_marked((struct vnum){.v = v, .n = n}, kind, t);
}

struct vnum vnum_quantile(const struct quantile *q, struct vtrust t)
{
    const struct quantile_reading r = quantile_read(q, t.less || t.lost || t.more);
    const char *word = r.is == QUANTILE_THIN ? "thin" : r.is == QUANTILE_AVERAGE_ONLY ? "avg" : NULL;
    return vnum_marked((struct vnum){.v = r.v, .exact = r.exact, .n = q->n, .word = word}, VNUM_OTHER, t);
}

struct vnum vnum_rate(struct vsum s, double scale)
{
    if (!s.known || s.covered_ms <= 0)
        return vnum_marked(vnum_unknown(), VNUM_SUM, s.trust);
    struct vnum n = vnum_of((double)s.sum / scale / ((double)s.covered_ms / 1000.0), s.n, VNUM_SUM, s.trust);
    n.exact = s.covered_about ? ABOUT : n.exact;
    return n;
}

struct vnum vnum_usd_per_h(struct vsum spend)
{
    spend.trust.less = true;
    return vnum_rate(spend, (double)unit_scale(UNIT_USD) / 3600);
}

struct vnum vnum_ratio(uint64_t part, uint64_t whole, struct vtrust t)
{
    return whole > 0 ? vnum_of((double)part / (double)whole, whole, VNUM_OTHER, t) : vnum_marked(vnum_unknown(), VNUM_OTHER, t);
}

struct vnum vnum_share(uint64_t part, uint64_t whole, struct vtrust t)
{
    struct vnum n = vnum_ratio(part, whole, t);
    n.v *= 100;
    return n;
}

double *vstrip_alloc(const struct vread *vr, const struct view_axis *axis, struct vstrip *ret)
{
    double *v = arena_array(vr->l->arena, axis->columns, sizeof *v);
    if (v == NULL)
        return NULL;
    for (uint32_t i = 0; i < axis->columns; i++)
        v[i] = NAN;
    *ret = (struct vstrip){.v = v, .max = NAN, .threshold = NAN};
    return v;
}

bool *vstrip_thin_alloc(const struct vread *vr, const struct view_axis *axis, struct vstrip *strip)
{
    bool *thin = arena_array(vr->l->arena, axis->columns, sizeof *thin);
    strip->thin = thin;
    return thin;
}

void vstrip_quantile(const struct quantile *at, uint32_t column, double *v, bool *thin)
{
    v[column] = at->n == 0 ? NAN : at->above_last ? INFINITY : at->value;
    thin[column] = at->n > 0 && at->thin;
}

void vstrip_finish(struct vstrip *s, uint32_t columns)
{
    s->max = NAN;
    for (uint32_t i = 0; i < columns; i++)
        if (isfinite(s->v[i]) && !(s->v[i] <= s->max))
            s->max = s->v[i];
}
