/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "record/authority.h"

static const struct profile litellm = {.name = "litellm", .tier = TIER_GATEWAY}, otel = {.name = "otel-genai", .tier = TIER_TELEMETRY},
                            vllm = {.name = "vllm", .tier = TIER_ENGINE};

static struct authority_source one(uint32_t id, uint32_t config, enum source_kind kind, const struct profile *p)
{
    static const char *const names[] = {"first", "second", "third"};
    return (struct authority_source){.id = id,
                                     .gateway = 7,
                                     .config = config,
                                     .kind = kind,
                                     .profile = p,
                                     .config_name = names[config],
                                     .gateway_name = "prod",
                                     .signals = UINT64_MAX};
}

static void expect(const struct authority_source *list, size_t n, const struct config *cfg, enum authority_word word, uint32_t source)
{
    struct authority_ruling r = authority_rule(list, n, cfg, SIG_TTFT, 7);
    ck_assert_int_eq(r.word, word);
    ck_assert_uint_eq(r.source, source);
}

START_TEST(one_layer_is_no_conflict)
{
    const struct config none = {.source_count = 0};
    const struct authority_source replicas[] = {one(1, 0, SOURCE_METRICS, &litellm), one(2, 1, SOURCE_METRICS, &litellm)};
    expect(replicas, 2, &none, AUTHORITY_NONE, 0);
    expect(replicas, 1, &none, AUTHORITY_NONE, 0);
    const struct authority_source targets[] = {one(1, 0, SOURCE_PROMETHEUS, &vllm), one(2, 0, SOURCE_PROMETHEUS, &vllm)};
    expect(targets, 2, &none, AUTHORITY_NONE, 0);
}
END_TEST

START_TEST(the_lower_tier_has_the_word)
{
    const struct config none = {.source_count = 0};
    const struct authority_source list[] = {one(1, 0, SOURCE_METRICS, &vllm), one(2, 1, SOURCE_METRICS, &otel),
                                            one(3, 2, SOURCE_PROMETHEUS, &litellm)};
    expect(list, 3, &none, AUTHORITY_SOURCE, 3);
    expect(list, 2, &none, AUTHORITY_SOURCE, 2);
}
END_TEST

START_TEST(a_page_goes_before_the_prometheus_that_scrapes_it)
{
    const struct config none = {.source_count = 0};
    const struct authority_source list[] = {one(1, 0, SOURCE_PROMETHEUS, &litellm), one(2, 1, SOURCE_METRICS, &litellm)};
    expect(list, 2, &none, AUTHORITY_SOURCE, 2);
    const struct authority_source two[] = {one(1, 0, SOURCE_PROMETHEUS, &litellm), one(2, 1, SOURCE_PROMETHEUS, &litellm)};
    expect(two, 2, &none, AUTHORITY_SOURCE, 1); /* two servers that scrape the same: the first configured */
}
END_TEST

START_TEST(the_configured_one_has_the_word)
{
    struct config_authority a = {.signal = SIG_TTFT, .gateway = "prod", .source = "first"};
    struct config cfg = {.authorities = &a, .authority_count = 1};
    const struct authority_source list[] = {one(1, 0, SOURCE_METRICS, &vllm), one(2, 1, SOURCE_METRICS, &litellm)};
    expect(list, 2, &cfg, AUTHORITY_SOURCE, 1);
    a.gateway = "other";
    expect(list, 2, &cfg, AUTHORITY_SOURCE, 2);
    a = (struct config_authority){.all_signals = true, .source = "first"};
    expect(list, 2, &cfg, AUTHORITY_SOURCE, 1);
    a = (struct config_authority){.signal = SIG_E2E, .source = "first"};
    expect(list, 2, &cfg, AUTHORITY_SOURCE, 2);
}
END_TEST

START_TEST(several_replicas_with_the_word_cannot_be_named)
{
    const struct config none = {.source_count = 0};
    const struct authority_source list[] = {one(1, 0, SOURCE_METRICS, &litellm), one(2, 1, SOURCE_METRICS, &litellm),
                                            one(3, 2, SOURCE_PROMETHEUS, &litellm)};
    expect(list, 3, &none, AUTHORITY_UNRESOLVED, 0);
}
END_TEST

START_TEST(only_sources_that_carry_the_signal_count)
{
    const struct config none = {.source_count = 0};
    struct authority_source list[] = {one(1, 0, SOURCE_METRICS, &litellm), one(2, 1, SOURCE_METRICS, &vllm)};
    list[0].signals = 0;
    expect(list, 2, &none, AUTHORITY_NONE, 0);
    list[0].signals = UINT64_MAX;
    list[0].gateway = 8;
    expect(list, 2, &none, AUTHORITY_NONE, 0);
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
    tcase_add_test(c, several_replicas_with_the_word_cannot_be_named);
    tcase_add_test(c, only_sources_that_carry_the_signal_count);
    suite_add_tcase(s, c);
    return s;
}
