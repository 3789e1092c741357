/* SPDX-License-Identifier: MIT */
/* Internal to view/: the rows "label, now, then, ratio, n, strip", each kind built in one place, so that a signal reads the same on every
 * pane. A row is asked for before vread_run and built after it. */
#ifndef GWTOP_VIEW_VROWS_H
#define GWTOP_VIEW_VROWS_H

#include "view/vread.h"

/* The three readings behind a row: the now window, the same window before (VROWS_NONE when nothing is recorded there), the axis. */
struct vask {
    enum signal signal;
    size_t now, then, axis;
};
#define VROWS_NONE SIZE_MAX

/* vread_init, and the axis that goes with it. */
enum err vrows_init(struct vread *vr, const struct view_loader *l, const struct view_params *p, struct view_axis *ret_axis,
                    struct errctx *ctx) GW_MUST_USE;

void vrow_compare(struct vrow *row); /* change, of its now and then */
struct vask vask_add(struct vread *vr, enum signal s, uint32_t group_by, const struct view_axis *axis);
/* Of what an objective is judged by, in its scope. Errors: ERR_NOMEM. */
enum err vask_add_of(struct vread *vr, const struct slo *s, const struct view_axis *axis, struct vask *ret) GW_MUST_USE;

/* Rows. dim == DIM_COUNT: all groups. Labels are borrowed. Each fails only with ERR_NOMEM. */
enum err vrow_rate(struct vread *vr, const struct view_axis *axis, struct vask ask, enum dim dim, uint32_t id, double scale_per,
                   const char *label, const char *unit, struct vrow *ret) GW_MUST_USE;
enum err vrow_fail(struct vread *vr, const struct view_axis *axis, struct vask ask, enum dim dim, uint32_t id, const char *label,
                   struct vrow *ret) GW_MUST_USE;
/* What a latency objective calls too slow, in percent of an ask of it; at least, where its threshold lies inside a bucket. */
enum err vrow_slow(struct vread *vr, const struct view_axis *axis, struct vask ask, const struct slo *s, const char *label,
                   struct vrow *ret) GW_MUST_USE;
/* What the gateway refused itself, of all that was asked. */
enum err vrow_refused(struct vread *vr, const struct view_axis *axis, struct vask ask, const char *label, struct vrow *ret) GW_MUST_USE;
/* part / whole in percent; whole is taken from outcomes (all of them). */
/* The same of a part that not everybody tells: of those (groups of both asks, by the same dims) that do; about, where that is not all. */
enum err vrow_share_told(struct vread *vr, const struct view_axis *axis, struct vask part, struct vask whole, const char *label,
                         struct vrow *ret) GW_MUST_USE;
enum err vrow_share(struct vread *vr, const struct view_axis *axis, struct vask part, struct vask whole, enum dim dim, uint32_t id,
                    const char *label, struct vrow *ret) GW_MUST_USE;
enum err vrow_quantile(struct vread *vr, const struct view_axis *axis, struct vask ask, enum dim dim, uint32_t id, double q,
                       const char *label, struct vrow *ret) GW_MUST_USE;
/* A gauge over its series, by its signal's merge rule, times scale (100 shows a ratio in percent). */
enum err vrow_gauge(struct vread *vr, const struct view_axis *axis, struct vask ask, enum dim dim, uint32_t id, double scale,
                    const char *label, const char *unit, struct vrow *ret) GW_MUST_USE;
/* A row that only says by what its signal is not split. */
enum err vrow_unsplit(struct vread *vr, struct vask ask, const char *label, struct vrow *ret) GW_MUST_USE;
/* An evaluation score of one name, judge and model: mean in percent, differences in points. */
struct vscore {
    uint32_t name, judge, model;
};
bool vscore_is(const struct vscore *s, const struct store_group *g); /* of an ask by all three */
enum err vrow_score(struct vread *vr, const struct view_axis *axis, struct vask ask, const struct vscore *s, const char *label,
                    struct vrow *ret) GW_MUST_USE;

#endif
