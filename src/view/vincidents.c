/* SPDX-License-Identifier: MIT */
#include "view/vincidents.h"

#include <string.h>

#include "base/timefmt.h"
#include "view/vfilter.h"

enum { LIST_MAX = 200 };

static const char *duration_of(struct arena *a, const struct incident *in, int64_t cursor_ms)
{
    char text[TIMEFMT_MAX];
    int64_t from = in->onset_ms != 0 ? in->onset_ms : in->opened_ms, end = incident_end_ms(in);
    int64_t to = end != 0 ? end : cursor_ms;
    if (!incident_length_is_known(in))
        return "?";
    duration_format(to > from ? to - from : 0, text);
    return arena_printf(a, "%s%s", text, end != 0 ? "" : " so far");
}

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
        list[i] = (struct vincident){.in = incidents[i], .note = "", .duration_text = duration_of(l->arena, &incidents[i], p->cursor_ms)};
        if (list[i].duration_text == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
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
