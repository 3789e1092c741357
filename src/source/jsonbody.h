/* SPDX-License-Identifier: MIT */
/* An answer that is one JSON value, gathered as it comes and read as a whole. For APIs whose answers are small; nothing is taken for
 * granted of them: that they are JSON, whole, or UTF-8 (a byte order mark, or UTF-16 as AWS answers, is understood). */
#ifndef GWTOP_SOURCE_JSONBODY_H
#define GWTOP_SOURCE_JSONBODY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/jsontree.h"

struct jsonbody {
    struct buf body;
    struct arena tree; /* of the answer at hand */
};

void jsonbody_init(struct jsonbody *b, size_t max_bytes, size_t max_tree_bytes);
void jsonbody_fini(struct jsonbody *b);
void jsonbody_begin(struct jsonbody *b); /* an answer begins: the tree of the one before is gone */
/* Errors: ERR_LIMIT past max_bytes, ERR_NOMEM. */
enum err jsonbody_feed(struct jsonbody *b, const void *bytes, size_t n, struct errctx *ctx) GW_MUST_USE;
/* what: of a sentence, "scores". The tree lives until jsonbody_begin. Errors: ERR_PARSE: HTML, no JSON or not all of it. */
enum err jsonbody_read(struct jsonbody *b, const char *what, const struct jsontree **ret, struct errctx *ctx) GW_MUST_USE;

struct str jsonbody_text(const struct jsontree *o, const char *key);                           /* "" where it is none */
const struct jsontree *jsonbody_array(const struct jsontree *o, const char *key);              /* NULL where it is none */
bool jsonbody_number(const struct jsontree *o, const char *key, double *ret) GW_MUST_USE;      /* a number, or a text that is one */
bool jsonbody_instant(const struct jsontree *o, const char *key, int64_t *ret_ms) GW_MUST_USE; /* "2026-09-23T10:11:12.836Z" */

#endif
