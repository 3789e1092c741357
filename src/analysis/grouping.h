/* SPDX-License-Identifier: MIT */
/* Which alerts are of one incident, told of each as it comes: by time, by who calls whom, and by the values they share. Pure; the caller
 * has the clock.
 *
 * How it decides: of two groups of alerts it is asked how much likelier they are if they are of one incident than if they are of two
 * (nats): whether they have the same values (provider, model, team, ...), the rarer the more, and the more so the more alerts of a group
 * agree; whether they are at the same components, or at some that call each other; whether they name the
 * same dimensions; how far apart in time they are. Time alone puts nothing together: something must be of both, a value, a component, or
 * two components of which one calls the other. A value that every incident has (the only region, a gateway that all passes) tells
 * nothing, and so does a dimension in which a group's own alerts differ. An alert is a group of one; it joins the one that fits best, or
 * opens its own, and what it tells may make one of two that were told apart. An incident pages once; one that opens while another is open
 * waits two minutes, for it may be the same. It knows what it saw since it was made: after a restart, tell it the alerts of earlier
 * incidents again, and of which they were (grouping_tell). Source: docs/decisions/0016-root-cause.md; tests/bench/bench_group measures it
 * on generated incidents. */
#ifndef GWTOP_ANALYSIS_GROUPING_H
#define GWTOP_ANALYSIS_GROUPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/rootrank.h"
#include "model/dims.h"
#include "model/facts.h"

enum { GROUPING_OPEN_MAX = 128, GROUPING_COMPONENTS_MAX = ROOTRANK_COMPONENTS_MAX };
/* An incident takes alerts that began up to so long after the last of it, or before the first; and pages so late where another is open. */
enum { GROUPING_GAP_MS = 10 * 60000, GROUPING_HOLD_MS = 2 * 60000 };
#define GROUPING_NO_COMPONENT UINT32_MAX

struct grouping;

struct grouping_alert {
    int64_t onset_ms;        /* when the trouble began by the data, not when it was found */
    uint32_t component;      /* < component_count, or GROUPING_NO_COMPONENT */
    uint32_t dim[DIM_COUNT]; /* ids of interned strings, 0 = not given */
    uint32_t name;           /* of what told it, where nothing else says what it is of; 0 = not given */
    enum severity severity;
    uint64_t identity; /* of rule and scope: an open incident's alert that fires again is the same one */
    bool of_money;     /* a budget's: it joins what fails, and tells nothing of what that is, nor of how long it lasts */
    int64_t fired_ms;  /* of_money: budgets burn for hours before they fire, and those that do at one time are near; 0 = at its onset */
};

/* What speaks most for that it is of that incident. */
enum grouping_why { GROUPING_OPENED, GROUPING_SAME_ALERT, GROUPING_COMPONENT, GROUPING_VALUE, GROUPING_NAME };

struct grouping_place {
    uint32_t incident; /* from 1, in order of opening */
    enum grouping_why why;
    enum dim dim;      /* GROUPING_VALUE: of which dimension */
    double nats;       /* how much likelier; 0 where it opened one, infinite for GROUPING_SAME_ALERT */
    uint32_t absorbed; /* an incident that is one with it from now on; 0 = none */
    enum grouping_why absorbed_why;
    enum dim absorbed_dim;
};

/* edges: borrowed, who calls whom among component_count components. NULL when out of memory or past GROUPING_COMPONENTS_MAX. */
struct grouping *grouping_new(const struct rootrank_edge *edges, size_t edge_count, uint32_t component_count);
void grouping_free(struct grouping *g);

/* Alerts come in any order, but an incident is closed when the newest began two gaps after its last (of_money: after that fired) and no
 * page of it is due; with more than GROUPING_OPEN_MAX open, the one that was quiet longest. Cost: O(open incidents * values of them): some
 * 30 us with three open, 3 ms with all. */
void grouping_add(struct grouping *g, const struct grouping_alert *al, struct grouping_place *ret);
/* An alert of which the caller knows of which incident it is; one that is 0, or not open any more, becomes a new one. It may make one
 * of two, as grouping_add() does. */
void grouping_tell(struct grouping *g, const struct grouping_alert *al, uint32_t incident, struct grouping_place *ret);
/* The caller has grown its list of components: earlier ones are as they were. edges: borrowed. Nothing past GROUPING_COMPONENTS_MAX. */
void grouping_grow(struct grouping *g, const struct rootrank_edge *edges, size_t edge_count, uint32_t component_count);
/* The incident was still firing at that time: it takes alerts that begin up to GROUPING_GAP_MS later. Nothing when it is not open. */
void grouping_keep_open(struct grouping *g, uint32_t incident, int64_t at_ms);
/* An incident that is to page now, once for each; 0 = none (any more). Ask after every alert, and when time passes. */
uint32_t grouping_next_page(struct grouping *g, int64_t now_ms);

#endif
