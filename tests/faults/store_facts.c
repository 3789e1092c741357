/* SPDX-License-Identifier: MIT */
/* Facts when the store cannot be written: what was put before a commit that fails is there once, and once only, when the disk is back.
 *
 * Every round puts one fact of each kind under the round's number and appends a poll. The ledger is then counted with raw SQLite, not with
 * the store's own reading, which could hide a fact that is there twice. */
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/store_vfs.h"
#include "unit/store/support.h"

static struct place place;
static struct errctx ctx;
static struct arena a;
static struct clock_manual manual;
static char ring_dir[128];

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 64 << 20);
    manual = (struct clock_manual){.wall_ms = T0, .mono_ms = 1000};
    snprintf(ring_dir, sizeof ring_dir, "%s/run", place.dir);
    ck_assert_int_eq(mkdir(ring_dir, 0700), 0);
    store_vfs_install(place.db);
}

static void teardown(void)
{
    store_vfs_heal();
    arena_fini(&a);
    place_fini(&place);
}

static struct store *open_store(bool with_ring)
{
    const struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true, .ring_dir = with_ring ? ring_dir : NULL};
    struct store *st = NULL;
    enum err e = store_open_writer(place.db, &opt, &clock, &st, &ctx);
    ck_assert_msg(e == ERR_OK, "%s: %s", err_name(e), ctx.text);
    return st;
}

/* What a round leaves behind must not depend on what the last one could write, so none of these may fail. */
static void put_facts(struct store *st, uint32_t source, int n)
{
    char key[32];
    const int64_t at = T0 + n;
    int64_t id = 0;
    snprintf(key, sizeof key, "round %d", n);
    const struct event ev = {.at_ms = at, .known_ms = at, .kind = EVENT_DEPLOY, .scope = "", .text = key, .source = "t"};
    const struct alert al = {
        .rule = "r", .scope = "s", .severity = SEV_PAGE, .state = ALERT_FIRING, .since_ms = at, .known_ms = at, .text = key};
    const struct incident in = {
        .title = key, .scope = "s", .severity = SEV_PAGE, .state = INCIDENT_OPEN, .opened_ms = at, .known_ms = at, .owner = ""};
    const struct store_gap gap = {source, at, at + 1, key, false, 0};
    const struct store_authority ruling = {.source = (uint32_t)n + 1, .kept = UINT64_C(1) << SIG_COST};
    const struct source_status up = {.id = source, .state = SOURCE_OK, .reason = key, .warning = "", .last_ok_ms = at};
    OK(store_put_event(st, key, &ev, &ctx));
    OK(store_put_alert(st, &al, &ctx));
    OK(store_put_incident(st, &in, &id, &ctx));
    ck_assert_int_eq(id, n + 1); /* none is given twice, none left out */
    const struct timeline_entry t = {.incident = id, .at_ms = at, .known_ms = at, .letter = 'd', .text = key, .source = "t"};
    OK(store_put_timeline(st, key, &t, &ctx));
    OK(store_put_gap(st, &gap, &ctx));
    OK(store_put_note(st, key, at, str_of(key), &ctx));
    OK(store_put_note(st, "checkpoint", 0, str_of(key), &ctx));
    OK(store_put_authority(st, &ruling, &ctx));
    OK(store_put_status(st, at, &up, &ctx));
    OK(store_act_drop(place.db, "note", id, key, at, &ctx));
}

static enum err append(struct store *st, uint32_t source, uint32_t series, int n)
{
    const struct store_item it = {.series = series, .v.increment = 1};
    const struct store_batch b = {.source = source, .t0_ms = T0 + n * 1000, .t1_ms = T0 + (n + 1) * 1000, .items = &it, .count = 1};
    return store_append(st, &b, 1, &ctx);
}

static int64_t count(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    ck_assert_int_eq(sqlite3_open_v2(place.db, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
}

static int acts_waiting(void)
{
    char path[160];
    int n = 0;
    snprintf(path, sizeof path, "%s/acts", place.dir);
    DIR *d = opendir(path);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *f; (f = readdir(d)) != NULL;)
        n += f->d_name[0] != '.';
    closedir(d);
    return n;
}

/* The store is closed: in its file is exactly one of everything per round. */
static void check_ledger(int rounds, const char *where)
{
    static const char *const tables[] = {
        "event",  "alert", "incident", "timeline", "act", "authority", "gap WHERE reason LIKE 'round %'", "note WHERE name LIKE 'round %'",
        "source",
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char sql[96];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
        int64_t got = count(sql), want = strcmp(tables[i], "source") == 0 ? 1 : rounds;
        ck_assert_msg(got == want, "%s: %lld of %d in %s", where, (long long)got, (int)want, tables[i]);
    }
    ck_assert_int_eq(count("SELECT count(*) FROM note WHERE name = 'checkpoint'"), 1);
    struct store *st = open_store(false);
    struct str last = {NULL, 0};
    struct store_chain chain;
    char want[32];
    snprintf(want, sizeof want, "round %d", rounds - 1);
    ck_assert_int_eq(store_note(st, "checkpoint", INT64_MAX, &a, &last), ERR_OK);
    ck_assert_msg(str_eq_z(last, want), "%s: the checkpoint is %.*s", where, (int)last.n, last.p);
    OK(store_acts_verify(st, 0, NULL, &chain, &ctx));
    ck_assert_msg(chain.word == STORE_CHAIN_WHOLE, "%s: the audit chain breaks at act %lld", where, (long long)chain.bad_id);
    store_close(st);
    ck_assert_int_eq(acts_waiting(), 0);
}

enum { ROUNDS = 6 };

/* Rounds, of which one meets a disk that fails from its n-th call on and is well again for the next but one. Two looks at the acts per
 * round, as the recorder's house-keeping does between polls. Returns whether anything failed. */
static bool run_rounds(bool with_ring, bool new_series, enum store_vfs_call call, unsigned after, int code)
{
    struct store *st = open_store(with_ring);
    uint32_t source = put_source(st, "edge"), series = 0;
    struct series s = {.source = source, .signal = SIG_REQUESTS};
    bool failed = false;
    size_t acts = 0;
    OK(store_series(st, &s, &series, &ctx));
    OK(store_commit(st, &ctx));
    for (int n = 0; n < ROUNDS; n++) {
        if (n == 2)
            store_vfs_fail(call, after, code);
        if (n == 4) {
            store_vfs_heal();
            manual.mono_ms += 61 * 1000; /* the ring looks for the file again */
        }
        manual.wall_ms = T0 + (n + 1) * 1000;
        put_facts(st, source, n);
        if (new_series) { /* the failing transaction then has a row of the dictionary too */
            char name[16];
            snprintf(name, sizeof name, "key %d", n);
            s.dim[DIM_KEY] = put_string(st, name);
            OK(store_series(st, &s, &series, &ctx));
        }
        failed |= append(st, source, series, n) != ERR_OK;
        failed |= store_act_ingest(st, &acts, &ctx) != ERR_OK;
        failed |= store_is_ring(st);
        ck_assert_msg(failed || n < 2 || n > 3 || !with_ring || store_vfs_count(call) <= after, "a failing call went unnoticed");
    }
    ck_assert_msg(!store_is_ring(st), "after %u: the file is well, and the ring store serves on", after);
    OK(store_act_ingest(st, &acts, &ctx));
    OK(store_commit(st, &ctx));
    store_close(st);
    return failed;
}

static void fail_each(bool with_ring, bool new_series, enum store_vfs_call call, int code)
{
    unsigned after = 0;
    bool failed = true;
    for (; failed; after++) { /* until a round is over before the failing call comes */
        char where[96];
        remove_dir(place.dir);
        ck_assert_int_eq(mkdir(place.dir, 0700), 0);
        ck_assert_int_eq(mkdir(ring_dir, 0700), 0);
        failed = run_rounds(with_ring, new_series, call, after, code);
        snprintf(where, sizeof where, "%s, call %u of kind %d fails with %d", with_ring ? "ring" : "no ring", after, (int)call, code);
        check_ledger(ROUNDS, where);
    }
    ck_assert_msg(after > 3, "only %u failures were tried", after);
}

START_TEST(facts_survive_failing_writes)
{
    fail_each(_i % 2 != 0, _i >= 2, STORE_VFS_WRITE, SQLITE_FULL);
}
END_TEST

START_TEST(facts_survive_broken_writes)
{
    fail_each(_i % 2 != 0, _i >= 2, STORE_VFS_WRITE, SQLITE_IOERR_WRITE);
}
END_TEST

/* A sync that fails leaves the whole transaction in the log, and whoever opens the file next may find that it happened after all. */
START_TEST(facts_survive_failing_syncs)
{
    fail_each(_i % 2 != 0, _i >= 2, STORE_VFS_SYNC, SQLITE_IOERR_FSYNC);
}
END_TEST

static int failing_store(struct store **ret_st, bool with_ring, uint32_t *ret_series)
{
    struct store *st = *ret_st = open_store(with_ring);
    uint32_t source = put_source(st, "edge");
    struct series s = {.source = source, .signal = SIG_REQUESTS};
    OK(store_series(st, &s, ret_series, &ctx));
    OK(append(st, source, *ret_series, 0));
    store_vfs_fail(STORE_VFS_WRITE, 0, SQLITE_FULL);
    ck_assert_int_eq(append(st, source, *ret_series, 1), with_ring ? ERR_OK : ERR_FULL);
    return (int)source;
}

/* A disk that is full over a weekend: checkpoints and statuses come with every poll, and must not push out what came once. */
START_TEST(what_comes_often_does_not_displace_what_came_once)
{
    enum { OFTEN = 60000 };
    static char checkpoint[2000];
    struct store *st;
    uint32_t series, source = (uint32_t)failing_store(&st, _i != 0, &series);
    const struct event ev = {.at_ms = T0, .known_ms = T0, .kind = EVENT_DEPLOY, .scope = "", .text = "once", .source = "t"};
    struct source_status up = {.id = source, .state = SOURCE_OK, .reason = "", .warning = ""}, *sources;
    size_t n = 0;
    OK(store_put_event(st, "once", &ev, &ctx));
    for (int i = 0; i < OFTEN; i++) {
        memset(checkpoint, 'a' + i % 26, sizeof checkpoint - 1);
        OK(store_put_note(st, "checkpoint", 0, str_of(checkpoint), &ctx));
        up.last_ok_ms = T0 + 2000 + i;
        OK(store_put_status(st, up.last_ok_ms, &up, &ctx));
    }
    store_vfs_heal();
    manual.mono_ms += 61 * 1000;
    OK(append(st, source, series, 2));
    ck_assert(!store_is_ring(st));
    OK(store_sources(st, T0 + 2000 + OFTEN, &a, &sources, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(sources[0].last_ok_ms, T0 + 2000 + OFTEN - 1);
    store_close(st);
    ck_assert_int_eq(count("SELECT count(*) FROM event"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM note WHERE name = 'checkpoint' AND substr(value, 1, 1) = x'72'"),
                     1); /* 59,999 mod 26 is an r */
}
END_TEST

START_TEST(a_stop_keeps_the_facts_when_the_disk_is_back)
{
    struct store *st;
    uint32_t series;
    const struct event ev = {.at_ms = T0, .known_ms = T0, .kind = EVENT_DEPLOY, .scope = "", .text = "late", .source = "t"};
    (void)failing_store(&st, true, &series);
    OK(store_put_event(st, "late", &ev, &ctx));
    OK(store_commit(st, &ctx));
    ck_assert(store_is_ring(st));
    store_vfs_heal(); /* but nobody has looked yet */
    store_close(st);
    ck_assert_int_eq(count("SELECT count(*) FROM event"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM gap"), 1);
}
END_TEST

/* What the recorder has only in memory goes with it; what an operator said must not. */
START_TEST(an_act_waits_beside_the_store_while_that_cannot_be_written)
{
    size_t taken = 0;
    uint32_t series;
    pid_t child = fork();
    if (child == 0) {
        struct store *st;
        (void)failing_store(&st, true, &series);
        OK(store_act_drop(place.db, "note", 1, "said", T0, &ctx));
        OK(store_act_ingest(st, &taken, &ctx));
        _exit(taken == 1 && store_is_ring(st) ? 0 : 1); /* dies without closing anything */
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(acts_waiting(), 1);
    struct store *st = open_store(true);
    OK(store_act_ingest(st, &taken, &ctx));
    ck_assert_uint_eq(taken, 1);
    ck_assert_int_eq(acts_waiting(), 0);
    store_close(st);
    ck_assert_int_eq(count("SELECT count(*) FROM act"), 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts when the store cannot be written");
    TCase *t = tcase_create("facts");

    tcase_set_timeout(t, 600);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, facts_survive_failing_writes, 0, 4);
    tcase_add_loop_test(t, facts_survive_broken_writes, 0, 4);
    tcase_add_loop_test(t, facts_survive_failing_syncs, 0, 4);
    tcase_add_loop_test(t, what_comes_often_does_not_displace_what_came_once, 0, 2);
    tcase_add_test(t, a_stop_keeps_the_facts_when_the_disk_is_back);
    tcase_add_test(t, an_act_waits_beside_the_store_while_that_cannot_be_written);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
