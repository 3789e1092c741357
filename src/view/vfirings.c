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

/* Two of one instant stand as they were kept: an alert that fires and is over within a millisecond is over. */
static int by_since(const void *a, const void *b)
{
    const struct alert *x = ((const struct vfirings_step *)a)->al, *y = ((const struct vfirings_step *)b)->al;
    if (x->since_ms != y->since_ms)
        return x->since_ms < y->since_ms ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_alert(const void *a, const void *b)
{
    const int c = alert_compare(((const struct vfirings_step *)a)->al, ((const struct vfirings_step *)b)->al);
    return c != 0 ? c : by_since(a, b);
}

/* Whether each fires before its transition, as its own sequence says. What cannot be judged goes on as it was. */
static void find_fired(struct vfirings_step *steps, size_t count)
{
    bool fires = false;
    qsort(steps, count, sizeof *steps, by_alert);
    for (size_t i = 0; i < count; i++) {
        fires = fires && alert_compare(steps[i - 1].al, steps[i].al) == 0;
        steps[i].fired = fires;
        if (steps[i].al->state != ALERT_NO_DATA)
            fires = steps[i].al->state == ALERT_FIRING;
    }
    qsort(steps, count, sizeof *steps, by_since);
}

static size_t find(const struct vfirings_step *steps, size_t count, struct vfiring *ret)
{
    size_t n = 0, open = 0;
    for (size_t i = 0; i < count; i++) {
        const enum alert_state state = steps[i].al->state;
        if (state == ALERT_FIRING && !steps[i].fired && open++ == 0)
            ret[n++] = (struct vfiring){.from_ms = steps[i].al->since_ms, .steps = &steps[i]};
        if (open > 0)
            ret[n - 1].step_count++;
        if (state == ALERT_INACTIVE && steps[i].fired && open > 0 && --open == 0)
            ret[n - 1].to_ms = steps[i].al->since_ms;
    }
    return n;
}

static bool is_of_incident(const struct vfiring *f, const struct incident *in)
{
    for (size_t i = 0; i < f->step_count; i++)
        if (f->steps[i].al->state == ALERT_FIRING && incident_is_of(in, f->steps[i].al))
            return true;
    return false;
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
            if (ask->incidents[k].id == act->incident && is_of_incident(f, &ask->incidents[k]))
                return true;
    }
    return false;
}

static bool is_asked(const char *rule, const char *scope, const struct alert *al)
{
    return vfirings_is_of(rule, al) && (scope == NULL || strcmp(al->scope, scope) == 0);
}

enum err vfirings_find(const struct vfirings_ask *ask, const char *rule, const char *scope, struct arena *a, struct vfiring **ret,
                       size_t *ret_count)
{
    size_t n = 0;
    for (size_t i = 0; i < ask->count; i++)
        n += is_asked(rule, scope, &ask->history[i]);
    struct vfirings_step *steps = arena_array(a, n + 1, sizeof *steps);
    struct vfiring *firings = arena_array(a, n + 1, sizeof *firings);
    if (steps == NULL || firings == NULL)
        return ERR_NOMEM;
    n = 0;
    for (size_t i = 0; i < ask->count; i++)
        if (is_asked(rule, scope, &ask->history[i]))
            steps[n++].al = &ask->history[i];
    find_fired(steps, n);
    *ret_count = find(steps, n, firings);
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
