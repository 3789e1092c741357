/* SPDX-License-Identifier: MIT */
/* Actions and the keys they are bound to: one table, from which the help screen, the footer and gwtop(1) come.
 *
 * Every action has a name and can be rebound (`bindings:` in gwtop.yaml). Keys are written "a", "Ctrl-L" or "C-l", "Enter", "F1", "PgUp",
 * "Space". Never bound: ~ (ssh's escape), and C-b C-a C-s C-q C-o C-p C-g, which multiplexers and terminals take. */
#ifndef GWTOP_UI_CONSOLE_KEYMAP_H
#define GWTOP_UI_CONSOLE_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* X(id, name, default keys separated by blanks, footer label or "", help sentence: at most 40 columns, so that two columns of them fit
 * 120 columns). In the order of the help screen; of the footer, too, which leaves out from the end what does not fit. */
#define ACTION_TABLE(X)                                                                                                                    \
    X(HELP, "help", "? F1", "help", "these keys")                                                                                          \
    X(QUIT, "quit", "q", "quit", "back out, then leave")                                                                                   \
    X(COMMAND, "command", ":", "cmd", "a command; Tab completes, Up recalls")                                                              \
    X(FILTER, "filter", "/", "filter", "team=search filters, a word finds rows")                                                           \
    X(BACK, "back", ", [", "time", "one column back in time")                                                                              \
    X(FORWARD, "forward", ". ]", "", "one column forward")                                                                                 \
    X(LIVE, "live", "0", "live", "return to now")                                                                                          \
    X(ACK, "ack", "a", "ack", "ack the incident; Quality: accept drift")                                                                   \
    X(EVIDENCE, "evidence", "v", "why", "what the verdict rests on")                                                                       \
    X(DIFFERS, "differs", "w", "differs", "what differs: Enter filters by a row")                                                          \
    X(BASELINE, "baseline", "b", "", "what differs: from another baseline")                                                                \
    X(GOTO, "goto", "t", "go to", "go to a time: 3h ago, 02:58")                                                                           \
    X(EVENT_NEXT, "event_next", "e", "event", "next event")                                                                                \
    X(EVENT_PREV, "event_prev", "E", "", "event before")                                                                                   \
    X(BACK_LONG, "back_long", "{", "", "a whole window back")                                                                              \
    X(FORWARD_LONG, "forward_long", "}", "", "a whole window forward")                                                                     \
    X(ZOOM_IN, "zoom_in", "+ =", "", "shorter time axis")                                                                                  \
    X(ZOOM_OUT, "zoom_out", "-", "", "longer time axis")                                                                                   \
    X(GROUP, "group", "d", "by", "group the table by the next dimension")                                                                  \
    X(SORT, "sort", "s", "sort", "sort the table by the next column")                                                                      \
    X(CELL, "cell", "c", "", "Latency: read a cell, arrows move it")                                                                       \
    X(FREEZE, "freeze", "f", "freeze", "stand still; again to go on")                                                                      \
    X(ZOOM, "zoom", "z", "zoom", "give the pane the whole screen")                                                                         \
    X(ENTER, "enter", "Enter", "", "open incident or event, filter by row")                                                                \
    X(LEAVE, "leave", "Esc", "", "out of row, word, filter, past")                                                                         \
    X(FIND_NEXT, "find_next", "n", "", "next row that holds the word")                                                                     \
    X(FIND_PREV, "find_prev", "N", "", "row before that holds the word")                                                                   \
    X(INCIDENT, "incident", "i", "", "menu of the incident")                                                                               \
    X(OWNER, "owner", "o", "", "its rules, scope and owner")                                                                               \
    X(MARK, "mark", "m", "", "mark this moment: a letter follows")                                                                         \
    X(JUMP, "jump", "'", "", "go to a mark: its letter follows")                                                                           \
    X(RELOAD, "reload", "r", "", "read again; when is the next poll due")                                                                  \
    X(COPY, "copy", "y", "copy", "copy the verdict (OSC 52)")                                                                              \
    X(COPY_COMMAND, "copy_command", "Y", "", "copy the command that reopens this view")                                                    \
    X(MASK, "mask", "M", "", "hide names of keys, users and teams")                                                                        \
    X(DOWN, "down", "Down j", "", "next row")                                                                                              \
    X(UP, "up", "Up k", "", "row before")                                                                                                  \
    X(TOP, "top", "g Home", "", "first row")                                                                                               \
    X(BOTTOM, "bottom", "G End", "", "last row")                                                                                           \
    X(PAGE_DOWN, "page_down", "PgDn Space", "", "a page down")                                                                             \
    X(PAGE_UP, "page_up", "PgUp", "", "a page up")                                                                                         \
    X(RIGHT, "right", "Right l", "", "next pane")                                                                                          \
    X(LEFT, "left", "Left h", "", "pane before")                                                                                           \
    X(NEXT_PANE, "next_pane", "Tab", "", "next pane")                                                                                      \
    X(PREV_PANE, "prev_pane", "BackTab", "", "pane before")                                                                                \
    X(OVERVIEW, "overview", "1", "", "everything on one screen")                                                                           \
    X(TRAFFIC, "traffic", "2", "", "requests, failures, saturation")                                                                       \
    X(LATENCY, "latency", "3", "", "quantiles, heatmap, stages")                                                                           \
    X(COST, "cost", "4", "", "how much, why, until when")                                                                                  \
    X(QUALITY, "quality", "5", "", "scores and their drift")                                                                               \
    X(INCIDENTS, "incidents", "6", "", "incidents and their timeline")                                                                     \
    X(EVENTS, "events", "7", "", "what changed")                                                                                           \
    X(SOURCES, "sources", "8", "", "what is watched, how fresh it is")                                                                     \
    X(REDRAW, "redraw", "Ctrl-L", "", "paint the screen anew")                                                                             \
    X(MOUSE, "mouse", "F2", "", "mouse on or off")

enum action {
#define ACTION_ID(id, name, keys, label, help) ACTION_##id,
    ACTION_TABLE(ACTION_ID)
#undef ACTION_ID
        ACTION_COUNT
};

struct action_info {
    const char *name, *keys, *label, *help;
};
const struct action_info *action_info(enum action a);

enum { KEYMAP_MAX = 256 };
struct keymap {
    struct {
        uint32_t key;
        enum action action;
        bool own; /* by keymap_bind, not by default */
    } bound[KEYMAP_MAX];
    size_t count;
};

void keymap_init(struct keymap *m); /* the defaults */
/* Gives an action the keys it is to have, separated by blanks, instead of its default ones; a default of another action is taken from it.
 * Errors: ERR_CONFIG naming what is wrong: no such action or key, a key that must stay free, or one that was given to two actions. */
enum err keymap_bind(struct keymap *m, const char *action, const char *keys, struct errctx *ctx) GW_MUST_USE;
bool keymap_find(const struct keymap *m, uint32_t key, enum action *ret);
/* The keys of an action, as a person reads them: "? F1". */
void keymap_keys_of(const struct keymap *m, enum action a, char *out, size_t cap);

#endif
