/* SPDX-License-Identifier: MIT */
/* What the values of a query answer mean, told piece by piece by the JSON reader in promjson.c: a part of it, without bytes or lexing.
 *
 * Every value has a role, found from its container's role and its key or index; each role says which kinds of JSON it may be.
 * A false return stops the reading: s->err and s->what say why. */
#ifndef GWTOP_SOURCE_PROMJSON_SHAPE_H
#define GWTOP_SOURCE_PROMJSON_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "source/promjson.h"

enum promjson_kind {
    PROMJSON_OBJECT = 1,
    PROMJSON_ARRAY = 2,
    PROMJSON_STRING = 4,
    PROMJSON_NUMBER = 8,
    PROMJSON_BOOL = 16,
    PROMJSON_NULL = 32,
};

enum {
    PROMJSON_DEPTH_MAX = 64,
    PROMJSON_LABELS_MAX = 256,
    PROMJSON_BUCKETS_MAX = 2048,   /* Prometheus' own cap of a native histogram is 160 by default */
    PROMJSON_TEXT_MAX = 64 * 1024, /* names and values of one series' labels */
    PROMJSON_TOKEN_MAX = 1024,     /* any other string or number; sentences for people are cut there */
    PROMJSON_SENTENCE_MAX = 384,   /* of the server's error */
};

/* Where the bytes of the string that begins now go. */
struct promjson_sink {
    char *dst; /* NULL: nowhere */
    size_t cap;
    bool may_cut; /* the rest is dropped; otherwise too long is an error */
};

struct promjson_shape {
    struct promjson_handler h;
    enum err err;
    const char *what;
    size_t depth;
    struct promjson_level {
        uint8_t role;
        bool is_array;
        uint32_t index; /* of the next element, or of the next member */
        uint8_t child;  /* objects: role of the value that follows the key */
    } level[PROMJSON_DEPTH_MAX];

    bool has_status, is_error, has_result, is_string_result, is_scalar_result;
    bool in_series; /* its labels are known, so points may come */
    bool skip_points;
    struct promjson_point point;
    bool has_count, has_sum;
    size_t bucket_count, label_count, text_length;
    char error_type[64], error[PROMJSON_SENTENCE_MAX];
    struct promjson_label labels[PROMJSON_LABELS_MAX];
    struct promjson_bucket buckets[PROMJSON_BUCKETS_MAX];
    char text[PROMJSON_TEXT_MAX];
    char token[PROMJSON_TOKEN_MAX];
};

void promjson_shape_reset(struct promjson_shape *s);

struct promjson_sink promjson_shape_key_sink(struct promjson_shape *s);
struct promjson_sink promjson_shape_value_sink(struct promjson_shape *s);

bool promjson_shape_key(struct promjson_shape *s, struct str key);
bool promjson_shape_open(struct promjson_shape *s, enum promjson_kind kind);
bool promjson_shape_close(struct promjson_shape *s);
/* A string (from the sink), a number's text, true/false/null. */
bool promjson_shape_scalar(struct promjson_shape *s, enum promjson_kind kind, struct str text);

/* The next value is an element of a series' "values", and its points are wanted: then promjson_shape_point may stand for its pieces. */
bool promjson_shape_wants_point(const struct promjson_shape *s);
bool promjson_shape_point(struct promjson_shape *s, int64_t t_ms, double value);

#endif
