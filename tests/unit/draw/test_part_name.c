/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "base/safe_text.h"
#include "ui/draw/part.h"

Suite *suite_part_name(void);

static const char *at(const struct part_names *names, size_t i, char *out, size_t cap)
{
    (void)out;
    (void)cap;
    return ((const char *const *)names->list)[i];
}

static const char *const labels[] = {
    "fail % gpt-x",
    "fail % gpt-x-mini",
    "fail % gpt-x-max",
    "json_valid gpt-x",
    "json_valid gpt-x-mini",
    "json_valid llama-8b",
    "judge llama-8b",
    "azure-gpt-x-1-replica",
    "azure-gpt-x-2-replica",
    "azure-gpt-y-1-replica",
    "the same head, one, the same end",
    "the same head, two, the same end",
    "\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b-a",
    "\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b-b",
};
enum { LABELS = sizeof labels / sizeof *labels };

START_TEST(two_names_never_look_alike)
{
    const struct part_names names = {.list = labels, .count = LABELS, .at = at};
    char text[LABELS][PART_NAME_MAX];
    for (int width = 5; width < 40; width++) {
        for (size_t i = 0; i < LABELS; i++) {
            (void)part_name_cut(labels[i], width, &names, text[i]);
            ck_assert_msg(utf8_columns(str_of(text[i])) <= (size_t)width, "%d: %s", width, text[i]);
            ck_assert(utf8_is_valid(str_of(text[i])));
            for (size_t k = 0; k < i; k++) {
                ck_assert_msg(strcmp(text[i], text[k]) != 0, "%d: %s and %s are both %s", width, labels[i], labels[k], text[i]);
            }
        }
    }
}
END_TEST

START_TEST(the_end_is_kept_with_the_beginning)
{
    static const struct {
        const char *name;
        int width;
        const char *cut;
    } all[] = {{"fail % gpt-x", 13, "fail % gpt-x"},
               {"fail % gpt-x-mini", 13, "fail %~x-mini"},
               {"json_valid llama-8b", 13, "json~llama-8b"},
               {"json_valid gpt-x-mini", 18, "json_va~gpt-x-mini"},
               {"gpt-x-mini-eu1", 8, "gpt~-eu1"},
               {"gpt-x-mini", 1, "~"}};
    char text[PART_NAME_MAX];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ck_assert_str_eq(part_name_cut(all[i].name, all[i].width, NULL, text), all[i].cut);
    }
}
END_TEST

/* Where names differ in the middle alone, the cut goes there; where it would have to show two places, rows are numbered. */
START_TEST(the_cut_moves_to_where_names_differ)
{
    static const char *const middle[] = {"azure-1-of-replicas-x", "azure-2-of-replicas-x"};
    static const char *const hidden[] = {"aaaaaaaaaaaaaaa-1-bbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaa-2-bbbbbbbbbbbbbbb"};
    const struct part_names a = {.list = middle, .count = 2, .at = at}, b = {.list = hidden, .count = 2, .at = at};
    char text[PART_NAME_MAX];
    ck_assert_str_eq(part_name_cut(middle[1], 10, &a, text), "azure-2~-x");
    ck_assert_str_eq(part_name_cut(hidden[1], 10, &b, text), "aaaaaaaa#2");
}
END_TEST

Suite *suite_part_name(void)
{
    Suite *s = suite_create("part_name");
    TCase *t = tcase_create("part_name");
    tcase_add_test(t, two_names_never_look_alike);
    tcase_add_test(t, the_end_is_kept_with_the_beginning);
    tcase_add_test(t, the_cut_moves_to_where_names_differ);
    suite_add_tcase(s, t);
    return s;
}
