/* SPDX-License-Identifier: MIT */
/* Shares the rows of a pane among its blocks: by rank, first what each block needs, then what it would like. */
#ifndef GWTOP_UI_DRAW_PLAN_H
#define GWTOP_UI_DRAW_PLAN_H

#include <stddef.h>

struct plan_block {
    int min, want; /* rows; want 0: the block has nothing to show. The first rank takes less than min when there is less */
    int rank;      /* 1 is served first; blocks of one rank in their order */
    int y, h;      /* result: h 0 = not shown */
    int grow;      /* rank at which it gets what it would like beyond its need; 0 = rank */
};

/* Blocks stand below each other in array order from row 0 on. Invariant: the sum of h is at most rows. Pure. */
void plan_rows(struct plan_block *b, int count, int rows);

/* Rows that nobody asked for, after plan_rows. Pure. */
int plan_left(const struct plan_block *b, int count, int rows);
/* Gives block `at`, when it is shown, up to `more` of them. What it wants grows with it. */
void plan_give(struct plan_block *b, int count, int rows, int at, int more);

int plan_min(int a, int b);
int plan_max(int a, int b);
int plan_count(size_t n); /* as rows: at most 1,000, more than any screen has */

#endif
