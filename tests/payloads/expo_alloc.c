/* SPDX-License-Identifier: MIT */
/* The decoders take all their memory when they are made: linked with --wrap=malloc and its kin, this counts every allocation while pages
 * and answers are read, series new and known, cut anywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/expo_data.h"
#include "source/exposition.h"
#include "source/promjson.h"

static size_t allocations, largest;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static void count(size_t n)
{
    allocations++;
    largest = n > largest ? n : largest;
}

void *__wrap_malloc(size_t n)
{
    count(n);
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    count(n * size);
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    count(n);
    return __real_realloc(p, n);
}

static bool always_known(void *ctx, struct str series)
{
    (void)ctx;
    return series.n > 0;
}

static bool take_sample(void *ctx, const struct expo_sample *s)
{
    *(size_t *)ctx += s->series.n > 0;
    return true;
}

static bool take_point(void *ctx, const struct promjson_point *p)
{
    *(size_t *)ctx += p->t_ms > 0;
    return true;
}

static int failed;

static void expect(bool ok, const char *what)
{
    printf("%s %s\n", ok ? "ok    " : "FAILED", what);
    failed |= !ok;
}

static size_t page_allocations(struct str page, size_t piece, bool known)
{
    size_t samples = 0;
    struct expo_handler h = {.on_sample = take_sample, .on_known = known ? always_known : NULL, .ctx = &samples};
    struct expo *p = expo_new(&h, page.n);
    size_t before = allocations;
    enum err e = p ? ERR_OK : ERR_NOMEM;
    for (int round = 0; round < 2 && !e; round++) {
        expo_reset(p);
        for (size_t at = 0; at < page.n && !e; at += piece) {
            e = expo_feed(p, page.p + at, page.n - at < piece ? page.n - at : piece);
        }
        e = e ? e : expo_finish(p);
    }
    size_t made = allocations - before;
    expo_free(p);
    return e || samples == 0 ? SIZE_MAX : made;
}

static size_t answer_allocations(struct str body, size_t piece)
{
    size_t points = 0;
    struct promjson_handler h = {.on_point = take_point, .ctx = &points};
    largest = 0;
    struct promjson *p = promjson_new(&h, body.n);
    size_t before = allocations;
    enum err e = p ? ERR_OK : ERR_NOMEM;
    for (size_t at = 0; at < body.n && !e; at += piece) {
        e = promjson_feed(p, body.p + at, body.n - at < piece ? body.n - at : piece);
    }
    e = e ? e : promjson_finish(p, NULL);
    size_t made = allocations - before;
    promjson_free(p);
    return e || points == 0 ? SIZE_MAX : made;
}

static void must(enum err e)
{
    if (e) {
        fprintf(stderr, "expo_alloc: %s\n", err_name(e));
        exit(EXIT_FAILURE);
    }
}

int main(void)
{
    struct buf page, body;
    buf_init(&page, (size_t)64 << 20);
    expo_data_write(&page, 5000);
    expect(page_allocations(buf_str(&page), page.len, false) == 0, "whole page, every series split");
    expect(page_allocations(buf_str(&page), page.len, true) == 0, "whole page, every series known");
    expect(page_allocations(buf_str(&page), 16384, false) == 0, "page in pieces of 16 KB");
    expect(page_allocations(buf_str(&page), 1, false) == 0, "page byte by byte");
    buf_init(&body, (size_t)64 << 20);
    must(buf_append_z(
        &body, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"a\":\"b\"},\"values\":[[1,\"1\"]"));
    for (int i = 0; i < 200000; i++) {
        must(buf_printf(&body, ",[%d.5,\"%d.25\"]", i, i));
    }
    must(buf_append_z(&body, "]}]}}"));
    expect(answer_allocations(buf_str(&body), 16384) == 0, "4 MB answer in pieces of 16 KB");
    expect(largest > 1024 && largest <= 256 * 1024, "its reader was seen, and fits 256 KB");
    expect(answer_allocations(buf_str(&body), 3) == 0, "4 MB answer in pieces of 3 bytes");
    buf_fini(&page);
    buf_fini(&body);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
