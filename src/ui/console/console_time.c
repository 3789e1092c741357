/* SPDX-License-Identifier: MIT */
/* The one cursor in time: everything that moves it, and the length of the axis behind it. */
#include "ui/console/state.h"

#include "base/timefmt.h"
#include "ui/draw/mask.h"

static const int64_t windows_ms[] = {
    5 * 60000,
    15 * 60000,
    30 * 60000,
    3600000,
    3 * 3600000,
    6 * 3600000,
    12 * 3600000,
    86400000,
    3 * 86400000,
    7 * 86400000,
    30 * (int64_t)86400000,
};
enum { WINDOWS = sizeof windows_ms / sizeof *windows_ms };

void console_go(struct console *c, int64_t at_ms)
{
    c->frozen_since_ms = 0;
    c->cursor_ms = at_ms >= c->now_ms || at_ms <= 0 ? 0 : at_ms;
}

unsigned console_go_text(struct console *c, const char *text)
{
    struct errctx ctx = {.text = ""};
    int64_t at;
    if (instant_parse(str_of(text), c->now_ms, &at, &ctx) != ERR_OK) {
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
        return TURN_DRAW;
    }
    if (at > c->now_ms)
        console_say(c, FRAME_MESSAGE_INFO, "'%s' is yet to come: live", text);
    else if (c->has_frame && c->frame.recording_since_ms > 0 && at < c->frame.recording_since_ms)
        console_say(c, FRAME_MESSAGE_INFO, "that is before the recording begins");
    console_go(c, at);
    return TURN_LOAD;
}

/* The charts advance by columns, so that is what a step is. */
unsigned console_step(struct console *c, int columns)
{
    struct view_params p = console_params(c);
    struct view_axis axis;
    view_axis_make(&p, &axis);
    console_go(c, console_cursor(c) + columns * axis.step_ms);
    return TURN_LOAD;
}

/* The event nearest to the cursor in a direction, as known now: one that was found later is reached, too. */
static bool nearest_event(struct console *c, int direction, int64_t reach_ms, struct event *ret, struct errctx *ctx)
{
    struct event *events;
    size_t count;
    bool found = false;
    int64_t cursor = console_cursor(c), from = direction > 0 ? cursor : cursor - reach_ms, to = direction > 0 ? c->now_ms : cursor;
    struct arena *a = &c->arena[1 - c->arena_on];

    arena_reset(a);
    if (store_events(c->st, from, to, c->now_ms, a, &events, &count, ctx) != ERR_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t at = events[i].at_ms;
        if (direction > 0 ? at <= cursor || (found && at >= ret->at_ms) : at >= cursor || (found && at <= ret->at_ms))
            continue;
        *ret = events[i];
        found = true;
    }
    return found;
}

unsigned console_to_event(struct console *c, int direction)
{
    static const int64_t reaches_ms[] = {86400000, 30 * (int64_t)86400000, 3660 * (int64_t)86400000};
    struct errctx ctx = {.text = ""};
    struct event ev = {.text = ""};
    char clock[TIMEFMT_MAX], text[MESSAGE_MAX];
    bool found = false;

    if (c->st == NULL)
        return TURN_NOTHING;
    for (size_t i = 0; i < sizeof reaches_ms / sizeof *reaches_ms && !found && ctx.text[0] == '\0'; i++)
        found = nearest_event(c, direction, reaches_ms[i], &ev, &ctx);
    if (!found) {
        const char *none = direction > 0 ? "no event after this moment" : "no event before this moment";
        console_say(c, ctx.text[0] != '\0' ? FRAME_MESSAGE_ERROR : FRAME_MESSAGE_INFO, "%s", ctx.text[0] != '\0' ? ctx.text : none);
        return TURN_DRAW;
    }
    console_go(c, ev.at_ms);
    instant_format_clock(ev.at_ms, clock);
    console_say(c, FRAME_MESSAGE_INFO, "%s %c %s", clock, event_kind_letter(ev.kind), mask_text(c->mask, ev.text, text, sizeof text));
    return TURN_LOAD;
}

unsigned console_zoom_time(struct console *c, int direction)
{
    int i = 0;
    while (i < WINDOWS && windows_ms[i] < c->window_ms)
        i++;
    if (direction > 0 && i < WINDOWS && windows_ms[i] == c->window_ms)
        i++;
    else if (direction < 0)
        i--;
    if (i < 0 || i >= WINDOWS) {
        console_say(c, FRAME_MESSAGE_INFO, direction > 0 ? "this is the longest axis" : "this is the shortest axis");
        return TURN_DRAW;
    }
    c->window_ms = windows_ms[i];
    return TURN_LOAD;
}

unsigned console_freeze(struct console *c)
{
    if (c->cursor_ms != 0) {
        console_say(c, FRAME_MESSAGE_INFO, "the cursor already stands still; 0 returns to now");
        return TURN_DRAW;
    }
    c->frozen_since_ms = c->frozen_since_ms == 0 ? c->now_ms : 0;
    return TURN_LOAD;
}

static bool is_mark(struct console *c, char letter)
{
    if (letter >= 'a' && letter <= 'z')
        return true;
    console_say(c, FRAME_MESSAGE_ERROR, "a mark is one letter, a to z");
    return false;
}

unsigned console_set_mark(struct console *c, char letter)
{
    char clock[TIMEFMT_MAX];
    if (!is_mark(c, letter))
        return TURN_DRAW;
    c->mark[letter - 'a'] = console_cursor(c);
    instant_format_clock(console_cursor(c), clock);
    console_say(c, FRAME_MESSAGE_INFO, "mark %c at %s; ' and %c returns to it", letter, clock, letter);
    return TURN_DRAW;
}

unsigned console_go_mark(struct console *c, char letter)
{
    if (!is_mark(c, letter))
        return TURN_DRAW;
    if (c->mark[letter - 'a'] == 0) {
        console_say(c, FRAME_MESSAGE_ERROR, "mark %c is not set; m and %c sets it", letter, letter);
        return TURN_DRAW;
    }
    console_go(c, c->mark[letter - 'a']);
    return TURN_LOAD;
}
