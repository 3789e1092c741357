/* SPDX-License-Identifier: MIT */
/* What status pages say, as it was known at the cursor: nothing posted, posted, or not known, which is neither. */
#include "unit/view/fixture.h"

#include "view/vpages.h"

Suite *suite_vpages(void);

static struct fixture f;

static int64_t minute(int i)
{
    return fixture_start_ms + i * fixture_step_ms;
}

static void put_source(const char *name, enum source_state state, int ok, int tried, const char *reason)
{
    struct source_status s = fixture_status(&f, ok > 0 ? minute(ok) : 0);
    s.id = 0;
    s.name = name;
    s.kind = "status";
    s.url = "https://status.example";
    s.profile = "";
    s.state = state;
    s.reason = reason;
    s.last_try_ms = minute(tried);
    ck_assert_int_eq(store_put_source(f.st, &s, &s.id, NULL), ERR_OK);
    ck_assert_int_eq(store_put_status(f.st, minute(tried), &s, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
}

static void put_note(const char *name, int at, const char *text)
{
    char note[100];
    snprintf(note, sizeof note, STATUS_PAGE_NOTE, name);
    ck_assert_int_eq(store_put_note(f.st, note, minute(at), str_of(text), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
}

static void setup(void)
{
    fixture_open(&f);
    uint32_t ok = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "k", "ok", "");
    for (int i = 1; i <= 10; i++) {
        fixture_increment(&f, ok, 100);
        fixture_append(&f, minute(i));
    }
}

static void teardown(void)
{
    fixture_close(&f);
}

/* The lines at a minute. */
static const char *lines_at(int cursor)
{
    static char text[2048];
    const struct vpage *pages;
    size_t count, n = 0;
    f.params.now_ms = f.params.cursor_ms = minute(cursor);
    arena_reset(&f.arena);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(vpages_load(&f.loader, &f.params, &pages, &count, NULL), ERR_OK);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\n", pages[i].text);
    return text;
}

#define CLEAR "{\"provider\":\"openai\",\"unclear\":\"\",\"posted\":[]}"
#define POSTED                                                                                                                             \
    "{\"provider\":\"openai\",\"unclear\":\"\",\"posted\":[{\"id\":\"a\",\"text\":\"Elevated error rates\",\"url\":\"\",\"since_ms\":"     \
    "1795442640000,\"impact\":\"major\"},{\"id\":\"b\",\"text\":\"x\",\"url\":\"\",\"since_ms\":1,\"impact\":\"none\"}]}"

START_TEST(a_page_says_nothing_or_what_is_posted)
{
    put_source("st", SOURCE_OK, 2, 2, "");
    put_note("st", 2, CLEAR);
    ck_assert_str_eq(lines_at(3), "status.openai: nothing posted (60s ago)\n");
    put_source("st", SOURCE_OK, 5, 5, "");
    put_note("st", 5, POSTED);
    ck_assert_str_eq(lines_at(5), "status.openai: posted 14:04:00Z: Elevated error rates (major, 0s ago); +1 more\n");
    ck_assert_str_eq(lines_at(3), "status.openai: nothing posted (60s ago)\n"); /* as it was known then */
    struct view_overview o;
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_uint_eq(o.page_count, 1);
    ck_assert_uint_eq(o.source_count, 1); /* and it is none of those that measure */
    ck_assert_str_eq(o.sources[0].name, "gw");
}
END_TEST

START_TEST(what_does_not_answer_or_is_not_understood_is_not_known)
{
    put_source("st", SOURCE_NEVER, 0, 1, "");
    put_note("st", 1, "{\"provider\":\"openai\",\"unclear\":\"it has not told anything yet\",\"posted\":[]}");
    ck_assert_str_eq(lines_at(1), "status.openai: not known: it has not told anything yet\n");
    put_source("st", SOURCE_OK, 2, 2, "");
    put_note("st", 2, POSTED);
    put_source("st", SOURCE_DOWN, 2, 3, "https://status.example/x.json: it answers with an HTML page");
    ck_assert_str_eq(lines_at(3), "status.openai: not known since 14:02:00Z: it answers with an HTML page\n");
    put_source("st", SOURCE_OK, 4, 4, "");
    ck_assert_str_eq(lines_at(5), "status.openai: posted 14:04:00Z: Elevated error rates (major, 60s ago); +1 more\n");
    ck_assert_ptr_nonnull(strstr(lines_at(10), "status.openai: not known since 14:04:00Z")); /* it is stale */
    put_source("st", SOURCE_OK, 10, 10, "");
    put_note("st", 10, "{\"provider\":\"openai\",\"unclear\":\"its indicator says 'x'\",\"posted\":[]}");
    ck_assert_str_eq(lines_at(10), "status.openai: not known: its indicator says 'x'\n");
    put_note("st", 10, "{\"provider\":3,\"posted\":[{}]}");
    ck_assert_ptr_nonnull(strstr(lines_at(10), "status.st: not known"));
}
END_TEST

/* Of a past cursor it is not kept when each answer came; only that it answered. */
START_TEST(a_page_that_answered_on_is_known_in_between)
{
    put_source("st", SOURCE_OK, 2, 2, "");
    put_note("st", 2, CLEAR);
    ck_assert_ptr_nonnull(strstr(lines_at(8), "not known since 14:02:00Z"));
    put_source("st", SOURCE_OK, 10, 10, "");
    ck_assert_str_eq(lines_at(8), "status.openai: nothing posted (asked every 1m)\n");
    ck_assert_str_eq(lines_at(10), "status.openai: nothing posted (0s ago)\n");
    f.params.now_ms = minute(20);
    put_source("st", SOURCE_OK, 30, 30, ""); /* the recorder did not run between: the gateway was not asked either */
    ck_assert_ptr_nonnull(strstr(lines_at(20), "not known since"));
}
END_TEST

START_TEST(what_is_posted_comes_first_and_a_filter_leaves_others_out)
{
    put_source("st", SOURCE_OK, 10, 10, "");
    put_note("st", 2, CLEAR);
    put_source("az", SOURCE_DOWN, 0, 10, "gone");
    put_note("az", 2, "{\"provider\":\"azure\",\"unclear\":\"\",\"posted\":[]}");
    put_source("an", SOURCE_OK, 10, 10, "");
    put_note("an", 2,
             "{\"provider\":\"anthropic\",\"unclear\":\"\",\"posted\":[{\"id\":\"a\",\"text\":\"Slow\",\"url\":\"\",\"since_ms\":"
             "1795000000000,\"impact\":\"none\"}]}");
    ck_assert_str_eq(lines_at(10), "status.anthropic: posted 18 Nov 11:06:40Z: Slow (0s ago)\nstatus.azure: not known: it has not told "
                                   "anything yet: gone\nstatus.openai: nothing posted (0s ago)\n");
    (void)fixture_string(&f, "openai");
    f.params.filter = "provider=openai";
    ck_assert_str_eq(lines_at(10), "status.openai: nothing posted (0s ago)\n");
    f.params.filter = "provider=nobody";
    ck_assert_str_eq(lines_at(10), "");
    f.params.filter = "";
    put_source("st", SOURCE_STOPPED, 10, 10, "it is not configured any more");
    ck_assert_ptr_null(strstr(lines_at(10), "openai"));
}
END_TEST

Suite *suite_vpages(void)
{
    Suite *suite = suite_create("vpages");
    TCase *tc = tcase_create("vpages");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_page_says_nothing_or_what_is_posted);
    tcase_add_test(tc, what_does_not_answer_or_is_not_understood_is_not_known);
    tcase_add_test(tc, a_page_that_answered_on_is_known_in_between);
    tcase_add_test(tc, what_is_posted_comes_first_and_a_filter_leaves_others_out);
    suite_add_tcase(suite, tc);
    return suite;
}
