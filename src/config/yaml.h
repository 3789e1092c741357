/* SPDX-License-Identifier: MIT */
/* A YAML document as a read-only tree in which every node knows its line and column: what configuration, profiles and themes share.
 *
 * Scalars stay text: nothing is guessed (15s is not 15, no is not false). Aliases are expanded with a cap, so that a small file cannot
 * become a large one; duplicate keys are an error. libyaml is included by yaml.c only. */
#ifndef GWTOP_CONFIG_YAML_H
#define GWTOP_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    uint32_t line, column;                /* from 1 */
    struct str text;                      /* scalar */
    bool quoted;                          /* scalar was quoted, so that an empty one is meant */
    const struct yaml_node *const *items; /* sequence: items; mapping: values */
    const struct yaml_node *const *keys;  /* mapping: scalars, as many as items */
    size_t count;
};

enum { YAML_NODES_MAX = 100000, YAML_BYTES_MAX = 4 << 20 };

/* Parses one document into memory of a. name is used in messages ("gwtop.yaml:3:7: ..."). Errors: ERR_CONFIG with name, line, column and
 * what was expected; ERR_LIMIT; ERR_NOMEM. */
enum err yaml_parse(struct str text, const char *name, struct arena *a, const struct yaml_node **ret, struct errctx *ctx) GW_MUST_USE;
const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key); /* NULL when absent */

#endif
