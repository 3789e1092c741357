/* SPDX-License-Identifier: MIT */
/* A silence of an Alertmanager: which alert is meant, what the silence would be, and what is said of it afterwards. Without I/O: a sink
 * that keeps what the source's adapter tells, with all of its labels, since these are what silences.
 * API: github.com/prometheus/alertmanager, api/v2/openapi.yaml. */
#ifndef GWTOP_NETCLI_SILENCE_H
#define GWTOP_NETCLI_SILENCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "config/config.h"
#include "source/source.h"

struct silence_alert {
    struct outside o; /* as `gwtop alerts` shows it */
    const struct outside_label *labels;
    size_t label_count;
    bool cut; /* it has labels that are not among these */
};

struct silence_feed {
    struct arena *a;
    struct outside_words words;
    struct silence_alert *list; /* what is not over, each fingerprint once */
    size_t count;
    bool whole; /* all that it tells was read */
    struct source_sink sink;
};

/* Memory from a, which lives as long as the feed. Errors: ERR_NOMEM. */
enum err silence_feed_init(struct silence_feed *f, const struct config_source *source, struct arena *a, struct errctx *ctx) GW_MUST_USE;

/* The alerts that a word means: the one with that fingerprint, else those of that name. At most max go to ret; returns how many there
 * are. Cost: O(alerts). */
size_t silence_find(const struct silence_feed *f, const char *word, const struct silence_alert **ret, size_t max);

struct silence_plan {
    const struct config_source *source;
    const struct silence_alert *alert;
    int64_t from_ms, until_ms;
    const char *by, *reason;
};

/* How many alerts the plan's matchers fit among those that are told: at least its own. Cost: O(alerts * labels^2). */
size_t silence_covers(const struct silence_feed *f, const struct silence_plan *p);
/* The body of POST /api/v2/silences: a matcher for each label of the alert and no other. Errors: ERR_NOMEM, ERR_LIMIT of the buffer. */
enum err silence_body(const struct silence_plan *p, struct buf *out) GW_MUST_USE;

enum { SILENCE_ID_MAX = 65 }; /* bytes with the NUL; Alertmanager's are UUIDs of 36 characters */
/* Of the answer {"silenceID": "..."}. Errors: ERR_PARSE with the sentence: another answer, or an id that no shell should be given. */
enum err silence_read_id(struct str answer, char ret[SILENCE_ID_MAX], struct errctx *ctx) GW_MUST_USE;

/* The act that keeps it, a mark of kind silence, which is no suspect, of the alert's scope. id NULL: it was asked for, and whether it was
 * made is not known. now_ms: when. Errors: ERR_USAGE where name and reason are too long together, or hold what no act may; ERR_NOMEM. */
enum err silence_act(const struct silence_plan *p, const char *id, int64_t now_ms, struct arena *a, char *dst, size_t cap,
                     struct errctx *ctx) GW_MUST_USE;

#endif
