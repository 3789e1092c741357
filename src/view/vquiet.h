/* SPDX-License-Identifier: MIT */
/* Internal to view/: the verdict's sentence while nothing fires: the objectives hold, burn, or cannot be judged, and how much traffic there
 * is. */
#ifndef GWTOP_VIEW_VQUIET_H
#define GWTOP_VIEW_VQUIET_H

#include "view/vstanding.h"

/* Sets the sentence of v. Errors: ERR_NOMEM, the store's. */
enum err vquiet_tell(const struct vjudged *in, struct view_verdict *v, struct errctx *ctx) GW_MUST_USE;
/* Whether a sentence of what does not fire begins with what is not well. */
bool vquiet_says_but(const char *sentence);

#endif
