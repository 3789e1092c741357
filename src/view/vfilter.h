/* SPDX-License-Identifier: MIT */
/* Internal to view/: what a filter leaves of facts that have a scope, and whether anything recorded matches it.
 * Which numbers a filter reaches is vread's business. Source: docs/decisions/0007-what-a-filter-means.md. */
#ifndef GWTOP_VIEW_VFILTER_H
#define GWTOP_VIEW_VFILTER_H

#include "view/load.h"

/* A scope lies within the filter, reaches beyond it, or lies apart from it: it has no value in common with it in some dimension, or a
 * signal that is recorded of both never was of both together (SIG_COUNT: that is not asked for). Cost: O(series) where a signal is asked
 * for. */
enum vscope { VSCOPE_WITHIN, VSCOPE_WIDER, VSCOPE_APART };
enum vscope vfilter_scope(const struct store *st, const struct store_filter *filter, const struct store_filter *scope, enum signal s);

/* Adds dim = value to the conditions; a value nobody has seen matches nothing. */
enum err vfilter_add(const struct view_loader *l, enum dim dim, const char *value, struct store_filter *f) GW_MUST_USE;

/* "team", "team and model": a set of DIM_BIT()s in words. NULL when the arena is full. */
const char *vfilter_dims(struct arena *a, uint32_t dims);

/* Whether some series matches, of one signal or (SIG_COUNT) of any. Cost: O(series). */
bool vfilter_matches(const struct store *st, enum signal s, const struct store_filter *f);

/* What to say when nothing recorded matches the params' filter, with the names that come nearest; "" when something does. */
enum err vfilter_nothing(const struct view_loader *l, const struct view_params *p, const char **ret, struct errctx *ctx) GW_MUST_USE;

/* What to say of a value that nobody has seen: "did you mean model=gpt-x?", "recorded are model=c-s, model=gpt-x". NULL when the arena is
 * full. */
const char *vfilter_hint(const struct view_loader *l, enum dim d, const char *value);

/* As the store's functions, without the facts whose scope lies apart from the params' filter. A scope that is no condition is kept. */
enum err vfilter_alerts(const struct view_loader *l, const struct view_params *p, struct alert **ret, size_t *ret_count,
                        struct errctx *ctx) GW_MUST_USE;
enum err vfilter_outside(const struct view_loader *l, const struct view_params *p, int64_t over_ms, struct outside **ret, size_t *ret_count,
                         struct errctx *ctx) GW_MUST_USE; /* those that were over by over_ms are left out */
enum err vfilter_incidents(const struct view_loader *l, const struct view_params *p, struct incident **ret, size_t *ret_count,
                           struct errctx *ctx) GW_MUST_USE;
enum err vfilter_events(const struct view_loader *l, const struct view_params *p, int64_t t0_ms, int64_t t1_ms, struct event **ret,
                        size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

#endif
