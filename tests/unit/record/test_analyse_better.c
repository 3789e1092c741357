/* SPDX-License-Identifier: MIT */
/* Which values of a graded score are good: what nobody told is not read from what gwtop itself took for bad. Scores come as evaluation
 * systems tell them. */
#include "base/rng.h"
#include "record/scores.h"
#include "unit/record/stream_world.h"

enum { EACH = 20 };

/* A minute with so many scores around a mean. */
static void with_graded(struct world *w, struct scores *s, double mean, enum score_better told, struct rng *r)
{
    static int64_t ids;
    struct errctx ctx = {.text = ""};
    struct scores_result res;
    struct arena a;
    arena_init(&a, 8 << 20);
    w->t_ms += minute;
    w->manual.wall_ms = w->t_ms;
    for (int i = 0; i < EACH; i++) {
        char id[32];
        snprintf(id, sizeof id, "s%lld", (long long)ids++);
        const struct score_told one = {.id = str_of(id),
                                       .name = str_of("toxicity"),
                                       .model = str_of("gpt-x"),
                                       .t_ms = w->t_ms - minute / 2,
                                       .kind = SCORE_NUMBER,
                                       .value = fmin(1, fmax(0, mean + 0.12 * rng_normal(r))),
                                       .better = told};
        OK(scores_add(s, &one, w->t_ms, &ctx));
    }
    OK(scores_finish(s, w->t_ms, NULL, &a, &res, &ctx));
    for (size_t i = 0; i < res.count; i++) {
        OK(analyser_step(w->an, &res.batches[i], 1, w->t_ms, false, &ctx));
        OK(store_append(w->st, &res.batches[i], 1, &ctx));
    }
    arena_fini(&a);
}

static struct scores *scores_of(struct world *w)
{
    struct errctx ctx = {.text = ""};
    const struct scores_options opt = {.source = w->source[0], .gateway = "gw", .max_series = 1000, .keep_ms = 1440 * minute};
    struct scores *s;
    OK(scores_open(w->st, &opt, &s, &ctx));
    scores_start(s, w->t_ms, w->t_ms);
    return s;
}

/* It gets worse, on both sides of the middle; nobody said which side that is. */
START_TEST(what_was_guessed_tells_no_way)
{
    struct world *w = quiet();
    struct scores *s = scores_of(w);
    struct rng r;
    struct event ev;
    char found[512], text[512];
    rng_seed(&r, 3);
    for (int i = 0; i < 420; i++)
        with_graded(w, s, i < 300 ? 0.10 : 0.35, SCORE_UNTOLD, &r);
    const struct alert al = world_finding(w, "quality:toxicity", found, sizeof found);
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(al.state == ALERT_FIRING, "%s", text);
    ck_assert_msg(strstr(found, "toxicity of gpt-x rose 1") != NULL &&
                      strstr(found, "(better or worse? scores: better is not set)") != NULL,
                  "%s", found);
    scores_close(s);
    world_free(w);
}
END_TEST

/* What its source says later holds from then on, and is not forgotten when it says nothing again. */
START_TEST(what_is_told_later_counts_without_a_restart)
{
    struct world *w = quiet();
    struct scores *s = scores_of(w);
    struct rng r;
    struct event ev;
    char found[512], text[512];
    rng_seed(&r, 4);
    for (int i = 0; i < 360; i++)
        with_graded(w, s, i < 300 ? 0.35 : 0.10, i == 290 ? SCORE_LOWER : SCORE_UNTOLD, &r);
    (void)world_finding(w, "quality:toxicity", found, sizeof found);
    ck_assert_str_eq(found, "");
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strstr(text, "toxicity of gpt-x fell 3") != NULL && strstr(text, "for the better") != NULL, "%s", text);
    scores_close(s);
    world_free(w);
}
END_TEST

Suite *suite_analyse_better(void);
Suite *suite_analyse_better(void)
{
    Suite *s = suite_create("analyse_better");
    TCase *t = tcase_create("analyse_better");
    tcase_add_test(t, what_was_guessed_tells_no_way);
    tcase_add_test(t, what_is_told_later_counts_without_a_restart);
    suite_add_tcase(s, t);
    return s;
}
