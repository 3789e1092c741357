/* SPDX-License-Identifier: MIT */
#include "config/yaml.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct errctx ctx;

static void setup(void)
{
    arena_init(&arena, 256 << 20);
    ctx.text[0] = 0;
}

static void teardown(void)
{
    arena_fini(&arena);
}

static const struct yaml_node *parse(const char *text)
{
    const struct yaml_node *root = NULL;
    ck_assert_msg(yaml_parse(str_of(text), "t.yaml", &arena, &root, &ctx) == ERR_OK, "%s", ctx.text);
    return root;
}

static void refuse(struct str text, enum err code, const char *message)
{
    const struct yaml_node *root = NULL;
    ck_assert_int_eq(yaml_parse(text, "t.yaml", &arena, &root, &ctx), code);
    ck_assert_ptr_null(root);
    ck_assert_str_eq(ctx.text, message);
}

START_TEST(positions_and_kinds)
{
    const struct yaml_node *root = parse("a: 1\nlist:\n  - x\n  - {k: 'v'}\n"), *list = yaml_get(root, "list");
    ck_assert_int_eq(root->kind, YAML_MAPPING);
    ck_assert_uint_eq(root->count, 2);
    ck_assert_int_eq(list->kind, YAML_SEQUENCE);
    ck_assert_uint_eq(list->line, 3);
    ck_assert_uint_eq(list->column, 3);
    const struct yaml_node *v = yaml_get(list->items[1], "k");
    ck_assert_uint_eq(v->line, 4);
    ck_assert_uint_eq(v->column, 9);
    ck_assert(v->quoted);
    ck_assert(str_eq_z(v->text, "v"));
    ck_assert_ptr_null(yaml_get(root, "b"));
    ck_assert_ptr_null(yaml_get(list, "a"));
    ck_assert_ptr_null(yaml_get(NULL, "a"));
}
END_TEST

START_TEST(scalars_stay_text)
{
    const struct yaml_node *root = parse("a: 15s\nb: no\nc: 0x10\nd: ~\ne:\nf: ''\ng: 1_000\n");
    const struct {
        const char *key, *text;
        bool quoted;
    } want[] = {{"a", "15s", false}, {"b", "no", false}, {"c", "0x10", false}, {"d", "~", false},
                {"e", "", false},    {"f", "", true},    {"g", "1_000", false}};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const struct yaml_node *n = yaml_get(root, want[i].key);
        ck_assert(str_eq_z(n->text, want[i].text));
        ck_assert_int_eq(n->quoted, want[i].quoted);
    }
}
END_TEST

START_TEST(nothing_is_an_empty_mapping)
{
    const char *const texts[] = {"", "\n\n", "# only a comment\n", "---\n...\n"};
    for (size_t i = 0; i < 3; i++) {
        const struct yaml_node *root = parse(texts[i]);
        ck_assert_int_eq(root->kind, YAML_MAPPING);
        ck_assert_uint_eq(root->count, 0);
        ck_assert_ptr_null(yaml_get(root, "a"));
    }
    ck_assert_int_eq(parse(texts[3])->kind, YAML_SCALAR); /* an explicit document holds an empty scalar */
}
END_TEST

START_TEST(aliases_share_the_node)
{
    const struct yaml_node *root = parse("a: &x [1, 2]\nb: *x\nc: &s text\n*s : d\n");
    ck_assert_ptr_eq(yaml_get(root, "a"), yaml_get(root, "b"));
    ck_assert(str_eq_z(yaml_get(root, "text")->text, "d"));
}
END_TEST

START_TEST(faults_name_their_place)
{
    refuse(str_of("a: 1\nb: [1, 2\nc: 3\n"), ERR_CONFIG, "t.yaml:3:2: did not find expected ',' or ']' while parsing a flow sequence");
    refuse(str_of("\xc3\xa4: 1\nb:\n\t- c\n"), ERR_CONFIG, "t.yaml:3:1: a tab, where YAML wants blanks to indent");
    refuse(str_of("b:\n  \tc: d\n"), ERR_CONFIG, "t.yaml:2:3: a tab, where YAML wants blanks to indent");
    refuse(str_of("a: 1\nb: 2\na: 3\n"), ERR_CONFIG, "t.yaml:3:1: duplicate key 'a', first on line 1");
    refuse(str_of("a: *nope\n"), ERR_CONFIG, "t.yaml:1:4: alias *nope: no such anchor before it");
    refuse(str_of("a: &x [1, *x]\n"), ERR_CONFIG, "t.yaml:1:11: an alias inside of what it names");
    refuse(str_of("? [a, b]\n: c\n"), ERR_CONFIG, "t.yaml:1:3: a key must be plain text");
    refuse(str_of("a: &x [1]\n*x : c\n"), ERR_CONFIG, "t.yaml:2:1: a key must be plain text");
    refuse(str_of("a: !!int 3\n"), ERR_CONFIG, "t.yaml:1:4: tags (!...) are not supported; quote the value to keep it text");
    refuse(str_of("a: 1\n---\nb: 2\n"), ERR_CONFIG, "t.yaml:2:1: a second document (---): one file holds one");
    refuse(str_of("a: \"x\\0y\"\n"), ERR_CONFIG, "t.yaml:1:4: a NUL character is not allowed");
    refuse(str_of("ok: 1\nb: \xff\n"), ERR_CONFIG, "t.yaml:2:4: invalid leading UTF-8 octet");
    refuse((struct str){"a: \x01", 4}, ERR_CONFIG, "t.yaml:1:4: control characters are not allowed");
}
END_TEST

START_TEST(duplicates_in_a_large_mapping)
{
    char *text = malloc(40 * 30001), *p = text;
    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < 30000; i++)
        p += sprintf(p, "key%d: %d\n", i, i);
    parse(text);
    strcpy(p, "key17: again\n");
    refuse(str_of(text), ERR_CONFIG, "t.yaml:30001:1: duplicate key 'key17', first on line 18");
    free(text);
}
END_TEST

/* Ten levels of ten aliases each would be ten thousand million nodes to a walker. */
START_TEST(aliases_cannot_explode)
{
    char text[2000] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; i++) {
        char line[200];
        int n = sprintf(line, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            n += sprintf(line + n, "%s*a%d", k ? "," : "", i - 1);
        strcat(line, "]\n");
        strcat(text, line);
    }
    const struct yaml_node *root = NULL;
    ck_assert_int_eq(yaml_parse(str_of(text), "t.yaml", &arena, &root, &ctx), ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(ctx.text, "more than 100000 nodes, aliases expanded"));
    ck_assert_uint_lt(arena.used, 1 << 20);
}
END_TEST

START_TEST(depth_and_size_are_capped)
{
    char *deep = malloc(100001);
    ck_assert_ptr_nonnull(deep);
    memset(deep, '[', 100000);
    deep[100000] = 0;
    refuse(str_of(deep), ERR_LIMIT, "t.yaml:1:33: nested deeper than 32 levels");
    free(deep);
    size_t big = (size_t)YAML_BYTES_MAX + 1;
    char *text = calloc(1, big);
    ck_assert_ptr_nonnull(text);
    memset(text, ' ', big);
    refuse((struct str){text, big}, ERR_LIMIT, "t.yaml: 4194305 bytes, at most 4194304 are read");
    free(text);
}
END_TEST

START_TEST(small_arena_is_out_of_memory)
{
    struct arena tiny;
    const struct yaml_node *root = NULL;
    arena_init(&tiny, 64);
    ck_assert_int_eq(yaml_parse(str_of("a: 1\nb: 2\n"), "t.yaml", &tiny, &root, &ctx), ERR_NOMEM);
    arena_fini(&tiny);
}
END_TEST

/* Whatever the prefix of a file, it is read or refused with a position, never anything else. */
START_TEST(cut_at_every_byte)
{
    static const char text[] = "a: &x {k: 'v', l: [1, *y]}\nb:\n  - \"q\\u00e9\"\n  - |\n    block\n  - >-\n    folded\nc: *x\n# end\n";
    for (size_t n = 0; n < sizeof text; n++) {
        const struct yaml_node *root = NULL;
        ctx.text[0] = 0;
        enum err err = yaml_parse((struct str){text, n}, "t.yaml", &arena, &root, &ctx);
        ck_assert(err == ERR_OK ? root != NULL : err == ERR_CONFIG && strncmp(ctx.text, "t.yaml:", 7) == 0);
    }
}
END_TEST

Suite *suite_yaml(void);

Suite *suite_yaml(void)
{
    Suite *s = suite_create("yaml");
    TCase *t = tcase_create("yaml");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, positions_and_kinds);
    tcase_add_test(t, scalars_stay_text);
    tcase_add_test(t, nothing_is_an_empty_mapping);
    tcase_add_test(t, aliases_share_the_node);
    tcase_add_test(t, faults_name_their_place);
    tcase_add_test(t, duplicates_in_a_large_mapping);
    tcase_add_test(t, aliases_cannot_explode);
    tcase_add_test(t, depth_and_size_are_capped);
    tcase_add_test(t, small_arena_is_out_of_memory);
    tcase_add_test(t, cut_at_every_byte);
    suite_add_tcase(s, t);
    return s;
}
