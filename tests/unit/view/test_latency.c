/* SPDX-License-Identifier: MIT */
/* The Latency pane's numbers, traced from what was appended. Per minute, for two hours:
 * gpt-x on openai (deployments eu1, eu2) and on azure (weu), c-l on anthropic; ttft in buckets of 0.1, 1, 5 s and an open one. */
#include <math.h>

#include "fixture.h"

struct road {
    const char *model, *provider, *deployment;
    uint64_t fast, slow, open;
}; /* in (0.1,1], (1,5], beyond 5 s */

static const struct hist_bounds *bounds_of(struct fixture *f)
{
    static const double bounds[] = {0.1, 1, 5};
    const struct hist_bounds *b;
    ck_assert_int_eq(store_bounds(f->st, bounds, 3, &b, NULL), ERR_OK);
    return b;
}

static uint32_t series_of(struct fixture *f, enum signal s, const char *model, const char *provider, const char *deployment,
                          const char *other, enum dim other_dim)
{
    struct series sr = {.source = f->source, .signal = (uint16_t)s};
    uint32_t id = 0;
    sr.bounds = signal_info(s)->kind == KIND_HISTOGRAM ? bounds_of(f)->id : 0;
    sr.dim[DIM_GATEWAY] = fixture_string(f, "test");
    sr.dim[DIM_MODEL] = fixture_string(f, model);
    sr.dim[DIM_PROVIDER] = fixture_string(f, provider);
    sr.dim[DIM_DEPLOYMENT] = fixture_string(f, deployment);
    sr.dim[other_dim] = fixture_string(f, other);
    ck_assert_int_eq(store_series(f->st, &sr, &id, NULL), ERR_OK);
    return id;
}

/* One histogram of one poll; counts must live until the append. */
static void observe(struct fixture *f, uint32_t series, const struct store_hist_count counts[3], double mean_s)
{
    struct store_item *it = &f->items[f->count++];
    *it = (struct store_item){.series = series};
    it->v.hist.counts = counts;
    it->v.hist.count = 3;
    for (int i = 0; i < 3; i++)
        it->v.hist.n += counts[i].count;
    it->v.hist.sum_fixed = (int64_t)(mean_s * 1e9) * (int64_t)it->v.hist.n;
}

static void poll(struct fixture *f, const struct road *roads, size_t count, int64_t t1_ms)
{
    struct store_hist_count counts[8][3];
    for (size_t i = 0; i < count; i++) {
        const struct store_hist_count c[3] = {{1, roads[i].fast}, {2, roads[i].slow}, {3, roads[i].open}};
        memcpy(counts[i], c, sizeof c);
        observe(f, series_of(f, SIG_TTFT, roads[i].model, roads[i].provider, roads[i].deployment, "", DIM_TEAM), counts[i], 0.5);
    }
    fixture_increment(f, series_of(f, SIG_REQUESTS, "gpt-x", "", "", "ok", DIM_CLASS), 60);
    fixture_increment(f, series_of(f, SIG_REQUESTS, "gpt-x", "", "", "5xx", DIM_CLASS), 40);
    fixture_increment(f, series_of(f, SIG_REQUESTS, "c-l", "", "", "ok", DIM_CLASS), 20);
    fixture_append(f, t1_ms);
}

static const struct road roads[] = {{"gpt-x", "openai", "eu1", 40, 1, 0},
                                    {"gpt-x", "openai", "eu2", 20, 20, 0},
                                    {"gpt-x", "azure", "weu", 30, 1, 2},
                                    {"c-l", "anthropic", "c1", 19, 3, 0}};
enum { ROADS = sizeof roads / sizeof *roads };

static void record(struct fixture *f)
{
    fixture_open(f);
    for (int i = 1; i <= FIXTURE_POLLS; i++)
        poll(f, roads, ROADS, fixture_start_ms + i * fixture_step_ms);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
    f->params.group = DIM_MODEL;
}

static struct view_latency load(struct fixture *f, struct view_latency_ask ask)
{
    struct view_latency v;
    ask.signal = ask.signal == 0 ? SIG_TTFT : ask.signal;
    ck_assert_int_eq(view_load_latency(&f->loader, &f->params, &ask, &v, NULL), ERR_OK);
    return v;
}

START_TEST(rows_of_the_heatmap_end_where_buckets_end)
{
    struct fixture f;
    record(&f);
    const struct vheat h = load(&f, (struct view_latency_ask){0}).heat;
    ck_assert_uint_eq(h.rows, 4); /* 0.5-1, 1-2, 2-5 and what is beyond the last bound, right above it: nothing says that it took 300 s */
    ck_assert_double_eq_tol(h.edge[0], 0.5, 1e-12);
    ck_assert_double_eq_tol(h.edge[3], 5, 1e-12);
    ck_assert(isinf(h.edge[4]));
    ck_assert_double_eq_tol(h.open_lo, 5, 1e-12);
    uint32_t c = h.columns - 1;
    ck_assert_double_eq_tol(h.cell[0 * h.columns + c], 109, 1e-9);
    ck_assert_double_eq_tol(h.cell[1 * h.columns + c], 0, 1e-9);
    ck_assert_double_eq_tol(h.cell[2 * h.columns + c], 25, 1e-9);
    ck_assert_double_eq_tol(h.cell[3 * h.columns + c], 2, 1e-9);
    ck_assert(h.maybe[1 * h.columns + c]); /* of the 25 in (1,5] */
    ck_assert(!h.maybe[2 * h.columns + c] && !h.maybe[3 * h.columns + c]);
    fixture_close(&f);
}
END_TEST

START_TEST(a_cell_says_when_how_slow_how_many_and_who)
{
    struct fixture f;
    record(&f);
    const int64_t at = f.params.now_ms - 10 * fixture_step_ms;
    struct view_latency v = load(&f, (struct view_latency_ask){.cell_ms = at, .cell_s = 5});
    const struct vcell *c = &v.cell;
    ck_assert(c->on && c->known);
    ck_assert_int_eq(c->t1_ms, at);
    ck_assert_int_eq(c->t0_ms, at - fixture_step_ms);
    ck_assert_double_eq_tol(c->lo, 2, 1e-12);
    ck_assert_double_eq_tol(c->hi, 5, 1e-12);
    ck_assert_double_eq_tol(c->bucket_lo, 1, 1e-12); /* as it was measured: nobody knows whether they took more than 2 s */
    ck_assert_double_eq_tol(c->bucket_hi, 5, 1e-12);
    ck_assert_uint_eq(c->n, 25);
    ck_assert_uint_eq(c->of, 136);
    ck_assert_double_eq_tol((double)c->n, v.heat.cell[c->row * v.heat.columns + c->column], 1e-9);
    ck_assert_uint_eq(c->part_count, 3);
    ck_assert_str_eq(c->parts[0].model, "gpt-x");
    ck_assert_str_eq(c->parts[0].provider, "openai");
    ck_assert_uint_eq(c->parts[0].n, 21);
    ck_assert_double_eq_tol(c->parts[0].fail.v, 0.4, 1e-9);
    ck_assert_int_eq(c->parts[0].severity, SEV_PAGE);
    ck_assert_str_eq(c->parts[1].model, "c-l");
    ck_assert_uint_eq(c->parts[1].n, 3);
    ck_assert_int_eq(c->parts[1].severity, SEV_NONE);
    ck_assert_uint_eq(c->parts[2].n, 1);
    ck_assert_uint_eq(c->quantile[1].n, 136);
    v = load(&f, (struct view_latency_ask){.cell_ms = at, .cell_s = (double)INFINITY});
    ck_assert_uint_eq(v.cell.n, 2);
    ck_assert_double_eq_tol(v.cell.lo, 5, 1e-12);
    ck_assert(isinf(v.cell.bucket_hi));
    ck_assert_str_eq(v.cell.parts[0].provider, "azure");
    fixture_close(&f);
}
END_TEST

/* Of a model that only averages are known of, nobody can say where its answers stand: they are in no cell, and in no share of a column. */
START_TEST(averages_stand_in_no_cell)
{
    struct fixture f;
    const struct hist_bounds *none;
    static const struct store_hist_count counts[] = {{0, 1000}};
    record(&f);
    ck_assert_int_eq(store_bounds(f.st, NULL, 0, &none, NULL), ERR_OK);
    f.items[f.count] = (struct store_item){.series = fixture_series(&f, SIG_TTFT, none->id, "avg", "", "", "", "")};
    f.items[f.count].v.hist.n = 1000;
    f.items[f.count].v.hist.sum_fixed = INT64_C(3000000000000);
    f.items[f.count].v.hist.counts = counts;
    f.items[f.count++].v.hist.count = 1;
    const int64_t at = f.params.now_ms + fixture_step_ms;
    poll(&f, roads, ROADS, at);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    struct view_latency v = load(&f, (struct view_latency_ask){.cell_ms = at, .cell_s = (double)INFINITY});
    ck_assert_uint_eq(v.cell.n, 2);
    ck_assert_uint_eq(v.cell.of, 136);
    ck_assert_double_eq_tol((double)v.cell.n, v.heat.cell[v.cell.row * v.heat.columns + v.cell.column], 1e-9);
    ck_assert_double_eq_tol(v.cell.bucket_lo, 5, 1e-12);
    ck_assert_uint_eq(v.cell.part_count, 1);
    ck_assert_str_eq(v.cell.parts[0].provider, "azure");
    v = load(&f, (struct view_latency_ask){.cell_ms = at}); /* the row of the p95 of what can be placed */
    ck_assert_double_eq_tol(v.cell.hi, 5, 1e-12);
    fixture_close(&f);
}
END_TEST

/* Where there are more rows than room, the fastest are one row that begins at zero. */
START_TEST(rows_that_join_begin_at_zero)
{
    struct fixture f;
    static const double bounds[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
    enum { BOUNDS = sizeof bounds / sizeof *bounds };
    struct store_hist_count counts[BOUNDS];
    struct view_overview v;
    const struct hist_bounds *b;
    fixture_open(&f);
    ck_assert_int_eq(store_bounds(f.st, bounds, BOUNDS, &b, NULL), ERR_OK);
    for (uint32_t i = 0; i < BOUNDS; i++)
        counts[i] = (struct store_hist_count){i, 1 + i};
    f.items[f.count] = (struct store_item){.series = fixture_series(&f, SIG_TTFT, b->id, "gpt-x", "", "", "", "")};
    f.items[f.count].v.hist.n = BOUNDS * (BOUNDS + 1) / 2;
    f.items[f.count].v.hist.sum_fixed = INT64_C(50000000000);
    f.items[f.count].v.hist.counts = counts;
    f.items[f.count++].v.hist.count = BOUNDS;
    fixture_append(&f, fixture_start_ms + fixture_step_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.ttft.rows, 8);
    ck_assert_double_eq_tol(v.ttft.edge[0], 0, 1e-12);
    ck_assert_double_eq_tol(v.ttft.edge[1], 0.05, 1e-12);
    ck_assert_double_eq_tol(v.ttft.cell[v.ttft.columns - 1], 1 + 2 + 3, 1e-9);
    ck_assert_double_eq_tol(v.ttft.edge[8], 10, 1e-12);
    fixture_close(&f);
}
END_TEST

START_TEST(a_cell_begins_at_the_newest_p95_and_stays_inside)
{
    struct fixture f;
    record(&f);
    struct view_latency v = load(&f, (struct view_latency_ask){.cell_ms = INT64_MAX});
    ck_assert_uint_eq(v.cell.column, v.heat.columns - 1);
    ck_assert_double_eq_tol(v.cell.hi, 5, 1e-12); /* 2 of 136 are beyond it: less than 5 % */
    v = load(&f, (struct view_latency_ask){.cell_ms = 1, .cell_s = 1e-6});
    ck_assert_uint_eq(v.cell.column, 0);
    ck_assert_uint_eq(v.cell.row, 0);
    ck_assert_uint_eq(v.cell.n, 109);
    v = load(&f, (struct view_latency_ask){.cell_ms = f.params.now_ms + 1000 * fixture_step_ms});
    ck_assert_uint_eq(v.cell.column, v.heat.columns - 1);
    ck_assert(!load(&f, (struct view_latency_ask){0}).cell.on);
    fixture_close(&f);
}
END_TEST

/* The newest column is not over yet. */
START_TEST(a_cell_ends_where_the_data_does)
{
    struct fixture f;
    record(&f);
    const struct road one = {"gpt-x", "openai", "eu1", 40, 1, 0};
    const int64_t end = f.params.now_ms + fixture_step_ms / 2;
    poll(&f, &one, 1, end);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params.cursor_ms = f.params.now_ms = end;
    const struct view_latency v = load(&f, (struct view_latency_ask){.cell_ms = INT64_MAX});
    ck_assert_int_eq(v.cell.t1_ms, end);
    ck_assert_int_lt(v.cell.t0_ms, end);
    ck_assert_uint_ge(v.cell.of, 41);
    fixture_close(&f);
}
END_TEST

START_TEST(a_cell_of_a_gap_is_not_known)
{
    struct fixture f;
    record(&f);
    fixture_append(&f, f.params.now_ms + 10 * fixture_step_ms); /* a poll without any series after ten minutes of nothing */
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    struct view_latency v = load(&f, (struct view_latency_ask){.cell_ms = f.params.now_ms - 2 * fixture_step_ms, .cell_s = 1});
    ck_assert(v.cell.on && !v.cell.known);
    ck_assert_uint_eq(v.cell.n, 0);
    ck_assert(isnan(v.cell.bucket_lo));
    fixture_close(&f);
}
END_TEST

/* 0.5 to 1 s is where (0.1,1] ends, so that 1 to 2 s lies inside (1,5]. */
START_TEST(a_cell_inside_a_wider_bucket_reads_that_bucket)
{
    struct fixture f;
    record(&f);
    const int64_t at = f.params.now_ms - 10 * fixture_step_ms;
    const struct vcell c = load(&f, (struct view_latency_ask){.cell_ms = at, .cell_s = 1.5}).cell;
    ck_assert(c.on && c.known && c.wider);
    ck_assert_double_eq_tol(c.lo, 1, 1e-12);
    ck_assert_double_eq_tol(c.hi, 2, 1e-12);
    ck_assert_double_eq_tol(c.bucket_lo, 1, 1e-12);
    ck_assert_double_eq_tol(c.bucket_hi, 5, 1e-12);
    ck_assert_uint_eq(c.n, 25);
    ck_assert_uint_eq(c.part_count, 3);
    ck_assert(!load(&f, (struct view_latency_ask){.cell_ms = at, .cell_s = 4}).cell.wider);
    fixture_close(&f);
}
END_TEST

/* One poll a minute, four columns a minute: each shows its share, and the minute that was not polled is a gap. */
START_TEST(columns_narrower_than_a_poll_show_what_the_poll_covers)
{
    struct fixture f;
    record(&f);
    f.params.window_ms = 900000;
    const struct view_latency v = load(&f, (struct view_latency_ask){.cell_ms = f.params.now_ms - 40000, .cell_s = 4});
    double all = 0;
    for (uint32_t c = 0; c < v.heat.columns; c++) {
        ck_assert_msg(!isnan(v.heat.cell[c]) && !isnan(v.signals[0].quantile[1].strip.v[c]), "column %u", c);
        for (uint32_t r = 0; r < v.heat.rows; r++)
            all += v.heat.cell[r * v.heat.columns + c];
    }
    ck_assert_uint_eq(v.heat.columns, 60);
    ck_assert_double_eq_tol(all, 136 * 15, 1e-6);
    ck_assert_uint_eq(v.cell.n, 25); /* all of the poll, and not a fourth */
    ck_assert_uint_eq(v.cell.of, 136);
    ck_assert_int_eq(v.cell.t1_ms, f.params.now_ms);
    ck_assert_int_eq(v.cell.t1_ms - v.cell.t0_ms, fixture_step_ms);
    /* four minutes are told of by one poll: of a source that is slow, or of one that was not recorded meanwhile */
    const int64_t from_ms = f.params.now_ms, to_ms = from_ms + 4 * fixture_step_ms;
    const struct store_hist_count counts[3] = {{1, 160}, {2, 0}, {3, 0}};
    observe(&f, series_of(&f, SIG_TTFT, "gpt-x", "openai", "eu1", "", DIM_TEAM), counts, 0.5);
    const struct store_batch slow = {.source = f.source, .t0_ms = from_ms, .t1_ms = to_ms, .items = f.items, .count = 1};
    ck_assert_int_eq(store_append(f.st, &slow, 1, NULL), ERR_OK);
    f.count = 0;
    f.params.now_ms = f.params.cursor_ms = to_ms;
    f.params.live = false;
    for (int gap = 0; gap < 2; gap++) {
        const struct store_gap g = {f.source, from_ms, to_ms, "HTTP 503", false, 0};
        ck_assert(!gap || (store_put_gap(f.st, &g, NULL) == ERR_OK && store_commit(f.st, NULL) == ERR_OK));
        ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
        const struct view_latency w = load(&f, (struct view_latency_ask){.cell_ms = from_ms + 20000});
        for (uint32_t c = 0; c < w.heat.columns; c++)
            ck_assert_msg((isnan(w.heat.cell[c]) != 0) == (gap && c >= 44 && c < 59), "gap %d, column %u", gap, c);
        ck_assert_double_eq_tol(w.heat.cell[59], gap ? 160 : 10, 1e-9);
        ck_assert_uint_eq(w.cell.of, gap ? 0 : 160);
        ck_assert_int_eq(w.cell.t1_ms - w.cell.t0_ms, gap ? 15000 : 240000);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(lines_say_where_they_are_thin)
{
    struct fixture f;
    record(&f);
    const struct view_latency v = load(&f, (struct view_latency_ask){0});
    const struct vlatency_signal *s = &v.signals[0];
    ck_assert_int_eq(s->signal, SIG_TTFT);
    ck_assert_int_eq(v.window_ms, 3600000);
    ck_assert_uint_eq(s->n, 136 * 60); /* all numbers are of the hour that the axis shows */
    for (int k = 0; k < 3; k++) {
        const struct vstrip *strip = &s->quantile[k].strip;
        ck_assert_ptr_nonnull(strip->v);
        ck_assert_int_eq(strip->thin[59], k == 2); /* 136 a column carry a p95, and no p99: that needs 299 */
        ck_assert(s->quantile[k].now.ci_lo <= s->quantile[k].now.value && s->quantile[k].now.value <= s->quantile[k].now.ci_hi);
    }
    ck_assert(!s->quantile[2].now.thin); /* 8,160 do */
    fixture_close(&f);
}
END_TEST

START_TEST(the_past_is_compared_or_says_why_not)
{
    struct fixture f;
    record(&f);
    struct view_latency v = load(&f, (struct view_latency_ask){0});
    for (int i = 0; i < VLATENCY_PASTS; i++) {
        ck_assert_uint_eq(v.past[i].n, 0);
        ck_assert(isnan(v.past[i].change.v));
        ck_assert_str_eq(v.past[i].why, "recorded from 23 Nov 14:01Z");
    }
    /* the next day, at the same time, twice as many are slow; in between nothing was measured */
    static const struct road later[] = {{"gpt-x", "openai", "eu1", 40, 80, 0}};
    const int64_t day = 86400000;
    for (int i = 0; i < 5; i++)
        poll(&f, later, 1, fixture_start_ms + (FIXTURE_POLLS - 4 + i) * fixture_step_ms + day);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    v = load(&f, (struct view_latency_ask){0});
    ck_assert_int_eq(v.past[0].back_ms, day);
    ck_assert_uint_eq(v.past[0].n, 136 * 60);
    ck_assert_double_eq_tol(v.past[0].change.v, v.signals[0].quantile[1].now.value / v.past[0].quantile[1].value, 1e-12);
    ck_assert_int_eq(v.past[0].change.exact, ABOUT); /* of two numbers that are about */
    ck_assert_str_eq(v.past[0].why, "");
    ck_assert_int_eq(v.past[0].recorded_ms, v.window_ms);
    f.params.window_ms *= 2; /* the record begins within it */
    v = load(&f, (struct view_latency_ask){0});
    ck_assert_int_gt(v.past[0].recorded_ms, 0);
    ck_assert_int_lt(v.past[0].recorded_ms, v.window_ms);
    f.params.window_ms /= 2;
    v = load(&f, (struct view_latency_ask){0});
    ck_assert_uint_eq(v.past[1].n, 0);
    f.params.cursor_ms = f.params.now_ms - 6 * 3600000;
    f.params.live = false;
    v = load(&f, (struct view_latency_ask){0});
    ck_assert_str_eq(v.past[0].why, "recorded from 23 Nov 14:01Z");
    f.params.cursor_ms = f.params.now_ms + 6 * 3600000;
    f.params.now_ms = f.params.cursor_ms;
    poll(&f, later, 1, f.params.now_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    v = load(&f, (struct view_latency_ask){0});
    ck_assert_str_eq(v.past[0].why, "nothing was measured then");
    fixture_close(&f);
}
END_TEST

/* One number reads the same on every pane. */
START_TEST(the_overview_reads_a_quantile_as_the_latency_pane_does)
{
    struct fixture f;
    struct view_overview o;
    record(&f);
    f.params.window_ms = f.params.now_window_ms;
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const struct view_latency v = load(&f, (struct view_latency_ask){0});
    ck_assert_uint_eq(o.latency_count, 4);
    for (size_t k = 0; k < 3; k++) {
        const struct quantile_reading r = quantile_read(&v.signals[0].quantile[k].now, v.signals[0].about);
        ck_assert_double_eq_tol(o.latency[k].now.v, r.v, 1e-12);
        ck_assert_int_eq(o.latency[k].now.exact, r.exact);
        ck_assert_int_eq(r.exact, k < 2 ? ABOUT : ABOVE);
    }
    fixture_close(&f);
}
END_TEST

/* Beyond the last bucket, a ratio is of where that begins to where the other bucket ends: more than it says. */
START_TEST(a_ratio_beyond_the_last_bucket_says_so)
{
    struct fixture f;
    static const struct road beyond[] = {{"gpt-x", "openai", "eu1", 40, 1, 80}};
    record(&f);
    for (int i = 0; i < 5; i++)
        poll(&f, beyond, 1, fixture_start_ms + (FIXTURE_POLLS - 4 + i) * fixture_step_ms + 86400000);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    const struct view_latency v = load(&f, (struct view_latency_ask){0});
    ck_assert_double_eq_tol(v.past[0].change.v, 5 / v.past[0].quantile[1].hi, 1e-9);
    ck_assert(v.past[0].change.exact == ABOVE);
    ck_assert(isnan(v.past[1].change.v));
    fixture_close(&f);
}
END_TEST

/* A model without a name has providers, too; a name that looks like none is one. */
START_TEST(what_has_no_name_has_parts)
{
    struct fixture f;
    static const struct road nameless[] = {
        {"", "openai", "x1", 10, 200, 0}, {"", "azure", "x2", 200, 1, 0}, {"(none)", "zen", "z", 1, 0, 0}};
    record(&f);
    const int64_t at = f.params.now_ms + fixture_step_ms;
    poll(&f, nameless, 3, at);
    f.params.group = DIM_MODEL;
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    const struct view_latency v = load(&f, (struct view_latency_ask){.cell_ms = at, .cell_s = 5});
    size_t parts = 0;
    for (size_t i = 1; i < v.table_count; i++)
        if (v.table[i].of != NULL && strcmp(v.table[i].of, "(none)") == 0)
            parts += v.table[i].n;
    ck_assert_uint_eq(parts, 411);
    ck_assert_str_eq(v.cell.parts[0].model, "");
    ck_assert_uint_eq(v.cell.parts[0].n, 200);
    fixture_close(&f);
}
END_TEST

static const struct vstage *stage(const struct view_latency *v, const char *name)
{
    for (size_t i = 0; i < v->stage_count; i++)
        if (strcmp(v->stages[i].name, name) == 0)
            return &v->stages[i];
    ck_abort_msg("no stage '%s'", name);
    return NULL;
}

/* Five more minutes with stages: 100 requests of 4 s; 60 at azure 5 s each, 30 at openai 2 s each; 100 of 0.1 s in the gateway; 10
 * guardrails of 1 s. */
static void record_stages(struct fixture *f, bool parts)
{
    const struct store_hist_count all[3] = {{1, 0}, {2, 100}, {3, 0}}, azure[3] = {{1, 0}, {2, 60}, {3, 0}},
                                  openai[3] = {{1, 0}, {2, 30}, {3, 0}}, few[3] = {{1, 10}, {2, 0}, {3, 0}},
                                  gateway[3] = {{0, 100}, {1, 0}, {2, 0}};
    for (int i = 1; i <= 5; i++) {
        observe(f, series_of(f, SIG_E2E, "gpt-x", "", "", "", DIM_TEAM), all, 4);
        if (parts) {
            observe(f, series_of(f, SIG_PROVIDER_LATENCY, "gpt-x", "azure", "weu", "", DIM_TEAM), azure, 5);
            observe(f, series_of(f, SIG_PROVIDER_LATENCY, "gpt-x", "openai", "eu1", "", DIM_TEAM), openai, 2);
            observe(f, series_of(f, SIG_OVERHEAD, "gpt-x", "", "", "", DIM_TEAM), gateway, 0.1);
            observe(f, series_of(f, SIG_STAGE_LATENCY, "", "", "", "guardrail", DIM_STAGE), few, 1);
            fixture_increment(f, series_of(f, SIG_ATTEMPTS, "gpt-x", "openai", "eu1", "ok", DIM_CLASS), 30);
            fixture_increment(f, series_of(f, SIG_ATTEMPTS, "gpt-x", "openai", "eu1", "5xx", DIM_CLASS), 270);
        }
        fixture_append(f, fixture_start_ms + (FIXTURE_POLLS + i) * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

START_TEST(stages_sum_to_the_mean_and_name_the_provider)
{
    struct fixture f;
    double sum = 0, shares = 0;
    record(&f);
    record_stages(&f, true);
    const struct view_latency v = load(&f, (struct view_latency_ask){0});
    for (size_t i = 0; i < v.stage_count; i++) {
        sum += v.stages[i].mean_s;
        shares += v.stages[i].share;
    }
    ck_assert_double_eq_tol(v.stage_total_s, 4, 1e-9);
    ck_assert_double_eq_tol(sum, 4, 1e-9);
    ck_assert_double_eq_tol(shares, 1, 1e-9);
    const struct vstage *azure = stage(&v, "azure"), *openai = stage(&v, "openai"), *guard = stage(&v, "guardrail");
    ck_assert_double_eq_tol(azure->mean_s, 3, 1e-9); /* 60 of 100 take 5 s there */
    ck_assert_double_eq_tol(azure->each_s, 5, 1e-9);
    ck_assert_uint_eq(azure->n, 300);
    ck_assert_int_eq(azure->whose, STAGE_PROVIDERS);
    ck_assert_double_eq_tol(openai->mean_s, 0.6, 1e-9);
    ck_assert_double_eq_tol(openai->fail.v, 0.9, 1e-9);
    ck_assert_int_eq(openai->severity, SEV_PAGE);
    ck_assert_int_eq(guard->whose, STAGE_OURS);
    ck_assert_uint_eq(guard->n, 50);
    ck_assert_double_eq_tol(stage(&v, "gateway")->mean_s, 0.1, 1e-9);
    ck_assert_double_eq_tol(stage(&v, "other")->mean_s, 4 - 3 - 0.6 - 0.1 - 0.1, 1e-9);
    ck_assert_str_eq(v.stage_text, "provider 90% (azure 75%, openai 15%), ours 5%; openai fails 90% of 1.5k attempts");
    fixture_close(&f);
}
END_TEST

/* The gateway measures its queue and guardrails, an application behind it retrieval and its engine's queue: all are shown, each counts
 * once, and only what the gateway measures is a part of its end to end. */
START_TEST(stages_that_others_measure_stand_beside_the_sum)
{
    struct fixture f;
    const struct store_hist_count few[3] = {{1, 10}, {2, 0}, {3, 0}}, many[3] = {{1, 0}, {2, 0}, {3, 50}};
    struct store_item items[3];
    struct store_batch b = {.items = items, .count = 3};
    double sum = 0;
    record(&f);
    record_stages(&f, true);
    observe(&f, series_of(&f, SIG_QUEUE_TIME, "gpt-x", "", "", "", DIM_TEAM), few, 2);
    fixture_append(&f, f.params.cursor_ms + fixture_step_ms);
    struct source_status app = fixture_status(&f, f.params.cursor_ms);
    const uint32_t gateway = f.source;
    app.name = "app";
    app.profile = "otel-genai";
    ck_assert_int_eq(store_put_source(f.st, &app, &f.source, NULL), ERR_OK);
    app.id = b.source = f.source;
    observe(&f, series_of(&f, SIG_STAGE_LATENCY, "", "", "", "retrieval", DIM_STAGE), few, 3);
    observe(&f, series_of(&f, SIG_STAGE_LATENCY, "", "", "", "guardrail", DIM_STAGE), many, 9);
    observe(&f, series_of(&f, SIG_ENGINE_QUEUE, "", "", "", "", DIM_TEAM), few, 1);
    memcpy(items, f.items, sizeof items);
    f.count = 0;
    b.t1_ms = f.params.cursor_ms;
    b.t0_ms = b.t1_ms - fixture_step_ms;
    ck_assert_int_eq(store_append(f.st, &b, 1, NULL), ERR_OK);
    ck_assert_int_eq(store_put_status(f.st, b.t1_ms, &app, NULL), ERR_OK);
    const struct store_stage kept = {f.source, SIG_STAGE_LATENCY, fixture_string(&f, "guardrail")};
    ck_assert_int_eq(store_put_kept_stages(f.st, b.t1_ms, &kept, 1, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.source = gateway;
    f.params.group = DIM_MODEL;
    const struct view_latency v = load(&f, (struct view_latency_ask){0});
    const struct vstage *retrieval = stage(&v, "retrieval"), *engine = stage(&v, "engine queue");
    ck_assert_int_eq(retrieval->whose, STAGE_BESIDE);
    ck_assert_str_eq(retrieval->by, "app");
    ck_assert_double_eq_tol(retrieval->each_s, 3, 1e-9);
    ck_assert_int_eq(engine->whose, STAGE_BESIDE);
    ck_assert_double_eq_tol(engine->each_s, 1, 1e-9);
    ck_assert_int_eq(stage(&v, "queue")->whose, STAGE_OURS);
    ck_assert_double_eq_tol(stage(&v, "queue")->each_s, 2, 1e-9);
    ck_assert_double_eq_tol(stage(&v, "guardrail")->each_s, 1, 1e-9); /* the gateway's alone */
    const struct view_latency stages = load(&f, (struct view_latency_ask){.signal = SIG_STAGE_LATENCY});
    ck_assert_int_eq(stages.signals[stages.signal_count - 1].signal, SIG_STAGE_LATENCY); /* what the heatmap is of has its numbers */
    ck_assert_int_ne(v.signals[v.signal_count - 1].signal, SIG_STAGE_LATENCY);
    for (size_t i = 0; i < v.stage_count; i++)
        sum += v.stages[i].whose == STAGE_BESIDE ? 0 : v.stages[i].mean_s;
    ck_assert_double_eq_tol(sum, v.stage_total_s, 1e-9);
    fixture_close(&f);
}
END_TEST

START_TEST(without_stages_the_time_is_not_known)
{
    struct fixture f;
    record(&f);
    ck_assert_uint_eq(load(&f, (struct view_latency_ask){0}).stage_count, 0); /* no end-to-end latency either */
    record_stages(&f, false);
    const struct view_latency v = load(&f, (struct view_latency_ask){0});
    ck_assert_uint_eq(v.stage_count, 1);
    ck_assert_str_eq(v.stages[0].name, "not known");
    ck_assert_double_eq_tol(v.stages[0].mean_s, 4, 1e-9);
    ck_assert_str_eq(v.stage_text, "no stage is measured here");
    fixture_close(&f);
}
END_TEST

START_TEST(a_model_on_several_providers_shows_them_side_by_side)
{
    struct fixture f;
    record(&f);
    struct view_latency v = load(&f, (struct view_latency_ask){0});
    ck_assert_uint_eq(v.table_count, 5);
    ck_assert_str_eq(v.table[0].name, "gpt-x");
    ck_assert_ptr_null(v.table[0].of);
    ck_assert_uint_eq(v.table[0].n, v.table[1].n + v.table[2].n);
    for (int i = 1; i <= 2; i++) {
        ck_assert_str_eq(v.table[i].of, "gpt-x");
        ck_assert_uint_eq(v.table[i].n, strcmp(v.table[i].name, "azure") == 0 ? 33 * 60 : 81 * 60);
    }
    ck_assert_str_eq(v.table[3].name, "c-l");
    ck_assert_ptr_null(v.table[3].of);
    ck_assert(v.table[4].is_total);
    ck_assert_uint_eq(v.table[4].n, 136 * 60);
    f.params.sort = -2; /* by n: the parts, too */
    v = load(&f, (struct view_latency_ask){0});
    ck_assert_str_eq(v.table[1].name, "openai");
    f.params.sort = 2;
    v = load(&f, (struct view_latency_ask){0});
    ck_assert_str_eq(v.table[0].name, "c-l");
    ck_assert_str_eq(v.table[2].name, "azure");
    f.params.filter = "provider=azure";
    v = load(&f, (struct view_latency_ask){0});
    ck_assert_uint_eq(v.table_count, 2); /* one provider is no comparison */
    fixture_close(&f);
}
END_TEST

START_TEST(an_imbalance_is_named_only_when_it_is_no_chance)
{
    struct fixture f;
    record(&f);
    f.params.window_ms = f.params.now_window_ms;
    /* over 1 s are 100 of eu2's 200, and 5 of eu1's 205; weu is at another provider */
    ck_assert_str_eq(load(&f, (struct view_latency_ask){0}).sentence,
                     "deployment eu2 is about 4.7x its siblings (up to 50x): ttft p95 ~4.6 s of 200 against ~976 ms of 205; 50% against "
                     "2.44% take over 1 s");
    static const struct road slow[] = {{"gpt-x", "openai", "eu1", 400, 4, 0},
                                       {"gpt-x", "openai", "eu2", 200, 100, 0},
                                       {"c-l", "anthropic", "c1", 10, 200, 0},
                                       {"", "openai", "x1", 10, 200, 0},
                                       {"", "openai", "x2", 200, 1, 0}};
    static const struct road few[] = {{"gpt-x", "openai", "eu1", 60, 2, 0}, {"gpt-x", "openai", "eu2", 12, 1, 0}};
    for (int i = 1; i <= 5; i++)
        poll(&f, slow, 5, fixture_start_ms + (FIXTURE_POLLS + i) * fixture_step_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params.window_ms = f.params.now_window_ms;
    const char *text =
        load(&f, (struct view_latency_ask){0}).sentence; /* c-l is slower, and has no sibling; x1 is of a model that is not told */
    ck_assert_msg(strncmp(text, "deployment eu2 is ", 18) == 0, "%s", text);
    ck_assert_msg(strstr(text, "of 1.5k against") != NULL, "%s", text);
    ck_assert_ptr_nonnull(strstr(text, "33% against 0.99% take over 1 s"));
    for (int i = 6; i <= 10; i++)
        poll(&f, few, 2, fixture_start_ms + (FIXTURE_POLLS + i) * fixture_step_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params.window_ms = f.params.now_window_ms;
    ck_assert_str_eq(load(&f, (struct view_latency_ask){0}).sentence,
                     ""); /* 5 of 65 against 10 of 310: p95 is 2.5 times theirs, by chance */
    fixture_close(&f);
}
END_TEST

START_TEST(what_a_profile_says_of_a_signal_stands_beside_it)
{
    struct fixture f;
    static const char notes[] = "{\"litellm\":{\"ttft\":\"without its queue\"},\"vllm\":{\"ttft\":\"its own\"}}";
    record(&f);
    ck_assert_str_eq(load(&f, (struct view_latency_ask){0}).signals[0].note, signal_info(SIG_TTFT)->help); /* nothing was written */
    ck_assert_int_eq(store_put_note(f.st, "profile_notes", f.params.now_ms, str_of(notes), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_str_eq(load(&f, (struct view_latency_ask){0}).signals[0].note, "litellm: without its queue"); /* no vLLM is recorded */
    fixture_source(&f, "gw-2"); /* a replica of the same profile says nothing more */
    poll(&f, roads, 1, f.params.now_ms);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_str_eq(load(&f, (struct view_latency_ask){0}).signals[0].note, "litellm: without its queue");
    ck_assert_int_eq(store_put_note(f.st, "profile_notes", f.params.now_ms + 1, str_of("[not a map"), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_str_eq(load(&f, (struct view_latency_ask){0}).signals[0].note, signal_info(SIG_TTFT)->help);
    fixture_close(&f);
}
END_TEST

START_TEST(observations_that_are_lost_mark_what_comes_of_the_others)
{
    struct fixture f;
    record(&f);
    struct view_latency v = load(&f, (struct view_latency_ask){0});
    ck_assert(!v.signals[0].about && !v.table[0].about);
    const struct store_gap g = {f.source, f.params.now_ms - 120000, f.params.now_ms - 60000, "its counters fell and came back", true, 0};
    ck_assert_int_eq(store_put_gap(f.st, &g, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    v = load(&f, (struct view_latency_ask){0});
    ck_assert(v.signals[0].about && v.table[0].about);
    ck_assert_int_eq(v.table[0].req_per_s.exact, AT_LEAST);
    ck_assert_int_eq(v.table[0].n_exact, AT_LEAST);
    ck_assert_ptr_eq(strstr(v.coverage_text, "ttft of 1m is not known ("), v.coverage_text);
    fixture_close(&f);
}
END_TEST

/* For as long as the window reaches back to it, and of the signal that it was of. */
START_TEST(buckets_that_contradict_each_other_mark_what_comes_of_them)
{
    struct fixture f;
    record(&f);
    struct view_latency v = load(&f, (struct view_latency_ask){0});
    ck_assert(!v.signals[0].about && !v.table[0].about);
    for (int late = 0; late < 2; late++) {
        const int64_t ttft_ms = f.params.now_ms - (late ? 600000 : 3600000 + 400000);
        const int64_t at_ms[SIG_COUNT] = {[SIG_TTFT] = ttft_ms, [SIG_E2E] = f.params.now_ms};
        ck_assert_int_eq(store_put_odd_buckets(f.st, f.source, f.params.now_ms, at_ms, NULL), ERR_OK);
        ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
        v = load(&f, (struct view_latency_ask){0});
        ck_assert_int_eq(v.signals[0].about, late);
        ck_assert_int_eq(v.table[0].about, late);
    }
    ck_assert_str_eq(v.signals[0].note,
                     "buckets of gw do not rise with le, so the lower ones are believed; time to first token of streamed answers");
    fixture_close(&f);
}
END_TEST

START_TEST(a_chart_advances_by_samples)
{
    struct fixture f;
    struct view_frame before, idle, after;
    record(&f);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &before, NULL), ERR_OK);
    f.params.now_ms = f.params.cursor_ms =
        f.params.now_ms + fixture_step_ms - 1; /* the clock is in the next column, the next poll is not due yet */
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &idle, NULL), ERR_OK);
    ck_assert_int_eq(idle.axis.t0_ms, before.axis.t0_ms);
    ck_assert_int_eq(idle.axis.cursor_ms, f.params.cursor_ms);
    const struct vlatency_signal *s = &load(&f, (struct view_latency_ask){0}).signals[0];
    ck_assert(!isnan(s->quantile[1].strip.v[59])); /* and no gap is pushed into it */
    poll(&f, roads, ROADS, f.params.now_ms + 1);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &after, NULL), ERR_OK);
    ck_assert_int_eq(after.axis.t0_ms, before.axis.t0_ms + fixture_step_ms);
    f.params.live = false; /* a cursor in the past stands where it was put */
    f.params.cursor_ms -= 30000;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &after, NULL), ERR_OK);
    ck_assert_int_eq(after.axis.t0_ms, before.axis.t0_ms + fixture_step_ms);
    fixture_close(&f);
}
END_TEST

/* Rows are sorted by p95: gpt-x on openai and azure, c-l, all. */
START_TEST(a_row_shows_what_fires_of_its_objectives)
{
    static const char slo[] = "[{\"name\":\"gpt\",\"kind\":\"latency\",\"signal\":\"ttft\",\"threshold\":1,\"objective\":0.95,"
                              "\"period_ms\":2592000000,\"scope\":[{\"dim\":\"model\",\"value\":\"gpt-x\"}]}]";
    struct fixture f;
    record(&f);
    const struct alert al = {.rule = "slo:gpt:page-1h",
                             .scope = "model=gpt-x",
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = f.params.cursor_ms,
                             .known_ms = f.params.cursor_ms,
                             .text = ""};
    ck_assert_int_eq(store_put_note(f.st, "slo", fixture_start_ms, str_of(slo), NULL), ERR_OK);
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    const struct view_latency ttft = load(&f, (struct view_latency_ask){0}), e2e = load(&f, (struct view_latency_ask){.signal = SIG_E2E});
    size_t paged = 0;
    for (size_t i = 0; i < ttft.table_count; i++) {
        const struct vlatency_row *r = &ttft.table[i];
        const bool is_its = r->is_total || (r->of == NULL && strcmp(r->name, "gpt-x") == 0);
        ck_assert_int_eq(r->severity, is_its ? SEV_PAGE : SEV_NONE);
        paged += is_its;
    }
    ck_assert_uint_eq(paged, 2);
    for (size_t i = 0; i < e2e.table_count; i++) /* nobody watches it */
        ck_assert_int_eq(e2e.table[i].severity, SEV_NONE);
    f.params.group = DIM_PROVIDER;
    const struct view_latency by = load(&f, (struct view_latency_ask){0});
    for (size_t i = 0; i < by.table_count; i++)
        ck_assert_int_eq(by.table[i].severity, by.table[i].is_total ? SEV_PAGE : SEV_NONE);
    fixture_close(&f);
}
END_TEST

Suite *suite_latency(void);
Suite *suite_latency(void)
{
    Suite *s = suite_create("latency");
    TCase *tc = tcase_create("traced");
    tcase_add_test(tc, rows_of_the_heatmap_end_where_buckets_end);
    tcase_add_test(tc, a_cell_says_when_how_slow_how_many_and_who);
    tcase_add_test(tc, averages_stand_in_no_cell);
    tcase_add_test(tc, rows_that_join_begin_at_zero);
    tcase_add_test(tc, a_cell_begins_at_the_newest_p95_and_stays_inside);
    tcase_add_test(tc, a_cell_ends_where_the_data_does);
    tcase_add_test(tc, a_cell_of_a_gap_is_not_known);
    tcase_add_test(tc, observations_that_are_lost_mark_what_comes_of_the_others);
    tcase_add_test(tc, a_cell_inside_a_wider_bucket_reads_that_bucket);
    tcase_add_test(tc, columns_narrower_than_a_poll_show_what_the_poll_covers);
    tcase_add_test(tc, lines_say_where_they_are_thin);
    tcase_add_test(tc, the_past_is_compared_or_says_why_not);
    tcase_add_test(tc, the_overview_reads_a_quantile_as_the_latency_pane_does);
    tcase_add_test(tc, a_ratio_beyond_the_last_bucket_says_so);
    tcase_add_test(tc, what_has_no_name_has_parts);
    tcase_add_test(tc, stages_sum_to_the_mean_and_name_the_provider);
    tcase_add_test(tc, without_stages_the_time_is_not_known);
    tcase_add_test(tc, stages_that_others_measure_stand_beside_the_sum);
    tcase_add_test(tc, a_model_on_several_providers_shows_them_side_by_side);
    tcase_add_test(tc, a_row_shows_what_fires_of_its_objectives);
    tcase_add_test(tc, an_imbalance_is_named_only_when_it_is_no_chance);
    tcase_add_test(tc, what_a_profile_says_of_a_signal_stands_beside_it);
    tcase_add_test(tc, buckets_that_contradict_each_other_mark_what_comes_of_them);
    tcase_add_test(tc, a_chart_advances_by_samples);
    suite_add_tcase(s, tc);
    return s;
}
