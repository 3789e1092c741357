/* SPDX-License-Identifier: MIT */
/* What an exposition means, as far as its parser must know: the family a sample belongs to, and the faults that no single line shows.
 *
 * A piece of exposition.c. 0.0.4 is checked for what makes a sample useless or metadata ambiguous; OpenMetrics for its whole rule book,
 * except points repeated at a distance, which the owner of the series sees better. A fault is one static sentence; NULL is none.
 * Source: prometheus/common expfmt for 0.0.4; OpenMetrics 1.0, "Overall structure" and "Metric types". */
#ifndef GWTOP_SOURCE_EXPO_CHECK_H
#define GWTOP_SOURCE_EXPO_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "source/expo_families.h"
#include "source/exposition.h"

enum { EXPO_CHECK_NAME_MAX = 256 }; /* bytes; longer names belong to no family here */

/* What a sample is to its family. */
enum expo_role {
    EXPO_ROLE_OTHER,
    EXPO_ROLE_TOTAL,
    EXPO_ROLE_BUCKET,
    EXPO_ROLE_COUNT,
    EXPO_ROLE_SUM,
    EXPO_ROLE_QUANTILE,
    EXPO_ROLE_INFO,
    EXPO_ROLE_STATE
};

/* The points of one histogram: same labels but le, same timestamp. */
struct expo_histogram {
    uint64_t key; /* of family, labels and timestamp; 0 when no histogram is being read */
    bool gauge, has_infinity, has_count, has_sum, has_negative_bound, has_negative_sum;
    double bound, population, infinity, count;
};

struct expo_check {
    bool openmetrics;
    enum expo_type type; /* of family */
    enum expo_role role; /* of the last sample name */
    char family[EXPO_CHECK_NAME_MAX], name[EXPO_CHECK_NAME_MAX];
    size_t family_length, name_length;
    uint64_t current_family; /* hash of the one that the last sample belonged to */
    uint64_t last_series;    /* hash of the last sample's series */
    bool last_has_seconds;
    double last_seconds;
    struct expo_histogram histogram;
    size_t families;
    struct expo_families known;
};

void expo_check_reset(struct expo_check *c); /* keeps openmetrics */

const char *expo_check_help(struct expo_check *c, struct str family);
const char *expo_check_type(struct expo_check *c, struct str family, enum expo_type type);
const char *expo_check_unit(struct expo_check *c, struct str family, struct str unit);

/* s has its labels, or has_labels is false and they were checked when these bytes were first seen. A faulty sample is kept all the same:
 * what it is to its family depends on a TYPE line elsewhere, and knowing a series must not decide whether it counts. */
const char *expo_check_sample(struct expo_check *c, const struct expo_sample *s, bool has_labels);
/* OpenMetrics only, behind the above: order and completeness. seconds: the sample's timestamp when it has one. */
const char *expo_check_order(struct expo_check *c, const struct expo_sample *s, bool has_labels, double seconds);
const char *expo_check_exemplar(const struct expo_check *c);
/* A histogram that ended before the line now read, or at the end of the body. */
const char *expo_check_histogram_end(struct expo_check *c);

#endif
