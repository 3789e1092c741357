/* SPDX-License-Identifier: MIT */
/* What differs between a window and a baseline: which values of which dimensions explain the change of failures, slowness, spend, traffic. */
#ifndef GWTOP_VIEW_VIEW_DIFFERS_H
#define GWTOP_VIEW_VIEW_DIFFERS_H

#include "view/view.h"

/* The windows compared, (t0, t1] with (base0, base1]; the baseline may be longer. */
struct view_differs_ask {
    int64_t t0_ms, t1_ms, base0_ms, base1_ms;
    const char *base_text; /* "the hour before 05:34Z" */
    int64_t onset_ms;      /* of the trouble that the windows are about, 0 = none */
    const char *scope;     /* what it is about, as a filter: "model=gpt-x"; "" = all, or no trouble */
};

struct vdiffer {
    const char *what;      /* "provider=openai model=gpt-x": a filter as it stands */
    const char *measure;   /* "fail %", "slow %", "req/s", "$/h" */
    struct vnum now, then; /* of what, in the measure's unit */
    double share;          /* of the whole change, 0 to 1 and beyond (others moved against it); NaN where the whole hardly changed */
    double score;          /* nats; a rank, not a probability */
};

struct view_differs {
    struct view_differs_ask ask;
    const struct vdiffer *rows;
    size_t row_count;      /* failures first, then slowness, spend, traffic; each ranked */
    bool base_recorded;    /* something was measured in the baseline; else there are no rows, and the sentence says why */
    const char *sentence;  /* the first row in words, or that nothing differs */
    const char *slow_text; /* what "slow" means here: "e2e above 30 s, the baseline's p95"; "" when not known */
};

#endif
