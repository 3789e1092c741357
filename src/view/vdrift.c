/* SPDX-License-Identifier: MIT */
#include "view/vdrift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/edetect.h"
#include "view/vtext.h"

enum { TOLD_MS = 60000, HELD_MS = 3 * TOLD_MS }; /* how often it is told (record/analyse_evidence.c), and how long it stands */

static int by_stream(const void *a, const void *b)
{
    const uint32_t *x = ((const struct store_group *)a)->dim, *y = ((const struct store_group *)b)->dim;
    const enum dim d = x[DIM_NAME] != y[DIM_NAME] ? DIM_NAME : DIM_MODEL;
    return x[d] < y[d] ? -1 : x[d] > y[d];
}

enum err vdrifts_read(const struct vread *vr, const struct view_axis *axis, struct vdrifts *ret, struct errctx *ctx)
{
    const uint32_t by = DIM_BIT(DIM_NAME) | DIM_BIT(DIM_MODEL);
    const struct store_query q[] = {
        {.signal = SIG_DRIFT_EVIDENCE,
         .group_by = by,
         .t0_ms = vr->p->cursor_ms - VDRIFT_RECENT_MS,
         .step_ms = VDRIFT_RECENT_MS,
         .columns = 1},
        {.signal = SIG_DRIFT_EVIDENCE, .group_by = by, .t0_ms = axis->t0_ms, .step_ms = axis->step_ms, .columns = axis->columns}};
    struct store_result r[sizeof q / sizeof q[0]];
    enum err e = store_read(vr->l->st, q, sizeof q / sizeof q[0], vr->l->scratch, r, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < sizeof r / sizeof *r; i++)
        if (r[i].count > 0)
            qsort(r[i].groups, r[i].count, sizeof *r[i].groups, by_stream);
    *ret = (struct vdrifts){r[0], r[1]};
    return ERR_OK;
}

static const struct store_group *group_of(const struct store_result *r, const struct vread *vr, const char *label, uint32_t model)
{
    struct store_group key = {.series = 0};
    if (r->count == 0 || !intern_find(store_strings(vr->l->st), str_of(label), &key.dim[DIM_NAME]))
        return NULL;
    key.dim[DIM_MODEL] = model;
    return bsearch(&key, r->groups, r->count, sizeof key, by_stream);
}

double vdrift_evidence(const struct vdrifts *d, const struct vread *vr, const char *label, uint32_t model)
{
    const struct store_group *g = group_of(&d->recent, vr, label, model);
    return g != NULL && g->cells[0].n > 0 ? g->cells[0].last : (double)NAN;
}

enum err vdrift_strip(const struct vdrifts *d, const struct vread *vr, const char *label, uint32_t model, const struct view_axis *axis,
                      struct vstrip *ret)
{
    const struct store_group *g = group_of(&d->axis, vr, label, model);
    double *v = vstrip_alloc(vr, axis, ret), held = (double)NAN;
    int64_t until = 0;

    if (v == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; g != NULL && c < axis->columns; c++) {
        const int64_t end = axis->t0_ms + (int64_t)(c + 1) * axis->step_ms;
        if (g->cells[c].n > 0) {
            held = fmax(0, g->cells[c].max);
            until = end + HELD_MS;
        }
        v[c] = end <= until && end - axis->step_ms < axis->cursor_ms ? held : (double)NAN;
    }
    vstrip_finish(ret, axis->columns);
    ret->threshold = 1;
    ret->threshold_text = "alarm at 1";
    return ERR_OK;
}

enum err vdrift_base(const struct view_loader *l, int64_t cursor_ms, const char *rule, const char *scope, struct drift_base *ret,
                     bool *ret_found, struct errctx *ctx)
{
    struct str text;
    struct errctx why = {""};
    const char *name = arena_printf(l->scratch, DRIFT_NOTE, rule, scope);
    enum err e = name != NULL ? store_note(l->st, name, cursor_ms, l->arena, &text) : ERR_NOMEM;

    *ret_found = false;
    if (e == ERR_NOTFOUND)
        return ERR_OK;
    if (e == ERR_OK)
        e = drift_base_read(text, l->arena, ret, &why);
    if (e == ERR_PARSE)
        return ERR_OK; /* as if it were not there: the row says that nothing is known */
    *ret_found = e == ERR_OK;
    return e == ERR_OK ? ERR_OK : errctx_set(ctx, e, "what %s is held against cannot be read", rule);
}

enum err vdrift_found(const struct view_loader *l, int64_t cursor_ms, const struct alert *finding, struct drift_found *ret, bool *ret_found,
                      struct errctx *ctx)
{
    struct str text;
    struct errctx why = {""};
    const char *name = arena_printf(l->scratch, DRIFT_FOUND_NOTE, finding->rule, finding->scope);
    enum err e = name != NULL ? store_note(l->st, name, cursor_ms, l->arena, &text) : ERR_NOMEM;

    if (e == ERR_OK)
        e = drift_found_read(text, l->arena, ret, &why);
    *ret_found = e == ERR_OK && ret->onset_ms == finding->onset_ms;
    if (e == ERR_OK || e == ERR_NOTFOUND || e == ERR_PARSE)
        return ERR_OK;
    return errctx_set(ctx, e, "where %s is cannot be read", finding->rule);
}

bool vdrift_shows_bad(const struct drift_base *b, const struct vstream *s)
{
    return s->share != NULL || !b->high_is_good;
}

/* How long it takes until so many more of a kind came, of which there are so many an hour; infinite where there are none. */
static double hours_for(double lacks, double per_hour)
{
    return lacks <= 0 ? 0 : per_hour > 0 ? lacks / per_hour : (double)INFINITY;
}

const char *vdrift_lacks(const struct drift_base *b, double per_hour, struct arena *a, int64_t *ret_ms)
{
    static const double hour_ms = 3600000, longest_h = 24 * 365;
    char n[VTEXT_MAX], age[VTEXT_MAX];
    const double of = fmax(1, (double)b->n), share = b->bad / of;
    const double bad = fmax(0, EDETECT_LEAST - b->bad), good = fmax(0, EDETECT_LEAST - ((double)b->n - b->bad));
    const double scores = b->is_share ? 0 : fmax(0, EDETECT_LEAST_SCORES - (double)b->n);
    const double hours = fmax(hours_for(scores, per_hour), fmax(hours_for(bad, per_hour * share), hours_for(good, per_hour * (1 - share))));

    *ret_ms = hours > 0 && hours < longest_h ? (int64_t)(hours * hour_ms) : 0;
    vtext_count(b->n, n);
    vtext_age(*ret_ms, age);
    const char *when = *ret_ms > 0 ? arena_printf(a, ", about %s more at the present rate", age) : "";
    if (when == NULL)
        return NULL;
    if (scores > 0)
        return arena_printf(a, "the baseline lacks %.0f of %d scores%s", scores, EDETECT_LEAST_SCORES, when);
    if (!b->is_share)
        return arena_printf(a, "the baseline lacks scores away from its end (n %s)%s", n, when);
    return bad >= good ? arena_printf(a, "the baseline lacks %.0f of %d bad ones (n %s)%s", bad, EDETECT_LEAST, n, when)
                       : arena_printf(a, "the baseline lacks %.0f of %d good ones (n %s)%s", good, EDETECT_LEAST, n, when);
}

double vdrift_visible(const struct drift_base *b, bool shows_bad, double n)
{
    struct edetect d;
    if (!b->is_share || b->lacks > 0 || !(n > 0) || b->n == 0 || isnan(b->arl))
        return (double)NAN;
    edetect_init(&d, EDETECT_BINARY, b->arl);
    edetect_base_binary(&d, b->n, (uint64_t)fmin(b->bad, (double)b->n));
    const double points = 100 * (edetect_visible(&d, EDETECT_RISE, n) - b->bad / (double)b->n);
    return shows_bad ? points : -points;
}

const char *vdrift_promise(const struct drift_base *b, struct arena *a)
{
    char arl[VTEXT_MAX];
    if (isnan(b->arl) || isnan(b->alarms))
        return "";
    vtext_count((uint64_t)b->arl, arl);
    return arena_printf(a, "e-detector: on average at most 1 false alarm in %s samples; %g in 30 d over %u streams", arl, b->alarms,
                        b->streams);
}

const char *vdrift_why(const struct drift_base *b, struct arena *a)
{
    const char *since = vtext_moment(a, b->from_ms);
    const char *error = vtext_error(a, b->from_error_ms);
    if (b->why[0] == '\0' || since == NULL || error == NULL)
        return since == NULL || error == NULL ? NULL : "";
    return strncmp(b->why, DRIFT_TRAFFIC, strlen(DRIFT_TRAFFIC)) == 0
               ? arena_printf(a, "traffic changed %s%s, no model: %s", since, error, b->why + strlen(DRIFT_TRAFFIC))
           : strcmp(b->why, DRIFT_BETTER) == 0
               ? arena_printf(a, "no drift: it is better since %s%s, and that is the baseline", since, error)
               : arena_printf(a, "baseline: %s %s%s", b->why, since, error);
}
