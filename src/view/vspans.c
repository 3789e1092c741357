/* SPDX-License-Identifier: MIT */
/* Zoomed in, columns are narrower than the time between two polls. A poll tells of all of it, so that each of the columns it covers has its
 * share, and none of them is a gap. Where the recorder noted a gap, what the next poll counted is of all of that time, and when in it
 * nobody knows: that stays a gap. */
#include "view/vparts.h"

static const int64_t around_ms = 15 * 60 * 1000; /* polls further apart are not looked for */
enum { POLLS_MAX = 2000 };

/* Whether polls that far apart are spread over columns of that step: not where columns only end a little beside the polls. */
static bool is_wider(int64_t ms, int64_t step_ms)
{
    return 2 * ms >= 3 * step_ms;
}

static enum err read_gaps(const struct vread *vr, int64_t t0_ms, int64_t t1_ms, struct store_gap **ret, size_t *ret_count)
{
    return store_gaps(vr->l->st, t0_ms, t1_ms, vr->l->arena, ret, ret_count, NULL);
}

/* Whether a source that counts for a signal was not recorded in some of (t0, t1]. */
static bool has_gap(const struct vread *vr, enum signal s, const struct store_gap *gaps, size_t count, int64_t t0_ms, int64_t t1_ms)
{
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; gaps[k].t0_ms < t1_ms && gaps[k].t1_ms > t0_ms && i < vr->source_count; i++)
            if (vr->sources[i].id == gaps[k].source && store_gap_is_of(&gaps[k], s) && vread_counts(vr, s, i))
                return true;
    return false;
}

enum err vspans_make(const struct vread *vr, size_t query, const struct view_axis *axis, struct vspans *ret)
{
    const enum signal s = vr->q[query].signal;
    const int64_t step = axis->step_ms;
    const struct store_cover *cover = vr->r[query].cover;
    struct store_gap *gaps;
    size_t gap_count;

    ret->of = arena_array(vr->l->arena, axis->columns + 1, sizeof *ret->of);
    ret->columns = arena_array(vr->l->arena, axis->columns + 1, sizeof *ret->columns);
    if (ret->of == NULL || ret->columns == NULL)
        return ERR_NOMEM;
    enum err e = read_gaps(vr, axis->t0_ms, axis->t0_ms + axis->columns * step, &gaps, &gap_count);
    for (uint32_t c = 0; e == ERR_OK && c < axis->columns; c++) {
        ret->of[c] = c;
        ret->columns[c] = 1;
        if (!is_wider(cover[c].ms, step))
            continue;
        for (uint32_t back = 1; back <= c && back * step <= cover[c].ms - step / 2; back++) {
            const int64_t t0 = axis->t0_ms + (c - back) * step;
            if (vread_sum(vr, query, c - back, DIM_COUNT, 0).known || has_gap(vr, s, gaps, gap_count, t0, t0 + step))
                break;
            ret->of[c - back] = c;
            ret->columns[c]++;
        }
    }
    return e;
}

enum err vspans_around(const struct vread *vr, size_t source, int64_t t_ms, int64_t *ret_from, int64_t *ret_to)
{
    int64_t *polls;
    size_t count;

    *ret_from = *ret_to = 0;
    enum err e =
        store_polls(vr->l->st, vr->sources[source].id, t_ms - around_ms, t_ms + around_ms, POLLS_MAX, vr->l->arena, &polls, &count, NULL);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (polls[i] <= t_ms)
            *ret_from = polls[i];
        else if (*ret_to == 0)
            *ret_to = polls[i];
    }
    return e;
}

enum err vspans_window(const struct vread *vr, enum signal s, int64_t *t0_ms, int64_t *t1_ms)
{
    const int64_t t0 = *t0_ms, t1 = *t1_ms;
    struct store_gap *gaps;
    size_t gap_count;

    enum err e = read_gaps(vr, t0 - around_ms, t1 + around_ms, &gaps, &gap_count);
    for (size_t i = 0; e == ERR_OK && i < vr->source_count; i++) {
        int64_t from = 0, to = 0;
        if (vread_counts(vr, s, i))
            e = vspans_around(vr, i, t0, &from, &to);
        if (e != ERR_OK || from == 0 || to == 0 || !is_wider(to - from, t1 - t0) || has_gap(vr, s, gaps, gap_count, from, to))
            continue;
        *t0_ms = from < *t0_ms ? from : *t0_ms;
        *t1_ms = to > *t1_ms ? to : *t1_ms;
    }
    return e;
}
