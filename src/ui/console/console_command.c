/* SPDX-License-Identifier: MIT */
/* The commands behind ':'. One row each: name, argument, help; completion and the help screen read the table. */
#include "ui/console/state.h"

#include <string.h>

#include "base/timefmt.h"
#include "ui/console/theme_file.h"

typedef unsigned command_fn(struct console *c, const char *arg);

static unsigned cmd_at(struct console *c, const char *arg)
{
    struct errctx ctx = {.text = ""};
    int64_t at;
    if (instant_parse(str_of(arg), c->now_ms, &at, &ctx) != ERR_OK) {
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
        return TURN_DRAW;
    }
    console_go(c, at);
    return TURN_LOAD;
}

static unsigned cmd_window(struct console *c, const char *arg)
{
    struct errctx ctx = {.text = ""};
    int64_t ms;
    if (duration_parse(str_of(arg), &ms, &ctx) != ERR_OK || ms < 60000) {
        console_say(c, FRAME_MESSAGE_ERROR, "window: expected a duration of at least 1m, like 1h or 7d");
        return TURN_DRAW;
    }
    c->window_ms = ms;
    return TURN_LOAD;
}

static unsigned cmd_group(struct console *c, const char *arg)
{
    enum dim d;
    if (!dim_by_name(str_of(arg), &d)) {
        console_say(c, FRAME_MESSAGE_ERROR, "group: expected model, provider, deployment, region, team, key or route, got '%s'", arg);
        return TURN_DRAW;
    }
    c->ps[c->pane].group = d;
    return TURN_LOAD;
}

static unsigned cmd_sort(struct console *c, const char *arg)
{
    const char *const *sorts = pane_get(c->pane)->sorts;
    for (int i = 0; sorts != NULL && sorts[i] != NULL; i++) {
        if (strcmp(sorts[i], arg) == 0) {
            c->ps[c->pane].sort = i + 1;
            return TURN_LOAD;
        }
    }
    console_say(c, FRAME_MESSAGE_ERROR, "sort: this pane cannot be sorted by '%s'", arg);
    return TURN_DRAW;
}

static unsigned cmd_theme(struct console *c, const char *arg)
{
    struct errctx ctx = {.text = ""};
    if (theme_load(arg, &c->theme, &ctx) != ERR_OK)
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
    terminal_redraw(c->term);
    return TURN_DRAW;
}

static unsigned cmd_glyphs(struct console *c, const char *arg)
{
    if (strcmp(arg, "auto") == 0)
        c->rung = terminal_is_utf8(c->term) ? GLYPH_BLOCK : GLYPH_ASCII;
    else if (!glyph_rung_by_name(str_of(arg), &c->rung))
        console_say(c, FRAME_MESSAGE_ERROR, "glyphs: expected ascii, box, block, braille or auto, got '%s'", arg);
    return TURN_LOAD;
}

static unsigned cmd_signal(struct console *c, const char *arg)
{
    enum signal s;
    if (!signal_by_name(str_of(arg), &s) || signal_info(s)->kind != KIND_HISTOGRAM) {
        console_say(c, FRAME_MESSAGE_ERROR, "signal: expected ttft, tpot, itl, e2e, provider_latency, queue_time or overhead, got '%s'", arg);
        return TURN_DRAW;
    }
    c->latency_signal = s;
    return TURN_LOAD;
}

static unsigned cmd_note(struct console *c, const char *arg)
{
    struct errctx ctx = {.text = ""};
    int64_t id = c->pane == PANE_INCIDENTS && c->ps[c->pane].opened != 0 ? c->ps[c->pane].opened : c->frame.verdict.incident;
    if (!c->has_frame || id == 0 || arg[0] == '\0') {
        console_say(c, FRAME_MESSAGE_ERROR, "note: open an incident and write :note TEXT");
        return TURN_DRAW;
    }
    if (store_act_drop(c->store_path, "note", id, arg, c->now_ms, &ctx) != ERR_OK)
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
    else
        console_say(c, FRAME_MESSAGE_INFO, "noted on #%lld; pending until the recorder takes it in", (long long)id);
    return TURN_LOAD;
}

static unsigned cmd_quit(struct console *c, const char *arg)
{
    (void)c;
    (void)arg;
    return TURN_QUIT;
}

static unsigned cmd_filter(struct console *c, const char *arg)
{
    return console_set_filter(c, arg);
}

static const struct { const char *name; command_fn *fn; } commands[] = {
    {"at", cmd_at}, {"filter", cmd_filter}, {"glyphs", cmd_glyphs}, {"group", cmd_group}, {"note", cmd_note}, {"quit", cmd_quit},
    {"signal", cmd_signal}, {"sort", cmd_sort}, {"theme", cmd_theme}, {"window", cmd_window},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

unsigned console_command(struct console *c, const char *line)
{
    size_t n = strcspn(line, " ");
    const char *arg = line + n + strspn(line + n, " ");
    enum pane_id pane;

    if (n == 0)
        return TURN_DRAW;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strlen(commands[i].name) == n && memcmp(commands[i].name, line, n) == 0)
            return commands[i].fn(c, arg);
    if (pane_by_name((struct str){line, n}, &pane)) {
        c->has_view = c->has_view && c->pane == pane;
        c->pane = pane;
        return TURN_LOAD;
    }
    console_say(c, FRAME_MESSAGE_ERROR, "there is no command '%.*s'; Tab lists them", (int)n, line);
    return TURN_DRAW;
}

/* Puts the longest beginning that all candidates share; when nothing is added, says what there is. */
static void complete_from(struct console *c, const char *head, const char *const *names, size_t count)
{
    char all[MESSAGE_MAX] = "", common[PROMPT_MAX] = "";
    size_t typed = strlen(c->prompt.text) - strlen(head), matching = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(names[i], head, strlen(head)) != 0)
            continue;
        size_t k = 0, used = strlen(all);
        if (matching++ == 0)
            (void)str_copy(common, sizeof common, str_of(names[i]));
        while (common[k] != '\0' && common[k] == names[i][k])
            k++;
        common[k] = '\0';
        (void)str_format(all + used, sizeof all - used, "%s%s", used > 0 ? "  " : "", names[i]);
    }
    if (strlen(common) > strlen(head) || matching == 1) {
        char line[PROMPT_MAX];
        if (str_format(line, sizeof line, "%.*s%s%s", (int)typed, c->prompt.text, common, matching == 1 ? " " : ""))
            prompt_set(&c->prompt, line);
    } else if (matching > 1) {
        (void)str_format(c->prompt_label, sizeof c->prompt_label, "[%.80s] ", all);
    }
}

void console_complete(struct console *c)
{
    const char *names[64];
    size_t n = 0;
    const char *blank = strchr(c->prompt.text, ' ');

    if (c->asking == ASK_FILTER || (blank != NULL && strncmp(c->prompt.text, "group", 5) == 0)) {
        const char *last = strrchr(c->prompt.text, ' ');
        for (int d = 0; d < DIM_COUNT; d++)
            names[n++] = dim_name((enum dim)d);
        complete_from(c, last != NULL ? last + 1 : c->prompt.text, names, n);
        return;
    }
    if (c->asking != ASK_COMMAND)
        return;
    if (blank != NULL && strncmp(c->prompt.text, "theme", 5) == 0) {
        while (n < 64 && theme_name_at(n) != NULL) {
            names[n] = theme_name_at(n);
            n++;
        }
    } else if (blank != NULL && strncmp(c->prompt.text, "glyphs", 6) == 0) {
        for (int r = 0; r < GLYPH_RUNG_COUNT; r++)
            names[n++] = glyph_rung_name((enum glyph_rung)r);
    } else if (blank == NULL) {
        for (size_t i = 0; i < COMMANDS; i++)
            names[n++] = commands[i].name;
        for (int p = 0; p < PANE_COUNT; p++)
            names[n++] = pane_get((enum pane_id)p)->name;
    }
    complete_from(c, blank != NULL ? blank + 1 : c->prompt.text, names, n);
}
