/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/spend.h"
#include "view/vbudget.h"
#include "view/vbudget_limits.h"
#include "view/vcost_text.h"
#include "view/vfilter.h"
#include "view/vparts.h"
#include "view/vperiod.h"
#include "view/vtext.h"

enum { TABLE_MAX = 200 };

struct asks {
    struct vmoney_ask money;
    struct vperiod_ask periods;
    struct vask cost, input, cached, output, reasoning;
    size_t spend, requests_w, in_w, cached_w, out_w, zero_cost;
    struct vbudget_limits limits;
};

static enum err ask_all(struct vread *vr, const struct view_axis *axis, struct asks *ask)
{
    const uint32_t teller = DIM_BIT(DIM_GATEWAY) | DIM_BIT(DIM_MODEL);
    const uint32_t group = DIM_BIT(vr->p->group), owner = vr->p->group == DIM_KEY ? DIM_BIT(DIM_TEAM) : 0;
    int64_t t1 = vr->p->cursor_ms, t0 = t1 - vr->p->window_ms;
    ask->money = vmoney_ask(vr, axis);
    ask->cost = vask_add(vr, SIG_COST, group, axis);
    ask->input = vask_add(vr, SIG_TOKENS_INPUT, teller, axis);
    ask->cached = vask_add(vr, SIG_TOKENS_CACHED, teller, axis);
    ask->output = vask_add(vr, SIG_TOKENS_OUTPUT, 0, axis);
    ask->reasoning = vask_add(vr, SIG_TOKENS_REASONING, 0, axis);
    ask->spend = vread_window(vr, SIG_COST, group | owner, t0, t1);
    ask->requests_w = vread_window(vr, SIG_REQUESTS, group | DIM_BIT(DIM_CLASS), t0, t1);
    ask->in_w = vread_window(vr, SIG_TOKENS_INPUT, group, t0, t1);
    ask->cached_w = vread_window(vr, SIG_TOKENS_CACHED, group, t0, t1);
    ask->out_w = vread_window(vr, SIG_TOKENS_OUTPUT, group, t0, t1);
    ask->zero_cost = vread_window(vr, SIG_ZERO_COST, DIM_BIT(DIM_MODEL), t0, t1);
    ask->limits = vbudget_ask_limits(vr);
    return vperiod_ask(vr, &ask->periods);
}

static uint64_t positive(struct vsum s)
{
    return s.sum > 0 ? (uint64_t)s.sum : 0;
}

/* What a row's rates and ratios are made of, for the row that holds the rest. */
struct row_sums {
    struct vsum now, then;
    int64_t booked_per_h_nusd;
    struct vspend_ratio per_request, per_token, per_answer, cached;
    enum exactness cost, requests, input, output, cached_input; /* of what they are made of */
};

static enum exactness ratio_exact(const struct vspend_ratio *r, enum exactness of, enum exactness by)
{
    return r->is_part && r->by > 0 ? ABOUT : exact_over(of, by);
}

static double ratio_of(const struct vspend_ratio *r, double scale)
{
    return r->by > 0 ? (double)r->of / (double)r->by * scale : (double)NAN;
}

static void put_ratios(struct vcost_row *row, const struct row_sums *s)
{
    static const double usd = 1.0 / (double)NUSD_PER_USD;
    row->per_request = ratio_of(&s->per_request, usd);
    row->per_1k_tokens = ratio_of(&s->per_token, usd * 1000);
    row->input_per_request = ratio_of(&s->per_answer, 1);
    row->cached_share = ratio_of(&s->cached, 1);
    row->per_request_is_part = s->per_request.is_part && s->per_request.by > 0;
    row->per_1k_tokens_is_part = s->per_token.is_part && s->per_token.by > 0;
    row->input_per_request_is_part = s->per_answer.is_part && s->per_answer.by > 0;
    row->cached_is_part = s->cached.is_part && s->cached.by > 0;
    row->per_request_exact = ratio_exact(&s->per_request, s->cost, s->requests);
    row->per_1k_tokens_exact = ratio_exact(&s->per_token, s->cost, s->input == s->output ? s->input : ABOUT);
    row->input_per_request_exact = ratio_exact(&s->per_answer, s->input, s->requests);
    row->cached_exact = ratio_exact(&s->cached, s->cached_input, s->input);
}

static void finish_row(struct vcost_row *row, const struct row_sums *sums, int64_t total)
{
    row->share = total > 0 ? (double)row->nusd / (double)total : NAN;
    row->booked_per_h_nusd = sums->booked_per_h_nusd;
    put_ratios(row, sums);
}

/* The team that a key belongs to; "" when it is not told, or when the table is of something else. */
static const char *owner_of(const struct vread *vr, const struct asks *ask, enum dim dim, uint32_t id)
{
    const struct store_group *g = dim == DIM_KEY ? vread_group(&vr->r[ask->spend], dim, id) : NULL;
    return g != NULL ? vread_text(vr, g->dim[DIM_TEAM]) : "";
}

static const struct vspend_row *spend_row(const struct view_spend *spend, const struct vcost_row *row)
{
    for (size_t i = 0; i < spend->row_count; i++) {
        const struct vspend_row *r = &spend->rows[i];
        if (row->is_total ? r->is_total : !r->is_total && !r->is_other && strcmp(r->value[0], row->name) == 0)
            return r;
    }
    return NULL;
}

/* Where some gateway books no spend, a row's money rests on what its tokens cost there, too; nothing of the kind is known of the time
 * before. */
static void put_computed(const struct view_spend *spend, const struct view_cost *v, struct vcost_row *row, struct row_sums *sums)
{
    const struct vspend_row *r = spend_row(spend, row);
    sums->cost = r != NULL && spend->summary.is_computed ? r->cost.exact : sums->cost;
    sums->booked_per_h_nusd = sums->now.covered_ms > 0 ? money_per_hour(sums->now.sum, sums->now.covered_ms) : 0;
    if (r != NULL) {
        sums->per_request = r->per_request;
        sums->per_token = r->per_token;
        sums->per_answer = r->per_answer;
        sums->cached = r->cached;
    }
    if (!spend->summary.is_computed)
        return;
    const bool priced = r != NULL && r->cost.known;
    if (priced) {
        row->nusd = r->cost.lo_nusd;
        row->cost_known = true;
        row->exact =
            r->cost.lo_nusd < r->cost.hi_nusd || (r->cost.exact == EXACT && v->coverage_text[0] != '\0') ? AT_LEAST : r->cost.exact;
    }
    if (!spend->summary.per_h.known)
        return;
    const bool known = priced && r->per_h.known;
    sums->now = (struct vsum){.known = known, .sum = known ? r->per_h.lo_nusd : sums->booked_per_h_nusd, .covered_ms = 3600000};
    sums->then = (struct vsum){.known = false};
    row->per_h_then = (struct vnum){.v = (double)NAN};
    if (priced)
        row->per_h_now = (struct vnum){.v = known ? unit_from_fixed(UNIT_USD, r->per_h.lo_nusd) : (double)NAN,
                                       .exact = r->per_h.lo_nusd < r->per_h.hi_nusd ? AT_LEAST : r->per_h.exact};
}

static enum exactness exact_of(struct vsum s)
{
    return vnum_of((double)s.sum, s.n, VNUM_SUM, s.trust).exact;
}

static enum err fill_row(struct vread *vr, const struct view_axis *axis, const struct asks *ask, enum dim dim, uint32_t id,
                         const struct view_spend *priced, const struct view_cost *v, struct vcost_row *ret, struct row_sums *ret_sums)
{
    const double per_second = (double)unit_scale(UNIT_USD) / 3600;
    const char *name = dim == DIM_COUNT ? "total" : vread_text(vr, id);
    struct vcost_row row = {.name = name[0] != '\0' ? name : "(none)", .owner = owner_of(vr, ask, dim, id), .is_total = dim == DIM_COUNT};
    double *strip = vstrip_alloc(vr, axis, &row.strip);

    if (strip == NULL)
        return ERR_NOMEM;
    struct vsum spend = vread_sum(vr, ask->spend, 0, dim, id);
    struct voutcomes requests = vread_outcomes(vr, ask->requests_w, 0, dim, id);
    struct vsum input = vread_sum(vr, ask->in_w, 0, dim, id), cached = vread_sum(vr, ask->cached_w, 0, dim, id),
                output = vread_sum(vr, ask->out_w, 0, dim, id);
    const struct vtrust covered = {.less = v->coverage_text[0] != '\0'};
    const struct vtrust counts = vtrust_join(requests.trust, vtrust_join(input.trust, vtrust_join(cached.trust, output.trust)));
    row.nusd = spend.sum;
    row.exact = vnum_of((double)spend.sum, spend.n, VNUM_SUM, vtrust_join(spend.trust, covered)).exact;
    row.counts_exact = vnum_of((double)requests.all, requests.all, VNUM_SUM, vtrust_join(counts, covered)).exact;
    row.cost_known = spend.known;
    row.requests_known = requests.known;
    row.input_known = input.known;
    row.cached_known = cached.known;
    row.output_known = output.known;
    row.cost_split = spend.trust.unsplit == 0;
    row.requests_split = requests.trust.unsplit == 0;
    row.tokens_split = (input.trust.unsplit | output.trust.unsplit) == 0;
    ret_sums->cost = exact_of(spend);
    ret_sums->requests = vnum_of(0, 0, VNUM_SUM, requests.trust).exact;
    ret_sums->input = exact_of(input);
    ret_sums->output = exact_of(output);
    ret_sums->cached_input = exact_of(cached);
    ret_sums->now = vread_sum(vr, ask->cost.now, 0, dim, id);
    ret_sums->then = ask->cost.then != VROWS_NONE ? vread_sum(vr, ask->cost.then, 0, dim, id) : (struct vsum){.known = false};
    row.per_h_now = vnum_usd_per_h(ret_sums->now);
    row.per_h_then = vnum_rate(ret_sums->then, per_second);
    row.requests = requests.all;
    row.answered = requests.by_class[OUTCOME_OK];
    row.tokens_in = positive(input);
    row.tokens_cached = positive(cached);
    row.tokens_out = positive(output);
    for (uint32_t c = 0; c < axis->columns; c++)
        strip[c] = vnum_rate(vread_sum(vr, ask->cost.axis, c, dim, id), per_second).v;
    vstrip_finish(&row.strip, axis->columns);
    row.limit_known = dim != DIM_COUNT && vbudget_limit(vr, &ask->limits, dim, id, &row.limit_nusd, &row.left_nusd, &row.left_known);
    put_computed(priced, v, &row, ret_sums);
    finish_row(&row, ret_sums, row.is_total ? row.nusd : v->total_nusd);
    *ret = row;
    return ERR_OK;
}

static double sort_value(const struct vcost_row *r, int column)
{
    double v = column == 1 ? r->per_h_now.v : column == 2 ? r->per_request : (double)r->nusd;
    return isnan(v) ? -1 : v;
}

static bool before(const struct vcost_row *a, const struct vcost_row *b, int sort)
{
    double x = sort_value(a, abs(sort)), y = sort_value(b, abs(sort));
    return sort > 0 ? x < y : x > y;
}

static void take_ratio(struct vspend_ratio *rest, const struct vspend_ratio *r)
{
    rest->of -= r->of;
    rest->by -= r->by;
}

/* What the rows so far leave of the total. */
static void take_out(struct vcost_row *other, struct row_sums *sums, const struct vcost_row *row, const struct row_sums *of)
{
    other->nusd -= row->nusd;
    other->requests -= row->requests;
    other->answered -= row->answered;
    other->tokens_in -= row->tokens_in;
    other->tokens_cached -= row->tokens_cached;
    other->tokens_out -= row->tokens_out;
    sums->now.sum -= of->now.sum;
    sums->then.sum -= of->then.sum;
    sums->booked_per_h_nusd -= of->booked_per_h_nusd;
    take_ratio(&sums->per_request, &of->per_request);
    take_ratio(&sums->per_token, &of->per_token);
    take_ratio(&sums->per_answer, &of->per_answer);
    take_ratio(&sums->cached, &of->cached);
}

/* What rounding each of n amounts to the nano-dollar leaves of their sum is nothing. */
static int64_t without_dust(int64_t nusd, size_t n)
{
    return llabs(nusd) <= (int64_t)n + 1 ? 0 : nusd;
}

/* Who spends, the largest first; then those of whom only tokens are told, where those are priced. */
static size_t row_ids(const struct vread *vr, const struct asks *ask, bool is_computed, uint32_t *ids, uint32_t *more)
{
    size_t n = vread_ids(vr, ask->spend, vr->p->group, vread_by_sum, ids, TABLE_MAX);
    const size_t others = is_computed ? vread_ids(vr, ask->in_w, vr->p->group, vread_by_sum, more, TABLE_MAX) : 0, spending = n;
    for (size_t i = 0; i < others && n < TABLE_MAX; i++) {
        size_t k = 0;
        while (k < spending && ids[k] != more[i])
            k++;
        if (k == spending)
            ids[n++] = more[i];
    }
    return n;
}

static enum err build_table(struct vread *vr, const struct view_axis *axis, const struct asks *ask, const struct view_spend *spend,
                            struct view_cost *v)
{
    uint32_t *ids = arena_array(vr->l->arena, (size_t)2 * TABLE_MAX, sizeof *ids);
    struct vcost_row *t = arena_array(vr->l->arena, TABLE_MAX + 2, sizeof *t);
    struct vcost_row total;
    struct row_sums rest, of;

    if (ids == NULL || t == NULL)
        return ERR_NOMEM;
    enum err e = fill_row(vr, axis, ask, DIM_COUNT, 0, spend, v, &total, &rest);
    if (e != ERR_OK)
        return e;
    v->total_nusd = total.nusd;
    size_t n = row_ids(vr, ask, spend->summary.is_computed, ids, ids + TABLE_MAX);
    struct vcost_row other = total;
    other.limit_known = other.left_known = false;
    other.name = "other";
    other.is_total = false;
    other.is_other = true;
    for (size_t i = 0; i < n; i++) {
        struct vcost_row row;
        e = fill_row(vr, axis, ask, vr->p->group, ids[i], spend, v, &row, &of);
        if (e != ERR_OK)
            return e;
        take_out(&other, &rest, &row, &of);
        size_t at = i;
        for (; at > 0 && before(&row, &t[at - 1], vr->p->sort); at--)
            t[at] = t[at - 1];
        t[at] = row;
    }
    other.nusd = without_dust(other.nusd, n);
    rest.now.sum = without_dust(rest.now.sum, n);
    rest.then.sum = without_dust(rest.then.sum, n);
    rest.booked_per_h_nusd = without_dust(rest.booked_per_h_nusd, n);
    if (other.nusd != 0 || (total.cost_split && other.requests != 0) ||
        rest.now.sum != 0) { /* what has no value here, or no room: the rows always sum to the total */
        other.per_h_now = vnum_usd_per_h(rest.now);
        other.per_h_then = vnum_rate(rest.then, (double)unit_scale(UNIT_USD) / 3600);
        other.strip = (struct vstrip){.v = NULL};
        finish_row(&other, &rest, v->total_nusd);
        t[n++] = other;
    }
    t[n++] = total;
    v->table = t;
    v->table_count = n;
    return ERR_OK;
}

static enum err build_tokens(struct vread *vr, const struct view_axis *axis, const struct asks *ask, struct view_cost *v)
{
    struct vrow *rows = arena_array(vr->l->arena, 8, sizeof *rows);
    const struct {
        const struct vask *ask;
        const char *label;
    } by[] = {{&ask->input, "input tok/s"}, {&ask->output, "output tok/s"}, {&ask->reasoning, "reasoning tok/s"}};
    size_t n = 0;

    if (rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        if (!vread_is_worth(vr, by[i].ask->axis))
            continue;
        enum err e = vrow_rate(vr, axis, *by[i].ask, DIM_COUNT, 0, 1, by[i].label, "/s", &rows[n++]);
        if (e != ERR_OK)
            return e;
    }
    if (vread_is_worth(vr, ask->input.axis)) {
        enum err e = vrow_share_told(vr, axis, ask->cached, ask->input, "cached input %", &rows[n++]);
        if (e != ERR_OK)
            return e;
    }
    v->tokens = rows;
    v->token_count = n;
    return ERR_OK;
}

/* Requests with usage that the gateway booked at $0: a gap in the money, with the models that cause it. */
static enum err unpriced(struct vread *vr, const struct asks *ask, struct view_cost *v)
{
    struct vsum zero = vread_sum(vr, ask->zero_cost, 0, DIM_COUNT, 0);
    uint64_t all = vread_outcomes(vr, ask->requests_w, 0, DIM_COUNT, 0).all;
    size_t models = 0;

    v->unpriced_requests = positive(zero);
    v->unpriced_share = all > 0 ? (double)v->unpriced_requests / (double)all : NAN;
    v->unpriced_text = "";
    if (v->unpriced_requests == 0)
        return ERR_OK;
    for (size_t i = 0; i < vr->r[ask->zero_cost].count; i++)
        models += vr->r[ask->zero_cost].groups[i].cells[0].sum > 0;
    char share[VTEXT_MAX], some[VTEXT_MAX], of[VTEXT_MAX];
    vtext_percent(100 * v->unpriced_share, share);
    vtext_count(v->unpriced_requests, some);
    vtext_count(all, of);
    v->unpriced_text = arena_printf(vr->l->arena, "+ %s of %s requests (%s) that used tokens booked at $0: %zu model%s", some, of, share,
                                    models, models == 1 ? "" : "s");
    return v->unpriced_text != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err put_coverage(const struct vread *vr, struct view_cost *v)
{
    struct arena *a = vr->l->arena;
    const int64_t to = vr->p->cursor_ms, from = to - vr->p->window_ms;
    const enum signal s = vr->has_series[SIG_COST] ? SIG_COST : SIG_TOKENS_INPUT;
    const struct vtime *lost = vread_lost(vr, s, from, to, a, &v->unknown_count);
    struct vcost_span *list = arena_array(a, v->unknown_count + 1, sizeof *list);

    v->coverage_text = lost != NULL ? vread_coverage_text(vr, "spend", lost, v->unknown_count) : NULL;
    if (list == NULL || v->coverage_text == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < v->unknown_count; i++)
        list[i] = (struct vcost_span){lost[i].t0_ms, lost[i].t1_ms};
    v->is_uncounted = vr->freshness[s] == UNCOUNTED;
    v->unknown = list;
    return ERR_OK;
}

/* The first budget for what is shown, as a rate: an even spread is what a plan without a course means. */
static enum err put_plan(struct arena *a, struct view_cost *v)
{
    const struct vbudget *b = v->budgets;
    while (b < v->budgets + v->budget_count && !b->is_plan)
        b++;
    const bool found = b < v->budgets + v->budget_count;
    v->plan_per_h = found ? (double)money_per_hour(b->limit_nusd, b->to_ms - b->from_ms) / (double)NUSD_PER_USD : (double)NAN;
    v->plan_text = found ? arena_printf(a, "budget %s", b->name) : "";
    return v->plan_text != NULL ? ERR_OK : ERR_NOMEM;
}

/* The table's largest rows as a stack, the rest of the total below them. */
static enum err stack_rows(struct vread *vr, const struct view_axis *axis, struct view_cost *v)
{
    enum { SHOWN = 4 };
    size_t n = 0;
    struct vstack *stack = arena_array(vr->l->arena, SHOWN + 1, sizeof *stack);
    const struct vcost_row *total = &v->table[v->table_count - 1];
    struct vstrip strip;
    double *rest = vstrip_alloc(vr, axis, &strip);

    if (stack == NULL || rest == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < axis->columns; c++)
        rest[c] = total->strip.v[c];
    int64_t left = total->booked_per_h_nusd;
    stack[0] = (struct vstack){.label = "other", .glyph = 'o', .v = rest};
    for (const struct vcost_row *r = v->table; r < total && n < SHOWN; r++) {
        if (r->is_other || r->booked_per_h_nusd == 0)
            continue;
        const char *label = arena_printf(vr->l->arena, "%s %s", dim_name(vr->p->group), r->name);
        if (label == NULL)
            return ERR_NOMEM;
        stack[++n] = (struct vstack){
            .label = label, .glyph = (char)('0' + n), .v = r->strip.v, .now = unit_from_fixed(UNIT_USD, r->booked_per_h_nusd)};
        left -= r->booked_per_h_nusd;
        for (uint32_t c = 0; c < axis->columns; c++)
            rest[c] -= isnan(r->strip.v[c]) ? 0 : r->strip.v[c];
    }
    for (uint32_t c = 0; c < axis->columns; c++)
        rest[c] = rest[c] < 1e-9 ? 0 : rest[c]; /* what differences of doubles leave; a gap stays one */
    stack[0].now = isnan(v->booked_per_h.v) ? (double)NAN : unit_from_fixed(UNIT_USD, without_dust(left, n));
    v->stack = stack;
    v->stack_count = n + 1;
    v->stack_text = arena_printf(vr->l->arena, "%sby %s", v->is_computed ? "booked, " : "", dim_name(vr->p->group));
    return v->stack_text != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err put_texts(struct vread *vr, const struct asks *ask, const struct vmoney *m, struct view_cost *v)
{
    struct arena *a = vr->l->arena;
    vperiod_build(vr, &ask->periods, v->period);
    v->period_text = vperiod_text(a, vr, v->period);
    v->surcharge_per_h = m->surcharge_per_h;
    v->surcharge_text = vcost_surcharge_text(a, m->surcharge_per_h);
    v->movers_text = isnan(v->then_per_h.v) ? "" : vcost_movers_text(a, vr->p->group, v);
    v->unit_text = vcost_unit_text(a, &v->table[v->table_count - 1]);
    return v->period_text != NULL && v->surcharge_text != NULL && v->movers_text != NULL && v->unit_text != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err put_hosting(const struct view_loader *l, const struct view_params *p, struct view_cost *v, struct errctx *ctx)
{
    struct view_hosting hosting = {.count = 0};
    const enum err e = l->cfg->hosting_count > 0 ? view_load_hosting(l, p, &hosting, ctx) : ERR_OK;
    v->hosting_text = "";
    for (size_t i = 0; e == ERR_OK && v->hosting_text != NULL && i < hosting.count; i++)
        v->hosting_text = arena_printf(l->arena, "%s%s%s", v->hosting_text, i > 0 ? "; " : "", hosting.rows[i].text);
    return e != ERR_OK || v->hosting_text != NULL ? e : errctx_set(ctx, ERR_NOMEM, "out of memory while reading cost");
}

/* Who spends it and what changed. */
static enum err put_money(struct vread *vr, const struct view_axis *axis, const struct asks *ask, const struct view_spend *spend,
                          const struct vmoney *m, struct view_cost *v)
{
    enum err e = build_table(vr, axis, ask, spend, v);
    if (e == ERR_OK)
        e = build_tokens(vr, axis, ask, v);
    if (e == ERR_OK)
        e = unpriced(vr, ask, v);
    if (e != ERR_OK)
        return e;
    v->is_computed = spend->summary.is_computed && spend->summary.per_h.known;
    v->booked_per_h = m->now_per_h;
    v->now_per_h = v->is_computed ? v->table[v->table_count - 1].per_h_now : m->now_per_h;
    v->then_per_h = v->is_computed ? vnum_unknown() : m->then_per_h;
    v->now_ms = spend->summary.now_ms;
    v->recent = &spend->summary.recent;
    v->over_text = v->is_computed ? spend->summary.over_text : m->over_text;
    v->computed_text = v->is_computed ? "" : spend->summary.sentence;
    v->against = axis->compare_ms > 0 ? vparts_against(axis->compare_ms) : "nothing: too little is recorded";
    v->stack = m->stack;
    v->stack_count = m->stack_count;
    v->parts = m->parts;
    v->part_count = m->part_count;
    v->stack_text = v->is_computed ? "booked, what changed" : "what changed";
    v->why = m->why;
    v->why_count = m->why_count;
    v->why_note = m->why_note;
    v->why_text = m->why_text;
    e = put_texts(vr, ask, m, v);
    if (e == ERR_OK && m->stack_count == 1)
        e = stack_rows(vr, axis, v); /* nothing stands out: who spends it is all there is to see */
    return e == ERR_OK ? put_plan(vr->l->arena, v) : e;
}

/* computed: what it begins with where some gateway books nothing. */
static enum err put_sentence(const struct vread *vr, const struct view_params *p, const struct vmoney *m, const char *computed,
                             struct view_cost *v, struct errctx *ctx)
{
    const char *why_none;
    enum err e = vfilter_nothing(vr->l, p, &why_none, ctx); /* with its hint: a report has no verdict */
    if (e == ERR_OK && why_none[0] == '\0')
        e = vread_why_none(vr, SIG_COST, "spend is", "", &why_none);
    if (e == ERR_OK) {
        v->sentence = vcost_headline(vr->l->arena, v, m, computed, why_none, p);
        e = v->sentence != NULL ? ERR_OK : ERR_NOMEM;
    }
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading cost") : e;
}

/* Since when money goes at another rate was read with the rest. */
static enum err finish_spend(struct vspend *s, const struct vread *vr, const struct asks *ask, struct view_spend *ret, struct errctx *ctx)
{
    const struct vspend_since since = {vrecent_find(vr, &ask->money.recent, false), vrecent_find(vr, &ask->money.recent, true)};
    return vspend_finish(s, &since, ret, ctx);
}

enum err view_load_cost(const struct view_loader *l, const struct view_params *p, struct view_cost *ret, struct errctx *ctx)
{
    struct view_cost v;
    struct view_axis axis;
    struct asks ask;
    struct vmoney m;
    struct vbudget *budgets;
    struct vspend *priced;
    struct view_spend *spend = arena_alloc(l->arena, sizeof *spend);
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);

    if (vr == NULL || spend == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading cost");
    memset(&v, 0, sizeof v);
    enum err e = vrows_init(vr, l, p, &axis, ctx);
    if (e != ERR_OK)
        return e;
    if (ask_all(vr, &axis, &ask) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading cost");
    e = vspend_ask(l, p, &p->group, 1, &priced, ctx);
    if (e == ERR_OK) {
        struct vread *const with[] = {vr, vspend_read(priced)};
        e = vbudget_load(l, p, with, 2, &budgets, &v.budget_count, ctx); /* runs them, too */
    }
    if (e == ERR_OK)
        e = finish_spend(priced, vr, &ask, spend, ctx);
    if (e == ERR_OK)
        e = vmoney_build(vr, ask.money, &axis, &m, ctx);
    if (e != ERR_OK)
        return e;
    v.budgets = budgets;
    v.spend = spend;
    v.window_ms = p->window_ms;
    v.recorded_since_ms = store_recorded_since_ms(l->st);
    e = put_coverage(vr, &v);
    if (e == ERR_OK)
        e = put_money(vr, &axis, &ask, spend, &m, &v);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while reading cost");
    e = put_hosting(l, p, &v, ctx);
    if (e == ERR_OK)
        e = put_sentence(vr, p, &m, spend->summary.sentence, &v, ctx);
    if (e == ERR_OK)
        *ret = v;
    return e;
}
