/* SPDX-License-Identifier: MIT */
/* Adding samples into the groups and columns of several queries at once. No SQLite here.
 *
 * How this works: store_accum_init gives every wanted series a target. A target is a group of one query and the next target, so that it
 * stands for a whole list of groups; series of a shard that go into the same groups share one. Samples then arrive in any order, from head
 * rows, chunks or rollups; those of head rows are first added up per target, and then once into the cells of its groups. What depends on
 * whole polls (polls, covered_ms, a gauge over its series) can't be added sample by sample: each group's part per source therefore keeps a
 * bit, and for gauges a reading, per poll of that source, and store_accum_finish walks the polls in time order.
 *
 * Gauges of several sources, or of several targets behind one API, are polled at different instants. A poll is current until the poll that
 * continues it (same source, its t0 is not before our t1, or unknown), and for at most 1.5 of its own lengths and 5 minutes (a poll of
 * unknown length: until the next of its source, and 5 minutes); a group's value at a poll is what the polls that are current then read
 * together, by the signal's merge rule. Where one source polls everything at once this is just what that poll reads. */
#ifndef GWTOP_STORE_STORE_ACCUM_H
#define GWTOP_STORE_STORE_ACCUM_H

#include "base/arena.h"
#include "store/store.h"
#include "store/store_axis.h"
#include "store/store_column.h"
#include "store/store_current.h"
#include "store/store_dict.h"
#include "store/store_head.h"

enum { STORE_GROUPS_MAX = 20000, STORE_COLUMNS_MAX = 100000 };

/* The polls of one source, rising and distinct in t1. */
struct store_axis {
    struct store_poll *polls;
    uint32_t count, cap;
};

/* A set of signals. */
struct store_signals {
    uint64_t bits[(SIG_COUNT + 63) / 64];
};

static inline void store_signals_add(struct store_signals *s, unsigned signal)
{
    s->bits[signal / 64] |= UINT64_C(1) << signal % 64;
}

static inline bool store_signals_have(const struct store_signals *s, unsigned signal)
{
    return signal < SIG_COUNT && s->bits[signal / 64] >> signal % 64 & 1;
}

/* Whether all of `of` are in s. */
static inline bool store_signals_cover(const struct store_signals *s, const struct store_signals *of)
{
    bool all = true;

    for (size_t i = 0; i < sizeof s->bits / sizeof s->bits[0]; i++)
        all = all && (of->bits[i] & ~s->bits[i]) == 0;
    return all;
}

/* Distinct (t0, step, columns) of the queries. */
struct store_grid {
    int64_t t0_ms, step_ms;
    uint32_t columns;
    bool is_grouped;              /* some query of it has more than one group */
    struct store_signals signals; /* that its queries ask for */
};

/* A set of grids. */
struct store_grids {
    uint64_t bits[STORE_QUERIES_MAX / 64];
};

static inline void store_grids_add(struct store_grids *s, uint32_t grid)
{
    s->bits[grid / 64] |= UINT64_C(1) << grid % 64;
}

static inline bool store_grids_have(const struct store_grids *s, uint32_t grid)
{
    return s->bits[grid / 64] >> grid % 64 & 1;
}

/* A group's samples from one source. */
struct store_part {
    struct store_part *next; /* of the same group */
    uint32_t source;
    uint64_t *bits;                   /* per poll of the source: whether the group has a sample in it; NULL until the first */
    double *readings;                 /* gauges: per poll, what the group's series read together */
    uint64_t *looked_back;            /* gauges: bits of polls that are only looked back at, not counted in their column */
    const void *mark;                 /* the last set of positions that was added to bits, */
    uint64_t mark_serial;             /* and the chunk it was in */
    struct store_part_rolled *rolled; /* store_rollacc.c: per shard, its rollup buckets */
    struct store_part *next_touched;
    int32_t touched_bucket;
    bool touched;
};

struct store_acc_group {
    struct store_group out;       /* cells NULL: none yet */
    struct store_acc_group *next; /* of the same query, in order of making */
    struct store_part *parts;
    uint32_t query;
    uint32_t number; /* from 1, among its query's */
    bool seen;
    int64_t *last_ms; /* gauges: per column, the time of cells[].last */
};

struct store_target {
    struct store_acc_group *group;
    struct store_part *part;
    uint32_t next; /* the target of the other groups, 0 = none */
    uint32_t shard;
    uint32_t bounds;
    uint16_t grid;
    uint8_t kind;  /* enum signal_kind */
    uint8_t merge; /* enum merge */
};

/* What a row's gauges read together for one target. */
struct store_acc_reading {
    double gauge;
    uint32_t n;
};

enum { STORE_ACC_ACTIVE = 8 };

/* Of some grids, the first target of them from each target on, and the signals that they ask for. */
struct store_acc_active {
    bool is_made;
    struct store_grids grids;
    struct store_signals signals;
    uint32_t *first; /* [target_count] */
};

enum { STORE_ACC_ROWS = 32 };

/* What some head rows of one shard, one after the other, add up to for one target; zero unless it waits. */
struct store_acc_sums {
    struct {
        uint64_t sum, n; /* as wide as each other: they are added at once */
    } row[STORE_ACC_ROWS];
};

/* The rows [first, end) that lie in one column of a grid. */
struct store_acc_span {
    uint32_t first, end;
    int32_t column;
};

/* Head rows of one shard whose sums are not in the cells yet, while the active grids stay the same. */
struct store_acc_rows {
    uint32_t shard, count;
    uint32_t polls[STORE_ACC_ROWS];
    bool in_turn; /* each poll is the one after the row's before */
    struct store_acc_of_grid {
        struct store_acc_span spans[STORE_ACC_ROWS]; /* rising; what lies in no column is in none */
        uint32_t count;
        uint32_t rows; /* bit r: row r is in one of them */
    } * grids;
    struct store_acc_sums *sums; /* of the targets that were met */
    uint32_t met, cap;
    uint32_t *feeders; /* per target: slots and targets that it is next of */
    uint32_t *local;   /* per target: its number among those met + 1 */
    uint32_t *targets; /* of those met */
    uint32_t *set;     /* of those met: bit r: there is something in row r; 0 unless it waits in the queue */
    uint32_t *queue;   /* of targets whose sums are to go on, a ring of target_count */
    uint32_t first, queued;
};

struct store_acc_shard {
    uint32_t target[STORE_SHARD_SERIES]; /* of a slot, 0 = nobody wants it */
    uint64_t seen[STORE_SHARD_SERIES];   /* bit grid % 64: the series has a sample there */
    struct store_signals signals;        /* wanted */
};

/* The groups that a query's series go into; queries that differ in their time alone share it. */
struct store_groups_of {
    uint32_t *of; /* of each of the signal's series: the number of its group, 0 = none */
    uint32_t count;
};

struct store_accum {
    const struct store_dict *dict;
    const struct store_query *queries;
    size_t query_count;
    struct arena *out;    /* results */
    struct arena scratch; /* everything else */
    struct store_grid *grids;
    uint32_t grid_count;
    uint16_t *query_grids;
    uint32_t *series;                    /* places in the dictionary, signal by signal */
    uint32_t series_from[SIG_COUNT + 1]; /* where each signal's begin */
    struct store_target *targets;        /* from 1 */
    uint32_t target_count, target_cap;
    uint32_t *target_hash;          /* open addressing over targets */
    uint32_t hash_cap, last_target; /* last_target: the one that was looked up last */
    /* The grids in whose time the samples lie that are being added, the signals that those ask for, and per target the first one from it on
     * that is of them: for (k = active[target]; k != 0; k = active[targets[k].next]). */
    struct store_grids grids_active;
    struct store_signals signals_active;
    const uint32_t *active; /* NULL: no grids were activated yet */
    struct store_acc_active actives[STORE_ACC_ACTIVE];
    uint32_t oldest_active;
    struct store_acc_rows rows;
    struct store_acc_reading *readings; /* [target_count] of the row being added */
    uint32_t *touched;                  /* [target_count] */
    uint32_t touched_count;
    struct store_acc_shard **shards;               /* by id - 1, NULL = not wanted */
    struct store_acc_group **groups, **last_group; /* per query */
    struct store_groups_of *groups_of;             /* per query */
    uint16_t *twin;                                /* per query: the number of one that asks the very same, 0 = none: it is read for both */
    struct store_cover **covers;                   /* per query: what rollups cover; NULL = none were read */
    uint32_t *group_counts;                        /* with cells */
    struct store_axis *axes;                       /* by source id */
    uint32_t axis_count;
    int64_t t0_ms, t1_ms; /* of all queries together, with what gauges look back */
    int64_t lookback_ms;
    enum err err; /* the first failure of an adding function, which return nothing for speed */
};

enum err store_accum_init(struct store_accum *ac, const struct store_dict *d, uint32_t source_count, const struct store_query *q,
                          size_t count, struct arena *out, struct errctx *ctx) GW_MUST_USE;
void store_accum_fini(struct store_accum *ac);

/* Room for a group's cells, made with its first sample: a store remembers names of years, and a window has few of them. False: ac->err says
 * why. */
bool store_accum_make_cells(struct store_accum *ac, struct store_acc_group *g);
static inline bool store_accum_has_cells(struct store_accum *ac, struct store_acc_group *g)
{
    return g->out.cells != NULL || store_accum_make_cells(ac, g);
}

/* Whether a head row's sample at t1 matters to any query, and to which grids; cols[grid] gets its columns. */
bool store_accum_wants(const struct store_accum *ac, int64_t t1_ms, int32_t *cols, struct store_grids *ret);
/* The column of an instant in a grid, -1 outside. */
int32_t store_grid_column(const struct store_grid *g, int64_t t1_ms);

/* Phase 1: every poll that phase 2 will add samples of, in any order; then sort. */
enum err store_accum_poll(struct store_accum *ac, uint32_t source, int64_t t0_ms, int64_t t1_ms) GW_MUST_USE;
void store_accum_sort_polls(struct store_accum *ac);
uint32_t store_accum_poll_index(const struct store_accum *ac, uint32_t source, int64_t t1_ms); /* the poll is there */

/* Phase 2, before what lies in the time of these grids and no others; of other signals than theirs nothing need be decoded. Cost:
 * O(targets) when they are others than before. */
void store_accum_activate(struct store_accum *ac, const struct store_grids *grids);
/* Whether a shard has something wanted of a signal in them. */
static inline bool store_accum_wants_signal(const struct store_accum *ac, const struct store_acc_shard *sh, unsigned signal)
{
    return store_signals_have(&sh->signals, signal) && store_signals_have(&ac->signals_active, signal);
}

/* Phase 2, a head row of a shard: cols[grid] is the row's column there, or -1. False when the row is malformed. Rows of a shard that follow
 * each other are added up before they go into the cells. */
bool store_accum_row(struct store_accum *ac, uint32_t shard, struct store_head_iter *it, uint32_t poll, const int32_t *cols,
                     struct store_hist_count *room);

/* Puts the rows so far into the cells; what needs it does it itself. */
void store_accum_flush(struct store_accum *ac);

/* Positions of an axis, half-open; empty: first == end. */
struct store_acc_reach {
    uint32_t first, end;
};

/* Phase 2, a column of a raw segment. */
struct store_acc_place {
    uint32_t shard;
    const uint32_t *polls; /* [axis] index of each position on the source's axis */
    const int32_t *cols;   /* [grid * axis + position] the column; -1 = not wanted there, -2 = only what gauges look back at */
    const struct store_acc_reach *reach; /* [grid] the positions between which all lie that it wants */
    uint32_t axis;
    uint64_t serial; /* of the chunk */
};
void store_accum_column(struct store_accum *ac, const struct store_acc_place *at, enum signal_kind kind, const struct store_column *c);

/* Phase 2, a histogram or score into one cell's sums (not its n). */
void store_accum_item(struct store_accum *ac, const struct store_target *t, int32_t column, const struct store_item *it);
/* A gauge's reading at t1 (from rollups, with what it went through up to then). */
void store_accum_point(struct store_acc_group *g, int32_t column, int64_t t1_ms, uint32_t polls, double last, double min, double max,
                       double total);

/* Phase 3: polls, covered time and gauges, then the groups that have something, into ret[query_count]. */
enum err store_accum_finish(struct store_accum *ac, struct store_result *ret) GW_MUST_USE;

#endif
