/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <stdarg.h>
#include <string.h>

#include "base/safe_text.h"

enum { PRINT_MAX = 16 * 1024 };

void cli_print(const struct cli_io *io, const char *fmt, ...)
{
    char text[PRINT_MAX], safe[PRINT_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (const char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        safe_text(safe, sizeof safe, (struct str){line, n});
        fputs(safe, io->out);
        line += n;
        if (*line == '\n') {
            fputc('\n', io->out);
            line++;
        }
    }
}

int cli_print_json(const struct cli_io *io, const char *command, struct json *w, struct buf *out)
{
    bool ok = w->err == ERR_OK;
    if (ok)
        fprintf(io->out, "%.*s\n", (int)out->len, out->data);
    else
        fprintf(io->err, "gwtop %s: the answer is larger than %d MB\n", command, CLI_JSON_MAX >> 20);
    buf_fini(out);
    return ok ? EXIT_OK : EXIT_FAILED;
}
