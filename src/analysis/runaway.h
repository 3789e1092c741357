/* SPDX-License-Identifier: MIT */
/* A key that runs away: what one key did in the last minutes against what is usual for it at this hour of the week.
 *
 * Usual is the larger of the hour before (14 times five minutes, which end 5 to 10 minutes ago) and the same hour of earlier weeks, with
 * the one after and before it; so a Monday after a Sunday, a lunch hour and a nightly batch are usual, and a slow rise becomes so. While
 * the week is not known yet, the same hour of the day before stands in, and then a run must also be twice the key's busiest hour so far and
 * twice its busiest five minutes of the hour before: on the first working day after a Sunday, a small key is busy by spells. Of spend it
 * must then be beyond chance as well, for the costs of some twenty requests are unlike.
 * Signs, each looked for in the newest minute and in the one before it, so that a burst of one minute is none: see enum runaway_sign.
 * Pure and of fixed size (3.5 KB). A gap is a gap: rates are over the time that observations cover.
 * Source: docs/decisions/0010-money-analysis.md; tests/bench/bench_runaway. */
#ifndef GWTOP_ANALYSIS_RUNAWAY_H
#define GWTOP_ANALYSIS_RUNAWAY_H

#include <stdbool.h>
#include <stdint.h>

enum runaway_sign {
    RUNAWAY_RATE = 1 << 0,     /* five times the usual requests */
    RUNAWAY_SPEND = 1 << 1,    /* five times the usual spend; where its requests fall back, of twice the tokens at least */
    RUNAWAY_PROMPT = 1 << 2,   /* prompts of two and a half times the usual length, and twice the spend or requests */
    RUNAWAY_SAME = 1 << 3,     /* twice the requests, and lately all of the same size to the token */
    RUNAWAY_FALLBACK = 1 << 4, /* every request falls back twice, and usually one in five does: an outage makes it one */
};

/* What a key did in some time. failed: of the requests, those that got no answer, whose prompts nobody counts. */
struct runaway_count {
    uint64_t requests, failed, fallbacks, input_tokens, output_tokens;
    int64_t cost_nusd, observed_ms;
};

enum { RUNAWAY_CELLS = 24, RUNAWAY_FIVES = 16, RUNAWAY_HOURS = 168 };

/* Per second observed, as runaway.c packs them to 0.05 %; a key has a week of them. */
struct runaway_hour {
    uint16_t requests, cost_nusd, input_tokens, tokens; /* tokens: all of them; requests 0: this hour of the week is not known */
};
struct runaway_cell {
    uint32_t requests, failed, fallbacks, observed_ms;
    uint32_t end_ms; /* of half minutes: where in it the newest interval ended */
    int64_t cost_nusd;
    uint64_t input_tokens, output_tokens;
};

struct runaway {
    int64_t first_ms, now_ms; /* begin of the first interval, end of the newest; 0 = none */
    int64_t cell, five, hour; /* numbers of the newest half minute, five minutes and hour, -1 = none */
    struct runaway_cell cells[RUNAWAY_CELLS], fives[RUNAWAY_FIVES], this_hour;
    struct runaway_hour hours[RUNAWAY_HOURS];
    uint64_t same_size; /* of the run of intervals whose requests all have one size, 0 = there is none */
    int64_t same_from_ms;
    uint64_t same_requests, same_intervals;
};

void runaway_init(struct runaway *r);
/* Counts the interval (t0_ms, t1_ms] in the half minute its end lies in. What is older than twelve minutes, or has no beginning (t0_ms 0),
 * is left out. Intervals of up to an hour may be fed to rebuild what is usual. Several sources may tell of the same interval: how much was
 * observed is taken from the interval's ends, not from c->observed_ms. Cost: O(1). */
void runaway_feed(struct runaway *r, int64_t t0_ms, int64_t t1_ms, const struct runaway_count *c);

/* Forgets what began before t_ms: from then on is the new usual, which is known an hour later. */
void runaway_forget(struct runaway *r, int64_t t_ms);

/* What is usual right now. */
struct runaway_usual {
    double requests_per_s, nusd_per_s, tokens_per_request; /* of an answered one's prompt; NaN when none was seen */
    double tokens_per_s;                                   /* all of them; 0 where nobody tells any */
    double fallbacks_per_request;
    bool week_known; /* this hour of an earlier week was observed */
    /* Used while the week is not known: the busiest hour so far, and the busiest five minutes of the hour before. */
    double busiest_per_s, busiest_nusd_per_s, peak_per_s, peak_nusd_per_s;
};
/* False while the hour before was not observed for 20 minutes of its 70, or the key not for an hour. */
bool runaway_usual(const struct runaway *r, struct runaway_usual *ret);

struct runaway_verdict {
    unsigned signs; /* 0 = none: it does not run away */
    bool is_calm;   /* below twice the usual in everything: what ran away is back; in its rates also by ten minutes, so that chance of a few
                     requests a minute is no run */
    double requests_per_s, nusd_per_s;                /* of the newest minute: */
    int64_t minute_ms;                                /* how long that is, a poll at least */
    double tokens_per_request, fallbacks_per_request; /* of it and the minute before: */
    int64_t window_ms;                                /* both; 0 = of the last twelve minutes not two were observed, and nothing is said */
};
/* u: what was usual before it began; of one that runs already, the caller keeps that. Cost: O(1). */
struct runaway_verdict runaway_judge(const struct runaway *r, const struct runaway_usual *u);

/* When what a verdict with signs is about began, by when requests ended: to within the error, that of half a poll at least, and as much
 * more as counts leave in doubt, so that of 20 requests it is minutes. r, u: as it was judged by. Cost: some 10,000 logarithms, so it is
 * for those that are told. */
struct runaway_onset {
    int64_t at_ms, error_ms;
};
struct runaway_onset runaway_onset(const struct runaway *r, const struct runaway_usual *u, const struct runaway_verdict *v);

#endif
