/* SPDX-License-Identifier: MIT */
/* The commands behind ':'. One row each; completion and the help screen read the same table. */
#include "ui/console/state.h"

#include <string.h>

#include "base/intern.h"
#include "base/timefmt.h"
#include "ui/console/theme_file.h"

enum { CANDIDATES_MAX = 128, SHORTEST_WINDOW_MS = 60000 };

/* What may stand at the place where Tab was pressed. */
struct candidates {
    const char *names[CANDIDATES_MAX]; /* borrowed */
    size_t count;
};

static void candidate(struct candidates *list, const char *name)
{
    if (list->count < CANDIDATES_MAX && name[0] != '\0')
        list->names[list->count++] = name;
}

static unsigned cmd_at(struct console *c, const char *arg)
{
    return console_go_text(c, arg);
}

static unsigned cmd_window(struct console *c, const char *arg)
{
    int64_t ms;
    if (duration_parse(str_of(arg), &ms, NULL) != ERR_OK || ms < SHORTEST_WINDOW_MS) {
        console_say(c, FRAME_MESSAGE_ERROR, "window: expected a duration of at least 1m, like 1h or 7d, got '%s'", arg);
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

static void groups(struct console *c, struct candidates *list)
{
    (void)c;
    for (int d = 0; d < DIM_COUNT; d++)
        candidate(list, dim_name((enum dim)d));
}

static unsigned cmd_sort(struct console *c, const char *arg)
{
    const char *const *sorts = pane_get(c->pane)->sorts;
    bool turned = arg[0] == '-';
    for (int i = 0; sorts != NULL && sorts[i] != NULL; i++) {
        if (strcmp(sorts[i], arg + turned) == 0) {
            c->ps[c->pane].sort = turned ? i + 1 : -(i + 1); /* largest first */
            return TURN_LOAD;
        }
    }
    console_say(c, FRAME_MESSAGE_ERROR, "sort: this pane cannot be sorted by '%s'", arg + turned);
    return TURN_DRAW;
}

static void sorts_of(struct console *c, struct candidates *list)
{
    const char *const *sorts = pane_get(c->pane)->sorts;
    for (int i = 0; sorts != NULL && sorts[i] != NULL; i++)
        candidate(list, sorts[i]);
}

static unsigned cmd_theme(struct console *c, const char *arg)
{
    struct errctx ctx = {.text = ""};
    if (theme_load(arg, &c->theme, &ctx) != ERR_OK)
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
    else if (terminal_colors(c->term) < 8)
        console_say(c, FRAME_MESSAGE_INFO, "no colours here, by NO_COLOR, --no-color or the terminal: of %s only bold and reverse are seen",
                    arg);
    console_set_hue(c);
    terminal_redraw(c->term);
    return TURN_DRAW;
}

static void themes(struct console *c, struct candidates *list)
{
    (void)c;
    for (size_t i = 0; theme_name_at(i) != NULL; i++)
        candidate(list, theme_name_at(i));
}

static unsigned cmd_glyphs(struct console *c, const char *arg)
{
    struct errctx ctx = {.text = ""};
    if (console_set_glyphs(c, arg, &ctx) != ERR_OK)
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
    else if (!terminal_is_utf8(c->term) && strcmp(arg, "ascii") != 0)
        console_say(c, FRAME_MESSAGE_INFO, "the locale is not UTF-8: ascii it stays; LC_ALL=C.UTF-8 changes that");
    return TURN_LOAD;
}

static void rungs(struct console *c, struct candidates *list)
{
    (void)c;
    candidate(list, "auto");
    for (int r = 0; r < GLYPH_RUNG_COUNT; r++)
        candidate(list, glyph_rung_name((enum glyph_rung)r));
}

static bool is_latency(enum signal s)
{
    return signal_info(s)->kind == KIND_HISTOGRAM && signal_info(s)->unit == UNIT_SECONDS;
}

static unsigned cmd_signal(struct console *c, const char *arg)
{
    enum signal s;
    if (!signal_by_name(str_of(arg), &s) || !is_latency(s)) {
        console_say(c, FRAME_MESSAGE_ERROR,
                    "signal: expected ttft, tpot, itl, e2e, provider_latency, queue_time, engine_queue, overhead, stage_latency or "
                    "upstream_connect, got '%s'",
                    arg);
        return TURN_DRAW;
    }
    c->latency.signal = s;
    if (s == SIG_STAGE_LATENCY)
        c->ps[PANE_LATENCY].group = DIM_STAGE; /* together they are nobody's latency */
    else if (c->ps[PANE_LATENCY].group == DIM_STAGE)
        c->ps[PANE_LATENCY].group = DIM_MODEL;
    c->latency.cell_s = 0; /* its row of one signal says nothing about another */
    return TURN_LOAD | console_show_pane(c, PANE_LATENCY);
}

static void latencies(struct console *c, struct candidates *list)
{
    (void)c;
    for (int s = 0; s < SIG_COUNT; s++)
        if (is_latency((enum signal)s))
            candidate(list, signal_info((enum signal)s)->name);
}

static unsigned cmd_note(struct console *c, const char *arg)
{
    unsigned turn = console_ask_say(c, ACT_NOTE); /* finds the incident, or says why there is none */
    if (c->asking != ASK_SAY || arg[0] == '\0')
        return turn;
    c->asking = ASK_NOTHING;
    return console_note(c, arg);
}

/* ":correct t12 the text", or the selected entry's is asked for. */
static unsigned cmd_correct(struct console *c, const char *arg)
{
    return arg[0] != '\0' ? console_act(c, ACT_CORRECT, arg) : console_ask_say(c, ACT_CORRECT);
}

static unsigned cmd_pin(struct console *c, const char *arg)
{
    return arg[0] != '\0' ? console_act(c, ACT_PIN, arg) : console_pin(c);
}

static unsigned cmd_assign(struct console *c, const char *arg)
{
    return console_act(c, ACT_ASSIGN, arg);
}

static unsigned cmd_next(struct console *c, const char *arg)
{
    return console_act(c, ACT_NEXT, arg);
}

static unsigned cmd_mitigate(struct console *c, const char *arg)
{
    return console_act(c, ACT_MITIGATE, arg);
}

static unsigned cmd_resolve(struct console *c, const char *arg)
{
    return console_act(c, ACT_RESOLVE, arg);
}

static unsigned cmd_snooze(struct console *c, const char *arg)
{
    return console_act(c, ACT_SNOOZE, arg);
}

static unsigned cmd_mark(struct console *c, const char *arg)
{
    return console_mark(c, arg);
}

static unsigned cmd_shift(struct console *c, const char *arg)
{
    return console_shift(c, arg);
}

static unsigned cmd_differs(struct console *c, const char *arg)
{
    enum differs_base base = DIFFERS_USUAL;
    if (arg[0] != '\0' && !view_differs_base_by_name(str_of(arg), &base)) {
        console_say(c, FRAME_MESSAGE_ERROR, "differs: expected before, yesterday, last-week or incident, got '%s'", arg);
        return TURN_DRAW;
    }
    console_settle(c);
    return console_differs(c, base);
}

static void bases(struct console *c, struct candidates *list)
{
    (void)c;
    for (int b = DIFFERS_USUAL + 1; b < DIFFERS_BASES; b++)
        candidate(list, view_differs_base_name((enum differs_base)b));
}

/* The values that series of the store have of a dimension. */
static void values_of(struct console *c, enum dim d, struct candidates *list)
{
    uint32_t seen[CANDIDATES_MAX];
    for (size_t i = 0; c->st != NULL && i < store_series_count(c->st) && list->count < CANDIDATES_MAX; i++) {
        uint32_t id = store_series_at(c->st, i)->dim[d];
        size_t k = 0;
        while (k < list->count && seen[k] != id)
            k++;
        if (id == 0 || k < list->count)
            continue;
        const char *name = intern_text(store_strings(c->st), id);
        if (strpbrk(name, " ,") != NULL)
            continue; /* no filter can hold it */
        seen[list->count] = id;
        candidate(list, name);
    }
}

static void models(struct console *c, struct candidates *list)
{
    values_of(c, DIM_MODEL, list);
}

static unsigned cmd_whatif(struct console *c, const char *arg)
{
    return console_whatif(c, arg);
}

static unsigned cmd_quit(struct console *c, const char *arg)
{
    (void)c;
    (void)arg;
    return TURN_QUIT;
}

static unsigned cmd_filter(struct console *c, const char *arg)
{
    return console_find(c, arg);
}

static const struct console_command_info commands[] = {
    {"assign", "NAME", "give the incident to somebody", cmd_assign, NULL},
    {"at", "TIME", "go to a time: yesterday 14:00", cmd_at, NULL},
    {"by", "DIM", "the same as group", cmd_group, groups},
    {"correct", "ENTRY TEXT", "what the timeline's entry should read", cmd_correct, NULL},
    {"differs", "BASE", "what differs from before, yesterday, ...", cmd_differs, bases},
    {"filter", "F", "show only what team=search names", cmd_filter, NULL},
    {"glyphs", "RUNG", "ascii, box, block, braille or auto", cmd_glyphs, rungs},
    {"group", "DIM", "group the table by team, model, ...", cmd_group, groups},
    {"mark", "TEXT", "an event of your own, now", cmd_mark, NULL},
    {"mitigate", "WHY", "the incident does no more harm", cmd_mitigate, NULL},
    {"next", "TEXT", "say the incident's next step", cmd_next, NULL},
    {"note", "TEXT", "write a note on the incident", cmd_note, NULL},
    {"pin", "ENTRY", "keep the timeline's entry in view", cmd_pin, NULL},
    {"quit", "", "leave", cmd_quit, NULL},
    {"resolve", "WHY", "the incident is over", cmd_resolve, NULL},
    {"shift", "12h", "what to hand over of a shift; Enter goes", cmd_shift, NULL},
    {"signal", "NAME", "Latency of ttft, tpot, e2e, ...", cmd_signal, latencies},
    {"snooze", "2h WHY", "put the incident off; 0s ends that", cmd_snooze, NULL},
    {"sort", "COLUMN", "sort by it; -COLUMN turns it round", cmd_sort, sorts_of},
    {"theme", "NAME", "other colours; a file has a '/'", cmd_theme, themes},
    {"whatif", "A B 30%", "move 30% of A to B; A cache 50%", cmd_whatif, models},
    {"window", "6h", "length of the time axis", cmd_window, NULL},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

const struct console_command_info *console_command_at(size_t i)
{
    return i < COMMANDS ? &commands[i] : NULL;
}

static const struct console_command_info *find(const char *name, size_t n)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strlen(commands[i].name) == n && memcmp(commands[i].name, name, n) == 0)
            return &commands[i];
    return NULL;
}

unsigned console_command(struct console *c, const char *line)
{
    line += strspn(line, " ");
    size_t n = strcspn(line, " ");
    const char *arg = line + n + strspn(line + n, " ");
    const struct console_command_info *command = find(line, n);
    enum pane_id pane;

    if (n == 0)
        return TURN_DRAW;
    if (command != NULL)
        return command->run(c, arg);
    if (pane_by_name((struct str){line, n}, &pane))
        return console_show_pane(c, pane) | TURN_DRAW;
    console_say(c, FRAME_MESSAGE_ERROR, "there is no command '%.*s'; Tab lists them", (int)n, line);
    return TURN_DRAW;
}

/* ---- completion ---- */

/* Puts the longest beginning that all candidates share; when nothing is added, says what there is. */
static void complete_from(struct console *c, const char *head, const struct candidates *list, const char *end)
{
    char all[sizeof c->prompt_label - 4] = "", common[PROMPT_MAX] = "", line[PROMPT_MAX];
    int typed = (int)(strlen(c->prompt.text) - strlen(head));
    size_t matching = 0;
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->names[i];
        if (strncmp(name, head, strlen(head)) != 0)
            continue;
        size_t k = 0, used = strlen(all);
        if (matching++ == 0)
            (void)str_copy(common, sizeof common, str_of(name));
        while (common[k] != '\0' && common[k] == name[k])
            k++;
        common[k] = '\0';
        (void)str_format(all + used, sizeof all - used, "%s%s", used > 0 ? "  " : "", name);
    }
    if (strlen(common) > strlen(head) || matching == 1) {
        if (str_format(line, sizeof line, "%.*s%s%s", typed, c->prompt.text, common, matching == 1 ? end : ""))
            prompt_set(&c->prompt, line);
    } else if (matching > 1) {
        (void)str_format(c->prompt_label, sizeof c->prompt_label, "[%.60s%s] ", all, strlen(all) > 60 ? "..." : "");
    }
}

static void complete_filter(struct console *c, const char *text)
{
    struct candidates list = {.count = 0};
    const char *blank = strrchr(text, ' '), *word = blank != NULL ? blank + 1 : text, *equals = strpbrk(word, "=:");
    enum dim d;
    if (equals == NULL) {
        groups(c, &list);
        complete_from(c, word, &list, "=");
    } else if (dim_by_name((struct str){word, (size_t)(equals - word)}, &d)) {
        const char *comma = strrchr(equals, ',');
        values_of(c, d, &list);
        complete_from(c, comma != NULL ? comma + 1 : equals + 1, &list, " ");
    }
}

void console_complete(struct console *c)
{
    struct candidates list = {.count = 0};
    const char *text = c->prompt.text, *blank = strchr(text, ' ');

    if (c->asking == ASK_FILTER) {
        complete_filter(c, text);
        return;
    }
    if (c->asking != ASK_COMMAND)
        return;
    if (blank == NULL) {
        for (size_t i = 0; i < COMMANDS; i++)
            candidate(&list, commands[i].name);
        for (int p = 0; p < PANE_COUNT; p++)
            candidate(&list, pane_get((enum pane_id)p)->name);
        complete_from(c, text, &list, " ");
        return;
    }
    const struct console_command_info *command = find(text, (size_t)(blank - text));
    if (command != NULL && strcmp(command->name, "filter") == 0) {
        complete_filter(c, blank + 1);
    } else if (command != NULL && command->list != NULL) {
        command->list(c, &list);
        complete_from(c, strrchr(text, ' ') + 1, &list, "");
    }
}
