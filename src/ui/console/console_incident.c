/* SPDX-License-Identifier: MIT */
/* What can be asked about an incident, and said to it. What an operator says is dropped as an act file; the recorder makes it a fact. */
#include "ui/console/state.h"

#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/mask.h"

int64_t console_incident(const struct console *c)
{
    if (c->pane == PANE_INCIDENTS && c->ps[c->pane].opened != 0)
        return c->ps[c->pane].opened;
    if (c->pane == PANE_INCIDENTS && c->out.id != 0)
        return c->out.id;
    return c->has_frame ? c->frame.verdict.incident : 0;
}

/* The incident that an act would be about; says so when there is none, or when nobody would take the act in. */
static bool actable(struct console *c, int64_t *ret)
{
    int64_t id = console_incident(c);
    if (id == 0)
        console_say(c, FRAME_MESSAGE_INFO, "no open incident; pane 6 lists the past ones");
    else if (c->ended)
        console_say(c, FRAME_MESSAGE_INFO, "this recording has ended: nobody would take it in");
    else
        *ret = id;
    return id != 0 && !c->ended;
}

/* Who acknowledged it already, as a phrase; "" when nobody did. */
static void acknowledged_by(struct console *c, int64_t id, char *out, size_t cap)
{
    struct arena *a = &c->arena[1 - c->arena_on];
    struct store_act *acts;
    size_t count;
    char at[TIMEFMT_MAX];

    out[0] = '\0';
    arena_reset(a);
    if (store_acts(c->st, c->now_ms, a, &acts, &count, NULL) != ERR_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        if (acts[i].incident != id || strcmp(acts[i].verb, act_verb_name(ACT_ACK)) != 0)
            continue;
        instant_format_clock(acts[i].at_ms, at);
        (void)str_format(out, cap, " (%.40s did %s)", acts[i].author, at);
    }
}

/* What a pager says of it now: an act here says nothing there. */
static void pager_of(struct console *c, int64_t id, char *out, size_t cap)
{
    struct view_loader l;
    struct view_pager pager = {.text = "what a pager says is not known"};
    struct view_params p = console_params(c);
    p.cursor_ms = p.now_ms;
    if (console_read_begin(c, &c->arena[1 - c->arena_on], &l, NULL) == ERR_OK) {
        if (view_load_pager(&l, &p, id, &pager, NULL) != ERR_OK)
            pager.text = "what a pager says is not known";
        console_read_end(c);
    }
    (void)str_format(out, cap, "%.80s", pager.text);
}

/* The drift that is selected in pane 5, elsewhere what the verdict speaks of without an incident; NULL when there is none. */
static const struct alert *selected_finding(const struct console *c)
{
    if (c->pane == PANE_QUALITY && c->has_view) {
        size_t at = c->ps[c->pane].selected > 0 ? (size_t)c->ps[c->pane].selected : 0;
        return at < c->view.quality.row_count ? c->view.quality.rows[at].finding : NULL;
    }
    return c->has_frame && c->frame.finding_count > 0 && console_incident(c) == 0 ? &c->frame.findings[0] : NULL;
}

static unsigned ask_accept(struct console *c, const struct alert *found)
{
    char label[sizeof c->prompt_label], text[160], since[TIMEFMT_MAX];
    if (c->ended) {
        console_say(c, FRAME_MESSAGE_INFO, "this recording has ended: nobody would take it in");
        return TURN_DRAW;
    }
    (void)str_format(c->asked_finding, sizeof c->asked_finding, "%s|%s", found->rule, found->scope);
    instant_format_clock(found->onset_ms, since);
    (void)str_format(label, sizeof label, "%s: take what came since %s for normal? [y/N] ",
                     mask_text(c->mask, found->text, text, sizeof text), found->onset_ms > 0 ? since : "its onset");
    return console_ask(c, ASK_ACCEPT, label, "", NULL);
}

unsigned console_accept(struct console *c)
{
    struct errctx ctx = {.text = ""};
    if (store_act_drop(c->store_path, STORE_ACT_ACCEPT, 0, c->asked_finding, c->now_ms, &ctx) != ERR_OK)
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
    else
        console_say(c, FRAME_MESSAGE_INFO, "taken for normal; pending until the recorder takes it in");
    return TURN_LOAD;
}

unsigned console_ask_ack(struct console *c)
{
    char label[sizeof c->prompt_label], by[96], pager[96];
    const struct alert *found = selected_finding(c);
    if (found != NULL)
        return ask_accept(c, found);
    if (!actable(c, &c->asked_incident))
        return TURN_DRAW;
    acknowledged_by(c, c->asked_incident, by, sizeof by);
    pager_of(c, c->asked_incident, pager, sizeof pager);
    (void)str_format(label, sizeof label, "ack #%lld here only?%s %s [y/N] ", (long long)c->asked_incident, by, pager);
    return console_ask(c, ASK_ACK, label, "", NULL);
}

static unsigned drop(struct console *c, enum act_verb verb, int64_t incident, const char *text, const char *done)
{
    struct errctx ctx = {.text = ""};
    if (store_act_drop(c->store_path, act_verb_name(verb), incident, text, c->now_ms, &ctx) != ERR_OK)
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
    else
        console_say(c, FRAME_MESSAGE_INFO, "%s; pending until the recorder takes it in", done);
    return TURN_LOAD;
}

/* Of which incident an act on the one that was asked about is said; where that cannot be read, of that one. Errors: ERR_USAGE. */
static enum err said_of(struct console *c, enum act_verb verb, int64_t *ret, struct errctx *ctx)
{
    struct view_loader l;
    struct view_params p = console_params(c);
    struct vincident in;
    enum err e = ERR_OK;
    p.cursor_ms = p.now_ms;
    p.filter = "";
    *ret = c->asked_incident;
    if (console_read_begin(c, &c->arena[1 - c->arena_on], &l, NULL) != ERR_OK)
        return ERR_OK;
    if (view_load_incident(&l, &p, c->asked_incident, &in, NULL) == ERR_OK)
        e = view_said_of(&in.in, verb, ret, ctx);
    console_read_end(c);
    return e;
}

/* An act on the incident that was asked about. */
static unsigned say(struct console *c, enum act_verb verb, const char *text)
{
    static const char *const done[ACT_VERB_COUNT] = {
        [ACT_ACK] = "acknowledged here", [ACT_NOTE] = "noted",         [ACT_ASSIGN] = "assigned",
        [ACT_NEXT] = "next step said",   [ACT_MITIGATE] = "mitigated", [ACT_RESOLVE] = "resolved here",
        [ACT_SNOOZE] = "snoozed",        [ACT_CORRECT] = "corrected",  [ACT_PIN] = "pinned",
    };
    struct errctx ctx = {.text = ""};
    int64_t id;
    char what[96], part[48] = "";
    if (act_check(verb, text, &ctx) != ERR_OK || said_of(c, verb, &id, &ctx) != ERR_OK) {
        console_say(c, FRAME_MESSAGE_ERROR, "%s: %s", act_verb_name(verb), ctx.text);
        return TURN_DRAW;
    }
    if (id != c->asked_incident)
        (void)str_format(part, sizeof part, "#%lld is told under ", (long long)c->asked_incident);
    (void)str_format(what, sizeof what, "%s#%lld%s %s", part, (long long)id, part[0] != '\0' ? ", which is" : "", done[verb]);
    return drop(c, verb, id, text, what);
}

unsigned console_ack(struct console *c)
{
    return say(c, ACT_ACK, "");
}

unsigned console_note(struct console *c, const char *text)
{
    if (text[0] == '\0') {
        console_say(c, FRAME_MESSAGE_INFO, "no text, no note");
        return TURN_DRAW;
    }
    return say(c, ACT_NOTE, text);
}

/* ---- what is asked for ---- */

/* The selected entry of the opened incident's timeline; NULL, and says so, where there is none that could be corrected. */
static const struct ventry *selected_entry(struct console *c)
{
    const struct view_incidents *v = &c->view.incidents;
    const bool opened = c->pane == PANE_INCIDENTS && c->ps[c->pane].opened != 0 && c->has_view;
    for (size_t i = 0; opened && c->out.entry != NULL && c->out.entry[0] != '\0' && i < v->entry_count; i++)
        if (strcmp(v->entries[i].id, c->out.entry) == 0)
            return &v->entries[i];
    console_say(c, FRAME_MESSAGE_INFO,
                opened ? "select an entry of the timeline that was taken in" : "open the incident and select an entry of its timeline");
    return NULL;
}

/* What the prompt asks, with the incident's number; a correction has the entry's. */
static const char *const questions[ACT_VERB_COUNT] = {
    [ACT_NOTE] = "note on #%lld: ",           [ACT_ASSIGN] = "assign #%lld to: ",
    [ACT_NEXT] = "next step of #%lld: ",      [ACT_MITIGATE] = "#%lld does no more harm, since: ",
    [ACT_RESOLVE] = "#%lld is over, since: ", [ACT_SNOOZE] = "put #%lld off for (2h why): ",
};

unsigned console_ask_say(struct console *c, enum act_verb verb)
{
    char label[sizeof c->prompt_label], number[24];
    const char *text = "";
    if (!actable(c, &c->asked_incident))
        return TURN_DRAW;
    c->asked_verb = verb;
    c->asked_entry[0] = '\0';
    if (verb == ACT_CORRECT) {
        const struct ventry *e = selected_entry(c);
        if (e == NULL)
            return TURN_DRAW;
        (void)str_copy(c->asked_entry, sizeof c->asked_entry, str_of(e->id));
        (void)str_format(label, sizeof label, "%s of #%lld should read: ", e->id, (long long)c->asked_incident);
        text = e->text;
    } else {
        const char *at = strstr(questions[verb], "%lld");
        (void)str_format(number, sizeof number, "%lld", (long long)c->asked_incident);
        (void)str_format(label, sizeof label, "%.*s%s%s", (int)(at - questions[verb]), questions[verb], number, at + 4);
    }
    return console_ask(c, ASK_SAY, label, text, verb == ACT_NOTE ? &c->note_history : NULL);
}

unsigned console_said(struct console *c, const char *text)
{
    char line[ACT_TEXT_MAX + sizeof c->asked_entry + 2];
    if (c->asked_verb == ACT_NOTE)
        return console_note(c, text);
    if (c->asked_verb != ACT_CORRECT)
        return say(c, c->asked_verb, text);
    (void)str_format(line, sizeof line, "%s %s", c->asked_entry, text);
    return say(c, ACT_CORRECT, line);
}

unsigned console_pin(struct console *c)
{
    char line[sizeof c->asked_entry + 8];
    const struct ventry *e = actable(c, &c->asked_incident) ? selected_entry(c) : NULL;
    if (e == NULL)
        return TURN_DRAW;
    (void)str_format(line, sizeof line, "%s%s", e->id, e->pinned_by[0] != '\0' ? " " ACT_PIN_OFF : "");
    return say(c, ACT_PIN, line);
}

unsigned console_act(struct console *c, enum act_verb verb, const char *text)
{
    return actable(c, &c->asked_incident) ? say(c, verb, text) : TURN_DRAW;
}

unsigned console_take(struct console *c, int64_t id)
{
    char name[STORE_AUTHOR_MAX];
    if (c->ended) {
        console_say(c, FRAME_MESSAGE_INFO, "this recording has ended: nobody would take it in");
        return TURN_DRAW;
    }
    store_act_author(name);
    c->asked_incident = id;
    return say(c, ACT_ASSIGN, name);
}

unsigned console_mark(struct console *c, const char *text)
{
    const struct act_mark m = {.kind = EVENT_MARK, .at_ms = c->now_ms, .scope = "", .text = text};
    struct errctx ctx = {.text = ""};
    char line[ACT_TEXT_MAX + 64];
    if (c->ended)
        console_say(c, FRAME_MESSAGE_INFO, "this recording has ended: nobody would take it in");
    else if (act_mark_format(&m, c->now_ms, line, sizeof line, &ctx) != ERR_OK)
        console_say(c, FRAME_MESSAGE_ERROR, "mark: %s", ctx.text);
    else
        return drop(c, ACT_MARK, 0, line, "marked");
    return TURN_DRAW;
}

void console_open_incident(struct console *c, int64_t id)
{
    struct pane_state *ps = &c->ps[PANE_INCIDENTS];
    if (ps->opened == 0)
        ps->left_at = ps->selected;
    ps->opened = id;
    ps->selected = ps->scroll = 0;
}

/* ---- the menu ---- */

static unsigned open_incident(struct console *c)
{
    int64_t id = console_incident(c);
    c->pane = PANE_INCIDENTS;
    c->has_view = false;
    console_open_incident(c, id);
    return TURN_LOAD;
}

static const struct {
    const char *key, *what;
    unsigned (*run)(struct console *c);
    enum act_verb verb; /* that is asked for where there is no run */
} menu[] = {
    {"a", "acknowledge it here", console_ask_ack, ACT_ACK},
    {"n", "write a note on it", NULL, ACT_NOTE},
    {"x", "say its next step", NULL, ACT_NEXT},
    {"g", "give it to somebody", NULL, ACT_ASSIGN},
    {"m", "it does no more harm", NULL, ACT_MITIGATE},
    {"r", "it is over", NULL, ACT_RESOLVE},
    {"s", "put it off: for how long, and why", NULL, ACT_SNOOZE},
    {"c", "correct the selected entry", NULL, ACT_CORRECT},
    {"p", "pin the selected entry, or take its pin away", console_pin, ACT_PIN},
    {"v", "the evidence behind the verdict", console_evidence, ACT_VERB_COUNT},
    {"o", "runbook, owner, contact", console_owner, ACT_VERB_COUNT},
    {"i", "open it: timeline, suspects, impact", open_incident, ACT_VERB_COUNT},
};
enum { MENU_ROWS = sizeof menu / sizeof *menu };

unsigned console_incident_menu(struct console *c)
{
    int64_t id = console_incident(c);
    if (id == 0) {
        console_say(c, FRAME_MESSAGE_INFO, "no open incident; pane 6 lists the past ones");
        return TURN_DRAW;
    }
    (void)str_format(c->popup_title, sizeof c->popup_title, "incident #%lld", (long long)id);
    c->popup = POPUP_INCIDENT;
    c->popup_selected = 0;
    return TURN_DRAW;
}

size_t console_menu_rows(struct popup_row *rows, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < MENU_ROWS && n < max; i++)
        rows[n++] = (struct popup_row){.left = menu[i].key, .right = menu[i].what};
    return n;
}

static unsigned run_row(struct console *c, int row)
{
    c->popup = POPUP_NONE;
    return (menu[row].run != NULL ? menu[row].run(c) : console_ask_say(c, menu[row].verb)) | TURN_DRAW;
}

unsigned console_menu_key(struct console *c, uint32_t key)
{
    enum action a;
    for (int i = 0; i < MENU_ROWS; i++)
        if (key == (uint32_t)(unsigned char)menu[i].key[0])
            return run_row(c, i);
    if (!keymap_find(&c->keymap, key, &a))
        return TURN_NOTHING;
    if (a == ACTION_ENTER)
        return run_row(c, c->popup_selected);
    if (a == ACTION_LEAVE || a == ACTION_QUIT)
        c->popup = POPUP_NONE;
    else if (a == ACTION_DOWN || a == ACTION_UP)
        c->popup_selected = (c->popup_selected + (a == ACTION_DOWN ? 1 : MENU_ROWS - 1)) % MENU_ROWS;
    return TURN_DRAW;
}
