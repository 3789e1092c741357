/* SPDX-License-Identifier: MIT */
/* Prices per token as they are paid: read off what was booked, for a model that no list knows, or whose bill is not the list's.
 *
 * Gateways book a request's tokens and its spend at the same moment, so that the spend of a deployment is a sum of its tokens times fixed
 * prices, row by row. With more rows than kinds of tokens, that differ from each other, the prices are those that leave the least of what
 * was booked unexplained. Whether there are such prices shows by itself: where a price changed meanwhile, is in steps, or spend is booked
 * later than tokens, too much stays unexplained. */
#ifndef GWTOP_ANALYSIS_PRICE_FIT_H
#define GWTOP_ANALYSIS_PRICE_FIT_H

#include "analysis/lmdi.h"

/* Each side is what one caller used in one stretch of time, at one deployment; its prices are not looked at, nor its requests. False,
 * *ret_pusd untouched, when the rows are too few or too alike, or more than 1 % of what was booked is not explained. A kind that nobody
 * used has price 0. Cost: O(count). */
bool price_fit(const struct lmdi_side *rows, size_t count, int64_t ret_pusd[LMDI_KINDS]);

#endif
