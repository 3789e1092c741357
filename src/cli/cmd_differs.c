/* SPDX-License-Identifier: MIT */
/* gwtop differs: which provider, deployment, model, team or key explains that a window is not like its baseline. */
#include "cli/commands.h"

#include <math.h>

#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

#define BASES "usual, before, yesterday, last-week, incident or a time"

/* A baseline by its name, or an instant at which a window of the same length begins; t1_ms 0: the usual window. */
static enum err read_ask(const char *base, int64_t t0_ms, int64_t t1_ms, struct cli_store *s, struct view_differs_ask *ask,
                         struct errctx *ctx)
{
    enum differs_base named = DIFFERS_USUAL;
    int64_t from;
    char clock[TIMEFMT_MAX], day[TIMEFMT_MAX];

    if (base == NULL || view_differs_base_by_name(str_of(base), &named))
        return view_differs_against(&s->loader, &s->params, t0_ms, t1_ms, named, ask, ctx);
    if (instant_parse(str_of(base), s->now_ms, &from, ctx) != ERR_OK)
        return errctx_set(ctx, ERR_USAGE, "--base: expected " BASES ", got '%s'", base);
    enum err e = view_differs_against(&s->loader, &s->params, t0_ms, t1_ms, DIFFERS_BEFORE, ask, ctx);
    if (e != ERR_OK)
        return e;
    ask->base0_ms = from;
    ask->base1_ms = from + ask->t1_ms - ask->t0_ms;
    instant_format_day(from, day);
    instant_format_clock(from, clock);
    ask->base_text = arena_printf(&s->arena, "%s %.5sZ", day, clock);
    return ask->base_text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory");
}

static void print_text(const struct view_differs *v, const struct cli_store *s)
{
    const struct cli_io *io = &s->io;
    struct cli_table t;
    char a[NUMFMT_MAX], b[NUMFMT_MAX], c[NUMFMT_MAX], what[CLI_CELL_MAX];

    cli_print_header(s);
    cli_print(io, "%s\n", v->sentence);
    if (v->slow_text[0] != '\0')
        cli_print(io, "(%s; that is where one in twenty lay in the baseline)\n", v->slow_text);
    if (v->row_count == 0)
        return;
    cli_print(io, "\n");
    cli_table_init(&t, io, 6, 0x3c);
    cli_table_cell(&t, "what differs");
    cli_table_cell(&t, "measure");
    cli_table_cell(&t, "now");
    cli_table_cell(&t, "then");
    cli_table_cell(&t, "of the change");
    cli_table_cell(&t, "n");
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vdiffer *r = &v->rows[i];
        cli_table_cell(&t, "%s", mask_text(io->mask, view_differs_name(r), what, sizeof what));
        cli_table_cell(&t, "%s", r->measure);
        cli_table_cell(&t, "%s", numfmt_vnum(&r->now, a));
        cli_table_cell(&t, "%s", isnan(r->then.v) ? "none" : numfmt_vnum(&r->then, b));
        cli_table_cell(&t, "%s", isnan(r->share) ? VIEW_DIFFERS_CANCEL : numfmt_share(r->share, c));
        cli_table_cell(&t, "%s", r->now.n > 0 ? numfmt_count((double)r->now.n, a) : "-");
    }
    cli_table_print(&t);
    cli_print_unsplit(s);
}

static int print_json(const struct view_differs *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;
    const struct {
        const char *key;
        int64_t ms;
    } times[] = {{"from", v->ask.t0_ms}, {"to", v->ask.t1_ms}, {"base_from", v->ask.base0_ms}, {"base_to", v->ask.base1_ms}};

    cli_json_report(&w, &out, s);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        cli_json_instant(&w, times[i].key, times[i].ms);
    cli_json_text(&s->io, &w, "sentence", v->sentence);
    json_string(&w, "slow", v->slow_text);
    json_array(&w, "rows");
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vdiffer *r = &v->rows[i];
        json_object(&w, NULL);
        cli_json_text(&s->io, &w, "what", r->what);
        cli_json_text(&s->io, &w, "alike", r->alike);
        json_string(&w, "measure", r->measure);
        json_f64(&w, "now", r->now.v);
        json_i64(&w, "n", (int64_t)r->now.n);
        json_f64(&w, "then", r->then.v);
        json_f64(&w, "share_of_change", r->share);
        json_f64(&w, "score", r->score);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "differs", &w, &out);
}

static void print_csv(const struct view_differs *v, const struct cli_store *s)
{
    const struct cli_io *io = &s->io;
    char what[CLI_CELL_MAX];

    cli_print(io, "what,measure,now,now_exactness,n,then,share_of_change,score\n");
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vdiffer *r = &v->rows[i];
        cli_csv_text(io, mask_text(io->mask, r->what, what, sizeof what));
        cli_print(io, ",");
        cli_csv_text(io, r->measure);
        cli_csv_number(io, r->now.v);
        cli_print(io, ",%s,%llu", isnan(r->now.v) ? "" : cli_exactness(r->now.exact), (unsigned long long)r->now.n);
        cli_csv_number(io, r->then.v);
        cli_csv_number(io, r->share);
        cli_csv_number(io, r->score);
        cli_print(io, "\n");
    }
}

int cmd_differs(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    const char *base = NULL;
    bool csv = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at},
        {"--since", CLI_TEXT, &w.since},   {"--base", CLI_TEXT, &base},     {"--filter", CLI_TEXT_OR_EMPTY, &w.filter},
        {"--json", CLI_FLAG, &w.json},     {"--csv", CLI_FLAG, &csv},       {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_differs v;
    struct view_differs_ask ask;
    struct errctx ctx = {.text = ""};

    int status = cli_options("differs", argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("differs", "--json", w.json, "--csv", csv, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = cli_open(&w, DIM_MODEL, 300000, &s, io, &ctx);
    if (e == ERR_OK && w.since != NULL) /* against the time before it, unless --base says otherwise */
        e = read_ask(base != NULL ? base : "before", s.params.cursor_ms - s.params.window_ms, s.params.cursor_ms, &s, &ask, &ctx);
    else if (e == ERR_OK)
        e = read_ask(base, 0, 0, &s, &ask, &ctx);
    if (e == ERR_OK)
        e = view_load_differs(&s.loader, &s.params, &ask, &v, &ctx);
    if (e == ERR_OK && !v.base_recorded)
        e = errctx_set(&ctx, ERR_NOTFOUND, "%s; --base takes " BASES, v.sentence);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (w.json)
        status = print_json(&v, &s);
    else if (csv)
        print_csv(&v, &s);
    else
        print_text(&v, &s);
    cli_close(&s);
    return status;
}
