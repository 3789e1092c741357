/* SPDX-License-Identifier: MIT */
/* gwtop init --slo: objectives as YAML for the configuration, each with what it would have done over the recorded time. */
#include "cli/commands.h"

#include "base/json.h"
#include "base/timefmt.h"
#include "view/proposals.h"

enum { JSON_MAX = 4 << 20 };

/* 0.999 -> "99.9%", without digits that were not meant. */
static void percent_text(double ratio, char out[32])
{
    (void)str_format(out, 32, "%.6g%%", 100 * ratio);
}

static void print_yaml(const struct view_proposals *v, const struct cli_io *io)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], lasted[TIMEFMT_MAX], objective[32];
    size_t possible = 0;

    instant_format_iso(v->from_ms, from);
    instant_format_iso(v->to_ms, to);
    duration_format(v->to_ms - v->from_ms, lasted);
    fprintf(io->out, "# Proposed from %s to %s (%s). Choose, edit, and put them into gwtop.yaml.\n", from, to, lasted);
    for (size_t i = 0; i < v->count; i++)
        possible += v->list[i].possible;
    if (possible > 0)
        fprintf(io->out, "slos:\n");
    for (size_t i = 0; i < v->count; i++) {
        const struct proposal *p = &v->list[i];
        if (!p->possible)
            continue;
        percent_text(p->slo.objective, objective);
        fprintf(io->out, "  # would have paged %u time%s and opened %u ticket%s; %s\n", p->pages, p->pages == 1 ? "" : "s", p->tickets, p->tickets == 1 ? "" : "s", p->reason);
        fprintf(io->out, "  - name: %s\n", v->names[i]);
        for (uint32_t k = 0; k < p->slo.scope_count; k++)
            fprintf(io->out, "%s%s=%s%s", k == 0 ? "    scope: \"" : ",", dim_name(p->slo.scope[k].dim), p->slo.scope[k].value, k + 1 == p->slo.scope_count ? "\"\n" : "");
        if (p->slo.kind == SLO_AVAILABILITY)
            fprintf(io->out, "    availability: %s\n", objective);
        else
            fprintf(io->out, "    latency: {signal: %s, objective: %s, threshold: %gs}\n", signal_info(p->slo.signal)->name, objective, p->slo.threshold);
        fprintf(io->out, "    period: 30d\n");
    }
    for (size_t i = 0; i < v->count; i++)
        if (!v->list[i].possible)
            fprintf(io->out, "# none for %s: %s\n", v->names[i], v->list[i].reason);
}

static int print_json(const struct view_proposals *v, const struct cli_io *io)
{
    struct buf out;
    struct json w;

    buf_init(&out, JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_i64(&w, "from_ms", v->from_ms);
    json_i64(&w, "to_ms", v->to_ms);
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
    bool ok = w.err == ERR_OK;
    if (ok)
        fprintf(io->out, "%.*s\n", (int)out.len, out.data);
    else
        fprintf(io->err, "gwtop init: the answer is larger than %d MB\n", JSON_MAX >> 20);
    buf_fini(&out);
    return ok ? EXIT_OK : EXIT_FAILED;
}

int cmd_init(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {NULL};
    bool json = false, slo = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at}, {"--slo", CLI_FLAG, &slo}, {"--json", CLI_FLAG, &json}, {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_params p;
    struct view_proposals v;
    struct errctx ctx = {.text = ""};

    if (!cli_options(argc, argv, options, NULL, io))
        return EXIT_USAGE;
    if (!slo) {
        fprintf(io->err, "gwtop init: say what to propose: --slo\n");
        return EXIT_USAGE;
    }
    int status = cli_open(&w, DIM_MODEL, 3600000, &s, &p, io);
    if (status != EXIT_OK)
        return status;
    enum err e = view_load_proposals(&s.loader, &p, &v, &ctx);
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (json)
        status = print_json(&v, io);
    else
        print_yaml(&v, io);
    cli_close(&s);
    return status;
}
