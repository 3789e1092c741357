/* SPDX-License-Identifier: MIT */
/* One service level objective over one scope: windows of what was observed, burn rates, the alert rules, the onset.
 *
 * Pure: no clock, no store. `now` is the end of the newest interval that was fed. What is counted are observations: a minute in which
 * nothing was observed adds nothing to any window, so a gap is neither good nor bad, and slo_window() tells how much time stands behind a
 * window. Burn rate = share of bad requests / share allowed (1 - objective).
 *
 * Windows are made of one-minute buckets; a window of w minutes holds the current minute and the w - 1 before it.
 * A rule fires when both its windows burn faster than its factor, the budget share that the factor stands for is really spent
 * (a window that was observed for a tenth of its length must burn ten times as fast), and so many bad ones would be a surprise
 * at exactly the allowed rate (binomial guard), unless the last minutes prove that it is over; and, while the short window reaches back
 * beyond the end of the last firing, only where what came since does the same. The first rule is for outages: it looks at
 * five minutes alone, and wants a share of them that is no blip. For a latency objective only what is certainly above the threshold
 * (bad_lo) counts as bad.
 * Source: docs/decisions/0002-burn-rate.md; Google SRE workbook, chapter 5. */
#ifndef GWTOP_ANALYSIS_SLO_H
#define GWTOP_ANALYSIS_SLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"

enum slo_window { SLO_1M, SLO_5M, SLO_30M, SLO_1H, SLO_2H, SLO_6H, SLO_1D, SLO_3D, SLO_WINDOW_COUNT };
int64_t slo_window_ms(enum slo_window w);
const char *slo_window_name(enum slo_window w); /* "5m", "1h", "3d" */

struct slo_rule {
    const char *name; /* "page-1h": the last part of an alert's rule */
    enum severity severity;
    double budget_share; /* of the period's budget, spent within the long window */
    enum slo_window long_window, short_window;
    enum slo_window now_window;  /* to fire, this one must not prove that the trouble is over */
    enum slo_window over_window; /* where a busy service shows that the trouble is over, long before the short window has emptied */
    double guard;                /* P(Bin(total, 1 - objective) >= bad) over the long window must not exceed it */
    double least_bad_ratio;      /* to fire: of the requests of the long window, 0 = any */
};
enum { SLO_PAGE_5M, SLO_PAGE_1H, SLO_PAGE_6H, SLO_TICKET_1D, SLO_TICKET_3D, SLO_RULES };
const struct slo_rule *slo_rule_at(size_t i); /* i < SLO_RULES, most urgent first */
/* Burn rate at which the rule fires: budget_share * period / long window, at least 1 and at least what least_bad_ratio burns. For 30 days
 * 14.4 (33.3 at 99.5 %, 167 at 99.9 %), 14.4, 6, 3, 1. */
double slo_rule_factor(const struct slo_rule *r, double objective, int64_t period_ms);
/* Burn rate below which it ends: the same without what least_bad_ratio burns, so that what wants more than the share to fire does not
 * flap. */
double slo_rule_end_factor(const struct slo_rule *r, int64_t period_ms);

/* What was observed in some time. bad_lo <= truly bad <= bad_hi <= total. */
struct slo_count {
    uint64_t total, bad_lo, bad_hi;
    int64_t observed_ms; /* time that observations cover, of several sources together */
};

/* What of a window's length was observed, in [0, 1]. */
double slo_observed_ratio(const struct slo_count *c, enum slo_window w);
/* NaN without observations. */
double slo_burn(const struct slo_count *c, double objective);

/* Whether a rule would fire on what was observed in each window, without memory of what was before. i < SLO_RULES. */
bool slo_rule_fires(size_t i, const struct slo_count counts[SLO_WINDOW_COUNT], double objective, int64_t period_ms);
/* Whether so few are bad of what was observed that at `factor` times the allowed rate it would happen by no more than a chance:
 * P(Bin(n, rate) <= bad) <= chance. Rules take SLO_OVER_CHANCE. */
#define SLO_OVER_CHANCE 0.05
bool slo_proves_over(const struct slo_count *c, double objective, double factor, double chance);
/* When a rule will fire if all goes on as in `now`, to a second or 1/256 of its long window; 0 = it would, -1 = not within that window.
 * Where less traffic comes than before, what came before is the longer in the way. i < SLO_RULES; counts: of the rule's windows at least,
 * others empty. */
int64_t slo_rule_fires_in_ms(size_t i, const struct slo_count counts[SLO_WINDOW_COUNT], const struct slo_count *now, double objective,
                             int64_t period_ms);

/* What is left of a period's budget. The budget is the allowed share of the traffic of a whole period. */
struct slo_budget {
    double left_ratio;   /* 1 = untouched, negative = overspent, NaN = nothing observed */
    int64_t gone_in_ms;  /* at the recent rate; 0 = already gone, -1 = not within a period */
    int64_t early_in_ms; /* the same where all that is possibly bad is bad */
    bool partial;        /* less than the period was observed: its traffic was taken as typical for the rest */
};
struct slo_budget slo_budget(const struct slo_count *period, const struct slo_count *recent, double objective, int64_t period_ms);

struct slo_state; /* about 95 KB */

/* objective in (0, 1). NULL when out of memory. */
struct slo_state *slo_state_new(double objective, int64_t period_ms);
void slo_state_free(struct slo_state *s);
/* Empties the windows; the rules' states stay. For rebuilding the windows from the store. */
void slo_state_forget(struct slo_state *s);

/* Counts the observations of (t0_ms, t1_ms]. They may come in any order within the last 3 days; what is older is left out, as
 * is an interval without a beginning (t0_ms 0: an unknown time). Time that several cover is observed once; what comes late into one of
 * more than 64 gaps may find it forgotten, and then only its observations count. Cost: O(1), plus O(minutes) when time advances. */
void slo_feed(struct slo_state *s, int64_t t0_ms, int64_t t1_ms, uint64_t total, uint64_t bad_lo, uint64_t bad_hi);
/* The same of several polls together, the first of which began at t0_ms and the last ended at t1_ms; n->observed_ms is what they cover of
 * that. They are told apart no more. */
void slo_feed_polls(struct slo_state *s, int64_t t0_ms, int64_t t1_ms, const struct slo_count *n);
int64_t slo_now_ms(const struct slo_state *s); /* end of the newest interval, 0 = none */
/* As of slo_now_ms. */
struct slo_count slo_window(const struct slo_state *s, enum slo_window w);

/* A rule's state, as it is kept over a restart. */
struct slo_alarm {
    enum alert_state state;
    int64_t since_ms;       /* 0: it never changed */
    int64_t onset_ms;       /* of the present or last firing, 0 = not known */
    int64_t onset_error_ms; /* the onset is known to within this */
    bool was_firing;        /* in ALERT_NO_DATA: what it was */
    int64_t calm_from_ms;   /* calm in every evaluation since, 0 = it is not */
};
struct slo_alarm slo_alarm_get(const struct slo_state *s, size_t rule);
void slo_alarm_set(struct slo_state *s, size_t rule, const struct slo_alarm *a);

struct slo_change {
    size_t rule;
    struct slo_alarm before, after;              /* after.since_ms is later than any earlier change's of this rule */
    struct slo_count in_long, in_short, in_over; /* of the rule's windows */
    double burn_long, burn_short;                /* NaN = nothing observed */
};

/* Evaluates all rules at slo_now_ms; to be called after each step of feeding. Returns how many changed state.
 * A firing rule ends when it was calm in all evaluations of at least a minute, or when its long window no longer burns that
 * fast (page-5m: when an hour holds nothing bad). page-5m is calm when page-1h is, so the two end together. Calm: the short
 * window burns less than the factor, or so few are bad in the over window that at the factor's rate it would happen once in
 * twenty times (needs traffic: 1,000 good requests at 99.9 % and factor 3). An empty short window is not calm: silence is no
 * recovery. Cost: O(1) while nothing burns; O(3 days) on firing. */
size_t slo_evaluate(struct slo_state *s, struct slo_change ret[SLO_RULES]);
/* Time went on without observations: rules whose short window holds nothing any more turn ALERT_NO_DATA, as of the moment it ran empty. */
size_t slo_tick(struct slo_state *s, int64_t now_ms, struct slo_change ret[SLO_RULES]);

/* When the present trouble began: the middle of the time in which it may have, which is told to within *ret_error_ms. Every poll, or minute
 * of polls, counts in which a rise from the allowed share to that of the window `present` is at least a fiftieth as likely as in the
 * likeliest; in 95 % of outages and more the true onset is in it. Looks no further back than from_ms, for trouble that was over then is not
 * this one. The last few hundred polls are told apart, before that minutes. false when nothing is wrong. Cost: O(3 days of minutes). */
bool slo_onset(const struct slo_state *s, enum slo_window present, int64_t from_ms, int64_t *ret_ms, int64_t *ret_error_ms);

enum {
    SLO_SEEMS_ENDED_MS = 60000, /* so long must it have been calm before it seems to be over */
    SLO_ENDED_MS = 300000,      /* and so long before it is called so */
};

/* When the last trouble since from_ms fell back to what is allowed, found as an onset is: at_ms to within error_ms. over: the answers since
 * tell it from the rate it had in the end (a thousand times likelier) and cover SLO_ENDED_MS. seems_over: they cover SLO_SEEMS_ENDED_MS.
 * Until then it goes on as far as is known. */
struct slo_end {
    int64_t at_ms, error_ms;
    bool seems_over, over;
};
/* false: there was no trouble beyond doubt since from_ms (1e-6 at the allowed rate). Cost: O(time since the trouble's last part). */
bool slo_trouble_end(const struct slo_state *s, int64_t from_ms, struct slo_end *ret);

#endif
