/* SPDX-License-Identifier: MIT */
/* The only labels that are kept. A series is one source's view of one signal for one combination of them. */
#ifndef GWTOP_MODEL_DIMS_H
#define GWTOP_MODEL_DIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum dim {
    DIM_GATEWAY,    /* the configured gateway that a source belongs to */
    DIM_PROVIDER,   /* openai, anthropic, ... */
    DIM_MODEL,      /* the name the client asked for (model group) */
    DIM_DEPLOYMENT, /* one concrete upstream of a model */
    DIM_REGION,
    DIM_TEAM,
    DIM_KEY,   /* alias of an API key, never its secret */
    DIM_ROUTE, /* HTTP route */
    DIM_STAGE, /* guardrail, retrieval, ... */
    DIM_CLASS, /* outcome: ok, 429, 5xx, ... */
    DIM_NAME,  /* what else tells two of a kind apart: score name, guardrail name, engine; of tokens and
                  * spend the provider's name of what answered, where the model may be an alias */
    DIM_JUDGE, /* of scores: the judge's version, or the configuration that it was given under */
    DIM_COUNT
};

#define DIM_BIT(d) (1u << (d))

const char *dim_name(enum dim d);
bool dim_by_name(struct str name, enum dim *ret);

/* Outcome classes, in the order shown everywhere. */
enum outcome {
    OUTCOME_OK,
    OUTCOME_429,
    OUTCOME_5XX,
    OUTCOME_TIMEOUT,
    OUTCOME_CONTEXT,
    OUTCOME_FILTER,
    OUTCOME_CLIENT,
    OUTCOME_BUDGET, /* the gateway refused it: an allowance of its caller is spent */
    OUTCOME_LIMIT,  /* the gateway refused it: a rate limit of its own, not the provider's (that is 429) */
    OUTCOME_AUTH,   /* the gateway refused it: it does not know the caller, or not for this */
    OUTCOME_OTHER,
    OUTCOME_COUNT
};
const char *outcome_name(enum outcome o);
bool outcome_by_name(struct str name, enum outcome *ret);
/* Whether an outcome spends error budget: every failure but the client's own fault (client, context, filter) and what the gateway
 * refused. */
bool outcome_is_bad(enum outcome o);
/* Whether the gateway refused it by a rule of its own, before any provider was asked: budget, limit, auth. Requests that are lost to their
 * caller, and no failure of the service (docs/decisions/0024-refusals.md). */
bool outcome_is_refused(enum outcome o);
/* From an HTTP status ("200", "429", "None", "") and an exception class name, as gateways label them. A status alone never tells a refusal:
 * a 401 or 429 may be the provider's. */
enum outcome outcome_of_status(struct str status, struct str exception_class);

struct series {
    uint32_t id;             /* the store's, dense from 1 */
    uint32_t source;         /* the store's source id */
    uint16_t signal;         /* enum signal */
    uint32_t bounds;         /* histogram: id of the interned set of bounds, else 0 */
    uint32_t dim[DIM_COUNT]; /* interned string ids, 0 = not given */
};

#endif
