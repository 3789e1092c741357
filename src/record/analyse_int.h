/* SPDX-License-Identifier: MIT */
/* The inside of the analyser, shared by analyse*.c.
 *
 * How a step goes: the batch's items are handed, through an index from series id to links, to the objectives and detectors that their
 * series feeds (a series that feeds nothing costs one look-up); then every touched objective is evaluated and every detector sees the
 * end of the interval. What that means goes out as facts into the transaction that the batch itself will be part of.
 * How a restart goes: states of rules and findings come from the alerts in the store, open incidents from the incidents there, and windows
 * and baselines from the measurements; only what those do not say is kept in the note "analyser". */
#ifndef GWTOP_RECORD_ANALYSE_INT_H
#define GWTOP_RECORD_ANALYSE_INT_H

#include "analysis/burn.h"
#include "analysis/grouping.h"
#include "analysis/slo.h"
#include "analysis/topology.h"
#include "model/paging.h"
#include "record/analyse.h"

enum {
    MINUTE_MS = 60000,
    HOUR_MS = 60 * MINUTE_MS,
    INCIDENT_CALM_MS = 10 * MINUTE_MS,   /* of data without an alert resolve an incident */
    INCIDENT_REOPEN_MS = 30 * MINUTE_MS, /* trouble that is back within this is the same incident */
    DETECTORS_MAX = 10,
    LINK_GROUPS_MAX = 2048, /* of one detector */
    TORN_MAX = 256,
    SCRATCH_MAX_BYTES = 256 << 20, /* of results while windows are rebuilt; a step needs a few KB */
};
#define DAY_MS (24 * (int64_t)HOUR_MS)

/* One interval of one source, as objectives and detectors see it. */
struct interval {
    uint32_t source;
    int64_t t0_ms, t1_ms; /* t0 0: not known when its increments happened */
    int64_t known_ms;
    bool backfill;
    bool revised; /* as of struct store_batch */
};

/* The scope of an objective or a budget. */
struct watch {
    const struct scope_part *part;
    uint32_t count;
    const char *text;               /* "model=gpt-x", dims in their order */
    const char *subject;            /* "openai/gpt-x", "all traffic" */
    uint32_t want[SCOPE_PARTS_MAX]; /* store ids of its values, 0 = not seen yet */
};

struct slo_track {
    const struct slo *def;
    struct watch scope;
    const char *rule[SLO_RULES]; /* "slo:NAME:page-1h" */
    struct slo_state *state;
    uint32_t incident; /* index in incidents */
    bool torn;         /* a source that feeds it tells a part alone: it is fed nothing */
    bool touched;      /* by the batch at hand, with the counts below */
    uint64_t total, bad_lo, bad_hi;
};

/* A configured budget, or the gateway's own of a team, key or provider as its gauges tell it. */
struct budget_track {
    const struct config_budget *def; /* NULL: the gateway's own */
    const char *name;
    struct watch scope;
    const char *rule[BURN_RULES]; /* "budget:NAME:page-1h"; of the gateway's own the last alone: "budget:team search:ticket-gateway" */
    struct burn_state *state;
    uint32_t incident;
    bool touched; /* by the batch at hand, with what it spent */
    int64_t spent_nusd;
    int64_t limit_nusd;                /* 0: not told yet */
    int64_t used_nusd, from_ms, to_ms; /* of the period at hand; to 0: not begun, of the gateway's own: not told */
    struct gauges {
        double limit, left, reset_s;
        uint32_t source; /* that told what is left */
    } told;
};

/* Rules that are told together: those of a scope's objectives, or of a budget. What they say goes into one incident at a time. */
struct incident_track {
    const char *scope; /* its own; NULL: a free place */
    const char *title; /* the budget's, "" of objectives */
    bool of_budget;
    uint32_t users;   /* how many asked for it */
    uint32_t outside; /* the scope of outside alerts that it is: its place and 1, 0 = none */
    uint32_t at;      /* the incident that they are of: its place in cases and 1, 0 = none */
    int64_t onset_ms; /* of what fired last, 0 = not known */
};

enum { RULE_TEXT_MAX = 160 };

/* An incident that is open, or was until half an hour ago. */
struct incident_case {
    int64_t id;     /* 0: a free place */
    uint32_t group; /* grouping's number of it, 0 = none (any more) */
    const char *scope,
        *title;   /* of its first alert of the highest severity; a budget gives way to what fails; its own: analyse_case_name() */
    uint32_t own; /* the track that title and scope are of: its place and 1; 0 = one that is not watched any more */
    bool of_budget;
    bool open;
    bool told;      /* the onset is what another system says, and no data */
    bool elsewhere; /* it is of what is not known here (analyse_place_is_elsewhere) */
    enum severity severity;
    int64_t onset_ms, onset_error_ms, opened_ms, ended_ms, ended_error_ms, resolved_ms;
    int64_t calm_ms;  /* since when nothing fires, 0 = something does */
    bool end_settled; /* it was calm for long enough after ended_ms; else that is taken back without a word when the trouble is */
    bool owed;        /* paged by back-filled data: pages once what fires does so as of a live interval */
    bool held;        /* its page waits until due_ms, for it may be one with another that is open */
    int64_t due_ms;
    char page_rule[RULE_TEXT_MAX], page_text[PAGE_TEXT_MAX]; /* what it is, or was, to page */
};

struct source_track {
    int64_t first_ms, last_ms; /* first and newest interval, 0 = none; index = the store's id */
};

/* A time (from_ms, to_ms] of which a source told of some signals a part that allows no ratio (analyse_torn.c). */
struct torn {
    uint32_t source;
    bool lasts; /* to_ms is not known yet */
    int64_t from_ms, to_ms;
    uint64_t signals; /* bit s is signal s */
};

/* What the items of a series go to. */
struct link {
    uint8_t to;        /* LINK_SLO, LINK_BUDGET, LINK_RULE or LINK_DETECTOR + row of the table */
    uint8_t mark;      /* objectives and budgets: enum link_mark; rules: which selector of the term */
    uint32_t slot;     /* rules: rule * RULEEXPR_TERMS_MAX + term */
    uint32_t certain;  /* histogram: buckets from here on are above the threshold; rules: a gauge's cell, or the series' bounds */
    uint32_t possible; /* and from here on they may hold such */
};
enum { LINK_SLO, LINK_BUDGET, LINK_RULE, LINK_DETECTOR };
enum link_mark { MARK_GOOD, MARK_BAD, MARK_HIST, MARK_SPEND, MARK_LIMIT, MARK_LEFT, MARK_RESET };

struct links {
    struct link *list;
    uint32_t count, cap;
};

enum { LOOKED_KEPT = 8 };

/* What most of what is wrong has (analyse_place.c): the windows of an objective fire at once, and what is wrong of all traffic is asked of
 * each. */
struct looked {
    uint32_t shows, signal;
    double threshold;
    int64_t from_ms, at_ms;
    uint32_t scope[DIM_COUNT], dim[DIM_COUNT];
};

struct analyser {
    struct store *st;
    const struct config *cfg;
    struct arena arena;   /* texts of definitions; for the analyser's life */
    struct arena scratch; /* one step's */
    struct slo_track *slos;
    uint32_t slo_count;
    struct budget_track *budgets; /* the configured ones first */
    uint32_t budget_count, budget_cap;
    struct outsides *outside;
    struct rule_track *rules;
    uint32_t rule_count;
    struct builtin_track *builtins;
    uint32_t builtin_count;
    int64_t builtin_ms, builtin_from_ms; /* when they were judged last, and first in this run */
    struct incident_track *incidents;
    uint32_t incident_count, incident_cap;
    struct incident_case *cases;
    uint32_t case_count, case_cap;
    struct places *places; /* what values follow from others (analyse_follow.c); NULL: nothing was asked yet */
    struct grouping *grouping;
    const struct store_batch *batches, *unstored; /* of the step at hand, and those of earlier steps that are not stored yet */
    size_t batch_count, unstored_count;
    struct looked looked[LOOKED_KEPT]; /* in the step at hand, in a ring */
    uint32_t looked_count;
    struct topology *topology;
    size_t topology_seen;       /* series that it has taken in */
    struct rootrank_edge *ways; /* of it, what grouping is told */
    struct source_track *sources;
    uint32_t source_cap;
    struct links links;
    uint32_t *link_end; /* links of series i (from 0) are link_end[i - 1] .. link_end[i] */
    uint32_t indexed, index_cap;
    uint32_t index_count; /* times that it was begun anew */
    uint64_t *kept;       /* by source id, bit s: others have the word for signal s; as the index was built with */
    uint32_t kept_cap;
    struct store_stage *kept_stages; /* of others as well, though their sources have the word for other stages */
    uint32_t kept_stage_count, kept_stage_cap;
    bool ruled;                    /* kept is filled in */
    int64_t ruled_ms;              /* when the rulings were last compared with the store's */
    void *detector[DETECTORS_MAX]; /* states, by row of the table */
    const struct alert *findings;  /* as the store held them when the analyser opened */
    size_t finding_count;
    struct torn torn[TORN_MAX];
    uint32_t torn_count, torn_indexed;                         /* series that were looked at for what it concerns */
    bool torn_moved;                                           /* and it is another now */
    uint64_t torn_groups[DETECTORS_MAX][LINK_GROUPS_MAX / 64]; /* groups of detectors that are fed nothing, a bit each */
    bool opening; /* the index is being built from what the store holds: nothing in it is new */
    bool stale;   /* windows are not what the store holds: late data came, or another source has the word */
    int64_t rebuilt_ms;
    bool dirty; /* the note is to be written */
    struct page_log *pages;
    uint32_t evidence_source;
    int64_t evidence_ms;      /* when the evidence was last told */
    struct store_batch *told; /* evidence that is still to be stored */
    uint32_t told_count, told_cap;
    struct late *late; /* samples that came after their time and wait for the store to hold them (analyse_late.c), from late_at on */
    uint32_t late_at, late_count, late_cap;
    bool late_sorted;       /* by time, those that wait */
    int64_t late_oldest_ms; /* the end of the oldest of them */
    int64_t replay_ms;      /* from then on what waited when an earlier run ended is still to be read, 0 = nothing */
    int64_t late_noted_ms;  /* and of those that a restart is to feed from the store, as it is noted there; 0 = none */
    int64_t again_noted_ms; /* since when a restart is to judge again in the order of times, as it is noted; 0 = of nothing */
    int64_t judged_ms;      /* the end of the oldest that waits, as screens were told; 0 = none waits */
    int64_t again_ms;       /* wall time when some waited last */
    bool late_failed;       /* there was no memory for one */
    bool evidence_due;      /* it is another for certain: before the minute is over */
    int64_t late_ms;        /* wall time when some were fed last */
    int64_t as_of_ms;       /* while they are fed, the end of their interval; else 0 */
    uint32_t asked;         /* alarms of streams that this step looked into */
    uint32_t left;          /* streams that are not watched, as screens were told */
    uint32_t stream_total;  /* 0: to be counted */
    int64_t stream_step;    /* of the five minutes when it was counted */
};

/* ---- analyse.c ---- */

/* Grows *list to hold more than `need` entries of `size` bytes, new ones zeroed. Errors: ERR_NOMEM. */
enum err analyse_grow(void **list, uint32_t *cap, uint32_t need, size_t size, struct errctx *ctx) GW_MUST_USE;
enum err analyse_source(struct analyser *an, uint32_t source, struct source_track **ret, struct errctx *ctx) GW_MUST_USE;
int64_t analyse_newest_ms(const struct analyser *an); /* the newest interval's end, 0 = none */
int64_t analyse_as_of_ms(const struct analyser *an);  /* the same; while late samples are fed, their interval's */

/* ---- analyse_evidence.c ---- */

/* Tells the evidence of all streams once a minute. */
enum err analyse_evidence(struct analyser *an, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
void analyse_evidence_drop(struct analyser *an);

/* ---- analyse_index.c ---- */

/* Brings the index up to date with the store's series. Cost: O(new series * (objectives + detectors)). */
enum err analyse_index(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
enum err analyse_link(struct analyser *an, struct link l, struct errctx *ctx) GW_MUST_USE; /* of the series being indexed */
void analyse_index_drop(struct analyser *an);                                              /* it will be built anew */
/* Whether other sources have got the word for a signal since the index was built. */
enum err analyse_rulings_changed(struct analyser *an, bool *ret, struct errctx *ctx) GW_MUST_USE;
/* Allowed sources of a signal: *ret_ids NULL when all are. Memory from scratch. */
enum err analyse_allowed(struct analyser *an, enum signal signal, const uint32_t **ret_ids, uint32_t *ret_count,
                         struct errctx *ctx) GW_MUST_USE;

/* ---- analyse_scope.c ---- */

/* Names the scope; texts in a. Errors: ERR_NOMEM, without a text. */
enum err analyse_watch(struct arena *a, const struct scope_part *part, uint32_t count, struct watch *ret) GW_MUST_USE;
void analyse_watch_find(const struct analyser *an, struct watch *w); /* values that no series had yet may have been seen since */
bool analyse_watch_has(const struct watch *w, const struct series *s);
/* Which of the rules that are judged of a scope an alert is of; false: none. */
bool analyse_watch_rule(const struct watch *w, const char *const *rules, size_t count, const struct alert *al, size_t *ret);
/* Restricts a query to it; memory from scratch. Errors: ERR_NOMEM, without a text. */
enum err analyse_watch_filter(struct analyser *an, const struct watch *w, struct store_filter *f) GW_MUST_USE;

/* ---- analyse_windows.c ---- */

/* Fills the windows of objectives and budgets from the store, up to the newest interval of each source. */
enum err analyse_windows(struct analyser *an, struct errctx *ctx) GW_MUST_USE;

/* ---- analyse_torn.c ---- */

/* One that ended, or goes on (lasts) from where another began. */
void analyse_torn_add(struct analyser *an, const struct torn *t);
/* The source answers no more. */
void analyse_torn_silent(struct analyser *an, uint32_t source);
/* Finds out which objectives and groups of detectors are fed nothing; before items are handed out. Cost: O(series) when something
 * changed. */
void analyse_torn_mark(struct analyser *an);
bool analyse_torn_is(const struct analyser *an, const struct link *l); /* as marked */
/* Which time concerns which objective, for analyse_torn_then. Memory from scratch. Errors: ERR_NOMEM. */
enum err analyse_torn_slos(struct analyser *an, const bool **ret, struct errctx *ctx) GW_MUST_USE;
/* Whether some of (t0, t1] is not known of an objective; of any of some signals, from any source or from one. */
bool analyse_torn_then(const struct analyser *an, const bool *concerns, uint32_t slo, int64_t t0_ms, int64_t t1_ms);
bool analyse_torn_any(const struct analyser *an, uint64_t signals, int64_t t0_ms, int64_t t1_ms);
bool analyse_torn_source(const struct analyser *an, uint32_t source, uint64_t signals, int64_t t0_ms, int64_t t1_ms);

/* ---- analyse_slo.c ---- */

enum err analyse_slos_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
/* Whether the alert is of a rule that is configured. */
bool analyse_slos_know(struct analyser *an, const struct alert *al);
struct rule_change;
/* What the rule of an alert finds too much of, where it is one of these. */
void analyse_slos_shows(struct analyser *an, const struct alert *al, struct rule_change *c);
void analyse_slo_item(struct slo_track *t, const struct link *l, const struct store_item *item);
/* Evaluates what the interval touched. */
enum err analyse_slos_interval(struct analyser *an, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
enum err analyse_slos_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;

/* What fires of the rules of a track; adds to what is there. */
struct firing {
    enum severity worst; /* what it was before its data went away included */
    int64_t now_ms;      /* the newest interval's end */
    int64_t page_ms;     /* the same of what pages: as of when it is known to */
};
static inline void firing_add(struct firing *f, enum severity severity, int64_t now_ms)
{
    f->worst = severity > f->worst ? severity : f->worst;
    f->page_ms = severity == SEV_PAGE && now_ms > f->page_ms ? now_ms : f->page_ms;
}
void analyse_slos_firing(const struct analyser *an, uint32_t track, struct firing *f);
/* The last trouble since from_ms of the objectives of which a rule has fired since opened_ms, as slo_trouble_end(): over once that of all
 * of them is; of those that had any, the last. ret_begin: when it began, of the first of them; at_ms 0 where the last 5 min show nothing
 * wrong. false: there was none. */
bool analyse_slos_end(const struct analyser *an, uint32_t track, int64_t opened_ms, int64_t from_ms, struct slo_end *ret,
                      struct slo_end *ret_begin);

/* ---- analyse_budget.c: the same for budgets ---- */

enum err analyse_budgets_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
/* Reads what is used of their periods from the store, up to the newest interval. */
enum err analyse_budgets_used(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
bool analyse_budgets_know(struct analyser *an, const struct alert *al);
/* Makes tracks of the budgets that the gateways themselves have, among the series that are not indexed yet; *ret_any: of some whose spend
 * may be of series that are. */
enum err analyse_budgets_find(struct analyser *an, bool *ret_any, struct errctx *ctx) GW_MUST_USE;
/* Whether the series counts for the budget, and as what. */
bool analyse_budget_link(const struct budget_track *t, const struct series *s, struct link *l);
void analyse_budget_item(struct budget_track *t, const struct link *l, const struct store_item *item, const struct interval *in);
enum err analyse_budgets_interval(struct analyser *an, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
enum err analyse_budgets_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
void analyse_budgets_firing(const struct analyser *an, uint32_t track, struct firing *f);

/* ---- analyse_rule.c: the same for rules of the configuration ---- */

enum err analyse_rules_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
void analyse_rules_close(struct analyser *an);
bool analyse_rules_know(const struct analyser *an, const struct alert *al);
void analyse_rules_shows(const struct analyser *an, const struct alert *al, struct rule_change *c); /* as analyse_slos_shows() */
/* Links what of their terms a series feeds. */
enum err analyse_rules_series(struct analyser *an, const struct series *s, struct errctx *ctx) GW_MUST_USE;
/* The index begins anew (anew), or is brought up to date: values that had no series may have one. */
void analyse_rules_find(struct analyser *an, bool anew);
/* Fills their windows from the store. */
enum err analyse_rules_fill(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
void analyse_rule_item(struct analyser *an, const struct link *l, const struct store_item *item, const struct interval *in);
enum err analyse_rules_interval(struct analyser *an, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
enum err analyse_rules_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
void analyse_rules_firing(const struct analyser *an, uint32_t incident, struct firing *f);
struct json;
void analyse_rules_note(const struct analyser *an, struct json *w);

/* ---- analyse_builtin.c: rules that gwtop has by itself, over how sources stand ---- */

enum err analyse_builtins_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
bool analyse_builtins_know(const struct analyser *an, const struct alert *al);
/* Whether what the rule says is of no other trouble, whenever it fires: it opens its own incident, and no other alert joins that. */
bool analyse_builtins_apart(const struct analyser *an, const char *rule);
enum err analyse_builtins_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
void analyse_builtins_firing(const struct analyser *an, uint32_t incident, struct firing *f);

/* ---- analyse_incident.c ---- */

/* The track of a scope's objectives (budget_title NULL) or of a budget, made when new; the title is kept. Each call is one user of it. */
enum err analyse_incident_track(struct analyser *an, const char *scope, const char *budget_title, uint32_t *ret,
                                struct errctx *ctx) GW_MUST_USE;
/* One user less, of which the last frees it: an incident that is of it goes on without. */
void analyse_incident_untrack(struct analyser *an, uint32_t incident);
/* The tracks' state from the store; when all of them are made. */
enum err analyse_incidents_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
/* A rule changed state. Texts NULL: ERR_NOMEM. */
struct rule_change {
    const char *rule, *name; /* "slo:NAME:page-1h", "page-1h" */
    enum severity severity;
    bool was_firing; /* before, what it was before its data went away included */
    enum alert_state state;
    int64_t since_ms, onset_ms; /* onset 0: not known */
    int64_t onset_error_ms;
    const char *title;    /* of an incident that it opens */
    const char *evidence; /* "budget burn 16x over 1h and 212x over 5m" */
    const char *begins;   /* what is noted at the onset */
    char begins_letter;   /* of that */
    bool begins_event;    /* it is an event of the errors, too */
    const char *silent;   /* "5m": the time without data after which it cannot be judged */
    /* What it is that the rule found too much of: whose it is says where the trouble is, beyond the scope. */
    enum { SHOWS_NOTHING, SHOWS_FAILURES, SHOWS_SLOW, SHOWS_SPEND } shows;
    enum signal signal;    /* SHOWS_SLOW: of what, */
    double threshold;      /* above so much */
    const char *component; /* where it is, by its name (analysis/topology.h); NULL: as the scope says */
    const char *ends;      /* what is noted when it fires no more; NULL: "NAME is over" */
};
enum err analyse_incident_change(struct analyser *an, uint32_t incident, const struct rule_change *c, const struct interval *in,
                                 struct errctx *ctx) GW_MUST_USE;
/* Resolves incidents that have been calm for long enough, and pages what waited. */
enum err analyse_incidents_interval(struct analyser *an, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
enum err analyse_incidents_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE; /* the latter */
/* Notes an event in the timelines of open incidents; an operator's, who may tell of any time, where it is not long before their onset. */
enum err analyse_incident_event(struct analyser *an, const char *key, const struct event *e, struct errctx *ctx) GW_MUST_USE;

/* ---- analyse_case.c: the facts of an incident; texts NULL: ERR_NOMEM ---- */

/* A free place, made when there is none; NULL: out of memory. What points to others may move. */
struct incident_case *analyse_case_new(struct analyser *an, struct errctx *ctx);
struct incident_case *analyse_case_of(struct analyser *an, const struct incident_track *t); /* NULL: of none */
struct incident_case *analyse_case_of_group(struct analyser *an, uint32_t group);
struct incident_case *analyse_case_of_id(struct analyser *an, int64_t id);
void analyse_case_join(struct analyser *an, struct incident_track *t, const struct incident_case *k);
/* Gives it copies of title and scope. Errors: ERR_NOMEM. */
enum err analyse_case_name(struct incident_case *k, const char *title, const char *scope, struct errctx *ctx) GW_MUST_USE;
void analyse_case_fini(struct incident_case *k);
/* Forgets it: its rules are of none any more. */
void analyse_case_drop(struct analyser *an, struct incident_case *k);
/* Puts a version; what operators wrote into the last one stays. parent: 0, or that of which it is a part from now on. */
enum err analyse_case_put(struct analyser *an, struct incident_case *k, enum incident_state state, int64_t parent, int64_t known_ms,
                          struct errctx *ctx) GW_MUST_USE;
enum err analyse_case_entry(struct analyser *an, const struct incident_case *k, const char *what, int64_t at_ms, int64_t known_ms,
                            char letter, const char *text, struct errctx *ctx) GW_MUST_USE;
enum err analyse_case_event(struct analyser *an, const struct incident_case *k, const char *what, enum event_kind kind, int64_t at_ms,
                            int64_t known_ms, const char *text, struct errctx *ctx) GW_MUST_USE;
/* Of what is not known here, the newest that is open, where there are so many that another would be one page more of a flood; else NULL. */
struct incident_case *analyse_case_flood(struct analyser *an);
/* Notes in one that opens that another of its time is told apart from it: nothing says that they are one, nor that they are two. */
enum err analyse_case_beside(struct analyser *an, const struct incident_case *k, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* Of two that are one, the one that the other is told under: the older, but what fails before a budget's. */
struct incident_case *analyse_case_older(struct incident_case *a, struct incident_case *b);
/* y is one with x: its rules are x's from now on, and it is told as a part of that. */
enum err analyse_case_merge(struct analyser *an, struct incident_case *x, struct incident_case *y, const char *why,
                            const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* Whether an alert of that severity gives the incident its name. */
bool analyse_case_leads(const struct incident_case *k, const struct incident_track *t, enum severity s);

/* ---- analyse_follow.c ---- */

/* Adds the values that all series of the scope share, and takes away what there is but one of anywhere: the only gateway tells nothing.
 * Cost: the series of the rarest value of the scope, once for each scope while no series is new. Errors: ERR_NOMEM. */
enum err analyse_follow(struct analyser *an, const uint32_t scope[DIM_COUNT], uint32_t dim[DIM_COUNT], struct errctx *ctx) GW_MUST_USE;
void analyse_follow_close(struct analyser *an);

/* ---- analyse_table.c ---- */

/* One query of the sources that are allowed, with what was analysed and is not stored yet; of latencies without, what is in the store must
 * do. Filters of one value each. Memory from a. Errors: as store_read(); ERR_LIMIT also where the two have more groups together. Cost:
 * store_read(), and the items of the step. */
enum err analyse_table(struct analyser *an, struct store_query *q, struct arena *a, struct store_result *ret,
                       struct errctx *ctx) GW_MUST_USE;

/* ---- analyse_place.c: where an alert is ---- */

/* Takes in the series that are new. */
enum err analyse_topology(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
/* What grouping is told of a rule that fired: the values of its scope, those that follow from them, and those that most of what is wrong
 * has, as the store shows it up to at_ms. */
enum err analyse_place(struct analyser *an, const struct incident_track *t, const struct rule_change *c, int64_t at_ms,
                       struct grouping_alert *ret, struct errctx *ctx) GW_MUST_USE;
/* Whether it is another system's, and nothing that it names is known here. */
bool analyse_place_is_elsewhere(const struct rule_change *c, const struct grouping_alert *al);
/* "it has the same provider: openai", in scratch; NULL: out of memory. */
const char *analyse_place_why(struct analyser *an, enum grouping_why why, enum dim dim, const struct grouping_alert *al);
/* ---- analyse_outside.c: alerts of other systems, as rules; before the incidents are opened ---- */

enum err analyse_outside_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
void analyse_outside_close(struct analyser *an);
/* What was not told for three intervals is not known; what a source told that is no longer configured is over, from the first of these
 * on. */
enum err analyse_outside_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
void analyse_outside_firing(const struct analyser *an, uint32_t incident, struct firing *f);

/* ---- analyse_page.c ---- */

enum err analyse_pages_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
/* What people are to be told of an incident, of live data alone. rule "": of what is over; text NULL: nothing more to say. */
enum err analyse_page_case(struct analyser *an, const struct incident_case *k, enum page_on on, const char *rule, int64_t at_ms,
                           int64_t known_ms, const char *text, struct errctx *ctx) GW_MUST_USE;
/* That it is over, and with it what it took in: an end of each. */
enum err analyse_page_over(struct analyser *an, const struct incident_case *k, int64_t at_ms, int64_t known_ms, const char *text,
                           struct errctx *ctx) GW_MUST_USE;
/* Those that are new here: who was told of an incident hears that somebody said it was over, and who. */
enum err analyse_page_acts(struct analyser *an, const struct store_act *acts, size_t count, struct errctx *ctx) GW_MUST_USE;
/* The last word that somebody said of an incident after its last page, and after since_ms. Cost: the acts are read. */
enum page_word {
    PAGE_UNANSWERED,
    PAGE_TAKEN,    /* acknowledged or mitigated: that is of what fired by then; what is new to it pages again */
    PAGE_PUT_DOWN, /* it was over: whatever fires pages again */
};
enum err analyse_page_word(struct analyser *an, int64_t incident, int64_t since_ms, enum page_word *ret, struct errctx *ctx) GW_MUST_USE;

/* ---- analyse_events.c ---- */

/* Puts an event that gwtop found itself, in the store and in the timelines of open incidents. Texts NULL: ERR_NOMEM. */
enum err analyse_event(struct analyser *an, const char *key, enum event_kind kind, int64_t at_ms, int64_t known_ms, const char *scope,
                       const char *text, struct errctx *ctx) GW_MUST_USE;

/* ---- analyse_text.c: all in scratch, NULL when out of memory ---- */

const char *text_safe(struct analyser *an, const char *remote);             /* a remote string, made printable */
const char *text_string(struct analyser *an, uint32_t string);              /* of the store */
const char *text_burn(struct analyser *an, double burn);                    /* "44x", "0.3x", "n/a" */
const char *text_share(struct analyser *an, uint64_t part, uint64_t whole); /* "38 %", "0.04 %" */
const char *text_count(struct analyser *an, uint64_t n);                    /* "18,432" */
const char *text_number(struct analyser *an, double v, int digits);         /* significant ones at least, v >= 0: "0.33", "150", "15.4k" */
const char *text_duration(struct analyser *an, int64_t ms);
const char *text_usd(struct analyser *an, int64_t nusd);    /* "$412", "$0.42" */
const char *text_clock(struct analyser *an, int64_t at_ms); /* 03:06:40Z */
/* The same beside another: with its day where that is another one's, 24 Nov 03:06:40Z. */
const char *text_beside(struct analyser *an, int64_t at_ms, int64_t other_ms);

/* ---- analyse_note.c ---- */

enum err analyse_note_put(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
enum err analyse_note_read(struct analyser *an, struct errctx *ctx) GW_MUST_USE;

/* ---- analyse_detect.c ---- */

enum err analyse_detectors_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
void analyse_detectors_close(struct analyser *an);
/* Reads which findings are open; before the index is built. */
enum err analyse_findings_open(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
/* Fills the baselines from the store. */
enum err analyse_detectors_fill(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
enum err analyse_detectors_series(struct analyser *an, const struct series *s, struct errctx *ctx) GW_MUST_USE;
/* Ends the findings that operators took for normal. Cost: the acts are read. */
enum err analyse_detectors_accept(struct analyser *an, struct errctx *ctx) GW_MUST_USE;
bool analyse_detector_has_groups(const struct link *l); /* the link's slot is that of a group */
void analyse_detector_item(struct analyser *an, const struct link *l, const struct store_item *item, const struct interval *in);
void analyse_detector_late(struct analyser *an, const struct link *l, const struct store_item *item, const struct interval *in);
void *analyse_streams_at(const struct analyser *an, size_t *at); /* groups of streams from row *at of the table on; NULL = no more */
uint32_t analyse_stream_total(
    struct analyser *an); /* streams that share the budget of false alarms, at least 1; as of the last five minutes */
enum err analyse_detectors_interval(struct analyser *an, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* Of those that take late samples in the order of their times: feeds what waits, and looks into alarms that nothing more comes of. */
enum err analyse_detectors_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;

#endif
