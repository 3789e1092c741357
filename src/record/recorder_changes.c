/* SPDX-License-Identifier: MIT */
/* What sources tell of changes, and what status pages say, on its way to the next commit.
 *
 * How this works: a source tells of a change as often as it is asked, so each is put under a key of its own, which makes it one event; and
 * those that were put are remembered, so that a change is news to open incidents once, and after a restart not at all. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/safe_text.h"
#include "record/recorder_int.h"

enum {
    SEEN_MAX = 1 << 16,       /* changes that are remembered; beyond, all are forgotten: the store still takes each once */
    POLL_CHANGES_MAX = 1000,  /* news of one poll; what is beyond is left out */
    AHEAD_MS = 5 * 60 * 1000, /* a clock that goes wrong by no more than this is taken for right */
    WARN_MS = 60 * 60 * 1000, /* a warning stands this long, as those of scores */
    ARENA_BYTES_MAX = 64 << 20,
    KEY_BYTES_MAX = 640, /* of an event, or a note */
};
static const int64_t late_ms = 2 * 60 * 60 * 1000; /* what is told of times before `backfill`, and this, is not looked at */

struct told {
    uint64_t *seen; /* hashes of keys, open addressing, 0 = free; at most half full */
    size_t count, cap;
    bool recalled; /* what the store has is among them */
    size_t news;   /* of this poll */
    int64_t poll_ms;
    uint32_t warnings;
    int64_t warned_ms;
    char warning[REASON_MAX];
    struct buf page, page_new; /* the note as it was put last, and as it is to be */
};

/* Whose page it is, is known before it answers. */
static enum err put_first_page(struct feedsource *s, struct errctx *ctx)
{
    char note[KEY_BYTES_MAX];
    struct arena a;
    struct str text;
    const struct status_page page = {.provider = s->cfg->provider, .unclear = "it has not told anything yet"};
    arena_init(&a, ARENA_BYTES_MAX);
    (void)str_format(note, sizeof note, STATUS_PAGE_NOTE, s->targets[0].name);
    enum err e = store_note(s->r->st, note, INT64_MAX, &a, &text), put = ERR_OK;
    arena_fini(&a);
    if (e == ERR_NOTFOUND)
        put = status_page_format(&page, &s->told->page_new);
    if (e == ERR_NOTFOUND && put == ERR_OK)
        put = store_put_note(s->r->st, note, s->r->opened_ms, buf_str(&s->told->page_new), ctx);
    return e == ERR_OK || e == ERR_NOTFOUND ? put : errctx_set(ctx, e, "cannot read what the status page of %s said", s->cfg->name);
}

enum err recorder_changes_open(struct feedsource *s, struct errctx *ctx)
{
    s->told = calloc(1, sizeof *s->told);
    if (s->told == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", s->cfg->name);
    buf_init(&s->told->page, STATUS_PAGE_NOTE_BYTES_MAX);
    buf_init(&s->told->page_new, STATUS_PAGE_NOTE_BYTES_MAX);
    return s->cfg->kind == SOURCE_STATUS_PAGE ? put_first_page(s, ctx) : ERR_OK;
}

void recorder_changes_close(struct feedsource *s)
{
    if (s->told == NULL)
        return;
    buf_fini(&s->told->page);
    buf_fini(&s->told->page_new);
    free(s->told->seen);
    free(s->told);
    s->told = NULL;
}

void recorder_changes_forget(struct feedsource *s)
{
    if (s->told == NULL)
        return;
    memset(s->told->seen, 0, s->told->cap * sizeof *s->told->seen);
    s->told->count = 0;
    s->told->recalled = false;
    s->reread = true;
    buf_reset(&s->told->page);
}

void recorder_changes_warn(struct feedsource *s, const char *what, struct str text)
{
    char raw[REASON_MAX];
    struct told *t = s->told;
    if (s->poll_ms - t->warned_ms >= WARN_MS)
        t->warnings = 0;
    t->warnings++;
    t->warned_ms = s->poll_ms;
    (void)str_format(raw, sizeof raw, "%.*s %s", (int)(text.n < 80 ? text.n : 80), text.p, what);
    (void)safe_text(t->warning, sizeof t->warning, str_of(raw));
}

void recorder_changes_tell(struct feedsource *s, struct target *t, int64_t now_ms)
{
    const struct told *told = s->told;
    const bool stands = told->warnings > 0 && now_ms - told->warned_ms < WARN_MS;
    t->status.warnings = stands ? told->warnings : 0;
    (void)str_copy(t->warning, sizeof t->warning, str_of(stands ? told->warning : ""));
}

/* ---- what was seen ---- */

/* Where the hash is, or would be (0). */
static uint64_t *slot_of(uint64_t *table, size_t cap, uint64_t h)
{
    size_t i = h & (cap - 1);
    while (table[i] != 0 && table[i] != h)
        i = (i + 1) & (cap - 1);
    return &table[i];
}

static enum err grow(struct told *t)
{
    const size_t cap = t->cap == 0 ? 64 : 2 * t->cap;
    uint64_t *more = calloc(cap, sizeof *more);
    if (more == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->cap; i++)
        if (t->seen[i] != 0)
            *slot_of(more, cap, t->seen[i]) = t->seen[i];
    free(t->seen);
    t->seen = more;
    t->cap = cap;
    return ERR_OK;
}

/* Whether a change is news; from then on it is none. */
static enum err see(struct told *t, const char *key, bool *ret_news)
{
    const uint64_t hash = hash_bytes(key, strlen(key), 1), h = hash != 0 ? hash : 1;
    if (t->count >= SEEN_MAX) {
        memset(t->seen, 0, t->cap * sizeof *t->seen);
        t->count = 0;
    }
    if (2 * (t->count + 1) > t->cap && grow(t) != ERR_OK)
        return ERR_NOMEM;
    uint64_t *slot = slot_of(t->seen, t->cap, h);
    *ret_news = *slot == 0;
    t->count += *slot == 0;
    *slot = h;
    return ERR_OK;
}

/* Those that earlier runs put. */
static enum err recall_seen(struct feedsource *s, struct errctx *ctx)
{
    struct event *list;
    size_t count;
    struct arena a;
    bool news;
    arena_init(&a, ARENA_BYTES_MAX);
    enum err e = store_events(s->r->st, s->poll_ms - s->cfg->backfill_ms - late_ms, s->poll_ms, INT64_MAX, &a, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (strcmp(list[i].source, s->targets[0].name) == 0 && see(s->told, list[i].key, &news) != ERR_OK)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory for the changes of %s", s->cfg->name);
    arena_fini(&a);
    s->told->recalled = e == ERR_OK;
    return e;
}

/* ---- the sink ---- */

/* Whether its time can be one; an instant of a clock that is a little ahead is now. */
static bool is_timely(struct feedsource *s, const struct source_change *c, int64_t *ret_at_ms)
{
    *ret_at_ms = c->at_ms < s->poll_ms ? c->at_ms : s->poll_ms;
    if (c->at_ms > s->poll_ms + AHEAD_MS)
        recorder_changes_warn(s, "lies in the future: left out", str_of(c->text));
    return c->at_ms <= s->poll_ms + AHEAD_MS && c->at_ms >= s->poll_ms - s->cfg->backfill_ms - late_ms;
}

static enum err put_change(struct feedsource *s, const struct source_change *c, int64_t at_ms)
{
    char key[KEY_BYTES_MAX], text[REASON_MAX];
    bool news = false;
    (void)str_format(key, sizeof key, "change:%s:%s", s->targets[0].name, c->key);
    enum err e = see(s->told, key, &news);
    if (e != ERR_OK || !news)
        return e;
    if (s->told->poll_ms != s->poll_ms)
        s->told->news = 0;
    s->told->poll_ms = s->poll_ms;
    if (++s->told->news > POLL_CHANGES_MAX) {
        recorder_changes_warn(s, "and what comes after it is left out: more than 1,000 changes at once", str_of(c->text));
        return ERR_OK;
    }
    (void)str_format(text, sizeof text, "%s%s%s", c->text, c->url[0] != '\0' ? " " : "", c->url);
    const struct event ev = {
        .at_ms = at_ms, .known_ms = s->poll_ms, .kind = c->kind, .scope = c->scope, .text = text, .source = s->targets[0].name};
    return analyser_change(s->r->an, key, &ev, &s->trouble);
}

static bool sink_event(void *ctx, const struct source_change *c)
{
    struct feedsource *s = ctx;
    int64_t at_ms;
    if (!is_timely(s, c, &at_ms))
        return true;
    if (!s->told->recalled && recall_seen(s, &s->trouble) != ERR_OK)
        return false;
    enum err e = put_change(s, c, at_ms);
    if (e == ERR_NOMEM && s->trouble.text[0] == '\0')
        errctx_set(&s->trouble, e, "out of memory for the changes of %s", s->cfg->name);
    return e == ERR_OK;
}

/* ---- status pages ---- */

/* When each was posted: as the page tells; else as it was first seen, by this run or an earlier one. */
static void date_posted(struct page_posted *list, size_t count, const struct status_page *before, int64_t now_ms)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; list[i].since_ms == 0 && k < before->count; k++)
            if (strcmp(before->posted[k].id, list[i].id) == 0)
                list[i].since_ms = before->posted[k].since_ms;
        if (list[i].since_ms == 0 || list[i].since_ms > now_ms)
            list[i].since_ms = now_ms;
    }
}

/* What was posted and is no more, without a word of its end. */
static enum err tell_gone(struct feedsource *s, const struct status_page *now, const struct status_page *before, struct arena *a)
{
    const char *scope = arena_printf(a, "provider=%s", now->provider);
    enum err e = scope != NULL ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < before->count; i++) {
        const struct page_posted *o = &before->posted[i];
        size_t k = 0;
        while (k < now->count && strcmp(now->posted[k].id, o->id) != 0)
            k++;
        const struct source_change gone = {.at_ms = s->poll_ms,
                                           .kind = EVENT_PROVIDER,
                                           .scope = scope,
                                           .text = arena_printf(a, "%s no longer posts: %s", now->provider, o->text),
                                           .key = arena_printf(a, "%s:over", o->id), /* as where the page tells the end */
                                           .url = ""};
        if (k == now->count)
            e = gone.text != NULL && gone.key != NULL && sink_event(s, &gone) ? ERR_OK : ERR_NOMEM;
    }
    return e;
}

/* What the store has of it; nothing where it has none, or what cannot be read. */
static struct status_page page_before(struct feedsource *s, const char *note, struct arena *a)
{
    struct status_page before = {.count = 0};
    struct str text;
    if (store_note(s->r->st, note, INT64_MAX, a, &text) == ERR_OK && status_page_parse(text, a, &before, NULL) == ERR_OK &&
        s->told->page.len == 0)
        (void)!buf_append(&s->told->page, text.p, text.n);
    return before;
}

static enum err put_page(struct feedsource *s, const struct status_page *p, struct arena *a)
{
    char note[KEY_BYTES_MAX];
    struct told *t = s->told;
    struct page_posted list[STATUS_PAGE_POSTED_MAX];
    struct status_page now = *p;
    (void)str_format(note, sizeof note, STATUS_PAGE_NOTE, s->targets[0].name);
    const struct status_page before = page_before(s, note, a);
    now.posted = list;
    now.count = p->count < STATUS_PAGE_POSTED_MAX ? p->count : STATUS_PAGE_POSTED_MAX;
    if (now.count > 0)
        memcpy(list, p->posted, now.count * sizeof list[0]);
    date_posted(list, now.count, &before, s->poll_ms);
    if (now.unclear[0] != '\0') { /* what was posted may still be */
        now.posted = before.posted;
        now.count = before.count;
    }
    enum err e = tell_gone(s, &now, &before, a);
    buf_reset(&t->page_new);
    if (e == ERR_OK)
        e = status_page_format(&now, &t->page_new);
    if (e != ERR_OK || str_eq(buf_str(&t->page), buf_str(&t->page_new)))
        return e;
    e = store_put_note(s->r->st, note, s->poll_ms, buf_str(&t->page_new), &s->trouble);
    if (e != ERR_OK)
        return e;
    const struct buf last = t->page;
    t->page = t->page_new;
    t->page_new = last;
    return ERR_OK;
}

static bool sink_page(void *ctx, const struct status_page *p)
{
    struct feedsource *s = ctx;
    struct arena a;
    arena_init(&a, ARENA_BYTES_MAX);
    enum err e = put_page(s, p, &a);
    arena_fini(&a);
    if (e != ERR_OK && s->trouble.text[0] == '\0')
        errctx_set(&s->trouble, e, "out of memory for what the status page of %s says", s->cfg->name);
    return e == ERR_OK;
}

void recorder_changes_sink(struct source_sink *sink)
{
    sink->event = sink_event;
    sink->page = sink_page;
}
