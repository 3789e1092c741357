/* SPDX-License-Identifier: MIT */
/* The option list of gwtop.yaml(5) is written by the option table. GWTOP_ACCEPT=1 writes it anew; read the difference before you keep
 * it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/option.h"

#define PAGE TEST_ROOT "/../man/gwtop.yaml.5"

static void read_page(struct buf *text)
{
    FILE *f = fopen(PAGE, "r");
    ck_assert_ptr_nonnull(f);
    char *at = buf_reserve(text, 1 << 20);
    ck_assert_ptr_nonnull(at);
    text->len += fread(at, 1, 1 << 20, f);
    text->data[text->len] = 0;
    fclose(f);
}

START_TEST(the_page_lists_the_table)
{
    struct buf page, list;
    buf_init(&page, 2 << 20);
    buf_init(&list, 1 << 20);
    read_page(&page);
    ck_assert_int_eq(config_help_man(&list), ERR_OK);
    char *begin = strstr(page.data, "BEGIN OPTIONS"), *end = strstr(page.data, ".\\\" END OPTIONS");
    ck_assert_ptr_nonnull(begin);
    ck_assert_ptr_nonnull(end);
    begin = strchr(begin, '\n') + 1;
    bool same = (size_t)(end - begin) == list.len && memcmp(begin, list.data, list.len) == 0;
    if (!same && getenv("GWTOP_ACCEPT") != NULL) {
        FILE *f = fopen(PAGE, "w");
        ck_assert_ptr_nonnull(f);
        fwrite(page.data, 1, (size_t)(begin - page.data), f);
        fwrite(list.data, 1, list.len, f);
        fputs(end, f);
        ck_assert_int_eq(fclose(f), 0);
        same = true;
    }
    ck_assert_msg(same, "man/gwtop.yaml.5 differs from the option table; run GWTOP_ACCEPT=1 unit_config");
    buf_fini(&page);
    buf_fini(&list);
}
END_TEST

START_TEST(help_has_every_row)
{
    struct buf text;
    size_t count;
    const struct option *rows = option_table(&count);
    buf_init(&text, 1 << 20);
    ck_assert_int_eq(config_help(&text), ERR_OK);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(strstr(text.data, rows[i].help) != NULL, "%s", rows[i].key);
    ck_assert_ptr_nonnull(strstr(text.data, "  interval               duration, 1s to 1h, default 15s\n"));
    ck_assert_ptr_nonnull(strstr(text.data, "  max_store              size, 100MB to 10TB, default 20GB\n"));
    ck_assert_ptr_nonnull(strstr(text.data, "  period                 day|week|month\n"));
    buf_fini(&text);
}
END_TEST

START_TEST(help_within_a_small_buffer)
{
    struct buf text;
    buf_init(&text, 100);
    ck_assert_int_eq(config_help(&text), ERR_LIMIT);
    buf_fini(&text);
}
END_TEST

/* A row that nobody could use: no help, a range upside down, an empty choice. */
START_TEST(rows_are_sound)
{
    size_t count;
    const struct option *rows = option_table(&count);
    for (size_t i = 0; i < count; i++) {
        const struct option *o = &rows[i];
        bool chooses = o->type == OPTION_CHOICE || o->type == OPTION_PERIOD || o->type == OPTION_SIGNAL;
        ck_assert_msg(strlen(o->help) > 10 && o->help[strlen(o->help) - 1] != '.', "%s", o->key);
        ck_assert_msg(o->min <= o->max, "%s", o->key);
        ck_assert_msg((o->choices != NULL) == chooses, "%s", o->key);
        ck_assert_msg(i == 0 || rows[i].section == rows[i - 1].section || rows[i].section != SECTION_TOP, "%s", o->key);
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(rows[k].section != o->section || strcmp(rows[k].key, o->key) != 0, "%s stands twice", o->key);
    }
}
END_TEST

Suite *suite_config_help(void);

Suite *suite_config_help(void)
{
    Suite *s = suite_create("config_help");
    TCase *t = tcase_create("config_help");
    tcase_add_test(t, the_page_lists_the_table);
    tcase_add_test(t, help_has_every_row);
    tcase_add_test(t, help_within_a_small_buffer);
    tcase_add_test(t, rows_are_sound);
    suite_add_tcase(s, t);
    return s;
}
