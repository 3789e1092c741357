/* SPDX-License-Identifier: MIT */
#include "source/alertfeed.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES_MAX = 16 << 20, TREE_BYTES_MAX = 64 << 20, KEPT_BYTES_MAX = 4 << 20 };

enum err alertfeed_init(struct alertfeed *f, const struct source_ops *source, const struct alertfeed_ops *ops,
                        const struct config_source *cfg, const struct source_sink *sink, struct errctx *ctx)
{
    struct str url = str_of(cfg->url);
    f->base.ops = source;
    f->ops = ops;
    f->cfg = cfg;
    f->sink = sink;
    jsonbody_init(&f->page, cfg->max_body_bytes < PAGE_BYTES_MAX ? (size_t)cfg->max_body_bytes : PAGE_BYTES_MAX, TREE_BYTES_MAX);
    arena_init(&f->kept, KEPT_BYTES_MAX);
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    return str_copy(f->base_url, sizeof f->base_url, url) ? ERR_OK
                                                          : errctx_set(ctx, ERR_CONFIG, "source %s: its URL is too long", cfg->name);
}

void alertfeed_close(struct source *s)
{
    struct alertfeed *f = (struct alertfeed *)s;
    if (f == NULL)
        return;
    jsonbody_fini(&f->page);
    arena_fini(&f->kept);
    free(f);
}

enum err alertfeed_open(const struct source_ops *source, const struct alertfeed_ops *ops, const struct config_source *cfg,
                        const struct source_sink *sink, struct source **ret, struct errctx *ctx)
{
    struct alertfeed *f = calloc(1, sizeof *f);
    if (f == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    enum err e = alertfeed_init(f, source, ops, cfg, sink, ctx);
    if (e != ERR_OK) {
        alertfeed_close(&f->base);
        return e;
    }
    *ret = &f->base;
    return ERR_OK;
}

bool alertfeed_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct alertfeed *f = (struct alertfeed *)s;
    if (!f->polling) {
        if (f->step == ALERTFEED_DONE) { /* the last word of the poll that has just ended */
            f->step = 0;
            return false;
        }
        f->polling = true;
        f->step = 0;
        f->page_no = f->pages = 0;
        f->holes = f->remarked = false;
        f->now_ms = now_ms;
        arena_reset(&f->kept);
        f->sink->alerts_begin(f->sink->ctx);
    }
    if (!f->ops->make_url(f)) {
        f->polling = false;
        return false;
    }
    *ret = (struct source_request){.url = f->url};
    return true;
}

void alertfeed_begin(struct source *s, const struct source_answer *head)
{
    struct alertfeed *f = (struct alertfeed *)s;
    (void)head;
    jsonbody_begin(&f->page);
}

enum err alertfeed_feed(struct source *s, const void *bytes, size_t n, struct errctx *ctx)
{
    struct alertfeed *f = (struct alertfeed *)s;
    return jsonbody_feed(&f->page, bytes, n, ctx);
}

static enum err end_poll(struct alertfeed *f, struct errctx *ctx)
{
    f->polling = false;
    if (!f->remarked)
        f->remark[0] = '\0';
    return f->sink->alerts_told(f->sink->ctx, !f->holes) ? ERR_OK : errctx_set(ctx, ERR_LIMIT, "its %s were refused", f->ops->what);
}

enum err alertfeed_finish(struct source *s, struct errctx *ctx)
{
    struct alertfeed *f = (struct alertfeed *)s;
    const struct jsontree *root;
    enum err e = jsonbody_read(&f->page, f->ops->what, &root, ctx);
    if (e == ERR_OK)
        e = f->ops->take(f, root, ctx);
    if (e == ERR_OK && f->step != ALERTFEED_DONE && ++f->pages >= ALERTFEED_PAGES_MAX)
        e = errctx_set(ctx, ERR_LIMIT, "its %s do not end within %d pages; narrow what this key may see", f->ops->what,
                       ALERTFEED_PAGES_MAX);
    if (e == ERR_OK)
        return f->step == ALERTFEED_DONE ? end_poll(f, ctx) : ERR_OK;
    if (e == ERR_LIMIT) /* what was told so far is so; of the others nothing is known */
        (void)f->sink->alerts_told(f->sink->ctx, false);
    f->polling = false;
    f->step = ALERTFEED_DONE;
    return e;
}

bool alertfeed_fail(struct source *s, int status)
{
    struct alertfeed *f = (struct alertfeed *)s;
    (void)status;
    f->polling = false;
    f->step = ALERTFEED_DONE;
    return false;
}

const char *alertfeed_remark(const struct source *s)
{
    const struct alertfeed *f = (const struct alertfeed *)s;
    return f->remark[0] != '\0' ? f->remark : NULL;
}

enum err alertfeed_tell(struct alertfeed *f, const struct outside_told *told, struct errctx *ctx)
{
    if (f->sink->alert(f->sink->ctx, told))
        return ERR_OK;
    return errctx_set(ctx, ERR_LIMIT, "it tells more than %d %s: the others are left out%s", OUTSIDE_ALERTS_MAX, f->ops->what,
                      f->cfg->kind == SOURCE_ALERTMANAGER ? "; narrow them with match" : "");
}

void alertfeed_hole(struct alertfeed *f, const char *why, struct str which)
{
    f->holes = true;
    f->sink->warning(f->sink->ctx, 0, why, which);
    (void)str_format(f->remark, sizeof f->remark, "some of its %s cannot be read, so none is taken for over", f->ops->what);
    f->remarked = true;
}

size_t alertfeed_labels(const struct jsontree *o, struct outside_label ret[OUTSIDE_LABELS_MAX])
{
    size_t n = 0;
    const struct jsontree *l = o != NULL && o->kind == JSONTREE_OBJECT ? o->child : NULL;
    for (; l != NULL && n < OUTSIDE_LABELS_MAX; l = l->next)
        if (l->kind == JSONTREE_STRING)
            ret[n++] = (struct outside_label){l->key, l->text};
    return n;
}

struct str alertfeed_first(const struct jsontree *o, const char *const *keys)
{
    struct str text = {"", 0};
    for (; text.n == 0 && *keys != NULL; keys++)
        text = jsonbody_text(o, *keys);
    return text;
}

int64_t alertfeed_time(const struct jsontree *o, const char *key)
{
    int64_t ms;
    return score_time(jsonbody_text(o, key), &ms) && ms > 0 ? ms : 0;
}

void alertfeed_annotations(const struct jsontree *annotations, struct outside_told *told)
{
    static const char *const summary[] = {"summary", "message", "title", "description", "alert", NULL},
                             *const runbook[] = {"runbook_url", "runbook", NULL}, *const dashboard[] = {"dashboard_url", "dashboard", NULL};
    told->summary = alertfeed_first(annotations, summary);
    told->runbook = alertfeed_first(annotations, runbook);
    told->dashboard = alertfeed_first(annotations, dashboard);
}
