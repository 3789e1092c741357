/* SPDX-License-Identifier: MIT */
#include "model/paging.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/jsontree.h"
#include "base/timefmt.h"

const char *page_on_name(enum page_on on)
{
    static const char *const names[PAGE_ON_COUNT] = {"page", "ticket", "resolved", "test"};
    return (unsigned)on < PAGE_ON_COUNT ? names[on] : "unknown";
}

void page_log_add(struct page_log *log, const struct page_told *p)
{
    if (log->count == PAGES_KEPT) {
        memmove(log->list, log->list + 1, (PAGES_KEPT - 1) * sizeof *log->list);
        log->count--;
    }
    log->list[log->count] = *p;
    log->list[log->count++].seq = ++log->last_seq;
}

const struct page_told *page_log_find(const struct page_log *log, int64_t seq)
{
    for (uint32_t i = 0; i < log->count; i++)
        if (log->list[i].seq == seq)
            return &log->list[i];
    return NULL;
}

/* ---- writing ---- */

enum err page_log_write(const struct page_log *log, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_i64(&w, "last", log->last_seq);
    json_i64(&w, "act", log->act_id);
    json_array(&w, "pages");
    for (uint32_t i = 0; i < log->count; i++) {
        const struct page_told *p = &log->list[i];
        json_object(&w, NULL);
        json_i64(&w, "seq", p->seq);
        json_string(&w, "on", page_on_name(p->on));
        json_i64(&w, "severity", p->severity);
        json_i64(&w, "incident", p->incident);
        json_i64(&w, "at", p->at_ms);
        json_i64(&w, "since", p->since_ms);
        json_i64(&w, "known", p->known_ms);
        json_string(&w, "rule", p->rule);
        json_string(&w, "title", p->title);
        json_string(&w, "scope", p->scope);
        json_string(&w, "text", p->text);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return w.err;
}

static void write_target(struct json *w, const struct paging_target *t)
{
    char identity[24];
    (void)str_format(identity, sizeof identity, "%016" PRIx64, t->identity);
    json_object(w, NULL);
    json_string(w, "name", t->name);
    json_string(w, "identity", identity);
    json_bool(w, "heartbeat", t->heartbeat);
    json_i64(w, "seen", t->seen_seq);
    json_i64(w, "ok", t->ok_ms);
    json_i64(w, "failing_since", t->failing_since_ms);
    json_string(w, "why", t->why);
    json_array(w, "owed");
    for (uint32_t i = 0; i < t->owed_count; i++) {
        json_object(w, NULL);
        json_i64(w, "seq", t->owed[i].seq);
        json_i64(w, "next", t->owed[i].next_ms);
        json_i64(w, "tries", t->owed[i].tries);
        json_end(w);
    }
    json_end(w);
    json_array(w, "failed");
    for (uint32_t i = 0; i < t->failed_count; i++)
        json_i64(w, NULL, t->failed[i]);
    json_end(w);
    json_array(w, "told");
    for (uint32_t i = 0; i < t->told_count; i++)
        json_i64(w, NULL, t->told[i]);
    json_end(w);
    json_end(w);
}

enum err paging_write(const struct paging_target *list, uint32_t count, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_array(&w, NULL);
    for (uint32_t i = 0; i < count; i++)
        write_target(&w, &list[i]);
    json_end(&w);
    return w.err;
}

/* ---- reading ---- */

static int64_t number(const struct jsontree *n, const char *key)
{
    const struct jsontree *v = jsontree_get(n, key);
    int64_t i = 0;
    if (v != NULL && v->kind == JSONTREE_NUMBER)
        (void)str_to_i64(v->text, &i);
    return i;
}

static struct str text_of(const struct jsontree *n, const char *key)
{
    const struct jsontree *v = jsontree_get(n, key);
    return v != NULL && v->kind == JSONTREE_STRING ? v->text : (struct str){"", 0};
}

static const struct jsontree *items(const struct jsontree *n, const char *key)
{
    const struct jsontree *v = key != NULL ? jsontree_get(n, key) : n;
    return v != NULL && v->kind == JSONTREE_ARRAY ? v->child : NULL;
}

static bool read_page(const struct jsontree *n, struct page_told *p)
{
    const struct str on = text_of(n, "on");
    int64_t severity = number(n, "severity");
    *p = (struct page_told){.seq = number(n, "seq"),
                            .incident = number(n, "incident"),
                            .at_ms = number(n, "at"),
                            .since_ms = number(n, "since"),
                            .known_ms = number(n, "known")};
    (void)str_copy(p->rule, sizeof p->rule, text_of(n, "rule"));
    (void)str_copy(p->title, sizeof p->title, text_of(n, "title"));
    (void)str_copy(p->scope, sizeof p->scope, text_of(n, "scope"));
    (void)str_copy(p->text, sizeof p->text, text_of(n, "text"));
    p->severity = severity == SEV_PAGE ? SEV_PAGE : severity == SEV_TICKET ? SEV_TICKET : SEV_NONE;
    for (int i = 0; i < PAGE_ON_COUNT; i++) {
        p->on = (enum page_on)i;
        if (str_eq_z(on, page_on_name(p->on)))
            return true;
    }
    return false;
}

enum err page_log_read(struct str text, struct arena *a, struct page_log *log, struct errctx *ctx)
{
    const struct jsontree *root;
    log->last_seq = 0;
    log->act_id = -1;
    log->count = 0;
    enum err e = jsontree_parse(text, a, &root, ctx);
    if (e != ERR_OK)
        return e;
    for (const struct jsontree *n = items(root, "pages"); n != NULL && log->count < PAGES_KEPT; n = n->next)
        log->count += read_page(n, &log->list[log->count]);
    log->last_seq = number(root, "last");
    log->act_id = jsontree_get(root, "act") != NULL ? number(root, "act") : -1;
    return ERR_OK;
}

static uint32_t read_numbers(const struct jsontree *n, int64_t *ret, uint32_t cap)
{
    uint32_t count = 0;
    for (; n != NULL && count < cap; n = n->next)
        count += str_to_i64(n->text, &ret[count]);
    return count;
}

static void read_target(const struct jsontree *n, struct paging_target *t)
{
    const struct jsontree *beats = jsontree_get(n, "heartbeat");
    char identity[24];
    (void)str_copy(t->name, sizeof t->name, text_of(n, "name"));
    (void)str_copy(identity, sizeof identity, text_of(n, "identity"));
    for (const char *c = identity; *c != '\0'; c++)
        t->identity = t->identity << 4 | (uint64_t)(*c <= '9' ? *c - '0' : *c - 'a' + 10);
    t->heartbeat = beats != NULL && beats->kind == JSONTREE_TRUE;
    t->seen_seq = number(n, "seen");
    t->ok_ms = number(n, "ok");
    t->failing_since_ms = number(n, "failing_since");
    (void)str_copy(t->why, sizeof t->why, text_of(n, "why"));
    for (const struct jsontree *o = items(n, "owed"); o != NULL && t->owed_count < PAGING_OWED_MAX; o = o->next)
        t->owed[t->owed_count++] = (struct paging_owed){number(o, "seq"), number(o, "next"), (uint32_t)number(o, "tries")};
    t->told_count = read_numbers(items(n, "told"), t->told, PAGING_TOLD_MAX);
    t->failed_count = read_numbers(items(n, "failed"), t->failed, PAGING_OWED_MAX);
}

enum err paging_read(struct str text, struct arena *a, struct paging_target **ret, uint32_t *ret_count, struct errctx *ctx)
{
    const struct jsontree *root;
    uint32_t count = 0;
    enum err e = jsontree_parse(text, a, &root, ctx);
    struct paging_target *list = e == ERR_OK ? arena_array(a, PAGING_TARGETS_MAX, sizeof *list) : NULL;
    if (e != ERR_OK || list == NULL)
        return e != ERR_OK ? e : errctx_set(ctx, ERR_NOMEM, "out of memory for how paging stands");
    for (const struct jsontree *n = items(root, NULL); n != NULL && count < PAGING_TARGETS_MAX; n = n->next)
        read_target(n, &list[count++]);
    *ret = list;
    *ret_count = count;
    return ERR_OK;
}

void paging_trouble(const struct paging_target *list, uint32_t count, char *out, size_t cap)
{
    const struct paging_target *first = NULL;
    char since[TIMEFMT_MAX], more[40] = "";
    unsigned others = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct paging_target *t = &list[i];
        if (t->failing_since_ms == 0)
            continue;
        others += first != NULL;
        first = first != NULL && (!first->heartbeat || t->heartbeat) ? first : t; /* a page goes before a heartbeat */
    }
    out[0] = '\0';
    if (first == NULL)
        return;
    instant_format_clock(first->failing_since_ms, since);
    if (others > 0)
        (void)str_format(more, sizeof more, " (+%u more)", others);
    (void)str_format(out, cap, "%s NOT %s: %s: %s, since %s%s", first->heartbeat ? "HEARTBEAT" : "PAGE",
                     first->heartbeat ? "SENT" : "DELIVERED", first->name, first->why, since, more);
}
