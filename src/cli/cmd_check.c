/* SPDX-License-Identifier: MIT */
/* gwtop check: every finding of a configuration at once, as compilers write them. */
#include "cli/commands.h"

#include <string.h>

#include "base/clock.h"
#include "config/locate.h"
#include "model/money.h"
#include "view/vcanary.h"

enum { CHECK_ARENA_MAX = 256 << 20 /* a price list, too */ };

struct report {
    const char *name;
    const struct cli_io *io;
    struct json *json;
    size_t errors, warnings;
};

static void on_finding(void *ctx, const struct config_finding *f)
{
    struct report *r = ctx;
    const char *option = f->option != NULL ? f->option : ""; /* none: the finding is about the file as a whole */
    r->errors += !f->is_warning;
    r->warnings += f->is_warning;
    if (r->json != NULL) {
        json_object(r->json, NULL);
        json_i64(r->json, "line", f->line);
        json_i64(r->json, "column", f->column);
        json_string(r->json, "option", option);
        json_string(r->json, "severity", f->is_warning ? "warning" : "error");
        json_string(r->json, "text", f->text);
        json_end(r->json);
        return;
    }
    bool named = option[0] == '\0' || strstr(f->text, option) != NULL; /* most sentences begin with it */
    cli_print(r->io, "%s:%u:%u: %s%s%s%s\n", r->name, f->line, f->column, f->is_warning ? "warning: " : "", named ? "" : option,
              named ? "" : ": ", f->text);
}

/* The file that was named, or the one that would be used. */
static enum err find_file(const char *word, char *out, size_t cap, struct errctx *ctx)
{
    bool named;
    if (word != NULL)
        return str_copy(out, cap, str_of(word)) ? ERR_OK : errctx_set(ctx, ERR_CONFIG, "%s: the path is too long", word);
    if (!locate_config(out, cap, &named))
        return errctx_set(ctx, ERR_CONFIG, "there is no configuration; write ~/.config/gwtop/gwtop.yaml, or name a file");
    return ERR_OK;
}

static void json_amount(struct json *w, const char *key, int64_t nusd)
{
    char text[MONEY_MAX];
    money_format_exact(nusd, text);
    json_raw(w, key, nusd >= 0 ? text : "null");
}

static void json_canaries(struct json *w, const struct config *c, const struct vcanary_price *prices)
{
    json_array(w, "canaries");
    for (uint32_t i = 0; i < c->canary_count; i++) {
        json_object(w, NULL);
        json_string(w, "name", c->canaries[i].c.name);
        json_string(w, "model", c->canaries[i].c.model);
        json_i64(w, "prompts", c->canaries[i].c.item_count);
        json_i64(w, "runs_a_day", prices[i].runs_a_day);
        json_amount(w, "run_usd_most", prices[i].run_nusd);
        json_amount(w, "day_usd_most", prices[i].day_nusd);
        json_amount(w, "cap_usd", c->canaries[i].c.cap_nusd);
        json_end(w);
    }
    json_end(w);
}

/* A file that is in order so far: what its canaries may spend, and which of them cannot be run. */
static enum err price_canaries(struct report *r, struct str text, struct config *c, struct arena *a, struct vcanary_price **ret,
                               struct errctx *ctx)
{
    struct clock system = clock_system();
    enum err e = config_parse(text, r->name, c, ctx);
    if (e != ERR_OK)
        return e;
    e = vcanary_prices(c, clock_wall_ms(&system), a, ret, ctx);
    for (uint32_t i = 0; i < c->canary_count && e == ERR_OK; i++) {
        const struct config_canary *k = &c->canaries[i];
        const struct vcanary_price *p = &(*ret)[i];
        struct config_finding f = {.line = k->line, .column = k->column, .option = "canaries", .text = p->why, .is_warning = false};
        if (p->why[0] == '\0' && p->day_nusd <= k->c.cap_nusd)
            continue;
        f.text = p->text;
        f.is_warning = p->why[0] == '\0' && p->run_nusd <= k->c.cap_nusd;
        on_finding(r, &f);
    }
    return e;
}

static int finish_json(struct json *w, struct buf *out, const struct report *r, const struct config *c, const struct vcanary_price *prices)
{
    json_end(w);
    json_canaries(w, c, prices);
    json_i64(w, "errors", (int64_t)r->errors);
    json_i64(w, "warnings", (int64_t)r->warnings);
    json_end(w);
    return cli_print_json(r->io, "check", w, out);
}

int cmd_check(int argc, char **argv, const struct cli_io *io)
{
    const char *config = NULL;
    struct cli_words words = {.max = 1};
    bool as_json = false;
    const struct cli_option options[] = {{"--config", CLI_TEXT, &config}, {"--json", CLI_FLAG, &as_json}, {NULL, CLI_FLAG, NULL}};
    char path[LOCATE_PATH_MAX];
    struct arena a;
    struct str text;
    struct locate_trust trust;
    struct buf out;
    struct json w;
    struct config c = {.canary_count = 0};
    struct vcanary_price *prices = NULL;
    struct errctx ctx = {.text = ""};

    int status = cli_options("check", argc, argv, options, &words, io);
    if (status != CLI_GO_ON)
        return status;
    arena_init(&a, CHECK_ARENA_MAX);
    enum err e = find_file(words.count > 0 ? words.at[0] : config, path, sizeof path, &ctx);
    if (e == ERR_OK)
        e = locate_read(path, &a, &text, &trust, &ctx);
    if (e != ERR_OK) {
        arena_fini(&a);
        return cli_fail(io, e, &ctx);
    }
    struct report r = {.name = path, .io = io, .json = as_json ? &w : NULL};
    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "file", path);
    json_array(&w, "findings");
    config_check(text, path, on_finding, &r);
    if (r.errors == 0)
        e = price_canaries(&r, text, &c, &a, &prices, &ctx);
    status = e != ERR_OK ? cli_fail(io, e, &ctx) : r.errors > 0 ? EXIT_USAGE : EXIT_OK;
    if (e == ERR_OK && as_json && finish_json(&w, &out, &r, &c, prices) != EXIT_OK)
        status = EXIT_FAILED;
    for (uint32_t i = 0; e == ERR_OK && !as_json && i < c.canary_count; i++)
        if (prices[i].why[0] == '\0' && prices[i].day_nusd <= c.canaries[i].c.cap_nusd)
            cli_print(io, "%s\n", prices[i].text);
    if (e == ERR_OK && !as_json && r.errors == 0)
        cli_print(io, "%s: in order%s\n", path, r.warnings > 0 ? ", with warnings" : "");
    config_fini(&c);
    arena_fini(&a);
    buf_fini(&out);
    return status;
}
