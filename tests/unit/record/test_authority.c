/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "record/authority.h"

enum { MANY = 6 };
#define TTFT (UINT64_C(1) << SIG_TTFT)

static const struct config none = {.source_count = 3};
static const struct profile litellm = {.name = "litellm", .tier = TIER_GATEWAY}, otel = {.name = "otel-genai", .tier = TIER_TELEMETRY},
                            vllm = {.name = "vllm", .tier = TIER_ENGINE};

static struct authority_source one(uint32_t config, enum source_kind kind, const struct profile *p)
{
    static const char *const names[] = {"first", "second", "third"};
    return (struct authority_source){.config = config,
                                     .kind = kind,
                                     .profile = p,
                                     .config_name = config < 3 ? names[config] : "",
                                     .gateway_name = "prod",
                                     .signals = TTFT | UINT64_C(1) << SIG_E2E};
}

/* One letter per source for ttft: + counts, - kept, ? unresolved. */
static void expect(const struct authority_source *list, size_t n, const struct config *cfg, const char *want)
{
    struct store_authority ret[MANY];
    char got[MANY + 1] = "";
    ck_assert(n <= MANY);
    authority_rule(list, n, cfg, ret);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(ret[i].source, list[i].was.source);
        ck_assert_uint_eq(ret[i].kept & ret[i].unresolved, 0);
        got[i] = ret[i].kept & TTFT ? '-' : ret[i].unresolved & TTFT ? '?' : '+';
    }
    ck_assert_str_eq(got, want);
}

START_TEST(one_layer_is_no_conflict)
{
    const struct authority_source replicas[] = {one(0, SOURCE_METRICS, &litellm), one(1, SOURCE_METRICS, &litellm)};
    expect(replicas, 2, &none, "++");
    expect(replicas, 1, &none, "+");
    const struct authority_source targets[] = {one(0, SOURCE_PROMETHEUS, &vllm), one(0, SOURCE_PROMETHEUS, &vllm)};
    expect(targets, 2, &none, "++");
}
END_TEST

START_TEST(the_lower_tier_has_the_word)
{
    const struct authority_source list[] = {one(0, SOURCE_METRICS, &vllm), one(1, SOURCE_METRICS, &otel),
                                            one(2, SOURCE_PROMETHEUS, &litellm)};
    expect(list, 3, &none, "--+");
    expect(list, 2, &none, "-+");
}
END_TEST

START_TEST(a_page_goes_before_the_prometheus_that_scrapes_it)
{
    const struct authority_source list[] = {one(0, SOURCE_PROMETHEUS, &litellm), one(1, SOURCE_METRICS, &litellm)};
    expect(list, 2, &none, "-+");
    const struct authority_source two[] = {one(0, SOURCE_PROMETHEUS, &litellm), one(1, SOURCE_PROMETHEUS, &litellm)};
    expect(two, 2, &none, "+-"); /* two servers that scrape the same: the first configured */
}
END_TEST

START_TEST(the_configured_one_has_the_word)
{
    struct config_authority a = {.signal = SIG_TTFT, .gateway = "prod", .source = "first"};
    struct config cfg = {.source_count = 3, .authorities = &a, .authority_count = 1};
    const struct authority_source list[] = {one(0, SOURCE_METRICS, &vllm), one(1, SOURCE_METRICS, &litellm)};
    expect(list, 2, &cfg, "+-");
    a.gateway = "other";
    expect(list, 2, &cfg, "-+");
    a = (struct config_authority){.all_signals = true, .source = "first"};
    expect(list, 2, &cfg, "+-");
    a = (struct config_authority){.signal = SIG_E2E, .source = "first"};
    expect(list, 2, &cfg, "-+");
}
END_TEST

START_TEST(all_replicas_of_the_layer_with_the_word_count)
{
    struct config_authority a = {.all_signals = true, .source = "third"};
    const struct config cfg = {.source_count = 3, .authorities = &a, .authority_count = 1};
    const struct authority_source list[] = {one(0, SOURCE_METRICS, &litellm), one(1, SOURCE_METRICS, &litellm),
                                            one(2, SOURCE_METRICS, &vllm), one(2, SOURCE_METRICS, &vllm),
                                            one(2, SOURCE_PROMETHEUS, &litellm)};
    expect(list, 5, &none, "++---");
    expect(list + 1, 4, &none, "+---");
    expect(list, 4, &cfg, "--++"); /* naming one replica names them all */
}
END_TEST

START_TEST(only_sources_that_carry_the_signal_count)
{
    struct authority_source list[] = {one(0, SOURCE_METRICS, &litellm), one(1, SOURCE_METRICS, &vllm)};
    list[0].signals = 0;
    expect(list, 2, &none, "++");
    list[0].signals = UINT64_MAX;
    expect(list, 2, &none, "+-");
    list[0].gateway_name = "test";
    expect(list, 2, &none, "++");
}
END_TEST

START_TEST(what_was_ruled_is_ruled_anew)
{
    struct authority_source list[] = {one(0, SOURCE_METRICS, &litellm), one(1, SOURCE_METRICS, &vllm)};
    for (uint32_t i = 0; i < 2; i++)
        list[i].was = (struct store_authority){.source = i + 1, .kept = UINT64_MAX, .unresolved = 0};
    expect(list, 2, &none, "+-");
    expect(list + 1, 1, &none, "+"); /* the engine is alone now */
    list[1].was = (struct store_authority){.source = 2, .kept = 0, .unresolved = UINT64_MAX};
    expect(list + 1, 1, &none, "+");
}
END_TEST

START_TEST(who_is_gone_counts_with_its_layer_and_has_no_say)
{
    struct authority_source list[] = {one(3, SOURCE_METRICS, &litellm), one(0, SOURCE_METRICS, &litellm), one(1, SOURCE_METRICS, &vllm)};
    list[0].gone = true;
    expect(list, 3, &none, "++-");
    list[1].gone = true;
    expect(list, 3, &none, "--+");
    list[2].gone = true; /* nobody is left who could have the word */
    expect(list, 3, &none, "+++");
    list[2].was.kept = TTFT;
    expect(list, 3, &none, "++-");
}
END_TEST

START_TEST(targets_that_a_prometheus_shows_no_longer_count_with_the_others)
{
    struct authority_source list[] = {one(0, SOURCE_PROMETHEUS, &litellm), one(0, SOURCE_PROMETHEUS, &litellm),
                                      one(0, SOURCE_PROMETHEUS, &vllm), one(3, SOURCE_PROMETHEUS, &litellm)};
    list[1].gone = list[3].gone = true;
    expect(list, 4, &none, "++--"); /* the last one was another Prometheus's */
}
END_TEST

START_TEST(one_endpoint_of_two_gateways_is_unresolved_where_it_counts)
{
    struct authority_source list[] = {one(0, SOURCE_METRICS, &litellm), one(1, SOURCE_METRICS, &litellm), one(2, SOURCE_METRICS, &vllm)};
    list[0].twin = list[2].twin = true;
    expect(list, 3, &none, "?+-");
    expect(list + 1, 2, &none, "+-");
}
END_TEST

/* One letter per stage: + counts, - kept. */
static void expect_stages(const struct authority_source *list, size_t n, const char *want)
{
    struct store_authority ret[MANY];
    char got[32] = "";
    size_t used = 0;
    authority_rule(list, n, &none, ret);
    for (size_t i = 0; i < n; i++) {
        bool all = list[i].stage_count > 0;
        for (size_t k = 0; k < list[i].stage_count; k++) {
            got[used++] = list[i].stages[k].kept ? '-' : '+';
            all = all && list[i].stages[k].kept;
        }
        got[used++] = ' ';
        ck_assert_int_eq(ret[i].kept >> SIG_STAGE_LATENCY & 1, all); /* kept as a whole where all stages are */
    }
    ck_assert_str_eq(got, want);
}

/* Who alone tells of a stage has the word for it, whoever has it for others. */
START_TEST(the_word_goes_by_stage)
{
    enum { GUARDRAIL = 1, RETRIEVAL, PREFILL };
    struct authority_stage gateway[] = {{SIG_STAGE_LATENCY, GUARDRAIL, false}},
                           app[] = {{SIG_STAGE_LATENCY, GUARDRAIL, false}, {SIG_STAGE_LATENCY, RETRIEVAL, true}},
                           engine[] = {{SIG_STAGE_LATENCY, RETRIEVAL, false}, {SIG_STAGE_LATENCY, PREFILL, true}};
    struct authority_source list[] = {one(0, SOURCE_METRICS, &vllm), one(1, SOURCE_METRICS, &otel), one(2, SOURCE_METRICS, &litellm)};
    for (size_t i = 0; i < 3; i++)
        list[i].signals = UINT64_C(1) << SIG_STAGE_LATENCY;
    list[0].stages = engine;
    list[0].stage_count = 2;
    list[1].stages = app;
    list[1].stage_count = 2;
    list[2].stages = gateway;
    list[2].stage_count = 1;
    expect_stages(list, 3, "-+ -+ + ");
    list[1].stage_count = 1; /* retrieval is the engine's alone, and the application's guardrail the gateway's */
    expect_stages(list, 3, "++ - + ");
    list[2].gone = true; /* it told of guardrails, and nobody asks it any more */
    expect_stages(list, 3, "++ + - ");
}
END_TEST

Suite *suite_authority(void);
Suite *suite_authority(void)
{
    Suite *s = suite_create("authority");
    TCase *c = tcase_create("authority");
    tcase_add_test(c, one_layer_is_no_conflict);
    tcase_add_test(c, the_lower_tier_has_the_word);
    tcase_add_test(c, a_page_goes_before_the_prometheus_that_scrapes_it);
    tcase_add_test(c, the_configured_one_has_the_word);
    tcase_add_test(c, all_replicas_of_the_layer_with_the_word_count);
    tcase_add_test(c, only_sources_that_carry_the_signal_count);
    tcase_add_test(c, what_was_ruled_is_ruled_anew);
    tcase_add_test(c, who_is_gone_counts_with_its_layer_and_has_no_say);
    tcase_add_test(c, targets_that_a_prometheus_shows_no_longer_count_with_the_others);
    tcase_add_test(c, one_endpoint_of_two_gateways_is_unresolved_where_it_counts);
    tcase_add_test(c, the_word_goes_by_stage);
    suite_add_tcase(s, c);
    return s;
}
