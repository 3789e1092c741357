/* SPDX-License-Identifier: MIT */
/* gwtop hosting: what a million tokens costs on GPUs of one's own. */
#include "cli/commands.h"

#include <math.h>

#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

/* A member of a row, as every form of the report has it. */
static const struct figure {
    const char *head, *name; /* of the table, of JSON and CSV */
    size_t offset;
    double scale; /* of the table */
} figures[] = {
    {"$/h GPUs", "gpu_usd_per_h", offsetof(struct vhosting, gpu_usd_per_h), 1},
    {"$/h energy", "energy_usd_per_h", offsetof(struct vhosting, energy_usd_per_h), 1},
    {"kW", "power_w", offsetof(struct vhosting, power_w), 1e-3},
    {"tokens/s", "tokens_per_s", offsetof(struct vhosting, tokens_per_s), 1},
    {"of full %", "utilisation", offsetof(struct vhosting, utilisation), 100},
    {"$/Mtok", "usd_per_mtok", offsetof(struct vhosting, usd_per_mtok), 1},
    {"when full", "usd_per_mtok_full", offsetof(struct vhosting, full_usd_per_mtok), 1},
    {"kWh/Mtok", "kwh_per_mtok", offsetof(struct vhosting, kwh_per_mtok), 1},
    {"gCO2/Mtok", "g_co2_per_mtok", offsetof(struct vhosting, g_per_mtok), 1},
    {"kgCO2/h", "g_co2_per_h", offsetof(struct vhosting, g_per_h), 1e-3},
};
enum { FIGURES = sizeof figures / sizeof *figures, NAMES = 2 };

static const struct vnum *figure_of(const struct vhosting *r, const struct figure *f)
{
    return (const struct vnum *)((const char *)r + f->offset);
}

static void print_text(const void *view, const struct cli_store *s)
{
    const struct view_hosting *v = view;
    char window[TIMEFMT_MAX], text[NUMFMT_MAX];
    struct cli_table t;

    cli_print_header(s);
    duration_format(v->window_ms, window);
    cli_print(&s->io, "means of %s; PUE %.3g%s%s\n", window, v->pue, v->tariff_text[0] != '\0' ? ", " : "", v->tariff_text);
    cli_table_init(&t, &s->io, NAMES + FIGURES, 0xffe);
    cli_table_cell(&t, "hosted");
    cli_table_cell(&t, "GPUs");
    for (size_t k = 0; k < FIGURES; k++)
        cli_table_cell(&t, "%s", figures[k].head);
    for (size_t i = 0; i < v->count; i++) {
        const struct vhosting *r = &v->rows[i];
        cli_table_cell(&t, "%s", r->name);
        cli_table_cell(&t, "%u", r->gpus);
        for (size_t k = 0; k < FIGURES; k++) {
            struct vnum n = *figure_of(r, &figures[k]);
            n.v *= figures[k].scale;
            cli_table_cell(&t, "%s%s", numfmt_vnum(&n, text), n.stale && !isnan(n.v) ? " stale" : "");
        }
    }
    cli_table_print(&t);
    for (size_t i = 0; i < v->count; i++)
        if (v->rows[i].why[0] != '\0')
            cli_print(&s->io, "%s: %s\n", v->rows[i].name, v->rows[i].why);
}

static int print_json(const void *view, const struct cli_store *s)
{
    const struct view_hosting *v = view;
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    json_i64(&w, "window_ms", v->window_ms);
    json_f64(&w, "pue", v->pue);
    json_string(&w, "tariff", v->tariff_text[0] != '\0' ? v->tariff_text : NULL);
    json_array(&w, "hosting");
    for (size_t i = 0; i < v->count; i++) {
        const struct vhosting *r = &v->rows[i];
        json_object(&w, NULL);
        json_string(&w, "name", r->name);
        cli_json_text(&s->io, &w, "scope", r->scope_text);
        json_i64(&w, "gpus", r->gpus);
        for (size_t k = 0; k < FIGURES; k++) {
            const struct vnum *n = figure_of(r, &figures[k]);
            json_object(&w, figures[k].name);
            json_f64(&w, "value", n->v);
            json_string(&w, "exactness", isnan(n->v) ? NULL : cli_exactness(n->exact));
            json_bool(&w, "stale", n->stale);
            json_end(&w);
        }
        json_string(&w, "why_not_known", r->why[0] != '\0' ? r->why : NULL);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "hosting", &w, &out);
}

static void print_csv(const void *view, const struct cli_store *s)
{
    const struct view_hosting *v = view;
    const struct cli_io *io = &s->io;
    char masked[CLI_CELL_MAX];

    cli_print(io, "name,scope,gpus");
    for (size_t k = 0; k < FIGURES; k++)
        cli_print(io, ",%s,%s_exactness,%s_stale", figures[k].name, figures[k].name, figures[k].name);
    cli_print(io, ",why_not_known\n");
    for (size_t i = 0; i < v->count; i++) {
        const struct vhosting *r = &v->rows[i];
        cli_csv_text(io, r->name);
        cli_print(io, ",");
        cli_csv_text(io, mask_text(io->mask, r->scope_text, masked, sizeof masked));
        cli_print(io, ",%u", r->gpus);
        for (size_t k = 0; k < FIGURES; k++) {
            const struct vnum *n = figure_of(r, &figures[k]);
            cli_csv_number(io, n->v);
            cli_print(io, ",%s", isnan(n->v) ? "" : cli_exactness(n->exact));
            cli_csv_bool(io, n->stale);
        }
        cli_print(io, ",");
        cli_csv_text(io, r->why);
        cli_print(io, "\n");
    }
}

static enum err load(const struct cli_store *s, void *view, struct errctx *ctx)
{
    return view_load_hosting(&s->loader, &s->params, view, ctx);
}

int cmd_hosting(int argc, char **argv, const struct cli_io *io)
{
    static const struct cli_forms forms = {"hosting", load, print_json, print_csv, print_text};
    struct cli_where w = {.config = NULL};
    bool json = false, csv = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at}, {"--since", CLI_TEXT, &w.since},
        {"--json", CLI_FLAG, &json},       {"--csv", CLI_FLAG, &csv},       {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_hosting v;
    struct errctx ctx = {.text = ""};

    int status = cli_options("hosting", argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("hosting", "--json", json, "--csv", csv, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = cli_open(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK && s.cfg.hosting_count == 0)
        e = errctx_set(&ctx, ERR_CONFIG, "%s: no `hosting`: which GPUs serve which model; gwtop.yaml(5)",
                       s.cfg.path != NULL ? s.cfg.path : "no configuration file");
    return cli_forms_end(&forms, &v, e, json, csv, &s, &ctx);
}
