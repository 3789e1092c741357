/* SPDX-License-Identifier: MIT */
#include "model/status_page.h"

#include "base/json.h"
#include "base/jsontree.h"

static const char *const impacts[PAGE_IMPACT_COUNT] = {"none", "maintenance", "minor", "major", "critical"};

const char *page_impact_name(enum page_impact i)
{
    return (unsigned)i < PAGE_IMPACT_COUNT ? impacts[i] : "unknown";
}

bool page_impact_by_name(struct str name, enum page_impact *ret)
{
    for (int i = 0; i < PAGE_IMPACT_COUNT; i++) {
        if (!str_eq_z(name, impacts[i]))
            continue;
        *ret = (enum page_impact)i;
        return true;
    }
    return false;
}

enum err status_page_format(const struct status_page *p, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_string(&w, "provider", p->provider);
    json_string(&w, "unclear", p->unclear);
    json_array(&w, "posted");
    for (size_t i = 0; i < p->count; i++) {
        const struct page_posted *o = &p->posted[i];
        json_object(&w, NULL);
        json_string(&w, "id", o->id);
        json_string(&w, "text", o->text);
        json_string(&w, "url", o->url);
        json_i64(&w, "since_ms", o->since_ms);
        json_string(&w, "impact", page_impact_name(o->impact));
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return w.err;
}

/* A text of the note; NULL when the arena is full. */
static const char *text_of(const struct jsontree *o, const char *key, struct arena *a)
{
    const struct jsontree *n = jsontree_get(o, key);
    return arena_strdup(a, n != NULL && n->kind == JSONTREE_STRING ? n->text : (struct str){"", 0});
}

static enum err parse_posted(const struct jsontree *o, struct arena *a, struct page_posted *ret)
{
    const struct jsontree *since = jsontree_get(o, "since_ms"), *impact = jsontree_get(o, "impact");
    *ret = (struct page_posted){.id = text_of(o, "id", a), .text = text_of(o, "text", a), .url = text_of(o, "url", a)};
    if (ret->id == NULL || ret->text == NULL || ret->url == NULL)
        return ERR_NOMEM;
    if (since == NULL || since->kind != JSONTREE_NUMBER || !str_to_i64(since->text, &ret->since_ms) || impact == NULL ||
        !page_impact_by_name(impact->text, &ret->impact))
        return ERR_PARSE;
    return ERR_OK;
}

enum err status_page_parse(struct str text, struct arena *a, struct status_page *ret, struct errctx *ctx)
{
    const struct jsontree *root, *list;
    struct page_posted *posted = arena_array(a, STATUS_PAGE_POSTED_MAX, sizeof *posted);
    if (posted == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what a status page said");
    enum err e = jsontree_parse(text, a, &root, ctx);
    if (e != ERR_OK)
        return e;
    struct status_page p = {.provider = text_of(root, "provider", a), .unclear = text_of(root, "unclear", a), .posted = posted};
    if (p.provider == NULL || p.unclear == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what a status page said");
    list = jsontree_get(root, "posted");
    if (list == NULL || list->kind != JSONTREE_ARRAY)
        return errctx_set(ctx, ERR_PARSE, "the note of what a status page said has no list");
    for (const struct jsontree *o = list->child; e == ERR_OK && o != NULL && p.count < STATUS_PAGE_POSTED_MAX; o = o->next)
        e = parse_posted(o, a, &posted[p.count++]);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "the note of what a status page said cannot be read");
    *ret = p;
    return ERR_OK;
}
