/* SPDX-License-Identifier: MIT */
/* The forms of Google Cloud (incidents.json: a history of all products) and of AWS (currentevents: what is current in all regions, among
 * it what has been so for months, so that a source must say what of it counts). */
#include <math.h>

#include "source/posted.h"

static const struct jsontree *first_of(const struct jsontree *root)
{
    return root->kind == JSONTREE_ARRAY ? root->child : NULL;
}

static bool is_empty_list(const struct jsontree *root)
{
    return root->kind == JSONTREE_ARRAY && root->child == NULL;
}

static bool any_wanted(const struct posted *p, const struct jsontree *list, const char *key)
{
    for (const struct jsontree *o = list != NULL ? list->child : NULL; o != NULL; o = o->next)
        if (changes_wants(p->c.cfg, jsonbody_text(o, key), true))
            return true;
    return false;
}

/* ---- Google ---- */

bool posted_is_google(const struct jsontree *root)
{
    const struct jsontree *o = first_of(root);
    return is_empty_list(root) || (jsonbody_text(o, "begin").n > 0 && jsontree_get(o, "external_desc") != NULL);
}

static bool google_wants(const struct posted *p, const struct jsontree *o)
{
    return p->c.cfg->only_count == 0 || changes_wants(p->c.cfg, jsonbody_text(o, "service_name"), true) ||
           any_wanted(p, jsonbody_array(o, "affected_products"), "title") ||
           any_wanted(p, jsonbody_array(o, "currently_affected_locations"), "id") ||
           any_wanted(p, jsonbody_array(o, "currently_affected_locations"), "title");
}

enum err posted_read_google(struct posted *p, const struct jsontree *root, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (const struct jsontree *o = root->child; e == ERR_OK && o != NULL; o = o->next) {
        const struct str impact = jsonbody_text(o, "status_impact"), uri = jsonbody_text(o, "uri");
        struct posted_item item = {.id = jsonbody_text(o, "id"),
                                   .text = jsonbody_text(o, "external_desc"),
                                   .impact = str_eq_z(impact, "SERVICE_OUTAGE")       ? PAGE_CRITICAL
                                             : str_eq_z(impact, "SERVICE_DISRUPTION") ? PAGE_MAJOR
                                                                                      : PAGE_MINOR};
        const char *url = arena_printf(&p->c.body.tree, "https://status.cloud.google.com/%.*s", (int)(uri.n < 200 ? uri.n : 200), uri.p);
        item.is_open = jsonbody_text(o, "end").n == 0;
        item.url = str_of(uri.n > 0 && url != NULL ? url : "");
        if (item.id.n == 0 || item.text.n == 0)
            p->c.sink->warning(p->c.sink->ctx, 0, "an incident has no id or no description: left out", item.text);
        else if (google_wants(p, o)) {
            if (!jsonbody_instant(o, "created", &item.since_ms) && !jsonbody_instant(o, "begin", &item.since_ms))
                item.since_ms = 0;
            if (!jsonbody_instant(o, "end", &item.over_ms))
                item.over_ms = 0;
            e = posted_take(p, &item, ctx);
        }
    }
    return e;
}

/* ---- AWS ---- */

bool posted_is_aws(const struct jsontree *root)
{
    const struct jsontree *o = first_of(root);
    return jsonbody_text(o, "service").n > 0 && (jsonbody_text(o, "arn").n > 0 || jsontree_get(o, "event_log") != NULL);
}

static bool aws_wants(const struct posted *p, const struct jsontree *o)
{
    static const char *const keys[] = {"service", "service_name", "region_name", "arn"};
    const struct jsontree *services = jsontree_get(o, "impacted_services");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (changes_wants(p->c.cfg, jsonbody_text(o, keys[i]), true))
            return true;
    for (const struct jsontree *s = services != NULL && services->kind == JSONTREE_OBJECT ? services->child : NULL; s != NULL; s = s->next)
        if (changes_wants(p->c.cfg, s->key, true) || changes_wants(p->c.cfg, jsonbody_text(s, "service_name"), true))
            return true;
    return false;
}

/* Seconds since 1970, as a number or as text. */
static int64_t seconds_of(const struct jsontree *o, const char *key)
{
    static const double most_s = 1e11;
    double v;
    return jsonbody_number(o, key, &v) && v > 0 && v < most_s ? (int64_t)v * 1000 : 0;
}

static int64_t last_entry_ms(const struct jsontree *o)
{
    const struct jsontree *log = jsonbody_array(o, "event_log");
    int64_t last = 0;
    for (const struct jsontree *e = log != NULL ? log->child : NULL; e != NULL; e = e->next) {
        const int64_t at = seconds_of(e, "timestamp");
        last = at > last ? at : last;
    }
    return last;
}

enum err posted_read_aws(struct posted *p, const struct jsontree *root, struct errctx *ctx)
{
    static const enum page_impact impacts[] = {PAGE_NONE, PAGE_MINOR, PAGE_MAJOR, PAGE_CRITICAL}; /* over, told of, slow, not working */
    enum err e = ERR_OK;
    if (p->c.cfg->only_count == 0)
        return errctx_set(ctx, ERR_PARSE, "it tells of all of AWS: say what of it counts, as in only: [bedrock-us-east-1, us-east-1]");
    for (const struct jsontree *o = root->child; e == ERR_OK && o != NULL; o = o->next) {
        double status = (double)NAN;
        const struct str arn = jsonbody_text(o, "arn"), service = jsonbody_text(o, "service"), name = jsonbody_text(o, "service_name"),
                         summary = jsonbody_text(o, "summary");
        const int64_t since_ms = seconds_of(o, "date");
        const char *id =
                       arena_printf(&p->c.body.tree, "%.*s:%lld", (int)(service.n < 200 ? service.n : 200), service.p, (long long)since_ms),
                   *text = arena_printf(&p->c.body.tree, "%.*s: %.*s", (int)(name.n < 200 ? name.n : 200), name.p,
                                        (int)(summary.n < 400 ? summary.n : 400), summary.p);
        if (id == NULL || text == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for what %s posted", p->c.cfg->provider);
        if ((service.n == 0 && arn.n == 0) || summary.n == 0 || !jsonbody_number(o, "status", &status)) {
            p->c.sink->warning(p->c.sink->ctx, 0, "an event has no service, summary or status: left out", summary);
            continue;
        }
        if (!aws_wants(p, o))
            continue;
        const struct posted_item item = {.id = str_of(id),
                                         .text = str_of(text),
                                         .url = str_of("https://health.aws.amazon.com/health/status"),
                                         .since_ms = since_ms,
                                         .over_ms = last_entry_ms(o),
                                         .is_open = status != 0,
                                         .impact = status >= 0 && status <= 3 ? impacts[(int)status] : PAGE_MINOR};
        e = posted_take(p, &item, ctx);
    }
    return e;
}
