/* SPDX-License-Identifier: MIT */
/* Which source's word counts for a signal where several see the same traffic. Pure.
 *
 * Sources that are alike (the same gateway, API and profile; for Prometheus the same configured one) are replicas, whose values add up:
 * they form one layer. Where more than one layer of a gateway carries a signal, one layer has the word: the configured source's; else the
 * lowest tier of profile (a gateway's own page before telemetry of clients before an engine behind it), then metrics before
 * prometheus, then the first in the configuration. The others are kept and compared, never added.
 * One endpoint under the names of two gateways would count twice in a total over both: its signals are unresolved in either.
 * The store names one source per (signal, gateway). A layer of several replicas that has the word cannot be named so, and is left
 * unresolved: `overlap?` instead of half of a total. */
#ifndef GWTOP_RECORD_AUTHORITY_H
#define GWTOP_RECORD_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "source/profile.h"
#include "store/store.h"

struct authority_source {
    uint32_t id, gateway; /* the store's */
    uint32_t config;      /* index in the configuration */
    enum source_kind kind;
    const struct profile *profile;
    const char *config_name, *gateway_name;
    uint64_t signals; /* bit s: carries signal s */
    bool twin;        /* the same endpoint is recorded under another gateway's name, too */
};

enum authority_word { AUTHORITY_NONE, AUTHORITY_SOURCE, AUTHORITY_UNRESOLVED }; /* NONE: no conflict */

struct authority_ruling {
    enum authority_word word;
    uint32_t source;
};

/* Rules on one signal of one gateway. */
struct authority_ruling authority_rule(const struct authority_source *list, size_t count, const struct config *cfg, enum signal signal,
                                       uint32_t gateway);

/* Puts what changed since the last time into the store's next transaction. */
struct authority;
struct authority *authority_new(void); /* NULL when out of memory */
void authority_free(struct authority *a);
enum err authority_put(struct authority *a, struct store *st, const struct authority_source *list, size_t count, const struct config *cfg,
                       struct errctx *ctx) GW_MUST_USE;

#endif
