/* SPDX-License-Identifier: MIT */
#include "view/vincidents.h"

#include <math.h>
#include <string.h>

#include "model/act.h"
#include "view/vfilter.h"
#include "view/vharm.h"

const char *vincident_ended(const struct incident *in)
{
    static const char errors[] = "errors"; /* "all traffic errors", else "gpt-x slow ttft" */
    const size_t length = strlen(in->title), end = sizeof errors - 1;
    if (incident_outside_name(in) != NULL) /* named by an outside alert: what it was of is not told */
        return "trouble ended";
    return length >= end && strcmp(in->title + length - end, errors) == 0 ? "errors ended" : "slowness ended";
}

bool vincident_has_firing(const struct incident *in, const struct alert *al)
{
    return al->since_ms >= in->opened_ms && (in->resolved_ms == 0 || al->since_ms <= in->resolved_ms) && alert_is_firing_rule(al) &&
           incident_is_of(in, al);
}

const char *vincident_rule_apart(const char *rule)
{
    static const struct {
        const char *rule, *why;
    } apart[] = {{"rule:source_down", "it is the watching that fails"},
                 {"rule:gateway_silent", "it is the watching that fails"},
                 {"rule:certificate", "it is a certificate that ends"}};
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        const size_t n = strlen(apart[i].rule);
        if (strncmp(rule, apart[i].rule, n) == 0 && (rule[n] == '\0' || rule[n] == ':'))
            return apart[i].why;
    }
    return NULL;
}

const char *vincident_apart(const struct incident *in, const struct alert *history, size_t count)
{
    const char *why = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!vincident_has_firing(in, &history[i]))
            continue;
        why = vincident_rule_apart(history[i].rule);
        if (why == NULL)
            return NULL;
    }
    return why;
}

bool vincident_is_of_money(const struct incident *in, const struct alert *history, size_t count)
{
    bool alone = incident_is_of_budget(in);
    for (size_t i = 0; alone && i < count; i++)
        alone = !vharm_is_of_rule(history[i].rule) || !vincident_has_firing(in, &history[i]);
    return alone;
}

/* What operators said of one incident, so far: acts come in their order. */
struct words {
    const struct store_act *ack;  /* the last one */
    const struct store_act *word; /* the last one on its state; NULL = none */
    enum incident_state state;    /* by that */
    const struct store_act *assigned;
    const struct store_act *noted, *next; /* whose texts are shown, so that corrections of them are */
};

static void snooze(const struct store_act *act, int64_t cursor_ms, struct vincident *i)
{
    int64_t ms;
    const char *reason;
    if (act_snooze_parse(act->text, &ms, &reason, NULL) != ERR_OK)
        return;
    const bool lasts = act->at_ms + ms > cursor_ms;
    i->snoozed_until_ms = lasts ? act->at_ms + ms : 0;
    i->snooze_reason = lasts ? reason : "";
    i->snoozed_by = lasts ? act->author : "";
}

/* What was said last is shown as it reads since somebody corrected it. */
static void correct(const struct store_act *act, const struct words *w, struct vincident *i)
{
    struct act_entry entry;
    const char *text;
    if (act_entry_parse(act->text, &entry, &text, NULL) != ERR_OK || entry.kind != 'n')
        return;
    if (w->noted != NULL && w->noted->id == entry.id)
        i->note = text;
    if (w->next != NULL && w->next->id == entry.id)
        i->next_step = text;
}

static void say(struct words *w, const struct store_act *act, enum incident_state state)
{
    w->word = act;
    w->state = state;
}

static void note(struct words *w, const struct store_act *act, const char *text, struct vincident *i)
{
    w->noted = act;
    i->note = text;
}

/* Who said of a part that it was mitigated, or over, knew nothing of the rest: a console that is older than parts says so, or one that
 * had not heard yet. */
static void apply(const struct store_act *act, int64_t cursor_ms, struct words *w, struct vincident *i)
{
    enum act_verb verb;
    if (!act_verb_by_name(act->verb, &verb))
        return;
    if (act->incident != i->in.id && (verb == ACT_MITIGATE || verb == ACT_RESOLVE)) {
        if (act->text[0] != '\0')
            note(w, act, act->text, i);
        return;
    }
    switch (verb) {
    case ACT_ACK:
        if (i->in.owner[0] == '\0' && w->assigned == NULL && (i->in.resolved_ms == 0 || act->at_ms < i->in.resolved_ms))
            i->in.owner = act->author;
        w->ack = act;
        say(w, act, INCIDENT_ACKNOWLEDGED);
        break;
    case ACT_ASSIGN:
        w->assigned = act;
        i->in.owner = act->text;
        break;
    case ACT_NOTE: note(w, act, act->text, i); break;
    case ACT_NEXT:
        w->next = act;
        i->next_step = act->text;
        break;
    case ACT_CORRECT: correct(act, w, i); break;
    case ACT_MITIGATE: say(w, act, INCIDENT_MITIGATED); break;
    case ACT_RESOLVE: say(w, act, INCIDENT_RESOLVED); break;
    case ACT_SNOOZE: snooze(act, cursor_ms, i); break;
    case ACT_PIN:
    case ACT_MARK:
    case ACT_VERB_COUNT: break;
    }
}

/* The first rule of the incident that began to fire after an operator's word that it is mitigated, or over; *ret NULL: none did. */
static enum err fires_again(const struct view_loader *l, const struct view_params *p, const struct incident *in, int64_t since_ms,
                            const struct alert **ret, struct errctx *ctx)
{
    struct alert *list;
    size_t count;
    enum err e = store_alert_history(l->st, since_ms, p->cursor_ms, p->cursor_ms, l->arena, &list, &count, ctx);
    *ret = NULL;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (list[i].since_ms > since_ms && alert_is_firing_rule(&list[i]) && incident_is_of(in, &list[i]) &&
            (*ret == NULL || list[i].since_ms < (*ret)->since_ms))
            *ret = &list[i];
    return e;
}

static enum err tell_again(const struct view_loader *l, const struct words *w, const struct alert *again, struct vincident *i,
                           struct errctx *ctx)
{
    i->again_ms = again->since_ms;
    i->again_text = arena_printf(l->arena, "what %s said, that it was %s, holds no more: %s fires", w->word->author,
                                 incident_state_name(w->state), again->rule);
    return i->again_text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
}

/* The last word on its state holds: what the data resolved stays resolved, and what fires anew is not over because somebody said so
 * before. */
static enum err settle(const struct view_loader *l, const struct view_params *p, struct words *w, struct vincident *i, struct errctx *ctx)
{
    if (i->in.state == INCIDENT_RESOLVED) {
        i->snoozed_until_ms = 0;
        return ERR_OK;
    }
    if (w->word != NULL && w->state > INCIDENT_ACKNOWLEDGED) {
        const struct alert *again;
        enum err e = fires_again(l, p, &i->in, w->word->at_ms, &again, ctx);
        if (e == ERR_OK && again != NULL)
            e = tell_again(l, w, again, i, ctx);
        if (e != ERR_OK)
            return e;
        if (again != NULL && w->state == INCIDENT_RESOLVED) { /* whoever took it took what was over */
            w->word = NULL;
            i->snoozed_until_ms = 0;
        } else if (again != NULL) {
            say(w, w->ack, INCIDENT_ACKNOWLEDGED); /* by who took it, if anybody did */
        }
    }
    if (w->word == NULL)
        return ERR_OK;
    i->in.state = w->state;
    i->said_by = w->word->author;
    i->said_ms = w->word->at_ms;
    if (w->state == INCIDENT_RESOLVED) {
        i->in.resolved_ms = w->word->at_ms;
        i->snoozed_until_ms = 0;
    }
    return ERR_OK;
}

/* Which incident an act is of: what is said of one that is told under another by then is said of that. A snooze stays where it was put:
 * a part puts no page off. */
static int64_t act_is_of(const struct incident *list, size_t count, const struct store_act *act)
{
    if (strcmp(act->verb, act_verb_name(ACT_SNOOZE)) == 0)
        return act->incident;
    for (size_t i = 0; i < count; i++)
        if (list[i].id == act->incident && list[i].parent != 0 && act->at_ms >= list[i].known_ms)
            return list[i].parent;
    return act->incident;
}

/* How bad it is at the cursor, beside how bad it was. Where a rule of it is not observed that is not known, and not said. */
static enum err tell_severity(const struct view_loader *l, const struct alert *alerts, size_t count, struct vincident *i)
{
    bool unseen = false;
    i->in.severity = i->in.worst;
    for (size_t k = 0; k < count && i->in.state != INCIDENT_RESOLVED; k++) {
        const bool is_of = !alert_is_finding(&alerts[k]) && incident_is_of(&i->in, &alerts[k]);
        unseen = unseen || (is_of && alerts[k].state == ALERT_NO_DATA);
        if (is_of && alerts[k].state == ALERT_FIRING && alerts[k].severity > i->present)
            i->present = alerts[k].severity;
    }
    i->eased = i->present != SEV_NONE && i->present < i->in.severity && !unseen;
    i->severity_text = i->eased ? arena_printf(l->arena, "%s, now %s", severity_name(i->in.severity), severity_name(i->present))
                                : severity_name(i->in.severity);
    return i->severity_text != NULL ? ERR_OK : ERR_NOMEM;
}

/* Children stand behind their parents, each in the order they had. Errors: ERR_NOMEM. */
static enum err fold(struct arena *a, struct incident *list, size_t count)
{
    struct incident *all = arena_array(a, count + 1, sizeof *all);
    size_t n = 0;
    if (all == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        bool has_parent = false;
        for (size_t k = 0; list[i].parent != 0 && k < count; k++)
            has_parent = has_parent || list[k].id == list[i].parent;
        if (has_parent)
            continue;
        all[n++] = list[i];
        for (size_t k = 0; k < count; k++)
            if (list[k].parent == list[i].id)
                all[n++] = list[k];
    }
    memcpy(list, all, n * sizeof *all);
    return ERR_OK;
}

/* Whether list[i] is that one, or told under it, or tells it. */
static bool is_of_id(const struct incident *list, size_t count, size_t i, int64_t id)
{
    if (list[i].id == id || list[i].parent == id)
        return true;
    for (size_t k = 0; k < count; k++)
        if (list[k].id == id && list[k].parent == list[i].id)
            return true;
    return false;
}

/* Leaves those that are wanted, in their order; returns how many. */
static size_t keep_wanted(struct incident *list, size_t count, const struct vincidents_want *want)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const bool listed =
            list[i].state != INCIDENT_RESOLVED || (want->since_ms == 0 ? i < VINCIDENTS_LISTED : list[i].resolved_ms >= want->since_ms);
        if ((listed && !want->only_id) || (want->id != 0 && is_of_id(list, count, i, want->id)))
            list[n++] = list[i];
    }
    return n;
}

enum err vincidents_load(const struct view_loader *l, const struct view_params *p, const struct vincidents_want *want,
                         struct vincidents *ret, struct errctx *ctx)
{
    static const struct vincidents_want newest = {.id = 0};
    struct vincidents v = {.older = 0};
    struct incident *incidents;
    struct alert *alerts;
    size_t known, alert_count;

    enum err e = vfilter_incidents(l, p, &incidents, &known, ctx);
    if (want != NULL && want->acts != NULL) {
        v.acts = want->acts;
        v.act_count = want->act_count;
    } else if (e == ERR_OK) {
        e = store_acts(l->st, p->cursor_ms, l->arena, &v.acts, &v.act_count, ctx);
    }
    if (e == ERR_OK)
        e = store_alerts(l->st, p->cursor_ms, l->scratch, &alerts, &alert_count, ctx);
    if (e == ERR_OK && fold(l->scratch, incidents, known) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    if (e != ERR_OK)
        return e;
    int64_t *is_of = arena_array(l->scratch, v.act_count + 1, sizeof *is_of); /* of each act: found once, not for each incident */
    for (size_t k = 0; is_of != NULL && k < v.act_count; k++)
        is_of[k] = act_is_of(incidents, known, &v.acts[k]);
    v.count = keep_wanted(incidents, known, want != NULL ? want : &newest);
    v.older = known - v.count;
    v.list = arena_array(l->arena, v.count + 1, sizeof *v.list);
    if (v.list == NULL || is_of == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    for (size_t i = 0; i < v.count; i++) {
        struct words w = {.ack = NULL};
        v.list[i] = (struct vincident){.in = incidents[i],
                                       .note = "",
                                       .bad_text = "?",
                                       .duration_text = "",
                                       .said_by = "",
                                       .again_text = "",
                                       .next_step = "",
                                       .snooze_reason = "",
                                       .snoozed_by = "",
                                       .spend = {.v = NAN}};
        for (size_t k = 0; k < v.act_count; k++)
            if (is_of[k] == v.list[i].in.id)
                apply(&v.acts[k], p->cursor_ms, &w, &v.list[i]);
        e = settle(l, p, &w, &v.list[i], ctx);
        if (e == ERR_OK && tell_severity(l, alerts, alert_count, &v.list[i]) != ERR_OK)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
        if (e != ERR_OK)
            return e;
    }
    *ret = v;
    return ERR_OK;
}

enum err vincidents_load_said(const struct view_loader *l, const struct view_params *p, int64_t id, struct store_act *acts,
                              size_t act_count, struct vincident *ret, struct errctx *ctx)
{
    const struct vincidents_want want = {.id = id, .only_id = true, .acts = acts, .act_count = act_count};
    struct vincidents v;
    enum err e = vincidents_load(l, p, &want, &v, ctx);
    for (size_t i = 0; e == ERR_OK && i < v.count; i++) {
        if (v.list[i].in.id != id)
            continue;
        *ret = v.list[i];
        return ERR_OK;
    }
    return e != ERR_OK ? e : errctx_set(ctx, ERR_NOTFOUND, "there is no incident #%lld; `gwtop incidents` lists them", (long long)id);
}

enum err view_load_incident(const struct view_loader *l, const struct view_params *p, int64_t id, struct vincident *ret, struct errctx *ctx)
{
    return vincidents_load_said(l, p, id, NULL, 0, ret, ctx);
}

enum err view_said_of(const struct incident *in, enum act_verb verb, int64_t *ret, struct errctx *ctx)
{
    const bool puts_down = verb == ACT_SNOOZE || verb == ACT_MITIGATE || verb == ACT_RESOLVE;
    const long long id = (long long)in->id, parent = (long long)in->parent;

    if (in->parent != 0 && puts_down)
        return errctx_set(
            ctx, ERR_USAGE,
            "#%lld is told under #%lld, and this would be said of all of #%lld; if that is meant, open #%lld or `gwtop %s %lld`", id,
            parent, parent, parent, act_verb_name(verb), parent);
    *ret = in->parent != 0 && verb != ACT_CORRECT && verb != ACT_PIN ? in->parent : in->id;
    return ERR_OK;
}
