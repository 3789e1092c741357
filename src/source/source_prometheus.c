/* SPDX-License-Identifier: MIT */
/* A Prometheus-compatible HTTP API: raw samples, live and of the past.
 *
 * How this works: a discovery query finds which (job, instance) expose families of which profile. Each profile then has a mark in time
 * up to which its samples were read; a poll asks for window after window behind the mark, none overlapping and none left out, until the
 * mark is at now minus the lag. The first mark lies the back-fill behind, so history comes by the same road, oldest first. Windows grow
 * while answers are small and halve when one was too much for either side; where range selectors are refused altogether, query_range
 * serves instead, that is said as long as it is so, and after every discovery samples are asked for again. */
#include <stdlib.h>
#include <string.h>

#include "source/prom_points.h"
#include "source/prom_query.h"
#include "source/prom_targets.h"
#include "source/promjson.h"
#include "source/source.h"

enum {
    DISCOVER_MS = 5 * 60 * 1000, /* between looks for new targets */
    WINDOW_FIRST_MS = 5 * 60 * 1000,
    WINDOW_MAX_MS = 60 * 60 * 1000,
    WINDOW_MIN_MS = 30 * 1000,
    POINTS_GOAL = 100 * 1000,  /* per answer: 3 MB here, some 4 MB of JSON */
    LIVE_SLACK_MS = 60 * 1000, /* what ends more than three intervals and this before now is back-fill */
    RESUME_MS = 5 * 60 * 1000, /* read again before what is stored, so that increments go on: Prometheus' own look-back */
    TEXT_MAX = 300,
    JOBS_MAX = 16 * 1024,
    URL_BYTES = 1024,
};

#define REFUSES "it refuses range selectors: values are steps of query_range (~), not samples"

/* One profile's progress. */
struct track {
    bool used;
    int64_t mark_ms; /* samples up to here were read */
    int64_t window_ms;
    bool steps; /* by query_range, for samples were refused */
    bool again; /* and they are asked for once more */
};

enum asked { ASKED_NOTHING, ASKED_TARGETS, ASKED_WINDOW };

struct prometheus {
    struct source base;
    const struct config_source *cfg;
    struct profiles profiles; /* all, or the configured one */
    const struct source_sink *sink;
    struct promjson *reader;
    struct prom_points *points;
    struct prom_targets targets;
    struct prom_target_grid grids[PROM_TARGETS_MAX];
    struct track *tracks; /* per profile */
    struct buf form;
    char url[URL_BYTES], range_url[URL_BYTES];
    enum asked asked;
    uint32_t track; /* ASKED_WINDOW: which, and of what time */
    int64_t from_ms, to_ms;
    int64_t now_ms; /* of the poll under way, 0 = none */
    bool over;      /* it failed */
    int64_t discovered_ms, resume_ms;
    size_t fed;             /* bytes of this answer */
    char first;             /* of them that is no space */
    enum err trouble;       /* while reading it */
    char warning[TEXT_MAX]; /* the server's own, about this answer */
    char found[TEXT_MAX];   /* what the last discovery has to say */
    char remark[2 * TEXT_MAX];
    struct expo_label labels[EXPO_LABELS_MAX];
};

static bool on_series(void *ctx, const struct promjson_label *labels, size_t count)
{
    struct prometheus *p = ctx;
    struct str job = promjson_label_value(labels, count, "job"), instance = promjson_label_value(labels, count, "instance");
    enum err e = ERR_OK;
    bool wanted = false;
    uint32_t target;
    if (p->asked == ASKED_TARGETS) {
        e = prom_targets_vote(&p->targets, job, instance, promjson_label_value(labels, count, "__name__"));
        if (e == ERR_LIMIT) { /* the rest is left out, and that is said */
            str_format(p->warning, sizeof p->warning, "more than %d targets; narrow them with match", PROM_TARGETS_MAX);
            e = ERR_OK;
        }
    } else if (prom_targets_find(&p->targets, job, instance, &target) && p->targets.list[target].profile == (int)p->track) {
        e = prom_points_series(p->points, target, labels, count);
        wanted = e == ERR_OK;
    }
    p->trouble = p->trouble == ERR_OK ? e : p->trouble;
    return wanted;
}

/* Prometheus 2's range is closed on both sides and 3's open on the left; a window's own is (from, to]. */
static bool on_point(void *ctx, const struct promjson_point *point)
{
    struct prometheus *p = ctx;
    if (p->trouble != ERR_OK)
        return false;
    if (point->t_ms <= p->from_ms || point->t_ms > p->to_ms)
        return true;
    p->trouble = prom_points_add(p->points, point);
    return p->trouble == ERR_OK;
}

static void on_warning(void *ctx, struct str text)
{
    struct prometheus *p = ctx;
    if (p->warning[0] == '\0')
        (void)str_copy(p->warning, sizeof p->warning, text);
}

static void prometheus_close(struct source *s)
{
    struct prometheus *p = (struct prometheus *)s;
    if (p == NULL)
        return;
    promjson_free(p->reader);
    prom_points_free(p->points);
    prom_targets_fini(&p->targets);
    buf_fini(&p->form);
    free(p->tracks);
    free(p);
}

static enum err make_urls(struct prometheus *p, struct errctx *ctx)
{
    struct str base = str_of(p->cfg->url);
    while (base.n > 0 && base.p[base.n - 1] == '/')
        base.n--;
    if (!str_format(p->url, sizeof p->url, "%.*s/api/v1/query", (int)base.n, base.p) ||
        !str_format(p->range_url, sizeof p->range_url, "%.*s/api/v1/query_range", (int)base.n, base.p))
        return errctx_set(ctx, ERR_CONFIG, "source %s: its URL is too long", p->cfg->name);
    return ERR_OK;
}

static enum err prometheus_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink,
                                struct source **ret, struct errctx *ctx)
{
    struct prometheus *p = calloc(1, sizeof *p);
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    p->base.ops = &source_prometheus;
    p->cfg = cfg;
    p->sink = sink;
    p->profiles = *ps;
    buf_init(&p->form, PROM_FORM_MAX);
    enum err e = make_urls(p, ctx);
    if (e == ERR_OK && cfg->profile != NULL) {
        const struct profile *one = profiles_by_name(ps, cfg->profile);
        if (one == NULL)
            e = errctx_set(ctx, ERR_CONFIG, "source %s: there is no profile named %s", cfg->name, cfg->profile);
        else
            p->profiles = (struct profiles){ps->list + (one - ps->list), 1};
    }
    prom_targets_init(&p->targets, &p->profiles);
    const struct promjson_handler h = {on_series, on_point, on_warning, p};
    p->reader = promjson_new(&h, (size_t)cfg->max_body_bytes);
    p->points = prom_points_new();
    p->tracks = calloc(p->profiles.count + 1, sizeof *p->tracks);
    if (e == ERR_OK && (p->reader == NULL || p->points == NULL || p->tracks == NULL))
        e = errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    if (e != ERR_OK) {
        prometheus_close(&p->base);
        return e;
    }
    *ret = &p->base;
    return ERR_OK;
}

static void prometheus_resume(struct source *s, int64_t last_ms)
{
    struct prometheus *p = (struct prometheus *)s;
    p->resume_ms = last_ms;
}

/* Where a profile that was met now begins. */
static int64_t first_mark(const struct prometheus *p, int64_t end_ms)
{
    int64_t begin = end_ms - (p->cfg->backfill_ms > p->cfg->interval_ms ? p->cfg->backfill_ms : p->cfg->interval_ms);
    int64_t stored = p->resume_ms - RESUME_MS;
    return p->resume_ms > 0 && stored > begin ? stored : begin;
}

static int64_t window_min(const struct prometheus *p)
{
    return 2 * p->cfg->interval_ms > WINDOW_MIN_MS ? 2 * p->cfg->interval_ms : WINDOW_MIN_MS;
}

/* Up to where samples are taken: the lag gives Prometheus time to have them all. On the beat of the interval, for the grid. */
static int64_t end_of(const struct prometheus *p)
{
    int64_t end = p->now_ms - p->cfg->lag_ms;
    return end - end % p->cfg->interval_ms;
}

static bool ask_window(struct prometheus *p, struct source_request *ret)
{
    int64_t end = end_of(p);
    struct track *t = NULL;
    for (uint32_t i = 0; i < p->profiles.count; i++) { /* the one that is furthest behind */
        struct track *one = &p->tracks[i];
        if (one->used && one->mark_ms < end && (t == NULL || one->mark_ms < t->mark_ms)) {
            t = one;
            p->track = i;
        }
    }
    if (t == NULL)
        return false;
    p->from_ms = t->mark_ms;
    p->to_ms = end - t->mark_ms > t->window_ms ? t->mark_ms + t->window_ms : end;
    struct buf jobs;
    buf_init(&jobs, JOBS_MAX);
    enum err e = prom_targets_jobs(&p->targets, (int)p->track, &jobs);
    const char *list = e == ERR_OK && jobs.len > 0 ? jobs.data : ""; /* too many jobs to list: then without */
    const struct profile *profile = &p->profiles.list[p->track];
    bool steps = t->steps && !t->again;
    if (steps)
        e = prom_query_steps(&p->form, profile, list, p->cfg->match, p->to_ms, p->to_ms - p->from_ms, p->cfg->interval_ms);
    else
        e = prom_query_window(&p->form, profile, list, p->cfg->match, p->to_ms, p->to_ms - p->from_ms);
    buf_fini(&jobs);
    *ret = (struct source_request){.url = steps ? p->range_url : p->url, .form = buf_str(&p->form)};
    p->asked = ASKED_WINDOW;
    return e == ERR_OK;
}

static bool prometheus_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct prometheus *p = (struct prometheus *)s;
    if (p->now_ms == 0)
        p->now_ms = now_ms;
    bool look = p->discovered_ms == 0 || p->now_ms - p->discovered_ms >= DISCOVER_MS || p->targets.count == 0;
    if (!p->over && look && p->asked != ASKED_TARGETS &&
        prom_query_discover(&p->form, &p->profiles, p->cfg->match, p->now_ms - p->cfg->lag_ms) == ERR_OK) {
        p->asked = ASKED_TARGETS;
        *ret = (struct source_request){.url = p->url, .form = buf_str(&p->form)};
        return true;
    }
    if (!p->over && ask_window(p, ret))
        return true;
    p->now_ms = 0;
    p->over = false;
    p->asked = ASKED_NOTHING;
    return false;
}

static void prometheus_begin(struct source *s, const struct source_answer *head)
{
    struct prometheus *p = (struct prometheus *)s;
    (void)head;
    promjson_reset(p->reader);
    prom_points_reset(p->points);
    p->fed = 0;
    p->first = '\0';
    p->trouble = ERR_OK;
    p->warning[0] = '\0';
}

/* What it may be instead, by its first character: a page begins with # HELP or a name. */
static const char *not_this_api(const struct prometheus *p)
{
    bool name = (p->first >= 'a' && p->first <= 'z') || (p->first >= 'A' && p->first <= 'Z') || p->first == '_' || p->first == ':';
    if (p->first == '#' || name)
        return "it answers with an exposition page or other text, not with the Prometheus API; a page is configured with metrics: instead "
               "of "
               "prometheus:";
    if (p->first == '<')
        return "it answers with an HTML page (a login or error page?), not with the Prometheus API";
    return "it answers with something that is no answer of the Prometheus API";
}

static enum err prometheus_feed(struct source *s, const void *bytes, size_t n, struct errctx *ctx)
{
    struct prometheus *p = (struct prometheus *)s;
    for (size_t i = 0; i < n && p->first == '\0'; i++)
        p->first = strchr(" \t\r\n", ((const char *)bytes)[i]) == NULL ? ((const char *)bytes)[i] : '\0';
    p->fed += n;
    enum err e = promjson_feed(p->reader, bytes, n);
    if (p->trouble != ERR_OK)
        e = p->trouble;
    if (e == ERR_OK)
        return ERR_OK;
    if (p->trouble != ERR_OK)
        return errctx_set(ctx, e, "the answer holds too many samples");
    if (p->first == '{')
        return promjson_finish(p->reader, ctx); /* it knows at which byte, and what */
    return errctx_set(ctx, e, "%s", not_this_api(p));
}

static void make_remark(struct prometheus *p)
{
    bool steps = false;
    for (uint32_t i = 0; i < p->profiles.count; i++)
        steps |= p->tracks[i].steps;
    str_format(p->remark, sizeof p->remark, "%s%s%s", steps ? REFUSES : "", steps && p->found[0] != '\0' ? "; " : "", p->found);
}

static enum err finish_targets(struct prometheus *p)
{
    for (uint32_t i = 0; i < p->targets.count; i++)
        p->grids[i].on &= p->targets.list[i].profile != PROM_NO_PROFILE; /* a number may be another target's now */
    prom_targets_elect(&p->targets);
    p->discovered_ms = p->now_ms;
    uint32_t known = 0;
    for (uint32_t i = 0; i < p->targets.count; i++) {
        int profile = p->targets.list[i].profile;
        if (profile == PROM_NO_PROFILE)
            continue;
        known++;
        struct track *t = &p->tracks[profile];
        if (!t->used)
            *t = (struct track){.used = true, .mark_ms = first_mark(p, end_of(p)), .window_ms = WINDOW_FIRST_MS};
        t->again = t->steps;
    }
    if (known == 0)
        str_format(p->found, sizeof p->found, "it scrapes nothing that a profile knows%s; looking again",
                   p->cfg->match != NULL ? " under this match" : "");
    else if (p->warning[0] != '\0')
        str_copy(p->found, sizeof p->found, str_of(p->warning));
    else
        p->found[0] = '\0';
    make_remark(p);
    return ERR_OK;
}

static bool emit_point(struct prometheus *p, size_t i)
{
    const struct source_sink *k = p->sink;
    if (prom_points_is_histogram(p->points, i)) {
        struct source_histogram h;
        prom_points_histogram(p->points, i, p->labels, &h);
        return k->histogram(k->ctx, &h);
    }
    struct expo_sample sample;
    prom_points_sample(p->points, i, p->labels, &sample);
    if (k->known(k->ctx, sample.series))
        sample.label_count = 0;
    return k->sample(k->ctx, &sample);
}

/* One instant of one target. */
static enum err emit_poll(struct prometheus *p, size_t at, size_t n, uint32_t target, int64_t t_ms)
{
    const struct source_sink *k = p->sink;
    bool past = t_ms < p->now_ms - p->cfg->lag_ms - 3 * p->cfg->interval_ms - LIVE_SLACK_MS;
    if (!k->begin(k->ctx, str_of(p->targets.list[target].key), &p->profiles.list[p->track], t_ms, past))
        return ERR_LIMIT;
    if (p->warning[0] != '\0')
        k->warning(k->ctx, 0, "the server says", str_of(p->warning));
    for (size_t i = at; i < at + n; i++) {
        if (!emit_point(p, i)) {
            k->abort(k->ctx);
            return ERR_LIMIT;
        }
    }
    return k->end(k->ctx) ? ERR_OK : ERR_LIMIT;
}

static void adapt(struct track *t, size_t points)
{
    if (points < POINTS_GOAL / 2 && t->window_ms < WINDOW_MAX_MS)
        t->window_ms = t->window_ms * 2 < WINDOW_MAX_MS ? t->window_ms * 2 : WINDOW_MAX_MS;
    else if (points > POINTS_GOAL * 2)
        t->window_ms = t->window_ms / 2 > WINDOW_MIN_MS ? t->window_ms / 2 : WINDOW_MIN_MS;
}

static enum err prometheus_finish(struct source *s, struct errctx *ctx)
{
    struct prometheus *p = (struct prometheus *)s;
    enum err e = promjson_finish(p->reader, ctx);
    if (e == ERR_OK && p->asked == ASKED_TARGETS)
        return finish_targets(p);
    if (e != ERR_OK) {
        p->over = true;
        return e;
    }
    struct track *t = &p->tracks[p->track];
    prom_points_order(p->points, p->grids, p->cfg->interval_ms);
    uint32_t target = 0;
    int64_t t_ms = 0;
    for (size_t i = 0, n; e == ERR_OK && (n = prom_points_run(p->points, i, &target, &t_ms)) > 0; i += n)
        e = emit_poll(p, i, n, target, t_ms);
    p->over = e != ERR_OK;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "a poll was refused");
    t->mark_ms = p->to_ms;
    t->steps = t->steps && !t->again;
    t->again = false;
    make_remark(p);
    adapt(t, prom_points_count(p->points));
    return ERR_OK;
}

/* The server has understood the query and will not run it: it is too large, or of a form that it does not know. */
static bool is_refusal(int status)
{
    return status == 400 || status == 422;
}

/* What may be cured by asking for less: an answer longer than we take, a query that the server calls too large or too slow. */
static bool is_too_much(const struct prometheus *p, int status)
{
    return p->trouble == ERR_LIMIT || is_refusal(status) || status == 413 || status == 503 || status == 504 ||
           (status == 200 && p->fed > (size_t)p->cfg->max_body_bytes / 2);
}

/* Answers 503 are a query that took too long as well as a server that is not up yet: less is asked for, but not before it is due again. */
static bool prometheus_fail(struct source *s, int status)
{
    struct prometheus *p = (struct prometheus *)s;
    p->over = true;
    if (p->asked != ASKED_WINDOW || !is_too_much(p, status))
        return false;
    struct track *t = &p->tracks[p->track];
    int64_t window = p->to_ms - p->from_ms;
    bool refused = is_refusal(status) && p->trouble != ERR_LIMIT;
    if (refused && t->again) {
        t->again = false; /* it still refuses them */
        p->over = false;
    } else if (window > window_min(p)) {
        t->window_ms = window / 2 > window_min(p) ? window / 2 : window_min(p);
        p->over = status == 503;
    } else if (refused) {
        t->steps = !t->steps; /* where steps are refused as well, samples are not what it minds */
        p->over = !t->steps;
        make_remark(p);
    }
    return !p->over;
}

static const char *prometheus_hint(const struct source *s, int status)
{
    const struct prometheus *p = (const struct prometheus *)s;
    bool no_such_thing = status == 404 || status == 405 || status == 501; /* path, or method */
    return no_such_thing && p->discovered_ms == 0 ? "there is no Prometheus API; an exposition page is configured with metrics:, and "
                                                    "prometheus: is given what stands before /api/v1"
                                                  : NULL;
}

static const char *prometheus_remark(const struct source *s)
{
    const struct prometheus *p = (const struct prometheus *)s;
    return p->remark[0] != '\0' ? p->remark : NULL;
}

const struct source_ops source_prometheus = {
    .name = "prometheus",
    .kind = SOURCE_PROMETHEUS,
    .accept = "application/json",
    .open = prometheus_open,
    .close = prometheus_close,
    .request = prometheus_request,
    .begin = prometheus_begin,
    .feed = prometheus_feed,
    .finish = prometheus_finish,
    .fail = prometheus_fail,
    .hint = prometheus_hint,
    .resume = prometheus_resume,
    .remark = prometheus_remark,
};
