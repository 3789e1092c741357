/* SPDX-License-Identifier: MIT */
/* Whether an answer passes its check. What takes another program is started here and asked for later: nobody waits. */
#ifndef GWTOP_RECORD_CANARY_JUDGE_H
#define GWTOP_RECORD_CANARY_JUDGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/canary.h"
#include "record/canary_ask.h"

enum { CANARY_TEXT_MAX = 64 * 1024 /* bytes of an answer that are judged; what is longer is no answer to a canary */ };

enum canary_verdict { CANARY_PASS, CANARY_FAIL, CANARY_UNJUDGED, CANARY_PENDING };

/* All checks but a command. *why: what does not pass, or why it cannot be said, without anything of the answer. Cost: some 0.3 s for the
 * largest answer and the largest regular expression. */
enum canary_verdict canary_judge(const struct canary_item *it, const struct canary_answer *answer, struct arena *a, struct errctx *why);

/* Starts the item's command with the answer as its input; CANARY_PENDING, or CANARY_UNJUDGED when it cannot be started. */
enum canary_verdict canary_command_start(const struct canary_item *it, struct str text, pid_t *ret, struct errctx *why);
/* What the command says, CANARY_PENDING while it runs. late: it had its time, and is ended. */
enum canary_verdict canary_command_hear(pid_t pid, bool late, struct errctx *why);

#endif
