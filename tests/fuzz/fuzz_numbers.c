/* SPDX-License-Identifier: MIT */
/* Reading numbers: a text is taken exactly when the C library's strtod takes it whole without its extensions, and then the value is
 * the same to the bit. Varints: what was read is written back as the same bytes. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/varint.h"

#undef NDEBUG /* the assertions are the test */
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NUL-terminated, for the library. */
static void check_f64(const char *z, size_t n)
{
    char *end;
    double expected = strtod(z, &end), v = -77;
    bool digits_only = strspn(z, "+-.0123456789eE") == n;
    bool good = str_to_f64((struct str){z, n}, &v);
    if (digits_only) {
        assert(good == (n > 0 && end == z + n && !isinf(expected)));
        assert(!good || memcmp(&v, &expected, sizeof v) == 0);
    } else {
        assert(!good || !isfinite(v)); /* only NaN and Inf have letters */
    }
    assert(good || v == -77);
}

static void check_varint(const uint8_t *data, size_t size)
{
    const uint8_t *p = data;
    uint64_t v;
    if (!varint_get(&p, data + size, &v)) {
        assert(p == data);
        return;
    }
    uint8_t again[VARINT_MAX];
    size_t n = varint_put(again, v);
    assert(p == data + n && memcmp(data, again, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *z = malloc(size + 1);
    assert(z != NULL);
    if (size > 0)
        memcpy(z, data, size);
    z[size] = '\0';
    check_f64(z, size);
    int64_t i;
    double d;
    assert(!str_to_i64((struct str){z, size}, &i) || (str_to_f64((struct str){z, size}, &d) && (double)i == d));
    free(z);
    if (size > 0)
        check_varint(data, size);
    return 0;
}
