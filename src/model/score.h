/* SPDX-License-Identifier: MIT */
/* One score of an evaluation as it was told, and what it counts as.
 *
 * What counts is a share: a number's place within the range of its score (0 to 1, unless a rule says another), true as 1, and a label as 0
 * where a rule calls it bad, else as 1. A score outside its range counts as nothing, nor does a label where nobody said which are bad: who
 * scores from 1 to 5, or "fail", and says so nowhere would otherwise read as perfect. Texts that were judged, comments and reasons are no
 * part of it, and are never kept. */
#ifndef GWTOP_MODEL_SCORE_H
#define GWTOP_MODEL_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/jsontree.h"
#include "base/str.h"

enum { SCORE_NAME_MAX = 128, SCORE_LABEL_MAX = 64, SCORE_ID_MAX = 256 }; /* bytes; a longer label is prose */

/* How long before now a score may lie that is handed in: it is known by its id for a day more. */
#define SCORE_OWN_MS (30 * INT64_C(86400000))
/* Clocks that differ by less are no news. */
#define SCORE_AHEAD_MS INT64_C(60000)

enum score_kind { SCORE_NUMBER, SCORE_BOOL, SCORE_LABEL };
enum score_better { SCORE_HIGHER, SCORE_LOWER, SCORE_UNTOLD }; /* which values are good */

struct score_told {
    struct str id;                 /* of the score, unique to whoever tells it */
    struct str name, model, judge; /* model, judge: n 0 = not told */
    int64_t t_ms;
    enum score_kind kind;
    double value;             /* SCORE_NUMBER; SCORE_BOOL: 0 or 1 */
    struct str label;         /* SCORE_LABEL */
    enum score_better better; /* as told with it */
    double min, max;          /* the range, as told with it; max <= min = not told */
};

/* What the configuration says of scores of a name. */
struct score_rule {
    const char *name;
    double min, max; /* NaN = not said */
    enum score_better better;
    double bad;             /* a number is bad beyond this; NaN = beyond the middle of its range */
    const char *bad_labels; /* separated by commas; NULL = not said: labels count as nothing */
};

/* value: in 1/unit_scale(UNIT_RATIO). */
struct score_count {
    int64_t value_fixed;
    bool bad;
};

const struct score_rule *score_rule_of(const struct score_rule *rules, size_t count, struct str name); /* NULL = none */
/* rule: NULL = none. Whether it counts; otherwise *ret_why says why not (static). */
bool score_counts(const struct score_told *s, const struct score_rule *rule, struct score_count *ret, const char **ret_why);

/* An instant as APIs write it: a date, T, a time, and Z or an offset; none is UTC. */
bool score_time(struct str text, int64_t *ret_ms);

/* A JSON object as `gwtop score` takes it: name and value, and where given model, judge, at, id and better; anything else in it is not
 * looked at. Texts are borrowed from the tree. now_ms: what `at` is relative to, and when it was without one. No id: id.n is 0. Errors:
 * ERR_PARSE, what is wrong. */
enum err score_from_json(const struct jsontree *o, int64_t now_ms, struct score_told *ret, struct errctx *ctx) GW_MUST_USE;
/* The same object, on one line. */
void score_to_json(struct json *w, const struct score_told *s);

/* What the remark of a source begins with that has not read its scores up to now yet: until then what is now is not known. */
#define SCORE_PAST_REMARK "still reads scores of the past"
#define SCORE_PAST_UNTIL ": those up to "
#define SCORE_PAST_END " so far"

#endif
