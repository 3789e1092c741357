/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/safe_text.h"
#include "config/config.h"
#include "netcli/args.h"
#include "netcli/netcli.h"
#include "netcli/probe.h"
#include "netcli/probe_changes.h"
#include "netcli/probe_fetch.h"
#include "netcli/probe_print.h"
#include "record/tailfile.h"

enum {
    PAGE_MAX = 256 << 20, /* bytes examined, whatever the configuration says */
    OUT_MAX = 16 << 20,
    ARENA_MAX = 256 << 20,
    API_PLACES = 3, /* where a Prometheus API is looked for */
};

struct probe_args {
    const char *target, *config, *profile, *bearer_file, *bearer_env, *ca_file;
    bool json, insecure, help;
};

struct probe_cmd {
    struct probe_args args;
    struct config cfg;
    const struct config_source *source; /* the configured one that is meant, NULL = none */
    const struct netcli_io *io;
    struct arena arena;
    struct profiles profiles;
    struct buf page;
    struct http_result result;
    bool openmetrics;
};

/* The configured source of this name or URL: its token, certificate and caps are used. */
static const struct config_source *find_source(const struct config *cfg, const char *target)
{
    for (uint32_t i = 0; i < cfg->source_count; i++) {
        if (strcmp(cfg->sources[i].name, target) == 0 || strcmp(cfg->sources[i].url, target) == 0)
            return &cfg->sources[i];
    }
    return NULL;
}

static enum err read_file(struct probe_cmd *c, struct errctx *ctx)
{
    int fd = strcmp(c->args.target, "-") == 0 ? dup(STDIN_FILENO) : open(c->args.target, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errctx_set(ctx, ERR_IO, "%s: %s", c->args.target, strerror(errno));
    enum err e = ERR_OK;
    while (e == ERR_OK) {
        char *at = buf_reserve(&c->page, 1 << 16);
        ssize_t got = at == NULL ? -1 : read(fd, at, 1 << 16);
        if (at == NULL)
            e = errctx_set(ctx, ERR_LIMIT, "%s is longer than %d MB", c->args.target, PAGE_MAX >> 20);
        else if (got < 0 && errno != EINTR)
            e = errctx_set(ctx, ERR_IO, "%s: %s", c->args.target, strerror(errno));
        else if (got == 0)
            break;
        else if (got > 0)
            c->page.len += (size_t)got;
    }
    close(fd);
    return e;
}

static int64_t skew(const struct probe_cmd *c)
{
    struct clock system = clock_system();
    return c->result.date_ms > 0 ? c->result.date_ms - clock_wall_ms(&system) : 0;
}

static int show(const struct probe_cmd *c, const struct probe_outcome *o, int code)
{
    struct buf out;
    buf_init(&out, OUT_MAX);
    enum err e = c->args.json ? probe_print_json(o, &out) : probe_print_text(o, &out);
    if (e == ERR_OK)
        fwrite(out.data, 1, out.len, c->io->out);
    else
        fprintf(c->io->err, "gwtop: the outcome is too long to print\n");
    buf_fini(&out);
    return e == ERR_OK ? code : EXIT_BAD;
}

/* The page in c->page, and where it came from: an exposition, or nothing of use. */
static int examine(struct probe_cmd *c, struct probe_outcome *o, struct errctx *ctx)
{
    const char *name = c->args.profile != NULL ? c->args.profile : c->source != NULL ? c->source->profile : NULL;
    const struct profile *profile = name == NULL ? NULL : profiles_by_name(&c->profiles, name);
    if (name != NULL && profile == NULL)
        return netcli_fail(c->io, errctx_set(ctx, ERR_USAGE, "there is no profile named %s", name), ctx);
    struct probe_report *r = arena_alloc(&c->arena, sizeof *r);
    enum err e = r == NULL ? errctx_set(ctx, ERR_NOMEM, "out of memory for the page")
                           : probe_page(buf_str(&c->page), c->openmetrics, &c->profiles, profile, &c->arena, r, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    bool is_page = !r->is_html && !r->is_json && r->series > 0;
    if (is_page && c->source != NULL && c->source->kind == SOURCE_PROMETHEUS)
        probe_note(r, "this is an exposition page: configure it as metrics:, not as prometheus:");
    o->page = r;
    return show(c, o, r->profile != NULL && r->used > 0 ? EXIT_GOOD : EXIT_BAD);
}

/* ---- a URL ---- */

/* Looks for a Prometheus API where the URL points, and above. *ret NULL: there is none; ret_http then says what became of the first
 * place. */
static enum err find_api(struct probe_cmd *c, struct probe_fetch *f, const char *url, const struct probe_api_report **ret,
                         struct http_result *ret_http, struct errctx *ctx)
{
    char base[PROBE_API_URL_MAX];
    enum err e = ERR_OK;
    *ret = NULL;
    for (unsigned i = 0; e == ERR_OK && *ret == NULL && i < API_PLACES && probe_api_base(url, i, base); i++) {
        struct http_result r;
        e = probe_fetch_api(f, base, &c->profiles, &c->arena, ret, &r, ctx);
        if (e == ERR_OK && (i == 0 || *ret != NULL))
            *ret_http = r;
        if (e == ERR_OK && (r.status == 0 || r.status == 401 || r.status == 403)) /* nor will it answer elsewhere */
            break;
    }
    return e;
}

/* Whether an answer to a plain GET may come from what is a Prometheus API below: its pages, or "no such path". */
static bool may_be_api(const struct probe_cmd *c)
{
    const struct http_result *r = &c->result;
    const char *p = c->page.len > 0 ? c->page.data : "";
    p += strspn(p, " \t\r\n");
    if (r->failed == HTTP_DONE)
        return *p == '<' || *p == '{' || *p == '\0';
    if (r->failed == HTTP_STATUS)
        return r->status == 400 || r->status == 404 || r->status == 405 || (r->redirects > 0 && r->status >= 500);
    return r->failed == HTTP_REDIRECT;
}

static int show_api(struct probe_cmd *c, struct probe_outcome *o, const struct probe_api_report *api)
{
    o->http = &c->result;
    o->skew_ms = skew(c);
    o->api = api;
    return show(c, o, api->targets > 0 ? EXIT_GOOD : EXIT_BAD);
}

static int probe_evals(struct probe_cmd *c, struct probe_fetch *f, struct probe_outcome *o, struct errctx *ctx)
{
    struct probe_scores *p = arena_alloc(&c->arena, sizeof *p);
    if (p == NULL)
        return netcli_fail(c->io, errctx_set(ctx, ERR_NOMEM, "out of memory for the probe"), ctx);
    probe_scores_init(p, &c->cfg, c->source);
    enum err e = probe_fetch_source(f, &p->source, &p->sink, PROBE_SCORES_PAGES, &p->remark, &c->result, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    o->http = &c->result;
    o->skew_ms = skew(c);
    const bool answered = c->result.failed == HTTP_DONE;
    o->scores = answered ? p : NULL;
    return show(c, o, !answered ? EXIT_NO_ANSWER : p->total > 0 ? EXIT_GOOD : EXIT_BAD);
}

static int probe_changes(struct probe_cmd *c, struct probe_fetch *f, struct probe_outcome *o, struct errctx *ctx)
{
    struct probe_changes *p = arena_alloc(&c->arena, sizeof *p);
    if (p == NULL)
        return netcli_fail(c->io, errctx_set(ctx, ERR_NOMEM, "out of memory for the probe"), ctx);
    probe_changes_init(p, c->source);
    enum err e = probe_fetch_source(f, c->source, &p->sink, PROBE_CHANGES_ANSWERS, &p->remark, &c->result, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    const bool answered = c->result.failed == HTTP_DONE;
    o->http = &c->result;
    o->skew_ms = skew(c);
    o->changes = answered || p->is_page ? p : NULL;
    return show(c, o, !answered && !p->is_page ? EXIT_NO_ANSWER : p->total > 0 || p->is_page ? EXIT_GOOD : EXIT_BAD);
}

static bool on_file_bytes(void *ctx, const void *bytes, size_t n)
{
    struct source *s = ctx;
    return s->ops->feed(s, bytes, n, NULL) == ERR_OK;
}

/* A file of changes: nobody is asked. */
static int probe_change_file(struct probe_cmd *c, struct probe_outcome *o, struct errctx *ctx)
{
    struct probe_changes *p = arena_alloc(&c->arena, sizeof *p);
    struct tailfile tail = {.open = false};
    struct source *s = NULL;
    struct errctx why = {""};
    size_t bytes = 0;
    if (p == NULL)
        return netcli_fail(c->io, errctx_set(ctx, ERR_NOMEM, "out of memory for the probe"), ctx);
    probe_changes_init(p, c->source);
    enum err e = source_changes.open(c->source, NULL, &p->sink, &s, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    e = tailfile_read(&tail, c->source->url, on_file_bytes, s, &bytes, &why);
    tailfile_close(&tail);
    source_changes.close(s);
    o->file_error = e != ERR_OK ? why.text : NULL;
    o->changes = e == ERR_OK ? p : NULL;
    return show(c, o, e != ERR_OK ? EXIT_NO_ANSWER : p->total > 0 ? EXIT_GOOD : EXIT_BAD);
}

static int probe_url(struct probe_cmd *c, const char *url, struct probe_fetch *f, struct probe_outcome *o, struct errctx *ctx)
{
    const struct probe_api_report *api = NULL;
    struct http_result first;
    bool names_api = c->source != NULL ? c->source->kind == SOURCE_PROMETHEUS : strstr(url, "/api/v1") != NULL;
    enum err e = names_api ? find_api(c, f, url, &api, &c->result, ctx) : ERR_OK;
    if (api != NULL)
        return show_api(c, o, api);
    first = c->result;
    bool worth_it = !names_api || (first.status != 0 && first.status != 401 && first.status != 403);
    if (e == ERR_OK && worth_it)
        e = probe_fetch_page(f, &c->page, &c->openmetrics, &c->result, ctx);
    if (e == ERR_OK && !names_api && may_be_api(c)) {
        struct http_result page = c->result;
        e = find_api(c, f, url, &api, &c->result, ctx);
        if (e == ERR_OK && api == NULL && page.redirects > 0) /* to a page below what the server calls its root */
            e = find_api(c, f, page.url, &api, &c->result, ctx);
        if (api != NULL)
            return show_api(c, o, api);
        c->result = page;
    }
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    if (names_api && (c->result.failed != HTTP_DONE || may_be_api(c))) /* no page either: what was meant is what failed */
        c->result = first;
    o->http = &c->result;
    o->skew_ms = skew(c);
    return c->result.failed != HTTP_DONE ? show(c, o, EXIT_NO_ANSWER) : examine(c, o, ctx);
}

/* No such file: an address without its scheme, or the name of a source that is not configured. */
static const char *other_than_a_file(struct probe_cmd *c, const char *target)
{
    if (strpbrk(target, ":./") == NULL)
        return "no source of that name is configured either; an address begins with http:// or https://";
    return arena_printf(&c->arena, "if that is an address, it begins with http:// or https://: gwtop probe http://%s", target);
}

static int probe(struct probe_cmd *c, struct errctx *ctx)
{
    char safe[HTTP_URL_MAX];
    const char *url = c->source != NULL ? c->source->url : c->args.target;
    struct probe_outcome o = {.target = safe, .configured = c->source != NULL};
    struct probe_fetch *f = NULL;
    if (c->source != NULL && source_kind_alerts(c->source->kind))
        return netcli_fail(
            c->io,
            errctx_set(ctx, ERR_USAGE,
                       "%s tells alerts, which probe does not read; gwtop sources says how it stands, gwtop alerts what it tells",
                       c->source->name),
            ctx);
    if (c->source == NULL && strstr(url, "://") == NULL) {
        safe_text(safe, sizeof safe, str_of(url));
        if (read_file(c, ctx) == ERR_OK)
            return examine(c, &o, ctx);
        o.file_error = ctx->text;
        if (access(url, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
            o.file_advice = other_than_a_file(c, safe);
        return show(c, &o, EXIT_NO_ANSWER);
    }
    const struct probe_fetch_options fo = {
        .url = url,
        .cfg = &c->cfg,
        .source = c->source,
        .bearer = {.file = c->args.bearer_file, .env = c->args.bearer_env},
        .ca_file = c->args.ca_file,
        .insecure_tls = c->args.insecure,
        .max_body_bytes = PAGE_MAX,
        .user_agent = c->io->user_agent,
    };
    if (c->source != NULL && c->source->kind == SOURCE_CHANGES) {
        safe_text(safe, sizeof safe, str_of(url));
        return probe_change_file(c, &o, ctx);
    }
    o.bearer_file = c->args.bearer_file;
    o.ca_file = c->args.ca_file;
    http_url_public(url, safe);
    enum err e = probe_fetch_open(&fo, &f, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    int code = c->source != NULL && source_kind_scores(c->source->kind)    ? probe_evals(c, f, &o, ctx)
               : c->source != NULL && source_kind_changes(c->source->kind) ? probe_changes(c, f, &o, ctx)
                                                                           : probe_url(c, url, f, &o, ctx);
    probe_fetch_close(f);
    return code;
}

static const char help_text[] =
    "gwtop probe URL|FILE|SOURCE|-: what gwtop would understand of an exposition page or find behind a Prometheus API,\n"
    "which scores a configured evaluation system has, which changes a source tells or what a status page says, and which step fails\n\n"
    "  --json              the same as JSON\n"
    "  --profile NAME      instead of recognising one\n"
    "  --config FILE       configuration; a configured source's name or URL brings its token and certificate\n"
    "  --bearer-file FILE  a token (the file is this user's own, mode 0600)\n"
    "  --bearer-env NAME   a token from an environment variable\n"
    "  --ca-file FILE      certificates (PEM) to trust instead of the system's\n"
    "  --insecure          do not verify the server's certificate\n\n"
    "exit: 0 understood, 1 nothing understood, 2 no answer, 64 usage or configuration\n";

int netcli_probe(int argc, char **argv, const struct netcli_io *io)
{
    struct probe_cmd c = {.io = io};
    struct arg_words words = {.max = 1};
    struct errctx ctx = {""};
    const struct arg table[] = {
        {"--json", ARG_FLAG, &c.args.json},
        {"--profile", ARG_TEXT, &c.args.profile},
        {"--config", ARG_TEXT, &c.args.config},
        {"--bearer-file", ARG_TEXT, &c.args.bearer_file},
        {"--bearer-env", ARG_TEXT, &c.args.bearer_env},
        {"--ca-file", ARG_TEXT, &c.args.ca_file},
        {"--insecure", ARG_FLAG, &c.args.insecure},
        {"--help", ARG_FLAG, &c.args.help},
        {"-h", ARG_FLAG, &c.args.help},
        {NULL, ARG_FLAG, NULL},
    };
    enum err e = args_read(argc, argv, table, &words, &ctx);
    c.args.target = words.at[0];
    if (e == ERR_OK && c.args.target == NULL && !c.args.help)
        e = errctx_set(&ctx, ERR_USAGE, "probe what? Give a URL, a file, or the name of a configured source");
    if (e != ERR_OK)
        return netcli_fail(io, e, &ctx);
    if (c.args.help) {
        fputs(help_text, io->out);
        return EXIT_GOOD;
    }
    bool found;
    e = config_load(c.args.config, &c.cfg, &found, &ctx);
    if (e != ERR_OK)
        return netcli_fail(io, e, &ctx);
    c.source = find_source(&c.cfg, c.args.target);
    arena_init(&c.arena, ARENA_MAX);
    buf_init(&c.page, PAGE_MAX);
    e = profiles_load(c.cfg.profile_dir, &c.arena, &c.profiles, &ctx);
    int code = e != ERR_OK ? netcli_fail(io, e, &ctx) : probe(&c, &ctx);
    buf_fini(&c.page);
    arena_fini(&c.arena);
    config_fini(&c.cfg);
    return code;
}
