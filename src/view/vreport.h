/* SPDX-License-Identifier: MIT */
/* Internal to view/: the parts of a report on an incident. Each fails with ERR_NOMEM, or what reading the store fails with, and says so in
 * the errctx. */
#ifndef GWTOP_VIEW_VREPORT_H
#define GWTOP_VIEW_VREPORT_H

#include "view/load.h"

struct vreport {
    const struct view_loader *l;
    struct view_params whole; /* as asked for, without a filter: facts as known then */
    struct view_params own;   /* its own time: the cursor is where its figures end, the filter its scope */
    const struct vincident *v;
    const struct vimpact *counts;
    struct view_report *out;
};

/* Objectives whose rules fired, each with its chart; the chart of spend where the incident is of a budget. */
enum err vreport_objectives(const struct vreport *r, struct errctx *ctx) GW_MUST_USE;
/* Who was hit by key, what it cost, what is not recorded. */
enum err vreport_impact(const struct vreport *r, struct errctx *ctx) GW_MUST_USE;
/* The sentences, of what all others found. Errors: ERR_NOMEM. */
enum err vreport_words(const struct vreport *r) GW_MUST_USE;
/* Of an incident of a budget: whether all of it was spent when it fired, so that it is what is refused that hurts, and not how fast money
 * went; "All of it was spent from ... to ...", "it has been spent too fast since ...", where time is when the incident was; what stands
 * after "open" where it has not ended, fires: what still does, or ""; "spent most: key x ($213, $8.10 in as much time before), key y
 * ($20)", "" where nobody is told by name. NULL when the arena is full. */
bool vreport_budget_is_spent(const struct vreport *r);
const char *vreport_budget_happened(const struct vreport *r, const char *name, const char *time);
const char *vreport_budget_state(const struct vreport *r, const char *fires);
const char *vreport_budget_spenders(const struct vreport *r);
/* "15:05:37Z +-1m", "30 Nov 15:05:37Z +-1m", "some time between ...": when it began. NULL when the arena is full. */
const char *vreport_began(const struct vreport *r, bool with_day);
/* The first of its rules that fired, NULL when none is recorded; and where one that fired stopped, NULL when it did not. */
const struct alert *vreport_first(const struct view_incidents *v);
const struct alert *vreport_over(const struct view_incidents *v, const struct alert *al);
/* "page-5m and ticket-1d": the rules of it that fired at a moment, the first of many by name; "" of none, NULL when the arena is full. */
const char *vreport_firing(const struct vreport *r, int64_t at_ms, size_t *ret_count);
/* "page-1h": what stands after the last colon of an alert's rule. */
const char *vreport_rule(const struct alert *al);
/* "model gpt-x, team search" of "model=gpt-x,team=search"; "all requests" of "". NULL when the arena is full. */
const char *vreport_scope(struct arena *a, const char *scope);
/* "requests of model gpt-x", "all requests": of a scope. NULL when the arena is full. */
const char *vreport_of_scope(struct arena *a, const char *scope, const char *what);
/* "15:25:37Z +-1m", with its day where that is not the day it began. NULL when the arena is full. */
const char *vreport_at(const struct vreport *r, int64_t at_ms, int64_t error_ms);

#endif
