/* SPDX-License-Identifier: MIT */
/* Budgets in the verdict. Teams search and agents, a key each, spend half a dollar a minute; from minute 110 on agents spends 20.50. Budget
 * all is $43,200 a month, a dollar a minute in November; budget small a tenth of that. */
#include "fixture.h"
#include "model/money.h"

enum { ONSET = FIXTURE_POLLS - 10 };

#define ALL "{\"name\":\"all\",\"limit_nusd\":43200000000000,\"period\":\"month\",\"scope\":[]}"
#define SMALL "{\"name\":\"small\",\"limit_nusd\":4320000000000,\"period\":\"month\",\"scope\":[]}"
#define AVAILABLE "{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.99,\"period_ms\":2592000000,\"scope\":[]}"

static int64_t minute(int i)
{
    return fixture_start_ms + i * fixture_step_ms;
}

static void put_note(struct fixture *f, const char *name, const char *json)
{
    ck_assert_int_eq(store_put_note(f->st, name, fixture_start_ms, str_of(json), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static void put_alert(struct fixture *f, const char *rule, enum severity severity, enum alert_state state, int at)
{
    const struct alert al = {.rule = rule,
                             .scope = "",
                             .severity = severity,
                             .state = state,
                             .since_ms = minute(at),
                             .onset_ms = minute(ONSET),
                             .known_ms = minute(at),
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static int64_t put_incident(struct fixture *f, const char *title)
{
    int64_t id = 0;
    const struct incident in = {
        .title = title, .scope = "", .severity = SEV_PAGE, .opened_ms = minute(ONSET), .known_ms = minute(ONSET), .owner = ""};
    ck_assert_int_eq(store_put_incident(f->st, &in, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    return id;
}

static void record(struct fixture *f, const char *budgets)
{
    fixture_open(f);
    uint32_t search = fixture_series(f, SIG_COST, 0, "gpt-x", "search", "k1", "", "");
    uint32_t agents = fixture_series(f, SIG_COST, 0, "gpt-x", "agents", "k2", "", "");
    uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, search, NUSD_PER_USD / 2);
        fixture_increment(f, agents, i > ONSET ? 41 * NUSD_PER_USD / 2 : NUSD_PER_USD / 2);
        fixture_increment(f, ok, 60);
        fixture_append(f, minute(i));
    }
    put_note(f, "slo", "[" AVAILABLE "]");
    put_note(f, "budgets", budgets);
}

static struct view_verdict verdict(struct fixture *f, const char *filter)
{
    struct view_frame v;
    f->params.filter = filter;
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_frame(&f->loader, &f->params, &v, NULL), ERR_OK);
    return v.verdict;
}

/* 21 dollars a minute; 320 of 43,200 are used, and the rest lasts for 34 h 1 min. */
START_TEST(it_says_how_much_through_whom_and_until_when)
{
    struct fixture f;
    record(&f, "[" ALL "]");
    (void)put_incident(&f, "all traffic errors");
    int64_t id = put_incident(&f, "budget all");
    ck_assert_int_eq(verdict(&f, "").state, VERDICT_OK);
    put_alert(&f, "budget:all:page-1h", SEV_PAGE, ALERT_FIRING, FIXTURE_POLLS - 2);
    struct view_verdict v = verdict(&f, "");
    ck_assert_int_eq(v.state, VERDICT_PAGE);
    ck_assert_int_eq(v.since_ms, minute(ONSET));
    ck_assert_int_eq(v.incident, id);
    ck_assert_uint_eq(v.others, 1);
    ck_assert_str_eq(
        v.sentence,
        "budget all: >=$1.26k/h in the last 5m is 21x its pace since 15:50:00Z (10m), key k2 +$1.20k/h; gone by 25 Nov 02:01Z at the "
        "latest at the 5m rate");
    fixture_close(&f);
}
END_TEST

/* Agents spends 20.50 for 20 minutes, and half a dollar again for the last ten. The hour before has 48 minutes at a dollar, in which all is
 * seen but the first. */
START_TEST(what_is_over_is_told_as_over)
{
    struct fixture f;
    const int from = ONSET - 20;
    fixture_open(&f);
    uint32_t search = fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", "");
    uint32_t agents = fixture_series(&f, SIG_COST, 0, "gpt-x", "agents", "k2", "", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, search, NUSD_PER_USD / 2);
        fixture_increment(&f, agents, i > from && i <= ONSET ? 41 * NUSD_PER_USD / 2 : NUSD_PER_USD / 2);
        fixture_append(&f, minute(i));
    }
    put_note(&f, "budgets", "[" ALL "]");
    const struct alert al = {.rule = "budget:all:ticket-reset",
                             .scope = "",
                             .severity = SEV_TICKET,
                             .state = ALERT_FIRING,
                             .since_ms = minute(from + 5),
                             .onset_ms = minute(from),
                             .onset_error_ms = 120000,
                             .known_ms = minute(from + 5),
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    struct view_verdict v = verdict(&f, "");
    ck_assert_int_eq(v.state, VERDICT_TICKET);
    ck_assert_msg(strstr(v.sentence, "budget all: >=$60.0/h in the last 5m is 1.0x its pace, no more than in the hour before it rose at "
                                     "15:30:00Z +-2m (30m ago), and longer windows still burn; ") == v.sentence,
                  "%s", v.sentence);
    fixture_close(&f);
}
END_TEST

/* One of two models fails by half from minute 64 to 85, and not before or after: a ticket on spend that begins at minute 60 points at whose
 * key spends, and not at that. */
START_TEST(a_suspect_of_a_budget_spends_whatever_fails_meanwhile)
{
    for (int over = 0; over < 2; over++) {
        struct fixture f;
        struct view_overview v;
        const int last = over ? 85 : FIXTURE_POLLS;
        fixture_open(&f);
        uint32_t cost = fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", "");
        uint32_t good = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", "");
        uint32_t other = fixture_series(&f, SIG_REQUESTS, 0, "gpt-y", "search", "k1", "ok", "");
        uint32_t failed = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "5xx", "");
        for (int i = 1; i <= FIXTURE_POLLS; i++) {
            const bool fails = i > 64 && i <= last;
            fixture_increment(&f, cost, i > 60 ? 21 * NUSD_PER_USD : NUSD_PER_USD);
            fixture_increment(&f, good, fails ? 30 : 60);
            fixture_increment(&f, other, 60);
            fixture_increment(&f, failed, fails ? 30 : 0);
            fixture_append(&f, minute(i));
        }
        put_note(&f, "budgets", "[" ALL "]");
        const struct alert al = {.rule = "budget:all:ticket-reset",
                                 .scope = "",
                                 .severity = SEV_TICKET,
                                 .state = ALERT_FIRING,
                                 .since_ms = minute(80),
                                 .onset_ms = minute(60),
                                 .onset_error_ms = 30000,
                                 .known_ms = minute(80),
                                 .text = ""};
        ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
        ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
        ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
        ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
        ck_assert_msg(v.suspect_count >= 1, "%s", v.suspect_note);
        ck_assert_str_eq(v.suspects[0].title, "key k1");
        const char *said = "spends $1.20k/h more than in the hour before";
        ck_assert_msg(strstr(v.suspects[0].reason, said) == v.suspects[0].reason, "%s", v.suspects[0].reason);
        ck_assert_uint_eq(v.suspect_count, 1);
        fixture_close(&f);
    }
}
END_TEST

/* Small is gone first, though all fired first; and an onset is told as exactly as it is known. */
START_TEST(of_two_budgets_the_one_that_is_gone_soonest_is_told)
{
    struct fixture f;
    record(&f, "[" ALL "," SMALL "]");
    put_alert(&f, "budget:all:ticket-reset", SEV_TICKET, ALERT_FIRING, FIXTURE_POLLS - 8);
    put_alert(&f, "budget:small:ticket-reset", SEV_TICKET, ALERT_FIRING, FIXTURE_POLLS - 4);
    struct view_verdict v = verdict(&f, "");
    ck_assert_msg(strstr(v.sentence, "budget small: ") == v.sentence, "%s", v.sentence);
    put_alert(&f, "budget:all:page-1h", SEV_PAGE, ALERT_FIRING, FIXTURE_POLLS - 2);
    v = verdict(&f, "");
    ck_assert_msg(strstr(v.sentence, "budget all: ") == v.sentence, "%s", v.sentence); /* a page goes before */
    fixture_close(&f);
}
END_TEST

/* An incident has one name and one onset, wherever it is told. */
START_TEST(a_budget_is_told_by_the_name_and_onset_of_its_incident)
{
    struct fixture f;
    record(&f, "[" ALL "," SMALL "]");
    put_alert(&f, "budget:all:ticket-reset", SEV_TICKET, ALERT_FIRING, FIXTURE_POLLS - 8);
    put_alert(&f, "budget:small:ticket-reset", SEV_TICKET, ALERT_FIRING, FIXTURE_POLLS - 4);
    const int64_t id = put_incident(&f, "budget all");
    ck_assert_int_eq(store_put_alert_incident(f.st, "budget:all:ticket-reset", "", minute(FIXTURE_POLLS - 8), id, NULL), ERR_OK);
    ck_assert_int_eq(store_put_alert_incident(f.st, "budget:small:ticket-reset", "", minute(FIXTURE_POLLS - 4), id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    struct view_verdict v = verdict(&f, "");
    ck_assert_msg(strstr(v.sentence, "budget all: ") == v.sentence, "%s", v.sentence); /* though small is gone sooner */
    ck_assert_int_eq(v.since_ms, minute(ONSET));
    put_alert(&f, "budget:all:ticket-reset", SEV_TICKET, ALERT_INACTIVE, FIXTURE_POLLS - 2);
    v = verdict(&f, "");
    ck_assert_msg(strstr(v.sentence, "budget all, now budget small: ") == v.sentence, "%s", v.sentence);
    ck_assert_int_eq(v.since_ms, minute(ONSET));
    fixture_close(&f);
}
END_TEST

/* Seven teams with a key and a model each, or one key with seven models, from a poll on: cents a minute of the first and of each other,
 * until the onset and since. */
static void record_seven(struct fixture *f, bool apart, int from, const int cents[2][2])
{
    uint32_t series[7];
    fixture_open(f);
    for (size_t k = 0; k < 7; k++) {
        const char name[] = {'m', (char)('0' + k), '\0'};
        series[k] = fixture_series(f, SIG_COST, 0, name, apart ? name : "one", apart ? name : "k1", "", "");
    }
    for (int i = from; i <= FIXTURE_POLLS; i++) {
        for (size_t k = 0; k < 7; k++)
            fixture_increment(f, series[k], cents[i > ONSET][k > 0] * (NUSD_PER_USD / 100));
        fixture_append(f, minute(i));
    }
    put_note(f, "budgets", "[" SMALL "]");
    put_alert(f, "budget:small:page-1h", SEV_PAGE, ALERT_FIRING, FIXTURE_POLLS - 2);
}

/* Who rose is told of a rise that is one, by who carries half of it, against a time that was observed. */
START_TEST(nobody_is_blamed_for_noise)
{
    static const struct {
        bool apart;
        int from, cents[2][2];
        const char *who;
    } cases[] = {
        {false, 1, {{50, 50}, {60, 40}}, NULL},                              /* it fell, though one model rose */
        {false, 1, {{50, 50}, {50, 50}}, NULL},                              /* nothing changed */
        {false, 1, {{50, 50}, {62, 49}}, NULL},                              /* it rose by 6 cents of 350 */
        {true, 1, {{50, 50}, {100, 100}}, NULL},                             /* it doubled, through all alike */
        {true, 1, {{50, 50}, {350, 50}}, "(10m), key m0 +$180/h; "},         /* it doubled through one */
        {true, ONSET - 2, {{50, 50}, {350, 50}}, NULL},                      /* against three minutes */
        {true, ONSET - 4, {{50, 50}, {350, 50}}, "(10m), key m0 +$180/h; "}, /* against five */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        record_seven(&f, cases[i].apart, cases[i].from, cases[i].cents);
        const char *sentence = verdict(&f, "").sentence;
        ck_assert_ptr_nonnull(strstr(sentence, "15:50:00Z (10m")); /* "since", or of what rose no more "ago" */
        if (cases[i].who != NULL)
            ck_assert_msg(strstr(sentence, cases[i].who) != NULL, "case %zu: %s", i, sentence);
        else
            ck_assert_msg(strstr(sentence, " +$") == NULL, "case %zu: %s", i, sentence);
        fixture_close(&f);
    }
}
END_TEST

/* The gateway's own has no definition. */
START_TEST(a_gateways_own_budget_says_so)
{
    struct fixture f;
    record(&f, "[]");
    const struct alert al = {.rule = "budget:team agents:ticket-gateway",
                             .scope = "gateway=test,team=agents",
                             .severity = SEV_TICKET,
                             .state = ALERT_FIRING,
                             .since_ms = minute(ONSET),
                             .known_ms = minute(ONSET),
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    struct view_verdict v = verdict(&f, "");
    ck_assert_int_eq(v.state, VERDICT_TICKET);
    ck_assert_str_eq(v.sentence, "budget team agents: >=$1.23k/h in the last 5m, since 15:50:00Z (10m), key k2 +$1.20k/h");
    ck_assert_int_eq(verdict(&f, "team=agents").state, VERDICT_TICKET);
    ck_assert_int_eq(verdict(&f, "team=search").state, VERDICT_OK);
    fixture_close(&f);
}
END_TEST

/* By the recorder's rules on the filter's part alone: agents spends 38 and 205 times small's whole pace, search five times. */
START_TEST(a_filter_judges_its_part)
{
    struct fixture f;
    record(&f, "[" SMALL "]");
    put_alert(&f, "budget:small:page-1h", SEV_PAGE, ALERT_FIRING, FIXTURE_POLLS - 2);
    struct view_verdict v = verdict(&f, "team=agents");
    ck_assert_int_eq(v.state, VERDICT_PAGE);
    ck_assert_ptr_eq(
        strstr(v.sentence,
               "budget small within team=agents: >=$1.23k/h in the last 5m is 205x its pace since 15:50:00Z (10m), key k2 +$1.20k/h"),
        v.sentence);
    v = verdict(&f, "team=search");
    ck_assert_int_eq(v.state, VERDICT_OK);
    ck_assert_ptr_nonnull(strstr(v.sentence, "while budget small fires for others"));
    fixture_close(&f);
}
END_TEST

/* What is left is left of the whole: it is about the part that spends it. */
START_TEST(what_will_not_last_is_of_the_part_that_takes_it)
{
    struct fixture f;
    record(&f, "[" ALL "]");
    put_alert(&f, "budget:all:ticket-reset", SEV_TICKET, ALERT_FIRING, FIXTURE_POLLS - 5);
    ck_assert_int_eq(verdict(&f, "team=agents").state, VERDICT_TICKET);
    ck_assert_int_eq(verdict(&f, "team=search").state, VERDICT_OK);
    fixture_close(&f);
}
END_TEST

START_TEST(silence_is_unknown_only_after_trouble)
{
    struct fixture f;
    record(&f, "[" ALL "," SMALL "]");
    put_alert(&f, "budget:all:page-1h", SEV_PAGE, ALERT_NO_DATA, FIXTURE_POLLS - 2);
    ck_assert_int_eq(verdict(&f, "").state, VERDICT_OK); /* nobody spends: that keeps the pace */
    put_alert(&f, "budget:small:page-1h", SEV_PAGE, ALERT_FIRING, FIXTURE_POLLS - 4);
    put_alert(&f, "budget:small:page-1h", SEV_PAGE, ALERT_NO_DATA, FIXTURE_POLLS - 2);
    struct view_verdict v = verdict(&f, "");
    ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.was, VERDICT_PAGE);
    ck_assert_int_eq(v.since_ms, minute(FIXTURE_POLLS - 2));
    fixture_close(&f);
}
END_TEST

START_TEST(a_budget_is_no_objective)
{
    struct fixture f;
    struct view_incidents in;
    record(&f, "[" ALL "]");
    put_note(&f, "slo", "[]");
    struct view_verdict v = verdict(&f, "");
    ck_assert_int_eq(v.state, VERDICT_NO_RULES);
    ck_assert_ptr_eq(strstr(v.sentence, "nothing but a budget can page; "), v.sentence);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 0, &in, NULL), ERR_OK);
    ck_assert_ptr_eq(strstr(in.rules_text, "NO RULES: nothing but a budget can page."), in.rules_text);
    fixture_close(&f);
}
END_TEST

/* The cost pane holds spend against the budgets that the recorder knows, whatever the console's configuration says. */
START_TEST(the_recorders_budgets_are_shown)
{
    struct fixture f;
    struct view_cost v;
    record(&f, "[" ALL "]");
    ck_assert_uint_eq(f.cfg.budget_count, 0);
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.budget_count, 1);
    ck_assert_str_eq(v.budgets[0].name, "all");
    ck_assert_int_eq(v.budgets[0].used_nusd, 320 * NUSD_PER_USD);
    fixture_close(&f);
}
END_TEST

/* Which budget the one sentence on spend tells. The recording runs over midnight: of the day's budgets all is known, of the month's the end
 * is not. */
#define BIG "{\"name\":\"big\",\"limit_nusd\":4320000000000000,\"period\":\"month\",\"scope\":[]}"
#define DAY "{\"name\":\"day\",\"limit_nusd\":30000000000000,\"period\":\"day\",\"scope\":[]}"
#define DAY_OF(key, usd)                                                                                                                   \
    "{\"name\":\"" key "\",\"limit_nusd\":" usd "000000000,\"period\":\"day\",\"scope\":[{\"dim\":\"key\",\"value\":\"" key "\"}]}"
START_TEST(cost_tells_the_budget_that_its_sentence_is_about)
{
    static const struct {
        const char *budgets, *fires, *filter, *said;
        bool rises;
    } cases[] = {
        {BIG "," DAY_OF("k1", "800") "," DAY_OF("k2", "100000"), NULL, "", "Budget k2: ", true},  /* what rose */
        {DAY "," DAY_OF("k1", "8000"), NULL, "key=k1", "Budget k1: ", true},                      /* what is asked for */
        {BIG "," DAY_OF("k1", "800") "," DAY_OF("k2", "100000"), NULL, "", "Budget k1: ", false}, /* whose end is known */
        {BIG "," DAY_OF("k1", "800") "," DAY_OF("k2", "100000"), "budget:big:page-1h", "", "Budget big: ", true},
        {BIG "," DAY_OF("k1", "40") "," DAY_OF("k2", "100000"), "budget:big:page-1h", "", "Budget k1: ", true}, /* gone soonest */
        {BIG, NULL, "", "Budget big: ", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int64_t from = fixture_start_ms + INT64_C(9) * 3600000;
        struct fixture f;
        struct view_cost v;
        char budgets[1024];
        fixture_open(&f);
        uint32_t k1 = fixture_series(&f, SIG_COST, 0, "gpt-x", "search", "k1", "", "");
        uint32_t k2 = fixture_series(&f, SIG_COST, 0, "gpt-x", "agents", "k2", "", "");
        for (int p = 1; p <= FIXTURE_POLLS; p++) {
            fixture_increment(&f, k1, NUSD_PER_USD / 2);
            fixture_increment(&f, k2, p > ONSET && cases[i].rises ? 41 * NUSD_PER_USD / 2 : NUSD_PER_USD / 2);
            fixture_append(&f, from + p * fixture_step_ms);
        }
        ck_assert(str_format(budgets, sizeof budgets, "[%s]", cases[i].budgets));
        put_note(&f, "budgets", budgets);
        if (cases[i].fires != NULL)
            put_alert(&f, cases[i].fires, SEV_PAGE, ALERT_FIRING, FIXTURE_POLLS - 2);
        f.params.compare_ms = 3600000;
        f.params.filter = cases[i].filter;
        ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
        ck_assert_msg(strstr(v.sentence, cases[i].said) != NULL, "case %zu: %s", i, v.sentence);
        fixture_close(&f);
    }
}
END_TEST

Suite *suite_pace(void);
Suite *suite_pace(void)
{
    Suite *s = suite_create("pace");
    TCase *tc = tcase_create("budgets");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, it_says_how_much_through_whom_and_until_when);
    tcase_add_test(tc, what_is_over_is_told_as_over);
    tcase_add_test(tc, a_suspect_of_a_budget_spends_whatever_fails_meanwhile);
    tcase_add_test(tc, of_two_budgets_the_one_that_is_gone_soonest_is_told);
    tcase_add_test(tc, a_budget_is_told_by_the_name_and_onset_of_its_incident);
    tcase_add_test(tc, nobody_is_blamed_for_noise);
    tcase_add_test(tc, a_gateways_own_budget_says_so);
    tcase_add_test(tc, a_filter_judges_its_part);
    tcase_add_test(tc, what_will_not_last_is_of_the_part_that_takes_it);
    tcase_add_test(tc, silence_is_unknown_only_after_trouble);
    tcase_add_test(tc, a_budget_is_no_objective);
    tcase_add_test(tc, the_recorders_budgets_are_shown);
    tcase_add_test(tc, cost_tells_the_budget_that_its_sentence_is_about);
    suite_add_tcase(s, tc);
    return s;
}
