/* SPDX-License-Identifier: MIT */
/* Internal to view/: findings, that is what detectors found by themselves and is not over (model/facts.h), as known at the cursor. */
#ifndef GWTOP_VIEW_VFINDING_H
#define GWTOP_VIEW_VFINDING_H

#include "view/load.h"

/* The latest version of every finding that the filter does not set apart, open or over: those of detectors with a promised rate of false
 * alarms first, each in order of onset, newest first. */
enum err vfindings_load(const struct view_loader *l, const struct view_params *p, struct alert **ret, size_t *ret_count,
                        struct errctx *ctx) GW_MUST_USE;
/* Moves the open ones to the front, in the same order; returns how many. */
size_t vfindings_open(struct alert *list, size_t count);
/* The finding of a detector ("key", "quality", "fallback") in dim = value; what NULL = any of its rules, else the one about that. NULL when
 * there is none. */
const struct alert *vfinding_of(const struct alert *list, size_t count, const char *detector, const char *what, enum dim dim,
                                const char *value);

#endif
