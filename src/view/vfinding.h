/* SPDX-License-Identifier: MIT */
/* Internal to view/: findings, that is what detectors found by themselves and is not over (model/facts.h), as known at the cursor. */
#ifndef GWTOP_VIEW_VFINDING_H
#define GWTOP_VIEW_VFINDING_H

#include "view/load.h"

/* The latest version of every finding that the filter does not set apart, open or over: those of detectors with a promised rate of false
 * alarms first, each in order of onset, newest first; with their silence, and between which
 * their onsets lie. */
enum err vfindings_load(const struct view_loader *l, const struct view_params *p, struct alert **ret, size_t *ret_count,
                        struct errctx *ctx) GW_MUST_USE;
/* silence and silent_ms of the first open ones of scores and of shares of answers (SILENCE_UNASKED beyond these): where the last 15
 * minutes tell nothing of one, when it was told last, looked for within a day; in whole minutes, or five where no better is kept. Cost: one
 * reading, and two more for each that is silent. */
enum err vfindings_silence(const struct view_loader *l, int64_t cursor_ms, struct alert *list, size_t count,
                           struct errctx *ctx) GW_MUST_USE;
/* Whether requests in the last hour up to until_ms were of both scopes, or are not told apart by what they name; untouched where one of
 * them is no filter. Errors: the store's. Cost: one reading. */
enum err vfinding_meets(const struct view_loader *l, const struct view_params *p, const char *scope, const char *other, int64_t until_ms,
                        bool *ret, struct errctx *ctx) GW_MUST_USE;
/* Moves the open ones to the front, in the same order; returns how many. */
size_t vfindings_open(struct alert *list, size_t count);
/* The finding of a detector ("key", "quality", "fallback") in dim = value; what NULL = any of its rules, else the one about that. NULL when
 * there is none. */
const struct alert *vfinding_of(const struct alert *list, size_t count, const char *detector, const char *what, enum dim dim,
                                const char *value);

#endif
