/* SPDX-License-Identifier: MIT */
/* Grafana OnCall, and Grafana IRM by the same API: alert groups, by GET /api/v1/alert_groups/, newest first, page by page, down to groups
 * that are over for long. The key is the header Authorization itself, without a word before it.
 *
 * There is no filter for several states, so all of them are read. After two pages of nothing but what is resolved, and past the oldest
 * group that was open at the poll before, the rest is left: what was resolved is told as over, and of a group that was not reached nothing
 * is known, so that it does not end. Pages are numbered: an address that the answer names is not followed. API: grafana.com/docs/oncall,
 * alert groups. */
#include <stdlib.h>
#include <string.h>

#include "source/alertfeed.h"

enum { RESOLVED_PAGES = 2 };

struct oncall {
    struct alertfeed f;
    int64_t open_ms, open_before_ms; /* since when the oldest open group is there: of this poll, and of the one before; 0 = none */
};

static bool make_url(struct alertfeed *f)
{
    struct oncall *p = (struct oncall *)f;
    if (f->page_no == 0) {
        p->open_before_ms = p->open_ms;
        p->open_ms = 0;
    }
    return str_format(f->url, sizeof f->url, "%s/api/v1/alert_groups/?page=%u", f->base_url, f->page_no + 1);
}

static enum err take_group(struct oncall *p, const struct jsontree *o, bool *ret_resolved, struct errctx *ctx)
{
    const struct jsontree *last = jsontree_get(o, "last_alert"), *payload = jsontree_get(last, "payload"),
                          *set = jsontree_get(payload, "commonLabels") != NULL ? jsontree_get(payload, "commonLabels")
                                                                               : jsontree_get(payload, "labels"),
                          *notes = jsontree_get(payload, "commonAnnotations") != NULL ? jsontree_get(payload, "commonAnnotations")
                                                                                      : jsontree_get(payload, "annotations");
    const struct str state = jsonbody_text(o, "state"), acked_by = jsonbody_text(o, "acknowledged_by");
    struct outside_label labels[OUTSIDE_LABELS_MAX];
    struct outside_told told = {.fingerprint = jsonbody_text(o, "id"), .labels = labels, .label_count = alertfeed_labels(set, labels)};
    *ret_resolved = str_eq_z(state, "resolved");
    if (*ret_resolved) {
        told = (struct outside_told){.fingerprint = told.fingerprint, .state = OUTSIDE_OVER};
        return told.fingerprint.n > 0 ? alertfeed_tell(&p->f, &told, ctx) : ERR_OK;
    }
    alertfeed_annotations(notes, &told);
    told.name = jsonbody_text(o, "title");
    told.severity = jsonbody_text(set, "severity");
    told.starts_ms = alertfeed_time(o, "created_at");
    if (told.starts_ms != 0 && (p->open_ms == 0 || told.starts_ms < p->open_ms))
        p->open_ms = told.starts_ms;
    if (told.dashboard.n == 0)
        told.dashboard = jsonbody_text(jsontree_get(o, "permalinks"), "web");
    const bool acked = str_eq_z(state, "acknowledged"), silenced = str_eq_z(state, "silenced");
    told.state = silenced ? OUTSIDE_SILENCED : OUTSIDE_FIRING;
    told.acked_by = !acked ? (struct str){"", 0} : acked_by.n > 0 ? acked_by : str_of("somebody");
    if (told.fingerprint.n == 0 || (!acked && !silenced && !str_eq_z(state, "new") && !str_eq_z(state, "firing"))) {
        alertfeed_hole(&p->f, told.fingerprint.n == 0 ? "an alert group has no id" : "an alert group has a state that is not known",
                       told.name);
        return ERR_OK;
    }
    return alertfeed_tell(&p->f, &told, ctx);
}

static enum err take(struct alertfeed *f, const struct jsontree *root, struct errctx *ctx)
{
    const struct jsontree *list = jsontree_get(root, "results"), *next = jsontree_get(root, "next");
    struct oncall *p = (struct oncall *)f;
    const bool more = next != NULL && next->kind == JSONTREE_STRING;
    bool all_resolved = true, is_past = p->open_before_ms == 0;
    enum err e = ERR_OK;
    if (list == NULL || list->kind != JSONTREE_ARRAY)
        return errctx_set(ctx, ERR_PARSE, "it answers with JSON that is no list of alert groups");
    for (const struct jsontree *o = list->child; e == ERR_OK && o != NULL; o = o->next) {
        bool resolved;
        e = take_group(p, o, &resolved, ctx);
        all_resolved = all_resolved && resolved;
        const int64_t created_ms = alertfeed_time(o, "created_at");
        is_past = is_past || (created_ms != 0 && created_ms < p->open_before_ms);
    }
    f->step = all_resolved ? f->step + 1 : 0; /* pages in a row that are history */
    f->page_no++;
    const bool cut = more && f->step >= RESOLVED_PAGES && is_past;
    f->holes = f->holes || cut;
    if (!more || cut)
        f->step = ALERTFEED_DONE;
    return e;
}

static const char *oncall_hint(const struct source *s, int status)
{
    (void)s;
    return status == 401 || status == 403 ? "its header Authorization must be the key alone, without Bearer or Token before it" : NULL;
}

static enum err oncall_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink, struct source **ret,
                            struct errctx *ctx)
{
    static const struct alertfeed_ops ops = {"alert groups", make_url, take};
    struct oncall *p = calloc(1, sizeof *p);
    (void)ps;
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    enum err e = alertfeed_init(&p->f, &source_oncall, &ops, cfg, sink, ctx);
    if (e != ERR_OK) {
        alertfeed_close(&p->f.base);
        return e;
    }
    *ret = &p->f.base;
    return ERR_OK;
}

const struct source_ops source_oncall = {
    .name = "grafana-oncall",
    .kind = SOURCE_ONCALL,
    .accept = "application/json",
    .open = oncall_open,
    .close = alertfeed_close,
    .request = alertfeed_request,
    .begin = alertfeed_begin,
    .feed = alertfeed_feed,
    .finish = alertfeed_finish,
    .fail = alertfeed_fail,
    .hint = oncall_hint,
    .remark = alertfeed_remark,
};
