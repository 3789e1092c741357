/* SPDX-License-Identifier: MIT */
/* Internal to view/: earlier incidents that were like one, with what ended them. */
#ifndef GWTOP_VIEW_VSIMILAR_H
#define GWTOP_VIEW_VSIMILAR_H

#include "view/load.h"

enum { VSIMILAR_MAX = 3 };

/* What is known of incidents at the cursor, as vincidents_load and vlasted_tell leave it. */
struct vsimilar_known {
    const struct vincident *list;
    size_t count;
    const struct store_act *acts;
    size_t act_count;
};

/* Those that opened before it, the likest first, the newer of equals; at most VSIMILAR_MAX. suspects: whom it points at, as vsuspects_load
 * names them, NULL = not looked at; with them they are looked for of the likest as well, each at its own time. Errors: the store's,
 * ERR_NOMEM. Cost: the alerts of the list are read, and with suspects three times what vsuspects_load reads. */
enum err vsimilar_find(const struct view_loader *l, const struct view_params *p, const struct vsimilar_known *known,
                       const struct vincident *of, const struct vsuspect *suspects, size_t suspect_count, const struct vsimilar **ret,
                       size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* What the worst open incident at the cursor is like, by its rules alone: vsimilar_text. Errors: the store's, ERR_NOMEM. */
enum err vsimilar_now(const struct view_loader *l, const struct view_params *p, const char **ret, struct errctx *ctx) GW_MUST_USE;
/* "#29, 14 Oct: rerouted, over in 41m; 2 more"; "" of none. NULL when the arena is full. */
const char *vsimilar_text(struct arena *a, const struct vsimilar *list, size_t count);

#endif
