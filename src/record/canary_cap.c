/* SPDX-License-Identifier: MIT */
/* What runs cost, and what is taken off the cap for them, before and after. */
#include "record/canary_int.h"

enum err canaries_read_book(const struct config *cfg, struct arena *a, struct canaries_book *ret, struct errctx *ctx)
{
    const char *path = NULL;
    struct str text;
    enum err e = config_read_price_list(cfg, PRICE_FILE_MAX, a, &path, &text, ctx);
    if (e == ERR_OK)
        e = price_book_read(text, path, a, &ret->table, ctx);
    if (e == ERR_OK)
        ret->book = (struct price_book){&ret->table, cfg->prices, cfg->price_count};
    return e;
}

enum err canary_flush(struct canaries *c, int64_t now_ms, struct errctx *why)
{
    return c->opt.flush != NULL ? c->opt.flush(c->opt.ctx, now_ms, why) : ERR_OK;
}

/* What the prompts from one on can cost, with what the endpoint has shown to add. */
static int64_t rest_nusd(const struct run *r, uint32_t from)
{
    int64_t sum = 0;
    for (uint32_t i = from; i < r->cfg->c.item_count; i++)
        if (__builtin_add_overflow(sum, r->price.item_nusd[i], &sum) || __builtin_add_overflow(sum, r->st.extra_nusd, &sum))
            return INT64_MAX;
    return sum;
}

enum err canary_price_run(struct run *r, int64_t now_ms, struct errctx *why)
{
    struct canary_price *p = &r->price;
    enum err e = canary_price_make(r->all->opt.book, &r->cfg->c, now_ms, p, why);
    if (e == ERR_OK) {
        p->run_nusd = rest_nusd(r, 0);
        p->day_nusd = __builtin_mul_overflow(p->run_nusd, canary_runs_a_day(&r->cfg->c), &p->day_nusd) ? INT64_MAX : p->day_nusd;
    }
    r->st.run_nusd = e == ERR_OK ? p->run_nusd : -1;
    r->st.day_nusd = e == ERR_OK ? p->day_nusd : -1;
    return e;
}

void canary_take_order(struct run *r)
{
    r->ordered = false;
    r->st.order_ms = r->ordered_ms;
}

enum err canary_begin(struct run *r, int64_t now_ms, struct errctx *why)
{
    const struct canary_state before = r->st;
    if (!canary_reserve(&r->st, r->price.run_nusd, now_ms))
        return ERR_LIMIT;
    canary_take_order(r);
    r->st.running = true;
    r->st.last_ms = r->began_ms = now_ms;
    r->st.next_ms = now_ms + r->st.interval_ms;
    r->reserved_day_ms = r->st.spent_day_ms;
    r->reserved_nusd = r->price.run_nusd;
    r->settled_nusd = 0;
    enum err e = canary_flush(r->all, now_ms, why);
    if (e == ERR_OK)
        e = canary_keep(r->all, NULL, now_ms, why);
    if (e != ERR_OK)
        r->st = before;
    return e == ERR_LIMIT ? ERR_IO : e;
}

/* What was reserved is of the day on which the run began, and for what was known then: after midnight the rest is taken off the new
 * day's cap, and what the endpoint counts beyond the most it should is taken off this one's. */
bool canary_holds(struct run *r, int64_t now_ms, struct errctx *why)
{
    const bool is_next_day = canary_day(now_ms) > r->reserved_day_ms;
    const int64_t rest = rest_nusd(r, r->item), left = is_next_day ? 0 : r->reserved_nusd - r->settled_nusd;
    int64_t missing;
    if (rest <= left)
        return true;
    if (__builtin_sub_overflow(rest, left, &missing))
        missing = INT64_MAX;
    if (!canary_reserve(&r->st, missing, now_ms)) {
        (void)errctx_set(why, ERR_LIMIT, "%s, and the cap does not hold the rest of the run",
                         is_next_day ? "midnight passed" : "the endpoint counts more tokens than were asked for");
        return false;
    }
    if (is_next_day) {
        r->reserved_day_ms = r->st.spent_day_ms;
        r->reserved_nusd = r->settled_nusd = 0;
    }
    r->reserved_nusd += missing; /* it fits under the cap, so into 64 bits */
    return canary_flush(r->all, now_ms, why) == ERR_OK && canary_keep(r->all, NULL, now_ms, why) == ERR_OK;
}

void canary_settle_item(struct run *r, const struct canary_answer *a)
{
    int64_t spent = r->price.item_nusd[r->item], counted;
    if (a->input_tokens >= 0 && a->output_tokens >= 0 &&
        canary_request_price(&r->model_price.price, a->input_tokens, a->output_tokens, &counted, NULL) == ERR_OK)
        spent = counted;
    if (spent - r->price.item_nusd[r->item] > r->st.extra_nusd) {
        r->st.extra_nusd = spent - r->price.item_nusd[r->item];
        canary_tell(r, LOG_LEVEL_WARN, "the endpoint counts more tokens than its prompts can be; that is reserved from now on");
    }
    if (__builtin_add_overflow(r->settled_nusd, spent, &r->settled_nusd))
        r->settled_nusd = INT64_MAX;
}

void canary_say_cap(const struct run *r, int64_t now_ms, char *text, size_t cap_bytes)
{
    char run[MONEY_MAX], cap[MONEY_MAX], spent[MONEY_MAX];
    money_format_exact(r->price.run_nusd, run);
    money_format_exact(r->st.cap_nusd, cap);
    money_format_exact(canary_spent(&r->st, now_ms), spent);
    if (r->price.run_nusd > r->st.cap_nusd)
        (void)str_format(text, cap_bytes, "a run costs up to %s USD, which is more than the cap of %s USD a day", run, cap);
    else
        (void)str_format(text, cap_bytes, "the cap of %s USD a day is reached: %s USD are spent, and a run costs up to %s USD", cap, spent,
                         run);
}
