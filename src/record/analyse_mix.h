/* SPDX-License-Identifier: MIT */
/* What the files of the mix of finish reasons share: analyse_mix.c counts windows, analyse_mix_report.c says what of an alarm is told. */
#ifndef GWTOP_RECORD_ANALYSE_MIX_H
#define GWTOP_RECORD_ANALYSE_MIX_H

#include "analysis/divergence.h"
#include "record/analyse_stream.h"

enum {
    MIX_CLASSES = 12, /* further ones are counted with the last */
    MIX_WINDOW = 1000,
};
#define MIX_LEAST_MOVED 0.02   /* of the answers end otherwise than before */
#define MIX_NORMAL_CHANCE 1e-3 /* from then on chance alone may have brought it */

struct mix {
    /* what is kept, as bytes */
    uint32_t version, count;
    uint32_t id[MIX_CLASSES]; /* of the store's strings */
    uint64_t base[MIX_CLASSES], now[MIX_CLASSES], found[MIX_CLASSES];
    int64_t began_ms;   /* of the window at hand, 0 = none */
    int64_t from_ms;    /* of the baseline */
    int64_t at_ms;      /* end of the newest that was taken in */
    int64_t finding_ms; /* the newest version of its finding, which this goes with */
    double back;        /* evidence that a finding is over, in nats */
    /* of this run */
    bool ready, alarmed, over; /* alarmed: what was found is to be told, and nothing is counted until then */
    int64_t saved_ms;          /* what was taken in until then is in the store, 0 = not settled yet */
    struct feeders feeders;
    struct divergence d;       /* of the alarm */
    uint64_t got[MIX_CLASSES]; /* of the interval, or of a column of the store */
    int64_t observed_ms;       /* of the column */
    const struct groups *all;
};

uint64_t mix_sum(const uint64_t n[MIX_CLASSES]);
uint32_t mix_class_of(struct mix *m, uint32_t id); /* its place among the classes, made when new */
void mix_merge(struct mix *m);                     /* the window at hand becomes part of the baseline */
/* An alarm becomes a finding, or its window part of the baseline. */
enum err mix_report(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx) GW_MUST_USE;

#endif
