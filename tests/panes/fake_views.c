/* SPDX-License-Identifier: MIT */
#include "panes/fake_views.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, ARENA_BYTES = 8 << 20 };

const char *fake_kind_name(enum fake_kind k)
{
    static const char *const names[FAKE_KINDS] = {"incident", "calm", "empty", "stale", "past", "overflow"};
    return names[k];
}

int64_t fake_clock(int hour, int minute, int second)
{
    const int64_t midnight = INT64_C(1795478400000); /* 2026-11-24T00:00:00Z */
    return midnight + (int64_t)hour * HOUR + (int64_t)minute * MINUTE + (int64_t)second * SECOND;
}

static void *need(void *p)
{
    if (!p) {
        abort();
    }
    return p;
}

struct vnum fake_num(double v, uint64_t n)
{
    return (struct vnum){.v = v, .n = n};
}

struct vnum fake_about(double v, uint64_t n)
{
    return (struct vnum){.v = v, .n = n, .exact = ABOUT};
}

struct vnum fake_unknown(void)
{
    return (struct vnum){.v = (double)NAN};
}

double *fake_curve(struct fake *f, double before, double during, int64_t from_ms, double noise, unsigned seed)
{
    struct rng r;
    double *v = need(arena_array(&f->arena, f->columns, sizeof *v));
    const struct view_axis *ax = &f->frame.axis;
    rng_seed(&r, seed);
    for (uint32_t i = 0; i < f->columns; i++) {
        int64_t end = ax->t0_ms + (int64_t)(i + 1) * ax->step_ms;
        double wave = 1 + noise * (0.7 * sin((double)i * 9 / (double)f->columns + seed) + 0.6 * (rng_unit(&r) - 0.5));
        double ramp = end <= from_ms ? 0 : fmin(1, (double)(end - from_ms) / (3 * MINUTE)); /* three minutes to full height */
        v[i] = (before + (during - before) * ramp) * wave;
    }
    return v;
}

struct vstrip fake_strip(struct fake *f, double before, double during, int64_t from_ms, double noise, unsigned seed)
{
    struct vstrip s = {.v = fake_curve(f, before, during, from_ms, noise, seed), .max = (double)NAN, .threshold = (double)NAN};
    for (uint32_t i = 0; i < f->columns; i++) {
        if (isfinite(s.v[i]) && !(s.v[i] <= s.max)) {
            s.max = s.v[i];
        }
    }
    return s;
}

static void build_axis(struct fake *f)
{
    int64_t step = 5 * SECOND;
    static const int64_t steps[] = {5 * SECOND, 10 * SECOND, 15 * SECOND, 20 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && step * f->columns < HOUR; i++) {
        step = steps[i];
    }
    int64_t end = (f->cursor_ms + step - 1) / step * step;
    f->frame.axis = (struct view_axis){.t0_ms = end - step * f->columns,
                                       .step_ms = step,
                                       .cursor_ms = f->cursor_ms,
                                       .now_ms = f->now_ms,
                                       .columns = f->columns,
                                       .compare_ms = INT64_C(7) * 24 * HOUR,
                                       .against = "7d ago"};
}

static void build_marks(struct fake *f)
{
    static const struct {
        int h, m, s;
        char letter;
        bool hollow;
        const char *text;
    } all[] = {
        {2, 58, 0, 'k', false, "key f31a (team agents) req/s x7"}, {3, 2, 10, 'c', false, "config 9f3c > a102, by deploy-bot"},
        {3, 5, 10, 'q', true, "json valid drifts, onset +-40s"},   {3, 6, 40, 'E', false, "openai 5xx onset, +-15s"},
        {3, 9, 0, 'P', false, "PagerDuty: not acknowledged"},
    };
    enum { COUNT = sizeof all / sizeof *all };
    struct vmark *marks = need(arena_array(&f->arena, COUNT, sizeof *marks));
    for (size_t i = 0; i < COUNT; i++) {
        int64_t at = fake_clock(all[i].h, all[i].m, all[i].s);
        if (at <= f->cursor_ms) {
            marks[f->frame.mark_count++] = (struct vmark){at, all[i].letter, all[i].hollow, all[i].text};
        }
    }
    f->frame.marks = marks;
}

static void build_verdict(struct fake *f)
{
    struct view_verdict *v = &f->frame.verdict;
    switch (f->kind) {
    case FAKE_INCIDENT:
    case FAKE_OVERFLOW:
        *v = (struct view_verdict){
            .state = VERDICT_PAGE,
            .was = VERDICT_PAGE,
            .since_ms = fake_clock(3, 7, 2),
            .sentence = "openai/gpt-x: 38% of requests fail since 03:06:40 (7m42s), 3.1k lost, 61% of traffic on the dearer fallback",
            .reality = "litellm 4s = prometheus 9s; provider 5xx, ours ok",
            .scope = "model=gpt-x",
            .incident = 42,
            .others = 1,
            .bad_percent = 38};
        break;
    case FAKE_PAST:
        *v = (struct view_verdict){.state = VERDICT_PAGE,
                                   .was = VERDICT_PAGE,
                                   .since_ms = fake_clock(3, 7, 2),
                                   .sentence =
                                       "openai/gpt-x: 35% of requests fail since 03:06:40 (2m50s), 1.0k lost; suspect provider openai",
                                   .reality = "litellm 4s = prometheus 9s; provider 5xx, ours ok",
                                   .scope = "model=gpt-x",
                                   .incident = 42,
                                   .bad_percent = 35};
        break;
    case FAKE_CALM:
        *v = (struct view_verdict){.state = VERDICT_OK,
                                   .was = VERDICT_OK,
                                   .since_ms = fake_clock(1, 30, 0),
                                   .sentence = "3 objectives hold; 0.03% of 12.7k requests failed in the last 5 minutes",
                                   .reality = "litellm 4s = prometheus 9s",
                                   .scope = "",
                                   .bad_percent = NAN};
        break;
    case FAKE_STALE:
        *v = (struct view_verdict){.state = VERDICT_UNKNOWN,
                                   .was = VERDICT_PAGE,
                                   .since_ms = fake_clock(3, 5, 20),
                                   .sentence = "every source is silent; openai/gpt-x failed 38% then",
                                   .reality = "litellm 9m silent: connection refused; prometheus 9m silent: connection refused",
                                   .scope = "model=gpt-x",
                                   .incident = 42,
                                   .bad_percent = 38};
        break;
    case FAKE_EMPTY:
    case FAKE_KINDS:
        *v = (struct view_verdict){
            .state = VERDICT_NO_RULES, .was = VERDICT_UNKNOWN, .sentence = "", .reality = "", .scope = "", .bad_percent = NAN};
        break;
    }
}

static void build_frame(struct fake *f)
{
    static const struct vstale one[] = {{"langfuse", 9 * MINUTE, SOURCE_STALE, ""}};
    static const struct vstale all[] = {{"litellm", 9 * MINUTE, SOURCE_DOWN, ""},
                                        {"prometheus", 9 * MINUTE, SOURCE_STALE, ""},
                                        {"vllm-a", 9 * MINUTE, SOURCE_STALE, ""},
                                        {"vllm-b", 9 * MINUTE, SOURCE_STALE, ""},
                                        {"langfuse", 17 * MINUTE, SOURCE_STALE, ""}};
    struct view_frame *fr = &f->frame;
    *fr = (struct view_frame){.gateway = f->kind == FAKE_OVERFLOW ? "production-europe-central-1-primary" : "prod-eu",
                              .scope_text = "all",
                              .live = f->kind != FAKE_PAST,
                              .kept = true,
                              .now_ms = f->now_ms,
                              .cursor_ms = f->cursor_ms,
                              .data_age_ms = 4 * SECOND,
                              .recording_since_ms = fake_clock(-18, 2, 0),
                              .recorder_running = true,
                              .recorder_pid = 4711,
                              .sources_ok = 5,
                              .sources_all = 6,
                              .polls_per_s = 0.4,
                              .measured = "5m"};
    if (f->kind == FAKE_INCIDENT || f->kind == FAKE_OVERFLOW || f->kind == FAKE_PAST) {
        fr->stale = one;
        fr->stale_count = 1;
    } else if (f->kind == FAKE_STALE) {
        fr->stale = all;
        fr->stale_count = 5;
        fr->sources_ok = 0;
        fr->data_age_ms = 9 * MINUTE;
    } else if (f->kind == FAKE_EMPTY) {
        fr->demo = true;
        fr->data_age_ms = -1;
        fr->recording_since_ms = 0;
        fr->sources_ok = 0;
        fr->sources_all = 1;
        fr->polls_per_s = 0;
    } else {
        fr->sources_ok = 6;
    }
    build_axis(f);
    if (f->kind != FAKE_EMPTY && f->kind != FAKE_CALM) {
        build_marks(f);
    }
    build_verdict(f);
}

static void make_old(struct vnum *n)
{
    n->stale = true;
    n->age_ms = 9 * MINUTE;
}

/* Every number of the gateway is from before it fell silent. */
static void make_stale(struct fake *f)
{
    const struct view_overview *o = &f->overview;
    for (size_t i = 0; i < o->hits.count; i++) {
        struct vhit *h = (struct vhit *)&o->hits.list[i];
        h->stale = true;
        h->age_ms = 9 * MINUTE;
        make_old(&h->cost_per_h);
    }
    for (size_t i = 0; i < o->slo_count; i++) {
        struct vslo *s = (struct vslo *)&o->slos[i];
        make_old(&s->burn_5m);
        make_old(&s->burn_1h);
        make_old(&s->burn_6h);
        make_old(&s->budget_left);
    }
    for (size_t i = 0; i < o->deployment_count; i++) {
        struct vdeployment *d = (struct vdeployment *)&o->deployments[i];
        struct vnum *const all[] = {&d->req_per_s, &d->fail_ratio, &d->ttft_p95, &d->provider_p95, &d->cost_per_h,
                                    &d->running,   &d->waiting,    &d->kv,       &d->cooldowns};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
            make_old(all[k]);
        }
    }
    for (size_t i = 0; i < f->traffic.table_count; i++) {
        struct vtraffic_row *r = (struct vtraffic_row *)&f->traffic.table[i];
        struct vnum *const all[] = {&r->req_per_s, &r->fail_ratio, &r->attempts, &r->fallbacks, &r->share};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
            make_old(all[k]);
        }
    }
    for (size_t i = 0; i < f->quality.row_count; i++) {
        make_old((struct vnum *)&f->quality.rows[i].now);
    }
    make_old(&f->overview.cost_per_h);
}

void fake_init(struct fake *f, enum fake_kind kind, uint32_t columns)
{
    *f = (struct fake){.kind = kind, .columns = columns, .now_ms = fake_clock(3, 14, 22)};
    f->cursor_ms = kind == FAKE_PAST ? fake_clock(3, 9, 30) : f->now_ms;
    arena_init(&f->arena, ARENA_BYTES);
    build_frame(f);
    f->latency.signal = f->latency_cell.signal = SIG_TTFT;
    f->latency.window_ms = f->latency_cell.window_ms = 3600000;
    if (kind != FAKE_EMPTY) {
        fake_build_overview(f);
        fake_build_panes(f);
        fake_build_incidents(f);
    }
    if (kind == FAKE_STALE) {
        make_stale(f);
    }
}

void fake_fini(struct fake *f)
{
    arena_fini(&f->arena);
}

const void *fake_view(const struct fake *f, enum pane_id pane, bool detail)
{
    switch (pane) {
    case PANE_OVERVIEW: return &f->overview;
    case PANE_TRAFFIC: return &f->traffic;
    case PANE_LATENCY: return detail ? &f->latency_cell : &f->latency;
    case PANE_COST: return &f->cost;
    case PANE_QUALITY: return &f->quality;
    case PANE_INCIDENTS: return detail ? &f->incident : &f->incidents;
    case PANE_EVENTS: return &f->events;
    case PANE_SOURCES: return &f->sources;
    case PANE_COUNT: break;
    }
    return NULL;
}
