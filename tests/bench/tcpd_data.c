/* SPDX-License-Identifier: MIT */
#include "bench/tcpd_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsontree.h"

/* ---- reading ---- */

static const struct jsontree *parse(const char *path, struct arena *a)
{
    FILE *f = fopen(path, "rb");
    const struct jsontree *tree;
    enum { MOST = 1 << 22 };
    if (f == NULL)
        return NULL;
    char *text = arena_alloc(a, MOST);
    size_t n = text != NULL ? fread(text, 1, MOST, f) : 0;
    fclose(f);
    if (n == 0 || jsontree_parse((struct str){text, n}, a, &tree, NULL) != ERR_OK)
        exit(EXIT_FAILURE);
    return tree;
}

static double number(const struct jsontree *j)
{
    double v = (double)NAN;
    return j != NULL && j->kind == JSONTREE_NUMBER && str_to_f64(j->text, &v) ? v : (double)NAN;
}

static void read_people(const struct jsontree *j, struct tcpd_series *s)
{
    for (const struct jsontree *person = j->child; person != NULL && s->people < TCPD_PEOPLE_MAX; person = person->next) {
        struct tcpd_points *p = &s->seen[s->people++];
        for (const struct jsontree *v = person->child; v != NULL && p->count < TCPD_POINTS_MAX; v = v->next)
            p->at[p->count++] = (size_t)number(v);
    }
}

size_t tcpd_each(const char *folder, void (*use)(void *ctx, const struct tcpd_series *s), void *ctx)
{
    struct arena labels, a;
    char path[1024];
    size_t found = 0;
    snprintf(path, sizeof path, "%s/annotations.json", folder);
    arena_init(&labels, 64 << 20);
    arena_init(&a, 64 << 20);
    const struct jsontree *all = parse(path, &labels);
    for (const struct jsontree *j = all != NULL ? all->child : NULL; j != NULL; j = j->next) {
        struct tcpd_series s = {.count = 0};
        (void)str_copy(s.name, sizeof s.name, j->key);
        snprintf(path, sizeof path, "%s/%s/%s.json", folder, s.name, s.name);
        arena_reset(&a);
        const struct jsontree *data = parse(path, &a);
        if (data == NULL)
            continue;
        const struct jsontree *first = jsontree_get(data, "series")->child;
        s.count = (size_t)number(jsontree_get(data, "n_obs"));
        s.dims = (size_t)number(jsontree_get(data, "n_dim"));
        s.x = arena_array(&a, s.count, sizeof *s.x);
        size_t i = 0;
        for (const struct jsontree *v = jsontree_get(first, "raw")->child; s.x != NULL && v != NULL && i < s.count; v = v->next, i++)
            s.x[i] = isnan(number(v)) ? (i > 0 ? s.x[i - 1] : 0) : number(v);
        if (i != s.count)
            exit(EXIT_FAILURE);
        read_people(j, &s);
        use(ctx, &s);
        found++;
    }
    arena_fini(&labels);
    arena_fini(&a);
    return found;
}

/* ---- measuring ---- */

static int rising(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Sorted, each once, with 0. */
struct cuts {
    size_t *at;
    size_t count;
};

static struct cuts cuts_of(const size_t *at, size_t count)
{
    struct cuts c = {calloc(count + 2, sizeof *c.at), 1};
    if (c.at == NULL)
        exit(EXIT_FAILURE);
    if (count > 0)
        memcpy(c.at + 1, at, count * sizeof *at);
    qsort(c.at, count + 1, sizeof *c.at, rising);
    for (size_t i = 1; i <= count; i++)
        if (c.at[i] != c.at[c.count - 1])
            c.at[c.count++] = c.at[i];
    return c;
}

/* How many of the true ones are met, each by a point of its own: the nearest within 5 that is left. */
static double met(const struct cuts *truth, const struct cuts *found)
{
    bool *used = calloc(found->count, sizeof *used);
    double n = 0;
    for (size_t i = 0; used != NULL && i < truth->count; i++) {
        size_t nearest = SIZE_MAX, least = 6;
        for (size_t k = 0; k < found->count; k++) {
            size_t off = found->at[k] > truth->at[i] ? found->at[k] - truth->at[i] : truth->at[i] - found->at[k];
            if (!used[k] && off < least) {
                least = off;
                nearest = k;
            }
        }
        if (nearest != SIZE_MAX) {
            used[nearest] = true;
            n++;
        }
    }
    free(used);
    return n;
}

double tcpd_f1(const struct tcpd_series *s, const size_t *at, size_t count)
{
    struct cuts found = cuts_of(at, count);
    size_t all[TCPD_PEOPLE_MAX * TCPD_POINTS_MAX], n = 0;
    double recall = 0;
    for (size_t p = 0; p < s->people; p++) {
        struct cuts truth = cuts_of(s->seen[p].at, s->seen[p].count);
        recall += met(&truth, &found) / (double)truth.count / (double)s->people;
        memcpy(all + n, s->seen[p].at, s->seen[p].count * sizeof all[0]);
        n += s->seen[p].count;
        free(truth.at);
    }
    struct cuts together = cuts_of(all, n);
    double precision = met(&together, &found) / (double)found.count;
    free(together.at);
    free(found.at);
    return 2 * precision * recall / (precision + recall);
}

static double overlap(size_t a0, size_t a1, size_t b0, size_t b1)
{
    size_t lo = a0 > b0 ? a0 : b0, hi = a1 < b1 ? a1 : b1;
    return hi > lo ? (double)(hi - lo) / (double)((a1 > b1 ? a1 : b1) - (a0 < b0 ? a0 : b0)) : 0;
}

double tcpd_cover(const struct tcpd_series *s, const size_t *at, size_t count)
{
    struct cuts found = cuts_of(at, count);
    double sum = 0;
    for (size_t p = 0; p < s->people; p++) {
        struct cuts truth = cuts_of(s->seen[p].at, s->seen[p].count);
        for (size_t i = 0; i < truth.count; i++) {
            size_t end = i + 1 < truth.count ? truth.at[i + 1] : s->count;
            double best = 0;
            for (size_t k = 0; k < found.count; k++)
                best = fmax(best, overlap(truth.at[i], end, found.at[k], k + 1 < found.count ? found.at[k + 1] : s->count));
            sum += best * (double)(end - truth.at[i]) / (double)s->count / (double)s->people;
        }
        free(truth.at);
    }
    free(found.at);
    return sum;
}
