/* SPDX-License-Identifier: MIT */
/* Writes down what the profiles say of how a gateway measures a latency ("without its own queue"), so that consoles can say it beside the
 * figure: the note "profile_notes", {"PROFILE": {"SIGNAL": "words"}}. Put only when it changed. Errors: ERR_NOMEM and the store's. */
#ifndef GWTOP_RECORD_PROFILE_NOTES_H
#define GWTOP_RECORD_PROFILE_NOTES_H

#include "source/profile.h"
#include "store/store.h"

enum err profile_notes_put(struct store *st, const struct profiles *ps, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;

#endif
