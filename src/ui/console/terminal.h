/* SPDX-License-Identifier: MIT */
/* The terminal: shows a canvas, reads keys, and is always given back as it was found. The only file behind it includes curses.
 *
 * How this works: curses keeps what the screen shows and sends differences, so a still screen sends nothing. On every way out (quit,
 * signal, crash, lost connection) the modes are undone: orderly by terminal_close, in a fatal signal by one write(2) of a constant. */
#ifndef GWTOP_UI_CONSOLE_TERMINAL_H
#define GWTOP_UI_CONSOLE_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ui/draw/canvas.h"
#include "ui/draw/theme.h"

struct terminal;

/* Keys: Unicode code points, control characters as their value (1..26), and these. */
enum key {
    KEY_NONE = 0, KEY_TAB_ = 9, KEY_ENTER_ = 13, KEY_ESC_ = 27, KEY_BACKSPACE_ = 127,
    KEYS_NAMED = 0x110000, /* beyond Unicode */
    KEY_UP_, KEY_DOWN_, KEY_LEFT_, KEY_RIGHT_, KEY_HOME_, KEY_END_, KEY_PGUP_, KEY_PGDN_, KEY_DELETE_, KEY_BACKTAB_,
    KEY_F1_, KEY_F2_, KEY_F3_, KEY_F4_, KEY_F5_, KEY_F6_, KEY_F7_, KEY_F8_, KEY_F9_, KEY_F10_, KEY_F11_, KEY_F12_,
    KEY_RESIZED_, /* the size changed: ask terminal_size */
    KEY_CLICK_,   /* terminal_click tells where */
    KEY_WHEEL_UP_, KEY_WHEEL_DOWN_,
    KEY_GONE_,    /* the terminal is gone: leave */
};

/* Takes over the terminal on standard input and output. Tries $TERM, then xterm-256color, xterm, vt100. Keys typed before it are dropped.
 * Errors: ERR_UNSUPPORTED when standard output is no terminal, or none of the descriptions is installed. */
enum err terminal_open(struct terminal **ret, struct errctx *ctx) GW_MUST_USE;
void terminal_close(struct terminal *t); /* NULL is fine */

void terminal_size(const struct terminal *t, int *ret_cols, int *ret_rows);
int32_t terminal_colors(const struct terminal *t); /* 0, 8, 16, 256 or more */
bool terminal_is_utf8(const struct terminal *t);
void terminal_set_mouse(struct terminal *t, bool on);

/* Sends what differs from the last frame. cursor_x < 0: the cursor is hidden. */
void terminal_show(struct terminal *t, const struct canvas *cv, const struct theme *theme, int cursor_x, int cursor_y);
void terminal_redraw(struct terminal *t); /* the next terminal_show repaints everything */

/* The next key, KEY_NONE when none is waiting. Never blocks. */
uint32_t terminal_key(struct terminal *t);
void terminal_click(const struct terminal *t, int *ret_x, int *ret_y); /* of the last KEY_CLICK_ */
int terminal_fd(const struct terminal *t); /* to wait for keys on */
/* Becomes readable when a signal asked the program to end (INT, TERM, HUP); terminal_key then gives KEY_GONE_. */
int terminal_signal_fd(const struct terminal *t);

/* Puts text on the clipboard of the terminal by OSC 52, at most 64 KB. Returns false when it is too long; whether the terminal
 * obeys cannot be known. */
bool terminal_copy(struct terminal *t, struct str text);

#endif
