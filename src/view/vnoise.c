/* SPDX-License-Identifier: MIT */
#include "view/vnoise.h"

#include <stdlib.h>
#include <string.h>

static const int64_t after_ms = 1800000; /* who is paged may speak once it is over */

static bool is_same(const struct alert *a, const struct alert *b)
{
    return strcmp(a->rule, b->rule) == 0 && strcmp(a->scope, b->scope) == 0;
}

/* When what began to fire with history[at] stopped; the cursor where it did not. */
static int64_t end_of(const struct vnoise_of *of, size_t at, bool *ret_lasts)
{
    for (size_t i = at + 1; i < of->history_count; i++)
        if (of->history[i].state != ALERT_FIRING && is_same(&of->history[i], &of->history[at])) {
            *ret_lasts = false;
            return of->history[i].since_ms;
        }
    *ret_lasts = true;
    return of->cursor_ms;
}

static const struct incident *incident_of(const struct vnoise_of *of, int64_t id)
{
    for (size_t i = 0; i < of->incident_count; i++)
        if (of->incidents[i].in.id == id)
            return &of->incidents[i].in;
    return NULL;
}

/* What the recorder itself puts among the acts, and words on no incident, are nobody's. */
static bool was_acted_on(const struct vnoise_of *of, const struct alert *al, int64_t end_ms)
{
    for (size_t i = 0; i < of->act_count; i++) {
        const struct store_act *act = &of->acts[i];
        const struct incident *in = act->at_ms >= al->since_ms && act->at_ms <= end_ms + after_ms ? incident_of(of, act->incident) : NULL;
        if (in != NULL && incident_is_of(in, al))
            return true;
    }
    return false;
}

static struct vnoise *rule_of(struct vnoise *list, size_t *n, const struct alert *al)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(list[i].rule, al->rule) == 0 && strcmp(list[i].scope, al->scope) == 0)
            return &list[i];
    list[*n] = (struct vnoise){.rule = al->rule, .scope = al->scope};
    return &list[(*n)++];
}

static int by_fired(const void *a, const void *b)
{
    const struct vnoise *x = a, *y = b;
    if (x->fired != y->fired)
        return x->fired > y->fired ? -1 : 1;
    if (x->firing_ms != y->firing_ms)
        return x->firing_ms > y->firing_ms ? -1 : 1;
    const int rule = strcmp(x->rule, y->rule);
    return rule != 0 ? rule : strcmp(x->scope, y->scope);
}

enum err vnoise_tell(const struct vnoise_of *of, struct arena *a, struct vnoise **ret, size_t *ret_count)
{
    struct vnoise *list = arena_array(a, of->history_count + 1, sizeof *list);
    size_t n = 0;

    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < of->history_count; i++) {
        const struct alert *al = &of->history[i];
        bool lasts;
        if (!alert_is_firing_rule(al))
            continue;
        const int64_t end = end_of(of, i, &lasts);
        struct vnoise *r = rule_of(list, &n, al);
        r->severity = al->severity > r->severity ? al->severity : r->severity;
        r->fired++;
        r->acted += was_acted_on(of, al, end);
        r->firing_ms += end > al->since_ms ? end - al->since_ms : 0;
        r->last_ms = al->since_ms;
        r->fires = r->fires || lasts;
    }
    qsort(list, n, sizeof *list, by_fired);
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}
