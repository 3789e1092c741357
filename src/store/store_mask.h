/* SPDX-License-Identifier: MIT */
/* Internal to store/: names of teams, keys and users replaced by pseudonyms that are one export's own: hashed with a salt that nobody
 * keeps, so that neither two exports can be joined by them, nor a list of names be tried. */
#ifndef GWTOP_STORE_STORE_MASK_H
#define GWTOP_STORE_STORE_MASK_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/store_internal.h"

struct store_mask_name {
    const char *name, *shown; /* "search", "team-3fa9c01b" */
};
struct store_mask {
    struct arena arena;
    struct store_mask_name *names; /* rising by name */
    size_t count;
    size_t longest; /* bytes of a name */
    uint8_t salt[16];
};

/* Finds the names: teams and keys of series, authors of acts, who was assigned, who silenced or took an outside alert, and who deployed.
 * Errors: ERR_NOMEM, ERR_IO where there is no randomness, the store's. */
enum err store_mask_init(struct store_mask *m, struct store *st, struct errctx *ctx) GW_MUST_USE;
void store_mask_fini(struct store_mask *m);
/* Appends a text with the names in it replaced, as whole words; a name that holds a blank is looked for as it is. Errors: ERR_NOMEM,
 * ERR_LIMIT. */
enum err store_mask_text(const struct store_mask *m, struct str text, struct buf *out) GW_MUST_USE;
/* The dictionary as one row of table dict, with the names in its strings replaced. Errors: ERR_NOMEM, ERR_LIMIT. */
enum err store_mask_dict(const struct store_mask *m, const struct store_dict *d, struct buf *out) GW_MUST_USE;

#endif
