/* SPDX-License-Identifier: MIT */
/* Turns YAML mappings into the members that the option table names, and collects what is wrong instead of stopping at the first
 * fault, so that `gwtop check` can list everything. Profiles use the findings and the nearest-name hints too. */
#ifndef GWTOP_CONFIG_READER_H
#define GWTOP_CONFIG_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"
#include "config/option.h"
#include "config/yaml.h"

enum { FINDINGS_MAX = 200 };

struct reader {
    struct arena *arena;                      /* findings and strings live there */
    const char *name;                         /* of the file, for messages */
    const char *dir;                          /* relative paths start here */
    struct config_finding list[FINDINGS_MAX]; /* text: "interval: expected ..." */
    size_t count, errors;                     /* count stops at FINDINGS_MAX, errors does not */
    bool nomem;
};

/* Records a finding at a node. option may be NULL; the text then stands alone. */
void reader_error(struct reader *r, const struct yaml_node *at, const char *option, const char *fmt, ...) GW_PRINTF(4, 5);
void reader_warning(struct reader *r, const struct yaml_node *at, const char *option, const char *fmt, ...) GW_PRINTF(4, 5);

/* Findings in the order of the file. */
void reader_sort(struct reader *r);
/* ERR_OK, or the first error as "name:line:column: text". */
enum err reader_result(const struct reader *r, struct errctx *ctx);

/* Reads mapping n into the struct at target by the rows of section s. Rows that need their section's own code (LIST, SCOPE, WORDS,
 * SCHEMA, SIGNAL_OR_ALL, MAP other than secrets and keep) are left to the caller. in_defaults refuses what belongs to one item and demands
 * nothing. */
void reader_section(struct reader *r, enum section s, const struct yaml_node *n, void *target, bool in_defaults);
/* Whether n is a list of at most max items; false with a finding. */
bool reader_is_list(struct reader *r, const struct yaml_node *n, const char *option, size_t max);

/* One value by its row; false with a finding. Never repeats a secret's text in a message. */
bool reader_value(struct reader *r, const struct option *o, const struct yaml_node *n, void *member);

/* "a|b|c" as "a, b, c", for messages. */
const char *reader_spell(struct reader *r, const char *names);

/* "model=gpt-x,team=search" -> parts; returns how many, 0 for an empty scope or after a finding. */
uint32_t reader_scope(struct reader *r, const struct yaml_node *n, struct scope_part parts[SCOPE_PARTS_MAX]);

/* Why an address cannot be used; NULL when it can: http or https, a host, a port in range, no user, no control bytes. */
const char *url_fault(struct str url);
/* Whether the address leaves this host in clear text. */
bool url_is_plaintext_remote(const char *url);

/* The candidate that text most likely means, NULL when none is near. names is "a|b|c". */
const char *nearest_name(struct arena *a, struct str text, const char *names);

#endif
