/* SPDX-License-Identifier: MIT */
#include "analysis/price_table.h"

#include "base/timefmt.h"
#include "unit/analysis/price_rows.h"

Suite *suite_price_table(void);

static struct arena arena;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
}

static void teardown(void)
{
    arena_fini(&arena);
}

static int64_t instant(const char *z)
{
    int64_t ms = 0;
    ck_assert_int_eq(instant_parse(str_of(z), 0, &ms, NULL), ERR_OK);
    return ms;
}

static const char whole[] =
    "gwtop-prices 1\ndate 2026-06-02\norigin LiteLLM x.json\n"
    "gpt-x\topenai\tchat\t-\tinput=1250000 output=10000000 batch.input=625000 input@200000=2500000 region.eu=11000\n"
    "gpt-x\topenai\tchat\t2026-06-02\t!not in the price list any more\n"
    "gpt-x\topenai\tchat\t2026-07-01T09:30:00Z\tinput=1000000 output%0=3 output%100=4\n"
    "rr\t\t\t-\tquery=2000000000\nend 4\n";

START_TEST(reads_back_what_it_writes)
{
    struct price_table t;
    struct buf out;
    rows_parse(whole, &arena, &t);
    ck_assert_uint_eq(t.count, 4);
    ck_assert_str_eq(t.origin, "LiteLLM x.json");
    ck_assert_int_eq(t.date_ms, instant("2026-06-02"));
    buf_init(&out, 4096);
    ck_assert_int_eq(price_table_write(&t, &out), ERR_OK);
    ck_assert_str_eq(out.data, whole);
    buf_fini(&out);
}
END_TEST

static const struct price *at(const struct price_table *t, const char *model, const char *when, bool *ret_before)
{
    *ret_before = false;
    return price_table_at(t, str_of(model), instant(when), ret_before);
}

START_TEST(the_price_of_its_day)
{
    struct price_table t;
    bool before;
    rows_parse(whole, &arena, &t);
    ck_assert_int_eq(at(&t, "gpt-x", "2020-01-01", &before)->from_ms, PRICE_ALWAYS);
    ck_assert_int_eq(at(&t, "gpt-x", "2026-06-01T23:59:59Z", &before)->from_ms, PRICE_ALWAYS);
    ck_assert_str_eq(at(&t, "gpt-x", "2026-06-02", &before)->unpriced, "not in the price list any more");
    ck_assert_int_eq(at(&t, "gpt-x", "2026-07-01T09:29:59Z", &before)->from_ms, instant("2026-06-02"));
    ck_assert_int_eq(at(&t, "gpt-x", "2026-07-01T09:30:00Z", &before)->from_ms, instant("2026-07-01T09:30:00Z"));
    ck_assert(!before);
    ck_assert_ptr_null(at(&t, "gpt", "2026-07-01", &before));
    ck_assert_ptr_null(at(&t, "gpt-xx", "2026-07-01", &before));
    rows_parse(LIST("m\t\t\t2026-05-01\tinput=1\n", "1"), &arena, &t);
    ck_assert_ptr_nonnull(at(&t, "m", "2026-04-30", &before));
    ck_assert(before);
}
END_TEST

static void refused(const char *text, enum err e, const char *says)
{
    struct price_table t = {.count = 42};
    struct errctx why = {""};
    ck_assert_msg(price_table_parse(str_of(text), "p.txt", &arena, &t, &why) == e, "%s: %s", text, why.text);
    ck_assert_str_eq(why.text, says);
    ck_assert_uint_eq(t.count, 42);
}

START_TEST(what_is_no_list_is_refused_whole)
{
    refused("", ERR_PARSE, "p.txt: not a price list of gwtop");
    refused("{\"a\":1}", ERR_PARSE, "p.txt: not a price list of gwtop");
    refused("gwtop-prices x\n", ERR_PARSE, "p.txt:1: not a price list of gwtop");
    refused("gwtop-prices 2\n", ERR_VERSION, "p.txt: a price list of a newer gwtop");
    refused("gwtop-prices 1\norigin x\n", ERR_PARSE, "p.txt:2: the date of the list is missing");
    refused("gwtop-prices 1\ndate 2026-01-01\nend 0\n", ERR_PARSE, "p.txt:3: the origin of the list is missing");
    refused(LIST(ROW("m", "input=1"), "2"), ERR_PARSE, "p.txt:5: the number of rows is not what the end says: the list was cut or changed");
    refused(LIST(ROW("m", "input=1"), "1") "more\n", ERR_PARSE,
            "p.txt:5: the number of rows is not what the end says: the list was cut or changed");
    refused(LIST(ROW("m", "input=-1"), "1"), ERR_PARSE, "p.txt:4: a price that cannot be read");
    refused(LIST(ROW("m", "inputs=1"), "1"), ERR_PARSE, "p.txt:4: a price that cannot be read");
    refused(LIST(ROW("m", "input=1.5"), "1"), ERR_PARSE, "p.txt:4: a price that cannot be read");
    refused(LIST(ROW("m", "slow.input=1"), "1"), ERR_PARSE, "p.txt:4: a price that cannot be read");
    refused(LIST(ROW("m", "input@x=1"), "1"), ERR_PARSE, "p.txt:4: a price that cannot be read");
    refused(LIST(ROW("m", ""), "1"), ERR_PARSE, "p.txt:4: a model without a price, and without why");
    refused(LIST(ROW("m", "input=1 region.eu=0"), "1"), ERR_PARSE, "p.txt:4: an uplift that cannot be read");
    refused(LIST(ROW("m", "input=1 region.eu=100001"), "1"), ERR_PARSE, "p.txt:4: an uplift that cannot be read");
    refused(LIST(ROW("m", "input=1 region.eu=9000000000000000000"), "1"), ERR_PARSE, "p.txt:4: an uplift that cannot be read");
    refused(LIST("m\tinput=1\n", "1"), ERR_PARSE, "p.txt:4: expected model, provider, mode, date and prices, separated by tabs");
    refused(LIST("m\t\t\tsoon\tinput=1\n", "1"), ERR_PARSE, "p.txt:4: a date that cannot be read");
    refused(LIST("m\t\t\t2026-01-01\tinput=1\nm\t\t\t2026-01-01T00:00:00Z\tinput=2\n", "2"), ERR_PARSE,
            "p.txt: two prices for m from one instant on (2026-01-01)");
    refused(LIST(ROW("m", "input=1") ROW("m", "input=1"), "2"), ERR_PARSE, "p.txt: two prices for m from one instant on (the beginning)");
}
END_TEST

START_TEST(every_cut_is_refused)
{
    struct price_table t;
    for (size_t n = 0; n + 1 < sizeof whole; n++)
        ck_assert_msg(price_table_parse((struct str){whole, n}, "p.txt", &arena, &t, NULL) != ERR_OK, "accepted %zu bytes", n);
}
END_TEST

static void merged_is(const char *old, const char *fresh, const char *from, bool keep, const char *expected)
{
    struct price_table a = {0}, b, m;
    struct price_changes c;
    struct buf out;
    if (old != NULL)
        rows_parse(old, &arena, &a);
    rows_parse(fresh, &arena, &b);
    ck_assert_int_eq(price_table_merge(&a, &b, instant(from), keep, &arena, &m, &c, NULL), ERR_OK);
    buf_init(&out, 8192);
    ck_assert_int_eq(price_table_write(&m, &out), ERR_OK);
    char *rows = strchr(strchr(strchr(out.data, '\n') + 1, '\n') + 1, '\n') + 1;
    ck_assert_str_eq(rows, expected);
    buf_fini(&out);
}

START_TEST(an_update_keeps_the_past)
{
    static const char old[] = LIST(ROW("a", "input=1") ROW("b", "input=2") ROW("c", "input=3") ROW("d", "!absurd"), "4"),
                      fresh[] = LIST(ROW("a", "input=1") ROW("b", "input=20") ROW("bb", "input=9") ROW("d", "input=4"), "4");
    merged_is(NULL, fresh, "2026-02-01", false,
              ROW("a", "input=1") ROW("b", "input=20") ROW("bb", "input=9") ROW("d", "input=4") "end 4\n");
    merged_is(old, fresh, "2026-02-01", false,
              ROW("a", "input=1") ROW("b", "input=2") "b\tacme\tchat\t2026-02-01\tinput=20\n"
                                                      "bb\tacme\tchat\t2026-02-01\tinput=9\n" ROW(
                                                          "c", "input=3") "c\tacme\tchat\t2026-02-01\t!not in the price list any "
                                                                          "more\n" ROW("d", "!absurd") "d\tacme\tchat\t2026-02-01\tinput="
                                                                                                       "4\nend 8\n");
    merged_is(old, fresh, "2026-02-01", true,
              ROW("a", "input=1") ROW("b", "input=2") "b\tacme\tchat\t2026-02-01\tinput=20\n"
                                                      "bb\tacme\tchat\t2026-02-01\tinput=9\n" ROW("c", "input=3")
                                                          ROW("d", "!absurd") "d\tacme\tchat\t2026-02-01\tinput=4\nend 7\n");
    /* a second list of the same day takes the place of the first */
    merged_is(LIST(ROW("a", "input=1") "a\tacme\tchat\t2026-02-01\tinput=5\n", "2"), LIST(ROW("a", "input=6"), "1"), "2026-02-01", false,
              ROW("a", "input=1") "a\tacme\tchat\t2026-02-01\tinput=6\nend 2\n");
    merged_is(LIST(ROW("a", "input=1") "a\tacme\tchat\t2026-02-01\tinput=5\n", "2"), LIST(ROW("a", "input=1"), "1"), "2026-02-01", false,
              ROW("a", "input=1") "end 1\n");
    /* with --keep, what only the first one of that day names stays */
    merged_is(LIST(ROW("a", "input=1") "b\tacme\tchat\t2026-02-01\tinput=5\n", "2"), LIST(ROW("a", "input=1"), "1"), "2026-02-01", true,
              ROW("a", "input=1") "b\tacme\tchat\t2026-02-01\tinput=5\nend 2\n");
    merged_is(LIST(ROW("a", "input=1") "b\tacme\tchat\t2026-02-01\tinput=5\n", "2"), LIST(ROW("a", "input=1"), "1"), "2026-02-01", false,
              ROW("a", "input=1") "end 1\n");
}
END_TEST

START_TEST(an_update_counts_what_it_changed)
{
    struct price_table a, b, m;
    struct price_changes c;
    rows_parse(LIST(ROW("a", "input=1") ROW("b", "input=2") ROW("c", "input=3") ROW("d", "!absurd") ROW("e", "input=1"), "5"), &arena, &a);
    rows_parse(LIST(ROW("a", "input=1") ROW("b", "input=20") ROW("bb", "input=9") ROW("d", "input=4") ROW("e", "!negative"), "5"), &arena,
               &b);
    ck_assert_int_eq(price_table_merge(&a, &b, instant("2026-02-01"), false, &arena, &m, &c, NULL), ERR_OK);
    ck_assert_uint_eq(c.same, 1);
    ck_assert_uint_eq(c.changed, 1);
    ck_assert_uint_eq(c.added, 2);
    ck_assert_uint_eq(c.gone, 1);
    ck_assert_uint_eq(c.unpriced, 1);
    bool before;
    ck_assert_str_eq(at(&m, "e", "2026-03-01", &before)->unpriced, "negative");
    ck_assert_ptr_null(at(&m, "e", "2026-01-01", &before)->unpriced);
}
END_TEST

START_TEST(a_second_list_of_a_day_counts_what_it_does_not_name)
{
    struct price_table a, b, m;
    struct price_changes c;
    rows_parse(LIST(ROW("a", "input=1") "b\tacme\tchat\t2026-02-01\tinput=5\n", "2"), &arena, &a);
    rows_parse(LIST(ROW("a", "input=1"), "1"), &arena, &b);
    for (int keep = 0; keep < 2; keep++) {
        ck_assert_int_eq(price_table_merge(&a, &b, instant("2026-02-01"), keep, &arena, &m, &c, NULL), ERR_OK);
        ck_assert_uint_eq(c.same, 1);
        ck_assert_uint_eq(c.gone, 1);
        ck_assert_uint_eq(m.count, keep ? 2 : 1);
    }
}
END_TEST

Suite *suite_price_table(void)
{
    Suite *suite = suite_create("price_table");
    TCase *t = tcase_create("price_table");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, reads_back_what_it_writes);
    tcase_add_test(t, the_price_of_its_day);
    tcase_add_test(t, what_is_no_list_is_refused_whole);
    tcase_add_test(t, every_cut_is_refused);
    tcase_add_test(t, an_update_keeps_the_past);
    tcase_add_test(t, an_update_counts_what_it_changed);
    tcase_add_test(t, a_second_list_of_a_day_counts_what_it_does_not_name);
    suite_add_tcase(suite, t);
    return suite;
}
