/* SPDX-License-Identifier: MIT */
/* What `gwtop report` and `gwtop say` tell of one brown-out, of which every number is known. Of 120 minutes with 100 requests for gpt-x
 * each, the twenty from 15:10 to 15:30 have 40 that fail (zebra 30 by 5xx; quagga 5 by 5xx, 5 by timeout) and 40 that azure answers at
 * three times the price. The report as a whole is report-brownout.md; GOLDEN_UPDATE=1 writes it anew: read it before it is committed. */
#include "unit/cli/fixture.h"

Suite *suite_incident_report(void);

/* A report is longer than a message of Check may be. */
#undef assert_out
#define assert_out(r, text)                                                                                                                \
    do {                                                                                                                                   \
        if (strstr((r)->out, text) == NULL)                                                                                                \
            fprintf(stderr, "%s%s", (r)->out, (r)->err);                                                                                   \
        ck_assert_msg(strstr((r)->out, text) != NULL, "'%s' is not in what was printed", text);                                            \
    } while (0)

enum { FIRST_BAD = 71, LAST_BAD = 90, NUSD_A_TOKEN = 1000, TOKENS = 1000 };
static const int64_t minute = 60000;

struct at {
    const char *provider, *deployment, *team, *key, *class, *name;
};

static uint32_t series(struct fixture *f, enum signal s, struct at at)
{
    struct series sr = {.source = f->source, .signal = (uint16_t)s};
    uint32_t id = 0;
    sr.dim[DIM_GATEWAY] = fixture_string(f, "test");
    sr.dim[DIM_MODEL] = fixture_string(f, "gpt-x");
    const struct {
        enum dim dim;
        const char *value;
    } given[] = {{DIM_PROVIDER, at.provider}, {DIM_DEPLOYMENT, at.deployment}, {DIM_TEAM, at.team},
                 {DIM_KEY, at.key},           {DIM_CLASS, at.class},           {DIM_NAME, at.name}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        sr.dim[given[i].dim] = given[i].value != NULL ? fixture_string(f, given[i].value) : 0;
    ck_assert_int_eq(store_series(f->st, &sr, &id, NULL), ERR_OK);
    return id;
}

/* Requests of a team at a deployment that were answered, with what they cost. */
static void answered(struct fixture *f, const char *team, const char *key, const char *deployment, int64_t n, int64_t times_the_price)
{
    const struct at at = {.deployment = deployment, .team = team, .key = key};
    struct at ok = at;
    ok.class = "ok";
    fixture_increment(f, series(f, SIG_REQUESTS, ok), n);
    fixture_increment(f, series(f, SIG_TOKENS_INPUT, at), n * TOKENS);
    fixture_increment(f, series(f, SIG_COST, at), n * TOKENS * NUSD_A_TOKEN * times_the_price);
}

static void failed(struct fixture *f, const char *team, const char *key, const char *class, int64_t n)
{
    fixture_increment(f, series(f, SIG_REQUESTS, (struct at){.team = team, .key = key, .class = class}), n);
}

static void attempts(struct fixture *f, const char *provider, const char *deployment, const char *class, int64_t n)
{
    fixture_increment(f, series(f, SIG_ATTEMPTS, (struct at){.provider = provider, .deployment = deployment, .class = class}), n);
}

/* Answers to zebra: of 80 none takes longer than 2 s, of 50 there are 20 that do. */
static void answers(struct fixture *f, bool bad)
{
    static const struct store_hist_count fast[] = {{1, 80}}, slow[] = {{1, 30}, {2, 20}};
    static const double upper[] = {0.5, 2, 8};
    const struct hist_bounds *bounds;
    ck_assert_int_eq(store_bounds(f->st, upper, 3, &bounds, NULL), ERR_OK);
    f->items[f->count++] = (struct store_item){
        .series = fixture_series(f, SIG_TTFT, bounds->id, "gpt-x", "zebra", "zebra-key", "", ""),
        .v.hist = {.n = bad ? 50 : 80, .sum_fixed = INT64_C(80000000000), .counts = bad ? slow : fast, .count = bad ? 2 : 1}};
}

static void minute_of_traffic(struct fixture *f, bool bad)
{
    answers(f, bad);
    answered(f, "zebra", "zebra-key", "gpt-x-eu1", bad ? 10 : 80, 1);
    answered(f, "zebra", "zebra-key", "gpt-x-weu", bad ? 40 : 0, 3);
    answered(f, "quagga", "quagga_key", "gpt-x-eu1", bad ? 10 : 20, 1);
    failed(f, "zebra", "zebra-key", "5xx", bad ? 30 : 0);
    failed(f, "quagga", "quagga_key", "5xx", bad ? 5 : 0);
    failed(f, "quagga", "quagga_key", "timeout", bad ? 5 : 0);
    attempts(f, "openai", "gpt-x-eu1", "ok", bad ? 20 : 100);
    attempts(f, "openai", "gpt-x-eu1", "5xx", bad ? 80 : 0);
    attempts(f, "azure", "gpt-x-weu", "ok", bad ? 40 : 10);
    fixture_increment(f, series(f, SIG_FALLBACKS, (struct at){.name = "azure/gpt-x-weu"}), bad ? 40 : 0);
}

static void put_rule_of(struct fixture *f, const char *rule, const char *scope, enum alert_state state, int64_t at_ms, const char *text)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_PAGE,
                             .state = state,
                             .since_ms = at_ms,
                             .onset_ms = fixture_start_ms + (FIRST_BAD - 1) * minute,
                             .known_ms = at_ms,
                             .window_long_ms = 300000,
                             .window_short_ms = 300000,
                             .text = text};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
}

static void put_rule(struct fixture *f, enum alert_state state, int64_t at_ms, const char *text)
{
    put_rule_of(f, "slo:gpt-x availability:page-5m", "model=gpt-x", state, at_ms, text);
}

/* A further version of it. */
static void put_version(struct fixture *f, struct incident in, int64_t known_ms)
{
    in.known_ms = known_ms;
    ck_assert_int_eq(store_put_incident(f->st, &in, &in.id, NULL), ERR_OK);
}

static void put_entry(struct fixture *f, int64_t incident, const char *key, int64_t at_ms, char letter, const char *text)
{
    const struct timeline_entry t = {
        .incident = incident, .at_ms = at_ms, .known_ms = at_ms, .letter = letter, .text = text, .source = "gwtop"};
    ck_assert_int_eq(store_put_timeline(f->st, key, &t, NULL), ERR_OK);
}

/* As it became known: it opens two minutes after its onset, its end is known six minutes after it, it is resolved another ten later.
 * Returns its last version. */
static struct incident put_incident(struct fixture *f, const char *owner)
{
    const int64_t onset = fixture_start_ms + (FIRST_BAD - 1) * minute, end = fixture_start_ms + LAST_BAD * minute;
    struct incident in = {.title = "gpt-x errors",
                          .scope = "model=gpt-x",
                          .severity = SEV_PAGE,
                          .state = INCIDENT_OPEN,
                          .onset_ms = onset,
                          .onset_error_ms = 30000,
                          .opened_ms = onset + 2 * minute,
                          .known_ms = onset + 2 * minute,
                          .owner = owner};
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f->st, &in, &id, NULL), ERR_OK);
    put_rule(f, ALERT_FIRING, in.opened_ms, "budget burn 160x over 5m; 80 of 500 requests failed in 5m");
    put_entry(f, id, "E", onset, 'E', "gpt-x errors begin, +-30s");
    put_entry(f, id, "P", in.opened_ms, 'P', "page: budget burn 160x over 5m");
    in.id = id;
    in.ended_ms = end;
    in.ended_error_ms = 30000;
    put_version(f, in, end + 6 * minute);
    put_rule(f, ALERT_INACTIVE, end + 6 * minute, "over: 0 of 500 bad in the last 5m");
    put_entry(f, id, "o", end, 'o', "gpt-x errors end, +-30s, known 6m later");
    in.state = INCIDENT_RESOLVED;
    in.resolved_ms = end + 6 * minute;
    put_version(f, in, end + 16 * minute);
    put_entry(f, id, "R", end + 16 * minute, 'R', "resolved: nothing has fired for 10 min");
    return in;
}

static struct incident brownout(struct ran *r, const char *owner)
{
    struct fixture *f = &r->f;
    char ended[32];

    memset(r, 0, sizeof *r);
    fixture_open(f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        minute_of_traffic(f, i >= FIRST_BAD && i <= LAST_BAD);
        fixture_append(f, fixture_start_ms + i * minute);
    }
    const struct incident in = put_incident(f, owner);
    ck_assert_int_eq(in.id, 1);
    const int64_t config_ms = fixture_start_ms + 65 * minute;
    const struct event ev = {.at_ms = config_ms,
                             .known_ms = config_ms,
                             .kind = EVENT_CONFIG,
                             .scope = "",
                             .text = "router settings were loaded | `anew` <b>*now*</b>",
                             .source = "gw"};
    ck_assert_int_eq(store_put_event(f->st, "config:1", &ev, NULL), ERR_OK);
    const struct store_gap gap = {
        .source = f->source, .t0_ms = config_ms, .t1_ms = config_ms + 30000, .reason = "the recorder was stopped"};
    ck_assert_int_eq(store_put_gap(f->st, &gap, NULL), ERR_OK);
    ran_slo(r);
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)f->manual.wall_ms));
    ran_note(r, "ended", ended);
    ran_config(r, "gateway: test\n");
    return in;
}

/* The bytes of a file, to be freed; NULL where there is none. */
static char *read_whole(const char *path)
{
    enum { MOST = 1 << 16 };
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return NULL;
    char *text = calloc(1, MOST);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_lt(fread(text, 1, MOST - 1, file), MOST - 1);
    fclose(file);
    return text;
}

START_TEST(the_report_is_the_one_that_was_read)
{
    static const char path[] = TEST_ROOT "/unit/cli/report-brownout.md";
    struct ran r;
    (void)brownout(&r, "ana");
    ck_assert_int_eq(ran_here(&r, "report 1 --markdown"), 0);
    if (getenv("GOLDEN_UPDATE") != NULL) {
        FILE *file = fopen(path, "w");
        ck_assert_ptr_nonnull(file);
        ck_assert_int_ge(fputs(r.out, file), 0);
        ck_assert_int_eq(fclose(file), 0);
    }
    char *want = read_whole(path);
    ck_assert_msg(want != NULL, "%s is missing: run with GOLDEN_UPDATE=1 and read what it writes", path);
    const bool same = strcmp(r.out, want) == 0;
    if (!same)
        fputs(r.out, stderr);
    ck_assert_msg(same, "%s differs: run with GOLDEN_UPDATE=1 and read the difference", path);
    free(want);
    ran_close(&r);
}
END_TEST

/* The number that stands after a text. */
static double value_of(const char *out, const char *before)
{
    const char *at = strstr(out, before);
    ck_assert_msg(at != NULL, "'%s' is not in what was printed", before);
    return strtod(at + strlen(before), NULL);
}

START_TEST(its_numbers_are_those_of_the_store)
{
    struct ran r;
    (void)brownout(&r, "ana");
    ck_assert_int_eq(ran_here(&r, "report #1"), 0);
    assert_out(&r, "\n40% of requests of model gpt-x failed from 23 Nov 15:10:00Z to 15:30:00Z +-30s (20m).\n");
    /* 800 of 90 minutes' 9,000; 30 days of those may have 4,320 */
    assert_out(&r, "\n800 of 2k requests failed (5xx 700, timeout 100), and 800 were handed to azure/gpt-x-weu; gpt-x availability lost "
                   "~19% of its error "
                   "budget of 30d (~81% left then).\n");
    /* twenty minutes of $0.02 + 40 * $0.003, beside $0.1; of the fallbacks two thirds */
    assert_out(&r, "\nMost hit: team zebra (600 failed requests), team quagga (200); >=$2.80 was spent in its scope meanwhile ($2.00 in as "
                   "much time 1h ago); "
                   "fallbacks made it ~$1.60 dearer.\n");
    assert_out(
        &r,
        "\nrequests failed                800 of 2,000 (40.0%)\nof these 5xx                   700\nof these timeout               100\n"
        "requests handed to a fallback  800, most to azure/gpt-x-weu\n");
    assert_out(&r, "\nzebra               600                       75%\nquagga              200                       25%\n");
    assert_out(&r, "\nzebra-key               600                       75%\nquagga_key              200                       25%\n");
    assert_out(&r, "\nonset         23 Nov 15:10:00Z\nfirst alert   15:12:00Z, page-5m                   2m\n");
    assert_out(&r, "\nend           15:30:00Z +-30s                      20m\nresolved      15:36:00Z, since when no rule fires  26m\n");
    assert_out(&r, "\n- provider openai: 5xx since 15:10:00Z; 100 % of what fails beyond the usual");
    assert_out(&r, "\n2026-11-23T15:05:00Z  config: router settings were loaded | `anew` <b>*now*</b> (gw)\n");
    assert_out(
        &r,
        "\n- gw: 2026-11-23T15:05:00Z to 2026-11-23T15:05:30Z, the recorder was stopped; what it counted then came with its next answer\n");
    assert_out(&r, "TO FILL IN: root cause");
    ck_assert_int_eq(ran_here(&r, "report 1 --json"), 0);
    assert_out(&r,
               "\"failed\": 800,\n    \"counted\": 2000,\n    \"exactness\": \"=\",\n    \"failed_percent\": {\n      \"value\": 40,\n");
    assert_out(&r,
               "\"failed_by_class\": {\n      \"5xx\": 700,\n      \"timeout\": 100\n    },\n    \"fallbacks\": 800,\n    \"refused\": 0");
    assert_out(&r, "\"in_scope\": {\n      \"value\": 2.8,\n      \"exactness\": \">=\"\n    }");
    assert_out(&r, "\"as_long_before\": {\n      \"value\": 2,");
    ck_assert_double_eq_tol(value_of(r.out, "\"before\": \"1h ago\",\n    \"fallbacks_extra\": {\n      \"value\": "), 1.6, 1e-9);
    assert_out(&r, "\"key\": \"zebra-key\",\n      \"failed\": 600,");
    ck_assert_double_eq_tol(value_of(r.out, "\"error_budget_spent\": {\n        \"value\": "), 800 / 4320.0, 1e-9);
    assert_out(&r, "\"step\": \"first alert\",\n      \"at\": \"2026-11-23T15:12:00Z\",");
    assert_out(&r, "\"after_onset_ms_least\": 120000,\n      \"after_onset_ms_most\": 120000\n");
    ran_close(&r);
}
END_TEST

/* The same incident at moments of its life: what was known then. */
START_TEST(a_status_update_is_in_the_tense_of_its_moment)
{
    struct ran r;
    (void)brownout(&r, "");
    ck_assert_int_eq(ran_here(&r, "say 1 --at 15:20"), 0);
    ck_assert_str_eq(r.out, "gpt-x errors (#1, page): 40% of requests of model gpt-x have failed since 23 Nov 15:10:00Z (10m so far).\n"
                            "Most hit: team zebra (300 failed requests), team quagga (100).\n"
                            "State: open, going on; owner: nobody.\n"
                            "Next update: ____\n");
    ck_assert_int_eq(ran_here(&r, "say 1 --at 15:40"), 0);
    assert_out(&r, "gpt-x errors (#1, page): 40% of requests of model gpt-x failed from 23 Nov 15:10:00Z to 15:30:00Z +-30s (20m).\n");
    assert_out(&r, "State: open: errors ended at 15:30:00Z, and it is resolved after ten minutes in which no rule fires; owner: nobody.\n");
    ck_assert_int_eq(ran_here(&r, "say 1"), 0);
    assert_out(&r, "State: resolved at 15:36:00Z; owner: nobody.\n");
    ck_assert_ptr_null(strstr(r.out, "Next update"));
    ck_assert_int_eq(ran_here(&r, "report 1 --at 15:20"), 0);
    assert_out(&r, "end           it goes on\nresolved      not yet\n");
    assert_out(&r, "page-5m 15:12:00Z to now");
    ran_close(&r);
}
END_TEST

START_TEST(what_operators_did_stands_in_the_timeline)
{
    struct ran r;
    (void)brownout(&r, "");
    const int64_t at = fixture_start_ms + 75 * minute;
    ck_assert_int_eq(store_act_drop(r.f.path, "ack", 1, "taking it", at, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1 --markdown"), 0);
    assert_out(&r, "| 2026-11-23T15:12:00Z | suspects then: provider openai; config 15:05:00Z | gwtop |\n"
                   "| 2026-11-23T15:15:00Z | acknowledged: taking it | ");
    assert_out(&r, ", not taken in yet |\n");
    assert_out(&r, "\n| acknowledged | 15:15:00Z, by ");
    assert_out(&r, " | 5m |\n| mitigated | nobody said so |  |\n| end |");
    ran_close(&r);
}
END_TEST

/* Said and taken in at a minute of the recording. */
static void say(struct ran *r, const char *verb, int64_t incident, const char *text, int i)
{
    const int64_t end_ms = r->f.manual.wall_ms;
    size_t n;
    r->f.manual.wall_ms = fixture_start_ms + i * minute;
    ck_assert_int_eq(store_act_drop(r->f.path, verb, incident, text, r->f.manual.wall_ms, NULL), ERR_OK);
    ck_assert_int_eq(store_act_ingest(r->f.st, &n, NULL), ERR_OK);
    ck_assert_uint_eq(n, 1);
    r->f.manual.wall_ms = end_ms;
}

START_TEST(a_correction_is_told_with_what_was_said_before)
{
    struct ran r;
    (void)brownout(&r, "");
    say(&r, "mitigate", 1, "moved to azuer", 80); /* n1 */
    say(&r, "correct", 1, "n1 moved to azure", 81);
    say(&r, "pin", 1, "n1", 82);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "\n2026-11-23T15:20:00Z  moved to azure (corrected by ");
    assert_out(&r, " at 2026-11-23T15:21:00Z; it said: mitigated: moved to azuer) (pinned by ");
    assert_out(&r, ": moved to azure  "); /* of its detection */
    ck_assert_ptr_null(strstr(r.out, "correct:"));
    ck_assert_int_eq(ran_here(&r, "audit list"), 0);
    assert_out(&r, "n1: mitigated: moved to azuer -> n1: moved to azure");
    assert_out(&r, "n1 not pinned: moved to azure -> n1 pinned by ");
    ran_close(&r);
}
END_TEST

START_TEST(what_was_like_it_is_told_with_what_ended_that)
{
    struct ran r;
    struct incident later = brownout(&r, "");
    say(&r, "resolve", 1, "moved to azuer", 110);
    say(&r, "correct", 1, "n1 moved to azure", 111);
    const int64_t at = fixture_start_ms + 115 * minute;
    later.id = 0;
    later.state = INCIDENT_OPEN;
    later.onset_ms = later.opened_ms = later.known_ms = at;
    later.ended_ms = later.ended_error_ms = later.resolved_ms = 0;
    ck_assert_int_eq(store_put_incident(r.f.st, &later, NULL, NULL), ERR_OK);
    put_rule(&r.f, ALERT_FIRING, at, "burns again");
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ran_note(
        &r, "rules",
        "[{\"rule\": \"slo:gpt-x availability\", \"kind\": \"slo\", \"what\": \"w\", \"scope\": \"model=gpt-x\", \"severity\": \"page\", "
        "\"runbook\": \"https://wiki/gpt-x\", \"owner\": \"ml\", \"contact\": \"#ml\"}]");
    ck_assert_int_eq(ran_here(&r, "report 2"), 0);
    assert_out(&r, "\nEarlier incidents like it\n- #1, Mon 23 Nov: moved to azure, over in 20m (so says ");
    assert_out(&r, "); 100 % alike in rules, names and suspects\n");
    assert_out(&r, "\n- Seen before: #1, Mon 23 Nov: moved to azure, over in 20m\n");
    ck_assert_int_eq(ran_here(&r, "say 2"), 0);
    assert_out(&r, "\nSeen before: #1, Mon 23 Nov: moved to azure, over in 20m.\n");
    assert_out(&r, "https://wiki/gpt-x");
    ck_assert_int_eq(ran_here(&r, "say 2 --json"), 0);
    assert_out(&r, "\"runbook\": \"https://wiki/gpt-x\",\n      \"owner\": \"ml\",\n      \"contact\": \"#ml\"\n");
    assert_out(&r, "\"similar\": [\n    {\n      \"id\": 1,");
    assert_out(&r, "\"fix\": \"moved to azure\"");
    ran_close(&r);
}
END_TEST

START_TEST(nobody_is_not_said_where_nothing_was_recorded)
{
    struct ran r;
    ran_open(&r);
    const int64_t at = fixture_start_ms - 3600000;
    const struct incident in = {.title = "old",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_RESOLVED,
                                .owner = "",
                                .onset_ms = at,
                                .opened_ms = at,
                                .ended_ms = at + minute,
                                .resolved_ms = at + minute,
                                .known_ms = at};
    ck_assert_int_eq(store_put_incident(r.f.st, &in, NULL, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "\nBy team: not known: no request was recorded.\n");
    assert_out(&r, "\nBy key: not known: no request was recorded.\n");
    ck_assert_ptr_null(strstr(r.out, "nobody's requests"));
    ran_close(&r);
}
END_TEST

START_TEST(what_is_not_known_is_named)
{
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_FIRING);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "\nrequests handed to a fallback  not known\n");
    assert_out(&r, "\nextra spend of fallbacks       not known: fallbacks are not recorded\n");
    assert_out(&r,
               "20% of requests of model gpt-x have failed since 23 Nov 15:51:00Z (9m so far).\n180 of 900 requests failed (5xx 180); ");
    assert_out(&r, "\nacknowledged  nobody acknowledged it\n");
    assert_out(&r, "Nothing that gwtop recorded. It sees restarts");
    assert_out(&r, "\nNo gap from 2026-11-23T15:41:00Z to 2026-11-23T16:00:00Z.\n");
    ran_close(&r);
}
END_TEST

/* What fails after the end is no part of the figures, and what fired before it opened is no alert of it. */
START_TEST(other_firings_of_its_rules_are_told_apart)
{
    struct ran r;
    struct incident in = brownout(&r, "ana");
    in.resolved_ms = fixture_start_ms + 102 * minute;
    put_version(&r.f, in, fixture_start_ms + 112 * minute);
    put_rule(&r.f, ALERT_FIRING, fixture_start_ms + 40 * minute, "an earlier one");
    put_rule(&r.f, ALERT_INACTIVE, fixture_start_ms + 50 * minute, "over");
    put_rule(&r.f, ALERT_FIRING, fixture_start_ms + 98 * minute, "back");
    put_rule(&r.f, ALERT_INACTIVE, fixture_start_ms + 102 * minute, "over");
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "\nIts rules fired again from 15:38:00Z to 15:42:00Z, after this end: what failed then is in none of these figures.\n");
    assert_out(&r, "800 of 2,000 failed");
    assert_out(&r, "page-5m 15:12:00Z to 15:36:00Z, page-5m 15:38:00Z to 15:42:00Z.\n");
    assert_out(&r, "\nfirst alert   15:12:00Z, page-5m");
    ck_assert_ptr_null(strstr(r.out, "an earlier one"));
    ran_close(&r);
}
END_TEST

/* 200 of 12,000 are all that was recorded of what began before the first poll. */
START_TEST(what_began_before_the_recording_is_counted_from_there)
{
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    const struct incident in = {.title = "gpt-x errors",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .owner = "",
                                .onset_ms = fixture_start_ms - 5 * minute,
                                .opened_ms = fixture_start_ms + 2 * minute,
                                .known_ms = fixture_start_ms + 2 * minute};
    ck_assert_int_eq(store_put_incident(r.f.st, &in, NULL, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, " requests failed (5xx 200), counted from 14:01:00Z on");
    assert_out(&r, ">=200 of >=");
    ck_assert_int_eq(ran_here(&r, "incidents show 1"), 0);
    assert_out(&r, "\ncounted         from 23 Nov 14:01Z on: recording began then\nrequests lost   >=200 of >=");
    ran_close(&r);
}
END_TEST

/* 19 % of a budget of one in a thousand is 1.9 times one of a tenth of it. */
START_TEST(more_than_a_whole_budget_is_told_as_times_of_it)
{
    struct ran r;
    (void)brownout(&r, "ana");
    ran_note(&r, "slo",
             "[{\"name\": \"gpt-x availability\", \"kind\": \"availability\", \"objective\": 0.9999, \"period_ms\": 2592000000, "
             "\"signal\": \"requests\", \"scope\": [{\"dim\": \"model\", \"value\": \"gpt-x\"}]}]");
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "; gpt-x availability lost ~1.9 times its error budget of 30d (all of it was gone then).\n");
    ran_close(&r);
}
END_TEST

/* Money that is spent too fast after the end fails nobody, though its alert is told with the incident. */
START_TEST(a_budgets_alert_after_the_end_is_no_trouble_that_came_back)
{
    struct ran r;
    struct incident in = brownout(&r, "ana");
    const struct alert al = {.rule = "budget:team zebra:ticket-gateway",
                             .scope = "model=gpt-x",
                             .severity = SEV_TICKET,
                             .state = ALERT_FIRING,
                             .since_ms = fixture_start_ms + 98 * minute,
                             .known_ms = fixture_start_ms + 98 * minute,
                             .incident = in.id,
                             .text = "spends too fast"};
    in.resolved_ms = fixture_start_ms + 102 * minute;
    put_version(&r.f, in, fixture_start_ms + 112 * minute);
    ck_assert_int_eq(store_put_alert(r.f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "spends too fast");
    ck_assert_ptr_null(strstr(r.out, "fired again"));
    ran_close(&r);
}
END_TEST

/* 20 of 50 answers a minute, for twenty minutes. */
START_TEST(one_that_is_slow_is_told_by_its_answers)
{
    struct ran r;
    (void)brownout(&r, "ana");
    ran_note(&r, "slo",
             "[{\"name\": \"zebra ttft\", \"kind\": \"latency\", \"objective\": 0.95, \"period_ms\": 2592000000, \"signal\": \"ttft\", "
             "\"threshold\": 2, \"scope\": [{\"dim\": \"team\", \"value\": \"zebra\"}]}]");
    const int64_t onset = fixture_start_ms + (FIRST_BAD - 1) * minute;
    const struct incident in = {.title = "zebra slow ttft",
                                .scope = "team=zebra",
                                .severity = SEV_TICKET,
                                .state = INCIDENT_OPEN,
                                .onset_ms = onset,
                                .onset_error_ms = 30000,
                                .opened_ms = onset + 5 * minute,
                                .ended_ms = fixture_start_ms + LAST_BAD * minute,
                                .ended_error_ms = 30000,
                                .known_ms = onset + 5 * minute,
                                .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    put_rule_of(&r.f, "slo:zebra ttft:ticket-1d", "team=zebra", ALERT_FIRING, in.opened_ms, "slow");
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 2"), 0);
    assert_out(&r, "\n38% of requests of team zebra failed, and 40% of its answers took longer than 2 s to begin from 23 Nov 15:10:00Z to "
                   "15:30:00Z +-30s (20m).\n"
                   "400 of 1k answers took longer than 2 s to begin; 600 of 1.6k requests failed (5xx 600)");
    assert_out(&r, "\nzebra ttft: 95.0% of 30d  400 of 1,000 took longer than 2 s to begin  40.0%");
    assert_out(&r, "\nShare of answers of team zebra that took longer than 2 s to begin, by 1m; at most 40.0%.");
    assert_out(&r, "State: open: slowness ended at 15:30:00Z, and ticket-1d still fires\n");
    ck_assert_int_eq(ran_here(&r, "say 2 --at 15:20"), 0);
    assert_out(&r, "zebra slow (#2, ticket): 38% of requests of team zebra failed, and 40% of its answers took longer");
    ran_close(&r);
}
END_TEST

/* Half of a wider objective's requests are another model's, which all succeed. */
START_TEST(who_joined_with_a_wider_scope_does_not_change_the_subject)
{
    struct ran r;
    (void)brownout(&r, "ana");
    ran_note(&r, "slo",
             "[{\"name\": \"all\", \"kind\": \"availability\", \"objective\": 0.995, \"period_ms\": 2592000000, \"scope\": []},"
             "{\"name\": \"zebra availability\", \"kind\": \"availability\", \"objective\": 0.999, \"period_ms\": 2592000000, "
             "\"scope\": [{\"dim\": \"team\", \"value\": \"zebra\"}]}]");
    struct incident in = {.title = "zebra errors",
                          .scope = "team=zebra",
                          .severity = SEV_PAGE,
                          .state = INCIDENT_OPEN,
                          .onset_ms = fixture_start_ms + (FIRST_BAD - 1) * minute,
                          .opened_ms = fixture_start_ms + 75 * minute,
                          .ended_ms = fixture_start_ms + LAST_BAD * minute,
                          .known_ms = fixture_start_ms + 75 * minute,
                          .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    put_rule_of(&r.f, "slo:zebra availability:page-5m", "team=zebra", ALERT_FIRING, in.opened_ms, "burns");
    put_rule_of(&r.f, "slo:all:page-1h", "team=zebra", ALERT_FIRING, in.opened_ms + 5 * minute, "burns");
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 2"), 0); /* 600 of 1,600, beside 800 of 2,000 */
    assert_out(&r, "\n38% of requests of team zebra failed from ");
    assert_out(&r, "\n600 of 1.6k requests failed");
    assert_out(&r, "\nShare of all requests that failed, by 1m; at most 40.0%.");
    assert_out(&r, "\nShare of requests of team zebra that failed, by 1m; at most 37.5%.");
    ran_close(&r);
}
END_TEST

/* An outside alert's own times, which are not those of the incident that it opened. */
START_TEST(an_outside_alert_fired_when_it_fired)
{
    struct ran r;
    (void)brownout(&r, "ana");
    const int64_t onset = fixture_start_ms + (FIRST_BAD - 1) * minute;
    const struct incident in = {.title = "gpt-x alert DiskFull",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .onset_ms = onset,
                                .opened_ms = onset,
                                .ended_ms = fixture_start_ms + LAST_BAD * minute,
                                .known_ms = onset,
                                .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    put_rule_of(&r.f, "outside:am:DiskFull", "model=gpt-x", ALERT_FIRING, onset + minute, "DiskFull fires, says am");
    put_rule_of(&r.f, "outside:am:DiskFull", "model=gpt-x", ALERT_INACTIVE, onset + 3 * minute, "DiskFull is silenced in am by mia");
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "say 2"), 0);
    assert_out(&r, "The alert DiskFull fired from 23 Nov 15:11:00Z to 15:13:00Z (DiskFull is silenced in am by mia); ");
    assert_out(&r, "40% of requests of model gpt-x failed from 23 Nov 15:10:00Z to 15:30:00Z");
    ran_close(&r);
}
END_TEST

/* Somebody resolves it while its rule fires. */
START_TEST(who_resolved_it_and_what_fired_all_the_same_is_told)
{
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_FIRING);
    ck_assert_int_eq(store_act_drop(r.f.path, "resolve", 1, "fixed", r.f.manual.wall_ms, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "; page-1h still fired then");
    assert_out(&r, "Z, says ");
    ck_assert_ptr_null(strstr(r.out, "since when no rule fires"));
    ran_close(&r);
}
END_TEST

/* Its requests and its spend are recorded, and not by stage. */
START_TEST(what_is_not_split_by_its_scope_is_not_called_unrecorded)
{
    struct ran r;
    (void)brownout(&r, "ana");
    const struct incident in = {.title = "stage guardrail slow",
                                .scope = "stage=guardrail",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .onset_ms = fixture_start_ms + (FIRST_BAD - 1) * minute,
                                .opened_ms = fixture_start_ms + 75 * minute,
                                .ended_ms = fixture_start_ms + LAST_BAD * minute,
                                .known_ms = fixture_start_ms + 75 * minute,
                                .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 2"), 0);
    assert_out(&r, "\nHow many requests failed is not known: they are not split by stage.\n"
                   "Who was hit is not known: requests are not split by stage; what it cost is not known: spend is not split by stage.\n");
    assert_out(&r, "\nextra spend of fallbacks       not known: spend is not split by stage\n");
    assert_out(&r, "\nBy team: not known: requests are not split by stage.\nBy key: not known: requests are not split by stage.\n");
    ck_assert_ptr_null(strstr(r.out, "no request was recorded"));
    ran_close(&r);
}
END_TEST

/* It is the incident that goes on, for ten minutes or as long as another budget is told with it. */
START_TEST(a_budget_whose_rule_is_over_was_spent_too_fast_until_then)
{
    struct ran r;
    (void)brownout(&r, "ana");
    const int64_t onset = fixture_start_ms + (FIRST_BAD - 1) * minute;
    const struct incident in = {.title = "budget team zebra",
                                .scope = "team=zebra",
                                .severity = SEV_TICKET,
                                .state = INCIDENT_OPEN,
                                .onset_ms = onset,
                                .onset_error_ms = 30000,
                                .opened_ms = onset,
                                .known_ms = onset,
                                .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    put_rule_of(&r.f, "budget:team zebra:ticket-reset", "team=zebra", ALERT_FIRING, onset, "spends $7.80/h over 5m; $9.00 of $10.0 spent");
    put_rule_of(&r.f, "budget:team zebra:ticket-reset", "team=zebra", ALERT_INACTIVE, onset + 10 * minute, "over");
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "say 2"), 0);
    assert_out(&r, "budget team zebra (#2, ticket): it was spent too fast from 23 Nov 15:10:00Z to 15:20:00Z (10m).\n");
    ran_close(&r);
}
END_TEST

/* Nobody's requests are told to have failed by a page that stood still. */
START_TEST(a_source_that_stood_still_fails_nobody)
{
    struct ran r;
    (void)brownout(&r, "ana");
    const int64_t onset = fixture_start_ms + (FIRST_BAD - 1) * minute, over = fixture_start_ms + LAST_BAD * minute;
    const struct incident in = {.title = "the page of source a stands still",
                                .scope = "gateway=test,name=a",
                                .severity = SEV_TICKET,
                                .state = INCIDENT_RESOLVED,
                                .onset_ms = onset,
                                .onset_error_ms = 30000,
                                .opened_ms = onset + 3 * minute,
                                .resolved_ms = over,
                                .known_ms = over,
                                .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    put_rule_of(&r.f, "rule:source_down:a:frozen", in.scope, ALERT_FIRING, in.opened_ms, "told nothing new");
    put_rule_of(&r.f, "rule:source_down:a:frozen", in.scope, ALERT_INACTIVE, over, "over");
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "say 2"), 0);
    assert_out(&r, "(#2, ticket): The page of source a stood still from 23 Nov 15:10:00Z to 15:30:00Z (20m); what users saw meanwhile is "
                   "not known from it.\n");
    ran_close(&r);
}
END_TEST

/* $0.13 a minute of zebra's, $0.08 before. */
START_TEST(a_budgets_is_told_by_its_spend)
{
    struct ran r;
    (void)brownout(&r, "ana");
    const int64_t onset = fixture_start_ms + (FIRST_BAD - 1) * minute, over = fixture_start_ms + LAST_BAD * minute;
    const struct incident in = {.title = "budget team zebra",
                                .scope = "team=zebra",
                                .severity = SEV_TICKET,
                                .state = INCIDENT_RESOLVED,
                                .onset_ms = onset,
                                .onset_error_ms = 30000,
                                .opened_ms = onset + 5 * minute,
                                .resolved_ms = over,
                                .known_ms = over,
                                .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    put_rule_of(&r.f, "budget:team zebra:ticket-reset", "team=zebra", ALERT_FIRING, in.opened_ms,
                "spends $7.80/h over 5m; $9.00 of $10.0 spent");
    put_rule_of(&r.f, "budget:team zebra:ticket-reset", "team=zebra", ALERT_INACTIVE, over, "over");
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 2"), 0);
    assert_out(
        &r, "\nBudget team zebra was spent too fast from 23 Nov 15:10:00Z to 15:30:00Z (20m).\n"
            "First alert: spends $7.80/h over 5m; $9.00 of $10.0 spent; meanwhile 600 of 1.6k requests failed of something else (5xx 600)");
    assert_out(&r, "\nspent in its scope             >=$2.60\nspent in as much time before   $1.60, 1h ago\n");
    assert_out(&r, "\nextra spend of fallbacks       not known: fallbacks are not split by team\n");
    assert_out(&r, "\nSpend of team zebra per hour, by 1m; at most $7.80.");
    assert_out(&r, "\nNone: no rule of an objective fired.\n");
    ck_assert_int_eq(ran_here(&r, "say 2"), 0);
    ck_assert_str_eq(
        r.out,
        "budget team zebra (#2, ticket): it was spent too fast from 23 Nov 15:10:00Z to 15:30:00Z (20m).\n"
        ">=$2.60 was spent in its scope meanwhile ($1.60 in as much time 1h ago); what fallbacks cost beyond the usual is not known: "
        "fallbacks are not split by team.\nState: resolved at 15:30:00Z; owner: nobody.\n");
    ck_assert_ptr_null(strstr(r.out, "Next update"));
    struct incident all = in; /* of everybody's: who spent it is told, and what that usually is */
    all.title = "budget all";
    all.scope = "";
    ck_assert_int_eq(store_put_incident(r.f.st, &all, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 3"), 0);
    assert_out(&r, "\nteam    spent  in as much time before\nzebra   $2.60  ");
    assert_out(&r, "\nSpent most: key ");
    ck_assert_int_eq(ran_here(&r, "report 3 --json"), 0);
    assert_out(&r, "\"spent_by_team\": [\n    {\n      \"team\": \"zebra\",\n      \"spent_usd\": 2.6,");
    ran_close(&r);
}
END_TEST

START_TEST(what_was_lost_is_a_bound_and_named)
{
    struct ran r;
    (void)brownout(&r, "ana");
    const int64_t from = fixture_start_ms + 75 * minute;
    const struct store_gap gap = {
        .source = r.f.source, .t0_ms = from, .t1_ms = from + 30000, .reason = "its counters began anew", .lost = true};
    ck_assert_int_eq(store_put_gap(r.f.st, &gap, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "\nrequests failed                >=800 of >=2,000 (~40.0%)\n");
    assert_out(&r, "\n- gw: 2026-11-23T15:15:00Z to 2026-11-23T15:15:30Z, its counters began anew; what it counted then is lost, and in "
                   "none of the figures\n");
    const struct store_gap engines = {.source = r.f.source,
                                      .t0_ms = from + minute,
                                      .t1_ms = from + 2 * minute,
                                      .reason = "fell",
                                      .lost = true,
                                      .signals = UINT64_C(1) << SIG_TTFT};
    ck_assert_int_eq(store_put_gap(r.f.st, &engines, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    assert_out(&r, "\n- gw: 2026-11-23T15:16:00Z to 2026-11-23T15:17:00Z, fell; what it counted then is lost; the figures are of other "
                   "sources\n");
    ran_close(&r);
}
END_TEST

START_TEST(a_report_is_of_an_incident_that_there_is)
{
    struct ran r;
    (void)brownout(&r, "ana");
    ck_assert_int_eq(ran_here(&r, "report 7 --markdown"), 1);
    ck_assert_str_eq(r.err, "gwtop: there is no incident #7; `gwtop incidents` lists them\n");
    ck_assert_str_eq(r.out, "");
    ck_assert_int_eq(ran_here(&r, "say 7"), 1);
    ck_assert_str_eq(r.err, "gwtop: there is no incident #7; `gwtop incidents` lists them\n");
    ck_assert_int_eq(ran_here(&r, "report"), 64);
    ck_assert_str_eq(r.err, "gwtop report: expected the number of an incident, got ''; `gwtop incidents` lists them\n");
    ck_assert_int_eq(ran_here(&r, "say latest"), 64);
    ck_assert_str_eq(r.err, "gwtop say: expected the number of an incident, got 'latest'; `gwtop incidents` lists them\n");
    ck_assert_int_eq(ran_here(&r, "report 1 --markdown --json"), 64);
    ck_assert_str_eq(r.err, "gwtop report: --markdown and --json exclude each other\n");
    ck_assert_int_eq(ran_here(&r, "report 1 --at 15:05"), 1); /* it was not known then */
    ran_close(&r);
}
END_TEST

START_TEST(a_filter_narrows_no_incident_and_refuses_anothers)
{
    struct ran r;
    (void)brownout(&r, "ana");
    /* another model, so that there is something that the incident is no part of */
    fixture_increment(&r.f, fixture_series(&r.f, SIG_REQUESTS, 0, "c-l", "zebra", "zebra-key", "ok", ""), 1);
    fixture_append(&r.f, fixture_start_ms + (FIXTURE_POLLS + 1) * minute);
    ck_assert_int_eq(ran_here(&r, "report 1 --filter team=quagga"), 0);
    assert_out(&r, "\nrequests failed                800 of 2,000 (40.0%)\n");
    ck_assert_int_eq(ran_here(&r, "report 1 --filter model=c-l"), 1);
    ck_assert_str_eq(r.err,
                     "gwtop: incident #1 is of model=gpt-x, which model=c-l has no part in; a report tells it whole, without --filter\n");
    ck_assert_str_eq(r.out, "");
    ran_close(&r);
}
END_TEST

/* A counter of fallbacks appears with the first one: a model that had none has 0 where others have some. */
START_TEST(fallbacks_that_never_came_are_none)
{
    struct ran r;
    (void)brownout(&r, "ana");
    const int64_t at = fixture_start_ms + FIXTURE_POLLS * minute;
    const struct incident in = {.title = "c-l errors",
                                .scope = "model=c-l",
                                .severity = SEV_PAGE,
                                .state = INCIDENT_OPEN,
                                .onset_ms = at,
                                .opened_ms = at + minute,
                                .known_ms = at + minute,
                                .owner = ""};
    int64_t id;
    fixture_increment(&r.f, fixture_series(&r.f, SIG_REQUESTS, 0, "c-l", "zebra", "zebra-key", "5xx", ""), 3);
    fixture_append(&r.f, at + minute);
    char ended[32];
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)(at + minute)));
    ran_note(&r, "ended", ended);
    ck_assert_int_eq(store_put_incident(r.f.st, &in, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 2"), 0);
    assert_out(&r, "\nrequests failed                3 of 3 (100%)\n");
    assert_out(&r, "\nrequests handed to a fallback  0\n");
    assert_out(&r, "\nextra spend of fallbacks       not known: nothing was spent, or nobody booked it\n");
    assert_out(&r, "nobody acknowledged it");
    assert_out(&r, "\nNone: no rule of an objective fired.\n");
    ran_close(&r);
}
END_TEST

/* Of thousands of alerts it is told how many there were, and where each stands. */
START_TEST(a_report_stays_short_however_many_alerts_fired)
{
    enum { MANY = 900, RULES = 50 };
    struct ran r;
    char rule[64], key[32], scope[32];
    (void)brownout(&r, "ana");
    for (int i = 0; i < MANY; i++) {
        const int64_t at = fixture_start_ms + 75 * minute + i * 100;
        const struct alert al = {.rule = rule,
                                 .scope = scope,
                                 .severity = i == MANY - 1 ? SEV_PAGE : SEV_TICKET,
                                 .state = ALERT_FIRING,
                                 .since_ms = at,
                                 .known_ms = at,
                                 .incident = 1,
                                 .text = "it fails"};
        const struct timeline_entry t = {.incident = 1, .at_ms = at, .known_ms = at, .letter = 't', .text = "it fails", .source = "gwtop"};
        (void)snprintf(rule, sizeof rule, "rule:r%d", i % RULES);
        (void)snprintf(key, sizeof key, "model=m%d", i);
        (void)snprintf(scope, sizeof scope, "model=m%d", i % (MANY / 2)); /* in each it fires twice */
        ck_assert_int_eq(store_put_alert(r.f.st, &al, NULL), ERR_OK);
        ck_assert_int_eq(store_put_timeline(r.f.st, key, &t, NULL), ERR_OK);
    }
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "report 1"), 0);
    size_t lines = 0;
    for (const char *c = r.out; *c != '\0'; c++)
        lines += *c == '\n';
    ck_assert_msg(lines < 400, "%zu lines", lines);
    assert_out(&r, " entries of rules up to then (`gwtop incidents show 1` has them)\n");
    assert_out(&r, "- rule:r1: ticket, fired 18 times in 9 scopes, first ");
    assert_out(&r, ", some of them of other rules; `gwtop incidents show 1` has each.\n");
    ran_close(&r);
}
END_TEST

START_TEST(names_are_masked_in_reports_too)
{
    static const char *const lines[] = {"report 1", "report 1 --markdown", "report 1 --json", "say 1"};
    struct ran r;
    (void)brownout(&r, "ana");
    ran_config(&r, "gateway: test\nmask_names: true\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        ck_assert_int_eq(ran_here(&r, lines[i]), 0);
        ck_assert_msg(strstr(r.out, "zebra") == NULL && strstr(r.out, "quagga") == NULL, "%s:\n%s", lines[i], r.out);
        assert_out(&r, "team-");
    }
    ran_close(&r);
}
END_TEST

Suite *suite_incident_report(void)
{
    Suite *s = suite_create("cli: incident report");
    TCase *c = tcase_create("report");
    tcase_add_test(c, the_report_is_the_one_that_was_read);
    tcase_add_test(c, its_numbers_are_those_of_the_store);
    tcase_add_test(c, a_status_update_is_in_the_tense_of_its_moment);
    tcase_add_test(c, what_operators_did_stands_in_the_timeline);
    tcase_add_test(c, a_correction_is_told_with_what_was_said_before);
    tcase_add_test(c, what_was_like_it_is_told_with_what_ended_that);
    tcase_add_test(c, nobody_is_not_said_where_nothing_was_recorded);
    tcase_add_test(c, what_is_not_known_is_named);
    tcase_add_test(c, other_firings_of_its_rules_are_told_apart);
    tcase_add_test(c, what_began_before_the_recording_is_counted_from_there);
    tcase_add_test(c, more_than_a_whole_budget_is_told_as_times_of_it);
    tcase_add_test(c, a_budgets_alert_after_the_end_is_no_trouble_that_came_back);
    tcase_add_test(c, one_that_is_slow_is_told_by_its_answers);
    tcase_add_test(c, who_joined_with_a_wider_scope_does_not_change_the_subject);
    tcase_add_test(c, an_outside_alert_fired_when_it_fired);
    tcase_add_test(c, who_resolved_it_and_what_fired_all_the_same_is_told);
    tcase_add_test(c, what_is_not_split_by_its_scope_is_not_called_unrecorded);
    tcase_add_test(c, a_budget_whose_rule_is_over_was_spent_too_fast_until_then);
    tcase_add_test(c, a_source_that_stood_still_fails_nobody);
    tcase_add_test(c, a_budgets_is_told_by_its_spend);
    tcase_add_test(c, what_was_lost_is_a_bound_and_named);
    tcase_add_test(c, a_report_is_of_an_incident_that_there_is);
    tcase_add_test(c, a_filter_narrows_no_incident_and_refuses_anothers);
    tcase_add_test(c, fallbacks_that_never_came_are_none);
    tcase_add_test(c, a_report_stays_short_however_many_alerts_fired);
    tcase_add_test(c, names_are_masked_in_reports_too);
    suite_add_tcase(s, c);
    return s;
}
