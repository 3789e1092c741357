/* SPDX-License-Identifier: MIT */
/* The answer to a range selector comes series by series; polls are instant by instant. This turns one into the other.
 *
 * A target is a (job, instance). Prometheus stamps all series of one scrape with one instant, so the points of a target that share an
 * instant are one poll. Where they do not (remote write, push, some exporters' own timestamps) the target is put on a grid:
 * a point stands for the first grid instant at or after it, and of several the last counts.
 * All memory is capped; cost: O(points log points). */
#ifndef GWTOP_SOURCE_PROM_POINTS_H
#define GWTOP_SOURCE_PROM_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "source/exposition.h"
#include "source/promjson.h"
#include "source/source.h"

enum {
    PROM_POINTS_MAX = 1 << 20,  /* of one answer: 32 MB */
    PROM_BUCKETS_MAX = 1 << 20, /* of all native histograms of one answer: 32 MB */
    PROM_TEXT_MAX = 64 << 20,   /* bytes of names and labels of one answer */
};

/* The state of a target that the order of its points needs. */
struct prom_target_grid {
    bool on; /* its series have instants of their own */
};

struct prom_points;

struct prom_points *prom_points_new(void); /* NULL when out of memory */
void prom_points_free(struct prom_points *p);
void prom_points_reset(struct prom_points *p);

/* A series begins: its labels, of which __name__ is the name. Errors: ERR_LIMIT, ERR_NOMEM. */
enum err prom_points_series(struct prom_points *p, uint32_t target, const struct promjson_label *labels, size_t count) GW_MUST_USE;
enum err prom_points_add(struct prom_points *p, const struct promjson_point *point) GW_MUST_USE;
size_t prom_points_count(const struct prom_points *p);

/* Marks targets whose series do not share instants (grids, by target number), puts their points on it, and sorts all by target, instant and
 * series. */
void prom_points_order(struct prom_points *p, struct prom_target_grid *grids, int64_t grid_ms);
/* The run of points at i that share target and instant: its length, 0 at the end. */
size_t prom_points_run(const struct prom_points *p, size_t i, uint32_t *ret_target, int64_t *ret_t_ms);
bool prom_points_is_histogram(const struct prom_points *p, size_t i);
/* Point i as a sample or histogram: series is a key of name and labels, labels has room for EXPO_LABELS_MAX. */
void prom_points_sample(const struct prom_points *p, size_t i, struct expo_label *labels, struct expo_sample *ret);
void prom_points_histogram(const struct prom_points *p, size_t i, struct expo_label *labels, struct source_histogram *ret);

#endif
