/* SPDX-License-Identifier: MIT */
/* Status pages of providers.
 *
 * How this works: the address of a page stands for its summary.json, which tells the indicator and what is open, and its incidents.json,
 * which tells what is over as well; an address that ends in a file, or in AWS' currentevents, is asked for as it is. The form is told by
 * what comes. The page's word counts as little as it says: an indicator of "none" beside an open incident gives way to the incident, and
 * whatever is not understood (HTML of a page that moved, a form that is not known) is an error, so that the source is down and the
 * provider's state unknown. API: metastatuspage.com/api; status.cloud.google.com/incidents.schema.json;
 * health.aws.amazon.com/public/currentevents, in UTF-16. */
#include <stdlib.h>
#include <string.h>

#include "source/posted.h"

enum { ASKED_SUMMARY, ASKED_INCIDENTS, ASKED_ALL };
static const char *const paths[] = {"/api/v2/summary.json", "/api/v2/incidents.json"};

static void page_close(struct source *s)
{
    struct posted *p = (struct posted *)s;
    if (p == NULL)
        return;
    changes_fini(&p->c);
    arena_fini(&p->kept);
    free(p);
}

static enum err page_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink, struct source **ret,
                          struct errctx *ctx)
{
    struct posted *p = calloc(1, sizeof *p);
    (void)ps;
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    arena_init(&p->kept, POSTED_KEPT_BYTES);
    enum err e = changes_init(&p->c, &source_status_page, cfg, sink, ctx);
    if (e != ERR_OK) {
        page_close(&p->c.base);
        return e;
    }
    const struct str root = str_of(p->c.root);
    p->pair = !str_has_suffix(root, ".json") && !str_has_suffix(root, "/currentevents");
    p->unclear = "";
    *ret = &p->c.base;
    return ERR_OK;
}

static void forget(struct posted *p)
{
    arena_reset(&p->kept);
    p->count = 0;
    p->unclear = "";
}

static bool page_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct posted *p = (struct posted *)s;
    if (changes_start(&p->c, now_ms)) {
        p->asked = p->pair ? ASKED_SUMMARY : ASKED_INCIDENTS;
        p->answered = false;
        if (p->pair)
            forget(p);
    } else if (++p->asked >= ASKED_ALL) {
        p->c.polling = false;
        return false;
    }
    (void)str_format(p->c.url, sizeof p->c.url, "%s%s", p->c.root, paths[p->asked]);
    *ret = p->pair ? (struct source_request){.url = p->c.url} : (struct source_request){.etag = p->etag[0] != '\0' ? p->etag : NULL};
    return true;
}

static void page_begin(struct source *s, const struct source_answer *head)
{
    struct posted *p = (struct posted *)s;
    changes_begin(s, head);
    (void)str_copy(p->etag_new, sizeof p->etag_new, str_of(head->etag != NULL ? head->etag : ""));
}

/* ---- what it says ---- */

enum err posted_take(struct posted *p, const struct posted_item *o, struct errctx *ctx)
{
    struct arena *a = &p->c.body.tree;
    const char *provider = p->c.cfg->provider, *id = changes_text(a, o->id), *text = changes_text(a, o->text);
    size_t at = 0;
    if (id == NULL || text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for what %s posted", provider);
    struct source_change change = {.at_ms = o->since_ms, .kind = EVENT_PROVIDER, .url = ""};
    change.scope = arena_printf(a, "provider=%s", provider);
    enum err e = ERR_OK;
    if (o->since_ms >= p->c.from_ms) {
        change.key = arena_printf(a, "%s:posted", id);
        change.text = o->impact != PAGE_NONE ? arena_printf(a, "%s posted: %s (%s)", provider, text, page_impact_name(o->impact))
                                             : arena_printf(a, "%s posted: %s", provider, text);
        e = changes_tell(&p->c, &change, ctx);
    }
    if (e == ERR_OK && !o->is_open && o->over_ms >= p->c.from_ms) {
        change.at_ms = o->over_ms;
        change.key = arena_printf(a, "%s:over", id);
        change.text = arena_printf(a, "%s says it is over: %s", provider, text);
        e = changes_tell(&p->c, &change, ctx);
    }
    while (at < p->count && strcmp(p->list[at].id, id) != 0)
        at++;
    if (e != ERR_OK || (!o->is_open && at == p->count))
        return e;
    if (!o->is_open) { /* between the two answers it was closed */
        memmove(&p->list[at], &p->list[at + 1], (--p->count - at) * sizeof p->list[0]);
        return ERR_OK;
    }
    for (size_t i = 0; at == STATUS_PAGE_POSTED_MAX && i < p->count; i++) /* the mildest gives way to what is worse */
        at = p->list[i].impact < o->impact ? i : at;
    if (at == STATUS_PAGE_POSTED_MAX)
        return ERR_OK;
    struct page_posted *one = &p->list[at];
    *one = (struct page_posted){.id = arena_strdup(&p->kept, str_of(id)),
                                .text = arena_strdup(&p->kept, str_of(text)),
                                .url = changes_text(&p->kept, o->url),
                                .since_ms = o->since_ms,
                                .impact = o->impact};
    p->count += at == p->count;
    return one->id != NULL && one->text != NULL && one->url != NULL
               ? ERR_OK
               : errctx_set(ctx, ERR_NOMEM, "out of memory for what %s posted", provider);
}

static int by_impact(const void *a, const void *b)
{
    const struct page_posted *x = a, *y = b;
    if (x->impact != y->impact)
        return x->impact < y->impact ? 1 : -1;
    return (x->since_ms < y->since_ms) - (x->since_ms > y->since_ms);
}

static enum err report(struct posted *p, struct errctx *ctx)
{
    qsort(p->list, p->count, sizeof p->list[0], by_impact);
    const struct status_page page = {.provider = p->c.cfg->provider, .unclear = p->unclear, .posted = p->list, .count = p->count};
    p->c.read_ms = p->c.now_ms;
    return p->c.sink->page(p->c.sink->ctx, &page) ? ERR_OK : errctx_set(ctx, ERR_LIMIT, "what a status page says was refused");
}

static enum err read_any(struct posted *p, struct errctx *ctx)
{
    const struct jsontree *root;
    enum err e = jsonbody_read(&p->c.body, "the JSON of a status page", &root, ctx);
    if (e != ERR_OK)
        return e;
    if (!p->pair)
        forget(p);
    if (posted_is_statuspage(root))
        return posted_read_statuspage(p, root, ctx);
    if (p->pair) /* an address of a page: an empty list, which Google's form may be, is none */
        return errctx_set(ctx, ERR_PARSE, "it answers with JSON that is no status page's: neither Statuspage's nor incident.io's");
    if (posted_is_google(root))
        return posted_read_google(p, root, ctx);
    if (posted_is_aws(root))
        return posted_read_aws(p, root, ctx);
    return errctx_set(ctx, ERR_PARSE,
                      "it answers with JSON that is no status page's: neither Statuspage's nor incident.io's, Google's or AWS'");
}

static enum err page_finish(struct source *s, struct errctx *ctx)
{
    struct posted *p = (struct posted *)s;
    struct errctx why = {""};
    if (p->c.same)
        return report(p, ctx);
    enum err e = read_any(p, &why);
    if (e == ERR_PARSE && p->answered) { /* its summary says enough */
        p->c.sink->warning(p->c.sink->ctx, 0, why.text, str_of("incidents.json"));
        return report(p, ctx);
    }
    if (e != ERR_OK) {
        p->asked = ASKED_ALL;
        p->etag[0] = '\0';
        return errctx_set(ctx, e, "%s", why.text);
    }
    p->answered = true;
    memcpy(p->etag, p->etag_new, sizeof p->etag);
    return p->asked + 1 == ASKED_ALL ? report(p, ctx) : ERR_OK;
}

static bool page_fail(struct source *s, int status)
{
    struct posted *p = (struct posted *)s;
    (void)status;
    if (p->pair && p->asked == ASKED_INCIDENTS && p->answered)
        return report(p, NULL) == ERR_OK;
    p->asked = ASKED_ALL;
    p->etag[0] = '\0';
    return false;
}

static const char *page_hint(const struct source *s, int status)
{
    (void)s;
    return status == 404 ? "is this a page of Statuspage or incident.io, or has it moved?" : NULL;
}

static const char *page_remark(const struct source *s)
{
    const struct posted *p = (const struct posted *)s;
    return p->unclear[0] != '\0' ? p->unclear : NULL;
}

const struct source_ops source_status_page = {
    .name = "status",
    .kind = SOURCE_STATUS_PAGE,
    .accept = "application/json",
    .open = page_open,
    .close = page_close,
    .request = page_request,
    .begin = page_begin,
    .feed = changes_feed,
    .finish = page_finish,
    .fail = page_fail,
    .hint = page_hint,
    .remark = page_remark,
};
