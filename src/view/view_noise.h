/* SPDX-License-Identifier: MIT */
/* A rule's own record: how often it fired, and whether anybody acted on it. */
#ifndef GWTOP_VIEW_VIEW_NOISE_H
#define GWTOP_VIEW_VIEW_NOISE_H

#include "model/facts.h"

struct vnoise {
    const char *rule, *scope;
    enum severity severity; /* the gravest */
    uint32_t fired;         /* how often it began to fire */
    uint32_t acted;         /* on how many of these somebody said something of its incident, while it fired or a half an hour after */
    int64_t firing_ms;      /* how long it fired, in all */
    int64_t last_ms;        /* when it last began to */
    bool fires;             /* and still does */
};

#endif
