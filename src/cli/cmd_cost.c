/* SPDX-License-Identifier: MIT */
/* gwtop cost: one screen that says how much, why, until when; with --json and --csv the table behind it. Amounts are exact decimals. */
#include "cli/commands.h"

#include <math.h>

#include "base/json.h"
#include "base/timefmt.h"
#include "model/money.h"
#include "ui/draw/numfmt.h"

enum { JSON_MAX = 16 << 20 };

static void print_budgets(const struct view_cost *v, const struct cli_io *io)
{
    struct cli_table t;
    char used[NUMFMT_MAX], limit[NUMFMT_MAX], share[NUMFMT_MAX];

    cli_table_init(&t, 5, 0xc);
    for (size_t i = 0; i < v->budget_count; i++) {
        const struct vbudget *b = &v->budgets[i];
        cli_table_cell(&t, "budget %s", b->name);
        cli_table_cell(&t, "(%s)", b->origin);
        cli_table_cell(&t, "%s%s of %s", b->used_partial ? ">=" : "", numfmt_usd_nano(b->used_nusd, used), numfmt_usd_nano(b->limit_nusd, limit));
        cli_table_cell(&t, "%s", numfmt_share((double)b->used_nusd / (double)b->limit_nusd, share));
        cli_table_cell(&t, "%s", b->text);
    }
    cli_table_print(&t, io->out);
}

static void print_text(const struct view_cost *v, const struct view_params *p, const struct cli_io *io)
{
    struct cli_table t;
    char since[TIMEFMT_MAX], money[MONEY_MAX], a[NUMFMT_MAX], b[NUMFMT_MAX], c[NUMFMT_MAX], d[NUMFMT_MAX];

    duration_format(p->window_ms, since);
    fprintf(io->out, "%s\n", v->sentence);
    print_budgets(v, io);
    if (v->unpriced_text[0] != '\0')
        fprintf(io->out, "%s\n", v->unpriced_text);
    fputc('\n', io->out);
    cli_table_init(&t, 9, 0x1fe);
    cli_table_cell(&t, "%s", dim_name(p->group));
    cli_table_cell(&t, "$ in %s", since);
    cli_table_cell(&t, "share");
    cli_table_cell(&t, "$/h now");
    cli_table_cell(&t, "$/h %s", v->against);
    cli_table_cell(&t, "requests");
    cli_table_cell(&t, "tokens in");
    cli_table_cell(&t, "cached");
    cli_table_cell(&t, "tokens out");
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vcost_row *r = &v->table[i];
        money_format(r->nusd, money);
        cli_table_cell(&t, "%s", r->name);
        cli_table_cell(&t, "%s", money);
        cli_table_cell(&t, "%s", numfmt_share(r->share, a));
        cli_table_cell(&t, "%s", numfmt_vnum(&r->per_h_now, a));
        cli_table_cell(&t, "%s", numfmt_vnum(&r->per_h_then, b));
        cli_table_cell(&t, "%s", numfmt_count((double)r->requests, a));
        cli_table_cell(&t, "%s", numfmt_count((double)r->tokens_in, b));
        cli_table_cell(&t, "%s", numfmt_count((double)r->tokens_cached, c));
        cli_table_cell(&t, "%s", numfmt_count((double)r->tokens_out, d));
    }
    cli_table_print(&t, io->out);
}

static void json_money(struct json *w, const char *key, int64_t nusd)
{
    char text[MONEY_MAX];
    money_format_exact(nusd, text);
    json_string(w, key, text);
}

static void json_budgets(struct json *w, const struct view_cost *v)
{
    char at[TIMEFMT_MAX];
    json_array(w, "budgets");
    for (size_t i = 0; i < v->budget_count; i++) {
        const struct vbudget *b = &v->budgets[i];
        json_object(w, NULL);
        json_string(w, "name", b->name);
        json_string(w, "origin", b->origin);
        json_money(w, "limit_usd", b->limit_nusd);
        json_money(w, "used_usd", b->used_nusd);
        json_bool(w, "used_at_least", b->used_partial);
        json_string(w, "rate", b->rate);
        if (b->gone_ms != 0) {
            instant_format_iso(b->gone_ms, at);
            json_string(w, "gone", at);
        } else {
            json_null(w, "gone");
        }
        json_end(w);
    }
    json_end(w);
}

static void json_table(struct json *w, const struct view_cost *v)
{
    json_array(w, "rows");
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vcost_row *r = &v->table[i];
        json_object(w, NULL);
        json_string(w, "name", r->name);
        json_string(w, "kind", r->is_total ? "total" : r->is_other ? "other" : "row");
        json_money(w, "usd", r->nusd);
        json_f64(w, "share", r->share);
        json_f64(w, "usd_per_h_now", r->per_h_now.v);
        json_f64(w, "usd_per_h_then", r->per_h_then.v);
        json_i64(w, "requests", (int64_t)r->requests);
        json_i64(w, "tokens_input", (int64_t)r->tokens_in);
        json_i64(w, "tokens_cached", (int64_t)r->tokens_cached);
        json_i64(w, "tokens_output", (int64_t)r->tokens_out);
        json_f64(w, "usd_per_request", r->per_request);
        json_f64(w, "usd_per_1k_tokens", r->per_1k_tokens);
        json_end(w);
    }
    json_end(w);
}

static int print_json(const struct view_cost *v, const struct view_params *p, const struct cli_io *io)
{
    struct buf out;
    struct json w;
    char at[TIMEFMT_MAX];

    buf_init(&out, JSON_MAX);
    json_begin(&w, &out, true);
    instant_format_iso(p->cursor_ms, at);
    json_object(&w, NULL);
    json_string(&w, "at", at);
    json_i64(&w, "window_ms", v->window_ms);
    json_string(&w, "by", dim_name(p->group));
    json_string(&w, "sentence", v->sentence);
    json_f64(&w, "usd_per_h_now", v->now_per_h.v);
    json_string(&w, "usd_per_h_now_exactness", v->now_per_h.exact == AT_LEAST ? ">=" : "=");
    json_f64(&w, "usd_per_h_then", v->then_per_h.v);
    json_string(&w, "against", v->against);
    json_money(&w, "total_usd", v->total_nusd);
    json_i64(&w, "unpriced_requests", (int64_t)v->unpriced_requests);
    json_array(&w, "change_per_h");
    for (size_t i = 0; i < v->part_count; i++) {
        json_object(&w, NULL);
        json_string(&w, "part", v->parts[i].label);
        json_money(&w, "usd", v->parts[i].per_h_nusd);
        json_end(&w);
    }
    json_end(&w);
    json_budgets(&w, v);
    json_table(&w, v);
    json_end(&w);
    bool ok = w.err == ERR_OK;
    if (ok)
        fprintf(io->out, "%.*s\n", (int)out.len, out.data);
    else
        fprintf(io->err, "gwtop cost: the answer is larger than %d MB\n", JSON_MAX >> 20);
    buf_fini(&out);
    return ok ? EXIT_OK : EXIT_FAILED;
}

/* A cell of a spreadsheet: quoted, and never the beginning of a formula. */
static void csv_text(FILE *out, const char *z)
{
    fputc('"', out);
    if (*z == '=' || *z == '+' || *z == '-' || *z == '@')
        fputc('\'', out);
    for (; *z != '\0'; z++) {
        if (*z == '"')
            fputc('"', out);
        fputc(*z, out);
    }
    fputc('"', out);
}

static void print_csv(const struct view_cost *v, const struct view_params *p, const struct cli_io *io)
{
    fprintf(io->out, "%s,kind,usd,requests,tokens_input,tokens_cached,tokens_output\n", dim_name(p->group));
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vcost_row *r = &v->table[i];
        char money[MONEY_MAX];
        money_format_exact(r->nusd, money);
        csv_text(io->out, r->name);
        fprintf(io->out, ",%s,%s,%llu,%llu,%llu,%llu\n", r->is_total ? "total" : r->is_other ? "other" : "row", money, (unsigned long long)r->requests,
                (unsigned long long)r->tokens_in, (unsigned long long)r->tokens_cached, (unsigned long long)r->tokens_out);
    }
}

int cmd_cost(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {NULL};
    bool json = false, csv = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at}, {"--since", CLI_TEXT, &w.since},
        {"--by", CLI_TEXT, &w.by}, {"--filter", CLI_TEXT, &w.filter}, {"--json", CLI_FLAG, &json}, {"--csv", CLI_FLAG, &csv}, {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_params p;
    struct view_cost v;
    struct errctx ctx = {.text = ""};

    if (!cli_options(argc, argv, options, NULL, io))
        return EXIT_USAGE;
    int status = cli_open(&w, DIM_TEAM, 3600000, &s, &p, io);
    if (status != EXIT_OK)
        return status;
    enum err e = view_load_cost(&s.loader, &p, &v, &ctx);
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (json)
        status = print_json(&v, &p, io);
    else if (csv)
        print_csv(&v, &p, io);
    else
        print_text(&v, &p, io);
    cli_close(&s);
    return status;
}
