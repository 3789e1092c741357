/* SPDX-License-Identifier: MIT */
/* Pane 6: the list of incidents, and one in detail. */
#ifndef GWTOP_VIEW_VIEW_INCIDENTS_H
#define GWTOP_VIEW_VIEW_INCIDENTS_H

#include "model/rulelist.h"
#include "view/view.h"
#include "view/view_overview.h"
#include "view/view_symptoms.h"

/* Of an incident of a latency objective: answers that took longer than that allows, while it did harm. */
struct vslowed {
    const char *over; /* "640 ms (stage_latency)"; NULL: it is of something else, or not counted: of the newest ones it is */
    bool known;
    uint64_t slow, answers;
    enum exactness exact; /* of slow */
};
/* in: with what operators said of its state and owner; note: the newest note on it ("" = nobody wrote one), by whom and when is in the
 * acts. */
struct vincident {
    struct incident in;        /* its severity is the worst that it reached */
    const char *duration_text; /* "12m", "9m to 12m so far" of one that began in a hole, ">=1m15s, then not known", "?" */
    const char *note;
    uint64_t lost;
    bool lost_known;
    enum exactness lost_exact;
    struct vslowed slowed;
    const char *apart;    /* "it is the watching that fails": what traffic did meanwhile is not its; NULL; of the newest ones it is told */
    bool of_money;        /* a budget's alone: what fails in its scope is not its doing; of the newest ones it is told */
    bool harmed;          /* by the data (view/vharm.h); of the newest ones it is counted */
    const char *bad_text; /* how bad: "4.44k lost", "16.3k slow" of one of a latency objective; "no harm" of a budget; "?" */
    const char *short_text;      /* how long in one number: "12m", ">=9m", "?" */
    const char *onset_error;     /* " +-40s" where the onset is told no better than by a poll, "" */
    int64_t from_ms, from_by_ms; /* it began between these; the same where that is told to a poll */
    int64_t to_ms;               /* its end; else the cursor, or the last that was told of it */
    bool is_silent;              /* it is not over as far as that, and nothing is known of it since */
    int64_t counted_from_ms;     /* where recording began, if that is after its onset: what is counted of it is at least so much; else 0 */
    const char *said_by;         /* whose word its state is; "" = nobody's, the data's */
    int64_t said_ms;
    int64_t again_ms;         /* a word on its state holds no more, since it fires again; 0 = none was undone */
    const char *again_text;   /* "ann's word that it was mitigated holds no more: slo:x:page-1h fires" */
    const char *next_step;    /* "" = none was said */
    int64_t snoozed_until_ms; /* 0 = it is not put off at the cursor */
    const char *snooze_reason, *snoozed_by;
    struct vnum spend;         /* USD booked in its scope while it lasted; NaN: not known */
    uint32_t rules;            /* that fired in it; 0 also where that is not counted: of the newest ones it is */
    uint32_t children;         /* that are told under it */
    uint64_t refused;          /* by the gateway itself, beside what is lost: as well known and as exact */
    bool refusals;             /* and that is worth a place */
    enum severity present;     /* the worst of what fires of it at the cursor; SEV_NONE: nothing does */
    bool eased;                /* less than it was: what fires of it asks for less */
    const char *severity_text; /* "page", "page, now ticket" */
};
/* An earlier incident that was like it. */
struct vsimilar {
    int64_t id;
    double score;         /* 0.5 to 1: what both have of what either has (analysis/similar.h); a rank, no probability */
    const char *fix;      /* what an operator said that ended it, else the last note on it; "" = nobody wrote it down */
    const char *fixed_by; /* "" where nobody said so */
    const char *lasted;   /* in one number: "41m", ">=9m", "?" */
    const char *text;     /* "#29, 14 Oct: rerouted, over in 41m" */
};
/* An entry of an incident's story: what was noted, what was said, and what was worked out when the screen was. */
struct ventry {
    /* "t12": the recorder noted it; "n5": somebody said it; what `correct` and `pin` take. "": it waits to be taken in, or was worked
     * out */
    const char *id;
    int64_t at_ms, known_ms;
    char letter;
    const char *text, *source; /* as corrected; who says so */
    const char *was;           /* what it said before anybody corrected it; "" = nobody did */
    const char *corrected_by;  /* who did last, and when */
    int64_t corrected_ms;
    const char *pinned_by; /* "" = nobody keeps it in view */
    bool is_said;          /* somebody said it; else it was noted or worked out */
    bool pending;          /* the recorder has not taken it in yet */
    bool hollow;           /* known more than VIEW_FOUND_LATER_MS after it was so: found, not seen */
};
/* A bar of the incident's own chart: what changed, or fired, from .. to. Bars that follow each other with one label are one line. */
struct vbar {
    const char *label, *change;
    int64_t from_ms, to_ms; /* to_ms 0: it goes on */
    enum severity severity;
};
/* The incident itself as such a line. 0 = not, or not known then. */
struct vlife {
    int64_t onset_ms, detected_ms, acked_ms, mitigated_ms, ended_ms, resolved_ms;
    bool onset_hollow; /* the onset was found later */
};
/* A rule of the incident. */
struct vincident_rule {
    const struct alert *al; /* its last firing, with the evidence; else the newest of it */
    enum alert_state state;
    int64_t since_ms, to_ms; /* of its last firing; to_ms 0: it fires */
    uint32_t times;          /* it fired so often */
};
/* What the impact lines say, as numbers: of (from_ms, to_ms], within the incident's scope. */
struct vimpact {
    int64_t from_ms, to_ms; /* from its onset to the last moment at which it may have ended, or as far as it is known */
    bool known;             /* requests were recorded then */
    bool torn;              /* and how many of them failed is not known */
    const char *apart;      /* as struct vincident's: nothing here is known then */
    bool of_money;          /* as struct vincident's: failed is told as what failed beside it */
    uint64_t failed, counted, by_class[OUTCOME_COUNT];
    enum exactness exact; /* of failed, and of counted */
    struct vnum percent;  /* failed of counted */
    bool fallbacks_known;
    uint64_t fallbacks;
    enum exactness fallbacks_exact;
    const char *handed_to; /* who took most of them, and how many others there are */
    struct vnum spend;     /* USD, booked */
    /* What the gateway refused itself, of all that was asked in its scope: no failures, and not among counted (view/vloss.h). As exact as
     * failed. */
    uint64_t refused, asked;
    bool refusals;            /* they are worth a place */
    const char *refused_why;  /* "budget spent 840, rate limit 3"; "" */
    const char *refused_text; /* "843 of 850 requests refused (budget spent)"; "" where they are not worth a place */
    struct vnum unspent;      /* USD that it would have cost; NaN */
    int64_t refused_until_ms; /* the budget refused up to here, and answers came since; 0 = it refuses, never did, or nobody asks */
    int64_t anew_ms;          /* when the gateway's budget that the incident is of starts anew; 0 = not known, or of none */
    /* Of all scopes in which an alert fired, each request once; "" = there is but the incident's own. */
    const char *scope_text, *all_scopes; /* "model c-s"; "model c-s; all requests" */
    uint64_t all_failed, all_counted, all_refused;
    enum exactness all_exact;
    bool all_known;
    const char *unsplit,
        *spend_unsplit; /* "not split by stage": why requests, or spend, of its scope are not known though they are recorded; "" */
};
struct view_incidents {
    /* Those that are told under another stand behind list[count - 1], grouped as their parents are (view_incident_children). */
    const struct vincident *list;
    size_t count, child_count;
    size_t older;                   /* known ones that are not in the list: view_load_incidents_since has them */
    int64_t selected;               /* incident id, 0 = none */
    const struct vincident *detail; /* NULL when nothing is selected */
    struct vimpact counts;          /* of detail */
    struct vslowed slowed;          /* of detail, however old it is */
    const struct slo *slow;         /* its latency objective, NULL where it is of something else */
    struct view_symptoms symptoms;  /* of detail, while it did harm */
    struct vlife life;
    const struct vbar *bars;
    size_t bar_count;
    const struct vincident_rule *rules; /* those that fire first, the severest, the newest */
    size_t rule_count;
    const struct timeline_entry *timeline;
    size_t timeline_count;
    const struct ventry *entries; /* the timeline with what was said, in time order, corrections and pins folded in */
    size_t entry_count;
    const struct alert *alerts; /* all transitions of its rules, in time order */
    size_t alert_count;
    const struct rule_info *duties; /* of what fired in it: what to do, and whose it is */
    size_t duty_count;
    const struct vsuspect *suspects;
    size_t suspect_count;
    const char *suspect_note;  /* why none of them is a culprit, or "" */
    const struct vpage *pages; /* while it is open */
    size_t page_count;
    struct vhits hits; /* while it did harm */
    const char *const *impact;
    const char *seen_before; /* "#29, 14 Oct: rerouted, over in 41m; 2 more": the likest of similar; "" */
    const struct vsimilar *similar;
    size_t similar_count;
    size_t impact_count; /* "requests lost  1,041 of 2.9k to gpt-x" */
    const char *const *acts;
    size_t act_count; /* acknowledgements and notes, pending ones marked */
    /* what the filter does to the list, "" without one: incidents apart from it are left out, the others are whole */
    const char *filter_text;
    const char *rules_text; /* "NO RULES: nothing can page" or "" */
};

/* Those that are told under in, as they were when they turned out to be parts of it, the newest first; in->children of them, NULL where
 * there are none. */
const struct vincident *view_incident_children(const struct view_incidents *v, const struct vincident *in);

#endif
