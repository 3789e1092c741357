/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"
#include "bench/suspects.h"

enum { COMPONENTS = 256 };
static const double threshold = 5;

/* Deviation of a value from the usual; < 0: not anomalous. */
static double score_of(const struct rootrank_series *s, double value)
{
    double *list = calloc(s->before_count + 1, sizeof *list), score = -1;
    size_t n = 0;
    if (list == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < s->before_count; i++)
        if (isfinite(s->before[i]))
            list[n++] = s->before[i];
    stat_sort(list, n);
    const double middle = stat_sorted_quantile(list, n, 0.5);
    const bool constant = n > 0 && list[0] == list[n - 1];
    for (size_t i = 0; i < n; i++)
        list[i] = fabs(list[i] - middle);
    stat_sort(list, n);
    const double deviation = 1.4826 * stat_sorted_quantile(list, n, 0.5);
    if (n >= 10 && isfinite(value)) {
        score = fabs(value - middle) / (constant ? 1 : deviation + 1e-9);
        score = score > (constant ? 0 : threshold) ? score : -1;
    }
    free(list);
    return score;
}

struct walk {
    const struct rootrank_input *in;
    double score[COMPONENTS], best[COMPONENTS];
    bool on_way[COMPONENTS], has_callee[COMPONENTS];
};

static void go(struct walk *w, uint32_t at, double sum)
{
    sum += w->score[at];
    w->on_way[at] = true;
    if (sum > w->best[at])
        w->best[at] = sum;
    for (size_t i = 0; i < w->in->edge_count; i++) {
        const struct rootrank_edge e = w->in->edges[i];
        if (e.caller == at && w->score[e.callee] >= 0 && !w->on_way[e.callee])
            go(w, e.callee, sum);
    }
    w->on_way[at] = false;
}

size_t suspects_peer(const struct rootrank_input *in, uint32_t *ret, size_t max)
{
    struct walk w = {.in = in};
    size_t count = 0, row = 0;
    if (in->component_count > COMPONENTS)
        return 0;
    for (size_t i = 0; i < COMPONENTS; i++)
        w.score[i] = w.best[i] = -1;
    const struct rootrank_series *target = &in->series[in->target];
    while (row < target->after_count && score_of(target, target->after[row]) < 0)
        row++;
    if (row == target->after_count)
        return 0;
    for (size_t i = 0; i < in->series_count; i++)
        if (row < in->series[i].after_count)
            w.score[in->series[i].component] = score_of(&in->series[i], in->series[i].after[row]);
    for (size_t i = 0; i < in->edge_count; i++)
        if (w.score[in->edges[i].callee] >= 0 && in->edges[i].callee != in->edges[i].caller)
            w.has_callee[in->edges[i].caller] = true;
    go(&w, in->target, 0);
    while (count < max) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < in->component_count; i++)
            if (!w.has_callee[i] && w.best[i] >= 0 && (best == UINT32_MAX || w.best[i] > w.best[best]))
                best = i;
        if (best == UINT32_MAX)
            break;
        ret[count++] = best;
        w.best[best] = -1;
    }
    return count;
}
