/* SPDX-License-Identifier: MIT */
/* Internal to view/: the verdict's sentence on what fires and is no objective of gwtop's: a rule of the configuration, one that is built
 * in, an outside alert. What it said when it fired is old a minute later. */
#ifndef GWTOP_VIEW_VOWNRULE_H
#define GWTOP_VIEW_VOWNRULE_H

#include "model/rulelist.h"
#include "view/load.h"

/* What the first comparison of a rule's expression reads at the params' cursor, by the windows that the recorder judges it by
 * (record/analyse_rule_window.h); NaN where that is not known. ret_above: whether it fires above its threshold, and not below it. Errors:
 * ERR_PARSE of an expression that this version does not read, ERR_NOMEM, the store's. */
enum err vownrule_value(const struct view_loader *l, const struct view_params *p, const struct rule_info *r, double *ret, bool *ret_above,
                        struct errctx *ctx) GW_MUST_USE;

/* "errors high: 0.4, fires above 0.05, since 15:22:06Z (6m); 40% of requests fail, 601 lost", "...: HighErrors fires, says am: ..., since
 * 15:22:06Z (6m); none of 1.2k requests failed". al: what fires. until_ms: as of then. Errors: ERR_NOMEM, the store's. */
enum err vownrule_tell(const struct view_loader *l, const struct view_params *p, const struct alert *al, int64_t until_ms, const char **ret,
                       struct errctx *ctx) GW_MUST_USE;

#endif
