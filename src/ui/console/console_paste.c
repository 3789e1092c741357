/* SPDX-License-Identifier: MIT */
/* What is pasted is text, and never keys: its line ends are blanks, its control characters nothing, and where it does not fit it is refused
 * as a whole and said so, for half a note reads like a whole one. */
#include "ui/console/state.h"

#include "base/safe_text.h"

static bool takes_text(const struct console *c)
{
    switch (c->asking) {
    case ASK_COMMAND:
    case ASK_FILTER:
    case ASK_TIME:
    case ASK_SAY: return true;
    case ASK_NOTHING:
    case ASK_ACK:
    case ASK_ACCEPT:
    case ASK_MARK:
    case ASK_JUMP: break;
    }
    return false;
}

static void take(struct console *c, uint32_t key)
{
    const size_t before = c->prompt.len;
    const bool is_blank = key == KEY_ENTER_ || key == KEY_TAB_ || key == '\n';
    const uint32_t rune = is_blank ? ' ' : key;
    c->paste.runes++;
    if (!takes_text(c) || rune < ' ' || rune >= KEYS_NAMED || utf8_width(rune) < 1)
        return; /* what no terminal should get */
    (void)prompt_key(&c->prompt, rune);
    c->paste.refused = c->paste.refused || c->prompt.len == before;
}

static void end(struct console *c)
{
    char label[sizeof c->prompt_label];
    c->paste.on = false;
    if (!takes_text(c)) {
        console_say(c, FRAME_MESSAGE_INFO, "what was pasted is no keys: nothing was done; i n writes a note");
    } else if (c->paste.refused) {
        c->prompt = c->paste.prompt;
        (void)str_format(label, sizeof label, "[%zu characters pasted, %d bytes fit: not taken] %.150s", c->paste.runes, PROMPT_MAX - 1,
                         c->prompt_label);
        (void)str_copy(c->prompt_label, sizeof c->prompt_label, str_of(label));
    }
}

bool console_paste(struct console *c, uint32_t key, unsigned *ret_turn)
{
    *ret_turn = TURN_NOTHING;
    if (key == KEY_PASTE_BEGIN_) {
        c->paste.on = true;
        c->paste.runes = 0;
        c->paste.refused = false;
        c->paste.prompt = c->prompt;
        return true;
    }
    if (key == KEY_PASTE_END_ && c->paste.on) {
        end(c);
        *ret_turn = TURN_DRAW;
    } else if (c->paste.on) {
        take(c, key);
    }
    return c->paste.on || key == KEY_PASTE_END_;
}
