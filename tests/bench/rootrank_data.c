/* SPDX-License-Identifier: MIT */
#include "bench/rootrank_data.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsontree.h"

enum { TEXT_MAX = 16 << 20, NAMES_MAX = 256, ARENA_MAX = 256 << 20 };

static void *must(void *p)
{
    if (p == NULL) {
        fputs("bench: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return p;
}

/* ---- files ---- */

static bool read_text(const char *path, struct arena *a, struct str *ret)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return false;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    if (size < 0 || size > TEXT_MAX)
        exit(EXIT_FAILURE);
    char *text = must(arena_alloc(a, (size_t)size + 1));
    *ret = (struct str){text, fread(text, 1, (size_t)size, f)};
    fclose(f);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted. */
static size_t names_in(const char *folder, struct arena *a, const char *ret[NAMES_MAX])
{
    DIR *d = opendir(folder);
    size_t n = 0;
    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL && n < NAMES_MAX; e = readdir(d))
        if (e->d_name[0] != '.')
            ret[n++] = must(arena_strdup(a, str_of(e->d_name)));
    if (d != NULL)
        closedir(d);
    qsort(ret, n, sizeof *ret, by_name);
    return n;
}

/* A table of numbers under rows of names. NaN: nothing, or not a number. */
struct table {
    size_t columns, heads, rows; /* heads: lines before the first whose second cell is a number or nothing */
    const char **head;           /* [heads][columns] */
    double *value;               /* [rows][columns] */
};

static const char **cells_of(struct str line, size_t columns, struct arena *a)
{
    const char **out = must(arena_array(a, columns, sizeof *out));
    for (size_t c = 0; c < columns; c++) {
        const char *end = memchr(line.p, ',', line.n);
        const size_t n = end != NULL ? (size_t)(end - line.p) : line.n;
        out[c] = must(arena_strdup(a, (struct str){line.p, n}));
        line.p += end != NULL ? n + 1 : n;
        line.n -= end != NULL ? n + 1 : n;
    }
    return out;
}

/* With so many lines of names. */
static bool read_table(const char *path, size_t heads, struct arena *a, struct table *ret)
{
    struct str text;
    if (!read_text(path, a, &text))
        return false;
    struct table t = {.columns = 1, .heads = heads};
    for (size_t i = 0; i < text.n && text.p[i] != '\n'; i++)
        t.columns += text.p[i] == ',';
    size_t lines = 1;
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    t.head = must(arena_array(a, heads * t.columns + 1, sizeof *t.head));
    t.value = must(arena_array(a, lines * t.columns, sizeof *t.value));
    for (size_t at = 0; text.n > 0; at++) {
        const char *end = memchr(text.p, '\n', text.n);
        struct str line = {text.p, end != NULL ? (size_t)(end - text.p) : text.n};
        text.p += end != NULL ? line.n + 1 : line.n;
        text.n -= end != NULL ? line.n + 1 : line.n;
        line.n -= line.n > 0 && line.p[line.n - 1] == '\r';
        const char **cells = cells_of(line, t.columns, a);
        if (at < heads)
            memcpy(t.head + at * t.columns, cells, t.columns * sizeof *cells);
        for (size_t c = 0; at >= heads && line.n > 0 && c < t.columns; c++) {
            char *rest;
            const double v = strtod(cells[c], &rest);
            t.value[t.rows * t.columns + c] = rest != cells[c] ? v : (double)NAN;
        }
        t.rows += at >= heads && line.n > 0;
    }
    *ret = t;
    return true;
}

static double *column(const struct table *t, size_t c, struct arena *a)
{
    double *out = must(arena_array(a, t->rows + 1, sizeof *out));
    for (size_t i = 0; i < t->rows; i++)
        out[i] = t->value[i * t->columns + c];
    return out;
}

struct components {
    const char *name[ROOTRANK_COMPONENTS_MAX];
    size_t count;
};

static uint32_t component(struct components *c, const char *name)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->name[i], name) == 0)
            return i;
    if (c->count == ROOTRANK_COMPONENTS_MAX)
        exit(EXIT_FAILURE);
    c->name[c->count] = name;
    return (uint32_t)c->count++;
}

/* ---- RCD's sock shop ---- */

static bool rcd_case(const char *folder, const char *fault, const char *number, struct arena *a, rootrank_use *use, void *ctx)
{
    struct components *all = must(arena_alloc(a, sizeof *all));
    struct table before, after;
    const char *dash = strrchr(fault, '-'), *dir = must(arena_printf(a, "%s/%s/%s", folder, fault, number));
    if (dash == NULL || !read_table(must(arena_printf(a, "%s/normal.csv", dir)), 1, a, &before) ||
        !read_table(must(arena_printf(a, "%s/anomalous.csv", dir)), 1, a, &after) || before.columns != after.columns)
        return false;

    struct rootrank_series *series = must(arena_array(a, before.columns, sizeof *series));
    struct rootrank_case c = {.name = must(arena_printf(a, "%s/%s", fault, number)), .group = "sock shop", .truth_series = SIZE_MAX};
    c.truth = component(all, must(arena_strdup(a, (struct str){fault, (size_t)(dash - fault)})));
    for (size_t i = 0; i < before.columns; i++) {
        const char *name = before.head[i], *bar = strchr(name, '_');
        if (bar == NULL) /* time */
            continue;
        struct rootrank_series *s = &series[c.in.series_count];
        s->component = component(all, must(arena_strdup(a, (struct str){name, (size_t)(bar - name)})));
        s->name = bar + 1;
        s->kind = strncmp(s->name, "lat_", 4) == 0 ? ROOTRANK_TIME : ROOTRANK_LEVEL;
        s->before = column(&before, i, a);
        s->before_count = before.rows;
        s->after = column(&after, i, a);
        s->after_count = after.rows;
        if (s->component == c.truth && strcmp(s->name, dash + 1) == 0)
            c.truth_series = c.in.series_count;
        c.in.series_count++;
    }
    c.in.series = series;
    c.in.components = all->name;
    c.in.component_count = all->count;
    c.in.target = ROOTRANK_NO_TARGET;
    use(ctx, &c);
    return true;
}

size_t rcd_each(const char *folder, rootrank_use *use, void *ctx)
{
    struct arena names, a;
    const char *faults[NAMES_MAX], *numbers[NAMES_MAX];
    size_t found = 0;

    arena_init(&names, ARENA_MAX);
    arena_init(&a, ARENA_MAX);
    const size_t count = names_in(folder, &names, faults);
    for (size_t i = 0; i < count; i++) {
        const size_t runs = names_in(must(arena_printf(&names, "%s/%s", folder, faults[i])), &names, numbers);
        for (size_t k = 0; k < runs; k++) {
            arena_reset(&a);
            found += rcd_case(folder, faults[i], numbers[k], &a, use, ctx);
        }
    }
    arena_fini(&a);
    arena_fini(&names);
    return found;
}

/* ---- PetShop ---- */

enum { HEADS = 4, STEP_S = 300, AFTER_ROWS = 2 };

struct scenario {
    const char *name;
    struct components *components;
    struct rootrank_edge *edges;
    size_t edge_count;
    struct table usual;
};

static bool read_scenario(const char *folder, const char *name, struct arena *a, struct scenario *ret)
{
    struct table graph;
    struct scenario s = {.name = name, .components = must(arena_alloc(a, sizeof *s.components))};
    struct str text;
    const char *path = must(arena_printf(a, "%s/%s/graph.csv", folder, name));
    if (!read_table(path, 1, a, &graph) || !read_text(path, a, &text) ||
        !read_table(must(arena_printf(a, "%s/%s/noissue/metrics.csv", folder, name)), HEADS, a, &s.usual))
        return false;
    s.edges = must(arena_array(a, ROOTRANK_EDGES_MAX, sizeof *s.edges));
    for (size_t row = 0; row < graph.rows; row++) {
        text.p = (const char *)memchr(text.p, '\n', text.n) + 1; /* each row's name; the first line is the head */
        text.n = strlen(text.p);
        const uint32_t caller = component(s.components, must(arena_strdup(a, (struct str){text.p, strcspn(text.p, ",")})));
        for (size_t c = 1; c < graph.columns; c++)
            if (graph.value[row * graph.columns + c] > 0 && s.edge_count < ROOTRANK_EDGES_MAX)
                s.edges[s.edge_count++] = (struct rootrank_edge){caller, component(s.components, graph.head[c])};
    }
    *ret = s;
    return true;
}

static size_t find_column(const struct table *t, const char *service, const char *metric, const char *statistic)
{
    for (size_t c = 1; c < t->columns; c++)
        if (strcmp(t->head[c], service) == 0 && strcmp(t->head[t->columns + c], metric) == 0 &&
            strcmp(t->head[2 * t->columns + c], statistic) == 0)
            return c;
    return SIZE_MAX;
}

/* Rows [from, to) of a service's metric behind what is there; of availability the failures. NaN where there is no such column. */
static size_t append(const struct table *t, const char *service, const char *metric, const char *statistic, size_t from, size_t to,
                     double *out, size_t n)
{
    const size_t c = find_column(t, service, metric, statistic);
    for (size_t row = from; row < to && row < t->rows; row++) {
        const double v = c != SIZE_MAX ? t->value[row * t->columns + c] : (double)NAN;
        out[n++] = strcmp(metric, "availability") == 0 ? 1 - v / 100 : v;
    }
    return n;
}

/* What is compared: rows of the usual table up to a row, then those of another table up to a row; after: rows of that one. */
struct cut {
    size_t usual_rows, recent_rows; /* recent: rows [recent_from, recent_from + recent_rows) of `other` */
    const struct table *other;
    size_t recent_from, after_from;
};

static void petshop_case(const struct scenario *s, const struct cut *cut, struct rootrank_case *c, const char *metric, struct arena *a,
                         rootrank_use *use, void *ctx)
{
    const size_t n = s->components->count, rows = cut->usual_rows + cut->recent_rows;
    struct rootrank_series *series = must(arena_array(a, n, sizeof *series));
    for (uint32_t i = 0; i < n; i++) {
        const char *name = s->components->name[i];
        double *before = must(arena_array(a, rows + 1, sizeof *before)), *before_calls = must(arena_array(a, rows + 1, sizeof *before));
        double *after = must(arena_array(a, AFTER_ROWS, sizeof *after)), *after_calls = must(arena_array(a, AFTER_ROWS, sizeof *after));
        size_t k = append(&s->usual, name, metric, "Average", 0, cut->usual_rows, before, 0);
        k = append(cut->other, name, metric, "Average", cut->recent_from, cut->recent_from + cut->recent_rows, before, k);
        (void)append(cut->other, name, "requests", "Sum", cut->recent_from, cut->recent_from + cut->recent_rows, before_calls,
                     append(&s->usual, name, "requests", "Sum", 0, cut->usual_rows, before_calls, 0));
        size_t m = append(cut->other, name, metric, "Average", cut->after_from, cut->after_from + AFTER_ROWS, after, 0);
        (void)append(cut->other, name, "requests", "Sum", cut->after_from, cut->after_from + AFTER_ROWS, after_calls, 0);
        series[i] = (struct rootrank_series){.component = i,
                                             .kind = c->in.symptom,
                                             .name = c->in.symptom == ROOTRANK_TIME ? "latency" : "failures",
                                             .before = before,
                                             .before_calls = before_calls,
                                             .before_count = k,
                                             .after = after,
                                             .after_calls = after_calls,
                                             .after_count = m};
    }
    c->in.components = s->components->name;
    c->in.component_count = n;
    c->in.series = series;
    c->in.series_count = n;
    c->in.edges = s->edges;
    c->in.edge_count = s->edge_count;
    c->in.recent = cut->recent_rows;
    c->group = must(arena_printf(a, "%.*s %s", (int)strcspn(s->name, "0123456789"), s->name, metric));
    c->truth_series = SIZE_MAX;
    use(ctx, c);
}

static const char *text_of(const struct jsontree *j, const char *key, struct arena *a)
{
    const struct jsontree *v = j != NULL ? jsontree_get(j, key) : NULL;
    return v != NULL ? must(arena_strdup(a, v->text)) : "";
}

static bool petshop_issue(const char *folder, const struct scenario *s, const char *name, struct arena *a, rootrank_use *use, void *ctx)
{
    const char *dir = must(arena_printf(a, "%s/%s/%s", folder, s->name, name));
    struct table metrics;
    struct str text;
    const struct jsontree *root;
    if (!read_text(must(arena_printf(a, "%s/target.json", dir)), a, &text) || jsontree_parse(text, a, &root, NULL) != ERR_OK ||
        !read_table(must(arena_printf(a, "%s/metrics.csv", dir)), HEADS, a, &metrics))
        return false;
    const struct jsontree *target = jsontree_get(root, "target"), *cause = jsontree_get(root, "root_cause");
    const char *metric = text_of(target, "metric", a);
    const double onset_s = strtod(text_of(target, "timestamp", a), NULL);
    struct cut cut = {.usual_rows = s->usual.rows, .other = &metrics, .after_from = metrics.rows};
    for (size_t i = 0; i < metrics.rows; i++) {
        const double at_s = metrics.value[i * metrics.columns];
        cut.recent_rows += at_s + STEP_S <= onset_s;
        if (at_s >= onset_s && i < cut.after_from)
            cut.after_from = i;
    }
    struct rootrank_case c = {.name = must(arena_printf(a, "%s/%s", s->name, name)),
                              .truth = component(s->components, text_of(cause, "node", a)),
                              .in = {.target = component(s->components, text_of(target, "node", a)),
                                     .symptom = strcmp(metric, "latency") == 0 ? ROOTRANK_TIME : ROOTRANK_FAILURES,
                                     .onset_ms = (int64_t)onset_s * 1000}};
    petshop_case(s, &cut, &c, metric, a, use, ctx);
    return true;
}

/* Calls use with each scenario that has something to be compared with; tell: says which have not. */
static void each_scenario(const char *folder, bool tell, struct arena *a, void (*use)(const struct scenario *s, void *ctx), void *ctx)
{
    const char *names[NAMES_MAX];
    const size_t count = names_in(folder, a, names);
    for (size_t i = 0; i < count; i++) {
        struct scenario s;
        if (read_scenario(folder, names[i], a, &s))
            use(&s, ctx);
        else if (tell)
            printf("skipped: no %s/%s/noissue/metrics.csv to compare with\n", folder, names[i]);
    }
}

struct petshop {
    const char *folder;
    rootrank_use *use;
    void *ctx;
    bool all;
    size_t found;
};

static void each_issue(const struct scenario *s, void *ctx)
{
    struct petshop *p = ctx;
    struct arena a;
    const char *splits[NAMES_MAX], *names[NAMES_MAX];
    arena_init(&a, ARENA_MAX);
    const size_t count = names_in(must(arena_printf(&a, "%s/%s", p->folder, s->name)), &a, splits);
    for (size_t i = 0; i < count; i++) {
        const size_t issues = names_in(must(arena_printf(&a, "%s/%s/%s", p->folder, s->name, splits[i])), &a, names);
        for (size_t k = 0; k < issues; k++)
            p->found += petshop_issue(p->folder, s, must(arena_printf(&a, "%s/%s", splits[i], names[k])), &a, p->use, p->ctx);
    }
    arena_fini(&a);
}

/* Every issue's target is the application's entrance. */
static const char *entrance = "PetSite";

static void each_cut(const struct scenario *s, void *ctx)
{
    struct petshop *p = ctx;
    static const char *const metrics[] = {"latency", "availability"};
    const size_t step = p->all ? 1 : s->usual.rows / 10;
    struct arena a;
    arena_init(&a, ARENA_MAX);
    for (size_t m = 0; m < 2; m++) {
        for (size_t row = s->usual.rows / 2; row + 2 + AFTER_ROWS <= s->usual.rows; row += step) {
            /* As in an issue's file: one row before the onset, one that it is in, then those after. */
            const struct cut cut = {.usual_rows = row, .other = &s->usual, .recent_from = row, .recent_rows = 1, .after_from = row + 2};
            struct rootrank_case c = {
                .name = must(arena_printf(&a, "%s row %zu", s->name, row)),
                .truth = UINT32_MAX,
                .in = {.target = component(s->components, entrance), .symptom = m == 0 ? ROOTRANK_TIME : ROOTRANK_FAILURES}};
            petshop_case(s, &cut, &c, metrics[m], &a, p->use, p->ctx);
            p->found++;
            arena_reset(&a);
        }
    }
    arena_fini(&a);
}

static size_t petshop_with(struct petshop p, bool tell, void (*use)(const struct scenario *s, void *ctx))
{
    struct arena a;
    arena_init(&a, ARENA_MAX);
    p.folder = must(arena_printf(&a, "%s/dataset", p.folder));
    each_scenario(p.folder, tell, &a, use, &p);
    arena_fini(&a);
    return p.found;
}

size_t petshop_each(const char *folder, rootrank_use *use, void *ctx)
{
    return petshop_with((struct petshop){.folder = folder, .use = use, .ctx = ctx}, true, each_issue);
}

size_t petshop_quiet_each(const char *folder, bool all, rootrank_use *use, void *ctx)
{
    return petshop_with((struct petshop){.folder = folder, .use = use, .ctx = ctx, .all = all}, false, each_cut);
}
