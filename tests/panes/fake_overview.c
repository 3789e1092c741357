/* SPDX-License-Identifier: MIT */
#include "panes/fake_views.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

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

struct shape {
    const char *label, *unit, *n_text;
    double before, during, then, over, threshold;
    const char *threshold_text;
    enum severity severity;
    uint64_t n;
    double noise;
    bool difference, stale;
};

static struct vrow row_of(struct fake *f, const struct shape *s, unsigned seed)
{
    int64_t onset = fake_clock(3, 6, 40);
    double now = calm(f) ? s->before : s->during;
    struct vrow r = {.label = s->label,
                     .unit = s->unit,
                     .n_text = s->n_text,
                     .difference = s->difference,
                     .now = fake_num(now, s->n),
                     .then = fake_num(s->then, s->n)};
    const bool is_quantile = strcmp(s->unit, "s") == 0, above = s->over > 0 && !calm(f);
    r.now.exact = is_quantile ? ABOUT : EXACT; /* as a histogram's buckets have it */
    r.then.exact = r.now.exact;
    r.now = above ? (struct vnum){.v = s->over, .n = s->n, .exact = ABOVE} : r.now;
    r.change = s->difference ? change_points(r.now.v, r.now.exact, r.then.v, r.then.exact)
                             : change_times(r.now.v, r.now.exact, r.then.v, above ? EXACT : r.then.exact);
    r.severity = calm(f) ? SEV_NONE : s->severity;
    r.strip = fake_strip(f, s->before, now, onset, s->noise, seed);
    r.now.stale = s->stale || f->kind == FAKE_STALE;
    if (above) {
        double *v = (double *)r.strip.v;
        for (uint32_t i = 0; i < f->columns; i++) {
            v[i] = v[i] > s->over ? (double)INFINITY : v[i];
        }
        r.strip.max = s->over;
    }
    if (s->threshold > 0) {
        r.strip.threshold = s->threshold;
        r.strip.threshold_text = s->threshold_text;
    }
    if (s->stale || f->kind == FAKE_STALE) {
        for (uint32_t i = f->columns - f->columns * (f->kind == FAKE_STALE ? 9 : 6) / 60; i < f->columns; i++) {
            ((double *)r.strip.v)[i] = (double)NAN;
        }
    }
    return r;
}

static void gap(struct fake *f, struct vrow *r, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to && i < f->columns; i++) {
        ((double *)r->strip.v)[i] = (double)NAN;
    }
}

static void build_rows(struct fake *f)
{
    static const struct shape shapes[] = {
        {"req/s", "/s", NULL, 41, 42.3, 38.5, 0, 0, NULL, SEV_NONE, 12700, 0.08, false, false},
        {"fail % all", "%", NULL, 0.0, 15.6, 0.03, 0, 0, NULL, SEV_PAGE, 12700, 0.1, false, false},
        {"fail % gpt-x", "%", NULL, 0.04, 38.0, 0.04, 0, 1.44, "page at 1.44% (14.4x)", SEV_PAGE, 5200, 0.1, false, false},
        {"fallback %", "%", NULL, 0.2, 61.0, 0.2, 0, 0, NULL, SEV_TICKET, 5200, 0.1, false, false},
        {"ttft p95", "s", NULL, 0.94, 2.90, 0.94, 0, 2.0, "ticket at 2 s", SEV_TICKET, 9800, 0.1, false, false},
        {"e2e p99", "s", NULL, 21.4, 90, 21.4, 82, 0, NULL, SEV_PAGE, 10700, 0.1, false, false},
        {"vllm waiting", "", "2 eng", 5, 6, 5, 0, 0, NULL, SEV_NONE, 2, 0.3, false, false},
        {"cost", "$/h", "97%pr", 172, 412, 172, 0, 0, NULL, SEV_TICKET, 12000, 0.05, false, false},
        {"json valid", "%", NULL, 98.9, 94.1, 98.9, 0, 0, NULL, SEV_TICKET, 812, 0.004, true, false},
        {"judge", "", NULL, 0.84, 0.83, 0.84, 0, 0, NULL, SEV_NONE, 96, 0.02, false, true},
    };
    enum { COUNT = sizeof shapes / sizeof *shapes, MANY = 60 };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vrow *rows = array(f, count, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        rows[i] = row_of(f, &shapes[i % COUNT], (unsigned)i + 1);
        if (f->kind == FAKE_OVERFLOW) {
            rows[i].label = arena_printf(&f->arena, "%s of anthropic/claude-\xe6\xa8\xa1\xe5\x9e\x8b-%zu", shapes[i % COUNT].label, i);
            rows[i].now.v *= 1e5;
            rows[i].now.exact = AT_LEAST;
        }
    }
    if (f->kind == FAKE_INCIDENT) {
        gap(f, &rows[6], f->columns / 4, f->columns / 4 + f->columns / 12); /* the engines' source had a gap */
    }
    rows[8].strip.floor = 90;
    f->overview.rows = rows;
    f->overview.row_count = count;
}

static void build_hits(struct fake *f)
{
    static const struct vhit hits[] = {
        {"search", 1468, EXACT, false, 0, 0.74, {188, EXACT, 4000, false, 0, 0, NULL}, false, 0, false},
        {"support", 377, EXACT, false, 0, 0.19, {62, EXACT, 2100, false, 0, 0, NULL}, false, 0, false},
        {"batch", 139, EXACT, false, 0, 0.07, {41, EXACT, 900, false, 0, 0, NULL}, false, 0, false},
        {"agents", 0, EXACT, false, 0, 0, {121, EXACT, 5700, false, 0, 0, NULL}, false, 0, false},
    };
    static const struct vsuspect suspects[] = {
        {"provider openai", "leaf of the topology, 5xx since 03:06:40", "azure, same model, same route: healthy", false, false,
         INT64_C(1795489600000)},
        {"config reload 03:02:10", "4m30s before; touches gpt-x routing", "", true, true, INT64_C(1795489330000)},
    };
    static const struct page_posted posted[] = {{"a", "Elevated latency of the Messages API", "", 0, PAGE_MINOR}};
    static const struct vpage pages[] = {
        {"anthropic", "anthropic-status", VPAGE_POSTED, 0, 0, posted, 1,
         "posted 02:51:00Z: Elevated latency of the Messages API (minor, 40s ago)",
         "status.anthropic: posted 02:51:00Z: Elevated latency of the Messages API (minor, 40s ago)"},
        {"openai", "openai-status", VPAGE_CLEAR, 0, 0, NULL, 0, "nothing posted (2m ago)", "status.openai: nothing posted (2m ago)"},
    };
    static const struct vdiffer diffs[] = {
        {"provider=openai model=openai/gpt-x",
         "",
         "fail %",
         {38.0, EXACT, 5200, false, 0, 0, NULL},
         {0.04, EXACT, 9000, false, 0, 0, NULL},
         0.97,
         90},
        {"deployment=gpt-x-eu2",
         "",
         "slow ttft %",
         {36.6, EXACT, 2600, false, 0, 0, NULL},
         {0.05, EXACT, 9000, false, 0, 0, NULL},
         0.996,
         80},
        {"key=f31a", "", "req/s", {7.2, EXACT, 2100, false, 0, 0, NULL}, {(double)NAN, EXACT, 0, false, 0, 0, NULL}, 0.23, 70},
        {"team=search", "", "$/h", {188, AT_LEAST, 0, false, 0, 0, NULL}, {0.024, EXACT, 0, false, 0, 0, NULL}, (double)NAN, 60},
    };
    f->overview.hits.dim = DIM_TEAM;
    f->overview.hits.over = "";
    f->overview.suspect_note = calm(f) ? "too few more failures than usual to tell" : "";
    f->overview.like = calm(f) ? "" : "#29, 14 Oct: rerouted to azure by hand, over in 41m; 1 more";
    if (calm(f)) {
        return;
    }
    f->overview.hits.total = 1984;
    f->overview.hits.count = sizeof hits / sizeof *hits;
    f->overview.hits.list = memcpy(array(f, f->overview.hits.count, sizeof *hits), hits, sizeof hits);
    f->overview.suspects = suspects;
    f->overview.suspect_count = sizeof suspects / sizeof *suspects;
    f->overview.pages = pages;
    f->overview.page_count = sizeof pages / sizeof *pages;
    f->overview.diffs = diffs;
    f->overview.diff_count = sizeof diffs / sizeof *diffs;
    if (f->kind == FAKE_OVERFLOW) {
        struct vhit *many = array(f, 80, sizeof *many);
        for (size_t i = 0; i < 80; i++) {
            many[i] = (struct vhit){arena_printf(&f->arena, "team-with-a-very-long-name-%zu", i),
                                    1234567 / (i + 1),
                                    EXACT,
                                    false,
                                    0,
                                    0.74 / (double)(i + 1),
                                    fake_num(18888.5, 9),
                                    false,
                                    0,
                                    false};
        }
        f->overview.hits.list = many;
        f->overview.hits.count = 80;
    }
}

static void build_slos(struct fake *f)
{
    bool quiet = calm(f), unknown = f->kind == FAKE_STALE;
    enum { COUNT = 2, MANY = 9 };
    struct vslo *s = array(f, MANY, sizeof *s);
    s[0] = (struct vslo){.name = "gpt-x",
                         .objective = 0.999,
                         .period_ms = INT64_C(30) * 86400000,
                         .burn_5m = fake_num(quiet ? 0.4 : 380, 5200),
                         .burn_1h = fake_num(quiet ? 0.4 : 49, 62000),
                         .burn_6h = fake_num(quiet ? 0.3 : 8.2, 370000),
                         .budget_left = fake_num(0.71, 1),
                         .left_text = "71% left",
                         .gone_text = quiet                      ? ""
                                      : f->kind == FAKE_OVERFLOW ? "gone <=04:35Z"
                                                                 : "gone 04:35Z", /* there columns are few */
                         .end = quiet ? VSLO_LASTS : VSLO_ENDS,
                         .spent_by = quiet ? "" : "model gpt-x 78%",
                         .severity = quiet ? SEV_NONE : SEV_PAGE};
    s[1] = (struct vslo){.name = "ttft < 2 s",
                         .objective = 0.95,
                         .period_ms = INT64_C(30) * 86400000,
                         .burn_5m = fake_num(quiet ? 0.2 : 9.1, 9800),
                         .burn_1h = fake_num(quiet ? 0.2 : 1.4, 118000),
                         .burn_6h = fake_num(0.6, 700000),
                         .young_6h = true,
                         .budget_left = fake_num(0.88, 1),
                         .left_text = "88% left",
                         .gone_text = "",
                         .severity = quiet ? SEV_NONE : SEV_TICKET};
    s[1].burn_6h.exact = ABOUT;
    if (unknown) {
        s[0].burn_5m = s[1].burn_5m = fake_unknown();
        s[0].gone_text = "";
    }
    f->overview.slos = s;
    f->overview.slo_count = f->kind == FAKE_INCIDENT || f->kind == FAKE_PAST ? 1 : 2;
    f->latency.slos = s;
    f->latency.slo_count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    for (size_t i = COUNT; i < MANY; i++) {
        s[i] = s[i % COUNT];
    }
}

static void build_deployments(struct fake *f)
{
    static const struct {
        const char *name;
        double req, fail, running, waiting, kv, ttft, provider, cost;
        bool thin;
        enum severity sev;
    } rows[] = {
        {"openai/gpt-x-eu2", 17.4, 0.99, -1, -1, -1, 6.1, -1, 2, true, SEV_PAGE},
        {"openai/gpt-x-eu1", 3.1, 0.612, -1, -1, -1, 6.1, 6.0, 31, false, SEV_PAGE},
        {"azure/gpt-x-weu", 14.8, 0.002, -1, -1, -1, 2.2, 2.1, 236, false, SEV_NONE},
        {"anthropic/c-l", 4.4, 0.001, -1, -1, -1, 1.1, 1.0, 121, false, SEV_NONE},
        {"vllm/qwen-72b-a", 1.6, 0, 14, 4, 81, 0.9, -1, 13, false, SEV_NONE},
        {"vllm/qwen-72b-b", 1.0, 0, 9, 2, 63, 0.4, -1, 9, false, SEV_NONE},
    };
    enum { COUNT = sizeof rows / sizeof *rows, MANY = 40 };
    size_t count = f->kind == FAKE_OVERFLOW ? MANY : COUNT;
    struct vdeployment *d = array(f, count, sizeof *d);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % COUNT;
        d[i] = (struct vdeployment){.name = rows[k].name,
                                    .provider = "",
                                    .req_per_s = fake_num(rows[k].req, 100),
                                    .fail_ratio = fake_num(calm(f) ? 0 : rows[k].fail, 100),
                                    .ttft_p95 = fake_about(rows[k].ttft, 100),
                                    .provider_p95 = rows[k].provider < 0 ? fake_unknown() : fake_about(rows[k].provider, 100),
                                    .cost_per_h = fake_num(rows[k].cost, 100),
                                    .running = rows[k].running < 0 ? fake_unknown() : fake_num(rows[k].running, 1),
                                    .waiting = rows[k].waiting < 0 ? fake_unknown() : fake_num(rows[k].waiting, 1),
                                    .kv = rows[k].kv < 0 ? fake_unknown() : fake_num(rows[k].kv, 1),
                                    .severity = calm(f) ? SEV_NONE : rows[k].sev};
        if (rows[k].thin) {
            d[i].ttft_p95 = (struct vnum){.v = (double)NAN, .n = 100, .word = "thin"};
        }
        d[i].cooldowns = k == 0 && !calm(f) ? fake_num(4, 60) : fake_unknown();
    }
    f->overview.deployments = f->traffic.deployments = d;
    f->overview.deployment_count = f->traffic.deployment_count = count;
}

static struct vheat heat_of(struct fake *f)
{
    static const double edges[] = {0, 0.1, 0.3, 1, 3, 10, 30, (double)INFINITY};
    static const double usual[] = {2, 60, 240, 18, 1, 0, 0}, during[] = {0, 12, 90, 190, 60, 12, 3};
    enum { ROWS = 7 };
    struct rng r;
    rng_seed(&r, 7);
    double *cell = array(f, (size_t)ROWS * f->columns, sizeof *cell);
    double *edge = array(f, ROWS + 1, sizeof *edge);
    const struct view_axis *ax = &f->frame.axis;
    double max = 0;
    for (uint32_t row = 0; row <= ROWS; row++) {
        edge[row] = edges[row];
    }
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint32_t i = 0; i < f->columns; i++) {
            bool bad = !calm(f) && ax->t0_ms + (int64_t)(i + 1) * ax->step_ms > fake_clock(3, 6, 40);
            double v = floor((bad ? during : usual)[row] * (0.6 + 0.8 * rng_unit(&r)));
            bool silent = f->kind == FAKE_STALE && i >= f->columns - f->columns * 9 / 60;
            cell[(size_t)row * f->columns + i] = silent ? (double)NAN : v;
            max = v > max ? v : max;
        }
    }
    return (struct vheat){.rows = ROWS, .columns = f->columns, .cell = cell, .edge = edge, .open_lo = edge[ROWS - 1], .max = max};
}

static void build_latency(struct fake *f)
{
    static const struct shape shapes[] = {
        {"ttft p50", "s", NULL, 0.52, 1.21, 0.52, 0, 0, NULL, SEV_NONE, 9800, 0.1, false, false},
        {"ttft p95", "s", NULL, 0.94, 2.90, 0.94, 0, 0, NULL, SEV_TICKET, 9800, 0.1, false, false},
        {"ttft p99", "s", NULL, 2.1, 7.8, 2.1, 0, 0, NULL, SEV_TICKET, 9800, 0.1, false, false},
        {"e2e p99", "s", NULL, 21.4, 90, 21.4, 82, 0, NULL, SEV_PAGE, 10700, 0.1, false, false},
    };
    static const char *const stages[] = {"balancer 4 ms", "guardrail 38 ms", "retrieval 61 ms", "provider 2.8 s"};
    enum { COUNT = sizeof shapes / sizeof *shapes };
    struct vrow *rows = array(f, COUNT, sizeof *rows);
    for (size_t i = 0; i < COUNT; i++) {
        rows[i] = row_of(f, &shapes[i], (unsigned)i + 20);
    }
    f->overview.latency = rows;
    f->overview.latency_count = COUNT;
    f->overview.stage_lines = stages;
    f->overview.stage_count = sizeof stages / sizeof *stages;
    f->overview.ttft = heat_of(f);
    f->overview.heat_text = "ttft, all models";
    f->latency.heat = f->overview.ttft;
}

static void build_money(struct fake *f)
{
    struct vstack *s = array(f, 3, sizeof *s);
    s[0] = (struct vstack){"base", '#', fake_curve(f, 172, 197, fake_clock(3, 6, 40), 0.08, 31), 197};
    s[1] = (struct vstack){"key f31a", 'K', fake_curve(f, 0, calm(f) ? 0 : 97, fake_clock(2, 58, 0), 0.1, 32), calm(f) ? 0 : 97};
    s[2] = (struct vstack){"model gpt-x, now on gpt-x-weu", 'M', fake_curve(f, 0, calm(f) ? 0 : 118, fake_clock(3, 6, 40), 0.1, 33),
                           calm(f) ? 0 : 118};
    f->overview.cost = f->cost.stack = s;
    f->overview.cost_count = f->cost.stack_count = 3;
    f->overview.money_line = calm(f) ? ">=$172/h; budget Nov: lasts to reset 1 Dec at the 24h rate; -$3.00/h vs 7d ago = rest -$3.00/h"
                                     : ">=$412/h; budget Nov: gone 27 Nov 04:10Z at the 5m rate; +$240/h vs 7d ago = model gpt-x, now on "
                                       "gpt-x-weu +$118/h since 03:06Z, "
                                       "key f31a +$97.00/h since 02:58Z, rest +$25.00/h";
}

static void build_quality_rows(struct fake *f)
{
    static const struct shape shapes[] = {
        {"json valid", "%", NULL, 98.9, 94.1, 98.9, 0, 0, NULL, SEV_TICKET, 812, 0.004, true, false},
        {"length tok", "", NULL, 528, 412, 528, 0, 0, NULL, SEV_TICKET, 812, 0.05, false, false},
        {"refusal", "%", NULL, 1.7, 2.1, 1.7, 0, 0, NULL, SEV_NONE, 812, 0.2, true, false},
        {"judge", "", NULL, 0.84, 0.83, 0.84, 0, 0, NULL, SEV_NONE, 96, 0.02, false, true},
    };
    enum { COUNT = sizeof shapes / sizeof *shapes };
    struct vrow *rows = array(f, COUNT, sizeof *rows);
    for (size_t i = 0; i < COUNT; i++) {
        rows[i] = row_of(f, &shapes[i], (unsigned)i + 40);
    }
    rows[0].strip.floor = 90;
    f->overview.quality = rows;
    f->overview.quality_count = COUNT;
}

static void build_side(struct fake *f)
{
    static const struct {
        int h, m, s;
        char letter;
        const char *text;
    } all[] = {
        {2, 58, 0, 'k', "key f31a (team agents) req/s x7"}, {3, 2, 10, 'c', "litellm config 9f3c > a102"},
        {3, 5, 10, 'q', "json valid drifts, +-40s, n 812"}, {3, 6, 40, 'E', "openai 5xx onset, +-15s"},
        {3, 7, 2, 'P', "page: 14.4x over 1h and 5m"},       {3, 9, 0, 'P', "PagerDuty: not acknowledged"},
    };
    static const struct source_status sources[] = {
        {.name = "litellm", .state = SOURCE_OK, .http_status = 200, .polls_per_s = 0.20},
        {.name = "prometheus", .state = SOURCE_OK, .http_status = 200, .polls_per_s = 0.07},
        {.name = "vllm-a", .state = SOURCE_OK, .http_status = 200, .polls_per_s = 0.07},
        {.name = "vllm-b", .state = SOURCE_OK, .http_status = 200, .polls_per_s = 0.07},
        {.name = "alertmanager", .state = SOURCE_OK, .http_status = 200, .polls_per_s = 0.03},
        {.name = "langfuse", .state = SOURCE_STALE, .http_status = 504, .polls_per_s = 0.02},
    };
    static const int64_t age_s[] = {4, 9, 4, 4, 12, 540};
    enum { COUNT = sizeof all / sizeof *all, SOURCES = sizeof sources / sizeof *sources };
    struct source_status *st = array(f, SOURCES, sizeof *st);
    for (size_t i = 0; i < SOURCES; i++) {
        st[i] = sources[i];
        st[i].last_ok_ms = f->now_ms - age_s[i] * 1000;
        if (f->kind == FAKE_STALE) {
            st[i].state = SOURCE_STALE;
            st[i].last_ok_ms = f->now_ms - 540000;
        }
    }
    f->overview.sources = st;
    f->overview.source_count = SOURCES;
    if (calm(f)) {
        return;
    }
    struct timeline_entry *t = array(f, COUNT, sizeof *t);
    for (size_t i = 0; i < COUNT; i++) {
        int64_t at = fake_clock(all[i].h, all[i].m, all[i].s);
        if (at <= f->cursor_ms) {
            t[f->overview.timeline_count++] = (struct timeline_entry){.id = (int64_t)i + 1,
                                                                      .incident = 42,
                                                                      .at_ms = at,
                                                                      .known_ms = at + 10000,
                                                                      .letter = all[i].letter,
                                                                      .text = all[i].text,
                                                                      .source = "gwtop"};
        }
    }
    f->overview.timeline = t;
    f->overview.incident_text = "#42 PAGE open";
}

void fake_build_overview(struct fake *f)
{
    build_rows(f);
    build_hits(f);
    build_slos(f);
    build_deployments(f);
    build_latency(f);
    build_money(f);
    build_quality_rows(f);
    build_side(f);
}
