/* SPDX-License-Identifier: MIT */
/* A table of distinct strings: equal bytes have one small id. Id 0 is always the empty string and means "not given". */
#ifndef GWTOP_BASE_INTERN_H
#define GWTOP_BASE_INTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct intern;

struct intern *intern_new(uint32_t max_strings); /* NULL when out of memory */
void intern_free(struct intern *t);

/* Id of s, adding it when new. Errors: ERR_LIMIT at max_strings, ERR_NOMEM. Cost: O(length) expected. */
enum err intern_add(struct intern *t, struct str s, uint32_t *ret_id) GW_MUST_USE;
bool intern_find(const struct intern *t, struct str s, uint32_t *ret_id);
/* The string of an id, NUL-terminated, valid as long as t; "" for id 0 and for unknown ids. */
const char *intern_text(const struct intern *t, uint32_t id);
uint32_t intern_count(const struct intern *t); /* ids are 0 .. count-1, dense, in order of adding */

#endif
