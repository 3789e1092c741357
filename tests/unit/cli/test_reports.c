/* SPDX-License-Identifier: MIT */
/* What the one-shot commands print of one recorded world: exit statuses, the same numbers in every format, names that are masked. */
#include "model/canary_state.h"
#include "model/drift.h"
#include "unit/cli/fixture.h"

Suite *suite_reports(void);

START_TEST(the_exit_status_is_the_verdict)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, "status --line"), 3);
    ck_assert_ptr_eq(strstr(r.out, "NO RULES nothing can page"), r.out);
    ran_slo(&r);
    ck_assert_int_eq(ran_here(&r, "status --line"), 0);
    ck_assert_str_eq(r.out,
                     "OK but gpt-x availability burns 200x its budget: 20% of 500 failed in the last 5m, 0.1% is allowed; pages within "
                     "a minute; 20% of 500 requests failed in the last 5m\n");
    ran_alert(&r, SEV_TICKET, ALERT_FIRING);
    ck_assert_int_eq(ran_here(&r, "status --line"), 1);
    ck_assert_ptr_eq(strstr(r.out, "TICKET gpt-x: 20% of requests fail since 15:51:00Z (9m), 180 lost; #1 UNACKED since 15:52Z\n"), r.out);
    size_t n;
    ck_assert_int_eq(store_act_drop(r.f.path, "ack", 1, "", r.f.manual.wall_ms - 60000, NULL), ERR_OK);
    ck_assert_int_eq(store_act_ingest(r.f.st, &n, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "status"), 1);
    assert_out(&r, "\n#1 acked by ");
    ck_assert_int_eq(ran_here(&r, "status --json"), 1);
    assert_out(&r, " 15:59Z\",\n  \"pager\": null,\n  \"suspect\": null");
    ck_assert_int_eq(ran_here(&r, "status --line --at 2026-11-23T13:00:00Z"), 3);
    ck_assert_str_eq(r.out, "UNKNOWN 2026-11-23T13:00:00Z is before the recording, which begins 2026-11-23T14:01:00Z\n");
    ran_close(&r);
    ran_open(&r);
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_FIRING);
    ck_assert_int_eq(ran_here(&r, "status"), 2);
    assert_out(&r, "gwtop test  2026-11-23T16:00:00Z  recording ended, as of its end  sources 1/1\nPAGE gpt-x: 20% of requests fail");
    ck_assert_int_eq(ran_here(&r, "status --json"), 2);
    assert_out(&r, "\"state\": \"PAGE\"");
    ran_note(&r, "paging", "[{\"name\": \"phone\", \"identity\": \"00\", \"failing_since\": 1000, \"why\": \"exit 3\"}]");
    ck_assert_int_eq(ran_here(&r, "status --line"), 2);
    ck_assert_msg(strncmp(r.out, "PAGE NOT DELIVERED: phone: exit 3, since ", 41) == 0, "%s", r.out);
    ran_close(&r);
    ran_open(&r);
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_NO_DATA);
    ck_assert_int_eq(ran_here(&r, "status"), 3);
    assert_out(&r, "no data for the objective gpt-x availability");
    ran_close(&r);
}
END_TEST

START_TEST(with_a_filter_the_exit_status_is_of_what_it_names)
{
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_FIRING);
    ck_assert_int_eq(ran_here(&r, "status --line --filter team=zebra"), 2);
    ck_assert_str_eq(r.out, "PAGE gpt-x within team=zebra: 25% of requests fail since 15:51:00Z (9m), 180 lost; #1 UNACKED since 15:52Z\n");
    ck_assert_int_eq(ran_here(&r, "status --filter team=quagga"), 0);
    assert_out(
        &r,
        "OK the objective holds within team=quagga, while gpt-x availability fires for others; 0% of 100 requests failed in the last 5m");
    ck_assert_int_eq(ran_here(&r, "status --line --filter team:zebar"), 3);
    ck_assert_str_eq(r.out, "UNKNOWN nothing recorded matches team:zebar; did you mean team=zebra?\n");
    ck_assert_int_eq(ran_here(&r, "status --json --filter key=quagga-key"), 0);
    assert_out(&r, "\"state\": \"OK\"");
    assert_out(&r, "\"not_split_by_filter\": [],");
    ck_assert_int_eq(ran_here(&r, "status --json --filter model=gpt-x"), 2);
    ck_assert_int_eq(ran_here(&r, "slo --filter team=zebra"), 0);
    assert_out(&r, "gpt-x availability (within team=zebra)  PAGE");
    ck_assert_int_eq(ran_here(&r, "incidents --filter team=zebra"), 0);
    assert_out(&r, "those that team=zebra may be part of; each is told as a whole\n");
    ran_close(&r);
}
END_TEST

START_TEST(where_nothing_was_recorded_of_it_every_report_says_so)
{
    static const char *const filtered[] = {
        "cost",    "cost --focus", "cost --max 1/h",           "latency",   "slo",
        "quality", "differs",      "differs --base yesterday", "incidents", "whatif --model gpt-x --cache-share 50",
        "events"};
    static const char *const others[] = {"sources", "init --slo", "incidents show 1"};
    enum { FILTERED = sizeof filtered / sizeof *filtered, OTHERS = sizeof others / sizeof *others };
    char line[200];
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    for (size_t i = 0; i < FILTERED + OTHERS; i++) {
        const char *report = i < FILTERED ? filtered[i] : others[i - FILTERED];
        ck_assert(str_format(line, sizeof line, "%s --at 2026-11-23T13:00:00Z", report));
        ck_assert_msg(ran_here(&r, line) == 3, "%s", line);
        ck_assert_str_eq(r.err, "gwtop: 2026-11-23T13:00:00Z is before the recording, which begins 2026-11-23T14:01:00Z\n");
        ck_assert_str_eq(r.out, "");
        if (i >= FILTERED)
            continue;
        ck_assert(str_format(line, sizeof line, "%s --filter team=zebar", report));
        ck_assert_msg(ran_here(&r, line) == 3, "%s", line);
        ck_assert_str_eq(r.err, "gwtop: nothing recorded matches team=zebar; did you mean team=zebra?\n");
        ck_assert_str_eq(r.out, "");
    }
    ck_assert_int_eq(ran_here(&r, "latency --json --filter team=zebar"), 3);
    assert_err(&r, "gwtop: nothing recorded matches team=zebar");
    assert_out(&r, "\"filter\": \"team=zebar\"");
    assert_out(&r, "\"nothing\": \"nothing recorded matches team=zebar; did you mean team=zebra?\"\n}");
    ran_close(&r);
}
END_TEST

/* A status bar shows the line alone, so silence would look like health. */
START_TEST(a_line_says_why_nothing_is_known)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_bare(&r, "status --line --store /no/such.db"), 3);
    ck_assert_ptr_eq(strstr(r.out, "UNKNOWN there is no store at /no/such.db; "), r.out);
    ck_assert_str_eq(r.err, "");
    ck_assert_int_eq(ran_bare(&r, "status --store /no/such.db"), 3);
    ck_assert_str_eq(r.out, "");
    ck_assert_ptr_eq(strstr(r.err, "gwtop: there is no store at /no/such.db; "), r.err);
    ran_config(&r, "colour: true\n");
    ck_assert_int_eq(ran_here(&r, "status --line"), 64);
    ck_assert_ptr_eq(strstr(r.out, "UNKNOWN "), r.out);
    assert_out(&r, "did you mean 'color'?");
    ck_assert_int_eq(ran_here(&r, "cost"), 64);
    ck_assert_int_eq(ran_bare(&r, "cost --store /no/such.db"), 1);
    ran_close(&r);
}
END_TEST

START_TEST(every_report_begins_with_where_when_and_how_fresh)
{
    static const char *const reports[] = {"status", "cost", "incidents", "sources"};
    struct ran r;
    char line[128];
    ran_open(&r);
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        (void)ran_here(&r, reports[i]);
        ck_assert_ptr_eq(strstr(r.out, "gwtop test  2026-11-23T16:00:00Z  recording ended, as of its end  sources 1/1\n"), r.out);
        ck_assert(str_format(line, sizeof line, "%s --at 15:30", reports[i]));
        (void)ran_here(&r, line);
        ck_assert_ptr_eq(strstr(r.out, "gwtop test  AT 2026-11-23T15:30:00Z (-30m)  as known then  sources 1/1\n"), r.out);
        ck_assert(str_format(line, sizeof line, "%s --json --at 15:30", reports[i]));
        (void)ran_here(&r, line);
        assert_out(&r, "\"gateway\": \"test\",\n  \"at\": \"2026-11-23T15:30:00Z\",\n  \"live\": false,\n  \"ended\": true,\n  \"demo\": "
                       "false,\n  \"snapshot\": null,\n  \"filter\": \"\",\n  \"not_split_by_filter\": [],\n  \"data_age_ms\": 0");
    }
    (void)ran_here(&r, "cost --filter team=zebra");
    ck_assert_ptr_eq(strstr(r.out, "gwtop test  filter team=zebra  "), r.out);
    ran_close(&r);
}
END_TEST

/* The value of "key": after at, as it stands; out is big enough for a line. */
static const char *json_value(const char **at, const char *key, char out[256])
{
    char quoted[64];
    ck_assert(str_format(quoted, sizeof quoted, "\"%s\": ", key));
    const char *found = strstr(*at, quoted);
    ck_assert_msg(found != NULL, "no %s in %s", key, *at);
    found += strlen(quoted);
    size_t n = strcspn(found, ",\n"), quotes = found[0] == '"';
    ck_assert(str_copy(out, 256, (struct str){found + quotes, n - 2 * quotes}));
    *at = found;
    return strcmp(out, "null") == 0 ? "" : out;
}

START_TEST(text_json_and_csv_of_cost_say_the_same)
{
    static const char *const keys[] = {
        "kind",           "usd",      "usd_exactness", "share",         "usd_per_h_now", "usd_per_h_now_exactness",
        "usd_per_h_then", "requests", "tokens_input",  "tokens_cached", "tokens_output", "unpriced_share"};
    static const size_t column[] = {1, 2, 11, 7, 8, 9, 10, 3, 4, 5, 6, 16}; /* of the same in the CSV */
    struct ran r;
    char value[256], *cells[24];
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, "cost --by key --csv"), 0);
    char *csv = strdup(r.out);
    ck_assert_int_eq(ran_here(&r, "cost --by key --json"), 0);
    const char *json = strstr(r.out, "\"rows\"");
    char *save = NULL, *row = strtok_r(csv, "\n", &save);
    ck_assert_str_eq(
        row, "key,kind,usd,requests,tokens_input,tokens_cached,tokens_output,share,usd_per_h_now,usd_per_h_now_exactness,usd_per_h_then,"
             "usd_exactness,owner,computed_usd_least,computed_usd_most,computed_exactness,unpriced_share,counts_exactness,limit_usd,limit_"
             "left_usd");
    size_t rows = 0;
    for (row = strtok_r(NULL, "\n", &save); row != NULL; row = strtok_r(NULL, "\n", &save), rows++) {
        size_t n = 0;
        for (char *cell = row; cell != NULL && n < 24; n++) {
            cells[n] = cell;
            cell = strchr(cell, ',');
            if (cell != NULL)
                *cell++ = '\0';
        }
        ck_assert_uint_eq(n, 20);
        cells[0][strlen(cells[0]) - 1] = '\0';
        ck_assert_str_eq(cells[0] + 1, json_value(&json, "name", value));
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            const char *same = json_value(&json, keys[k], value), *cell = cells[column[k]];
            double a, b;
            if (str_to_f64(str_of(same), &a) && str_to_f64(str_of(cell), &b))
                ck_assert_double_eq_tol(a, b, 1e-9 * (a > 1 ? a : 1));
            else
                ck_assert_str_eq(cell, same);
        }
    }
    ck_assert_uint_eq(rows, 3); /* two keys and the total */
    free(csv);
    assert_out(&r, "\"owner\": \"zebra\"");
    assert_out(&r, "\"coverage\": \"\"");
    ck_assert_int_eq(ran_here(&r, "cost --since 30d"), 0);
    assert_out(
        &r, "\nrecorded since 23 Nov 14:01Z, not the whole 30d\n>= : spend is booked when a request ends; what still runs is not in it\n");
    assert_out(&r, "\ntotal      >=$14.8");
    ck_assert_int_eq(ran_here(&r, "cost --since 30d --json"), 0);
    assert_out(&r, "\"total_exactness\": \">=\",\n  \"recorded_since\": \"2026-11-23T14:01:00Z\",\n  \"coverage\": \"recorded since 23 Nov "
                   "14:01Z, not the whole 30d\"");
    ck_assert_int_eq(ran_here(&r, "cost --by key"), 0);
    assert_out(&r, "\nkey          $ in 1h  share  $/h last 5m  $/h 1h ago  requests  tokens in  cached  tokens out\n");
    assert_out(&r, "\nquagga-key  $0.00006    <1%      >=<.001       <.001     1,200          ?       ?           ?\n");
    ran_close(&r);
}
END_TEST

/* The recorded world has 1,500 input tokens a minute of zebra's; gpt-x is in no list. */
START_TEST(cost_has_what_the_tokens_cost_beside_what_was_booked)
{
    struct ran r;
    ran_open(&r);
    ran_config(&r, "gateway: test\nprices:\n  - {model: gpt-x, from: 2026-01-01, input: 2 USD/M, cached: 1 USD/M}\n");
    ck_assert_int_eq(ran_here(&r, "cost"), 0);
    assert_out(&r, "\ncomputed >=$0.18; booked $7.41, +$7.23 (4015%) for the same tokens in 1h, by the configured prices\n");
    assert_out(&r, "\nmodel  booked  computed  booked over  unpriced  price found\n"
                   "gpt-x   $7.41   >=$0.18       +$7.23        0%  configured, line 3\n");
    ck_assert_int_eq(ran_here(&r, "cost --by team --json"), 0);
    assert_out(&r, "\"booked_over_usd_least\": \"7.22740734\"");
    assert_out(&r, "\"computed_usd_least\": \"0.18\",\n      \"computed_usd_most\": \"0.18\"");
    ck_assert_int_eq(ran_here(&r, "cost --by team --csv"), 0);
    assert_out(&r, "\"zebra\",row,7.40740734,4800,90000,,,");
    assert_out(&r, ",\"\",0.18,0.18,=,0,=,,\n\"quagga\"");
    assert_out(&r, "\"quagga\",row,0.00006,1200,,,,");
    ran_close(&r);
}
END_TEST

START_TEST(cost_by_several_dimensions)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, "cost --by team,key"), 0);
    assert_out(&r, "\nteam    key          $ in 1h    booked  computed  unpriced  $/h last 5m  answered  tokens in  cached  tokens out\n"
                   "zebra   zebra-key      $7.41     $7.41         ?      100%      >=$7.41     4,600     90,000       ?           ?\n"
                   "quagga  quagga-key  $0.00006  $0.00006         ?         -   >=$0.00006     1,200          ?       ?           ?\n"
                   "total                  $7.41     $7.41         ?      100%      >=$7.41     5,800     90,000       ?           ?\n");
    ck_assert_int_eq(ran_here(&r, "cost --by team,key --csv"), 0);
    assert_out(&r, "team,key,kind,cost_usd_least,");
    assert_out(&r, "\n\"zebra\",\"zebra-key\",row,7.40740734,7.40740734,=,7.40740734,=,,,,1,7.40740734,7.40740734,>=,4600,90000,,,,\n");
    assert_out(&r, "\n\"total\",\"\",total,7.40746734,");
    ck_assert_int_eq(ran_here(&r, "cost --by team,key,model --json"), 0);
    assert_out(&r, "\"by\": \"team,key,model\"");
    assert_out(&r, "\"team\": \"quagga\",\n      \"key\": \"quagga-key\",\n      \"model\": \"gpt-x\",\n      \"kind\": \"row\",\n      "
                   "\"cost_usd_least\": \"0.00006\"");
    ck_assert_int_eq(ran_here(&r, "cost --by team,team"), 64);
    assert_err(&r, "--by: team stands twice in 'team,team'");
    ck_assert_int_eq(ran_here(&r, "cost --by team,"), 64);
    assert_err(&r, "--by: expected model, provider, deployment, region, team, key or route, got ''");
    ck_assert_int_eq(ran_here(&r, "cost --by team,key,model,route,region"), 64);
    assert_err(&r, "--by: at most 4 dimensions");
    ck_assert_int_eq(ran_here(&r, "latency --by team,key"), 64);
    assert_err(&r, "--by: at most 1 dimension,");
    ran_config(&r, "gateway: test\nmask_names: true\n");
    ck_assert_int_eq(ran_here(&r, "cost --by team,key --json"), 0);
    ck_assert_ptr_null(strstr(r.out, "zebra"));
    ck_assert_int_eq(ran_here(&r, "cost --focus"), 0);
    ck_assert_ptr_null(strstr(r.out, "zebra"));
    ran_close(&r);
}
END_TEST

START_TEST(a_limit_of_spend_is_an_exit_status)
{
    struct ran r;
    ran_open(&r); /* 7.40746734 USD/h */
    ck_assert_int_eq(ran_here(&r, "cost --max 7.40/h"), 2);
    assert_err(&r, "gwtop: at least $7.41/h over the last 5m, more than $7.40/h\n");
    assert_out(&r, ">=$7.41/h over the last 5m");
    ck_assert_int_eq(ran_here(&r, "cost --max $7.41/h --json"), 0);
    ck_assert_str_eq(r.err, "");
    ck_assert_int_eq(ran_here(&r, "cost --max 100/h --filter team=nobody"), 3);
    ck_assert_int_eq(ran_bare(&r, "cost --max 100/h --store /nowhere"), 3);
    ck_assert_int_eq(ran_here(&r, "cost --max 100"), 64);
    assert_err(&r, "--max: expected USD per hour like 500/h, got '100'");
    ck_assert_int_eq(ran_here(&r, "cost --max -1/h"), 64);
    ck_assert_int_eq(ran_here(&r, "cost --max x/h"), 64);
    ck_assert_int_eq(ran_here(&r, "cost --max 1/h --focus"), 64);
    ran_close(&r);
}
END_TEST

/* 72 USD/h, nothing for two minutes, and 72 USD/h again for ten seconds: the mean of five minutes holds the pause. */
START_TEST(a_limit_is_held_against_what_is_back)
{
    struct ran r;
    char ended[32];
    memset(&r, 0, sizeof r);
    fixture_open(&r.f);
    const uint32_t cost = fixture_series(&r.f, SIG_COST, 0, "gpt-x", "", "", "", ""),
                   requests = fixture_series(&r.f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", "");
    int64_t t = fixture_start_ms;
    for (int i = 0; i < 98; i++, t += 5000) {
        const int times = i < 72 || i >= 96 ? 1 : 0;
        fixture_increment(&r.f, cost, times * 100000000);
        fixture_increment(&r.f, requests, times * 10);
        fixture_append_from(&r.f, t, t + 5000);
    }
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)t));
    ran_note(&r, "ended", ended);
    ran_config(&r, "gateway: test\n");
    ck_assert_int_eq(ran_here(&r, "cost --max 60/h"), 2);
    assert_err(&r, "gwtop: at least $72.0/h since 14:08:00Z, more than $60.0/h\n");
    ran_close(&r);
}
END_TEST

/* 72 USD/h; then twice as much, then nothing. */
START_TEST(a_limit_is_held_against_the_rate_that_is_proved)
{
    struct ran r;
    char ended[32];
    memset(&r, 0, sizeof r);
    fixture_open(&r.f);
    const uint32_t cost = fixture_series(&r.f, SIG_COST, 0, "gpt-x", "", "", "", ""),
                   requests = fixture_series(&r.f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", "");
    int64_t t = fixture_start_ms;
    for (int i = 0; i < 100; i++, t += 5000) {
        const int times = i < 76 ? 1 : i < 88 ? 2 : 0;
        fixture_increment(&r.f, cost, times * 100000000);
        fixture_increment(&r.f, requests, times * 10);
        fixture_append_from(&r.f, t, t + 5000);
    }
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)t));
    ran_note(&r, "ended", ended);
    ran_config(&r, "gateway: test\n");
    ck_assert_int_eq(ran_here(&r, "cost --max 100/h --at 2026-11-23T14:06:20Z"), 0);
    ck_assert_int_eq(ran_here(&r, "cost --max 100/h --at 2026-11-23T14:07:20Z"), 2);
    assert_err(&r, "gwtop: at least $144/h since 14:06:20Z, more than $100/h\n");
    ck_assert_int_eq(ran_here(&r, "cost --max 100/h --at 2026-11-23T14:07:20Z --json"), 2);
    assert_out(&r, "\"recent\": {\n    \"since\": \"2026-11-23T14:06:20Z\",\n    \"usd_per_h_least\": \"144\"");
    ck_assert_int_eq(ran_here(&r, "cost --max 10/h"), 0); /* 62.4 over the last five minutes */
    assert_out(&r, "(no request ended since 14:07:20Z)");
    ran_close(&r);
}
END_TEST

/* A status bar has one line: what a page is judged by stands in it. */
START_TEST(a_line_says_what_a_source_lacks)
{
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_FIRING);
    struct source_status lacks = fixture_status(&r.f, r.f.params.now_ms);
    lacks.state = SOURCE_PARTIAL;
    lacks.reason = "lacks 2 of 4 series of requests_total since 15:58:00Z";
    lacks.lack = (struct source_lack){.since_ms = r.f.params.now_ms - 120000, .part = UINT64_C(1) << SIG_REQUESTS};
    ck_assert_int_eq(store_put_status(r.f.st, r.f.params.now_ms, &lacks, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "status --line"), 2);
    ck_assert_str_eq(r.out, "PAGE gpt-x: ~20% of the requests seen fail since 15:51:00Z (9m), >=180 lost; "
                            "gw lacks 2 of 4 series of requests_total since 15:58:00Z; #1 UNACKED since 15:52Z\n");
    ran_close(&r);
}
END_TEST

START_TEST(counts_that_contradict_each_other_are_unknown)
{
    struct ran r;
    ran_open(&r);
    struct source_status saw = fixture_status(&r.f, r.f.params.now_ms);
    saw.state = SOURCE_SAWTOOTH;
    saw.sawtooth_since_ms = r.f.params.now_ms - 60000;
    const struct store_gap gap = {r.f.source, saw.sawtooth_since_ms, r.f.params.now_ms, "several workers", true, 0};
    ck_assert_int_eq(store_put_status(r.f.st, r.f.params.now_ms, &saw, NULL), ERR_OK);
    ck_assert_int_eq(store_put_gap(r.f.st, &gap, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "cost"), 3);
    assert_out(&r, "\nwhat is spent now is not known: counters go up and down, as of several workers behind one port. ");
    assert_out(&r, "\nspend of 1m is not known (15:59:00Z to 16:00:00Z)\n");
    assert_out(&r, "   >=6,000   >=90,000  ");
    ck_assert_int_eq(ran_here(&r, "cost --json"), 3);
    assert_out(&r, "\"counts_exactness\": \">=\"");
    ran_close(&r);
}
END_TEST

/* Of a source of which some signals are not sure those are named; what it says of the others is alive. */
START_TEST(what_is_watched_in_part_is_named)
{
    struct ran r;
    ran_open(&r);
    struct source_status s = fixture_status(&r.f, r.f.params.now_ms);
    s.state = SOURCE_WATCHING;
    s.watching_since_ms = r.f.params.now_ms - 60000;
    s.watching_signals = UINT64_C(1) << SIG_TTFT | UINT64_C(1) << SIG_RETRIES;
    s.reason = "gw_retries_total fell";
    s.slow_ms = 61000;
    ck_assert_int_eq(store_put_status(r.f.st, r.f.params.now_ms, &s, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "status"), 3); /* no rules */
    assert_out(&r, "\nREAL gw 0s answer; gw: gw_retries_total fell\nWATCHING retries +1 of gw 0s\n");
    ck_assert_int_eq(ran_here(&r, "sources --json"), 0);
    assert_out(&r, "\"slow_ms\": 61000,");
    assert_out(&r, "\"watching_signals\": [\n        \"retries\",\n        \"ttft\"\n      ],");
    ck_assert_int_eq(ran_here(&r, "cost --json"), 0);
    assert_out(&r, "\"counts_exactness\": \"=\"");
    ran_close(&r);
}
END_TEST

START_TEST(a_source_that_is_silent_leaves_the_limit_unknown)
{
    struct ran r;
    ran_open(&r);
    ran_note(&r, "ended", "1795453200000"); /* an hour after the last poll: 17:00 */
    ck_assert_int_eq(ran_here(&r, "cost --max 100/h"), 3);
    assert_err(&r, "is not known");
    ran_close(&r);
}
END_TEST

/* An engine that counts tokens and books nothing: 10,000 a minute at 0.15 USD per million. */
START_TEST(without_a_gateway_that_books_the_money_is_computed)
{
    struct ran r;
    char ended[32];
    memset(&r, 0, sizeof r);
    fixture_open(&r.f);
    uint32_t tokens = fixture_series(&r.f, SIG_TOKENS_INPUT, 0, "gpt-4o-mini", "", "", "", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&r.f, tokens, 10000);
        fixture_append(&r.f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)r.f.manual.wall_ms));
    ran_note(&r, "ended", ended);
    ran_config(&r, "gateway: test\n");
    ck_assert_int_eq(ran_here(&r, "cost"), 0);
    assert_out(
        &r,
        "\n>=$0.09/h over the last 5m, computed by the built-in list of 2026-06-02: no gateway here books spend. no budget configured\n");
    assert_out(&r, "\n(none)    $0.09   100%       >=0.09           -         ?       600k       ?           ?\n"
                   "total     $0.09   100%       >=0.09           -         ?       600k       ?           ?\n");
    assert_out(&r, "\ngpt-4o-mini       ?     $0.09            ?        0%  by its name\n");
    ck_assert_int_eq(ran_here(&r, "cost --max 0.08/h"), 2);
    ck_assert_int_eq(ran_here(&r, "cost --max 0.10/h --json"), 0);
    assert_out(&r, "\"is_basis_of_cost\": true");
    assert_out(&r, "\"cost_usd_most\": \"0.09\"");
    ck_assert_int_eq(ran_here(&r, "cost --focus"), 0);
    assert_out(&r, "\n0.09,\"test\"");
    assert_out(&r, ",600000,Tokens,0.09,0.09,\"test\",0.09,Standard,");
    assert_out(&r, "true,\"by its name\",600000,,,,,,computed,=\n");
    tokens = fixture_series(&r.f, SIG_TOKENS_INPUT, 0, "nobody-knows", "", "", "", "");
    fixture_increment(&r.f, tokens, 10000);
    fixture_append(&r.f, fixture_start_ms + (FIXTURE_POLLS + 1) * fixture_step_ms);
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)r.f.manual.wall_ms));
    ran_note(&r, "ended", ended);
    ck_assert_int_eq(ran_here(&r, "cost --focus"), 0);
    assert_out(&r, "false,\"no price: no row of that name\",10000,,,,,,unknown,\n");
    ran_close(&r);
}
END_TEST

START_TEST(focus_has_its_columns_and_no_number_that_is_not_known)
{
    struct ran r;
    ran_open(&r);
    ran_config(&r, "gateway: test\nprices:\n  - {model: gpt-x, from: 2026-01-01, input: 2 USD/M, cached: 1 USD/M}\n");
    ck_assert_int_eq(ran_here(&r, "cost --focus"), 0);
    assert_out(&r, "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,");
    assert_out(&r,
               "\n7.40740734,\"test\",\"test\",USD,2026-12-01T00:00:00Z,2026-11-01T00:00:00Z,Usage,,\"tokens of gpt-x\",Usage-Based,"
               "2026-11-23T16:00:00Z,2026-11-23T15:00:00Z,90000,Tokens,0.18,7.40740734,\"test\",,Standard,90000,Tokens,\"test\",\"test\","
               ",,AI and Machine Learning,\"gpt-x\",Generative AI,\"gpt-x\",\"zebra\",\"zebra\",\"zebra-key\",7.40740734,0.18,0.18,=,"
               "true,\"configured, line 3\",90000,,,,,4600,booked,=\n");
    /* quagga's tokens are not counted */
    assert_out(&r, "\n0.00006,\"test\",\"test\",USD,2026-12-01T00:00:00Z,2026-11-01T00:00:00Z,Usage,,\"tokens of gpt-x\",Usage-Based,"
                   "2026-11-23T16:00:00Z,2026-11-23T15:00:00Z,,Tokens,,0.00006,");
    size_t columns = 1, cells = 1;
    bool quoted = false;
    const char *at = r.out;
    for (; *at != '\n'; at++)
        columns += *at == ',';
    for (at++; *at != '\n'; at++) {
        quoted = quoted != (*at == '"');
        cells += *at == ',' && !quoted;
    }
    ck_assert_uint_eq(columns, cells);
    ck_assert_int_eq(ran_here(&r, "cost --focus --json"), 64);
    assert_err(&r, "--focus and --json exclude each other");
    ran_close(&r);
}
END_TEST

static const struct hist_bounds *ran_bounds(struct fixture *f)
{
    static const double bounds[] = {0.1, 1, 5};
    const struct hist_bounds *b;
    ck_assert_int_eq(store_bounds(f->st, bounds, 3, &b, NULL), ERR_OK);
    return b;
}

/* The last five minutes of ttft of gpt-x: 30 a minute at openai, 10 of them slow, and 70 at azure. */
static void record_ttft(struct ran *r)
{
    static const struct store_hist_count openai[] = {{1, 20}, {2, 10}}, azure[] = {{1, 70}};
    struct fixture *f = &r->f;
    const struct hist_bounds *b = ran_bounds(f);
    const int64_t end_ms = f->manual.wall_ms;
    for (int i = 4; i >= 0; i--) {
        for (int k = 0; k < 2; k++) {
            struct series s = {.source = f->source, .signal = SIG_TTFT, .bounds = b->id};
            s.dim[DIM_MODEL] = fixture_string(f, "gpt-x");
            s.dim[DIM_PROVIDER] = fixture_string(f, k == 0 ? "openai" : "azure");
            f->items[k] = (struct store_item){
                .v.hist = {
                    .n = k == 0 ? 30 : 70, .sum_fixed = INT64_C(30000000000), .counts = k == 0 ? openai : azure, .count = k == 0 ? 2 : 1}};
            ck_assert_int_eq(store_series(f->st, &s, &f->items[k].series, NULL), ERR_OK);
        }
        f->count = 2;
        fixture_append(f, end_ms - i * fixture_step_ms);
    }
}

START_TEST(latency_tells_providers_apart_and_what_it_is_compared_with)
{
    struct ran r;
    ran_open(&r);
    record_ttft(&r);
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --q 95"), 0);
    assert_out(&r, "\n  openai ");
    assert_out(&r, "\n1d ago: - recorded from 23 Nov 14:01Z\n");
    assert_out(&r, "\nttft: time to first token of streamed answers\n");
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --q 95 --csv"), 0);
    assert_out(&r, "model,kind,requests_per_s,requests_per_s_exactness,n,n_exactness,mean_s,mean_n,stale,about,average_only,p95_s,p95_is,"
                   "p95_bucket_lo_s,p95_bucket_hi_s,"
                   "p95_ci95_lo_s,p95_ci95_hi_s,of\n\"gpt-x\",row,1.666666667,=,500,=,");
    assert_out(&r, "\n\"openai\",part,,,150,=,");
    assert_out(&r, ",\"gpt-x\"\n");
    assert_out(&r, "\n\"all\",total,1.666666667,=,500,=,");
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --q 10,20,50,75,90,95,99,99.9"), 0); /* as many as there may be */
    assert_out(&r, "p99.9");
    assert_out(&r, "\n  openai ");
    ck_assert_ptr_null(strstr(r.out, "more rows"));
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --q 1,10,20,50,75,90,95,99,99.9"), 64);
    ck_assert_ptr_nonnull(strstr(r.err, "--q: at most 8 quantiles"));
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --json"), 0);
    assert_out(&r, "\"kind\": \"part\",\n      \"of\": \"gpt-x\"");
    assert_out(&r, "\"why_none\": \"recorded from 23 Nov 14:01Z\"");
    assert_out(&r, "\"not_split_by\": null");
    assert_out(&r, "\"end_to_end_mean_s\": null");   /* it is not measured here */
    assert_out(&r, "\"p95_ratio_exactness\": null"); /* of nothing */
    ran_close(&r);
}
END_TEST

/* Nobody is called "(none)" by a dimension that no source knows. */
START_TEST(latency_says_by_what_it_is_not_split)
{
    struct ran r;
    ran_open(&r);
    record_ttft(&r);
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --by key"), 0);
    assert_out(&r, "\nttft in the last 5m, not split by key\n");
    assert_out(&r, "\nall ");
    ck_assert_msg(strstr(r.out, "(none)") == NULL, "%s", r.out);
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --by key --json"), 0);
    assert_out(&r, "\"not_split_by\": \"key\"");
    ck_assert_msg(strstr(r.out, "(none)") == NULL, "%s", r.out);
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --by key --csv"), 0);
    ck_assert_msg(strstr(r.out, "(none)") == NULL, "%s", r.out);
    ran_close(&r);
}
END_TEST

/* A mean of some of its sources only is about, as its quantiles are; a ratio beyond the last bucket is more than it says. */
START_TEST(latency_marks_what_is_not_exact)
{
    struct ran r;
    ran_open(&r);
    record_ttft(&r);
    struct fixture *f = &r.f;
    const int64_t end_ms = f->manual.wall_ms;
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --q 50"), 0);
    assert_out(&r, "]  0.60 s  500\n");
    fixture_source(f, "two"); /* which fell silent an hour ago */
    static const struct store_hist_count counts[] = {{1, 70}};
    f->items[0] = (struct store_item){.series = fixture_series(f, SIG_TTFT, ran_bounds(f)->id, "gpt-x", "", "", "", ""),
                                      .v.hist = {.n = 70, .sum_fixed = INT64_C(7000000000), .counts = counts, .count = 1}};
    f->count = 1;
    fixture_append(f, end_ms - 3600000);
    f->manual.wall_ms = end_ms;
    ck_assert_int_eq(ran_here(&r, "latency --since 5m --q 50"), 0);
    assert_out(&r, "]  ~0.60 s  >=500\n");
    ck_assert_int_eq(ran_here(&r, "latency --since 6h --q 50"), 0);
    assert_out(&r, "\nrecorded since 23 Nov 14:01Z, not the whole 6h\n");
    ck_assert_int_eq(ran_here(&r, "latency --since 6h --q 50 --csv"), 0);
    assert_out(&r, ",>=,");
    ran_close(&r);
}
END_TEST

START_TEST(amounts_are_exact_and_the_rows_sum_to_the_total)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, "cost --csv"), 0);
    assert_out(&r, "\n\"zebra\",row,7.40740734,4800,90000,");
    assert_out(&r, "\n\"quagga\",row,0.00006,1200,,");
    assert_out(&r, "\n\"total\",total,7.40746734,6000,90000,");
    ran_close(&r);
}
END_TEST

START_TEST(status_says_what_was_found_and_stays_ok)
{
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    const int64_t now = r.f.manual.wall_ms;
    const struct alert al = {.rule = "key:test",
                             .scope = "key=zebra-key",
                             .severity = SEV_NONE,
                             .state = ALERT_FIRING,
                             .since_ms = now - 240000,
                             .onset_ms = now - 540000,
                             .onset_error_ms = 60000,
                             .known_ms = now - 240000,
                             .total = 1,
                             .text = "key zebra-key (team zebra): 7.0x its requests"};
    ck_assert_int_eq(store_put_alert(r.f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "status --line"), 0);
    assert_out(&r, "OK but gpt-x availability burns 200x");
    assert_out(&r, "; also key zebra-key (team zebra): 7.0x its requests when found, since 15:51:00Z +-1m (9m)\n");
    ck_assert_int_eq(ran_here(&r, "status"), 0);
    assert_out(&r, "\nfound key zebra-key (team zebra): 7.0x its requests when found, since 2026-11-23T15:51:00Z +-1m, pages nobody\n");
    assert_out(&r, "\ncost >=$7.41/h over the last 5m; +$0/h vs 1h ago");
    ck_assert_int_eq(ran_here(&r, "status --json"), 0);
    assert_out(&r, "\"since\": \"2026-11-23T15:51:00Z\",\n      \"since_error_s\": 60,\n      \"ended\": null,\n      "
                   "\"ended_error_s\": null,\n      \"found\": \"2026-11-23T15:56:00Z\",\n      "
                   "\"since_from\": \"2026-11-23T15:50:00Z\",\n      \"since_to\": \"2026-11-23T15:52:00Z\",\n      "
                   "\"silence_asked\": true,\n      \"silent_since_before\": null,\n      \"silent_since\": null\n");
    ran_config(&r, "gateway: test\nmask_names: true\n");
    for (const char *const *c = (const char *const[]){"status", "status --line", "status --json", NULL}; *c != NULL; c++) {
        (void)ran_here(&r, *c);
        ck_assert_msg(strstr(r.out, "zebra") == NULL, "%s:\n%s", *c, r.out);
    }
    ran_close(&r);
}
END_TEST

/* What its newest polls prove over, though its finding is not closed yet. */
START_TEST(status_tells_what_was_found_and_is_over_in_the_past)
{
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    const int64_t now = r.f.manual.wall_ms;
    const struct alert al = {.rule = "key:test",
                             .scope = "key=zebra-key",
                             .severity = SEV_NONE,
                             .state = ALERT_FIRING,
                             .since_ms = now - 840000,
                             .onset_ms = now - 900000,
                             .onset_error_ms = 60000,
                             .ended_ms = now - 210000,
                             .ended_error_ms = 30000,
                             .known_ms = now - 120000,
                             .total = 1,
                             .text = "key zebra-key (team zebra): 7.0x its requests"};
    ck_assert_int_eq(store_put_alert(r.f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "status"), 0);
    assert_out(&r,
               "\nfound key zebra-key (team zebra): 7.0x its requests when found, from 2026-11-23T15:45:00Z +-1m to 2026-11-23T15:56:30Z "
               "+-30s, pages nobody\n");
    ck_assert_int_eq(ran_here(&r, "status --line"), 0);
    assert_out(&r,
               "; also key zebra-key (team zebra): 7.0x its requests when found, from 15:45:00Z +-1m to 15:56:30Z +-30s, back for 3m30s\n");
    ck_assert_int_eq(ran_here(&r, "status --json"), 0);
    assert_out(&r, "\"ended\": \"2026-11-23T15:56:30Z\",\n      \"ended_error_s\": 30,\n      ");
    ran_close(&r);
}
END_TEST

static const char *const everything[] = {
    "status",
    "status --json",
    "status --line",
    "status --filter team=zebra",
    "status --filter team=zebra --json",
    "cost",
    "cost --json",
    "cost --csv",
    "cost --by key",
    "cost --by key --json",
    "cost --by key --csv",
    "incidents",
    "incidents --json",
    "incidents show 1",
    "incidents show 1 --json",
    "sources",
    "sources --json",
};

START_TEST(mask_names_holds_for_everything_printed)
{
    struct ran r;
    size_t named = 0;
    ran_open(&r);
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_FIRING);
    for (size_t i = 0; i < sizeof everything / sizeof *everything; i++) {
        (void)ran_here(&r, everything[i]);
        ck_assert_msg(r.out[0] != '\0', "%s: %s", everything[i], r.err);
        named += strstr(r.out, "zebra") != NULL;
    }
    ck_assert_uint_ge(named, 8);
    ran_config(&r, "gateway: test\nmask_names: true\nbudgets:\n  - {name: team zebra, limit: 100 USD, period: month, scope: team=zebra}\n");
    for (size_t i = 0; i < sizeof everything / sizeof *everything; i++) {
        (void)ran_here(&r, everything[i]);
        ck_assert_msg(r.out[0] != '\0', "%s: %s", everything[i], r.err);
        ck_assert_msg(strstr(r.out, "zebra") == NULL && strstr(r.out, "quagga") == NULL, "%s:\n%s", everything[i], r.out);
    }
    ck_assert_int_eq(ran_here(&r, "cost"), 0);
    assert_out(&r, "\nteam-");
    assert_out(&r, "\ntotal");
    ran_close(&r);
}
END_TEST

START_TEST(incidents_are_listed_and_shown_alike_in_text_and_json)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, "incidents"), 0);
    assert_out(&r, "NO RULES: nothing can page.");
    assert_out(&r, "\nno incident recorded\n");
    ran_slo(&r);
    ran_alert(&r, SEV_PAGE, ALERT_FIRING);
    ck_assert_int_eq(ran_here(&r, "incidents"), 0);
    assert_out(
        &r, "\n#  severity  state  since                 lasted      how bad  what\n1  page      open   2026-11-23T15:51:00Z  9m so far  "
            "180 lost  gpt-x errors\n");
    ck_assert_int_eq(ran_here(&r, "incidents --json"), 0);
    assert_out(&r, "\"requests_lost\": 180");
    ck_assert_int_eq(ran_here(&r, "incidents show #1"), 0);
    assert_out(&r, "#1 gpt-x errors  page  open  9m so far\n");
    assert_out(&r, "2026-11-23T15:52:00Z  t1 P page for team zebra\n");
    assert_out(&r, "\nwho is hit (failed requests of model gpt-x, from its onset on)\nzebra  180\n");
    assert_out(&r, "\nalerts, with their evidence\n2026-11-23T15:52:00Z  ");
    ck_assert_int_eq(ran_here(&r, "incidents show 1 --json"), 0);
    assert_out(&r, "\"team\": \"zebra\",\n      \"failed\": 180");
    assert_out(&r, "\"requests lost   180 of 900\"");
    assert_out(&r, "\"lasts           9m so far, since Mon 23 Nov 15:51:00Z\"");
    assert_out(&r, "\"recovered\": null");
    ck_assert_int_eq(ran_here(&r, "incidents show 2"), 1);
    ck_assert_str_eq(r.err, "gwtop: there is no incident #2; `gwtop incidents` lists them\n");
    ran_close(&r);
}
END_TEST

/* 20 of 100 fail in each of the last ten minutes, of two hours. */
START_TEST(text_json_and_csv_of_objectives_say_the_same)
{
    struct ran r;
    ran_open(&r);
    ran_slo(&r);
    ck_assert_int_eq(ran_here(&r, "slo --csv"), 0);
    assert_out(&r, "name,scope,kind,signal,threshold_s,objective,period_ms,state,stale,burn_5m,burn_5m_exactness,young_5m,burn_1h,");
    assert_out(&r,
               "\n\"gpt-x availability\",\"model=gpt-x\",availability,requests,,0.999,2592000000,ok,false,200,=,false,33.33333333,=,false,"
               "16.66666667,=,true,16.66666667,=,true,16.66666667,=,true,12000,200,200,=,");
    assert_out(&r, ",~,2026-11-23T");
    assert_out(&r, "Z,\"team zebra 100%\"\n");
    ck_assert_int_eq(ran_here(&r, "slo --json"), 0);
    assert_out(&r, "\"total\": 12000,\n      \"bad\": 200,\n      \"bad_possibly\": 200,\n      \"counted_exactness\": \"=\",");
    assert_out(&r, "\"gone_exactness\": \"~\"");
    assert_out(&r, "\"threshold_s\": null");
    assert_out(&r, "\"mostly_spent_by\": \"team zebra 100%\"");
    ck_assert_int_eq(ran_here(&r, "slo"), 0);
    assert_out(&r, "200x");
    assert_out(&r, "17x young");
    assert_out(&r, "200 of 12000");
    ck_assert_int_eq(ran_here(&r, "slo --csv --json"), 64);
    ran_config(&r, "gateway: test\nmask_names: true\n");
    ck_assert_int_eq(ran_here(&r, "slo --csv"), 0);
    ck_assert_msg(strstr(r.out, "zebra") == NULL, "%s", r.out);
    ran_close(&r);
}
END_TEST

/* A score of a judge: 20 a minute for the last ten minutes, two of them bad. */
static void score_drifts(struct ran *r)
{
    struct fixture *f = &r->f;
    static const char note[] =
        "{\"is_share\": true, \"n\": 2000, \"bad\": 40, \"mean\": 0.98, \"var\": 0.0196, \"from_ms\": 1795440000000, "
        "\"to_ms\": 1795442400000, \"lacks\": 0, \"arl\": 2500000, \"alarms\": 2, \"streams\": 7, \"why\": \"\"}";
    struct series s = {.source = f->source, .signal = SIG_EVAL};
    uint32_t id;
    s.dim[DIM_NAME] = fixture_string(f, "json_valid");
    s.dim[DIM_JUDGE] = fixture_string(f, "v2");
    s.dim[DIM_MODEL] = fixture_string(f, "gpt-x");
    ck_assert_int_eq(store_series(f->st, &s, &id, NULL), ERR_OK);
    const int64_t now = f->manual.wall_ms;
    for (int i = 9; i >= 0; i--) {
        f->items[f->count] = (struct store_item){.series = id};
        f->items[f->count].v.score.n = 20;
        f->items[f->count].v.score.bad = 2;
        f->items[f->count++].v.score.sum_fixed = 18 * INT64_C(1000000000);
        fixture_append(f, now - i * fixture_step_ms);
    }
    const struct alert al = {.rule = "quality:json_valid@v2",
                             .scope = "model=gpt-x",
                             .state = ALERT_FIRING,
                             .since_ms = now - 240000,
                             .onset_ms = now - 540000,
                             .onset_error_ms = 60000,
                             .known_ms = now - 240000,
                             .total = 2000,
                             .text = "json_valid@v2 of gpt-x fell 98.0 -> 90.0 %"};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    ran_note(r, "drift:quality:json_valid@v2|model=gpt-x", note);
}

static void canary_runs(struct ran *r)
{
    const int64_t now = r->f.manual.wall_ms;
    char note[400];
    ck_assert(
        str_format(note, sizeof note,
                   "[{\"name\":\"basics\",\"model\":\"gpt-x\",\"url\":\"\",\"interval_ms\":3600000,\"last_ms\":%lld,\"ended_ms\":%lld,"
                   "\"next_ms\":%lld,\"passed\":3,\"bad\":1,\"why\":\"\"}]",
                   (long long)(now - 240000), (long long)(now - 240000), (long long)(now + 3360000)));
    ran_note(r, CANARY_NOTE, note);
}

START_TEST(text_json_and_csv_of_quality_say_the_same)
{
    struct ran r;
    ran_open(&r);
    score_drifts(&r);
    ck_assert_int_eq(ran_here(&r, "quality"), 0);
    assert_out(&r, "signal      judge  model    now    n  baseline    of   delta  state  evidence  onset, or what is missing\n"
                   "json_valid  v2     gpt-x  90.0%  200     98.0%  2.0k  -8.0pp  drift         -  23 Nov 15:51:00Z +-1m\n"
                   "none bad in what was seen (2h or more): requests filtered gpt-x\n");
    assert_out(&r, "\njson_valid@v2 of gpt-x fell 98.0 -> 90.0 % when found, since 15:51:00Z +-1m (9m): 90.0% in the last 15m (n 200), "
                   "baseline 98.0%, -8.00pp since its onset (n 180; 95 % -13.3 to -4.35)\n");
    assert_out(
        &r, "\njson_valid gpt-x: -8.00pp in 1h, 95 % -13.0 to -4.49 (Newcombe); -8.00pp since its onset (n 180), 95 % -13.3 to -4.35; "
            "cannot see the hour of the day, nor whose traffic it is: "
            "no route, team or key in these scores, so a changed mix cannot be told from the model; e-detector: on average at most 1 false "
            "alarm in "
            "2.5M samples; 2 in 30 d over 7 streams\n");
    ck_assert_int_eq(ran_here(&r, "quality --json"), 0);
    assert_out(&r, "\"name\": \"json_valid\",\n      \"kind\": \"score\",\n      \"model\": \"gpt-x\",\n      \"judge\": \"v2\",\n      "
                   "\"value\": 0.9,\n      \"value_exactness\": \"=\",\n      \"n\": 200,");
    assert_out(
        &r,
        "\"state\": \"drift\",\n      \"evidence\": null,\n      \"onset\": \"2026-11-23T15:51:00Z\",\n      \"onset_error_s\": 60,\n      "
        "\"onset_from\": \"2026-11-23T15:50:00Z\",\n      \"onset_to\": \"2026-11-23T15:52:00Z\",");
    assert_out(&r, "\"baseline\": 0.98,");
    assert_out(&r, "\"arl\": 2500000,");
    canary_runs(&r);
    ck_assert_int_eq(ran_here(&r, "quality --csv"), 0);
    assert_out(
        &r, "name,kind,model,judge,value,value_exactness,n,stale,baseline,baseline_exactness,baseline_n,baseline_from,baseline_to,state,");
    assert_out(&r, ",changed,found,canary,unit,of_all,where,cannot_see,difference_since_onset,since_onset_ci95_lo,since_onset_ci95_hi,n_"
                   "since_onset,onset_from,onset_to\n");
    assert_out(&r, "\n\"basics\",canary,\"gpt-x\",\"\",0.75,=,4,false,,,,,,quiet,");
    assert_out(&r, ",\"\",\"\",\"\",\"\",\"basics (gpt-x): ran 4m ago, 3 of 4 passed");
    assert_out(&r, "\n\"json_valid\",score,\"gpt-x\",\"v2\",0.9,=,200,false,0.98,=,2000,2026-11-23T13:20:00Z,2026-11-23T14:00:00Z,drift,,"
                   "2026-11-23T15:51:00Z,60,-0.08,");
    ck_assert_int_eq(ran_here(&r, "quality --at 2026-11-23T15:55:59Z"), 0);
    ck_assert_msg(strstr(r.out, "drift") == NULL, "%s", r.out); /* as known then */
    ck_assert_int_eq(ran_here(&r, "quality --filter model=gpt-x"), 0);
    assert_out(&r, "json_valid");
    ck_assert_int_eq(ran_here(&r, "quality --csv --json"), 64);
    ran_close(&r);
}
END_TEST

START_TEST(quality_names_the_route_and_what_is_of_all)
{
    struct ran r;
    char note[300];
    ran_open(&r);
    score_drifts(&r);
    ck_assert(str_format(note, sizeof note,
                         "{\"onset_ms\":%lld,\"class\":\"\",\"where\":\"alone\",\"dim\":\"route\",\"names\":[\"/extract\"],\"was\":0.98,"
                         "\"is\":0.6,\"n\":40,\"part\":0.97,\"parts\":3}",
                         (long long)(r.f.manual.wall_ms - 540000)));
    ran_note(&r, "found:quality:json_valid@v2|model=gpt-x", note);
    ran_note(&r, DRIFT_LEFT_NOTE, "352 2048");
    ck_assert_int_eq(ran_here(&r, "quality"), 0);
    assert_out(&r, "  23 Nov 15:51:00Z +-1m, route /extract alone: 98.0 -> 60.0 % (n 40)\n");
    assert_out(&r, "\n352 more streams are not watched: at most 2048 of a kind are\n");
    ck_assert_int_eq(ran_here(&r, "quality --json"), 0);
    assert_out(&r, "\"unwatched\": 352,");
    assert_out(&r,
               "\"of_all\": false,\n      \"where\": {\n        \"word\": \"alone\",\n        \"dim\": \"route\",\n        \"names\": [\n"
               "          \"/extract\"\n        ],\n        \"was\": 0.98,\n        \"is\": 0.6,\n        \"n\": 40,\n        \"part\": "
               "0.97,\n        \"parts\": 3,\n");
    ck_assert_int_eq(ran_here(&r, "quality --csv"), 0);
    assert_out(&r, ",ratio,false,\"route /extract alone: 98.0 -> 60.0 % (n 40)\",\"cannot see the hour of the day, nor whose traffic it "
                   "is: no route, team or key in these scores, so a changed mix cannot be told from the model\",-0.08,");
    ck_assert_int_eq(ran_here(&r, "quality --filter team=zebra"), 0);
    ck_assert_msg(strstr(r.out, "of all: 23 Nov 15:51:00Z") != NULL || strstr(r.out, "json_valid") == NULL, "%s", r.out);
    ck_assert_msg(strstr(r.out, "json_valid gpt-x:\n") == NULL, "%s", r.out); /* no account without a word */
    ran_close(&r);
}
END_TEST

START_TEST(hosting_says_what_is_known_of_gpus)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, "hosting"), 64);
    ck_assert_msg(strstr(r.err, "gwtop.yaml: no `hosting`: which GPUs serve which model; gwtop.yaml(5)\n") != NULL, "%s", r.err);
    ran_note(&r, "pricing", "{\"hosting\": [{\"name\": \"pool\", \"gpus\": \"2\", \"gpu_hour\": \"1.5 USD\"}]}");
    ck_assert_int_eq(ran_here(&r, "hosting"), 0); /* what the recorder was told */
    assert_out(&r, "\npool       2      3.00");
    ran_config(&r, "gateway: test\nhosting:\n- {name: llama, scope: team=zebra, gpus: 8, gpu_hour: 2.10 USD}\nmask_names: true\n");
    ck_assert_int_eq(ran_here(&r, "hosting"), 0);
    assert_out(&r, "means of 1h; PUE 1\n");
    assert_out(&r, "\nllama      8      16.8           -   -");
    assert_out(&r, "\nllama: power: no source measures it; tokens: none recorded in its scope\n");
    ck_assert_int_eq(ran_here(&r, "hosting --json"), 0);
    assert_out(&r, "\"gpu_usd_per_h\": {\n        \"value\": 16.8,\n        \"exactness\": \"=\",");
    assert_out(&r, "\"usd_per_mtok\": {\n        \"value\": null,\n        \"exactness\": null,");
    ck_assert_int_eq(ran_here(&r, "hosting --csv"), 0);
    assert_out(&r, "name,scope,gpus,gpu_usd_per_h,gpu_usd_per_h_exactness,gpu_usd_per_h_stale,energy_usd_per_h,");
    ck_assert_msg(strstr(r.out, "zebra") == NULL, "%s", r.out);
    ran_close(&r);
}
END_TEST

START_TEST(what_if_is_asked_for_in_whole_and_says_what_it_does_not_know)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, "whatif --from gpt-x --to gpt-4.1-nano --share 30%"), 0);
    assert_out(&r, "30% of gpt-x to gpt-4.1-nano: ");
    assert_out(&r, "gpt-4.1-nano has none of its own");
    ck_assert_int_eq(ran_here(&r, "whatif --from gpt-x --to gpt-4.1-nano --share 30 --json"), 0);
    assert_out(&r, "\"share\": 0.3,");
    assert_out(&r, "\"load_after\": null,");
    ck_assert_int_eq(ran_here(&r, "whatif --model gpt-x --cache-share 50%"), 0); /* neither tokens nor a price of it */
    assert_out(&r, "50% of the prompts of gpt-x cached: not known\nwhat its cached tokens cost is not known; latency: not known from "
                   "counters: ttft and cached tokens are not recorded together\n");
    ck_assert_int_eq(ran_here(&r, "whatif --from zebra --to gpt-x --share 5%"), 1);
    ck_assert_str_eq(r.err, "gwtop: no answered requests of the model zebra are recorded in this time: recorded are model=gpt-x\n");
    static const struct {
        const char *line, *why;
    } wrong[] = {
        {"whatif", "gwtop: whatif: either --from MODEL --to MODEL --share 30%, or --model MODEL --cache-share 50%\n"},
        {"whatif --from a --to b --share 5% --model c",
         "gwtop: whatif: either --from MODEL --to MODEL --share 30%, or --model MODEL --cache-share 50%\n"},
        {"whatif --from a --share 5%", "gwtop: whatif: --to is missing\n"},
        {"whatif --model a", "gwtop: whatif: --cache-share is missing\n"},
        {"whatif --from a --to a --share 5%", "gwtop: whatif: both are the model a\n"},
        {"whatif --from a --to b --share 130%", "gwtop: whatif: expected a percentage up to 100%, like 30%, got '130%'\n"},
        {"whatif --from a --to b --share 0", "gwtop: whatif: expected a percentage up to 100%, like 30%, got '0'\n"},
        {"whatif --model a --cache-share half", "gwtop: whatif: expected a percentage up to 100%, like 30%, got 'half'\n"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_eq(ran_here(&r, wrong[i].line), 64);
        ck_assert_str_eq(r.err, wrong[i].why);
    }
    ran_close(&r);
}
END_TEST

START_TEST(what_differs_names_its_base_and_says_when_nothing_is_recorded_of_it)
{
    struct ran r;
    ran_open(&r);
    ck_assert_int_eq(ran_here(&r, "differs --since 15:50 --base before"), 0);
    assert_out(&r, "fail % 25 against 0 in the time before 15:50Z");
    ck_assert_int_eq(ran_here(&r, "differs --since 15:50 --base 14:30"), 0);
    assert_out(&r, "fail % 25 against 0 in Mon 23 Nov 14:30Z");
    ck_assert_int_eq(ran_here(&r, "differs --since 15:50 --base before --csv"), 0);
    assert_out(&r, "what,measure,now,now_exactness,n,then,share_of_change,score\n\"");
    assert_out(&r, "\"fail %\",");
    static const char *const bases[] = {"yesterday", "last-week"}, *const formats[] = {"", " --json", " --csv"};
    for (size_t b = 0; b < 2; b++) {
        for (size_t i = 0; i < 3; i++) {
            char line[100];
            ck_assert(str_format(line, sizeof line, "differs --since 15:50 --base %s%s", bases[b], formats[i]));
            ck_assert_int_eq(ran_here(&r, line), 1);
            ck_assert_str_eq(r.out, "");
            assert_err(&r, b == 0 ? "nothing is recorded of the same time yesterday: the recording begins Mon 23 Nov 14:01Z"
                                  : "nothing is recorded of the same time last week: the recording begins Mon 23 Nov 14:01Z");
        }
    }
    ck_assert_int_eq(ran_here(&r, "differs --since 15:00 --base 13:30"), 0); /* an hour, of which half is recorded */
    assert_out(&r, "(30m of it recorded)");
    ck_assert_int_eq(ran_here(&r, "differs --base incident"), 1);
    assert_err(&r, "nothing fires here: there is no incident whose hour before could be compared with");
    ck_assert_int_eq(ran_here(&r, "differs --base tomorrow"), 64);
    assert_err(&r, "--base: expected usual, before, yesterday, last-week, incident or a time, got 'tomorrow'");
    ran_close(&r);
}
END_TEST

START_TEST(a_source_that_never_answered_has_no_numbers)
{
    struct ran r;
    ran_open(&r);
    struct source_status src = {.name = "late",
                                .kind = "metrics",
                                .url = "http://127.0.0.1:1/metrics",
                                .gateway = "test",
                                .profile = "",
                                .reason = "nobody answers there",
                                .warning = "",
                                .interval_ms = 15000,
                                .state = SOURCE_DOWN};
    ck_assert_int_eq(store_put_source(r.f.st, &src, &src.id, NULL), ERR_OK);
    ck_assert_int_eq(store_put_status(r.f.st, r.f.manual.wall_ms, &src, NULL), ERR_OK);
    const struct store_gap gap = {src.id, r.f.manual.wall_ms - 90000, r.f.manual.wall_ms - 30000, "its counters fell", true, 0};
    ck_assert_int_eq(store_put_gap(r.f.st, &gap, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r.f.st, NULL), ERR_OK);
    ck_assert_int_eq(ran_here(&r, "sources"), 0);
    assert_out(&r, "\ngap of late, 15:58:30Z to 15:59:30Z (1m): its counters fell\n");
    assert_out(&r, "\nlate    down   never     -     0        0           nobody answers there\n");
    assert_out(&r, "\ngw      ok        0s   200     0        0  litellm\n"); /* and no blanks at the end */
    ck_assert_int_eq(ran_here(&r, "sources --json"), 0);
    assert_out(&r, "\"http_status\": null");
    assert_out(&r, "\"reason\": \"its counters fell\"");
    ck_assert_int_eq(ran_here(&r, "status"), 3);
    assert_out(&r, "\nDOWN late no answer yet: nobody answers there\n");
    ran_close(&r);
}
END_TEST

START_TEST(check_names_each_option_once)
{
    struct ran r;
    char line[800];
    ran_open(&r);
    ran_config(&r, "sources:\n  - name: a\n    metrics: http://x/\n    interval: 15\n");
    ck_assert(str_format(line, sizeof line, "check %s", r.config));
    ck_assert_int_eq(ran_bare(&r, line), 64);
    assert_out(&r, ":4:15: interval: expected a duration like 15s, got '15'\n");
    ck_assert(str_format(line, sizeof line, "check --config %s --json", r.config));
    ck_assert_int_eq(ran_bare(&r, line), 64);
    assert_out(&r, "\"errors\": 1");
    ran_config(&r, "gateway: g\n");
    ck_assert_int_eq(ran_bare(&r, line), 0);
    ran_close(&r);
}
END_TEST

Suite *suite_reports(void)
{
    Suite *s = suite_create("cli: reports");
    TCase *c = tcase_create("reports");
    tcase_add_test(c, the_exit_status_is_the_verdict);
    tcase_add_test(c, with_a_filter_the_exit_status_is_of_what_it_names);
    tcase_add_test(c, where_nothing_was_recorded_of_it_every_report_says_so);
    tcase_add_test(c, a_line_says_why_nothing_is_known);
    tcase_add_test(c, every_report_begins_with_where_when_and_how_fresh);
    tcase_add_test(c, text_json_and_csv_of_cost_say_the_same);
    tcase_add_test(c, cost_has_what_the_tokens_cost_beside_what_was_booked);
    tcase_add_test(c, cost_by_several_dimensions);
    tcase_add_test(c, a_limit_of_spend_is_an_exit_status);
    tcase_add_test(c, a_limit_is_held_against_what_is_back);
    tcase_add_test(c, a_limit_is_held_against_the_rate_that_is_proved);
    tcase_add_test(c, a_line_says_what_a_source_lacks);
    tcase_add_test(c, counts_that_contradict_each_other_are_unknown);
    tcase_add_test(c, what_is_watched_in_part_is_named);
    tcase_add_test(c, a_source_that_is_silent_leaves_the_limit_unknown);
    tcase_add_test(c, without_a_gateway_that_books_the_money_is_computed);
    tcase_add_test(c, focus_has_its_columns_and_no_number_that_is_not_known);
    tcase_add_test(c, latency_tells_providers_apart_and_what_it_is_compared_with);
    tcase_add_test(c, latency_says_by_what_it_is_not_split);
    tcase_add_test(c, latency_marks_what_is_not_exact);
    tcase_add_test(c, amounts_are_exact_and_the_rows_sum_to_the_total);
    tcase_add_test(c, status_says_what_was_found_and_stays_ok);
    tcase_add_test(c, status_tells_what_was_found_and_is_over_in_the_past);
    tcase_add_test(c, mask_names_holds_for_everything_printed);
    tcase_add_test(c, incidents_are_listed_and_shown_alike_in_text_and_json);
    tcase_add_test(c, text_json_and_csv_of_objectives_say_the_same);
    tcase_add_test(c, text_json_and_csv_of_quality_say_the_same);
    tcase_add_test(c, quality_names_the_route_and_what_is_of_all);
    tcase_add_test(c, hosting_says_what_is_known_of_gpus);
    tcase_add_test(c, what_if_is_asked_for_in_whole_and_says_what_it_does_not_know);
    tcase_add_test(c, what_differs_names_its_base_and_says_when_nothing_is_recorded_of_it);
    tcase_add_test(c, a_source_that_never_answered_has_no_numbers);
    tcase_add_test(c, check_names_each_option_once);
    suite_add_tcase(s, c);
    return s;
}
