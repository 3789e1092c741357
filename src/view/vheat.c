/* SPDX-License-Identifier: MIT */
/* Rows are fixed edges, a third of a decade apart (1, 2, 5, 10, ...), so that the same latency stands on the same row whatever is shown.
 * A bucket that straddles a row edge belongs to the row of its upper bound: nothing is split that was not measured apart. */
#include "view/vparts.h"

#include <math.h>

/* Seconds; the first row is everything up to the first edge, the last one is open. */
static const double edges_s[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300};
enum { EDGES = sizeof edges_s / sizeof *edges_s, ROWS_ALL = EDGES + 1 };

static uint32_t row_of(double upper)
{
    uint32_t r = 0;
    while (r < EDGES && upper > edges_s[r] * (1 + 1e-9))
        r++;
    return r;
}

static double upper_of(const struct hist *h, uint32_t bucket)
{
    if (h->scheme == HIST_EXPONENTIAL)
        return exp2((double)(h->first + (int32_t)bucket) / 32.0);
    return bucket < h->bounds->count ? h->bounds->upper[bucket] : INFINITY;
}

/* False when there are observations and nothing is known of where they stand. */
static bool add_column(const struct hist_set *set, double *rows)
{
    bool placed = false;
    for (uint32_t k = 0; k < set->count; k++) {
        const struct hist *h = &set->h[k];
        if (h->scheme == HIST_CLASSIC && h->bounds->count == 0)
            continue; /* averages */
        placed = true;
        rows[0] += (double)h->zero;
        for (uint32_t b = 0; b < h->count; b++)
            if (h->counts[b] > 0)
                rows[row_of(upper_of(h, b))] += (double)h->counts[b];
    }
    return placed || hist_n(set) == 0;
}

/* The rows from the first to the last that hold anything, widened upwards to at most max rows. */
static void choose_rows(const double *cells, uint32_t columns, uint32_t max_rows, uint32_t *ret_first, uint32_t *ret_count)
{
    uint32_t first = ROWS_ALL, last = 0;
    for (uint32_t r = 0; r < ROWS_ALL; r++) {
        for (uint32_t c = 0; c < columns; c++) {
            if (cells[r * columns + c] > 0) {
                first = r < first ? r : first;
                last = r;
            }
        }
    }
    if (first > last) {
        *ret_first = 0;
        *ret_count = 0;
        return;
    }
    uint32_t count = last - first + 1;
    if (count > max_rows) { /* the slow end is the one that hurts */
        first = last + 1 - max_rows;
        count = max_rows;
    }
    *ret_first = first;
    *ret_count = count;
}

enum err vheat_build(struct vread *vr, size_t axis_query, const struct view_axis *axis, uint32_t max_rows, struct vheat *ret)
{
    struct arena *a = vr->l->arena;
    uint32_t columns = axis->columns, first, count;
    double *all = arena_array(a, (size_t)ROWS_ALL * columns, sizeof *all), *one = arena_array(a, ROWS_ALL, sizeof *one);

    if (all == NULL || one == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < columns; c++) {
        struct hist_set set;
        bool known = vread_sum(vr, axis_query, c, DIM_COUNT, 0).known;
        enum err e = vread_hist(vr, axis_query, c, DIM_COUNT, 0, &set);
        if (e != ERR_OK)
            return e;
        for (uint32_t r = 0; r < ROWS_ALL; r++)
            one[r] = 0;
        known = add_column(&set, one) && known;
        for (uint32_t r = 0; r < ROWS_ALL; r++)
            all[r * columns + c] = known ? one[r] : NAN;
    }
    choose_rows(all, columns, max_rows, &first, &count);
    double *cell = arena_array(a, (size_t)count * columns + 1, sizeof *cell), *edge = arena_array(a, (size_t)count + 2, sizeof *edge);
    if (cell == NULL || edge == NULL)
        return ERR_NOMEM;
    *ret = (struct vheat){.rows = count, .columns = columns, .cell = cell, .edge = edge};
    for (uint32_t r = 0; r < count; r++) {
        edge[r] = first + r == 0 ? 0 : edges_s[first + r - 1];
        edge[r + 1] = first + r < EDGES ? edges_s[first + r] : INFINITY;
        for (uint32_t c = 0; c < columns; c++) {
            double v = all[(first + r) * columns + c];
            /* Rows below the first one shown are added to it: no request is left out of its column. */
            for (uint32_t below = 0; r == 0 && below < first; below++)
                v += all[below * columns + c];
            cell[r * columns + c] = v;
            if (v > ret->max)
                ret->max = v;
        }
    }
    return ERR_OK;
}
