/* SPDX-License-Identifier: MIT */
/* What is read of the past: it is known when it was read, and it counts once, whatever its order, and whoever dies meanwhile. */
#include "unit/record/stream_world.h"

/* How many told evidence in (t0, t1]. */
static uint32_t told_in(struct world *w, int64_t t0_ms, int64_t t1_ms)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct store_result r;
    uint32_t n = 0;
    const struct store_query q = {.signal = SIG_DRIFT_EVIDENCE, .t0_ms = t0_ms, .step_ms = t1_ms - t0_ms, .columns = 1};
    arena_init(&a, 8 << 20);
    OK(store_refresh(w->st, &ctx));
    OK(store_read(w->st, &q, 1, &a, &r, &ctx));
    for (size_t i = 0; i < r.count; i++)
        n += r.groups[i].cells[0].n;
    arena_fini(&a);
    return n;
}

/* A turn of the clock, with what it told stored. */
static void turn(struct world *w, int64_t now_ms)
{
    struct errctx ctx = {.text = ""};
    const struct store_batch *told;
    size_t count;
    w->manual.wall_ms = now_ms;
    OK(analyser_tick(w->an, now_ms, &ctx));
    analyser_told(w->an, &told, &count);
    for (size_t i = 0; i < count; i++)
        OK(store_append(w->st, &told[i], 1, &ctx));
    OK(store_commit(w->st, &ctx));
}

/* Answers that are filtered, of a gap of two hours that is filled when it is over: no instant within it knew of any evidence, however much
 * there is. */
START_TEST(evidence_of_the_past_is_told_when_it_is_known)
{
    enum { BEFORE = 120, GAP = 120 };
    struct world *w = quiet();
    char found[512];
    for (int i = 0; i < BEFORE + GAP; i++) {
        const bool is_past = i >= BEFORE;
        world_requests(w, 0, "gpt-x", "ok", 100);
        world_requests(w, 0, "gpt-x", "filter", is_past ? 10 : 2);
        if (i == BEFORE)
            w->manual.wall_ms = w->t_ms + GAP * minute;
        w->t_ms += minute;
        world_analyse_at(w, 0, w->t_ms - minute, w->t_ms, is_past, LIVES);
    }
    const int64_t gap = w->t_ms - GAP * minute;
    turn(w, w->t_ms + 1000);
    ck_assert_uint_gt(told_in(w, gap - 10 * minute, gap), 0);
    ck_assert_uint_eq(told_in(w, gap, w->t_ms), 0);
    ck_assert_uint_eq(told_in(w, w->t_ms, w->t_ms + minute), 1);
    const struct alert al = world_finding(w, "quality:requests filtered", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_ge(al.known_ms, w->t_ms);
    world_free(w);
}
END_TEST

Suite *suite_stream_past(void);
Suite *suite_stream_past(void)
{
    Suite *s = suite_create("stream_past");
    TCase *tc = tcase_create("past");
    tcase_add_test(tc, evidence_of_the_past_is_told_when_it_is_known);
    suite_add_tcase(s, tc);
    return s;
}
