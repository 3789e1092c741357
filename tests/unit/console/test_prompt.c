/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "base/safe_text.h"
#include "ui/console/prompt.h"
#include "ui/console/terminal.h"

Suite *suite_prompt(void);

static void type(struct prompt *p, const char *text)
{
    struct str s = str_of(text);
    while (s.n > 0) {
        uint32_t rune;
        size_t n = utf8_decode(s, &rune);
        ck_assert_int_eq(prompt_key(p, rune), PROMPT_MORE);
        s.p += n;
        s.n -= n;
    }
}

START_TEST(text_is_edited_by_runes)
{
    struct prompt p;
    prompt_open(&p, "", NULL);
    type(&p, "a\xc3\xa9\xe3\x81\x82z"); /* a, e acute, hiragana a, z */
    ck_assert_uint_eq(p.len, 7);
    ck_assert_int_eq(prompt_cursor_column(&p), 5);
    ck_assert_int_eq(prompt_key(&p, KEY_LEFT_), PROMPT_MORE);
    ck_assert_int_eq(prompt_key(&p, KEY_LEFT_), PROMPT_MORE);
    ck_assert_int_eq(prompt_cursor_column(&p), 2);
    ck_assert_int_eq(prompt_key(&p, KEY_BACKSPACE_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "a\xe3\x81\x82z");
    ck_assert_int_eq(prompt_key(&p, KEY_DELETE_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "az");
    type(&p, "b");
    ck_assert_str_eq(p.text, "abz");
    ck_assert_int_eq(prompt_key(&p, KEY_END_), PROMPT_MORE);
    ck_assert_int_eq(prompt_key(&p, KEY_DELETE_), PROMPT_MORE); /* nothing after it */
    ck_assert_int_eq(prompt_key(&p, KEY_RIGHT_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "abz");
    ck_assert_int_eq(prompt_key(&p, KEY_HOME_), PROMPT_MORE);
    ck_assert_int_eq(prompt_key(&p, KEY_LEFT_), PROMPT_MORE);
    type(&p, ">");
    ck_assert_str_eq(p.text, ">abz");
}
END_TEST

START_TEST(lines_words_and_ends_are_cut)
{
    struct prompt p;
    prompt_open(&p, "team=search model=gpt-x", NULL);
    ck_assert_int_eq(prompt_key(&p, 'w' & 31), PROMPT_MORE);
    ck_assert_str_eq(p.text, "team=search ");
    ck_assert_int_eq(prompt_key(&p, 'w' & 31), PROMPT_MORE);
    ck_assert_str_eq(p.text, "");
    ck_assert_int_eq(prompt_key(&p, 'w' & 31), PROMPT_MORE);
    prompt_set(&p, "abcd");
    ck_assert_int_eq(prompt_key(&p, KEY_LEFT_), PROMPT_MORE);
    ck_assert_int_eq(prompt_key(&p, 'k' & 31), PROMPT_MORE);
    ck_assert_str_eq(p.text, "abc");
    ck_assert_int_eq(prompt_key(&p, KEY_LEFT_), PROMPT_MORE);
    ck_assert_int_eq(prompt_key(&p, 'u' & 31), PROMPT_MORE);
    ck_assert_str_eq(p.text, "c");
    ck_assert_int_eq(prompt_cursor_column(&p), 0);
    ck_assert_int_eq(prompt_key(&p, 'e' & 31), PROMPT_MORE);
    ck_assert_int_eq(prompt_cursor_column(&p), 1);
}
END_TEST

START_TEST(it_ends_by_enter_escape_or_one_backspace_too_many)
{
    struct prompt p;
    prompt_open(&p, "x", NULL);
    ck_assert_int_eq(prompt_key(&p, KEY_TAB_), PROMPT_COMPLETE);
    ck_assert_int_eq(prompt_key(&p, KEY_ENTER_), PROMPT_DONE);
    ck_assert_str_eq(p.text, "x");
    ck_assert_int_eq(prompt_key(&p, KEY_ESC_), PROMPT_CANCEL);
    ck_assert_int_eq(prompt_key(&p, KEY_BACKSPACE_), PROMPT_MORE);
    ck_assert_int_eq(prompt_key(&p, KEY_BACKSPACE_), PROMPT_CANCEL);
}
END_TEST

START_TEST(what_cannot_be_shown_cannot_be_typed)
{
    static const uint32_t keys[] = {1,      7,      0x1f,    0x80,      0x9b,         0x200b,     0x202e,
                                    0xfeff, 0xd800, KEY_F5_, KEY_PGUP_, KEY_BACKTAB_, KEY_CLICK_, KEY_NONE};
    struct prompt p;
    prompt_open(&p, "ok", NULL);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        ck_assert_int_eq(prompt_key(&p, keys[i]), PROMPT_MORE);
        ck_assert_str_eq(p.text, "ok");
    }
}
END_TEST

START_TEST(it_holds_what_fits_and_no_half_rune)
{
    struct prompt p;
    prompt_open(&p, "", NULL);
    for (int i = 0; i < PROMPT_MAX; i++)
        ck_assert_int_eq(prompt_key(&p, 0x3042), PROMPT_MORE); /* three bytes each */
    ck_assert_uint_lt(p.len, PROMPT_MAX);
    ck_assert_uint_eq(p.len % 3, 0);
    ck_assert(utf8_is_valid(str_of(p.text)));
    char longer[PROMPT_MAX + 10];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    size_t before = p.len;
    prompt_set(&p, longer);
    ck_assert_uint_eq(p.len, before);
}
END_TEST

static void answer(struct prompt_history *h, const char *text)
{
    struct prompt p;
    prompt_open(&p, "", h);
    type(&p, text);
    ck_assert_int_eq(prompt_key(&p, KEY_ENTER_), PROMPT_DONE);
}

START_TEST(history_is_walked_both_ways_and_keeps_what_was_begun)
{
    static struct prompt_history h;
    struct prompt p;
    memset(&h, 0, sizeof h);
    answer(&h, "one");
    answer(&h, "two");
    answer(&h, "two"); /* once is enough */
    answer(&h, "");    /* nothing was said */
    ck_assert_uint_eq(h.count, 2);
    prompt_open(&p, "", &h);
    type(&p, "begun");
    ck_assert_int_eq(prompt_key(&p, KEY_UP_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "two");
    ck_assert_int_eq(prompt_key(&p, KEY_UP_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "one");
    ck_assert_int_eq(prompt_key(&p, KEY_UP_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "one");
    ck_assert_int_eq(prompt_key(&p, KEY_DOWN_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "two");
    ck_assert_int_eq(prompt_key(&p, KEY_DOWN_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "begun");
    ck_assert_int_eq(prompt_key(&p, KEY_DOWN_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "begun");
}
END_TEST

START_TEST(history_forgets_the_oldest)
{
    static struct prompt_history h;
    struct prompt p;
    memset(&h, 0, sizeof h);
    for (int i = 0; i < PROMPT_HISTORY_MAX + 5; i++) {
        char text[16];
        ck_assert(str_format(text, sizeof text, "line %d", i));
        answer(&h, text);
    }
    ck_assert_uint_eq(h.count, PROMPT_HISTORY_MAX);
    prompt_open(&p, "", &h);
    for (int i = 0; i < 2 * PROMPT_HISTORY_MAX; i++)
        ck_assert_int_eq(prompt_key(&p, KEY_UP_), PROMPT_MORE);
    ck_assert_str_eq(p.text, "line 5");
}
END_TEST

Suite *suite_prompt(void)
{
    Suite *s = suite_create("prompt");
    TCase *tc = tcase_create("prompt");
    tcase_add_test(tc, text_is_edited_by_runes);
    tcase_add_test(tc, lines_words_and_ends_are_cut);
    tcase_add_test(tc, it_ends_by_enter_escape_or_one_backspace_too_many);
    tcase_add_test(tc, what_cannot_be_shown_cannot_be_typed);
    tcase_add_test(tc, it_holds_what_fits_and_no_half_rune);
    tcase_add_test(tc, history_is_walked_both_ways_and_keeps_what_was_begun);
    tcase_add_test(tc, history_forgets_the_oldest);
    suite_add_tcase(s, tc);
    return s;
}
