/* SPDX-License-Identifier: MIT */
#include "ui/console/state.h"

#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/mask.h"

enum { COMMAND_MAX = 8192 };

static unsigned send(struct console *c, const char *text)
{
    char shown[96];
    (void)str_copy(shown, sizeof shown, str_of(text));
    if (terminal_copy(c->term, str_of(text))) {
        console_say(c, FRAME_MESSAGE_INFO, "sent to the terminal's clipboard; whether it took it cannot be known: %s", shown);
    } else {
        console_say(c, FRAME_MESSAGE_INFO, "this terminal has no clipboard, nothing was copied; select it here: %s", text);
        c->message_mono_ms = 0; /* until it was selected */
    }
    return TURN_DRAW;
}

unsigned console_copy_verdict(struct console *c)
{
    char text[MESSAGE_MAX], at[TIMEFMT_MAX], sentence[MESSAGE_MAX], masked[MESSAGE_MAX];
    if (!c->has_frame) {
        console_say(c, FRAME_MESSAGE_INFO, "nothing has been read yet");
        return TURN_DRAW;
    }
    instant_format_iso(console_cursor(c) / 1000 * 1000, at);
    frame_verdict_text(&c->frame.verdict, sentence, sizeof sentence);
    (void)str_format(text, sizeof text, "gwtop %s %s %s %s", c->cfg.gateway, at, frame_verdict_word(c->frame.verdict.state),
                     mask_text(c->mask, sentence, masked, sizeof masked));
    return send(c, text);
}

/* A word as a shell reads it: between quotes unless every byte is harmless. */
static enum err put_word(struct buf *b, const char *word)
{
    static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
    if (word[0] != '\0' && word[strspn(word, harmless)] == '\0')
        return buf_append_z(b, word);
    enum err e = buf_append_char(b, '\'');
    for (; *word != '\0' && e == ERR_OK; word++)
        e = *word == '\'' ? buf_append_z(b, "'\\''") : buf_append_char(b, *word);
    return e == ERR_OK ? buf_append_char(b, '\'') : e;
}

static enum err put_option(struct buf *b, const char *name, const char *value)
{
    enum err e = buf_printf(b, " %s ", name);
    return e == ERR_OK ? put_word(b, value) : e;
}

static enum err put_command(struct console *c, struct buf *b)
{
    char at[TIMEFMT_MAX], window[TIMEFMT_MAX];
    instant_format_iso(console_cursor(c), at);
    duration_format(c->window_ms, window);
    enum err e = buf_append_z(b, "gwtop");
    if (e == ERR_OK && c->opt->config_path != NULL)
        e = put_option(b, "--config", c->opt->config_path);
    if (e == ERR_OK)
        e = put_option(b, "--store", c->store_path);
    if (e == ERR_OK)
        e = put_option(b, "--at", at);
    if (e == ERR_OK)
        e = put_option(b, "--window", window);
    if (e == ERR_OK)
        e = put_option(b, "--pane", pane_get(c->pane)->name);
    if (e == ERR_OK && c->filter[0] != '\0')
        e = put_option(b, "--filter", c->filter);
    return e;
}

unsigned console_copy_command(struct console *c)
{
    struct buf b;
    unsigned turn = TURN_DRAW;
    char masked[FILTER_MAX];

    if (c->mask && strcmp(mask_text(true, c->filter, masked, sizeof masked), c->filter) != 0) {
        console_say(c, FRAME_MESSAGE_ERROR, "names are hidden, and this command would hold one; show them again to copy it");
        return TURN_DRAW;
    }
    buf_init(&b, COMMAND_MAX);
    if (put_command(c, &b) == ERR_OK)
        turn = send(c, b.data);
    else
        console_say(c, FRAME_MESSAGE_ERROR, "the command would be longer than %d bytes", COMMAND_MAX);
    buf_fini(&b);
    return turn;
}
