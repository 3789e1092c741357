/* SPDX-License-Identifier: MIT */
#include "ui/console/state.h"

#include <string.h>

#include "ui/draw/layout.h"
#include "ui/draw/popup.h"

enum { FOOTER_MAX = ACTION_COUNT, HELP_MAX = ACTION_COUNT + 8 };

static size_t footer_keys(const struct console *c, struct frame_key *keys, char text[][32])
{
    size_t n = 0;
    for (int a = 0; a < ACTION_COUNT; a++) {
        const struct action_info *info = action_info((enum action)a);
        if (info->label[0] == '\0')
            continue;
        keymap_keys_of(&c->keymap, (enum action)a, text[n], sizeof text[n]);
        char *blank = strchr(text[n], ' ');
        if (blank != NULL)
            *blank = '\0';
        keys[n] = (struct frame_key){text[n], info->label};
        if (a == ACTION_BACK) { /* one entry for the pair: ", . time" */
            char forward[32];
            keymap_keys_of(&c->keymap, ACTION_FORWARD, forward, sizeof forward);
            size_t used = strlen(text[n]);
            (void)str_format(text[n] + used, sizeof text[n] - used, " %.1s", forward);
            keys[n].label = "time";
        }
        n++;
    }
    return n;
}

static void draw_help(struct console *c, struct draw_ctx *ctx)
{
    struct popup_row rows[HELP_MAX];
    char keys[ACTION_COUNT][48];
    size_t n = 0;

    rows[n++] = (struct popup_row){.left = "Keys in force", .heading = true};
    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_keys_of(&c->keymap, (enum action)a, keys[a], sizeof keys[a]);
        rows[n++] = (struct popup_row){.left = keys[a], .right = action_info((enum action)a)->help};
    }
    rows[n++] = (struct popup_row){.left = "Commands", .heading = true};
    rows[n++] = (struct popup_row){.left = ":", .right = "at TIME, window 1h, filter, group team, sort NAME, theme NAME, glyphs RUNG, signal ttft"};
    ctx->selected = -1;
    ctx->scroll = c->popup_scroll;
    popup_list(&c->cv, canvas_rect(&c->cv), "gwtop: keys", "j k scroll, Esc closes", rows, n, 2, ctx);
    c->popup_scroll = ctx->out->scroll;
}

/* Where each kind of configuration stands, said on the screen that explains how to start. */
static const char *start_reason(const struct console *c)
{
    return c->has_config ? "the configuration names no source" : "no configuration found";
}

static bool nothing_to_show(const struct console *c)
{
    return c->cfg.source_count == 0 && c->st == NULL && c->opt->store_path == NULL;
}

void console_draw(struct console *c)
{
    int cols, rows;
    char key_text[FOOTER_MAX][32], loading[MESSAGE_MAX];
    struct frame_key keys[FOOTER_MAX];
    struct pane_state *ps = &c->ps[c->pane];

    terminal_size(c->term, &cols, &rows);
    if (canvas_resize(&c->cv, cols, rows) != ERR_OK)
        return;
    canvas_clear(&c->cv);
    c->out = draw_out_none();
    struct draw_ctx ctx = {
        .rung = c->rung, .colour = terminal_colors(c->term) >= 8, .mask = c->mask, .focus = true, .zoom = c->zoom, .selected = ps->selected,
        .scroll = ps->scroll, .sort = ps->sort, .group = ps->group, .now_ms = c->now_ms, .cursor_ms = console_cursor(c),
        .frame = c->has_frame ? &c->frame : NULL, .out = &c->out,
    };
    if (nothing_to_show(c)) {
        popup_start(&c->cv, canvas_rect(&c->cv), c->cfg.path != NULL ? c->cfg.path : "~/.config/gwtop/gwtop.yaml", start_reason(c), &ctx);
        terminal_show(c->term, &c->cv, &c->theme, -1, -1);
        return;
    }
    (void)str_format(loading, sizeof loading, "%s", c->load_error[0] != '\0' ? c->load_error : "opening the store");
    struct frame_in in = {
        .view = ctx.frame, .loading = loading, .pane = c->pane, .keys = keys, .key_count = footer_keys(c, keys, key_text),
        .message_kind = c->message_kind, .message = c->message, .window_ms = c->window_ms,
        .frozen_ms = c->frozen_since_ms != 0 ? c->now_ms - c->frozen_since_ms : 0, .read_only = c->ended,
    };
    if (c->has_frame && c->load_error[0] != '\0' && c->message_kind == FRAME_MESSAGE_NONE) {
        in.message_kind = FRAME_MESSAGE_ERROR;
        in.message = c->load_error;
    }
    if (c->asking != ASK_NOTHING) {
        in.message_kind = FRAME_MESSAGE_PROMPT;
        in.prompt = c->prompt_label;
        in.message = c->prompt.text;
        in.prompt_cursor = prompt_cursor_column(&c->prompt);
    }
    struct layout l = layout_screen(cols, rows, c->zoom);
    pane_get(c->pane)->draw(&c->cv, l.body, c->has_view ? &c->view : NULL, &ctx);
    ps->scroll = c->out.scroll;
    struct frame_point cursor = frame_draw(&c->cv, &l, &in, &ctx);
    if (c->popup == POPUP_HELP) {
        struct draw_out out = draw_out_none();
        ctx.out = &out;
        draw_help(c, &ctx);
    }
    terminal_show(c->term, &c->cv, &c->theme, cursor.x, cursor.y);
}
