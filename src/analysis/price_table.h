/* SPDX-License-Identifier: MIT */
/* A price list: what each model costs, and since when. Our own form is text, one line per model and date, exact integers, made by
 * `gwtop prices update` (gwtop-prices(5) has it). A list is read whole or not at all. */
#ifndef GWTOP_ANALYSIS_PRICE_TABLE_H
#define GWTOP_ANALYSIS_PRICE_TABLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/price.h"

enum { PRICE_ROWS_MAX = 200000, PRICE_FILE_MAX = 64 << 20, PRICE_NAME_MAX = 200 };

/* Why a model that a newer list does not name has no price. */
#define PRICE_GONE "not in the price list any more"

struct price_table {
    const struct price *rows; /* by model (bytes), then from_ms; no two alike */
    size_t count;
    int64_t date_ms;    /* of the newest list in it */
    const char *origin; /* what that was made from; "" */
};

/* Our own form. name is for messages. Errors: ERR_PARSE "prices.txt:12: ..." (no list, cut, a row that cannot be, two prices for one
 * instant); ERR_VERSION for a newer form; ERR_NOMEM. */
enum err price_table_parse(struct str text, const char *name, struct arena *a, struct price_table *ret, struct errctx *ctx) GW_MUST_USE;
/* Whether a text begins as our own form does. */
bool price_table_is_ours(struct str text);
/* Errors: the buffer's. What is written reads back equal. */
enum err price_table_write(const struct price_table *t, struct buf *out) GW_MUST_USE;

/* Puts rows in order in place. Errors: ERR_PARSE naming the model of two rows with one model and instant. */
enum err price_table_sort(struct price *rows, size_t count, struct errctx *ctx) GW_MUST_USE;

/* The row of exactly this name in force at an instant; before the first one, that one, and *ret_before says so. NULL: no such name. */
const struct price *price_table_at(const struct price_table *t, struct str model, int64_t at_ms, bool *ret_before);

/* What an update changed. Models of the new list that had a price before: changed or same. */
struct price_changes {
    size_t added, changed, same, gone, unpriced;
};
/* `fresh` over `old`, in force from from_ms (old rows of that very instant give way): unchanged models keep their row, changed ones gain
 * one, and those that the fresh list does not name lose their price unless keep. Errors: ERR_NOMEM. */
enum err price_table_merge(const struct price_table *old, const struct price_table *fresh, int64_t from_ms, bool keep, struct arena *a,
                           struct price_table *ret, struct price_changes *ret_changes, struct errctx *ctx) GW_MUST_USE;

#endif
