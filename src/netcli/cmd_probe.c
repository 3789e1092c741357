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
#include "netcli/probe_print.h"
#include "record/http.h"
#include "record/secret.h"

enum {
    PAGE_MAX = 256 << 20, /* bytes examined, whatever the configuration says */
    OUT_MAX = 16 << 20,
    ARENA_MAX = 256 << 20,
    WAIT_MS = 1000,
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
    bool openmetrics, done;
};

static bool on_head(void *ctx, const struct http_result *so_far, struct errctx *reason)
{
    struct probe_cmd *c = ctx;
    (void)reason;
    c->openmetrics = str_has_prefix(str_of(so_far->content_type), "application/openmetrics-text");
    return true;
}

static bool on_body(void *ctx, const void *bytes, size_t n, struct errctx *reason)
{
    struct probe_cmd *c = ctx;
    if (buf_append(&c->page, bytes, n) == ERR_OK)
        return true;
    errctx_set(reason, ERR_NOMEM, "out of memory for the page");
    return false;
}

static void on_done(void *ctx, const struct http_result *r)
{
    struct probe_cmd *c = ctx;
    c->result = *r;
    c->done = true;
}

/* The configured source of this name or URL: its token, certificate and caps are used. */
static const struct config_source *find_source(const struct config *cfg, const char *target)
{
    for (uint32_t i = 0; i < cfg->source_count; i++) {
        if (strcmp(cfg->sources[i].name, target) == 0 || strcmp(cfg->sources[i].url, target) == 0)
            return &cfg->sources[i];
    }
    return NULL;
}

static enum err read_secrets(const struct probe_cmd *c, struct secrets *s, struct http_options *o, struct errctx *ctx)
{
    struct config_secret given = {.file = c->args.bearer_file, .env = c->args.bearer_env};
    const struct config_secret *bearer = secret_is_given(&given) ? &given : c->source != NULL ? &c->source->bearer : NULL;
    enum err e = bearer != NULL && secret_is_given(bearer) ? secrets_read(s, bearer, "the bearer token", &o->bearer, ctx) : ERR_OK;
    for (uint32_t i = 0; c->source != NULL && i < c->source->header_count && e == ERR_OK; i++) {
        o->header[i].name = c->source->header[i].name;
        if (c->source->header[i].value != NULL)
            o->header[i].value = str_of(c->source->header[i].value);
        else
            e = secrets_read(s, &c->source->header[i].secret, c->source->header[i].name, &o->header[i].value, ctx);
        o->header_count = i + 1;
    }
    return e;
}

static enum err fetch(struct probe_cmd *c, struct errctx *ctx)
{
    struct secrets *secrets = secrets_new();
    struct http *http = NULL;
    struct http_conn *conn = NULL;
    struct http_options o = {
        .url = c->source != NULL ? c->source->url : c->args.target,
        .total_ms = c->source != NULL ? c->source->timeout_ms : 0,
        .max_body_bytes = PAGE_MAX,
        .accept = "text/plain;version=0.0.4;q=1,*/*;q=0.1",
        .ca_file = c->args.ca_file != NULL ? c->args.ca_file
                   : c->source != NULL     ? c->source->ca_file
                                           : NULL,
        .insecure_tls = c->args.insecure || (c->source != NULL && c->source->insecure_tls),
        .allow_plaintext_token = c->source != NULL && c->source->allow_plaintext_token,
    };
    const struct http_handler on = {on_head, on_body, on_done, c};
    const struct http_request rq = {NULL, {NULL, 0}, 0};
    enum err e = secrets == NULL ? errctx_set(ctx, ERR_NOMEM, "out of memory") : read_secrets(c, secrets, &o, ctx);
    secrets_harden_process();
    if (e == ERR_OK)
        e = http_open(secrets, c->io->user_agent, &http, ctx);
    if (e == ERR_OK)
        e = http_add(http, &o, &conn, ctx);
    if (e == ERR_OK)
        e = http_start(conn, &rq, &on, ctx);
    int running = 1;
    while (e == ERR_OK && !c->done)
        e = http_wait(http, WAIT_MS, -1, &running, ctx);
    http_remove(conn);
    http_close(http);
    secrets_free(secrets);
    return e;
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

static int examine(struct probe_cmd *c, struct probe_outcome *o, struct errctx *ctx)
{
    const char *name = c->args.profile != NULL ? c->args.profile : c->source != NULL ? c->source->profile : NULL;
    const struct profile *profile = name == NULL ? NULL : profiles_by_name(&c->profiles, name);
    if (name != NULL && profile == NULL)
        return netcli_fail(c->io, errctx_set(ctx, ERR_USAGE, "there is no profile named %s", name), ctx);
    struct probe_report report;
    enum err e = probe_page(buf_str(&c->page), c->openmetrics, &c->profiles, profile, &c->arena, &report, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    o->page = &report;
    return show(c, o, report.profile != NULL && report.used > 0 ? EXIT_GOOD : EXIT_BAD);
}

static int probe(struct probe_cmd *c, struct errctx *ctx)
{
    char safe[HTTP_URL_MAX];
    bool is_url = c->source != NULL || strstr(c->args.target, "://") != NULL;
    if (is_url)
        http_url_public(c->source != NULL ? c->source->url : c->args.target, safe);
    else
        safe_text(safe, sizeof safe, str_of(c->args.target));
    struct probe_outcome o = {.target = safe};
    if (c->source != NULL && c->source->kind != SOURCE_METRICS)
        return netcli_fail(c->io, errctx_set(ctx, ERR_USAGE, "%s is a Prometheus API; probe looks at exposition pages", c->source->name),
                           ctx);
    enum err e = is_url ? fetch(c, ctx) : read_file(c, ctx);
    if (e == ERR_CONFIG || e == ERR_NOMEM)
        return netcli_fail(c->io, e, ctx);
    if (e != ERR_OK) {
        o.file_error = ctx->text;
        return show(c, &o, EXIT_NO_ANSWER);
    }
    if (is_url) {
        o.http = &c->result;
        o.skew_ms = skew(c);
        if (c->result.failed != HTTP_DONE)
            return show(c, &o, EXIT_NO_ANSWER);
    }
    return examine(c, &o, ctx);
}

static const char help_text[] = "gwtop probe URL|FILE|SOURCE|-: what gwtop would understand of an exposition page, and which step fails\n\n"
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
    enum err e = args_read(argc, argv, table, &c.args.target, &ctx);
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
