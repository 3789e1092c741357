/* SPDX-License-Identifier: MIT */
/* Internal to view/: the verdict of a cursor, within the params' filter. */
#ifndef GWTOP_VIEW_VVERDICT_H
#define GWTOP_VIEW_VVERDICT_H

#include "view/vread.h"

/* The verdict where nothing at all can be told, `nothing` set; otherwise one without words, which no rule was asked for. f: its sources and
 * recording are filled. Cost: no samples are read. */
enum err vverdict_nothing(const struct view_loader *l, const struct view_params *p, const struct view_frame *f, struct view_verdict *ret,
                          struct errctx *ctx) GW_MUST_USE;
/* f: its verdict is vverdict_nothing()'s, its sources, ages, recorder_ members and findings are filled. Errors: ERR_NOMEM, the store's. */
enum err vverdict_load(const struct view_loader *l, const struct view_params *p, const struct vread *vr, const struct view_frame *f,
                       struct view_verdict *ret, struct errctx *ctx) GW_MUST_USE;

#endif
