/* SPDX-License-Identifier: MIT */
/* The things that traffic passes through, and who of them calls whom: gateway -> stages, and -> model -> deployment -> provider, or ->
 * engine of one's own.
 *
 * How it is found: each series of the traffic names a part of the way that its requests went: one of attempts by model, deployment and
 * provider says that this model is answered by that deployment, and that by the provider. Nobody has to write it down; what no series shows
 * (which vector store a retrieval asks) the configuration adds as edges between names. It only grows, so that a number once given stays.
 * Pure; owns its memory. Source: docs/decisions/0020-topology.md. */
#ifndef GWTOP_ANALYSIS_TOPOLOGY_H
#define GWTOP_ANALYSIS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/rootrank.h"
#include "base/intern.h"
#include "model/dims.h"
#include "model/road.h"

#define TOPOLOGY_NONE UINT32_MAX

/* In the order of names: "gateway litellm", "stage guardrail", "model gpt-x", "deployment gpt-x-eu1", "provider openai", "engine qwen". */
enum component_kind {
    COMPONENT_GATEWAY,
    COMPONENT_STAGE,
    COMPONENT_MODEL,
    COMPONENT_DEPLOYMENT,
    COMPONENT_PROVIDER,
    COMPONENT_ENGINE,
    COMPONENT_OTHER /* what the configuration alone knows, by its whole name */
};

struct component {
    enum component_kind kind;
    uint32_t gateway,
        value;        /* strings' ids; of a gateway both are it, of a provider gateway is 0, of others the configuration's both are */
    const char *name; /* safe text; two of a kind and value behind different gateways are told apart by "of GATEWAY" */
};

struct topology;

/* NULL when out of memory. */
struct topology *topology_new(void);
void topology_free(struct topology *t);
/* Takes in what a series shows, nothing where it is not of the traffic. Past ROOTRANK_COMPONENTS_MAX or ROOTRANK_EDGES_MAX what is new is
 * left out: topology_is_full. Errors: ERR_NOMEM. Cost: some look-ups. */
enum err topology_see(struct topology *t, const struct intern *strings, const struct series *s) GW_MUST_USE;
/* Adds the configured edges of which both ends are known by now; an end that names no kind above is known at once. Call it again when the
 * topology has grown. Errors: ERR_NOMEM. */
enum err topology_connect(struct topology *t, const struct road_edge *list, size_t count) GW_MUST_USE;

size_t topology_count(const struct topology *t);
const struct component *topology_at(const struct topology *t, uint32_t i);               /* valid as long as t */
const struct rootrank_edge *topology_edges(const struct topology *t, size_t *ret_count); /* valid until it grows */
bool topology_is_full(const struct topology *t);
bool topology_calls(const struct topology *t, uint32_t caller, uint32_t callee);

/* gateway 0: the first that there is. TOPOLOGY_NONE: there is none. */
uint32_t topology_find(const struct topology *t, enum component_kind kind, uint32_t gateway, uint32_t value);
uint32_t topology_find_name(const struct topology *t, const char *name);
/* The component that a scope's values name, the farthest down the way: its deployment, provider, stage or model, else the gateway, where it
 * names one or there is only one. */
uint32_t topology_of(const struct topology *t, const uint32_t dim[DIM_COUNT]);

#endif
