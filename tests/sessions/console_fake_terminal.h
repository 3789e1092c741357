/* SPDX-License-Identifier: MIT */
/* A terminal that exists in memory only: keys are queued, frames are kept as text. Linked instead of ui/console/terminal.c, whose header it
 * implements, so that the console runs step by step in one process. */
#ifndef GWTOP_TESTS_SESSIONS_CONSOLE_FAKE_TERMINAL_H
#define GWTOP_TESTS_SESSIONS_CONSOLE_FAKE_TERMINAL_H

#include "base/buf.h"
#include "ui/console/terminal.h"

enum { FAKE_KEYS_MAX = 4096, FAKE_COPY_MAX = 4096 };

struct terminal {
    int cols, rows, next_cols, next_rows; /* next: what terminal_resize takes over */
    int32_t colors;
    bool utf8, clipboard, mouse, color_wanted;
    uint32_t keys[FAKE_KEYS_MAX];
    size_t key_count, key_at;
    int click_x, click_y;
    struct buf screen; /* the last frame, rows ended by \n */
    int cursor_x, cursor_y;
    unsigned shown, redraws, resizes; /* how often each was asked for */
    char copied[FAKE_COPY_MAX];
};

/* What the next terminal_open gives. */
struct fake_terminal_kind {
    int cols, rows;
    int32_t colors;
    bool utf8, clipboard;
};
extern struct fake_terminal_kind fake_terminal_kind;

void fake_type(struct terminal *t, const char *text); /* UTF-8; "\r" is Enter, "\033" Esc, "\t" Tab */
void fake_press(struct terminal *t, uint32_t key);
void fake_size(struct terminal *t, int cols, int rows); /* and the key that tells of it */
bool fake_shows(const struct terminal *t, const char *text);
const char *fake_row(const struct terminal *t, int y, char *out, size_t cap); /* negative: from the end */

#endif
