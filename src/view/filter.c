/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <string.h>

#include "base/str.h"

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

/* How many bytes of s there are before the first that ends it, outside quotes. */
static size_t span_unquoted(struct str s, char end)
{
    bool quoted = false;
    size_t n = 0;
    for (; n < s.n && (quoted || s.p[n] != end); n++)
        quoted = quoted != (s.p[n] == '"');
    return n;
}

struct str view_filter_word(const char **text)
{
    *text += strspn(*text, " ");
    const struct str word = {*text, span_unquoted(str_of(*text), ' ')};
    *text += word.n;
    return word;
}

bool view_filter_condition(enum dim d, struct str value, char *out, size_t cap)
{
    bool quoted = false;
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++)
        quoted = quoted || memchr(" ,\"", value.p[i], 3) != NULL;
    if (!str_format(out, cap, "%s=%s", dim_name(d), quoted ? "\"" : ""))
        return false;
    n = strlen(out);
    for (size_t i = 0; i < value.n; i++) {
        if (n + 4 > cap)
            return false;
        if (value.p[i] == '"')
            out[n++] = '"';
        out[n++] = value.p[i];
    }
    if (n + 2 > cap)
        return false;
    if (quoted)
        out[n++] = '"';
    out[n] = '\0';
    return true;
}

/* A value without the quotes around it; a pair of them within is one. p NULL when the arena is full. */
static struct str unquoted(struct str value, struct arena *a)
{
    if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
        return value;
    char *text = arena_alloc(a, value.n);
    size_t n = 0;
    for (size_t i = 1; text != NULL && i + 1 < value.n; i++) {
        text[n++] = value.p[i];
        i += value.p[i] == '"' && value.p[i + 1] == '"' && i + 2 < value.n;
    }
    return (struct str){text, n};
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
        const size_t length = span_unquoted(values, ',');
        const struct str one = unquoted((struct str){values.p, length}, a);
        uint32_t id;
        if (n == FILTER_VALUES_MAX || one.p == NULL)
            return one.p == NULL ? ERR_NOMEM : ERR_LIMIT;
        /* A value nobody has seen has no id; UINT32_MAX is never handed out, so it matches nothing. */
        ids[n++] = one.n > 0 && intern_find(store_strings(st), one, &id) ? id : UINT32_MAX;
        const size_t step = length + (length < values.n);
        values.p += step;
        values.n -= step;
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
    const char *at = text != NULL ? text : "";

    memset(&f, 0, sizeof f);
    for (struct str word = view_filter_word(&at); word.n > 0; word = view_filter_word(&at)) {
        enum err e = add_word(word, st, a, &f, ctx);
        if (e != ERR_OK)
            return e;
    }
    *ret = f;
    return ERR_OK;
}
