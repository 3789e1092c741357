/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "view/vparts.h"
#include "view/vslo.h"

enum { TABLE_MAX = 200, ROWS_MAX = 16 };

struct asks {
    struct vask requests, attempts, fallbacks, retries, cooldowns, waiting, running, kv, limit_requests, limit_tokens;
    size_t by_group, group_then, group_axis, group_attempts, group_fallbacks;
    struct vdeploy_ask deploy;
};

static void ask_all(struct vread *vr, const struct view_axis *axis, struct asks *ask)
{
    const uint32_t engine = DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_NAME), group = DIM_BIT(vr->p->group);
    ask->requests = vask_add(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), axis);
    ask->attempts = vask_add(vr, SIG_ATTEMPTS, DIM_BIT(DIM_CLASS), axis);
    ask->fallbacks = vask_add(vr, SIG_FALLBACKS, 0, axis);
    ask->retries = vask_add(vr, SIG_RETRIES, 0, axis);
    ask->cooldowns = vask_add(vr, SIG_COOLDOWNS, 0, axis);
    ask->waiting = vask_add(vr, SIG_WAITING, engine, axis);
    ask->running = vask_add(vr, SIG_RUNNING, engine, axis);
    ask->kv = vask_add(vr, SIG_KV_CACHE, engine, axis);
    ask->limit_requests = vask_add(vr, SIG_RATE_LIMIT_REQUESTS, DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_PROVIDER), axis);
    ask->limit_tokens = vask_add(vr, SIG_RATE_LIMIT_TOKENS, DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_PROVIDER), axis);
    ask->by_group = vread_now(vr, SIG_REQUESTS, group | DIM_BIT(DIM_CLASS), 0);
    ask->group_then = axis->compare_ms > 0 ? vread_now(vr, SIG_REQUESTS, group | DIM_BIT(DIM_CLASS), axis->compare_ms) : VROWS_NONE;
    ask->group_axis = vread_axis(vr, SIG_REQUESTS, group | DIM_BIT(DIM_CLASS), axis);
    ask->group_attempts = vread_now(vr, SIG_ATTEMPTS, group, 0);
    ask->group_fallbacks = vread_now(vr, SIG_FALLBACKS, group, 0);
    ask->deploy = vdeploy_ask(vr);
}

static double class_share(const struct vread *vr, size_t q, uint32_t column, enum outcome class)
{
    struct voutcomes o = vread_outcomes(vr, q, column, DIM_COUNT, 0);
    return o.all > 0 ? 100.0 * (double)o.by_class[class] / (double)o.all : NAN;
}

static enum err class_row(struct vread *vr, const struct view_axis *axis, struct vask ask, enum outcome class, struct vrow *ret)
{
    struct vrow row = {.unit = "%", .then = vnum_unknown(), .sub = true};
    struct voutcomes now = vread_outcomes(vr, ask.now, 0, DIM_COUNT, 0);
    double *v = vstrip_alloc(vr, axis, &row.strip);

    row.label = arena_printf(vr->l->arena, "%s%s %%", outcome_is_refused(class) ? "refused " : "", outcome_name(class));
    if (v == NULL || row.label == NULL)
        return ERR_NOMEM;
    row.now = vnum_share(now.by_class[class], now.all, now.trust);
    row.now.n = now.by_class[class];
    if (ask.then != VROWS_NONE)
        row.then = vnum_of(class_share(vr, ask.then, 0, class), 0, VNUM_OTHER, vread_trust(vr, ask.then));
    for (uint32_t c = 0; c < axis->columns; c++)
        v[c] = class_share(vr, ask.axis, c, class);
    vrow_compare(&row);
    vstrip_finish(&row.strip, axis->columns);
    *ret = row;
    return ERR_OK;
}

static enum err build_rows(struct vread *vr, const struct view_axis *axis, const struct asks *ask, const struct vslo_rules *rules,
                           struct view_traffic *v)
{
    struct vrow *rows = arena_array(vr->l->arena, ROWS_MAX, sizeof *rows);
    const struct voutcomes now = vread_outcomes(vr, ask->requests.now, 0, DIM_COUNT, 0);
    size_t n = 0;

    if (rows == NULL)
        return ERR_NOMEM;
    enum err e = vrow_rate(vr, axis, ask->requests, DIM_COUNT, 0, 1, "req/s", "/s", &rows[n++]);
    if (e == ERR_OK)
        e = vrow_fail(vr, axis, ask->requests, DIM_COUNT, 0, "fail %", &rows[n]);
    rows[n++].severity = vslo_rules_severity(rules, SLO_AVAILABILITY, SIG_COUNT, NULL);
    for (int c = OUTCOME_OK + 1; e == ERR_OK && c < OUTCOME_COUNT; c++)
        if (now.by_class[c] > 0)
            e = class_row(vr, axis, ask->requests, (enum outcome)c, &rows[n++]);
    if (e == ERR_OK)
        e = vrow_rate(vr, axis, ask->attempts, DIM_COUNT, 0, 1, "attempts/s", "/s", &rows[n++]);
    if (e == ERR_OK)
        e = vrow_fail(vr, axis, ask->attempts, DIM_COUNT, 0, "attempt fail %", &rows[n++]);
    if (e == ERR_OK)
        e = vrow_share(vr, axis, ask->fallbacks, ask->requests, DIM_COUNT, 0, "fallback %", &rows[n++]);
    if (e == ERR_OK)
        e = vrow_rate(vr, axis, ask->retries, DIM_COUNT, 0, 1, "retries/s", "/s", &rows[n]);
    n += isnan(rows[n].strip.max) && rows[n].now.unsplit == 0 ? 0 : 1; /* few gateways count them, and an empty row says nothing */
    if (e == ERR_OK)
        e = vrow_rate(vr, axis, ask->cooldowns, DIM_COUNT, 0, 1.0 / 3600, "cooldowns/h", "/h", &rows[n]);
    n += isnan(rows[n].strip.max) && rows[n].now.unsplit == 0 ? 0 : 1;
    v->rows = rows;
    v->row_count = n;
    return e;
}

/* One gauge row per deployment or engine of a query. */
static enum err gauge_rows(struct vread *vr, const struct view_axis *axis, struct vask ask, const char *what, const char *unit,
                           double scale, struct vrow *rows, size_t *n, size_t max)
{
    uint32_t ids[64];
    enum dim dim = DIM_DEPLOYMENT;
    size_t count = vread_ids(vr, ask.axis, dim, NULL, ids, sizeof ids / sizeof *ids);
    for (size_t i = 0; i < count && *n < max; i++) {
        const char *label = arena_printf(vr->l->arena, "%s %s", vread_text(vr, ids[i]), what);
        enum err e = label != NULL ? vrow_gauge(vr, axis, ask, dim, ids[i], scale, label, unit, &rows[*n]) : ERR_NOMEM;
        if (e != ERR_OK)
            return e;
        (*n)++;
    }
    if (count == 0 && *n < max && vread_trust(vr, ask.now).unsplit != 0)
        return vrow_unsplit(vr, ask, what, &rows[(*n)++]);
    return ERR_OK;
}

static enum err build_gauges(struct vread *vr, const struct view_axis *axis, const struct asks *ask, struct view_traffic *v)
{
    enum { MAX = 64 };
    struct vrow *engines = arena_array(vr->l->arena, MAX, sizeof *engines), *limits = arena_array(vr->l->arena, MAX, sizeof *limits);
    if (engines == NULL || limits == NULL)
        return ERR_NOMEM;
    enum err e = gauge_rows(vr, axis, ask->running, "running", "", 1, engines, &v->engine_count, MAX);
    if (e == ERR_OK)
        e = gauge_rows(vr, axis, ask->waiting, "waiting", "", 1, engines, &v->engine_count, MAX);
    if (e == ERR_OK)
        e = gauge_rows(vr, axis, ask->kv, "KV %", "%", 100, engines, &v->engine_count, MAX);
    if (e == ERR_OK)
        e = gauge_rows(vr, axis, ask->limit_requests, "requests left", "", 1, limits, &v->limit_count, MAX);
    if (e == ERR_OK)
        e = gauge_rows(vr, axis, ask->limit_tokens, "tokens left", "", 1, limits, &v->limit_count, MAX);
    v->engines = engines;
    v->limits = limits;
    return e;
}

/* Whether the gateway says for which value of dim something was counted: what it does not tell apart belongs to no row but the total. */
static bool told_apart(const struct vread *vr, size_t q, enum dim dim)
{
    for (size_t i = 0; i < vr->r[q].count; i++)
        if (dim == DIM_COUNT || vr->r[q].groups[i].dim[dim] != 0)
            return true;
    return vr->r[q].count == 0;
}

static enum err fill_row(struct vread *vr, const struct view_axis *axis, const struct asks *ask, enum dim dim, uint32_t id, uint64_t all,
                         struct vtraffic_row *row)
{
    struct voutcomes o = vread_outcomes(vr, ask->by_group, 0, dim, id);
    struct vsum requests = voutcomes_requests(&o);
    const char *name = dim == DIM_COUNT ? "total" : vread_text(vr, id);
    double *v;

    *row =
        (struct vtraffic_row){.name = name[0] != '\0' ? name : "(none)", .is_total = dim == DIM_COUNT, .requests = o.all, .known = o.known};
    memcpy(row->by_class, o.by_class, sizeof row->by_class);
    row->req_per_s = vnum_rate(requests, 1);
    row->fail_ratio = vnum_ratio(o.bad, o.counted, o.trust);
    row->fail_then = vnum_unknown();
    if (ask->group_then != VROWS_NONE) {
        struct voutcomes then = vread_outcomes(vr, ask->group_then, 0, dim, id);
        row->fail_then = vnum_ratio(then.bad, then.counted, then.trust);
    }
    row->share = vnum_ratio(o.all, all, o.trust);
    row->attempts = vnum_rate(vread_sum(vr, ask->group_attempts, 0, dim, id), 1);
    struct vsum f = vread_sum(vr, ask->group_fallbacks, 0, dim, id);
    row->fallbacks = vnum_marked(vnum_unknown(), VNUM_OTHER, f.trust);
    if (o.all > 0 && f.trust.unsplit == 0 && told_apart(vr, ask->group_fallbacks, dim))
        row->fallbacks = vnum_ratio(f.sum > 0 ? (uint64_t)f.sum : 0, o.all, vtrust_join(f.trust, o.trust));
    row->severity = voutcomes_severity(&o);
    v = vstrip_alloc(vr, axis, &row->strip);
    if (v == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < axis->columns; c++) {
        struct voutcomes at = vread_outcomes(vr, ask->group_axis, c, dim, id);
        v[c] = vnum_share(at.bad, at.counted, at.trust).v;
    }
    vstrip_finish(&row->strip, axis->columns);
    return ERR_OK;
}

static double sort_value(const struct vtraffic_row *r, int column)
{
    double v = column == 1 ? r->fail_ratio.v : column == 2 ? r->fallbacks.v : r->req_per_s.v;
    return isnan(v) ? -1 : v;
}

/* Largest first, by failures when nothing was asked and something fails. */
static void sort_table(struct vtraffic_row *t, size_t n, int sort)
{
    int column = abs(sort);
    for (size_t i = 0; sort == 0 && i < n; i++)
        column = t[i].severity != SEV_NONE ? 1 : column;
    for (size_t i = 1; i < n; i++) {
        struct vtraffic_row row = t[i];
        size_t k = i;
        while (k > 0 && (sort > 0 ? sort_value(&row, column) < sort_value(&t[k - 1], column)
                                  : sort_value(&row, column) > sort_value(&t[k - 1], column))) {
            t[k] = t[k - 1];
            k--;
        }
        t[k] = row;
    }
}

/* A table asks for each of its rows in each column. */
static enum err sort_groups(struct vread *vr, const struct asks *ask)
{
    const size_t q[] = {ask->by_group, ask->group_then, ask->group_axis, ask->group_attempts, ask->group_fallbacks};
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < sizeof q / sizeof *q; i++)
        e = q[i] != VROWS_NONE ? vread_sort(vr, q[i], vr->p->group) : ERR_OK;
    return e;
}

static enum err build_table(struct vread *vr, const struct view_axis *axis, const struct asks *ask, struct view_traffic *v)
{
    uint32_t *ids = arena_array(vr->l->arena, TABLE_MAX, sizeof *ids);
    struct vtraffic_row *t = arena_array(vr->l->arena, TABLE_MAX + 2, sizeof *t);
    struct voutcomes all = vread_outcomes(vr, ask->by_group, 0, DIM_COUNT, 0);

    if (ids == NULL || t == NULL)
        return ERR_NOMEM;
    enum err e = sort_groups(vr, ask);
    size_t n = vread_ids(vr, ask->by_group, vr->p->group, vread_by_sum, ids, TABLE_MAX);
    uint64_t listed = 0;
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = fill_row(vr, axis, ask, vr->p->group, ids[i], all.all, &t[i]);
        listed += e == ERR_OK ? t[i].requests : 0;
    }
    if (e != ERR_OK)
        return e;
    sort_table(t, n, vr->p->sort);
    if (listed < all.all) {
        t[n] = (struct vtraffic_row){.name = "other",
                                     .is_other = true,
                                     .known = true,
                                     .requests = all.all - listed,
                                     .req_per_s = vnum_unknown(),
                                     .fail_ratio = vnum_unknown(),
                                     .fail_then = vnum_unknown(),
                                     .attempts = vnum_unknown(),
                                     .fallbacks = vnum_unknown(),
                                     .share = vnum_ratio(all.all - listed, all.all, all.trust)};
        n++;
    }
    e = fill_row(vr, axis, ask, DIM_COUNT, 0, all.all, &t[n]);
    v->table = t;
    v->table_count = n + 1;
    return e;
}

enum err view_load_traffic(const struct view_loader *l, const struct view_params *p, struct view_traffic *ret, struct errctx *ctx)
{
    struct view_traffic v;
    struct view_axis axis;
    struct asks ask;
    struct vdeployment *deployments;
    struct vslo_rules rules;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading traffic");
    memset(&v, 0, sizeof v);
    enum err e = vrows_init(vr, l, p, &axis, ctx);
    if (e != ERR_OK)
        return e;
    ask_all(vr, &axis, &ask);
    e = vread_run(vr, ctx);
    if (e == ERR_OK)
        e = vslo_rules_load(l, p, &rules, ctx);
    if (e != ERR_OK)
        return e;
    e = build_rows(vr, &axis, &ask, &rules, &v);
    if (e == ERR_OK)
        e = build_table(vr, &axis, &ask, &v);
    if (e == ERR_OK)
        e = build_gauges(vr, &axis, &ask, &v);
    if (e == ERR_OK)
        e = vdeploy_build(vr, ask.deploy, &deployments, &v.deployment_count, &v.deployment_note);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while reading traffic");
    v.deployments = deployments;
    *ret = v;
    return ERR_OK;
}
