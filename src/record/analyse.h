/* SPDX-License-Identifier: MIT */
/* The analysers' driver: reads every interval once, in event-time order, and turns what it means into facts.
 *
 * analyser_step is called with the batches of a poll before store_append, so that data, alert transitions, incidents, timeline entries,
 * the checkpoint and the watermark become durable in one transaction: a crash neither skips nor repeats a transition.
 * Windows are rebuilt from the store at analyser_open. `now` is always the interval's end, never the wall clock. Findings in
 * back-filled data are recorded with known_ms = now_known and never page. */
#ifndef GWTOP_RECORD_ANALYSE_H
#define GWTOP_RECORD_ANALYSE_H

#include "config/config.h"
#include "model/paging.h"
#include "store/store.h"

struct analyser;

/* Borrows st and cfg for its life. Writes the SLO definitions in force as the note "slo". Errors: ERR_NOMEM and the store's. */
enum err analyser_open(struct store *st, const struct config *cfg, struct analyser **ret, struct errctx *ctx) GW_MUST_USE;
/* known_ms: when gwtop learned of these intervals (live: their end; back-fill: the wall clock now). */
enum err analyser_step(struct analyser *an, const struct store_batch *batches, size_t count, int64_t known_ms, bool backfill,
                       struct errctx *ctx) GW_MUST_USE;
/* Batches of earlier steps that are not in the store yet, for the next step; borrowed until it is done with, when there are none again. */
void analyser_unstored(struct analyser *an, const struct store_batch *list, size_t count);
/* A source changed state, a process restarted, a series name appeared: events come from here. */
enum err analyser_source_changed(struct analyser *an, const struct source_status *before, const struct source_status *after, int64_t at_ms,
                                 struct errctx *ctx) GW_MUST_USE;
/* A process became a new one in (t0, t1], as its counters alone tell. Once per t1. */
enum err analyser_began_anew(struct analyser *an, const char *source, uint32_t id, int64_t t0_ms, int64_t t1_ms, int64_t known_ms,
                             struct errctx *ctx) GW_MUST_USE;
/* Of what a source counted in (t0, t1] only a part is known, or nothing: why. Once per t1. */
enum err analyser_lost(struct analyser *an, const char *source, uint32_t id, int64_t t0_ms, int64_t t1_ms, int64_t known_ms,
                       const char *why, struct errctx *ctx) GW_MUST_USE;
/* In (t0, t1] a source counted more than ever, and not since. Once per t1. */
enum err analyser_leapt(struct analyser *an, const char *source, uint32_t id, int64_t t0_ms, int64_t t1_ms, int64_t known_ms,
                        struct errctx *ctx) GW_MUST_USE;
/* What the answers of a source lack, from its next interval on. Objectives, and groups of detectors, that take a part of a signal in
 * lack->family from it are fed nothing from any source until it is over: neither is the rest of it good, nor are the others all. What is
 * lacking no more comes as late samples; where it is lost, the time stays unknown. */
void analyser_lacks(struct analyser *an, uint32_t source, const struct source_lack *lack, bool lost);
/* Something that was fed is taken out of the store again (store_take_back). */
void analyser_taken_back(struct analyser *an);
/* No data may have come for a while: alerts whose windows hold nothing turn ALERT_NO_DATA. Called at least once per interval. */
enum err analyser_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* The part of that which is of how sources stand, for a replay, which has no ticks. */
enum err analyser_judge_sources(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* A source tells of a change that it was not known to have told before: into the store, and into the timelines of open incidents. */
enum err analyser_change(struct analyser *an, const char *key, const struct event *e, struct errctx *ctx) GW_MUST_USE;
/* What operators did: marks become events, each once, what they took for normal is no finding any more, and who was paged of an incident
 * hears once that somebody said it was over. Cost: the acts are read, and each mark is put again. */
enum err analyser_take_acts(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
/* What an alert system told in one poll: its transitions become alerts and incidents, and every alert that says something new a version in
 * the store. What it does not tell any more is over, where the poll was whole. Errors: ERR_NOMEM and the store's. Cost: O(count + alerts
 * that are known). */
struct analyser_alerts {
    const char *source; /* its configured name */
    uint32_t id;        /* the store's */
    int64_t interval_ms, at_ms;
    const struct outside *list; /* each fingerprint once; source, rule, since and known are the analyser's */
    size_t count;
    bool whole;
};
enum err analyser_alerts_told(struct analyser *an, const struct analyser_alerts *told, struct errctx *ctx) GW_MUST_USE;
/* Moves what the analyser measured itself in the last steps (drift_evidence) to ret, borrowed until the next step: to be stored with what
 * was analysed. */
void analyser_told(struct analyser *an, const struct store_batch **ret, size_t *ret_count);
/* What people are to be told, by number; what was put since the last commit is not durable yet. */
const struct page_log *analyser_pages(const struct analyser *an);
void analyser_close(struct analyser *an);

#endif
