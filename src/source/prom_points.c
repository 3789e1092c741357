/* SPDX-License-Identifier: MIT */
#include "source/prom_points.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct point {
    int64_t t_ms;
    double v;
    uint32_t series, target;
    uint32_t seq;       /* order of arrival */
    uint32_t histogram; /* number + 1, 0 = v is the value */
};

struct histogram {
    double count, sum;
    size_t first, buckets; /* of all buckets */
};

/* A series' text is its name and then each label's name and value, every one ended by a NUL: unique, and splittable again. */
struct labelled {
    size_t text, len;
    uint32_t target, labels, points;
};

struct prom_points {
    struct buf text;
    struct labelled *series;
    size_t series_count, series_cap;
    struct point *points;
    size_t count, cap;
    struct histogram *histograms;
    size_t histogram_count, histogram_cap;
    struct promjson_bucket *buckets;
    size_t bucket_count, bucket_cap;
};

struct prom_points *prom_points_new(void)
{
    struct prom_points *p = calloc(1, sizeof *p);
    if (p != NULL)
        buf_init(&p->text, PROM_TEXT_MAX);
    return p;
}

void prom_points_free(struct prom_points *p)
{
    if (p == NULL)
        return;
    buf_fini(&p->text);
    free(p->series);
    free(p->points);
    free(p->histograms);
    free(p->buckets);
    free(p);
}

/* What one large answer took (a window of the past) is given back when the next ones are small. */
void prom_points_reset(struct prom_points *p)
{
    if (p->cap > (size_t)64 * 1024 && p->count < p->cap / 8) {
        free(p->points);
        p->points = NULL;
        p->cap = 0;
    }
    if (p->text.cap > (size_t)1 << 20 && p->text.len < p->text.cap / 8) {
        buf_fini(&p->text);
        buf_init(&p->text, PROM_TEXT_MAX);
    }
    buf_reset(&p->text);
    p->series_count = p->count = p->histogram_count = p->bucket_count = 0;
}

static enum err append_z(struct buf *b, struct str s)
{
    enum err e = buf_append(b, s.p, strnlen(s.p, s.n)); /* a NUL inside would end it: what follows is cut */
    return e == ERR_OK ? buf_append_char(b, '\0') : e;
}

enum err prom_points_series(struct prom_points *p, uint32_t target, const struct promjson_label *labels, size_t count)
{
    if (p->series_count == p->series_cap) {
        size_t cap = p->series_cap == 0 ? 1024 : p->series_cap * 2;
        struct labelled *list = cap > PROM_POINTS_MAX ? NULL : realloc(p->series, cap * sizeof *list);
        if (list == NULL)
            return cap > PROM_POINTS_MAX ? ERR_LIMIT : ERR_NOMEM;
        p->series = list;
        p->series_cap = cap;
    }
    struct labelled s = {.text = p->text.len, .target = target};
    struct str name = {"", 0};
    for (size_t i = 0; i < count; i++) {
        if (str_eq_z(labels[i].name, "__name__"))
            name = labels[i].value;
    }
    enum err e = append_z(&p->text, name);
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        if (str_eq_z(labels[i].name, "__name__") || s.labels >= EXPO_LABELS_MAX)
            continue;
        e = append_z(&p->text, labels[i].name);
        if (e == ERR_OK)
            e = append_z(&p->text, labels[i].value);
        s.labels++;
    }
    s.len = p->text.len - s.text;
    if (e == ERR_OK)
        p->series[p->series_count++] = s;
    return e;
}

/* Room for n more elements; *list is of `cap` elements of `size` bytes. */
static enum err make_room(void **list, size_t *cap, size_t count, size_t n, size_t size, size_t max)
{
    if (n <= *cap - count)
        return ERR_OK;
    size_t want = *cap == 0 ? 4096 : *cap;
    while (want - count < n && want <= max)
        want *= 2;
    if (want > max)
        return ERR_LIMIT;
    void *grown = realloc(*list, want * size);
    if (grown == NULL)
        return ERR_NOMEM;
    *list = grown;
    *cap = want;
    return ERR_OK;
}

static enum err add_histogram(struct prom_points *p, const struct promjson_point *point, uint32_t *ret)
{
    void *list = p->histograms, *buckets = p->buckets;
    enum err e = make_room(&list, &p->histogram_cap, p->histogram_count, 1, sizeof *p->histograms, PROM_POINTS_MAX);
    p->histograms = list;
    if (e == ERR_OK)
        e = make_room(&buckets, &p->bucket_cap, p->bucket_count, point->bucket_count, sizeof *p->buckets, PROM_BUCKETS_MAX);
    p->buckets = buckets;
    if (e != ERR_OK)
        return e;
    if (point->bucket_count > 0)
        memcpy(p->buckets + p->bucket_count, point->buckets, point->bucket_count * sizeof *p->buckets);
    p->histograms[p->histogram_count++] = (struct histogram){point->hist_count, point->hist_sum, p->bucket_count, point->bucket_count};
    p->bucket_count += point->bucket_count;
    *ret = (uint32_t)p->histogram_count;
    return ERR_OK;
}

enum err prom_points_add(struct prom_points *p, const struct promjson_point *point)
{
    void *list = p->points;
    uint32_t histogram = 0;
    enum err e = make_room(&list, &p->cap, p->count, 1, sizeof *p->points, PROM_POINTS_MAX);
    p->points = list;
    if (e == ERR_OK && point->is_histogram)
        e = add_histogram(p, point, &histogram);
    if (e != ERR_OK)
        return e;
    struct labelled *s = &p->series[p->series_count - 1];
    s->points++;
    p->points[p->count] =
        (struct point){point->t_ms, point->value, (uint32_t)(p->series_count - 1), s->target, (uint32_t)p->count, histogram};
    p->count++;
    return ERR_OK;
}

size_t prom_points_count(const struct prom_points *p)
{
    return p->count;
}

static int by_instant(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    if (x->t_ms != y->t_ms)
        return x->t_ms < y->t_ms ? -1 : 1;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Whether the points [from, to) of one target, sorted, have far more instants than their busiest series has points. */
static bool is_scattered(const struct prom_points *p, size_t from, size_t to)
{
    size_t instants = 0, busiest = 0;
    for (size_t i = from; i < to; i++) {
        instants += i == from || p->points[i].t_ms != p->points[i - 1].t_ms;
        busiest = p->series[p->points[i].series].points > busiest ? p->series[p->points[i].series].points : busiest;
    }
    return instants > 4 && instants > 2 * busiest; /* restarts and late series make a few more, not twice as many */
}

static void put_on_grid(struct prom_points *p, size_t from, size_t to, int64_t grid_ms)
{
    for (size_t i = from; i < to; i++) {
        int64_t rest = p->points[i].t_ms % grid_ms;
        p->points[i].t_ms += rest == 0 ? 0 : grid_ms - rest;
    }
}

/* Of several points of one series at one instant the last one stands. */
static void drop_doubles(struct prom_points *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct point *last = kept > 0 ? &p->points[kept - 1] : NULL;
        if (last != NULL && last->series == p->points[i].series && last->t_ms == p->points[i].t_ms)
            *last = p->points[i];
        else
            p->points[kept++] = p->points[i];
    }
    p->count = kept;
}

void prom_points_order(struct prom_points *p, struct prom_target_grid *grids, int64_t grid_ms)
{
    if (p->count == 0) /* qsort takes no NULL */
        return;
    qsort(p->points, p->count, sizeof *p->points, by_instant);
    bool moved = false;
    for (size_t from = 0, to; from < p->count; from = to) {
        uint32_t target = p->points[from].target;
        for (to = from; to < p->count && p->points[to].target == target; to++) {
        }
        grids[target].on |= is_scattered(p, from, to);
        if (grids[target].on)
            put_on_grid(p, from, to, grid_ms);
        moved |= grids[target].on;
    }
    if (moved)
        qsort(p->points, p->count, sizeof *p->points, by_instant);
    drop_doubles(p);
}

size_t prom_points_run(const struct prom_points *p, size_t i, uint32_t *ret_target, int64_t *ret_t_ms)
{
    if (i >= p->count)
        return 0;
    size_t n = 1;
    while (i + n < p->count && p->points[i + n].target == p->points[i].target && p->points[i + n].t_ms == p->points[i].t_ms)
        n++;
    *ret_target = p->points[i].target;
    *ret_t_ms = p->points[i].t_ms;
    return n;
}

bool prom_points_is_histogram(const struct prom_points *p, size_t i)
{
    return p->points[i].histogram != 0;
}

void prom_points_sample(const struct prom_points *p, size_t i, struct expo_label *labels, struct expo_sample *ret)
{
    const struct point *point = &p->points[i];
    const struct labelled *s = &p->series[point->series];
    const char *at = p->text.data + s->text;
    struct str series = {at, s->len}, name = str_of(at);
    at += name.n + 1;
    for (uint32_t k = 0; k < s->labels; k++) {
        labels[k].name = str_of(at);
        at += labels[k].name.n + 1;
        labels[k].value = str_of(at);
        at += labels[k].value.n + 1;
        labels[k].escaped = false;
    }
    *ret = (struct expo_sample){.series = series, .name = name, .labels = labels, .label_count = s->labels, .value = point->v};
}

void prom_points_histogram(const struct prom_points *p, size_t i, struct expo_label *labels, struct source_histogram *ret)
{
    struct expo_sample s;
    prom_points_sample(p, i, labels, &s);
    const struct histogram *h = &p->histograms[p->points[i].histogram - 1];
    *ret = (struct source_histogram){s.series, s.name, s.labels, s.label_count, h->count, h->sum, p->buckets + h->first, h->buckets};
}
