/* SPDX-License-Identifier: MIT */
#include "view/vincidents.h"

#include <string.h>

#include "view/vfilter.h"

enum { LIST_MAX = 200 };

const char *vincident_ended(const struct incident *in)
{
    static const char errors[] = "errors"; /* "all traffic errors", else "gpt-x slow ttft" */
    const size_t length = strlen(in->title), end = sizeof errors - 1;
    return length >= end && strcmp(in->title + length - end, errors) == 0 ? "errors ended" : "slowness ended";
}

/* An act is an operator's; acts come in their order. */
static void apply(const struct store_act *act, struct vincident *i)
{
    if (strcmp(act->verb, "note") == 0)
        i->note = act->text;
    if (strcmp(act->verb, "ack") != 0 || i->in.state > INCIDENT_ACKNOWLEDGED)
        return;
    if (i->in.owner[0] == '\0')
        i->in.owner = act->author;
    i->in.state = INCIDENT_ACKNOWLEDGED;
}

enum err vincidents_load(const struct view_loader *l, const struct view_params *p, struct vincident **ret, size_t *ret_count,
                         struct store_act **ret_acts, size_t *ret_act_count, struct errctx *ctx)
{
    struct incident *incidents;
    struct store_act *acts;
    size_t count, act_count;

    enum err e = vfilter_incidents(l, p, &incidents, &count, ctx);
    if (e == ERR_OK)
        e = store_acts(l->st, p->cursor_ms, l->arena, &acts, &act_count, ctx);
    if (e != ERR_OK)
        return e;
    if (count > LIST_MAX)
        count = LIST_MAX;
    struct vincident *list = arena_array(l->arena, count + 1, sizeof *list);
    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct vincident){.in = incidents[i], .note = "", .duration_text = ""};
        for (size_t k = 0; k < act_count; k++)
            if (acts[k].incident == list[i].in.id)
                apply(&acts[k], &list[i]);
    }
    *ret = list;
    *ret_count = count;
    *ret_acts = acts;
    *ret_act_count = act_count;
    return ERR_OK;
}
