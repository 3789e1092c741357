/* SPDX-License-Identifier: MIT */
#include "ui/console/prompt.h"

#include <string.h>

#include "base/safe_text.h"
#include "ui/console/terminal.h"

void prompt_set(struct prompt *p, const char *text)
{
    size_t n = strlen(text);
    if (n >= PROMPT_MAX)
        return;
    memcpy(p->text, text, n + 1);
    p->len = p->at = n;
}

void prompt_open(struct prompt *p, const char *text, struct prompt_history *history)
{
    memset(p, 0, sizeof *p);
    p->history = history;
    prompt_set(p, text);
}

static size_t rune_before(const struct prompt *p)
{
    size_t at = p->at;
    while (at > 0 && ((unsigned char)p->text[--at] & 0xC0) == 0x80) {
    }
    return at;
}

static size_t rune_after(const struct prompt *p)
{
    size_t at = p->at;
    if (at < p->len)
        at++;
    while (at < p->len && ((unsigned char)p->text[at] & 0xC0) == 0x80)
        at++;
    return at;
}

static size_t word_before(const struct prompt *p)
{
    size_t at = p->at;
    while (at > 0 && p->text[at - 1] == ' ')
        at--;
    while (at > 0 && p->text[at - 1] != ' ')
        at--;
    return at;
}

static void cut(struct prompt *p, size_t from, size_t to)
{
    memmove(p->text + from, p->text + to, p->len - to + 1);
    p->len -= to - from;
    p->at = from;
}

static void insert(struct prompt *p, uint32_t rune)
{
    char bytes[4];
    size_t n = utf8_encode(rune, bytes);
    if (utf8_width(rune) < 1 || p->len + n >= PROMPT_MAX)
        return;
    memmove(p->text + p->at + n, p->text + p->at, p->len - p->at + 1);
    memcpy(p->text + p->at, bytes, n);
    p->len += n;
    p->at += n;
}

/* Steps through the history; the line that was being typed waits behind the newest. */
static void recall(struct prompt *p, int step)
{
    size_t n = p->history != NULL ? p->history->count : 0;
    if (step > 0 ? p->recalled >= n : p->recalled == 0)
        return;
    if (p->recalled == 0)
        memcpy(p->begun, p->text, p->len + 1);
    p->recalled = step > 0 ? p->recalled + 1 : p->recalled - 1;
    prompt_set(p, p->recalled == 0 ? p->begun : p->history->line[n - p->recalled]);
}

static void remember(struct prompt *p)
{
    struct prompt_history *h = p->history;
    if (h == NULL || p->len == 0 || (h->count > 0 && strcmp(h->line[h->count - 1], p->text) == 0))
        return;
    if (h->count == PROMPT_HISTORY_MAX) {
        memmove(h->line[0], h->line[1], sizeof h->line - sizeof h->line[0]);
        h->count--;
    }
    memcpy(h->line[h->count++], p->text, p->len + 1);
}

enum prompt_result prompt_key(struct prompt *p, uint32_t key)
{
    switch (key) {
    case KEY_ENTER_: remember(p); return PROMPT_DONE;
    case KEY_ESC_: return PROMPT_CANCEL;
    case KEY_TAB_: return PROMPT_COMPLETE;
    case KEY_BACKSPACE_:
        if (p->len == 0)
            return PROMPT_CANCEL;
        cut(p, rune_before(p), p->at);
        break;
    case KEY_DELETE_: cut(p, p->at, rune_after(p)); break;
    case 'u' & 31: cut(p, 0, p->at); break;
    case 'w' & 31: cut(p, word_before(p), p->at); break;
    case 'k' & 31: cut(p, p->at, p->len); break;
    case KEY_LEFT_: p->at = rune_before(p); break;
    case KEY_RIGHT_: p->at = rune_after(p); break;
    case KEY_HOME_: p->at = 0; break;
    case KEY_END_:
    case 'e' & 31: p->at = p->len; break;
    case KEY_UP_: recall(p, 1); break;
    case KEY_DOWN_: recall(p, -1); break;
    default:
        if (key >= ' ' && key < KEYS_NAMED)
            insert(p, key);
    }
    return PROMPT_MORE;
}

int prompt_cursor_column(const struct prompt *p)
{
    return (int)utf8_columns((struct str){p->text, p->at});
}
