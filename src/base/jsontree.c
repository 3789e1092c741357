/* SPDX-License-Identifier: MIT */
#include "base/jsontree.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

struct parser {
    const char *p, *end;
    uint32_t line;
    struct arena *a;
    struct errctx *ctx;
};

static enum err fault(struct parser *s, const char *what)
{
    if (s->p >= s->end)
        return errctx_set(s->ctx, ERR_PARSE, "line %u: it ends in the middle", s->line);
    return errctx_set(s->ctx, ERR_PARSE, "line %u: %s", s->line, what);
}

static void skip_blanks(struct parser *s)
{
    for (; s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'); s->p++)
        s->line += *s->p == '\n';
}

static bool take(struct parser *s, char c)
{
    skip_blanks(s);
    if (s->p >= s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

static int hex4(const char *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)p[i], d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

static char *put_utf8(char *to, unsigned long c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c >= 0x10000) {
        *to++ = (char)(0xf0 | (c >> 18));
        *to++ = (char)(0x80 | ((c >> 12) & 0x3f));
    } else if (c >= 0x800) {
        *to++ = (char)(0xe0 | (c >> 12));
    } else {
        *to++ = (char)(0xc0 | (c >> 6));
        *to++ = (char)(0x80 | (c & 0x3f));
        return to;
    }
    *to++ = (char)(0x80 | ((c >> 6) & 0x3f));
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

/* After the backslash. A half of a surrogate pair alone becomes U+FFFD. */
static enum err read_escape(struct parser *s, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (s->p >= s->end)
        return fault(s, "");
    const char *at = *s->p != '\0' ? strchr(from, *s->p) : NULL;
    if (at != NULL) {
        *(*to)++ = into[at - from];
        s->p++;
        return ERR_OK;
    }
    if (*s->p != 'u')
        return fault(s, "a backslash begins no escape there");
    if (s->end - s->p < 5) {
        s->p = s->end;
        return fault(s, "");
    }
    int high = hex4(s->p + 1), low = -1;
    if (high < 0)
        return fault(s, "\\u wants four hexadecimal digits");
    s->p += 5;
    if (high >= 0xd800 && high < 0xdc00 && s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u')
        low = hex4(s->p + 2);
    bool pair = low >= 0xdc00 && low < 0xe000;
    if (pair)
        s->p += 6;
    unsigned long c = pair ? 0x10000UL + (((unsigned long)high - 0xd800) << 10) + ((unsigned long)low - 0xdc00) : (unsigned long)high;
    *to = put_utf8(*to, !pair && high >= 0xd800 && high < 0xe000 ? 0xfffd : c);
    return ERR_OK;
}

/* A string at its quote. One without escapes is borrowed from the text. */
static enum err read_string(struct parser *s, struct str *ret)
{
    const char *begin = ++s->p;
    while (s->p < s->end && *s->p != '"' && *s->p != '\\' && (unsigned char)*s->p >= 0x20)
        s->p++;
    if (s->p < s->end && *s->p == '"') {
        *ret = (struct str){begin, (size_t)(s->p++ - begin)};
        return ERR_OK;
    }
    const char *close = s->p;
    while (close < s->end && *close != '"')
        close += *close == '\\' && close + 1 < s->end ? 2 : 1;
    char *room = arena_alloc(s->a, (size_t)(close - begin) + 1), *to = room; /* what an escape means is never longer than itself */
    if (room == NULL)
        return errctx_set(s->ctx, ERR_NOMEM, "out of memory");
    for (s->p = begin; s->p < s->end && *s->p != '"';) {
        if ((unsigned char)*s->p < 0x20)
            return fault(s, "a string is not closed");
        if (*s->p != '\\') {
            *to++ = *s->p++;
            continue;
        }
        s->p++;
        enum err e = read_escape(s, &to);
        if (e != ERR_OK)
            return e;
    }
    if (s->p >= s->end)
        return fault(s, "");
    s->p++;
    *ret = (struct str){room, (size_t)(to - room)};
    return ERR_OK;
}

static size_t digits(struct parser *s)
{
    const char *begin = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return (size_t)(s->p - begin);
}

static enum err read_number(struct parser *s, struct str *ret)
{
    const char *begin = s->p;
    s->p += *s->p == '-';
    bool zero = s->p < s->end && *s->p == '0';
    size_t whole = digits(s);
    if (whole == 0 || (zero && whole > 1))
        return fault(s, "that is no value");
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (digits(s) == 0)
            return fault(s, "a number ends with its point");
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        s->p += s->p < s->end && (*s->p == '+' || *s->p == '-');
        if (digits(s) == 0)
            return fault(s, "a number has no exponent after its e");
    }
    *ret = (struct str){begin, (size_t)(s->p - begin)};
    return ERR_OK;
}

static bool read_word(struct parser *s, struct jsontree *n)
{
    static const struct {
        const char *word;
        enum jsontree_kind kind;
    } words[] = {{"null", JSONTREE_NULL}, {"false", JSONTREE_FALSE}, {"true", JSONTREE_TRUE}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i].word);
        if ((size_t)(s->end - s->p) >= length && memcmp(s->p, words[i].word, length) == 0) {
            s->p += length;
            n->kind = words[i].kind;
            return true;
        }
    }
    return false;
}

static enum err read_value(struct parser *s, struct jsontree *n, int depth);

/* Elements or members up to the closing bracket, linked in their order. */
static enum err read_elements(struct parser *s, struct jsontree *n, int depth)
{
    bool is_object = n->kind == JSONTREE_OBJECT;
    char close = is_object ? '}' : ']';
    const struct jsontree **link = &n->child;
    s->p++;
    if (depth == DEPTH_MAX)
        return fault(s, "nested deeper than 64");
    if (take(s, close))
        return ERR_OK;
    do {
        struct jsontree *item = arena_alloc(s->a, sizeof *item);
        enum err e = item == NULL ? errctx_set(s->ctx, ERR_NOMEM, "out of memory") : ERR_OK;
        skip_blanks(s);
        if (e == ERR_OK && is_object) {
            e = s->p < s->end && *s->p == '"' ? read_string(s, &item->key) : fault(s, "the name of a member is missing");
            if (e == ERR_OK && !take(s, ':'))
                e = fault(s, "a colon is missing");
        }
        if (e == ERR_OK)
            e = read_value(s, item, depth + 1);
        if (e != ERR_OK)
            return e;
        *link = item;
        link = &item->next;
    } while (take(s, ','));
    return take(s, close) ? ERR_OK : fault(s, "a comma or a closing bracket is missing");
}

static enum err read_value(struct parser *s, struct jsontree *n, int depth)
{
    skip_blanks(s);
    n->line = s->line;
    if (s->p >= s->end)
        return fault(s, "");
    switch (*s->p) {
    case '"': n->kind = JSONTREE_STRING; return read_string(s, &n->text);
    case '{': n->kind = JSONTREE_OBJECT; return read_elements(s, n, depth);
    case '[': n->kind = JSONTREE_ARRAY; return read_elements(s, n, depth);
    default: break;
    }
    if (read_word(s, n))
        return ERR_OK;
    n->kind = JSONTREE_NUMBER;
    return *s->p == '-' || (*s->p >= '0' && *s->p <= '9') ? read_number(s, &n->text) : fault(s, "that is no value");
}

enum err jsontree_parse(struct str text, struct arena *a, const struct jsontree **ret, struct errctx *ctx)
{
    struct parser s = {text.p, text.p + text.n, 1, a, ctx};
    if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        s.p += 3; /* a byte order mark, which some editors leave */
    struct jsontree *root = arena_alloc(a, sizeof *root);
    enum err e = root == NULL ? errctx_set(ctx, ERR_NOMEM, "out of memory") : read_value(&s, root, 0);
    skip_blanks(&s);
    if (e == ERR_OK && s.p < s.end)
        e = fault(&s, "something follows after the end");
    if (e == ERR_OK)
        *ret = root;
    return e;
}

const struct jsontree *jsontree_get(const struct jsontree *n, const char *key)
{
    for (const struct jsontree *c = n != NULL && n->kind == JSONTREE_OBJECT ? n->child : NULL; c != NULL; c = c->next)
        if (str_eq_z(c->key, key))
            return c;
    return NULL;
}
