/* SPDX-License-Identifier: MIT */
/* Pricing at the built-in list's prices, on one core.
 *   increments: a counter's increment of one kind of token, its price found among the model's rates, added to the series' sum, and taken
 *     from it as whole nano-dollars for a cost counter. The requirement is a million of them a second.
 *   requests: whole bills of seven kinds of tokens.
 *   intervals: what counters of a model with steps can have cost, without and with a histogram of sizes.
 *   names: matching a reported name from nothing, which is done once per series.
 * The floor of each is what cannot be avoided: the 128-bit multiplications and additions alone, over the same numbers.
 * Exact: the taken increments of each series add up to the nano-dollar of a sum in 128-bit pico-dollars that shares no code with the
 * library. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/price_book.h"
#include "analysis/price_bounds.h"
#include "base/rng.h"

enum { SERIES = 512, REQUIRED_PER_S = 1000000 };

__extension__ typedef __int128 wide;

struct series {
    struct price price;
    enum price_term term;
    int64_t pusd; /* what the floor multiplies by */
    money_wide sum;
    int64_t taken, total; /* nano-dollars */
    wide reference;       /* pico-dollars */
};

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void stop(const char *why)
{
    fprintf(stderr, "bench_price: %s\n", why);
    exit(EXIT_FAILURE);
}

/* Models with a price of that term, spread over the list. */
static void make_series(const struct price_table *t, struct series *s, struct rng *rng)
{
    static const enum price_term terms[] = {PRICE_INPUT, PRICE_CACHED, PRICE_OUTPUT, PRICE_CACHE_WRITE};
    for (int i = 0; i < SERIES;) {
        const struct price *p = &t->rows[rng_below(rng, t->count)];
        enum price_term term = terms[i % 4];
        int64_t pusd;
        unsigned notes = 0;
        if (p->unpriced != NULL || !price_unit(p, term, PRICE_STANDARD, 0, &pusd, &notes) || pusd == 0)
            continue;
        s[i++] = (struct series){.price = *p, .term = term, .pusd = pusd};
    }
}

static void one(struct series *s, int64_t tokens)
{
    int64_t pusd, more;
    unsigned notes = 0;
    if (!price_unit(&s->price, s->term, PRICE_STANDARD, 0, &pusd, &notes) || !money_wide_add(&s->sum, tokens, pusd, MONEY_WIDE_PER_PUSD) ||
        !money_wide_take(s->sum, &s->taken, &more))
        stop("an increment could not be priced");
    s->total += more;
}

/* Which series an increment belongs to, and how large it is: the same stream for the work, the floor and the reference. */
static uint64_t next(struct rng *rng, int64_t *ret_tokens)
{
    uint64_t v = rng_u64(rng);
    *ret_tokens = (int64_t)(v >> 40) % 100000;
    return v % SERIES;
}

static double run_increments(struct series *s, int n)
{
    struct rng rng;
    int64_t tokens;
    double began = cpu_s();
    rng_seed(&rng, 3);
    for (int i = 0; i < n; i++) {
        struct series *at = &s[next(&rng, &tokens)];
        one(at, tokens);
    }
    return n / (cpu_s() - began);
}

static double run_floor(struct series *s, int n)
{
    struct rng rng;
    int64_t tokens;
    double began = cpu_s();
    rng_seed(&rng, 3);
    for (int i = 0; i < n; i++) {
        struct series *at = &s[next(&rng, &tokens)];
        at->reference += (wide)tokens * at->pusd;
    }
    return n / (cpu_s() - began);
}

/* Series whose nano-dollars are not those of the reference, rounded once. */
static int count_wrong(const struct series *s)
{
    int wrong = 0;
    for (int i = 0; i < SERIES; i++) {
        wide nusd = (s[i].reference + 500) / 1000;
        wrong += (wide)s[i].total != nusd;
    }
    return wrong;
}

static struct price_usage random_usage(struct rng *rng)
{
    struct price_usage u = {{0}};
    u.count[PRICE_INPUT] = (int64_t)rng_below(rng, 300000);
    u.count[PRICE_CACHED] = u.count[PRICE_INPUT] / 2;
    u.count[PRICE_CACHE_WRITE] = u.count[PRICE_INPUT] / 8;
    u.count[PRICE_OUTPUT] = (int64_t)rng_below(rng, 20000);
    u.count[PRICE_REASONING] = u.count[PRICE_OUTPUT] / 3;
    u.count[PRICE_REQUEST] = 1;
    return u;
}

static double run_requests(const struct price *p, int n, wide *sink)
{
    struct rng rng;
    struct price_bill b;
    const struct price_how how = {.service = PRICE_STANDARD};
    double began = cpu_s();
    rng_seed(&rng, 5);
    for (int i = 0; i < n; i++) {
        struct price_usage u = random_usage(&rng);
        if (price_bill_make(p, &u, &how, &b, NULL) != ERR_OK)
            stop("a request could not be priced");
        *sink += b.total;
    }
    return n / (cpu_s() - began);
}

static double run_intervals(const struct price *p, int n, bool sized, wide *sink)
{
    static const int64_t bound[] = {1000, 4000, 16000, 64000, 256000, 1000000, INT64_MAX};
    int64_t count[] = {3, 9, 20, 5, 2, 1, 0};
    const struct price_sizes sizes = {bound, count, sizeof bound / sizeof bound[0]};
    struct rng rng;
    struct price_interval iv;
    const struct price_how how = {.service = PRICE_STANDARD};
    double began = cpu_s();
    rng_seed(&rng, 5);
    for (int i = 0; i < n; i++) {
        struct price_usage u = random_usage(&rng);
        if (price_bounds(p, &u, sized ? &sizes : NULL, &how, &iv, NULL) != ERR_OK)
            stop("an increment could not be bounded");
        *sink += iv.hi - iv.lo;
    }
    return n / (cpu_s() - began);
}

static double run_names(const struct price_table *t, int n)
{
    static const char *const names[] = {"gpt-4.1", "azure/eu/gpt-4.1-2031-01-01", "claude-3-haiku",
                                        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "no-such-model"};
    struct price_match m;
    double began = cpu_s();
    for (int i = 0; i < n; i++)
        (void)price_match(t, names[i % 5], "", 0, &m);
    return n / (cpu_s() - began);
}

static const struct price *model(const struct price_table *t, const char *name)
{
    bool before;
    const struct price *p = price_table_at(t, str_of(name), 0, &before);
    if (p == NULL || p->unpriced != NULL)
        stop("a model of the built-in list is missing");
    return p;
}

int main(int argc, char **argv)
{
    bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0;
    int n = is_short ? 200000 : 10000000, few = n / 20;
    struct arena arena;
    struct price_table table;
    struct errctx why = {""};
    struct rng rng;
    struct series *s = calloc(SERIES, sizeof *s);
    wide sink = 0;

    arena_init(&arena, 64 << 20);
    if (s == NULL || price_book_builtin(&arena, &table, &why) != ERR_OK)
        stop(why.text);
    rng_seed(&rng, 1);
    make_series(&table, s, &rng);
    double increments = run_increments(s, n), bare = run_floor(s, n);
    int wrong = count_wrong(s);
    printf("%d increments of %d series at the prices of %zu models\n", n, SERIES, table.count);
    printf("increments  %12.0f /s  %.2f of the bare multiplications (%.0f /s), %.1f times the million required\n", increments,
           increments / bare, bare, increments / REQUIRED_PER_S);
    printf("requests    %12.0f /s  seven kinds of tokens, two of them with steps\n",
           run_requests(model(&table, "gemini-2.5-pro"), few, &sink));
    printf("intervals   %12.0f /s  without sizes, %.0f /s with a histogram\n",
           run_intervals(model(&table, "gemini-2.5-pro"), few, false, &sink),
           run_intervals(model(&table, "gemini-2.5-pro"), few, true, &sink));
    printf("names       %12.0f /s  matched from nothing\n", run_names(&table, n / 2000));
    printf("exact       %d of %d series differ from 128-bit arithmetic by a nano-dollar or more%s\n", wrong, SERIES, sink == 0 ? " " : "");
    free(s);
    arena_fini(&arena);
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
