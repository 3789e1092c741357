/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "analysis/grouping.h"

enum { MINUTE_MS = 60000, COMPONENTS = 40 };

/* 0 calls 1 to 9; 1 calls 10, 2 calls 11, ... */
struct scene {
    struct rootrank_edge edges[18];
    struct grouping *g;
    struct grouping_place at;
    uint64_t alerts;
};

static void scene_init(struct scene *s)
{
    for (uint32_t i = 0; i < 9; i++) {
        s->edges[i] = (struct rootrank_edge){0, 1 + i};
        s->edges[9 + i] = (struct rootrank_edge){1 + i, 10 + i};
    }
    s->alerts = 0;
    s->g = grouping_new(s->edges, 18, COMPONENTS);
    ck_assert_ptr_nonnull(s->g);
}

static struct grouping_alert alert(struct scene *s, double minutes, uint32_t component)
{
    return (struct grouping_alert){
        .onset_ms = (int64_t)(minutes * MINUTE_MS), .component = component, .severity = SEV_PAGE, .identity = ++s->alerts};
}

static uint32_t add(struct scene *s, const struct grouping_alert *al)
{
    grouping_add(s->g, al, &s->at);
    return s->at.incident;
}

/* At no known component, with a provider and a team. */
static uint32_t of(struct scene *s, double minutes, uint32_t provider, uint32_t team)
{
    struct grouping_alert al = alert(s, minutes, GROUPING_NO_COMPONENT);
    al.dim[DIM_PROVIDER] = provider;
    al.dim[DIM_TEAM] = team;
    return add(s, &al);
}

static uint32_t at(struct scene *s, double minutes, uint32_t component)
{
    const struct grouping_alert al = alert(s, minutes, component);
    return add(s, &al);
}

static size_t pages(struct scene *s, double minutes)
{
    size_t n = 0;
    while (grouping_next_page(s->g, (int64_t)(minutes * MINUTE_MS)) != 0)
        n++;
    return n;
}

START_TEST(shared_values_at_one_time)
{
    struct scene s;
    scene_init(&s);
    ck_assert_uint_eq(of(&s, 0, 1, 0), 1);
    ck_assert_int_eq(s.at.why, GROUPING_OPENED);
    ck_assert_uint_eq(of(&s, 1, 1, 5), 1);
    ck_assert_int_eq(s.at.why, GROUPING_VALUE);
    ck_assert_int_eq(s.at.dim, DIM_PROVIDER);
    /* With a tenth as the usual share: log of (1 / (c + 1) + c / (c + 1) / 10) / (1 / 10), averaged over c = 0.3, 3 and 30, less a third of
     * a nat. */
    double mean = 0;
    const double c[] = {0.3, 3, 30};
    for (int i = 0; i < 3; i++)
        mean += (1 + c[i] * 0.1) / (1 + c[i]) / 3;
    s.alerts = 100;
    ck_assert_uint_eq(of(&s, 20, 2, 0), 2);
    ck_assert_uint_eq(of(&s, 20, 2, 0), 2);
    ck_assert_double_gt(s.at.nats, 0.9 * log(mean / 0.1));
    ck_assert_double_lt(s.at.nats, 1.1 * log(mean / 0.1));
    grouping_free(s.g);
}
END_TEST

START_TEST(other_values_are_another_incident)
{
    struct scene s;
    scene_init(&s);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(of(&s, 0, 1, 0), 1);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(of(&s, 0.5, 2, 0), 2);
    ck_assert_uint_eq(of(&s, 1, 1, 0), 1);
    grouping_free(s.g);
}
END_TEST

/* The teams of an incident all differ: one more that differs does not speak against it, and the provider decides. */
START_TEST(what_differs_anyway_tells_nothing)
{
    struct scene s;
    scene_init(&s);
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_uint_eq(of(&s, 0, 1, 100 + i), 1);
    ck_assert_uint_eq(of(&s, 6, 1, 200), 1);
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_uint_eq(of(&s, 40, 2, 100), 2); /* and here all are the same */
    ck_assert_uint_eq(of(&s, 46, 2, 200), 3);
    grouping_free(s.g);
}
END_TEST

/* Alerts of a stage and alerts of a provider have no value to differ in, and still name different things. */
START_TEST(what_they_name)
{
    struct scene s;
    scene_init(&s);
    for (int i = 0; i < 8; i++) {
        struct grouping_alert al = alert(&s, 0, GROUPING_NO_COMPONENT);
        al.dim[DIM_STAGE] = 1;
        ck_assert_uint_eq(add(&s, &al), 1);
    }
    ck_assert_uint_eq(of(&s, 0, 2, 0), 2);
    ck_assert_uint_eq(of(&s, 0, 2, 0), 2);
    grouping_free(s.g);
}
END_TEST

/* A value that all incidents have joins none. */
START_TEST(a_value_that_all_have_tells_nothing)
{
    struct scene s;
    scene_init(&s);
    const uint32_t region = 7;
    double nats[2];
    for (int round = 0; round < 2; round++) {
        struct grouping_alert al = alert(&s, 10000 * round, GROUPING_NO_COMPONENT);
        al.dim[DIM_REGION] = region;
        (void)add(&s, &al);
        al.identity = ++s.alerts;
        (void)add(&s, &al);
        nats[round] = s.at.nats;
        for (int i = 1; round == 0 && i < 100; i++) { /* more incidents, all of that region */
            al = alert(&s, 60.0 * i, GROUPING_NO_COMPONENT);
            al.dim[DIM_REGION] = region;
            (void)add(&s, &al);
            (void)pages(&s, 60.0 * i);
        }
    }
    ck_assert_double_gt(nats[0], 1);
    ck_assert_double_lt(nats[1], 0.1);
    grouping_free(s.g);
}
END_TEST

START_TEST(who_calls_whom)
{
    struct scene s;
    scene_init(&s);
    ck_assert_uint_eq(at(&s, 0, 10), 1);
    ck_assert_uint_eq(at(&s, 0, 10), 1);
    ck_assert_int_eq(s.at.why, GROUPING_COMPONENT);
    const double same = s.at.nats;
    ck_assert_uint_eq(at(&s, 0, 1), 1); /* calls it */
    ck_assert_int_eq(s.at.why, GROUPING_COMPONENT);
    ck_assert_double_gt(s.at.nats, 1);
    ck_assert_double_gt(same, 0.5);
    ck_assert_uint_eq(at(&s, 0, 18), 2); /* of another branch */
    ck_assert_uint_eq(at(&s, 0, 9), 2);
    grouping_free(s.g);
}
END_TEST

START_TEST(time_parts)
{
    struct scene s;
    scene_init(&s);
    ck_assert_uint_eq(of(&s, 0, 1, 1), 1);
    ck_assert_uint_eq(of(&s, 3, 1, 1), 1);
    ck_assert_uint_eq(of(&s, 13.5, 1, 1), 2); /* more than a gap later */
    grouping_keep_open(s.g, 2, 60 * MINUTE_MS);
    grouping_keep_open(s.g, 77, 60 * MINUTE_MS); /* nobody's */
    ck_assert_uint_eq(of(&s, 61, 1, 1), 2);
    ck_assert_uint_eq(of(&s, 30, 1, 1), 2); /* found late, began before */
    grouping_free(s.g);
}
END_TEST

START_TEST(the_same_alert_again)
{
    struct scene s;
    scene_init(&s);
    struct grouping_alert al = alert(&s, 0, GROUPING_NO_COMPONENT);
    al.dim[DIM_MODEL] = 3;
    al.severity = SEV_TICKET;
    ck_assert_uint_eq(add(&s, &al), 1);
    ck_assert_uint_eq(pages(&s, 0), 0);
    al.onset_ms = 5 * MINUTE_MS;
    al.dim[DIM_MODEL] = 0;
    ck_assert_uint_eq(add(&s, &al), 1);
    ck_assert_int_eq(s.at.why, GROUPING_SAME_ALERT);
    ck_assert_uint_eq(pages(&s, 5), 0);
    al.severity = SEV_PAGE;
    ck_assert_uint_eq(add(&s, &al), 1);
    ck_assert_uint_eq(pages(&s, 5), 1); /* it got worse */
    al.onset_ms = 13 * MINUTE_MS;       /* within a gap of when it fired last */
    ck_assert_uint_eq(add(&s, &al), 1);
    al.onset_ms = 30 * MINUTE_MS; /* long after: another incident */
    ck_assert_uint_eq(add(&s, &al), 2);
    grouping_free(s.g);
}
END_TEST

/* Two that seemed two are one when enough alerts have the values of both. */
START_TEST(one_alert_more_makes_them_one)
{
    struct scene s;
    scene_init(&s);
    struct grouping_alert al = alert(&s, 0, 10);
    ck_assert_uint_eq(add(&s, &al), 1);
    al = alert(&s, 0, 18);
    al.dim[DIM_MODEL] = 3;
    ck_assert_uint_eq(add(&s, &al), 2);
    al = alert(&s, 1, 10);
    al.dim[DIM_MODEL] = 3;
    uint32_t absorbed = 0;
    for (int i = 0; i < 6 && absorbed == 0; i++) {
        al.identity = ++s.alerts;
        (void)add(&s, &al);
        absorbed = s.at.absorbed;
    }
    ck_assert_uint_eq(absorbed, 2);
    ck_assert_uint_eq(s.at.incident, 1);
    ck_assert_uint_eq(pages(&s, 1.9), 1); /* the second waited, and is none any more */
    ck_assert_uint_eq(pages(&s, 60), 0);
    grouping_free(s.g);
}
END_TEST

START_TEST(an_incident_pages_once)
{
    struct scene s;
    scene_init(&s);
    ck_assert_uint_eq(pages(&s, 0), 0);
    (void)of(&s, 0, 1, 0);
    ck_assert_uint_eq(pages(&s, 0), 1); /* alone: at once */
    for (int i = 0; i < 10; i++) {
        (void)of(&s, 0.1 * i, 1, 0);
        ck_assert_uint_eq(pages(&s, 1), 0);
    }
    ck_assert_uint_eq(of(&s, 1, 2, 0), 2); /* another one, it seems */
    ck_assert_uint_eq(pages(&s, 2.9), 0);
    ck_assert_uint_eq(pages(&s, 3), 1);
    ck_assert_uint_eq(pages(&s, 600), 0);
    grouping_free(s.g);
}
END_TEST

/* One that has yet to page is not forgotten for being old. */
START_TEST(no_page_is_lost)
{
    struct scene s;
    scene_init(&s);
    (void)of(&s, 0, 1, 0);
    (void)of(&s, 300, 2, 0);
    ck_assert_uint_eq(pages(&s, 300), 2);
    grouping_free(s.g);
}
END_TEST

/* That two are of one time puts nothing together, however little tells them apart; and neither does it two groups that grew since. */
START_TEST(time_alone_is_no_reason)
{
    struct scene s;
    scene_init(&s);
    ck_assert_uint_eq(at(&s, 0, GROUPING_NO_COMPONENT), 1);
    ck_assert_uint_eq(at(&s, 0, GROUPING_NO_COMPONENT), 2);
    ck_assert_uint_eq(of(&s, 0, 1, 0), 3);
    ck_assert_uint_eq(of(&s, 0, 0, 5), 4);
    ck_assert_uint_eq(at(&s, 0, 20), 5);
    ck_assert_uint_eq(at(&s, 0, 20), 5);
    ck_assert_uint_eq(s.at.absorbed, 0);
    grouping_free(s.g);
}
END_TEST

/* Of which nothing but the name is known: one name is one incident, whatever the hosts are. */
START_TEST(one_name_of_many_hosts)
{
    struct scene s;
    scene_init(&s);
    for (uint32_t i = 0; i < 60; i++) {
        struct grouping_alert al = alert(&s, 0, GROUPING_NO_COMPONENT);
        al.dim[DIM_NAME] = 100 + i;
        al.name = 1 + i % 2;
        ck_assert_uint_eq(add(&s, &al), 1 + i % 2);
    }
    ck_assert_int_eq(s.at.why, GROUPING_NAME);
    grouping_free(s.g);
}
END_TEST

/* A budget's alert joins what fails and tells nothing of it: what has its team alone is another's trouble. What fails and joins a budget
 * makes it its own. */
START_TEST(money_joins_and_says_nothing)
{
    for (int money_first = 0; money_first < 2; money_first++) {
        struct scene s;
        scene_init(&s);
        for (int i = 0; i < 2; i++) {
            struct grouping_alert al = alert(&s, 0, GROUPING_NO_COMPONENT);
            al.of_money = (i == 0) == (money_first == 1);
            al.dim[DIM_PROVIDER] = 1;
            al.dim[DIM_TEAM] = al.of_money ? 7 : 0;
            ck_assert_uint_eq(add(&s, &al), 1);
        }
        ck_assert_uint_eq(of(&s, 0, 0, 7), 2);
        ck_assert_uint_eq(of(&s, 0, 1, 0), 1);
        grouping_free(s.g);
    }
}
END_TEST

/* Budgets that fire at one time are near, though one burns for hours and the other since now; for what fails it is since when they do. */
START_TEST(budgets_are_near_when_they_fire)
{
    struct scene s;
    scene_init(&s);
    for (int i = 0; i < 2; i++) {
        struct grouping_alert al = alert(&s, i == 0 ? 0 : 118, GROUPING_NO_COMPONENT);
        al.of_money = true;
        al.fired_ms = 120 * MINUTE_MS;
        al.dim[DIM_TEAM] = 7;
        ck_assert_uint_eq(add(&s, &al), 1);
    }
    ck_assert_uint_eq(of(&s, 60, 0, 7), 1); /* within what it burned */
    ck_assert_uint_eq(of(&s, 150, 0, 7), 2);
    grouping_free(s.g);
}
END_TEST

/* Two that have burned for hours are near by when they fired, also after an alert of something else; tickets, for no page holds them
 * open. */
START_TEST(a_budget_is_near_for_as_long_as_what_fails)
{
    for (int other = 0; other < 2; other++) {
        struct scene s;
        scene_init(&s);
        for (int i = 0; i < 3; i++) {
            struct grouping_alert al = alert(&s, i == 0 ? 0 : 60, GROUPING_NO_COMPONENT);
            al.of_money = true;
            al.severity = SEV_TICKET;
            al.fired_ms = (300 + 6 * i) * MINUTE_MS;
            al.identity = i == 1 ? 1 : al.identity; /* the first fires again */
            al.dim[DIM_TEAM] = 7;
            ck_assert_uint_eq(add(&s, &al), 1);
            if (i == 0 && other) {
                al = alert(&s, 300.5, GROUPING_NO_COMPONENT);
                al.severity = SEV_TICKET;
                al.dim[DIM_MODEL] = 3;
                ck_assert_uint_eq(add(&s, &al), 2);
            }
        }
        ck_assert_uint_eq(of(&s, 340, 1, 0), 2 + (uint32_t)other); /* by then it is over */
        struct grouping_alert al = alert(&s, 312, GROUPING_NO_COMPONENT);
        al.of_money = true;
        al.dim[DIM_TEAM] = 7;
        ck_assert_uint_eq(add(&s, &al), 3 + (uint32_t)other);
        grouping_free(s.g);
    }
}
END_TEST

/* Where there is no room for one more, a budget that fired just now is not the one that was quiet longest. */
START_TEST(a_budget_that_fired_now_keeps_its_place)
{
    struct scene s;
    scene_init(&s);
    struct grouping_alert al = alert(&s, 295, GROUPING_NO_COMPONENT);
    al.of_money = true;
    al.fired_ms = 300 * MINUTE_MS;
    al.dim[DIM_TEAM] = 1;
    ck_assert_uint_eq(add(&s, &al), 1);
    for (uint32_t i = 2; i <= GROUPING_OPEN_MAX + 1; i++)
        ck_assert_uint_eq(of(&s, 299, i, i), i);
    al.identity = ++s.alerts;
    ck_assert_uint_eq(add(&s, &al), 1);
    grouping_free(s.g);
}
END_TEST

START_TEST(more_than_there_is_room_for)
{
    struct scene s;
    scene_init(&s);
    for (uint32_t i = 1; i <= 3 * GROUPING_OPEN_MAX; i++) {
        const uint32_t n = of(&s, 0, i, i);
        for (int k = 0; k < 3; k++)
            ck_assert_uint_eq(of(&s, 0, i, i), n);
    }
    /* Of equally quiet ones the oldest goes. */
    const uint32_t last = s.at.incident;
    ck_assert_uint_eq(of(&s, 0, 3 * GROUPING_OPEN_MAX, 3 * GROUPING_OPEN_MAX), last);
    ck_assert_uint_eq(of(&s, 0, 2 * GROUPING_OPEN_MAX + 1, 2 * GROUPING_OPEN_MAX + 1), last - GROUPING_OPEN_MAX + 1);
    ck_assert_uint_eq(of(&s, 0, 1, 1), last + 1);
    grouping_free(s.g);
    ck_assert_ptr_null(grouping_new(NULL, 0, GROUPING_COMPONENTS_MAX + 1));
}
END_TEST

Suite *suite_grouping(void);
Suite *suite_grouping(void)
{
    Suite *s = suite_create("grouping");
    TCase *t = tcase_create("grouping");
    tcase_add_test(t, shared_values_at_one_time);
    tcase_add_test(t, other_values_are_another_incident);
    tcase_add_test(t, what_differs_anyway_tells_nothing);
    tcase_add_test(t, what_they_name);
    tcase_add_test(t, a_value_that_all_have_tells_nothing);
    tcase_add_test(t, who_calls_whom);
    tcase_add_test(t, time_parts);
    tcase_add_test(t, the_same_alert_again);
    tcase_add_test(t, one_alert_more_makes_them_one);
    tcase_add_test(t, an_incident_pages_once);
    tcase_add_test(t, no_page_is_lost);
    tcase_add_test(t, time_alone_is_no_reason);
    tcase_add_test(t, one_name_of_many_hosts);
    tcase_add_test(t, money_joins_and_says_nothing);
    tcase_add_test(t, budgets_are_near_when_they_fire);
    tcase_add_test(t, a_budget_is_near_for_as_long_as_what_fails);
    tcase_add_test(t, a_budget_that_fired_now_keeps_its_place);
    tcase_add_test(t, more_than_there_is_room_for);
    suite_add_tcase(s, t);
    return s;
}
