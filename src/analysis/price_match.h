/* SPDX-License-Identifier: MIT */
/* Which row of a price list is meant by the name that a gateway reports. Gateways add providers ("azure/eu/gpt-x"), regions
 * ("eu.anthropic.claude-x"), dates ("gpt-x-2025-04-14", "@20250929"), "-latest" and versions ("-v1:0"), and lists have some of these
 * names and not others. Fewest changes first; every change is told, and what may cost something else is said to be near, not exact.
 *
 * A name that the list has without a price is the answer: no other row is taken instead. One that a newer list does not name any more is
 * passed over, since that list may call it otherwise. */
#ifndef GWTOP_ANALYSIS_PRICE_MATCH_H
#define GWTOP_ANALYSIS_PRICE_MATCH_H

#include "analysis/price_table.h"

enum { PRICE_MATCH_HOW_MAX = 240 };

struct price_match {
    const struct price *price;     /* may be unpriced */
    bool is_exact;                 /* this very name, or one that means the same; otherwise the nearest one that is listed */
    bool is_before;                /* the moment is older than every price of it: the oldest known one */
    char how[PRICE_MATCH_HOW_MAX]; /* "by its name", "without the provider 'azure/'; without the date '-2025-04-14'" */
};

/* provider: as the gateway names it, "" or NULL when not known. False when nothing fits; ret->how then says why not, if more than "no
 * row" can be said, "" otherwise. Cost: some tens of binary searches, one pass over the list when all of them fail: keep the answer. */
bool price_match(const struct price_table *t, const char *model, const char *provider, int64_t at_ms, struct price_match *ret);

/* "azure/ followed by *" against "azure/gpt-x": * stands for any text. */
bool price_name_fits(const char *pattern, const char *name);

#endif
