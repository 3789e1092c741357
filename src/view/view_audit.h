/* SPDX-License-Identifier: MIT */
/* `gwtop audit list`: what was said, by whom, from where, and what it changed. */
#ifndef GWTOP_VIEW_VIEW_AUDIT_H
#define GWTOP_VIEW_VIEW_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vaudit_row {
    int64_t id;              /* in the chain; 0 = it waits to be taken in */
    int64_t at_ms, known_ms; /* when it was said, and taken in */
    const char *author, *origin, *verb;
    const char *text; /* of a mark "deploy model=gpt-x: v7 goes live", and since when where that is earlier */
    int64_t incident; /* 0 = none */
    int64_t under;    /* the incident that this one was told under by then; 0 = none */
    /* What it is a word on, at its own time, without it and with it, and with every act that was said before it: "open, owner nobody",
     * "acknowledged, owner ann". Both "" for a note, a mark, and what is on no incident that is known. */
    const char *before, *after;
};
struct view_audit {
    int64_t from_ms, to_ms;
    const struct vaudit_row *rows; /* as they were said, of (from_ms, to_ms] */
    size_t row_count;
    size_t earlier; /* of that time too, but older than the first row: too many to tell */
};

#endif
