/* SPDX-License-Identifier: MIT */
/* The table of detectors, and their being called. */
#include "record/analyse_detect.h"

#include <assert.h>
#include <stdlib.h>

static const struct detector *const table[] = {
    &detect_restart, &detect_names, &detect_fallback, &detect_key, &detect_quality,
};
enum { DETECTORS = sizeof table / sizeof table[0] };
static_assert((int)DETECTORS <= (int)DETECTORS_MAX, "a step calls each of them for every interval");

enum err analyse_detectors_open(struct analyser *an, struct errctx *ctx)
{
    for (size_t i = 0; i < DETECTORS; i++) {
        if (table[i]->make == NULL)
            continue;
        an->detector[i] = table[i]->make();
        if (an->detector[i] == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the detector %s", table[i]->name);
    }
    return ERR_OK;
}

void analyse_detectors_close(struct analyser *an)
{
    for (size_t i = 0; i < DETECTORS; i++)
        if (table[i]->drop != NULL && an->detector[i] != NULL)
            table[i]->drop(an->detector[i]);
    free(an->holds);
}

enum err analyse_detectors_fill(struct analyser *an, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < DETECTORS; i++)
        if (table[i]->fill != NULL)
            e = table[i]->fill(an, an->detector[i], ctx);
    return e;
}

enum err analyse_detectors_series(struct analyser *an, const struct series *s, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < DETECTORS; i++) {
        struct link l = {.to = (uint8_t)(LINK_DETECTOR + i)};
        bool wanted = false;
        e = table[i]->on_series(an, an->detector[i], s, &l, &wanted, ctx);
        if (e == ERR_OK && wanted)
            e = analyse_link(an, l, ctx);
    }
    return e;
}

void analyse_detector_item(struct analyser *an, const struct link *l, const struct store_item *item)
{
    size_t i = l->to - LINK_DETECTOR;
    table[i]->on_item(an, an->detector[i], l, item);
}

enum err analyse_detectors_interval(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < DETECTORS; i++)
        e = table[i]->on_interval(an, an->detector[i], in, ctx);
    return e;
}

/* ---- holds ---- */

static uint32_t find_hold(const struct analyser *an, const struct detector *d, uint32_t a, uint32_t b)
{
    uint32_t i = 0;
    while (i < an->hold_count && !(an->holds[i].by == d && an->holds[i].a == a && an->holds[i].b == b))
        i++;
    return i;
}

bool analyse_hold_has(const struct analyser *an, const struct detector *d, uint32_t a, uint32_t b)
{
    return find_hold(an, d, a, b) < an->hold_count;
}

enum err analyse_hold_set(struct analyser *an, const struct detector *d, uint32_t a, uint32_t b, bool on, struct errctx *ctx)
{
    uint32_t i = find_hold(an, d, a, b);
    an->dirty = an->dirty || (i < an->hold_count) != on;
    if (on == (i < an->hold_count))
        return ERR_OK;
    if (!on) {
        an->holds[i] = an->holds[--an->hold_count];
        return ERR_OK;
    }
    void *list = an->holds;
    enum err e = analyse_grow(&list, &an->hold_cap, an->hold_count, sizeof *an->holds, ctx);
    if (e != ERR_OK)
        return e;
    an->holds = list;
    an->holds[an->hold_count++] = (struct hold){.by = d, .a = a, .b = b};
    return ERR_OK;
}

const struct detector *analyse_detector_by_name(struct str name)
{
    for (size_t i = 0; i < DETECTORS; i++)
        if (str_eq_z(name, table[i]->name))
            return table[i];
    return NULL;
}
