/* SPDX-License-Identifier: MIT */
/* gwtop report: the post-mortem of an incident. Every figure is the view's; what the view can't know is left to a person, and marked. */
#include "cli/commands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "cli/doc.h"
#include "cli/report.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

/* A report is read by people: beyond these it says how many there are and where. A bad hour of one's own rules stays below. */
enum { ENTRIES_FIRST = 150, ENTRIES_LAST = 50, ALERTS_TOLD = 60, RULES_TOLD = 40 };

static const char *second(int64_t at_ms, char out[TIMEFMT_MAX])
{
    instant_format_iso(instant_floor(at_ms, 1000), out);
    return out;
}

#define NOT_KNOWN "not known"

static const char *usd(const struct vnum *n, char out[2 * NUMFMT_MAX])
{
    char amount[NUMFMT_MAX];
    if (isnan(n->v))
        return NOT_KNOWN;
    (void)str_format(out, 2 * NUMFMT_MAX, "%s%s", exact_mark(n->exact), numfmt_usd(n->v, amount));
    return out;
}

static const char *percent(const struct vnum *n, double scale, char out[2 * NUMFMT_MAX])
{
    char share[NUMFMT_MAX];
    if (isnan(n->v))
        return NOT_KNOWN;
    (void)str_format(out, 2 * NUMFMT_MAX, "%s%s", exact_mark(n->exact), numfmt_percent(n->v * scale, share));
    return out;
}

/* "1,699 of 4,310" */
static const char *of_all(uint64_t part, uint64_t all, enum exactness e, char out[3 * NUMFMT_MAX])
{
    char a[NUMFMT_MAX], b[NUMFMT_MAX];
    (void)str_format(out, 3 * NUMFMT_MAX, "%s%s of %s%s", exact_mark(e), numfmt_count((double)part, a), exact_mark(e),
                     numfmt_count((double)all, b));
    return out;
}

static void head(struct cli_doc *d, const struct view_report *v, const struct cli_store *s)
{
    const struct vincident *in = v->incidents.detail;
    char at[TIMEFMT_MAX], day[TIMEFMT_MAX], from[TIMEFMT_MAX], to[TIMEFMT_MAX];

    cli_doc_heading(d, 1, "Incident #%lld: %s, %.10s", (long long)in->in.id, in->in.title, second(v->incidents.counts.from_ms, day));
    if (v->asked != 0)
        cli_doc_line(d, "#%lld is told under #%lld, with which it turned out to be one: this is the report on #%lld.", (long long)v->asked,
                     (long long)in->in.id, (long long)in->in.id);
    cli_doc_item(d, "Severity", "%s", in->severity_text);
    cli_doc_item(d, "State", "%s", v->state_text);
    cli_doc_item(d, "Owner", "%s", in->in.owner[0] != '\0' ? in->in.owner : "nobody");
    cli_doc_item(d, "Gateway", "%s%s; the incident is of %s", s->frame.gateway, s->frame.demo ? " (DEMO: a simulated gateway)" : "",
                 v->scope_text);
    if (v->incidents.seen_before[0] != '\0')
        cli_doc_item(d, "Seen before", "%s", v->incidents.seen_before);
    cli_doc_item(d, "As known at", "%s%s", second(s->frame.cursor_ms, at), s->frame.live ? "" : ", not now");
    cli_doc_item(
        d, "How to read it",
        "all times are UTC; figures are of %s to %s, from its onset to the last moment at which it may have ended; >= at least, <= "
        "at most, ~ about, and without a mark counted",
        second(v->incidents.counts.from_ms, from), second(v->incidents.counts.to_ms, to));
}

static void summary(struct cli_doc *d, const struct view_report *v)
{
    cli_doc_heading(d, 2, "Summary");
    for (size_t i = 0; i < v->summary_count; i++)
        cli_doc_line(d, "%s", v->summary[i]);
    if (v->again[0] != '\0')
        cli_doc_line(d, "%s", v->again);
}

static void requests(struct cli_doc *d, const struct vimpact *n)
{
    char text[3 * NUMFMT_MAX], share[2 * NUMFMT_MAX], count[NUMFMT_MAX];

    cli_doc_cell(d, "requests failed");
    if (!n->known || n->torn)
        cli_doc_cell(d, NOT_KNOWN);
    else
        cli_doc_cell(d, "%s (%s)%s", of_all(n->failed, n->counted, n->exact, text), percent(&n->percent, 0.01, share),
                     n->of_money && n->failed > 0 ? ", of something else" : "");
    for (int c = 0; c < OUTCOME_COUNT; c++) {
        if (!outcome_is_bad((enum outcome)c) || n->by_class[c] == 0)
            continue;
        cli_doc_cell(d, "of these %s", outcome_name((enum outcome)c));
        cli_doc_cell(d, "%s%s", exact_mark(n->exact), numfmt_count((double)n->by_class[c], count));
    }
    if (n->refusals) {
        cli_doc_cell(d, "requests refused by the gateway itself");
        cli_doc_cell(d, "%s: %s", of_all(n->refused, n->asked, n->exact, text), n->refused_why);
        cli_doc_cell(d, "what that would have cost");
        cli_doc_cell(d, "%s%s", usd(&n->unspent, text), isnan(n->unspent.v) ? "" : ", at what an answer cost in the hour before");
    }
    if (n->all_known && n->all_scopes[0] != '\0') {
        cli_doc_cell(d, "failed in the scopes of all its alerts");
        cli_doc_cell(d, "%s, each once: %s", of_all(n->all_failed, n->all_counted, n->all_exact, text), n->all_scopes);
    }
    cli_doc_cell(d, "requests handed to a fallback");
    if (!n->fallbacks_known)
        cli_doc_cell(d, NOT_KNOWN);
    else
        cli_doc_cell(d, "%s%s%s%s", exact_mark(n->fallbacks_exact), numfmt_count((double)n->fallbacks, count),
                     n->fallbacks > 0 ? ", most to " : "", n->fallbacks > 0 ? n->handed_to : "");
}

static void money(struct cli_doc *d, const struct view_report *v)
{
    const struct vnum *extra = &v->extra;
    char text[2 * NUMFMT_MAX];

    cli_doc_cell(d, "spent in its scope");
    cli_doc_cell(d, "%s", usd(&v->incidents.counts.spend, text));
    cli_doc_cell(d, "spent in as much time before");
    cli_doc_cell(d, "%s%s%s", usd(&v->usual_spend, text), isnan(v->usual_spend.v) ? "" : ", ", v->usual_text);
    cli_doc_cell(d, "extra spend of fallbacks");
    cli_doc_cell(d, "%s%s%s", usd(extra, text), v->extra_note[0] != '\0' ? ": " : "", v->extra_note);
}

static void hits(struct cli_doc *d, enum dim dim, const struct vhits *hits)
{
    const char *by = dim_name(dim), *note = hits->note != NULL ? hits->note : "";
    const bool slow = hits->over[0] != '\0';
    char n[NUMFMT_MAX], share[NUMFMT_MAX], name[CLI_CELL_MAX];
    size_t hit = 0;
    bool refused = false;

    for (size_t i = 0; i < hits->count; i++) {
        hit += hits->list[i].bad > 0 || hits->list[i].refusals;
        refused = refused || hits->list[i].refusals;
    }
    if (hit == 0) {
        cli_doc_line(d, "By %s: %s.", by, note[0] != '\0' ? note : slow ? "nobody's answers were slow" : "nobody's requests failed");
        return;
    }
    const char *const heads[] = {by, slow ? "slow answers" : "failed requests",
                                 slow      ? "share of all that were slow"
                                 : refused ? "share of all that were hit"
                                           : "share of all that failed",
                                 "refused requests"};
    cli_doc_table(d, heads, refused ? 4 : 3, refused ? 14 : 6);
    for (size_t i = 0; i < hits->count; i++) {
        const struct vhit *h = &hits->list[i];
        if (h->bad == 0 && !h->refusals)
            continue;
        cli_doc_cell(d, "%s", mask_name(d->io->mask, dim, h->name, name, sizeof name));
        cli_doc_cell(d, "%s%s", exact_mark(h->exact), numfmt_count((double)h->bad, n));
        cli_doc_cell(d, "%s", numfmt_share(h->share, share));
        if (refused)
            cli_doc_cell(d, "%s%s", exact_mark(h->exact), numfmt_count((double)h->refused, n));
    }
    cli_doc_table_end(d);
}

static void spenders(struct cli_doc *d, enum dim dim, const struct vreport_spender *list, size_t count)
{
    const char *const heads[] = {dim_name(dim), "spent", "in as much time before"};
    char now[NUMFMT_MAX], usual[2 * NUMFMT_MAX], name[CLI_CELL_MAX];

    if (count < 2) /* one alone is the budget's scope */
        return;
    cli_doc_table(d, heads, 3, 6);
    for (size_t i = 0; i < count; i++) {
        cli_doc_cell(d, "%s", mask_name(d->io->mask, dim, list[i].name, name, sizeof name));
        cli_doc_cell(d, "%s%s", exact_mark(list[i].exact), numfmt_usd_nano(list[i].nusd, now));
        cli_doc_cell(d, "%s", usd(&list[i].usual, usual));
    }
    cli_doc_table_end(d);
}

static void impact(struct cli_doc *d, const struct view_report *v)
{
    static const char *const heads[] = {"what", "figure"};

    cli_doc_heading(d, 2, "Impact");
    cli_doc_table(d, heads, 2, 0);
    requests(d, &v->incidents.counts);
    money(d, v);
    cli_doc_table_end(d);
    spenders(d, DIM_TEAM, v->teams, v->team_count);
    spenders(d, DIM_KEY, v->keys_spent, v->keys_spent_count);
    hits(d, v->incidents.hits.dim, &v->incidents.hits);
    if (v->incidents.hits.dim != DIM_KEY)
        hits(d, DIM_KEY, &v->keys);
}

static void objectives(struct cli_doc *d, const struct view_report *v)
{
    static const char *const heads[] = {"objective", "bad while it lasted", "share", "error budget it spent", "left then"};
    char text[3 * NUMFMT_MAX], share[2 * NUMFMT_MAX], spent[2 * NUMFMT_MAX], target[NUMFMT_MAX], period[TIMEFMT_MAX];

    cli_doc_heading(d, 2, "Objectives hit");
    if (v->slo_count == 0) {
        cli_doc_line(d, "None: no rule of an objective fired.");
        return;
    }
    cli_doc_table(d, heads, 5, 0);
    for (size_t i = 0; i < v->slo_count; i++) {
        const struct vreport_slo *o = &v->slos[i];
        duration_format(o->slo->period_ms, period);
        cli_doc_cell(d, "%s: %s of %s", o->slo->name, numfmt_percent(o->slo->objective, target), period);
        cli_doc_cell(d, "%s %s", of_all(o->bad, o->total, o->exact, text), o->bad_means);
        cli_doc_cell(d, "%s", percent(&o->percent, 0.01, share));
        cli_doc_cell(d, "%s", percent(&o->spent, 1, spent));
        cli_doc_cell(d, "%s", o->slo->left_text);
    }
    cli_doc_table_end(d);
    for (size_t i = 0; i < v->slo_count; i++) /* more than a cell holds */
        cli_doc_line(d, "Rules of %s that fired: %s.", v->slos[i].slo->name, v->slos[i].rules);
}

static void detection(struct cli_doc *d, const struct view_report *v)
{
    static const char *const heads[] = {"step", "when", "after the onset"};

    cli_doc_heading(d, 2, "Detection");
    cli_doc_table(d, heads, 3, 0);
    for (size_t i = 0; i < VREPORT_STEPS; i++) {
        cli_doc_cell(d, "%s", v->steps[i].name);
        cli_doc_cell(d, "%s", v->steps[i].when);
        cli_doc_cell(d, "%s", v->steps[i].after);
    }
    cli_doc_table_end(d);
}

/* As it reads since somebody corrected it, with what it said before. */
static void entry(struct cli_doc *d, const struct ventry *e)
{
    char at[TIMEFMT_MAX], corrected[TIMEFMT_MAX], text[4096], source[256];
    const bool is_corrected = e->was[0] != '\0', is_pinned = e->pinned_by[0] != '\0';

    (void)str_format(text, sizeof text, "%s%s%s%s%s%s%s%s%s%s%s", e->text, is_corrected ? " (corrected by " : "",
                     is_corrected ? e->corrected_by : "", is_corrected ? " at " : "",
                     is_corrected ? second(e->corrected_ms, corrected) : "", is_corrected ? "; it said: " : "", e->was,
                     is_corrected ? ")" : "", is_pinned ? " (pinned by " : "", e->pinned_by, is_pinned ? ")" : "");
    (void)str_format(source, sizeof source, "%s%s", e->source, e->pending ? ", not taken in yet" : "");
    cli_doc_entry(d, second(e->at_ms, at), text, source);
}

/* A story of thousands of alerts is told at its beginning and its end; what people said or keep in view stands between them, and how many
 * others there were. */
static void timeline(struct cli_doc *d, const struct view_report *v)
{
    const size_t count = v->incidents.entry_count, last = count > ENTRIES_FIRST + ENTRIES_LAST ? count - ENTRIES_LAST : 0;
    size_t left = 0;
    char at[TIMEFMT_MAX], what[128], where[64];

    cli_doc_heading(d, 2, "Timeline (UTC)");
    cli_doc_entries(d);
    (void)str_format(where, sizeof where, "`gwtop incidents show %lld` has them", (long long)v->incidents.selected);
    for (size_t i = 0; i < count; i++) {
        const struct ventry *e = &v->incidents.entries[i];
        const bool told = i < ENTRIES_FIRST || i >= last || e->is_said || e->pinned_by[0] != '\0';
        if (told && left > 0) {
            (void)str_format(what, sizeof what, "%zu entr%s of rules up to then", left, left == 1 ? "y" : "ies");
            cli_doc_entry(d, second(v->incidents.entries[i - 1].at_ms, at), what, where);
        }
        left = told ? 0 : left + 1;
        if (told)
            entry(d, e);
    }
}

static void suspects(struct cli_doc *d, const struct view_report *v)
{
    const struct view_incidents *in = &v->incidents;

    cli_doc_heading(d, 2, "Suspects");
    cli_doc_line(d, "Ranked by what the failures point at; a rank is no probability, and a suspect is not the cause.");
    if (in->suspect_note[0] != '\0')
        cli_doc_line(d, "No suspect: %s.", in->suspect_note);
    for (size_t i = 0; i < in->suspect_count; i++)
        cli_doc_item(d, in->suspects[i].title, "%s%s%s%s", in->suspects[i].reason, in->suspects[i].reason2[0] != '\0' ? "; beside it " : "",
                     in->suspects[i].reason2, in->suspects[i].weak ? " (weak)" : "");
}

static void similar(struct cli_doc *d, const struct view_report *v)
{
    cli_doc_heading(d, 2, "Earlier incidents like it");
    if (v->incidents.similar_count == 0)
        cli_doc_line(d, "None of those that are recorded.");
    for (size_t i = 0; i < v->incidents.similar_count; i++) {
        const struct vsimilar *s = &v->incidents.similar[i];
        const bool is_said = s->fixed_by[0] != '\0';
        const char *by = is_said ? "so says " : s->fix[0] != '\0' ? "by the last note on it" : "nobody wrote down what ended it";
        cli_doc_item(d, "", "%s (%s%s); %.0f %% alike in rules, names and suspects", s->text, by, s->fixed_by, 100 * s->score);
    }
}

static void changes(struct cli_doc *d, const struct view_report *v)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], at[TIMEFMT_MAX], what[1024];

    instant_format_clock(v->changes_from_ms, from);
    instant_format_clock(v->changes_to_ms, to);
    cli_doc_heading(d, 2, "What changed about the onset (%s to %s)", from, to);
    if (v->change_count == 0) {
        cli_doc_line(d, "Nothing that gwtop recorded. It sees restarts, prices, new names, what its sources report and what people mark; a "
                        "deploy that nobody "
                        "reported is not among them.");
        return;
    }
    cli_doc_entries(d);
    for (size_t i = 0; i < v->change_count; i++) {
        (void)str_format(what, sizeof what, "%s: %s", event_kind_name(v->changes[i].kind), v->changes[i].text);
        cli_doc_entry(d, second(v->changes[i].at_ms, at), what, v->changes[i].source);
    }
}

/* What fired of one rule, or of one alert of another system, in all its scopes. */
struct rule_sum {
    const struct alert *first, *last, *worst;
    size_t fired, scopes;
};

static bool is_of_rule(const struct rule_sum *r, const struct alert *al)
{
    return strcmp(r->first->rule, al->rule) == 0;
}

static int by_alert(const void *a, const void *b)
{
    return alert_compare(*(const struct alert *const *)a, *(const struct alert *const *)b);
}

/* In how many scopes each rule fired; of none where memory ends. */
static void count_scopes(struct arena *a, const struct view_incidents *v, struct rule_sum *rules, size_t count)
{
    const struct alert **list = arena_array(a, v->alert_count, sizeof *list);
    size_t n = 0;

    for (size_t i = 0; list != NULL && i < v->alert_count; i++)
        if (v->alerts[i].state == ALERT_FIRING)
            list[n++] = &v->alerts[i];
    if (n > 0)
        qsort(list, n, sizeof *list, by_alert);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && alert_compare(list[i - 1], list[i]) == 0)
            continue;
        for (size_t k = 0; k < count; k++)
            rules[k].scopes += is_of_rule(&rules[k], list[i]);
    }
}

/* A line a rule, in the order in which they fired first. */
static void rules_in_short(struct cli_doc *d, const struct view_incidents *v, struct arena *a)
{
    struct rule_sum rules[RULES_TOLD];
    size_t count = 0, more = 0;
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX];

    for (size_t i = 0; i < v->alert_count; i++) {
        const struct alert *al = &v->alerts[i];
        size_t k = 0;
        if (al->state != ALERT_FIRING)
            continue;
        while (k < count && !is_of_rule(&rules[k], al))
            k++;
        more += k == RULES_TOLD;
        if (k == RULES_TOLD)
            continue;
        if (k == count)
            rules[count++] = (struct rule_sum){.first = al, .worst = al};
        rules[k].fired++;
        rules[k].last = al;
        rules[k].worst = al->severity > rules[k].worst->severity ? al : rules[k].worst;
    }
    count_scopes(a, v, rules, count);
    for (size_t k = 0; k < count; k++) {
        const struct rule_sum *r = &rules[k];
        char scopes[32] = "";
        if (r->scopes > 0)
            (void)str_format(scopes, sizeof scopes, " in %zu scope%s", r->scopes, r->scopes == 1 ? "" : "s");
        cli_doc_item(d, r->first->rule, "%s, fired %zu time%s%s, first %s, last %s; %s: %s", severity_name(r->worst->severity), r->fired,
                     r->fired == 1 ? "" : "s", scopes, second(r->first->since_ms, from), second(r->last->since_ms, to),
                     r->worst->scope[0] != '\0' ? r->worst->scope : "all requests", r->worst->text);
    }
    cli_doc_line(d, "%zu transitions of alerts in all%s; `gwtop incidents show %lld` has each.", v->alert_count,
                 more > 0 ? ", some of them of other rules" : "", (long long)v->selected);
}

static void evidence(struct cli_doc *d, const struct view_report *v, struct arena *a)
{
    const int64_t from = v->incidents.counts.from_ms, to = incident_end_ms(&v->incidents.detail->in);
    char at[TIMEFMT_MAX];

    cli_doc_heading(d, 2, "Evidence");
    for (size_t i = 0; i < v->slo_count; i++)
        cli_doc_chart(d, &v->slos[i].chart, from, to);
    if (v->spend.what[0] != '\0')
        cli_doc_chart(d, &v->spend, from, to);
    if (v->incidents.alert_count > 0)
        cli_doc_heading(d, 3, "What the rules saw");
    if (v->incidents.alert_count > ALERTS_TOLD)
        rules_in_short(d, &v->incidents, a);
    for (size_t i = 0; i < v->incidents.alert_count && v->incidents.alert_count <= ALERTS_TOLD; i++)
        cli_doc_item(d, second(v->incidents.alerts[i].since_ms, at), "%s: %s", v->incidents.alerts[i].rule, v->incidents.alerts[i].text);
}

static void not_recorded(struct cli_doc *d, const struct view_report *v)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX];

    cli_doc_heading(d, 2, "Not recorded");
    if (v->gap_count == 0 && v->gap_note[0] == '\0')
        cli_doc_line(d, "No gap from %s to %s.", second(v->gaps_from_ms, from), second(v->gaps_to_ms, to));
    if (v->gap_note[0] != '\0')
        cli_doc_line(d, "%s", v->gap_note);
    for (size_t i = 0; i < v->gap_count; i++)
        cli_doc_item(d, v->gaps[i].source, "%s to %s, %s; %s", second(v->gaps[i].from_ms, from), second(v->gaps[i].to_ms, to),
                     v->gaps[i].reason,
                     !v->gaps[i].lost    ? "what it counted then came with its next answer"
                     : v->gaps[i].counts ? "what it counted then is lost, and in none of the figures"
                                         : "what it counted then is lost; the figures are of other sources");
}

static void to_fill_in(struct cli_doc *d)
{
    cli_doc_heading(d, 2, "What a person must add");
    cli_doc_todo(d, "root cause", "which a ranking of suspects is not");
    cli_doc_todo(d, "what ended it", "which gwtop does not see unless somebody notes it");
    cli_doc_todo(d, "customer communication", "who was told what, and when");
    cli_doc_todo(d, "action items", "each with an owner and a date");
}

static void print_report(const struct view_report *v, struct cli_store *s, bool markdown)
{
    struct cli_doc d = {.io = &s->io, .markdown = markdown};

    if (!markdown)
        cli_print_header(s);
    head(&d, v, s);
    summary(&d, v);
    impact(&d, v);
    objectives(&d, v);
    detection(&d, v);
    timeline(&d, v);
    suspects(&d, v);
    similar(&d, v);
    changes(&d, v);
    evidence(&d, v, &s->arena);
    not_recorded(&d, v);
    to_fill_in(&d);
}

int cmd_report(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    struct cli_words words = {.max = 1};
    bool markdown = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config},
        {"--store", CLI_TEXT, &w.store},
        {"--at", CLI_TEXT, &w.at},
        {"--filter", CLI_TEXT_OR_EMPTY, &w.filter},
        {"--json", CLI_FLAG, &w.json},
        {"--markdown", CLI_FLAG, &markdown},
        {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_report v;
    struct errctx ctx = {.text = ""};
    int64_t id;

    int status = cli_options("report", argc, argv, options, &words, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("report", "--markdown", markdown, "--json", w.json, io);
    if (status != CLI_GO_ON)
        return status;
    if (!cli_read_incident("report", words.count > 0 ? words.at[0] : "", &id, io))
        return EXIT_USAGE;
    enum err e = cli_open(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_report(&s.loader, &s.params, id, &v, &ctx);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (w.json)
        status = cli_report_json(&v, &s);
    else
        print_report(&v, &s, markdown);
    cli_close(&s);
    return status;
}
