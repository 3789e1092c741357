/* SPDX-License-Identifier: MIT */
/* Pane 4 and `gwtop cost`: how much, why, until when. Amounts are nano-USD. */
#ifndef GWTOP_VIEW_VIEW_COST_H
#define GWTOP_VIEW_VIEW_COST_H

#include "view/view.h"
#include "view/view_overview.h"
#include "view/view_spend.h"

struct vcost_row {
    const char *name, *owner; /* owner: of a key its team; "" */
    bool is_other, is_total;
    int64_t nusd;                                                             /* in the table's window */
    bool cost_known, requests_known, input_known, cached_known, output_known; /* something was observed; what was not is unknown, never 0 */
    bool cost_split, requests_split, tokens_split; /* the filter reaches them; else that is why they are not known */
    /* At least, where not all of the window was recorded or not all sources answer: of the amount; of the counts. */
    enum exactness exact, counts_exact;
    struct vnum per_h_now, per_h_then; /* USD per hour; those of the rows add up to the total's */
    double share;                      /* of the total */
    uint64_t requests, tokens_in, tokens_cached, tokens_out;
    uint64_t answered;             /* of the requests */
    int64_t limit_nusd, left_nusd; /* of a key, team or provider: the gateway's own budget of it, and what is left of that */
    bool limit_known, left_known;
    /* Of the gateways that tell both sides of each: USD; NaN without requests or tokens. */
    double per_request, per_1k_tokens;
    double input_per_request; /* effective context length: input tokens of an answered request; NaN */
    double cached_share;      /* of the input tokens; NaN */
    bool per_request_is_part, per_1k_tokens_is_part, input_per_request_is_part, cached_is_part;   /* some gateway tells one side alone */
    enum exactness per_request_exact, per_1k_tokens_exact, input_per_request_exact, cached_exact; /* about, where it is a part */
    int64_t booked_per_h_nusd; /* of per_h_now, what is booked: the strip's */
    struct vstrip strip;
};
/* Whether a budget outlasts its period: not known where not all of its spend is. */
enum budget_end { BUDGET_UNKNOWN, BUDGET_LASTS, BUDGET_GONE };
/* A gateway that books spend is believed; the tokens of one that books none are priced. */
enum budget_basis { BUDGET_BOOKED, BUDGET_COMPUTED, BUDGET_IN_PART };
struct vbudget {
    const char *name, *origin; /* "config" or the gateway's name */
    enum dim dim;              /* its scope is this one value; DIM_COUNT: another */
    uint32_t id;
    bool fires; /* an alert on it does */
    int64_t limit_nusd, used_nusd;
    enum budget_basis basis; /* what used is made of; the gateway's own are always booked */
    bool is_wider;           /* it reaches beyond the filter: its numbers are of the whole of it */
    bool is_plan;            /* it is for just what the filter leaves: the screen's $/h is held against it */
    bool known;              /* some spend was seen in its scope; else used is not known */
    /* At least: recording began inside the period, some was lost, or not all of its sources answer; about: a poll spans its beginning. */
    enum exactness used_exact;
    /* What its end is judged by: used, but for what a poll carried over its beginning, and losses of less than a hundredth of the time. */
    enum exactness end_exact;
    bool is_lossy;          /* more than that was lost */
    bool rate_is_least;     /* of the rate's own time more than that was lost, or not all of its sources answer */
    const char *stopped;    /* "no request ended since 21:14:05Z", where what it would be gone by goes on no more; "" */
    bool stale;             /* what it rests on is stale */
    int64_t from_ms, to_ms; /* the period; to 0 = its reset is not known */
    double pace;            /* share of money over share of time; NaN */
    enum budget_end end;
    int64_t gone_ms;                  /* BUDGET_GONE: when; at the latest, where used or the rate is a lower bound; else 0 */
    const char *rate;                 /* which rate: "at the 5m rate", "at the 24h rate", "by the usual course"; "" = not known */
    bool by_course;                   /* end and gone_ms are what the history of the hours says, and not a rate */
    bool runs_away;                   /* it is spent twice as fast as in the last day */
    double over;                      /* P(spent before the reset) by the usual course; NaN where too little is recorded for one */
    int64_t gone_from_ms, gone_to_ms; /* by the usual course: 90 % of when; 0 = not before the reset */
    const char *end_text;             /* "gone Thu 27 Nov 09:10Z at the 24h rate", "end not known: recorded since 29 Nov 12:45Z" */
    const char *text;                 /* pace and end */
};
/* What was spent in the running day, week and month (UTC; in the order of a budget's periods). */
enum { VCOST_PERIODS = 3 };
struct vcost_period {
    int64_t from_ms, nusd;
    bool known;           /* something was recorded */
    enum exactness exact; /* at least, where recording began inside it */
};
/* Because of what a spend changed: "requests", "input length", ... (analysis/lmdi.h). */
struct vcost_because {
    const char *name;
    int64_t per_h_nusd;
};
/* A part of a change; since when, where a finding of its scope is open (0 = not known). */
struct vcost_part {
    const char *label;
    int64_t per_h_nusd, since_ms, since_error_ms; /* known to within the error; 0: that is not told */
    const struct vcost_because *because;          /* largest first; they sum to per_h_nusd */
    size_t because_count;
    const char *because_text; /* "7.5x its requests, prompts 2.1x as long"; "" */
};
/* Why an amount that is booked reads ">=". */
#define VIEW_COST_AT_LEAST ">= : spend is booked when a request ends; what still runs is not in it"

struct vcost_span {
    int64_t from_ms, to_ms;
};
struct view_cost {
    struct vnum now_per_h, then_per_h; /* USD/h of the now window; at least, as spend is booked at a request's end */
    bool is_computed; /* some gateway books no spend: now_per_h and the table have what its tokens cost; then is not known */
    int64_t now_ms;   /* how much time now_per_h and the table's are measured over: the now window's, where that was recorded */
    const struct vspend_recent *recent;
    const char *over_text;            /* what now_per_h is of: "over the last 5m", "over the last 5m (no request ended since 21:14:05Z)" */
    struct vnum booked_per_h;         /* what of now_per_h is booked: the stack's, and what the parts of the change are of */
    const char *against;              /* "7d ago", "1d ago", "1h ago", "nothing: too little is recorded" */
    double plan_per_h;                /* USD: a budget for what is shown, spread over its period; NaN = there is none */
    const char *plan_text;            /* "budget all"; "" */
    const char *sentence;             /* what rose, by how much, because of what, until when */
    int64_t window_ms, total_nusd;    /* the table's window and its total */
    int64_t recorded_since_ms;        /* 0 = nothing yet */
    const struct vcost_span *unknown; /* when spend of the window was lost: counters began anew while nobody asked, or nothing recorded */
    size_t unknown_count;
    bool is_uncounted; /* what is spent at the cursor is not known: the sources that count it contradict themselves (SOURCE_SAWTOOTH) */
    /* "spend of 3m43s is not known (18:49:10Z to 18:52:53Z); recorded since 29 Nov 12:45Z, not the whole 30d"; "" when all of it is
     * known */
    const char *coverage_text;
    const struct vcost_row *table;
    size_t table_count; /* sums to the total, `other` included */
    const struct vstack *stack;
    size_t stack_count;     /* their `now` is the now window's and sums to booked_per_h */
    const char *stack_text; /* what is stacked: "what changed", or where nothing did "by team" */
    const struct vcost_part *parts;
    size_t part_count;          /* of the change of what is booked: model, keys, rest */
    const char *movers_text;    /* "team agents +$210/h, team search -$3.1/h": rows whose $/h changed most; "" without a comparison */
    double surcharge_per_h;     /* USD: of fallbacks now, beyond the same tokens at their models' own deployments; 0: there are none */
    const char *surcharge_text; /* "fallbacks cost $255/h more than their models' own deployments would"; "" without one */
    struct vcost_period period[VCOST_PERIODS];
    const char
        *period_text;      /* "$412 today, >=$2.31k this week, >=$2.31k this month"; with the day where the recording ended before today */
    const char *unit_text; /* of the table: "$0.0042 a request, $0.0014 per 1k tokens, 2.7k input tokens an answer, 40% cached" */
    const struct vcost_because *why;
    size_t why_count;     /* of the change, over all of its parts: sums to now - then too */
    const char *why_note; /* what of that could not be told, and why; "" */
    const char *why_text; /* "fallback +$230/h, requests +$12.10/h", the largest of them, and the note; "" without a comparison */
    const struct vbudget *budgets;
    size_t budget_count;
    uint64_t unpriced_requests;
    double unpriced_share;
    const char *unpriced_text; /* "" when everything has a price */
    /* What the tokens cost by prices, beside what was booked: "computed $409 + 3.1% of tokens unpriced: 2 models; booked $412, +$3.10
     * (0.8%) for ..."; "" where no tokens are recorded, and where nothing is booked: then the sentence begins with it, and the table is
     * computed, too. */
    const char *computed_text;
    /* "llama: 8 GPUs $16.8/h + energy ~$1.05/h = ~$0.62 a million tokens, ...", pools by "; "; "" where none is configured */
    const char *hosting_text;
    const struct view_spend *spend; /* by the table's dimension, over its window */
    const struct vrow *tokens;
    size_t token_count; /* by direction, cache hit share */
};

#endif
