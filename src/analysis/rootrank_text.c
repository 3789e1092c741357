/* SPDX-License-Identifier: MIT */
/* The sentences about a component that moved: what moved from where to where, how much of the trouble is its own, who of its callees
 * explains less, and what changed there shortly before. */
#include <math.h>

#include "analysis/rootrank_int.h"
#include "base/timefmt.h"

enum { CALLEES_MAX = 3 }; /* that are listed by name */

static const char *name_of(const struct rootrank_work *w, uint32_t component)
{
    return w->in->components[component];
}

/* Thousands as they are, and not 1.2e+04. */
static const char *number(double v, struct arena *a)
{
    return arena_printf(a, fabs(v) >= 100 ? "%.0f" : "%.3g", v);
}

/* "latency 0.0134 to 0.176, 98 times its usual spread"; of failures "failures 0.01 % to 2.5 % of 441 calls, ...". */
static const char *move_text(const struct rootrank_work *w, size_t series, struct arena *a)
{
    const struct rootrank_series *s = &w->in->series[series];
    const struct rootrank_move *m = &w->moves[series];
    const char *shift = number(m->shift, a), *from = number(s->kind == ROOTRANK_FAILURES ? 100 * m->before : m->before, a),
               *to = number(s->kind == ROOTRANK_FAILURES ? 100 * m->after : m->after, a), *of = "";
    if (s->kind == ROOTRANK_FAILURES && s->after_calls != NULL) {
        const char *calls = number(m->calls, a);
        of = calls != NULL ? arena_printf(a, " %% of %s calls", calls) : NULL;
    } else if (s->kind == ROOTRANK_FAILURES) {
        of = " % of its calls";
    } else if (s->unit != NULL) {
        of = s->unit;
    }
    if (shift == NULL || from == NULL || to == NULL || of == NULL)
        return NULL;
    return arena_printf(a, "%s %s to %s%s, %s times its usual spread", s->name, from, to, of, shift);
}

static const char *share_text(const struct rootrank_work *w, const struct rootrank_suspect *s, struct arena *a)
{
    const double own = 100 * w->parts[s->component].own;
    if (w->in->target == ROOTRANK_NO_TARGET)
        return arena_printf(a, "%.0f %% of all that moved", own);
    const char *what = w->in->symptom == ROOTRANK_TIME ? "time" : "failures";
    return s->component == w->in->target
               ? arena_printf(a, "%.0f %% of its %s beyond the usual is in none of its callees", own, what)
               : arena_printf(a, "%.0f %% of %s's %s beyond the usual is its own", own, name_of(w, w->in->target), what);
}

/* "it calls petInfo (1.2 times), S3 (as usual)"; "" when it calls nobody of whom anything is known. */
static const char *callees_text(const struct rootrank_work *w, uint32_t component, struct arena *a)
{
    const char *out = "";
    size_t listed = 0, more = 0;
    for (size_t i = 0; out != NULL && i < w->in->edge_count; i++) {
        const uint32_t callee = w->in->edges[i].callee;
        const int32_t judged_by = w->parts[callee].judged_by;
        if (w->in->edges[i].caller != component || callee == component || judged_by == ROOTRANK_NO_SERIES)
            continue;
        if (listed == CALLEES_MAX) {
            more++;
            continue;
        }
        const double shift = rootrank_shift_of(w, callee);
        const char *how = shift < ROOTRANK_LEAST_SHIFT ? "as usual" : number(shift, a);
        out = how == NULL ? NULL
                          : arena_printf(a, "%s%s %s (%s%s)", out, listed++ == 0 ? "it calls" : ",", name_of(w, callee), how,
                                         shift < ROOTRANK_LEAST_SHIFT ? "" : " times");
    }
    return out != NULL && more > 0 ? arena_printf(a, "%s and %zu more", out, more) : out;
}

/* "deploy 03:02:10Z, 4m before the onset: rolled out 1.4.2" */
static const char *change_text(const struct rootrank_work *w, uint32_t component, struct arena *a)
{
    const struct rootrank_change *c = w->parts[component].change;
    char clock[TIMEFMT_MAX], gap[TIMEFMT_MAX];
    if (c == NULL)
        return "";
    const int64_t before = w->in->onset_ms - c->at_ms;
    instant_format_clock(c->at_ms, clock);
    duration_format(before < 0 ? -before : before, gap);
    return arena_printf(a, "%s %s, %s %s the onset: %s", event_kind_name(c->kind), clock, gap, before < 0 ? "after" : "before", c->text);
}

enum err rootrank_describe(const struct rootrank_work *w, struct arena *a, struct rootrank_suspect *s)
{
    const char *moves = "", *share = share_text(w, s, a), *callees = callees_text(w, s->component, a),
               *change = change_text(w, s->component, a);
    for (size_t i = 0; moves != NULL && i < s->series_count; i++) {
        const char *one = move_text(w, s->series[i], a);
        moves = one != NULL ? arena_printf(a, "%s%s; ", moves, one) : NULL;
    }
    if (moves == NULL || share == NULL || callees == NULL || change == NULL)
        return ERR_NOMEM;
    s->title = name_of(w, s->component);
    s->reason = arena_printf(a, "%s%s", moves, share);
    s->reason2 = arena_printf(a, "%s%s%s", change, change[0] != '\0' && callees[0] != '\0' ? "; " : "", callees);
    return s->reason != NULL && s->reason2 != NULL ? ERR_OK : ERR_NOMEM;
}

const char *rootrank_none(const struct rootrank_work *w, struct arena *a)
{
    const struct rootrank_input *in = w->in;
    int32_t most = ROOTRANK_NO_SERIES;
    for (size_t i = 0; i < in->component_count; i++) {
        const int32_t s = w->parts[i].judged_by;
        if (s != ROOTRANK_NO_SERIES && (most == ROOTRANK_NO_SERIES || w->moves[s].shift > w->moves[most].shift))
            most = s;
    }
    if (most == ROOTRANK_NO_SERIES)
        return arena_printf(a, "too little was measured: no series has %d samples before the onset and one after",
                            (int)ROOTRANK_LEAST_BEFORE);
    if (in->target != ROOTRANK_NO_TARGET && !w->parts[in->target].tells)
        return arena_printf(a, "too little was measured of %s", name_of(w, in->target));
    if (in->target != ROOTRANK_NO_TARGET && w->parts[in->target].lost <= 0)
        return arena_printf(a, "%s is within its usual range", name_of(w, in->target));
    const char *shift = number(w->moves[most].shift, a);
    if (shift == NULL)
        return NULL;
    return arena_printf(a, "nothing that moved explains it: farthest is %s of %s, %s times its usual spread, of %.3g that are no luck",
                        in->series[most].name, name_of(w, in->series[most].component), shift, ROOTRANK_LEAST_SHIFT);
}
