/* SPDX-License-Identifier: MIT */
/* An exposition endpoint, as Prometheus would scrape it.
 *
 * How this works: with a known profile the bytes go straight through the parser into the sink. Until then they are kept (up to
 * RECOGNISE_MAX) while the names of families are collected; a complete page decides the profile and is then read once more, so that the
 * first page counts already. A gateway that exposes nothing of its own yet is looked at again each time. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/timefmt.h"
#include "source/frozen.h"
#include "source/source.h"

enum {
    RECOGNISE_MAX = 8 << 20, /* bytes of a page kept; a longer one is recognised by its beginning, and counts from the next poll on */
    FAMILIES_MAX = 4096,
    REMARK_MAX = 300,
};

struct metrics {
    struct source base;
    const struct config_source *cfg;
    const struct profiles *profiles;
    const struct source_sink *sink;
    const struct profile *profile; /* NULL = not recognised yet */
    struct expo *parser;           /* into the sink */
    struct expo *reader;           /* collects family names, NULL once recognised */
    struct intern *families;
    struct buf body;
    bool fresh;     /* the next request begins a poll */
    bool open_poll; /* sink.begin was called */
    bool too_long;  /* body does not hold all of the page */
    char last_byte;
    bool open_ended, openmetrics;
    struct frozen frozen;
    bool is_frozen;   /* the last answer was refused for that */
    int64_t asked_ms; /* when the page at hand was asked for */
    char remark[REMARK_MAX];
};

static void on_type(void *ctx, struct str family, enum expo_type type)
{
    const struct metrics *m = ctx;
    m->sink->type(m->sink->ctx, family, type);
}

static void on_warning(void *ctx, const struct expo_warning *w)
{
    const struct metrics *m = ctx;
    m->sink->warning(m->sink->ctx, w->line, w->what, w->text);
}

static bool on_known(void *ctx, struct str series)
{
    const struct metrics *m = ctx;
    return m->sink->known(m->sink->ctx, series);
}

static bool on_sample(void *ctx, const struct expo_sample *s)
{
    const struct metrics *m = ctx;
    return m->sink->sample(m->sink->ctx, s);
}

/* Names past the cap are not needed to tell what a page is. */
static void collect(struct metrics *m, struct str name)
{
    uint32_t id;
    if (intern_add(m->families, name, &id) != ERR_OK)
        return;
}

static void collect_type(void *ctx, struct str family, enum expo_type type)
{
    (void)type;
    collect(ctx, family);
}

static bool collect_sample(void *ctx, const struct expo_sample *s)
{
    static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
    collect(ctx, s->name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) { /* of a histogram without a # TYPE line */
        if (str_has_suffix(s->name, suffixes[i]))
            collect(ctx, (struct str){s->name.p, s->name.n - strlen(suffixes[i])});
    }
    return true;
}

static void metrics_close(struct source *s)
{
    struct metrics *m = (struct metrics *)s;
    if (m == NULL)
        return;
    expo_free(m->parser);
    expo_free(m->reader);
    intern_free(m->families);
    buf_fini(&m->body);
    free(m);
}

static enum err metrics_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink,
                             struct source **ret, struct errctx *ctx)
{
    struct metrics *m = calloc(1, sizeof *m);
    if (m == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    m->base.ops = &source_metrics;
    m->cfg = cfg;
    m->profiles = ps;
    m->sink = sink;
    m->fresh = true;
    buf_init(&m->body, RECOGNISE_MAX);
    if (cfg->profile != NULL && (m->profile = profiles_by_name(ps, cfg->profile)) == NULL) {
        metrics_close(&m->base);
        return errctx_set(ctx, ERR_CONFIG, "source %s: there is no profile named %s", cfg->name, cfg->profile);
    }
    const struct expo_handler into = {.on_known = on_known, .on_sample = on_sample, .on_type = on_type, .on_warning = on_warning, .ctx = m};
    m->parser = expo_new(&into, (size_t)cfg->max_body_bytes);
    if (m->profile == NULL) {
        const struct expo_handler names = {.on_sample = collect_sample, .on_type = collect_type, .ctx = m};
        m->reader = expo_new(&names, (size_t)cfg->max_body_bytes);
        m->families = intern_new(FAMILIES_MAX);
    }
    if (m->parser == NULL || (m->profile == NULL && (m->reader == NULL || m->families == NULL))) {
        metrics_close(&m->base);
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    }
    *ret = &m->base;
    return ERR_OK;
}

static bool metrics_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct metrics *m = (struct metrics *)s;
    bool ask = m->fresh;
    m->asked_ms = now_ms;
    m->fresh = !ask; /* one page is one poll; "no more" ends it */
    if (ask)
        *ret = (struct source_request){.url = NULL};
    return ask;
}

static void close_poll(struct metrics *m)
{
    if (m->open_poll)
        m->sink->abort(m->sink->ctx);
    m->open_poll = false;
}

static bool open_poll(struct metrics *m)
{
    expo_reset(m->parser);
    expo_set_openmetrics(m->parser, m->openmetrics);
    m->open_poll = m->sink->begin(m->sink->ctx, (struct str){"", 0}, m->profile, 0, false);
    return m->open_poll;
}

static void metrics_begin(struct source *s, const struct source_answer *head)
{
    struct metrics *m = (struct metrics *)s;
    close_poll(m);
    m->openmetrics = str_has_prefix(str_of(head->content_type), "application/openmetrics-text");
    m->open_ended = head->open_ended;
    m->last_byte = '\n';
    m->too_long = m->is_frozen = false;
    frozen_begin(&m->frozen);
    if (m->reader != NULL) {
        expo_reset(m->reader);
        expo_set_openmetrics(m->reader, m->openmetrics);
        buf_reset(&m->body);
    }
}

static enum err metrics_feed(struct source *s, const void *bytes, size_t n, struct errctx *ctx)
{
    struct metrics *m = (struct metrics *)s;
    if (n == 0)
        return ERR_OK;
    m->last_byte = ((const char *)bytes)[n - 1];
    frozen_feed(&m->frozen, bytes, n);
    enum err e;
    if (m->profile == NULL) {
        if (!m->too_long && buf_append(&m->body, bytes, n) != ERR_OK)
            m->too_long = true;
        e = expo_feed(m->reader, bytes, n);
    } else if (!m->open_poll && !open_poll(m)) {
        e = ERR_LIMIT;
    } else {
        e = expo_feed(m->parser, bytes, n);
    }
    return e == ERR_OK ? ERR_OK : errctx_set(ctx, e, "the page is longer than %lld MB", (long long)(m->cfg->max_body_bytes / 1000000));
}

/* What is no exposition at all, in a sentence. */
static enum err judge(const struct metrics *m, const struct expo *parser, struct errctx *ctx)
{
    struct expo_stats st = expo_stats(parser);
    if (st.looks_like_html)
        return errctx_set(ctx, ERR_PARSE, "it answers with an HTML page (a login or error page?), not with metrics");
    if (st.looks_like_json)
        return errctx_set(ctx, ERR_PARSE,
                          "it answers with JSON, not with metrics; a Prometheus API is configured with prometheus: instead of metrics:");
    if (m->open_ended && m->last_byte != '\n')
        return errctx_set(ctx, ERR_NET, "the page broke off in the middle of line %zu", st.lines);
    if (st.samples == 0 && st.warnings > 0)
        return errctx_set(ctx, ERR_PARSE, "it answers with something that is no exposition: none of its lines could be read");
    return ERR_OK;
}

/* What a cache tells is no answer of who is asked: nothing of it counts. */
static enum err judge_frozen(struct metrics *m, struct errctx *ctx)
{
    char at[TIMEFMT_MAX];
    m->is_frozen = frozen_end(&m->frozen, m->asked_ms);
    if (!m->is_frozen)
        return ERR_OK;
    instant_format_clock(m->frozen.since_ms, at);
    return errctx_set(ctx, ERR_PARSE,
                      "its page has not changed since %s though it counts its own time: a cache before it, or a worker that hangs; ask it "
                      "past the cache, or restart it",
                      at);
}

static void remark_unknown(struct metrics *m)
{
    struct str list[3] = {{"", 0}, {"", 0}, {"", 0}};
    uint32_t count = intern_count(m->families) - 1;
    bool own = false; /* of a Prometheus or VictoriaMetrics about itself */
    for (uint32_t i = 1; i <= count; i++)
        own |=
            strcmp(intern_text(m->families, i), "prometheus_build_info") == 0 || strcmp(intern_text(m->families, i), "vm_app_version") == 0;
    for (uint32_t i = 0; i < count && i < 3; i++)
        list[i] = str_of(intern_text(m->families, i + 1));
    if (count == 0)
        str_format(m->remark, sizeof m->remark, "it exposes nothing yet");
    else if (own)
        str_format(m->remark, sizeof m->remark,
                   "these are a Prometheus server's metrics about itself; what it scrapes is read with prometheus: and its address without "
                   "/metrics");
    else
        str_format(m->remark, sizeof m->remark,
                   "no profile knows what it exposes (%.60s%s%.60s%s%.60s%s); name one with profile:", list[0].p, count > 1 ? ", " : "",
                   list[1].p, count > 2 ? ", " : "", list[2].p, count > 3 ? ", ..." : "");
}

static enum err recognise(struct metrics *m, struct errctx *ctx)
{
    uint32_t count = intern_count(m->families) - 1;
    struct str *names = malloc(((size_t)count + 1) * sizeof *names);
    if (names == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while recognising source %s", m->cfg->name);
    for (uint32_t i = 0; i < count; i++)
        names[i] = str_of(intern_text(m->families, i + 1));
    m->profile = profiles_recognise(m->profiles, names, count);
    free(names);
    if (m->profile == NULL) {
        remark_unknown(m);
        return ERR_OK;
    }
    m->remark[0] = '\0';
    expo_free(m->reader);
    intern_free(m->families);
    m->reader = NULL;
    m->families = NULL;
    return ERR_OK;
}

/* The page is complete but was only looked at: recognise it, and if it is kept, read it again. */
static enum err finish_first(struct metrics *m, struct errctx *ctx)
{
    enum err e = expo_finish(m->reader);
    if (e == ERR_OK)
        e = judge(m, m->reader, ctx);
    if (e == ERR_OK)
        e = recognise(m, ctx);
    if (e != ERR_OK || m->profile == NULL || m->too_long)
        return e;
    e = open_poll(m) ? expo_feed(m->parser, m->body.data, m->body.len) : ERR_LIMIT;
    buf_fini(&m->body);
    buf_init(&m->body, RECOGNISE_MAX);
    return e;
}

static enum err metrics_finish(struct source *s, struct errctx *ctx)
{
    struct metrics *m = (struct metrics *)s;
    enum err e = ERR_OK;
    if (m->profile == NULL)
        e = finish_first(m, ctx);
    else if (!m->open_poll && !open_poll(m)) /* an empty page */
        e = ERR_LIMIT;
    if (e == ERR_OK && m->open_poll) {
        e = expo_finish(m->parser);
        if (e == ERR_OK)
            e = judge(m, m->parser, ctx);
    }
    if (e == ERR_OK)
        e = judge_frozen(m, ctx);
    if (e != ERR_OK) {
        close_poll(m);
        return e;
    }
    bool whole = m->open_poll;
    m->open_poll = false;
    if (whole && !m->sink->end(m->sink->ctx))
        return errctx_set(ctx, ERR_LIMIT, "the page was refused");
    return ERR_OK;
}

static int64_t metrics_frozen_since(const struct source *s)
{
    const struct metrics *m = (const struct metrics *)s;
    return m->is_frozen ? m->frozen.since_ms : 0;
}

static bool metrics_fail(struct source *s, int status)
{
    struct metrics *m = (struct metrics *)s;
    (void)status;
    m->is_frozen = false;
    close_poll(m);
    return false;
}

static const char *metrics_hint(const struct source *s, int status)
{
    (void)s;
    return status == 404 ? "check the path; LiteLLM serves /metrics/ only with callbacks: [\"prometheus\"], vLLM serves /metrics" : NULL;
}

static const char *metrics_remark(const struct source *s)
{
    const struct metrics *m = (const struct metrics *)s;
    return m->remark[0] != '\0' ? m->remark : NULL;
}

const struct source_ops source_metrics = {
    .name = "metrics",
    .kind = SOURCE_METRICS,
    .accept = "text/plain;version=0.0.4;q=1,*/*;q=0.1",
    .open = metrics_open,
    .close = metrics_close,
    .request = metrics_request,
    .begin = metrics_begin,
    .feed = metrics_feed,
    .finish = metrics_finish,
    .fail = metrics_fail,
    .hint = metrics_hint,
    .remark = metrics_remark,
    .frozen_since = metrics_frozen_since,
};
