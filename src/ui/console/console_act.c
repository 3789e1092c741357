/* SPDX-License-Identifier: MIT */
#include "ui/console/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/timefmt.h"

static const int64_t minute_ms = 60000;
static const int64_t windows_ms[] = {5 * 60000, 15 * 60000, 30 * 60000, 3600000, 3 * 3600000, 6 * 3600000, 12 * 3600000, 86400000, 3 * 86400000, 7 * 86400000, 30 * (int64_t)86400000};
enum { WINDOWS = sizeof windows_ms / sizeof *windows_ms };

void console_say(struct console *c, enum frame_message_kind kind, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->message, sizeof c->message, fmt, ap);
    va_end(ap);
    c->message_kind = kind;
}

void console_go(struct console *c, int64_t at_ms)
{
    c->frozen_since_ms = 0;
    c->cursor_ms = at_ms >= c->now_ms || at_ms <= 0 ? 0 : at_ms;
}

/* The charts advance by columns, so that is what a step is. */
static unsigned step(struct console *c, int columns)
{
    int64_t by = c->has_frame && c->frame.axis.step_ms > 0 ? c->frame.axis.step_ms : minute_ms;
    console_go(c, console_cursor(c) + columns * by);
    return TURN_LOAD;
}

static unsigned show_pane(struct console *c, int pane)
{
    enum pane_id next = (enum pane_id)((pane + PANE_COUNT) % PANE_COUNT);
    if (next == c->pane)
        return TURN_NOTHING;
    c->pane = next;
    c->has_view = false;
    return TURN_LOAD;
}

static unsigned select_row(struct console *c, int row)
{
    int last = c->out.rows > 0 ? c->out.rows - 1 : 0;
    c->ps[c->pane].selected = row < 0 ? 0 : row > last ? last : row;
    return TURN_DRAW;
}

static unsigned ask(struct console *c, enum asking what, const char *label, const char *text, struct prompt_history *history)
{
    c->asking = what;
    (void)str_format(c->prompt_label, sizeof c->prompt_label, "%s", label);
    prompt_open(&c->prompt, text, history);
    return TURN_DRAW;
}

static unsigned ask_ack(struct console *c)
{
    char label[sizeof c->prompt_label];
    int64_t id = c->pane == PANE_INCIDENTS && c->out.id != 0 ? c->out.id : c->frame.verdict.incident;
    if (!c->has_frame || id == 0) {
        console_say(c, FRAME_MESSAGE_INFO, "no open incident to acknowledge");
        return TURN_DRAW;
    }
    c->ack_incident = id;
    (void)str_format(label, sizeof label, "ack #%lld here only? no pager is told [y/N] ", (long long)id);
    return ask(c, ASK_ACK, label, "", NULL);
}

static unsigned to_event(struct console *c, int direction)
{
    int64_t cursor = console_cursor(c), best = 0;
    for (size_t i = 0; c->has_frame && i < c->frame.mark_count; i++) {
        int64_t at = c->frame.marks[i].at_ms;
        if (direction > 0 ? at > cursor && (best == 0 || at < best) : at < cursor && at > best)
            best = at;
    }
    if (best == 0) {
        console_say(c, FRAME_MESSAGE_INFO, direction > 0 ? "no later event on this axis" : "no earlier event on this axis; - makes it longer");
        return TURN_DRAW;
    }
    console_go(c, best);
    return TURN_LOAD;
}

static unsigned zoom_time(struct console *c, int direction)
{
    int i = 0;
    while (i < WINDOWS - 1 && windows_ms[i] < c->window_ms)
        i++;
    i += direction;
    c->window_ms = windows_ms[i < 0 ? 0 : i >= WINDOWS ? WINDOWS - 1 : i];
    return TURN_LOAD;
}

static unsigned next_group(struct console *c)
{
    static const enum dim order[] = {DIM_MODEL, DIM_PROVIDER, DIM_DEPLOYMENT, DIM_TEAM, DIM_KEY, DIM_ROUTE, DIM_REGION};
    enum { N = sizeof order / sizeof *order };
    struct pane_state *ps = &c->ps[c->pane];
    size_t i = 0;
    while (i < N && order[i] != ps->group)
        i++;
    ps->group = order[(i + 1) % N];
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
    ps->sort = (ps->sort + 1) % (n + 1);
    console_say(c, FRAME_MESSAGE_INFO, "sorted by %s", ps->sort == 0 ? "what matters most" : sorts[ps->sort - 1]);
    return TURN_LOAD;
}

unsigned console_set_filter(struct console *c, const char *text)
{
    struct errctx ctx = {.text = ""};
    struct store_filter f;
    if (c->st != NULL && view_filter_parse(text, c->st, &c->arena[1 - c->arena_on], &f, &ctx) != ERR_OK) {
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
        return TURN_DRAW;
    }
    (void)str_copy(c->filter, sizeof c->filter, str_of(text));
    return TURN_LOAD;
}

/* Enter: an incident opens, an event moves the cursor to its moment, a row of a table becomes the filter. */
static unsigned enter(struct console *c)
{
    char word[FILTER_MAX];
    if (c->out.rows == 0)
        return TURN_NOTHING;
    if (c->pane == PANE_INCIDENTS && c->ps[c->pane].opened == 0 && c->out.id != 0) {
        c->ps[c->pane].opened = c->out.id;
        c->ps[c->pane].selected = 0;
        return TURN_LOAD;
    }
    if (c->out.at_ms != 0) {
        console_go(c, c->out.at_ms);
        return TURN_LOAD;
    }
    if (c->out.name == NULL || c->out.name[0] == '\0' || strchr(c->out.name, ' ') != NULL)
        return TURN_NOTHING;
    if (!str_format(word, sizeof word, "%s=%s", dim_name(c->ps[c->pane].group), c->out.name))
        return TURN_NOTHING;
    return console_set_filter(c, word);
}

static unsigned leave(struct console *c)
{
    struct pane_state *ps = &c->ps[c->pane];
    if (ps->opened != 0) {
        ps->opened = 0;
        return TURN_LOAD;
    }
    if (c->zoom) {
        c->zoom = false;
        return TURN_LOAD;
    }
    if (c->filter[0] != '\0') {
        c->filter[0] = '\0';
        return TURN_LOAD;
    }
    if (c->cursor_ms != 0 || c->frozen_since_ms != 0) {
        console_go(c, 0);
        return TURN_LOAD;
    }
    return TURN_NOTHING;
}

static unsigned quit(struct console *c)
{
    if (c->ps[c->pane].opened != 0 || c->zoom)
        return leave(c);
    return TURN_QUIT;
}

static unsigned freeze(struct console *c)
{
    if (c->cursor_ms != 0) {
        console_say(c, FRAME_MESSAGE_INFO, "the cursor already stands still; 0 returns to now");
        return TURN_DRAW;
    }
    c->frozen_since_ms = c->frozen_since_ms == 0 ? c->now_ms : 0;
    return TURN_LOAD;
}

static unsigned reload(struct console *c)
{
    char text[TIMEFMT_MAX];
    int64_t due = -1;
    for (size_t i = 0; c->has_view && c->pane == PANE_SOURCES && i < c->view.sources.row_count; i++) {
        const struct source_status *s = &c->view.sources.rows[i].st;
        int64_t in = s->last_try_ms + s->interval_ms - c->now_ms;
        if (due < 0 || in < due)
            due = in > 0 ? in : 0;
    }
    if (due >= 0) {
        duration_format(due, text);
        console_say(c, FRAME_MESSAGE_INFO, "read again; the next poll is due in %s", text);
    } else {
        console_say(c, FRAME_MESSAGE_INFO, "read again; pane 8 shows when each source is due");
    }
    return TURN_LOAD;
}

static unsigned copy(struct console *c, bool command)
{
    char text[MESSAGE_MAX], at[TIMEFMT_MAX];
    instant_format_iso(console_cursor(c), at);
    if (command)
        (void)str_format(text, sizeof text, "gwtop --store '%s' --at %s --pane %s%s%s%s", c->store_path, at, pane_get(c->pane)->name,
                         c->filter[0] != '\0' ? " --filter '" : "", c->filter, c->filter[0] != '\0' ? "'" : "");
    else
        (void)str_format(text, sizeof text, "%s %s %s %s", c->cfg.gateway, at, frame_verdict_word(c->frame.verdict.state), c->has_frame ? c->frame.verdict.sentence : "");
    if (terminal_copy(c->term, str_of(text)))
        console_say(c, FRAME_MESSAGE_INFO, "sent %zu bytes to the terminal's clipboard; whether it took them cannot be known: %.80s", strlen(text), text);
    else
        console_say(c, FRAME_MESSAGE_ERROR, "too long for the clipboard");
    return TURN_DRAW;
}

static unsigned act(struct console *c, enum action a)
{
    struct pane_state *ps = &c->ps[c->pane];
    switch (a) {
    case ACTION_HELP: c->popup = POPUP_HELP; c->popup_scroll = 0; return TURN_DRAW;
    case ACTION_COMMAND: return ask(c, ASK_COMMAND, ":", "", &c->command_history);
    case ACTION_FILTER: return ask(c, ASK_FILTER, "filter ", c->filter, &c->filter_history);
    case ACTION_GOTO: return ask(c, ASK_TIME, "go to (3h ago, 02:58, yesterday 14:00) ", "", &c->time_history);
    case ACTION_ACK: return ask_ack(c);
    case ACTION_BACK: return step(c, -1);
    case ACTION_FORWARD: return step(c, 1);
    case ACTION_BACK_LONG: console_go(c, console_cursor(c) - c->window_ms); return TURN_LOAD;
    case ACTION_FORWARD_LONG: console_go(c, console_cursor(c) + c->window_ms); return TURN_LOAD;
    case ACTION_LIVE: console_go(c, 0); return TURN_LOAD;
    case ACTION_EVENT_NEXT: return to_event(c, 1);
    case ACTION_EVENT_PREV: return to_event(c, -1);
    case ACTION_ENTER: return enter(c);
    case ACTION_LEAVE: return leave(c);
    case ACTION_ZOOM_IN: return zoom_time(c, -1);
    case ACTION_ZOOM_OUT: return zoom_time(c, 1);
    case ACTION_GROUP: return next_group(c);
    case ACTION_SORT: return next_sort(c);
    case ACTION_FREEZE: return freeze(c);
    case ACTION_ZOOM: c->zoom = !c->zoom; return TURN_LOAD;
    case ACTION_MARK: return ask(c, ASK_MARK, "mark (a-z) ", "", NULL);
    case ACTION_JUMP: return ask(c, ASK_JUMP, "go to mark (a-z) ", "", NULL);
    case ACTION_RELOAD: return reload(c);
    case ACTION_COPY: return copy(c, false);
    case ACTION_COPY_COMMAND: return copy(c, true);
    case ACTION_DOWN: return select_row(c, ps->selected + 1);
    case ACTION_UP: return select_row(c, ps->selected - 1);
    case ACTION_TOP: return select_row(c, 0);
    case ACTION_BOTTOM: return select_row(c, c->out.rows - 1);
    case ACTION_PAGE_DOWN: return select_row(c, ps->selected + (c->out.page > 0 ? c->out.page : 1));
    case ACTION_PAGE_UP: return select_row(c, ps->selected - (c->out.page > 0 ? c->out.page : 1));
    case ACTION_LEFT: case ACTION_PREV_PANE: return show_pane(c, (int)c->pane - 1);
    case ACTION_RIGHT: case ACTION_NEXT_PANE: return show_pane(c, (int)c->pane + 1);
    case ACTION_OVERVIEW: case ACTION_TRAFFIC: case ACTION_LATENCY: case ACTION_COST: case ACTION_QUALITY: case ACTION_INCIDENTS:
    case ACTION_EVENTS: case ACTION_SOURCES: return show_pane(c, (int)a - ACTION_OVERVIEW);
    case ACTION_REDRAW: terminal_redraw(c->term); return TURN_DRAW;
    case ACTION_MOUSE:
        c->mouse = !c->mouse;
        terminal_set_mouse(c->term, c->mouse);
        console_say(c, FRAME_MESSAGE_INFO, c->mouse ? "mouse on: hold Shift to select text" : "mouse off");
        return TURN_DRAW;
    case ACTION_MASK:
        c->mask = !c->mask;
        console_say(c, FRAME_MESSAGE_INFO, c->mask ? "names of keys, users and teams are hidden" : "names are shown");
        return TURN_DRAW;
    case ACTION_QUIT: return quit(c);
    case ACTION_COUNT: break;
    }
    return TURN_NOTHING;
}

static unsigned acknowledge(struct console *c)
{
    struct errctx ctx = {.text = ""};
    if (c->prompt.text[0] != 'y' && c->prompt.text[0] != 'Y') {
        console_say(c, FRAME_MESSAGE_INFO, "not acknowledged");
        return TURN_DRAW;
    }
    if (store_act_drop(c->store_path, "ack", c->ack_incident, "", c->now_ms, &ctx) != ERR_OK)
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
    else
        console_say(c, FRAME_MESSAGE_INFO, "#%lld acknowledged; pending until the recorder takes it in", (long long)c->ack_incident);
    return TURN_LOAD;
}

static unsigned mark_or_jump(struct console *c, bool jump)
{
    char at[TIMEFMT_MAX], letter = c->prompt.text[0];
    if (letter < 'a' || letter > 'z') {
        console_say(c, FRAME_MESSAGE_ERROR, "a mark is one letter, a to z");
        return TURN_DRAW;
    }
    int64_t *mark = &c->mark[letter - 'a'];
    if (!jump) {
        *mark = console_cursor(c);
        instant_format_clock(*mark, at);
        console_say(c, FRAME_MESSAGE_INFO, "mark %c at %s", letter, at);
        return TURN_DRAW;
    }
    if (*mark == 0) {
        console_say(c, FRAME_MESSAGE_ERROR, "mark %c is not set", letter);
        return TURN_DRAW;
    }
    console_go(c, *mark);
    return TURN_LOAD;
}

static unsigned answered(struct console *c)
{
    struct errctx ctx = {.text = ""};
    enum asking what = c->asking;
    int64_t at;

    c->asking = ASK_NOTHING;
    switch (what) {
    case ASK_COMMAND: return console_command(c, c->prompt.text);
    case ASK_FILTER: return console_set_filter(c, c->prompt.text);
    case ASK_ACK: return acknowledge(c);
    case ASK_MARK: return mark_or_jump(c, false);
    case ASK_JUMP: return mark_or_jump(c, true);
    case ASK_TIME:
        if (c->prompt.len == 0)
            return TURN_DRAW;
        if (instant_parse(str_of(c->prompt.text), c->now_ms, &at, &ctx) != ERR_OK) {
            console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
            return TURN_DRAW;
        }
        console_go(c, at);
        return TURN_LOAD;
    case ASK_NOTHING: break;
    }
    return TURN_DRAW;
}

static unsigned prompt_turn(struct console *c, uint32_t key)
{
    bool one_letter = c->asking == ASK_MARK || c->asking == ASK_JUMP || c->asking == ASK_ACK;
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
    if (!keymap_find(&c->keymap, key, &a))
        return TURN_NOTHING;
    if (a == ACTION_LEAVE || a == ACTION_QUIT || a == ACTION_HELP || a == ACTION_ENTER)
        c->popup = POPUP_NONE;
    else if (a == ACTION_DOWN || a == ACTION_PAGE_DOWN)
        c->popup_scroll += a == ACTION_DOWN ? 1 : 10;
    else if (a == ACTION_UP || a == ACTION_PAGE_UP)
        c->popup_scroll -= a == ACTION_UP ? 1 : 10;
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
    return select_row(c, c->out.scroll + y - r->y);
}

unsigned console_key(struct console *c, uint32_t key)
{
    enum action a;
    if (key == KEY_GONE_)
        return TURN_QUIT;
    if (key == KEY_RESIZED_)
        return TURN_LOAD;
    c->message_kind = FRAME_MESSAGE_NONE;
    if (c->asking != ASK_NOTHING)
        return prompt_turn(c, key);
    if (c->popup != POPUP_NONE)
        return popup_turn(c, key);
    if (key == KEY_CLICK_)
        return click(c);
    if (key == KEY_WHEEL_UP_ || key == KEY_WHEEL_DOWN_)
        return select_row(c, c->ps[c->pane].selected + (key == KEY_WHEEL_UP_ ? -3 : 3));
    if (keymap_find(&c->keymap, key, &a))
        return act(c, a) | TURN_DRAW;
    return TURN_NOTHING;
}
