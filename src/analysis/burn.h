/* SPDX-License-Identifier: MIT */
/* A budget as an objective of money: how fast it burns over several windows, and the rules that fire on it. For objectives of requests see
 * slo.h, whose windows these are.
 *
 * Burn = spent / allowed, where the allowance of a window is its part of the period's budget. A rule fires when the money that its long
 * window stands for is really gone (spent over the allowance of the whole window, so what was not observed is never taken for spent, nor
 * for saved) and the short window burns that fast over the time in it that was observed. It ends when the short window was calm in all
 * evaluations of at least a minute, or the long one no longer burns that fast; a short window of which nothing was observed is neither.
 * Where a plan says how a week's spend is spread, busy hours are allowed more than even; quiet ones never less, for a dollar at night is no
 * fire. The last rule is about what is left: it fires when the budget is gone, or goes before its reset at the rates of both windows, where
 * these are more than what is usual at this time of the day. It ends when the short window was calm for five minutes.
 * By the rules' own arithmetic a burn of b, which began at nothing, pages after 14.4 / b hours: when 2 % of a month's budget is gone,
 * however it went. Pure: no clock, no store; `now` is the end of the newest interval that was fed.
 * Source: Google SRE workbook, chapter 5; docs/decisions/0010-money-analysis.md. */
#ifndef GWTOP_ANALYSIS_BURN_H
#define GWTOP_ANALYSIS_BURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/slo.h"

enum { BURN_PACE_RULES = 3, BURN_RESET = BURN_PACE_RULES, BURN_RULES, BURN_PLAN_HOURS = 168 };

struct burn_rule {
    const char *name; /* "page-1h" */
    enum severity severity;
    double factor; /* times the even pace; BURN_RESET: times the busiest of the same hours of the week before */
    enum slo_window long_window, short_window;
};
const struct burn_rule *burn_rule_at(size_t i); /* i < BURN_RULES, most urgent first */

struct burn_budget {
    int64_t limit_nusd, period_ms; /* > 0; period 0: not known, and BURN_RESET alone is judged */
    int64_t used_nusd, reset_ms;   /* of the period; reset: when it is whole again, 0 = not known */
    /* Shares of the hours of a week, of mean 1, the first of them the hour of instant 0 (00:00 UTC of a Thursday); NULL = spent evenly. */
    const double *plan;
};

struct burn_window {
    int64_t spent_nusd, observed_ms;
    double allowed_nusd; /* for the whole window, observed or not */
    double burn;         /* over the observed time; NaN = nothing was observed */
    double burn_least;   /* over the whole window: what was not observed counts as nothing spent */
};

/* A window that ends at end_ms, of what was counted elsewhere. */
struct burn_window burn_window_of(const struct burn_budget *b, enum slo_window w, int64_t end_ms, int64_t spent_nusd, int64_t observed_ms);
/* Whether rule i < BURN_PACE_RULES, not firing, fires on these. */
bool burn_rule_fires(size_t i, const struct burn_window *in_long, const struct burn_window *in_short);

struct burn_state; /* about 75 KB */

struct burn_state *burn_state_new(void); /* NULL when out of memory */
void burn_state_free(struct burn_state *s);
/* Empties the windows; the rules' states stay. For rebuilding the windows from the store. */
void burn_state_forget(struct burn_state *s);

/* Counts what was spent in (t0_ms, t1_ms]. In any order within three days; older is left out but of what is usual, as is an interval
 * without a beginning (t0_ms 0: an unknown time). Several sources may tell of the same time: their money adds up and the time counts once.
 * What is fed for a time before the newest interval adds money, not time. Cost: O(1), plus O(minutes) when time advances. */
void burn_feed(struct burn_state *s, int64_t t0_ms, int64_t t1_ms, int64_t spent_nusd);
int64_t burn_now_ms(const struct burn_state *s); /* end of the newest interval, 0 = none */
struct burn_window burn_window(const struct burn_state *s, const struct burn_budget *b, enum slo_window w);

/* A rule's state, as it is kept over a restart. */
struct burn_alarm {
    enum alert_state state;
    int64_t since_ms;       /* 0: it never changed */
    int64_t onset_ms;       /* when money began to go faster than usual, of the present or last firing; 0 = no such change stands out */
    int64_t onset_error_ms; /* the onset is known to within this */
    bool was_firing;        /* in ALERT_NO_DATA: what it was */
    int64_t calm_from_ms;   /* calm in every evaluation since, 0 = it is not */
};
struct burn_alarm burn_alarm_get(const struct burn_state *s, size_t rule);
void burn_alarm_set(struct burn_state *s, size_t rule, const struct burn_alarm *a);

struct burn_change {
    size_t rule;
    struct burn_alarm before, after;
    struct burn_window in_long, in_short;
};

/* Evaluates all rules at burn_now_ms; to be called after each step of feeding. Returns how many changed state. The budget may be another
 * than last time. Cost: O(1); O(3 days of minutes) on firing. */
size_t burn_evaluate(struct burn_state *s, const struct burn_budget *b, struct burn_change ret[BURN_RULES]);
/* Time went on without observations: rules whose short window holds nothing any more turn ALERT_NO_DATA, as of the moment it ran empty. */
size_t burn_tick(struct burn_state *s, const struct burn_budget *b, int64_t now_ms, struct burn_change ret[BURN_RULES]);

#endif
