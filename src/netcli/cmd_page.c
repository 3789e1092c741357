/* SPDX-License-Identifier: MIT */
/* gwtop page --test: hands every command and webhook of the configuration a test document, here and now. What it says is of this user and
 * this environment; the recorder's may be others. */
#include <string.h>

#include "base/clock.h"
#include "config/config.h"
#include "netcli/args.h"
#include "netcli/netcli.h"
#include "record/http.h"
#include "record/page_run.h"
#include "record/secret.h"

enum { LOOK_MS = 20 };

static const char help_text[] =
    "gwtop page --test [NAME] [--config FILE]\n\n"
    "  runs what on_page and notify name, or NAME alone, with a test document: GWTOP_EVENT is test, and no incident is told.\n"
    "  Exit 0 when all of them took it, 1 when one did not.\n";

static int64_t now_ms(void)
{
    const struct clock system = clock_system();
    return clock_wall_ms(&system);
}

static int64_t mono_ms(void)
{
    const struct clock system = clock_system();
    return clock_mono_ms(&system);
}

/* One target, waited for. */
static enum err test_one(const struct config *cfg, const struct config_pager *to, struct http *h, struct secrets *s,
                         const struct netcli_io *io, bool *ret_good, struct errctx *ctx)
{
    char word[PAGE_TEXT_MAX];
    struct page_told p = {.on = PAGE_TEST, .severity = SEV_PAGE, .at_ms = now_ms(), .since_ms = now_ms(), .known_ms = now_ms()};
    struct page_run *r = page_run_new(cfg, to, cfg->store, h, s);
    if (r == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    (void)str_copy(p.title, sizeof p.title, str_of("a test of gwtop's pager: nothing is wrong"));
    (void)str_copy(p.text, sizeof p.text, str_of("gwtop page --test was run"));
    enum err e = ERR_OK;
    enum page_word came = PAGE_RUN_PENDING;
    page_run_start(r, &p, mono_ms());
    while (e == ERR_OK && (came = page_run_hear(r, mono_ms(), word, sizeof word)) == PAGE_RUN_PENDING) {
        int running = 0;
        e = http_wait(h, LOOK_MS, -1, &running, ctx);
    }
    if (e == ERR_OK)
        fprintf(io->out, "%-20s %s  %s\n", to->name, came == PAGE_RUN_GOOD ? "took it" : "FAILED ", word);
    *ret_good = came == PAGE_RUN_GOOD;
    page_run_free(r);
    return e;
}

static enum err test_all(const struct config *cfg, const char *name, const struct netcli_io *io, bool *ret_good, struct errctx *ctx)
{
    struct secrets *s = secrets_new();
    struct http *h = NULL;
    uint32_t tested = 0;
    enum err e = s != NULL ? http_open(s, io->user_agent, &h, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory");
    *ret_good = true;
    for (uint32_t i = 0; e == ERR_OK && i < cfg->pager_count; i++) {
        bool good = false;
        if (name != NULL && strcmp(name, cfg->pagers[i].name) != 0)
            continue;
        e = test_one(cfg, &cfg->pagers[i], h, s, io, &good, ctx);
        *ret_good = *ret_good && good;
        tested++;
    }
    if (e == ERR_OK && tested == 0)
        e = name != NULL ? errctx_set(ctx, ERR_CONFIG, "nothing of on_page and notify is called '%s'", name)
                         : errctx_set(ctx, ERR_CONFIG, "the configuration has neither on_page nor notify: nobody is told of a page");
    http_close(h);
    secrets_free(s);
    return e;
}

int netcli_page(int argc, char **argv, const struct netcli_io *io)
{
    const char *config = NULL, *store = NULL;
    bool test = false, help = false, found, good = false;
    struct arg_words words = {.max = 1};
    struct errctx ctx = {""};
    struct config cfg = {.path = NULL};
    const struct arg table[] = {
        {"--test", ARG_FLAG, &test}, {"--config", ARG_TEXT, &config}, {"--store", ARG_TEXT, &store},
        {"--help", ARG_FLAG, &help}, {"-h", ARG_FLAG, &help},         {NULL, ARG_FLAG, NULL},
    };
    enum err e = args_read(argc, argv, table, &words, &ctx);
    if (e == ERR_OK && !help && !test)
        e = errctx_set(&ctx, ERR_USAGE, "expected gwtop page --test");
    if (e != ERR_OK)
        return netcli_fail(io, e, &ctx);
    if (help) {
        fputs(help_text, io->out);
        return EXIT_GOOD;
    }
    e = config_load(config, &cfg, &found, &ctx);
    if (e == ERR_OK && store != NULL)
        cfg.store = store;
    if (e == ERR_OK)
        e = test_all(&cfg, words.at[0], io, &good, &ctx);
    const int code = e != ERR_OK ? netcli_fail(io, e, &ctx) : good ? EXIT_GOOD : EXIT_BAD;
    config_fini(&cfg);
    return code;
}
