/* SPDX-License-Identifier: MIT */
/* Grafana's annotations: what people and pipelines mark in its dashboards. Its alerts annotate, too; these are no changes and are not
 * asked for. API: grafana.com/docs/grafana/latest/developers/http_api/annotations (GET /api/annotations, newest first). */
#include <stdlib.h>
#include <string.h>

#include "source/changes.h"
#include "source/evals.h"

enum { LIMIT = 100, PAGES_MAX = 10 };

struct grafana {
    struct changes c;
    int64_t to_ms; /* of the page at hand */
    int pages;
    bool over;
};

static void grafana_close(struct source *s)
{
    struct grafana *g = (struct grafana *)s;
    if (g == NULL)
        return;
    changes_fini(&g->c);
    free(g);
}

static enum err grafana_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink,
                             struct source **ret, struct errctx *ctx)
{
    struct grafana *g = calloc(1, sizeof *g);
    (void)ps;
    if (g == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    enum err e = changes_init(&g->c, &source_grafana, cfg, sink, ctx);
    if (e != ERR_OK) {
        grafana_close(&g->c.base);
        return e;
    }
    *ret = &g->c.base;
    return ERR_OK;
}

static bool make_url(struct grafana *g)
{
    struct changes *c = &g->c;
    char tag[3 * 256];
    bool fits = str_format(c->url, sizeof c->url, "%s/api/annotations?type=annotation&limit=%d&from=%lld&to=%lld%s", c->root, LIMIT,
                           (long long)c->from_ms, (long long)g->to_ms, c->cfg->only_count > 1 ? "&matchAny=true" : "");
    for (uint32_t i = 0; fits && i < c->cfg->only_count; i++) {
        const size_t n = strlen(c->url);
        fits = evals_escape(str_of(c->cfg->only[i]), tag, sizeof tag) && str_format(c->url + n, sizeof c->url - n, "&tags=%s", tag);
    }
    return fits;
}

static bool grafana_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct grafana *g = (struct grafana *)s;
    if (changes_start(&g->c, now_ms)) {
        g->to_ms = now_ms;
        g->pages = 0;
        g->over = false;
    }
    if (g->over || !make_url(g)) {
        g->c.polling = false;
        return false;
    }
    *ret = (struct source_request){.url = g->c.url};
    return true;
}

/* What an annotation is when its tags do not say: somebody marked the time. */
static enum err take(struct grafana *g, const struct jsontree *o, int64_t at_ms, struct errctx *ctx)
{
    struct arena *a = &g->c.body.tree;
    const struct jsontree *id = jsontree_get(o, "id"), *tags = jsonbody_array(o, "tags");
    struct labels l;
    if (id == NULL || (id->kind != JSONTREE_NUMBER && id->kind != JSONTREE_STRING) || id->text.n == 0 || id->text.n > 64) {
        g->c.sink->warning(g->c.sink->ctx, 0, "an annotation has no id: left out", jsonbody_text(o, "text"));
        return ERR_OK;
    }
    labels_begin(&l, g->c.cfg, EVENT_MARK);
    for (const struct jsontree *t = tags != NULL ? tags->child : NULL; t != NULL; t = t->next)
        if (t->kind == JSONTREE_STRING)
            labels_take(&l, t->text);
    const struct str text = jsonbody_text(o, "text");
    const struct source_change change = {.at_ms = at_ms,
                                         .kind = l.kind,
                                         .scope = labels_scope(&l, a),
                                         .text = changes_text(a, text.n > 0 ? text : str_of("an annotation without a text")),
                                         .key = changes_text(a, id->text),
                                         .url = ""};
    return changes_tell(&g->c, &change, ctx);
}

static enum err grafana_finish(struct source *s, struct errctx *ctx)
{
    struct grafana *g = (struct grafana *)s;
    const struct jsontree *root;
    int64_t oldest_ms = g->to_ms;
    size_t count = 0;
    g->over = true;
    enum err e = jsonbody_read(&g->c.body, "annotations", &root, ctx);
    if (e == ERR_OK && root->kind != JSONTREE_ARRAY)
        e = errctx_set(ctx, ERR_PARSE, "it answers with JSON that is no list of annotations: is this the base address of Grafana?");
    for (const struct jsontree *o = e == ERR_OK ? root->child : NULL; e == ERR_OK && o != NULL; o = o->next, count++) {
        double at;
        if (!jsonbody_number(o, "time", &at) || !(at > 0 && at < 1e14)) {
            g->c.sink->warning(g->c.sink->ctx, 0, "an annotation has no time: left out", jsonbody_text(o, "text"));
            continue;
        }
        oldest_ms = (int64_t)at < oldest_ms ? (int64_t)at : oldest_ms;
        e = take(g, o, (int64_t)at, ctx);
    }
    if (e != ERR_OK)
        return e;
    g->pages++;
    const bool more = count >= LIMIT && oldest_ms > g->c.from_ms;
    if (more && (oldest_ms >= g->to_ms || g->pages >= PAGES_MAX))
        g->c.sink->warning(g->c.sink->ctx, 0, "has more annotations than are read at once: older ones are left out; name some tags in only",
                           str_of(g->c.cfg->name));
    g->over = !more || oldest_ms >= g->to_ms || g->pages >= PAGES_MAX;
    g->c.read_ms = g->over ? g->c.now_ms : g->c.read_ms;
    g->to_ms = oldest_ms;
    return ERR_OK;
}

static bool grafana_fail(struct source *s, int status)
{
    struct grafana *g = (struct grafana *)s;
    (void)status;
    g->over = true;
    return false;
}

static const char *grafana_hint(const struct source *s, int status)
{
    (void)s;
    switch (status) {
    case 401:
    case 403: return "bearer must be the token of a service account that may read annotations";
    case 404: return "is this the base address of Grafana, without /api?";
    default: return NULL;
    }
}

static const char *grafana_remark(const struct source *s)
{
    (void)s;
    return NULL;
}

const struct source_ops source_grafana = {
    .name = "grafana",
    .kind = SOURCE_GRAFANA,
    .accept = "application/json",
    .open = grafana_open,
    .close = grafana_close,
    .request = grafana_request,
    .begin = changes_begin,
    .feed = changes_feed,
    .finish = grafana_finish,
    .fail = grafana_fail,
    .hint = grafana_hint,
    .remark = grafana_remark,
};
