/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <string.h>

enum { FILTER_VALUES_MAX = 64 };

/* The known dimension names as one sentence part, for the error. */
static void dims_listed(char *out, size_t cap)
{
    size_t n = 0;
    for (int d = 0; d < DIM_COUNT; d++) {
        const char *name = dim_name((enum dim)d);
        size_t len = strlen(name);
        if (n + len + 3 > cap)
            break;
        if (n > 0) {
            memcpy(out + n, ", ", 2);
            n += 2;
        }
        memcpy(out + n, name, len);
        n += len;
    }
    out[n] = '\0';
}

/* Adds the comma-separated values of one word to the allowed ids of its dimension. */
static enum err add_values(struct str values, struct store *st, struct arena *a, const uint32_t **ret_ids, uint32_t *ret_count)
{
    uint32_t *ids = arena_array(a, FILTER_VALUES_MAX, sizeof *ids);
    uint32_t n = 0;

    if (ids == NULL)
        return ERR_NOMEM;
    if (*ret_count > 0)
        memcpy(ids, *ret_ids, *ret_count * sizeof *ids);
    n = *ret_count;
    while (values.n > 0) {
        const char *comma = memchr(values.p, ',', values.n);
        struct str one = {values.p, comma != NULL ? (size_t)(comma - values.p) : values.n};
        uint32_t id;
        if (n == FILTER_VALUES_MAX)
            return ERR_LIMIT;
        /* A value nobody has seen has no id; UINT32_MAX is never handed out, so it matches nothing. */
        ids[n++] = intern_find(store_strings(st), one, &id) ? id : UINT32_MAX;
        values.p += one.n + (comma != NULL);
        values.n -= one.n + (comma != NULL);
    }
    *ret_ids = ids;
    *ret_count = n;
    return ERR_OK;
}

/* One word, "dim=value[,value]" or "dim:value". */
static enum err add_word(struct str word, struct store *st, struct arena *a, struct store_filter *f, struct errctx *ctx)
{
    size_t eq = 0;
    enum dim d;

    while (eq < word.n && word.p[eq] != '=' && word.p[eq] != ':')
        eq++;
    if (eq == word.n || eq + 1 == word.n || !dim_by_name((struct str){word.p, eq}, &d)) {
        char names[160];
        dims_listed(names, sizeof names);
        return errctx_set(ctx, ERR_USAGE, "filter '%.*s': expected DIMENSION=VALUE with one of %s", (int)word.n, word.p, names);
    }
    enum err e = add_values((struct str){word.p + eq + 1, word.n - eq - 1}, st, a, &f->dim[d].ids, &f->dim[d].count);
    if (e == ERR_LIMIT)
        return errctx_set(ctx, ERR_USAGE, "filter: more than %d values for %s", FILTER_VALUES_MAX, dim_name(d));
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading the filter") : e;
}

enum err view_filter_parse(const char *text, struct store *st, struct arena *a, struct store_filter *ret, struct errctx *ctx)
{
    struct store_filter f;
    struct str rest = str_of(text != NULL ? text : "");

    memset(&f, 0, sizeof f);
    while (rest.n > 0) {
        size_t n = 0;
        while (n < rest.n && rest.p[n] != ' ')
            n++;
        if (n > 0) {
            enum err e = add_word((struct str){rest.p, n}, st, a, &f, ctx);
            if (e != ERR_OK)
                return e;
        }
        rest.p += n + (n < rest.n);
        rest.n -= n + (n < rest.n);
    }
    *ret = f;
    return ERR_OK;
}
