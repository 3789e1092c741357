/* SPDX-License-Identifier: MIT */
/* How this works: a rate is found by how specific it is. Of those whose step lies below the prompt the highest step wins, and in one step
 * the asked service's over the standard one: what LiteLLM does. A term without any rate borrows the one of the term that holds it. */
#include "analysis/price_cost.h"

#include <string.h>

enum { NONE = -1, SERVICE_WEIGHT = 1 };

static const struct {
    enum price_note note;
    const char *text;
    enum price_bound bound;
} notes[PRICE_NOTES] = {
    {PRICE_NOTE_CACHED_AS_INPUT, "no cached price is listed: cached tokens are priced as input, which is the most they can cost",
     PRICE_AT_MOST},
    {PRICE_NOTE_WRITE_AS_INPUT, "no cache write price is listed: written tokens are priced as input", PRICE_ABOUT},
    {PRICE_NOTE_1H_AS_WRITE, "no price is listed for an hour in the cache: priced as an ordinary write, which is the least it can cost",
     PRICE_AT_LEAST},
    {PRICE_NOTE_AUDIO_AS_TEXT, "no audio price is listed: audio is priced as text", PRICE_ABOUT},
    {PRICE_NOTE_SERVICE_STANDARD, "not every price of that service is listed: the standard one stands in", PRICE_ABOUT},
    {PRICE_NOTE_NO_UPLIFT, "no uplift is listed for that region: none is added", PRICE_EXACT},
    {PRICE_NOTE_PARTS_EXCEED, "the parts are more than the whole that should hold them: nothing is left of it", PRICE_ABOUT},
    {PRICE_NOTE_GRADUATED, "graduated prices: the tokens of each step at the price of the step", PRICE_EXACT},
    {PRICE_NOTE_LISTED_FREE, "every price that it uses is listed as 0: a free tier or a subscription", PRICE_EXACT},
};

const char *price_note_text(enum price_note n)
{
    for (size_t i = 0; i < PRICE_NOTES; i++)
        if (notes[i].note == n)
            return notes[i].text;
    return "";
}

enum price_bound price_bound_of(unsigned set)
{
    enum price_bound b = PRICE_EXACT;
    for (size_t i = 0; i < PRICE_NOTES; i++)
        if ((set & notes[i].note) != 0 && notes[i].bound != PRICE_EXACT)
            b = b == PRICE_EXACT || b == notes[i].bound ? notes[i].bound : PRICE_ABOUT;
    return b;
}

struct price_usage price_usage_split(const struct price_usage *u, unsigned *ret_notes)
{
    struct price_usage s = *u;
    for (int t = PRICE_CACHED; t < PRICE_OUTPUT; t++)
        s.count[PRICE_INPUT] -= u->count[t];
    for (int t = PRICE_REASONING; t < PRICE_TOKEN_TERMS; t++)
        s.count[PRICE_OUTPUT] -= u->count[t];
    if (s.count[PRICE_INPUT] < 0 || s.count[PRICE_OUTPUT] < 0)
        *ret_notes |= PRICE_NOTE_PARTS_EXCEED;
    s.count[PRICE_INPUT] = s.count[PRICE_INPUT] < 0 ? 0 : s.count[PRICE_INPUT];
    s.count[PRICE_OUTPUT] = s.count[PRICE_OUTPUT] < 0 ? 0 : s.count[PRICE_OUTPUT];
    return s;
}

int64_t price_multiplier(const struct price *p, const char *region, unsigned *ret_notes)
{
    int64_t m = p->multiplier * PRICE_ONE;
    if (region == NULL)
        return m;
    for (uint32_t i = 0; i < p->uplift_count; i++)
        if (strcmp(p->uplifts[i].region, region) == 0)
            return p->multiplier * p->uplifts[i].multiplier;
    *ret_notes |= PRICE_NOTE_NO_UPLIFT;
    return m;
}

/* The rate of this very term for a prompt of that size; NULL when there is none. graduated: as if the list were one of whole requests. */
static const struct price_rate *find_rate(const struct price *p, enum price_term t, enum price_service s, int64_t prompt_tokens,
                                          bool graduated)
{
    const struct price_rate *best = NULL;
    for (uint32_t i = 0; i < p->rate_count; i++) {
        const struct price_rate *r = &p->rates[i];
        if (r->term != t || r->graduated != graduated || (r->service != s && r->service != PRICE_STANDARD))
            continue;
        if (r->above_tokens > 0 && r->above_tokens >= prompt_tokens)
            continue;
        bool better = best == NULL || r->above_tokens > best->above_tokens || (r->above_tokens == best->above_tokens && r->service == s);
        best = better ? r : best;
    }
    return best;
}

static bool is_graduated(const struct price *p, enum price_term t)
{
    for (uint32_t i = 0; i < p->rate_count; i++)
        if (p->rates[i].term == t && p->rates[i].graduated)
            return true;
    return false;
}

static bool is_more_specific(const struct price_rate *a, const struct price_rate *b, enum price_service s)
{
    return a->above_tokens > b->above_tokens || (a->above_tokens == b->above_tokens && a->service == s && b->service != s);
}

/* The term whose price stands in for t's, and what must be said then; NONE at the wholes. */
static int stand_in(enum price_term t, unsigned *note)
{
    static const struct {
        enum price_term of;
        int by;
        unsigned note;
    } rows[] = {
        {PRICE_CACHED, PRICE_INPUT, PRICE_NOTE_CACHED_AS_INPUT},
        {PRICE_CACHE_WRITE, PRICE_INPUT, PRICE_NOTE_WRITE_AS_INPUT},
        {PRICE_CACHE_WRITE_1H, PRICE_CACHE_WRITE, PRICE_NOTE_1H_AS_WRITE},
        {PRICE_AUDIO_INPUT, PRICE_INPUT, PRICE_NOTE_AUDIO_AS_TEXT},
        {PRICE_AUDIO_CACHED, PRICE_CACHED, PRICE_NOTE_AUDIO_AS_TEXT},
        {PRICE_REASONING, PRICE_OUTPUT, 0}, /* reasoning is output: nothing is assumed */
        {PRICE_AUDIO_OUTPUT, PRICE_OUTPUT, PRICE_NOTE_AUDIO_AS_TEXT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].of == t) {
            *note |= rows[i].note;
            return rows[i].by;
        }
    }
    return NONE;
}

/* The rate that holds for t, its stand-in's where it has none; NULL when nothing does. */
static const struct price_rate *resolve(const struct price *p, enum price_term t, enum price_service s, int64_t prompt_tokens,
                                        bool graduated, unsigned *ret_notes)
{
    unsigned said = 0;
    const struct price_rate *r = NULL;
    for (int at = (int)t; at != NONE && r == NULL; at = r == NULL ? stand_in((enum price_term)at, &said) : at)
        r = find_rate(p, (enum price_term)at, s, prompt_tokens, graduated);
    if (r == NULL)
        return NULL;
    if (t == PRICE_REASONING && r->term == PRICE_REASONING) { /* a price for long prompts, or of the service, holds for all of the output */
        const struct price_rate *out = find_rate(p, PRICE_OUTPUT, s, prompt_tokens, graduated);
        r = out != NULL && is_more_specific(out, r, s) ? out : r;
    }
    if (r->service != s)
        said |= PRICE_NOTE_SERVICE_STANDARD;
    *ret_notes |= said;
    return r;
}

bool price_unit(const struct price *p, enum price_term t, enum price_service s, int64_t prompt_tokens, int64_t *ret_pusd,
                unsigned *ret_notes)
{
    const struct price_rate *r = resolve(p, t, s, prompt_tokens, false, ret_notes);
    if (r == NULL)
        return false;
    *ret_pusd = r->pusd;
    return true;
}

static enum err add_line(struct price_bill *b, enum price_term t, int64_t count, const struct price_rate *r, struct errctx *ctx)
{
    if (b->line_count == PRICE_LINES_MAX)
        return errctx_set(ctx, ERR_LIMIT, "more than %d parts", PRICE_LINES_MAX);
    struct price_line l = {.term = t,
                           .priced_as = (enum price_term)r->term,
                           .service = (enum price_service)r->service,
                           .count = count,
                           .pusd = r->pusd,
                           .above_tokens = r->above_tokens,
                           .graduated = r->graduated};
    if (!money_wide_add(&l.amount, count, r->pusd, b->multiplier) || __builtin_add_overflow(b->total, l.amount, &b->total))
        return errctx_set(ctx, ERR_LIMIT, "%s: the amount is larger than any that can be kept", price_term_info(t)->label);
    b->line[b->line_count++] = l;
    return ERR_OK;
}

/* The step after r of its own list, NULL at the last. */
static const struct price_rate *next_step(const struct price *p, const struct price_rate *r)
{
    const struct price_rate *best = NULL;
    for (uint32_t i = 0; i < p->rate_count; i++) {
        const struct price_rate *q = &p->rates[i];
        if (q->term == r->term && q->graduated && q->service == r->service && q->above_tokens > r->above_tokens &&
            (best == NULL || q->above_tokens < best->above_tokens))
            best = q;
    }
    return best;
}

/* Each step's tokens at its own price; steps count the tokens of the term itself. */
static enum err add_graduated(struct price_bill *b, const struct price *p, enum price_term t, const struct price_how *how, int64_t count,
                              struct errctx *ctx)
{
    const struct price_rate *r = resolve(p, t, how->service, 0, true, &b->notes);
    enum err e = r == NULL ? errctx_set(ctx, ERR_NOTFOUND, "%s has no price", price_term_info(t)->label) : ERR_OK;
    b->notes |= PRICE_NOTE_GRADUATED;
    while (e == ERR_OK && r != NULL) {
        const struct price_rate *next = next_step(p, r);
        int64_t end = next != NULL && next->above_tokens < count ? next->above_tokens : count;
        if (end > r->above_tokens)
            e = add_line(b, t, end - r->above_tokens, r, ctx);
        r = end < count ? next : NULL;
    }
    return e;
}

/* Whether t is priced by steps: its own, or those of what stands in for it. */
static bool goes_by_steps(const struct price *p, enum price_term t)
{
    unsigned ignored = 0;
    for (int at = (int)t; at != NONE; at = stand_in((enum price_term)at, &ignored)) {
        if (is_graduated(p, (enum price_term)at))
            return true;
        if (find_rate(p, (enum price_term)at, PRICE_STANDARD, 0, false) != NULL)
            return false;
    }
    return false;
}

static enum err add_term(struct price_bill *b, const struct price *p, enum price_term t, const struct price_how *how, int64_t prompt_tokens,
                         int64_t count, struct errctx *ctx)
{
    bool steps = goes_by_steps(p, t);
    if (steps && !how->whole_tiers)
        return add_graduated(b, p, t, how, count, ctx);
    const struct price_rate *r = resolve(p, t, how->service, prompt_tokens, steps, &b->notes);
    if (r == NULL)
        return errctx_set(ctx, ERR_NOTFOUND, "%s has no price", price_term_info(t)->label);
    return add_line(b, t, count, r, ctx);
}

static bool is_listed_free(const struct price_bill *b)
{
    for (uint32_t i = 0; i < b->line_count; i++)
        if (b->line[i].pusd != 0)
            return false;
    return b->line_count > 0;
}

enum err price_bill_make(const struct price *p, const struct price_usage *u, const struct price_how *how, struct price_bill *ret,
                         struct errctx *ctx)
{
    struct price_bill b;
    enum err e = ERR_OK;
    memset(&b, 0, sizeof b);
    if (p->unpriced != NULL)
        return errctx_set(ctx, ERR_NOTFOUND, "%s has no price: %s", p->model, p->unpriced);
    for (int t = 0; t < PRICE_COUNTED_TERMS; t++)
        if (u->count[t] < 0)
            return errctx_set(ctx, ERR_USAGE, "%s: a count below 0", price_term_info((enum price_term)t)->label);
    struct price_usage s = price_usage_split(u, &b.notes);
    b.multiplier = price_multiplier(p, how->region, &b.notes);
    for (int t = 0; t < PRICE_COUNTED_TERMS && e == ERR_OK; t++) {
        int64_t ignored;
        /* A price per request or search unit is there or it is not: without one, they cost nothing of their own. */
        if (t >= PRICE_TOKEN_TERMS && !price_rate_find(p, (enum price_term)t, PRICE_STANDARD, 0, &ignored))
            continue;
        if (s.count[t] > 0)
            e = add_term(&b, p, (enum price_term)t, how, u->count[PRICE_INPUT], s.count[t], ctx);
    }
    if (e != ERR_OK)
        return e;
    b.notes |= is_listed_free(&b) ? PRICE_NOTE_LISTED_FREE : 0;
    b.bound = price_bound_of(b.notes);
    *ret = b;
    return ERR_OK;
}
