/* SPDX-License-Identifier: MIT */
/* Status pages in each form, against bodies of our own making: what is unknown is an error, never "nothing posted". */
#include "unit/source/change_rig.h"

#define AT "2027-01-15T07:55:00Z"
#define AT_MS "1799999700000"
#define STATUS(word) "\"status\":{\"indicator\":\"" word "\",\"description\":\"Minor Service Outage\"}"
#define INCIDENT(id, state, more)                                                                                                          \
    "{\"id\":\"" id "\",\"name\":\"Elevated error rates\",\"status\":\"" state "\",\"impact\":\"major\",\"created_at\":\"" AT "\"" more "}"

static void open_page(const char *url)
{
    cfg.provider = "openai";
    change_open(&source_status_page, SOURCE_STATUS_PAGE, url);
}

/* One poll of a single answer. */
static const char *one(const char *body)
{
    ck_assert(next(NOW));
    enum err e = answer(body);
    ck_assert(!next(NOW));
    return e == ERR_OK ? told() : (told(), ctx.text);
}

START_TEST(a_page_is_asked_for_its_summary_and_its_incidents)
{
    open_page("https://status.example/");
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "https://status.example/api/v2/summary.json");
    ck_assert_int_eq(answer("{" STATUS("none") ",\"incidents\":[" INCIDENT("a", "investigating", "") "]}"), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "https://status.example/api/v2/incidents.json");
    ck_assert_int_eq(answer("{\"incidents\":[" INCIDENT("a", "investigating", "") "," INCIDENT(
                         "b", "resolved", ",\"resolved_at\":\"2027-01-15T07:58:00Z\"") "]}"),
                     ERR_OK);
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "provider " AT_MS " [provider=openai] a:posted: openai posted: Elevated error rates (major)\n"
                             "provider " AT_MS " [provider=openai] a:posted: openai posted: Elevated error rates (major)\n"
                             "provider " AT_MS " [provider=openai] b:posted: openai posted: Elevated error rates (major)\n"
                             "provider 1799999880000 [provider=openai] b:over: openai says it is over: Elevated error rates\n"
                             "page openai\nposted major " AT_MS " a: Elevated error rates\n");
}
END_TEST

START_TEST(the_summary_alone_is_enough)
{
    open_page("https://status.example");
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{" STATUS("none") ",\"incidents\":[]}"), ERR_OK);
    ck_assert(next(NOW));
    ck_assert(s->ops->fail(s, 404));
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "page openai\n");
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{" STATUS("none") ",\"incidents\":null}"), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("<html>"), ERR_OK);
    ck_assert(!next(NOW));
    ck_assert_ptr_nonnull(strstr(told(), "page openai\n"));
    ck_assert(next(NOW));
    ck_assert(!s->ops->fail(s, 500)); /* but not the other way round */
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "");
}
END_TEST

START_TEST(an_open_incident_counts_beside_an_indicator_of_none)
{
    open_page("https://x/summary.json");
    ck_assert_ptr_nonnull(strstr(one("{" STATUS("none") ",\"incidents\":[" INCIDENT("a", "monitoring", ",\"components\":[]") "]}"),
                                 "page openai\nposted major " AT_MS " a: Elevated error rates\n"));
    ck_assert_str_eq(one("{" STATUS("none") ",\"incidents\":null,\"scheduled_maintenances\":null}"), "page openai\n");
    ck_assert_str_eq(one("{" STATUS("minor") ",\"incidents\":null}"), "page openai\nposted minor 0 indicator: Minor Service Outage\n");
    ck_assert_ptr_nonnull(
        strstr(one("{" STATUS("none") ",\"scheduled_maintenances\":[{\"id\":\"m\",\"name\":\"Move\",\"status\":\"in_progress\","
                                      "\"scheduled_for\":\"" AT "\"},{\"id\":\"n\",\"name\":\"Later\",\"status\":\"scheduled\"}]}"),
               "page openai\nposted maintenance " AT_MS " m: Move\n"));
}
END_TEST

START_TEST(what_is_not_understood_is_unknown)
{
    static const char *const bad[] = {"<!DOCTYPE html><title>We moved</title>",
                                      "  <rss version=\"2.0\">",
                                      "",
                                      "{}",
                                      "7",
                                      "null",
                                      "{\"incidents\":null}",
                                      "{\"page\":{},\"components\":[]}",
                                      "{" STATUS("none") ",\"incidents\":\"none\"}",
                                      "{" STATUS("none") ",\"incidents\":{}}",
                                      "[7]",
                                      "[{}]",
                                      "{\"id\":\"01M\",\"name\":\"Elevated\",\"status\":\"resolved\"}"};
    open_page("https://x/summary.json");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(next(NOW));
        ck_assert_msg(answer(bad[i]) == ERR_PARSE, "%s", bad[i]);
        ck_assert(!next(NOW));
        ck_assert_ptr_null(strstr(told(), "page "));
    }
    ck_assert_str_eq(one("{" STATUS("partly cloudy") ",\"incidents\":[]}"),
                     "page openai unclear: its indicator says 'partly cloudy', which is not known\n");
    ck_assert_str_eq(s->ops->remark(s), "its indicator says 'partly cloudy', which is not known");
    ck_assert_str_eq(one("{" STATUS("none") ",\"incidents\":[7,{},{\"id\":3},{\"id\":\"q\",\"name\":\"n\",\"status\":[],\"impact\":9}]}"),
                     "warn 0 an incident has no id or no name: left out: \nwarn 0 an incident has no id or no name: left out: \n"
                     "warn 0 an incident has no id or no name: left out: \npage openai\nposted none 0 q: n\n");
    change_cut_everywhere("{" STATUS("none") ",\"incidents\":[" INCIDENT("a", "investigating", "") "]}");
}
END_TEST

START_TEST(an_empty_list_is_no_page_that_posts_nothing)
{
    open_page("https://x");
    for (int i = 0; i < 2; i++) {
        ck_assert(next(NOW));
        ck_assert_int_eq(answer("[]"), ERR_PARSE);
        ck_assert(!next(NOW));
        ck_assert_ptr_null(strstr(told(), "page "));
    }
}
END_TEST

START_TEST(only_what_counts_is_taken)
{
    static const char *only[] = {"api"};
    cfg.only = only;
    cfg.only_count = 1;
    open_page("https://x/summary.json");
    ck_assert_str_eq(one("{" STATUS("minor") ",\"incidents\":[" INCIDENT("a", "identified", ",\"components\":[{\"name\":\"Sora\"}]") "]}"),
                     "page openai\n");
    ck_assert_ptr_nonnull(
        strstr(one("{" STATUS("minor") ",\"incidents\":[" INCIDENT("a", "identified", ",\"components\":[{\"name\":\"The API\"}]") "]}"),
               "posted major"));
    ck_assert_ptr_nonnull(strstr(one("{" STATUS("none") ",\"incidents\":[" INCIDENT("a", "identified", "") "]}"), "posted major"));
    ck_assert_ptr_nonnull(
        strstr(one("{" STATUS("minor") ",\"incidents\":[],\"components\":[{\"name\":\"API\",\"status\":\"partial_outage\"},"
                                       "{\"name\":\"Sora\",\"status\":\"major_outage\"}]}"),
               "page openai\nposted major 0 component:API: API: partial_outage\n"));
}
END_TEST

/* ---- Google, AWS ---- */

START_TEST(google_lists_a_history_of_all_products)
{
    static const char *only[] = {"Vertex"};
    static const char body[] =
        "[{\"id\":\"g1\",\"begin\":\"2027-01-15T07:00:00+00:00\",\"created\":\"" AT "\",\"end\":\"\",\"external_desc\":\"Errors\","
        "\"status_impact\":\"SERVICE_DISRUPTION\",\"uri\":\"incidents/g1\",\"affected_products\":[{\"title\":\"Vertex Gemini API\"}]},"
        "{\"id\":\"g2\",\"begin\":\"2027-01-15T07:00:00+00:00\",\"external_desc\":\"Other\",\"status_impact\":\"SERVICE_OUTAGE\","
        "\"affected_products\":[{\"title\":\"BigQuery\"}]},"
        "{\"id\":\"g3\",\"begin\":\"2027-01-15T07:00:00+00:00\",\"end\":\"2027-01-15T07:30:00+00:00\",\"external_desc\":\"Vertex\","
        "\"service_name\":\"Vertex AI\"},7,{\"id\":9}]";
    cfg.only = only;
    cfg.only_count = 1;
    open_page("https://status.cloud.google.com/incidents.json");
    ck_assert(next(NOW));
    ck_assert_ptr_null(rq.etag);
    ck_assert_ptr_null(rq.url);
    ck_assert_int_eq(answer_etag_of(body, false, "\"e1\""), ERR_OK);
    ck_assert(!next(NOW));
    const char *said = told();
    ck_assert_ptr_nonnull(strstr(said, "g3:over: openai says it is over: Vertex\n"));
    ck_assert_ptr_nonnull(strstr(said, "page openai\nposted major " AT_MS " g1: Errors\n"));
    ck_assert_ptr_null(strstr(said, "g2"));
    ck_assert(next(NOW)); /* the same is not sent again */
    ck_assert_str_eq(rq.etag, "\"e1\"");
    ck_assert_int_eq(answer_etag_of("", true, "\"e1\""), ERR_OK);
    ck_assert_str_eq(told(), "page openai\nposted major " AT_MS " g1: Errors\n");
    ck_assert(!next(NOW));
    ck_assert(next(NOW)); /* and after an error it is, for what was said before is not known to be so any more */
    ck_assert_int_eq(answer_etag_of("<html>", false, ""), ERR_PARSE);
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_ptr_null(rq.etag);
    ck_assert_int_eq(answer(body), ERR_OK);
    ck_assert(!next(NOW));
    change_cut_everywhere(body);
    ck_assert_str_eq(one("[]"), "page openai\n");
}
END_TEST

#define AWS                                                                                                                                \
    "[{\"date\":\"1799999700\",\"arn\":\"arn:aws:health:us-east-1::event/X\",\"status\":\"3\",\"service\":\"bedrock-us-east-1\","          \
    "\"service_name\":\"Bedrock\",\"summary\":\"Increased Error Rates\",\"event_log\":[{\"timestamp\":1799999800}]},"                      \
    "{\"date\":1799999700,\"status\":\"0\",\"service\":\"s3-us-east-1\",\"service_name\":\"S3\",\"summary\":\"Slow\",\"event_log\":[{"     \
    "\"timestamp\":1799999800}],\"arn\":\"arn:y\"},"                                                                                       \
    "{\"date\":1,\"status\":\"3\",\"service\":\"ec2-me-central-1\",\"service_name\":\"EC2\",\"summary\":\"Gone\"},{\"service\":\"x\"},7]"

START_TEST(aws_answers_in_utf16_and_for_all_regions)
{
    static const char *only[] = {"us-east-1"};
    static char wide[8192];
    const size_t n = strlen(AWS);
    open_page("https://health.aws.amazon.com/public/currentevents");
    ck_assert_ptr_nonnull(strstr(one(AWS), "say what of it counts"));
    change_close();
    cfg.only = only;
    cfg.only_count = 1;
    open_page("https://health.aws.amazon.com/public/currentevents");
    for (int form = 0; form < 5; form++) { /* UTF-8, with a mark; UTF-16, little or big, with a mark or without */
        const bool big = form == 2 || form == 4;
        size_t k = 0;
        if (form == 0)
            memcpy(wide, "\xef\xbb\xbf", k = 3);
        else if (form < 3)
            memcpy(wide, big ? "\xfe\xff" : "\xff\xfe", k = 2);
        for (size_t i = 0; i < n; i++) {
            if (form > 0 && big)
                wide[k++] = 0;
            wide[k++] = AWS[i];
            if (form > 0 && !big)
                wide[k++] = 0;
        }
        ck_assert(next(NOW));
        ck_assert_int_eq(answer_n(wide, k), ERR_OK);
        ck_assert(!next(NOW));
        const char *said = told();
        ck_assert_ptr_nonnull(strstr(said, "s3-us-east-1:1799999700000:over: openai says it is over: S3: Slow\n"));
        ck_assert_ptr_nonnull(
            strstr(said, "page openai\nposted critical " AT_MS " bedrock-us-east-1:1799999700000: Bedrock: Increased Error Rates\n"));
        ck_assert_ptr_null(strstr(said, "EC2"));
        for (size_t cut = 0; cut < k; cut++) {
            ck_assert(next(NOW));
            ck_assert_int_eq(answer_n(wide, cut), ERR_PARSE);
            ck_assert(!next(NOW));
        }
        (void)told();
    }
}
END_TEST

Suite *suite_source_status_page(void);
Suite *suite_source_status_page(void)
{
    Suite *suite = suite_create("source_status_page");
    TCase *tc = tcase_create("pages");
    tcase_add_checked_fixture(tc, NULL, change_close);
    tcase_add_test(tc, a_page_is_asked_for_its_summary_and_its_incidents);
    tcase_add_test(tc, the_summary_alone_is_enough);
    tcase_add_test(tc, an_open_incident_counts_beside_an_indicator_of_none);
    tcase_add_test(tc, what_is_not_understood_is_unknown);
    tcase_add_test(tc, an_empty_list_is_no_page_that_posts_nothing);
    tcase_add_test(tc, only_what_counts_is_taken);
    tcase_add_test(tc, google_lists_a_history_of_all_products);
    tcase_add_test(tc, aws_answers_in_utf16_and_for_all_regions);
    suite_add_tcase(suite, tc);
    return suite;
}
