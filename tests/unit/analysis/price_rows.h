/* SPDX-License-Identifier: MIT */
/* Invented prices for the tests of prices: a list as text in our own form, and finding a model in it. */
#ifndef GWTOP_TESTS_PRICE_ROWS_H
#define GWTOP_TESTS_PRICE_ROWS_H

#include <check.h>
#include <string.h>

#include "analysis/price_book.h"
#include "analysis/price_cost.h"

#define LIST(rows, count) "gwtop-prices 1\ndate 2026-01-01\norigin a test\n" rows "end " count "\n"
#define ROW(model, prices) model "\tacme\tchat\t-\t" prices "\n"

static inline void rows_parse(const char *text, struct arena *a, struct price_table *ret)
{
    struct errctx why = {""};
    ck_assert_msg(price_table_parse(str_of(text), "prices.txt", a, ret, &why) == ERR_OK, "%s", why.text);
}

/* The price of one row, "input=3 output=4". */
static inline struct price rows_price(const char *prices, struct arena *a)
{
    char text[2000];
    struct price_table t;
    ck_assert(str_format(text, sizeof text, LIST("m\tacme\tchat\t-\t%s\n", "1"), prices));
    rows_parse(text, a, &t);
    return t.rows[0];
}

static inline void rows_usd(money_wide v, const char *usd)
{
    char text[MONEY_WIDE_MAX];
    money_wide_format(v, text);
    ck_assert_str_eq(text, usd);
}

#endif
