/* SPDX-License-Identifier: MIT */
/* The form of a raw segment's axis: when its polls were, about a byte each.
 *
 * Per poll one varint, zigzag(second difference of t1) * 4 + how to get t0: the t1 of the poll before, unknown (0), the same length as
 * before, or a length that follows as a varint. CRC-32C at the end. */
#ifndef GWTOP_STORE_STORE_AXIS_H
#define GWTOP_STORE_STORE_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct store_poll {
    int64_t t0_ms, t1_ms; /* t0 0 = not known */
};

enum err store_axis_encode(const struct store_poll *polls, uint32_t count, struct buf *out) GW_MUST_USE;
/* False for bytes that are no axis of count polls. */
bool store_axis_decode(const void *data, size_t n, struct store_poll *polls, uint32_t count);

#endif
