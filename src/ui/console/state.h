/* SPDX-License-Identifier: MIT */
/* Internal to ui/console/: everything the console knows between two turns of its loop.
 *
 * A turn: take the keys that wait, carry out what they asked for, read the store when it is due, compose the canvas, show it. Handlers only
 * change state and answer with enum turn. A key that acts on what is drawn (Enter, PgDn) is preceded by console_settle, so that it means
 * what a person sees or would see, however fast the keys came. */
#ifndef GWTOP_UI_CONSOLE_STATE_H
#define GWTOP_UI_CONSOLE_STATE_H

#include "base/buf.h"
#include "base/clock.h"
#include "config/config.h"
#include "model/act.h"
#include "ui/console/console.h"
#include "ui/console/keymap.h"
#include "ui/console/prompt.h"
#include "ui/console/recorder_keep.h"
#include "ui/console/terminal.h"
#include "ui/draw/frame.h"
#include "ui/draw/popup.h"
#include "view/load.h"

enum { MARKS = 26, FILTER_MAX = 256, MESSAGE_MAX = 512, STORE_PATH_MAX = 1024, CONSOLE_ARENA_MAX = 256 << 20 };

/* What a handler wants to happen next; it never draws. */
enum turn { TURN_NOTHING = 0, TURN_DRAW = 1, TURN_LOAD = 2, TURN_QUIT = 4 };

enum asking { ASK_NOTHING, ASK_COMMAND, ASK_FILTER, ASK_TIME, ASK_ACK, ASK_ACCEPT, ASK_SAY, ASK_MARK, ASK_JUMP };
enum popup { POPUP_NONE, POPUP_HELP, POPUP_TEXT, POPUP_INCIDENT, POPUP_DIFFERS, POPUP_SHIFT };

struct pane_state {
    int selected, scroll, sort;
    enum dim group;
    int64_t opened; /* incidents: the one that has the pane to itself, 0 = the list */
    int left_at;    /* the row of the list from which it was opened */
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
    struct frame_point caret; /* of the composed frame */
    struct theme theme;
    bool hue; /* the theme has colours and the terminal shows them */
    enum glyph_rung rung;
    struct keymap keymap;
    struct config cfg;
    bool has_config;
    struct clock clock;

    struct store *st;
    char store_path[STORE_PATH_MAX];
    int64_t data_version, loaded_mono_ms, opened_try_mono_ms;
    int64_t recorder_mono_ms; /* when the recorder was last looked at */
    int64_t rest_ms;          /* before the next load that nobody asked for */
    bool ended;               /* the recording was closed: now is its end */

    /* Two arenas in turn: the views on screen stay whole until the next ones are. What was read for them is given back at once. */
    struct arena arena[2], scratch;
    int arena_on;
    struct view_frame frame;
    union pane_view view;
    bool has_frame, has_view;
    char load_error[MESSAGE_MAX];

    unsigned pending;                                    /* of enum turn: asked for and not yet carried out */
    int64_t resized_first_mono_ms, resized_last_mono_ms; /* of a storm of resizes; 0 = none */

    enum pane_id pane;
    struct pane_state ps[PANE_COUNT];
    struct draw_out out;       /* of the composed frame */
    int64_t now_ms, cursor_ms; /* cursor 0 = live */
    int64_t frozen_since_ms;   /* 0 = not frozen */
    int64_t window_ms;
    char filter[FILTER_MAX], search[FILTER_MAX];
    struct view_latency_ask latency;
    bool zoom, mask, mouse;
    int64_t mark[MARKS];

    enum asking asking;
    struct {
        bool on;
        size_t runes;         /* of what is being pasted */
        bool refused;         /* some of it has no place in the prompt */
        struct prompt prompt; /* as it was before */
    } paste;
    char prompt_label[256];
    struct prompt prompt;
    struct prompt_history command_history, filter_history, time_history, note_history;
    int64_t asked_incident;          /* what ASK_ACK and ASK_SAY are about */
    enum act_verb asked_verb;        /* what ASK_SAY says */
    char asked_entry[24];            /* and of which entry of its timeline, for a correction */
    char asked_finding[MESSAGE_MAX]; /* what ASK_ACCEPT is about: the text of the act */
    enum popup popup;
    int popup_scroll, popup_selected;
    char popup_title[128], popup_hint[128];
    struct buf popup_text;
    int64_t differs_t0_ms, differs_t1_ms; /* the window that is explained; t1 0: the usual one of the cursor */
    struct arena differs_arena;           /* of the two below */
    struct view_differs differs;
    const struct popup_row *differs_rows; /* as drawn, one per row of differs */
    int64_t shift_ms;                     /* the length of the shift that is handed over */
    struct arena shift_arena;             /* of the three below */
    const struct popup_row *shift_rows;
    const int64_t *shift_at_ms, *shift_incident; /* of each row: where Enter goes, and the incident that it is about */
    size_t shift_count;
    char message[MESSAGE_MAX];
    enum frame_message_kind message_kind;
    int64_t message_mono_ms; /* when it was said; 0 = it stays until the next key */

    struct recorder_keep recorder;
};

/* ---- console.c ---- */
/* The parts of console_run, for a loop that is driven by hand. c is zeroed memory; clock and opt are kept. */
enum err console_open(struct console *c, const struct console_options *opt, const struct clock *clock, struct errctx *ctx) GW_MUST_USE;
enum err console_begin(struct console *c, struct errctx *ctx) GW_MUST_USE; /* first frame, store, first full frame */
bool console_turn(struct console *c);                                      /* one turn without waiting; false: leave */
void console_close(struct console *c);
/* Carries out what is pending, short of showing it: afterwards c->out says what a person would see. */
void console_settle(struct console *c);

/* ---- console_load.c ---- */
bool console_open_store(struct console *c); /* true: it is open; otherwise c->load_error says why not */
int64_t console_cursor(const struct console *c);
bool console_is_live(const struct console *c);
struct view_params console_params(const struct console *c);
/* Begins to read views into a, which is emptied, in one snapshot of the store. Where it began, console_read_end ends it. */
enum err console_read_begin(struct console *c, struct arena *a, struct view_loader *ret, struct errctx *ctx) GW_MUST_USE;
void console_read_end(struct console *c);
/* Opens the store when it is there, refreshes it, and loads the frame and the pane's view. Errors are shown, not returned. */
void console_load(struct console *c);
/* Whether the recorder committed since the last load, or ages make a reload due. */
bool console_load_is_due(struct console *c);
/* Moves the ages of what is loaded to now, without reading anything. */
void console_age(struct console *c);

/* ---- console_draw.c ---- */
void console_compose(struct console *c); /* state -> canvas, c->out and c->caret */
void console_draw(struct console *c);    /* the same, and shows it */
/* What the terminal and the theme can do together. Errors: ERR_CONFIG for a name that is no rung. */
enum err console_set_glyphs(struct console *c, const char *name, struct errctx *ctx) GW_MUST_USE;
void console_set_hue(struct console *c);

/* ---- console_key.c ---- */
unsigned console_key(struct console *c, uint32_t key);
/* What there is to say stands in place of the footer's keys: an error until the next key, anything else no longer than it takes to read
 * it. */
void console_say(struct console *c, enum frame_message_kind kind, const char *fmt, ...) GW_PRINTF(3, 4);
void console_message_age(struct console *c); /* takes away a message that was read */
unsigned console_ask(struct console *c, enum asking what, const char *label, const char *text, struct prompt_history *history);
unsigned console_show_pane(struct console *c, enum pane_id pane);
unsigned console_select(struct console *c, int row);

/* ---- console_paste.c ---- */
/* Whether the key belongs to something that is pasted: text for an open prompt, all of it or nothing, and no keys. */
bool console_paste(struct console *c, uint32_t key, unsigned *ret_turn);

/* ---- console_cell.c ---- */
unsigned console_cell(struct console *c); /* begins to read out cells of the heatmap, or ends it */
bool console_cell_is_on(const struct console *c);
/* What a key means while that is so: it moves the cell, filters by its model, or ends the reading. False: the key means what it always
 * does. */
bool console_cell_act(struct console *c, enum action a, unsigned *ret_turn);

/* ---- console_time.c ---- */
void console_go(struct console *c, int64_t at_ms);             /* moves the cursor; at or after now: live */
unsigned console_go_text(struct console *c, const char *text); /* "3h ago", "02:58" */
unsigned console_step(struct console *c, int columns);
unsigned console_to_event(struct console *c, int direction);
unsigned console_zoom_time(struct console *c, int direction);
unsigned console_freeze(struct console *c);
unsigned console_set_mark(struct console *c, char letter);
unsigned console_go_mark(struct console *c, char letter);

/* ---- console_find.c ---- */
/* "team=search" filters, a bare word is searched for in the rows of the pane, "" shows all again. */
unsigned console_find(struct console *c, const char *text);
unsigned console_set_filter(struct console *c, const char *text);
/* Adds dim=value to the filter, in place of what it says of dim, and groups the pane's table by what stands below it; and takes the last
 * one back. */
unsigned console_narrow(struct console *c, enum dim dim, const char *value);
/* To a value and a part of it at once: to both, or to neither. */
unsigned console_narrow_within(struct console *c, enum dim outer_dim, const char *outer, enum dim dim, const char *value);
unsigned console_widen(struct console *c);
bool console_has_groups(const struct console *c); /* the pane has a table by a dimension */
unsigned console_find_next(struct console *c, int direction);

/* ---- console_incident.c ---- */
int64_t console_incident(const struct console *c); /* the one that is selected, open or in the verdict; 0 = none */
void console_open_incident(struct console *c, int64_t id);
unsigned console_ask_ack(struct console *c); /* of the incident; where there is none, or a drift is selected, of what was found */
unsigned console_accept(struct console *c);
/* Asks for the text of what is to be said of the incident; of ACT_CORRECT, for that of the selected entry. */
unsigned console_ask_say(struct console *c, enum act_verb verb);
unsigned console_said(struct console *c, const char *text); /* the answer */
unsigned console_pin(struct console *c);                    /* the selected entry, or takes its pin away */
unsigned console_ack(struct console *c);
unsigned console_note(struct console *c, const char *text);
/* On the incident that an acknowledgement would be about; says what is wrong with the text. */
unsigned console_act(struct console *c, enum act_verb verb, const char *text);
unsigned console_mark(struct console *c, const char *text); /* an event of now */
unsigned console_take(struct console *c, int64_t id);       /* gives the incident to whose console this is */
unsigned console_incident_menu(struct console *c);
unsigned console_menu_key(struct console *c, uint32_t key);
size_t console_menu_rows(struct popup_row *rows, size_t max);

/* ---- console_evidence.c ---- */
unsigned console_evidence(struct console *c); /* what the verdict rests on */
unsigned console_owner(struct console *c);    /* rule, scope and owner of the incident */
/* What such boxes are made with. Lines are cut where the box is full; names in the text are masked as everywhere else. */
void console_line(struct buf *b, const char *fmt, ...) GW_PRINTF(2, 3);
unsigned console_show_text(struct console *c, const char *title, const struct buf *text);
bool console_nothing_read(struct console *c); /* and says so */

/* ---- console_whatif.c ---- */
unsigned console_whatif(struct console *c, const char *line); /* "gpt-x gpt-x-mini 30%", "gpt-x cache 50%" */

/* ---- console_differs.c ---- */
/* Reads what differs in the heatmap's column, where a cell is read out, else at the cursor, and opens the list. */
unsigned console_differs(struct console *c, enum differs_base base);
unsigned console_differs_key(struct console *c, uint32_t key);

/* ---- console_shift.c ---- */
unsigned console_shift(struct console *c, const char *length); /* "12h"; "" = that */
unsigned console_shift_key(struct console *c, uint32_t key);

/* ---- console_copy.c ---- */
unsigned console_copy_verdict(struct console *c);
unsigned console_copy_command(struct console *c);

/* ---- console_command.c ---- */
struct candidates;
struct console_command_info {
    const char *name, *argument, *help;
    unsigned (*run)(struct console *c, const char *arg);
    void (*list)(struct console *c, struct candidates *list); /* what the argument may be; NULL = anything */
};
const struct console_command_info *console_command_at(size_t i); /* NULL past the last */
unsigned console_command(struct console *c, const char *line);
void console_complete(struct console *c); /* Tab in a prompt */

#endif
