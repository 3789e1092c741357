/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <string.h>

#include "analysis/suspects.h"
#include "base/timefmt.h"
#include "model/act.h"
#include "view/ventries.h"
#include "view/vfilter.h"
#include "view/vlasted.h"
#include "view/vread.h"
#include "view/vreport.h"
#include "view/vtext.h"

enum { NAMES_TOLD = 8 }; /* of rules in a sentence */

/* What changed is looked for where suspects look: half an hour before the onset, and as long after it as a change may be told late. */
static const int64_t before_ms = 1800000, late_ms = 120000;

const char *vreport_at(const struct vreport *r, int64_t at_ms, int64_t error_ms)
{
    static const int64_t day_ms = 86400000;
    struct arena *a = r->l->arena;
    const bool with_day = instant_floor(at_ms, day_ms) != instant_floor(r->counts->from_ms, day_ms);
    const char *at = vtext_instant(a, at_ms, with_day), *error = vtext_error(a, error_ms);
    return at != NULL && error != NULL ? arena_printf(a, "%s%s", at, error) : NULL;
}

const char *vreport_began(const struct vreport *r, bool with_day)
{
    const struct vincident *v = r->v;
    const int64_t onset_ms = v->in.onset_ms != 0 ? v->in.onset_ms : v->in.opened_ms;
    const struct vhole began = vlasted_began(v);
    struct arena *a = r->l->arena;
    const char *at = vtext_instant(a, onset_ms, with_day);

    /* an onset that does not stand in the middle of where it may lie has no error to both sides */
    if (at != NULL && began.is_hole && onset_ms - began.from_ms != began.to_ms - onset_ms) {
        const char *from = vtext_instant(a, began.from_ms, with_day), *to = vtext_instant(a, began.to_ms, false);
        return from != NULL && to != NULL ? arena_printf(a, "some time between %s and %s", from, to) : NULL;
    }
    return at != NULL ? arena_printf(a, "%s%s", at, v->onset_error) : NULL;
}

/* ---- how it was found ---- */

/* "7m", "6m to 8m": from the onset, as exactly as that is known. */
static enum err put_after(const struct vreport *r, struct vreport_step *s)
{
    const int64_t most = s->at_ms - r->v->from_ms, least = s->at_ms - r->v->from_by_ms;
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX];

    s->after_most_ms = most > 0 ? most : 0;
    s->after_least_ms = least > 0 ? least : 0;
    duration_format(s->after_least_ms, from);
    duration_format(s->after_most_ms, to);
    s->after = strcmp(from, to) == 0 ? arena_printf(r->l->arena, "%s", to) : arena_printf(r->l->arena, "%s to %s", from, to);
    return s->after != NULL ? ERR_OK : ERR_NOMEM;
}

struct moment {
    const char *name;
    int64_t at_ms, error_ms, known_ms; /* known_ms 0: when it happened */
    const char *what;                  /* put after it, or in its place */
};

static enum err put_step(const struct vreport *r, const struct moment *m, struct vreport_step *s)
{
    struct arena *a = r->l->arena;
    *s = (struct vreport_step){.name = m->name, .at_ms = m->at_ms, .after = "", .after_least_ms = -1, .after_most_ms = -1};
    if (m->at_ms == 0) {
        s->when = m->what;
        return s->when != NULL ? ERR_OK : ERR_NOMEM;
    }
    const char *at = vreport_at(r, m->at_ms, m->error_ms), *known = "";
    if (m->known_ms > m->at_ms + m->error_ms + late_ms) {
        const char *when = vreport_at(r, m->known_ms, 0);
        known = when != NULL ? arena_printf(a, ", found at %s", when) : NULL;
    }
    s->when = at != NULL && known != NULL && m->what != NULL ? arena_printf(a, "%s%s%s", at, known, m->what) : NULL;
    return s->when != NULL ? put_after(r, s) : ERR_NOMEM;
}

const struct alert *vreport_first(const struct view_incidents *v)
{
    const struct alert *first = NULL;
    for (size_t i = 0; i < v->alert_count; i++)
        if (v->alerts[i].state == ALERT_FIRING && (first == NULL || v->alerts[i].since_ms < first->since_ms))
            first = &v->alerts[i];
    return first;
}

static const struct store_act *first_of(const struct store_act *acts, size_t count, int64_t incident, enum act_verb verb)
{
    for (size_t i = 0; i < count; i++)
        if (acts[i].incident == incident && strcmp(acts[i].verb, act_verb_name(verb)) == 0)
            return &acts[i];
    return NULL;
}

const char *vreport_rule(const struct alert *al)
{
    const char *colon = strrchr(al->rule, ':');
    return colon != NULL ? colon + 1 : al->rule;
}

const char *vreport_firing(const struct vreport *r, int64_t at_ms, size_t *ret_count)
{
    const struct view_incidents *v = &r->out->incidents;
    const char *names = "";

    *ret_count = 0;
    for (size_t i = 0; i < v->alert_count && names != NULL; i++) {
        const struct alert *al = &v->alerts[i];
        bool is_last = al->state == ALERT_FIRING && al->since_ms <= at_ms;
        for (size_t k = 0; is_last && k < v->alert_count; k++)
            is_last = strcmp(v->alerts[k].rule, al->rule) != 0 || v->alerts[k].since_ms <= al->since_ms || v->alerts[k].since_ms > at_ms;
        if (is_last && (*ret_count)++ < NAMES_TOLD)
            names = arena_printf(r->l->arena, "%s%s%s", names, *ret_count > 1 ? " and " : "", vreport_rule(al));
    }
    return names != NULL && *ret_count > NAMES_TOLD ? arena_printf(r->l->arena, "%s and %zu more", names, *ret_count - NAMES_TOLD) : names;
}

/* What stands after when it was resolved: the data's word, or somebody's, with what fired all the same. NULL when the arena is full. */
static const char *resolved_how(const struct vreport *r)
{
    const char *by = r->v->said_by;
    size_t n;
    const char *names = vreport_firing(r, r->v->in.resolved_ms, &n);
    if (r->v->in.resolved_ms == 0)
        return "not yet";
    if (names == NULL || n > 0)
        return names == NULL ? NULL : arena_printf(r->l->arena, "%s%s; %s still fired then", by[0] != '\0' ? ", says " : "", by, names);
    return by[0] != '\0' ? arena_printf(r->l->arena, ", says %s; no rule fired then", by) : ", since when no rule fires";
}

static enum err put_steps(const struct vreport *r, const struct store_act *acts, size_t act_count)
{
    const struct incident *in = &r->v->in;
    const struct alert *first = vreport_first(&r->out->incidents);
    const struct store_act *ack = first_of(acts, act_count, in->id, ACT_ACK), *eased = first_of(acts, act_count, in->id, ACT_MITIGATE);
    struct arena *a = r->l->arena;
    const char *by = ack != NULL ? arena_printf(a, ", by %s", ack->author) : "nobody acknowledged it";
    const char *eased_by = eased != NULL ? ventries_text_now(acts, act_count, eased) : "";
    const char *how =
        eased == NULL ? "nobody said so" : arena_printf(a, ", says %s%s%s", eased->author, eased_by[0] != '\0' ? ": " : "", eased_by);
    const char *fired = first != NULL ? arena_printf(a, ", %s", vreport_rule(first)) : "none is recorded";
    const bool lasts = incident_end_ms(in) == 0;
    const struct moment rest[] = {
        {"first alert", first != NULL ? first->since_ms : 0, 0, first != NULL ? first->known_ms : 0, fired},
        {"opened", in->opened_ms, 0, 0, ""},
        {"acknowledged", ack != NULL ? ack->at_ms : 0, 0, 0, by},
        {"mitigated", eased != NULL ? eased->at_ms : 0, 0, 0, how},
        {"end", incident_end_ms(in), in->ended_ms != 0 ? in->ended_error_ms : 0, 0,
         !lasts            ? (in->ended_ms != 0 ? "" : ", when its rules ended")
         : r->v->is_silent ? "not known"
                           : "it goes on"},
        {"resolved", in->resolved_ms, 0, 0, resolved_how(r)},
    };
    struct vreport_step *s = r->out->steps;

    s[0] = (struct vreport_step){.name = "onset",
                                 .at_ms = in->onset_ms != 0 ? in->onset_ms : in->opened_ms,
                                 .when = vreport_began(r, true),
                                 .after = "",
                                 .after_least_ms = -1,
                                 .after_most_ms = -1};
    enum err e = s[0].when != NULL ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < sizeof rest / sizeof *rest; i++)
        e = put_step(r, &rest[i], &s[i + 1]);
    return e;
}

const struct alert *vreport_over(const struct view_incidents *v, const struct alert *al)
{
    const struct alert *over = NULL;
    for (size_t i = 0; i < v->alert_count; i++) {
        const struct alert *other = &v->alerts[i];
        if (other->state != ALERT_FIRING && other->since_ms >= al->since_ms && strcmp(other->rule, al->rule) == 0 &&
            (over == NULL || other->since_ms < over->since_ms))
            over = other;
    }
    return over;
}

/* Whether it counts what fails, or is slow, of the incident's own scope: a budget that is spent too fast, or another's trouble, fails
 * nobody here. */
static bool counts_harm(const struct vreport *r, const struct alert *al)
{
    static const char objective[] = "slo:";
    return strncmp(al->rule, objective, sizeof objective - 1) == 0 && strcmp(al->scope, r->v->in.scope) == 0;
}

/* Trouble that came back before the incident was over counts in none of the figures: they are of the first. */
static enum err put_again(const struct vreport *r)
{
    const struct view_incidents *v = &r->out->incidents;
    int64_t from = 0, to = 0;
    bool goes_on = false;

    r->out->again = "";
    for (size_t i = 0; i < v->alert_count; i++) {
        const struct alert *al = &v->alerts[i];
        if (r->v->in.ended_ms == 0 || al->state != ALERT_FIRING || al->since_ms <= r->counts->to_ms || !counts_harm(r, al))
            continue;
        const struct alert *over = vreport_over(v, al);
        from = from == 0 || al->since_ms < from ? al->since_ms : from;
        to = over != NULL && over->since_ms > to ? over->since_ms : to;
        goes_on = goes_on || over == NULL;
    }
    if (from == 0)
        return ERR_OK;
    const char *begin = vreport_at(r, from, 0), *end = goes_on ? "" : vreport_at(r, to, 0);
    r->out->again =
        begin != NULL && end != NULL
            ? arena_printf(r->l->arena, "Its rules fired again from %s%s%s, after this end: what failed then is in none of these figures.",
                           begin, goes_on ? " on" : " to ", end)
            : NULL;
    return r->out->again != NULL ? ERR_OK : ERR_NOMEM;
}

/* The detail has those of an hour before, too, as context: they may be of an earlier incident of the scope. */
static enum err keep_alerts(const struct vreport *r)
{
    struct view_incidents *v = &r->out->incidents;
    struct alert *list = arena_array(r->l->arena, v->alert_count + 1, sizeof *list);
    size_t n = 0;

    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < v->alert_count; i++)
        if (v->alerts[i].since_ms >= r->v->in.opened_ms)
            list[n++] = v->alerts[i];
    v->alerts = list;
    v->alert_count = n;
    return ERR_OK;
}

static enum err find_changes(const struct vreport *r, struct errctx *ctx)
{
    struct view_report *out = r->out;
    struct event *events;

    out->changes_from_ms = r->v->from_ms - before_ms;
    out->changes_to_ms = r->v->from_by_ms + late_ms;
    const struct incident *in = &r->v->in;
    const int64_t onset_ms = in->onset_ms != 0 ? in->onset_ms : in->opened_ms;
    size_t count;
    enum err e = vfilter_events(r->l, &r->whole, out->changes_from_ms, out->changes_to_ms, &events, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (!suspects_is_end(&events[i]) && suspects_change_weight(events[i].kind, events[i].at_ms, onset_ms) > 0)
            events[out->change_count++] = events[i];
    out->changes = events;
    return e;
}

const char *vreport_scope(struct arena *a, const char *scope)
{
    const char *text = scope[0] == '\0' ? "all requests" : "";
    for (const char *at = scope; *at != '\0' && text != NULL;) {
        const size_t part = strcspn(at, ","), name = strcspn(at, "=");
        const bool has_value = name < part;
        text = arena_printf(a, "%s%s%.*s%s%.*s", text, at != scope ? ", " : "", (int)(has_value ? name : part), at, has_value ? " " : "",
                            (int)(has_value ? part - name - 1 : 0), at + (has_value ? name + 1 : part));
        at += part + (at[part] == ',');
    }
    return text;
}

static enum err load_parts(struct vreport *r, struct errctx *ctx)
{
    struct store_act *acts;
    size_t act_count;

    r->out->scope_text = vreport_scope(r->l->arena, r->v->in.scope);
    r->own = r->whole;
    r->own.cursor_ms = r->counts->to_ms;
    r->own.live = r->whole.live && r->own.cursor_ms == r->whole.cursor_ms;
    r->own.filter = vread_scope_filter(r->l->arena, r->v->in.scope);
    enum err e = r->own.filter != NULL && r->out->scope_text != NULL ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK)
        e = store_acts(r->l->st, r->whole.cursor_ms, r->l->arena, &acts, &act_count, ctx);
    if (e == ERR_OK)
        e = keep_alerts(r);
    if (e == ERR_OK)
        e = put_steps(r, acts, act_count);
    if (e == ERR_OK)
        e = put_again(r);
    if (e == ERR_OK)
        e = find_changes(r, ctx);
    if (e == ERR_OK)
        e = vreport_objectives(r, ctx);
    if (e == ERR_OK)
        e = vreport_impact(r, ctx);
    return e == ERR_OK ? vreport_words(r) : e;
}

/* A filter does not narrow what is told of an incident; one that it is no part of is refused, with its scope. */
static enum err check_filter(const struct view_loader *l, const struct view_params *p, const struct incident *in, struct errctx *ctx)
{
    struct incident *list;
    size_t count;

    enum err e = vfilter_incidents(l, p, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (list[i].id == in->id)
            return ERR_OK;
    return e != ERR_OK ? e
                       : errctx_set(ctx, ERR_NOTFOUND,
                                    "incident #%lld is of %s, which %s has no part in; a report tells it whole, without --filter",
                                    (long long)in->id, in->scope, p->filter);
}

enum err view_load_report(const struct view_loader *l, const struct view_params *p, int64_t id, struct view_report *ret, struct errctx *ctx)
{
    struct view_report *out = arena_alloc(l->arena, sizeof *out);
    struct vreport r = {.l = l, .whole = *p, .out = out};

    if (out == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the report");
    memset(out, 0, sizeof *out);
    r.whole.filter = "";
    enum err e = view_load_incidents(l, &r.whole, id, &out->incidents, ctx);
    if (e != ERR_OK)
        return e;
    if (out->incidents.detail != NULL && out->incidents.detail->in.parent != 0) { /* its alerts stand there since */
        out->asked = id;
        e = view_load_incidents(l, &r.whole, out->incidents.detail->in.parent, &out->incidents, ctx);
        if (e != ERR_OK)
            return e;
    }
    r.v = out->incidents.detail;
    r.counts = &out->incidents.counts;
    if (r.v == NULL)
        return errctx_set(ctx, ERR_NOTFOUND, "there is no incident #%lld; `gwtop incidents` lists them", (long long)id);
    if (p->filter[0] != '\0')
        e = check_filter(l, p, &r.v->in, ctx);
    if (e == ERR_OK)
        e = load_parts(&r, ctx);
    if (e == ERR_NOMEM)
        return errctx_set(ctx, e, "out of memory while writing the report");
    if (e == ERR_OK)
        *ret = *out;
    return e;
}
