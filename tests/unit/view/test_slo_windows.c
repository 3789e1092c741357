/* SPDX-License-Identifier: MIT */
/* Each window of an objective holds what was recorded in it and nothing else: burn rates, what is left, when it is gone, who spent it. */
#include <math.h>

#include "fixture.h"
#include "view/vslo.h"

enum { MINUTE_MS = 60000, HOUR = 60, ITEMS = 6 };

#define PERIOD "\"period_ms\":2592000000"
#define AVAILABLE                                                                                                                          \
    "{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.99," PERIOD ",\"scope\":[{\"dim\":\"model\",\"value\":\"gpt-x\"}]}"
#define FAST(name, seconds)                                                                                                                \
    "{\"name\":\"" name "\",\"kind\":\"latency\",\"objective\":0.9," PERIOD ",\"signal\":\"ttft\",\"threshold\":" seconds ",\"scope\":[]}"

/* What is to be recorded, an hour at a time: one transaction per minute would take most of the test's time. */
struct hour {
    struct store_item items[HOUR][ITEMS];
    struct store_batch batches[HOUR];
    size_t count;
};

static void flush(struct fixture *f, struct hour *h)
{
    if (h->count > 1)
        ck_assert_int_eq(store_append(f->st, h->batches, h->count - 1, NULL), ERR_OK);
    if (h->count > 0) { /* the last one with its source's status, which moves the clock */
        const struct store_batch *last = &h->batches[h->count - 1];
        memcpy(f->items, last->items, last->count * sizeof *last->items);
        f->count = last->count;
        fixture_append(f, last->t1_ms);
    }
    h->count = 0;
}

/* A minute that ends at t1, of f->items. */
static void minute(struct fixture *f, struct hour *h, int i)
{
    int64_t t1_ms = fixture_start_ms + i * MINUTE_MS;
    struct store_batch *b = &h->batches[h->count];
    ck_assert_uint_le(f->count, ITEMS);
    memcpy(h->items[h->count], f->items, f->count * sizeof *f->items);
    *b = (struct store_batch){
        .source = f->source, .t0_ms = t1_ms - MINUTE_MS, .t1_ms = t1_ms, .items = h->items[h->count], .count = f->count};
    f->count = 0;
    if (++h->count == HOUR)
        flush(f, h);
}

static void note_slos(struct fixture *f, const char *text)
{
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(text), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static struct view_slos load(struct fixture *f)
{
    struct view_slos v;
    struct errctx ctx = {.text = ""};
    arena_reset(&f->arena);
    ck_assert_msg(view_load_slos(&f->loader, &f->params, &v, &ctx) == ERR_OK, "%s", ctx.text);
    return v;
}

/* minutes of 100 requests each; the last `failing` of them have 10 of 5xx among them. Teams a and b, of whom b has the failures; other
 * models fail, too. */
static void record(struct fixture *f, int minutes, int failing)
{
    uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k", "ok", ""),
             bad = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "b", "k", "5xx", "");
    uint32_t limited = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "b", "k", "429", ""),
             late = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "b", "k", "timeout", "");
    uint32_t client = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k", "client", ""),
             other = fixture_series(f, SIG_REQUESTS, 0, "c-l", "a", "k", "5xx", "");
    struct hour h = {.count = 0};
    for (int i = 1; i <= minutes; i++) {
        bool fails = i > minutes - failing;
        fixture_increment(f, ok, fails ? 90 : 100);
        fixture_increment(f, bad, fails ? 4 : 0);
        fixture_increment(f, limited, fails ? 3 : 0);
        fixture_increment(f, late, fails ? 3 : 0);
        fixture_increment(f, client, 50); /* their own faults: no requests of the service */
        fixture_increment(f, other, 100);
        minute(f, &h, i);
    }
    flush(f, &h);
}

START_TEST(each_window_holds_what_was_recorded_in_it)
{
    struct fixture f;
    fixture_open(&f);
    record(&f, 30 * HOUR + 7, 20); /* the cursor is off the edges of rollups */
    note_slos(&f, "[" AVAILABLE "]");
    const struct view_slos v = load(&f);
    const struct vslo *s = v.slos;
    ck_assert_uint_eq(v.slo_count, 1);
    ck_assert_double_eq_tol(s->burn_5m.v, 10, 1e-9);
    ck_assert_uint_eq(s->burn_5m.n, 500);
    ck_assert_double_eq_tol(s->burn_1h.v, 200.0 / 6000 * 100, 1e-9);
    ck_assert_double_eq_tol(s->burn_6h.v, 200.0 / 36000 * 100, 1e-9);
    ck_assert_double_eq_tol(s->burn_1d.v, 200.0 / (24 * 6000 + 200) * 100, 0.01); /* from a round edge, two minutes before it */
    ck_assert_double_eq_tol(s->burn_3d.v, 200.0 / (30 * 6000 + 700) * 100, 1e-9);
    ck_assert_uint_eq(s->total, 30 * 6000 + 700);
    ck_assert_uint_eq(s->bad, 200);
    ck_assert_uint_eq(s->bad_hi, 200);
    ck_assert(s->burn_5m.exact == EXACT && s->burn_1d.exact == EXACT);
    ck_assert(!s->young_5m && !s->young_1h && !s->young_6h && !s->young_1d && s->young_3d);
    ck_assert_str_eq(s->scope_text, "model=gpt-x");
    ck_assert_str_eq(s->spent_by, "team b 100%");
    ck_assert(s->budget_left.exact == ABOUT); /* the month is 30 hours old */
    ck_assert_ptr_nonnull(strstr(s->text, "10x/5m 3.3x/1h  ~"));
    ck_assert_ptr_nonnull(strstr(s->text, "at the 5m rate; mostly spent by team b 100%"));
    fixture_close(&f);
}
END_TEST

START_TEST(windows_younger_than_their_length_say_so)
{
    static const struct {
        int minutes;
        bool young_5m, young_1h, young_6h, young_1d;
    } rows[] = {
        {2, true, true, true, true},
        {4, false, true, true, true},
        {58, false, false, true, true},
        {6 * HOUR, false, false, false, true},
        {23 * HOUR, false, false, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        fixture_open(&f);
        record(&f, rows[i].minutes, 2);
        note_slos(&f, "[" AVAILABLE "]");
        const struct vslo *s = load(&f).slos;
        ck_assert_msg(s->young_5m == rows[i].young_5m && s->young_1h == rows[i].young_1h && s->young_6h == rows[i].young_6h &&
                          s->young_1d == rows[i].young_1d && s->young_3d,
                      "%d minutes: %s", rows[i].minutes, s->text);
        ck_assert_int_eq(strstr(s->text, "/5m (young)") != NULL, rows[i].young_5m);
        ck_assert_int_eq(strstr(s->text, "/1h (young)") != NULL, rows[i].young_1h);
        fixture_close(&f);
    }
}
END_TEST

/* Two hours, one, nothing for two, two: the window of six hours was watched for three of them. */
START_TEST(a_gap_is_a_gap_in_every_window)
{
    struct fixture f;
    fixture_open(&f);
    uint32_t ok = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k", "ok", ""),
             bad = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k", "5xx", "");
    struct hour h = {.count = 0};
    for (int i = 1; i <= 7 * HOUR; i++) {
        if (i > 2 * HOUR && i <= 5 * HOUR)
            continue;
        fixture_increment(&f, ok, 99);
        fixture_increment(&f, bad, 1);
        minute(&f, &h, i);
    }
    flush(&f, &h);
    note_slos(&f, "[" AVAILABLE "]");
    const struct vslo *s = load(&f).slos;
    ck_assert_double_eq_tol(s->burn_6h.v, 1, 1e-9);
    ck_assert_uint_eq(s->burn_6h.n, 3 * HOUR * 100);
    ck_assert(s->young_6h && !s->young_1h);
    fixture_close(&f);
}
END_TEST

/* So many minutes with a hundred TTFTs each, so many of them in (0, 1], in (1, 4] and above. */
static void record_ttft(struct fixture *f, int minutes, const uint64_t each[3])
{
    static const double bounds[] = {1, 4};
    const struct hist_bounds *hb;
    struct hour h = {.count = 0};
    struct store_hist_count counts[3];
    for (uint32_t i = 0; i < 3; i++)
        counts[i] = (struct store_hist_count){i, each[i]};
    ck_assert_int_eq(store_bounds(f->st, bounds, 2, &hb, NULL), ERR_OK);
    uint32_t ttft = fixture_series(f, SIG_TTFT, hb->id, "gpt-x", "a", "k", "", "");
    for (int i = 1; i <= minutes; i++) {
        f->items[f->count] = (struct store_item){.series = ttft};
        f->items[f->count].v.hist.n = 100;
        f->items[f->count].v.hist.sum_fixed = INT64_C(100000000000);
        f->items[f->count].v.hist.counts = counts;
        f->items[f->count++].v.hist.count = 3;
        minute(f, &h, i);
    }
    flush(f, &h);
}

START_TEST(a_threshold_inside_a_bucket_leaves_a_band)
{
    static const uint64_t each[] = {60, 30, 10};
    struct fixture f;
    fixture_open(&f);
    record_ttft(&f, 2 * HOUR, each);
    note_slos(&f, "[" FAST("edge", "4") "," FAST("inside", "2") "," FAST("beyond", "9") "]");
    const struct view_slos v = load(&f);
    const struct vslo *edge = &v.slos[0], *inside = &v.slos[1], *beyond = &v.slos[2];
    ck_assert_uint_eq(v.slo_count, 3);
    ck_assert(edge->bad == 1200 && edge->bad_hi == 1200 && edge->total == 12000);
    ck_assert(edge->burn_1h.exact == EXACT);
    ck_assert_double_eq_tol(edge->burn_1h.v, 1, 1e-9);
    ck_assert(inside->bad == 1200 && inside->bad_hi == 4800);
    ck_assert(inside->burn_1h.exact == AT_LEAST);
    ck_assert_double_eq_tol(inside->burn_1h.v, 1, 1e-9);
    ck_assert_ptr_nonnull(strstr(inside->text, ">=1.0x/1h"));
    ck_assert(beyond->bad == 0 && beyond->bad_hi == 1200 && beyond->burn_1h.v == 0 && beyond->burn_1h.exact == AT_LEAST);
    ck_assert(edge->kind == SLO_LATENCY && edge->signal == SIG_TTFT && edge->threshold == 4);
    fixture_close(&f);
}
END_TEST

/* A whole period: what is left is exact where nothing is possibly bad, and at most that where something is. */
START_TEST(what_is_left_of_a_whole_period)
{
    static const uint64_t each[] = {95, 4, 1};
    struct fixture f;
    fixture_open(&f);
    record_ttft(&f, 25 * HOUR, each);
#define DAILY(name, seconds)                                                                                                               \
    "{\"name\":\"" name "\",\"kind\":\"latency\",\"objective\":0.9,\"period_ms\":86400000,\"signal\":\"ttft\",\"threshold\":" seconds      \
    ",\"scope\":[]}"
    note_slos(&f, "[" DAILY("edge", "4") "," DAILY("inside", "2") "]");
    const struct view_slos v = load(&f);
    ck_assert_double_eq_tol(v.slos[0].budget_left.v, 0.9, 1e-9); /* 1 of 100, of 10 allowed */
    ck_assert(v.slos[0].budget_left.exact == EXACT);
    ck_assert(v.slos[1].budget_left.exact == AT_MOST);
    ck_assert_ptr_nonnull(strstr(v.slos[1].text, "<=90% left"));
    ck_assert_int_eq(v.slos[0].gone_ms, 0); /* not within the period */
    fixture_close(&f);
}
END_TEST

/* Some more are possibly bad: less may be left, and it may be gone sooner, however short the record is. */
START_TEST(a_band_leaves_at_most_and_until_at_the_latest)
{
    static const uint64_t each[] = {50, 45, 5};
    struct fixture f;
    fixture_open(&f);
    record_ttft(&f, 2 * HOUR, each);
#define TIGHT(name, seconds)                                                                                                               \
    "{\"name\":\"" name "\",\"kind\":\"latency\",\"objective\":0.99," PERIOD ",\"signal\":\"ttft\",\"threshold\":" seconds ",\"scope\":[]" \
    "}"
    note_slos(&f, "[" TIGHT("edge", "4") "," TIGHT("inside", "2") "]");
    const struct view_slos v = load(&f);
    const struct vslo *edge = &v.slos[0], *inside = &v.slos[1];
    ck_assert(edge->budget_left.exact == ABOUT && edge->gone_exact == ABOUT && edge->gone_ms > 0);
    ck_assert_ptr_nonnull(strstr(edge->text, "~98% left, gone ~"));
    ck_assert(inside->budget_left.exact == AT_MOST && inside->gone_exact == AT_MOST && inside->gone_ms == edge->gone_ms);
    ck_assert_ptr_nonnull(strstr(inside->text, "<=98% left, gone <="));
    fixture_close(&f);
}
END_TEST

/* One of 25 is too slow, and one of ten may be, where one of 20 is allowed: so it lasts the month, or is gone in half of it. That is no
 * "never". */
START_TEST(a_band_of_which_one_end_lasts_has_no_known_end)
{
    static const uint64_t each[] = {90, 6, 4};
    struct fixture f;
    fixture_open(&f);
    record_ttft(&f, 2 * HOUR, each);
#define TWENTIETH(name, seconds)                                                                                                           \
    "{\"name\":\"" name "\",\"kind\":\"latency\",\"objective\":0.95," PERIOD ",\"signal\":\"ttft\",\"threshold\":" seconds ",\"scope\":[]" \
    "}"
    note_slos(&f, "[" TWENTIETH("edge", "4") "," TWENTIETH("inside", "2") "]");
    const struct view_slos v = load(&f);
    const struct vslo *edge = &v.slos[0], *inside = &v.slos[1];
    const int64_t days = (inside->gone_early_ms - f.params.cursor_ms) / (24 * INT64_C(3600000));
    ck_assert(edge->end == VSLO_LASTS && edge->gone_early_ms == 0 && edge->gone_text[0] == '\0');
    ck_assert_int_eq(inside->gone_ms, 0);
    ck_assert_int_eq(inside->end, VSLO_END_UNKNOWN);
    ck_assert_int_eq(days, 14);
    ck_assert_ptr_nonnull(strstr(inside->text, "% left, end not known ("));
    ck_assert_ptr_nonnull(strstr(inside->text, "Z or later)"));
    fixture_close(&f);
}
END_TEST

/* Of a page that lacks some series: they may have been good ones, and then more is left than the band of the others says. */
START_TEST(of_what_is_lacking_a_band_is_no_bound)
{
    static const uint64_t each[] = {50, 45, 5};
    const struct slo_count part = {.total = 100, .bad_lo = 5, .bad_hi = 50, .observed_ms = 86400000},
                           whole = {.total = 200, .bad_lo = 5, .bad_hi = 50, .observed_ms = 86400000};
    ck_assert(slo_budget(&whole, &whole, 0.9, 86400000).left_ratio > slo_budget(&part, &part, 0.9, 86400000).left_ratio);
    struct fixture f;
    fixture_open(&f);
    record_ttft(&f, 2 * HOUR, each);
    note_slos(&f, "[" TIGHT("inside", "2") "]");
    struct source_status st = fixture_status(&f, f.params.cursor_ms);
    st.state = SOURCE_PARTIAL;
    st.lack = (struct source_lack){.since_ms = f.params.cursor_ms - MINUTE_MS, .part = UINT64_C(1) << SIG_TTFT};
    st.reason = "lacks 1 of 2 series of ttft";
    ck_assert_int_eq(store_put_status(f.st, f.params.cursor_ms, &st, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    const struct view_slos v = load(&f);
    ck_assert(v.slos[0].budget_left.exact == ABOUT && v.slos[0].gone_exact == ABOUT);
    ck_assert(v.slos[0].burn_5m.exact == ABOUT && v.slos[0].counted == AT_LEAST);
    ck_assert_ptr_nonnull(strstr(v.slos[0].text, "~98% left, gone ~"));
    fixture_close(&f);
}
END_TEST

START_TEST(averages_alone_say_nothing_certain_of_a_threshold)
{
    struct fixture f;
    const struct hist_bounds *none;
    fixture_open(&f);
    ck_assert_int_eq(store_bounds(f.st, NULL, 0, &none, NULL), ERR_OK);
    uint32_t ttft = fixture_series(&f, SIG_TTFT, none->id, "gpt-x", "a", "k", "", "");
    struct hour h = {.count = 0};
    for (int i = 1; i <= 2 * HOUR; i++) {
        static const struct store_hist_count counts[] = {{0, 100}};
        f.items[f.count] = (struct store_item){.series = ttft};
        f.items[f.count].v.hist.n = 100;
        f.items[f.count].v.hist.sum_fixed = INT64_C(900000000000);
        f.items[f.count].v.hist.counts = counts;
        f.items[f.count++].v.hist.count = 1;
        minute(&f, &h, i);
    }
    flush(&f, &h);
    note_slos(&f, "[" FAST("ttft", "1") "]");
    const struct vslo *s = load(&f).slos;
    ck_assert(s->total == 12000 && s->bad == 0 && s->bad_hi == 12000);
    ck_assert(s->burn_5m.v == 0 && s->burn_5m.exact == AT_LEAST);
    fixture_close(&f);
}
END_TEST

START_TEST(a_burn_says_how_exact_it_is)
{
    static const struct {
        struct vnum burn;
        const char *text;
    } rows[] = {{{.v = NAN}, "n/a"},
                {{.v = 380.4}, "380x"},
                {{.v = 9.96}, "10x"},
                {{.v = 2}, "2.0x"},
                {{.v = 0.05}, "0.05x"},
                {{.v = 0}, "0.00x"},
                {{.v = 49, .exact = AT_LEAST}, ">=49x"},
                {{.v = 2, .exact = ABOUT}, "~2.0x"}};
    char out[VIEW_BURN_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_str_eq(view_burn_text(&rows[i].burn, out), rows[i].text);
}
END_TEST

Suite *suite_slo_windows(void);
Suite *suite_slo_windows(void)
{
    Suite *s = suite_create("slo windows");
    TCase *tc = tcase_create("slo windows");
    tcase_add_test(tc, a_burn_says_how_exact_it_is);
    tcase_add_test(tc, each_window_holds_what_was_recorded_in_it);
    tcase_add_test(tc, windows_younger_than_their_length_say_so);
    tcase_add_test(tc, a_gap_is_a_gap_in_every_window);
    tcase_add_test(tc, a_threshold_inside_a_bucket_leaves_a_band);
    tcase_add_test(tc, what_is_left_of_a_whole_period);
    tcase_add_test(tc, a_band_leaves_at_most_and_until_at_the_latest);
    tcase_add_test(tc, a_band_of_which_one_end_lasts_has_no_known_end);
    tcase_add_test(tc, of_what_is_lacking_a_band_is_no_bound);
    tcase_add_test(tc, averages_alone_say_nothing_certain_of_a_threshold);
    suite_add_tcase(s, tc);
    return s;
}
