/* SPDX-License-Identifier: MIT */
/* Privacy: names of keys, users and teams replaced by steady pseudonyms ("team-3f1c"), the same on the screen and in exports.
 *
 * A pseudonym is a 16-bit digest: it tells two names apart on a screen and is no protection against somebody who can list all names. */
#ifndef GWTOP_UI_DRAW_MASK_H
#define GWTOP_UI_DRAW_MASK_H

#include <stddef.h>

#include "model/dims.h"

bool mask_applies(enum dim d); /* DIM_TEAM, DIM_KEY */

/* "search" -> "team-3f1c" for team and key, every other dimension unchanged; "other", "total", "" and "(none)" stay. Returns out. */
const char *mask_name(bool on, enum dim d, const char *name, char *out, size_t cap);

/* Running text: the word after "key", "team" or "user" (followed by a blank, '=' or ':') is replaced, unless it is a word of grammar ("or",
 * "is"). A text that names somebody must say so in one of these forms. Returns out. */
const char *mask_text(bool on, const char *text, char *out, size_t cap);

#endif
