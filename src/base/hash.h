/* SPDX-License-Identifier: MIT */
/* Keyed 64-bit hash for tables whose keys come from outside, so that no peer can choose collisions.
 * Source: wyhash final 4 construction (public domain), written here from its description. */
#ifndef GWTOP_BASE_HASH_H
#define GWTOP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *p, size_t n, uint64_t key);
uint64_t hash_u64(uint64_t x, uint64_t key);
uint64_t hash_random_key(void); /* from getrandom(2); one per process */

#endif
