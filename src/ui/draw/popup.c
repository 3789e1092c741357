/* SPDX-License-Identifier: MIT */
#include "ui/draw/popup.h"

#include "base/safe_text.h"
#include "base/str.h"
#include "ui/draw/area.h"
#include "ui/draw/part.h"
#include "ui/draw/plan.h"

static int columns_of(const char *text)
{
    size_t n = text ? utf8_columns(str_of(text)) : 0;
    return n > CANVAS_SIDE_MAX ? CANVAS_SIDE_MAX : (int)n;
}

/* A framed box of the given inner size in the middle of screen; returns its inside, two columns in from the frame. */
static struct area open_box(struct canvas *cv, struct rect screen, int inner_w, int inner_h, const char *title, const char *hint,
                            const struct draw_ctx *ctx)
{
    const struct glyph_set *g = glyph_set(ctx->rung);
    int w = plan_min(inner_w + 4, screen.w), h = plan_min(inner_h + 2, screen.h);
    struct rect r = {screen.x + (screen.w - w) / 2, screen.y + (screen.h - h) / 2, w, h};
    struct area a = area_on(area_of(cv, r), ROLE_POPUP);
    area_fill(a, ROLE_POPUP, ' ');
    for (int x = 0; x < w; x++) {
        area_rune(a, x, 0, ROLE_RULE, 0, g->hline);
        area_rune(a, x, h - 1, ROLE_RULE, 0, g->hline);
    }
    for (int y = 0; y < h; y++) {
        area_rune(a, 0, y, ROLE_RULE, 0, g->vline);
        area_rune(a, w - 1, y, ROLE_RULE, 0, g->vline);
    }
    for (int i = 0; i < 4; i++) {
        area_rune(a, i % 2 ? w - 1 : 0, i / 2 ? h - 1 : 0, ROLE_RULE, 0, g->corner[i]);
    }
    if (title && *title) {
        int n = area_put_cut(a, 3, 0, w - 6, ROLE_POPUP_TITLE, CELL_BOLD, title);
        area_rune(a, 2, 0, ROLE_RULE, 0, ' ');
        area_rune(a, 3 + n, 0, ROLE_RULE, 0, ' ');
    }
    int hint_w = columns_of(hint);
    if (hint_w > 0 && hint_w + 6 <= w) {
        int x = w - hint_w - 3;
        area_rune(a, x - 1, h - 1, ROLE_RULE, 0, ' ');
        (void)area_put(a, x, h - 1, ROLE_DIM, hint);
        area_rune(a, x + hint_w, h - 1, ROLE_RULE, 0, ' ');
    }
    return area_sub(a, 2, 1, w - 4, h - 2);
}

struct widths {
    int left, right, tail; /* of the widest row */
};

static struct widths widths_of(const struct popup_row *rows, size_t count)
{
    struct widths w = {0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].heading) {
            w.left = plan_max(w.left, columns_of(rows[i].left));
            w.right = plan_max(w.right, columns_of(rows[i].right));
            w.tail = plan_max(w.tail, columns_of(rows[i].tail));
        }
    }
    return w;
}

static void put_row(struct area row, const struct popup_row *r, const struct widths *w)
{
    if (r->heading) {
        (void)area_put_cut(row, 0, 0, row.r.w, ROLE_POPUP_TITLE, CELL_BOLD, r->left);
        return;
    }
    int left = plan_min(w->left, row.r.w);
    if (r->figures) {
        char cut[PART_NAME_MAX];
        left = plan_min(left, plan_max(row.r.w - 2 - w->right - w->tail, 0));
        (void)area_put_attr(row, 0, 0, ROLE_KEY, CELL_BOLD, part_name_cut(r->left, left, NULL, cut));
        (void)area_put(row, left + 2, 0, ROLE_POPUP, r->right);
        (void)area_put(row, left + 2 + columns_of(r->right), 0, ROLE_POPUP, w->tail > 0 && r->tail ? r->tail : "");
        return;
    }
    (void)area_put_cut(row, 0, 0, left, r->right ? ROLE_KEY : ROLE_POPUP, r->right ? CELL_BOLD : 0, r->left);
    (void)area_put_cut(row, left + 2, 0, row.r.w - left - 2, ROLE_POPUP, 0, r->right);
}

void popup_list(struct canvas *cv, struct rect screen, const char *title, const char *hint, const struct popup_row *rows, size_t count,
                int columns, const struct draw_ctx *ctx)
{
    struct widths w = widths_of(rows, count);
    int room_w = screen.w - 4, room_h = screen.h - 2;
    w.tail = w.left + 2 + w.right + w.tail <= room_w ? w.tail : 0;
    int row_w = plan_max(w.left + (w.right ? 2 + w.right + w.tail : 0), columns_of(title) + 4);
    bool scrolls_in_one = plan_count(count) > room_h;
    if (columns < 1 || !scrolls_in_one) {
        columns = 1;
    }
    if (columns > 1 && columns * row_w + (columns - 1) * 3 > room_w) {
        /* reasons may be cut a little for the sake of seeing all, but not below two thirds */
        int tight = (room_w - (columns - 1) * 3) / columns;
        columns = tight * 3 >= row_w * 2 ? columns : 1;
    }
    row_w = plan_min(row_w, (room_w - (columns - 1) * 3) / columns);
    int lines = (plan_count(count) + columns - 1) / columns;
    int inner_w = columns * row_w + (columns - 1) * 3;
    struct area in = open_box(cv, screen, plan_max(inner_w, columns_of(hint) + 2), lines, title, hint, ctx);
    struct part_list l = part_list_of(in, (size_t)lines, ctx);
    for (int c = 0; c < columns; c++) {
        struct area column = area_sub(in, c * (row_w + 3), 0, columns > 1 ? row_w : in.r.w, in.r.h);
        for (int y = 0; y < l.shown; y++) {
            size_t i = (size_t)(c * lines + l.first + y);
            if (i < count) {
                put_row(area_row(column, y), &rows[i], &w);
            }
        }
    }
    for (int y = 0; y < l.shown; y++) {
        part_list_mark(area_row(in, y), &l, y);
    }
    char range[32];
    if (*part_list_range(&l, (size_t)lines, range)) {
        struct area frame = area_on(area_of(cv, (struct rect){in.r.x, in.r.y + in.r.h, in.r.w, 1}), ROLE_POPUP);
        (void)area_putf(frame, 1, 0, ROLE_DIM, " %s ", range);
    }
}

void popup_text(struct canvas *cv, struct rect screen, const char *title, const char *hint, const char *text, const struct draw_ctx *ctx)
{
    struct str rest = str_of(text ? text : "");
    int lines = 0, widest = columns_of(title) + 4;
    int room_w = plan_min(screen.w - 4, 100); /* longer lines are hard to read */
    for (struct str s = rest; s.n > 0; lines++) {
        size_t n = 0;
        while (n < s.n && s.p[n] != '\n') {
            n++;
        }
        int columns = plan_count(utf8_columns((struct str){s.p, n}));
        widest = plan_max(widest, columns);
        lines += room_w > 0 && columns > room_w ? columns / plan_max(room_w - 8, 1) : 0; /* words wrap before the edge */
        n += n < s.n ? 1 : 0;
        s.p += n;
        s.n -= n;
    }
    struct area in = open_box(cv, screen, plan_max(plan_min(widest, room_w), columns_of(hint) + 2), lines, title, hint, ctx);
    struct draw_ctx plain = *ctx;
    plain.selected = -1;
    struct part_list l = part_list_of(in, (size_t)lines, &plain);
    /* drawn from above the window, so that the lines scrolled past are clipped away */
    struct area tall = in;
    tall.r.y -= l.first;
    tall.r.h += l.first;
    (void)area_wrap(tall, 0, 0, ROLE_POPUP, text);
}

void popup_start(struct canvas *cv, struct rect screen, const char *config_path, const char *reason, const struct draw_ctx *ctx)
{
    struct area a = area_of(cv, screen);
    char line[256];
    int w = plan_min(screen.w - 2, 74), h = 16;
    struct area b = area_sub(a, plan_max((screen.w - w) / 2, 1), plan_max((screen.h - h) / 3, 0), w, screen.h);
    if (screen.h < h) {
        b = area_sub(a, 1, 0, w, screen.h);
    }
    (void)ctx;
    int y = 0;
    int x = area_put_attr(b, 0, y, ROLE_TITLE, CELL_BOLD, "gwtop") + 1;
    (void)area_put_cut(b, x, y++, w - x, ROLE_DIM, 0, "top for LLM gateways, with a flight recorder");
    (void)str_format(line, sizeof line, "Nothing to show yet: %s.", reason ? reason : "no configuration found");
    y += 1 + area_wrap(area_sub(b, 0, y, w, 2), 0, 0, ROLE_STRONG, line);
    (void)area_put_attr(b, 0, y++, ROLE_ACCENT, CELL_BOLD, "1  See it at work, on a simulated gateway with a day of history:");
    y++;
    (void)area_put_attr(b, 6, y++, ROLE_STRONG, CELL_BOLD, "gwtop demo");
    y++;
    (void)area_put_attr(b, 0, y++, ROLE_ACCENT, CELL_BOLD, "2  Point it at your own gateway: three lines of YAML in");
    (void)area_put_cut(b, 3, y++, w - 3, ROLE_TEXT, 0, config_path);
    y++;
    (void)area_put(b, 6, y++, ROLE_STRONG, "sources:");
    (void)area_put(b, 6, y++, ROLE_STRONG, "  - name: litellm");
    (void)area_put(b, 6, y++, ROLE_STRONG, "    metrics: http://127.0.0.1:4000/metrics/");
    y++;
    (void)area_wrap(
        area_sub(b, 0, y, w, 3), 0, 0, ROLE_DIM,
        "`gwtop probe URL` says what an endpoint offers, `gwtop check` whether the file is right, `man gwtop` the rest.  q quits.");
}
