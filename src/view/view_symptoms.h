/* SPDX-License-Identifier: MIT */
/* What else went wrong where something fires: an objective watches one quantity, and people feel all of them. */
#ifndef GWTOP_VIEW_VIEW_SYMPTOMS_H
#define GWTOP_VIEW_VIEW_SYMPTOMS_H

#include "view/view.h"

/* Of one scope, since the onset against the hour before it. Each is told where it is material, which vsymptoms.c says; else its flag is
 * false, as it is where one of the sides was not measured. */
struct view_symptoms {
    bool fails; /* requests, more than they did */
    uint64_t failed, counted;
    enum exactness exact;               /* of both */
    struct vnum fail_now, fail_percent; /* in the now window, and since the onset */
    bool uncached;                      /* less of the prompts came from the provider's or engine's prompt cache */
    struct vnum cached_then, cached;    /* percent of the prompts' tokens, before and since */
    bool other_traffic;                 /* more requests, or fewer */
    struct vnum per_s_then, per_s;      /* requests, before and since */
    double times;                       /* the second of the first; NaN where there is none */
};

#endif
