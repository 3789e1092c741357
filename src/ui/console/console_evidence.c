/* SPDX-License-Identifier: MIT */
/* Boxes of text about the verdict: what it rests on, and whose it is. Everything is read anew, at the cursor, from the same views that the
 * panes show. */
#include "ui/console/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/outside.h"
#include "ui/draw/mask.h"

/* Lines are cut where the box is full: what comes last is what matters least. */
void console_line(struct buf *b, const char *fmt, ...)
{
    char text[2 * MESSAGE_MAX];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (buf_append_z(b, text) != ERR_OK || buf_append_char(b, '\n') != ERR_OK)
        return;
}

enum { MOMENT_MAX = 3 * TIMEFMT_MAX };
/* Moment, how exactly it is known where that was told, and how long before the cursor: "14:20:00Z +-1m, 7m42s ago". */
static void moment(const struct console *c, struct instant_between b, char out[MOMENT_MAX])
{
    char clock[TIMEFMT_MAX], ago[TIMEFMT_MAX], error[TIMEFMT_MAX];
    int64_t since = console_cursor(c) - b.at_ms;
    instant_format_clock(b.at_ms, clock);
    instant_format_between(&b, error);
    duration_format(since > 0 ? since : 0, ago);
    (void)str_format(out, MOMENT_MAX, "%s%s, %s ago", clock, error, ago);
}

static void put_alert(const struct console *c, struct buf *b, const struct alert *al)
{
    char since[MOMENT_MAX] = "a moment that is not known", onset[MOMENT_MAX], wide[TIMEFMT_MAX], narrow[TIMEFMT_MAX];

    if (al->since_ms != 0) /* else it fires in the filter's part alone */
        moment(c, (struct instant_between){.at_ms = al->since_ms}, since);
    duration_format(al->window_long_ms, wide);
    duration_format(al->window_short_ms, narrow);
    console_line(b, "%s  %s%s%s", al->severity == SEV_PAGE ? "PAGE" : "ticket", al->rule, al->scope[0] != '\0' ? "  " : "", al->scope);
    console_line(b, "    fires since %s", since);
    if (al->onset_ms != 0) {
        moment(c, alert_onset(al), onset);
        console_line(b, "    trouble began %s", onset);
    }
    if (al->text[0] == '\0' && al->window_long_ms > 0 && al->total > 0)
        console_line(b, "    burned %.3gx over %s and %.3gx over %s at that moment: %lld of %lld bad in %s", al->burn_long, wide,
                     al->burn_short, narrow, (long long)al->bad, (long long)al->total, wide);
    if (al->text[0] != '\0')
        console_line(b, "    %s", al->text);
}

static size_t put_alerts(const struct console *c, struct buf *b, const struct alert *alerts, size_t count)
{
    size_t shown = 0;
    for (int severity = SEV_PAGE; severity > SEV_NONE; severity--) {
        for (size_t i = 0; i < count; i++) {
            if (!alert_is_firing_rule(&alerts[i]) || (int)alerts[i].severity != severity)
                continue;
            if (shown++ == 0)
                console_line(b, "\nrules that fire");
            put_alert(c, b, &alerts[i]);
        }
    }
    return shown;
}

/* What gwtop found by itself. */
static void put_findings(const struct console *c, struct buf *b)
{
    char onset[MOMENT_MAX], found[MOMENT_MAX], silent[MOMENT_MAX];
    if (c->frame.finding_count > 0)
        console_line(b, "\nfound, pages nobody");
    for (size_t i = 0; i < c->frame.finding_count; i++) {
        const struct alert *al = &c->frame.findings[i];
        moment(c, alert_onset(al), onset);
        moment(c, (struct instant_between){.at_ms = al->since_ms}, found);
        console_line(b, "    %s\n        began %s, found %s; open until it is over, or taken for normal (a)", al->text, onset, found);
        if (al->silence == SILENCE_UNASKED)
            console_line(b, "        whether it lasts was not looked at");
        if (al->silent_ms != 0) {
            moment(c, (struct instant_between){.at_ms = al->silent_ms}, silent);
            console_line(b, "        nothing was told of it since %s%s, whether it lasts is not known",
                         al->silence == SILENCE_BEFORE ? "before " : "", silent);
        }
    }
}

static void put_slos(struct buf *b, const struct view_overview *v)
{
    if (v->slo_count > 0)
        console_line(b, "\nobjectives: how fast each budget burns, and what is left of it");
    for (size_t i = 0; i < v->slo_count; i++)
        console_line(b, "    %s: %s", v->slos[i].name, v->slos[i].text);
}

static void put_money(struct buf *b, const struct view_overview *v)
{
    if (v->money_line[0] != '\0')
        console_line(b, "\nwhat it costs\n    %s", v->money_line);
    if (v->cost_per_h.exact == AT_LEAST && !isnan(v->cost_per_h.v))
        console_line(b, "    " VIEW_COST_AT_LEAST);
}

static void put_suspects(struct buf *b, const struct view_overview *v)
{
    console_line(b, "\nsuspects, by rank, not by probability");
    if (v->suspect_note[0] != '\0')
        console_line(b, "    none: %s", v->suspect_note);
    for (size_t i = 0; i < v->suspect_count; i++) {
        const struct vsuspect *s = &v->suspects[i];
        console_line(b, "    %zu  %s: %s%s%s", i + 1, s->title, s->reason, s->reason2 != NULL && s->reason2[0] != '\0' ? "; " : "",
                     s->reason2 != NULL ? s->reason2 : "");
    }
    for (size_t i = 0; i < v->page_count; i++)
        console_line(b, "    %s%s%s", v->pages[i].text,
                     v->pages[i].state == VPAGE_POSTED && v->pages[i].posted[0].url[0] != '\0' ? " " : "",
                     v->pages[i].state == VPAGE_POSTED ? v->pages[i].posted[0].url : "");
}

/* Names in the text are masked as everywhere else; the title says what the box is about. */
unsigned console_show_text(struct console *c, const char *title, const struct buf *text)
{
    char *room;
    buf_reset(&c->popup_text);
    room = buf_reserve(&c->popup_text, 2 * text->len + 64); /* a pseudonym may be longer than the name */
    if (room == NULL)
        return TURN_NOTHING;
    (void)mask_text(c->mask, text->data, room, 2 * text->len + 64);
    c->popup_text.len += strlen(room);
    (void)str_copy(c->popup_title, sizeof c->popup_title, str_of(title));
    c->popup = POPUP_TEXT;
    c->popup_scroll = 0;
    return TURN_DRAW;
}

/* Reads the overview into the arena that is not on screen. */
static enum err read_overview(struct console *c, struct view_overview *ret, struct errctx *ctx)
{
    struct view_loader l;
    struct view_params p = console_params(c);
    enum err e = console_read_begin(c, &c->arena[1 - c->arena_on], &l, ctx);
    if (e != ERR_OK)
        return e;
    e = view_load_overview(&l, &p, ret, ctx);
    console_read_end(c);
    return e;
}

static unsigned failed(struct console *c, const struct errctx *ctx)
{
    console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx->text);
    return TURN_DRAW;
}

bool console_nothing_read(struct console *c)
{
    if (c->has_frame && c->st != NULL)
        return false;
    console_say(c, FRAME_MESSAGE_INFO, "nothing has been read yet");
    return true;
}

unsigned console_evidence(struct console *c)
{
    struct errctx ctx = {.text = ""};
    struct view_overview v;
    struct buf b;
    char sentence[MESSAGE_MAX];

    if (console_nothing_read(c))
        return TURN_DRAW;
    if (read_overview(c, &v, &ctx) != ERR_OK)
        return failed(c, &ctx);
    buf_init(&b, c->popup_text.max / 4);
    frame_verdict_text(&c->frame.verdict, sentence, sizeof sentence);
    console_line(&b, "%s  %s", frame_verdict_word(c->frame.verdict.state), sentence);
    console_line(&b, "%s", c->frame.verdict.reality);
    if (put_alerts(c, &b, v.rules, v.rule_count) == 0)
        console_line(&b, "\nno rule fires");
    put_findings(c, &b);
    put_slos(&b, &v);
    put_suspects(&b, &v);
    put_money(&b, &v);
    unsigned turn = console_show_text(c, "evidence", &b);
    buf_fini(&b);
    return turn;
}

static void put_incident(const struct console *c, struct buf *b, const struct vincident *i)
{
    const struct incident *in = &i->in;
    char opened[MOMENT_MAX];
    moment(c, (struct instant_between){.at_ms = in->opened_ms}, opened);
    console_line(b, "incident  #%lld %s", (long long)in->id, in->title);
    console_line(b, "state     %s, opened %s", incident_state_name(in->state), opened);
    console_line(b, "scope     %s", in->scope[0] != '\0' ? in->scope : "all traffic");
    console_line(b, "owner     %s", in->owner[0] != '\0' ? in->owner : "nobody yet");
    console_line(b, "note      %s", i->note[0] != '\0' ? i->note : "none yet; i n writes one");
}

/* The incident with what operators said of it, and the rules that fire in its scope. */
static enum err read_incident(struct console *c, int64_t id, struct view_incidents *ret, struct alert **ret_alerts, size_t *ret_count,
                              struct errctx *ctx)
{
    struct arena *a = &c->arena[1 - c->arena_on];
    struct view_loader l;
    struct view_params p = console_params(c);
    enum err e = console_read_begin(c, a, &l, ctx);
    if (e != ERR_OK)
        return e;
    e = view_load_incidents(&l, &p, id, ret, ctx);
    if (e == ERR_OK)
        e = store_alerts(c->st, p.cursor_ms, a, ret_alerts, ret_count, ctx);
    console_read_end(c);
    return e;
}

/* Of an alert of an Alertmanager that allows it: how it is silenced there. */
static void put_silence(const struct console *c, struct buf *b, const char *rule)
{
    for (uint32_t i = 0; i < c->cfg.source_count; i++) {
        const struct config_source *s = &c->cfg.sources[i];
        if (s->kind == SOURCE_ALERTMANAGER && s->silences && outside_is_rule_of(rule, s->name))
            console_line(b, "  silence gwtop silence ALERT 2h WHY --source %s", s->name);
    }
}

/* Whoever is called needs to know what to do, and whom to ask. */
static void put_rule(struct console *c, struct buf *b, const struct alert *al, const struct view_incidents *v)
{
    const struct rule_info *r = rule_info_of(v->duties, v->duty_count, al->rule);
    char text[ACT_TEXT_MAX];
    console_line(b, "rule      %s", mask_text(c->mask, al->rule, text, sizeof text));
    put_silence(c, b, al->rule);
    if (r == NULL)
        return;
    console_line(b, "          %s", mask_text(c->mask, r->what, text, sizeof text));
    console_line(b, "  runbook %s", r->duty.runbook != NULL ? r->duty.runbook : "none is configured");
    console_line(b, "  owner   %s", r->duty.owner != NULL ? r->duty.owner : "none is configured");
    console_line(b, "  contact %s", r->duty.contact != NULL ? r->duty.contact : "none is configured");
}

unsigned console_owner(struct console *c)
{
    struct errctx ctx = {.text = ""};
    struct view_incidents v;
    struct alert *alerts;
    size_t count;
    struct buf b;
    int64_t id = console_incident(c);

    if (console_nothing_read(c))
        return TURN_DRAW;
    if (id == 0) {
        console_say(c, FRAME_MESSAGE_INFO, "no open incident; pane 6 lists the past ones");
        return TURN_DRAW;
    }
    if (read_incident(c, id, &v, &alerts, &count, &ctx) != ERR_OK)
        return failed(c, &ctx);
    if (v.detail == NULL) {
        console_say(c, FRAME_MESSAGE_INFO, "incident #%lld was not known at this moment", (long long)id);
        return TURN_DRAW;
    }
    buf_init(&b, c->popup_text.max / 4);
    put_incident(c, &b, v.detail);
    for (size_t k = 0; k < count; k++)
        if (alert_is_firing_rule(&alerts[k]) && incident_is_of(&v.detail->in, &alerts[k]))
            put_rule(c, &b, &alerts[k], &v);
    unsigned turn = console_show_text(c, "owner", &b);
    buf_fini(&b);
    return turn;
}
