/* SPDX-License-Identifier: MIT */
/* Budgets through recorder and store. A month's $43,200 are a dollar a minute: the 30 days of November, in which the world begins. */
#include "model/money.h"
#include "unit/record/analyse_world.h"

enum { TEXT = 1 << 16, MINUTE = 60000 };

static struct config_budget *add_budget(struct world *w, const char *name, int64_t usd, const char *team)
{
    struct config_budget *b = &w->budgets[w->cfg.budget_count++];
    *b = (struct config_budget){.name = name, .limit_nusd = usd * NUSD_PER_USD, .period = PERIOD_MONTH};
    if (team != NULL) {
        b->scope_count = 1;
        b->scope[0] = (struct scope_part){.dim = DIM_TEAM, .value = team};
    }
    return b;
}

static struct world *dollar_a_minute(void)
{
    struct world *w = world_new(MINUTE);
    add_budget(w, "all", 43200, NULL);
    world_open(w);
    return w;
}

static void spend(struct world *w, const char *team, double usd)
{
    world_item(w, world_series(w, 0, SIG_COST, (struct labels){.model = "gpt-x", .team = team}, NULL))->v.increment =
        (int64_t)(usd * (double)NUSD_PER_USD);
}

/* n polls that each spend so many dollars a minute. */
static void run(struct world *w, int n, double usd_per_minute)
{
    for (int i = 0; i < n; i++) {
        spend(w, "search", usd_per_minute * (double)w->step_ms / MINUTE);
        world_poll(w);
    }
}

static size_t incidents(struct world *w, struct incident *ret)
{
    static char title[64];
    return world_incidents(w, ret, title, sizeof title);
}

START_TEST(the_budgeted_pace_never_fires)
{
    struct world *w = world_new(5 * MINUTE);
    struct incident in;
    static char alerts[TEXT];
    add_budget(w, "all", 43200, NULL);
    world_open(w);
    run(w, 12 * 24 * 4, 1);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_str_eq(alerts, "");
    ck_assert_uint_eq(incidents(w, &in), 0);
    world_free(w);
}
END_TEST

/* Twenty times its pace: 20 t + (60 - t) of the 60 dollars of an hour is more than 14.4 times them after 42.3 minutes (decision 0010).
 * Before that, the 160 hours until December at 60 + 19 t dollars an hour are more than what is left of 43,200 after 10.9 minutes. */
START_TEST(a_spike_pages_at_its_minute)
{
    struct world *w = dollar_a_minute();
    struct incident in;
    struct event ev;
    static char alerts[TEXT], timeline[TEXT], text[512];
    run(w, 7 * 60, 1);
    int64_t onset = w->t_ms;
    run(w, 10, 20);
    ck_assert_uint_eq(incidents(w, &in), 0);
    run(w, 32, 20);
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_int_eq(in.severity, SEV_TICKET);
    run(w, 1, 20);
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_str_eq(in.title, "budget all");
    ck_assert_str_eq(in.scope, "");
    ck_assert_int_eq(in.severity, SEV_PAGE);
    ck_assert_int_eq(in.opened_ms, onset + 11 * MINUTE);
    ck_assert_int_ge(in.onset_error_ms, MINUTE / 2);
    ck_assert_int_le(in.onset_error_ms, MINUTE);
    ck_assert_int_le(llabs(in.onset_ms - onset), in.onset_error_ms);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_str_eq(alerts,
                     "budget:all:ticket-reset {} 1 at +25860 onset +25200 640000000000/43200000000000: spends $269/h over 1h and "
                     "$1.20k/h over 5m: gone before its reset; $640 of $43.2k spent\nbudget:all:page-1h {} 1 at +27780 onset +25200 "
                     "877000000000/60000000000: spends 15x its pace over 1h and 20x over "
                     "5m, fires at 14.4x; $877 in 1h, which allow $60.0\n");
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 1);
    ck_assert_str_eq(text, "budget all: page: spends 15x its pace over 1h and 20x over 5m");
    world_timeline(w, in.id, timeline, sizeof timeline);
    ck_assert_str_eq(timeline, "$ +25200 spend of budget all begins to exceed what is usual\nt +25860 ticket: spends $269/h over 1h and "
                               "$1.20k/h over 5m: gone before its reset\nP +27780 page: spends 15x its pace over 1h and 20x over "
                               "5m\n");
    run(w, 120, 1);
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    world_free(w);
}
END_TEST

/* 1.3 times its pace for three days and not quite, by hours. */
START_TEST(a_slow_leak_is_a_ticket)
{
    struct incident in;
    for (int leaks = 0; leaks < 2; leaks++) {
        struct world *w = world_new(5 * MINUTE);
        add_budget(w, "all", 43200, NULL);
        world_open(w);
        run(w, 12 * 72, leaks ? 1.31 : 1.29);
        ck_assert_uint_eq(incidents(w, &in), (unsigned)leaks);
        ck_assert(!leaks || in.severity == SEV_TICKET);
        world_free(w);
    }
}
END_TEST

/* What was not observed is nothing spent, and no recovery. */
START_TEST(a_gap_is_a_gap)
{
    struct world *w = dollar_a_minute();
    struct errctx ctx = {.text = ""};
    struct incident in;
    static char alerts[TEXT];
    run(w, 60, 1);
    spend(w, "search", 600); /* over an unknown time */
    w->t_ms += 60 * MINUTE;
    world_analyse_at(w, 0, 0, w->t_ms, false, LIVES);
    run(w, 30, 20); /* 600 dollars in the hour of which half was seen: less than 14.4 times 60 */
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_int_eq(in.severity, SEV_TICKET);
    run(w, 14, 20);
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_int_eq(in.severity, SEV_PAGE);
    w->t_ms += 6 * MINUTE;
    OK(analyser_tick(w->an, w->t_ms, &ctx));
    OK(store_commit(w->st, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "budget:all:page-1h {} 2 at +10140 onset +5400 880000000000/60000000000: no spend observed for 5m; it was "
                                 "firing\n") != NULL,
                  "%s", alerts);
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    ck_assert_int_ge(in.onset_error_ms, 30 * MINUTE); /* any time of what nobody observed */
    world_free(w);
}
END_TEST

static void told(struct world *w, char out[TEXT])
{
    struct incident in;
    size_t count = incidents(w, &in), at;
    world_alerts(w, out, TEXT);
    at = strlen(out);
    at += (size_t)snprintf(out + at, TEXT - at, "%zu incidents, the last %d %lld %lld\n", count, (int)in.state, (long long)in.opened_ms,
                           (long long)in.resolved_ms);
    world_timeline(w, in.id, out + at, TEXT - at);
}

/* Before and after the spike's page, and while the rule is calm and not over. */
START_TEST(a_restart_keeps_the_state)
{
    static char whole[TEXT], cut[TEXT];
    for (int restarts = 0; restarts < 2; restarts++) {
        struct world *w = dollar_a_minute();
        run(w, 120, 1);
        for (int i = 0; i < 200; i++) {
            if (restarts) {
                world_kill(w);
                world_open(w);
            }
            run(w, 1, i < 50 ? 20 : 1);
        }
        told(w, restarts ? cut : whole);
        world_free(w);
    }
    ck_assert_str_eq(cut, whole);
    ck_assert_ptr_nonnull(strstr(whole, "over: spends"));
}
END_TEST

START_TEST(backfill_pages_nobody_and_what_outlasts_it_pages_once)
{
    struct world *w = dollar_a_minute();
    struct incident in;
    struct event ev;
    static char text[512];
    w->manual.wall_ms = w->t_ms + 110 * INT64_C(60000);
    for (int i = 0; i < 110; i++) {
        spend(w, "search", i < 60 ? 1 : 20);
        w->t_ms += MINUTE;
        world_analyse_at(w, 0, w->t_ms - MINUTE, w->t_ms, true, LIVES);
    }
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 0);
    world_kill(w);
    world_open(w); /* that a page is owed outlasts a restart, too */
    run(w, 2, 20);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 1);
    ck_assert_str_eq(text, "budget all: it began before this recording and still burns");
    world_free(w);
}
END_TEST

/* What fails and two budgets that burn from the same minute on are one incident, named after what fails; a budget that is not configured
 * any more is none of its rules. What is spent outside of a scope is none of a budget's business. */
START_TEST(what_fails_and_what_it_costs_are_one)
{
    struct world *w = world_new(MINUTE);
    struct incident in;
    struct event ev;
    char text[256];
    static char alerts[TEXT];
    world_slo(w, "all models", 0.999, NULL);
    add_budget(w, "all", 43200, NULL);
    add_budget(w, "all of it", 43200, NULL);
    add_budget(w, "agents", 43200, "agents");
    world_open(w);
    for (int i = 0; i < 120; i++) {
        spend(w, "search", i < 60 ? 1 : 20);
        spend(w, "agents", 0.5);
        world_requests(w, 0, "gpt-x", i < 60 ? "ok" : "5xx", 600);
        world_requests(w, 0, "c", "ok", 300); /* so that it says something that what fails is of gpt-x, and what is spent as well */
        world_poll(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 1);
    world_kill(w);
    world_open(w);
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_str_eq(in.title, "all traffic errors");
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_null(strstr(alerts, "budget:agents"));
    ck_assert_ptr_nonnull(strstr(alerts, "budget:all of it:page-1h {} 1"));
    w->cfg.budget_count = 1; /* "all of it" is not configured any more */
    world_kill(w);
    world_open(w);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_nonnull(strstr(alerts, "this budget is no longer configured"));
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    world_free(w);
}
END_TEST

/* What the gateway tells of team agents' own budget of $2,000. */
static void gauges(struct world *w, double left, double reset_s)
{
    const struct labels l = {.team = "agents"};
    world_item(w, world_series(w, 0, SIG_BUDGET_LIMIT, l, NULL))->v.gauge = 2000;
    world_item(w, world_series(w, 0, SIG_BUDGET_REMAINING, l, NULL))->v.gauge = left;
    world_item(w, world_series(w, 0, SIG_BUDGET_RESET, l, NULL))->v.gauge = reset_s;
}

/* Polls at a pace; the gauges come with them once the first hour is over. Returns what is left. */
static double run_owner(struct world *w, int n, double usd_per_minute, double left, bool restarts)
{
    for (int i = 0; i < n; i++) {
        if (restarts) {
            world_kill(w);
            world_open(w);
        }
        left -= usd_per_minute;
        spend(w, "agents", usd_per_minute);
        spend(w, "search", 50);
        if (w->t_ms - WORLD_T0 >= 60 * MINUTE)
            gauges(w, left, (double)(WORLD_T0 + 24 * 60 * INT64_C(60000) - w->t_ms - MINUTE) / 1000);
        world_poll(w);
    }
    return left;
}

/* Eight hours at a dollar a minute and then ten: 60 + 9 t dollars in the last hour are half as much again as 60 after 3.3 minutes, and by
 * then more than the 16 hours until the reset have, of 1,520 dollars. */
START_TEST(the_gateways_own_budget_is_a_ticket)
{
    static char whole[TEXT], cut[TEXT];
    for (int restarts = 0; restarts < 2; restarts++) {
        struct world *w = world_new(MINUTE);
        struct incident in;
        struct event ev;
        static char text[64];
        world_open(w);
        double left = run_owner(w, 8 * 60, 1, 2000, false);
        ck_assert_uint_eq(incidents(w, &in), 0);
        left = run_owner(w, 3, 10, left, restarts);
        ck_assert_uint_eq(incidents(w, &in), 0);
        left = run_owner(w, 1, 10, left, restarts);
        ck_assert_uint_eq(incidents(w, &in), 1);
        ck_assert_str_eq(in.title, "budget team agents");
        ck_assert_str_eq(in.scope, "gateway=gw,team=agents");
        ck_assert_int_eq(in.severity, SEV_TICKET);
        run_owner(w, 30, 1, left, restarts);
        ck_assert_uint_eq(incidents(w, &in), 1);
        ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
        ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 0);
        told(w, restarts ? cut : whole);
        world_free(w);
    }
    ck_assert_msg(
        strstr(whole,
               "budget:team agents:ticket-gateway {gateway=gw,team=agents} 1 at +29040 onset +28800 520000000000/2000000000000: spends "
               "$96.0/h over 1h and $492/h over 5m: gone before its reset; $520 of $2.00k spent\n") == whole,
        "%s", whole);
    ck_assert_str_eq(cut, whole);
}
END_TEST

/* It is gone, and fires until its reset is past, or more than nothing is left. */
START_TEST(the_gateways_own_budget_is_gone)
{
    struct world *w = world_new(MINUTE);
    struct incident in;
    static char alerts[TEXT];
    world_open(w);
    for (int i = 0; i < 60; i++) {
        spend(w, "agents", 0.01);
        gauges(w, i < 30 ? 0.5 : -0.01, 3600 - 60 * i);
        world_poll(w);
    }
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_int_eq(in.opened_ms, WORLD_T0 + 31 * MINUTE);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "all of $2.00k is spent; $2.00k of $2.00k spent") != NULL, "%s", alerts);
    for (int i = 0; i < 20; i++) {
        spend(w, "agents", 0.01);
        gauges(w, 2000, 7200);
        world_poll(w);
    }
    ck_assert_uint_eq(incidents(w, &in), 1);
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    world_free(w);
}
END_TEST

Suite *suite_analyse_budget(void);
Suite *suite_analyse_budget(void)
{
    Suite *s = suite_create("analyse_budget");
    TCase *tc = tcase_create("budgets");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_budgeted_pace_never_fires);
    tcase_add_test(tc, a_spike_pages_at_its_minute);
    tcase_add_test(tc, a_slow_leak_is_a_ticket);
    tcase_add_test(tc, a_gap_is_a_gap);
    tcase_add_test(tc, a_restart_keeps_the_state);
    tcase_add_test(tc, backfill_pages_nobody_and_what_outlasts_it_pages_once);
    tcase_add_test(tc, what_fails_and_what_it_costs_are_one);
    tcase_add_test(tc, the_gateways_own_budget_is_a_ticket);
    tcase_add_test(tc, the_gateways_own_budget_is_gone);
    suite_add_tcase(s, tc);
    return s;
}
