/* SPDX-License-Identifier: MIT */
/* What a canary's runs mean: by the runs' own way into the store, with outcomes made by chance. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "record/canary_int.h"
#include "record/secret.h"
#include "support/tmpdir.h"

Suite *suite_canary_drift(void);

#define HOUR INT64_C(3600000)
enum { PROMPTS = 10 };

struct world {
    char dir[128], path[200], text[4000];
    struct clock_manual manual;
    struct clock clock;
    struct store *st;
    struct config cfg;
    struct price_table table;
    struct price_book book;
    struct http *http;
    struct secrets *secrets;
    struct canaries *c;
    struct rng rng;
    double logprob; /* of the first prompt's */
    bool by_hand;   /* without a recorder */
};

static struct errctx why;

static bool may_ask(void *ctx)
{
    (void)ctx;
    return false;
}

static void open_world(struct world *w)
{
    const struct store_options so = {.private_files = true};
    ck_assert_msg(store_open_writer(w->path, &so, &w->clock, &w->st, &why) == ERR_OK, "%s", why.text);
    const struct canaries_options o = {.cfg = &w->cfg,
                                       .book = &w->book,
                                       .st = w->st,
                                       .http = w->http,
                                       .secrets = w->secrets,
                                       .alone = w->by_hand ? &w->cfg.canaries[0].c : NULL,
                                       .may_ask = may_ask,
                                       .ctx = w};
    ck_assert_msg(canaries_open(&o, w->manual.wall_ms, &w->c, &why) == ERR_OK, "%s", why.text);
}

static void close_world(struct world *w)
{
    canaries_close(w->c);
    store_close(w->st);
}

static void reopen(struct world *w)
{
    close_world(w);
    open_world(w);
}

/* Another set of prompts where `asked` is another. */
static void configure(struct world *w, const char *name, const char *asked)
{
    size_t at;
    (void)str_format(w->text, sizeof w->text,
                     "prices: [{model: m, from: 2000-01-01, input: 1 USD/M, cached: 1 USD/M, output: 1 USD/M}]\ncanaries:\n"
                     "- {name: %s, url: \"http://127.0.0.1:1/v1\", model: m, cap: 1 USD, interval: 1h, prompts: [",
                     name);
    for (int i = 0; i < PROMPTS; i++) {
        at = strlen(w->text);
        (void)str_format(w->text + at, sizeof w->text - at, "%s{id: p%d, prompt: \"%s\", max_tokens: 1, exact: x}", i > 0 ? ", " : "", i,
                         asked);
    }
    at = strlen(w->text);
    (void)str_format(w->text + at, sizeof w->text - at, "]}\n");
    memset(&w->cfg, 0, sizeof w->cfg);
    ck_assert_msg(config_parse(str_of(w->text), "/dir/g.yaml", &w->cfg, &why) == ERR_OK, "%s", why.text);
    w->book = (struct price_book){&w->table, w->cfg.prices, w->cfg.price_count};
}

static void make_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    why.text[0] = '\0';
    w->logprob = (double)NAN;
    rng_seed(&w->rng, 5);
    ck_assert(tmpdir_make(w->dir, sizeof w->dir));
    (void)str_format(w->path, sizeof w->path, "%s/t.db", w->dir);
    w->manual.wall_ms = 20000 * 24 * HOUR;
    w->clock = clock_manual(&w->manual);
    w->secrets = secrets_new();
    ck_assert_int_eq(http_open(w->secrets, "test", &w->http, &why), ERR_OK);
    configure(w, "c", "q");
    open_world(w);
}

static void end_world(struct world *w)
{
    close_world(w);
    http_close(w->http);
    config_fini(&w->cfg);
    secrets_free(w->secrets);
    tmpdir_remove(w->dir);
}

/* n runs, an hour apart, of which each prompt passes with that chance; of the first `absent` prompts nothing comes. */
static void runs(struct world *w, int n, double pass, uint32_t absent)
{
    for (int i = 0; i < n; i++) {
        struct run *r = &w->c->runs[0];
        w->manual.wall_ms += HOUR;
        r->began_ms = w->manual.wall_ms - 1000;
        for (uint32_t k = 0; k < PROMPTS; k++)
            r->results[k] = (struct canary_result){.id = r->cfg->c.items[k].id,
                                                   .hash = canary_item_hash(&r->cfg->c.items[k]),
                                                   .outcome = k < absent                 ? CANARY_FAILED
                                                              : rng_unit(&w->rng) < pass ? CANARY_PASSED
                                                                                         : CANARY_BAD,
                                                   .logprob = k == 0 ? w->logprob : (double)NAN,
                                                   .why = ""};
        ck_assert_msg(canary_keep_run(r, w->manual.wall_ms, &why) == ERR_OK, "%s", why.text);
    }
}

/* The newest version of the finding of a rule; its scope and text, "" when there is none. */
static struct alert finding(struct world *w, const char *rule, char *text, size_t cap)
{
    struct arena a;
    struct alert *list, found = {.id = 0};
    size_t count;
    arena_init(&a, 1 << 20);
    ck_assert_int_eq(store_alerts(w->st, INT64_MAX, &a, &list, &count, &why), ERR_OK);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        ck_assert(alert_is_finding(&list[i]));
        if (strcmp(list[i].rule, rule) != 0)
            continue;
        found = list[i];
        (void)str_format(text, cap, "{%s} %s", list[i].scope, list[i].text);
    }
    arena_fini(&a);
    return found;
}

/* All versions of findings, and events of quality. */
static size_t history(struct world *w, char *out, size_t cap, int64_t *ret_event_ms)
{
    struct arena a;
    struct alert *list;
    struct event *events;
    size_t count, n, quality = 0, at = 0;
    arena_init(&a, 1 << 20);
    out[0] = '\0';
    ck_assert_int_eq(store_alert_history(w->st, 0, INT64_MAX, INT64_MAX, &a, &list, &count, &why), ERR_OK);
    for (size_t i = 0; i < count; i++, at = strlen(out))
        (void)str_format(out + at, cap - at, "%d at %lld onset %lld: %s\n", (int)list[i].state, (long long)list[i].since_ms,
                         (long long)list[i].onset_ms, list[i].text);
    ck_assert_int_eq(store_events(w->st, 0, INT64_MAX, INT64_MAX, &a, &events, &n, &why), ERR_OK);
    for (size_t i = 0; i < n; i++) {
        if (events[i].kind != EVENT_QUALITY)
            continue;
        quality++;
        *ret_event_ms = events[i].at_ms;
    }
    arena_fini(&a);
    return quality;
}

START_TEST(a_loss_is_found_with_its_onset)
{
    struct world w;
    char text[512], all[2048];
    int64_t at_ms = 0;
    make_world(&w);
    w.logprob = -0.1;
    runs(&w, CANARY_REFERENCE_RUNS + 100, 0.97, 0);
    ck_assert_uint_eq(history(&w, all, sizeof all, &at_ms), 0);
    const int64_t onset = w.manual.wall_ms;
    w.logprob = -1.5;
    runs(&w, 30, 0.7, 0);
    const struct alert al = finding(&w, "canary:c", text, sizeof text);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_uint_eq(history(&w, all, sizeof all, &at_ms), 1);
    ck_assert_int_eq(at_ms, al.onset_ms);
    ck_assert_int_le(llabs(al.onset_ms - onset), al.onset_error_ms);
    ck_assert_int_le(al.onset_error_ms, 12 * HOUR);
    ck_assert_int_eq(al.total, CANARY_REFERENCE_RUNS * PROMPTS);
    ck_assert_msg(strncmp(text, "{model=m} canary c of m passes 9", 32) == 0, "%s", text);
    ck_assert_msg(strstr(text, " -> 7") != NULL || strstr(text, " -> 6") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "; 1 of 1 expected tokens were less likely in its last run than ever in the reference") != NULL, "%s", text);
    const double mean = strtod(strstr(text, "difference ") + 11, NULL), lo = strtod(strchr(text, '(') + 1, NULL);
    const double hi = strtod(strstr(text, " to ") + 4, NULL), off = strtod(strstr(text, "within ") + 7, NULL);
    ck_assert_msg(lo < mean && mean < hi, "%s", text);
    ck_assert_double_lt(hi, -off + 0.01); /* what the interval excludes is more than the reference may be off; both are rounded */
    end_world(&w);
}
END_TEST

START_TEST(what_has_no_verdict_is_no_loss)
{
    struct world w;
    char all[2048];
    int64_t at_ms = 0;
    make_world(&w);
    runs(&w, CANARY_REFERENCE_RUNS, 0.97, 0);
    runs(&w, 100, 0.97, 7);
    runs(&w, 300, 0.97, 0); /* more than a round of pairs */
    ck_assert_msg(history(&w, all, sizeof all, &at_ms) == 0, "%s", all);
    ck_assert_str_eq(all, "");
    end_world(&w);
}
END_TEST

/* A prompt that passes with 85 % passes 20 times of 20 in one case of 26: what is known of ten together is not known of it alone. */
START_TEST(one_prompt_of_ten_is_not_known_as_ten_are)
{
    struct world w;
    char text[512];
    make_world(&w);
    runs(&w, CANARY_REFERENCE_RUNS, 1, 0);
    runs(&w, 300, 0.85, PROMPTS - 1);
    (void)finding(&w, "canary:c", text, sizeof text);
    ck_assert_str_eq(text, "");
    runs(&w, 250, 0.1, PROMPTS - 1); /* this is beyond what twenty runs can hide */
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    ck_assert_msg(strstr(text, "the reference is known to within 0.3") != NULL, "%s", text);
    end_world(&w);
    make_world(&w);
    runs(&w, CANARY_REFERENCE_RUNS, 1, 0);
    runs(&w, 100, 0.85, 1); /* one that is absent costs little */
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    ck_assert_msg(strstr(text, "the reference is known to within 0.06") != NULL, "%s", text);
    end_world(&w);
}
END_TEST

/* With bets on all pairs since the reference it would take more than 90 runs. */
START_TEST(a_long_good_past_does_not_slow_it)
{
    struct world w;
    char text[512];
    make_world(&w);
    runs(&w, 620, 0.9, 0);
    runs(&w, 25, 0.7, 0);
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    end_world(&w);
}
END_TEST

START_TEST(restarts_forget_nothing)
{
    static char out[2][2048];
    for (int i = 0; i < 2; i++) {
        struct world w;
        int64_t at_ms = 0;
        make_world(&w);
        for (int k = 0; k < 140; k++) {
            runs(&w, 1, k < 60 || k >= 100 ? 1 : 0.6, 0);
            if (i == 1)
                reopen(&w);
        }
        ck_assert_uint_eq(history(&w, out[i], sizeof out[i], &at_ms), 1);
        end_world(&w);
    }
    ck_assert_msg(strncmp(out[0], "1 at ", 5) == 0 && strstr(out[0], "\n0 at ") != NULL, "%s", out[0]);
    ck_assert_str_eq(out[0], out[1]);
}
END_TEST

START_TEST(it_ends_by_evidence)
{
    struct world w;
    char text[512];
    make_world(&w);
    runs(&w, 60, 0.97, 0);
    runs(&w, 60, 0.7, 0);
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    runs(&w, 50, 0.97, PROMPTS); /* silence proves nothing */
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    runs(&w, 60, 0.83, 0); /* half of it is no recovery */
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    runs(&w, 30, 0.97, 0);
    const struct alert al = finding(&w, "canary:c", text, sizeof text);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_int_gt(al.total, 0);
    runs(&w, 40, 0.7, 0); /* and is found again, against the same reference */
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    end_world(&w);
}
END_TEST

START_TEST(it_can_be_taken_for_normal)
{
    struct world w;
    char text[512], all[2048];
    int64_t at_ms = 0;
    size_t acts;
    make_world(&w);
    runs(&w, 60, 1, 0);
    runs(&w, 40, 0.7, 0);
    ck_assert_int_eq(store_act_drop(w.path, STORE_ACT_ACCEPT, 0, "canary:c|model=m", w.manual.wall_ms - 90 * HOUR, &why), ERR_OK);
    ck_assert_int_eq(store_act_ingest(w.st, &acts, &why), ERR_OK);
    canaries_hear(w.c, w.manual.wall_ms); /* of before it was found */
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    ck_assert_int_eq(store_act_drop(w.path, STORE_ACT_ACCEPT, 0, "canary:c|model=m", w.manual.wall_ms, &why), ERR_OK);
    ck_assert_int_eq(store_act_ingest(w.st, &acts, &why), ERR_OK);
    canaries_hear(w.c, w.manual.wall_ms);
    const struct alert al = finding(&w, "canary:c", text, sizeof text);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_int_eq(al.total, 0);
    ck_assert_ptr_nonnull(strstr(text, "; taken for normal by "));
    runs(&w, 100, 0.7, 0); /* the reference is of these */
    reopen(&w);
    runs(&w, 20, 0.7, 0);
    ck_assert_uint_eq(history(&w, all, sizeof all, &at_ms), 1);
    runs(&w, 60, 0.3, 0);
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    /* Taken for normal while no recorder listened. */
    ck_assert_int_eq(store_act_drop(w.path, STORE_ACT_ACCEPT, 0, "canary:c|model=m", w.manual.wall_ms, &why), ERR_OK);
    ck_assert_int_eq(store_act_ingest(w.st, &acts, &why), ERR_OK);
    reopen(&w);
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_INACTIVE);
    end_world(&w);
}
END_TEST

START_TEST(other_prompts_are_another_reference)
{
    struct world w;
    char text[512];
    make_world(&w);
    runs(&w, 60, 1, 0);
    runs(&w, 40, 0.7, 0);
    close_world(&w);
    config_fini(&w.cfg);
    configure(&w, "c", "another");
    open_world(&w);
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_INACTIVE);
    ck_assert_ptr_nonnull(strstr(text, "; its prompts are others now"));
    runs(&w, 60, 0.7, 0);
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_INACTIVE);
    runs(&w, 60, 0.2, 0);
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_FIRING);
    close_world(&w);
    config_fini(&w.cfg);
    configure(&w, "d", "another");
    open_world(&w);
    ck_assert_int_eq(finding(&w, "canary:c", text, sizeof text).state, ALERT_INACTIVE);
    ck_assert_ptr_nonnull(strstr(text, "; it is not configured any more"));
    end_world(&w);
}
END_TEST

START_TEST(by_hand_nothing_is_judged)
{
    struct world w;
    char text[512];
    make_world(&w);
    runs(&w, 60, 1, 0);
    w.by_hand = true;
    reopen(&w);
    runs(&w, 60, 0.2, 0);
    (void)finding(&w, "canary:c", text, sizeof text);
    ck_assert_str_eq(text, "");
    end_world(&w);
}
END_TEST

Suite *suite_canary_drift(void)
{
    Suite *s = suite_create("canary_drift");
    TCase *t = tcase_create("canary_drift");
    tcase_add_test(t, a_loss_is_found_with_its_onset);
    tcase_add_test(t, what_has_no_verdict_is_no_loss);
    tcase_add_test(t, one_prompt_of_ten_is_not_known_as_ten_are);
    tcase_add_test(t, a_long_good_past_does_not_slow_it);
    tcase_add_test(t, restarts_forget_nothing);
    tcase_add_test(t, it_ends_by_evidence);
    tcase_add_test(t, it_can_be_taken_for_normal);
    tcase_add_test(t, other_prompts_are_another_reference);
    tcase_add_test(t, by_hand_nothing_is_judged);
    suite_add_tcase(s, t);
    return s;
}
