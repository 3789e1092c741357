/* SPDX-License-Identifier: MIT */
/* Whether a canary got worse: each prompt's outcome less the share of its first runs that passed, by paired differences
 * (analysis/betting.h).
 *
 * The reference is pinned: it is of a set of prompts, its endpoint and its model (canary_hash), and another set, or a finding that was
 * taken for normal, begins another. A prompt without a verdict is no pair. The finding is "canary:NAME", {model=MODEL}:
 * docs/decisions/0015-canaries.md. Each canary's state is a note that goes into the transaction of its run, so that a restart neither
 * forgets nor counts twice. */
#ifndef GWTOP_RECORD_CANARY_DRIFT_H
#define GWTOP_RECORD_CANARY_DRIFT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/canary.h"
#include "model/canary_state.h"
#include "store/store.h"

enum { CANARY_REFERENCE_RUNS = 20 /* of each prompt: with ten prompts that pass, the share is known to within 2 points */ };

#define CANARY_RULE_PREFIX "canary:" /* and the canary's name */

struct canary_drift;
/* k is borrowed. Goes on from the store; a finding of other prompts is over. Errors: ERR_NOMEM, the store's. */
enum err canary_drift_open(struct store *st, const struct canary *k, int64_t now_ms, struct arena *scratch, struct canary_drift **ret,
                           struct errctx *ctx) GW_MUST_USE;
void canary_drift_close(struct canary_drift *d);
/* A run of all items ended. Puts what it means and the state, for the commit that follows. Cost: some 10 us a prompt. */
enum err canary_drift_judge(struct canary_drift *d, int64_t began_ms, int64_t now_ms, const struct canary_result *results,
                            struct arena *scratch, struct errctx *ctx) GW_MUST_USE;
/* Ends the finding where an act took it for normal; *ret whether one did, so that there is something to commit. */
enum err canary_drift_accept(struct canary_drift *d, const struct store_act *acts, size_t count, int64_t now_ms, struct arena *scratch,
                             bool *ret, struct errctx *ctx) GW_MUST_USE;
/* Ends findings of canaries that are none of the configured ones. */
enum err canary_drift_retire(struct store *st, const char *const *names, size_t count, int64_t now_ms, struct arena *scratch,
                             struct errctx *ctx) GW_MUST_USE;

#endif
