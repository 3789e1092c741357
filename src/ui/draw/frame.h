/* SPDX-License-Identifier: MIT */
/* What stands around every pane: the three rows that answer "is it real, what is broken, since when", the tab row, the footer. */
#ifndef GWTOP_UI_DRAW_FRAME_H
#define GWTOP_UI_DRAW_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/draw/layout.h"
#include "ui/draw/pane.h"
#include "view/view.h"

struct frame_key {
    const char *key, *label; /* "a", "ack" */
};

enum frame_message_kind { FRAME_MESSAGE_NONE, FRAME_MESSAGE_INFO, FRAME_MESSAGE_ERROR, FRAME_MESSAGE_PROMPT };

struct frame_in {
    const struct view_frame *view; /* NULL: nothing loaded yet */
    const char *loading;           /* said instead of the verdict while view is NULL: "opening /var/lib/gwtop/gwtop.db" */
    enum pane_id pane;
    const struct frame_key *keys; /* of the footer, most important first; what does not fit is left out from the end */
    size_t key_count;
    enum frame_message_kind message_kind;
    const char *message; /* replaces the footer's keys; for a prompt: what has been typed, after its label */
    const char *prompt;  /* label of a prompt: ":", "filter ", "ack #42 here only? PagerDuty: unacked, PT4KHLK [y/N]" */
    int prompt_cursor;   /* columns into message */
    int64_t frozen_ms;   /* how long the screen has been frozen; 0 = it is not */
    int64_t window_ms;   /* of the time axis, for the tab row; 0 = not shown */
    const char *pager;   /* "PagerDuty UNACKED since 03:09Z", "" or NULL: no pager's feed */
    bool read_only;      /* operator acts are not possible */
};

/* Header, verdict, reality line, tabs and footer. Does not touch l->body. Returns where the terminal's cursor belongs while a prompt is
 * open; x < 0 otherwise. */
struct frame_point {
    int x, y;
};
struct frame_point frame_draw(struct canvas *cv, const struct layout *l, const struct frame_in *in, const struct draw_ctx *ctx);

/* The word of the verdict as shown: "PAGE", "TICKET", "OK", "NO RULES", "UNKNOWN". */
const char *frame_verdict_word(enum verdict_state s);
/* What the header says of a source that is not ok: "STALE", "DOWN", "NEVER", "STOPPED", "SAWTOOTH". */
const char *frame_source_word(enum source_state s);
/* "RECORDER SILENT since 03:09:10Z", "NO RECORDER"; "" while one writes, and after the recording's end. */
enum { FRAME_TEXT_MAX = 64 };
const char *frame_recorder_text(const struct view_frame *f, char out[FRAME_TEXT_MAX]);
/* Row 3: "REAL", or "UNSURE" where nothing answers, nobody records or the verdict is unknown; and what that rests on. */
const char *frame_reality_word(const struct view_frame *f);
const char *frame_reality_text(const struct view_frame *f);
/* The verdict's sentence as shown, with what it was before it became unknown and how many others are open. Writes at most cap bytes. */
void frame_verdict_text(const struct view_verdict *v, char *out, size_t cap);

#endif
