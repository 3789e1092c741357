/* SPDX-License-Identifier: MIT */
#include "bench/nab_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsontree.h"

const struct nab_profile nab_profiles[NAB_PROFILES] = {
    {"standard", 0.11, 1}, {"reward_low_FP_rate", 0.22, 1}, {"reward_low_FN_rate", 0.11, 2}};

/* ---- reading ---- */

/* The whole file, NUL-terminated; NULL when there is none. */
static char *slurp(const char *folder, const char *name, size_t *ret_bytes)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    size_t cap = 1 << 22, n = 0;
    char *text = malloc(cap + 1);
    for (size_t got = 1; text != NULL && got > 0; n += got) {
        if (n == cap) {
            cap *= 2;
            text = realloc(text, cap + 1);
        }
        got = text != NULL ? fread(text + n, 1, cap - n, f) : 0;
    }
    fclose(f);
    if (text == NULL)
        exit(EXIT_FAILURE);
    text[n] = '\0';
    *ret_bytes = n;
    return text;
}

/* "2014-04-10 07:15:00", with or without a fraction. Days by Howard Hinnant's days_from_civil, for years after 1970. */
static bool read_time(const char *text, int64_t *ret_ms)
{
    int y, m, d, h, mi, s;
    if (sscanf(text, "%d-%d-%d %d:%d:%d", &y, &m, &d, &h, &mi, &s) != 6)
        return false;
    y -= m <= 2;
    int64_t era = y / 400, of_era = y % 400, of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t day = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    *ret_ms = (((day * 24 + h) * 60 + mi) * 60 + s) * 1000;
    return true;
}

static bool read_rows(const char *folder, struct nab_file *f)
{
    char name[NAB_NAME_MAX + 8];
    size_t bytes, cap = 0;
    snprintf(name, sizeof name, "data/%s", f->name);
    char *text = slurp(folder, name, &bytes);
    if (text == NULL)
        return false;
    for (size_t i = 0; i < bytes; i++)
        cap += text[i] == '\n';
    f->wall_ms = calloc(cap + 1, sizeof *f->wall_ms);
    f->value = calloc(cap + 1, sizeof *f->value);
    f->score = calloc(cap + 1, sizeof *f->score);
    if (f->wall_ms == NULL || f->value == NULL || f->score == NULL)
        exit(EXIT_FAILURE);
    for (char *line = strchr(text, '\n'); line != NULL && line[1] != '\0'; line = strchr(line + 1, '\n')) {
        const char *comma = strchr(line + 1, ',');
        if (comma == NULL || !read_time(line + 1, &f->wall_ms[f->rows]))
            break;
        f->value[f->rows++] = strtod(comma + 1, NULL);
    }
    free(text);
    return f->rows > 0;
}

static size_t row_at(const struct nab_file *f, struct str time)
{
    int64_t ms = 0;
    size_t i = 0;
    char text[64];
    if (!str_copy(text, sizeof text, time) || !read_time(text, &ms))
        exit(EXIT_FAILURE);
    while (i < f->rows && f->wall_ms[i] != ms)
        i++;
    return i;
}

static int group_of(struct nab *n, const char *name)
{
    char group[NAB_NAME_MAX];
    (void)str_format(group, sizeof group, "%s", name);
    group[strcspn(group, "/")] = '\0';
    for (int i = 0; i < n->groups; i++)
        if (strcmp(n->group[i], group) == 0)
            return i;
    memcpy(n->group[n->groups], group, sizeof group);
    return n->groups++;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct nab_file *)a)->name, ((const struct nab_file *)b)->name);
}

bool nab_load(const char *folder, struct nab *ret)
{
    struct arena a;
    const struct jsontree *tree;
    size_t bytes;
    memset(ret, 0, sizeof *ret);
    char *text = slurp(folder, "labels/combined_windows.json", &bytes);
    if (text == NULL)
        return false;
    arena_init(&a, 64 << 20);
    if (jsontree_parse((struct str){text, bytes}, &a, &tree, NULL) != ERR_OK)
        exit(EXIT_FAILURE);
    for (const struct jsontree *j = tree->child; j != NULL && ret->count < NAB_FILES_MAX; j = j->next) {
        struct nab_file *f = &ret->files[ret->count];
        memset(f, 0, sizeof *f);
        if (!str_copy(f->name, sizeof f->name, j->key) || !read_rows(folder, f))
            continue;
        for (const struct jsontree *w = j->child; w != NULL && f->windows < NAB_WINDOWS_MAX; w = w->next) {
            f->left[f->windows] = row_at(f, w->child->text);
            f->right[f->windows++] = row_at(f, w->child->next->text);
        }
        f->group = group_of(ret, f->name);
        ret->windows += f->windows;
        ret->count++;
    }
    qsort(ret->files, ret->count, sizeof ret->files[0], by_name);
    arena_fini(&a);
    free(text);
    return ret->count > 0;
}

void nab_free(struct nab *n)
{
    for (size_t i = 0; i < n->count; i++) {
        free(n->files[i].wall_ms);
        free(n->files[i].value);
        free(n->files[i].score);
    }
}

bool nab_read_scores(const char *folder, const char *detector, struct nab *n)
{
    for (size_t i = 0; i < n->count; i++) {
        struct nab_file *f = &n->files[i];
        const char *slash = strchr(f->name, '/');
        char name[3 * NAB_NAME_MAX];
        size_t bytes, row = 0;
        int column = 0;
        snprintf(name, sizeof name, "results/%s/%.*s/%s_%s", detector, (int)(slash - f->name), f->name, detector, slash + 1);
        char *text = slurp(folder, name, &bytes);
        if (text == NULL)
            return false;
        char *line = strchr(text, '\n'), *at = strstr(text, "anomaly_score");
        for (const char *p = text; at != NULL && p < at; p++)
            column += *p == ',';
        for (; line != NULL && line[1] != '\0' && row < f->rows; line = strchr(line + 1, '\n')) {
            const char *cell = line + 1;
            for (int c = 0; c < column && cell != NULL; c++) {
                cell = strchr(cell, ',');
                cell = cell != NULL ? cell + 1 : NULL;
            }
            f->score[row++] = cell != NULL ? strtod(cell, NULL) : 0;
        }
        free(text);
        if (at == NULL || row != f->rows)
            return false;
    }
    return true;
}

/* ---- scoring ---- */

/* 1 long before, 0 at the right edge of a window, -1 far behind it. */
static double sigmoid(double position)
{
    return position >= 3 ? -1 : 2 / (1 + exp(5 * position)) - 1;
}

struct point {
    double score, worth; /* worth: as a detection */
    int window;          /* -1 = in none */
};
struct points {
    struct point *at;
    size_t count;
    int windows;
};

static void add_file(const struct nab_file *f, double least, struct points *p)
{
    size_t probation = (size_t)fmin(floor(0.15 * (double)f->rows), 750), w = 0;
    double behind = -1, width = 0; /* the last window's right edge, and its width */
    for (size_t i = 0; i < f->rows; i++) {
        bool in = w < f->windows && i >= f->left[w];
        double worth;
        if (in)
            worth = sigmoid(-((double)f->right[w] - (double)i + 1) / ((double)(f->right[w] - f->left[w]) + 1)) / sigmoid(-1);
        else
            worth = behind < 0 ? -1 : sigmoid(((double)i - behind) / width);
        if (i >= probation && f->score[i] >= least)
            p->at[p->count++] = (struct point){f->score[i], worth, in ? p->windows + (int)w : -1};
        if (in && i == f->right[w]) {
            behind = (double)i;
            width = (double)(f->right[w] - f->left[w]);
            w++;
        }
    }
    p->windows += (int)f->windows;
}

static int falling(const void *a, const void *b)
{
    double x = ((const struct point *)a)->score, y = ((const struct point *)b)->score;
    return (x < y) - (x > y);
}

static struct points collect(const struct nab *n, unsigned groups, double least)
{
    struct points p = {.count = 0};
    size_t rows = 0;
    for (size_t i = 0; i < n->count; i++)
        rows += n->files[i].rows;
    p.at = calloc(rows + 1, sizeof *p.at);
    if (p.at == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < n->count; i++)
        if ((groups >> n->files[i].group & 1) != 0)
            add_file(&n->files[i], least, &p);
    qsort(p.at, p.count, sizeof *p.at, falling);
    return p;
}

/* From the highest score down: the result at the threshold where it is best, or at the last one. */
static struct nab_result sweep(const struct nab *n, unsigned groups, const struct nab_profile *profile, double least, bool best_of)
{
    static double got[NAB_FILES_MAX * NAB_WINDOWS_MAX];
    struct points p = collect(n, groups, least);
    double none = -profile->fn * p.windows;
    struct nab_result now = {.raw = none, .threshold = INFINITY}, best = now;
    for (int i = 0; i < p.windows; i++)
        got[i] = -profile->fn;
    for (size_t i = 0; i < p.count;) {
        double threshold = p.at[i].score;
        for (; i < p.count && p.at[i].score == threshold; i++) {
            const struct point *q = &p.at[i];
            if (q->window < 0) {
                now.raw += profile->fp * q->worth;
                now.false_alarms++;
            } else if (q->worth > got[q->window]) {
                now.raw += q->worth - got[q->window];
                now.found += got[q->window] == -profile->fn;
                got[q->window] = q->worth;
            }
        }
        now.threshold = threshold;
        best = !best_of || now.raw > best.raw ? now : best;
    }
    best.score = p.windows > 0 ? 100 * (best.raw - none) / (p.windows - none) : 0;
    free(p.at);
    return best;
}

struct nab_result nab_best(const struct nab *n, unsigned groups, const struct nab_profile *p)
{
    return sweep(n, groups, p, -INFINITY, true);
}

struct nab_result nab_at(const struct nab *n, unsigned groups, const struct nab_profile *p, double threshold)
{
    return sweep(n, groups, p, threshold, false);
}

double nab_leave_one_group_out(const struct nab *n, const struct nab_profile *p)
{
    double raw = 0;
    for (int g = 0; g < n->groups; g++)
        raw += nab_at(n, 1u << g, p, nab_best(n, ~(1u << g), p).threshold).raw;
    return 100 * (raw + p->fn * (double)n->windows) / ((1 + p->fn) * (double)n->windows);
}
