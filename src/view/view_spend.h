/* SPDX-License-Identifier: MIT */
/* `gwtop cost`: what the gateways booked beside what the recorded tokens cost by the price list, told apart by several dimensions at once.
 * Amounts are nano-USD. What has no price is a share of tokens, never $0. */
#ifndef GWTOP_VIEW_VIEW_SPEND_H
#define GWTOP_VIEW_VIEW_SPEND_H

#include "model/price.h"
#include "view/view.h"

enum { VSPEND_DIMS_MAX = 4 };

/* An amount that lies in [lo, hi]: one number where no price depends on the size of prompts. */
struct vspend_amount {
    bool known;
    int64_t lo_nusd, hi_nusd;
    enum exactness exact;
};

/* Two sums of the gateways (of cached tokens, their models) that tell both; is_part: some tells one of them alone, so that the ratio is not
 * of all. */
struct vspend_ratio {
    int64_t of, by;
    bool is_part;
};

struct vspend_row {
    const char *value[VSPEND_DIMS_MAX]; /* by the view's dims; "(none)" */
    bool is_other, is_total;
    struct vspend_amount cost;                  /* what its money rests on: booked where its gateway books spend, computed elsewhere */
    struct vspend_amount booked;                /* lo == hi */
    struct vspend_amount computed;              /* of the tokens that have a price */
    struct vspend_amount over;                  /* booked less computed, of the tokens that have a price; known where both are */
    struct vspend_amount per_h;                 /* cost per hour in the now window */
    struct vspend_ratio per_request, per_token; /* nano-USD by requests (all of them), by input and output tokens */
    struct vspend_ratio per_answer, cached;     /* input tokens by answered requests, cached ones by all input */
    double unpriced_share;                      /* of its tokens; NaN without tokens */
    int64_t count[PRICE_COUNTED_TERMS];
    bool known[PRICE_COUNTED_TERMS]; /* recorded; requests: those that were answered */
    const char *how;                 /* of a model: how its name matched the list, or why it has no price; "" in other rows */
};

/* Since when within the now window money goes at another rate, where its polls prove that (view/vrecent.h). */
struct vspend_recent {
    int64_t since_ms; /* 0 = nothing is proved */
    bool stopped;     /* at none */
    struct vspend_amount per_h;
    bool is_whole;    /* as vprice_summary.per_h_is_whole */
    const char *text; /* "no request ended since 21:14:05Z", ">=$364/h since 21:16:05Z"; "" */
};

/* One sentence on the computed cost, and what --max asks. */
struct vprice_summary {
    bool is_priced;                                    /* some recorded tokens have a price */
    bool is_computed;                                  /* some gateway books no spend: $/h rests on computed cost there */
    struct vspend_amount cost, booked, computed, over; /* of the whole window */
    struct vspend_amount per_h;                        /* USD per hour over the now window */
    int64_t now_ms;                                    /* what of it was measured */
    struct vspend_recent recent;
    const char *over_text; /* what per_h is of: "over the last 5m", "over the last 5m (no request ended since 21:14:05Z)" */
    bool per_h_is_whole;   /* nothing is missing from it: no source is silent, every token that it rests on has a price */
    double unpriced_share;
    size_t unpriced_models;
    const char *list;     /* "the built-in list of 2026-06-02"; "" where it cannot be read */
    const char *basis;    /* what cost rests on: "booked by the gateway", "computed by the built-in list of 2026-06-02" */
    const char *sentence; /* "" when no tokens are recorded */
};

struct view_spend {
    enum dim dims[VSPEND_DIMS_MAX];
    size_t dim_count;
    int64_t window_ms;
    const struct vspend_row *rows;
    /* of the counts of all rows: at least, where some of the window was lost or not recorded, or a source is silent */
    enum exactness counts_exact;
    size_t row_count; /* by cost, then `other`, then the total, to which they sum */
    const struct vspend_row *models;
    size_t model_count; /* the same by model, without a total */
    struct vprice_summary summary;
    size_t pieces; /* of time, between changes of prices */
};

/* What one combination cost in one stretch of a day: a row of a FOCUS export. */
struct vcharge {
    int64_t from_ms, to_ms, month_from_ms, month_to_ms;                        /* the calendar month (UTC) that it falls in */
    const char *gateway, *provider, *model, *deployment, *region, *team, *key; /* "" = not told */
    struct vspend_amount cost, booked, computed;
    int64_t count[PRICE_COUNTED_TERMS];
    bool known[PRICE_COUNTED_TERMS];
    bool is_booked; /* cost is what its gateway booked */
    bool is_priced; /* all of its tokens have a price */
    bool is_listed; /* and it is the list's, not one of the configuration */
    const char *how;
};

struct view_charges {
    const struct vcharge *rows; /* by time, then in no promised order */
    size_t count;
    const char *list;
};

#endif
