/* SPDX-License-Identifier: MIT */
#include "ui/draw/plan.h"

static int grow_rank(const struct plan_block *b)
{
    return b->grow ? b->grow : b->rank;
}

static int last_rank(const struct plan_block *b, int count)
{
    int last = 0;
    for (int i = 0; i < count; i++) {
        last = plan_max(last, plan_max(b[i].rank, grow_rank(&b[i])));
    }
    return last;
}

/* Each below the one before it. */
static void stand(struct plan_block *b, int count)
{
    int y = 0;
    for (int i = 0; i < count; i++) {
        b[i].y = y;
        y += b[i].h;
    }
}

void plan_rows(struct plan_block *b, int count, int rows)
{
    int left = plan_max(rows, 0);
    int ranks = last_rank(b, count);
    for (int i = 0; i < count; i++) {
        b[i].h = 0;
    }
    for (int rank = 1; rank <= ranks; rank++) {
        for (int i = 0; i < count; i++) {
            int need = plan_min(b[i].min, b[i].want);
            if (b[i].rank == rank) {
                b[i].h = need <= left ? need : rank == 1 ? left : 0;
                left -= b[i].h;
            }
        }
    }
    for (int rank = 1; rank <= ranks; rank++) {
        for (int i = 0; i < count; i++) {
            if (grow_rank(&b[i]) == rank && b[i].h > 0) {
                int more = plan_max(plan_min(b[i].want - b[i].h, left), 0);
                b[i].h += more;
                left -= more;
            }
        }
    }
    stand(b, count);
}

int plan_left(const struct plan_block *b, int count, int rows)
{
    int left = plan_max(rows, 0);
    for (int i = 0; i < count; i++) {
        left -= b[i].h;
    }
    return left;
}

void plan_give(struct plan_block *b, int count, int rows, int at, int more)
{
    int given = plan_max(plan_min(more, plan_left(b, count, rows)), 0);
    if (b[at].h > 0) {
        b[at].h += given;
        b[at].want += given;
        stand(b, count);
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
