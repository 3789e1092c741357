/* SPDX-License-Identifier: MIT */
/* Tells a restarted process from several workers that answer in turn behind one port.
 *
 * Both make counters fall. After a restart everything begins near zero and the process' start time lies after the poll before.
 * Workers that share a port (a server without PROMETHEUS_MULTIPROC_DIR, a load balancer) show another process that was there all along:
 * counters fall, jump back at once, and start times change between old values. Increments of such a page mean nothing.
 *
 * One turn is no saw. A turn is a poll at which many counters fell together, or whose start time is that of another process that was there
 * before. Many are a fifth of all that are above zero, and three; on a page of few, or of which few are in use, more than half of the plain
 * counters that moved. Within SAWTOOTH_WINDOW polls a saw needs two turns, and between them many counters, most of those that had fallen,
 * that jumped back over where they had been, or start times that went to an old process twice. A counter that fell, jumped back and falls
 * again is one by itself. After falls by less than half nobody can say how much was counted since, so that this one poll is not known and
 * is the new baseline. So is a poll at which many jump back soon after a turn, which may be the saw's other flank.
 *
 * Many counters that fall without a later start time may be a restart, a flank, or a page from elsewhere that was served for a few polls (a
 * dip: another replica's, an old one from a cache). The poll is held (hold), and so are those after it, until SAWTOOTH_HOLD polls later it
 * counts and was a restart, or, where it fell by less than half, a fail-over to another process of which nothing is known before. So is a
 * poll at which most counters rise far more steeply than ever, which may be the flank that goes up. Where they stand at or above their old
 * level again and got there at once (after a fall by less than half, anyhow), the page is back (returned): what was held was no count, and
 * what is known is the rise from the old level. That is a lower bound of a restart that overtook it, too. Counters that go back step by
 * step are those of a process that runs. A page that shows less than half of the counters that it had is no page from elsewhere: only its
 * own interval is held, so that a restart is seen at once. A few counters' fall holds one interval as well, and that is theirs alone (own).
 * Of two workers that answer at random one stays for six polls once in 64 times. A rise that was held and counts then is a load where it
 * went on; where no poll since was about as steep (leapt), nothing tells a burst from a worker that took another one's place for good.
 * Before a page is known for a saw, single polls of it may have been taken for counts: an up by little, or one of several in a row. So with
 * the verdict what was counted in the SAWTOOTH_WINDOW polls before the first turn means nothing either (sawtooth_doubt). A page that was
 * judged a saw is believed again after SAWTOOTH_CALM polls without a turn or a climb: 3 min at 15 s. Two workers that answer at random look
 * like that once in 4,096 polls, and the next two turns tell. Pure: it sees per poll how many counters fell, and by how much. Source:
 * docs/decisions/0006-who-counts-and-what-is-old.md. */
#ifndef GWTOP_RECORD_SAWTOOTH_H
#define GWTOP_RECORD_SAWTOOTH_H

#include <stdbool.h>
#include <stdint.h>

enum { SAWTOOTH_WINDOW = 16, SAWTOOTH_CALM = 12, SAWTOOTH_HOLD = 6, SAWTOOTH_DOUBT = 2 * SAWTOOTH_WINDOW }; /* polls */

struct sawtooth {
    bool on;       /* the page is a mix of several processes */
    bool hold;     /* what the last poll counts is to wait */
    bool back;     /* at the last poll most counters that had fallen jumped back */
    bool refuted;  /* and so what waited was no count */
    bool returned; /* the page is back at the level before what waited */
    bool watch; /* lately there was a sign of a saw, or something waits: what is counted is not sure until SAWTOOTH_HOLD polls have told */
    bool whole; /* and that is so of all that the page counts, not only of the counters that fell by themselves */
    bool began_anew;       /* the poll of SAWTOOTH_HOLD polls ago was a restart: its falls stood, and it exports no start time */
    bool failed_over;      /* it was another process that was there before: what was counted in it is not known */
    bool leapt;            /* its counters rose as never before, and have gone on as before since: a burst, or another worker that stays */
    uint32_t held, counts; /* bit i: what was counted i polls ago still waits; counts now */
    uint32_t calm;         /* polls since the last sign of a saw */
    uint32_t turns, others, climbs, backs; /* one bit per poll, newest lowest: see above; others: turns to a process that was there before;
                                              backs: any counter jumped back */
    uint32_t falls, many, own;             /* of those held: that wait because counters fell; many did; only what these few count waits */
    uint32_t dips, little, rises;          /* that make later ones wait; because they fell by less than half; because counters rose */
    uint32_t loads;                        /* one bit per poll: most counters rose about as steeply as ever */
    uint32_t last_fell;                    /* counters that fell when any did last */
    double start_s;                        /* the process' start time at the last poll, NaN = not exported */
};

/* What one poll showed, over counters that were above zero before. Plain ones are no parts of histograms. */
struct sawtooth_poll {
    uint32_t counters;     /* seen now and before */
    uint32_t fell;         /* of them, now below their last value */
    uint32_t fell_half;    /* of those, still at half of it or more */
    uint32_t climbed;      /* fell before, and now jumped back at least to where they were then */
    uint32_t rose, jumped; /* went on from their last value; of those, by a quarter of it and far more steeply than ever */
    uint32_t steep;        /* of those that rose, about as steeply as ever */
    uint32_t plain;        /* plain ones that fell or rose; the same of them: */
    uint32_t plain_fell, plain_half, plain_climbed;
    uint32_t apart, above; /* elsewhere since the poll that is waited for; of those, now at or above where they were before it */
    uint32_t had;          /* above zero on the last page */
    uint32_t again;        /* plain ones that fell, which had fallen and jumped back before */
    double start_s;        /* process_start_time_seconds, NaN = not exported */
    int64_t t0_ms, t1_ms;  /* this poll and the one before */
};

enum sawtooth_verdict {
    SAWTOOTH_CONTINUE,  /* the same process: a counter that fell was reset by itself */
    SAWTOOTH_RESTARTED, /* a new process: every counter began at zero */
    SAWTOOTH_UNKNOWN,   /* the increments of this poll mean nothing; it is the baseline of the next */
};

void sawtooth_init(struct sawtooth *s);
/* How many polls before this one may have been a mix as well, now that the page is known to be one; the last poll is 1. At most
 * SAWTOOTH_DOUBT. */
uint32_t sawtooth_doubt(const struct sawtooth *s);
enum sawtooth_verdict sawtooth_judge(struct sawtooth *s, const struct sawtooth_poll *p);

#endif
