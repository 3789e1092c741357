/* SPDX-License-Identifier: MIT */
/* Internal to view/: how what is on the screen is known to be real, and whose silence it is when it is not: the sources', or the
 * recorder's. */
#ifndef GWTOP_VIEW_VREALITY_H
#define GWTOP_VIEW_VREALITY_H

#include "view/vread.h"

/* "the recorder has not written since 03:09:10Z". NULL when the arena is full. */
const char *vreality_missing_recorder(struct arena *a, const struct view_frame *f);
/* Where none of the sources answers: "litellm has not answered since 03:09:10Z", or what was written down of that time: "nothing is known
 * from 03:09:10Z to 03:11:00Z: the recorder was not running". Errors: ERR_NOMEM, the store's. */
enum err vreality_silence(const struct vread *vr, const struct view_frame *f, const char **ret, struct errctx *ctx) GW_MUST_USE;
/* `before`, and the sources that answer with counters that mean nothing. NULL when the arena is full. */
const char *vreality_sawtooth(const struct vread *vr, const char *before);
/* Which sources the verdict rests on. The frame's sources and recorder are filled in already. Errors: ERR_NOMEM, the store's. */
enum err vreality(const struct vread *vr, const struct view_frame *f, const char **ret, struct errctx *ctx) GW_MUST_USE;

#endif
