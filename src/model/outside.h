/* SPDX-License-Identifier: MIT */
/* An alert as an outside system tells it: an Alertmanager, the rules of a Prometheus, a pager. What it says is kept as it was known, so
 * that a past cursor sees what it said then; whether it opens an incident is the recorder's matter.
 * docs/decisions/0018-alerts-from-outside.md. */
#ifndef GWTOP_MODEL_OUTSIDE_H
#define GWTOP_MODEL_OUTSIDE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "model/facts.h"

/* OUTSIDE_UNKNOWN: its source was not read for three intervals; it is neither over nor known to go on. */
enum outside_state { OUTSIDE_OVER, OUTSIDE_PENDING, OUTSIDE_FIRING, OUTSIDE_SILENCED, OUTSIDE_INHIBITED, OUTSIDE_UNKNOWN };
const char *outside_state_name(enum outside_state s); /* "over", "pending", "firing", "silenced", "inhibited", "unknown" */

enum {
    OUTSIDE_FINGERPRINT_MAX = 64, /* bytes; a longer one is hashed */
    OUTSIDE_NAME_MAX = 120,       /* bytes of safe text, as the following */
    OUTSIDE_TEXT_MAX = 400,
    OUTSIDE_URL_MAX = 400,
    OUTSIDE_LABELS_MAX = 64,  /* of an alert that are looked at */
    OUTSIDE_ALERTS_MAX = 5000 /* that a source may tell at once */
};
/* How many characters a fingerprint made of labels has. */
enum { OUTSIDE_HASH_MAX = 17 };

/* The label with which a pager's alert begins that will call the next one: when, as 2026-12-01T03:24:00Z. */
#define OUTSIDE_ESCALATES "escalates"
struct outside_label {
    struct str name, value;
};

/* As a source tells it; everything is borrowed and raw. Texts that are not told have n 0, instants that are not told are 0. */
struct outside_told {
    struct str fingerprint; /* tells it from the source's other alerts; n 0: made of name and labels */
    struct str name;
    const struct outside_label *labels;
    size_t label_count;
    bool labels_cut;     /* it has more labels than these, or such as are no text */
    struct str severity; /* the word it has for that */
    enum outside_state state;
    int64_t starts_ms, ends_ms;
    struct str quiet, quiet_by; /* of a silence: its comment and who made it; of an inhibition: what by */
    int64_t quiet_until_ms;     /* of a silence */
    struct str acked_by;        /* who took it; n 0 = nobody, or its system tells no such thing */
    struct str summary, runbook, dashboard;
};

/* As kept. Text members are safe text, "" where nothing was told. */
struct outside {
    int64_t id;
    const char *source;      /* name of the configured source */
    const char *fingerprint; /* one alert of the source for good */
    const char
        *rule; /* what its transitions are put under (struct alert): "outside:SOURCE:NAME", and the fingerprint where others share that */
    const char *name;
    const char *scope;      /* its labels that are dimensions: "model=gpt-x" */
    const char *labels;     /* the others, for reading: "job=node, disk=sda" */
    enum severity severity; /* SEV_NONE: it opens nothing */
    enum outside_state state;
    int64_t since_ms;           /* since when it is in that state, as gwtop saw it */
    int64_t starts_ms, ends_ms; /* as told; ends 0 while it goes on */
    const char *quiet, *quiet_by;
    int64_t quiet_until_ms;
    const char *acked_by;
    const char *summary, *runbook, *dashboard;
    int64_t known_ms;
};

/* Which words for its severity page, and which open nothing: lists separated by commas. */
struct outside_words {
    const char *pages, *quiet;
};

/* As told, with its scope, its severity and safe text; source, rule, since and known are the caller's. Owns: texts in a. A label that is a
 * dimension and whose value cannot stand in a scope as it is (a comma, a blank, a control character, 129 bytes) is kept among the others;
 * an instance is a scope only where nothing else is. Errors: ERR_NOMEM. */
enum err outside_take(const struct outside_told *told, const struct outside_words *words, struct arena *a, struct outside *ret) GW_MUST_USE;

/* The fingerprint that Prometheus and Alertmanager give to labels: FNV-1a of them in the order of their names, each ended by 0xff
 * (prometheus/common, model.LabelSet.Fingerprint). Labels beyond OUTSIDE_LABELS_MAX do not count. */
void outside_fingerprint(const struct outside_label *labels, size_t count, char out[OUTSIDE_HASH_MAX]);

/* The parts of a scope's text, at most SCOPE_PARTS_MAX; values in a. Errors: ERR_NOMEM. */
enum err outside_scope_parts(const char *scope, struct arena *a, struct scope_part ret[SCOPE_PARTS_MAX], uint32_t *ret_count) GW_MUST_USE;

/* Whether an alert is told by an outside system. */
bool outside_is_rule(const char *rule);
/* Whether the source of that name tells it. */
bool outside_is_rule_of(const char *rule, const char *source);
/* Whether sources of that kind, as the store calls it, tell alerts. */
bool outside_is_kind(const char *kind);

/* How often it began within (from_ms, to_ms], of its versions in the order in which they became known: firing, silenced or inhibited after
 * it was over, pending, or not there. What was unknown in between goes on. */
uint32_t outside_fired(const struct outside *versions, size_t count, int64_t from_ms, int64_t to_ms);

#endif
