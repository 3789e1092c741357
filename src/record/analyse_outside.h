/* SPDX-License-Identifier: MIT */
/* The inside of the analyser of outside alerts, shared by analyse_outside*.c.
 *
 * Every alert that a source tells and that is not over has a track. What it says becomes a rule's state of its scope: firing, not firing, or, where it
 * was not told for three intervals, no data. Transitions go the way of gwtop's own rules, so that an outside alert opens or joins the incident of its
 * scope. docs/decisions/0018-alerts-from-outside.md. */
#ifndef GWTOP_RECORD_ANALYSE_OUTSIDE_H
#define GWTOP_RECORD_ANALYSE_OUTSIDE_H

#include "record/analyse_int.h"

enum {
    OUTSIDE_FEEDS_MAX = 64,
    OUTSIDE_TRACKS_MAX = 20000,
    OUTSIDE_SCOPES_MAX = 2000, /* alerts of further scopes are kept and shown, and open nothing */
    OUTSIDE_NO_SCOPE = OUTSIDE_SCOPES_MAX,
    OUTSIDE_SILENT_INTERVALS = 3,
};

struct outside_feed {
    const char *name;             /* borrowed from the configuration */
    int64_t interval_ms, last_ms; /* of the last poll of this run, 0 = none */
    uint32_t poll;
};

/* A scope of outside alerts: what incidents and sentences call it, and which feeds speak of it. */
struct outside_scope {
    const char *text, *subject;
    uint32_t incident;
    uint64_t feeds;
};

struct outside_track {
    uint32_t feed, scope; /* indices; scope OUTSIDE_NO_SCOPE: it opens nothing */
    char *fingerprint, *rule, *name, *scope_text;
    enum alert_state alert;
    enum severity severity; /* of that */
    int64_t alert_ms;       /* since when it is so */
    enum outside_state state;
    int64_t since_ms, heard_ms, soft_ms; /* heard 0: not in this run */
    uint64_t hard, soft;                 /* of what the last version says; soft: of texts that change with every value */
    uint32_t poll;                       /* that told it last */
};

struct outsides {
    struct outside_feed feeds[OUTSIDE_FEEDS_MAX];
    uint32_t feed_count;
    struct outside_scope scopes[OUTSIDE_SCOPES_MAX];
    uint32_t scope_count;
    struct outside_track *tracks;
    uint32_t track_count, track_cap;
    uint32_t *slots; /* index in tracks and one more by fingerprint, 0 = free */
    uint64_t key;
    bool retired; /* what sources told that are no longer configured is over */
};

/* ---- analyse_outside_text.c: all in scratch, NULL when out of memory ---- */

const char *outside_title(struct analyser *an, const struct outside_track *t);
/* Why it fires: for the verdict, and for its incident. */
const char *outside_fires_text(struct analyser *an, const struct outside_track *t, const struct outside *o);
const char *outside_evidence(struct analyser *an, const struct outside_track *t, const struct outside *o);
const char *outside_begins(struct analyser *an, const struct outside_track *t);
/* Why it fires no more; o NULL: it is over. */
const char *outside_ends(struct analyser *an, const struct outside_track *t, const struct outside *o);
const char *outside_silent(struct analyser *an, const struct outside_track *t);

#endif
