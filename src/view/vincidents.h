/* SPDX-License-Identifier: MIT */
/* Internal to view/: the incidents with what operators said of them. */
#ifndef GWTOP_VIEW_VINCIDENTS_H
#define GWTOP_VIEW_VINCIDENTS_H

#include "view/load.h"

/* Which of those known at the cursor. The newest VINCIDENTS_LISTED and all that are open, or all since a time; and one that may be older,
 * with who is told under it or tells it. */
enum { VINCIDENTS_LISTED = 200 };
struct vincidents_want {
    int64_t since_ms;       /* those that were not over then, however many: 0 = the newest alone */
    int64_t id;             /* 0 = none */
    bool only_id;           /* that one and its own alone */
    struct store_act *acts; /* what is folded in, in its order; NULL: what is known at the cursor */
    size_t act_count;
};
struct vincidents {
    struct vincident *list;
    size_t count, older; /* older: known ones that are not in the list */
    struct store_act *acts;
    size_t act_count; /* all that are known then */
};

/* The newest first, those that are told under another behind it; what they lost and how long they lasted is not told. What operators said
 * is folded in here and nowhere else, as it was known then: the last word on its state holds, over an older one of anybody's, until a rule
 * of it fires anew. Who was assigned last owns an incident, else who gave the first acknowledgement. want NULL: the newest. Errors: the
 * store's. */
enum err vincidents_load(const struct view_loader *l, const struct view_params *p, const struct vincidents_want *want,
                         struct vincidents *ret, struct errctx *ctx) GW_MUST_USE;

/* One of them as it was with so many of the acts folded in. Errors: ERR_NOTFOUND with the sentence; the store's. */
enum err vincidents_load_said(const struct view_loader *l, const struct view_params *p, int64_t id, struct store_act *acts,
                              size_t act_count, struct vincident *ret, struct errctx *ctx) GW_MUST_USE;

/* Whether that is a firing of one of its rules, while it was open. */
bool vincident_has_firing(const struct incident *in, const struct alert *al);
/* Why nothing that traffic does is told of it, where all that fired of it are gwtop's own rules over its sources: "it is the watching that
 * fails". history: alerts, its own among them. NULL: it is of traffic, or none of what fired is known. */
const char *vincident_apart(const struct incident *in, const struct alert *history, size_t count);
/* Whether it is of a budget alone, no objective's rule fired in it: what fails in its scope is not its doing then. */
bool vincident_is_of_money(const struct incident *in, const struct alert *history, size_t count);
/* vincident_apart() of one rule. */
const char *vincident_rule_apart(const char *rule);

/* Of one whose end is known: "errors ended", "slowness ended", "trouble ended". */
const char *vincident_ended(const struct incident *in);

#endif
