/* SPDX-License-Identifier: MIT */
/* Any bytes are an answer of an alert system. The first byte of the input chooses which one, and where the answer is cut in two. What must
 * hold, beside memory safety: the same is told wherever it is cut; an answer that is refused ends nothing; what is kept is safe, bounded,
 * and its scope can be read back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/safe_text.h"
#include "source/alertfeed.h"

enum { MAX_BYTES = 1 << 16 };

struct heard {
    struct arena a;
    uint64_t hash;
    size_t count;
    bool whole, told;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_be_safe(const char *text, size_t max)
{
    char again[1024];
    const size_t n = strlen(text);
    must(n <= max && n < sizeof again);
    must(safe_text(again, sizeof again, str_of(text)) == n && memcmp(again, text, n) == 0);
}

static void on_begin(void *ctx)
{
    (void)ctx;
}

static bool on_alert(void *ctx, const struct outside_told *told)
{
    static const struct outside_words words = {"page, critical", "none, info"};
    struct heard *h = ctx;
    struct outside o;
    struct scope_part parts[SCOPE_PARTS_MAX];
    uint32_t n;
    must(outside_take(told, &words, &h->a, &o) == ERR_OK);
    must_be_safe(o.fingerprint, 4 * OUTSIDE_FINGERPRINT_MAX);
    must_be_safe(o.name, OUTSIDE_NAME_MAX);
    must_be_safe(o.summary, OUTSIDE_TEXT_MAX);
    must_be_safe(o.quiet, OUTSIDE_TEXT_MAX);
    must_be_safe(o.scope, 1000);
    must(outside_scope_parts(o.scope, &h->a, parts, &n) == ERR_OK);
    size_t conditions = o.scope[0] != '\0';
    for (const char *p = o.scope; *p != '\0'; p++)
        conditions += *p == ',';
    must(n == conditions);
    h->hash = hash_bytes(o.fingerprint, strlen(o.fingerprint), hash_bytes(o.scope, strlen(o.scope), h->hash + (uint64_t)o.state));
    return ++h->count < 100;
}

static bool on_told(void *ctx, bool whole)
{
    struct heard *h = ctx;
    must(!h->told);
    h->told = true;
    h->whole = whole;
    return true;
}

static void on_warning(void *ctx, size_t line, const char *what, struct str text)
{
    (void)ctx;
    (void)line;
    (void)what;
    (void)text;
}

/* A poll of which every page but the first request's of an Alertmanager is the same body. */
static enum err read_poll(const struct source_ops *ops, struct str body, size_t cut, struct heard *h)
{
    const struct config_source cfg = {.name = "s", .kind = ops->kind, .url = "http://h", .max_body_bytes = MAX_BYTES};
    const struct source_sink sink = {.ctx = h, .warning = on_warning, .alerts_begin = on_begin, .alert = on_alert, .alerts_told = on_told};
    const struct source_answer head = {.content_type = "application/json"};
    struct source_request rq;
    struct source *s;
    struct errctx why;
    enum err e = ERR_OK;
    must(ops->open(&cfg, NULL, &sink, &s, &why) == ERR_OK);
    while (ops->request(s, INT64_C(1800000000000), &rq)) {
        ops->begin(s, &head);
        e = ops->feed(s, body.p, cut, &why);
        if (e == ERR_OK)
            e = ops->feed(s, body.p + cut, body.n - cut, &why);
        if (e == ERR_OK)
            e = ops->finish(s, &why);
        else
            (void)ops->fail(s, 0);
    }
    ops->close(s);
    must(e == ERR_OK || !h->told || !h->whole);
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum source_kind kinds[] = {SOURCE_ALERTMANAGER, SOURCE_PROMETHEUS_RULES, SOURCE_PAGERDUTY, SOURCE_ONCALL};
    struct heard whole = {.count = 0}, parts = {.count = 0};
    if (size == 0 || size > MAX_BYTES)
        return 0;
    const struct str body = {(const char *)data + 1, size - 1};
    const struct source_ops *ops = source_ops_of(kinds[data[0] % (sizeof kinds / sizeof *kinds)]);
    arena_init(&whole.a, 64 << 20);
    arena_init(&parts.a, 64 << 20);
    const enum err a = read_poll(ops, body, 0, &whole), b = read_poll(ops, body, data[0] * (size_t)257 % (body.n + 1), &parts);
    must(a == b && whole.hash == parts.hash && whole.count == parts.count && whole.whole == parts.whole);
    arena_fini(&whole.a);
    arena_fini(&parts.a);
    return 0;
}
