/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/suspects.h"
#include "base/rng.h"

enum { CELLS = 512 };

struct scene {
    struct arena arena;
    struct intern *strings;
    struct suspect_cell cells[CELLS];
    struct suspects_input in;
    struct suspect *list;
    size_t count;
    const char *note;
};

static void scene_init(struct scene *s, uint32_t dims)
{
    memset(s, 0, sizeof *s);
    arena_init(&s->arena, 16 << 20);
    s->strings = intern_new(1000);
    ck_assert_ptr_nonnull(s->strings);
    s->in.strings = s->strings;
    s->in.table_count = 1;
    s->in.table[0] = (struct suspect_table){.cells = s->cells, .dims = dims};
}

static void scene_fini(struct scene *s)
{
    intern_free(s->strings);
    arena_fini(&s->arena);
}

static uint32_t id(struct scene *s, const char *z)
{
    uint32_t i;
    ck_assert_int_eq(intern_add(s->strings, str_of(z), &i), ERR_OK);
    return i;
}

static struct suspect_cell *cell(struct scene *s, uint64_t n, enum outcome class, uint64_t bad, uint64_t past_n, uint64_t past_bad)
{
    struct suspect_cell *c = &s->cells[s->in.table[0].count++];
    c->asked = true;
    c->n = n;
    c->by_class[class] = bad;
    c->past_n = past_n;
    c->past_bad = past_bad;
    return c;
}

static void upstream(struct scene *s, const char *provider, const char *deployment, const char *model, uint64_t n, uint64_t bad)
{
    struct suspect_cell *c = cell(s, n, OUTCOME_5XX, bad, 100 * n, n / 10);
    c->dim[DIM_PROVIDER] = id(s, provider);
    c->dim[DIM_DEPLOYMENT] = id(s, deployment);
    c->dim[DIM_MODEL] = id(s, model);
}

static void rank(struct scene *s)
{
    ck_assert_int_eq(suspects_rank(&s->in, &s->arena, &s->list, &s->count, &s->note), ERR_OK);
}

static const uint32_t upstream_dims = DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_MODEL);
static const int64_t onset = INT64_C(1763953600000); /* 03:06:40Z */

START_TEST(a_provider_fails)
{
    struct scene s;
    scene_init(&s, upstream_dims);
    s.in.onset_ms = onset;
    s.in.onset_error_ms = 15000;
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 400);
    upstream(&s, "openai", "gpt-x-eu2", "gpt-x", 1000, 380);
    upstream(&s, "openai", "gpt-x-mini-eu1", "gpt-x-mini", 500, 210);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 800, 1);
    upstream(&s, "anthropic", "c-l-1", "c-l", 900, 2);
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "provider openai");
    ck_assert_str_eq(s.list[0].reason, "5xx since 03:06:40Z on all 3 of its deployments; 100 % of what fails beyond the usual");
    ck_assert_str_eq(s.list[0].reason2, "azure, same model: healthy (0.12 % of 800 fail)");
    ck_assert(!s.list[0].weak);
    ck_assert_str_eq(s.note, "");
    /* by hand: 990 failed where 2,500 * 0.1 % = 2.5 were expected */
    ck_assert_double_eq_tol(s.list[0].score, 990 * log(990 / 2.5) - 987.5, 2);
    scene_fini(&s);
}
END_TEST

START_TEST(one_deployment_fails)
{
    struct scene s;
    scene_init(&s, upstream_dims);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 400);
    upstream(&s, "openai", "gpt-x-eu2", "gpt-x", 1000, 1);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 800, 1);
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "deployment gpt-x-eu1");
    ck_assert_str_eq(s.list[0].reason, "5xx; 100 % of what fails beyond the usual"); /* since when is not known: not said */
    ck_assert_str_eq(s.list[0].reason2, "gpt-x-eu2, same model: healthy (0.1 % of 1000 fail)");
    scene_fini(&s);
}
END_TEST

START_TEST(one_model_of_a_provider_fails)
{
    struct scene s;
    scene_init(&s, upstream_dims);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 400);
    upstream(&s, "openai", "gpt-x-eu2", "gpt-x", 1000, 400);
    upstream(&s, "openai", "gpt-x-mini-eu1", "gpt-x-mini", 3000, 3);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 3000, 3);
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "provider openai, model gpt-x");
    ck_assert_str_eq(s.list[0].reason, "5xx on 2 of openai's 3 deployments; 100 % of what fails beyond the usual");
    scene_fini(&s);
}
END_TEST

START_TEST(two_troubles_at_once)
{
    struct scene s;
    scene_init(&s, upstream_dims);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 400);
    upstream(&s, "openai", "gpt-x-eu2", "gpt-x", 1000, 400);
    upstream(&s, "anthropic", "c-l-1", "c-l", 1000, 300);
    upstream(&s, "anthropic", "c-s-1", "c-s", 1000, 1);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 3000, 3);
    rank(&s);
    ck_assert_uint_eq(s.count, 2);
    ck_assert_str_eq(s.list[0].title, "provider openai");
    ck_assert_str_eq(s.list[1].title, "deployment c-l-1");
    ck_assert(!s.list[0].weak);
    ck_assert(s.list[1].weak); /* 27 % of it */
    scene_fini(&s);
}
END_TEST

START_TEST(a_team_that_is_hit_is_not_named)
{
    struct scene s;
    struct suspect_cell requests[4];
    scene_init(&s, upstream_dims);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 400);
    upstream(&s, "anthropic", "c-l-1", "c-l", 1000, 1);
    static const struct {
        const char *team, *model;
        uint64_t n, bad;
    } of[] = {{"search", "gpt-x", 700, 280}, {"search", "c-l", 100, 0}, {"agents", "gpt-x", 300, 120}, {"agents", "c-l", 900, 1}};
    memset(requests, 0, sizeof requests);
    for (size_t i = 0; i < 4; i++) {
        requests[i].dim[DIM_TEAM] = id(&s, of[i].team);
        requests[i].dim[DIM_MODEL] = id(&s, of[i].model);
        requests[i].asked = true;
        requests[i].n = of[i].n;
        requests[i].by_class[OUTCOME_5XX] = of[i].bad;
        requests[i].past_n = 100 * of[i].n;
        requests[i].past_bad = of[i].n / 10;
    }
    s.in.table[s.in.table_count++] = (struct suspect_table){.cells = requests, .count = 4, .dims = DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_MODEL)};
    rank(&s);
    ck_assert_uint_ge(s.count, 1);
    for (size_t i = 0; i < s.count; i++)
        ck_assert_ptr_null(strstr(s.list[i].title, "team"));
    scene_fini(&s);
}
END_TEST

static void request(struct scene *s, struct suspect_cell *cells, const char *team, const char *model, uint64_t n, uint64_t bad)
{
    struct suspect_cell *c = &cells[s->in.table[1].count++];
    *c = (struct suspect_cell){.n = n, .by_class[OUTCOME_5XX] = bad, .past_n = 100 * n, .past_bad = n / 10, .asked = true};
    c->dim[DIM_TEAM] = id(s, team);
    c->dim[DIM_MODEL] = id(s, model);
}

/* A model with one deployment pages. Within the model everything fails alike, so the deployment stands out only of the others; and teams,
 * whose luck varies (retries fail together), are merely hit. */
START_TEST(the_only_deployment_of_what_pages_is_named)
{
    struct scene s;
    struct suspect_cell requests[6];
    scene_init(&s, upstream_dims);
    upstream(&s, "anthropic", "c-s-1", "c-s", 330, 85);
    upstream(&s, "anthropic", "c-l-1", "c-l", 400, 1);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 3000, 3);
    s.in.table[1] = (struct suspect_table){.cells = requests, .dims = DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_MODEL)};
    s.in.table_count = 2;
    request(&s, requests, "agents", "c-s", 100, 26);
    request(&s, requests, "support", "c-s", 60, 2);
    request(&s, requests, "sales", "c-s", 40, 12);
    request(&s, requests, "agents", "gpt-x", 1000, 1);
    request(&s, requests, "support", "gpt-x", 1000, 1);
    request(&s, requests, "sales", "gpt-x", 1000, 1);
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < s.in.table[t].count; i++) {
            struct suspect_cell *c = t == 0 ? &s.cells[i] : &requests[i];
            c->asked = c->dim[DIM_MODEL] == id(&s, "c-s");
        }
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "deployment c-s-1");
    ck_assert_str_eq(s.list[0].reason, "5xx; 100 % of what fails beyond the usual");
    ck_assert(!s.list[0].weak);
    scene_fini(&s);
}
END_TEST

/* A greater trouble elsewhere neither hides what is asked about nor is named for it. */
START_TEST(what_is_not_asked_about_is_set_aside)
{
    struct scene s;
    scene_init(&s, upstream_dims);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 900);
    upstream(&s, "openai", "gpt-x-eu2", "gpt-x", 1000, 900);
    upstream(&s, "openai", "gpt-m-eu1", "gpt-m", 1000, 1);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 1000, 1);
    upstream(&s, "anthropic", "c-l-1", "c-l", 1000, 1);
    upstream(&s, "anthropic", "c-s-1", "c-s", 300, 60);
    for (size_t i = 0; i < s.in.table[0].count; i++)
        s.cells[i].asked = s.cells[i].dim[DIM_MODEL] == id(&s, "c-s");
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "deployment c-s-1");
    ck_assert(!s.list[0].weak); /* all of what is asked about */

    for (size_t i = 0; i < s.in.table[0].count; i++)
        s.cells[i].asked = true;
    s.in.strings = s.strings;
    rank(&s);
    ck_assert_str_eq(s.list[0].title, "provider openai, model gpt-x");
    ck_assert_str_eq(s.list[0].reason, "5xx on 2 of openai's 3 deployments; 97 % of what fails beyond the usual");
    ck_assert_uint_eq(s.count, 1); /* the other is 3 % of it */
    scene_fini(&s);
}
END_TEST

START_TEST(some_deployments_are_not_both)
{
    struct scene s;
    scene_init(&s, upstream_dims);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 400);
    upstream(&s, "openai", "gpt-x-eu2", "gpt-x", 1000, 400);
    upstream(&s, "openai", "gpt-m-eu1", "gpt-m", 1, 0);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 3000, 3);
    upstream(&s, "azure", "gpt-m-weu", "gpt-m", 3000, 3);
    s.cells[2].dim[DIM_MODEL] = 0; /* so that no two values hold just the others */
    s.cells[0].dim[DIM_MODEL] = s.cells[1].dim[DIM_MODEL] = 0;
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "provider openai");
    ck_assert_str_eq(s.list[0].reason, "5xx on 2 of its 3 deployments; 100 % of what fails beyond the usual");
    scene_fini(&s);
}
END_TEST

/* A budget of one owner: who is named otherwise goes before; nobody is invented for a budget of all. */
START_TEST(the_owner_of_a_budget_is_named_where_nobody_else_is)
{
    struct scene s;
    scene_init(&s, upstream_dims);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 0);
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_str_eq(s.note, "too few more failures than usual to tell");
    s.in.owner_dim = DIM_KEY;
    s.in.owner_id = id(&s, "support-mail");
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "key support-mail");
    ck_assert_str_eq(s.list[0].reason, "the budget is its own: what others spend does not count against it");
    ck_assert_str_eq(s.note, "");
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 1000, 500);
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_ptr_nonnull(strstr(s.list[0].title, "azure"));
    scene_fini(&s);
}
END_TEST

START_TEST(abstains)
{
    struct scene s;
    scene_init(&s, upstream_dims);
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 100, 6);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 100, 0);
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_str_eq(s.note, "too few more failures than usual to tell");
    scene_fini(&s);

    scene_init(&s, upstream_dims); /* the gateway itself: everything fails alike */
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 300);
    upstream(&s, "openai", "gpt-x-eu2", "gpt-x", 1000, 310);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 1000, 290);
    upstream(&s, "anthropic", "c-l-1", "c-l", 1000, 305);
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_str_eq(s.note, "nothing stands out: all providers, deployments and models alike");
    scene_fini(&s);

    scene_init(&s, upstream_dims); /* the gateway itself, of which one model is spared */
    for (int i = 0; i < 24; i++) {
        char name[8];
        snprintf(name, sizeof name, "m%d", i);
        upstream(&s, "openai", "eu1", name, 500, 250);
        upstream(&s, "azure", "weu", name, 500, 255);
    }
    upstream(&s, "openai", "eu1", "spare", 3000, 3);
    upstream(&s, "azure", "weu", "spare", 3000, 3);
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_str_eq(s.note, "nothing stands out: all providers and deployments alike; spared: model spare");
    scene_fini(&s);

    scene_init(&s, upstream_dims); /* an outage, and nothing was seen before it */
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 70);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 1000, 72);
    upstream(&s, "anthropic", "c-l-1", "c-l", 1000, 74);
    for (size_t i = 0; i < s.in.table[0].count; i++)
        s.cells[i].past_n = s.cells[i].past_bad = 0;
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_str_eq(s.note, "nothing stands out: all providers, deployments and models alike");
    scene_fini(&s);

    scene_init(&s, upstream_dims);
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    scene_fini(&s);
}
END_TEST

START_TEST(changes_before_the_onset)
{
    struct scene s;
    const struct event events[] = {
        {.at_ms = onset - 270000, .kind = EVENT_CONFIG, .text = "config 9f3c > a102", .scope = ""},
        {.at_ms = onset - 45 * 60000, .kind = EVENT_DEPLOY, .text = "too long ago", .scope = ""},
        {.at_ms = onset - 60000, .kind = EVENT_PROVIDER, .text = "openai no longer posts: x", .scope = "", .key = "change:st:7:over"},
        {.at_ms = onset + 5000, .kind = EVENT_FALLBACK, .text = "a symptom", .scope = ""},
        {.at_ms = onset - 5000, .kind = EVENT_SILENCE, .text = "what somebody did about another alert", .scope = ""},
        {.at_ms = onset - 10000, .kind = EVENT_MODEL_VERSION, .text = "gpt-x answers as gpt-x-2", .scope = ""},
    };
    scene_init(&s, upstream_dims);
    s.in.onset_ms = onset;
    s.in.onset_error_ms = 15000;
    s.in.events = events;
    s.in.event_count = sizeof events / sizeof events[0];
    upstream(&s, "openai", "gpt-x-eu1", "gpt-x", 1000, 400);
    upstream(&s, "azure", "gpt-x-weu", "gpt-x", 1000, 1);
    rank(&s);
    ck_assert_uint_eq(s.count, 3);
    ck_assert(!s.list[0].is_event && s.list[1].is_event && s.list[2].is_event);
    ck_assert_str_eq(s.list[1].title, "model_version 03:06:30Z");
    ck_assert_str_eq(s.list[1].reason, "gpt-x answers as gpt-x-2; at the onset, within a poll");
    ck_assert(!s.list[1].weak);
    ck_assert_str_eq(s.list[2].title, "config 03:02:10Z");
    ck_assert_str_eq(s.list[2].reason, "config 9f3c > a102; 4m30s before the onset");
    ck_assert(s.list[2].weak);
    scene_fini(&s);
}
END_TEST

/* Planted culprits among 4 providers x 3 deployments x 5 models with Poisson counts: named first, nearly always. */
START_TEST(planted_culprits_are_found)
{
    static struct scene s;
    struct rng rng;
    int right = 0, named = 0;
    enum { TRIALS = 200 };
    char name[32];
    rng_seed(&rng, 5);
    for (int trial = 0; trial < TRIALS; trial++) {
        unsigned culprit = (unsigned)rng_below(&rng, 3), which = (unsigned)rng_below(&rng, 3);
        bool quiet = trial % 4 == 3; /* nothing is wrong */
        scene_init(&s, upstream_dims);
        for (unsigned p = 0; p < 4; p++) {
            for (unsigned d = 0; d < 3; d++) {
                for (unsigned m = 0; m < 5; m++) {
                    bool hit = !quiet && (culprit == 0 ? p == which : culprit == 1 ? p == 1 && d == which : m == which);
                    double n = 40 + 10 * (double)rng_below(&rng, 10);
                    struct suspect_cell *c = cell(&s, (uint64_t)n, OUTCOME_TIMEOUT, rng_poisson(&rng, n * (hit ? 0.08 : 0.004)),
                                                  (uint64_t)(n * 50), rng_poisson(&rng, n * 50 * 0.004));
                    snprintf(name, sizeof name, "p%u", p);
                    c->dim[DIM_PROVIDER] = id(&s, name);
                    snprintf(name, sizeof name, "p%ud%u", p, d);
                    c->dim[DIM_DEPLOYMENT] = id(&s, name);
                    snprintf(name, sizeof name, "m%u", m);
                    c->dim[DIM_MODEL] = id(&s, name);
                }
            }
        }
        rank(&s);
        snprintf(name, sizeof name, culprit == 0 ? "provider p%u" : culprit == 1 ? "deployment p1d%u" : "model m%u", which);
        right += !quiet && s.count > 0 && strcmp(s.list[0].title, name) == 0;
        named += quiet && s.count > 0;
        scene_fini(&s);
    }
    ck_assert_msg(right >= 140, "%d of 150 named right", right);
    ck_assert_msg(named == 0, "%d of 50 named where nothing was wrong", named);
}
END_TEST

/* Everything fails at one share, and what was usual of each part is known from few requests: nobody stands out. */
START_TEST(what_fails_evenly_names_nobody)
{
    static const double failures[] = {12, 30, 100, 1000, 20000}; /* of all */
    static const double past[] = {0, 20, 300, 5000};             /* requests of each cell before */
    enum { SEEDS = 100, TEAMS = 3, KEYS = 2, MODELS = 2, PROVIDERS = 2, ALL = TEAMS * KEYS * MODELS * PROVIDERS };
    static struct scene s;
    char name[16];
    int named = 0, all = 0;
    for (size_t k = 0; k < sizeof failures / sizeof *failures; k++) {
        for (size_t h = 0; h < sizeof past / sizeof *past; h++) {
            for (int seed = 0; seed < SEEDS; seed++) {
                struct rng rng;
                rng_seed(&rng, 1000 * k + 100 * h + 7919 * (uint64_t)seed);
                scene_init(&s, upstream_dims | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY));
                for (unsigned i = 0; i < ALL; i++) {
                    const unsigned team = i % TEAMS, key = i / TEAMS % KEYS, model = i / (TEAMS * KEYS) % MODELS,
                                   provider = i / (ALL / PROVIDERS);
                    struct suspect_cell *c = cell(&s, 0, OUTCOME_5XX, rng_poisson(&rng, failures[k] / ALL), rng_poisson(&rng, past[h]), 0);
                    c->n = c->by_class[OUTCOME_5XX] + rng_poisson(&rng, failures[k] / ALL);
                    c->past_bad = rng_poisson(&rng, 0.003 * (double)c->past_n);
                    c->past_bad = c->past_bad < c->past_n ? c->past_bad : c->past_n;
                    snprintf(name, sizeof name, "t%u", team);
                    c->dim[DIM_TEAM] = id(&s, name);
                    snprintf(name, sizeof name, "t%uk%u", team, key);
                    c->dim[DIM_KEY] = id(&s, name);
                    snprintf(name, sizeof name, "m%u", model);
                    c->dim[DIM_MODEL] = id(&s, name);
                    snprintf(name, sizeof name, "p%u", provider);
                    c->dim[DIM_PROVIDER] = id(&s, name);
                }
                rank(&s);
                named += s.count > 0;
                all++;
                scene_fini(&s);
            }
        }
    }
    ck_assert_msg(named * 100 <= all, "somebody is named in %d of %d", named, all);
}
END_TEST

/* Whether a team, or a part of its requests, is named. */
static bool names_team(const struct scene *s, const char *team)
{
    for (size_t i = 0; i < s->count; i++)
        for (uint32_t d = 0; d < s->list[i].dim_count; d++)
            if (s->list[i].dim[d] == DIM_TEAM && strcmp(intern_text(s->strings, s->list[i].id[d]), team) == 0)
                return true;
    return false;
}

/* Two of six teams fail at one rate, from too few failures to tell to more than enough: both are named, or neither; not one by its luck. */
START_TEST(two_teams_alike_are_named_together)
{
    static const double failures[] = {6, 8, 10, 12, 15, 20, 30, 60}; /* of each of the two */
    enum { SEEDS = 200, MODELS = 3, TEAMS = 6 };
    static struct scene s;
    int alone = 0, both_last = 0, healthy = 0;
    char name[8];
    for (size_t k = 0; k < sizeof failures / sizeof *failures; k++) {
        for (int seed = 0; seed < SEEDS; seed++) {
            struct rng rng;
            rng_seed(&rng, 31 * (uint64_t)seed + k);
            scene_init(&s, DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_MODEL));
            for (int t = 0; t < TEAMS; t++) {
                for (int m = 0; m < MODELS; m++) {
                    struct suspect_cell *c =
                        cell(&s, 200, OUTCOME_5XX, rng_poisson(&rng, t < 2 ? failures[k] / MODELS : 0.2), 2000, rng_poisson(&rng, 2));
                    snprintf(name, sizeof name, "t%d", t);
                    c->dim[DIM_TEAM] = id(&s, name);
                    snprintf(name, sizeof name, "m%d", m);
                    c->dim[DIM_MODEL] = id(&s, name);
                }
            }
            rank(&s);
            bool first = names_team(&s, "t0"), second = names_team(&s, "t1");
            alone += first != second;
            both_last += k + 1 == sizeof failures / sizeof *failures && first && second;
            healthy += names_team(&s, "t2") || names_team(&s, "t3") || names_team(&s, "t4") || names_team(&s, "t5");
            scene_fini(&s);
        }
    }
    int all = SEEDS * (int)(sizeof failures / sizeof *failures);
    ck_assert_msg(alone <= all * 3 / 100, "one of two alike is named without the other in %d of %d", alone, all);
    ck_assert_int_eq(both_last, SEEDS);
    ck_assert_msg(healthy <= all * 2 / 100, "one who is not worse than usual is named in %d of %d", healthy, all);
}
END_TEST

Suite *suite_suspects(void);
Suite *suite_suspects(void)
{
    Suite *s = suite_create("suspects");
    TCase *tc = tcase_create("rank");
    tcase_add_test(tc, a_provider_fails);
    tcase_add_test(tc, one_deployment_fails);
    tcase_add_test(tc, one_model_of_a_provider_fails);
    tcase_add_test(tc, two_troubles_at_once);
    tcase_add_test(tc, a_team_that_is_hit_is_not_named);
    tcase_add_test(tc, the_only_deployment_of_what_pages_is_named);
    tcase_add_test(tc, what_is_not_asked_about_is_set_aside);
    tcase_add_test(tc, some_deployments_are_not_both);
    tcase_add_test(tc, abstains);
    tcase_add_test(tc, the_owner_of_a_budget_is_named_where_nobody_else_is);
    tcase_add_test(tc, changes_before_the_onset);
    tcase_add_test(tc, planted_culprits_are_found);
    tcase_add_test(tc, what_fails_evenly_names_nobody);
    tcase_add_test(tc, two_teams_alike_are_named_together);
    suite_add_tcase(s, tc);
    return s;
}
