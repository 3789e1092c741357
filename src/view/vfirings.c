/* SPDX-License-Identifier: MIT */
#include "view/vfirings.h"

#include <stdlib.h>
#include <string.h>

#include "model/act.h"

bool vfirings_is_of(const char *rule, const struct alert *al)
{
    const size_t n = strlen(rule);
    return !alert_is_finding(al) && strncmp(al->rule, rule, n) == 0 && (al->rule[n] == ':' || al->rule[n] == '\0');
}

static int by_since(const void *a, const void *b)
{
    const struct alert *x = *(const struct alert *const *)a, *y = *(const struct alert *const *)b;
    return x->since_ms < y->since_ms ? -1 : x->since_ms > y->since_ms;
}

/* What an alert's own sequence says before a transition: whether it fires then. What cannot be judged goes on as it was. */
static bool fires_before(const struct alert *const *list, size_t at)
{
    for (size_t i = at; i > 0; i--) {
        const struct alert *al = list[i - 1];
        if (al->state != ALERT_NO_DATA && strcmp(al->rule, list[at]->rule) == 0 && strcmp(al->scope, list[at]->scope) == 0)
            return al->state == ALERT_FIRING;
    }
    return false;
}

static size_t find(const struct alert *const *list, size_t count, struct vfiring *ret)
{
    size_t n = 0, open = 0;
    for (size_t i = 0; i < count; i++) {
        const bool fired = fires_before(list, i);
        if (list[i]->state == ALERT_FIRING && !fired && open++ == 0)
            ret[n++] = (struct vfiring){.from_ms = list[i]->since_ms, .first = list[i]};
        else if (list[i]->state == ALERT_INACTIVE && fired && open > 0 && --open == 0)
            ret[n - 1].to_ms = list[i]->since_ms;
    }
    return n;
}

static bool was_acted_on(const struct vfirings_ask *ask, const struct vfiring *f)
{
    const int64_t until_ms = (f->to_ms != 0 ? f->to_ms : ask->cursor_ms) + VFIRINGS_AGAIN_MS;
    for (size_t i = 0; i < ask->act_count; i++) {
        const struct store_act *act = &ask->acts[i];
        enum act_verb v;
        if (act->incident == 0 || !act_verb_by_name(act->verb, &v) || v == ACT_SNOOZE || act->at_ms < f->from_ms || act->at_ms > until_ms)
            continue;
        for (size_t k = 0; k < ask->incident_count; k++)
            if (ask->incidents[k].id == act->incident && incident_is_of(&ask->incidents[k], f->first))
                return true;
    }
    return false;
}

enum err vfirings_find(const struct vfirings_ask *ask, const char *rule, const char *scope, struct arena *a, struct vfiring **ret,
                       size_t *ret_count)
{
    size_t n = 0;
    for (size_t i = 0; i < ask->count; i++)
        n += vfirings_is_of(rule, &ask->history[i]);
    const struct alert **list = arena_array(a, n + 1, sizeof *list);
    struct vfiring *firings = arena_array(a, n + 1, sizeof *firings);
    if (list == NULL || firings == NULL)
        return ERR_NOMEM;
    n = 0;
    for (size_t i = 0; i < ask->count; i++)
        if (vfirings_is_of(rule, &ask->history[i]) && (scope == NULL || strcmp(ask->history[i].scope, scope) == 0))
            list[n++] = &ask->history[i];
    qsort(list, n, sizeof *list, by_since);
    *ret_count = find(list, n, firings);
    for (size_t i = 0; i < *ret_count; i++) {
        firings[i].acted = was_acted_on(ask, &firings[i]);
        firings[i].flapped = i > 0 && firings[i - 1].to_ms != 0 && firings[i].from_ms - firings[i - 1].to_ms <= VFIRINGS_AGAIN_MS;
    }
    *ret = firings;
    return ERR_OK;
}

struct rule_record vfirings_record(const struct vfiring *list, size_t count, int64_t from_ms, int64_t cursor_ms)
{
    struct rule_record r = {.fired = 0};
    for (size_t i = 0; i < count; i++) {
        const struct vfiring *f = &list[i];
        const int64_t end = f->to_ms != 0 ? f->to_ms : cursor_ms, begin = f->from_ms > from_ms ? f->from_ms : from_ms;
        const bool noise = f->to_ms != 0 && cursor_ms - f->to_ms >= VFIRINGS_AGAIN_MS && !f->harm && (!f->acted || f->flapped);
        if (end <= from_ms)
            continue;
        r.firing_ms += end - begin;
        r.last_ms = f->from_ms;
        r.noise_ms += noise ? end - begin : 0;
        if (f->from_ms <= from_ms)
            continue;
        r.fired++;
        r.acted += f->acted;
        r.flapped += f->flapped;
        r.noise += noise;
    }
    return r;
}
