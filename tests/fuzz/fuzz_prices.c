/* SPDX-License-Identifier: MIT */
/* Price lists of every form: any bytes are accepted or refused, nothing crashes; what is accepted is written in our own form, which reads
 * back to the same bytes; and whatever has a price can be billed and bounded, the bill lying within the bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/price_bounds.h"
#include "analysis/price_import.h"
#include "analysis/price_match.h"

#undef NDEBUG /* the assertions are the test */
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIST_MAX = 8 << 20 };

static void check_same(const struct price_table *t, struct arena *a)
{
    struct buf first, second;
    struct price_table again;
    buf_init(&first, LIST_MAX);
    buf_init(&second, LIST_MAX);
    assert(price_table_write(t, &first) == ERR_OK);
    assert(price_table_parse(buf_str(&first), "again", a, &again, NULL) == ERR_OK);
    assert(price_table_write(&again, &second) == ERR_OK);
    assert(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    buf_fini(&first);
    buf_fini(&second);
}

static void check_row(const struct price_table *t, const struct price *p)
{
    static const int64_t bound[] = {1000, 200000, INT64_MAX}, count[] = {0, 1, 0};
    const struct price_sizes sizes = {bound, count, 3};
    const struct price_how how = {.service = PRICE_FLEX, .region = "eu"};
    struct price_usage u = {{150000, 50000, 20000, 10000, 5000, 0, 3000, 1000, 500, 1, 0}};
    struct price_match m;
    struct price_bill b;
    struct price_interval i;
    assert(price_match(t, p->model, p->provider, INT64_MAX, &m));
    if (price_bill_make(p, &u, &how, &b, NULL) == ERR_OK && price_bounds(p, &u, &sizes, &how, &i, NULL) == ERR_OK)
        assert(i.lo <= b.total && b.total <= i.hi);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct price_table t;
    struct price_import_report r;
    const struct price_import_options opt = {.name = "acme.json", .whole_tiers = size % 2 == 1};
    arena_init(&a, 64 << 20);
    if (price_import((struct str){(const char *)data, size}, &opt, &a, &t, &r, NULL) == ERR_OK) {
        check_same(&t, &a);
        for (size_t i = 0; i < t.count; i++)
            check_row(&t, &t.rows[i]);
    }
    arena_fini(&a);
    return 0;
}
