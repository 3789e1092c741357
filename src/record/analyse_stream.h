/* SPDX-License-Identifier: MIT */
/* Streams: what is watched for drift by analysis/edetect.h. A group with a ring and this as its own.
 *
 * A stream is a score of one judge, or a share of answers (model/answers.h), of one model. Its detector's state is a note that is written
 * every few minutes; what came since is fed again from the store after a restart. What it is held against is a note for screens
 * (model/drift.h), and the evidence a gauge of the source DRIFT_SOURCE. */
#ifndef GWTOP_RECORD_ANALYSE_STREAM_H
#define GWTOP_RECORD_ANALYSE_STREAM_H

#include "analysis/edetect.h"
#include "analysis/strata.h"
#include "model/answers.h"
#include "model/drift.h"
#include "model/score.h"
#include "record/analyse_detect.h"

/* Counts of scores: of shares of answers, sum is bad. */
struct scored {
    uint64_t n, bad;
    double sum, sum_sq;
};

enum { STREAM_PARTS = 2 };

/* By how much counts of scores differ from what was told before. */
struct stream_change {
    int64_t n, bad;
    double sum, sum_sq;
};

struct stream {
    /* what is kept, as bytes */
    uint32_t version;
    bool is_score; /* its values are not 0 and 1 alone */
    struct edetect d;
    /* Of batches of scores and the bad ones in each, which tell whether a high score is a good one: weights, means, products. */
    double w, wx, wb, wxb;
    bool low_is_good;                /* of graded ones: as the ring counts them, and as long as a finding is open */
    double sum, base_sum;            /* of the scores since from_ms, and of those in the baseline */
    int64_t from_ms, base_ms, at_ms; /* the baseline's begin, when it was last taken, end of the newest that was fed */
    char why[192];                   /* why it began at from_ms; "" */
    int64_t from_error_ms;           /* an onset that it began with is known to within this; 0 = it began with none */
    /* Between which that onset lies, 0 = both sides are from_error_ms; and the level before it, as the mean is of. Of another moment than
     * from_ms they are of an earlier baseline. */
    int64_t begun_ms, begun_from_ms, begun_to_ms;
    double begun_was;
    int64_t rested_from_ms, rested_to_ms; /* after a drift it was fed nothing since the first one, at which that was over at the earliest */
    struct daycount usual;                /* of its finding, with the parts of one that the finding itself does not tell */
    struct scored since; /* after an alarm, while it waits or its finding is open: what came since its onset, once that is told */
    struct scored part[STREAM_PARTS]; /* of the minute, and of the five minutes, that at_ms lies in: what was fed */
    int64_t late_from_ms;             /* samples from then on were fed after newer ones, 0 = none since it began, or was told again */
    /* of this run */
    int64_t saved_ms; /* d as of then is in the store, 0 = nowhere; of those that wait for their turn, as if it were */
    bool ready;
    bool told; /* share of answers: something that counts bad ones is there */
    uint64_t noted_n;
    bool noted_thin, noted_first_arl; /* the latter: its share of the budget was not known yet */
    int64_t alarm_ms;                 /* of an alarm that is not told yet, 0 = none */
    int64_t asked_ms;                 /* when that was last looked into, or where its finding is */
    bool located;                     /* where its finding is is known for good, or cannot be */
    bool asked_note;                  /* what an earlier run told of that was read */
    bool undecided;                   /* its finding may be other traffic: that is looked into as well */
    enum drift_where where;           /* as it was told of its finding */
    uint32_t stalled;                 /* intervals in which more bad ones were counted than there are */
    struct scored now;                /* of the interval, and bad ones whose whole is still to come */
    const struct answer_share *share; /* NULL: a score */
    uint32_t name, judge;             /* ids of its series' strings */
    enum score_better better;         /* which values are good, as the configuration has it, or who told the scores */
    bool is_guess;                    /* nobody told that, and which of the scores are bad was guessed: they do not tell it either */
    struct feeders feeders;
    bool to_save;       /* while late samples are fed: its state is to be kept when they are */
    struct scored late; /* of what was fed after newer samples, since late_from_ms or this run began */
    bool is_ahead;      /* it was fed what a restart would take for fed before */
    bool again;         /* some of what came late, or was revised, may not be in the state that it went on from */
    bool is_revised;    /* not looked at yet: by so much in all, and in the baseline */
    struct stream_change revised, revised_base;
    int64_t revised_ms;  /* when that was looked at last */
    uint32_t evidence;   /* series of its evidence, 0 = none yet */
    int64_t evidence_ms; /* up to when what it told is in the evidence that was told last */
};

enum { STREAM_ASKED_AT_ONCE = 8 }; /* alarms that a step looks into: each reads days of the store */

/* What a detector keeps of a group, as bytes in a note of its finding's rule and scope, one version alone. *ret NULL: there is none of so
 * many bytes; in scratch. */
enum err analyse_state_read(struct analyser *an, const struct group *g, size_t n, const void **ret, struct errctx *ctx) GW_MUST_USE;
enum err analyse_state_put(struct analyser *an, const struct group *g, const void *state, size_t n, struct errctx *ctx) GW_MUST_USE;

/* Whether it is to be kept now, at a whole five minutes: each so often that at_once of count come together. *saved_ms: when it was kept
 * last; of those that were not yet (0), which take turns, as if it had been. */
bool analyse_state_due(const struct group *g, int64_t *saved_ms, int64_t edge_ms, uint32_t count, uint32_t at_once);

/* Of a group that a series of the source feeds: begins it when it is new, or goes on from the store. */
enum err stream_open(struct analyser *an, struct group *g, uint32_t source, struct errctx *ctx) GW_MUST_USE;
/* Counts what an item tells, to be fed with the end of the interval. */
void stream_count(struct groups *gs, uint32_t slot, const struct scored *c);
void stream_add(struct scored *to, const struct scored *c);
/* Feeds its detector with what came by at_ms. */
void stream_feed(struct stream *s, const struct scored *c);
/* A column of the store's of a minute or STREAM_STEP_MS that begins at begin_ms and is known up to end_ms: what the kept state does not
 * hold of it is fed. Returns what the ring is to count as bad. */
enum { STREAM_STEP_MS = 5 * MINUTE_MS };
double stream_fill(struct analyser *an, struct group *g, int64_t begin_ms, int64_t end_ms, const struct scored *c);
/* It is known up to at_ms. */
void stream_move_to(struct stream *s, int64_t at_ms);
/* What the kept state lacks of such a column. */
struct scored stream_not_fed(const struct stream *s, int64_t begin_ms, int64_t end_ms, const struct scored *c);
/* Keeps its state as of an instant with the next commit. */
enum err stream_save(struct analyser *an, struct group *g, int64_t at_ms, struct errctx *ctx) GW_MUST_USE;
/* Tells screens what it is held against, when that is another. */
enum err stream_note(struct analyser *an, struct group *g, int64_t known_ms, struct errctx *ctx) GW_MUST_USE;
/* Of an open finding: whether it is over, and where it is. */
enum err stream_held(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in,
                     struct errctx *ctx) GW_MUST_USE;
uint32_t streams_alive(const struct analyser *an,
                       const void *groups); /* that told something within a day, or are to be read: detector.alive */
/* Judges the interval's counts: detector.on_interval of streams. */
enum err streams_close(struct analyser *an, struct groups *gs, const struct detector *d, const struct interval *in,
                       struct errctx *ctx) GW_MUST_USE;
/* Looks into alarms that wait, when no sample came for a while: by the clock. */
enum err streams_tick(struct analyser *an, struct groups *gs, const struct detector *d, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* Whether a high score is a good one ("json_valid"): of 0 and 1 alone by whichever of the two shares its mean is nearer to, else as it was
 * told, or by which batches have the bad ones. */
bool stream_high_is_good(const struct group *g);
/* Whether that is known: of a graded score of which nobody told it, nor which are bad, or no bad one was seen, it is not. */
bool stream_is_directed(const struct group *g);
/* Of graded scores: counts as bad what lies towards the other end, in the ring and in what was usual as well. */
void stream_direct(struct group *g, bool low_is_good);
void stream_direct_known(struct group *g); /* the way that is known, unless its finding is open */
/* Looks up what is told of it by the configuration, or by its sources: where these contradict each other it is not known. Cost: a walk over
 * the series. */
enum err stream_ask_better(struct analyser *an, struct group *g, struct errctx *ctx) GW_MUST_USE;
enum err streams_accept(struct analyser *an, struct groups *gs, const struct detector *d, const struct acceptance *a,
                        struct errctx *ctx) GW_MUST_USE;
/* What of the series of a share's signals is the whole, and what is bad. Lists are in scratch. */
enum err analyse_share_filters(struct analyser *an, const struct answer_share *share, struct store_filter *ret_whole,
                               struct store_filter *ret_bad, struct errctx *ctx) GW_MUST_USE;
/* The finding of a stream, for all detectors of streams: "quality:NAME", "model=MODEL". */
void stream_finding(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope);

bool stream_rise_is_bad(const struct group *g); /* of what its detector sees: of a share bad ones are counted, of scores the mean */
/* Begins its baseline anew, with the next sample; why: in words, "" = nothing to be said. */
void stream_begin(struct stream *s, int64_t from_ms, const char *why);
/* The same, and its first samples are these, up to what was fed last. */
void stream_begin_with(struct group *g, int64_t from_ms, const char *why, const struct scored *c);
/* Counts as the ring has them, of graded scores with the variance of one. */
struct scored stream_scored(const struct group *g, const struct daycount *c, double var);
/* detector.silent of streams: it is held against what it was before. */
enum err stream_silent(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* The detector's alarm becomes a finding or an event, now or with a later interval. */
enum err stream_report(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in,
                       struct errctx *ctx) GW_MUST_USE;
struct traffic;
/* Its finding turned out to be other traffic: it ends, and the baseline is what that had before. found: the finding in words. */
enum err stream_explained(struct analyser *an, const struct detector *d, struct group *g, const char *found, const struct traffic *t,
                          const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* An alarm in words: "json_valid of gpt-x fell 98.9 -> 94.0 %"; means, where the bad ones are told as such. In scratch, NULL when out of
 * memory. */
const char *stream_found_text(struct analyser *an, const struct group *g, const struct edetect_alarm *al, bool is_directed);
/* Whether it is likelier than not that a group went back from what it was found to do at its onset to what was usual before it, and when;
 * and whether that is proved, and nothing that came since differs. */
bool stream_back(const struct group *g, struct dayring_back *ret);
bool stream_is_over(const struct group *g, struct dayring_back *ret);
/* Of one some of whose samples came late (analyse_again.c): the detector sees all from the oldest of those on again, in the order of their
 * times. What that tells is over becomes an event; it stands at an alarm afterwards where that lasts. Cost: a reading of each day. */
enum err stream_again(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* Whether that is due without an alarm: what came late differs from the baseline, and was fed among newer samples; or it was revised. */
bool stream_again_due(const struct group *g, int64_t now_ms);
/* Of an open finding: whether, of what was counted since its baseline, as the store has it now, an alarm of its side is left, or what is
 * worth watching. Where the state that found it was lost, it is. Leaves the state as it was. Cost: as stream_again. */
enum err stream_again_lasts(struct analyser *an, struct group *g, bool *ret, struct errctx *ctx) GW_MUST_USE;

/* ---- scores that were revised (analyse_revised.c) ---- */

/* What was counted of the interval (t0_ms, t1_ms] is otherwise: it is to be judged again from the store. */
void stream_revise(struct group *g, int64_t t0_ms, int64_t t1_ms, const struct stream_change *by);
/* Whether that is due: at once where it alone moves the mean of all since by what chance does not, else every ten minutes. */
bool stream_revised_due(const struct group *g, int64_t now_ms);
/* The baseline becomes what its scores are now; before what came since is fed again. */
void stream_revised_base(struct stream *s);
/* Its open finding goes where nothing of it is left, with an event that says so. */
enum err stream_revised_held(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in,
                             struct errctx *ctx) GW_MUST_USE;
/* That its finding is over, as an event. */
enum err stream_tell_over(struct analyser *an, const struct group *g, const struct interval *in, struct errctx *ctx) GW_MUST_USE;
/* That it was taken for normal, and which samples the baseline is of, as an event. */
enum err stream_tell_accepted(struct analyser *an, const struct group *g, const char *author, struct errctx *ctx) GW_MUST_USE;
/* What speaks for a drift of it, below 0: for better; at least 1 while its finding is open, NaN while its baseline is thin. */
double stream_evidence(const struct group *g);

/* Samples per false alarm: the share of the fleet's budget of a group with a ring, by what it brings; 0: not known yet, or there is no
 * budget. */
double stream_arl(struct analyser *an, const struct group *g);

/* ---- traffic or model? (analyse_traffic.c) ---- */

struct span {
    int64_t t0_ms, t1_ms;
};
/* What is compared: before, and since the onset; and of which time the usual share is, empty = as before. */
struct spans {
    struct span base, now, usual;
};

struct spans analyse_day_before(int64_t onset_ms, int64_t now_ms);
/* The day before the onset, or, where an earlier finding of the stream was in it, the one before that. What an operator took for normal
 * begins the day anew. */
enum err analyse_spans(struct analyser *an, const struct group *g, int64_t onset_ms, int64_t now_ms, struct spans *ret,
                       struct errctx *ctx) GW_MUST_USE;

/* In the place of a value's id: those beyond the most that are told apart, whose values nobody is to be told. */
#define TRAFFIC_REST UINT32_MAX

/* Within its parts nothing changed; something did; or there are too few samples to tell. */
enum traffic_word { TRAFFIC_NOT, TRAFFIC_ALONE, TRAFFIC_UNSURE };
struct traffic {
    enum traffic_word word;
    uint64_t seen;            /* samples since the onset that the store has */
    bool mostly;              /* UNSURE: it is most of the change, and nothing speaks for another */
    bool is_split;            /* by routes, teams or keys: else nothing of it is explained, and nothing denied */
    bool has_parts;           /* there are two or more of these, or of deployments */
    bool is_told;             /* by one of these at least what is known of before would show the change if it were in all of it */
    double p;                 /* that nothing changed within them: of the dimension of these that denies it most */
    struct daycount left;     /* the baseline of the new mix at the old shares of its parts, n as well as these tell it; n 0 = not known */
    const char *text;         /* "route /v1/extract 6.0 -> 31 % of them"; "" = it did not change, or that is not known. In scratch */
    struct drift_found found; /* where it is; in scratch */
};
/* Whether other traffic is what an alarm is put down to: the baseline is then what that had before (left). */
static inline bool traffic_explains(const struct traffic *t)
{
    return t->word == TRAFFIC_ALONE || (t->word == TRAFFIC_UNSURE && t->mostly);
}

/* look: how often it was asked where the drift is, this time counted; the more often, the surer it must be. What of an alarm is due to
 * other traffic than in the day before its onset, or before an earlier finding that was in that day. */
enum err analyse_traffic(struct analyser *an, const struct group *g, int64_t onset_ms, int64_t now_ms, int64_t look, struct traffic *ret,
                         struct errctx *ctx) GW_MUST_USE;

/* ---- where it is (analyse_where.c) ---- */

/* Takes what the parts of one dimension tell, where that is more than *best has; ids as of the list. usual: the share of bad ones;
 * tests: among how many such questions this is. */
enum err analyse_where(struct analyser *an, const struct group *g, enum dim dim, const struct stratum *list, const uint32_t *ids,
                       size_t count, double usual, double tests, struct drift_found *best, struct errctx *ctx) GW_MUST_USE;
/* Whether there is no more to be told of where a drift is. */
bool analyse_where_is_final(const struct traffic *t);
/* "FOUND, route /v1/extract alone: ...", FOUND itself where that is not known. In scratch, NULL when out of memory. */
const char *analyse_where_add(struct analyser *an, const char *found, const struct drift_found *f);
/* "WHAT, WHERE; BESIDE": a finding's text of its parts. In scratch, NULL when out of memory. */
const char *analyse_found_text(struct analyser *an, const struct drift_found *f);
/* Writes it down for screens, with the group's open finding. */
enum err analyse_found_put(struct analyser *an, const struct group *g, const struct drift_found *f, int64_t known_ms,
                           struct errctx *ctx) GW_MUST_USE;
/* Of an open finding where it is, and whether it is other traffic, once more samples tell it: a new version of it, and an event. */
enum err stream_locate(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in,
                       struct errctx *ctx) GW_MUST_USE;

/* Tokens per answer of a model since an onset, against other traffic and other hours. */
struct length_traffic {
    double within; /* over what the same routes, teams or keys (those that explain most) had the day before; NaN: answers are not split by
                 * any */
    double earlier[2]; /* tokens per answer of the same time a day and a week earlier; NaN: not known */
};
enum err analyse_length_traffic(struct analyser *an, uint32_t model, enum signal tokens, int64_t onset_ms, int64_t now_ms,
                                struct length_traffic *ret, struct errctx *ctx) GW_MUST_USE;

#endif
