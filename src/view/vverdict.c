/* SPDX-License-Identifier: MIT */
/* How the verdict is found: sources first (is it real?), then rules (are there any?), then what fires, worst first. What rests on stale
 * data, or on none, is UNKNOWN, together with what it was while there was data; trouble that fresh data shows goes before trouble of which
 * no more is known, unless that was worse. */
#include "view/vverdict.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vfilter.h"
#include "view/vfinding.h"
#include "view/vfires.h"
#include "view/vpace.h"
#include "view/vquiet.h"
#include "view/vreality.h"
#include "view/vtaken.h"
#include "view/vtext.h"

static void incident_of(const struct vjudged *in, const struct alert *al, struct view_verdict *v)
{
    for (size_t i = 0; i < in->incident_count; i++) {
        if (in->incidents[i].state == INCIDENT_RESOLVED)
            continue;
        bool is_it = al != NULL ? incident_is_of(&in->incidents[i], al) : in->rules.elsewhere == NULL; /* as recovering_phrase() */
        if (is_it && v->incident == 0)
            v->incident = in->incidents[i].id;
        else
            v->others++;
    }
}

/* What is told of what was found: the first, and how many others there are. */
struct found {
    const char *text; /* "json_valid of gpt-x fell 98.9 -> 94.0 % when found, since 10:54:37Z (2h55m), +1 more found"; "" nothing */
    bool elsewhere;   /* of what has no traffic in what fires */
};

/* What pages nobody and is not well either; of what fires the sentence says what became of it. What goes on stands before what is over. */
static enum err find_found(const struct vjudged *in, const char *fires, struct found *ret, struct errctx *ctx)
{
    struct arena *a = in->l->arena;
    const struct alert *first = NULL;
    size_t count = 0;
    bool meets = true;
    enum err e = ERR_OK;

    for (size_t i = 0; i < in->finding_count; i++) {
        const struct alert *al = &in->findings[i];
        if (fires != NULL && strcmp(al->scope, fires) == 0)
            continue;
        if (first == NULL || (first->ended_ms != 0 && al->ended_ms == 0))
            first = al;
        count++;
    }
    *ret = (struct found){.text = ""};
    if (first == NULL)
        return ERR_OK;
    if (fires != NULL)
        e = vfinding_meets(in->l, in->p, fires, first->scope, in->until_ms, &meets, ctx);
    if (e != ERR_OK)
        return e;
    const char *since = vtext_found_since(a, first, in->until_ms);
    const char *more = count > 1 ? arena_printf(a, ", +%zu more found", count - 1) : "";
    ret->elsewhere = !meets;
    ret->text = since != NULL && more != NULL ? arena_printf(a, "%s when found,%s%s", first->text, since, more) : NULL;
    return ret->text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}

/* No verdict keeps silent about what was found; where nothing fires, it comes first, after what burns. What has no traffic in what fires is
 * no suspect of it, and is told apart: "; elsewhere: ". fires: what does, or NULL. */
static enum err add_found(const struct vjudged *in, const struct alert *fires, struct view_verdict *v, struct errctx *ctx)
{
    struct arena *a = in->l->arena;
    struct found found;
    enum err e = find_found(in, fires != NULL ? fires->scope : NULL, &found, ctx);

    if (e != ERR_OK || found.text[0] == '\0')
        return e;
    const char *also = found.elsewhere ? "elsewhere:" : "also";
    if (v->brief != NULL && (v->brief = arena_printf(a, "%s; %s %s", v->brief, also, found.text)) == NULL)
        v->sentence = NULL;
    else
        v->sentence = fires != NULL || vquiet_says_but(v->sentence) ? arena_printf(a, "%s; %s %s", v->sentence, also, found.text)
                                                                    : arena_printf(a, "but %s; %s", found.text, v->sentence);
    return v->sentence != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}

/* Whom it points at, where its sentence does not name him as what fires: of "budget key sales-copilot: ..." the key says nothing,
 * nor does one of whom it says already how much more he spends. */
static const char *suspect_phrase(struct arena *a, const struct view_verdict *v)
{
    static const char of[] = "budget of ";
    const char *name = strncmp(v->suspect, of, sizeof of - 1) == 0 ? v->suspect + sizeof of - 1 : v->suspect;
    const char *at = name[0] != '\0' ? strstr(v->sentence, name) : NULL, *colon = strstr(v->sentence, ": ");
    const bool named = at != NULL && ((colon != NULL && at + strlen(name) <= colon) || strncmp(at + strlen(name), " +", 2) == 0);
    return name[0] == '\0' || named ? "" : arena_printf(a, "; suspect %s", v->suspect);
}

/* Whom it points at, and what was found beside it; in few words the suspect goes first. */
static enum err add_rest(const struct vjudged *in, const struct alert *fires, struct view_verdict *v, struct errctx *ctx)
{
    struct arena *a = in->l->arena;
    const char *suspect = suspect_phrase(a, v);
    const bool brief = v->brief != NULL;

    if (brief && suspect != NULL)
        v->brief = arena_printf(a, "%s%s%s", v->brief, suspect, v->brief_more);
    v->sentence = suspect != NULL ? arena_printf(a, "%s%s", v->sentence, suspect) : NULL;
    if (v->sentence == NULL || (brief && v->brief == NULL))
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    return add_found(in, fires, v, ctx);
}

/* "budget team data, now budget key legal-search: ...": the budget that an incident is called after may burn no more. */
static enum err call_by_incident(const struct vjudged *in, const struct alert *al, struct view_verdict *v, struct errctx *ctx)
{
    for (size_t i = 0; i < in->incident_count; i++) {
        const struct incident *of = &in->incidents[i];
        if (of->id != v->incident || !incident_is_of_budget(of) || budget_of_rule(al->rule).p == NULL ||
            incident_is_called_after(of, al->rule))
            continue;
        v->sentence = arena_printf(in->l->arena, "%s, now %s", of->title, v->sentence);
    }
    return v->sentence != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}

static enum err rule_verdict(const struct vjudged *in, const struct alert *al, struct view_verdict *v, struct errctx *ctx)
{
    incident_of(in, al, v);
    const struct vfires fires = {in->l, in->p, &in->rules, in->incidents, in->incident_count, in->until_ms};
    if (al != NULL) {
        enum err e = vfires_tell(&fires, al, v, ctx);
        return e == ERR_OK ? call_by_incident(in, al, v, ctx) : e;
    }
    v->state = vstanding_is_unseen(in) ? VERDICT_UNKNOWN : vstanding_can_page(in) ? VERDICT_OK : VERDICT_NO_RULES;
    return vquiet_tell(in, v, ctx);
}

/* Why nothing at all can be told at the cursor; "" when something can. */
static enum err why_nothing(const struct view_loader *l, const struct view_params *p, const struct view_frame *f, const char **ret,
                            struct errctx *ctx)
{
    char at[TIMEFMT_MAX], since[TIMEFMT_MAX];

    if (f->recording_since_ms > 0 && f->cursor_ms < f->recording_since_ms) {
        instant_format_iso(instant_floor(f->cursor_ms, 1000), at);
        instant_format_iso(instant_floor(f->recording_since_ms, 1000), since);
        *ret = arena_printf(l->arena, "%s is before the recording, which begins %s", at, since);
        return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    }
    *ret = "no source has been recorded yet";
    return f->sources_all == 0 ? ERR_OK : vfilter_nothing(l, p, ret, ctx);
}

enum err vverdict_nothing(const struct view_loader *l, const struct view_params *p, const struct view_frame *f, struct view_verdict *ret,
                          struct errctx *ctx)
{
    struct view_verdict v = {.state = VERDICT_UNKNOWN,
                             .was = VERDICT_UNKNOWN,
                             .reality = "",
                             .scope = "",
                             .taken = "",
                             .taken_short = "",
                             .suspect = "",
                             .pager = "",
                             .bad_percent = NAN};
    enum err e = why_nothing(l, p, f, &v.sentence, ctx);

    v.nothing = e == ERR_OK && v.sentence[0] != '\0';
    if (e == ERR_OK)
        *ret = v;
    return e;
}

/* Since when the verdict is unknown, 0 = it is not. al: what fires, or NULL; answered_ms: of sources that are all silent the last answer,
 * else 0. */
static int64_t unsettled_since(const struct vjudged *in, const struct vread *vr, const struct alert *al, int64_t answered_ms, bool is_fresh)
{
    if (al != NULL && answered_ms != 0)
        return answered_ms;
    const int64_t parts = is_fresh ? 0 : vstanding_unsettled_ms(in, vr, al != NULL);
    return parts != 0 && (answered_ms == 0 || parts < answered_ms) ? parts : answered_ms;
}

static enum err judge(const struct vjudged *in, const struct vread *vr, const struct view_frame *f, struct view_verdict *v,
                      struct errctx *ctx)
{
    struct arena *a = in->l->arena;
    enum err e = ERR_OK;

    *v = f->verdict;
    if (f->data_age_ms < 0 && !v->nothing) {
        v->sentence = "no source has answered yet";
    } else if (!v->nothing) {
        struct alert *fresh = vstanding_worst_firing(in, true), *old = vstanding_worst_firing(in, false), *silent;
        e = vstanding_worst_silent(in, &silent, ctx);
        if (e != ERR_OK)
            return e;
        old = vslo_worse(old, silent);
        struct alert *al = vslo_worse(fresh, old);
        bool is_fresh = fresh != NULL && fresh->severity >= al->severity;
        al = is_fresh ? fresh : al;
        e = vpace_told(in->l, in->p, &in->rules, &al, ctx);
        if (e != ERR_OK)
            return e;
        e = rule_verdict(in, al, v, ctx);
        if (e != ERR_OK)
            return e;
        e = vtaken_tell(in->l, in->p, &in->rules, v, ctx);
        if (e != ERR_OK)
            return e;
        e = add_rest(in, al, v, ctx);
        if (e != ERR_OK)
            return e;
        const bool none_answers = view_answering(f) == 0;
        const int64_t unsettled = unsettled_since(in, vr, al, none_answers ? f->cursor_ms - f->data_age_ms : 0, is_fresh);
        if (unsettled != 0) { /* what it was, and since when that is all there is */
            v->was = al == NULL && vstanding_lacks_data(in) ? VERDICT_UNKNOWN : v->state;
            v->state = VERDICT_UNKNOWN;
            v->brief = NULL;
            v->since_ms = unsettled;
            v->since_error_ms = 0;
            const char *why = f->recorder_missing ? vreality_missing_recorder(a, f) : "";
            if (!f->recorder_missing && none_answers && (e = vreality_silence(vr, f, &why, ctx)) != ERR_OK)
                return e;
            if (why == NULL || *why != '\0')
                v->sentence = why != NULL ? arena_printf(a, "%s; then: %s", why, v->sentence) : NULL;
        }
    }
    v->warns = v->sentence != NULL && v->state == VERDICT_OK && vquiet_says_but(v->sentence);
    e = v->sentence != NULL ? vreality(vr, f, &v->reality, ctx) : ERR_NOMEM;
    return e != ERR_NOMEM ? e : errctx_set(ctx, e, "out of memory while writing the verdict");
}

enum err vverdict_load(const struct view_loader *l, const struct view_params *p, const struct vread *vr, const struct view_frame *f,
                       struct view_verdict *ret, struct errctx *ctx)
{
    struct vjudged in = {.l = l,
                         .p = p,
                         .until_ms = vr->newest_ms > 0 && vr->newest_ms < f->cursor_ms ? vr->newest_ms : f->cursor_ms,
                         .findings = f->findings,
                         .finding_count = f->finding_count};
    struct view_verdict v;
    enum err e = vslo_rules_load(l, p, &in.rules, ctx);

    if (e == ERR_OK)
        e = vfilter_incidents(l, p, &in.incidents, &in.incident_count, ctx);
    if (e == ERR_OK)
        e = vfeeds_load(l, p->cursor_ms, &in.feeds, ctx);
    if (e == ERR_OK)
        e = vstanding_find(&in, vr, ctx);
    if (e == ERR_OK)
        e = judge(&in, vr, f, &v, ctx);
    if (e == ERR_OK)
        *ret = v;
    return e;
}
