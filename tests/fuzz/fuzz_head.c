/* SPDX-License-Identifier: MIT */
/* A head row's body behind a correct checksum: whatever the bytes, reading stays inside them and ends. */
#undef NDEBUG /* the assertions are the test */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "store/store_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct store_hist_count room[STORE_HIST_BUCKETS_MAX];
    struct store_head_iter it;
    struct buf b;
    unsigned signal;
    bool bad = false;
    size_t values = 0;

    buf_init(&b, 1 << 20);
    if (n > 1 << 16 || buf_append_char(&b, 1) != ERR_OK || buf_append(&b, data, n) != ERR_OK || store_bytes_seal(&b, 0, 0) != ERR_OK ||
        !store_head_begin(&it, b.data, b.len)) {
        buf_fini(&b);
        return 0;
    }
    while (store_head_section(&it, &signal, &bad)) {
        enum store_run kind;
        uint32_t first, count;
        bool ok = true;
        while (ok && store_head_run(&it, &kind, &first, &count)) {
            assert(first + count <= STORE_SHARD_SERIES);
            for (uint32_t i = 0; ok && i < count; i++) {
                struct store_item item = {.series = 0};
                ok = store_head_get(&it, kind, room, &item);
                values += ok;
            }
            assert(it.in.p <= it.in.end && it.in.end <= it.row_end);
        }
    }
    assert(values <= STORE_SHARD_SERIES * (n + 1));
    buf_fini(&b);
    return 0;
}
