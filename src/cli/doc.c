/* SPDX-License-Identifier: MIT */
#include "cli/doc.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "base/safe_text.h"
#include "ui/draw/mask.h"

enum { DOC_TEXT_MAX = 4096 };

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Whether Markdown would take a character for markup. Underscores inside of words are none, and names are full of them; a tilde ends what
 * is struck through only after a word, and ~ is what "about" is written as. */
static bool is_markup(const char *text, size_t i)
{
    if (text[i] == '_')
        return i == 0 || !is_word(text[i - 1]) || !is_word(text[i + 1]);
    if (text[i] == '~')
        return i > 0 && is_word(text[i - 1]);
    return strchr("\\`*[]<|&$", text[i]) != NULL || (i == 0 && strchr("#>-+", text[i]) != NULL);
}

/* In Markdown all but the items of one list stand apart by a blank line; in plain text headings do, and tables that follow each other. */
static void begin(struct cli_doc *d, enum cli_doc_part part)
{
    const bool apart = d->markdown ? part != CLI_DOC_ITEM || d->last != CLI_DOC_ITEM
                                   : part == CLI_DOC_HEADING || (part == CLI_DOC_TABLE && d->last == CLI_DOC_TABLE);
    if (apart && d->last != CLI_DOC_NOTHING)
        fputc('\n', d->io->out);
    d->last = part;
}

static void put_text(const struct cli_doc *d, const char *text)
{
    char masked[DOC_TEXT_MAX], safe[DOC_TEXT_MAX];
    safe_text(safe, sizeof safe, str_of(mask_text(d->io->mask, text, masked, sizeof masked)));
    for (size_t i = 0; safe[i] != '\0'; i++) {
        if (d->markdown && is_markup(safe, i))
            fputc('\\', d->io->out);
        fputc(safe[i] == '\n' ? ' ' : safe[i], d->io->out);
    }
}

static void put_format(const struct cli_doc *d, const char *fmt, va_list ap)
{
    char text[DOC_TEXT_MAX];
    vsnprintf(text, sizeof text, fmt, ap);
    put_text(d, text);
}

void cli_doc_heading(struct cli_doc *d, int level, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    begin(d, CLI_DOC_HEADING);
    for (int i = 0; d->markdown && i < level; i++)
        fputs(i + 1 < level ? "#" : "# ", d->io->out);
    put_format(d, fmt, ap);
    fputc('\n', d->io->out);
    va_end(ap);
}

void cli_doc_line(struct cli_doc *d, const char *fmt, ...)
{
    va_list ap;
    begin(d, CLI_DOC_LINE);
    va_start(ap, fmt);
    put_format(d, fmt, ap);
    fputc('\n', d->io->out);
    va_end(ap);
}

void cli_doc_item(struct cli_doc *d, const char *label, const char *fmt, ...)
{
    const char *strong = d->markdown ? "**" : "";
    va_list ap;
    begin(d, CLI_DOC_ITEM);
    va_start(ap, fmt);
    fputs("- ", d->io->out);
    if (label[0] != '\0') {
        fputs(strong, d->io->out);
        put_text(d, label);
        fprintf(d->io->out, ":%s ", strong);
    }
    put_format(d, fmt, ap);
    fputc('\n', d->io->out);
    va_end(ap);
}

void cli_doc_todo(struct cli_doc *d, const char *label, const char *hint)
{
    begin(d, CLI_DOC_ITEM);
    fputs(d->markdown ? "- [ ] **TO FILL IN: " : "TO FILL IN: ", d->io->out);
    put_text(d, label);
    fputs(d->markdown ? "**, " : ", ", d->io->out);
    put_text(d, hint);
    fputc('\n', d->io->out);
}

void cli_doc_table(struct cli_doc *d, const char *const *heads, size_t columns, unsigned right)
{
    begin(d, CLI_DOC_TABLE);
    d->columns = columns;
    d->cells = 0;
    if (!d->markdown)
        cli_table_init(&d->table, d->io, columns, right);
    for (size_t i = 0; i < columns; i++)
        cli_doc_cell(d, "%s", heads[i]);
    for (size_t i = 0; d->markdown && i < columns; i++)
        fprintf(d->io->out, "%s---%s", i == 0 ? "| " : " | ", (right >> i & 1) != 0 ? ":" : "");
    fputs(d->markdown ? " |\n" : "", d->io->out);
}

void cli_doc_cell(struct cli_doc *d, const char *fmt, ...)
{
    char text[DOC_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (!d->markdown) {
        cli_table_cell(&d->table, "%s", text);
        return;
    }
    fputs(d->cells++ % d->columns == 0 ? "| " : " | ", d->io->out);
    put_text(d, text);
    fputs(d->cells % d->columns == 0 ? " |\n" : "", d->io->out);
}

void cli_doc_table_end(struct cli_doc *d)
{
    if (!d->markdown)
        cli_table_print(&d->table);
}

void cli_doc_entries(struct cli_doc *d)
{
    begin(d, CLI_DOC_TABLE);
    if (d->markdown)
        fputs("| time (UTC) | what | source |\n| --- | --- | --- |\n", d->io->out);
}

void cli_doc_entry(struct cli_doc *d, const char *at, const char *text, const char *source)
{
    fprintf(d->io->out, d->markdown ? "| %s | " : "%s  ", at);
    put_text(d, text);
    fputs(d->markdown ? " | " : " (", d->io->out);
    put_text(d, source);
    fputs(d->markdown ? " |\n" : ")\n", d->io->out);
}
