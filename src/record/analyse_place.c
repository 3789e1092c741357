/* SPDX-License-Identifier: MIT */
/* Where an alert is: what grouping (analysis/grouping.h) is told of it.
 *
 * A scope alone says little: an objective of all traffic names nothing, and a budget of a key names who pays. So what the rule found too
 * much of is read from the store, by model, provider, deployment, region and team: a value that two thirds of it have, and not as much of
 * the traffic, is where the trouble is. Of spend it is the rise that is looked at, and not its provider: where the money goes after a
 * fallback is where it works. Values that follow (the one provider of a deployment, the team of a key) come from the series
 * (analyse_follow.c).
 *
 * Everything passes the gateway, so that to be behind it is no place. An alert is at the gateway where the store shows that all of it is
 * hit: what all traffic fails of has no such value, and the rest fails as the part does that the alert is of. One of a value that no
 * series has (another system's model) is of that value, and at no component. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "model/outside.h"
#include "record/analyse_int.h"

enum { SHOWN_MS = 30 * MINUTE_MS, SHOWN_LEAST_MS = 5 * MINUTE_MS, VALUES_MAX = 512, READ_BYTES_MAX = 128 << 20 };
static const double most_share = 2.0 / 3, least_lift = 0.1;
static const double as_much = 0.5;  /* of the part's share, where the rest fails as it does */
#define UNSEEN UINT32_C(0x80000000) /* bit of what stands for a value that no series has */

#define PLACE_DIMS (DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_REGION) | DIM_BIT(DIM_TEAM))
#define SPEND_DIMS (DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY))

static bool is_gateway(const struct analyser *an, uint32_t component)
{
    return component < topology_count(an->topology) && topology_at(an->topology, component)->kind == COMPONENT_GATEWAY;
}

/* What grouping is told of who calls whom: a gateway calls all that is behind it, which makes nothing near to anything. Its stages are
 * passed by all as it is itself. Errors: ERR_NOMEM. */
static enum err take_edges(struct analyser *an)
{
    size_t count;
    const struct rootrank_edge *list = topology_edges(an->topology, &count);
    struct rootrank_edge *ways = realloc(an->ways, (count + 1) * sizeof *ways);
    if (ways == NULL)
        return ERR_NOMEM;
    an->ways = ways;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_gateway(an, list[i].caller) || topology_at(an->topology, list[i].callee)->kind == COMPONENT_STAGE)
            ways[kept++] = list[i];
    grouping_grow(an->grouping, ways, kept, (uint32_t)topology_count(an->topology));
    return ERR_OK;
}

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
    if (e == ERR_OK)
        e = take_edges(an);
    return e == ERR_OK ? e : errctx_set(ctx, e, "out of memory for the components that traffic passes through");
}

/* ---- the scope ---- */

/* It stands for a text that the store does not have. */
static uint32_t unseen(struct str text)
{
    return UNSEEN | (uint32_t)hash_bytes(text.p, text.n, 0);
}

/* "model=gpt-x,team=search" -> ids. */
static void read_scope(const struct analyser *an, const char *scope, uint32_t dim[DIM_COUNT])
{
    while (*scope != '\0') {
        const size_t n = strcspn(scope, ",");
        const char *equals = memchr(scope, '=', n);
        enum dim d;
        const struct str value = {equals + 1, n - (size_t)(equals + 1 - scope)};
        if (equals != NULL && dim_by_name((struct str){scope, (size_t)(equals - scope)}, &d) &&
            !intern_find(store_strings(an->st), value, &dim[d]))
            dim[d] = unseen(value);
        scope += n + (scope[n] == ',');
    }
}

/* "outside:am:DiskFull" -> what stands for DiskFull, where nothing that an alert from outside names is known here: what a rule of that name
 * finds at many places at one time is mostly one thing. Whose requests it is about tells it apart all the same. */
static uint32_t name_of(const struct rule_change *c, const uint32_t scope[DIM_COUNT])
{
    if (!outside_is_rule(c->rule) || scope[DIM_TEAM] != 0 || scope[DIM_KEY] != 0)
        return 0;
    for (int d = 0; d < DIM_COUNT; d++)
        if (scope[d] != 0 && (scope[d] & UNSEEN) == 0)
            return 0;
    const char *source = strchr(c->rule, ':'), *name = source != NULL ? strchr(source + 1, ':') : NULL;
    return name != NULL ? unseen((struct str){name + 1, strcspn(name + 1, ":")}) : 0;
}

/* ---- what is wrong ---- */

/* How much of it has a value, and how much of the traffic. */
struct shown {
    uint32_t id;
    double bad, all;
};

/* What the store shows, and how much of what is wrong each group has. */
struct table {
    const struct store_group *groups;
    size_t count;
    struct shown *shown; /* [count], without id */
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

/* What the values of one dimension have, at most so many of them; ret_sum: all of it. Returns the one that has most of what is wrong. */
static struct shown by_value(const struct table *t, enum dim d, struct shown *ret_sum, size_t *ret_count)
{
    struct shown list[VALUES_MAX] = {{.id = 0}};
    size_t count = 0, most = 0;
    *ret_sum = (struct shown){.id = 0};
    for (size_t i = 0; i < t->count; i++) {
        size_t k = 0;
        ret_sum->bad += t->shown[i].bad;
        ret_sum->all += t->shown[i].all;
        while (k < count && list[k].id != t->groups[i].dim[d])
            k++;
        if (k == VALUES_MAX)
            continue;
        count += k == count;
        list[k].id = t->groups[i].dim[d];
        list[k].bad += t->shown[i].bad;
        list[k].all += t->shown[i].all;
        most = list[k].bad > list[most].bad ? k : most;
    }
    *ret_count = count;
    return list[most];
}

/* The value of one dimension that most of it has; 0: none, or no more of it than of the traffic. */
static uint32_t most_of(const struct table *t, enum dim d)
{
    struct shown sum;
    size_t count;
    const struct shown most = by_value(t, d, &sum, &count);
    if (count == 0 || !(sum.bad > 0) || most.bad < most_share * sum.bad)
        return 0;
    const double of_all = sum.all > 0 ? most.all / sum.all : 0;
    return count == 1 || most.bad / sum.bad - of_all >= least_lift ? most.id : 0;
}

/* The table, with what is wrong in each of its groups. Too many values to tell by, or more than there is memory for: ERR_LIMIT, and the
 * scope must do; an alert is not lost for where it is. */
static enum err read_table(struct analyser *an, const struct rule_change *c, struct store_query *q, measure_fn *measure, struct arena *a,
                           struct table *ret, struct errctx *ctx)
{
    struct store_result r;
    arena_reset(a);
    enum err e = analyse_table(an, q, a, &r, ctx);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? ERR_LIMIT : e;
    *ret = (struct table){.groups = r.groups, .count = r.count, .shown = arena_array(a, r.count + 1, sizeof *ret->shown)};
    for (size_t i = 0; ret->shown != NULL && i < r.count; i++)
        measure(an, c, &r.groups[i], &ret->shown[i].bad, &ret->shown[i].all);
    return ret->shown != NULL ? ERR_OK : ERR_LIMIT;
}

/* One table of what is wrong, and what most of it has, where that is not known yet. */
static enum err look(struct analyser *an, const struct rule_change *c, const uint32_t scope[DIM_COUNT], struct store_query q,
                     measure_fn *measure, struct arena *a, uint32_t dim[DIM_COUNT], struct errctx *ctx)
{
    struct table t;
    const uint32_t by = q.group_by & ~DIM_BIT(DIM_CLASS);
    for (int d = 0; d < DIM_COUNT; d++) {
        q.filter.dim[d].ids = &scope[d];
        q.filter.dim[d].count = scope[d] != 0;
    }
    enum err e = read_table(an, c, &q, measure, a, &t, ctx);
    if (e != ERR_OK)
        return e == ERR_LIMIT ? ERR_OK : e;
    for (int d = 0; d < DIM_COUNT; d++)
        if ((by & DIM_BIT(d)) != 0 && dim[d] == 0)
            dim[d] = most_of(&t, (enum dim)d);
    return ERR_OK;
}

/* The time that is looked at: since the onset, five minutes at least, for that may be the last poll, and half an hour at most; 0: nothing
 * is. */
static int64_t looked_from(const struct rule_change *c, int64_t at_ms)
{
    const int64_t since_ms = c->onset_ms != 0 ? c->onset_ms - c->onset_error_ms : c->since_ms;
    const int64_t ago_ms = at_ms - since_ms > SHOWN_MS ? SHOWN_MS : at_ms - since_ms;
    return c->shows == SHOWS_NOTHING ? 0 : at_ms - (ago_ms > SHOWN_LEAST_MS ? ago_ms : SHOWN_LEAST_MS);
}

/* The table of what the rule shows too much of, and how that is measured. */
static measure_fn *table_of(const struct rule_change *c, int64_t from_ms, int64_t at_ms, struct store_query *ret)
{
    *ret = (struct store_query){
        .signal = SIG_REQUESTS, .t0_ms = from_ms, .step_ms = at_ms - from_ms, .columns = 1, .group_by = PLACE_DIMS | DIM_BIT(DIM_CLASS)};
    if (c->shows == SHOWS_SLOW) {
        ret->signal = c->signal;
        ret->group_by = PLACE_DIMS;
        return slow;
    }
    if (c->shows == SHOWS_SPEND) {
        ret->signal = SIG_COST;
        ret->group_by = SPEND_DIMS;
        ret->t0_ms = from_ms - ret->step_ms;
        ret->columns = 2;
        return spent;
    }
    return failed;
}

static enum err look_anew(struct analyser *an, const struct rule_change *c, int64_t from_ms, int64_t at_ms, const uint32_t scope[DIM_COUNT],
                          struct arena *a, uint32_t dim[DIM_COUNT], struct errctx *ctx)
{
    struct store_query q;
    measure_fn *measure = table_of(c, from_ms, at_ms, &q);
    if (c->shows == SHOWS_FAILURES) { /* first what failed upstream, whatever became of it */
        struct store_query upstream = q;
        upstream.signal = SIG_ATTEMPTS;
        enum err e = look(an, c, scope, upstream, measure, a, dim, ctx);
        if (e != ERR_OK)
            return e;
    }
    return look(an, c, scope, q, measure, a, dim, ctx);
}

static bool is_same_look(const struct looked *x, const struct looked *y)
{
    return x->shows == y->shows && x->signal == y->signal && memcmp(&x->threshold, &y->threshold, sizeof x->threshold) == 0 &&
           x->from_ms == y->from_ms && x->at_ms == y->at_ms && memcmp(x->scope, y->scope, sizeof x->scope) == 0;
}

/* What most of it has, of the dimensions of which dim has none. */
static enum err look_at_all(struct analyser *an, const struct rule_change *c, int64_t at_ms, const uint32_t scope[DIM_COUNT],
                            struct arena *a, uint32_t dim[DIM_COUNT], struct errctx *ctx)
{
    struct looked now = {
        .shows = c->shows, .signal = c->signal, .threshold = c->threshold, .from_ms = looked_from(c, at_ms), .at_ms = at_ms};
    if (now.from_ms == 0)
        return ERR_OK;
    memcpy(now.scope, scope, sizeof now.scope);
    const struct looked *seen = NULL;
    for (uint32_t i = 0; i < LOOKED_KEPT && i < an->looked_count && seen == NULL; i++)
        seen = is_same_look(&an->looked[i], &now) ? &an->looked[i] : NULL;
    if (seen == NULL) {
        memcpy(now.dim, scope, sizeof now.dim);
        enum err e = look_anew(an, c, now.from_ms, at_ms, scope, a, now.dim, ctx);
        if (e != ERR_OK)
            return e;
        struct looked *place = &an->looked[an->looked_count++ % LOOKED_KEPT];
        *place = now;
        seen = place;
    }
    for (int d = 0; d < DIM_COUNT; d++)
        dim[d] = dim[d] == 0 && scope[d] == 0 ? seen->dim[d] : dim[d];
    return ERR_OK;
}

/* ---- whether all of it is ---- */

/* By what the alert's part is told from the rest: the model, where one is known, else what the scope names; 0: the model that most of it
 * is of. */
static uint32_t part_dims(const uint32_t scope[DIM_COUNT], const uint32_t dim[DIM_COUNT])
{
    uint32_t dims = 0;
    if (dim[DIM_MODEL] != 0 && scope[DIM_STAGE] == 0)
        return DIM_BIT(DIM_MODEL);
    for (int d = 0; d < DIM_COUNT; d++)
        dims |= scope[d] != 0 && d != DIM_GATEWAY ? DIM_BIT(d) : 0;
    return dims;
}

static bool is_of_part(const struct store_group *g, const uint32_t dim[DIM_COUNT], uint32_t dims)
{
    for (int d = 0; d < DIM_COUNT; d++)
        if ((dims & DIM_BIT(d)) != 0 && g->dim[d] != dim[d])
            return false;
    return true;
}

/* Whether the rest has as much of what is wrong, for its traffic, as the part. */
static bool rest_is_as_bad(const struct table *t, const uint32_t dim[DIM_COUNT], uint32_t dims)
{
    struct shown part = {.id = 0}, rest = {.id = 0};
    for (size_t i = 0; i < t->count; i++) {
        struct shown *of = is_of_part(&t->groups[i], dim, dims) ? &part : &rest;
        of->bad += t->shown[i].bad;
        of->all += t->shown[i].all;
    }
    return part.bad > 0 && (rest.all <= 0 || rest.bad / rest.all >= as_much * part.bad / part.all);
}

/* Whether all traffic of the gateway is hit, and the alert's part of it only as all is. */
static enum err look_whole(struct analyser *an, const struct rule_change *c, int64_t at_ms, const uint32_t scope[DIM_COUNT],
                           const uint32_t dim[DIM_COUNT], struct arena *a, bool *ret, struct errctx *ctx)
{
    struct store_query q;
    struct table t;
    uint32_t whole[DIM_COUNT] = {[DIM_GATEWAY] = scope[DIM_GATEWAY]}, of[DIM_COUNT] = {0}, dims = part_dims(scope, dim);
    const int64_t from_ms = looked_from(c, at_ms);
    *ret = false;
    if (from_ms == 0)
        return ERR_OK;
    enum err e = look_at_all(an, c, at_ms, whole, a, of, ctx);
    for (int d = 0; e == ERR_OK && d < DIM_COUNT; d++)
        if (of[d] != 0)
            return ERR_OK; /* what all of it fails of is named by that */
    measure_fn *measure = table_of(c, from_ms, at_ms, &q);
    q.group_by = (dims != 0 ? dims : DIM_BIT(DIM_MODEL)) | (q.group_by & DIM_BIT(DIM_CLASS));
    q.filter.dim[DIM_GATEWAY].ids = &whole[DIM_GATEWAY];
    q.filter.dim[DIM_GATEWAY].count = whole[DIM_GATEWAY] != 0;
    if (e == ERR_OK)
        e = read_table(an, c, &q, measure, a, &t, ctx);
    if (e != ERR_OK)
        return e == ERR_LIMIT ? ERR_OK : e;
    memcpy(of, dim, sizeof of);
    if (dims == 0) {
        struct shown sum;
        size_t count;
        dims = DIM_BIT(DIM_MODEL);
        of[DIM_MODEL] = by_value(&t, DIM_MODEL, &sum, &count).id; /* the model that most of it is of */
    }
    *ret = rest_is_as_bad(&t, of, dims);
    return ERR_OK;
}

/* ---- all of it ---- */

static uint64_t identity_of(const struct incident_track *t)
{
    return hash_bytes(t->title, strlen(t->title), hash_bytes(t->scope, strlen(t->scope), t->of_budget));
}

/* All of it is hit: it has no other values, of which those of the next alert would differ. That all spend rises is no sign of where
 * anything fails. */
static void put_whole(const struct analyser *an, bool spend, uint32_t scope[DIM_COUNT], struct grouping_alert *al)
{
    static const char all_spend[] = "what is spent of all";
    for (int d = 0; d < DIM_COUNT; d++)
        scope[d] = d == DIM_GATEWAY ? scope[d] : 0;
    memcpy(al->dim, scope, sizeof al->dim);
    if (spend)
        al->dim[DIM_NAME] = unseen(str_of(all_spend));
    else
        al->component = topology_of(an->topology, al->dim);
}

enum err analyse_place(struct analyser *an, const struct incident_track *t, const struct rule_change *c, int64_t at_ms,
                       struct grouping_alert *ret, struct errctx *ctx)
{
    struct grouping_alert al = {.onset_ms = c->onset_ms != 0 ? c->onset_ms : c->since_ms,
                                .component = GROUPING_NO_COMPONENT,
                                .severity = SEV_TICKET, /* of pages the incidents themselves take care (analyse_incident.c) */
                                .identity = identity_of(t),
                                .of_money = t->of_budget,
                                .fired_ms = c->since_ms};
    uint32_t scope[DIM_COUNT] = {0};
    bool whole = false;
    struct arena a; /* of this reading alone */
    read_scope(an, t->scope, scope);
    memcpy(al.dim, scope, sizeof al.dim);
    al.name = name_of(c, scope);
    enum err e = analyse_topology(an, ctx);
    arena_init(&a, READ_BYTES_MAX);
    if (e == ERR_OK)
        e = look_at_all(an, c, at_ms, scope, &a, al.dim, ctx);
    if (e == ERR_OK)
        e = look_whole(an, c, at_ms, scope, al.dim, &a, &whole, ctx);
    arena_fini(&a);
    const bool spend = c->shows == SHOWS_SPEND;
    if (e == ERR_OK && whole)
        put_whole(an, spend, scope, &al);
    if (e == ERR_OK)
        e = analyse_follow(an, scope, al.dim, ctx);
    if (e != ERR_OK)
        return e;
    if (c->component != NULL)
        al.component = topology_find_name(an->topology, c->component);
    if (al.component == TOPOLOGY_NONE)
        al.component = topology_of(an->topology, al.dim);
    if ((!whole || spend) && al.component != TOPOLOGY_NONE && is_gateway(an, al.component))
        al.component = GROUPING_NO_COMPONENT;
    *ret = al;
    return ERR_OK;
}

bool analyse_place_is_elsewhere(const struct rule_change *c, const struct grouping_alert *al)
{
    bool any = al->component != GROUPING_NO_COMPONENT;
    for (int d = 0; d < DIM_COUNT; d++)
        any = any || (al->dim[d] != 0 && (al->dim[d] & UNSEEN) == 0);
    return outside_is_rule(c->rule) && !any;
}

const char *analyse_place_why(struct analyser *an, enum grouping_why why, enum dim dim, const struct grouping_alert *al)
{
    if (why == GROUPING_VALUE && al->dim[dim] != 0) {
        if ((al->dim[dim] & UNSEEN) != 0)
            return arena_printf(&an->scratch, al->of_money ? "spend rises alike everywhere" : "the same %s", dim_name(dim));
        const char *value = text_string(an, al->dim[dim]);
        return value != NULL ? arena_printf(&an->scratch, "the same %s, %s", dim_name(dim), value) : NULL;
    }
    if (why == GROUPING_NAME)
        return "of one name at one time, and nothing that it names is known here";
    if (why == GROUPING_COMPONENT && is_gateway(an, al->component))
        return arena_printf(&an->scratch, "all traffic of %s is hit alike", topology_at(an->topology, al->component)->name);
    if (why == GROUPING_COMPONENT && al->component != GROUPING_NO_COMPONENT)
        return arena_printf(&an->scratch, "at %s or next to it", topology_at(an->topology, al->component)->name);
    return "at one time, and nothing tells them apart";
}
