/* SPDX-License-Identifier: MIT */
#include "ui/console/theme_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/embed.h"
#include "config/yaml.h"

extern const struct embed_file embed_themes[];
extern const size_t embed_themes_count;

enum { THEME_FILE_MAX = 64 * 1024 };

const char *theme_name_at(size_t i)
{
    return i < embed_themes_count ? embed_themes[i].name : NULL;
}

static enum err fill(const struct yaml_node *roles, const char *name, struct theme *th, struct errctx *ctx)
{
    for (size_t i = 0; i < roles->count; i++) {
        const struct yaml_node *key = roles->keys[i], *value = roles->items[i];
        struct errctx why = {.text = ""};
        enum role r;
        if (!role_by_name(key->text, &r))
            return errctx_set(ctx, ERR_CONFIG, "%s:%u:%u: there is no role '%.*s'; gwtop-themes(5) lists them", name, key->line,
                              key->column, (int)key->text.n, key->text.p);
        if (value->kind != YAML_SCALAR || theme_style_parse(value->text, &th->role[r], &why) != ERR_OK)
            return errctx_set(ctx, ERR_CONFIG, "%s:%u:%u: %.*s: %s", name, value->line, value->column, (int)key->text.n, key->text.p,
                              why.text);
    }
    return ERR_OK;
}

static enum err parse(struct str text, const char *name, struct theme *ret, struct errctx *ctx)
{
    struct arena a;
    const struct yaml_node *root;
    struct theme th;

    arena_init(&a, 1 << 20);
    theme_mono(&th);
    enum err e = yaml_parse(text, name, &a, &root, ctx);
    if (e == ERR_OK) {
        const struct yaml_node *roles = root->kind == YAML_MAPPING ? yaml_get(root, "roles") : NULL;
        if (roles == NULL || roles->kind != YAML_MAPPING)
            e = errctx_set(ctx, ERR_CONFIG, "%s:%u:%u: expected a mapping with `roles:`", name, root->line, root->column);
        else
            e = fill(roles, name, &th, ctx);
    }
    if (e == ERR_OK) {
        (void)str_copy(th.name, sizeof th.name, str_of(name));
        *ret = th;
    }
    arena_fini(&a);
    return e;
}

static enum err load_file(const char *path, struct theme *ret, struct errctx *ctx)
{
    struct arena a;
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return errctx_set(ctx, ERR_CONFIG, "theme %s: %s", path, strerror(errno));
    arena_init(&a, 2 * THEME_FILE_MAX);
    char *text = arena_alloc(&a, THEME_FILE_MAX);
    size_t n = text != NULL ? fread(text, 1, THEME_FILE_MAX, f) : 0;
    fclose(f);
    enum err e;
    if (text == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "theme %s: out of memory", path);
    else if (n == THEME_FILE_MAX)
        e = errctx_set(ctx, ERR_LIMIT, "theme %s: larger than %d KB", path, THEME_FILE_MAX / 1024);
    else
        e = parse((struct str){text, n}, path, ret, ctx);
    arena_fini(&a);
    return e;
}

enum err theme_load(const char *name, struct theme *ret, struct errctx *ctx)
{
    char known[256] = "";
    if (strchr(name, '/') != NULL)
        return load_file(name, ret, ctx);
    for (size_t i = 0; i < embed_themes_count; i++) {
        if (strcmp(embed_themes[i].name, name) == 0)
            return parse((struct str){embed_themes[i].data, embed_themes[i].size}, name, ret, ctx);
        size_t n = strlen(known);
        (void)str_format(known + n, sizeof known - n, "%s%s", n > 0 ? ", " : "", embed_themes[i].name);
    }
    return errctx_set(ctx, ERR_NOTFOUND, "there is no theme '%s'; there are %s, or give a path", name, known);
}
