/* SPDX-License-Identifier: MIT */
#include "sim/progress.h"

#include <string.h>

#include "base/str.h"

#define TITLE "recording the past of the simulated gateway"
enum { BAR_MAX = 32, BAR_LEAST = 4, COLUMNS_USUAL = 80, QUARTERS = 4 };

/* " [####....]", or nothing in less than a few cells. */
static void bar_text(double share, int cells, char out[BAR_MAX + 4])
{
    out[0] = '\0';
    if (cells < BAR_LEAST)
        return;
    cells = cells < BAR_MAX ? cells : BAR_MAX;
    memcpy(out, " [", 2);
    for (int i = 0; i < cells; i++)
        out[2 + i] = i < (int)(share * cells) ? '#' : '.';
    memcpy(out + 2 + cells, "]", 2);
}

static const char *in_place(const struct progress *p, double share, int64_t elapsed_ms, bool last, char out[PROGRESS_MAX])
{
    const int room = (p->columns > 0 ? p->columns : COLUMNS_USUAL) - 1; /* the last column would wrap */
    char bar[BAR_MAX + 4], end[32], line[PROGRESS_MAX];
    str_format(end, sizeof end, " %3d %%  %.1f s", (int)(share * 100), (double)elapsed_ms / 1000);
    const char *title = (int)(strlen(TITLE) + strlen(end)) <= room ? TITLE : "";
    bar_text(share, room - (int)strlen(title) - (int)strlen(end) - 3, bar);
    str_format(line, sizeof line, "%s%s%s", title, bar, end);
    str_format(out, PROGRESS_MAX, "\r%.*s%s", room, line, last ? "\n" : "");
    return out;
}

/* A log wants to know that it goes on, and not every step. */
static const char *as_line(struct progress *p, double share, int64_t elapsed_ms, char out[PROGRESS_MAX])
{
    const int quarters = (int)(share * QUARTERS);
    out[0] = '\0';
    if (quarters >= p->lines)
        str_format(out, PROGRESS_MAX, TITLE ": %d %%, %.1f s\n", quarters * 100 / QUARTERS, (double)elapsed_ms / 1000);
    p->lines = quarters >= p->lines ? quarters + 1 : p->lines;
    return out;
}

const char *progress_text(struct progress *p, double share, int64_t elapsed_ms, bool last, char out[PROGRESS_MAX])
{
    return p->in_place ? in_place(p, share, elapsed_ms, last, out) : as_line(p, share, elapsed_ms, out);
}
