/* SPDX-License-Identifier: MIT */
/* Internal to view/: how slow it is where a latency objective fires, in that objective's own scope. Asked for before vread_run, built after
 * it. */
#ifndef GWTOP_VIEW_VSLOW_H
#define GWTOP_VIEW_VSLOW_H

#include "view/view_differs.h"
#include "view/vrows.h"

struct vslo_rules;

enum { VSLOW_MAX = 2, VSLOW_ROWS = 2 * VSLOW_MAX };
struct vslow_ask {
    struct vslow_of {
        const struct slo *slo;
        enum severity severity;
        struct vask ask; /* of its signal, in its scope */
    } of[VSLOW_MAX];
    size_t count;
    const struct slo *own; /* what the trouble is of, which is of[0] then; NULL: it is of something else */
};

/* The objectives that fire, the worst first; the trouble's own before all others. Errors: ERR_NOMEM. */
enum err vslow_ask(struct vread *vr, const struct view_axis *axis, const struct vslo_rules *rules, const struct view_differs_ask *trouble,
                   struct vslow_ask *ret) GW_MUST_USE;
/* Two rows each: the share of answers that take longer than the objective allows, and how long one in twenty takes at least. Adds at most
 * VSLOW_ROWS. Errors: ERR_NOMEM. */
enum err vslow_rows(struct vread *vr, const struct view_axis *axis, const struct vslow_ask *ask, struct vrow *rows, size_t *n) GW_MUST_USE;
/* The share that pages within the hour, as a line in a chart of percents: 14.4 times the allowed one for a 30 day objective. Errors:
 * ERR_NOMEM. */
enum err vslow_threshold(struct arena *a, const struct slo *s, struct vrow *row) GW_MUST_USE;

#endif
