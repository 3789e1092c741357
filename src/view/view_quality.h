/* SPDX-License-Identifier: MIT */
/* Pane 5: a row per score or judge-free signal and model. */
#ifndef GWTOP_VIEW_VIEW_QUALITY_H
#define GWTOP_VIEW_VIEW_QUALITY_H

#include "view/view.h"

enum quality_state { QUALITY_QUIET, QUALITY_THIN, QUALITY_WATCHING, QUALITY_DRIFT, QUALITY_STALE };

struct vquality_row {
    const char *name, *scope;    /* "json_valid", "gpt-x" */
    struct vnum now, base;       /* shares or means; base over the baseline window */
    enum quality_state state;
    int64_t onset_ms;            /* 0 = none */
    double p_value;              /* of the test named below, NaN when not made */
    const char *test, *missing;  /* "binomial 15m vs 24h"; what a thin baseline lacks */
    double detectable;           /* smallest change that could be seen by now, in points; NaN */
    struct vstrip strip;
    struct vstrip evidence;      /* of the test over the axis, with its limit as the threshold; v NULL = not kept */
    const char *unit;            /* of now, base and detectable; NULL = "%": differences are points, relative otherwise */
    const char *explain;         /* "model changed 03:05Z" or "traffic changed: prompts 2.1x longer"; NULL or "" */
};
struct view_quality {
    const struct vquality_row *rows; size_t row_count;
    const char *empty_text;      /* what would fill the pane and how, when there are no rows */
    const char *sentence;
};

#endif
