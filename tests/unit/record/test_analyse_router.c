/* SPDX-License-Identifier: MIT */
/* Shares of deployments: a router's weights that move for good are an event, and what follows failures, comes back by itself, wanders or
 * is so every day is none of a router's. */
#include <math.h>

#include "base/rng.h"
#include "base/timefmt.h"
#include "unit/record/analyse_world.h"

static const int64_t minute = 60000;
enum { PARTS = 3, REQUESTS = 80 };
static const char *const names[PARTS] = {"gpt-x-eu", "gpt-x-us", "gpt-x-ap"};
static const double usual[PARTS] = {0.2, 0.8, 0}, moved[PARTS] = {0.45, 0.55, 0}, fewer[PARTS] = {0, 1, 0}, more[PARTS] = {0.2, 0.5, 0.3};

struct routed {
    struct world *w;
    struct rng rng;
    enum signal signal;
    bool by_provider;
    const char *team;
    double wander; /* deviation of the logarithm of the first one's odds, from minute to minute alike for some ten */
    double mood;
};

static void begin(struct routed *r)
{
    *r = (struct routed){.w = world_new(minute), .signal = SIG_ATTEMPTS};
    rng_seed(&r->rng, 11);
    world_open(r->w);
}

static void count(struct routed *r, int part, const char *class, int64_t n)
{
    struct labels l = {.model = "gpt-x", .class = class, .team = r->team};
    *(r->by_provider ? &l.provider : &l.deployment) = names[part];
    if (n > 0)
        world_item(r->w, world_series(r->w, 0, r->signal, l, NULL))->v.increment = n;
}

/* A minute's: each by chance, and of each deployment so much fails. */
static void attempts(struct routed *r, const double share[PARTS], const double fails[PARTS])
{
    int64_t n[PARTS] = {0}, bad[PARTS] = {0};
    r->mood = 0.9 * r->mood + r->wander * rng_normal(&r->rng);
    const double odds = share[0] / (1 - share[0]) * exp(r->mood), first = r->wander > 0 ? odds / (1 + odds) : share[0];
    for (int i = 0; i < REQUESTS; i++) {
        const double u = rng_unit(&r->rng);
        const int part = u < first ? 0 : u < first + (1 - first) * share[1] / (1 - share[0]) ? 1 : 2;
        n[part]++;
        bad[part] += fails != NULL && rng_unit(&r->rng) < fails[part];
    }
    for (int i = 0; i < PARTS; i++) {
        count(r, i, "ok", n[i] - bad[i]);
        count(r, i, "5xx", bad[i]);
    }
}

static void polls(struct routed *r, int n, const double share[PARTS], const double fails[PARTS])
{
    for (int i = 0; i < n; i++) {
        attempts(r, share, fails);
        world_poll(r->w);
    }
}

static size_t events(struct routed *r, enum event_kind kind, struct event *ret, char text[512])
{
    return world_events(r->w, kind, ret, text, 512);
}

static void is_none(struct routed *r)
{
    struct event ev;
    char text[512];
    ck_assert_msg(events(r, EVENT_CONFIG, &ev, text) == 0, "%s", text);
    ck_assert_msg(events(r, EVENT_FALLBACK, &ev, text) == 0, "%s", text);
}

START_TEST(moved_weights_are_an_event_and_so_is_their_end)
{
    struct routed r;
    struct event ev;
    char text[512], alerts[4096];
    begin(&r);
    polls(&r, 183, usual, NULL);
    is_none(&r);
    const int64_t onset = r.w->t_ms;
    polls(&r, 12, moved, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    ck_assert_msg(strncmp(text, "router: gpt-x deployment gpt-x-eu 20 -> 4", 41) == 0, "%s", text);
    ck_assert_msg(strstr(text, " % of its requests, gpt-x-us 80 -> 5") != NULL && strstr(text, "; onset +-") != NULL, "%s", text);
    ck_assert_msg(llabs(ev.at_ms - onset) <= 2 * minute, "%lld", (long long)(ev.at_ms - onset));
    ck_assert_int_gt(ev.known_ms, onset + 5 * minute);
    ck_assert_int_le(ev.known_ms, onset + 12 * minute);
    ck_assert(world_has_event(r.w, EVENT_CONFIG, "model=gpt-x"));
    polls(&r, 120, moved, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    const int64_t end = r.w->t_ms;
    polls(&r, 15, usual, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 2);
    ck_assert_msg(strstr(text, "gpt-x-eu 4") != NULL && strstr(text, "; back again, as before 04:0") != NULL, "%s", text);
    ck_assert_int_le(llabs(ev.at_ms - end), 2 * minute);
    polls(&r, 300, usual, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 2);
    world_alerts(r.w, alerts, sizeof alerts); /* it is a change: no finding, no incident */
    ck_assert_str_eq(alerts, "");
    world_free(r.w);
}
END_TEST

START_TEST(deployments_come_and_go)
{
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    polls(&r, 180, usual, NULL);
    polls(&r, 90, more, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    ck_assert_msg(strstr(text, "gpt-x-ap 0 -> ") != NULL && strstr(text, " (new)") != NULL, "%s", text);
    polls(&r, 90, fewer, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 2);
    ck_assert_msg(strstr(text, "gpt-x-us 5") != NULL && strstr(text, "-> 100 %") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "-> 0 % (gone)") != NULL, "%s", text);
    world_free(r.w);
}
END_TEST

/* One that fails loses its requests: that is a consequence, which no suspects are told of, and so is that they come back. */
START_TEST(what_follows_failures_is_no_change)
{
    static const double fails[PARTS] = {0, 0.9, 0}, ap_fails[PARTS] = {0, 0, 0.9};
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    polls(&r, 180, usual, NULL);
    polls(&r, 40, moved, fails);
    ck_assert_msg(events(&r, EVENT_CONFIG, &ev, text) == 0, "%s", text);
    ck_assert_uint_eq(events(&r, EVENT_FALLBACK, &ev, text), 1);
    ck_assert_msg(strstr(text, "; after failures of gpt-x-us rose; onset") != NULL, "%s", text);
    polls(&r, 90, usual, NULL);
    ck_assert_msg(events(&r, EVENT_CONFIG, &ev, text) == 0, "%s", text);
    ck_assert_uint_eq(events(&r, EVENT_FALLBACK, &ev, text), 2);
    ck_assert_msg(strstr(text, "; back again, as before 04:0") != NULL, "%s", text);
    polls(&r, 60, more, ap_fails); /* but what is sent to one that fails is the router's doing */
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    ck_assert_msg(strstr(text, "failures") == NULL, "%s", text);
    world_free(r.w);
}
END_TEST

/* Taken out of rotation before much has failed. */
START_TEST(a_cooldown_is_a_failure_as_well)
{
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    polls(&r, 180, usual, NULL);
    for (int i = 0; i < 40; i++) {
        attempts(&r, moved, NULL);
        world_item(r.w, world_series(r.w, 0, SIG_COOLDOWNS, (struct labels){.deployment = names[1]}, NULL))->v.increment = 1;
        world_poll(r.w);
    }
    ck_assert_msg(events(&r, EVENT_CONFIG, &ev, text) == 0, "%s", text);
    ck_assert_uint_eq(events(&r, EVENT_FALLBACK, &ev, text), 1);
    ck_assert_msg(strstr(text, "; after gpt-x-us was taken out of rotation; onset") != NULL, "%s", text);
    world_free(r.w);
}
END_TEST

/* By chance alone a twentieth is seen within the hour; where shares wander it is not, and neither is anything that comes back. */
START_TEST(shares_wander)
{
    static const double bit[PARTS] = {0.27, 0.73, 0};
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    polls(&r, 600, usual, NULL);
    polls(&r, 5, moved, NULL);
    polls(&r, 300, usual, NULL);
    is_none(&r);
    polls(&r, 60, bit, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    world_free(r.w);

    begin(&r);
    r.wander = 0.12;
    polls(&r, 3 * 1440, usual, NULL);
    is_none(&r);
    polls(&r, 60, moved, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    world_free(r.w);
}
END_TEST

START_TEST(what_is_so_every_day_is_no_change)
{
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    for (int i = 0; i < 3 * 1440; i++) {
        const int hour = i / 60 % 24;
        attempts(&r, hour >= 12 && hour < 18 ? moved : usual, NULL);
        world_poll(r.w);
    }
    ck_assert_msg(events(&r, EVENT_CONFIG, &ev, text) == 2, "%s", text); /* of the first day */
    polls(&r, 60, moved, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 3);
    world_free(r.w);
}
END_TEST

/* Each team has its own shares, as before; another asks most. */
START_TEST(other_callers_move_no_weight)
{
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    for (int i = 0; i < 360; i++) {
        for (int k = 0; k < 4; k++) {
            r.team = k == 0 || (i >= 180 && k < 3) ? "search" : "agents";
            attempts(&r, r.team[0] == 's' ? moved : usual, NULL);
        }
        world_poll(r.w);
    }
    is_none(&r);
    for (int i = 0; i < 60; i++) {
        for (int k = 0; k < 4; k++) {
            r.team = k < 3 ? "search" : "agents";
            attempts(&r, k < 3 ? more : usual, NULL);
        }
        world_poll(r.w);
    }
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    world_free(r.w);
}
END_TEST

START_TEST(restarts_forget_nothing)
{
    static char out[2][2048];
    for (int i = 0; i < 2; i++) {
        struct routed r;
        struct event ev;
        char text[512];
        begin(&r);
        out[i][0] = '\0';
        for (int k = 0; k < 420; k++) {
            attempts(&r, k < 180 || k >= 300 ? usual : moved, NULL);
            r.w->t_ms += minute;
            const int64_t t0 = r.w->t_ms - minute;
            world_analyse_at(r.w, 0, t0, r.w->t_ms, false, i == 1 && k % 7 == 3 ? DIES_AFTER_APPEND : LIVES);
            const size_t used = strlen(out[i]);
            if (k % 60 != 59)
                continue;
            const size_t n = events(&r, EVENT_CONFIG, &ev, text);
            snprintf(out[i] + used, sizeof out[i] - used, "%zu %s %lld %lld\n", n, text, (long long)ev.at_ms, (long long)ev.known_ms);
        }
        world_free(r.w);
    }
    ck_assert_msg(strstr(out[0], "\n2 router: ") != NULL, "%s", out[0]);
    ck_assert_str_eq(out[0], out[1]);
}
END_TEST

/* Back-filled data tells of its own time, and is known when it is read; a past cursor sees neither before. */
START_TEST(it_is_of_its_own_time)
{
    struct errctx ctx = {.text = ""};
    struct routed r;
    struct event ev, *list;
    struct arena a;
    char text[512];
    size_t n;
    begin(&r);
    r.w->manual.wall_ms = WORLD_T0 + 600 * minute;
    int64_t onset = 0;
    for (int k = 0; k < 240; k++) {
        onset = k == 180 ? r.w->t_ms : onset;
        attempts(&r, k < 180 ? usual : moved, NULL);
        r.w->t_ms += minute;
        world_analyse_at(r.w, 0, r.w->t_ms - minute, r.w->t_ms, true, LIVES);
    }
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    ck_assert_int_le(llabs(ev.at_ms - onset), 2 * minute);
    ck_assert_int_eq(ev.known_ms, WORLD_T0 + 600 * minute);
    arena_init(&a, 1 << 20);
    OK(store_events(r.w->st, 0, INT64_MAX, ev.known_ms - 1, &a, &list, &n, &ctx));
    for (size_t i = 0; i < n; i++)
        ck_assert_int_ne(list[i].kind, EVENT_CONFIG);
    arena_fini(&a);
    world_free(r.w);
}
END_TEST

/* Where no attempts are told requests are counted, and providers where there are no deployments; never both. */
START_TEST(what_tells_most_is_counted)
{
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    r.signal = SIG_REQUESTS;
    r.by_provider = true;
    polls(&r, 180, usual, NULL);
    polls(&r, 30, moved, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    ck_assert_msg(strncmp(text, "router: gpt-x provider gpt-x-eu 20 -> 4", 39) == 0, "%s", text);
    world_free(r.w);

    begin(&r);
    for (int i = 0; i < 240; i++) {
        r.signal = SIG_REQUESTS;
        r.by_provider = i % 2 == 0;
        attempts(&r, i < 180 ? usual : moved, NULL); /* what clients saw */
        r.signal = SIG_ATTEMPTS;
        r.by_provider = false;
        attempts(&r, usual, NULL);
        world_poll(r.w);
    }
    is_none(&r);
    world_free(r.w);
}
END_TEST

static void requests(struct routed *r, int n, double first)
{
    int64_t of_first = 0;
    for (int i = 0; i < n; i++)
        of_first += rng_unit(&r->rng) < first;
    count(r, 0, "ok", of_first);
    count(r, 1, "ok", n - of_first);
    if (n == 0)
        world_item(r->w, world_series(r->w, 0, r->signal, (struct labels){.model = "gpt-x", .class = "ok", .deployment = names[0]}, NULL));
    world_poll(r->w);
}

/* A request every few minutes: a step of thirty lasts hours, and the minutes at hand are not all of a window. */
START_TEST(a_slow_model_is_dated_by_its_steps)
{
    static const int every[] = {2, 5, 10};
    struct routed r;
    struct event ev;
    char text[512];
    const int warm = 4 * 1440;
    int64_t onset = 0, error;
    begin(&r);
    for (int i = 0; i < warm + 2880 && events(&r, EVENT_CONFIG, &ev, text) == 0; i++) {
        onset = i == warm ? r.w->t_ms : onset;
        requests(&r, i % every[_i] == 0, i < warm ? 0.2 : 0.9);
    }
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    ck_assert_int_ge(ev.known_ms, onset);
    const char *off = strstr(text, "; onset +-");
    ck_assert_msg(off != NULL && duration_parse(str_of(off + strlen("; onset +-")), &error, NULL) == ERR_OK, "%s", text);
    ck_assert_msg(llabs(ev.at_ms - onset) <= error, "%lld min off: %s", (long long)(ev.at_ms - onset) / minute, text);
    ck_assert_msg(strstr(text, "gpt-x-eu 2") != NULL || strstr(text, "gpt-x-eu 1") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "-> 7") != NULL || strstr(text, "-> 8") != NULL || strstr(text, "-> 9") != NULL, "%s", text);
    world_free(r.w);
}
END_TEST

/* Pods of before: each had its time, and was rolled. */
START_TEST(pods_that_are_gone_leave_their_places)
{
    static const double most[PARTS] = {0.7, 0.3, 0};
    struct routed r;
    struct event ev;
    char text[512], name[32];
    begin(&r);
    for (int i = 0; i < 24; i++) {
        snprintf(name, sizeof name, "pod-%d", i);
        world_item(r.w, world_series(r.w, 0, SIG_ATTEMPTS, (struct labels){.model = "gpt-x", .class = "ok", .deployment = name}, NULL))
            ->v.increment = 80;
        world_poll(r.w);
    }
    if (_i == 1) /* nor do they take them when nothing of it is kept */
        world_reopen(r.w);
    polls(&r, 700, usual, NULL);
    const size_t before = events(&r, EVENT_CONFIG, &ev, text);
    polls(&r, 90, most, NULL);
    ck_assert_msg(events(&r, EVENT_CONFIG, &ev, text) == before + 1, "%zu: %s", before, text);
    ck_assert_msg(strncmp(text, "router: gpt-x deployment gpt-x-eu 20 -> 7", 41) == 0, "%s", text);
    world_free(r.w);
}
END_TEST

/* A gateway that tells attempts no more, though the counters are still there. */
START_TEST(requests_are_counted_where_attempts_are_told_no_more)
{
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    polls(&r, 200, usual, NULL);
    r.signal = SIG_REQUESTS;
    polls(&r, 1440 + 300, usual, NULL);
    if (_i == 1)
        world_reopen(r.w);
    is_none(&r);
    polls(&r, 60, moved, NULL);
    ck_assert_msg(events(&r, EVENT_CONFIG, &ev, text) == 1, "%s", text);
    r.signal = SIG_ATTEMPTS; /* it tells them again */
    polls(&r, 300, usual, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 1);
    polls(&r, 60, moved, NULL);
    ck_assert_msg(events(&r, EVENT_CONFIG, &ev, text) == 2, "%s", text);
    world_free(r.w);
}
END_TEST

START_TEST(a_move_that_ends_another_day_says_which)
{
    struct routed r;
    struct event ev;
    char text[512];
    begin(&r);
    polls(&r, 183, usual, NULL);
    polls(&r, 1500, moved, NULL);
    polls(&r, 15, usual, NULL);
    ck_assert_uint_eq(events(&r, EVENT_CONFIG, &ev, text), 2);
    ck_assert_msg(strstr(text, "; back again, as before 24 Nov 04:0") != NULL, "%s", text);
    world_free(r.w);
}
END_TEST

Suite *suite_analyse_router(void);
Suite *suite_analyse_router(void)
{
    Suite *s = suite_create("analyse_router");
    TCase *tc = tcase_create("shares");
    tcase_add_test(tc, moved_weights_are_an_event_and_so_is_their_end);
    tcase_add_test(tc, deployments_come_and_go);
    tcase_add_test(tc, what_follows_failures_is_no_change);
    tcase_add_test(tc, a_cooldown_is_a_failure_as_well);
    tcase_add_test(tc, shares_wander);
    tcase_add_test(tc, what_is_so_every_day_is_no_change);
    tcase_add_test(tc, other_callers_move_no_weight);
    tcase_add_test(tc, restarts_forget_nothing);
    tcase_add_test(tc, it_is_of_its_own_time);
    tcase_add_test(tc, what_tells_most_is_counted);
    tcase_add_loop_test(tc, a_slow_model_is_dated_by_its_steps, 0, 3);
    tcase_add_loop_test(tc, pods_that_are_gone_leave_their_places, 0, 2);
    tcase_add_loop_test(tc, requests_are_counted_where_attempts_are_told_no_more, 0, 2);
    tcase_add_test(tc, a_move_that_ends_another_day_says_which);
    suite_add_tcase(s, tc);
    return s;
}
