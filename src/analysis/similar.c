/* SPDX-License-Identifier: MIT */
#include "analysis/similar.h"

#include <stdbool.h>
#include <string.h>

/* Rules most, and how it went least: an outage and a deploy beside it look alike. */
static const double rules_weight = 4, values_weight = 3, suspects_weight = 2, shape_weight = 1;

static bool has(const struct similar_words *w, const char *word)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->list[i], word) == 0)
            return true;
    return false;
}

struct tally {
    double sum, weights;
};

static void add(struct tally *t, const struct similar_words *a, const struct similar_words *b, double weight)
{
    size_t both = 0;
    if (a->count == 0 || b->count == 0)
        return;
    for (size_t i = 0; i < a->count; i++)
        both += has(b, a->list[i]);
    t->sum += weight * (double)both / (double)(a->count + b->count - both);
    t->weights += weight;
}

double similar_score(const struct similar_incident *a, const struct similar_incident *b)
{
    struct tally t = {0, 0};
    add(&t, &a->rules, &b->rules, rules_weight);
    add(&t, &a->values, &b->values, values_weight);
    add(&t, &a->suspects, &b->suspects, suspects_weight);
    add(&t, &a->shape, &b->shape, shape_weight);
    return t.weights > 0 ? t.sum / t.weights : 0;
}
