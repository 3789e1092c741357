/* SPDX-License-Identifier: MIT */
/* store_sums STORE SIGNAL DIMENSION[,...] [T0_MS T1_MS]: what the store counts of a signal, all in all or in (T0, T1]. A line per group:
 * its values of the dimensions, then n (scores: how many were given; else samples), the sum in the signal's unit, and of scores how many
 * were bad. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

enum { DIMS_MAX = 8 };

static size_t parse_dims(const char *text, enum dim dims[DIMS_MAX])
{
    size_t n = 0, len = strcspn(text, ",");
    while (n < DIMS_MAX && dim_by_name((struct str){text, len}, &dims[n])) {
        n++;
        text += len + (text[len] == ',' ? 1 : 0);
        len = strcspn(text, ",");
    }
    return n;
}

int main(int argc, char **argv)
{
    struct errctx ctx = {.text = ""};
    struct store *st;
    struct arena a;
    struct store_result r;
    struct clock clock = clock_system();
    const int64_t hour = INT64_C(3600000), span = 100 * 24 * hour, end = (clock_wall_ms(&clock) / hour + 2) * hour;
    enum dim dims[DIMS_MAX];
    enum signal signal;
    if ((argc != 4 && argc != 6) || !signal_by_name(str_of(argv[2]), &signal)) {
        fprintf(stderr, "usage: store_sums STORE SIGNAL DIMENSION[,...] [T0_MS T1_MS]\n");
        return 64;
    }
    const size_t dim_count = parse_dims(argv[3], dims);
    const int64_t t0 = argc == 6 ? strtoll(argv[4], NULL, 10) : end - span, t1 = argc == 6 ? strtoll(argv[5], NULL, 10) : end;
    struct store_query q = {.signal = signal, .t0_ms = t0, .step_ms = t1 - t0, .columns = 1};
    for (size_t i = 0; i < dim_count; i++)
        q.group_by |= DIM_BIT(dims[i]);
    arena_init(&a, 64 << 20);
    if (store_open_reader(argv[1], &st, &ctx) != ERR_OK || store_refresh(st, &ctx) != ERR_OK ||
        store_read(st, &q, 1, &a, &r, &ctx) != ERR_OK) {
        fprintf(stderr, "%s\n", ctx.text);
        return 1;
    }
    const struct intern *t = store_strings(st);
    const bool scores = signal_info(signal)->kind == KIND_SCORE;
    for (size_t i = 0; i < r.count; i++) {
        const struct store_cell *cell = &r.groups[i].cells[0];
        if (cell->n == 0)
            continue;
        for (size_t d = 0; d < dim_count; d++)
            printf("%s\t", intern_text(t, r.groups[i].dim[dims[d]]));
        printf("%lld\t%.9f\t%lld\n", scores ? (long long)cell->score_n : (long long)cell->n,
               unit_from_fixed(signal_info(signal)->unit, cell->sum), scores ? (long long)cell->score_bad : 0);
    }
    arena_fini(&a);
    store_close(st);
    return 0;
}
