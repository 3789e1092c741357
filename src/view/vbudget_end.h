/* SPDX-License-Identifier: MIT */
/* Internal to view/: whether a budget lasts, and when it is spent: at the rate of its own scope, of its newest polls where they prove
 * another one, or by the usual course of its hours. What is left of it is vbudget's business. */
#ifndef GWTOP_VIEW_VBUDGET_END_H
#define GWTOP_VIEW_VBUDGET_END_H

#include "view/load.h"
#include "view/vbudget_priced.h"
#include "view/vread.h"

/* A question for spend by the hour: of all, and of a budget's scope. */
struct vbudget_hours {
    const struct vread *vr; /* NULL: not asked */
    size_t all, own, rest;  /* rest: of its scope from the last whole hour to the cursor; at a past one more of that hour may be recorded */
};

/* A budget, and whose spend it is on: a configured scope, or an owner of the gateway's. */
struct vbudget_owned {
    struct vbudget b;
    const struct config_budget *config; /* NULL: b's dim = id */
    struct vsum day, now;               /* what its scope spent in the last 24 h, and in the now window */
    struct vbudget_hours hours;         /* where they were asked for */
};

/* Whether so little of a time is lost that a forecast need not care. Errors: ERR_NOMEM. */
enum err vbudget_lost_is_little(const struct vread *vr, const struct vbudget *b, int64_t from_ms, int64_t to_ms, bool *ret) GW_MUST_USE;

/* When it is spent, from what its scope spent in the now window or, where a day was recorded, in the last 24 h: a day's rate includes the
 * night and is the better forecast, but not of what runs away. Nothing is said of a scope in which no spend was ever seen, and nothing
 * lasts of which not all is known. o->day and o->now are filled by its caller; fills rate, end, gone_ms and runs_away. Errors:
 * ERR_NOMEM. */
enum err vbudget_by_rate(const struct vread *vr, struct vbudget_owned *o) GW_MUST_USE;
/* Of those that are judged by the now window: where the newest polls of a scope prove that money goes at another rate since, that one is
 * taken in its place; where they prove a stop, no end is told. Of those that are judged by the day: where they prove a rise to twice the
 * day's rate, and to twice what it was in the now window before that. A day holds stops, falls and busy hours. Errors: the store's. */
enum err vbudget_by_newest(const struct view_loader *l, const struct view_params *p, struct vbudget_priced *priced,
                           struct vbudget_owned *list, size_t n, struct errctx *ctx) GW_MUST_USE;
/* Adds the question for a configured budget's hours, so that they are read in the same pass as its windows; two where ask->vr is NULL.
 * period: the index of the question for its period. Asks nothing where no course can come of it, by what is known before that is read.
 * Errors: ERR_NOMEM. */
enum err vbudget_ask_hours(struct vread *vr, const struct config_budget *of, size_t period, struct vbudget_hours *ask) GW_MUST_USE;
/* What the hours' history says, where it is long enough; of one that runs away, how it would have gone otherwise. Hours that were not asked
 * for are read here; vr: initialised; its queries are given up. Errors: the store's. */
enum err vbudget_by_course(struct vread *vr, struct vbudget_owned *list, size_t n, struct errctx *ctx) GW_MUST_USE;

#endif
