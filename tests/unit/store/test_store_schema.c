/* SPDX-License-Identifier: MIT */
/* Older files are brought up to date with nothing lost, and the audit chain shows every edit. */
#include "support.h"

#include "store/store_internal.h"
#include "store/store_sha256.h"

static struct place place;
static struct errctx ctx;
static struct arena a;

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 1 << 20);
}

static void teardown(void)
{
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

/* An empty file as that version made it. */
static void make_version(int version)
{
    struct store *st = NULL;

    OK(store_new(place.db, place.db, &st));
    st->writer = true;
    ck_assert_int_eq(sqlite3_open(place.db, &st->db), SQLITE_OK);
    OK(store_schema_steps(st, 0, version, &ctx));
    store_close(st);
}

START_TEST(version_1_is_brought_up_to_date)
{
    struct store *st = NULL;
    struct event *events;
    struct store_act *acts;
    struct incident *incidents;
    struct store_chain chain;
    size_t n;

    make_version(1);
    sql("INSERT INTO act(key, author, at_ms, known_ms, verb, incident, text) VALUES('k1', 'ann', 1000, 1001, 'note', 7, 'kept')");
    sql("INSERT INTO event(key, at_ms, known_ms, kind, scope, text, source) VALUES('e', 5, 5, 0, '', 'old', 'x')");
    sql("INSERT INTO incident(incident, title, scope, severity, state, onset_ms, opened_ms, resolved_ms, known_ms, owner, next_step) "
        "VALUES(3, 'errors', '', 2, 3, 5, 6, 7, 8, '', '')");
    ck_assert_int_eq(store_open_reader(place.db, &st, &ctx), ERR_VERSION); /* only the recorder migrates */
    ck_assert_ptr_nonnull(strstr(ctx.text, "start the recorder"));
    st = open_writer(&place);
    OK(store_events(st, 0, 10, INT64_MAX, &a, &events, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(events[0].text, "old");
    OK(store_incidents(st, INT64_MAX, &a, &incidents, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(incidents[0].resolved_ms, 7);
    ck_assert_int_eq(incidents[0].ended_ms, 0); /* not known, so the end of its harm is that of the incident */
    ck_assert_int_eq(incident_end_ms(&incidents[0]), 7);
    OK(store_act_drop(place.db, "ack", 7, "", T0 - 1, &ctx));
    OK(store_act_ingest(st, &n, &ctx));
    OK(store_acts(st, T0, &a, &acts, &n, &ctx));
    ck_assert_uint_eq(n, 2);
    OK(store_acts_verify(st, 0, NULL, &chain, &ctx));
    ck_assert_int_eq(chain.word, STORE_CHAIN_WHOLE);
    ck_assert_int_eq(chain.head_id, 2);
    store_close(st);
    st = open_reader(&place);
    store_close(st);
}
END_TEST

/* In gateway g source 1 had the word for signals 9 and 63, source 2 for 11, nobody for 10; 71 is the name that g had before. */
START_TEST(version_2_named_one_source_per_signal_and_gateway)
{
    struct store_authority *list;
    size_t n;

    make_version(2);
    sql("INSERT INTO source(id, name, kind, url, gateway, profile, interval_ms) VALUES(1, 'a', 'metrics', '', 'g', 'litellm', 15000), "
        "(2, 'b', 'metrics', '', 'g', 'vllm', 15000), (3, 'c', 'metrics', '', 'h', 'vllm', 15000), (4, 'd', 'metrics', '', 'g', 'vllm', "
        "15000)");
    sql("INSERT INTO authority(signal, gateway, source) VALUES(9, 70, 1), (63, 70, 1), (9, 71, 1), (10, 70, 0), (11, 70, 2)");
    struct store *st = open_writer(&place);
    OK(store_authorities(st, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 3);
    const uint64_t had = UINT64_C(1) << 9 | UINT64_C(1) << 63, other = UINT64_C(1) << 11;
    ck_assert(list[0].source == 1 && list[0].kept == other);
    ck_assert(list[1].source == 2 && list[1].kept == had);
    ck_assert(list[2].source == 4 && list[2].kept == (had | other));
    ck_assert(list[0].unresolved == 0 && list[1].unresolved == 0 && list[2].unresolved == 0);
    store_close(st);
}
END_TEST

/* An alert and an incident whose onset is told without how exactly, and a gap of each kind: one whose counts came with the poll after it,
 * and one whose counts are lost. */
START_TEST(version_5_told_no_error_of_an_onset_and_no_time_at_which_a_gap_was_made_good)
{
    struct alert *alerts;
    struct incident *incidents;
    struct store_gap *gaps;
    struct store_late *late;
    size_t n;

    make_version(5);
    sql("INSERT INTO source(id, name, kind, url, gateway, profile, interval_ms) VALUES(1, 'a', 'metrics', '', 'g', 'litellm', 15000)");
    sql("INSERT INTO alert(rule, scope, since_ms, severity, state, onset_ms, known_ms, burn_long, burn_short, window_long_ms, "
        "window_short_ms, "
        "bad, total, text) VALUES('slo:avail:page-1h', 'model=m', 2000, 2, 2, 1500, 2001, 21.5, NULL, 3600000, 300000, 7, 9, 'why')");
    sql("INSERT INTO incident(incident, title, scope, severity, state, onset_ms, opened_ms, resolved_ms, known_ms, owner, next_step, "
        "ended_ms, "
        "ended_error_ms) VALUES(3, 'm errors', 'model=m', 2, 3, 1500, 2000, 4000, 4001, 'ann', 'look', 3500, 30)");
    sql("INSERT INTO gap(source, t0, t1, reason, lost) VALUES(1, 5000, 6000, 'HTTP 503', 0), (1, 7000, 9000, 'the recorder was not "
        "running', "
        "1)");
    for (int opened = 0; opened < 2; opened++) { /* and once it is of today */
        struct store *st = open_writer(&place);
        OK(store_alerts(st, INT64_MAX, &a, &alerts, &n, &ctx));
        ck_assert_uint_eq(n, 1);
        ck_assert(alerts[0].onset_ms == 1500 && alerts[0].onset_error_ms == 0 && alerts[0].since_ms == 2000 && alerts[0].known_ms == 2001);
        ck_assert(alerts[0].ended_ms == 0 && alerts[0].ended_error_ms == 0);
        ck_assert(alerts[0].state == 2 && alerts[0].severity == 2 && alerts[0].bad == 7 && alerts[0].total == 9);
        ck_assert_double_eq(alerts[0].burn_long, 21.5);
        ck_assert_str_eq(alerts[0].text, "why");
        OK(store_incidents(st, INT64_MAX, &a, &incidents, &n, &ctx));
        ck_assert_uint_eq(n, 1);
        ck_assert(incidents[0].onset_ms == 1500 && incidents[0].onset_error_ms == 0 && incidents[0].id == 3);
        ck_assert(incidents[0].ended_ms == 3500 && incidents[0].ended_error_ms == 30 && incidents[0].resolved_ms == 4000);
        ck_assert_str_eq(incidents[0].owner, "ann");
        OK(store_gaps(st, 0, 10000, &a, &gaps, &n, &ctx));
        ck_assert_uint_eq(n, 2);
        ck_assert(!gaps[0].lost && gaps[1].lost && gaps[0].signals == 0 && gaps[1].signals == 0);
        ck_assert(gaps[1].t0_ms == 7000 && gaps[1].t1_ms == 9000 && store_gap_is_of(&gaps[1], SIG_COST));
        OK(store_late(st, 5999, &a, &late, &n,
                      &ctx)); /* in the first nobody knew what its end told; of the other nothing came to be known */
        ck_assert_uint_eq(n, 1);
        ck_assert(late[0].source == 1 && late[0].t0_ms == 5000 && late[0].t1_ms == 6000 && late[0].known_ms == 6000 && !late[0].part);
        OK(store_late(st, 8000, &a, &late, &n, &ctx));
        ck_assert_uint_eq(n, 0);
        store_close(st);
    }
}
END_TEST

/* Alerts of format 10 tell by their scope of which incident they are; those of today by its number, and read at a cursor by that under
 * which it was told. */
START_TEST(version_10_told_of_no_alert_of_which_incident_it_is)
{
    struct alert *alerts;
    struct incident *incidents;
    size_t n;

    make_version(10);
    sql("INSERT INTO alert(rule, scope, since_ms, severity, state, onset_ms, known_ms, burn_long, burn_short, window_long_ms, "
        "window_short_ms, bad, total, text) VALUES('slo:avail:page-1h', 'model=m', 2000, 2, 1, 1500, 2001, 21.5, NULL, 3600000, 300000, 7, "
        "9, "
        "'why')");
    sql("INSERT INTO incident(incident, title, scope, severity, state, onset_ms, opened_ms, resolved_ms, known_ms, owner, next_step) "
        "VALUES(3, 'm errors', 'model=m', 2, 0, 1500, 2000, 0, 2001, '', '')");
    struct store *st = open_writer(&place);
    OK(store_alerts(st, INT64_MAX, &a, &alerts, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(alerts[0].incident, 0);
    OK(store_incidents(st, INT64_MAX, &a, &incidents, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(incidents[0].parent, 0);
    ck_assert(incident_is_of(&incidents[0], &alerts[0]));

    /* from now on it says so, whatever the scope */
    struct incident parent = {.title = "errors", .scope = "", .opened_ms = 1000, .known_ms = 1000, .owner = ""}, child = incidents[0];
    OK(store_put_alert_incident(st, "slo:avail:page-1h", "model=m", 2000, 3, &ctx));
    OK(store_put_incident(st, &parent, &parent.id, &ctx));
    ck_assert_int_eq(parent.id, 4);
    child.parent = parent.id;
    child.known_ms = 5000;
    OK(store_put_incident(st, &child, NULL, &ctx));
    static const struct {
        int64_t cursor_ms, incident, parent;
    } times[] = {{4999, 3, 0}, {5000, 4, 4}, {INT64_MAX, 4, 4}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        OK(store_alerts(st, times[i].cursor_ms, &a, &alerts, &n, &ctx));
        ck_assert_uint_eq(n, 1);
        ck_assert_int_eq(alerts[0].incident, times[i].incident);
        OK(store_alert_history(st, 1999, 2000, times[i].cursor_ms, &a, &alerts, &n, &ctx));
        ck_assert_uint_eq(n, 1);
        ck_assert_int_eq(alerts[0].incident, times[i].incident);
        OK(store_incidents(st, times[i].cursor_ms, &a, &incidents, &n, &ctx));
        ck_assert_uint_eq(n, 2);
        ck_assert(incidents[0].id == 3 && incidents[0].parent == times[i].parent && incidents[1].parent == 0);
    }
    ck_assert(incident_is_of(&incidents[1], &alerts[0]) && !incident_is_of(&incidents[0], &alerts[0]));
    store_close(st);
}
END_TEST

/* Four notes, one at a time, and the head before the last of them. */
static void make_chain(struct store_chain *ret_third)
{
    struct store *st;
    size_t n;

    remove_dir(place.dir);
    mkdir(place.dir, 0700);
    st = open_writer(&place);
    for (int k = 0; k < 4; k++) {
        if (k == 3)
            OK(store_acts_verify(st, 0, NULL, ret_third, &ctx));
        OK(store_act_drop(place.db, "note", k, "a remark", T0 - 10 + k, &ctx));
        OK(store_act_ingest(st, &n, &ctx));
    }
    store_close(st);
}

static struct store_chain chain_with(int64_t kept_id, const char *kept)
{
    struct store_chain c;
    struct store *st = open_reader(&place);

    OK(store_acts_verify(st, kept_id, kept, &c, &ctx));
    store_close(st);
    return c;
}

START_TEST(every_edit_of_an_act_shows)
{
    static const struct {
        const char *edit;
        enum store_chain_word word;
        int64_t bad, head;
    } edits[] = {
        {"UPDATE act SET text = 'x' || text WHERE id = 2", STORE_CHAIN_CHANGED, 2, 1},
        {"UPDATE act SET author = 'eve' WHERE id = 1", STORE_CHAIN_CHANGED, 1, 0},
        {"UPDATE act SET at_ms = at_ms + 1 WHERE id = 3", STORE_CHAIN_CHANGED, 3, 2},
        {"UPDATE act SET known_ms = known_ms + 1 WHERE id = 4", STORE_CHAIN_CHANGED, 4, 3},
        {"UPDATE act SET key = 'y' || key WHERE id = 4", STORE_CHAIN_CHANGED, 4, 3},
        {"UPDATE act SET incident = 9 WHERE id = 4", STORE_CHAIN_CHANGED, 4, 3},
        {"UPDATE act SET verb = 'note', text = substr(text, 2) WHERE id = 2", STORE_CHAIN_CHANGED, 2, 1},
        {"DELETE FROM act WHERE id = 2", STORE_CHAIN_REMOVED, 3, 1},
        {"DELETE FROM act WHERE id = 1", STORE_CHAIN_REMOVED, 2, 0},
        {"DELETE FROM act WHERE id = 2; UPDATE act SET id = id - 1 WHERE id > 2", STORE_CHAIN_CHANGED, 2, 1},
        {"UPDATE act SET id = 9 WHERE id = 2; UPDATE act SET id = 2 WHERE id = 3; UPDATE act SET id = 3 WHERE id = 9", STORE_CHAIN_CHANGED,
         2, 1},
        {"UPDATE act SET id = id + 1 WHERE id = 4", STORE_CHAIN_REMOVED, 5, 3},
        {"UPDATE act SET hash = substr(hash, 1, 16) WHERE id = 4", STORE_CHAIN_CHANGED, 4, 3},
        {"UPDATE act SET hash = NULL WHERE id = 2", STORE_CHAIN_CHANGED, 2, 1},
        {"UPDATE act SET hash = NULL WHERE id > 2", STORE_CHAIN_OPEN, 3, 2}, /* a torn end, which no edit within can look like */
        {"INSERT INTO act(key, author, at_ms, known_ms, verb, incident, text) VALUES('k', 'eve', 1, 1, 'note', 1, '')", STORE_CHAIN_OPEN, 5,
         4},
        {"SELECT 1", STORE_CHAIN_WHOLE, 0, 4},
    };
    struct store_chain third;

    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        make_chain(&third);
        sql(edits[i].edit);
        const struct store_chain c = chain_with(0, NULL);
        ck_assert_msg(c.word == edits[i].word && c.bad_id == edits[i].bad && c.head_id == edits[i].head, "%s: word %d, act %lld, head %lld",
                      edits[i].edit, (int)c.word, (long long)c.bad_id, (long long)c.head_id);
    }
}
END_TEST

/* What the chain itself cannot show: that it lost its end, or that all of it was made anew. */
START_TEST(a_head_that_was_kept_shows_a_cut_and_a_chain_made_anew)
{
    struct store_chain third, c;
    struct store *st;
    size_t n;

    make_chain(&third);
    ck_assert_int_eq(third.head_id, 3);
    c = chain_with(0, NULL);
    const struct store_chain fourth = c;
    ck_assert_int_eq(chain_with(3, third.head).word, STORE_CHAIN_WHOLE);
    ck_assert_int_eq(chain_with(4, fourth.head).word, STORE_CHAIN_WHOLE);
    ck_assert_int_eq(chain_with(4, third.head).word, STORE_CHAIN_ANEW);

    sql("DELETE FROM act WHERE id = 4");
    ck_assert_int_eq(chain_with(0, NULL).word, STORE_CHAIN_WHOLE);
    c = chain_with(4, fourth.head);
    ck_assert_int_eq(c.word, STORE_CHAIN_CUT);
    ck_assert_int_eq(c.bad_id, 4);

    sql("UPDATE act SET hash = NULL, author = 'eve'"); /* the recorder gives them hashes with the next act */
    st = open_writer(&place);
    OK(store_act_drop(place.db, "note", 1, "one more", T0, &ctx));
    OK(store_act_ingest(st, &n, &ctx));
    store_close(st);
    ck_assert_int_eq(chain_with(0, NULL).word, STORE_CHAIN_WHOLE);
    c = chain_with(3, third.head);
    ck_assert_int_eq(c.word, STORE_CHAIN_ANEW);
    ck_assert_int_eq(c.bad_id, 3);
}
END_TEST

START_TEST(sha256_of_known_texts)
{
    static const struct {
        const char *text;
        uint8_t first, last;
    } known[] = {
        {"", 0xe3, 0x55},
        {"abc", 0xba, 0xad},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 0x24, 0xc1}, /* FIPS 180-4 examples */
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct store_sha256 s;
        uint8_t hash[STORE_SHA256_BYTES];
        store_sha256_init(&s);
        store_sha256_add(&s, known[i].text, strlen(known[i].text));
        store_sha256_end(&s, hash);
        ck_assert_uint_eq(hash[0], known[i].first);
        ck_assert_uint_eq(hash[31], known[i].last);
    }
}
END_TEST

Suite *suite_store_schema(void);
Suite *suite_store_schema(void)
{
    Suite *s = suite_create("store_schema");
    TCase *t = tcase_create("schema");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, version_1_is_brought_up_to_date);
    tcase_add_test(t, version_2_named_one_source_per_signal_and_gateway);
    tcase_add_test(t, version_5_told_no_error_of_an_onset_and_no_time_at_which_a_gap_was_made_good);
    tcase_add_test(t, version_10_told_of_no_alert_of_which_incident_it_is);
    tcase_add_test(t, every_edit_of_an_act_shows);
    tcase_add_test(t, a_head_that_was_kept_shows_a_cut_and_a_chain_made_anew);
    tcase_add_test(t, sha256_of_known_texts);
    suite_add_tcase(s, t);
    return s;
}
