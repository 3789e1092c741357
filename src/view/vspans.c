/* SPDX-License-Identifier: MIT */
/* Zoomed in, columns are narrower than the time between two polls. A poll tells of all of it, so that each of the columns it covers has its share, and
 * none of them is a gap. What lies before a poll that tells of more than two intervals was an outage: that stays a gap. */
#include "view/vparts.h"

/* The longest interval of the sources that count for a signal. */
static int64_t interval_of(const struct vread *vr, enum signal s)
{
    int64_t longest = 0;
    for (size_t i = 0; i < vr->source_count; i++)
        if (vread_counts(vr, s, i) && vr->sources[i].interval_ms > longest)
            longest = vr->sources[i].interval_ms;
    return longest;
}

enum err vspans_make(const struct vread *vr, size_t query, const struct view_axis *axis, struct vspans *ret)
{
    const int64_t interval = interval_of(vr, vr->q[query].signal), step = axis->step_ms;
    const struct store_cover *cover = vr->r[query].cover;

    ret->of = arena_array(vr->l->arena, axis->columns + 1, sizeof *ret->of);
    ret->columns = arena_array(vr->l->arena, axis->columns + 1, sizeof *ret->columns);
    if (ret->of == NULL || ret->columns == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < axis->columns; c++) {
        ret->of[c] = c;
        ret->columns[c] = 1;
        if (step >= interval || cover[c].ms <= step || cover[c].ms > 2 * interval)
            continue;
        for (uint32_t back = 1; back <= c && back * step < cover[c].ms && !vread_sum(vr, query, c - back, DIM_COUNT, 0).known; back++) {
            ret->of[c - back] = c;
            ret->columns[c]++;
        }
    }
    return ERR_OK;
}

/* The last poll of a source that is not after t0, and the first one after it; 0 = none within two intervals. */
static enum err around(const struct vread *vr, size_t source, int64_t t0_ms, int64_t *ret_from, int64_t *ret_to)
{
    const int64_t interval = vr->sources[source].interval_ms;
    int64_t *polls;
    size_t count;

    *ret_from = *ret_to = 0;
    enum err e =
        store_polls(vr->l->st, vr->sources[source].id, t0_ms - 2 * interval, t0_ms + 2 * interval, 64, vr->l->arena, &polls, &count, NULL);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (polls[i] <= t0_ms)
            *ret_from = polls[i];
        else if (*ret_to == 0)
            *ret_to = polls[i];
    }
    return e;
}

enum err vspans_window(const struct vread *vr, enum signal s, int64_t *t0_ms, int64_t *t1_ms)
{
    const int64_t t0 = *t0_ms, t1 = *t1_ms;

    for (size_t i = 0; i < vr->source_count; i++) {
        int64_t from, to;
        if (!vread_counts(vr, s, i) || t1 - t0 >= vr->sources[i].interval_ms)
            continue;
        enum err e = around(vr, i, t0, &from, &to);
        if (e != ERR_OK)
            return e;
        if (from == 0 || to == 0 || to - from > 2 * vr->sources[i].interval_ms)
            continue;
        *t0_ms = from < *t0_ms ? from : *t0_ms;
        *t1_ms = to > *t1_ms ? to : *t1_ms;
    }
    return ERR_OK;
}
