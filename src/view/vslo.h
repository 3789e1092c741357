/* SPDX-License-Identifier: MIT */
/* Internal to view/: the objectives in force at the cursor, with their burn rates and what is left of their budgets. */
#ifndef GWTOP_VIEW_VSLO_H
#define GWTOP_VIEW_VSLO_H

#include "analysis/slo.h"
#include "view/vlatest.h"
#include "view/vread.h"

/* The definitions the recorder used, from the note "slo" as known at the cursor; none when there is no such note. */
enum err vslo_definitions(const struct view_loader *l, int64_t cursor_ms, struct slo **ret, size_t *ret_count,
                          struct errctx *ctx) GW_MUST_USE;
/* The parts of a definition's member "scope". ERR_NOTFOUND when one cannot be read; ERR_NOMEM. */
enum err vslo_read_scope(const struct yaml_node *scope, struct arena *a, struct scope_part ret[SCOPE_PARTS_MAX],
                         uint32_t *ret_count) GW_MUST_USE;
/* The definition that a rule "slo:NAME:..." belongs to, NULL when there is none. */
const struct slo *vslo_of_rule(const struct slo *slos, size_t count, const char *rule);
/* Says of trouble that it is of slowness, and of which signal, where the alert (NULL: none) is of such an objective. */
void vslo_slowness(const struct slo *slos, size_t count, const struct alert *al, struct view_differs_ask *trouble);
/* "model=gpt-x team=search", the conditions joined by `between`; "" for all. NULL when the arena is full. */
const char *vslo_scope(struct arena *a, const struct slo *s, const char *between);
/* The conditions of a scope; a value nobody has seen matches nothing. Errors: ERR_NOMEM. */
enum err vslo_scope_filter(const struct view_loader *l, const struct scope_part *scope, uint32_t count,
                           struct store_filter *ret) GW_MUST_USE;
/* How far the screen's filter reaches into what is judged by a signal within a scope (see view_overview.h). Errors: ERR_NOMEM. */
enum err vslo_reach_of(const struct vread *vr, const struct scope_part *scope, uint32_t count, enum signal signal,
                       enum vslo_reach *ret) GW_MUST_USE;
enum err vslo_reach(const struct vread *vr, const struct slo *s, enum vslo_reach *ret) GW_MUST_USE;
/* Restricts the last added query to a scope, and to the filter's part of it where the reach is VSLO_NARROWED. Errors: ERR_NOMEM. */
enum err vslo_narrow_to(struct vread *vr, const struct scope_part *scope, uint32_t count, enum vslo_reach reach) GW_MUST_USE;
/* The same for an objective. */
enum err vslo_narrow(struct vread *vr, const struct slo *s) GW_MUST_USE;
/* The worse of two alerts, the older among equals; either may be NULL. The verdict is about the worst that fires, and so is what explains
 * it. */
struct alert *vslo_worse(struct alert *a, struct alert *b);
/* Whether anything was ever recorded in the objective's scope. Errors: ERR_NOMEM. Cost: O(series). */
enum err vslo_is_seen(const struct vread *vr, const struct slo *s, bool *ret) GW_MUST_USE;
/* The objectives and budgets that the params' filter reaches, with what fires of them at the cursor, within the filter where they are
 * VSLO_NARROWED. */
struct vslo_rules {
    struct slo *slos;
    size_t count, defined;  /* defined: with those that lie apart from the filter */
    enum vslo_reach *reach; /* of slos[i] */
    struct alert *alerts;   /* with a filter, of slos[] and of budgets that lie not apart from it */
    size_t alert_count;
    struct config_budget *budgets; /* likewise */
    size_t budget_count;
    enum vslo_reach *budget_reach;
    bool has_own;          /* rules of the configuration's own are in force: they can page, too */
    const char *elsewhere; /* the name of the worst that fires as a whole and not in the filter's part of it; NULL */
};
enum err vslo_rules_load(const struct view_loader *l, const struct view_params *p, struct vslo_rules *ret, struct errctx *ctx) GW_MUST_USE;
/* The worst that fires of an objective of r. */
enum severity vslo_severity(const struct vslo_rules *r, const struct slo *s);
/* The worst that fires of the objectives that watch a quantity; where a model is given, those of other models are left out. signal counts
 * for latency alone. */
enum severity vslo_rules_severity(const struct vslo_rules *r, enum slo_kind kind, enum signal signal, const char *model);
/* Burn over 5 min, 1 h, 6 h, 1 d and 3 d, what is left of the period's budget and who spent it, one per definition. Cost: one pass over the
 * period, from rollups. */
enum err vslo_load(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, struct vslo **ret,
                   struct errctx *ctx) GW_MUST_USE;

/* What burns its budget faster than it is given, though no rule may fire. */
struct vslo_burning {
    const struct slo *slo;      /* NULL = nothing does */
    size_t more;                /* others that do */
    struct slo_count count;     /* over the last 5 min */
    double burn;                /* over 5 min */
    bool lost;                  /* of these 5 min counts are lost */
    struct vlatest_reading now; /* over: the newest polls show that it does no more */
    int64_t pages_in_ms; /* at the rate of now, by the soonest of the rules that page; 0 = within its next evaluations, -1 = by none */
};
/* The objective that burned fastest over the last 5 min, among those that burned more than their budget by more than chance (a ticket's
 * guard); of what is not told (see vread_is_told) no burn is. Cost: one read of 5 min an objective, and of 6 h for that one. */
enum err vslo_fastest(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, struct vslo_burning *ret,
                      struct errctx *ctx) GW_MUST_USE;
/* What each objective's rules are judged by, at the cursor. Cost: one pass over the longest window. */
enum err vslo_windows(const struct view_loader *l, const struct view_params *p, const struct slo *slos, size_t count,
                      struct slo_count (*ret)[SLO_WINDOW_COUNT], struct errctx *ctx) GW_MUST_USE;

/* What an objective is judged by. */
enum signal vslo_signal(const struct slo *s);
/* Good and bad of one query's single column, as the objective counts them; vread_trust says what that is worth: of a torn signal, nothing.
 * Errors: ERR_NOMEM. */
enum err vslo_count(const struct vread *vr, size_t q, const struct slo *s, struct slo_count *ret) GW_MUST_USE;
/* The same of one column of several. */
enum err vslo_count_column(const struct vread *vr, size_t q, uint32_t column, const struct slo *s, struct slo_count *ret) GW_MUST_USE;
size_t vslo_query(struct vread *vr, const struct slo *s, int64_t t0_ms, int64_t t1_ms);
size_t vslo_query_axis(struct vread *vr, const struct slo *s, const struct view_axis *axis);

#endif
