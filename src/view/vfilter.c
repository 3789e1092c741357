/* SPDX-License-Identifier: MIT */
#include "view/vfilter.h"

#include <string.h>

#include "base/buf.h"
#include "config/reader.h"
#include "view/vread.h"

enum { NAMES_SHOWN = 4, NAMES_BYTES_MAX = 64 * 1024 };

static bool has(const uint32_t *ids, uint32_t count, uint32_t id)
{
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

enum err vfilter_add(const struct view_loader *l, enum dim dim, const char *value, struct store_filter *f)
{
    uint32_t *ids = arena_array(l->arena, 1, sizeof *ids);

    if (ids == NULL)
        return ERR_NOMEM;
    if (!intern_find(store_strings(l->st), str_of(value), &ids[0]))
        ids[0] = UINT32_MAX;
    f->dim[dim].ids = ids;
    f->dim[dim].count = 1;
    return ERR_OK;
}

const char *vfilter_dims(struct arena *a, uint32_t dims)
{
    const char *text = "";
    size_t n = 0;

    for (int d = 0; d < DIM_COUNT && text != NULL; d++)
        if ((dims & DIM_BIT(d)) != 0)
            text = arena_printf(a, "%s%s%s", text, n++ > 0 ? " and " : "", dim_name((enum dim)d));
    return text;
}

static bool accepts(const struct store_filter *f, const struct series *s)
{
    for (int d = 0; d < DIM_COUNT; d++)
        if (f->dim[d].count > 0 && !has(f->dim[d].ids, f->dim[d].count, s->dim[d]))
            return false;
    return true;
}

bool vfilter_matches(const struct store *st, enum signal s, const struct store_filter *f)
{
    for (size_t i = 0; i < store_series_count(st); i++) {
        const struct series *sr = store_series_at(st, i);
        if ((s == SIG_COUNT || sr->signal == s) && accepts(f, sr))
            return true;
    }
    return false;
}

/* By values alone. */
static enum vscope compare(const struct store_filter *filter, const struct store_filter *scope)
{
    enum vscope found = VSCOPE_WITHIN;

    for (int d = 0; d < DIM_COUNT; d++) {
        uint32_t common = 0;
        if (filter->dim[d].count == 0)
            continue;
        for (uint32_t i = 0; i < scope->dim[d].count; i++)
            common += has(filter->dim[d].ids, filter->dim[d].count, scope->dim[d].ids[i]);
        if (scope->dim[d].count > 0 && common == 0)
            return VSCOPE_APART;
        if (scope->dim[d].count == 0 || common < scope->dim[d].count)
            found = VSCOPE_WIDER;
    }
    return found;
}

enum vscope vfilter_scope(const struct store *st, const struct store_filter *filter, const struct store_filter *scope, enum signal s)
{
    struct store_filter both = *filter;
    enum vscope found = compare(filter, scope);

    for (int d = 0; d < DIM_COUNT; d++)
        if (scope->dim[d].count > 0)
            both.dim[d] = scope->dim[d];
    if (found == VSCOPE_WIDER && s != SIG_COUNT && !vfilter_matches(st, s, &both) && vfilter_matches(st, s, filter) &&
        vfilter_matches(st, s, scope))
        return VSCOPE_APART;
    return found;
}

/* ---- nothing matches ---- */

/* Whether no series at all has one of the values that the filter wants of a dimension. */
static bool is_unseen(const struct store *st, const struct store_filter *f, enum dim d)
{
    struct store_filter one;

    memset(&one, 0, sizeof one);
    one.dim[d].ids = f->dim[d].ids;
    one.dim[d].count = f->dim[d].count;
    return f->dim[d].count > 0 && !vfilter_matches(st, SIG_COUNT, &one);
}

/* The names of a dimension that were recorded, joined with '|', in the order of the store. */
static enum err names_of(const struct view_loader *l, enum dim d, struct buf *out)
{
    const struct intern *strings = store_strings(l->st);
    size_t words = (intern_count(strings) + 63) / 64;
    uint64_t *told = arena_array(l->arena, words + 1, sizeof *told);
    enum err e = told != NULL ? ERR_OK : ERR_NOMEM;

    for (size_t i = 0; e == ERR_OK && i < store_series_count(l->st); i++) {
        uint32_t id = store_series_at(l->st, i)->dim[d];
        if (id == 0 || id / 64 >= words || (told[id / 64] >> id % 64 & 1) != 0)
            continue;
        told[id / 64] |= UINT64_C(1) << id % 64;
        e = buf_printf(out, "%s%s", out->len > 0 ? "|" : "", intern_text(strings, id));
    }
    return e == ERR_LIMIT ? ERR_OK : e; /* the first ones are enough for a hint */
}

/* "the nearest team is search", or some that there are. NULL when the arena is full. */
static const char *hint(struct arena *a, enum dim d, struct str value, const char *names)
{
    const char *near = nearest_name(a, value, names), *text = "";
    size_t n = 0;

    if (names[0] == '\0')
        return arena_printf(a, "no %s was ever recorded", dim_name(d));
    if (near != NULL)
        return arena_printf(a, "did you mean %s=%s?", dim_name(d), near);
    for (const char *p = names; *p != '\0' && n < NAMES_SHOWN && text != NULL; n++) {
        size_t len = strcspn(p, "|");
        text = arena_printf(a, "%s%s%s=%.*s", text, n > 0 ? ", " : "", dim_name(d), (int)len, p);
        p += len + (p[len] == '|');
        if (text != NULL && n + 1 == NAMES_SHOWN && *p != '\0')
            text = arena_printf(a, "%s, ...", text);
    }
    return text != NULL ? arena_printf(a, "recorded are %s", text) : NULL;
}

const char *vfilter_hint(const struct view_loader *l, enum dim d, const char *value)
{
    struct buf names;
    buf_init(&names, NAMES_BYTES_MAX);
    const enum err e = names_of(l, d, &names);
    const char *text = e == ERR_OK ? hint(l->arena, d, str_of(value), names.len > 0 ? names.data : "") : NULL;
    buf_fini(&names);
    return text;
}

/* What the filter says of a dimension: "nope" of "team=search team:nope". */
static struct str value_of(const char *filter, enum dim d)
{
    struct str value = {NULL, 0};

    for (const char *p = filter; *p != '\0'; p += strspn(p, " ")) {
        size_t n = strcspn(p, " "), eq = strcspn(p, "=:");
        enum dim found;
        if (eq < n && dim_by_name((struct str){p, eq}, &found) && found == d)
            value = (struct str){p + eq + 1, n - eq - 1};
        p += n;
    }
    return value;
}

enum err vfilter_nothing(const struct view_loader *l, const struct view_params *p, const char **ret, struct errctx *ctx)
{
    struct store_filter f;
    struct buf names;
    const char *text = NULL;
    enum err e = view_filter_parse(p->filter, l->st, l->arena, &f, ctx);

    *ret = "";
    if (e != ERR_OK || p->filter == NULL || p->filter[0] == '\0' || vfilter_matches(l->st, SIG_COUNT, &f))
        return e;
    enum dim d = DIM_GATEWAY;
    while (d < DIM_COUNT && !is_unseen(l->st, &f, d))
        d++;
    if (d == DIM_COUNT) {
        text = arena_printf(l->arena, "nothing recorded matches %s: each is known, but no source tells them apart together", p->filter);
    } else {
        buf_init(&names, NAMES_BYTES_MAX);
        e = names_of(l, d, &names);
        const char *near = e == ERR_OK ? hint(l->arena, d, value_of(p->filter, d), names.len > 0 ? names.data : "") : NULL;
        text = near != NULL ? arena_printf(l->arena, "nothing recorded matches %s; %s", p->filter, near) : NULL;
        buf_fini(&names);
    }
    *ret = text;
    return text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the filter");
}

/* ---- facts ---- */

struct sieve {
    const struct view_loader *l;
    struct store_filter filter;
    bool all;  /* there is no filter */
    bool none; /* nothing recorded matches it */
};

static enum err sieve_init(struct sieve *s, const struct view_loader *l, const struct view_params *p, struct errctx *ctx)
{
    *s = (struct sieve){.l = l, .all = p->filter == NULL || p->filter[0] == '\0'};
    enum err e = view_filter_parse(p->filter, l->st, l->arena, &s->filter, ctx);
    s->none = e == ERR_OK && !s->all && !vfilter_matches(l->st, SIG_COUNT, &s->filter);
    return e;
}

static enum err passes(const struct sieve *s, const char *scope, enum signal signal, bool *ret, struct errctx *ctx)
{
    struct store_filter of;

    *ret = !s->none;
    if (s->all || s->none)
        return ERR_OK;
    const char *text = vread_scope_filter(s->l->arena, scope);
    if (text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the filter");
    enum err e = view_filter_parse(text, s->l->st, s->l->arena, &of, ctx);
    if (e == ERR_USAGE) /* no condition: whatever that fact is about, the filter cannot leave it out */
        return ERR_OK;
    *ret = e == ERR_OK && vfilter_scope(s->l->st, &s->filter, &of, signal) != VSCOPE_APART;
    return e;
}

enum err vfilter_alerts(const struct view_loader *l, const struct view_params *p, struct alert **ret, size_t *ret_count, struct errctx *ctx)
{
    struct sieve s;
    size_t all = 0, n = 0;
    enum err e = sieve_init(&s, l, p, ctx);

    if (e == ERR_OK)
        e = store_alerts(l->st, p->cursor_ms, l->arena, ret, &all, ctx);
    for (size_t i = 0; e == ERR_OK && i < all; i++) {
        bool kept;
        e = passes(&s, (*ret)[i].scope, SIG_REQUESTS, &kept, ctx);
        if (e == ERR_OK && kept)
            (*ret)[n++] = (*ret)[i];
    }
    *ret_count = n;
    return e;
}

enum err vfilter_outside(const struct view_loader *l, const struct view_params *p, int64_t over_ms, struct outside **ret, size_t *ret_count,
                         struct errctx *ctx)
{
    struct sieve s;
    size_t all = 0, n = 0;
    enum err e = sieve_init(&s, l, p, ctx);

    if (e == ERR_OK)
        e = store_outside(l->st, p->cursor_ms, over_ms, l->arena, ret, &all, ctx);
    for (size_t i = 0; e == ERR_OK && i < all; i++) {
        bool kept;
        e = passes(&s, (*ret)[i].scope, SIG_REQUESTS, &kept, ctx);
        if (e == ERR_OK && kept)
            (*ret)[n++] = (*ret)[i];
    }
    *ret_count = n;
    return e;
}

enum err vfilter_incidents(const struct view_loader *l, const struct view_params *p, struct incident **ret, size_t *ret_count,
                           struct errctx *ctx)
{
    struct sieve s;
    size_t all = 0, n = 0;
    enum err e = sieve_init(&s, l, p, ctx);

    if (e == ERR_OK)
        e = store_incidents(l->st, p->cursor_ms, l->arena, ret, &all, ctx);
    for (size_t i = 0; e == ERR_OK && i < all; i++) {
        bool kept;
        enum signal together = (*ret)[i].state == INCIDENT_RESOLVED ? SIG_COUNT : SIG_REQUESTS; /* those may be many */
        e = passes(&s, (*ret)[i].scope, together, &kept, ctx);
        if (e == ERR_OK && kept)
            (*ret)[n++] = (*ret)[i];
    }
    *ret_count = n;
    return e;
}

enum err vfilter_events(const struct view_loader *l, const struct view_params *p, int64_t t0_ms, int64_t t1_ms, struct event **ret,
                        size_t *ret_count, struct errctx *ctx)
{
    struct sieve s;
    size_t all = 0, n = 0;
    enum err e = sieve_init(&s, l, p, ctx);

    if (e == ERR_OK)
        e = store_events(l->st, t0_ms, t1_ms, p->cursor_ms, l->arena, ret, &all, ctx);
    for (size_t i = 0; e == ERR_OK && i < all; i++) {
        bool kept;
        e = passes(&s, (*ret)[i].scope, SIG_COUNT, &kept, ctx);
        if (e == ERR_OK && kept)
            (*ret)[n++] = (*ret)[i];
    }
    *ret_count = n;
    return e;
}
