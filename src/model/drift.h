/* SPDX-License-Identifier: MIT */
/* What a score, or a share of answers, is held against: the recorder's word to screens, in the note DRIFT_NOTE of its rule and scope, a
 * version whenever that becomes another. How much speaks for a drift is the signal drift_evidence, over time. Of a finding, where it is
 * stands in the note DRIFT_FOUND_NOTE. */
#ifndef GWTOP_MODEL_DRIFT_H
#define GWTOP_MODEL_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/dims.h"

#define DRIFT_NOTE "drift:%s|%s" /* rule ("quality:json_valid"), scope ("model=gpt-x", "") */
/* The source that drift_evidence is told by. */
#define DRIFT_SOURCE "gwtop:drift"
/* Note of what a source calls a score of a judge and a model: "higher" or "lower" is good, as it told it with them; that nobody told it,
 * and which of them are bad was guessed. Ids of the source, and of strings, 0 = not told: one source's word says nothing of another's score
 * of the same name. */
#define SCORE_BETTER_NOTE "score-better:%u:%u:%u:%u" /* source, name, judge, model */
#define SCORE_BETTER_UNTOLD "untold"
enum { SCORE_BETTER_NOTE_MAX = 64 };

/* Of a score's name and its judge, what findings, notes and drift_evidence call it: "judge@v2"; the name alone where no judge is told. */
enum { DRIFT_NAME_MAX = 512 };
bool drift_name(const char *name, const char *judge, char dst[DRIFT_NAME_MAX]);

/* What the rules of findings call tokens per answer, and the mix of finish reasons: levels that are no share of bad answers. */
#define DRIFT_LENGTH "output tokens per answer"
#define DRIFT_MIX "finish reasons"

/* Words of `why`: what came since from_ms is the baseline as other traffic explains what was seen, and no model (words of which traffic
 * follow); as it is better than before; or as somebody took it for normal. */
#define DRIFT_TRAFFIC "traffic changed: "
#define DRIFT_BETTER "better since"
#define DRIFT_ACCEPTED "taken for normal since"
/* As a drift is over: it is what was counted before that, and since (words of when follow): from_ms and to_ms do not tell when it was
 * counted. */
#define DRIFT_WITHOUT "of before "

/* What arl is until it is known what a stream brings, of the order that they have: its share of the budget is not known yet. */
#define DRIFT_ARL_FIRST 1e6

struct drift_base {
    bool is_share;                      /* of bad ones; else scores by their mean */
    bool high_is_good;                  /* of a score: its mean counts the good ones; of a share of answers that is false */
    uint64_t n;                         /* in the baseline */
    double bad;                         /* bad ones of them; of scores: their sum */
    double mean;                        /* of the scores; of a share of answers it is bad / n */
    double var;                         /* of one score or answer; 0 while thin */
    int64_t from_ms, to_ms;             /* when it was counted */
    int64_t from_error_ms;              /* of an onset that it begins with: that is known to within this; 0 = how exactly is not told */
    int64_t onset_from_ms, onset_to_ms; /* between which that lies; 0 = not told: both its sides are as wide */
    double onset_was;                   /* what mean was before it, 0 = not told */
    double lacks;     /* how many bad and good ones, or scores, it still lacks: while > 0 it is thin and nothing is watched */
    double arl;       /* samples per false alarm, on average, at least 1 */
    double alarms;    /* that all of the fleet's streams may raise falsely in 30 days, on average */
    uint32_t streams; /* of the fleet */
    const char *why;  /* why it began at from_ms, "" = with the first sample */
};

/* Where evidence is worth watching: it would be an alarm if a hundred times as many might be false. */
double drift_watch_line(const struct drift_base *b);

/* As a JSON object. Errors: the buffer's. */
enum err drift_base_write(const struct drift_base *b, struct buf *out) GW_MUST_USE;
/* Texts in a. What is missing (older versions told less) is 0 where it counts something or is an instant, NaN of mean, var, arl and alarms,
 * as is null; high_is_good is then what bad and mean of a share say, of other scores true. Errors: ERR_PARSE, also of a number outside its
 * range or more bad ones than there are; ERR_NOMEM. */
enum err drift_base_read(struct str text, struct arena *a, struct drift_base *ret, struct errctx *ctx) GW_MUST_USE;

/* ---- findings ---- */

#define DRIFT_FOUND_NOTE "found:%s|%s" /* as DRIFT_NOTE */

/* Where a drift is, by one dimension: in some of its values alone, most of it in one, in each that has enough samples to show it. */
enum drift_where { DRIFT_WHERE_UNKNOWN, DRIFT_WHERE_SOME, DRIFT_WHERE_MOSTLY, DRIFT_WHERE_ALL };
enum { DRIFT_WHERE_NAMES = 3 };

struct drift_found {
    int64_t onset_ms;       /* of the finding that this goes with */
    int64_t from_ms, to_ms; /* between which it lies, 0 = not told */
    const char *what;   /* "json_valid of gpt-x fell 98.9 -> 94.0 %", "" = not told: the finding's text says it, and all of this, in one */
    const char *beside; /* that its traffic changed as well; "" */
    bool undecided;     /* whether that is all there is to it is not known */
    int64_t asked_ms;   /* when that was asked last; 0 = not told */
    const char *class;  /* of a mix of finish reasons, the one that it is told by; "" */
    enum drift_where where;
    enum dim dim;
    const char *names[DRIFT_WHERE_NAMES]; /* of SOME, and of MOSTLY one; printable */
    uint32_t name_count;
    double was, is;      /* of the first, as it is shown; was NaN where it is new */
    uint64_t n;          /* samples of it since the onset */
    double part;         /* of all that changed, theirs */
    uint32_t parts, all; /* ALL: in how many, of how many that have samples; the others have too few to tell */
};

const char *drift_where_name(enum drift_where w); /* "alone", "mostly", "each"; "" of UNKNOWN */
/* "route /v1/extract alone: 98.7 -> 71.2 % (n 212)", "most of it route /v1/extract: ...", "in each of 5 routes", "in each of the 2 of 8
 * teams that have enough samples"; "" where that is not known. NULL when
 * the arena is full. */
const char *drift_where_text(const struct drift_found *f, struct arena *a);
/* As those of drift_base; a dimension that is not known is a where that is not. */
enum err drift_found_write(const struct drift_found *f, struct buf *out) GW_MUST_USE;
enum err drift_found_read(struct str text, struct arena *a, struct drift_found *ret, struct errctx *ctx) GW_MUST_USE;

/* ---- what is not watched ---- */

/* How many streams are more than the recorder watches of a kind, and how many it does: "352 2048"; a version whenever that changes. */
#define DRIFT_LEFT_NOTE "drift_left"

/* ---- how far streams are judged ---- */

/* While scores that are stored wait for their detectors: the end of the oldest of them, in ms; "0": none waits. A version whenever that
 * changes. */
#define DRIFT_JUDGED_NOTE "drift_judged"

#endif
