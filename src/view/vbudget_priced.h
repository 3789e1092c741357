/* SPDX-License-Identifier: MIT */
/* Internal to view/: what budgets count where a gateway books no spend: its tokens at the prices in force (vprice.h). Read only where there
 * is such a gateway, and each window once for all budgets. */
#ifndef GWTOP_VIEW_VBUDGET_PRICED_H
#define GWTOP_VIEW_VBUDGET_PRICED_H

#include "view/load.h"
#include "view/vprice.h"

enum { VBUDGET_WINDOWS_MAX = 6 }; /* day, week, month, now, the last 24 h; the last one is of a single budget, and given up for the next */

struct vbudget_priced {
    struct view_loader l;
    struct view_params p; /* without a filter: a budget is of the whole of its scope */
    bool is_needed;       /* some gateway counts tokens and books no spend; else nothing is read */
    uint32_t dims;        /* of all scopes */
    uint32_t *booking;    /* ids of gateways that book spend */
    size_t booking_count;
    struct vprice_book book;
    struct {
        int64_t t0_ms, t1_ms;
        bool too_many; /* combinations to be read */
        struct vprice priced;
    } window[VBUDGET_WINDOWS_MAX];
    size_t count;
};

/* Errors: ERR_NOMEM. Cost: O(series). */
enum err vbudget_priced_init(struct vbudget_priced *v, const struct view_loader *l, const struct view_params *p,
                             struct errctx *ctx) GW_MUST_USE;

/* What the tokens of a scope cost in (t0, t1] where no spend is booked. Of more combinations than can be read the amount is not known,
 * which is no error. */
struct vbudget_cost {
    bool any; /* there are such tokens */
    struct vspend_amount amount;
    int64_t covered_ms;
    bool stale;
};
enum err vbudget_priced_sum(struct vbudget_priced *v, const struct config_budget *b, int64_t t0_ms, int64_t t1_ms, struct vbudget_cost *ret,
                            struct errctx *ctx) GW_MUST_USE;

#endif
