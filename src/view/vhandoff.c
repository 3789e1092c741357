/* SPDX-License-Identifier: MIT */
/* The words of a handover: a row for each thing that who comes must know. Names stand after "team" and "key", so that they can be
 * masked. */
#include "view/vhandoff.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/act.h"
#include "view/ventries.h"
#include "view/vincidents.h"
#include "view/vtext.h"

struct writer {
    const struct vhandoff *h;
    struct arena *a;
    struct vhandoff_row *rows;
    size_t count;
    bool failed; /* the arena is full */
};

static void put(struct writer *w, enum vhandoff_part part, const char *head, const char *text, int64_t at_ms, int64_t incident)
{
    w->failed = w->failed || head == NULL || text == NULL;
    w->rows[w->count++] = (struct vhandoff_row){.part = part, .head = head, .text = text, .at_ms = at_ms, .incident = incident};
}

/* With its day where it lies more than half a day off. */
static const char *moment(const struct writer *w, int64_t at_ms)
{
    static const int64_t near_ms = 43200000;
    const int64_t off = at_ms - w->h->p->cursor_ms;
    return vtext_instant(w->a, at_ms, off > near_ms || off < -near_ms);
}

static const char *incident_head(const struct writer *w, const struct vincident *v)
{
    return arena_printf(w->a, "#%lld %s", (long long)v->in.id, v->in.title);
}

/* ", 1.2k requests lost", ", 300 answers slow"; "" where that is not known, and of a budget, which loses none. */
static const char *lost_text(const struct writer *w, const struct vincident *v)
{
    char n[VTEXT_MAX];
    if (v->slowed.over != NULL && v->slowed.known) {
        vtext_count(v->slowed.slow, n);
        return arena_printf(w->a, ", %s%s answers took longer than %s", exact_mark(v->slowed.exact), n, v->slowed.over);
    }
    vtext_count(v->lost, n);
    return v->lost_known && !incident_is_of_budget(&v->in) ? arena_printf(w->a, ", %s%s requests lost", exact_mark(v->lost_exact), n) : "";
}

/* "since 11:51:57Z (25m so far)"; of one that did harm and is not resolved "since 11:51:57Z; errors ended 12:16:57Z, after 24m to 26m": how
 * long it is open is another time. */
static const char *how_long(const struct writer *w, const struct vincident *v)
{
    const char *since = moment(w, v->in.onset_ms != 0 ? v->in.onset_ms : v->in.opened_ms);
    const char *ended = v->in.ended_ms != 0 ? moment(w, v->in.ended_ms) : "";
    if (since == NULL || ended == NULL)
        return NULL;
    return ended[0] != '\0' ? arena_printf(w->a, "since %s; %s %s, after %s", since, vincident_ended(&v->in), ended, v->duration_text)
                            : arena_printf(w->a, "since %s (%s)", since, v->duration_text);
}

static void put_open(struct writer *w)
{
    const struct view_handoff *out = w->h->out;
    for (size_t i = 0; i < out->open_count; i++) {
        const struct vincident *v = out->open[i];
        const char *since = how_long(w, v), *lost = lost_text(w, v);
        const char *owner = v->in.owner[0] != '\0' ? v->in.owner : "nobody";
        const char *text = since != NULL && lost != NULL
                               ? arena_printf(w->a, "%s, %s %s%s, owner %s; next: %s", v->severity_text, incident_state_name(v->in.state),
                                              since, lost, owner, v->next_step[0] != '\0' ? v->next_step : VHANDOFF_NO_STEP)
                               : NULL;
        put(w, VHANDOFF_OPEN, incident_head(w, v), text, v->in.opened_ms, v->in.id);
    }
}

/* "; did harm for 24m to 26m" of one that did; how long the others were open is all that is known of them: rules fire and rest, and an
 * onset is from before any of them fired. */
static const char *harm_text(const struct writer *w, const struct vincident *v)
{
    return v->harmed ? arena_printf(w->a, "; did harm for %s", v->duration_text) : "";
}

/* What was said when it was resolved, and by whom where its state does not name him, as it reads now; else the newest note. "" = neither.
 * Who resolves it again while it is resolved adds nothing. */
static const char *last_word(const struct writer *w, const struct vincident *v)
{
    const struct store_act *said = NULL;
    for (size_t i = 0; i < w->h->act_count; i++) {
        const struct store_act *act = &w->h->acts[i];
        if (said == NULL && act->incident == v->in.id && act->at_ms > v->again_ms && act->text[0] != '\0' &&
            strcmp(act->verb, act_verb_name(ACT_RESOLVE)) == 0)
            said = act;
    }
    if (said == NULL)
        return v->note;
    const char *text = ventries_text_now(w->h->acts, w->h->act_count, said);
    return text == NULL || v->said_by[0] != '\0' ? text : arena_printf(w->a, "%s: %s", said->author, text);
}

static void put_over(struct writer *w)
{
    const struct view_handoff *out = w->h->out;
    for (size_t i = 0; i < out->over_count; i++) {
        const struct vincident *v = out->over[i].v;
        const char *word = last_word(w, v), *opened = moment(w, v->in.opened_ms), *end = moment(w, v->in.resolved_ms),
                   *lost = lost_text(w, v), *harm = harm_text(w, v);
        char open_for[TIMEFMT_MAX];
        const char *by = v->in.parent != 0        ? arena_printf(w->a, "told as a part of #%lld since", (long long)v->in.parent)
                         : out->over[i].by_itself ? "by itself: nobody said a word on it"
                         : v->said_by[0] != '\0'  ? arena_printf(w->a, "%s by %s", incident_state_name(v->in.state), v->said_by)
                         : v->in.owner[0] != '\0' ? arena_printf(w->a, "owner %s", v->in.owner)
                                                  : "with a note";
        duration_format(v->in.resolved_ms - v->in.opened_ms, open_for);
        const char *text = opened != NULL && end != NULL && lost != NULL && by != NULL && harm != NULL && word != NULL
                               ? arena_printf(w->a, "%s, opened %s, over %s after %s%s%s, %s%s%s", severity_name(v->in.severity), opened,
                                              end, open_for, harm, lost, by,
                                              word[0] == '\0'                              ? ""
                                              : v->in.parent == 0 && v->said_by[0] != '\0' ? ": "
                                                                                           : "; ",
                                              word)
                               : NULL;
        put(w, VHANDOFF_OVER, incident_head(w, v), text, v->in.opened_ms, v->in.id);
    }
}

static void put_put_off(struct writer *w)
{
    for (size_t i = 0; i < w->h->incident_count; i++) {
        const struct vincident *v = &w->h->incidents[i];
        char left[TIMEFMT_MAX];
        if (v->snoozed_until_ms == 0)
            continue;
        const char *until = moment(w, v->snoozed_until_ms);
        duration_format(v->snoozed_until_ms - w->h->p->cursor_ms, left);
        put(w, VHANDOFF_PUT_OFF, incident_head(w, v),
            until != NULL ? arena_printf(w->a, "snoozed until %s (%s more) by %s: %s", until, left, v->snoozed_by, v->snooze_reason) : NULL,
            v->in.opened_ms, v->in.id);
    }
}

/* "am silences it until 12:00:00Z (1h more) by ann: deploying; of model=gpt-x". Systems need not say until when, by whom or why. */
static const char *silence_text(const struct writer *w, const struct outside *o)
{
    char left[TIMEFMT_MAX] = "";
    const char *until = o->quiet_until_ms != 0 ? moment(w, o->quiet_until_ms) : "", *by = o->quiet_by[0] != '\0' ? " by " : "";
    if (until == NULL)
        return NULL;
    if (o->quiet_until_ms > w->h->p->cursor_ms)
        duration_format(o->quiet_until_ms - w->h->p->cursor_ms, left);
    return arena_printf(w->a, "%s, silenced in %s%s%s%s%s%s%s%s%s%s%s%s", severity_name(o->severity), o->source,
                        until[0] != '\0' ? " until " : ", until when is not told", until, left[0] != '\0' ? " (" : "", left,
                        left[0] != '\0' ? " more)" : "", by, o->quiet_by, o->quiet[0] != '\0' ? ": " : "", o->quiet,
                        o->scope[0] != '\0' ? "; of " : "", o->scope);
}

static void put_silenced(struct writer *w)
{
    const struct view_handoff *out = w->h->out;
    for (size_t i = 0; i < out->silenced_count; i++)
        put(w, VHANDOFF_PUT_OFF, out->silenced[i]->name, silence_text(w, out->silenced[i]), out->silenced[i]->since_ms, 0);
    if (out->silences_unread[0] != '\0')
        put(w, VHANDOFF_PUT_OFF, "silences", arena_printf(w->a, "not known now of %s", out->silences_unread), 0, 0);
}

static void put_noisy(struct writer *w)
{
    const struct view_handoff *out = w->h->out;
    for (size_t i = 0; i < out->noisy_count; i++) {
        const struct vrule *r = &out->noisy[i];
        const char *last = moment(w, r->record.last_ms);
        char firing[TIMEFMT_MAX], window[TIMEFMT_MAX];
        duration_format(r->record.firing_ms, firing);
        duration_format(out->noisy_ms, window);
        put(w, VHANDOFF_NOISY, r->info.rule,
            last != NULL ? arena_printf(w->a, "%s, fired %u times in %s, %s in all, last at %s%s; nobody acted", r->info.severity,
                                        (unsigned)r->record.fired, window, firing, last, r->state == VRULE_FIRES ? " and still" : "")
                         : NULL,
            r->record.last_ms, 0);
    }
}

static void put_baking(struct writer *w)
{
    const struct view_handoff *out = w->h->out;
    for (size_t i = 0; i < out->baking_count; i++) {
        const struct event *e = &out->baking[i];
        const char *at = moment(w, e->at_ms);
        char age[TIMEFMT_MAX];
        duration_format(w->h->p->cursor_ms - e->at_ms, age);
        put(w, VHANDOFF_BAKING, at != NULL ? arena_printf(w->a, "%s %s", event_kind_name(e->kind), at) : NULL,
            arena_printf(w->a, "%s old%s%s: %s (says %s)", age, e->scope[0] != '\0' ? ", of " : "", e->scope, e->text, e->source), e->at_ms,
            0);
    }
}

/* "3 gaps, 4m12s in all, the longest 02:10:00Z for 3m: timed out; counts were lost". "" where there was none. */
static const char *gap_text(const struct writer *w, const struct vhandoff_gap *g)
{
    const char *from = moment(w, g->from_ms);
    char sum[TIMEFMT_MAX], length[TIMEFMT_MAX];
    if (g->count == 0 || from == NULL)
        return from != NULL ? "" : NULL;
    duration_format(g->sum_ms, sum);
    duration_format(g->to_ms - g->from_ms, length);
    const char *lost = g->lost ? "; what was counted then is lost" : "";
    return g->count == 1 ? arena_printf(w->a, "a gap at %s for %s: %s%s", from, length, g->reason, lost)
                         : arena_printf(w->a, "%u gaps, %s in all, the longest at %s for %s: %s%s", (unsigned)g->count, sum, from, length,
                                        g->reason, lost);
}

/* "; DOWN now, last answer 02:10:00Z: connection refused". "" where it answers. */
static const char *state_text(const struct writer *w, const struct vhandoff_gap *g)
{
    if (g->state == SOURCE_OK)
        return "";
    const char *since = g->state_since_ms != 0 ? moment(w, g->state_since_ms) : "never";
    return since == NULL ? NULL
                         : arena_printf(w->a, "%s%s at the end of the shift, last good answer %s%s%s", g->count > 0 ? "; " : "",
                                        source_state_name(g->state), since, g->state_reason[0] != '\0' ? ": " : "", g->state_reason);
}

static void put_gaps(struct writer *w)
{
    const struct view_handoff *out = w->h->out;
    if (out->recorded_since_ms != 0) {
        const char *since = moment(w, out->recorded_since_ms);
        put(w, VHANDOFF_GAPS, "the recording",
            since != NULL ? arena_printf(w->a, "begins at %s: what came before is not known", since) : NULL, out->recorded_since_ms, 0);
    }
    for (size_t i = 0; i < out->gap_count; i++) {
        const struct vhandoff_gap *g = &out->gaps[i];
        const char *gap = gap_text(w, g), *state = state_text(w, g);
        put(w, VHANDOFF_GAPS, g->source, gap != NULL && state != NULL ? arena_printf(w->a, "%s%s", gap, state) : NULL,
            g->count > 0 ? g->from_ms : g->state_since_ms, 0);
    }
}

static void put_plan(struct writer *w)
{
    const struct view_handoff *out = w->h->out;
    char spent[VTEXT_MAX], limit[VTEXT_MAX];
    const char *from = moment(w, out->recorded_since_ms != 0 ? out->recorded_since_ms : out->from_ms), *to = moment(w, out->to_ms);
    const bool nothing = out->spent.v <= 0 && out->spent.exact == AT_LEAST;
    vtext_usd(out->spent.v, spent);
    if (!isnan(out->spent.v))
        put(w, VHANDOFF_PLAN, "spent in the shift",
            from != NULL && to != NULL ? arena_printf(w->a, "%s%s from %s to %s%s%s", nothing ? "" : exact_mark(out->spent.exact),
                                                      nothing ? "nothing booked" : spent, from, to,
                                                      w->h->periods[0] != '\0' ? "; of UTC days " : "", w->h->periods)
                                       : NULL,
            0, 0);
    for (size_t i = 0; i < out->budget_count; i++) {
        const struct vbudget *b = &out->budgets[i];
        vtext_usd((double)b->used_nusd / 1e9, spent);
        vtext_usd((double)b->limit_nusd / 1e9, limit);
        put(w, VHANDOFF_PLAN, arena_printf(w->a, "budget %s", b->name),
            b->known ? arena_printf(w->a, "%s%s of %s%s: %s", exact_mark(b->used_exact), spent, limit, b->fires ? ", its alert fires" : "",
                                    b->text)
                     : arena_printf(w->a, "what is used of %s is not known", limit),
            0, 0);
    }
}

/* "2 incidents are open, 1 of them without a next step; 3 ended in the shift, 2 by themselves". */
static const char *sentence(const struct writer *w)
{
    const struct view_handoff *out = w->h->out;
    size_t alone = 0;
    for (size_t i = 0; i < out->over_count; i++)
        alone += out->over[i].by_itself;
    const char *open = out->open_count == 0
                           ? "No incident is open"
                           : arena_printf(w->a, "%zu incident%s open", out->open_count, out->open_count == 1 ? " is" : "s are");
    const char *step = out->without_step == 0 ? "" : arena_printf(w->a, ", %zu without a next step", out->without_step);
    const char *over = out->over_count == 0 ? "none ended in the shift"
                                            : arena_printf(w->a, "%zu ended in the shift, %zu by %s", out->over_count, alone,
                                                           alone == 1 ? "itself" : "themselves");
    return open != NULL && step != NULL && over != NULL ? arena_printf(w->a, "%s%s; %s", open, step, over) : NULL;
}

static void put_titles(struct writer *w)
{
    static const struct {
        const char *title, *none;
    } words[VHANDOFF_PARTS] = {
        [VHANDOFF_OPEN] = {"Open incidents", "None is open"},
        [VHANDOFF_OVER] = {"Opened and over", "No incident ended in the shift"},
        [VHANDOFF_PUT_OFF] = {"Put off", "Nothing is snoozed or silenced"},
        [VHANDOFF_NOISY] = {"Noisy rules", "No rule fired three times in a week without anybody acting on it"},
        [VHANDOFF_GAPS] = {"Not recorded", "No gap, and every source answers"},
        [VHANDOFF_PLAN] = {"Spend against plan", "No spend is recorded, and no budget is configured"},
    };
    struct view_handoff *out = w->h->out;
    char baking[TIMEFMT_MAX];
    for (int i = 0; i < VHANDOFF_PARTS; i++) {
        out->parts[i].title = words[i].title;
        out->parts[i].none = words[i].none;
    }
    duration_format(out->baking_ms, baking);
    out->parts[VHANDOFF_BAKING].title = arena_printf(w->a, "Deploys and changes younger than %s", baking);
    out->parts[VHANDOFF_BAKING].none = "No deploy, and no change of a configuration, a model version or a price, that gwtop knows of";
    w->failed = w->failed || out->parts[VHANDOFF_BAKING].title == NULL;
}

enum err vhandoff_rows(struct vhandoff *h)
{
    struct view_handoff *out = h->out;
    const size_t most = out->open_count + out->over_count + h->incident_count + out->silenced_count + 1 + out->noisy_count +
                        out->baking_count + out->gap_count + 1 + out->budget_count + 1;
    struct writer w = {.h = h, .a = h->l->arena, .rows = arena_array(h->l->arena, most, sizeof *w.rows)};

    if (w.rows == NULL)
        return ERR_NOMEM;
    put_titles(&w);
    put_open(&w);
    put_over(&w);
    put_put_off(&w);
    put_silenced(&w);
    put_noisy(&w);
    put_baking(&w);
    put_gaps(&w);
    put_plan(&w);
    out->rows = w.rows;
    out->row_count = w.count;
    out->sentence = sentence(&w);
    return w.failed || out->sentence == NULL ? ERR_NOMEM : ERR_OK;
}
