/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "record/http_text.h"

static const char *excerpt(const char *body, size_t n)
{
    static struct http_result r;
    http_text_excerpt(&r, (struct str){body, n});
    return r.excerpt;
}

static const char *of(const char *body)
{
    return excerpt(body, strlen(body));
}

START_TEST(of_an_error_page_only_what_it_says_is_shown)
{
    ck_assert_str_eq(of("no such path\n"), "no such path");
    ck_assert_str_eq(of("{\"detail\":\n\t\"Not  Found\"}\r\n"), "{\"detail\": \"Not Found\"}");
    ck_assert_str_eq(of("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>...</body></html>"), "502 Bad Gateway");
    ck_assert_str_eq(of("\n <!DOCTYPE html><TITLE lang=en>\n Sign\n in </TITLE>"), "Sign in");
    ck_assert_str_eq(of("<html><body><h1>Not <b>here</b></h1><p>gone</p></body></html>"), "Not here gone");
    ck_assert_str_eq(of("<html><head><title></title></head>void"), "void");
    ck_assert_str_eq(of("<title"), "");
    ck_assert_str_eq(of("a < b > c"), "a < b > c"); /* no page */
    ck_assert_str_eq(of(""), "");
    ck_assert_str_eq(of("\x1b]0;owned\x07"), "^[]0;owned^G");
}
END_TEST

START_TEST(an_excerpt_is_short_whatever_comes)
{
    char body[5000];
    memset(body, '<', sizeof body);
    ck_assert_str_eq(excerpt(body, sizeof body), "");
    memset(body, '\x1b', sizeof body);
    size_t n = strlen(excerpt(body, sizeof body));
    ck_assert(n > 100 && n < 400);
    memset(body, 0, sizeof body);
    ck_assert_uint_gt(strlen(excerpt(body, sizeof body)), 0);
}
END_TEST

Suite *suite_http_text(void);
Suite *suite_http_text(void)
{
    Suite *s = suite_create("http_text");
    TCase *c = tcase_create("excerpts");
    tcase_add_test(c, of_an_error_page_only_what_it_says_is_shown);
    tcase_add_test(c, an_excerpt_is_short_whatever_comes);
    suite_add_tcase(s, c);
    return s;
}
