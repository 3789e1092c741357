/* SPDX-License-Identifier: MIT */
/* Any bytes as a YAML file, a configuration and a profile: read or refused with a position, never anything else. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/yaml.h"
#include "source/profile.h"

#undef NDEBUG /* the assertions are the test */
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const struct yaml_node *n, size_t met)
{
    assert(n->line >= 1 && n->column >= 1);
    assert(met < YAML_NODES_MAX);
    met++;
    for (size_t i = 0; n->kind != YAML_SCALAR && i < n->count; i++) {
        if (n->kind == YAML_MAPPING) {
            assert(n->keys[i]->kind == YAML_SCALAR);
            assert(yaml_get(n, n->keys[i]->text.p) == n->items[i]); /* keys are unique, and hold no NUL */
            met = walk(n->keys[i], met);
        }
        met = walk(n->items[i], met);
    }
    return met;
}

static void count_finding(void *ctx, const struct config_finding *f)
{
    assert(f->text != NULL && f->text[0] != 0);
    ++*(size_t *)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct arena a;
    struct errctx ctx = {{0}};
    const struct yaml_node *root = NULL;
    struct profile p;
    struct config c;
    size_t findings = 0;

    setenv("HOME", "/home/op", 1);
    arena_init(&a, 64 << 20);
    enum err err = yaml_parse(text, "t.yaml", &a, &root, &ctx);
    if (err == ERR_OK)
        (void)walk(root, 0);
    else
        assert((err == ERR_CONFIG || err == ERR_LIMIT) && strncmp(ctx.text, "t.yaml:", 7) == 0);
    bool is_yaml = err == ERR_OK;

    err = profile_parse(text, "t.yaml", &a, &p, &ctx);
    assert(err == ERR_OK || err == ERR_CONFIG || err == ERR_LIMIT);
    if (err == ERR_OK)
        for (size_t i = 0; i < p.metric_count; i++)
            assert(strcmp(profile_find(&p, str_of(p.metrics[i].name))->name, p.metrics[i].name) == 0);

    size_t listed = config_check(text, "t.yaml", count_finding, &findings);
    assert(listed == findings);
    err = config_parse(text, "t.yaml", &c, &ctx);
    assert(err == ERR_OK || err == ERR_CONFIG || err == ERR_LIMIT);
    assert(err != ERR_OK || is_yaml);
    if (err == ERR_OK) {
        for (uint32_t i = 0; i < c.source_count; i++)
            assert(c.sources[i].name != NULL && c.sources[i].url != NULL && c.sources[i].interval_ms >= 1000);
        for (uint32_t i = 0; i < c.slo_count; i++)
            assert(c.slos[i].objective > 0 && c.slos[i].objective < 1 && c.slos[i].period_ms > 0);
        config_fini(&c);
    }
    arena_fini(&a);
    return 0;
}
