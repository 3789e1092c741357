/* SPDX-License-Identifier: MIT */
#include "view/vwhy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vfilter.h"
#include "view/vtext.h"

static const int index_of[DIM_COUNT] = {[DIM_KEY] = VWHY_KEY, [DIM_MODEL] = VWHY_MODEL, [DIM_DEPLOYMENT] = VWHY_DEPLOYMENT};
/* A part of the change that is no smaller share of it is said. */
static const double said_share = 0.25;

static bool is_in(const struct vwhy *w, size_t cell, const struct vpart *parts, size_t count, size_t at)
{
    size_t i = 0;
    while (i < count && w->ids[cell][index_of[parts[i].dim]] != parts[i].id)
        i++;
    return i == at;
}

static void add_side(struct lmdi_side *to, const struct lmdi_side *s)
{
    to->requests += s->requests;
    to->cost_nusd += s->cost_nusd;
    for (int k = 0; k < LMDI_KINDS; k++)
        to->tokens[k] += s->tokens[k];
}

bool vwhy_split(const struct vwhy *w, const struct vpart *parts, size_t count, size_t at, struct vwhy_split *ret)
{
    struct vwhy_split s;
    size_t n = 0;
    bool is_told = w->covered_ms[VWHY_NOW] > 0 && w->covered_ms[VWHY_THEN] > 0;

    for (size_t i = 0; i < count; i++)
        is_told = is_told && (w->dims & DIM_BIT(parts[i].dim)) != 0;
    if (!is_told)
        return false;
    memset(&s, 0, sizeof s);
    for (size_t i = 0; i < w->count; i++) {
        if (!is_in(w, i, parts, count, at))
            continue;
        w->scratch[n++] = w->cells[i];
        add_side(&s.now, &w->cells[i].now);
        add_side(&s.then, &w->cells[i].then);
    }
    memcpy(s.covered_ms, w->covered_ms, sizeof s.covered_ms);
    s.exact = w->exact;
    lmdi_split(w->scratch, n, w->covered_ms[VWHY_THEN], w->covered_ms[VWHY_NOW], &s.split, NULL);
    *ret = s;
    return true;
}

static int larger_first(const void *a, const void *b)
{
    const struct vcost_because *x = a, *y = b;
    int64_t p = llabs(x->per_h_nusd), q = llabs(y->per_h_nusd);
    return p < q ? 1 : p > q ? -1 : strcmp(x->name, y->name);
}

enum err vwhy_list(struct arena *a, const double part_per_h[LMDI_PARTS], int64_t change_nusd, const struct vcost_because **ret,
                   size_t *ret_count)
{
    struct vcost_because *list = arena_array(a, LMDI_PARTS, sizeof *list);
    int64_t left = change_nusd;
    size_t n = 0;

    if (list == NULL)
        return ERR_NOMEM;
    for (int p = 0; p < LMDI_PARTS; p++) {
        list[p] = (struct vcost_because){lmdi_part_name((enum lmdi_part)p), llround(part_per_h[p])};
        left -= list[p].per_h_nusd;
    }
    qsort(list, LMDI_PARTS, sizeof *list, larger_first);
    list[0].per_h_nusd += left; /* what rounding to whole nano-USD left over */
    while (n < LMDI_PARTS && list[n].per_h_nusd != 0)
        n++;
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- in words ---- */

static double input_of(const struct lmdi_side *s)
{
    return (double)s->tokens[LMDI_UNCACHED] + (double)s->tokens[LMDI_CACHED] + (double)s->tokens[LMDI_WRITTEN];
}

static double per_hour(uint64_t n, int64_t ms)
{
    return (double)n / (double)ms;
}

/* Of 7.5, 24 and 0.33. */
static int decimals(double x)
{
    return x < 0.95 ? 2 : x < 9.95 ? 1 : 0;
}

/* "7.5x", "~24x", "0.33x" */
static const char *times(struct arena *a, double now, double then, enum exactness e)
{
    const double x = now / then;
    return arena_printf(a, "%s%.*fx", exact_mark(e), decimals(x), x);
}

/* How many times as many requests. Chance moves a count (of variance twice that of as many requests by themselves), and unsteady is how far
 * a rate moves by itself; a ratio that is known no better than to a tenth is an interval, twice its standard error to both sides:
 * "5.8-13x". Where that leaves open whether they are more or fewer, it is about: "~1.1x". */
static const char *more_often(struct arena *a, const struct vwhy_requests *r, double unsteady, enum exactness e)
{
    static const double bunch = 2, exact = 0.1;
    const double x = per_hour(r->requests[VWHY_NOW], r->covered_ms[VWHY_NOW]) / per_hour(r->requests[VWHY_THEN], r->covered_ms[VWHY_THEN]),
                 off = 2 * sqrt(bunch * (1 / (double)r->requests[VWHY_NOW] + 1 / (double)r->requests[VWHY_THEN]) + unsteady * unsteady);
    const double lo = x * exp(-off), hi = x * exp(off);
    if (!(off > exact) || (lo <= 1 && hi >= 1) || r->requests[VWHY_THEN] == 0 || r->requests[VWHY_NOW] == 0)
        return times(a, x, 1, off > exact && e == EXACT ? ABOUT : e);
    return arena_printf(a, "%s%.*f-%.*fx", exact_mark(e), decimals(lo), lo, decimals(hi), hi);
}

/* Of what was found against what it would do now: no rate is known to keep to better than a tenth (as of its onset, analysis/runaway). Of
 * other parts what they did then is all that is meant. */
static const char *requests_words(struct arena *a, const struct vwhy_split *s)
{
    static const double tenth = 0.1;
    const bool is_found = s->found.covered_ms[VWHY_NOW] > 0;
    struct vwhy_requests whole = {.requests = {s->now.requests, s->then.requests}};
    char clock[TIMEFMT_MAX];
    memcpy(whole.covered_ms, s->covered_ms, sizeof whole.covered_ms);
    const char *by = more_often(a, is_found ? &s->found : &whole, is_found ? tenth : 0, s->exact);
    const bool since = s->found.from_ms != 0;
    instant_format_clock(s->found.from_ms, clock);
    return by == NULL ? NULL : arena_printf(a, "%s its requests%s%s", by, since ? " since " : "", since ? clock : "");
}

/* How much longer, per request. */
static const char *longer(struct arena *a, const char *what, double now, double then, const struct vwhy_split *s)
{
    const char *by = times(a, now / (double)s->now.requests, then / (double)s->then.requests, s->exact);
    return by != NULL ? arena_printf(a, "%s %s as long", what, by) : NULL;
}

static const char *cached(struct arena *a, const struct vwhy_split *s)
{
    char now[VTEXT_MAX], then[VTEXT_MAX];
    vtext_percent(100 * (double)s->now.tokens[LMDI_CACHED] / input_of(&s->now), now);
    vtext_percent(100 * (double)s->then.tokens[LMDI_CACHED] / input_of(&s->then), then);
    const char *mark = exact_mark(s->exact);
    return arena_printf(a, "%s%s of the prompts cached, not %s%s", mark, now, mark, then);
}

/* Of one cause; amount: its part of the change. */
static const char *words(struct arena *a, enum lmdi_part p, const struct vwhy_split *s, double amount)
{
    const char *by;
    switch (p) {
    case LMDI_REQUESTS: return requests_words(a, s);
    case LMDI_INPUT: return longer(a, "prompts", input_of(&s->now), input_of(&s->then), s);
    case LMDI_OUTPUT: return longer(a, "answers", (double)s->now.tokens[LMDI_ANSWER], (double)s->then.tokens[LMDI_ANSWER], s);
    case LMDI_CACHE: return cached(a, s);
    case LMDI_MIX: return amount > 0 ? "dearer mix" : "cheaper mix";
    case LMDI_PRICE:
        return s->is_key    ? amount > 0 ? "higher price of its models" : "lower price of its models"
               : amount > 0 ? "higher price"
                            : "lower price";
    case LMDI_FALLBACK: return "fallback";
    case LMDI_NEW: return "new";
    case LMDI_GONE: return "gone";
    case LMDI_UNSPLIT:
        if (s->now.requests == 0 || s->then.requests == 0)
            return "why is not told";
        by = times(a, (double)s->now.cost_nusd / (double)s->now.requests, (double)s->then.cost_nusd / (double)s->then.requests, s->exact);
        return by != NULL ? arena_printf(a, "%s per request", by) : NULL;
    case LMDI_PARTS: break;
    }
    return "";
}

const char *vwhy_text(struct arena *a, const struct vwhy_split *s)
{
    const double change = s->split.now_per_h - s->split.then_per_h;
    const char *text = "";
    bool said[LMDI_PARTS] = {false};

    for (int n = 0; n < 2 && text != NULL; n++) {
        int most = -1;
        for (int p = 0; p < LMDI_PARTS; p++) {
            double share = s->split.part_per_h[p] / change;
            if (!said[p] && share >= said_share && (most < 0 || share > s->split.part_per_h[most] / change))
                most = p;
        }
        if (most < 0)
            break;
        said[most] = true;
        const char *more = words(a, (enum lmdi_part)most, s, s->split.part_per_h[most]);
        text = more != NULL ? arena_printf(a, "%s%s%s", text, n > 0 ? ", " : "", more) : NULL;
    }
    return text;
}

const char *vwhy_note(struct arena *a, const struct vwhy *w, const struct vpart *parts, size_t count, int64_t unsplit_nusd)
{
    uint32_t lacking = 0, asked = DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT);
    uint64_t requests = 0, tokens = 0;

    for (size_t i = 0; i < count; i++)
        asked |= DIM_BIT(parts[i].dim);
    for (size_t i = 0; i < w->count; i++) {
        requests += w->cells[i].now.requests + w->cells[i].then.requests;
        for (int k = 0; k < LMDI_KINDS; k++)
            tokens += w->cells[i].now.tokens[k] + w->cells[i].then.tokens[k];
    }
    lacking = asked & ~w->dims;
    if (requests == 0)
        return unsplit_nusd != 0 ? "no requests are told, so why is not" : "";
    if (lacking != 0) {
        const char *by = vfilter_dims(a, lacking);
        return by == NULL          ? NULL
               : unsplit_nusd != 0 ? arena_printf(a, "requests and tokens are not split by %s", by)
                                   : arena_printf(a, "requests and tokens are not split by %s: a fallback counts as price", by);
    }
    if (unsplit_nusd == 0)
        return "";
    return tokens == 0 ? "no tokens are told: cost per request alone" : "for some deployments what a token costs is not known";
}
