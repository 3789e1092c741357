/* SPDX-License-Identifier: MIT */
#include "view/vcanary.h"

#include "analysis/canary_price.h"
#include "model/money.h"
#include "view/vprice.h"
#include "view/vtext.h"

static const char *price_text(const struct canary *k, const struct vcanary_price *p, struct arena *a)
{
    char run[MONEY_MAX], day[MONEY_MAX], cap[MONEY_MAX];
    if (p->why[0] != '\0')
        return arena_printf(a, "canary %s is not run: %s", k->name, p->why);
    money_format_exact(p->run_nusd, run);
    money_format_exact(p->day_nusd, day);
    money_format_exact(k->cap_nusd, cap);
    const char *end = p->run_nusd > k->cap_nusd   ? ", which a run exceeds: it is not run"
                      : p->day_nusd > k->cap_nusd ? ", where it stops until the next day begins"
                                                  : "";
    return arena_printf(a, "canary %s: up to %s USD a run of %u prompt%s, up to %s USD a day (%lld runs); cap %s USD a day%s", k->name, run,
                        k->item_count, k->item_count == 1 ? "" : "s", day, (long long)p->runs_a_day, cap, end);
}

enum err vcanary_prices(const struct config *cfg, int64_t now_ms, struct arena *a, struct vcanary_price **ret, struct errctx *ctx)
{
    static const char nomem[] = "out of memory while pricing canaries";
    struct vcanary_price *list = arena_array(a, (size_t)cfg->canary_count + 1, sizeof *list);
    struct vprice_book book;
    enum err e = list != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, nomem);
    if (e == ERR_OK && cfg->canary_count > 0)
        e = vprice_book_read(cfg, a, &book, ctx);
    for (uint32_t i = 0; i < cfg->canary_count && e == ERR_OK; i++) {
        const struct canary *k = &cfg->canaries[i].c;
        struct canary_price price = {.run_nusd = -1, .day_nusd = -1};
        struct errctx why = {""};
        if (book.fault[0] != '\0')
            (void)errctx_set(&why, ERR_CONFIG, "%s", book.fault);
        else
            (void)!canary_price_make(&book.book, k, now_ms, &price, &why);
        list[i] = (struct vcanary_price){price.run_nusd, price.day_nusd, canary_runs_a_day(k), arena_strdup(a, str_of(why.text)), NULL};
        list[i].text = list[i].why != NULL ? price_text(k, &list[i], a) : NULL;
        if (list[i].text == NULL)
            e = errctx_set(ctx, ERR_NOMEM, nomem);
    }
    if (e == ERR_OK)
        *ret = list;
    return e;
}

/* "ran 4m ago, 11 of 12 passed, 1 without a verdict" */
static const char *last_run(const struct canary_state *s, int64_t cursor_ms, struct arena *a)
{
    char age[VTEXT_MAX];
    uint32_t failed = 0;
    if (s->last_ms == 0)
        return "has not run yet";
    vtext_age(cursor_ms - s->last_ms, age);
    if (s->running)
        return arena_printf(a, "runs since %s", age);
    for (int f = 0; f < CANARY_FAILURES; f++)
        failed += s->failed[f];
    const uint32_t judged = s->passed + s->bad;
    if (judged == 0)
        return arena_printf(a, "ran %s ago, no verdict on any of %u prompts", age, failed);
    return failed > 0 ? arena_printf(a, "ran %s ago, %u of %u passed, %u more without a verdict", age, s->passed, judged, failed)
                      : arena_printf(a, "ran %s ago, %u of %u passed", age, s->passed, judged);
}

const char *vcanary_text(const struct canary_state *s, int64_t cursor_ms, struct arena *a)
{
    char next[VTEXT_MAX], spent[MONEY_MAX], cap[MONEY_MAX], day[MONEY_MAX];
    const char *ran = last_run(s, cursor_ms, a);
    const bool is_due = s->next_ms <= cursor_ms, has_next = s->next_ms > 0 && !s->running;
    vtext_age(is_due ? cursor_ms - s->next_ms : s->next_ms - cursor_ms, next);
    money_format(canary_spent(s, cursor_ms), spent);
    money_format(s->cap_nusd, cap);
    money_format(s->day_nusd, day);
    if (ran == NULL)
        return NULL;
    return arena_printf(a, "%s (%s): %s; %s%s%s%s of %s a day spent%s%s%s%s%s", s->name, s->model, ran,
                        !has_next ? ""
                        : is_due  ? "next due since "
                                  : "next in ",
                        has_next ? next : "", has_next ? "; " : "", spent, cap, s->day_nusd >= 0 ? ", up to " : "",
                        s->day_nusd >= 0 ? day : "", s->day_nusd >= 0 ? " a day expected" : "", s->why[0] != '\0' ? ": " : "", s->why);
}
