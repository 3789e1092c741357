/* SPDX-License-Identifier: MIT */
#include "sim/road.h"

#include <check.h>
#include <string.h>

Suite *suite_road(void);

enum { TRIES = 20000, SEARCH = 0 };

static const int64_t now = INT64_C(1794916800000);

static struct request travel(struct road *r, enum model_id model, int64_t at_ms)
{
    struct request q = {.arrival_ms = at_ms, .key = SEARCH, .model = (uint8_t)model};
    road_travel(r, &q);
    return q;
}

/* A request that came past authentication and guardrails, and that no ordinary mishap ended. */
static struct request routed(struct road *r, enum model_id model, int64_t at_ms)
{
    for (;;) {
        struct request q = travel(r, model, at_ms);
        if (q.attempt_count > 0 && (q.fate == FATE_OK || fate_is_providers((enum fate)q.fate)))
            return q;
    }
}

START_TEST(what_a_request_says_of_itself_is_consistent)
{
    struct road r;
    road_init(&r, 3);
    for (int i = 0; i < TRIES; i++) {
        struct request q = travel(&r, (enum model_id)(i % MODEL_COUNT), now + i * 200);
        ck_assert(q.input > 0 && q.cached >= 0 && q.cached <= q.input && q.output > q.reasoning);
        ck_assert_int_ge(q.end_ms, q.arrival_ms);
        ck_assert_int_le(q.llm_us + q.queue_us + q.overhead_us, q.total_us);
        ck_assert(q.fate == FATE_OK || q.spend_nusd == 0);
        ck_assert(q.fate != FATE_OK || (q.spend_nusd > 0) != q.unpriced);
        ck_assert(q.fate == FATE_OK || !q.evaluated);
        ck_assert(q.ttft_us <= q.llm_us);
        if (q.fate == FATE_OK) {
            ck_assert_int_eq(q.attempt[q.attempt_count - 1].fate, FATE_OK);
            ck_assert_int_eq(q.decode_us, q.tpot_us * (q.output - 1));
            ck_assert_int_eq(q.llm_us, q.wait_us + q.prefill_us + q.decode_us);
        }
        if (q.deployment == DEPLOYMENT_NONE)
            ck_assert(q.fate == FATE_AUTH || q.fate == FATE_GUARDRAIL);
    }
}
END_TEST

/* Other dice for what an answer is like: another task and another end now and then, and nothing else. */
START_TEST(what_an_answer_is_like_shifts_no_other_decision)
{
    struct road r, other;
    int tasks = 0, ends = 0;
    road_init(&r, 3);
    road_init(&other, 3);
    rng_seed(&other.aside, 4);
    for (int i = 0; i < TRIES; i++) {
        struct request a = travel(&r, (enum model_id)(i % MODEL_COUNT), now + i * 200);
        struct request b = travel(&other, (enum model_id)(i % MODEL_COUNT), now + i * 200);
        tasks += a.task != b.task;
        ends += a.end != b.end;
        ck_assert_int_eq(a.end == END_LENGTH, b.end == END_LENGTH);
        ck_assert(a.fate == b.fate && a.deployment == b.deployment && a.attempt_count == b.attempt_count && a.streamed == b.streamed);
        ck_assert(a.input == b.input && a.output == b.output && a.spend_nusd == b.spend_nusd && a.end_ms == b.end_ms);
        ck_assert(a.evaluated == b.evaluated && a.judge_milli == b.judge_milli && a.refused == b.refused);
    }
    ck_assert(tasks > TRIES / 20 && ends > TRIES / 50);
}
END_TEST

START_TEST(a_repeated_request_is_the_same_task)
{
    struct road r;
    road_init(&r, 3);
    for (int i = 0; i < TRIES; i++) {
        struct request q = {.arrival_ms = now + i * 200, .key = SEARCH, .model = MODEL_GPT_X, .task = TASK_EXTRACT, .tries = 1};
        road_travel(&r, &q);
        ck_assert_uint_eq(q.task, TASK_EXTRACT);
    }
}
END_TEST

/* The price list's arithmetic, done the long way. */
START_TEST(spend_is_tokens_times_prices)
{
    struct road r;
    road_init(&r, 5);
    for (int i = 0; i < TRIES; i++) {
        struct request q = travel(&r, (enum model_id)(i % MODEL_COUNT), now + i * 200);
        if (q.fate != FATE_OK || q.unpriced)
            continue;
        const struct deployment *d = company_deployment((enum deployment_id)q.deployment);
        double usd = ((double)(q.input - q.cached - q.written) * (double)d->input_pusd + (double)q.cached * (double)d->cached_pusd +
                      (double)q.written * (double)d->write_pusd + (double)q.output * (double)d->output_pusd) /
                     1e12;
        ck_assert_double_eq_tol((double)q.spend_nusd / 1e9, usd, 3e-9);
        ck_assert(d->write_pusd > 0 || q.written == 0);
    }
}
END_TEST

/* One that may fall back, or fails for another reason. */
static struct request routed_freely(struct road *r, enum model_id model, int64_t at_ms)
{
    for (;;) {
        struct request q = routed(r, model, at_ms);
        if (q.fallback || q.fate == FATE_OK)
            return q;
    }
}

START_TEST(a_failed_attempt_is_repeated_elsewhere_then_handed_to_the_fallback)
{
    struct road r;
    road_init(&r, 1);
    r.fx.deployment[DEPLOYMENT_GPT_X_EU1].failing = r.fx.deployment[DEPLOYMENT_GPT_X_EU2].failing = 1;
    struct request q = routed_freely(&r, MODEL_GPT_X, now);
    ck_assert_uint_eq(q.attempt_count, 3);
    ck_assert_uint_ne(q.attempt[0].deployment, q.attempt[1].deployment);
    ck_assert_uint_eq(q.attempt[2].deployment, DEPLOYMENT_GPT_X_WEU);
    ck_assert(q.fallback);
    ck_assert_uint_eq(q.deployment, DEPLOYMENT_GPT_X_WEU);
}
END_TEST

START_TEST(requests_may_forbid_the_fallback)
{
    struct road r;
    int fell_back = 0;
    road_init(&r, 1);
    r.fx.deployment[DEPLOYMENT_GPT_X_EU1].failing = r.fx.deployment[DEPLOYMENT_GPT_X_EU2].failing = 1;
    for (int i = 0; i < TRIES; i++) {
        struct request q = routed(&r, MODEL_GPT_X, now);
        ck_assert_int_eq(q.fallback, q.attempt[q.attempt_count - 1].deployment == DEPLOYMENT_GPT_X_WEU);
        ck_assert(q.fallback || q.fate != FATE_OK);
        fell_back += q.fallback;
    }
    ck_assert_double_eq_tol((double)fell_back / TRIES, 1 - company_key(SEARCH)->strict, .02);
}
END_TEST

START_TEST(a_failed_fallback_tells_the_first_models_error)
{
    struct road r;
    road_init(&r, 1);
    r.fx.deployment[DEPLOYMENT_GPT_X_EU1].failing = r.fx.deployment[DEPLOYMENT_GPT_X_EU2].failing = 1;
    r.fx.deployment[DEPLOYMENT_GPT_X_WEU].limited = 1;
    for (int i = 0; i < 50; i++) {
        struct request q = routed_freely(&r, MODEL_GPT_X, now);
        ck_assert(q.fate == FATE_SERVER_ERROR || q.fate == FATE_UNAVAILABLE);
        ck_assert_uint_ne(q.deployment, DEPLOYMENT_GPT_X_WEU);
        ck_assert(q.fallback);
    }
}
END_TEST

START_TEST(with_every_deployment_out_of_rotation_only_the_fallback_is_asked)
{
    struct road r;
    road_init(&r, 1);
    r.deployment[DEPLOYMENT_GPT_X_EU1].cooled_until_ms = r.deployment[DEPLOYMENT_GPT_X_EU2].cooled_until_ms = now + 1;
    struct request q = routed_freely(&r, MODEL_GPT_X, now);
    ck_assert_uint_eq(q.attempt_count, 1);
    ck_assert(q.fallback);
    ck_assert_uint_eq(q.deployment, DEPLOYMENT_GPT_X_WEU);
    r.fx.deployment[DEPLOYMENT_GPT_X_WEU].limited = 1;
    q = routed_freely(&r, MODEL_GPT_X, now);
    ck_assert_uint_eq(q.fate, FATE_NO_DEPLOYMENT);
    ck_assert_uint_eq(q.deployment, DEPLOYMENT_NONE);
    r.fx.deployment[DEPLOYMENT_GPT_X_WEU].limited = 0;
    q = routed_freely(&r, MODEL_GPT_X, now + 1); /* back in rotation */
    ck_assert(!q.fallback);
}
END_TEST

START_TEST(a_failing_deployment_leaves_rotation_but_never_the_last_one)
{
    struct road r;
    road_init(&r, 1);
    r.fx.deployment[DEPLOYMENT_GPT_X_EU1].failing = r.fx.deployment[DEPLOYMENT_GPT_X_EU2].failing = 1;
    int cooled = 0;
    for (int i = 0; i < 200; i++) { /* within one cooldown */
        struct request q = routed(&r, MODEL_GPT_X, now + i);
        for (unsigned a = 0; a < q.attempt_count; a++)
            cooled += q.attempt[a].cooled;
    }
    ck_assert_int_eq(cooled, 1);
    ck_assert((r.deployment[DEPLOYMENT_GPT_X_EU1].cooled_until_ms > now) != (r.deployment[DEPLOYMENT_GPT_X_EU2].cooled_until_ms > now));
    r.fx.deployment[DEPLOYMENT_C_S].failing = 1;
    for (int i = 0; i < 200; i++)
        routed(&r, MODEL_C_S, now + i);
    ck_assert_int_eq(r.deployment[DEPLOYMENT_C_S].cooled_until_ms, 0);
}
END_TEST

/* As many requests run at once as the engine has slots; the next ones wait, and those that would wait too long are refused. */
START_TEST(an_engine_lets_requests_wait_in_order)
{
    struct road r;
    road_init(&r, 1);
    uint32_t slots = company_engine(0)->slots;
    int waited = 0, refused = 0;
    for (uint32_t i = 0; i < 20 * slots; i++) {
        struct request q = routed(&r, MODEL_QWEN, now);
        if (q.fate == FATE_OK) {
            ck_assert_int_ge(q.ttft_us, q.wait_us);
            ck_assert_int_le(q.wait_us, 31000000);
            waited += q.wait_us > 0;
        }
        refused += q.fate == FATE_UNAVAILABLE;
        for (uint32_t s = 1; s < slots; s++)
            ck_assert_int_le(r.engine[0].free_us[(s - 1) / 2], r.engine[0].free_us[s]); /* the heap's order */
    }
    ck_assert_int_gt(waited, (int)slots);
    ck_assert_int_gt(refused, 0);
}
END_TEST

START_TEST(a_prompt_beyond_the_context_is_refused)
{
    struct road r;
    road_init(&r, 1);
    r.fx.key[SEARCH].prompt = 1e6;
    struct request q = travel(&r, MODEL_GPT_X, now);
    ck_assert_uint_eq(q.fate, FATE_CONTEXT);
    ck_assert_str_eq(fate_text((enum fate)q.fate)->status, "400");
    ck_assert_uint_eq(q.attempt[0].fate, FATE_CONTEXT);
    ck_assert(!fate_is_providers(FATE_CONTEXT));
}
END_TEST

Suite *suite_road(void)
{
    Suite *suite = suite_create("road");
    TCase *t = tcase_create("road");
    tcase_add_test(t, what_a_request_says_of_itself_is_consistent);
    tcase_add_test(t, what_an_answer_is_like_shifts_no_other_decision);
    tcase_add_test(t, a_repeated_request_is_the_same_task);
    tcase_add_test(t, spend_is_tokens_times_prices);
    tcase_add_test(t, a_failed_attempt_is_repeated_elsewhere_then_handed_to_the_fallback);
    tcase_add_test(t, requests_may_forbid_the_fallback);
    tcase_add_test(t, a_failed_fallback_tells_the_first_models_error);
    tcase_add_test(t, with_every_deployment_out_of_rotation_only_the_fallback_is_asked);
    tcase_add_test(t, a_failing_deployment_leaves_rotation_but_never_the_last_one);
    tcase_add_test(t, an_engine_lets_requests_wait_in_order);
    tcase_add_test(t, a_prompt_beyond_the_context_is_refused);
    suite_add_tcase(suite, t);
    return suite;
}
