/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

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
