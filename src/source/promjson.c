/* SPDX-License-Identifier: MIT */
/* How this works: a JSON reader that can stop after any byte. What it needs to go on is the kind of token it is in, the bytes of that
 * token which somebody wants, and what the grammar allows next; the open containers and what everything means are promjson_shape.c's.
 * Points of a matrix, nearly all the bytes there are, take a short cut when one lies whole in the feed; it takes only what the long way
 * takes too, and with the same result, so that answers do not depend on where the feeds are cut. */
#include "source/promjson.h"

#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"
#include "source/fastnum.h"
#include "source/promjson_shape.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct str promjson_label_value(const struct promjson_label *labels, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_z(labels[i].name, name))
            return labels[i].value;
    }
    return (struct str){"", 0};
}

enum lex { LEX_BETWEEN, LEX_STRING, LEX_ESCAPE, LEX_HEX, LEX_SCALAR };

enum want { WANT_VALUE, WANT_VALUE_OR_CLOSE, WANT_KEY, WANT_KEY_OR_CLOSE, WANT_COLON, WANT_COMMA_OR_CLOSE, WANT_NOTHING };

struct promjson {
    size_t max_bytes, bytes; /* bytes: taken so far */
    size_t token_at;         /* where the token being read began: the place of a fault, wherever the feeds are cut */
    enum lex lex;
    enum want want;
    bool is_key;
    struct promjson_sink sink;
    size_t length; /* bytes of the token in the sink */
    uint32_t hex;  /* \uXXXX as far as it was read */
    unsigned hex_left;
    uint32_t surrogate; /* a high one that waits for its low one; 0: none */
    struct promjson_shape shape;
};

void promjson_reset(struct promjson *p)
{
    p->bytes = p->token_at = 0;
    p->lex = LEX_BETWEEN;
    p->want = WANT_VALUE;
    p->surrogate = 0;
    promjson_shape_reset(&p->shape);
}

struct promjson *promjson_new(const struct promjson_handler *h, size_t max_bytes)
{
    struct promjson *p = malloc(sizeof *p);
    if (!p) {
        return NULL;
    }
    p->shape.h = *h;
    p->max_bytes = max_bytes;
    promjson_reset(p);
    return p;
}

void promjson_free(struct promjson *p)
{
    free(p);
}

static bool fail(struct promjson *p, enum err e, const char *what)
{
    if (!p->shape.err) {
        p->shape.err = e;
        p->shape.what = what;
    }
    return false;
}

/* Appends to the token of the sink. */
static bool put(struct promjson *p, const char *bytes, size_t n)
{
    if (!p->sink.dst) {
        return true;
    }
    size_t room = p->sink.cap - p->length;
    if (n > room) {
        if (!p->sink.may_cut) {
            return fail(p, ERR_LIMIT, "a string or number is too long");
        }
        n = room;
    }
    memcpy(p->sink.dst + p->length, bytes, n);
    p->length += n;
    return true;
}

static bool put_rune(struct promjson *p, uint32_t rune)
{
    char utf8[4];
    return put(p, utf8, utf8_encode(rune, utf8));
}

/* A high surrogate that no low one followed becomes U+FFFD, as in Go. */
static bool flush_surrogate(struct promjson *p)
{
    bool waiting = p->surrogate != 0;
    p->surrogate = 0;
    return !waiting || put_rune(p, 0xFFFD);
}

static bool put_utf16(struct promjson *p, uint32_t unit)
{
    bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (low && p->surrogate) {
        uint32_t rune = 0x10000 + ((p->surrogate - 0xD800) << 10) + (unit - 0xDC00);
        p->surrogate = 0;
        return put_rune(p, rune);
    }
    if (!flush_surrogate(p)) {
        return false;
    }
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        p->surrogate = unit;
        return true;
    }
    return put_rune(p, low ? 0xFFFD : unit);
}

static bool after_value(struct promjson *p)
{
    p->want = p->shape.depth > 0 ? WANT_COMMA_OR_CLOSE : WANT_NOTHING;
    return true;
}

static bool end_string(struct promjson *p)
{
    if (!flush_surrogate(p)) {
        return false;
    }
    struct str text = {p->sink.dst, p->sink.dst ? p->length : 0};
    p->lex = LEX_BETWEEN;
    if (p->is_key) {
        p->want = WANT_COLON;
        return promjson_shape_key(&p->shape, text);
    }
    return promjson_shape_scalar(&p->shape, PROMJSON_STRING, text) && after_value(p);
}

/* JSON's own grammar, which is narrower than fastnum's. */
static bool is_json_number(struct str s)
{
    size_t i = s.n > 0 && s.p[0] == '-';
    size_t first = i;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
        i++;
    }
    if (i == first || (s.p[first] == '0' && i - first > 1)) {
        return false;
    }
    if (i < s.n && s.p[i] == '.') {
        size_t point = i++;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
            i++;
        }
        if (i == point + 1) {
            return false;
        }
    }
    if (i < s.n && (s.p[i] | 0x20) == 'e') {
        i++;
        i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
        size_t exponent = i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
            i++;
        }
        if (i == exponent) {
            return false;
        }
    }
    return i == s.n;
}

static bool end_scalar(struct promjson *p)
{
    struct str text = {p->sink.dst, p->length};
    enum promjson_kind kind;
    if (is_json_number(text)) {
        kind = PROMJSON_NUMBER;
    } else if (str_eq_z(text, "true") || str_eq_z(text, "false")) {
        kind = PROMJSON_BOOL;
    } else if (str_eq_z(text, "null")) {
        kind = PROMJSON_NULL;
    } else {
        return fail(p, ERR_PARSE, "not JSON: neither a number nor true, false or null");
    }
    p->lex = LEX_BETWEEN;
    return promjson_shape_scalar(&p->shape, kind, text) && after_value(p);
}

/* The first byte in [at, end) that ends a plain run of a string: quote, backslash, control character. */
static const char *scan_string(const char *at, const char *end)
{
#if defined(__SSE2__)
    while (end - at >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x);
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(stop, control));
        if (mask) {
            return at + __builtin_ctz(mask);
        }
        at += 16;
    }
#endif
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
        at++;
    }
    return at;
}

static const char *read_string(struct promjson *p, const char *at, const char *end)
{
    const char *stop = scan_string(at, end);
    if (stop > at && (!flush_surrogate(p) || !put(p, at, (size_t)(stop - at)))) {
        return NULL;
    }
    if (stop == end) {
        return end;
    }
    if (*stop == '"') {
        return end_string(p) ? stop + 1 : NULL;
    }
    if (*stop == '\\') {
        p->lex = LEX_ESCAPE;
        return stop + 1;
    }
    fail(p, ERR_PARSE, "not JSON: a control character in a string");
    return NULL;
}

static bool read_escape(struct promjson *p, char c)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    if (c == 'u') {
        p->lex = LEX_HEX;
        p->hex = 0;
        p->hex_left = 4;
        return true;
    }
    const char *found = c ? strchr(from, c) : NULL;
    if (!found) {
        return fail(p, ERR_PARSE, "not JSON: an unknown escape in a string");
    }
    p->lex = LEX_STRING;
    return flush_surrogate(p) && put(p, &to[found - from], 1);
}

static bool read_hex(struct promjson *p, char c)
{
    uint32_t digit;
    if (c >= '0' && c <= '9') {
        digit = (uint32_t)(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = (uint32_t)((c | 0x20) - 'a' + 10);
    } else {
        return fail(p, ERR_PARSE, "not JSON: \\u without four hexadecimal digits");
    }
    p->hex = p->hex << 4 | digit;
    if (--p->hex_left > 0) {
        return true;
    }
    p->lex = LEX_STRING;
    return put_utf16(p, p->hex);
}

static bool is_scalar_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '-' || c == '.';
}

static const char *read_scalar(struct promjson *p, const char *at, const char *end)
{
    const char *stop = at;
    while (stop < end && is_scalar_byte(*stop)) {
        stop++;
    }
    if (!put(p, at, (size_t)(stop - at))) {
        return NULL;
    }
    if (stop < end && !end_scalar(p)) {
        return NULL;
    }
    return stop;
}

static bool begin_string(struct promjson *p)
{
    p->is_key = p->want == WANT_KEY || p->want == WANT_KEY_OR_CLOSE;
    if (!p->is_key && p->want != WANT_VALUE && p->want != WANT_VALUE_OR_CLOSE) {
        return fail(p, ERR_PARSE, "not JSON: a string in the wrong place");
    }
    p->sink = p->is_key ? promjson_shape_key_sink(&p->shape) : promjson_shape_value_sink(&p->shape);
    p->length = 0;
    p->lex = LEX_STRING;
    return true;
}

static bool begin_scalar(struct promjson *p)
{
    if (p->want != WANT_VALUE && p->want != WANT_VALUE_OR_CLOSE) {
        return fail(p, ERR_PARSE, p->want == WANT_NOTHING ? "text after the answer" : "not JSON: a value in the wrong place");
    }
    p->sink = (struct promjson_sink){p->shape.token, sizeof p->shape.token, false};
    p->length = 0;
    p->lex = LEX_SCALAR;
    return true;
}

static bool open_container(struct promjson *p, enum promjson_kind kind)
{
    if (p->want != WANT_VALUE && p->want != WANT_VALUE_OR_CLOSE) {
        return fail(p, ERR_PARSE, "not JSON: a bracket in the wrong place");
    }
    p->want = kind == PROMJSON_OBJECT ? WANT_KEY_OR_CLOSE : WANT_VALUE_OR_CLOSE;
    return promjson_shape_open(&p->shape, kind);
}

static bool close_container(struct promjson *p, bool is_array)
{
    bool allowed = p->want == WANT_COMMA_OR_CLOSE || p->want == (is_array ? WANT_VALUE_OR_CLOSE : WANT_KEY_OR_CLOSE);
    if (!allowed || p->shape.level[p->shape.depth - 1].is_array != is_array) {
        return fail(p, ERR_PARSE, "not JSON: a closing bracket in the wrong place");
    }
    return promjson_shape_close(&p->shape) && after_value(p);
}

static bool take_comma(struct promjson *p)
{
    if (p->want != WANT_COMMA_OR_CLOSE) {
        return fail(p, ERR_PARSE, "not JSON: a comma in the wrong place");
    }
    p->want = p->shape.level[p->shape.depth - 1].is_array ? WANT_VALUE : WANT_KEY;
    return true;
}

/* One byte between tokens, not white space; false stops. *ret_again: the byte belongs to the token that it began. */
static bool read_between(struct promjson *p, char c, bool *ret_again)
{
    switch (c) {
    case '"': return begin_string(p);
    case '{': return open_container(p, PROMJSON_OBJECT);
    case '[': return open_container(p, PROMJSON_ARRAY);
    case '}': return close_container(p, false);
    case ']': return close_container(p, true);
    case ',': return take_comma(p);
    case ':':
        if (p->want != WANT_COLON) {
            return fail(p, ERR_PARSE, "not JSON: a colon in the wrong place");
        }
        p->want = WANT_VALUE;
        return true;
    case '<': return fail(p, ERR_PARSE, "not JSON but markup: the answer of a login page or proxy?");
    default:
        *ret_again = true;
        if (!is_scalar_byte(c)) {
            return fail(p, ERR_PARSE, "not JSON: an unexpected character");
        }
        return begin_scalar(p);
    }
}

/* Seconds with at most three decimals, as Prometheus writes time, in whole milliseconds: what rounding their double gives too. */
static const char *scan_seconds(const char *at, const char *end, int64_t *ret_ms)
{
    int64_t seconds = 0, ms = 0, unit = 1000;
    const char *first = at;
    while (at < end && at - first < 12 && *at >= '0' && *at <= '9') {
        seconds = seconds * 10 + (*at++ - '0');
    }
    if (at == first || (*first == '0' && at - first > 1)) {
        return NULL;
    }
    if (at < end && *at == '.') {
        at++;
        while (at < end && unit > 1 && *at >= '0' && *at <= '9') {
            unit /= 10;
            ms += (*at++ - '0') * unit;
        }
        if (unit == 1000) {
            return NULL;
        }
    }
    *ret_ms = seconds * 1000 + ms;
    return at;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && is_space(*at)) {
        at++;
    }
    return at;
}

/* Behind white space, the wanted byte, and more white space; NULL when something else is there. */
static const char *skip_byte(const char *at, const char *end, char wanted)
{
    at = skip_space(at, end);
    return at < end && *at == wanted ? skip_space(at + 1, end) : NULL;
}

/* The short cut: [1435781430.781,"1"] whole in [at, end), at the opening bracket. NULL when it is not that, and nothing happened. */
static const char *scan_point(const char *at, const char *end, int64_t *ret_ms, double *ret_value)
{
    const char *q = scan_seconds(skip_space(at + 1, end), end, ret_ms);
    q = q ? skip_byte(q, end, ',') : NULL;
    if (!q || q == end || *q != '"') {
        return NULL;
    }
    const char *value = q + 1;
    q = fastnum_scan(value, end, ret_value);
    if (!q || q == end || *q != '"' || q - value > PROMJSON_TOKEN_MAX) {
        return NULL;
    }
    q = skip_space(q + 1, end);
    return q < end && *q == ']' ? q + 1 : NULL;
}

/* Takes points of a matrix from *at on as long as they come plain. False after a failure, with *at at its place. */
static bool read_points(struct promjson *p, const char **at, const char *end)
{
    int64_t t_ms;
    double value;
    for (;;) {
        const char *next = **at == '[' ? scan_point(*at, end, &t_ms, &value) : NULL;
        if (!next) {
            return true;
        }
        if (!promjson_shape_point(&p->shape, t_ms, value)) {
            *at = next - 1;
            return false;
        }
        *at = next;
        p->want = WANT_COMMA_OR_CLOSE;
        next = skip_byte(next, end, ',');
        if (!next || next == end) {
            return true;
        }
        *at = next;
        p->want = WANT_VALUE;
    }
}

/* From between two tokens to behind the next byte, or behind some points. NULL after a failure. */
static const char *read_on(struct promjson *p, const char *start, const char *at, const char *end)
{
    bool ok = true, again = false;
    at = skip_space(at, end);
    const char *first = at;
    if (at == end) {
        return end;
    }
    if (*at == '[' && (p->want == WANT_VALUE || p->want == WANT_VALUE_OR_CLOSE) && promjson_shape_wants_point(&p->shape)) {
        ok = read_points(p, &at, end);
    }
    p->token_at = p->bytes + (size_t)(at - start);
    if (ok && at == first) {
        ok = read_between(p, *at, &again);
        at += !again;
    }
    return ok ? at : NULL;
}

static bool feed_allowed(struct promjson *p, const char *start, const char *end)
{
    const char *at = start;
    while (at && at < end) {
        switch (p->lex) {
        case LEX_BETWEEN: at = read_on(p, start, at, end); break;
        case LEX_STRING: at = read_string(p, at, end); break;
        case LEX_ESCAPE: at = read_escape(p, *at) ? at + 1 : NULL; break;
        case LEX_HEX: at = read_hex(p, *at) ? at + 1 : NULL; break;
        case LEX_SCALAR: at = read_scalar(p, at, end); break;
        }
    }
    p->bytes += (size_t)(end - start);
    return at != NULL;
}

enum err promjson_feed(struct promjson *p, const void *bytes, size_t n)
{
    if (p->shape.err) {
        return p->shape.err;
    }
    const char *at = bytes;
    size_t allowed = p->max_bytes - p->bytes;
    if (feed_allowed(p, at, at + (n < allowed ? n : allowed)) && n > allowed) {
        p->token_at = p->max_bytes;
        fail(p, ERR_LIMIT, "the answer is larger than allowed");
    }
    return p->shape.err;
}

enum err promjson_finish(struct promjson *p, struct errctx *ctx)
{
    const struct promjson_shape *s = &p->shape;
    if (!s->err) {
        p->token_at = p->bytes;
    }
    if (!s->err && p->bytes == 0) {
        fail(p, ERR_PARSE, "the answer is empty");
    } else if (!s->err && p->want != WANT_NOTHING) {
        fail(p, ERR_PARSE, "the answer ends in the middle");
    } else if (!s->err && !s->has_status) {
        fail(p, ERR_PARSE, "the answer has no status: not a Prometheus API?");
    } else if (!s->err && !s->is_error && !s->has_result) {
        fail(p, ERR_PARSE, "the answer has no result: not of a query?");
    }
    if (s->err) {
        return errctx_set(ctx, s->err, "query answer, byte %zu: %s", p->token_at, s->what);
    }
    if (s->is_error) {
        return errctx_set(ctx, ERR_NET, "the server refused the query: %s%s%s", s->error_type, s->error_type[0] ? ": " : "", s->error);
    }
    return ERR_OK;
}
