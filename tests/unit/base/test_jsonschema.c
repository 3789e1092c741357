/* SPDX-License-Identifier: MIT */
#include "base/jsonschema.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *suite_jsonschema(void);

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

static const struct held {
    const char *schema, *value, *said; /* said: NULL = it holds */
} cases[] = {
    {"{\"type\":\"object\"}", "{}", NULL},
    {"{\"type\":\"object\"}", "[]", "the value is of another type"},
    {"{\"type\":[\"string\",\"null\"]}", "null", NULL},
    {"{\"type\":[\"string\",\"null\"]}", "1", "the value is of another type"},
    {"{\"type\":\"integer\"}", "3.0", NULL},
    {"{\"type\":\"integer\"}", "3.5", "the value is of another type"},
    {"{\"type\":\"integer\"}", "1e400", "the value is of another type"},
    {"{\"type\":\"number\"}", "-1e-3", NULL},
    {"{\"type\":\"boolean\"}", "false", NULL},
    {"{\"enum\":[\"a\",1,null]}", "1.0", NULL},
    {"{\"enum\":[\"a\",1,null]}", "\"b\"", "the value is none of enum"},
    {"{\"const\":{\"a\":[1,2],\"b\":true}}", "{\"b\":true,\"a\":[1,2]}", NULL},
    {"{\"const\":{\"a\":[1,2]}}", "{\"a\":[2,1]}", "the value is not const"},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1}", "/a is of another type"},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":\"x\",\"a\":1}", "/a is of another type"},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"b\":1}", NULL},
    {"{\"required\":[\"a\",\"b\"]}", "{\"a\":1}", "/b is missing"},
    {"{\"required\":[\"a\"]}", "[]", NULL}, /* it is about objects */
    {"{\"properties\":{\"a\":true},\"additionalProperties\":false}", "{\"a\":1,\"c\":2}", "/c is no property of the schema"},
    {"{\"additionalProperties\":{\"type\":\"number\"}}", "{\"a\":\"1\"}", "/a is of another type"},
    {"{\"properties\":{\"a\":false}}", "{\"a\":1}", "/a may not be there"},
    {"{\"items\":{\"properties\":{\"n\":{\"minimum\":0}}}}", "[{\"n\":0},{\"n\":-1}]", "/1/n is below minimum"},
    {"{\"maximum\":10}", "10", NULL},
    {"{\"maximum\":10}", "10.5", "the value is above maximum"},
    {"{\"exclusiveMinimum\":0}", "0", "the value is not above exclusiveMinimum"},
    {"{\"exclusiveMaximum\":1}", "1", "the value is not below exclusiveMaximum"},
    {"{\"minLength\":2}", "\"\xc3\xa9\"", "the value is shorter than minLength"}, /* characters, not bytes */
    {"{\"maxLength\":1}", "\"\xc3\xa9\"", NULL},
    {"{\"minItems\":1,\"maxItems\":2}", "[]", "the value has fewer items than minItems"},
    {"{\"minItems\":1,\"maxItems\":2}", "[1,2,3]", "the value has more items than maxItems"},
    {"{\"title\":\"t\",\"description\":\"d\",\"type\":\"null\"}", "null", NULL},
    {"true", "[1]", NULL},
};

START_TEST(values_are_held_to_it)
{
    const struct held *c = &cases[_i];
    const struct jsontree *schema = parse(c->schema);
    ck_assert_msg(jsonschema_check(schema, &why) == ERR_OK, "%s", why.text);
    ck_assert_msg(jsonschema_holds(schema, parse(c->value), &why) == (c->said == NULL), "%s of %s: %s", c->value, c->schema, why.text);
    if (c->said != NULL)
        ck_assert_str_eq(why.text, c->said);
}
END_TEST

static const struct refused {
    const char *schema, *said;
} refusals[] = {
    {"{\"oneOf\":[]}", "at /oneOf: the keyword 'oneOf' of JSON Schema is not checked by gwtop"},
    {"{\"properties\":{\"a\":{\"format\":\"date\"}}}",
     "at /properties/a/format: the keyword 'format' of JSON Schema is not checked by gwtop"},
    {"{\"items\":{\"pattern\":\"a\"}}", "at /items/pattern: the keyword 'pattern' of JSON Schema is not checked by gwtop"},
    {"{\"items\":[{}]}", "at /items: a schema is an object, true or false"},
    {"{\"type\":\"text\"}", "at /type: type is one of null, boolean, number, integer, string, array, object, or a list of them"},
    {"{\"type\":[]}", "at /type: type is one of null, boolean, number, integer, string, array, object, or a list of them"},
    {"{\"required\":\"a\"}", "at /required: required is a list of names"},
    {"{\"enum\":[]}", "at /enum: enum is a list of values"},
    {"{\"minimum\":\"0\"}", "at /minimum: a bound is a number"},
    {"{\"minLength\":-1}", "at /minLength: a length is a whole number from 0 on"},
    {"{\"properties\":[]}", "at /properties: properties is an object of schemas"},
    {"3", "a schema is an object, true or false"},
};

START_TEST(what_is_not_checked_is_refused_by_name)
{
    ck_assert_int_eq(jsonschema_check(parse(refusals[_i].schema), &why), ERR_CONFIG);
    ck_assert_str_eq(why.text, refusals[_i].said);
}
END_TEST

/* A place deeper than a sentence has room for is cut, and nothing else. */
START_TEST(deep_names_are_cut)
{
    char text[4000] = "", value[4000] = "";
    size_t n = 0, m = 0;
    for (int i = 0; i < 30; i++) {
        n += (size_t)sprintf(text + n, "{\"properties\":{\"a-rather-long-name\":");
        m += (size_t)sprintf(value + m, "{\"a-rather-long-name\":");
    }
    n += (size_t)sprintf(text + n, "false");
    m += (size_t)sprintf(value + m, "1");
    for (int i = 0; i < 30; i++) {
        n += (size_t)sprintf(text + n, "}}");
        m += (size_t)sprintf(value + m, "}");
    }
    const struct jsontree *schema = parse(text);
    ck_assert_int_eq(jsonschema_check(schema, &why), ERR_OK);
    ck_assert(!jsonschema_holds(schema, parse(value), &why));
    ck_assert_ptr_nonnull(strstr(why.text, "may not be there"));
}
END_TEST

Suite *suite_jsonschema(void)
{
    Suite *suite = suite_create("jsonschema");
    TCase *t = tcase_create("jsonschema");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, values_are_held_to_it, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(t, what_is_not_checked_is_refused_by_name, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(t, deep_names_are_cut);
    suite_add_tcase(suite, t);
    return suite;
}
