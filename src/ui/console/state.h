/* SPDX-License-Identifier: MIT */
/* Internal to ui/console/: everything the console knows between two turns of its loop. */
#ifndef GWTOP_UI_CONSOLE_STATE_H
#define GWTOP_UI_CONSOLE_STATE_H

#include "base/clock.h"
#include "config/config.h"
#include "ui/console/console.h"
#include "ui/console/keymap.h"
#include "ui/console/prompt.h"
#include "ui/console/terminal.h"
#include "ui/draw/frame.h"
#include "view/load.h"

enum { MARKS = 26, FILTER_MAX = 256, MESSAGE_MAX = 512 };

/* What a handler wants to happen next; it never draws. */
enum turn { TURN_NOTHING = 0, TURN_DRAW = 1, TURN_LOAD = 2, TURN_QUIT = 4 };

enum asking { ASK_NOTHING, ASK_COMMAND, ASK_FILTER, ASK_TIME, ASK_ACK, ASK_MARK, ASK_JUMP };
enum popup { POPUP_NONE, POPUP_HELP };

struct pane_state {
    int selected, scroll, sort;
    enum dim group;
    int64_t opened; /* incidents: the one shown in detail, 0 = the list */
};

union pane_view {
    struct view_overview overview;
    struct view_traffic traffic;
    struct view_latency latency;
    struct view_cost cost;
    struct view_quality quality;
    struct view_incidents incidents;
    struct view_events events;
    struct view_sources sources;
};

struct console {
    const struct console_options *opt;
    struct terminal *term;
    struct canvas cv;
    struct theme theme;
    enum glyph_rung rung;
    struct keymap keymap;
    struct config cfg;
    bool has_config;
    struct clock clock;

    struct store *st;
    char store_path[1024];
    int64_t data_version, loaded_mono_ms, opened_try_mono_ms;
    bool ended;                 /* the recording was closed: now is its end */

    /* Two arenas in turn: the views on screen stay whole until the next ones are. */
    struct arena arena[2];
    int arena_on;
    struct view_frame frame;
    union pane_view view;
    bool has_frame, has_view;
    char load_error[MESSAGE_MAX];

    enum pane_id pane;
    struct pane_state ps[PANE_COUNT];
    struct draw_out out;
    int64_t now_ms, cursor_ms;  /* cursor 0 = live */
    int64_t frozen_since_ms;    /* 0 = not frozen */
    int64_t window_ms;
    char filter[FILTER_MAX];
    enum signal latency_signal;
    bool zoom, mask, mouse;
    int64_t mark[MARKS];

    enum asking asking;
    char prompt_label[96];
    struct prompt prompt;
    struct prompt_history command_history, filter_history, time_history;
    int64_t ack_incident;
    enum popup popup;
    int popup_scroll;
    char message[MESSAGE_MAX];
    enum frame_message_kind message_kind;

    int64_t recorder_try_mono_ms, seen_mono_ms;
    int recorder_tries;
};

/* ---- console_load.c ---- */
int64_t console_cursor(const struct console *c);
bool console_is_live(const struct console *c);
/* Opens the store when it is there, refreshes it, and loads the frame and the pane's view. Errors are shown, not returned. */
void console_load(struct console *c);
/* Whether the recorder committed since the last load, or ages make a reload due. */
bool console_load_is_due(struct console *c);
/* Moves the ages of what is loaded to now, without reading anything. */
void console_age(struct console *c);

/* ---- console_draw.c ---- */
void console_draw(struct console *c);

/* ---- console_act.c ---- */
unsigned console_key(struct console *c, uint32_t key);
void console_say(struct console *c, enum frame_message_kind kind, const char *fmt, ...) GW_PRINTF(3, 4);
void console_go(struct console *c, int64_t at_ms); /* moves the cursor; at or after now: live */
unsigned console_set_filter(struct console *c, const char *text);

/* ---- console_command.c ---- */
unsigned console_command(struct console *c, const char *line);
void console_complete(struct console *c);

/* ---- recorder_start.c ---- */
/* Starts the recorder, detached, when none is running and the configuration names sources; again with back-off after a crash. */
void console_keep_recorder(struct console *c);

#endif
