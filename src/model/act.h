/* SPDX-License-Identifier: MIT */
/* What operators say: the verbs of their acts, and the forms of the texts that go with them. A text is one line, checked where it is said
 * and again where it is taken in, since an act is a file that anybody of the store's group may write. */
#ifndef GWTOP_MODEL_ACT_H
#define GWTOP_MODEL_ACT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/facts.h"

/* Of one incident but for the last. ACT_ACK, ACT_MITIGATE and ACT_RESOLVE are words on its state, of which the last one said holds. */
enum act_verb {
    ACT_ACK,
    ACT_NOTE,
    ACT_ASSIGN,
    ACT_NEXT,
    ACT_MITIGATE,
    ACT_RESOLVE,
    ACT_SNOOZE,
    ACT_CORRECT,
    ACT_PIN,
    ACT_MARK,
    ACT_VERB_COUNT
};
/* "ack", "note", "assign", "next", "mitigate", "resolve", "snooze", "correct", "pin", "mark" */
const char *act_verb_name(enum act_verb v);
bool act_verb_by_name(const char *name, enum act_verb *ret);

enum { ACT_TEXT_MAX = 500, ACT_NAME_MAX = 64, ACT_SCOPE_MAX = 256 }; /* bytes */

/* One line of something to read. what: "the text", for the reason. Errors: ERR_USAGE where it is empty, longer than max bytes, or holds
 * what no terminal should get (control characters, invisible ones, bytes that are no UTF-8), with the byte. */
enum err act_check_text(const char *what, const char *text, size_t max, struct errctx *ctx) GW_MUST_USE;

/* Of an act on an incident: whether its text has the form that the verb asks for; what was done may go with ACT_MITIGATE and ACT_RESOLVE.
 * Errors: ERR_USAGE. */
enum err act_check(enum act_verb v, const char *text, struct errctx *ctx) GW_MUST_USE;

/* A change that an operator knows of: "deploy|1764571200000|model=gpt-x|gpt-x 2026-11 goes live". */
struct act_mark {
    enum event_kind kind; /* EVENT_DEPLOY, EVENT_CONFIG, EVENT_MODEL_VERSION, EVENT_PRICE, EVENT_SILENCE or EVENT_MARK */
    int64_t at_ms;        /* when it was so; not later than the act */
    const char *scope;    /* as act_scope_make gives it */
    const char *text;
};
/* "deploy", "config", "model", "price", "note", "silence". Errors: ERR_USAGE, naming them. */
enum err act_kind_by_name(const char *name, enum event_kind *ret, struct errctx *ctx) GW_MUST_USE;
const char *act_kind_name(enum event_kind k); /* NULL: no mark is of it */
/* "team=search model=gpt-x" to "model=gpt-x,team=search", the form of every scope: one value for each dimension, in their order. "" stays
 * "". Errors: ERR_USAGE with the word that is wrong; ERR_LIMIT; ERR_NOMEM. */
enum err act_scope_make(const char *words, struct arena *a, const char **ret, struct errctx *ctx) GW_MUST_USE;
/* Checks m and writes its act's text. Errors: ERR_USAGE, ERR_LIMIT. */
enum err act_mark_format(const struct act_mark *m, int64_t now_ms, char *dst, size_t cap, struct errctx *ctx) GW_MUST_USE;
/* Reads it; said_ms: the act's own time. False for what is none, or when the arena is full. text borrows from the argument. */
bool act_mark_parse(const char *text, int64_t said_ms, struct arena *a, struct act_mark *ret);

/* What ACT_CORRECT and ACT_PIN are about: "t12", an entry that the recorder put into an incident's timeline, or "n5", what somebody
 * said. */
struct act_entry {
    char kind;  /* 't', 'n' */
    int64_t id; /* struct timeline_entry's, struct store_act's */
};
/* "t12 it was the other provider" into the entry and what follows it, "" where nothing does. Errors: ERR_USAGE. */
enum err act_entry_parse(const char *text, struct act_entry *ret, const char **ret_rest, struct errctx *ctx) GW_MUST_USE;
#define ACT_PIN_OFF "off" /* what follows the entry where a pin is taken away */

enum { ACT_SNOOZE_MAX_DAYS = 30 };
/* For how long something is put off. Errors: ERR_PARSE: no duration; ERR_USAGE: longer than that. */
enum err act_duration_parse(struct str word, int64_t *ret_ms, struct errctx *ctx) GW_MUST_USE;
/* "2h the vendor has it": for how long, and why. 0s ends a snooze. Errors: ERR_USAGE. */
enum err act_snooze_parse(const char *text, int64_t *ret_ms, const char **ret_reason, struct errctx *ctx) GW_MUST_USE;

#endif
