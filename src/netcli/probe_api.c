/* SPDX-License-Identifier: MIT */
#include "netcli/probe_api.h"

#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"
#include "source/prom_query.h"
#include "source/prom_targets.h"
#include "source/promjson.h"

enum { JOBS_MAX = 16 * 1024, TEXT_MAX = 300 };

struct probe_api {
    const struct profiles *profiles;
    const char *match;
    struct arena *a;
    char url[PROBE_API_URL_MAX];
    struct promjson *reader;
    struct prom_targets targets;
    struct buf form;
    bool found;                          /* the look for targets is done */
    size_t at;                           /* then: the profile that is asked about, an index into the report's */
    const struct profile_metric *metric; /* of the series at hand, NULL = of none */
    enum err trouble;
    struct probe_api_report r;
};

bool probe_api_base(const char *url, unsigned number, char out[PROBE_API_URL_MAX])
{
    size_t n = strcspn(url, "?#");
    const char *host = strstr(url, "://"), *api = strstr(url, "/api/v1");
    if (host == NULL || n >= PROBE_API_URL_MAX || (size_t)(host - url) >= n)
        return false;
    size_t least = (size_t)(host - url) + 3;
    n = api != NULL && (size_t)(api - url) < n ? (size_t)(api - url) : n;
    const char *path = memchr(url + least, '/', n > least ? n - least : 0);
    size_t origin = path == NULL ? n : (size_t)(path - url);
    while (n > origin && url[n - 1] == '/')
        n--;
    for (unsigned i = 0; i < number; i++) {
        if (n <= origin)
            return false;
        while (n > origin && url[n - 1] != '/')
            n--;
        while (n > origin && url[n - 1] == '/')
            n--;
    }
    memcpy(out, url, n);
    out[n] = '\0';
    return true;
}

static bool on_series(void *ctx, const struct promjson_label *labels, size_t count)
{
    struct probe_api *p = ctx;
    struct str name = promjson_label_value(labels, count, "__name__");
    enum profile_sample sample;
    if (p->found) {
        p->metric = profile_find_sample(p->r.profiles[p->at].profile, name, &sample);
        return p->metric != NULL;
    }
    enum err e =
        prom_targets_vote(&p->targets, promjson_label_value(labels, count, "job"), promjson_label_value(labels, count, "instance"), name);
    if (e != ERR_OK && e != ERR_LIMIT) /* more targets than a source takes are enough of an answer */
        p->trouble = e;
    return false;
}

/* A family is once in the list, whatever samples it has. */
static bool on_point(void *ctx, const struct promjson_point *point)
{
    struct probe_api *p = ctx;
    struct probe_api_profile *one = &p->r.profiles[p->at];
    bool known = false;
    for (size_t i = 0; i < one->family_count && !known; i++)
        known = strcmp(one->families[i], p->metric->name) == 0;
    if (!known)
        one->families[one->family_count++] = p->metric->name;
    one->series += point->value > 0 && point->value < 1e12 ? (uint64_t)point->value : 0;
    return true;
}

static void on_warning(void *ctx, struct str text)
{
    struct probe_api *p = ctx;
    char safe[TEXT_MAX];
    if (p->r.warning != NULL)
        return;
    size_t n = safe_text(safe, sizeof safe, text);
    p->r.warning = arena_strdup(p->a, (struct str){safe, n});
}

enum err probe_api_new(const char *base, const struct profiles *ps, const char *match, struct arena *a, struct probe_api **ret,
                       struct errctx *ctx)
{
    struct probe_api *p = calloc(1, sizeof *p);
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the probe");
    p->profiles = ps;
    p->match = match;
    p->a = a;
    buf_init(&p->form, PROM_FORM_MAX);
    prom_targets_init(&p->targets, ps);
    const struct promjson_handler h = {on_series, on_point, on_warning, p};
    p->reader = promjson_new(&h, PROBE_API_BODY_MAX);
    p->r.base = arena_strdup(a, str_of(base));
    enum err e = p->reader == NULL || p->r.base == NULL ? ERR_NOMEM : ERR_OK;
    if (e == ERR_OK && !str_format(p->url, sizeof p->url, "%s/api/v1/query", base))
        e = ERR_LIMIT;
    if (e != ERR_OK) {
        probe_api_free(p);
        return errctx_set(ctx, e, e == ERR_LIMIT ? "the URL is too long" : "out of memory for the probe");
    }
    *ret = p;
    return ERR_OK;
}

void probe_api_free(struct probe_api *p)
{
    if (p == NULL)
        return;
    promjson_free(p->reader);
    prom_targets_fini(&p->targets);
    buf_fini(&p->form);
    free(p);
}

static enum err names_form(struct probe_api *p, int64_t now_ms)
{
    const struct profile *profile = p->r.profiles[p->at].profile;
    struct buf jobs;
    buf_init(&jobs, JOBS_MAX);
    enum err e = prom_targets_jobs(&p->targets, (int)(profile - p->profiles->list), &jobs);
    const char *list = e == ERR_OK && jobs.len > 0 ? jobs.data : ""; /* too many jobs to list: then without */
    e = prom_query_names(&p->form, profile, list, p->match, now_ms);
    buf_fini(&jobs);
    return e;
}

bool probe_api_request(struct probe_api *p, int64_t now_ms, struct source_request *ret)
{
    if (p->found && p->at >= p->r.profile_count)
        return false;
    enum err e = p->found ? names_form(p, now_ms) : prom_query_discover(&p->form, p->profiles, p->match, now_ms);
    promjson_reset(p->reader);
    p->trouble = ERR_OK;
    *ret = (struct source_request){.url = p->url, .form = buf_str(&p->form)};
    return e == ERR_OK;
}

enum err probe_api_feed(struct probe_api *p, const void *bytes, size_t n)
{
    enum err e = promjson_feed(p->reader, bytes, n);
    return p->trouble != ERR_OK ? p->trouble : e;
}

static struct probe_api_profile *profile_of(struct probe_api *p, const struct profile *profile)
{
    struct probe_api_report *r = &p->r;
    for (size_t i = 0; i < r->profile_count; i++) {
        if (r->profiles[i].profile == profile)
            return &r->profiles[i];
    }
    if (r->profile_count == PROBE_API_PROFILES_MAX)
        return NULL;
    struct probe_api_profile *one = &r->profiles[r->profile_count];
    *one = (struct probe_api_profile){.profile = profile, .families = arena_array(p->a, profile->metric_count + 1, sizeof *one->families)};
    if (one->families == NULL)
        return NULL;
    r->profile_count++;
    return one;
}

static void sort_targets(struct probe_api *p)
{
    prom_targets_elect(&p->targets);
    for (uint32_t i = 0; i < p->targets.count; i++) {
        const struct prom_target *t = &p->targets.list[i];
        struct probe_api_profile *one = t->profile == PROM_NO_PROFILE ? NULL : profile_of(p, &p->profiles->list[t->profile]);
        if (one == NULL)
            continue;
        char safe[TEXT_MAX];
        size_t n = safe_text(safe, sizeof safe, str_of(t->key));
        if (one->targets < PROBE_API_EXAMPLES)
            one->example[one->targets] = arena_strdup(p->a, (struct str){safe, n});
        one->targets++;
        p->r.targets++;
    }
    p->found = true;
}

enum err probe_api_finish(struct probe_api *p, struct errctx *ctx)
{
    enum err e = promjson_finish(p->reader, ctx);
    if (e != ERR_OK)
        return e;
    if (p->found)
        p->at++;
    else
        sort_targets(p);
    return ERR_OK;
}

bool probe_api_has_answered(const struct probe_api *p)
{
    return p->found;
}

const struct probe_api_report *probe_api_report(const struct probe_api *p)
{
    return &p->r;
}
