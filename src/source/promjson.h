/* SPDX-License-Identifier: MIT */
/* Streaming reader of the Prometheus HTTP API's query answers: matrix, vector, native histograms, warnings, errors.
 *
 * Pull-free and tree-free: bytes go in as they come from the socket, series and points come out; memory does not grow with the body.
 * A tree would take ten times the input in heap: base/jsontree is for small bodies. Any bytes are accepted input.
 * Unknown members are skipped to a depth of 64. Points must come after the labels of their series, as every server writes them. Beyond
 * 256 labels or 64 KB of them in a series, 2,048 buckets in a histogram, or 1,024 bytes of a number, the answer is refused.
 * Invariant: results do not depend on where the feeds are cut; spans handed to a callback are valid only during it.
 * Source: prometheus.io querying/api. */
#ifndef GWTOP_SOURCE_PROMJSON_H
#define GWTOP_SOURCE_PROMJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct promjson_label {
    struct str name, value;
}; /* unescaped */
/* The value of the label of that name, "" without one. */
struct str promjson_label_value(const struct promjson_label *labels, size_t count, const char *name);

struct promjson_bucket {
    int rule;
    double lo, hi, count;
}; /* as the API gives them; rule: 0 (lo,hi], 1 [lo,hi), 2 (lo,hi), 3 [lo,hi] */

struct promjson_point {
    int64_t t_ms;
    double value;      /* float samples */
    bool is_histogram; /* then: */
    double hist_count, hist_sum;
    const struct promjson_bucket *buckets;
    size_t bucket_count;
};

struct promjson_handler {
    /* A new series begins; labels include __name__. Returning false skips its points. */
    bool (*on_series)(void *ctx, const struct promjson_label *labels, size_t count);
    bool (*on_point)(void *ctx, const struct promjson_point *p); /* false stops with ERR_LIMIT */
    void (*on_warning)(void *ctx, struct str text); /* warnings, infos, isPartial; as the server wrote it, cut at 1,024 bytes */
    void *ctx;
};

struct promjson;
struct promjson *promjson_new(const struct promjson_handler *h, size_t max_bytes);
void promjson_free(struct promjson *p);
void promjson_reset(struct promjson *p);
/* Errors: ERR_LIMIT, ERR_PARSE (not JSON or not this shape), ERR_NOMEM. Cost: >= 300 MB/s, <= 256 KB whatever the size. */
enum err promjson_feed(struct promjson *p, const void *bytes, size_t n) GW_MUST_USE;
/* The body is complete. ERR_NET with the server's own sentence when status was "error"; ERR_PARSE when the body was cut. */
enum err promjson_finish(struct promjson *p, struct errctx *ctx) GW_MUST_USE;

#endif
