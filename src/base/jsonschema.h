/* SPDX-License-Identifier: MIT */
/* Whether a JSON value is of the shape that a schema asks for: the part of JSON Schema (2020-12) that answers of models are held to.
 *
 * Checked: type, enum, const, properties, required, additionalProperties, items, minItems, maxItems, minimum, maximum, exclusiveMinimum,
 * exclusiveMaximum, minLength, maxLength. Passed over, since they ask nothing: $schema, $id, $comment, title, description, default,
 * examples, deprecated. Every other keyword is refused by name when the schema is read: one that were passed over would let through what
 * it forbids. */
#ifndef GWTOP_BASE_JSONSCHEMA_H
#define GWTOP_BASE_JSONSCHEMA_H

#include <stdbool.h>

#include "base/jsontree.h"

/* Errors: ERR_CONFIG "at /properties/a: ...": a keyword that is not checked, or one whose value cannot be. */
enum err jsonschema_check(const struct jsontree *schema, struct errctx *ctx) GW_MUST_USE;
/* schema went through jsonschema_check. False: *why says where of the value and which keyword, without repeating the value. Where a
 * member stands twice, both are held to it. Cost: O(members of the value * members of the schema). */
bool jsonschema_holds(const struct jsontree *schema, const struct jsontree *v, struct errctx *why);

#endif
