/* SPDX-License-Identifier: MIT */
/* One edited line with history: for commands, filters, times and yes-or-no questions. Arrows, Home, End, Delete, and a shell's Ctrl-U,
 * Ctrl-W, Ctrl-K and Ctrl-E; Ctrl-A stays with the multiplexer. */
#ifndef GWTOP_UI_CONSOLE_PROMPT_H
#define GWTOP_UI_CONSOLE_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROMPT_MAX = 512, PROMPT_HISTORY_MAX = 32 };

struct prompt_history {
    char line[PROMPT_HISTORY_MAX][PROMPT_MAX];
    size_t count;
};

struct prompt {
    char text[PROMPT_MAX];          /* UTF-8 */
    size_t len, at;                 /* bytes; at is where the next rune goes */
    size_t recalled;                /* history lines back; 0 = the line being typed */
    char begun[PROMPT_MAX];         /* that line, while others are recalled */
    struct prompt_history *history; /* kept; NULL = none */
};

enum prompt_result { PROMPT_MORE, PROMPT_DONE, PROMPT_CANCEL, PROMPT_COMPLETE };

void prompt_open(struct prompt *p, const char *text, struct prompt_history *history);
/* Takes one key. PROMPT_DONE: Enter, and the line went to the history. PROMPT_COMPLETE: Tab. Keys it does not know change nothing. */
enum prompt_result prompt_key(struct prompt *p, uint32_t key);
void prompt_set(struct prompt *p, const char *text); /* cursor at the end; what does not fit is refused */
int prompt_cursor_column(const struct prompt *p);

#endif
