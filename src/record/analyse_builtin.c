/* SPDX-License-Identifier: MIT */
/* Rules that gwtop has by itself, over how the configured sources stand: a source that does not answer, a gateway of which nothing is seen
 * (nothing else could page then), one whose page stands still (source/frozen.h), a certificate that ends. They are judged by the clock,
 * every few seconds; data that was filled in afterwards has none. That a page stands still was found out over minutes: nothing is waited
 * for beyond that. */
#include "record/analyse_int.h"

#include <stdlib.h>
#include <string.h>

enum { EVERY_MS = 5000 };

enum builtin { BUILTIN_SILENT, BUILTIN_DOWN, BUILTIN_FROZEN, BUILTIN_CERT_PAGE, BUILTIN_CERT_TICKET, BUILTIN_COUNT };

struct builtin_track {
    enum builtin what;
    uint32_t source; /* of the configuration; BUILTIN_SILENT: the first of its gateway */
    const char *rule, *scope, *title;
    uint32_t incident;
    bool fires;
    int64_t since_ms, onset_ms, now_ms;
};

/* How a source stands by the last try. */
struct standing {
    bool known, down;
    bool frozen;   /* it is down, and answers */
    int64_t ok_ms; /* the last good answer; frozen: the first of those that are the same */
    int64_t cert_ms;
    int64_t intervals; /* from the last good answer to the last try */
    const char *reason;
};

static enum severity severity_of(enum builtin what)
{
    return what == BUILTIN_SILENT || what == BUILTIN_CERT_PAGE ? SEV_PAGE : SEV_TICKET;
}

/* Whether it measures: what else speaks of a gateway (scores, changes, alerts) answers though that is dead, and shows no objective
 * anything. */
static bool measures(const struct config_source *s)
{
    return !source_kind_scores(s->kind) && !source_kind_changes(s->kind) && !source_kind_alerts(s->kind);
}

/* Not the gateway's other troubles: a certificate ends for days, who cannot read a status page or another system's alerts knows nothing
 * less of the traffic, and what a cache tells is no sign of how the gateway does. */
static bool is_apart(enum builtin what, const struct config_source *s)
{
    return what == BUILTIN_CERT_PAGE || what == BUILTIN_CERT_TICKET || what == BUILTIN_FROZEN || (what == BUILTIN_DOWN && !measures(s));
}

static enum err no_memory(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory for the rules over sources");
}

/* ---- opening ---- */

static enum err add(struct analyser *an, enum builtin what, uint32_t source, struct errctx *ctx)
{
    const struct config_source *cfg = &an->cfg->sources[source];
    const bool of_source = what == BUILTIN_DOWN || what == BUILTIN_FROZEN;
    const struct scope_part part[] = {{DIM_GATEWAY, cfg->gateway}, {DIM_NAME, of_source ? cfg->name : "certificate"}};
    struct watch w;
    if (analyse_watch(&an->arena, part, is_apart(what, cfg) ? 2 : 1, &w) != ERR_OK)
        return no_memory(ctx);
    struct builtin_track *t = &an->builtins[an->builtin_count];
    const char *rule = what == BUILTIN_SILENT      ? "rule:gateway_silent"
                       : what == BUILTIN_DOWN      ? arena_printf(&an->arena, "rule:source_down:%s", cfg->name)
                       : what == BUILTIN_FROZEN    ? arena_printf(&an->arena, "rule:source_down:%s:frozen", cfg->name)
                       : what == BUILTIN_CERT_PAGE ? arena_printf(&an->arena, "rule:certificate:%s:page", cfg->name)
                                                   : arena_printf(&an->arena, "rule:certificate:%s:ticket", cfg->name);
    const char *title = what == BUILTIN_SILENT   ? arena_printf(&an->arena, "nothing is seen of gateway %s", cfg->gateway)
                        : what == BUILTIN_DOWN   ? arena_printf(&an->arena, "source %s does not answer", cfg->name)
                        : what == BUILTIN_FROZEN ? arena_printf(&an->arena, "the page of source %s stands still", cfg->name)
                                                 : arena_printf(&an->arena, "certificate of source %s ends", cfg->name);
    if (rule == NULL || title == NULL)
        return no_memory(ctx);
    *t = (struct builtin_track){.what = what, .source = source, .rule = rule, .scope = w.text, .title = title};
    an->builtin_count++;
    return analyse_incident_track(an, t->scope, NULL, &t->incident, ctx);
}

static bool is_first_of_gateway(const struct config *cfg, uint32_t source)
{
    for (uint32_t i = 0; i < source; i++)
        if (measures(&cfg->sources[i]) && strcmp(cfg->sources[i].gateway, cfg->sources[source].gateway) == 0)
            return false;
    return measures(&cfg->sources[source]);
}

static struct builtin_track *track_of(const struct analyser *an, const struct alert *al)
{
    for (uint32_t i = 0; i < an->builtin_count; i++)
        if (strcmp(an->builtins[i].rule, al->rule) == 0 && strcmp(an->builtins[i].scope, al->scope) == 0)
            return &an->builtins[i];
    return NULL;
}

enum err analyse_builtins_open(struct analyser *an, struct errctx *ctx)
{
    const struct config_builtin *b = &an->cfg->builtin;
    struct alert *alerts;
    size_t count;
    an->builtins = calloc(BUILTIN_COUNT * (size_t)an->cfg->source_count + 1, sizeof *an->builtins);
    enum err e = an->builtins != NULL ? ERR_OK : no_memory(ctx);
    for (uint32_t i = 0; e == ERR_OK && i < an->cfg->source_count; i++) {
        if (b->silent_intervals > 0 && is_first_of_gateway(an->cfg, i))
            e = add(an, BUILTIN_SILENT, i, ctx);
        if (e == ERR_OK && b->down_intervals > 0)
            e = add(an, BUILTIN_DOWN, i, ctx);
        if (e == ERR_OK && b->down_intervals > 0 && measures(&an->cfg->sources[i]))
            e = add(an, BUILTIN_FROZEN, i, ctx);
        if (e == ERR_OK && b->cert_page_ms > 0)
            e = add(an, BUILTIN_CERT_PAGE, i, ctx);
        if (e == ERR_OK && b->cert_ticket_ms > 0)
            e = add(an, BUILTIN_CERT_TICKET, i, ctx);
    }
    if (e == ERR_OK)
        e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct builtin_track *t = track_of(an, &alerts[i]);
        if (t == NULL)
            continue;
        t->fires = alerts[i].state == ALERT_FIRING;
        t->since_ms = alerts[i].since_ms;
        t->onset_ms = alerts[i].onset_ms;
    }
    return e;
}

bool analyse_builtins_know(const struct analyser *an, const struct alert *al)
{
    return track_of(an, al) != NULL;
}

bool analyse_builtins_apart(const struct analyser *an, const char *rule)
{
    for (uint32_t i = 0; i < an->builtin_count; i++)
        if (strcmp(an->builtins[i].rule, rule) == 0)
            return is_apart(an->builtins[i].what, &an->cfg->sources[an->builtins[i].source]);
    return false;
}

/* ---- judging ---- */

/* How the configured sources stand, in their order. The time of tries counts and not the clock: one that was not asked, since the machine
 * slept, is not down. */
static enum err read_standings(struct analyser *an, int64_t now_ms, struct standing **ret, struct errctx *ctx)
{
    struct source_status *list;
    size_t count;
    enum err e = store_sources(an->st, now_ms, &an->scratch, &list, &count, ctx);
    struct standing *of = arena_array(&an->scratch, an->cfg->source_count + 1, sizeof *of);
    if (e != ERR_OK || of == NULL)
        return e != ERR_OK ? e : no_memory(ctx);
    for (uint32_t i = 0; i < an->cfg->source_count; i++)
        for (size_t k = 0; k < count && !of[i].known; k++) {
            const struct source_status *s = &list[k];
            if (strcmp(s->name, an->cfg->sources[i].name) != 0)
                continue;
            const int64_t ok_ms = s->last_ok_ms > an->builtin_from_ms ? s->last_ok_ms : an->builtin_from_ms;
            const bool frozen = s->state == SOURCE_DOWN && s->frozen_since_ms != 0;
            of[i] = (struct standing){.known = s->state != SOURCE_STOPPED,
                                      .down = s->state == SOURCE_DOWN || s->state == SOURCE_STALE || s->state == SOURCE_NEVER,
                                      .frozen = frozen,
                                      .ok_ms = frozen ? s->frozen_since_ms : ok_ms,
                                      .cert_ms = s->cert_expiry_ms,
                                      .intervals = s->interval_ms > 0 ? (s->last_try_ms - ok_ms + s->interval_ms / 2) / s->interval_ms : 0,
                                      .reason = s->reason != NULL ? s->reason : ""};
        }
    *ret = of;
    return ERR_OK;
}

/* Since when none of a gateway's sources that measure answers; 0 = not, or not for long enough. ret_any: one of them does. */
static int64_t silent_since(const struct analyser *an, const struct builtin_track *t, const struct standing *of, bool *ret_any)
{
    int64_t since = 0;
    bool all = true;
    *ret_any = false;
    for (uint32_t i = t->source; i < an->cfg->source_count; i++) {
        const struct config_source *s = &an->cfg->sources[i];
        if (!measures(s) || strcmp(s->gateway, an->cfg->sources[t->source].gateway) != 0)
            continue;
        *ret_any = *ret_any || (of[i].known && !of[i].down);
        all = all && of[i].known && of[i].down && (of[i].frozen || of[i].intervals >= an->cfg->builtin.silent_intervals);
        since = of[i].ok_ms > since ? of[i].ok_ms : since;
    }
    return all ? since : 0;
}

/* Whether that nothing is seen of its gateway says it already; that was judged before. */
static bool is_said(const struct analyser *an, const struct builtin_track *t)
{
    for (uint32_t i = 0; i < an->builtin_count; i++) {
        const struct builtin_track *o = &an->builtins[i];
        if (o->what == BUILTIN_SILENT && o->fires && strcmp(an->cfg->sources[o->source].gateway, an->cfg->sources[t->source].gateway) == 0)
            return true;
    }
    return false;
}

/* The onset when it holds, 0 = it does not; *ret_known false: that cannot be told. */
static int64_t holds_since(const struct analyser *an, const struct builtin_track *t, const struct standing *of, int64_t now_ms,
                           bool *ret_known)
{
    const struct standing *s = &of[t->source];
    const struct config_builtin *b = &an->cfg->builtin;
    const int64_t limit_ms = t->what == BUILTIN_CERT_PAGE ? b->cert_page_ms : b->cert_ticket_ms;
    int64_t since;
    bool any;
    switch (t->what) {
    case BUILTIN_SILENT: /* what fired in an earlier run goes on until something answers */
        since = silent_since(an, t, of, &any);
        *ret_known = !t->fires || any;
        return since;
    case BUILTIN_DOWN:
        *ret_known = s->known && (!t->fires || !s->down);
        return s->down && !s->frozen && s->intervals >= b->down_intervals ? s->ok_ms : 0;
    case BUILTIN_FROZEN: *ret_known = s->known && (t->fires ? !s->down : !is_said(an, t)); return s->frozen ? s->ok_ms : 0;
    case BUILTIN_CERT_PAGE:
    case BUILTIN_CERT_TICKET: /* while it does not answer its certificate is not known */
        *ret_known = s->known && s->cert_ms != 0 && !s->down;
        return s->cert_ms != 0 && s->cert_ms - now_ms <= limit_ms ? s->cert_ms - limit_ms : 0;
    case BUILTIN_COUNT: break;
    }
    return 0;
}

static const char *evidence(struct analyser *an, const struct builtin_track *t, const struct standing *of, int64_t now_ms)
{
    const struct standing *s = &of[t->source];
    const char *name = an->cfg->sources[t->source].name, *why = text_safe(an, s->reason);
    const char *age = text_duration(an, now_ms - s->ok_ms), *left = text_duration(an, s->cert_ms > now_ms ? s->cert_ms - now_ms : 0);
    if (why == NULL || age == NULL || left == NULL)
        return NULL;
    const char *colon = why[0] != '\0' ? ": " : "";
    switch (t->what) {
    case BUILTIN_SILENT:
        return t->fires ? arena_printf(&an->scratch, "no source of the gateway answers, so no objective can page; %s for %s%s%s", name, age,
                                       colon, why)
                        : "over: a source of the gateway answers";
    case BUILTIN_DOWN:
        return t->fires ? arena_printf(&an->scratch, "source %s has not answered for %s%s%s", name, age, colon, why)
                        : arena_printf(&an->scratch, "over: source %s answers", name);
    case BUILTIN_FROZEN:
        return t->fires ? arena_printf(&an->scratch, "source %s has told nothing new for %s%s%s", name, age, colon, why)
                        : arena_printf(&an->scratch, "over: the page of source %s moves again", name);
    case BUILTIN_CERT_PAGE:
    case BUILTIN_CERT_TICKET:
    case BUILTIN_COUNT: break;
    }
    return !t->fires              ? arena_printf(&an->scratch, "over: the certificate of source %s was renewed", name)
           : s->cert_ms <= now_ms ? arena_printf(&an->scratch, "the certificate of source %s has expired", name)
                                  : arena_printf(&an->scratch, "the certificate of source %s ends in %s", name, left);
}

static enum err changed(struct analyser *an, struct builtin_track *t, const struct standing *of, int64_t now_ms, struct errctx *ctx)
{
    const struct interval in = {.t1_ms = now_ms, .known_ms = now_ms};
    const char *text = evidence(an, t, of, now_ms);
    const struct alert al = {.rule = t->rule,
                             .scope = t->scope,
                             .severity = severity_of(t->what),
                             .state = t->fires ? ALERT_FIRING : ALERT_INACTIVE,
                             .since_ms = now_ms,
                             .onset_ms = t->onset_ms,
                             .known_ms = now_ms,
                             .text = text};
    const struct rule_change change = {.rule = t->rule,
                                       .name = t->title,
                                       .severity = al.severity,
                                       .was_firing = !t->fires,
                                       .state = al.state,
                                       .since_ms = now_ms,
                                       .onset_ms = t->onset_ms,
                                       .title = t->title,
                                       .evidence = text,
                                       .begins = t->title,
                                       .begins_letter = event_kind_letter(EVENT_SOURCE),
                                       .silent = ""};
    if (text == NULL)
        return no_memory(ctx);
    an->dirty = true;
    enum err e = store_put_alert(an->st, &al, ctx);
    return e == ERR_OK ? analyse_incident_change(an, t->incident, &change, &in, ctx) : e;
}

enum err analyse_builtins_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    struct standing *of;
    if (an->builtin_count == 0 || (now_ms >= an->builtin_ms && now_ms - an->builtin_ms < EVERY_MS))
        return ERR_OK;
    an->builtin_from_ms = an->builtin_from_ms == 0 ? now_ms : an->builtin_from_ms;
    an->builtin_ms = now_ms;
    enum err e = read_standings(an, now_ms, &of, ctx);
    for (uint32_t i = 0; e == ERR_OK && i < an->builtin_count; i++) {
        struct builtin_track *t = &an->builtins[i];
        bool known = false;
        const int64_t since = holds_since(an, t, of, now_ms, &known);
        t->now_ms = now_ms;
        if (!known || (since != 0) == t->fires)
            continue;
        t->fires = since != 0;
        t->since_ms = now_ms;
        t->onset_ms = since;
        e = changed(an, t, of, now_ms, ctx);
    }
    return e;
}

void analyse_builtins_firing(const struct analyser *an, uint32_t incident, struct firing *f)
{
    for (uint32_t i = 0; i < an->builtin_count; i++) {
        const struct builtin_track *t = &an->builtins[i];
        if (t->incident != incident)
            continue;
        f->now_ms = t->now_ms > f->now_ms ? t->now_ms : f->now_ms;
        if (t->fires)
            firing_add(f, severity_of(t->what), t->now_ms);
    }
}
