/* SPDX-License-Identifier: MIT */
/* gwtop init --slo: objectives as YAML for the configuration, each with what it would have done over the recorded time. */
#include "cli/commands.h"

#include "base/timefmt.h"
#include "view/proposals.h"

/* 0.999 -> "99.9%", without digits that were not meant. */
static void percent_text(double ratio, char out[32])
{
    (void)str_format(out, 32, "%.6g%%", 100 * ratio);
}

/* A YAML string in single quotes, where only the quote itself needs doubling, and the end of the line: "a" or "dim=a". */
static void quoted(const struct cli_io *io, const char *dim, const char *z)
{
    char text[512];
    size_t n = 0;
    for (; *z != '\0' && n + 2 < sizeof text; z++) {
        if (*z == '\'')
            text[n++] = '\'';
        text[n++] = *z;
    }
    text[n] = '\0';
    cli_print(io, "'%s%s%s'\n", dim, dim[0] != '\0' ? "=" : "", text);
}

static void print_yaml(const struct view_proposals *v, const struct cli_io *io)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], lasted[TIMEFMT_MAX], objective[32];
    size_t possible = 0;

    if (v->to_ms == 0) {
        cli_print(io, "# Nothing is recorded yet: nothing to propose objectives from.\n");
        return;
    }
    instant_format_iso(v->from_ms, from);
    instant_format_iso(v->to_ms, to);
    duration_format(v->to_ms - v->from_ms, lasted);
    cli_print(io, "# Proposed from %s to %s (%s). Choose, edit, and put them into gwtop.yaml.\n", from, to, lasted);
    for (size_t i = 0; i < v->count; i++)
        possible += v->list[i].possible;
    if (possible > 0)
        cli_print(io, "slos:\n");
    for (size_t i = 0; i < v->count; i++) {
        const struct proposal *p = &v->list[i];
        if (!p->possible)
            continue;
        percent_text(p->slo.objective, objective);
        cli_print(io, "  # %s\n", p->reason); /* which ends with how often it would have paged */
        cli_print(io, "  - name: ");
        quoted(io, "", v->names[i]);
        for (uint32_t k = 0; k < p->slo.scope_count; k++) { /* at most one condition is proposed */
            cli_print(io, "    scope: ");
            quoted(io, dim_name(p->slo.scope[k].dim), p->slo.scope[k].value);
        }
        if (p->slo.kind == SLO_AVAILABILITY)
            cli_print(io, "    availability: %s\n", objective);
        else
            cli_print(io, "    latency: {signal: %s, objective: %s, threshold: %gs}\n", signal_info(p->slo.signal)->name, objective,
                      p->slo.threshold);
        cli_print(io, "    period: 30d\n");
    }
    for (size_t i = 0; i < v->count; i++)
        if (!v->list[i].possible)
            cli_print(io, "# none for %s: %s\n", v->names[i], v->list[i].reason);
}

static int print_json(const struct view_proposals *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    if (v->to_ms != 0) {
        json_i64(&w, "from_ms", v->from_ms);
        json_i64(&w, "to_ms", v->to_ms);
    } else {
        json_null(&w, "from_ms");
        json_null(&w, "to_ms");
    }
    json_array(&w, "proposals");
    for (size_t i = 0; i < v->count; i++) {
        const struct proposal *p = &v->list[i];
        json_object(&w, NULL);
        json_string(&w, "name", v->names[i]);
        json_bool(&w, "possible", p->possible);
        json_string(&w, "reason", p->reason);
        if (p->possible) {
            json_string(&w, "kind", p->slo.kind == SLO_AVAILABILITY ? "availability" : "latency");
            json_f64(&w, "objective", p->slo.objective);
            if (p->slo.kind == SLO_LATENCY) {
                json_string(&w, "signal", signal_info(p->slo.signal)->name);
                json_f64(&w, "threshold_s", p->slo.threshold);
            }
            json_i64(&w, "total", (int64_t)p->total);
            json_i64(&w, "bad", (int64_t)p->bad);
            json_i64(&w, "pages", p->pages);
            json_i64(&w, "tickets", p->tickets);
        }
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "init", &w, &out);
}

int cmd_init(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    bool slo = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at},
        {"--slo", CLI_FLAG, &slo},         {"--json", CLI_FLAG, &w.json},   {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_proposals v;
    struct errctx ctx = {.text = ""};

    int status = cli_options("init", argc, argv, options, NULL, io);
    if (status != CLI_GO_ON)
        return status;
    if (!slo) {
        fprintf(io->err, "gwtop init: say what to propose: --slo\n");
        return EXIT_USAGE;
    }
    enum err e = cli_open(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_proposals(&s.loader, &s.params, &v, &ctx);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (w.json)
        status = print_json(&v, &s);
    else
        print_yaml(&v, &s.io);
    cli_close(&s);
    return status;
}
