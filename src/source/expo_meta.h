/* SPDX-License-Identifier: MIT */
/* One comment line of an exposition: HELP, TYPE, UNIT, EOF, or nothing of note. A piece of exposition.c, without its state. */
#ifndef GWTOP_SOURCE_EXPO_META_H
#define GWTOP_SOURCE_EXPO_META_H

#include <stdbool.h>

#include "base/str.h"
#include "source/expo_line.h"
#include "source/exposition.h"

enum expo_keyword { EXPO_COMMENT, EXPO_HELP, EXPO_TYPE, EXPO_UNIT, EXPO_EOF };

struct expo_meta {
    enum expo_keyword keyword;
    struct str family; /* empty when a HELP or TYPE line ends before it, which 0.0.4 lets pass */
    bool has_rest;     /* something stands behind the family, if only a blank */
    struct str rest;   /* help text as written; type word; unit */
    enum expo_type type;
};

/* Reads the comment at l->p ('#'). False: l->error, and nothing of the line can be used. */
bool expo_meta_read(struct expo_line *l, bool openmetrics, struct expo_meta *ret);

#endif
