/* SPDX-License-Identifier: MIT */
/* A report of several parts as plain text or as Markdown (CommonMark with GitHub's tables): the same words, marked up or not. What a store
 * holds came from outside: it is masked and filtered as everything printed is, and in Markdown it can't become markup. */
#ifndef GWTOP_CLI_DOC_H
#define GWTOP_CLI_DOC_H

#include "cli/cli.h"
#include "view/view_report.h"

struct cli_doc {
    const struct cli_io *io;
    bool markdown;
    enum cli_doc_part { CLI_DOC_NOTHING, CLI_DOC_HEADING, CLI_DOC_LINE, CLI_DOC_ITEM, CLI_DOC_TABLE } last; /* what stands before */
    struct cli_table table; /* plain: the table that is open */
    size_t columns, cells;  /* of it */
};

void cli_doc_heading(struct cli_doc *d, int level, const char *fmt, ...) GW_PRINTF(3, 4);      /* level 1: the title */
void cli_doc_line(struct cli_doc *d, const char *fmt, ...) GW_PRINTF(2, 3);                    /* a paragraph of its own */
void cli_doc_item(struct cli_doc *d, const char *label, const char *fmt, ...) GW_PRINTF(3, 4); /* of a list; label "" = none */
void cli_doc_todo(struct cli_doc *d, const char *label, const char *hint);                     /* what a person must fill in */
/* A table: its heads, then cells from left to right. Cells of plain text hold CLI_CELL_MAX bytes. */
void cli_doc_table(struct cli_doc *d, const char *const *heads, size_t columns, unsigned right);
void cli_doc_cell(struct cli_doc *d, const char *fmt, ...) GW_PRINTF(2, 3);
void cli_doc_table_end(struct cli_doc *d);
/* Rows of three whose text may be long: "time  text (source)". */
void cli_doc_entries(struct cli_doc *d);
void cli_doc_entry(struct cli_doc *d, const char *at, const char *text, const char *source);
/* A strip as a chart of text: its highest value, a time axis, and where what it is about began and ended (to_ms 0: it did not). */
void cli_doc_chart(struct cli_doc *d, const struct vreport_chart *c, int64_t from_ms, int64_t to_ms);

#endif
