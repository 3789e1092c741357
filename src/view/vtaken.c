/* SPDX-License-Identifier: MIT */
#include "view/vtaken.h"

#include "base/timefmt.h"
#include "view/vdiffers.h"
#include "view/vincidents.h"
#include "view/vpager.h"
#include "view/vsuspects.h"

/* "#2 UNACKED since 06:52Z", "#2 acked by ann 06:55Z, snoozed until 08:00Z". False when the arena is full. */
static bool tell(struct arena *a, const struct vincident *i, struct view_verdict *v)
{
    static const char *const words[] = {[INCIDENT_OPEN] = "UNACKED",
                                        [INCIDENT_ACKNOWLEDGED] = "acked",
                                        [INCIDENT_MITIGATED] = "mitigated",
                                        [INCIDENT_RESOLVED] = "resolved"};
    const bool open = i->in.state == INCIDENT_OPEN, said = i->said_by[0] != '\0';
    char since[TIMEFMT_MAX], until[TIMEFMT_MAX];
    const char *put_off = "";

    instant_format_clock(open ? i->in.opened_ms : i->said_ms, since);
    instant_format_clock(i->snoozed_until_ms, until);
    if (i->snoozed_until_ms != 0)
        put_off = arena_printf(a, ", snoozed until %.5sZ", until);
    v->taken_short = arena_printf(a, "%s%s%s", words[i->in.state], said ? " " : "", i->said_by);
    v->taken = open   ? arena_printf(a, "#%lld UNACKED since %.5sZ%s", (long long)i->in.id, since, put_off)
               : said ? arena_printf(a, "#%lld %s by %s %.5sZ%s", (long long)i->in.id, words[i->in.state], i->said_by, since, put_off)
                      : arena_printf(a, "#%lld %s%s", (long long)i->in.id, words[i->in.state], put_off);
    return put_off != NULL && v->taken != NULL && v->taken_short != NULL;
}

/* Of a budget's incident, those of the incident: what fires of it now may be another budget than it is called after. */
static enum err find_trouble(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *rules,
                             const struct vincident *in, struct view_differs_ask *ret, struct errctx *ctx)
{
    if (!incident_is_of_budget(&in->in))
        return vdiffers_usual(l, p, rules, ret, ctx);
    enum err e = view_differs_since(l, in->in.onset_ms != 0 ? in->in.onset_ms : in->in.opened_ms, in->to_ms, in->in.scope, ret, ctx);
    ret->onset_error_ms = in->in.onset_error_ms;
    ret->of_spend = true;
    return e;
}

/* "model gpt-x" of the scope "model=gpt-x": to suspect what fails says nothing. */
static bool is_scope(const char *title, const char *scope)
{
    for (; *title != '\0' && *scope != '\0'; title++, scope++) {
        if (*title == ',' && *scope == ',' && title[1] == ' ')
            title++;
        else if (*title != *scope && (*title != ' ' || *scope != '='))
            return false;
    }
    return *title == '\0' && *scope == '\0';
}

enum err vtaken_tell(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *rules, struct view_verdict *v,
                     struct errctx *ctx)
{
    struct view_params whole = *p;
    struct view_differs_ask trouble;
    const struct vsuspect *suspects;
    const char *note;
    struct view_pager pager;
    struct vincident in;
    size_t count;

    if ((v->state != VERDICT_PAGE && v->state != VERDICT_TICKET) || v->incident == 0)
        return ERR_OK;
    whole.filter = "";
    enum err e = view_load_incident(l, &whole, v->incident, &in, ctx);
    if (e == ERR_OK && !tell(l->arena, &in, v))
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    if (e == ERR_OK)
        e = vpager_tell(l, &whole, &in.in, &pager, ctx);
    if (e == ERR_OK)
        v->pager = pager.row;
    if (e == ERR_OK)
        e = find_trouble(l, p, rules, &in, &trouble, ctx);
    if (e == ERR_OK)
        e = vsuspects_load(l, p, &trouble, &suspects, &count, &note, ctx);
    if (e == ERR_OK && count > 0 && !suspects[0].weak && !suspects[0].is_change && !is_scope(suspects[0].title, v->scope) &&
        !is_scope(suspects[0].title, in.in.scope))
        v->suspect = suspects[0].title;
    return e;
}
