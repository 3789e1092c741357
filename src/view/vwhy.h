/* SPDX-License-Identifier: MIT */
/* Internal to view/: because of what a spend changed (analysis/lmdi), over cells of key, model and deployment as far as sources tell
 * requests and tokens apart by them. Asked for before vread_run and built after it, as in vrows.h.
 *
 * Prices, which only share a cell's cost out over kinds of tokens, are those that were paid in the last hour (analysis/price_fit). A
 * deployment is a fallback when it has next to none of its model's requests in one window and not in the other, and at least half of those
 * were counted as fallbacks; where nobody counts them, when it is the one in use now. */
#ifndef GWTOP_VIEW_VWHY_H
#define GWTOP_VIEW_VWHY_H

#include "analysis/lmdi.h"
#include "view/vrows.h"

enum { VWHY_KEY, VWHY_MODEL, VWHY_DEPLOYMENT, VWHY_DIMS };
enum { VWHY_NOW, VWHY_THEN, VWHY_SIDES };
enum { VWHY_IN, VWHY_READ, VWHY_WRITTEN, VWHY_OUT, VWHY_TOKENS }; /* as signals tell them: the first holds the next two */

struct vwhy_ask {
    size_t cost[VWHY_SIDES], requests[VWHY_SIDES], fallbacks[VWHY_SIDES], tokens[VWHY_SIDES][VWHY_TOKENS];
    size_t paid, paid_tokens[VWHY_TOKENS]; /* in steps of the last hour */
};
/* then_ms: how far back the comparison is, 0 = there is none. */
struct vwhy_ask vwhy_ask(struct vread *vr, size_t cost_now, size_t cost_then, int64_t then_ms);

/* What was paid, alone. */
void vwhy_ask_paid(struct vread *vr, struct vwhy_ask *ask);

/* A deployment of a model: whether it is a fallback, what its tokens cost. */
struct vserved {
    uint32_t model, deployment;
    uint64_t requests[VWHY_SIDES];
    double share[VWHY_SIDES];       /* of its model's requests */
    int64_t price_pusd[LMDI_KINDS]; /* all 0 = not known */
    int64_t paid_nusd;              /* in the last hour */
    bool is_fallback;
};

struct vwhy {
    struct lmdi_cell *cells; /* those of one key and model stand together */
    uint32_t (*ids)[VWHY_DIMS];
    size_t count;
    struct vserved *served; /* by model, then deployment */
    size_t served_count;
    int64_t covered_ms[VWHY_SIDES];
    enum exactness exact;      /* of ratios of its counts: about, where sources lack some of them */
    uint32_t dims;             /* by which spend, requests and tokens are all told apart */
    struct lmdi_cell *scratch; /* room for the cells of any part */
};
/* Errors: ERR_NOMEM. */
enum err vwhy_build(struct vread *vr, const struct vwhy_ask *ask, struct vwhy *ret) GW_MUST_USE;

/* Of an ask for what was paid, the prices alone: served, by its own dimensions. */
enum err vwhy_prices(struct vread *vr, const struct vwhy_ask *ask, struct vwhy *ret) GW_MUST_USE;

/* A part of the spend: the cells with dim == id that belong to no part before it; after the last one the rest. */
struct vpart {
    enum dim dim;
    uint32_t id;
};
/* A part's change, and what its cells were together; their split by cell is nothing that anybody asks for. */
struct vwhy_split {
    struct lmdi_split split;
    struct lmdi_side now, then; /* without prices */
    int64_t covered_ms[VWHY_SIDES];
    enum exactness exact; /* as the whole's */
    /* Requests of what was found, since from_ms where that is within the now window (0: of all of it), and of a longer time to compare them
     * with: that before its onset. Nothing covered: there is no such count. */
    struct vwhy_requests {
        int64_t from_ms;
        uint64_t requests[VWHY_SIDES];
        int64_t covered_ms[VWHY_SIDES];
    } found;
    bool is_key; /* what its models' prices did is not what it does */
};
/* Of parts[at]; at == count: of what is in none of them. False without a comparison, and where cells are not told apart by a part's
 * dimension. */
bool vwhy_split(const struct vwhy *w, const struct vpart *parts, size_t count, size_t at, struct vwhy_split *ret);

/* What requests at fallbacks cost now, per hour and in nano-USD, beyond what the same tokens would at the deployment that their model spent
 * most on otherwise. 0 without fallbacks; NaN where a price is not known. */
double vwhy_surcharge(const struct vwhy *w);

/* The parts of a change that are not nothing, largest first, in whole nano-USD per hour that sum to change_nusd. Errors: ERR_NOMEM. */
enum err vwhy_list(struct arena *a, const double part_per_h[LMDI_PARTS], int64_t change_nusd, const struct vcost_because **ret,
                   size_t *ret_count) GW_MUST_USE;
/* "7.5x its requests, prompts 2.1x as long": what carries at least a quarter of the change, at most two. NULL when the arena is full. */
const char *vwhy_text(struct arena *a, const struct vwhy_split *s);
/* What could not be told, and why: "not told apart by deployment: a fallback counts as price"; "". NULL when the arena is full. */
const char *vwhy_note(struct arena *a, const struct vwhy *w, const struct vpart *parts, size_t count, int64_t unsplit_nusd);

#endif
