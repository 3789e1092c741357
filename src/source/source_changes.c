/* SPDX-License-Identifier: MIT */
/* A file of changes that scripts append to, one JSON object a line:
 *   {"at": "2026-11-24T03:02:10Z", "kind": "deploy", "text": "gateway 1.14.2", "scope": "gateway=prod-eu", "key": "rollout-918"}
 * scope may be an object as well, tags a list; key is optional, and without one the line itself is what makes it the same. The half of a
 * line that was written so far waits for the rest. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "source/changes.h"

enum { LINE_MAX_BYTES = 16 << 10 };

struct file {
    struct changes c;
    struct buf line; /* what is there of the one at hand */
    bool too_long;   /* and it is left out */
};

static void changes_close(struct source *s)
{
    struct file *f = (struct file *)s;
    if (f == NULL)
        return;
    changes_fini(&f->c);
    buf_fini(&f->line);
    free(f);
}

static enum err changes_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink,
                             struct source **ret, struct errctx *ctx)
{
    struct file *f = calloc(1, sizeof *f);
    (void)ps;
    if (f == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    buf_init(&f->line, LINE_MAX_BYTES);
    enum err e = changes_init(&f->c, &source_changes, cfg, sink, ctx);
    if (e != ERR_OK) {
        changes_close(&f->c.base);
        return e;
    }
    *ret = &f->c.base;
    return ERR_OK;
}

static bool changes_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct file *f = (struct file *)s;
    if (!changes_start(&f->c, now_ms)) {
        f->c.polling = false;
        return false;
    }
    *ret = (struct source_request){.file = f->c.cfg->url};
    return true;
}

/* ---- a line ---- */

/* Text, or a number: milliseconds since 1970, or seconds where these would lie before 1973. */
static bool instant_of(const struct jsontree *o, int64_t *ret_ms)
{
    static const double least_ms = 1e11, most_ms = 1e14;
    double v;
    if (jsonbody_instant(o, "at", ret_ms))
        return true;
    if (!jsonbody_number(o, "at", &v))
        return false;
    v = v < least_ms ? v * 1000 : v;
    if (!(v >= 0 && v < most_ms))
        return false;
    *ret_ms = (int64_t)v;
    return true;
}

static void take_scope(struct labels *l, const struct jsontree *scope)
{
    char name[64];
    if (scope == NULL)
        return;
    if (scope->kind == JSONTREE_OBJECT) {
        for (const struct jsontree *m = scope->child; m != NULL; m = m->next)
            if (m->kind == JSONTREE_STRING && str_copy(name, sizeof name, m->key))
                labels_take_pair(l, name, m->text);
    } else if (scope->kind == JSONTREE_STRING) {
        for (struct str rest = scope->text; rest.n > 0;) {
            const char *comma = memchr(rest.p, ',', rest.n);
            const size_t n = comma != NULL ? (size_t)(comma - rest.p) : rest.n;
            labels_take(l, (struct str){rest.p, n});
            rest = (struct str){rest.p + n + (comma != NULL), rest.n - n - (comma != NULL)};
        }
    }
}

/* Why a line is none; NULL with *ret filled in. Memory from the tree's arena. */
static const char *read_line(struct file *f, const struct jsontree *o, struct str line, struct source_change *ret)
{
    struct arena *a = &f->c.body.tree;
    struct labels l;
    enum event_kind kind = EVENT_MARK;
    const struct str said = jsonbody_text(o, "kind"), key = jsonbody_text(o, "key");
    if (o->kind != JSONTREE_OBJECT)
        return "is no JSON object: left out";
    if (!instant_of(o, &ret->at_ms))
        return "has no time (at) that can be read: left out";
    if (jsonbody_text(o, "text").n == 0)
        return "has no text: left out";
    if (said.n > 0 && !labels_kind(said, &kind))
        return "has a kind that is none of deploy, config, model, price and note: left out";
    labels_begin(&l, f->c.cfg, kind);
    l.kind_said = said.n > 0;
    const struct jsontree *tags = jsonbody_array(o, "tags");
    for (const struct jsontree *t = tags != NULL ? tags->child : NULL; t != NULL; t = t->next)
        if (t->kind == JSONTREE_STRING)
            labels_take(&l, t->text);
    take_scope(&l, jsontree_get(o, "scope"));
    ret->kind = said.n > 0 ? kind : l.kind;
    ret->scope = labels_scope(&l, a);
    ret->text = changes_text(a, jsonbody_text(o, "text"));
    ret->url = changes_text(a, jsonbody_text(o, "url"));
    ret->key = key.n > 0 ? changes_text(a, key) : arena_printf(a, "%016llx", (unsigned long long)hash_bytes(line.p, line.n, 1));
    return NULL;
}

static enum err take_line(struct file *f, struct str line, struct errctx *ctx)
{
    struct errctx why = {""};
    struct source_change change;
    const struct jsontree *o;
    while (line.n > 0 && strchr(" \t\r", line.p[line.n - 1]) != NULL)
        line.n--;
    if (line.n == 0)
        return ERR_OK;
    jsonbody_begin(&f->c.body);
    const char *fault = jsontree_parse(line, &f->c.body.tree, &o, &why) == ERR_OK ? read_line(f, o, line, &change)
                                                                                  : "is no JSON, or not all of it: left out";
    if (fault == NULL)
        return changes_tell(&f->c, &change, ctx);
    f->c.sink->warning(f->c.sink->ctx, 0, fault, line);
    return ERR_OK;
}

static enum err end_line(struct file *f, struct errctx *ctx)
{
    enum err e = ERR_OK;
    if (f->too_long)
        f->c.sink->warning(f->c.sink->ctx, 0, "is a line of more than 16 KB: left out", buf_str(&f->line));
    else
        e = take_line(f, buf_str(&f->line), ctx);
    buf_reset(&f->line);
    f->too_long = false;
    return e;
}

static void changes_file_begin(struct source *s, const struct source_answer *head)
{
    (void)s;
    (void)head; /* half a line goes on */
}

static enum err changes_file_feed(struct source *s, const void *bytes, size_t count, struct errctx *ctx)
{
    struct file *f = (struct file *)s;
    enum err e = ERR_OK;
    for (const char *p = bytes, *end = p + count; e == ERR_OK && p < end;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p)), *stop = newline != NULL ? newline : end;
        const size_t n = (size_t)(stop - p), room = LINE_MAX_BYTES - f->line.len;
        f->too_long |= n > room;
        if (buf_append(&f->line, p, n < room ? n : room) != ERR_OK)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the changes of %s", f->c.cfg->name);
        if (newline != NULL)
            e = end_line(f, ctx);
        p = newline != NULL ? newline + 1 : end;
    }
    return e;
}

static enum err changes_finish(struct source *s, struct errctx *ctx)
{
    (void)s;
    (void)ctx;
    return ERR_OK;
}

static bool changes_fail(struct source *s, int status)
{
    (void)s;
    (void)status;
    return false;
}

static const char *changes_remark(const struct source *s)
{
    (void)s;
    return NULL;
}

const struct source_ops source_changes = {
    .name = "changes",
    .kind = SOURCE_CHANGES,
    .accept = "",
    .open = changes_open,
    .close = changes_close,
    .request = changes_request,
    .begin = changes_file_begin,
    .feed = changes_file_feed,
    .finish = changes_finish,
    .fail = changes_fail,
    .remark = changes_remark,
};
