/* SPDX-License-Identifier: MIT */
/* `gwtop prices`: what a model costs at an instant, and what counted tokens cost then, part by part. */
#ifndef GWTOP_VIEW_VIEW_PRICES_H
#define GWTOP_VIEW_VIEW_PRICES_H

#include "model/price.h"
#include "view/view.h"

struct vprice_list {
    const char *path, *origin; /* path NULL: built in */
    int64_t date_ms;
    size_t models, priced; /* in force at the instant that was asked about */
};

/* A model's prices of one date. */
struct vprice_row {
    const struct price *price;
    bool is_in_force;       /* at the instant that was asked about */
    const char *configured; /* "discount of 12% from 2026-10-01T00:00:00Z, gwtop.yaml line 7"; NULL = the list's */
};

struct vprice_part {
    enum price_term term, priced_as; /* priced_as: whose price it is, the term's own as a rule */
    const char *service;             /* whose price it is */
    int64_t count, pusd, above_tokens;
    bool graduated;
    money_wide amount;
};

struct view_price {
    struct vprice_list list;
    const char *asked, *model; /* model: the row that was taken, or the configuration's pattern */
    const char *how;           /* how the name matched */
    bool is_exact;             /* the very model; otherwise the nearest one that is listed */
    bool is_before;            /* the moment is older than every price of it: the oldest known one */
    int64_t at_ms;
    struct price price; /* in force; unpriced never */
    const struct vprice_row *rows;
    size_t row_count; /* of all dates, the list's first, then the configuration's */

    /* of an ask with counts */
    const char *service, *region; /* region NULL: none asked for */
    const struct vprice_part *parts;
    size_t part_count;
    int64_t multiplier; /* on all prices, eight decimals */
    money_wide total;
    enum exactness exact;
    bool is_whole_known; /* another reading of graduated prices: the whole request at the step of its prompt */
    money_wide whole;
    const char *const *notes;
    size_t note_count; /* what the amount assumes, a sentence each */
};

#endif
