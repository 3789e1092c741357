/* SPDX-License-Identifier: MIT */
/* Pane 5: a row per score or judge-free signal and model. */
#ifndef GWTOP_VIEW_VIEW_QUALITY_H
#define GWTOP_VIEW_VIEW_QUALITY_H

#include "view/view.h"

enum quality_state { QUALITY_QUIET, QUALITY_THIN, QUALITY_WATCHING, QUALITY_DRIFT, QUALITY_STALE };

struct vquality_row {
    const char *name, *scope; /* "json_valid", "gpt-x" */
    struct vnum now, base;    /* means in percent */
    const char *against;      /* what base is of: "the 24h before", "the 24h before 10:54:37Z, the last drift's onset" */
    enum quality_state state;
    const struct alert *finding; /* the open drift, NULL = none: it is a drift for as long as that is open */
    int64_t onset_ms;            /* of the open drift, 0 = none */
    double p_value;              /* of the test named below, NaN when not made */
    const char *test, *missing;  /* "share of bad, Fisher's exact test, 15m against the 24h before"; what a thin baseline lacks */
    double detectable;           /* smallest change that could be seen by now, in points; NaN */
    struct vstrip strip;
    const char *explain; /* what changed about the onset: "10:54:42Z gpt-x answers as gpt-x-2026-11-20 for the first time"; "" */
};
struct view_quality {
    const struct vquality_row *rows;
    size_t row_count;
    const char *empty_text; /* what would fill the pane and how, when there are no rows */
    const char *sentence;
};

#endif
