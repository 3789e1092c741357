/* SPDX-License-Identifier: MIT */
/* Internal to view/: which windows are compared to see what differs. */
#ifndef GWTOP_VIEW_VDIFFERS_H
#define GWTOP_VIEW_VDIFFERS_H

#include "view/load.h"

struct vslo_rules;

/* view_differs_usual by rules that are read already: those at the params' cursor, under their filter. */
enum err vdiffers_usual(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *rules,
                        struct view_differs_ask *ret, struct errctx *ctx) GW_MUST_USE;

#endif
