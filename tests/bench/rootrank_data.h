/* SPDX-License-Identifier: MIT */
/* Incidents whose faulty component is known.
 *
 * RCD's sock shop: folders SERVICE-RESOURCE/N with normal.csv and anomalous.csv, a column per metric ("carts_cpu", "carts_lat_99"); no
 * calls are known. What is to be found is the service and its resource.
 * PetShop: folders SCENARIO with graph.csv (rows call columns), noissue/metrics.csv and SPLIT/issue_N with metrics.csv and target.json;
 * five minutes a row, of each service the mean latency, the availability in percent and the requests. A row that ends before the onset
 * (target.timestamp) is right before it; the first two that begin after it are after; the one that it is in is neither. Scenarios without
 * noissue/metrics.csv have nothing to be compared with, and are left out. */
#ifndef GWTOP_BENCH_ROOTRANK_DATA_H
#define GWTOP_BENCH_ROOTRANK_DATA_H

#include "analysis/rootrank.h"

struct rootrank_case {
    const char *name, *group; /* "low_traffic/test/issue_9", "low_traffic latency"; scenarios that differ by a number alone are one group */
    struct rootrank_input in;
    uint32_t truth;      /* component; UINT32_MAX: nothing was wrong */
    size_t truth_series; /* SIZE_MAX: any of its */
};
typedef void rootrank_use(void *ctx, const struct rootrank_case *c);

/* Each returns how many cases there were; 0 when the folder holds none. */
size_t rcd_each(const char *folder, rootrank_use *use, void *ctx);
size_t petshop_each(const char *folder, rootrank_use *use, void *ctx);
/* The same of times at which nothing was wrong: noissue/metrics.csv cut at a row, for both symptoms of the scenario's first target. As
 * published (at 50 % of the rows, and every 10 % on), or at every row of the second half. */
size_t petshop_quiet_each(const char *folder, bool all, rootrank_use *use, void *ctx);

#endif
