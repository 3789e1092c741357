/* SPDX-License-Identifier: MIT */
/* How this works: libyaml's event stream drives a stack machine. Finished nodes wait on `children` until their collection ends,
 * which then copies its share into the arena. An alias is the anchored node itself, so it costs no memory; what it would cost a
 * walker is counted as its weight, and the sum of all weights is what YAML_NODES_MAX bounds. */
#include "config/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/hash.h"

enum { DEPTH_MAX = 32, ANCHORS_MAX = 100, DUPLICATE_SCAN_MAX = 16 };

struct built {
    struct yaml_node node; /* first, so that a node pointer is a built pointer */
    size_t weight;         /* nodes that a walk over it meets */
};

struct frame {
    struct built *self;
    size_t first_child; /* index into children */
    size_t anchor;      /* index + 1 of the anchor that names it, 0 = none */
};

struct anchor {
    char *name;
    struct built *target; /* NULL while its collection is still open */
};

struct builder {
    yaml_parser_t parser;
    struct arena *arena;
    const char *name;
    struct errctx *ctx;
    struct built **children; /* keys and values alternate in a mapping */
    size_t child_count, child_cap;
    struct frame frames[DEPTH_MAX];
    size_t depth;
    struct anchor anchors[ANCHORS_MAX];
    size_t anchor_count;
    size_t weight;
    struct built *root;
};

static enum err fail(const struct builder *b, enum err code, size_t line, size_t column, const char *fmt, ...) GW_PRINTF(5, 6);

static enum err fail(const struct builder *b, enum err code, size_t line, size_t column, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return errctx_set(b->ctx, code, "%s:%zu:%zu: %s", b->name, line, column, text);
}

static enum err fail_at(const struct builder *b, const yaml_mark_t *mark, const char *text)
{
    return fail(b, ERR_CONFIG, mark->line + 1, mark->column + 1, "%s", text);
}

static enum err fail_nomem(const struct builder *b)
{
    return errctx_set(b->ctx, ERR_NOMEM, "%s: out of memory", b->name);
}

/* Whether a mark stands on a tab that indents its line. */
static bool is_tab(struct str text, const yaml_mark_t *mark)
{
    size_t at = 0;
    for (size_t line = 0; line < mark->line && at < text.n; at++)
        line += text.p[at] == '\n';
    for (size_t i = 0; i < mark->column && at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'); i++)
        at++;
    return at < text.n && text.p[at] == '\t';
}

/* libyaml's sentence. Its reader knows a byte offset only, which is turned into a line here. */
static enum err fail_parser(const struct builder *b, struct str text)
{
    const yaml_parser_t *p = &b->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return fail_nomem(b);
    const char *problem = p->problem != NULL ? p->problem : "not YAML";
    if (p->error == YAML_READER_ERROR) {
        size_t line = 1, column = 1;
        for (size_t i = 0; i < text.n && i < p->problem_offset; i++) {
            column = text.p[i] == '\n' ? 1 : column + 1;
            line += text.p[i] == '\n';
        }
        return fail(b, ERR_CONFIG, line, column, "%s", problem);
    }
    if (is_tab(text, &p->problem_mark))
        return fail_at(b, &p->problem_mark, "a tab, where YAML wants blanks to indent");
    if (p->context != NULL)
        return fail(b, ERR_CONFIG, p->problem_mark.line + 1, p->problem_mark.column + 1, "%s %s", problem, p->context);
    return fail_at(b, &p->problem_mark, problem);
}

static enum err push_child(struct builder *b, struct built *child)
{
    b->weight += child->weight;
    if (b->weight > YAML_NODES_MAX)
        return fail(b, ERR_LIMIT, child->node.line, child->node.column, "more than %d nodes, aliases expanded", YAML_NODES_MAX);
    if (b->depth == 0) {
        b->root = child;
        return ERR_OK;
    }
    if (b->child_count == b->child_cap) {
        size_t cap = b->child_cap ? b->child_cap * 2 : 64;
        struct built **grown = realloc(b->children, cap * sizeof *grown);
        if (grown == NULL)
            return fail_nomem(b);
        b->children = grown;
        b->child_cap = cap;
    }
    b->children[b->child_count++] = child;
    return ERR_OK;
}

/* Whether the node that comes next is a key of the innermost mapping. */
static bool expects_key(const struct builder *b)
{
    const struct frame *f = b->depth ? &b->frames[b->depth - 1] : NULL;
    return f != NULL && f->self->node.kind == YAML_MAPPING && (b->child_count - f->first_child) % 2 == 0;
}

static enum err new_node(struct builder *b, enum yaml_kind kind, const yaml_mark_t *mark, struct built **ret)
{
    struct built *n = arena_alloc(b->arena, sizeof *n);
    if (n == NULL)
        return fail_nomem(b);
    n->node.kind = kind;
    n->node.line = (uint32_t)mark->line + 1;
    n->node.column = (uint32_t)mark->column + 1;
    n->weight = 1;
    *ret = n;
    return ERR_OK;
}

/* Names the node for later aliases. *ret is the anchor's index + 1, 0 when the event has none. */
static enum err add_anchor(struct builder *b, const yaml_char_t *name, const yaml_mark_t *mark, size_t *ret)
{
    *ret = 0;
    if (name == NULL)
        return ERR_OK;
    if (b->anchor_count == ANCHORS_MAX)
        return fail(b, ERR_LIMIT, mark->line + 1, mark->column + 1, "more than %d anchors", ANCHORS_MAX);
    char *copy = arena_strdup(b->arena, str_of((const char *)name));
    if (copy == NULL)
        return fail_nomem(b);
    b->anchors[b->anchor_count++] = (struct anchor){.name = copy};
    *ret = b->anchor_count;
    return ERR_OK;
}

static enum err on_scalar(struct builder *b, const yaml_event_t *e)
{
    struct built *n;
    size_t anchor;
    struct str text = {(const char *)e->data.scalar.value, e->data.scalar.length};
    if (e->data.scalar.tag != NULL)
        return fail_at(b, &e->start_mark, "tags (!...) are not supported; quote the value to keep it text");
    if (text.n != 0 && memchr(text.p, 0, text.n) != NULL)
        return fail_at(b, &e->start_mark, "a NUL character is not allowed");
    enum err err = new_node(b, YAML_SCALAR, &e->start_mark, &n);
    if (err == ERR_OK)
        err = add_anchor(b, e->data.scalar.anchor, &e->start_mark, &anchor);
    if (err != ERR_OK)
        return err;
    n->node.text.p = arena_strdup(b->arena, text);
    n->node.text.n = text.n;
    n->node.quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (n->node.text.p == NULL)
        return fail_nomem(b);
    if (anchor != 0)
        b->anchors[anchor - 1].target = n;
    return push_child(b, n);
}

static enum err on_start(struct builder *b, enum yaml_kind kind, const yaml_event_t *e, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (tag != NULL)
        return fail_at(b, &e->start_mark, "tags (!...) are not supported");
    if (expects_key(b))
        return fail_at(b, &e->start_mark, "a key must be plain text");
    if (b->depth == DEPTH_MAX)
        return fail(b, ERR_LIMIT, e->start_mark.line + 1, e->start_mark.column + 1, "nested deeper than %d levels", DEPTH_MAX);
    struct frame f = {.first_child = b->child_count};
    enum err err = new_node(b, kind, &e->start_mark, &f.self);
    if (err == ERR_OK)
        err = add_anchor(b, anchor, &e->start_mark, &f.anchor);
    if (err == ERR_OK)
        b->frames[b->depth++] = f;
    return err;
}

static enum err fail_duplicate(const struct builder *b, const struct yaml_node *key, const struct yaml_node *earlier)
{
    return fail(b, ERR_CONFIG, key->line, key->column, "duplicate key '%.*s', first on line %u", (int)(key->text.n > 60 ? 60 : key->text.n),
                key->text.p, earlier->line);
}

/* Small mappings are scanned, large ones hashed: 100,000 keys must not cost 100,000^2 comparisons. */
static enum err check_duplicates(const struct builder *b, const struct yaml_node *m)
{
    if (m->count <= DUPLICATE_SCAN_MAX) {
        for (size_t i = 1; i < m->count; i++)
            for (size_t k = 0; k < i; k++)
                if (str_eq(m->keys[i]->text, m->keys[k]->text))
                    return fail_duplicate(b, m->keys[i], m->keys[k]);
        return ERR_OK;
    }
    size_t mask = 1;
    while (mask < m->count * 2)
        mask *= 2;
    const struct yaml_node **slots = calloc(mask, sizeof *slots);
    if (slots == NULL)
        return fail_nomem(b);
    mask--;
    enum err err = ERR_OK;
    uint64_t secret = hash_random_key();
    for (size_t i = 0; i < m->count && err == ERR_OK; i++) {
        const struct yaml_node *key = m->keys[i];
        size_t at = (size_t)hash_bytes(key->text.p, key->text.n, secret) & mask;
        while (slots[at] != NULL && !str_eq(slots[at]->text, key->text))
            at = (at + 1) & mask;
        if (slots[at] != NULL)
            err = fail_duplicate(b, key, slots[at]);
        slots[at] = key;
    }
    free(slots);
    return err;
}

static enum err on_end(struct builder *b)
{
    struct frame f = b->frames[b->depth - 1];
    size_t got = b->child_count - f.first_child;
    bool mapping = f.self->node.kind == YAML_MAPPING;
    size_t count = mapping ? got / 2 : got;
    const struct yaml_node **items = arena_array(b->arena, count + 1, sizeof *items);
    const struct yaml_node **keys = mapping ? arena_array(b->arena, count + 1, sizeof *keys) : NULL;
    if (items == NULL || (mapping && keys == NULL))
        return fail_nomem(b);
    for (size_t i = 0; i < count; i++) {
        struct built *const *at = &b->children[f.first_child + (mapping ? 2 * i : i)];
        if (mapping)
            keys[i] = &at[0]->node;
        items[i] = mapping ? &at[1]->node : &at[0]->node;
    }
    for (size_t i = 0; i < got; i++)
        f.self->weight += b->children[f.first_child + i]->weight;
    f.self->node.items = items;
    f.self->node.keys = keys;
    f.self->node.count = count;
    b->child_count = f.first_child;
    b->depth--;
    b->weight -= f.self->weight - 1; /* its children were counted one by one; push_child counts the whole again */
    if (f.anchor != 0)
        b->anchors[f.anchor - 1].target = f.self;
    enum err err = mapping ? check_duplicates(b, &f.self->node) : ERR_OK;
    return err == ERR_OK ? push_child(b, f.self) : err;
}

static enum err on_alias(struct builder *b, const yaml_event_t *e)
{
    const char *name = (const char *)e->data.alias.anchor;
    for (size_t i = b->anchor_count; i-- > 0;) {
        if (strcmp(b->anchors[i].name, name) != 0)
            continue;
        struct built *target = b->anchors[i].target;
        if (target == NULL)
            return fail_at(b, &e->start_mark, "an alias inside of what it names");
        if (expects_key(b) && target->node.kind != YAML_SCALAR)
            return fail_at(b, &e->start_mark, "a key must be plain text");
        return push_child(b, target);
    }
    return fail(b, ERR_CONFIG, e->start_mark.line + 1, e->start_mark.column + 1, "alias *%.60s: no such anchor before it", name);
}

static enum err on_event(struct builder *b, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT: return on_scalar(b, e);
    case YAML_SEQUENCE_START_EVENT: return on_start(b, YAML_SEQUENCE, e, e->data.sequence_start.anchor, e->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT: return on_start(b, YAML_MAPPING, e, e->data.mapping_start.anchor, e->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return on_end(b);
    case YAML_ALIAS_EVENT: return on_alias(b, e);
    case YAML_DOCUMENT_START_EVENT:
        return b->root == NULL ? ERR_OK : fail_at(b, &e->start_mark, "a second document (---): one file holds one");
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT: break;
    }
    return ERR_OK;
}

/* A file of nothing but comments is an empty mapping: nothing was said. */
static enum err empty_document(struct builder *b)
{
    enum err err = new_node(b, YAML_MAPPING, &(yaml_mark_t){0}, &b->root);
    if (err != ERR_OK)
        return err;
    b->root->node.items = b->root->node.keys = arena_array(b->arena, 1, sizeof *b->root->node.items);
    return b->root->node.items != NULL ? ERR_OK : fail_nomem(b);
}

enum err yaml_parse(struct str text, const char *name, struct arena *a, const struct yaml_node **ret, struct errctx *ctx)
{
    struct builder b = {.arena = a, .name = name, .ctx = ctx};
    if (text.n > YAML_BYTES_MAX)
        return errctx_set(ctx, ERR_LIMIT, "%s: %zu bytes, at most %d are read", name, text.n, YAML_BYTES_MAX);
    if (!yaml_parser_initialize(&b.parser))
        return fail_nomem(&b);
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING); /* otherwise a BOM would switch to UTF-16 */
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text.p, text.n);
    enum err err = ERR_OK;
    for (bool done = false; !done && err == ERR_OK;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&b.parser, &event)) {
            err = fail_parser(&b, text);
            break;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        err = on_event(&b, &event);
        yaml_event_delete(&event);
    }
    if (err == ERR_OK && b.root == NULL)
        err = empty_document(&b);
    yaml_parser_delete(&b.parser);
    free(b.children);
    if (err == ERR_OK)
        *ret = &b.root->node;
    return err;
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->count; i++)
        if (str_eq_z(mapping->keys[i]->text, key))
            return mapping->items[i];
    return NULL;
}
