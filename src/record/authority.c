/* SPDX-License-Identifier: MIT */
#include "record/authority.h"

#include <stdlib.h>
#include <string.h>

enum { GATEWAYS_MAX = 256 }; /* that share a host's recorder */

struct put {
    uint32_t gateway;
    struct authority_ruling ruling[SIG_COUNT];
};

struct authority {
    struct put *list;
    size_t count;
};

struct authority *authority_new(void)
{
    return calloc(1, sizeof(struct authority));
}

void authority_free(struct authority *a)
{
    if (a == NULL)
        return;
    free(a->list);
    free(a);
}

static bool carries(const struct authority_source *s, enum signal signal, uint32_t gateway)
{
    return s->gateway == gateway && (s->signals >> signal & 1) != 0;
}

static bool same_layer(const struct authority_source *a, const struct authority_source *b)
{
    return a->kind == b->kind && a->profile == b->profile && (a->kind == SOURCE_METRICS || a->config == b->config);
}

static bool is_configured(const struct authority_source *s, const struct config *cfg, enum signal signal)
{
    for (uint32_t i = 0; i < cfg->authority_count; i++) {
        const struct config_authority *c = &cfg->authorities[i];
        if ((c->all_signals || c->signal == signal) && (c->gateway == NULL || strcmp(c->gateway, s->gateway_name) == 0) &&
            strcmp(c->source, s->config_name) == 0)
            return true;
    }
    return false;
}

/* Whether a's word goes before b's. */
static bool precedes(const struct authority_source *a, const struct authority_source *b, const struct config *cfg, enum signal signal)
{
    bool ca = is_configured(a, cfg, signal), cb = is_configured(b, cfg, signal);
    if (ca != cb)
        return ca;
    if (a->profile->tier != b->profile->tier)
        return a->profile->tier < b->profile->tier;
    if (a->kind != b->kind)
        return a->kind == SOURCE_METRICS;
    return a->config < b->config;
}

struct authority_ruling authority_rule(const struct authority_source *list, size_t count, const struct config *cfg, enum signal signal,
                                       uint32_t gateway)
{
    const struct authority_source *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (carries(&list[i], signal, gateway) && (first == NULL || precedes(&list[i], first, cfg, signal)))
            first = &list[i];
    }
    size_t same = 0, other = 0;
    for (size_t i = 0; first != NULL && i < count; i++) {
        if (!carries(&list[i], signal, gateway))
            continue;
        if (same_layer(&list[i], first))
            same++;
        else
            other++;
    }
    if (other == 0)
        return (struct authority_ruling){AUTHORITY_NONE, 0};
    if (same > 1)
        return (struct authority_ruling){AUTHORITY_UNRESOLVED, 0};
    return (struct authority_ruling){AUTHORITY_SOURCE, first->id};
}

static struct put *find_put(struct authority *a, uint32_t gateway)
{
    for (size_t i = 0; i < a->count; i++) {
        if (a->list[i].gateway == gateway)
            return &a->list[i];
    }
    struct put *list = a->count >= GATEWAYS_MAX ? NULL : realloc(a->list, (a->count + 1) * sizeof *list);
    if (list == NULL)
        return NULL;
    a->list = list;
    memset(&list[a->count], 0, sizeof *list);
    list[a->count].gateway = gateway;
    return &list[a->count++];
}

static bool is_seen_elsewhere(const struct authority_source *list, size_t count, enum signal signal, uint32_t gateway)
{
    for (size_t i = 0; i < count; i++) {
        if (carries(&list[i], signal, gateway) && list[i].twin)
            return true;
    }
    return false;
}

static bool is_repeated(const struct authority_source *list, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (list[k].gateway == list[i].gateway)
            return true;
    }
    return false;
}

enum err authority_put(struct authority *a, struct store *st, const struct authority_source *list, size_t count, const struct config *cfg,
                       struct errctx *ctx)
{
    for (size_t i = 0; i < count; i++) {
        if (is_repeated(list, i))
            continue;
        struct put *p = find_put(a, list[i].gateway);
        for (unsigned s = 0; p != NULL && s < SIG_COUNT; s++) {
            struct authority_ruling r = authority_rule(list, count, cfg, (enum signal)s, p->gateway);
            if (is_seen_elsewhere(list, count, (enum signal)s, p->gateway))
                r = (struct authority_ruling){AUTHORITY_UNRESOLVED, 0};
            if (r.word == AUTHORITY_NONE || (r.word == p->ruling[s].word && r.source == p->ruling[s].source))
                continue;
            enum err e = store_put_authority(st, (enum signal)s, p->gateway, r.source, ctx);
            if (e != ERR_OK)
                return e;
            p->ruling[s] = r;
        }
    }
    return ERR_OK;
}
