/* SPDX-License-Identifier: MIT */
#include "panes/fake_views.h"

#include <math.h>
#include <stdlib.h>

enum { MANY = 80 };

static void *array(struct fake *f, size_t count, size_t size)
{
    void *p = arena_array(&f->arena, count, size);
    if (!p) {
        abort();
    }
    return p;
}

static bool calm(const struct fake *f)
{
    return f->kind == FAKE_CALM;
}

static const char *name_of(struct fake *f, const char *name, size_t i)
{
    return f->kind == FAKE_OVERFLOW ? arena_printf(&f->arena, "%s-with-a-rather-long-name-\xe9\xa9\x97-%zu", name, i) : name;
}

/* A row of each state, worst first; two more of which none was ever bad. */
void fake_build_quality(struct fake *f)
{
    struct view_quality *v = &f->quality;
    static const struct {
        enum quality_kind kind;
        const char *name, *scope;
        double now, base;
        enum quality_state state;
        double evidence;
        const char *missing, *why, *canary;
        double detectable;
        uint64_t n;
    } rows[] = {
        {QUALITY_SCORE, "json_valid", "gpt-x", 94.1, 98.9, QUALITY_DRIFT, 1.21, "", "", "", -1.3, 812},
        {QUALITY_SCORE, "tool_call_ok@v2", "gpt-x", 94.8, 97.2, QUALITY_WATCHING, 0.72, "", "", "", -3.1, 406},
        {QUALITY_SHARE, "answers cut at their length", "qwen-72b", 31, 30.4, QUALITY_MIX, 0.31, "",
         "traffic changed 24 Nov 01:40Z, no model: route /v1/extract 6.0 -> 31 % of them; within each route nothing changed beyond chance "
         "(p 0.4)",
         "", 2.4, 1900},
        {QUALITY_SCORE, "refusal", "gpt-x", 2.1, 1.7, QUALITY_QUIET, -0.4, "", "", "", 2.2, 812},
        {QUALITY_CANARY, "basics", "gpt-x", 91.7, (double)NAN, QUALITY_QUIET, (double)NAN, "", "",
         "basics (gpt-x): ran 4m ago, 11 of 12 passed; next in 56m; $0.0021 of $0.50 a day spent, up to $0.09 a day expected", (double)NAN,
         12},
        {QUALITY_SCORE, "judge", "gpt-x", (double)NAN, 84, QUALITY_STALE, (double)NAN, "no score in the last 15m", "", "", (double)NAN, 0},
        {QUALITY_SCORE, "json_valid", "claude-l", 100, 99.4, QUALITY_THIN, (double)NAN,
         "the baseline lacks 8 of 20 bad ones (n 2.1k), about 4h more at the present rate", "", "", (double)NAN, 12},
        {QUALITY_SHARE, "answers aborted", "qwen-72b", 0, 0, QUALITY_THIN, (double)NAN, "", "", "", (double)NAN, 1900},
        {QUALITY_SHARE, "answers aborted", "llama-8b", 0, 0, QUALITY_THIN, (double)NAN, "", "", "", (double)NAN, 700},
    };
    enum { COUNT = sizeof rows / sizeof *rows, NEVER = 2 };
    static const struct alert found = {
        .rule = "quality:json_valid", .scope = "model=gpt-x", .text = "json_valid of gpt-x fell 98.9 -> 94.1 %"};
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vquality_row *t = array(f, count, sizeof *t);
    for (size_t i = 0; i < count; i++) {
        size_t k = f->kind == FAKE_OVERFLOW ? i % (COUNT - NEVER) : i;
        bool drift = !calm(f) && rows[k].state == QUALITY_DRIFT, is_known = !isnan(rows[k].now) && !isnan(rows[k].base);
        double now = calm(f) && !isnan(rows[k].base) ? rows[k].base : rows[k].now;
        t[i] = (struct vquality_row){
            .kind = rows[k].kind,
            .name = name_of(f, rows[k].name, i),
            .judge = "",
            .scope = rows[k].scope,
            .label = arena_printf(&f->arena, "%s %s", name_of(f, rows[k].name, i), rows[k].scope),
            .now = fake_num(now, rows[k].n),
            .base = isnan(rows[k].base) ? fake_unknown() : fake_num(rows[k].base, 90000),
            .base_from_ms = isnan(rows[k].base) ? 0 : fake_clock(-20, 0, 0),
            .base_to_ms = isnan(rows[k].base) ? 0 : fake_clock(1, 30, 0),
            .state = calm(f) && k < 2 ? QUALITY_QUIET : rows[k].state,
            .usual_lo = isnan(rows[k].base) || rows[k].kind == QUALITY_CANARY ? (double)NAN : rows[k].base - 1.1,
            .usual_hi = isnan(rows[k].base) || rows[k].kind == QUALITY_CANARY ? (double)NAN : rows[k].base + 0.9,
            .finding = drift ? &found : NULL,
            .found = drift ? "json_valid of gpt-x fell 98.9 -> 94.1 % when found" : "",
            .onset = {.at_ms = drift ? fake_clock(3, 5, 10) : 0, .error_ms = drift ? 40000 : 0},
            .evidence = calm(f) && k < 2 ? 0.1 : rows[k].evidence,
            .effect = {.points = is_known ? now - rows[k].base : (double)NAN,
                       .lo = is_known ? now - rows[k].base - 1.7 : (double)NAN,
                       .hi = is_known ? now - rows[k].base + 1.4 : (double)NAN,
                       .n = 4 * rows[k].n,
                       .method = "Newcombe"},
            .since = {.points = (double)NAN, .lo = (double)NAN, .hi = (double)NAN, .method = ""},
            .test = rows[k].kind == QUALITY_CANARY
                        ? ""
                        : "e-detector: on average at most 1 false alarm in 12M samples; 2 in 30 d over 38 streams",
            .missing = rows[k].missing,
            .detectable = rows[k].detectable,
            .detectable_most = 1.4 * rows[k].detectable,
            .per_hour = 4 * rows[k].n,
            .why = rows[k].why,
            .beside = "",
            .explain = drift ? "03:05:02Z gpt-x answers as gpt-x-2026-11-20 for the first time" : "",
            .canary = rows[k].canary,
            .strip = fake_strip(f, isnan(rows[k].base) ? 100 : rows[k].base, now, fake_clock(3, 5, 10), 0.01, 130 + (unsigned)k),
            .evidence_strip = fake_strip(f, isnan(rows[k].evidence) ? (double)NAN : 0.2, calm(f) ? 0.1 : rows[k].evidence,
                                         fake_clock(3, 5, 10), 0.1, 160 + (unsigned)k)};
        t[i].evidence_strip.threshold = 1;
        t[i].evidence_strip.threshold_text = "alarm at 1";
    }
    v->rows = t;
    v->row_count = count;
    v->never_bad = f->kind == FAKE_OVERFLOW ? 0 : NEVER;
    v->never_text = v->never_bad > 0 ? "none bad in 24h: answers aborted qwen-72b, llama-8b" : "";
    v->sentence =
        calm(f) ? "no drift in 4 of 6 streams, 1 too thin to judge; on average at most 2 false alarms in 30 d over 38 streams; 1 of 1 "
                  "canary quiet"
                : "json_valid of gpt-x fell 98.9 -> 94.1 % when found, since 03:05:10Z +-40s (9m12s): 94.1% in the last 15m (n 812), "
                  "baseline 98.9%";
}

void fake_build_events(struct fake *f)
{
    static const struct {
        int h, m, s;
        enum event_kind kind;
        const char *scope, *text, *source;
    } all[] = {
        {3, 9, 0, EVENT_PAGE, "model=gpt-x", "PagerDuty: on-call notified, no answer", "pagerduty"},
        {3, 7, 2, EVENT_PAGE, "model=gpt-x", "page: budget burn 14.4x over 1h and 5m", "gwtop"},
        {3, 6, 55, EVENT_FALLBACK, "model=gpt-x", "fallback to azure/gpt-x begins", "litellm"},
        {3, 6, 40, EVENT_ERRORS, "provider=openai", "openai 5xx onset, +-15s", "gwtop"},
        {3, 5, 10, EVENT_QUALITY, "model=gpt-x", "json valid drifts, onset +-40s, n 812", "gwtop"},
        {3, 2, 10, EVENT_CONFIG, "", "litellm config 9f3c > a102, by deploy-bot", "litellm"},
        {2, 58, 0, EVENT_KEY, "key=f31a", "key f31a (team agents) req/s x7", "gwtop"},
        {-5, 12, 0, EVENT_PRICE, "model=gpt-x", "price of output tokens 10.00 > 12.00 $/M", "gwtop"},
        {-9, 40, 0, EVENT_MODEL_VERSION, "model=qwen-72b", "qwen-72b-0911 > qwen-72b-1120", "vllm-a"},
        {-16, 2, 0, EVENT_RESTART, "", "vllm-b restarted", "vllm-b"},
    };
    enum { COUNT = sizeof all / sizeof *all };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY * 3 : COUNT;
    struct event *e = array(f, count, sizeof *e);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % COUNT;
        int64_t at = fake_clock(all[k].h, all[k].m, all[k].s) - (int64_t)(i / COUNT) * 86400000;
        if (at <= f->cursor_ms) {
            e[f->events.count++] = (struct event){.id = (int64_t)(count - i),
                                                  .at_ms = at,
                                                  .known_ms = at + 15000,
                                                  .kind = all[k].kind,
                                                  .scope = all[k].scope,
                                                  .text = all[k].text,
                                                  .source = all[k].source};
        }
    }
    f->events.events = e;
    f->events.t0_ms = f->now_ms - 86400000;
    f->events.t1_ms = f->now_ms;
    if (calm(f)) {
        f->events.count = 0;
    }
}

void fake_build_sources(struct fake *f)
{
    struct view_sources *v = &f->sources;
    static const struct source_status base[] = {
        {.id = 1,
         .name = "litellm",
         .kind = "metrics",
         .url = "http://10.2.0.4:4000/metrics/",
         .gateway = "prod-eu",
         .profile = "litellm",
         .state = SOURCE_PARTIAL,
         .interval_ms = 5000,
         .reason = "lacks 12 of 40 series of litellm_deployment_failure_responses_total since 03:07:15Z",
         .http_status = 200,
         .bytes = 812345,
         .duration_ms = 38,
         .series_seen = 4120,
         .series_kept = 3011,
         .series_dropped = 0,
         .families_unknown = 14,
         .warnings = 1,
         .warning = "line 4711: value 'NaN' of a counter",
         .polls_per_s = 0.2,
         .cert_expiry_ms = 0},
        {.id = 2,
         .name = "prometheus",
         .kind = "prometheus",
         .url = "https://prom.internal:9090",
         .gateway = "prod-eu",
         .profile = "litellm",
         .state = SOURCE_OK,
         .interval_ms = 15000,
         .reason = "",
         .http_status = 200,
         .bytes = 91234,
         .duration_ms = 120,
         .series_seen = 3020,
         .series_kept = 3011,
         .polls_per_s = 0.07,
         .cert_expiry_ms = 1},
        {.id = 3,
         .name = "vllm-a",
         .kind = "metrics",
         .url = "http://10.2.0.9:8000/metrics",
         .gateway = "prod-eu",
         .profile = "vllm",
         .state = SOURCE_SAWTOOTH,
         .interval_ms = 15000,
         .reason = "counters go up and down: several workers answer behind one port, so what is counted is not known; "
                   "set PROMETHEUS_MULTIPROC_DIR there, or scrape each worker",
         .http_status = 200,
         .bytes = 21034,
         .duration_ms = 4,
         .series_seen = 310,
         .series_kept = 240,
         .series_dropped = 12,
         .families_unknown = 3,
         .polls_per_s = 0.07},
        {.id = 4,
         .name = "langfuse",
         .kind = "metrics",
         .url = "https://langfuse.internal/metrics",
         .gateway = "prod-eu",
         .profile = "",
         .state = SOURCE_STALE,
         .interval_ms = 60000,
         .reason = "HTTP 504 Gateway Timeout since 03:05:20; next try in 48s",
         .http_status = 504,
         .bytes = 160,
         .duration_ms = 30000,
         .polls_per_s = 0.02,
         .warning = ""},
    };
    static const int64_t age[] = {4000, 9000, 4000, 540000};
    enum { COUNT = sizeof base / sizeof *base };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vsource *s = array(f, count, sizeof *s);
    for (size_t i = 0; i < count; i++) {
        s[i] = (struct vsource){
            .st = base[i % COUNT], .age_ms = age[i % COUNT], .gaps_24h = (uint32_t)(i % 3), .gap_ms_24h = (int64_t)(i % 3) * 95000};
        s[i].st.name = name_of(f, s[i].st.name, i);
        s[i].st.last_try_ms = f->now_ms - 4000;
        s[i].st.cert_expiry_ms = s[i].st.cert_expiry_ms ? f->now_ms + INT64_C(9) * 86400000 : 0;
        if (f->kind == FAKE_STALE) {
            s[i].st.state = SOURCE_DOWN;
            s[i].st.reason = "connection refused since 03:05:20; next try in 48s: is the gateway up, and the port right?";
            s[i].age_ms = 540000;
            s[i].st.http_status = 0;
        }
    }
    v->rows = s;
    v->row_count = count;
    struct vgap *g = array(f, 2, sizeof *g);
    g[0] = (struct vgap){"langfuse", "HTTP 504 Gateway Timeout", fake_clock(3, 5, 20), fake_clock(3, 14, 22)};
    g[1] = (struct vgap){"vllm-b", "connection refused: the engine restarted", fake_clock(-16, 2, 0), fake_clock(-16, 3, 35)};
    v->gaps = g;
    v->gap_count = 2;
    static const char *const authority[] = {"requests: litellm (also seen by prometheus, equal within 0.1%)",
                                            "waiting, running, KV cache: vllm-a, vllm-b"};
    v->authority = authority;
    v->authority_count = 2;
    static const struct vcanary canaries[] = {
        {{.name = "basics"},
         "basics (gpt-x): ran 4m ago, 11 of 12 passed; next in 56m; $0.0021 of $0.50 a day spent, up to $0.09 a day expected"},
        {{.name = "json"},
         "json (c-s): ran 9m ago, no verdict on any of 5 prompts; next in 51m; $0.0042 of $0.50 a day spent, up to $0.11 a day "
         "expected: 5 of 5 prompts have no verdict (429 1, not asked 4); first: https://gw.example/v1/chat/completions: status 429"},
    };
    v->canaries = canaries;
    v->canary_count = f->kind == FAKE_STALE ? 0 : 2;
    v->store_bytes = 41234567;
    v->wal_bytes = 131072;
    v->first_ms = fake_clock(-18, 2, 0);
    v->samples = 71234567;
    v->series = 3251;
    v->store_path = "/var/lib/gwtop/gwtop.db";
    v->recorder_text = "recorder 4711, running since 23 Nov 09:02Z, stays 12h after the last console; keeps raw data 14d";
}

void fake_build_incidents(struct fake *f)
{
    static const struct vincident list[] = {
        {{42, "openai/gpt-x errors", "model=gpt-x", SEV_PAGE, SEV_PAGE, INCIDENT_OPEN, INT64_C(1795489600000), INT64_C(1795489622000), 0, 0,
          0, 0, INT64_C(1795489622000), "", 0},
         "7m42s so far",
         "",
         3100,
         true,
         EXACT,
         .bad_text = "3.1k lost",
         .short_text = "7m42s",
         .onset_error = "",
         .from_ms = INT64_C(1795489600000),
         .from_by_ms = INT64_C(1795489600000),
         .to_ms = 0,
         .said_by = "",
         .next_step = "",
         .snooze_reason = "",
         .snoozed_by = "",
         .spend = {.v = 9.4, .exact = AT_LEAST},
         .rules = 2},
        {{41, "ttft of gpt-x", "model=gpt-x", SEV_TICKET, SEV_TICKET, INCIDENT_ACKNOWLEDGED, INT64_C(1795489610000), INT64_C(1795489720000),
          0, 0, 0, 0, INT64_C(1795489720000), "ana", 0},
         "7m32s so far",
         "watch",
         0,
         false,
         EXACT,
         .bad_text = "214 slow",
         .short_text = "7m32s",
         .onset_error = "",
         .from_ms = INT64_C(1795489610000),
         .from_by_ms = INT64_C(1795489610000),
         .to_ms = 0,
         .said_by = "ana",
         .said_ms = INT64_C(1795489800000),
         .next_step = "ask the provider",
         .snoozed_until_ms = INT64_C(1795493400000),
         .snooze_reason = "the provider has it",
         .snoozed_by = "ana",
         .spend = {.v = (double)NAN},
         .rules = 1},
        {{29, "openai 5xx, fallback", "provider=openai", SEV_PAGE, SEV_PAGE, INCIDENT_RESOLVED, INT64_C(1791966000000),
          INT64_C(1791966060000), INT64_C(1791969060000), 0, INT64_C(1791968460000), 15000, INT64_C(1791969660000), "bo", 0},
         "41m",
         "rerouted to azure by hand",
         1900,
         true,
         EXACT,
         .bad_text = "1.9k lost",
         .short_text = "41m",
         .onset_error = "",
         .from_ms = INT64_C(1791966000000),
         .from_by_ms = INT64_C(1791966000000),
         .to_ms = INT64_C(1791968460000),
         .said_by = "",
         .next_step = "",
         .snooze_reason = "",
         .snoozed_by = "",
         .spend = {.v = 61},
         .rules = 5},
    };
    static const struct vbar bars[] = {
        {"fail % gpt-x", "0.04 > 35.1", INT64_C(1795489600000), 0, SEV_PAGE},
        {"slo gpt-x 99.9 burn", "14.4x 1h+5m", INT64_C(1795489622000), 0, SEV_PAGE},
        {"fallback %", "0.2 > 58", INT64_C(1795489615000), 0, SEV_TICKET},
        {"ttft p95", "0.94 > 2.6 s", INT64_C(1795489640000), INT64_C(1795489720000), SEV_TICKET},
        {"ttft p95", "0.94 > 2.1 s", INT64_C(1795489780000), 0, SEV_TICKET},
        {"cost $/h", "172 > 371", INT64_C(1795489080000), 0, SEV_NONE},
        {"json valid %", "98.9 > 94.4", INT64_C(1795489510000), 0, SEV_TICKET},
    };
    static const char *const impact[] = {"requests lost      1,041 of 2.9k to gpt-x",
                                         "teams              4 of 8, the worst of them 74% of the failures",
                                         "money              >= $9.40 fallback surcharge",
                                         "error budget       29% used by this incident; 71% left",
                                         "detected / acked   22 s / not yet",
                                         "seen before        #29, 14 Oct: rerouted to azure by hand, over in 41m; 1 more"};
    struct view_incidents *v = &f->incidents;
    if (f->kind == FAKE_CALM) {
        return;
    }
    v->list = list;
    v->count = sizeof list / sizeof *list;
    if (f->kind == FAKE_OVERFLOW) {
        struct vincident *many = array(f, MANY, sizeof *many);
        for (size_t i = 0; i < MANY; i++) {
            many[i] = list[i % 3];
            many[i].in.id = (int64_t)(12345 - i);
        }
        many[0].note = "azure takes it";
        v->list = many;
        v->count = MANY;
    }
    f->incident = *v;
    struct view_incidents *d = &f->incident;
    d->detail = &v->list[0];
    d->selected = d->detail->in.id;
    d->bars = bars;
    d->bar_count = sizeof bars / sizeof *bars;
    d->timeline = f->overview.timeline;
    d->timeline_count = f->overview.timeline_count;
    d->suspects = f->overview.suspects;
    d->suspect_count = f->overview.suspect_count;
    d->pages = f->overview.pages;
    d->page_count = f->overview.page_count;
    d->hits = f->overview.hits;
    d->impact = impact;
    d->impact_count = sizeof impact / sizeof *impact;
    d->suspect_note = "";
    fake_build_story(f);
}
