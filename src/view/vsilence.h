/* SPDX-License-Identifier: MIT */
/* Internal to view/: that requests no longer come, of all or of one model, is no failure that an objective could count: what hangs does not
 * end. */
#ifndef GWTOP_VIEW_VSILENCE_H
#define GWTOP_VIEW_VSILENCE_H

#include "view/vread.h"

struct vsilence_ask {
    size_t by_second, by_model; /* indices of queries */
};
/* Adds two queries; vread_run is the caller's. */
struct vsilence_ask vsilence_ask(struct vread *vr);
/* "no request for 1m40s", "no request of gpt-x (+1 more) for 3m"; "" where they come, or where so few did that nobody can tell. A model's
 * silence is told for a quarter of an hour, and of one that had requests in every minute before. Errors: ERR_NOMEM. */
enum err vsilence_read(struct vread *vr, const struct vsilence_ask *ask, const char **ret) GW_MUST_USE;

#endif
