/* SPDX-License-Identifier: MIT */
/* Are the change points of analysis/changes those that people see? The Turing change point dataset, one setting for all series, each fed
 * sample by sample.
 *
 * usage: bench_tcpd [DIR] [-v]     a folder as in tcpd_data.h; TCPD beside the project when none is given. -v: each series
 * The measures prove themselves by the published values of "no change at all" (TCPDBench). Figures are means over the series of one
 * dimension, as the published tables are; those of more are given by their first. The peer is "no change at all", which is hard to beat by
 * F1. Fails when the measures do not, or below F1 0.70 or cover 0.65. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/changes.h"
#include "bench/tcpd_data.h"

/* F1 of "no change at all", as published. */
static const struct {
    const char *name;
    double f1;
} published[] = {{"nile", 0.8235}, {"bank", 1.0}, {"measles", 0.9474}, {"us_population", 0.8889}};

struct tally {
    size_t series, samples, alike, known;
    double f1, cover, none_f1, none_cover;
    clock_t spent;
    bool verbose;
};

static void judge(void *ctx, const struct tcpd_series *s)
{
    struct tally *t = ctx;
    struct change *list;
    size_t count;
    clock_t t0 = clock();
    struct changes *c = changes_new(CHANGES_NORMAL);
    if (c == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < s->count; i++)
        if (changes_add(c, s->x[i]) != ERR_OK)
            exit(EXIT_FAILURE);
    if (changes_list(c, &list, &count) != ERR_OK)
        exit(EXIT_FAILURE);
    t->spent += clock() - t0;
    t->samples += s->count;
    size_t *at = calloc(count + 1, sizeof *at);
    for (size_t i = 0; at != NULL && i < count; i++)
        at[i] = list[i].at;
    double f1 = tcpd_f1(s, at, count), cover = tcpd_cover(s, at, count);
    if (t->verbose || s->dims > 1)
        printf("  %-20s %4zu samples%s, %2zu changes, F1 %.3f cover %.3f\n", s->name, s->count,
               s->dims > 1 ? ", the first of several dimensions" : "", count, f1, cover);
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        if (strcmp(published[i].name, s->name) == 0) {
            t->known++;
            t->alike += fabs(tcpd_f1(s, NULL, 0) - published[i].f1) < 5e-5;
        }
    }
    if (s->dims == 1) {
        t->series++;
        t->f1 += f1;
        t->cover += cover;
        t->none_f1 += tcpd_f1(s, NULL, 0);
        t->none_cover += tcpd_cover(s, NULL, 0);
    }
    free(at);
    free(list);
    changes_free(c);
}

int main(int argc, char **argv)
{
    const char *dir = argc > 1 && argv[1][0] != '-' ? argv[1] : BENCH_DATA "/TCPD";
    struct tally t = {.verbose = argc > 1 && strcmp(argv[argc - 1], "-v") == 0};
    if (tcpd_each(dir, judge, &t) == 0) {
        printf("skipped: no series with change points in %s\n", dir);
        return EXIT_SUCCESS;
    }
    double n = (double)t.series;
    printf("measures: \"no change at all\" as published on %zu of %zu series\n", t.alike, t.known);
    printf("%zu series: F1 %.3f (asked >= 0.70, aim 0.744), cover %.3f (asked >= 0.65, aim 0.706); no change at all: %.3f, %.3f\n",
           t.series, t.f1 / n, t.cover / n, t.none_f1 / n, t.none_cover / n);
    printf("%.1f us a sample\n", 1e6 * (double)t.spent / CLOCKS_PER_SEC / (double)t.samples);
    return t.alike == t.known && t.f1 / n >= 0.70 && t.cover / n >= 0.65 ? EXIT_SUCCESS : EXIT_FAILURE;
}
