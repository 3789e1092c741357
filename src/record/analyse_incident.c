/* SPDX-License-Identifier: MIT */
/* Incidents: what fires joins the one that grouping says (analysis/grouping.h), or opens its own. An incident rises in severity with the
 * worst of its alerts, pages once per rise, and is resolved when nothing of it has fired for ten minutes of data; trouble of its rules that
 * is back within half an hour opens it again. Money does not hold it: a budget that burns on by itself when what failed is over goes on as
 * an incident of its own. */
#include <stdlib.h>
#include <string.h>

#include "model/outside.h"
#include "record/analyse_int.h"

enum { BEFORE_ONSET_MS = 15 * MINUTE_MS }; /* events this long before the onset stand in the timeline: they may be why */

static enum err no_memory(const struct incident_track *t, struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down the incident of %s", t->scope);
}

enum err analyse_incident_track(struct analyser *an, const char *scope, const char *budget_title, uint32_t *ret, struct errctx *ctx)
{
    uint32_t free_place = UINT32_MAX;
    for (*ret = 0; *ret < an->incident_count; (*ret)++) {
        struct incident_track *t = &an->incidents[*ret];
        if (t->scope == NULL) {
            free_place = *ret;
            continue;
        }
        bool same = t->of_budget ? budget_title != NULL && strcmp(t->title, budget_title) == 0 : budget_title == NULL;
        if (!same || strcmp(t->scope, scope) != 0)
            continue;
        t->users++;
        return ERR_OK;
    }
    void *list = an->incidents;
    enum err e = analyse_grow(&list, &an->incident_cap, an->incident_count, sizeof *an->incidents, ctx);
    if (e != ERR_OK)
        return e;
    an->incidents = list;
    char *kept = str_dup(str_of(scope));
    if (kept == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the incidents of %s", scope);
    *ret = free_place != UINT32_MAX ? free_place : an->incident_count++;
    an->incidents[*ret] = (struct incident_track){
        .scope = kept, .title = budget_title != NULL ? budget_title : "", .of_budget = budget_title != NULL, .users = 1};
    return ERR_OK;
}

void analyse_incident_untrack(struct analyser *an, uint32_t incident)
{
    struct incident_track *t = &an->incidents[incident];
    if (--t->users > 0)
        return;
    for (uint32_t i = 0; i < an->case_count; i++)
        if (an->cases[i].own == incident + 1)
            an->cases[i].own = 0;
    free((void *)(uintptr_t)t->scope);
    *t = (struct incident_track){.scope = NULL};
}

/* ---- events ---- */

static enum err put_event_entry(struct analyser *an, const struct incident_case *k, const char *event_key, const struct event *ev,
                                int64_t known_ms, struct errctx *ctx)
{
    const char *key = arena_printf(&an->scratch, "%lld:event:%s", (long long)k->id, event_key); /* an event is noted once */
    const struct timeline_entry t = {.incident = k->id,
                                     .at_ms = ev->at_ms,
                                     .known_ms = known_ms,
                                     .letter = event_kind_letter(ev->kind),
                                     .text = ev->text,
                                     .source = ev->source};
    return key != NULL ? store_put_timeline(an->st, key, &t, ctx)
                       : errctx_set(ctx, ERR_NOMEM, "out of memory while writing down the incident of %s", k->scope);
}

/* What happened in the quarter of an hour before. */
static enum err copy_events(struct analyser *an, const struct incident_case *k, int64_t from_ms, const struct interval *in,
                            struct errctx *ctx)
{
    struct event *list;
    size_t count;
    enum err e = store_events(an->st, from_ms - BEFORE_ONSET_MS, in->t1_ms, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = put_event_entry(an, k, list[i].key, &list[i], in->known_ms > list[i].known_ms ? in->known_ms : list[i].known_ms, ctx);
    return e;
}

enum err analyse_incident_event(struct analyser *an, const char *event_key, const struct event *ev, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->case_count; i++) {
        const struct incident_case *k = &an->cases[i];
        const int64_t began_ms = k->onset_ms != 0 ? k->onset_ms : k->opened_ms;
        const bool is_long_ago = strcmp(ev->source, "gwtop") != 0 && ev->at_ms <= began_ms - BEFORE_ONSET_MS;
        if (k->id != 0 && k->open && !is_long_ago)
            e = put_event_entry(an, k, event_key, ev, ev->known_ms, ctx);
    }
    return e;
}

/* ---- opening ---- */

static enum err put_onset(struct analyser *an, struct incident_case *k, const struct rule_change *c, const struct interval *in,
                          struct errctx *ctx)
{
    if (c->onset_ms == 0)
        return ERR_OK;
    enum err e = c->begins_event ? analyse_case_event(an, k, "errors", EVENT_ERRORS, c->onset_ms, in->known_ms, c->begins, ctx) : ERR_OK;
    return e == ERR_OK ? analyse_case_entry(an, k, "onset", c->onset_ms, in->known_ms, c->begins_letter, c->begins, ctx) : e;
}

/* It is called after the alert. Errors: ERR_NOMEM. */
static enum err lead(struct analyser *an, struct incident_case *k, const struct incident_track *t, const struct rule_change *c,
                     struct errctx *ctx)
{
    const char *title = t->of_budget ? t->title : c->title;
    enum err e = title != NULL ? analyse_case_name(k, title, t->scope, ctx) : no_memory(t, ctx);
    if (e != ERR_OK)
        return e;
    k->own = (uint32_t)(t - an->incidents) + 1;
    k->of_budget = t->of_budget;
    return ERR_OK;
}

static enum err open_case(struct analyser *an, struct incident_case *k, struct incident_track *t, const struct rule_change *c,
                          const struct interval *in, struct errctx *ctx)
{
    const int64_t at = c->since_ms, from = c->onset_ms != 0 ? c->onset_ms : at;
    const bool again = k->id != 0;
    enum err e = ERR_OK;
    if (!again) {
        k->onset_ms = c->onset_ms;
        k->onset_error_ms = c->onset_error_ms;
        k->told = outside_is_rule(c->rule);
        k->opened_ms = at;
        e = lead(an, k, t, c, ctx);
    }
    k->open = true;
    k->severity = c->severity;
    k->ended_ms = k->ended_error_ms = k->resolved_ms = 0;
    k->end_settled = false;
    if (e == ERR_OK)
        e = analyse_case_put(an, k, INCIDENT_OPEN, 0, in->known_ms, ctx);
    if (e == ERR_OK)
        e = copy_events(an, k, from, in, ctx);
    if (e == ERR_OK)
        e = put_onset(an, k, c, in, ctx);
    if (e == ERR_OK && again)
        e = analyse_case_entry(an, k, "reopened", at, in->known_ms, '!', "opened again: it is back within 30 min", ctx);
    return e;
}

/* Whether the incident began with the alert: it is called after it from now on, and not since when something else was wrong. What another
 * system says of when does not reach before what the data showed, and gives way to it. */
static bool begins_anew(const struct incident_case *k, const struct incident_track *t, const struct rule_change *c, bool leads)
{
    if (c->onset_ms == 0)
        return false;
    if (outside_is_rule(c->rule))
        return leads && (k->told || k->onset_ms == 0 || c->onset_ms > k->onset_ms);
    return leads || (k->told && !t->of_budget);
}

/* It joins one that is open, and may be worse than all that is known of it. */
static enum err worsen(struct analyser *an, struct incident_case *k, const struct incident_track *t, const struct rule_change *c,
                       const struct interval *in, struct errctx *ctx)
{
    const bool leads = analyse_case_leads(k, t, c->severity) && k->own != (uint32_t)(t - an->incidents) + 1;
    enum err e = leads ? lead(an, k, t, c, ctx) : ERR_OK;
    if (begins_anew(k, t, c, leads)) {
        k->onset_ms = c->onset_ms;
        k->onset_error_ms = c->onset_error_ms;
        k->told = outside_is_rule(c->rule);
    }
    if (c->severity > k->severity)
        k->severity = c->severity;
    return e == ERR_OK ? analyse_case_put(an, k, INCIDENT_OPEN, 0, in->known_ms, ctx) : e;
}

/* ---- paging ---- */

static enum err put_page(struct analyser *an, struct incident_case *k, int64_t at_ms, int64_t known_ms, const char *text,
                         struct errctx *ctx)
{
    const char *sentence = text != NULL ? arena_printf(&an->scratch, "%s: %s", k->title, text) : NULL;
    k->owed = k->held = false;
    an->dirty = true;
    enum err e = analyse_case_event(an, k, "page", EVENT_PAGE, at_ms, known_ms, sentence, ctx);
    return e == ERR_OK ? analyse_page_case(an, k, PAGE_PAGE, k->page_rule, at_ms, known_ms, text, ctx) : e;
}

/* One that waited is told as it is when it is told. Who took it meanwhile knows of it. */
static enum err page_held(struct analyser *an, struct incident_case *k, const struct interval *in, struct errctx *ctx)
{
    enum page_word word = PAGE_UNANSWERED;
    const bool waited = k->due_ms != 0;
    enum err e = waited ? analyse_page_word(an, k->id, k->due_ms - GROUPING_HOLD_MS, &word, ctx) : ERR_OK;
    if (e != ERR_OK)
        return e;
    if (word != PAGE_UNANSWERED) {
        k->held = false;
        an->dirty = true;
        return analyse_case_entry(an, k, "unpaged", in->t1_ms, in->known_ms, '!', "not paged: it was taken before its page was due", ctx);
    }
    if (!waited || k->calm_ms == 0)
        return put_page(an, k, in->t1_ms, in->known_ms, k->page_text, ctx);
    const char *from = text_clock(an, k->opened_ms), *to = text_clock(an, k->calm_ms);
    const char *text = from != NULL && to != NULL
                           ? arena_printf(&an->scratch, "over: it fired from %s to %s; said then: %s", from, to, k->page_text)
                           : NULL;
    return put_page(an, k, in->t1_ms, in->known_ms, text, ctx);
}

/* Pages that are due. */
static enum err page_due(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && !in->backfill && i < an->case_count; i++) {
        struct incident_case *k = &an->cases[i];
        if (k->id != 0 && k->held && k->due_ms <= in->t1_ms)
            e = page_held(an, k, in, ctx);
    }
    return e;
}

/* One that opens while another pages waits, for the next alerts may show that they are one: somebody was woken already. What back-filled
 * data says waits for live data of it. */
static void hold_page(struct analyser *an, struct incident_case *k, bool is_new, const struct rule_change *c, const char *text,
                      bool backfill)
{
    bool another = false;
    for (uint32_t i = 0; i < an->case_count; i++) {
        const struct incident_case *o = &an->cases[i];
        another = another || (o != k && o->id != 0 && o->open && o->calm_ms == 0 && o->severity == SEV_PAGE && !o->owed);
    }
    k->held = !backfill;
    k->owed = backfill;
    k->due_ms = is_new && another ? k->opened_ms + GROUPING_HOLD_MS : 0;
    an->dirty = true;
    (void)str_copy(k->page_rule, sizeof k->page_rule, str_of(c->rule));
    (void)str_copy(k->page_text, sizeof k->page_text, str_of(text));
}

/* ---- what fires ---- */

/* Where an alert goes. */
struct going {
    struct grouping_alert al;
    struct grouping_place place;
    bool elsewhere, flood;       /* of what is not known here; it would be one incident more of too many */
    struct incident_case *to;    /* NULL: it opens its own */
    struct incident_case *other; /* one that is one with it from now on, NULL = none */
};

static bool may_take(const struct incident_case *k, const struct interval *in)
{
    return k != NULL && (k->open || in->t1_ms - k->resolved_ms <= INCIDENT_REOPEN_MS);
}

/* What fails joins no budget's incident: that began with what was spent, and was told as that. It opens its own, and takes the budget's
 * in. */
static bool fits(const struct incident_case *k, const struct incident_track *t, const struct interval *in)
{
    return may_take(k, in) && (t->of_budget || !k->of_budget);
}

/* Into the incident of its rules, while that is open and within half an hour of its end; else into the one that grouping says. */
static enum err find_case(struct analyser *an, const struct incident_track *t, const struct rule_change *c, const struct interval *in,
                          struct going *ret, struct errctx *ctx)
{
    struct incident_case *own = analyse_case_of(an, t);
    *ret = (struct going){.to = NULL};
    if (analyse_builtins_apart(an, c->rule)) {
        ret->to = may_take(own, in) ? own : NULL;
        return ERR_OK;
    }
    enum err e = analyse_place(an, t, c, in->t1_ms, &ret->al, ctx);
    if (e != ERR_OK)
        return e;
    if (may_take(own, in))
        grouping_tell(an->grouping, &ret->al, own->group, &ret->place);
    else
        grouping_add(an->grouping, &ret->al, &ret->place);
    struct incident_case *stays = analyse_case_of_group(an, ret->place.incident), *goes = analyse_case_of_group(an, ret->place.absorbed);
    ret->to = may_take(own, in) ? own : fits(stays, t, in) ? stays : fits(goes, t, in) ? goes : NULL;
    ret->other = stays != ret->to ? stays : goes != ret->to ? goes : NULL;
    if (stays != NULL)
        stays->group = 0; /* what is over stays what it was told to be */
    if (goes != NULL)
        goes->group = 0;
    if (ret->other != NULL && !ret->other->open)
        ret->other = NULL;
    ret->elsewhere = analyse_place_is_elsewhere(c, &ret->al);
    if (ret->to == NULL && ret->elsewhere) {
        ret->to = analyse_case_flood(an);
        ret->flood = ret->to != NULL;
    }
    if (ret->to != NULL)
        ret->to->group = ret->place.incident;
    return ERR_OK;
}

/* Notes the alert, and why it is here. */
static enum err put_alert_entry(struct analyser *an, const struct incident_case *k, const struct incident_track *t,
                                const struct rule_change *c, const char *text, const char *why, const struct interval *in,
                                struct errctx *ctx)
{
    const bool is_own = k->own == (uint32_t)(t - an->incidents) + 1;
    const char *subject = t->of_budget ? t->title : c->title;
    const char *key = arena_printf(&an->scratch, "%s{%s}", c->rule, t->scope);
    if (text != NULL && !is_own)
        text = subject == NULL ? NULL
               : why != NULL   ? arena_printf(&an->scratch, "%s: %s; it is of this incident: %s", subject, text, why)
                               : arena_printf(&an->scratch, "%s: %s", subject, text);
    if (key == NULL)
        return no_memory(t, ctx);
    return analyse_case_entry(an, k, is_own ? c->rule : key, c->since_ms, in->known_ms, c->severity == SEV_PAGE ? 'P' : 't', text, ctx);
}

/* Why it is of the incident that it joins. */
static const char *why_of(struct analyser *an, const struct going *g)
{
    return g->flood ? "too many at one time for an incident each, and nothing that they name is known here"
                    : analyse_place_why(an, g->place.why, g->place.dim, &g->al);
}

static enum err fired(struct analyser *an, struct incident_track *t, const struct rule_change *c, const struct interval *in,
                      struct errctx *ctx)
{
    struct going g;
    enum err e = find_case(an, t, c, in, &g, ctx);
    if (e != ERR_OK)
        return e;
    const bool is_new = g.to == NULL, joins = !is_new && analyse_case_of(an, t) != g.to;
    const int64_t other = g.other != NULL ? g.other->id : 0;
    struct incident_case *k = is_new ? analyse_case_new(an, ctx) : g.to;
    if (k == NULL)
        return ERR_NOMEM;
    const bool rises = is_new || !k->open || c->severity > k->severity;
    enum page_word word = PAGE_UNANSWERED;
    if (!rises && c->severity == SEV_PAGE)
        e = analyse_page_word(an, k->id, 0, &word, ctx);
    const bool again = word == PAGE_PUT_DOWN || (word == PAGE_TAKEN && joins);
    k->group = g.place.incident;
    k->elsewhere = g.elsewhere && (is_new || k->elsewhere);
    if (!t->of_budget) /* since its onset, and until now */
        grouping_keep_open(an->grouping, k->group, in->t1_ms);
    analyse_case_join(an, t, k);
    t->onset_ms = c->onset_ms;
    k->calm_ms = 0;
    if (e == ERR_OK && (is_new || !k->open))
        e = open_case(an, k, t, c, in, ctx);
    else if (e == ERR_OK && (rises || k->told || analyse_case_leads(k, t, c->severity)))
        e = worsen(an, k, t, c, in, ctx);
    const char *text = c->evidence != NULL ? arena_printf(&an->scratch, "%s: %s", severity_name(c->severity), c->evidence) : NULL;
    if (e == ERR_OK)
        e = put_alert_entry(an, k, t, c, text, joins ? why_of(an, &g) : NULL, in, ctx);
    if (e == ERR_OK && c->severity == SEV_PAGE && (rises || again || (k->owed && !in->backfill)))
        hold_page(an, k, is_new, c, text, in->backfill);
    else if (e == ERR_OK && rises && !in->backfill)
        e = analyse_page_case(an, k, PAGE_TICKET, c->rule, c->since_ms, in->known_ms, text, ctx);
    if (e == ERR_OK && other != 0) {
        struct incident_case *twin = analyse_case_of_id(an, other), *old = analyse_case_older(twin, k), *young = old == k ? twin : k;
        old->group = g.place.incident;
        e = analyse_case_merge(an, old, young, analyse_place_why(an, g.place.absorbed_why, g.place.absorbed_dim, &g.al), in, ctx);
    } else if (e == ERR_OK && is_new) {
        e = analyse_case_beside(an, k, in, ctx);
    }
    return e == ERR_OK ? page_due(an, in, ctx) : e;
}

enum err analyse_incident_change(struct analyser *an, uint32_t incident, const struct rule_change *c, const struct interval *in,
                                 struct errctx *ctx)
{
    struct incident_track *t = &an->incidents[incident];
    const bool fires = c->state == ALERT_FIRING && !c->was_firing;
    enum err e = fires ? fired(an, t, c, in, ctx) : ERR_OK;
    const struct incident_case *k = analyse_case_of(an, t);
    if (e != ERR_OK || k == NULL || (!fires && (!c->was_firing || !k->open)))
        return e;
    e = store_put_alert_incident(an->st, c->rule, t->scope, c->since_ms, k->id, ctx);
    if (e != ERR_OK || fires)
        return e;
    const bool is_own = k->own == incident + 1;
    const char *subject = is_own ? "" : t->of_budget ? t->title : c->title, *colon = is_own ? "" : ": ", *text;
    if (subject == NULL)
        return no_memory(t, ctx);
    if (c->state == ALERT_NO_DATA)
        text = arena_printf(&an->scratch, "%s%s%s cannot be judged: nothing observed for %s", subject, colon, c->name, c->silent);
    else if (c->state == ALERT_FIRING)
        text = arena_printf(&an->scratch, "%s%s%s fires on: observed again", subject, colon, c->name);
    else
        text = c->ends != NULL ? arena_printf(&an->scratch, "%s%s%s", subject, colon, c->ends)
                               : arena_printf(&an->scratch, "%s%s%s is over", subject, colon, c->name);
    const char *key = is_own ? c->rule : arena_printf(&an->scratch, "%s{%s}", c->rule, t->scope);
    if (key == NULL)
        return no_memory(t, ctx);
    return analyse_case_entry(an, k, key, c->since_ms, in->known_ms, c->state == ALERT_INACTIVE ? 'o' : '!', text, ctx);
}

/* ---- time ---- */

static enum err put_end(struct analyser *an, struct incident_case *k, int64_t ended_ms, int64_t error_ms, bool settled, int64_t known_ms,
                        struct errctx *ctx)
{
    k->ended_ms = ended_ms;
    k->ended_error_ms = error_ms;
    k->end_settled = settled;
    return analyse_case_put(an, k, INCIDENT_OPEN, 0, known_ms, ctx);
}

/* The past is kept ever less exactly: an end that is known gives way to one that is known more exactly, or that lies beyond it, for
 * failures came after it. */
static void keep_end(const struct incident_case *k, struct slo_end *end)
{
    if (k->ended_ms == 0 || end->error_ms < k->ended_error_ms || end->at_ms - end->error_ms > k->ended_ms + k->ended_error_ms)
        return;
    end->at_ms = k->ended_ms;
    end->error_ms = k->ended_error_ms;
}

/* It seems over, or does no more: the incident says so at once, and its timeline once it is sure. */
static enum err watch_seeming_end(struct analyser *an, struct incident_case *k, const struct slo_end *end, const struct interval *in,
                                  struct errctx *ctx)
{
    if (!end->seems_over)
        return k->ended_ms != 0 ? put_end(an, k, 0, 0, false, in->known_ms, ctx) : ERR_OK;
    if (k->ended_ms == end->at_ms && k->ended_error_ms == end->error_ms)
        return ERR_OK;
    return put_end(an, k, end->at_ms, end->error_ms, false, in->known_ms, ctx);
}

/* The end of the objectives' trouble of all its tracks, as analyse_slos_end() tells it of one. */
static bool find_end(const struct analyser *an, const struct incident_case *k, int64_t from_ms, struct slo_end *ret,
                     struct slo_end *ret_begin)
{
    bool any = false;
    *ret_begin = (struct slo_end){.at_ms = 0};
    for (uint32_t i = 0; i < an->incident_count; i++) {
        struct slo_end end, begin;
        if (an->incidents[i].at != (uint32_t)(k - an->cases) + 1 || !analyse_slos_end(an, i, k->opened_ms, from_ms, &end, &begin))
            continue;
        const bool over = (!any || ret->over) && end.over, seems_over = (!any || ret->seems_over) && end.seems_over;
        if (!any || end.at_ms > ret->at_ms)
            *ret = end;
        ret->over = over;
        ret->seems_over = seems_over;
        if (begin.at_ms != 0 && (ret_begin->at_ms == 0 || begin.at_ms < ret_begin->at_ms))
            *ret_begin = begin;
        any = true;
    }
    return any;
}

/* Notes when what is wrong fell back to what is allowed, and when it came back before the incident was resolved. */
static enum err watch_end(struct analyser *an, struct incident_case *k, const struct interval *in, struct errctx *ctx)
{
    int64_t began_ms = k->onset_ms != 0 ? k->onset_ms : k->opened_ms;
    /* what was calm so long after its end has not failed there again */
    int64_t from_ms = k->end_settled ? k->ended_ms + SLO_ENDED_MS : began_ms - BEFORE_ONSET_MS;
    struct slo_end end, begin;
    if (!find_end(an, k, from_ms, &end, &begin) || end.at_ms <= began_ms)
        return ERR_OK;
    keep_end(k, &end);
    if (!end.over && !k->end_settled)
        return watch_seeming_end(an, k, &end, in, ctx);
    if (!end.over && begin.at_ms == 0)
        return ERR_OK;
    int64_t at = end.over ? end.at_ms : begin.at_ms;
    const char *error = text_duration(an, end.over ? end.error_ms : begin.error_ms), *later = text_duration(an, in->known_ms - at);
    const char *text = error == NULL || later == NULL ? NULL
                       : end.over                     ? arena_printf(&an->scratch, "%s end, +-%s, known %s later", k->title, error, later)
                                                      : arena_printf(&an->scratch, "%s begin again, +-%s", k->title, error);
    enum err e = put_end(an, k, end.over ? at : 0, end.over ? end.error_ms : 0, end.over, in->known_ms, ctx);
    return e == ERR_OK ? analyse_case_entry(an, k, end.over ? "end" : "again", at, in->known_ms, end.over ? 'o' : '!', text, ctx) : e;
}

static struct firing firing_of(const struct analyser *an, uint32_t track)
{
    struct firing f = {.worst = SEV_NONE};
    analyse_slos_firing(an, track, &f);
    analyse_budgets_firing(an, track, &f);
    analyse_outside_firing(an, track, &f);
    analyse_rules_firing(an, track, &f);
    analyse_builtins_firing(an, track, &f);
    return f;
}

/* What fires of it; of one that is not of a budget without what budgets say, which *ret_money then has. */
static struct firing all_firing(const struct analyser *an, const struct incident_case *k, bool *ret_money)
{
    struct firing all = {.worst = SEV_NONE};
    *ret_money = false;
    for (uint32_t i = 0; i < an->incident_count; i++) {
        const struct incident_track *t = &an->incidents[i];
        if (t->at != (uint32_t)(k - an->cases) + 1)
            continue;
        const struct firing f = firing_of(an, i);
        all.now_ms = f.now_ms > all.now_ms ? f.now_ms : all.now_ms;
        all.page_ms = f.page_ms > all.page_ms ? f.page_ms : all.page_ms;
        if (t->of_budget && !k->of_budget)
            *ret_money = *ret_money || f.worst != SEV_NONE;
        else
            all.worst = f.worst > all.worst ? f.worst : all.worst;
    }
    return all;
}

/* As of the moment from which on nothing fired; that it was for long enough is so at now_ms. */
static enum err resolve(struct analyser *an, struct incident_case *k, int64_t now_ms, int64_t known_ms, struct errctx *ctx)
{
    int64_t began_ms = k->onset_ms != 0 ? k->onset_ms : k->opened_ms;
    const char *took = text_duration(an, (k->ended_ms != 0 ? k->ended_ms : k->calm_ms) - began_ms);
    const char *since = text_clock(an, k->calm_ms);
    k->open = k->owed = k->held = false;
    k->resolved_ms = k->calm_ms;
    k->calm_ms = 0;
    enum err e = analyse_case_put(an, k, INCIDENT_RESOLVED, 0, known_ms, ctx);
    const char *text = took != NULL && since != NULL
                           ? arena_printf(&an->scratch, "resolved: nothing has fired for 10 min, since %s; it lasted %s", since, took)
                           : NULL;
    if (e == ERR_OK)
        e = analyse_case_entry(an, k, "resolved", now_ms, known_ms, 'R', text, ctx);
    return e == ERR_OK ? analyse_page_over(an, k, now_ms, known_ms, text, ctx) : e;
}

static bool burns_on(const struct analyser *an, uint32_t of, uint32_t track, enum severity *ret)
{
    const struct incident_track *t = &an->incidents[track];
    *ret = t->at == of + 1 && t->of_budget ? firing_of(an, track).worst : SEV_NONE;
    return *ret != SEV_NONE;
}

/* The incident that goes on, of the worst of them, since the first of them does; its place, and in ret_lead the worst's. NULL: out of
 * memory. */
static struct incident_case *make_rest(struct analyser *an, uint32_t of, int64_t opened_ms, uint32_t *ret_lead, struct errctx *ctx)
{
    struct incident_case rest = {.of_budget = true, .open = true, .severity = SEV_NONE, .opened_ms = opened_ms};
    for (uint32_t i = 0; i < an->incident_count; i++) {
        const int64_t onset_ms = an->incidents[i].onset_ms;
        enum severity worst;
        if (!burns_on(an, of, i, &worst))
            continue;
        if (onset_ms != 0 && (rest.onset_ms == 0 || onset_ms < rest.onset_ms))
            rest.onset_ms = onset_ms;
        if (worst <= rest.severity)
            continue;
        rest.severity = worst;
        rest.own = i + 1;
    }
    struct incident_case *k = analyse_case_new(an, ctx);
    if (k == NULL)
        return NULL;
    *k = rest;
    *ret_lead = rest.own - 1;
    const struct incident_track *t = &an->incidents[*ret_lead];
    return analyse_case_name(k, t->title, t->scope, ctx) == ERR_OK ? k : NULL;
}

/* Budgets that burn on when what failed is over go on as one: they have one cause. Nobody is paged for it again. */
static enum err go_on(struct analyser *an, uint32_t of, const struct interval *in, struct errctx *ctx)
{
    const int64_t was = an->cases[of].id;
    uint32_t lead;
    struct incident_case *k = make_rest(an, of, in->t1_ms, &lead, ctx);
    if (k == NULL)
        return ERR_NOMEM;
    enum err e = analyse_case_put(an, k, INCIDENT_OPEN, 0, in->known_ms, ctx);
    if (e == ERR_OK)
        e = analyse_case_entry(an, k, "goes on", in->t1_ms, in->known_ms, '!',
                               arena_printf(&an->scratch, "goes on by itself: it was told under #%lld, which is over", (long long)was),
                               ctx);
    for (uint32_t i = 0; e == ERR_OK && i < an->incident_count; i++) {
        struct incident_track *t = &an->incidents[i];
        enum severity worst;
        if (!burns_on(an, of, i, &worst))
            continue;
        analyse_case_join(an, t, k);
        if (i != lead)
            e = analyse_case_entry(an, k, t->title, in->t1_ms, in->known_ms, '!',
                                   arena_printf(&an->scratch, "%s goes on with it", t->title), ctx);
    }
    return e;
}

static enum err case_interval(struct analyser *an, uint32_t at, const struct interval *in, struct errctx *ctx)
{
    struct incident_case *k = &an->cases[at];
    bool money;
    enum err e = k->of_budget ? ERR_OK : watch_end(an, k, in, ctx);
    const struct firing f = all_firing(an, k, &money);
    /* a live interval of another source says nothing of what fires as of where the back-fill has got to */
    if (e == ERR_OK && f.worst == SEV_PAGE && f.page_ms >= in->t1_ms && k->owed && !in->backfill)
        e = put_page(an, k, in->t1_ms, in->known_ms, "it began before this recording and still burns", ctx);
    if (f.worst != SEV_NONE && !k->of_budget) /* what joins a budget must have begun when that did */
        grouping_keep_open(an->grouping, k->group, in->t1_ms);
    if (e != ERR_OK || f.worst != SEV_NONE || f.now_ms == 0)
        return e;
    if (k->calm_ms == 0) {
        k->calm_ms = f.now_ms;
        an->dirty = true;
    }
    if (f.now_ms - k->calm_ms < INCIDENT_CALM_MS)
        return ERR_OK;
    e = resolve(an, k, f.now_ms, in->known_ms, ctx);
    return e == ERR_OK && money ? go_on(an, at, in, ctx) : e;
}

enum err analyse_incidents_interval(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->case_count; i++) {
        struct incident_case *k = &an->cases[i];
        if (k->id == 0)
            continue;
        if (k->open)
            e = case_interval(an, i, in, ctx);
        else if (in->t1_ms - k->resolved_ms > INCIDENT_REOPEN_MS)
            analyse_case_drop(an, k);
    }
    return e == ERR_OK ? page_due(an, in, ctx) : e;
}

enum err analyse_incidents_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    return page_due(an, &(struct interval){.t1_ms = now_ms, .known_ms = now_ms}, ctx);
}
