/* SPDX-License-Identifier: MIT */
/* From answers to the store: what the recorder does apart from the network and the clock.
 *
 * Driven from outside, so that live use, replay and tests are the same code: for each source that is due, recorder_request says what to
 * ask for, recorder_head, recorder_body and recorder_done take the answer in; recorder_commit makes everything finished since the last
 * one durable: samples, transitions that the analysers found in them, states of sources, gaps.
 * A configured source may be several store sources: a Prometheus has one per target it scrapes. */
#ifndef GWTOP_RECORD_RECORDER_H
#define GWTOP_RECORD_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "config/config.h"
#include "model/paging.h"
#include "record/http.h"
#include "source/source.h"
#include "store/store.h"

struct recorder;

struct recorder_options {
    const struct config *cfg;
    const struct profiles *profiles;
    const struct log *log; /* NULL = silent */
};

/* Everything is borrowed for its life. now_ms: wall time. Errors: ERR_CONFIG (a profile that is not there), ERR_NOMEM, the store's. */
enum err recorder_open(struct store *st, const struct recorder_options *opt, int64_t now_ms, struct recorder **ret,
                       struct errctx *ctx) GW_MUST_USE;
/* Notes that every source was stopped at now_ms, commits, and releases. reason: "the recorder was stopped"; NULL: a recording that ended
 * as planned, whose sources keep the state they had. */
void recorder_close(struct recorder *r, int64_t now_ms, const char *reason);

/* What to ask configured source i for; false: its poll is over. The first call of a poll sets the time that its samples stand for. */
bool recorder_request(struct recorder *r, uint32_t i, int64_t now_ms, struct source_request *ret);
void recorder_head(struct recorder *r, uint32_t i, const struct source_answer *head);
/* Feeds bytes of the answer; false: refused, *reason says why. */
bool recorder_body(struct recorder *r, uint32_t i, const void *bytes, size_t n, struct errctx *reason);
/* The answer is complete, or will not come. Returns whether it was understood. */
bool recorder_done(struct recorder *r, uint32_t i, const struct http_result *res, int64_t now_ms);
/* The source's accept header and its adapter's name. */
const char *recorder_accept(const struct recorder *r, uint32_t i);

/* Runs the analysers over what was finished since the last call; part of recorder_commit, and on its own where several instants are
 * committed together (replay), so that each is judged when it was. */
enum err recorder_analyse(struct recorder *r, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* One durable transaction. Errors: the store's; what was pending is then lost, and the gap is noted with the next commit. */
enum err recorder_commit(struct recorder *r, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* House-keeping that must happen though nothing came: acts of operators, alerts without data. Commits when there was something. */
enum err recorder_tick(struct recorder *r, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* A replay: how the sources stand after an instant, and what gwtop's own rules say of it. In the open transaction. */
enum err recorder_judge_sources(struct recorder *r, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
uint64_t recorder_acts_taken(const struct recorder *r); /* so far, by recorder_tick */
/* Nobody looked between t0 and t1 (the machine slept, its clock was set, the recorder did not run). Sources with a longer interval missed
 * nothing. */
void recorder_gap(struct recorder *r, int64_t t0_ms, int64_t t1_ms, const char *reason);

/* How a configured source itself stands, and not one of the targets that it shows; for tests. */
struct source_status recorder_status(const struct recorder *r, uint32_t i);
/* What people are to be told; after a commit all of it is durable, or was lost with a message. */
const struct page_log *recorder_pages(const struct recorder *r);
int64_t recorder_pages_seq(const struct recorder *r); /* up to which number of them it is durable */
bool recorder_is_kept(const struct recorder *r);      /* false: the store's file cannot be written, and the ring store serves */

#endif
