/* SPDX-License-Identifier: MIT */
/* gwtop prices update: a public list as ours, merged into the one there is, so that a replay finds the prices of its day. The list that is
 * shipped (data/prices.txt) was written by this command; gwtop-prices(5) has how. */
#include <string.h>

#include "analysis/price_book.h"
#include "analysis/price_import.h"
#include "base/clock.h"
#include "base/timefmt.h"
#include "config/config.h"
#include "config/locate.h"
#include "netcli/args.h"
#include "netcli/netcli.h"
#include "netcli/prices_io.h"

enum { ARENA_MAX = 1 << 30, DAY_MS = 86400000 };

struct update_args {
    const char *from, *to, *date, *config, *ca_file;
    bool keep, fresh, whole_tiers, help;
};

struct update {
    struct update_args args;
    const struct netcli_io *io;
    char path[LOCATE_PATH_MAX]; /* where the list goes */
    int64_t from_ms;            /* when its prices come into force */
    struct arena arena;
    struct price_table old, list, merged;
    struct price_import_report report;
    struct price_changes changes;
};

static enum err read_target(struct update *u, struct errctx *ctx)
{
    struct config cfg;
    bool found;
    if (u->args.to != NULL)
        return str_copy(u->path, sizeof u->path, str_of(u->args.to)) ? ERR_OK
                                                                     : errctx_set(ctx, ERR_LIMIT, "%s: the path is too long", u->args.to);
    enum err e = config_load(u->args.config, &cfg, &found, ctx);
    if (e != ERR_OK)
        return e;
    e = config_price_list(&cfg, u->path, sizeof u->path, ctx);
    config_fini(&cfg);
    return e;
}

static enum err read_date(struct update *u, struct errctx *ctx)
{
    struct clock clock = clock_system();
    struct errctx why = {""};
    int64_t now_ms = clock_wall_ms(&clock);
    u->from_ms = now_ms;
    if (u->args.date != NULL && instant_parse(str_of(u->args.date), now_ms, &u->from_ms, &why) != ERR_OK)
        return errctx_set(ctx, ERR_USAGE, "--date: %s", why.text);
    u->from_ms = u->args.date != NULL ? u->from_ms : instant_floor(now_ms, DAY_MS);
    return ERR_OK;
}

/* The list that is there: the file's, the built-in one where there is none, nothing with --fresh. */
static enum err read_old(struct update *u, struct errctx *ctx)
{
    struct str text;
    char old[TIMEFMT_MAX], new[TIMEFMT_MAX];
    if (u->args.fresh)
        return ERR_OK;
    enum err e = locate_read_data(u->path, PRICE_FILE_MAX, &u->arena, &text, ctx);
    if (e == ERR_NOTFOUND)
        e = price_book_builtin(&u->arena, &u->old, ctx);
    else if (e == ERR_OK)
        e = price_table_parse(text, u->path, &u->arena, &u->old, ctx);
    if (e != ERR_OK || u->old.date_ms <= u->from_ms)
        return e;
    instant_format_iso(u->old.date_ms, old);
    instant_format_iso(u->from_ms, new);
    return errctx_set(ctx, ERR_USAGE, "the list that is there is of %.10s, newer than %.10s; give a later --date, or --fresh to forget it",
                      old, new);
}

static bool is_url(const char *from)
{
    return strstr(from, "://") != NULL;
}

/* The last part of a path or of an address's path, "" when it has none: what goes before and after it, a user's name and password or a
 * query, may be nobody's business. */
static struct str last_part(const char *from)
{
    struct str s = str_of(from);
    if (is_url(from)) {
        const char *host = strstr(from, "://") + 3;
        size_t n = strcspn(host, "?#"), authority = strcspn(host, "/?#");
        s = (struct str){host + authority, n - authority};
    }
    while (s.n > 0 && s.p[s.n - 1] == '/')
        s.n--;
    size_t at = s.n;
    while (at > 0 && s.p[at - 1] != '/')
        at--;
    return (struct str){s.p + at, s.n - at};
}

/* What the list is called in the file: its form, and the name that its file or address ends in. */
static void name_origin(const struct update *u, char *out, size_t cap)
{
    struct str name = last_part(u->args.from);
    (void)str_format(out, cap, "%s%s%.*s", u->report.form, name.n > 0 ? " " : "", (int)name.n, name.p);
    for (char *c = out; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}

static enum err read_list(struct update *u, struct errctx *ctx)
{
    struct str text;
    struct buf body;
    const struct price_import_options opt = {.name = u->args.from, .whole_tiers = u->args.whole_tiers};
    buf_init(&body, PRICE_FILE_MAX);
    bool is_fetched = is_url(u->args.from);
    enum err e = is_fetched ? prices_fetch(u->args.from, u->args.ca_file, u->io->user_agent, &body, ctx)
                            : locate_read_data(u->args.from, PRICE_FILE_MAX, &u->arena, &text, ctx);
    if (e == ERR_OK)
        e = price_import(is_fetched ? buf_str(&body) : text, &opt, &u->arena, &u->list, &u->report, ctx);
    buf_fini(&body);
    return e;
}

static enum err write_list(struct update *u, struct errctx *ctx)
{
    char origin[200];
    struct buf out;
    struct price_table again;
    name_origin(u, origin, sizeof origin);
    u->merged.origin = origin;
    buf_init(&out, PRICE_FILE_MAX);
    enum err e = price_table_write(&u->merged, &out);
    if (e != ERR_OK)
        e = errctx_set(ctx, e, "the list is larger than %d MB; --fresh forgets old prices", PRICE_FILE_MAX >> 20);
    if (e == ERR_OK) /* what cannot be read back must not take the place of what can */
        e = price_table_parse(buf_str(&out), u->path, &u->arena, &again, ctx);
    if (e == ERR_OK)
        e = prices_replace(u->path, buf_str(&out), ctx);
    buf_fini(&out);
    return e;
}

static void tell(const struct update *u)
{
    FILE *out = u->io->out;
    char from[TIMEFMT_MAX];
    const struct price_import_report *r = &u->report;
    const struct price_changes *c = &u->changes;
    instant_format_iso(u->from_ms, from);
    fprintf(out, "%s's form: %zu models, %zu with a price\n", r->form, r->rows, r->priced);
    if (r->no_price > 0)
        fprintf(out, "no price  %zu that the list prices by nothing that gateways count, or not at all\n", r->no_price);
    if (r->other_kind > 0)
        fprintf(out, "not kept  %zu of other kinds (images, speech, ...)\n", r->other_kind);
    for (size_t i = 0; i < r->fault_count; i++) {
        struct errctx line; /* neutralised: names come from outside */
        errctx_set(&line, ERR_PARSE, "left out  %s: %s", r->faults[i]->model, r->faults[i]->unpriced);
        fprintf(out, "%s\n", line.text);
    }
    if (r->rounded > 0)
        fprintf(out, "rounded   %zu prices with digits below a pico-dollar per token\n", r->rounded);
    fprintf(out, "%s: %zu new, %zu changed, %zu as before, %zu %s; in force from %s\n", u->path, c->added, c->changed, c->same, c->gone,
            u->args.keep ? "not in the list, kept" : "not in the list and without a price now", from);
}

static int run(struct update *u)
{
    struct errctx ctx = {""};
    enum err e = read_date(u, &ctx);
    if (e == ERR_OK)
        e = read_target(u, &ctx);
    if (e == ERR_OK)
        e = read_list(u, &ctx);
    if (e == ERR_OK)
        e = read_old(u, &ctx);
    if (e == ERR_OK)
        e = price_table_merge(&u->old, &u->list, u->from_ms, u->args.keep, &u->arena, &u->merged, &u->changes, &ctx);
    if (e == ERR_OK)
        e = write_list(u, &ctx);
    if (e != ERR_OK)
        return netcli_fail(u->io, e, &ctx);
    tell(u);
    return EXIT_GOOD;
}

static const char help_text[] =
    "gwtop prices update --from FILE|URL: a public price list as gwtop's own, read whole or not at all\n\n"
    "  --from FILE|URL  LiteLLM's model_prices_and_context_window.json, models.dev's api.json, agentgateway's catalogue,\n"
    "                   a pricing/PROVIDER.json of Portkey's, or a list of gwtop's\n"
    "  --to FILE        where it goes; otherwise price_list of the configuration, or prices.txt beside the store\n"
    "  --date DAY       when its prices come into force (today, 00:00 UTC); what was before keeps its price\n"
    "  --keep           models that it does not name keep their price\n"
    "  --fresh          forget the list that is there, and its history\n"
    "  --whole-tiers    LiteLLM's tiered_pricing re-prices the whole request instead of what lies above each step\n"
    "  --ca-file FILE   certificates (PEM) to trust instead of the system's\n"
    "  --config FILE    configuration\n\n"
    "exit: 0 replaced, 1 refused and the old list stays, 64 usage or configuration. See gwtop-prices(5).\n";

int netcli_prices(int argc, char **argv, const struct netcli_io *io)
{
    struct update u = {.io = io};
    struct errctx ctx = {""};
    struct arg_words words = {.max = 1};
    const struct arg table[] = {
        {"--from", ARG_TEXT, &u.args.from},
        {"--to", ARG_TEXT, &u.args.to},
        {"--date", ARG_TEXT, &u.args.date},
        {"--keep", ARG_FLAG, &u.args.keep},
        {"--fresh", ARG_FLAG, &u.args.fresh},
        {"--whole-tiers", ARG_FLAG, &u.args.whole_tiers},
        {"--ca-file", ARG_TEXT, &u.args.ca_file},
        {"--config", ARG_TEXT, &u.args.config},
        {"--help", ARG_FLAG, &u.args.help},
        {"-h", ARG_FLAG, &u.args.help},
        {NULL, ARG_FLAG, NULL},
    };
    enum err e = args_read(argc, argv, table, &words, &ctx);
    if (e == ERR_OK && u.args.help) {
        fputs(help_text, io->out);
        return EXIT_GOOD;
    }
    if (e == ERR_OK && (words.count == 0 || strcmp(words.at[0], "update") != 0))
        e = errctx_set(&ctx, ERR_USAGE, "prices: expected `update --from FILE|URL`; `gwtop prices --help` has the rest");
    if (e == ERR_OK && u.args.from == NULL)
        e = errctx_set(&ctx, ERR_USAGE, "update from what? Give --from FILE or --from URL");
    if (e != ERR_OK)
        return netcli_fail(io, e, &ctx);
    arena_init(&u.arena, ARENA_MAX);
    int code = run(&u);
    arena_fini(&u.arena);
    return code;
}
