/* SPDX-License-Identifier: MIT */
/* The Turing change point dataset: series with the change points that five people saw, and its two measures. A folder with annotations.json
 * and NAME/NAME.json. */
#ifndef GWTOP_BENCH_TCPD_DATA_H
#define GWTOP_BENCH_TCPD_DATA_H

#include <stdbool.h>
#include <stddef.h>

enum { TCPD_NAME_MAX = 64, TCPD_POINTS_MAX = 64, TCPD_PEOPLE_MAX = 8 };

struct tcpd_points {
    size_t count;
    size_t at[TCPD_POINTS_MAX]; /* the first sample that is different, from 0 */
};

struct tcpd_series {
    char name[TCPD_NAME_MAX];
    size_t count, dims, people;
    double *x; /* of the first dimension; what is missing is as it was before */
    struct tcpd_points seen[TCPD_PEOPLE_MAX];
};

/* Calls use for every series whose data are there, in the file's order. Returns how many. */
size_t tcpd_each(const char *folder, void (*use)(void *ctx, const struct tcpd_series *s), void *ctx);

/* Agreement with the people, 0 to 1. F1: a point within 5 samples of one is that one; 0 counts as a point of everybody; precision against
 * all people's points together, recall the mean of theirs. Cover: how well the stretches between lie over theirs (weighted Jaccard index).
 * */
double tcpd_f1(const struct tcpd_series *s, const size_t *at, size_t count);
double tcpd_cover(const struct tcpd_series *s, const size_t *at, size_t count);

#endif
