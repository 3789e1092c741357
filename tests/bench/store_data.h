/* SPDX-License-Identifier: MIT */
/* Traffic for the store's benches: what an exposition page would say at every poll, kept as cumulative integers, and the batches that come
 * of it.
 *
 * Two sets. "plain": one exposition value per series, half of them nearly idle counters, the rest busy counters, whole and fractional
 * gauges, as in the measurements that the layout was chosen by. "gateway": per deployment requests by class, tokens, cost, two histograms
 * of 18 buckets (20 exposition values each) and two gauges, with Poisson traffic that follows the hour of the day. */
#ifndef GWTOP_TESTS_BENCH_STORE_DATA_H
#define GWTOP_TESTS_BENCH_STORE_DATA_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "store/store.h"

enum { DATA_BUCKETS = 18 };

struct data_series {
    enum signal signal;
    uint32_t source, id;  /* source: 0 .. sources - 1 */
    uint32_t first_value; /* its exposition values: one, or DATA_BUCKETS cumulative buckets, count, sum */
    uint32_t deployment;
    char name[16];
};

struct data {
    struct data_series *series;
    size_t series_count;
    int64_t **value; /* [value][poll]: cumulative fixed point (counters, histograms), or the gauge times 1e6 */
    size_t value_count;
    uint32_t polls, sources;
    int64_t start_ms, step_ms;
    uint32_t source_ids[64];
};

/* About `values` exposition values per poll over `sources` sources. Exits when out of memory: these are benches. */
struct data *data_plain(size_t values, uint32_t sources, uint32_t polls, int64_t start_ms, int64_t step_ms, uint64_t seed);
struct data *data_gateway(size_t values, uint32_t sources, uint32_t polls, int64_t start_ms, int64_t step_ms, uint64_t seed);
void data_free(struct data *d);

/* Makes sources, strings and series in a store. */
void data_register(struct data *d, struct store *st);
/* The batches of one poll, one per source; reused from poll to poll. */
struct data_poll {
    struct store_batch batches[64];
    struct store_item *items;
    struct store_hist_count *counts;
};
struct data_poll *data_poll_new(const struct data *d);
void data_poll_free(struct data_poll *p);
void data_prepare(const struct data *d, uint32_t poll, struct data_poll *ret);
/* Appends a prepared poll in one call; `statuses` adds a status per source as the recorder does. */
void data_append(const struct data *d, struct store *st, const struct data_poll *p, bool statuses);
/* The whole set as OpenMetrics text with timestamps, for promtool tsdb create-blocks-from. */
void data_openmetrics(const struct data *d, FILE *out);

/* For the benches' main functions. */
_Noreturn void bench_die(const char *what, const char *why);
double bench_seconds(void); /* monotonic */
double bench_cpu(void);     /* of this process */
double bench_median(double *v, size_t n);
double bench_quantile(double *v, size_t n, double q);
/* A directory for the bench's files, removed by bench_remove. Under $GWTOP_BENCH_DIR or /var/tmp, which is a real disk. */
void bench_dir(char *dst, size_t cap);
void bench_remove(const char *dir);
struct store *bench_open(const char *path, const struct clock *clock, int64_t max_bytes);

#endif
