/* SPDX-License-Identifier: MIT */
#include "panes/fake_views.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static struct vrow signal_row(struct fake *f, const char *label, const char *unit, double before, double during, enum severity sev,
                              unsigned seed)
{
    double now = calm(f) ? before : during;
    struct vrow r = {.label = label, .unit = unit, .now = fake_num(now, 12700), .then = fake_num(before, 12000)};
    r.change = change_times(r.now.v, EXACT, r.then.v, EXACT);
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
    static const struct {
        const char *name;
        double req, fail;
        uint64_t c5xx, c429;
        enum severity sev;
    } groups[] = {
        {"openai", 20.5, 0.93, 1902, 64, SEV_PAGE},
        {"azure", 14.8, 0.002, 8, 1, SEV_NONE},
        {"anthropic", 4.4, 0.001, 1, 0, SEV_NONE},
        {"vllm", 2.6, 0, 0, 0, SEV_NONE},
    };
    enum { COUNT = sizeof groups / sizeof *groups };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vtraffic_row *t = array(f, count + 2, sizeof *t);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % COUNT;
        double fail = calm(f) ? 0.0003 : groups[k].fail;
        t[i] = (struct vtraffic_row){.known = true,
                                     .name = name_of(f, groups[k].name, i),
                                     .req_per_s = fake_num(groups[k].req, (uint64_t)(groups[k].req * 300)),
                                     .fail_ratio = fake_num(fail, 1000),
                                     .fail_then = fake_num(0.0004, 950),
                                     .requests = (uint64_t)(groups[k].req * 300),
                                     .attempts = fake_num(1.2 * groups[k].req, 100),
                                     .fallbacks = fake_num(k ? 0 : 0.61, 100),
                                     .share = fake_num(groups[k].req / 42.3, 100),
                                     .severity = calm(f) ? SEV_NONE : groups[k].sev};
        t[i].by_class[OUTCOME_5XX] = calm(f) ? 0 : groups[k].c5xx;
        t[i].by_class[OUTCOME_429] = calm(f) ? 1 : groups[k].c429;
        t[i].by_class[OUTCOME_CLIENT] = 12 * k;
        t[i].strip = fake_strip(f, 0.03, 100 * fail, fake_clock(3, 6, 40), 0.2, 70 + (unsigned)k);
    }
    t[count] = (struct vtraffic_row){.name = "total",
                                     .is_total = true,
                                     .known = true,
                                     .req_per_s = fake_num(42.3, 12700),
                                     .fail_ratio = fake_num(calm(f) ? 0.0003 : 0.156, 12700),
                                     .fail_then = fake_num(0.0003, 11000),
                                     .requests = 12700,
                                     .attempts = fake_num(66.0, 12700),
                                     .fallbacks = fake_num(0.25, 12700),
                                     .share = fake_num(1, 12700),
                                     .by_class = {0, 65, 1911, 3, 0, 0, 72, 0}};
    v->table = t;
    v->table_count = count + 1;
    struct vrow *e = array(f, 6, sizeof *e);
    static const char *const engine[] = {"qwen-72b-a running", "qwen-72b-a waiting", "qwen-72b-a KV",
                                         "qwen-72b-b running", "qwen-72b-b waiting", "qwen-72b-b KV"};
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
    return (struct quantile){
        .n = n, .value = v, .lo = v * 0.9, .hi = v * 1.15, .ci_lo = v * 0.85, .ci_hi = v * 1.2, .above_last = v >= 82, .thin = n < 60};
}

/* Where its source was silent, it lost some, too. */
static enum exactness lossy(const struct fake *f)
{
    return f->kind == FAKE_STALE ? AT_LEAST : EXACT;
}

static void build_latency(struct fake *f)
{
    struct view_latency *v = &f->latency;
    static const struct {
        enum signal signal;
        const char *label, *note;
        double q[3], then[3];
        uint64_t n;
    } all[] = {
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
        s[i] = (struct vlatency_signal){.signal = all[i].signal,
                                        .label = all[i].label,
                                        .note = all[i].note,
                                        .mean = all[i].q[0] * 1.4,
                                        .n = all[i].n,
                                        .n_exact = lossy(f),
                                        .mean_n = all[i].n};
        for (int k = 0; k < 3; k++) {
            double now = calm(f) ? all[i].then[k] : all[i].q[k];
            static const double q[] = {0.5, 0.95, 0.99};
            s[i].quantile[k] =
                (struct vquantile){.q = q[k],
                                   .now = quantile_of(now, all[i].n),
                                   .strip = fake_strip(f, all[i].then[k], now, fake_clock(3, 6, 40), 0.15, 100 + (unsigned)i)};
        }
    }
    v->signals = s;
    v->signal_count = COUNT;
    static const struct vstage stages[] = {{.name = "azure",
                                            .whose = STAGE_PROVIDERS,
                                            .mean_s = 3.1,
                                            .share = 0.5,
                                            .then_s = 1.2,
                                            .each_s = 12.3,
                                            .n = 2700,
                                            .fail = {.v = (double)NAN}},
                                           {.name = "openai",
                                            .whose = STAGE_PROVIDERS,
                                            .mean_s = 2.8,
                                            .share = 0.4516,
                                            .then_s = 2.6,
                                            .each_s = 3.7,
                                            .n = 8000,
                                            .fail = {.v = 0.93, .n = 9100},
                                            .severity = SEV_PAGE},
                                           {.name = "gateway",
                                            .whose = STAGE_OURS,
                                            .mean_s = 0.004,
                                            .share = 0.0006,
                                            .then_s = 0.004,
                                            .each_s = 0.004,
                                            .n = 10700,
                                            .fail = {.v = (double)NAN}},
                                           {.name = "guardrail",
                                            .whose = STAGE_OURS,
                                            .mean_s = 0.038,
                                            .share = 0.006,
                                            .then_s = 0.038,
                                            .each_s = 0.038,
                                            .n = 10700,
                                            .fail = {.v = (double)NAN}},
                                           {.name = "retrieval",
                                            .whose = STAGE_OURS,
                                            .mean_s = 0.061,
                                            .share = 0.01,
                                            .then_s = (double)NAN,
                                            .each_s = 0.155,
                                            .n = 4200,
                                            .fail = {.v = (double)NAN}},
                                           {.name = "other",
                                            .whose = STAGE_REST,
                                            .mean_s = 0.197,
                                            .share = 0.0318,
                                            .then_s = 0.2,
                                            .each_s = (double)NAN,
                                            .n = 10700,
                                            .fail = {.v = (double)NAN}}};
    v->stages = stages;
    v->stage_count = sizeof stages / sizeof *stages;
    v->stage_total_s = 6.2;
    v->stage_text = "provider 95% (azure 50%, openai 45%), ours 2%; openai fails 93% of 9.1k attempts";
    v->stage_against = "1d ago";
    v->stages_stale = f->kind == FAKE_STALE;
    v->past[0] = (struct vlatency_past){
        .back_ms = 86400000, .mean = 0.7, .n = 9100, .change = {calm(f) ? 1.0 : 3.1, calm(f) ? EXACT : ABOUT}, .why = ""};
    v->past[0].recorded_ms = calm(f) ? 3600000 : 31 * 60000;
    for (int k = 0; k < 3; k++) {
        v->past[0].quantile[k] = quantile_of(all[0].then[k], 9100);
    }
    v->past[1] = (struct vlatency_past){
        .back_ms = 7 * INT64_C(86400000), .mean = (double)NAN, .change = {(double)NAN, EXACT}, .why = "recorded from 22 Nov 09:00Z"};
    static const struct vcell_part parts[] = {{"gpt-x", "azure", 598, {.v = 0.38, .n = 1400}, SEV_PAGE},
                                              {"gpt-x", "openai", 14, {.v = 0.38, .n = 1400}, SEV_PAGE},
                                              {"claude-l", "anthropic", 21, {.v = 0.001, .n = 400}, SEV_NONE}};
    const struct view_axis *ax = &f->frame.axis;
    uint32_t column = f->columns > 3 ? f->columns - 3 : 0;
    f->latency_cell.cell = (struct vcell){.on = true,
                                          .known = true,
                                          .column = column,
                                          .row = 4,
                                          .t0_ms = ax->t0_ms + (int64_t)column * ax->step_ms,
                                          .t1_ms = ax->t0_ms + (int64_t)(column + 1) * ax->step_ms,
                                          .lo = 3,
                                          .hi = 10,
                                          .bucket_lo = 2.5,
                                          .bucket_hi = 10,
                                          .wider = f->kind == FAKE_PAST,
                                          .n = 640,
                                          .of = 1402,
                                          .parts = parts,
                                          .part_count = 3,
                                          .rest = 7,
                                          .quantile = {quantile_of(1.2, 1402), quantile_of(4.1, 1402), quantile_of(7.9, 40)}};
    static const struct {
        const char *name;
        double req, p50, p95, p99, ratio;
        uint64_t n;
        enum severity sev;
    } rows[] = {
        {"gpt-x", 17.9, 1.9, 6.1, 11.0, 6.4, 4100, SEV_TICKET}, {"azure", 9.9, 2.1, 7.0, 12.0, 6.6, 3000, SEV_NONE},
        {"openai", 8.0, 0.9, 1.9, 3.0, 1.1, 1100, SEV_NONE},    {"claude-l", 4.4, 0.6, 1.1, 2.2, 1.0, 1300, SEV_NONE},
        {"qwen-72b", 2.6, 0.3, 0.9, 1.4, 1.1, 780, SEV_NONE},   {"embed-3", 12.0, 0.02, 0.05, 0.08, 0.9, 40, SEV_NONE},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : ROWS;
    struct vlatency_row *t = array(f, count + 1, sizeof *t);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % ROWS;
        t[i] = (struct vlatency_row){.name = name_of(f, rows[k].name, i),
                                     .req_per_s = fake_num(rows[k].req, 100),
                                     .p50 = quantile_of(rows[k].p50, rows[k].n),
                                     .p95 = quantile_of(rows[k].p95, rows[k].n),
                                     .p99 = quantile_of(rows[k].p99, rows[k].n),
                                     .mean = rows[k].p50 * 1.3,
                                     .n = rows[k].n,
                                     .n_exact = lossy(f),
                                     .mean_n = k == 4 ? 520 : rows[k].n, /* of some the sum is not known */
                                     .change = {rows[k].ratio, ABOUT},
                                     .severity = calm(f) ? SEV_NONE : rows[k].sev};
        t[i].of = k == 1 || k == 2 ? t[i - k].name : NULL;
    }
    t[count] = (struct vlatency_row){.name = "total",
                                     .is_total = true,
                                     .req_per_s = fake_num(36.9, 100),
                                     .p50 = quantile_of(1.21, 9800),
                                     .p95 = quantile_of(2.9, 9800),
                                     .p99 = quantile_of(7.8, 9800),
                                     .mean = 1.6,
                                     .n = 9800,
                                     .n_exact = lossy(f),
                                     .mean_n = 9540,
                                     .change = {3.1, ABOUT}};
    v->table = t;
    v->table_count = count + 1;
    v->coverage_text = lossy(f) == EXACT ? "" : "ttft of 3m43s is not known (02:49:10Z to 02:52:53Z)";
    v->sentence = calm(f) ? ""
                          : "deployment gpt-x-eu2 is about 2.1x its siblings (1.2x to 4.0x): ttft p95 ~6.4 s of 412 against ~3.1 s of 900; "
                            "31% against 4.6% "
                            "take over 3.2 s";
    const struct vcell cell = f->latency_cell.cell;
    f->latency_cell = *v;
    f->latency_cell.cell = cell;
}

static void build_cost(struct fake *f)
{
    struct view_cost *v = &f->cost;
    const int64_t usd = INT64_C(1000000000);
    v->now_per_h = (struct vnum){.v = calm(f) ? 172 : 412, .exact = AT_LEAST, .n = 12000, .stale = f->kind == FAKE_STALE};
    v->then_per_h = fake_num(172, 11000);
    v->against = "7d ago";
    v->plan_per_h = 292;
    v->plan_text = "budget Nov";
    v->hosting_text = "llama: 8 GPUs $16.8/h + energy ~$1.05/h = ~$0.62 a million tokens, ~0.14 kWh, ~56 g CO2; 25% of full";
    v->sentence =
        calm(f)
            ? "$172/h, as 7d ago"
            : ">=$412/h over the last 5m, $172/h 7d ago (>=2.4x): +$240/h vs 7d ago = model gpt-x, now on gpt-x-weu +$118/h since 03:06Z, "
              "key f31a +$97.00/h since 02:58Z, rest +$25.00/h. Budget Nov: 77% of money at 77% of time, "
              "gone 27 Nov 04:10Z at the 5m rate";
    v->coverage_text = "";
    v->window_ms = 3600000;
    v->total_nusd = 260 * usd;
    static const struct {
        const char *name;
        double cost, share;
        uint64_t req, in, cached, out;
    } rows[] = {
        {"search", 118.4, 0.46, 61000, 92000000, 41000000, 8100000},
        {"agents", 76.1, 0.29, 42000, 71000000, 9000000, 6400000},
        {"support", 39.2, 0.15, 24000, 30000000, 18000000, 2100000},
        {"batch", 22.0, 0.08, 9000, 21000000, 0, 1900000},
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vcost_row *t = array(f, count + 2, sizeof *t);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % COUNT;
        t[i] = (struct vcost_row){.name = name_of(f, rows[k].name, i),
                                  .owner = "",
                                  .nusd = (int64_t)(rows[k].cost * 1e9),
                                  .cost_known = true,
                                  .requests_known = true,
                                  .input_known = true,
                                  .cached_known = true,
                                  .output_known = true,
                                  .per_h_now = fake_num(rows[k].cost * 1.6, 100),
                                  .per_h_then = fake_num(rows[k].cost * 0.7, 100),
                                  .share = rows[k].share,
                                  .requests = rows[k].req,
                                  .tokens_in = rows[k].in,
                                  .tokens_cached = rows[k].cached,
                                  .tokens_out = rows[k].out,
                                  .cached_share = (double)rows[k].cached / (double)rows[k].in,
                                  .limit_known = k < 2,
                                  .left_known = k < 2,
                                  .limit_nusd = 5000 * usd,
                                  .left_nusd = (k == 0 ? 4990 : 61) * usd,
                                  .per_request = rows[k].cost / (double)rows[k].req,
                                  .per_1k_tokens = rows[k].cost / (double)(rows[k].in + rows[k].out) * 1000};
    }
    t[count] = (struct vcost_row){.name = "other",
                                  .owner = "",
                                  .is_other = true,
                                  .nusd = 43 * usd / 10,
                                  .cost_known = true,
                                  .requests_known = true,
                                  .input_known = true,
                                  .cached_known = true,
                                  .output_known = true,
                                  .per_h_now = fake_num(6.6, 10),
                                  .per_h_then = fake_num(6.0, 10),
                                  .share = 0.017,
                                  .requests = 800,
                                  .tokens_in = 900000,
                                  .tokens_out = 80000,
                                  .per_request = 0.0054,
                                  .per_1k_tokens = 0.0044};
    t[count + 1] = (struct vcost_row){.name = "total",
                                      .owner = "",
                                      .is_total = true,
                                      .nusd = 260 * usd,
                                      .cost_known = true,
                                      .requests_known = true,
                                      .input_known = true,
                                      .cached_known = true,
                                      .output_known = true,
                                      .per_h_now = fake_num(412, 100),
                                      .per_h_then = fake_num(172, 100),
                                      .share = 1,
                                      .requests = 136800,
                                      .tokens_in = 214900000,
                                      .tokens_cached = 68000000,
                                      .cached_share = 0.32,
                                      .cached_is_part = true,
                                      .cached_exact = ABOUT,
                                      .tokens_out = 18580000,
                                      .per_request = 0.0019,
                                      .per_1k_tokens = 0.0011};
    for (size_t i = 0; i < count + 2; i++) {
        t[i].answered = t[i].requests;
        t[i].input_per_request = (double)t[i].tokens_in / (double)t[i].requests;
    }
    v->table = t;
    v->table_count = count + 2;
    const struct vcost_part changed[] = {
        {.label = "model gpt-x, now on gpt-x-weu",
         .per_h_nusd = INT64_C(118000000000),
         .since_ms = fake_clock(3, 6, 40),
         .because_text = "fallback"},
        {.label = "key f31a", .per_h_nusd = INT64_C(97000000000), .since_ms = fake_clock(2, 58, 4), .because_text = "7.5x its requests"},
        {.label = "rest", .per_h_nusd = INT64_C(25000000000), .because_text = "dearer mix"}};
    struct vcost_part *parts = array(f, 3, sizeof *parts);
    memcpy(parts, changed, sizeof changed);
    v->parts = calm(f) ? NULL : parts;
    v->part_count = calm(f) ? 0 : 3;
    v->stack_text = calm(f) ? "by team" : "what changed";
    v->movers_text = "team agents +$97/h, team search +$61/h, team batch -$3.1/h";
    v->surcharge_per_h = calm(f) ? 0 : 112;
    v->surcharge_text = calm(f) ? "" : "fallbacks cost $112/h more than their models' own deployments would";
    v->period_text = "$3.1k today, $9.2k this week, >=$161k this month";
    v->unit_text = "$0.0019 a request, $0.0011 per 1k tokens, 1.57k input tokens an answer, 32% cached";
    v->why_note = "";
    v->why_text = calm(f) ? "" : "fallback +$112/h, requests +$89.00/h, mix +$31.20/h, output length +$6.10/h, other causes +$1.70/h";
    struct vbudget *b = array(f, 2, sizeof *b);
    b[0] = (struct vbudget){.name = "Nov",
                            .origin = "config",
                            .known = true,
                            .limit_nusd = 210000 * usd,
                            .used_nusd = 161700 * usd,
                            .used_exact = AT_LEAST,
                            .from_ms = fake_clock(-552, 0, 0),
                            .to_ms = fake_clock(168, 0, 0),
                            .pace = 1.0,
                            .end = calm(f) ? BUDGET_LASTS : BUDGET_GONE,
                            .gone_ms = calm(f) ? 0 : fake_clock(76, 10, 0),
                            .rate = "at the 5m rate",
                            .end_text = calm(f) ? "lasts to reset 1 Dec at the 24h rate" : "gone 27 Nov 04:10Z at the 5m rate",
                            .text = ""};
    b[1] = (struct vbudget){.name = "team agents",
                            .known = true,
                            .origin = "litellm",
                            .limit_nusd = 200 * usd,
                            .used_nusd = 61 * usd,
                            .from_ms = fake_clock(0, 0, 0),
                            .to_ms = fake_clock(24, 0, 0),
                            .pace = (double)NAN,
                            .rate = "",
                            .end_text = "its spend is not known",
                            .text = ""};
    v->budgets = b;
    v->budget_count = 2;
    v->computed_text = "computed $252 + 2.4% of tokens unpriced: 2 models; booked $258, +$6.20 (2.5%) for the same tokens in 1h, by the "
                       "built-in list of 2026-06-02";
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

void fake_build_panes(struct fake *f)
{
    build_traffic(f);
    build_latency(f);
    build_cost(f);
    fake_build_quality(f);
    fake_build_events(f);
    fake_build_sources(f);
}
