/* SPDX-License-Identifier: MIT */
/* What sources counted and nobody will ever know: their counters began anew while nobody asked, the recorder did not run, or counters fell
 * and came back. */
#include "base/timefmt.h"
#include "view/vread.h"
#include "view/vtext.h"

static bool is_of(const struct vread *vr, enum signal s, const struct store_gap *g, int64_t t0_ms, int64_t t1_ms)
{
    if (g->t0_ms >= t1_ms || g->t1_ms <= t0_ms || !store_gap_is_of(g, s) || signal_info(s)->kind == KIND_GAUGE)
        return false;
    for (size_t i = 0; i < vr->source_count; i++)
        if (vr->sources[i].id == g->source)
            return vread_counts(vr, s, i);
    return false;
}

bool vread_has_lost(const struct vread *vr, enum signal s, int64_t t0_ms, int64_t t1_ms)
{
    for (size_t k = 0; k < vr->lost_count; k++)
        if (is_of(vr, s, &vr->lost[k], t0_ms, t1_ms))
            return true;
    return false;
}

struct vtime *vread_lost(const struct vread *vr, enum signal s, int64_t t0_ms, int64_t t1_ms, struct arena *a, size_t *ret_count)
{
    struct vtime *list = arena_array(a, vr->lost_count + 1, sizeof *list);
    size_t n = 0;

    for (size_t k = 0; list != NULL && k < vr->lost_count; k++) { /* by their beginnings */
        const struct store_gap *g = &vr->lost[k];
        const struct vtime own = {g->t0_ms > t0_ms ? g->t0_ms : t0_ms, g->t1_ms < t1_ms ? g->t1_ms : t1_ms};
        if (!is_of(vr, s, g, t0_ms, t1_ms))
            continue;
        if (n > 0 && own.t0_ms <= list[n - 1].t1_ms)
            list[n - 1].t1_ms = own.t1_ms > list[n - 1].t1_ms ? own.t1_ms : list[n - 1].t1_ms;
        else
            list[n++] = own;
    }
    *ret_count = n;
    return list;
}

const char *vread_lost_text(struct arena *a, const char *what, const struct vtime *list, size_t count)
{
    static const int64_t day_ms = 86400000;
    char length[TIMEFMT_MAX];
    int64_t sum = 0;

    if (count == 0)
        return "";
    for (size_t i = 0; i < count; i++)
        sum += list[i].t1_ms - list[i].t0_ms;
    duration_format(sum, length);
    if (count > 1)
        return arena_printf(a, "%s of %s is not known (%zu gaps)", what, length, count);
    const bool days = list->t0_ms / day_ms != list->t1_ms / day_ms;
    const char *from = vtext_instant(a, list->t0_ms, days), *to = vtext_instant(a, list->t1_ms, days);
    return from != NULL && to != NULL ? arena_printf(a, "%s of %s is not known (%s to %s)", what, length, from, to) : NULL;
}

static const char *not_recorded(const struct vread *vr)
{
    const struct view_params *p = vr->p;
    const int64_t since_ms = store_recorded_since_ms(vr->l->st);
    char window[TIMEFMT_MAX];

    if (since_ms == 0 || since_ms <= p->cursor_ms - p->window_ms)
        return "";
    const char *since = vtext_moment(vr->l->arena, since_ms);
    duration_format(p->window_ms, window);
    return since != NULL ? arena_printf(vr->l->arena, "recorded since %s, not the whole %s", since, window) : NULL;
}

const char *vread_coverage_text(const struct vread *vr, const char *what, const struct vtime *list, size_t count)
{
    const char *lost = vread_lost_text(vr->l->arena, what, list, count), *since = not_recorded(vr);

    if (lost == NULL || since == NULL)
        return NULL;
    return lost[0] != '\0' && since[0] != '\0' ? arena_printf(vr->l->arena, "%s; %s", lost, since) : lost[0] != '\0' ? lost : since;
}
