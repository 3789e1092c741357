/* SPDX-License-Identifier: MIT */
#include "analysis/price_bounds.h"

#include "base/rng.h"
#include "unit/analysis/price_rows.h"

Suite *suite_price_bounds(void);

static struct arena arena;
static const struct price_how standard = {.service = PRICE_STANDARD};

static void setup(void)
{
    arena_init(&arena, 64 << 20);
}

static void teardown(void)
{
    arena_fini(&arena);
}

static struct price_interval bounds(const struct price *p, struct price_usage u, const struct price_sizes *s)
{
    struct price_interval i;
    struct errctx why = {""};
    ck_assert_msg(price_bounds(p, &u, s, &standard, &i, &why) == ERR_OK, "%s", why.text);
    ck_assert(i.lo <= i.hi);
    return i;
}

static void between(const char *prices, struct price_usage u, const struct price_sizes *s, const char *lo, const char *hi)
{
    struct price p = rows_price(prices, &arena);
    struct price_interval i = bounds(&p, u, s);
    rows_usd(i.lo, lo);
    rows_usd(i.hi, hi);
}

#define CLIFF                                                                                                                              \
    "input=1000000 cached=100000 output=10000000 input@200000=2000000 cached@200000=200000 output@200000=15000000 request=1000000000"

START_TEST(without_steps_it_is_one_number)
{
    between("input=1000000 output=2000000", (struct price_usage){{1000000, [PRICE_OUTPUT] = 10, [PRICE_REQUEST] = 7}}, NULL, "1.00002",
            "1.00002");
}
END_TEST

START_TEST(counters_alone)
{
    /* 1M input, 100k output, sizes unknown: none or all of it beyond 200k */
    between(CLIFF, (struct price_usage){{1000000, [PRICE_OUTPUT] = 100000}}, NULL, "2", "3.5");
    /* cannot have crossed: even one request of all of it would not */
    between(CLIFF, (struct price_usage){{200000, [PRICE_OUTPUT] = 1000}}, NULL, "0.21", "0.21");
    /* one request: it has crossed */
    between(CLIFF, (struct price_usage){{200001, [PRICE_OUTPUT] = 1000, [PRICE_REQUEST] = 1}}, NULL, "0.416002", "0.416002");
    /* two requests of 500k: at least one crossed, with 300k at least */
    between(CLIFF, (struct price_usage){{500000, [PRICE_REQUEST] = 2}}, NULL, "0.802", "1.002");
    /* the cached part adds less: it is in the least's requests first, and in the most's last */
    between(CLIFF, (struct price_usage){{500000, 250000, [PRICE_REQUEST] = 2}}, NULL, "0.352", "0.552");
}
END_TEST

START_TEST(nothing_is_assumed_of_what_is_not_counted)
{
    struct price p = rows_price("input=1000000 output=1000000 input@200000=2000000", &arena);
    ck_assert_uint_eq(bounds(&p, (struct price_usage){{500000}}, NULL).notes, 0);
    ck_assert_uint_eq(bounds(&p, (struct price_usage){{500000, 10}}, NULL).notes, PRICE_NOTE_CACHED_AS_INPUT);
}
END_TEST

START_TEST(sizes_narrow_it)
{
    static const int64_t bound[] = {1000, 200000, 300000, INT64_MAX}, below[] = {5, 10, 0, 0}, above[] = {0, 0, 2, 0}, one[] = {5, 0, 1, 0};
    const struct price_sizes all_below = {bound, below, 4}, all_above = {bound, above, 4}, some = {bound, one, 4};
    between(CLIFF, (struct price_usage){{1000000, [PRICE_OUTPUT] = 100000, [PRICE_REQUEST] = 15}}, &all_below, "2.015", "2.015");
    between(CLIFF, (struct price_usage){{500000, [PRICE_OUTPUT] = 100000, [PRICE_REQUEST] = 2}}, &all_above, "2.502", "2.502");
    /* five of at most 1,000 and one of 200,001 to 300,000: 255,000 in all, so that 250,000 at least were of the large one */
    between(CLIFF, (struct price_usage){{255000, [PRICE_REQUEST] = 6}}, &some, "0.511", "0.516");
}
END_TEST

START_TEST(a_bucket_across_the_step_stays_open)
{
    static const int64_t bound[] = {100000, 400000, INT64_MAX}, count[] = {3, 2, 0};
    const struct price_sizes s = {bound, count, 3};
    /* 700k in five requests; at most 300k in the small ones, so 400k or more in two of at most 400k: none or both of them beyond 200k */
    between(CLIFF, (struct price_usage){{700000, [PRICE_REQUEST] = 5}}, &s, "0.705", "1.405");
}
END_TEST

START_TEST(graduated)
{
    static const char list[] = "input%0=1000000 input%100=2000000 output%0=1000000 output%100=5000000";
    between(list, (struct price_usage){{1000}}, NULL, "0.001", "0.0019");
    between(list, (struct price_usage){{1000, [PRICE_REQUEST] = 4}}, NULL, "0.0016", "0.0019"); /* 600 above even if spread evenly */
    between(list, (struct price_usage){{100, [PRICE_OUTPUT] = 100}}, NULL, "0.0002", "0.0002");
    between(list, (struct price_usage){{1000, [PRICE_REQUEST] = 1}}, NULL, "0.0019", "0.0019");
}
END_TEST

START_TEST(what_cannot_be_bounded_fails)
{
    struct price p = rows_price("input%0=1 input%100=2 output=1 output@100=2", &arena), none = rows_price("!gone", &arena),
                 half = rows_price("input=1 input@100=2", &arena);
    struct price_interval i;
    struct errctx why;
    ck_assert_int_eq(price_bounds(&p, &(struct price_usage){{1}}, NULL, &standard, &i, &why), ERR_UNSUPPORTED);
    ck_assert_int_eq(price_bounds(&none, &(struct price_usage){{1}}, NULL, &standard, &i, &why), ERR_NOTFOUND);
    ck_assert_int_eq(price_bounds(&half, &(struct price_usage){{1, [PRICE_OUTPUT] = 1}}, NULL, &standard, &i, &why), ERR_NOTFOUND);
    ck_assert_int_eq(price_bounds(&half, &(struct price_usage){{-1}}, NULL, &standard, &i, &why), ERR_USAGE);
}
END_TEST

/* ---- against requests of known size ---- */

static struct price_usage random_request(struct rng *r)
{
    struct price_usage u = {{0}};
    u.count[PRICE_INPUT] = (int64_t)rng_below(r, rng_below(r, 2) ? 400 : 90);
    u.count[PRICE_CACHED] = (int64_t)rng_below(r, (uint64_t)u.count[PRICE_INPUT] + 1);
    u.count[PRICE_CACHE_WRITE] = rng_below(r, 3) ? 0 : (int64_t)rng_below(r, (uint64_t)(u.count[PRICE_INPUT] - u.count[PRICE_CACHED]) + 1);
    u.count[PRICE_OUTPUT] = (int64_t)rng_below(r, 300);
    u.count[PRICE_REASONING] = rng_below(r, 2) ? 0 : (int64_t)rng_below(r, (uint64_t)u.count[PRICE_OUTPUT] + 1);
    u.count[PRICE_REQUEST] = 1;
    return u;
}

static const char *const lists[] = {
    "input=1000 cached=100 cache_write=1250 output=7000 input@100=2000 cached@100=150 cache_write@100=2500 output@100=9000",
    /* some fall */
    "input=1000 cached=900 output=7000 input@100=1500 cached@100=2500 output@100=6000 input@250=700 output@250=9000 request=77",
    "input=1000 output=7000 input@100=2000 batch.input=1 reasoning=3000",
    "input%0=1000 input%100=2000 input%250=5000 output%0=7000 output%100=8000 reasoning%0=9000 reasoning%250=9500",
    "input%0=1000 cached%0=100 input%50=900 cached%50=300 output%0=7000",
};

START_TEST(the_true_sum_lies_between)
{
    static const int64_t bound[] = {30, 100, 180, 250, 330, INT64_MAX};
    enum { BUCKETS = sizeof bound / sizeof bound[0] };
    struct price p = rows_price(lists[_i], &arena);
    struct rng rng;
    size_t narrower = 0, exact = 0;
    rng_seed(&rng, 40 + (uint64_t)_i);
    for (int run = 0; run < 3000; run++) {
        struct price_usage sum = {{0}};
        int64_t count[BUCKETS] = {0};
        money_wide truth = 0;
        for (size_t n = 1 + rng_below(&rng, 6); n > 0; n--) {
            struct price_usage u = random_request(&rng);
            struct price_bill b;
            size_t bucket = 0;
            ck_assert_int_eq(price_bill_make(&p, &u, &standard, &b, NULL), ERR_OK);
            truth += b.total;
            for (int t = 0; t < PRICE_COUNTED_TERMS; t++)
                sum.count[t] += u.count[t];
            while (u.count[PRICE_INPUT] > bound[bucket])
                bucket++;
            count[bucket]++;
        }
        const struct price_sizes s = {bound, count, BUCKETS};
        struct price_interval bare = bounds(&p, sum, NULL), sized = bounds(&p, sum, &s);
        ck_assert_msg(bare.lo <= truth && truth <= bare.hi, "run %d: outside without sizes", run);
        ck_assert_msg(sized.lo <= truth && truth <= sized.hi, "run %d: outside with sizes", run);
        ck_assert(sized.lo >= bare.lo && sized.hi <= bare.hi);
        narrower += sized.hi - sized.lo < bare.hi - bare.lo;
        exact += sized.lo == sized.hi;
        sum.count[PRICE_REQUEST] = 0; /* not known: wider, never wrong */
        if (!price_rate_find(&p, PRICE_REQUEST, PRICE_STANDARD, 0, &(int64_t){0}))
            ck_assert(bounds(&p, sum, NULL).lo <= bare.lo && bounds(&p, sum, NULL).hi >= bare.hi);
    }
    ck_assert_msg(narrower > 0 && exact > 0, "%zu narrower, %zu exact", narrower, exact);
}
END_TEST

Suite *suite_price_bounds(void)
{
    Suite *suite = suite_create("price_bounds");
    TCase *t = tcase_create("price_bounds");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, without_steps_it_is_one_number);
    tcase_add_test(t, counters_alone);
    tcase_add_test(t, nothing_is_assumed_of_what_is_not_counted);
    tcase_add_test(t, sizes_narrow_it);
    tcase_add_test(t, a_bucket_across_the_step_stays_open);
    tcase_add_test(t, graduated);
    tcase_add_test(t, what_cannot_be_bounded_fails);
    tcase_add_loop_test(t, the_true_sum_lies_between, 0, (int)(sizeof lists / sizeof lists[0]));
    suite_add_tcase(suite, t);
    return suite;
}
