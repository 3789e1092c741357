/* SPDX-License-Identifier: MIT */
/* The only meeting place: everything the recorder learns goes in here, and whatever a screen or report shows comes out of here.
 *
 * One writer (the recorder, which also migrates), any number of readers (mode=ro). SQLite in WAL mode, synchronous=FULL.
 *   head      one append-only row per (poll, source, shard of at most 1,024 series): decodable alone, durable when store_append returns
 *   chunks    a shard's 240 samples, transposed per series, delta / varint / XOR coded, CRC-32C; a sealing transaction writes <= 1 MB
 *   rollups   5 min, 1 h, 1 d per (series, day); the open bucket is computed, not stored
 *   facts     sources, events, alerts, incidents, timeline, acts, gaps, what was known late
 * A sample at t covers the interval since the source's previous poll; windows are half-open, (t0, t1].
 * This is the only header of store/ that others include, and only store/ includes sqlite3.h. Details: docs/ARCHITECTURE.md. */
#ifndef GWTOP_STORE_STORE_H
#define GWTOP_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/intern.h"
#include "model/dims.h"
#include "model/facts.h"
#include "model/histogram.h"
#include "model/outside.h"
#include "model/signal.h"

struct store;

/* ---- opening ---- */

/* Facts that have an age at which they go. Incidents once they are over, with their timelines; of alerts and notes the last one before that
 * age stays, for it says what was so then; of acts none on an incident that is not over, nor any behind one. Each removal is an act by
 * "gwtop", verb STORE_ACT_RETENTION. */
enum store_fact_kind { STORE_EVENTS, STORE_ALERTS, STORE_INCIDENTS, STORE_NOTES, STORE_ACTS, STORE_FACTS };
#define STORE_ACT_RETENTION "retention"

struct store_options {
    int64_t max_bytes;                                       /* of the file, 0 = no limit; retention removes the oldest raw data first */
    int64_t keep_raw_ms, keep_5m_ms, keep_1h_ms, keep_1d_ms; /* 0 = the default of the tier: 14 d, 90 d, 2 y, 10 y */
    int64_t keep_facts_ms[STORE_FACTS];                      /* 0 = for ever */
    bool private_files;                                      /* 0600 in a 0700 directory; otherwise 0640 in 2750 */
    const char *ring_dir; /* where the 16 MB ring store goes when the file cannot be written; NULL = no ring store */
};

/* Opens for writing, creating or migrating as needed, and takes <path>.lock (open-file-description lock).
 * Errors: ERR_BUSY (ctx names the holder's pid), ERR_VERSION (newer file), ERR_CORRUPT, ERR_READONLY, ERR_FULL, ERR_IO. The file is
 * never overwritten: on ERR_CORRUPT the sentence says how to move it aside. Where the disk is full or read-only and ring_dir is
 * given, the ring store is opened instead, ERR_OK is returned, and store_is_ring() is true; every minute an append tries the file again,
 * and goes back to it with the facts put meanwhile and a gap per source. */
enum err store_open_writer(const char *path, const struct store_options *opt, const struct clock *clock, struct store **ret,
                           struct errctx *ctx) GW_MUST_USE;
/* Opens for reading only. Errors: as above without ERR_BUSY; ERR_NOTFOUND where there is no file. Cost: <= 20 ms at 1 GB. */
enum err store_open_reader(const char *path, struct store **ret, struct errctx *ctx) GW_MUST_USE;
void store_close(struct store *st);         /* NULL is fine; a writer checkpoints and keeps the WAL file for readers */
bool store_is_ring(const struct store *st); /* the picture is live but NOT KEPT */
/* Where the ring store of path is. False when that path is too long for dst. */
bool store_ring_path(const char *path, const char *ring_dir, char *dst, size_t cap);
/* The same, and whether a recorder is writing to it right now: then a console opens it in place of path (store_open_reader), whose file has
 * stopped growing. The ring store holds names, sources, facts and the head of the main store as far as they could be read, and what came
 * since. */
bool store_ring_is_active(const char *path, const char *ring_dir, char *dst, size_t cap);
const char *store_path(const struct store *st);
/* The pid of the recorder that holds <path>.lock, 0 when nobody does, -1 when that cannot be told. Takes no lock. */
int64_t store_recorder_pid(const char *path);
/* How long ago the recorder of path last committed anything, by the system's clock: it does every two seconds, whether or not there is news
 * (the time of <path>.lock). A longer silence is its own, not the gateways'. False where that cannot be told. */
bool store_recorder_silence(const char *path, int64_t *ret_ms);
/* The newest instant that the recorder wrote of any source, 0 = none. Cost: O(rows since the last look). */
int64_t store_wrote_ms(struct store *st);

/* Changes whenever another connection committed. Cost: one pragma. */
int64_t store_data_version(struct store *st);
/* Begins and ends one consistent picture for several reads; nests no deeper than one. Readers keep it under a second. */
enum err store_snapshot_begin(struct store *st, struct errctx *ctx) GW_MUST_USE;
void store_snapshot_end(struct store *st);

/* ---- strings, sources, series (writer adds, reader sees what was committed at the last refresh) ---- */

/* Brings a reader's tables of strings, sources, series and bounds up to date. Cost: O(new rows). */
enum err store_refresh(struct store *st, struct errctx *ctx) GW_MUST_USE;
const struct intern *store_strings(const struct store *st);
/* Writer only. Ids are durable from the next successful store_append or store_commit on. */
enum err store_string(struct store *st, struct str s, uint32_t *ret_id, struct errctx *ctx) GW_MUST_USE;
enum err store_bounds(struct store *st, const double *upper, uint32_t count, const struct hist_bounds **ret,
                      struct errctx *ctx) GW_MUST_USE;
/* The id of the series with these properties (s->id is ignored), made when new. */
enum err store_series(struct store *st, const struct series *s, uint32_t *ret_id, struct errctx *ctx) GW_MUST_USE;
size_t store_series_count(const struct store *st);
const struct series *store_series_at(const struct store *st, size_t i); /* valid until the next refresh or store_series */
const struct hist_bounds *store_bounds_by_id(const struct store *st, uint32_t id);
/* Bit s: the source has series of signal s. Signals of a newer build are left out. Cost: O(its shards). */
uint64_t store_source_signals(const struct store *st, uint32_t source);
/* DIM_BIT()s: the dimensions of which some series of that source and signal has a value. Cost: O(its shards). */
uint32_t store_source_dims(const struct store *st, uint32_t source, enum signal s);

/* ---- appending (writer) ---- */

struct store_hist_count {
    uint32_t bucket;
    uint64_t count;
}; /* bucket as in struct hist.counts (classic), or exponential index + 2^30 */

struct store_item {
    uint32_t series;
    union {
        int64_t increment; /* KIND_INCREMENT: fixed point */
        double gauge;      /* KIND_GAUGE: NaN = the source says it does not know */
        struct {
            int64_t sum_fixed;
            uint64_t
                n; /* observations that sum_fixed is of: as many as are in the buckets, or 0 where the sum is not known; more, where it is
                         * known again of those before, too */
            const struct store_hist_count *counts;
            uint32_t count;
        } hist; /* counts rising by bucket */
        struct {
            int64_t n, sum_fixed, sumsq_fixed, bad;
        } score;
    } v;
};

/* One poll of one source: what happened in (t0_ms, t1_ms]. A series that is not among the items was absent, which is not zero. */
struct store_batch {
    uint32_t source;
    int64_t t0_ms, t1_ms; /* t0 0: the first poll, or after a gap: increments cover an unknown time */
    const struct store_item *items;
    size_t count;
    bool revised; /* scores that were counted before, and are otherwise now: by how much that differs */
};

/* Appends several batches in one durable transaction, together with every fact put since the last one; also seals, rolls up and applies
 * retention within its budget of 1 MB per call. t1 need not rise per source: late data rewrites its chunk.
 * Errors: ERR_FULL, ERR_IO (nothing was appended, and the facts go into the next; with a ring store configured it takes over and ERR_OK is
 * returned). */
enum err store_append(struct store *st, const struct store_batch *batches, size_t count, struct errctx *ctx) GW_MUST_USE;
enum err store_commit(struct store *st, struct errctx *ctx) GW_MUST_USE; /* facts alone */

/* What a source counted at polls that ended in (t0, t1] was no count: of them the gauges are left. It goes into the next transaction, like
 * a fact. Only of polls that are not sealed yet: where a segment has room for 160, the last STORE_HEAD_KEPT are not. Errors: those of
 * facts. */
enum { STORE_HEAD_KEPT = 40 };
enum err store_take_back(struct store *st, uint32_t source, int64_t t0_ms, int64_t t1_ms, struct errctx *ctx) GW_MUST_USE;

/* ---- reading measurements ---- */

/* One stage of a signal of one source, 0 = what is told without a stage. */
struct store_stage {
    uint32_t source;
    enum signal signal;
    uint32_t stage;
};

/* Conditions on dimensions: for each dim at most one list of allowed string ids; count 0 = any. */
struct store_filter {
    struct {
        const uint32_t *ids;
        uint32_t count;
    } dim[DIM_COUNT];
    const uint32_t *sources;
    uint32_t source_count;             /* allowed sources, 0 = any */
    const struct store_stage *without; /* of these nothing */
    uint32_t without_count;
};

struct store_query {
    enum signal signal;
    struct store_filter filter;
    /* DIM_BIT()s; series that agree on these dims are added together (gauges: merged by their rule). Series without a value group under
     * id 0 */
    uint32_t group_by;
    int64_t t0_ms, step_ms;
    uint32_t columns; /* column i covers (t0 + i*step, t0 + (i+1)*step] */
};

struct store_cell {
    uint32_t n;         /* samples seen; 0 = a gap: nothing is known here */
    uint32_t polls;     /* distinct polls among them, at least 1 when n > 0 */
    int64_t covered_ms; /* time that the increments in it cover: the union of its polls' (t0, t1], where a poll's t0 is known */
    /* from rollups, and of several series or sources that may have taken turns: covered_ms is a lower bound, off by more than 1 % */
    bool covered_about;
    int64_t sum; /* increment: total; score: sum_fixed; histogram: sum_fixed */
    union {      /* by the signal's kind; many groups have many columns */
        struct {
            int64_t score_n, score_sumsq, score_bad;
        };
        struct { /* gauge: of what the group's series read together at each poll, by the signal's merge rule; last in time order */
            double last, min, max, total;
        };
    };
};

struct store_group {
    uint32_t dim[DIM_COUNT];  /* 0 for dims not in group_by */
    uint32_t series;          /* how many series were added */
    struct store_cell *cells; /* [columns] */
    struct hist_set *hists;   /* [columns], histograms only, else NULL */
};

/* Time that a column's samples cover, whichever groups they are in: groups may take turns, so the longest of them is not it. */
struct store_cover {
    int64_t ms;
    bool about; /* as covered_about */
};

struct store_result {
    struct store_group *groups; /* in no promised order */
    size_t count;
    struct store_cover *cover; /* [columns]; gauges: NULL */
    bool from_rollup;          /* part of it came from a rollup tier (exact sums, coarser time) */
};

enum { STORE_QUERIES_MAX = 256 }; /* of one read */

/* Runs several queries over one pass of the data; results live in a. Tier by itself: raw where the step needs it or the range is
 * recent, rollups where step and t0 are whole multiples of a tier. Errors: ERR_LIMIT past 20,000 groups with samples, ERR_NOMEM, ERR_IO,
 * ERR_CORRUPT (a chunk failed its checksum: it is skipped and counted in store_stats). Cost: last hour of 10,000 series <= 20 ms. */
enum err store_read(struct store *st, const struct store_query *q, size_t count, struct arena *a, struct store_result *ret,
                    struct errctx *ctx) GW_MUST_USE;

/* Every sample of one series in (t0, t1], in time order, raw tier only: for tests, detectors and export. */
typedef bool store_sample_fn(void *ctx, int64_t t0_ms, int64_t t1_ms, const struct store_item *item);
enum err store_scan(struct store *st, uint32_t series, int64_t t0_ms, int64_t t1_ms, store_sample_fn *fn, void *fn_ctx,
                    struct errctx *ctx) GW_MUST_USE;

/* Times of polls of a source in (t0, t1], rising; at most max, newest kept. */
enum err store_polls(struct store *st, uint32_t source, int64_t t0_ms, int64_t t1_ms, size_t max, struct arena *a, int64_t **ret,
                     size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* ---- facts ----
 * A fact is put once. It is durable with the next store_append or store_commit that succeeds: what the disk refuses waits in memory until
 * then (and is not read back before), also from a commit that failed, which is ERR_OK here. Errors of all: ERR_READONLY (a reader),
 * ERR_NOMEM, ERR_LIMIT, ERR_CORRUPT. */

enum err store_put_source(struct store *st, const struct source_status *s, uint32_t *ret_id,
                          struct errctx *ctx) GW_MUST_USE; /* by name; s->id ignored */
/* Records the outcome of a try. State changes are kept as history, the rest as the latest row. */
enum err store_put_status(struct store *st, int64_t at_ms, const struct source_status *s, struct errctx *ctx) GW_MUST_USE;
/* A source of this kind is a canary of the recorder's own: nobody polls it, and it tells nothing of the gateway's traffic. */
#define CANARY_SOURCE_KIND "canary"
#define CANARY_SOURCE_PREFIX "canary:"
/* What the recorder measures itself. */
#define OWN_SOURCE_KIND "gwtop"
/* Sources as they were known at the cursor, but for canaries and the recorder's own. The age is cursor - last_ok_ms; a source whose age
 * passes 3 intervals, or three times what it takes to answer where that is longer, reads SOURCE_STALE. */
enum err store_sources(struct store *st, int64_t cursor_ms, struct arena *a, struct source_status **ret, size_t *ret_count,
                       struct errctx *ctx) GW_MUST_USE;

struct store_gap {
    uint32_t source;
    int64_t t0_ms, t1_ms;
    const char *reason;
    bool lost;        /* what was counted meanwhile is not known: counters began anew in it, or nobody kept what they were before */
    uint64_t signals; /* lost: of these alone, bit s; 0 = of all */
};
/* One that begins where an earlier one of its source did, and ends later, takes its place where it is of the same signals at least. */
enum err store_put_gap(struct store *st, const struct store_gap *g, struct errctx *ctx) GW_MUST_USE;
enum err store_gaps(struct store *st, int64_t t0_ms, int64_t t1_ms, struct arena *a, struct store_gap **ret, size_t *ret_count,
                    struct errctx *ctx) GW_MUST_USE;
/* Whether it is of what is counted of a signal. */
bool store_gap_is_of(const struct store_gap *g, enum signal s);
/* Those of them in which counts were lost. */
enum err store_lost(struct store *st, int64_t t0_ms, int64_t t1_ms, struct arena *a, struct store_gap **ret, size_t *ret_count,
                    struct errctx *ctx) GW_MUST_USE;

/* What a source counted in (t0, t1] came to be known only at known_ms, later than a poll of its own would have told it: the polls of it
 * failed, or nobody asked, or it had to wait. Measurements are stored at their own time, so this is what tells a past cursor from one that
 * was watched. */
struct store_late {
    uint32_t source;
    int64_t t0_ms, t1_ms, known_ms;
    bool part; /* polls of that time were answered, and told all but some of it */
};
/* In place of an earlier one of the same time, or of one that began there and ended earlier. */
enum err store_put_late(struct store *st, const struct store_late *late, struct errctx *ctx) GW_MUST_USE;
/* Those that began before the cursor and were not known at it, by source and beginning. */
enum err store_late(struct store *st, int64_t cursor_ms, struct arena *a, struct store_late **ret, size_t *ret_count,
                    struct errctx *ctx) GW_MUST_USE;

/* key identifies the event for good: putting it twice is one event. */
enum err store_put_event(struct store *st, const char *key, const struct event *e, struct errctx *ctx) GW_MUST_USE;
enum err store_events(struct store *st, int64_t t0_ms, int64_t t1_ms, int64_t cursor_ms, struct arena *a, struct event **ret,
                      size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* A transition is keyed by (rule, scope, since_ms): putting it twice is one transition. */
enum err store_put_alert(struct store *st, const struct alert *al, struct errctx *ctx) GW_MUST_USE;
/* Of which incident a transition that was put is. */
enum err store_put_alert_incident(struct store *st, const char *rule, const char *scope, int64_t since_ms, int64_t incident,
                                  struct errctx *ctx) GW_MUST_USE;
enum err store_alerts(struct store *st, int64_t cursor_ms, struct arena *a, struct alert **ret, size_t *ret_count,
                      struct errctx *ctx) GW_MUST_USE; /* latest per rule and scope */
enum err store_alert_history(struct store *st, int64_t t0_ms, int64_t t1_ms, int64_t cursor_ms, struct arena *a, struct alert **ret,
                             size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* A version of an outside alert, o->id ignored: in place of one that was put for the same instant. */
enum err store_put_outside(struct store *st, const struct outside *o, struct errctx *ctx) GW_MUST_USE;
/* The latest version of an alert, of which source and fingerprint alone are read, in another state since known_ms; nothing where there is
 * none. */
enum err store_put_outside_state(struct store *st, const struct outside *o, enum outside_state state, int64_t known_ms,
                                 struct errctx *ctx) GW_MUST_USE;
/* The latest version known at the cursor of each alert of each source, by source and fingerprint; those that were over by over_ms are left
 * out. */
enum err store_outside(struct store *st, int64_t cursor_ms, int64_t over_ms, struct arena *a, struct outside **ret, size_t *ret_count,
                       struct errctx *ctx) GW_MUST_USE;
/* Every version that became known in (t0, t1], and before them the one that was known of the alert at t0; by source, fingerprint and
 * time. */
enum err store_outside_history(struct store *st, int64_t t0_ms, int64_t t1_ms, struct arena *a, struct outside **ret, size_t *ret_count,
                               struct errctx *ctx) GW_MUST_USE;

/* Incidents are versions: id 0 makes a new one, otherwise a new version of it. ret_id may be NULL. */
enum err store_put_incident(struct store *st, const struct incident *in, int64_t *ret_id, struct errctx *ctx) GW_MUST_USE;
enum err store_incidents(struct store *st, int64_t cursor_ms, struct arena *a, struct incident **ret, size_t *ret_count,
                         struct errctx *ctx) GW_MUST_USE; /* newest first */
enum err store_put_timeline(struct store *st, const char *key, const struct timeline_entry *e, struct errctx *ctx) GW_MUST_USE;
enum err store_timeline(struct store *st, int64_t incident, int64_t cursor_ms, struct arena *a, struct timeline_entry **ret,
                        size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* What was ruled of a source where several see the same traffic, bit s for signal s. What stands in neither counts. */
struct store_authority {
    uint32_t source;
    uint64_t kept;       /* others of its gateway have the word: kept and compared, never added */
    uint64_t unresolved; /* counts, and may count under another gateway's name, too: readers say `overlap?` */
};
enum err store_put_authority(struct store *st, const struct store_authority *a,
                             struct errctx *ctx) GW_MUST_USE; /* in place of the last one */
/* Rising by source; without those of whom nothing was ever ruled. */
enum err store_authorities(struct store *st, struct arena *a, struct store_authority **ret, size_t *ret_count,
                           struct errctx *ctx) GW_MUST_USE;
/* The one of a source in such a list; where there is none, all of it counts. Cost: O(log count). */
struct store_authority store_authority_of(const struct store_authority *list, size_t count, uint32_t source);

/* Where a signal tells stages apart, the word goes by stage: these are kept, though their sources have it for other stages. In place of the
 * last list. */
enum err store_put_kept_stages(struct store *st, int64_t known_ms, const struct store_stage *list, size_t count,
                               struct errctx *ctx) GW_MUST_USE;
/* None in a store that was ruled on by signal alone. */
enum err store_kept_stages(struct store *st, struct arena *a, struct store_stage **ret, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;
bool store_has_stage(const struct store_stage *list, size_t count, const struct series *s); /* whether a series is of one of them */

/* Small named values: "slo" (JSON of the definitions in force), "demo" (its clock map), "budget", analyser checkpoints. known_ms versions
 * them. */
enum err store_put_note(struct store *st, const char *name, int64_t known_ms, struct str value, struct errctx *ctx) GW_MUST_USE;
/* The latest with known_ms <= cursor. Errors: ERR_NOTFOUND when there is none, ERR_NOMEM, and the store's. */
enum err store_note(struct store *st, const char *name, int64_t cursor_ms, struct arena *a, struct str *ret) GW_MUST_USE;

/* When histograms of a source last had a bucket that holds less than the one below it: the poll's instant by signal, 0 = never. Put again
 * every STORE_ODD_BUCKETS_MS as long as it lasts, with the instants of the other signals. */
enum { STORE_ODD_BUCKETS_MS = 5 * 60 * 1000 };
enum err store_put_odd_buckets(struct store *st, uint32_t source, int64_t known_ms, const int64_t at_ms[SIG_COUNT],
                               struct errctx *ctx) GW_MUST_USE;
/* As known at the cursor. */
enum err store_odd_buckets(struct store *st, uint32_t source, int64_t cursor_ms, struct arena *a, int64_t ret_at_ms[SIG_COUNT],
                           struct errctx *ctx) GW_MUST_USE;

/* ---- acts: what operators say, on its way in ---- */

/* The verb of taking a finding for normal; its text is "RULE|SCOPE" of the alert, its incident 0. */
#define STORE_ACT_ACCEPT "accept"
struct store_act {
    int64_t id;      /* 1, 2, ... as they were taken in; 0 of a pending one */
    const char *key; /* its file's name: no two acts have the same */
    const char *author;
    int64_t at_ms;    /* when it was said, by the author's clock */
    int64_t known_ms; /* when it was taken in; 0 of a pending one */
    const char *verb;
    int64_t incident;
    const char *text;
    const char *origin; /* "login ann, ssh from 10.2.3.4": what the author's session said of itself, not proven; "" = nothing */
    bool pending;
};
enum { STORE_AUTHOR_MAX = 64 };
void store_act_author(char dst[STORE_AUTHOR_MAX]); /* the author that an act of this process has */
/* Console: writes one act file beside the store. Needs no write access to the database. */
enum err store_act_drop(const char *store_path, const char *verb, int64_t incident, const char *text, int64_t at_ms,
                        struct errctx *ctx) GW_MUST_USE;
/* Whether an act could be dropped now, by a file that is removed again: for who is about to do what must not lack in the audit. Errors: as
 * store_act_drop. */
enum err store_act_check(const char *store_path, struct errctx *ctx) GW_MUST_USE;
/* Recorder: takes in waiting files as facts, 1,000 at a time, and removes files of that name that are no acts; author is the file's
 * owner. */
enum err store_act_ingest(struct store *st, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;
/* The audit chain of the acts taken in: each holds the SHA-256 of itself and of the one before, so that a change, a swap or a removal
 * within it shows. That its end was removed, or all of it made anew, shows only against a hash that was kept elsewhere.
 * The hashes are durable with their acts, in one transaction; an end without hashes is older than the chain (format 1), or was added by
 * another's hand. */
enum store_chain_word {
    STORE_CHAIN_WHOLE,
    STORE_CHAIN_OPEN,      /* whole up to there; from bad_id on no act has a hash */
    STORE_CHAIN_CHANGED,   /* act bad_id, or its place, is not what was taken in */
    STORE_CHAIN_REMOVED,   /* acts before bad_id are gone */
    STORE_CHAIN_CUT,       /* it ends before the act whose hash was kept */
    STORE_CHAIN_ANEW,      /* by itself whole, but the act whose hash was kept has another */
    STORE_CHAIN_KEPT_GONE, /* by itself whole, but retention removed the act whose hash was kept: of what was before cut_id nothing is
                            * known */
};
enum { STORE_CHAIN_HASH_MAX = 65 }; /* hexadecimal, with the NUL */
struct store_chain {
    enum store_chain_word word;
    int64_t count;   /* acts that there are */
    int64_t bad_id;  /* 0 = none */
    int64_t head_id; /* the last one up to which it is whole, 0 = none, and its hash: what to keep elsewhere */
    char head[STORE_CHAIN_HASH_MAX];
    int64_t cut_id; /* retention removed the acts up to this one, 0 = none, and its record in the chain says so */
};
/* kept_id, kept: a head of earlier, 0 and NULL = none is at hand. Cost: every act is read and hashed. */
enum err store_acts_verify(struct store *st, int64_t kept_id, const char *kept, struct store_chain *ret, struct errctx *ctx) GW_MUST_USE;
enum err store_acts(struct store *st, int64_t cursor_ms, struct arena *a, struct store_act **ret, size_t *ret_count,
                    struct errctx *ctx) GW_MUST_USE; /* pending ones included */

/* ---- scores: which ones are counted already ---- */

/* What a score counts as. A source's scores are told again and again, and some are revised, so it is remembered by the keyed hash of their
 * ids. */
enum { STORE_SCORE_SLOT_MS = 10 * 1000 };
struct store_scored {
    uint64_t id;
    uint32_t slot;   /* the score lies in [(slot - 1) * STORE_SCORE_SLOT_MS, slot * STORE_SCORE_SLOT_MS) */
    uint32_t series; /* 0 = it counts as nothing any more */
    int64_t value_fixed;
    bool bad;
};
struct store_scores {
    uint32_t source;
    int64_t mark_ms;  /* everything up to here was read */
    int64_t floor_ms; /* what is not later than this need not be remembered */
    int64_t t_max_ms; /* no instant that list speaks of is later, those before a revision included */
    const struct store_scored *list;
    size_t count;
    bool anew;        /* list is all that there is to be remembered */
    const char *file; /* that these scores came from, NULL = none */
};
/* It goes into the transaction of the next store_append or store_commit, to the file that has the samples of that, and is forgotten when it
 * fails. Errors: ERR_READONLY, ERR_NOMEM. */
enum err store_put_scores(struct store *st, const struct store_scores *s, struct errctx *ctx) GW_MUST_USE;
void store_scores_clear(struct store *st); /* what was put since the last commit is lost, with its samples */
/* What is remembered of a source, in the order in which it was put: a later entry of an id takes the place of an earlier one. fn: false
 * stops, with ERR_NOMEM. Marks are 0 when nothing was put. */
typedef bool store_scored_fn(void *ctx, const struct store_scored *s);
enum err store_scores(struct store *st, uint32_t source, int64_t *ret_mark_ms, int64_t *ret_floor_ms, store_scored_fn *fn, void *fn_ctx,
                      struct errctx *ctx) GW_MUST_USE;
/* The key of the hashes, made with the file. */
enum err store_score_key(struct store *st, uint64_t *ret, struct errctx *ctx) GW_MUST_USE;

/* Anybody: hands in scores, JSON objects one per line (model/score.h), in one file beside the store that survives a crash once this
 * returns. at_ms: of several the order. Needs no write access to the database. Errors: ERR_LIMIT past STORE_SCORE_FILE_MAX, ERR_READONLY,
 * ERR_FULL, ERR_IO. */
enum { STORE_SCORE_FILE_MAX = 1 << 20, STORE_SCORE_FILES = 8 };
enum err store_scores_drop(const char *store_path, struct str lines, int64_t at_ms, struct errctx *ctx) GW_MUST_USE;
/* Recorder: the first of the files that wait, by their at_ms, with their texts in a; those that were put with store_put_scores are removed.
 * None while the ring store serves. */
struct store_score_file {
    const char *name;
    struct str text;
};
enum err store_score_files(struct store *st, struct arena *a, struct store_score_file ret[STORE_SCORE_FILES], size_t *ret_count,
                           struct errctx *ctx) GW_MUST_USE;

/* ---- a part of a store as a file of its own ---- */

/* Where it has this note it is such a part: no writer opens it, but to bring an older one up to date. */
#define STORE_SNAPSHOT_NOTE "snapshot"
struct store_export_note {
    const char *name;
    struct str value; /* with mask: text, masked too */
};
/* What goes into it: measurements of (from_ms, to_ms] and what panes compare them with, and every fact that was known at to_ms. */
struct store_export {
    int64_t from_ms, to_ms;
    int64_t max_bytes; /* beyond it measurements before from_ms are left to the rollups; ERR_LIMIT where that is too much, too */
    const struct store_export_note *notes; /* put beside those that are copied, in place of those of the same name */
    size_t note_count;
    bool mask; /* names of teams, keys and users by pseudonyms that are this file's own; where acts came from is left out */
};
struct store_exported {
    int64_t bytes;
    int64_t raw_from_ms; /* samples from there on; before it sums of 5 min and longer */
    bool is_thin;        /* and not of the week before, for that was too much */
};
/* Reader: writes path, which must not exist, under another name first. The store is read only. Errors: ERR_USAGE where there is such a
 * file, ERR_LIMIT, ERR_FULL, ERR_READONLY, ERR_IO. Cost: grows with what is copied. */
enum err store_export(struct store *st, const char *path, const struct store_export *what, struct store_exported *ret,
                      struct errctx *ctx) GW_MUST_USE;

/* ---- house-keeping ---- */

struct store_stats {
    int64_t file_bytes, wal_bytes, first_ms, last_ms; /* of any sample, 0 = none */
    uint64_t samples, head_rows, chunks, rollups, bad_chunks;
    size_t series, strings;
};
enum err store_get_stats(struct store *st, struct store_stats *ret, struct errctx *ctx) GW_MUST_USE; /* Cost: grows with the file */
/* The end of the first poll whose samples are kept raw; 0 = none, or not to be read. Cost: one look-up per shard. */
int64_t store_first_ms(struct store *st);
/* Since when something is kept in any tier, 0 = nothing, or not to be read. Where the first day is left as a rollup alone, its end: when in
 * that day recording began is not kept. Cost: a look-up per shard and tier. */
int64_t store_recorded_since_ms(struct store *st);
/* Writer: seals every shard whatever its age and checkpoints the WAL; for the end of a recording and for measuring. */
enum err store_seal_all(struct store *st, struct errctx *ctx) GW_MUST_USE;

#endif
