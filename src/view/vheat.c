/* SPDX-License-Identifier: MIT */
/* Rows are fixed edges (1, 2, 5, 10, ...; whole minutes beyond 20 s), so that the same latency stands on the same row whatever is shown.
 * A bucket that straddles a row edge belongs to the row of its upper bound, and one without an upper bound to a row of its own on top,
 * which begins where the bucket does: nothing is split that was not measured apart. */
#include "view/vparts.h"

#include <math.h>

/* Seconds; the first row is everything up to the first edge, the last one is open. */
static const double edges_s[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1200, 3600};
enum { EDGES = sizeof edges_s / sizeof *edges_s, OPEN = EDGES, ROWS_ALL = EDGES + 1 };

static uint32_t row_of(double upper)
{
    uint32_t r = 0;
    while (r < EDGES && upper > edges_s[r] * (1 + 1e-9))
        r++;
    return r;
}

static bool is_slower(double s, double edge)
{
    return s > edge * (1 + 1e-9);
}

/* Whether it says how many there were and nothing of where each stood. */
static bool is_average(const struct hist *h)
{
    return h->scheme == HIST_CLASSIC && h->bounds->count == 0;
}

/* What a column holds, a row each, and where what lies in the open row begins. False when there are observations and nothing is known of
 * where they stand. */
static bool add_column(const struct hist_set *set, double *rows, double *open_lo)
{
    bool placed = false;
    for (uint32_t k = 0; k < set->count; k++) {
        const struct hist *h = &set->h[k];
        if (is_average(h))
            continue;
        placed = true;
        rows[0] += (double)h->zero;
        for (uint32_t b = 0; b < h->count; b++) {
            double lo, hi;
            if (h->counts[b] == 0)
                continue;
            hist_bucket(h, b, &lo, &hi);
            uint32_t r = row_of(hi);
            rows[r] += (double)h->counts[b];
            if (r == OPEN && !(lo >= *open_lo))
                *open_lo = lo;
        }
    }
    return placed || hist_n(set) == 0;
}

/* Of the rows with an upper edge, those from the first to the last that hold anything, at most max rows; folded: what is faster joins the
 * first. */
static void choose_rows(const double *cells, uint32_t columns, uint32_t max_rows, uint32_t *ret_first, uint32_t *ret_count,
                        bool *ret_folded)
{
    uint32_t first = OPEN, last = 0;
    for (uint32_t r = 0; r < OPEN; r++) {
        for (uint32_t c = 0; c < columns; c++) {
            if (cells[r * columns + c] > 0) {
                first = r < first ? r : first;
                last = r;
            }
        }
    }
    *ret_first = 0;
    *ret_count = 0;
    *ret_folded = false;
    if (first > last)
        return;
    uint32_t count = last - first + 1;
    if (count > max_rows) { /* the slow end is the one that hurts */
        first = last + 1 - max_rows;
        count = max_rows;
        *ret_folded = true;
    }
    *ret_first = first;
    *ret_count = count;
}

/* The rows below a bucket's own that it covers, too: what stands in its own may lie there. */
static void mark_covered(const struct hist_set *set, uint32_t columns, bool *maybe)
{
    for (uint32_t k = 0; k < set->count; k++) {
        const struct hist *h = &set->h[k];
        for (uint32_t b = 0; !is_average(h) && b < h->count; b++) {
            double lo, hi;
            if (h->counts[b] == 0)
                continue;
            hist_bucket(h, b, &lo, &hi);
            for (uint32_t r = row_of(hi); r != OPEN && r > 0 && is_slower(edges_s[r - 1], lo); r--)
                maybe[(r - 1) * columns] = true;
        }
    }
}

/* Every row of every column; NaN in a column of which nothing is known. */
static enum err read_columns(struct vread *vr, size_t axis_query, const struct view_axis *axis, double *all, bool *maybe, double *open_lo)
{
    double one[ROWS_ALL];
    const uint32_t columns = axis->columns;
    struct vspans spans;
    enum err e = vspans_make(vr, axis_query, axis, &spans);
    if (e != ERR_OK)
        return e;
    for (uint32_t c = 0; c < columns; c++) {
        struct hist_set set;
        const uint32_t of = spans.of[c];
        bool known = vread_sum(vr, axis_query, of, DIM_COUNT, 0).known;
        e = vread_hist(vr, axis_query, of, DIM_COUNT, 0, &set);
        if (e != ERR_OK)
            return e;
        for (uint32_t r = 0; r < ROWS_ALL; r++)
            one[r] = 0;
        known = add_column(&set, one, open_lo) && known;
        mark_covered(&set, columns, maybe + c);
        for (uint32_t r = 0; r < ROWS_ALL; r++)
            all[r * columns + c] = known ? one[r] / spans.columns[of] : NAN; /* its share: the columns still add up to what was counted */
    }
    return ERR_OK;
}

enum err vheat_build(struct vread *vr, size_t axis_query, const struct view_axis *axis, uint32_t max_rows, struct vheat *ret)
{
    struct arena *a = vr->l->arena;
    uint32_t columns = axis->columns, first, closed;
    double *all = arena_array(a, (size_t)ROWS_ALL * columns, sizeof *all), open_lo = NAN;
    bool *maybe_all = arena_array(a, (size_t)ROWS_ALL * columns, sizeof *maybe_all), folded;

    if (all == NULL || maybe_all == NULL)
        return ERR_NOMEM;
    enum err e = read_columns(vr, axis_query, axis, all, maybe_all, &open_lo);
    if (e != ERR_OK)
        return e;
    uint32_t open = isnan(open_lo) ? 0 : UINT32_C(1);
    choose_rows(all, columns, max_rows - open, &first, &closed, &folded);
    uint32_t count = closed + open;
    double *cell = arena_array(a, (size_t)count * columns + 1, sizeof *cell), *edge = arena_array(a, (size_t)count + 2, sizeof *edge);
    bool *maybe = arena_array(a, (size_t)count * columns + 1, sizeof *maybe);
    if (cell == NULL || edge == NULL || maybe == NULL)
        return ERR_NOMEM;
    const enum signal s = vr->q[axis_query].signal;
    const char *unsplit = vread_unsplit_text(vr, s);
    *ret = (struct vheat){.rows = count, .columns = columns, .cell = cell, .edge = edge, .open_lo = open_lo, .note = unsplit};
    if (unsplit != NULL && unsplit[0] != '\0')
        ret->note = arena_printf(a, "%s is %s", signal_info(s)->name, unsplit);
    else if (vr->freshness[s] == UNCOUNTED)
        ret->note = "not known: what is counted goes up and down";
    if (ret->note == NULL)
        return ERR_NOMEM;
    for (uint32_t r = 0; r < count; r++) {
        uint32_t from = r < closed ? first + r : OPEN;
        const double lowest = from == 0 || (folded && r == 0) ? 0 : edges_s[from - 1];
        edge[r] = from < OPEN ? lowest : closed > 0 ? edges_s[first + closed - 1] : open_lo;
        edge[r + 1] = from < OPEN ? edges_s[from] : INFINITY;
        for (uint32_t c = 0; c < columns; c++) {
            double v = all[from * columns + c];
            /* Rows below the first one shown are added to it: no request is left out of its column. */
            for (uint32_t below = 0; folded && r == 0 && below < first; below++)
                v += all[below * columns + c];
            cell[r * columns + c] = v;
            maybe[r * columns + c] = maybe_all[from * columns + c];
            ret->maybe = maybe[r * columns + c] ? maybe : ret->maybe;
            if (v > ret->max)
                ret->max = v;
        }
    }
    return ERR_OK;
}

/* ---- one cell, read out ---- */

enum { PARTS_MAX = 4 };

enum err vcell_ask(struct vread *vr, enum signal signal, const struct view_axis *axis, int64_t at_ms, struct vcell_ask *ret)
{
    if (at_ms == INT64_MAX)
        at_ms = vr->known_ms[signal];
    int64_t column = (at_ms - axis->t0_ms - 1) / axis->step_ms, last = (int64_t)axis->columns - 1;
    struct vcell_ask ask = {.column = (uint32_t)(at_ms <= axis->t0_ms ? 0 : column > last ? last : column)};
    ask.t0_ms = axis->t0_ms + (int64_t)ask.column * axis->step_ms;
    ask.t1_ms = ask.t0_ms + axis->step_ms;
    enum err e = vspans_window(vr, signal, &ask.t0_ms, &ask.t1_ms);
    if (e != ERR_OK)
        return e;
    const int64_t end_ms = vr->until_ms[signal]; /* the newest column reaches beyond it */
    ask.t1_ms = ask.t0_ms < end_ms && end_ms < ask.t1_ms ? end_ms : ask.t1_ms;
    ask.measured = vread_window(vr, signal, DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_PROVIDER), ask.t0_ms, ask.t1_ms);
    ask.requests = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_CLASS), ask.t0_ms, ask.t1_ms);
    *ret = ask;
    return ERR_OK;
}

/* The row that holds latency s; 0: the one that holds the column's p95, for there the trouble begins. */
static uint32_t find_row(const struct vheat *h, uint32_t column, double s)
{
    uint32_t r = 0;
    double all = 0, slower = 0;
    if (s > 0) {
        while (r + 1 < h->rows && is_slower(s, h->edge[r + 1]))
            r++;
        return r;
    }
    for (r = 0; r < h->rows; r++)
        all += h->cell[r * h->columns + column];
    for (r = h->rows - 1; r > 0; r--) {
        slower += h->cell[r * h->columns + column];
        if (slower > 0.05 * all)
            break;
    }
    return r;
}

/* How many observations of a distribution belong to the cell, and the buckets that hold them. */
static uint64_t count_in_row(const struct hist_set *set, const struct vheat *h, struct vcell *c)
{
    uint64_t n = 0;
    for (uint32_t k = 0; k < set->count; k++) {
        const struct hist *one = &set->h[k];
        if (is_average(one))
            continue;
        if (c->row == 0 && one->zero > 0) {
            n += one->zero;
            c->bucket_lo = 0;
            c->bucket_hi = c->bucket_hi > 0 ? c->bucket_hi : 0;
        }
        for (uint32_t b = 0; b < one->count; b++) {
            double lo, hi;
            if (one->counts[b] == 0)
                continue;
            hist_bucket(one, b, &lo, &hi);
            bool below = is_slower(hi, h->edge[c->row + 1]), above = c->row > 0 && !is_slower(hi, h->edge[c->row]);
            bool open = row_of(hi) == OPEN, open_row = isinf(h->edge[c->row + 1]),
                 on_row = open == open_row && (open || (!below && !above));
            bool over = is_slower(hi, c->lo) && is_slower(c->hi, lo);
            if (c->wider ? !over : !on_row)
                continue;
            n += one->counts[b];
            c->bucket_lo = lo >= c->bucket_lo ? c->bucket_lo : lo;
            c->bucket_hi = hi <= c->bucket_hi ? c->bucket_hi : hi;
        }
    }
    return n;
}

static void insert_part(struct vcell_part *list, size_t count, struct vcell_part part)
{
    size_t at = count;
    for (; at > 0 && part.n > list[at - 1].n; at--)
        list[at] = list[at - 1];
    list[at] = part;
}

/* Who stands behind the cell: models, each with its provider; what is beyond the largest is one part without a name. */
static enum err build_parts(struct vread *vr, const struct vcell_ask *ask, const struct vheat *h, struct vcell *c)
{
    const struct store_result *r = &vr->r[ask->measured];
    struct vcell_part *list = arena_array(vr->l->arena, r->count + 1, sizeof *list);
    size_t count = 0;

    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->count; i++) {
        const uint32_t *dim = r->groups[i].dim;
        const struct vkey keys[] = {{DIM_MODEL, dim[DIM_MODEL]}, {DIM_PROVIDER, dim[DIM_PROVIDER]}};
        struct hist_set set;
        enum err e = vread_hist_of(vr, ask->measured, 0, keys, 2, &set);
        if (e != ERR_OK)
            return e;
        struct vcell_part part = {
            .model = vread_text(vr, dim[DIM_MODEL]), .provider = vread_text(vr, dim[DIM_PROVIDER]), .n = count_in_row(&set, h, c)};
        struct voutcomes o = vread_outcomes(vr, ask->requests, 0, DIM_MODEL, dim[DIM_MODEL]);
        part.fail = vnum_ratio(o.bad, o.counted, o.trust);
        part.severity = voutcomes_severity(&o);
        c->n += part.n;
        if (part.n > 0)
            insert_part(list, count++, part);
    }
    c->parts = list;
    c->part_count = count < PARTS_MAX ? count : PARTS_MAX;
    for (size_t i = c->part_count; i < count; i++)
        c->rest += list[i].n;
    return ERR_OK;
}

/* Where nothing ends in the cell's row, buckets that reach over it may still hold something of it. */
static void look_wider(const struct hist_set *column, const struct vheat *h, struct vcell *c)
{
    const bool none = count_in_row(column, h, c) == 0;
    c->wider = none;
    c->wider = none && count_in_row(column, h, c) > 0;
    c->bucket_lo = c->bucket_hi = NAN;
}

enum err vcell_build(struct vread *vr, const struct vcell_ask *ask, const struct vheat *h, double s, struct vcell *ret)
{
    static const double qs[] = {0.5, 0.95, 0.99};
    struct vcell c = {.column = ask->column, .bucket_lo = NAN, .bucket_hi = NAN};
    struct hist_set column;
    double rows[ROWS_ALL] = {0}, all = 0, open_lo = NAN;

    if (h->rows == 0)
        return ERR_OK;
    enum err e = vread_hist(vr, ask->measured, 0, DIM_COUNT, 0, &column);
    if (e != ERR_OK)
        return e;
    c.on = true;
    c.known = add_column(&column, rows, &open_lo) && vread_sum(vr, ask->measured, 0, DIM_COUNT, 0).known;
    for (uint32_t r = 0; r < ROWS_ALL; r++)
        all += rows[r];
    c.of = (uint64_t)all;
    c.row = find_row(h, ask->column, s);
    c.lo = isinf(h->edge[c.row + 1]) ? h->open_lo : h->edge[c.row];
    c.hi = h->edge[c.row + 1];
    look_wider(&column, h, &c);
    c.t0_ms = ask->t0_ms;
    c.t1_ms = ask->t1_ms;
    for (size_t k = 0; k < 3; k++)
        c.quantile[k] = hist_quantile(&column, qs[k]);
    const struct vtrust t = vread_trust(vr, ask->measured);
    c.about = t.less || t.lost || t.more;
    e = build_parts(vr, ask, h, &c);
    *ret = c;
    return e;
}
