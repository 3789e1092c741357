/* SPDX-License-Identifier: MIT */
#include "config/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_finding(struct reader *r, const struct yaml_node *at, const char *option, bool is_warning, const char *fmt, va_list args)
    GW_PRINTF(5, 0);

static void add_finding(struct reader *r, const struct yaml_node *at, const char *option, bool is_warning, const char *fmt, va_list args)
{
    char text[400];
    vsnprintf(text, sizeof text, fmt, args);
    r->errors += !is_warning;
    if (r->count == FINDINGS_MAX)
        return;
    struct config_finding *f = &r->list[r->count];
    f->text = option != NULL ? arena_printf(r->arena, "%s: %s", option, text) : arena_strdup(r->arena, str_of(text));
    if (f->text == NULL) {
        r->nomem = true;
        return;
    }
    f->line = at->line;
    f->column = at->column;
    f->option = option;
    f->is_warning = is_warning;
    r->count++;
}

void reader_error(struct reader *r, const struct yaml_node *at, const char *option, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_finding(r, at, option, false, fmt, args);
    va_end(args);
}

void reader_warning(struct reader *r, const struct yaml_node *at, const char *option, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_finding(r, at, option, true, fmt, args);
    va_end(args);
}

static int by_position(const void *a, const void *b)
{
    const struct config_finding *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

void reader_sort(struct reader *r)
{
    qsort(r->list, r->count, sizeof r->list[0], by_position);
}

enum err reader_result(const struct reader *r, struct errctx *ctx)
{
    if (r->nomem)
        return errctx_set(ctx, ERR_NOMEM, "%s: out of memory", r->name);
    for (size_t i = 0; i < r->count; i++)
        if (!r->list[i].is_warning)
            return errctx_set(ctx, ERR_CONFIG, "%s:%u:%u: %s", r->name, r->list[i].line, r->list[i].column, r->list[i].text);
    return ERR_OK;
}

bool reader_is_list(struct reader *r, const struct yaml_node *n, const char *option, size_t max)
{
    if (n->kind != YAML_SEQUENCE) {
        reader_error(r, n, option, "expected a list, each item beginning with '- '");
        return false;
    }
    if (n->count > max) {
        reader_error(r, n->items[max], option, "more than %zu items", max);
        return false;
    }
    return true;
}

static const struct option *find_option(enum section s, struct str key)
{
    size_t count;
    const struct option *rows = option_table(&count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].section == s && str_eq_z(key, rows[i].key))
            return &rows[i];
    return NULL;
}

/* The keys of a section as "a|b|c". */
static const char *section_keys(struct reader *r, enum section s)
{
    size_t count;
    const struct option *rows = option_table(&count);
    const char *names = "";
    for (size_t i = 0; i < count && names != NULL; i++)
        if (rows[i].section == s)
            names = arena_printf(r->arena, "%s%s%s", names, *names ? "|" : "", rows[i].key);
    return names != NULL ? names : "";
}

const char *reader_spell(struct reader *r, const char *names)
{
    size_t n = strlen(names);
    char *text = arena_alloc(r->arena, 2 * n + 1), *to = text;
    if (text == NULL)
        return names;
    for (const char *p = names; *p != 0; p++) {
        *to++ = *p == '|' ? ',' : *p;
        if (*p == '|')
            *to++ = ' ';
    }
    return text;
}

static void unknown_key(struct reader *r, enum section s, const struct yaml_node *key)
{
    const char *names = section_keys(r, s);
    const char *near = nearest_name(r->arena, key->text, names);
    char shown[64];
    (void)str_copy(shown, sizeof shown, key->text);
    if (near != NULL)
        reader_error(r, key, NULL, "unknown option '%s', did you mean '%s'?", shown, near);
    else
        reader_error(r, key, NULL, "unknown option '%s'; %s%s%s", shown, *option_section_path(s) ? option_section_path(s) : "the file",
                     " may hold ", reader_spell(r, names));
}

/* MAP rows that every section reads alike. */
static void read_map(struct reader *r, const struct option *o, const struct yaml_node *n, char *target)
{
    if (o->inner == SECTION_SECRET && n->kind != YAML_MAPPING) {
        reader_error(r, n, o->key, "a secret does not belong into this file; write file: PATH, env: NAME or command: COMMAND below it");
        return;
    }
    if (o->inner == SECTION_SECRET) {
        memset(target + o->offset, 0, sizeof(struct config_secret)); /* a source's own origin replaces that of the defaults */
        reader_section(r, SECTION_SECRET, n, target + o->offset, false);
    } else if (o->inner == SECTION_KEEP || o->inner == SECTION_ENERGY || o->inner == SECTION_BUILTIN)
        reader_section(r, o->inner, n, target, false);
}

static bool is_read_by_section(enum option_type t)
{
    return t == OPTION_LIST || t == OPTION_SCOPE || t == OPTION_WORDS || t == OPTION_SCHEMA || t == OPTION_SIGNAL_OR_ALL;
}

void reader_section(struct reader *r, enum section s, const struct yaml_node *n, void *target, bool in_defaults)
{
    size_t count;
    const struct option *rows = option_table(&count);
    const char *path = option_section_path(s);
    if (n->kind != YAML_MAPPING) {
        size_t first = 0;
        while (first + 1 < count && rows[first].section != s)
            first++;
        reader_error(r, n, *path ? path : NULL, "expected keys and values, such as %s: ...", rows[first].key);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct option *o = find_option(s, n->keys[i]->text);
        if (o == NULL)
            unknown_key(r, s, n->keys[i]);
        else if (in_defaults && (o->flags & OPTION_OWN))
            reader_error(r, n->keys[i], o->key, "belongs to one item, not to the defaults of all");
        else if (o->type == OPTION_MAP)
            read_map(r, o, n->items[i], target);
        else if (!is_read_by_section(o->type))
            (void)reader_value(r, o, n->items[i], (char *)target + o->offset);
    }
    for (size_t i = 0; i < count && !in_defaults; i++)
        if (rows[i].section == s && (rows[i].flags & OPTION_REQUIRED) && yaml_get(n, rows[i].key) == NULL)
            reader_error(r, n, NULL, "%s is missing: %s", rows[i].key, rows[i].help);
}
