/* SPDX-License-Identifier: MIT */
/* gwtop prices show, gwtop prices cost: what a model costs, and what counted tokens cost, part by part. `update` needs the network and is
 * gwtop-recorder's (netcli/cmd_prices.c). */
#include "cli/commands.h"

#include <string.h>

#include "base/clock.h"
#include "base/timefmt.h"
#include "view/prices.h"

enum { ARENA_MAX = 512 << 20 };
/* The tables, and which of their columns are right-aligned: all but the label. */
enum { SHOW_COLUMNS = 2, SHOW_RIGHT = 0x2, COST_COLUMNS = 4, COST_RIGHT = 0xe };

struct prices_args {
    const char *config, *prices, *at, *service, *region, *provider;
    const char *count[PRICE_COUNTED_TERMS];
    bool json;
};

struct prices_cmd {
    struct prices_args args;
    struct view_price_ask ask;
    struct config cfg;
    struct arena arena;
    const struct cli_io *io;
};

/* ---- what is asked ---- */

/* The option that gives a count. */
static const char *const count_options[PRICE_COUNTED_TERMS] = {
    [PRICE_INPUT] = "--input",
    [PRICE_CACHED] = "--cached",
    [PRICE_CACHE_WRITE] = "--cache-write",
    [PRICE_CACHE_WRITE_1H] = "--cache-write-1h",
    [PRICE_AUDIO_INPUT] = "--audio-input",
    [PRICE_OUTPUT] = "--output",
    [PRICE_REASONING] = "--reasoning",
    [PRICE_AUDIO_OUTPUT] = "--audio-output",
    [PRICE_REQUEST] = "--requests",
    [PRICE_QUERY] = "--queries",
};

static enum err read_counts(struct prices_cmd *c, struct errctx *ctx)
{
    c->ask.count[PRICE_REQUEST] = c->ask.count[PRICE_QUERY] = 1;
    for (int t = 0; t < PRICE_COUNTED_TERMS; t++) {
        const char *text = c->args.count[t];
        if (text != NULL && (!str_to_i64(str_of(text), &c->ask.count[t]) || c->ask.count[t] < 0))
            return errctx_set(ctx, ERR_USAGE, "%s: expected a whole number that is not negative, got '%s'", count_options[t], text);
        c->ask.has_counts = c->ask.has_counts || text != NULL;
    }
    return c->ask.has_counts ? ERR_OK : errctx_set(ctx, ERR_USAGE, "cost of what? Give --input, --output or another count");
}

static enum err read_ask(struct prices_cmd *c, bool is_cost, struct errctx *ctx)
{
    struct clock clock = clock_system();
    struct errctx why = {.text = ""};
    c->ask.list = c->args.prices;
    c->ask.provider = c->args.provider;
    c->ask.region = c->args.region;
    c->ask.at_ms = clock_wall_ms(&clock);
    if (c->args.at != NULL && instant_parse(str_of(c->args.at), c->ask.at_ms, &c->ask.at_ms, &why) != ERR_OK)
        return errctx_set(ctx, ERR_USAGE, "--at: %s", why.text);
    if (c->args.service != NULL && !price_service_by_name(str_of(c->args.service), &c->ask.service))
        return errctx_set(ctx, ERR_USAGE, "--service: expected standard, batch, flex or priority, got '%s'", c->args.service);
    return is_cost ? read_counts(c, ctx) : ERR_OK;
}

/* ---- text ---- */

static void print_list(const struct prices_cmd *c, const struct view_price *v)
{
    char date[TIMEFMT_MAX] = "no date";
    if (v->list.date_ms != 0) {
        instant_format_iso(v->list.date_ms, date);
        date[10] = '\0'; /* the day */
    }
    cli_print(c->io, "list    %s, %s, %s: %zu models, %zu with a price\n", v->list.path != NULL ? v->list.path : "built in", v->list.origin,
              date, v->list.models, v->list.priced);
}

static void print_head(const struct prices_cmd *c, const struct view_price *v)
{
    char at[TIMEFMT_MAX];
    instant_format_iso(instant_floor(v->at_ms, 1000), at);
    cli_print(c->io, "model   %s%s\n", v->is_exact ? "" : "~ ", v->model);
    cli_print(c->io, "match   %s\n", v->how);
    if (v->price.provider[0] != '\0')
        cli_print(c->io, "sold by %s%s%s\n", v->price.provider, v->price.mode[0] != '\0' ? ", " : "", v->price.mode);
    print_list(c, v);
    cli_print(c->io, "at      %s\n", at);
}

/* "cached input above 200000, batch" */
static void describe_rate(const char *label, const char *service, int64_t above, bool graduated, char out[CLI_CELL_MAX])
{
    char step[64] = "";
    if (above > 0 || graduated)
        (void)str_format(step, sizeof step, graduated ? " from token %lld on" : " in prompts above %lld", (long long)above + graduated);
    (void)str_format(out, CLI_CELL_MAX, "%s%s%s%s", label, step, strcmp(service, "standard") != 0 ? ", " : "",
                     strcmp(service, "standard") != 0 ? service : "");
}

static void print_price(const struct prices_cmd *c, const struct price *p)
{
    struct cli_table t;
    char label[CLI_CELL_MAX], price[PRICE_TEXT_MAX];
    cli_table_init(&t, c->io, SHOW_COLUMNS, SHOW_RIGHT);
    for (uint32_t i = 0; i < p->rate_count; i++) {
        const struct price_rate *r = &p->rates[i];
        const struct price_term_info *info = price_term_info((enum price_term)r->term);
        describe_rate(info->label, price_service_name((enum price_service)r->service), r->above_tokens, r->graduated, label);
        price_format((enum price_term)r->term, r->pusd, price);
        cli_table_cell(&t, "  %s", label);
        cli_table_cell(&t, "%s", price);
    }
    cli_table_print(&t);
    for (uint32_t i = 0; i < p->uplift_count; i++) {
        char factor[MONEY_WIDE_MAX];
        money_wide_format((money_wide)p->uplifts[i].multiplier * MONEY_WIDE_PER_PUSD * MONEY_WIDE_PER_PUSD, factor);
        cli_print(c->io, "  times %s in region %s\n", factor, p->uplifts[i].region);
    }
}

static void print_row(const struct prices_cmd *c, const struct vprice_row *r)
{
    char from[TIMEFMT_MAX] = "the oldest known";
    if (r->price->from_ms != PRICE_ALWAYS)
        instant_format_iso(r->price->from_ms, from);
    cli_print(c->io, "\n%s%s%s\n",
              r->configured != NULL               ? r->configured
              : r->price->from_ms != PRICE_ALWAYS ? "from "
                                                  : "",
              r->configured != NULL ? "" : from, r->is_in_force ? "  (in force)" : "");
    if (r->price->unpriced != NULL)
        cli_print(c->io, "  no price: %s\n", r->price->unpriced);
    else
        print_price(c, r->price);
}

static int print_show(const struct prices_cmd *c, const struct view_price *v)
{
    print_head(c, v);
    for (size_t i = 0; i < v->row_count; i++)
        print_row(c, &v->rows[i]);
    return EXIT_OK;
}

static int print_cost(const struct prices_cmd *c, const struct view_price *v)
{
    struct cli_table t;
    char label[CLI_CELL_MAX], price[PRICE_TEXT_MAX], amount[MONEY_WIDE_MAX];
    print_head(c, v);
    cli_print(c->io, "\n");
    cli_table_init(&t, c->io, COST_COLUMNS, COST_RIGHT);
    for (size_t i = 0; i < v->part_count; i++) {
        const struct vprice_part *p = &v->parts[i];
        describe_rate(price_term_info(p->term)->label, p->service, p->above_tokens, p->graduated, label);
        price_format(p->priced_as, p->pusd, price);
        money_wide_format(p->amount, amount);
        cli_table_cell(&t, "%s", label);
        cli_table_cell(&t, "%lld", (long long)p->count);
        cli_table_cell(&t, "x %s%s%s", price, p->priced_as != p->term ? " as " : "",
                       p->priced_as != p->term ? price_term_info(p->priced_as)->name : "");
        cli_table_cell(&t, "%s", amount);
    }
    cli_table_print(&t);
    if (v->multiplier != MONEY_WIDE_PER_PUSD) {
        money_wide_format((money_wide)v->multiplier * MONEY_WIDE_PER_PUSD * PRICE_ONE, amount);
        cli_print(c->io, "each times %s%s%s\n", amount, v->region != NULL ? ", region " : "", v->region != NULL ? v->region : "");
    }
    money_wide_format(v->total, amount);
    cli_print(c->io, "total %s%s USD\n", v->exact == EXACT ? "" : cli_exactness(v->exact), amount);
    for (size_t i = 0; i < v->note_count; i++)
        cli_print(c->io, "note: %s\n", v->notes[i]);
    if (v->is_whole_known) {
        money_wide_format(v->whole, amount);
        cli_print(c->io, "note: if the whole request is billed at the step of its prompt, it is %s USD\n", amount);
    }
    return EXIT_OK;
}

/* ---- JSON ---- */

static void json_wide(struct json *w, const char *key, money_wide v)
{
    char text[MONEY_WIDE_MAX];
    money_wide_format(v, text);
    json_string(w, key, text);
}

static void json_pusd(struct json *w, int64_t pusd)
{
    json_wide(w, "price_usd", (money_wide)pusd * MONEY_WIDE_PER_PUSD);
}

static void json_price(struct json *w, const struct price *p)
{
    json_array(w, "prices");
    for (uint32_t i = 0; i < p->rate_count; i++) {
        const struct price_rate *r = &p->rates[i];
        const struct price_term_info *info = price_term_info((enum price_term)r->term);
        json_object(w, NULL);
        json_string(w, "term", info->name);
        json_string(w, "per", info->unit);
        json_string(w, "service", price_service_name((enum price_service)r->service));
        json_i64(w, "above_tokens", r->above_tokens);
        json_bool(w, "graduated", r->graduated);
        json_pusd(w, r->pusd);
        json_end(w);
    }
    json_end(w);
    json_object(w, "regions");
    for (uint32_t i = 0; i < p->uplift_count; i++)
        json_wide(w, p->uplifts[i].region, (money_wide)p->uplifts[i].multiplier * MONEY_WIDE_PER_PUSD * MONEY_WIDE_PER_PUSD);
    json_end(w);
}

static void json_rows(struct json *w, const struct view_price *v)
{
    char from[TIMEFMT_MAX];
    json_array(w, "rows");
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vprice_row *r = &v->rows[i];
        json_object(w, NULL);
        if (r->price->from_ms != PRICE_ALWAYS)
            instant_format_iso(r->price->from_ms, from);
        json_string(w, "from", r->price->from_ms != PRICE_ALWAYS ? from : NULL);
        json_bool(w, "in_force", r->is_in_force);
        json_string(w, "configured", r->configured);
        json_string(w, "no_price", r->price->unpriced);
        json_price(w, r->price);
        json_end(w);
    }
    json_end(w);
}

static void json_head(struct json *w, const struct view_price *v)
{
    char at[TIMEFMT_MAX];
    instant_format_iso(v->at_ms, at);
    json_string(w, "asked", v->asked);
    json_string(w, "model", v->model);
    json_string(w, "match", v->how);
    json_bool(w, "match_exact", v->is_exact);
    json_string(w, "provider", v->price.provider);
    json_string(w, "mode", v->price.mode);
    json_string(w, "at", at);
    json_object(w, "list");
    json_string(w, "path", v->list.path);
    json_string(w, "origin", v->list.origin);
    cli_json_instant(w, "date", v->list.date_ms);
    json_i64(w, "models", (int64_t)v->list.models);
    json_i64(w, "priced", (int64_t)v->list.priced);
    json_end(w);
}

static void json_cost(struct json *w, const struct view_price *v)
{
    int64_t nusd;
    json_string(w, "service", v->service);
    json_string(w, "region", v->region);
    json_array(w, "terms");
    for (size_t i = 0; i < v->part_count; i++) {
        const struct vprice_part *p = &v->parts[i];
        json_object(w, NULL);
        json_string(w, "term", price_term_info(p->term)->name);
        json_i64(w, "count", p->count);
        json_pusd(w, p->pusd);
        json_string(w, "priced_as", price_term_info(p->priced_as)->name);
        json_string(w, "service", p->service);
        json_i64(w, "above_tokens", p->above_tokens);
        json_bool(w, "graduated", p->graduated);
        json_wide(w, "usd", p->amount);
        json_end(w);
    }
    json_end(w);
    json_wide(w, "multiplier", (money_wide)v->multiplier * MONEY_WIDE_PER_PUSD * PRICE_ONE);
    json_wide(w, "usd", v->total);
    if (money_wide_to_nusd(v->total, &nusd))
        json_i64(w, "nusd", nusd);
    else
        json_null(w, "nusd");
    json_string(w, "exactness", cli_exactness(v->exact));
    if (v->is_whole_known)
        json_wide(w, "usd_if_whole_request", v->whole);
    json_array(w, "notes");
    for (size_t i = 0; i < v->note_count; i++)
        json_string(w, NULL, v->notes[i]);
    json_end(w);
}

static int print_json(const struct prices_cmd *c, const struct view_price *v)
{
    struct buf out;
    struct json w;
    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_head(&w, v);
    if (c->ask.has_counts)
        json_cost(&w, v);
    else
        json_rows(&w, v);
    json_end(&w);
    return cli_print_json(c->io, "prices", &w, &out);
}

/* ---- the command ---- */

static int run(struct prices_cmd *c, bool is_cost)
{
    struct errctx ctx = {.text = ""};
    struct view_price v;
    bool found;
    enum err e = read_ask(c, is_cost, &ctx);
    if (e == ERR_OK)
        e = config_load(c->args.config, &c->cfg, &found, &ctx);
    if (e != ERR_OK)
        return cli_fail(c->io, e, &ctx);
    arena_init(&c->arena, ARENA_MAX);
    e = view_load_price(&c->cfg, &c->ask, &c->arena, &v, &ctx);
    int status = e != ERR_OK    ? cli_fail(c->io, e, &ctx)
                 : c->args.json ? print_json(c, &v)
                 : is_cost      ? print_cost(c, &v)
                                : print_show(c, &v);
    arena_fini(&c->arena);
    config_fini(&c->cfg);
    return status;
}

int cmd_prices(int argc, char **argv, const struct cli_io *io)
{
    struct prices_cmd c = {.io = io};
    struct cli_words words = {.max = 2};
    const struct cli_option options[] = {
        {"--input", CLI_TEXT, &c.args.count[PRICE_INPUT]},
        {"--cached", CLI_TEXT, &c.args.count[PRICE_CACHED]},
        {"--cache-write", CLI_TEXT, &c.args.count[PRICE_CACHE_WRITE]},
        {"--cache-write-1h", CLI_TEXT, &c.args.count[PRICE_CACHE_WRITE_1H]},
        {"--audio-input", CLI_TEXT, &c.args.count[PRICE_AUDIO_INPUT]},
        {"--output", CLI_TEXT, &c.args.count[PRICE_OUTPUT]},
        {"--reasoning", CLI_TEXT, &c.args.count[PRICE_REASONING]},
        {"--audio-output", CLI_TEXT, &c.args.count[PRICE_AUDIO_OUTPUT]},
        {"--requests", CLI_TEXT, &c.args.count[PRICE_REQUEST]},
        {"--queries", CLI_TEXT, &c.args.count[PRICE_QUERY]},
        {"--service", CLI_TEXT, &c.args.service},
        {"--region", CLI_TEXT, &c.args.region},
        {"--provider", CLI_TEXT, &c.args.provider},
        {"--prices", CLI_TEXT, &c.args.prices},
        {"--at", CLI_TEXT, &c.args.at},
        {"--json", CLI_FLAG, &c.args.json},
        {"--config", CLI_TEXT, &c.args.config},
        {NULL, CLI_FLAG, NULL},
    };
    struct errctx ctx = {.text = ""};

    int status = cli_options("prices", argc, argv, options, &words, io);
    if (status != CLI_GO_ON)
        return status;
    bool is_cost = words.count > 0 && strcmp(words.at[0], "cost") == 0, is_show = words.count > 0 && strcmp(words.at[0], "show") == 0;
    if (words.count != 2 || (!is_cost && !is_show))
        return cli_fail(
            io, errctx_set(&ctx, ERR_USAGE, "prices: expected `show MODEL`, `cost MODEL` with counts, or `update --from FILE|URL`"), &ctx);
    c.ask.model = words.at[1];
    return run(&c, is_cost);
}
