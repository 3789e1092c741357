/* SPDX-License-Identifier: MIT */
#include "view/detect.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/changes.h"
#include "analysis/deviation.h"
#include "analysis/edetect.h"

static const char *const tests[CSVSERIES_KINDS] = {"mixture Shiryaev-Roberts e-detector", "betting Shiryaev-Roberts e-detector",
                                                   "short means against long ones, beyond their record"};

/* At the end of what is kept, the rest is counted. */
static struct detect_alarm *new_alarm(struct detect_result *r)
{
    return r->count++ < DETECT_ALARMS_MAX ? &r->alarms[r->kept++] : NULL;
}

static void add_drift(const struct edetect *d, size_t at, struct detect_result *r)
{
    struct edetect_alarm a;
    struct detect_alarm *to = new_alarm(r);
    if (to == NULL || !edetect_alarm(d, &a))
        return;
    *to = (struct detect_alarm){.at = at,
                                .onset = (size_t)a.onset,
                                .onset_lo = (size_t)a.onset_lo,
                                .onset_hi = (size_t)a.onset_hi,
                                .is_rise = a.side == EDETECT_RISE,
                                .n = a.since.n,
                                .before = a.before,
                                .after = a.after};
    to->spread_before = to->spread_after = to->distance = to->record = (double)NAN;
}

/* Yes/no outcomes and scores. After an alarm all begins anew, the baseline too. */
static void run_drift(const struct csvseries *s, const struct detect_ask *ask, struct detect_result *r)
{
    enum edetect_kind kind = ask->kind == CSVSERIES_BINARY ? EDETECT_BINARY : EDETECT_SCORE;
    struct edetect d;
    edetect_init(&d, kind, ask->arl);
    for (size_t i = 0; i < s->count; i++) {
        if (kind == EDETECT_BINARY)
            edetect_feed_binary(&d, (int64_t)i, s->rows[i].n, (uint64_t)s->rows[i].value);
        else
            edetect_feed_score(&d, (int64_t)i, s->rows[i].value);
        r->scores[i] = edetect_state(&d) == EDETECT_THIN ? 0 : fmax(edetect_evidence(&d, EDETECT_RISE), edetect_evidence(&d, EDETECT_FALL));
        if (edetect_state(&d) != EDETECT_DRIFT)
            continue;
        add_drift(&d, i, r);
        edetect_init(&d, kind, ask->arl);
    }
    r->thin = edetect_state(&d) == EDETECT_THIN;
    r->lacks = edetect_lacks(&d);
}

static void add_deviation(const struct csvseries *s, const struct deviation_alarm *a, size_t at, struct detect_result *r)
{
    struct detect_alarm *to = new_alarm(r);
    if (to == NULL)
        return;
    *to = (struct detect_alarm){.at = at,
                                .onset = (size_t)a->onset,
                                .onset_lo = (size_t)a->onset_lo,
                                .onset_hi = (size_t)a->onset_hi,
                                .is_rise = a->is_rise,
                                .n = at - (size_t)a->onset + 1,
                                .before = a->before,
                                .after = a->after,
                                .distance = a->z,
                                .record = a->record};
    to->spread_before = to->spread_after = (double)NAN;
    to->is_level = a->part == DEVIATION_LEVEL;
    if (!to->is_level)
        return;
    if (s->timed) { /* logarithms beyond the usual: only their ratio has a meaning */
        to->after = exp(a->after - a->before);
        to->before = (double)NAN;
    } else {
        to->before = copysign(expm1(fabs(a->before)), a->before);
        to->after = copysign(expm1(fabs(a->after)), a->after);
    }
}

static void run_metric(const struct csvseries *s, struct detect_result *r)
{
    struct deviation d;
    deviation_init(&d);
    for (size_t i = 0; i < s->count; i++) {
        struct deviation_alarm a;
        int64_t wall_ms = s->rows[i].wall_ms == CSVSERIES_NO_TIME ? DEVIATION_NO_TIME : s->rows[i].wall_ms;
        r->scores[i] = deviation_feed(&d, (int64_t)i, wall_ms, s->rows[i].value, &a);
        if (r->scores[i] >= 1)
            add_deviation(s, &a, i, r);
    }
    r->thin = s->count <= DEVIATION_WARM_UP;
    r->lacks = r->thin ? (double)(DEVIATION_WARM_UP + 1 - s->count) : 0;
}

static enum err run_changes(const struct csvseries *s, const struct detect_ask *ask, struct detect_result *r, struct errctx *ctx)
{
    struct change *list = NULL;
    size_t count = 0;
    struct changes *c = changes_new(ask->kind == CSVSERIES_BINARY ? CHANGES_SHARE : CHANGES_NORMAL);
    enum err e = c != NULL ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < s->count; i++)
        e = ask->kind == CSVSERIES_BINARY ? changes_add_share(c, s->rows[i].n, (uint64_t)s->rows[i].value)
                                          : changes_add(c, s->rows[i].value);
    if (e == ERR_OK)
        e = changes_list(c, &list, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct detect_alarm *to = new_alarm(r);
        if (to == NULL)
            continue;
        *to = (struct detect_alarm){.at = list[i].known_at,
                                    .onset = list[i].at,
                                    .onset_lo = list[i].lo,
                                    .onset_hi = list[i].hi,
                                    .is_rise = list[i].after > list[i].before,
                                    .n = (i + 1 < count ? list[i + 1].at : s->count) - list[i].at,
                                    .before = list[i].before,
                                    .after = list[i].after,
                                    .spread_before = list[i].deviation_before,
                                    .spread_after = list[i].deviation_after};
        to->distance = to->record = (double)NAN;
    }
    free(list);
    changes_free(c);
    return e == ERR_OK ? ERR_OK : errctx_set(ctx, e, "out of memory");
}

enum err detect_run(const struct csvseries *s, const struct detect_ask *ask, struct detect_result *ret, struct errctx *ctx)
{
    *ret = (struct detect_result){.kept = 0};
    ret->alarms = calloc(DETECT_ALARMS_MAX, sizeof *ret->alarms);
    if (!ask->onsets)
        ret->scores = calloc(s->count + 1, sizeof *ret->scores);
    if (ret->alarms == NULL || (!ask->onsets && ret->scores == NULL))
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    ret->test = ask->onsets ? "Bayesian change points, the likeliest division" : tests[ask->kind];
    if (ask->onsets)
        return run_changes(s, ask, ret, ctx);
    if (ask->kind == CSVSERIES_METRIC)
        run_metric(s, ret);
    else
        run_drift(s, ask, ret);
    return ERR_OK;
}

void detect_free(struct detect_result *r)
{
    free(r->alarms);
    free(r->scores);
}
