/* SPDX-License-Identifier: MIT */
/* How this works: the console's own strip is drawn on a canvas, which is printed line by line: the screen and the report can't differ. */
#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "cli/doc.h"
#include "ui/draw/chart.h"
#include "ui/draw/numfmt.h"

enum { CHART_ROWS = 8, LABEL_COLUMNS = 8, MARK_ROWS = 1, AXIS_ROWS = 1, FOOT_COLUMNS = 12 };

static void value_text(double v, const char *unit, char out[NUMFMT_MAX])
{
    if (strcmp(unit, "%") == 0)
        (void)numfmt_percent(v / 100, out);
    else
        (void)numfmt_usd(v, out);
}

/* "^ began" and "^ ended" below the columns that hold them; where one would run into the other, their arrows alone. */
static void put_marks(struct area a, const struct view_axis *ax, int64_t from_ms, int64_t to_ms)
{
    const int from = chart_cell_of(ax, (int)ax->columns, from_ms + 1), to = to_ms != 0 ? chart_cell_of(ax, (int)ax->columns, to_ms) : -1;
    const bool room = to < 0 || to - from > (int)strlen("^ began ");
    if (from >= 0)
        (void)area_put(a, from, 0, ROLE_TEXT, room ? "^ began" : "^");
    if (to >= 0)
        (void)area_put(a, to, 0, ROLE_TEXT, room ? "^ ended" : "^ began, ended");
}

static void draw(struct canvas *cv, const struct vreport_chart *c, int64_t from_ms, int64_t to_ms)
{
    static const struct chart_style style = {.rung = GLYPH_BLOCK, .usual = ROLE_TEXT, .unusual = ROLE_TEXT};
    const struct area whole = area_of(cv, canvas_rect(cv));
    const int columns = (int)c->axis.columns;
    struct area right = area_sub(whole, LABEL_COLUMNS + 1, 0, columns, CHART_ROWS);
    char top[NUMFMT_MAX], zero[NUMFMT_MAX];

    chart_strip(right, &c->axis, &c->strip, &style);
    value_text(c->strip.max, c->unit, top);
    value_text(0, c->unit, zero);
    (void)area_put_right(whole, 0, 0, LABEL_COLUMNS - 1, ROLE_TEXT, 0, top);
    (void)area_put_right(whole, 0, CHART_ROWS - 1, LABEL_COLUMNS - 1, ROLE_TEXT, 0, zero);
    for (int y = 0; y < CHART_ROWS; y++)
        (void)area_put(whole, LABEL_COLUMNS, y, ROLE_TEXT, "|");
    put_marks(area_sub(whole, LABEL_COLUMNS + 1, CHART_ROWS, columns + FOOT_COLUMNS, MARK_ROWS), &c->axis, from_ms, to_ms);
    chart_axis(area_sub(whole, LABEL_COLUMNS + 1, CHART_ROWS + MARK_ROWS, columns, AXIS_ROWS), &c->axis, &style);
}

void cli_doc_chart(struct cli_doc *d, const struct vreport_chart *c, int64_t from_ms, int64_t to_ms)
{
    char step[TIMEFMT_MAX], most[NUMFMT_MAX];
    struct canvas cv;
    struct buf text;

    duration_format(c->axis.step_ms, step);
    if (isnan(c->strip.max)) {
        cli_doc_line(d, "%s: nothing was recorded of it.", c->what);
        return;
    }
    value_text(c->strip.max, c->unit, most);
    cli_doc_line(d, "%s, by %s; at most %s. A blank column: nothing was asked for, or nothing recorded.", c->what, step, most);
    canvas_init(&cv);
    buf_init(&text, CLI_JSON_MAX);
    if (canvas_resize(&cv, LABEL_COLUMNS + 1 + (int)c->axis.columns + FOOT_COLUMNS, CHART_ROWS + MARK_ROWS + AXIS_ROWS) == ERR_OK) {
        draw(&cv, c, from_ms, to_ms);
        if (canvas_export(&cv, CANVAS_GLYPHS, &text) == ERR_OK)
            fprintf(d->io->out, "%s%.*s%s", d->markdown ? "\n```text\n" : "", (int)text.len, text.data, d->markdown ? "```\n" : "");
    }
    buf_fini(&text);
    canvas_fini(&cv);
}
