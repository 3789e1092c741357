/* SPDX-License-Identifier: MIT */
/* Reading JSON whose numbers must stay what was written: a tree in which a number is its text. For price lists, where 1.25e-06 is a
 * decimal fraction and no double, and for small bodies of APIs; streams are source/promjson's.
 *
 * Strict (RFC 8259): what is cut, followed by something else, or nested deeper than 64 is refused whole. A member that stands twice stays
 * there twice. */
#ifndef GWTOP_BASE_JSONTREE_H
#define GWTOP_BASE_JSONTREE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum jsontree_kind { JSONTREE_NULL, JSONTREE_FALSE, JSONTREE_TRUE, JSONTREE_NUMBER, JSONTREE_STRING, JSONTREE_ARRAY, JSONTREE_OBJECT };

struct jsontree {
    enum jsontree_kind kind;
    uint32_t line;                       /* from 1, where it begins */
    struct str key;                      /* unescaped; n 0 outside objects */
    struct str text;                     /* STRING: unescaped; NUMBER: as written */
    const struct jsontree *child, *next; /* first element, and the one after this */
};

/* Parses into memory of a; text is borrowed for as long as the tree is used. Errors: ERR_PARSE "line 3: ..." without the file's name;
 * ERR_NOMEM, also when the arena is full. Cost: O(n), some 90 bytes a value. */
enum err jsontree_parse(struct str text, struct arena *a, const struct jsontree **ret, struct errctx *ctx) GW_MUST_USE;
/* The first member of that name; NULL when there is none, or n is NULL or no object. */
const struct jsontree *jsontree_get(const struct jsontree *n, const char *key);

#endif
