/* SPDX-License-Identifier: MIT */
/* Traffic or model, and where: what other traffic explains is no drift, and a drift is told with the route, team or deployment that it is
 * in. */
#include "unit/record/stream_world.h"

/* Requests to a chat, of which 1 % are bad, and to an extraction, of which 20 % are: so many of each in a poll, `worse` times as often
 * bad. */
static void with_routes(struct world *w, int polls, int64_t chat, int64_t extract, double worse)
{
    static double carry[2]; /* shares of an answer */
    for (int i = 0; i < polls; i++) {
        const struct {
            const char *route;
            int64_t n;
            double share;
        } parts[2] = {{"/chat", chat, 0.01}, {"/extract", extract, 0.20}};
        for (int k = 0; k < 2; k++) {
            carry[k] += (double)parts[k].n * fmin(1, parts[k].share * worse);
            const int64_t bad = (int64_t)carry[k];
            struct labels l = {.name = "json_valid", .model = "gpt-x", .route = parts[k].route};
            struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, l, NULL));
            carry[k] -= (double)bad;
            it->v.score.n = parts[k].n;
            it->v.score.bad = bad;
            it->v.score.sum_fixed = it->v.score.sumsq_fixed = (parts[k].n - bad) * 1000000000;
        }
        world_poll(w);
    }
}

START_TEST(what_other_traffic_explains_is_no_drift)
{
    struct world *w = quiet();
    struct event ev;
    struct drift_base b;
    char text[512], found[512];
    with_routes(w, 240, 57, 3, 1); /* 2 % */
    const int64_t onset = w->t_ms;
    with_routes(w, 60, 45, 15, 1); /* 5.8 %, and no route is worse */
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strncmp(text, "traffic changed, no model: json_valid of gpt-x fell 98.1 -> 9", 61) == 0, "%s", text);
    ck_assert_msg(strstr(text, "route /extract 5.0 -> 25 % of them; within each route nothing changed beyond chance (p 0.") != NULL, "%s",
                  text);
    ck_assert_int_le(llabs(ev.at_ms - onset), 3 * minute);
    (void)world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_str_eq(found, "");
    ck_assert_double_lt(stream_of(w, "json_valid", "model=gpt-x", &b), 0.5);
    ck_assert_msg(strncmp(b.why, "traffic changed: route /extract 5.0 -> 25 % of them", 51) == 0, "%s", b.why);
    ck_assert_double_eq_tol(b.mean, 1 - 3.45 / 60, 0.01);
    ck_assert_uint_le(b.n, 240 * 60 / 3); /* a quarter of now is of the twentieth that there was */
    world_reopen(w);
    with_routes(w, 30, 45, 15, 2); /* and a drift within the routes is one, after it */
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    world_free(w);
}
END_TEST

START_TEST(what_every_route_does_is_a_drift)
{
    struct world *w = quiet();
    char found[512];
    with_routes(w, 240, 57, 3, 1);
    with_routes(w, 30, 57, 3, 3);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    ck_assert_msg(strncmp(found, "{model=gpt-x} json_valid of gpt-x fell 98.1 -> 9", 48) == 0 && strstr(found, "traffic") == NULL, "%s",
                  found);
    world_free(w);
    /* Both at once: a drift, and how much of it is none. */
    w = quiet();
    with_routes(w, 240, 57, 3, 1);
    with_routes(w, 30, 45, 15, 2);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    ck_assert_msg(strstr(found, " % of it is other traffic: route /extract 5.0 -> 25 % of them") != NULL, "%s", found);
    world_free(w);
}
END_TEST

/* A drift of both routes is over, and comes back within a day: most of the day before is the drift's, and no traffic explains it, neither
 * at once nor of a new onset after a restart; where it is is told by the day before the first. */
START_TEST(a_drift_that_comes_back_is_no_traffic)
{
    struct world *w = quiet();
    char found[512], text[512];
    struct event ev;
    with_routes(w, 1440, 57, 3, 1);
    with_routes(w, 20 * 60, 57, 3, 4);
    struct alert al = world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    with_routes(w, 120, 57, 3, 1);
    al = world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    world_reopen(w);
    const int64_t again = w->t_ms;
    with_routes(w, 40, 56, 4, 4);
    al = world_finding(w, "quality:json_valid", found, sizeof found);
    (void)world_events(w, EVENT_QUALITY, &ev, text, sizeof text);
    ck_assert_msg(al.state == ALERT_FIRING, "%s", text);
    ck_assert_int_le(llabs(al.onset_ms - again), 5 * minute);
    ck_assert_msg(strstr(found, "traffic") == NULL && strstr(found, "route /extract: 80.0 -> ") != NULL, "%s", found);
    world_free(w);
}
END_TEST

/* Ten answers a poll of each of two routes, each of a key of its own: so many a poll of one that is new, and 1 % bad, of which so many
 * times. */
static void with_keys(struct world *w, int polls, int each, const char *prefix, int64_t worse)
{
    static int64_t polled;
    for (int i = 0; i < polls; i++, polled++) {
        for (int k = 0; k < 2; k++) {
            for (int j = 0; j < each; j++) {
                char key[32];
                snprintf(key, sizeof key, "%s-%d-%d", prefix, j, prefix[0] == 'n' ? (int)polled : (int)(polled % 30));
                struct labels l = {.name = "json_valid", .model = "gpt-x", .route = k == 0 ? "/a" : "/b", .key = key};
                struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, l, NULL));
                it->v.score.n = 4;
                it->v.score.bad = (polled + 7 * j + 13 * k) % 25 < worse;
                it->v.score.sum_fixed = it->v.score.sumsq_fixed = (4 - it->v.score.bad) * 1000000000;
            }
        }
        world_poll(w);
    }
}

/* Keys that come and go, all of them new: by them alone it would be other traffic, but within the routes it is proved to be none. */
START_TEST(new_keys_excuse_nothing_that_the_routes_show)
{
    struct world *w = quiet();
    struct event ev;
    char found[512], text[512];
    with_keys(w, 240, 2, "old", 1);
    with_keys(w, 60, 2, "new", 6);
    (void)world_events(w, EVENT_QUALITY, &ev, text, sizeof text);
    ck_assert_msg(world_finding(w, "quality:json_valid", found, sizeof found).state == ALERT_FIRING, "%s", text);
    world_free(w);
}
END_TEST

/* A team that always was worse has more of the only route: that it is worse there is no proof against it. */
START_TEST(a_known_team_explains_what_its_route_shows)
{
    struct world *w = quiet();
    struct event ev;
    char found[512], text[512];
    double carry[3] = {0};
    for (int i = 0; i < 360; i++) {
        const int64_t n[3] = {57, i < 240 ? 3 : 40, 20};
        for (int k = 0; k < 3; k++) {
            struct labels l = {.name = "json_valid", .model = "gpt-x", .team = k == 1 ? "batch" : "web", .route = k == 2 ? "/b" : "/a"};
            struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, l, NULL));
            carry[k] += (double)n[k] * (k == 1 ? 0.20 : 0.01);
            it->v.score.n = n[k];
            it->v.score.bad = (int64_t)carry[k];
            carry[k] -= (double)it->v.score.bad;
            it->v.score.sum_fixed = it->v.score.sumsq_fixed = (n[k] - it->v.score.bad) * 1000000000;
        }
        world_poll(w);
    }
    (void)world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_str_eq(found, "");
    ck_assert_uint_ge(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strstr(text, "traffic changed, no model") != NULL && strstr(text, "team batch ") != NULL, "%s", text);
    world_free(w);
}
END_TEST

/* More than half of the fall is other traffic, and the rest is a drift: it is not taken for the traffic's for good. */
START_TEST(a_drift_behind_other_traffic_comes_out)
{
    struct world *w = quiet();
    char found[512];
    with_routes(w, 360, 91, 9, 1);
    with_routes(w, 8 * 60, 75, 25, 1.35);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    world_free(w);
}
END_TEST

/* Three days of a mix that swings from day to night, and no route is worse. */
START_TEST(a_mix_of_days_and_nights_is_no_drift)
{
    struct world *w = world_new(10 * minute);
    char found[512];
    world_open(w);
    for (int i = 0; i < 3 * 144; i++) {
        const int64_t extract = 90 + (int64_t)lround(48 * sin(i * 2 * 3.14159265 / 144));
        with_routes(w, 1, 300 - extract, extract, 1);
        (void)world_finding(w, "quality:json_valid", found, sizeof found);
        ck_assert_str_eq(found, "");
    }
    world_free(w);
}
END_TEST

/* Scores that are not split, and requests that moved: it may be the reason, and nothing can tell. */
START_TEST(traffic_that_moved_is_said_where_scores_are_not_split)
{
    struct world *w = quiet();
    char found[512];
    for (int i = 0; i < 270; i++) {
        const int64_t batch = i < 240 ? 5 : 60;
        world_item(w, world_series(w, 0, SIG_REQUESTS, (struct labels){.model = "gpt-x", .class = "ok", .team = "search"}, NULL))
            ->v.increment = 95;
        world_item(w, world_series(w, 0, SIG_REQUESTS, (struct labels){.model = "gpt-x", .class = "ok", .team = "batch"}, NULL))
            ->v.increment = batch;
        world_item(w, world_series(w, 0, SIG_TOKENS_INPUT, (struct labels){.model = "gpt-x"}, NULL))->v.increment =
            95 * 1000 + batch * 8000;
        with_scores(w, 1, "gpt-x-2026-10-02", i < 240 ? 1 : 6, 2);
    }
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    ck_assert_msg(
        strstr(found,
               "; its traffic changed as well (team batch 5.0 -> 39 % of its requests), and the samples are not split by it; its prompts "
               "are 1.4k -> 3.7k tokens") != NULL,
        "%s", found);
    world_free(w);
}
END_TEST

/* ---- where ---- */

/* Of each of five routes so many scores a poll, of which `bad` of one of them are bad, and one of the others' every other poll. */
static void with_five_of(struct world *w, const char *name, int polls, const char *deployment, int worse, int64_t bad)
{
    static const char *const routes[] = {"/a", "/b", "/c", "/d", "/e"};
    for (int i = 0; i < polls; i++) {
        for (int k = 0; k < 5; k++) {
            struct labels l = {.name = name, .model = "gpt-x", .deployment = deployment, .route = routes[k]};
            struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, l, NULL));
            it->v.score.n = 20;
            it->v.score.bad = worse == k || worse == 5 ? bad : (i + k) % 5 == 0;
            it->v.score.sum_fixed = it->v.score.sumsq_fixed = (20 - it->v.score.bad) * 1000000000;
        }
        world_poll(w);
    }
}

static void with_five(struct world *w, int polls, const char *deployment, int worse, int64_t bad)
{
    with_five_of(w, "json_valid", polls, deployment, worse, bad);
}

static struct drift_found found_of(struct world *w, struct arena *a)
{
    struct errctx ctx = {.text = ""};
    struct str text;
    struct drift_found f;
    OK(store_note(w->st, "found:quality:json_valid|model=gpt-x", INT64_MAX, a, &text));
    OK(drift_found_read(text, a, &f, &ctx));
    return f;
}

START_TEST(a_drift_of_one_route_names_it)
{
    struct world *w = quiet();
    struct arena a;
    struct event ev;
    char text[512], found[512];
    arena_init(&a, 1 << 20);
    with_five(w, 240, NULL, -1, 0); /* 1 % */
    const int64_t onset = w->t_ms;
    with_five(w, 20, NULL, 2, 8); /* 40 % of one */
    const struct alert al = world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_msg(strncmp(found, "{model=gpt-x} json_valid of gpt-x fell 99.0 -> 9", 48) == 0 &&
                      strstr(found, " %, route /c alone: 98.8 -> 60.0 % (n ") != NULL && strstr(found, "most of it") == NULL,
                  "%s", found);
    /* At the alarm, of one poll, the others had too few to be cleared. */
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strstr(text, ", most of it route /c: 99.0 -> 60.0 % (n 20), n 200: e-detector") != NULL, "%s", text);
    const struct drift_found f = found_of(w, &a);
    ck_assert_int_eq(f.onset_ms, al.onset_ms);
    ck_assert_int_le(llabs(f.onset_ms - onset), 2 * minute);
    ck_assert_int_eq(f.where, DRIFT_WHERE_SOME);
    ck_assert_int_eq(f.dim, DIM_ROUTE);
    ck_assert_uint_eq(f.name_count, 1);
    ck_assert_str_eq(f.names[0], "/c");
    ck_assert_double_eq_tol(f.was, 0.988, 1e-3);
    ck_assert_double_eq_tol(f.is, 0.6, 1e-9);
    ck_assert_double_gt(f.part, 0.9);
    arena_fini(&a);
    world_free(w);
}
END_TEST

/* A score's name is no part of a sentence: what is told anew of where it is stands after all of it. */
START_TEST(a_name_may_hold_what_sentences_are_made_of)
{
    static const char name[] = "tone; formal, most of it odd";
    struct world *w = quiet();
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct str text;
    struct drift_found f;
    char found[512];
    arena_init(&a, 1 << 20);
    with_five_of(w, name, 240, NULL, -1, 0);
    with_five_of(w, name, 20, NULL, 2, 8);
    ck_assert_int_eq(world_finding(w, "quality:tone; formal, most of it odd", found, sizeof found).state, ALERT_FIRING);
    ck_assert_msg(strncmp(found, "{model=gpt-x} tone; formal, most of it odd of gpt-x fell 99.0 -> 9", 66) == 0 &&
                      strstr(found, " %, route /c alone: 98.8 -> 60.0 % (n ") != NULL,
                  "%s", found);
    OK(store_note(w->st, "found:quality:tone; formal, most of it odd|model=gpt-x", INT64_MAX, &a, &text));
    OK(drift_found_read(text, &a, &f, &ctx));
    ck_assert_int_eq(f.where, DRIFT_WHERE_SOME);
    ck_assert_msg(strncmp(f.what, "tone; formal, most of it odd of gpt-x fell 99.0 -> 9", 52) == 0 && strstr(f.what, "route") == NULL, "%s",
                  f.what);
    ck_assert_str_eq(f.beside, "");
    arena_fini(&a);
    world_free(w);
}
END_TEST

/* At the alarm there are too few to tell; later there are enough, and the finding says so, since the same time and of the same onset. */
START_TEST(where_it_is_may_come_later)
{
    struct world *w = quiet();
    struct arena a;
    char found[512];
    int polls = 0;
    arena_init(&a, 1 << 20);
    with_five(w, 240, NULL, -1, 0);
    struct alert first = {.id = 0}, al;
    do { /* 6 % of all */
        with_five(w, 1, NULL, 5, polls % 5 == 0 ? 2 : 1);
        first = world_finding(w, "quality:json_valid", found, sizeof found);
    } while (first.state != ALERT_FIRING && ++polls < 60);
    ck_assert_int_eq(first.state, ALERT_FIRING);
    ck_assert_msg(strstr(found, "route") == NULL, "%s", found);
    ck_assert_int_eq(found_of(w, &a).where, DRIFT_WHERE_UNKNOWN);
    with_five(w, 90, NULL, 5, 1);
    al = world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_msg(strstr(found, " %, in each of 5 routes") != NULL, "%s", found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_eq(al.since_ms, first.since_ms + 1);
    ck_assert_int_gt(al.known_ms, first.known_ms);
    ck_assert_int_eq(al.onset_ms, first.onset_ms);
    ck_assert_int_eq(found_of(w, &a).where, DRIFT_WHERE_ALL);
    world_reopen(w); /* and once */
    with_five(w, 30, NULL, 5, 1);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).since_ms, al.since_ms);
    arena_fini(&a);
    world_free(w);
}
END_TEST

/* Of more keys than are told apart the last are bad: none of them is blamed for it by name. */
START_TEST(the_rest_of_many_keys_is_named_by_none)
{
    enum { KEYS = 4600, KEPT = 4095, POLL = 50 };
    struct world *w = quiet();
    char found[512];
    for (int i = 0; i < KEYS + 1000; i++) {
        const int k = i < KEYS ? i : i % 2 == 0 ? (i - KEYS) / 2 : KEPT + (i - KEYS) / 2;
        char key[16];
        snprintf(key, sizeof key, "key-%d", k);
        struct labels l = {.name = "json_valid", .model = "gpt-x", .key = key};
        struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, l, NULL));
        it->v.score.n = 10;
        it->v.score.bad = i >= KEYS && k >= KEPT ? 5 : k % 10 == 0;
        it->v.score.sum_fixed = it->v.score.sumsq_fixed = (10 - it->v.score.bad) * 1000000000;
        if (i % POLL == POLL - 1)
            world_poll(w);
    }
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    ck_assert_msg(strstr(found, "key") == NULL, "%s", found);
    world_free(w);
}
END_TEST

/* Misrouted: to where none went before, and where a tenth of it is bad. It is no other traffic: the gateway sends it there. */
START_TEST(a_deployment_is_named)
{
    struct world *w = quiet();
    char found[512];
    for (int i = 0; i < 260; i++) {
        for (int k = 0; k < 2; k++) {
            struct labels l = {.name = "json_valid", .model = "gpt-x", .deployment = k == 0 ? "east" : "west"};
            struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, l, NULL));
            it->v.score.n = i < 240 ? (k == 0 ? 100 : 0) : k == 0 ? 84 : 16;
            it->v.score.bad = k == 0 ? i % 2 : i < 240 ? 0 : 3;
            it->v.score.sum_fixed = it->v.score.sumsq_fixed = (it->v.score.n - it->v.score.bad) * 1000000000;
        }
        world_poll(w);
    }
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    ck_assert_msg(strstr(found, ", answers as west alone, which is new: 81.2 % (n ") != NULL, "%s", found);
    world_free(w);
}
END_TEST

Suite *suite_analyse_traffic(void);
Suite *suite_analyse_traffic(void)
{
    Suite *s = suite_create("analyse_traffic");
    TCase *tc = tcase_create("traffic");
    tcase_add_test(tc, what_other_traffic_explains_is_no_drift);
    tcase_add_test(tc, what_every_route_does_is_a_drift);
    tcase_add_test(tc, a_drift_that_comes_back_is_no_traffic);
    tcase_add_test(tc, new_keys_excuse_nothing_that_the_routes_show);
    tcase_add_test(tc, a_known_team_explains_what_its_route_shows);
    tcase_add_test(tc, a_drift_behind_other_traffic_comes_out);
    tcase_add_test(tc, a_mix_of_days_and_nights_is_no_drift);
    tcase_add_test(tc, traffic_that_moved_is_said_where_scores_are_not_split);
    tcase_add_test(tc, a_drift_of_one_route_names_it);
    tcase_add_test(tc, a_name_may_hold_what_sentences_are_made_of);
    tcase_add_test(tc, where_it_is_may_come_later);
    tcase_add_test(tc, a_deployment_is_named);
    tcase_add_test(tc, the_rest_of_many_keys_is_named_by_none);
    suite_add_tcase(s, tc);
    return s;
}
