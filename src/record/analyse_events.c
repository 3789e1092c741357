/* SPDX-License-Identifier: MIT */
/* Events that gwtop sees itself, those of its own sources, and those that sources tell. */
#include "record/analyse_int.h"

enum err analyse_event(struct analyser *an, const char *key, enum event_kind kind, int64_t at_ms, int64_t known_ms, const char *scope,
                       const char *text, struct errctx *ctx)
{
    if (key == NULL || scope == NULL || text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down an event");
    const struct event ev = {.at_ms = at_ms, .known_ms = known_ms, .kind = kind, .scope = scope, .text = text, .source = "gwtop"};
    enum err e = store_put_event(an->st, key, &ev, ctx);
    return e == ERR_OK ? analyse_incident_event(an, key, &ev, ctx) : e;
}

static const char *source_sentence(struct analyser *an, enum source_state before, const struct source_status *after, const char *name,
                                   const char *why)
{
    const char *colon = why[0] != '\0' ? ": " : "";
    switch (after->state) {
    case SOURCE_OK:
        return arena_printf(&an->scratch,
                            before == SOURCE_SAWTOOTH  ? "what source %s counts is known again"
                            : before == SOURCE_PARTIAL ? "source %s lacks nothing any more"
                                                       : "source %s answers again",
                            name);
    case SOURCE_PARTIAL: return arena_printf(&an->scratch, "source %s answers in part%s%s", name, colon, why);
    case SOURCE_SAWTOOTH: return arena_printf(&an->scratch, "what source %s counts is not known%s%s", name, colon, why);
    case SOURCE_WATCHING:
        return arena_printf(&an->scratch, "%s source %s counts is not sure%s%s", after->watching_signals != 0 ? "some of what" : "what",
                            name, colon, why);
    case SOURCE_DOWN: return arena_printf(&an->scratch, "source %s is down%s%s", name, colon, why);
    case SOURCE_STALE: return arena_printf(&an->scratch, "source %s is stale%s%s", name, colon, why);
    case SOURCE_STOPPED: return arena_printf(&an->scratch, "source %s is not polled any more%s%s", name, colon, why);
    case SOURCE_NEVER: break;
    }
    return arena_printf(&an->scratch, "source %s has not answered yet%s%s", name, colon, why);
}

enum err analyser_source_changed(struct analyser *an, const struct source_status *before, const struct source_status *after, int64_t at_ms,
                                 struct errctx *ctx)
{
    if (after->state != SOURCE_PARTIAL)
        analyse_torn_silent(an, after->id);
    if (before->state == after->state || (before->state == SOURCE_NEVER && after->state == SOURCE_OK))
        return ERR_OK; /* that a source was added is no news of the gateway */
    if ((before->state == SOURCE_OK && after->state == SOURCE_WATCHING) || (before->state == SOURCE_WATCHING && after->state == SOURCE_OK))
        return ERR_OK; /* what it turns out to be is */
    arena_reset(&an->scratch);
    const char *name = text_safe(an, after->name), *why = text_safe(an, after->reason != NULL ? after->reason : "");
    if (name == NULL || why == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down an event");
    const char *key = arena_printf(&an->scratch, "source:%s:%d:%lld", name, (int)after->state, (long long)at_ms);
    return analyse_event(an, key, EVENT_SOURCE, at_ms, at_ms, "", source_sentence(an, before->state, after, name, why), ctx);
}

enum err analyser_change(struct analyser *an, const char *key, const struct event *ev, struct errctx *ctx)
{
    arena_reset(&an->scratch);
    enum err e = store_put_event(an->st, key, ev, ctx);
    return e == ERR_OK ? analyse_incident_event(an, key, ev, ctx) : e;
}
