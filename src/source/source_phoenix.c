/* SPDX-License-Identifier: MIT */
/* Arize Phoenix: annotations of a project's spans.
 *
 * How this works: annotations have no times to ask by, so the spans of a stretch are listed, by when they began, and then what is said of
 * them is asked for by their ids; a score so lies at the time of the answer that it judges, however late it was given. What the spans hold
 * of prompts and answers is passed over. Configurations of annotations, which tell whether high is good and the range, are asked for with
 * the first poll and each hour, and before numbers of a name are taken that they do not tell of, once a minute at most: it may be new. API:
 * arize.com/docs/phoenix/sdk-api-reference/rest-api (GET /v1/projects/{p}/spans, .../span_annotations, /v1/annotation_configs). */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/timefmt.h"
#include "source/evals.h"

enum {
    SPANS = 50, /* per page; their ids go into one URL */
    ANNOTATIONS = 1000,
    SPAN_ID_MAX = 64,
    CONFIGS_PAGE = 200,
    CONFIGS_MAX = 1000,
    CONFIGS_MS = 60 * 60 * 1000,
    CONFIGS_AGAIN_MS = 60 * 1000, /* for a name that they do not tell of */
    ROUNDS_MAX = 100,             /* pages of annotations of one page of spans */
};

struct span {
    char id[SPAN_ID_MAX], model[SCORE_NAME_MAX];
    int64_t t_ms;
};

/* What a configuration says of scores of a name. */
struct told_rule {
    char name[SCORE_NAME_MAX];
    enum score_better better;
    double lo, hi; /* the range, where told; hi <= lo = not told */
};

enum asked { ASKED_CONFIGS, ASKED_SPANS, ASKED_ANNOTATIONS };

struct phoenix {
    struct source base;
    struct evals e;
    char project[768];
    enum asked asked;
    int64_t now_ms, configs_ms; /* of the last request; when they were read last, 0 = never */
    bool has_configs;           /* they were read once, or there are none: without them scores would be read the wrong way round */
    bool configs_due;           /* they are to be read now: for a name that they do not tell of, or for their next page */
    char configs_cursor[EVALS_CURSOR_MAX]; /* of their page to be asked for; "" = the first */
    struct told_rule rules[CONFIGS_MAX];
    size_t rule_count;
    struct span spans[SPANS]; /* of the page at hand */
    size_t span_count;
    struct buf spans_next; /* its cursor: where spans go on */
    uint64_t spans_hash;
    char cursor[EVALS_CURSOR_MAX]; /* of its annotations */
    int rounds;
};

static void phoenix_close(struct source *s)
{
    struct phoenix *p = (struct phoenix *)s;
    if (p == NULL)
        return;
    evals_fini(&p->e);
    buf_fini(&p->spans_next);
    free(p);
}

static enum err phoenix_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink,
                             struct source **ret, struct errctx *ctx)
{
    struct phoenix *p = calloc(1, sizeof *p);
    (void)ps;
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    p->base.ops = &source_phoenix;
    buf_init(&p->spans_next, EVALS_CURSOR_MAX);
    enum err err = evals_init(&p->e, cfg, sink, ctx);
    if (err == ERR_OK && !evals_escape(str_of(cfg->project != NULL ? cfg->project : "default"), p->project, sizeof p->project))
        err = errctx_set(ctx, ERR_CONFIG, "source %s: the name of its project is too long", cfg->name);
    if (err != ERR_OK) {
        phoenix_close(&p->base);
        return err;
    }
    *ret = &p->base;
    return ERR_OK;
}

/* ---- asking ---- */

static bool spans_url(struct phoenix *p)
{
    struct evals *e = &p->e;
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], cursor[3 * EVALS_CURSOR_MAX];
    instant_format_iso(e->sweep.from_ms, from);
    instant_format_iso(e->sweep.to_ms, to);
    p->asked = ASKED_SPANS;
    return evals_escape(str_of(e->cursor), cursor, sizeof cursor) &&
           str_format(e->url, sizeof e->url, "%s/v1/projects/%s/spans?limit=%d&start_time=%s&end_time=%s%s%s", e->base_url, p->project,
                      SPANS, from, to, cursor[0] != '\0' ? "&cursor=" : "", cursor);
}

static bool annotations_url(struct phoenix *p)
{
    struct evals *e = &p->e;
    char id[3 * SPAN_ID_MAX], cursor[3 * EVALS_CURSOR_MAX];
    bool fits = str_format(e->url, sizeof e->url, "%s/v1/projects/%s/span_annotations?limit=%d", e->base_url, p->project, ANNOTATIONS);
    size_t n = strlen(e->url);
    for (size_t i = 0; fits && i < p->span_count; i++, n += strlen(e->url + n))
        fits = evals_escape(str_of(p->spans[i].id), id, sizeof id) && str_format(e->url + n, sizeof e->url - n, "&span_ids=%s", id);
    p->asked = ASKED_ANNOTATIONS;
    return fits && evals_escape(str_of(p->cursor), cursor, sizeof cursor) &&
           str_format(e->url + n, sizeof e->url - n, "%s%s", cursor[0] != '\0' ? "&cursor=" : "", cursor);
}

static bool configs_url(struct phoenix *p)
{
    char cursor[3 * EVALS_CURSOR_MAX];
    p->asked = ASKED_CONFIGS;
    return evals_escape(str_of(p->configs_cursor), cursor, sizeof cursor) &&
           str_format(p->e.url, sizeof p->e.url, "%s/v1/annotation_configs?limit=%d%s%s", p->e.base_url, CONFIGS_PAGE,
                      cursor[0] != '\0' ? "&cursor=" : "", cursor);
}

static bool phoenix_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    struct phoenix *p = (struct phoenix *)s;
    if (!evals_go_on(&p->e, now_ms))
        return false;
    if (p->e.fresh) /* spans that were at hand are of another stretch */
        p->span_count = 0;
    const bool configs = !p->has_configs || p->configs_due || now_ms - p->configs_ms >= CONFIGS_MS;
    p->now_ms = now_ms;
    if (configs)
        p->configs_ms = now_ms; /* a host that refuses them is not asked with every poll */
    if (!p->configs_due)
        p->configs_cursor[0] = '\0';
    const bool fits = configs ? configs_url(p) : p->span_count > 0 ? annotations_url(p) : spans_url(p);
    if (!fits) {
        evals_no_request(&p->e);
        return false;
    }
    *ret = (struct source_request){.url = p->e.url};
    return true;
}

static void phoenix_begin(struct source *s, const struct source_answer *head)
{
    struct phoenix *p = (struct phoenix *)s;
    (void)head;
    evals_begin(&p->e);
}

static enum err phoenix_feed(struct source *s, const void *bytes, size_t n, struct errctx *ctx)
{
    struct phoenix *p = (struct phoenix *)s;
    return evals_feed(&p->e, bytes, n, ctx);
}

/* ---- understanding ---- */

static bool number_of(const struct jsontree *o, const char *key, double *ret)
{
    const struct jsontree *n = jsontree_get(o, key);
    return n != NULL && n->kind == JSONTREE_NUMBER && str_to_f64(n->text, ret);
}

/* The next page is asked for at once: of a name on it scores would be read the wrong way round. */
static void take_configs(struct phoenix *p, const struct jsontree *root, const struct jsontree *data)
{
    const struct str next = jsonbody_text(root, "next_cursor");
    if (p->configs_cursor[0] == '\0')
        p->rule_count = 0;
    const size_t before = p->rule_count;
    for (const struct jsontree *o = data->child; o != NULL && p->rule_count < CONFIGS_MAX; o = o->next) {
        struct told_rule *r = &p->rules[p->rule_count];
        const struct str better = jsonbody_text(o, "optimization_direction");
        *r = (struct told_rule){.better = str_eq_z(better, "MINIMIZE")   ? SCORE_LOWER
                                          : str_eq_z(better, "MAXIMIZE") ? SCORE_HIGHER
                                                                         : SCORE_UNTOLD};
        if (!number_of(o, "lower_bound", &r->lo) || !number_of(o, "upper_bound", &r->hi))
            r->lo = r->hi = 0;
        p->rule_count += str_copy(r->name, sizeof r->name, jsonbody_text(o, "name"));
    }
    const bool goes_on = next.n > 0 && p->rule_count > before && p->rule_count < CONFIGS_MAX && !str_eq_z(next, p->configs_cursor) &&
                         str_copy(p->configs_cursor, sizeof p->configs_cursor, next);
    if (next.n > 0 && !goes_on)
        p->e.sink->warning(p->e.sink->ctx, 0,
                           "has more annotation configurations than are read (1000): which way scores of the others are good is not known",
                           (struct str){"", 0});
    p->configs_due = goes_on;
    p->has_configs = p->has_configs || !goes_on;
}

/* The model is an attribute, by OpenInference's name or the convention's. */
static struct str model_of(const struct jsontree *span)
{
    static const char *const names[] = {"llm.model_name", "gen_ai.response.model", "gen_ai.request.model"};
    const struct jsontree *attributes = jsontree_get(span, "attributes");
    struct str model = {"", 0};
    for (size_t i = 0; model.n == 0 && i < sizeof names / sizeof names[0]; i++)
        model = jsonbody_text(attributes, names[i]);
    return model;
}

static enum err take_spans(struct phoenix *p, const struct jsontree *root, const struct jsontree *data, struct errctx *ctx)
{
    size_t count = 0, inside = 0;
    p->span_count = 0;
    for (const struct jsontree *o = data->child; o != NULL; o = o->next, count++) {
        const struct jsontree *context = jsontree_get(o, "context");
        struct span one;
        if (!score_time(jsonbody_text(o, "start_time"), &one.t_ms) || one.t_ms < p->e.sweep.from_ms || one.t_ms >= p->e.sweep.to_ms)
            continue;
        inside++;
        (void)str_copy(one.model, sizeof one.model, model_of(o));
        if (p->span_count < SPANS && str_copy(one.id, sizeof one.id, jsonbody_text(context, "span_id")) && one.id[0] != '\0')
            p->spans[p->span_count++] = one;
        else
            p->e.sink->warning(p->e.sink->ctx, 0, "a span has no id, or the page more spans than were asked for: left out",
                               (struct str){"", 0});
    }
    if (count > 0 && inside == 0)
        return errctx_set(ctx, ERR_PARSE, "it tells spans of other times than those that were asked for");
    const struct str next = jsonbody_text(root, "next_cursor");
    p->spans_hash = 1;
    for (const struct jsontree *o = data->child; o != NULL; o = o->next) {
        const struct str id = jsonbody_text(jsontree_get(o, "context"), "span_id");
        p->spans_hash = hash_bytes(id.p, id.n, p->spans_hash);
    }
    buf_reset(&p->spans_next);
    p->cursor[0] = '\0';
    p->rounds = 0;
    if (buf_append(&p->spans_next, next.p, next.n) != ERR_OK)
        return errctx_set(ctx, ERR_LIMIT, "its cursor is longer than %d bytes", EVALS_CURSOR_MAX - 1);
    return p->span_count == 0 ? evals_page(&p->e, next, p->spans_hash, ctx) : ERR_OK;
}

static const struct span *span_of(const struct phoenix *p, struct str id)
{
    for (size_t i = 0; i < p->span_count; i++)
        if (str_eq_z(id, p->spans[i].id))
            return &p->spans[i];
    return NULL;
}

static const struct told_rule *rule_of(const struct phoenix *p, struct str name)
{
    for (size_t i = 0; i < p->rule_count; i++)
        if (str_eq_z(name, p->rules[i].name))
            return &p->rules[i];
    return NULL;
}

static bool take_annotation(const struct phoenix *p, const struct jsontree *o)
{
    const struct jsontree *result = jsontree_get(o, "result");
    const struct span *span = span_of(p, jsonbody_text(o, "span_id"));
    const struct str name = jsonbody_text(o, "name");
    const struct told_rule *rule = rule_of(p, name);
    struct score_told score = {.id = jsonbody_text(o, "id"),
                               .name = name,
                               .judge = jsonbody_text(jsontree_get(o, "metadata"), "judge_version"),
                               .better = rule != NULL ? rule->better : SCORE_UNTOLD};
    if (span == NULL || str_eq_z(name, "note")) /* prose */
        return true;
    score.t_ms = span->t_ms;
    score.model = str_of(span->model);
    score.label = jsonbody_text(result, "label");
    const struct jsontree *value = jsontree_get(result, "score");
    if (value != NULL && value->kind != JSONTREE_NULL) {
        score.kind = SCORE_NUMBER;
        if (!number_of(result, "score", &score.value)) {
            p->e.sink->warning(p->e.sink->ctx, 0, "has a score that is no number: left out", name);
            return true;
        }
        if (rule != NULL && rule->hi > rule->lo) { /* its place in the range that Phoenix knows of */
            score.min = rule->lo;
            score.max = rule->hi;
        }
    } else if (score.label.n > 0 && score.label.n <= SCORE_LABEL_MAX) {
        score.kind = SCORE_LABEL;
    } else {
        if (score.label.n > 0)
            p->e.sink->warning(p->e.sink->ctx, 0, "has a label longer than 64 bytes: left out", name);
        return true; /* an explanation alone is prose */
    }
    return p->e.sink->score(p->e.sink->ctx, &score);
}

/* A number of a name that the configurations do not tell of, which were not read just now. */
static bool has_new_name(const struct phoenix *p, const struct jsontree *data)
{
    if (p->now_ms - p->configs_ms < CONFIGS_AGAIN_MS)
        return false;
    for (const struct jsontree *o = data->child; o != NULL; o = o->next) {
        double value;
        if (number_of(jsontree_get(o, "result"), "score", &value) && rule_of(p, jsonbody_text(o, "name")) == NULL)
            return true;
    }
    return false;
}

static enum err take_annotations(struct phoenix *p, const struct jsontree *root, const struct jsontree *data, struct errctx *ctx)
{
    if (has_new_name(p, data)) { /* and after them this page once more */
        p->configs_due = true;
        p->configs_cursor[0] = '\0';
        return ERR_OK;
    }
    const struct str next = jsonbody_text(root, "next_cursor");
    for (const struct jsontree *o = data->child; o != NULL; o = o->next)
        if (!take_annotation(p, o))
            return errctx_set(ctx, ERR_LIMIT, "a score was refused");
    if (next.n > 0) {
        if (str_eq_z(next, p->cursor) || ++p->rounds >= ROUNDS_MAX)
            return errctx_set(ctx, ERR_PARSE, "its pages never end: more than %d of the annotations of %zu spans", p->rounds,
                              p->span_count);
        return str_copy(p->cursor, sizeof p->cursor, next) ? ERR_OK : errctx_set(ctx, ERR_LIMIT, "its cursor is too long");
    }
    p->span_count = 0;
    return evals_page(&p->e, buf_str(&p->spans_next), p->spans_hash, ctx);
}

static enum err phoenix_finish(struct source *s, struct errctx *ctx)
{
    static const char *const what[] = {"annotation configurations", "spans", "annotations"};
    struct phoenix *p = (struct phoenix *)s;
    const struct jsontree *root, *data;
    enum err err = evals_read(&p->e, "data", what[p->asked], &root, &data, ctx);
    if (err == ERR_OK && p->asked == ASKED_CONFIGS) {
        take_configs(p, root, data);
    } else if (err == ERR_OK)
        err = p->asked == ASKED_SPANS ? take_spans(p, root, data, ctx) : take_annotations(p, root, data, ctx);
    if (err != ERR_OK) {
        evals_give_up(&p->e);
        p->span_count = 0;
        p->configs_cursor[0] = '\0';
    }
    return err;
}

static bool phoenix_fail(struct source *s, int status)
{
    struct phoenix *p = (struct phoenix *)s;
    p->configs_cursor[0] = '\0'; /* from their first page */
    if (p->asked == ASKED_CONFIGS && status >= 400 && status < 500 && status != 401 && status != 429) {
        p->configs_due = false;
        p->has_configs = true; /* an older Phoenix, or a key that may not read them: it goes without */
        return true;
    }
    if (status == 400 || status == 422) {
        evals_give_up(&p->e);
        p->span_count = 0;
    }
    p->e.over = true;
    return false;
}

static const char *phoenix_hint(const struct source *s, int status)
{
    (void)s;
    switch (status) {
    case 401:
    case 403: return "an API key of Phoenix is a bearer token";
    case 404: return "project must be the name or the id of a project, and the address that of Phoenix, without /v1";
    default: return NULL;
    }
}

static const char *phoenix_remark(const struct source *s)
{
    return evals_remark(&((struct phoenix *)(uintptr_t)s)->e); /* the text is kept in it */
}

const struct source_ops source_phoenix = {
    .name = "phoenix",
    .kind = SOURCE_PHOENIX,
    .accept = "application/json",
    .open = phoenix_open,
    .close = phoenix_close,
    .request = phoenix_request,
    .begin = phoenix_begin,
    .feed = phoenix_feed,
    .finish = phoenix_finish,
    .fail = phoenix_fail,
    .hint = phoenix_hint,
    .remark = phoenix_remark,
};
