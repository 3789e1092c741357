/* SPDX-License-Identifier: MIT */
#include "source/expo_check.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "source/fastnum.h"

/* Suffixes of a family's samples, by type. The first that fits decides; a name equal to the family's comes last. */
static const struct suffix {
    enum expo_type type;
    const char *text;
    enum expo_role role;
} suffixes[] = {
    {EXPO_COUNTER, "_total", EXPO_ROLE_TOTAL},
    {EXPO_COUNTER, "_created", EXPO_ROLE_OTHER},
    {EXPO_COUNTER, "", EXPO_ROLE_TOTAL},
    {EXPO_GAUGE, "", EXPO_ROLE_OTHER},
    {EXPO_UNTYPED, "", EXPO_ROLE_OTHER},
    {EXPO_HISTOGRAM, "_bucket", EXPO_ROLE_BUCKET},
    {EXPO_HISTOGRAM, "_count", EXPO_ROLE_COUNT},
    {EXPO_HISTOGRAM, "_sum", EXPO_ROLE_SUM},
    {EXPO_HISTOGRAM, "_created", EXPO_ROLE_OTHER},
    {EXPO_GAUGE_HISTOGRAM, "_bucket", EXPO_ROLE_BUCKET},
    {EXPO_GAUGE_HISTOGRAM, "_gcount", EXPO_ROLE_COUNT},
    {EXPO_GAUGE_HISTOGRAM, "_gsum", EXPO_ROLE_SUM},
    {EXPO_GAUGE_HISTOGRAM, "_count", EXPO_ROLE_COUNT}, /* as expfmt writes them in 0.0.4 */
    {EXPO_GAUGE_HISTOGRAM, "_sum", EXPO_ROLE_SUM},
    {EXPO_SUMMARY, "_count", EXPO_ROLE_COUNT},
    {EXPO_SUMMARY, "_sum", EXPO_ROLE_SUM},
    {EXPO_SUMMARY, "_created", EXPO_ROLE_OTHER},
    {EXPO_SUMMARY, "", EXPO_ROLE_QUANTILE},
    {EXPO_INFO, "_info", EXPO_ROLE_INFO},
    {EXPO_INFO, "", EXPO_ROLE_INFO},
    {EXPO_STATESET, "", EXPO_ROLE_STATE},
};

enum { SUFFIX_COUNT = sizeof suffixes / sizeof suffixes[0] };

static bool is_histogram(enum expo_type type)
{
    return type == EXPO_HISTOGRAM || type == EXPO_GAUGE_HISTOGRAM;
}

static bool same(struct str s, const char *p, size_t n)
{
    return s.n == n && memcmp(s.p, p, n) == 0;
}

void expo_check_reset(struct expo_check *c)
{
    c->type = EXPO_UNTYPED;
    c->role = EXPO_ROLE_OTHER;
    c->family_length = c->name_length = 0;
    c->current_family = c->last_series = 0;
    c->last_has_seconds = false;
    c->last_seconds = 0;
    c->histogram.key = 0;
    c->families = 0;
    expo_families_reset(&c->known);
}

/* Adds flags to the family and counts it when it is new. Returns the flags from before. */
static unsigned remember(struct expo_check *c, uint64_t hash, unsigned flags)
{
    unsigned before = expo_families_get(&c->known, hash);
    c->families += expo_families_add(&c->known, hash, flags);
    return before;
}

const char *expo_check_help(struct expo_check *c, struct str family)
{
    unsigned before = remember(c, expo_families_hash(family), EXPO_FAMILY_HELPED);
    if (before & EXPO_FAMILY_HELPED) {
        return "second HELP line for this name";
    }
    return c->openmetrics && (before & EXPO_FAMILY_SAMPLED) ? "HELP after samples of this family" : NULL;
}

static unsigned flags_of_type(enum expo_type type)
{
    return EXPO_FAMILY_TYPED | (unsigned)type << EXPO_FAMILY_TYPE_SHIFT;
}

/* In OpenMetrics a family owns its name with each suffix of its type: both directions. */
static bool clashes(const struct expo_check *c, struct str family, enum expo_type type)
{
    char longer[EXPO_CHECK_NAME_MAX + 16];
    if (family.n > EXPO_CHECK_NAME_MAX) {
        return false;
    }
    memcpy(longer, family.p, family.n);
    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        size_t n = strlen(suffixes[i].text);
        if (n == 0) {
            continue;
        }
        if (suffixes[i].type == type) {
            memcpy(longer + family.n, suffixes[i].text, n);
            if (expo_families_get(&c->known, expo_families_hash((struct str){longer, family.n + n})) & EXPO_FAMILY_TYPED) {
                return true;
            }
        }
        if (family.n > n && memcmp(family.p + family.n - n, suffixes[i].text, n) == 0) {
            unsigned base = expo_families_get(&c->known, expo_families_hash((struct str){family.p, family.n - n}));
            if ((base & EXPO_FAMILY_TYPED) && base >> EXPO_FAMILY_TYPE_SHIFT == (unsigned)suffixes[i].type) {
                return true;
            }
        }
    }
    return false;
}

const char *expo_check_type(struct expo_check *c, struct str family, enum expo_type type)
{
    uint64_t hash = expo_families_hash(family);
    unsigned before = remember(c, hash, flags_of_type(type));
    c->type = type;
    c->family_length = family.n <= EXPO_CHECK_NAME_MAX ? family.n : 0;
    memcpy(c->family, family.p, c->family_length);
    c->name_length = 0; /* the next sample finds its family anew */
    if (before & EXPO_FAMILY_TYPED) {
        return "second TYPE line for this name";
    }
    if (before & EXPO_FAMILY_SAMPLED) {
        return "TYPE after samples of this family";
    }
    return c->openmetrics && clashes(c, family, type) ? "name clashes with another family and its suffixes" : NULL;
}

const char *expo_check_unit(struct expo_check *c, struct str family, struct str unit)
{
    if (!c->openmetrics) {
        return NULL;
    }
    unsigned before = remember(c, expo_families_hash(family), EXPO_FAMILY_UNITED);
    if (before & EXPO_FAMILY_UNITED) {
        return "second UNIT line for this name";
    }
    if (before & EXPO_FAMILY_SAMPLED) {
        return "UNIT after samples of this family";
    }
    if (unit.n == 0) {
        return NULL;
    }
    if (family.n <= unit.n || family.p[family.n - unit.n - 1] != '_' || memcmp(family.p + family.n - unit.n, unit.p, unit.n) != 0) {
        return "unit is not the suffix of the name";
    }
    if (same(family, c->family, c->family_length) && (c->type == EXPO_INFO || c->type == EXPO_STATESET)) {
        return "an info or a stateset has no unit";
    }
    return NULL;
}

/* Is this name a sample of the family whose TYPE line came last? */
static bool find_role(struct expo_check *c, struct str name)
{
    size_t n = c->family_length;
    c->role = EXPO_ROLE_OTHER;
    if (n == 0 || name.n < n || memcmp(name.p, c->family, n) != 0) {
        return false;
    }
    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        if (suffixes[i].type == c->type && same((struct str){name.p + n, name.n - n}, suffixes[i].text, strlen(suffixes[i].text))) {
            c->role = suffixes[i].role;
            return true;
        }
    }
    return false;
}

/* A sample outside the family in force: its own family, or one that was left before. *ret_sure is false when only a TYPE line could
 * tell: x_sum without one may be part of x, and then stand between x_bucket and x_bucket by right. */
static uint64_t hash_of_stray(const struct expo_check *c, struct str name, bool *ret_sure)
{
    uint64_t hash = expo_families_hash(name);
    if (!c->openmetrics || (expo_families_get(&c->known, hash) & EXPO_FAMILY_TYPED)) {
        return hash;
    }
    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        size_t n = strlen(suffixes[i].text);
        if (n > 0 && name.n > n && memcmp(name.p + name.n - n, suffixes[i].text, n) == 0) {
            uint64_t base = expo_families_hash((struct str){name.p, name.n - n});
            unsigned flags = expo_families_get(&c->known, base);
            if ((flags & EXPO_FAMILY_TYPED) && flags >> EXPO_FAMILY_TYPE_SHIFT == (unsigned)suffixes[i].type) {
                return base;
            }
            *ret_sure = false;
        }
    }
    return hash;
}

/* The name changed: finds family and role, and whether the family had been left. */
static const char *enter_name(struct expo_check *c, struct str name)
{
    c->name_length = name.n <= EXPO_CHECK_NAME_MAX ? name.n : 0;
    memcpy(c->name, name.p, c->name_length);
    bool sure = true;
    uint64_t family = find_role(c, name) ? expo_families_hash((struct str){c->family, c->family_length}) : hash_of_stray(c, name, &sure);
    if (family == c->current_family) {
        return NULL;
    }
    c->current_family = family;
    unsigned before = remember(c, family, EXPO_FAMILY_SAMPLED);
    return c->openmetrics && sure && (before & EXPO_FAMILY_SAMPLED) ? "families are interleaved" : NULL;
}

static const struct expo_label *find_label(const struct expo_sample *s, const char *name, size_t n)
{
    for (size_t i = 0; i < s->label_count; i++) {
        if (same(s->labels[i].name, name, n)) {
            return &s->labels[i];
        }
    }
    return NULL;
}

static bool whole_number(struct str text, double *ret)
{
    double v;
    if (fastnum_scan(text.p, text.p + text.n, &v) != text.p + text.n) {
        return false;
    }
    *ret = v;
    return true;
}

static const char *check_bound(const struct expo_check *c, const struct expo_sample *s)
{
    const struct expo_label *le = find_label(s, "le", 2);
    double bound;
    if (!le) {
        return c->openmetrics ? "bucket has no label le" : NULL;
    }
    if (!whole_number(le->value, &bound)) {
        return "label le is not a number";
    }
    if (c->openmetrics && (isnan(bound) || (isinf(bound) && !str_eq_z(le->value, "+Inf")))) {
        return "label le is neither a finite number nor +Inf";
    }
    return NULL;
}

static const char *check_quantile(const struct expo_check *c, const struct expo_sample *s)
{
    const struct expo_label *q = find_label(s, "quantile", 8);
    double quantile;
    if (!q) {
        return c->openmetrics ? "sample of a summary has no label quantile" : NULL;
    }
    if (!whole_number(q->value, &quantile)) {
        return "label quantile is not a number";
    }
    return c->openmetrics && !(quantile >= 0 && quantile <= 1) ? "label quantile is not within 0 and 1" : NULL;
}

/* OpenMetrics' rules for values. 0.0.4 has only the first of them, for histograms. */
static const char *check_value(const struct expo_check *c, double value)
{
    switch (c->role) {
    case EXPO_ROLE_BUCKET:
    case EXPO_ROLE_COUNT:
        if (value < 0 && (is_histogram(c->type) || c->openmetrics)) {
            return "negative count";
        }
        return c->openmetrics && isnan(value) ? "count is not a number" : NULL;
    case EXPO_ROLE_TOTAL: return c->openmetrics && !(value >= 0) ? "counter is negative or not a number" : NULL;
    case EXPO_ROLE_SUM:
        return c->openmetrics && (isnan(value) || (value < 0 && c->type != EXPO_GAUGE_HISTOGRAM)) ? "sum is negative or not a number"
                                                                                                  : NULL;
    case EXPO_ROLE_QUANTILE: return c->openmetrics && value < 0 ? "quantile of a summary is negative" : NULL;
    case EXPO_ROLE_INFO: return c->openmetrics && value != 1 ? "value of an info is not 1" : NULL;
    case EXPO_ROLE_STATE: return c->openmetrics && value != 0 && value != 1 ? "value of a stateset is not 0 or 1" : NULL;
    case EXPO_ROLE_OTHER: break;
    }
    return NULL;
}

const char *expo_check_sample(struct expo_check *c, const struct expo_sample *s, bool has_labels)
{
    const char *fault = NULL;
    if (c->name_length == 0 || !same(s->name, c->name, c->name_length)) {
        fault = enter_name(c, s->name);
    }
    if (c->role == EXPO_ROLE_OTHER) {
        return fault;
    }
    const char *second = NULL;
    if (has_labels && c->role == EXPO_ROLE_BUCKET) {
        second = check_bound(c, s);
    } else if (has_labels && c->role == EXPO_ROLE_QUANTILE) {
        second = check_quantile(c, s);
    } else if (has_labels && c->role == EXPO_ROLE_STATE && c->openmetrics) {
        second = find_label(s, c->family, c->family_length) ? NULL : "sample of a stateset has no label of its name";
    }
    if (!second) {
        second = check_value(c, s->value);
    }
    return fault ? fault : second;
}

/* Same labels but le, in any order, and the same timestamp. */
static uint64_t histogram_key(const struct expo_check *c, const struct expo_sample *s, double seconds)
{
    uint64_t key = c->current_family;
    for (size_t i = 0; i < s->label_count; i++) {
        const struct expo_label *l = &s->labels[i];
        if (!same(l->name, "le", 2)) {
            key += hash_bytes(l->value.p, l->value.n, hash_bytes(l->name.p, l->name.n, 1));
        }
    }
    if (s->has_timestamp) {
        key += hash_bytes(&seconds, sizeof seconds, 2);
    }
    return key | 1;
}

const char *expo_check_histogram_end(struct expo_check *c)
{
    const struct expo_histogram *h = &c->histogram;
    if (h->key == 0) {
        return NULL;
    }
    c->histogram.key = 0;
    if (!h->has_infinity) {
        return "the histogram before has no +Inf bucket";
    }
    if (h->has_count && h->count != h->infinity) {
        return "the histogram before has a count that differs from its +Inf bucket";
    }
    if (h->has_sum && !h->has_count) {
        return "the histogram before has a sum and no count";
    }
    if (h->has_count && !h->has_sum && !h->has_negative_bound) {
        return "the histogram before has a count and no sum";
    }
    if (h->has_sum && h->has_negative_bound && !h->gauge) {
        return "the histogram before has negative bounds and a sum";
    }
    return h->has_negative_sum && !h->has_negative_bound ? "the histogram before has a negative sum without negative bounds" : NULL;
}

static const char *add_bucket(struct expo_histogram *h, const struct expo_sample *s)
{
    const struct expo_label *le = find_label(s, "le", 2);
    double bound;
    if (!le || !whole_number(le->value, &bound) || (isinf(bound) && !str_eq_z(le->value, "+Inf"))) {
        return NULL; /* check_bound has spoken */
    }
    const char *fault = NULL;
    if (!(bound > h->bound)) {
        fault = "buckets are not in increasing order of le";
    } else if (s->value < h->population) {
        fault = "bucket holds less than the one before";
    }
    h->bound = bound;
    h->population = s->value;
    h->has_negative_bound |= bound < 0;
    if (isinf(bound)) {
        h->has_infinity = true;
        h->infinity = s->value;
    }
    return fault;
}

static const char *check_histogram(struct expo_check *c, const struct expo_sample *s, bool has_labels, double seconds)
{
    struct expo_histogram *h = &c->histogram;
    bool belongs = is_histogram(c->type) && c->role != EXPO_ROLE_OTHER;
    const char *fault = NULL;
    if (!has_labels) {
        h->key = 0; /* buckets whose labels were not split can't be followed */
        return NULL;
    }
    uint64_t key = belongs ? histogram_key(c, s, seconds) : 0;
    if (key != h->key) {
        fault = expo_check_histogram_end(c);
        *h = (struct expo_histogram){.key = key, .gauge = c->type == EXPO_GAUGE_HISTOGRAM, .bound = -INFINITY, .population = -INFINITY};
    }
    if (!belongs) {
        return fault;
    }
    const char *second = NULL;
    if (c->role == EXPO_ROLE_BUCKET) {
        second = add_bucket(h, s);
    } else if (c->role == EXPO_ROLE_COUNT) {
        h->has_count = true;
        h->count = s->value;
    } else {
        h->has_sum = true;
        h->has_negative_sum = s->value < 0;
    }
    return fault ? fault : second;
}

const char *expo_check_order(struct expo_check *c, const struct expo_sample *s, bool has_labels, double seconds)
{
    uint64_t series = hash_bytes(s->series.p, s->series.n, 3);
    const char *fault = NULL;
    if (series == c->last_series) {
        if (!s->has_timestamp || !c->last_has_seconds) {
            fault = "the same series twice without timestamps on both";
        } else if (seconds < c->last_seconds) {
            fault = "timestamps of a series go backwards";
        }
    }
    c->last_series = series;
    c->last_has_seconds = s->has_timestamp;
    c->last_seconds = seconds;
    const char *second = check_histogram(c, s, has_labels, seconds);
    return fault ? fault : second;
}

const char *expo_check_exemplar(const struct expo_check *c)
{
    if (!c->openmetrics || c->role == EXPO_ROLE_BUCKET || c->role == EXPO_ROLE_TOTAL) {
        return NULL;
    }
    return "exemplar on a sample that can't have one";
}
