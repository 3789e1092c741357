/* SPDX-License-Identifier: MIT */
/* The sentences of a report: three that sum it up, and those of a status update. Names stand after "team" and "key", so that they can be
 * masked. */
#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vincidents.h"
#include "view/vrefused.h"
#include "view/vreport.h"
#include "view/vsymptoms.h"
#include "view/vtext.h"

enum { HITS_TOLD = 3 };

/* How near an objective is to what the incident is of: of its scope, else the one whose rule opened it; who failed goes before who was
 * slow. */
static int nearness(const struct vreport *r, const struct vreport_slo *s)
{
    const int own = strcmp(s->scope, r->v->in.scope) == 0;
    return 4 * own + 2 * (s->opened && !own) + (s->slo->kind == SLO_AVAILABILITY);
}

/* The objective that it is told by: others may have joined it, of more than its scope. NULL: none is known. */
static const struct vreport_slo *main_slo(const struct vreport *r)
{
    const struct vreport_slo *best = NULL;
    for (size_t i = 0; i < r->out->slo_count; i++)
        if (best == NULL || nearness(r, &r->out->slos[i]) > nearness(r, best))
            best = &r->out->slos[i];
    return best;
}

const char *vreport_of_scope(struct arena *a, const char *scope, const char *what)
{
    const char *text = vreport_scope(a, scope);
    return text == NULL ? NULL : scope[0] == '\0' ? arena_printf(a, "all %s", what) : arena_printf(a, "%s of %s", what, text);
}

/* "38% of requests of model gpt-x": of an objective and its own scope, else of what was counted. */
static const char *share_of(const struct vreport *r, const struct vreport_slo *s)
{
    struct arena *a = r->l->arena;
    const struct vnum *n = s != NULL ? &s->percent : &r->counts->percent;
    char percent[VTEXT_MAX];
    const bool slow = s != NULL && s->slo->kind == SLO_LATENCY;
    const char *whole = vreport_of_scope(a, s != NULL ? s->scope : r->v->in.scope, slow ? "answers" : "requests");

    vtext_percent(n->v, percent);
    return whole == NULL ? NULL
           : isnan(n->v) ? arena_printf(a, "An unknown share of %s", whole)
                         : arena_printf(a, "%s%s of %s", exact_mark(n->exact), percent, whole);
}

/* "from 30 Nov 15:05:37Z +-1m to 15:25:37Z +-1m (19m to 21m)", "since ... (7m so far)". */
static const char *when(const struct vreport *r)
{
    const struct incident *in = &r->v->in;
    struct arena *a = r->l->arena;
    const int64_t end = incident_end_ms(in);
    const char *began = vreport_began(r, true);

    if (began == NULL)
        return NULL;
    if (end == 0 && !r->v->is_silent)
        return arena_printf(a, "since %s (%s)", began, r->v->duration_text);
    const char *to = vreport_at(r, end != 0 ? end : r->v->to_ms, end != 0 && in->ended_ms != 0 ? in->ended_error_ms : 0);
    if (to == NULL)
        return NULL;
    if (end == 0)
        return arena_printf(a, "from %s to %s at least; what came then is not known", began, to);
    if (!incident_length_is_known(in))
        return arena_printf(a, "around %s; for how long is not known, for one answer counted all of it", began);
    return arena_printf(a, "from %s to %s (%s)", began, to, r->v->duration_text);
}

/* "fired from 12:27:52Z to 12:28:44Z (GpuXidErrors is silenced in am by mia)": the alert's own times, from the first to what ended the
 * last. */
static const char *fired_when(const struct vreport *r, const char *alert)
{
    const struct view_incidents *v = &r->out->incidents;
    const struct alert *first = NULL, *last = NULL;
    struct arena *a = r->l->arena;
    for (size_t i = 0; i < v->alert_count; i++) {
        if (v->alerts[i].state != ALERT_FIRING || strcmp(vreport_rule(&v->alerts[i]), alert) != 0)
            continue;
        first = first == NULL ? &v->alerts[i] : first;
        last = &v->alerts[i];
    }
    if (first == NULL)
        return "is what opened it; when it fired is not recorded";
    const struct alert *over = vreport_over(v, last);
    const char *from = vtext_instant(a, first->since_ms, true), *to = over != NULL ? vreport_at(r, over->since_ms, 0) : "";
    if (from == NULL || to == NULL)
        return NULL;
    return over != NULL      ? arena_printf(a, "fired from %s to %s (%s)", from, to, over->text)
           : r->v->is_silent ? arena_printf(a, "fired from %s on; until when is not known", from)
                             : arena_printf(a, "has fired since %s", from);
}

/* What an outside alert says of itself is its own matter: here stands when it fired, and what was counted in the incident's time. */
static const char *outside_happened(const struct vreport *r, const char *alert, const struct vreport_slo *s, const char *time)
{
    struct arena *a = r->l->arena;
    const bool counted = s != NULL || !isnan(r->counts->percent.v);
    const char *share = counted ? share_of(r, s) : "", *fired = fired_when(r, alert);
    if (share == NULL || fired == NULL)
        return NULL;
    return counted ? arena_printf(a, "The alert %s %s; %s %s %s.", alert, fired, share, s != NULL ? s->bad_means : "failed", time)
                   : arena_printf(a, "The alert %s %s.", alert, fired);
}

/* "; 843 of 850 requests refused (budget spent) by the gateway, which would have cost ~$6.95"; "" where what was refused is not worth a
 * word. */
static const char *refused_text(const struct vreport *r)
{
    const struct vimpact *n = r->counts;
    struct arena *a = r->l->arena;
    char usd[VTEXT_MAX], until[2 * VTEXT_MAX] = "";
    if (!n->refusals)
        return "";
    vtext_usd(n->unspent.v, usd);
    const char *cost = isnan(n->unspent.v) ? "" : arena_printf(a, ", which would have cost %s%s", exact_mark(n->unspent.exact), usd);
    const char *anew = n->anew_ms != 0 && incident_end_ms(&r->v->in) == 0 && n->refused_until_ms == 0 ? vtext_moment(a, n->anew_ms) : "";
    if (cost == NULL || anew == NULL)
        return NULL;
    if (anew[0] != '\0')
        (void)str_format(until, sizeof until, ", until the budget starts anew %s or is raised", anew);
    return arena_printf(a, "; %s by the gateway itself%s%s", n->refused_text, cost, until);
}

/* "23% of requests of model qwen-72b failed, and 99% of its answers" in place of share_of() an objective of latency: who fails is worse off
 * than who waits. Of another scope, and where none failed, it is that. */
static const char *failing_share_of(const struct vreport *r, const struct vreport_slo *s, bool goes_on)
{
    const struct view_symptoms *y = &r->out->incidents.symptoms;
    struct arena *a = r->l->arena;
    char percent[VTEXT_MAX], slow[VTEXT_MAX];
    const char *whole = vreport_of_scope(a, r->v->in.scope, "requests");
    if (!y->fails || isnan(s->percent.v) || strcmp(s->scope, r->v->in.scope) != 0)
        return share_of(r, s);
    vtext_percent(y->fail_percent.v, percent);
    vtext_percent(s->percent.v, slow);
    return whole != NULL ? arena_printf(a, "%s%s of %s %s, and %s%s of its answers", exact_mark(y->fail_percent.exact), percent, whole,
                                        goes_on ? "have failed" : "failed", exact_mark(s->percent.exact), slow)
                         : NULL;
}

/* vsymptoms_sentence() behind another sentence, "" of none. */
static const char *meanwhile(const struct vreport *r)
{
    const char *text = vsymptoms_sentence(r->l->arena, &r->out->incidents.symptoms);
    return text == NULL || text[0] == '\0' ? text : arena_printf(r->l->arena, " %s", text);
}

/* Sentences begin with a capital letter, unless a number or a mark begins them. */
static char *capital(char *text)
{
    if (text != NULL && text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return text;
}

/* "The page of source litellm stood still from ... to ...; what users saw meanwhile is not known from it." */
static const char *watching_happened(const struct vreport *r, const char *time, bool goes_on)
{
    static const struct {
        const char *is, *was, *has_been; /* as the recorder titles such incidents */
    } verbs[] = {{" stands still", " stood still", " has stood still"}, {" does not answer", " did not answer", " has not answered"}};
    struct arena *a = r->l->arena;
    const char *title = r->v->in.title;
    const size_t n = strlen(title);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const size_t verb = strlen(verbs[i].is);
        if (n > verb && strcmp(title + n - verb, verbs[i].is) == 0)
            return capital(arena_printf(a, "%.*s%s %s; what users saw meanwhile is not known from it.", (int)(n - verb), title,
                                        goes_on ? verbs[i].has_been : verbs[i].was, time));
    }
    return capital(arena_printf(a, "%s, %s; what users saw is not known from it.", r->counts->apart, time));
}

/* name: what a budget is called here. */
static const char *what_happened(const struct vreport *r, const char *name)
{
    const struct vreport_slo *s = main_slo(r);
    const bool goes_on = incident_end_ms(&r->v->in) == 0 && !r->v->is_silent;
    struct arena *a = r->l->arena;
    const char *time = when(r);

    if (time == NULL)
        return NULL;
    if (incident_is_of_budget(&r->v->in))
        return vreport_budget_happened(r, name, time);
    if (incident_outside_name(&r->v->in) != NULL && (s == NULL || !s->opened))
        return outside_happened(r, incident_outside_name(&r->v->in), s, time);
    if (r->counts->apart != NULL)
        return watching_happened(r, time, goes_on);
    const char *share = s != NULL && s->slo->kind == SLO_LATENCY ? failing_share_of(r, s, goes_on) : share_of(r, s);
    if (share == NULL)
        return NULL;
    if (s == NULL || s->slo->kind == SLO_AVAILABILITY)
        return arena_printf(a, "%s %s %s.", share, goes_on ? "have failed" : "failed", time);
    return goes_on ? arena_printf(a, "%s have taken%s %s.", share, s->bad_means + strlen("took"), time)
                   : arena_printf(a, "%s %s %s.", share, s->bad_means, time);
}

/* " (5xx 600, timeout 56)"; "" where nothing failed. */
static const char *classes(const struct vreport *r)
{
    struct arena *a = r->l->arena;
    const char *text = "";
    for (int c = 0; c < OUTCOME_COUNT && text != NULL; c++) {
        char n[VTEXT_MAX];
        if (!outcome_is_bad((enum outcome)c) || r->counts->by_class[c] == 0)
            continue;
        vtext_count(r->counts->by_class[c], n);
        text = arena_printf(a, "%s%s%s %s", text, text[0] != '\0' ? ", " : " (", outcome_name((enum outcome)c), n);
    }
    return text == NULL || text[0] == '\0' ? text : arena_printf(a, "%s)", text);
}

/* "; gpt-x availability lost ~12% of its error budget for 30d (~84% left)". */
static const char *budgets(const struct vreport *r)
{
    struct arena *a = r->l->arena;
    const char *text = "";
    for (size_t i = 0; i < r->out->slo_count && text != NULL; i++) {
        const struct vreport_slo *s = &r->out->slos[i];
        char spent[VTEXT_MAX], period[TIMEFMT_MAX];
        vtext_percent(100 * s->spent.v, spent);
        duration_format(s->slo->period_ms, period);
        const bool gone = s->slo->budget_left.v <= 0 && s->slo->budget_left.exact != AT_LEAST;
        const char *left = gone ? " (all of it was gone then)" : arena_printf(a, " (%s then)", s->slo->left_text);
        if (left == NULL)
            return NULL;
        text = isnan(s->spent.v) ? arena_printf(a, "%s; what %s lost of its error budget is not known", text, s->slo->name)
               : s->spent.v > 1  ? arena_printf(a, "%s; %s lost %s%.1f times its error budget of %s%s", text, s->slo->name,
                                                exact_mark(s->spent.exact), s->spent.v, period, left)
                                 : arena_printf(a, "%s; %s lost %s%s of its error budget of %s%s", text, s->slo->name,
                                                exact_mark(s->spent.exact), spent, period, left);
    }
    return text;
}

/* ", counted from 15:28:22Z on": where recording began after the onset; "". NULL when the arena is full. */
static const char *counted_since(const struct vreport *r)
{
    const char *at = r->v->counted_from_ms != 0 ? vreport_at(r, r->v->counted_from_ms, 0) : "";
    return at == NULL || at[0] == '\0' ? at : arena_printf(r->l->arena, ", counted from %s on", at);
}

static const char *how_bad(const struct vreport *r)
{
    const struct vimpact *n = r->counts;
    const struct vreport_slo *s = main_slo(r);
    struct arena *a = r->l->arena;
    char failed[VTEXT_MAX], counted[VTEXT_MAX], handed[VTEXT_MAX];
    const struct alert *first = vreport_first(&r->out->incidents);
    const char *by = classes(r), *lost = budgets(r), *slow = "", *to = "";

    vtext_count(n->failed, failed);
    vtext_count(n->counted, counted);
    vtext_count(n->fallbacks, handed);
    if (n->fallbacks_known && n->fallbacks > 0)
        to = arena_printf(a, ", and %s%s were handed to %s", exact_mark(n->fallbacks_exact), handed, n->handed_to);
    if (incident_is_of_budget(&r->v->in) && first != NULL)
        slow = arena_printf(a, "First alert: %s; meanwhile ", first->text);
    else if (s != NULL && s->slo->kind == SLO_LATENCY) {
        char bad[VTEXT_MAX], all[VTEXT_MAX];
        vtext_count(s->bad, bad);
        vtext_count(s->total, all);
        slow = arena_printf(a, "%s%s of %s%s answers %s; ", exact_mark(s->exact), bad, exact_mark(s->exact), all, s->bad_means);
    }
    if (by == NULL || lost == NULL || to == NULL || slow == NULL)
        return NULL;
    if (!n->known || n->torn) {
        const char *why = n->apart != NULL        ? n->apart
                          : n->torn               ? "a source lacks a part of what it counts"
                          : n->unsplit[0] != '\0' ? arena_printf(a, "they are %s", n->unsplit)
                                                  : "none were recorded then";
        return why != NULL
                   ? arena_printf(a, "%s%sow many requests failed is not known: %s%s.", slow, slow[0] != '\0' ? "h" : "H", why, lost)
                   : NULL;
    }
    const char *mark = exact_mark(n->exact), *refused = refused_text(r);
    if (refused == NULL)
        return NULL;
    if (n->counted == 0 && refused[0] != '\0')
        return arena_printf(a, "%sno request failed%s.", slow, refused);
    const char *since = counted_since(r);
    const char *other = n->of_money && n->failed > 0 ? " of something else" : "";
    return since != NULL ? arena_printf(a, "%s%s%s of %s%s requests failed%s%s%s%s%s%s.", slow, mark, failed, mark, counted, other, by,
                                        since, to, lost, refused)
                         : NULL;
}

static uint64_t hit_loss(const struct vhit *h, bool refused)
{
    return refused ? h->refused : h->bad;
}

/* "team agents (191 failed requests), team support (190) and 5 more"; "" where nobody is told by name. refused: of what was refused. */
static const char *names_of(struct arena *a, const struct vhits *hits, bool refused)
{
    const char *text = "", *bad = hits->over[0] != '\0' ? " slow answers" : " failed requests";
    size_t told = 0, more = 0;
    for (size_t i = 0; i < hits->count && text != NULL; i++) {
        const struct vhit *h = &hits->list[i];
        char n[VTEXT_MAX];
        if (hit_loss(h, refused) == 0 || h->name[0] == '(')
            continue;
        if (told == HITS_TOLD || h->is_other) {
            more++;
            continue;
        }
        vtext_count(hit_loss(h, refused), n);
        text = arena_printf(a, "%s%s%s %s (%s%s%s)", text, told > 0 ? ", " : "", dim_name(hits->dim), h->name, exact_mark(h->exact), n,
                            told > 0  ? ""
                            : refused ? " refused requests"
                                      : bad);
        told++;
    }
    return text != NULL && more > 0 ? arena_printf(a, "%s and %zu more", text, more) : text;
}

static const char *hit_text(const struct vreport *r)
{
    const struct vhits *hits = &r->out->incidents.hits, *keys = &r->out->keys;
    struct arena *a = r->l->arena;
    const bool refused = r->counts->refusals && r->counts->refused > r->counts->failed && hits->over[0] == '\0'; /* what it lost most */
    const char *teams = names_of(a, hits, refused), *by_key = names_of(a, keys, refused);
    const char *hit = teams != NULL && teams[0] == '\0' ? by_key : teams;

    if (hit == NULL || by_key == NULL)
        return NULL;
    if (refused && hit != by_key && by_key[0] != '\0') /* a budget or a limit is mostly a key's: whose team it is says less */
        hit = arena_printf(a, "%s; %s", by_key, hit);
    if (hit == NULL)
        return NULL;
    if (hits->note != NULL)
        return arena_printf(a, "who was hit is %s", hits->note);
    if (!r->counts->known && hits->over[0] == '\0')
        return "who was hit is not known";
    return hit[0] != '\0'          ? arena_printf(a, "most hit: %s", hit)
           : hits->over[0] != '\0' ? arena_printf(a, "nobody's answers took longer than %s", hits->over)
                                   : "nobody's requests failed";
}

static const char *money_text(const struct vreport *r)
{
    const struct view_report *out = r->out;
    const struct vnum *spend = &r->counts->spend;
    struct arena *a = r->l->arena;
    char amount[VTEXT_MAX], usual[VTEXT_MAX], extra[VTEXT_MAX];

    if (isnan(spend->v) && r->counts->apart != NULL)
        return "what it cost is not known either";
    if (isnan(spend->v))
        return r->counts->spend_unsplit[0] != '\0' ? arena_printf(a, "what it cost is not known: spend is %s", r->counts->spend_unsplit)
                                                   : "what it cost is not known, for no gateway booked spend";
    vtext_usd(spend->v, amount);
    vtext_usd(out->usual_spend.v, usual);
    vtext_usd(fabs(out->extra.v), extra);
    const char *against = isnan(out->usual_spend.v)
                              ? ""
                              : arena_printf(a, " (%s%s in as much time %s)", exact_mark(out->usual_spend.exact), usual, out->usual_text);
    const char *more = isnan(out->extra.v) ? arena_printf(a, "what fallbacks cost beyond the usual is not known: %s", out->extra_note)
                       : out->extra.v == 0 ? "no fallback made it dearer"
                                           : arena_printf(a, "fallbacks made it %s%s %s", exact_mark(out->extra.exact), extra,
                                                          out->extra.v > 0 ? "dearer" : "cheaper");
    return against != NULL && more != NULL
               ? arena_printf(a, "%s%s was spent in its scope meanwhile%s; %s", exact_mark(spend->exact), amount, against, more)
               : NULL;
}

static const char *who_and_cost(const struct vreport *r)
{
    const char *spent = incident_is_of_budget(&r->v->in) && !vreport_budget_is_spent(r) ? vreport_budget_spenders(r) : "";
    const char *hit = spent == NULL || spent[0] != '\0' ? spent : hit_text(r), *money = money_text(r);
    return hit != NULL && money != NULL ? capital(arena_printf(r->l->arena, "%s; %s.", hit, money)) : NULL;
}

/* "ticket-1d and ticket-3d still fire"; "" where none does. */
static const char *still_fires(const struct vreport *r)
{
    size_t n;
    const char *names = vreport_firing(r, r->whole.cursor_ms, &n);
    return names == NULL || n == 0 ? names : arena_printf(r->l->arena, "%s still %s", names, n > 1 ? "fire" : "fires");
}

static const char *state_text(const struct vreport *r)
{
    const struct incident *in = &r->v->in;
    struct arena *a = r->l->arena;

    if (in->state == INCIDENT_RESOLVED) {
        const char *at = vreport_at(r, in->resolved_ms, 0);
        return at == NULL                 ? NULL
               : r->v->said_by[0] != '\0' ? arena_printf(a, "resolved at %s, says %s", at, r->v->said_by)
                                          : arena_printf(a, "resolved at %s", at);
    }
    const char *fires = still_fires(r);
    if (fires == NULL || r->v->is_silent)
        return fires != NULL ? arena_printf(a, "%s; how it is now is not known", incident_state_name(in->state)) : NULL;
    if (incident_end_ms(in) == 0) {
        const char *how = incident_is_of_budget(in) ? vreport_budget_state(r, fires) : ", going on";
        return how != NULL ? arena_printf(a, "%s%s", incident_state_name(in->state), how) : NULL;
    }
    return arena_printf(a, "%s: %s at %s, and %s", incident_state_name(in->state), vincident_ended(in),
                        vreport_at(r, incident_end_ms(in), 0),
                        fires[0] != '\0' ? fires : "it is resolved after ten minutes in which no rule fires");
}

/* What a status update says of a budget of which all is spent. NULL when the arena is full. */
static const char *spent_status(const struct vreport *r)
{
    const char *refused = refused_text(r), *hit = hit_text(r);
    if (refused == NULL || hit == NULL)
        return NULL;
    return refused[0] != '\0' ? arena_printf(r->l->arena, "%s; %s", refused + 2, hit)
                              : arena_printf(r->l->arena, "the gateway refused nothing that is recorded; %s", hit);
}

/* "stage retrieval slow" of one that is called "stage retrieval slow stage_latency": what a metric is called says nothing to people who
 * wait. NULL when the arena is full. */
static const char *plain_title(const struct vreport *r)
{
    const char *title = r->v->in.title;
    const struct slo *s = r->out->incidents.slow;
    const size_t all = strlen(title), metric = s != NULL ? strlen(signal_info(s->signal)->name) : 0;
    const bool has = s != NULL && all > metric + 1 && strcmp(title + all - metric, signal_info(s->signal)->name) == 0;
    return has ? arena_printf(r->l->arena, "%.*s", (int)(all - metric - 1), title) : title;
}

enum err vreport_words(const struct vreport *r)
{
    const struct incident *in = &r->v->in;
    struct view_report *out = r->out;
    struct arena *a = r->l->arena;
    const char *what = what_happened(r, in->title), *status = what_happened(r, "it");
    const char *spent = incident_is_of_budget(in) ? vreport_budget_spenders(r) : "",
               *money = incident_is_of_budget(in) ? money_text(r) : "";
    const char *hit = vreport_budget_is_spent(r)       ? spent_status(r)
                      : !incident_is_of_budget(in)     ? hit_text(r)
                      : spent != NULL && money != NULL ? arena_printf(a, "%s%s%s", money, spent[0] != '\0' ? "; " : "", spent)
                                                       : NULL;

    const char *beside = meanwhile(r), *title = plain_title(r);
    out->summary[0] = what != NULL && beside != NULL ? capital(arena_printf(a, "%s%s", what, beside)) : NULL;
    out->summary[1] = how_bad(r);
    out->summary[2] = who_and_cost(r);
    out->summary_count = VREPORT_SUMMARY_MAX;
    out->status[0] = status != NULL && beside != NULL && title != NULL
                         ? arena_printf(a, "%s (#%lld, %s): %s%s", title, (long long)in->id, severity_name(in->severity), status, beside)
                         : NULL;
    out->status[1] = hit != NULL ? capital(arena_printf(a, "%s.", hit)) : NULL;
    out->state_text = state_text(r);
    out->status[2] = out->state_text != NULL
                         ? arena_printf(a, "State: %s; owner: %s.", out->state_text, in->owner[0] != '\0' ? in->owner : "nobody")
                         : NULL;
    out->status[3] = "Next update: ____";
    out->status_count = VREPORT_STATUS_MAX - (in->state == INCIDENT_RESOLVED); /* after the last one there is no next */
    for (size_t i = 0; i < out->summary_count; i++)
        if (out->summary[i] == NULL)
            return ERR_NOMEM;
    for (size_t i = 0; i < out->status_count; i++)
        if (out->status[i] == NULL)
            return ERR_NOMEM;
    return ERR_OK;
}
