/* SPDX-License-Identifier: MIT */
/* Internal to view/: which provider, deployment, model, team or key the failures of the now window point at, and what changed before. */
#ifndef GWTOP_VIEW_VSUSPECTS_H
#define GWTOP_VIEW_VSUSPECTS_H

#include "view/load.h"

/* Ranked, not probabilities; none when the evidence is weak, and then *ret_note says why. Errors: the store's. */
enum err vsuspects_load(const struct view_loader *l, const struct view_params *p, const struct vsuspect **ret, size_t *ret_count, const char **ret_note, struct errctx *ctx) GW_MUST_USE;

#endif
