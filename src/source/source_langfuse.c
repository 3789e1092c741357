/* SPDX-License-Identifier: MIT */
/* Langfuse: scores, by GET /api/public/v3/scores (cursor), of hosts before 3.179 by /api/public/v2/scores (page).
 *
 * Which version a host has is found out by asking: 404 of one is a try of the other. Nothing is taken for granted of the order of scores;
 * that a host heeds no time is noticed by what lies outside it. Comments, which come with the details, are not looked at. API:
 * langfuse.com/docs/api-and-data-platform/features/scores-api (4.16). */
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "source/evals.h"

enum { LIMIT = 100 }; /* per page, the most that either version gives */

struct langfuse {
    struct source base;
    struct evals e;
    int version;      /* 3 or 2 */
    bool known;       /* it has answered */
    bool tried_other; /* since it last answered */
};

static void langfuse_close(struct source *s)
{
    struct langfuse *p = (struct langfuse *)s;
    if (p == NULL)
        return;
    evals_fini(&p->e);
    free(p);
}

static enum err langfuse_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink,
                              struct source **ret, struct errctx *ctx)
{
    struct langfuse *p = calloc(1, sizeof *p);
    (void)ps;
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    p->base.ops = &source_langfuse;
    p->version = 3;
    enum err err = evals_init(&p->e, cfg, sink, ctx);
    if (err != ERR_OK) {
        langfuse_close(&p->base);
        return err;
    }
    *ret = &p->base;
    return ERR_OK;
}

static bool make_url(struct langfuse *p)
{
    struct evals *e = &p->e;
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], cursor[3 * EVALS_CURSOR_MAX];
    instant_format_iso(e->sweep.from_ms, from);
    instant_format_iso(e->sweep.to_ms, to);
    if (p->version == 2)
        return str_format(e->url, sizeof e->url, "%s/api/public/v2/scores?limit=%d&page=%u&fields=score&fromTimestamp=%s&toTimestamp=%s",
                          e->base_url, LIMIT, e->pages + 1, from, to);
    return evals_escape(str_of(e->cursor), cursor, sizeof cursor) &&
           str_format(e->url, sizeof e->url, "%s/api/public/v3/scores?limit=%d&fields=details&fromTimestamp=%s&toTimestamp=%s%s%s",
                      e->base_url, LIMIT, from, to, cursor[0] != '\0' ? "&cursor=" : "", cursor);
}

static bool langfuse_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct langfuse *p = (struct langfuse *)s;
    if (!evals_go_on(&p->e, now_ms))
        return false;
    if (!make_url(p)) {
        evals_no_request(&p->e);
        return false;
    }
    *ret = (struct source_request){.url = p->e.url};
    return true;
}

static void langfuse_begin(struct source *s, const struct source_answer *head)
{
    struct langfuse *p = (struct langfuse *)s;
    (void)head;
    evals_begin(&p->e);
}

static enum err langfuse_feed(struct source *s, const void *bytes, size_t n, struct errctx *ctx)
{
    struct langfuse *p = (struct langfuse *)s;
    return evals_feed(&p->e, bytes, n, ctx);
}

/* ---- understanding ---- */

/* What it is worth; false: it is none that counts. *ret_why: a fault of it, NULL = it is prose. */
static bool read_value(const struct jsontree *o, struct score_told *ret, const char **ret_why)
{
    const struct str type = jsonbody_text(o, "dataType"), label = jsonbody_text(o, "stringValue");
    const struct jsontree *v = jsontree_get(o, "value");
    const bool is_number = v != NULL && v->kind == JSONTREE_NUMBER && str_to_f64(v->text, &ret->value);
    *ret_why = NULL;
    if (str_eq_z(type, "BOOLEAN")) {
        const bool is_bool = v != NULL && (v->kind == JSONTREE_TRUE || v->kind == JSONTREE_FALSE);
        if (is_bool)
            ret->value = v->kind == JSONTREE_TRUE;
        ret->kind = SCORE_BOOL;
        *ret_why = "is boolean, and its value is neither true nor false: left out";
        return is_bool || (is_number && (ret->value == 0 || ret->value == 1));
    }
    if (str_eq_z(type, "CATEGORICAL")) {
        ret->kind = SCORE_LABEL;
        ret->label = label.n > 0 ? label : jsonbody_text(o, "value"); /* version 2 has the label beside its number */
        *ret_why = "is categorical, and its label is missing, or longer than 64 bytes: left out";
        return ret->label.n > 0 && ret->label.n <= SCORE_LABEL_MAX;
    }
    if (str_eq_z(type, "TEXT") || str_eq_z(type, "CORRECTION"))
        return false;
    ret->kind = SCORE_NUMBER;
    *ret_why =
        str_eq_z(type, "NUMERIC") ? "is numeric, and its value is no number: left out" : "is of a data type that is not known: left out";
    return str_eq_z(type, "NUMERIC") && is_number;
}

/* One score to the sink. *ret_in: whether it lies in the stretch. False: the sink said stop. */
static bool take_score(const struct evals *e, const struct jsontree *o, bool *ret_in)
{
    const struct jsontree *metadata = jsontree_get(o, "metadata");
    const struct str version = jsonbody_text(metadata, "judge_version");
    struct score_told score = {.id = jsonbody_text(o, "id"),
                               .name = jsonbody_text(o, "name"),
                               .model = jsonbody_text(metadata, "model"),
                               .judge = version.n > 0 ? version : jsonbody_text(o, "configId"),
                               .better = SCORE_UNTOLD};
    const char *why = "has no time that can be read: left out";
    const bool timed = score_time(jsonbody_text(o, "timestamp"), &score.t_ms);
    *ret_in = timed && score.t_ms >= e->sweep.from_ms && score.t_ms < e->sweep.to_ms;
    if (timed && !*ret_in)
        return true;
    if (!timed || !read_value(o, &score, &why)) {
        if (why != NULL)
            e->sink->warning(e->sink->ctx, 0, why, score.name);
        return true;
    }
    return e->sink->score(e->sink->ctx, &score);
}

static enum err take_scores(const struct evals *e, const struct jsontree *data, struct errctx *ctx)
{
    size_t count = 0, inside = 0;
    for (const struct jsontree *o = data->child; o != NULL; o = o->next, count++) {
        bool in = false;
        if (!take_score(e, o, &in))
            return errctx_set(ctx, ERR_LIMIT, "a score was refused");
        inside += in;
    }
    if (count > 0 && inside == 0)
        return errctx_set(ctx, ERR_PARSE, "it tells scores of other times than those that were asked for");
    return ERR_OK;
}

/* What comes after this page; n 0: it is the last. Version 2 has a number of pages, and what stands for a cursor is only that there are
 * more. */
static struct str next_of(const struct langfuse *p, const struct jsontree *root, const struct jsontree *data)
{
    const struct jsontree *meta = jsontree_get(root, "meta"), *total = jsontree_get(meta, "totalPages");
    double pages = 0;
    if (p->version == 3)
        return jsonbody_text(meta, "cursor");
    bool told = total != NULL && total->kind == JSONTREE_NUMBER && str_to_f64(total->text, &pages);
    return (told ? p->e.pages + 1 < pages : data->child != NULL) ? str_of("page") : (struct str){"", 0};
}

static enum err langfuse_finish(struct source *s, struct errctx *ctx)
{
    struct langfuse *p = (struct langfuse *)s;
    const struct jsontree *root, *data;
    enum err err = evals_read(&p->e, "data", "scores", &root, &data, ctx);
    if (err == ERR_OK) {
        p->known = true;
        p->tried_other = false;
        err = take_scores(&p->e, data, ctx);
    }
    if (err == ERR_OK)
        err = evals_page(&p->e, next_of(p, root, data), evals_hash(data, "id"), ctx);
    if (err != ERR_OK)
        evals_give_up(&p->e);
    return err;
}

static bool langfuse_fail(struct source *s, int status)
{
    struct langfuse *p = (struct langfuse *)s;
    if (status == 404 && !p->tried_other) { /* of an older host, or of one that was brought up to date meanwhile */
        p->version = p->version == 3 ? 2 : 3;
        p->tried_other = true;
        p->e.sweep.reading = SWEEP_NOTHING;
        return true;
    }
    p->version = p->known ? p->version : 3;
    p->tried_other = false;
    if (status == 400) /* a cursor does not live for ever */
        evals_give_up(&p->e);
    p->e.over = true;
    return false;
}

static const char *langfuse_hint(const struct source *s, int status)
{
    (void)s;
    switch (status) {
    case 401:
    case 403: return "user must be the public key (pk-lf-...) and password the secret key (sk-lf-...) of the same project";
    case 404: return "neither /api/public/v3/scores nor /api/public/v2/scores is there: is this the address of Langfuse, without /api?";
    default: return NULL;
    }
}

static const char *langfuse_remark(const struct source *s)
{
    struct langfuse *p = (struct langfuse *)(uintptr_t)s; /* the text is kept in it */
    const char *past = evals_remark(&p->e);
    return past != NULL                  ? past
           : p->known && p->version == 2 ? "an older Langfuse: read by version 2 of its API, which ends with Langfuse 4"
                                         : NULL;
}

const struct source_ops source_langfuse = {
    .name = "langfuse",
    .kind = SOURCE_LANGFUSE,
    .accept = "application/json",
    .open = langfuse_open,
    .close = langfuse_close,
    .request = langfuse_request,
    .begin = langfuse_begin,
    .feed = langfuse_feed,
    .finish = langfuse_finish,
    .fail = langfuse_fail,
    .hint = langfuse_hint,
    .remark = langfuse_remark,
};
