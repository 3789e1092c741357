/* SPDX-License-Identifier: MIT */
/* A part of a store as a file: it reads as the original does, has no name that was masked in any of its bytes, and leaves the original as
 * it is. */
#include "support.h"

#include <sys/wait.h>

#include "store/store_internal.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static struct place place;
static struct errctx ctx;
static struct arena a;
static struct clock_manual manual;
static struct store *st;
static char part[128];

static const struct store_export_note notes[] = {{STORE_SNAPSHOT_NOTE, {"{\"of\": \"#1 of search\"}", 22}},
                                                 {"ended", {"1763956800000", 13}}};

/* Nine days of a poll each minute for two teams, the last hours of them not sealed yet; and facts of each kind. */
static void record(void)
{
    struct series s[2] = {{.source = put_source(st, "a"), .signal = SIG_REQUESTS}, {.source = 1, .signal = SIG_REQUESTS}};
    uint32_t id[2];

    s[0].dim[DIM_TEAM] = put_string(st, "search");
    s[0].dim[DIM_KEY] = put_string(st, "search-key");
    s[1].dim[DIM_TEAM] = put_string(st, "blue whale");
    for (int i = 0; i < 2; i++)
        OK(store_series(st, &s[i], &id[i], &ctx));
    for (int64_t t = T0 - 9 * DAY; t <= T0; t += 60000) {
        const struct store_item it[2] = {{.series = id[0], .v.increment = 1}, {.series = id[1], .v.increment = 2}};
        const struct store_batch b = {.source = 1, .t0_ms = t - 60000, .t1_ms = t, .items = it, .count = 2};
        manual.wall_ms = t;
        OK(store_append(st, &b, 1, &ctx));
    }
    const struct source_status status = {.name = "a",
                                         .id = 1,
                                         .kind = "metrics",
                                         .url = "http://127.0.0.1:1/metrics",
                                         .gateway = "gw",
                                         .profile = "litellm",
                                         .state = SOURCE_PARTIAL,
                                         .interval_ms = 60000,
                                         .last_ok_ms = T0,
                                         .last_try_ms = T0,
                                         .reason = "lacks {team=\"search\"}",
                                         .warning = "",
                                         .lack = {.since_ms = T0 - 60000, .part = 1, .metrics = "of blue whale"}};
    OK(store_put_status(st, T0, &status, &ctx));
    const struct event e = {.at_ms = T0,
                            .known_ms = T0,
                            .kind = EVENT_KEY,
                            .scope = "team=search",
                            .text = "key search-key runs away. @beatrix, beatrix_2 and x.beatrix@example.com; bestbeatrices zenobia",
                            .source = "gwtop"};
    OK(store_put_event(st, "e", &e, &ctx));
    const struct outside o = {.source = "am",
                              .fingerprint = "f1",
                              .rule = "outside:am:Errors",
                              .name = "Errors",
                              .scope = "team=search",
                              .labels = "job=x",
                              .state = OUTSIDE_SILENCED,
                              .since_ms = T0 - 60000,
                              .known_ms = T0 - 60000,
                              .quiet = "marguerite deploys",
                              .quiet_by = "marguerite",
                              .quiet_until_ms = T0 + HOUR,
                              .acked_by = "hal@example.com",
                              .summary = "blue whale fails",
                              .runbook = "",
                              .dashboard = ""};
    OK(store_put_outside(st, &o, &ctx));
    OK(store_put_outside_state(st, &o, OUTSIDE_OVER, T0 + 1, &ctx));
    const struct event later = {
        .at_ms = T0, .known_ms = T0 + 1, .kind = EVENT_DEPLOY, .scope = "", .text = "later by zenobia", .source = "gwtop"};
    OK(store_put_event(st, "l", &later, &ctx));
    OK(store_put_note(st, "budgets", T0, str_of("[{\"name\": \"blue whale\"}]"), &ctx));
    OK(store_put_note(st, "state", T0, (struct str){"\001search", 7}, &ctx));
    OK(store_commit(st, &ctx));
    size_t n;
    OK(store_act_drop(place.db, "assign", 1, "beatrix", T0, &ctx));
    OK(store_act_ingest(st, &n, &ctx));
}

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 256 << 20);
    manual = (struct clock_manual){.wall_ms = T0, .mono_ms = 1};
    const struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true, .keep_raw_ms = 20 * DAY};
    OK(store_open_writer(place.db, &opt, &clock, &st, &ctx));
    record();
    store_close(st);
    st = open_reader(&place);
    snprintf(part, sizeof part, "%s/part.gwtop", place.dir);
}

static void teardown(void)
{
    store_close(st);
    arena_fini(&a);
    place_fini(&place);
}

static struct store *taken(int64_t from_ms, int64_t max_bytes, bool mask, struct store_exported *ret)
{
    const struct store_export what = {
        .from_ms = from_ms, .to_ms = T0, .max_bytes = max_bytes, .notes = notes, .note_count = 2, .mask = mask};
    struct store *copy = NULL;

    OK(store_export(st, part, &what, ret, &ctx));
    OK(store_open_reader(part, &copy, &ctx));
    OK(store_refresh(copy, &ctx));
    return copy;
}

static int64_t sum_of(struct store *of, int64_t t0, int64_t t1)
{
    const struct store_query q = {.signal = SIG_REQUESTS, .t0_ms = t0, .step_ms = t1 - t0, .columns = 1};
    struct store_result r;

    arena_reset(&a);
    OK(store_read(of, &q, 1, &a, &r, &ctx));
    return r.count > 0 ? r.groups[0].cells[0].sum : -1;
}

/* Whether the bytes of the file have it. */
static bool has(const char *word)
{
    FILE *f = fopen(part, "rb");
    ck_assert_ptr_nonnull(f);
    char *room = malloc(64 << 20);
    ck_assert_ptr_nonnull(room);
    const size_t n = fread(room, 1, 64 << 20, f), k = strlen(word);
    bool found = false;
    for (size_t i = 0; !found && i + k <= n; i++)
        found = memcmp(room + i, word, k) == 0;
    free(room);
    fclose(f);
    return found;
}

START_TEST(at_each_cursor_it_reads_what_the_original_does)
{
    struct store_exported is;
    struct store *copy = taken(T0 - 2 * HOUR, 1 << 30, false, &is);
    struct stat sb;

    ck_assert(!is.is_thin && is.raw_from_ms <= T0 - 7 * DAY - 2 * HOUR);
    for (int64_t cursor = T0 - 2 * HOUR; cursor <= T0; cursor += 17 * 60000 + 1000) {
        const int64_t spans[][2] = {{300000, 0}, {HOUR, 0}, {6 * HOUR, 0}, {3 * DAY, 0}, {9 * DAY, 0}, {300000, 7 * DAY}, {300000, DAY}};
        for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
            const int64_t t1 = cursor - spans[i][1], t0 = t1 - spans[i][0];
            if (t0 > T0 - 9 * DAY)
                ck_assert_int_eq(sum_of(copy, t0, t1), sum_of(st, t0, t1));
        }
    }
    store_close(copy);
    ck_assert_int_eq(stat(part, &sb), 0);
    ck_assert_uint_eq(sb.st_mode & 0777, 0600);
    ck_assert_int_eq(sb.st_size, is.bytes);
}
END_TEST

START_TEST(facts_are_those_that_were_known_at_its_end)
{
    struct store_exported is;
    struct store *copy = taken(T0 - HOUR, 1 << 30, false, &is);
    struct event *events;
    struct source_status *sources;
    struct store_act *acts;
    struct store_chain chain;
    struct str note;
    size_t n;

    OK(store_events(copy, 0, INT64_MAX, INT64_MAX, &a, &events, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(events[0].text, "key search-key runs away. @beatrix, beatrix_2 and x.beatrix@example.com; bestbeatrices zenobia");
    struct outside *outside;
    OK(store_outside_history(copy, 0, INT64_MAX, &a, &outside, &n, &ctx));
    ck_assert_uint_eq(n, 1); /* that it was over was known later */
    ck_assert_str_eq(outside[0].quiet_by, "marguerite");
    OK(store_sources(copy, T0, &a, &sources, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(sources[0].reason, "lacks {team=\"search\"}");
    OK(store_acts(copy, INT64_MAX, &a, &acts, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    OK(store_acts_verify(copy, 0, NULL, &chain, &ctx));
    ck_assert_int_eq(chain.word, STORE_CHAIN_WHOLE);
    OK(store_note(copy, "ended", INT64_MAX, &a, &note));
    ck_assert(str_eq_z(note, "1763956800000"));
    store_close(copy);
}
END_TEST

START_TEST(no_masked_name_is_in_any_byte_of_it)
{
    struct store_exported is;
    struct store *copy = taken(T0 - HOUR, 1 << 30, true, &is);
    struct event *events;
    struct source_status *sources;
    struct store_act *acts;
    char author[STORE_AUTHOR_MAX], team[32];
    size_t n;

    store_act_author(author);
    static const char *const names[] = {"search", "search-key", "blue whale", "beatrix", "marguerite", "hal@example.com", "zenobia"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(!has(names[i]), "%s is in it", names[i]);
    OK(store_events(copy, 0, INT64_MAX, INT64_MAX, &a, &events, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(strncmp(events[0].scope, "team=team-", 10), 0);
    ck_assert_int_eq(strncmp(events[0].text, "key key-", 8), 0);
    ck_assert_ptr_nonnull(strstr(events[0].text, " runs away. @user-"));
    ck_assert_ptr_nonnull(strstr(events[0].text, "_2 and x.user-"));
    ck_assert_ptr_nonnull(strstr(events[0].text, "@example.com; bestbeatrices")); /* what is but a part of a word is none */
    snprintf(team, sizeof team, "{team=\"%s\"}", events[0].scope + 5);            /* the same name has the same pseudonym everywhere */
    OK(store_sources(copy, T0, &a, &sources, &n, &ctx));
    ck_assert_ptr_nonnull(strstr(sources[0].reason, team));
    bool found = false;
    for (size_t i = 0; i < store_series_count(copy); i++)
        found = found || strcmp(intern_text(store_strings(copy), store_series_at(copy, i)->dim[DIM_TEAM]), events[0].scope + 5) == 0;
    ck_assert(found);
    OK(store_acts(copy, INT64_MAX, &a, &acts, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_ne(acts[0].author, author);
    ck_assert_int_eq(strncmp(acts[0].text, "user-", 5), 0);
    ck_assert_str_eq(acts[0].origin, "");
    ck_assert_int_eq(sum_of(copy, T0 - HOUR, T0), sum_of(st, T0 - HOUR, T0));
    store_close(copy);
    char first[32];
    snprintf(first, sizeof first, "%s", events[0].scope);
    ck_assert_int_eq(unlink(part), 0);
    copy = taken(T0 - HOUR, 1 << 30, true, &is); /* another one cannot be joined with it */
    OK(store_events(copy, 0, INT64_MAX, INT64_MAX, &a, &events, &n, &ctx));
    ck_assert_str_ne(events[0].scope, first);
    store_close(copy);
}
END_TEST

START_TEST(what_is_too_much_is_left_to_sums_or_refused)
{
    const struct store_export tiny = {.from_ms = T0 - HOUR, .to_ms = T0, .max_bytes = 1000, .notes = notes, .note_count = 2};
    struct store_exported is;
    struct store *copy = taken(T0 - HOUR, 1 << 30, false, &is);

    store_close(copy);
    const int64_t whole = is.bytes;
    ck_assert_int_eq(unlink(part), 0);
    copy = NULL;
    for (int64_t most = whole; copy == NULL || !is.is_thin; most -= whole / 80) { /* what is copied takes less than the file's pages */
        ck_assert_int_gt(most, whole / 40);
        store_close(copy);
        (void)unlink(part);
        copy = taken(T0 - HOUR, most, false, &is);
    }
    ck_assert(is.bytes < whole && is.raw_from_ms == T0 - DAY - 3 * HOUR);
    ck_assert_int_eq(sum_of(copy, T0 - DAY - 300000, T0 - DAY), sum_of(st, T0 - DAY - 300000, T0 - DAY));
    ck_assert_int_eq(sum_of(copy, T0 - 7 * DAY - 290000, T0 - 7 * DAY), sum_of(st, T0 - 7 * DAY - 290000, T0 - 7 * DAY));
    store_close(copy);
    ck_assert_int_eq(unlink(part), 0);
    ck_assert_int_eq(store_export(st, part, &tiny, &is, &ctx), ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(ctx.text, "--from"));
    ck_assert_int_ne(access(part, F_OK), 0);
}
END_TEST

START_TEST(neither_the_original_nor_another_file_is_written)
{
    const struct store_export what = {.from_ms = T0 - HOUR, .to_ms = T0, .max_bytes = 1 << 30, .notes = notes, .note_count = 2};
    struct store_exported is;
    struct stat before, after;
    struct store *writer = NULL;
    char name[256];

    ck_assert_int_eq(stat(place.db, &before), 0);
    OK(store_export(st, part, &what, &is, &ctx));
    ck_assert_int_eq(stat(place.db, &after), 0);
    ck_assert(before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec &&
              before.st_size == after.st_size);
    ck_assert_int_eq(store_export(st, part, &what, &is, &ctx), ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "left as it is"));
    snprintf(name, sizeof name, "%s-wal", part);
    ck_assert_int_ne(access(name, F_OK), 0); /* it is one file */
    ck_assert_int_eq(store_open_writer(part, NULL, NULL, &writer, &ctx), ERR_READONLY);
    ck_assert_ptr_nonnull(strstr(ctx.text, "gwtop open"));
}
END_TEST

static void left(const char *name, bool is_store)
{
    char path[256];
    FILE *to, *from = fopen(place.db, "rb");
    char head[512];

    snprintf(path, sizeof path, "%s/%s", place.dir, name);
    to = fopen(path, "wb");
    ck_assert(from != NULL && to != NULL);
    ck_assert_uint_eq(fread(head, 1, sizeof head, from), sizeof head);
    if (!is_store)
        memset(head, 'x', sizeof head);
    ck_assert_uint_eq(fwrite(head, 1, sizeof head, to), sizeof head);
    fclose(from);
    fclose(to);
}

static bool is_there(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", place.dir, name);
    return access(path, F_OK) == 0;
}

START_TEST(what_a_killed_one_left_goes_with_the_next)
{
    struct store_exported is;
    char gone[64], journal[80], foreign[64], lives[64];
    const pid_t child = fork();

    if (child == 0)
        _exit(0);
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child); /* its number is nobody's */
    snprintf(gone, sizeof gone, "other.gwtop.%ld.part", (long)child);
    snprintf(journal, sizeof journal, "%s-journal", gone);
    snprintf(foreign, sizeof foreign, "film.%ld.part", (long)child);
    snprintf(lives, sizeof lives, "other.gwtop.%ld.part", (long)getppid());
    left(gone, true);
    left(journal, true);
    left(foreign, false); /* somebody's download */
    left(lives, true);
    left("part", true);
    store_close(taken(T0 - HOUR, 1 << 30, false, &is));
    ck_assert(!is_there(gone) && !is_there(journal));
    ck_assert(is_there(foreign) && is_there(lives) && is_there("part"));
}
END_TEST

/* A table that a later format adds is one that somebody decides about: copied, or the recorder's own. */
START_TEST(every_table_of_the_store_is_thought_of)
{
    static const char *const copied[] = {"dict",    "shard",    "head",     "segment", "chunk",     "kept",  "meta",
                                         "source",  "status",   "gap",      "late",    "authority", "event", "alert",
                                         "outside", "incident", "timeline", "note",    "act"};
    static const char *const left[] = {"score_mark", "score_log", "score_file"}; /* what is counted already: nobody counts in a snapshot */
    sqlite3_stmt *s = NULL;

    ck_assert_int_eq(sqlite3_prepare_v2(st->db, "SELECT name FROM sqlite_schema WHERE type = 'table'", -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        bool known = false;
        for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
            known = known || strcmp(copied[i], name) == 0;
        for (size_t i = 0; i < sizeof left / sizeof *left; i++)
            known = known || strcmp(left[i], name) == 0;
        ck_assert_msg(known, "table %s is in no snapshot: copy it in store_export_facts.c, or say here why not", name);
    }
    sqlite3_finalize(s);
}
END_TEST

Suite *suite_store_export(void);
Suite *suite_store_export(void)
{
    Suite *s = suite_create("store_export");
    TCase *t = tcase_create("export");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, at_each_cursor_it_reads_what_the_original_does);
    tcase_add_test(t, facts_are_those_that_were_known_at_its_end);
    tcase_add_test(t, no_masked_name_is_in_any_byte_of_it);
    tcase_add_test(t, what_is_too_much_is_left_to_sums_or_refused);
    tcase_add_test(t, neither_the_original_nor_another_file_is_written);
    tcase_add_test(t, what_a_killed_one_left_goes_with_the_next);
    tcase_add_test(t, every_table_of_the_store_is_thought_of);
    suite_add_tcase(s, t);
    return s;
}
