/* SPDX-License-Identifier: MIT */
/* What is said of a budget: its pace, and whether it lasts; and of which one. */
#include "view/vbudget.h"

#include <math.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "view/vtext.h"

/* "1 Dec": periods end at midnight. */
static const char *day_of(struct arena *a, int64_t at_ms)
{
    char day[TIMEFMT_MAX];
    instant_format_day(at_ms, day);
    return arena_printf(a, "%s", day + 4); /* without the weekday */
}

/* Why nobody knows whether it lasts. Of what it used something is known: not known is its end. */
static const char *not_known(struct arena *a, const struct vbudget *b, int64_t recorded_since_ms)
{
    if (b->stopped[0] != '\0')
        return arena_printf(a, "end not known: %s", b->stopped);
    if (b->basis != BUDGET_BOOKED && b->end_exact == AT_LEAST && recorded_since_ms <= b->from_ms)
        return "end not known: not all of its tokens have one certain price";
    if (b->end_exact == EXACT && b->rate_is_least)
        return arena_printf(a, "end not known %s: spend of some of its time was lost", b->rate);
    if (b->end_exact == EXACT && b->to_ms == 0)
        return "its reset and its spend are not known";
    if (b->end_exact == EXACT) {
        const char *reset = day_of(a, b->to_ms);
        return reset != NULL ? arena_printf(a, "resets %s; its spend is not known", reset) : NULL;
    }
    if (recorded_since_ms > b->from_ms) {
        const char *since = vtext_moment(a, recorded_since_ms);
        return since != NULL ? arena_printf(a, "end not known: recorded since %s", since) : NULL;
    }
    if (b->is_lossy)
        return "end not known: spend of some of its time was lost";
    return b->end_exact == AT_LEAST ? "end not known: not all of its sources answer" : "end not known: some of it may count twice";
}

/* How likely it is spent before its reset: nobody knows that to a thousandth. */
static void over_text(double over, char out[VTEXT_MAX])
{
    if (over < 0.001)
        (void)str_copy(out, VTEXT_MAX, str_of("<0.1%"));
    else if (over > 0.999)
        (void)str_copy(out, VTEXT_MAX, str_of(">99.9%"));
    else
        vtext_percent(100 * over, out);
}

/* "gone 27 Nov 09:10Z by the usual course (26 Nov 22:00Z to 28 Nov 04:00Z), P(over) 88%", "lasts to reset 1 Dec by the usual course,
 * P(over) 3%" */
static const char *course_text(struct arena *a, const struct vbudget *b)
{
    char over[VTEXT_MAX];
    const char *day = day_of(a, b->to_ms), *at = vtext_moment(a, b->gone_ms), *from = vtext_moment(a, b->gone_from_ms),
               *to = vtext_moment(a, b->gone_to_ms);
    over_text(b->over, over);
    if (day == NULL || at == NULL || from == NULL || to == NULL)
        return NULL;
    if (b->end == BUDGET_GONE)
        return arena_printf(a, "gone %s %s (%s %s%s), P(over) %s", at, b->rate, from, b->gone_to_ms != 0 ? "to " : "or later",
                            b->gone_to_ms != 0 ? to : "", over);
    if (b->gone_from_ms != 0)
        return arena_printf(a, "lasts to reset %s %s, or to %s at the earliest, P(over) %s", day, b->rate, from, over);
    return arena_printf(a, "lasts to reset %s %s, P(over) %s", day, b->rate, over);
}

/* Whether it lasts. */
static const char *end_text(struct arena *a, const struct vbudget *b, int64_t recorded_since_ms, int64_t cursor_ms)
{
    static const struct {
        const char *before, *after;
    } gone[] = {[EXACT] = {"gone", ""},
                [AT_LEAST] = {"gone by", " at the latest"},
                [AT_MOST] = {"gone", " at the earliest"},
                [ABOUT] = {"gone about", ""}};
    const char *anew = b->to_ms != 0 ? day_of(a, b->to_ms) : "", *at = b->end == BUDGET_GONE ? vtext_moment(a, b->gone_ms)
                                                                       : b->to_ms != 0       ? anew
                                                                                             : "";

    if (at == NULL || anew == NULL)
        return NULL;
    if (b->end == BUDGET_UNKNOWN)
        return not_known(a, b, recorded_since_ms);
    if (b->by_course)
        return course_text(a, b);
    if (b->end == BUDGET_GONE && b->gone_ms <= cursor_ms)
        return b->end_exact != EXACT && b->end_exact != AT_LEAST ? "may be spent"
               : b->to_ms != 0                                   ? arena_printf(a, "spent, starts anew %s", anew)
                                                                 : "spent";
    const enum exactness exact = !b->rate_is_least ? b->end_exact : b->end_exact == EXACT || b->end_exact == AT_LEAST ? AT_LEAST : ABOUT;
    if (b->end == BUDGET_GONE)
        return arena_printf(a, "%s %s%s %s", gone[exact].before, at, gone[exact].after, b->rate);
    return b->to_ms == 0 ? arena_printf(a, "lasts for a year %s", b->rate) : arena_printf(a, "lasts to reset %s %s", at, b->rate);
}

/* Whether it lasts, and where it is spent at a rate that is not usual, how likely it would not otherwise. */
static const char *whole_end_text(struct arena *a, const struct vbudget *b, int64_t recorded_since_ms, int64_t cursor_ms)
{
    char over[VTEXT_MAX];
    const char *text = end_text(a, b, recorded_since_ms, cursor_ms);
    if (text == NULL || b->by_course || isnan(b->over))
        return text;
    over_text(b->over, over);
    return arena_printf(a, "%s; by the usual course P(over) %s", text, over);
}

enum err vbudget_put_texts(struct arena *a, struct vbudget *b, int64_t recorded_since_ms, int64_t cursor_ms)
{
    char used[EXACT_TEXT_MAX], time[EXACT_TEXT_MAX];

    b->end_text = b->known                    ? whole_end_text(a, b, recorded_since_ms, cursor_ms)
                  : b->basis != BUDGET_BOOKED ? "no price of the tokens in its scope is known"
                                              : "no spend recorded in its scope";
    if (b->end_text == NULL)
        return ERR_NOMEM;
    const char *stale = b->stale && b->known ? "stale: " : "";
    if (isnan(b->pace) || !b->known)
        b->text = arena_printf(a, "%s%s", stale, b->end_text);
    else
        b->text = arena_printf(a, "%s%s of money at %s of time, %s", stale, exact_share((double)b->used_nusd / (double)b->limit_nusd, used),
                               exact_share((double)(cursor_ms - b->from_ms) / (double)(b->to_ms - b->from_ms), time), b->end_text);
    return b->text != NULL ? ERR_OK : ERR_NOMEM;
}

/* How much it belongs into a sentence on what is spent now. */
static int claim(const struct vbudget *b, struct vpart rose, const char *filter)
{
    enum { KNOWN = 1, ASKED = 2, AT_ONCE = 4 };
    const bool of_what_rose = b->dim != DIM_COUNT && b->dim == rose.dim && b->id == rose.id;

    if (b->end == BUDGET_GONE || b->fires)
        return AT_ONCE;
    return (of_what_rose || (b->is_plan && filter[0] != '\0') ? ASKED : 0) + (b->known && b->end != BUDGET_UNKNOWN ? KNOWN : 0);
}

const struct vbudget *vbudget_first(const struct vbudget *list, size_t count, struct vpart rose, const char *filter)
{
    const struct vbudget *b = count > 0 ? &list[0] : NULL;

    for (size_t i = 1; i < count; i++)
        if (claim(&list[i], rose, filter) > claim(b, rose, filter))
            b = &list[i];
    return b;
}
