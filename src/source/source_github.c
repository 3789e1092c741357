/* SPDX-License-Identifier: MIT */
/* GitHub's deployments of a repository.
 *
 * How this works: the list is asked for with the etag of the last one, since an answer of "the same" costs nothing of the hourly limit.
 * When a deployment began only its statuses tell, a request each: those of deployments that are not over yet are asked for, some with each
 * poll. It is told when it began to be rolled out, and once more where that failed. API: docs.github.com/rest/deployments. */
#include <stdlib.h>
#include <string.h>

#include "source/changes.h"

enum {
    LISTED = 50,       /* deployments that are looked at */
    STATUSES_POLL = 5, /* whose statuses are asked for, with each poll */
    SETTLED = 256,     /* of which it is remembered that nothing more is to be learned */
    SHA_SHOWN = 7,
    ETAG_MAX = 128,
};
static const int64_t untold_ms = 10 * 60 * 1000; /* without a status for this long, a deployment has none */

struct deployment {
    char id[24], text[CHANGES_TEXT_MAX], scope[256];
    enum event_kind kind;
    int64_t at_ms;
    bool asked; /* in this poll */
};

struct github {
    struct changes c;
    char etag[ETAG_MAX], etag_new[ETAG_MAX];
    struct deployment list[LISTED]; /* that are not settled */
    size_t count, first;   /* first: where asking for statuses begins, so that none that waits for long keeps others from being asked for */
    int64_t floor_ms;      /* older ones were there before this run and its backfill */
    struct deployment *of; /* whose statuses are being asked for; NULL = the list is */
    int statuses;
    bool over;
    char settled[SETTLED][24];
    size_t settled_next;
};

static void github_close(struct source *s)
{
    struct github *g = (struct github *)s;
    if (g == NULL)
        return;
    changes_fini(&g->c);
    free(g);
}

static enum err github_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink, struct source **ret,
                            struct errctx *ctx)
{
    struct github *g = calloc(1, sizeof *g);
    (void)ps;
    if (g == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    enum err e = changes_init(&g->c, &source_github, cfg, sink, ctx);
    if (e != ERR_OK) {
        github_close(&g->c.base);
        return e;
    }
    *ret = &g->c.base;
    return ERR_OK;
}

/* ---- asking ---- */

static struct deployment *next_deployment(struct github *g)
{
    for (size_t i = 0; g->statuses < STATUSES_POLL && i < g->count; i++)
        if (!g->list[(g->first + i) % g->count].asked)
            return &g->list[(g->first + i) % g->count];
    return NULL;
}

static bool github_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct github *g = (struct github *)s;
    if (changes_start(&g->c, now_ms)) {
        g->of = NULL;
        g->first = g->count > STATUSES_POLL ? (g->first + STATUSES_POLL) % g->count : 0;
        g->statuses = 0;
        g->over = false;
        for (size_t i = 0; i < g->count; i++)
            g->list[i].asked = false;
        (void)str_format(g->c.url, sizeof g->c.url, "%s/deployments?per_page=%d", g->c.root, LISTED);
        *ret = (struct source_request){.url = g->c.url, .etag = g->etag[0] != '\0' ? g->etag : NULL};
        return true;
    }
    g->of = g->over ? NULL : next_deployment(g);
    if (g->of == NULL) {
        g->c.polling = false;
        return false;
    }
    g->of->asked = true;
    g->statuses++;
    (void)str_format(g->c.url, sizeof g->c.url, "%s/deployments/%s/statuses?per_page=%d", g->c.root, g->of->id, LISTED);
    *ret = (struct source_request){.url = g->c.url};
    return true;
}

static void github_begin(struct source *s, const struct source_answer *head)
{
    struct github *g = (struct github *)s;
    changes_begin(s, head);
    if (g->of == NULL)
        (void)str_copy(g->etag_new, sizeof g->etag_new, str_of(head->etag != NULL ? head->etag : ""));
}

/* ---- understanding ---- */

static bool is_settled(const struct github *g, const char *id)
{
    for (size_t i = 0; i < SETTLED; i++)
        if (strcmp(g->settled[i], id) == 0)
            return true;
    return false;
}

static void settle(struct github *g, struct deployment *d)
{
    memcpy(g->settled[g->settled_next], d->id, sizeof d->id);
    g->settled_next = (g->settled_next + 1) % SETTLED;
    *d = g->list[--g->count];
    g->of = NULL;
}

static bool read_deployment(struct github *g, const struct jsontree *o, struct deployment *ret)
{
    struct arena *a = &g->c.body.tree;
    const struct jsontree *id = jsontree_get(o, "id");
    struct str sha = jsonbody_text(o, "sha");
    const struct str environment = jsonbody_text(o, "environment"), task = jsonbody_text(o, "task");
    struct labels l;
    if (id == NULL || id->kind != JSONTREE_NUMBER || !str_copy(ret->id, sizeof ret->id, id->text) ||
        !jsonbody_instant(o, "created_at", &ret->at_ms)) {
        g->c.sink->warning(g->c.sink->ctx, 0, "a deployment has no id or no time: left out", environment);
        return false;
    }
    labels_begin(&l, g->c.cfg, EVENT_DEPLOY);
    labels_take_pair(&l, "environment", environment);
    labels_take_pair(&l, "task", task);
    sha.n = sha.n > SHA_SHOWN ? SHA_SHOWN : sha.n;
    const char *ref = changes_text(a, jsonbody_text(o, "ref")), *commit = changes_text(a, sha), *to = changes_text(a, environment),
               *who = changes_text(a, jsonbody_text(jsontree_get(o, "creator"), "login")), *scope = labels_scope(&l, a);
    if (ref == NULL || commit == NULL || to == NULL || who == NULL || scope == NULL)
        return false;
    ret->kind = l.kind;
    ret->asked = false;
    (void)str_format(ret->text, sizeof ret->text, "%s (%s) to %s%s%s", ref[0] != '\0' ? ref : "a deployment", commit,
                     to[0] != '\0' ? to : "an environment without a name", who[0] != '\0' ? " by " : "", who);
    return str_format(ret->scope, sizeof ret->scope, "%s", scope) && changes_wants(g->c.cfg, environment, false);
}

static enum err take_list(struct github *g, struct errctx *ctx)
{
    const struct jsontree *root;
    enum err e = jsonbody_read(&g->c.body, "deployments", &root, ctx);
    if (e == ERR_OK && root->kind != JSONTREE_ARRAY)
        e = errctx_set(ctx, ERR_PARSE,
                       "it answers with JSON that is no list of deployments: is this https://api.github.com/repos/OWNER/NAME?");
    if (e != ERR_OK)
        return e;
    if (g->c.read_ms == 0)
        g->floor_ms = g->c.from_ms;
    g->count = 0;
    for (const struct jsontree *o = root->child; o != NULL && g->count < LISTED; o = o->next) {
        struct deployment *d = &g->list[g->count];
        if (read_deployment(g, o, d) && d->at_ms >= g->floor_ms && !is_settled(g, d->id))
            g->count++;
    }
    memcpy(g->etag, g->etag_new, sizeof g->etag);
    g->c.read_ms = g->c.now_ms;
    return ERR_OK;
}

static enum err tell(struct github *g, const struct deployment *d, const char *how, int64_t at_ms, const char *text, struct errctx *ctx)
{
    char key[48], sentence[CHANGES_TEXT_MAX + 40];
    (void)str_format(key, sizeof key, "%s%s", d->id, how);
    (void)str_format(sentence, sizeof sentence, "%s%s", text, d->text);
    const struct source_change change = {.at_ms = at_ms, .kind = d->kind, .scope = d->scope, .text = sentence, .key = key, .url = ""};
    return changes_tell(&g->c, &change, ctx);
}

/* When it began, and when it failed; 0 = it did not. */
struct course {
    int64_t began_ms, failed_ms;
    bool over;
};

static struct course course_of(const struct jsontree *statuses)
{
    struct course c = {0, 0, false};
    for (const struct jsontree *o = statuses->child; o != NULL; o = o->next) {
        const struct str state = jsonbody_text(o, "state");
        const bool failed = str_eq_z(state, "failure") || str_eq_z(state, "error"), good = str_eq_z(state, "success");
        int64_t at;
        if (!jsonbody_instant(o, "created_at", &at))
            continue;
        if ((good || str_eq_z(state, "in_progress")) && (c.began_ms == 0 || at < c.began_ms))
            c.began_ms = at;
        if (failed)
            c.failed_ms = at > c.failed_ms ? at : c.failed_ms;
        c.over |= failed || good || str_eq_z(state, "inactive");
    }
    return c;
}

static enum err take_statuses(struct github *g, struct errctx *ctx)
{
    const struct jsontree *root;
    struct deployment *d = g->of;
    enum err e = jsonbody_read(&g->c.body, "statuses of a deployment", &root, ctx);
    if (e == ERR_OK && root->kind != JSONTREE_ARRAY)
        e = errctx_set(ctx, ERR_PARSE, "it answers with JSON that is no list of statuses");
    if (e != ERR_OK)
        return e;
    struct course c = course_of(root);
    const bool untold = root->child == NULL && g->c.now_ms - d->at_ms >= untold_ms;
    if (c.began_ms == 0 && (c.over || untold)) /* what it went through is not told */
        c.began_ms = d->at_ms;
    if (c.began_ms != 0)
        e = tell(g, d, "", c.began_ms, "", ctx);
    if (e == ERR_OK && c.failed_ms != 0)
        e = tell(g, d, ":failed", c.failed_ms, "failed: ", ctx);
    if (e == ERR_OK && (c.over || untold))
        settle(g, d);
    return e;
}

static enum err github_finish(struct source *s, struct errctx *ctx)
{
    struct github *g = (struct github *)s;
    if (g->c.same) {
        g->c.read_ms = g->c.now_ms;
        return ERR_OK;
    }
    enum err e = g->of != NULL ? take_statuses(g, ctx) : take_list(g, ctx);
    g->over = e != ERR_OK;
    return e;
}

static bool github_fail(struct source *s, int status)
{
    struct github *g = (struct github *)s;
    if (g->of != NULL && status == 404) { /* it was deleted meanwhile */
        settle(g, g->of);
        return true;
    }
    g->over = true;
    return false;
}

static const char *github_hint(const struct source *s, int status)
{
    (void)s;
    switch (status) {
    case 401: return "bearer must be a token that may read deployments";
    case 403:
    case 429: return "the token may not read deployments, or its hourly limit is used up (5,000 requests; 60 without a token)";
    case 404: return "is this https://api.github.com/repos/OWNER/NAME, and may the token see it?";
    default: return NULL;
    }
}

static const char *github_remark(const struct source *s)
{
    (void)s;
    return NULL;
}

const struct source_ops source_github = {
    .name = "github",
    .kind = SOURCE_GITHUB,
    .accept = "application/vnd.github+json",
    .open = github_open,
    .close = github_close,
    .request = github_request,
    .begin = github_begin,
    .feed = changes_feed,
    .finish = github_finish,
    .fail = github_fail,
    .hint = github_hint,
    .remark = github_remark,
};
