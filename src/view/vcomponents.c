/* SPDX-License-Identifier: MIT */
/* How components are told from each other: each has series that are of it alone. A stage takes its own time, a deployment that of the
 * provider's answers; the gateway has the end to end of what is asked about (its scope), from which the others' time is taken; of an engine
 * of one's own its queue, waiting requests and cache are known. A provider has none of its own where its deployments have: one of them that
 * is slow would else be taken for all of it, so that providers are named below where several of their deployments are. */
#include "view/vcomponents.h"

#include <math.h>
#include <string.h>

#include "analysis/suspects.h"
#include "config/yaml.h"
#include "view/vfilter.h"
#include "view/vread.h"

enum { STEP_MS = 60000, BEFORE = 60, AFTER_MAX = 30, RECENT = 5 };

/* ---- topology ---- */

static enum err read_edges(const struct view_loader *l, int64_t cursor_ms, struct road_edge **ret, size_t *ret_count, struct errctx *ctx)
{
    struct str text;
    const struct yaml_node *root;
    *ret_count = 0;
    enum err e = store_note(l->st, "topology", cursor_ms, l->scratch, &text);
    if (e == ERR_NOTFOUND || (e == ERR_OK && text.n == 0))
        return ERR_OK;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "the topology cannot be read: %s", err_name(e));
    e = yaml_parse(text, "note topology", l->scratch, &root, ctx);
    if (e != ERR_OK || root->kind != YAML_SEQUENCE)
        return e;
    *ret = arena_array(l->scratch, root->count + 1, sizeof **ret);
    for (size_t i = 0; *ret != NULL && i < root->count; i++) {
        const struct yaml_node *from = yaml_get(root->items[i], "from"), *to = yaml_get(root->items[i], "to");
        if (from == NULL || to == NULL || from->kind != YAML_SCALAR || to->kind != YAML_SCALAR)
            continue;
        struct road_edge *edge = &(*ret)[(*ret_count)++];
        edge->from = arena_strdup(l->scratch, from->text);
        edge->to = arena_strdup(l->scratch, to->text);
        if (edge->from == NULL || edge->to == NULL)
            *ret = NULL;
    }
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the topology");
}

enum err vcomponents_topology(const struct view_loader *l, int64_t cursor_ms, struct topology **ret, struct errctx *ctx)
{
    struct topology *t = topology_new();
    struct road_edge *edges = NULL;
    size_t count = 0;
    enum err e =
        t != NULL ? read_edges(l, cursor_ms, &edges, &count, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the topology");
    for (size_t i = 0; e == ERR_OK && i < store_series_count(l->st); i++)
        e = topology_see(t, store_strings(l->st), store_series_at(l->st, i));
    if (e == ERR_OK)
        e = topology_connect(t, edges, count);
    if (e != ERR_OK) {
        topology_free(t);
        return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading the topology") : e;
    }
    *ret = t;
    return ERR_OK;
}

/* ---- what is asked ---- */

enum how { HOW_FAILED, HOW_MEAN, HOW_LAST, HOW_MOST };

/* A signal, and of which component its groups tell. */
struct asked {
    enum signal signal;
    enum component_kind of;
    enum how how;
    enum rootrank_kind kind;
    const char *name, *unit;
    bool scoped; /* of the scope that is asked about */
};

static const struct asked table[] = {
    {SIG_E2E, COMPONENT_GATEWAY, HOW_MEAN, ROOTRANK_TIME, "end to end", " s", true},
    {SIG_PROVIDER_LATENCY, COMPONENT_MODEL, HOW_MEAN, ROOTRANK_TIME, "time at its providers", " s", true},
    {SIG_PROVIDER_LATENCY, COMPONENT_DEPLOYMENT, HOW_MEAN, ROOTRANK_TIME, "latency", " s", true},
    {SIG_STAGE_LATENCY, COMPONENT_STAGE, HOW_MEAN, ROOTRANK_TIME, "latency", " s", false},
    {SIG_REQUESTS, COMPONENT_GATEWAY, HOW_FAILED, ROOTRANK_FAILURES, "failures", NULL, true},
    {SIG_REQUESTS, COMPONENT_MODEL, HOW_FAILED, ROOTRANK_FAILURES, "failures", NULL, true},
    {SIG_ATTEMPTS, COMPONENT_DEPLOYMENT, HOW_FAILED, ROOTRANK_FAILURES, "failures", NULL, true},
    {SIG_GUARDRAIL_CHECKS, COMPONENT_STAGE, HOW_FAILED, ROOTRANK_FAILURES, "errors", NULL, false},
    {SIG_OVERHEAD, COMPONENT_GATEWAY, HOW_MEAN, ROOTRANK_LEVEL, "overhead", " s", false},
    {SIG_QUEUE_TIME, COMPONENT_GATEWAY, HOW_MEAN, ROOTRANK_LEVEL, "queue", " s", false},
    {SIG_ENGINE_QUEUE, COMPONENT_ENGINE, HOW_MEAN, ROOTRANK_LEVEL, "queue", " s", false},
    {SIG_WAITING, COMPONENT_ENGINE, HOW_LAST, ROOTRANK_LEVEL, "waiting requests", NULL, false},
    {SIG_RUNNING, COMPONENT_ENGINE, HOW_LAST, ROOTRANK_LEVEL, "running requests", NULL, false},
    {SIG_KV_CACHE, COMPONENT_ENGINE, HOW_MOST, ROOTRANK_LEVEL, "KV cache use", NULL, false},
};
enum { ASKED = sizeof table / sizeof table[0] };

struct reading {
    const struct view_loader *l;
    struct vread *vr;
    struct topology *t;
    const struct view_differs_ask *ask;
    int64_t t0_ms; /* of column 0; the onset is the end of column BEFORE - 1 */
    size_t skip;   /* columns before the onset that may be of after it */
    size_t columns;
    size_t q[ASKED];
    struct rootrank_series *series;
    double **value, **calls; /* what series i is made of, a column each */
    size_t count;
};

static uint32_t dims_of(enum component_kind k)
{
    switch (k) {
    case COMPONENT_STAGE: return DIM_BIT(DIM_STAGE);
    case COMPONENT_MODEL:
    case COMPONENT_ENGINE: return DIM_BIT(DIM_MODEL);
    case COMPONENT_DEPLOYMENT: return DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_PROVIDER);
    default: return 0;
    }
}

/* What is slow upstream is what is asked about: the time to the first token begins with the call. */
static enum signal signal_of(const struct reading *r, const struct asked *a)
{
    const bool streams = r->ask->of_slowness && (r->ask->slow == SIG_TTFT || r->ask->slow == SIG_TPOT);
    return streams && a->kind == ROOTRANK_TIME && a->scoped ? r->ask->slow : a->signal;
}

static enum err ask_all(struct reading *r, struct errctx *ctx)
{
    for (size_t i = 0; i < ASKED; i++) {
        const uint32_t by = DIM_BIT(DIM_GATEWAY) | dims_of(table[i].of) | (table[i].how == HOW_FAILED ? DIM_BIT(DIM_CLASS) : 0);
        r->q[i] = vread_add(r->vr, signal_of(r, &table[i]), by, r->t0_ms, STEP_MS, (uint32_t)r->columns);
        if (!table[i].scoped)
            vread_unfilter(r->vr);
    }
    return vread_run(r->vr, ctx);
}

/* ---- what was read ---- */

static uint32_t component_of(const struct reading *r, const struct asked *a, const uint32_t dim[DIM_COUNT])
{
    static const enum dim value[] = {[COMPONENT_GATEWAY] = DIM_GATEWAY,
                                     [COMPONENT_STAGE] = DIM_STAGE,
                                     [COMPONENT_MODEL] = DIM_MODEL,
                                     [COMPONENT_DEPLOYMENT] = DIM_DEPLOYMENT,
                                     [COMPONENT_ENGINE] = DIM_MODEL};
    uint32_t guardrail;
    if (a->signal == SIG_GUARDRAIL_CHECKS)
        return intern_find(store_strings(r->l->st), str_of("guardrail"), &guardrail)
                   ? topology_find(r->t, COMPONENT_STAGE, dim[DIM_GATEWAY], guardrail)
                   : TOPOLOGY_NONE;
    if (a->of == COMPONENT_DEPLOYMENT && dim[DIM_DEPLOYMENT] == 0) /* a gateway that tells providers alone */
        return dim[DIM_PROVIDER] != 0 ? topology_find(r->t, COMPONENT_PROVIDER, 0, dim[DIM_PROVIDER]) : TOPOLOGY_NONE;
    return dim[value[a->of]] != 0 ? topology_find(r->t, a->of, dim[DIM_GATEWAY], dim[value[a->of]]) : TOPOLOGY_NONE;
}

/* Its place among those from `from` on, made when new. Errors: ERR_NOMEM. */
static enum err series_of(struct reading *r, size_t from, uint32_t component, const struct asked *a, size_t *ret)
{
    for (*ret = from; *ret < r->count; (*ret)++)
        if (r->series[*ret].component == component)
            return ERR_OK;
    double *value = arena_array(r->l->scratch, r->columns, sizeof *value), *calls = arena_array(r->l->scratch, r->columns, sizeof *calls);
    if (value == NULL || calls == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->columns; i++)
        value[i] = (double)NAN;
    r->value[*ret] = value;
    r->calls[*ret] = calls;
    r->series[*ret] = (struct rootrank_series){.component = component,
                                               .kind = a->kind,
                                               .name = a->name,
                                               .unit = a->unit,
                                               .before = value,
                                               .before_count = BEFORE - r->skip,
                                               .after = value + BEFORE,
                                               .after_count = r->columns - BEFORE};
    if (a->kind != ROOTRANK_LEVEL) { /* calls are for what is handed down */
        r->series[*ret].before_calls = calls;
        r->series[*ret].after_calls = calls + BEFORE;
    }
    r->count++;
    return ERR_OK;
}

/* What one group adds to one column. */
static void add_cell(const struct reading *r, const struct asked *a, const struct store_group *g, size_t column, double *value,
                     double *calls)
{
    const struct store_cell *c = &g->cells[column];
    if (c->n == 0)
        return;
    if (a->how == HOW_MEAN) {
        uint64_t of;
        const double mean = hist_mean(&g->hists[column], unit_scale(UNIT_SECONDS), &of);
        if (of == 0 || isnan(mean))
            return;
        *value = (isnan(*value) ? 0 : *value) + mean * (double)of;
        *calls += (double)of;
        return;
    }
    if (a->how == HOW_FAILED) {
        enum outcome o = OUTCOME_OTHER;
        (void)outcome_by_name(str_of(vread_text(r->vr, g->dim[DIM_CLASS])), &o);
        if (c->sum <= 0 || (o != OUTCOME_OK && !outcome_is_bad(o)))
            return;
        *value = (isnan(*value) ? 0 : *value) + (o != OUTCOME_OK ? (double)c->sum : 0);
        *calls += (double)c->sum;
        return;
    }
    const double v = a->how == HOW_MOST ? c->max : c->last;
    if (!isnan(v))
        *value = isnan(*value) ? v : a->how == HOW_MOST ? fmax(*value, v) : *value + v;
}

static enum err take(struct reading *r, size_t i)
{
    const struct store_result *res = &r->vr->r[r->q[i]];
    const size_t from = r->count;
    for (size_t k = 0; k < res->count; k++) {
        const struct store_group *g = &res->groups[k];
        const uint32_t component = component_of(r, &table[i], g->dim);
        size_t at;
        if (component == TOPOLOGY_NONE || r->count == ROOTRANK_SERIES_MAX)
            continue;
        if (series_of(r, from, component, &table[i], &at) != ERR_OK)
            return ERR_NOMEM;
        for (size_t c = 0; c < r->columns; c++)
            add_cell(r, &table[i], g, c, &r->value[at][c], &r->calls[at][c]);
    }
    for (size_t k = from; k < r->count; k++) /* of sums the mean of a call */
        for (size_t c = 0; c < r->columns; c++)
            r->value[k][c] = r->calls[k][c] > 0 ? r->value[k][c] / r->calls[k][c] : r->value[k][c];
    return ERR_OK;
}

/* ---- changes ---- */

/* Where a change was: what its scope names; of one of everything it is not known. */
static enum err read_changes(struct reading *r, const struct view_params *p, struct rootrank_input *in, struct errctx *ctx)
{
    struct event *list;
    size_t count;
    const int64_t onset_ms = r->ask->onset_ms;
    enum err e = vfilter_events(r->l, p, onset_ms - 3600000, onset_ms + 3600000, &list, &count, ctx);
    struct rootrank_change *changes = e == ERR_OK ? arena_array(r->l->scratch, count + 1, sizeof *changes) : NULL;
    if (e == ERR_OK && changes == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct store_filter f;
        uint32_t dim[DIM_COUNT] = {0};
        if (list[i].scope[0] == '\0' || suspects_is_end(&list[i]))
            continue;
        const char *scope = vread_scope_filter(r->l->scratch, list[i].scope);
        const enum err parsed = scope != NULL ? view_filter_parse(scope, r->l->st, r->l->scratch, &f, NULL) : ERR_NOMEM;
        if (parsed == ERR_NOMEM)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
        if (parsed != ERR_OK)
            continue;
        for (int d = 0; d < DIM_COUNT; d++)
            dim[d] = f.dim[d].count == 1 ? f.dim[d].ids[0] : 0;
        const uint32_t component = topology_of(r->t, dim);
        if (component != TOPOLOGY_NONE)
            changes[in->change_count++] =
                (struct rootrank_change){.component = component, .kind = list[i].kind, .at_ms = list[i].at_ms, .text = list[i].text};
    }
    in->changes = changes;
    return e;
}

/* ---- ranking ---- */

/* The gateway that is asked about: whose requests there are most of. */
static uint32_t target_of(const struct reading *r)
{
    uint32_t most = TOPOLOGY_NONE;
    double calls = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct rootrank_series *s = &r->series[i];
        double n = 0;
        if (topology_at(r->t, s->component)->kind != COMPONENT_GATEWAY || s->after_calls == NULL)
            continue;
        for (size_t k = 0; k < s->after_count; k++)
            n += s->after_calls[k];
        if (n > calls) {
            calls = n;
            most = s->component;
        }
    }
    return most;
}

static uint32_t provider_of(const struct reading *r, uint32_t deployment)
{
    size_t count;
    const struct rootrank_edge *edges = topology_edges(r->t, &count);
    for (size_t i = 0; i < count; i++)
        if (edges[i].caller == deployment && topology_at(r->t, edges[i].callee)->kind == COMPONENT_PROVIDER)
            return topology_at(r->t, edges[i].callee)->value;
    return 0;
}

/* Whether anybody farther down the way tells such series. */
static bool is_told_below(const struct reading *r, enum rootrank_kind kind)
{
    for (size_t i = 0; i < r->count; i++) {
        const enum component_kind of = topology_at(r->t, r->series[i].component)->kind;
        if (r->series[i].kind == kind && of != COMPONENT_GATEWAY && of != COMPONENT_MODEL)
            return true;
    }
    return false;
}

/* That all of it is the gateway's says something only where others could have had it; and a model is a part of the traffic, on whose
 * failures their counts have the word. */
static bool is_worth_telling(const struct reading *r, const struct rootrank_input *in, uint32_t component)
{
    const enum component_kind kind = topology_at(r->t, component)->kind;
    if (kind == COMPONENT_MODEL)
        return in->symptom == ROOTRANK_TIME && !is_told_below(r, ROOTRANK_TIME);
    return kind != COMPONENT_GATEWAY || in->target == ROOTRANK_NO_TARGET || is_told_below(r, in->symptom);
}

/* Several deployments of one provider are it. Errors: ERR_NOMEM. */
static enum err add_suspect(struct reading *r, const struct rootrank_suspect *s, struct vcomponent *list, size_t *count)
{
    const struct component *c = topology_at(r->t, s->component);
    struct arena *a = r->l->arena;
    struct vcomponent one = {.kind = c->kind,
                             .value = c->value,
                             .provider = c->kind == COMPONENT_DEPLOYMENT ? provider_of(r, s->component) : 0,
                             .title = arena_strdup(a, str_of(s->title)),
                             .reason = s->reason,
                             .reason2 = s->reason2,
                             .weak = s->weak,
                             .share = s->share};
    if (one.title == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; one.provider != 0 && i < *count; i++) {
        struct vcomponent *known = &list[i];
        const bool both = known->kind == COMPONENT_DEPLOYMENT && known->provider == one.provider,
                   more = known->kind == COMPONENT_PROVIDER && known->value == one.provider;
        if (!both && !more)
            continue;
        known->reason = arena_printf(a, "%s%s%s; %s: %s", both ? known->title : "", both ? ": " : "", known->reason, one.title, one.reason);
        known->kind = COMPONENT_PROVIDER;
        known->value = one.provider;
        known->provider = 0;
        known->title = arena_printf(a, "provider %s", vread_text(r->vr, one.provider));
        known->share += one.share;
        known->weak = known->share < 0.5;
        return known->reason != NULL && known->title != NULL ? ERR_OK : ERR_NOMEM;
    }
    list[(*count)++] = one;
    return ERR_OK;
}

/* By failures, then by time, then by whoever moved. */
static enum err rank(struct reading *r, struct rootrank_input *in, struct rootrank_suspect **ret, size_t *ret_count, const char **ret_note)
{
    const enum rootrank_kind symptoms[] = {r->ask->of_slowness ? ROOTRANK_TIME : ROOTRANK_FAILURES, ROOTRANK_TIME};
    const char *first = NULL;
    for (size_t i = 0; i < 3; i++) {
        in->symptom = symptoms[i < 2 ? i : 0];
        if (i == 2)
            in->target = ROOTRANK_NO_TARGET;
        if ((i == 1 && r->ask->of_slowness) || (i < 2 && in->target == TOPOLOGY_NONE))
            continue;
        enum err e = rootrank_suspects(in, r->l->arena, ret, ret_count, ret_note);
        if (e != ERR_OK)
            return e;
        first = first != NULL ? first : *ret_note;
        if (*ret_count > 0)
            return ERR_OK;
    }
    *ret_note = first != NULL ? first : "";
    return ERR_OK;
}

static enum err name_all(struct reading *r, const struct view_params *p, const struct vcomponent **ret, size_t *ret_count,
                         const char **ret_note, struct errctx *ctx)
{
    const size_t n = topology_count(r->t);
    struct rootrank_suspect *found = NULL;
    size_t count = 0;
    struct vcomponent *list = arena_array(r->l->arena, ROOTRANK_SUSPECTS_MAX, sizeof *list);
    const char **names = arena_array(r->l->scratch, n + 1, sizeof *names);
    struct rootrank_input in = {.components = names,
                                .component_count = n,
                                .series = r->series,
                                .series_count = r->count,
                                .target = target_of(r),
                                .recent = RECENT,
                                .onset_ms = r->ask->onset_ms};
    in.edges = topology_edges(r->t, &in.edge_count);
    enum err e = list != NULL && names != NULL ? read_changes(r, p, &in, ctx) : ERR_NOMEM;
    for (uint32_t i = 0; e == ERR_OK && i < n; i++)
        names[i] = topology_at(r->t, i)->name;
    if (e == ERR_OK)
        e = rank(r, &in, &found, &count, ret_note);
    *ret_count = 0;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (is_worth_telling(r, &in, found[i].component))
            e = add_suspect(r, &found[i], list, ret_count);
    *ret = list;
    return e;
}

enum err vcomponents_load(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                          const struct vcomponent **ret, size_t *ret_count, const char **ret_note, struct errctx *ctx)
{
    struct reading r = {.l = l, .ask = ask};
    struct view_params scoped = *p;
    *ret = NULL;
    *ret_count = 0;
    *ret_note = "";
    if (ask->onset_ms == 0 || ask->t1_ms <= ask->onset_ms)
        return ERR_OK;
    scoped.filter = p->filter != NULL && p->filter[0] != '\0' ? p->filter : ask->scope;
    size_t after = (size_t)((ask->t1_ms - ask->onset_ms + STEP_MS - 1) / STEP_MS);
    after = after > AFTER_MAX ? AFTER_MAX : after;
    r.t0_ms = ask->onset_ms - (int64_t)BEFORE * STEP_MS;
    r.columns = BEFORE + after;
    r.skip = (size_t)(ask->onset_error_ms / STEP_MS + 1);
    r.skip = r.skip > BEFORE / 2 ? BEFORE / 2 : r.skip;
    r.vr = arena_alloc(l->scratch, sizeof *r.vr);
    enum err e = r.vr != NULL ? vcomponents_topology(l, p->cursor_ms, &r.t, ctx) : ERR_NOMEM;
    if (e == ERR_OK)
        e = vread_init(r.vr, l, &scoped, ctx);
    if (e == ERR_OK)
        e = ask_all(&r, ctx);
    size_t most = 0;
    for (size_t i = 0; e == ERR_OK && i < ASKED; i++)
        most += r.vr->r[r.q[i]].count;
    most = most < ROOTRANK_SERIES_MAX ? most : ROOTRANK_SERIES_MAX;
    if (e == ERR_OK) {
        r.series = arena_array(l->scratch, most + 1, sizeof *r.series);
        r.value = arena_array(l->scratch, most + 1, sizeof *r.value);
        r.calls = arena_array(l->scratch, most + 1, sizeof *r.calls);
        e = r.series != NULL && r.value != NULL && r.calls != NULL ? ERR_OK : ERR_NOMEM;
    }
    for (size_t i = 0; e == ERR_OK && i < ASKED; i++)
        e = take(&r, i);
    if (e == ERR_OK)
        e = name_all(&r, p, ret, ret_count, ret_note, ctx);
    topology_free(r.t);
    if (e == ERR_LIMIT) {
        *ret_note = "too many components to tell them apart";
        return ERR_OK;
    }
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while looking for suspects") : e;
}
