/* SPDX-License-Identifier: MIT */
/* Public price lists as ours: LiteLLM's (USD per token), models.dev's as its own api.json (USD per million) and as agentgateway keeps it
 * (the same as strings), Portkey's (US cents per token), and our own. Which one a text is, it tells itself. Numbers are read as decimals.
 *
 * A text that is cut or none of these is refused whole. A row whose price is negative, absurd, or no number is named and has no price then,
 * as is a row in another currency. Prices are rounded to a pico-USD, which as a rule only takes the noise of floating point away: a price
 * that would change by more than a thousandth is refused like the others, and the report counts the rest. */
#ifndef GWTOP_ANALYSIS_PRICE_IMPORT_H
#define GWTOP_ANALYSIS_PRICE_IMPORT_H

#include "analysis/price_table.h"

struct price_import_options {
    const char *name; /* of the file or address: for messages; Portkey's lists name their provider by it */
    bool whole_tiers; /* LiteLLM's tiered_pricing re-prices the whole request, as its releases since 1.10x and Alibaba's bills have it */
};

struct price_import_report {
    const char *form; /* "LiteLLM", "models.dev", "agentgateway", "Portkey", "gwtop" */
    size_t rows;      /* models of the list */
    size_t priced;
    size_t no_price;             /* it lists none for them that tokens or requests could tell */
    size_t other_kind;           /* images, speech, ...: not kept */
    size_t rounded;              /* prices with digits below a pico-USD */
    const struct price **faults; /* rows with a fault; `unpriced` says which. In the order of the list */
    size_t fault_count;
};

/* Memory of a; text is borrowed only during the call. Errors: ERR_PARSE "NAME: line 3: ..." (cut, no JSON, none of these forms, not one
 * price in it), ERR_LIMIT past PRICE_FILE_MAX or PRICE_ROWS_MAX, ERR_NOMEM, ERR_VERSION. */
enum err price_import(struct str text, const struct price_import_options *opt, struct arena *a, struct price_table *ret,
                      struct price_import_report *ret_report, struct errctx *ctx) GW_MUST_USE;

#endif
