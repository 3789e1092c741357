/* SPDX-License-Identifier: MIT */
#include "record/authority.h"

#include <string.h>

/* What is ruled on: a signal, and of one that tells stages apart each of them. */
struct lane {
    enum signal signal;
    uint32_t stage;
};

/* NULL: the source does not tell the signal's stages apart, or not this one. */
static struct authority_stage *find_stage(const struct authority_source *s, struct lane l, bool *ret_apart)
{
    *ret_apart = false;
    for (size_t k = 0; k < s->stage_count; k++) {
        *ret_apart = *ret_apart || s->stages[k].signal == l.signal;
        if (s->stages[k].signal == l.signal && s->stages[k].stage == l.stage)
            return &s->stages[k];
    }
    return NULL;
}

static bool carries(const struct authority_source *s, struct lane l, const char *gateway)
{
    bool apart;
    if ((s->signals >> l.signal & 1) == 0 || strcmp(s->gateway_name, gateway) != 0)
        return false;
    return find_stage(s, l, &apart) != NULL || (!apart && l.stage == 0);
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

static void rule_lane(const struct authority_source *list, size_t count, const struct config *cfg, struct lane l, const char *gateway,
                      struct store_authority *ret)
{
    const struct authority_source *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!list[i].gone && carries(&list[i], l, gateway) && (first == NULL || precedes(&list[i], first, cfg, l.signal)))
            first = &list[i];
    }
    for (size_t i = 0; first != NULL && i < count; i++) {
        bool apart, counts = same_layer(&list[i], first);
        struct authority_stage *stage = find_stage(&list[i], l, &apart);
        if (!carries(&list[i], l, gateway))
            continue;
        if (stage != NULL)
            stage->kept = !counts;
        set_bit(&ret[i].kept, l.signal, !counts);
        set_bit(&ret[i].unresolved, l.signal, counts && list[i].twin);
    }
}

/* Each stage that a source of the gateway tells, once. */
static void rule_stages(const struct authority_source *list, size_t count, const struct config *cfg, const char *gateway,
                        struct store_authority *ret)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; strcmp(list[i].gateway_name, gateway) == 0 && k < list[i].stage_count; k++) {
            const struct lane l = {list[i].stages[k].signal, list[i].stages[k].stage};
            bool ruled = l.stage == 0; /* with the signals */
            for (size_t j = 0; j < i && !ruled; j++)
                ruled = carries(&list[j], l, gateway);
            if (!ruled)
                rule_lane(list, count, cfg, l, gateway, ret);
        }
    }
}

/* A signal is kept as a whole where all of its stages are. */
static void join_stages(const struct authority_source *s, struct store_authority *ret)
{
    for (size_t k = 0; k < s->stage_count;) {
        const enum signal signal = s->stages[k].signal;
        bool kept = true;
        for (; k < s->stage_count && s->stages[k].signal == signal; k++)
            kept = kept && s->stages[k].kept;
        set_bit(&ret->kept, signal, kept);
        set_bit(&ret->unresolved, signal, !kept && s->twin);
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
            rule_lane(list, count, cfg, (struct lane){(enum signal)s, 0}, list[i].gateway_name, ret);
        rule_stages(list, count, cfg, list[i].gateway_name, ret);
    }
    for (size_t i = 0; i < count; i++)
        join_stages(&list[i], &ret[i]);
}
