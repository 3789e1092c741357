/* SPDX-License-Identifier: MIT */
#include "analysis/rise.h"

#include <assert.h>
#include <math.h>

enum { RISES = 5, STARTS = 4 };
static const double rises_s[RISES] = {0, 30, 60, 120, 240};
static const double doubt = 4; /* nats: a likelihood ratio of 55, as of the onset of failures */

/* Of a rise that begins at from: how long what lies before t counts as risen. */
static double risen_ms(double from_ms, double rise_ms, double t_ms)
{
    const double ms = t_ms - from_ms;
    return ms <= 0 ? 0 : ms < rise_ms ? ms * ms / (2 * rise_ms) : ms - rise_ms / 2;
}

/* Evidence for a rise from then on, against none, in nats. */
static double nats_of(const struct rise_cell *cells, size_t count, double from_ms, double rise_ms)
{
    double n = 0, usual = 0, risen = 0, nats = 0;
    for (size_t i = count; i > 0 && (double)cells[i - 1].t1_ms > from_ms; i--) {
        const struct rise_cell *c = &cells[i - 1];
        n += c->n;
        usual += c->usual;
        risen += risen_ms(from_ms, rise_ms, (double)c->t1_ms) - risen_ms(from_ms, rise_ms, (double)c->t0_ms);
    }
    const double more_per_ms = risen > 0 ? (n - usual) / risen : 0;
    for (size_t i = count; more_per_ms > 0 && i > 0 && (double)cells[i - 1].t1_ms > from_ms; i--) {
        const struct rise_cell *c = &cells[i - 1];
        const double more = more_per_ms * (risen_ms(from_ms, rise_ms, (double)c->t1_ms) - risen_ms(from_ms, rise_ms, (double)c->t0_ms));
        nats += c->n * log1p(more / c->usual) - more;
    }
    return nats;
}

static double best_of(const struct rise_cell *cells, size_t count, double from_ms)
{
    double best = 0;
    for (size_t i = 0; i < RISES; i++)
        best = fmax(best, nats_of(cells, count, from_ms, 1000 * rises_s[i]));
    return best;
}

struct rise rise_find(const struct rise_cell *cells, size_t count)
{
    double nats[RISE_CELLS_MAX][STARTS], best = 0;
    int64_t from = INT64_MAX, to = 0;
    assert(count <= RISE_CELLS_MAX);
    if (count == 0)
        return (struct rise){.nats = 0};
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < STARTS; k++) {
            const double length = (double)(cells[i].t1_ms - cells[i].t0_ms);
            nats[i][k] = best_of(cells, count, (double)cells[i].t0_ms + length * (double)k / STARTS);
            best = fmax(best, nats[i][k]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < STARTS; k++) {
            if (nats[i][k] < best - doubt)
                continue;
            const int64_t begin = k == 0 && i > 0 ? cells[i - 1].t1_ms : cells[i].t0_ms;
            from = begin < from ? begin : from;
            to = cells[i].t1_ms > to ? cells[i].t1_ms : to;
        }
    }
    return (struct rise){.begin_ms = from + (to - from) / 2, .error_ms = (to - from + 1999) / 2000 * 1000, .nats = best};
}
