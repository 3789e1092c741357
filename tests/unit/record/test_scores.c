/* SPDX-License-Identifier: MIT */
/* Each score counts once, at its own time: told again, revised, out of order, across restarts and commits that fail. What is expected is
 * kept in a plain list beside it. */
#include "record/scores.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/rng.h"
#include "support/tmpdir.h"

#define NOW INT64_C(1800000000000)
#define SLOT ((int64_t)STORE_SCORE_SLOT_MS)
#define HOUR INT64_C(3600000)

static char dir[128], path[200];
static struct clock_manual manual;
static struct clock clk;
static struct store *st;
static struct scores *s;
static struct scores_options opt;
static struct scores_result res;
static struct arena arena;
static struct errctx ctx;

#define OK(call) ck_assert_msg((call) == ERR_OK, "%s: %s", #call, ctx.text)

static void start(void)
{
    const struct store_options so = {.private_files = true};
    const struct source_status source = {
        .name = "lf", .kind = "langfuse", .url = "", .gateway = "gw", .profile = "", .reason = "", .warning = "", .interval_ms = 60000};
    OK(store_open_writer(path, &so, &clk, &st, &ctx));
    OK(store_put_source(st, &source, &opt.source, &ctx));
    OK(scores_open(st, &opt, &s, &ctx));
}

/* kill -9: nothing is said on the way out. */
static void stop(void)
{
    scores_close(s);
    store_close(st);
}

static void setup(void)
{
    ck_assert(tmpdir_make(dir, sizeof dir));
    snprintf(path, sizeof path, "%s/t.db", dir);
    manual.wall_ms = NOW;
    clk = clock_manual(&manual);
    opt = (struct scores_options){.gateway = "gw", .max_series = 1000, .keep_ms = 25 * HOUR};
    arena_init(&arena, 64 << 20);
    start();
    scores_start(s, NOW - 24 * HOUR, NOW - 24 * HOUR);
}

static void teardown(void)
{
    stop();
    arena_fini(&arena);
    ck_assert(tmpdir_remove(dir));
}

static void tell(const char *id, const char *name, int64_t t_ms, double value)
{
    const struct score_told one = {.id = str_of(id), .name = str_of(name), .t_ms = t_ms, .value = value, .better = SCORE_UNTOLD};
    OK(scores_add(s, &one, NOW, &ctx));
}

/* Accounts, and commits. */
static void finish(int64_t read_to_ms)
{
    arena_reset(&arena);
    OK(scores_finish(s, read_to_ms, NULL, &arena, &res, &ctx));
    OK(store_append(st, res.batches, res.count, &ctx));
}

static struct store_cell sum(int64_t t0_ms, int64_t t1_ms)
{
    const struct store_query q = {.signal = SIG_EVAL, .t0_ms = t0_ms, .step_ms = t1_ms - t0_ms, .columns = 1};
    struct store_result r;
    struct store_cell none = {.n = 0};
    struct arena a;
    arena_init(&a, 64 << 20);
    OK(store_read(st, &q, 1, &a, &r, &ctx));
    none = r.count > 0 ? r.groups[0].cells[0] : none;
    arena_fini(&a);
    return none;
}

static void check_all(int64_t n, double total, int64_t bad)
{
    const struct store_cell c = sum(NOW - 30 * HOUR, NOW + HOUR);
    ck_assert_int_eq(c.score_n, n);
    ck_assert_int_eq(c.sum, (int64_t)(total * 1e9 + 0.5));
    ck_assert_int_eq(c.score_bad, bad);
}

START_TEST(told_again_it_counts_once)
{
    for (int i = 0; i < 3; i++) {
        tell("a", "n", NOW - 50 * SLOT + 1, 0.25);
        tell("b", "n", NOW - 40 * SLOT, 1);
        tell("a", "n", NOW - 50 * SLOT + 1, 0.25); /* and twice on one page */
        finish(NOW - 30 * SLOT);
        check_all(2, 1.25, 1);
    }
    ck_assert_uint_eq(res.count + res.added + res.revised, 0);
    const struct store_cell at = sum(NOW - 50 * SLOT, NOW - 49 * SLOT);
    ck_assert_int_eq(at.score_n, 1);
    ck_assert_int_eq(at.score_sumsq, 62500000);
}
END_TEST

START_TEST(a_restart_forgets_nothing)
{
    tell("a", "n", NOW - 50 * SLOT, 0.25);
    finish(NOW - 30 * SLOT);
    stop();
    start();
    int64_t mark_ms, floor_ms;
    scores_span(s, &mark_ms, &floor_ms);
    ck_assert_int_eq(mark_ms, NOW - 30 * SLOT);
    tell("a", "n", NOW - 50 * SLOT, 0.25);
    tell("b", "n", NOW - 20 * SLOT, 1);
    finish(NOW - 10 * SLOT);
    check_all(2, 1.25, 1);
}
END_TEST

START_TEST(a_revision_takes_back_what_was_counted)
{
    tell("a", "n", NOW - 50 * SLOT, 0.25);
    tell("b", "n", NOW - 50 * SLOT, 0.75);
    finish(NOW - 30 * SLOT);
    tell("a", "n", NOW - 50 * SLOT, 1); /* another value, */
    finish(0);
    ck_assert_uint_eq(res.revised, 1);
    check_all(2, 1.75, 0);
    tell("a", "n", NOW - 45 * SLOT, 1);    /* another time, */
    tell("b", "m", NOW - 50 * SLOT, 0.75); /* another name */
    finish(0);
    check_all(2, 1.75, 0);
    ck_assert_int_eq(sum(NOW - 50 * SLOT, NOW - 49 * SLOT).score_n, 1);
    ck_assert_int_eq(sum(NOW - 45 * SLOT, NOW - 44 * SLOT).sum, 1000000000);
    ck_assert_int_eq(res.changed_t0_ms, NOW - 50 * SLOT);
    ck_assert_int_eq(res.changed_t1_ms, NOW - 44 * SLOT);
    stop(); /* and a later run takes back what the last revision counted */
    start();
    tell("a", "n", NOW - 45 * SLOT, 0);
    finish(0);
    check_all(2, 0.75, 1);
}
END_TEST

START_TEST(out_of_order_and_late_they_count_at_their_own_time)
{
    tell("c", "n", NOW - 31 * SLOT, 1);
    tell("a", "n", NOW - 50 * SLOT, 1);
    tell("b", "n", NOW - 40 * SLOT, 1);
    finish(NOW - 30 * SLOT);
    for (size_t i = 1; i < res.count; i++)
        ck_assert_int_gt(res.batches[i].t1_ms, res.batches[i - 1].t1_ms);
    tell("late", "n", NOW - 45 * SLOT, 1);
    finish(NOW - 20 * SLOT);
    ck_assert_int_eq(res.changed_t1_ms, NOW - 44 * SLOT);
    ck_assert_int_eq(sum(NOW - 45 * SLOT, NOW - 44 * SLOT).score_n, 1);
    check_all(4, 4, 0);
}
END_TEST

/* Time in which nothing was scored is known to have no score: it is observed, and that is not a gap. */
START_TEST(quiet_time_is_observed)
{
    tell("a", "n", NOW - 100 * SLOT, 1);
    finish(NOW - 50 * SLOT);
    finish(NOW - 10 * SLOT);
    const struct store_cell c = sum(NOW - 99 * SLOT, NOW - 10 * SLOT);
    ck_assert_int_eq(c.score_n, 0);
    ck_assert_int_gt(c.n, 0);
    ck_assert_int_eq(c.covered_ms, 89 * SLOT);
    ck_assert_uint_eq(sum(NOW - 10 * SLOT, NOW).n, 0);
}
END_TEST

static void check_warning(const char *part)
{
    const struct scores_status status = scores_status(s, NOW);
    ck_assert_uint_gt(status.warnings, 0);
    ck_assert_msg(strstr(status.warning, part) != NULL, "%s", status.warning);
    finish(0);
    check_all(0, 0, 0);
}

START_TEST(outside_its_range_it_is_left_out_and_named)
{
    tell("a", "stars", NOW - 50 * SLOT, 4);
    check_warning("stars lies outside its range");
}
END_TEST

START_TEST(what_is_no_number_is_left_out_and_named)
{
    tell("a", "n", NOW - 50 * SLOT, (double)NAN);
    check_warning("n is not a number");
}
END_TEST

START_TEST(a_score_of_the_future_is_left_out_and_named)
{
    tell("a", "n", NOW + HOUR, 1);
    check_warning("n lies in the future");
}
END_TEST

START_TEST(what_is_older_than_what_is_remembered_is_left_out_and_named)
{
    tell("a", "n", NOW - 26 * HOUR, 1);
    check_warning("n is older than what is remembered");
}
END_TEST

START_TEST(a_warning_goes_when_what_it_is_about_was_not_seen_for_an_hour)
{
    tell("a", "n", NOW + HOUR, 1);
    ck_assert_uint_eq(scores_status(s, NOW + HOUR - 1).warnings, 1);
    ck_assert_str_eq(scores_status(s, NOW + HOUR).warning, "");
}
END_TEST

START_TEST(rules_say_what_range_and_what_is_bad)
{
    static const struct score_rule rules[] = {
        {.name = "stars", .min = 1, .max = 5, .better = SCORE_UNTOLD, .bad = 3},
        {.name = "leak", .max = 1, .better = SCORE_LOWER, .bad = (double)NAN},
        {.name = "tone", .max = 1, .better = SCORE_UNTOLD, .bad = (double)NAN, .bad_labels = "rude, hostile"},
    };
    struct score_count c;
    const char *why;
    struct score_told one = {.kind = SCORE_NUMBER, .value = 2, .better = SCORE_UNTOLD};
    ck_assert(score_counts(&one, &rules[0], &c, &why) && c.bad && c.value_fixed == 250000000);
    one.value = 3;
    ck_assert(score_counts(&one, &rules[0], &c, &why) && !c.bad);
    one.value = 5.01;
    ck_assert(!score_counts(&one, &rules[0], &c, &why));
    one = (struct score_told){.kind = SCORE_BOOL, .value = 1, .better = SCORE_UNTOLD};
    ck_assert(score_counts(&one, &rules[1], &c, &why) && c.bad && c.value_fixed == 1000000000);
    ck_assert(score_counts(&one, NULL, &c, &why) && !c.bad);
    one.better = SCORE_LOWER; /* as the evaluation system tells */
    ck_assert(score_counts(&one, NULL, &c, &why) && c.bad);
    one = (struct score_told){.kind = SCORE_LABEL, .label = str_of("hostile"), .better = SCORE_UNTOLD};
    ck_assert(score_counts(&one, &rules[2], &c, &why) && c.bad && c.value_fixed == 0);
    one.label = str_of("host");
    ck_assert(score_counts(&one, &rules[2], &c, &why) && !c.bad && c.value_fixed == 1000000000);
    ck_assert(!score_counts(&one, NULL, &c, &why) && strstr(why, "(bad_labels)") != NULL); /* none is good because nobody called it bad */
    ck_assert(!score_counts(&one, &rules[0], &c, &why));
}
END_TEST

/* A commit that fails takes nothing with it: what was accounted for is read from the store again, and told again it counts. */
START_TEST(what_the_store_did_not_take_is_not_counted)
{
    tell("a", "n", NOW - 50 * SLOT, 1);
    finish(NOW - 30 * SLOT);
    tell("b", "n", NOW - 25 * SLOT, 1);
    OK(scores_finish(s, NOW - 20 * SLOT, NULL, &arena, &res, &ctx));
    const struct store_batch wrong = {.source = 99, .t0_ms = 1, .t1_ms = 2};
    ck_assert_int_ne(store_append(st, &wrong, 1, &ctx), ERR_OK);
    OK(scores_reload(s, &ctx));
    int64_t mark_ms, floor_ms;
    scores_span(s, &mark_ms, &floor_ms);
    ck_assert_int_eq(mark_ms, NOW - 30 * SLOT);
    OK(store_commit(st, &ctx)); /* nor does it slip into the next one */
    tell("a", "n", NOW - 50 * SLOT, 1);
    tell("b", "n", NOW - 25 * SLOT, 1);
    finish(NOW - 20 * SLOT);
    check_all(2, 2, 0);
    stop();
    start();
    tell("b", "n", NOW - 25 * SLOT, 1);
    finish(NOW - 10 * SLOT);
    check_all(2, 2, 0);
}
END_TEST

START_TEST(memory_has_an_end_and_what_is_forgotten_is_not_counted_twice)
{
    char id[32];
    int64_t mark_ms, floor_ms;
    stop();
    opt.ids_max = 1000;
    start();
    scores_start(s, NOW - 24 * HOUR, NOW - 24 * HOUR);
    for (int i = 0; i < 3000; i++) {
        snprintf(id, sizeof id, "i%d", i);
        tell(id, "n", NOW - 24 * HOUR + i * SLOT, 1);
        if (i % 500 == 499)
            finish(NOW - 24 * HOUR + (i + 1) * SLOT);
    }
    ck_assert_uint_le(scores_status(s, NOW).ids, 1000);
    scores_span(s, &mark_ms, &floor_ms);
    ck_assert_int_gt(floor_ms, NOW - 24 * HOUR + 1900 * SLOT);
    check_all(3000, 3000, 0);
    for (int run = 0; run < 2; run++) {
        for (int i = 0; i < 3000; i++) {
            snprintf(id, sizeof id, "i%d", i);
            tell(id, "n", NOW - 24 * HOUR + i * SLOT, 1);
        }
        finish(0);
        check_all(3000, 3000, 0);
        ck_assert_uint_gt(scores_status(s, NOW).warnings, 0);
        stop();
        start();
    }
}
END_TEST

/* Ever new values of the same scores: the log is written anew before it outgrows what it speaks of. */
START_TEST(the_log_does_not_grow_with_revisions)
{
    char id[32];
    struct stat sb;
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 1000; i++) {
            snprintf(id, sizeof id, "i%d", i);
            tell(id, "n", NOW - 100 * SLOT, round % 2);
        }
        finish(round == 0 ? NOW - 50 * SLOT : 0);
        check_all(1000, 1000.0 * (round % 2), 1000 * (1 - round % 2));
    }
    OK(store_seal_all(st, &ctx));
    stop();
    ck_assert_int_eq(stat(path, &sb), 0);
    ck_assert_int_lt(sb.st_size, 2 << 20);
    start();
    ck_assert_uint_eq(scores_status(s, NOW).ids, 1000);
    tell("i7", "n", NOW - 100 * SLOT, 1);
    finish(0);
    check_all(1000, 1000, 0);
}
END_TEST

/* Scores told, told again, revised and moved at random, with commits that fail and restarts in between: the sums are those of the last word
 * about each. */
START_TEST(the_sums_are_those_of_the_last_word)
{
    enum { IDS = 300 };
    static int64_t at[IDS];
    static int value[IDS]; /* in quarters, -1 = not told */
    struct rng rng;
    rng_seed(&rng, 7);
    for (int i = 0; i < IDS; i++)
        value[i] = -1;
    int64_t mark = NOW - 24 * HOUR;
    for (int round = 0; round < 200; round++) {
        char id[32];
        for (int k = 0; k < 20; k++) {
            int i = (int)(rng_u64(&rng) % IDS);
            if (value[i] < 0 || rng_u64(&rng) % 3 == 0) {
                at[i] = NOW - 20 * HOUR + (int64_t)(rng_u64(&rng) % 1000) * 60000;
                value[i] = (int)(rng_u64(&rng) % 5);
            }
            snprintf(id, sizeof id, "i%d", i);
            tell(id, i % 2 ? "n" : "m", at[i], value[i] / 4.0);
            if (rng_u64(&rng) % 4 == 0)
                tell(id, i % 2 ? "n" : "m", at[i], value[i] / 4.0);
        }
        mark += rng_u64(&rng) % 2 ? 6 * SLOT : 0;
        if (rng_u64(&rng) % 8 == 0) { /* lost: what is told again counts then */
            OK(scores_finish(s, mark, NULL, &arena, &res, &ctx));
            store_scores_clear(st);
            OK(scores_reload(s, &ctx));
            for (int i = 0; i < IDS; i++) {
                snprintf(id, sizeof id, "i%d", i);
                if (value[i] >= 0)
                    tell(id, i % 2 ? "n" : "m", at[i], value[i] / 4.0);
            }
        }
        finish(mark);
        if (rng_u64(&rng) % 10 == 0) {
            stop();
            start();
        }
        int64_t n = 0, quarters = 0, bad = 0;
        for (int i = 0; i < IDS; i++) {
            n += value[i] >= 0;
            quarters += value[i] >= 0 ? value[i] : 0;
            bad += value[i] == 0 || value[i] == 1;
        }
        check_all(n, (double)quarters / 4, bad);
        const int64_t half = NOW - 10 * HOUR;
        ck_assert_int_eq(sum(NOW - 30 * HOUR, half).score_n + sum(half, NOW + HOUR).score_n, n);
    }
}
END_TEST

Suite *suite_scores(void);
Suite *suite_scores(void)
{
    Suite *suite = suite_create("scores");
    TCase *t = tcase_create("scores");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, told_again_it_counts_once);
    tcase_add_test(t, a_restart_forgets_nothing);
    tcase_add_test(t, a_revision_takes_back_what_was_counted);
    tcase_add_test(t, out_of_order_and_late_they_count_at_their_own_time);
    tcase_add_test(t, quiet_time_is_observed);
    tcase_add_test(t, outside_its_range_it_is_left_out_and_named);
    tcase_add_test(t, what_is_no_number_is_left_out_and_named);
    tcase_add_test(t, a_score_of_the_future_is_left_out_and_named);
    tcase_add_test(t, what_is_older_than_what_is_remembered_is_left_out_and_named);
    tcase_add_test(t, a_warning_goes_when_what_it_is_about_was_not_seen_for_an_hour);
    tcase_add_test(t, rules_say_what_range_and_what_is_bad);
    tcase_add_test(t, what_the_store_did_not_take_is_not_counted);
    tcase_add_test(t, memory_has_an_end_and_what_is_forgotten_is_not_counted_twice);
    tcase_add_test(t, the_log_does_not_grow_with_revisions);
    tcase_add_test(t, the_sums_are_those_of_the_last_word);
    suite_add_tcase(suite, t);
    return suite;
}
