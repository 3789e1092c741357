/* SPDX-License-Identifier: MIT */
/* What a gateway calls things: metric name -> signal with unit and factor, label -> dimension. Data, not code: one YAML file each.
 *
 * The same profile drives scraping (which families to keep) and PromQL (which names to ask for). Format: gwtop-profiles(5).
 * Rows stand sorted by name; rows of one name are adjacent, and each whose conditions hold takes the sample (a page's token
 * counter feeds input, output and cached tokens through three rows). How a sample is read:
 *     m = profile_find_sample(p, name, &part);  for (; m; m = profile_next(p, m)) if (profile_fold(p, m, labels, n, dims)) ... */
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

/* Which part of a signal a counter feeds. A score is only ever fed in parts; a latency is where a gateway keeps counters of it (how many,
 * and their sum) and no buckets, and then it has averages and no quantiles. */
enum profile_part { PART_WHOLE, PART_N, PART_SUM, PART_BAD };

/* What becomes of a gauge when several exposed series fold onto one. Increments, histograms and scores always add. */
enum profile_combine { COMBINE_SUM, COMBINE_MAX, COMBINE_MIN };

/* Where the source stands on the road. Of several sources that see one gateway's traffic, the lowest tier counts unless the
 * configuration names an authority: the gateway's own page before telemetry of clients, and both before an engine behind it. */
enum profile_tier { TIER_GATEWAY, TIER_TELEMETRY, TIER_ENGINE };

/* Several labels may feed one dimension: the first in order that is present and not "absent" does. */
struct profile_label {
    const char *label;
    enum dim dim;
};
struct profile_const {
    enum dim dim;
    const char *value;
};
/* Keep only samples whose label has (or has not) one of these values; a value may end in * . The text is compared as it stands
 * ("None" too); a label that is missing is compared as the empty string. */
struct profile_condition {
    const char *label;
    bool negate;
    const char *const *values;
    size_t count;
};
/* Text of a label -> value of a dimension ("guardrail_intervened" -> "blocked"). from may end in *; the first that matches wins.
 * It sets the dimension after labels and constants; a label that is missing or "not given" matches nothing. */
struct profile_rewrite {
    const char *label;
    enum dim dim;
    const char *from, *to;
};

struct profile_metric {
    const char *name; /* exposed name: counters with their _total, histograms without suffix (or with _sum: that counter alone) */
    enum signal signal;
    enum profile_part part;
    enum profile_combine combine;
    double factor; /* value * factor is in the signal's unit (ms: 0.001) */
    bool by_type;  /* a # TYPE that contradicts the signal's kind is believed, and the sample left out; false: the profile knows better */
    const struct profile_label *labels;
    size_t label_count;
    const struct profile_const *consts;
    size_t const_count;
    const struct profile_condition *conditions;
    size_t condition_count;
    const struct profile_rewrite *rewrites;
    size_t rewrite_count;
    const char *status_label, *exception_label; /* -> DIM_CLASS through outcome_of_status, NULL = none */
    const char *note;                           /* what the pane's detail must say ("excludes queueing"), NULL = nothing */
    double max_valid;                           /* what is above it, NaN, infinities are "unknown"; 0 = no limit */
    /* Old and new spellings of one quantity share a group (dense from 0 to group_count - 1). Of the spellings that an endpoint
     * exposes (a # TYPE line or a sample is enough) only the lowest rank counts; the others are the same thing again. */
    uint16_t group;
    uint8_t rank;
    uint32_t line; /* of the profile file, for gwtop probe */
};

/* What sort of series the exposed metric is: a part is a counter, whatever it is a part of. */
static inline enum signal_kind profile_metric_kind(const struct profile_metric *m)
{
    return m->part == PART_WHOLE ? signal_info(m->signal)->kind : KIND_INCREMENT;
}

/* A family whose labels say what runs there: agentgateway_build_info{tag="v1.2.0"}. What they say is no sample; that they say something
 * else than before is a change. */
struct profile_version {
    const char *family;
    bool config;               /* of how it is configured, else of what runs */
    const char *const *labels; /* which of them say it */
    size_t label_count;
};

enum { PROFILE_VERSIONS_MAX = 8 };

struct profile_index;

struct profile {
    const char *name, *title;
    enum profile_tier tier;
    const struct profile_metric *metrics;
    size_t metric_count;
    size_t group_count;
    const char *const *recognise;
    size_t recognise_count; /* any of these families identifies it; a value may end in * */
    const char *const *ignore;
    size_t ignore_count; /* families known and left out; a value may end in * */
    const char *const *absent;
    size_t absent_count; /* label values that mean "not given": "None", "" */
    const struct profile_version *versions;
    size_t version_count;              /* at most PROFILE_VERSIONS_MAX */
    bool expires;                      /* the exporter forgets series that did not move for minutes */
    const char *danger;                /* paths never to be called, for the documentation; NULL = none known */
    const struct profile_index *index; /* for profile_find */
};

struct profiles {
    struct profile *list;
    size_t count;
};

enum { PROFILE_METRICS_MAX = 1000, PROFILES_MAX = 100 };

/* All embedded profiles, then those in dir (NULL = none), which replace equal names. Memory from a.
 * Errors: ERR_CONFIG "litellm.yaml:12:9: ..." (the first fault), ERR_IO (dir cannot be read), ERR_LIMIT, ERR_NOMEM. */
enum err profiles_load(const char *dir, struct arena *a, struct profiles *ret, struct errctx *ctx) GW_MUST_USE;
/* One profile from its text; name is the file's, for messages and, without its extension, for the profile. Errors: as above. */
enum err profile_parse(struct str text, const char *name, struct arena *a, struct profile *ret, struct errctx *ctx) GW_MUST_USE;
const struct profile *profiles_by_name(const struct profiles *ps, const char *name);

/* The first row of a family, NULL when the profile does not know it. Cost: O(1) expected. */
const struct profile_metric *profile_find(const struct profile *p, struct str family);
/* The next row of the same name, NULL after the last. */
const struct profile_metric *profile_next(const struct profile *p, const struct profile_metric *m);

/* Which of a histogram's samples a name is. */
enum profile_sample { SAMPLE_VALUE, SAMPLE_BUCKET, SAMPLE_SUM, SAMPLE_COUNT };
/* As profile_find, from the name of a sample: as written first, then as X_bucket, X_sum or X_count of a histogram X.
 * *ret_sample is written only on success. Cost: O(1) expected. */
const struct profile_metric *profile_find_sample(const struct profile *p, struct str name, enum profile_sample *ret_sample);

/* Whether the family is known and left out. The _created families of Python clients are always, and those of versions. Cost:
 * O(ignore_count). */
bool profile_ignores(const struct profile *p, struct str family);

/* The row of versions that a series is of, NULL = none. series: name and label set as written. Cost: O(version_count). */
const struct profile_version *profile_version_of(const struct profile *p, struct str series);

struct profile_pair {
    struct str name, value;
}; /* a label, unescaped */
/* Applies row m to a label set: false when a condition leaves it out; else writes every dimension, .n == 0 where not given.
 * Values borrow from the labels or the profile. Other labels are dropped, so several exposed series may fold onto one.
 * DIM_GATEWAY is the caller's. Cost: O(row's label rules * n); cache by series. */
bool profile_fold(const struct profile *p, const struct profile_metric *m, const struct profile_pair *labels, size_t n,
                  struct str ret_dims[DIM_COUNT]);

/* The profile whose recognise list matches most of the families seen, NULL when none does. */
const struct profile *profiles_recognise(const struct profiles *ps, const struct str *families, size_t count);

#endif
