/* SPDX-License-Identifier: MIT */
/* Readers follow the recorder into the ring store while the file cannot be written, and back. */
#include <sqlite3.h>
#include <sys/stat.h>

#include "faults/store_vfs.h"
#include "unit/store/support.h"
#include "view/load.h"

static struct place place;
static struct errctx ctx;
static struct clock_manual manual;
static char ring_dir[96];

static struct store *begin(uint32_t *ret_source)
{
    const struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true, .ring_dir = ring_dir};
    struct store *st = NULL;

    manual = (struct clock_manual){.wall_ms = T0, .mono_ms = 1000};
    place_init(&place);
    snprintf(ring_dir, sizeof ring_dir, "%s/run", place.dir);
    ck_assert_int_eq(mkdir(ring_dir, 0700), 0);
    ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", ring_dir, 1), 0);
    store_vfs_install(place.db);
    OK(store_open_writer(place.db, &opt, &clock, &st, &ctx));
    *ret_source = put_source(st, "edge");
    return st;
}

static void poll_once(struct store *st, uint32_t source, int n)
{
    const struct store_batch b = {.source = source, .t0_ms = T0 + n * 1000, .t1_ms = T0 + (n + 1) * 1000};
    manual.wall_ms = T0 + (n + 1) * 1000;
    OK(store_append(st, &b, 1, &ctx));
}

/* Whatever file is written: the store is this recorder's, and no second one gets it. */
static void assert_locked(void)
{
    const struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true};
    struct store *second = NULL;
    struct errctx why = {.text = ""};
    ck_assert_int_eq(store_recorder_pid(place.db), getpid());
    ck_assert_int_eq(store_open_writer(place.db, &opt, &clock, &second, &why), ERR_BUSY);
}

static bool is_kept(struct store *st)
{
    struct arena a;
    struct config cfg;
    struct view_frame f;
    const struct view_params p = {.now_ms = manual.wall_ms,
                                  .cursor_ms = manual.wall_ms,
                                  .live = true,
                                  .window_ms = 3600000,
                                  .columns = 60,
                                  .now_window_ms = 300000,
                                  .filter = ""};
    arena_init(&a, 64 << 20);
    OK(config_parse(str_of("gateway: test\n"), "test", &cfg, &ctx));
    OK(store_refresh(st, &ctx));
    const struct view_loader l = {.st = st, .cfg = &cfg, .arena = &a, .scratch = &a};
    OK(view_load_frame(&l, &p, &f, &ctx));
    ck_assert_uint_eq(f.sources_all, 1);
    ck_assert_int_eq(f.data_age_ms, 0); /* the newest poll is in the store that is open */
    config_fini(&cfg);
    arena_fini(&a);
    return f.kept;
}

START_TEST(a_reader_follows_the_recorder)
{
    uint32_t source;
    struct store *writer = begin(&source), *reader = NULL;

    poll_once(writer, source, 0);
    OK(view_open_store(place.db, &reader, &ctx));
    ck_assert(view_store_is_current(reader, place.db));
    ck_assert(is_kept(reader));

    store_vfs_fail(STORE_VFS_WRITE, 0, SQLITE_FULL);
    poll_once(writer, source, 1);
    ck_assert(!view_store_is_current(reader, place.db));
    store_close(reader);
    OK(view_open_store(place.db, &reader, &ctx));
    ck_assert(view_store_is_current(reader, place.db));
    ck_assert(!is_kept(reader)); /* NOT KEPT */
    ck_assert_int_eq(store_recorder_pid(store_path(reader)), getpid());
    assert_locked();

    store_vfs_heal();
    manual.mono_ms += 60001;
    poll_once(writer, source, 2);
    ck_assert(!view_store_is_current(reader, place.db));
    store_close(reader);
    OK(view_open_store(place.db, &reader, &ctx));
    ck_assert(is_kept(reader));
    store_close(reader);
    assert_locked();
    store_close(writer);
    ck_assert_int_eq(store_recorder_pid(place.db), 0);
    place_fini(&place);
}
END_TEST

static bool count_one(void *c, const struct store_scored *s)
{
    size_t *n = c;
    *n += s->id;
    return true;
}

static size_t remembered(struct store *st, uint32_t source)
{
    size_t n = 0;
    int64_t mark_ms, floor_ms;
    OK(store_scores(st, source, &mark_ms, &floor_ms, count_one, &n, &ctx));
    return n;
}

static void score(struct store *st, uint32_t source, uint64_t id)
{
    const struct store_scored one = {.id = id, .slot = 1, .series = 1};
    const struct store_scores s = {.source = source, .mark_ms = (int64_t)id, .t_max_ms = T0, .list = &one, .count = 1};
    OK(store_put_scores(st, &s, &ctx));
}

/* What was counted into the ring store is counted nowhere once the file is back: it is to be counted again. */
START_TEST(scores_are_remembered_where_their_samples_are)
{
    uint32_t source;
    struct store *writer = begin(&source);

    score(writer, source, 1);
    poll_once(writer, source, 0);
    store_vfs_fail(STORE_VFS_WRITE, 0, SQLITE_FULL);
    score(writer, source, 10);
    poll_once(writer, source, 1);
    ck_assert(store_is_ring(writer));
    ck_assert_uint_eq(remembered(writer, source), 10);
    store_vfs_heal();
    manual.mono_ms += 60001;
    score(writer, source, 100); /* with the commit that goes back */
    poll_once(writer, source, 2);
    ck_assert(!store_is_ring(writer));
    ck_assert_uint_eq(remembered(writer, source), 101);
    store_close(writer);
    place_fini(&place);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("store_ring_view");
    TCase *tc = tcase_create("follow");
    tcase_add_test(tc, a_reader_follows_the_recorder);
    tcase_add_test(tc, scores_are_remembered_where_their_samples_are);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
