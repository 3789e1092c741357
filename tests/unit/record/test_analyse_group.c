/* SPDX-License-Identifier: MIT */
/* Which incident an alert is of, through recorder and store: what began at one provider is one, and is paged once; what has nothing in
 * common is two. */
#include "base/timefmt.h"
#include "model/money.h"
#include "record/analyse_int.h"
#include "unit/record/analyse_world.h"

enum { TEXT = 1 << 16, STEP = 15000 };

/* Models a and b are answered by openai, c by azure; each has an objective. */
static struct world *three_models(void)
{
    struct world *w = world_new(STEP);
    world_slo(w, "a", 0.999, "a");
    world_slo(w, "b", 0.999, "b");
    world_slo(w, "c", 0.999, "c");
    world_open(w);
    return w;
}

static void serve(struct world *w, const char *model, const char *provider, int64_t good, int64_t bad)
{
    const struct labels ok = {.model = model, .provider = provider, .class = "ok"},
                        failed = {.model = model, .provider = provider, .class = "5xx"};
    world_requests(w, 0, model, "ok", good);
    world_requests(w, 0, model, "5xx", bad);
    world_item(w, world_series(w, 0, SIG_ATTEMPTS, ok, NULL))->v.increment = good;
    world_item(w, world_series(w, 0, SIG_ATTEMPTS, failed, NULL))->v.increment = bad;
}

/* n polls of which so many percent fail. */
static void run(struct world *w, int n, int a, int b, int c)
{
    for (int i = 0; i < n; i++) {
        serve(w, "a", "openai", 10 * (100 - a), 10 * a);
        serve(w, "b", "openai", 10 * (100 - b), 10 * b);
        serve(w, "c", "azure", 10 * (100 - c), 10 * c);
        world_poll(w);
    }
}

static size_t pages(struct world *w, struct event *ret_last)
{
    static char text[512];
    return world_events(w, EVENT_PAGE, ret_last, text, sizeof text);
}

/* The alerts that fired, as "rule=incident" in order; what the store says of them as of a cursor. */
static const char *memberships(struct world *w, int64_t cursor_ms)
{
    static char out[4096];
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct alert *list;
    size_t count, at = 0;
    arena_init(&a, 8 << 20);
    OK(store_alert_history(w->st, 0, INT64_MAX, cursor_ms, &a, &list, &count, &ctx));
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (list[i].state == ALERT_FIRING)
            at += (size_t)snprintf(out + at, sizeof out - at, "%s=%lld ", list[i].rule, (long long)list[i].incident);
    arena_fini(&a);
    return out;
}

static const char *timeline(struct world *w, int64_t incident)
{
    static char out[8192];
    world_timeline(w, incident, out, sizeof out);
    return out;
}

START_TEST(two_objectives_of_one_provider_are_one_incident)
{
    for (int restarts = 0; restarts < 2; restarts++) {
        struct world *w = three_models();
        struct incident in;
        struct event page;
        char title[64];
        run(w, 4 * 60, 0, 0, 0);
        run(w, 4 * 2, 40, 0, 0); /* b begins two minutes later */
        for (int i = 0; i < 4 * 10; i++) {
            if (restarts)
                world_reopen(w);
            run(w, 1, 40, 40, 0);
        }
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
        ck_assert_str_eq(in.title, "a errors");
        ck_assert_int_eq(in.severity, SEV_PAGE);
        ck_assert_uint_eq(pages(w, &page), 1);
        ck_assert_int_eq(page.at_ms, in.opened_ms); /* nothing else was open: it does not wait */
        const char *of = memberships(w, INT64_MAX), *line = timeline(w, in.id);
        ck_assert_msg(strstr(of, "slo:a:page-5m=1 ") != NULL && strstr(of, "slo:b:page-5m=1 ") != NULL, "%s", of);
        ck_assert_msg(strstr(line, "b errors: page: budget burn") != NULL &&
                          strstr(line, "it is of this incident: at provider openai or next to it\n") != NULL,
                      "%s", line);
        /* all of it is over together */
        run(w, 4 * 60, 0, 0, 0);
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
        ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
        ck_assert_ptr_nonnull(strstr(timeline(w, in.id), "\no "));
        ck_assert_ptr_nonnull(strstr(timeline(w, in.id), " b errors: page-5m is over\n"));
        world_free(w);
    }
}
END_TEST

START_TEST(what_has_nothing_in_common_is_two)
{
    for (int restarts = 0; restarts < 2; restarts++) {
        struct world *w = three_models();
        struct incident in;
        struct event page;
        char title[64];
        run(w, 4 * 60, 0, 0, 0);
        run(w, 4 * 5, 40, 0, 0);
        ck_assert_uint_eq(pages(w, &page), 1);
        while (world_incidents(w, &in, title, sizeof title) < 2)
            run(w, 1, 40, 0, 40);
        ck_assert_str_eq(in.title, "c errors");
        ck_assert_uint_eq(pages(w, &page), 1); /* another is open, so that this one waits */
        for (int i = 0; i < 4 * 2; i++) {
            ck_assert_uint_eq(pages(w, &page), 1);
            if (restarts)
                world_reopen(w);
            run(w, 1, 40, 0, 40);
        }
        ck_assert_uint_eq(pages(w, &page), 2);
        ck_assert_int_eq(page.at_ms, in.opened_ms + GROUPING_HOLD_MS);
        ck_assert_msg(strncmp(page.text, "c errors: page: budget burn ", 28) == 0, "%s", page.text);
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 2);
        ck_assert_ptr_nonnull(strstr(memberships(w, INT64_MAX), "slo:c:page-5m=2 "));
        world_free(w);
    }
}
END_TEST

/* An objective of all traffic is where its failures are: with the model that has them, though what tells it is not stored yet; and at the
 * gateway, with whoever fails as all do, where all fail alike. Two that fail of more are neither. */
START_TEST(all_traffic_is_where_it_fails)
{
    static const struct {
        int a, b, c;
        size_t incidents;
        const char *why;
    } cases[] = {{60, 0, 0, 1, "all traffic errors: page: budget burn"},
                 {60, 60, 60, 1, "all traffic of gateway gw is hit alike"},
                 {60, 0, 40, 3, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(STEP);
        struct incident in;
        struct event page;
        char title[64];
        world_slo(w, "a", 0.999, "a");
        world_slo(w, "c", 0.999, "c");
        world_slo(w, "all", 0.99, NULL);
        world_open(w);
        run(w, 4 * 60, 0, 0, 0);
        run(w, 4 * 20, cases[i].a, cases[i].b, cases[i].c);
        const char *line = timeline(w, 1);
        ck_assert_msg(world_incidents(w, &in, title, sizeof title) == cases[i].incidents && strstr(line, cases[i].why) != NULL,
                      "%zu: %s\n%s", i, line, memberships(w, INT64_MAX));
        ck_assert_uint_eq(pages(w, &page), cases[i].incidents);
        world_free(w);
    }
}
END_TEST

/* Four models of four providers, of which three fail, and then the fourth: all traffic is hit alike, also for a recorder that begins in
 * between. */
START_TEST(all_that_is_hit_alike_is_one_after_a_restart)
{
    static const char *const models[] = {"a", "b", "c", "d"}, *const providers[] = {"openai", "azure", "vertex", "bedrock"};
    for (int restarts = 0; restarts < 2; restarts++) {
        struct world *w = world_new(STEP);
        struct errctx ctx = {.text = ""};
        struct incident in;
        struct event page;
        char title[64];
        for (size_t m = 0; m < 4; m++)
            world_slo(w, models[m], 0.999, models[m]);
        world_open(w);
        for (int i = 0; i < 4 * 64; i++) {
            for (size_t m = 0; m < 4; m++) {
                const int bad = i >= 4 * (m == 3 ? 62 : 60) ? 600 : 0;
                serve(w, models[m], providers[m], 1000 - bad, bad);
            }
            world_poll(w);
            if (restarts && i == 4 * 62 - 1)
                world_reopen(w);
        }
        OK(analyser_tick(w->an, w->t_ms + GROUPING_HOLD_MS, &ctx));
        const char *of = memberships(w, INT64_MAX);
        ck_assert_msg(strstr(of, "slo:a:page-5m=1 ") != NULL && strstr(of, "slo:d:page-5m=1 ") != NULL, "%s\n%s", of, timeline(w, 1));
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
        ck_assert_uint_eq(pages(w, &page), 1);
        ck_assert_ptr_nonnull(strstr(timeline(w, 1), "all traffic of gateway gw is hit alike"));
        world_free(w);
    }
}
END_TEST

/* Without data no interval ends; the wait does. */
START_TEST(a_page_that_waits_is_paged_in_silence)
{
    struct world *w = three_models();
    struct incident in;
    struct event page;
    struct errctx ctx = {.text = ""};
    char title[64];
    run(w, 4 * 60, 0, 0, 0);
    run(w, 4 * 5, 40, 0, 0);
    while (world_incidents(w, &in, title, sizeof title) < 2)
        run(w, 1, 40, 0, 40);
    OK(analyser_tick(w->an, in.opened_ms + GROUPING_HOLD_MS - 1, &ctx));
    ck_assert_uint_eq(pages(w, &page), 1);
    OK(analyser_tick(w->an, in.opened_ms + GROUPING_HOLD_MS, &ctx));
    ck_assert_uint_eq(pages(w, &page), 2);
    OK(analyser_tick(w->an, in.opened_ms + GROUPING_HOLD_MS + 1, &ctx));
    ck_assert_uint_eq(pages(w, &page), 2);
    world_free(w);
}
END_TEST

/* With a second incident, whose page waits. */
static struct world *second_waits(struct incident *ret)
{
    struct world *w = three_models();
    char title[64];
    run(w, 4 * 60, 0, 0, 0);
    run(w, 4 * 5, 40, 0, 0);
    while (world_incidents(w, ret, title, sizeof title) < 2)
        run(w, 1, 40, 0, 40);
    return w;
}

START_TEST(who_took_what_waits_is_not_paged_of_it)
{
    struct incident in;
    struct event page;
    struct errctx ctx = {.text = ""};
    struct world *w = second_waits(&in);
    size_t n;
    run(w, 1, 40, 0, 40);
    OK(store_act_drop(w->db, "ack", 2, "", w->t_ms, &ctx));
    OK(store_act_ingest(w->st, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    OK(analyser_tick(w->an, in.opened_ms + GROUPING_HOLD_MS, &ctx));
    ck_assert_uint_eq(pages(w, &page), 1);
    ck_assert_ptr_nonnull(strstr(timeline(w, 2), "not paged: it was taken before its page was due"));
    world_free(w);
}
END_TEST

START_TEST(what_is_over_when_its_page_is_due_is_told_as_over)
{
    struct incident in;
    struct event page;
    struct errctx ctx = {.text = ""};
    struct world *w = second_waits(&in);
    char said[192], from[TIMEFMT_MAX], to[TIMEFMT_MAX];
    for (uint32_t i = 0; i < w->an->case_count; i++)
        if (w->an->cases[i].id == 2)
            w->an->cases[i].calm_ms = in.opened_ms + 30000;
    OK(analyser_tick(w->an, in.opened_ms + GROUPING_HOLD_MS, &ctx));
    ck_assert_uint_eq(pages(w, &page), 2);
    instant_format_clock(in.opened_ms, from);
    instant_format_clock(in.opened_ms + 30000, to);
    snprintf(said, sizeof said, "c errors: over: it fired from %s to %s; said then: page: budget burn ", from, to);
    ck_assert_msg(strncmp(page.text, said, strlen(said)) == 0, "%s", page.text);
    world_free(w);
}
END_TEST

/* ---- rules of other kinds, told by hand ---- */

static void fire_since(struct world *w, const char *rule, const char *scope, enum severity s, int64_t onset_ms)
{
    struct errctx ctx = {.text = ""};
    uint32_t track;
    const struct interval in = {.t0_ms = w->t_ms - STEP, .t1_ms = w->t_ms, .known_ms = w->t_ms};
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = s,
                             .state = ALERT_FIRING,
                             .since_ms = w->t_ms,
                             .onset_ms = onset_ms,
                             .known_ms = w->t_ms,
                             .text = "told by hand"};
    const struct rule_change c = {.rule = rule,
                                  .name = rule,
                                  .severity = s,
                                  .state = ALERT_FIRING,
                                  .since_ms = w->t_ms,
                                  .onset_ms = onset_ms,
                                  .title = rule,
                                  .evidence = "told by hand",
                                  .begins = "it begins",
                                  .begins_letter = 'E',
                                  .silent = "5m"};
    OK(store_put_alert(w->st, &al, &ctx));
    OK(analyse_incident_track(w->an, scope, NULL, &track, &ctx));
    OK(analyse_incident_change(w->an, track, &c, &in, &ctx));
}

static void fire(struct world *w, const char *rule, const char *scope, enum severity s)
{
    fire_since(w, rule, scope, s, 0);
}

/* A world whose series have these values, and two of each: what there is but one of tells nothing. */
static struct world *by_hand(void)
{
    struct world *w = three_models();
    run(w, 4, 0, 0, 0);
    static const char *const teams[] = {"t1", "t2", "t3", "t4", "t5", "t6"};
    for (size_t i = 0; i < 2 * sizeof teams / sizeof teams[0]; i++)
        (void)world_series(w, 0, SIG_REQUESTS, (struct labels){.model = i % 2 ? "a" : "c", .team = teams[i / 2], .class = "ok"}, NULL);
    return w;
}

/* Two that were told apart, and then alerts that are of both. */
START_TEST(two_that_are_one)
{
    struct world *w = by_hand();
    struct errctx ctx = {.text = ""};
    struct incident *list;
    struct arena a;
    size_t count;
    struct event page;
    arena_init(&a, 8 << 20);
    fire(w, "r1", "model=a", SEV_PAGE);
    fire(w, "r2", "team=t1", SEV_PAGE);
    OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(pages(w, &page), 1); /* the second waits */
    const int64_t before = w->t_ms;
    w->t_ms += STEP;
    char rule[8], scope[32];
    for (int i = 0; i < 6; i++) {
        snprintf(rule, sizeof rule, "b%d", i);
        snprintf(scope, sizeof scope, "model=a,team=t1,key=k%d", i);
        fire(w, rule, scope, SEV_TICKET);
    }
    OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(list[0].id, 2);
    ck_assert_msg(list[0].parent == 1, "%s\n%s", memberships(w, INT64_MAX), timeline(w, 1));
    ck_assert_int_eq(list[0].state, INCIDENT_RESOLVED);
    ck_assert_int_eq(list[1].parent, 0);
    ck_assert_int_eq(list[1].severity, SEV_PAGE);
    ck_assert_str_eq(list[1].title, "r1");
    ck_assert_ptr_nonnull(strstr(timeline(w, 1), "+ +75 #2 r2 is one with this: "));
    ck_assert_ptr_nonnull(strstr(timeline(w, 2), "+ +75 told under #1 r1 from here on, for they are one: "));
    /* its alerts are told under the one from then on, and not before */
    ck_assert_ptr_nonnull(strstr(memberships(w, INT64_MAX), "r2=1 "));
    ck_assert_ptr_nonnull(strstr(memberships(w, before), "r2=2 "));
    OK(store_incidents(w->st, before, &a, &list, &count, &ctx));
    ck_assert_int_eq(list[0].parent, 0);
    ck_assert_int_eq(list[0].state, INCIDENT_OPEN);
    /* who was paged for the one needs no page for the other */
    OK(analyser_tick(w->an, w->t_ms + GROUPING_HOLD_MS, &ctx));
    ck_assert_uint_eq(pages(w, &page), 1);
    ck_assert_str_eq(page.text, "r1: page: told by hand");
    OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
    ck_assert_uint_eq(count, 2);
    arena_fini(&a);
    world_free(w);
}
END_TEST

/* Nobody was woken by a ticket: what pages beside it does so at once, and one that waits pages though what it is folded into was taken. */
START_TEST(a_page_waits_for_pages_alone)
{
    struct world *w = by_hand();
    struct errctx ctx = {.text = ""};
    struct event page;
    size_t acts;
    char rule[8], scope[32];
    fire(w, "r0", "team=t2", SEV_TICKET);
    fire(w, "r1", "model=a", SEV_PAGE);
    ck_assert_uint_eq(pages(w, &page), 1);
    w->t_ms += STEP;
    OK(store_act_drop(w->db, "ack", 2, "", w->t_ms, &ctx));
    OK(store_act_ingest(w->st, &acts, &ctx));
    w->t_ms += STEP;
    fire(w, "r2", "team=t1", SEV_PAGE);
    ck_assert_uint_eq(pages(w, &page), 1);
    for (int i = 0; i < 6; i++) {
        snprintf(rule, sizeof rule, "b%d", i);
        snprintf(scope, sizeof scope, "model=a,team=t1,key=k%d", i);
        fire(w, rule, scope, SEV_TICKET);
    }
    ck_assert_ptr_nonnull(strstr(timeline(w, 2), "#3 r2 is one with this"));
    OK(analyser_tick(w->an, w->t_ms + GROUPING_HOLD_MS, &ctx));
    ck_assert_uint_eq(pages(w, &page), 2);
    ck_assert_str_eq(page.text, "r1: page: told by hand"); /* what r2 says, under the name of what it is one with */
    world_free(w);
}
END_TEST

/* Other systems' alerts beside one of all traffic of the only gateway: of a model that nobody here knows, and of hosts. */
START_TEST(what_names_nothing_of_ours_is_of_its_own)
{
    struct world *w = by_hand();
    struct errctx ctx = {.text = ""};
    struct incident *list;
    struct arena a;
    struct event page;
    size_t count;
    arena_init(&a, 8 << 20);
    const int64_t onset = w->t_ms - 60000;
    fire_since(w, "r1", "", SEV_PAGE, onset);
    fire_since(w, "outside:am:PaymentsDown", "model=llama-x,team=payments", SEV_PAGE, onset);
    fire_since(w, "outside:am:DiskFull", "name=db1", SEV_TICKET, w->t_ms - 2 * 3600 * 1000);
    fire_since(w, "outside:am:DiskFull", "name=db2", SEV_TICKET, w->t_ms); /* what is of one name is one */
    OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(list[2].onset_ms, onset);
    ck_assert_str_eq(list[1].title, "outside:am:PaymentsDown");
    ck_assert_str_eq(list[0].title, "outside:am:DiskFull");
    ck_assert_msg(strstr(timeline(w, 2), "may be the same as #1 r1: it began within 10 min of it") != NULL, "%s", timeline(w, 2));
    ck_assert_ptr_null(strstr(timeline(w, 3), "may be the same"));
    OK(analyser_tick(w->an, w->t_ms + GROUPING_HOLD_MS, &ctx));
    ck_assert_uint_eq(pages(w, &page), 2);
    arena_fini(&a);
    world_free(w);
}
END_TEST

/* A feed that tells more than anybody reads: eight incidents, and the rest in the last of them. What is of ours has its own all the
 * same. */
START_TEST(a_flood_of_others_alerts_is_no_flood_of_pages)
{
    for (int restarts = 0; restarts < 2; restarts++) {
        struct config_source feed = {.name = "am", .kind = SOURCE_ALERTMANAGER, .interval_ms = STEP};
        struct world *w = by_hand();
        struct errctx ctx = {.text = ""};
        struct event page;
        struct incident in;
        char title[64], rule[32], scope[32];
        w->cfg.sources = &feed;
        w->cfg.source_count = 1;
        for (int i = 0; i < 60; i++) {
            snprintf(rule, sizeof rule, "outside:am:A%d", i);
            snprintf(scope, sizeof scope, "model=m%d", i);
            fire(w, rule, scope, SEV_PAGE);
            if (!restarts || i % 15 != 4)
                continue;
            OK(analyser_tick(w->an, w->t_ms, &ctx));
            OK(store_commit(w->st, &ctx));
            world_reopen(w);
        }
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 8);
        ck_assert_ptr_nonnull(
            strstr(timeline(w, 8), "A59: page: told by hand; it is of this incident: too many at one time for an incident each"));
        fire(w, "outside:am:B", "model=a", SEV_PAGE);
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 9);
        run(w, 4 * 3, 0, 0, 0);
        ck_assert_uint_eq(pages(w, &page), 9);
        world_free(w);
    }
}
END_TEST

/* When another system says that it began gives way to when the data shows it, and does not reach before that. */
START_TEST(what_another_system_says_moves_no_onset)
{
    for (int restarts = 0; restarts < 2; restarts++) {
        struct world *w = by_hand();
        struct errctx ctx = {.text = ""};
        struct incident *list;
        struct arena a;
        size_t count;
        arena_init(&a, 8 << 20);
        const int64_t onset = w->t_ms - 60000, told = w->t_ms - 2 * 3600 * 1000;
        fire_since(w, "outside:am:A", "model=a", SEV_TICKET, told);
        OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
        ck_assert_int_eq(list[0].onset_ms, told);
        run(w, 1, 0, 0, 0);
        if (restarts)
            world_reopen(w);
        fire_since(w, "r1", "model=a", SEV_TICKET, onset);
        OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(list[0].onset_ms, onset);
        run(w, 1, 0, 0, 0);
        if (restarts)
            world_reopen(w);
        fire_since(w, "outside:am:B", "model=a", SEV_PAGE, told);
        OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(list[0].severity, SEV_PAGE);
        ck_assert_int_eq(list[0].onset_ms, onset);
        arena_fini(&a);
        world_free(w);
    }
}
END_TEST

/* A ticket of a quarter of an hour ago, and the page that it is one with: how long that fails is not how long something else was wrong. */
START_TEST(an_incident_begins_with_what_it_is_called_after)
{
    struct world *w = by_hand();
    struct errctx ctx = {.text = ""};
    struct incident *list;
    struct arena a;
    size_t count;
    arena_init(&a, 8 << 20);
    const int64_t onset = w->t_ms - 5 * 60 * 1000;
    fire_since(w, "r1", "team=t1", SEV_TICKET, w->t_ms - 15 * 60 * 1000);
    w->t_ms += STEP;
    fire_since(w, "r2", "team=t1,key=k1", SEV_PAGE, onset);
    OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(list[0].title, "r2");
    ck_assert_int_eq(list[0].onset_ms, onset);
    w->t_ms += STEP;
    fire_since(w, "r3", "team=t1,key=k2", SEV_PAGE, onset - 1); /* no worse: it is called as before */
    OK(store_incidents(w->st, INT64_MAX, &a, &list, &count, &ctx));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(list[0].onset_ms, onset);
    arena_fini(&a);
    world_free(w);
}
END_TEST

/* One page is enough for what joins it, until somebody takes that: then it is of what they saw. */
START_TEST(what_is_new_to_what_was_taken_pages_again)
{
    struct world *w = by_hand();
    struct errctx ctx = {.text = ""};
    struct event page;
    size_t acts;
    fire(w, "r1", "team=t1", SEV_PAGE);
    w->t_ms += STEP;
    fire(w, "r2", "team=t1,key=k1", SEV_PAGE);
    ck_assert_uint_eq(pages(w, &page), 1);
    OK(store_act_drop(w->db, "ack", 1, "", w->t_ms, &ctx));
    OK(store_act_ingest(w->st, &acts, &ctx));
    w->t_ms += STEP;
    fire(w, "r3", "team=t1,key=k2", SEV_TICKET); /* a ticket pages nobody */
    ck_assert_uint_eq(pages(w, &page), 1);
    w->t_ms += STEP;
    fire(w, "r4", "team=t1,key=k3", SEV_PAGE);
    ck_assert_uint_eq(pages(w, &page), 2);
    ck_assert_ptr_nonnull(strstr(timeline(w, 1), "r4"));
    w->t_ms += STEP;
    fire(w, "r5", "team=t1,key=k4", SEV_PAGE); /* and that page is not answered yet */
    ck_assert_uint_eq(pages(w, &page), 2);
    world_free(w);
}
END_TEST

/* A budget does not hold an outage open, and is not lost with it. */
/* The one that goes was paged, the other not: nobody hears an end while it burns on under the other's number, and both ends when that is
 * over. */
START_TEST(what_was_paged_and_is_part_of_another_is_not_over)
{
    struct world *w = by_hand();
    struct errctx ctx = {.text = ""};
    struct event page;
    char rule[8], scope[32];
    fire(w, "r1", "model=a", SEV_TICKET);
    fire(w, "r2", "team=t1", SEV_PAGE);
    OK(analyser_tick(w->an, w->t_ms + GROUPING_HOLD_MS, &ctx));
    ck_assert_uint_eq(pages(w, &page), 1);
    w->t_ms += STEP;
    for (int i = 0; i < 6; i++) {
        snprintf(rule, sizeof rule, "b%d", i);
        snprintf(scope, sizeof scope, "model=a,team=t1,key=k%d", i);
        fire(w, rule, scope, SEV_TICKET);
    }
    ck_assert_ptr_nonnull(strstr(timeline(w, 2), "told under #1"));
    OK(analyser_tick(w->an, w->t_ms + 2 * GROUPING_HOLD_MS, &ctx));
    const struct page_log *log = analyser_pages(w->an);
    ck_assert_uint_eq(log->count, 2); /* a ticket, a page */
    ck_assert(log->list[0].on == PAGE_TICKET && log->list[0].incident == 1);
    ck_assert(log->list[1].on == PAGE_PAGE && log->list[1].incident == 2);
    run(w, 4 * 11, 0, 0, 0); /* nothing of it fires any more */
    ck_assert_ptr_nonnull(strstr(timeline(w, 1), "R +"));
    ck_assert_uint_eq(log->count, 4);
    ck_assert(log->list[2].on == PAGE_RESOLVED && log->list[2].incident == 2);
    ck_assert(log->list[3].on == PAGE_RESOLVED && log->list[3].incident == 1);
    world_free(w);
}
END_TEST

START_TEST(a_budget_goes_on_by_itself)
{
    struct world *w = world_new(60000);
    struct incident in;
    struct event page;
    char title[64];
    world_slo(w, "a", 0.999, "a");
    w->budgets[w->cfg.budget_count++] = (struct config_budget){.name = "all", .limit_nusd = 43200 * NUSD_PER_USD, .period = PERIOD_MONTH};
    world_open(w);
    for (int i = 0; i < 240; i++) {
        const bool fails = i >= 60 && i < 80;
        world_item(w, world_series(w, 0, SIG_COST, (struct labels){.model = "a"}, NULL))->v.increment = (i < 60 ? 1 : 20) * NUSD_PER_USD;
        serve(w, "a", "openai", fails ? 400 : 600, fails ? 200 : 0);
        serve(w, "c", "azure", 600, 0);
        world_poll(w);
    }
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 2);
    ck_assert_str_eq(in.title, "budget all");
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    ck_assert_ptr_nonnull(strstr(timeline(w, 2), "goes on by itself: it was told under #1, which is over\n"));
    ck_assert_ptr_nonnull(strstr(timeline(w, 1), "budget all: page: spends "));
    ck_assert_ptr_nonnull(strstr(timeline(w, 1), "resolved: nothing has fired for 10 min"));
    ck_assert_uint_eq(pages(w, &page), 1);
    world_free(w);
}
END_TEST

/* Of two that go on together it is as bad as the worse, and since when the first burns. */
START_TEST(what_goes_on_is_as_bad_as_the_worst_of_it)
{
    struct world *w = world_new(60000);
    struct incident in;
    char title[64];
    world_slo(w, "a", 0.999, "a");
    w->budgets[w->cfg.budget_count++] =
        (struct config_budget){.name = "slow", .limit_nusd = 43200 * 4 * NUSD_PER_USD, .period = PERIOD_MONTH};
    w->budgets[w->cfg.budget_count++] = (struct config_budget){.name = "fast", .limit_nusd = 43200 * NUSD_PER_USD, .period = PERIOD_MONTH};
    world_open(w);
    for (int i = 0; i < 240 && world_incidents(w, &in, title, sizeof title) < 2; i++) {
        const bool fails = i >= 60 && i < 80;
        world_item(w, world_series(w, 0, SIG_COST, (struct labels){.model = "a"}, NULL))->v.increment = (i < 60 ? 1 : 20) * NUSD_PER_USD;
        serve(w, "a", "openai", fails ? 400 : 600, fails ? 200 : 0);
        serve(w, "c", "azure", 600, 0);
        world_poll(w);
    }
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 2);
    const char *of = memberships(w, INT64_MAX);
    ck_assert_msg(strstr(of, "budget:slow:ticket-reset=1 ") != NULL && strstr(of, "budget:slow:page") == NULL, "%s", of);
    ck_assert_msg(in.severity == SEV_PAGE && strcmp(title, "budget fast") == 0, "%s\n%s", title, timeline(w, 2));
    ck_assert_ptr_nonnull(strstr(timeline(w, 2), "budget slow goes on with it\n"));
    world_free(w);
}
END_TEST

Suite *suite_analyse_group(void);
Suite *suite_analyse_group(void)
{
    Suite *s = suite_create("analyse_group");
    TCase *t = tcase_create("groups");
    tcase_add_test(t, two_objectives_of_one_provider_are_one_incident);
    tcase_add_test(t, what_has_nothing_in_common_is_two);
    tcase_add_test(t, all_traffic_is_where_it_fails);
    tcase_add_test(t, all_that_is_hit_alike_is_one_after_a_restart);
    tcase_add_test(t, a_page_that_waits_is_paged_in_silence);
    tcase_add_test(t, who_took_what_waits_is_not_paged_of_it);
    tcase_add_test(t, what_is_over_when_its_page_is_due_is_told_as_over);
    tcase_add_test(t, two_that_are_one);
    tcase_add_test(t, a_page_waits_for_pages_alone);
    tcase_add_test(t, what_names_nothing_of_ours_is_of_its_own);
    tcase_add_test(t, a_flood_of_others_alerts_is_no_flood_of_pages);
    tcase_add_test(t, what_another_system_says_moves_no_onset);
    tcase_add_test(t, an_incident_begins_with_what_it_is_called_after);
    tcase_add_test(t, what_is_new_to_what_was_taken_pages_again);
    tcase_add_test(t, what_was_paged_and_is_part_of_another_is_not_over);
    tcase_add_test(t, a_budget_goes_on_by_itself);
    tcase_add_test(t, what_goes_on_is_as_bad_as_the_worst_of_it);
    suite_add_tcase(s, t);
    return s;
}
