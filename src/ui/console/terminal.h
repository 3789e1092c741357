/* SPDX-License-Identifier: MIT */
/* The terminal: shows a canvas, reads keys, and is always given back as it was found. The only file behind it includes curses.
 *
 * How this works: curses keeps what the screen shows and sends differences, so a still screen sends nothing; cells that are as they were in
 * the last frame are not even handed to curses. On every way out (quit, signal, crash, suspension, lost connection) the modes are undone:
 * orderly by terminal_close, in a fatal signal by one write(2) of a constant (ui/console/signals.h). */
#ifndef GWTOP_UI_CONSOLE_TERMINAL_H
#define GWTOP_UI_CONSOLE_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ui/draw/canvas.h"
#include "ui/draw/theme.h"

struct terminal;

/* Keys: Unicode code points, control characters as their value (1..26), and these. */
enum key {
    KEY_NONE = 0,
    KEY_TAB_ = 9,
    KEY_ENTER_ = 13,
    KEY_ESC_ = 27,
    KEY_BACKSPACE_ = 127,
    KEYS_NAMED = 0x110000, /* beyond Unicode */
    KEY_UP_,
    KEY_DOWN_,
    KEY_LEFT_,
    KEY_RIGHT_,
    KEY_HOME_,
    KEY_END_,
    KEY_PGUP_,
    KEY_PGDN_,
    KEY_DELETE_,
    KEY_BACKTAB_,
    KEY_F1_,
    KEY_F2_,
    KEY_F3_,
    KEY_F4_,
    KEY_F5_,
    KEY_F6_,
    KEY_F7_,
    KEY_F8_,
    KEY_F9_,
    KEY_F10_,
    KEY_F11_,
    KEY_F12_,
    KEY_RESIZED_, /* the size changed: call terminal_resize, at once or when the storm is over */
    KEY_CLICK_,   /* terminal_click tells where */
    KEY_WHEEL_UP_,
    KEY_WHEEL_DOWN_,
    KEY_PASTE_BEGIN_, /* what follows was not typed, until KEY_PASTE_END_; of terminals that tell (bracketed paste) */
    KEY_PASTE_END_,
    KEY_GONE_, /* the terminal is gone, or a signal asked the program to end: leave */
};

/* Takes over the terminal on standard input and output. Tries $TERM, then, for emulators this system has no description of,
 * xterm-256color, xterm and vt100. color false: no colour is asked of it, whatever it could do.
 * Errors: ERR_UNSUPPORTED when standard input or output is no terminal, $TERM names none, or it cannot place text. */
enum err terminal_open(struct terminal **ret, bool color, struct errctx *ctx) GW_MUST_USE;
void terminal_close(struct terminal *t); /* NULL is fine */

void terminal_size(const struct terminal *t, int *ret_cols, int *ret_rows);
/* Takes over the size that the terminal has now; the next terminal_show repaints everything. */
void terminal_resize(struct terminal *t);
int32_t terminal_colors(const struct terminal *t); /* 0, 8, 16, 256 or more */
bool terminal_is_utf8(const struct terminal *t);
bool terminal_has_blocks(const struct terminal *t); /* it draws eighth blocks: UTF-8, and not the console of the kernel */
void terminal_set_mouse(struct terminal *t, bool on);

/* Sends what differs from the last frame. cursor_x < 0: the cursor is hidden. Keys typed before the first frame are dropped by it. */
void terminal_show(struct terminal *t, const struct canvas *cv, const struct theme *theme, int cursor_x, int cursor_y);
void terminal_redraw(struct terminal *t); /* the next terminal_show repaints everything */

/* The next key, KEY_NONE when none is waiting. Never blocks, but for Ctrl-Z: it gives the terminal back, stops the program, and when it
 * is continued takes the terminal again and answers KEY_RESIZED_. */
uint32_t terminal_key(struct terminal *t);
void terminal_click(const struct terminal *t, int *ret_x, int *ret_y); /* of the last KEY_CLICK_ or wheel */
int terminal_fd(const struct terminal *t);                             /* to wait for keys on */
int terminal_signal_fd(const struct terminal *t);                      /* to wait for signals on; terminal_key gives what they mean */

/* Puts text on the clipboard of the terminal by OSC 52, at most 64 KB. Returns false when it was not sent: too long, or the description of
 * the terminal has no clipboard. Whether a terminal obeys cannot be known. */
bool terminal_copy(struct terminal *t, struct str text);

#endif
