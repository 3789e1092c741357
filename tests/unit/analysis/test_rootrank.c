/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <string.h>

#include "analysis/rootrank.h"
#include "base/rng.h"

enum { BEFORE = 60, AFTER = 5, SERIES = 16, NAMES = 8 };
static const int64_t onset_ms = 1764558000000; /* 2025-12-01T03:00:00Z */

struct scene {
    struct arena arena;
    struct rng rng;
    double before[SERIES][BEFORE], after[SERIES][AFTER], calls[SERIES][BEFORE];
    struct rootrank_series series[SERIES];
    struct rootrank_edge edges[SERIES];
    const char *names[NAMES];
    struct rootrank_change change;
    struct rootrank_input in;
    struct rootrank_suspect *list;
    size_t count;
    const char *note;
};

static void scene_init(struct scene *s)
{
    memset(s, 0, sizeof *s);
    arena_init(&s->arena, 16 << 20);
    rng_seed(&s->rng, 1);
    s->in = (struct rootrank_input){.components = s->names,
                                    .series = s->series,
                                    .edges = s->edges,
                                    .target = ROOTRANK_NO_TARGET,
                                    .changes = &s->change,
                                    .onset_ms = onset_ms};
}

static uint32_t component(struct scene *s, const char *name)
{
    s->names[s->in.component_count] = name;
    return (uint32_t)s->in.component_count++;
}

static void calls(struct scene *s, uint32_t caller, uint32_t callee)
{
    s->edges[s->in.edge_count++] = (struct rootrank_edge){caller, callee};
}

/* A series of values around a level, with noise of a twentieth of it, that has another level after the onset. n: calls of a sample, 0 = not
 * counted. */
static struct rootrank_series *series(struct scene *s, uint32_t of, enum rootrank_kind kind, const char *name, double level, double now,
                                      double n)
{
    const size_t i = s->in.series_count++;
    struct rootrank_series *out = &s->series[i];
    for (int k = 0; k < BEFORE; k++) {
        s->before[i][k] = level * (1 + 0.05 * rng_normal(&s->rng));
        s->calls[i][k] = n;
    }
    for (int k = 0; k < AFTER; k++)
        s->after[i][k] = now * (1 + 0.05 * rng_normal(&s->rng));
    *out = (struct rootrank_series){.component = of,
                                    .kind = kind,
                                    .name = name,
                                    .before = s->before[i],
                                    .before_count = BEFORE,
                                    .after = s->after[i],
                                    .after_count = AFTER};
    if (n > 0)
        out->before_calls = out->after_calls = s->calls[i];
    return out;
}

static void rank(struct scene *s)
{
    ck_assert_int_eq(rootrank_suspects(&s->in, &s->arena, &s->list, &s->count, &s->note), ERR_OK);
    ck_assert((s->count > 0) == (s->note[0] == '\0'));
}

static void ask(struct scene *s, uint32_t target, enum rootrank_kind symptom)
{
    s->in.target = target;
    s->in.symptom = symptom;
    rank(s);
}

/* gateway -> guard, engine; engine -> gpu. The engine takes 2 s longer; all that the gateway takes longer is the engine's. */
static void chain(struct scene *s)
{
    scene_init(s);
    const uint32_t gateway = component(s, "gateway"), guard = component(s, "guard"), engine = component(s, "engine"),
                   gpu = component(s, "gpu");
    calls(s, gateway, guard);
    calls(s, gateway, engine);
    calls(s, engine, gpu);
    series(s, gateway, ROOTRANK_TIME, "latency", 1.2, 3.2, 100);
    series(s, guard, ROOTRANK_TIME, "latency", 0.1, 0.1, 100);
    series(s, engine, ROOTRANK_TIME, "latency", 1, 3, 100);
}

START_TEST(own_time_is_followed_to_where_it_is_lost)
{
    struct scene s;
    chain(&s);
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "engine");
    ck_assert_double_gt(s.list[0].share, 0.9);
    ck_assert(!s.list[0].weak);
    ck_assert_uint_eq(s.list[0].series_count, 1);
    ck_assert_uint_eq(s.list[0].series[0], 2);
    ck_assert_msg(strstr(s.list[0].reason, "latency ") == s.list[0].reason &&
                      strstr(s.list[0].reason, "of gateway's time beyond the usual is its own"),
                  "%s", s.list[0].reason);
    arena_fini(&s.arena);
}
END_TEST

START_TEST(the_target_itself_when_no_callee_lost_anything)
{
    struct scene s;
    chain(&s);
    for (int k = 0; k < AFTER; k++)
        s.after[2][k] = 1; /* the engine's */
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "gateway");
    ck_assert_double_eq_tol(s.list[0].share, 1, 1e-9);
    ck_assert_ptr_nonnull(strstr(s.list[0].reason, "100 % of its time beyond the usual is in none of its callees"));
    ck_assert_str_eq(s.list[0].reason2, "it calls guard (as usual), engine (as usual)");
    arena_fini(&s.arena);
}
END_TEST

/* Of 2 s the engine's callee takes 1.5. */
START_TEST(who_holds_a_part_gets_that_part)
{
    struct scene s;
    chain(&s);
    const uint32_t store = component(&s, "store");
    calls(&s, 2, store);
    calls(&s, 2, 2); /* a call of itself holds nothing */
    series(&s, store, ROOTRANK_TIME, "latency", 0.5, 2, 100);
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 2);
    ck_assert_str_eq(s.list[0].title, "store");
    ck_assert_double_eq_tol(s.list[0].share, 0.75, 0.06);
    ck_assert_str_eq(s.list[1].title, "engine");
    ck_assert_double_eq_tol(s.list[1].share, 0.25, 0.06);
    ck_assert(s.list[1].weak);
    arena_fini(&s.arena);
}
END_TEST

/* A rare call that takes a hundred times as long is not why the others are slow. */
START_TEST(a_move_weighs_by_its_calls)
{
    struct scene s;
    chain(&s);
    const uint32_t rare = component(&s, "rare");
    calls(&s, 0, rare);
    series(&s, rare, ROOTRANK_TIME, "latency", 0.1, 10, 0.5);
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "engine");
    arena_fini(&s.arena);
}
END_TEST

/* The GPU tells no latency; it moved as far as the engine did. */
START_TEST(who_tells_no_latency_explains_by_how_far_it_moved)
{
    struct scene s;
    chain(&s);
    series(&s, 3, ROOTRANK_LEVEL, "power", 300, 90, 0);
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_str_eq(s.list[0].title, "gpu");
    ck_assert_ptr_nonnull(strstr(s.list[0].reason, "power "));
    arena_fini(&s.arena);

    chain(&s); /* as it was: the engine's own */
    series(&s, 3, ROOTRANK_LEVEL, "power", 300, 300, 0);
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "engine");
    ck_assert_str_eq(s.list[0].reason2, "it calls gpu (as usual)");
    arena_fini(&s.arena);
}
END_TEST

/* A balancer of which nothing is known stands between the gateway and the engine. */
START_TEST(nobody_hides_behind_who_tells_nothing)
{
    struct scene s;
    chain(&s);
    const uint32_t balancer = component(&s, "balancer");
    s.edges[1] = (struct rootrank_edge){0, balancer};
    calls(&s, balancer, 2);
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "engine");
    arena_fini(&s.arena);
}
END_TEST

/* A noisy one on the way is passed where it moved by two of its spreads, though it would not be named for that. */
START_TEST(who_is_on_the_way_need_not_be_beyond_doubt)
{
    for (int spreads = 1; spreads <= 3; spreads++) {
        struct scene s;
        scene_init(&s);
        const uint32_t front = component(&s, "front"), noisy = component(&s, "noisy"), back = component(&s, "back");
        calls(&s, front, noisy);
        calls(&s, noisy, back);
        series(&s, front, ROOTRANK_TIME, "latency", 2, 2 + spreads, 100);
        series(&s, noisy, ROOTRANK_TIME, "latency", 1, 1 + spreads, 100);
        series(&s, back, ROOTRANK_TIME, "latency", 0.5, 0.5 + spreads, 100);
        for (int k = 0; k < BEFORE; k++)
            s.before[1][k] = k % 2 == 0 ? 0.5 : 1.5;
        for (int k = 0; k < AFTER; k++)
            s.after[1][k] = 1.01 + spreads;
        ask(&s, front, ROOTRANK_TIME);
        ck_assert_str_eq(s.list[0].title, spreads >= 2 ? "back" : "front");
        arena_fini(&s.arena);
    }
}
END_TEST

START_TEST(calls_in_a_circle_end)
{
    struct scene s;
    chain(&s);
    calls(&s, 2, 0); /* the engine calls back */
    calls(&s, 2, 2);
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 2);
    ck_assert_double_eq_tol(s.list[0].share + s.list[1].share, 1, 0.02);
    arena_fini(&s.arena);
}
END_TEST

/* Three failures of 100 calls where in 6,000 there was none are no luck; one is. */
START_TEST(failures_are_weighed_as_counts)
{
    for (int failed = 1; failed <= 3; failed += 2) {
        struct scene s;
        scene_init(&s);
        const uint32_t gateway = component(&s, "gateway"), engine = component(&s, "engine");
        calls(&s, gateway, engine);
        series(&s, gateway, ROOTRANK_FAILURES, "failures", 0, 0, 100);
        series(&s, engine, ROOTRANK_FAILURES, "failures", 0, 0, 100);
        for (uint32_t i = 0; i < 2; i++) {
            s.series[i].after_count = 1;
            s.after[i][0] = failed / 100.0;
        }
        ask(&s, gateway, ROOTRANK_FAILURES);
        ck_assert_uint_eq(s.count, failed == 3);
        if (failed == 3) {
            ck_assert_str_eq(s.list[0].title, "engine");
            ck_assert_ptr_nonnull(strstr(s.list[0].reason, "failures 0 to 3 % of 100 calls"));
        } else {
            ck_assert_ptr_nonnull(strstr(s.note, "nothing that moved explains it: farthest is failures of "));
        }
        arena_fini(&s.arena);
    }
}
END_TEST

/* Where calls are not counted a share of failures moves by hundredths. */
START_TEST(failures_of_calls_that_are_not_counted)
{
    struct scene s;
    scene_init(&s);
    (void)component(&s, "gateway");
    series(&s, 0, ROOTRANK_FAILURES, "failures", 0, 0.02, 0);
    ask(&s, 0, ROOTRANK_FAILURES);
    ck_assert_uint_eq(s.count, 0);
    for (int k = 0; k < AFTER; k++)
        s.after[0][k] = 0.05;
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_double_eq_tol(s.list[0].shift, 5, 1e-9);
    arena_fini(&s.arena);
}
END_TEST

START_TEST(it_abstains)
{
    struct scene s;
    chain(&s);
    for (uint32_t i = 0; i < 3; i++)
        memcpy(s.after[i], s.before[i], sizeof s.after[i]);
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 0);
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    for (int k = 0; k < AFTER; k++)
        s.after[0][k] = 0.5; /* better than it was */
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_str_eq(s.note, "gateway is within its usual range");
    s.in.target = ROOTRANK_NO_TARGET;
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    arena_fini(&s.arena);
}
END_TEST

/* A level that was there already before the onset is not why. */
START_TEST(what_was_so_before_the_onset_has_not_moved)
{
    struct scene s;
    scene_init(&s);
    (void)component(&s, "old");
    (void)component(&s, "new");
    series(&s, 0, ROOTRANK_LEVEL, "cpu", 10, 90, 0);
    series(&s, 1, ROOTRANK_LEVEL, "cpu", 10, 50, 0);
    for (int k = BEFORE - 6; k < BEFORE; k++)
        s.before[0][k] = 91;
    rank(&s);
    ck_assert_uint_eq(s.count, 2);
    ck_assert_str_eq(s.list[0].title, "old");
    s.in.recent = 6;
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "new");
    arena_fini(&s.arena);
}
END_TEST

START_TEST(a_callee_that_moved_as_far_is_suspected_instead)
{
    struct scene s;
    scene_init(&s);
    const uint32_t front = component(&s, "front"), back = component(&s, "back");
    series(&s, front, ROOTRANK_LEVEL, "queue", 10, 100, 0);
    series(&s, back, ROOTRANK_LEVEL, "cpu", 10, 60, 0);
    rank(&s);
    ck_assert_uint_eq(s.count, 2); /* who calls whom is not known */
    ck_assert_str_eq(s.list[0].title, "front");
    calls(&s, front, back);
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "back");
    ck_assert_ptr_nonnull(strstr(s.list[0].reason, "% of all that moved"));
    arena_fini(&s.arena);
}
END_TEST

/* Of a component all series that moved are told, the one farthest out of its own range first. */
START_TEST(its_series_are_named_in_order)
{
    struct scene s;
    scene_init(&s);
    (void)component(&s, "engine");
    series(&s, 0, ROOTRANK_LEVEL, "cpu", 10, 15, 0);
    series(&s, 0, ROOTRANK_LEVEL, "queue", 10, 10, 0);
    series(&s, 0, ROOTRANK_LEVEL, "memory", 10, 12, 0);
    for (int k = 0; k < BEFORE; k++)
        s.before[2][k] = 10 + 0.0001 * k;
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_uint_eq(s.list[0].series_count, 2);
    ck_assert_uint_eq(s.list[0].series[0], 2);
    ck_assert_uint_eq(s.list[0].series[1], 0);
    arena_fini(&s.arena);
}
END_TEST

START_TEST(a_change_shortly_before_makes_it_likelier)
{
    struct scene s;
    scene_init(&s);
    (void)component(&s, "one");
    (void)component(&s, "two");
    series(&s, 0, ROOTRANK_LEVEL, "cpu", 10, 40, 0);
    series(&s, 1, ROOTRANK_LEVEL, "cpu", 10, 35, 0);
    s.change = (struct rootrank_change){.component = 1, .kind = EVENT_DEPLOY, .at_ms = onset_ms - 4 * 60000, .text = "rolled out 1.4.2"};
    rank(&s);
    ck_assert_str_eq(s.list[0].title, "one");
    s.in.change_count = 1;
    rank(&s);
    ck_assert_str_eq(s.list[0].title, "two");
    ck_assert_str_eq(s.list[0].reason2, "deploy 02:56:00Z, 4m before the onset: rolled out 1.4.2");
    ck_assert_str_eq(s.list[1].reason2, "");
    s.change.at_ms = onset_ms - 31 * 60000; /* too long ago */
    rank(&s);
    ck_assert_str_eq(s.list[0].title, "one");
    s.change.at_ms = onset_ms;
    s.change.kind = EVENT_ERRORS; /* a symptom */
    rank(&s);
    ck_assert_str_eq(s.list[0].title, "one");
    arena_fini(&s.arena);
}
END_TEST

/* It makes nobody a suspect who did not move. */
START_TEST(a_change_alone_is_no_suspicion)
{
    struct scene s;
    scene_init(&s);
    (void)component(&s, "one");
    series(&s, 0, ROOTRANK_LEVEL, "cpu", 10, 10, 0);
    s.change = (struct rootrank_change){.component = 0, .kind = EVENT_DEPLOY, .at_ms = onset_ms, .text = ""};
    s.in.change_count = 1;
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    arena_fini(&s.arena);
}
END_TEST

START_TEST(missing_values_are_left_out)
{
    struct scene s;
    chain(&s);
    for (int k = 0; k < BEFORE; k += 2)
        s.before[2][k] = (double)NAN;
    s.after[2][2] = s.after[2][4] = (double)INFINITY;
    s.after[2][0] = (double)NAN;
    s.calls[2][1] = (double)NAN; /* of the first sample after that is there */
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_str_eq(s.list[0].title, "engine");
    ck_assert_double_lt(s.list[0].shift, 100);
    arena_fini(&s.arena);
}
END_TEST

START_TEST(too_little_measured)
{
    struct scene s;
    scene_init(&s);
    (void)component(&s, "engine");
    rank(&s);
    ck_assert_str_eq(s.note, "too little was measured: no series has 10 samples before the onset and one after");
    series(&s, 0, ROOTRANK_LEVEL, "cpu", 10, 100, 0);
    s.series[0].before_count = ROOTRANK_LEAST_BEFORE - 1;
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    s.series[0].before_count = ROOTRANK_LEAST_BEFORE;
    s.series[0].after_count = 1; /* one sample is a median */
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    s.after[0][0] = (double)NAN;
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    (void)component(&s, "gateway");
    s.after[0][0] = 100;
    ask(&s, 1, ROOTRANK_TIME);
    ck_assert_str_eq(s.note, "too little was measured of gateway");
    arena_fini(&s.arena);
}
END_TEST

/* The spread of a constant is a twentieth of it; of one that was always zero, of what it is now. */
START_TEST(constants)
{
    struct scene s;
    scene_init(&s);
    (void)component(&s, "engine");
    series(&s, 0, ROOTRANK_LEVEL, "replicas", 4, 3, 0);
    for (int k = 0; k < BEFORE; k++)
        s.before[0][k] = 4;
    for (int k = 0; k < AFTER; k++)
        s.after[0][k] = 3;
    rank(&s);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_double_eq_tol(s.list[0].shift, 1 / 0.2, 1e-9);
    for (int k = 0; k < BEFORE; k++)
        s.before[0][k] = 0;
    rank(&s);
    ck_assert_double_eq_tol(s.list[0].shift, 20, 1e-9);
    for (int k = 0; k < AFTER; k++)
        s.after[0][k] = 0;
    rank(&s);
    ck_assert_uint_eq(s.count, 0);
    arena_fini(&s.arena);
}
END_TEST

/* Samples on the wrong side of the onset, up to half, do no harm. */
START_TEST(an_onset_that_is_a_little_off)
{
    struct scene s;
    chain(&s);
    s.after[0][0] = s.after[0][1] = 1.2;
    s.after[2][0] = s.after[2][1] = 1;
    s.before[0][BEFORE - 1] = 3.2;
    s.before[2][BEFORE - 1] = 3;
    s.in.recent = 6;
    ask(&s, 0, ROOTRANK_TIME);
    ck_assert_str_eq(s.list[0].title, "engine");
    ck_assert_double_gt(s.list[0].share, 0.8);
    arena_fini(&s.arena);
}
END_TEST

START_TEST(limits)
{
    struct scene s;
    chain(&s);
    s.series[0].before_count = ROOTRANK_SAMPLES_MAX + 1;
    ck_assert_int_eq(rootrank_suspects(&s.in, &s.arena, &s.list, &s.count, &s.note), ERR_LIMIT);
    s.series[0].before_count = BEFORE;
    s.in.edge_count = ROOTRANK_EDGES_MAX + 1;
    ck_assert_int_eq(rootrank_suspects(&s.in, &s.arena, &s.list, &s.count, &s.note), ERR_LIMIT);
    s.in.edge_count = 3;
    struct arena small;
    arena_init(&small, 512);
    ck_assert_int_eq(rootrank_suspects(&s.in, &small, &s.list, &s.count, &s.note), ERR_NOMEM);
    arena_fini(&small);
    arena_fini(&s.arena);
}
END_TEST

Suite *suite_rootrank(void);
Suite *suite_rootrank(void)
{
    Suite *s = suite_create("rootrank");
    TCase *t = tcase_create("rootrank");
    tcase_add_test(t, own_time_is_followed_to_where_it_is_lost);
    tcase_add_test(t, the_target_itself_when_no_callee_lost_anything);
    tcase_add_test(t, who_holds_a_part_gets_that_part);
    tcase_add_test(t, a_move_weighs_by_its_calls);
    tcase_add_test(t, who_tells_no_latency_explains_by_how_far_it_moved);
    tcase_add_test(t, nobody_hides_behind_who_tells_nothing);
    tcase_add_test(t, who_is_on_the_way_need_not_be_beyond_doubt);
    tcase_add_test(t, calls_in_a_circle_end);
    tcase_add_test(t, failures_are_weighed_as_counts);
    tcase_add_test(t, failures_of_calls_that_are_not_counted);
    tcase_add_test(t, it_abstains);
    tcase_add_test(t, what_was_so_before_the_onset_has_not_moved);
    tcase_add_test(t, a_callee_that_moved_as_far_is_suspected_instead);
    tcase_add_test(t, its_series_are_named_in_order);
    tcase_add_test(t, a_change_shortly_before_makes_it_likelier);
    tcase_add_test(t, a_change_alone_is_no_suspicion);
    tcase_add_test(t, missing_values_are_left_out);
    tcase_add_test(t, too_little_measured);
    tcase_add_test(t, constants);
    tcase_add_test(t, an_onset_that_is_a_little_off);
    tcase_add_test(t, limits);
    suite_add_tcase(s, t);
    return s;
}
