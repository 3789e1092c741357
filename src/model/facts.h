/* SPDX-License-Identifier: MIT */
/* Things that are known rather than measured: events, alerts, incidents and their timeline, SLO definitions, states of sources.
 *
 * Each carries two times: at_ms, when it was so, and known_ms, when gwtop learned of it. At a past cursor T a reader keeps the facts
 * with known_ms <= T; an onset found later is a hollow mark. Text members are safe text, borrowed from the arena they were read into. */
#ifndef GWTOP_MODEL_FACTS_H
#define GWTOP_MODEL_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/timefmt.h"
#include "model/dims.h"
#include "model/signal.h"

enum severity { SEV_NONE, SEV_TICKET, SEV_PAGE };
const char *severity_name(enum severity s); /* "none", "ticket", "page" */

enum event_kind {
    EVENT_DEPLOY,
    EVENT_MODEL_VERSION,
    EVENT_CONFIG,
    EVENT_PRICE,
    EVENT_RESTART,
    EVENT_KEY,
    EVENT_QUALITY,
    EVENT_ERRORS,
    EVENT_FALLBACK,
    EVENT_SOURCE,
    EVENT_PROVIDER,
    EVENT_MARK,
    EVENT_PAGE,
    EVENT_SILENCE, /* made from here, in another system */
    EVENT_KIND_COUNT
};
const char *event_kind_name(enum event_kind k);
char event_kind_letter(enum event_kind k); /* the mark on the event row: d m c $ r k q E f s p * P z */

struct event {
    int64_t id, at_ms, known_ms;
    enum event_kind kind;
    const char *scope;  /* "model=gpt-x", "key=f31a", "" for all */
    const char *text;   /* one sentence */
    const char *source; /* who says so: source name, "gwtop", or an operator */
    const char *key;    /* what it was put under (store_put_event); read only */
};

enum { SCOPE_PARTS_MAX = 4 };
/* A condition of a scope: dim is value. */
struct scope_part {
    enum dim dim;
    const char *value;
};

/* What whoever is called by a rule needs, as the configuration says it; NULL = not said. */
struct duty {
    const char *runbook; /* address or path */
    const char *owner, *contact;
};

/* A service level objective as configured. */
enum slo_kind { SLO_AVAILABILITY, SLO_LATENCY };
struct slo {
    const char *name;
    enum slo_kind kind;
    double objective;     /* share of good requests, in (0, 1) */
    int64_t period_ms;    /* 30 d */
    enum signal signal;   /* latency: SIG_TTFT, SIG_TPOT, SIG_E2E or SIG_STAGE_LATENCY */
    double threshold;     /* latency: seconds; good is <= threshold */
    uint32_t scope_count; /* all of them must hold */
    struct scope_part scope[SCOPE_PARTS_MAX];
    struct duty duty;
};

/* A rule's state for one scope at one evaluation. With severity SEV_NONE it is a finding: what a detector found by itself, which pages
 * nobody and opens no incident; it fires until what it found is over. */
enum alert_state { ALERT_INACTIVE, ALERT_FIRING, ALERT_NO_DATA };
/* Whether anything is told of what a finding is of: within a quarter of an hour, or where nobody can tell (NONE); not since an instant;
 * not since before one; or it was not looked at. */
enum finding_silence { SILENCE_NONE, SILENCE_SINCE, SILENCE_BEFORE, SILENCE_UNASKED };
struct alert {
    int64_t id;
    /* "slo:gpt-x availability:page-1h", "budget:all:page-1h", a gateway's own budget "budget:team search:ticket-gateway"; findings:
     * "quality:json_valid", "canary:NAME", "key:GATEWAY", "fallback:GATEWAY", "price:GATEWAY" */
    const char *rule;
    const char *scope; /* "model=gpt-x" */
    enum severity severity;
    enum alert_state state;
    int64_t since_ms;       /* when this state began (interval's end) */
    int64_t onset_ms;       /* when the trouble began by the data, 0 = not known */
    int64_t onset_error_ms; /* it is known to within this; 0 = how exactly is not told */
    int64_t ended_ms; /* findings: what was found fell back then, as the newest polls prove, though it is held open; 0 = they do not */
    int64_t ended_error_ms; /* that is known to within this */
    int64_t known_ms;
    /* That it is a part of; read, that under which it is told at the cursor, the parent of its own. 0 = of none, or of an earlier
     * version's, of which its scope tells (incident_is_of). */
    int64_t incident;
    double burn_long, burn_short; /* burn rates at the transition; findings: the usual level and the one found, shares, per second, or
                                    * tokens per answer */
    int64_t window_long_ms, window_short_ms; /* findings: how much of the day before the onset was observed, and over what it was found */
    /* Over the long window; budgets: nano-USD spent and allowed, or used and limit; findings that were taken for normal: 0; of a length:
     * answers and tokens. */
    int64_t bad, total;
    /* Not kept, but read by views (view/vfinding.h), of findings of scores and shares of answers: where nothing is told of it nobody knows
     * whether it lasts. silent_ms: of SINCE and BEFORE, else 0. */
    enum finding_silence silence;
    int64_t silent_ms;
    int64_t onset_from_ms, onset_to_ms; /* the same: between which the onset lies, where the recorder tells it apart; 0 = it does not */
    const char *text;                   /* one sentence of evidence */
};

/* When its trouble began, and how exactly that is known: before it was found. */
struct instant_between alert_onset(const struct alert *al);
bool alert_is_finding(const struct alert *al);
/* By rule, then by scope: 0 of transitions of one alert. */
int alert_compare(const struct alert *a, const struct alert *b);
/* Of a rule that fires: not a finding. */
bool alert_is_firing_rule(const struct alert *al);

enum incident_state { INCIDENT_OPEN, INCIDENT_ACKNOWLEDGED, INCIDENT_MITIGATED, INCIDENT_RESOLVED };
const char *incident_state_name(enum incident_state s); /* "open", "acknowledged", "mitigated", "resolved" */
struct incident {
    int64_t id;
    const char *title, *scope;
    enum severity severity; /* since it opened, or was opened again */
    enum severity worst;    /* of all that is known of it; the store tells it */
    enum incident_state state;
    int64_t onset_ms, opened_ms, resolved_ms; /* 0 = not (yet) */
    int64_t onset_error_ms;                   /* the onset is known to within this; 0 = how exactly is not told */
    int64_t ended_ms, ended_error_ms; /* when what was wrong fell back to what is allowed, known to within the error; 0 = not (known) yet */
    int64_t known_ms;
    const char *owner; /* "" = nobody */
    int64_t parent;    /* the incident that it turned out to be a part of, under which it is told from then on; 0 = none */
};

/* Whether a budget's incident is called after the budget that a rule "budget:NAME:..." is of. */
bool incident_is_called_after(const struct incident *in, const char *rule);
/* When it stopped doing harm: the end of its trouble, else when it was resolved; 0 = not yet. */
int64_t incident_end_ms(const struct incident *in);
/* Not where its begin and its end are not told apart: what a poll counted after a hole happened at some time of it. */
bool incident_length_is_known(const struct incident *in);
bool incident_is_of_budget(const struct incident *in);
/* The name of the outside alert that it was opened by, which its title ends with ("gpt-x alert GatewayErrors"); NULL: by a rule of gwtop's
 * own. */
const char *incident_outside_name(const struct incident *in);
/* Whether the alert is a part of it. Of alerts of earlier versions, which do not say: whether it was opened for their rule, for the
 * objectives of a scope shared an incident, and a budget had its own, titled "budget NAME". */
bool incident_is_of(const struct incident *in, const struct alert *al);
/* The NAME of "budget:NAME:..."; {NULL, 0} when the rule is no budget's. */
struct str budget_of_rule(const char *rule);

struct timeline_entry {
    int64_t id, incident, at_ms, known_ms;
    char letter;
    const char *text, *source;
};

/* SOURCE_SAWTOOTH: it answers, but its counters go up and down, as when several workers answer in turn behind one port: nothing that is
 * counted can be told from it.
 * SOURCE_PARTIAL: it answers, but without series that it had and that do not go away by themselves.
 * SOURCE_WATCHING: it answers, and its counters fell, or rose as never before: a restart, more load, or the first sign of several workers.
 * The next polls tell which; until then nothing that is counted is sure; where a few counters fell, of their signals. */
enum source_state { SOURCE_NEVER, SOURCE_OK, SOURCE_STALE, SOURCE_DOWN, SOURCE_STOPPED, SOURCE_SAWTOOTH, SOURCE_PARTIAL, SOURCE_WATCHING };
const char *source_state_name(enum source_state s); /* "never", "ok", "stale", "down", "stopped", "sawtooth", "partial", "watching" */

/* What an answer lacks that earlier ones of the same process had; bit s is signal s. */
struct source_lack {
    int64_t since_ms;    /* the last answer that lacked nothing; 0 = nothing is lacking */
    uint64_t part;       /* some series of the signal are missing: its sums are lower bounds */
    uint64_t family;     /* and all of one of the metrics that make it up (the failures, say, of requests): no ratio of it is known */
    uint64_t all;        /* nothing of it is left. family and all are subsets of part */
    const char *metrics; /* how much of which metrics, for a later run of the recorder (record/lacks.h); NULL or "" = not told */
};

struct source_status {
    uint32_t id;
    const char *name, *kind, *url, *gateway, *profile; /* url without credentials */
    enum source_state state;
    int64_t interval_ms;
    int64_t last_ok_ms, last_try_ms; /* 0 = never */
    const char *reason;              /* why it is not OK, "" when it is */
    int32_t http_status;             /* 0 = none */
    int64_t bytes, duration_ms;      /* of the last answer */
    int64_t slow_ms; /* how long it took to answer lately, at the longest, where that is more than its interval; 0 = it is not */
    uint32_t series_seen, series_kept, series_dropped, families_unknown;
    uint32_t warnings;
    const char *warning;       /* the first one, with its line number */
    int64_t sawtooth_since_ms; /* SOURCE_SAWTOOTH: the last poll whose counts are known; 0 = its counters are no saw */
    int64_t watching_since_ms; /* SOURCE_WATCHING: the last poll whose counts are sure, 0 = all are; never with sawtooth_since_ms */
    uint64_t watching_signals; /* of which signals they are not, bit s; 0 = of all that it counts */
    struct source_lack lack;   /* SOURCE_PARTIAL */
    int64_t frozen_since_ms;   /* SOURCE_DOWN: it answers with the same page since then (source/frozen.h), 0 = that is not why */
    int64_t cert_expiry_ms;    /* 0 = no certificate */
    double polls_per_s;        /* of the last 15 min, over the part of them in which it was polled */
};

/* Whether it tells what changed, or was posted, and measures nothing: that it answers says nothing of the gateway. */
bool source_is_of_changes(const struct source_status *s);

#endif
