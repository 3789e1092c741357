/* SPDX-License-Identifier: MIT */
/* The targets that a Prometheus scrapes and a profile knows: who they are, which profile each speaks, and what the store calls them. */
#ifndef GWTOP_SOURCE_PROM_TARGETS_H
#define GWTOP_SOURCE_PROM_TARGETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/profile.h"

enum { PROM_TARGETS_MAX = 2000, PROM_NO_PROFILE = -1 };

struct prom_target {
    char *job, *instance;
    char *key;       /* the instance; job/instance where another job has the same instance */
    int profile;     /* index into the profiles, PROM_NO_PROFILE = not known yet */
    uint16_t *votes; /* per profile: names seen in the discovery under way */
    bool shown;      /* by the discovery under way */
    uint32_t absent; /* discoveries since the last that showed it */
};

struct prom_targets {
    const struct profiles *profiles; /* borrowed */
    struct prom_target *list;
    uint32_t count, cap;
    uint32_t *table; /* by job and instance: number + 1; a power of two, at most half full */
    uint32_t mask;
    uint64_t hash_key;
};

void prom_targets_init(struct prom_targets *t, const struct profiles *ps);
void prom_targets_fini(struct prom_targets *t);
bool prom_targets_find(const struct prom_targets *t, struct str job, struct str instance, uint32_t *ret);
/* A name that job and instance expose: finds or adds the target, and votes. Where there are PROM_TARGETS_MAX, a new one takes the number of
 * that which was absent longest. Errors: ERR_LIMIT (all are shown), ERR_NOMEM. */
enum err prom_targets_vote(struct prom_targets *t, struct str job, struct str instance, struct str name) GW_MUST_USE;
/* The discovery is complete: every target without a profile takes the one with most names. A profile stays once taken. */
void prom_targets_elect(struct prom_targets *t);
/* Alternatives for job=~"..." of the targets that speak profile; "" when one has no job. Errors: ERR_LIMIT, ERR_NOMEM. */
enum err prom_targets_jobs(const struct prom_targets *t, int profile, struct buf *out) GW_MUST_USE;

#endif
