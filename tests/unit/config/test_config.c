/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/locate.h"
#include "config/reader.h"

static struct config cfg;
static struct errctx ctx;

static void setup(void)
{
    setenv("HOME", "/home/op", 1);
    setenv("XDG_STATE_HOME", "/state", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("GWTOP_CONFIG");
    memset(&cfg, 0, sizeof cfg);
    ctx.text[0] = 0;
}

static void teardown(void)
{
    config_fini(&cfg);
}

static void accept(const char *text)
{
    config_fini(&cfg);
    memset(&cfg, 0, sizeof cfg);
    ck_assert_msg(config_parse(str_of(text), "/dir/gwtop.yaml", &cfg, &ctx) == ERR_OK, "%s", ctx.text);
}

#define LANGFUSE "sources:\n- name: a\n  langfuse: http://127.0.0.1:3000\n  user: pk\n  password: {env: X}\n"
#define SOURCE "sources:\n- name: a\n  metrics: http://127.0.0.1:4000/metrics/\n"

#define CHANGES "sources:\n- name: a\n  changes: c.jsonl\n"
#define STATUS_PAGE "sources:\n- name: a\n  status_page: https://status.example\n"

static const struct refusal {
    const char *text, *message;
} refusals[] = {
    {SOURCE "  interval: 15\n", "4:13: interval: expected a duration like 15s, got '15'"},
    {SOURCE "  interval: 50ms\n", "4:13: interval: expected 1s to 1h, got '50ms'"},
    {SOURCE "  interval: [1s]\n", "4:13: interval: expected a duration like 15s, got a list"},
    {SOURCE "  interval:\n", "4:12: interval: has no value: expected a duration like 15s"},
    {SOURCE "  intervall: 5s\n", "4:3: unknown option 'intervall', did you mean 'interval'?"},
    {"source: []\n", "1:1: unknown option 'source', did you mean 'sources'?"},
    {"keep:\n  rows: 3d\n", "2:3: unknown option 'rows'; keep may hold raw, 5m, 1h, 1d, events, alerts, incidents, notes, acts"},
    {"keep: 3d\n", "1:7: keep: expected keys and values, such as raw: ..."},
    {"sources: litellm\n", "1:10: sources: expected a list, each item beginning with '- '"},
    {"sources:\n- http://x/\n", "2:3: sources[]: expected keys and values, such as name: ..."},
    {"sources:\n- metrics: http://x/\n", "2:3: name is missing: what the screen calls it; unique"},
    {"sources:\n- name: a\n",
     "2:3: metrics is missing, or another address to read: prometheus, langfuse, phoenix, changes, grafana, github, argocd, status_page, "
     "alertmanager, prometheus_rules, pagerduty, grafana_oncall"},
    {"sources:\n- name: a\n  metrics: http://x/\n  prometheus: http://y\n", "2:3: metrics and prometheus are two sources: write two items"},
    {LANGFUSE "  metrics: http://x/\n", "2:3: metrics and langfuse are two sources: write two items"},
    {"sources:\n- name: a\n  langfuse: http://127.0.0.1:3000\n",
     "2:3: user is missing: the public key (pk-lf-...); password is the secret key"},
    {"sources:\n- name: a\n  langfuse: http://127.0.0.1:3000\n  user: pk\n", "4:9: user: password is missing: they go together"},
    {"sources:\n- name: a\n  langfuse: http://lf.example\n  user: pk\n  password: {env: X}\n",
     "3:13: this source would send a secret over http to another host; use https, or allow_plaintext_token: true"},
    {LANGFUSE "  profile: litellm\n", "6:12: profile: means something for a metrics or prometheus source only"},
    {LANGFUSE "  bearer: {env: Y}\n", "4:9: user: a source has either a bearer token or a user with a password"},
    {LANGFUSE "  project: x\n", "6:12: project: means something for a phoenix source only"},
    {SOURCE "  revisit: 1d\n", "4:12: revisit: means something for a langfuse or phoenix source only"},
    {SOURCE "  backfill: 1d\n", "4:13: backfill: means nothing for a metrics source, or for one of alerts"},
    {SOURCE "  only: [x]\n", "4:9: only: means something for a grafana, github, argocd or status_page source only"},
    {SOURCE "  labels: [{label: x, kind: note}]\n", "4:11: labels: means something for a changes, grafana, github or argocd source only"},
    {STATUS_PAGE, "2:3: provider is missing: whose status page it is, as the provider is called in metrics"},
    {STATUS_PAGE "  provider: p\n  only: API\n", "5:9: only: expected a list of texts like [API, Embeddings]"},
    {STATUS_PAGE "  provider: p\n  only: [[API]]\n", "5:10: only: expected text, got a list"},
    {CHANGES "  provider: p\n", "4:13: provider: means something for a status_page source only"},
    {CHANGES "  bearer: {env: X}\n", "4:11: bearer: means nothing for a file"},
    {CHANGES "- name: b\n  changes: c.jsonl\n", "5:12: the source on line 2 reads the same address: everything would count twice"},
    {CHANGES "  labels: [{label: x}]\n", "4:12: labels: 'x' stands for nothing: scope or kind is missing"},
    {CHANGES "  labels: [{label: x, kind: party}]\n", "4:29: kind: expected one of deploy, config, model, note, got 'party'"},
    {CHANGES "  labels:\n  - {label: x, kind: note}\n  - {label: x, scope: 'model=m'}\n", "6:13: label: 'x' has an earlier item"},
    {SOURCE "  password: {env: X}\n", "4:13: password: user is missing: they go together"},
    {"scores:\n- {name: n, min: 5, max: 1}\n", "2:3: max: the range of 'n' is empty: max must be more than min"},
    {"scores:\n- {name: n, min: 5}\n", "2:3: max: the range of 'n' is empty: max must be more than min"},
    {"scores:\n- {name: n, max: 5, bad: 7}\n", "2:26: bad: lies outside the range of 'n'"},
    {"scores:\n- {name: n}\n- {name: n}\n", "3:10: name: 'n' has an earlier item"},
    {"scores:\n- {name: n, better: faster}\n", "2:21: better: expected one of higher, lower, got 'faster'"},
    {SOURCE "- name: a\n  metrics: http://y/\n", "4:9: name: 'a' is the name of the source on line 2 too"},
    {SOURCE "- name: b\n  metrics: HTTP://127.0.0.1:4000/metrics\n",
     "5:12: metrics: expected an address like http://127.0.0.1:4000/metrics/: it must begin with http:// or https://"},
    {SOURCE "- name: b\n  metrics: http://127.0.0.1:4000/metrics\n",
     "5:12: the source on line 2 reads the same address: everything would count twice"},
    {SOURCE "  lag: 1m\n", "4:8: lag: means something for a prometheus, langfuse or phoenix source only"},
    {"sources:\n- name: p\n  pagerduty: https://api.pagerduty.com\n  match: a=\"b\"\n",
     "4:10: match: means something for a prometheus or alertmanager source only"},
    {SOURCE "  silences: true\n", "4:13: silences: means something for an alertmanager source only"},
    {SOURCE "  page_severities: p1\n", "4:20: page_severities: means something for a source of alerts only"},
    {"sources:\n- name: p\n  prometheus: http://x:9090/api/v1\n",
     "3:15: prometheus: expected an address like http://127.0.0.1:4000/metrics/: leave out /api/v1: it is added"},
    {"sources:\n- name: p\n  alertmanager: http://x:9093/am/api/v2/\n",
     "3:17: alertmanager: expected an address like http://127.0.0.1:4000/metrics/: leave out /api/v2: it is added"},
    {"sources:\n- name: p\n  prometheus: http://x:9090?a=b\n",
     "3:15: prometheus: expected an address like http://127.0.0.1:4000/metrics/: the base address of an API has no ?query"},
    {"sources:\n- name: p\n  prometheus: http://x:9090\n  match: '{job=\"a\"}'\n",
     "4:10: match: expected label matchers like job=\"litellm\", got '{job=\"a\"}'"},
    {SOURCE "  bearer: sk-12345\n",
     "4:11: bearer: a secret does not belong into this file; write file: PATH, env: NAME or command: COMMAND below it"},
    {SOURCE "  bearer: {file: a, env: B}\n", "4:11: bearer: names more than one origin: one of file, env, command"},
    {SOURCE "  bearer: {}\n", "4:11: bearer: names no origin: one of file, env, command"},
    {SOURCE "  bearer: {token: abc}\n", "4:12: unknown option 'token'; sources[].bearer may hold file, env, command"},
    {"sources:\n- name: a\n  metrics: http://gw:4000/metrics/\n  bearer: {env: T}\n",
     "3:12: this source would send a secret over http to another host; use https, or allow_plaintext_token: true"},
    {SOURCE "  headers:\n  - name: X-Api-Key\n    value: sk-1\n",
     "6:12: headers: X-Api-Key looks like a secret, which does not belong into this file; use file, env or command"},
    {SOURCE "  headers:\n  - name: \"X\\tY\"\n    env: V\n", "5:11: name: a control character is not allowed"},
    {SOURCE "  headers:\n  - name: X Y\n    env: V\n", "5:11: headers: 'X Y' holds a character that no header name has"},
    {SOURCE "  headers:\n  - name: Host\n    value: evil\n", "5:11: headers: 'Host' is set by gwtop itself"},
    {SOURCE "  max_body: 64\n", "4:13: max_body: expected a size like 64MB or 20GB, got '64'"},
    {SOURCE "  max_body: 10GB\n", "4:13: max_body: expected 1KB to 4GB, got '10GB'"},
    {SOURCE "  max_series: -1\n", "4:15: max_series: expected 1 to 5000000, got '-1'"},
    {SOURCE "  insecure_tls: yes\n", "4:17: insecure_tls: expected true or false, got 'yes'"},
    {"glyphs: emoji\n", "1:9: glyphs: expected one of auto, ascii, box, block, braille, got 'emoji'"},
    {"theme: drak\n",
     "1:8: theme: expected one of blue-orange, dark, default, high-contrast, light, mono, or the path of a file (with a /), got 'drak'"},
    {"requests_per_second: 1e9\n", "1:22: requests_per_second: expected a number, got '1e9'"},
    {"requests_per_second: nan\n", "1:22: requests_per_second: expected a number, got 'nan'"},
    {"slos:\n- name: s\n", "2:3: an objective has availability or latency, one of them"},
    {"slos:\n- {name: s, availability: 0.999}\n", "2:27: availability: expected a percentage like 99.9%, got '0.999'"},
    {"slos:\n- {name: s, availability: 100%}\n", "2:27: availability: expected 50% to 99.999%, got '100%'"},
    {"slos:\n- {name: s, availability: 99%, scope: modle=x}\n", "2:39: scope: 'modle' is not a dimension, did you mean 'model'?"},
    {"slos:\n- {name: s, availability: 99%, scope: gpt-x}\n",
     "2:39: scope: expected dimension=value[,dimension=value], such as model=gpt-x, got 'gpt-x'"},
    {"slos:\n- {name: s, availability: 99%, scope: 'model=a,'}\n",
     "2:39: scope: expected dimension=value[,dimension=value], such as model=gpt-x, got 'model=a,'"},
    {"slos:\n- {name: s, availability: 99%, scope: 'model=a,model=b'}\n", "2:39: scope: model stands twice"},
    {"slos:\n- {name: s, availability: 99%, scope: class=ok}\n",
     "2:39: scope: class is what an objective counts, not what it is limited to"},
    {"slos:\n- {name: s, latency: {signal: tps, objective: 95%, threshold: 2s}}\n",
     "2:31: signal: expected one of ttft, tpot, e2e, stage_latency, got 'tps'"},
    {"slos:\n- {name: s, latency: {signal: ttft, objective: 95%}}\n",
     "2:22: threshold is missing: the longest time that is still good; best a bucket bound of the gateway's histogram"},
    {"slos:\n- {name: s, availability: 99%}\n- {name: s, availability: 98%}\n", "3:10: name: 's' is the name of an earlier objective too"},
    {"budgets:\n- {name: b, limit: 5 USD}\n", "2:3: period is missing: day, week or month; defaults.budget.period says it for all budgets"},
    {"budgets:\n- {name: b, limit: 1000, period: day}\n", "2:20: limit: expected an amount like 120000 USD, got '1000'"},
    {"budgets:\n- {name: b, limit: 0 USD, period: day}\n", "2:20: limit: expected 0.01 USD to 9000000000 USD, got '0 USD'"},
    {"budgets:\n- {name: b, limit: 9 USD, period: year}\n", "2:35: period: expected one of day, week, month, got 'year'"},
    {SOURCE "authority:\n- {signal: request, source: a}\n", "5:12: signal: 'request' is not a signal, did you mean 'requests'?"},
    {SOURCE "authority:\n- {signal: all, source: b}\n", "5:25: source: no source is called 'b'"},
    {"defaults:\n  source: {name: x}\n", "2:12: name: belongs to one item, not to the defaults of all"},
    {"defaults:\n  source: {interval: 1}\n" SOURCE, "2:22: interval: expected a duration like 15s, got '1'"},
    {"slos: x\n", "1:7: slos: expected a list, each item beginning with '- '"},
    {"slos: [a]\n", "1:8: slos[]: expected keys and values, such as name: ..."},
    {"budgets: x\n", "1:10: budgets: expected a list, each item beginning with '- '"},
    {"budgets: [a]\n", "1:11: budgets[]: expected keys and values, such as name: ..."},
    {"budgets:\n- {name: b, limit: 9 USD, period: day}\n- {name: b, limit: 9 USD, period: day}\n",
     "3:10: name: 'b' is the name of an earlier budget too"},
    {"budgets:\n- {name: b, limit: 9 USD, period: day, scope: [a]}\n",
     "2:47: scope: expected dimension=value[,dimension=value], such as model=gpt-x"},
    {"slos:\n- {name: s, availability: 99%, scope: 'model=a,team=b,key=c,route=d,stage=e'}\n",
     "2:39: scope: stage is the fifth condition, at most 4 are read"},
    {SOURCE "topology:\n- {from: stage a, to: stage a}\n", "5:23: to: 'stage a' cannot call itself"},
    {SOURCE "topology:\n- {from: stage a}\n", "5:3: to is missing: the component that it calls"},
    {"authority: x\n", "1:12: authority: expected a list, each item beginning with '- '"},
    {"authority: [a]\n", "1:13: authority[]: expected keys and values, such as signal: ..."},
    {"authority:\n- {signal: [a], source: b}\n", "2:12: signal: expected a signal like requests, or all"},
    {SOURCE "  headers: x\n", "4:12: headers: expected a list, each item beginning with '- '"},
    {SOURCE "  headers: [{name: X-A, value: a, env: B}]\n", "4:13: headers: names more than one origin: one of value, file, env, command"},
    {SOURCE "  ca_file: \"a\\tb\"\n", "4:12: ca_file: a control character is not allowed"},
    {"defaults: x\n", "1:11: defaults: expected keys and values, such as source: ..."},
    {"defaults:\n  source: {headers: [{name: Host, value: x}]}\n", "2:29: headers: 'Host' is set by gwtop itself"},
    {"bindings: [a]\n", "1:11: bindings: expected at most 200 lines of the form action: key"},
    {"a: [\n", "2:1: did not find expected node content while parsing a flow node"},
    {"- a\n", "1:1: expected keys and values, such as sources: ..."},
};

START_TEST(exact_refusals)
{
    const struct refusal *r = &refusals[_i];
    char want[512];
    struct config untouched = {.path = "mark"};
    snprintf(want, sizeof want, "gwtop.yaml:%s", r->message);
    ck_assert_msg(config_parse(str_of(r->text), "gwtop.yaml", &untouched, &ctx) == ERR_CONFIG, "accepted: %s", r->text);
    ck_assert_str_eq(ctx.text, want);
    ck_assert_str_eq(untouched.path, "mark");
}
END_TEST

START_TEST(a_secret_is_never_echoed)
{
    ck_assert_int_eq(config_parse(str_of(SOURCE "  bearer: sk-very-secret\n  headers:\n  - {name: api-key, value: sk-very-secret}\n"),
                                  "gwtop.yaml", &cfg, &ctx),
                     ERR_CONFIG);
    ck_assert_ptr_null(strstr(ctx.text, "very-secret"));
}
END_TEST

START_TEST(three_lines_are_enough)
{
    accept("sources:\n  - name: litellm\n    metrics: http://127.0.0.1:4000/metrics/\n");
    const struct config_source *s = &cfg.sources[0];
    ck_assert_uint_eq(cfg.source_count, 1);
    ck_assert_str_eq(s->name, "litellm");
    ck_assert_str_eq(s->gateway, "litellm");
    ck_assert_str_eq(cfg.gateway, "litellm");
    ck_assert_int_eq(s->kind, SOURCE_METRICS);
    ck_assert_ptr_null(s->profile);
    ck_assert_int_eq(s->interval_ms, 15000);
    ck_assert_int_eq(s->timeout_ms, 10000);
    ck_assert_int_eq(s->max_body_bytes, 64000000);
    ck_assert_uint_eq(s->max_series, 100000);
    ck_assert_uint_eq(s->line, 2);
    ck_assert_str_eq(cfg.store, "/state/gwtop/gwtop.db");
    ck_assert_str_eq(cfg.theme, "default");
    ck_assert_str_eq(cfg.glyphs, "auto");
    ck_assert(cfg.color && !cfg.mouse && !cfg.mask_names);
    ck_assert_int_eq(cfg.linger_ms, 12 * 3600000);
    ck_assert_int_eq(cfg.keep_raw_ms, INT64_C(14) * 86400000);
    ck_assert_int_eq(cfg.max_store_bytes, INT64_C(20000000000));
    ck_assert_double_eq(cfg.requests_per_second, 5);
}
END_TEST

START_TEST(evaluation_systems_and_what_scores_mean)
{
    accept(LANGFUSE "- {name: b, phoenix: 'http://127.0.0.1:6006', project: p, interval: 5s, revisit: 2d}\n"
                    "scores:\n- {name: stars, min: 1, max: 5, bad: 3}\n- {name: tox, better: lower}\n- {name: tone, bad_labels: 'a, b'}\n");
    const struct config_source *l = &cfg.sources[0], *p = &cfg.sources[1];
    ck_assert_int_eq(l->kind, SOURCE_LANGFUSE);
    ck_assert_str_eq(l->user, "pk");
    ck_assert_str_eq(l->password.env, "X");
    ck_assert_int_eq(l->interval_ms, 60000);
    ck_assert_int_eq(l->revisit_ms, 86400000);
    ck_assert_int_eq(p->kind, SOURCE_PHOENIX);
    ck_assert_str_eq(p->project, "p");
    ck_assert_int_eq(p->interval_ms, 5000);
    ck_assert_int_eq(p->revisit_ms, 2 * 86400000);
    ck_assert_uint_eq(cfg.score_count, 3);
    ck_assert_double_eq(cfg.scores[0].min, 1);
    ck_assert_double_eq(cfg.scores[0].bad, 3);
    ck_assert_int_eq(cfg.scores[0].better, SCORE_UNTOLD);
    ck_assert_int_eq(cfg.scores[1].better, SCORE_LOWER);
    ck_assert(isnan(cfg.scores[1].max) && isnan(cfg.scores[1].bad));
    ck_assert_str_eq(cfg.scores[2].bad_labels, "a, b");
    accept("defaults: {source: {interval: 30s}}\n" LANGFUSE);
    ck_assert_int_eq(cfg.sources[0].interval_ms, 30000);
}
END_TEST

START_TEST(sources_of_changes)
{
    accept("gateway: eu\nsources:\n- {name: f, changes: c.jsonl, labels: [{label: env=prod, scope: 'model=m,team=t', kind: config}]}\n"
           "- {name: g, grafana: 'https://g', only: [deploy, a b]}\n- {name: s, status_page: 'https://s', provider: openai}\n"
           "- {name: s2, status_page: 'https://s', provider: azure, interval: 5m}\n");
    ck_assert_uint_eq(cfg.source_count, 4);
    const struct config_source *f = &cfg.sources[0], *g = &cfg.sources[1];
    ck_assert_int_eq(f->kind, SOURCE_CHANGES);
    ck_assert_str_eq(f->url, "/dir/c.jsonl");
    ck_assert_int_eq(f->interval_ms, 15000);
    ck_assert_uint_eq(f->label_count, 1);
    ck_assert_str_eq(f->labels[0].label, "env=prod");
    ck_assert_int_eq(config_label_kind(&f->labels[0]), EVENT_CONFIG);
    ck_assert_uint_eq(f->labels[0].scope_count, 2);
    ck_assert_int_eq(g->interval_ms, 60000); /* a listing */
    ck_assert_uint_eq(g->only_count, 2);
    ck_assert_str_eq(g->only[1], "a b");
    ck_assert_str_eq(cfg.sources[2].provider, "openai");
    ck_assert_int_eq(cfg.sources[3].interval_ms, 300000);
}
END_TEST

START_TEST(alert_systems)
{
    accept("sources:\n- {name: am, alertmanager: 'http://127.0.0.1:9093', match: 'team=\"llm\"', silences: true}\n"
           "- {name: pr, prometheus_rules: 'http://127.0.0.1:9090', page_severities: p1, quiet_severities: p5}\n"
           "- {name: pd, pagerduty: 'https://api.pagerduty.com', headers: [{name: Authorization, env: PD}]}\n"
           "- {name: oc, grafana_oncall: 'https://oncall.example', interval: 20s}\n");
    const struct config_source *am = &cfg.sources[0], *pr = &cfg.sources[1];
    ck_assert_int_eq(am->kind, SOURCE_ALERTMANAGER);
    ck_assert_str_eq(am->match, "team=\"llm\"");
    ck_assert_str_eq(am->page_severities, "page, critical");
    ck_assert_str_eq(am->quiet_severities, "none, info");
    ck_assert_int_eq(am->interval_ms, 15000);
    ck_assert(am->silences && !pr->silences);
    ck_assert_int_eq(pr->kind, SOURCE_PROMETHEUS_RULES);
    ck_assert_str_eq(pr->page_severities, "p1");
    ck_assert_int_eq(cfg.sources[2].kind, SOURCE_PAGERDUTY);
    ck_assert_int_eq(cfg.sources[2].interval_ms, 60000);
    ck_assert_int_eq(cfg.sources[3].kind, SOURCE_ONCALL);
    ck_assert_int_eq(cfg.sources[3].interval_ms, 20000);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert(source_kind_alerts(cfg.sources[i].kind) && !source_kind_scores(cfg.sources[i].kind));
}
END_TEST

START_TEST(everything_at_once)
{
    accept("gateway: demo\n"
           "store: data/x.db\n"
           "requests_per_second: 2.5\n"
           "keep: {raw: 7d}\n"
           "max_store: 500MB\n"
           "linger: 0s\n"
           "theme: ./my.yaml\n"
           "glyphs: braille\n"
           "mouse: true\ncolor: false\nmask_names: true\n"
           "profile_dir: ~/profiles\n"
           "bindings: {quit: x, refresh: F5}\n"
           "defaults:\n  source: {interval: 30s, lag: 1m}\n  slo: {period: 7d}\n  budget: {period: week}\n"
           "sources:\n"
           "- name: litellm\n  metrics: https://gw.example/metrics/\n  interval: 5s\n  bearer: {file: token}\n  ca_file: /etc/ca.pem\n"
           "  headers: [{name: X-Scope-OrgID, value: a|b}, {name: X-Key, command: pass gw}]\n"
           "- name: prom\n  prometheus: http://127.0.0.1:9090/\n  gateway: other\n  backfill: 36h\n  match: 'job=\"litellm\", "
           "env=~\"p.*\"'\n  profile: litellm\n"
           "slos:\n"
           "- {name: gpt-x availability, scope: model=gpt-x, availability: 99.9%, period: 30d}\n"
           "- {name: fast, latency: {signal: ttft, objective: 95%, threshold: 2s}}\n"
           "budgets:\n- {name: all, limit: 120000 USD, period: month}\n- {name: search, limit: $1.5, scope: 'team=search,key=a'}\n"
           "authority:\n- {signal: requests, gateway: x, source: prom}\n- {signal: all, source: litellm}\n");
    const struct config_source *l = &cfg.sources[0], *p = &cfg.sources[1];
    ck_assert_str_eq(cfg.store, "/dir/data/x.db");
    ck_assert_str_eq(cfg.profile_dir, "/home/op/profiles");
    ck_assert_str_eq(cfg.gateway, "demo");
    ck_assert_str_eq(l->gateway, "demo");
    ck_assert_str_eq(p->gateway, "other");
    ck_assert_int_eq(l->interval_ms, 5000);
    ck_assert_int_eq(p->interval_ms, 30000);
    ck_assert_int_eq(p->lag_ms, 60000);
    ck_assert_int_eq(p->backfill_ms, 36 * 3600000);
    ck_assert_str_eq(p->match, "job=\"litellm\", env=~\"p.*\"");
    ck_assert_int_eq(p->kind, SOURCE_PROMETHEUS);
    ck_assert_str_eq(l->bearer.file, "/dir/token");
    ck_assert_ptr_null(l->bearer.env);
    ck_assert_uint_eq(l->header_count, 2);
    ck_assert_str_eq(l->header[0].value, "a|b");
    ck_assert_str_eq(l->header[1].secret.command, "pass gw");
    ck_assert_double_eq(cfg.slos[0].objective, 0.999);
    ck_assert_int_eq(cfg.slos[0].period_ms, INT64_C(30) * 86400000);
    ck_assert_uint_eq(cfg.slos[0].scope_count, 1);
    ck_assert_int_eq(cfg.slos[0].scope[0].dim, DIM_MODEL);
    ck_assert_str_eq(cfg.slos[0].scope[0].value, "gpt-x");
    ck_assert_int_eq(cfg.slos[1].kind, SLO_LATENCY);
    ck_assert_int_eq(cfg.slos[1].signal, SIG_TTFT);
    ck_assert_double_eq(cfg.slos[1].threshold, 2);
    ck_assert_int_eq(cfg.slos[1].period_ms, INT64_C(7) * 86400000);
    ck_assert_uint_eq(cfg.slos[1].scope_count, 0);
    ck_assert_int_eq(cfg.budgets[0].limit_nusd, INT64_C(120000000000000));
    ck_assert_int_eq(cfg.budgets[0].period, PERIOD_MONTH);
    ck_assert_int_eq(cfg.budgets[1].limit_nusd, INT64_C(1500000000));
    ck_assert_int_eq(cfg.budgets[1].period, PERIOD_WEEK);
    ck_assert_uint_eq(cfg.budgets[1].scope_count, 2);
    ck_assert_int_eq(cfg.budgets[1].scope[1].dim, DIM_KEY);
    ck_assert(!cfg.authorities[0].all_signals && cfg.authorities[0].signal == SIG_REQUESTS);
    ck_assert_str_eq(cfg.authorities[0].gateway, "x");
    ck_assert(cfg.authorities[1].all_signals);
    ck_assert_str_eq(cfg.authorities[1].gateway, "demo");
    ck_assert_uint_eq(cfg.binding_count, 2);
    ck_assert_str_eq(cfg.bindings[1].action, "refresh");
    ck_assert_str_eq(cfg.bindings[1].key, "F5");
}
END_TEST

START_TEST(secrets_of_the_defaults)
{
    accept("defaults:\n  source:\n    bearer: {env: ALL}\n    headers: [{name: X-Scope-OrgID, value: prod}]\n"
           "sources:\n- {name: a, metrics: 'https://a/'}\n- {name: b, metrics: 'https://b/', bearer: {file: /t}, headers: [{name: X-Key, "
           "env: K}]}\n");
    ck_assert_str_eq(cfg.sources[0].bearer.env, "ALL");
    ck_assert_uint_eq(cfg.sources[0].header_count, 1);
    ck_assert_str_eq(cfg.sources[0].header[0].value, "prod");
    ck_assert_ptr_null(cfg.sources[1].bearer.env);
    ck_assert_str_eq(cfg.sources[1].bearer.file, "/t");
    ck_assert_uint_eq(cfg.sources[1].header_count, 1);
    ck_assert_str_eq(cfg.sources[1].header[0].secret.env, "K");
    /* a secret that comes from the defaults is no more to be sent in clear text than one's own */
    ck_assert_int_eq(config_parse(str_of("defaults: {source: {bearer: {env: T}}}\nsources:\n- {name: a, metrics: 'http://a/'}\n"),
                                  "gwtop.yaml", &cfg, &ctx),
                     ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "gwtop.yaml:3:22: this source would send a secret over http"));
}
END_TEST

START_TEST(home_is_needed_for_a_tilde)
{
    unsetenv("HOME");
    ck_assert_int_eq(config_parse(str_of("profile_dir: ~/p\n"), "gwtop.yaml", &cfg, &ctx), ERR_CONFIG);
    ck_assert_str_eq(ctx.text, "gwtop.yaml:1:14: profile_dir: ~/ needs HOME to be set");
}
END_TEST

START_TEST(same_api_for_two_tenants)
{
    accept("sources:\n- {name: a, prometheus: 'http://127.0.0.1:9090', match: 'job=\"a\"'}\n- {name: b, prometheus: "
           "'http://127.0.0.1:9090', match: 'job=\"b\"'}\n");
    ck_assert_uint_eq(cfg.source_count, 2);
    ck_assert_int_eq(config_parse(str_of("sources:\n- {name: a, prometheus: 'http://H:9090'}\n- {name: b, prometheus: 'http://h:9090/'}\n"),
                                  "gwtop.yaml", &cfg, &ctx),
                     ERR_CONFIG);
    ck_assert_str_eq(ctx.text, "gwtop.yaml:3:25: the source on line 2 reads the same address: everything would count twice");
}
END_TEST

START_TEST(addresses)
{
    static const struct {
        const char *url;
        bool good;
    } rows[] = {
        {"http://127.0.0.1:4000/metrics/", true},
        {"https://gw.example", true},
        {"http://[::1]:9090/x?y=1", true},
        {"http://h:65535/", true},
        {"ftp://h/", false},
        {"http://", false},
        {"http:///metrics", false},
        {"http://u:p@h/", false},
        {"http://u@h/", false},
        {"http://h:0/", false},
        {"http://h:65536/", false},
        {"http://h:/", false},
        {"http://h:4000x/", false},
        {"http://h/#f", false},
        {"http://h/a b", false},
        {"http://h/\x7f", false},
        {"http://h/\xc3\xa9", false},
        {"http://[::1/", false},
        {"http://a\"b/", false},
        {"http://h/?q=a@b", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg((url_fault(str_of(rows[i].url)) == NULL) == rows[i].good, "%s", rows[i].url);
    char longest[2100] = "http://h/";
    memset(longest + 9, 'a', 2050);
    ck_assert_ptr_nonnull(url_fault(str_of(longest)));
    ck_assert(url_is_plaintext_remote("http://gw:4000/"));
    ck_assert(url_is_plaintext_remote("http://localhost.evil.example/"));
    ck_assert(!url_is_plaintext_remote("https://gw/"));
    ck_assert(!url_is_plaintext_remote("http://localhost:4000/"));
    ck_assert(!url_is_plaintext_remote("http://127.0.0.1/"));
    ck_assert(!url_is_plaintext_remote("http://[::1]:1/"));
}
END_TEST

START_TEST(nearest)
{
    struct arena a;
    arena_init(&a, 4096);
    ck_assert_str_eq(nearest_name(&a, str_of("modle"), "model|team"), "model");
    ck_assert_str_eq(nearest_name(&a, str_of("MAX-BODY"), "max_body|max_series"), "max_body");
    ck_assert_ptr_null(nearest_name(&a, str_of("zzz"), "model|team"));
    ck_assert_ptr_null(nearest_name(&a, str_of(""), "model"));
    arena_fini(&a);
}
END_TEST

struct found {
    size_t count, warnings;
    uint32_t last_line;
    bool ordered;
    char text[2000];
};

static void collect(void *p, const struct config_finding *f)
{
    struct found *found = p;
    found->ordered = found->ordered && f->line >= found->last_line;
    found->last_line = f->line;
    found->count++;
    found->warnings += f->is_warning;
    size_t n = strlen(found->text);
    snprintf(found->text + n, sizeof found->text - n, "%u:%u %s\n", f->line, f->column, f->text);
}

START_TEST(check_reports_all)
{
    struct found f = {.ordered = true};
    size_t n = config_check(str_of("glyphs: x\nsources:\n- name: a\n  metrics: ftp://x\n  interval: 5\n- {name: b, metrics: 'https://h/', "
                                   "insecure_tls: true}\nmouse: 1\n"),
                            "gwtop.yaml", collect, &f);
    ck_assert_uint_eq(n, f.count);
    ck_assert_str_eq(f.text,
                     "1:1 no slos: nothing can page; gwtop init --slo proposes some\n"
                     "1:9 glyphs: expected one of auto, ascii, box, block, braille, got 'x'\n"
                     "4:12 metrics: expected an address like http://127.0.0.1:4000/metrics/: it must begin with http:// or https://\n"
                     "5:13 interval: expected a duration like 15s, got '5'\n"
                     "6:50 insecure_tls: whoever stands between can read and change what 'b' answers\n"
                     "7:8 mouse: expected true or false, got '1'\n");
    ck_assert_uint_eq(f.warnings, 2);
    ck_assert(f.ordered);
    f = (struct found){.ordered = true};
    ck_assert_uint_eq(config_check(str_of("a: [\n"), "gwtop.yaml", collect, &f), 1);
    ck_assert_str_eq(f.text, "2:1 did not find expected node content while parsing a flow node\n");
}
END_TEST

START_TEST(findings_are_capped_but_counted)
{
    char *text = malloc(100000), *p = text;
    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < 1000; i++)
        p += sprintf(p, "nonsense%d: 1\n", i);
    struct found f = {.ordered = true};
    ck_assert_uint_eq(config_check(str_of(text), "gwtop.yaml", collect, &f), FINDINGS_MAX);
    ck_assert_int_eq(config_parse(str_of(text), "gwtop.yaml", &cfg, &ctx), ERR_CONFIG);
    free(text);
}
END_TEST

START_TEST(slos_as_json)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    accept("slos:\n- {name: \"a \\\"b\\\"\", scope: 'model=x', availability: 99.9%}\n- {name: l, latency: {signal: e2e, objective: 95%, "
           "threshold: 500ms}}\n");
    ck_assert_int_eq(config_slos_to_json(cfg.slos, cfg.slo_count, &b), ERR_OK);
    ck_assert_str_eq(b.data, "[{\"name\":\"a "
                             "\\\"b\\\"\",\"kind\":\"availability\",\"objective\":0.999,\"period_ms\":2592000000,\"scope\":[{\"dim\":"
                             "\"model\",\"value\":\"x\"}]},"
                             "{\"name\":\"l\",\"kind\":\"latency\",\"objective\":0.95,\"period_ms\":2592000000,\"signal\":\"e2e\","
                             "\"threshold\":0.5,\"scope\":[]}]");
    buf_fini(&b);
}
END_TEST

START_TEST(topology_to_json)
{
    struct buf b;
    buf_init(&b, 4096);
    ck_assert_int_eq(config_parse(str_of(SOURCE "topology:\n- {from: stage retrieval, to: vector store q}\n"), "t", &cfg, &ctx), ERR_OK);
    ck_assert_int_eq(config_topology_to_json(cfg.topology, cfg.topology_count, &b), ERR_OK);
    ck_assert(str_eq_z(buf_str(&b), "[{\"from\":\"stage retrieval\",\"to\":\"vector store q\"}]"));
    buf_fini(&b);
    config_fini(&cfg);
}
END_TEST

START_TEST(budgets_to_json)
{
    static const struct {
        int period;
        int64_t at_s, from_s, to_s;
    } rows[] = {
        {PERIOD_DAY, 1709164800 + 3600, 1709164800, 1709251200},   /* 29 Feb 2024 */
        {PERIOD_MONTH, 1709164800, 1706745600, 1709251200},        /* of 29 days */
        {PERIOD_MONTH, 1709251200, 1709251200, 1711929600},        /* its end is March's first instant */
        {PERIOD_WEEK, 1709164800, 1708905600, 1708905600 + 604800} /* a Thursday; Monday the 26th */
    };
    struct buf b;
    accept("budgets:\n- {name: all, limit: 12.5 USD, period: month}\n- {name: k, scope: key=x, limit: 1 USD, period: day}\n");
    buf_init(&b, 4096);
    ck_assert_int_eq(config_budgets_to_json(cfg.budgets, cfg.budget_count, &b), ERR_OK);
    ck_assert_str_eq(b.data,
                     "[{\"name\":\"all\",\"limit_nusd\":12500000000,\"period\":\"month\",\"scope\":[]},"
                     "{\"name\":\"k\",\"limit_nusd\":1000000000,\"period\":\"day\",\"scope\":[{\"dim\":\"key\",\"value\":\"x\"}]}]");
    buf_fini(&b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config_budget budget = cfg.budgets[0];
        int64_t from, to;
        budget.period = rows[i].period;
        config_budget_period(&budget, rows[i].at_s * 1000, &from, &to);
        ck_assert_int_eq(from, rows[i].from_s * 1000);
        ck_assert_int_eq(to, rows[i].to_s * 1000);
    }
}
END_TEST

/* ---- files ---- */

static char dir[64];

static void setup_dir(void)
{
    setup();
    strcpy(dir, "/tmp/gwtop-config-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static const char *put(const char *name, const char *text, mode_t mode)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    fclose(f);
    ck_assert_int_eq(chmod(path, mode), 0);
    return path;
}

static void teardown_dir(void)
{
    char command[128];
    config_fini(&cfg);
    snprintf(command, sizeof command, "rm -r %s", dir);
    ck_assert_int_eq(system(command), 0);
}

#define COMMAND SOURCE "  bearer: {command: pass x}\n"

START_TEST(file_modes)
{
    bool found = false;
    char want[300];
    const char *path = put("gwtop.yaml", SOURCE, 0644);
    ck_assert_int_eq(config_load(path, &cfg, &found, &ctx), ERR_OK);
    ck_assert(found);
    ck_assert_str_eq(cfg.path, path);
    config_fini(&cfg);
    memset(&cfg, 0, sizeof cfg);
    path = put("gwtop.yaml", SOURCE, 0646);
    ck_assert_int_eq(config_load(path, &cfg, &found, &ctx), ERR_CONFIG);
    snprintf(want, sizeof want, "%s: others can write it; run chmod o-w %s", path, path);
    ck_assert_str_eq(ctx.text, want);
    path = put("gwtop.yaml", COMMAND, 0644);
    ck_assert_int_eq(config_load(path, &cfg, &found, &ctx), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "others can read it, and it holds a command"));
    path = put("gwtop.yaml", COMMAND, 0640);
    ck_assert_int_eq(config_load(path, &cfg, &found, &ctx), ERR_OK);
}
END_TEST

START_TEST(not_a_file)
{
    bool found = false;
    char path[128];
    ck_assert_int_eq(config_load(dir, &cfg, &found, &ctx), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, ": not a file"));
    snprintf(path, sizeof path, "%s/fifo", dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(config_load(path, &cfg, &found, &ctx), ERR_CONFIG); /* and does not wait for a writer */
    snprintf(path, sizeof path, "%s/none.yaml", dir);
    ck_assert_int_eq(config_load(path, &cfg, &found, &ctx), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "none.yaml: No such file or directory"));
}
END_TEST

START_TEST(search_order)
{
    bool found = true;
    char path[128];
    setenv("XDG_CONFIG_HOME", dir, 1);
    if (access("/etc/gwtop/gwtop.yaml", F_OK) != 0) { /* on a machine where gwtop is installed this step has nothing to show */
        ck_assert_int_eq(config_load(NULL, &cfg, &found, &ctx), ERR_OK);
        ck_assert(!found);
        ck_assert_uint_eq(cfg.source_count, 0);
        ck_assert_ptr_null(cfg.path);
        ck_assert_ptr_nonnull(cfg.store);
        config_fini(&cfg);
    }
    snprintf(path, sizeof path, "%s/gwtop", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    put("gwtop/gwtop.yaml", "gateway: from-xdg\n", 0600);
    ck_assert_int_eq(config_load(NULL, &cfg, &found, &ctx), ERR_OK);
    ck_assert(found);
    ck_assert_str_eq(cfg.gateway, "from-xdg");
    ck_assert_str_eq(cfg.store, "/state/gwtop/gwtop.db");
    config_fini(&cfg);
    memset(&cfg, 0, sizeof cfg);
    setenv("GWTOP_CONFIG", put("named.yaml", "gateway: named\n", 0600), 1);
    ck_assert_int_eq(config_load(NULL, &cfg, &found, &ctx), ERR_OK);
    ck_assert_str_eq(cfg.gateway, "named");
    config_fini(&cfg);
    memset(&cfg, 0, sizeof cfg);
    setenv("GWTOP_CONFIG", "/nonexistent/gwtop.yaml", 1); /* named, so its absence is an error */
    ck_assert_int_eq(config_load(NULL, &cfg, &found, &ctx), ERR_CONFIG);
}
END_TEST

START_TEST(where_the_store_is)
{
    char out[LOCATE_PATH_MAX];
    unsetenv("XDG_STATE_HOME");
    ck_assert_int_eq(locate_own_store(out, sizeof out, &ctx), ERR_OK);
    ck_assert_str_eq(out, "/home/op/.local/state/gwtop/gwtop.db");
    setenv("XDG_STATE_HOME", "relative", 1); /* to be ignored, says the specification */
    ck_assert_int_eq(locate_own_store(out, sizeof out, &ctx), ERR_OK);
    ck_assert_str_eq(out, "/home/op/.local/state/gwtop/gwtop.db");
    ck_assert_int_eq(locate_own_store(out, 10, &ctx), ERR_LIMIT);
    unsetenv("HOME");
    ck_assert_int_eq(locate_own_store(out, sizeof out, &ctx), ERR_CONFIG);
    ck_assert_int_eq(config_parse(str_of("store: /x/y.db\n"), "gwtop.yaml", &cfg, &ctx), ERR_OK);
    ck_assert_str_eq(cfg.store, "/x/y.db");
    config_fini(&cfg);
    ck_assert_int_eq(config_parse(str_of("linger: 1h\n"), "/etc/gwtop/gwtop.yaml", &cfg, &ctx), ERR_OK);
    ck_assert_str_eq(cfg.store, "/var/lib/gwtop/gwtop.db");
}
END_TEST

Suite *suite_config(void);

Suite *suite_config(void)
{
    Suite *s = suite_create("config");
    TCase *t = tcase_create("text");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, exact_refusals, 0, (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_test(t, a_secret_is_never_echoed);
    tcase_add_test(t, three_lines_are_enough);
    tcase_add_test(t, evaluation_systems_and_what_scores_mean);
    tcase_add_test(t, sources_of_changes);
    tcase_add_test(t, alert_systems);
    tcase_add_test(t, everything_at_once);
    tcase_add_test(t, secrets_of_the_defaults);
    tcase_add_test(t, home_is_needed_for_a_tilde);
    tcase_add_test(t, same_api_for_two_tenants);
    tcase_add_test(t, addresses);
    tcase_add_test(t, nearest);
    tcase_add_test(t, check_reports_all);
    tcase_add_test(t, findings_are_capped_but_counted);
    tcase_add_test(t, slos_as_json);
    tcase_add_test(t, budgets_to_json);
    tcase_add_test(t, topology_to_json);
    suite_add_tcase(s, t);
    TCase *f = tcase_create("files");
    tcase_add_checked_fixture(f, setup_dir, teardown_dir);
    tcase_add_test(f, file_modes);
    tcase_add_test(f, not_a_file);
    tcase_add_test(f, search_order);
    tcase_add_test(f, where_the_store_is);
    suite_add_tcase(s, f);
    return s;
}
