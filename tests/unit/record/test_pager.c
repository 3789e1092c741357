/* SPDX-License-Identifier: MIT */
/* The pager by a clock of its own: who is told what and when, what is tried again, what is given up, and when the heart stops. Commands are
 * /bin/true, /bin/false and the like; the webhook's server is in tests/sessions/paging.py. */
#define _DEFAULT_SOURCE /* nanosleep beside _POSIX_C_SOURCE */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "record/heartbeat.h"
#include "record/page_doc.h"
#include "record/pager.h"
#include "support/tmpdir.h"

Suite *suite_pager(void);

#define OK(call)                                                                                                                           \
    do {                                                                                                                                   \
        enum err e_ = (call);                                                                                                              \
        ck_assert_msg(e_ == ERR_OK, "%s: %s: %s", #call, err_name(e_), ctx.text);                                                          \
    } while (0)

enum { T0 = 1000000 };

static struct errctx ctx;
static char dir[96];
static struct clock_manual manual;
static struct store *st;
static struct config cfg;
static struct config_pager pagers[2];
static struct page_log *page_log;
static int64_t uncommitted; /* of the newest pages, so many */
static struct pager *pager;
static struct http *http;
static struct secrets *secrets;
static int64_t now, mono;

static const struct page_log *pages(void *c)
{
    (void)c;
    return page_log;
}

static int64_t pages_seq(void *c)
{
    (void)c;
    return page_log->last_seq - uncommitted;
}

static enum err flush(void *c, int64_t now_ms, struct errctx *why)
{
    (void)c;
    (void)now_ms;
    return store_commit(st, why);
}

static void open_pager(void)
{
    const struct pager_options o = {
        .cfg = &cfg, .st = st, .http = http, .secrets = secrets, .pages = pages, .pages_seq = pages_seq, .flush = flush};
    OK(pager_open(&o, now, mono, &pager, &ctx));
}

static void setup(void)
{
    char path[128];
    const struct store_options opt = {.private_files = true};
    struct clock clock = clock_manual(&manual);
    ck_assert(tmpdir_make(dir, sizeof dir));
    snprintf(path, sizeof path, "%s/t.db", dir);
    manual = (struct clock_manual){T0, T0};
    now = mono = T0;
    OK(store_open_writer(path, &opt, &clock, &st, &ctx));
    memset(&cfg, 0, sizeof cfg);
    memset(pagers, 0, sizeof pagers);
    cfg.pagers = pagers;
    cfg.gateway = "gw";
    uncommitted = 0;
    page_log = calloc(1, sizeof *page_log);
    secrets = secrets_new();
    ck_assert(page_log != NULL && secrets != NULL);
    OK(http_open(secrets, "test", &http, &ctx));
}

static void teardown(void)
{
    pager_close(pager);
    pager = NULL;
    http_close(http);
    secrets_free(secrets);
    store_close(st);
    free(page_log);
    ck_assert(tmpdir_remove(dir));
}

static struct config_pager *add(const char *name, const char *const *argv, unsigned on, uint32_t retries)
{
    struct config_pager *p = &pagers[cfg.pager_count++];
    *p = (struct config_pager){.name = name, .argv = argv, .on = on, .timeout_ms = 60000, .retries = retries};
    return p;
}

static void put(enum page_on on, int64_t incident)
{
    struct page_told p = {.on = on, .incident = incident, .severity = SEV_PAGE, .at_ms = now, .since_ms = now, .known_ms = now};
    strcpy(p.title, "gpt-x errors");
    page_log_add(page_log, &p);
}

/* What the note says of a target. */
static struct paging_target standing(uint32_t i)
{
    struct arena a;
    struct str text;
    struct paging_target *list;
    uint32_t count;
    arena_init(&a, 8 << 20);
    OK(store_note(st, PAGING_NOTE, INT64_MAX, &a, &text));
    OK(paging_read(text, &a, &list, &count, &ctx));
    ck_assert_uint_lt(i, count);
    struct paging_target t = list[i];
    arena_fini(&a);
    return t;
}

/* Steps until nothing runs: commands end in their own time, the pager's clock stands still. */
static void settle(void)
{
    const struct timespec a_little = {0, 2000000};
    do {
        pager_step(pager, now, mono);
        nanosleep(&a_little, NULL);
    } while (pager_wait(pager, now, mono, 1000) == 50); /* a command runs */
}

static size_t lines(const char *path)
{
    size_t n = 0;
    FILE *f = fopen(path, "r");
    for (int c = f != NULL ? getc(f) : EOF; c != EOF; c = getc(f))
        n += c == '\n';
    if (f != NULL)
        fclose(f);
    return n;
}

static const char *const yes[] = {"true", NULL}, *const no[] = {"sh", "-c", "echo no such user >&2; exit 3", NULL};

START_TEST(the_end_is_told_to_whom_the_page_was_told)
{
    char file[128], text[200];
    snprintf(file, sizeof file, "%s/told", dir);
    snprintf(text, sizeof text, "echo \"$GWTOP_EVENT $GWTOP_INCIDENT\" >> %s", file);
    const char *const argv[] = {"sh", "-c", text, NULL};
    add("all", argv, 1U << PAGE_PAGE | 1U << PAGE_RESOLVED, 0);
    put(PAGE_PAGE, 1); /* before it was configured: not its business */
    open_pager();
    settle();
    put(PAGE_RESOLVED, 1);
    put(PAGE_TICKET, 2);
    put(PAGE_RESOLVED, 2);
    put(PAGE_PAGE, 3);
    settle();
    ck_assert_uint_eq(lines(file), 1);
    put(PAGE_RESOLVED, 3);
    put(PAGE_RESOLVED, 3);
    settle();
    ck_assert_uint_eq(lines(file), 3);
    ck_assert_uint_eq(standing(0).told_count, 0);
    ck_assert_uint_eq(standing(0).owed_count, 0);
}
END_TEST

START_TEST(a_try_that_fails_is_repeated_ever_later_and_then_given_up)
{
    add("phone", no, 1U << PAGE_PAGE, 2);
    open_pager();
    put(PAGE_PAGE, 1);
    settle();
    ck_assert_uint_eq(standing(0).owed[0].tries, 1);
    ck_assert_int_eq(standing(0).owed[0].next_ms, T0 + 5000);
    now += 4999;
    settle();
    ck_assert_uint_eq(standing(0).owed[0].tries, 1);
    now += 1;
    settle();
    ck_assert_uint_eq(standing(0).owed[0].tries, 2);
    ck_assert_int_eq(standing(0).owed[0].next_ms, now + 10000);
    ck_assert_int_eq(standing(0).failing_since_ms, 0);
    now += 10000;
    settle();
    struct paging_target t = standing(0);
    ck_assert_uint_eq(t.owed_count, 0);
    ck_assert_int_eq(t.failing_since_ms, now);
    ck_assert_str_eq(t.why, "exit 3: no such user, after 3 tries");
    pager_close(pager); /* whoever starts it anew may have repaired it */
    pagers[0].argv = yes;
    open_pager();
    settle();
    ck_assert_int_eq(standing(0).failing_since_ms, 0);
    ck_assert_int_eq(standing(0).ok_ms, now);
}
END_TEST

START_TEST(what_was_owed_is_told_by_the_next_one_but_not_a_day_later)
{
    add("phone", yes, 1U << PAGE_PAGE, 0);
    open_pager();
    put(PAGE_PAGE, 1);
    pager_close(pager); /* killed between the commit and the delivery */
    open_pager();
    settle();
    ck_assert_int_eq(standing(0).told[0], 1);
    put(PAGE_PAGE, 2);
    pager_close(pager);
    now += 24 * 3600 * 1000 + 1;
    open_pager();
    settle();
    ck_assert_uint_eq(standing(0).told_count, 1);
    ck_assert_str_eq(standing(0).why, "it is more than a day old");
}
END_TEST

/* A number that was never committed is given to another page after a restart. */
START_TEST(what_is_not_committed_is_not_told)
{
    add("phone", yes, 1U << PAGE_PAGE, 0);
    open_pager();
    put(PAGE_PAGE, 1);
    uncommitted = 1;
    settle();
    ck_assert_uint_eq(standing(0).told_count, 0);
    put(PAGE_PAGE, 2);
    settle();
    ck_assert_uint_eq(standing(0).told_count, 1);
    ck_assert_int_eq(standing(0).told[0], 1);
    uncommitted = 0;
    settle();
    ck_assert_int_eq(standing(0).told[1], 2);
}
END_TEST

START_TEST(restarts_double_nothing_and_forget_nothing_that_was_given_up)
{
    add("phone", no, 1U << PAGE_PAGE, 0);
    open_pager();
    for (int64_t i = 1; i <= 3; i++)
        put(PAGE_PAGE, i);
    for (int i = 0; i < 3; i++)
        settle();
    ck_assert_uint_eq(standing(0).failed_count, 3);
    ck_assert_uint_eq(standing(0).owed_count, 0);
    for (int i = 0; i < 3; i++) {
        pager_close(pager);
        open_pager();
        ck_assert_uint_eq(standing(0).owed_count, 3);
        ck_assert_int_eq(standing(0).failing_since_ms, T0); /* it has been told nothing yet */
    }
    pager_close(pager);
    pagers[0].argv = yes;
    open_pager();
    for (int i = 0; i < 3; i++)
        settle();
    const struct paging_target t = standing(0);
    ck_assert_uint_eq(t.told_count, 3);
    ck_assert(t.told[0] == 1 && t.told[1] == 2 && t.told[2] == 3);
    ck_assert_uint_eq(t.owed_count + t.failed_count, 0);
}
END_TEST

START_TEST(what_others_push_out_of_the_log_is_told_all_the_same)
{
    add("phone", no, 1U << PAGE_PAGE, 1);
    open_pager();
    put(PAGE_PAGE, 1);
    settle();
    for (int64_t i = 0; i < 2 * PAGES_KEPT; i++)
        put(PAGE_TICKET, 100 + i);
    settle();
    pager_close(pager);
    now += 5000;
    pagers[0].argv = yes;
    open_pager();
    settle();
    ck_assert_uint_eq(standing(0).owed_count, 0);
    ck_assert_uint_eq(standing(0).told_count, 1);
    ck_assert_int_eq(standing(0).told[0], 1);
}
END_TEST

START_TEST(what_finds_no_room_is_given_up_aloud)
{
    add("phone", no, 1U << PAGE_PAGE, 5);
    open_pager();
    for (int64_t i = 0; i < PAGING_OWED_MAX; i++)
        put(PAGE_PAGE, i + 1);
    settle();
    ck_assert_int_eq(standing(0).failing_since_ms, 0);
    put(PAGE_PAGE, 1000);
    settle();
    const struct paging_target t = standing(0);
    ck_assert_uint_eq(t.owed_count, PAGING_OWED_MAX);
    ck_assert_int_eq(t.failing_since_ms, now);
    ck_assert_str_eq(t.why, "a hundred others wait for it already");
    ck_assert_int_eq(t.failed[0], PAGING_OWED_MAX + 1);
}
END_TEST

START_TEST(a_command_ends_with_its_time_and_says_little)
{
    static const char *const hangs[] = {"sh", "-c", "echo begun; sleep 600", NULL}, *const loud[] = {"cat", "/dev/zero", NULL};
    add("hangs", hangs, 1U << PAGE_PAGE, 0);
    add("loud", loud, 1U << PAGE_PAGE, 0);
    open_pager();
    put(PAGE_PAGE, 1);
    while (standing(1).failing_since_ms == 0) {
        pager_step(pager, now, mono);
    }
    ck_assert_msg(strncmp(standing(1).why, "said more than 1 MB and was ended", 33) == 0, "%s", standing(1).why);
    ck_assert_int_eq(standing(0).failing_since_ms, 0);
    now += 60000; /* a clock that is set ends nothing */
    pager_step(pager, now, mono);
    ck_assert_int_eq(standing(0).failing_since_ms, 0);
    mono += 60000;
    settle();
    ck_assert_msg(strncmp(standing(0).why, "took longer than 60 s", 21) == 0, "%s", standing(0).why);
}
END_TEST

/* What a command leaves running ends with it. */
START_TEST(a_command_leaves_nothing_running)
{
    static const char *const leaves[] = {"sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!; exit 3", NULL};
    add("leaves", leaves, 1U << PAGE_PAGE, 0);
    open_pager();
    put(PAGE_PAGE, 1);
    settle();
    int pid = 0;
    ck_assert_int_eq(sscanf(standing(0).why, "exit 3: %d", &pid), 1);
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    const struct timespec a_little = {0, 2000000};
    for (int i = 0; i < 1000; i++) { /* whoever takes its place as parent reaps it in its own time */
        FILE *f = fopen(path, "r");
        if (f == NULL || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
            state = 'Z';
        if (f != NULL)
            fclose(f);
        if (state == 'Z')
            break;
        nanosleep(&a_little, NULL);
    }
    ck_assert_int_eq(state, 'Z');
}
END_TEST

static void until_it_fails(void)
{
    const struct timespec a_little = {0, 2000000};
    while (standing(0).failing_since_ms == 0) {
        int running = 0;
        OK(http_wait(http, 100, -1, &running, &ctx));
        pager_step(pager, now, mono);
        nanosleep(&a_little, NULL);
    }
}

static void write_url(const char *path, const char *url, mode_t mode)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fprintf(f, "%s\n", url), 0);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

/* The address comes from a file under the rules of every secret, is read again for each try, and stands in no reason. */
START_TEST(a_webhooks_address_may_stand_in_a_file)
{
    static const struct {
        const char *url;
        mode_t mode;
        const char *why;
    } cases[] = {
        {"http://127.0.0.1:1/services/T0/B0/SECRET", 0644, "url of webhook chat: "}, /* others can read it */
        {"http://chat.example/services/T0/B0/SECRET", 0600, "url of webhook chat is a secret that would cross the network in clear text"},
        {"chat.example/services/T0/B0/SECRET", 0600, "url of webhook chat is no http:// or https:// address"},
        {"https://me:SECRET@chat.example/", 0600, "url of webhook chat is no http:// or https:// address"},
        {"http://127.0.0.1:1/services/T0/B0/SECRET", 0600, "http://127.0.0.1:1: "},
    };
    char path[160], echoed[] = "no such hook: services/T0/B0/SECRET";
    pagers[cfg.pager_count++] =
        (struct config_pager){.name = "chat", .post.url_secret.file = path, .on = 1U << PAGE_PAGE, .timeout_ms = 60000};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(path, sizeof path, "%s/hook%zu", dir, i); /* one that is configured otherwise has failed nothing yet */
        write_url(path, cases[i].url, cases[i].mode);
        open_pager();
        put(PAGE_PAGE, 1 + (int64_t)i);
        until_it_fails();
        ck_assert_msg(strncmp(standing(0).why, cases[i].why, strlen(cases[i].why)) == 0, "%zu: %s", i, standing(0).why);
        ck_assert_ptr_null(strstr(standing(0).why, "SECRET"));
        pager_close(pager);
        pager = NULL;
    }
    secrets_redact(secrets, echoed, strlen(echoed));
    ck_assert_str_eq(echoed, "no such hook: *********************");
}
END_TEST

/* What follows a webhook's host lets in: it stands in no reason. */
START_TEST(a_webhooks_path_is_a_secret)
{
    char echoed[] = "no such hook: services/T0/B0/SECRET";
    pagers[cfg.pager_count++] = (struct config_pager){
        .name = "chat", .post.url = "http://127.0.0.1:1/services/T0/B0/SECRET", .on = 1U << PAGE_PAGE, .timeout_ms = 60000};
    open_pager();
    put(PAGE_PAGE, 1);
    until_it_fails();
    ck_assert_msg(strncmp(standing(0).why, "http://127.0.0.1:1: ", 20) == 0, "%s", standing(0).why);
    ck_assert_ptr_null(strstr(standing(0).why, "SECRET"));
    secrets_redact(secrets, echoed, strlen(echoed));
    ck_assert_str_eq(echoed, "no such hook: *********************");
}
END_TEST

START_TEST(variables_are_one_safe_line_that_is_no_option)
{
    char mine[] = "GWTOP_TITLE=mine", path[] = "PATH=/bin";
    char secret[][12] = {"HOOK=s3cret", "BEAT=s3cret", "AUTH=s3cret", "PASS=s3cret", "HEAD=s3cret", "CNRY=s3cret", "ADDR=s3cret"},
         near[] = "HOOKS=0";
    char *const base[] = {path, mine, secret[0], secret[1], secret[2], secret[3], secret[4], secret[5], secret[6], near, NULL};
    struct config_source source = {.bearer.env = "AUTH", .password.env = "PASS", .header_count = 1};
    struct config_canary canary = {.key.env = "CNRY"};
    source.header[0].secret.env = "HEAD";
    cfg.sources = &source;
    cfg.canaries = &canary;
    cfg.source_count = cfg.canary_count = cfg.pager_count = cfg.heartbeat.post.header_count = pagers[0].post.header_count = 1;
    cfg.heartbeat.post.header[0].secret.env = "BEAT";
    pagers[0].post.header[0].secret.env = "HOOK";
    pagers[0].post.url_secret.env = "ADDR";
    struct page_told p = {.on = PAGE_PAGE, .incident = 42};
    struct arena a;
    bool title = false, kept = false, like = false;
    arena_init(&a, 1 << 20);
    strcpy(p.title, "-rf /\n\x1b[2J");
    const char *const *env = page_doc_env(&cfg, "/s.db", &p, base, &a);
    ck_assert_ptr_nonnull(env);
    for (size_t i = 0; env[i] != NULL; i++) {
        kept = kept || strcmp(env[i], path) == 0;
        like = like || strcmp(env[i], near) == 0;
        ck_assert_str_ne(env[i], mine);
        ck_assert_msg(strstr(env[i], "=s3cret") == NULL, "%s", env[i]);
        if (strncmp(env[i], "GWTOP_TITLE=", 12) != 0)
            continue;
        title = true;
        ck_assert_str_eq(env[i], "GWTOP_TITLE=_rf /^J^[[2J");
    }
    ck_assert(title && kept && like);
    arena_fini(&a);
}
END_TEST

/* A loop that turns round and polls nothing, or whose polls are not stored, does not beat. */
START_TEST(the_heart_beats_only_while_all_goes_on)
{
    char file[128];
    struct stat s;
    struct config_source source = {.interval_ms = 15000, .timeout_ms = 10000};
    struct paging_target t = {.heartbeat = true};
    snprintf(file, sizeof file, "%s/beat", dir);
    cfg.sources = &source;
    cfg.source_count = 1;
    cfg.heartbeat = (struct config_heartbeat){.file = file, .every_ms = 60000};
    struct heartbeat *b = heartbeat_new(&cfg, http, secrets, 0);
    ck_assert_ptr_nonnull(b);
    ck_assert(!heartbeat_step(b, T0, 0, &t, NULL));
    ck_assert_int_eq(stat(file, &s), 0);
    ck_assert_int_eq(unlink(file), 0);
    ck_assert(!heartbeat_step(b, T0, 59999, &t, NULL));
    ck_assert_int_ne(stat(file, &s), 0); /* not before its time */
    heartbeat_saw_analysis(b, 85000);
    heartbeat_saw_poll(b, 0); /* the last one: 85 s are 3 intervals, its timeout and half a minute */
    ck_assert(!heartbeat_step(b, T0, 85000, &t, NULL));
    ck_assert_int_eq(stat(file, &s), 0);
    ck_assert_int_eq(unlink(file), 0);
    heartbeat_saw_analysis(b, 145000);
    ck_assert(heartbeat_step(b, T0 + 1, 145000, &t, NULL));
    ck_assert_str_eq(t.why, "no poll has ended for long: polling stands still");
    ck_assert_int_ne(stat(file, &s), 0);
    heartbeat_saw_poll(b, 155000);
    ck_assert(heartbeat_step(b, T0 + 2, 155000, &t, NULL)); /* again after ten seconds, and not after a minute */
    ck_assert_int_eq(t.failing_since_ms, 0);
    ck_assert_int_eq(stat(file, &s), 0);
    heartbeat_saw_poll(b, 215001);
    ck_assert(heartbeat_step(b, T0 + 3, 215001, &t, NULL));
    ck_assert_str_eq(t.why, "what was polled is not analysed and stored");
    heartbeat_free(b);
}
END_TEST

Suite *suite_pager(void)
{
    Suite *s = suite_create("pager");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, the_end_is_told_to_whom_the_page_was_told);
    tcase_add_test(t, a_try_that_fails_is_repeated_ever_later_and_then_given_up);
    tcase_add_test(t, what_was_owed_is_told_by_the_next_one_but_not_a_day_later);
    tcase_add_test(t, what_is_not_committed_is_not_told);
    tcase_add_test(t, restarts_double_nothing_and_forget_nothing_that_was_given_up);
    tcase_add_test(t, what_others_push_out_of_the_log_is_told_all_the_same);
    tcase_add_test(t, what_finds_no_room_is_given_up_aloud);
    tcase_add_test(t, a_command_ends_with_its_time_and_says_little);
    tcase_add_test(t, a_command_leaves_nothing_running);
    tcase_add_test(t, a_webhooks_path_is_a_secret);
    tcase_add_test(t, a_webhooks_address_may_stand_in_a_file);
    tcase_add_test(t, variables_are_one_safe_line_that_is_no_option);
    tcase_add_test(t, the_heart_beats_only_while_all_goes_on);
    suite_add_tcase(s, t);
    return s;
}
