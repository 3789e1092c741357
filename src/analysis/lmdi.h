/* SPDX-License-Identifier: MIT */
/* Why the cost changed: an exact split of the change between two windows into what drove it.
 *
 * A cell is one combination of whatever the caller groups by (key, model, deployment). Its cost is a product of factors,
 *   requests of all * share of the group * share that fell back * share of the cell * tokens per request * share of a kind * price,
 * summed over kinds of tokens, and the change of such a product is shared out by the logarithmic mean of before and after: no residual, no
 * order of the factors, and the parts of cells add up to the parts of their total. A factor that was nothing before, or is nothing after,
 * carries the whole of its term (the limit of the same formula). Groups without requests and cost in one of the windows are new or gone:
 * they are set apart, and everything else is split as if they did not exist.
 * The split of a cell's cost over kinds of tokens follows the prices it is given; what was really booked counts, so a discount or another
 * list is a change of price. Amounts are double in nano-USD per hour: one part alone is no booked amount.
 * Source: Ang, "The LMDI approach to decomposition analysis", Energy Policy 33 (2005); zero cells: Wood and Lenzen 2006. */
#ifndef GWTOP_ANALYSIS_LMDI_H
#define GWTOP_ANALYSIS_LMDI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lmdi_part {
    LMDI_REQUESTS, /* more or fewer of them */
    LMDI_MIX,      /* other keys, models or deployments at the same number */
    LMDI_INPUT,    /* longer or shorter prompts */
    LMDI_CACHE,    /* share of the prompt that was read from, or written to, the provider's cache */
    LMDI_OUTPUT,   /* longer or shorter answers */
    LMDI_PRICE,    /* what a token cost */
    LMDI_FALLBACK, /* share of a group's requests that another deployment than its own had to take */
    LMDI_NEW,      /* groups that were not there before */
    LMDI_GONE,     /* and are not there any more */
    LMDI_UNSPLIT,  /* cost per request of cells without prices, tokens or requests: why it changed cannot be told */
    LMDI_PARTS
};
const char *lmdi_part_name(enum lmdi_part p); /* "requests", "cache share", ...: for people and --json alike */

/* Of tokens; the first three are the input and do not overlap. */
enum lmdi_kind { LMDI_UNCACHED, LMDI_CACHED, LMDI_WRITTEN, LMDI_ANSWER, LMDI_KINDS };

/* What was observed of a cell in one window. Nothing at all is all zero. */
struct lmdi_side {
    uint64_t requests;
    uint64_t tokens[LMDI_KINDS];
    int64_t price_pusd[LMDI_KINDS]; /* per token; all 0 = no price is known */
    int64_t cost_nusd;              /* as booked */
};

struct lmdi_cell {
    uint64_t group;   /* whose requests these are: key and model, say; cells of one group MUST stand together */
    bool is_fallback; /* served by a deployment that is not the group's own */
    struct lmdi_side then, now;
};

struct lmdi_split {
    double then_per_h, now_per_h; /* nano-USD per hour */
    double part_per_h[LMDI_PARTS];
    double residual_per_h; /* change - sum of the parts: rounding alone */
    size_t new_groups, gone_groups, unsplit_cells;
};

/* then_ms, now_ms > 0: time that the windows' observations cover. ret_by_cell: count rows whose sum over the cells are the parts; NULL =
 * not wanted. Rows of new and gone groups hold their cost. Cost: O(cells). */
void lmdi_split(const struct lmdi_cell *cells, size_t count, int64_t then_ms, int64_t now_ms, struct lmdi_split *ret,
                double (*ret_by_cell)[LMDI_PARTS]);

#endif
