/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "config/yaml.h"

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

static const char *member(const struct yaml_node *n, const char *key, struct arena *a)
{
    const struct yaml_node *v = yaml_get(n, key);
    return v != NULL && v->kind == YAML_SCALAR ? arena_strdup(a, v->text) : "";
}

/* A positive number, 0 where there is none. */
static int64_t positive_member(const struct yaml_node *n, const char *key)
{
    const struct yaml_node *v = yaml_get(n, key);
    int64_t ms = 0;
    return v != NULL && v->kind == YAML_SCALAR && str_to_i64(v->text, &ms) && ms > 0 ? ms : 0;
}

bool view_snapshot(struct store *st, struct arena *a, struct vsnapshot *ret)
{
    const struct yaml_node *n;
    struct errctx why;
    struct str text;
    if (store_note(st, STORE_SNAPSHOT_NOTE, INT64_MAX, a, &text) != ERR_OK ||
        yaml_parse(text, STORE_SNAPSHOT_NOTE, a, &n, &why) != ERR_OK || n->kind != YAML_MAPPING)
        return false;
    *ret = (struct vsnapshot){.by = member(n, "by", a),
                              .of = member(n, "of", a),
                              .gateway = member(n, "gateway", a),
                              .made_ms = positive_member(n, "made_ms"),
                              .from_ms = positive_member(n, "from_ms"),
                              .to_ms = positive_member(n, "to_ms"),
                              .incident = positive_member(n, "incident")};
    return ret->by != NULL && ret->of != NULL && ret->gateway != NULL;
}

int64_t view_snapshot_moment(struct store *st, struct arena *a, const struct vsnapshot *of)
{
    struct incident *list;
    struct errctx why;
    size_t count;
    if (of->incident == 0 || store_incidents(st, INT64_MAX, a, &list, &count, &why) != ERR_OK)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const struct incident *in = &list[i];
        if (in->id != of->incident)
            continue;
        /* the last moment of which it is sure that it did harm: a minute later the now window has less of it */
        const int64_t end = in->ended_ms != 0 ? in->ended_ms - in->ended_error_ms : in->resolved_ms;
        return end == 0 ? 0 : end > in->opened_ms ? end : in->opened_ms;
    }
    return 0;
}

static enum err take_snapshot(struct store *st, const struct vsnapshot *of, struct config *cfg, struct errctx *ctx)
{
    struct str pricing = {NULL, 0}, prices = {NULL, 0};
    enum err e = store_note(st, "pricing", INT64_MAX, &cfg->arena, &pricing);
    if (e == ERR_OK || e == ERR_NOTFOUND)
        e = store_note(st, VIEW_PRICES_NOTE, INT64_MAX, &cfg->arena, &prices);
    return e == ERR_OK || e == ERR_NOTFOUND ? config_take_snapshot(cfg, of->gateway, pricing, prices, ctx) : e;
}

void view_take_config(struct store *st, struct config *cfg)
{
    struct vsnapshot of;
    struct errctx why;
    struct str text;
    enum err e;
    if (view_snapshot(st, &cfg->arena, &of)) {
        e = take_snapshot(st, &of, cfg, &why);
    } else {
        e = cfg->pricing == NULL ? store_note(st, "pricing", INT64_MAX, &cfg->arena, &text) : ERR_NOTFOUND;
        if (e == ERR_OK)
            e = config_take_pricing(cfg, text, &why);
    }
    (void)e;
}
