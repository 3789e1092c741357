/* SPDX-License-Identifier: MIT */
#include "bench/localise_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "config/yaml.h"

enum { LEAVES_MAX = 20000, TABLE = 65536, TEXT_MAX = 16 << 20, COLUMNS_MAX = 16 };

/* What the columns of the known set stand for; others take the dims that are left. */
static const struct {
    const char *name;
    enum dim dim;
} known[] = {
    {"cdn", DIM_PROVIDER}, {"p2p", DIM_REGION}, {"device", DIM_DEPLOYMENT}, {"bitrate", DIM_MODEL}, {"isp", DIM_TEAM},
};
static const enum dim others[] = {DIM_ROUTE, DIM_STAGE, DIM_KEY, DIM_NAME, DIM_PROVIDER, DIM_REGION, DIM_DEPLOYMENT, DIM_MODEL, DIM_TEAM};

enum column { COLUMN_NONE = -1, COLUMN_VALUE = -2, COLUMN_COUNT = -3, COLUMN_TIME = -4 }; /* or an enum dim */

struct reader {
    struct intern *strings;
    char *text;
    struct localise_leaf *leaves;
    uint32_t *table; /* leaf + 1 by hash of its dims */
    struct {
        char name[32];
        enum dim dim;
    } column[COLUMNS_MAX];
    size_t columns;
};

static bool read_file(const char *path, char *out, struct str *ret)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return false;
    size_t n = fread(out, 1, TEXT_MAX - 1, f);
    fclose(f);
    *ret = (struct str){out, n};
    return n < TEXT_MAX - 1;
}

static struct str cut(struct str *rest, char at)
{
    const char *p = memchr(rest->p, at, rest->n);
    size_t n = p != NULL ? (size_t)(p - rest->p) : rest->n;
    struct str head = {rest->p, n};
    rest->p += p != NULL ? n + 1 : n;
    rest->n -= p != NULL ? n + 1 : n;
    if (at == '\n' && head.n > 0 && head.p[head.n - 1] == '\r')
        head.n--;
    return head;
}

static uint32_t intern_it(struct reader *r, struct str s)
{
    uint32_t id = 0;
    if (intern_add(r->strings, s, &id) != ERR_OK)
        exit(EXIT_FAILURE);
    return id;
}

static bool dim_of(struct reader *r, struct str name, enum dim *ret)
{
    uint32_t taken = 0;
    for (size_t i = 0; i < r->columns; i++) {
        if (str_eq_z(name, r->column[i].name)) {
            *ret = r->column[i].dim;
            return true;
        }
        taken |= DIM_BIT(r->column[i].dim);
    }
    if (r->columns == COLUMNS_MAX || name.n >= sizeof r->column[0].name)
        return false;
    size_t i = 0;
    enum dim dim = DIM_COUNT;
    for (i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_eq_z(name, known[i].name))
            dim = known[i].dim;
    for (i = 0; dim == DIM_COUNT && i < sizeof others / sizeof others[0]; i++)
        if ((taken & DIM_BIT(others[i])) == 0)
            dim = others[i];
    if (dim == DIM_COUNT)
        return false;
    memcpy(r->column[r->columns].name, name.p, name.n);
    r->column[r->columns].name[name.n] = '\0';
    r->column[r->columns++].dim = dim;
    *ret = dim;
    return true;
}

static struct localise_leaf *leaf_of(struct reader *r, struct localise_case *c, const uint32_t dim[DIM_COUNT])
{
    uint32_t at = (uint32_t)hash_bytes(dim, DIM_COUNT * sizeof dim[0], 0) % TABLE;
    for (; r->table[at] != 0; at = (at + 1) % TABLE)
        if (memcmp(r->leaves[r->table[at] - 1].dim, dim, DIM_COUNT * sizeof dim[0]) == 0)
            return &r->leaves[r->table[at] - 1];
    if (c->count == LEAVES_MAX)
        return NULL;
    struct localise_leaf *l = &r->leaves[c->count++];
    *l = (struct localise_leaf){.n = 0};
    memcpy(l->dim, dim, sizeof l->dim);
    r->table[at] = (uint32_t)c->count;
    return l;
}

static bool read_header(struct reader *r, struct str header, int what[COLUMNS_MAX], struct localise_case *c)
{
    unsigned seen = 0;
    for (int i = 0; i < COLUMNS_MAX; i++) {
        struct str name = header.n > 0 ? cut(&header, ',') : (struct str){"", 0};
        enum dim dim;
        what[i] = COLUMN_NONE;
        if (name.n == 0)
            continue;
        what[i] = str_eq_z(name, "value")                                ? COLUMN_VALUE
                  : str_eq_z(name, "cnt")                                ? COLUMN_COUNT
                  : str_eq_z(name, "min") || str_eq_z(name, "timestamp") ? COLUMN_TIME
                                                                         : COLUMN_NONE;
        seen |= what[i] < COLUMN_NONE ? 1u << -what[i] : 0;
        if (what[i] == COLUMN_NONE && dim_of(r, name, &dim)) {
            what[i] = (int)dim;
            c->dims |= DIM_BIT(dim);
        }
    }
    return seen == (1u << -COLUMN_VALUE | 1u << -COLUMN_COUNT | 1u << -COLUMN_TIME);
}

static bool read_rows(struct reader *r, const char *path, int64_t now_s, struct localise_case *c)
{
    struct str rest;
    int what[COLUMNS_MAX];

    memset(r->table, 0, TABLE * sizeof r->table[0]);
    if (!read_file(path, r->text, &rest) || !read_header(r, cut(&rest, '\n'), what, c))
        return false;
    while (rest.n > 0) {
        struct str line = cut(&rest, '\n');
        uint32_t dim[DIM_COUNT] = {0};
        double bad = 0, n = 0;
        int64_t at = 0;
        bool ok = line.n > 0;
        for (int i = 0; i < COLUMNS_MAX && line.n > 0; i++) {
            struct str field = cut(&line, ',');
            if (what[i] == COLUMN_VALUE)
                ok = ok && str_to_f64(field, &bad);
            else if (what[i] == COLUMN_COUNT)
                ok = ok && str_to_f64(field, &n);
            else if (what[i] == COLUMN_TIME)
                ok = ok && str_to_i64(field, &at);
            else if (what[i] != COLUMN_NONE)
                dim[what[i]] = intern_it(r, field);
        }
        struct localise_leaf *l = ok && at <= now_s ? leaf_of(r, c, dim) : NULL;
        if (l == NULL)
            continue;
        *(at == now_s ? &l->n : &l->past_n) += n;
        *(at == now_s ? &l->bad : &l->past_bad) += bad;
    }
    c->leaves = r->leaves;
    return c->count > 0;
}

static bool read_cause(struct reader *r, const struct yaml_node *n, struct localise_case *c)
{
    struct localise_cause *cause = &c->causes[c->cause_count];
    memset(cause, 0, sizeof *cause);
    for (size_t i = 0; n->kind == YAML_MAPPING && i < r->columns; i++) {
        const struct yaml_node *v = yaml_get(n, r->column[i].name);
        if (v != NULL)
            cause->dim[r->column[i].dim] = intern_it(r, v->text);
    }
    return n->kind == YAML_MAPPING;
}

size_t localise_each(const char *dir, struct intern *strings, void (*use)(void *ctx, const struct localise_case *c), void *ctx)
{
    struct reader r = {.strings = strings,
                       .text = malloc(TEXT_MAX),
                       .leaves = malloc(LEAVES_MAX * sizeof *r.leaves),
                       .table = malloc(TABLE * sizeof *r.table)};
    char path[4096], *labels = malloc(TEXT_MAX), name[256];
    const struct yaml_node *root;
    struct errctx why = {.text = ""};
    struct arena a;
    struct str text;
    size_t cases = 0;

    arena_init(&a, 64 << 20);
    snprintf(path, sizeof path, "%s/anomaly.yaml", dir);
    if (r.text == NULL || r.leaves == NULL || r.table == NULL || labels == NULL || !read_file(path, labels, &text))
        goto out;
    if (yaml_parse(text, "anomaly.yaml", &a, &root, &why) != ERR_OK) {
        fprintf(stderr, "%s\n", why.text);
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_node *data = yaml_get(root->items[i], "data"), *at = yaml_get(root->items[i], "timestamp"),
                               *cause = yaml_get(root->items[i], "cause");
        struct localise_case c = {.name = name};
        int64_t now_s;
        if (data == NULL || cause == NULL || at == NULL || !str_to_i64(at->text, &now_s))
            continue;
        snprintf(name, sizeof name, "%.*s", (int)data->text.n, data->text.p);
        snprintf(path, sizeof path, "%s/%s.csv", dir, name);
        if (!read_rows(&r, path, now_s, &c))
            continue;
        for (size_t k = 0; cause->kind == YAML_SEQUENCE && k < cause->count && c.cause_count < LOCALISE_CAUSES_MAX; k++)
            c.cause_count += read_cause(&r, cause->items[k], &c);
        c.cause_count += cause->kind == YAML_MAPPING && read_cause(&r, cause, &c);
        if (c.cause_count == 0)
            continue;
        use(ctx, &c);
        cases++;
    }
out:
    arena_fini(&a);
    free(labels);
    free(r.table);
    free(r.leaves);
    free(r.text);
    return cases;
}

bool localise_is_cause(const struct localise_case *c, const enum dim *dim, const uint32_t *id, uint32_t count)
{
    struct localise_cause named = {{0}};
    for (uint32_t i = 0; i < count; i++)
        named.dim[dim[i]] = id[i];
    for (size_t i = 0; i < c->cause_count; i++)
        if (memcmp(&named, &c->causes[i], sizeof named) == 0)
            return true;
    return false;
}
