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

static struct vrow signal_row(struct fake *f, const char *label, const char *unit, double before, double during, enum severity sev, unsigned seed)
{
    double now = calm(f) ? before : during;
    struct vrow r = {.label = label, .unit = unit, .now = fake_num(now, 12700), .then = fake_num(before, 12000), .over = (double)NAN};
    r.severity = calm(f) ? SEV_NONE : sev;
    r.now.stale = f->kind == FAKE_STALE;
    r.strip = fake_strip(f, before, now, fake_clock(3, 6, 40), 0.1, seed);
    return r;
}

static void build_traffic(struct fake *f)
{
    struct view_traffic *v = &f->traffic;
    struct vrow *r = array(f, 12, sizeof *r);
    size_t n = 0;
    r[n++] = signal_row(f, "req/s", "/s", 41, 42.3, SEV_NONE, 51);
    r[n++] = signal_row(f, "fail %", "%", 0.03, 15.6, SEV_PAGE, 52);
    r[n] = signal_row(f, "5xx %", "%", 0.01, 14.9, SEV_PAGE, 53);
    r[n++].sub = true;
    r[n] = signal_row(f, "429 %", "%", 0.02, 0.6, SEV_NONE, 54);
    r[n++].sub = true;
    r[n] = signal_row(f, "timeout %", "%", 0.0, 0.1, SEV_NONE, 55);
    r[n++].sub = true;
    r[n++] = signal_row(f, "attempts/s", "/s", 41.5, 66.0, SEV_NONE, 56);
    r[n++] = signal_row(f, "attempt fail %", "%", 0.1, 41.0, SEV_TICKET, 57);
    r[n++] = signal_row(f, "fallback %", "%", 0.2, 61.0, SEV_TICKET, 58);
    r[n++] = signal_row(f, "retries/s", "/s", 0.2, 8.1, SEV_NONE, 59);
    r[n++] = signal_row(f, "cooldowns/h", "/h", 0, 22, SEV_NONE, 60);
    v->rows = r;
    v->row_count = n;
    static const struct { const char *name; double req, fail; uint64_t c5xx, c429; enum severity sev; } groups[] = {
        {"openai", 20.5, 0.93, 1902, 64, SEV_PAGE}, {"azure", 14.8, 0.002, 8, 1, SEV_NONE}, {"anthropic", 4.4, 0.001, 1, 0, SEV_NONE}, {"vllm", 2.6, 0, 0, 0, SEV_NONE},
    };
    enum { COUNT = sizeof groups / sizeof *groups };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vtraffic_row *t = array(f, count + 2, sizeof *t);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % COUNT;
        double fail = calm(f) ? 0.0003 : groups[k].fail;
        t[i] = (struct vtraffic_row){.name = name_of(f, groups[k].name, i), .req_per_s = fake_num(groups[k].req, (uint64_t)(groups[k].req * 300)), .fail_ratio = fake_num(fail, 1000),
                                     .requests = (uint64_t)(groups[k].req * 300), .attempts = fake_num(1.2 * groups[k].req, 100), .fallbacks = fake_num(k ? 0 : 0.61, 100),
                                     .share = fake_num(groups[k].req / 42.3, 100), .severity = calm(f) ? SEV_NONE : groups[k].sev};
        t[i].by_class[OUTCOME_5XX] = calm(f) ? 0 : groups[k].c5xx;
        t[i].by_class[OUTCOME_429] = calm(f) ? 1 : groups[k].c429;
        t[i].by_class[OUTCOME_CLIENT] = 12 * k;
        t[i].strip = fake_strip(f, 0.0003, fail, fake_clock(3, 6, 40), 0.2, 70 + (unsigned)k);
    }
    t[count] = (struct vtraffic_row){.name = "total", .is_total = true, .req_per_s = fake_num(42.3, 12700), .fail_ratio = fake_num(calm(f) ? 0.0003 : 0.156, 12700), .requests = 12700,
                                     .attempts = fake_num(66.0, 12700), .fallbacks = fake_num(0.25, 12700), .share = fake_num(1, 12700), .by_class = {0, 65, 1911, 3, 0, 0, 72, 0}};
    v->table = t;
    v->table_count = count + 1;
    struct vrow *e = array(f, 6, sizeof *e);
    static const char *const engine[] = {"qwen-72b-a running", "qwen-72b-a waiting", "qwen-72b-a KV", "qwen-72b-b running", "qwen-72b-b waiting", "qwen-72b-b KV"};
    static const double value[] = {14, 4, 81, 9, 2, 63};
    for (size_t i = 0; i < 6; i++) {
        e[i] = signal_row(f, engine[i], i % 3 == 2 ? "%" : "", value[i], value[i], SEV_NONE, 80 + (unsigned)i);
    }
    v->engines = e;
    v->engine_count = 6;
    struct vrow *l = array(f, 1, sizeof *l);
    l[0] = signal_row(f, "openai requests left", "", 9000, 8800, SEV_NONE, 90);
    v->limits = l;
    v->limit_count = 1;
}

static struct quantile quantile_of(double v, uint64_t n)
{
    return (struct quantile){.n = n, .value = v, .lo = v * 0.9, .hi = v * 1.15, .ci_lo = v * 0.85, .ci_hi = v * 1.2, .above_last = v >= 82, .thin = n < 60};
}

static void build_latency(struct fake *f)
{
    struct view_latency *v = &f->latency;
    static const struct { enum signal signal; const char *label, *note; double q[3], then[3]; uint64_t n; } all[] = {
        {SIG_TTFT, "ttft", "streamed answers only", {1.21, 2.90, 7.8}, {0.52, 0.94, 2.1}, 9800},
        {SIG_TPOT, "tpot", "", {0.021, 0.034, 0.051}, {0.020, 0.031, 0.049}, 9800},
        {SIG_E2E, "e2e", "", {8.2, 31, 82}, {6.1, 14, 21.4}, 10700},
        {SIG_PROVIDER_LATENCY, "provider", "", {7.9, 30, 82}, {5.9, 13.5, 20.9}, 10700},
        {SIG_QUEUE_TIME, "queue", "", {0.002, 0.011, 0.09}, {0.002, 0.010, 0.08}, 780},
        {SIG_OVERHEAD, "overhead", "", {0.004, 0.009, 0.021}, {0.004, 0.009, 0.02}, 40},
    };
    enum { COUNT = sizeof all / sizeof *all };
    struct vlatency_signal *s = array(f, COUNT, sizeof *s);
    for (size_t i = 0; i < COUNT; i++) {
        s[i] = (struct vlatency_signal){.signal = all[i].signal, .label = all[i].label, .note = all[i].note, .mean = all[i].q[0] * 1.4, .n = all[i].n};
        for (int k = 0; k < 3; k++) {
            double now = calm(f) ? all[i].then[k] : all[i].q[k];
            static const double q[] = {0.5, 0.95, 0.99};
            s[i].quantile[k] = (struct vquantile){.q = q[k], .now = quantile_of(now, all[i].n), .then = quantile_of(all[i].then[k], all[i].n),
                                                  .strip = fake_strip(f, all[i].then[k], now, fake_clock(3, 6, 40), 0.15, 100 + (unsigned)i)};
        }
    }
    v->signals = s;
    v->signal_count = COUNT;
    static const struct vstage stages[] = {{"balancer", 0.004, 0.001, 10700}, {"guardrail", 0.038, 0.006, 10700}, {"retrieval", 0.061, 0.01, 4200}, {"provider", 5.9, 0.95, 10700}, {"other", 0.2, 0.033, 10700}};
    v->stages = stages;
    v->stage_count = sizeof stages / sizeof *stages;
    v->stage_total_s = 6.2;
    static const struct { const char *name; double req, p50, p95, p99, ratio; uint64_t n; enum severity sev; } rows[] = {
        {"gpt-x", 17.9, 1.9, 6.1, 11.0, 6.4, 4100, SEV_TICKET}, {"claude-l", 4.4, 0.6, 1.1, 2.2, 1.0, 1300, SEV_NONE}, {"qwen-72b", 2.6, 0.3, 0.9, 1.4, 1.1, 780, SEV_NONE}, {"embed-3", 12.0, 0.02, 0.05, 0.08, 0.9, 40, SEV_NONE},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : ROWS;
    struct vlatency_row *t = array(f, count + 1, sizeof *t);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % ROWS;
        t[i] = (struct vlatency_row){.name = name_of(f, rows[k].name, i), .req_per_s = fake_num(rows[k].req, 100), .p50 = quantile_of(rows[k].p50, rows[k].n), .p95 = quantile_of(rows[k].p95, rows[k].n),
                                     .p99 = quantile_of(rows[k].p99, rows[k].n), .mean = rows[k].p50 * 1.3, .n = rows[k].n, .ratio_then = rows[k].ratio, .severity = calm(f) ? SEV_NONE : rows[k].sev};
    }
    t[count] = (struct vlatency_row){.name = "total", .is_total = true, .req_per_s = fake_num(36.9, 100), .p50 = quantile_of(1.21, 9800), .p95 = quantile_of(2.9, 9800), .p99 = quantile_of(7.8, 9800), .mean = 1.6, .n = 9800, .ratio_then = 3.1};
    v->table = t;
    v->table_count = count + 1;
    v->sentence = calm(f) ? "" : "deployment gpt-x-eu2 is 2.1x its siblings";
}

static void build_cost(struct fake *f)
{
    struct view_cost *v = &f->cost;
    const int64_t usd = INT64_C(1000000000);
    v->now_per_h = (struct vnum){calm(f) ? 172 : 412, AT_LEAST, 12000, f->kind == FAKE_STALE};
    v->then_per_h = fake_num(172, 11000);
    v->against = "7d ago";
    v->sentence = calm(f) ? "$172/h, as 7d ago" : "$412/h, 2.4x 7d ago: fallback to azure +$118/h, key f31a +$97/h; Nov budget gone 27 Nov at the 5m rate";
    v->window_ms = 3600000;
    v->total_nusd = 260 * usd;
    static const struct { const char *name, *detail; double cost, share; uint64_t req, in, cached, out; } rows[] = {
        {"search", "owner: ana", 118.4, 0.46, 61000, 92000000, 41000000, 8100000}, {"agents", "owner: bo, limit $200/d", 76.1, 0.29, 42000, 71000000, 9000000, 6400000},
        {"support", "", 39.2, 0.15, 24000, 30000000, 18000000, 2100000},           {"batch", "", 22.0, 0.08, 9000, 21000000, 0, 1900000},
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vcost_row *t = array(f, count + 2, sizeof *t);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % COUNT;
        t[i] = (struct vcost_row){.name = name_of(f, rows[k].name, i), .detail = rows[k].detail, .nusd = (int64_t)(rows[k].cost * 1e9), .per_h_now = fake_num(rows[k].cost * 1.6, 100), .per_h_then = fake_num(rows[k].cost * 0.7, 100), .share = rows[k].share,
                                  .requests = rows[k].req, .tokens_in = rows[k].in, .tokens_cached = rows[k].cached, .tokens_out = rows[k].out, .per_request = rows[k].cost / (double)rows[k].req,
                                  .per_1k_tokens = rows[k].cost / (double)(rows[k].in + rows[k].out) * 1000};
    }
    t[count] = (struct vcost_row){.name = "other", .detail = "", .is_other = true, .nusd = 43 * usd / 10, .per_h_now = fake_num(6.6, 10), .per_h_then = fake_num(6.0, 10), .share = 0.017, .requests = 800, .tokens_in = 900000, .tokens_out = 80000, .per_request = 0.0054, .per_1k_tokens = 0.0044};
    t[count + 1] = (struct vcost_row){.name = "total", .detail = "", .is_total = true, .nusd = 260 * usd, .per_h_now = fake_num(412, 100), .per_h_then = fake_num(172, 100), .share = 1, .requests = 136800, .tokens_in = 214900000, .tokens_cached = 68000000, .tokens_out = 18580000, .per_request = 0.0019, .per_1k_tokens = 0.0011};
    v->table = t;
    v->table_count = count + 2;
    static const struct vcost_part parts[] = {{"fallback to azure", INT64_C(118000000000)}, {"key f31a", INT64_C(97000000000)}, {"rest", INT64_C(25000000000)}};
    v->parts = calm(f) ? NULL : parts;
    v->part_count = calm(f) ? 0 : 3;
    struct vbudget *b = array(f, 2, sizeof *b);
    b[0] = (struct vbudget){.name = "Nov", .origin = "config", .limit_nusd = 210000 * usd, .used_nusd = 161700 * usd, .used_partial = true, .from_ms = fake_clock(-552, 0, 0), .to_ms = fake_clock(168, 0, 0), .pace = 1.0,
                            .gone_ms = calm(f) ? 0 : fake_clock(76, 10, 0), .rate = "at the 5m rate", .text = ""};
    b[1] = (struct vbudget){.name = "team agents", .origin = "litellm", .limit_nusd = 200 * usd, .used_nusd = 61 * usd, .from_ms = fake_clock(0, 0, 0), .to_ms = fake_clock(24, 0, 0), .pace = (double)NAN, .rate = "", .text = ""};
    v->budgets = b;
    v->budget_count = 2;
    v->unpriced_requests = 390;
    v->unpriced_share = 0.031;
    v->unpriced_text = calm(f) ? "" : "unpriced: 3.1% of requests (390: embed-3, whisper-x) have no price and are in no sum";
    struct vrow *r = array(f, 3, sizeof *r);
    r[0] = signal_row(f, "input tok/s", "/s", 58000, 61000, SEV_NONE, 120);
    r[1] = signal_row(f, "output tok/s", "/s", 4800, 5100, SEV_NONE, 121);
    r[2] = signal_row(f, "cached input %", "%", 44, 31, SEV_NONE, 122);
    v->tokens = r;
    v->token_count = 3;
}

static void build_quality(struct fake *f)
{
    struct view_quality *v = &f->quality;
    static const struct { const char *name, *scope; double now, base; enum quality_state state; double p; const char *test, *missing; double detectable; uint64_t n; } rows[] = {
        {"json valid %", "gpt-x", 94.1, 98.9, QUALITY_DRIFT, 3e-6, "binomial, 15m against 24h", "", 0.9, 812},
        {"length tok", "gpt-x", 412, 528, QUALITY_WATCHING, 0.004, "Welch t, 15m against 24h", "", 30, 812},
        {"refusal %", "gpt-x", 2.1, 1.7, QUALITY_QUIET, 0.41, "binomial, 15m against 24h", "", 1.2, 812},
        {"judge", "gpt-x", 0.83, 0.84, QUALITY_STALE, (double)NAN, "", "no score since 03:05: langfuse is silent", (double)NAN, 96},
        {"canary", "claude-l", 100, 100, QUALITY_THIN, (double)NAN, "", "12 of 50 results that a baseline needs", (double)NAN, 12},
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vquality_row *t = array(f, count, sizeof *t);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % COUNT;
        bool drift = !calm(f) && rows[k].state <= QUALITY_DRIFT && k < 2;
        t[i] = (struct vquality_row){.name = name_of(f, rows[k].name, i), .scope = rows[k].scope, .now = fake_num(calm(f) ? rows[k].base : rows[k].now, rows[k].n), .base = fake_num(rows[k].base, 90000),
                                     .state = calm(f) && k < 2 ? QUALITY_QUIET : rows[k].state, .onset_ms = drift ? fake_clock(3, 5, 10) : 0, .p_value = rows[k].p, .test = rows[k].test, .missing = rows[k].missing,
                                     .detectable = rows[k].detectable, .strip = fake_strip(f, rows[k].base, calm(f) ? rows[k].base : rows[k].now, fake_clock(3, 5, 10), 0.01, 130 + (unsigned)k)};
        double *lo = array(f, f->columns, sizeof *lo), *hi = array(f, f->columns, sizeof *hi);
        for (uint32_t c = 0; c < f->columns; c++) {
            lo[c] = rows[k].base * 0.985;
            hi[c] = rows[k].base * 1.015;
        }
        t[i].strip.base_lo = lo;
        t[i].strip.base_hi = hi;
        t[i].strip.floor = rows[k].base * 0.9;
    }
    t[0].explain = calm(f) ? "" : "model changed 03:05Z, traffic did not";
    v->rows = t;
    v->row_count = count;
    v->sentence = calm(f) ? "" : "json valid of gpt-x fell from 98.9 to 94.1% at 03:05:10 (n 812)";
}

static void build_events(struct fake *f)
{
    static const struct { int h, m, s; enum event_kind kind; const char *scope, *text, *source; } all[] = {
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
            e[f->events.count++] = (struct event){.id = (int64_t)(count - i), .at_ms = at, .known_ms = at + 15000, .kind = all[k].kind, .scope = all[k].scope, .text = all[k].text, .source = all[k].source};
        }
    }
    f->events.events = e;
    f->events.t0_ms = f->now_ms - 86400000;
    f->events.t1_ms = f->now_ms;
    if (calm(f)) {
        f->events.count = 0;
    }
}

static void build_sources(struct fake *f)
{
    struct view_sources *v = &f->sources;
    static const struct source_status base[] = {
        {.id = 1, .name = "litellm", .kind = "metrics", .url = "http://10.2.0.4:4000/metrics/", .gateway = "prod-eu", .profile = "litellm", .state = SOURCE_OK, .interval_ms = 5000, .reason = "", .http_status = 200,
         .bytes = 812345, .duration_ms = 38, .series_seen = 4120, .series_kept = 3011, .series_dropped = 0, .families_unknown = 14, .warnings = 1,
         .warning = "line 4711: value 'NaN' of a counter", .polls_per_s = 0.2, .cert_expiry_ms = 0},
        {.id = 2, .name = "prometheus", .kind = "prometheus", .url = "https://prom.internal:9090", .gateway = "prod-eu", .profile = "litellm", .state = SOURCE_OK, .interval_ms = 15000, .reason = "", .http_status = 200,
         .bytes = 91234, .duration_ms = 120, .series_seen = 3020, .series_kept = 3011, .polls_per_s = 0.07, .cert_expiry_ms = 1},
        {.id = 3, .name = "vllm-a", .kind = "metrics", .url = "http://10.2.0.9:8000/metrics", .gateway = "prod-eu", .profile = "vllm", .state = SOURCE_OK, .interval_ms = 15000, .reason = "", .http_status = 200, .bytes = 21034,
         .duration_ms = 4, .series_seen = 310, .series_kept = 240, .series_dropped = 12, .families_unknown = 3, .polls_per_s = 0.07, .sawtooth = true},
        {.id = 4, .name = "langfuse", .kind = "metrics", .url = "https://langfuse.internal/metrics", .gateway = "prod-eu", .profile = "", .state = SOURCE_STALE, .interval_ms = 60000,
         .reason = "HTTP 504 Gateway Timeout since 03:05:20; next try in 48s", .http_status = 504, .bytes = 160, .duration_ms = 30000, .polls_per_s = 0.02, .warning = ""},
    };
    static const int64_t age[] = {4000, 9000, 4000, 540000};
    enum { COUNT = sizeof base / sizeof *base };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vsource *s = array(f, count, sizeof *s);
    for (size_t i = 0; i < count; i++) {
        s[i] = (struct vsource){.st = base[i % COUNT], .age_ms = age[i % COUNT], .gaps_24h = (uint32_t)(i % 3), .gap_ms_24h = (int64_t)(i % 3) * 95000};
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
    static const char *const authority[] = {"requests: litellm (also seen by prometheus, equal within 0.1%)", "waiting, running, KV cache: vllm-a, vllm-b"};
    v->authority = authority;
    v->authority_count = 2;
    v->store_bytes = 41234567;
    v->wal_bytes = 131072;
    v->first_ms = fake_clock(-18, 2, 0);
    v->samples = 71234567;
    v->series = 3251;
    v->store_path = "/var/lib/gwtop/gwtop.db";
    v->recorder_text = "recorder 4711, running since 23 Nov 09:02Z, stays 12h after the last console; keeps raw data 14d";
}

void fake_build_panes(struct fake *f)
{
    build_traffic(f);
    build_latency(f);
    build_cost(f);
    build_quality(f);
    build_events(f);
    build_sources(f);
}

void fake_build_incidents(struct fake *f)
{
    static const struct vincident list[] = {
        {{42, "openai/gpt-x errors", "model=gpt-x", SEV_PAGE, INCIDENT_OPEN, INT64_C(1795489600000), INT64_C(1795489622000), 0, INT64_C(1795489622000), "", ""}, "7m42s", "openai/gpt-x: 38% of requests fail", 3100, true},
        {{41, "ttft of gpt-x", "model=gpt-x", SEV_TICKET, INCIDENT_OPEN, INT64_C(1795489610000), INT64_C(1795489720000), 0, INT64_C(1795489720000), "ana", "watch"}, "7m32s", "ttft p95 of gpt-x 2.9 s, 3.1x 7d ago", 0, false},
        {{29, "openai 5xx, fallback", "provider=openai", SEV_PAGE, INCIDENT_RESOLVED, INT64_C(1791966000000), INT64_C(1791966060000), INT64_C(1791968460000), INT64_C(1791966060000), "bo", ""}, "41m", "openai 5xx: rerouted to azure by hand", 1900, true},
    };
    static const struct vbar bars[] = {
        {"fail % gpt-x", "0.04 > 35.1", INT64_C(1795489600000), 0, SEV_PAGE, 'E'}, {"slo gpt-x 99.9 burn", "14.4x 1h+5m", INT64_C(1795489622000), 0, SEV_PAGE, 'P'},
        {"fallback %", "0.2 > 58", INT64_C(1795489615000), 0, SEV_TICKET, 'f'},    {"ttft p95", "0.94 > 2.6 s", INT64_C(1795489640000), 0, SEV_TICKET, ' '},
        {"cost $/h", "172 > 371", INT64_C(1795489080000), 0, SEV_NONE, 'k'},       {"json valid %", "98.9 > 94.4", INT64_C(1795489510000), 0, SEV_TICKET, 'q'},
    };
    static const char *const impact[] = {"requests lost      1,041 of 2.9k to gpt-x", "teams              4 of 8, the worst of them 74% of the failures", "money              >= $9.40 fallback surcharge",
                                         "error budget       29% used by this incident; 71% left", "detected / acked   22 s / not yet"};
    static const struct vsimilar similar[] = {{29, "#29  14 Oct  openai 5xx, fallback", "rerouted to azure by hand; over in 41 min"}, {17, "#17  02 Sep  openai 429 storm", "lowered concurrency; over in 18 min"}};
    static const struct alert alerts[] = {
        {.id = 1, .rule = "slo:gpt-x:page-1h", .scope = "model=gpt-x", .severity = SEV_PAGE, .state = ALERT_FIRING, .since_ms = INT64_C(1795489622000), .text = "burn 49x over 1h and 380x over 5m, 14.4x pages; 1,984 of 5,200 bad"},
        {.id = 2, .rule = "slo:ttft:ticket-6h", .scope = "", .severity = SEV_TICKET, .state = ALERT_INACTIVE, .since_ms = INT64_C(1795480000000), .text = "burn 0.6x over 6h"},
    };
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
        v->list = many;
        v->count = MANY;
    }
    f->incident = *v;
    struct view_incidents *d = &f->incident;
    d->selected = 42;
    d->detail = &list[0];
    d->bars = bars;
    d->bar_count = sizeof bars / sizeof *bars;
    d->timeline = f->overview.timeline;
    d->timeline_count = f->overview.timeline_count;
    d->suspects = f->overview.suspects;
    d->suspect_count = f->overview.suspect_count;
    d->hits = f->overview.hits;
    d->hit_count = f->overview.hit_count;
    d->impact = impact;
    d->impact_count = sizeof impact / sizeof *impact;
    d->similar = similar;
    d->similar_count = sizeof similar / sizeof *similar;
    d->alerts = alerts;
    d->alert_count = sizeof alerts / sizeof *alerts;
}
