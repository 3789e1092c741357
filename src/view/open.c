/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"

/* Where a recorder may keep its ring store: a system recorder's runtime directory, then that of the user's session. */
static bool active_ring(const char *path, char ring[PATH_MAX])
{
    const char *const dirs[] = {"/run/gwtop", getenv("XDG_RUNTIME_DIR")};

    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        if (dirs[i] != NULL && dirs[i][0] == '/' && store_ring_is_active(path, dirs[i], ring, PATH_MAX))
            return true;
    return false;
}

enum err view_open_store(const char *path, struct store **ret, struct errctx *ctx)
{
    char ring[PATH_MAX];
    struct errctx ignored;

    /* A ring store that is just being made or given up is no reason to show nothing. */
    if (active_ring(path, ring) && store_open_reader(ring, ret, &ignored) == ERR_OK)
        return ERR_OK;
    return store_open_reader(path, ret, ctx);
}

bool view_store_is_current(const struct store *st, const char *path)
{
    char ring[PATH_MAX];

    return active_ring(path, ring) == store_is_ring(st);
}

enum err view_nothing_recorded(const char *path, struct errctx *ctx)
{
    return errctx_set(
        ctx, ERR_NOTFOUND,
        "nothing is recorded at %s, and no sources are configured; write ~/.config/gwtop/gwtop.yaml, see gwtop.yaml(5), or try "
        "`gwtop demo`",
        path);
}

enum err view_params_at(struct view_params *p, const char *at, int64_t now_ms, struct errctx *ctx)
{
    struct errctx why = {.text = ""};
    int64_t cursor_ms = now_ms;
    if (at != NULL && instant_parse(str_of(at), now_ms, &cursor_ms, &why) != ERR_OK)
        return errctx_set(ctx, ERR_USAGE, "--at: %s", why.text);
    p->now_ms = now_ms;
    p->live = cursor_ms >= now_ms;
    p->cursor_ms = p->live ? now_ms : cursor_ms;
    return ERR_OK;
}

void view_take_pricing(struct store *st, struct config *cfg)
{
    struct errctx why;
    struct str text;
    enum err e = cfg->pricing == NULL ? store_note(st, "pricing", INT64_MAX, &cfg->arena, &text) : ERR_NOTFOUND;
    if (e == ERR_OK)
        e = config_take_pricing(cfg, text, &why);
    (void)e;
}
