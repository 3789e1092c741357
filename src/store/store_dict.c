/* SPDX-License-Identifier: MIT */
#include "store/store_dict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "store/store_head.h"

enum { DICT_FORMAT = 1, SOURCE_ID_MAX = 65536 };

/* Doubles an array until it holds want entries. */
static enum err grow(void **array, uint32_t *cap, uint32_t want, size_t size)
{
    uint32_t next = *cap == 0 ? 64 : *cap;

    while (next < want)
        next *= 2;
    if (next == *cap)
        return ERR_OK;
    uint8_t *p = realloc(*array, next * size);
    if (p == NULL)
        return ERR_NOMEM;
    memset(p + *cap * size, 0, (next - *cap) * size);
    *array = p;
    *cap = next;
    return ERR_OK;
}

enum err store_dict_init(struct store_dict *d)
{
    *d = (struct store_dict){.hash_key = hash_random_key()};
    d->strings = intern_new(STORE_STRINGS_MAX);
    if (d->strings == NULL)
        return ERR_NOMEM;
    d->saved.strings = intern_count(d->strings); /* the empty string needs no row */
    return ERR_OK;
}

void store_dict_fini(struct store_dict *d)
{
    intern_free(d->strings);
    for (uint32_t i = 0; i < d->bounds_count; i++)
        free(d->bounds[i]);
    for (uint32_t i = 0; i < d->shard_count; i++) {
        for (uint32_t k = 0; k < d->shards[i].section_count; k++)
            free(d->shards[i].sections[k].slots);
        free(d->shards[i].sections);
        free(d->shards[i].series);
    }
    free(d->bounds);
    free(d->series);
    free(d->places);
    free(d->shards);
    free(d->newest_shard);
    free(d->hash);
    *d = (struct store_dict){.strings = NULL};
}

enum err store_dict_add_string(struct store_dict *d, struct str s, uint32_t *ret_id, struct errctx *ctx)
{
    if (s.n > STORE_STRING_BYTES_MAX)
        return errctx_set(ctx, ERR_LIMIT, "a name of %zu bytes is longer than the %d that the store keeps", s.n, STORE_STRING_BYTES_MAX);
    if (s.n > 0 && memchr(s.p, 0, s.n) != NULL)
        return errctx_set(ctx, ERR_PARSE, "a name holds a NUL byte");
    enum err e = intern_add(d->strings, s, ret_id);
    if (e == ERR_LIMIT)
        return errctx_set(ctx, e, "the store already holds %d different names; some label takes a new value all the time",
                          STORE_STRINGS_MAX);
    return e;
}

/* ---- bounds ---- */

static bool bounds_are_valid(const double *upper, uint32_t count)
{
    if (count > HIST_BOUNDS_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!isfinite(upper[i]) || (i > 0 && !(upper[i] > upper[i - 1])))
            return false;
    return true;
}

enum err store_dict_add_bounds(struct store_dict *d, const double *upper, uint32_t count, const struct hist_bounds **ret,
                               struct errctx *ctx)
{
    if (!bounds_are_valid(upper, count))
        return errctx_set(ctx, ERR_LIMIT, "histogram bounds must be at most %d finite, rising numbers", HIST_BOUNDS_MAX);
    for (uint32_t i = 0; i < d->bounds_count; i++) {
        const struct hist_bounds *b = d->bounds[i];
        if (b->count == count && (count == 0 || memcmp(b->upper, upper, count * sizeof *upper) == 0)) {
            *ret = b;
            return ERR_OK;
        }
    }
    if (d->bounds_count >= STORE_BOUNDS_SETS_MAX)
        return errctx_set(ctx, ERR_LIMIT, "the store already holds %d different sets of histogram bounds", STORE_BOUNDS_SETS_MAX);
    enum err e = grow((void **)&d->bounds, &d->bounds_cap, d->bounds_count + 1, sizeof *d->bounds);
    if (e != ERR_OK)
        return e;
    struct hist_bounds *b = malloc(sizeof *b + count * sizeof *upper);
    if (b == NULL)
        return ERR_NOMEM;
    double *copy = (double *)(b + 1);
    if (count > 0)
        memcpy(copy, upper, count * sizeof *upper);
    *b = (struct hist_bounds){.id = d->bounds_count + 1, .count = count, .upper = copy};
    d->bounds[d->bounds_count++] = b;
    *ret = b;
    return ERR_OK;
}

/* ---- shards ---- */

static enum err add_shard(struct store_dict *d, uint32_t source, uint32_t *ret_id)
{
    if (d->shard_count >= STORE_SHARDS_MAX || source >= SOURCE_ID_MAX)
        return ERR_LIMIT;
    enum err e = grow((void **)&d->shards, &d->shard_cap, d->shard_count + 1, sizeof *d->shards);
    if (e == ERR_OK)
        e = grow((void **)&d->newest_shard, &d->source_cap, source + 1, sizeof *d->newest_shard);
    if (e != ERR_OK)
        return e;
    uint32_t *series = calloc(STORE_SHARD_SERIES, sizeof *series);
    if (series == NULL)
        return ERR_NOMEM;
    d->shards[d->shard_count] = (struct store_shard){.source = source, .series = series};
    *ret_id = ++d->shard_count;
    d->newest_shard[source] = *ret_id;
    return ERR_OK;
}

enum err store_dict_any_shard(struct store_dict *d, uint32_t source, uint32_t *ret_shard)
{
    if (source < d->source_cap && d->newest_shard[source] != 0) {
        *ret_shard = d->newest_shard[source];
        return ERR_OK;
    }
    return add_shard(d, source, ret_shard);
}

/* ---- series ---- */

static uint64_t series_hash(const struct store_dict *d, const struct series *s)
{
    uint32_t key[3 + DIM_COUNT] = {s->source, s->signal, s->bounds};

    memcpy(key + 3, s->dim, sizeof s->dim);
    return hash_bytes(key, sizeof key, d->hash_key);
}

static bool series_eq(const struct series *a, const struct series *b)
{
    return a->source == b->source && a->signal == b->signal && a->bounds == b->bounds && memcmp(a->dim, b->dim, sizeof a->dim) == 0;
}

/* The cell of the hash table where s is, or where it belongs. */
static size_t hash_cell(const struct store_dict *d, const struct series *s)
{
    size_t mask = d->hash_cap - 1, i = (size_t)series_hash(d, s) & mask;

    while (d->hash[i] != 0 && !series_eq(&d->series[d->hash[i] - 1], s))
        i = (i + 1) & mask;
    return i;
}

static enum err grow_series(struct store_dict *d)
{
    if (d->series_count == d->series_cap) {
        size_t cap = d->series_cap == 0 ? 1024 : 2 * d->series_cap;
        struct series *series = realloc(d->series, cap * sizeof *series);
        if (series == NULL)
            return ERR_NOMEM;
        d->series = series;
        struct store_place *places = realloc(d->places, cap * sizeof *places);
        if (places == NULL)
            return ERR_NOMEM;
        d->places = places;
        d->series_cap = cap;
    }
    return ERR_OK;
}

/* Puts the series that are not in the hash table yet into it. */
static enum err hash_series(struct store_dict *d)
{
    if (2 * (d->series_count + 1) > d->hash_cap) {
        size_t cap = d->hash_cap == 0 ? 4096 : d->hash_cap;
        while (cap < 2 * (d->series_count + 1))
            cap *= 2;
        uint32_t *hash = calloc(cap, sizeof *hash);
        if (hash == NULL)
            return ERR_NOMEM;
        free(d->hash);
        d->hash = hash;
        d->hash_cap = cap;
        d->hashed = 0;
    }
    for (; d->hashed < d->series_count; d->hashed++)
        d->hash[hash_cell(d, &d->series[d->hashed])] = (uint32_t)d->hashed + 1;
    return ERR_OK;
}

const struct store_section *store_dict_section(const struct store_shard *sh, unsigned signal)
{
    for (uint32_t i = 0; i < sh->section_count; i++)
        if (sh->sections[i].signal == signal)
            return &sh->sections[i];
    return NULL;
}

/* Notes a new slot in its signal's section. Slots come in rising order, so ordinals never change. */
static enum err add_to_section(struct store_shard *sh, const struct series *sr, uint32_t slot)
{
    const unsigned signal = sr->signal;
    struct store_section *s = NULL;

    for (uint32_t i = 0; s == NULL && i < sh->section_count; i++)
        if (sh->sections[i].signal == signal)
            s = &sh->sections[i];
    if (s == NULL) {
        struct store_section *p = realloc(sh->sections, (sh->section_count + 1) * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        sh->sections = p;
        p[sh->section_count] =
            (struct store_section){.signal = signal, .kind = signal < SIG_COUNT ? signal_info((enum signal)signal)->kind : KIND_INCREMENT};
        s = &p[sh->section_count++];
    }
    if ((s->count & (s->count - 1)) == 0) { /* full at every power of two */
        uint16_t *p = realloc(s->slots, (s->count == 0 ? 1 : 2 * (size_t)s->count) * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        s->slots = p;
    }
    s->slots[s->count++] = (uint16_t)slot;
    for (int d = 0; d < DIM_COUNT; d++)
        s->dims |= sr->dim[d] != 0 ? DIM_BIT(d) : 0;
    return ERR_OK;
}

/* Adds s at a given place; the shard exists and the slot is free. */
static enum err put_series(struct store_dict *d, const struct series *s, struct store_place place, uint32_t *ret_id)
{
    struct store_shard *sh = &d->shards[place.shard - 1];
    enum err e = grow_series(d);
    if (e == ERR_OK)
        e = add_to_section(sh, s, place.slot);
    if (e != ERR_OK)
        return e;
    uint32_t id = (uint32_t)d->series_count + 1;
    d->series[d->series_count] = *s;
    d->series[d->series_count].id = id;
    d->places[d->series_count] = place;
    d->series_count++;
    sh->series[place.slot] = id;
    if (sh->count <= place.slot)
        sh->count = place.slot + 1;
    *ret_id = id;
    return ERR_OK;
}

/* A signal that this build does not know is accepted: a newer recorder may be writing. Readers leave such series out. */
static bool series_is_valid(const struct store_dict *d, const struct series *s)
{
    if (s->source == 0 || s->source >= SOURCE_ID_MAX || s->bounds > d->bounds_count)
        return false;
    for (int i = 0; i < DIM_COUNT; i++)
        if (s->dim[i] >= intern_count(d->strings))
            return false;
    return s->bounds == 0 || s->signal >= SIG_COUNT || signal_info((enum signal)s->signal)->kind == KIND_HISTOGRAM;
}

enum err store_dict_add_series(struct store_dict *d, const struct series *s, uint32_t *ret_id, struct errctx *ctx)
{
    enum err e = hash_series(d);
    const uint32_t id = e == ERR_OK ? d->hash[hash_cell(d, s)] : 0;
    if (id != 0)
        *ret_id = id;
    if (e != ERR_OK || id != 0)
        return e;
    if (s->signal >= SIG_COUNT || !series_is_valid(d, s))
        return errctx_set(ctx, ERR_USAGE, "a series refers to a source, signal, bounds or string that the store does not have");
    if (d->series_count >= STORE_SERIES_MAX)
        return errctx_set(ctx, ERR_LIMIT, "the store already holds %d series; drop a label with too many values in the profile",
                          STORE_SERIES_MAX);
    uint32_t shard;
    e = store_dict_any_shard(d, s->source, &shard);
    if (e == ERR_OK && d->shards[shard - 1].count == STORE_SHARD_SERIES)
        e = add_shard(d, s->source, &shard);
    if (e != ERR_OK)
        return e;
    return put_series(d, s, (struct store_place){.shard = shard, .slot = d->shards[shard - 1].count}, ret_id);
}

/* ---- the log ---- */

struct store_dict_mark store_dict_mark(const struct store_dict *d)
{
    return (struct store_dict_mark){
        .strings = intern_count(d->strings), .bounds = d->bounds_count, .shards = d->shard_count, .series = d->series_count};
}

bool store_dict_is_dirty(const struct store_dict *d)
{
    return d->saved.strings != intern_count(d->strings) || d->saved.bounds != d->bounds_count || d->saved.shards != d->shard_count ||
           d->saved.series != d->series_count;
}

static enum err put_series_row(struct buf *out, const struct series *s, const struct store_place *place)
{
    uint32_t mask = 0;

    for (int i = 0; i < DIM_COUNT; i++)
        if (s->dim[i] != 0)
            mask |= DIM_BIT(i);
    const uint64_t fixed[] = {s->source, s->signal, s->bounds, place->shard, place->slot, mask};
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < sizeof fixed / sizeof fixed[0]; i++)
        e = store_bytes_put(out, fixed[i]);
    for (int i = 0; e == ERR_OK && i < DIM_COUNT; i++)
        if (s->dim[i] != 0)
            e = store_bytes_put(out, s->dim[i]);
    return e;
}

static enum err put_bounds_row(struct buf *out, const struct hist_bounds *b)
{
    enum err e = store_bytes_put(out, b->count);

    for (uint32_t i = 0; e == ERR_OK && i < b->count; i++) {
        uint8_t tmp[STORE_GAUGE_MAX];
        e = buf_append(out, tmp, store_head_put_gauge(tmp, b->upper[i]));
    }
    return e;
}

enum err store_dict_encode(const struct store_dict *d, const struct store_dict_mark *from, struct buf *out)
{
    size_t start = out->len;
    enum err e = buf_append_char(out, DICT_FORMAT);

    if (e == ERR_OK)
        e = store_bytes_put(out, intern_count(d->strings) - from->strings);
    for (uint32_t i = from->strings; e == ERR_OK && i < intern_count(d->strings); i++) {
        struct str s = str_of(intern_text(d->strings, i));
        e = store_bytes_put(out, s.n);
        if (e == ERR_OK)
            e = buf_append(out, s.p, s.n);
    }
    if (e == ERR_OK)
        e = store_bytes_put(out, d->bounds_count - from->bounds);
    for (uint32_t i = from->bounds; e == ERR_OK && i < d->bounds_count; i++)
        e = put_bounds_row(out, d->bounds[i]);
    if (e == ERR_OK)
        e = store_bytes_put(out, d->shard_count - from->shards);
    for (uint32_t i = from->shards; e == ERR_OK && i < d->shard_count; i++)
        e = store_bytes_put(out, d->shards[i].source);
    if (e == ERR_OK)
        e = store_bytes_put(out, d->series_count - from->series);
    for (size_t i = from->series; e == ERR_OK && i < d->series_count; i++)
        e = put_series_row(out, &d->series[i], &d->places[i]);
    return e == ERR_OK ? store_bytes_seal(out, start, 0) : e;
}

/* Reading a row: everything is checked, for the file may be damaged. */
struct reader {
    struct store_bytes in;
    bool ok;
};

static uint64_t get(struct reader *r, uint64_t max)
{
    uint64_t v = 0;

    if (r->ok && (!store_bytes_get(&r->in, &v) || v > max))
        r->ok = false;
    return r->ok ? v : 0;
}

static enum err apply_strings(struct store_dict *d, struct reader *r)
{
    uint64_t count = get(r, STORE_STRINGS_MAX);

    for (uint64_t i = 0; r->ok && i < count; i++) {
        size_t n = (size_t)get(r, STORE_STRING_BYTES_MAX);
        uint32_t id, expected = intern_count(d->strings);
        if (!r->ok || n > (size_t)(r->in.end - r->in.p))
            return ERR_CORRUPT;
        enum err e = intern_add(d->strings, (struct str){.p = (const char *)r->in.p, .n = n}, &id);
        if (e != ERR_OK)
            return e;
        if (id != expected)
            return ERR_CORRUPT;
        r->in.p += n;
    }
    return ERR_OK;
}

static enum err apply_bounds(struct store_dict *d, struct reader *r)
{
    uint64_t count = get(r, STORE_BOUNDS_SETS_MAX);
    double upper[HIST_BOUNDS_MAX];

    for (uint64_t i = 0; r->ok && i < count; i++) {
        uint32_t n = (uint32_t)get(r, HIST_BOUNDS_MAX), expected = d->bounds_count + 1;
        const struct hist_bounds *b;
        for (uint32_t k = 0; k < n; k++)
            if (!store_head_get_gauge(&r->in, &upper[k]))
                return ERR_CORRUPT;
        if (!r->ok || !bounds_are_valid(upper, n))
            return ERR_CORRUPT;
        enum err e = store_dict_add_bounds(d, upper, n, &b, NULL);
        if (e != ERR_OK)
            return e;
        if (b->id != expected)
            return ERR_CORRUPT;
    }
    return ERR_OK;
}

static enum err apply_shards(struct store_dict *d, struct reader *r)
{
    uint64_t count = get(r, STORE_SHARDS_MAX);

    for (uint64_t i = 0; r->ok && i < count; i++) {
        uint32_t id, source = (uint32_t)get(r, SOURCE_ID_MAX - 1);
        if (!r->ok || source == 0)
            return ERR_CORRUPT;
        enum err e = add_shard(d, source, &id);
        if (e != ERR_OK)
            return e == ERR_LIMIT ? ERR_CORRUPT : e;
    }
    return ERR_OK;
}

static enum err apply_series(struct store_dict *d, struct reader *r)
{
    uint64_t count = get(r, STORE_SERIES_MAX);

    for (uint64_t i = 0; r->ok && i < count; i++) {
        struct series s = {.id = 0};
        struct store_place place;
        s.source = (uint32_t)get(r, SOURCE_ID_MAX - 1);
        s.signal = (uint16_t)get(r, UINT16_MAX);
        s.bounds = (uint32_t)get(r, STORE_BOUNDS_SETS_MAX);
        place.shard = (uint32_t)get(r, d->shard_count);
        place.slot = (uint32_t)get(r, STORE_SHARD_SERIES - 1);
        uint32_t id, mask = (uint32_t)get(r, (1u << DIM_COUNT) - 1);
        for (int k = 0; k < DIM_COUNT; k++)
            if (mask & DIM_BIT(k))
                s.dim[k] = (uint32_t)get(r, UINT32_MAX);
        if (!r->ok || place.shard == 0 || !series_is_valid(d, &s) || place.slot < d->shards[place.shard - 1].count ||
            d->shards[place.shard - 1].source != s.source || d->series_count >= STORE_SERIES_MAX)
            return ERR_CORRUPT;
        enum err e = put_series(d, &s, place, &id);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

enum err store_dict_apply(struct store_dict *d, const void *data, size_t n)
{
    struct reader r = {.ok = true};

    if (!store_bytes_open(data, n, DICT_FORMAT, 0, &r.in))
        return ERR_CORRUPT;
    enum err e = apply_strings(d, &r);
    if (e == ERR_OK)
        e = apply_bounds(d, &r);
    if (e == ERR_OK)
        e = apply_shards(d, &r);
    if (e == ERR_OK)
        e = apply_series(d, &r);
    if (e != ERR_OK)
        return e;
    if (!r.ok || r.in.p != r.in.end)
        return ERR_CORRUPT;
    d->saved = store_dict_mark(d);
    return ERR_OK;
}
