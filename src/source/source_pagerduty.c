/* SPDX-License-Identifier: MIT */
/* PagerDuty: incidents that are triggered or acknowledged, by GET /incidents, page by page; read only, with a key of the header
 * "Authorization: Token token=...". Who acknowledged one is told, so that acknowledging here and there are not taken for each other.
 *
 * Pages go by offset: an incident that ends between two of them moves the next ones up, and one is missed. So what is not told is over only
 * where the listing is of one page; of more than a hundred open incidents one that is told no more is not known, until there are fewer.
 * API: developer.pagerduty.com, REST API v2. */
#include <stdlib.h>
#include <string.h>

#include "source/alertfeed.h"

enum { LIMIT = 100 }; /* the most that a page has */

static bool make_url(struct alertfeed *f)
{
    return str_format(f->url, sizeof f->url,
                      "%s/incidents?statuses[]=triggered&statuses[]=acknowledged&date_range=all&sort_by=created_at:asc&limit=%d&offset=%u",
                      f->base_url, LIMIT, f->page_no * LIMIT);
}

/* Who acknowledged it, of several the first. */
static struct str acked_by(const struct jsontree *o)
{
    const struct jsontree *list = jsontree_get(o, "acknowledgements");
    const struct jsontree *first = list != NULL && list->kind == JSONTREE_ARRAY ? list->child : NULL;
    const struct str name = jsonbody_text(jsontree_get(first, "acknowledger"), "summary");
    return name.n > 0 ? name : str_of("somebody");
}

/* When it will call the next in its escalation policy; n 0: it will not, as where somebody took it. */
static struct str escalates_at(const struct jsontree *o)
{
    const struct jsontree *list = jsontree_get(o, "pending_actions");
    const struct jsontree *one = list != NULL && list->kind == JSONTREE_ARRAY ? list->child : NULL;
    for (; one != NULL; one = one->next)
        if (str_eq_z(jsonbody_text(one, "type"), "escalate") && alertfeed_time(one, "at") != 0)
            return jsonbody_text(one, "at");
    return (struct str){"", 0};
}

static enum err take_incident(struct alertfeed *f, const struct jsontree *o, struct errctx *ctx)
{
    const struct jsontree *service = jsontree_get(o, "service"), *priority = jsontree_get(o, "priority");
    const struct str status = jsonbody_text(o, "status"), of = jsonbody_text(service, "summary"), urgency = jsonbody_text(o, "urgency");
    const struct str escalates = escalates_at(o);
    const struct outside_label all[] = {{str_of(OUTSIDE_ESCALATES), escalates}, /* first: what follows may say anything */
                                        {str_of("service"), of},
                                        {str_of("urgency"), urgency},
                                        {str_of("priority"), jsonbody_text(priority, "summary")}},
                               *labels = escalates.n > 0 ? all : all + 1;
    struct outside_told told = {.fingerprint = jsonbody_text(o, "id"),
                                .name = jsonbody_text(o, "title"),
                                .labels = labels,
                                .label_count = sizeof all / sizeof *all - (size_t)(labels - all),
                                .severity = str_eq_z(urgency, "low") ? urgency : str_of("page"),
                                .state = OUTSIDE_FIRING,
                                .starts_ms = alertfeed_time(o, "created_at"),
                                .summary = jsonbody_text(o, "description"),
                                .dashboard = jsonbody_text(o, "html_url")};
    if (str_eq_z(status, "acknowledged"))
        told.acked_by = acked_by(o);
    if (str_eq_z(status, "resolved"))
        return ERR_OK;
    if (told.fingerprint.n == 0 || (!str_eq_z(status, "triggered") && !str_eq_z(status, "acknowledged"))) {
        alertfeed_hole(f, told.fingerprint.n == 0 ? "an incident has no id" : "an incident has a status that is not known", told.name);
        return ERR_OK;
    }
    return alertfeed_tell(f, &told, ctx);
}

static enum err take(struct alertfeed *f, const struct jsontree *root, struct errctx *ctx)
{
    const struct jsontree *list = jsontree_get(root, "incidents"), *more = jsontree_get(root, "more");
    enum err e = ERR_OK;
    if (list == NULL || list->kind != JSONTREE_ARRAY)
        return errctx_set(ctx, ERR_PARSE, "it answers with JSON that is no list of incidents");
    for (const struct jsontree *o = list->child; e == ERR_OK && o != NULL; o = o->next)
        e = take_incident(f, o, ctx);
    if (more == NULL || more->kind != JSONTREE_TRUE) {
        f->step = ALERTFEED_DONE;
        f->holes = f->holes || f->page_no > 0;
    }
    f->page_no++;
    return e;
}

static const char *pagerduty_hint(const struct source *s, int status)
{
    (void)s;
    return status == 401 ? "its header Authorization must be \"Token token=KEY\", with a read-only key of the REST API" : NULL;
}

static enum err pagerduty_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink,
                               struct source **ret, struct errctx *ctx)
{
    static const struct alertfeed_ops ops = {"incidents", make_url, take};
    (void)ps;
    return alertfeed_open(&source_pagerduty, &ops, cfg, sink, ret, ctx);
}

const struct source_ops source_pagerduty = {
    .name = "pagerduty",
    .kind = SOURCE_PAGERDUTY,
    .accept = "application/vnd.pagerduty+json;version=2",
    .open = pagerduty_open,
    .close = alertfeed_close,
    .request = alertfeed_request,
    .begin = alertfeed_begin,
    .feed = alertfeed_feed,
    .finish = alertfeed_finish,
    .fail = alertfeed_fail,
    .hint = pagerduty_hint,
    .remark = alertfeed_remark,
};
