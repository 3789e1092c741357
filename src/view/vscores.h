/* SPDX-License-Identifier: MIT */
/* Internal to view/: the first screen's rows of quality: what drifts, then the scores that got worst. Asked for before vread_run and built
 * after it, as in vrows.h. */
#ifndef GWTOP_VIEW_VSCORES_H
#define GWTOP_VIEW_VSCORES_H

#include "view/vrows.h"

enum { VSCORES_MAX = 6 };

struct vask vscores_ask(struct vread *vr, const struct view_axis *axis);
/* found: open ones. Shares of answers that drift, scores that do, then the worst: at most VSCORES_MAX rows, or one that says by what scores
 * are not split. rows: room for VSCORES_MAX + 1. Errors: ERR_NOMEM, the store's. */
enum err vscores_rows(struct vread *vr, const struct view_axis *axis, struct vask eval, const struct alert *found, size_t found_count,
                      struct vrow *rows, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

#endif
