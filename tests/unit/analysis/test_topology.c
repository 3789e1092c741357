/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "analysis/topology.h"
#include "model/signal.h"

struct scene {
    struct intern *strings;
    struct topology *t;
};

static void scene_init(struct scene *s)
{
    s->strings = intern_new(1000);
    s->t = topology_new();
    ck_assert(s->strings != NULL && s->t != NULL);
}

static void scene_fini(struct scene *s)
{
    topology_free(s->t);
    intern_free(s->strings);
}

static uint32_t id(struct scene *s, const char *text)
{
    uint32_t i = 0;
    if (text != NULL)
        ck_assert_int_eq(intern_add(s->strings, str_of(text), &i), ERR_OK);
    return i;
}

static void see(struct scene *s, enum signal signal, const char *gateway, const char *model, const char *deployment, const char *provider)
{
    struct series series = {.signal = (uint16_t)signal};
    series.dim[DIM_GATEWAY] = id(s, gateway);
    series.dim[DIM_MODEL] = id(s, model);
    series.dim[DIM_DEPLOYMENT] = id(s, deployment);
    series.dim[DIM_PROVIDER] = id(s, provider);
    ck_assert_int_eq(topology_see(s->t, s->strings, &series), ERR_OK);
}

static void see_stage(struct scene *s, const char *gateway, const char *stage)
{
    struct series series = {.signal = SIG_STAGE_LATENCY};
    series.dim[DIM_GATEWAY] = id(s, gateway);
    series.dim[DIM_STAGE] = id(s, stage);
    ck_assert_int_eq(topology_see(s->t, s->strings, &series), ERR_OK);
}

/* "gateway gw>model a,..." in the order in which they were found. */
static const char *edges(struct scene *s)
{
    static char out[4096];
    size_t count, at = 0;
    const struct rootrank_edge *list = topology_edges(s->t, &count);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(out + at, sizeof out - at, "%s>%s,", topology_at(s->t, list[i].caller)->name,
                               topology_at(s->t, list[i].callee)->name);
    return out;
}

START_TEST(the_way_of_a_request)
{
    struct scene s;
    scene_init(&s);
    see(&s, SIG_ATTEMPTS, "gw", "gpt-x", "eu1", "openai");
    see(&s, SIG_ATTEMPTS, "gw", "gpt-x", "weu", "azure");
    see(&s, SIG_REQUESTS, "gw", "gpt-x", NULL, NULL);
    see_stage(&s, "gw", "guardrail");
    ck_assert_str_eq(edges(&s), "gateway gw>model gpt-x,model gpt-x>deployment eu1,deployment eu1>provider openai,"
                                "model gpt-x>deployment weu,deployment weu>provider azure,gateway gw>stage guardrail,");
    scene_fini(&s);
}
END_TEST

/* A gateway that tells no deployments, and one that tells neither those nor models. */
START_TEST(what_is_not_told_is_passed_over)
{
    struct scene s;
    scene_init(&s);
    see(&s, SIG_ATTEMPTS, "gw", "gpt-x", NULL, "openai");
    see(&s, SIG_PROVIDER_LATENCY, "gw", NULL, NULL, "azure");
    ck_assert_str_eq(edges(&s), "gateway gw>model gpt-x,model gpt-x>provider openai,gateway gw>provider azure,");
    scene_fini(&s);
}
END_TEST

/* Money and scores go no way, and neither does what no gateway is known of. */
START_TEST(what_is_no_traffic_shows_nothing)
{
    struct scene s;
    scene_init(&s);
    see(&s, SIG_COST, "gw", "gpt-x", "eu1", "openai");
    see(&s, SIG_EVAL, "gw", "gpt-x", NULL, NULL);
    see(&s, SIG_BUDGET_LIMIT, "gw", NULL, NULL, "openai");
    ck_assert_uint_eq(topology_count(s.t), 0);
    see(&s, SIG_RUNNING, "gw", NULL, NULL, NULL);
    ck_assert_uint_eq(topology_count(s.t), 0);
    scene_fini(&s);
}
END_TEST

START_TEST(an_engine_stands_behind_its_deployment)
{
    struct scene s;
    scene_init(&s);
    see(&s, SIG_ATTEMPTS, "gw", "qwen", "qwen-a", "hosted_vllm");
    see(&s, SIG_KV_CACHE, "gw", "qwen-a", "qwen-a", "hosted_vllm");
    ck_assert_str_eq(edges(&s), "gateway gw>model qwen,model qwen>deployment qwen-a,deployment qwen-a>provider hosted_vllm,"
                                "deployment qwen-a>engine qwen-a,");
    see(&s, SIG_WAITING, "gw", "llama", NULL, NULL);
    ck_assert(topology_calls(s.t, topology_find_name(s.t, "gateway gw"), topology_find_name(s.t, "engine llama")));
    scene_fini(&s);
}
END_TEST

START_TEST(two_gateways_have_stages_of_their_own_and_share_providers)
{
    struct scene s;
    scene_init(&s);
    see_stage(&s, "a", "guardrail");
    see_stage(&s, "b", "guardrail");
    see(&s, SIG_ATTEMPTS, "a", NULL, NULL, "openai");
    see(&s, SIG_ATTEMPTS, "b", NULL, NULL, "openai");
    ck_assert_str_eq(edges(&s),
                     "gateway a>stage guardrail,gateway b>stage guardrail of b,gateway a>provider openai,gateway b>provider openai,");
    scene_fini(&s);
}
END_TEST

START_TEST(the_configuration_adds_what_no_series_shows)
{
    static const struct road_edge list[] = {
        {"stage retrieval", "vector store qdrant"}, {"gateway gw", "stage retrieval"}, {"model x", "model y"}};
    struct scene s;
    scene_init(&s);
    ck_assert_int_eq(topology_connect(s.t, list, 3), ERR_OK);
    ck_assert_str_eq(edges(&s), ""); /* the stage is not known yet */
    ck_assert_uint_eq(topology_count(s.t), 1);
    see(&s, SIG_REQUESTS, "gw", "gpt-x", NULL, NULL);
    struct series retrieval = {.signal = SIG_STAGE_LATENCY};
    retrieval.dim[DIM_STAGE] = id(&s, "retrieval"); /* told by an application, of which no gateway is known */
    ck_assert_int_eq(topology_see(s.t, s.strings, &retrieval), ERR_OK);
    for (int i = 0; i < 2; i++) /* twice is once */
        ck_assert_int_eq(topology_connect(s.t, list, 3), ERR_OK);
    ck_assert_str_eq(edges(&s), "gateway gw>model gpt-x,stage retrieval>vector store qdrant,gateway gw>stage retrieval,");
    ck_assert_int_eq(topology_at(s.t, topology_find_name(s.t, "vector store qdrant"))->kind, COMPONENT_OTHER);
    scene_fini(&s);
}
END_TEST

START_TEST(a_scope_names_the_farthest_component)
{
    struct scene s;
    uint32_t dim[DIM_COUNT] = {0};
    scene_init(&s);
    ck_assert_uint_eq(topology_of(s.t, dim), TOPOLOGY_NONE);
    see(&s, SIG_ATTEMPTS, "gw", "gpt-x", "eu1", "openai");
    see_stage(&s, "gw", "guardrail");
    ck_assert_uint_eq(topology_of(s.t, dim), topology_find_name(s.t, "gateway gw")); /* the only one */
    dim[DIM_TEAM] = id(&s, "search");
    ck_assert_uint_eq(topology_of(s.t, dim), topology_find_name(s.t, "gateway gw"));
    dim[DIM_MODEL] = id(&s, "gpt-x");
    ck_assert_uint_eq(topology_of(s.t, dim), topology_find_name(s.t, "model gpt-x"));
    dim[DIM_STAGE] = id(&s, "guardrail");
    ck_assert_uint_eq(topology_of(s.t, dim), topology_find_name(s.t, "stage guardrail"));
    dim[DIM_PROVIDER] = id(&s, "openai");
    ck_assert_uint_eq(topology_of(s.t, dim), topology_find_name(s.t, "provider openai"));
    dim[DIM_DEPLOYMENT] = id(&s, "eu1");
    ck_assert_uint_eq(topology_of(s.t, dim), topology_find_name(s.t, "deployment eu1"));
    dim[DIM_DEPLOYMENT] = id(&s, "gone");
    ck_assert_uint_eq(topology_of(s.t, dim), topology_find_name(s.t, "provider openai"));
    see(&s, SIG_REQUESTS, "gw2", NULL, NULL, NULL);
    memset(dim, 0, sizeof dim);
    ck_assert_uint_eq(topology_of(s.t, dim), TOPOLOGY_NONE); /* of two gateways neither */
    dim[DIM_GATEWAY] = id(&s, "gw2");
    ck_assert_uint_eq(topology_of(s.t, dim), topology_find_name(s.t, "gateway gw2"));
    scene_fini(&s);
}
END_TEST

/* Names come from outside. */
START_TEST(names_are_safe_text_and_there_is_an_end_of_them)
{
    struct scene s;
    char name[32];
    scene_init(&s);
    intern_free(s.strings);
    s.strings = intern_new(10000);
    see(&s, SIG_REQUESTS, "g\x1b[31mw", NULL, NULL, NULL);
    ck_assert_ptr_null(strchr(topology_at(s.t, 0)->name, '\x1b'));
    for (int i = 0; i < ROOTRANK_COMPONENTS_MAX + 10; i++) {
        snprintf(name, sizeof name, "m%d", i);
        see(&s, SIG_REQUESTS, "gw", name, NULL, NULL);
    }
    ck_assert_uint_eq(topology_count(s.t), ROOTRANK_COMPONENTS_MAX);
    ck_assert(topology_is_full(s.t));
    scene_fini(&s);
}
END_TEST

Suite *suite_topology(void);
Suite *suite_topology(void)
{
    Suite *s = suite_create("topology");
    TCase *t = tcase_create("topology");
    tcase_add_test(t, the_way_of_a_request);
    tcase_add_test(t, what_is_not_told_is_passed_over);
    tcase_add_test(t, what_is_no_traffic_shows_nothing);
    tcase_add_test(t, an_engine_stands_behind_its_deployment);
    tcase_add_test(t, two_gateways_have_stages_of_their_own_and_share_providers);
    tcase_add_test(t, the_configuration_adds_what_no_series_shows);
    tcase_add_test(t, a_scope_names_the_farthest_component);
    tcase_add_test(t, names_are_safe_text_and_there_is_an_end_of_them);
    suite_add_tcase(s, t);
    return s;
}
