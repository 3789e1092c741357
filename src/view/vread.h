/* SPDX-License-Identifier: MIT */
/* Internal to view/: the few ways in which loaders ask the store, so that a rate, a share and a quantile are computed in one place.
 *
 * How this works: a loader adds its queries to a struct vread, runs them in one pass, and reads groups back by the index it was given.
 * Sources that do not have the word for a signal are left out here, once, for every pane.
 *
 * A signal's now window ends with the last good poll of its sources, not with the cursor: between two polls and after the last one the same
 * data says the same. A figure that has become old is called stale, instead of fading into a gap. Once no source at all is fresh, the whole
 * screen stands there. What a source counts that answers with a sawtooth is not known: its now window is empty, and longer ones are called
 * stale. */
#ifndef GWTOP_VIEW_VREAD_H
#define GWTOP_VIEW_VREAD_H

#include "view/load.h"

enum { VREAD_MAX = 96 };

/* Of the sources that measure a signal: all answer, some do, none does; or all of them were taken out while others are recorded, so that
 * nobody measures it any more; or none does but some that answer with counters that mean nothing (SOURCE_SAWTOOTH), so that what it is now
 * is not known. TORN: some answer, and one of them lacks all of a metric that makes up the signal, its failures say: a sum is at least what
 * is left, and no ratio or quantile is known. */
enum freshness { FRESH, PARTLY_STALE, STALE, GONE, UNCOUNTED, TORN };

/* A value of a dim, and how heavy it is. */
struct weighted_id {
    uint32_t id;
    uint64_t weight;
};

struct vread {
    const struct view_loader *l;
    const struct view_params *p; /* as asked for, but with the cursor at the last good poll once no source is fresh */
    struct view_params measured; /* p, where that is so */
    int64_t cursor_ms;           /* as asked for */
    enum freshness freshness[SIG_COUNT];
    int64_t until_ms[SIG_COUNT]; /* end of the signal's now window */
    /* The last poll that told something of it; TORN: the last before one of its sources lacked some, since when no ratio is known. */
    int64_t known_ms[SIG_COUNT];
    int64_t newest_ms;            /* the last good poll of any source, 0 = none */
    struct store_filter filter;   /* the screen's filter; a query may narrow it */
    uint32_t unsplit[SIG_COUNT];  /* DIM_BIT()s of the filter that no source tells the signal apart by; 0 too where nobody measures it */
    bool partly_split[SIG_COUNT]; /* some sources do, others do not */
    bool has_series[SIG_COUNT];   /* some source that counts for it has series of it */
    struct source_status *sources;
    size_t source_count;
    bool recorded;                   /* not every source was stopped */
    struct store_authority *rulings; /* on sources[i] */
    struct store_stage *kept_stages; /* for which sources have no word that have it for the signal's other stages */
    size_t kept_stage_count;
    uint32_t *allowed[SIG_COUNT]; /* per signal: the sources that may be added, or NULL = all */
    uint32_t allowed_count[SIG_COUNT];
    int64_t lacks_ms[SIG_COUNT];  /* since when what answers of a signal lacks a part of it (SOURCE_PARTIAL), 0 = it does not */
    int64_t unsure_ms[SIG_COUNT]; /* since when what is counted of it is not sure (SOURCE_WATCHING), 0 = it is */
    bool overlap[SIG_COUNT];      /* something of it may be counted twice, and nobody can say which one counts */
    struct store_gap *lost;       /* times up to the cursor in which what sources counted is lost */
    size_t lost_count;
    struct store_late *late; /* times before the cursor of which something was known only after it (vlate.h) */
    size_t late_count;
    struct store_query q[VREAD_MAX];
    struct store_result r[VREAD_MAX];
    bool past[VREAD_MAX];       /* asked of an earlier time: what is missing now was there then */
    bool unfiltered[VREAD_MAX]; /* the screen's filter does not apply */
    size_t count;
    const enum outcome *class[VREAD_MAX]; /* of each group, where the query tells classes apart */
    enum dim sorted[VREAD_MAX];           /* by which dim the groups rise (vread_sort), DIM_COUNT: by none */
    uint32_t answered[2];                 /* what DIM_CLASS is of a request that was answered: not told, or ok (UINT32_MAX: never seen) */
    struct weighted_id *scratch;          /* room for the groups of any result, so that vread_ids cannot lack it */
};

/* Prepares reading for the params' cursor and filter. Errors: ERR_USAGE for a bad filter, the store's. */
enum err vread_init(struct vread *vr, const struct view_loader *l, const struct view_params *p, struct errctx *ctx) GW_MUST_USE;

/* Whether source i (of sources[]) was taken out of the recording while others are recorded: it is not missed. */
bool vread_is_gone(const struct vread *vr, size_t i);

/* Whether source i (of sources[]) has samples of a signal that are added: not when others have the word for it. */
bool vread_counts(const struct vread *vr, enum signal s, size_t i);

/* The scope "model=gpt-x,team=blue whale" of a fact as a filter, model=gpt-x team="blue whale": facts use commas where a filter uses
 * blanks, and quote nothing. A comma that no dimension follows is the value's own. What is no condition stays as it is. NULL when the arena
 * is full. */
const char *vread_scope_filter(struct arena *a, const char *scope);

/* What the sources allow to say of a number: it is stale; some are missing, so that a sum is a lower bound; some count twice, so that a sum
 * is an upper bound. Whatever is read carries it, and the builders of numbers below turn it into marks, so that no pane can forget to. */
struct vtrust {
    bool stale, less, more;
    bool lost;        /* some of it was counted and will never be known: a lower bound, too; of money it is told when, and for how long */
    bool torn;        /* TORN in that time: nothing but sums can be told */
    uint32_t unsplit; /* see vnum */
    int64_t age_ms;   /* see vnum */
};
struct vtrust vread_trust(const struct vread *vr, size_t q);                     /* up to the query's end */
struct vtrust vread_trust_at(const struct vread *vr, size_t q, uint32_t column); /* up to this column's */
bool vread_is_unknown(const struct vread *vr, enum signal s); /* no ratio or quantile of it is known now: stale, uncounted or torn */
bool vread_is_told(const struct vread *vr, enum signal s);    /* as of until_ms one is: not of what is uncounted or torn */
struct vtrust vtrust_join(struct vtrust a, struct vtrust b);

/* A time. */
struct vtime {
    int64_t t0_ms, t1_ms;
};
/* Whether some of what a source counted of a signal in (t0, t1] is lost. */
bool vread_has_lost(const struct vread *vr, enum signal s, int64_t t0_ms, int64_t t1_ms);
/* When, one after the other and not overlapping. NULL when the arena is full. */
struct vtime *vread_lost(const struct vread *vr, enum signal s, int64_t t0_ms, int64_t t1_ms, struct arena *a, size_t *ret_count);
/* "spend of 3m43s is not known (18:49:10Z to 18:52:53Z)", of several their sum and number; "" of none. NULL when the arena is full. */
const char *vread_lost_text(struct arena *a, const char *what, const struct vtime *list, size_t count);
/* What is not known of the params' window, of what was lost in it: "spend of 3m43s is not known (18:49:10Z to 18:52:53Z); recorded since 29
 * Nov 12:45Z, not the whole 30d"; "" when all of it is. What was lost comes first: a narrow pane cuts the end. NULL when the arena
 * is full. */
const char *vread_coverage_text(const struct vread *vr, const char *what, const struct vtime *list, size_t count);

/* Adds a query over `columns` columns of step_ms from t0_ms and returns its index. More than VREAD_MAX is a programmer's error. */
size_t vread_add(struct vread *vr, enum signal s, uint32_t group_by, int64_t t0_ms, int64_t step_ms, uint32_t columns);
/* The same for one window (t0, t1]. */
size_t vread_window(struct vread *vr, enum signal s, uint32_t group_by, int64_t t0_ms, int64_t t1_ms);
/* The same for the signal's now window, back_ms earlier. */
size_t vread_now(struct vread *vr, enum signal s, uint32_t group_by, int64_t back_ms);
/* The same over the axis. */
size_t vread_axis(struct vread *vr, enum signal s, uint32_t group_by, const struct view_axis *axis);
/* Takes the screen's filter off the last added query: what it asks for has a scope of its own. */
void vread_unfilter(struct vread *vr);
/* Narrows the last added query to dim = id (in place of whatever the filter said about dim). */
enum err vread_narrow(struct vread *vr, enum dim dim, uint32_t id) GW_MUST_USE;
/* Reads what was asked. Errors: ERR_NOMEM, the store's. */
enum err vread_run(struct vread *vr, struct errctx *ctx) GW_MUST_USE;
/* The same for several of one store, which share a pass over its data. */
enum err vread_run_all(struct vread *const *list, size_t count, struct errctx *ctx) GW_MUST_USE;

/* ---- reading results ---- */

/* How much time the samples of a now query cover, to be said as its window: the window itself where it is that within a tenth or nothing
 * was sampled, else whole minutes, or seconds below one. */
int64_t vread_measured_ms(const struct vread *vr, size_t q);
/* The same of a covered time. */
int64_t vread_measured(int64_t window_ms, int64_t covered_ms);

/* Puts a result's groups in the order of a dim. From then on whatever is read of one value of it (dim == id below) looks at the groups of
 * that value alone, and not at all of them: for tables, that ask for many. Errors: ERR_NOMEM. */
enum err vread_sort(struct vread *vr, size_t q, enum dim dim) GW_MUST_USE;
/* The outcome class of a group, of a query that tells classes apart; what has no known name is OUTCOME_OTHER. */
enum outcome vread_class(const struct vread *vr, size_t q, size_t group);

/* Whether there is something to show of a query: groups, or that the filter cannot reach it. */
bool vread_is_worth(const struct vread *vr, size_t q);
/* "not split by team", "" where the filter reaches the signal; NULL when the arena is full. */
const char *vread_unsplit_text(const struct vread *vr, enum signal s);
/* Whether some source that counts for a recorded signal tells it apart by dim; of one that is not recorded nothing is said: true. */
bool vread_splits(const struct vread *vr, enum signal s, enum dim dim);
/* Why there is nothing to show of a signal: "requests are not split by team", that nothing matches the filter, or `none`. Errors:
 * ERR_NOMEM. */
enum err vread_why_none(const struct vread *vr, enum signal s, const char *what, const char *none, const char **ret) GW_MUST_USE;

/* Of the last query's requests, leaves those that were answered, and those of sources that tell no class. A filter by class stands. */
void vread_keep_answered(struct vread *vr);

const struct store_group *vread_group(const struct store_result *r, enum dim dim, uint32_t id); /* first match, NULL when absent */
const char *vread_text(const struct vread *vr, uint32_t id);

/* A value of a dimension that a group must have. */
struct vkey {
    enum dim dim;
    uint32_t id;
};

/* Outcome counts of one column, added over the groups for which dim == id (dim DIM_COUNT: all groups). Groups must include DIM_CLASS. */
struct voutcomes {
    uint64_t by_class[OUTCOME_COUNT], all, bad, counted; /* counted = ok + bad: the denominator of failure shares */
    uint64_t refused;                                    /* by the gateway itself: of all, and not of counted */
    int64_t covered_ms;                                  /* by any group of the query, matching or not */
    bool known;                                          /* something was observed */
    bool covered_about;                                  /* covered_ms may be more */
    struct vtrust trust;
};
struct voutcomes vread_outcomes(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id);
/* The same over the groups that have all of the keys. */
struct voutcomes vread_outcomes_of(const struct vread *vr, size_t q, uint32_t column, const struct vkey *keys, size_t key_count);

/* What a row of a table is coloured by, without an objective to say so: a tenth of at least 20 fails, or a hundredth. */
enum severity voutcomes_severity(const struct voutcomes *o);

/* The same of a quantity that is added up: sum over covered_ms is a rate, and the rates of parts add up to that of the whole. */
struct vsum {
    int64_t sum;
    int64_t covered_ms;
    uint64_t n;
    bool known, covered_about;
    struct vtrust trust;
};
struct vsum voutcomes_requests(const struct voutcomes *o); /* all of them */
struct vsum vread_sum(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id);

/* What a gauge reads over the matching groups, by its signal's merge rule, times scale (100 shows a ratio in percent); n is how many series
 * told. */
struct vnum vread_gauge(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id, double scale);

/* The joined distribution of one column over the groups that have all of the keys. */
enum err vread_hist_of(const struct vread *vr, size_t q, uint32_t column, const struct vkey *keys, size_t key_count,
                       struct hist_set *ret) GW_MUST_USE;
/* The same over the matching groups. */
enum err vread_hist(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id, struct hist_set *ret) GW_MUST_USE;

/* ---- numbers ---- */

struct vnum vnum_unknown(void);
/* Sums, of which some may be missing or counted twice, and all other numbers, which such sources make inexact. */
enum vnum_kind { VNUM_SUM, VNUM_OTHER };
struct vnum vnum_of(double v, uint64_t n, enum vnum_kind kind, struct vtrust t);
struct vnum vnum_marked(struct vnum n, enum vnum_kind kind, struct vtrust t); /* keeps what is already said of its exactness */
struct vnum vnum_rate(struct vsum s, double scale);                           /* per second, divided by scale; about, where the time is */
struct vnum vnum_usd_per_h(struct vsum spend); /* at least: gateways book spend when a request ends, and what still runs is missing */
struct vnum vnum_ratio(uint64_t part, uint64_t whole, struct vtrust t); /* 0 to 1; unknown when whole is 0 */
struct vnum vnum_share(uint64_t part, uint64_t whole, struct vtrust t); /* the same in percent */
struct vnum vnum_quantile(const struct quantile *q, struct vtrust t);   /* as quantile_read reads it */
/* A quantile of one column; how its histogram has it where ret_quantile is given. Unknown without observations. */
enum err vread_quantile(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id, double share, struct vnum *ret,
                        struct quantile *ret_quantile) GW_MUST_USE;

/* A strip of axis.columns values, all gaps. NULL when the arena is full. */
double *vstrip_alloc(const struct vread *vr, const struct view_axis *axis, struct vstrip *ret);
/* A strip of quantiles: beyond the last bucket is +inf, without observations a gap, and which columns are thin. thin comes from
 * vstrip_thin_alloc. */
bool *vstrip_thin_alloc(const struct vread *vr, const struct view_axis *axis, struct vstrip *strip); /* NULL when the arena is full */
void vstrip_quantile(const struct quantile *at, uint32_t column, double *v, bool *thin);
void vstrip_finish(struct vstrip *s, uint32_t columns); /* sets max */

/* What most tables rank by: the sum of the first column. */
uint64_t vread_by_sum(const struct store_group *g);
/* Distinct ids of a dim over a result's groups, largest weight first; at most max. weight may be NULL (order of id). */
size_t vread_ids(const struct vread *vr, size_t q, enum dim dim, uint64_t (*weight)(const struct store_group *g), uint32_t *ids,
                 size_t max);

#endif
