/* SPDX-License-Identifier: MIT */
/* Canaries: a small fixed set of prompts that the recorder itself puts to a chat completions endpoint. Plain data of the configuration.
 *
 * An item is its prompt and its check: canary_item_hash is its identity, and what was found of it before one of them changed says
 * nothing about it. */
#ifndef GWTOP_MODEL_CANARY_H
#define GWTOP_MODEL_CANARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CANARY_ITEMS_MAX = 200, CANARY_MESSAGES_MAX = 50, CANARY_ARGS_MAX = 32, CANARY_PROMPT_BYTES_MAX = 64 * 1024, CANARY_ID_MAX = 64 };

struct canary_message {
    const char *role, *content;
};

enum canary_check {
    CANARY_EXACT,   /* the answer is `want`, white space around both left out */
    CANARY_MATCHES, /* `want`, a regular expression, is found in it */
    CANARY_JSON,    /* it is JSON */
    CANARY_SCHEMA,  /* and of the shape of `want`, a JSON Schema */
    CANARY_COMMAND, /* argv says so, by its exit status */
    CANARY_TOKEN    /* its first token is `want`, whose log-probability is asked for */
};
const char *canary_check_name(enum canary_check c); /* "exact", "matches", "json", "schema", "command", "token": the option's name */

struct canary_item {
    const char *id;
    const struct canary_message *messages;
    uint32_t message_count, max_tokens;
    enum canary_check check;
    const char *want;        /* NULL where the check needs none */
    const char *const *argv; /* CANARY_COMMAND: ends with NULL */
};

struct canary {
    const char *name, *url, *model;
    const char *gateway; /* of its scores */
    int64_t interval_ms, timeout_ms, command_timeout_ms;
    int64_t cap_nusd;    /* of one UTC day */
    double temperature;  /* below 0 = not sent */
    bool newer_max_name; /* max_completion_tokens instead of max_tokens */
    const struct canary_item *items;
    uint32_t item_count;
};

uint64_t canary_item_hash(const struct canary_item *it);
/* Of all items, and of what they are put to: endpoint, model, temperature. */
uint64_t canary_hash(const struct canary *c);

/* The most input tokens that an item can be: a token is one byte at least, and each message brings some of its own. */
int64_t canary_input_tokens(const struct canary_item *it);
/* The most runs that can begin in a day. */
int64_t canary_runs_a_day(const struct canary *c);

#endif
