/* SPDX-License-Identifier: MIT */
/* Internal to view/: how load_quality.c makes rows: what they have in common, those that are no streams, and what is said of all of
 * them. */
#ifndef GWTOP_VIEW_VQUALITY_H
#define GWTOP_VIEW_VQUALITY_H

#include "model/canary_state.h"
#include "view/vdrift.h"
#include "view/view_quality.h"

struct vquality {
    struct vread *vr;
    const struct view_params *p;
    struct view_axis axis;
    struct vstreams streams;
    struct vdrifts drifts;
    struct alert *found;
    size_t found_count;
    bool has_tokens;    /* asked for, as a length of answers was found */
    size_t tokens[2];   /* queries of vr: of the last 15 minutes, of the axis */
    int64_t left, most; /* streams that are not watched, and how many of a kind are */
    uint32_t unsplit;   /* what the filter names and streams are not told apart by */
    struct vquality_row *rows;
    size_t count;
    int since_read;   /* drifts whose size since their onset was read */
    size_t never;     /* rows beside these, of shares of answers of which none was bad */
    int64_t never_ms; /* the least of the last day that is known of one of them */
};

enum err vquality_nomem(struct errctx *ctx); /* sets the sentence */

/* ---- of every row (vquality_row.c) ---- */

/* One of which nothing is known yet. */
struct vquality_row vquality_row_of(enum quality_kind kind, const char *name, const char *judge, const char *scope);
/* "json_valid gpt-x"; NULL when the arena is full. */
const char *vquality_label(struct arena *a, const char *name, const char *model);
/* Takes what is found of it (NULL: nothing), and what changed about its onset. */
enum err vquality_find(const struct vquality *q, const struct alert *found, struct vquality_row *row, struct errctx *ctx) GW_MUST_USE;

/* ---- canaries, and what else was found (vquality_more.c) ---- */

/* Appends them to q->rows, which has room for ret_count canaries and q->found_count findings. */
struct vquality_canaries {
    struct canary_state *list;
    size_t count;
    struct store_result runs; /* of the axis */
};
enum err vquality_canaries_read(const struct vquality *q, struct vquality_canaries *ret, struct errctx *ctx) GW_MUST_USE;
enum err vquality_canary_rows(struct vquality *q, const struct vquality_canaries *c, struct errctx *ctx) GW_MUST_USE;
/* Open findings that no row has told yet: nothing that drifts is left out. */
enum err vquality_other_rows(struct vquality *q, struct errctx *ctx) GW_MUST_USE;

/* ---- what of scores is not judged (vquality_sources.c) ---- */

/* Takes what the sources of scores lack. */
enum err vquality_sources(const struct vquality *q, struct view_quality *v, struct errctx *ctx) GW_MUST_USE;

/* ---- levels that are no shares of bad answers (vquality_level.c) ---- */

/* Asks for what open findings of them are counted by, after vstreams_ask() and before vread_run(). */
void vquality_levels_ask(struct vquality *q);
/* What it is now, what it was, and its strip, of a row with an open finding whose rule is one of them; else nothing. */
enum err vquality_level(const struct vquality *q, uint32_t model, struct vquality_row *row, struct errctx *ctx) GW_MUST_USE;

/* ---- what is said (vquality_text.c); NULL when the arena is full ---- */

/* "none bad in 24h: answers aborted qwen-72b, llama-8b", of so many as are read on one screen: "... +12 more". seen_ms: the least of the
 * last day that is known of one of them; where that is not all of it, "none bad in what was seen (10m or more): ...". Cost: O(count). */
const char *vquality_never(struct arena *a, const struct vquality_row *rows, size_t count, int64_t seen_ms);
/* "352 more streams are not watched: at most 2,048 of a kind are"; "" of none. */
const char *vquality_left(const struct vquality *q);
/* What a tired person needs of the worst row; the rest is counted. */
const char *vquality_sentence(const struct vquality *q);

#endif
