/* SPDX-License-Identifier: MIT */
#include "view/vread.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "view/vfilter.h"

/* Up to the comma that another condition stands behind: a value may have commas of its own. */
static size_t part_length(const char *scope)
{
    size_t n = strcspn(scope, ",");
    for (enum dim d; scope[n] != '\0'; n += 1 + strcspn(scope + n + 1, ",")) {
        const char *next = scope + n + 1;
        const size_t equals = strcspn(next, "=,");
        if (next[equals] == '=' && dim_by_name((struct str){next, equals}, &d))
            return n;
    }
    return n;
}

const char *vread_scope_filter(struct arena *a, const char *scope)
{
    const size_t cap = 3 * strlen(scope) + 16; /* each byte a quote, and each value in quotes */
    char *text = arena_alloc(a, cap);
    size_t used = 0;

    if (text != NULL)
        text[0] = '\0';
    while (text != NULL && *scope != '\0') {
        const size_t n = part_length(scope), equals = strcspn(scope, "=");
        enum dim d;
        if (used > 0)
            text[used++] = ' ';
        if (equals < n && dim_by_name((struct str){scope, equals}, &d))
            (void)view_filter_condition(d, (struct str){scope + equals + 1, n - equals - 1}, text + used, cap - used);
        else /* no condition, which whoever reads the filter is told */
            (void)str_format(text + used, cap - used, "%.*s", (int)n, scope);
        used += strlen(text + used);
        scope += n + (scope[n] == ',');
    }
    return text;
}

size_t vread_add(struct vread *vr, enum signal s, uint32_t group_by, int64_t t0_ms, int64_t step_ms, uint32_t columns)
{
    assert(vr->count < VREAD_MAX);
    struct store_query *q = &vr->q[vr->count];
    q->signal = s;
    q->filter = vr->filter;
    if (vr->allowed[s] != NULL) {
        q->filter.sources = vr->allowed[s];
        q->filter.source_count = vr->allowed_count[s];
    }
    q->group_by = group_by;
    q->t0_ms = t0_ms;
    q->step_ms = step_ms;
    q->columns = columns;
    vr->past[vr->count] = vr->unfiltered[vr->count] = false;
    vr->class[vr->count] = NULL;
    vr->sorted[vr->count] = DIM_COUNT;
    return vr->count++;
}

size_t vread_window(struct vread *vr, enum signal s, uint32_t group_by, int64_t t0_ms, int64_t t1_ms)
{
    return vread_add(vr, s, group_by, t0_ms, t1_ms > t0_ms ? t1_ms - t0_ms : 1, 1);
}

size_t vread_now(struct vread *vr, enum signal s, uint32_t group_by, int64_t back_ms)
{
    int64_t t1 = vr->until_ms[s] - back_ms;
    size_t q = vread_window(vr, s, group_by, t1 - vr->p->now_window_ms, t1);
    vr->past[q] = back_ms > 0;
    return q;
}

size_t vread_axis(struct vread *vr, enum signal s, uint32_t group_by, const struct view_axis *axis)
{
    return vread_add(vr, s, group_by, axis->t0_ms, axis->step_ms, axis->columns);
}

void vread_unfilter(struct vread *vr)
{
    assert(vr->count > 0);
    memset(vr->q[vr->count - 1].filter.dim, 0, sizeof vr->q[vr->count - 1].filter.dim);
    vr->unfiltered[vr->count - 1] = true;
}

enum err vread_narrow(struct vread *vr, enum dim dim, uint32_t id)
{
    assert(vr->count > 0);
    uint32_t *ids = arena_array(vr->l->arena, 1, sizeof *ids);
    if (ids == NULL)
        return ERR_NOMEM;
    ids[0] = id;
    vr->q[vr->count - 1].filter.dim[dim].ids = ids;
    vr->q[vr->count - 1].filter.dim[dim].count = 1;
    return ERR_OK;
}

/* A window no longer than the now window that reaches into the time of which nothing is known: what lies before that is not what is asked
 * for. */
static bool asks_what_is_not_counted(const struct vread *vr, size_t q)
{
    const struct store_query *w = &vr->q[q];
    return vr->freshness[w->signal] == UNCOUNTED && w->columns == 1 && w->step_ms <= vr->p->now_window_ms &&
           w->t0_ms + w->step_ms > vr->known_ms[w->signal];
}

/* A class is looked up by name once a group, and not once a column. */
static enum err name_classes(struct vread *vr, size_t q)
{
    const struct store_result *r = &vr->r[q];
    enum outcome *class = arena_array(vr->l->scratch, r->count, sizeof *class);

    if (class == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->count; i++) {
        class[i] = OUTCOME_OTHER;
        (void)outcome_by_name(str_of(vread_text(vr, r->groups[i].dim[DIM_CLASS])), &class[i]);
    }
    vr->class[q] = class;
    return ERR_OK;
}

/* After its results were read. */
static enum err take_results(struct vread *vr, struct errctx *ctx)
{
    size_t most = 0;
    enum err e = ERR_OK;

    for (size_t q = 0; q < vr->count; q++) {
        vr->r[q].count = asks_what_is_not_counted(vr, q) ? 0 : vr->r[q].count;
        most = vr->r[q].count > most ? vr->r[q].count : most;
    }
    vr->scratch = arena_array(vr->l->scratch, most, sizeof *vr->scratch);
    for (size_t q = 0; vr->scratch != NULL && q < vr->count; q++)
        e = e == ERR_OK && (vr->q[q].group_by & DIM_BIT(DIM_CLASS)) != 0 ? name_classes(vr, q) : e;
    return vr->scratch != NULL && e == ERR_OK ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading");
}

/* Those of a list that fit into one pass. */
static enum err read_pass(struct vread *const *list, size_t count, size_t queries, struct errctx *ctx)
{
    const struct view_loader *l = list[0]->l;
    struct store_query *q = arena_array(l->scratch, queries + 1, sizeof *q);
    struct store_result *r = arena_array(l->scratch, queries + 1, sizeof *r);
    size_t n = 0;

    if (q == NULL || r == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading");
    for (size_t i = 0; i < count; n += list[i++]->count)
        memcpy(q + n, list[i]->q, list[i]->count * sizeof *q);
    enum err e = n > 0 ? store_read(l->st, q, n, l->scratch, r, ctx) : ERR_OK;
    n = 0;
    for (size_t i = 0; e == ERR_OK && i < count; n += list[i++]->count) {
        memcpy(list[i]->r, r + n, list[i]->count * sizeof *r);
        e = take_results(list[i], ctx);
    }
    return e;
}

enum err vread_run_all(struct vread *const *list, size_t count, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (size_t first = 0, end; e == ERR_OK && first < count; first = end) {
        size_t queries = 0;
        for (end = first; end < count && queries + list[end]->count <= STORE_QUERIES_MAX; end++)
            queries += list[end]->count;
        e = read_pass(list + first, end - first, queries, ctx);
    }
    return e;
}

enum err vread_run(struct vread *vr, struct errctx *ctx)
{
    return vread_run_all(&vr, 1, ctx);
}

static int by_place(const void *a, const void *b)
{
    const struct weighted_id *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->weight < y->weight ? -1 : x->weight > y->weight;
}

enum err vread_sort(struct vread *vr, size_t q, enum dim dim)
{
    struct store_result *r = &vr->r[q];
    struct store_group *groups = arena_array(vr->l->scratch, r->count, sizeof *groups);
    struct weighted_id *place = vr->scratch;

    if (groups == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->count; i++)
        place[i] = (struct weighted_id){.id = r->groups[i].dim[dim], .weight = i};
    qsort(place, r->count, sizeof *place, by_place);
    for (size_t i = 0; i < r->count; i++)
        groups[i] = r->groups[place[i].weight];
    r->groups = groups;
    vr->sorted[q] = dim;
    return vr->class[q] != NULL ? name_classes(vr, q) : ERR_OK;
}

enum outcome vread_class(const struct vread *vr, size_t q, size_t group)
{
    assert(vr->class[q] != NULL);
    return vr->class[q][group];
}

/* The groups [first, end) of a result. */
struct span {
    size_t first, end;
};

/* The first group whose id is not below it, of a result in the order of dim. */
static size_t lower_bound(const struct store_result *r, enum dim dim, uint64_t id)
{
    size_t lo = 0, hi = r->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (r->groups[mid].dim[dim] < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Where those that have all of the keys can be. */
static struct span span_of(const struct vread *vr, size_t q, const struct vkey *keys, size_t key_count)
{
    const struct store_result *r = &vr->r[q];

    for (size_t i = 0; i < key_count; i++)
        if (keys[i].dim == vr->sorted[q])
            return (struct span){lower_bound(r, keys[i].dim, keys[i].id), lower_bound(r, keys[i].dim, (uint64_t)keys[i].id + 1)};
    return (struct span){0, r->count};
}

bool vread_is_worth(const struct vread *vr, size_t q)
{
    return vr->r[q].count > 0 || vread_trust(vr, q).unsplit != 0;
}

const char *vread_unsplit_text(const struct vread *vr, enum signal s)
{
    const char *dims = vfilter_dims(vr->l->arena, vr->unsplit[s]);
    return dims == NULL || dims[0] == '\0' ? dims : arena_printf(vr->l->arena, "not split by %s", dims);
}

enum err vread_why_none(const struct vread *vr, enum signal s, const char *what, const char *none, const char **ret)
{
    const char *unsplit = vread_unsplit_text(vr, s), *nothing = "";
    enum err e = vfilter_nothing(vr->l, vr->p, &nothing, NULL);

    if (e != ERR_OK || unsplit == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    if (nothing[0] != '\0')
        nothing = arena_printf(vr->l->arena, "nothing recorded matches %s", vr->p->filter); /* the verdict has the hint */
    if (nothing == NULL)
        return ERR_NOMEM;
    *ret = nothing[0] != '\0' ? nothing : unsplit[0] != '\0' ? arena_printf(vr->l->arena, "%s %s", what, unsplit) : none;
    return *ret != NULL ? ERR_OK : ERR_NOMEM;
}

void vread_keep_answered(struct vread *vr)
{
    struct store_filter *f = &vr->q[vr->count - 1].filter;

    if (f->dim[DIM_CLASS].count > 0)
        return;
    f->dim[DIM_CLASS].ids = vr->answered;
    f->dim[DIM_CLASS].count = 2;
}

int64_t vread_measured(int64_t window_ms, int64_t covered_ms)
{
    if (covered_ms <= 0 || (covered_ms * 10 >= window_ms * 9 && covered_ms * 10 <= window_ms * 11))
        return window_ms;
    const int64_t unit = covered_ms < 60000 ? 1000 : 60000;
    return covered_ms < unit ? unit : instant_floor(covered_ms + unit / 2, unit);
}

int64_t vread_measured_ms(const struct vread *vr, size_t q)
{
    return vread_measured(vr->p->now_window_ms, vr->r[q].count > 0 && vr->r[q].cover != NULL ? vr->r[q].cover[0].ms : 0);
}

const struct store_group *vread_group(const struct store_result *r, enum dim dim, uint32_t id)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->groups[i].dim[dim] == id)
            return &r->groups[i];
    return NULL;
}

const char *vread_text(const struct vread *vr, uint32_t id)
{
    return intern_text(store_strings(vr->l->st), id);
}

/* The time is that of all groups of the query, whichever match: groups may take turns, and so rates of parts add up to that of the
 * whole. */
static void take_cover(const struct store_result *r, uint32_t column, bool known, int64_t *ret_ms, bool *ret_about)
{
    *ret_ms = known ? r->cover[column].ms : 0;
    *ret_about = known && r->cover[column].about;
}

static bool has_all(const struct store_group *g, const struct vkey *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (g->dim[keys[i].dim] != keys[i].id)
            return false;
    return true;
}

struct voutcomes vread_outcomes_of(const struct vread *vr, size_t q, uint32_t column, const struct vkey *keys, size_t key_count)
{
    struct voutcomes o = {.known = false, .trust = vread_trust_at(vr, q, column)};
    const struct store_result *r = &vr->r[q];
    const struct span span = span_of(vr, q, keys, key_count);

    for (size_t i = span.first; i < span.end; i++) {
        const struct store_group *g = &r->groups[i];
        const struct store_cell *c = &g->cells[column];
        if (!has_all(g, keys, key_count) || c->n == 0)
            continue;
        const enum outcome class = vread_class(vr, q, i);
        uint64_t sum = c->sum > 0 ? (uint64_t)c->sum : 0;
        o.by_class[class] += sum;
        o.all += sum;
        if (outcome_is_bad(class))
            o.bad += sum;
        if (outcome_is_refused(class))
            o.refused += sum;
        if (class == OUTCOME_OK || outcome_is_bad(class))
            o.counted += sum;
        o.known = true;
    }
    take_cover(r, column, o.known, &o.covered_ms, &o.covered_about);
    return o;
}

struct voutcomes vread_outcomes(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id)
{
    const struct vkey key = {dim, id};
    return vread_outcomes_of(vr, q, column, &key, dim == DIM_COUNT ? 0 : 1);
}

enum severity voutcomes_severity(const struct voutcomes *o)
{
    if (o->trust.torn || o->counted < 20 || o->bad * 100 < o->counted)
        return SEV_NONE;
    return o->bad * 10 >= o->counted ? SEV_PAGE : SEV_TICKET;
}

struct vsum voutcomes_requests(const struct voutcomes *o)
{
    return (struct vsum){.sum = (int64_t)o->all,
                         .covered_ms = o->covered_ms,
                         .n = o->all,
                         .known = o->known,
                         .covered_about = o->covered_about,
                         .trust = o->trust};
}

struct vsum vread_sum(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id)
{
    struct vsum s = {.known = false, .trust = vread_trust_at(vr, q, column)};
    const struct store_result *r = &vr->r[q];
    const struct vkey key = {dim, id};
    const size_t key_count = dim == DIM_COUNT ? 0 : 1;
    const struct span span = span_of(vr, q, &key, key_count);

    for (size_t i = span.first; i < span.end; i++) {
        const struct store_cell *c = &r->groups[i].cells[column];
        if (!has_all(&r->groups[i], &key, key_count) || c->n == 0)
            continue;
        s.sum += c->sum;
        s.n += c->n;
        s.known = true;
    }
    take_cover(r, column, s.known, &s.covered_ms, &s.covered_about);
    return s;
}

struct vnum vread_gauge(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id, double scale)
{
    enum merge rule = signal_info(vr->q[q].signal)->merge;
    const struct store_result *r = &vr->r[q];
    const struct vkey key = {dim, id};
    const size_t key_count = dim == DIM_COUNT ? 0 : 1;
    const struct span span = span_of(vr, q, &key, key_count);
    struct vnum n = vnum_unknown();

    for (size_t i = span.first; i < span.end; i++) {
        const struct store_cell *c = &r->groups[i].cells[column];
        if (!has_all(&r->groups[i], &key, key_count) || c->n == 0 || isnan(c->last))
            continue;
        n.v = merge_gauge(rule, n.v, c->last * scale);
        n.n += r->groups[i].series;
    }
    return vnum_marked(n, rule == MERGE_SUM ? VNUM_SUM : VNUM_OTHER, vread_trust_at(vr, q, column));
}

enum err vread_hist_of(const struct vread *vr, size_t q, uint32_t column, const struct vkey *keys, size_t key_count, struct hist_set *ret)
{
    struct hist_set set = {.count = 0};
    const struct store_result *r = &vr->r[q];
    const struct span span = span_of(vr, q, keys, key_count);

    for (size_t i = span.first; i < span.end; i++) {
        const struct store_group *g = &r->groups[i];
        if (!has_all(g, keys, key_count) || g->hists == NULL)
            continue;
        for (uint32_t k = 0; k < g->hists[column].count; k++) {
            enum err e = hist_set_add(&set, &g->hists[column].h[k], vr->l->scratch);
            if (e != ERR_OK)
                return e;
        }
    }
    *ret = set;
    return ERR_OK;
}

enum err vread_hist(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id, struct hist_set *ret)
{
    const struct vkey key = {dim, id};
    return vread_hist_of(vr, q, column, &key, dim == DIM_COUNT ? 0 : 1, ret);
}

enum err vread_quantile(const struct vread *vr, size_t q, uint32_t column, enum dim dim, uint32_t id, double share, struct vnum *ret,
                        struct quantile *ret_quantile)
{
    struct hist_set set;
    enum err e = vread_hist(vr, q, column, dim, id, &set);
    if (e != ERR_OK)
        return e;
    struct quantile at = hist_quantile(&set, share);
    *ret = vnum_quantile(&at, vread_trust_at(vr, q, column));
    if (ret_quantile != NULL)
        *ret_quantile = at;
    return ERR_OK;
}

uint64_t vread_by_sum(const struct store_group *g)
{
    return g->cells[0].sum > 0 ? (uint64_t)g->cells[0].sum : 0;
}

static int heavier_first(const void *a, const void *b)
{
    const struct weighted_id *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_id(const void *a, const void *b)
{
    const struct weighted_id *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

size_t vread_ids(const struct vread *vr, size_t q, enum dim dim, uint64_t (*weight)(const struct store_group *g), uint32_t *ids, size_t max)
{
    const struct store_result *r = &vr->r[q];
    struct weighted_id *w = vr->scratch;
    size_t n = 0;

    for (size_t i = 0; i < r->count; i++)
        w[i] = (struct weighted_id){.id = r->groups[i].dim[dim], .weight = weight != NULL ? weight(&r->groups[i]) : 0};
    qsort(w, r->count, sizeof *w, by_id);
    for (size_t i = 0; i < r->count; i++) {
        if (n > 0 && w[n - 1].id == w[i].id)
            w[n - 1].weight += w[i].weight;
        else
            w[n++] = w[i];
    }
    qsort(w, n, sizeof *w, heavier_first);
    if (n > max)
        n = max;
    for (size_t i = 0; i < n; i++)
        ids[i] = w[i].id;
    return n;
}
