/* SPDX-License-Identifier: MIT */
/* Where an alert is: what grouping (analysis/grouping.h) is told of it.
 *
 * A scope alone says little: an objective of all traffic names nothing, and a budget of a key names who pays. So what the rule found too
 * much of is read from the store, by model, provider, deployment, region and team: a value that two thirds of it have, and not as much of
 * the traffic, is where the trouble is. Of spend it is the rise that is looked at, and not its provider: where the money goes after a
 * fallback is where it works. Values that follow (the one provider of a deployment, the team of a key) come from the series
 * (analyse_follow.c). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "record/analyse_int.h"

enum { SHOWN_MS = 30 * MINUTE_MS, VALUES_MAX = 512 };
static const double most_share = 2.0 / 3, least_lift = 0.1;

#define PLACE_DIMS (DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_REGION) | DIM_BIT(DIM_TEAM))
#define SPEND_DIMS (DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY))

enum err analyse_topology(struct analyser *an, struct errctx *ctx)
{
    const size_t count = store_series_count(an->st);
    enum err e = ERR_OK;
    if (an->topology_seen == count)
        return ERR_OK;
    for (; e == ERR_OK && an->topology_seen < count; an->topology_seen++)
        e = topology_see(an->topology, store_strings(an->st), store_series_at(an->st, an->topology_seen));
    if (e == ERR_OK)
        e = topology_connect(an->topology, an->cfg->topology, an->cfg->topology_count);
    size_t edges;
    const struct rootrank_edge *list = topology_edges(an->topology, &edges);
    grouping_grow(an->grouping, list, edges, (uint32_t)topology_count(an->topology));
    return e == ERR_OK ? e : errctx_set(ctx, e, "out of memory for the components that traffic passes through");
}

/* ---- the scope ---- */

/* "model=gpt-x,team=search" -> ids; a value that no series has is of none. */
static void read_scope(const struct analyser *an, const char *scope, uint32_t dim[DIM_COUNT])
{
    while (*scope != '\0') {
        const size_t n = strcspn(scope, ",");
        const char *equals = memchr(scope, '=', n);
        enum dim d;
        if (equals != NULL && dim_by_name((struct str){scope, (size_t)(equals - scope)}, &d))
            (void)intern_find(store_strings(an->st), (struct str){equals + 1, n - (size_t)(equals + 1 - scope)}, &dim[d]);
        scope += n + (scope[n] == ',');
    }
}

/* ---- what is wrong ---- */

/* How much of it has a value, and how much of the traffic. */
struct shown {
    uint32_t id;
    double bad, all;
};

/* What one group has of what is wrong, and of the traffic. */
typedef void measure_fn(const struct analyser *an, const struct rule_change *c, const struct store_group *g, double *ret_bad,
                        double *ret_all);

static void failed(const struct analyser *an, const struct rule_change *c, const struct store_group *g, double *ret_bad, double *ret_all)
{
    enum outcome o = OUTCOME_OTHER;
    (void)c;
    (void)outcome_by_name(str_of(intern_text(store_strings(an->st), g->dim[DIM_CLASS])), &o);
    *ret_all = g->cells[0].n > 0 && (o == OUTCOME_OK || outcome_is_bad(o)) ? (double)g->cells[0].sum : 0;
    *ret_bad = o != OUTCOME_OK ? *ret_all : 0;
}

static void slow(const struct analyser *an, const struct rule_change *c, const struct store_group *g, double *ret_bad, double *ret_all)
{
    uint64_t lo, hi;
    (void)an;
    hist_above(&g->hists[0], c->threshold, &lo, &hi);
    *ret_bad = ((double)lo + (double)hi) / 2;
    *ret_all = (double)hist_n(&g->hists[0]);
}

/* Of two columns of equal length: what it rose by; all: before. */
static void spent(const struct analyser *an, const struct rule_change *c, const struct store_group *g, double *ret_bad, double *ret_all)
{
    const double before = g->cells[0].n > 0 ? (double)g->cells[0].sum : 0, now = g->cells[1].n > 0 ? (double)g->cells[1].sum : 0;
    (void)an;
    (void)c;
    *ret_bad = fmax(now - before, 0);
    *ret_all = before;
}

/* The value of one dimension that most of it has; 0: none, or no more of it than of the traffic. */
static uint32_t most_of(const struct analyser *an, const struct rule_change *c, const struct store_result *r, enum dim d,
                        measure_fn *measure)
{
    struct shown list[VALUES_MAX] = {{.id = 0}}, sum = {.id = 0};
    size_t count = 0, most = 0;
    for (size_t i = 0; i < r->count; i++) {
        double bad, all;
        measure(an, c, &r->groups[i], &bad, &all);
        sum.bad += bad;
        sum.all += all;
        size_t k = 0;
        while (k < count && list[k].id != r->groups[i].dim[d])
            k++;
        if (k == VALUES_MAX)
            continue;
        count += k == count;
        list[k].id = r->groups[i].dim[d];
        list[k].bad += bad;
        list[k].all += all;
        most = list[k].bad > list[most].bad ? k : most;
    }
    if (count == 0 || !(sum.bad > 0) || list[most].bad < most_share * sum.bad)
        return 0;
    const double of_all = sum.all > 0 ? list[most].all / sum.all : 0;
    return count == 1 || list[most].bad / sum.bad - of_all >= least_lift ? list[most].id : 0;
}

/* One table of what is wrong, and what most of it has, where that is not known yet. */
static enum err look(struct analyser *an, const struct rule_change *c, const uint32_t scope[DIM_COUNT], struct store_query q,
                     measure_fn *measure, uint32_t dim[DIM_COUNT], struct errctx *ctx)
{
    struct store_result r;
    const uint32_t by = q.group_by & ~DIM_BIT(DIM_CLASS);
    enum err e = analyse_allowed(an, q.signal, &q.filter.sources, &q.filter.source_count, ctx);
    for (int d = 0; d < DIM_COUNT; d++) {
        q.filter.dim[d].ids = &scope[d];
        q.filter.dim[d].count = scope[d] != 0;
    }
    if (e == ERR_OK)
        e = store_read(an->st, &q, 1, &an->scratch, &r, ctx);
    if (e != ERR_OK)
        return e == ERR_LIMIT ? ERR_OK : e; /* too many values to tell by: the scope must do */
    for (int d = 0; d < DIM_COUNT; d++)
        if ((by & DIM_BIT(d)) != 0 && dim[d] == 0)
            dim[d] = most_of(an, c, &r, (enum dim)d, measure);
    return ERR_OK;
}

static enum err look_at_all(struct analyser *an, const struct rule_change *c, int64_t at_ms, const uint32_t scope[DIM_COUNT],
                            uint32_t dim[DIM_COUNT], struct errctx *ctx)
{
    int64_t from_ms = c->onset_ms != 0 ? c->onset_ms - c->onset_error_ms : c->since_ms - 5 * MINUTE_MS;
    from_ms = at_ms - from_ms > SHOWN_MS ? at_ms - SHOWN_MS : from_ms;
    struct store_query q = {.t0_ms = from_ms, .step_ms = at_ms - from_ms, .columns = 1, .group_by = PLACE_DIMS};
    if (c->shows == SHOWS_NOTHING || from_ms >= at_ms)
        return ERR_OK;
    if (c->shows == SHOWS_SLOW) {
        q.signal = c->signal;
        return look(an, c, scope, q, slow, dim, ctx);
    }
    if (c->shows == SHOWS_SPEND) {
        q.signal = SIG_COST;
        q.group_by = SPEND_DIMS;
        q.t0_ms = from_ms - q.step_ms;
        q.columns = 2;
        return look(an, c, scope, q, spent, dim, ctx);
    }
    q.group_by |= DIM_BIT(DIM_CLASS);
    q.signal = SIG_ATTEMPTS; /* first: what failed upstream, whatever became of it */
    enum err e = look(an, c, scope, q, failed, dim, ctx);
    q.signal = SIG_REQUESTS;
    return e == ERR_OK ? look(an, c, scope, q, failed, dim, ctx) : e;
}

/* ---- all of it ---- */

static uint64_t identity_of(const struct incident_track *t)
{
    return hash_bytes(t->title, strlen(t->title), hash_bytes(t->scope, strlen(t->scope), t->of_budget));
}

enum err analyse_place(struct analyser *an, const struct incident_track *t, const struct rule_change *c, int64_t at_ms,
                       struct grouping_alert *ret, struct errctx *ctx)
{
    struct grouping_alert al = {.onset_ms = c->onset_ms != 0 ? c->onset_ms : c->since_ms,
                                .component = GROUPING_NO_COMPONENT,
                                .severity = SEV_TICKET, /* of pages the incidents themselves take care (analyse_incident.c) */
                                .identity = identity_of(t)};
    uint32_t scope[DIM_COUNT] = {0};
    read_scope(an, t->scope, scope);
    memcpy(al.dim, scope, sizeof al.dim);
    enum err e = analyse_topology(an, ctx);
    if (e == ERR_OK)
        e = look_at_all(an, c, at_ms, scope, al.dim, ctx);
    if (e == ERR_OK)
        e = analyse_follow(an, scope, al.dim, ctx);
    if (e != ERR_OK)
        return e;
    if (c->component != NULL)
        al.component = topology_find_name(an->topology, c->component);
    if (al.component == TOPOLOGY_NONE)
        al.component = topology_of(an->topology, al.dim);
    *ret = al;
    return ERR_OK;
}

const char *analyse_place_why(struct analyser *an, enum grouping_why why, enum dim dim, const struct grouping_alert *al)
{
    if (why == GROUPING_VALUE && al->dim[dim] != 0) {
        const char *value = text_string(an, al->dim[dim]);
        return value != NULL ? arena_printf(&an->scratch, "the same %s, %s", dim_name(dim), value) : NULL;
    }
    if (why == GROUPING_COMPONENT && al->component != GROUPING_NO_COMPONENT)
        return arena_printf(&an->scratch, "at %s or next to it", topology_at(an->topology, al->component)->name);
    return "at one time, and nothing tells them apart";
}
