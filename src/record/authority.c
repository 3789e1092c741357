/* SPDX-License-Identifier: MIT */
#include "record/authority.h"

#include <string.h>

static bool carries(const struct authority_source *s, enum signal signal, const char *gateway)
{
    return (s->signals >> signal & 1) != 0 && strcmp(s->gateway_name, gateway) == 0;
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

static void set_bit(uint64_t *bits, enum signal signal, bool on)
{
    *bits = (*bits & ~(UINT64_C(1) << signal)) | (uint64_t)on << signal;
}

static void rule_one(const struct authority_source *list, size_t count, const struct config *cfg, enum signal signal, const char *gateway,
                     struct store_authority *ret)
{
    const struct authority_source *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!list[i].gone && carries(&list[i], signal, gateway) && (first == NULL || precedes(&list[i], first, cfg, signal)))
            first = &list[i];
    }
    for (size_t i = 0; first != NULL && i < count; i++) {
        if (!carries(&list[i], signal, gateway))
            continue;
        bool counts = same_layer(&list[i], first);
        set_bit(&ret[i].kept, signal, !counts);
        set_bit(&ret[i].unresolved, signal, counts && list[i].twin);
    }
}

static bool is_repeated(const struct authority_source *list, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(list[k].gateway_name, list[i].gateway_name) == 0)
            return true;
    }
    return false;
}

void authority_rule(const struct authority_source *list, size_t count, const struct config *cfg, struct store_authority *ret)
{
    for (size_t i = 0; i < count; i++)
        ret[i] = list[i].was;
    for (size_t i = 0; i < count; i++) {
        if (is_repeated(list, i))
            continue;
        for (unsigned s = 0; s < SIG_COUNT; s++)
            rule_one(list, count, cfg, (enum signal)s, list[i].gateway_name, ret);
    }
}
