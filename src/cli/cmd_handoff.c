/* SPDX-License-Identifier: MIT */
/* gwtop handoff: what who comes must know of a shift, and taking over what is open. */
#include "cli/commands.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "cli/doc.h"
#include "cli/handoff.h"
#include "cli/say.h"

static const int64_t hour_ms = 3600000, shift_most_ms = 31 * (int64_t)86400000;

static void print_text(const struct view_handoff *v, const struct cli_store *s, bool markdown)
{
    struct cli_doc d = {.io = &s->io, .markdown = markdown};
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], length[TIMEFMT_MAX];
    size_t at = 0;

    if (!markdown)
        cli_print_header(s);
    duration_format(v->to_ms - v->from_ms, length);
    instant_format_iso(instant_floor(v->from_ms, 1000), from);
    instant_format_iso(instant_floor(v->to_ms, 1000), to);
    cli_doc_heading(&d, 1, "Handover of %s%s, shift of %s: %s to %s", s->frame.gateway, s->frame.demo ? " (DEMO: a simulated gateway)" : "",
                    length, from, to);
    cli_doc_line(&d, "%s.", v->sentence);
    for (int part = 0; part < VHANDOFF_PARTS; part++) {
        cli_doc_heading(&d, 2, "%s", v->parts[part].title);
        if (at == v->row_count || (int)v->rows[at].part != part)
            cli_doc_line(&d, "%s.", v->parts[part].none);
        for (; at < v->row_count && (int)v->rows[at].part == part; at++)
            cli_doc_item(&d, v->rows[at].head, "%s", v->rows[at].text);
        if (v->parts[part].more > 0)
            cli_doc_line(&d, "and %u more.", (unsigned)v->parts[part].more);
    }
}

/* ---- taking over ---- */

struct taken {
    struct vincident was, is;
};

static const struct vincident *find(const struct view_handoff *v, int64_t id)
{
    for (size_t i = 0; i < v->open_count; i++)
        if (v->open[i]->in.id == id)
            return v->open[i];
    return NULL;
}

/* Which incidents are meant; all or none of them are taken. */
static enum err pick(const struct view_handoff *v, const struct cli_words *words, bool all, struct taken *list, size_t *ret_count,
                     const struct cli_io *io, struct errctx *ctx)
{
    size_t n = 0;
    for (size_t i = 0; all && i < v->open_count; i++)
        list[n++].was = *v->open[i];
    for (size_t i = 1; !all && i < words->count; i++) {
        int64_t id;
        if (!cli_read_incident("handoff accept", words->at[i], &id, io))
            return ERR_USAGE;
        const struct vincident *in = find(v, id);
        if (in == NULL)
            return errctx_set(ctx, ERR_NOTFOUND, "incident #%lld is not open; `gwtop handoff` lists those that are", (long long)id);
        list[n++].was = *in;
    }
    *ret_count = n;
    return ERR_OK;
}

static enum err take(const struct cli_where *w, struct cli_store *s, struct taken *list, size_t count, struct errctx *ctx)
{
    char name[STORE_AUTHOR_MAX];
    enum err e = ERR_OK;

    store_act_author(name);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = cli_say(w, s, ACT_ASSIGN, list[i].was.in.id, name, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = view_load_incident(&s->loader, &s->params, list[i].was.in.id, &list[i].is, ctx);
    return e;
}

static void print_taken(const struct cli_where *w, const struct cli_store *s, const struct taken *list, size_t count)
{
    if (count == 0)
        cli_print(&s->io, "no incident is open: nothing to take over\n");
    for (size_t i = 0; i < count; i++)
        cli_print(&s->io, "#%lld %s: owner %s, was %s; next: %s\n", (long long)list[i].is.in.id, list[i].is.in.title, list[i].is.in.owner,
                  list[i].was.in.owner[0] != '\0' ? list[i].was.in.owner : "nobody",
                  list[i].is.next_step[0] != '\0' ? list[i].is.next_step : VHANDOFF_NO_STEP);
    if (count > 0)
        cli_print(&s->io, "%s\n", cli_say_pending(w, s));
}

static int json_taken(const struct cli_where *where, const struct cli_store *s, const struct taken *list, size_t count)
{
    struct buf out;
    struct json w;
    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "verb", act_verb_name(ACT_ASSIGN));
    cli_json_pending(&w, where, s);
    json_array(&w, "incidents");
    for (size_t i = 0; i < count; i++) {
        json_object(&w, NULL);
        cli_json_incident(&s->io, &w, &list[i].is);
        json_string(&w, "owner_before", list[i].was.in.owner);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "handoff", &w, &out);
}

static int accept(const struct cli_where *w, struct cli_store *s, const struct view_handoff *v, const struct cli_words *words, bool all)
{
    struct errctx ctx = {.text = ""};
    const size_t most = v->open_count > words->count ? v->open_count : words->count;
    struct taken *list = arena_array(&s->arena, most + 1, sizeof *list);
    size_t count = 0;

    if (list == NULL)
        return cli_fail(&s->io, errctx_set(&ctx, ERR_NOMEM, "out of memory while taking over"), &ctx);
    enum err e = pick(v, words, all, list, &count, &s->io, &ctx);
    if (e == ERR_USAGE)
        return EXIT_USAGE; /* that is said already */
    if (e == ERR_OK)
        e = take(w, s, list, count, &ctx);
    if (e != ERR_OK)
        return cli_fail(&s->io, e, &ctx);
    if (w->json)
        return json_taken(w, s, list, count);
    print_taken(w, s, list, count);
    return EXIT_OK;
}

/* ---- the command ---- */

static enum err read_duration(const char *option, const char *text, int64_t most_ms, int64_t *ret_ms, struct errctx *ctx)
{
    if (text == NULL)
        return ERR_OK;
    if (duration_parse(str_of(text), ret_ms, NULL) == ERR_OK && *ret_ms > 0 && *ret_ms <= most_ms)
        return ERR_OK;
    return errctx_set(ctx, ERR_USAGE, "%s: expected a duration like 12h, at most 31d, got '%.40s'", option, text);
}

struct asked {
    struct cli_where w;
    struct cli_words words;
    const char *shift, *baking;
    bool markdown, all;
    int64_t shift_ms, baking_ms;
};

static enum err check(struct asked *q, struct errctx *ctx)
{
    const bool accepts = q->words.count > 0 && strcmp(q->words.at[0], "accept") == 0;
    enum err e = read_duration("--shift", q->shift, shift_most_ms, &q->shift_ms, ctx);
    if (e == ERR_OK)
        e = read_duration("--baking", q->baking, shift_most_ms, &q->baking_ms, ctx);
    if (e != ERR_OK)
        return e;
    if (q->words.count > 0 && !accepts)
        return errctx_set(ctx, ERR_USAGE, "handoff: unexpected argument '%.40s'; `gwtop handoff accept ID...` takes incidents over",
                          q->words.at[0]);
    if (q->all && (!accepts || q->words.count > 1))
        return errctx_set(ctx, ERR_USAGE, "--all goes with `gwtop handoff accept`, in place of incidents");
    if (accepts && !q->all && q->words.count == 1)
        return errctx_set(ctx, ERR_USAGE,
                          "handoff accept: which incidents? `gwtop handoff` lists them; --all takes every one that is open");
    if (accepts && (q->w.at != NULL || q->markdown))
        return errctx_set(ctx, ERR_USAGE, "handoff accept is said now, and takes no %s", q->markdown ? "--markdown" : "--at");
    return ERR_OK;
}

static int run(struct asked *q, const struct cli_io *io)
{
    struct errctx ctx = {.text = ""};
    struct view_handoff v;
    struct cli_store s;
    const bool accepts = q->words.count > 0;
    int status = EXIT_OK;

    enum err e = cli_open(&q->w, DIM_TEAM, q->shift_ms, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_handoff(&s.loader, &s.params, q->baking_ms, &v, &ctx);
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (accepts)
        status = accept(&q->w, &s, &v, &q->words, q->all);
    else if (q->w.json)
        status = cli_handoff_json(&v, &s);
    else
        print_text(&v, &s, q->markdown);
    cli_close(&s);
    return status;
}

int cmd_handoff(int argc, char **argv, const struct cli_io *io)
{
    struct asked q = {.words = {.max = CLI_WORDS_MAX}, .shift_ms = 12 * hour_ms, .baking_ms = 24 * hour_ms};
    const struct cli_option options[] = {
        {"--shift", CLI_TEXT, &q.shift},
        {"--baking", CLI_TEXT, &q.baking},
        {"--all", CLI_FLAG, &q.all},
        {"--config", CLI_TEXT, &q.w.config},
        {"--store", CLI_TEXT, &q.w.store},
        {"--at", CLI_TEXT, &q.w.at},
        {"--json", CLI_FLAG, &q.w.json},
        {"--markdown", CLI_FLAG, &q.markdown},
        {"--filter", CLI_TEXT_OR_EMPTY, &q.w.filter},
        {NULL, CLI_FLAG, NULL},
    };
    struct errctx ctx = {.text = ""};

    int status = cli_options("handoff", argc, argv, options, &q.words, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("handoff", "--markdown", q.markdown, "--json", q.w.json, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = check(&q, &ctx);
    return e == ERR_OK ? run(&q, io) : cli_fail(io, e, &ctx);
}
