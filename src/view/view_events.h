/* SPDX-License-Identifier: MIT */
/* Pane 7: everything that changed. */
#ifndef GWTOP_VIEW_VIEW_EVENTS_H
#define GWTOP_VIEW_VIEW_EVENTS_H

#include "view/view.h"

struct view_events {
    const struct event *events;
    size_t count; /* newest first */
    int64_t t0_ms, t1_ms;
};

#endif
