/* SPDX-License-Identifier: MIT */
/* What a detector is, and the groups that most of them are made of.
 *
 * A detector is one file and one row in analyse_detect.c. It says which series feed it (once per series), takes their items as they
 * come, and judges when the interval is complete. All of it is O(1) per item and per group that the interval touched. */
#ifndef GWTOP_RECORD_ANALYSE_DETECT_H
#define GWTOP_RECORD_ANALYSE_DETECT_H

#include "analysis/dayring.h"
#include "record/analyse_int.h"

enum { GROUPS_MAX = 2048 }; /* per detector, 4 KB each: what comes later is not watched */

struct detector {
    const char *name; /* in the note; never changed */
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
};

const struct detector *analyse_detector_by_name(struct str name); /* NULL when there is none */

extern const struct detector detect_restart, detect_names, detect_fallback, detect_key, detect_quality;

/* Something that was reported and has not been normal again since; a and b are ids of the store's strings. Kept over a restart. */
struct hold {
    const struct detector *by;
    uint32_t a, b;
};
bool analyse_hold_has(const struct analyser *an, const struct detector *d, uint32_t a, uint32_t b);
enum err analyse_hold_set(struct analyser *an, const struct detector *d, uint32_t a, uint32_t b, bool on, struct errctx *ctx) GW_MUST_USE;

/* ---- groups: counts of one key, or one model, now and over the day before ---- */

struct group {
    uint32_t a, b; /* ids of strings that name it */
    uint32_t more; /* the detector's own */
    bool touched, held;
    uint64_t n, bad;    /* of the interval at hand */
    double sum, weight; /* scores: total of all, and how many */
    double bad_ever;
    int64_t calm_ms; /* while held: normal since, 0 = it is not */
    struct dayring ring;
};

struct groups {
    struct group **list;
    uint32_t count, cap;
    uint32_t *touched; /* slots of the interval at hand */
    uint32_t touched_count, touched_cap;
};

struct groups *groups_new(void);
void groups_free(void *groups);
/* The slot of (a, b), made when new; *ret_found false when there are GROUPS_MAX others. */
enum err groups_get(struct analyser *an, struct groups *gs, const struct detector *d, uint32_t a, uint32_t b, uint32_t *ret_slot,
                    bool *ret_found, struct errctx *ctx) GW_MUST_USE;
void groups_count(struct groups *gs, uint32_t slot, uint64_t n, uint64_t bad);
/* Moves the interval's counts into the rings of the groups it touched and calls judge for each. */
typedef enum err group_judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx);
enum err groups_close(struct analyser *an, struct groups *gs, const struct interval *in, group_judge *judge,
                      struct errctx *ctx) GW_MUST_USE;
/* Reads the day and the last minutes of a signal, grouped by dims a and b (DIM_COUNT = none), into the groups that exist. */
typedef struct daycount group_count(const struct store_cell *cell);
struct groups_reading {
    enum signal n_signal, bad_signal;
    enum dim a, b;
    group_count *count;
}; /* bad_signal SIG_COUNT: both from n_signal */
enum err groups_fill(struct analyser *an, struct groups *gs, const struct groups_reading *how, struct errctx *ctx) GW_MUST_USE;

/* The baseline behind a judgement: false while less than an hour of it was observed. */
bool group_baseline(const struct group *g, struct daycount *ret_day);
/* To be called with whether the group is back to normal; lifts the hold after an hour of that. */
enum err group_calm(struct analyser *an, const struct detector *d, struct group *g, bool is_normal, int64_t now_ms,
                    struct errctx *ctx) GW_MUST_USE;
enum err group_hold(struct analyser *an, const struct detector *d, struct group *g, struct errctx *ctx) GW_MUST_USE;
double group_rate(const struct daycount *c); /* n per second observed, 0 without observations */
/* "the 24h before", "the 5h before": how much of the day was observed. In scratch. */
const char *group_before(struct analyser *an, const struct daycount *day);

#endif
