/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <stdarg.h>
#include <string.h>

#include "base/safe_text.h"

enum { TABLE_BYTES_MAX = 4 << 20 };

void cli_table_init(struct cli_table *t, size_t columns, unsigned right)
{
    memset(t, 0, sizeof *t);
    buf_init(&t->cells, TABLE_BYTES_MAX);
    t->columns = columns;
    t->right = right;
}

void cli_table_cell(struct cli_table *t, const char *fmt, ...)
{
    char text[CLI_CELL_MAX], safe[CLI_CELL_MAX];
    size_t column = t->count % t->columns;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t n = safe_text(safe, sizeof safe, str_of(text)), width = utf8_columns((struct str){safe, n});
    t->full = t->full || buf_append(&t->cells, safe, n + 1) != ERR_OK;
    if (t->full)
        return;
    if (width > t->width[column])
        t->width[column] = width;
    t->count++;
}

void cli_table_print(struct cli_table *t, FILE *out)
{
    const char *cell = t->cells.data;
    for (size_t i = 0; i < t->count - t->count % t->columns; i++) {
        size_t column = i % t->columns, pad = t->width[column] - utf8_columns(str_of(cell));
        bool last = column + 1 == t->columns, right = t->right >> column & 1;
        fprintf(out, "%*s%s%*s%s", right ? (int)pad : 0, "", cell, right || last ? 0 : (int)pad, "", last ? "\n" : "  ");
        cell += strlen(cell) + 1;
    }
    if (t->full)
        fprintf(out, "... more rows than a report holds\n");
    buf_fini(&t->cells);
}
