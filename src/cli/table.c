/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/safe_text.h"
#include "ui/draw/mask.h"

enum { TABLE_BYTES_MAX = 4 << 20 };

void cli_table_init(struct cli_table *t, const struct cli_io *io, size_t columns, unsigned right)
{
    assert(columns <= CLI_COLUMNS_MAX);
    memset(t, 0, sizeof *t);
    t->io = io;
    buf_init(&t->cells, TABLE_BYTES_MAX);
    t->columns = columns;
    t->right = right;
}

void cli_table_cell(struct cli_table *t, const char *fmt, ...)
{
    char text[CLI_CELL_MAX], masked[CLI_CELL_MAX], safe[CLI_CELL_MAX];
    size_t column = t->count % t->columns;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t n = safe_text(safe, sizeof safe, str_of(mask_text(t->io->mask, text, masked, sizeof masked)));
    size_t width = utf8_columns((struct str){safe, n});
    t->full = t->full || buf_append(&t->cells, safe, n + 1) != ERR_OK;
    if (t->full)
        return;
    if (width > t->width[column])
        t->width[column] = width;
    t->count++;
}

/* Nothing stands after the last cell that holds something: no blanks at the end of a line. */
static size_t last_filled(const struct cli_table *t, const char *cell)
{
    size_t last = 0;
    for (size_t column = 0; column < t->columns; column++, cell += strlen(cell) + 1)
        last = *cell != '\0' ? column : last;
    return last;
}

void cli_table_print(struct cli_table *t)
{
    const char *cell = t->cells.data;
    for (size_t row = 0; row < t->count / t->columns; row++) {
        size_t last = last_filled(t, cell);
        for (size_t column = 0; column < t->columns; column++, cell += strlen(cell) + 1) {
            size_t pad = t->width[column] - utf8_columns(str_of(cell));
            bool right = t->right >> column & 1;
            if (column <= last)
                fprintf(t->io->out, "%*s%s%*s%s", right ? (int)pad : 0, "", cell, right || column == last ? 0 : (int)pad, "",
                        column == last ? "\n" : "  ");
        }
    }
    if (t->full)
        fprintf(t->io->out, "... and more rows: a table holds %d MB, --csv and --json hold all\n", TABLE_BYTES_MAX >> 20);
    buf_fini(&t->cells);
}
