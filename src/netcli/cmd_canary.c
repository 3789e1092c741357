/* SPDX-License-Identifier: MIT */
/* gwtop canary run NAME: one run by hand, its price said first. Where a recorder runs it is the one that asks, by an act, so that the
 * day's cap is kept by one writer; where none does, this is the writer for as long as the run lasts. */
#include <math.h>
#include <poll.h>
#include <string.h>

#include "analysis/canary_price.h"
#include "base/clock.h"
#include "base/json.h"
#include "config/config.h"
#include "model/canary_state.h"
#include "netcli/args.h"
#include "netcli/netcli.h"
#include "netcli/record_run.h"
#include "record/canary.h"
#include "record/canary_ask.h"
#include "record/http.h"
#include "record/schedule.h"
#include "record/secret.h"
#include "store/store.h"

enum {
    ARENA_MAX = 256 << 20,
    JSON_MAX = 4 << 20,
    LOOK_MS = 200,            /* between looks at what the recorder has written */
    BEGIN_MS = 2 * 60 * 1000, /* it hears orders every two seconds, and waits for polling at most a little */
    WAIT_MS = 1000,
};

struct canary_cmd {
    const struct netcli_io *io;
    struct {
        const char *name, *config, *store;
        bool dry_run, json, help;
    } args;
    struct config cfg;
    const struct config_canary *k;
    const char *store;
    struct arena arena;
    struct canaries_book book;
    struct canary_price price;
    struct canary_state st; /* after the run */
    bool has_run;
};

static int64_t now_ms(void)
{
    const struct clock system = clock_system();
    return clock_wall_ms(&system);
}

/* ---- what will be spent ---- */

static enum err find_canary(struct canary_cmd *c, struct errctx *ctx)
{
    const char *names = "";
    for (uint32_t i = 0; i < c->cfg.canary_count && names != NULL; i++) {
        if (strcmp(c->cfg.canaries[i].c.name, c->args.name) == 0) {
            c->k = &c->cfg.canaries[i];
            return ERR_OK;
        }
        names = arena_printf(&c->arena, "%s%s%s", names, i > 0 ? ", " : "", c->cfg.canaries[i].c.name);
    }
    return errctx_set(ctx, ERR_CONFIG, "no canary is called '%s'; %s%s", c->args.name,
                      c->cfg.canary_count > 0 ? "there are " : "the configuration has none", names != NULL ? names : "");
}

static void say_price(const struct canary_cmd *c)
{
    char run[MONEY_MAX], cap[MONEY_MAX], url[HTTP_URL_MAX];
    money_format_exact(c->price.run_nusd, run);
    money_format_exact(c->k->c.cap_nusd, cap);
    http_url_public(c->k->c.url, url);
    fprintf(c->args.json ? c->io->err : c->io->out, "%u prompt%s to %s at %s: up to %s USD, of %s USD a day\n", c->k->c.item_count,
            c->k->c.item_count == 1 ? "" : "s", c->k->c.model, url, run, cap);
}

static int dry_run(const struct canary_cmd *c, struct errctx *ctx)
{
    struct buf body;
    char price[MONEY_MAX];
    enum err e = ERR_OK;
    buf_init(&body, JSON_MAX);
    for (uint32_t i = 0; i < c->k->c.item_count && e == ERR_OK; i++) {
        const struct canary_item *it = &c->k->c.items[i];
        buf_reset(&body);
        e = canary_body(&c->k->c, it, &body);
        money_format_exact(c->price.item_nusd[i], price);
        if (e == ERR_OK)
            fprintf(c->io->out, "\n%s: up to %lld tokens in and %u out, up to %s USD; check: %s\n%s\n", it->id,
                    (long long)canary_input_tokens(it), it->max_tokens, price, canary_check_name(it->check), body.data);
    }
    buf_fini(&body);
    if (e != ERR_OK)
        return netcli_fail(c->io, errctx_set(ctx, e, "a prompt is too long to be sent"), ctx);
    fputs("\nnothing was sent\n", c->io->out);
    return EXIT_GOOD;
}

/* ---- what came of it ---- */

static enum err read_state(struct canary_cmd *c, struct store *st, bool *ret_found, struct errctx *ctx)
{
    struct str text;
    struct canary_state *list;
    size_t count;
    *ret_found = false;
    enum err e = store_note(st, CANARY_NOTE, INT64_MAX, &c->arena, &text);
    if (e == ERR_NOTFOUND)
        return ERR_OK;
    if (e == ERR_OK)
        e = canary_states_read(text, &c->arena, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (strcmp(list[i].name, c->k->c.name) != 0)
            continue;
        c->st = list[i];
        *ret_found = true;
    }
    return e == ERR_OK ? e : errctx_set(ctx, e, "the canaries of %s cannot be read", c->store);
}

static void print_text(const struct canary_cmd *c, const struct canary_result *list, size_t count)
{
    char spent[MONEY_MAX], cap[MONEY_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct canary_result *r = &list[i];
        fprintf(c->io->out, "%-20s %s", r->id,
                r->outcome == CANARY_PASSED ? "pass"
                : r->outcome == CANARY_BAD  ? "bad"
                                            : canary_failure_name(r->failure));
        if (!isnan(r->logprob))
            fprintf(c->io->out, "  log-probability %.4f", r->logprob);
        fprintf(c->io->out, "%s%s\n", r->why[0] != '\0' ? "  " : "", r->why);
    }
    money_format_exact(canary_spent(&c->st, now_ms()), spent);
    money_format_exact(c->st.cap_nusd, cap);
    fprintf(c->io->out, "%u of %u passed", c->st.passed, c->st.passed + c->st.bad);
    if (count > c->st.passed + c->st.bad)
        fprintf(c->io->out, ", %zu more without a verdict", count - c->st.passed - c->st.bad);
    fprintf(c->io->out, "; %s USD of %s USD spent today\n", spent, cap);
}

static int print_json(const struct canary_cmd *c, const struct canary_result *list, size_t count)
{
    struct buf out, run;
    struct json w;
    char spent[MONEY_MAX], cap[MONEY_MAX];
    buf_init(&out, JSON_MAX);
    buf_init(&run, JSON_MAX);
    money_format_exact(canary_spent(&c->st, now_ms()), spent);
    money_format_exact(c->st.cap_nusd, cap);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "name", c->st.name);
    json_string(&w, "model", c->st.model);
    json_i64(&w, "passed", c->st.passed);
    json_i64(&w, "bad", c->st.bad);
    json_raw(&w, "spent_today_usd", spent);
    json_raw(&w, "cap_usd", cap);
    if (canary_run_write(c->st.last_ms, list, count, &run) == ERR_OK)
        json_raw(&w, "run", run.data);
    json_end(&w);
    const bool good = w.err == ERR_OK;
    fprintf(c->io->out, "%s\n", good ? out.data : "null");
    buf_fini(&run);
    buf_fini(&out);
    return good ? EXIT_GOOD : EXIT_BAD;
}

/* The run that ended, or why there was none. */
static int show(struct canary_cmd *c, struct store *st, struct errctx *ctx)
{
    char name[300];
    struct str text;
    struct canary_result *list;
    size_t count;
    int64_t began;
    if (!c->has_run)
        return netcli_fail(c->io, errctx_set(ctx, ERR_LIMIT, "canary %s was not run: %s", c->k->c.name, c->st.why), ctx);
    (void)str_format(name, sizeof name, CANARY_RUN_NOTE, c->k->c.name);
    enum err e = store_note(st, name, INT64_MAX, &c->arena, &text);
    if (e == ERR_OK)
        e = canary_run_read(text, &c->arena, &began, &list, &count, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, errctx_set(ctx, e, "what came of the run cannot be read"), ctx);
    if (c->args.json && print_json(c, list, count) != EXIT_GOOD)
        return EXIT_BAD;
    if (!c->args.json)
        print_text(c, list, count);
    return count > c->st.passed + c->st.bad ? EXIT_NO_ANSWER : c->st.bad > 0 ? EXIT_BAD : EXIT_GOOD;
}

/* ---- by the recorder that runs ---- */

/* An order is by name: what the recorder has under it must be what was priced here. */
static enum err check_same(struct canary_cmd *c, struct store *st, struct errctx *ctx)
{
    char hash[24];
    struct str text;
    const char *name = arena_printf(&c->arena, "canary_set:%s", c->k->c.name);
    (void)str_format(hash, sizeof hash, "\"%016llx\"", (unsigned long long)canary_hash(&c->k->c));
    if (name == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    if (store_note(st, name, INT64_MAX, &c->arena, &text) == ERR_OK && strstr(text.p, hash) != NULL)
        return ERR_OK;
    return errctx_set(ctx, ERR_BUSY,
                      "the recorder that runs has another canary of that name, or none: start it anew (gwtop record --stop)");
}

/* Until the recorder has said what came of the order. */
static enum err await(struct canary_cmd *c, struct store *st, int64_t order_ms, struct errctx *ctx)
{
    bool found;
    for (;;) {
        arena_reset(&c->arena);
        enum err e = read_state(c, st, &found, ctx);
        if (e != ERR_OK)
            return e;
        const bool heard = found && c->st.order_ms >= order_ms;
        if (heard && !c->st.running) {
            c->has_run = c->st.ended_ms >= order_ms;
            return ERR_OK;
        }
        if (!heard && now_ms() - order_ms > BEGIN_MS)
            return errctx_set(ctx, ERR_BUSY,
                              "the recorder has not begun the run within two minutes: polling takes the whole request budget, or it hangs");
        if (store_recorder_pid(c->store) == 0)
            return errctx_set(ctx, ERR_IO, "the recorder has ended meanwhile");
        (void)poll(NULL, 0, LOOK_MS);
    }
}

static int run_there(struct canary_cmd *c, struct errctx *ctx)
{
    struct store *st = NULL;
    enum err e = store_open_reader(c->store, &st, ctx);
    if (e == ERR_OK)
        e = check_same(c, st, ctx);
    const int64_t order_ms = now_ms();
    if (e == ERR_OK)
        e = store_act_drop(c->store, CANARY_ACT, 0, c->k->c.name, order_ms, ctx);
    if (e == ERR_OK)
        e = await(c, st, order_ms, ctx);
    const int code = e == ERR_OK ? show(c, st, ctx) : netcli_fail(c->io, e, ctx);
    store_close(st);
    return code;
}

/* ---- here ---- */

struct here {
    struct schedule budget;
    struct http *http;
    struct secrets *secrets;
    struct store *st;
    struct canaries *canaries;
};

static bool may_ask(void *ctx)
{
    const struct clock system = clock_system();
    struct here *h = ctx;
    return schedule_take_token(&h->budget, clock_mono_ms(&system));
}

static enum err run_to_end(struct here *h, struct errctx *ctx)
{
    enum err e = ERR_OK;
    canaries_order(h->canaries, now_ms());
    while (e == ERR_OK && canaries_are_running(h->canaries)) {
        int running = 0;
        canaries_step(h->canaries, now_ms());
        if (canaries_are_running(h->canaries))
            e = http_wait(h->http, canaries_wait(h->canaries, now_ms(), WAIT_MS), -1, &running, ctx);
    }
    return e;
}

static enum err open_here(struct canary_cmd *c, struct here *h, struct errctx *ctx)
{
    const struct clock system = clock_system();
    const struct store_options so = record_run_store(&c->cfg, c->store);
    h->secrets = secrets_new();
    schedule_init(&h->budget, c->cfg.requests_per_second, false, 0, clock_mono_ms(&system));
    enum err e = h->secrets != NULL ? store_open_writer(c->store, &so, &system, &h->st, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory");
    secrets_harden_process();
    if (e == ERR_OK)
        e = http_open(h->secrets, c->io->user_agent, &h->http, ctx);
    const struct canaries_options o = {
        .cfg = &c->cfg,
        .book = &c->book.book,
        .st = h->st,
        .http = h->http,
        .secrets = h->secrets,
        .alone = &c->k->c,
        .may_ask = may_ask,
        .ctx = h,
    };
    return e == ERR_OK ? canaries_open(&o, now_ms(), &h->canaries, ctx) : e;
}

static int run_here(struct canary_cmd *c, struct errctx *ctx)
{
    struct here h = {.st = NULL};
    bool found = false;
    const int64_t order_ms = now_ms();
    enum err e = open_here(c, &h, ctx);
    if (e == ERR_OK)
        e = run_to_end(&h, ctx);
    if (e == ERR_OK)
        e = read_state(c, h.st, &found, ctx);
    c->has_run = found && c->st.ended_ms >= order_ms;
    const int code = e == ERR_OK ? show(c, h.st, ctx) : netcli_fail(c->io, e, ctx);
    canaries_close(h.canaries);
    http_close(h.http);
    secrets_free(h.secrets);
    schedule_fini(&h.budget);
    store_close(h.st);
    return code;
}

static const char help_text[] = "gwtop canary run NAME: put a canary's prompts to its endpoint once, and say what came of each\n\n"
                                "  --dry-run      the bodies and their price, and nothing is sent\n"
                                "  --json         the outcome for programs\n"
                                "  --config FILE  configuration (default: gwtop.yaml, see gwtop.yaml(5))\n"
                                "  --store FILE   store that keeps what was spent (default: the configuration's)\n\n"
                                "It costs money: the price is said first, and counts against the canary's cap.\n"
                                "exit: 0 all passed, 1 some did not, or it was not run, 2 some had no answer, 64 usage or configuration\n";

static enum err read_args(int argc, char **argv, struct canary_cmd *c, struct errctx *ctx)
{
    const struct arg table[] = {
        {"--dry-run", ARG_FLAG, &c->args.dry_run},
        {"--json", ARG_FLAG, &c->args.json},
        {"--config", ARG_TEXT, &c->args.config},
        {"--store", ARG_TEXT, &c->args.store},
        {"--help", ARG_FLAG, &c->args.help},
        {"-h", ARG_FLAG, &c->args.help},
        {NULL, ARG_FLAG, NULL},
    };
    struct arg_words words = {.max = 1};
    const bool runs = argc > 1 && strcmp(argv[1], "run") == 0;
    enum err e = args_read(runs ? argc - 1 : argc, runs ? argv + 1 : argv, table, &words, ctx);
    c->args.name = words.at[0];
    if (e == ERR_OK && !c->args.help && (!runs || c->args.name == NULL))
        e = errctx_set(ctx, ERR_USAGE, "expected gwtop canary run NAME");
    return e;
}

int netcli_canary(int argc, char **argv, const struct netcli_io *io)
{
    struct canary_cmd c = {.io = io};
    struct errctx ctx = {""};
    bool found;
    int code;
    enum err e = read_args(argc, argv, &c, &ctx);
    if (e != ERR_OK)
        return netcli_fail(io, e, &ctx);
    if (c.args.help) {
        fputs(help_text, io->out);
        return EXIT_GOOD;
    }
    struct arena prices;
    arena_init(&c.arena, ARENA_MAX);
    arena_init(&prices, ARENA_MAX);
    e = config_load(c.args.config, &c.cfg, &found, &ctx);
    if (e == ERR_OK)
        e = find_canary(&c, &ctx);
    if (e == ERR_OK)
        e = canaries_read_book(&c.cfg, &prices, &c.book, &ctx);
    if (e == ERR_OK && canary_price_make(&c.book.book, &c.k->c, now_ms(), &c.price, &ctx) != ERR_OK)
        e = ERR_CONFIG; /* the sentence says what to write there */
    c.store = c.args.store != NULL ? c.args.store : c.cfg.store;
    if (e == ERR_OK)
        say_price(&c);
    if (e != ERR_OK)
        code = netcli_fail(io, e, &ctx);
    else if (c.args.dry_run)
        code = dry_run(&c, &ctx);
    else
        code = store_recorder_pid(c.store) > 0 ? run_there(&c, &ctx) : run_here(&c, &ctx);
    config_fini(&c.cfg);
    arena_fini(&prices);
    arena_fini(&c.arena);
    return code;
}
