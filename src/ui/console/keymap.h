/* SPDX-License-Identifier: MIT */
/* Actions and the keys they are bound to: one table, from which the help screen, the footer and gwtop(1) come.
 *
 * Every action has a name and can be rebound (`bindings:` in gwtop.yaml). Keys are written "a", "C-l", "Enter", "F1", "PgUp", "Space".
 * Never bound: ~ (ssh's escape), and C-b C-a C-s C-q C-o C-p C-g, which multiplexers and terminals take. */
#ifndef GWTOP_UI_CONSOLE_KEYMAP_H
#define GWTOP_UI_CONSOLE_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* X(id, name, default keys separated by blanks, footer label or "", help sentence) */
#define ACTION_TABLE(X)                                                                                                  \
    X(HELP, "help", "? F1", "help", "list the keys in force")                                                            \
    X(COMMAND, "command", ":", "cmd", "type a command; Tab completes, Up recalls")                                       \
    X(FILTER, "filter", "/", "filter", "show only DIMENSION=VALUE ...; empty shows all")                                 \
    X(BACK, "back", ", [", ", . time", "step back in time")                                                              \
    X(FORWARD, "forward", ". ]", "", "step forward in time")                                                             \
    X(BACK_LONG, "back_long", "{", "", "step back by a whole window")                                                    \
    X(FORWARD_LONG, "forward_long", "}", "", "step forward by a whole window")                                           \
    X(LIVE, "live", "0", "live", "return to now")                                                                        \
    X(GOTO, "goto", "t", "go to", "go to a time: 3h ago, 02:58, yesterday 14:00")                                        \
    X(ACK, "ack", "a", "ack", "acknowledge the open incident")                                                           \
    X(EVENT_NEXT, "event_next", "e", "event", "move the cursor to the next event")                                       \
    X(EVENT_PREV, "event_prev", "E", "", "move the cursor to the event before")                                          \
    X(ENTER, "enter", "Enter", "", "open the row: an incident, the moment of an event, or filter by its name")           \
    X(LEAVE, "leave", "Esc", "", "leave the row, the filter or the past, in that order")                                 \
    X(ZOOM_IN, "zoom_in", "+", "", "shorter time axis")                                                                  \
    X(ZOOM_OUT, "zoom_out", "-", "", "longer time axis")                                                                 \
    X(GROUP, "group", "d", "by", "group the table by the next dimension")                                                \
    X(SORT, "sort", "s", "sort", "sort by the next column")                                                              \
    X(FREEZE, "freeze", "f", "freeze", "stop moving; again to go on")                                                    \
    X(ZOOM, "zoom", "z", "zoom", "give the pane the whole screen")                                                       \
    X(MARK, "mark", "m", "", "set a mark at the cursor's time: a letter follows")                                        \
    X(JUMP, "jump", "'", "", "go to a mark: its letter follows")                                                         \
    X(RELOAD, "reload", "r", "", "read the store again; says when the next poll is due")                                 \
    X(COPY, "copy", "y", "copy", "copy the verdict to the clipboard (OSC 52)")                                           \
    X(COPY_COMMAND, "copy_command", "Y", "", "copy the command that opens this view again")                              \
    X(DOWN, "down", "Down j", "", "next row")                                                                            \
    X(UP, "up", "Up k", "", "row before")                                                                                \
    X(LEFT, "left", "Left h", "", "pane before")                                                                         \
    X(RIGHT, "right", "Right l", "", "next pane")                                                                        \
    X(TOP, "top", "g Home", "", "first row")                                                                             \
    X(BOTTOM, "bottom", "G End", "", "last row")                                                                         \
    X(PAGE_DOWN, "page_down", "PgDn Space", "", "a page down")                                                           \
    X(PAGE_UP, "page_up", "PgUp", "", "a page up")                                                                       \
    X(NEXT_PANE, "next_pane", "Tab", "", "next pane")                                                                    \
    X(PREV_PANE, "prev_pane", "BackTab", "", "pane before")                                                              \
    X(OVERVIEW, "overview", "1", "", "pane 1: everything on one screen")                                                 \
    X(TRAFFIC, "traffic", "2", "", "pane 2: requests, failures, attempts, saturation")                                   \
    X(LATENCY, "latency", "3", "", "pane 3: quantiles, heatmap, stages")                                                 \
    X(COST, "cost", "4", "", "pane 4: how much, why, until when")                                                        \
    X(QUALITY, "quality", "5", "", "pane 5: evaluation scores and drift")                                                \
    X(INCIDENTS, "incidents", "6", "", "pane 6: incidents and their timeline")                                           \
    X(EVENTS, "events", "7", "", "pane 7: what changed")                                                                 \
    X(SOURCES, "sources", "8", "", "pane 8: what is watched, and how fresh it is")                                       \
    X(REDRAW, "redraw", "C-l", "", "paint the screen anew")                                                              \
    X(MOUSE, "mouse", "F2", "", "mouse on or off")                                                                       \
    X(MASK, "mask", "M", "", "hide the names of keys, users and teams")                                                  \
    X(QUIT, "quit", "q", "quit", "back, then leave")

enum action {
#define ACTION_ID(id, name, keys, label, help) ACTION_##id,
    ACTION_TABLE(ACTION_ID)
#undef ACTION_ID
        ACTION_COUNT
};

struct action_info { const char *name, *keys, *label, *help; };
const struct action_info *action_info(enum action a);

enum { KEYMAP_MAX = 256 };
struct keymap {
    struct { uint32_t key; enum action action; } bound[KEYMAP_MAX];
    size_t count;
};

void keymap_init(struct keymap *m); /* the defaults */
/* Binds one more key, taking it from whatever had it. Errors: ERR_CONFIG naming the action or key that is not known or must stay free. */
enum err keymap_bind(struct keymap *m, const char *action, const char *key, struct errctx *ctx) GW_MUST_USE;
bool keymap_find(const struct keymap *m, uint32_t key, enum action *ret);
/* The keys of an action, as a person reads them: "? F1". */
void keymap_keys_of(const struct keymap *m, enum action a, char *out, size_t cap);

#endif
