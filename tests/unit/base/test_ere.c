/* SPDX-License-Identifier: MIT */
#include "base/ere.h"

#include <check.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

Suite *suite_ere(void);

static struct errctx why;

static bool found(const char *pattern, struct str text)
{
    struct ere *e = NULL;
    ck_assert_msg(ere_new(pattern, &e, &why) == ERR_OK, "%s: %s", pattern, why.text);
    const bool is = ere_found(e, text);
    ere_free(e);
    return is;
}

START_TEST(it_is_an_extended_expression)
{
    ck_assert(found("^(yes|no)$", str_of("no")));
    ck_assert(!found("^(yes|no)$", str_of("nope")));
    ck_assert(found("[0-9]{2,}", str_of("about 42.")));
    ck_assert(found("^[]a]+$", str_of("]a]")));
    ck_assert(found("[[:digit:]]", str_of("a1")));
    ck_assert(found("^$", (struct str){NULL, 0}));
    ck_assert(found("b$", (struct str){"a\0b", 3})); /* a NUL byte ends nothing */
    ck_assert(!found("a$", (struct str){"a\0b", 3}));
}
END_TEST

static const struct refusal {
    const char *pattern, *said;
} refusals[] = {
    {"(", "a ( is not closed"},
    {"a)", "a ) closes nothing"},
    {"[a", "a [ is not closed"},
    {"[z-a]", "a range in [ ] ends before it begins"},
    {"[[:word:]]", "[: :] holds no class that POSIX has"},
    {"[[.a.]]", "[.x.] and [=x=] are not taken"},
    {"*a", "a repetition has nothing before it"},
    {"(|+)", "a repetition has nothing before it"},
    {"\\d+", "a backslash before a letter is not POSIX"},
    {"a\\", "it ends with a backslash"},
    {"(a)\\1", "a back-reference has no bound on its cost"},
    {"a{1001}", "with its repetitions it is too large"},
    {"((a{20}){20}){20}", "with its repetitions it is too large"},
    {"(((a{0,30}){0,30}){0,30}){0,30}", "with its repetitions it is too large"},
    {"a{99999999999999999999}", "with its repetitions it is too large"},
    {"a{x(b{100}){100}}", "after { come one or two rising numbers and }"},
    {"a{3,2}", "after { come one or two rising numbers and }"},
    {"a{,3}", "after { come one or two rising numbers and }"},
    {"(((((((((((((((((((((a)))))))))))))))))))))", "nested too deeply"},
};

START_TEST(what_has_no_bound_is_refused)
{
    struct ere *e = NULL;
    ck_assert_int_eq(ere_new(refusals[_i].pattern, &e, &why), ERR_CONFIG);
    ck_assert_msg(strstr(why.text, refusals[_i].said) != NULL, "%s", why.text);
}
END_TEST

START_TEST(a_long_one_is_refused)
{
    char text[ERE_PATTERN_MAX + 2];
    struct ere *e = NULL;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(ere_new(text, &e, &why), ERR_CONFIG);
}
END_TEST

/* The same answers as the library's, wherever that can be asked. */
START_TEST(it_agrees_with_regexec)
{
    static const char *const patterns[] = {"a",     "a*",       "^a*$",  "ab|cd",     "a(b|c)*d", "(ab)+$",  "^(a|b){2,3}$", "a{2}b{0,1}",
                                           "[^a]b", "[a-c]+d?", "(a|)b", "^$|^d",     "a.b",      "(^a|b$)", "(a*)*b",       "((a|b)c?){2}",
                                           "[]d]",  "b{2,}",    "\\.",   "(a{0}b)+c", "c$|^b",    "a^b",     "(a|b)*abb"};
    char text[9];
    for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++) {
        struct ere *e = NULL;
        regex_t re;
        ck_assert_msg(ere_new(patterns[k], &e, &why) == ERR_OK, "%s: %s", patterns[k], why.text);
        ck_assert_int_eq(regcomp(&re, patterns[k], REG_EXTENDED | REG_NOSUB), 0);
        for (unsigned x = 0; x < 4 * 4 * 4 * 4 * 4 * 4; x++) {
            const size_t n = x % 7;
            for (size_t i = 0; i < n; i++)
                text[i] = "abcd"[x >> 2 * i & 3];
            text[n] = '\0';
            const bool theirs = regexec(&re, text, 0, NULL, 0) == 0;
            ck_assert_msg(ere_found(e, str_of(text)) == theirs, "%s of '%s' is %s", patterns[k], text, theirs ? "found" : "not found");
        }
        regfree(&re);
        ere_free(e);
    }
}
END_TEST

/* Patterns that send other matchers, or this one without its bounds, round for ever. */
START_TEST(hostile_patterns_end)
{
    static const char *const patterns[] = {"(a|b)*a(a|b){60}$",
                                           "^(a|a)*$",
                                           "^(a*)*$",
                                           "^(a|aa)+$",
                                           "(a?){180}a{180}",
                                           "(((a{0,9}){0,9}){0,9})*$",
                                           "(.*)(.*)(.*)(.*)(.*)(.*)(.*)x$"};
    static char text[16384];
    uint64_t x = 1;
    for (size_t i = 0; i < sizeof text; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        text[i] = x >> 63 ? 'a' : 'b';
    }
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        (void)found(patterns[i], (struct str){text, sizeof text});
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        (void)found(patterns[i], (struct str){text, sizeof text});
}
END_TEST

Suite *suite_ere(void)
{
    Suite *suite = suite_create("ere");
    TCase *t = tcase_create("ere");
    tcase_add_test(t, it_is_an_extended_expression);
    tcase_add_loop_test(t, what_has_no_bound_is_refused, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(t, it_agrees_with_regexec);
    tcase_add_test(t, a_long_one_is_refused);
    tcase_add_test(t, hostile_patterns_end);
    suite_add_tcase(suite, t);
    return suite;
}
