/* SPDX-License-Identifier: MIT */
/* Alerts: how gwtop's own rules stand, and what outside systems tell (docs/decisions/0018-alerts-from-outside.md). */
#ifndef GWTOP_VIEW_VIEW_ALERTS_H
#define GWTOP_VIEW_VIEW_ALERTS_H

#include "model/outside.h"
#include "view/view.h"

enum { VIEW_ALERTS_OVER_MS = 86400000 }; /* those that have been over for longer are not listed */

struct valert {
    const char *source; /* "gwtop", or the name of the outside one */
    const char *rule, *name, *scope;
    enum severity severity; /* SEV_NONE: it opens nothing */
    const char *state;      /* "firing", "no data", "over"; of outside ones outside_state_name() */
    bool active;            /* it fires, is pending, silenced or inhibited, or what it does is not known */
    int64_t since_ms;       /* since when it is in that state, as gwtop saw it */
    int64_t onset_ms;       /* when it began: by the data, or as its system tells; 0 = not known */
    int64_t known_ms;
    uint32_t fired_24h;            /* how often it began to fire in the 24 h before the cursor */
    const char *text;              /* one sentence of evidence, or the summary that came with it */
    int64_t incident;              /* open at the cursor, of its scope; 0 = none */
    const struct outside *outside; /* NULL: a rule of gwtop's own */
    const char *quiet_text;        /* "silenced by ann until 12:00:00Z: deploying"; "" */
};
struct view_alerts {
    const struct valert *list; /* what is active first, then the most severe, then the newest */
    size_t count;
    size_t active, silent; /* how many are active; of these silenced or inhibited */
    const char *unread;    /* "am (down: ...)": sources of alerts that are not read: what they tell is not known; "" */
    size_t feeds;          /* outside sources that were recorded by the cursor */
};

/* What a pager outside says of an incident of gwtop's (PagerDuty, Grafana OnCall): acknowledging it here says nothing there. */
struct view_pager {
    const char
        *row; /* "PagerDuty UNACKED since 03:09Z", "PagerDuty acked by ann", "PagerDuty NOT READ"; "" = no such source, or it has none of
              * it */
    const char *text; /* "PagerDuty: unacked, PT4KHLK", with its number there; "PagerDuty has none of it"; "no pager is told" */
};

#endif
