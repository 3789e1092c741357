/* SPDX-License-Identifier: MIT */
/* What detectors found and is not over: it is said on the first screen and pages nobody. */
#include <math.h>

#include "fixture.h"

enum { ONSET = 60 }; /* minutes after the beginning of the recording */

static int64_t minute(int i)
{
    return fixture_start_ms + i * fixture_step_ms;
}

/* Twenty scores a minute, from ONSET on two of them bad; a key that spends thrice as much from then on. */
static void record(struct fixture *f)
{
    fixture_open(f);
    uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "agents", "k1", "ok", "");
    uint32_t eval = fixture_series(f, SIG_EVAL, 0, "gpt-x", "", "", "", "json_valid"),
             other = fixture_series(f, SIG_EVAL, 0, "c-l", "", "", "", "json_valid");
    uint32_t cost[] = {fixture_series(f, SIG_COST, 0, "gpt-x", "agents", "k1", "", ""),
                       fixture_series(f, SIG_COST, 0, "gpt-x", "search", "k2", "", "")};
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        bool after = i > ONSET;
        fixture_increment(f, ok, 60);
        fixture_increment(f, cost[0], after ? 90000000 : 30000000);
        fixture_increment(f, cost[1], 60000000);
        for (int k = 0; k < 2; k++) {
            int64_t bad = k == 0 && after ? 2 : 0;
            f->items[f->count] = (struct store_item){.series = k == 0 ? eval : other};
            f->items[f->count].v.score.n = 20;
            f->items[f->count].v.score.bad = bad;
            f->items[f->count++].v.score.sum_fixed = (20 - bad) * INT64_C(1000000000);
        }
        fixture_append(f, minute(i));
    }
}

static const int64_t key_error_ms = 90000;

static void put(struct fixture *f, const char *rule, const char *scope, const char *text, enum alert_state state, int64_t since_ms,
                int64_t total)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_NONE,
                             .state = state,
                             .since_ms = since_ms,
                             .onset_ms = minute(ONSET),
                             .onset_error_ms = strncmp(rule, "key:", 4) == 0 ? key_error_ms : 0,
                             .known_ms = since_ms,
                             .window_long_ms = ONSET * fixture_step_ms,
                             .total = total,
                             .text = text};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static void find_drift(struct fixture *f)
{
    put(f, "quality:json_valid", "model=gpt-x", "json_valid of gpt-x fell 100.0 -> 90.0 %", ALERT_FIRING, minute(ONSET + 5), 1200);
}

static void find_key(struct fixture *f)
{
    put(f, "key:test", "key=k1", "key k1 (team agents): 3.0x its requests", ALERT_FIRING, minute(ONSET + 3), 60);
}

static struct view_frame frame_of(struct fixture *f)
{
    struct view_frame v;
    ck_assert_int_eq(view_load_frame(&f->loader, &f->params, &v, NULL), ERR_OK);
    return v;
}

START_TEST(the_verdict_speaks_of_it_and_does_not_page)
{
    struct fixture f;
    record(&f);
    ck_assert_int_eq(
        store_put_note(f.st, "slo", fixture_start_ms,
                       str_of("[{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.99,\"period_ms\":2592000000,\"scope\":[]}]"),
                       NULL),
        ERR_OK);
    find_drift(&f);
    struct view_frame v = frame_of(&f);
    ck_assert_int_eq(v.verdict.state, VERDICT_OK);
    ck_assert_uint_eq(v.finding_count, 1);
    ck_assert_ptr_eq(
        strstr(v.verdict.sentence, "but json_valid of gpt-x fell 100.0 -> 90.0 % when found, since 15:00:00Z (1h); the objective holds"),
        v.verdict.sentence);
    find_key(&f);
    ck_assert_ptr_nonnull(strstr(frame_of(&f).verdict.sentence, ", +1 more found; "));
    const struct alert page = {.rule = "slo:avail:page-1h",
                               .scope = "",
                               .severity = SEV_PAGE,
                               .state = ALERT_FIRING,
                               .since_ms = minute(100),
                               .onset_ms = minute(99),
                               .known_ms = minute(100),
                               .text = "burns"};
    ck_assert_int_eq(store_put_alert(f.st, &page, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    v = frame_of(&f);
    ck_assert_int_eq(v.verdict.state, VERDICT_PAGE);
    ck_assert_ptr_nonnull(
        strstr(v.verdict.sentence, "; also json_valid of gpt-x fell 100.0 -> 90.0 % when found, since 15:00:00Z (1h), +1 more found"));
    put(&f, "fallback:rate", "", "fallback rose", ALERT_FIRING, minute(ONSET + 2),
        60); /* the page's own scope: it says what became of it */
    ck_assert_uint_eq(frame_of(&f).finding_count, 3);
    ck_assert_ptr_null(strstr(frame_of(&f).verdict.sentence, "fallback rose"));
    ck_assert_ptr_nonnull(strstr(frame_of(&f).verdict.sentence, ", +1 more found"));
    fixture_close(&f);
}
END_TEST

START_TEST(what_its_newest_polls_prove_over_is_told_in_the_past)
{
    struct fixture f;
    record(&f);
    const struct alert over = {.rule = "fallback:test",
                               .scope = "model=gpt-x",
                               .severity = SEV_NONE,
                               .state = ALERT_FIRING,
                               .since_ms = minute(FIXTURE_POLLS - 5),
                               .onset_ms = minute(ONSET),
                               .onset_error_ms = 60000,
                               .ended_ms = minute(FIXTURE_POLLS - 7),
                               .ended_error_ms = 60000,
                               .known_ms = minute(FIXTURE_POLLS - 5),
                               .total = 1200,
                               .text = "fallback of gpt-x rose 0 % -> 83 %"};
    ck_assert_int_eq(store_put_alert(f.st, &over, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    const struct view_frame v = frame_of(&f);
    const char *told = "fallback of gpt-x rose 0 % -> 83 % when found, from 15:00:00Z +-1m to 15:53:00Z +-1m, back for 7m";
    ck_assert_msg(strstr(v.verdict.sentence, told) != NULL, "%s", v.verdict.sentence);
    fixture_close(&f);
}
END_TEST

START_TEST(it_is_shown_as_known_then_and_until_it_is_over)
{
    struct fixture f;
    record(&f);
    find_drift(&f);
    f.params.cursor_ms = minute(ONSET + 4);
    ck_assert_uint_eq(frame_of(&f).finding_count, 0);
    f.params.cursor_ms = minute(ONSET + 5);
    ck_assert_uint_eq(frame_of(&f).finding_count, 1);
    put(&f, "quality:json_valid", "model=gpt-x", "it", ALERT_INACTIVE, minute(110), 1200);
    f.params.cursor_ms = minute(109);
    ck_assert_uint_eq(frame_of(&f).finding_count, 1);
    f.params.cursor_ms = minute(110);
    ck_assert_uint_eq(frame_of(&f).finding_count, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(the_overview_puts_it_first_and_the_money_says_since_when)
{
    struct fixture f;
    struct view_overview o;
    struct view_cost c;
    record(&f);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_int_eq(o.quality[0].severity, SEV_NONE);
    find_drift(&f);
    find_key(&f);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_str_eq(o.quality[0].label, "json_valid gpt-x");
    ck_assert_int_eq(o.quality[0].severity, SEV_TICKET);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &c, NULL), ERR_OK);
    ck_assert_str_eq(c.parts[0].label, "key k1"); /* 90,000,000 against 30,000,000 a minute: 3.60 USD/h */
    ck_assert_int_eq(c.parts[0].since_ms, minute(ONSET));
    ck_assert_int_eq(c.parts[0].since_error_ms, key_error_ms);
    ck_assert_str_eq(o.money_line,
                     ">=$9.00/h over the last 5m; +$3.60/h vs 1h ago = key k1 +$3.60/h since 15:00Z +-2m (3.0x per request), rest +$0/h");
    for (int i = 1; i <= 5; i++) { /* by now an hour ago is in the drift, too, and something else is worse than it was then */
        for (int k = 0; k < 2; k++) {
            int64_t bad = k == 0 ? 2 : 5;
            f.items[f.count] =
                (struct store_item){.series = fixture_series(&f, SIG_EVAL, 0, k == 0 ? "gpt-x" : "c-l", "", "", "", "json_valid")};
            f.items[f.count].v.score.n = 20;
            f.items[f.count].v.score.bad = bad;
            f.items[f.count++].v.score.sum_fixed = (20 - bad) * INT64_C(1000000000);
        }
        fixture_append(&f, minute(FIXTURE_POLLS + i));
    }
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_double_eq_tol(o.quality[0].now.v, o.quality[0].then.v, 1e-9);
    ck_assert_str_eq(o.quality[0].label, "json_valid gpt-x");
    fixture_close(&f);
}
END_TEST

Suite *suite_findings(void);
Suite *suite_findings(void)
{
    Suite *s = suite_create("findings");
    TCase *tc = tcase_create("findings");
    tcase_add_test(tc, what_its_newest_polls_prove_over_is_told_in_the_past);
    tcase_add_test(tc, the_verdict_speaks_of_it_and_does_not_page);
    tcase_add_test(tc, it_is_shown_as_known_then_and_until_it_is_over);
    tcase_add_test(tc, the_overview_puts_it_first_and_the_money_says_since_when);
    suite_add_tcase(s, tc);
    return s;
}
