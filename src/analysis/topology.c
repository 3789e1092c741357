/* SPDX-License-Identifier: MIT */
#include "analysis/topology.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/safe_text.h"
#include "model/signal.h"

enum { SLOTS = 4 * ROOTRANK_EDGES_MAX, NAME_MAX_BYTES = 200, NAMES_MAX_BYTES = 4 << 20 };

struct topology {
    struct arena names;
    struct component *list;
    struct rootrank_edge *edges;
    size_t count, cap, edge_count, edge_cap;
    uint32_t component_slot[SLOTS], edge_slot[SLOTS]; /* index + 1, 0: free; a quarter full at most */
    bool full;
};

static const char *const kind_name[] = {
    [COMPONENT_GATEWAY] = "gateway",   [COMPONENT_STAGE] = "stage",   [COMPONENT_MODEL] = "model", [COMPONENT_DEPLOYMENT] = "deployment",
    [COMPONENT_PROVIDER] = "provider", [COMPONENT_ENGINE] = "engine", [COMPONENT_OTHER] = "",
};

struct topology *topology_new(void)
{
    struct topology *t = calloc(1, sizeof *t);
    if (t != NULL)
        arena_init(&t->names, NAMES_MAX_BYTES);
    return t;
}

void topology_free(struct topology *t)
{
    if (t == NULL)
        return;
    arena_fini(&t->names);
    free(t->list);
    free(t->edges);
    free(t);
}

/* ---- tables ---- */

static uint32_t *slot_of(const struct topology *t, enum component_kind kind, uint32_t gateway, uint32_t value)
{
    size_t at = (size_t)(hash_u64((uint64_t)gateway << 32 | value, (uint64_t)kind) % SLOTS);
    for (;; at = (at + 1) % SLOTS) {
        const uint32_t i = t->component_slot[at];
        if (i == 0 || (t->list[i - 1].kind == kind && t->list[i - 1].gateway == gateway && t->list[i - 1].value == value))
            return (uint32_t *)&t->component_slot[at];
    }
}

static uint32_t *edge_slot_of(const struct topology *t, uint32_t caller, uint32_t callee)
{
    size_t at = (size_t)(hash_u64((uint64_t)caller << 32 | callee, 0) % SLOTS);
    for (;; at = (at + 1) % SLOTS) {
        const uint32_t i = t->edge_slot[at];
        if (i == 0 || (t->edges[i - 1].caller == caller && t->edges[i - 1].callee == callee))
            return (uint32_t *)&t->edge_slot[at];
    }
}

/* Room for one more; false: out of memory. */
static bool grow(void **list, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return true;
    const size_t room = *cap == 0 ? 64 : 2 * *cap;
    void *more = realloc(*list, room * size);
    if (more == NULL)
        return false;
    *list = more;
    *cap = room;
    return true;
}

static enum err append(struct topology *t, struct component c, uint32_t *ret)
{
    void *list = t->list;
    if (c.name == NULL || !grow(&list, &t->cap, t->count, sizeof *t->list))
        return ERR_NOMEM;
    t->list = list;
    t->list[t->count] = c;
    *ret = (uint32_t)t->count++;
    return ERR_OK;
}

static const char *name_of(struct topology *t, const struct intern *strings, enum component_kind kind, uint32_t gateway, uint32_t value)
{
    char safe[NAME_MAX_BYTES], of[NAME_MAX_BYTES];
    (void)safe_text(safe, sizeof safe, str_of(intern_text(strings, value)));
    const bool is_second = kind != COMPONENT_GATEWAY && gateway != 0 && topology_find(t, kind, 0, value) != TOPOLOGY_NONE;
    (void)safe_text(of, sizeof of, str_of(is_second ? intern_text(strings, gateway) : ""));
    return arena_printf(&t->names, "%s %s%s%s", kind_name[kind], safe, is_second ? " of " : "", of);
}

/* The component of a value, made when new; TOPOLOGY_NONE when value is 0, or there is no room. Errors: ERR_NOMEM. */
static enum err have(struct topology *t, const struct intern *strings, enum component_kind kind, uint32_t gateway, uint32_t value,
                     uint32_t *ret)
{
    *ret = TOPOLOGY_NONE;
    if (value == 0)
        return ERR_OK;
    uint32_t *slot = slot_of(t, kind, gateway, value);
    if (*slot != 0) {
        *ret = *slot - 1;
        return ERR_OK;
    }
    if (t->count == ROOTRANK_COMPONENTS_MAX) {
        t->full = true;
        return ERR_OK;
    }
    const enum err e = append(
        t, (struct component){.kind = kind, .gateway = gateway, .value = value, .name = name_of(t, strings, kind, gateway, value)}, ret);
    if (e == ERR_OK)
        *slot = *ret + 1;
    return e;
}

static enum err connect(struct topology *t, uint32_t caller, uint32_t callee)
{
    void *list = t->edges;
    if (caller == TOPOLOGY_NONE || callee == TOPOLOGY_NONE || caller == callee)
        return ERR_OK;
    uint32_t *slot = edge_slot_of(t, caller, callee);
    if (*slot != 0)
        return ERR_OK;
    if (t->edge_count == ROOTRANK_EDGES_MAX) {
        t->full = true;
        return ERR_OK;
    }
    if (!grow(&list, &t->edge_cap, t->edge_count, sizeof *t->edges))
        return ERR_NOMEM;
    t->edges = list;
    t->edges[t->edge_count++] = (struct rootrank_edge){caller, callee};
    *slot = (uint32_t)t->edge_count;
    return ERR_OK;
}

/* ---- what a series shows ---- */

/* Of the way from the gateway to the provider; of an engine that one runs oneself; of a stage; or of none of it (money, scores,
 * canaries). */
static enum { WAY_NONE, WAY_TRAFFIC, WAY_ENGINE, WAY_STAGE } way_of(enum signal s)
{
    switch (s) {
    case SIG_REQUESTS:
    case SIG_ATTEMPTS:
    case SIG_RETRIES:
    case SIG_TTFT:
    case SIG_TPOT:
    case SIG_E2E:
    case SIG_PROVIDER_LATENCY:
    case SIG_UPSTREAM_CONNECT:
    case SIG_QUEUE_TIME:
    case SIG_OVERHEAD: return WAY_TRAFFIC;
    case SIG_RUNNING:
    case SIG_WAITING:
    case SIG_KV_CACHE:
    case SIG_PREEMPTIONS:
    case SIG_ENGINE_QUEUE: return WAY_ENGINE;
    case SIG_STAGE_LATENCY: return WAY_STAGE;
    default: return WAY_NONE;
    }
}

static enum err see_engine(struct topology *t, const struct intern *strings, const struct series *s)
{
    const uint32_t g = s->dim[DIM_GATEWAY], served = s->dim[DIM_MODEL] != 0 ? s->dim[DIM_MODEL] : s->dim[DIM_NAME];
    uint32_t engine, caller;
    if (served == 0) /* the gateway's own load */
        return ERR_OK;
    enum err e = have(t, strings, COMPONENT_ENGINE, g, served, &engine);
    if (e == ERR_OK)
        e = have(t, strings, COMPONENT_PROVIDER, 0, s->dim[DIM_PROVIDER], &caller);
    if (e != ERR_OK)
        return e;
    /* The deployment in front of it has its name, or the provider's label says that it is one's own. */
    if (s->dim[DIM_DEPLOYMENT] != 0)
        e = have(t, strings, COMPONENT_DEPLOYMENT, g, s->dim[DIM_DEPLOYMENT], &caller);
    if (e == ERR_OK && caller == TOPOLOGY_NONE)
        e = have(t, strings, COMPONENT_GATEWAY, g, g, &caller);
    return e == ERR_OK ? connect(t, caller, engine) : e;
}

static enum err see_way(struct topology *t, const struct intern *strings, const struct series *s)
{
    static const struct {
        enum component_kind kind;
        enum dim dim;
    } hops[] = {{COMPONENT_GATEWAY, DIM_GATEWAY},
                {COMPONENT_MODEL, DIM_MODEL},
                {COMPONENT_DEPLOYMENT, DIM_DEPLOYMENT},
                {COMPONENT_PROVIDER, DIM_PROVIDER}};
    uint32_t last = TOPOLOGY_NONE, next;
    for (size_t i = 0; i < sizeof hops / sizeof hops[0]; i++) {
        const uint32_t gateway = hops[i].kind == COMPONENT_PROVIDER ? 0 : s->dim[DIM_GATEWAY];
        enum err e = have(t, strings, hops[i].kind, gateway, s->dim[hops[i].dim], &next);
        if (e == ERR_OK)
            e = connect(t, last, next);
        if (e != ERR_OK)
            return e;
        last = next != TOPOLOGY_NONE ? next : last;
    }
    return ERR_OK;
}

enum err topology_see(struct topology *t, const struct intern *strings, const struct series *s)
{
    const uint32_t g = s->dim[DIM_GATEWAY];
    uint32_t gateway, stage;
    enum err e = ERR_OK;
    switch (way_of((enum signal)s->signal)) {
    case WAY_NONE: return ERR_OK;
    case WAY_TRAFFIC: return see_way(t, strings, s);
    case WAY_ENGINE: return see_engine(t, strings, s);
    case WAY_STAGE: break;
    }
    e = have(t, strings, COMPONENT_GATEWAY, g, g, &gateway);
    if (e == ERR_OK)
        e = have(t, strings, COMPONENT_STAGE, g, s->dim[DIM_STAGE], &stage);
    return e == ERR_OK ? connect(t, gateway, stage) : e;
}

/* ---- what the configuration adds ---- */

static bool names_a_kind(const char *name)
{
    for (int k = COMPONENT_GATEWAY; k < COMPONENT_OTHER; k++) {
        const size_t n = strlen(kind_name[k]);
        if (strncmp(name, kind_name[k], n) == 0 && name[n] == ' ')
            return true;
    }
    return false;
}

/* A component by its name; one of the configuration's own is made when new. */
static enum err named(struct topology *t, const char *name, uint32_t *ret)
{
    *ret = topology_find_name(t, name);
    if (*ret != TOPOLOGY_NONE || names_a_kind(name))
        return ERR_OK;
    if (t->count == ROOTRANK_COMPONENTS_MAX) {
        t->full = true;
        return ERR_OK;
    }
    return append(t, (struct component){.kind = COMPONENT_OTHER, .name = arena_strdup(&t->names, str_of(name))}, ret);
}

enum err topology_connect(struct topology *t, const struct road_edge *list, size_t count)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        uint32_t from, to = TOPOLOGY_NONE;
        e = named(t, list[i].from, &from);
        if (e == ERR_OK)
            e = named(t, list[i].to, &to);
        if (e == ERR_OK)
            e = connect(t, from, to);
    }
    return e;
}

/* ---- reading ---- */

size_t topology_count(const struct topology *t)
{
    return t->count;
}

const struct component *topology_at(const struct topology *t, uint32_t i)
{
    assert(i < t->count);
    return &t->list[i];
}

const struct rootrank_edge *topology_edges(const struct topology *t, size_t *ret_count)
{
    *ret_count = t->edge_count;
    return t->edges;
}

bool topology_is_full(const struct topology *t)
{
    return t->full;
}

bool topology_calls(const struct topology *t, uint32_t caller, uint32_t callee)
{
    return *edge_slot_of(t, caller, callee) != 0;
}

uint32_t topology_find(const struct topology *t, enum component_kind kind, uint32_t gateway, uint32_t value)
{
    if (gateway != 0 || kind == COMPONENT_PROVIDER) {
        const uint32_t i = *slot_of(t, kind, kind == COMPONENT_PROVIDER ? 0 : gateway, value);
        return i != 0 ? i - 1 : TOPOLOGY_NONE;
    }
    for (uint32_t i = 0; i < t->count; i++)
        if (t->list[i].kind == kind && t->list[i].value == value)
            return i;
    return TOPOLOGY_NONE;
}

uint32_t topology_find_name(const struct topology *t, const char *name)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (strcmp(t->list[i].name, name) == 0)
            return i;
    return TOPOLOGY_NONE;
}

uint32_t topology_of(const struct topology *t, const uint32_t dim[DIM_COUNT])
{
    static const struct {
        enum component_kind kind;
        enum dim dim;
    } order[] = {{COMPONENT_DEPLOYMENT, DIM_DEPLOYMENT},
                 {COMPONENT_PROVIDER, DIM_PROVIDER},
                 {COMPONENT_STAGE, DIM_STAGE},
                 {COMPONENT_MODEL, DIM_MODEL}};
    const uint32_t gateway = dim[DIM_GATEWAY];
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const uint32_t found = dim[order[i].dim] != 0 ? topology_find(t, order[i].kind, gateway, dim[order[i].dim]) : TOPOLOGY_NONE;
        if (found != TOPOLOGY_NONE)
            return found;
    }
    uint32_t only = TOPOLOGY_NONE;
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->list[i].kind != COMPONENT_GATEWAY || (gateway != 0 && t->list[i].value != gateway))
            continue;
        if (only != TOPOLOGY_NONE)
            return TOPOLOGY_NONE;
        only = i;
    }
    return only;
}
