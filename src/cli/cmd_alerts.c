/* SPDX-License-Identifier: MIT */
/* gwtop alerts: how gwtop's own rules stand, and what outside systems tell. */
#include "cli/commands.h"

#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

enum { HOUR_MS = 3600 * 1000 };

/* What stands below the table: why there is less in it than there may be. */
static void print_notes(const struct view_alerts *v, const struct cli_store *s)
{
    if (v->silent > 0)
        cli_print(&s->io, "%zu of %zu silenced or inhibited there: they open nothing here\n", v->silent, v->active);
    if (v->unread[0] != '\0')
        cli_print(&s->io, "not read: %s; whether more fires there is not known\n", v->unread);
    else if (v->feeds == 0)
        cli_print(&s->io, "no outside source of alerts is configured\n");
}

static void print_table(const struct view_alerts *v, const struct cli_store *s)
{
    static const char *const heads[] = {"state", "since", "age", "severity", "alert", "scope", "source", "fired 24h", "incident", "what"};
    char at[TIMEFMT_MAX], age[NUMFMT_MAX], scope[CLI_CELL_MAX], text[CLI_CELL_MAX];
    struct cli_table t;

    cli_print_header(s);
    if (v->count == 0)
        cli_print(&s->io, v->unread[0] == '\0' ? "no alert fires, and none did in the last 24 h\n" : "no alert is known to fire\n");
    cli_table_init(&t, &s->io, sizeof heads / sizeof *heads, 0x84);
    for (size_t i = 0; v->count > 0 && i < sizeof heads / sizeof *heads; i++)
        cli_table_cell(&t, "%s", heads[i]);
    for (size_t i = 0; i < v->count; i++) {
        const struct valert *a = &v->list[i];
        instant_format_iso(instant_floor(a->since_ms, 1000), at);
        cli_table_cell(&t, "%s", a->state);
        cli_table_cell(&t, "%s", at);
        cli_table_cell(&t, "%s", numfmt_age(s->params.cursor_ms - a->since_ms, age));
        cli_table_cell(&t, "%s", a->severity == SEV_NONE ? "quiet" : severity_name(a->severity));
        cli_table_cell(&t, "%s", a->name);
        cli_table_cell(&t, "%s", mask_text(s->io.mask, a->scope, scope, sizeof scope));
        cli_table_cell(&t, "%s", a->source);
        cli_table_cell(&t, "%u", (unsigned)a->fired_24h);
        cli_table_cell(&t, a->incident != 0 ? "#%lld" : NUMFMT_NONE, (long long)a->incident);
        const char *what = mask_text(s->io.mask, a->quiet_text[0] != '\0' ? a->quiet_text : a->text, text, sizeof text);
        cli_table_cell(&t, "%s", what);
    }
    cli_table_print(&t);
    print_notes(v, s);
}

static void json_outside(const struct cli_io *io, struct json *w, const struct outside *o)
{
    json_string(w, "fingerprint", o->fingerprint);
    cli_json_text(io, w, "labels", o->labels);
    cli_json_instant(w, "starts", o->starts_ms);
    cli_json_instant(w, "ends", o->ends_ms);
    cli_json_text(io, w, "silence", o->quiet);
    cli_json_text(io, w, "silenced_by", o->quiet_by);
    cli_json_instant(w, "silenced_until", o->quiet_until_ms);
    cli_json_text(io, w, "acknowledged_by", o->acked_by);
    json_string(w, "runbook", o->runbook);
    json_string(w, "dashboard", o->dashboard);
}

static int print_json(const struct view_alerts *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    json_i64(&w, "active", (int64_t)v->active);
    json_i64(&w, "silenced", (int64_t)v->silent);
    json_string(&w, "not_read", v->unread);
    json_array(&w, "alerts");
    for (size_t i = 0; i < v->count; i++) {
        const struct valert *a = &v->list[i];
        json_object(&w, NULL);
        json_string(&w, "source", a->source);
        json_bool(&w, "outside", a->outside != NULL);
        json_string(&w, "rule", a->rule);
        json_string(&w, "name", a->name);
        cli_json_text(&s->io, &w, "scope", a->scope);
        json_string(&w, "severity", severity_name(a->severity));
        json_string(&w, "state", a->state);
        json_bool(&w, "active", a->active);
        cli_json_instant(&w, "since", a->since_ms);
        cli_json_instant(&w, "onset", a->onset_ms);
        cli_json_instant(&w, "known", a->known_ms);
        json_i64(&w, "fired_24h", a->fired_24h);
        if (a->incident != 0)
            json_i64(&w, "incident", a->incident);
        else
            json_null(&w, "incident");
        cli_json_text(&s->io, &w, "text", a->text);
        if (a->outside != NULL)
            json_outside(&s->io, &w, a->outside);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "alerts", &w, &out);
}

int cmd_alerts(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    const struct cli_option options[] = {{"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store},
                                         {"--at", CLI_TEXT, &w.at},         {"--filter", CLI_TEXT_OR_EMPTY, &w.filter},
                                         {"--json", CLI_FLAG, &w.json},     {NULL, CLI_FLAG, NULL}};
    struct errctx ctx = {.text = ""};
    struct view_alerts v;
    struct cli_store s;

    int status = cli_options("alerts", argc, argv, options, NULL, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = cli_open(&w, DIM_MODEL, HOUR_MS, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_alerts(&s.loader, &s.params, &v, &ctx);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (w.json)
        status = print_json(&v, &s);
    else
        print_table(&v, &s);
    cli_close(&s);
    return status;
}
