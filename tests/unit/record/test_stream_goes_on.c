/* SPDX-License-Identifier: MIT */
/* Streams over restarts, lateness and silence: what was counted counts once, and what a stream is held against is not lost. */
#include <stddef.h>

#include "base/rng.h"
#include "record/analyse_late.h"
#include "record/analyse_stream.h"
#include "unit/record/stream_world.h"

static const int64_t hour = 3600000, one = 1000000000;

/* What is kept of a stream. */
static struct edetect kept(struct world *w, const char *rule)
{
    struct arena a;
    struct str bytes;
    char name[128];
    struct edetect d;
    arena_init(&a, 1 << 20);
    snprintf(name, sizeof name, "detector:%s|model=gpt-x", rule);
    ck_assert_int_eq(store_note(w->st, name, INT64_MAX, &a, &bytes), ERR_OK);
    ck_assert_uint_gt(bytes.n, offsetof(struct stream, d) + sizeof d);
    memcpy(&d, (const char *)bytes.p + offsetof(struct stream, d), sizeof d);
    ck_assert(edetect_valid(&d));
    arena_fini(&a);
    return d;
}

static void tick(struct world *w, int64_t more_ms)
{
    struct errctx ctx = {.text = ""};
    w->t_ms += more_ms;
    w->manual.wall_ms = w->t_ms;
    OK(analyser_tick(w->an, w->t_ms, &ctx));
    OK(store_commit(w->st, &ctx));
}

/* Other traffic, for so long. */
static void others(struct world *w, int minutes)
{
    for (int i = 0; i < minutes; i++) {
        world_requests(w, 1, "gpt-x", "ok", 5);
        world_analyse_at(w, 1, w->t_ms, w->t_ms + minute, false, LIVES);
        tick(w, minute);
    }
}

/* A slot of ten seconds with scores of the past. */
struct slot {
    int64_t end_ms, n, bad;
};

enum { SLOTS_MAX = 32 };

static void hand_in(struct world *w, const struct slot *slots, size_t count)
{
    struct errctx ctx = {.text = ""};
    static struct store_item items[SLOTS_MAX];
    static struct store_batch batches[SLOTS_MAX];
    const uint32_t series = world_series(w, 0, SIG_EVAL, (struct labels){.name = "faith", .model = "gpt-x"}, NULL);
    ck_assert_uint_le(count, SLOTS_MAX);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct store_item){.series = series};
        items[i].v.score.n = slots[i].n;
        items[i].v.score.bad = slots[i].bad;
        items[i].v.score.sum_fixed = items[i].v.score.sumsq_fixed = (slots[i].n - slots[i].bad) * one;
        batches[i] = (struct store_batch){
            .source = w->source[0], .t0_ms = slots[i].end_ms - 10000, .t1_ms = slots[i].end_ms, .items = &items[i], .count = 1};
    }
    OK(analyser_step(w->an, batches, count, w->t_ms, true, &ctx));
    OK(store_append(w->st, batches, count, &ctx));
    tick(w, 0);
}

/* ---- once ---- */

/* 200 scores of one slot an hour, the last ones 2 min 20 s after a whole five minutes; `later` more of the same five minutes come after the
 * restart. */
static void hand_in_hours(struct world *w, int64_t bad_at_last)
{
    struct slot slots[20];
    w->t_ms += 24 * hour;
    for (int h = 0; h < 20; h++)
        slots[h] = (struct slot){.end_ms = w->t_ms - (20 - h) * hour + 140000, .n = 200, .bad = h == 19 ? bad_at_last : 4};
    hand_in(w, slots, 20);
}

START_TEST(a_restart_feeds_nothing_twice)
{
    for (int wait = 0; wait < 2; wait++) { /* for its minute, and its five minutes, are columns of what is read */
        struct world *w = quiet();
        struct event ev;
        char text[256];
        hand_in_hours(w, 14);
        others(w, wait == 0 ? 0 : 70);
        ck_assert_uint_eq(kept(w, "quality:faith").all.n, 4000);
        for (int i = 1; i <= 3; i++) {
            world_reopen(w);
            others(w, 6);
            hand_in(w, &(struct slot){.end_ms = w->t_ms, .n = 1}, 1);
            const struct edetect d = kept(w, "quality:faith");
            ck_assert_uint_eq(d.all.n, 4000 + (uint64_t)i);
            ck_assert_double_eq(d.all.sum, 19 * 4 + 14);
        }
        ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 0);
        world_free(w);
    }
}
END_TEST

/* Of the minute, and the five minutes, in which the newest lie that were fed, more is in the store than the state has: it died before that
 * was fed. */
START_TEST(a_restart_feeds_what_was_not_fed_of_the_newest_minutes)
{
    struct errctx ctx = {.text = ""};
    for (int wait = 0; wait < 2; wait++) {
        struct world *w = quiet();
        hand_in_hours(w, 4);
        const int64_t newest = w->t_ms - hour + 140000;
        const uint32_t series = world_series(w, 0, SIG_EVAL, (struct labels){.name = "faith", .model = "gpt-x"}, NULL);
        struct store_item item = {.series = series};
        item.v.score.n = 50;
        item.v.score.bad = 7;
        item.v.score.sum_fixed = item.v.score.sumsq_fixed = 43 * one;
        const struct store_batch b = {.source = w->source[0], .t0_ms = newest + 10000, .t1_ms = newest + 20000, .items = &item, .count = 1};
        OK(store_append(w->st, &b, 1, &ctx));
        others(w, wait == 0 ? 1 : 70);
        world_reopen(w);
        hand_in(w, &(struct slot){.end_ms = w->t_ms + 20000, .n = 1}, 1);
        tick(w, minute);
        const struct edetect d = kept(w, "quality:faith");
        ck_assert_uint_eq(d.all.n, 4051);
        ck_assert_double_eq(d.all.sum, 20 * 4 + 7);
        world_free(w);
    }
}
END_TEST

/* Three days handed in, with a drift two days ago: found all the same where the recorder is killed between the commit and the next turn of
 * the clock. */
START_TEST(what_waited_when_it_died_is_fed)
{
    enum { N = 3 * 1440 };
    static struct store_item items[N];
    static struct store_batch batches[N];
    for (int dies = 0; dies < 2; dies++) {
        struct errctx ctx = {.text = ""};
        struct world *w = quiet();
        char facts[4096], *at = facts;
        int versions = 0;
        const uint32_t series = world_series(w, 0, SIG_EVAL, (struct labels){.name = "faith", .model = "gpt-x"}, NULL);
        for (int i = 0; i < N; i++) {
            const int64_t bad = i > 1500 && i < 1700 ? i % 2 * 2 : i % 10 == 0, t1 = w->t_ms - (N - 1 - i) * minute;
            items[i] = (struct store_item){.series = series};
            items[i].v.score.n = 4;
            items[i].v.score.bad = bad;
            items[i].v.score.sum_fixed = items[i].v.score.sumsq_fixed = (4 - bad) * one;
            batches[i] = (struct store_batch){.source = w->source[0], .t0_ms = t1 - 10000, .t1_ms = t1, .items = &items[i], .count = 1};
        }
        OK(analyser_step(w->an, batches, N, w->t_ms, true, &ctx));
        OK(store_append(w->st, batches, N, &ctx));
        OK(store_commit(w->st, &ctx));
        if (dies)
            world_reopen(w);
        tick(w, minute);
        tick(w, minute);
        world_alerts(w, facts, sizeof facts);
        for (; (at = strstr(at, "quality:faith")) != NULL; at++) /* found, likely back, over */
            versions++;
        ck_assert_msg(versions == 3 && strstr(facts, "} 0 at -1") != NULL && strstr(facts, "fell 97.5 -> ") != NULL, "%s", facts);
        ck_assert_uint_eq(kept(w, "quality:faith").alarmed, 0);
        world_reopen(w); /* nothing waits any more */
        ck_assert(!analyse_late_waits(w->an));
        world_free(w);
    }
}
END_TEST

/* ---- late ---- */

/* An hour behind all the time, as a platform is that annotates what it traced; zeros of live time come at once. */
START_TEST(scores_an_hour_late_are_of_their_day)
{
    struct world *w = quiet();
    struct drift_base b;
    char found[256];
    for (int i = 0; i < 18 * 60; i++) {
        const int at = i - 60, bad = at >= 480 && at < 600 ? 10 : at % 2;
        scores(w, "json_valid", NULL, 0, 0, 1);
        world_poll(w);
        if (at >= 0) {
            scores(w, "json_valid", NULL, 60, bad, 1 - bad / 60.0);
            world_analyse_at(w, 0, w->t_ms - 61 * minute, w->t_ms - 60 * minute, true, LIVES);
        }
        tick(w, 0);
        if (at == 599) {
            const struct alert al = world_finding(w, "quality:json_valid", found, sizeof found);
            ck_assert_int_eq(al.state, ALERT_FIRING);
            ck_assert_double_eq_tol((double)al.bad / (double)al.total, 0.5 / 60, 0.0002);
        }
    }
    const struct alert al = world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_int_gt(al.total, 0);
    (void)stream_of(w, "json_valid", "model=gpt-x", &b);
    ck_assert_double_eq_tol(b.arl, 60.0 * 60 * 24 * 30 / 2, 0.01 * b.arl);
    world_free(w);
}
END_TEST

/* More than may wait for a commit are fed before it, each once. */
START_TEST(what_waits_is_bounded)
{
    enum { STEP = 20000, STEPS = 16 };
    struct errctx ctx = {.text = ""};
    struct world *w = quiet();
    const uint32_t series = world_series(w, 0, SIG_EVAL, (struct labels){.name = "faith", .model = "gpt-x"}, NULL);
    struct store_batch *batches = calloc(STEP, sizeof *batches);
    struct store_item item = {.series = series};
    item.v.score.n = 1;
    item.v.score.sum_fixed = item.v.score.sumsq_fixed = one;
    ck_assert_ptr_nonnull(batches);
    const int64_t from = w->t_ms;
    w->t_ms += STEP * STEPS * 10000LL;
    for (int k = 0; k < STEPS; k++) {
        for (int i = 0; i < STEP; i++) {
            const int64_t t0 = from + (k * STEP + i) * 10000LL;
            batches[i] = (struct store_batch){.source = w->source[0], .t0_ms = t0, .t1_ms = t0 + 10000, .items = &item, .count = 1};
        }
        OK(analyser_step(w->an, batches, STEP, w->t_ms, true, &ctx));
        ck_assert_uint_le(w->an->late_count, ANALYSE_LATE_MAX);
        ck_assert_uint_le(w->an->late_cap, 4 * ANALYSE_LATE_MAX);
    }
    ck_assert_uint_lt(w->an->late_count, STEP * STEPS);
    tick(w, 0);
    ck_assert_uint_eq(w->an->late_count, 0);
    ck_assert_uint_eq(w->an->late_cap, 0);
    ck_assert_uint_eq(kept(w, "quality:faith").all.n, STEP * STEPS);
    free(batches);
    world_free(w);
}
END_TEST

/* ---- what it is held against ---- */

static void sparse(struct world *w, int hours, int *k, int bad_of)
{
    for (int i = 0; i < hours * 6; i++) {
        const int bad = (*k)++ % bad_of == bad_of / 2;
        scores(w, "json_valid", NULL, 1, bad, 1 - bad);
        world_poll(w);
        tick(w, 0);
    }
}

/* A score in ten minutes: the day before a drift tells far less than the weeks that the detector has. */
START_TEST(a_sparse_stream_keeps_its_baseline)
{
    struct world *w = world_new(10 * minute);
    struct drift_base before, after;
    char found[256];
    int k = 0;
    world_open(w);
    sparse(w, 30 * 24, &k, 50);
    (void)stream_of(w, "json_valid", "model=gpt-x", &before);
    ck_assert_uint_gt(before.n, 1000);
    sparse(w, 12, &k, 2);
    struct alert al = world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_uint_ge((uint64_t)al.total, before.n);
    sparse(w, 48, &k, 50);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_INACTIVE);
    (void)stream_of(w, "json_valid", "model=gpt-x", &after);
    ck_assert_double_eq(after.lacks, 0);
    ck_assert_uint_ge(after.n, before.n);
    ck_assert_int_eq(after.from_ms, before.from_ms);
    ck_assert_double_eq_tol(after.mean, 0.98, 0.002);
    world_free(w);
}
END_TEST

/* Rarer than one a day: a day tells no rate, and what was counted since it began does. */
START_TEST(a_stream_rarer_than_one_a_day_has_a_rate)
{
    struct world *w = world_new(10000);
    struct drift_base b;
    world_open(w);
    for (int i = 0; i < 60; i++) {
        w->t_ms += 36 * hour;
        scores(w, "json_valid", NULL, 1, i % 2, i % 2);
        world_poll(w);
    }
    (void)stream_of(w, "json_valid", "model=gpt-x", &b);
    ck_assert_double_eq_tol(b.arl, 20.0 / 2, 0.5); /* 20 in 30 days, of which two alarms may be false */
    world_free(w);
}
END_TEST

/* ---- scores that hardly vary ---- */

static struct score_rule high = {.name = "sim", .min = NAN, .max = NAN, .better = SCORE_HIGHER, .bad = NAN};

static struct world *graded_world(void)
{
    struct world *w = world_new(minute);
    w->cfg.scores = &high;
    w->cfg.score_count = 1;
    world_open(w);
    return w;
}

static void graded(struct world *w, struct rng *rng, int polls, int n, double mean)
{
    for (int i = 0; i < polls; i++) {
        double sum = 0, sq = 0;
        for (int k = 0; k < n; k++) {
            const double x = mean + 0.02 * sqrt(3) * (2 * rng_unit(rng) - 1);
            sum += x;
            sq += x * x;
        }
        struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, (struct labels){.name = "sim", .model = "gpt-x"}, NULL));
        it->v.score.n = n;
        it->v.score.sum_fixed = (int64_t)(sum * (double)one);
        it->v.score.sumsq_fixed = (int64_t)(sq * (double)one);
        world_poll(w);
    }
}

/* 0.80 +- 0.02 fell to 0.78 for good: what whole ones would tell of a minute is off by more than that. It is over when it is back, a
 * restart in between or not. */
START_TEST(a_drift_of_scores_that_hardly_vary_lasts)
{
    for (int dies = 0; dies < 2; dies++) {
        struct world *w = graded_world();
        struct rng rng;
        char found[256];
        rng_seed(&rng, 7);
        graded(w, &rng, 600, 20, 0.80);
        graded(w, &rng, 60, 20, 0.78);
        const struct alert al = world_finding(w, "quality:sim", found, sizeof found);
        ck_assert_int_eq(al.state, ALERT_FIRING);
        if (dies)
            world_reopen(w);
        graded(w, &rng, 540, 20, 0.78);
        ck_assert_int_eq(world_finding(w, "quality:sim", found, sizeof found).since_ms, al.since_ms);
        graded(w, &rng, 120, 20, 0.80);
        ck_assert_int_eq(world_finding(w, "quality:sim", found, sizeof found).state, ALERT_INACTIVE);
        world_free(w);
    }
}
END_TEST

/* What a baseline begins with has the variance that was counted: the next change is seen as soon as the first. */
START_TEST(a_new_baseline_has_the_variance_of_its_scores)
{
    struct errctx ctx = {.text = ""};
    for (int how = 0; how < 3; how++) { /* for the better; taken for normal; over */
        struct world *w = graded_world();
        struct rng rng;
        struct drift_base b;
        struct event ev;
        char text[512];
        size_t acts;
        rng_seed(&rng, 9);
        graded(w, &rng, 600, 20, 0.80);
        graded(w, &rng, 60, 20, how == 0 ? 0.84 : 0.76);
        if (how == 1) {
            OK(store_act_drop(w->db, STORE_ACT_ACCEPT, 0, "quality:sim|model=gpt-x", w->t_ms, &ctx));
            OK(store_act_ingest(w->st, &acts, &ctx));
            graded(w, &rng, 5, 20, 0.76);
        } else if (how == 2) {
            graded(w, &rng, 120, 20, 0.80);
        }
        (void)stream_of(w, "sim", "model=gpt-x", &b);
        ck_assert_double_eq(b.lacks, 0);
        ck_assert_msg(b.var < 1.3 * (0.0004 + 0.25 / (double)b.n), "%d: %g", how, b.var);
        const int64_t onset = w->t_ms;
        const size_t before = world_events(w, EVENT_QUALITY, &ev, text, sizeof text);
        graded(w, &rng, 40, 20, how == 0 ? 0.81 : how == 1 ? 0.73 : 0.77);
        ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), before + 1);
        ck_assert_int_le(ev.known_ms, onset + 15 * minute);
        world_free(w);
    }
}
END_TEST

/* A state of another build is lost, and the finding stays: where it is is asked for by its own figures, and it ends. */
START_TEST(a_finding_outlives_the_state_that_found_it)
{
    struct errctx ctx = {.text = ""};
    struct world *w = quiet();
    char found[512];
    for (int i = 0; i < 240 + 40 + 240; i++) {
        for (int k = 0; k < 2; k++) {
            struct store_item *it =
                world_item(w, world_series(w, 0, SIG_EVAL,
                                           (struct labels){.name = "json_valid", .model = "gpt-x", .route = k == 0 ? "/a" : "/b"}, NULL));
            it->v.score.n = 30;
            it->v.score.bad = k == 0 && i >= 240 && i < 280 ? 6 : i % 3 == 0;
            it->v.score.sum_fixed = it->v.score.sumsq_fixed = (30 - it->v.score.bad) * one;
        }
        world_poll(w);
        if (i == 243) {
            ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
            OK(store_put_note(w->st, "detector:quality:json_valid|model=gpt-x", 0, str_of("other"), &ctx));
            OK(store_commit(w->st, &ctx));
            world_reopen(w);
        }
    }
    ck_assert_msg(strstr(found, "{model=gpt-x} json_valid of gpt-x fell") != NULL, "%s", found);
    const struct alert al = world_finding(w, "quality:json_valid", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_msg(strstr(found, "route /a alone: 98.8 -> 80.") != NULL, "%s", found);
    world_free(w);
}
END_TEST

/* ---- silence ---- */

/* A finding of which nothing was observed for a day is over; it is not raised again by what had been counted then. */
START_TEST(what_fell_silent_is_over_once)
{
    struct world *w = quiet();
    char facts[4096], *at = facts;
    int versions = 0;
    with_scores(w, 180, "gpt-x", 1, 2);
    with_scores(w, 30, "gpt-x", 12, 2);
    for (int i = 0; i < 3 * 24 * 6; i++) {
        for (int k = 0; k < 10; k += 5)
            scores(w, "refusal", "gpt-x", 500, 10, 0.02);
        w->t_ms += 9 * minute;
        world_poll(w);
        tick(w, 0);
        if (i == 200)
            world_reopen(w);
    }
    world_alerts(w, facts, sizeof facts);
    for (; (at = strstr(at, "quality:json_valid")) != NULL; at++)
        versions++;
    ck_assert_msg(versions == 2 && strstr(facts, "{model=gpt-x} 0 at ") != NULL, "%s", facts);
    with_scores(w, 30, "gpt-x", 12, 2); /* it is held against what it was before */
    char found[256];
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    ck_assert_msg(strstr(found, "fell 98.3 -> ") != NULL, "%s", found);
    world_free(w);
}
END_TEST

/* With every source dead no interval comes: the clock tells. Not within the first hour of a run, in which sources may tell what is new. */
START_TEST(what_fell_silent_is_over_with_every_source_dead)
{
    struct world *w = quiet();
    char found[256];
    with_scores(w, 180, "gpt-x", 1, 2);
    with_scores(w, 30, "gpt-x", 12, 2);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    tick(w, 0);
    tick(w, 24 * hour - 1);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    tick(w, hour + 1);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_INACTIVE);
    with_scores(w, 30, "gpt-x", 12, 2);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    w->t_ms += 48 * hour; /* nobody recorded */
    world_reopen(w);
    tick(w, 0);
    tick(w, hour - 1);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_FIRING);
    tick(w, 1);
    ck_assert_int_eq(world_finding(w, "quality:json_valid", found, sizeof found).state, ALERT_INACTIVE);
    world_free(w);
}
END_TEST

/* ---- how well an onset is known ---- */

/* Hourly batches: it may have begun at any time since the one before. */
START_TEST(an_onset_is_no_more_exact_than_batches)
{
    struct world *w = quiet();
    char found[256];
    struct slot slots[20];
    w->t_ms += 24 * hour;
    for (int h = 0; h < 20; h++)
        slots[h] = (struct slot){.end_ms = w->t_ms - (20 - h) * hour + 140000, .n = 200, .bad = h == 19 ? 60 : 4};
    hand_in(w, slots, 20);
    others(w, 30);
    const struct alert al = world_finding(w, "quality:faith", found, sizeof found);
    ck_assert_int_eq(al.onset_ms, slots[19].end_ms);
    ck_assert_int_ge(al.onset_error_ms, hour);
    struct arena a;
    struct str note;
    struct drift_found f;
    struct errctx ctx = {.text = ""};
    arena_init(&a, 1 << 20);
    OK(store_note(w->st, "found:quality:faith|model=gpt-x", INT64_MAX, &a, &note));
    OK(drift_found_read(note, &a, &f, &ctx));
    ck_assert_int_eq(f.onset_ms, al.onset_ms);
    ck_assert_int_eq(f.from_ms, slots[18].end_ms); /* since the batch before, and not after the one that it was seen in */
    ck_assert_int_eq(f.to_ms, slots[19].end_ms);
    char text[512];
    struct event ev;
    ck_assert_uint_ge(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strstr(text, "; onset (") != NULL && strstr(text, "+-") == NULL, "%s", text);
    arena_fini(&a);
    world_free(w);
}
END_TEST

Suite *suite_stream_goes_on(void);
Suite *suite_stream_goes_on(void)
{
    Suite *s = suite_create("stream_goes_on");
    TCase *tc = tcase_create("streams");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_restart_feeds_nothing_twice);
    tcase_add_test(tc, a_restart_feeds_what_was_not_fed_of_the_newest_minutes);
    tcase_add_test(tc, what_waited_when_it_died_is_fed);
    tcase_add_test(tc, scores_an_hour_late_are_of_their_day);
    tcase_add_test(tc, what_waits_is_bounded);
    tcase_add_test(tc, a_sparse_stream_keeps_its_baseline);
    tcase_add_test(tc, a_stream_rarer_than_one_a_day_has_a_rate);
    tcase_add_test(tc, a_drift_of_scores_that_hardly_vary_lasts);
    tcase_add_test(tc, a_new_baseline_has_the_variance_of_its_scores);
    tcase_add_test(tc, a_finding_outlives_the_state_that_found_it);
    tcase_add_test(tc, what_fell_silent_is_over_once);
    tcase_add_test(tc, what_fell_silent_is_over_with_every_source_dead);
    tcase_add_test(tc, an_onset_is_no_more_exact_than_batches);
    suite_add_tcase(s, tc);
    return s;
}
