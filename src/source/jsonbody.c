/* SPDX-License-Identifier: MIT */
#include "source/jsonbody.h"

#include <string.h>

#include "base/safe_text.h"
#include "model/score.h"

void jsonbody_init(struct jsonbody *b, size_t max_bytes, size_t max_tree_bytes)
{
    buf_init(&b->body, max_bytes);
    arena_init(&b->tree, max_tree_bytes);
}

void jsonbody_fini(struct jsonbody *b)
{
    buf_fini(&b->body);
    arena_fini(&b->tree);
}

void jsonbody_begin(struct jsonbody *b)
{
    buf_reset(&b->body);
    arena_reset(&b->tree);
}

enum err jsonbody_feed(struct jsonbody *b, const void *bytes, size_t n, struct errctx *ctx)
{
    enum err err = buf_append(&b->body, bytes, n);
    return err == ERR_OK ? ERR_OK : errctx_set(ctx, err, "its answer is longer than %zu MB", b->body.max >> 20);
}

/* ---- encodings ---- */

static uint32_t unit_at(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* Half a pair, or half a unit, becomes U+FFFD, which is text like any other. */
static struct str from_utf16(struct jsonbody *b, struct str s, bool big)
{
    const unsigned char *p = (const unsigned char *)s.p;
    const size_t units = s.n / 2;
    char *out = arena_alloc(&b->tree, 3 * units + 4);
    size_t n = 0;
    for (size_t i = 0; out != NULL && i < units; i++) {
        uint32_t rune = unit_at(p + 2 * i, big);
        const uint32_t low = i + 1 < units ? unit_at(p + 2 * i + 2, big) : 0;
        if (rune >= 0xd800 && rune < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            rune = 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
            i++;
        } else if (rune >= 0xd800 && rune < 0xe000) {
            rune = 0xfffd;
        }
        n += utf8_encode(rune, out + n);
    }
    if (out != NULL && s.n % 2 != 0)
        n += utf8_encode(0xfffd, out + n);
    return (struct str){out, out != NULL ? n : 0};
}

/* The body as UTF-8. JSON begins with an ASCII character, so that a zero beside it tells which half of a unit comes first. */
static struct str decoded(struct jsonbody *b)
{
    const struct str s = buf_str(&b->body);
    const unsigned char *p = (const unsigned char *)s.p;
    if (s.n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
        return (struct str){s.p + 3, s.n - 3};
    if (s.n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
        return from_utf16(b, (struct str){s.p + 2, s.n - 2}, p[0] == 0xfe);
    if (s.n >= 2 && (p[0] == 0) != (p[1] == 0))
        return from_utf16(b, s, p[0] == 0);
    return s;
}

/* ---- understanding ---- */

enum err jsonbody_read(struct jsonbody *b, const char *what, const struct jsontree **ret, struct errctx *ctx)
{
    struct errctx why = {""};
    const struct jsontree *root = NULL;
    const struct str body = decoded(b);
    size_t blanks = 0;
    while (blanks < body.n && strchr(" \t\r\n", body.p[blanks]) != NULL && body.p[blanks] != '\0')
        blanks++;
    if (blanks < body.n && body.p[blanks] == '<')
        return errctx_set(ctx, ERR_PARSE, "it answers with an HTML or XML page (a login or error page, or it has moved?), not with %s",
                          what);
    if (body.n == 0 || jsontree_parse(body, &b->tree, &root, &why) != ERR_OK)
        return errctx_set(ctx, ERR_PARSE, "its answer is no JSON, or not all of it: %s", body.n == 0 ? "it is empty" : why.text);
    *ret = root;
    return ERR_OK;
}

struct str jsonbody_text(const struct jsontree *o, const char *key)
{
    const struct jsontree *n = jsontree_get(o, key);
    return n != NULL && n->kind == JSONTREE_STRING ? n->text : (struct str){"", 0};
}

const struct jsontree *jsonbody_array(const struct jsontree *o, const char *key)
{
    const struct jsontree *n = jsontree_get(o, key);
    return n != NULL && n->kind == JSONTREE_ARRAY ? n : NULL;
}

bool jsonbody_number(const struct jsontree *o, const char *key, double *ret)
{
    const struct jsontree *n = jsontree_get(o, key);
    return n != NULL && (n->kind == JSONTREE_NUMBER || n->kind == JSONTREE_STRING) && str_to_f64(n->text, ret);
}

bool jsonbody_instant(const struct jsontree *o, const char *key, int64_t *ret_ms)
{
    return score_time(jsonbody_text(o, key), ret_ms);
}
