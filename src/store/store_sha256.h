/* SPDX-License-Identifier: MIT */
/* SHA-256, for the chain of operators' acts. Source: FIPS 180-4. */
#ifndef GWTOP_STORE_STORE_SHA256_H
#define GWTOP_STORE_STORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { STORE_SHA256_BYTES = 32 };

struct store_sha256 {
    uint32_t h[8];
    uint64_t length; /* bytes so far */
    uint8_t block[64];
};

void store_sha256_init(struct store_sha256 *s);
void store_sha256_add(struct store_sha256 *s, const void *p, size_t n);
void store_sha256_end(struct store_sha256 *s, uint8_t ret[STORE_SHA256_BYTES]);

#endif
