/* SPDX-License-Identifier: MIT */
/* The dead-man's switch: a file that is touched, an address that is asked, only while polls end and the analysers see time go on.
 *
 * It is told of both by those who do them (heartbeat_saw_poll, heartbeat_saw_analysis), and beats only when each was heard of within what
 * the slowest of them may take. So a loop that turns round and does nothing stops it as surely as one that hangs. */
#ifndef GWTOP_RECORD_HEARTBEAT_H
#define GWTOP_RECORD_HEARTBEAT_H

#include "config/config.h"
#include "record/http.h"

struct heartbeat;

/* All borrowed for its life; mono_ms is of a clock that never steps. NULL when out of memory. */
struct heartbeat *heartbeat_new(const struct config *cfg, struct http *h, struct secrets *s, int64_t mono_ms);
void heartbeat_free(struct heartbeat *b);

void heartbeat_saw_poll(struct heartbeat *b, int64_t mono_ms);     /* one ended, well or badly */
void heartbeat_saw_analysis(struct heartbeat *b, int64_t mono_ms); /* all that ended was analysed, and the store took it */

/* Beats when it is time. True when how one of the two stands changed, in file or url: target->failing_since_ms and why. now_ms: wall
 * time. */
bool heartbeat_step(struct heartbeat *b, int64_t now_ms, int64_t mono_ms, struct paging_target *file, struct paging_target *url);
/* Milliseconds until the next beat, at most max_ms. */
int64_t heartbeat_wait(const struct heartbeat *b, int64_t mono_ms, int64_t max_ms);

#endif
