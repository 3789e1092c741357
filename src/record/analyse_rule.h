/* SPDX-License-Identifier: MIT */
/* The window of one term of a rule: what came in the last of its time, in slots of a sixtieth of it (a second at least), so that what
 * leaves it is exact to that. A gauge's term holds the newest word of each of its series instead, for three of its intervals and half a
 * minute. */
#ifndef GWTOP_RECORD_ANALYSE_RULE_H
#define GWTOP_RECORD_ANALYSE_RULE_H

#include "record/analyse_int.h"

enum { RULE_SLOTS = 60 };

struct rule_slot {
    int64_t id; /* (t - 1) / sub_ms; another id than asked for: nothing came then */
    int64_t covered_ms;
    int64_t sum[2], n[2], bad; /* by selector; bad of the first */
    struct hist_set hists;     /* of the first selector, of quantiles and means */
};

struct rule_gauge {
    double v;
    int64_t at_ms, interval_ms;
};

struct rule_window {
    const struct ruleexpr_term *term;
    int64_t sub_ms;
    int64_t covered_until_ms;
    struct rule_slot *slot; /* [RULE_SLOTS], by id; NULL of a gauge */
    struct rule_gauge *gauge;
    uint32_t gauge_count, gauge_cap;
    struct arena arena;                                     /* counts of hists */
    uint32_t want[2][RULEEXPR_PARTS_MAX + SCOPE_PARTS_MAX]; /* string ids, 0 = not seen yet */
    const struct scope_part *scope;
    uint32_t scope_count;
};

/* term and scope are borrowed. Errors: ERR_NOMEM. */
enum err rule_window_init(struct rule_window *w, const struct ruleexpr_term *term, const struct scope_part *scope,
                          uint32_t scope_count) GW_MUST_USE;
void rule_window_fini(struct rule_window *w);
void rule_window_forget(struct rule_window *w); /* all but who feeds it */
/* Values that no series had yet may have been seen since. */
void rule_window_find(struct rule_window *w, const struct intern *strings);
/* Whether selector i of it takes the series. */
bool rule_window_has(const struct rule_window *w, uint32_t i, const struct series *s);
/* Restricts a query to what selector i takes; memory in a. Errors: ERR_NOMEM. */
enum err rule_window_filter(const struct rule_window *w, uint32_t i, struct arena *a, struct store_filter *f) GW_MUST_USE;
/* Errors: ERR_NOMEM. */
enum err rule_window_add_gauge(struct rule_window *w, uint32_t *ret_cell) GW_MUST_USE;

/* Feeds an item of selector i. bounds: of the series, NULL = exponential; cell: a gauge's. Errors: ERR_NOMEM (a: scratch). */
enum err rule_window_feed(struct rule_window *w, uint32_t i, const struct store_item *item, const struct hist_bounds *bounds, uint32_t cell,
                          const struct interval *in, struct arena *a) GW_MUST_USE;
/* After the items of an interval: it was observed. */
void rule_window_covered(struct rule_window *w, const struct interval *in);
/* The slot that holds t, emptied when it held something older; NULL: t is too old. */
struct rule_slot *rule_window_slot(struct rule_window *w, int64_t t_ms);
/* What the term is at now_ms, NaN = unknown. a: scratch. */
double rule_window_value(const struct rule_window *w, int64_t now_ms, struct arena *a);

/* A rule of the configuration, as it stands. */
struct rule_track {
    const struct config_rule *def;
    struct watch scope;
    const char *rule; /* "rule:NAME" */
    uint32_t incident;
    struct rule_window window[RULEEXPR_TERMS_MAX];
    bool touched, failed;
    enum alert_state state;
    bool was_firing; /* ALERT_NO_DATA: it fired when its data went away */
    bool known;      /* its value was known once */
    int64_t since_ms, onset_ms;
    int64_t now_ms;                         /* it was judged up to then */
    int64_t holds_ms, fails_ms, unknown_ms; /* since when it has, without a break; 0 = it does not */
    double value;                           /* of its first comparison */
};

#endif
