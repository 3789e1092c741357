/* SPDX-License-Identifier: MIT */
/* Money is integer: amounts int64 nano-USD, unit prices int64 pico-USD per token, products in 128 bits. Never floating point. */
#ifndef GWTOP_MODEL_MONEY_H
#define GWTOP_MODEL_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define NUSD_PER_USD INT64_C(1000000000)

/* tokens * price, rounded half away from zero to nano-USD; false on overflow of int64. */
bool money_price(int64_t tokens, int64_t price_pusd, int64_t *ret_nusd);
/* amount per interval -> amount per hour, rounded; 0 < interval_ms. Saturates. */
int64_t money_per_hour(int64_t nusd, int64_t interval_ms);

enum { MONEY_MAX = 40 };
void money_format_exact(int64_t nusd, char out[MONEY_MAX]); /* "-12.345678901", no exponent, trailing zeros cut */
/* For people, the one form in sentences, cells and reports: three significant digits: "$0.0042", "$4.20", "$41.2", "$412", "$4.49k",
 * "$12.3k". */
void money_format(int64_t nusd, char out[MONEY_MAX]);
bool money_parse(struct str s, int64_t *ret_nusd); /* decimal text, at most 9 decimals, optional leading $ */

/* ---- sums that are rounded once ---- */

/* Amounts of many products of tokens, prices and multipliers, exactly: in units of 1e-20 USD, of which MONEY_WIDE_PER_PUSD make a pico-USD
 * (two multipliers of four decimals each). It holds 1.7e18 USD. */
__extension__ typedef __int128 money_wide;
#define MONEY_WIDE_PER_PUSD INT64_C(100000000)
#define MONEY_WIDE_PER_NUSD (MONEY_WIDE_PER_PUSD * 1000)

bool money_wide_add(money_wide *sum, int64_t count, int64_t price_pusd, int64_t multiplier); /* false on overflow; sum untouched then */
bool money_wide_to_nusd(money_wide v, int64_t *ret_nusd); /* rounded half away from zero; false on overflow of int64 */
/* What a sum is in whole nano-USD beyond *taken, which then counts it: the increments of a counter, which add up to the rounded sum
 * however often it is asked. false on overflow. */
bool money_wide_take(money_wide sum, int64_t *taken, int64_t *ret_nusd);
enum { MONEY_WIDE_MAX = 64 };
void money_wide_format(money_wide v, char out[MONEY_WIDE_MAX]); /* all its decimals: "0.0000001875"; trailing zeros cut */

/* Decimal text as JSON and people write it ("1.25e-06", "0.15", "-3") times 10^power as an integer, without a double in between: rounded
 * half away from zero, *ret_inexact telling whether anything was. false when it is no such text, or does not fit. */
bool money_parse_decimal(struct str s, int power, int64_t *ret, bool *ret_inexact);

#endif
