/* SPDX-License-Identifier: MIT */
/* A file of changes, Grafana, GitHub and Argo CD, against bodies of our own making; and what labels stand for. */
#include "unit/source/change_rig.h"

#define AT "2027-01-15T07:55:00Z"
#define AT_MS "1799999700000"

static struct config_label labels[] = {
    {.label = "checkout-llm", .kind = -1, .scope_count = 1, .scope = {{DIM_MODEL, "gpt-x"}}},
    {.label = "environment=production", .kind = 1, .scope_count = 1, .scope = {{DIM_GATEWAY, "prod-eu"}}},
};

static void use_labels(void)
{
    cfg.labels = labels;
    cfg.label_count = sizeof labels / sizeof *labels;
}

/* ---- a file ---- */

static enum err file(const char *text, size_t n)
{
    const struct source_answer head = {.content_type = ""};
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.file, "/srv/changes.jsonl");
    s->ops->begin(s, &head);
    enum err e = s->ops->feed(s, text, n, &ctx);
    if (e == ERR_OK)
        e = s->ops->finish(s, &ctx);
    ck_assert(!next(NOW));
    return e;
}

START_TEST(lines_of_a_file_are_changes)
{
    static const char text[] =
        "{\"at\":\"" AT "\",\"kind\":\"deploy\",\"text\":\"gateway\\n 1.14.2\",\"scope\":\"model=gpt-x,provider=openai\",\"key\":\"r1\","
        "\"url\":\"https://ci.example/918\"}\n"
        "\n"
        "{\"at\":1799999700,\"text\":\"limits raised\",\"tags\":[\"config\",\"team:search\",\"checkout-llm\"],\"key\":\"r2\"}\r\n"
        "{\"at\":1799999700000,\"kind\":\"model_version\",\"text\":\"x\",\"scope\":{\"gateway\":\"eu\",\"name\":\"n\",\"region\":\"a b\"},"
        "\"key\":\"r3\"}\n";
    use_labels();
    change_open(&source_changes, SOURCE_CHANGES, "/srv/changes.jsonl");
    ck_assert_int_eq(file(text, strlen(text)), ERR_OK);
    ck_assert_str_eq(told(), "deploy " AT_MS " [provider=openai,model=gpt-x] r1: gateway 1.14.2 https://ci.example/918\n"
                             "config " AT_MS " [model=gpt-x,team=search] r2: limits raised\n"
                             "model_version " AT_MS " [gateway=eu] r3: x\n");
}
END_TEST

START_TEST(half_a_line_waits_for_its_rest_wherever_it_is_cut)
{
    static const char text[] = "{\"at\":\"" AT "\",\"text\":\"one\"}\n{\"at\":\"" AT "\",\"text\":\"two\",\"key\":\"k\"}\n";
    change_open(&source_changes, SOURCE_CHANGES, "/srv/changes.jsonl");
    ck_assert_int_eq(file(text, strlen(text)), ERR_OK);
    char whole[512];
    ck_assert(str_copy(whole, sizeof whole, str_of(told())));
    ck_assert_ptr_nonnull(strstr(whole, ": one\n"));
    ck_assert_ptr_nonnull(strstr(whole, " k: two\n"));
    for (size_t n = 0; n <= strlen(text); n++) {
        ck_assert_int_eq(file(text, n), ERR_OK);
        ck_assert_int_eq(file(text + n, strlen(text) - n), ERR_OK);
        ck_assert_str_eq(told(), whole);
    }
}
END_TEST

START_TEST(what_is_wrong_with_a_line_is_said_and_the_others_count)
{
    static const char *const bad[] = {"nonsense",
                                      "[]",
                                      "3",
                                      "{\"text\":\"x\"}",
                                      "{\"at\":\"soon\",\"text\":\"x\"}",
                                      "{\"at\":-1,\"text\":\"x\"}",
                                      "{\"at\":1e300,\"text\":\"x\"}",
                                      "{\"at\":\"" AT "\"}",
                                      "{\"at\":\"" AT "\",\"text\":7}",
                                      "{\"at\":\"" AT "\",\"text\":\"x\",\"kind\":\"party\"}",
                                      "{\"at\":\"" AT "\",\"text\":\"x\""};
    change_open(&source_changes, SOURCE_CHANGES, "/srv/changes.jsonl");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s\n{\"at\":\"" AT "\",\"text\":\"good\",\"scope\":7,\"tags\":{},\"key\":[]}\n", bad[i]);
        ck_assert_int_eq(file(text, strlen(text)), ERR_OK);
        const char *said = told();
        ck_assert_msg(strncmp(said, "warn 0 ", 7) == 0 && strstr(said, ": good\n") != NULL, "%s -> %s", bad[i], said);
    }
    static char lengthy[20000];
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 2] = '\n';
    ck_assert_int_eq(file(lengthy, sizeof lengthy - 1), ERR_OK);
    ck_assert_ptr_nonnull(strstr(told(), "more than 16 KB"));
    logged.refuse = true;
    ck_assert_int_eq(file("{\"at\":\"" AT "\",\"text\":\"x\"}\n", strlen("{\"at\":\"" AT "\",\"text\":\"x\"}\n")), ERR_LIMIT);
}
END_TEST

/* ---- Grafana ---- */

START_TEST(annotations_are_changes_of_the_time_asked_for)
{
    static const char *only[] = {"deploy", "a b"};
    cfg.only = only;
    cfg.only_count = 2;
    change_open(&source_grafana, SOURCE_GRAFANA, "http://gf:3000/");
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://gf:3000/api/annotations?type=annotation&limit=100&from=1799913600000&to=1800000000000"
                             "&matchAny=true&tags=deploy&tags=a%20b");
    ck_assert_int_eq(answer("[{\"id\":12,\"time\":" AT_MS
                            ",\"text\":\"canary <a href=\\\"http://x\\\">50 %</a>\\n&up\",\"tags\":[\"deploy\","
                            "\"model:gpt-x\"]},{\"id\":13,\"time\":" AT_MS ",\"text\":\"\",\"tags\":null}]"),
                     ERR_OK);
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "deploy " AT_MS " [model=gpt-x] 12: canary 50 % &up\nmark " AT_MS " [] 13: an annotation without a text\n");
    ck_assert(next(NOW + MINUTE)); /* from then on what came since the last answer, and in the hour before it */
    ck_assert_ptr_nonnull(strstr(rq.url, "&from=1799996400000&to=1800000060000"));
    for (int hours = 1; hours <= 30; hours += 29) { /* that it could not be read, and no more than backfill: that hour, and these */
        char want[64];
        ck_assert(!s->ops->fail(s, 503));
        ck_assert(!next(NOW + MINUTE));
        ck_assert(next(NOW + hours * 60 * MINUTE));
        snprintf(want, sizeof want, "&from=%lld&", (long long)(NOW + (hours == 1 ? -60 : (30 - 25) * 60) * MINUTE));
        ck_assert_msg(strstr(rq.url, want) != NULL, "%s: %s", want, rq.url);
    }
}
END_TEST

START_TEST(a_full_page_is_followed_by_older_ones_up_to_a_bound)
{
    static char body[1 << 16];
    int pages = 0;
    change_open(&source_grafana, SOURCE_GRAFANA, "http://gf:3000");
    for (; next(NOW); pages++) {
        size_t n = 0;
        n += (size_t)snprintf(body + n, sizeof body - n, "[");
        for (int i = 0; i < 100; i++)
            n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"id\":%d,\"time\":%lld,\"text\":\"t\"}", i > 0 ? "," : "",
                                  pages * 100 + i, (long long)NOW - pages * 100 - i - 1);
        snprintf(body + n, sizeof body - n, "]");
        ck_assert_int_eq(answer(body), ERR_OK);
    }
    ck_assert_int_eq(pages, 10);
    ck_assert_ptr_nonnull(strstr(told(), "more annotations than are read at once"));
    ck_assert(next(NOW)); /* the same page again, for ever */
    for (int i = 0; i < 3; i++)
        if (answer(body) == ERR_OK && !next(NOW))
            return;
    ck_abort_msg("it does not end");
}
END_TEST

START_TEST(what_is_no_answer_of_grafana_is_refused)
{
    change_open(&source_grafana, SOURCE_GRAFANA, "http://gf:3000");
    change_cut_everywhere("[{\"id\":12,\"time\":" AT_MS ",\"text\":\"t\",\"tags\":[\"deploy\"]}]");
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{\"message\":\"hello\"}"), ERR_PARSE);
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("<html><title>Grafana</title>"), ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "HTML"));
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_int_eq(
        answer("[1,null,{},{\"id\":{},\"time\":5},{\"id\":1,\"time\":\"x\"},{\"id\":1,\"time\":1e30},{\"id\":4,\"time\":7,\"text\":[],"
               "\"tags\":\"deploy\"}]"),
        ERR_OK);
    ck_assert_ptr_nonnull(strstr(told(), "mark 7 [] 4: an annotation without a text\n"));
    ck_assert(!s->ops->fail(s, 403) && strstr(s->ops->hint(s, 403), "service account") != NULL);
}
END_TEST

/* ---- GitHub ---- */

#define DEPLOYMENT(id, env)                                                                                                                \
    "{\"id\":" id ",\"sha\":\"abcdef0123\",\"ref\":\"main\",\"task\":\"deploy\",\"environment\":\"" env                                    \
    "\",\"created_at\":\"2027-01-15T07:50:00Z\",\"creator\":{\"login\":\"ana\"}}"
#define STATUS(state, at) "{\"state\":\"" state "\",\"created_at\":\"2027-01-15T" at "Z\"}"

START_TEST(a_deployment_is_told_when_it_began_and_where_it_failed)
{
    use_labels();
    change_open(&source_github, SOURCE_GITHUB, "https://api.github.com/repos/o/r");
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "https://api.github.com/repos/o/r/deployments?per_page=50");
    ck_assert_ptr_null(rq.etag);
    ck_assert_int_eq(answer_etag_of("[" DEPLOYMENT("9", "production") "," DEPLOYMENT("8", "stage") "]", false, "W/\"1\""), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "https://api.github.com/repos/o/r/deployments/9/statuses?per_page=50");
    ck_assert_int_eq(answer("[" STATUS("in_progress", "07:52:00") "," STATUS("queued", "07:51:00") "]"), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("[" STATUS("failure", "07:56:00") "," STATUS("in_progress", "07:53:00") "]"), ERR_OK);
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "config 1799999520000 [gateway=prod-eu] 9: main (abcdef0) to production by ana\n"
                             "deploy 1799999580000 [] 8: main (abcdef0) to stage by ana\n"
                             "deploy 1799999760000 [] 8:failed: failed: main (abcdef0) to stage by ana\n");
    ck_assert(next(NOW + MINUTE)); /* what is over is not asked about again, though the list is the same */
    ck_assert_str_eq(rq.etag, "W/\"1\"");
    ck_assert_int_eq(answer_etag_of("", true, "W/\"1\""), ERR_OK);
    ck_assert(next(NOW + MINUTE));
    ck_assert_ptr_nonnull(strstr(rq.url, "/9/statuses"));
    ck_assert_int_eq(answer("[" STATUS("success", "07:58:00") "," STATUS("in_progress", "07:52:00") "]"), ERR_OK);
    ck_assert(!next(NOW + MINUTE));
    ck_assert_str_eq(told(), "config 1799999520000 [gateway=prod-eu] 9: main (abcdef0) to production by ana\n");
    ck_assert(next(NOW + 2 * MINUTE));
    ck_assert_int_eq(answer_etag_of("", true, "W/\"1\""), ERR_OK);
    ck_assert(!next(NOW + 2 * MINUTE));
}
END_TEST

START_TEST(a_deployment_that_waits_for_hours_is_told_when_it_begins)
{
    change_open(&source_github, SOURCE_GITHUB, "https://api.github.com/repos/o/r");
    ck_assert(next(NOW));
    ck_assert_int_eq(answer_etag_of("[" DEPLOYMENT("9", "production") "]", false, "W/\"1\""), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("[" STATUS("waiting", "07:51:00") "]"), ERR_OK);
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "");
    const int64_t later = NOW + 3 * 60 * MINUTE;
    ck_assert(next(later));
    ck_assert_int_eq(answer_etag_of("[" DEPLOYMENT("9", "production") "]", false, "W/\"2\""), ERR_OK);
    ck_assert(next(later));
    ck_assert_int_eq(answer("[" STATUS("success", "10:59:00") "," STATUS("in_progress", "10:58:00") "]"), ERR_OK);
    ck_assert(!next(later));
    ck_assert_ptr_nonnull(strstr(told(), "deploy 1800010680000 [] 9: main"));
}
END_TEST

START_TEST(many_that_wait_keep_no_deployment_from_being_asked_for)
{
    enum { WAITING = 7 };
    char body[4096] = "[";
    bool asked[WAITING] = {false};
    change_open(&source_github, SOURCE_GITHUB, "https://api.github.com/repos/o/r");
    for (int i = 0; i < WAITING; i++) {
        char one[512] = DEPLOYMENT("#", "production") ",";
        *strchr(one, '#') = (char)('0' + i);
        strcat(body, one);
    }
    strcpy(strrchr(body, ','), "]");
    for (int poll = 0; poll < 2; poll++) {
        ck_assert(next(NOW));
        ck_assert_int_eq(answer_etag_of(body, false, ""), ERR_OK);
        while (next(NOW)) {
            asked[strstr(rq.url, "/deployments/")[13] - '0'] = true;
            ck_assert_int_eq(answer("[" STATUS("waiting", "07:51:00") "]"), ERR_OK);
        }
    }
    for (int i = 0; i < WAITING; i++)
        ck_assert_msg(asked[i], "%d", i);
}
END_TEST

START_TEST(a_deployment_without_statuses_counts_when_it_was_made)
{
    static const char *only[] = {"production"};
    cfg.only = only;
    cfg.only_count = 1;
    change_open(&source_github, SOURCE_GITHUB, "https://api.github.com/repos/o/r");
    ck_assert(next(NOW));
    ck_assert_int_eq(answer_etag_of("[" DEPLOYMENT("9", "production") "," DEPLOYMENT("8", "stage") ",{\"id\":7},4]", false, ""), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("[]"), ERR_OK);
    ck_assert(!next(NOW));
    ck_assert_ptr_nonnull(strstr(told(), "deploy 1799999400000 [] 9: main"));
    ck_assert(next(NOW));
    ck_assert(!s->ops->fail(s, 429));
    ck_assert(!next(NOW));
    ck_assert_ptr_nonnull(strstr(s->ops->hint(s, 403), "hourly limit"));
}
END_TEST

START_TEST(what_is_no_answer_of_github_is_refused)
{
    change_open(&source_github, SOURCE_GITHUB, "https://api.github.com/repos/o/r");
    change_cut_everywhere("[" DEPLOYMENT("9", "production") "]");
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{\"message\":\"Not Found\"}"), ERR_PARSE);
    ck_assert(!next(NOW));
}
END_TEST

/* ---- Argo CD ---- */

#define APP(history)                                                                                                                       \
    "{\"items\":[{\"metadata\":{\"name\":\"llm-gw\",\"namespace\":\"argocd\"},\"spec\":{\"project\":\"prod\",\"destination\":"             \
    "{\"namespace\":\"llm\"}},\"status\":{\"history\":" history "}}]}"

START_TEST(syncs_of_applications_are_deploys)
{
    static struct config_label app = {.label = "app=llm-gw", .kind = -1, .scope_count = 1, .scope = {{DIM_GATEWAY, "prod-eu"}}};
    cfg.labels = &app;
    cfg.label_count = 1;
    change_open(&source_argocd, SOURCE_ARGOCD, "https://argo");
    ck_assert(next(NOW));
    ck_assert(str_has_prefix(str_of(rq.url), "https://argo/api/v1/applications?fields="));
    ck_assert_int_eq(
        answer(APP("[{\"id\":3,\"revision\":\"0123456789abcdef\",\"deployedAt\":\"" AT "\",\"initiatedBy\":{\"username\":\"bob\"}},"
                   "{\"id\":4,\"revisions\":[\"v2\"],\"deployedAt\":\"" AT "\"},"
                   "{\"id\":1,\"deployedAt\":\"2020-01-01T00:00:00Z\"},{\"id\":\"x\"},7]")),
        ERR_OK);
    ck_assert(!next(NOW));
    ck_assert_str_eq(told(), "deploy " AT_MS " [gateway=prod-eu] argocd/llm-gw:3: llm-gw synced to 0123456789 by bob\n"
                             "deploy " AT_MS " [gateway=prod-eu] argocd/llm-gw:4: llm-gw synced to v2\n"
                             "warn 0 a sync in its history has no id or no time: left out: llm-gw\n"
                             "warn 0 a sync in its history has no id or no time: left out: llm-gw\n");
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{\"items\":null}"), ERR_OK);
    ck_assert(!next(NOW));
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{\"items\":[7,{\"status\":[]},{\"status\":{\"history\":{}}}]}"), ERR_OK);
    ck_assert(!next(NOW));
    change_cut_everywhere(APP("[{\"id\":3,\"deployedAt\":\"" AT "\"}]"));
    ck_assert(next(NOW));
    ck_assert_int_eq(answer("{\"error\":\"no session information\"}"), ERR_PARSE);
}
END_TEST

Suite *suite_source_changes(void);
Suite *suite_source_changes(void)
{
    Suite *suite = suite_create("source_changes");
    TCase *tc = tcase_create("changes");
    tcase_add_checked_fixture(tc, NULL, change_close);
    tcase_add_test(tc, lines_of_a_file_are_changes);
    tcase_add_test(tc, half_a_line_waits_for_its_rest_wherever_it_is_cut);
    tcase_add_test(tc, what_is_wrong_with_a_line_is_said_and_the_others_count);
    tcase_add_test(tc, annotations_are_changes_of_the_time_asked_for);
    tcase_add_test(tc, a_full_page_is_followed_by_older_ones_up_to_a_bound);
    tcase_add_test(tc, what_is_no_answer_of_grafana_is_refused);
    tcase_add_test(tc, a_deployment_is_told_when_it_began_and_where_it_failed);
    tcase_add_test(tc, a_deployment_that_waits_for_hours_is_told_when_it_begins);
    tcase_add_test(tc, many_that_wait_keep_no_deployment_from_being_asked_for);
    tcase_add_test(tc, a_deployment_without_statuses_counts_when_it_was_made);
    tcase_add_test(tc, what_is_no_answer_of_github_is_refused);
    tcase_add_test(tc, syncs_of_applications_are_deploys);
    suite_add_tcase(suite, tc);
    return suite;
}
