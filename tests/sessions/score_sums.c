/* SPDX-License-Identifier: MIT */
/* score_sums STORE: what the store counts of scores, all in all: a line per name, model and class with n, sum and bad. */
#include <stdio.h>

#include "store/store.h"

int main(int argc, char **argv)
{
    struct errctx ctx = {.text = ""};
    struct store *st;
    struct arena a;
    struct store_result r;
    struct clock clock = clock_system();
    const int64_t hour = INT64_C(3600000), end = (clock_wall_ms(&clock) / hour + 2) * hour;
    const struct store_query q = {.signal = SIG_EVAL,
                                  .group_by = DIM_BIT(DIM_NAME) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_CLASS),
                                  .t0_ms = end - 100 * 24 * hour,
                                  .step_ms = 100 * 24 * hour,
                                  .columns = 1};
    arena_init(&a, 64 << 20);
    if (argc != 2 || store_open_reader(argv[1], &st, &ctx) != ERR_OK || store_refresh(st, &ctx) != ERR_OK ||
        store_read(st, &q, 1, &a, &r, &ctx) != ERR_OK) {
        fprintf(stderr, "%s\n", ctx.text);
        return 1;
    }
    const struct intern *t = store_strings(st);
    for (size_t i = 0; i < r.count; i++) {
        const struct store_group *g = &r.groups[i];
        if (g->cells[0].n > 0)
            printf("%s\t%s\t%s\t%lld\t%.9f\t%lld\n", intern_text(t, g->dim[DIM_NAME]), intern_text(t, g->dim[DIM_MODEL]),
                   intern_text(t, g->dim[DIM_CLASS]), (long long)g->cells[0].score_n, unit_from_fixed(UNIT_RATIO, g->cells[0].sum),
                   (long long)g->cells[0].score_bad);
    }
    arena_fini(&a);
    store_close(st);
    return 0;
}
