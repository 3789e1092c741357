/* SPDX-License-Identifier: MIT */
/* What recorded tokens cost by the price list and the configuration, beside what was booked. Every amount is worked out beside its test;
 * prices of the built-in list: gpt-4o-mini 0.15 / cached 0.075 / output 0.6, claude-haiku-4-5 1 / 0.1 / written 1.25 / output 5 USD per
 * million. */
#include <math.h>

#include "unit/view/fixture.h"
#include "view/spend.h"
#include "view/vbudget.h"
#include "view/vprice.h"

Suite *suite_spend(void);

static uint32_t series(struct fixture *f, enum signal s, const char *model, const char *deployment, const char *team)
{
    struct series sr = {.source = f->source, .signal = (uint16_t)s};
    uint32_t id = 0;
    sr.dim[DIM_GATEWAY] = fixture_string(f, "test");
    sr.dim[DIM_MODEL] = fixture_string(f, model);
    if (deployment != NULL && strchr(deployment, '=') != NULL && s != SIG_REQUESTS) /* "id=upstream", which requests do not tell */
        sr.dim[DIM_NAME] = fixture_string(f, strchr(deployment, '=') + 1);
    if (deployment != NULL) {
        char own[32];
        ck_assert(str_copy(own, sizeof own, (struct str){deployment, strcspn(deployment, "=")}));
        sr.dim[DIM_DEPLOYMENT] = fixture_string(f, own);
    }
    if (team != NULL)
        sr.dim[DIM_TEAM] = fixture_string(f, team);
    if (s == SIG_REQUESTS)
        sr.dim[DIM_CLASS] = fixture_string(f, "ok");
    ck_assert_int_eq(store_series(f->st, &sr, &id, NULL), ERR_OK);
    return id;
}

struct counted {
    const char *model, *deployment, *team;
    int64_t input, cached, written, output, reasoning, requests, booked_nusd; /* per minute; booked < 0: no spend is told */
};

static void count(struct fixture *f, const struct counted *c)
{
    const struct {
        enum signal s;
        int64_t n;
    } of[] = {{SIG_TOKENS_INPUT, c->input},   {SIG_TOKENS_CACHED, c->cached},       {SIG_TOKENS_CACHE_WRITE, c->written},
              {SIG_TOKENS_OUTPUT, c->output}, {SIG_TOKENS_REASONING, c->reasoning}, {SIG_REQUESTS, c->requests}};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
        if (of[i].n > 0)
            fixture_increment(f, series(f, of[i].s, c->model, c->deployment, c->team), of[i].n);
    if (c->booked_nusd >= 0)
        fixture_increment(f, series(f, SIG_COST, c->model, c->deployment, c->team), c->booked_nusd);
}

/* Two hours of the same every minute: the last hour, which is the window, holds sixty of it. */
static void record(struct fixture *f, const struct counted *list, size_t n)
{
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        for (size_t k = 0; k < n; k++)
            count(f, &list[k]);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
}

static void configure(struct fixture *f, const char *yaml)
{
    struct errctx ctx = {.text = ""};
    config_fini(&f->cfg);
    ck_assert_msg(config_parse(str_of(yaml), "test", &f->cfg, &ctx) == ERR_OK, "%s", ctx.text);
}

static struct view_spend load(struct fixture *f, const enum dim *dims, size_t n)
{
    struct errctx ctx = {.text = ""};
    struct view_spend v;
    ck_assert_msg(view_load_spend(&f->loader, &f->params, dims, n, &v, &ctx) == ERR_OK, "%s", ctx.text);
    return v;
}

static const enum dim by_model[] = {DIM_MODEL}, by_team_model[] = {DIM_TEAM, DIM_MODEL};

#define assert_has(text, part) ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in '%s'", part, text)

START_TEST(tokens_are_priced_beside_what_was_booked)
{
    /* A minute: 10,000 - 4,000 at 0.15 + 4,000 at 0.075 + 2,000 at 0.6 = 900 + 300 + 1,200 micro-USD; reasoning is a part of output. */
    const struct counted one = {"gpt-4o-mini", NULL, "red", 10000, 4000, 0, 2000, 500, 10, 2400000};
    struct fixture f;
    fixture_open(&f);
    record(&f, &one, 1);
    struct view_spend v = load(&f, by_model, 1);
    ck_assert_uint_eq(v.row_count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert(v.rows[i].computed.known);
        ck_assert_int_eq(v.rows[i].computed.lo_nusd, 60 * 2400000);
        ck_assert_int_eq(v.rows[i].computed.hi_nusd, 60 * 2400000);
        ck_assert_int_eq(v.rows[i].computed.exact, EXACT);
        ck_assert_int_eq(v.rows[i].over.lo_nusd, 0);
        ck_assert_int_eq(v.rows[i].cost.lo_nusd, 60 * 2400000);
    }
    ck_assert_str_eq(v.models[0].how, "by its name");
    ck_assert_str_eq(v.summary.sentence,
                     "computed $0.144; booked $0.144, as much for the same tokens in 1h, by the built-in list of 2026-06-02");
    ck_assert(!v.summary.is_computed);
    ck_assert_int_eq(v.summary.per_h.lo_nusd, 60 * 2400000);
    ck_assert(v.summary.per_h_is_whole);
    ck_assert_uint_eq(v.pieces, 1);
    fixture_close(&f);
}
END_TEST

START_TEST(a_difference_is_told_with_its_direction)
{
    const struct counted one = {"gpt-4o-mini", NULL, "red", 10000, 4000, 0, 2000, 500, 10, 2640000}; /* a tenth more */
    struct fixture f;
    fixture_open(&f);
    record(&f, &one, 1);
    struct view_spend v = load(&f, by_model, 1);
    ck_assert_int_eq(v.rows[0].over.lo_nusd, 60 * 240000);
    ck_assert_int_eq(v.rows[0].over.hi_nusd, 60 * 240000);
    assert_has(v.summary.sentence, "booked $0.158, +$0.0144 (10%) for the same tokens in 1h");
    fixture_close(&f);
}
END_TEST

/* The alias "fast" is gpt-4o-mini at one deployment and claude-haiku-4-5 at another: 10,000 x 0.15 and 10,000 x 1 micro-USD a minute. The
 * requests, which tell no upstream, go to the same groups: below any step they leave no interval. */
START_TEST(an_alias_is_priced_by_what_answers)
{
    const struct counted two[] = {{"fast", "b1=gpt-4o-mini", "red", 10000, 0, 0, 0, 0, 10, 1500000},
                                  {"fast", "c2=claude-haiku-4-5", "red", 10000, 0, 0, 0, 0, 10, 10000000}};
    struct fixture f;
    fixture_open(&f);
    record(&f, two, 2);
    struct view_spend v = load(&f, by_model, 1);
    ck_assert_uint_eq(v.model_count, 1);
    ck_assert_str_eq(v.models[0].value[0], "fast");
    ck_assert_int_eq(v.models[0].computed.lo_nusd, 60 * 11500000);
    ck_assert_int_eq(v.models[0].computed.hi_nusd, 60 * 11500000);
    ck_assert_double_eq(v.models[0].unpriced_share, 0);
    ck_assert_str_eq(v.models[0].how, "as gpt-4o-mini, by its name; 1 other name");
    fixture_close(&f);
}
END_TEST

/* 100 requests of 300,000 tokens together cannot have crossed the step of 200,000 all; they are counted to the one upstream there is. */
START_TEST(requests_bound_the_prompts_of_an_alias)
{
    struct counted one = {"fast", "b1=steps", "red", 150000, 0, 0, 0, 0, 10, -1};
    struct fixture f;
    fixture_open(&f);
    configure(&f, "gateway: test\nprices:\n  - {model: steps, from: 2026-01-01, input: 1 USD/M}\n"
                  "  - {model: steps, from: 2026-01-01, above: 10000000, input: 2 USD/M}\n");
    record(&f, &one, 1);
    struct view_spend v = load(&f, by_model, 1);
    ck_assert_int_eq(v.rows[0].count[PRICE_REQUEST], 600);
    ck_assert_int_eq(v.rows[0].computed.lo_nusd, INT64_C(60) * 150000000);
    ck_assert_str_eq(v.models[0].how, "as steps, configured, line 3");
    fixture_close(&f);
}
END_TEST

static struct vbudget budget_of(struct fixture *f, const char *more)
{
    char yaml[400];
    struct view_cost v;
    struct errctx ctx = {.text = ""};
    ck_assert(str_format(yaml, sizeof yaml, "gateway: test\nbudgets:\n  - {name: b, limit: 1 USD, period: day%s}\n", more));
    configure(f, yaml);
    ck_assert_msg(view_load_cost(&f->loader, &f->params, &v, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_uint_eq(v.budget_count, 1);
    return v.budgets[0];
}

/* 10,000 input tokens a minute at 0.15 USD per million: 0.0015 USD a minute for two hours, which are not all of the day. */
START_TEST(a_budget_counts_what_tokens_cost_where_nothing_is_booked)
{
    const struct counted two[] = {{"gpt-4o-mini", NULL, "red", 10000, 0, 0, 0, 0, 10, -1},
                                  {"claude-haiku-4-5", NULL, "blue", 10000, 0, 0, 0, 0, 1, -1}};
    struct fixture f;
    fixture_open(&f);
    record(&f, two, 2);
    struct vbudget b = budget_of(&f, ", scope: team=red");
    ck_assert(b.known);
    ck_assert_int_eq(b.basis, BUDGET_COMPUTED);
    ck_assert_int_eq(b.used_nusd, FIXTURE_POLLS * INT64_C(1500000));
    ck_assert_int_eq(b.used_exact, AT_LEAST);
    ck_assert_str_eq(b.rate, "at the 5m rate");
    ck_assert_int_eq(budget_of(&f, "").used_nusd, FIXTURE_POLLS * INT64_C(11500000));
    ck_assert(!budget_of(&f, ", scope: team=green").known);
    fixture_close(&f);
}
END_TEST

/* The gateway that books is believed, at 10 times what its tokens cost; the engine beside it, which books nothing, is added. */
START_TEST(a_budget_believes_the_gateway_and_adds_who_books_nothing)
{
    const struct counted one = {"gpt-4o-mini", NULL, "red", 10000, 0, 0, 0, 0, 10, 15000000};
    struct fixture f;
    fixture_open(&f);
    record(&f, &one, 1);
    struct vbudget b = budget_of(&f, "");
    ck_assert_int_eq(b.basis, BUDGET_BOOKED);
    ck_assert_int_eq(b.used_nusd, FIXTURE_POLLS * INT64_C(15000000));
    struct series s = {.source = f.source, .signal = SIG_TOKENS_INPUT};
    uint32_t id;
    s.dim[DIM_GATEWAY] = fixture_string(&f, "engine");
    s.dim[DIM_MODEL] = fixture_string(&f, "gpt-4o-mini");
    ck_assert_int_eq(store_series(f.st, &s, &id, NULL), ERR_OK);
    fixture_increment(&f, id, 1000000);
    f.params.cursor_ms += fixture_step_ms;
    fixture_append(&f, f.params.cursor_ms);
    f.params.now_ms = f.params.cursor_ms;
    b = budget_of(&f, "");
    ck_assert_int_eq(b.basis, BUDGET_IN_PART);
    ck_assert_int_eq(b.used_nusd, FIXTURE_POLLS * INT64_C(15000000) + 150000000);
    fixture_close(&f);
}
END_TEST

/* More models than can be read beside a gateway that books: what is booked is a part, of who has such tokens. */
START_TEST(a_budget_of_which_not_all_can_be_read_is_a_lower_bound)
{
    enum { MANY = 20001 };
    const struct counted one = {"gpt-4o-mini", NULL, "red", 10000, 0, 0, 0, 0, 10, 1500000};
    struct fixture f;
    struct errctx ctx = {.text = ""};
    struct vbudget *v;
    size_t count_of;
    char model[32];
    fixture_open(&f);
    arena_fini(&f.arena);
    arena_init(&f.arena, 512 << 20);
    struct store_item *items = calloc(MANY, sizeof *items);
    ck_assert_ptr_nonnull(items);
    for (uint32_t i = 0; i < MANY; i++) {
        struct series s = {.source = f.source, .signal = SIG_TOKENS_INPUT};
        ck_assert(str_format(model, sizeof model, "m%u", i));
        s.dim[DIM_GATEWAY] = fixture_string(&f, "engine");
        s.dim[DIM_TEAM] = fixture_string(&f, "blue");
        s.dim[DIM_MODEL] = fixture_string(&f, model);
        ck_assert_int_eq(store_series(f.st, &s, &items[i].series, NULL), ERR_OK);
        items[i].v.increment = 1000;
    }
    const int64_t midnight = fixture_start_ms - 14 * 3600000;
    struct store_batch b = {
        .source = f.source, .t0_ms = midnight - 2 * fixture_step_ms, .t1_ms = midnight - fixture_step_ms, .items = items, .count = 1};
    ck_assert_int_eq(store_append(f.st, &b, 1, NULL), ERR_OK); /* the whole day is recorded */
    b.t0_ms = midnight;
    b.t1_ms = midnight + fixture_step_ms;
    b.count = MANY;
    ck_assert_int_eq(store_append(f.st, &b, 1, NULL), ERR_OK);
    free(items);
    record(&f, &one, 1);
    configure(&f, "gateway: test\nbudgets:\n  - {name: all, limit: 1 USD, period: day}\n"
                  "  - {name: red, limit: 1 USD, period: day, scope: team=red}\n"
                  "  - {name: blue, limit: 1 USD, period: day, scope: team=blue}\n");
    ck_assert_msg(vbudget_load(&f.loader, &f.params, NULL, 0, &v, &count_of, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_uint_eq(count_of, 3);
    ck_assert_int_eq(v[0].basis, BUDGET_IN_PART);
    ck_assert_int_eq(v[0].used_nusd, FIXTURE_POLLS * INT64_C(1500000));
    ck_assert_int_eq(v[0].used_exact, AT_LEAST);
    ck_assert_int_eq(v[1].basis, BUDGET_BOOKED);
    ck_assert_int_eq(v[1].used_exact, EXACT);
    ck_assert(!v[2].known);
    ck_assert_int_eq(v[2].basis, BUDGET_COMPUTED);
    fixture_close(&f);
}
END_TEST

START_TEST(what_has_no_price_is_a_share_and_never_nothing)
{
    const struct counted two[] = {{"gpt-4o-mini", NULL, "red", 9000, 0, 0, 0, 0, 10, 1350000},
                                  {"nobody-knows", NULL, "red", 1000, 0, 0, 0, 0, 1, 700000}};
    struct fixture f;
    fixture_open(&f);
    record(&f, two, 2);
    struct view_spend v = load(&f, by_model, 1);
    const struct vspend_row *total = &v.rows[v.row_count - 1], *unknown = &v.rows[1];
    ck_assert_str_eq(unknown->value[0], "nobody-knows");
    ck_assert(!unknown->computed.known);
    ck_assert(!unknown->over.known);
    ck_assert_double_eq(unknown->unpriced_share, 1);
    ck_assert_str_eq(v.models[1].how, "no price: no row of that name");
    ck_assert_double_eq_tol(total->unpriced_share, 0.1, 1e-12);
    ck_assert_int_eq(total->computed.lo_nusd, 60 * 1350000);
    ck_assert_int_eq(total->computed.exact, AT_LEAST);
    ck_assert_int_eq(total->over.lo_nusd, 0); /* like is compared with like */
    assert_has(v.summary.sentence, "computed >=$0.081 + 10% of tokens unpriced: 1 model; booked $0.081, as much");
    fixture_close(&f);
}
END_TEST

START_TEST(where_nothing_is_booked_computed_cost_is_what_it_rests_on)
{
    const struct counted two[] = {{"gpt-4o-mini", NULL, NULL, 10000, 0, 0, 0, 0, 10, -1},
                                  {"nobody-knows", NULL, NULL, 10000, 0, 0, 0, 0, 1, -1}};
    struct fixture f;
    fixture_open(&f);
    record(&f, two, 1);
    struct view_spend v = load(&f, by_model, 1);
    ck_assert(v.summary.is_computed);
    ck_assert(!v.summary.booked.known);
    ck_assert_int_eq(v.summary.cost.lo_nusd, 60 * 1500000);
    ck_assert_int_eq(v.summary.per_h.lo_nusd, 60 * 1500000);
    ck_assert(v.summary.per_h_is_whole);
    ck_assert_str_eq(v.summary.sentence,
                     ">=$0.09/h over the last 5m, computed by the built-in list of 2026-06-02: no gateway here books spend");
    fixture_close(&f);
    fixture_open(&f);
    record(&f, two, 2);
    v = load(&f, by_model, 1);
    ck_assert(!v.summary.per_h_is_whole); /* half of its tokens have no price */
    assert_has(v.summary.sentence, ">=$0.09/h over the last 5m + 50% of tokens unpriced: 1 model, computed by");
    fixture_close(&f);
}
END_TEST

START_TEST(each_stretch_is_priced_by_the_prices_of_its_day)
{
    /* 15:30 is the middle of the window: 30 minutes at 1, 30 at 3 USD per million of 1,000 tokens a minute. */
    const struct counted one = {"own", NULL, "red", 1000, 0, 0, 0, 0, 1, 2000000};
    struct fixture f;
    fixture_open(&f);
    configure(&f, "gateway: test\nprices:\n  - {model: own, from: 2026-01-01, input: 1 USD/M, cached: 1 USD/M}\n"
                  "  - {model: own, from: 2026-11-23T15:30:00Z, input: 3 USD/M, cached: 1 USD/M}\n"
                  "  - {model: other, from: 2026-11-23T15:40:00Z, input: 9 USD/M, cached: 1 USD/M}\n");
    record(&f, &one, 1);
    struct view_spend v = load(&f, by_model, 1);
    ck_assert_uint_eq(v.pieces, 2); /* another model's new price cuts nothing */
    ck_assert_int_eq(v.summary.computed.lo_nusd, 30 * 1000000 + 30 * 3000000);
    ck_assert_int_eq(v.summary.per_h.lo_nusd, 60 * 2000000);
    ck_assert_str_eq(v.models[0].how, "configured, line 4");
    assert_has(v.summary.sentence, ", by the configured prices");
    f.params.cursor_ms -= 40 * fixture_step_ms; /* a replay at 15:20 knows one price */
    ck_assert_int_eq(load(&f, by_model, 1).summary.computed.hi_nusd, 60 * 1000000);

    /* The same as a grid of 25 minutes, whose second column holds the change: 10 minutes before it, 15 after. */
    struct vread *vr = arena_alloc(&f.arena, sizeof *vr);
    struct vprice_book book;
    struct vprice p;
    const struct vprice_ask ask = {0, fixture_start_ms + 55 * fixture_step_ms, 25 * fixture_step_ms, 2};
    ck_assert_int_eq(vread_init(vr, &f.loader, &f.params, NULL), ERR_OK);
    ck_assert_int_eq(vprice_book_read(&f.cfg, &f.arena, &book, NULL), ERR_OK);
    ck_assert_int_eq(vprice_load(vr, &book, &ask, &p, NULL), ERR_OK);
    ck_assert_uint_eq(p.count, 1);
    ck_assert_int_eq(vprice_computed(&p.groups[0].cells[0], (struct vtrust){.stale = false}).lo_nusd, 25 * 1000000);
    ck_assert_int_eq(vprice_computed(&p.groups[0].cells[1], (struct vtrust){.stale = false}).lo_nusd, 10 * 1000000 + 15 * 3000000);
    ck_assert_int_eq(p.covered_ms[1], 25 * fixture_step_ms);
    fixture_close(&f);
}
END_TEST

/* A minute: `large` of three prompts in a bucket of those above 200,000 tokens, 2 to 300,000, 3 to 10^16 and 4 beyond, the others at most
 * 100,000; 400,000 tokens in all, of which the histogram tells sum. 1 USD per million, above 200,000 in one prompt 2. */
static void sizes_narrow(int64_t large, uint32_t bucket, int64_t sum, int64_t lo_tokens, int64_t hi_tokens)
{
    static const double bounds[] = {100000, 200000, 300000, 1e16};
    const struct store_hist_count counts[] = {{0, (uint64_t)(3 - large)}, {bucket, (uint64_t)large}};
    const struct counted one = {"steps", NULL, NULL, 400000, 0, 0, 0, 0, 0, -1};
    const struct hist_bounds *b;
    struct fixture f;
    fixture_open(&f);
    configure(&f, "gateway: test\nprices:\n  - {model: steps, from: 2026-01-01, input: 1 USD/M}\n"
                  "  - {model: steps, from: 2026-01-01, above: 200000, input: 2 USD/M}\n");
    ck_assert_int_eq(store_bounds(f.st, bounds, 4, &b, NULL), ERR_OK);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        count(&f, &one);
        f.items[f.count] = (struct store_item){.series = fixture_series(&f, SIG_PROMPT_SIZE, b->id, "steps", "", "", "", "")};
        f.items[f.count].v.hist.counts = counts;
        f.items[f.count].v.hist.count = large > 0 ? 2 : 1;
        f.items[f.count].v.hist.n = 3;
        f.items[f.count++].v.hist.sum_fixed = sum;
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    struct view_spend v = load(&f, by_model, 1);
    ck_assert_int_eq(v.rows[0].computed.lo_nusd, 1000 * (INT64_C(60) * 400000 + lo_tokens));
    ck_assert_int_eq(v.rows[0].computed.hi_nusd, 1000 * (INT64_C(60) * 400000 + hi_tokens));
    fixture_close(&f);
}

START_TEST(sizes_of_prompts_narrow_the_interval)
{
    sizes_narrow(1, 2, 400000, 60 * 200001, 60 * 300000); /* a large prompt has between 200,001 and 300,000 tokens */
    sizes_narrow(1, 2, 0, 60 * 200001, 60 * 300000);      /* the tokens are its sum, which is not told twice */
    sizes_narrow(1, 2, 399999, 0, 60 * 400000);           /* of other requests than the tokens: nothing is narrowed */
    sizes_narrow(0, 2, 0, 0, 60 * 400000);                /* three of at most 100,000 cannot hold them: the same */
    sizes_narrow(3, 2, 0, 0, 60 * 400000);                /* nor three of more than 200,000 be so few */
    sizes_narrow(1, 3, 400000, 60 * 300001, 60 * 400000); /* bounds beyond what can be counted are as good as none */
    sizes_narrow(1, 4, 400000, 60 * 300001, 60 * 400000);
    sizes_narrow(1, 4, 0, 60 * 300001, 60 * 400000);
}
END_TEST

START_TEST(prices_that_depend_on_the_size_of_prompts_give_an_interval)
{
    /* 300,000 tokens a minute at 1, above 200,000 in one prompt at 2 USD per million. */
    static const char yaml[] = "gateway: test\nprices:\n  - {model: steps, from: 2026-01-01, input: 1 USD/M, cached: 1 USD/M}\n"
                               "  - {model: steps, from: 2026-01-01, above: 200000, input: 2 USD/M}\n";
    struct counted one = {"steps", NULL, "red", 300000, 0, 0, 0, 0, 0, 450000000};
    struct fixture f;
    fixture_open(&f);
    configure(&f, yaml);
    record(&f, &one, 1);
    struct view_spend v = load(&f, by_model, 1);
    ck_assert_int_eq(v.rows[0].computed.lo_nusd, INT64_C(60) * 300000000);
    ck_assert_int_eq(v.rows[0].computed.hi_nusd, INT64_C(60) * 600000000);
    ck_assert_int_eq(v.rows[0].over.lo_nusd, INT64_C(60) * (450000000 - 600000000));
    ck_assert_int_eq(v.rows[0].over.hi_nusd, INT64_C(60) * (450000000 - 300000000));
    assert_has(v.summary.sentence, "computed $18.0 to $36.0; booked $27.0, which lies in that");
    fixture_close(&f);
    /* 61 prompts of a million tokens each an hour cannot lie below the step: what the number of requests leaves. */
    one.input = 60000000;
    one.requests = 60;
    fixture_open(&f);
    configure(&f, yaml);
    record(&f, &one, 1);
    v = load(&f, by_model, 1);
    ck_assert_int_gt(v.rows[0].computed.lo_nusd, INT64_C(60) * 60000000000);
    fixture_close(&f);
}
END_TEST

START_TEST(a_deployment_has_a_price_of_its_own)
{
    const struct counted two[] = {{"own", "own-eu", "red", 1000, 0, 0, 0, 0, 1, 0}, {"own", "own-us", "red", 1000, 0, 0, 0, 0, 1, 0}};
    struct fixture f;
    fixture_open(&f);
    configure(&f, "gateway: test\nprices:\n  - {model: own, from: 2026-01-01, input: 1 USD/M, cached: 1 USD/M}\n"
                  "  - {model: own-us, from: 2026-01-01, input: 5 USD/M, cached: 1 USD/M}\n");
    record(&f, two, 2);
    struct view_spend v = load(&f, by_model, 1);
    ck_assert_int_eq(v.rows[0].computed.lo_nusd, 60 * (1000000 + 5000000));
    assert_has(v.models[0].how, "; 1 other name");
    fixture_close(&f);
}
END_TEST

START_TEST(rows_by_two_dimensions_sum_to_the_total)
{
    const struct counted three[] = {{"gpt-4o-mini", NULL, "red", 10000, 0, 0, 0, 0, 1, 1000000},
                                    {"gpt-4o-mini", NULL, "blue", 20000, 0, 0, 0, 0, 2, 5000000},
                                    {"claude-haiku-4-5", NULL, "red", 1000, 200, 300, 100, 0, 3, 2000000}};
    struct fixture f;
    int64_t booked = 0, computed = 0, requests = 0;
    fixture_open(&f);
    record(&f, three, 3);
    struct view_spend v = load(&f, by_team_model, 2);
    ck_assert_uint_eq(v.row_count, 4);
    ck_assert_str_eq(v.rows[0].value[0], "blue");
    ck_assert_str_eq(v.rows[1].value[1], "claude-haiku-4-5");
    /* 500 at 1, 200 at 0.1, 300 at 1.25, 100 at 5 = 500 + 20 + 375 + 500 micro-USD */
    ck_assert_int_eq(v.rows[1].computed.lo_nusd, 60 * 1395000);
    for (size_t i = 0; i < 3; i++) {
        booked += v.rows[i].booked.lo_nusd;
        computed += v.rows[i].computed.lo_nusd;
        requests += v.rows[i].count[PRICE_REQUEST];
    }
    ck_assert(v.rows[3].is_total);
    ck_assert_int_eq(v.rows[3].booked.lo_nusd, booked);
    ck_assert_int_eq(v.rows[3].computed.lo_nusd, computed);
    ck_assert_int_eq(v.rows[3].count[PRICE_REQUEST], requests);
    ck_assert_int_eq(requests, 60 * 6);
    f.params.filter = "team=red";
    v = load(&f, by_team_model, 2);
    ck_assert_uint_eq(v.row_count, 3);
    fixture_close(&f);
}
END_TEST

START_TEST(a_list_that_cannot_be_read_takes_nothing_but_the_computed_cost)
{
    const struct counted one = {"gpt-4o-mini", NULL, "red", 10000, 0, 0, 0, 0, 10, 2400000};
    struct fixture f;
    fixture_open(&f);
    configure(&f, "gateway: test\nprice_list: /nowhere/prices.txt\n");
    record(&f, &one, 1);
    struct view_spend v = load(&f, by_model, 1);
    assert_has(v.summary.sentence, "computed cost is not known: /nowhere/prices.txt: ");
    ck_assert_int_eq(v.summary.cost.lo_nusd, 60 * 2400000);
    ck_assert(v.summary.per_h_is_whole); /* it rests on what is booked */
    fixture_close(&f);
}
END_TEST

START_TEST(charges_are_cut_at_midnight)
{
    const struct counted one = {"gpt-4o-mini", "d1", "red", 10000, 0, 0, 0, 0, 10, 2400000};
    struct fixture f;
    struct view_charges v;
    fixture_open(&f);
    for (int i = 0; i < 120; i++) { /* 23:00 to 01:00 */
        count(&f, &one);
        fixture_append(&f, fixture_start_ms + INT64_C(9) * 3600000 + (i + 1) * fixture_step_ms);
    }
    f.params.window_ms = 100 * fixture_step_ms; /* from 23:20 */
    ck_assert_int_eq(view_load_charges(&f.loader, &f.params, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.count, 2);
    ck_assert_int_eq(v.rows[0].booked.lo_nusd, 40 * 2400000);
    ck_assert_int_eq(v.rows[1].booked.lo_nusd, 60 * 2400000);
    ck_assert_int_eq(v.rows[0].computed.lo_nusd, 40 * 1500000);
    ck_assert_int_eq(v.rows[0].to_ms, v.rows[1].from_ms);
    ck_assert_int_eq(v.rows[0].to_ms % 86400000, 0);
    ck_assert_int_eq(v.rows[1].to_ms, f.params.cursor_ms);
    ck_assert_int_eq(v.rows[0].month_to_ms - v.rows[0].month_from_ms, INT64_C(30) * 86400000); /* November */
    ck_assert_str_eq(v.rows[0].deployment, "d1");
    ck_assert(v.rows[0].is_listed);
    fixture_close(&f);
}
END_TEST

Suite *suite_spend(void)
{
    Suite *s = suite_create("spend");
    TCase *t = tcase_create("spend");
    tcase_add_test(t, tokens_are_priced_beside_what_was_booked);
    tcase_add_test(t, a_difference_is_told_with_its_direction);
    tcase_add_test(t, what_has_no_price_is_a_share_and_never_nothing);
    tcase_add_test(t, a_budget_counts_what_tokens_cost_where_nothing_is_booked);
    tcase_add_test(t, a_budget_of_which_not_all_can_be_read_is_a_lower_bound);
    tcase_add_test(t, a_budget_believes_the_gateway_and_adds_who_books_nothing);
    tcase_add_test(t, an_alias_is_priced_by_what_answers);
    tcase_add_test(t, requests_bound_the_prompts_of_an_alias);
    tcase_add_test(t, where_nothing_is_booked_computed_cost_is_what_it_rests_on);
    tcase_add_test(t, each_stretch_is_priced_by_the_prices_of_its_day);
    tcase_add_test(t, prices_that_depend_on_the_size_of_prompts_give_an_interval);
    tcase_add_test(t, sizes_of_prompts_narrow_the_interval);
    tcase_add_test(t, a_deployment_has_a_price_of_its_own);
    tcase_add_test(t, rows_by_two_dimensions_sum_to_the_total);
    tcase_add_test(t, a_list_that_cannot_be_read_takes_nothing_but_the_computed_cost);
    tcase_add_test(t, charges_are_cut_at_midnight);
    suite_add_tcase(s, t);
    return s;
}
