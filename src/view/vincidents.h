/* SPDX-License-Identifier: MIT */
/* Internal to view/: the incidents with what operators said of them. */
#ifndef GWTOP_VIEW_VINCIDENTS_H
#define GWTOP_VIEW_VINCIDENTS_H

#include "view/load.h"

/* Those known at the cursor, the newest first, those that are told under another behind it, at most 200; what they lost and how long they lasted is not told. What operators said is folded in here and
 * nowhere else, as it was known then: the last word on its state holds, over an older one of anybody's, until a rule of it fires anew. Who was
 * assigned last owns an incident, else who gave the first acknowledgement. *ret_acts: all acts known then. Errors: the store's. */
enum err vincidents_load(const struct view_loader *l, const struct view_params *p, struct vincident **ret, size_t *ret_count,
                         struct store_act **ret_acts, size_t *ret_act_count, struct errctx *ctx) GW_MUST_USE;

/* Of one whose end is known: "errors ended", "slowness ended", "trouble ended". */
const char *vincident_ended(const struct incident *in);

#endif
