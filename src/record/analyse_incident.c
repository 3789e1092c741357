/* SPDX-License-Identifier: MIT */
/* Incidents: at most one open per scope of objectives, and per budget. It opens with the first rule that fires, rises in severity with the worst,
 * pages once per rise, and is resolved when nothing of its scope has fired for ten minutes of data; trouble that is back within half an hour opens it
 * again. */
#include <string.h>

#include "record/analyse_int.h"

enum { BEFORE_ONSET_MS = 15 * MINUTE_MS }; /* events this long before the onset stand in the timeline: they may be why */

static const char *gwtop = "gwtop"; /* who says so */

static enum err no_memory(const struct incident_track *inc, struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down the incident of %s", inc->scope);
}

/* ---- opening ---- */

enum err analyse_incident_track(struct analyser *an, const char *scope, const char *budget_title, uint32_t *ret, struct errctx *ctx)
{
    for (*ret = 0; *ret < an->incident_count; (*ret)++) {
        const struct incident_track *inc = &an->incidents[*ret];
        bool same = inc->of_budget ? budget_title != NULL && strcmp(inc->title, budget_title) == 0 : budget_title == NULL;
        if (same && strcmp(inc->scope, scope) == 0)
            return ERR_OK;
    }
    void *list = an->incidents;
    enum err e = analyse_grow(&list, &an->incident_cap, an->incident_count, sizeof *an->incidents, ctx);
    if (e != ERR_OK)
        return e;
    an->incidents = list;
    an->incidents[an->incident_count++] =
        (struct incident_track){.scope = scope, .title = budget_title != NULL ? budget_title : "", .of_budget = budget_title != NULL};
    return ERR_OK;
}

/* The track of a stored incident; NULL when nobody watches its scope any more. */
static struct incident_track *track_of(struct analyser *an, const struct incident *in)
{
    struct incident_track *of_scope = NULL;
    for (uint32_t i = 0; i < an->incident_count; i++) {
        struct incident_track *inc = &an->incidents[i];
        if (strcmp(inc->scope, in->scope) != 0)
            continue;
        if (inc->of_budget && strcmp(inc->title, in->title) == 0)
            return inc;
        of_scope = inc->of_budget ? of_scope : inc;
    }
    return incident_is_of_budget(in) ? NULL : of_scope;
}

/* Nobody watches its scope any more. */
static enum err close_orphan(struct analyser *an, const struct incident *in, struct errctx *ctx)
{
    struct incident over = *in;
    over.state = INCIDENT_RESOLVED;
    over.resolved_ms = over.known_ms = in->known_ms > analyse_newest_ms(an) ? in->known_ms : analyse_newest_ms(an);
    return store_put_incident(an->st, &over, NULL, ctx);
}

enum err analyse_incidents_open(struct analyser *an, struct errctx *ctx)
{
    struct incident *list;
    size_t count;
    enum err e = store_incidents(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = count; i > 0 && e == ERR_OK; i--) { /* oldest first, so that the newest of a scope remains */
        const struct incident *in = &list[i - 1];
        struct incident_track *inc = track_of(an, in);
        if (inc == NULL) {
            e = in->state != INCIDENT_RESOLVED ? close_orphan(an, in, ctx) : ERR_OK;
            continue;
        }
        inc->id = in->id;
        inc->open = in->state != INCIDENT_RESOLVED;
        inc->severity = in->severity;
        inc->onset_ms = in->onset_ms;
        inc->onset_error_ms = in->onset_error_ms;
        inc->opened_ms = in->opened_ms;
        inc->ended_ms = in->ended_ms;
        inc->ended_error_ms = in->ended_error_ms;
        inc->end_settled = in->ended_ms != 0 && in->known_ms - in->ended_ms - in->ended_error_ms >= SLO_ENDED_MS;
        inc->resolved_ms = in->resolved_ms;
        if (!inc->of_budget)
            inc->title = arena_strdup(&an->arena, str_of(in->title));
        if (inc->title == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    }
    return e;
}

/* ---- facts ---- */

/* Puts a version; what operators wrote into the last one stays. */
static enum err put_version(struct analyser *an, struct incident_track *inc, enum incident_state state, int64_t known_ms,
                            struct errctx *ctx)
{
    struct incident *list, v = {.id = inc->id,
                                .title = inc->title,
                                .scope = inc->scope,
                                .severity = inc->severity,
                                .state = state,
                                .onset_ms = inc->onset_ms,
                                .onset_error_ms = inc->onset_error_ms,
                                .opened_ms = inc->opened_ms,
                                .resolved_ms = inc->resolved_ms,
                                .ended_ms = inc->ended_ms,
                                .ended_error_ms = inc->ended_error_ms,
                                .known_ms = known_ms,
                                .owner = ""};
    size_t count = 0;
    enum err e = inc->id != 0 ? store_incidents(an->st, INT64_MAX, &an->scratch, &list, &count, ctx) : ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (list[i].id != inc->id)
            continue;
        v.owner = list[i].owner;
        if (state == INCIDENT_OPEN && list[i].state == INCIDENT_ACKNOWLEDGED)
            v.state = INCIDENT_ACKNOWLEDGED;
    }
    an->dirty = true;
    return e == ERR_OK ? store_put_incident(an->st, &v, &inc->id, ctx) : e;
}

static enum err put_entry(struct analyser *an, const struct incident_track *inc, const char *what, int64_t at_ms, int64_t known_ms,
                          char letter, const char *text, struct errctx *ctx)
{
    const char *key = arena_printf(&an->scratch, "%lld:%s:%lld", (long long)inc->id, what, (long long)at_ms);
    const struct timeline_entry t = {
        .incident = inc->id, .at_ms = at_ms, .known_ms = known_ms, .letter = letter, .text = text, .source = gwtop};
    return key != NULL && text != NULL ? store_put_timeline(an->st, key, &t, ctx) : no_memory(inc, ctx);
}

static enum err put_event(struct analyser *an, const struct incident_track *inc, const char *what, enum event_kind kind, int64_t at_ms,
                          int64_t known_ms, const char *text, struct errctx *ctx)
{
    const char *key = arena_printf(&an->scratch, "%s:%s:%lld", what, inc->scope, (long long)at_ms);
    const struct event ev = {.at_ms = at_ms, .known_ms = known_ms, .kind = kind, .scope = inc->scope, .text = text, .source = gwtop};
    return key != NULL && text != NULL ? store_put_event(an->st, key, &ev, ctx) : no_memory(inc, ctx);
}

/* What happened in the quarter of an hour before. */
static enum err copy_events(struct analyser *an, const struct incident_track *inc, int64_t from_ms, const struct interval *in,
                            struct errctx *ctx)
{
    struct event *list;
    size_t count;
    enum err e = store_events(an->st, from_ms - BEFORE_ONSET_MS, in->t1_ms, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct event *ev = &list[i];
        const char *key = arena_printf(&an->scratch, "%lld:event:%s", (long long)inc->id, ev->key); /* as below: an event is noted once */
        const struct timeline_entry t = {.incident = inc->id,
                                         .at_ms = ev->at_ms,
                                         .known_ms = in->known_ms > ev->known_ms ? in->known_ms : ev->known_ms,
                                         .letter = event_kind_letter(ev->kind),
                                         .text = ev->text,
                                         .source = ev->source};
        e = key != NULL ? store_put_timeline(an->st, key, &t, ctx) : no_memory(inc, ctx);
    }
    return e;
}

enum err analyse_incident_event(struct analyser *an, const char *event_key, const struct event *ev, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->incident_count; i++) {
        const struct incident_track *inc = &an->incidents[i];
        const int64_t began_ms = inc->onset_ms != 0 ? inc->onset_ms : inc->opened_ms;
        const bool is_long_ago = strcmp(ev->source, gwtop) != 0 && ev->at_ms <= began_ms - BEFORE_ONSET_MS;
        if (!inc->open || is_long_ago)
            continue;
        const char *key = arena_printf(&an->scratch, "%lld:event:%s", (long long)inc->id, event_key);
        const struct timeline_entry t = {.incident = inc->id,
                                         .at_ms = ev->at_ms,
                                         .known_ms = ev->known_ms,
                                         .letter = event_kind_letter(ev->kind),
                                         .text = ev->text,
                                         .source = ev->source};
        e = key != NULL ? store_put_timeline(an->st, key, &t, ctx) : no_memory(inc, ctx);
    }
    return e;
}

/* ---- transitions ---- */

static enum err put_onset(struct analyser *an, struct incident_track *inc, const struct rule_change *c, const struct interval *in,
                          struct errctx *ctx)
{
    if (c->onset_ms == 0)
        return ERR_OK;
    enum err e = c->begins_event ? put_event(an, inc, "errors", EVENT_ERRORS, c->onset_ms, in->known_ms, c->begins, ctx) : ERR_OK;
    return e == ERR_OK ? put_entry(an, inc, "onset", c->onset_ms, in->known_ms, c->begins_letter, c->begins, ctx) : e;
}

static enum err open_incident(struct analyser *an, struct incident_track *inc, const struct rule_change *c, const struct interval *in,
                              struct errctx *ctx)
{
    int64_t at = c->since_ms, from = c->onset_ms != 0 ? c->onset_ms : at;
    bool again = inc->id != 0 && inc->resolved_ms != 0 && at - inc->resolved_ms <= INCIDENT_REOPEN_MS;
    if (!again) {
        inc->id = 0;
        inc->onset_ms = c->onset_ms;
        inc->onset_error_ms = c->onset_error_ms;
        inc->opened_ms = at;
        if (!inc->of_budget)
            inc->title = c->title != NULL ? arena_strdup(&an->arena, str_of(c->title)) : NULL;
        if (inc->title == NULL)
            return no_memory(inc, ctx);
    }
    inc->open = true;
    inc->severity = c->severity;
    inc->ended_ms = inc->ended_error_ms = inc->resolved_ms = 0;
    inc->end_settled = false;
    enum err e = put_version(an, inc, INCIDENT_OPEN, in->known_ms, ctx);
    if (e == ERR_OK)
        e = copy_events(an, inc, from, in, ctx);
    if (e == ERR_OK)
        e = put_onset(an, inc, c, in, ctx);
    if (e == ERR_OK && again)
        e = put_entry(an, inc, "reopened", at, in->known_ms, '!', "opened again: it is back within 30 min", ctx);
    return e;
}

static enum err put_page(struct analyser *an, struct incident_track *inc, int64_t at_ms, int64_t known_ms, const char *text,
                         struct errctx *ctx)
{
    const char *sentence = text != NULL ? arena_printf(&an->scratch, "%s: %s", inc->title, text) : NULL;
    inc->owed = false;
    an->dirty = true;
    return put_event(an, inc, "page", EVENT_PAGE, at_ms, known_ms, sentence, ctx);
}

static enum err fired(struct analyser *an, struct incident_track *inc, const struct rule_change *c, const struct interval *in,
                      struct errctx *ctx)
{
    bool rises = !inc->open || c->severity > inc->severity;
    enum err e = ERR_OK;
    inc->calm_ms = 0;
    if (!inc->open) {
        e = open_incident(an, inc, c, in, ctx);
    } else if (rises) {
        inc->severity = c->severity;
        e = put_version(an, inc, INCIDENT_OPEN, in->known_ms, ctx);
    }
    const char *text = c->evidence != NULL ? arena_printf(&an->scratch, "%s: %s", severity_name(c->severity), c->evidence) : NULL;
    if (e == ERR_OK)
        e = put_entry(an, inc, c->rule, c->since_ms, in->known_ms, c->severity == SEV_PAGE ? 'P' : 't', text, ctx);
    if (e != ERR_OK || c->severity != SEV_PAGE || !rises)
        return e;
    if (in->backfill) {
        inc->owed = true;
        return ERR_OK;
    }
    return put_page(an, inc, c->since_ms, in->known_ms, text, ctx);
}

enum err analyse_incident_change(struct analyser *an, uint32_t incident, const struct rule_change *c, const struct interval *in,
                                 struct errctx *ctx)
{
    struct incident_track *inc = &an->incidents[incident];
    if (c->state == ALERT_FIRING && !c->was_firing)
        return fired(an, inc, c, in, ctx);
    if (!c->was_firing || !inc->open)
        return ERR_OK;
    const char *text;
    if (c->state == ALERT_NO_DATA)
        text = arena_printf(&an->scratch, "%s cannot be judged: nothing observed for %s", c->name, c->silent);
    else if (c->state == ALERT_FIRING)
        text = arena_printf(&an->scratch, "%s fires on: observed again", c->name);
    else
        text = arena_printf(&an->scratch, "%s is over", c->name);
    return put_entry(an, inc, c->rule, c->since_ms, in->known_ms, c->state == ALERT_INACTIVE ? 'o' : '!', text, ctx);
}

/* ---- time ---- */

static enum err put_end(struct analyser *an, struct incident_track *inc, int64_t ended_ms, int64_t error_ms, bool settled, int64_t known_ms,
                        struct errctx *ctx)
{
    inc->ended_ms = ended_ms;
    inc->ended_error_ms = error_ms;
    inc->end_settled = settled;
    return put_version(an, inc, INCIDENT_OPEN, known_ms, ctx);
}

/* The past is kept ever less exactly: an end that is known gives way to one that is known more exactly, or that lies beyond it, for failures came after it. */
static void keep_end(const struct incident_track *inc, struct slo_end *end)
{
    if (inc->ended_ms == 0 || end->error_ms < inc->ended_error_ms || end->at_ms - end->error_ms > inc->ended_ms + inc->ended_error_ms)
        return;
    end->at_ms = inc->ended_ms;
    end->error_ms = inc->ended_error_ms;
}

/* It seems over, or does no more: the incident says so at once, and its timeline once it is sure. */
static enum err watch_seeming_end(struct analyser *an, struct incident_track *inc, const struct slo_end *end, const struct interval *in,
                                  struct errctx *ctx)
{
    if (!end->seems_over)
        return inc->ended_ms != 0 ? put_end(an, inc, 0, 0, false, in->known_ms, ctx) : ERR_OK;
    if (inc->ended_ms == end->at_ms && inc->ended_error_ms == end->error_ms)
        return ERR_OK;
    return put_end(an, inc, end->at_ms, end->error_ms, false, in->known_ms, ctx);
}

/* Notes when what is wrong fell back to what is allowed, and when it came back before the incident was resolved. */
static enum err watch_end(struct analyser *an, uint32_t incident, const struct interval *in, struct errctx *ctx)
{
    struct incident_track *inc = &an->incidents[incident];
    int64_t began_ms = inc->onset_ms != 0 ? inc->onset_ms : inc->opened_ms;
    /* what was calm so long after its end has not failed there again */
    int64_t from_ms = inc->end_settled ? inc->ended_ms + SLO_ENDED_MS : began_ms - BEFORE_ONSET_MS;
    struct slo_end end, begin;
    if (!analyse_slos_end(an, incident, inc->opened_ms, from_ms, &end, &begin) || end.at_ms <= began_ms)
        return ERR_OK;
    keep_end(inc, &end);
    if (!end.over && !inc->end_settled)
        return watch_seeming_end(an, inc, &end, in, ctx);
    if (!end.over && begin.at_ms == 0)
        return ERR_OK;
    int64_t at = end.over ? end.at_ms : begin.at_ms;
    const char *error = text_duration(an, end.over ? end.error_ms : begin.error_ms), *later = text_duration(an, in->known_ms - at);
    const char *text = error == NULL || later == NULL ? NULL
                       : end.over                     ? arena_printf(&an->scratch, "%s end, +-%s, known %s later", inc->title, error, later)
                                                      : arena_printf(&an->scratch, "%s begin again, +-%s", inc->title, error);
    enum err e = put_end(an, inc, end.over ? at : 0, end.over ? end.error_ms : 0, end.over, in->known_ms, ctx);
    return e == ERR_OK ? put_entry(an, inc, end.over ? "end" : "again", at, in->known_ms, end.over ? 'o' : '!', text, ctx) : e;
}

/* As of the moment from which on nothing fired; that it was for long enough is so at now_ms. */
static enum err resolve(struct analyser *an, struct incident_track *inc, int64_t now_ms, int64_t known_ms, struct errctx *ctx)
{
    int64_t began_ms = inc->onset_ms != 0 ? inc->onset_ms : inc->opened_ms;
    const char *took = text_duration(an, (inc->ended_ms != 0 ? inc->ended_ms : inc->calm_ms) - began_ms);
    const char *since = text_clock(an, inc->calm_ms);
    inc->open = false;
    inc->owed = false;
    inc->resolved_ms = inc->calm_ms;
    inc->calm_ms = 0;
    enum err e = put_version(an, inc, INCIDENT_RESOLVED, known_ms, ctx);
    const char *text = took != NULL && since != NULL
                           ? arena_printf(&an->scratch, "resolved: nothing has fired for 10 min, since %s; it lasted %s", since, took)
                           : NULL;
    return e == ERR_OK ? put_entry(an, inc, "resolved", now_ms, known_ms, 'R', text, ctx) : e;
}

enum err analyse_incidents_interval(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->incident_count; i++) {
        struct incident_track *inc = &an->incidents[i];
        struct firing f = {.worst = SEV_NONE};
        if (!inc->open)
            continue;
        e = inc->of_budget ? ERR_OK : watch_end(an, i, in, ctx);
        if (e != ERR_OK)
            return e;
        analyse_slos_firing(an, i, &f);
        analyse_budgets_firing(an, i, &f);
        if (f.worst == SEV_PAGE && inc->owed && !in->backfill)
            e = put_page(an, inc, in->t1_ms, in->known_ms, "it began before this recording and still burns", ctx);
        if (f.worst != SEV_NONE || f.now_ms == 0)
            continue;
        if (inc->calm_ms == 0) {
            inc->calm_ms = f.now_ms;
            an->dirty = true;
        }
        if (f.now_ms - inc->calm_ms >= INCIDENT_CALM_MS)
            e = resolve(an, inc, f.now_ms, in->known_ms, ctx);
    }
    return e;
}
