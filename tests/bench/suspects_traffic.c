/* SPDX-License-Identifier: MIT */
#include "bench/suspects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/suspects.h"
#include "bench/localise_data.h"

struct tally {
    const struct intern *strings;
    bool verbose;
    int cases, first, none, single, single_first;
    clock_t spent;
};

static void judge(void *ctx, const struct localise_case *c)
{
    struct tally *t = ctx;
    struct arena a;
    struct suspect *list;
    size_t count, depth = 0;
    const char *note;

    arena_init(&a, 64 << 20);
    struct suspect_cell *cells = arena_array(&a, c->count, sizeof *cells);
    for (size_t i = 0; cells != NULL && i < c->count; i++) {
        const struct localise_leaf *l = &c->leaves[i];
        memcpy(cells[i].dim, l->dim, sizeof cells[i].dim);
        cells[i].asked = true;
        cells[i].n = (uint64_t)l->n;
        cells[i].by_class[OUTCOME_5XX] = (uint64_t)l->bad;
        cells[i].past_n = (uint64_t)l->past_n;
        cells[i].past_bad = (uint64_t)l->past_bad;
    }
    struct suspects_input in = {.table_count = 1, .strings = t->strings, .table = {{.cells = cells, .count = c->count, .dims = c->dims}}};
    clock_t t0 = clock();
    if (cells == NULL || suspects_rank(&in, &a, &list, &count, &note) != ERR_OK)
        exit(EXIT_FAILURE);
    t->spent += clock() - t0;
    bool hit = count > 0 && localise_is_cause(c, list[0].dim, list[0].id, list[0].dim_count);
    for (int d = 0; d < DIM_COUNT; d++)
        depth += c->causes[0].dim[d] != 0;
    if (t->verbose && !hit)
        printf("%s: %s\n", c->name, count > 0 ? list[0].title : note);
    arena_fini(&a);
    t->cases++;
    t->first += hit;
    t->none += count == 0;
    t->single += depth == 1;
    t->single_first += depth == 1 && hit;
}

bool suspects_traffic(const char *dir, bool verbose)
{
    struct intern *strings = intern_new(100000);
    struct tally t = {.strings = strings, .verbose = verbose};

    if (strings == NULL)
        return false;
    const bool found = localise_each(dir, strings, judge, &t) > 0;
    if (found) {
        printf("traffic: %d real incidents: first guess right %.3f, abstained %d; %.2f ms each\n", t.cases, (double)t.first / t.cases,
               t.none, 1000.0 * (double)t.spent / CLOCKS_PER_SEC / t.cases);
        printf("traffic: of those with a single value to blame: %.3f of %d\n", t.single > 0 ? (double)t.single_first / t.single : 0,
               t.single);
    }
    intern_free(strings);
    return found;
}
