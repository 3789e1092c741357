/* SPDX-License-Identifier: MIT */
/* Before and after are not kept with an act but read as the screens of then had them: there is one computation of what an incident is
 * (vincidents.c), and what it is made of is in the store with the times at which it was known. Of what was said that has the acts up to the
 * one in question: those of one commit are known at one instant, and each is told by what it changed, not by what they changed together. */
#include "view/load.h"

#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "model/act.h"
#include "view/ventries.h"
#include "view/vincidents.h"
#include "view/vtext.h"

enum { ROWS_MAX = 300, MOMENT_ARENA_MAX = 64 << 20 };

/* The part of an incident that acts of the verb are words on. NULL when the arena is full. */
static const char *aspect(struct arena *a, enum act_verb verb, const struct vincident *v)
{
    const char *owner = v->in.owner[0] != '\0' ? v->in.owner : "nobody";
    switch (verb) {
    case ACT_ACK: return arena_printf(a, "%s, owner %s", incident_state_name(v->in.state), owner);
    case ACT_ASSIGN: return arena_printf(a, "owner %s", owner);
    case ACT_MITIGATE:
    case ACT_RESOLVE: return arena_strdup(a, str_of(incident_state_name(v->in.state)));
    case ACT_NEXT: return v->next_step[0] != '\0' ? arena_printf(a, "next: %s", v->next_step) : "no next step";
    case ACT_SNOOZE: {
        const char *until = v->snoozed_until_ms != 0 ? vtext_moment(a, v->snoozed_until_ms) : "";
        return until == NULL ? NULL : until[0] != '\0' ? arena_printf(a, "snoozed until %s", until) : "not snoozed";
    }
    case ACT_CORRECT:
    case ACT_PIN: /* those are words on an entry of it */
    case ACT_NOTE:
    case ACT_MARK:
    case ACT_VERB_COUNT: break;
    }
    return "";
}

/* What was said up to the act in question, and that act, the last. */
struct said {
    struct store_act *acts;
    size_t count;
    enum act_verb verb;
    int64_t at_ms; /* the moment at which the incident is read */
};

/* Of a correction or a pin: what the entry says, or whether it is kept in view. "" where there is no such entry. */
static enum err entry_aspect(const struct view_loader *then, const struct view_params *p, const struct said *s, size_t folded,
                             struct arena *a, const char **ret, struct errctx *ctx)
{
    const struct store_act *act = &s->acts[s->count - 1];
    const struct ventry *list = NULL, *of = NULL;
    struct act_entry what;
    const char *rest;
    char name[32];
    size_t count;

    if (act_entry_parse(act->text, &what, &rest, NULL) != ERR_OK)
        return ERR_OK;
    enum err e = ventries_load(then, p, act->incident, s->acts, folded, &list, &count, ctx);
    (void)str_format(name, sizeof name, "%c%lld", what.kind, (long long)what.id);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        of = strcmp(list[i].id, name) == 0 ? &list[i] : of;
    if (of == NULL)
        return e;
    if (s->verb == ACT_CORRECT)
        *ret = arena_printf(a, "%s: %s", name, of->text);
    else
        *ret = of->pinned_by[0] != '\0' ? arena_printf(a, "%s pinned by %s: %s", name, of->pinned_by, of->text)
                                        : arena_printf(a, "%s not pinned: %s", name, of->text);
    return *ret != NULL ? ERR_OK : ERR_NOMEM;
}

/* With so many of the acts folded in; "" where the incident was not known. Of one that was told under another: of that, which it was said
 * of, but for a snooze, which put nothing off. moment is emptied. */
static enum err aspect_with(const struct view_loader *l, const struct said *s, size_t folded, struct arena *moment, const char **ret,
                            int64_t *ret_under, struct errctx *ctx)
{
    const struct view_loader then = {.st = l->st, .cfg = l->cfg, .arena = moment, .scratch = moment};
    const struct view_params p = {.now_ms = s->at_ms, .cursor_ms = s->at_ms, .filter = ""};
    struct vincident v;

    *ret = "";
    arena_reset(moment);
    if (s->verb == ACT_CORRECT || s->verb == ACT_PIN)
        return entry_aspect(&then, &p, s, folded, l->arena, ret, ctx);
    enum err e = vincidents_load_said(&then, &p, s->acts[s->count - 1].incident, s->acts, folded, &v, ctx);
    if (e == ERR_OK)
        *ret_under = v.in.parent;
    if (e == ERR_OK && v.in.parent != 0 && s->verb != ACT_SNOOZE)
        e = vincidents_load_said(&then, &p, v.in.parent, s->acts, folded, &v, ctx);
    if (e != ERR_OK)
        return e == ERR_NOTFOUND ? ERR_OK : e;
    *ret = aspect(l->arena, s->verb, &v);
    return *ret != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err before_and_after(const struct view_loader *l, const struct said *s, struct arena *moment, struct vaudit_row *row,
                                 struct errctx *ctx)
{
    enum err e = aspect_with(l, s, s->count - 1, moment, &row->before, &row->under, ctx);
    return e == ERR_OK ? aspect_with(l, s, s->count, moment, &row->after, &row->under, ctx) : e;
}

/* As the events have it. NULL when the arena is full. */
static const char *mark_text(struct arena *a, const struct store_act *act)
{
    const bool late = act->known_ms != 0 && act->known_ms < act->at_ms;
    struct act_mark m;
    char at[TIMEFMT_MAX];

    if (!act_mark_parse(act->text, late ? act->known_ms : act->at_ms, a, &m))
        return act->text; /* it is no event */
    instant_format_iso(instant_floor(m.at_ms, 1000), at);
    const bool earlier = m.at_ms < instant_floor(act->at_ms, 1000), bare = m.kind == EVENT_MARK && m.scope[0] == '\0';
    return arena_printf(a, "%s%s%s%s%s%s%s", m.kind != EVENT_MARK ? event_kind_name(m.kind) : "",
                        m.kind != EVENT_MARK && m.scope[0] != '\0' ? " " : "", m.scope, bare ? "" : ": ", m.text, earlier ? ", since " : "",
                        earlier ? at : "");
}

/* Of the last of the acts. */
static enum err put_row(const struct view_loader *l, struct store_act *acts, size_t count, struct arena *moment, struct vaudit_row *row,
                        struct errctx *ctx)
{
    const struct store_act *act = &acts[count - 1];
    struct said s = {.acts = acts, .count = count, .at_ms = act->at_ms};

    *row = (struct vaudit_row){.id = act->id,
                               .at_ms = act->at_ms,
                               .known_ms = act->known_ms,
                               .author = act->author,
                               .origin = act->origin,
                               .verb = act->verb,
                               .text = act->text,
                               .incident = act->incident,
                               .before = "",
                               .after = ""};
    if (!act_verb_by_name(act->verb, &s.verb))
        return ERR_OK;
    if (s.verb == ACT_MARK)
        row->text = mark_text(l->arena, act);
    if (act->incident == 0 || s.verb == ACT_NOTE || s.verb == ACT_MARK)
        return row->text != NULL ? ERR_OK : ERR_NOMEM;
    enum err e = before_and_after(l, &s, moment, row, ctx);
    if (e != ERR_OK || row->after[0] != '\0' || act->known_ms <= act->at_ms)
        return e;
    s.at_ms = act->known_ms; /* said by a clock that ran behind, before there was anything to say it of */
    return before_and_after(l, &s, moment, row, ctx);
}

enum err view_load_audit(const struct view_loader *l, const struct view_params *p, struct view_audit *ret, struct errctx *ctx)
{
    struct view_audit v = {.from_ms = p->cursor_ms - p->window_ms, .to_ms = p->cursor_ms};
    struct store_act *acts;
    struct arena moment;
    size_t count, first = 0;
    enum err e = store_acts(l->st, p->cursor_ms, l->arena, &acts, &count, ctx);

    if (e != ERR_OK)
        return e;
    while (first < count && acts[first].at_ms <= v.from_ms)
        first++;
    v.earlier = count - first > ROWS_MAX ? count - first - ROWS_MAX : 0;
    v.row_count = count - first - v.earlier;
    struct vaudit_row *rows = arena_array(l->arena, v.row_count + 1, sizeof *rows);
    if (rows == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the audit");
    arena_init(&moment, MOMENT_ARENA_MAX);
    for (size_t i = 0; e == ERR_OK && i < v.row_count; i++)
        e = put_row(l, acts, first + v.earlier + i + 1, &moment, &rows[i], ctx);
    arena_fini(&moment);
    v.rows = rows;
    if (e == ERR_NOMEM)
        return errctx_set(ctx, e, "out of memory while reading the audit");
    if (e == ERR_OK)
        *ret = v;
    return e;
}
