/* SPDX-License-Identifier: MIT */
/* One exposition page that is rendered thousands of times: every line's text up to its value is written once, when the series
 * first appears; a rendering copies it and the value, whose text is made again only when the value changed.
 *
 * A family is declared once; a child is one label set of it and appears when it is first touched, as in the real clients. Values
 * are integers in 10^-decimals of the unit, so that sums are exact in any order. The first failure (memory, a cap) sticks and is
 * returned by page_render; every other call is then harmless. */
#ifndef GWTOP_SIM_PAGE_H
#define GWTOP_SIM_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum page_style {
    PAGE_PYTHON, /* prometheus_client: floats, labels with `le` in alphabetical order, _created families */
    PAGE_GO      /* client_golang: integers, `le` last, no _created */
};

enum page_type { PAGE_COUNTER, PAGE_GAUGE, PAGE_HISTOGRAM };

enum { PAGE_LABELS_MAX = 20, PAGE_BOUNDS_MAX = 32 };

struct page_family {
    const char *name; /* as exposed, counters with their _total */
    const char *help;
    enum page_type type;
    unsigned decimals;
    bool no_created;           /* a collector of the client itself: has no _created samples */
    const char *const *labels; /* names in alphabetical order, NULL-terminated; NULL = none */
    const int64_t *bounds;     /* histogram: rising finite upper bounds in 10^-decimals units */
    size_t bound_count;
};

struct page;
typedef uint32_t page_child; /* 0 = not there yet */

struct page *page_new(enum page_style style); /* NULL when out of memory */
void page_free(struct page *p);

/* Declares a family, in page order. def and what it points to are kept. Returns its number. */
uint32_t page_declare(struct page *p, const struct page_family *def);

/* Adds one label set; values stand in the order of the family's labels and are copied. created_ms becomes its _created sample. */
page_child page_add(struct page *p, uint32_t family, const char *const *values, int64_t created_ms);

/* Touching a child. page_observe adds n observations of v each to a histogram. Cost: O(1), a histogram O(bounds). */
void page_increment(struct page *p, page_child c, int64_t by);
void page_set(struct page *p, page_child c, int64_t value);
void page_observe(struct page *p, page_child c, int64_t v, int64_t n);

size_t page_series(const struct page *p); /* sample lines at present */

/* Appends the whole page. Errors: ERR_NOMEM, ERR_LIMIT (sticky). Cost: about 30 ns per line. */
enum err page_render(struct page *p, struct buf *out) GW_MUST_USE;

#endif
