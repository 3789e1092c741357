/* SPDX-License-Identifier: MIT */
/* Facts go at the age that is said, each removal is in the audit chain, and a removal by another's hand is told from one by retention. */
#include "support.h"

#include "store/store_internal.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static struct place place;
static struct errctx ctx;
static struct arena a;
static struct clock_manual manual;
static struct store *st;

static void open_with(const struct store_options *opt)
{
    const struct clock clock = clock_manual(&manual);
    enum err e = store_open_writer(place.db, opt, &clock, &st, &ctx);
    ck_assert_msg(e == ERR_OK, "%s", ctx.text);
}

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 64 << 20);
    manual = (struct clock_manual){.wall_ms = T0, .mono_ms = 1};
    st = NULL;
}

static void teardown(void)
{
    store_close(st);
    arena_fini(&a);
    place_fini(&place);
}

static void sql(const char *text)
{
    sqlite3 *db = NULL;
    char *message = NULL;

    ck_assert_int_eq(sqlite3_open(place.db, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, text, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(db);
}

/* Polls until retention has looked, at the age of facts that the clock says: it looks each 32 calls. */
static void turn(void)
{
    struct series s = {.source = put_source(st, "a"), .signal = SIG_REQUESTS};
    uint32_t id;

    OK(store_series(st, &s, &id, &ctx));
    for (int i = 0; i < 34; i++) {
        const struct store_item it = {.series = id, .v.increment = 1};
        const struct store_batch b = {
            .source = s.source, .t0_ms = manual.wall_ms, .t1_ms = manual.wall_ms + 15000, .items = &it, .count = 1};
        manual.wall_ms += 15000;
        OK(store_append(st, &b, 1, &ctx));
    }
    OK(store_seal_all(st, &ctx));
    for (int i = 0; i < 32; i++)
        OK(store_seal_all(st, &ctx));
}

static void act(int64_t at_ms, const char *text)
{
    size_t n;

    manual.wall_ms = at_ms;
    OK(store_act_drop(place.db, "note", 1, text, at_ms, &ctx));
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, 1);
}

static void put_facts(int64_t at_ms)
{
    char key[32];
    const struct event e = {.at_ms = at_ms, .known_ms = at_ms, .kind = EVENT_DEPLOY, .scope = "", .text = "deployed", .source = "x"};
    struct alert al = {
        .rule = "slo:x", .scope = "", .severity = SEV_PAGE, .state = ALERT_FIRING, .since_ms = at_ms, .known_ms = at_ms, .text = ""};
    struct incident in = {.title = "errors",
                          .scope = "",
                          .severity = SEV_PAGE,
                          .state = INCIDENT_RESOLVED,
                          .onset_ms = at_ms,
                          .opened_ms = at_ms,
                          .resolved_ms = at_ms + 1000,
                          .known_ms = at_ms,
                          .owner = ""};
    int64_t id;

    snprintf(key, sizeof key, "e%lld", (long long)at_ms);
    OK(store_put_event(st, key, &e, &ctx));
    OK(store_put_alert(st, &al, &ctx));
    al.since_ms += 1000;
    al.state = ALERT_INACTIVE;
    OK(store_put_alert(st, &al, &ctx));
    OK(store_put_incident(st, &in, &id, &ctx));
    const struct timeline_entry t = {.incident = id, .at_ms = at_ms, .known_ms = at_ms, .letter = 'P', .text = "page", .source = "gwtop"};
    OK(store_put_timeline(st, key, &t, &ctx));
    OK(store_put_note(st, "slo", at_ms, str_of(key), &ctx));
    OK(store_commit(st, &ctx));
}

static size_t records(const char *beginning)
{
    struct store_act *acts;
    size_t n, count = 0;

    OK(store_acts(st, INT64_MAX, &a, &acts, &n, &ctx));
    for (size_t i = 0; i < n; i++) {
        const bool is = strcmp(acts[i].verb, STORE_ACT_RETENTION) == 0;
        ck_assert(!is || (strcmp(acts[i].author, "gwtop") == 0 && acts[i].incident == 0 && !acts[i].pending));
        count += is && strncmp(acts[i].text, beginning, strlen(beginning)) == 0;
    }
    return count;
}

static struct store_chain verify(int64_t kept_id, const char *kept)
{
    struct store_chain c;

    OK(store_acts_verify(st, kept_id, kept, &c, &ctx));
    return c;
}

START_TEST(facts_go_at_their_age_and_the_audit_says_so)
{
    const struct store_options opt = {
        .private_files = true,
        .keep_facts_ms = {[STORE_EVENTS] = 30 * DAY, [STORE_ALERTS] = 30 * DAY, [STORE_INCIDENTS] = 30 * DAY, [STORE_NOTES] = 30 * DAY}};
    struct event *events;
    struct alert *alerts;
    struct incident *incidents;
    struct timeline_entry *entries;
    struct str note;
    size_t n;

    open_with(&opt);
    for (int i = 0; i < 3; i++)
        put_facts(T0 - 60 * DAY + i * DAY);
    put_facts(T0 - DAY);
    turn();
    OK(store_events(st, 0, INT64_MAX, INT64_MAX, &a, &events, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(events[0].at_ms, T0 - DAY);
    OK(store_incidents(st, INT64_MAX, &a, &incidents, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(incidents[0].id, 4); /* its number is never given again */
    OK(store_timeline(st, 1, INT64_MAX, &a, &entries, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    OK(store_timeline(st, 4, INT64_MAX, &a, &entries, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    OK(store_alert_history(st, 0, INT64_MAX, INT64_MAX, &a, &alerts, &n, &ctx)); /* what was so a month ago, and what came since */
    ck_assert_uint_eq(n, 3);
    ck_assert_int_eq(alerts[0].since_ms, T0 - 58 * DAY + 1000);
    OK(store_note(st, "slo", T0 - 30 * DAY, &a, &note)); /* the definition in force then is still told */
    ck_assert_int_eq(store_note(st, "slo", T0 - 59 * DAY, &a, &note), ERR_NOTFOUND);
    ck_assert_uint_eq(records("events older than 30d: 3 removed, of before 2025-10-25T00:00:00Z"), 1);
    ck_assert_uint_eq(records("alerts older than 30d: 5 removed"), 1);
    ck_assert_uint_eq(records("incidents older than 30d: 3 removed"), 1);
    ck_assert_uint_eq(records("notes older than 30d: 2 removed"), 1);
    ck_assert_int_eq(verify(0, NULL).word, STORE_CHAIN_WHOLE);
    turn(); /* nothing more is old, and nothing more is said */
    ck_assert_uint_eq(records(""), 4);
}
END_TEST

START_TEST(outside_alerts_go_with_alerts)
{
    const struct store_options opt = {.private_files = true, .keep_facts_ms = {[STORE_ALERTS] = 30 * DAY}};
    struct outside o = {.source = "am",
                        .fingerprint = "f1",
                        .rule = "outside:am:N",
                        .name = "N",
                        .scope = "",
                        .labels = "",
                        .severity = SEV_PAGE,
                        .state = OUTSIDE_FIRING,
                        .known_ms = T0 - 60 * DAY,
                        .quiet = "",
                        .quiet_by = "",
                        .acked_by = "",
                        .summary = "",
                        .runbook = "",
                        .dashboard = ""};
    struct outside *list;
    size_t n;

    open_with(&opt);
    OK(store_put_outside(st, &o, &ctx));
    OK(store_put_outside_state(st, &o, OUTSIDE_OVER, T0 - 59 * DAY, &ctx));
    o.fingerprint = "f2";
    OK(store_put_outside(st, &o, &ctx)); /* goes on */
    OK(store_commit(st, &ctx));
    turn();
    OK(store_outside_history(st, 0, INT64_MAX, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(list[0].fingerprint, "f2");
    ck_assert_uint_eq(records("alerts older than 30d: 2 removed"), 1);
}
END_TEST

/* The recorder never saw its rules calm: their source was taken out of the configuration. */
START_TEST(what_people_resolved_goes_at_its_age_too)
{
    const struct store_options opt = {.private_files = true, .keep_facts_ms = {[STORE_INCIDENTS] = 30 * DAY}};
    struct incident in = {.title = "errors",
                          .scope = "",
                          .severity = SEV_PAGE,
                          .state = INCIDENT_OPEN,
                          .owner = "",
                          .opened_ms = T0 - 90 * DAY,
                          .known_ms = T0 - 90 * DAY};
    struct incident *incidents;
    size_t n;

    open_with(&opt);
    for (int i = 0; i < 6; i++)
        OK(store_put_incident(st, &in, NULL, &ctx));
    /* of 4 a rule fired after what was said */
    const struct alert again = {.rule = "slo:x",
                                .scope = "",
                                .incident = 4,
                                .severity = SEV_PAGE,
                                .state = ALERT_FIRING,
                                .since_ms = T0 - 50 * DAY,
                                .known_ms = T0 - 50 * DAY,
                                .text = ""};
    OK(store_put_alert(st, &again, &ctx));
    OK(store_commit(st, &ctx));
    static const struct {
        const char *verb;
        int64_t incident, days;
    } said[] = {{"resolve", 1, 60}, {"note", 1, 58},    {"resolve", 2, 60}, {"ack", 2, 59},
                {"resolve", 3, 29}, {"resolve", 4, 60}, {"mitigate", 5, 60}};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        manual.wall_ms = T0 - said[i].days * DAY;
        OK(store_act_drop(place.db, said[i].verb, said[i].incident, "", manual.wall_ms, &ctx));
        OK(store_act_ingest(st, &n, &ctx));
        ck_assert_uint_eq(n, 1);
    }
    manual.wall_ms = T0;
    turn();
    OK(store_incidents(st, INT64_MAX, &a, &incidents, &n, &ctx));
    ck_assert_uint_eq(n, 5);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_ne(incidents[i].id, 1);
    ck_assert_uint_eq(records("incidents older than 30d: 1 removed"), 1);
}
END_TEST

START_TEST(nothing_goes_where_no_age_is_said)
{
    const struct store_options opt = {.private_files = true};
    struct event *events;
    size_t n;

    open_with(&opt);
    put_facts(T0 - 4000 * DAY);
    turn();
    OK(store_events(st, 0, INT64_MAX, INT64_MAX, &a, &events, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(records(""), 0);
}
END_TEST

START_TEST(the_chain_goes_on_from_what_retention_cut)
{
    const struct store_options opt = {.private_files = true, .keep_facts_ms = {[STORE_ACTS] = 30 * DAY}};
    const struct store_options keep = {.private_files = true};
    struct store_act *acts;
    size_t n;

    open_with(&opt);
    for (int i = 0; i < 3; i++)
        act(T0 - 60 * DAY + i, "old");
    const struct store_chain old = verify(0, NULL);
    act(T0 - 2, "young");
    const struct store_chain young = verify(0, NULL);
    turn();
    OK(store_acts(st, INT64_MAX, &a, &acts, &n, &ctx));
    ck_assert_uint_eq(n, 2); /* the young one, and the record */
    ck_assert_str_eq(acts[0].text, "young");
    ck_assert_int_eq(acts[0].id, 4);
    ck_assert_uint_eq(records("acts older than 30d: those up to 3 removed"), 1);
    struct store_chain c = verify(0, NULL);
    ck_assert(c.word == STORE_CHAIN_WHOLE && c.cut_id == 3 && c.head_id == 5 && c.count == 2);
    ck_assert_int_eq(verify(4, young.head).word, STORE_CHAIN_WHOLE); /* a head that was kept still holds */
    ck_assert_int_eq(verify(3, old.head).word, STORE_CHAIN_WHOLE);   /* and that of the last one that went */
    ck_assert_int_eq(verify(3, young.head).word, STORE_CHAIN_ANEW);
    ck_assert_int_eq(verify(2, old.head).word, STORE_CHAIN_KEPT_GONE); /* not whole: nobody knows */
    store_close(st);
    st = NULL;
    sql("DELETE FROM act WHERE id = 4"); /* by hand */
    open_with(&keep);
    c = verify(0, NULL);
    ck_assert(c.word == STORE_CHAIN_REMOVED && c.bad_id == 5);
}
END_TEST

START_TEST(acts_stay_where_the_chain_is_not_whole_or_an_incident_is_open)
{
    const struct store_options opt = {.private_files = true, .keep_facts_ms = {[STORE_ACTS] = 30 * DAY}};
    const struct incident open = {.title = "errors",
                                  .scope = "",
                                  .severity = SEV_PAGE,
                                  .state = INCIDENT_OPEN,
                                  .opened_ms = T0 - 60 * DAY,
                                  .known_ms = T0 - 60 * DAY,
                                  .owner = ""};
    struct store_act *acts;
    int64_t id;
    size_t n;

    open_with(&opt);
    OK(store_put_incident(st, &open, &id, &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_int_eq(id, 1);
    act(T0 - 60 * DAY, "on what is open");
    turn();
    OK(store_acts(st, INT64_MAX, &a, &acts, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    store_close(st);
    st = NULL;
    sql("UPDATE incident SET resolved_ms = 1, state = 3; UPDATE act SET text = 'another'");
    open_with(&opt);
    turn();
    OK(store_acts(st, INT64_MAX, &a, &acts, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(verify(0, NULL).word, STORE_CHAIN_CHANGED); /* the evidence is still there */
}
END_TEST

START_TEST(acts_stay_where_a_younger_one_was_changed)
{
    const struct store_options keep = {.private_files = true}, opt = {.private_files = true, .keep_facts_ms = {[STORE_ACTS] = 30 * DAY}};
    struct store_act *acts;
    size_t n;

    open_with(&keep);
    act(T0 - 60 * DAY, "old");
    act(T0 - 2, "young");
    act(T0 - 1, "younger");
    store_close(st);
    st = NULL;
    sql("UPDATE act SET text = 'another' WHERE id = 2");
    open_with(&opt);
    turn();
    OK(store_acts(st, INT64_MAX, &a, &acts, &n, &ctx));
    ck_assert_uint_eq(n, 3);
    ck_assert_str_eq(acts[0].text, "old");
}
END_TEST

START_TEST(a_forged_record_of_retention_cuts_nothing_and_is_given_no_hash)
{
    const struct store_options opt = {.private_files = true};
    char text[512];

    open_with(&opt);
    for (int i = 0; i < 3; i++)
        act(T0 + i, "said");
    const struct store_chain kept = verify(0, NULL);
    for (int by_hand = 0; by_hand < 2; by_hand++) {
        snprintf(
            text, sizeof text,
            "DELETE FROM act WHERE id <= 2; INSERT OR REPLACE INTO act(id, key, author, at_ms, known_ms, verb, incident, text, origin) "
            "VALUES(4, 'retention-acts-2', '%s', 1, 1, 'retention', 0, 'acts up to 2, of which the last has the hash %s', '')",
            by_hand == 0 ? "gwtop" : "eve", kept.head);
        store_close(st);
        st = NULL;
        sql(text);
        open_with(&opt);
        ck_assert_int_eq(verify(0, NULL).cut_id, 0);
        ck_assert_int_eq(verify(1, kept.head).word, STORE_CHAIN_REMOVED);
        act(T0 + 10 + by_hand, "after it");
        ck_assert_int_eq(verify(0, NULL).cut_id, 0);
        ck_assert_int_eq(verify(1, kept.head).word, STORE_CHAIN_REMOVED);
    }
}
END_TEST

START_TEST(a_forged_record_at_the_end_of_a_whole_chain_leaves_it_open)
{
    const struct store_options opt = {.private_files = true};

    open_with(&opt);
    act(T0, "said");
    store_close(st);
    st = NULL;
    sql("INSERT INTO act(id, key, author, at_ms, known_ms, verb, incident, text, origin) VALUES(2, 'retention-acts-1', 'gwtop', 1, 1, "
        "'retention', 0, 'forged', '')");
    open_with(&opt);
    act(T0 + 1, "after it");
    const struct store_chain c = verify(0, NULL);
    ck_assert(c.word == STORE_CHAIN_OPEN && c.bad_id == 2);
}
END_TEST

/* What goes of measurements is said once a day that something goes. */
START_TEST(samples_that_go_are_in_the_audit_too)
{
    const struct store_options opt = {.private_files = true, .keep_raw_ms = 2 * DAY};
    struct series s = {.signal = SIG_REQUESTS};
    uint32_t id;

    open_with(&opt);
    s.source = put_source(st, "a");
    OK(store_series(st, &s, &id, &ctx));
    for (int64_t t = T0; t <= T0 + 4 * DAY; t += 600000) {
        const struct store_item it = {.series = id, .v.increment = 1};
        const struct store_batch b = {.source = s.source, .t0_ms = t - 600000, .t1_ms = t, .items = &it, .count = 1};
        manual.wall_ms = t;
        OK(store_append(st, &b, 1, &ctx));
        if (t % (6 * HOUR) == 0)
            OK(store_seal_all(st, &ctx));
    }
    turn();
    ck_assert_uint_eq(records("samples removed, of before 2025-11-25T00:00:00Z: they are kept for 2d"), 1);
    ck_assert_uint_eq(records("samples removed, of before 2025-11-26T00:00:00Z: they are kept for 2d"), 1);
    ck_assert_uint_eq(records(""), 2);
    ck_assert_int_eq(verify(0, NULL).word, STORE_CHAIN_WHOLE);
}
END_TEST

/* A waiting file's name is its author's choice. */
START_TEST(no_file_can_pass_for_a_record_of_retention)
{
    const struct store_options opt = {.private_files = true};
    char path[160];
    size_t n;

    open_with(&opt);
    act(T0, "one");
    snprintf(path, sizeof path, "%s/acts/retention-acts-1.act", place.dir);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "gwtop-act 1\nretention\n%lld\n0\nacts: those up to 1 removed, of which the last has the hash %064d\n", (long long)T0, 0);
    fclose(f);
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    const struct store_chain c = verify(0, NULL);
    ck_assert(c.word == STORE_CHAIN_WHOLE && c.cut_id == 0 && c.count == 2);
}
END_TEST

START_TEST(an_origin_is_in_the_chain_and_its_lack_changes_no_hash)
{
    const struct store_options opt = {.private_files = true};
    struct store_act *acts;
    size_t n;

    open_with(&opt);
    ck_assert_int_eq(unsetenv("SSH_CONNECTION"), 0);
    ck_assert_int_eq(unsetenv("SUDO_USER"), 0);
    act(T0, "from a terminal");
    ck_assert_int_eq(setenv("SSH_CONNECTION", "2001:db8::7 51122 10.0.0.1 22", 1), 0);
    act(T0 + 1, "from afar");
    ck_assert_int_eq(setenv("SSH_CONNECTION", "\033[2Jnot an address", 1), 0);
    act(T0 + 2, "from nowhere");
    ck_assert_int_eq(unsetenv("SSH_CONNECTION"), 0);
    OK(store_acts(st, INT64_MAX, &a, &acts, &n, &ctx));
    ck_assert_uint_eq(n, 3);
    ck_assert_ptr_null(strstr(acts[0].origin, "ssh"));
    ck_assert_ptr_nonnull(strstr(acts[1].origin, "ssh from 2001:db8::7"));
    ck_assert_ptr_null(strstr(acts[1].origin, "51122"));
    ck_assert_ptr_null(strchr(acts[2].origin, '\033'));
    ck_assert_int_eq(verify(0, NULL).word, STORE_CHAIN_WHOLE);
    store_close(st);
    st = NULL;
    sql("UPDATE act SET origin = 'ssh from 10.9.9.9' WHERE id = 2");
    open_with(&opt);
    struct store_chain c = verify(0, NULL);
    ck_assert(c.word == STORE_CHAIN_CHANGED && c.bad_id == 2);
}
END_TEST

Suite *suite_store_keep(void);
Suite *suite_store_keep(void)
{
    Suite *s = suite_create("store_keep");
    TCase *t = tcase_create("keep");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, facts_go_at_their_age_and_the_audit_says_so);
    tcase_add_test(t, outside_alerts_go_with_alerts);
    tcase_add_test(t, what_people_resolved_goes_at_its_age_too);
    tcase_add_test(t, nothing_goes_where_no_age_is_said);
    tcase_add_test(t, the_chain_goes_on_from_what_retention_cut);
    tcase_add_test(t, acts_stay_where_the_chain_is_not_whole_or_an_incident_is_open);
    tcase_add_test(t, acts_stay_where_a_younger_one_was_changed);
    tcase_add_test(t, a_forged_record_of_retention_cuts_nothing_and_is_given_no_hash);
    tcase_add_test(t, a_forged_record_at_the_end_of_a_whole_chain_leaves_it_open);
    tcase_add_test(t, samples_that_go_are_in_the_audit_too);
    tcase_add_test(t, no_file_can_pass_for_a_record_of_retention);
    tcase_add_test(t, an_origin_is_in_the_chain_and_its_lack_changes_no_hash);
    suite_add_tcase(s, t);
    return s;
}
