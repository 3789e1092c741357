/* SPDX-License-Identifier: MIT */
/* gwtop rules: every rule, how it stands, and what came of it in 30 days. */
#include "cli/commands.h"

#include "base/timefmt.h"
#include "ui/draw/mask.h"

static const char *state_word(const struct vrule *r)
{
    static const char *const words[] = {[VRULE_CALM] = "calm", [VRULE_FIRES] = "FIRES", [VRULE_NO_DATA] = "no data"};
    return words[r->state];
}

static void print_table(const struct view_rules *v, const struct cli_store *s)
{
    static const char *const heads[] = {"rule",     "kind",    "severity", "state", "since", "fired",
                                        "acted on", "flapped", "noise",    "what",  "owner"};
    char text[CLI_CELL_MAX], since[TIMEFMT_MAX], noise[TIMEFMT_MAX];
    struct cli_table t;

    cli_print_header(s);
    if (v->count == 0) {
        cli_print(&s->io, "no rule is known of this recording; slos, budgets and rules of the configuration make some\n");
        return;
    }
    cli_table_init(&t, &s->io, sizeof heads / sizeof *heads, 0x1e0);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        cli_table_cell(&t, "%s", heads[i]);
    for (size_t i = 0; i < v->count; i++) {
        const struct vrule *r = &v->rules[i];
        if (r->since_ms > 0)
            instant_format_iso(instant_floor(r->since_ms, 1000), since);
        duration_format(r->record.noise_ms, noise);
        cli_table_cell(&t, "%s", mask_text(s->io.mask, rule_info_name(&r->info), text, sizeof text));
        cli_table_cell(&t, "%s", rule_kind_name(r->info.kind));
        cli_table_cell(&t, "%s", r->info.severity);
        cli_table_cell(&t, "%s", state_word(r));
        cli_table_cell(&t, "%s", r->since_ms > 0 ? since : "-");
        cli_table_cell(&t, "%u", r->record.fired);
        cli_table_cell(&t, "%u", r->record.acted);
        cli_table_cell(&t, "%u", r->record.flapped);
        cli_table_cell(&t, "%s", r->record.noise_ms > 0 ? noise : "0");
        cli_table_cell(&t, "%s", mask_text(s->io.mask, r->info.what, text, sizeof text));
        cli_table_cell(&t, "%s", r->info.duty.owner != NULL ? r->info.duty.owner : "-");
    }
    cli_table_print(&t);
    cli_print(&s->io, "of the last %d days; noise: time of firings without harm that nobody acted on, or that flapped\n",
              (int)(RULE_RECORD_MS / 86400000));
}

static int print_json(const struct view_rules *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    json_i64(&w, "days", RULE_RECORD_MS / 86400000);
    json_array(&w, "rules");
    for (size_t i = 0; i < v->count; i++) {
        const struct vrule *r = &v->rules[i];
        json_object(&w, NULL);
        cli_json_text(&s->io, &w, "rule", r->info.rule);
        json_string(&w, "kind", rule_kind_name(r->info.kind));
        json_string(&w, "severity", r->info.severity);
        cli_json_text(&s->io, &w, "what", r->info.what);
        cli_json_text(&s->io, &w, "scope", r->info.scope);
        json_string(&w, "state", r->state == VRULE_FIRES ? "firing" : r->state == VRULE_NO_DATA ? "no_data" : "calm");
        cli_json_instant(&w, "since", r->since_ms);
        cli_json_text(&s->io, &w, "text", r->text);
        json_i64(&w, "fired", r->record.fired);
        json_i64(&w, "acted_on", r->record.acted);
        json_i64(&w, "flapped", r->record.flapped);
        json_f64(&w, "firing_minutes", (double)r->record.firing_ms / 60000);
        json_i64(&w, "noise", r->record.noise);
        json_f64(&w, "noise_minutes", (double)r->record.noise_ms / 60000);
        cli_json_instant(&w, "last_fired", r->record.last_ms);
        json_string(&w, "runbook", r->info.duty.runbook);
        json_string(&w, "owner", r->info.duty.owner);
        json_string(&w, "contact", r->info.duty.contact);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "rules", &w, &out);
}

int cmd_rules(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    const struct cli_option options[] = {{"--config", CLI_TEXT, &w.config},
                                         {"--store", CLI_TEXT, &w.store},
                                         {"--at", CLI_TEXT, &w.at},
                                         {"--json", CLI_FLAG, &w.json},
                                         {NULL, CLI_FLAG, NULL}};
    struct errctx ctx = {.text = ""};
    struct view_rules v;
    struct cli_store s;

    int status = cli_options("rules", argc, argv, options, NULL, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = cli_open(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_rules(&s.loader, &s.params, RULE_RECORD_MS, &v, &ctx);
    if (e != ERR_OK) {
        status = cli_fail(io, e, &ctx);
    } else {
        status = EXIT_OK;
        if (w.json)
            status = print_json(&v, &s);
        else
            print_table(&v, &s);
    }
    cli_close(&s);
    return status;
}
