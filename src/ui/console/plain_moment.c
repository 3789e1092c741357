/* SPDX-License-Identifier: MIT */
/* The moment: what rows 1 to 3 of the screen say, then the overview's figures, each line short enough to be heard. */
#include "ui/console/plain_state.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/frame.h"
#include "ui/draw/mask.h"
#include "ui/draw/part_facts.h"

/* Of each kind at most so many lines: what is left is counted. */
enum { HITS_SAID = 3, SUSPECTS_SAID = 3, LINES_SAID = 6 };

static void say_header(struct plain *p, const struct view_frame *f)
{
    char at[TIMEFMT_MAX], ago[NUMFMT_MAX], when[PLAIN_TEXT_MAX], fresh[PLAIN_TEXT_MAX], filter[PLAIN_TEXT_MAX] = "",
                                                                                        missing[FRAME_TEXT_MAX];
    const char *recorder = frame_recorder_text(f, missing);
    instant_format_iso(instant_floor(f->cursor_ms, 1000), at);
    if (!f->live)
        (void)str_format(when, sizeof when, "at %s, %s ago, as known then", at, numfmt_duration(f->now_ms - f->cursor_ms, ago));
    else if (f->ended_ms != 0)
        (void)str_format(when, sizeof when, "recording ended %s", at);
    else
        (void)str_format(when, sizeof when, "live %s", at);
    if (strcmp(f->scope_text, "all") != 0)
        (void)str_format(filter, sizeof filter, ", filter %s", f->scope_text);
    plain_say(p, "gwtop %s%s%s%s%s, %s, %s%s%s%s", f->gateway, f->demo ? ", DEMO" : "", f->snapshot_text != NULL ? ", SNAPSHOT " : "",
              f->snapshot_text != NULL ? f->snapshot_text : "", filter, when, plain_freshness(f, fresh), f->kept ? "" : ", NOT KEPT",
              *recorder != '\0' ? ", " : "", recorder);
    if (f->late_text[0] != '\0')
        plain_say(p, "%s", f->late_text);
}

static void say_sources(struct plain *p, const struct plain_look *k)
{
    char text[PLAIN_TEXT_MAX];
    size_t count = 0;
    for (size_t i = 0; i < k->overview.source_count; i++)
        if (k->overview.sources[i].state != SOURCE_OK && count++ < LINES_SAID)
            plain_say(p, "source %s", plain_source(&k->overview.sources[i], k->frame.cursor_ms, text));
    if (count > LINES_SAID)
        plain_say(p, "and %zu more sources that do not answer; `gwtop sources` lists them", count - LINES_SAID);
}

static void say_incidents(struct plain *p, const struct plain_look *k)
{
    char since[TIMEFMT_MAX];
    size_t count = 0;
    for (size_t i = 0; i < k->incidents.count; i++) {
        const struct incident *in = &k->incidents.list[i].in;
        if (in->state == INCIDENT_RESOLVED || count++ >= LINES_SAID)
            continue;
        instant_format_iso(instant_floor(in->onset_ms != 0 ? in->onset_ms : in->opened_ms, 1000), since);
        plain_say(p, "incident %lld, %s, %s since %s: %s", (long long)in->id, severity_name(in->severity), incident_state_name(in->state),
                  since, in->title);
    }
    if (count > LINES_SAID)
        plain_say(p, "and %zu more open incidents; `gwtop incidents` lists them", count - LINES_SAID);
}

static void say_figure(struct plain *p, const struct vrow *r)
{
    char text[NUMFMT_MAX], now[PLAIN_NUMBER_MAX], number[PLAIN_NUMBER_MAX];
    char then[PLAIN_TEXT_MAX] = "", n[PLAIN_TEXT_MAX] = "", unit[32] = "";
    if (r->unit[0] != '\0' && strstr(r->label, r->unit) == NULL)
        (void)str_format(unit, sizeof unit, " %s", r->unit);
    if (!isnan(r->then.v))
        (void)str_format(then, sizeof then, ", was %s%s", plain_number(numfmt_row_then(r, text), number), unit);
    (void)numfmt_row_n(r, text);
    if (text[0] != '\0')
        (void)str_format(n, sizeof n, ", %s%s", r->n_text == NULL ? "n " : "", text);
    (void)plain_number(numfmt_row_now(r, text), now);
    plain_say(p, "%s: %s%s%s%s%s", r->label, now, isnan(r->now.v) ? "" : unit, r->now.stale ? ", stale" : "", then, n);
}

static bool is_observed(const struct vrow *r)
{
    char text[NUMFMT_MAX];
    return strcmp(numfmt_row_now(r, text), NUMFMT_NONE) != 0;
}

/* What "was" means stands in the first line; what there is nothing to say of stands in the last one. */
static void say_figures(struct plain *p, const struct plain_look *k)
{
    char before[TIMEFMT_MAX], none[PLAIN_TEXT_MAX] = "";
    int64_t compare_ms = k->frame.axis.compare_ms;
    duration_format(compare_ms, before);
    if (compare_ms > 0)
        plain_say(p, "figures of the last %s, and what they were %s before", k->frame.measured, before);
    else
        plain_say(p, "figures of the last %s; nothing is recorded yet to compare them with", k->frame.measured);
    for (size_t i = 0; i < k->overview.row_count; i++) {
        const struct vrow *r = &k->overview.rows[i];
        size_t n = strlen(none);
        if (r->sub)
            continue;
        if (r->now.unsplit != 0)
            continue; /* the last line names them */
        if (is_observed(r))
            say_figure(p, r);
        else
            (void)str_format(none + n, sizeof none - n, "%s%s", n > 0 ? ", " : "", r->label);
    }
    if (none[0] != '\0')
        plain_say(p, "nothing observed for %s", none);
}

static void say_hits(struct plain *p, const struct plain_look *k)
{
    const struct view_overview *o = &k->overview;
    char text[PLAIN_TEXT_MAX] = "", name[PLAIN_SCOPE_MAX], hit[PLAIN_SCOPE_MAX];
    size_t said = 0;
    bool refused = false;
    for (size_t i = 0; i < o->hits.count && said < HITS_SAID; i++) {
        const struct vhit *h = &o->hits.list[i];
        size_t n = strlen(text);
        if ((h->bad == 0 && !h->refusals) || h->is_other)
            continue;
        refused = refused || h->refusals;
        (void)str_format(text + n, sizeof text - n, "%s%s %s", said++ > 0 ? ", " : "",
                         mask_name(p->cfg.mask_names, o->hits.dim, h->name, name, sizeof name), part_hit_text(h, hit, sizeof hit));
    }
    const char *over = o->hits.over, *stale = o->hits.count > 0 && o->hits.list[0].stale ? ", stale" : "";
    if (over[0] != '\0' && said == 0 && o->hits.note != NULL)
        plain_say(p, "who waits longer than %s: %s", over, o->hits.note);
    else if (over[0] != '\0' && said > 0)
        plain_say(p, "who waits, answers of the last %s that took longer than %s%s: %s", k->frame.measured, over, stale, text);
    else if (said > 0)
        plain_say(p, "who is hit, failed requests%s of the last %s%s: %s", refused ? ", and refused ones," : "", k->frame.measured, stale,
                  text);
}

/* All where they are few; else those that fire. */
static void say_objectives(struct plain *p, const struct view_overview *o)
{
    size_t count = 0, said = 0;
    for (size_t i = 0; i < o->slo_count; i++) {
        const struct vslo *s = &o->slos[i];
        count += s->severity != SEV_NONE;
        if (said >= LINES_SAID || (o->slo_count > LINES_SAID && s->severity == SEV_NONE))
            continue;
        said++;
        plain_say(p, "SLO %s %g%%: %s", s->name, 100 * s->objective, s->text);
    }
    if (o->slo_count > said)
        plain_say(p, "%zu of %zu objectives fire; `gwtop status` lists them all", count, o->slo_count);
}

void plain_say_moment(struct plain *p, const struct plain_look *k)
{
    const struct view_overview *o = &k->overview;
    char text[PLAIN_TEXT_MAX];

    p->in_moment = true;
    say_header(p, &k->frame);
    plain_say(p, "%s", plain_verdict(&k->frame.verdict, "", text));
    plain_say(p, "%s: %s", frame_reality_word(&k->frame), frame_reality_text(&k->frame));
    say_sources(p, k);
    say_incidents(p, k);
    say_figures(p, k);
    say_hits(p, k);
    if (o->suspect_note[0] != '\0' && (k->frame.verdict.state == VERDICT_PAGE || k->frame.verdict.state == VERDICT_TICKET))
        plain_say(p, "%s: %s", o->suspect_count > 0 ? "suspects by their time alone, for of the traffic" : "no suspect", o->suspect_note);
    for (size_t i = 0; i < o->suspect_count && i < SUSPECTS_SAID; i++)
        plain_say(p, "suspect %zu: %s: %s", i + 1, o->suspects[i].title, o->suspects[i].reason);
    for (size_t i = 0; i < o->page_count && i < LINES_SAID; i++)
        plain_say(p, "%s", o->pages[i].text);
    say_objectives(p, o);
    if (o->money_line[0] != '\0')
        plain_say(p, "cost %s", o->money_line);
    if (k->frame.unsplit_text[0] != '\0')
        plain_say(p, "%s", k->frame.unsplit_text);
    p->in_moment = false;
}
