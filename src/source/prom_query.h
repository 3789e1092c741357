/* SPDX-License-Identifier: MIT */
/* The PromQL that reads what a profile knows, as forms for POST /api/v1/query. Pure text.
 *
 * Raw samples come from an instant query with a range selector, {__name__=~"a|b|c"}[5m]: timestamps are kept, and nothing is
 * interpolated, as query_range's steps do. Source: prometheus.io querying/api. */
#ifndef GWTOP_SOURCE_PROM_QUERY_H
#define GWTOP_SOURCE_PROM_QUERY_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/profile.h"

enum { PROM_FORM_MAX = 256 * 1024 }; /* bytes of one form */

/* Which names of any profile a server has, by job and instance, of series alive at t_ms. match: further matchers, "" = none. */
enum err prom_query_discover(struct buf *form, const struct profiles *ps, const char *match, int64_t t_ms) GW_MUST_USE;
/* Samples of p in (t_ms - window_ms, t_ms]. jobs: alternatives of a regular expression for the label job, "" = any. */
enum err prom_query_window(struct buf *form, const struct profile *p, const char *jobs, const char *match, int64_t t_ms,
                           int64_t window_ms) GW_MUST_USE;
/* The same by query_range, where range selectors are refused: steps instead of samples. */
enum err prom_query_steps(struct buf *form, const struct profile *p, const char *jobs, const char *match, int64_t t_ms, int64_t window_ms,
                          int64_t step_ms) GW_MUST_USE;

/* How many series p's names have, by name, of those alive at t_ms. */
enum err prom_query_names(struct buf *form, const struct profile *p, const char *jobs, const char *match, int64_t t_ms) GW_MUST_USE;

/* Appends text to a regular expression inside a PromQL string so that it means itself. */
enum err prom_query_escape(struct buf *out, struct str text) GW_MUST_USE;

#endif
