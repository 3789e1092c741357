/* SPDX-License-Identifier: MIT */
#include "source/sweep.h"

#define MINUTE_MS INT64_C(60000)
enum { FEW_PAGES = 5, MANY_PAGES = 50 };
static const int64_t first_window_ms = 60 * MINUTE_MS, window_max_ms = 24 * 60 * MINUTE_MS;

static int64_t floor_slot(int64_t ms)
{
    return ms - ms % SWEEP_SLOT_MS;
}

void sweep_init(struct sweep *w, int64_t revisit_ms)
{
    *w = (struct sweep){
        .window_ms = first_window_ms,
        .pass = {{.back_ms = 15 * MINUTE_MS, .every_ms = 5 * MINUTE_MS}, {.back_ms = revisit_ms, .every_ms = 60 * MINUTE_MS}},
        .reading = SWEEP_NOTHING};
}

void sweep_first(struct sweep *w, int64_t end_ms)
{
    w->pass[0].done_ms = w->pass[1].done_ms = end_ms;
}

static bool stretch(struct sweep *w, int what, int64_t from_ms, int64_t end_ms)
{
    w->from_ms = from_ms;
    w->to_ms = end_ms - from_ms > w->window_ms ? from_ms + w->window_ms : end_ms;
    w->reading = what;
    return true;
}

bool sweep_next(struct sweep *w, int64_t end_ms, int64_t mark_ms, int64_t floor_ms)
{
    const int64_t end = floor_slot(end_ms), least = floor_slot(floor_ms + SWEEP_SLOT_MS - 1);
    w->reading = SWEEP_NOTHING;
    if (mark_ms < end)
        return stretch(w, SWEEP_NEW, mark_ms, end);
    for (int i = 0; i < 2; i++) {
        struct sweep_pass *p = &w->pass[i];
        if (p->done_ms == 0) /* an earlier run may have ended long ago: its scores are looked at now */
            p->done_ms = end_ms - p->every_ms;
        if (p->at_ms == 0 && end_ms - p->done_ms < p->every_ms)
            continue;
        int64_t from = p->at_ms > 0 ? p->at_ms : floor_slot(end - p->back_ms);
        from = from > least ? from : least;
        if (from < end)
            return stretch(w, i, from, end);
    }
    return false;
}

void sweep_done(struct sweep *w, int64_t end_ms, uint32_t pages)
{
    const bool whole = w->to_ms - w->from_ms >= w->window_ms;
    if (w->reading >= 0) {
        struct sweep_pass *p = &w->pass[w->reading];
        const bool over = w->to_ms >= floor_slot(end_ms);
        p->at_ms = over ? 0 : w->to_ms;
        p->done_ms = over ? end_ms : p->done_ms;
    }
    if (pages > MANY_PAGES)
        (void)sweep_cut(w);
    else if (pages < FEW_PAGES && whole && w->window_ms < window_max_ms)
        w->window_ms *= 2;
    w->reading = SWEEP_NOTHING;
}

bool sweep_cut(struct sweep *w)
{
    const int64_t half = floor_slot((w->to_ms - w->from_ms) / 2);
    if (half < SWEEP_SLOT_MS)
        return false;
    w->window_ms = half;
    w->reading = SWEEP_NOTHING;
    return true;
}
