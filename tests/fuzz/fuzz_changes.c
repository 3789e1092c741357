/* SPDX-License-Identifier: MIT */
/* Any bytes are an answer of a system that tells of changes, or a file of them. The first byte chooses the adapter, the second where the
 * feeds are cut. What must hold, beside memory safety: the same is told wherever they are cut, what is told is safe text with a time, and
 * an answer that is refused is no state of a status page. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"
#include "source/source.h"

enum { MAX_BYTES = 1 << 20, REQUESTS_MAX = 32 };
static const int64_t now_ms = INT64_C(1800000000000);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    struct buf text;
    size_t pages;
};

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void check_text(const char *z)
{
    must(utf8_is_valid(str_of(z)), "text is no UTF-8");
    for (struct str s = str_of(z); s.n > 0;) {
        uint32_t rune;
        const size_t n = utf8_decode(s, &rune);
        must(utf8_width(rune) >= 0, "text is not safe");
        s = (struct str){s.p + n, s.n - n};
    }
}

static bool on_event(void *ctx, const struct source_change *c)
{
    struct heard *h = ctx;
    check_text(c->text);
    check_text(c->scope);
    check_text(c->key);
    check_text(c->url);
    must(buf_printf(&h->text, "%lld %d %s %s %s %s\n", (long long)c->at_ms, (int)c->kind, c->scope, c->text, c->key, c->url) == ERR_OK,
         "out of memory");
    return true;
}

static bool on_page(void *ctx, const struct status_page *p)
{
    struct heard *h = ctx;
    struct arena a;
    struct buf note;
    struct status_page again;
    h->pages++;
    must(p->count <= STATUS_PAGE_POSTED_MAX, "too much is posted");
    check_text(p->unclear);
    for (size_t i = 0; i < p->count; i++) {
        check_text(p->posted[i].text);
        check_text(p->posted[i].id);
    }
    arena_init(&a, 16 << 20);
    buf_init(&note, STATUS_PAGE_NOTE_BYTES_MAX);
    must(status_page_format(p, &note) == ERR_OK, "what a page says does not fit its note");
    must(status_page_parse(buf_str(&note), &a, &again, NULL) == ERR_OK && again.count == p->count, "a note does not come back");
    must(buf_append(&h->text, note.data, note.len) == ERR_OK, "out of memory");
    buf_fini(&note);
    arena_fini(&a);
    return true;
}

static void on_warning(void *ctx, size_t line, const char *what, struct str text)
{
    struct heard *h = ctx;
    (void)line;
    must(buf_printf(&h->text, "warn %s ", what) == ERR_OK && buf_append(&h->text, text.p, text.n) == ERR_OK, "out of memory");
}

/* Answers every request of a poll with the body. */
static void listen_to(enum source_kind kind, struct str body, size_t cut, struct heard *h)
{
    static const char *only[] = {"API", "us-east-1"};
    const struct config_source cfg = {.name = "s",
                                      .kind = kind,
                                      .url = "http://h",
                                      .provider = "openai",
                                      .only = only,
                                      .only_count = kind == SOURCE_STATUS_PAGE ? 2 : 0,
                                      .backfill_ms = now_ms,
                                      .max_body_bytes = MAX_BYTES};
    const struct source_sink sink = {.ctx = h, .event = on_event, .page = on_page, .warning = on_warning};
    const struct source_answer head = {.content_type = "", .etag = ""};
    struct source_request rq;
    struct source *s = NULL;
    buf_init(&h->text, 64 << 20);
    h->pages = 0;
    must(source_ops_of(kind)->open(&cfg, NULL, &sink, &s, NULL) == ERR_OK, "out of memory");
    bool good = true;
    for (int i = 0; i < REQUESTS_MAX && s->ops->request(s, now_ms, &rq); i++) {
        s->ops->begin(s, &head);
        good = s->ops->feed(s, body.p, cut, NULL) == ERR_OK && s->ops->feed(s, body.p + cut, body.n - cut, NULL) == ERR_OK &&
               s->ops->finish(s, NULL) == ERR_OK;
    }
    must(good || h->pages == 0, "a page that was refused has a state");
    s->ops->close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum source_kind kinds[] = {SOURCE_CHANGES, SOURCE_GRAFANA, SOURCE_GITHUB, SOURCE_ARGOCD, SOURCE_STATUS_PAGE};
    struct heard whole, parts;
    if (size < 2 || size > MAX_BYTES)
        return 0;
    const struct str body = {(const char *)data + 2, size - 2};
    const enum source_kind kind = kinds[data[0] % (sizeof kinds / sizeof *kinds)];
    listen_to(kind, body, 0, &whole);
    listen_to(kind, body, body.n * data[1] / 256, &parts);
    must(whole.text.len == parts.text.len && (whole.text.len == 0 || memcmp(whole.text.data, parts.text.data, whole.text.len) == 0),
         "the cut changed what is told");
    buf_fini(&whole.text);
    buf_fini(&parts.text);
    return 0;
}
