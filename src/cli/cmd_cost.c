/* SPDX-License-Identifier: MIT */
/* gwtop cost: one screen that says how much, why, until when; with --json and --csv the table behind it. Amounts are exact decimals. */
#include "cli/commands.h"

#include <math.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

static void print_budgets(const struct view_cost *v, const struct cli_io *io)
{
    struct cli_table t;
    char used[NUMFMT_MAX], limit[NUMFMT_MAX], share[NUMFMT_MAX];

    cli_table_init(&t, io, 5, 0xc);
    for (size_t i = 0; i < v->budget_count; i++) {
        const struct vbudget *b = &v->budgets[i];
        cli_table_cell(&t, "budget %s", b->name);
        cli_table_cell(&t, "(%s)", b->origin);
        cli_table_cell(&t, "%s%s of %s", b->known ? numfmt_exact_prefix(b->used_exact) : "",
                       b->known ? numfmt_usd_nano(b->used_nusd, used) : NUMFMT_UNKNOWN, numfmt_usd_nano(b->limit_nusd, limit));
        cli_table_cell(&t, "%s", b->known ? numfmt_share((double)b->used_nusd / (double)b->limit_nusd, share) : NUMFMT_UNKNOWN);
        cli_table_cell(&t, "%s", b->text);
    }
    cli_table_print(&t);
}

static void print_heads(const struct view_cost *v, const struct cli_store *s, struct cli_table *t)
{
    char since[TIMEFMT_MAX];
    duration_format(v->window_ms, since);
    cli_table_cell(t, "%s", dim_name(s->params.group));
    cli_table_cell(t, "$ in %s", since);
    cli_table_cell(t, "share");
    cli_table_cell(t, "$/h now");
    cli_table_cell(t, "$/h %s", isnan(v->then_per_h.v) ? "before" : v->against);
    cli_table_cell(t, "requests");
    cli_table_cell(t, "tokens in");
    cli_table_cell(t, "cached");
    cli_table_cell(t, "tokens out");
}

static const char *row_name(const struct vcost_row *r, const struct cli_store *s, char out[CLI_CELL_MAX])
{
    return mask_name(s->io.mask && !r->is_other && !r->is_total, s->params.group, r->name, out, CLI_CELL_MAX);
}

static const char *row_owner(const struct vcost_row *r, const struct cli_store *s, char out[CLI_CELL_MAX])
{
    return mask_name(s->io.mask, DIM_TEAM, r->owner, out, CLI_CELL_MAX);
}

static const char *row_kind(const struct vcost_row *r)
{
    return r->is_total ? "total" : r->is_other ? "other" : "row";
}

static void print_text(const struct view_cost *v, const struct cli_store *s)
{
    struct cli_table t;
    char money[MONEY_MAX], name[CLI_CELL_MAX], a[NUMFMT_MAX], b[NUMFMT_MAX], c[NUMFMT_MAX], d[NUMFMT_MAX];

    cli_print_header(s);
    cli_print(&s->io, "%s\n", v->sentence);
    print_budgets(v, &s->io);
    if (v->unpriced_text[0] != '\0')
        cli_print(&s->io, "%s\n", v->unpriced_text);
    if (v->coverage_text[0] != '\0')
        cli_print(&s->io, "%s\n", v->coverage_text);
    cli_print(&s->io, "\n");
    cli_table_init(&t, &s->io, 9, 0x1fe);
    print_heads(v, s, &t);
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vcost_row *r = &v->table[i];
        money_format(r->nusd, money);
        cli_table_cell(&t, "%s", row_name(r, s, name));
        cli_table_cell(&t, "%s%s", r->cost_known ? numfmt_exact_prefix(r->exact) : "",
                       r->cost_known ? money : numfmt_unknown(r->cost_split));
        cli_table_cell(&t, "%s", numfmt_share(r->share, a));
        cli_table_cell(&t, "%s", numfmt_vnum(&r->per_h_now, a));
        cli_table_cell(&t, "%s", numfmt_vnum(&r->per_h_then, b));
        cli_table_cell(&t, "%s", r->requests_known ? numfmt_count((double)r->requests, a) : numfmt_unknown(r->requests_split));
        cli_table_cell(&t, "%s", r->input_known ? numfmt_count((double)r->tokens_in, b) : numfmt_unknown(r->tokens_split));
        cli_table_cell(&t, "%s", r->cached_known ? numfmt_count((double)r->tokens_cached, c) : numfmt_unknown(r->tokens_split));
        cli_table_cell(&t, "%s", r->output_known ? numfmt_count((double)r->tokens_out, d) : numfmt_unknown(r->tokens_split));
    }
    cli_table_print(&t);
    cli_print_unsplit(s);
}

static void json_money(struct json *w, const char *key, int64_t nusd)
{
    char text[MONEY_MAX];
    money_format_exact(nusd, text);
    json_string(w, key, text);
}

static void json_known_money(struct json *w, const char *key, bool known, int64_t nusd)
{
    if (known)
        json_money(w, key, nusd);
    else
        json_null(w, key);
}

static void json_known_count(struct json *w, const char *key, bool known, uint64_t n)
{
    if (known)
        json_i64(w, key, (int64_t)n);
    else
        json_null(w, key);
}

static void json_budgets(struct json *w, const struct view_cost *v, const struct cli_io *io)
{
    static const char *const ends[] = {[BUDGET_UNKNOWN] = "unknown", [BUDGET_LASTS] = "lasts", [BUDGET_GONE] = "gone"};
    json_array(w, "budgets");
    for (size_t i = 0; i < v->budget_count; i++) {
        const struct vbudget *b = &v->budgets[i];
        json_object(w, NULL);
        cli_json_text(io, w, "name", b->name);
        json_string(w, "origin", b->origin);
        json_money(w, "limit_usd", b->limit_nusd);
        json_known_money(w, "used_usd", b->known, b->used_nusd);
        json_string(w, "used_exactness", b->known ? cli_exactness(b->used_exact) : NULL);
        json_bool(w, "stale", b->stale);
        json_string(w, "end", ends[b->end]);
        json_string(w, "rate", b->rate);
        cli_json_instant(w, "gone", b->gone_ms);
        cli_json_instant(w, "resets", b->to_ms);
        json_bool(w, "wider_than_filter", b->is_wider);
        cli_json_text(io, w, "text", b->text);
        json_end(w);
    }
    json_end(w);
}

static void json_table(struct json *w, const struct view_cost *v, const struct cli_store *s)
{
    char name[CLI_CELL_MAX];
    json_array(w, "rows");
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vcost_row *r = &v->table[i];
        json_object(w, NULL);
        json_string(w, "name", row_name(r, s, name));
        json_string(w, "kind", row_kind(r));
        json_known_money(w, "usd", r->cost_known, r->nusd);
        json_string(w, "usd_exactness", r->cost_known ? cli_exactness(r->exact) : NULL);
        json_string(w, "owner", row_owner(r, s, name));
        json_f64(w, "share", r->share);
        json_f64(w, "usd_per_h_now", r->per_h_now.v);
        json_string(w, "usd_per_h_now_exactness", isnan(r->per_h_now.v) ? NULL : cli_exactness(r->per_h_now.exact));
        json_f64(w, "usd_per_h_then", r->per_h_then.v);
        json_known_count(w, "requests", r->requests_known, r->requests);
        json_known_count(w, "tokens_input", r->input_known, r->tokens_in);
        json_known_count(w, "tokens_cached", r->cached_known, r->tokens_cached);
        json_known_count(w, "tokens_output", r->output_known, r->tokens_out);
        json_f64(w, "usd_per_request", r->per_request);
        json_f64(w, "usd_per_1k_tokens", r->per_1k_tokens);
        json_end(w);
    }
    json_end(w);
}

static int print_json(const struct view_cost *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    cli_json_header(&w, s);
    json_i64(&w, "window_ms", v->window_ms);
    json_string(&w, "by", dim_name(s->params.group));
    cli_json_text(&s->io, &w, "sentence", v->sentence);
    json_f64(&w, "usd_per_h_now", v->now_per_h.v);
    json_string(&w, "usd_per_h_now_exactness", cli_exactness(v->now_per_h.exact));
    json_f64(&w, "usd_per_h_then", v->then_per_h.v);
    json_string(&w, "against", v->against);
    json_known_money(&w, "total_usd", v->table_count > 0 && v->table[v->table_count - 1].cost_known, v->total_nusd);
    json_string(&w, "total_exactness",
                v->table_count > 0 && v->table[v->table_count - 1].cost_known ? cli_exactness(v->table[v->table_count - 1].exact) : NULL);
    cli_json_instant(&w, "recorded_since", v->recorded_since_ms);
    json_string(&w, "coverage", v->coverage_text);
    json_i64(&w, "unpriced_requests", (int64_t)v->unpriced_requests);
    json_array(&w, "change_per_h");
    for (size_t i = 0; i < v->part_count; i++) {
        json_object(&w, NULL);
        cli_json_text(&s->io, &w, "part", v->parts[i].label);
        json_money(&w, "usd", v->parts[i].per_h_nusd);
        cli_json_instant(&w, "since", v->parts[i].since_ms);
        json_end(&w);
    }
    json_end(&w);
    json_budgets(&w, v, &s->io);
    json_table(&w, v, s);
    json_end(&w);
    return cli_print_json(&s->io, "cost", &w, &out);
}

/* An unknown count is an empty cell. */
static void csv_count(const struct cli_io *io, bool known, uint64_t n)
{
    if (known)
        cli_print(io, ",%llu", (unsigned long long)n);
    else
        cli_print(io, ",");
}

static void print_csv(const struct view_cost *v, const struct cli_store *s)
{
    const struct cli_io *io = &s->io;
    char money[MONEY_MAX], name[CLI_CELL_MAX];
    cli_print(io,
              "%s,kind,usd,requests,tokens_input,tokens_cached,tokens_output,share,usd_per_h_now,usd_per_h_now_exactness,usd_per_h_then,"
              "usd_exactness,owner\n",
              dim_name(s->params.group));
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vcost_row *r = &v->table[i];
        money_format_exact(r->nusd, money);
        cli_csv_text(io, row_name(r, s, name));
        cli_print(io, ",%s,%s", row_kind(r), r->cost_known ? money : "");
        csv_count(io, r->requests_known, r->requests);
        csv_count(io, r->input_known, r->tokens_in);
        csv_count(io, r->cached_known, r->tokens_cached);
        csv_count(io, r->output_known, r->tokens_out);
        cli_csv_number(io, r->share);
        cli_csv_number(io, r->per_h_now.v);
        cli_print(io, ",%s", isnan(r->per_h_now.v) ? "" : cli_exactness(r->per_h_now.exact));
        cli_csv_number(io, r->per_h_then.v);
        cli_print(io, ",%s,", r->cost_known ? cli_exactness(r->exact) : "");
        cli_csv_text(io, row_owner(r, s, name));
        cli_print(io, "\n");
    }
}

int cmd_cost(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    bool json = false, csv = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at},
        {"--since", CLI_TEXT, &w.since},   {"--by", CLI_TEXT, &w.by},       {"--filter", CLI_TEXT_OR_EMPTY, &w.filter},
        {"--json", CLI_FLAG, &json},       {"--csv", CLI_FLAG, &csv},       {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_cost v;
    struct errctx ctx = {.text = ""};

    int status = cli_options("cost", argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("cost", "--json", json, "--csv", csv, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = cli_open(&w, DIM_TEAM, 3600000, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_cost(&s.loader, &s.params, &v, &ctx);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (json)
        status = print_json(&v, &s);
    else if (csv)
        print_csv(&v, &s);
    else
        print_text(&v, &s);
    cli_close(&s);
    return status;
}
