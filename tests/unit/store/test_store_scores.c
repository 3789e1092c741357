/* SPDX-License-Identifier: MIT */
/* What is remembered of scores, and the files in which they are handed in. */
#include "support.h"

#include <fcntl.h>

#include "store/store_internal.h"

static struct place place;
static struct errctx ctx;
static struct arena a;
static struct store *st;
static uint32_t source;

struct seen {
    struct store_scored list[8];
    size_t count;
    int64_t mark_ms, floor_ms;
};

static bool see(void *c, const struct store_scored *s)
{
    struct seen *seen = c;
    if (seen->count == 8)
        return false;
    seen->list[seen->count++] = *s;
    return true;
}

static struct seen remembered(void)
{
    struct seen s = {.count = 0};
    OK(store_scores(st, source, &s.mark_ms, &s.floor_ms, see, &s, &ctx));
    return s;
}

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 16 << 20);
    st = open_writer(&place);
    source = put_source(st, "lf");
}

static void teardown(void)
{
    store_close(st);
    arena_fini(&a);
    place_fini(&place);
}

static void put(uint64_t id, int64_t value, int64_t t_max_ms, int64_t floor_ms)
{
    const struct store_scored one = {id, (uint32_t)(t_max_ms / STORE_SCORE_SLOT_MS), 3, value, value == 0};
    const struct store_scores s = {.source = source, .mark_ms = T0, .floor_ms = floor_ms, .t_max_ms = t_max_ms, .list = &one, .count = 1};
    OK(store_put_scores(st, &s, &ctx));
}

START_TEST(what_was_put_comes_back_in_its_order)
{
    put(UINT64_MAX, -5, T0, T0 - 1000000);
    put(7, 1000000000, T0, T0 - 1000000);
    put(UINT64_MAX, 0, T0, T0 - 1000000);
    OK(store_commit(st, &ctx));
    store_close(st);
    st = open_writer(&place);
    const struct seen s = remembered();
    ck_assert_uint_eq(s.count, 3);
    ck_assert(s.list[0].id == UINT64_MAX && s.list[0].value_fixed == -5 && s.list[0].series == 3 && !s.list[0].bad);
    ck_assert(s.list[1].id == 7 && s.list[1].value_fixed == 1000000000);
    ck_assert(s.list[2].id == UINT64_MAX && s.list[2].bad && s.list[2].slot == T0 / STORE_SCORE_SLOT_MS);
    ck_assert_int_eq(s.mark_ms, T0);
    ck_assert_int_eq(s.floor_ms, T0 - 1000000);
}
END_TEST

START_TEST(it_goes_with_the_commit_that_fails)
{
    const struct store_batch wrong = {.source = 99, .t0_ms = 1, .t1_ms = 2};
    put(1, 1, T0, 0);
    ck_assert_int_ne(store_append(st, &wrong, 1, &ctx), ERR_OK);
    OK(store_commit(st, &ctx));
    ck_assert_uint_eq(remembered().count, 0);
    put(2, 1, T0, 0);
    store_scores_clear(st);
    OK(store_commit(st, &ctx));
    ck_assert_uint_eq(remembered().count, 0);
}
END_TEST

START_TEST(what_is_below_the_floor_goes)
{
    put(1, 1, T0 - 100000, 0);
    put(2, 1, T0, 0);
    OK(store_commit(st, &ctx));
    ck_assert_uint_eq(remembered().count, 2);
    put(3, 1, T0, T0 - 50000);
    OK(store_commit(st, &ctx));
    const struct seen s = remembered();
    ck_assert_uint_eq(s.count, 2);
    ck_assert_uint_eq(s.list[0].id, 2);
    const struct store_scores anew = {.source = source, .mark_ms = T0, .floor_ms = 1, .anew = true};
    OK(store_put_scores(st, &anew, &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_uint_eq(remembered().count, 0);
}
END_TEST

START_TEST(a_damaged_row_costs_its_own_entries)
{
    put(1, 1, T0, 0);
    put(2, 1, T0, 0);
    OK(store_commit(st, &ctx));
    OK(store_exec(st, "UPDATE score_log SET data = substr(data, 1, 9) WHERE seq = 1", &ctx));
    const struct seen s = remembered();
    ck_assert_uint_eq(s.count, 1);
    ck_assert_uint_eq(s.list[0].id, 2);
}
END_TEST

/* A file of format 8 gets the tables, a key of its own, and keeps what it had. */
START_TEST(version_8_is_brought_up_to_date)
{
    uint64_t key[2];
    struct store_late *late;
    size_t n;

    for (int i = 0; i < 2; i++) {
        store_close(st);
        remove_dir(place.dir);
        mkdir(place.dir, 0700);
        OK(store_new(place.db, place.db, &st));
        st->writer = true;
        ck_assert_int_eq(sqlite3_open(place.db, &st->db), SQLITE_OK);
        OK(store_schema_steps(st, 0, 8, &ctx));
        OK(store_exec(st, "INSERT INTO late VALUES(1, 5, 6, 9, 1)", &ctx));
        store_close(st);
        st = NULL;
        ck_assert_int_eq(store_open_reader(place.db, &st, &ctx), ERR_VERSION);
        st = open_writer(&place);
        OK(store_late(st, 8, &a, &late, &n, &ctx));
        ck_assert_uint_eq(n, 1);
        source = put_source(st, "lf");
        OK(store_score_key(st, &key[i], &ctx));
        put(1, 1, T0, 0);
        OK(store_commit(st, &ctx));
        ck_assert_uint_eq(remembered().count, 1);
    }
    ck_assert_uint_ne(key[0], key[1]);
}
END_TEST

static size_t waiting(struct store_score_file files[STORE_SCORE_FILES])
{
    size_t n;
    arena_reset(&a);
    OK(store_score_files(st, &a, files, &n, &ctx));
    return n;
}

START_TEST(a_file_is_taken_in_once)
{
    struct store_score_file files[STORE_SCORE_FILES];

    ck_assert_uint_eq(waiting(files), 0);
    OK(store_scores_drop(place.db, str_of("{\"name\":\"x\",\"value\":1}\n"), T0, &ctx));
    ck_assert_uint_eq(waiting(files), 1);
    ck_assert(str_eq_z(files[0].text, "{\"name\":\"x\",\"value\":1}\n"));
    ck_assert_uint_eq(waiting(files), 1); /* as long as no commit has it */
    const struct store_scores s = {.source = source, .mark_ms = T0, .file = files[0].name};
    OK(store_put_scores(st, &s, &ctx));
    ck_assert_uint_eq(waiting(files), 1);
    OK(store_commit(st, &ctx));
    ck_assert_uint_eq(waiting(files), 0); /* and it is removed */
    char path[200];
    snprintf(path, sizeof path, "%s/acts", place.dir);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

/* As they were handed in, and not as the directory has them; what is none does not stand in the way. */
START_TEST(files_come_in_their_order)
{
    struct store_score_file files[STORE_SCORE_FILES];
    char text[16], junk[256];
    for (int i = 0; i < 40; i++) {
        const int at = i * 7 % 40;
        snprintf(text, sizeof text, "%d\n", at);
        OK(store_scores_drop(place.db, str_of(text), T0 + at, &ctx));
    }
    for (int i = 0; i < 2 * STORE_SCORE_FILES; i++) {
        snprintf(junk, sizeof junk, "%s/acts/0-%d.scores", place.dir, i);
        close(open(junk, O_WRONLY | O_CREAT, 0600));
    }
    ck_assert_uint_eq(waiting(files), STORE_SCORE_FILES);
    for (int i = 0; i < STORE_SCORE_FILES; i++) {
        snprintf(text, sizeof text, "%d\n", i);
        ck_assert(str_eq_z(files[i].text, text));
    }
}
END_TEST

START_TEST(what_is_no_such_file_is_left_alone)
{
    struct store_score_file files[STORE_SCORE_FILES];
    char path[256], to[256];

    OK(store_scores_drop(place.db, str_of("a\n"), T0, &ctx));
    ck_assert_uint_eq(waiting(files), 1);
    snprintf(path, sizeof path, "%s/acts/%s", place.dir, files[0].name);
    snprintf(to, sizeof to, "%s/acts/other.scores", place.dir);
    ck_assert_int_eq(link(path, to), 0); /* two names: whose it is cannot be told */
    ck_assert_uint_eq(waiting(files), 0);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_uint_eq(waiting(files), 1);
    ck_assert_int_eq(unlink(to), 0);
    ck_assert_int_eq(symlink("/etc/passwd", to), 0);
    snprintf(path, sizeof path, "%s/acts/new.scores", place.dir);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    ck_assert(fd >= 0 && write(fd, "gwtop-scores 2\nx\n", 17) == 17);
    close(fd);
    ck_assert_uint_eq(waiting(files), 0);
    ck_assert_int_eq(access(path, F_OK), 0);
    struct str large = {"", STORE_SCORE_FILE_MAX};
    ck_assert_int_eq(store_scores_drop(place.db, large, T0, &ctx), ERR_LIMIT);
}
END_TEST

Suite *suite_store_scores(void);
Suite *suite_store_scores(void)
{
    Suite *s = suite_create("store_scores");
    TCase *t = tcase_create("scores");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_was_put_comes_back_in_its_order);
    tcase_add_test(t, it_goes_with_the_commit_that_fails);
    tcase_add_test(t, what_is_below_the_floor_goes);
    tcase_add_test(t, a_damaged_row_costs_its_own_entries);
    tcase_add_test(t, version_8_is_brought_up_to_date);
    tcase_add_test(t, a_file_is_taken_in_once);
    tcase_add_test(t, files_come_in_their_order);
    tcase_add_test(t, what_is_no_such_file_is_left_alone);
    suite_add_tcase(s, t);
    return s;
}
