/* SPDX-License-Identifier: MIT */
#include "view/vsilence.h"

#include <math.h>

#include "base/timefmt.h"

enum {
    MISSING_LEAST = 20, /* requests that should have come: chance leaves out so many once in 10^8 */
    MINUTES = 60,       /* of a model's past that are looked at */
    STEADY_LEAST = 2,   /* of these, before its silence */
    MODEL_TOLD = 15,    /* minutes: after that it is what it is */
};
static const int64_t minute_ms = 60000, second_ms = 1000;

struct vsilence_ask vsilence_ask(struct vread *vr)
{
    const int64_t until = vr->until_ms[SIG_REQUESTS], seconds = vr->p->now_window_ms / second_ms;
    return (struct vsilence_ask){.by_second = vread_add(vr, SIG_REQUESTS, 0, until - seconds * second_ms, second_ms, (uint32_t)seconds),
                                 .by_model =
                                     vread_add(vr, SIG_REQUESTS, DIM_BIT(DIM_MODEL), until - MINUTES * minute_ms, minute_ms, MINUTES)};
}

/* Whether what was not counted in the last while is silence: somebody looked. */
static bool is_watched(const struct vread *vr, int64_t silent_ms)
{
    const int64_t until = vr->until_ms[SIG_REQUESTS];
    return vr->unsure_ms[SIG_REQUESTS] == 0 && !vread_has_lost(vr, SIG_REQUESTS, until - silent_ms, until) &&
           (vr->freshness[SIG_REQUESTS] == FRESH || vr->freshness[SIG_REQUESTS] == STALE);
}

/* Over how long all requests have stopped, by the lower of the rates of the minute before and of all that the query covers; 0 = they have
 * not. Less than a minute is no silence: some sources count in steps. */
static int64_t stopped_ms(const struct vread *vr, size_t q)
{
    const uint32_t seconds = vr->q[q].columns;
    uint32_t last = seconds;
    double minute = 0, all = 0;

    while (last > 0 && vread_sum(vr, q, last - 1, DIM_COUNT, 0).sum <= 0)
        last--;
    const uint32_t silent = seconds - last;
    if (last == 0 || silent < 60 || !is_watched(vr, silent * second_ms))
        return 0;
    for (uint32_t c = 0; c < last; c++) {
        const double n = (double)vread_sum(vr, q, c, DIM_COUNT, 0).sum;
        all += n;
        minute += c + 60 >= last ? n : 0;
    }
    return fmin(minute / 60, all / last) * silent >= MISSING_LEAST ? silent * second_ms : 0;
}

/* A group of the query by model: how long it has been silent, by the lower of the rates of its last minute and of all before; 0 = it is
 * not. *ret_missing: requests that should have come since. */
static int64_t silent_ms(const struct store_group *g, const struct store_result *all, uint32_t columns, double *ret_missing)
{
    int64_t silent = 0, before = 0, requests = 0;
    double last = 0;
    uint32_t c = columns, steady = 0;

    for (; c > 0 && g->cells[c - 1].sum <= 0; c--)
        silent += all->cover[c - 1].ms;
    for (; c > 0; c--) {
        if (all->cover[c - 1].ms == 0)
            continue;
        if (g->cells[c - 1].sum <= 0)
            return 0; /* it comes and goes */
        last = steady == 0 ? (double)g->cells[c - 1].sum / (double)all->cover[c - 1].ms : last;
        before += all->cover[c - 1].ms;
        requests += g->cells[c - 1].sum;
        steady++;
    }
    *ret_missing = before > 0 ? fmin(last, (double)requests / (double)before) * (double)silent : 0;
    return steady >= STEADY_LEAST && silent >= minute_ms && silent <= MODEL_TOLD * minute_ms && *ret_missing >= MISSING_LEAST ? silent : 0;
}

enum err vsilence_read(struct vread *vr, const struct vsilence_ask *ask, const char **ret)
{
    struct arena *a = vr->l->arena;
    const struct store_result *r = &vr->r[ask->by_model];
    const int64_t stopped = stopped_ms(vr, ask->by_second);
    char length[TIMEFMT_MAX];
    const char *model = NULL, *text = "";
    double most = 0;
    int64_t longest = 0;
    size_t more = 0;

    for (size_t i = 0; stopped == 0 && i < r->count; i++) {
        double missing;
        const int64_t ms = silent_ms(&r->groups[i], r, vr->q[ask->by_model].columns, &missing);
        if (ms == 0 || r->groups[i].dim[DIM_MODEL] == 0 || !is_watched(vr, ms))
            continue;
        more += model != NULL;
        if (missing <= most)
            continue;
        model = vread_text(vr, r->groups[i].dim[DIM_MODEL]);
        most = missing;
        longest = ms;
    }
    duration_format(stopped > 0 ? stopped : longest, length);
    if (stopped > 0)
        text = arena_printf(a, "no request for %s", length);
    else if (model != NULL)
        text = more == 0 ? arena_printf(a, "no request of %s for %s", model, length)
                         : arena_printf(a, "no request of %s (+%zu more) for %s", model, more, length);
    *ret = text;
    return text != NULL ? ERR_OK : ERR_NOMEM;
}
