/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "base/safe_text.h"
#include "ui/console/keymap.h"
#include "ui/console/terminal.h"

Suite *suite_keymap(void);

static enum action action_named(const char *name)
{
    int a = 0;
    while (a < ACTION_COUNT && strcmp(action_info((enum action)a)->name, name) != 0)
        a++;
    ck_assert_int_lt(a, ACTION_COUNT);
    return (enum action)a;
}

static size_t words_of(const char *list)
{
    size_t n = 0;
    for (const char *p = list; *p != '\0'; p++)
        n += *p != ' ' && (p == list || p[-1] == ' ');
    return n;
}

START_TEST(every_default_key_is_a_key_and_belongs_to_one_action)
{
    struct keymap m;
    size_t wanted = 0;
    keymap_init(&m);
    for (int a = 0; a < ACTION_COUNT; a++) {
        const struct action_info *info = action_info((enum action)a);
        char keys[64];
        wanted += words_of(info->keys);
        keymap_keys_of(&m, (enum action)a, keys, sizeof keys);
        ck_assert_str_eq(keys, info->keys); /* what the table says is what is bound, and how it is shown */
    }
    ck_assert_uint_eq(m.count, wanted);
}
END_TEST

START_TEST(names_are_words_help_is_short_and_both_are_given_once)
{
    for (int a = 0; a < ACTION_COUNT; a++) {
        const struct action_info *info = action_info((enum action)a);
        ck_assert_uint_gt(strlen(info->name), 0);
        ck_assert_uint_eq(strspn(info->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(info->name));
        ck_assert_uint_gt(strlen(info->help), 0);
        ck_assert_uint_le(utf8_columns(str_of(info->help)), 40);
        for (int b = 0; b < a; b++)
            ck_assert_str_ne(action_info((enum action)b)->name, info->name);
    }
}
END_TEST

static const char *const never[] = {"~", "C-b", "C-a", "C-s", "C-q", "C-o", "C-p", "C-g", "C-c", "C-z", "Ctrl-B", "Ctrl-A", "Ctrl-s"};

START_TEST(what_belongs_to_ssh_and_multiplexers_is_bound_by_nobody)
{
    static const uint32_t keys[] = {'~', 'b' & 31, 'a' & 31, 's' & 31, 'q' & 31, 'o' & 31, 'p' & 31, 'g' & 31, 'c' & 31, 'z' & 31};
    struct keymap m;
    enum action a;
    keymap_init(&m);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        ck_assert(!keymap_find(&m, keys[i], &a));
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        struct errctx ctx = {.text = ""};
        struct keymap before = m;
        ck_assert_int_eq(keymap_bind(&m, "ack", never[i], &ctx), ERR_CONFIG);
        ck_assert_ptr_nonnull(strstr(ctx.text, never[i]));
        ck_assert_uint_eq(m.count, before.count);
        ck_assert(keymap_find(&m, 'a', &a) && a == ACTION_ACK);
    }
}
END_TEST

START_TEST(every_key_of_the_screen_is_bound)
{
    static const struct {
        uint32_t key;
        const char *action;
    } keys[] = {
        {KEY_UP_, "up"},
        {KEY_DOWN_, "down"},
        {KEY_LEFT_, "left"},
        {KEY_RIGHT_, "right"},
        {'h', "left"},
        {'j', "down"},
        {'k', "up"},
        {'l', "right"},
        {'g', "top"},
        {'G', "bottom"},
        {KEY_PGUP_, "page_up"},
        {KEY_PGDN_, "page_down"},
        {KEY_TAB_, "next_pane"},
        {'1', "overview"},
        {'8', "sources"},
        {KEY_ENTER_, "enter"},
        {KEY_ESC_, "leave"},
        {'/', "filter"},
        {'n', "find_next"},
        {'N', "find_prev"},
        {':', "command"},
        {'?', "help"},
        {KEY_F1_, "help"},
        {',', "back"},
        {'.', "forward"},
        {'[', "back"},
        {']', "forward"},
        {'{', "back_long"},
        {'}', "forward_long"},
        {'0', "live"},
        {'t', "goto"},
        {'e', "event_next"},
        {'E', "event_prev"},
        {'+', "zoom_in"},
        {'-', "zoom_out"},
        {'f', "freeze"},
        {'z', "zoom"},
        {'s', "sort"},
        {'m', "mark"},
        {'\'', "jump"},
        {'a', "ack"},
        {'i', "incident"},
        {'v', "evidence"},
        {'o', "owner"},
        {'y', "copy"},
        {'Y', "copy_command"},
        {'r', "reload"},
        {'l' & 31, "redraw"},
        {'q', "quit"},
        {KEY_F2_, "mouse"},
        {'d', "group"},
    };
    struct keymap m;
    keymap_init(&m);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        enum action a;
        ck_assert_msg(keymap_find(&m, keys[i].key, &a), "%s is not bound", keys[i].action);
        ck_assert_str_eq(action_info(a)->name, keys[i].action);
    }
}
END_TEST

START_TEST(rebinding_gives_an_action_exactly_these_keys)
{
    struct keymap m;
    enum action a;
    char keys[64];
    keymap_init(&m);
    ck_assert_int_eq(keymap_bind(&m, "ack", "A  F6", NULL), ERR_OK);
    keymap_keys_of(&m, ACTION_ACK, keys, sizeof keys);
    ck_assert_str_eq(keys, "A F6");
    ck_assert(!keymap_find(&m, 'a', &a));
    ck_assert(keymap_find(&m, KEY_F6_, &a) && a == ACTION_ACK);
    ck_assert_int_eq(keymap_bind(&m, "sort", "a", NULL), ERR_OK);
    ck_assert(keymap_find(&m, 'a', &a) && a == ACTION_SORT);
}
END_TEST

START_TEST(a_default_key_can_be_taken_but_no_key_is_given_twice)
{
    struct keymap m;
    struct errctx ctx = {.text = ""};
    enum action a;
    char keys[64];
    keymap_init(&m);
    ck_assert_int_eq(keymap_bind(&m, "ack", "q", NULL), ERR_OK);
    ck_assert(keymap_find(&m, 'q', &a) && a == ACTION_ACK);
    keymap_keys_of(&m, ACTION_QUIT, keys, sizeof keys);
    ck_assert_str_eq(keys, "");
    ck_assert_int_eq(keymap_bind(&m, "sort", "q", &ctx), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "ack"));
    ck_assert_ptr_nonnull(strstr(ctx.text, "sort"));
    /* two that change places */
    ck_assert_int_eq(keymap_bind(&m, "event_next", "E", NULL), ERR_OK);
    ck_assert_int_eq(keymap_bind(&m, "event_prev", "e", NULL), ERR_OK);
    ck_assert(keymap_find(&m, 'E', &a) && a == ACTION_EVENT_NEXT);
    ck_assert(keymap_find(&m, 'e', &a) && a == ACTION_EVENT_PREV);
}
END_TEST

START_TEST(what_is_no_action_or_key_is_named)
{
    static const struct {
        const char *action, *keys, *named;
    } rows[] = {
        {"explode", "x", "explode"}, {"ack", "", "ack"},
        {"ack", "   ", "ack"},       {"ack", "Hyper-x", "Hyper-x"},
        {"ack", "C-", "C-"},         {"ack", "C-1", "C-1"},
        {"ack", "ab", "ab"},         {"ack", "F13", "F13"},
        {"ack", "\xff", "ack"},      {"ack", "\xe2\x80\x8b", "ack"},
        {"ack", "A ab", "ab"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct keymap m;
        struct errctx ctx = {.text = ""};
        enum action a;
        keymap_init(&m);
        ck_assert_int_eq(keymap_bind(&m, rows[i].action, rows[i].keys, &ctx), ERR_CONFIG);
        ck_assert_msg(strstr(ctx.text, rows[i].named) != NULL, "%s", ctx.text);
        ck_assert(keymap_find(&m, 'a', &a) && a == ACTION_ACK); /* nothing was changed */
    }
}
END_TEST

START_TEST(keys_are_read_as_they_are_sent)
{
    static const struct {
        const char *written;
        uint32_t sent;
        const char *shown;
    } rows[] = {
        {"Space", ' ', "Space"},           {"C-l", 12, "Ctrl-L"},
        {"Ctrl-R", 18, "Ctrl-R"},          {"C-h", KEY_BACKSPACE_, "Backspace"},
        {"C-j", KEY_ENTER_, "Enter"},      {"C-m", KEY_ENTER_, "Enter"},
        {"C-i", KEY_TAB_, "Tab"},          {"PgUp", KEY_PGUP_, "PgUp"},
        {"F12", KEY_F12_, "F12"},          {"\xc3\xa9", 0xe9, "\xc3\xa9"},
        {"Delete", KEY_DELETE_, "Delete"}, {"C", 'C', "C"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct keymap m;
        enum action a;
        char keys[64];
        keymap_init(&m);
        ck_assert_int_eq(keymap_bind(&m, "mask", rows[i].written, NULL), ERR_OK);
        ck_assert(keymap_find(&m, rows[i].sent, &a));
        ck_assert_int_eq(a, action_named("mask"));
        keymap_keys_of(&m, a, keys, sizeof keys);
        ck_assert_str_eq(keys, rows[i].shown);
    }
}
END_TEST

START_TEST(keys_that_do_not_fit_are_left_out_whole)
{
    struct keymap m;
    char keys[8];
    keymap_init(&m);
    ck_assert_int_eq(keymap_bind(&m, "ack", "F10 F11 F12", NULL), ERR_OK);
    keymap_keys_of(&m, ACTION_ACK, keys, sizeof keys);
    ck_assert_str_eq(keys, "F10 F11");
}
END_TEST

Suite *suite_keymap(void)
{
    Suite *s = suite_create("keymap");
    TCase *tc = tcase_create("keymap");
    tcase_add_test(tc, every_default_key_is_a_key_and_belongs_to_one_action);
    tcase_add_test(tc, names_are_words_help_is_short_and_both_are_given_once);
    tcase_add_test(tc, what_belongs_to_ssh_and_multiplexers_is_bound_by_nobody);
    tcase_add_test(tc, every_key_of_the_screen_is_bound);
    tcase_add_test(tc, rebinding_gives_an_action_exactly_these_keys);
    tcase_add_test(tc, a_default_key_can_be_taken_but_no_key_is_given_twice);
    tcase_add_test(tc, what_is_no_action_or_key_is_named);
    tcase_add_test(tc, keys_are_read_as_they_are_sent);
    tcase_add_test(tc, keys_that_do_not_fit_are_left_out_whole);
    suite_add_tcase(s, tc);
    return s;
}
