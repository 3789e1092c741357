/* SPDX-License-Identifier: MIT */
/* gwtop silence: a silence in an Alertmanager whose source allows it, for exactly the alert that is named. How this works: the
 * Alertmanager is asked now for what it tells; what will be posted is said; it is posted once; and what came of it becomes an operator's
 * act, for the audit and the timeline. That the act can be written is tried before, since a silence that nobody finds in the audit is worse
 * than none. docs/decisions/0018-alerts-from-outside.md. */
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/timefmt.h"
#include "config/config.h"
#include "model/act.h"
#include "netcli/args.h"
#include "netcli/netcli.h"
#include "netcli/probe_fetch.h"
#include "netcli/silence.h"
#include "store/store.h"

enum {
    ARENA_MAX = 256 << 20,
    BODY_MAX = 1 << 20,
    ANSWER_MAX = 64 << 10,
    ANSWERS_MAX = 4, /* silences and alerts, with room */
    SHOWN = 10,      /* of the alerts that a name fits */
    LABELS_SHOWN = 120
};

struct silence_cmd {
    const struct netcli_io *io;
    struct {
        const char *alert, *duration, *reason, *source, *config, *store;
        bool dry_run, json, help;
    } args;
    struct config cfg;
    const char *store;
    struct arena arena;
    struct probe_fetch_options asking; /* of fetch */
    struct probe_fetch *fetch;
    struct silence_feed feed;
    struct silence_plan plan;
    int64_t lasts_ms;
    char by[STORE_AUTHOR_MAX], base[HTTP_URL_MAX], id[SILENCE_ID_MAX];
    size_t covers;
    struct buf body;
    bool made, unsure, kept;
};

static int64_t now_ms(void)
{
    const struct clock system = clock_system();
    return clock_wall_ms(&system);
}

/* What is for people; the document alone goes to standard output. */
static FILE *words_of(const struct silence_cmd *c)
{
    return c->args.json ? c->io->err : c->io->out;
}

/* ---- where, what and for how long ---- */

/* The Alertmanager that is meant: by name, else the only one that allows silences. */
static enum err find_source(struct silence_cmd *c, struct errctx *ctx)
{
    const struct config_source *found = NULL, *allowed = NULL;
    const char *names = "";
    size_t several = 0;
    for (uint32_t i = 0; names != NULL && i < c->cfg.source_count; i++) {
        const struct config_source *s = &c->cfg.sources[i];
        if (s->kind != SOURCE_ALERTMANAGER || (c->args.source != NULL && strcmp(s->name, c->args.source) != 0))
            continue;
        found = found != NULL ? found : s;
        if (!s->silences)
            continue;
        names = arena_printf(&c->arena, "%s%s%s", names, several++ > 0 ? ", " : "", s->name);
        allowed = s;
    }
    if (names == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    if (found == NULL && c->args.source != NULL)
        return errctx_set(ctx, ERR_CONFIG, "no alertmanager source is called '%s'; `gwtop sources` lists what is configured",
                          c->args.source);
    if (found == NULL)
        return errctx_set(ctx, ERR_CONFIG, "the configuration has no alertmanager source: there is nothing to silence in");
    if (allowed == NULL)
        return errctx_set(ctx, ERR_CONFIG, "%s:%u: source %s allows no silences; this line in it does:  silences: true", c->cfg.path,
                          found->line, found->name);
    if (several > 1)
        return errctx_set(ctx, ERR_USAGE, "silences may be made in several: give --source with one of %s", names);
    c->plan.source = allowed;
    return ERR_OK;
}

static enum err read_words(struct silence_cmd *c, struct errctx *ctx)
{
    enum err e = act_duration_parse(str_of(c->args.duration), &c->lasts_ms, ctx);
    if (e != ERR_OK)
        return ERR_USAGE; /* with its sentence */
    if (c->lasts_ms == 0)
        return errctx_set(ctx, ERR_USAGE, "a silence of %s is none; one that there is ends by `amtool silence expire ID`",
                          c->args.duration);
    c->plan.reason = c->args.reason;
    return act_check_text("the reason", c->args.reason, ACT_TEXT_MAX, ctx);
}

/* ---- asking ---- */

static enum err fetch_alerts(struct silence_cmd *c, struct errctx *ctx)
{
    const struct config_source *s = c->plan.source;
    struct http_result r;
    const char *remark = NULL;
    enum err e = silence_feed_init(&c->feed, s, &c->arena, ctx);
    if (e == ERR_OK)
        e = probe_fetch_source(c->fetch, s, &c->feed.sink, ANSWERS_MAX, &remark, &r, ctx);
    if (e != ERR_OK)
        return e;
    const bool advised = r.failed == HTTP_STATUS && r.advice != NULL && r.advice[0] != '\0'; /* of TLS the reason says it */
    if (r.failed != HTTP_DONE)
        return errctx_set(ctx, ERR_NET, "%s: %s%s%s; nothing was silenced", s->name, r.reason, advised ? "; " : "",
                          advised ? r.advice : "");
    if (remark != NULL)
        fprintf(c->io->err, "gwtop: %s: %s\n", s->name, remark);
    return ERR_OK;
}

static enum err refuse_several(const struct silence_cmd *c, const struct silence_alert *const *list, size_t count, struct errctx *ctx)
{
    char labels[LABELS_SHOWN];
    fprintf(c->io->err, "gwtop: '%s' is the name of %zu alerts of %s:\n", c->args.alert, count, c->plan.source->name);
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        const struct outside *o = &list[i]->o;
        (void)str_copy(labels, sizeof labels, str_of(o->labels));
        fprintf(c->io->err, "  %s  %s%s%s, %s\n", o->fingerprint, o->scope, o->scope[0] != '\0' && labels[0] != '\0' ? ", " : "", labels,
                outside_state_name(o->state));
    }
    if (count > SHOWN)
        fprintf(c->io->err, "  and %zu more\n", count - SHOWN);
    return errctx_set(ctx, ERR_USAGE, "nothing was silenced: give the fingerprint of the one that is meant");
}

static enum err find_alert(struct silence_cmd *c, struct errctx *ctx)
{
    const struct silence_alert *list[SHOWN];
    const size_t count = silence_find(&c->feed, c->args.alert, list, SHOWN);
    if (count > 1)
        return refuse_several(c, list, count, ctx);
    if (count == 0)
        return errctx_set(
            ctx, ERR_NOTFOUND,
            "%s tells no alert '%.80s' now%s%s%s; `gwtop alerts` lists those that it tells, by name, `gwtop alerts --json` by fingerprint",
            c->plan.source->name, c->args.alert, c->plan.source->match != NULL ? " under its match " : "",
            c->plan.source->match != NULL ? c->plan.source->match : "", c->feed.whole ? "" : ", as far as it can be read");
    if (list[0]->cut)
        return errctx_set(ctx, ERR_LIMIT,
                          "%s has more than %d labels, or one that is no text: silencing it by the others would silence more",
                          list[0]->o.name, OUTSIDE_LABELS_MAX);
    c->plan.alert = list[0];
    return ERR_OK;
}

static enum err make_plan(struct silence_cmd *c, struct errctx *ctx)
{
    char worst[SILENCE_ID_MAX], act[ACT_TEXT_MAX + ACT_SCOPE_MAX + 64];
    enum err e = find_alert(c, ctx);
    if (e != ERR_OK)
        return e;
    store_act_author(c->by);
    c->plan.by = c->by;
    c->plan.from_ms = now_ms();
    c->plan.until_ms = c->plan.from_ms + c->lasts_ms;
    c->covers = silence_covers(&c->feed, &c->plan);
    memset(worst, 'x', sizeof worst - 1);
    worst[sizeof worst - 1] = '\0';
    e = silence_act(&c->plan, worst, c->plan.from_ms, &c->arena, act, sizeof act, ctx);
    return e == ERR_OK ? silence_body(&c->plan, &c->body) : e;
}

/* What will be done, before it is. */
static void say_plan(const struct silence_cmd *c)
{
    const struct outside *o = &c->plan.alert->o;
    char until[TIMEFMT_MAX];
    FILE *out = words_of(c);
    instant_format_iso(instant_floor(c->plan.until_ms, 1000), until);
    fprintf(out, "%s at %s, %s%sfingerprint %s: a silence until %s by %s: %s\n", o->name, c->plan.source->name, o->scope,
            o->scope[0] != '\0' ? ", " : "", o->fingerprint, until, c->plan.by, c->plan.reason);
    fprintf(out, "it covers %s%zu alert%s that %s tells now, by %zu label%s\n",
            c->feed.whole && c->plan.source->match == NULL ? "" : "at least ", c->covers, c->covers == 1 ? "" : "s", c->plan.source->name,
            c->plan.alert->label_count, c->plan.alert->label_count == 1 ? "" : "s");
    instant_format_iso(instant_floor(o->quiet_until_ms, 1000), until);
    if (o->state == OUTSIDE_SILENCED)
        fprintf(out, "it is silenced already%s%s%s%s\n", o->quiet_by[0] != '\0' ? ", by " : "", o->quiet_by,
                o->quiet_until_ms != 0 ? " until " : "", o->quiet_until_ms != 0 ? until : "");
}

/* ---- posting ---- */

/* Whether what failed may have come there all the same. */
static bool may_be_made(const struct http_result *r)
{
    const bool https = strncmp(r->url, "https:", 6) == 0;
    switch (r->failed) {
    case HTTP_DNS:
    case HTTP_TCP:
    case HTTP_TLS:
    case HTTP_REDIRECT: return false;
    case HTTP_STATUS: return r->status < 400 || r->status >= 500; /* a proxy's 504 tells nothing of what is behind it */
    case HTTP_TIME: return r->tcp_ms >= 0 && (!https || r->tls_ms >= 0);
    case HTTP_DONE:
    case HTTP_SEND:
    case HTTP_CONTENT:
    case HTTP_BODY: break;
    }
    return true;
}

/* Posts it, once. made and unsure say what came of it; what failed is in ctx. */
static enum err post(struct silence_cmd *c, struct errctx *ctx)
{
    const char *url = arena_printf(&c->arena, "%s/api/v2/silences", c->base);
    struct http_result r;
    struct errctx why = {""};
    struct buf answer;
    if (url == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    buf_init(&answer, ANSWER_MAX);
    enum err e = probe_fetch_post(c->fetch, url, buf_str(&c->body), &answer, &r, ctx);
    if (e == ERR_OK && r.failed != HTTP_DONE) {
        c->unsure = may_be_made(&r);
        e = errctx_set(ctx, ERR_NET, "%s", r.reason);
    } else if (e == ERR_OK && silence_read_id(buf_str(&answer), c->id, &why) != ERR_OK) {
        c->unsure = true;
        e = errctx_set(ctx, ERR_NET, "%s: %s", r.url, why.text);
    }
    c->made = e == ERR_OK;
    buf_fini(&answer);
    return e;
}

/* What ends a program where nothing is said of it. */
static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
enum { ENDING = sizeof ending / sizeof *ending };

/* Not between the POST and its act, which a connection that drops or a Ctrl-C would leave out of the audit: that takes no longer than the
 * source's timeout. They are ignored and not held back, so that it is said what came of it. */
static void outlive(struct sigaction before[ENDING])
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (size_t i = 0; i < ENDING; i++)
        (void)sigaction(ending[i], &ignore, &before[i]);
}

static void outlive_no_more(const struct sigaction before[ENDING])
{
    for (size_t i = 0; i < ENDING; i++)
        (void)sigaction(ending[i], &before[i], NULL);
}

/* The act, of what was made or may have been. */
static enum err keep(struct silence_cmd *c, struct errctx *ctx)
{
    char act[ACT_TEXT_MAX + ACT_SCOPE_MAX + 64];
    const int64_t at_ms = now_ms();
    enum err e = silence_act(&c->plan, c->made ? c->id : NULL, at_ms, &c->arena, act, sizeof act, ctx);
    if (e == ERR_OK)
        e = store_act_drop(c->store, act_verb_name(ACT_MARK), 0, act, at_ms, ctx);
    c->kept = e == ERR_OK;
    return e;
}

static const char *pending(const struct silence_cmd *c)
{
    return store_recorder_pid(c->store) > 0 ? "pending until the recorder takes it in" : "kept until a recorder runs: none does now";
}

static int print_json(const struct silence_cmd *c)
{
    const struct outside *o = &c->plan.alert->o;
    char until[TIMEFMT_MAX];
    struct buf out;
    struct json w;
    buf_init(&out, 2 * BODY_MAX);
    instant_format_iso(c->plan.until_ms, until);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "source", c->plan.source->name);
    json_string(&w, "alert", o->name);
    json_string(&w, "fingerprint", o->fingerprint);
    json_string(&w, "scope", o->scope);
    json_string(&w, "until", until);
    json_string(&w, "by", c->plan.by);
    json_string(&w, "reason", c->plan.reason);
    json_i64(&w, "covers", (int64_t)c->covers);
    json_bool(&w, "covers_all_read", c->feed.whole && c->plan.source->match == NULL);
    json_raw(&w, "request", c->body.data);
    json_bool(&w, "dry_run", c->args.dry_run);
    if (c->unsure)
        json_null(&w, "made");
    else
        json_bool(&w, "made", c->made);
    json_string(&w, "silence", c->made ? c->id : NULL);
    json_bool(&w, "kept", c->kept);
    json_bool(&w, "recorder_running", store_recorder_pid(c->store) > 0);
    json_end(&w);
    const bool good = w.err == ERR_OK;
    fprintf(c->io->out, "%s\n", good ? out.data : "null");
    buf_fini(&out);
    return good ? EXIT_GOOD : EXIT_BAD;
}

/* What came of it, in words; 2 where that is not known. */
static int say_result(const struct silence_cmd *c, const struct errctx *failed, const struct errctx *not_kept)
{
    FILE *out = words_of(c);
    if (c->made) {
        fprintf(out, "silenced: %s\nto end it: amtool --alertmanager.url=%s silence expire %s\n", c->id, c->base, c->id);
    } else {
        fprintf(c->io->err, "gwtop: %s\n", failed->text);
        fprintf(c->io->err,
                c->unsure
                    ? "gwtop: not known whether it is silenced, and it is not sent again: amtool --alertmanager.url=%s silence query\n"
                    : "gwtop: nothing was silenced at %s\n",
                c->base);
    }
    if (c->kept)
        fprintf(out, "in audit and timeline: %s\n", pending(c));
    else if (c->made || c->unsure)
        fprintf(c->io->err, "gwtop: %s, but it is in no audit and no timeline: %s\n", c->made ? "the silence was made" : "it was tried",
                not_kept->text);
    return c->unsure ? EXIT_NO_ANSWER : c->made && c->kept ? EXIT_GOOD : EXIT_BAD;
}

static int act_on(struct silence_cmd *c, struct errctx *ctx)
{
    struct errctx not_kept = {""};
    struct sigaction before[ENDING];
    say_plan(c);
    if (c->args.dry_run) {
        if (c->args.json)
            return print_json(c);
        fprintf(c->io->out, "POST %s/api/v2/silences\n%s\nnothing was posted\n", c->base, c->body.data);
        return EXIT_GOOD;
    }
    enum err e = store_act_check(c->store, ctx);
    if (e != ERR_OK) {
        fprintf(c->io->err, "gwtop: %s\ngwtop: nothing was silenced: it would be in no audit\n", ctx->text);
        return EXIT_BAD;
    }
    (void)fflush(words_of(c)); /* said before it is done */
    outlive(before);
    e = post(c, ctx);
    if (c->made || c->unsure)
        e = keep(c, &not_kept);
    (void)e; /* made, unsure and kept say it all */
    const int code = say_result(c, ctx, &not_kept);
    (void)fflush(words_of(c));
    outlive_no_more(before);
    return c->args.json && print_json(c) != EXIT_GOOD ? EXIT_BAD : code;
}

/* ---- the command ---- */

static const char help_text[] =
    "gwtop silence ALERT DURATION REASON: make a silence in an Alertmanager, for exactly that alert\n\n"
    "  ALERT          its name as `gwtop alerts` shows it, or its fingerprint (`gwtop alerts --json`)\n"
    "  DURATION       like 30m, 4h or 2d; at most 30d\n"
    "  --source NAME  the alertmanager source, where several allow silences\n"
    "  --dry-run      what would be posted, and nothing is\n"
    "  --json         the outcome for programs\n"
    "  --config FILE  configuration (default: gwtop.yaml, see gwtop.yaml(5))\n"
    "  --store FILE   store whose audit and timeline get it (default: the configuration's)\n\n"
    "The source must have `silences: true`. A silence is there for all who use that Alertmanager.\n"
    "exit: 0 made, 1 not made, or made and in no audit, 2 not known whether it was made, 64 usage or configuration\n";

static enum err read_args(int argc, char **argv, struct silence_cmd *c, struct errctx *ctx)
{
    struct arg_words words = {.max = 3};
    const struct arg table[] = {
        {"--source", ARG_TEXT, &c->args.source}, {"--dry-run", ARG_FLAG, &c->args.dry_run},
        {"--json", ARG_FLAG, &c->args.json},     {"--config", ARG_TEXT, &c->args.config},
        {"--store", ARG_TEXT, &c->args.store},   {"--help", ARG_FLAG, &c->args.help},
        {"-h", ARG_FLAG, &c->args.help},         {NULL, ARG_FLAG, NULL},
    };
    enum err e = args_read(argc, argv, table, &words, ctx);
    if (e == ERR_OK && !c->args.help && words.count < words.max)
        e = errctx_set(ctx, ERR_USAGE, "expected gwtop silence ALERT DURATION REASON; a reason is one word in quotes");
    c->args.alert = words.at[0];
    c->args.duration = words.at[1];
    c->args.reason = words.at[2];
    return e;
}

static enum err prepare(struct silence_cmd *c, struct errctx *ctx)
{
    bool found;
    enum err e = read_words(c, ctx);
    if (e == ERR_OK)
        e = config_load(c->args.config, &c->cfg, &found, ctx);
    if (e == ERR_OK)
        e = find_source(c, ctx);
    if (e != ERR_OK)
        return e;
    struct str base = str_of(c->plan.source->url);
    while (base.n > 0 && base.p[base.n - 1] == '/')
        base.n--;
    if (!str_copy(c->base, sizeof c->base, base))
        return errctx_set(ctx, ERR_CONFIG, "source %s: its URL is too long", c->plan.source->name);
    c->store = c->args.store != NULL ? c->args.store : c->cfg.store;
    c->asking = (struct probe_fetch_options){.url = c->base,
                                             .cfg = &c->cfg,
                                             .source = c->plan.source,
                                             .max_body_bytes = (size_t)c->plan.source->max_body_bytes,
                                             .user_agent = c->io->user_agent};
    e = probe_fetch_open(&c->asking, &c->fetch, ctx);
    if (e == ERR_OK)
        e = fetch_alerts(c, ctx);
    return e == ERR_OK ? make_plan(c, ctx) : e;
}

int netcli_silence(int argc, char **argv, const struct netcli_io *io)
{
    struct silence_cmd c = {.io = io};
    struct errctx ctx = {""};
    enum err e = read_args(argc, argv, &c, &ctx);
    if (e != ERR_OK)
        return netcli_fail(io, e, &ctx);
    if (c.args.help) {
        fputs(help_text, io->out);
        return EXIT_GOOD;
    }
    arena_init(&c.arena, ARENA_MAX);
    buf_init(&c.body, BODY_MAX);
    e = prepare(&c, &ctx);
    const int code = e == ERR_OK ? act_on(&c, &ctx) : netcli_fail(io, e, &ctx);
    probe_fetch_close(c.fetch);
    buf_fini(&c.body);
    arena_fini(&c.arena);
    config_fini(&c.cfg);
    return code;
}
