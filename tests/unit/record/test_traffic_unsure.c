/* SPDX-License-Identifier: MIT */
/* Traffic or model, where it cannot be told yet: what is new excuses nothing by itself, and what is not decided is no baseline. */
#include "base/rng.h"
#include "unit/record/stream_world.h"

/* Scores of a poll: so many of a route, of which each is bad by chance. */
static void with_scores_of(struct world *w, const char *route, const char *key, int n, double bad_share, struct rng *r)
{
    struct labels l = {.name = "json_valid", .model = "gpt-x", .route = route, .key = key};
    struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, l, NULL));
    int bad = 0;
    for (int i = 0; i < n; i++)
        bad += rng_unit(r) < bad_share;
    it->v.score.n = n;
    it->v.score.bad = bad;
    it->v.score.sum_fixed = it->v.score.sumsq_fixed = (n - bad) * INT64_C(1000000000);
}

/* How many events say that traffic is all there is to it. */
static int excuses(struct world *w)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct event *list;
    size_t count;
    int n = 0;
    arena_init(&a, 8 << 20);
    OK(store_events(w->st, 0, INT64_MAX, INT64_MAX, &a, &list, &count, &ctx));
    for (size_t i = 0; i < count; i++)
        n += strstr(list[i].text, "traffic changed, no model") != NULL;
    arena_fini(&a);
    return n;
}

/* One route or two, and keys of ten minutes each: no key of now was there before, in a drift as ever. */
START_TEST(keys_that_always_are_new_excuse_nothing)
{
    for (int run = 0; run < 6; run++) {
        struct world *w = quiet();
        struct errctx ctx = {.text = ""};
        struct rng r;
        char found[512];
        const int routes = 1 + run % 2;
        rng_seed(&r, (uint64_t)run + 1);
        for (int i = 0; i < 360 + 240; i++) {
            char key[32];
            snprintf(key, sizeof key, "job-%d", i / 10);
            for (int k = 0; k < routes; k++)
                with_scores_of(w, k == 0 ? "/a" : "/b", key, 20 / routes, i < 360 ? 0.01 : 0.03, &r);
            world_poll(w);
            OK(analyser_tick(w->an, w->t_ms, &ctx));
        }
        ck_assert_int_eq(excuses(w), 0);
        ck_assert_msg(world_finding(w, "quality:json_valid", found, sizeof found).state == ALERT_FIRING, "run %d: %s", run, found);
        world_free(w);
    }
}
END_TEST

/* A new customer with a route and a key of its own, which is worse from the first: the others would show a drift, and show none. */
START_TEST(a_new_customer_is_traffic)
{
    struct world *w = quiet();
    struct errctx ctx = {.text = ""};
    struct rng r;
    char found[512];
    rng_seed(&r, 9);
    for (int i = 0; i < 360 + 240; i++) {
        with_scores_of(w, "/a", "ann", 20, 0.01, &r);
        with_scores_of(w, "/b", "bob", 20, 0.01, &r);
        if (i >= 360)
            with_scores_of(w, "/new", "new", 20, 0.15, &r);
        world_poll(w);
        OK(analyser_tick(w->an, w->t_ms, &ctx));
    }
    ck_assert_int_eq(excuses(w), 1);
    ck_assert(world_finding(w, "quality:json_valid", found, sizeof found).state != ALERT_FIRING);
    world_free(w);
}
END_TEST

/* Ten answers in five minutes: one route is half of the traffic instead of a tenth, and 12 % bad instead of 5. A quarter of what changed is
 * the mix, and at the alarm the rest is no more than chance: it is not the baseline for that. */
START_TEST(what_cannot_be_told_is_no_baseline)
{
    for (int run = 0; run < 2; run++) {
        struct world *w = world_new(5 * minute);
        struct errctx ctx = {.text = ""};
        struct rng r;
        char found[512];
        world_open(w);
        rng_seed(&r, (uint64_t)run + 1);
        for (int i = 0; i < 2880 + 864; i++) {
            const bool is_after = i >= 2880;
            with_scores_of(w, "/a", NULL, is_after ? 5 : 1, is_after ? 0.12 : 0.05, &r);
            with_scores_of(w, "/b", NULL, is_after ? 5 : 9, 0.01, &r);
            world_poll(w);
            OK(analyser_tick(w->an, w->t_ms, &ctx));
        }
        const struct alert al = world_finding(w, "quality:json_valid", found, sizeof found);
        ck_assert_int_eq(excuses(w), 0);
        ck_assert_msg(al.state == ALERT_FIRING, "run %d: %s", run, found);
        struct arena a;
        struct str note;
        struct drift_found f;
        arena_init(&a, 1 << 20);
        OK(store_note(w->st, "found:quality:json_valid|model=gpt-x", INT64_MAX, &a, &note));
        OK(drift_found_read(note, &a, &f, &ctx));
        ck_assert_int_gt(f.asked_ms, 0);
        if (f.undecided) /* asked until it is decided, the more seldom the older it is */
            ck_assert_int_le(w->t_ms - f.asked_ms, (w->t_ms - al.since_ms) / 36 + 10 * minute);
        arena_fini(&a);
        ck_assert_msg(strstr(found, "other traffic: route /a 10 -> ") != NULL || strstr(found, "route /a alone") != NULL, "%s", found);
        world_free(w);
    }
}
END_TEST

/* The same of a mix alone: whatever was not told at first, it ends as other traffic. */
START_TEST(what_could_not_be_told_ends_as_traffic)
{
    for (int run = 0; run < 3; run++) {
        struct world *w = world_new(5 * minute);
        struct errctx ctx = {.text = ""};
        struct rng r;
        char found[512];
        world_open(w);
        rng_seed(&r, (uint64_t)run + 1);
        for (int i = 0; i < 1440 + 864; i++) {
            const bool is_after = i >= 1440;
            with_scores_of(w, "/a", NULL, is_after ? 20 : 4, 0.10, &r);
            with_scores_of(w, "/b", NULL, is_after ? 20 : 36, 0.01, &r);
            world_poll(w);
            OK(analyser_tick(w->an, w->t_ms, &ctx));
        }
        ck_assert_int_eq(excuses(w), 1);
        ck_assert(world_finding(w, "quality:json_valid", found, sizeof found).state != ALERT_FIRING);
        world_free(w);
    }
}
END_TEST

Suite *suite_traffic_unsure(void);
Suite *suite_traffic_unsure(void)
{
    Suite *s = suite_create("traffic_unsure");
    TCase *t = tcase_create("traffic_unsure");
    tcase_add_test(t, keys_that_always_are_new_excuse_nothing);
    tcase_add_test(t, a_new_customer_is_traffic);
    tcase_add_test(t, what_cannot_be_told_is_no_baseline);
    tcase_add_test(t, what_could_not_be_told_ends_as_traffic);
    suite_add_tcase(s, t);
    return s;
}
