/* SPDX-License-Identifier: MIT */
/* What several panes are made of: section rules, tables, lists that scroll, empty states. */
#ifndef GWTOP_UI_DRAW_PART_H
#define GWTOP_UI_DRAW_PART_H

#include <stddef.h>

#include "ui/draw/area.h"
#include "ui/draw/chart.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/pane.h"

/* "- Title ---------------- right" on the first row of a. Either text may be NULL. */
void part_rule(struct area a, enum role title_role, const char *title, const char *right, const struct draw_ctx *ctx);

/* Into that rule, the title of a right-aligned column below it. */
void part_rule_head(struct area rule, int x, int width, const char *title);

/* The names of one column, as they are shown. at may write into out, and returns the name of row i < count. */
enum { PART_NAME_MAX = 160 };
struct part_names {
    const void *list;
    size_t count;
    const struct draw_ctx *ctx;
    int width; /* of the column, where the name depends on it */
    const char *(*at)(const struct part_names *names, size_t i, char *out, size_t cap);
};
/* A name in width columns: one that is too long keeps its beginning and its end ("json_v~x-mini"), so that it looks like no other one of
 * the column. among: may be NULL. Returns out. Cost: O(count * width) for names that are too long. */
const char *part_name_cut(const char *name, int width, const struct part_names *among, char out[PART_NAME_MAX]);
void part_put_name(struct area row, int x, int width, enum role role, uint8_t attr, const char *name, const struct part_names *among);

/* A pane without content: what would fill it, wrapped, one column in. */
void part_empty(struct area a, const char *text);
/* view NULL: "loading ..." */
void part_loading(struct area a, const struct draw_ctx *ctx);
/* Row y of `rows` is about to show thing `at` of `count`: when it is the last row and things would be lost, says "+12 more" there and
 * returns true. The first row always shows a thing; blocks with several things ask for two rows at least. */
bool part_cut(struct area rows, int y, size_t at, size_t count);

/* "not split by team": why a number is not known that the filter does not reach. Returns out. */
enum { PART_UNSPLIT_MAX = 128 };
const char *part_unsplit_text(uint32_t dims, char out[PART_UNSPLIT_MAX]);

/* Whether nothing on the screen can be newer than what is known to be silent: no source answers. */
bool part_is_silent(const struct draw_ctx *ctx);
/* Measurements in a lose their hue and weight while part_is_silent: old numbers must not look like present ones. */
void part_fade(struct area a, const struct draw_ctx *ctx);

enum role part_severity_role(enum severity s, enum role normal);
/* The role of a number in a cell: stale where it is. */
enum role part_num_role(const struct vnum *n, enum role fresh);

/* The word that stands in every row with an old number, for hue and weight are lost on a mono terminal and in a ticket: "STALE 4m", or
 * "STALE" where width has no room for the age or that is not known. Returns out. */
enum { PART_STALE_COLS = 9, PART_STALE_COLS_LEAST = 5 };
const char *part_stale_text(int64_t age_ms, int width, char out[NUMFMT_MAX]);
/* How old a row is, of its numbers that are known and stale the oldest, 0 where no age is known; PART_FRESH: none is stale. */
#define PART_FRESH INT64_C(-1)
int64_t part_age(const struct vnum *const *numbers, size_t count);
struct chart_style part_chart_style(const struct draw_ctx *ctx, enum severity s, bool stale);

/* The part of a selectable list that is visible in rows; fills ctx->out (rows, page, scroll, list). */
struct part_list {
    int first, shown; /* rows first .. first+shown-1 */
    int selected;     /* -1 = none, or no focus */
};
struct part_list part_list_of(struct area a, size_t count, const struct draw_ctx *ctx);
/* Puts the selection under the area of a visible row (0 = the first) when that is the selected one. */
void part_list_mark(struct area row, const struct part_list *l, int visible);
/* "13-24 of 80" for the section's rule; "" when all is visible. Returns out. */
const char *part_list_range(const struct part_list *l, size_t count, char out[32]);

/* Columns of a table. On a narrow screen the highest rank goes first; rank 0 always stays. */
struct part_col {
    const char *title;
    int width; /* 0: nobody has anything in it */
    bool left; /* left-aligned */
    int rank;
    int sort; /* column number of draw_ctx.sort that this column shows, 0 = none */
};
enum { PART_COLS_MAX = 20 };
struct part_table {
    const struct part_col *col;
    int count;
    int x[PART_COLS_MAX], w[PART_COLS_MAX]; /* w 0: not shown */
};
/* Columns from x = 1 on with one blank between; what is left of width goes to column `flex` (none: -1), which grows to flex_max columns at
 * most: where the name is far from its numbers, the eye loses the row. */
struct part_table part_table_fit(const struct part_col *cols, int count, int width, int flex, int flex_max);
void part_table_head(struct area row, const struct part_table *t, const struct draw_ctx *ctx);
void part_table_put(struct area row, const struct part_table *t, int col, enum role role, uint8_t attr, const char *text);
/* A name, in a column of names. */
void part_table_put_name(struct area row, const struct part_table *t, int col, enum role role, uint8_t attr, const char *name,
                         const struct part_names *among);
/* The word for a row that is old, as the table's last column; nothing for one that is PART_FRESH. */
void part_table_put_age(struct area row, const struct part_table *t, int col, int64_t age_ms);

/* The grid of the signal table in an area of the body's width. */
struct layout_grid;
/* "5m": what the numbers of "now" are really of; "?" while nothing is loaded. */
const char *part_measured(const struct draw_ctx *ctx);
/* "1h ago": what the column of earlier values stands for; "before" when nothing was recorded then. */
const char *part_ago(const struct view_axis *ax);
/* The row above all strips: "last 5m  now  7d ago  x  n", and the axis. */
void part_axis_row(struct area row, const struct layout_grid *g, const struct view_axis *ax, const struct draw_ctx *ctx);
/* The axis alone, for panes whose left columns are not the signal table's. */
void part_axis_only(struct area row, const struct layout_grid *g, const struct view_axis *ax, const struct draw_ctx *ctx);
/* The event row: "changes", their number, their letters. */
void part_marks_row(struct area row, const struct layout_grid *g, const struct view_axis *ax, const struct draw_ctx *ctx);
/* What letters of that row stand for, in words, the newest first: of what changed, else of what was found and paged, which the verdict
 * tells as well. Whether the axis holds any, and the row. */
bool part_has_changes(const struct view_axis *ax, const struct draw_ctx *ctx);
void part_changes_row(struct area row, const struct view_axis *ax, const struct draw_ctx *ctx);
/* One signal row of any height: label and numbers on the first row, the strip over all of them. beside: the other rows of the table. */
void part_signal_row(struct area a, const struct layout_grid *g, const struct view_axis *ax, const struct vrow *r,
                     const struct vrow *beside, size_t beside_count, const struct draw_ctx *ctx);
/* Rows that are not to be drawn because another section of the screen shows them: those with a label of one of these. */
struct part_omit {
    const struct vrow *rows[2];
    size_t count[2];
};
/* Signal rows, one row each; where they do not fit, sub rows go first, then the rest is counted as "+3 more". Rows to spare make strips
 * taller: those that fire first, then others with a threshold, severe ones, all. omit may be NULL. Returns the rows used. */
int part_signal_rows(struct area a, const struct layout_grid *g, const struct view_axis *ax, const struct vrow *rows, size_t count,
                     const struct part_omit *omit, const struct draw_ctx *ctx);
/* Of so many spare rows, those that tall strips would use: of rows with a threshold or a severity, or of all. */
int part_signal_tall(const struct vrow *rows, size_t count, const struct part_omit *omit, int spare, bool all);
/* Rows that one tall strip adds when a rule fires on a row with a threshold, else 0. */
int part_signal_firing(const struct vrow *rows, size_t count, const struct part_omit *omit);
size_t part_signal_count(const struct vrow *rows, size_t count, const struct part_omit *omit);

const struct view_axis *part_axis(const struct draw_ctx *ctx); /* the frame's; one of no columns while there is none */

#endif
