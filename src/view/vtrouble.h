/* SPDX-License-Identifier: MIT */
/* Internal to view/: when the trouble lay for which an objective fires, as far as polls tell: it may be over long before its rules end, and
 * it may have begun anywhere in a hole that one poll counts. */
#ifndef GWTOP_VIEW_VTROUBLE_H
#define GWTOP_VIEW_VTROUBLE_H

#include "view/vlatest.h"
#include "view/vslo.h"

/* The time between the two polls around a moment, of the sources that count for a signal. */
struct vhole {
    int64_t from_ms, to_ms; /* both the moment itself where no polls are near */
    bool is_hole;           /* longer than two intervals of the sources: what was counted in it happened at some time of it */
};
enum err vtrouble_hole(const struct vread *vr, enum signal s, int64_t at_ms, struct vhole *ret) GW_MUST_USE;
/* Between which moments it began: in the hole around its onset, or as exactly as that is told, which is the wider. is_hole: they lie apart.
 * wide_ms: as vtrouble_wide_ms. */
enum err vtrouble_began(const struct vread *vr, enum signal s, int64_t onset_ms, int64_t wide_ms, struct vhole *ret) GW_MUST_USE;
/* "some time between 18:39:24Z and 18:43:11Z"; day: put before the first, or "". NULL when the arena is full. */
const char *vtrouble_hole_text(struct arena *a, const struct vhole *h, const char *day);

/* How exactly an onset is known, where that is worth saying: where it is told no better than by a poll of the sources that count for the
 * signal; else 0. */
int64_t vtrouble_wide_ms(const struct vread *vr, enum signal s, int64_t onset_error_ms);

/* What to say of a rule that fires, where it is not simply that so many fail since the onset: that they do no more, or that nobody knows
 * when they did. *ret NULL: it is that. name, whole: put before it and after it. ret_percent: share of bad ones that the sentence gives for
 * now. ret_now: what the newest polls say. onset_ms > 0. Errors: ERR_NOMEM, the store's. */
struct vtrouble_ask {
    const struct slo *slo;
    const struct alert *alert;
    int64_t onset_ms;
    const char *name, *whole;
};
enum err vtrouble_sentence(const struct view_loader *l, const struct view_params *p, const struct vtrouble_ask *ask, const char **ret,
                           double *ret_percent, struct vlatest_reading *ret_now, struct errctx *ctx) GW_MUST_USE;

#endif
