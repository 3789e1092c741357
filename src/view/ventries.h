/* SPDX-License-Identifier: MIT */
/* Internal to view/: an incident's timeline with what operators said of it and of its entries. */
#ifndef GWTOP_VIEW_VENTRIES_H
#define GWTOP_VIEW_VENTRIES_H

#include "view/load.h"

struct ventries_ask {
    struct arena *arena;
    int64_t incident;
    const struct timeline_entry *timeline; /* of the incident, in time order */
    size_t timeline_count;
    const struct store_act *acts; /* all that are known, in their order; of other incidents as well */
    size_t act_count;
    const struct ventry *worked; /* out of what was measured: they have no number */
    size_t worked_count;
};

/* In time order; at one instant what was noted before what was said, and that before what was worked out. Of several corrections of an
 * entry the last said holds, and the entry keeps its first text; a pin holds until it is taken away. A correction or a pin of what is no
 * entry of the incident is an entry of its own, so that nothing said is lost. Texts are borrowed from what is asked. Errors: ERR_NOMEM.
 * Cost: O(entries) for each correction and pin. */
enum err ventries_make(const struct ventries_ask *ask, const struct ventry **ret, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* Those that were noted of an incident, as known at the cursor, with what was said by the acts, which are in their order: what is worked
 * out needs its measurements. Errors: the store's. */
enum err ventries_load(const struct view_loader *l, const struct view_params *p, int64_t incident, const struct store_act *acts,
                       size_t act_count, const struct ventry **ret, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* The sentence of what was said: "assigned to bea", "snoozed until 12:00:00Z: the provider has it". NULL when the arena is full. */
const char *ventries_said(struct arena *a, const struct store_act *act);
/* What was said with an act, as it reads since somebody corrected it; borrowed from acts, all that are known in their order. */
const char *ventries_text_now(const struct store_act *acts, size_t count, const struct store_act *act);

#endif
