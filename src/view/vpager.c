/* SPDX-License-Identifier: MIT */
#include "view/vpager.h"

#include <string.h>

#include "base/timefmt.h"
#include "view/vincidents.h"

/* Sources that call somebody: what an Alertmanager says has no acknowledgement. */
static const struct {
    const char *kind, *name;
} pagers[] = {{"pagerduty", "PagerDuty"}, {"grafana-oncall", "Grafana OnCall"}};

static const char *pager_name(const struct source_status *s)
{
    for (size_t i = 0; i < sizeof pagers / sizeof *pagers; i++)
        if (s->state != SOURCE_STOPPED && strcmp(s->kind, pagers[i].kind) == 0)
            return pagers[i].name;
    return NULL;
}

/* What is known at the cursor. */
struct told {
    struct source_status *sources;
    struct outside *outside;
    struct alert *alerts;
    size_t source_count, outside_count, alert_count;
};

/* The alert of that source that is a part of the incident and not over, first whom nobody took; NULL: none. */
static const struct outside *outside_of(const struct told *t, const char *source, const struct incident *in)
{
    const struct outside *found = NULL;
    for (size_t i = 0; i < t->outside_count; i++) {
        const struct outside *o = &t->outside[i];
        bool is_of = false;
        for (size_t k = 0; !is_of && strcmp(o->source, source) == 0 && k < t->alert_count; k++)
            is_of =
                strcmp(t->alerts[k].rule, o->rule) == 0 && strcmp(t->alerts[k].scope, o->scope) == 0 && incident_is_of(in, &t->alerts[k]);
        if (is_of && (found == NULL || (found->acked_by[0] != '\0' && o->acked_by[0] == '\0')))
            found = o;
    }
    return found;
}

/* When the pager will call the next one, where it said so and that is still to come; 0 = not told. */
static int64_t escalates_ms(const struct outside *o, int64_t cursor_ms)
{
    static const char label[] = OUTSIDE_ESCALATES "=";
    const char *at = o->labels + sizeof label - 1;
    int64_t ms;
    if (strncmp(o->labels, label, sizeof label - 1) != 0 ||
        instant_parse((struct str){at, strcspn(at, ",")}, cursor_ms, &ms, NULL) != ERR_OK)
        return 0;
    return ms > cursor_ms ? ms : 0;
}

/* False when the arena is full. */
static bool put(struct arena *a, const char *name, const struct source_status *s, const struct outside *o, int64_t cursor_ms,
                struct view_pager *ret)
{
    char since[TIMEFMT_MAX];
    ret->row = "";
    if (s->state != SOURCE_OK || (o != NULL && o->state == OUTSIDE_UNKNOWN)) {
        ret->row = arena_printf(a, "%s NOT READ", name);
        ret->text = arena_printf(a, "%s: not known, %s is %s", name, s->name,
                                 s->state != SOURCE_OK ? source_state_name(s->state) : "not read in whole");
    } else if (o == NULL) {
        ret->text = arena_printf(a, "%s has none of it", name);
    } else if (o->acked_by[0] != '\0') {
        ret->row = arena_printf(a, "%s acked by %s", name, o->acked_by);
        ret->text = arena_printf(a, "%s: acked by %s, %s", name, o->acked_by, o->fingerprint);
    } else if (o->state == OUTSIDE_FIRING) {
        instant_format_clock(o->starts_ms != 0 ? o->starts_ms : o->since_ms, since);
        ret->row = arena_printf(a, "%s UNACKED since %.5sZ", name, since);
        const int64_t next_ms = escalates_ms(o, cursor_ms);
        char next[TIMEFMT_MAX] = "";
        if (next_ms != 0)
            instant_format_clock(next_ms, next);
        ret->text = next_ms != 0 ? arena_printf(a, "%s escalates %.5sZ: unacked, %s", name, next, o->fingerprint)
                                 : arena_printf(a, "%s: unacked, %s", name, o->fingerprint);
    } else {
        ret->row = arena_printf(a, "%s %s", name, outside_state_name(o->state));
        ret->text = arena_printf(a, "%s: %s, %s", name, outside_state_name(o->state), o->fingerprint);
    }
    return ret->row != NULL && ret->text != NULL;
}

enum err vpager_tell(const struct view_loader *l, const struct view_params *p, const struct incident *in, struct view_pager *ret,
                     struct errctx *ctx)
{
    struct view_pager v = {.row = "", .text = "no pager is told"};
    struct told t;
    const struct source_status *first = NULL;
    const struct outside *o = NULL;

    enum err e = store_sources(l->st, p->cursor_ms, l->scratch, &t.sources, &t.source_count, ctx);
    for (size_t i = 0; e == ERR_OK && first == NULL && i < t.source_count; i++)
        first = pager_name(&t.sources[i]) != NULL ? &t.sources[i] : NULL;
    if (e != ERR_OK || first == NULL) {
        if (e == ERR_OK)
            *ret = v;
        return e;
    }
    e = store_outside(l->st, p->cursor_ms, p->cursor_ms, l->scratch, &t.outside, &t.outside_count, ctx);
    if (e == ERR_OK)
        e = store_alerts(l->st, p->cursor_ms, l->scratch, &t.alerts, &t.alert_count, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; o == NULL && i < t.source_count; i++)
        if (pager_name(&t.sources[i]) != NULL && (o = outside_of(&t, t.sources[i].name, in)) != NULL)
            first = &t.sources[i];
    if (!put(l->arena, pager_name(first), first, o, p->cursor_ms, &v))
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what a pager says");
    *ret = v;
    return ERR_OK;
}

enum err view_load_pager(const struct view_loader *l, const struct view_params *p, int64_t id, struct view_pager *ret, struct errctx *ctx)
{
    struct view_params whole = *p;
    struct vincident in;
    whole.filter = "";
    enum err e = view_load_incident(l, &whole, id, &in, ctx);
    return e == ERR_OK ? vpager_tell(l, &whole, &in.in, ret, ctx) : e;
}
