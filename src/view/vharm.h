/* SPDX-License-Identifier: MIT */
/* Internal to view/: whether what fired did harm by the data: an objective was broken, the gateway refused requests, or many of them
 * failed. That money goes fast, a source is silent or another system calls is none by itself. */
#ifndef GWTOP_VIEW_VHARM_H
#define GWTOP_VIEW_VHARM_H

#include "view/vfirings.h"
#include "view/vread.h"

/* Whether a rule fires for nothing but harm: those of objectives. */
bool vharm_is_of_rule(const char *rule);
/* Whether requests of a scope tell of some. of_money: of a budget; what fails is not its doing, what is refused is. */
bool vharm_is_in(const struct voutcomes *o, bool of_money);
/* Sets harm of firings, each over its own time in every scope in which it fired: of the first VHARM_PARTS scopes of firings, so the newest
 * come first. What outside systems scope by what nothing is split by did none that is known. Errors: ERR_NOMEM, the store's. Cost: a read a
 * scope. */
enum { VHARM_PARTS = 512 };
enum err vharm_read(const struct view_loader *l, const struct view_params *p, struct vfiring **list, size_t count,
                    struct errctx *ctx) GW_MUST_USE;

#endif
