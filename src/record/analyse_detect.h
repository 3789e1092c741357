/* SPDX-License-Identifier: MIT */
/* What a detector is, and the groups that most of them are made of.
 *
 * A detector is one file and one row in analyse_detect.c. It says which series feed it (once per series), takes their items as they
 * come, and judges when the interval is complete. All of it is O(1) per item and per group that the interval touched. */
#ifndef GWTOP_RECORD_ANALYSE_DETECT_H
#define GWTOP_RECORD_ANALYSE_DETECT_H

#include "analysis/dayring.h"
#include "record/analyse_int.h"

enum {
    GROUPS_MAX = LINK_GROUPS_MAX, /* per detector, 5 KB each and its own: what comes later is not watched */
    LEFT_MAX = 8192               /* of that so many are told apart, to be counted */
};

/* An operator took a finding for normal. */
struct acceptance {
    const char *what, *author; /* RULE|SCOPE: either may hold a bar */
    int64_t at_ms;
};

struct group;

struct detector {
    const char *name;
    /* MAY be NULL: without state. MUST return NULL when out of memory. */
    void *(*make)(void);
    void (*drop)(void *state);
    /* Called once per series, also for those in the store at opening (an->opening). MUST write *ret_link.slot and .mark and *ret_wanted
     * when the series' items are to come; called again for known series after authorities changed. */
    enum err (*on_series)(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx);
    void (*on_item)(struct analyser *an, void *state, const struct link *l, const struct store_item *item);
    /* All items of the interval were seen. */
    enum err (*on_interval)(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx);
    /* MAY be NULL. Fills baselines from the store, up to the newest interval. */
    enum err (*fill)(struct analyser *an, void *state, struct errctx *ctx);
    /* MAY be NULL: its findings can't be taken for normal. Ends the finding of this rule and scope, if it has it. */
    enum err (*accept)(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx);
    /* Detectors made of groups MUST have it: what a finding of group (a, b) is put under. In scratch, NULL when out of memory. */
    void (*finding)(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope);
    /* MAY be NULL. What an item tells of an interval of the past, or that was analysed before: it is put to the queue (analyse_late.h). */
    void (*on_late)(struct analyser *an, void *state, const struct link *l, const struct interval *in, const struct store_item *item);
    /* MAY be NULL. A group's finding ended because nothing of it was observed for a day. */
    enum err (*silent)(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx);
    bool has_streams; /* its groups are streams (analyse_stream.h) */
    /* How many share the fleet's budget of false alarms; NULL: none of it. */
    uint32_t (*alive)(const struct analyser *an, const void *state);
};

extern const struct detector detect_restart, detect_names, detect_fallback, detect_key, detect_quality, detect_answers, detect_length,
    detect_mix, detect_price, detect_router;

/* ---- findings: what a detector reported and is not over ----
 *
 * A finding is an alert without severity (model/facts.h), so that consoles show it for as long as it lasts, and a restart goes on from it.
 * What was usual before it began is kept with it: trouble must not become what it is measured against. */

/* The latest of this rule and scope, open or over, as the store held it when the analyser opened; NULL when there was none. */
const struct alert *analyse_finding_of(const struct analyser *an, const char *rule, const char *scope);
/* "GATEWAY" of a rule "key:GATEWAY" and so on; in scratch, NULL when out of memory. */
const char *analyse_rule(struct analyser *an, const char *detector, uint32_t string);

/* ---- groups: counts of one key, or one model, now and over the day before ---- */

struct group {
    uint32_t a, b; /* ids of strings that name it */
    uint32_t more; /* the detector's own */
    bool touched;
    bool held;       /* it was reported: not again before it has been normal for an hour */
    bool firing;     /* its finding is open */
    bool accepted;   /* what it found was taken for normal just now */
    bool waits;      /* what the store has of it is fed with the next turn of the clock, not at opening */
    uint64_t n, bad; /* of the interval at hand */
    int64_t calm_ms; /* while held: normal since, 0 = it is not */
    int64_t from_ms; /* what was before is no baseline: a finding that began then was taken for normal */
    /* of the finding, open or over */
    int64_t onset_ms, onset_error_ms; /* known to within the error; 0: that is not told */
    int64_t ended_ms, ended_error_ms; /* its newest polls prove that it is over, since then; 0: they do not */
    int64_t since_ms;                 /* of the newest version in the store */
    struct daycount usual;            /* what was counted in the day before the onset; n 0 = never found, or taken for normal */
    int64_t usual_until_ms;           /* from then on the day before is free of it; INT64_MAX while it is open */
    double was, is;                   /* levels */
    int window_ms;                    /* over which it was found */
    char *text;                       /* on the heap */
    double back;                      /* the detector's: evidence that it is over */
    int64_t now_ms;                   /* end of the newest interval that touched it */
    struct dayring *ring;             /* what was counted; NULL where the detector keeps that otherwise */
    void *own;                        /* the detector's */
};

/* The sources that feed a group, bit id % 64, by the index that was built last; by the one before, 0 = they were compared. */
struct feeders {
    uint64_t now, before;
    uint32_t index_count;
};
void feeders_add(const struct analyser *an, struct feeders *f, uint32_t source);
/* Whether one of them is not any more: what the others count is another thing. Tells it once. */
bool feeders_left(struct feeders *f);

struct group_left {
    uint32_t a, b;
};

struct groups {
    struct group **list;
    uint32_t count, cap;
    uint32_t *touched; /* slots of the interval at hand */
    uint32_t touched_count, touched_cap;
    struct group_left *left; /* that there was no room for, LEFT_MAX at most */
    uint32_t left_count, left_cap;
    int64_t swept_ms; /* when groups that fell silent were last looked for */
    size_t own_bytes;
    bool has_rings;
};

/* own_bytes: of each group's `own`, zeroed when the group is made; 0 = none. */
struct groups *groups_new(size_t own_bytes, bool has_rings);
void groups_free(void *groups);
/* The slot of (a, b), made when new; *ret_found false when there are GROUPS_MAX others: it is counted as left out. */
enum err groups_get(struct analyser *an, struct groups *gs, const struct detector *d, uint32_t a, uint32_t b, uint32_t *ret_slot,
                    bool *ret_found, struct errctx *ctx) GW_MUST_USE;
bool groups_find(const struct groups *gs, uint32_t a, uint32_t b, uint32_t *ret_slot);
void groups_count(struct groups *gs, uint32_t slot, uint64_t n, uint64_t bad);
/* Moves the interval's counts into the rings of the groups it touched, where they have one, and calls judge for each, with the counts still
 * there; ends findings of which nothing was observed for a day. */
typedef enum err group_judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx);
enum err groups_close(struct analyser *an, struct groups *gs, const struct detector *d, const struct interval *in, group_judge *judge,
                      struct errctx *ctx) GW_MUST_USE;
/* A finding of which nothing has been observed for a day is over, or nobody will ever know. Looked for once an hour, first an hour after it
 * was called first. To be called with each interval, and with the clock, as none comes while all sources are dead. */
enum err groups_sweep(struct analyser *an, struct groups *gs, const struct detector *d, const struct interval *in,
                      struct errctx *ctx) GW_MUST_USE;
/* Reads the day and the last minutes of a signal, grouped by dims a and b (DIM_COUNT = none), into the groups that exist. */
typedef struct daycount group_count(const struct store_cell *cell);
struct groups_reading;
/* The string that names a group as its a. */
typedef uint32_t group_name(const struct analyser *an, const struct groups_reading *how, const struct store_group *g);
struct groups_reading {
    enum signal n_signal, bad_signal; /* SIG_COUNT: both from n_signal */
    enum dim a, b;
    group_count *count;
    /* where more is wanted */
    struct store_filter filter, bad_filter; /* dims alone */
    uint32_t by;                            /* further dims, DIM_BIT()s */
    int64_t step_ms;                        /* of the day's columns; 0 = an hour */
    group_name *name;
    /* Takes the samples of a column, which is known up to end_ms; returns what the ring is to count as bad. */
    double (*column)(struct analyser *an, struct group *g, int64_t begin_ms, int64_t end_ms, const struct store_cell *cell,
                     const struct daycount *c);
    const struct answer_share *share; /* streams: what is read */
};
enum err groups_fill(struct analyser *an, struct groups *gs, const struct groups_reading *how, struct errctx *ctx) GW_MUST_USE;

/* The baseline behind a judgement: that of before the finding, while there is one and for a day after it. False while less than an hour of
 * it was observed. */
bool group_baseline(const struct group *g, struct daycount *ret_day);
bool group_has_usual(const struct group *g, struct daycount *ret); /* that of before the finding alone */
/* To be called with whether the group is back to normal: its finding ends after ten minutes of that, and an hour of it lifts the hold; it
 * is open again when that was too early. */
enum err group_calm(struct analyser *an, const struct detector *d, struct group *g, bool is_normal, const struct interval *in,
                    struct errctx *ctx) GW_MUST_USE;
/* The newest polls prove that it fell back at end_ms, 0: that it goes on again. Its finding tells so, and stays open for as long as
 * before. */
enum err group_ended(struct analyser *an, const struct detector *d, struct group *g, int64_t end_ms, int64_t error_ms,
                     const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* It is over for certain. */
enum err group_lift(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in,
                    struct errctx *ctx) GW_MUST_USE;
/* Opens the finding; usual is what it is measured against until it is over. */
struct finding {
    const char *text; /* half a sentence: "key f31a: ~7.0x its requests"; NULL: ERR_NOMEM */
    int64_t onset_ms, onset_error_ms;
    int window_ms;  /* over which it was found */
    double was, is; /* levels */
};
/* What was usual before an onset: what was counted until then, where that is something in an hour, else day. */
struct daycount group_usual(const struct group *g, int64_t onset_ms, const struct daycount *day);
enum err group_hold(struct analyser *an, const struct detector *d, struct group *g, const struct finding *f, const struct daycount *usual,
                    const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* More is known of its open finding: a version with another text, of the same state since the same time but for a millisecond. */
enum err group_retell(struct analyser *an, const struct detector *d, struct group *g, const char *text, const struct interval *in,
                      struct errctx *ctx) GW_MUST_USE;
/* detector.accept of detectors made of groups. */
bool acceptance_is_of(const struct acceptance *a, const char *rule, const char *scope);
enum err groups_accept(struct analyser *an, struct groups *gs, const struct detector *d, const struct acceptance *a,
                       struct errctx *ctx) GW_MUST_USE;
double group_rate(const struct daycount *c); /* n per second observed, 0 without observations */
/* "the 24h before", "the 5h before 10:54:37Z": how much of the day was observed. In scratch. */
const char *group_before(struct analyser *an, const struct group *g, const struct daycount *day);

#endif
