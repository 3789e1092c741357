/* SPDX-License-Identifier: MIT */
#include "model/canary.h"

#include <string.h>

#include "base/hash.h"

enum {
    MESSAGE_TOKENS = 8, /* role and marks around a message in a chat template: 3 to 5 in those that are published */
    PROMPT_TOKENS = 16, /* what begins the answer, and a template's date or the like */
    DAY_MS = 24 * 3600 * 1000,
};

const char *canary_check_name(enum canary_check c)
{
    static const char *const names[] = {"exact", "matches", "json", "schema", "command", "token"};
    return names[c];
}

/* With its end, so that texts that follow each other cannot be taken for others. */
static uint64_t add_text(uint64_t h, const char *z)
{
    return z == NULL ? hash_u64(1, h) : hash_bytes(z, strlen(z) + 1, h);
}

uint64_t canary_item_hash(const struct canary_item *it)
{
    uint64_t h = 0;
    for (uint32_t i = 0; i < it->message_count; i++) {
        h = add_text(h, it->messages[i].role);
        h = add_text(h, it->messages[i].content);
    }
    h = hash_u64(it->max_tokens, h);
    h = add_text(h, canary_check_name(it->check));
    h = add_text(h, it->want);
    for (const char *const *a = it->argv; a != NULL && *a != NULL; a++)
        h = add_text(h, *a);
    return h;
}

uint64_t canary_hash(const struct canary *c)
{
    uint64_t temperature, h = add_text(add_text(0, c->url), c->model);
    memcpy(&temperature, &c->temperature, sizeof temperature);
    h = hash_u64(temperature, h);
    for (uint32_t i = 0; i < c->item_count; i++)
        h = hash_u64(canary_item_hash(&c->items[i]), add_text(h, c->items[i].id));
    return h;
}

int64_t canary_input_tokens(const struct canary_item *it)
{
    int64_t n = PROMPT_TOKENS;
    for (uint32_t i = 0; i < it->message_count; i++)
        n += MESSAGE_TOKENS + (int64_t)strlen(it->messages[i].role) + (int64_t)strlen(it->messages[i].content);
    return n;
}

int64_t canary_runs_a_day(const struct canary *c)
{
    return (DAY_MS + c->interval_ms - 1) / c->interval_ms;
}
