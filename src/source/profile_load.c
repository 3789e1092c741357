/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embed.h"
#include "config/yaml.h"
#include "source/profile.h"

extern const struct embed_file embed_profiles[];
extern const size_t embed_profiles_count;

/* Puts a profile into the list, in place of one of the same name. */
static enum err put(struct profiles *ps, const struct profile *p, struct errctx *ctx)
{
    for (size_t i = 0; i < ps->count; i++) {
        if (strcmp(ps->list[i].name, p->name) == 0) {
            ps->list[i] = *p;
            return ERR_OK;
        }
    }
    if (ps->count == PROFILES_MAX)
        return errctx_set(ctx, ERR_LIMIT, "more than %d profiles", PROFILES_MAX);
    ps->list[ps->count++] = *p;
    return ERR_OK;
}

static enum err load_file(const char *path, struct arena *a, struct profiles *ps, struct errctx *ctx)
{
    enum { CHUNK = 64 * 1024 };
    struct profile p;
    struct buf text;
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return errctx_set(ctx, ERR_IO, "%s: %s", path, strerror(errno));
    buf_init(&text, YAML_BYTES_MAX + 1);
    enum err err = ERR_OK;
    for (size_t got = 1; got > 0 && err == ERR_OK;) {
        char *at = buf_reserve(&text, CHUNK);
        got = at != NULL ? fread(at, 1, CHUNK, f) : 0;
        text.len += got;
        if (at == NULL)
            err = errctx_set(ctx, ERR_LIMIT, "%s: larger than %d bytes", path, YAML_BYTES_MAX);
        else if (ferror(f))
            err = errctx_set(ctx, ERR_IO, "%s: %s", path, strerror(errno));
    }
    fclose(f);
    if (err == ERR_OK)
        err = profile_parse(buf_str(&text), path, a, &p, ctx);
    if (err == ERR_OK)
        err = put(ps, &p, ctx);
    buf_fini(&text);
    return err;
}

static int is_profile(const struct dirent *e)
{
    return e->d_name[0] != '.' && str_has_suffix(str_of(e->d_name), ".yaml");
}

static enum err load_dir(const char *dir, struct arena *a, struct profiles *ps, struct errctx *ctx)
{
    struct dirent **entries;
    int count = scandir(dir, &entries, is_profile, alphasort);
    if (count < 0)
        return errctx_set(ctx, ERR_IO, "profile_dir %s: %s", dir, strerror(errno));
    enum err err = ERR_OK;
    for (int i = 0; i < count; i++) {
        const char *path = err == ERR_OK ? arena_printf(a, "%s/%s", dir, entries[i]->d_name) : NULL;
        if (err == ERR_OK)
            err = path != NULL ? load_file(path, a, ps, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory");
        free(entries[i]);
    }
    free(entries);
    return err;
}

enum err profiles_load(const char *dir, struct arena *a, struct profiles *ret, struct errctx *ctx)
{
    struct profiles ps = {.list = arena_array(a, PROFILES_MAX, sizeof *ps.list)};
    enum err err = ps.list != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < embed_profiles_count && err == ERR_OK; i++) {
        const struct embed_file *f = &embed_profiles[i];
        struct profile p;
        const char *name = arena_printf(a, "%s.yaml", f->name);
        err = name != NULL ? profile_parse((struct str){f->data, f->size}, name, a, &p, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory");
        if (err == ERR_OK)
            err = put(&ps, &p, ctx);
    }
    if (err == ERR_OK && dir != NULL)
        err = load_dir(dir, a, &ps, ctx);
    if (err == ERR_OK)
        *ret = ps;
    return err;
}
