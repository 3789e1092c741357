/* SPDX-License-Identifier: MIT */
/* Whose word counts for a signal where several sources see the same traffic. Pure.
 *
 * Sources that are alike (the same gateway, API and profile; for Prometheus the same configured one) are replicas, whose values add up:
 * they form one layer. Where more than one layer of a gateway carries a signal, one layer has the word: the configured source's; else the
 * lowest tier of profile (a gateway's own page before telemetry of clients before an engine behind it), then metrics before
 * prometheus, then the first in the configuration. All sources of that layer count; the others are kept and compared, never added.
 * Where a signal tells stages apart, all this goes for each stage by itself: who alone measures retrieval has the word for it, whoever
 * measures guardrails. A source that fell silent keeps its place. One that is gone counts with its layer for what it told, and has no say
 * in which layer counts. One endpoint under the names of two gateways would count twice in a total over both: where it counts, it is
 * unresolved in either. */
#ifndef GWTOP_RECORD_AUTHORITY_H
#define GWTOP_RECORD_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "source/profile.h"
#include "store/store.h"

/* One stage of a signal of a source; 0 = what it tells without a stage. */
struct authority_stage {
    enum signal signal;
    uint32_t stage;
    bool kept; /* in: as it was ruled; out: as it is */
};

struct authority_source {
    uint32_t config; /* index in the configuration; past its end when it is not there */
    enum source_kind kind;
    const struct profile *profile;
    const char *config_name, *gateway_name;
    uint64_t signals;               /* bit s: ever carried signal s */
    struct authority_stage *stages; /* of the signals of which it tells stages apart, all of them; adjacent for each signal */
    size_t stage_count;
    bool gone;                  /* out of the configuration, or no longer shown by its Prometheus */
    bool twin;                  /* the same endpoint is recorded under another gateway's name, too */
    struct store_authority was; /* the ruling in force */
};

/* ret[i] is the ruling on list[i]; of a signal with stages it is kept where all of them are, and list[i].stages say which. Signals and
 * stages that only gone sources carry stay as they were. Cost: O(gateways * signals * count) and, of a gateway with S sources that tell K
 * stages each, O(S * K * K) where they tell the same ones, O(S * S * K * K) where each tells its own (500 of 20: 0.4 s). */
void authority_rule(const struct authority_source *list, size_t count, const struct config *cfg, struct store_authority *ret);

#endif
