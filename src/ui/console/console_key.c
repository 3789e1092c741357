/* SPDX-License-Identifier: MIT */
/* From a key to what it means: a prompt takes it first, then a popup, then the key map. */
#include "ui/console/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/timefmt.h"

enum { WHEEL_ROWS = 3, POPUP_PAGE_ROWS = 10 };

void console_say(struct console *c, enum frame_message_kind kind, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->message, sizeof c->message, fmt, ap);
    va_end(ap);
    c->message_kind = kind;
    c->message_mono_ms = kind == FRAME_MESSAGE_ERROR ? 0 : clock_mono_ms(&c->clock);
}

void console_message_age(struct console *c)
{
    static const int64_t read_ms = 6000; /* a row of 80 columns at 160 words a minute, and a glance to find it */
    if (c->message_mono_ms != 0 && clock_mono_ms(&c->clock) - c->message_mono_ms >= read_ms)
        c->message_kind = FRAME_MESSAGE_NONE;
}

unsigned console_ask(struct console *c, enum asking what, const char *label, const char *text, struct prompt_history *history)
{
    c->asking = what;
    (void)str_copy(c->prompt_label, sizeof c->prompt_label, str_of(label));
    prompt_open(&c->prompt, text, history);
    return TURN_DRAW;
}

unsigned console_show_pane(struct console *c, enum pane_id pane)
{
    if (pane == c->pane)
        return TURN_NOTHING;
    c->pane = pane;
    c->has_view = false;
    return TURN_LOAD;
}

unsigned console_select(struct console *c, int row)
{
    int last = c->out.rows > 0 ? c->out.rows - 1 : 0;
    c->ps[c->pane].selected = row < 0 ? 0 : row > last ? last : row;
    return TURN_DRAW;
}

static unsigned neighbour(struct console *c, int step)
{
    return console_show_pane(c, (enum pane_id)(((int)c->pane + step + PANE_COUNT) % PANE_COUNT));
}

static unsigned next_group(struct console *c)
{
    static const enum dim order[] = {DIM_MODEL, DIM_PROVIDER, DIM_DEPLOYMENT, DIM_TEAM, DIM_KEY, DIM_ROUTE, DIM_REGION};
    enum { N = sizeof order / sizeof *order };
    struct pane_state *ps = &c->ps[c->pane];
    size_t i = 0;
    if (!console_has_groups(c)) {
        console_say(c, FRAME_MESSAGE_INFO, "this pane has no table to group; Traffic, Latency and Cost have");
        return TURN_DRAW;
    }
    while (i < N && order[i] != ps->group)
        i++;
    ps->group = order[i < N ? (i + 1) % N : 0];
    ps->selected = ps->scroll = 0;
    console_say(c, FRAME_MESSAGE_INFO, "by %s", dim_name(ps->group));
    return TURN_LOAD;
}

static unsigned next_sort(struct console *c)
{
    const char *const *sorts = pane_get(c->pane)->sorts;
    struct pane_state *ps = &c->ps[c->pane];
    int n = 0;
    while (sorts != NULL && sorts[n] != NULL)
        n++;
    if (n == 0) {
        console_say(c, FRAME_MESSAGE_INFO, "this pane has one order");
        return TURN_DRAW;
    }
    int next = ((ps->sort < 0 ? -ps->sort : ps->sort) + 1) % (n + 1);
    ps->sort = -next; /* largest first */
    console_say(c, FRAME_MESSAGE_INFO, "sorted by %s", next == 0 ? "what matters most" : sorts[next - 1]);
    return TURN_LOAD;
}

/* An incident opens, an event moves the cursor to its moment, the rows of a table are narrowed to one. */
static unsigned enter(struct console *c)
{
    if (c->out.rows == 0)
        return TURN_NOTHING;
    if (c->pane == PANE_INCIDENTS && c->ps[c->pane].opened == 0 && c->out.id != 0) {
        console_open_incident(c, c->out.id);
        return TURN_LOAD;
    }
    if (c->out.at_ms != 0) {
        console_go(c, c->out.at_ms);
        return TURN_LOAD;
    }
    if (c->out.name == NULL || c->out.name[0] == '\0')
        return TURN_NOTHING;
    if (c->out.within == NULL || c->out.within[0] == '\0')
        return console_narrow(c, c->out.dim, c->out.name);
    return console_narrow_within(c, c->out.within_dim, c->out.within, c->out.dim, c->out.name);
}

/* Out of the innermost thing one is in. */
static bool leave_pane(struct console *c)
{
    struct pane_state *ps = &c->ps[c->pane];
    if (ps->opened != 0) {
        ps->opened = 0;
        ps->selected = ps->left_at;
        ps->scroll = 0;
        return true;
    }
    if (c->zoom) {
        c->zoom = false;
        return true;
    }
    return false;
}

static unsigned leave(struct console *c)
{
    if (leave_pane(c))
        return TURN_LOAD;
    if (c->search[0] != '\0') {
        c->search[0] = '\0';
        return TURN_DRAW;
    }
    if (c->filter[0] != '\0')
        return console_widen(c);
    if (c->cursor_ms != 0 || c->frozen_since_ms != 0) {
        console_go(c, 0);
        return TURN_LOAD;
    }
    return TURN_NOTHING;
}

static unsigned reload(struct console *c)
{
    char text[TIMEFMT_MAX];
    struct source_status *sources;
    size_t count;
    int64_t due = -1;
    struct arena *a = &c->arena[1 - c->arena_on];

    arena_reset(a);
    if (c->ended || c->st == NULL || store_sources(c->st, c->now_ms, a, &sources, &count, NULL) != ERR_OK)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t in = sources[i].last_try_ms + sources[i].interval_ms - c->now_ms;
        if (due < 0 || in < due)
            due = in > 0 ? in : 0;
    }
    if (c->ended) {
        console_say(c, FRAME_MESSAGE_INFO, "read again; the recording has ended, nothing more will come");
    } else if (due < 0) {
        console_say(c, FRAME_MESSAGE_INFO, "read again; no source has been asked yet");
    } else {
        duration_format(due / 1000 * 1000, text);
        console_say(c, FRAME_MESSAGE_INFO, "read again; the next poll is due in %s", text);
    }
    return TURN_LOAD;
}

static unsigned toggle_mouse(struct console *c)
{
    c->mouse = !c->mouse;
    terminal_set_mouse(c->term, c->mouse);
    console_say(c, FRAME_MESSAGE_INFO, c->mouse ? "mouse on: hold Shift to select text" : "mouse off");
    return TURN_DRAW;
}

static unsigned toggle_mask(struct console *c)
{
    c->mask = !c->mask;
    console_say(c, FRAME_MESSAGE_INFO, c->mask ? "names of keys, users and teams are hidden" : "names are shown");
    return TURN_DRAW;
}

/* Acts that mean a row, a page or an incident as it is drawn. */
static bool acts_on_what_is_drawn(enum action a)
{
    switch (a) {
    case ACTION_ENTER:
    case ACTION_ACK:
    case ACTION_INCIDENT:
    case ACTION_EVIDENCE:
    case ACTION_DIFFERS:
    case ACTION_BASELINE:
    case ACTION_OWNER:
    case ACTION_COPY:
    case ACTION_DOWN:
    case ACTION_UP:
    case ACTION_TOP:
    case ACTION_BOTTOM:
    case ACTION_PAGE_DOWN:
    case ACTION_PAGE_UP: return true;
    default: return false;
    }
}

static unsigned act_on_rows(struct console *c, enum action a)
{
    int selected = c->ps[c->pane].selected, page = c->out.page > 0 ? c->out.page : 1;
    switch (a) {
    case ACTION_DOWN: return console_select(c, selected + 1);
    case ACTION_UP: return console_select(c, selected - 1);
    case ACTION_TOP: return console_select(c, 0);
    case ACTION_BOTTOM: return console_select(c, c->out.rows - 1);
    case ACTION_PAGE_DOWN: return console_select(c, selected + page);
    case ACTION_PAGE_UP: return console_select(c, selected - page);
    default: return TURN_NOTHING;
    }
}

static unsigned act_on_time(struct console *c, enum action a)
{
    switch (a) {
    case ACTION_BACK: return console_step(c, -1);
    case ACTION_FORWARD: return console_step(c, 1);
    case ACTION_BACK_LONG: console_go(c, console_cursor(c) - c->window_ms); return TURN_LOAD;
    case ACTION_FORWARD_LONG: console_go(c, console_cursor(c) + c->window_ms); return TURN_LOAD;
    case ACTION_LIVE: console_go(c, 0); return TURN_LOAD;
    case ACTION_EVENT_NEXT: return console_to_event(c, 1);
    case ACTION_EVENT_PREV: return console_to_event(c, -1);
    case ACTION_ZOOM_IN: return console_zoom_time(c, -1);
    case ACTION_ZOOM_OUT: return console_zoom_time(c, 1);
    case ACTION_FREEZE: return console_freeze(c);
    default: return TURN_NOTHING;
    }
}

static unsigned act(struct console *c, enum action a)
{
    unsigned turn;
    if (acts_on_what_is_drawn(a))
        console_settle(c);
    if (console_cell_act(c, a, &turn))
        return turn;
    switch (a) {
    case ACTION_HELP:
        c->popup = POPUP_HELP;
        c->popup_scroll = 0;
        return TURN_DRAW;
    case ACTION_COMMAND: return console_ask(c, ASK_COMMAND, ":", "", &c->command_history);
    case ACTION_FILTER: return console_ask(c, ASK_FILTER, "filter or word ", "", &c->filter_history);
    case ACTION_FIND_NEXT: return console_find_next(c, 1);
    case ACTION_FIND_PREV: return console_find_next(c, -1);
    case ACTION_GOTO: return console_ask(c, ASK_TIME, "go to (3h ago, 02:58, yesterday 14:00) ", "", &c->time_history);
    case ACTION_ACK: return console_ask_ack(c);
    case ACTION_INCIDENT: return console_incident_menu(c);
    case ACTION_EVIDENCE: return console_evidence(c);
    case ACTION_DIFFERS:
    case ACTION_BASELINE: return console_differs(c, DIFFERS_USUAL);
    case ACTION_OWNER: return console_owner(c);
    case ACTION_ENTER: return enter(c);
    case ACTION_LEAVE: return leave(c);
    case ACTION_GROUP: return next_group(c);
    case ACTION_SORT: return next_sort(c);
    case ACTION_CELL: return console_cell(c);
    case ACTION_ZOOM: c->zoom = !c->zoom; return TURN_LOAD;
    case ACTION_MARK: return console_ask(c, ASK_MARK, "mark this moment with a letter (a-z) ", "", NULL);
    case ACTION_JUMP: return console_ask(c, ASK_JUMP, "go to the mark (a-z) ", "", NULL);
    case ACTION_RELOAD: return reload(c);
    case ACTION_COPY: return console_copy_verdict(c);
    case ACTION_COPY_COMMAND: return console_copy_command(c);
    case ACTION_LEFT:
    case ACTION_PREV_PANE: return neighbour(c, -1);
    case ACTION_RIGHT:
    case ACTION_NEXT_PANE: return neighbour(c, 1);
    case ACTION_OVERVIEW:
    case ACTION_TRAFFIC:
    case ACTION_LATENCY:
    case ACTION_COST:
    case ACTION_QUALITY:
    case ACTION_INCIDENTS:
    case ACTION_EVENTS:
    case ACTION_SOURCES: return console_show_pane(c, (enum pane_id)((int)a - ACTION_OVERVIEW));
    case ACTION_REDRAW: terminal_redraw(c->term); return TURN_DRAW;
    case ACTION_MOUSE: return toggle_mouse(c);
    case ACTION_MASK: return toggle_mask(c);
    case ACTION_QUIT: return leave_pane(c) ? TURN_LOAD : TURN_QUIT;
    case ACTION_COUNT: return TURN_NOTHING;
    default: return act_on_rows(c, a) | act_on_time(c, a);
    }
}

static unsigned answered(struct console *c)
{
    enum asking what = c->asking;
    char text[PROMPT_MAX]; /* what it says may open the next prompt */

    (void)str_copy(text, sizeof text, str_of(c->prompt.text));
    c->asking = ASK_NOTHING;
    switch (what) {
    case ASK_COMMAND: return console_command(c, text);
    case ASK_FILTER: return console_find(c, text);
    case ASK_SAY: return console_said(c, text);
    case ASK_MARK: return console_set_mark(c, text[0]);
    case ASK_JUMP: return console_go_mark(c, text[0]);
    case ASK_TIME: return text[0] != '\0' ? console_go_text(c, text) : TURN_DRAW;
    case ASK_ACK:
        if (text[0] == 'y' || text[0] == 'Y')
            return console_ack(c);
        console_say(c, FRAME_MESSAGE_INFO, "not acknowledged");
        return TURN_DRAW;
    case ASK_ACCEPT:
        if (text[0] == 'y' || text[0] == 'Y')
            return console_accept(c);
        console_say(c, FRAME_MESSAGE_INFO, "not taken for normal");
        return TURN_DRAW;
    case ASK_NOTHING: break;
    }
    return TURN_DRAW;
}

static unsigned prompt_turn(struct console *c, uint32_t key)
{
    bool one_letter = c->asking == ASK_MARK || c->asking == ASK_JUMP || c->asking == ASK_ACK || c->asking == ASK_ACCEPT;
    switch (prompt_key(&c->prompt, key)) {
    case PROMPT_DONE: return answered(c);
    case PROMPT_CANCEL: c->asking = ASK_NOTHING; return TURN_DRAW;
    case PROMPT_COMPLETE: console_complete(c); return TURN_DRAW;
    case PROMPT_MORE: break;
    }
    return one_letter && c->prompt.len > 0 ? answered(c) : TURN_DRAW;
}

static unsigned popup_turn(struct console *c, uint32_t key)
{
    enum action a;
    if (c->popup == POPUP_INCIDENT)
        return console_menu_key(c, key);
    if (c->popup == POPUP_DIFFERS)
        return console_differs_key(c, key);
    if (c->popup == POPUP_SHIFT)
        return console_shift_key(c, key);
    if (!keymap_find(&c->keymap, key, &a))
        return TURN_NOTHING;
    switch (a) {
    case ACTION_LEAVE:
    case ACTION_QUIT:
    case ACTION_HELP:
    case ACTION_ENTER:
    case ACTION_EVIDENCE:
    case ACTION_OWNER: c->popup = POPUP_NONE; break;
    case ACTION_DOWN: c->popup_scroll++; break;
    case ACTION_PAGE_DOWN: c->popup_scroll += POPUP_PAGE_ROWS; break;
    case ACTION_UP: c->popup_scroll--; break;
    case ACTION_PAGE_UP: c->popup_scroll -= POPUP_PAGE_ROWS; break;
    case ACTION_TOP: c->popup_scroll = 0; break;
    case ACTION_BOTTOM: c->popup_scroll = CANVAS_SIDE_MAX; break; /* drawing brings it back to the last page */
    case ACTION_REDRAW: terminal_redraw(c->term); break;
    default: return TURN_NOTHING;
    }
    if (c->popup_scroll < 0)
        c->popup_scroll = 0;
    return TURN_DRAW;
}

static unsigned click(struct console *c)
{
    int x, y;
    terminal_click(c->term, &x, &y);
    const struct rect *r = &c->out.list;
    if (x < r->x || x >= r->x + r->w || y < r->y || y >= r->y + r->h)
        return TURN_NOTHING;
    return console_select(c, draw_out_row_at(&c->out, y - r->y));
}

static unsigned resized(struct console *c)
{
    c->resized_last_mono_ms = clock_mono_ms(&c->clock);
    if (c->resized_first_mono_ms == 0)
        c->resized_first_mono_ms = c->resized_last_mono_ms;
    return TURN_NOTHING;
}

unsigned console_key(struct console *c, uint32_t key)
{
    enum action a;
    if (key == KEY_GONE_)
        return TURN_QUIT;
    if (key == KEY_RESIZED_)
        return resized(c);
    unsigned turn;
    if (console_paste(c, key, &turn))
        return turn;
    c->message_kind = FRAME_MESSAGE_NONE;
    if (c->asking != ASK_NOTHING)
        return prompt_turn(c, key);
    if (c->popup != POPUP_NONE)
        return popup_turn(c, key);
    if (key == KEY_CLICK_ || key == KEY_WHEEL_UP_ || key == KEY_WHEEL_DOWN_) {
        console_settle(c);
        return key == KEY_CLICK_ ? click(c)
                                 : console_select(c, c->ps[c->pane].selected + (key == KEY_WHEEL_UP_ ? -WHEEL_ROWS : WHEEL_ROWS));
    }
    if (keymap_find(&c->keymap, key, &a))
        return act(c, a) | TURN_DRAW;
    return TURN_DRAW; /* the message goes all the same */
}
