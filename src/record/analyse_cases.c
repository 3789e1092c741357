/* SPDX-License-Identifier: MIT */
/* Incidents after a restart: which are open, which rules they are of, and what grouping is to know of earlier ones. What is usual (the only
 * region, the gateway that all passes) is learned from a month of alerts. */
#include <string.h>

#include "model/outside.h"
#include "record/analyse_int.h"

/* LOOKED_MAX: alerts of open incidents for which the store is looked at again, the newest: what grouping must know again of these is what
 * the next alerts are compared with, and one that has flapped for a month must not hold up the recorder. */
enum { KNOWN_MAX = 4096, LOOKED_MAX = 64 };
static const int64_t usual_ms = 30 * DAY_MS;

/* The track that an alert is of; NULL when nobody watches it any more. */
static struct incident_track *track_of(struct analyser *an, const char *scope, const char *budget_title)
{
    for (uint32_t i = 0; i < an->incident_count; i++) {
        struct incident_track *t = &an->incidents[i];
        if (t->scope != NULL && strcmp(t->scope, scope) == 0 && t->of_budget == (budget_title != NULL) &&
            (budget_title == NULL || strcmp(t->title, budget_title) == 0))
            return t;
    }
    return NULL;
}

static struct incident_track *track_of_alert(struct analyser *an, const struct alert *al)
{
    const struct str budget = budget_of_rule(al->rule);
    const char *title = budget.p != NULL ? arena_printf(&an->scratch, "budget %.*s", (int)budget.n, budget.p) : NULL;
    return budget.p != NULL && title == NULL ? NULL : track_of(an, al->scope, title);
}

/* ---- the cases ---- */

/* One that is open, or may be opened again; the note may have told of it already. */
static enum err make_case(struct analyser *an, const struct incident *in, struct errctx *ctx)
{
    struct incident_case *k = analyse_case_of_id(an, in->id);
    if (k == NULL && (k = analyse_case_new(an, ctx)) == NULL)
        return ERR_NOMEM;
    k->id = in->id;
    k->open = in->state != INCIDENT_RESOLVED;
    k->severity = in->severity;
    k->onset_ms = in->onset_ms;
    k->onset_error_ms = in->onset_error_ms;
    k->opened_ms = in->opened_ms;
    k->ended_ms = in->ended_ms;
    k->ended_error_ms = in->ended_error_ms;
    k->end_settled = in->ended_ms != 0 && in->known_ms - in->ended_ms - in->ended_error_ms >= SLO_ENDED_MS;
    k->resolved_ms = in->resolved_ms;
    k->due_ms = in->opened_ms + GROUPING_HOLD_MS;
    k->of_budget = incident_is_of_budget(in);
    if (analyse_case_name(k, in->title, in->scope, ctx) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    const struct incident_track *t = track_of(an, k->scope, k->of_budget ? k->title : NULL);
    k->own = t != NULL ? (uint32_t)(t - an->incidents) + 1 : 0;
    return ERR_OK;
}

/* An alert of an earlier version tells by its scope of which incident it is: the newest of those. */
static struct incident_case *case_of_alert(struct analyser *an, const struct alert *al)
{
    struct incident_case *newest = NULL;
    if (al->incident != 0)
        return analyse_case_of_id(an, al->incident);
    for (uint32_t i = 0; i < an->case_count; i++) {
        struct incident_case *k = &an->cases[i];
        const struct incident in = {.id = k->id, .title = k->title, .scope = k->scope};
        if (k->id != 0 && incident_is_of(&in, al) && (newest == NULL || k->id > newest->id))
            newest = k;
    }
    return newest;
}

/* The latest word of each rule: its track is of that incident. */
static enum err join_tracks(struct analyser *an, const struct alert *list, size_t count)
{
    for (size_t pass = 0; pass < 2; pass++) { /* what fires last has the word */
        for (size_t i = 0; i < count; i++) {
            struct incident_track *t = alert_is_finding(&list[i]) ? NULL : track_of_alert(an, &list[i]);
            const struct incident_case *k = t != NULL ? case_of_alert(an, &list[i]) : NULL;
            const bool fires = list[i].state != ALERT_INACTIVE;
            if (k == NULL || fires != (pass == 1))
                continue;
            const struct incident_case *other = analyse_case_of(an, t);
            if (other == NULL || fires || k->id > other->id)
                analyse_case_join(an, t, k);
            t->onset_ms = list[i].onset_ms;
        }
    }
    return ERR_OK;
}

/* Of alerts from outside alone; whether these are of what is not known here is seen when each is placed. */
static void find_told(struct analyser *an, const struct alert *list, size_t count)
{
    for (uint32_t i = 0; i < an->case_count; i++)
        for (size_t k = 0; k < count; k++)
            if (an->cases[i].id != 0 && list[k].incident == an->cases[i].id)
                an->cases[i].told = outside_is_rule(list[k].rule);
    for (uint32_t i = 0; i < an->case_count; i++)
        for (size_t k = 0; k < count; k++)
            if (list[k].incident == an->cases[i].id && !outside_is_rule(list[k].rule))
                an->cases[i].told = false;
    for (uint32_t i = 0; i < an->case_count; i++)
        an->cases[i].elsewhere = an->cases[i].told;
}

/* Nobody watches its scope any more: whether it goes on is not known, and who was told of it hears that. */
static enum err close_orphan(struct analyser *an, struct incident_case *k, struct errctx *ctx)
{
    static const char unwatched[] = "resolved: nobody watches its rule any more: it is not configured now";
    struct incident *list;
    size_t count;
    enum err e = store_incidents(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct incident over = list[i];
        if (over.id != k->id)
            continue;
        over.state = INCIDENT_RESOLVED;
        over.resolved_ms = over.known_ms = over.known_ms > analyse_newest_ms(an) ? over.known_ms : analyse_newest_ms(an);
        e = store_put_incident(an->st, &over, NULL, ctx);
        if (e == ERR_OK)
            e = analyse_case_entry(an, k, "resolved", over.known_ms, over.known_ms, 'R', unwatched, ctx);
        if (e == ERR_OK)
            e = analyse_page_over(an, k, over.known_ms, over.known_ms, unwatched, ctx);
    }
    analyse_case_drop(an, k);
    return e;
}

static enum err close_orphans(struct analyser *an, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->case_count; i++) {
        struct incident_case *k = &an->cases[i];
        bool watched = k->id == 0;
        for (uint32_t t = 0; t < an->incident_count && !watched; t++)
            watched = analyse_case_of(an, &an->incidents[t]) == k;
        if (!watched && k->open && k->title != NULL)
            e = close_orphan(an, k, ctx);
        else if (!watched || (k->id != 0 && k->title == NULL)) /* the note told of one that the store does not know */
            analyse_case_drop(an, k);
    }
    return e;
}

/* ---- grouping ---- */

/* Which group has which incident's alerts. */
struct told {
    int64_t incident;
    uint32_t group;
};

static uint32_t *group_of(struct told *list, size_t *count, int64_t incident)
{
    size_t i = *count;
    while (i > 0 && list[i - 1].incident != incident)
        i--;
    if (i > 0)
        return &list[i - 1].group;
    if (*count == KNOWN_MAX)
        *count = 0; /* nothing is lost by that but what is over */
    list[*count] = (struct told){.incident = incident};
    return &list[(*count)++].group;
}

/* As the rule said it when it fired. */
static void find_shows(struct analyser *an, const struct alert *al, struct rule_change *c)
{
    if (budget_of_rule(al->rule).p != NULL)
        c->shows = SHOWS_SPEND;
    analyse_slos_shows(an, al, c);
    analyse_rules_shows(an, al, c);
}

/* looks: where it was is read from the store, as when it fired; else it is of its scope alone. */
static enum err tell(struct analyser *an, const struct alert *al, bool looks, struct told *list, size_t *count, struct errctx *ctx)
{
    struct rule_change c = {.rule = al->rule,
                            .severity = al->severity,
                            .since_ms = al->since_ms,
                            .onset_ms = al->onset_ms,
                            .onset_error_ms = al->onset_error_ms};
    struct incident_case *k = analyse_case_of_id(an, al->incident);
    const struct incident_track other = {.scope = al->scope, .title = "", .of_budget = budget_of_rule(al->rule).p != NULL};
    const struct incident_track *t = track_of_alert(an, al);
    struct grouping_alert alert;
    struct grouping_place place;
    if (!analyse_builtins_apart(an, al->rule)) {
        uint32_t *group = group_of(list, count, al->incident);
        if (looks)
            find_shows(an, al, &c);
        enum err e = analyse_place(an, t != NULL ? t : &other, &c, al->since_ms, &alert, ctx);
        if (e != ERR_OK)
            return e;
        grouping_tell(an->grouping, &alert, *group, &place);
        *group = place.incident;
        if (k != NULL && k->open)
            k->group = place.incident;
        if (k != NULL)
            k->elsewhere = k->elsewhere && analyse_place_is_elsewhere(&c, &alert);
    }
    if (k != NULL && (k->held || k->owed) && al->severity == k->severity) {
        (void)str_copy(k->page_rule, sizeof k->page_rule, str_of(al->rule));
        (void)str_format(k->page_text, sizeof k->page_text, "%s: %s", severity_name(al->severity), al->text);
    }
    return ERR_OK;
}

static bool is_of_case(struct analyser *an, const struct alert *al)
{
    return alert_is_firing_rule(al) && analyse_case_of_id(an, al->incident) != NULL;
}

/* What fired in the last month, in order of time. */
static enum err tell_all(struct analyser *an, struct errctx *ctx)
{
    struct alert *list;
    size_t count, known = 0, to_look = 0;
    struct told *told = arena_array(&an->scratch, KNOWN_MAX, sizeof *told);
    enum err e = told != NULL
                     ? store_alert_history(an->st, analyse_newest_ms(an) - usual_ms, INT64_MAX, INT64_MAX, &an->scratch, &list, &count, ctx)
                     : errctx_set(ctx, ERR_NOMEM, "out of memory while reading earlier incidents");
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        to_look += is_of_case(an, &list[i]);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const bool is_near = is_of_case(an, &list[i]), looks = is_near && to_look <= LOOKED_MAX;
        to_look -= is_near;
        if (alert_is_firing_rule(&list[i]) && list[i].incident != 0)
            e = tell(an, &list[i], looks, told, &known, ctx);
    }
    return e;
}

enum err analyse_incidents_open(struct analyser *an, struct errctx *ctx)
{
    struct incident *list;
    struct alert *alerts;
    size_t count, alert_count;
    an->topology = topology_new();
    an->grouping = grouping_new(NULL, 0, 0);
    if (an->topology == NULL || an->grouping == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the analysers");
    enum err e = store_incidents(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = count; i > 0 && e == ERR_OK; i--) {
        const struct incident *in = &list[i - 1];
        const bool over = in->state == INCIDENT_RESOLVED && analyse_newest_ms(an) - in->resolved_ms > INCIDENT_REOPEN_MS;
        if (in->parent == 0 && !over)
            e = make_case(an, in, ctx);
    }
    if (e == ERR_OK)
        e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &alert_count, ctx);
    if (e == ERR_OK)
        e = join_tracks(an, alerts, alert_count);
    if (e == ERR_OK)
        find_told(an, alerts, alert_count);
    if (e == ERR_OK)
        e = close_orphans(an, ctx);
    return e == ERR_OK ? tell_all(an, ctx) : e;
}
