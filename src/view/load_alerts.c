/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vfeeds.h"
#include "view/vfilter.h"
#include "view/vfirings.h"

static enum err no_memory(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while reading alerts");
}

/* ---- gwtop's own ---- */

static struct valert own_row(const struct alert *al, uint32_t fired)
{
    static const char *const states[] = {[ALERT_INACTIVE] = "over", [ALERT_FIRING] = "firing", [ALERT_NO_DATA] = "no data"};
    return (struct valert){.source = "gwtop",
                           .rule = al->rule,
                           .name = al->rule,
                           .scope = al->scope,
                           .severity = al->severity,
                           .state = states[al->state],
                           .active = al->state != ALERT_INACTIVE,
                           .since_ms = al->since_ms,
                           .onset_ms = al->onset_ms,
                           .known_ms = al->known_ms,
                           .fired_24h = fired,
                           .text = al->text,
                           .quiet_text = ""};
}

static int by_alert(const void *a, const void *b)
{
    return alert_compare(a, b);
}

/* An alert's own among transitions by rule and scope: of thousands of scopes, each is asked. */
static void own_history(const struct alert *history, size_t count, const struct alert *al, struct vfirings_ask *ask)
{
    const struct alert *at = count > 0 ? bsearch(al, history, count, sizeof *history, by_alert) : NULL;
    size_t first = at != NULL ? (size_t)(at - history) : 0, end = first;
    while (first > 0 && alert_compare(&history[first - 1], al) == 0)
        first--;
    while (end < count && at != NULL && alert_compare(&history[end], al) == 0)
        end++;
    ask->history = history + first;
    ask->count = end - first;
}

static enum err own_rules(const struct view_loader *l, const struct view_params *p, struct view_alerts *v, struct errctx *ctx)
{
    const int64_t from_ms = p->cursor_ms - VIEW_ALERTS_OVER_MS;
    struct vfirings_ask ask = {.cursor_ms = p->cursor_ms};
    struct alert *alerts, *history;
    size_t count, history_count;
    enum err e = vfilter_alerts(l, p, &alerts, &count, ctx);
    if (e == ERR_OK) /* a day earlier, so that what goes on in it is known to */
        e = store_alert_history(l->st, from_ms - VIEW_ALERTS_OVER_MS, p->cursor_ms, p->cursor_ms, l->scratch, &history, &history_count,
                                ctx);
    if (e != ERR_OK)
        return e;
    if (history_count > 0)
        qsort(history, history_count, sizeof *history, by_alert);
    struct valert *list = arena_array(l->arena, count + 1, sizeof *list);
    if (list == NULL)
        return no_memory(ctx);
    for (size_t i = 0; i < count; i++) {
        const struct alert *al = &alerts[i];
        if (alert_is_finding(al) || outside_is_rule(al->rule) || (al->state == ALERT_INACTIVE && al->since_ms <= from_ms))
            continue;
        struct vfiring *firings;
        size_t n;
        own_history(history, history_count, al, &ask);
        if (vfirings_find(&ask, al->rule, al->scope, l->scratch, &firings, &n) != ERR_OK)
            return no_memory(ctx);
        list[v->count++] = own_row(al, vfirings_record(firings, n, from_ms, p->cursor_ms).fired);
    }
    v->list = list;
    return ERR_OK;
}

/* ---- outside ones ---- */

static const char *quiet_text(struct arena *a, const struct outside *o)
{
    char until[TIMEFMT_MAX];
    if (o->state != OUTSIDE_SILENCED && o->state != OUTSIDE_INHIBITED)
        return o->acked_by[0] != '\0' && o->state != OUTSIDE_OVER ? arena_printf(a, "acknowledged by %s", o->acked_by) : "";
    instant_format_iso(instant_floor(o->quiet_until_ms, 1000), until);
    return arena_printf(a, "%s%s%s%s%s%s%s", outside_state_name(o->state), o->quiet_by[0] != '\0' ? " by " : "", o->quiet_by,
                        o->quiet_until_ms != 0 ? " until " : "", o->quiet_until_ms != 0 ? until : "", o->quiet[0] != '\0' ? ": " : "",
                        o->quiet);
}

/* The versions of one alert in such a history. */
static size_t versions_of(const struct outside *history, size_t count, const struct outside *o, size_t *ret_first)
{
    size_t first = 0, n = 0;
    while (first < count && (strcmp(history[first].source, o->source) != 0 || strcmp(history[first].fingerprint, o->fingerprint) != 0))
        first++;
    while (first + n < count && strcmp(history[first + n].source, o->source) == 0 &&
           strcmp(history[first + n].fingerprint, o->fingerprint) == 0)
        n++;
    *ret_first = first;
    return n;
}

static enum err outside_rows(const struct view_loader *l, const struct view_params *p, struct view_alerts *v, struct errctx *ctx)
{
    const int64_t from_ms = p->cursor_ms - VIEW_ALERTS_OVER_MS;
    struct outside *told, *history;
    size_t count, history_count, at = 0;
    enum err e = vfilter_outside(l, p, from_ms, &told, &count, ctx);
    if (e == ERR_OK)
        e = store_outside_history(l->st, from_ms, p->cursor_ms, l->scratch, &history, &history_count, ctx);
    if (e != ERR_OK)
        return e;
    struct valert *list = arena_array(l->arena, v->count + count + 1, sizeof *list);
    if (list == NULL)
        return no_memory(ctx);
    memcpy(list, v->list, v->count * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        const struct outside *o = &told[i];
        size_t first;
        const size_t n = versions_of(history + at, history_count - at, o, &first); /* both are in one order */
        list[v->count] = (struct valert){.source = o->source,
                                         .rule = o->rule,
                                         .name = o->name,
                                         .scope = o->scope,
                                         .severity = o->severity,
                                         .state = outside_state_name(o->state),
                                         .active = o->state != OUTSIDE_OVER,
                                         .since_ms = o->since_ms,
                                         .onset_ms = o->starts_ms,
                                         .known_ms = o->known_ms,
                                         .fired_24h = outside_fired(history + at + first, n, from_ms, p->cursor_ms),
                                         .text = o->summary,
                                         .outside = o,
                                         .quiet_text = quiet_text(l->arena, o)};
        if (list[v->count++].quiet_text == NULL)
            return no_memory(ctx);
        v->silent += o->state == OUTSIDE_SILENCED || o->state == OUTSIDE_INHIBITED;
        at += n > 0 ? first + n : 0;
    }
    v->list = list;
    return ERR_OK;
}

/* ---- together ---- */

static int by_rank(const void *a, const void *b)
{
    const struct valert *x = a, *y = b;
    if (x->active != y->active)
        return x->active ? -1 : 1;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->since_ms != y->since_ms)
        return x->since_ms > y->since_ms ? -1 : 1;
    const int c = strcmp(x->source, y->source);
    return c != 0 ? c : strcmp(x->rule, y->rule);
}

/* Which incident each is a part of, as its transitions say. */
static enum err put_incidents(const struct view_loader *l, const struct view_params *p, struct valert *list, size_t count,
                              struct errctx *ctx)
{
    struct incident *incidents;
    struct alert *alerts;
    size_t n, alert_count;
    enum err e = store_incidents(l->st, p->cursor_ms, l->scratch, &incidents, &n, ctx);
    if (e == ERR_OK)
        e = store_alerts(l->st, p->cursor_ms, l->scratch, &alerts, &alert_count, ctx);
    for (size_t k = 0; e == ERR_OK && k < alert_count; k++) {
        const struct alert *al = &alerts[k];
        struct valert *row = NULL;
        for (size_t i = 0; row == NULL && al->state != ALERT_INACTIVE && i < count; i++)
            if (strcmp(list[i].rule, al->rule) == 0 && strcmp(list[i].scope, al->scope) == 0)
                row = &list[i];
        for (size_t i = 0; row != NULL && i < n; i++)
            if (incidents[i].state != INCIDENT_RESOLVED && row->incident == 0 && incident_is_of(&incidents[i], al))
                row->incident = incidents[i].id;
    }
    return e;
}

enum err view_load_alerts(const struct view_loader *l, const struct view_params *p, struct view_alerts *ret, struct errctx *ctx)
{
    struct view_alerts v = {.unread = ""};
    struct vfeeds feeds;
    enum err e = own_rules(l, p, &v, ctx);
    if (e == ERR_OK)
        e = outside_rows(l, p, &v, ctx);
    if (e == ERR_OK)
        e = vfeeds_load(l, p->cursor_ms, &feeds, ctx);
    if (e != ERR_OK)
        return e;
    v.feeds = feeds.count;
    v.unread = feeds.unread;
    struct valert *list = arena_array(l->arena, v.count + 1, sizeof *list);
    if (list == NULL)
        return no_memory(ctx);
    memcpy(list, v.list, v.count * sizeof *list);
    if (v.count > 0)
        qsort(list, v.count, sizeof *list, by_rank);
    e = put_incidents(l, p, list, v.count, ctx);
    for (size_t i = 0; i < v.count; i++)
        v.active += list[i].active;
    v.list = list;
    if (e == ERR_OK)
        *ret = v;
    return e;
}
