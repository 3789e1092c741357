/* SPDX-License-Identifier: MIT */
/* A chunk's body behind a correct checksum. The first two bytes choose the layout and the axis; what decodes must encode and decode to the
 * same. */
#undef NDEBUG /* the assertions are the test */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_axis.h"
#include "store/store_chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ROW_ID = 4711 };

static bool same(const struct store_layout *l, const struct store_column *a, const struct store_column *b)
{
    bool equal = a->n == b->n && a->slot == b->slot && memcmp(a->at, b->at, a->n * sizeof *a->at) == 0;

    for (uint32_t f = 0; equal && f < l->fields; f++)
        equal = memcmp(a->field[f], b->field[f], a->n * sizeof *a->field[f]) == 0;
    return equal && (!l->counts || memcmp(a->first, b->first, (a->n + 1) * sizeof *a->first) == 0);
}

static void encode_again(const struct store_layout *l, const struct store_column *c, uint32_t axis)
{
    struct store_packer *pk = store_packer_new();
    struct store_unpacker *un = store_unpacker_new();
    struct store_column back;
    struct buf b;
    uint32_t slot;

    buf_init(&b, 1 << 26);
    if (pk != NULL && un != NULL && store_chunk_encode(pk, l, &c, 1, axis, ROW_ID, &b) == ERR_OK) {
        assert(store_chunk_open(un, l, axis, ROW_ID, b.data, b.len) == ERR_OK);
        assert(store_chunk_next(un, &slot) && store_chunk_column(un, &back));
        assert(same(l, c, &back));
        assert(!store_chunk_next(un, &slot));
    }
    buf_fini(&b);
    store_packer_free(pk);
    store_unpacker_free(un);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct store_unpacker *un;
    static struct store_poll polls[STORE_AXIS_MAX];
    struct buf b;
    uint32_t slot;

    if (n < 2 || n > 1 << 16)
        return 0;
    if (un == NULL)
        un = store_unpacker_new();
    const struct store_layout *l = store_layout(data[0] & 1, (enum signal_kind)(data[0] >> 1 & 3));
    uint32_t axis = data[1] + 1u;
    buf_init(&b, 1 << 20);
    if (un != NULL && buf_append_char(&b, 1) == ERR_OK && buf_append(&b, data + 2, n - 2) == ERR_OK &&
        store_bytes_seal(&b, 0, ROW_ID) == ERR_OK && store_chunk_open(un, l, axis, ROW_ID, b.data, b.len) == ERR_OK) {
        bool again = true;
        while (store_chunk_next(un, &slot)) {
            struct store_column c;
            assert(slot < STORE_SHARD_SERIES);
            if (data[0] & 128 ? !store_chunk_skip(un) : !store_chunk_column(un, &c))
                break;
            if (data[0] & 128)
                continue;
            for (uint32_t i = 0; i < c.n; i++)
                assert(c.at[i] < axis && (i == 0 || c.at[i] > c.at[i - 1]));
            if (again && c.n > 0)
                encode_again(l, &c, axis);
            again = false;
        }
    }
    buf_reset(&b);
    if (buf_append_char(&b, 1) == ERR_OK && buf_append(&b, data + 2, n - 2) == ERR_OK && store_bytes_seal(&b, 0, 0) == ERR_OK)
        (void)store_axis_decode(b.data, b.len, polls, axis);
    buf_fini(&b);
    return 0;
}
