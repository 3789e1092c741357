/* SPDX-License-Identifier: MIT */
/* What a gateway calls things: metric name -> signal with unit and factor, label -> dimension. Data, not code: one YAML file each.
 *
 * The same profile drives scraping (which families to keep) and PromQL (which names to ask for). Format: gwtop-profiles(5). */
#ifndef GWTOP_SOURCE_PROFILE_H
#define GWTOP_SOURCE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "model/dims.h"
#include "model/signal.h"

/* Which part of a score a counter feeds; PART_WHOLE for all other kinds. */
enum profile_part { PART_WHOLE, PART_SCORE_N, PART_SCORE_SUM, PART_SCORE_BAD };

struct profile_label { const char *label; enum dim dim; };
struct profile_const { enum dim dim; const char *value; };
/* Keep only samples whose label has (or has not) one of these values; a value may end in * . */
struct profile_condition { const char *label; bool negate; const char *const *values; size_t count; };
/* Text of a label -> value of a dimension ("guardrail_intervened" -> "blocked"); outcome: status code and exception -> class. */
struct profile_rewrite { const char *label; enum dim dim; const char *from, *to; };

struct profile_metric {
    const char *name;          /* exposed family name; counters with their _total, histograms without suffix */
    enum signal signal;
    enum profile_part part;
    double factor;             /* value * factor is in the signal's unit (ms: 0.001) */
    bool by_type;              /* believe # TYPE; otherwise the profile overrides it */
    const struct profile_label *labels; size_t label_count;
    const struct profile_const *consts; size_t const_count;
    const struct profile_condition *conditions; size_t condition_count;
    const struct profile_rewrite *rewrites; size_t rewrite_count;
    const char *status_label, *exception_label; /* -> DIM_CLASS through outcome_of_status, NULL = none */
    const char *note;          /* what the pane's detail must say ("excludes queueing"), NULL = nothing */
    double max_valid;          /* gauges above it, NaN, infinities are "unknown"; 0 = no limit */
};

struct profile {
    const char *name, *title;
    const struct profile_metric *metrics; size_t metric_count;
    const char *const *recognise; size_t recognise_count; /* any of these families identifies it */
    const char *const *ignore; size_t ignore_count;       /* families known and left out; a value may end in * */
    const char *const *absent; size_t absent_count;       /* label values that mean "not given": "None", "" */
    const char *danger;        /* paths never to be called, for the documentation */
};

struct profiles { struct profile *list; size_t count; };

/* All embedded profiles, then those in dir (NULL = none), which replace equal names. Memory from a. */
enum err profiles_load(const char *dir, struct arena *a, struct profiles *ret, struct errctx *ctx) GW_MUST_USE;
const struct profile *profiles_by_name(const struct profiles *ps, const char *name);
/* The metric a family belongs to, NULL when the profile does not know it. Cost: O(1) expected. */
const struct profile_metric *profile_find(const struct profile *p, struct str family);
bool profile_ignores(const struct profile *p, struct str family);
/* The profile whose recognise list matches most of the families seen, NULL when none does. */
const struct profile *profiles_recognise(const struct profiles *ps, const struct str *families, size_t count);

#endif
