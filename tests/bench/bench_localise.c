/* SPDX-License-Identifier: MIT */
/* What differs, measured: how often the first row, or one of the first three, is exactly the true cause of a real incident; and what the
 * scan costs at its limit of 20,000 leaves.
 *
 * usage: bench_localise [DIR]     a folder as in localise_data.h; RobustSpot-RS beside the project when none is given
 * The peer is what one does by eye: the single value with most failures beyond the usual. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/differs.h"
#include "base/rng.h"
#include "bench/localise_data.h"

struct tally {
    int cases, first, three, eye;
    clock_t spent;
};

/* By eye. */
static bool most_excess(const struct localise_case *c)
{
    double best = -1;
    enum dim dim = DIM_COUNT;
    uint32_t id = 0;
    for (int d = 0; d < DIM_COUNT; d++) {
        for (size_t i = 0; (c->dims & DIM_BIT(d)) != 0 && i < c->count; i++) {
            double excess = 0;
            for (size_t k = 0; k < c->count; k++) {
                const struct localise_leaf *l = &c->leaves[k];
                if (l->dim[d] == c->leaves[i].dim[d])
                    excess += l->bad - (l->past_n > 0 ? l->n * l->past_bad / l->past_n : 0);
            }
            if (excess > best) {
                best = excess;
                dim = (enum dim)d;
                id = c->leaves[i].dim[d];
            }
        }
    }
    return localise_is_cause(c, &dim, &id, 1);
}

static void judge(void *ctx, const struct localise_case *c)
{
    struct tally *t = ctx;
    struct arena a;
    struct differs_element *list;
    size_t count;
    double past_n = 0, past_bad = 0;
    bool first = false, three = false;

    arena_init(&a, 64 << 20);
    clock_t t0 = clock();
    struct differs_leaf *leaves = arena_array(&a, c->count, sizeof *leaves);
    for (size_t i = 0; i < c->count; i++) {
        past_n += c->leaves[i].past_n;
        past_bad += c->leaves[i].past_bad;
    }
    for (size_t i = 0; leaves != NULL && i < c->count; i++) {
        memcpy(leaves[i].dim, c->leaves[i].dim, sizeof leaves[i].dim);
        leaves[i].v = c->leaves[i].bad;
        leaves[i].e = differs_expected(c->leaves[i].n, c->leaves[i].past_n, c->leaves[i].past_bad, past_bad / past_n);
    }
    if (leaves == NULL || differs_rank(leaves, c->count, c->dims, DIFFERS_WITH_TOTAL, 10, &a, &list, &count) != ERR_OK)
        exit(EXIT_FAILURE);
    t->spent += clock() - t0;
    for (size_t i = 0; i < count && i < 3; i++) {
        bool hit = localise_is_cause(c, list[i].dim, list[i].id, list[i].dim_count);
        first = first || (i == 0 && hit);
        three = three || hit;
    }
    arena_fini(&a);
    t->cases++;
    t->first += first;
    t->three += three;
    t->eye += most_excess(c);
}

/* Seven dimensions with 4 to 40 values, all leaves different. */
static void largest(void)
{
    static const enum dim dims[] = {DIM_PROVIDER, DIM_MODEL, DIM_DEPLOYMENT, DIM_REGION, DIM_TEAM, DIM_KEY, DIM_ROUTE};
    static const uint32_t values[] = {4, 12, 20, 6, 20, 40, 5};
    static struct differs_leaf leaves[DIFFERS_LEAVES_MAX];
    enum { RUNS = 11 };
    struct rng rng;
    double ms[RUNS];
    uint32_t bits = 0;

    rng_seed(&rng, 1);
    for (size_t i = 0; i < DIFFERS_LEAVES_MAX; i++) {
        leaves[i].v = leaves[i].e = 1 + (double)(rng_u64(&rng) % 20);
        for (size_t d = 0; d < sizeof dims / sizeof dims[0]; d++) {
            leaves[i].dim[dims[d]] = 1 + (uint32_t)(1000 * d + rng_u64(&rng) % values[d]);
            bits |= DIM_BIT(dims[d]);
        }
        if (leaves[i].dim[DIM_PROVIDER] == 1)
            leaves[i].v *= 3;
    }
    for (int r = 0; r < RUNS; r++) {
        struct arena a;
        struct differs_element *list;
        size_t count;
        arena_init(&a, 64 << 20);
        clock_t t0 = clock();
        if (differs_rank(leaves, DIFFERS_LEAVES_MAX, bits, DIFFERS_WITH_TOTAL, 10, &a, &list, &count) != ERR_OK || count == 0 ||
            list[0].dim[0] != DIM_PROVIDER || list[0].dim_count != 1)
            exit(EXIT_FAILURE);
        ms[r] = 1000.0 * (double)(clock() - t0) / CLOCKS_PER_SEC;
        arena_fini(&a);
        for (int k = r; k > 0 && ms[k] < ms[k - 1]; k--) {
            double x = ms[k];
            ms[k] = ms[k - 1];
            ms[k - 1] = x;
        }
    }
    printf("20,000 leaves of seven dimensions: %.1f ms, median of %d (asked <= 100 ms on screen)\n", ms[RUNS / 2], RUNS);
}

int main(int argc, char **argv)
{
    const char *dir = argc > 1 ? argv[1] : BENCH_DATA "/RobustSpot-RS";
    struct tally t = {0};
    struct intern *strings = intern_new(100000);

    if (strings == NULL)
        return EXIT_FAILURE;
    largest();
    if (localise_each(dir, strings, judge, &t) == 0)
        printf("skipped: no incident in %s\n", dir);
    else
        printf("%d real incidents: top-1 %.3f (asked >= 0.67), top-3 %.3f (asked >= 0.93); by eye, most failures beyond the usual: %.3f; "
               "%.2f ms each\n",
               t.cases, (double)t.first / t.cases, (double)t.three / t.cases, (double)t.eye / t.cases,
               1000.0 * (double)t.spent / CLOCKS_PER_SEC / t.cases);
    intern_free(strings);
    return EXIT_SUCCESS;
}
