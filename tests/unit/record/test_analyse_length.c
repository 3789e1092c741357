/* SPDX-License-Identifier: MIT */
/* Lengths of answers and prompts: what lasts is found with its onset, and neither bursts, nor other traffic, nor few answers are. */
#include <math.h>

#include "unit/record/analyse_world.h"

static const int64_t minute = 60000;
static const char rule[] = "quality:output tokens per answer";

struct minute_of {
    int64_t answers[2]; /* of two keys, a minute */
    double output[2];   /* tokens per answer */
    double input;
};
static const struct minute_of usual = {{20, 20}, {400, 200}, 1000}, shorter = {{20, 20}, {312, 156}, 1000};

/* Lengths scatter by up to a tenth from minute to minute. */
static void lengths(struct world *w, int polls, const struct minute_of *m)
{
    static const char *const keys[] = {"a", "b"};
    for (int i = 0; i < polls; i++) {
        const int64_t at = (w->t_ms - WORLD_T0) / minute;
        const double scatter = 1 + (double)((at * 7919 + at / 7 * 104729) % 21 - 10) / 100;
        for (int k = 0; k < 2; k++) {
            struct labels l = {.model = "gpt-x", .key = keys[k]};
            const double n = (double)m->answers[k];
            world_item(w, world_series(w, 0, SIG_TOKENS_OUTPUT, l, NULL))->v.increment = (int64_t)(n * m->output[k] * scatter);
            world_item(w, world_series(w, 0, SIG_TOKENS_INPUT, l, NULL))->v.increment = (int64_t)(n * m->input * scatter);
            l.class = "ok";
            world_item(w, world_series(w, 0, SIG_REQUESTS, l, NULL))->v.increment = m->answers[k];
        }
        world_poll(w);
    }
}

static struct world *quiet(void)
{
    struct world *w = world_new(minute);
    world_open(w);
    return w;
}

static size_t told(struct world *w, struct event *ev, char *text, size_t cap)
{
    return world_events(w, EVENT_QUALITY, ev, text, cap);
}

START_TEST(shorter_answers_are_found)
{
    struct world *w = quiet();
    struct event ev;
    char text[512], found[256];
    lengths(w, 300, &usual);
    const int64_t onset = w->t_ms;
    lengths(w, 19, &shorter);
    ck_assert_uint_eq(told(w, &ev, text, sizeof text), 0); /* it must last for a quarter of an hour */
    lengths(w, 11, &shorter);
    ck_assert_uint_eq(told(w, &ev, text, sizeof text), 1);
    ck_assert_msg(strncmp(text, "output tokens per answer of gpt-x fell 300 -> 23", 48) == 0, "%s", text);
    ck_assert_ptr_nonnull(strstr(text, ", of the same traffic x0.78, n 840: "));
    ck_assert_msg(strstr(text, "no rate of false alarms is promised; onset +-7m30s") != NULL, "%s", text);
    ck_assert_int_le(llabs(ev.at_ms - onset), 5 * minute);
    const struct alert al = world_finding(w, rule, found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_eq(al.onset_ms, ev.at_ms);
    ck_assert_int_eq(al.onset_error_ms, 15 * minute / 2);
    ck_assert_double_eq_tol(al.burn_long, 300, 3);
    ck_assert_double_eq_tol(al.burn_short, 234, 4);
    ck_assert_msg(strncmp(found, "{model=gpt-x} output tokens per answer of gpt-x fell 300 -> 23", 62) == 0, "%s", found);
    lengths(w, 600, &shorter); /* once, however long it lasts */
    ck_assert_uint_eq(told(w, &ev, text, sizeof text), 1);
    ck_assert_int_eq(world_finding(w, rule, found, sizeof found).state, ALERT_FIRING);
    world_free(w);
}
END_TEST

START_TEST(an_ordinary_day_is_quiet)
{
    static const struct minute_of burst = {{20, 20}, {900, 400}, 1000}, evening = {{4, 60}, {400, 200}, 1000}, few = {{1, 1}, {90, 90}, 90};
    struct world *w = quiet();
    struct event ev;
    char text[512];
    lengths(w, 400, &usual);
    lengths(w, 10, &burst);
    lengths(w, 390, &usual);
    lengths(w, 300, &few);
    ck_assert_msg(told(w, &ev, text, sizeof text) == 0, "%s", text);
    world_free(w);
    w = quiet();
    lengths(w, 400, &usual);
    lengths(w, 400, &evening); /* the mean falls from 300 to 212, of each key nothing does */
    ck_assert_msg(told(w, &ev, text, sizeof text) == 0, "%s", text);
    world_free(w);
}
END_TEST

/* A finding's whole life, with the recorder dying every so often, or not. */
static void life(int every, char *out, size_t cap)
{
    struct world *w = quiet();
    static const struct {
        int polls;
        const struct minute_of *of;
    } parts[] = {{300, &usual}, {90, &shorter}, {300, &usual}};
    int n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (int k = 0; k < parts[i].polls; k++) {
            lengths(w, 1, parts[i].of);
            if (every > 0 && ++n % every == 0)
                world_reopen(w);
        }
    }
    world_alerts(w, out, cap);
    world_free(w);
}

START_TEST(restarts_forget_nothing)
{
    static char through[4096], cut[4096];
    life(0, through, sizeof through);
    ck_assert_msg(strstr(through, "{model=gpt-x} 1 at ") != NULL, "%s", through); /* found, and over */
    ck_assert_msg(strstr(through, "{model=gpt-x} 0 at ") != NULL, "%s", through);
    life(37, cut, sizeof cut);
    ck_assert_str_eq(cut, through);
}
END_TEST

START_TEST(it_ends_by_evidence)
{
    struct world *w = quiet();
    char found[256];
    static const struct minute_of few = {{1, 1}, {400, 200}, 1000}, third = {{20, 20}, {369, 184.5}, 1000};
    lengths(w, 300, &usual);
    lengths(w, 60, &shorter);
    ck_assert_int_eq(world_finding(w, rule, found, sizeof found).state, ALERT_FIRING);
    lengths(w, 120, &few);
    ck_assert_int_eq(world_finding(w, rule, found, sizeof found).state, ALERT_FIRING);
    lengths(w, 120, &third); /* likelier of the old level, and not back */
    ck_assert_int_eq(world_finding(w, rule, found, sizeof found).state, ALERT_FIRING);
    lengths(w, 120, &usual);
    ck_assert_int_eq(world_finding(w, rule, found, sizeof found).state, ALERT_INACTIVE);
    world_free(w);
}
END_TEST

START_TEST(it_can_be_taken_for_normal)
{
    struct errctx ctx = {.text = ""};
    struct world *w = quiet();
    struct event ev;
    char text[512], found[512];
    size_t acts;
    static const struct minute_of again = {{20, 20}, {220, 110}, 1000};
    lengths(w, 300, &usual);
    lengths(w, 60, &shorter);
    OK(store_act_drop(w->db, STORE_ACT_ACCEPT, 0, "quality:output tokens per answer|model=gpt-x", w->t_ms, &ctx));
    OK(store_act_ingest(w->st, &acts, &ctx));
    lengths(w, 2, &shorter);
    const struct alert al = world_finding(w, rule, found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_int_eq(al.total, 0);
    ck_assert_ptr_nonnull(strstr(found, "; taken for normal by "));
    lengths(w, 150, &shorter);
    world_reopen(w);
    lengths(w, 150, &shorter);
    ck_assert_uint_eq(told(w, &ev, text, sizeof text), 1);
    lengths(w, 60, &again);
    ck_assert_uint_eq(told(w, &ev, text, sizeof text), 2);
    ck_assert_msg(strncmp(text, "output tokens per answer of gpt-x fell 23", 41) == 0, "%s", text);
    world_free(w);
}
END_TEST

/* Of prompts nobody can say on a first day whether the hour is to blame; and they are traffic, no drift. */
START_TEST(longer_prompts_are_traffic)
{
    struct world *w = quiet();
    struct event ev;
    char text[512], found[256];
    static const struct minute_of longer = {{20, 20}, {400, 200}, 1500}, both = {{20, 20}, {312, 156}, 1500};
    lengths(w, 300, &usual);
    lengths(w, 120, &longer);
    ck_assert_uint_eq(told(w, &ev, text, sizeof text), 0);
    world_free(w);
    w = quiet();
    lengths(w, 1500, &usual);
    lengths(w, 60, &both);
    ck_assert_msg(told(w, &ev, text, sizeof text) == 2, "%s", text);
    (void)world_finding(w, "quality:input tokens per answer", found, sizeof found);
    ck_assert_str_eq(found, "");
    (void)world_finding(w, rule, found, sizeof found);
    ck_assert_msg(strstr(found, " (no promised rate of false alarms); its prompts are 1k -> 1.5k tokens, which may be why") != NULL, "%s",
                  found);
    ck_assert_msg(strncmp(text, "traffic changed: input tokens per answer of gpt-x rose 1", 56) == 0, "%s", text);
    world_free(w);
}
END_TEST

/* An answer of a day earlier is not what is usual at the hour: neither does it prove a drift, nor deny it. */
static size_t told_with_one_answer_before(const struct minute_of *one, const struct minute_of *before, const struct minute_of *after)
{
    struct world *w = quiet();
    struct event ev;
    char text[512];
    lengths(w, 1, one);
    w->t_ms = WORLD_T0 + (1440 - 305) * minute; /* it comes a day after that */
    lengths(w, 300, before);
    lengths(w, 40, after);
    const size_t n = told(w, &ev, text, sizeof text);
    world_free(w);
    return n;
}

START_TEST(one_answer_is_no_usual_hour)
{
    static const struct minute_of differs = {{1, 0}, {400, 0}, 1000}, agrees = {{1, 0}, {234, 0}, 1000};
    static const struct minute_of whole = {{40, 0}, {300, 0}, 1000}, whole_shorter = {{40, 0}, {234, 0}, 1000},
                                  many = {{30, 0}, {400, 0}, 1000};
    ck_assert_uint_eq(told_with_one_answer_before(&differs, &whole, &whole_shorter), 0);
    ck_assert_uint_eq(told_with_one_answer_before(&agrees, &usual, &shorter), 1);
    ck_assert_uint_eq(told_with_one_answer_before(&many, &whole, &whole_shorter), 1); /* these are */
}
END_TEST

/* Engines count other tokens than the gateway: when another source has the word its lengths are no drift of the first one's, and
 * what changes then is held against its own alone. */
START_TEST(what_others_count_begins_anew)
{
    struct errctx ctx = {.text = ""};
    struct world *w = quiet();
    struct event ev;
    char text[512];
    for (int i = 0; i < 640; i++) {
        const bool by_other = i >= 300;
        const int length = !by_other ? 300 : i < 600 ? 234 : 180;
        if (i == 600)
            ck_assert_msg(told(w, &ev, text, sizeof text) == 0, "%s", text);
        const double scatter = 1 + (double)((i * 7919 + i / 7 * 104729) % 21 - 10) / 100;
        static const char *const keys[] = {"a", "b"};
        for (int k = 0; k < 2; k++) {
            struct labels l = {.model = "gpt-x", .key = keys[k]};
            world_item(w, world_series(w, by_other, SIG_TOKENS_OUTPUT, l, NULL))->v.increment = (int64_t)(20 * scatter * length);
            l.class = "ok";
            world_item(w, world_series(w, by_other, SIG_REQUESTS, l, NULL))->v.increment = 20;
        }
        w->t_ms += w->step_ms;
        world_analyse_at(w, by_other, w->t_ms - w->step_ms, w->t_ms, false, LIVES);
        if (i == 299) {
            const uint64_t kept = UINT64_C(1) << SIG_TOKENS_OUTPUT | UINT64_C(1) << SIG_REQUESTS;
            OK(store_put_authority(w->st, &(struct store_authority){.source = w->source[0], .kept = kept}, &ctx));
            OK(store_commit(w->st, &ctx));
        }
    }
    ck_assert_uint_eq(told(w, &ev, text, sizeof text), 1);
    ck_assert_msg(strncmp(text, "output tokens per answer of gpt-x fell 234 -> 1", 47) == 0, "%s", text);
    world_free(w);
}
END_TEST

/* With so many that each is kept every other five minutes, who tells something every ten is kept all the same. */
START_TEST(of_many_models_each_is_kept)
{
    enum { MODELS = 100 };
    struct world *w = world_new(10 * minute);
    char model[32];
    world_open(w);
    for (int i = 0; i < MODELS; i++) {
        snprintf(model, sizeof model, "model-%d", i);
        (void)world_series(w, 0, SIG_TOKENS_OUTPUT, (struct labels){.model = model}, NULL);
        (void)world_series(w, 0, SIG_TOKENS_INPUT, (struct labels){.model = model}, NULL);
    }
    for (int poll = 0; poll < 5; poll++) {
        for (int i = 0; i < 20; i++) {
            snprintf(model, sizeof model, "model-%d", i);
            world_item(w, world_series(w, 0, SIG_TOKENS_OUTPUT, (struct labels){.model = model}, NULL))->v.increment = 1;
        }
        world_poll(w);
    }
    for (int i = 0; i < 20; i++) {
        snprintf(model, sizeof model, "model-%d", i);
        ck_assert_msg(world_has_state(w, rule, model), "%s", model);
    }
    world_free(w);
}
END_TEST

Suite *suite_analyse_length(void);
Suite *suite_analyse_length(void)
{
    Suite *s = suite_create("analyse_length");
    TCase *tc = tcase_create("lengths");
    tcase_add_test(tc, shorter_answers_are_found);
    tcase_add_test(tc, an_ordinary_day_is_quiet);
    tcase_add_test(tc, restarts_forget_nothing);
    tcase_add_test(tc, it_ends_by_evidence);
    tcase_add_test(tc, it_can_be_taken_for_normal);
    tcase_add_test(tc, longer_prompts_are_traffic);
    tcase_add_test(tc, one_answer_is_no_usual_hour);
    tcase_add_test(tc, of_many_models_each_is_kept);
    tcase_add_test(tc, what_others_count_begins_anew);
    suite_add_tcase(s, tc);
    return s;
}
