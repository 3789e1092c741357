/* SPDX-License-Identifier: MIT */
/* gwtop ack, note, assign, next, mitigate, resolve, snooze, correct, pin: what operators say of an incident, from a shell as from the
 * console. */
#include "cli/commands.h"

#include <string.h>

#include "base/timefmt.h"
#include "cli/say.h"

enum { TEXT_ROOM = 1 << 20 }; /* more than any command line's word that could be meant */

/* What follows the incident's number. */
static const struct {
    enum act_verb verb;
    size_t least, most; /* words, the number among them */
    const char *form;
} forms[] = {
    {ACT_ACK, 1, 1, "ID"},
    {ACT_NOTE, 2, 2, "ID TEXT"},
    {ACT_ASSIGN, 2, 2, "ID NAME"},
    {ACT_NEXT, 2, 2, "ID TEXT"},
    {ACT_MITIGATE, 1, 2, "ID [TEXT]"},
    {ACT_RESOLVE, 1, 2, "ID [TEXT]"},
    {ACT_SNOOZE, 3, 3, "ID DURATION REASON"},
    {ACT_CORRECT, 3, 3, "ID ENTRY TEXT"},
    {ACT_PIN, 2, 3, "ID ENTRY [off]"},
};

/* The act's text, from the words behind the number. NULL when the arena is full. */
static const char *text_of(const struct cli_words *words, struct arena *a)
{
    return words->count > 2 ? arena_printf(a, "%s %s", words->at[1], words->at[2]) : words->count > 1 ? words->at[1] : "";
}

/* "acknowledged, owner ann", and what of it was another's word a moment ago. */
static void print_said(const struct cli_io *io, const struct vincident *was, const struct vincident *is)
{
    char at[TIMEFMT_MAX];
    cli_print(io, "#%lld %s: %s, owner %s", (long long)is->in.id, is->in.title, incident_state_name(is->in.state),
              is->in.owner[0] != '\0' ? is->in.owner : "none");
    if (is->next_step[0] != '\0')
        cli_print(io, ", next: %s", is->next_step);
    instant_format_clock(is->snoozed_until_ms, at);
    if (is->snoozed_until_ms != 0)
        cli_print(io, ", snoozed until %s: %s", at, is->snooze_reason);
    instant_format_clock(was->said_ms, at);
    if (was->said_by[0] != '\0' && was->in.state != is->in.state)
        cli_print(io, "; it was %s, as %s said %s", incident_state_name(was->in.state), was->said_by, at);
}

static int print_json(const struct cli_where *where, const struct cli_store *s, enum act_verb verb, const char *text,
                      const struct vincident *was, const struct vincident *is, const struct view_pager *pager)
{
    struct buf out;
    struct json w;
    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "verb", act_verb_name(verb));
    cli_json_text(&s->io, &w, "text", text);
    if (pager->text[0] != '\0')
        json_string(&w, "pager", pager->text);
    cli_json_pending(&w, where, s);
    json_object(&w, "incident");
    cli_json_incident(&s->io, &w, is);
    json_end(&w);
    json_object(&w, "before");
    cli_json_incident(&s->io, &w, was);
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, act_verb_name(verb), &w, &out);
}

static enum err say(const struct cli_where *w, struct cli_store *s, size_t form, int64_t named, const char *text, struct vincident *ret_was,
                    struct vincident *ret_is, struct errctx *ctx)
{
    const enum act_verb verb = forms[form].verb;
    int64_t id = named;
    enum err e = view_load_incident(&s->loader, &s->params, named, ret_was, ctx);
    if (e == ERR_OK)
        e = view_said_of(&ret_was->in, verb, &id, ctx);
    if (e == ERR_OK && id != named)
        e = view_load_incident(&s->loader, &s->params, id, ret_was, ctx);
    if (e == ERR_OK && (verb == ACT_CORRECT || verb == ACT_PIN))
        e = view_find_entry(&s->loader, &s->params, id, text, ctx);
    if (e == ERR_OK)
        e = cli_say(w, s, verb, id, text, ctx);
    return e == ERR_OK ? view_load_incident(&s->loader, &s->params, id, ret_is, ctx) : e;
}

static int act_on(const struct cli_where *w, size_t form, int64_t id, const char *text, const struct cli_io *io)
{
    struct errctx ctx = {.text = ""};
    struct view_pager pager = {.text = ""};
    struct vincident was, is;
    struct cli_store s;
    int status = EXIT_OK;
    enum err e = cli_open_store(w, &s, io, &ctx);
    if (e == ERR_OK)
        e = say(w, &s, form, id, text, &was, &is, &ctx);
    if (e == ERR_OK && forms[form].verb == ACT_ACK)
        e = view_load_pager(&s.loader, &s.params, is.in.id, &pager, &ctx);
    if (e != ERR_OK) {
        status = cli_fail(io, e, &ctx);
    } else if (w->json) {
        status = print_json(w, &s, forms[form].verb, text, &was, &is, &pager);
    } else {
        if (is.in.id != id)
            cli_print(&s.io, "#%lld is told under #%lld, and this is said of that: ", (long long)id, (long long)is.in.id);
        print_said(&s.io, &was, &is);
        cli_print(&s.io, "%s%s; %s\n", forms[form].verb == ACT_ACK ? "; here only: " : "", forms[form].verb == ACT_ACK ? pager.text : "",
                  cli_say_pending(w, &s));
    }
    cli_close(&s);
    return status;
}

int cmd_act(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    struct cli_words words = {.max = 0};
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--json", CLI_FLAG, &w.json}, {NULL, CLI_FLAG, NULL}};
    struct errctx ctx = {.text = ""};
    struct arena room; /* for the text: a snooze is two words */
    int64_t id = 0;
    size_t form = 0;

    while (strcmp(act_verb_name(forms[form].verb), argv[0]) != 0)
        form++; /* commands.c has a row for each, and only for them */
    words.max = forms[form].most;
    int status = cli_options(argv[0], argc, argv, options, &words, io);
    if (status != CLI_GO_ON)
        return status;
    if (words.count < forms[form].least)
        return cli_fail(io, errctx_set(&ctx, ERR_USAGE, "%s: expected %s; a text is one word in quotes", argv[0], forms[form].form), &ctx);
    if (!cli_read_incident(argv[0], words.at[0], &id, io))
        return EXIT_USAGE;
    arena_init(&room, TEXT_ROOM);
    const char *text = text_of(&words, &room);
    enum err e = text != NULL ? act_check(forms[form].verb, text, &ctx) : errctx_set(&ctx, ERR_USAGE, "the text is far too long");
    if (e == ERR_OK)
        status = act_on(&w, form, id, text, io);
    else
        status = cli_fail(io, e, &ctx);
    arena_fini(&room);
    return status;
}
