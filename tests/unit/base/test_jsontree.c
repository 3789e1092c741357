/* SPDX-License-Identifier: MIT */
#include "base/jsontree.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *suite_jsontree(void);

static struct arena arena;
static struct errctx why;

static void setup(void)
{
    arena_init(&arena, 16 << 20);
    why.text[0] = '\0';
}

static void teardown(void)
{
    arena_fini(&arena);
}

static const struct jsontree *parse(const char *z)
{
    const struct jsontree *root = NULL;
    ck_assert_msg(jsontree_parse(str_of(z), &arena, &root, &why) == ERR_OK, "%s: %s", z, why.text);
    return root;
}

static void text_is(const struct jsontree *n, enum jsontree_kind kind, const char *text)
{
    ck_assert_ptr_nonnull(n);
    ck_assert_int_eq(n->kind, kind);
    ck_assert_msg(str_eq_z(n->text, text), "'%.*s' is not '%s'", (int)n->text.n, n->text.p, text);
}

START_TEST(numbers_stay_their_text)
{
    static const char *const numbers[] = {"0",    "-0",   "1.25e-06", "2.9999900000000002e-06",        "10",
                                          "1E+5", "0.10", "-12.5",    "123456789012345678901234567890"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        text_is(parse(numbers[i]), JSONTREE_NUMBER, numbers[i]);
}
END_TEST

START_TEST(members_and_elements_in_their_order)
{
    const struct jsontree *root = parse(" {\"a\" : [1, \"two\",\nnull,true , false, {}, []],\n\"b\":{\"c\":3},\"b\":4} ");
    const struct jsontree *a = jsontree_get(root, "a"), *e = a->child;
    text_is(e, JSONTREE_NUMBER, "1");
    text_is(e = e->next, JSONTREE_STRING, "two");
    ck_assert_int_eq((e = e->next)->kind, JSONTREE_NULL);
    ck_assert_int_eq(e->line, 2);
    ck_assert_int_eq((e = e->next)->kind, JSONTREE_TRUE);
    ck_assert_int_eq((e = e->next)->kind, JSONTREE_FALSE);
    ck_assert_int_eq((e = e->next)->kind, JSONTREE_OBJECT);
    ck_assert_int_eq((e = e->next)->kind, JSONTREE_ARRAY);
    ck_assert_ptr_null(e->next);
    text_is(jsontree_get(jsontree_get(root, "b"), "c"), JSONTREE_NUMBER, "3"); /* the first of two */
    text_is(root->child->next->next, JSONTREE_NUMBER, "4");
    ck_assert_ptr_null(jsontree_get(root, "d"));
    ck_assert_ptr_null(jsontree_get(NULL, "d"));
    ck_assert_ptr_null(jsontree_get(a, "a"));
}
END_TEST

START_TEST(strings_are_unescaped)
{
    text_is(parse("\"\""), JSONTREE_STRING, "");
    text_is(parse("\"a\\n\\t\\\"\\\\\\/b\""), JSONTREE_STRING, "a\n\t\"\\/b");
    text_is(parse("\"\\u00e9\\u20ac\\ud83d\\ude00\""), JSONTREE_STRING, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    text_is(parse("\"\\ud83dx\""), JSONTREE_STRING, "\xef\xbf\xbdx"); /* half a pair */
    text_is(jsontree_get(parse("{\"\\u0061b\":1}"), "ab"), JSONTREE_NUMBER, "1");
    text_is(parse("\xef\xbb\xbf\"x\""), JSONTREE_STRING, "x");
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
    static const char *const bad[] = {"",           " ",
                                      "{",          "[1",
                                      "[1,]",       "{\"a\"}",
                                      "{\"a\":}",   "{a:1}",
                                      "{\"a\":1,}", "01",
                                      "1.",         ".5",
                                      "+1",         "1e",
                                      "NaN",        "nul",
                                      "\"",         "\"a\\x\"",
                                      "\"\\u12",    "\"\n\"",
                                      "1 2",        "[1]]",
                                      "'a'",        "-",
                                      "[1 2]",      "{\"a\":1 \"b\":2}",
                                      "tru",        "Infinity",
                                      "\"\\u12g4\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct jsontree *root = NULL;
        ck_assert_msg(jsontree_parse(str_of(bad[i]), &arena, &root, &why) == ERR_PARSE, "accepted %s", bad[i]);
        ck_assert_ptr_null(root);
    }
}
END_TEST

START_TEST(every_cut_is_refused)
{
    static const char whole[] = "{\"m\": {\"in\": 1.25e-06, \"k\\u00e9y\": [true, null, \"x\\\\\"]}}";
    for (size_t n = 0; n + 1 < sizeof whole; n++) {
        const struct jsontree *root = NULL;
        ck_assert_msg(jsontree_parse((struct str){whole, n}, &arena, &root, &why) == ERR_PARSE, "accepted %zu bytes", n);
        ck_assert_msg(strstr(why.text, "line 1: it ends in the middle") != NULL || n > 0, "%zu: %s", n, why.text);
    }
    (void)parse(whole);
}
END_TEST

START_TEST(depth_has_an_end)
{
    char deep[200];
    const struct jsontree *root = NULL;
    memset(deep, '[', 64);
    memset(deep + 64, ']', 64);
    ck_assert_int_eq(jsontree_parse((struct str){deep, 128}, &arena, &root, &why), ERR_OK);
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    ck_assert_int_eq(jsontree_parse((struct str){deep, 130}, &arena, &root, &why), ERR_PARSE);
    ck_assert_str_eq(why.text, "line 1: nested deeper than 64");
}
END_TEST

START_TEST(a_full_arena_is_no_crash)
{
    struct arena small;
    const struct jsontree *root = NULL;
    arena_init(&small, 600);
    ck_assert_int_eq(jsontree_parse(str_of("[1,2,3,4,5,6,7,8,9,\"\\n\"]"), &small, &root, &why), ERR_NOMEM);
    arena_fini(&small);
}
END_TEST

Suite *suite_jsontree(void)
{
    Suite *suite = suite_create("jsontree");
    TCase *t = tcase_create("jsontree");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, numbers_stay_their_text);
    tcase_add_test(t, members_and_elements_in_their_order);
    tcase_add_test(t, strings_are_unescaped);
    tcase_add_test(t, what_is_no_json_is_refused);
    tcase_add_test(t, every_cut_is_refused);
    tcase_add_test(t, depth_has_an_end);
    tcase_add_test(t, a_full_arena_is_no_crash);
    suite_add_tcase(suite, t);
    return suite;
}
