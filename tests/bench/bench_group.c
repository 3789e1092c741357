/* SPDX-License-Identifier: MIT */
/* Whether alerts are put together as they belong, of a generated gateway and its incidents.
 *
 * usage: bench_group [--short] [-v]     --short: one run with 200 incidents, and that is the test; else ten of them
 * Two balancers, four gateways, guardrail and retrieval, six providers with four deployments each, two GPUs to a deployment; models, teams
 * with keys, routes, two regions. An incident (5 to 50 alerts) is of a deployment, a provider, a GPU, a stage, or a team: its alerts are at
 * the components between the cause and the balancers, tell some of the cause's values and some of those who are hit, and begin within
 * minutes of it. A fifth begin within 10 minutes of another that is no nearer than chance has it. A tenth of all alerts are of nothing: of
 * any component and values, half of them while an incident lasts. F1 is of the pairs of alerts that are of one incident; a lonely alert is
 * an incident of its own. Pages are those that incidents' alerts raise, by the incident. The peer is the rule of thumb: alerts within 5
 * minutes that share a value, or whose components are the same or call each other, are one incident. Fails when F1 is below 0.93, or pages
 * are above 1.1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/grouping.h"
#include "base/rng.h"

enum {
    BALANCERS = 2,
    GATEWAYS = 4,
    STAGES = 2,
    PROVIDERS = 6,
    PER_PROVIDER = 4,
    PER_DEPLOYMENT = 2,
    MODELS = 10,
    TEAMS = 30,
    KEYS_EACH = 3,
    ROUTES = 5,
    REGIONS = 2
};
enum {
    FIRST_GATEWAY = BALANCERS,
    FIRST_STAGE = FIRST_GATEWAY + GATEWAYS,
    FIRST_PROVIDER = FIRST_STAGE + STAGES,
    FIRST_DEPLOYMENT = FIRST_PROVIDER + PROVIDERS,
    DEPLOYMENTS = PROVIDERS * PER_PROVIDER,
    FIRST_GPU = FIRST_DEPLOYMENT + DEPLOYMENTS,
    COMPONENTS = FIRST_GPU + DEPLOYMENTS * PER_DEPLOYMENT
};
enum { INCIDENTS = 200, ALERTS_MAX = INCIDENTS * 60, EDGES_MAX = 512, WAY_MAX = 24, MINUTE_MS = 60000, RUNS = 10 };

struct world {
    struct rootrank_edge edges[EDGES_MAX];
    size_t edge_count;
    uint32_t model_of[DEPLOYMENTS];
};

struct item {
    struct grouping_alert al;
    uint32_t truth;  /* 0: of nothing */
    uint32_t placed; /* which incident it was put into */
};

struct run {
    struct world w;
    uint32_t cause[INCIDENTS + 1][DIM_COUNT]; /* its values */
    struct item items[ALERTS_MAX];
    size_t count;
    struct rng rng;
};

static void edge(struct world *w, uint32_t caller, uint32_t callee)
{
    w->edges[w->edge_count++] = (struct rootrank_edge){caller, callee};
}

static void build(struct run *r)
{
    struct world *w = &r->w;
    for (uint32_t g = 0; g < GATEWAYS; g++) {
        for (uint32_t b = 0; b < BALANCERS; b++)
            edge(w, b, FIRST_GATEWAY + g);
        for (uint32_t s = 0; s < STAGES; s++)
            edge(w, FIRST_GATEWAY + g, FIRST_STAGE + s);
        for (uint32_t p = 0; p < PROVIDERS; p++)
            edge(w, FIRST_GATEWAY + g, FIRST_PROVIDER + p);
    }
    for (uint32_t d = 0; d < DEPLOYMENTS; d++) {
        edge(w, FIRST_PROVIDER + d / PER_PROVIDER, FIRST_DEPLOYMENT + d);
        for (uint32_t k = 0; k < PER_DEPLOYMENT; k++)
            edge(w, FIRST_DEPLOYMENT + d, FIRST_GPU + d * PER_DEPLOYMENT + k);
        w->model_of[d] = 1 + (uint32_t)rng_below(&r->rng, MODELS);
    }
}

/* What an incident's alerts are made of. */
struct cause {
    uint32_t way[WAY_MAX]; /* components, the cause first */
    size_t way_count;
    uint32_t dim[DIM_COUNT]; /* of the cause */
    uint32_t teams[8];       /* who is hit */
    size_t team_count;
    int64_t onset_ms;
};

static void on_way(struct cause *c, uint32_t component)
{
    if (c->way_count < WAY_MAX)
        c->way[c->way_count++] = component;
}

static void of_deployment(struct run *r, struct cause *c, uint32_t d)
{
    on_way(c, FIRST_DEPLOYMENT + d);
    on_way(c, FIRST_PROVIDER + d / PER_PROVIDER);
    c->dim[DIM_PROVIDER] = 1 + d / PER_PROVIDER;
    c->dim[DIM_DEPLOYMENT] = 1 + d;
    c->dim[DIM_MODEL] = r->w.model_of[d];
}

static void draw_cause(struct run *r, struct cause *c)
{
    struct rng *g = &r->rng;
    *c = (struct cause){.team_count = 1 + (size_t)rng_below(g, 8)};
    const uint32_t d = (uint32_t)rng_below(g, DEPLOYMENTS), p = d / PER_PROVIDER;
    switch (rng_below(g, 5)) {
    case 0: of_deployment(r, c, d); break;
    case 1:
        on_way(c, FIRST_PROVIDER + p);
        for (uint32_t k = 0; k < PER_PROVIDER; k++)
            on_way(c, FIRST_DEPLOYMENT + p * PER_PROVIDER + k);
        c->dim[DIM_PROVIDER] = 1 + p;
        break;
    case 2:
        on_way(c, FIRST_GPU + d * PER_DEPLOYMENT + (uint32_t)rng_below(g, PER_DEPLOYMENT));
        of_deployment(r, c, d);
        break;
    case 3:
        on_way(c, FIRST_STAGE + (uint32_t)rng_below(g, STAGES));
        c->dim[DIM_STAGE] = 1 + c->way[0] - FIRST_STAGE;
        c->dim[DIM_ROUTE] = 1 + (uint32_t)rng_below(g, ROUTES);
        break;
    default: /* a team with a key that runs away, at one model */
        c->team_count = 1;
        c->dim[DIM_TEAM] = 1 + (uint32_t)rng_below(g, TEAMS);
        c->dim[DIM_KEY] = 1 + (c->dim[DIM_TEAM] - 1) * KEYS_EACH + (uint32_t)rng_below(g, KEYS_EACH);
        c->dim[DIM_MODEL] = 1 + (uint32_t)rng_below(g, MODELS);
    }
    on_way(c, FIRST_GATEWAY + (uint32_t)rng_below(g, GATEWAYS));
    on_way(c, FIRST_GATEWAY + (uint32_t)rng_below(g, GATEWAYS));
    on_way(c, (uint32_t)rng_below(g, BALANCERS));
    for (size_t i = 0; i < c->team_count; i++)
        c->teams[i] = c->dim[DIM_TEAM] != 0 ? c->dim[DIM_TEAM] : 1 + (uint32_t)rng_below(g, TEAMS);
}

static bool chance(struct rng *g, double p)
{
    return rng_unit(g) < p;
}

static void draw_alert(struct run *r, const struct cause *c, uint32_t truth, size_t nth)
{
    struct rng *g = &r->rng;
    struct item *it = &r->items[r->count++];
    *it = (struct item){.truth = truth};
    struct grouping_alert *al = &it->al;
    al->identity = r->count;
    /* The cause itself mostly, else anything between it and the balancers; some come minutes later. */
    al->component = chance(g, 0.1) ? GROUPING_NO_COMPONENT : chance(g, 0.4) ? c->way[0] : c->way[rng_below(g, c->way_count)];
    al->onset_ms = c->onset_ms + (int64_t)(-log(1 - rng_unit(g)) * (nth == 0 ? 0.2 : 2) * MINUTE_MS);
    for (int d = 0; d < DIM_COUNT; d++)
        al->dim[d] = chance(g, 0.7) ? c->dim[d] : 0;
    if (al->dim[DIM_TEAM] == 0 && chance(g, 0.4))
        al->dim[DIM_TEAM] = c->teams[rng_below(g, c->team_count)];
    if (al->dim[DIM_ROUTE] == 0 && chance(g, 0.2))
        al->dim[DIM_ROUTE] = 1 + (uint32_t)rng_below(g, ROUTES);
    al->dim[DIM_REGION] = chance(g, 0.5) ? 1 + (uint32_t)rng_below(g, REGIONS) : 0;
    al->severity = chance(g, 0.5) ? SEV_PAGE : SEV_TICKET;
}

static int by_onset(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return (x->al.onset_ms > y->al.onset_ms) - (x->al.onset_ms < y->al.onset_ms);
}

static void generate(struct run *r, uint64_t seed)
{
    static int64_t onset[INCIDENTS];
    struct cause c;
    memset(r, 0, sizeof *r);
    rng_seed(&r->rng, seed);
    build(r);
    for (uint32_t i = 0; i < INCIDENTS; i++) {
        draw_cause(r, &c);
        /* An hour or more apart; every fifth within ten minutes of the one before. */
        c.onset_ms = i == 0       ? 0
                     : i % 5 == 4 ? onset[i - 1] + (int64_t)rng_below(&r->rng, 10 * MINUTE_MS)
                                  : onset[i - 1] + (60 + (int64_t)rng_below(&r->rng, 120)) * MINUTE_MS;
        onset[i] = c.onset_ms;
        memcpy(r->cause[1 + i], c.dim, sizeof c.dim);
        const size_t alerts = 5 + (size_t)rng_below(&r->rng, 46);
        for (size_t k = 0; k < alerts; k++)
            draw_alert(r, &c, 1 + i, k);
    }
    const size_t noise = r->count / 9; /* a tenth of all */
    for (size_t i = 0; i < noise; i++) {
        draw_cause(r, &c);
        c.onset_ms =
            chance(&r->rng, 0.5) ? onset[rng_below(&r->rng, INCIDENTS)] : (int64_t)(rng_unit(&r->rng) * (double)onset[INCIDENTS - 1]);
        draw_alert(r, &c, 0, 1);
    }
    qsort(r->items, r->count, sizeof *r->items, by_onset);
}

/* ---- judging ---- */

/* merged: incidents whose alerts are mostly in the group that has most of another's; apart: where the two have no value in common. */
struct figures {
    double precision, recall, f1, pages, noise_pages, merged, apart;
};

static uint32_t group_of_most(const struct run *r, uint32_t truth)
{
    static uint32_t votes[ALERTS_MAX + 1];
    uint32_t best = 0;
    memset(votes, 0, sizeof votes);
    for (size_t i = 0; i < r->count; i++) {
        const struct item *it = &r->items[i];
        if (it->truth == truth && ++votes[it->placed] > votes[best])
            best = it->placed;
    }
    return best;
}

static bool has_common_value(const struct run *r, uint32_t a, uint32_t b)
{
    for (int d = 0; d < DIM_COUNT; d++)
        if (r->cause[a][d] != 0 && r->cause[a][d] == r->cause[b][d])
            return true;
    return false;
}

/* Only one after another can be. */
static void count_merged(const struct run *r, struct figures *f)
{
    for (uint32_t i = 1; i < INCIDENTS; i++) {
        const bool merged = group_of_most(r, i) == group_of_most(r, i + 1);
        f->merged += merged * 2.0 / INCIDENTS;
        f->apart += (merged && !has_common_value(r, i, i + 1)) * 2.0 / INCIDENTS;
    }
}

/* pages: how many each alert's coming raised of incidents, and of nothing. */
static struct figures judge(const struct run *r, double pages, double noise_pages)
{
    double both = 0, placed = 0, truly = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct item *a = &r->items[i];
        for (size_t k = i + 1; k < r->count; k++) {
            const struct item *b = &r->items[k];
            const bool same = a->truth != 0 && a->truth == b->truth, together = a->placed == b->placed;
            both += same && together;
            placed += together;
            truly += same;
        }
    }
    struct figures f = {
        .precision = placed > 0 ? both / placed : 1, .recall = both / truly, .pages = pages / INCIDENTS, .noise_pages = noise_pages};
    f.f1 = 2 * f.precision * f.recall / (f.precision + f.recall);
    count_merged(r, &f);
    return f;
}

static struct figures by_grouping(struct run *r)
{
    static uint32_t into[ALERTS_MAX + 1];   /* what an incident was absorbed by */
    static bool of_nothing[ALERTS_MAX + 1]; /* whether the alert that opened it is */
    struct grouping *g = grouping_new(r->w.edges, r->w.edge_count, COMPONENTS);
    double pages = 0, noise_pages = 0;
    if (g == NULL)
        exit(EXIT_FAILURE);
    memset(into, 0, sizeof into);
    for (size_t i = 0; i < r->count; i++) {
        struct item *it = &r->items[i];
        struct grouping_place p;
        /* Those whose time to wait is over before this one comes. */
        for (uint32_t n = grouping_next_page(g, it->al.onset_ms); n != 0; n = grouping_next_page(g, it->al.onset_ms))
            *(of_nothing[n] ? &noise_pages : &pages) += 1;
        grouping_add(g, &it->al, &p);
        it->placed = p.incident;
        if (p.why == GROUPING_OPENED && p.absorbed == 0)
            of_nothing[p.incident] = it->truth == 0;
        if (p.absorbed != 0)
            into[p.absorbed] = p.incident;
    }
    for (uint32_t n = grouping_next_page(g, INT64_MAX); n != 0; n = grouping_next_page(g, INT64_MAX))
        *(of_nothing[n] ? &noise_pages : &pages) += 1;
    for (size_t i = 0; i < r->count; i++)
        while (into[r->items[i].placed] != 0)
            r->items[i].placed = into[r->items[i].placed];
    grouping_free(g);
    return judge(r, pages, noise_pages);
}

/* ---- the peer ---- */

static bool are_near(const struct world *w, uint32_t a, uint32_t b)
{
    if (a == GROUPING_NO_COMPONENT || b == GROUPING_NO_COMPONENT)
        return false;
    for (size_t i = 0; i < w->edge_count; i++)
        if ((w->edges[i].caller == a && w->edges[i].callee == b) || (w->edges[i].caller == b && w->edges[i].callee == a))
            return true;
    return a == b;
}

static struct figures by_thumb(struct run *r)
{
    for (size_t i = 0; i < r->count; i++)
        r->items[i].placed = (uint32_t)i;
    for (size_t i = 0; i < r->count; i++) {
        for (size_t k = i; k-- > 0 && r->items[i].al.onset_ms - r->items[k].al.onset_ms <= 5 * MINUTE_MS;) {
            const struct grouping_alert *a = &r->items[i].al, *b = &r->items[k].al;
            bool linked = are_near(&r->w, a->component, b->component);
            for (int d = 0; d < DIM_COUNT; d++)
                linked = linked || (a->dim[d] != 0 && a->dim[d] == b->dim[d]);
            const uint32_t from = r->items[i].placed, to = r->items[k].placed;
            for (size_t j = 0; linked && from != to && j <= i; j++)
                if (r->items[j].placed == from)
                    r->items[j].placed = to;
        }
    }
    return judge(r, 0, 0);
}

int main(int argc, char **argv)
{
    static struct run r;
    const bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0;
    const int runs = is_short ? 1 : RUNS;
    struct figures sum = {0}, peer = {0}, least = {.f1 = 1};
    clock_t spent = 0;
    size_t alerts = 0;

    for (int i = 0; i < runs; i++) {
        generate(&r, (uint64_t)i + 1);
        const struct figures p = by_thumb(&r);
        clock_t t0 = clock();
        const struct figures f = by_grouping(&r);
        spent += clock() - t0;
        alerts += r.count;
        sum.precision += f.precision / runs;
        sum.recall += f.recall / runs;
        sum.f1 += f.f1 / runs;
        sum.pages += f.pages / runs;
        sum.noise_pages += f.noise_pages / runs;
        sum.merged += f.merged / runs;
        sum.apart += f.apart / runs;
        peer.f1 += p.f1 / runs;
        peer.merged += p.merged / runs;
        least.f1 = fmin(least.f1, f.f1);
        least.pages = fmax(least.pages, f.pages);
    }
    const bool met = least.f1 >= 0.93 && least.pages <= 1.1;
    printf("%d runs of %d incidents, %zu alerts: pairs' precision %.3f, recall %.3f, F1 %.3f, at worst %.3f (asked 0.93; by the rule of "
           "thumb %.3f)%s\n",
           runs, INCIDENTS, alerts / (size_t)runs, sum.precision, sum.recall, sum.f1, least.f1, peer.f1, met ? "" : ": MISSED");
    printf("pages by incident %.3f, at worst %.3f (asked 1.1), and %.0f of alerts that are of nothing; two that became one %.3f (rule of "
           "thumb %.3f), of "
           "which without a common value %.3f; %.1f us an alert\n",
           sum.pages, least.pages, sum.noise_pages, sum.merged, peer.merged, sum.apart,
           1e6 * (double)spent / CLOCKS_PER_SEC / (double)alerts);
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
