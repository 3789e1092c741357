/* SPDX-License-Identifier: MIT */
/* The inside of a recorder, shared by recorder.c (answers in, commits out), recorder_status.c (how sources stand, gaps) and
 * recorder_authority.c (who has the word). */
#ifndef GWTOP_RECORD_RECORDER_INT_H
#define GWTOP_RECORD_RECORDER_INT_H

#include "record/analyse.h"
#include "record/lacks.h"
#include "record/normalise.h"
#include "record/recorder.h"
#include "record/scores.h"
#include "record/versions.h"

enum {
    REASON_MAX = 512,
    TARGETS_MAX = 2000, /* per configured source */
    SLOW_POLLS = 16,    /* for which a slow answer is remembered, once or twice: one that was slow may be again */
};

/* One store source. */
struct target {
    char *key;                     /* what the adapter calls it, "" = the configured source itself */
    char *name;                    /* in the store */
    char *url;                     /* to be shown */
    const struct profile *profile; /* of an earlier run, until it answers; NULL = not known yet */
    struct normaliser *normaliser; /* NULL = the row of a source that has shown no target yet */
    struct source_status status;   /* text members point into the arrays below, the configuration or the profile */
    char reason[REASON_MAX], warning[REASON_MAX], lacking[LACKS_METRICS_MAX];
    bool changed;                /* status is to be put with the next commit */
    enum source_state put_state; /* as it was put last */
    bool gone;                   /* and then it is forgotten */
    int64_t heard_ms;            /* wall time of the last answer that showed it in this run, 0 = none */
    int64_t before_ms;           /* last poll of an earlier run, 0 = none or told */
    int64_t stored_ms;           /* last good poll that the store has taken, 0 = none */
    bool lost;                   /* polls since then were good, and the store did not take them */
    int64_t failed_since_ms;     /* first failure after the last good poll, 0 = none */
    char fail_reason[REASON_MAX];
    int64_t late_from_ms, late_to_ms, late_known_ms; /* what was read long after its time; from 0 = nothing yet */
    bool late_put;                                   /* and is in the store: what goes on from there makes the row longer */
    uint64_t signals;                                /* that it carried in this run */
    int64_t odd_buckets_ms[SIG_COUNT];               /* as written down (store_put_odd_buckets) */
    double process_start_s;
    struct versions *versions; /* NULL: its profile knows none */
};

struct feedsource {
    struct recorder *r;
    const struct config_source *cfg;
    struct source *source;
    struct target *targets; /* [0] is the source itself, always */
    uint32_t target_count, target_cap;
    uint32_t current;       /* target of the poll that the sink is in */
    bool backfill, stamped; /* of that poll: of the past; with an instant of its own */
    int64_t poll_ms;        /* wall time of the poll being made, 0 = none */
    int64_t took_ms;        /* the answers to its requests so far */
    int64_t longest_ms[2];  /* that a poll took: of the last SLOW_POLLS, or fewer; of as many before */
    uint32_t longest_polls; /* of the first of these */
    int64_t heard_ms;       /* wall time of the last answer of this run that was understood, 0 = none */
    int64_t before_ms;      /* of the last poll of an earlier run, its targets' included, 0 = none */
    struct errctx trouble;  /* the sink's own failure */
    struct scores *scores;  /* of an evaluation system, and of what is handed in; else NULL */
    bool unread;            /* some of the stretch that is being read was lost */
    struct told *told;      /* of a source of changes; else NULL */
    bool reread;            /* its file is to be read again from where that began */
    struct alerts *alerts;  /* of an alert system; else NULL */
};

struct pending {
    struct store_batch batch;
    bool backfill;
    bool told; /* by the analyser itself: nothing for it to read */
};

struct recorder {
    struct store *st;
    struct recorder_options opt;
    struct analyser *an;
    struct feedsource *sources;
    struct source_sink *sinks; /* one per source */
    uint32_t count;            /* one more than are configured once scores were handed in */
    struct config_source own;
    bool kept;          /* the last commit went to the store's file, and not to the ring store */
    struct arena arena; /* items of pending polls */
    struct pending *pending;
    struct store_batch *batches; /* scratch of the same capacity */
    size_t pending_count, pending_cap, analysed;
    int64_t opened_ms, ruled_ms;
    uint64_t acts_taken;
    int64_t pages_seq;   /* the last page that was committed */
    bool marks_taken;    /* all marks among the acts have their events */
    size_t ruled_series; /* of the store, that were looked at for new stages */
    bool unruled;        /* something came to be known that may change who has the word */
};

/* A batch for the next commit. */
enum err recorder_keep(struct recorder *r, const struct store_batch *batch, bool backfill, struct errctx *ctx) GW_MUST_USE;
/* Opens source i's adapter, and its row in the store. */
enum err recorder_open_source(struct recorder *r, uint32_t i, const struct config_source *cfg, struct errctx *ctx) GW_MUST_USE;

/* ---- recorder_scores.c ---- */

enum err recorder_scores_open(struct feedsource *s, struct errctx *ctx) GW_MUST_USE;
void recorder_scores_sink(struct source_sink *sink); /* its part of the callbacks */
/* An answer was understood: what the status says of scores. */
void recorder_scores_tell(struct feedsource *s, struct target *t, int64_t now_ms);
/* Scores that wait in files. */
enum err recorder_scores_ingest(struct recorder *r, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* After a commit, good or bad: what is remembered is what the store has that is open now. */
enum err recorder_scores_settle(struct recorder *r, bool good, struct errctx *ctx) GW_MUST_USE;

/* ---- recorder_changes.c ---- */

enum err recorder_changes_open(struct feedsource *s, struct errctx *ctx) GW_MUST_USE;
void recorder_changes_close(struct feedsource *s);
void recorder_changes_sink(struct source_sink *sink); /* its part of the callbacks */
/* The last commit failed: whatever is told again is news. */
void recorder_changes_forget(struct feedsource *s);
void recorder_changes_warn(struct feedsource *s, const char *what, struct str text);
/* An answer was understood: what the status says of warnings. */
void recorder_changes_tell(struct feedsource *s, struct target *t, int64_t now_ms);

/* ---- recorder_alerts.c ---- */

enum err recorder_alerts_open(struct feedsource *s, struct errctx *ctx) GW_MUST_USE;
void recorder_alerts_close(struct feedsource *s);
void recorder_alerts_sink(struct source_sink *sink); /* its part of the callbacks */
void recorder_alerts_warn(struct feedsource *s, const char *what, struct str text);
/* An answer was understood: what the status says of alerts. */
void recorder_alerts_tell(const struct feedsource *s, struct target *t);

/* Adds the target, with the state of an earlier run when there was one. */
enum err recorder_target(struct feedsource *s, struct str key, const struct profile *p, uint32_t *ret, struct errctx *ctx) GW_MUST_USE;
/* The last poll of any target of the source that an earlier run stored, 0 = none. */
enum err recorder_stored_until(const struct feedsource *s, int64_t *ret_ms, struct errctx *ctx) GW_MUST_USE;
void recorder_target_fini(struct target *t);
/* A poll of a target was finished. */
void recorder_good(struct recorder *r, struct feedsource *s, struct target *t, const struct normalise_report *rep, int64_t t_ms);
/* The analysers have been opened: what sources lacked in an earlier run they are taken to lack until they answer. */
void recorder_go_on(struct recorder *r);
/* The poll has ended. */
void recorder_note_end(struct feedsource *s);
/* The answer's own facts, for every target of the source. */
void recorder_note_answer(struct feedsource *s, const struct http_result *res, int64_t now_ms);
/* The answer was understood as a whole, whether or not it held polls. */
void recorder_answered(struct recorder *r, struct feedsource *s, int64_t now_ms);
void recorder_bad(struct recorder *r, struct feedsource *s, const char *reason, int64_t now_ms);
bool recorder_has_new_stage(struct recorder *r); /* since it was asked last */
/* Puts the rulings that changed into the next transaction, and that sources that are gone have stopped. Cost: some queries per source of
 * the store. */
enum err recorder_put_authorities(struct recorder *r, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* Puts the statuses that changed into the next transaction; news: of those alone that are down, or stand otherwise than they were put. */
enum err recorder_put_statuses(struct recorder *r, int64_t now_ms, bool news, struct errctx *ctx) GW_MUST_USE;

void recorder_stopped(struct recorder *r, const char *reason);
/* What was pending is durable; targets that are gone are forgotten. */
void recorder_stored(struct recorder *r);
/* What was pending is lost. */
void recorder_forget(struct recorder *r);

#endif
