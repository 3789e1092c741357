/* SPDX-License-Identifier: MIT */
/* A page of metrics as vLLM and LiteLLM expose them through prometheus_client, of any size and always the same: input of the benches. */
#ifndef GWTOP_TESTS_BENCH_EXPO_DATA_H
#define GWTOP_TESTS_BENCH_EXPO_DATA_H

#include <stddef.h>

#include "base/buf.h"

/* Appends at least series sample lines, half of them vLLM's (about 150 bytes a line), half LiteLLM's (about 330). Exits when out of
 * memory. */
void expo_data_write(struct buf *out, size_t series);

#endif
