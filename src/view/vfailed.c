/* SPDX-License-Identifier: MIT */
#include "view/vfailed.h"

#include <math.h>

#include "analysis/slo.h"
#include "base/timefmt.h"
#include "view/vread.h"
#include "view/vtrouble.h"

static const int64_t minute_ms = 60000, hour_ms = 3600000, most_ms = INT64_C(6) * 3600000, period_ms = INT64_C(30) * 86400000;
static const double least_share = 0.001, most_share = 0.5; /* of what is usual to fail, that one looks beyond */

/* Feeds minutes until until_ms. NULL when out of memory. */
static struct slo_state *feed(const struct vread *vr, size_t q, double usual, int64_t until_ms)
{
    struct slo_state *s = slo_state_new(1 - usual, period_ms);
    for (uint32_t c = 0; s != NULL && c < vr->q[q].columns; c++) {
        const int64_t t0 = vr->q[q].t0_ms + c * minute_ms;
        const struct voutcomes o = vread_outcomes(vr, q, c, DIM_COUNT, 0);
        if (t0 + minute_ms <= until_ms && o.counted > 0)
            slo_feed(s, t0, t0 + minute_ms, o.counted, o.bad, o.bad);
    }
    return s;
}

/* A poll that ended in a minute may have begun in the one before: the middle is earlier by half a minute, and known that much less. */
static enum err find(const struct vread *vr, size_t q, double usual, const struct vfailed_ask *ask, struct suspect_when *ret)
{
    const int64_t half = minute_ms / 2, from = vr->q[q].t0_ms;
    struct slo_state *all = feed(vr, q, usual, INT64_MAX), *during = NULL;
    struct slo_end end = {.at_ms = 0};
    int64_t at = 0, error = 0;

    if (all == NULL)
        return ERR_NOMEM;
    const bool is_over = slo_trouble_end(all, from, &end) && end.seems_over;
    if (is_over)
        during = feed(vr, q, usual, end.at_ms - end.error_ms);
    const bool fits = !is_over || during != NULL;
    const bool found = fits && slo_onset(is_over ? during : all, SLO_5M, from, &at, &error);
    slo_state_free(all);
    slo_state_free(during);
    if (!fits)
        return ERR_NOMEM;
    *ret = (struct suspect_when){.from_ms = found ? at - half : 0,
                                 .error_ms = found ? vtrouble_wide_ms(vr, ask->signal, error + half) : 0,
                                 .until_ms = is_over ? end.at_ms - half : 0,
                                 .until_error_ms = is_over ? vtrouble_wide_ms(vr, ask->signal, end.error_ms + half) : 0};
    return ERR_OK;
}

enum err vfailed_when(const struct view_loader *l, const struct view_params *everything, const struct vfailed_ask *ask,
                      struct suspect_when *ret, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    const int64_t end = (ask->t1_ms + minute_ms - 1) / minute_ms * minute_ms;
    const int64_t since = ask->t0_ms > ask->t1_ms - most_ms ? ask->t0_ms : ask->t1_ms - most_ms;
    const int64_t begin = instant_floor(since - hour_ms, minute_ms);
    enum err e = vr != NULL ? vread_init(vr, l, everything, ctx) : ERR_NOMEM;
    size_t q = 0, past = 0;

    if (e == ERR_OK) {
        q = vread_add(vr, ask->signal, DIM_BIT(DIM_CLASS), begin, minute_ms, (uint32_t)((end - begin) / minute_ms));
        for (uint32_t i = 0; e == ERR_OK && i < ask->of->dim_count; i++)
            e = vread_narrow(vr, ask->of->dim[i], ask->of->id[i]);
        past = vread_window(vr, ask->signal, DIM_BIT(DIM_CLASS), since - hour_ms, since);
        for (uint32_t i = 0; e == ERR_OK && i < ask->of->dim_count; i++)
            e = vread_narrow(vr, ask->of->dim[i], ask->of->id[i]);
    }
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e == ERR_OK) {
        const struct voutcomes before = vread_outcomes(vr, past, 0, DIM_COUNT, 0);
        const double share = before.counted > 0 ? (double)before.bad / (double)before.counted : 0;
        e = find(vr, q, fmin(fmax(share, least_share), most_share), ask, ret);
    }
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while looking for suspects") : e;
}
