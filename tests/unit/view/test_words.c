/* SPDX-License-Identifier: MIT */
/* Which sources a total adds up: replicas, and not the engine that sees the same requests. */
#include <math.h>

#include "fixture.h"

enum { POLLS = 10 };
#define BIT(s) (UINT64_C(1) << (s))

/* Requests a minute, all ok: 60 at one replica, 30 at another, 90 at the engine behind both; the engine alone tells who waits. */
static void record(struct fixture *f, uint32_t ids[3])
{
    static const char *const names[] = {"gw", "gw-2", "engine"};
    static const int64_t per_minute[] = {60, 30, 90};

    fixture_open(f);
    for (int s = 0; s < 3; s++) {
        fixture_source(f, names[s]);
        ids[s] = f->source;
        uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", ""),
                 waiting = fixture_series(f, SIG_WAITING, 0, "gpt-x", "", "", "", "");
        for (int i = 1; i <= POLLS; i++) {
            fixture_increment(f, ok, per_minute[s]);
            if (s == 2) {
                f->items[f->count] = (struct store_item){.series = waiting};
                f->items[f->count++].v.gauge = 3;
            }
            fixture_append(f, fixture_start_ms + i * fixture_step_ms);
        }
    }
}

static void put(struct fixture *f, struct store_authority a)
{
    ck_assert_int_eq(store_put_authority(f->st, &a, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static struct vnum now_of(struct fixture *f, const char *label)
{
    struct view_overview v;
    ck_assert_int_eq(view_load_overview(&f->loader, &f->params, &v, NULL), ERR_OK);
    for (size_t i = 0; i < v.row_count; i++)
        if (strcmp(v.rows[i].label, label) == 0)
            return v.rows[i].now;
    ck_abort_msg("no row '%s'", label);
    return (struct vnum){.v = NAN};
}

static uint64_t total(struct fixture *f)
{
    struct view_traffic v;
    ck_assert_int_eq(view_load_traffic(&f->loader, &f->params, &v, NULL), ERR_OK);
    ck_assert(v.table[v.table_count - 1].is_total);
    return v.table[v.table_count - 1].requests;
}

START_TEST(replicas_add_up_and_the_engine_behind_them_does_not)
{
    struct fixture f;
    uint32_t ids[3];
    record(&f, ids);
    ck_assert_double_eq_tol(now_of(&f, "req/s").v, 180.0 / 60, 1e-9); /* without a ruling, everything */
    put(&f, (struct store_authority){.source = ids[2], .kept = BIT(SIG_REQUESTS)});
    struct vnum n = now_of(&f, "req/s");
    ck_assert_double_eq_tol(n.v, 90.0 / 60, 1e-9);
    ck_assert_int_eq(n.exact, EXACT);
    ck_assert_uint_eq(total(&f), 5 * 90);
    ck_assert_double_eq_tol(now_of(&f, "vllm waiting").v, 3, 1e-9);
    for (int i = 0; i < 2; i++) /* the engine has the word */
        put(&f, (struct store_authority){.source = ids[i], .kept = BIT(SIG_REQUESTS)});
    put(&f, (struct store_authority){.source = ids[2]});
    ck_assert_uint_eq(total(&f), 5 * 90);
    put(&f, (struct store_authority){.source = ids[2], .kept = BIT(SIG_REQUESTS)});
    ck_assert(isnan(now_of(&f, "req/s").v)); /* nobody has it: unknown, not everything */
    fixture_close(&f);
}
END_TEST

START_TEST(a_replica_that_is_down_makes_a_lower_bound_and_a_kept_engine_does_not)
{
    struct fixture f;
    uint32_t ids[3];
    record(&f, ids);
    put(&f, (struct store_authority){.source = ids[2], .kept = BIT(SIG_REQUESTS)});
    struct source_status down = {.id = ids[2],
                                 .name = "engine",
                                 .gateway = "test",
                                 .reason = "",
                                 .warning = "",
                                 .interval_ms = fixture_step_ms,
                                 .state = SOURCE_DOWN,
                                 .last_ok_ms = f.params.now_ms,
                                 .last_try_ms = f.params.now_ms};
    ck_assert_int_eq(store_put_status(f.st, f.params.now_ms, &down, NULL), ERR_OK);
    ck_assert_int_eq(now_of(&f, "req/s").exact, EXACT);
    down.id = ids[1];
    down.name = "gw-2";
    ck_assert_int_eq(store_put_status(f.st, f.params.now_ms, &down, NULL), ERR_OK);
    ck_assert_int_eq(now_of(&f, "req/s").exact, AT_LEAST);
    fixture_close(&f);
}
END_TEST

START_TEST(what_may_count_twice_is_an_upper_bound)
{
    struct fixture f;
    uint32_t ids[3];
    record(&f, ids);
    put(&f, (struct store_authority){.source = ids[0], .unresolved = BIT(SIG_REQUESTS)});
    put(&f, (struct store_authority){.source = ids[2], .kept = BIT(SIG_REQUESTS)});
    struct vnum n = now_of(&f, "req/s");
    ck_assert_double_eq_tol(n.v, 90.0 / 60, 1e-9);
    ck_assert_int_eq(n.exact, AT_MOST);
    ck_assert_int_eq(now_of(&f, "fail % all").exact, ABOUT);
    ck_assert_int_eq(now_of(&f, "vllm waiting").exact, EXACT);
    fixture_close(&f);
}
END_TEST

START_TEST(sources_names_all_that_count_and_all_that_do_not)
{
    struct fixture f;
    struct view_sources v;
    uint32_t ids[3];
    record(&f, ids);
    ck_assert_int_eq(view_load_sources(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.authority_count, 0);
    put(&f, (struct store_authority){.source = ids[2], .kept = BIT(SIG_REQUESTS) | BIT(SIG_COST)}); /* of cost it has nothing */
    ck_assert_int_eq(view_load_sources(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.authority_count, 1);
    ck_assert_str_eq(v.authority[0], "test from gw, gw-2 (also seen by engine): requests");
    put(&f, (struct store_authority){.source = ids[0], .unresolved = BIT(SIG_REQUESTS)});
    put(&f, (struct store_authority){.source = ids[2], .unresolved = BIT(SIG_REQUESTS) | BIT(SIG_WAITING)});
    ck_assert_int_eq(view_load_sources(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.authority_count, 2);
    ck_assert_str_eq(v.authority[0], "test overlap? another gateway records the same endpoint as gw, engine: requests");
    ck_assert_str_eq(v.authority[1], "test overlap? another gateway records the same endpoint as engine: waiting");
    fixture_close(&f);
}
END_TEST

Suite *suite_words(void);
Suite *suite_words(void)
{
    Suite *s = suite_create("words");
    TCase *c = tcase_create("words");
    tcase_add_test(c, replicas_add_up_and_the_engine_behind_them_does_not);
    tcase_add_test(c, a_replica_that_is_down_makes_a_lower_bound_and_a_kept_engine_does_not);
    tcase_add_test(c, what_may_count_twice_is_an_upper_bound);
    tcase_add_test(c, sources_names_all_that_count_and_all_that_do_not);
    suite_add_tcase(s, c);
    return s;
}
