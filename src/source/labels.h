/* SPDX-License-Identifier: MIT */
/* From the tags and labels of a change to what it is of, and of which kind. What the configuration says of a label has the word; else
 * "model=gpt-x" and "provider:openai" name a dimension by themselves, and "deploy", "config" or "model" a kind. Pure. */
#ifndef GWTOP_SOURCE_LABELS_H
#define GWTOP_SOURCE_LABELS_H

#include "base/arena.h"
#include "config/config.h"

enum { LABELS_VALUE_MAX = 80 }; /* of a value, with its NUL; a longer one says nothing */

struct labels {
    const struct config_source *cfg;
    enum event_kind kind;
    bool kind_said;
    char value[DIM_COUNT][LABELS_VALUE_MAX]; /* "" = not said */
};

/* kind: where no label says another. */
void labels_begin(struct labels *l, const struct config_source *cfg, enum event_kind kind);
void labels_take(struct labels *l, struct str label); /* "deploy", "model=gpt-x", "model:gpt-x" */
void labels_take_pair(struct labels *l, const char *name, struct str value);
/* Whether a word names a kind of change ("deploy", "release", "config", "model", "prompt", "note"). */
bool labels_kind(struct str word, enum event_kind *ret);
/* "provider=openai,model=gpt-x", "" = all. NULL when the arena is full. */
const char *labels_scope(const struct labels *l, struct arena *a);

#endif
