/* SPDX-License-Identifier: MIT */
/* Arenas that are full, notes of a stranger's store, and windows other than the usual one. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "fixture.h"
#include "view/prices.h"
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

/* What a pane shows: in any arena it is loaded whole, or fails and leaves the result as it was. */
static bool is_loaded(int which, struct view_loader *l, const struct view_params *p)
{
    union {
        struct view_frame frame;
        struct view_overview overview;
        struct view_traffic traffic;
        struct view_cost cost;
        struct view_slos slos;
    } v, before;
    memset(&v, 0x5a, sizeof v);
    memset(&before, 0x5a, sizeof before);
    arena_reset(l->arena);
    allocations = 0;
    enum err e = which == 0   ? view_load_frame(l, p, &v.frame, NULL)
                 : which == 1 ? view_load_overview(l, p, &v.overview, NULL)
                 : which == 2 ? view_load_traffic(l, p, &v.traffic, NULL)
                 : which == 3 ? view_load_cost(l, p, &v.cost, NULL)
                              : view_load_slos(l, p, &v.slos, NULL);
    ck_assert_msg(e == ERR_OK || e == ERR_NOMEM, "loader %d without allocation %zu: %s", which, refused, err_name(e));
    ck_assert_msg(e != ERR_OK || allocations <= refused, "loader %d does not say that it lost allocation %zu", which, refused);
    if (e != ERR_OK)
        ck_assert_mem_eq(&v, &before, sizeof v);
    return e == ERR_OK;
}

/* There is no room for the first, for the second, ...: each allocation is the one that fails once. */
START_TEST(a_full_arena_is_an_error_and_leaves_the_result_alone)
{
    struct fixture f;
    record(&f);
    for (refused = 0; !is_loaded(_i, &f.loader, &f.params); refused++)
        ck_assert_uint_lt(refused, 100000);
    refused = SIZE_MAX;
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
    tcase_add_loop_test(tc, a_full_arena_is_an_error_and_leaves_the_result_alone, 0, 5);
    tcase_add_test(tc, objectives_that_cannot_be_read_leave_the_list_alone);
    tcase_add_test(tc, an_instant_that_is_none_is_not_believed);
    tcase_add_loop_test(tc, a_price_in_a_full_arena_is_an_error, 0, 3);
    tcase_add_test(tc, sentences_name_the_window_that_was_asked_for);
    suite_add_tcase(s, tc);
    return s;
}
