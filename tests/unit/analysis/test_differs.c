/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <string.h>

#include "analysis/differs.h"

/* Two providers, three models, two teams: 12 leaves of 100 expected events each; ids are 1000 * dim + value. */
enum { PROVIDERS = 2, MODELS = 3, TEAMS = 2, LEAVES = PROVIDERS * MODELS * TEAMS };
static const uint32_t all_dims = DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_REGION);

static uint32_t id(enum dim d, uint32_t value)
{
    return 1000 * (uint32_t)d + value;
}

struct scene {
    struct arena arena;
    struct differs_leaf leaves[LEAVES];
    struct differs_element *list;
    size_t count;
};

static void scene_init(struct scene *s)
{
    arena_init(&s->arena, 8 << 20);
    for (uint32_t i = 0; i < LEAVES; i++) {
        s->leaves[i] = (struct differs_leaf){.v = 100, .e = 100};
        s->leaves[i].dim[DIM_PROVIDER] = id(DIM_PROVIDER, 1 + i % PROVIDERS);
        s->leaves[i].dim[DIM_MODEL] = id(DIM_MODEL, 1 + i / PROVIDERS % MODELS);
        s->leaves[i].dim[DIM_TEAM] = id(DIM_TEAM, 1 + i / (PROVIDERS * MODELS));
        s->leaves[i].dim[DIM_REGION] = id(DIM_REGION, 1); /* the same for all: explains nothing */
    }
}

static void rank(struct scene *s, enum differs_way way)
{
    ck_assert_int_eq(differs_rank(s->leaves, LEAVES, all_dims, way, 10, &s->arena, &s->list, &s->count), ERR_OK);
}

START_TEST(a_single_value_is_named_alone)
{
    struct scene s;
    scene_init(&s);
    for (size_t i = 0; i < LEAVES; i++)
        if (s.leaves[i].dim[DIM_PROVIDER] == id(DIM_PROVIDER, 1))
            s.leaves[i].v = 150;
    rank(&s, DIFFERS_WITH_TOTAL);
    ck_assert_uint_gt(s.count, 0);
    ck_assert_uint_eq(s.list[0].dim_count, 1);
    ck_assert_int_eq(s.list[0].dim[0], DIM_PROVIDER);
    ck_assert_uint_eq(s.list[0].id[0], id(DIM_PROVIDER, 1));
    ck_assert_double_eq_tol(s.list[0].v, 900, 1e-9);
    ck_assert_double_eq_tol(s.list[0].e, 600, 1e-9);
    ck_assert_uint_eq(s.list[0].leaves, 6);
    ck_assert_double_eq_tol(s.list[0].score, 900 * log(1.5) - 300, 1e-6); /* the rest is exactly as expected */
    arena_fini(&s.arena);
}
END_TEST

START_TEST(what_needs_two_values_is_named_by_two)
{
    struct scene s;
    scene_init(&s);
    for (size_t i = 0; i < LEAVES; i++)
        if (s.leaves[i].dim[DIM_PROVIDER] == id(DIM_PROVIDER, 2) && s.leaves[i].dim[DIM_MODEL] == id(DIM_MODEL, 3))
            s.leaves[i].v = 200;
    rank(&s, DIFFERS_WITH_TOTAL);
    ck_assert_uint_eq(s.list[0].dim_count, 2);
    ck_assert_uint_eq(s.list[0].id[0], id(DIM_PROVIDER, 2));
    ck_assert_uint_eq(s.list[0].id[1], id(DIM_MODEL, 3));
    arena_fini(&s.arena);
}
END_TEST

/* A region that is everybody's region adds no second name to the same leaves. */
START_TEST(the_same_leaves_stand_once)
{
    struct scene s;
    scene_init(&s);
    for (size_t i = 0; i < LEAVES; i++)
        if (s.leaves[i].dim[DIM_TEAM] == id(DIM_TEAM, 2)) {
            s.leaves[i].v = 130;
            s.leaves[i].dim[DIM_REGION] = id(DIM_REGION, 2); /* now the region is the team's */
        }
    rank(&s, DIFFERS_WITH_TOTAL);
    ck_assert_uint_eq(s.list[0].dim_count, 1);
    ck_assert_int_eq(s.list[0].dim[0], DIM_REGION); /* upstream of the team */
    for (size_t i = 1; i < s.count; i++)
        ck_assert(s.list[i].leaves != s.list[0].leaves || s.list[i].v != s.list[0].v);
    arena_fini(&s.arena);
}
END_TEST

START_TEST(against_the_total_only_when_asked)
{
    struct scene s;
    scene_init(&s);
    for (size_t i = 0; i < LEAVES; i++)
        s.leaves[i].v = s.leaves[i].dim[DIM_MODEL] == id(DIM_MODEL, 1) ? 40 : 110;
    rank(&s, DIFFERS_WITH_TOTAL); /* the total falls */
    ck_assert_uint_eq(s.list[0].id[0], id(DIM_MODEL, 1));
    for (size_t i = 0; i < s.count; i++)
        ck_assert_double_lt(s.list[i].v, s.list[i].e);
    s.leaves[0].v = s.leaves[6].v = 300; /* provider 1, model 1 of both teams: up while the rest of the model is down */
    rank(&s, DIFFERS_EITHER_WAY);
    bool rises = false;
    for (size_t i = 0; i < s.count; i++)
        rises = rises || s.list[i].v > s.list[i].e;
    ck_assert(rises);
    arena_fini(&s.arena);
}
END_TEST

/* By hand. Of 3,000 events 900 fail where 6 were expected, 300 each; one part was expected to fail three times as often as the others. */
START_TEST(a_part_stands_out_of_a_common_change_of_either_kind)
{
    const struct differs_part all = {.n = 3000, .v = 900, .e = 6};
    /* by factor it would have been 150 of the rest's 600; as a share it is what the rest has */
    struct differs_contrast c = differs_contrast_of(&(struct differs_part){.n = 1000, .v = 300, .e = 1}, &all);
    ck_assert_double_lt(c.nats, 0.1);
    ck_assert_double_eq_tol(c.own, 0, 2);
    /* amounts have the factor alone: 1 of 6 expected, 300 of 900 seen */
    c = differs_contrast_of(&(struct differs_part){.n = (double)NAN, .v = 300, .e = 1},
                            &(struct differs_part){.n = (double)NAN, .v = 900, .e = 6});
    ck_assert_double_eq_tol(c.nats, 300 * log(300 / 150.0) + 600 * log(600 / 750.0), 1e-9);
    ck_assert_double_eq_tol(c.ratio, 300 / (1 * 600 / 5.0), 1e-9);
    /* who rose by the same factor from more does not stand out either */
    c = differs_contrast_of(&(struct differs_part){.n = 1000, .v = 450, .e = 3}, &all);
    ck_assert_double_lt(c.nats, 1e-9);
    /* who failed alone does, and who was spared falls short */
    c = differs_contrast_of(&(struct differs_part){.n = 1000, .v = 896, .e = 2}, &all);
    ck_assert_double_gt(c.nats, 700);
    ck_assert_double_gt(c.own, 880);
    c = differs_contrast_of(&(struct differs_part){.n = 1000, .v = 2, .e = 2}, &all);
    ck_assert_double_gt(c.nats, 300);
    ck_assert_double_lt(c.own, -400);
    /* nothing to compare with */
    ck_assert_double_nan(differs_contrast_of(&all, &all).ratio);
}
END_TEST

START_TEST(nothing_moved_is_nothing_named)
{
    struct scene s;
    scene_init(&s);
    rank(&s, DIFFERS_EITHER_WAY);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_int_eq(differs_rank(s.leaves, 0, all_dims, DIFFERS_EITHER_WAY, 10, &s.arena, &s.list, &s.count), ERR_OK);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_int_eq(differs_rank(s.leaves, DIFFERS_LEAVES_MAX + 1, all_dims, DIFFERS_EITHER_WAY, 10, &s.arena, &s.list, &s.count),
                     ERR_LIMIT);
    arena_fini(&s.arena);
}
END_TEST

START_TEST(a_short_past_is_drawn_to_the_common_share)
{
    ck_assert_double_eq_tol(differs_expected(100, 0, 0, 0.02), 2, 1e-12);
    ck_assert_double_eq_tol(differs_expected(100, 50, 50, 0), 50, 1e-12);
    ck_assert_double_eq_tol(differs_expected(100, 1e9, 1e8, 0.5), 10, 1e-4);
}
END_TEST

Suite *suite_differs(void);
Suite *suite_differs(void)
{
    Suite *s = suite_create("differs");
    TCase *tc = tcase_create("rank");
    tcase_add_test(tc, a_single_value_is_named_alone);
    tcase_add_test(tc, what_needs_two_values_is_named_by_two);
    tcase_add_test(tc, the_same_leaves_stand_once);
    tcase_add_test(tc, against_the_total_only_when_asked);
    tcase_add_test(tc, a_part_stands_out_of_a_common_change_of_either_kind);
    tcase_add_test(tc, nothing_moved_is_nothing_named);
    tcase_add_test(tc, a_short_past_is_drawn_to_the_common_share);
    suite_add_tcase(s, tc);
    return s;
}
