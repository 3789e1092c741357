/* SPDX-License-Identifier: MIT */
/* The post-mortem of one incident, and the status update on it: what was recorded, told whole, at the incident's own time. What a person
 * must add (the cause, what to do about it, what customers were told) is not in it. */
#ifndef GWTOP_VIEW_VIEW_REPORT_H
#define GWTOP_VIEW_VIEW_REPORT_H

#include "view/view_incidents.h"

enum { VREPORT_SUMMARY_MAX = 3, VREPORT_STEPS = 7, VREPORT_STATUS_MAX = 4 };

/* A chart of the time around the incident. A column that is NaN: nothing was recorded, or nothing was asked for. */
struct vreport_chart {
    const char *what; /* "requests that failed"; "" = there is none */
    const char *unit; /* "%", "$/h" */
    struct view_axis axis;
    struct vstrip strip;
};
/* An objective whose rules fired. total, bad: while the incident lasted; of latency bad is certainly above the threshold. */
struct vreport_slo {
    const struct vslo *slo; /* as of the incident's end */
    const char *scope;      /* "model=gpt-x,team=search": of the objective, which may be wider than the incident's; "" = all requests */
    bool opened;            /* its rule was the first that fired */
    uint64_t total, bad;
    enum exactness exact;  /* of these two */
    struct vnum percent;   /* bad of total */
    struct vnum spent;     /* share of the period's budget that this incident spent, 1 = all of it */
    const char *bad_means; /* "failed", "took longer than 2 s to begin" */
    const char *rules;     /* "page-1h 15:12:37Z to 15:31:37Z, page-6h 15:20:37Z" */
    struct vreport_chart chart;
};
/* A step of its detection, each after the onset. at_ms 0: it did not happen, or not yet, and when says so. */
struct vreport_step {
    const char *name;                      /* "onset", "first alert", "opened", "acknowledged", "mitigated", "end", "resolved" */
    int64_t at_ms;                         /* when, */
    const char *when;                      /* with how exactly that is known, or since when gwtop knows it */
    const char *after;                     /* "7m", "6m to 8m", "" */
    int64_t after_least_ms, after_most_ms; /* -1: not known */
};
/* Who spent in an incident's time, and in as much time before. */
struct vreport_spender {
    const char *name; /* "other": those that are not told */
    int64_t nusd;
    enum exactness exact;
    struct vnum usual; /* USD; NaN: not recorded */
};
struct vreport_gap {
    const char *source, *reason;
    int64_t from_ms, to_ms;
    bool counts; /* its figures are among those of the incident: it counts requests, of a budget's incident spend */
    bool lost;   /* what it counted then is not known; else it came with the next answer, and when in it is not known */
};
struct view_report {
    int64_t asked; /* the incident that was asked for, where it is told under another: this is that one's report; else 0 */
    struct view_incidents incidents; /* with the detail, its entries, suspects, teams that were hit, and those that were like it */
    const char *scope_text;          /* "model gpt-x", "all requests" */
    const char *state_text;          /* "resolved at 15:55:37Z", "open, going on", "open: errors ended, and ticket-1d still fires" */
    const char *summary[VREPORT_SUMMARY_MAX];
    size_t summary_count;
    const char *status[VREPORT_STATUS_MAX]; /* the status update; the line for the next one, where there is one, is the caller's */
    size_t status_count;
    struct vhits keys; /* who was hit, by key */
    struct vreport_step steps[VREPORT_STEPS];
    const struct vreport_slo *slos;
    size_t slo_count;
    struct vreport_chart spend; /* of a budget's incident */
    /* USD that requests at fallbacks cost beyond the same tokens at their models' own deployments; 0: there were none; NaN: not known, and
     * why */
    struct vnum extra;
    const char *extra_note;
    struct vnum usual_spend;                          /* USD of a time of the same length before; NaN: not recorded */
    const char *usual_text;                           /* "1d ago"; "" */
    const struct vreport_spender *teams, *keys_spent; /* of a budget's incident: who spent what of it, the most first */
    size_t team_count, keys_spent_count;
    const struct event *changes; /* what may have to do with it, as suspects are looked for: no symptom */
    size_t change_count;         /* in (changes_from_ms, changes_to_ms], oldest first */
    int64_t changes_from_ms, changes_to_ms;
    const struct vreport_gap *gaps;
    size_t gap_count; /* in (gaps_from_ms, gaps_to_ms], of every source */
    int64_t gaps_from_ms, gaps_to_ms;
    const char *gap_note; /* "recorded since 15:00Z: what came before is not known"; "" */
    const char *again;    /* "its rules fired again from 15:53:37Z to 15:55:37Z, after the end above: not in the figures"; "" */
};

#endif
