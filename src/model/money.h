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
/* For people, three significant digits at least and cents at most: "$0.0042", "$4.20", "$412", "$12.3k". */
void money_format(int64_t nusd, char out[MONEY_MAX]);
bool money_parse(struct str s, int64_t *ret_nusd); /* decimal text, at most 9 decimals, optional leading $ */

#endif
