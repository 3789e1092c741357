/* SPDX-License-Identifier: MIT */
/* Prints one pane of an invented view as text with SGR codes, for looking at:
 *   picture PANE[+] KIND COLSxROWS [RUNG [THEME.yaml [SELECTED]]]     PANE+ is the detail; PANE may be help, start, small */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"
#include "panes/screen.h"
#include "ui/draw/theme.h"

static void put_color(int base, theme_color c)
{
    if (c == THEME_DEFAULT) {
        return;
    }
    if (c >= THEME_RGB) {
        printf("\x1b[%d;2;%d;%d;%dm", base, c >> 16 & 255, c >> 8 & 255, c & 255);
    } else {
        printf("\x1b[%d;5;%dm", base, c);
    }
}

static void put_cell(const struct cell *c, const struct theme *t)
{
    static const struct {
        uint8_t bit;
        int sgr;
    } attrs[] = {{CELL_BOLD, 1}, {CELL_DIM, 2}, {CELL_ITALIC, 3}, {CELL_UNDERLINE, 4}, {CELL_REVERSE, 7}};
    if (c->width == 0) {
        return;
    }
    struct style st = theme_cell_style(t, c, 256);
    char bytes[4];
    printf("\x1b[0m");
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        if (st.attr & attrs[i].bit) {
            printf("\x1b[%dm", attrs[i].sgr);
        }
    }
    put_color(38, st.fg);
    put_color(48, st.bg);
    fwrite(bytes, 1, utf8_encode(c->rune, bytes), stdout);
    for (int i = 0; i < CELL_MARKS && c->mark[i]; i++) {
        fwrite(bytes, 1, utf8_encode(c->mark[i], bytes), stdout);
    }
}

/* "  role: style" lines; anything else is skipped. Enough for looking; the console reads themes with the YAML reader. */
static void read_theme(const char *path, struct theme *t)
{
    FILE *f = fopen(path, "r");
    char line[512];
    if (!f) {
        perror(path);
        exit(1);
    }
    while (fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        size_t indent = strspn(line, " ");
        enum role role;
        struct errctx ctx;
        if (!colon || line[indent] == '#' || !role_by_name((struct str){line + indent, (size_t)(colon - line) - indent}, &role)) {
            continue;
        }
        char *value = colon + 1 + strspn(colon + 1, " \"'");
        value[strcspn(value, "\"'\n")] = '\0';
        if (theme_style_parse(str_of(value), &t->role[role], &ctx)) {
            fprintf(stderr, "%s: %s\n", line, ctx.text);
        }
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    struct screen_spec spec = {.cols = 80, .rows = 24, .rung = GLYPH_BLOCK, .colour = true, .selected = -1};
    struct theme theme;
    theme_mono(&theme);
    if (argc < 4 || sscanf(argv[3], "%dx%d", &spec.cols, &spec.rows) != 2) {
        fprintf(stderr, "usage: picture PANE[+]|help|start KIND COLSxROWS [RUNG [THEME.yaml [SELECTED]]]\n");
        return 1;
    }
    size_t n = strlen(argv[1]);
    spec.detail = n > 0 && argv[1][n - 1] == '+';
    spec.help = strcmp(argv[1], "help") == 0;
    spec.start = strcmp(argv[1], "start") == 0;
    if (!spec.help && !spec.start && !pane_by_name((struct str){argv[1], n - spec.detail}, &spec.pane)) {
        fprintf(stderr, "no pane '%s'\n", argv[1]);
        return 1;
    }
    for (int k = 0; k < FAKE_KINDS; k++) {
        if (strcmp(argv[2], fake_kind_name((enum fake_kind)k)) == 0) {
            spec.kind = (enum fake_kind)k;
        }
    }
    if (argc > 4 && !glyph_rung_by_name(str_of(argv[4]), &spec.rung)) {
        fprintf(stderr, "no rung '%s'\n", argv[4]);
        return 1;
    }
    if (argc > 5 && strcmp(argv[5], "mono") != 0) {
        read_theme(argv[5], &theme);
    } else if (argc > 5) {
        spec.colour = false;
    }
    if (argc > 6) {
        spec.selected = atoi(argv[6]);
    }
    struct canvas cv;
    canvas_init(&cv);
    screen_draw(&cv, &spec);
    for (int y = 0; y < cv.rows; y++) {
        for (int x = 0; x < cv.cols; x++) {
            put_cell(canvas_cell(&cv, x, y), &theme);
        }
        printf("\x1b[0m\n");
    }
    canvas_fini(&cv);
    return 0;
}
