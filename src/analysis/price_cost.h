/* SPDX-License-Identifier: MIT */
/* What counted tokens cost at a model's prices: exact to the last decimal, each part of it kept, and every assumption said.
 *
 * The input count includes what was cached, written to the cache, and audio; the output count includes reasoning and audio, as gateways
 * report them: no part is ever added to the whole that holds it. Nothing that has no price is free: docs/decisions/0009-prices.md. */
#ifndef GWTOP_ANALYSIS_PRICE_COST_H
#define GWTOP_ANALYSIS_PRICE_COST_H

#include "base/err.h"
#include "model/price.h"

/* What one request counted. count[PRICE_INPUT] and count[PRICE_OUTPUT] are the wholes. All >= 0. */
struct price_usage {
    int64_t count[PRICE_COUNTED_TERMS];
};

struct price_how {
    enum price_service service;
    const char *region; /* "eu": its uplift; NULL = none */
    bool whole_tiers;   /* price a graduated list as if the whole request were at its highest step */
};

/* What the amount rests on where the list does not say it. */
enum price_note {
    PRICE_NOTE_CACHED_AS_INPUT = 1 << 0,  /* no cached price: at most that much */
    PRICE_NOTE_WRITE_AS_INPUT = 1 << 1,   /* no cache write price */
    PRICE_NOTE_1H_AS_WRITE = 1 << 2,      /* no price for an hour: at least that much */
    PRICE_NOTE_AUDIO_AS_TEXT = 1 << 3,    /* no audio price */
    PRICE_NOTE_SERVICE_STANDARD = 1 << 4, /* no price for that service somewhere: the standard one */
    PRICE_NOTE_NO_UPLIFT = 1 << 5,        /* the list knows no uplift for that region */
    PRICE_NOTE_PARTS_EXCEED = 1 << 6,     /* the parts are more than their whole: what they leave of it is 0 */
    PRICE_NOTE_GRADUATED = 1 << 7,        /* graduated: each step at its own price */
    PRICE_NOTE_LISTED_FREE = 1 << 8,      /* every price used is a listed 0 */
    PRICE_NOTES = 9
};
/* One sentence for one note. */
const char *price_note_text(enum price_note n);

enum price_bound { PRICE_EXACT, PRICE_AT_LEAST, PRICE_AT_MOST, PRICE_ABOUT };

/* A part of the amount: count times one unit price. */
struct price_line {
    enum price_term term, priced_as; /* priced_as: whose price it is; term itself as a rule */
    enum price_service service;      /* whose price it is */
    int64_t count, pusd;
    int64_t above_tokens; /* the step it is from; 0 = the base */
    bool graduated;
    money_wide amount;
};

enum { PRICE_LINES_MAX = 96 };
struct price_bill {
    struct price_line line[PRICE_LINES_MAX]; /* of terms that count something */
    uint32_t line_count;
    int64_t multiplier; /* on every unit price: discount times uplift, eight decimals: 110000000 is 1.1 */
    money_wide total;   /* the sum of the lines */
    unsigned notes;     /* enum price_note */
    enum price_bound bound;
};

/* Errors: ERR_NOTFOUND when something counted has no price (the sentence says what), ERR_LIMIT when the amount is beyond all sense,
 * ERR_USAGE for a negative count. *ret is untouched then. Cost: O(terms * rates), no allocation. */
enum err price_bill_make(const struct price *p, const struct price_usage *u, const struct price_how *how, struct price_bill *ret,
                         struct errctx *ctx) GW_MUST_USE;

/* The unit price of a term for a prompt of that many tokens, what stands in for a missing one included, but no graduated one; false when
 * nothing does. *ret_notes gains what was assumed. For counters and bounds. */
bool price_unit(const struct price *p, enum price_term t, enum price_service s, int64_t prompt_tokens, int64_t *ret_pusd,
                unsigned *ret_notes);

/* discount times uplift, eight decimals; *ret_notes gains PRICE_NOTE_NO_UPLIFT. */
int64_t price_multiplier(const struct price *p, const char *region, unsigned *ret_notes);

/* What is left of the wholes: count[PRICE_INPUT] and count[PRICE_OUTPUT] without their parts, never below 0 (PRICE_NOTE_PARTS_EXCEED). */
struct price_usage price_usage_split(const struct price_usage *u, unsigned *ret_notes);

/* How exact an amount with this set of notes is. */
enum price_bound price_bound_of(unsigned set);

#endif
