/* SPDX-License-Identifier: MIT */
/* What a scraped page says of what runs behind it (profile.h, versions), from one poll to the next, and what it says now that it did not
 * say before. What was said last is in the store, so that a change while nobody looked is told as well. One per target. */
#ifndef GWTOP_RECORD_VERSIONS_H
#define GWTOP_RECORD_VERSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "source/exposition.h"
#include "source/profile.h"
#include "store/store.h"

enum { VERSIONS_TEXT_MAX = 400 };

struct versions;

/* Something that a page says now and did not before. */
struct version_change {
    bool config;
    char text[VERSIONS_TEXT_MAX]; /* safe text: "agentgateway_build_info: tag v1.2.0 -> v1.2.1" */
};

/* p has versions, and is borrowed as name is: the target's in the store. Errors: ERR_NOMEM. */
enum err versions_new(const struct profile *p, const char *name, struct versions **ret, struct errctx *ctx) GW_MUST_USE;
void versions_free(struct versions *v); /* NULL is fine */

void versions_begin(struct versions *v);                            /* a page */
bool versions_wants(const struct versions *v, struct str series);   /* with its labels; v NULL: none */
void versions_see(struct versions *v, const struct expo_sample *s); /* any sample of the page */
/* The page is whole: what changed since the page before it, one for each family, for the next transaction as what is said now. mixed:
 * several processes answer in turn, and what one says is no change of another. Within ten minutes the same thing is told once. Of a first
 * page nothing is told. Errors: the store's, ERR_NOMEM. */
enum err versions_end(struct versions *v, struct store *st, int64_t t_ms, bool mixed, struct version_change ret[PROFILE_VERSIONS_MAX],
                      size_t *ret_count, struct errctx *ctx) GW_MUST_USE;
void versions_forget(struct versions *v); /* the transaction failed: what the store has counts */

#endif
