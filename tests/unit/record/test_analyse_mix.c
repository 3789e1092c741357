/* SPDX-License-Identifier: MIT */
/* The mix of finish reasons: what differs is found once, with the class that moved most, and not while a share tells it. */
#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "unit/record/analyse_world.h"

static const int64_t minute = 60000;
static const char rule[] = "quality:finish reasons";
enum { STOP, TOOL, LENGTH, CLASSES, ANSWERS = 100 };
static const char *const classes[CLASSES] = {"stop", "tool", "length"};
static const double usual[CLASSES] = {0.84, 0.15, 0.01}, tools[CLASSES] = {0.72, 0.27, 0.01}, cut[CLASSES] = {0.77, 0.14, 0.09};

struct mixed {
    struct world *w;
    struct rng rng;
};

static void begin(struct mixed *m)
{
    m->w = world_new(minute);
    rng_seed(&m->rng, 7);
    world_open(m->w);
}

/* n answers of a key, each by chance. */
static void ends(struct mixed *m, const char *key, int n, const double share[CLASSES])
{
    int64_t count[CLASSES] = {0};
    for (int k = 0; k < n; k++) {
        const double u = rng_unit(&m->rng);
        count[u < share[STOP] ? STOP : u < share[STOP] + share[TOOL] ? TOOL : LENGTH]++;
    }
    for (int c = 0; c < CLASSES; c++)
        world_item(m->w, world_series(m->w, 0, SIG_FINISH, (struct labels){.model = "gpt-x", .class = classes[c], .key = key}, NULL))
            ->v.increment = count[c];
}

/* A hundred answers a minute, of two keys. */
static void answers(struct mixed *m, int polls, const double share[CLASSES])
{
    for (int i = 0; i < polls; i++) {
        ends(m, "agents", ANSWERS / 2, share);
        ends(m, "search", ANSWERS / 2, share);
        world_poll(m->w);
    }
}

START_TEST(another_mix_is_found_once)
{
    struct mixed m;
    struct event ev;
    char text[512], found[256];
    begin(&m);
    answers(&m, 600, usual);
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 0);
    const int64_t onset = m.w->t_ms;
    answers(&m, 20, tools);
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strncmp(text, "finish reasons of gpt-x: tool 15.", 33) == 0, "%s", text);
    /* 4.3 million answers in 30 days, of this and of the three shares of finish reasons: 4 * 4.3M / 2 */
    ck_assert_msg(strstr(text, "of 1,000 answers 1") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "at most 1 false alarm in 8.6M samples (2 in 30 d over 4 streams); onset (") != NULL, "%s", text);
    ck_assert_int_le(llabs(ev.at_ms - onset), 10 * minute);
    const struct alert al = world_finding(m.w, rule, found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_eq(al.onset_ms, ev.at_ms);
    ck_assert_double_eq_tol(al.burn_long, 0.15, 0.01);
    ck_assert_double_eq_tol(al.burn_short, 0.27, 0.03);
    answers(&m, 1500, tools); /* it is never its own baseline */
    ck_assert_int_eq(world_finding(m.w, rule, found, sizeof found).since_ms, al.since_ms);
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    answers(&m, 30, usual);
    ck_assert_int_eq(world_finding(m.w, rule, found, sizeof found).state, ALERT_INACTIVE);
    world_free(m.w);
    begin(&m);
    answers(&m, 600, usual);
    answers(&m, 40, tools);
    answers(&m, 40, usual);
    answers(&m, 30, tools);
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 2);
    world_free(m.w);
}
END_TEST

/* Keys of ten minutes each: none of now was there before, which excuses nothing where the day before is known. */
START_TEST(keys_that_always_are_new_excuse_nothing)
{
    struct mixed m;
    struct event ev;
    char text[512], found[256];
    const int day = 24 * 60, after = 60;
    begin(&m);
    for (int i = 0; i < day + 600 + after; i++) {
        char key[32];
        snprintf(key, sizeof key, "job-%d", i / 10);
        ends(&m, key, ANSWERS, i < day + 600 ? usual : tools);
        world_poll(m.w);
    }
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strncmp(text, "finish reasons of gpt-x: tool 15.", 33) == 0, "%s", text);
    ck_assert_int_eq(world_finding(m.w, rule, found, sizeof found).state, ALERT_FIRING);
    world_free(m.w);
}
END_TEST

START_TEST(restarts_forget_nothing)
{
    static char out[2][4096];
    for (int i = 0; i < 2; i++) {
        struct mixed m;
        begin(&m);
        for (int k = 0; k < 260; k++) {
            answers(&m, 1, k < 180 ? usual : k < 220 ? tools : usual);
            if (i == 1 && k % 7 == 3)
                world_reopen(m.w);
        }
        world_alerts(m.w, out[i], sizeof out[i]);
        world_free(m.w);
    }
    ck_assert_msg(strstr(out[0], "quality:finish reasons {model=gpt-x} 0 at ") != NULL, "%s", out[0]);
    ck_assert_str_eq(out[0], out[1]);
}
END_TEST

START_TEST(it_can_be_taken_for_normal)
{
    struct errctx ctx = {.text = ""};
    struct mixed m;
    struct event ev;
    char text[512], found[512];
    size_t acts;
    begin(&m);
    answers(&m, 180, usual);
    answers(&m, 20, tools);
    OK(store_act_drop(m.w->db, STORE_ACT_ACCEPT, 0, "quality:finish reasons|model=gpt-x", m.w->t_ms, &ctx));
    OK(store_act_ingest(m.w->st, &acts, &ctx));
    answers(&m, 2, tools);
    const struct alert al = world_finding(m.w, rule, found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_int_eq(al.total, 0);
    answers(&m, 100, tools);
    world_reopen(m.w);
    answers(&m, 100, tools);
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    answers(&m, 30, usual);
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 2);
    ck_assert_msg(strncmp(text, "finish reasons of gpt-x: tool 2", 31) == 0, "%s", text);
    world_free(m.w);
}
END_TEST

/* Answers that are cut are a share, and told as that; a mix that was found before is told no more. */
START_TEST(a_share_tells_it_alone)
{
    struct errctx ctx = {.text = ""};
    struct mixed m;
    struct event ev;
    char text[512], found[256];
    size_t acts;
    begin(&m);
    answers(&m, 600, usual);
    answers(&m, 60, cut);
    ck_assert_int_eq(world_finding(m.w, "quality:answers cut at their length", found, sizeof found).state, ALERT_FIRING);
    (void)world_finding(m.w, rule, found, sizeof found);
    ck_assert_str_eq(found, "");
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    OK(store_act_drop(m.w->db, STORE_ACT_ACCEPT, 0, "quality:answers cut at their length|model=gpt-x", m.w->t_ms, &ctx));
    OK(store_act_ingest(m.w->st, &acts, &ctx));
    answers(&m, 200, cut); /* and is normal of both: one event says so */
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 2);
    answers(&m, 30, tools);
    ck_assert_int_eq(world_finding(m.w, rule, found, sizeof found).state, ALERT_FIRING);
    world_free(m.w);

    begin(&m);
    answers(&m, 180, usual);
    answers(&m, 20, tools);
    ck_assert_int_eq(world_finding(m.w, rule, found, sizeof found).state, ALERT_FIRING);
    answers(&m, 20, cut);
    ck_assert_int_eq(world_finding(m.w, "quality:answers cut at their length", found, sizeof found).state, ALERT_FIRING);
    ck_assert_int_eq(world_finding(m.w, rule, found, sizeof found).state, ALERT_INACTIVE);
    world_free(m.w);
}
END_TEST

/* Where others ask; and of answers that are not split the day before is asked for, as an evening is no drift. */
START_TEST(other_traffic_is_no_drift)
{
    struct mixed m;
    struct event ev;
    char text[512];
    begin(&m);
    for (int i = 0; i < 220; i++) {
        ends(&m, "agents", i < 180 ? 20 : 80, tools);
        ends(&m, "search", i < 180 ? 80 : 20, usual);
        world_poll(m.w);
    }
    ck_assert_msg(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text) == 0, "%s", text);
    world_free(m.w);

    begin(&m);
    for (int i = 0; i < 2 * 1440 + 200; i++) {
        const int hour = i / 60 % 24;
        ends(&m, NULL, ANSWERS, hour >= 12 && hour < 18 ? tools : usual);
        world_poll(m.w);
    }
    ck_assert_msg(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text) == 0, "%s", text);
    for (int i = 0; i < 20; i++) {
        ends(&m, NULL, ANSWERS, tools);
        world_poll(m.w);
    }
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    world_free(m.w);
}
END_TEST

/* Engines end answers in other ways than the gateway tells: when another source has the word its mix is no drift of the first one's, and
 * what changes then is held against its own alone. */
START_TEST(what_others_count_begins_anew)
{
    struct errctx ctx = {.text = ""};
    struct mixed m;
    struct event ev;
    char text[512];
    begin(&m);
    for (int i = 0; i < 420; i++) {
        const bool by_other = i >= 180, as_before = i >= 390;
        if (i == 390)
            ck_assert_msg(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text) == 0, "%s", text);
        for (int k = 0; k < 2; k++) {
            for (int c = 0; c < 2; c++) {
                struct labels l = {.model = "gpt-x", .class = classes[c], .key = k == 0 ? "agents" : "search"};
                world_item(m.w, world_series(m.w, by_other, SIG_FINISH, l, NULL))->v.increment = c == STOP                ? 40
                                                                                                 : by_other && !as_before ? 20
                                                                                                                          : 8;
            }
        }
        m.w->t_ms += m.w->step_ms;
        world_analyse_at(m.w, by_other, m.w->t_ms - m.w->step_ms, m.w->t_ms, false, LIVES);
        if (i == 179) {
            OK(store_put_authority(m.w->st, &(struct store_authority){.source = m.w->source[0], .kept = UINT64_C(1) << SIG_FINISH}, &ctx));
            OK(store_commit(m.w->st, &ctx));
        }
    }
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strncmp(text, "finish reasons of gpt-x: tool 33.3 -> ", 38) == 0, "%s", text);
    world_free(m.w);
}
END_TEST

/* A recorder that cannot read its day cannot start. */
START_TEST(hundreds_of_models_can_be_opened)
{
    static const char *const reasons[] = {"stop", "tool", "length", "filtered", "error"};
    enum { MODELS = 600, REASONS = sizeof reasons / sizeof *reasons };
    struct mixed m;
    struct event ev;
    char text[512], model[32];
    begin(&m);
    answers(&m, 180, usual);
    for (int i = 0; i < MODELS; i++) {
        snprintf(model, sizeof model, "model-%d", i);
        for (int k = 0; k < REASONS; k++)
            world_item(m.w, world_series(m.w, 0, SIG_FINISH, (struct labels){.model = model, .class = reasons[k]}, NULL))->v.increment = 1;
        if (m.w->count + REASONS > WORLD_ITEMS)
            world_poll(m.w);
    }
    world_reopen(m.w);
    answers(&m, 20, tools); /* and each has what is its own */
    ck_assert_uint_eq(world_events(m.w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strncmp(text, "finish reasons of gpt-x: tool 15.", 33) == 0, "%s", text);
    world_free(m.w);
}
END_TEST

/* With so many that each is kept every other five minutes, who tells something every ten is kept all the same. */
START_TEST(of_many_models_each_is_kept)
{
    enum { MODELS = 1100, TOLD = 20 };
    struct world *w = world_new(10 * minute);
    char model[32];
    world_open(w);
    for (int i = 0; i < MODELS; i++) {
        snprintf(model, sizeof model, "model-%d", i);
        (void)world_series(w, 0, SIG_FINISH, (struct labels){.model = model, .class = "stop"}, NULL);
    }
    for (int poll = 0; poll < 5; poll++) {
        for (int i = 0; i < TOLD; i++) {
            snprintf(model, sizeof model, "model-%d", i);
            world_item(w, world_series(w, 0, SIG_FINISH, (struct labels){.model = model, .class = "stop"}, NULL))->v.increment = 1;
        }
        world_poll(w);
    }
    for (int i = 0; i < TOLD; i++) {
        snprintf(model, sizeof model, "model-%d", i);
        ck_assert_msg(world_has_state(w, rule, model), "%s", model);
    }
    world_free(w);
}
END_TEST

Suite *suite_analyse_mix(void);
Suite *suite_analyse_mix(void)
{
    Suite *s = suite_create("analyse_mix");
    TCase *tc = tcase_create("mixes");
    tcase_add_test(tc, another_mix_is_found_once);
    tcase_add_test(tc, keys_that_always_are_new_excuse_nothing);
    tcase_add_test(tc, restarts_forget_nothing);
    tcase_add_test(tc, it_can_be_taken_for_normal);
    tcase_add_test(tc, a_share_tells_it_alone);
    tcase_add_test(tc, other_traffic_is_no_drift);
    tcase_add_test(tc, hundreds_of_models_can_be_opened);
    tcase_add_test(tc, of_many_models_each_is_kept);
    tcase_add_test(tc, what_others_count_begins_anew);
    suite_add_tcase(s, tc);
    return s;
}
