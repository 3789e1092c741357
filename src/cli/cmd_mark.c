/* SPDX-License-Identifier: MIT */
/* gwtop mark: a change that gwtop cannot see, told by who made it (a deploy pipeline, say). The recorder makes it an event. */
#include "cli/commands.h"

#include "base/timefmt.h"
#include "cli/say.h"

struct mark_args {
    const char *kind, *scope, *at;
};

static enum err read_mark(const struct cli_store *s, const struct mark_args *a, struct act_mark *m, struct arena *arena, struct errctx *ctx)
{
    enum err e = act_kind_by_name(a->kind != NULL ? a->kind : act_kind_name(EVENT_MARK), &m->kind, ctx);
    if (e == ERR_OK)
        e = act_scope_make(a->scope != NULL ? a->scope : "", arena, &m->scope, ctx);
    m->at_ms = s->now_ms;
    if (e == ERR_OK && a->at != NULL && instant_parse(str_of(a->at), s->now_ms, &m->at_ms, ctx) != ERR_OK)
        e = ERR_USAGE;
    return e;
}

static int print_json(const struct cli_where *where, const struct cli_store *s, const struct act_mark *m)
{
    struct buf out;
    struct json w;
    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "kind", event_kind_name(m->kind));
    cli_json_instant(&w, "at", m->at_ms);
    cli_json_text(&s->io, &w, "scope", m->scope);
    cli_json_text(&s->io, &w, "text", m->text);
    cli_json_pending(&w, where, s);
    json_end(&w);
    return cli_print_json(&s->io, "mark", &w, &out);
}

int cmd_mark(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    struct mark_args a = {.kind = NULL};
    struct cli_words words = {.max = 1};
    const struct cli_option options[] = {
        {"--kind", CLI_TEXT, &a.kind},   {"--scope", CLI_TEXT, &a.scope}, {"--at", CLI_TEXT, &a.at}, {"--config", CLI_TEXT, &w.config},
        {"--store", CLI_TEXT, &w.store}, {"--json", CLI_FLAG, &w.json},   {NULL, CLI_FLAG, NULL}};
    struct errctx ctx = {.text = ""};
    struct cli_store s;
    char text[ACT_TEXT_MAX + ACT_SCOPE_MAX + 64], at[TIMEFMT_MAX];

    int status = cli_options("mark", argc, argv, options, &words, io);
    if (status != CLI_GO_ON)
        return status;
    if (words.count == 0)
        return cli_fail(io, errctx_set(&ctx, ERR_USAGE, "mark what? One text in quotes: gwtop mark \"gpt-x v7 goes live\" --kind deploy"),
                        &ctx);
    struct act_mark m = {.text = words.at[0]};
    enum err e = act_check_text("the text", m.text, ACT_TEXT_MAX, &ctx);
    if (e != ERR_OK)
        return cli_fail(io, e, &ctx);
    e = cli_open_store(&w, &s, io, &ctx);
    if (e == ERR_OK)
        e = read_mark(&s, &a, &m, &s.arena, &ctx);
    if (e == ERR_OK)
        e = act_mark_format(&m, s.now_ms, text, sizeof text, &ctx);
    if (e == ERR_OK)
        e = cli_say(&w, &s, ACT_MARK, 0, text, &ctx);
    if (e != ERR_OK) {
        status = cli_fail(io, e, &ctx);
    } else if (w.json) {
        status = print_json(&w, &s, &m);
    } else {
        instant_format_iso(instant_floor(m.at_ms, 1000), at);
        cli_print(&s.io, "marked %s, %s, %s: %s; %s\n", at, event_kind_name(m.kind), m.scope[0] != '\0' ? m.scope : "of everything", m.text,
                  cli_say_pending(&w, &s));
        status = EXIT_OK;
    }
    cli_close(&s);
    return status;
}
