/* SPDX-License-Identifier: MIT */
/* A page whose counters fell, or jumped, may be another process' or an old one: what was accounted before it, kept until the next polls
 * tell (record/sawtooth.h). When the page is back it goes on from there, as if the polls in between had failed.
 * One per normaliser; the copy is of all its series, and lives for SAWTOOTH_HOLD polls. */
#ifndef GWTOP_RECORD_DIP_H
#define GWTOP_RECORD_DIP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/buckets.h"
#include "record/lacks.h"
#include "record/outs.h"
#include "record/sawtooth.h"
#include "record/slots.h"

struct normaliser;

struct dip {
    bool open;
    uint32_t age;                /* polls since, the first one 0 */
    int64_t ends[SAWTOOTH_HOLD]; /* of them */
    struct slot *slots;
    uint32_t slot_count;
    struct buckets_hist *hists; /* their lists are copies */
    uint32_t hist_count;
    struct out *outs; /* their counts are not */
    uint32_t out_count;
    uint32_t finished, born; /* of the normaliser */
    int64_t finished_ms;
    struct source_lack earlier; /* of its lacks, as far as they are not their slots' */
    int64_t since_ms;
};

/* Forgets what it keeps. */
void dip_close(struct dip *d);
/* Keeps what the last poll left. Errors: ERR_NOMEM; then it is closed. */
enum err dip_open(struct normaliser *n) GW_MUST_USE;
/* What the staged page shows against what is kept. */
void dip_compare(const struct normaliser *n, struct sawtooth_poll *p);
/* Puts back what is kept, with what the page shows now as missed since. Closes it. */
void dip_return(struct normaliser *n);
/* Once per poll, after sawtooth_judge: another one went by, and what is kept may not be waited for any more. */
void dip_age(struct normaliser *n);

#endif
