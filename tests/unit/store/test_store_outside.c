/* SPDX-License-Identifier: MIT */
/* Alerts of outside systems: versions come back as they were known at the cursor, from files of today and of yesterday. */
#include "support.h"

#include "store/store_internal.h"

static struct place place;
static struct store *st;
static struct errctx ctx;
static struct arena a;
static struct outside *list;
static size_t n;

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 8 << 20);
    st = open_writer(&place);
}

static void teardown(void)
{
    store_close(st);
    arena_fini(&a);
    place_fini(&place);
}

static struct outside version(const char *source, const char *fingerprint, enum outside_state state, int64_t known_ms)
{
    return (struct outside){.source = source,
                            .fingerprint = fingerprint,
                            .rule = "outside:am:N",
                            .name = "N",
                            .scope = "model=gpt-x",
                            .labels = "job=x",
                            .severity = SEV_PAGE,
                            .state = state,
                            .since_ms = known_ms,
                            .starts_ms = T0 - 5,
                            .ends_ms = 0,
                            .quiet = "why",
                            .quiet_by = "ann",
                            .quiet_until_ms = T0 + 7,
                            .acked_by = "bob",
                            .summary = "it fails",
                            .runbook = "https://r",
                            .dashboard = "https://d",
                            .known_ms = known_ms};
}

static void put(const char *source, const char *fingerprint, enum outside_state state, int64_t known_ms)
{
    const struct outside o = version(source, fingerprint, state, known_ms);
    OK(store_put_outside(st, &o, &ctx));
    OK(store_commit(st, &ctx));
}

START_TEST(every_member_comes_back)
{
    put("am", "f1", OUTSIDE_SILENCED, T0);
    OK(store_outside(st, T0, 0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    const struct outside *o = &list[0];
    ck_assert_str_eq(o->source, "am");
    ck_assert_str_eq(o->fingerprint, "f1");
    ck_assert_str_eq(o->rule, "outside:am:N");
    ck_assert_str_eq(o->name, "N");
    ck_assert_str_eq(o->scope, "model=gpt-x");
    ck_assert_str_eq(o->labels, "job=x");
    ck_assert_str_eq(o->quiet, "why");
    ck_assert_str_eq(o->quiet_by, "ann");
    ck_assert_str_eq(o->acked_by, "bob");
    ck_assert_str_eq(o->summary, "it fails");
    ck_assert_str_eq(o->runbook, "https://r");
    ck_assert_str_eq(o->dashboard, "https://d");
    ck_assert(o->severity == SEV_PAGE && o->state == OUTSIDE_SILENCED);
    ck_assert(o->since_ms == T0 && o->starts_ms == T0 - 5 && o->ends_ms == 0 && o->quiet_until_ms == T0 + 7 && o->known_ms == T0);
}
END_TEST

START_TEST(a_cursor_sees_the_version_that_was_known_then)
{
    put("am", "f1", OUTSIDE_PENDING, T0);
    put("am", "f1", OUTSIDE_FIRING, T0 + 10);
    put("am", "f1", OUTSIDE_OVER, T0 + 20);
    put("other", "f1", OUTSIDE_FIRING, T0 + 15); /* another alert: fingerprints are a source's own */
    OK(store_outside(st, T0 - 1, 0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    OK(store_outside(st, T0 + 19, 0, &a, &list, &n, &ctx));
    ck_assert(n == 2 && list[0].state == OUTSIDE_FIRING && list[0].known_ms == T0 + 10);
    ck_assert_str_eq(list[1].source, "other");
    OK(store_outside(st, T0 + 30, T0 + 19, &a, &list, &n, &ctx));
    ck_assert(n == 2 && list[0].state == OUTSIDE_OVER);
    OK(store_outside(st, T0 + 30, T0 + 20, &a, &list, &n, &ctx)); /* it was over by then */
    ck_assert(n == 1 && list[0].state == OUTSIDE_FIRING);
}
END_TEST

START_TEST(a_history_begins_with_what_was_known_before)
{
    put("am", "f1", OUTSIDE_PENDING, T0);
    put("am", "f1", OUTSIDE_FIRING, T0 + 10);
    put("am", "f1", OUTSIDE_OVER, T0 + 20);
    put("am", "f2", OUTSIDE_FIRING, T0 + 12);
    OK(store_outside_history(st, T0 + 11, T0 + 20, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 3);
    ck_assert(list[0].state == OUTSIDE_FIRING && list[1].state == OUTSIDE_OVER);
    ck_assert_str_eq(list[2].fingerprint, "f2");
    OK(store_outside_history(st, T0 + 11, T0 + 19, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 2);
}
END_TEST

START_TEST(another_state_is_the_last_version_in_that_state)
{
    const struct outside which = {.source = "am", .fingerprint = "f1"}, none = {.source = "am", .fingerprint = "f9"};
    put("am", "f1", OUTSIDE_FIRING, T0);
    OK(store_put_outside_state(st, &which, OUTSIDE_UNKNOWN, T0 + 5, &ctx));
    OK(store_put_outside_state(st, &none, OUTSIDE_UNKNOWN, T0 + 5, &ctx));
    OK(store_commit(st, &ctx));
    OK(store_outside(st, T0 + 5, 0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert(list[0].state == OUTSIDE_UNKNOWN && list[0].since_ms == T0 + 5 && list[0].ends_ms == 0);
    ck_assert_str_eq(list[0].summary, "it fails");
    OK(store_put_outside_state(st, &which, OUTSIDE_OVER, T0 + 9, &ctx));
    OK(store_commit(st, &ctx));
    OK(store_outside(st, T0 + 9, 0, &a, &list, &n, &ctx));
    ck_assert(list[0].state == OUTSIDE_OVER && list[0].ends_ms == T0 + 9 && list[0].starts_ms == T0 - 5);
    OK(store_put_outside_state(st, &which, OUTSIDE_FIRING, T0 + 9, &ctx)); /* in place of what was put for the same instant */
    OK(store_commit(st, &ctx));
    OK(store_outside_history(st, 0, T0 + 9, &a, &list, &n, &ctx));
    ck_assert(n == 3 && list[2].state == OUTSIDE_FIRING);
}
END_TEST

START_TEST(words_of_another_hand_are_not_known)
{
    sqlite3 *db;
    put("am", "f1", OUTSIDE_FIRING, T0);
    ck_assert_int_eq(sqlite3_open(place.db, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "UPDATE outside SET state = 99, severity = -7", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    OK(store_outside(st, T0, 0, &a, &list, &n, &ctx));
    ck_assert(n == 1 && list[0].state == OUTSIDE_UNKNOWN && list[0].severity == SEV_TICKET);
}
END_TEST

/* A file of format 11 has none, and takes them. */
START_TEST(version_11_is_brought_up_to_date)
{
    struct store *old = NULL;
    struct alert *alerts;
    sqlite3 *db;
    store_close(st);
    remove_dir(place.dir);
    place_init(&place);
    OK(store_new(place.db, place.db, &old));
    old->writer = true;
    ck_assert_int_eq(sqlite3_open(place.db, &old->db), SQLITE_OK);
    OK(store_schema_steps(old, 0, 11, &ctx));
    store_close(old);
    ck_assert_int_eq(sqlite3_open(place.db, &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(db,
                     "INSERT INTO alert(rule, scope, since_ms, severity, state, onset_ms, known_ms, window_long_ms, window_short_ms, bad, "
                     "total, text) VALUES('slo:a:page-1h', '', 5, 2, 1, 4, 5, 1, 1, 2, 3, 'kept')",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    st = open_writer(&place);
    OK(store_alerts(st, T0, &a, &alerts, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(alerts[0].text, "kept");
    OK(store_outside(st, T0, 0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    put("am", "f1", OUTSIDE_FIRING, T0);
    OK(store_outside(st, T0, 0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
}
END_TEST

/* What came after a version, or that it was over, is all that is asked once the five-minute tier has gone. */
START_TEST(old_versions_go_and_what_goes_on_stays)
{
    const struct store_val floor[] = {store_int(T0 + 15), store_int(-1)};
    put("am", "ended", OUTSIDE_FIRING, T0);
    put("am", "ended", OUTSIDE_OVER, T0 + 10);
    put("am", "lasts", OUTSIDE_PENDING, T0);
    put("am", "lasts", OUTSIDE_FIRING, T0 + 5);
    put("am", "later", OUTSIDE_FIRING, T0 + 10);
    put("am", "later", OUTSIDE_OVER, T0 + 20);
    OK(store_txn_begin(st, &ctx));
    OK(store_run(st, STMT_OUTSIDE_OLD, floor, 2, &ctx));
    OK(store_txn_commit(st, &ctx));
    OK(store_outside_history(st, 0, T0 + 99, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 3);
    ck_assert_str_eq(list[0].fingerprint, "lasts");
    ck_assert(list[0].state == OUTSIDE_FIRING && list[2].state == OUTSIDE_OVER && list[2].known_ms == T0 + 20);
    ck_assert(list[1].state == OUTSIDE_FIRING && list[1].known_ms == T0 + 10); /* it fired at the floor, and until it was over */
}
END_TEST

Suite *suite_store_outside(void);
Suite *suite_store_outside(void)
{
    Suite *s = suite_create("store_outside");
    TCase *t = tcase_create("outside");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, every_member_comes_back);
    tcase_add_test(t, a_cursor_sees_the_version_that_was_known_then);
    tcase_add_test(t, a_history_begins_with_what_was_known_before);
    tcase_add_test(t, another_state_is_the_last_version_in_that_state);
    tcase_add_test(t, words_of_another_hand_are_not_known);
    tcase_add_test(t, version_11_is_brought_up_to_date);
    tcase_add_test(t, old_versions_go_and_what_goes_on_stays);
    suite_add_tcase(s, t);
    return s;
}
