/* SPDX-License-Identifier: MIT */
/* Pane 6: the list of incidents, and one in detail. */
#ifndef GWTOP_VIEW_VIEW_INCIDENTS_H
#define GWTOP_VIEW_VIEW_INCIDENTS_H

#include "view/view.h"
#include "view/view_overview.h"

struct vincident { struct incident in; const char *duration_text, *summary; uint64_t lost; bool lost_known; };
/* A line of the incident's own chart: what changed, from .. to, drawn as a bar from its onset. */
struct vbar { const char *label, *change; int64_t from_ms, to_ms; enum severity severity; char letter; };
/* A past incident of the same signature: "#29 14 Oct openai 5xx, fallback", "rerouted to azure by hand; over in 41 min". */
struct vsimilar { int64_t id; const char *title, *outcome; };
struct view_incidents {
    const struct vincident *list; size_t count;
    int64_t selected;            /* incident id, 0 = none */
    const struct vincident *detail; /* NULL when nothing is selected */
    const struct vbar *bars; size_t bar_count;
    const struct timeline_entry *timeline; size_t timeline_count;
    const struct alert *alerts; size_t alert_count;
    const struct vsuspect *suspects; size_t suspect_count; const char *suspect_note; /* why none of them is a culprit, or "" */
    const struct vhit *hits; size_t hit_count;
    const char *const *impact; size_t impact_count;   /* "requests lost  1,041 of 2.9k to gpt-x" */
    const char *const *acts; size_t act_count;        /* acknowledgements and notes, pending ones marked */
    const char *rules_text;      /* "NO RULES: nothing can page" or "" */
    struct view_axis axis;       /* of the bars; columns 0 = the frame's axis */
    const struct vmark *marks; size_t mark_count; /* on that axis; only read when axis.columns > 0 */
    const struct vsimilar *similar; size_t similar_count;
};

#endif
