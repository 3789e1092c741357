/* SPDX-License-Identifier: MIT */
/* What the files of the shares of deployments share: analyse_router.c counts and tests, analyse_router_parts.c gives deployments
 * their places and finds counts of a time, analyse_router_read.c reads what was counted before, and analyse_router_report.c says what
 * became of a move. */
#ifndef GWTOP_RECORD_ANALYSE_ROUTER_H
#define GWTOP_RECORD_ANALYSE_ROUTER_H

#include <stddef.h>

#include "analysis/divergence.h"
#include "record/analyse_stream.h"

enum {
    ROUTER_PARTS = 16,        /* deployments of a model that are told apart; further ones are counted together */
    ROUTER_STEPS = 12,        /* of STREAM_STEP_MS: the widest window */
    ROUTER_SCALES = 3,        /* widths that are tested */
    ROUTER_MINUTES = 100,     /* for the onset: the widest window, and what was before it */
    ROUTER_KEPT_BYTES = 2568, /* of struct router, with VERSION of analyse_router.c */
};
#define ROUTER_LEAST_MOVED 0.05 /* of the requests, of one deployment */

/* Requests of each deployment, and which of them failed, in (from_ms, to_ms]. */
struct router_count {
    uint32_t n[ROUTER_PARTS], bad[ROUTER_PARTS];
    int64_t from_ms, to_ms;
};

/* The same of longer times. */
struct router_base {
    uint64_t n[ROUTER_PARTS], bad[ROUTER_PARTS];
    uint32_t steps;
};

struct router {
    /* what is kept, as bytes */
    uint32_t version, count;
    uint32_t rank;             /* of the series that are counted: others of the model tell less */
    uint32_t id[ROUTER_PARTS]; /* of the store's strings; 0: further ones */
    uint32_t steps;
    struct router_count step[ROUTER_STEPS]; /* the newest, oldest first */
    struct router_count now;                /* the one at hand */
    struct router_base base;                /* what was before them, back to the last move */
    struct router_base was;                 /* before that move, or a row of them that followed failures */
    int64_t moved_ms;                       /* onset of the last move, 0 = none */
    bool followed;                          /* it followed failures */
    double chi2[ROUTER_SCALES], df[ROUTER_SCALES];
    uint32_t windows[ROUTER_SCALES]; /* that these are of */
    int64_t at_ms;                   /* end of the newest step that was taken in */
    /* of this run */
    bool ready;
    bool ranked;      /* something of its rank was counted: higher ones must tell something first */
    bool heard;       /* the interval has items of its rank */
    uint32_t lesser;  /* the highest lesser rank that told requests since some of its own came, 0 = none */
    int64_t heard_ms; /* when requests of its rank were told last; of none, when it was first asked */
    int64_t saved_ms; /* what was taken in until then is in the store, 0 = not settled yet */
    struct feeders feeders;
    struct router_count got;                    /* of the interval, or of a column of the store */
    struct router_count minute[ROUTER_MINUTES]; /* a ring */
    uint32_t minute_count, minute_at;           /* at: of the next */
    const struct groups *all;
};

/* A window that differs, and stays so. */
struct router_move {
    struct divergence d;
    struct router_base before, after; /* after: since the onset */
    size_t most;                      /* the deployment that moved most */
    double p, spread;                 /* by the stream's own spread, of which the variance is so many times that of chance alone; >= 1 */
    int64_t onset_ms, onset_error_ms;
    bool told, followed, back; /* what became of it; followed: it came of failures; back: the shares are what they were before */
};

_Static_assert(offsetof(struct router, ready) == ROUTER_KEPT_BYTES, "another layout needs another VERSION");

uint64_t router_sum(const uint64_t n[ROUTER_PARTS]);
double router_share(const struct router_base *b, size_t part); /* 0 of none */
/* What is counted of a model: attempts before requests, deployments before providers; 0: nothing of this series. */
uint32_t router_rank_of(const struct series *s);
uint32_t router_part_id(const struct series *s);                       /* of its deployment, or provider */
bool router_is_bad(const struct analyser *an, const struct series *s); /* by its class */
/* Counts n requests of a part (router_part_id) for the interval or column at hand. Of those that are new with ROUTER_PARTS others one that
 * has had no request lately gives its place away. */
void router_count_into(struct router *m, uint32_t id, uint64_t n, bool failed);
void router_add(struct router_base *to, const struct router_count *c, uint32_t steps);
/* The finest counts that reach back to from_ms, oldest first: by the minute, or steps. Returns how many. */
uint32_t router_counts(const struct router *m, int64_t from_ms, const struct router_count *ret[ROUTER_MINUTES]);
/* What an interval, or a column of the store, counted; for the onset alone where the state has it. */
void router_take(struct router *m, const struct router_count *c, bool is_kept);
enum err router_fill(struct analyser *an, void *groups, struct errctx *ctx) GW_MUST_USE; /* detector.fill */
/* Puts the event of a move, unless the same hour of the day before, or who asks, explains it; sets told and followed. */
enum err router_report(struct analyser *an, const struct group *g, struct router_move *move, const struct interval *in,
                       struct errctx *ctx) GW_MUST_USE;

#endif
