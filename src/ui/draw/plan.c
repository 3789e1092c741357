/* SPDX-License-Identifier: MIT */
#include "ui/draw/plan.h"

/* The block of the given rank after `from`, or count. */
static int next_of_rank(const struct plan_block *b, int count, int rank, int from)
{
    while (from < count && b[from].rank != rank) {
        from++;
    }
    return from;
}

static int last_rank(const struct plan_block *b, int count)
{
    int last = 0;
    for (int i = 0; i < count; i++) {
        last = b[i].rank > last ? b[i].rank : last;
    }
    return last;
}

void plan_rows(struct plan_block *b, int count, int rows)
{
    int left = rows > 0 ? rows : 0;
    int ranks = last_rank(b, count);
    for (int i = 0; i < count; i++) {
        b[i].h = 0;
    }
    for (int rank = 1; rank <= ranks; rank++) {
        for (int i = next_of_rank(b, count, rank, 0); i < count; i = next_of_rank(b, count, rank, i + 1)) {
            int need = b[i].min < b[i].want ? b[i].min : b[i].want;
            int got = need <= left ? need : rank == 1 ? left : 0;
            b[i].h = got;
            left -= got;
        }
    }
    for (int rank = 1; rank <= ranks; rank++) {
        for (int i = next_of_rank(b, count, rank, 0); i < count; i = next_of_rank(b, count, rank, i + 1)) {
            int more = b[i].h > 0 ? b[i].want - b[i].h : 0;
            more = more > left ? left : more;
            b[i].h += more > 0 ? more : 0;
            left -= more > 0 ? more : 0;
        }
    }
    int y = 0;
    for (int i = 0; i < count; i++) {
        b[i].y = y;
        y += b[i].h;
    }
}

int plan_min(int a, int b)
{
    return a < b ? a : b;
}

int plan_max(int a, int b)
{
    return a > b ? a : b;
}

int plan_count(size_t n)
{
    return n > 1000 ? 1000 : (int)n;
}
