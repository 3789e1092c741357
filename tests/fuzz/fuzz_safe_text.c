/* SPDX-License-Identifier: MIT */
/* The promise of base/safe_text.h for arbitrary bytes and capacities. The first byte chooses the capacity. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"

#undef NDEBUG /* the assertions are the test */
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Valid UTF-8, every rune of a width, no mark without a base and at most two on one. */
static bool is_safe(struct str s)
{
    int marks = 2; /* as if used up: a text must not begin with one */
    while (s.n > 0) {
        uint32_t rune;
        size_t n = utf8_decode(s, &rune);
        int width = utf8_width(rune);
        if (width < 0 || (n == 1 && (unsigned char)s.p[0] >= 0x80))
            return false;
        marks = width > 0 ? 0 : marks + 1;
        if (marks > 2)
            return false;
        s.p += n;
        s.n -= n;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct str in = {(const char *)data + 1, size - 1};
    size_t whole = 4 * in.n + 2, cap = data[0] < 2 ? whole : data[0];
    char *once = malloc(cap), *twice = malloc(cap);
    assert(once != NULL && twice != NULL);
    size_t n = safe_text(once, cap, in);
    assert(n < cap && strlen(once) == n && n <= 4 * in.n);
    assert(is_safe((struct str){once, n}));
    size_t again = safe_text(twice, cap, (struct str){once, n});
    assert(again == n && memcmp(once, twice, n) == 0);
    (void)utf8_columns(in);
    (void)utf8_is_valid(in);
    free(once);
    free(twice);
    return 0;
}
