/* SPDX-License-Identifier: MIT */
/* What outside systems tell of alerts, as it is kept: scope, severity, fingerprint, safe text, and how often one fired. */
#include <check.h>
#include <string.h>

#include "model/outside.h"

static struct arena a;
static const struct outside_words words = {"page, critical", "none,info"};

static void setup(void)
{
    arena_init(&a, 8 << 20);
}

static void teardown(void)
{
    arena_fini(&a);
}

#define L(name, value)                                                                                                                     \
    {                                                                                                                                      \
        {name, sizeof name - 1},                                                                                                           \
        {                                                                                                                                  \
            value, sizeof value - 1                                                                                                        \
        }                                                                                                                                  \
    }
#define COUNT(list) (sizeof list / sizeof *list)

static struct outside take(const struct outside_label *labels, size_t count, const char *severity)
{
    const struct outside_told told = {.name = str_of("N"), .labels = labels, .label_count = count, .severity = str_of(severity)};
    struct outside o;
    ck_assert_int_eq(outside_take(&told, &words, &a, &o), ERR_OK);
    return o;
}

START_TEST(labels_that_are_dimensions_are_the_scope_and_the_others_are_kept)
{
    const struct outside_label labels[] = {L("alertname", "N"),   L("team_alias", "search"), L("model_group", "gpt-x"),
                                           L("severity", "page"), L("instance", "web1"),     L("disk", "sda"),
                                           L("team", "platform")}; /* who looks after it */
    const struct outside o = take(labels, COUNT(labels), "page");
    ck_assert_str_eq(o.scope, "model=gpt-x,team=search"); /* in the order of dimensions */
    ck_assert_str_eq(o.labels, "instance=web1, disk=sda, team=platform");
    ck_assert_int_eq(o.severity, SEV_PAGE);
    const struct outside_label host[] = {L("instance", "web1"), L("job", "node")};
    ck_assert_str_eq(take(host, 2, "").scope, "name=web1"); /* where nothing else says what it is about */
    ck_assert_str_eq(take(host, 0, "").scope, "");
}
END_TEST

/* What would be two conditions, or none that a filter can hold. */
START_TEST(a_value_that_would_forge_a_scope_is_none)
{
    const struct outside_label labels[] = {L("model", "x,team=search"), L("provider", "a b"), L("key", "\x1b[31m"),
                                           L("region", "eu"),           L("route", "a=b"),    L("team", "\xff")};
    const struct outside o = take(labels, COUNT(labels), "");
    ck_assert_str_eq(o.scope, "region=eu");
    ck_assert_ptr_nonnull(strstr(o.labels, "model=x,team=search, provider=a b, key=^[[31m"));
    char longer[200];
    memset(longer, 'x', sizeof longer);
    const struct outside_label big = {str_of("model"), {longer, sizeof longer}};
    ck_assert_str_eq(take(&big, 1, "").scope, "");
}
END_TEST

START_TEST(a_severity_that_nobody_knows_is_a_ticket)
{
    static const struct {
        const char *word;
        enum severity want;
    } rows[] = {{"page", SEV_PAGE}, {"Critical", SEV_PAGE}, {"warning", SEV_TICKET},       {"", SEV_TICKET},   {"none", SEV_NONE},
                {"INFO", SEV_NONE}, {"pag", SEV_TICKET},    {"page,critical", SEV_TICKET}, {"inf", SEV_TICKET}};
    for (size_t i = 0; i < COUNT(rows); i++)
        ck_assert_msg(take(NULL, 0, rows[i].word).severity == rows[i].want, "%s", rows[i].word);
}
END_TEST

/* Of Alertmanager 0.27's own fixture, and of 0.25 as it ran: label sets with the fingerprints that it gave them. */
START_TEST(fingerprints_are_those_of_alertmanager)
{
    const struct outside_label disk[] = {L("job", "node_exporter"), L("alertname", "Free_Disk_Space_Too_Low"), L("instance", "server5"),
                                         L("cluster", "staging"), L("disk", "sda")};
    const struct outside_label probe[] = {L("alertname", "HTTP_Probe_Failed"), L("cluster", "dev"), L("instance", "web1"),
                                          L("job", "node_exporter")};
    char out[OUTSIDE_HASH_MAX];
    outside_fingerprint(disk, COUNT(disk), out);
    ck_assert_str_eq(out, "aae7a1432b5d2f1b");
    outside_fingerprint(probe, COUNT(probe), out);
    ck_assert_str_eq(out, "54c2f185e49cfccb");
    outside_fingerprint(NULL, 0, out);
    ck_assert_str_eq(out, "cbf29ce484222325"); /* the empty set */
}
END_TEST

START_TEST(a_fingerprint_is_made_where_none_is_told_and_hashed_where_it_is_too_long)
{
    char longer[OUTSIDE_FINGERPRINT_MAX + 1];
    const struct outside_label labels[] = {L("alertname", "HTTP_Probe_Failed"), L("cluster", "dev"), L("instance", "web1"),
                                           L("job", "node_exporter")};
    ck_assert_str_eq(take(labels, COUNT(labels), "").fingerprint, "54c2f185e49cfccb");
    memset(longer, 'f', sizeof longer);
    const struct outside_told told = {.fingerprint = {longer, sizeof longer}, .name = str_of("N")};
    struct outside o;
    ck_assert_int_eq(outside_take(&told, &words, &a, &o), ERR_OK);
    ck_assert_uint_eq(strlen(o.fingerprint), 16);
}
END_TEST

START_TEST(texts_are_safe_and_bounded)
{
    static char huge[100000];
    memset(huge, '\x1b', sizeof huge);
    const struct outside_told told = {
        .name = {huge, sizeof huge}, .summary = {huge, sizeof huge}, .quiet = str_of("a\nb"), .runbook = str_of("javascript:\x07")};
    struct outside o;
    ck_assert_int_eq(outside_take(&told, &words, &a, &o), ERR_OK);
    ck_assert_uint_le(strlen(o.name), OUTSIDE_NAME_MAX);
    ck_assert_uint_le(strlen(o.summary), OUTSIDE_TEXT_MAX);
    ck_assert_ptr_null(strchr(o.name, '\x1b'));
    ck_assert_str_eq(o.quiet, "a^Jb");
    ck_assert_str_eq(o.runbook, "javascript:^G");
}
END_TEST

START_TEST(a_scope_is_read_back_as_its_parts)
{
    struct scope_part parts[SCOPE_PARTS_MAX];
    uint32_t n;
    ck_assert_int_eq(outside_scope_parts("model=gpt-x,team=search", &a, parts, &n), ERR_OK);
    ck_assert_uint_eq(n, 2);
    ck_assert(parts[0].dim == DIM_MODEL && parts[1].dim == DIM_TEAM);
    ck_assert_str_eq(parts[1].value, "search");
    ck_assert_int_eq(outside_scope_parts("", &a, parts, &n), ERR_OK);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(outside_scope_parts("model=a,model=b,team=c,key=d,route=e,nope=f,,=", &a, parts, &n), ERR_OK);
    ck_assert_uint_eq(n, SCOPE_PARTS_MAX);
}
END_TEST

START_TEST(how_often_it_fired_counts_beginnings)
{
    const struct outside v[] = {
        {.known_ms = 10, .state = OUTSIDE_FIRING},   {.known_ms = 20, .state = OUTSIDE_SILENCED}, {.known_ms = 30, .state = OUTSIDE_FIRING},
        {.known_ms = 40, .state = OUTSIDE_UNKNOWN},  {.known_ms = 50, .state = OUTSIDE_FIRING},   {.known_ms = 60, .state = OUTSIDE_OVER},
        {.known_ms = 70, .state = OUTSIDE_SILENCED}, {.known_ms = 80, .state = OUTSIDE_PENDING},  {.known_ms = 90, .state = OUTSIDE_FIRING},
    };
    ck_assert_uint_eq(outside_fired(v, COUNT(v), 0, 100), 3);
    ck_assert_uint_eq(outside_fired(v, COUNT(v), 10, 100), 2); /* the first began before */
    ck_assert_uint_eq(outside_fired(v, COUNT(v), 0, 89), 2);
    ck_assert_uint_eq(outside_fired(v, 0, 0, 100), 0);
}
END_TEST

START_TEST(a_rule_is_of_the_source_that_tells_it)
{
    ck_assert(outside_is_rule_of("outside:am:DiskFull", "am"));
    ck_assert(outside_is_rule_of("outside:am:DiskFull:f1", "am"));
    ck_assert(!outside_is_rule_of("outside:am2:DiskFull", "am"));
    ck_assert(!outside_is_rule_of("outside:am", "am"));
    ck_assert(!outside_is_rule_of("slo:am:DiskFull", "am"));
}
END_TEST

Suite *suite_outside(void);
Suite *suite_outside(void)
{
    Suite *s = suite_create("outside");
    TCase *t = tcase_create("outside");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_rule_is_of_the_source_that_tells_it);
    tcase_add_test(t, labels_that_are_dimensions_are_the_scope_and_the_others_are_kept);
    tcase_add_test(t, a_value_that_would_forge_a_scope_is_none);
    tcase_add_test(t, a_severity_that_nobody_knows_is_a_ticket);
    tcase_add_test(t, fingerprints_are_those_of_alertmanager);
    tcase_add_test(t, a_fingerprint_is_made_where_none_is_told_and_hashed_where_it_is_too_long);
    tcase_add_test(t, texts_are_safe_and_bounded);
    tcase_add_test(t, a_scope_is_read_back_as_its_parts);
    tcase_add_test(t, how_often_it_fired_counts_beginnings);
    suite_add_tcase(s, t);
    return s;
}
