/* SPDX-License-Identifier: MIT */
/* Rules of the configuration and gwtop's own through recorder and store, a poll every 15 s. */
#include "model/ruleexpr.h"
#include "unit/record/analyse_world.h"

Suite *suite_analyse_rule(void);

enum { TEXT = 1 << 16, STEP = 15000, MINUTE = 60000 };

static struct config_rule rules[4];
static struct arena arena;

static struct world *world(void)
{
    struct world *w = world_new(STEP);
    memset(rules, 0, sizeof rules);
    arena_init(&arena, 1 << 20);
    w->cfg.rules = rules;
    return w;
}

static void end(struct world *w)
{
    world_free(w);
    arena_fini(&arena);
}

static struct config_rule *add(struct world *w, const char *name, const char *expr, int64_t for_ms, int64_t keep_ms)
{
    struct errctx ctx = {.text = ""};
    struct config_rule *r = &rules[w->cfg.rule_count++];
    size_t at;
    *r = (struct config_rule){.name = name, .expr = expr, .for_ms = for_ms, .keep_ms = keep_ms, .severity = RULE_PAGE};
    OK(ruleexpr_parse(str_of(expr), &arena, &r->x, &at, &ctx));
    r->clear = r->x.compare[0].threshold;
    return r;
}

static size_t pages(struct world *w)
{
    size_t n = 0;
    for (uint32_t i = 0; i < analyser_pages(w->an)->count; i++)
        n += analyser_pages(w->an)->list[i].on == PAGE_PAGE;
    return n;
}

static void says(struct world *w, const char *want)
{
    static char alerts[TEXT];
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_str_eq(alerts, want);
}

#define EXPR "ratio(requests{class=\"5xx\"}, requests, 1m) > 5%"

/* 10 % fail from minute 5 on: the last minute's share is 2.5 % after a poll, 5 % after two, which is not above 5 %, and 7.5 % after three.
 * A minute later it fires. */
START_TEST(it_fires_when_it_has_held_for_long_enough)
{
    struct world *w = world();
    struct incident in;
    static char title[64], timeline[TEXT];
    add(w, "high", EXPR, MINUTE, MINUTE)->summary = "too many errors";
    world_open(w);
    world_run(w, 20, 100, 0);
    world_run(w, 6, 90, 10);
    says(w, "");
    world_run(w, 1, 90, 10);
    says(w, "rule:high {} 1 at +405 onset +345 0/0: high: 0.1, fires above 0.05 for 1m; " EXPR "\n");
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_str_eq(in.title, "too many errors");
    ck_assert_int_eq(in.severity, SEV_PAGE);
    ck_assert_int_eq(in.onset_ms, WORLD_T0 + 345000);
    ck_assert_uint_eq(pages(w), 1);
    world_timeline(w, in.id, timeline, sizeof timeline);
    ck_assert_str_eq(timeline, "E +345 high begins to hold\nP +405 page: high: 0.1, fires above 0.05 for 1m; " EXPR "\n");
    world_run(w, 10, 90, 10);
    ck_assert_uint_eq(pages(w), 1);
    end(w);
}
END_TEST

/* 8 % is below the threshold and above `clear`: it goes on; 0 % ends it once it has lasted for `keep`, and ten minutes later the incident
 * is over, which is told. */
START_TEST(it_does_not_flap_between_its_two_thresholds)
{
    struct world *w = world();
    struct incident in;
    static char title[64];
    struct config_rule *r = add(w, "high", "ratio(requests{class=\"5xx\"}, requests, 1m) > 9%", 0, MINUTE);
    r->clear = 0.05;
    world_open(w);
    world_run(w, 20, 100, 0);
    world_run(w, 4, 90, 10);
    world_run(w, 20, 92, 8);
    says(w, "rule:high {} 1 at +360 onset +360 0/0: high: 0.1, fires above 0.09; ratio(requests{class=\"5xx\"}, requests, 1m) > 9%\n");
    world_run(w, 60, 100, 0);
    static char alerts[TEXT];
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_nonnull(strstr(alerts, "rule:high {} 0 at +750 onset +360 0/0: over: high: 0, ends below 0.05;"));
    world_incidents(w, &in, title, sizeof title);
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    const struct page_log *log = analyser_pages(w->an);
    ck_assert_uint_eq(log->count, 2);
    ck_assert(log->list[0].on == PAGE_PAGE && log->list[1].on == PAGE_RESOLVED && log->list[1].incident == log->list[0].incident);
    end(w);
}
END_TEST

/* Calm for less than ten minutes it is the same incident, which pages once; unless somebody said that it was over. */
START_TEST(what_was_said_to_be_over_pages_again)
{
    struct world *w = world();
    struct errctx ctx = {.text = ""};
    size_t acts;
    add(w, "high", EXPR, 0, 0);
    world_open(w);
    world_run(w, 20, 100, 0);
    world_run(w, 8, 90, 10);
    world_run(w, 12, 100, 0);
    world_run(w, 8, 90, 10);
    ck_assert_uint_eq(pages(w), 1);
    world_run(w, 12, 100, 0);
    OK(store_act_drop(w->db, "resolve", 1, "it is over", w->t_ms, &ctx));
    OK(store_act_ingest(w->st, &acts, &ctx));
    world_run(w, 8, 90, 10);
    ck_assert_uint_eq(pages(w), 2);
    world_run(w, 12, 100, 0);
    world_run(w, 8, 90, 10);
    ck_assert_uint_eq(pages(w), 2);
    end(w);
}
END_TEST

/* Silence is neither good nor bad: what fires stays open and says so; and it is told from a gateway that answers without traffic. */
START_TEST(without_data_it_cannot_be_judged)
{
    struct world *w = world();
    struct errctx ctx = {.text = ""};
    struct incident in;
    static char alerts[TEXT], title[64];
    add(w, "high", EXPR, 0, 0);
    world_open(w);
    world_run(w, 8, 90, 10);
    for (int i = 1; i <= 9 * 4; i++) {
        OK(analyser_tick(w->an, w->t_ms + i * STEP, &ctx));
        OK(store_commit(w->st, &ctx));
    }
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_nonnull(strstr(alerts, "rule:high {} 2 at "));
    ck_assert_ptr_nonnull(strstr(alerts, "high: not known; it was firing;"));
    world_incidents(w, &in, title, sizeof title);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    w->t_ms += 10 * MINUTE;
    world_run(w, 8, 100, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_nonnull(strstr(alerts, "over: high: 0, ends below 0.05"));
    end(w);
}
END_TEST

/* The same transitions, whenever the recorder dies. */
START_TEST(a_restart_changes_nothing)
{
    static char once[TEXT], again[TEXT];
    for (int run = 0; run < 2; run++) {
        struct world *w = world();
        add(w, "high", EXPR, 2 * MINUTE, 2 * MINUTE);
        add(w, "slow", "rate(requests, 2m) > 6.4", MINUTE, MINUTE);
        world_open(w);
        for (int i = 0; i < 80; i++) {
            world_requests(w, 0, "gpt-x", "ok", i > 20 && i < 50 ? 90 : 100);
            world_requests(w, 0, "gpt-x", "5xx", i > 20 && i < 50 ? 10 : 0);
            world_poll(w);
            if (run == 1 && i % 7 == 3)
                world_reopen(w);
        }
        world_alerts(w, run == 0 ? once : again, TEXT);
        ck_assert_uint_eq(pages(w), 1); /* of one scope: one incident */
        end(w);
    }
    ck_assert_ptr_nonnull(strstr(once, "rule:high {} 1 at"));
    ck_assert_ptr_nonnull(strstr(once, "rule:high {} 0 at"));
    ck_assert_ptr_nonnull(strstr(once, "rule:slow {} 1 at"));
    ck_assert_str_eq(again, once);
}
END_TEST

START_TEST(data_of_before_pages_nobody_until_it_is_live)
{
    struct world *w = world();
    add(w, "high", EXPR, 0, 0);
    world_open(w);
    w->manual.wall_ms = WORLD_T0 + 3600000;
    for (int i = 0; i < 20; i++) {
        world_requests(w, 0, "gpt-x", "ok", 80);
        world_requests(w, 0, "gpt-x", "5xx", 20);
        w->t_ms += STEP;
        world_analyse_at(w, 0, w->t_ms - STEP, w->t_ms, true, LIVES);
    }
    ck_assert_uint_eq(analyser_pages(w->an)->count, 0);
    world_run(w, 1, 80, 20);
    ck_assert_uint_eq(pages(w), 1);
    end(w);
}
END_TEST

/* While one source is back-filled others are live, and the clock goes on: none of them says that what burned then burns now. */
START_TEST(another_sources_live_data_does_not_page_for_it)
{
    struct world *w = world();
    struct errctx ctx = {.text = ""};
    add(w, "high", EXPR, 0, 0);
    world_open(w);
    const int64_t live_ms = WORLD_T0 + 6 * 3600000;
    w->manual.wall_ms = live_ms;
    for (int i = 0; i < 20; i++) {
        world_requests(w, 0, "gpt-x", "ok", 80);
        world_requests(w, 0, "gpt-x", "5xx", 20);
        w->t_ms += STEP;
        world_analyse_at(w, 0, w->t_ms - STEP, w->t_ms, true, LIVES);
        world_analyse_at(w, 1, live_ms + (i - 1) * STEP, live_ms + i * STEP, false, LIVES);
        OK(analyser_tick(w->an, live_ms + i * STEP, &ctx));
        OK(store_commit(w->st, &ctx));
    }
    world_reopen(w);
    OK(analyser_tick(w->an, live_ms + 21 * STEP, &ctx));
    ck_assert_uint_eq(analyser_pages(w->an)->count, 0);
    w->t_ms = live_ms + 21 * STEP; /* and now it is live, and still burns */
    world_run(w, 5, 80, 20);
    ck_assert_uint_eq(pages(w), 1);
    ck_assert_str_eq(analyser_pages(w->an)->list[0].rule, "rule:high");
    end(w);
}
END_TEST

/* Of one scope with an objective: one incident, one page. */
START_TEST(a_scope_has_one_incident)
{
    struct world *w = world();
    struct incident in;
    static char title[64];
    struct config_rule *r = add(w, "high", EXPR, 0, 0);
    r->scope_count = 1;
    r->scope[0] = (struct scope_part){DIM_MODEL, "gpt-x"};
    world_slo(w, "avail", 0.999, "gpt-x");
    world_open(w);
    world_run(w, 20, 100, 0);
    world_run(w, 20, 50, 50);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_uint_eq(pages(w), 1);
    end(w);
}
END_TEST

static void stand(struct world *w, enum source_state state, int64_t ok_ms, int64_t try_ms, int64_t cert_ms)
{
    struct errctx ctx = {.text = ""};
    const struct source_status s = {.id = w->source[0],
                                    .state = state,
                                    .interval_ms = STEP,
                                    .last_ok_ms = ok_ms,
                                    .last_try_ms = try_ms,
                                    .cert_expiry_ms = cert_ms,
                                    .reason = state == SOURCE_DOWN ? "nobody answers" : "",
                                    .warning = ""};
    OK(store_put_status(w->st, try_ms, &s, &ctx));
    OK(analyser_tick(w->an, try_ms, &ctx));
    OK(store_commit(w->st, &ctx));
}

/* A gateway of which nothing is seen pages by itself: its objectives have no data and never would. */
START_TEST(a_gateway_that_is_not_seen_pages)
{
    struct world *w = world();
    struct config_source source = {.name = "litellm", .gateway = "gw", .kind = SOURCE_METRICS, .interval_ms = STEP};
    struct incident in;
    static char alerts[TEXT], title[64];
    w->cfg.sources = &source;
    w->cfg.source_count = 1;
    w->cfg.builtin = (struct config_builtin){.down_intervals = 3, .silent_intervals = 3};
    world_open(w);
    const int64_t t = WORLD_T0 + MINUTE;
    stand(w, SOURCE_OK, t, t, 0);
    stand(w, SOURCE_DOWN, t, t + STEP, 0);
    stand(w, SOURCE_DOWN, t, t + 2 * STEP, 0);
    says(w, "");
    stand(w, SOURCE_DOWN, t, t + 3 * STEP, 0);
    says(w, "rule:gateway_silent {gateway=gw} 1 at +105 onset +60 0/0: no source of the gateway answers, so no objective can page; litellm "
            "for 45s: "
            "nobody answers\n"
            "rule:source_down:litellm {gateway=gw} 1 at +105 onset +60 0/0: source litellm has not answered for 45s: nobody answers\n");
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_str_eq(in.title, "nothing is seen of gateway gw");
    ck_assert_uint_eq(pages(w), 1);
    world_reopen(w); /* what it was asked before is not known any more, and it is down all the same */
    stand(w, SOURCE_DOWN, t, t + 4 * STEP, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_null(strstr(alerts, "} 0 at"));
    stand(w, SOURCE_OK, t + 5 * STEP, t + 5 * STEP, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_nonnull(strstr(alerts, "rule:gateway_silent {gateway=gw} 0 at +135"));
    ck_assert_ptr_nonnull(strstr(alerts, "rule:source_down:litellm {gateway=gw} 0 at +135"));
    end(w);
}
END_TEST

static void stand_still(struct world *w, uint32_t source, int64_t since_ms, int64_t at_ms)
{
    struct errctx ctx = {.text = ""};
    const struct source_status s = {.id = w->source[source],
                                    .state = since_ms != 0 ? SOURCE_DOWN : SOURCE_OK,
                                    .interval_ms = STEP,
                                    .last_ok_ms = at_ms,
                                    .last_try_ms = at_ms,
                                    .frozen_since_ms = since_ms,
                                    .reason = since_ms != 0 ? "its page has not changed" : "",
                                    .warning = ""};
    OK(store_put_status(w->st, at_ms, &s, &ctx));
    OK(analyser_judge_sources(w->an, at_ms, &ctx));
    OK(store_commit(w->st, &ctx));
}

/* A page that stands still is a ticket as soon as it is held to, of an incident of its own; of the only one that measures, what pages. */
START_TEST(a_page_that_stands_still_is_told_at_once)
{
    for (uint32_t sources = 1; sources <= 2; sources++) {
        struct world *w = world();
        struct incident in;
        struct config_source source[2] = {{.name = "litellm", .gateway = "gw", .kind = SOURCE_METRICS, .interval_ms = STEP},
                                          {.name = "prometheus", .gateway = "gw", .kind = SOURCE_METRICS, .interval_ms = STEP}};
        static char title[64], alerts[TEXT];
        w->cfg.sources = source;
        w->cfg.source_count = sources;
        w->cfg.builtin = (struct config_builtin){.down_intervals = 3, .silent_intervals = 3};
        world_open(w);
        const int64_t t = WORLD_T0 + MINUTE;
        for (uint32_t i = 0; i < sources; i++)
            stand_still(w, i, 0, t);
        stand_still(w, 0, t - 2 * MINUTE, t + STEP);
        world_alerts(w, alerts, sizeof alerts);
        const char *expect = sources == 1
                                 ? "rule:gateway_silent {gateway=gw} 1 at +75 onset -60 0/0: no source of the gateway answers, so no "
                                   "objective can page; litellm for 2m15s: its page has not changed\n"
                                 : "rule:source_down:litellm:frozen {gateway=gw,name=litellm} 1 at +75 onset -60 0/0: source "
                                   "litellm has told nothing new for 2m15s: its page has not changed\n";
        ck_assert_str_eq(alerts, expect);
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
        ck_assert_str_eq(in.title, sources == 1 ? "nothing is seen of gateway gw" : "the page of source litellm stands still");
        ck_assert_uint_eq(pages(w), sources == 1);
        world_reopen(w);
        for (int i = 2; i < 20; i++) /* and nothing else is told of it */
            stand_still(w, 0, t - 2 * MINUTE, t + i * STEP);
        stand_still(w, 0, 0, t + 20 * STEP);
        world_alerts(w, alerts, sizeof alerts);
        ck_assert_msg(strstr(alerts, sources == 1 ? "rule:gateway_silent {gateway=gw} 0 at +360 onset -1 0/0: over"
                                                  : "0 at +360 onset -1 0/0: over: the page of source litellm moves again") != NULL,
                      "%s", alerts);
        ck_assert_ptr_null(strstr(alerts, "source_down:litellm {"));
        end(w);
    }
}
END_TEST

/* Neither an alert system nor a status page nor a list of changes shows an objective anything: that they answer says nothing of the
 * gateway. */
START_TEST(who_measures_nothing_does_not_speak_for_the_gateway)
{
    static const enum source_kind beside[] = {SOURCE_ALERTMANAGER, SOURCE_STATUS_PAGE, SOURCE_CHANGES};
    for (size_t k = 0; k < 3; k++)
        for (size_t first = 0; first < 2; first++) {
            struct world *w = world();
            struct errctx ctx = {.text = ""};
            struct config_source sources[2];
            static char alerts[TEXT];
            sources[first] = (struct config_source){.name = "litellm", .gateway = "gw", .kind = SOURCE_METRICS, .interval_ms = STEP};
            sources[1 - first] = (struct config_source){.name = "prometheus", .gateway = "gw", .kind = beside[k], .interval_ms = STEP};
            w->cfg.sources = sources;
            w->cfg.source_count = 2;
            w->cfg.builtin = (struct config_builtin){.down_intervals = 3, .silent_intervals = 3};
            world_open(w);
            const int64_t t = WORLD_T0 + MINUTE;
            for (int i = 0; i <= 4; i++) {
                const struct source_status other = {.id = w->source[1],
                                                    .state = SOURCE_OK,
                                                    .interval_ms = STEP,
                                                    .last_ok_ms = t + i * STEP,
                                                    .last_try_ms = t + i * STEP,
                                                    .reason = "",
                                                    .warning = ""};
                OK(store_put_status(w->st, t + i * STEP, &other, &ctx));
                stand(w, i == 0 ? SOURCE_OK : SOURCE_DOWN, t, t + i * STEP, 0);
            }
            world_alerts(w, alerts, sizeof alerts);
            ck_assert_msg(strstr(alerts, "rule:gateway_silent {gateway=gw} 1 at +105") != NULL, "%s", alerts);
            ck_assert_ptr_null(strstr(alerts, "} 0 at"));
            ck_assert_uint_eq(pages(w), 1);
            end(w);
        }
}
END_TEST

/* Who cannot read a status page knows nothing less of the traffic: its ticket is of no other incident, in no order, and after a restart
 * neither. */
START_TEST(a_status_page_that_is_not_read_is_of_no_other_incident)
{
    for (int order = 0; order < 2; order++) {
        struct world *w = world();
        struct errctx ctx = {.text = ""};
        struct incident in;
        struct config_source sources[2] = {{.name = "litellm", .gateway = "gw", .kind = SOURCE_METRICS, .interval_ms = STEP},
                                           {.name = "prometheus", .gateway = "gw", .kind = SOURCE_STATUS_PAGE, .interval_ms = STEP}};
        static char title[64], alerts[TEXT];
        w->cfg.sources = sources;
        w->cfg.source_count = 2;
        w->cfg.builtin = (struct config_builtin){.down_intervals = 3, .silent_intervals = 3};
        world_open(w);
        const int64_t t = WORLD_T0 + MINUTE;
        for (int i = 0; i <= 12; i++) { /* the one that goes first is down from the second try on, the other a minute later */
            const bool down = i >= (order == 0 ? 5 : 1);
            const struct source_status page = {.id = w->source[1],
                                               .state = down ? SOURCE_DOWN : SOURCE_OK,
                                               .interval_ms = STEP,
                                               .last_ok_ms = down ? t + (order == 0 ? 4 : 0) * STEP : t + i * STEP,
                                               .last_try_ms = t + i * STEP,
                                               .reason = "nobody answers",
                                               .warning = ""};
            const int last_ok = order == 0 ? 0 : 4;
            OK(store_put_status(w->st, t + i * STEP, &page, &ctx));
            stand(w, i <= last_ok ? SOURCE_OK : SOURCE_DOWN, t + (i < last_ok ? i : last_ok) * STEP, t + i * STEP, 0);
            if (i == 8)
                world_reopen(w);
        }
        world_alerts(w, alerts, sizeof alerts);
        ck_assert_msg(strstr(alerts, "rule:source_down:prometheus {gateway=gw,name=prometheus} 1 ") != NULL, "%s", alerts);
        ck_assert_msg(strstr(alerts, "rule:source_down:litellm {gateway=gw} 1 ") != NULL, "%s", alerts);
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 2);
        end(w);
    }
}
END_TEST

START_TEST(a_certificate_that_ends_is_a_ticket_and_then_a_page)
{
    static const int64_t day = 86400000;
    struct world *w = world();
    struct config_source source = {.name = "litellm", .gateway = "gw", .kind = SOURCE_METRICS, .interval_ms = STEP};
    static char alerts[TEXT];
    w->cfg.sources = &source;
    w->cfg.source_count = 1;
    w->cfg.builtin = (struct config_builtin){.cert_ticket_ms = 14 * day, .cert_page_ms = 2 * day};
    world_open(w);
    const int64_t ends = WORLD_T0 + 20 * day;
    stand(w, SOURCE_OK, WORLD_T0 + STEP, WORLD_T0 + STEP, ends);
    says(w, "");
    stand(w, SOURCE_OK, ends - 14 * day, ends - 14 * day, ends);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_nonnull(strstr(alerts, "rule:certificate:litellm:ticket {gateway=gw,name=certificate} 1 "));
    ck_assert_uint_eq(pages(w), 0);
    stand(w, SOURCE_OK, ends - 2 * day, ends - 2 * day, ends);
    ck_assert_uint_eq(pages(w), 1);
    stand(w, SOURCE_DOWN, ends - 2 * day, ends - day, 0); /* that it is not told is no renewal */
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_null(strstr(alerts, "} 0 at"));
    stand(w, SOURCE_OK, ends, ends, ends + 90 * day);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_nonnull(strstr(alerts, "rule:certificate:litellm:page {gateway=gw,name=certificate} 0 "));
    ck_assert_ptr_nonnull(strstr(alerts, "over: the certificate of source litellm was renewed"));
    end(w);
}
END_TEST

/* Of no scope, and of failures: it is where most of these are, also of the poll that it fires with; of how many there are, it is of nothing
 * that fails. */
START_TEST(a_rule_of_failures_is_where_they_are)
{
    static const char *const exprs[] = {EXPR, "rate(requests, 1m) > 1"};
    for (size_t k = 0; k < 2; k++) {
        struct world *w = world();
        struct incident in;
        char title[64];
        add(w, "high", exprs[k], 0, MINUTE);
        world_slo(w, "a", 0.999, "a");
        world_open(w);
        for (int i = 0; i < 4 * 70; i++) {
            const int64_t bad = i < 4 * 60 ? 0 : 80;
            world_requests(w, 0, "a", "ok", 100 - bad);
            world_requests(w, 0, "a", "5xx", bad);
            world_requests(w, 0, "b", "ok", 100);
            world_poll(w);
        }
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), k + 1);
        ck_assert_uint_eq(pages(w), k + 1);
        end(w);
    }
}
END_TEST

Suite *suite_analyse_rule(void)
{
    Suite *s = suite_create("analyse_rule");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, it_fires_when_it_has_held_for_long_enough);
    tcase_add_test(t, it_does_not_flap_between_its_two_thresholds);
    tcase_add_test(t, what_was_said_to_be_over_pages_again);
    tcase_add_test(t, without_data_it_cannot_be_judged);
    tcase_add_test(t, a_restart_changes_nothing);
    tcase_add_test(t, data_of_before_pages_nobody_until_it_is_live);
    tcase_add_test(t, another_sources_live_data_does_not_page_for_it);
    tcase_add_test(t, a_scope_has_one_incident);
    tcase_add_test(t, a_gateway_that_is_not_seen_pages);
    tcase_add_test(t, a_page_that_stands_still_is_told_at_once);
    tcase_add_test(t, who_measures_nothing_does_not_speak_for_the_gateway);
    tcase_add_test(t, a_status_page_that_is_not_read_is_of_no_other_incident);
    tcase_add_test(t, a_certificate_that_ends_is_a_ticket_and_then_a_page);
    tcase_add_test(t, a_rule_of_failures_is_where_they_are);
    suite_add_tcase(s, t);
    return s;
}
