/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

__extension__ typedef unsigned __int128 u128;

/* wyhash's default secret: odd numbers whose bytes have four bits set each. */
static const uint64_t secret[4] = {UINT64_C(0x2d358dccaa6c78a5), UINT64_C(0x8bb84b93962eacc9), UINT64_C(0x4b33a62ed433d4a3),
                                   UINT64_C(0x4d5a2da51de1aa47)};

/* Multiplies to 128 bits and folds the halves. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    u128 r = (u128)a * b;
    return (uint64_t)r ^ (uint64_t)(r >> 64);
}

static uint64_t read8(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

static uint64_t read4(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

uint64_t hash_bytes(const void *bytes, size_t n, uint64_t key)
{
    const unsigned char *p = bytes;
    uint64_t seed = key ^ mix(key ^ secret[0], secret[1]);
    uint64_t a = 0, b = 0;
    if (n <= 16) {
        if (n >= 4) {
            size_t half = (n >> 3) << 2;
            a = read4(p) << 32 | read4(p + half);
            b = read4(p + n - 4) << 32 | read4(p + n - 4 - half);
        } else if (n > 0) {
            a = (uint64_t)p[0] << 16 | (uint64_t)p[n >> 1] << 8 | p[n - 1];
        }
    } else {
        size_t left = n;
        if (left >= 48) {
            uint64_t second = seed, third = seed;
            do {
                seed = mix(read8(p) ^ secret[1], read8(p + 8) ^ seed);
                second = mix(read8(p + 16) ^ secret[2], read8(p + 24) ^ second);
                third = mix(read8(p + 32) ^ secret[3], read8(p + 40) ^ third);
                p += 48;
                left -= 48;
            } while (left >= 48);
            seed ^= second ^ third;
        }
        for (; left > 16; left -= 16, p += 16)
            seed = mix(read8(p) ^ secret[1], read8(p + 8) ^ seed);
        a = read8(p + left - 16);
        b = read8(p + left - 8);
    }
    u128 r = (u128)(a ^ secret[1]) * (b ^ seed);
    return mix((uint64_t)r ^ secret[0] ^ n, (uint64_t)(r >> 64) ^ secret[1]);
}

uint64_t hash_u64(uint64_t x, uint64_t key)
{
    u128 r = (u128)(x ^ secret[0]) * (key ^ secret[1]);
    return mix((uint64_t)r ^ secret[0], (uint64_t)(r >> 64) ^ secret[1]);
}

uint64_t hash_random_key(void)
{
    uint64_t key;
    if (getrandom(&key, sizeof key, GRND_NONBLOCK) == (ssize_t)sizeof key)
        return key;
    /* Only before the kernel's pool is seeded, early in a boot: collisions could be guessed then, nothing else is lost. */
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return mix((uint64_t)now.tv_nsec ^ secret[2], (uint64_t)(uintptr_t)&key ^ secret[3]);
}
