/* SPDX-License-Identifier: MIT */
/* Arenas that are full, notes of a stranger's store, and windows other than the usual one. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "fixture.h"
#include "view/prices.h"
#include "view/proposals.h"
#include "view/vslo.h"

#define AVAILABLE                                                                                                                          \
    "[{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.99,\"period_ms\":2592000000,\"scope\":[{\"dim\":\"model\",\"value\":"  \
    "\"gpt-x\"}]}]"

/* ---- an arena without room for one certain allocation; the linker sends all of them here ---- */

static size_t allocations, refused = SIZE_MAX;

void *__real_arena_alloc(struct arena *a, size_t n);
void *__real_arena_array(struct arena *a, size_t count, size_t size);
char *__real_arena_strdup(struct arena *a, struct str s);
void *__wrap_arena_alloc(struct arena *a, size_t n);
void *__wrap_arena_array(struct arena *a, size_t count, size_t size);
char *__wrap_arena_strdup(struct arena *a, struct str s);
char *__wrap_arena_printf(struct arena *a, const char *fmt, ...) GW_PRINTF(2, 3);

static bool is_full(void)
{
    return allocations++ == refused;
}

void *__wrap_arena_alloc(struct arena *a, size_t n)
{
    return is_full() ? NULL : __real_arena_alloc(a, n);
}

void *__wrap_arena_array(struct arena *a, size_t count, size_t size)
{
    return is_full() ? NULL : __real_arena_array(a, count, size);
}

char *__wrap_arena_strdup(struct arena *a, struct str s)
{
    return is_full() ? NULL : __real_arena_strdup(a, s);
}

char *__wrap_arena_printf(struct arena *a, const char *fmt, ...)
{
    char text[4096];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    ck_assert(n >= 0 && n < (int)sizeof text);
    ck_assert_msg(strstr(text, "(null)") == NULL, "what there was no room for is written into a sentence: %s", text);
    return is_full() ? NULL : __real_arena_strdup(a, (struct str){text, (size_t)n});
}

static void note(struct fixture *f, const char *name, const char *text)
{
    ck_assert_int_eq(store_put_note(f->st, name, fixture_start_ms, str_of(text), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static void record(struct fixture *f)
{
    fixture_open(f);
    config_fini(&f->cfg);
    ck_assert_int_eq(
        config_parse(str_of("gateway: test\nbudgets:\n  - {name: all, limit: 1000 USD, period: month}\n"), "test", &f->cfg, NULL), ERR_OK);
    uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", ""),
             bad = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "b", "k2", "5xx", "");
    uint32_t fallbacks = fixture_series(f, SIG_FALLBACKS, 0, "gpt-x", "a", "k1", "", ""),
             cost = fixture_series(f, SIG_COST, 0, "gpt-x", "a", "k1", "", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, ok, 60);
        fixture_increment(f, bad, 6);
        fixture_increment(f, fallbacks, 6);
        fixture_increment(f, cost, 60000000);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    note(f, "slo", AVAILABLE);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

/* ---- a world in which every sentence has something to say ---- */

static const char definitions[] = "[{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.99,\"period_ms\":2592000000,\"scope\":[{"
                                  "\"dim\":\"model\",\"value\":\"gpt-x\"}]},"
                                  "{\"name\":\"all\",\"kind\":\"availability\",\"objective\":0.999,\"period_ms\":2592000000,\"scope\":[]},"
                                  "{\"name\":\"fast\",\"kind\":\"latency\",\"signal\":\"ttft\",\"threshold\":0.5,\"objective\":0.95,"
                                  "\"period_ms\":2592000000,\"scope\":[]}]";

static int64_t minute(int i)
{
    return fixture_start_ms + i * fixture_step_ms;
}

/* A series of gpt-x with one further dimension. */
static uint32_t series_of(struct fixture *f, enum signal s, uint32_t bounds, enum dim dim, const char *value)
{
    struct series sr = {.source = f->source, .signal = (uint16_t)s, .bounds = bounds};
    uint32_t id = 0;
    sr.dim[DIM_GATEWAY] = fixture_string(f, "test");
    sr.dim[DIM_MODEL] = fixture_string(f, "gpt-x");
    sr.dim[dim] = fixture_string(f, value);
    ck_assert_int_eq(store_series(f->st, &sr, &id, NULL), ERR_OK);
    return id;
}

static void observe(struct fixture *f, uint32_t series, const struct store_hist_count *counts)
{
    ck_assert_uint_lt(f->count, FIXTURE_ITEMS_MAX);
    f->items[f->count] = (struct store_item){.series = series};
    f->items[f->count].v.hist.sum_fixed = (int64_t)unit_scale(UNIT_SECONDS) * (int64_t)counts->count;
    f->items[f->count].v.hist.n = counts->count;
    f->items[f->count].v.hist.counts = counts;
    f->items[f->count++].v.hist.count = 1;
}

static void put_alert(struct fixture *f, const char *rule, const char *scope, enum severity severity, enum alert_state state, int since)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = severity,
                             .state = state,
                             .since_ms = minute(since),
                             .onset_ms = minute(since - 2),
                             .known_ms = minute(since),
                             .burn_long = 9,
                             .burn_short = 12,
                             .window_long_ms = 3600000,
                             .window_short_ms = 300000,
                             .bad = 10,
                             .total = 100,
                             .text = "this was found"};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
}

static void put_incident(struct fixture *f, int onset, bool over, int64_t *ret_id)
{
    const struct incident in = {.title = "gpt-x fails",
                                .scope = "model=gpt-x",
                                .severity = SEV_PAGE,
                                .state = over ? INCIDENT_RESOLVED : INCIDENT_OPEN,
                                .onset_ms = minute(onset),
                                .opened_ms = minute(onset + 2),
                                .resolved_ms = over ? minute(onset + 10) : 0,
                                .known_ms = minute(over ? onset + 10 : onset + 2),
                                .owner = over ? "" : "ann"};
    ck_assert_int_eq(store_put_incident(f->st, &in, ret_id, NULL), ERR_OK);
    const struct timeline_entry entry = {
        .incident = *ret_id, .at_ms = minute(onset + 2), .known_ms = minute(onset + 2), .letter = 'P', .text = "page", .source = "gwtop"};
    ck_assert_int_eq(store_put_timeline(f->st, over ? "old" : "new", &entry, NULL), ERR_OK);
}

static void put_facts(struct fixture *f, int onset)
{
    int64_t id;
    const struct event deploy = {.at_ms = minute(onset - 1),
                                 .known_ms = minute(onset + 3),
                                 .kind = EVENT_DEPLOY,
                                 .scope = "model=gpt-x",
                                 .text = "v2 of gpt-x",
                                 .source = "gw"};
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(definitions), NULL), ERR_OK);
    ck_assert_int_eq(store_put_event(f->st, "deploy", &deploy, NULL), ERR_OK);
    put_alert(f, "slo:avail:page-1h", "model=gpt-x", SEV_PAGE, ALERT_FIRING, onset + 2);
    put_alert(f, "slo:fast:page-1h", "", SEV_PAGE, ALERT_FIRING, onset + 2);
    put_alert(f, "quality:json_valid", "model=gpt-x", SEV_NONE, ALERT_FIRING, onset + 2);
    put_alert(f, "key:test", "key=k2", SEV_NONE, ALERT_FIRING, onset + 2);
    put_alert(f, "fallback:test", "model=gpt-x", SEV_NONE, ALERT_FIRING, onset + 2);
    put_incident(f, 10, true, &id);
    put_incident(f, onset, false, &id);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(f->path, "note", id, "looking at it", minute(onset + 3), NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(f->path, "note", id - 1, "rerouted by hand", minute(onset + 3), NULL), ERR_OK);
}

static void record_trouble(struct fixture *f)
{
    enum { ONSET = FIXTURE_POLLS - 12 };
    static const double edges[] = {0.1, 1, 10};
    static const struct store_hist_count quick[] = {{1, 60}}, slow[] = {{2, 60}}, few[] = {{0, 6}};
    const struct hist_bounds *hb;
    struct {
        uint32_t ok, ok_b, bad, fallbacks, cost, cost_b, in_b, zero, waiting, attempts, attempts_bad, eval, ttft, e2e, azure, openai, queue,
            overhead, stage;
    } s;

    fixture_open(f);
    config_fini(&f->cfg);
    ck_assert_int_eq(config_parse(str_of("gateway: test\nbudgets:\n  - {name: all, limit: 1000 USD, period: month}\n"
                                         "  - {name: ours, limit: 1 USD, period: month, scope: team=a}\n"),
                                  "test", &f->cfg, NULL),
                     ERR_OK);
    ck_assert_int_eq(store_bounds(f->st, edges, 3, &hb, NULL), ERR_OK);
    s.ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    s.ok_b = fixture_series(f, SIG_REQUESTS, 0, "c-s", "b", "k2", "ok", "");
    s.bad = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "b", "k2", "5xx", "");
    s.fallbacks = fixture_series(f, SIG_FALLBACKS, 0, "gpt-x", "a", "k1", "", "");
    s.cost = fixture_series(f, SIG_COST, 0, "gpt-x", "a", "k1", "", "");
    s.cost_b = fixture_series(f, SIG_COST, 0, "c-s", "b", "k2", "", "");
    s.in_b = fixture_series(f, SIG_TOKENS_INPUT, 0, "c-s", "b", "k2", "", "");
    s.zero = fixture_series(f, SIG_ZERO_COST, 0, "c-s", "b", "k2", "", "");
    s.eval = fixture_series(f, SIG_EVAL, 0, "gpt-x", "", "", "", "json_valid");
    s.waiting = series_of(f, SIG_WAITING, 0, DIM_DEPLOYMENT, "eu1");
    s.attempts = series_of(f, SIG_ATTEMPTS, 0, DIM_PROVIDER, "azure");
    s.ttft = series_of(f, SIG_TTFT, hb->id, DIM_DEPLOYMENT, "eu1");
    s.e2e = series_of(f, SIG_E2E, hb->id, DIM_DEPLOYMENT, "eu1");
    s.azure = series_of(f, SIG_PROVIDER_LATENCY, hb->id, DIM_PROVIDER, "azure");
    s.openai = series_of(f, SIG_PROVIDER_LATENCY, hb->id, DIM_PROVIDER, "openai");
    s.queue = series_of(f, SIG_QUEUE_TIME, hb->id, DIM_DEPLOYMENT, "eu1");
    s.overhead = series_of(f, SIG_OVERHEAD, hb->id, DIM_DEPLOYMENT, "eu1");
    s.stage = series_of(f, SIG_STAGE_LATENCY, hb->id, DIM_STAGE, "guardrail");
    struct series failed = {.source = f->source, .signal = SIG_ATTEMPTS};
    failed.dim[DIM_MODEL] = fixture_string(f, "gpt-x");
    failed.dim[DIM_PROVIDER] = fixture_string(f, "azure");
    failed.dim[DIM_CLASS] = fixture_string(f, "5xx");
    ck_assert_int_eq(store_series(f->st, &failed, &s.attempts_bad, NULL), ERR_OK);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        const bool trouble = i > ONSET;
        fixture_increment(f, s.ok, 60);
        fixture_increment(f, s.ok_b, 60);
        fixture_increment(f, s.bad, trouble ? 30 : 0);
        fixture_increment(f, s.fallbacks, trouble ? 20 : 0);
        fixture_increment(f, s.cost, 60000000);
        fixture_increment(f, s.cost_b, trouble ? 900000000 : 60000000);
        fixture_increment(f, s.in_b, trouble ? 9000 : 600);
        fixture_increment(f, s.zero, 1);
        fixture_increment(f, s.attempts, 10);
        fixture_increment(f, s.attempts_bad, trouble ? 30 : 0);
        f->items[f->count] = (struct store_item){.series = s.eval};
        f->items[f->count].v.score.n = 20;
        f->items[f->count].v.score.sum_fixed = 20 * (int64_t)unit_scale(UNIT_RATIO);
        f->items[f->count++].v.score.bad = trouble ? 10 : 1;
        f->items[f->count] = (struct store_item){.series = s.waiting};
        f->items[f->count++].v.gauge = 2;
        observe(f, s.ttft, trouble ? slow : quick);
        observe(f, s.e2e, trouble ? slow : quick);
        observe(f, s.azure, quick);
        observe(f, s.openai, quick);
        observe(f, s.queue, few);
        observe(f, s.overhead, few);
        observe(f, s.stage, few);
        fixture_append(f, minute(i));
    }
    put_facts(f, ONSET);
    f->params.compare_ms = 3600000;
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

/* Nobody records any more, and two sources of three count nothing that could be told. */
static void fall_silent(struct fixture *f)
{
    static const char *const names[] = {"saw-1", "saw-2"};
    const int64_t last = f->params.cursor_ms;

    for (size_t i = 0; i < 2; i++) {
        struct source_status s = {.kind = "metrics",
                                  .url = "http://127.0.0.1:1/metrics",
                                  .gateway = "test",
                                  .profile = "litellm",
                                  .reason = "",
                                  .warning = "",
                                  .interval_ms = fixture_step_ms,
                                  .state = SOURCE_SAWTOOTH,
                                  .last_ok_ms = last,
                                  .last_try_ms = last,
                                  .sawtooth_since_ms = last - 600000};
        fixture_source(f, names[i]);
        s.id = f->source;
        s.name = names[i];
        ck_assert_int_eq(store_put_status(f->st, last, &s, NULL), ERR_OK);
    }
    put_alert(f, "slo:avail:page-1h", "model=gpt-x", SEV_PAGE, ALERT_NO_DATA, FIXTURE_POLLS);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
    f->params.cursor_ms = f->params.now_ms = last + 3600000;
}

/* Whatever a pane or a report shows. */
union any_view {
    struct view_frame frame;
    struct view_overview overview;
    struct view_traffic traffic;
    struct view_latency latency;
    struct view_cost cost;
    struct view_quality quality;
    struct view_incidents incidents;
    struct view_events events;
    struct view_sources sources;
    struct view_slos slos;
    struct view_differs_ask usual;
    struct view_differs differs;
    struct view_proposals proposals;
};

enum { LOADERS = 15 };
static enum err load(int which, const struct view_loader *l, const struct view_params *p, union any_view *v, struct errctx *ctx)
{
    const struct view_latency_ask ttft = {.signal = SIG_TTFT, .cell_ms = INT64_MAX};
    const int64_t end = p->cursor_ms;
    const struct view_differs_ask ask = {.t0_ms = end - 300000,
                                         .t1_ms = end,
                                         .base0_ms = end - 3900000,
                                         .base1_ms = end - 900000,
                                         .base_text = "the hour before",
                                         .scope = ""};

    switch (which) {
    case 0: return view_load_frame(l, p, &v->frame, ctx);
    case 1: return view_load_overview(l, p, &v->overview, ctx);
    case 2: return view_load_traffic(l, p, &v->traffic, ctx);
    case 3: return view_load_latency(l, p, &ttft, &v->latency, ctx);
    case 4: return view_load_cost(l, p, &v->cost, ctx);
    case 5: return view_load_quality(l, p, &v->quality, ctx);
    case 6: return view_load_incidents(l, p, 2, &v->incidents, ctx);
    case 7: return view_load_incidents_row(l, p, 1, &v->incidents, ctx);
    case 8: return view_load_events(l, p, &v->events, ctx);
    case 9: return view_load_sources(l, p, &v->sources, ctx);
    case 10: return view_load_slos(l, p, &v->slos, ctx);
    case 11: return view_differs_usual(l, p, &v->usual, ctx);
    case 12: return view_differs_since(l, end - 720000, end, "model=gpt-x,team=a", &v->usual, ctx);
    case 13: return view_load_differs(l, p, &ask, &v->differs, ctx);
    default: return view_load_proposals(l, p, &v->proposals, ctx);
    }
}

/* In any arena a view is loaded whole; or it fails, says so, and leaves the result as it was. */
static bool is_loaded(int which, const struct fixture *f)
{
    union any_view v, before;
    struct errctx ctx = {.text = ""};

    memset(&v, 0x5a, sizeof v);
    memset(&before, 0x5a, sizeof before);
    arena_reset(f->loader.arena);
    arena_reset(f->loader.scratch);
    allocations = 0;
    enum err e = load(which, &f->loader, &f->params, &v, &ctx);
    ck_assert_msg(e == ERR_OK || e == ERR_NOMEM, "loader %d without allocation %zu: %s", which, refused, err_name(e));
    ck_assert_msg(e != ERR_OK || allocations <= refused, "loader %d does not say that it lost allocation %zu", which, refused);
    ck_assert_msg(e == ERR_OK || ctx.text[0] != '\0', "loader %d has no sentence for allocation %zu", which, refused);
    if (e != ERR_OK)
        ck_assert_mem_eq(&v, &before, sizeof v);
    return e == ERR_OK;
}

/* There is no room for the first, for the second, ...: each allocation is the one that fails once. */
static void sweep(struct fixture *f, const char *filter)
{
    f->params.filter = filter;
    for (int which = 0; which < LOADERS; which++) {
        for (refused = 0; !is_loaded(which, f); refused++)
            ck_assert_uint_lt(refused, 100000);
        refused = SIZE_MAX;
    }
}

static const char *const filters[] = {"", "model=gpt-x", "team=a", "deployment=eu1", "team=nobody"};
enum { FILTERS = sizeof filters / sizeof *filters };

START_TEST(a_full_arena_is_an_error_and_leaves_the_result_alone)
{
    struct fixture f;
    record_trouble(&f);
    sweep(&f, filters[_i]);
    fixture_close(&f);
}
END_TEST

/* What is said of a recorder that is gone, of counters that go up and down and of rules without data. */
START_TEST(a_full_arena_is_an_error_while_nothing_is_known)
{
    struct fixture f;
    record_trouble(&f);
    fall_silent(&f);
    fixture_hush(&f);
    sweep(&f, "");
    fixture_close(&f);
}
END_TEST

START_TEST(objectives_that_cannot_be_read_leave_the_list_alone)
{
    struct fixture f;
    struct slo *const untouched = (struct slo *)&f, *list = untouched;
    size_t count = 7;
    record(&f);
    note(&f, "slo", "{\"name\": 1}");
    ck_assert_int_eq(vslo_definitions(&f.loader, f.params.cursor_ms, &list, &count, NULL), ERR_CORRUPT);
    ck_assert_ptr_eq(list, untouched);
    ck_assert_uint_eq(count, 7);
    fixture_close(&f);
}
END_TEST

START_TEST(an_instant_that_is_none_is_not_believed)
{
    static const char *const texts[] = {"1e300", "-1e300", "inf", "nan", "later"};
    struct fixture f;
    struct view_frame v;
    bool ended;
    record(&f);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        note(&f, "ended", texts[i]);
        ck_assert_int_eq(view_now(f.st, 12345, &ended), 12345);
        ck_assert(!ended);
        ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
        ck_assert_int_eq(v.ended_ms, 0);
    }
    note(&f, "clock", "{\"origin_system_ms\": 0, \"origin_wall_ms\": 0, \"speed\": 1e300}");
    ck_assert_int_eq(view_now(f.st, 12345, &ended), 12345);
    note(&f, "ended", "1795442400000.0"); /* one reading for the clock and the header */
    ck_assert_int_eq(view_now(f.st, 12345, &ended), INT64_C(1795442400000));
    ck_assert(ended);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.ended_ms, INT64_C(1795442400000));
    fixture_close(&f);
}
END_TEST

/* As above, for the one view that reads no store: a price of its own, a discount, and the list alone. */
START_TEST(a_price_in_a_full_arena_is_an_error)
{
    static const char *const models[] = {"own", "cheap", "listed"};
    static const char list[] = "gwtop-prices 1\ndate 2026-06-02\norigin a test\ncheap\tacme\tchat\t-\tinput=3\n"
                               "listed\tacme\tchat\t-\tinput=3\nend 2\n";
    struct fixture f;
    char path[sizeof f.dir + 16];
    fixture_open(&f);
    config_fini(&f.cfg);
    ck_assert_int_eq(config_parse(str_of("gateway: test\nprices:\n- {model: own, from: 2026-06-01, input: 1 USD/M, output: 1 USD/M}\n"
                                         "- {model: cheap, from: 2026-06-01, discount: 10%}\n"),
                                  "test", &f.cfg, NULL),
                     ERR_OK);
    ck_assert(str_format(path, sizeof path, "%s/prices.txt", f.dir));
    FILE *file = fopen(path, "w");
    ck_assert(file != NULL && fputs(list, file) >= 0 && fclose(file) == 0);
    const struct view_price_ask ask = {.model = models[_i], .list = path, .at_ms = fixture_start_ms, .has_counts = true, .count = {1000}};
    enum err e = ERR_NOMEM;
    for (refused = 0; e != ERR_OK; refused++) {
        struct view_price v;
        arena_reset(&f.arena);
        allocations = 0;
        e = view_load_price(&f.cfg, &ask, &f.arena, &v, NULL);
        ck_assert_msg(e == ERR_OK || e == ERR_NOMEM || e == ERR_LIMIT, "%s without allocation %zu: %s", models[_i], refused, err_name(e));
        ck_assert_msg(e != ERR_OK || allocations <= refused, "%s does not say that it lost allocation %zu", models[_i], refused);
        ck_assert_uint_lt(refused, 1000);
    }
    refused = SIZE_MAX;
    fixture_close(&f);
}
END_TEST

START_TEST(sentences_name_the_window_that_was_asked_for)
{
    struct fixture f;
    struct view_frame v;
    struct view_cost c;
    record(&f);
    f.params.now_window_ms = 600000;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(v.verdict.sentence, " of 660 requests failed in the last 10m"));
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &c, NULL), ERR_OK);
    ck_assert_str_eq(c.budgets[0].rate, "at the 10m rate");
    fixture_close(&f);
}
END_TEST

Suite *suite_limits(void);
Suite *suite_limits(void)
{
    Suite *s = suite_create("limits");
    TCase *tc = tcase_create("limits");
    tcase_set_timeout(tc, 600); /* seconds: each loads 15 views some thousand times, on a machine that may be busy */
    tcase_add_loop_test(tc, a_full_arena_is_an_error_and_leaves_the_result_alone, 0, FILTERS);
    tcase_add_test(tc, a_full_arena_is_an_error_while_nothing_is_known);
    tcase_add_test(tc, objectives_that_cannot_be_read_leave_the_list_alone);
    tcase_add_test(tc, an_instant_that_is_none_is_not_believed);
    tcase_add_loop_test(tc, a_price_in_a_full_arena_is_an_error, 0, 3);
    tcase_add_test(tc, sentences_name_the_window_that_was_asked_for);
    suite_add_tcase(s, tc);
    return s;
}
