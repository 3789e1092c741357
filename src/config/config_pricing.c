/* SPDX-License-Identifier: MIT */
/* What money is computed by goes with what was recorded, so that a store tells the same amounts wherever it is read. JSON is YAML: the note
 * is read by the code that reads the file. */
#include <stdlib.h>

#include "base/json.h"
#include "config/config_read.h"

enum { PRICING_BYTES_MAX = 1 << 20 };
static const char *const sections[] = {"prices", "hosting", "energy"};
enum { SECTIONS = sizeof sections / sizeof *sections };

static void write_node(struct json *w, struct arena *a, const char *key, const struct yaml_node *n)
{
    if (n->kind == YAML_SCALAR) {
        json_str(w, key, n->text);
        return;
    }
    if (n->kind == YAML_MAPPING)
        json_object(w, key);
    else
        json_array(w, key);
    for (size_t i = 0; i < n->count; i++) {
        const char *name = n->kind == YAML_MAPPING ? arena_strdup(a, n->keys[i]->text) : NULL;
        if (n->kind == YAML_MAPPING && name == NULL)
            w->err = ERR_NOMEM;
        else
            write_node(w, a, name, n->items[i]);
    }
    json_end(w);
}

const char *config_pricing_text(struct reader *r, const struct yaml_node *root)
{
    struct buf out;
    struct json w;
    const char *text = NULL;
    bool any = false;

    buf_init(&out, PRICING_BYTES_MAX);
    json_begin(&w, &out, false);
    json_object(&w, NULL);
    for (size_t i = 0; i < SECTIONS && r->errors == 0; i++) {
        const struct yaml_node *n = yaml_get(root, sections[i]);
        if (n != NULL)
            write_node(&w, r->arena, sections[i], n);
        any = any || n != NULL;
    }
    json_end(&w);
    if (w.err == ERR_LIMIT) {
        reader_error(r, root, NULL, "prices, hosting and energy together are more than %d bytes", PRICING_BYTES_MAX);
    } else if (any && r->errors == 0) {
        text = w.err == ERR_OK ? arena_strdup(r->arena, buf_str(&out)) : NULL;
        r->nomem = r->nomem || text == NULL;
    }
    buf_fini(&out);
    return text;
}

void config_read_pricing(struct reader *r, const struct yaml_node *root, struct config *c)
{
    if (yaml_get(root, "prices") != NULL)
        config_read_prices(r, yaml_get(root, "prices"), c);
    if (yaml_get(root, "hosting") != NULL)
        config_read_hosting(r, yaml_get(root, "hosting"), c);
    if (yaml_get(root, "energy") != NULL)
        config_read_energy(r, yaml_get(root, "energy"), c);
}

static void drop(struct config *c)
{
    c->price_count = c->hosting_count = c->tariff_count = 0;
    c->pricing = NULL;
}

enum err config_take_snapshot(struct config *c, const char *gateway, struct str pricing, struct str prices, struct errctx *ctx)
{
    drop(c);
    c->pue = 1;
    c->carbon_g_per_kwh = 0;
    c->canary_count = 0;
    c->gateway = gateway;
    c->of_snapshot = true;
    c->price_text = prices;
    return pricing.n > 0 ? config_take_pricing(c, pricing, ctx) : ERR_OK;
}

enum err config_take_pricing(struct config *c, struct str pricing, struct errctx *ctx)
{
    static const char name[] = "the recorded prices";
    const struct yaml_node *root;
    struct reader *r;

    if (c->pricing != NULL)
        return ERR_OK;
    enum err e = yaml_parse(pricing, name, &c->arena, &root, ctx);
    if (e != ERR_OK)
        return e;
    r = calloc(1, sizeof *r);
    if (r == NULL)
        return errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    r->arena = &c->arena;
    r->name = name;
    r->dir = ".";
    if (root->kind == YAML_MAPPING && yaml_get(root, "energy") != NULL)
        reader_section(r, SECTION_ENERGY, yaml_get(root, "energy"), c, false);
    config_read_pricing(r, root, c);
    c->pricing = config_pricing_text(r, root);
    e = reader_result(r, ctx);
    free(r);
    if (e != ERR_OK)
        drop(c);
    for (uint32_t i = 0; i < c->price_count; i++)
        c->prices[i].line = 0; /* of no file */
    return e;
}
