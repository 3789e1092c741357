/* SPDX-License-Identifier: MIT */
#include "source/changes.h"

#include <string.h>
#include <strings.h>

#include "base/safe_text.h"

enum { BODY_BYTES_MAX = 16 << 20, TREE_BYTES_MAX = 64 << 20 };
static const int64_t overlap_ms = 60 * 60 * 1000; /* what is entered late, and for an earlier time, is still seen */

enum err changes_init(struct changes *c, const struct source_ops *ops, const struct config_source *cfg, const struct source_sink *sink,
                      struct errctx *ctx)
{
    struct str url = str_of(cfg->url);
    c->base.ops = ops;
    c->cfg = cfg;
    c->sink = sink;
    jsonbody_init(&c->body, cfg->max_body_bytes < BODY_BYTES_MAX ? (size_t)cfg->max_body_bytes : BODY_BYTES_MAX, TREE_BYTES_MAX);
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    return str_copy(c->root, sizeof c->root, url) ? ERR_OK : errctx_set(ctx, ERR_CONFIG, "source %s: its URL is too long", cfg->name);
}

void changes_fini(struct changes *c)
{
    jsonbody_fini(&c->body);
}

bool changes_start(struct changes *c, int64_t now_ms)
{
    if (c->polling)
        return false;
    const int64_t gap_ms = c->read_ms == 0 || now_ms - c->read_ms > c->cfg->backfill_ms ? c->cfg->backfill_ms : now_ms - c->read_ms;
    const int64_t back_ms = c->read_ms != 0 ? gap_ms + overlap_ms : gap_ms < overlap_ms ? overlap_ms : gap_ms;
    c->polling = true;
    c->now_ms = now_ms;
    c->from_ms = now_ms > back_ms ? now_ms - back_ms : 0;
    return true;
}

void changes_begin(struct source *s, const struct source_answer *head)
{
    struct changes *c = (struct changes *)s;
    c->same = head->same;
    jsonbody_begin(&c->body);
}

enum err changes_feed(struct source *s, const void *bytes, size_t n, struct errctx *ctx)
{
    struct changes *c = (struct changes *)s;
    return jsonbody_feed(&c->body, bytes, n, ctx);
}

/* ---- sentences ---- */

/* Copies without markup and with single blanks. Annotations hold links: <a href="...">dashboard</a>. */
static size_t plain(struct str raw, char *to, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < raw.n && n + 1 < cap; i++) {
        const char *end = raw.p[i] == '<' && i + 1 < raw.n && strchr("/abcdefghilnopqrstuABIPSU!", raw.p[i + 1]) != NULL
                              ? memchr(raw.p + i, '>', raw.n - i)
                              : NULL;
        if (end != NULL && end - (raw.p + i) < 1000)
            i = (size_t)(end - raw.p);
        else if (strchr(" \t\r\n", raw.p[i]) == NULL || raw.p[i] == '\0')
            to[n++] = raw.p[i];
        else if (n > 0 && to[n - 1] != ' ')
            to[n++] = ' ';
    }
    return n > 0 && to[n - 1] == ' ' ? n - 1 : n;
}

const char *changes_text(struct arena *a, struct str raw)
{
    char text[4 * CHANGES_TEXT_MAX];
    char *out = arena_alloc(a, CHANGES_TEXT_MAX);
    if (out != NULL)
        (void)safe_text(out, CHANGES_TEXT_MAX, (struct str){text, plain(raw, text, sizeof text)});
    return out;
}

static bool holds_part(struct str name, const char *part)
{
    const size_t n = strlen(part);
    for (size_t i = 0; i + n <= name.n; i++)
        if (strncasecmp(name.p + i, part, n) == 0)
            return true;
    return false;
}

bool changes_wants(const struct config_source *cfg, struct str name, bool holds)
{
    for (uint32_t i = 0; i < cfg->only_count; i++)
        if (holds ? holds_part(name, cfg->only[i]) : str_eq_z(name, cfg->only[i]))
            return true;
    return cfg->only_count == 0;
}

enum err changes_tell(const struct changes *c, const struct source_change *change, struct errctx *ctx)
{
    if (change->text == NULL || change->key == NULL || change->scope == NULL || change->url == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the changes of %s", c->cfg->name);
    return c->sink->event(c->sink->ctx, change) ? ERR_OK : errctx_set(ctx, ERR_LIMIT, "a change was refused");
}
