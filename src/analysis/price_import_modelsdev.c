/* SPDX-License-Identifier: MIT */
/* models.dev: USD per million tokens, by provider. As api.json it has numbers under `cost`; as agentgateway's catalogue strings under
 * `rates`. What lies above a context re-prices the whole request in both (agentgateway: context tokens > contextOver, the greatest one). */
#include "analysis/price_import_int.h"

struct name_of_term {
    const char *name;
    enum price_term term;
};

static const struct name_of_term cost_names[] = {{"input", PRICE_INPUT},
                                                 {"output", PRICE_OUTPUT},
                                                 {"cache_read", PRICE_CACHED},
                                                 {"cache_write", PRICE_CACHE_WRITE},
                                                 {"reasoning", PRICE_REASONING},
                                                 {"input_audio", PRICE_AUDIO_INPUT},
                                                 {"output_audio", PRICE_AUDIO_OUTPUT}};

static const struct name_of_term rate_names[] = {{"input", PRICE_INPUT},
                                                 {"output", PRICE_OUTPUT},
                                                 {"cacheRead", PRICE_CACHED},
                                                 {"cacheWrite", PRICE_CACHE_WRITE},
                                                 {"reasoning", PRICE_REASONING},
                                                 {"inputAudio", PRICE_AUDIO_INPUT},
                                                 {"outputAudio", PRICE_AUDIO_OUTPUT}};

enum { NAMES = sizeof cost_names / sizeof cost_names[0] };

static void read_prices(struct price_import *im, const struct jsontree *n, const struct name_of_term names[NAMES], int64_t above)
{
    if (n != NULL && n->kind != JSONTREE_OBJECT)
        import_fault(im, "its prices are no object");
    for (size_t i = 0; i < NAMES; i++)
        import_rate(im, names[i].name, jsontree_get(n, names[i].name), USD_PER_MILLION,
                    (struct price_rate){.term = (uint8_t)names[i].term, .above_tokens = above}, false);
}

static void read_agentgateway_model(struct price_import *im, const struct jsontree *model)
{
    const struct jsontree *tiers = jsontree_get(model, "tiers");
    read_prices(im, jsontree_get(model, "rates"), rate_names, 0);
    for (const struct jsontree *t = tiers != NULL ? tiers->child : NULL; t != NULL; t = t->next) {
        int64_t above;
        if (!import_tokens(jsontree_get(t, "contextOver"), &above) || above == 0)
            import_fault(im, "a tier without contextOver");
        else
            read_prices(im, jsontree_get(t, "rates"), rate_names, above);
    }
}

static void read_modelsdev_model(struct price_import *im, const struct jsontree *model)
{
    enum { LONG_CONTEXT = 200000 };
    const struct jsontree *cost = jsontree_get(model, "cost"), *tiers = jsontree_get(cost, "tiers");
    read_prices(im, cost, cost_names, 0);
    if (tiers == NULL || tiers->child == NULL) { /* the older way to say the same */
        read_prices(im, jsontree_get(cost, "context_over_200k"), cost_names, LONG_CONTEXT);
        return;
    }
    for (const struct jsontree *t = tiers->child; t != NULL; t = t->next) {
        int64_t above;
        if (!import_tokens(jsontree_get(jsontree_get(t, "tier"), "size"), &above) || above == 0)
            import_fault(im, "a tier without its size");
        else
            read_prices(im, t, cost_names, above);
    }
}

static void read_providers(struct price_import *im, const struct jsontree *providers,
                           void (*read_model)(struct price_import *im, const struct jsontree *model))
{
    for (const struct jsontree *p = providers->child; p != NULL; p = p->next) {
        const struct jsontree *models = jsontree_get(p, "models");
        for (const struct jsontree *m = models != NULL && models->kind == JSONTREE_OBJECT ? models->child : NULL; m != NULL; m = m->next) {
            import_begin(im, p->key, m->key, p->key, (struct str){"", 0});
            read_model(im, m);
            import_end(im);
        }
    }
}

void import_agentgateway(struct price_import *im, const struct jsontree *root)
{
    read_providers(im, jsontree_get(root, "providers"), read_agentgateway_model);
}

void import_modelsdev(struct price_import *im, const struct jsontree *root)
{
    read_providers(im, root, read_modelsdev_model);
}
