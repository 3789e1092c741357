/* SPDX-License-Identifier: MIT */
/* How two groups are compared: each dimension's values are draws from an unknown distribution of the incident (Dirichlet-multinomial), and
 * so are its components. If they are of one incident both have the same; if not, each has its own. The likelihoods are exact; how much the
 * values of an incident differ among themselves is not known, so three concentrations are averaged: a group whose teams are all different
 * then tells nothing by its teams. What a value is likely to be before anything is known of the incident is how many of the earlier
 * incidents had it. Source: Heller and Ghahramani 2005 (Bayesian hierarchical clustering), here one alert after the other. */
#include "analysis/grouping.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { VALUES = 8192, VALUES_MAX = VALUES * 3 / 4, PARTS_MAX = 96, IDENTITIES_MAX = 64, WORDS = GROUPING_COMPONENTS_MAX / 64 };
enum { COMPONENT = DIM_COUNT, NAME, KINDS }; /* a component is counted as one more dimension, and so is a name */
/* Nats. An alert: what comes while an incident is open is mostly of it, so it need not be beyond doubt. Two incidents: likelier one than
 * two. */
static const double least_nats = -1, least_merge_nats = 0;
static const double gap_scale_ms = 3 * 60000.0; /* outside of a group's time a nat against it for each */
/* An incident shows all along its way, and two groups of its alerts may have formed at two places of it: other components speak against it
 * only so much. */
static const double least_component_nats = -2;
/* Which dimensions an alert names is a rule's doing, and one rule names several: half of it is news. */
static const double naming_weight = 0.5;
static const double next_to = 0.7; /* of the components that an incident does not have yet: how many are one call away from those it has */
/* A value that no incident had is taken for that of a tenth. */
static const double value_prior = 0.5, value_prior_all = 5;
static const double concentrations[] = {0.3, 3, 30}; /* from few values by far to as many as there are alerts */
enum { CONCENTRATIONS = sizeof concentrations / sizeof concentrations[0] };

/* How many of a group's alerts have a value. */
struct part {
    uint32_t kind, id; /* enum dim, COMPONENT or NAME */
    double count;
};

struct group {
    uint32_t number;                    /* 0: free */
    int64_t first_ms, last_ms, hold_ms; /* hold_ms: not to page before */
    int64_t fired_ms;                   /* of_money: when the last of it fired */
    bool worth_page, paged, of_money;   /* of_money: all of it */
    double alerts, given[DIM_COUNT];    /* of them: how many have a value of the dimension */
    struct part parts[PARTS_MAX];
    size_t part_count;
    double n[KINDS];                   /* counted of each kind */
    uint64_t near[WORDS];              /* bit of a component that calls one of the group's, or is called by one */
    uint32_t nears;                    /* bits */
    uint64_t identity[IDENTITIES_MAX]; /* the newest, in a ring */
    uint32_t identities;
};

/* In how many closed incidents a value was. */
struct value {
    uint32_t kind, id, incidents; /* incidents 0: free */
};

struct grouping {
    const struct rootrank_edge *edges;
    size_t edge_count;
    uint32_t component_count, opened;
    int64_t newest_ms;
    struct group open[GROUPING_OPEN_MAX], one; /* one: the alert that is being placed */
    struct value values[VALUES];
    size_t value_count;
    uint32_t incidents_with[KINDS];
    double alerts, given[DIM_COUNT]; /* of all alerts */
};

struct grouping *grouping_new(const struct rootrank_edge *edges, size_t edge_count, uint32_t component_count)
{
    struct grouping *g = component_count <= GROUPING_COMPONENTS_MAX ? calloc(1, sizeof *g) : NULL;
    if (g == NULL)
        return NULL;
    g->edges = edges;
    g->edge_count = edge_count;
    g->component_count = component_count;
    g->newest_ms = INT64_MIN;
    return g;
}

void grouping_free(struct grouping *g)
{
    free(g);
}

/* ---- what is usual ---- */

/* A value's slot, or the free one where it would be. */
static struct value *value_slot(struct grouping *g, uint32_t kind, uint32_t id)
{
    size_t at = (size_t)(hash_u64((uint64_t)id * KINDS + kind, 0) % VALUES);
    while (g->values[at].incidents > 0 && (g->values[at].kind != kind || g->values[at].id != id))
        at = (at + 1) % VALUES;
    return &g->values[at];
}

/* How likely a value is of an incident of which nothing is known. */
static double usual_share(struct grouping *g, uint32_t kind, uint32_t id)
{
    return (value_slot(g, kind, id)->incidents + value_prior) / (g->incidents_with[kind] + value_prior_all);
}

/* The group is over: its values are known of one more incident. */
static void close_group(struct grouping *g, struct group *x)
{
    for (uint32_t k = 0; k < KINDS; k++)
        g->incidents_with[k] += x->n[k] > 0;
    for (size_t i = 0; i < x->part_count; i++) {
        struct value *v = value_slot(g, x->parts[i].kind, x->parts[i].id);
        if (v->incidents == 0 && g->value_count == VALUES_MAX)
            continue;
        g->value_count += v->incidents == 0;
        *v = (struct value){.kind = x->parts[i].kind, .id = x->parts[i].id, .incidents = v->incidents + 1};
    }
    x->number = 0;
}

/* ---- groups ---- */

static bool has_bit(const uint64_t *bits, uint32_t i)
{
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static void set_near(struct group *x, uint32_t i)
{
    x->nears += !has_bit(x->near, i);
    x->near[i / 64] |= UINT64_C(1) << (i % 64);
}

static double count_of(const struct group *x, uint32_t kind, uint32_t id)
{
    for (size_t i = 0; i < x->part_count; i++)
        if (x->parts[i].kind == kind && x->parts[i].id == id)
            return x->parts[i].count;
    return 0;
}

static void count(const struct grouping *g, struct group *x, uint32_t kind, uint32_t id, double n)
{
    size_t i = 0;
    while (i < x->part_count && (x->parts[i].kind != kind || x->parts[i].id != id))
        i++;
    if (i == PARTS_MAX)
        return;
    if (i == x->part_count) {
        x->parts[x->part_count++] = (struct part){.kind = kind, .id = id};
        for (size_t e = 0; kind == COMPONENT && e < g->edge_count; e++) {
            if (g->edges[e].caller == id)
                set_near(x, g->edges[e].callee);
            if (g->edges[e].callee == id)
                set_near(x, g->edges[e].caller);
        }
    }
    x->parts[i].count += n;
    x->n[kind] += n;
}

static void remember(struct group *x, uint64_t identity)
{
    x->identity[x->identities++ % IDENTITIES_MAX] = identity;
}

static uint32_t identities_kept(const struct group *x)
{
    return x->identities < IDENTITIES_MAX ? x->identities : IDENTITIES_MAX;
}

static bool is_same_alert(const struct group *x, uint64_t identity)
{
    for (uint32_t i = 0; i < identities_kept(x); i++)
        if (x->identity[i] == identity)
            return true;
    return false;
}

static void make_single(const struct grouping *g, const struct grouping_alert *al, struct group *ret)
{
    *ret = (struct group){
        .first_ms = al->onset_ms, .last_ms = al->onset_ms, .worth_page = al->severity == SEV_PAGE, .of_money = al->of_money, .alerts = 1};
    ret->fired_ms = al->of_money && al->fired_ms > al->onset_ms ? al->fired_ms : al->onset_ms;
    remember(ret, al->identity);
    if (al->component != GROUPING_NO_COMPONENT)
        count(g, ret, COMPONENT, al->component, 1);
    if (al->name != 0)
        count(g, ret, NAME, al->name, 1);
    for (uint32_t d = 0; d < DIM_COUNT; d++) {
        ret->given[d] = al->dim[d] != 0;
        if (al->dim[d] != 0)
            count(g, ret, d, al->dim[d], 1);
    }
}

static void remember_all(struct group *x, const struct group *y)
{
    for (uint32_t i = 0; i < identities_kept(y); i++)
        remember(x, y->identity[i]);
    x->worth_page = x->worth_page || y->worth_page;
    x->paged = x->paged || y->paged;
}

/* y into x. Who pays for what fails is no sign of where: of money and failure together the latter alone is what the incident is. */
static void join(const struct grouping *g, struct group *x, const struct group *y)
{
    if (x->of_money && !y->of_money) {
        struct group both = *y;
        both.number = x->number;
        both.hold_ms = x->hold_ms;
        remember_all(&both, x);
        *x = both;
        return;
    }
    remember_all(x, y);
    if (y->of_money && !x->of_money)
        return;
    x->first_ms = y->first_ms < x->first_ms ? y->first_ms : x->first_ms;
    x->last_ms = y->last_ms > x->last_ms ? y->last_ms : x->last_ms;
    x->fired_ms = y->fired_ms > x->fired_ms ? y->fired_ms : x->fired_ms;
    x->alerts += y->alerts;
    for (int d = 0; d < DIM_COUNT; d++)
        x->given[d] += y->given[d];
    for (size_t i = 0; i < y->part_count; i++)
        count(g, x, y->parts[i].kind, y->parts[i].id, y->parts[i].count);
}

/* ---- one or two ---- */

/* Log-likelihood of n values of a kind, but for the factors of which values they are, ... */
static double of_number(double concentration, double n)
{
    return lgamma(concentration) - lgamma(concentration + n);
}

/* ... and the factor of one that came n times. */
static double of_value(double concentration, double share, double n)
{
    return n > 0 ? lgamma(concentration * share + n) - lgamma(concentration * share) : 0;
}

static double log_mean_exp(const double list[CONCENTRATIONS])
{
    double most = list[0], sum = 0;
    for (size_t i = 1; i < CONCENTRATIONS; i++)
        most = fmax(most, list[i]);
    for (size_t i = 0; i < CONCENTRATIONS; i++)
        sum += exp(list[i] - most);
    return most + log(sum / CONCENTRATIONS);
}

/* How much likelier the values of a kind are of one incident. */
static double kind_nats(struct grouping *g, uint32_t kind, const struct group *x, const struct group *y)
{
    double one[CONCENTRATIONS], of_x[CONCENTRATIONS], of_y[CONCENTRATIONS];
    if (x->n[kind] <= 0 || y->n[kind] <= 0)
        return 0;
    for (size_t c = 0; c < CONCENTRATIONS; c++) {
        one[c] = of_number(concentrations[c], x->n[kind] + y->n[kind]);
        of_x[c] = of_number(concentrations[c], x->n[kind]);
        of_y[c] = of_number(concentrations[c], y->n[kind]);
    }
    for (size_t i = 0; i < x->part_count + y->part_count; i++) {
        const bool is_x = i < x->part_count;
        const struct part *p = is_x ? &x->parts[i] : &y->parts[i - x->part_count];
        if (p->kind != kind)
            continue;
        const double share = usual_share(g, kind, p->id), other = count_of(is_x ? y : x, kind, p->id);
        for (size_t c = 0; c < CONCENTRATIONS; c++) {
            *(is_x ? &of_x[c] : &of_y[c]) += of_value(concentrations[c], share, p->count);
            if (is_x || other <= 0) /* what both have is added with x's */
                one[c] += of_value(concentrations[c], share, p->count + other);
        }
    }
    return log_mean_exp(one) - log_mean_exp(of_x) - log_mean_exp(of_y);
}

static double naming_likelihood(double share, double given, double n)
{
    double list[CONCENTRATIONS];
    for (size_t c = 0; c < CONCENTRATIONS; c++)
        list[c] =
            of_number(concentrations[c], n) + of_value(concentrations[c], share, given) + of_value(concentrations[c], 1 - share, n - given);
    return log_mean_exp(list);
}

/* How much likelier it is of one incident that so many of x's and of y's alerts name the dimensions that they name: those of a provider
 * name providers, those of a team's key name teams. Before anything is known an alert names what all alerts name as often. */
static double naming_nats(const struct grouping *g, const struct group *x, const struct group *y)
{
    double nats = 0;
    for (int d = 0; d < DIM_COUNT; d++) {
        const double share = (g->given[d] + 1) / (g->alerts + 2);
        if (g->given[d] > 0)
            nats += naming_likelihood(share, x->given[d] + y->given[d], x->alerts + y->alerts) -
                    naming_likelihood(share, x->given[d], x->alerts) - naming_likelihood(share, y->given[d], y->alerts);
    }
    return naming_weight * nats;
}

/* Components that only y has: likelier where they are next to x's. */
static double topology_nats(const struct grouping *g, const struct group *x, const struct group *y)
{
    double nats = 0;
    if (x->n[COMPONENT] <= 0)
        return 0;
    for (size_t i = 0; i < y->part_count; i++) {
        const struct part *p = &y->parts[i];
        if (p->kind != COMPONENT || count_of(x, COMPONENT, p->id) > 0)
            continue;
        nats += log(1 - next_to + (has_bit(x->near, p->id) ? next_to * g->component_count / x->nears : 0));
    }
    return nats;
}

static int64_t gap_of(const struct group *x, const struct group *y)
{
    const bool fired = x->of_money && y->of_money; /* and not since when they burn */
    const int64_t x_ms = fired ? x->fired_ms : x->last_ms, y_ms = fired ? y->fired_ms : y->last_ms;
    const int64_t from_x = fired ? x_ms : x->first_ms, from_y = fired ? y_ms : y->first_ms;
    return from_y > x_ms ? from_y - x_ms : from_x > y_ms ? from_x - y_ms : 0;
}

/* Whether there is anything at all that both are of: a value that both name, a component, or two of which one calls the other. */
static bool have_common(const struct group *x, const struct group *y)
{
    for (size_t i = 0; i < y->part_count; i++) {
        const struct part *p = &y->parts[i];
        if (count_of(x, p->kind, p->id) > 0 || (p->kind == COMPONENT && has_bit(x->near, p->id)))
            return true;
    }
    return false;
}

/* How much likelier y is of x's incident than of another; ret: what speaks most for it. */
static double nats_of_one(struct grouping *g, const struct group *x, const struct group *y, struct grouping_place *ret)
{
    double most = fmax(kind_nats(g, COMPONENT, x, y) + topology_nats(g, x, y), least_component_nats);
    double nats = most + naming_nats(g, x, y) - (double)gap_of(x, y) / gap_scale_ms;
    ret->why = GROUPING_COMPONENT;
    for (uint32_t k = 0; k < KINDS; k++) {
        const double v = k != COMPONENT ? kind_nats(g, k, x, y) : -(double)INFINITY;
        nats += k != COMPONENT ? v : 0;
        if (v <= most)
            continue;
        most = v;
        ret->why = k == NAME ? GROUPING_NAME : GROUPING_VALUE;
        ret->dim = k == NAME ? DIM_COUNT : (enum dim)k;
    }
    return nats;
}

/* ---- placing ---- */

/* The open group that y fits best, and is likelier of than not; NULL: none. */
static struct group *best_of(struct grouping *g, const struct group *y, double least, struct grouping_place *ret)
{
    struct group *best = NULL;
    for (size_t i = 0; i < GROUPING_OPEN_MAX; i++) {
        struct group *x = &g->open[i];
        struct grouping_place p = {.why = GROUPING_OPENED};
        if (x->number == 0 || x->number == y->number || gap_of(x, y) > GROUPING_GAP_MS || !have_common(x, y))
            continue;
        p.nats = nats_of_one(g, x, y, &p);
        if (p.nats < least || (best != NULL && p.nats <= ret->nats))
            continue;
        best = x;
        *ret = p;
    }
    return best;
}

/* Budgets are near when they fire, however long they have burned by then. */
static int64_t quiet_since(const struct group *x)
{
    return x->fired_ms > x->last_ms ? x->fired_ms : x->last_ms;
}

/* Closes what is over and has no page to give any more. */
static void close_over(struct grouping *g)
{
    for (size_t i = 0; i < GROUPING_OPEN_MAX; i++) {
        struct group *x = &g->open[i];
        if (x->number != 0 && quiet_since(x) < g->newest_ms - 2 * (int64_t)GROUPING_GAP_MS && (x->paged || !x->worth_page))
            close_group(g, x);
    }
}

/* A free place, or that of the one that was quiet longest. */
static struct group *make_room(struct grouping *g)
{
    struct group *quiet = &g->open[0];
    for (size_t i = 0; i < GROUPING_OPEN_MAX; i++) {
        struct group *x = &g->open[i];
        if (x->number == 0)
            return x;
        if (quiet_since(x) < quiet_since(quiet) || (quiet_since(x) == quiet_since(quiet) && x->number < quiet->number))
            quiet = x;
    }
    close_group(g, quiet);
    return quiet;
}

/* Whether it may be told apart from another by too little as yet. */
static bool is_another_open(const struct grouping *g, const struct group *y)
{
    for (size_t i = 0; i < GROUPING_OPEN_MAX; i++)
        if (g->open[i].number != 0 && gap_of(&g->open[i], y) <= GROUPING_GAP_MS)
            return true;
    return false;
}

/* The open incident that has this very alert already. */
static struct group *same_alert(struct grouping *g, const struct group *y)
{
    for (size_t i = 0; i < GROUPING_OPEN_MAX; i++)
        if (g->open[i].number != 0 && is_same_alert(&g->open[i], y->identity[0]) && gap_of(&g->open[i], y) <= GROUPING_GAP_MS)
            return &g->open[i];
    return NULL;
}

/* What x has learned may make it one with another; the older one stays. */
static void merge(struct grouping *g, struct group *x, struct grouping_place *ret)
{
    struct grouping_place at;
    struct group *same = best_of(g, x, least_merge_nats, &at);
    ret->incident = x->number;
    if (same == NULL)
        return;
    struct group *old = same->number < x->number ? same : x, *young = old == x ? same : x;
    ret->incident = old->number;
    ret->absorbed = young->number;
    ret->absorbed_why = at.why;
    ret->absorbed_dim = at.dim;
    join(g, old, young);
    young->number = 0;
}

/* The alert as a group of its own, g->one, counted among all. */
static struct group *take_in(struct grouping *g, const struct grouping_alert *al)
{
    assert(al->component == GROUPING_NO_COMPONENT || al->component < g->component_count);
    g->newest_ms = al->onset_ms > g->newest_ms ? al->onset_ms : g->newest_ms;
    g->alerts++;
    for (int d = 0; d < DIM_COUNT; d++)
        g->given[d] += al->dim[d] != 0;
    close_over(g);
    make_single(g, al, &g->one);
    return &g->one;
}

/* An incident of its own. Returns it. */
static struct group *open_group(struct grouping *g, struct group *one, const struct grouping_alert *al)
{
    one->hold_ms = al->onset_ms + (is_another_open(g, one) ? GROUPING_HOLD_MS : 0);
    one->number = ++g->opened;
    struct group *x = make_room(g);
    *x = *one;
    return x;
}

/* It has this very alert already. */
static void fires_again(struct group *x, const struct group *one)
{
    x->worth_page = x->worth_page || one->worth_page;
    if (one->of_money && !x->of_money)
        return;
    x->last_ms = one->last_ms > x->last_ms ? one->last_ms : x->last_ms;
    x->fired_ms = one->fired_ms > x->fired_ms ? one->fired_ms : x->fired_ms;
}

void grouping_add(struct grouping *g, const struct grouping_alert *al, struct grouping_place *ret)
{
    struct group *one = take_in(g, al), *x = same_alert(g, one);
    if (x != NULL) {
        *ret = (struct grouping_place){.incident = x->number, .why = GROUPING_SAME_ALERT, .nats = (double)INFINITY};
        fires_again(x, one);
        return;
    }
    *ret = (struct grouping_place){.why = GROUPING_OPENED};
    x = best_of(g, one, least_nats, ret);
    if (x != NULL)
        join(g, x, one);
    else
        x = open_group(g, one, al);
    merge(g, x, ret);
}

void grouping_tell(struct grouping *g, const struct grouping_alert *al, uint32_t incident, struct grouping_place *ret)
{
    struct group *one = take_in(g, al), *x = NULL;
    for (size_t i = 0; incident != 0 && x == NULL && i < GROUPING_OPEN_MAX; i++)
        x = g->open[i].number == incident ? &g->open[i] : NULL;
    *ret = (struct grouping_place){.why = x != NULL ? GROUPING_SAME_ALERT : GROUPING_OPENED};
    if (x == NULL) {
        x = open_group(g, one, al);
    } else if (is_same_alert(x, one->identity[0])) {
        fires_again(x, one);
    } else {
        join(g, x, one);
    }
    merge(g, x, ret);
}

void grouping_grow(struct grouping *g, const struct rootrank_edge *edges, size_t edge_count, uint32_t component_count)
{
    if (component_count > GROUPING_COMPONENTS_MAX)
        return;
    g->edges = edges;
    g->edge_count = edge_count;
    g->component_count = component_count;
}

void grouping_keep_open(struct grouping *g, uint32_t incident, int64_t at_ms)
{
    for (size_t i = 0; incident != 0 && i < GROUPING_OPEN_MAX; i++)
        if (g->open[i].number == incident && at_ms > g->open[i].last_ms)
            g->open[i].last_ms = at_ms;
}

uint32_t grouping_next_page(struct grouping *g, int64_t now_ms)
{
    for (size_t i = 0; i < GROUPING_OPEN_MAX; i++) {
        struct group *x = &g->open[i];
        if (x->number == 0 || x->paged || !x->worth_page || x->hold_ms > now_ms)
            continue;
        x->paged = true;
        return x->number;
    }
    return 0;
}
