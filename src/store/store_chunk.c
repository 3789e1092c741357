/* SPDX-License-Identifier: MIT */
/* Writing chunks; store_unchunk.c reads them. */
#include "store/store_chunk.h"

#include <stdlib.h>
#include <zstd.h>

#include "base/hash.h"
#include "base/varint.h"
#include "store/store_chunk_form.h"

struct store_packer {
    ZSTD_CCtx *zstd;
    struct buf stream;  /* the one being built */
    int64_t *mantissas; /* [STORE_AXIS_MAX] */
};

/* The distinct sets of positions of a chunk's columns. */
struct sets {
    const struct store_column **of; /* one column that has it */
    uint64_t *hash;
    uint32_t *by_column;
    uint32_t count;
};

struct store_packer *store_packer_new(void)
{
    struct store_packer *pk = calloc(1, sizeof *pk);

    if (pk == NULL)
        return NULL;
    buf_init(&pk->stream, STORE_CHUNK_RAW_MAX);
    pk->zstd = ZSTD_createCCtx();
    pk->mantissas = malloc(STORE_AXIS_MAX * sizeof *pk->mantissas);
    if (pk->zstd == NULL || pk->mantissas == NULL) {
        store_packer_free(pk);
        return NULL;
    }
    return pk;
}

void store_packer_free(struct store_packer *pk)
{
    if (pk == NULL)
        return;
    ZSTD_freeCCtx(pk->zstd);
    buf_fini(&pk->stream);
    free(pk->mantissas);
    free(pk);
}

/* ---- integers ---- */

static unsigned varint_size(uint64_t v)
{
    unsigned n = 1;

    while (v >= 0x80) {
        v >>= 7;
        n++;
    }
    return n;
}

static uint64_t as_mode(enum chunk_int_mode mode, int64_t v, int64_t before)
{
    return mode == INT_UNSIGNED ? (uint64_t)v : mode == INT_ZIGZAG ? zigzag(v) : zigzag((int64_t)((uint64_t)v - (uint64_t)before));
}

/* Bytes of the numbers in a mode, runs of zeros taken as two. */
static size_t estimate(enum chunk_int_mode mode, const int64_t *v, uint32_t n)
{
    size_t bytes = 0;
    uint64_t before = 1;

    for (uint32_t i = 0; i < n; i++) {
        uint64_t u = as_mode(mode, v[i], i == 0 ? 0 : v[i - 1]);
        bytes += u == 0 ? (before == 0 ? 0 : 2) : varint_size(u);
        before = u;
    }
    return bytes;
}

static enum chunk_int_mode choose_mode(const int64_t *v, uint32_t n)
{
    bool negative = false;

    for (uint32_t i = 0; i < n; i++)
        negative = negative || v[i] < 0;
    enum chunk_int_mode plain = negative ? INT_ZIGZAG : INT_UNSIGNED;
    return estimate(INT_DELTA, v, n) < estimate(plain, v, n) ? INT_DELTA : plain;
}

static enum err put_tokens(struct buf *out, enum chunk_int_mode mode, const int64_t *v, uint32_t n)
{
    uint8_t *dst = (uint8_t *)buf_reserve(out, (size_t)n * (VARINT_MAX + 1));
    size_t len = 0;

    if (dst == NULL)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < n;) {
        uint64_t u = as_mode(mode, v[i], i == 0 ? 0 : v[i - 1]);
        i++;
        len += varint_put(dst + len, u);
        if (u != 0)
            continue;
        uint32_t run = 0;
        while (i < n && as_mode(mode, v[i], v[i - 1]) == 0) {
            run++;
            i++;
        }
        len += varint_put(dst + len, run);
    }
    out->len += len;
    return ERR_OK;
}

static enum err put_ints(struct buf *out, const int64_t *v, uint32_t n)
{
    enum chunk_int_mode mode = choose_mode(v, n);
    enum err e = buf_append_char(out, (char)mode);

    return e == ERR_OK ? put_tokens(out, mode, v, n) : e;
}

/* ---- reals ---- */

/* The numbers as integers of as many decimal places as the longest needs; false when one of them is no short decimal. */
static bool to_decimals(struct store_packer *pk, const int64_t *bits, uint32_t n, unsigned *ret_places)
{
    unsigned most = 0;

    for (uint32_t i = 0; i < n; i++) {
        int64_t mantissa;
        unsigned places;
        if (!store_decimal(store_bits_real(bits[i]), &mantissa, &places))
            return false;
        most = places > most ? places : most;
    }
    for (uint32_t i = 0; i < n; i++) {
        double v = store_bits_real(bits[i]);
        double scaled = v * store_decimal_unit(most);
        if (!(scaled > -9007199254740992.0 && scaled < 9007199254740992.0))
            return false;
        int64_t mantissa = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        if (store_decimal_value(mantissa, most) != v)
            return false;
        pk->mantissas[i] = mantissa;
    }
    *ret_places = most;
    return true;
}

static enum err put_xor(struct buf *out, const int64_t *bits, uint32_t n)
{
    uint8_t *dst = (uint8_t *)buf_reserve(out, (size_t)n * VARINT_MAX);
    uint64_t before = 0;
    size_t len = 0;

    if (dst == NULL)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < n;) {
        uint64_t x = (uint64_t)bits[i] ^ before;
        before = (uint64_t)bits[i++];
        if (x == 0) {
            uint32_t run = 0;
            for (; i < n && (uint64_t)bits[i] == before; i++)
                run++;
            dst[len++] = 0;
            len += varint_put(dst + len, run);
            continue;
        }
        unsigned lead = (unsigned)__builtin_clzll(x) / 8, trail = (unsigned)__builtin_ctzll(x) / 8;
        dst[len++] = (uint8_t)(XOR_VALUE | lead << 3 | trail);
        for (unsigned k = trail; k < 8 - lead; k++)
            dst[len++] = (uint8_t)(x >> (8 * k));
    }
    out->len += len;
    return ERR_OK;
}

static enum err put_reals(struct store_packer *pk, struct buf *out, const int64_t *bits, uint32_t n)
{
    unsigned places = REAL_XOR;
    bool decimal = to_decimals(pk, bits, n, &places);
    enum err e = buf_append_char(out, (char)(decimal ? places : REAL_XOR));

    if (e != ERR_OK)
        return e;
    return decimal ? put_tokens(out, INT_DELTA, pk->mantissas, n) : put_xor(out, bits, n);
}

/* ---- structure ---- */

static enum err find_sets(const struct store_column *const *columns, uint32_t count, struct sets *s)
{
    s->of = malloc(count * sizeof *s->of);
    s->hash = malloc(count * sizeof *s->hash);
    s->by_column = malloc(count * sizeof *s->by_column);
    if (s->of == NULL || s->hash == NULL || s->by_column == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        const struct store_column *c = columns[i];
        uint64_t h = hash_bytes(c->at, c->n * sizeof *c->at, c->n);
        uint32_t k = 0;
        while (k < s->count && !(s->hash[k] == h && s->of[k]->n == c->n && memcmp(s->of[k]->at, c->at, c->n * sizeof *c->at) == 0))
            k++;
        if (k == s->count) {
            s->of[k] = c;
            s->hash[k] = h;
            s->count++;
        }
        s->by_column[i] = k;
    }
    return ERR_OK;
}

/* Runs of absence and presence in turn, the first of absence, until all positions are told. */
static enum err put_set(struct buf *out, const struct store_column *c)
{
    uint32_t runs = 0, i = 0, end = 0;
    enum err e = ERR_OK;

    for (uint32_t k = 0; k < c->n; k++)
        runs += k == 0 || c->at[k] != c->at[k - 1] + 1;
    e = store_bytes_put(out, runs);
    while (e == ERR_OK && i < c->n) {
        uint32_t from = i++;
        while (i < c->n && c->at[i] == c->at[i - 1] + 1)
            i++;
        e = store_bytes_put(out, c->at[from] - end);
        if (e == ERR_OK)
            e = store_bytes_put(out, i - from);
        end = c->at[i - 1] + 1u;
    }
    return e;
}

static enum err put_structure(struct buf *out, const struct store_column *const *columns, uint32_t count, uint32_t axis)
{
    struct sets s = {.count = 0};
    enum err e = find_sets(columns, count, &s);

    if (e == ERR_OK)
        e = store_bytes_put(out, count);
    if (e == ERR_OK)
        e = store_bytes_put(out, axis);
    if (e == ERR_OK)
        e = store_bytes_put(out, s.count);
    for (uint32_t i = 0; e == ERR_OK && i < s.count; i++)
        e = put_set(out, s.of[i]);
    for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
        e = store_bytes_put(out, i == 0 ? columns[0]->slot : columns[i]->slot - columns[i - 1]->slot);
        if (e == ERR_OK)
            e = store_bytes_put(out, s.by_column[i]);
    }
    free(s.of);
    free(s.hash);
    free(s.by_column);
    return e;
}

/* ---- streams ---- */

static enum err end_stream(struct store_packer *pk, struct buf *out)
{
    const struct buf *in = &pk->stream;
    size_t bound = ZSTD_compressBound(in->len), stored = in->len;
    enum err e = store_bytes_put(out, in->len);

    if (e != ERR_OK)
        return e;
    uint8_t *dst = (uint8_t *)buf_reserve(out, VARINT_MAX + bound);
    if (dst == NULL)
        return ERR_LIMIT;
    if (in->len >= ZSTD_WORTH_BYTES) {
        size_t n = ZSTD_compressCCtx(pk->zstd, dst + VARINT_MAX, bound, in->data, in->len, ZSTD_LEVEL);
        if (!ZSTD_isError(n) && n < in->len - in->len / 16)
            stored = n;
    }
    bool packed = stored < in->len;
    size_t head = varint_put(dst, (uint64_t)stored * 2 + packed);
    memmove(dst + head, packed ? dst + VARINT_MAX : (const uint8_t *)in->data, stored);
    out->len += head + stored;
    buf_reset(&pk->stream);
    return ERR_OK;
}

static enum err put_field(struct store_packer *pk, const struct store_layout *l, uint32_t field, const struct store_column *const *columns,
                          uint32_t count)
{
    enum err e = ERR_OK;

    for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
        const struct store_column *c = columns[i];
        e = l->reals >> field & 1 ? put_reals(pk, &pk->stream, c->field[field], c->n) : put_ints(&pk->stream, c->field[field], c->n);
    }
    return e;
}

static enum err put_list_sizes(struct store_packer *pk, const struct store_column *const *columns, uint32_t count)
{
    enum err e = ERR_OK;

    for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
        const struct store_column *c = columns[i];
        for (uint32_t k = 0; k < c->n; k++)
            pk->mantissas[k] = (int64_t)c->first[k + 1] - c->first[k];
        e = put_tokens(&pk->stream, INT_UNSIGNED, pk->mantissas, c->n);
    }
    return e;
}

static enum err put_lists(struct store_packer *pk, const struct store_column *const *columns, uint32_t count)
{
    enum err e = ERR_OK;

    for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
        const struct store_column *c = columns[i];
        uint32_t before = 0; /* bucket of the sample before that came first */
        for (uint32_t k = 0; e == ERR_OK && k < c->n; k++) {
            uint8_t *dst = (uint8_t *)buf_reserve(&pk->stream, (size_t)2 * VARINT_MAX * (c->first[k + 1] - c->first[k]));
            size_t len = 0;
            if (dst == NULL)
                return ERR_LIMIT;
            for (uint32_t b = c->first[k]; b < c->first[k + 1]; b++) {
                bool leads = b == c->first[k];
                uint32_t bucket = c->counts[b].bucket;
                len += varint_put(dst + len, leads ? zigzag((int64_t)bucket - before) : bucket - c->counts[b - 1].bucket);
                len += varint_put(dst + len, c->counts[b].count);
                if (leads)
                    before = bucket;
            }
            pk->stream.len += len;
        }
    }
    return e;
}

enum err store_chunk_encode(struct store_packer *pk, const struct store_layout *l, const struct store_column *const *columns,
                            uint32_t count, uint32_t axis, int64_t row_id, struct buf *out)
{
    size_t start = out->len;

    if (axis > STORE_AXIS_MAX || count > STORE_SHARD_SERIES)
        return ERR_LIMIT;
    buf_reset(&pk->stream);
    enum err e = buf_append_char(out, CHUNK_FORMAT);
    if (e == ERR_OK)
        e = put_structure(&pk->stream, columns, count, axis);
    if (e == ERR_OK)
        e = end_stream(pk, out);
    for (uint32_t f = 0; e == ERR_OK && f < l->fields; f++) {
        e = put_field(pk, l, f, columns, count);
        if (e == ERR_OK)
            e = end_stream(pk, out);
    }
    if (e == ERR_OK && l->counts) {
        e = put_list_sizes(pk, columns, count);
        if (e == ERR_OK)
            e = end_stream(pk, out);
        if (e == ERR_OK)
            e = put_lists(pk, columns, count);
        if (e == ERR_OK)
            e = end_stream(pk, out);
    }
    return e == ERR_OK ? store_bytes_seal(out, start, (uint64_t)row_id) : e;
}
