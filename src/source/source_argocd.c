/* SPDX-License-Identifier: MIT */
/* Argo CD: each sync in an application's history is a deploy. API: argo-cd.readthedocs.io/en/stable/developer-guide/api-docs (GET
 * /api/v1/applications; status.history holds the last ten syncs, with deployedAt, when they were done). */
#include <stdlib.h>
#include <string.h>

#include "source/changes.h"

enum { REVISION_SHOWN = 10 };

static void argocd_close(struct source *s)
{
    struct changes *c = (struct changes *)s;
    if (c == NULL)
        return;
    changes_fini(c);
    free(c);
}

static enum err argocd_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink, struct source **ret,
                            struct errctx *ctx)
{
    struct changes *c = calloc(1, sizeof *c);
    (void)ps;
    if (c == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    enum err e = changes_init(c, &source_argocd, cfg, sink, ctx);
    if (e != ERR_OK) {
        argocd_close(&c->base);
        return e;
    }
    *ret = &c->base;
    return ERR_OK;
}

static bool argocd_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct changes *c = (struct changes *)s;
    static const char fields[] = "items.metadata.name,items.metadata.namespace,items.spec.project,items.spec.destination.namespace,"
                                 "items.status.history";
    if (!changes_start(c, now_ms) || !str_format(c->url, sizeof c->url, "%s/api/v1/applications?fields=%s", c->root, fields)) {
        c->polling = false;
        return false;
    }
    *ret = (struct source_request){.url = c->url};
    return true;
}

/* Applications of several sources have a list of revisions. */
static struct str revision_of(const struct jsontree *sync)
{
    const struct jsontree *list = jsonbody_array(sync, "revisions");
    const struct str one = jsonbody_text(sync, "revision");
    if (one.n > 0 || list == NULL || list->child == NULL || list->child->kind != JSONTREE_STRING)
        return one;
    return list->child->text;
}

static enum err take_sync(struct changes *c, const struct jsontree *app, const struct jsontree *sync, struct errctx *ctx)
{
    struct arena *a = &c->body.tree;
    const struct jsontree *metadata = jsontree_get(app, "metadata"), *spec = jsontree_get(app, "spec"), *id = jsontree_get(sync, "id"),
                          *by = jsontree_get(sync, "initiatedBy");
    const struct str name = jsonbody_text(metadata, "name"), user = jsonbody_text(by, "username");
    struct str revision = revision_of(sync);
    struct source_change change = {.url = ""};
    struct labels l;
    if (!jsonbody_instant(sync, "deployedAt", &change.at_ms) || id == NULL || id->kind != JSONTREE_NUMBER || id->text.n > 32) {
        c->sink->warning(c->sink->ctx, 0, "a sync in its history has no id or no time: left out", name);
        return ERR_OK;
    }
    if (change.at_ms < c->from_ms)
        return ERR_OK;
    labels_begin(&l, c->cfg, EVENT_DEPLOY);
    labels_take_pair(&l, "app", name);
    labels_take_pair(&l, "project", jsonbody_text(spec, "project"));
    labels_take_pair(&l, "namespace", jsonbody_text(jsontree_get(spec, "destination"), "namespace"));
    revision.n = revision.n > REVISION_SHOWN ? REVISION_SHOWN : revision.n;
    const char *app_name = changes_text(a, name), *rev = changes_text(a, revision), *who = changes_text(a, user),
               *space = changes_text(a, jsonbody_text(metadata, "namespace"));
    if (app_name == NULL || rev == NULL || who == NULL || space == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the changes of %s", c->cfg->name);
    change.kind = l.kind;
    change.scope = labels_scope(&l, a);
    change.key = arena_printf(a, "%s/%s:%.*s", space, app_name, (int)id->text.n, id->text.p);
    change.text = arena_printf(a, "%s synced%s%s%s%s", app_name, rev[0] != '\0' ? " to " : "", rev, who[0] != '\0' ? " by " : "", who);
    return changes_tell(c, &change, ctx);
}

static enum err argocd_finish(struct source *s, struct errctx *ctx)
{
    struct changes *c = (struct changes *)s;
    const struct jsontree *root;
    enum err e = jsonbody_read(&c->body, "applications", &root, ctx);
    if (e != ERR_OK)
        return e;
    const struct jsontree *items = jsontree_get(root, "items"); /* null where there are none */
    if (items == NULL || (items->kind != JSONTREE_ARRAY && items->kind != JSONTREE_NULL))
        return errctx_set(ctx, ERR_PARSE, "it answers with JSON that is no list of applications: is this the base address of Argo CD?");
    for (const struct jsontree *app = items->child; e == ERR_OK && app != NULL; app = app->next) {
        const struct jsontree *history = jsonbody_array(jsontree_get(app, "status"), "history");
        if (!changes_wants(c->cfg, jsonbody_text(jsontree_get(app, "metadata"), "name"), false))
            continue;
        for (const struct jsontree *sync = history != NULL ? history->child : NULL; e == ERR_OK && sync != NULL; sync = sync->next)
            e = take_sync(c, app, sync, ctx);
    }
    c->read_ms = e == ERR_OK ? c->now_ms : c->read_ms;
    return e;
}

static bool argocd_fail(struct source *s, int status)
{
    (void)s;
    (void)status;
    return false;
}

static const char *argocd_hint(const struct source *s, int status)
{
    (void)s;
    switch (status) {
    case 401:
    case 403: return "bearer must be the token of an account that may get applications (argocd account generate-token)";
    case 404: return "is this the base address of Argo CD, without /api?";
    default: return NULL;
    }
}

static const char *argocd_remark(const struct source *s)
{
    (void)s;
    return NULL;
}

const struct source_ops source_argocd = {
    .name = "argocd",
    .kind = SOURCE_ARGOCD,
    .accept = "application/json",
    .open = argocd_open,
    .close = argocd_close,
    .request = argocd_request,
    .begin = changes_begin,
    .feed = changes_feed,
    .finish = argocd_finish,
    .fail = argocd_fail,
    .hint = argocd_hint,
    .remark = argocd_remark,
};
