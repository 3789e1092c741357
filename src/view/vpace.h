/* SPDX-License-Identifier: MIT */
/* Internal to view/: the budgets that the recorder holds spend against, what fires of them, and the sentence about it. What is left of a
 * budget and until when is vbudget's business. */
#ifndef GWTOP_VIEW_VPACE_H
#define GWTOP_VIEW_VPACE_H

#include "view/vslo.h"

/* The last part of the rule of a gateway's own budget: there is no definition of it. */
#define VPACE_GATEWAYS_RULE "ticket-gateway"

/* The definitions the recorder used, from the note "budgets" as known at the cursor; none when there is no such note. */
enum err vpace_definitions(const struct view_loader *l, int64_t cursor_ms, struct config_budget **ret, size_t *ret_count,
                           struct errctx *ctx) GW_MUST_USE;
/* Fills the budgets of r: those that the filter reaches. */
enum err vpace_reached(const struct vread *vr, int64_t cursor_ms, struct vslo_rules *r, struct errctx *ctx) GW_MUST_USE;
/* Adds to alerts[*n] what holds of budgets for the filter's part of them: r->alert_count + r->budget_count * BURN_RULES at most. worst: of
 * the objectives that fire for others alone. */
enum err vpace_judge_parts(const struct view_loader *l, const struct view_params *p, struct vslo_rules *r, enum severity worst,
                           struct alert *alerts, size_t *n, struct errctx *ctx) GW_MUST_USE;
/* Whether a rule "budget:NAME:..." is about a budget as the cost pane tells it. */
bool vpace_is_about(const char *rule, const struct vbudget *b);
/* The budget that a rule "budget:NAME:..." belongs to, NULL when there is no definition. */
const struct config_budget *vpace_of_rule(const struct vslo_rules *r, const char *rule);
/* Of alerts of budgets that are as grave as *al, the one whose budget is gone soonest; of the alerts of its open incident, the one that the
 * incident is called after, where that fires. It is since the incident's onset, so that an incident has one name and one onset wherever it
 * is told. *al stays where it is NULL or of no budget; else it may be a copy in l's arena. Cost: that of vbudget_load where there are
 * others, and of reading incidents. */
enum err vpace_told(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, struct alert **al,
                    struct errctx *ctx) GW_MUST_USE;
/* What a gateway's own budget of which nothing is left is told by. vr: initialised for the verdict's parameters. */
struct vpace_spent {
    const char *name;
    const struct alert *al;
    const struct vbudget *left; /* as the cost pane tells it */
    const struct scope_part *scope;
    uint32_t scope_count;
    enum vslo_reach reach;
};
/* "budget key x: all of $6,000 is spent, 290 of 291 requests refused since 11:52:27Z +-30s (37m30s); starts anew 1 Jan 00:00Z" */
enum err vpace_spent_sentence(struct vread *vr, const struct vpace_spent *in, const char **ret, struct errctx *ctx) GW_MUST_USE;
/* "budget all: >=$718/h is 15x its pace since 03:06:40Z (7m42s), key agents-f31a +$425/h; gone 27 Nov 09:10Z at the 5m rate" */
enum err vpace_sentence(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, const struct alert *al,
                        const char **ret, struct errctx *ctx) GW_MUST_USE;

#endif
