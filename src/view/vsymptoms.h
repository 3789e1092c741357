/* SPDX-License-Identifier: MIT */
/* Internal to view/: what else went wrong in a scope, read and in words. */
#ifndef GWTOP_VIEW_VSYMPTOMS_H
#define GWTOP_VIEW_VSYMPTOMS_H

#include "view/view_symptoms.h"
#include "view/vread.h"

/* scope: of a fact ("model=gpt-x,team=a"); the params' filter narrows it further. It began between from_ms and by_ms, at onset_ms as it is
 * told, since when failures are counted, and is asked about up to to_ms. less: not all of it was recorded. */
struct vsymptoms_ask {
    const char *scope;
    int64_t from_ms, onset_ms, by_ms, to_ms;
    bool less;
};
/* Errors: ERR_NOMEM, the store's. Cost: eight windows in one pass. */
enum err vsymptoms_read(const struct view_loader *l, const struct view_params *p, const struct vsymptoms_ask *ask,
                        struct view_symptoms *ret, struct errctx *ctx) GW_MUST_USE;

/* In words, "" where it is not told, NULL when the arena is full: "30% -> 0.29%", "2.4x its requests", "2.4x: 3.66/s -> 8.88/s". */
const char *vsymptoms_cached(struct arena *a, const struct view_symptoms *s);
const char *vsymptoms_traffic(struct arena *a, const struct view_symptoms *s);
const char *vsymptoms_rates(struct arena *a, const struct view_symptoms *s);
/* At the end of a verdict: ", cached share 30% -> 0.29%, 2.4x its requests". */
const char *vsymptoms_tail(struct arena *a, const struct view_symptoms *s);
/* To people who wait: "Meanwhile 0.29% of its prompts came from a cache (30% in the hour before), and it got 2.4x the requests (8.88/s, and
 * 3.66/s in the hour before)." */
const char *vsymptoms_sentence(struct arena *a, const struct view_symptoms *s);

#endif
