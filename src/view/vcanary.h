/* SPDX-License-Identifier: MIT */
/* Canaries as the configuration has them, priced, and as the recorder left them. */
#ifndef GWTOP_VIEW_VCANARY_H
#define GWTOP_VIEW_VCANARY_H

#include "config/config.h"
#include "model/canary_state.h"

/* What a canary of the configuration costs at most. */
struct vcanary_price {
    int64_t run_nusd, day_nusd, runs_a_day;
    const char *why;  /* it has no price, and is not run: why; "" */
    const char *text; /* "canary basics: a run costs up to $0.00018, ..."; of a canary without a price that it is not run */
};
/* One per canary of the configuration, in its order, at the prices of now_ms. Memory from a. Errors: ERR_NOMEM. */
enum err vcanary_prices(const struct config *cfg, int64_t now_ms, struct arena *a, struct vcanary_price **ret,
                        struct errctx *ctx) GW_MUST_USE;

/* How one stands at the cursor, in a sentence: "basics (gpt-x): ran 4m ago, 11 of 12 passed; next in 56m; $0.002 of $0.50 spent today".
 * NULL when the arena is full. */
const char *vcanary_text(const struct canary_state *s, int64_t cursor_ms, struct arena *a);

#endif
