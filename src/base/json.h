/* SPDX-License-Identifier: MIT */
/* Writing JSON for --json outputs: a comma-and-escape state machine over struct buf. Reading is jsontree.h's job.
 *
 * Invariant: after json_end of every opened level the text is one valid JSON value. Strings are escaped and made valid UTF-8;
 * NaN and infinities are written as null, for unknown is unknown. The first failure sticks in w->err; check it once at the end. */
#ifndef GWTOP_BASE_JSON_H
#define GWTOP_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
    struct buf *out; /* borrowed */
    enum err err;
    int depth;
    uint64_t first_bits, object_bits; /* per level: nothing written yet; is an object. At most 60 levels */
    bool indent;
};

void json_begin(struct json *w, struct buf *out, bool indent);
void json_object(struct json *w, const char *key); /* key NULL inside arrays and at the top */
void json_array(struct json *w, const char *key);
void json_end(struct json *w);
void json_string(struct json *w, const char *key, const char *z); /* z NULL writes null */
void json_str(struct json *w, const char *key, struct str s);
void json_i64(struct json *w, const char *key, int64_t v);
void json_f64(struct json *w, const char *key, double v); /* shortest text that reads back equal */
void json_bool(struct json *w, const char *key, bool v);
void json_null(struct json *w, const char *key);
void json_raw(struct json *w, const char *key, const char *text); /* text is JSON already, e.g. an exact decimal */

#endif
