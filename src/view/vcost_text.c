/* SPDX-License-Identifier: MIT */
/* Money in words. */
#include "view/vcost_text.h"

#include <math.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vbudget.h"
#include "view/vtext.h"

static const char *until_when(struct arena *a, const struct vbudget *b)
{
    char used[EXACT_TEXT_MAX];
    if (b == NULL)
        return "no budget configured";
    if (b->known && isnan(b->pace) && b->limit_nusd > 0)
        return arena_printf(a, "Budget %s: %s%s used, %s", b->name, exact_mark(b->used_exact),
                            exact_share((double)b->used_nusd / (double)b->limit_nusd, used), b->text);
    return arena_printf(a, "Budget %s: %s", b->name, b->text);
}

/* ", plan $167/h (1.8x)" */
static const char *against_plan(struct arena *a, const struct view_cost *v)
{
    char plan[VTEXT_MAX], times[EXACT_TEXT_MAX];
    if (isnan(v->plan_per_h))
        return "";
    vtext_usd_per_h(v->plan_per_h, plan);
    return arena_printf(a, ", plan %s (%s)", plan,
                        change_text(change_times(v->now_per_h.v, v->now_per_h.exact, v->plan_per_h, EXACT), times));
}

const char *vcost_rate_text(struct arena *a, const struct vnum *per_h, const char *over)
{
    char rate[VTEXT_MAX];
    if (per_h->v <= 0 && per_h->exact == AT_LEAST)
        return arena_printf(a, "nothing booked %s", over);
    vtext_usd_per_h(per_h->v, rate);
    return arena_printf(a, "%s%s %s", exact_mark(per_h->exact), rate, over);
}

/* What is booked beside what is computed, against the time before: "; booked $129/h, $110/h 7d ago: +$19/h vs 7d ago = ..." */
static const char *booked_text(struct arena *a, const struct view_cost *v, const struct vmoney *m)
{
    char now[VTEXT_MAX], then[VTEXT_MAX];
    if (isnan(m->now_per_h.v) || isnan(m->then_per_h.v))
        return "";
    vtext_usd_per_h(m->now_per_h.v, now);
    vtext_usd_per_h(m->then_per_h.v, then);
    return arena_printf(a, "; booked %s%s, %s%s %s%s%s", exact_mark(m->now_per_h.exact), now, exact_mark(m->then_per_h.exact), then,
                        v->against, m->line[0] != '\0' ? ": " : "", m->line);
}

/* "$167/h over the last 5m, plan $92/h (1.8x), $110/h 7d ago (1.5x): +$57/h vs 7d ago = ...": what is spent, and why it changed. */
static const char *rate_text(struct arena *a, const struct view_cost *v, const struct vmoney *m, int64_t now_window_ms)
{
    char then[VTEXT_MAX], last[VTEXT_MAX], times[EXACT_TEXT_MAX];
    const struct change by = change_times(v->now_per_h.v, v->now_per_h.exact, v->then_per_h.v, v->then_per_h.exact);
    const char *text, *now = vcost_rate_text(a, &v->now_per_h, v->over_text), *plan = against_plan(a, v);

    vtext_last(now_window_ms, last);
    vtext_usd_per_h(v->then_per_h.v, then);
    if (plan == NULL || now == NULL)
        return NULL;
    if (v->is_uncounted)
        return "what is spent now is not known: counters go up and down, as of several workers behind one port";
    if (isnan(v->now_per_h.v))
        text = arena_printf(a, "no spend recorded in the %s", last);
    else if (isnan(v->then_per_h.v))
        text = arena_printf(a, "%s%s; nothing recorded to compare with", now, plan);
    else if (v->then_per_h.v > 0)
        text = arena_printf(a, "%s%s, %s%s %s (%s)", now, plan, exact_mark(v->then_per_h.exact), then, v->against, change_text(by, times));
    else
        text = arena_printf(a, "%s%s, %s%s %s", now, plan, exact_mark(v->then_per_h.exact), then, v->against);
    if (text != NULL && v->now_per_h.stale)
        text = arena_printf(a, "stale: %s", text);
    return text != NULL && m->line[0] != '\0' ? arena_printf(a, "%s: %s", text, m->line) : text;
}

const char *vcost_headline(struct arena *a, const struct view_cost *v, const struct vmoney *m, const char *computed, const char *why_none,
                           const struct view_params *p)
{
    static const int64_t day_ms = 86400000;
    const struct vbudget *first = vbudget_first(v->budgets, v->budget_count, m->rose, p->filter);
    const char *until = until_when(a, first), *text, *booked = v->is_computed ? booked_text(a, v, m) : "";

    if (until == NULL || booked == NULL)
        return NULL;
    if (!v->is_computed && isnan(v->now_per_h.v) && why_none[0] != '\0')
        return why_none;
    text = v->is_computed ? computed : rate_text(a, v, m, p->now_window_ms);
    if (text == NULL)
        return NULL;
    const bool urgent = first != NULL && first->end == BUDGET_GONE && !first->stale && first->gone_ms - p->cursor_ms < day_ms;
    return urgent ? arena_printf(a, "%s. %s%s", until, text, booked) : arena_printf(a, "%s%s. %s", text, booked, until);
}

/* Each turn finds the largest change that is smaller than the one before. */
const char *vcost_movers_text(struct arena *a, enum dim group, const struct view_cost *v)
{
    enum { SHOWN = 3 };
    const char *text = "";
    double before = INFINITY;
    for (int n = 0; n < SHOWN && text != NULL; n++) {
        const struct vcost_row *most = NULL;
        double change = 0;
        for (const struct vcost_row *r = v->table; r < v->table + v->table_count; r++) {
            const double by = r->per_h_now.v - r->per_h_then.v;
            if (!r->is_total && fabs(by) < before && fabs(by) > fabs(change)) {
                most = r;
                change = by;
            }
        }
        if (most == NULL)
            break;
        char amount[VTEXT_MAX];
        before = fabs(change);
        vtext_usd_per_h(before, amount);
        text = arena_printf(a, "%s%s%s%s%s %s%s", text, n > 0 ? ", " : "", most->is_other ? "" : dim_name(group), most->is_other ? "" : " ",
                            most->name, change < 0 ? "-" : "+", amount);
    }
    return text;
}

const char *vcost_surcharge_text(struct arena *a, double per_h)
{
    char amount[VTEXT_MAX];
    if (isnan(per_h))
        return "what fallbacks cost more than their models' own deployments is not known";
    if (per_h == 0)
        return "";
    vtext_usd_per_h(fabs(per_h), amount);
    return arena_printf(a, "fallbacks cost %s %s than their models' own deployments would", amount, per_h > 0 ? "more" : "less");
}

/* ", 2.7k input tokens an answer, ~40% cached" */
static const char *prompt_text(struct arena *a, const struct vcost_row *total)
{
    char input[VTEXT_MAX], cached[VTEXT_MAX];
    if (isnan(total->input_per_request))
        return "";
    vtext_count((uint64_t)llround(total->input_per_request), input);
    vtext_percent(100 * total->cached_share, cached);
    return arena_printf(a, ", %s%s input tokens an answer, %s%s cached", exact_mark(total->input_per_request_exact), input,
                        isnan(total->cached_share) ? "" : exact_mark(total->cached_exact), cached);
}

const char *vcost_unit_text(struct arena *a, const struct vcost_row *total)
{
    char request[MONEY_MAX], tokens[MONEY_MAX];
    const bool is_part =
        total->per_request_is_part || total->per_1k_tokens_is_part || total->input_per_request_is_part || total->cached_is_part;
    const char *prompt = prompt_text(a, total), *part = is_part ? " (each where it is told)" : "";
    if (prompt == NULL || isnan(total->per_request))
        return prompt != NULL ? "" : NULL;
    money_format(llround(total->per_request * (double)NUSD_PER_USD), request);
    if (isnan(total->per_1k_tokens))
        return arena_printf(a, "%s%s a request%s", exact_mark(total->per_request_exact), request, part);
    money_format(llround(total->per_1k_tokens * (double)NUSD_PER_USD), tokens);
    return arena_printf(a, "%s%s a request, %s%s per 1k tokens%s%s", exact_mark(total->per_request_exact), request,
                        exact_mark(total->per_1k_tokens_exact), tokens, prompt, part);
}
