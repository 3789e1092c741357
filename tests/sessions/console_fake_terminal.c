/* SPDX-License-Identifier: MIT */
#include "sessions/console_fake_terminal.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"

struct fake_terminal_kind fake_terminal_kind = {120, 40, 256, true, true};

enum err terminal_open(struct terminal **ret, bool color, struct errctx *ctx)
{
    const struct fake_terminal_kind *k = &fake_terminal_kind;
    struct terminal *t = calloc(1, sizeof *t);
    (void)ctx;
    ck_assert_ptr_nonnull(t);
    *t = (struct terminal){.cols = k->cols,
                           .rows = k->rows,
                           .next_cols = k->cols,
                           .next_rows = k->rows,
                           .colors = color ? k->colors : 0,
                           .utf8 = k->utf8,
                           .clipboard = k->clipboard,
                           .color_wanted = color};
    buf_init(&t->screen, 1 << 20);
    *ret = t;
    return ERR_OK;
}

void terminal_close(struct terminal *t)
{
    if (t != NULL)
        buf_fini(&t->screen);
    free(t);
}

void terminal_size(const struct terminal *t, int *ret_cols, int *ret_rows)
{
    *ret_cols = t->cols;
    *ret_rows = t->rows;
}

void terminal_resize(struct terminal *t)
{
    t->cols = t->next_cols;
    t->rows = t->next_rows;
    t->resizes++;
}

int32_t terminal_colors(const struct terminal *t)
{
    return t->colors;
}

bool terminal_is_utf8(const struct terminal *t)
{
    return t->utf8;
}

bool terminal_has_blocks(const struct terminal *t)
{
    return t->utf8;
}

void terminal_set_mouse(struct terminal *t, bool on)
{
    t->mouse = on;
}

void terminal_show(struct terminal *t, const struct canvas *cv, const struct theme *theme, int cursor_x, int cursor_y)
{
    (void)theme;
    buf_reset(&t->screen);
    ck_assert_int_eq(canvas_export(cv, CANVAS_GLYPHS, &t->screen), ERR_OK);
    t->cursor_x = cursor_x;
    t->cursor_y = cursor_y;
    t->shown++;
}

void terminal_redraw(struct terminal *t)
{
    t->redraws++;
}

uint32_t terminal_key(struct terminal *t)
{
    return t->key_at < t->key_count ? t->keys[t->key_at++] : (uint32_t)KEY_NONE;
}

void terminal_click(const struct terminal *t, int *ret_x, int *ret_y)
{
    *ret_x = t->click_x;
    *ret_y = t->click_y;
}

int terminal_fd(const struct terminal *t)
{
    (void)t;
    return -1;
}

int terminal_signal_fd(const struct terminal *t)
{
    (void)t;
    return -1;
}

bool terminal_copy(struct terminal *t, struct str text)
{
    return t->clipboard && str_copy(t->copied, sizeof t->copied, text);
}

void fake_press(struct terminal *t, uint32_t key)
{
    ck_assert_uint_lt(t->key_count, FAKE_KEYS_MAX);
    t->keys[t->key_count++] = key;
}

void fake_type(struct terminal *t, const char *text)
{
    struct str s = str_of(text);
    while (s.n > 0) {
        uint32_t rune;
        size_t n = utf8_decode(s, &rune);
        fake_press(t, rune);
        s.p += n;
        s.n -= n;
    }
}

void fake_size(struct terminal *t, int cols, int rows)
{
    t->next_cols = cols;
    t->next_rows = rows;
    fake_press(t, KEY_RESIZED_);
}

bool fake_shows(const struct terminal *t, const char *text)
{
    return t->screen.data != NULL && strstr(t->screen.data, text) != NULL;
}

const char *fake_row(const struct terminal *t, int y, char *out, size_t cap)
{
    const char *p = t->screen.data;
    for (int row = y < 0 ? t->rows + y : y; row > 0 && p != NULL; row--)
        p = strchr(p, '\n') + 1;
    (void)str_copy(out, cap, (struct str){p, strcspn(p, "\n")});
    return out;
}
