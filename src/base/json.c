/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/safe_text.h"

enum { DEPTH_MAX = 60 };

static void put(struct json *w, const void *p, size_t n)
{
    if (w->err == ERR_OK)
        w->err = buf_append(w->out, p, n);
}

static void put_z(struct json *w, const char *z)
{
    put(w, z, strlen(z));
}

static uint64_t level_bit(const struct json *w)
{
    return UINT64_C(1) << w->depth;
}

static void new_line(struct json *w)
{
    static const char blanks[2 * DEPTH_MAX + 1] = "                                                            "
                                                  "                                                            ";
    if (w->indent) {
        put_z(w, "\n");
        put(w, blanks, 2 * (size_t)w->depth);
    }
}

/* A rune that a terminal would not simply show is written as \u: the reader of the JSON gets the same string, and a person who prints
 * it gets no escape sequence and no reordered text. */
static void put_rune_escaped(struct json *w, uint32_t rune)
{
    char text[16];
    if (rune > 0xFFFF) {
        uint32_t v = rune - 0x10000;
        snprintf(text, sizeof text, "\\u%04x\\u%04x", (unsigned)(0xD800 + (v >> 10)), (unsigned)(0xDC00 + (v & 0x3FF)));
    } else {
        snprintf(text, sizeof text, "\\u%04x", (unsigned)rune);
    }
    put_z(w, text);
}

static void put_quoted(struct json *w, struct str s)
{
    static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
    put_z(w, "\"");
    while (s.n > 0 && w->err == ERR_OK) {
        uint32_t rune;
        size_t n = utf8_decode(s, &rune);
        const char *special = rune != 0 && rune < 0x80 ? strchr(from, (int)rune) : NULL;
        if (special != NULL) {
            char pair[2] = {'\\', to[special - from]};
            put(w, pair, 2);
        } else if (utf8_width(rune) <= 0) {
            put_rune_escaped(w, rune);
        } else {
            char utf8[4];
            put(w, utf8, utf8_encode(rune, utf8));
        }
        s.p += n;
        s.n -= n;
    }
    put_z(w, "\"");
}

/* What comes before every value: comma, line break, key. */
static void before(struct json *w, const char *key)
{
    if (w->depth > 0) {
        if ((w->first_bits & level_bit(w)) == 0)
            put_z(w, ",");
        w->first_bits &= ~level_bit(w);
        new_line(w);
    }
    bool in_object = w->depth > 0 && (w->object_bits & level_bit(w)) != 0;
    assert(in_object == (key != NULL));
    if (in_object) {
        put_quoted(w, str_of(key != NULL ? key : ""));
        put_z(w, w->indent ? ": " : ":");
    }
}

static void open_level(struct json *w, const char *key, bool object)
{
    before(w, key);
    if (w->depth >= DEPTH_MAX && w->err == ERR_OK)
        w->err = ERR_LIMIT;
    if (w->err != ERR_OK)
        return;
    w->depth++;
    w->first_bits |= level_bit(w);
    w->object_bits = object ? w->object_bits | level_bit(w) : w->object_bits & ~level_bit(w);
    put_z(w, object ? "{" : "[");
}

void json_begin(struct json *w, struct buf *out, bool indent)
{
    *w = (struct json){.out = out, .indent = indent};
}

void json_object(struct json *w, const char *key)
{
    open_level(w, key, true);
}

void json_array(struct json *w, const char *key)
{
    open_level(w, key, false);
}

void json_end(struct json *w)
{
    if (w->err != ERR_OK)
        return;
    assert(w->depth > 0);
    bool object = (w->object_bits & level_bit(w)) != 0;
    bool empty = (w->first_bits & level_bit(w)) != 0;
    w->depth--;
    if (!empty)
        new_line(w);
    put_z(w, object ? "}" : "]");
}

void json_string(struct json *w, const char *key, const char *z)
{
    if (z == NULL)
        json_null(w, key);
    else
        json_str(w, key, str_of(z));
}

void json_str(struct json *w, const char *key, struct str s)
{
    before(w, key);
    put_quoted(w, s);
}

void json_raw(struct json *w, const char *key, const char *text)
{
    before(w, key);
    put_z(w, text);
}

void json_null(struct json *w, const char *key)
{
    json_raw(w, key, "null");
}

void json_bool(struct json *w, const char *key, bool v)
{
    json_raw(w, key, v ? "true" : "false");
}

void json_i64(struct json *w, const char *key, int64_t v)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)v);
    json_raw(w, key, text);
}

/* The digits of |v| and its decimal exponent, v = d.ddd * 10^exponent; printf's decimal point depends on the locale, so it is not used.
 * A normal double keeps any 15 digits, so a shorter text shows up there as zeros at the end; else 16 or 17 do. Subnormals keep fewer. */
static int shortest_digits(double v, char digits[18], int *ret_exponent)
{
    for (int precision = v < DBL_MIN ? 1 : 15;; precision++) {
        char text[40];
        snprintf(text, sizeof text, "%.*e", precision - 1, v);
        int n = 0;
        const char *p = text;
        for (; *p != 'e'; p++)
            if (*p >= '0' && *p <= '9')
                digits[n++] = *p;
        int64_t exponent = 0;
        (void)str_to_i64(str_of(p + 1), &exponent);
        digits[n] = '\0';
        char plain[48];
        snprintf(plain, sizeof plain, "%se%d", digits, (int)exponent - (n - 1));
        double back;
        if (precision == 17 || (str_to_f64(str_of(plain), &back) && back == v)) {
            while (n > 1 && digits[n - 1] == '0')
                n--;
            digits[n] = '\0';
            *ret_exponent = (int)exponent;
            return n;
        }
    }
}

void json_f64(struct json *w, const char *key, double v)
{
    if (!isfinite(v)) {
        json_null(w, key);
        return;
    }
    char digits[18], text[64];
    int exponent;
    int n = shortest_digits(fabs(v), digits, &exponent);
    const char *sign = signbit(v) ? "-" : "";
    if (exponent < -6 || exponent > 20) /* where JavaScript changes to exponents, too */
        snprintf(text, sizeof text, "%s%c%s%se%d", sign, digits[0], n > 1 ? "." : "", digits + 1, exponent);
    else if (exponent < 0)
        snprintf(text, sizeof text, "%s0.%.*s%s", sign, -exponent - 1, "000000", digits);
    else if (n <= exponent + 1)
        snprintf(text, sizeof text, "%s%s%.*s", sign, digits, exponent + 1 - n, "00000000000000000000");
    else
        snprintf(text, sizeof text, "%s%.*s.%s", sign, exponent + 1, digits, digits + exponent + 1);
    json_raw(w, key, text);
}
