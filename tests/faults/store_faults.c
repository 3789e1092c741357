/* SPDX-License-Identifier: MIT */
/* The store on bad days: failing writes and syncs, a full disk, damaged, newer, foreign and read-only files, and writers killed at any
 * moment.
 *
 * GWTOP_KILL_LOOPS sets how many writers are killed (20). The full disk needs a small tmpfs, and so root; without it that test says
 * skipped. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "base/rng.h"
#include "faults/store_vfs.h"
#include "unit/store/support.h"

enum { SERIES = 12 };

static struct place place;
static struct errctx ctx;
static struct arena a;
static struct clock_manual manual;

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 64 << 20);
    manual = (struct clock_manual){.wall_ms = T0, .mono_ms = 1000};
}

static void teardown(void)
{
    store_vfs_heal();
    arena_fini(&a);
    place_fini(&place);
}

static enum err try_open(const char *ring_dir, struct store **ret)
{
    const struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true, .ring_dir = ring_dir};
    return store_open_writer(place.db, &opt, &clock, ret, &ctx);
}

/* A source with SERIES series; ids are what they are. */
static uint32_t make_series(struct store *st, uint32_t *ids)
{
    uint32_t source = put_source(st, "edge");

    for (uint32_t i = 0; i < SERIES; i++) {
        struct series s = {.source = source, .signal = SIG_REQUESTS};
        char name[16];
        snprintf(name, sizeof name, "k%u", i);
        s.dim[DIM_KEY] = put_string(st, name);
        OK(store_series(st, &s, &ids[i], &ctx));
    }
    return source;
}

/* Poll n: every series gets n + its number. */
static enum err append(struct store *st, uint32_t source, const uint32_t *ids, int n)
{
    struct store_item items[SERIES];
    const struct store_batch b = {.source = source, .t0_ms = T0 + n * 1000, .t1_ms = T0 + (n + 1) * 1000, .items = items, .count = SERIES};

    for (uint32_t i = 0; i < SERIES; i++)
        items[i] = (struct store_item){.series = ids[i], .v.increment = n + (int64_t)i};
    return store_append(st, &b, 1, &ctx);
}

static int64_t total(struct store *st, int polls)
{
    const struct store_query q = {.signal = SIG_REQUESTS, .t0_ms = T0, .step_ms = (int64_t)polls * 1000, .columns = 1};
    struct store_result r;

    arena_reset(&a);
    OK(store_read(st, &q, 1, &a, &r, &ctx));
    return r.groups[0].cells[0].sum;
}

static int64_t expected_total(int polls)
{
    int64_t sum = 0;
    for (int n = 0; n < polls; n++)
        for (int i = 0; i < SERIES; i++)
            sum += n + i;
    return sum;
}

/* ---- failing calls ---- */

/* Every write, sync and truncation in turn fails once, while 300 polls are appended: what was acknowledged is there afterwards, nothing
 * else. */
static void fail_each(enum store_vfs_call call, int code)
{
    for (unsigned after = 0; after < 400; after += 1 + after / 8) {
        uint32_t ids[SERIES];
        int acknowledged = 0;
        struct store *st = NULL;
        remove_dir(place.dir);
        mkdir(place.dir, 0700);
        store_vfs_install(place.db);
        ck_assert_int_eq(try_open(NULL, &st), ERR_OK);
        uint32_t source = make_series(st, ids);
        OK(store_commit(st, &ctx));
        store_vfs_fail(call, after, code);
        while (acknowledged < 300) {
            enum err e = append(st, source, ids, acknowledged);
            if (e != ERR_OK) {
                ck_assert_msg(e == ERR_FULL || e == ERR_IO, "%s: %s", err_name(e), ctx.text);
                ck_assert_msg(ctx.text[0] != '\0', "an error without a sentence");
                break;
            }
            acknowledged++;
        }
        store_vfs_heal();
        if (acknowledged < 300) /* the same store goes on as soon as the disk does */
            OK(append(st, source, ids, acknowledged++));
        ck_assert_int_eq(total(st, 300), expected_total(acknowledged));
        store_close(st);
        ck_assert_int_eq(try_open(NULL, &st), ERR_OK);
        ck_assert_int_eq(total(st, 300), expected_total(acknowledged));
        store_close(st);
    }
}

START_TEST(failing_writes)
{
    fail_each(STORE_VFS_WRITE, _i == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE);
}
END_TEST
START_TEST(failing_syncs)
{
    fail_each(STORE_VFS_SYNC, SQLITE_IOERR_FSYNC);
}
END_TEST
START_TEST(failing_truncations)
{
    fail_each(STORE_VFS_TRUNCATE, SQLITE_IOERR_TRUNCATE);
}
END_TEST

/* ---- the ring store ---- */

START_TEST(the_ring_takes_over_and_gives_back)
{
    uint32_t ids[SERIES], late = 0;
    char ring_dir[128], ring[512];
    struct store *st = NULL, *reader = NULL;
    struct event event = {.at_ms = T0, .known_ms = T0, .kind = EVENT_DEPLOY, .scope = "", .text = "before", .source = "t"}, *events;
    struct store_gap *gaps;
    size_t n;

    snprintf(ring_dir, sizeof ring_dir, "%s/run", place.dir);
    mkdir(ring_dir, 0700);
    store_vfs_install(place.db);
    ck_assert_int_eq(try_open(ring_dir, &st), ERR_OK);
    uint32_t source = make_series(st, ids);
    OK(store_put_event(st, "e1", &event, &ctx));
    for (int i = 0; i < 10; i++)
        OK(append(st, source, ids, i));
    const struct intern *strings = store_strings(st);
    ck_assert(!store_ring_is_active(place.db, ring_dir, ring, sizeof ring));

    store_vfs_fail(STORE_VFS_WRITE, 0, SQLITE_FULL);
    event.text = "while full";
    OK(store_put_event(st, "e2", &event, &ctx));
    OK(append(st, source, ids, 10)); /* nothing is lost to the caller */
    ck_assert(store_is_ring(st));
    ck_assert_ptr_eq(store_strings(st), strings); /* what callers hold stays */
    ck_assert(store_ring_is_active(place.db, ring_dir, ring, sizeof ring));
    ck_assert_int_eq(total(st, 300), expected_total(11));
    struct series s = {.source = source, .signal = SIG_COST};
    OK(store_series(st, &s, &late, &ctx));
    OK(append(st, source, ids, 11));

    OK(store_open_reader(ring, &reader, &ctx)); /* a console */
    ck_assert(store_is_ring(reader));
    ck_assert_int_eq(total(reader, 300), expected_total(12));
    OK(store_events(reader, T0 - 1, T0, INT64_MAX, &a, &events, &n, &ctx));
    ck_assert_uint_eq(n, 2);
    store_close(reader);

    manual.mono_ms += 59000; /* not yet a minute */
    OK(append(st, source, ids, 12));
    ck_assert(store_is_ring(st));
    manual.mono_ms += 1001; /* still full */
    OK(append(st, source, ids, 13));
    ck_assert(store_is_ring(st));
    store_vfs_heal();
    manual.mono_ms += 60001;
    manual.wall_ms = T0 + 14000;
    OK(append(st, source, ids, 14));
    ck_assert(!store_is_ring(st));
    ck_assert_ptr_eq(store_strings(st), strings);
    ck_assert(!store_ring_is_active(place.db, ring_dir, ring, sizeof ring));
    ck_assert_int_ne(access(ring, F_OK), 0);
    int64_t kept = expected_total(10) + expected_total(15) - expected_total(14); /* the ring's samples are not */
    ck_assert_int_eq(total(st, 300), kept);
    OK(store_events(st, T0 - 1, T0, INT64_MAX, &a, &events, &n, &ctx));
    ck_assert_uint_eq(n, 2); /* but its facts are */
    OK(store_gaps(st, 0, INT64_MAX, &a, &gaps, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(gaps[0].t1_ms, T0 + 14000);
    struct store_item it = {.series = late, .v.increment = 5};
    const struct store_batch b = {.source = source, .t0_ms = T0, .t1_ms = T0 + 77, .items = &it, .count = 1};
    OK(store_append(st, &b, 1, &ctx)); /* a series made meanwhile keeps its id */
    store_close(st);

    ck_assert_int_eq(try_open(ring_dir, &st), ERR_OK);
    ck_assert(!store_is_ring(st));
    ck_assert_int_eq(total(st, 300), kept);
    ck_assert_uint_eq(store_series_count(st), SERIES + 1);
    store_close(st);
}
END_TEST

START_TEST(the_ring_serves_from_the_start)
{
    uint32_t ids[SERIES];
    char ring_dir[128];
    struct store *st = NULL;

    snprintf(ring_dir, sizeof ring_dir, "%s/run", place.dir);
    mkdir(ring_dir, 0700);
    store_vfs_install(place.db);
    ck_assert_int_eq(try_open(NULL, &st), ERR_OK);
    uint32_t source = make_series(st, ids);
    OK(append(st, source, ids, 0));
    store_close(st);
    store_vfs_fail(STORE_VFS_WRITE, 0, SQLITE_READONLY);
    store_vfs_fail(STORE_VFS_TRUNCATE, 0, SQLITE_READONLY);
    ck_assert_int_eq(try_open(ring_dir, &st), ERR_OK);
    OK(append(st, source, ids, 1)); /* with the ids of the file that can't be written */
    ck_assert(store_is_ring(st));
    ck_assert_int_eq(total(st, 300), expected_total(2));
    store_vfs_heal();
    manual.mono_ms += 61000;
    OK(append(st, source, ids, 2));
    ck_assert(!store_is_ring(st));
    store_close(st);
}
END_TEST

/* The ring is 16 MB, and the gateway talks all day. */
START_TEST(a_full_ring_forgets_and_goes_on)
{
    enum { MANY = 1000, POLLS = 3000 };
    static struct store_item items[MANY];
    char ring_dir[128];
    struct store *st = NULL;
    struct store_stats stats;
    uint64_t x = 88172645463325252u;

    snprintf(ring_dir, sizeof ring_dir, "%s/run", place.dir);
    mkdir(ring_dir, 0700);
    store_vfs_install(place.db);
    ck_assert_int_eq(try_open(ring_dir, &st), ERR_OK);
    uint32_t source = put_source(st, "edge");
    for (uint32_t i = 0; i < MANY; i++) {
        struct series s = {.source = source, .signal = SIG_TOKENS_INPUT};
        char name[16];
        snprintf(name, sizeof name, "k%u", i);
        s.dim[DIM_KEY] = put_string(st, name);
        OK(store_series(st, &s, &items[i].series, &ctx));
    }
    OK(store_commit(st, &ctx));
    store_vfs_fail(STORE_VFS_WRITE, 0, SQLITE_FULL);
    for (int n = 0; n < POLLS; n++) {
        const struct store_batch b = {
            .source = source, .t0_ms = T0 + n * 15000, .t1_ms = T0 + (n + 1) * 15000, .items = items, .count = MANY};
        for (uint32_t i = 0; i < MANY; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            items[i].v.increment = (int64_t)(x >> 30);
        }
        manual.wall_ms = b.t1_ms;
        OK(store_append(st, &b, 1, &ctx));
    }
    OK(store_get_stats(st, &stats, &ctx));
    ck_assert(store_is_ring(st));
    ck_assert_int_le(stats.file_bytes, 16 << 20);
    ck_assert_int_eq(stats.last_ms, T0 + POLLS * INT64_C(15000));
    store_close(st);
}
END_TEST

/* ---- files that are not as they should be ---- */

static void make_store(int polls)
{
    uint32_t ids[SERIES];
    struct store *st = NULL;

    store_vfs_install("/nowhere");
    ck_assert_int_eq(try_open(NULL, &st), ERR_OK);
    uint32_t source = make_series(st, ids);
    for (int i = 0; i < polls; i++)
        OK(append(st, source, ids, i));
    OK(store_seal_all(st, &ctx));
    store_close(st);
}

static char *slurp(const char *path, size_t *ret_n)
{
    FILE *f = fopen(path, "rb");
    char *p = malloc(8 << 20);
    ck_assert(f != NULL && p != NULL);
    *ret_n = fread(p, 1, 8 << 20, f);
    fclose(f);
    return p;
}

static void spill(const char *path, const char *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(p, 1, n, f), n);
    fclose(f);
}

/* Opening and reading a damaged file may succeed or be refused, must not crash, and never changes the file of a refused one. */
static void open_damaged(const char *p, size_t n)
{
    struct store *st = NULL;
    char aside[160];
    size_t after;

    snprintf(aside, sizeof aside, "%s-wal", place.db);
    unlink(aside);
    spill(place.db, p, n);
    enum err e = store_open_reader(place.db, &st, &ctx);
    if (e == ERR_OK) {
        const struct store_query q = {.signal = SIG_REQUESTS, .t0_ms = T0, .step_ms = 300000, .columns = 1};
        struct store_result r;
        struct store_stats stats;
        arena_reset(&a);
        (void)!store_read(st, &q, 1, &a, &r, &ctx);
        (void)!store_get_stats(st, &stats, &ctx);
    }
    store_close(st);
    st = NULL;
    e = try_open(NULL, &st);
    store_close(st);
    if (e == ERR_OK)
        return;
    ck_assert_msg(e == ERR_CORRUPT || e == ERR_VERSION || e == ERR_IO || e == ERR_NOMEM, "%s: %s", err_name(e), ctx.text);
    char *now = slurp(place.db, &after);
    ck_assert_msg(after == n && memcmp(now, p, n) == 0, "a refused file was changed: %s", ctx.text);
    free(now);
}

START_TEST(truncated_files)
{
    size_t n;
    make_store(300);
    char *p = slurp(place.db, &n);
    for (size_t cut = 1; cut < n; cut += cut < 200 ? 13 : 4096 - 7)
        open_damaged(p, cut);
    free(p);
}
END_TEST

START_TEST(damaged_files)
{
    struct rng r;
    size_t n;
    make_store(300);
    char *p = slurp(place.db, &n);
    char *bad = malloc(n);
    ck_assert_ptr_nonnull(bad);
    rng_seed(&r, 4);
    for (int i = 0; i < 400; i++) {
        memcpy(bad, p, n);
        size_t at = i % 3 == 0 ? rng_below(&r, 100) : rng_below(&r, n), len = 1 + rng_below(&r, i % 2 == 0 ? 4 : 600);
        for (size_t k = at; k < at + len && k < n; k++)
            bad[k] = (char)rng_u64(&r);
        open_damaged(bad, n);
    }
    free(bad);
    free(p);
}
END_TEST

/* A chunk whose bytes were changed is left out and counted, and the rest is read. */
START_TEST(a_damaged_chunk_is_left_out)
{
    sqlite3 *db = NULL;
    struct store *st = NULL;
    struct store_stats stats;

    make_store(300);
    ck_assert_int_eq(sqlite3_open(place.db, &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(db, "UPDATE chunk SET data = zeroblob(length(data)) WHERE id = (SELECT min(id) FROM chunk)", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    st = open_reader(&place);
    int64_t sum = total(st, 300);
    ck_assert_int_lt(sum, expected_total(300));
    OK(store_get_stats(st, &stats, &ctx));
    ck_assert_uint_gt(stats.bad_chunks, 0);
    store_close(st);
}
END_TEST

START_TEST(other_peoples_files_are_refused)
{
    sqlite3 *db = NULL;
    struct store *st = NULL;
    char link[160];

    ck_assert_int_eq(sqlite3_open(place.db, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "CREATE TABLE theirs(x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    ck_assert_int_eq(try_open(NULL, &st), ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(ctx.text, "some other program"));
    spill(place.db, "this is no database at all, but a letter to my aunt", 51);
    ck_assert_int_eq(try_open(NULL, &st), ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(ctx.text, "mv ")); /* says what to do */
    unlink(place.db);
    snprintf(link, sizeof link, "%s/elsewhere", place.dir);
    spill(link, "", 0);
    ck_assert_int_eq(symlink(link, place.db), 0);
    ck_assert_int_eq(try_open(NULL, &st), ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(ctx.text, "symbolic link"));
    ck_assert_int_eq(store_open_reader(place.db, &st, &ctx), ERR_UNSUPPORTED);
    unlink(place.db);
    ck_assert_int_eq(store_open_reader(place.db, &st, &ctx), ERR_NOTFOUND);
    chmod(place.dir, 0777);
    ck_assert_int_eq(try_open(NULL, &st), ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(ctx.text, "everybody may write"));
    chmod(place.dir, 0700);
    if (geteuid() == 0) {
        spill(place.db, "", 0);
        ck_assert_int_eq(chown(place.db, 65534, 65534), 0);
        ck_assert_int_eq(try_open(NULL, &st), ERR_READONLY);
        ck_assert_ptr_nonnull(strstr(ctx.text, "belongs to user"));
    }
}
END_TEST

START_TEST(newer_files_are_left_alone)
{
    sqlite3 *db = NULL;
    struct store *st = NULL;

    make_store(3);
    ck_assert_int_eq(sqlite3_open(place.db, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version = 9999", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    ck_assert_int_eq(try_open(NULL, &st), ERR_VERSION);
    ck_assert_ptr_nonnull(strstr(ctx.text, "newer gwtop"));
    ck_assert_int_eq(store_open_reader(place.db, &st, &ctx), ERR_VERSION);
}
END_TEST

START_TEST(a_second_recorder_is_refused_by_pid)
{
    struct store *st = NULL, *second = NULL;
    char pid[32];

    store_vfs_install("/nowhere");
    ck_assert_int_eq(try_open(NULL, &st), ERR_OK);
    ck_assert_int_eq(try_open(NULL, &second), ERR_BUSY);
    snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    ck_assert_ptr_nonnull(strstr(ctx.text, pid));
    store_close(st);
    ck_assert_int_eq(try_open(NULL, &second), ERR_OK);
    store_close(second);
}
END_TEST

/* After a clean stop, a user who can't write at all reads the store; and a copied file without its log is enough. */
START_TEST(readers_need_no_write_access)
{
    struct store *st = NULL;
    char wal[200], copy[160];
    size_t n;

    make_store(300);
    snprintf(wal, sizeof wal, "%s-wal", place.db);
    ck_assert_int_eq(access(wal, F_OK), 0); /* kept, or readers could not open the store */
    chmod(place.dir, 0755);
    chmod(place.db, 0644);
    chmod(wal, 0644);
    snprintf(copy, sizeof copy, "%s-shm", place.db);
    chmod(copy, 0644);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        bool ok = store_open_reader(place.db, &st, &ctx) == ERR_OK && total(st, 300) == expected_total(300);
        if (!ok)
            fprintf(stderr, "reader: %s\n", ctx.text);
        store_close(st);
        _exit(ok ? 0 : 1);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    char *p = slurp(place.db, &n);
    snprintf(copy, sizeof copy, "%s/copy.db", place.dir);
    spill(copy, p, n);
    free(p);
    OK(store_open_reader(copy, &st, &ctx));
    ck_assert_int_eq(total(st, 300), expected_total(300));
    store_close(st);
    snprintf(wal, sizeof wal, "%s-wal", copy);
    ck_assert_int_ne(access(wal, F_OK), 0); /* and it left nothing behind */
    snprintf(wal, sizeof wal, "%s-shm", copy);
    ck_assert_int_ne(access(wal, F_OK), 0);
}
END_TEST

/* ---- a full disk ---- */

START_TEST(a_full_disk)
{
    uint32_t ids[SERIES];
    char mnt[128], fill[160], ring_dir[128];
    struct store *st = NULL;
    static char junk[65536];
    int acknowledged = 0;

    snprintf(mnt, sizeof mnt, "%s/disk", place.dir);
    snprintf(ring_dir, sizeof ring_dir, "%s/run", place.dir);
    mkdir(mnt, 0700);
    mkdir(ring_dir, 0700);
    if (geteuid() != 0 || mount("tmpfs", mnt, "tmpfs", 0, "size=8m,mode=0700") != 0) {
        printf("skipped: a small file system can't be mounted here (%s)\n", strerror(errno));
        return;
    }
    store_vfs_install("/nowhere");
    snprintf(place.db, sizeof place.db, "%.80s/s.db", mnt);
    ck_assert_int_eq(try_open(ring_dir, &st), ERR_OK);
    uint32_t source = make_series(st, ids);
    OK(append(st, source, ids, acknowledged++));
    snprintf(fill, sizeof fill, "%s/fill", mnt);
    int fd = open(fill, O_WRONLY | O_CREAT, 0600);
    while (write(fd, junk, sizeof junk) > 0)
        ;
    while (write(fd, junk, 1) > 0)
        ;
    while (!store_is_ring(st) && acknowledged < 5000)
        OK(append(st, source, ids, acknowledged++));
    ck_assert(store_is_ring(st));
    close(fd);
    unlink(fill);
    manual.mono_ms += 61000;
    OK(append(st, source, ids, acknowledged++));
    ck_assert(!store_is_ring(st));
    int64_t sum = total(st, 10000);
    store_close(st);
    ck_assert_int_eq(try_open(NULL, &st), ERR_OK);
    ck_assert_int_eq(total(st, 10000), sum);
    store_close(st);
    ck_assert_int_eq(umount(mnt), 0);
}
END_TEST

/* ---- kill -9 ---- */

/* Appends polls from `first` on for ever, and says the number of each one that was acknowledged. */
static _Noreturn void writer_child(int out, int first)
{
    uint32_t ids[SERIES];
    struct store *st = NULL;

    if (try_open(NULL, &st) != ERR_OK)
        _exit(3);
    uint32_t source = make_series(st, ids);
    for (int n = first;; n++) {
        if (append(st, source, ids, n) != ERR_OK || write(out, &n, sizeof n) != sizeof n)
            _exit(4);
    }
}

static void check_file(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    ck_assert_int_eq(sqlite3_open_v2(place.db, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "PRAGMA quick_check", -1, &s, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    ck_assert_str_eq((const char *)sqlite3_column_text(s, 0), "ok");
    sqlite3_finalize(s);
    sqlite3_close(db);
}

START_TEST(kill_9)
{
    const char *loops = getenv("GWTOP_KILL_LOOPS");
    int rounds = loops == NULL ? 20 : atoi(loops), polls = 0;
    struct rng r;

    store_vfs_install("/nowhere");
    rng_seed(&r, 9);
    for (int round = 0; round < rounds; round++) {
        int pipes[2], acknowledged = polls - 1, n, status;
        int want = polls + 1 + (int)rng_below(&r, 250);
        ck_assert_int_eq(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0)
            writer_child(pipes[1], polls);
        close(pipes[1]);
        while (acknowledged < want && read(pipes[0], &n, sizeof n) == sizeof n)
            acknowledged = n;
        for (volatile uint64_t spin = rng_below(&r, 2000000); spin > 0; spin--) /* somewhere in what comes next */
            ;
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFSIGNALED(status), "the writer ended by itself: %d", WEXITSTATUS(status));
        while (read(pipes[0], &n, sizeof n) == sizeof n)
            acknowledged = n;
        close(pipes[0]);

        struct store *st = NULL, *reader = NULL;
        struct store_stats stats;
        OK(store_open_reader(place.db, &reader, &ctx)); /* a console beside the dead writer's log */
        int64_t seen = total(reader, 1000000);
        ck_assert(seen == expected_total(acknowledged + 1) ||
                  seen == expected_total(acknowledged + 2)); /* at most the one in flight more */
        store_close(reader);
        ck_assert_int_eq(try_open(NULL, &st), ERR_OK);
        ck_assert_int_eq(total(st, 1000000), seen);
        OK(store_get_stats(st, &stats, &ctx));
        ck_assert_uint_eq(stats.bad_chunks, 0);
        ck_assert_uint_eq(stats.samples % SERIES, 0);
        polls = (int)(stats.samples / SERIES);
        if (round % 5 == 4)
            OK(store_seal_all(st, &ctx));
        ck_assert_int_eq(total(st, 1000000), expected_total(polls));
        store_close(st);
        check_file();
    }
    printf("kill -9: %d writers killed, %d polls acknowledged, none lost\n", rounds, polls);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store_faults");
    TCase *t = tcase_create("faults");

    tcase_set_timeout(t, 600);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, failing_writes, 0, 2);
    tcase_add_test(t, failing_syncs);
    tcase_add_test(t, failing_truncations);
    tcase_add_test(t, the_ring_takes_over_and_gives_back);
    tcase_add_test(t, the_ring_serves_from_the_start);
    tcase_add_test(t, a_full_ring_forgets_and_goes_on);
    tcase_add_test(t, truncated_files);
    tcase_add_test(t, damaged_files);
    tcase_add_test(t, a_damaged_chunk_is_left_out);
    tcase_add_test(t, other_peoples_files_are_refused);
    tcase_add_test(t, newer_files_are_left_alone);
    tcase_add_test(t, a_second_recorder_is_refused_by_pid);
    tcase_add_test(t, readers_need_no_write_access);
    tcase_add_test(t, a_full_disk);
    tcase_add_test(t, kill_9);
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
