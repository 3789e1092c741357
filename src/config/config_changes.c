/* SPDX-License-Identifier: MIT */
/* What of a source of changes counts, and what its labels stand for. */
#include <string.h>

#include "config/config_read.h"

enum event_kind config_label_kind(const struct config_label *l)
{
    static const enum event_kind kinds[] = {EVENT_DEPLOY, EVENT_CONFIG, EVENT_MODEL_VERSION, EVENT_MARK}; /* in the order of the choices */
    return kinds[l->kind];
}

static void read_only(struct reader *r, const struct yaml_node *n, struct config_source *s)
{
    static const struct option word = {.section = SECTION_SOURCE, .key = "only", .type = OPTION_TEXT};
    if (n->kind != YAML_SEQUENCE) {
        reader_error(r, n, "only", "expected a list of texts like [API, Embeddings]");
        return;
    }
    if (!reader_is_list(r, n, "only", CONFIG_ONLY_MAX))
        return;
    s->only = arena_array(r->arena, n->count + 1, sizeof *s->only);
    if (s->only == NULL) {
        r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n->count; i++)
        s->only_count += reader_value(r, &word, n->items[i], &s->only[s->only_count]);
}

static void read_labels(struct reader *r, const struct yaml_node *n, struct config_source *s)
{
    if (!reader_is_list(r, n, "labels", CONFIG_LABELS_MAX))
        return;
    s->labels = arena_array(r->arena, n->count + 1, sizeof *s->labels);
    if (s->labels == NULL) {
        r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct yaml_node *item = n->items[i], *scope = yaml_get(item, "scope");
        struct config_label *l = &s->labels[s->label_count];
        *l = (struct config_label){.kind = -1};
        reader_section(r, SECTION_LABEL, item, l, false);
        if (l->label == NULL)
            continue;
        l->scope_count = scope != NULL ? reader_scope(r, scope, l->scope) : 0;
        if (scope == NULL && yaml_get(item, "kind") == NULL)
            reader_error(r, item, "labels", "'%s' stands for nothing: scope or kind is missing", l->label);
        for (uint32_t k = 0; k < s->label_count; k++)
            if (strcmp(s->labels[k].label, l->label) == 0)
                reader_error(r, yaml_get(item, "label"), "label", "'%s' has an earlier item", l->label);
        s->label_count++;
    }
}

void config_read_change_options(struct reader *r, const struct yaml_node *item, struct config_source *s)
{
    const struct yaml_node *only = yaml_get(item, "only"), *labels = yaml_get(item, "labels");
    if (only != NULL)
        read_only(r, only, s);
    if (labels != NULL)
        read_labels(r, labels, s);
}
