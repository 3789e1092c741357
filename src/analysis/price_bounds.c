/* SPDX-License-Identifier: MIT */
/* How this works. With steps N1 < N2 < ... the cost is the base price of every token, plus, for each step, what the step adds to the price
 * of the tokens of requests that crossed it. For a step it is bounded how many input tokens these requests have: X in [lo, hi]. Which of
 * them are cached or written is free, so the least and the most of the addition are found by filling X with the parts in the order of what
 * they add. Output and the like can all belong to requests that crossed, or none of it, unless none or all of the requests did. Graduated
 * steps price what lies above N in each request: sum of max(0, x - N), bounded in the same manner (it is convex in x). */
#include "analysis/price_bounds.h"

#include <string.h>

enum { STEPS_MAX = 16, INPUT_PARTS = PRICE_OUTPUT };

struct span {
    int64_t lo, hi;
};

/* What is known of the requests that crossed one step. */
struct crossed {
    struct span input;  /* their input tokens */
    struct span excess; /* of these, what lies above the step in each */
    bool none, all;     /* no request can have crossed; every one has */
};

static int64_t clamp(money_wide v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : (int64_t)v;
}

/* Counters alone: the total T, and how many requests n (0 = not known). */
static struct crossed from_total(int64_t total, int64_t n, int64_t step)
{
    struct crossed c = {.input = {0, total}, .excess = {0, total > step ? total - step : 0}};
    c.none = total <= step; /* not even a single request of all the tokens would */
    if (c.none)
        c.input.hi = 0;
    if (n == 1 && !c.none)
        return (struct crossed){.input = {total, total}, .excess = {total - step, total - step}, .all = true};
    if (n > 0 && (money_wide)total > (money_wide)n * step) { /* not all fit below: one crossed, the others hold n - 1 steps */
        c.input.lo = clamp((money_wide)total - (money_wide)(n - 1) * step, 0, total);
        c.excess.lo = clamp((money_wide)total - (money_wide)n * step, 0, total);
    }
    return c;
}

/* Sizes: requests of a bucket have lo + 1 to hi tokens each. */
static struct crossed from_sizes(const struct price_sizes *s, int64_t total, int64_t step)
{
    money_wide above_least = 0, above_most = 0, below_least = 0, below_most = 0, excess_least = 0, excess_most = 0;
    bool may_cross = false, may_stay = false;
    int64_t lower = 0;
    for (size_t i = 0; i < s->buckets; lower = s->bound[i++]) {
        int64_t n = s->count[i], least = i == 0 ? 0 : lower + 1,
                most = s->bound[i] > total ? total : s->bound[i]; /* none has more than all */
        if (n <= 0)
            continue;
        most = most < least ? least : most;
        bool stays = most <= step, crosses = least > step;
        may_cross = may_cross || !stays;
        may_stay = may_stay || !crosses;
        above_least += crosses ? (money_wide)n * least : 0;
        above_most += stays ? 0 : (money_wide)n * most;
        below_least += stays ? (money_wide)n * least : 0;
        below_most += crosses ? 0 : (money_wide)n * (stays ? most : step);
        excess_least += crosses ? (money_wide)n * (least - step) : 0;
        excess_most += stays ? 0 : (money_wide)n * (most - step);
    }
    struct crossed c = {.none = !may_cross, .all = may_cross && !may_stay};
    money_wide lo = above_least, hi = above_most;
    lo = total - below_most > lo ? total - below_most : lo; /* what does not fit below is above */
    hi = total - below_least < hi ? total - below_least : hi;
    c.input = (struct span){clamp(lo, 0, total), clamp(hi, 0, total)};
    c.excess = (struct span){clamp(excess_least, 0, total), clamp(excess_most, 0, total)};
    if (c.none)
        c.input = c.excess = (struct span){0, 0};
    if (c.all)
        c.input = (struct span){total, total};
    return c;
}

static struct span both(struct span a, struct span b)
{
    struct span s = {a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
    return s.lo <= s.hi ? s : a; /* they contradict each other: the counters have the word */
}

static struct crossed find_crossed(const struct price_sizes *s, int64_t total, int64_t n, int64_t step)
{
    struct crossed c = from_total(total, n, step);
    if (s == NULL || s->buckets == 0)
        return c;
    struct crossed h = from_sizes(s, total, step);
    c.input = both(c.input, h.input);
    c.excess = both(c.excess, h.excess);
    c.none = c.none || h.none;
    c.all = !c.none && (c.all || h.all);
    return c;
}

/* The steps of the list, rising. */
static size_t find_steps(const struct price *p, int64_t out[STEPS_MAX])
{
    size_t n = 0;
    for (uint32_t i = 0; i < p->rate_count; i++) {
        int64_t above = p->rates[i].above_tokens;
        size_t at = 0;
        while (at < n && out[at] < above)
            at++;
        if (above == 0 || (at < n && out[at] == above) || n == STEPS_MAX)
            continue;
        memmove(out + at + 1, out + at, (n - at) * sizeof *out);
        out[at] = above;
        n++;
    }
    return n;
}

static bool has_steps(const struct price *p, bool graduated)
{
    for (uint32_t i = 0; i < p->rate_count; i++)
        if (p->rates[i].graduated == graduated && (graduated || p->rates[i].above_tokens > 0))
            return true;
    return false;
}

struct bounding {
    const struct price *p;
    const struct price_how *how;
    struct price_usage split; /* the parts, wholes without them */
    int64_t multiplier;
    struct price_interval out;
    bool overflow;
};

static void add(struct bounding *b, int64_t lo_count, int64_t hi_count, int64_t pusd)
{
    bool good = money_wide_add(&b->out.lo, pusd >= 0 ? lo_count : hi_count, pusd, b->multiplier);
    b->overflow = !money_wide_add(&b->out.hi, pusd >= 0 ? hi_count : lo_count, pusd, b->multiplier) || !good || b->overflow;
}

/* What a step adds to a term's price: its price just above minus just below. 0 for what has no price at all. */
static int64_t added(struct bounding *b, enum price_term t, int64_t step)
{
    int64_t below, above;
    unsigned ignored = 0, *notes = b->split.count[t] > 0 ? &b->out.notes : &ignored; /* nothing is assumed of what is not counted */
    bool priced =
        price_unit(b->p, t, b->how->service, step, &below, &ignored) && price_unit(b->p, t, b->how->service, step + 1, &above, notes);
    return priced ? above - below : 0;
}

/* Fills room.lo input tokens with parts, those first that add least (most: that add most), and up to room.hi with what lowers the sum
 * (most: raises it). */
static money_wide fill(const struct bounding *b, const int64_t delta[INPUT_PARTS], struct span room, bool most)
{
    bool used[INPUT_PARTS] = {false};
    money_wide sum = 0;
    int64_t left = room.hi, must = room.lo;
    for (int k = 0; k < INPUT_PARTS; k++) {
        int best = -1;
        for (int t = 0; t < INPUT_PARTS; t++)
            if (!used[t] && (best < 0 || (most ? delta[t] > delta[best] : delta[t] < delta[best])))
                best = t;
        used[best] = true;
        bool wanted = most ? delta[best] > 0 : delta[best] < 0;
        int64_t limit = wanted ? left : must, n = b->split.count[best] < limit ? b->split.count[best] : limit;
        sum += (money_wide)n * delta[best];
        left -= n;
        must = must > n ? must - n : 0;
    }
    return sum;
}

static void add_wide(struct bounding *b, money_wide lo, money_wide hi)
{
    money_wide v;
    b->overflow =
        b->overflow || __builtin_mul_overflow(lo, (money_wide)b->multiplier, &v) || __builtin_add_overflow(b->out.lo, v, &b->out.lo);
    b->overflow =
        b->overflow || __builtin_mul_overflow(hi, (money_wide)b->multiplier, &v) || __builtin_add_overflow(b->out.hi, v, &b->out.hi);
}

/* A step at which the whole request is priced anew. */
static void add_cliff(struct bounding *b, int64_t step, const struct crossed *c)
{
    int64_t delta[INPUT_PARTS];
    for (int t = 0; t < INPUT_PARTS; t++)
        delta[t] = added(b, (enum price_term)t, step);
    add_wide(b, fill(b, delta, c->input, false), fill(b, delta, c->input, true));
    for (int t = INPUT_PARTS; t < PRICE_TOKEN_TERMS; t++)
        add(b, c->all ? b->split.count[t] : 0, c->none ? 0 : b->split.count[t], added(b, (enum price_term)t, step));
}

/* Terms from one on, by the base price. */
static enum err add_base(struct bounding *b, enum price_term first, struct errctx *ctx)
{
    for (int t = (int)first; t < PRICE_COUNTED_TERMS; t++) {
        int64_t pusd;
        if (b->split.count[t] == 0)
            continue;
        if (price_unit(b->p, (enum price_term)t, b->how->service, 0, &pusd, &b->out.notes))
            add(b, b->split.count[t], b->split.count[t], pusd);
        else if (t < PRICE_TOKEN_TERMS)
            return errctx_set(ctx, ERR_NOTFOUND, "%s has no price", price_term_info((enum price_term)t)->label);
    }
    return ERR_OK;
}

/* ---- graduated ---- */

/* The price of what lies in a step of a term's list: what a bill of one token more would charge. */
static enum err step_price(struct bounding *b, enum price_term t, int64_t step, int64_t *ret_pusd, struct errctx *ctx)
{
    struct price_usage one = {{0}};
    struct price_bill bill;
    const struct price_how how = {.service = b->how->service};
    one.count[t] = step + 1;
    one.count[t < PRICE_OUTPUT ? PRICE_INPUT : PRICE_OUTPUT] = step + 1;
    enum err e = price_bill_make(b->p, &one, &how, &bill, ctx);
    if (e != ERR_OK)
        return e;
    *ret_pusd = bill.line[bill.line_count - 1].pusd;
    b->out.notes |= bill.notes & ~(unsigned)PRICE_NOTE_LISTED_FREE;
    return ERR_OK;
}

/* The tokens of a term that lie above the step in their request. Of the input it is what the sizes tell; a part of it, or the output, may
 * be spread over all requests or lie in one. */
static struct span excess_of(const struct bounding *b, enum price_term t, int64_t n, int64_t step, const struct crossed *c)
{
    int64_t total = b->split.count[t];
    struct crossed own = from_total(total, n, step);
    bool is_whole_input = t == PRICE_INPUT;
    for (int k = PRICE_CACHED; k < PRICE_OUTPUT; k++)
        is_whole_input = is_whole_input && b->split.count[k] == 0;
    if (is_whole_input)
        return both(own.excess, c->excess);
    if (t < PRICE_OUTPUT && own.excess.hi > c->excess.hi)
        own.excess.hi = c->excess.hi;
    return own.excess;
}

static enum err add_graduated(struct bounding *b, const int64_t *steps, size_t count, int64_t n, const struct crossed *crossed,
                              struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (int t = 0; t < PRICE_TOKEN_TERMS && e == ERR_OK; t++) {
        int64_t total = b->split.count[t], below = 0, above;
        if (total > 0)
            e = step_price(b, (enum price_term)t, 0, &below, ctx);
        if (total == 0 || e != ERR_OK)
            continue;
        add(b, total, total, below);
        for (size_t i = 0; i < count && e == ERR_OK; i++, below = above) {
            e = step_price(b, (enum price_term)t, steps[i], &above, ctx);
            if (e != ERR_OK)
                break;
            struct span x = excess_of(b, (enum price_term)t, n, steps[i], &crossed[i]);
            add(b, x.lo < total ? x.lo : total, x.hi < total ? x.hi : total, above - below);
        }
    }
    return e == ERR_OK ? add_base(b, PRICE_REQUEST, ctx) : e;
}

enum err price_bounds(const struct price *p, const struct price_usage *u, const struct price_sizes *sizes, const struct price_how *how,
                      struct price_interval *ret, struct errctx *ctx)
{
    struct bounding b = {.p = p, .how = how};
    struct crossed crossed[STEPS_MAX];
    int64_t steps[STEPS_MAX], input = u->count[PRICE_INPUT], n = u->count[PRICE_REQUEST];
    size_t count = find_steps(p, steps);
    struct price_bill bill;
    if (p->unpriced != NULL)
        return errctx_set(ctx, ERR_NOTFOUND, "%s has no price: %s", p->model, p->unpriced);
    if (count == 0) { /* no size matters: the bill of the sums is the sum of the bills */
        enum err e = price_bill_make(p, u, how, &bill, ctx);
        if (e == ERR_OK)
            *ret = (struct price_interval){bill.total, bill.total, bill.notes};
        return e;
    }
    for (int t = 0; t < PRICE_COUNTED_TERMS; t++)
        if (u->count[t] < 0)
            return errctx_set(ctx, ERR_USAGE, "%s: a count below 0", price_term_info((enum price_term)t)->label);
    b.split = price_usage_split(u, &b.out.notes);
    b.multiplier = price_multiplier(p, how->region, &b.out.notes);
    for (size_t i = 0; i < count; i++)
        crossed[i] = find_crossed(sizes, input, n, steps[i]);
    bool graduated = has_steps(p, true);
    if (graduated && (has_steps(p, false) || how->whole_tiers))
        return errctx_set(ctx, ERR_UNSUPPORTED, "%s: graduated prices and prices of whole requests at once", p->model);
    enum err e = graduated ? add_graduated(&b, steps, count, n, crossed, ctx) : add_base(&b, PRICE_INPUT, ctx);
    for (size_t i = 0; i < count && !graduated; i++)
        add_cliff(&b, steps[i], &crossed[i]);
    if (e == ERR_OK && b.overflow)
        e = errctx_set(ctx, ERR_LIMIT, "the amount is larger than any that can be kept");
    if (e == ERR_OK)
        *ret = b.out;
    return e;
}
