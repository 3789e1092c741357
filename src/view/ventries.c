/* SPDX-License-Identifier: MIT */
#include "view/ventries.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/act.h"

static const struct {
    char letter;
    const char *alone, *with; /* without a text, and before one */
} said[ACT_VERB_COUNT] = {
    [ACT_ACK] = {'a', "acknowledged", "acknowledged: "},
    [ACT_NOTE] = {'n', "", ""},
    [ACT_ASSIGN] = {'A', "", "assigned to "},
    [ACT_NEXT] = {'>', "", "next step: "},
    [ACT_MITIGATE] = {'M', "mitigated", "mitigated: "},
    [ACT_RESOLVE] = {'R', "resolved", "resolved: "},
    [ACT_SNOOZE] = {'S', "", "snoozed "},
    [ACT_CORRECT] = {'n', "", "correction of no entry here: "},
    [ACT_PIN] = {'n', "", "pin of no entry here: "},
    [ACT_MARK] = {'*', "", ""},
};

const char *ventries_said(struct arena *a, const struct store_act *act)
{
    enum act_verb verb;
    const char *reason;
    char at[TIMEFMT_MAX];
    int64_t ms;

    if (!act_verb_by_name(act->verb, &verb))
        return arena_printf(a, "%s%s%s", act->verb, act->text[0] != '\0' ? ": " : "", act->text);
    if (verb == ACT_SNOOZE && act_snooze_parse(act->text, &ms, &reason, NULL) == ERR_OK) {
        instant_format_clock(act->at_ms + ms, at);
        return ms == 0 ? arena_printf(a, "snoozed no more: %s", reason) : arena_printf(a, "snoozed until %s: %s", at, reason);
    }
    return act->text[0] != '\0' ? arena_printf(a, "%s%s", said[verb].with, act->text) : said[verb].alone;
}

/* Entries while their ids can be looked for: those of the timeline first. */
struct story {
    struct arena *arena;
    struct ventry *list;
    int64_t *ids; /* of list[i] */
    size_t count, noted;
};

static struct ventry *add(struct story *s, int64_t id, const char *name, const struct ventry *e)
{
    struct ventry *entry = &s->list[s->count];
    *entry = *e;
    entry->id = name;
    entry->was = entry->corrected_by = entry->pinned_by = "";
    entry->hollow = e->known_ms > e->at_ms + VIEW_FOUND_LATER_MS;
    s->ids[s->count++] = id;
    return entry;
}

/* Acts come after what they are about. NULL where there is none. */
static struct ventry *find(const struct story *s, struct act_entry what)
{
    const size_t from = what.kind == 't' ? 0 : s->noted, to = what.kind == 't' ? s->noted : s->count;
    for (size_t i = from; i < to; i++)
        if (s->ids[i] == what.id)
            return &s->list[i];
    return NULL;
}

/* Whether the act changes an entry instead of being one. */
static bool changes_entry(const struct story *s, const struct store_act *act)
{
    struct act_entry what;
    const char *rest;
    const bool corrects = strcmp(act->verb, act_verb_name(ACT_CORRECT)) == 0, pins = strcmp(act->verb, act_verb_name(ACT_PIN)) == 0;

    if ((!corrects && !pins) || act_entry_parse(act->text, &what, &rest, NULL) != ERR_OK)
        return false;
    struct ventry *e = find(s, what);
    if (e == NULL)
        return false;
    if (pins) {
        e->pinned_by = strcmp(rest, ACT_PIN_OFF) == 0 ? "" : act->author;
        return true;
    }
    e->was = e->was[0] != '\0' ? e->was : e->text;
    e->text = rest;
    e->corrected_by = act->author;
    e->corrected_ms = act->at_ms;
    e->pending = e->pending || act->pending;
    return true;
}

static enum err add_act(struct story *s, const struct store_act *act)
{
    enum act_verb verb;
    if (changes_entry(s, act))
        return ERR_OK;
    const char *text = ventries_said(s->arena, act), *name = act->id != 0 ? arena_printf(s->arena, "n%lld", (long long)act->id) : "";
    if (text == NULL || name == NULL)
        return ERR_NOMEM;
    const struct ventry e = {.at_ms = act->at_ms,
                             .known_ms = act->at_ms, /* by who said it; the recorder takes it in whenever it runs */
                             .letter = act_verb_by_name(act->verb, &verb) ? said[verb].letter : '*',
                             .text = text,
                             .source = act->author,
                             .is_said = true,
                             .pending = act->pending};
    (void)add(s, act->id, name, &e);
    return ERR_OK;
}

/* Stable: entries of one array by their places. */
static int by_time(const void *a, const void *b)
{
    const struct ventry *x = *(const struct ventry *const *)a, *y = *(const struct ventry *const *)b;
    return x->at_ms != y->at_ms ? (x->at_ms < y->at_ms ? -1 : 1) : x < y ? -1 : x > y;
}

static enum err sorted(const struct story *s, const struct ventry **ret)
{
    const struct ventry **order = arena_array(s->arena, s->count + 1, sizeof *order);
    struct ventry *list = arena_array(s->arena, s->count + 1, sizeof *list);
    if (order == NULL || list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->count; i++)
        order[i] = &s->list[i];
    qsort(order, s->count, sizeof *order, by_time);
    for (size_t i = 0; i < s->count; i++)
        list[i] = *order[i];
    *ret = list;
    return ERR_OK;
}

enum err ventries_make(const struct ventries_ask *ask, const struct ventry **ret, size_t *ret_count, struct errctx *ctx)
{
    struct arena *a = ask->arena;
    const size_t most = ask->timeline_count + ask->act_count + ask->worked_count + 1;
    struct story s = {.arena = a, .list = arena_array(a, most, sizeof *s.list), .ids = arena_array(a, most, sizeof *s.ids)};
    enum err e = s.list != NULL && s.ids != NULL ? ERR_OK : ERR_NOMEM;

    for (size_t i = 0; e == ERR_OK && i < ask->timeline_count; i++) {
        const struct timeline_entry *t = &ask->timeline[i];
        const struct ventry entry = {.at_ms = t->at_ms, .known_ms = t->known_ms, .letter = t->letter, .text = t->text, .source = t->source};
        const char *name = arena_printf(a, "t%lld", (long long)t->id);
        if (name == NULL)
            e = ERR_NOMEM;
        else
            (void)add(&s, t->id, name, &entry);
    }
    s.noted = s.count;
    for (size_t i = 0; e == ERR_OK && i < ask->act_count; i++)
        if (ask->acts[i].incident == ask->incident)
            e = add_act(&s, &ask->acts[i]);
    for (size_t i = 0; e == ERR_OK && i < ask->worked_count; i++)
        (void)add(&s, 0, "", &ask->worked[i]);
    if (e == ERR_OK)
        e = sorted(&s, ret);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while reading the incident");
    *ret_count = s.count;
    return ERR_OK;
}

enum err ventries_load(const struct view_loader *l, const struct view_params *p, int64_t incident, const struct store_act *acts,
                       size_t act_count, const struct ventry **ret, size_t *ret_count, struct errctx *ctx)
{
    struct timeline_entry *timeline;
    struct ventries_ask ask = {.arena = l->arena, .incident = incident, .acts = acts, .act_count = act_count};
    enum err e = store_timeline(l->st, incident, p->cursor_ms, l->arena, &timeline, &ask.timeline_count, ctx);

    if (e != ERR_OK)
        return e;
    ask.timeline = timeline;
    return ventries_make(&ask, ret, ret_count, ctx);
}

const char *ventries_text_now(const struct store_act *acts, size_t count, const struct store_act *act)
{
    const char *text = act->text, *rest;
    struct act_entry what;
    for (size_t i = 0; act->id != 0 && i < count; i++)
        if (acts[i].incident == act->incident && strcmp(acts[i].verb, act_verb_name(ACT_CORRECT)) == 0 &&
            act_entry_parse(acts[i].text, &what, &rest, NULL) == ERR_OK && what.kind == 'n' && what.id == act->id)
            text = rest;
    return text;
}

enum err view_find_entry(const struct view_loader *l, const struct view_params *p, int64_t id, const char *text, struct errctx *ctx)
{
    struct timeline_entry *timeline;
    struct store_act *acts;
    size_t count, act_count;
    struct act_entry what;
    const char *rest;
    bool found = false;
    enum err e = act_entry_parse(text, &what, &rest, ctx);

    if (e == ERR_OK)
        e = store_timeline(l->st, id, p->cursor_ms, l->arena, &timeline, &count, ctx);
    if (e == ERR_OK)
        e = store_acts(l->st, p->cursor_ms, l->arena, &acts, &act_count, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; what.kind == 't' && i < count; i++)
        found = found || timeline[i].id == what.id;
    for (size_t i = 0; what.kind == 'n' && i < act_count; i++)
        found = found || (acts[i].incident == id && acts[i].id == what.id);
    return found ? ERR_OK
                 : errctx_set(ctx, ERR_NOTFOUND,
                              "incident #%lld has no entry %c%lld; `gwtop incidents show %lld` has them beside its timeline", (long long)id,
                              what.kind, (long long)what.id, (long long)id);
}
