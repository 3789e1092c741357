/* SPDX-License-Identifier: MIT */
#include "view/vlate.h"

#include "base/timefmt.h"
#include "view/vtext.h"

static size_t source_of(const struct vread *vr, const struct store_late *late)
{
    size_t i = 0;
    while (i < vr->source_count && vr->sources[i].id != late->source)
        i++;
    return i;
}

enum err vlate_read(struct vread *vr, struct errctx *ctx)
{
    struct store_late *list;
    size_t count, n = 0;
    enum err e = store_late(vr->l->st, vr->cursor_ms, vr->l->arena, &list, &count, ctx);

    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct store_late *last = n > 0 ? &list[n - 1] : NULL;
        const size_t source = source_of(vr, &list[i]);
        if (source == vr->source_count || vread_is_gone(vr, source))
            continue;
        if (last != NULL && last->source == list[i].source && last->part == list[i].part && list[i].t0_ms <= last->t1_ms) {
            last->t1_ms = list[i].t1_ms > last->t1_ms ? list[i].t1_ms : last->t1_ms;
            last->known_ms = list[i].known_ms > last->known_ms ? list[i].known_ms : last->known_ms;
        } else {
            list[n++] = list[i];
        }
    }
    if (e != ERR_OK)
        return e;
    vr->late = list;
    vr->late_count = n;
    return ERR_OK;
}

/* The one to be named: that the cursor lies in, else the last. NULL where there is none. */
static const struct store_late *nearest(const struct vread *vr)
{
    const struct store_late *best = NULL;
    for (size_t i = 0; i < vr->late_count; i++)
        if (best == NULL || best->t1_ms < vr->cursor_ms)
            best = &vr->late[i];
    return best;
}

const char *vlate_text(const struct vread *vr)
{
    static const int64_t day_ms = 86400000;
    struct arena *a = vr->l->arena;
    const struct store_late *late = nearest(vr);
    const char *more = "";

    if (late == NULL)
        return "";
    const bool days = late->t0_ms / day_ms != late->known_ms / day_ms, named = vr->source_count > 1;
    const char *from = vtext_instant(a, late->t0_ms, days), *to = vtext_instant(a, late->t1_ms, days),
               *known = vtext_instant(a, late->known_ms, days);
    if (vr->late_count > 1)
        more = arena_printf(a, ", +%zu more", vr->late_count - 1);
    if (from == NULL || to == NULL || known == NULL || more == NULL)
        return NULL;
    /* the Z of the end is of both */
    return arena_printf(a, "made good later: %s%s%.*s-%s was not known until %s%s", named ? vr->sources[source_of(vr, late)].name : "",
                        named ? " " : "", (int)(str_of(from).n - 1), from, to, known, more);
}

enum err vlate_since(struct vread *vr, const char **ret, struct errctx *ctx)
{
    const struct store_late *late = nearest(vr);
    struct arena *a = vr->l->arena;
    char known[TIMEFMT_MAX], part[VTEXT_MAX], n[VTEXT_MAX];

    *ret = "";
    if (late == NULL)
        return ERR_OK;
    vr->count = 0;
    const size_t q = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), late->t0_ms, late->t1_ms);
    const bool counts = vread_counts(vr, SIG_REQUESTS, source_of(vr, late));
    vr->past[q] = true; /* what is missing at the cursor was there in the end */
    vr->q[q].filter.sources = &late->source;
    vr->q[q].filter.source_count = 1;
    enum err e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    const struct voutcomes o = vread_outcomes(vr, q, 0, DIM_COUNT, 0);
    instant_format_clock(late->known_ms, known);
    vtext_count(o.counted, n);
    vtext_percent(o.counted > 0 ? 100.0 * (double)o.bad / (double)o.counted : 0, part);
    *ret = counts && o.known && o.counted > 0 ? arena_printf(a, "known since %s: %s of %s requests of that time failed", known, part, n)
                                              : arena_printf(a, "more is known since %s", known);
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}
