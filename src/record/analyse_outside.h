/* SPDX-License-Identifier: MIT */
/* The inside of the analyser of outside alerts, shared by analyse_outside*.c.
 *
 * Every alert that a source tells and that is not over has a track. What it says becomes a rule's state of its scope: firing, not firing,
 * or, where it was not told for three intervals, no data. Transitions go the way of gwtop's own rules, so that an outside alert opens or
 * joins the incident of its scope. docs/decisions/0018-alerts-from-outside.md. */
#ifndef GWTOP_RECORD_ANALYSE_OUTSIDE_H
#define GWTOP_RECORD_ANALYSE_OUTSIDE_H

#include "record/analyse_int.h"

enum {
    OUTSIDE_FEEDS_MAX = 64,
    OUTSIDE_TRACKS_MAX = 20000,
    OUTSIDE_SCOPES_MAX = 2000, /* at a time; alerts of further scopes are kept and shown, open nothing, and their source says so */
    OUTSIDE_NO_SCOPE = OUTSIDE_SCOPES_MAX,
    OUTSIDE_SILENT_INTERVALS = 3,
};

struct outside_feed {
    const char *name;             /* borrowed from the configuration */
    int64_t interval_ms, last_ms; /* of the last poll of this run, 0 = none */
    uint32_t poll;
    uint32_t opens_nothing, left_out; /* of the last poll's alerts: those that fire and have no scope, and those that are not kept */
};

/* A scope of outside alerts: what sentences call it, and which feeds speak of it. Its text is its track's. */
struct outside_scope {
    char *subject; /* NULL: a free place */
    uint64_t hash; /* of the text */
    uint32_t incident;
    uint32_t tracks; /* alerts that have it */
    int64_t over_ms; /* since when there is none, 0 = there are some */
    uint64_t feeds;
    struct firing firing; /* of those, where outsides.counted */
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
    uint32_t *slots, *rule_slots; /* index in tracks and one more, by fingerprint and by rule and scope; 0 = free */
    uint64_t key;
    bool counted; /* what fires of each scope is up to date */
    bool retired; /* what sources told that are no longer configured is over */
};

uint64_t outside_hash(const struct outsides *os, const char *a, const char *b);

/* ---- analyse_outside_scope.c ---- */

/* The scope of that text, made when new; OUTSIDE_NO_SCOPE where there is no room. Errors: ERR_NOMEM. Cost: O(OUTSIDE_SCOPES_MAX). */
enum err outside_scope_find(struct analyser *an, uint32_t feed, const char *text, uint32_t *ret, struct errctx *ctx) GW_MUST_USE;
/* Those that no alert has, of no incident or for so long that one would be resolved and could not be opened again, make room. */
void outside_scopes_free(struct analyser *an, int64_t now_ms);
void outside_scopes_close(struct outsides *os);

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
