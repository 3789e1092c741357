/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/safe_text.h"
#include "base/timefmt.h"

enum { LINE_MAX_BYTES = 2048 }; /* below PIPE_BUF, so that lines of several writers do not mix */

void log_line(const struct log *l, enum log_level level, const char *area, const char *fmt, ...)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    if (level > l->level)
        return;
    char text[LINE_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct clock now = clock_system();
    char when[TIMEFMT_MAX];
    instant_format_iso(instant_floor(clock_wall_ms(&now), 1000), when);
    char line[LINE_MAX_BYTES];
    (void)str_format(line, sizeof line, "%s %s %s: ", when, names[level], area);
    size_t len = str_of(line).n;
    if (len > sizeof line - 3) /* an area of two kilobytes is a programmer's joke, but not an overflow */
        len = sizeof line - 3;
    len += safe_text(line + len, sizeof line - 1 - len, str_of(n < 0 ? fmt : text));
    line[len++] = '\n';
    ssize_t written = write(l->fd, line, len);
    (void)written; /* a log that cannot be written has nowhere to say so */
}
