/* SPDX-License-Identifier: MIT */
/* A quality drift as it happened in August 2025: 2 % of answers are bad, then 16 % of the traffic goes to servers that are not made for it,
 * of whose answers 20 % are bad. How many samples until the alarm, at one false alarm in 10,000 samples, whether its onset's interval holds
 * the truth, and whether what differs since that onset (analysis/differs) is the route; and whether the finding names it (analysis/strata).
 * Fails when the median is not below 800 samples, or when 500 samples after the alarm the first row is the route in less than 95 % of runs.
 * At the baseline of a day. The same with the
 * thinnest baseline that watches, and with 0.8 % of the traffic, which nobody can see in the whole, for information. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/differs.h"
#include "analysis/edetect.h"
#include "analysis/strata.h"
#include "base/rng.h"

enum {
    A = 10000,
    ROUTES = 6,
    TEAMS = 8,
    REGIONS = 3,
    LEAVES = ROUTES * TEAMS * REGIONS,
    WRONG = ROUTES - 1,
    PLACES = 4, /* dimensions that the finding is looked for in */
    QUIET = 1000,
    MOST = 200000,
    LATER = 500
};
static const double bad_share = 0.02, wrong_bad_share = 0.20;

struct sample {
    unsigned leaf;
    bool bad;
};

static struct sample draw(double misrouted, struct rng *r)
{
    static const double routes[ROUTES] = {0.35, 0.25, 0.18, 0.12, 0.09, 0.01};
    double u = rng_unit(r);
    unsigned route = 0;
    while (route < ROUTES - 1 && u >= routes[route])
        u -= routes[route++];
    bool wrong = rng_unit(r) < misrouted;
    unsigned team = (unsigned)rng_below(r, TEAMS), region = (unsigned)rng_below(r, REGIONS);
    return (struct sample){((wrong ? WRONG : route) * TEAMS + team) * REGIONS + region,
                           rng_unit(r) < (wrong ? wrong_bad_share : bad_share)};
}

struct leaf_count {
    double n, bad;
};

/* 1 when the first row is the route, or the route with a value of another dimension; 0 when nothing stands out, -1 when something else
 * does. */
static int names_route(const struct leaf_count past[LEAVES], const struct sample *since, size_t count)
{
    static struct leaf_count now[LEAVES];
    static struct differs_leaf leaves[LEAVES];
    struct differs_element *list;
    struct arena a;
    double n = 0, bad = 0;
    size_t found;
    memset(now, 0, sizeof now);
    for (size_t i = 0; i < count; i++) {
        now[since[i].leaf].n++;
        now[since[i].leaf].bad += since[i].bad;
    }
    for (int i = 0; i < LEAVES; i++) {
        n += past[i].n;
        bad += past[i].bad;
    }
    for (unsigned i = 0; i < LEAVES; i++) {
        leaves[i].dim[DIM_ROUTE] = 1 + i / REGIONS / TEAMS;
        leaves[i].dim[DIM_TEAM] = 101 + i / REGIONS % TEAMS;
        leaves[i].dim[DIM_REGION] = 201 + i % REGIONS;
        leaves[i].v = now[i].bad;
        leaves[i].e = differs_expected(now[i].n, past[i].n, past[i].bad, bad / n);
    }
    arena_init(&a, 16 << 20);
    if (differs_rank(leaves, LEAVES, DIM_BIT(DIM_ROUTE) | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_REGION), DIFFERS_WITH_TOTAL, 3, &a, &list,
                     &found) != ERR_OK)
        exit(EXIT_FAILURE);
    bool named = false;
    for (uint32_t i = 0; found > 0 && i < list[0].dim_count; i++)
        named = named || (list[0].dim[i] == DIM_ROUTE && list[0].id[i] == 1 + WRONG);
    arena_fini(&a);
    return named ? 1 : found > 0 ? -1 : 0;
}

/* What the finding says of routes: 1 the wrong one alone, 2 most of it there, 0 nothing, -1 anything else. */
static int locates_route(const struct leaf_count past[LEAVES], const struct sample *since, size_t count, double look)
{
    struct stratum list[ROUTES] = {{.base_n = 0}};
    struct strata_where w;
    double n = 0, bad = 0;
    for (unsigned i = 0; i < LEAVES; i++) {
        struct stratum *s = &list[i / REGIONS / TEAMS];
        s->base_n += (uint64_t)past[i].n;
        s->base_bad += (uint64_t)past[i].bad;
        n += past[i].n;
        bad += past[i].bad;
    }
    for (size_t i = 0; i < count; i++) {
        struct stratum *s = &list[since[i].leaf / REGIONS / TEAMS];
        s->now_n++;
        s->now_bad += since[i].bad;
    }
    if (!strata_where(list, ROUTES, bad / n, PLACES * look * (look + 1), &w))
        return 0;
    const bool right = (w.word == STRATA_SOME || w.word == STRATA_MOSTLY) && w.count == 1 && w.at[0] == WRONG;
    return !right ? -1 : w.word == STRATA_SOME ? 1 : 2;
}

static int rising(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

struct result {
    int median;
    double named;
};

static struct result scenario(int baseline, double misrouted, int runs, int most)
{
    static struct sample drawn[QUIET + MOST + LATER];
    static struct leaf_count past[LEAVES];
    int *delays = calloc((size_t)runs, sizeof *delays), early = 0, named = 0, wrong = 0, later = 0, onset_in = 0, alarms = 0;
    int located[2][4] = {{0}}; /* at the alarm, later; by what is said, from -1 on */
    if (delays == NULL)
        exit(EXIT_FAILURE);
    for (int run = 0; run < runs; run++) {
        struct edetect d;
        struct edetect_alarm a;
        struct rng r;
        uint64_t bad = 0;
        rng_seed(&r, (uint64_t)(run + 1));
        memset(past, 0, sizeof past);
        for (int i = 0; i < baseline; i++) {
            struct sample s = draw(0, &r);
            past[s.leaf].n++;
            past[s.leaf].bad += s.bad;
            bad += s.bad;
        }
        edetect_init(&d, EDETECT_BINARY, A);
        edetect_base_binary(&d, (uint64_t)baseline, bad);
        int n = 0;
        while (n < QUIET + most && edetect_state(&d) != EDETECT_DRIFT) {
            drawn[n] = draw(n < QUIET ? 0 : misrouted, &r);
            edetect_feed_binary(&d, n, 1, drawn[n].bad);
            n++;
        }
        delays[run] = n <= QUIET ? 0 : n - QUIET;
        early += n <= QUIET;
        if (n > QUIET && edetect_alarm(&d, &a)) {
            alarms++;
            onset_in += a.onset_lo <= QUIET && QUIET <= a.onset_hi;
            int at_once = names_route(past, drawn + a.onset, (size_t)(n - a.onset));
            named += at_once == 1;
            wrong += at_once == -1;
            located[0][1 + locates_route(past, drawn + a.onset, (size_t)(n - a.onset), 1)]++;
            for (int i = n; i < n + LATER; i++)
                drawn[i] = draw(misrouted, &r);
            later += names_route(past, drawn + a.onset, (size_t)(n + LATER - a.onset)) == 1;
            located[1][1 + locates_route(past, drawn + a.onset, (size_t)(n + LATER - a.onset), 2)]++;
        }
    }
    qsort(delays, (size_t)runs, sizeof *delays, rising);
    struct result res = {delays[runs / 2], alarms > 0 ? (double)later / alarms : 0};
    printf("%4.1f %% misrouted, baseline of %6d: median %6d samples, 95 %% within %6d; before the change %d of %d", 100 * misrouted,
           baseline, res.median, delays[runs * 95 / 100], early, runs);
    if (misrouted > 0.01)
        printf("\n   onset in its interval %.1f %%; first differs the route %.1f %% (something else %.1f %%) at the alarm, %.1f %% %d "
               "samples later",
               100.0 * onset_in / alarms, 100.0 * named / alarms, 100.0 * wrong / alarms, 100 * res.named, LATER);
    for (int i = 0; i < 2 && misrouted > 0.01 && alarms > 0; i++)
        printf("\n   the finding %s: the route alone %.1f %%, most of it there %.1f %%, nothing %.1f %%, anything else %.1f %%",
               i == 0 ? "at the alarm" : "500 samples later", 100.0 * located[i][2] / alarms, 100.0 * located[i][3] / alarms,
               100.0 * located[i][1] / alarms, 100.0 * located[i][0] / alarms);
    printf("\n");
    free(delays);
    return res;
}

int main(int argc, char **argv)
{
    bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0;
    int runs = is_short ? 50 : 1000;
    struct result r = scenario(20000, 0.16, runs, MOST);
    (void)scenario(1200, 0.16, is_short ? 10 : 200, MOST);
    if (!is_short)
        (void)scenario(20000, 0.008, 40, MOST);
    return r.median < 800 && r.named >= 0.95 ? EXIT_SUCCESS : EXIT_FAILURE;
}
