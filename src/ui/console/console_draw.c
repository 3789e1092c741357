/* SPDX-License-Identifier: MIT */
#include "ui/console/state.h"

#include <string.h>

#include "ui/draw/layout.h"

/* Two columns of the longest help sentences fit from here on. */
enum { HELP_TWO_COLUMNS = 116 };
enum { FOOTER_MAX = ACTION_COUNT, COMMANDS_MAX = 24, HELP_MAX = ACTION_COUNT + COMMANDS_MAX + 4, MENU_MAX = 16 };

/* What the terminal can show is not left to the configuration: without UTF-8 every rung above ASCII would be question marks. */
enum err console_set_glyphs(struct console *c, const char *name, struct errctx *ctx)
{
    enum glyph_rung rung = terminal_has_blocks(c->term) ? GLYPH_BLOCK : GLYPH_BOX;
    if (strcmp(name, "auto") != 0 && !glyph_rung_by_name(str_of(name), &rung))
        return errctx_set(ctx, ERR_CONFIG, "glyphs: expected auto, ascii, box, block or braille, got '%s'", name);
    c->rung = terminal_is_utf8(c->term) ? rung : GLYPH_ASCII;
    return ERR_OK;
}

void console_set_hue(struct console *c)
{
    c->hue = false;
    for (int r = 0; r < ROLE_COUNT && terminal_colors(c->term) >= 8; r++)
        c->hue = c->hue || c->theme.role[r].fg != THEME_DEFAULT || c->theme.role[r].bg != THEME_DEFAULT;
}

static size_t footer_keys(const struct console *c, struct frame_key *keys, char text[][32])
{
    size_t n = 0;
    for (int a = 0; a < ACTION_COUNT; a++) {
        const struct action_info *info = action_info((enum action)a);
        if (info->label[0] == '\0')
            continue;
        keymap_keys_of(&c->keymap, (enum action)a, text[n], sizeof text[n]);
        text[n][strcspn(text[n], " ")] = '\0'; /* the first of them is enough here */
        if (text[n][0] == '\0')
            continue;
        keys[n] = (struct frame_key){text[n], info->label};
        if (a == ACTION_BACK) { /* one entry for the pair: ", . time" */
            char forward[32];
            keymap_keys_of(&c->keymap, ACTION_FORWARD, forward, sizeof forward);
            size_t used = strlen(text[n]);
            (void)str_format(text[n] + used, sizeof text[n] - used, " %.*s", (int)strcspn(forward, " "), forward);
        }
        n++;
    }
    return n;
}

static void draw_help(struct console *c, struct draw_ctx *ctx)
{
    struct popup_row rows[HELP_MAX];
    char keys[ACTION_COUNT][48], typed[COMMANDS_MAX][48];
    const struct console_command_info *command;
    size_t n = 0;

    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_keys_of(&c->keymap, (enum action)a, keys[a], sizeof keys[a]);
        rows[n++] = (struct popup_row){.left = keys[a][0] != '\0' ? keys[a] : "(none)", .right = action_info((enum action)a)->help};
    }
    rows[n++] = (struct popup_row){.left = "Ctrl-Z", .right = "suspend; fg brings it back"};
    rows[n++] = (struct popup_row){.left = "Ctrl-C", .right = "leave"};
    rows[n++] = (struct popup_row){.left = "Commands", .heading = true};
    for (size_t i = 0; i < COMMANDS_MAX && (command = console_command_at(i)) != NULL; i++) {
        (void)str_format(typed[i], sizeof typed[i], ":%s %s", command->name, command->argument);
        rows[n++] = (struct popup_row){.left = typed[i], .right = command->help};
    }
    ctx->selected = -1;
    ctx->scroll = c->popup_scroll;
    popup_list(&c->cv, canvas_rect(&c->cv), "gwtop: keys", "j k scroll, Esc closes", rows, n, c->cv.cols >= HELP_TWO_COLUMNS ? 2 : 1, ctx);
    c->popup_scroll = ctx->out->scroll;
}

static void draw_popup(struct console *c, struct draw_ctx *ctx)
{
    struct draw_out out = draw_out_none();
    struct popup_row rows[MENU_MAX];

    ctx->out = &out;
    ctx->search = "";
    switch (c->popup) {
    case POPUP_HELP: draw_help(c, ctx); break;
    case POPUP_TEXT:
        ctx->scroll = c->popup_scroll;
        popup_text(&c->cv, canvas_rect(&c->cv), c->popup_title, "j k scroll, Esc closes", c->popup_text.data, ctx);
        c->popup_scroll = out.scroll;
        break;
    case POPUP_INCIDENT:
        ctx->selected = c->popup_selected;
        ctx->scroll = 0;
        popup_list(&c->cv, canvas_rect(&c->cv), c->popup_title, "Enter does it, Esc closes", rows, console_menu_rows(rows, MENU_MAX), 1,
                   ctx);
        break;
    case POPUP_DIFFERS:
        ctx->selected = c->popup_selected;
        ctx->scroll = c->popup_scroll;
        if (c->differs.row_count == 0)
            popup_text(&c->cv, canvas_rect(&c->cv), c->popup_title, c->popup_hint, c->differs.sentence, ctx);
        else
            popup_list(&c->cv, canvas_rect(&c->cv), c->popup_title, c->popup_hint, c->differs_rows, c->differs.row_count, 1, ctx);
        c->popup_scroll = out.scroll;
        break;
    case POPUP_SHIFT:
        ctx->selected = c->popup_selected;
        ctx->scroll = c->popup_scroll;
        popup_list(&c->cv, canvas_rect(&c->cv), c->popup_title, c->popup_hint, c->shift_rows, c->shift_count, 1, ctx);
        c->popup_scroll = out.scroll;
        break;
    case POPUP_NONE: break;
    }
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

static struct draw_ctx draw_ctx_of(struct console *c)
{
    const struct pane_state *ps = &c->ps[c->pane];
    return (struct draw_ctx){
        .rung = c->rung,
        .colour = c->hue,
        .mask = c->mask,
        .focus = true,
        .zoom = c->zoom,
        .opened = ps->opened != 0,
        .selected = ps->selected,
        .scroll = ps->scroll,
        .sort = ps->sort,
        .group = ps->group,
        .search = c->search,
        .now_ms = c->now_ms,
        .cursor_ms = console_cursor(c),
        .frame = c->has_frame ? &c->frame : NULL,
        .out = &c->out,
    };
}

/* The footer is one of three: a prompt, what there is to say, or the keys. */
static void fill_footer(const struct console *c, struct frame_in *in)
{
    in->message_kind = c->message_kind;
    in->message = c->message;
    if (c->has_frame && c->load_error[0] != '\0' && c->message_kind == FRAME_MESSAGE_NONE) {
        in->message_kind = FRAME_MESSAGE_ERROR;
        in->message = c->load_error;
    }
    if (c->asking != ASK_NOTHING) {
        in->message_kind = FRAME_MESSAGE_PROMPT;
        in->prompt = c->prompt_label;
        in->message = c->prompt.text;
        in->prompt_cursor = prompt_cursor_column(&c->prompt);
    }
}

void console_compose(struct console *c)
{
    int cols, rows;
    char key_text[FOOTER_MAX][32], loading[MESSAGE_MAX];
    struct frame_key keys[FOOTER_MAX];
    struct pane_state *ps = &c->ps[c->pane];

    c->caret = (struct frame_point){-1, -1};
    c->out = draw_out_none();
    terminal_size(c->term, &cols, &rows);
    if (canvas_resize(&c->cv, cols, rows) != ERR_OK)
        return;
    canvas_clear(&c->cv);
    struct draw_ctx ctx = draw_ctx_of(c);
    if (nothing_to_show(c)) {
        popup_start(&c->cv, canvas_rect(&c->cv), c->cfg.path != NULL ? c->cfg.path : "~/.config/gwtop/gwtop.yaml", start_reason(c), &ctx);
    } else {
        (void)str_format(loading, sizeof loading, "%s", c->load_error[0] != '\0' ? c->load_error : "opening the store");
        struct frame_in in = {
            .view = ctx.frame,
            .loading = loading,
            .pane = c->pane,
            .keys = keys,
            .key_count = footer_keys(c, keys, key_text),
            .window_ms = c->window_ms,
            .frozen_ms = c->frozen_since_ms == 0          ? 0
                         : c->now_ms > c->frozen_since_ms ? c->now_ms - c->frozen_since_ms
                                                          : 1,
            .pager = c->has_frame ? c->frame.verdict.pager : NULL,
            .read_only = c->ended,
        };
        fill_footer(c, &in);
        struct layout l = layout_screen(cols, rows, c->zoom);
        pane_get(c->pane)->draw(&c->cv, l.body, c->has_view ? &c->view : NULL, &ctx);
        ps->scroll = c->out.scroll;
        if (c->out.rows > 0 && ps->selected >= c->out.rows)
            ps->selected = c->out.rows - 1; /* the list became shorter */
        c->caret = frame_draw(&c->cv, &l, &in, &ctx);
    }
    draw_popup(c, &ctx);
}

void console_draw(struct console *c)
{
    console_compose(c);
    terminal_show(c->term, &c->cv, &c->theme, c->caret.x, c->caret.y);
}
