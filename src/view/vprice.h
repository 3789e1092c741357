/* SPDX-License-Identifier: MIT */
/* Internal to view/: what recorded tokens cost by the price list and the configuration's prices, beside what was booked. Nothing of it is
 * stored: a newer list or a corrected price re-prices the past, and each stretch of time is priced by the prices of its day.
 *
 * How this works: tokens, requests and spend are read by what a price depends on (provider, model, deployment, and the provider's own name
 * where the model is an alias), by gateway, and by what the caller tells rows apart by; the time is cut where a price of one of the
 * recorded models changes, and each piece is priced by itself. What has no price is counted as such, never as $0. Source:
 * docs/decisions/0009-prices.md. */
#ifndef GWTOP_VIEW_VPRICE_H
#define GWTOP_VIEW_VPRICE_H

#include "analysis/price_book.h"
#include "analysis/price_cost.h"
#include "view/view_spend.h"
#include "view/vread.h"

/* The prices in force, for one store: the names that are recorded there are looked for once. */
struct vprice_book {
    struct price_table table;
    struct price_book book;
    const char *name;  /* "the built-in list of 2026-06-02", "/etc/prices.txt of 2026-11-01" */
    const char *fault; /* why there are none; "" */
    struct vprice_names *names;
};
/* Errors: ERR_NOMEM; a list that cannot be read is no error, but a fault. */
enum err vprice_book_read(const struct config *cfg, struct arena *a, struct vprice_book *ret, struct errctx *ctx) GW_MUST_USE;

/* What is priced alike: one provider's model at one deployment. */
struct vprice_name {
    uint32_t provider, model, deployment, upstream; /* store ids, 0 = not told */
    struct price_found found;                       /* of the last piece of time */
    bool is_found;                                  /* there is a row or a price of the configuration; it may be unpriced */
    const char *why;                                /* why its tokens have no price, "" where they have */
};

/* Counts and amounts of a group in one column. Every sum is of what was recorded: known says whether anything was. */
struct vprice_cell {
    int64_t count[PRICE_COUNTED_TERMS]; /* wholes and parts as gateways report them; requests: those that were answered */
    bool known[PRICE_COUNTED_TERMS];
    int64_t requests; /* all, answered or not */
    bool requests_known;
    money_wide lo, hi;     /* of the tokens that have a price */
    int64_t priced_tokens; /* input and output, parts not counted again */
    int64_t unpriced_tokens;
    int64_t booked_nusd, booked_priced_nusd; /* the latter: of what has priced tokens, so that the two can be compared */
    int64_t untold_nusd;                     /* booked where no tokens are recorded */
    bool is_booked;                          /* spend was recorded */
    bool is_near;                            /* a name that matched another model's row, or a price older than the oldest known */
    unsigned notes;                          /* enum price_note */
};

struct vprice_group {
    uint32_t dim[DIM_COUNT];   /* of the asked dimensions, gateway, provider, model, deployment, name (the upstream's) */
    size_t name;               /* of names[] */
    bool books;                /* its gateway books spend */
    struct vprice_cell *cells; /* [columns] */
};

struct vprice_ask {
    uint32_t dims; /* DIM_BIT()s of what rows are told apart by */
    int64_t t0_ms, step_ms;
    uint32_t columns; /* column i covers (t0 + i*step, t0 + (i+1)*step] */
};

struct vprice {
    const struct vprice_name *names;
    size_t name_count;
    struct vprice_group *groups;
    size_t count;
    const int64_t *covered_ms; /* [columns]: time that the tokens cover; spend's, where only that is recorded */
    const bool *covered_about;
    struct vtrust booked_trust, tokens_trust;
    size_t pieces; /* that the time was cut into by changes of prices */
};

/* vr: as vread_init left it; its queries are made and run here. Errors: the store's (ERR_LIMIT past 20,000 groups), ERR_NOMEM. Cost: one
 * store_read, where prices change very often one per piece, and some microseconds per group and column. */
enum err vprice_load(struct vread *vr, const struct vprice_book *book, const struct vprice_ask *ask, struct vprice *ret,
                     struct errctx *ctx) GW_MUST_USE;

/* The same in two steps, for who reads more in the same pass: begin adds the queries to vr, the caller runs it, finish prices what was
 * read. book is borrowed until then. */
struct vprice_pending;
enum err vprice_begin(struct vread *vr, const struct vprice_book *book, const struct vprice_ask *ask, struct vprice_pending **ret,
                      struct errctx *ctx) GW_MUST_USE;
enum err vprice_finish(struct vprice_pending *p, struct vprice *ret, struct errctx *ctx) GW_MUST_USE;

/* Adds a cell to another. */
void vprice_add(struct vprice_cell *sum, const struct vprice_cell *c);
/* How a name matched, or why its tokens have no price: "by its name", "configured, line 12", "no price: ...". NULL when the arena is
 * full. */
const char *vprice_how(struct arena *a, const struct vprice_name *n);
/* What a cell holds as amounts, with what the sources allow to say of them. Tokens without a price, and spend whose tokens nobody counts,
 * make a computed amount a lower bound. */
struct vspend_amount vprice_booked(const struct vprice_cell *c, struct vtrust t);
struct vspend_amount vprice_computed(const struct vprice_cell *c, struct vtrust t);
/* Input and output, parts not counted again. */
int64_t vprice_tokens(const struct vprice_cell *c);

#endif
