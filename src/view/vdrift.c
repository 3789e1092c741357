/* SPDX-License-Identifier: MIT */
#include "view/vdrift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"
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

double vdrift_pace(const struct drift_base *b, double in_hour, int64_t until_ms)
{
    static const double hour_ms = 3600000, least_ms = 60000;
    const double age = b->why[0] == '\0' && b->from_ms > 0 ? (double)(until_ms - b->from_ms) : hour_ms;
    return age < least_ms ? 0 : in_hour * hour_ms / fmin(age, hour_ms);
}

/* How long it takes until so many more of a kind came, of which `seen` of n were seen; infinite where that is not known. least: no time is
 * told but what it takes at the highest share that they may well have. */
static double hours_for(double lacks, double seen, uint64_t n, double per_hour, bool *ret_least)
{
    static const double few = 5, chance = 0.05;
    *ret_least = seen < few;
    if (lacks <= 0)
        return 0;
    const double share = !*ret_least ? seen / (double)n : n > 0 ? stat_share_upper(n, (uint64_t)seen, chance) : 0;
    return share * per_hour > 0 ? lacks / (share * per_hour) : (double)INFINITY;
}

/* Of bad or good ones, or of scores. */
struct lacking {
    double of, lacks, hours;
    bool is_least;
};

static struct lacking lacking_of(double of, double seen, const struct drift_base *b, double per_hour)
{
    struct lacking l = {.of = of, .lacks = fmax(0, of - seen)};
    l.hours = hours_for(l.lacks, seen, b->n, per_hour, &l.is_least);
    return l;
}

/* ", about 4h more at the present rate", ", at least 4h more ..."; "" where that is not known. */
static const char *time_text(const struct lacking *l, struct arena *a, int64_t *ret_ms)
{
    static const double hour_ms = 3600000, longest_h = 24 * 365;
    char age[VTEXT_MAX];
    *ret_ms = 0;
    if (!(l->hours > 0 && l->hours < longest_h))
        return "";
    vtext_age((int64_t)(l->hours * hour_ms), age);
    *ret_ms = l->is_least ? 0 : (int64_t)(l->hours * hour_ms);
    return arena_printf(a, ", %s %s more at the present rate", l->is_least ? "at least" : "about", age);
}

const char *vdrift_lacks(const struct drift_base *b, double per_hour, struct arena *a, int64_t *ret_ms)
{
    char n[VTEXT_MAX];
    const struct lacking scores = lacking_of(EDETECT_LEAST_SCORES, (double)b->n, b, b->n > 0 ? per_hour : 0),
                         bad = lacking_of(EDETECT_LEAST, b->bad, b, per_hour),
                         good = lacking_of(EDETECT_LEAST, (double)b->n - b->bad, b, per_hour);
    const bool is_scores = !b->is_share && scores.lacks > 0, is_bad = bad.lacks >= good.lacks;
    const struct lacking *last = bad.hours >= good.hours ? &bad : &good; /* what takes longest */

    if (is_scores && (scores.is_least || scores.hours >= last->hours))
        last = &scores;
    vtext_count(b->n, n);
    const char *when = is_scores && scores.is_least ? "" : time_text(last, a, ret_ms);
    if (is_scores && scores.is_least)
        *ret_ms = 0;
    if (when == NULL)
        return NULL;
    if (is_scores)
        return arena_printf(a, "the baseline lacks %.0f of %d scores%s", scores.lacks, EDETECT_LEAST_SCORES, when);
    if (!b->is_share)
        return arena_printf(a, "the baseline lacks scores away from its end (n %s)%s", n, when);
    return arena_printf(a, "the baseline lacks %.0f of %d %s ones (n %s)%s", is_bad ? bad.lacks : good.lacks, EDETECT_LEAST,
                        is_bad ? "bad" : "good", n, when);
}

double vdrift_visible(const struct drift_base *b, bool shows_bad, double n, enum edetect_chance chance)
{
    struct edetect d;
    if (!b->is_share || b->lacks > 0 || !(n > 0) || b->n == 0 || isnan(b->arl))
        return (double)NAN;
    edetect_init(&d, EDETECT_BINARY, b->arl);
    edetect_base_binary(&d, b->n, (uint64_t)fmin(b->bad, (double)b->n));
    const double points = 100 * (edetect_visible(&d, EDETECT_RISE, n, chance) - b->bad / (double)b->n);
    return shows_bad ? points : -points;
}

void vdrift_usual(const struct drift_base *b, double n, double *ret_lo, double *ret_hi)
{
    static const double z = 1.644854; /* of 5 % on either side */
    *ret_lo = *ret_hi = (double)NAN;
    if (b->lacks > 0 || b->n == 0 || !(b->var > 0) || !(n >= 1))
        return;
    const double off = z * sqrt(b->var * (1 / n + 1 / (double)b->n));
    *ret_lo = 100 * fmax(0, b->mean - off);
    *ret_hi = 100 * fmin(1, b->mean + off);
}

const char *vdrift_promise(double arl, double alarms, uint32_t streams, struct arena *a)
{
    char samples[VTEXT_MAX];
    if (isnan(arl) || isnan(alarms))
        return "";
    if (arl == DRIFT_ARL_FIRST)
        return "e-detector: its share of the budget of false alarms was not known yet";
    vtext_count((uint64_t)arl, samples);
    return arena_printf(a, "e-detector: on average at most 1 false alarm in %s samples; %g in 30 d over %u stream%s", samples, alarms,
                        streams, streams == 1 ? "" : "s");
}

/* How much its traffic changed is as of the alarm: "... route /v1/extract 6.0 -> 31 % of them when found; within each route ...". */
static const char *traffic_why(const struct drift_base *b, const char *since, const char *error, struct arena *a)
{
    static const char size[] = " % of them";
    const char *what = b->why + strlen(DRIFT_TRAFFIC), *at = strstr(what, size);
    const int n = at != NULL ? (int)(at - what) + (int)strlen(size) : 0;
    return arena_printf(a, "traffic changed %s%s, no model: %.*s%s%s", since, error, n, what, n > 0 ? " when found" : "", what + n);
}

struct instant_between vdrift_begun(const struct drift_base *b)
{
    return (struct instant_between){
        .at_ms = b->from_ms, .from_ms = b->onset_from_ms, .to_ms = b->onset_to_ms, .error_ms = b->from_error_ms};
}

const char *vdrift_better(const struct drift_base *b, struct arena *a)
{
    const int digits = fmin(b->onset_was, b->mean) < 0.0095 ? 2 : 1;
    return strcmp(b->why, DRIFT_BETTER) != 0 || b->onset_was <= 0 || isnan(b->mean)
               ? ""
               : arena_printf(a, "%.*f -> %.*f %%", digits, 100 * b->onset_was, digits, 100 * b->mean);
}

const char *vdrift_why(const struct drift_base *b, struct arena *a)
{
    char error[TIMEFMT_MAX];
    const struct instant_between begun = vdrift_begun(b);
    const char *since = vtext_moment(a, b->from_ms), *better = vdrift_better(b, a), *more = better != NULL && better[0] != '\0' ? ", " : "";
    instant_format_between(&begun, error);
    if (b->why[0] == '\0' || since == NULL || better == NULL)
        return since == NULL || better == NULL ? NULL : "";
    return strncmp(b->why, DRIFT_TRAFFIC, strlen(DRIFT_TRAFFIC)) == 0   ? traffic_why(b, since, error, a)
           : strncmp(b->why, DRIFT_WITHOUT, strlen(DRIFT_WITHOUT)) == 0 ? arena_printf(a, "baseline: %s", b->why)
           : strcmp(b->why, DRIFT_BETTER) == 0
               ? arena_printf(a, "no drift: it is better since %s%s%s%s, and that is the baseline", since, error, more, better)
               : arena_printf(a, "baseline: %s %s%s", b->why, since, error);
}
