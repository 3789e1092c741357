/* SPDX-License-Identifier: MIT */
/* Reading chunks. How this works: store_chunk_open unpacks all streams and reads the structure; store_chunk_next then walks the columns
 * with one read position per stream, and each column is either decoded or passed over. */
#include "store/store_chunk.h"

#include <stdlib.h>
#include <zstd.h>

#include "base/varint.h"
#include "store/store_chunk_form.h"

struct position_set {
    uint32_t from, n; /* in un->at */
};

struct store_unpacker {
    ZSTD_DCtx *zstd;
    struct buf plain; /* unpacked streams */
    const struct store_layout *layout;
    struct store_bytes streams[CHUNK_STREAMS_MAX];
    uint32_t columns, next, slot;
    uint32_t set_count;
    struct position_set *sets; /* [STORE_SHARD_SERIES] */
    uint16_t *at;              /* positions of all sets */
    size_t at_count, at_cap;
    const struct position_set *set;   /* of the current column */
    int64_t *field[STORE_FIELDS_MAX]; /* [STORE_AXIS_MAX] each */
    uint32_t *first;                  /* [STORE_AXIS_MAX + 1] */
    struct store_hist_count *counts;
    size_t counts_cap;
};

struct store_unpacker *store_unpacker_new(void)
{
    struct store_unpacker *un = calloc(1, sizeof *un);

    if (un == NULL)
        return NULL;
    buf_init(&un->plain, STORE_CHUNK_RAW_MAX);
    un->zstd = ZSTD_createDCtx();
    un->sets = malloc(STORE_SHARD_SERIES * sizeof *un->sets);
    un->first = malloc((STORE_AXIS_MAX + 1) * sizeof *un->first);
    bool ok = un->zstd != NULL && un->sets != NULL && un->first != NULL;
    for (int i = 0; i < STORE_FIELDS_MAX; i++) {
        un->field[i] = malloc(STORE_AXIS_MAX * sizeof *un->field[i]);
        ok = ok && un->field[i] != NULL;
    }
    if (!ok) {
        store_unpacker_free(un);
        return NULL;
    }
    return un;
}

void store_unpacker_free(struct store_unpacker *un)
{
    if (un == NULL)
        return;
    ZSTD_freeDCtx(un->zstd);
    buf_fini(&un->plain);
    for (int i = 0; i < STORE_FIELDS_MAX; i++)
        free(un->field[i]);
    free(un->sets);
    free(un->at);
    free(un->first);
    free(un->counts);
    free(un);
}

/* ---- opening ---- */

/* Where the streams are in the row, and how long they will be. */
struct stored {
    const uint8_t *p;
    size_t stored, plain;
    bool packed;
};

static bool find_streams(struct store_bytes *in, uint32_t count, struct stored *st, size_t *ret_total)
{
    size_t total = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t plain, stored;
        if (!store_bytes_get(in, &plain) || !store_bytes_get(in, &stored) || plain > STORE_CHUNK_RAW_MAX ||
            stored / 2 > (size_t)(in->end - in->p))
            return false;
        st[i] = (struct stored){.p = in->p, .stored = (size_t)(stored / 2), .plain = (size_t)plain, .packed = stored & 1};
        if (!st[i].packed && st[i].stored != st[i].plain)
            return false;
        in->p += st[i].stored;
        total += st[i].packed ? st[i].plain : 0;
    }
    *ret_total = total;
    return in->p == in->end && total <= STORE_CHUNK_RAW_MAX;
}

static enum err unpack(struct store_unpacker *un, const struct stored *st, uint32_t count, size_t total)
{
    buf_reset(&un->plain);
    uint8_t *dst = (uint8_t *)buf_reserve(&un->plain, total + 1);
    if (dst == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        if (!st[i].packed) {
            un->streams[i] = (struct store_bytes){.p = st[i].p, .end = st[i].p + st[i].stored};
            continue;
        }
        if (ZSTD_decompressDCtx(un->zstd, dst, st[i].plain, st[i].p, st[i].stored) != st[i].plain)
            return ERR_CORRUPT;
        un->streams[i] = (struct store_bytes){.p = dst, .end = dst + st[i].plain};
        dst += st[i].plain;
    }
    return ERR_OK;
}

static enum err reserve_positions(struct store_unpacker *un, size_t n)
{
    if (un->at_count + n <= un->at_cap)
        return ERR_OK;
    size_t cap = un->at_cap == 0 ? 4096 : un->at_cap;
    while (cap < un->at_count + n)
        cap *= 2;
    uint16_t *p = realloc(un->at, cap * sizeof *p);
    if (p == NULL)
        return ERR_NOMEM;
    un->at = p;
    un->at_cap = cap;
    return ERR_OK;
}

static enum err read_set(struct store_unpacker *un, struct store_bytes *s, uint32_t axis, struct position_set *set)
{
    uint32_t runs, end = 0;

    if (!store_bytes_u32(s, axis, &runs))
        return ERR_CORRUPT;
    set->from = (uint32_t)un->at_count;
    for (uint32_t i = 0; i < runs; i++) {
        uint32_t absent, present;
        if (!store_bytes_u32(s, axis - end, &absent) || !store_bytes_u32(s, axis - end - absent, &present))
            return ERR_CORRUPT;
        enum err e = reserve_positions(un, present);
        if (e != ERR_OK)
            return e;
        for (uint32_t k = 0; k < present; k++)
            un->at[un->at_count++] = (uint16_t)(end + absent + k);
        end += absent + present;
    }
    set->n = (uint32_t)un->at_count - set->from;
    return ERR_OK;
}

static enum err read_structure(struct store_unpacker *un, uint32_t axis)
{
    struct store_bytes *s = &un->streams[0];
    uint32_t stored_axis;

    if (!store_bytes_u32(s, STORE_SHARD_SERIES, &un->columns) || !store_bytes_u32(s, STORE_AXIS_MAX, &stored_axis) || stored_axis != axis ||
        !store_bytes_u32(s, un->columns, &un->set_count))
        return ERR_CORRUPT;
    un->at_count = 0;
    for (uint32_t i = 0; i < un->set_count; i++) {
        enum err e = read_set(un, s, axis, &un->sets[i]);
        if (e != ERR_OK)
            return e;
    }
    un->next = 0;
    un->slot = 0;
    un->set = NULL;
    return ERR_OK;
}

enum err store_chunk_open(struct store_unpacker *un, const struct store_layout *l, uint32_t axis, int64_t row_id, const void *data,
                          size_t n)
{
    struct stored st[CHUNK_STREAMS_MAX];
    struct store_bytes in;
    uint32_t streams = 1 + l->fields + (l->counts ? 2 : 0);
    size_t total = 0;

    if (axis > STORE_AXIS_MAX || !store_bytes_open(data, n, CHUNK_FORMAT, (uint64_t)row_id, &in))
        return ERR_CORRUPT;
    if (!find_streams(&in, streams, st, &total))
        return ERR_CORRUPT;
    un->layout = l;
    enum err e = unpack(un, st, streams, total);
    return e == ERR_OK ? read_structure(un, axis) : e;
}

bool store_chunk_next(struct store_unpacker *un, uint32_t *ret_slot)
{
    uint32_t distance, set;

    if (un->next == un->columns)
        return false;
    if (!store_bytes_u32(&un->streams[0], STORE_SHARD_SERIES - 1, &distance) || (un->next > 0 && distance == 0) ||
        un->slot + distance >= STORE_SHARD_SERIES || un->set_count == 0 || !store_bytes_u32(&un->streams[0], un->set_count - 1, &set))
        return false;
    un->slot += distance;
    un->set = &un->sets[set];
    un->next++;
    *ret_slot = un->slot;
    return true;
}

/* ---- numbers ---- */

/* Passes over the numbers from i on up to `until`, or beyond it where a run of zeros goes on; eight bytes at once where none of them is
 * zero, which only those are that begin a run. */
static bool pass_tokens(struct store_bytes *in, uint32_t n, uint32_t until, uint32_t *i)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);

    while (*i < until) {
        uint64_t u, run;
        if (in->end - in->p >= 8) {
            const uint64_t word = varint_word(in->p);
            const uint64_t ends = ~word & high, has_zero = (word - ones) & ends;
            const uint32_t whole = (uint32_t)((ends >> 7) * ones >> 56);
            if (has_zero == 0 && whole > 0 && whole <= until - *i) {
                in->p += (63 - (unsigned)__builtin_clzll(ends)) / 8 + 1;
                *i += whole;
                continue;
            }
        }
        if (!store_bytes_get(in, &u))
            return false;
        (*i)++;
        if (u != 0)
            continue;
        if (!store_bytes_get(in, &run) || run > n - *i)
            return false;
        *i += (uint32_t)run;
    }
    return true;
}

/* Those of one column's n numbers from first to end, into their places; the others may be left as they are. A run of zeros stands for
 * zeros, or for no difference. */
static bool get_tokens(struct store_bytes *s, unsigned mode, uint32_t n, uint32_t first, uint32_t end, int64_t *out)
{
    struct store_bytes in = *s; /* in registers */
    int64_t before = 0;
    uint32_t i = 0;

    if (mode != INT_DELTA && !pass_tokens(&in, n, first, &i))
        return false;
    for (uint32_t k = first; k < i && k < end; k++)
        out[k] = 0;
    while (i < end) {
        uint64_t u, run;
        if (!store_bytes_get(&in, &u))
            return false;
        if (u != 0) {
            int64_t v = mode == INT_UNSIGNED ? (int64_t)u : unzigzag(u);
            if (mode == INT_DELTA)
                before = v = (int64_t)((uint64_t)before + (uint64_t)v);
            out[i++] = v;
            continue;
        }
        if (!store_bytes_get(&in, &run) || run >= n - i)
            return false;
        for (uint32_t behind = i + 1 + (uint32_t)run; i < behind; i++)
            out[i] = before; /* 0 unless the numbers are differences */
    }
    if (!pass_tokens(&in, n, n, &i))
        return false;
    *s = in;
    return true;
}

static bool skip_tokens(struct store_bytes *s, uint32_t n)
{
    struct store_bytes in = *s;
    uint32_t i = 0;

    if (!pass_tokens(&in, n, n, &i))
        return false;
    *s = in;
    return true;
}

static bool get_xor(struct store_bytes *s, uint32_t n, int64_t *out)
{
    uint64_t before = 0;

    for (uint32_t i = 0; i < n;) {
        uint64_t run = 0;
        if (s->p == s->end)
            return false;
        unsigned head = *s->p++;
        if (head == 0) {
            if (!store_bytes_get(s, &run) || run >= n - i)
                return false;
        } else {
            unsigned lead = head >> 3 & 7, trail = head & 7;
            if ((head & 0xc0) != XOR_VALUE || lead + trail > 7 || 8 - lead - trail > (size_t)(s->end - s->p))
                return false;
            uint64_t x = 0;
            for (unsigned k = trail; k < 8 - lead; k++)
                x |= (uint64_t)*s->p++ << (8 * k);
            before ^= x;
        }
        for (uint64_t k = 0; k <= run; k++, i++)
            if (out != NULL)
                out[i] = (int64_t)before;
    }
    return true;
}

static bool get_reals(struct store_bytes *s, uint32_t n, int64_t *out)
{
    if (n == 0)
        return s->p < s->end && *s->p++ <= REAL_XOR;
    if (s->p == s->end)
        return false;
    unsigned mode = *s->p++;
    if (mode == REAL_XOR)
        return get_xor(s, n, out);
    if (mode > REAL_PLACES_MAX)
        return false;
    if (out == NULL)
        return skip_tokens(s, n);
    if (!get_tokens(s, INT_DELTA, n, 0, n, out))
        return false;
    for (uint32_t i = 0; i < n; i++)
        out[i] = store_real_bits(store_decimal_value(out[i], mode));
    return true;
}

static bool get_ints(struct store_bytes *s, uint32_t n, uint32_t first, uint32_t end, int64_t *out)
{
    if (s->p == s->end || *s->p >= INT_MODES)
        return false;
    unsigned mode = *s->p++;
    return out == NULL ? skip_tokens(s, n) : get_tokens(s, mode, n, first, end, out);
}

static bool reserve_counts(struct store_unpacker *un, size_t n)
{
    if (n <= un->counts_cap)
        return true;
    size_t cap = un->counts_cap == 0 ? 1024 : un->counts_cap;
    while (cap < n)
        cap *= 2;
    struct store_hist_count *p = realloc(un->counts, cap * sizeof *p);
    if (p == NULL)
        return false;
    un->counts = p;
    un->counts_cap = cap;
    return true;
}

/* The listed buckets of one column: sizes were decoded into field[STORE_FIELDS_MAX - 1]. */
static bool get_lists(struct store_unpacker *un, struct store_bytes *in, uint32_t n, bool wanted)
{
    struct store_bytes local = *in, *s = &local;
    const int64_t *sizes = un->field[STORE_FIELDS_MAX - 1];
    size_t total = 0;
    int64_t before = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (sizes[i] < 0 || sizes[i] > STORE_HIST_BUCKETS_MAX || (size_t)sizes[i] > (size_t)(s->end - s->p) / 2)
            return false;
        if (wanted && !reserve_counts(un, total + (size_t)sizes[i]))
            return false;
        un->first[i] = (uint32_t)total;
        int64_t bucket = before;
        for (int64_t k = 0; k < sizes[i]; k++) {
            uint64_t step, count;
            if (!store_bytes_get(s, &step) || !store_bytes_get(s, &count))
                return false;
            int64_t by = k == 0 ? unzigzag(step) : step <= UINT32_MAX ? (int64_t)step : -1;
            if (by < -(int64_t)UINT32_MAX || by > UINT32_MAX || (k > 0 && by <= 0) || bucket + by < 0 || bucket + by > UINT32_MAX)
                return false;
            bucket += by;
            if (k == 0)
                before = bucket;
            if (wanted)
                un->counts[total] = (struct store_hist_count){.bucket = (uint32_t)bucket, .count = count};
            total++;
        }
    }
    un->first[n] = (uint32_t)total;
    *in = local;
    return total <= STORE_CHUNK_RAW_MAX;
}

/* first and end: the samples that are wanted; end 0: none. */
static bool walk(struct store_unpacker *un, uint32_t first, uint32_t end)
{
    const struct store_layout *l = un->layout;
    uint32_t n = un->set->n;

    for (uint32_t f = 0; f < l->fields; f++) {
        int64_t *out = end > 0 ? un->field[f] : NULL;
        if (l->reals >> f & 1 ? !get_reals(&un->streams[1 + f], n, out) : !get_ints(&un->streams[1 + f], n, first, end, out))
            return false;
    }
    if (!l->counts)
        return true;
    return get_tokens(&un->streams[1 + l->fields], INT_UNSIGNED, n, 0, n, un->field[STORE_FIELDS_MAX - 1]) &&
           get_lists(un, &un->streams[2 + l->fields], n, end > 0);
}

/* The first sample that is not before a position. A column mostly has one at every position. */
static uint32_t sample_from(const struct store_unpacker *un, uint32_t position)
{
    const uint16_t *at = un->at + un->set->from;
    uint32_t lo = 0, hi = un->set->n;

    if (position < hi && at[position] == position)
        return position;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (at[mid] < position)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool store_chunk_part(struct store_unpacker *un, uint32_t from, uint32_t until, struct store_column *ret)
{
    const bool is_whole = un->layout->reals != 0 || un->layout->counts;
    const uint32_t first = is_whole ? 0 : sample_from(un, from), end = is_whole ? un->set->n : sample_from(un, until);

    if (!walk(un, first, end))
        return false;
    *ret = (struct store_column){.slot = un->slot,
                                 .n = end - first,
                                 .cap = end - first,
                                 .at = un->at + un->set->from + first,
                                 .first = un->first,
                                 .counts = un->counts};
    for (uint32_t f = 0; f < STORE_FIELDS_MAX; f++)
        ret->field[f] = un->field[f] + first;
    return true;
}

bool store_chunk_column(struct store_unpacker *un, struct store_column *ret)
{
    return store_chunk_part(un, 0, STORE_AXIS_MAX, ret);
}

bool store_chunk_skip(struct store_unpacker *un)
{
    return walk(un, 0, 0);
}
