/* SPDX-License-Identifier: MIT */
#include "view/vrows.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vparts.h"
#include "view/vslo.h"

/* Saturday or Sunday, UTC: 1970-01-01 was a Thursday. */
static bool is_weekend(int64_t at_ms)
{
    int64_t weekday = (instant_floor(at_ms, 86400000) / 86400000 + 4) % 7;
    return weekday == 0 || weekday == 6;
}

/* The largest comparison that the recording allows: the wanted one, else a day, else an hour, else 0. A Saturday is not held against its
 * Friday. */
static int64_t compare_ms(const struct view_loader *l, const struct view_params *p)
{
    static const int64_t hour = 3600000, day = 24 * hour;
    const int64_t a_day = is_weekend(p->cursor_ms) == is_weekend(p->cursor_ms - day) ? day : 0;
    const int64_t tries[] = {p->compare_ms, a_day, hour};
    int64_t first = store_first_ms(l->st);

    if (first == 0)
        return 0;
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        if (tries[i] > 0 && tries[i] <= p->compare_ms && first <= p->cursor_ms - tries[i] - p->now_window_ms)
            return tries[i];
    return 0;
}

enum err vrows_init(struct vread *vr, const struct view_loader *l, const struct view_params *p, struct view_axis *ret_axis,
                    struct errctx *ctx)
{
    enum err e = vread_init(vr, l, p, ctx);
    if (e != ERR_OK)
        return e;
    struct view_params measured = *vr->p;
    if (p->live && vr->newest_ms > 0 && vr->newest_ms < measured.cursor_ms)
        measured.cursor_ms = vr->newest_ms; /* a chart advances by samples: time alone would push a gap into it that is none */
    view_axis_make(&measured, ret_axis);
    ret_axis->cursor_ms = vr->p->cursor_ms;
    ret_axis->compare_ms = compare_ms(l, vr->p);
    ret_axis->against = vparts_against(ret_axis->compare_ms);
    return ERR_OK;
}

struct vask vask_add(struct vread *vr, enum signal s, uint32_t group_by, const struct view_axis *axis)
{
    struct vask ask = {.signal = s, .then = VROWS_NONE};
    ask.now = vread_now(vr, s, group_by, 0);
    if (axis->compare_ms > 0)
        ask.then = vread_now(vr, s, group_by, axis->compare_ms);
    ask.axis = vread_axis(vr, s, group_by, axis);
    return ask;
}

enum err vask_add_of(struct vread *vr, const struct slo *s, const struct view_axis *axis, struct vask *ret)
{
    struct vask ask = {.signal = vslo_signal(s), .then = VROWS_NONE};
    ask.now = vread_now(vr, ask.signal, 0, 0);
    enum err e = vslo_narrow(vr, s);
    if (e == ERR_OK && axis->compare_ms > 0) {
        ask.then = vread_now(vr, ask.signal, 0, axis->compare_ms);
        e = vslo_narrow(vr, s);
    }
    if (e == ERR_OK) {
        ask.axis = vread_axis(vr, ask.signal, 0, axis);
        e = vslo_narrow(vr, s);
    }
    *ret = ask;
    return e;
}

static enum err begin(struct vread *vr, const struct view_axis *axis, const char *label, const char *unit, struct vrow *row, double **ret_v)
{
    *row = (struct vrow){.label = label, .unit = unit, .now = vnum_unknown(), .then = vnum_unknown(), .change = {.v = NAN}};
    *ret_v = vstrip_alloc(vr, axis, &row->strip);
    return *ret_v != NULL && label != NULL ? ERR_OK : ERR_NOMEM; /* a label may come from the arena, too */
}

void vrow_compare(struct vrow *row)
{
    const struct vnum *now = &row->now, *then = &row->then;
    row->change =
        row->difference ? change_points(now->v, now->exact, then->v, then->exact) : change_times(now->v, now->exact, then->v, then->exact);
}

static enum err finish(const struct view_axis *axis, struct vrow *row, struct vrow *ret)
{
    vrow_compare(row);
    vstrip_finish(&row->strip, axis->columns);
    *ret = *row;
    return ERR_OK;
}

enum err vrow_rate(struct vread *vr, const struct view_axis *axis, struct vask ask, enum dim dim, uint32_t id, double scale_per,
                   const char *label, const char *unit, struct vrow *ret)
{
    struct vrow row;
    double *v;
    enum err e = begin(vr, axis, label, unit, &row, &v);

    if (e != ERR_OK)
        return e;
    struct vsum now = vread_sum(vr, ask.now, 0, dim, id);
    row.now = vnum_rate(now, scale_per);
    row.now.n = now.sum > 0 ? (uint64_t)now.sum : 0;
    if (ask.then != VROWS_NONE)
        row.then = vnum_rate(vread_sum(vr, ask.then, 0, dim, id), scale_per);
    for (uint32_t c = 0; c < axis->columns; c++)
        v[c] = vnum_rate(vread_sum(vr, ask.axis, c, dim, id), scale_per).v;
    return finish(axis, &row, ret);
}

enum err vrow_fail(struct vread *vr, const struct view_axis *axis, struct vask ask, enum dim dim, uint32_t id, const char *label,
                   struct vrow *ret)
{
    struct vrow row;
    double *v;
    enum err e = begin(vr, axis, label, "%", &row, &v);

    if (e != ERR_OK)
        return e;
    struct voutcomes o = vread_outcomes(vr, ask.now, 0, dim, id);
    row.now = vnum_share(o.bad, o.counted, o.trust);
    if (ask.then != VROWS_NONE) {
        o = vread_outcomes(vr, ask.then, 0, dim, id);
        row.then = vnum_share(o.bad, o.counted, o.trust);
    }
    for (uint32_t c = 0; c < axis->columns; c++) {
        o = vread_outcomes(vr, ask.axis, c, dim, id);
        v[c] = vnum_share(o.bad, o.counted, o.trust).v;
    }
    return finish(axis, &row, ret);
}

static enum err slow_share(struct vread *vr, size_t q, uint32_t column, const struct slo *s, struct vnum *ret)
{
    struct slo_count c;
    enum err e = vslo_count_column(vr, q, column, s, &c);
    if (e != ERR_OK)
        return e;
    struct vnum n = vnum_share(c.bad_lo, c.total, vread_trust_at(vr, q, column));
    if (c.bad_hi > c.bad_lo && n.exact == EXACT)
        n.exact = AT_LEAST;
    *ret = n;
    return ERR_OK;
}

enum err vrow_slow(struct vread *vr, const struct view_axis *axis, struct vask ask, const struct slo *s, const char *label,
                   struct vrow *ret)
{
    struct vrow row;
    double *v;
    enum err e = begin(vr, axis, label, "%", &row, &v);

    if (e == ERR_OK)
        e = slow_share(vr, ask.now, 0, s, &row.now);
    if (e == ERR_OK && ask.then != VROWS_NONE)
        e = slow_share(vr, ask.then, 0, s, &row.then);
    for (uint32_t c = 0; e == ERR_OK && c < axis->columns; c++) {
        struct vnum at;
        e = slow_share(vr, ask.axis, c, s, &at);
        v[c] = e == ERR_OK ? at.v : v[c];
    }
    return e == ERR_OK ? finish(axis, &row, ret) : e;
}

static struct vnum refused_share(const struct vread *vr, size_t q, uint32_t column)
{
    const struct voutcomes o = vread_outcomes(vr, q, column, DIM_COUNT, 0);
    return vnum_share(o.refused, o.all, o.trust);
}

enum err vrow_refused(struct vread *vr, const struct view_axis *axis, struct vask ask, const char *label, struct vrow *ret)
{
    struct vrow row;
    double *v;
    enum err e = begin(vr, axis, label, "%", &row, &v);

    if (e != ERR_OK)
        return e;
    row.now = refused_share(vr, ask.now, 0);
    if (ask.then != VROWS_NONE)
        row.then = refused_share(vr, ask.then, 0);
    for (uint32_t c = 0; c < axis->columns; c++)
        v[c] = refused_share(vr, ask.axis, c).v;
    return finish(axis, &row, ret);
}

static struct vnum share_of(struct vread *vr, size_t part, size_t whole, uint32_t column, enum dim dim, uint32_t id)
{
    struct vsum p = vread_sum(vr, part, column, dim, id);
    struct vsum w = vread_sum(vr, whole, column, dim, id);
    struct vtrust trust = vtrust_join(p.trust, w.trust);
    if (!w.known || w.sum <= 0 || trust.unsplit != 0)
        return vnum_marked(vnum_unknown(), VNUM_OTHER, trust);
    /* A family that never counted anything is not exposed at all: no part was seen, out of w.sum that were. */
    return vnum_share(p.sum > 0 ? (uint64_t)p.sum : 0, (uint64_t)w.sum, trust);
}

enum err vrow_share(struct vread *vr, const struct view_axis *axis, struct vask part, struct vask whole, enum dim dim, uint32_t id,
                    const char *label, struct vrow *ret)
{
    struct vrow row;
    double *v;
    enum err e = begin(vr, axis, label, "%", &row, &v);

    if (e != ERR_OK)
        return e;
    row.now = share_of(vr, part.now, whole.now, 0, dim, id);
    if (part.then != VROWS_NONE && whole.then != VROWS_NONE)
        row.then = share_of(vr, part.then, whole.then, 0, dim, id);
    for (uint32_t c = 0; c < axis->columns; c++)
        v[c] = share_of(vr, part.axis, whole.axis, c, dim, id).v;
    return finish(axis, &row, ret);
}

/* Per group of the whole, whether the part has one like it with a sample. */
static enum err who_tells(struct vread *vr, size_t part, size_t whole, bool **ret)
{
    const struct store_result *p = &vr->r[part], *w = &vr->r[whole];
    bool *tells = arena_array(vr->l->scratch, w->count + 1, sizeof *tells);

    for (size_t i = 0; tells != NULL && i < w->count; i++)
        for (size_t k = 0; k < p->count && !tells[i]; k++)
            for (uint32_t c = 0; memcmp(p->groups[k].dim, w->groups[i].dim, sizeof w->groups[i].dim) == 0 && c < vr->q[part].columns; c++)
                tells[i] = tells[i] || p->groups[k].cells[c].n > 0;
    *ret = tells;
    return tells != NULL ? ERR_OK : ERR_NOMEM;
}

static struct vnum share_told(struct vread *vr, size_t part, size_t whole, const bool *tells, uint32_t column)
{
    const struct store_result *w = &vr->r[whole];
    const struct vsum p = vread_sum(vr, part, column, DIM_COUNT, 0), all = vread_sum(vr, whole, column, DIM_COUNT, 0);
    struct vtrust trust = vtrust_join(p.trust, all.trust);
    int64_t told = 0;
    for (size_t i = 0; i < w->count; i++)
        told += tells[i] && w->groups[i].cells[column].n > 0 ? w->groups[i].cells[column].sum : 0;
    if (told <= 0 || trust.unsplit != 0)
        return vnum_marked(vnum_unknown(), VNUM_OTHER, trust);
    trust.less = trust.less || told < all.sum;
    return vnum_share(p.sum > 0 ? (uint64_t)p.sum : 0, (uint64_t)told, trust);
}

enum err vrow_share_told(struct vread *vr, const struct view_axis *axis, struct vask part, struct vask whole, const char *label,
                         struct vrow *ret)
{
    struct vrow row;
    bool *tells;
    double *v;
    enum err e = begin(vr, axis, label, "%", &row, &v);

    if (e == ERR_OK)
        e = who_tells(vr, part.now, whole.now, &tells);
    if (e != ERR_OK)
        return e;
    row.now = share_told(vr, part.now, whole.now, tells, 0);
    if (part.then != VROWS_NONE && whole.then != VROWS_NONE) {
        e = who_tells(vr, part.then, whole.then, &tells);
        row.then = e == ERR_OK ? share_told(vr, part.then, whole.then, tells, 0) : row.then;
    }
    if (e == ERR_OK)
        e = who_tells(vr, part.axis, whole.axis, &tells);
    for (uint32_t c = 0; e == ERR_OK && c < axis->columns; c++)
        v[c] = share_told(vr, part.axis, whole.axis, tells, c).v;
    return e == ERR_OK ? finish(axis, &row, ret) : e;
}

enum err vrow_quantile(struct vread *vr, const struct view_axis *axis, struct vask ask, enum dim dim, uint32_t id, double q,
                       const char *label, struct vrow *ret)
{
    struct vrow row;
    double *v;
    struct hist_set set;
    struct quantile now, then = {.n = 0};
    enum err e = begin(vr, axis, label, "s", &row, &v);

    if (e == ERR_OK)
        e = vread_quantile(vr, ask.now, 0, dim, id, q, &row.now, &now);
    if (e == ERR_OK && ask.then != VROWS_NONE)
        e = vread_quantile(vr, ask.then, 0, dim, id, q, &row.then, &then);
    if (e != ERR_OK)
        return e;
    bool *thin = vstrip_thin_alloc(vr, axis, &row.strip);
    if (thin == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < axis->columns; c++) {
        e = vread_hist(vr, ask.axis, c, dim, id, &set);
        if (e != ERR_OK)
            return e;
        struct quantile at = hist_quantile(&set, q);
        vstrip_quantile(&at, c, v, thin);
    }
    e = finish(axis, &row, ret);
    ret->change = quantile_times(&now, &then, row.now.exact == ABOUT || row.then.exact == ABOUT); /* by their buckets */
    return e;
}

enum err vrow_gauge(struct vread *vr, const struct view_axis *axis, struct vask ask, enum dim dim, uint32_t id, double scale,
                    const char *label, const char *unit, struct vrow *ret)
{
    struct vrow row;
    double *v;
    enum err e = begin(vr, axis, label, unit, &row, &v);

    if (e != ERR_OK)
        return e;
    row.now = vread_gauge(vr, ask.now, 0, dim, id, scale);
    if (ask.then != VROWS_NONE)
        row.then = vread_gauge(vr, ask.then, 0, dim, id, scale);
    for (uint32_t c = 0; c < axis->columns; c++)
        v[c] = vread_gauge(vr, ask.axis, c, dim, id, scale).v;
    return finish(axis, &row, ret);
}

enum err vrow_unsplit(struct vread *vr, struct vask ask, const char *label, struct vrow *ret)
{
    const struct vnum none = vnum_marked(vnum_unknown(), VNUM_OTHER, vread_trust(vr, ask.now));
    *ret =
        (struct vrow){.label = label, .unit = "", .now = none, .then = none, .change = {.v = NAN}, .strip = {.max = NAN, .threshold = NAN}};
    return label != NULL ? ERR_OK : ERR_NOMEM;
}

bool vscore_is(const struct vscore *s, const struct store_group *g)
{
    return g->dim[DIM_NAME] == s->name && g->dim[DIM_JUDGE] == s->judge && g->dim[DIM_MODEL] == s->model;
}

static struct vnum score_of(struct vread *vr, size_t q, uint32_t column, const struct vscore *s)
{
    const struct store_result *r = &vr->r[q];
    int64_t n = 0, sum = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct store_group *g = &r->groups[i];
        if (!vscore_is(s, g) || g->cells[column].n == 0)
            continue;
        n += g->cells[column].score_n;
        sum += g->cells[column].sum;
    }
    if (n <= 0)
        return vnum_marked(vnum_unknown(), VNUM_OTHER, vread_trust(vr, q));
    return vnum_of(100.0 * unit_from_fixed(UNIT_RATIO, sum) / (double)n, (uint64_t)n, VNUM_OTHER, vread_trust(vr, q));
}

enum err vrow_score(struct vread *vr, const struct view_axis *axis, struct vask ask, const struct vscore *s, const char *label,
                    struct vrow *ret)
{
    struct vrow row;
    double *v;
    enum err e = begin(vr, axis, label, "%", &row, &v);

    if (e != ERR_OK)
        return e;
    row.difference = true;
    row.now = score_of(vr, ask.now, 0, s);
    if (ask.then != VROWS_NONE)
        row.then = score_of(vr, ask.then, 0, s);
    for (uint32_t c = 0; c < axis->columns; c++)
        v[c] = score_of(vr, ask.axis, c, s).v;
    return finish(axis, &row, ret);
}
