/* SPDX-License-Identifier: MIT */
/* What operators did. Their marks become events: what they say was deployed or changed counts like what gwtop sees itself. */
#include <string.h>

#include "model/act.h"
#include "record/analyse_int.h"

static enum err take_mark(struct analyser *an, const struct store_act *act, struct errctx *ctx)
{
    struct act_mark m;
    const char *key = arena_printf(&an->scratch, "act:%s", act->key); /* so that putting it again is the same one */
    if (key == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading marks");
    if (!act_mark_parse(act->text, act->at_ms < act->known_ms ? act->at_ms : act->known_ms, &an->scratch, &m))
        return ERR_OK; /* it stays an act, and says nothing */
    const struct event ev = {
        .at_ms = m.at_ms, .known_ms = act->known_ms, .kind = m.kind, .scope = m.scope, .text = m.text, .source = act->author};
    enum err e = store_put_event(an->st, key, &ev, ctx);
    return e == ERR_OK ? analyse_incident_event(an, key, &ev, ctx) : e;
}

enum err analyser_take_acts(struct analyser *an, struct errctx *ctx)
{
    struct store_act *acts;
    size_t count;
    arena_reset(&an->scratch);
    enum err e = store_acts(an->st, INT64_MAX, &an->scratch, &acts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (!acts[i].pending && strcmp(acts[i].verb, act_verb_name(ACT_MARK)) == 0)
            e = take_mark(an, &acts[i], ctx);
    if (e == ERR_OK)
        e = analyse_page_acts(an, acts, count, ctx);
    return e == ERR_OK ? analyse_detectors_accept(an, ctx) : e;
}
