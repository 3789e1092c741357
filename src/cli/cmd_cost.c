/* SPDX-License-Identifier: MIT */
/* gwtop cost: one screen that says how much, why, until when, and what the tokens cost by the price list; with --json and --csv the tables
 * behind it, with --focus charges. Amounts are exact decimals, rates are numbers. */
#include "cli/commands.h"

#include <math.h>

#include <string.h>

#include "base/timefmt.h"
#include "cli/cost_spend.h"
#include "model/money.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

static const char *const bases[] = {[BUDGET_BOOKED] = "booked", [BUDGET_COMPUTED] = "computed", [BUDGET_IN_PART] = "booked and computed"};

static void print_budgets(const struct view_cost *v, const struct cli_io *io)
{
    struct cli_table t;
    char used[NUMFMT_MAX], limit[NUMFMT_MAX], share[NUMFMT_MAX];

    cli_table_init(&t, io, 5, 0xc);
    for (size_t i = 0; i < v->budget_count; i++) {
        const struct vbudget *b = &v->budgets[i];
        cli_table_cell(&t, "budget %s", b->name);
        cli_table_cell(&t, "(%s, %s)", b->origin, bases[b->basis]);
        cli_table_cell(&t, "%s%s of %s", b->known ? exact_mark(b->used_exact) : "",
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
    char last[TIMEFMT_MAX];
    duration_format(v->now_ms, last);
    cli_table_cell(t, "$/h last %s", last);
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

static void count_cell(struct cli_table *t, const struct vcost_row *r, bool known, bool split, uint64_t n)
{
    char text[NUMFMT_MAX];
    cli_table_cell(t, "%s%s", known ? exact_mark(r->counts_exact) : "", known ? numfmt_count((double)n, text) : numfmt_unknown(split));
}

static bool has_limits(const struct view_cost *v)
{
    for (size_t i = 0; i < v->table_count; i++)
        if (v->table[i].limit_known)
            return true;
    return false;
}

/* "$4.99k of $5.00k", "-" where the gateway tells none. */
static void limit_cell(struct cli_table *t, const struct vcost_row *r)
{
    char left[NUMFMT_MAX], limit[NUMFMT_MAX];
    if (r->limit_known)
        cli_table_cell(t, "%s of %s", r->left_known ? numfmt_usd_nano(r->left_nusd, left) : NUMFMT_UNKNOWN,
                       numfmt_usd_nano(r->limit_nusd, limit));
    else
        cli_table_cell(t, NUMFMT_NONE);
}

static void print_table(const struct view_cost *v, const struct cli_store *s)
{
    struct cli_table t;
    char money[MONEY_MAX], name[CLI_CELL_MAX], a[NUMFMT_MAX], b[NUMFMT_MAX];
    const bool limits = has_limits(v);

    cli_table_init(&t, &s->io, 9 + limits, 0x3fe);
    print_heads(v, s, &t);
    if (limits)
        cli_table_cell(&t, "left of limit");
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vcost_row *r = &v->table[i];
        money_format(r->nusd, money);
        cli_table_cell(&t, "%s", row_name(r, s, name));
        cli_table_cell(&t, "%s%s", r->cost_known ? exact_mark(r->exact) : "", r->cost_known ? money : numfmt_unknown(r->cost_split));
        cli_table_cell(&t, "%s", numfmt_share(r->share, a));
        cli_table_cell(&t, "%s", numfmt_vnum(&r->per_h_now, a));
        cli_table_cell(&t, "%s", numfmt_vnum(&r->per_h_then, b));
        count_cell(&t, r, r->requests_known, r->requests_split, r->requests);
        count_cell(&t, r, r->input_known, r->tokens_split, r->tokens_in);
        count_cell(&t, r, r->cached_known, r->tokens_split, r->tokens_cached);
        count_cell(&t, r, r->output_known, r->tokens_split, r->tokens_out);
        if (limits)
            limit_cell(&t, r);
    }
    cli_table_print(&t);
}

static void print_text(const struct view_cost *v, const struct view_spend *spend, const struct cli_store *s)
{
    cli_print_header(s);
    cli_print(&s->io, "%s\n", v->sentence);
    if (v->why_text[0] != '\0')
        cli_print(&s->io, "why: %s\n", v->why_text);
    if (v->surcharge_text[0] != '\0')
        cli_print(&s->io, "%s\n", v->surcharge_text);
    if (v->movers_text[0] != '\0')
        cli_print(&s->io, "moved most: %s\n", v->movers_text);
    cli_print(&s->io, "%s%s%s\n", v->period_text, v->unit_text[0] != '\0' ? "; " : "", v->unit_text);
    if (v->computed_text[0] != '\0')
        cli_print(&s->io, "%s\n", v->computed_text);
    if (v->hosting_text[0] != '\0')
        cli_print(&s->io, "self-hosted: %s\n", v->hosting_text);
    print_budgets(v, &s->io);
    if (v->unpriced_text[0] != '\0')
        cli_print(&s->io, "%s\n", v->unpriced_text);
    if (v->coverage_text[0] != '\0')
        cli_print(&s->io, "%s\n", v->coverage_text);
    if (v->now_per_h.exact == AT_LEAST && !isnan(v->now_per_h.v))
        cli_print(&s->io, VIEW_COST_AT_LEAST "\n");
    cli_print(&s->io, "\n");
    if (spend->dim_count > 1)
        spend_print_rows(spend, s);
    else
        print_table(v, s);
    spend_print_models(spend, s);
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
        json_string(w, "basis", bases[b->basis]);
        json_money(w, "limit_usd", b->limit_nusd);
        json_known_money(w, "used_usd", b->known, b->used_nusd);
        json_string(w, "used_exactness", b->known ? cli_exactness(b->used_exact) : NULL);
        json_bool(w, "stale", b->stale);
        json_string(w, "end", ends[b->end]);
        json_string(w, "rate", b->rate);
        cli_json_instant(w, "gone", b->gone_ms);
        cli_json_instant(w, "gone_from", b->gone_from_ms);
        cli_json_instant(w, "gone_to", b->gone_to_ms);
        json_f64(w, "over_probability", b->over);
        cli_json_instant(w, "resets", b->to_ms);
        json_bool(w, "wider_than_filter", b->is_wider);
        cli_json_text(io, w, "text", b->text);
        json_end(w);
    }
    json_end(w);
}

static void json_because(struct json *w, const char *key, const struct vcost_because *list, size_t count)
{
    json_array(w, key);
    for (size_t i = 0; i < count; i++) {
        json_object(w, NULL);
        json_string(w, "because", list[i].name);
        json_money(w, "usd", list[i].per_h_nusd);
        json_end(w);
    }
    json_end(w);
}

/* Through whom, and because of what; both sum to the change. */
static void json_change(struct json *w, const struct view_cost *v, const struct cli_io *io)
{
    json_array(w, "change_per_h");
    for (size_t i = 0; i < v->part_count; i++) {
        json_object(w, NULL);
        cli_json_text(io, w, "part", v->parts[i].label);
        json_money(w, "usd", v->parts[i].per_h_nusd);
        cli_json_instant(w, "since", v->parts[i].since_ms);
        cli_json_error(w, "since_error_s", v->parts[i].since_error_ms);
        json_string(w, "text", v->parts[i].because_text);
        json_because(w, "because", v->parts[i].because, v->parts[i].because_count);
        json_end(w);
    }
    json_end(w);
    json_because(w, "why_per_h", v->why, v->why_count);
    json_string(w, "why_note", v->why_note);
}

/* When spend of the window was lost. */
static void json_unknown(struct json *w, const struct view_cost *v)
{
    json_array(w, "unknown_spend");
    for (size_t i = 0; i < v->unknown_count; i++) {
        json_object(w, NULL);
        cli_json_instant(w, "from", v->unknown[i].from_ms);
        cli_json_instant(w, "to", v->unknown[i].to_ms);
        json_end(w);
    }
    json_end(w);
}

/* Since when within the now window the rate is another one. */
static void json_recent(struct json *w, const struct vspend_recent *r)
{
    if (r->since_ms == 0) {
        json_null(w, "recent");
        return;
    }
    json_object(w, "recent");
    cli_json_instant(w, "since", r->since_ms);
    json_money(w, "usd_per_h_least", r->per_h.lo_nusd);
    json_money(w, "usd_per_h_most", r->per_h.hi_nusd);
    json_string(w, "usd_per_h_exactness", cli_exactness(r->per_h.exact));
    json_string(w, "text", r->text);
    json_end(w);
}

/* The running day, week and month. */
static void json_periods(struct json *w, const struct view_cost *v)
{
    static const char *const names[VCOST_PERIODS] = {"day", "week", "month"};
    json_object(w, "periods");
    for (int i = 0; i < VCOST_PERIODS; i++) {
        const struct vcost_period *p = &v->period[i];
        json_object(w, names[i]);
        cli_json_instant(w, "from", p->from_ms);
        json_known_money(w, "usd", p->known, p->nusd);
        json_string(w, "usd_exactness", p->known ? cli_exactness(p->exact) : NULL);
        json_end(w);
    }
    json_end(w);
}

static const struct vspend_row *computed_of(const struct view_spend *spend, const struct vcost_row *r)
{
    return r->is_other ? NULL : spend_row_of(spend, r->name, r->is_total);
}

static void json_table(struct json *w, const struct view_cost *v, const struct view_spend *spend, const struct cli_store *s)
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
        json_string(w, "counts_exactness", cli_exactness(r->counts_exact));
        json_known_money(w, "limit_usd", r->limit_known, r->limit_nusd);
        json_known_money(w, "limit_left_usd", r->left_known, r->left_nusd);
        json_f64(w, "usd_per_request", r->per_request);
        json_string(w, "usd_per_request_exactness", isnan(r->per_request) ? NULL : cli_exactness(r->per_request_exact));
        json_f64(w, "usd_per_1k_tokens", r->per_1k_tokens);
        json_string(w, "usd_per_1k_tokens_exactness", isnan(r->per_1k_tokens) ? NULL : cli_exactness(r->per_1k_tokens_exact));
        spend_json_computed(w, computed_of(spend, r));
        json_f64(w, "tokens_input_per_answer", r->input_per_request);
        json_string(w, "tokens_input_per_answer_exactness", isnan(r->input_per_request) ? NULL : cli_exactness(r->input_per_request_exact));
        json_f64(w, "cached_share", r->cached_share);
        json_string(w, "cached_share_exactness", isnan(r->cached_share) ? NULL : cli_exactness(r->cached_exact));
        json_bool(w, "cached_share_is_part", r->cached_is_part);
        json_end(w);
    }
    json_end(w);
}

static int print_json(const struct view_cost *v, const struct view_spend *spend, const struct cli_store *s)
{
    struct buf out;
    struct json w;
    char by[CLI_CELL_MAX];

    spend_by(spend, by);
    cli_json_report(&w, &out, s);
    json_i64(&w, "window_ms", v->window_ms);
    json_string(&w, "by", by);
    cli_json_text(&s->io, &w, "sentence", v->sentence);
    json_f64(&w, "usd_per_h_now", v->now_per_h.v);
    json_string(&w, "usd_per_h_now_exactness", cli_exactness(v->now_per_h.exact));
    json_i64(&w, "usd_per_h_now_window_ms", v->now_ms);
    json_recent(&w, v->recent);
    json_f64(&w, "usd_per_h_then", v->then_per_h.v);
    json_string(&w, "against", v->against);
    json_f64(&w, "plan_usd_per_h", v->plan_per_h);
    cli_json_text(&s->io, &w, "plan", v->plan_text);
    json_known_money(&w, "total_usd", v->table_count > 0 && v->table[v->table_count - 1].cost_known, v->total_nusd);
    json_string(&w, "total_exactness",
                v->table_count > 0 && v->table[v->table_count - 1].cost_known ? cli_exactness(v->table[v->table_count - 1].exact) : NULL);
    cli_json_instant(&w, "recorded_since", v->recorded_since_ms);
    json_string(&w, "coverage", v->coverage_text);
    json_unknown(&w, v);
    json_i64(&w, "unpriced_requests", (int64_t)v->unpriced_requests);
    json_change(&w, v, &s->io);
    json_f64(&w, "fallback_surcharge_usd_per_h", v->surcharge_per_h);
    json_periods(&w, v);
    json_budgets(&w, v, &s->io);
    spend_json(&w, spend, s);
    if (spend->dim_count > 1)
        spend_json_rows(&w, spend, s);
    else
        json_table(&w, v, spend, s);
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

static void csv_money(const struct cli_io *io, bool known, int64_t nusd)
{
    char text[MONEY_MAX];
    money_format_exact(nusd, text);
    cli_print(io, ",%s", known ? text : "");
}

static void print_csv(const struct view_cost *v, const struct view_spend *spend, const struct cli_store *s)
{
    const struct cli_io *io = &s->io;
    char money[MONEY_MAX], name[CLI_CELL_MAX];
    cli_print(io,
              "%s,kind,usd,requests,tokens_input,tokens_cached,tokens_output,share,usd_per_h_now,usd_per_h_now_exactness,usd_per_h_then,"
              "usd_exactness,owner" SPEND_CSV_COMPUTED ",counts_exactness,limit_usd,limit_left_usd\n",
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
        spend_csv_computed(io, computed_of(spend, r));
        cli_print(io, ",%s", cli_exactness(r->counts_exact));
        csv_money(io, r->limit_known, r->limit_nusd);
        csv_money(io, r->left_known, r->left_nusd);
        cli_print(io, "\n");
    }
}

/* ---- a limit for scripts ---- */

/* "500/h", "$12.50/h" */
static enum err read_max(const char *text, int64_t *ret_nusd, struct errctx *ctx)
{
    const size_t n = strlen(text);
    if (n < 3 || strcmp(text + n - 2, "/h") != 0 || !money_parse((struct str){text, n - 2}, ret_nusd) || *ret_nusd < 0)
        return errctx_set(ctx, ERR_USAGE, "--max: expected USD per hour like 500/h, got '%s'", text);
    return ERR_OK;
}

/* What is spent for certain decides that it is too much; that it is not takes the whole of it. The rate is that of the now window, or where
 * its polls prove that another holds since, that one. */
static int judge(const struct vprice_summary *m, int64_t max_nusd, const struct cli_io *io)
{
    char max[MONEY_MAX], now[MONEY_MAX], last[TIMEFMT_MAX], over[CLI_CELL_MAX];
    const bool is_recent = m->recent.since_ms != 0;
    const struct vspend_amount per_h = is_recent ? m->recent.per_h : m->per_h;
    if (is_recent)
        instant_format_clock(m->recent.since_ms, last);
    else
        duration_format(m->now_ms, last);
    (void)str_format(over, sizeof over, "%s %s", is_recent ? "since" : "over the last", last);
    money_format(max_nusd, max);
    money_format(per_h.lo_nusd, now);
    if (per_h.known && per_h.exact != AT_MOST && per_h.exact != ABOUT && per_h.lo_nusd > max_nusd) {
        fprintf(io->err, "gwtop: at least %s/h %s, more than %s/h\n", now, over, max);
        return EXIT_PAGE;
    }
    if ((is_recent ? m->recent.is_whole : m->per_h_is_whole) && per_h.hi_nusd <= max_nusd)
        return EXIT_OK;
    if (per_h.known)
        fprintf(io->err, "gwtop: whether it is more than %s/h is not known: %s/h %s, and not all of it is told\n", max, now, over);
    else
        fprintf(io->err, "gwtop: whether it is more than %s/h is not known\n", max);
    return EXIT_UNKNOWN;
}

/* ---- the command ---- */

struct cost_args {
    struct cli_where w;
    const char *by, *max;
    bool csv, focus;
    enum dim dims[VSPEND_DIMS_MAX];
    size_t dim_count;
    int64_t max_nusd;
};

static int focus(struct cli_store *s, struct errctx *ctx)
{
    struct view_charges charges;
    enum err e = view_load_charges(&s->loader, &s->params, &charges, ctx);
    if (e != ERR_OK)
        return cli_fail(&s->io, e, ctx);
    spend_focus(&charges, s);
    return EXIT_OK;
}

static int report(const struct cost_args *args, struct cli_store *s, struct errctx *ctx)
{
    struct view_cost v;
    struct view_spend spend;
    int status = EXIT_OK;
    enum err e = view_load_cost(&s->loader, &s->params, &v, ctx);
    if (e == ERR_OK && args->dim_count > 1)
        e = view_load_spend(&s->loader, &s->params, args->dims, args->dim_count, &spend, ctx);
    else if (e == ERR_OK)
        spend = *v.spend;
    if (e != ERR_OK)
        return cli_fail(&s->io, e, ctx);
    if (args->w.json)
        status = print_json(&v, &spend, s);
    else if (args->csv && args->dim_count > 1)
        spend_csv_rows(&spend, s);
    else if (args->csv)
        print_csv(&v, &spend, s);
    else
        print_text(&v, &spend, s);
    if (status == EXIT_OK && args->max != NULL)
        return judge(&spend.summary, args->max_nusd, &s->io);
    return status == EXIT_OK && v.is_uncounted ? EXIT_UNKNOWN : status;
}

static enum err read_args(struct cost_args *args, struct errctx *ctx)
{
    args->dims[0] = DIM_TEAM;
    args->dim_count = 1;
    enum err e = args->by != NULL ? cli_read_dims(args->by, VSPEND_DIMS_MAX, args->dims, &args->dim_count, ctx) : ERR_OK;
    return e == ERR_OK && args->max != NULL ? read_max(args->max, &args->max_nusd, ctx) : e;
}

int cmd_cost(int argc, char **argv, const struct cli_io *io)
{
    struct cost_args args = {.by = NULL};
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &args.w.config},
        {"--store", CLI_TEXT, &args.w.store},
        {"--at", CLI_TEXT, &args.w.at},
        {"--since", CLI_TEXT, &args.w.since},
        {"--by", CLI_TEXT, &args.by},
        {"--filter", CLI_TEXT_OR_EMPTY, &args.w.filter},
        {"--max", CLI_TEXT, &args.max},
        {"--json", CLI_FLAG, &args.w.json},
        {"--csv", CLI_FLAG, &args.csv},
        {"--focus", CLI_FLAG, &args.focus},
        {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct errctx ctx = {.text = ""};

    int status = cli_options("cost", argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("cost", "--json", args.w.json, "--csv", args.csv, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("cost", "--focus", args.focus, args.w.json ? "--json" : "--csv", args.w.json || args.csv, io);
    if (status == CLI_GO_ON)
        status =
            cli_options_exclude("cost", "--focus", args.focus, args.by != NULL ? "--by" : "--max", args.by != NULL || args.max != NULL, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = read_args(&args, &ctx);
    if (e != ERR_OK)
        return cli_fail(io, e, &ctx);
    e = cli_open(&args.w, args.dims[0], 3600000, &s, io, &ctx);
    s.params.columns = 1; /* no report draws a strip */
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else
        status = args.focus ? focus(&s, &ctx) : report(&args, &s, &ctx);
    cli_close(&s);
    /* A limit of which nothing can be told is not one that holds. */
    return args.max != NULL && status == EXIT_FAILED ? EXIT_UNKNOWN : status;
}
