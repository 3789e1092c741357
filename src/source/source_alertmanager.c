/* SPDX-License-Identifier: MIT */
/* Alertmanager: alerts and the silences that they are under, by GET /api/v2/silences and /api/v2/alerts (0.15 and later; mutedBy from 0.28
 * on).
 *
 * Silences come first, so that an alert is told with the comment and the end of its silence; where only they are refused, alerts are told
 * without. An alert's endsAt is when it ends unless it is told again (now and resolve_timeout), so only one that has passed ends it. Read
 * only: a silence is made by gwtop silence alone (netcli/cmd_silence.c). API: github.com/prometheus/alertmanager, api/v2/openapi.yaml. */
#include <stdlib.h>
#include <string.h>

#include "source/alertfeed.h"
#include "source/evals.h"

enum { STEP_SILENCES, STEP_ALERTS };
enum {
    SILENCES_MAX = 16
}; /* of one alert that are looked at: lists and ids are as long as the answer likes, and nothing else is read meanwhile */

struct silence {
    struct silence *next;
    struct str id, comment, by;
    int64_t ends_ms;
};

/* An alert that others may name. */
struct named {
    struct str fingerprint, name;
};

struct alertmanager {
    struct alertfeed f;
    char filter[2048]; /* "&filter=..." for each matcher of the configuration */
    struct silence *silences;
    const struct silence **by_id; /* of the poll, sorted */
    size_t silence_count;
    struct named *by_print; /* of the answer, sorted */
    size_t print_count;
};

/* ---- asking ---- */

/* Where the matcher at s ends: at a comma outside quotes. */
static size_t matcher_end(struct str s)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < s.n && (quoted || s.p[i] != ','); i++) {
        if (quoted && s.p[i] == '\\' && i + 1 < s.n)
            i++;
        else if (s.p[i] == '"')
            quoted = !quoted;
    }
    return i;
}

/* One filter for each matcher: older versions read no list of them. */
static bool make_filter(struct alertmanager *p, const char *match)
{
    struct str rest = match != NULL ? str_of(match) : (struct str){"", 0};
    size_t used = 0;
    while (rest.n > 0) {
        struct str one = {rest.p, matcher_end(rest)};
        char escaped[1024];
        rest = one.n < rest.n ? (struct str){rest.p + one.n + 1, rest.n - one.n - 1} : (struct str){"", 0};
        while (one.n > 0 && one.p[0] == ' ')
            one = (struct str){one.p + 1, one.n - 1};
        if (one.n == 0)
            continue;
        if (!evals_escape(one, escaped, sizeof escaped) ||
            !str_format(p->filter + used, sizeof p->filter - used, "%cfilter=%s", used > 0 ? '&' : '?', escaped))
            return false;
        used = strlen(p->filter);
    }
    return true;
}

static bool make_url(struct alertfeed *f)
{
    struct alertmanager *p = (struct alertmanager *)f;
    if (f->step == STEP_SILENCES) {
        p->silences = NULL;
        p->silence_count = 0;
        return str_format(f->url, sizeof f->url, "%s/api/v2/silences", f->base_url);
    }
    return str_format(f->url, sizeof f->url, "%s/api/v2/alerts%s", f->base_url, p->filter);
}

/* ---- understanding ---- */

static int by_text(struct str a, struct str b)
{
    const int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_id(const void *x, const void *y)
{
    return by_text((*(const struct silence *const *)x)->id, (*(const struct silence *const *)y)->id);
}

static int by_print(const void *x, const void *y)
{
    return by_text(((const struct named *)x)->fingerprint, ((const struct named *)y)->fingerprint);
}

static enum err take_silences(struct alertmanager *p, const struct jsontree *root, struct errctx *ctx)
{
    struct arena *a = &p->f.kept;
    for (const struct jsontree *o = root->child; o != NULL; o = o->next) {
        const struct str state = jsonbody_text(jsontree_get(o, "status"), "state");
        if (!str_eq_z(state, "active")) /* those that are over are told, too */
            continue;
        struct silence *s = arena_alloc(a, sizeof *s);
        const char *id = arena_strdup(a, jsonbody_text(o, "id")), *comment = arena_strdup(a, jsonbody_text(o, "comment")),
                   *by = arena_strdup(a, jsonbody_text(o, "createdBy"));
        if (s == NULL || id == NULL || comment == NULL || by == NULL)
            return errctx_set(ctx, ERR_LIMIT, "its silences are more than %zu MB", a->max >> 20);
        *s = (struct silence){p->silences, str_of(id), str_of(comment), str_of(by), alertfeed_time(o, "endsAt")};
        p->silences = s;
        p->silence_count++;
    }
    p->by_id = arena_array(a, p->silence_count + 1, sizeof *p->by_id);
    if (p->by_id == NULL)
        return errctx_set(ctx, ERR_LIMIT, "its silences are more than %zu MB", a->max >> 20);
    size_t n = 0;
    for (const struct silence *s = p->silences; s != NULL; s = s->next)
        p->by_id[n++] = s;
    qsort(p->by_id, n, sizeof *p->by_id, by_id);
    p->f.step = STEP_ALERTS;
    return ERR_OK;
}

static bool has_any(const struct jsontree *list)
{
    return list != NULL && list->kind == JSONTREE_ARRAY && list->child != NULL;
}

/* Of several silences the one that lasts longest: until then it is silent. */
static void tell_silence(const struct alertmanager *p, const struct jsontree *by, struct outside_told *told)
{
    const struct silence *best = NULL;
    int looked = 0;
    for (const struct jsontree *id = by->child; p->silence_count > 0 && id != NULL && looked < SILENCES_MAX; id = id->next, looked++) {
        const struct silence wanted = {.id = id->text}, *key = &wanted;
        const struct silence *const *found =
            id->kind == JSONTREE_STRING ? bsearch(&key, p->by_id, p->silence_count, sizeof *p->by_id, by_id) : NULL;
        if (found != NULL && (best == NULL || (*found)->ends_ms > best->ends_ms))
            best = *found;
    }
    if (best == NULL)
        return;
    told->quiet = best->comment;
    told->quiet_by = best->by;
    told->quiet_until_ms = best->ends_ms;
}

/* The alerts of the answer by fingerprint, for those that name what inhibits them. */
static enum err sort_alerts(struct alertmanager *p, const struct jsontree *alerts, struct errctx *ctx)
{
    size_t n = 0;
    for (const struct jsontree *o = alerts->child; o != NULL; o = o->next)
        n++;
    p->by_print = arena_array(&p->f.kept, n + 1, sizeof *p->by_print);
    p->print_count = 0;
    if (p->by_print == NULL)
        return errctx_set(ctx, ERR_LIMIT, "its alerts and silences are more than %zu MB", p->f.kept.max >> 20);
    for (const struct jsontree *o = alerts->child; o != NULL; o = o->next)
        p->by_print[p->print_count++] =
            (struct named){jsonbody_text(o, "fingerprint"), jsonbody_text(jsontree_get(o, "labels"), "alertname")};
    qsort(p->by_print, p->print_count, sizeof *p->by_print, by_print);
    return ERR_OK;
}

/* The name of the alert with that fingerprint, else the fingerprint. */
static struct str name_of(const struct alertmanager *p, struct str fingerprint)
{
    const struct named wanted = {.fingerprint = fingerprint};
    const struct named *found = p->print_count > 0 ? bsearch(&wanted, p->by_print, p->print_count, sizeof wanted, by_print) : NULL;
    return found != NULL ? found->name : fingerprint;
}

/* False: its state is none that is known. */
static bool read_state(const struct alertmanager *p, const struct jsontree *o, struct outside_told *told)
{
    const struct jsontree *status = jsontree_get(o, "status"), *silenced = jsontree_get(status, "silencedBy"),
                          *inhibited = jsontree_get(status, "inhibitedBy"), *muted = jsontree_get(status, "mutedBy");
    const struct str state = jsonbody_text(status, "state");
    const int64_t ends_ms = alertfeed_time(o, "endsAt");
    if (ends_ms != 0 && ends_ms <= p->f.now_ms) {
        told->state = OUTSIDE_OVER;
        told->ends_ms = ends_ms;
        return true;
    }
    told->state = OUTSIDE_FIRING;
    if (str_eq_z(state, "active"))
        return true;
    if (str_eq_z(state, "unprocessed")) { /* it has just come: whether it is silenced is not known yet */
        told->state = OUTSIDE_PENDING;
        return true;
    }
    if (!str_eq_z(state, "suppressed"))
        return false;
    told->state = has_any(silenced) ? OUTSIDE_SILENCED : OUTSIDE_INHIBITED;
    if (has_any(silenced))
        tell_silence(p, silenced, told);
    else if (has_any(inhibited) && inhibited->child->kind == JSONTREE_STRING)
        told->quiet_by = name_of(p, inhibited->child->text);
    else if (has_any(muted) && muted->child->kind == JSONTREE_STRING)
        told->quiet_by = muted->child->text;
    return true;
}

static enum err take_alerts(struct alertmanager *p, const struct jsontree *root, struct errctx *ctx)
{
    enum err e = sort_alerts(p, root, ctx);
    for (const struct jsontree *o = root->child; e == ERR_OK && o != NULL; o = o->next) {
        struct outside_label labels[OUTSIDE_LABELS_MAX];
        const struct jsontree *set = jsontree_get(o, "labels");
        size_t all = 0;
        struct outside_told told = {.fingerprint = jsonbody_text(o, "fingerprint"), .labels = labels};
        told.label_count = alertfeed_labels(set, labels);
        for (const struct jsontree *l = set != NULL ? set->child : NULL; l != NULL; l = l->next)
            all++;
        told.labels_cut = all > told.label_count;
        told.name = jsonbody_text(set, "alertname");
        told.severity = jsonbody_text(set, "severity");
        told.starts_ms = alertfeed_time(o, "startsAt");
        alertfeed_annotations(jsontree_get(o, "annotations"), &told);
        if (told.dashboard.n == 0)
            told.dashboard = jsonbody_text(o, "generatorURL");
        if (told.label_count == 0 || !read_state(p, o, &told))
            alertfeed_hole(&p->f, told.label_count == 0 ? "an alert has no labels" : "an alert has a state that is not known", told.name);
        else
            e = alertfeed_tell(&p->f, &told, ctx);
    }
    p->f.step = ALERTFEED_DONE;
    return e;
}

static enum err take(struct alertfeed *f, const struct jsontree *root, struct errctx *ctx)
{
    struct alertmanager *p = (struct alertmanager *)f;
    if (root->kind != JSONTREE_ARRAY)
        return errctx_set(ctx, ERR_PARSE, "it answers with JSON that is no list of %s: is this the base address, without /api/v2?",
                          f->step == STEP_SILENCES ? "silences" : "alerts");
    return f->step == STEP_SILENCES ? take_silences(p, root, ctx) : take_alerts(p, root, ctx);
}

static bool alertmanager_fail(struct source *s, int status)
{
    struct alertfeed *f = (struct alertfeed *)s;
    if (f->polling && f->step == STEP_SILENCES && (status == 403 || status == 404)) {
        f->step = STEP_ALERTS;
        (void)str_format(f->remark, sizeof f->remark,
                         "its silences are refused (HTTP %d): who silenced an alert, and until when, is not known", status);
        f->remarked = true;
        return true;
    }
    return alertfeed_fail(s, status);
}

static const char *alertmanager_hint(const struct source *s, int status)
{
    (void)s;
    return status == 404 ? "/api/v2/alerts is not there: is this the address of Alertmanager, with its path prefix and without /api?"
                         : NULL;
}

static enum err alertmanager_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink,
                                  struct source **ret, struct errctx *ctx)
{
    static const struct alertfeed_ops ops = {"alerts", make_url, take};
    struct alertmanager *p = calloc(1, sizeof *p);
    (void)ps;
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    enum err e = alertfeed_init(&p->f, &source_alertmanager, &ops, cfg, sink, ctx);
    if (e == ERR_OK && !make_filter(p, cfg->match))
        e = errctx_set(ctx, ERR_CONFIG, "source %s: match is too long", cfg->name);
    if (e != ERR_OK) {
        alertfeed_close(&p->f.base);
        return e;
    }
    *ret = &p->f.base;
    return ERR_OK;
}

const struct source_ops source_alertmanager = {
    .name = "alertmanager",
    .kind = SOURCE_ALERTMANAGER,
    .accept = "application/json",
    .open = alertmanager_open,
    .close = alertfeed_close,
    .request = alertfeed_request,
    .begin = alertfeed_begin,
    .feed = alertfeed_feed,
    .finish = alertfeed_finish,
    .fail = alertmanager_fail,
    .hint = alertmanager_hint,
    .remark = alertfeed_remark,
};
