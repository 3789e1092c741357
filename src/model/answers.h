/* SPDX-License-Identifier: MIT */
/* What tells the quality of answers without a judge: shares that gateways and engines count themselves. One row per share: which counts
 * are the whole, and which of them are bad. The recorder watches them for drift, screens show them. */
#ifndef GWTOP_MODEL_ANSWERS_H
#define GWTOP_MODEL_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/dims.h"
#include "model/signal.h"

struct answer_share {
    const char *name;         /* "retries per attempt"; a score's name is never like that */
    enum signal whole, bad;   /* increments; the same one where the bad ones are a class of it */
    const char *not_of_whole; /* a class that is no part of the whole, NULL = none */
    const char *bad_class;    /* NULL = all of `bad` */
    bool by_name;             /* one share per name of the series ("guardrail pii blocks"): name is a format of it */
};

enum { ANSWER_NAME_MAX = 256 };

const struct answer_share *answer_shares(size_t *ret_count);
/* The share's name, of what the series calls itself. False when that is too long for dst. */
bool answer_share_name(const struct answer_share *s, const char *series_name, char dst[ANSWER_NAME_MAX]);

#endif
