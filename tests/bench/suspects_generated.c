/* SPDX-License-Identifier: MIT */
/* Systems of 8 to 40 components that call each other, with 60 polls before and 5 after an onset, and one fault: a component takes longer,
 * or fails, by so much that the entrance shows it. A fifth of the components tell their CPU alone. All of it has noise: of the calls
 * (Poisson), of their time, of the day; two components' CPU rises for reasons of their own, and one in two times somebody else was deployed
 * shortly before. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "bench/suspects.h"

enum { MOST = 40, BEFORE = 60, AFTER = 5, POLLS = BEFORE + AFTER, CALLERS = 3, POLL_MS = 60000 };

struct node {
    char name[16];
    uint32_t caller[CALLERS];
    double rate[CALLERS]; /* calls per call of that caller */
    uint32_t callers;
    double self_s, fails, cpu;      /* usual */
    double slower, failing, busier; /* after the onset: seconds, share, factor */
    bool silent;
    double calls[POLLS], time_s[POLLS], failed[POLLS], level[POLLS];
};

struct system {
    struct node node[MOST];
    uint32_t count;
    struct rng rng;
};

static double between(struct rng *r, double low, double high)
{
    return low + (high - low) * rng_unit(r);
}

static void build(struct system *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    rng_seed(&s->rng, seed);
    s->count = 8 + (uint32_t)rng_below(&s->rng, MOST - 8 + 1);
    for (uint32_t i = 0; i < s->count; i++) {
        struct node *n = &s->node[i];
        snprintf(n->name, sizeof n->name, "c%u", i);
        n->self_s = rng_lognormal(&s->rng, 0.01, 1);
        n->fails = i % 3 == 0 ? 0 : between(&s->rng, 0, 0.001);
        n->cpu = between(&s->rng, 5, 50);
        n->busier = 1;
        n->silent = i > 0 && rng_below(&s->rng, 5) == 0;
        n->callers = i == 0 ? 0 : 1 + (uint32_t)rng_below(&s->rng, i < CALLERS ? i : CALLERS);
        for (uint32_t k = 0; k < n->callers; k++) {
            bool again;
            do {
                n->caller[k] = (uint32_t)rng_below(&s->rng, i);
                again = false;
                for (uint32_t j = 0; j < k; j++)
                    again = again || n->caller[j] == n->caller[k];
            } while (again);
            n->rate[k] = between(&s->rng, 0.2, 1.5);
        }
    }
}

/* Mean calls for each call of the entrance. */
static void volumes(const struct system *s, double ret[MOST])
{
    ret[0] = 1;
    for (uint32_t i = 1; i < s->count; i++) {
        ret[i] = 0;
        for (uint32_t k = 0; k < s->node[i].callers; k++)
            ret[i] += s->node[i].rate[k] * ret[s->node[i].caller[k]];
    }
}

/* A fault that the entrance shows: a third to twice its time, or 1 to 30 % failures. */
static uint32_t break_one(struct system *s, enum rootrank_kind kind)
{
    double volume[MOST], time_s = 0;
    uint32_t at;
    volumes(s, volume);
    for (uint32_t i = 0; i < s->count; i++)
        time_s += volume[i] * s->node[i].self_s;
    do
        at = (uint32_t)rng_below(&s->rng, s->count);
    while (volume[at] < 0.05);
    struct node *n = &s->node[at];
    n->slower = kind == ROOTRANK_TIME ? between(&s->rng, 0.33, 2) * time_s / volume[at] : 0;
    n->failing = kind == ROOTRANK_FAILURES ? fmin(between(&s->rng, 0.01, 0.3) / volume[at], 0.9) : 0;
    n->busier = n->silent ? between(&s->rng, 2, 5) : 1;
    return at;
}

static void run(struct system *s)
{
    const double requests = between(&s->rng, 200, 3000);
    for (int t = 0; t < POLLS; t++) {
        const bool after = t >= BEFORE;
        const double day = 1 + 0.1 * sin(0.05 * t);
        for (uint32_t i = 0; i < s->count; i++) {
            struct node *n = &s->node[i];
            double mean = i == 0 ? requests * day : 0;
            for (uint32_t k = 0; k < n->callers; k++)
                mean += n->rate[k] * s->node[n->caller[k]].calls[t];
            n->calls[t] = (double)rng_poisson(&s->rng, fmin(mean, 1e6));
            const double noise = 1 + rng_normal(&s->rng) * (0.05 + 1 / sqrt(n->calls[t] + 1));
            n->time_s[t] = (n->self_s * day + (after ? n->slower : 0)) * fmax(noise, 0.2);
            n->failed[t] = fmin((double)rng_poisson(&s->rng, n->calls[t] * (n->fails + (after ? n->failing : 0))), n->calls[t]);
            n->level[t] = n->cpu * day * fmax(1 + 0.1 * rng_normal(&s->rng), 0.1) * (after ? n->busier : 1);
        }
        for (uint32_t i = s->count; i-- > 1;) { /* callees before their callers */
            struct node *n = &s->node[i];
            double all = 0;
            for (uint32_t k = 0; k < n->callers; k++)
                all += n->rate[k] * s->node[n->caller[k]].calls[t];
            for (uint32_t k = 0; all > 0 && k < n->callers; k++) {
                struct node *c = &s->node[n->caller[k]];
                const double part = n->rate[k] * c->calls[t] / all;
                c->time_s[t] += c->calls[t] > 0 ? part * n->calls[t] * n->time_s[t] / c->calls[t] : 0;
                c->failed[t] = fmin(c->failed[t] + part * n->failed[t], c->calls[t]);
            }
        }
    }
    for (uint32_t i = 0; i < s->count; i++)
        for (int t = 0; t < POLLS; t++)
            s->node[i].failed[t] = s->node[i].calls[t] > 0 ? s->node[i].failed[t] / s->node[i].calls[t] : (double)NAN;
}

struct asked {
    struct rootrank_series series[3 * MOST];
    struct rootrank_edge edges[CALLERS * MOST];
    const char *names[MOST];
    struct rootrank_input in;
};

static void add(struct asked *q, uint32_t component, enum rootrank_kind kind, const char *name, const double *values, const double *calls)
{
    q->series[q->in.series_count++] = (struct rootrank_series){.component = component,
                                                               .kind = kind,
                                                               .name = name,
                                                               .before = values,
                                                               .before_calls = calls,
                                                               .before_count = BEFORE,
                                                               .after = values + BEFORE,
                                                               .after_calls = calls != NULL ? calls + BEFORE : NULL,
                                                               .after_count = AFTER};
}

static void ask(const struct system *s, enum rootrank_kind symptom, struct asked *q)
{
    *q = (struct asked){.in = {.series = q->series,
                               .edges = q->edges,
                               .components = q->names,
                               .component_count = s->count,
                               .target = 0,
                               .symptom = symptom,
                               .recent = 12,
                               .onset_ms = (int64_t)BEFORE * POLL_MS}};
    for (uint32_t i = 0; i < s->count; i++) {
        const struct node *n = &s->node[i];
        q->names[i] = n->name;
        if (!n->silent) {
            add(q, i, ROOTRANK_TIME, "latency", n->time_s, n->calls);
            add(q, i, ROOTRANK_FAILURES, "failures", n->failed, n->calls);
        }
        add(q, i, ROOTRANK_LEVEL, "cpu", n->level, NULL);
        for (uint32_t k = 0; k < n->callers; k++)
            q->edges[q->in.edge_count++] = (struct rootrank_edge){n->caller[k], i};
    }
}

bool suspects_generated(int runs, bool verbose)
{
    static struct system s;
    static struct asked q;
    int first = 0, three = 0, wrong = 0, named_quiet = 0;
    struct arena a;

    arena_init(&a, 8 << 20);
    for (int i = 0; i < 2 * runs; i++) {
        const enum rootrank_kind symptom = i / 2 % 2 == 0 ? ROOTRANK_TIME : ROOTRANK_FAILURES;
        const bool quiet = i % 2 != 0;
        struct rootrank_suspect *list;
        size_t count, place = SIZE_MAX;
        const char *note;

        arena_reset(&a);
        build(&s, (uint64_t)i / 2);
        const uint32_t truth = quiet ? UINT32_MAX : break_one(&s, symptom);
        for (int k = 0; k < 2; k++)
            s.node[rng_below(&s.rng, s.count)].busier *= 1.5;
        run(&s);
        ask(&s, symptom, &q);
        const struct rootrank_change change = {.component = (uint32_t)rng_below(&s.rng, s.count),
                                               .kind = EVENT_DEPLOY,
                                               .at_ms = q.in.onset_ms - (int64_t)rng_below(&s.rng, 30 * (uint64_t)POLL_MS),
                                               .text = "rolled out"};
        q.in.changes = &change;
        q.in.change_count = rng_below(&s.rng, 2);
        if (rootrank_suspects(&q.in, &a, &list, &count, &note) != ERR_OK)
            exit(EXIT_FAILURE);
        for (size_t k = 0; k < count && place == SIZE_MAX; k++)
            if (list[k].component == truth)
                place = k;
        named_quiet += quiet && count > 0;
        first += !quiet && place == 0;
        three += !quiet && place < 3;
        wrong += !quiet && place > 0 && count > 0;
        if (verbose && (quiet ? count > 0 : place != 0))
            printf("  generated %d, %s%s: %s%s%s\n", i, symptom == ROOTRANK_TIME ? "latency of " : "failures of ",
                   quiet ? "nobody" : s.node[truth].name, count > 0 ? list[0].title : note, count > 0 ? ": " : "",
                   count > 0 ? list[0].reason : "");
    }
    arena_fini(&a);
    const bool met = first >= runs * 95 / 100 && three >= runs * 98 / 100 && named_quiet <= runs * 5 / 100;
    printf("generated: %d systems with one fault: first %.4f (asked 0.95), of three %.4f (asked 0.98), somebody else first %.4f; nothing "
           "wrong: nobody "
           "named in %.4f (asked 0.95)%s\n",
           runs, (double)first / runs, (double)three / runs, (double)wrong / runs, 1 - (double)named_quiet / runs, met ? "" : ": MISSED");
    return met;
}
