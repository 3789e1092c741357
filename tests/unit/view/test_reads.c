/* SPDX-License-Identifier: MIT */
/* What is read for a screen, counted: how far back, how many queries, and how often a class is looked up by its name. */
#include "fixture.h"
#include "view/vrows.h"
#include "view/vslo.h"

/* ---- the linker sends these here ---- */

static size_t reads, queries, names;
static int64_t earliest_ms;

enum err __real_store_read(struct store *st, const struct store_query *q, size_t count, struct arena *a, struct store_result *ret,
                           struct errctx *ctx);
enum err __wrap_store_read(struct store *st, const struct store_query *q, size_t count, struct arena *a, struct store_result *ret,
                           struct errctx *ctx);
bool __real_outcome_by_name(struct str name, enum outcome *ret);
bool __wrap_outcome_by_name(struct str name, enum outcome *ret);

enum err __wrap_store_read(struct store *st, const struct store_query *q, size_t count, struct arena *a, struct store_result *ret,
                           struct errctx *ctx)
{
    reads++;
    queries += count;
    for (size_t i = 0; i < count; i++)
        earliest_ms = q[i].t0_ms < earliest_ms ? q[i].t0_ms : earliest_ms;
    return __real_store_read(st, q, count, a, ret, ctx);
}

bool __wrap_outcome_by_name(struct str name, enum outcome *ret)
{
    names++;
    return __real_outcome_by_name(name, ret);
}

static void count_anew(void)
{
    reads = queries = names = 0;
    earliest_ms = INT64_MAX;
}

/* ---- two models, two teams, ten keys of two classes ---- */

enum { KEYS = 10 };

static void record(struct fixture *f)
{
    uint32_t ok[KEYS], bad[KEYS];
    fixture_open(f);
    for (int k = 0; k < KEYS; k++) {
        char key[16];
        (void)str_format(key, sizeof key, "k%d", k);
        const char *model = k % 2 == 0 ? "gpt-x" : "c-s", *team = k < 4 ? "search" : "batch";
        ok[k] = fixture_series(f, SIG_REQUESTS, 0, model, team, key, "ok", "");
        bad[k] = fixture_series(f, SIG_REQUESTS, 0, model, team, key, "5xx", "");
    }
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        for (int k = 0; k < KEYS; k++) {
            fixture_increment(f, ok[k], 10 + k);
            fixture_increment(f, bad[k], k == 3 ? 9 : k % 2);
        }
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static void note_slos(struct fixture *f, const char *json)
{
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(json), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

#define SLO(name, scope)                                                                                                                   \
    "{\"name\":\"" name "\",\"kind\":\"availability\",\"objective\":0.99,\"period_ms\":2592000000,\"scope\":[" scope "]}"
#define SEARCH "{\"dim\":\"team\",\"value\":\"search\"}"
static const int64_t day_ms = 86400000;

START_TEST(rules_under_a_filter_read_their_windows_alone)
{
    struct fixture f;
    struct vslo_rules rules;
    struct vslo *list;
    record(&f);
    note_slos(&f, "[" SLO("all", "") "," SLO("search", SEARCH) "]");
    f.params.filter = "team=search";
    count_anew();
    ck_assert_int_eq(vslo_rules_load(&f.loader, &f.params, &rules, NULL), ERR_OK);
    ck_assert_uint_eq(rules.count, 2);
    ck_assert_uint_eq(reads, 1);
    ck_assert_uint_eq(queries, SLO_WINDOW_COUNT); /* of "all"; that of "search" is as the recorder judged it */
    ck_assert_int_ge(earliest_ms, f.params.cursor_ms - 3 * day_ms - 300000);
    f.params.filter = "";
    count_anew();
    ck_assert_int_eq(vslo_rules_load(&f.loader, &f.params, &rules, NULL), ERR_OK);
    ck_assert_uint_eq(reads, 0);
    ck_assert_int_eq(vslo_load(&f.loader, &f.params, &rules, &list, NULL), ERR_OK);
    ck_assert_int_le(earliest_ms, f.params.cursor_ms - 30 * day_ms); /* what is left of a period's budget */
    fixture_close(&f);
}
END_TEST

/* Of two objectives the second alone is judged for the filter's part, by its own counts and not by another's. */
START_TEST(counts_stay_with_their_objective)
{
    struct fixture f;
    struct vslo_rules rules;
    record(&f);
    note_slos(&f, "[" SLO("search", SEARCH) "," SLO(
                      "gpt", "{\"dim\":\"model\",\"value\":\"gpt-x\"}") ","
                                                                        "{\"name\":\"c\",\"kind\":\"availability\",\"objective\":0.99,"
                                                                        "\"period_ms\":2592000000,\"scope\":["
                                                                        "{\"dim\":\"model\",\"value\":\"c-s\"}]}]");
    f.params.filter = "team=search";
    ck_assert_int_eq(vslo_rules_load(&f.loader, &f.params, &rules, NULL), ERR_OK);
    ck_assert_int_eq(vslo_severity(&rules, &rules.slos[0]), SEV_NONE); /* as recorded: nothing fires */
    ck_assert_int_eq(vslo_severity(&rules, &rules.slos[1]), SEV_NONE); /* k0, k2: none fails */
    ck_assert_int_eq(vslo_severity(&rules, &rules.slos[2]), SEV_PAGE); /* k1, k3: 10 of 34 */
    fixture_close(&f);
}
END_TEST

START_TEST(who_spent_it_is_told_with_its_part_of_all)
{
    struct fixture f;
    struct view_slos v;
    record(&f);
    note_slos(&f, "[" SLO("all", "") "," SLO("search", SEARCH) "]");
    ck_assert_int_eq(view_load_slos(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.slos[0].spent_by, "model c-s 100%"); /* 1 + 9 + 1 + 1 + 1 a minute; of team search are 10 of 13 */
    ck_assert_str_eq(v.slos[1].spent_by, "model c-s 100%");
    f.params.filter = "model=c-s";
    ck_assert_int_eq(view_load_slos(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.slos[0].spent_by, "team search 77%"); /* the filter says which model */
    fixture_close(&f);
}
END_TEST

/* However many columns and rows a table has. */
START_TEST(a_class_is_looked_up_once_a_group)
{
    struct fixture f;
    struct view_traffic v;
    record(&f);
    f.params.group = DIM_KEY;
    f.params.columns = 60;
    count_anew();
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.table_count, KEYS + 1);
    const size_t few = names;
    f.params.columns = 180;
    count_anew();
    ck_assert_int_eq(view_load_traffic(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(names, few);
    ck_assert_uint_le(names, 200); /* 20 groups by key and 2 without, in at most 3 windows each, looked up again when sorted */
    fixture_close(&f);
}
END_TEST

/* What is read of one value is the same before and after its groups were put in order. */
START_TEST(sorted_groups_read_the_same)
{
    struct fixture f;
    struct vread vr;
    struct view_axis axis;
    record(&f);
    ck_assert_int_eq(vrows_init(&vr, &f.loader, &f.params, &axis, NULL), ERR_OK);
    size_t plain = vread_axis(&vr, SIG_REQUESTS, DIM_BIT(DIM_KEY) | DIM_BIT(DIM_CLASS), &axis);
    size_t sorted = vread_axis(&vr, SIG_REQUESTS, DIM_BIT(DIM_KEY) | DIM_BIT(DIM_CLASS), &axis);
    ck_assert_int_eq(vread_run(&vr, NULL), ERR_OK);
    ck_assert_int_eq(vread_sort(&vr, sorted, DIM_KEY), ERR_OK);
    for (size_t i = 1; i < vr.r[sorted].count; i++)
        ck_assert_uint_le(vr.r[sorted].groups[i - 1].dim[DIM_KEY], vr.r[sorted].groups[i].dim[DIM_KEY]);
    for (uint32_t id = 0; id < intern_count(store_strings(f.st)) + 2; id++) {
        for (uint32_t c = 0; c < axis.columns; c++) {
            const struct voutcomes a = vread_outcomes(&vr, plain, c, DIM_KEY, id), b = vread_outcomes(&vr, sorted, c, DIM_KEY, id);
            const struct vsum x = vread_sum(&vr, plain, c, DIM_KEY, id), y = vread_sum(&vr, sorted, c, DIM_KEY, id);
            ck_assert_mem_eq(a.by_class, b.by_class, sizeof a.by_class);
            ck_assert(a.all == b.all && a.bad == b.bad && a.counted == b.counted && a.known == b.known && a.covered_ms == b.covered_ms);
            ck_assert(x.sum == y.sum && x.n == y.n && x.known == y.known);
        }
    }
    ck_assert_uint_eq(vread_outcomes(&vr, sorted, 30, DIM_COUNT, 0).all, vread_outcomes(&vr, plain, 30, DIM_COUNT, 0).all);
    fixture_close(&f);
}
END_TEST

/* However many are read together: what each finds is what it finds alone. */
START_TEST(reads_that_share_a_pass_find_the_same)
{
    enum { READS = 3 };
    struct fixture f;
    struct view_axis axis;
    static struct vread alone[READS], together[READS];
    struct vread *list[READS] = {&together[0], &together[1], &together[2]};
    record(&f);
    for (int i = 0; i < READS; i++) {
        ck_assert_int_eq(vrows_init(&alone[i], &f.loader, &f.params, &axis, NULL), ERR_OK);
        while (alone[i].count < VREAD_MAX)
            (void)vread_now(&alone[i], SIG_REQUESTS, (alone[i].count + (size_t)i) % 2 == 0 ? DIM_BIT(DIM_KEY) | DIM_BIT(DIM_CLASS) : 0,
                            (int64_t)alone[i].count * 10000);
        together[i] = alone[i];
        ck_assert_int_eq(vread_run(&alone[i], NULL), ERR_OK);
    }
    count_anew();
    ck_assert_int_eq(vread_run_all(list, READS, NULL), ERR_OK);
    ck_assert_uint_eq(reads, 2); /* 288 queries, of which 256 are one pass at most */
    for (int i = 0; i < READS; i++)
        for (size_t q = 0; q < VREAD_MAX; q++) {
            ck_assert_uint_eq(together[i].r[q].count, alone[i].r[q].count);
            ck_assert_int_eq(vread_sum(&together[i], q, 0, DIM_COUNT, 0).sum, vread_sum(&alone[i], q, 0, DIM_COUNT, 0).sum);
            if ((q + (size_t)i) % 2 == 0)
                ck_assert_uint_eq(vread_outcomes(&together[i], q, 0, DIM_COUNT, 0).bad, vread_outcomes(&alone[i], q, 0, DIM_COUNT, 0).bad);
        }
    ck_assert_int_gt(vread_sum(&together[2], 0, 0, DIM_COUNT, 0).sum, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(budgets_cost_no_pass_of_their_own)
{
    static const char yaml[] = "gateway: test\nbudgets:\n  - {name: all, limit: 1 USD, period: day}\n"
                               "  - {name: search, limit: 1 USD, period: month, scope: team=search}\n";
    struct fixture f;
    struct view_cost v;
    record(&f);
    count_anew();
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(reads, 1); /* what cost asks, with what tokens cost in the window and now */
    config_fini(&f.cfg);
    ck_assert_int_eq(config_parse(str_of(yaml), "test", &f.cfg, NULL), ERR_OK);
    count_anew();
    ck_assert_int_eq(view_load_cost(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.budget_count, 2);
    ck_assert_uint_eq(reads, 1);
    fixture_close(&f);
}
END_TEST

/* Shares of answers are read for the first screen when one of them drifts, and for no other finding. */
START_TEST(a_finding_that_is_no_share_reads_none)
{
    static const char *const rules[] = {"quality:finish reasons", "quality:output tokens per answer", "quality:requests filtered"};
    struct fixture f;
    struct view_overview o;
    record(&f);
    count_anew();
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    const size_t without = reads;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct alert al = {.rule = rules[i],
                                 .scope = "model=gpt-x",
                                 .state = ALERT_FIRING,
                                 .since_ms = fixture_start_ms,
                                 .onset_ms = fixture_start_ms,
                                 .known_ms = fixture_start_ms,
                                 .text = "it"};
        ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
        ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
        count_anew();
        ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
        ck_assert_uint_eq(reads, without + (i == 2 ? 3 : 0)); /* itself, and twice when it was told last: it is silent */
    }
    fixture_close(&f);
}
END_TEST

Suite *suite_reads(void);
Suite *suite_reads(void)
{
    Suite *s = suite_create("reads");
    TCase *tc = tcase_create("reads");
    tcase_add_test(tc, rules_under_a_filter_read_their_windows_alone);
    tcase_add_test(tc, a_finding_that_is_no_share_reads_none);
    tcase_add_test(tc, counts_stay_with_their_objective);
    tcase_add_test(tc, who_spent_it_is_told_with_its_part_of_all);
    tcase_add_test(tc, a_class_is_looked_up_once_a_group);
    tcase_add_test(tc, sorted_groups_read_the_same);
    tcase_add_test(tc, reads_that_share_a_pass_find_the_same);
    tcase_add_test(tc, budgets_cost_no_pass_of_their_own);
    suite_add_tcase(s, tc);
    return s;
}
