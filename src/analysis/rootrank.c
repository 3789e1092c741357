/* SPDX-License-Identifier: MIT */
/* Who of those that moved is waiting for whom.
 *
 * What is handed down: a component with a share of the trouble passes on the part of it that its callees explain, split by how much each
 * explains, and keeps the rest.
 *  - With a target it explains what it lost itself: seconds or failed calls beyond the usual, calls times the move. That is additive: what
 *    a caller lost less what its callees lost is its own time. Of a callee with several callers each is charged in proportion to what it
 *    lost itself.
 *  - Callees without such a series (a GPU, a database that tells its CPU alone) explain what is left by how far they moved: as far as the
 *    caller, all of it. Moves are not additive, so the farthest of them counts.
 *  - Without a target all is of the second kind, and everybody who moved starts with its own move.
 * Calls in a circle would hand it round for ever, so everybody keeps a hundredth. */
#include "analysis/rootrank.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/rootrank_int.h"
#include "analysis/suspects.h"

enum { STEPS_MAX = 512, BETWEEN_STEPS_MAX = 64 };
static const double kept_at_least = 0.01, rest_at_most = 1e-6, weak_share = 0.5;
static const double least_between = 2; /* usual spreads: whoever moved so far may be on the way, though it might be luck */
static const double alike_from = 10;   /* usual spreads: of a gateway and of a GPU that both moved by more, neither moved farther */

static bool is_flow(const struct rootrank_work *w)
{
    return w->in->target != ROOTRANK_NO_TARGET;
}

double rootrank_shift_of(const struct rootrank_work *w, uint32_t component)
{
    const int32_t s = w->parts[component].judged_by;
    return s != ROOTRANK_NO_SERIES ? w->moves[s].shift : 0;
}

static bool has_moved(const struct rootrank_work *w, uint32_t component)
{
    return rootrank_shift_of(w, component) >= ROOTRANK_LEAST_SHIFT;
}

/* ---- what is known of each ---- */

static enum err measure_all(const struct rootrank_input *in, struct arena *a, const struct rootrank_move **ret)
{
    struct rootrank_move *moves = arena_array(a, in->series_count + 1, sizeof *moves);
    size_t longest = 0;

    for (size_t i = 0; i < in->series_count; i++) {
        const struct rootrank_series *s = &in->series[i];
        assert(s->component < in->component_count);
        longest = s->before_count > longest ? s->before_count : longest;
        longest = s->after_count > longest ? s->after_count : longest;
    }
    if (longest > ROOTRANK_SAMPLES_MAX)
        return ERR_LIMIT;
    double *scratch = arena_array(a, 2 * longest + 1, sizeof *scratch);
    if (moves == NULL || scratch == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < in->series_count; i++)
        rootrank_measure(&in->series[i], in->recent, scratch, &moves[i]);
    *ret = moves;
    return ERR_OK;
}

/* Calls are counted, or not, for all whose losses are compared. */
static bool is_counted(const struct rootrank_input *in)
{
    for (size_t i = 0; i < in->series_count; i++)
        if (in->series[i].kind == in->symptom && in->series[i].after_calls == NULL)
            return false;
    return true;
}

static void know_parts(struct rootrank_work *w)
{
    const struct rootrank_input *in = w->in;
    const bool counted = is_counted(in);

    for (size_t i = 0; i < in->component_count; i++)
        w->parts[i].judged_by = ROOTRANK_NO_SERIES;
    for (size_t i = 0; i < in->series_count; i++) {
        const struct rootrank_series *s = &in->series[i];
        const struct rootrank_move *m = &w->moves[i];
        struct rootrank_part *p = &w->parts[s->component];
        const bool is_symptom = is_flow(w) && s->kind == in->symptom;
        /* From failures nothing follows for what is asked of latency, and the other way round. */
        if (!m->is_known || p->tells || (is_flow(w) && !is_symptom && s->kind != ROOTRANK_LEVEL))
            continue;
        if (is_symptom || p->judged_by == ROOTRANK_NO_SERIES || m->shift > w->moves[p->judged_by].shift)
            p->judged_by = (int32_t)i;
        if (is_symptom) {
            p->tells = true;
            p->lost = m->beyond * (counted ? m->calls : 1);
        }
    }
}

/* ---- handing down ---- */

/* One way of handing down: which callees explain, and how much. */
struct way {
    const double *amount; /* of each component */
    const bool *takes;    /* whether it explains anything */
    bool adds_up;         /* what callees explain adds up; else the one that explains most counts */
};

/* Which share goes along each edge of what its caller has. scratch: room for two of each component, zero. A callee with several callers
 * explains each of them as far as it can: how many of its calls are whose is not known, and two faults at once are rarer than one. */
static void weigh_edges(const struct rootrank_input *in, const struct way *way, double *scratch, double *along)
{
    double *sum = scratch, *most = scratch + in->component_count;
    for (size_t i = 0; i < in->edge_count; i++) {
        const uint32_t caller = in->edges[i].caller, callee = in->edges[i].callee;
        if (caller == callee || !way->takes[callee])
            continue;
        along[i] = way->adds_up ? fmin(way->amount[callee], way->amount[caller]) : way->amount[callee];
        sum[caller] += along[i];
        most[caller] = fmax(most[caller], along[i]);
    }
    for (size_t i = 0; i < in->edge_count; i++) {
        const uint32_t caller = in->edges[i].caller;
        const double explained = way->adds_up ? sum[caller] : most[caller], all = way->amount[caller];
        const double passed = explained < all * (1 - kept_at_least) ? explained / all : 1 - kept_at_least;
        along[i] = along[i] > 0 ? passed * along[i] / sum[caller] : 0;
    }
}

/* has: what each component starts with, in shares; on return what stays with it. Errors: ERR_NOMEM. */
static enum err hand_down(const struct rootrank_input *in, const struct way *way, struct arena *a, double *has)
{
    const size_t n = in->component_count;
    double *scratch = arena_array(a, 2 * n + 1, sizeof *scratch), *along = arena_array(a, in->edge_count + 1, sizeof *along);
    double *now = arena_array(a, n + 1, sizeof *now), *next = arena_array(a, n + 1, sizeof *next);
    double left = 1;

    if (scratch == NULL || along == NULL || now == NULL || next == NULL)
        return ERR_NOMEM;
    weigh_edges(in, way, scratch, along);
    memcpy(now, has, n * sizeof *now);
    for (int step = 0; left > rest_at_most && step < STEPS_MAX; step++) {
        double *was = now;
        memset(next, 0, n * sizeof *next);
        left = 0;
        for (size_t i = 0; i < in->edge_count; i++) {
            const double share = now[in->edges[i].caller] * along[i];
            next[in->edges[i].callee] += share;
            has[in->edges[i].caller] -= share;
            has[in->edges[i].callee] += share;
            left += share;
        }
        now = next;
        next = was;
    }
    return ERR_OK;
}

/* Whoever is not known to have moved lets through what its callees explain, for it lies between. Where it does not tell, it explains what
 * they do; at most `most`, for there may be circles. */
static void fill_between(const struct rootrank_work *w, const bool *between, double most, double *amount, bool *takes)
{
    const struct rootrank_input *in = w->in;
    bool changed = true;
    for (int step = 0; changed && step < BETWEEN_STEPS_MAX; step++) {
        changed = false;
        for (size_t i = 0; i < in->edge_count; i++) {
            const uint32_t caller = in->edges[i].caller, callee = in->edges[i].callee;
            const double explained = w->parts[caller].tells ? amount[caller] : fmin(amount[callee], most);
            if (!between[caller] || !takes[callee] || (takes[caller] && amount[caller] >= explained))
                continue;
            amount[caller] = explained;
            takes[caller] = changed = true;
        }
    }
}

/* What the target lost, down to where it was lost; then from those who moved down to callees that tell no such thing of themselves. */
static enum err from_target(struct rootrank_work *w, struct arena *a)
{
    const struct rootrank_input *in = w->in;
    const size_t n = in->component_count;
    double *amount = arena_array(a, n + 1, sizeof *amount), *has = arena_array(a, n + 1, sizeof *has);
    bool *takes = arena_array(a, n + 1, sizeof *takes), *between = arena_array(a, n + 1, sizeof *between);

    if (amount == NULL || has == NULL || takes == NULL || between == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        amount[i] = w->parts[i].lost;
        takes[i] = w->parts[i].tells && has_moved(w, i);
        between[i] = !takes[i] && (!w->parts[i].tells || rootrank_shift_of(w, i) >= least_between);
    }
    fill_between(w, between, amount[in->target], amount, takes);
    has[in->target] = 1;
    enum err e = hand_down(in, &(struct way){.amount = amount, .takes = takes, .adds_up = true}, a, has);
    for (uint32_t i = 0; i < n; i++) {
        takes[i] = !w->parts[i].tells && has_moved(w, i);
        between[i] = !w->parts[i].tells && !has_moved(w, i);
        /* Who tells and has not moved hands nothing on: what it lost is luck. */
        amount[i] = has_moved(w, i) ? fmin(rootrank_shift_of(w, i), alike_from) : (double)INFINITY;
    }
    fill_between(w, between, alike_from, amount, takes);
    if (e == ERR_OK)
        e = hand_down(in, &(struct way){.amount = amount, .takes = takes}, a, has);
    for (size_t i = 0; i < n; i++)
        w->parts[i].own = has[i];
    return e;
}

static enum err from_everybody(struct rootrank_work *w, struct arena *a)
{
    const size_t n = w->in->component_count;
    double *moved = arena_array(a, n + 1, sizeof *moved), *has = arena_array(a, n + 1, sizeof *has), all = 0;
    bool *takes = arena_array(a, n + 1, sizeof *takes);

    if (moved == NULL || has == NULL || takes == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        takes[i] = has_moved(w, i);
        has[i] = takes[i] ? rootrank_shift_of(w, i) : 0;
        moved[i] = fmin(rootrank_shift_of(w, i), alike_from);
        all += has[i];
    }
    for (size_t i = 0; all > 0 && i < n; i++)
        has[i] /= all;
    enum err e = all > 0 ? hand_down(w->in, &(struct way){.amount = moved, .takes = takes}, a, has) : ERR_OK;
    for (size_t i = 0; i < n; i++)
        w->parts[i].own = has[i];
    return e;
}

/* ---- who is named ---- */

/* Changes shortly before, as a prior: e^2 for a deploy at the onset. */
static void weigh_changes(struct rootrank_work *w)
{
    double all = 0;
    for (size_t i = 0; i < w->in->change_count; i++) {
        const struct rootrank_change *c = &w->in->changes[i];
        const double weight = suspects_change_weight(c->kind, c->at_ms, w->in->onset_ms);
        assert(c->component < w->in->component_count);
        struct rootrank_part *p = &w->parts[c->component];
        if (weight > p->change_weight) {
            p->change_weight = weight;
            p->change = c;
        }
    }
    for (size_t i = 0; i < w->in->component_count; i++) {
        w->parts[i].likelihood = w->parts[i].own * exp(w->parts[i].change_weight);
        all += w->parts[i].likelihood;
    }
    for (size_t i = 0; all > 0 && i < w->in->component_count; i++)
        w->parts[i].likelihood /= all;
}

/* Its series that moved, the farthest out of its own range first. */
static void name_series(const struct rootrank_work *w, struct rootrank_suspect *s)
{
    for (size_t i = 0; i < w->in->series_count; i++) {
        const struct rootrank_move *m = &w->moves[i];
        if (w->in->series[i].component != s->component || !m->is_known || m->shift < ROOTRANK_LEAST_SHIFT)
            continue;
        size_t at = s->series_count;
        while (at > 0 && w->moves[s->series[at - 1]].own_range < m->own_range)
            at--;
        if (at == ROOTRANK_NAMED_MAX)
            continue;
        const size_t last = s->series_count < ROOTRANK_NAMED_MAX ? s->series_count++ : ROOTRANK_NAMED_MAX - 1;
        memmove(&s->series[at + 1], &s->series[at], (last - at) * sizeof s->series[0]);
        s->series[at] = i;
    }
}

/* Inserts it in its place. */
static void insert(struct rootrank_suspect *list, size_t *count, struct rootrank_suspect one)
{
    size_t at = *count;
    while (at > 0 && (list[at - 1].share < one.share || (list[at - 1].share == one.share && list[at - 1].shift < one.shift)))
        at--;
    if (at == ROOTRANK_SUSPECTS_MAX)
        return;
    const size_t last = *count < ROOTRANK_SUSPECTS_MAX ? (*count)++ : ROOTRANK_SUSPECTS_MAX - 1;
    memmove(&list[at + 1], &list[at], (last - at) * sizeof *list);
    list[at] = one;
}

enum err rootrank_suspects(const struct rootrank_input *in, struct arena *a, struct rootrank_suspect **ret, size_t *ret_count,
                           const char **ret_note)
{
    struct rootrank_work w = {.in = in};
    size_t count = 0;

    if (in->component_count > ROOTRANK_COMPONENTS_MAX || in->series_count > ROOTRANK_SERIES_MAX || in->edge_count > ROOTRANK_EDGES_MAX)
        return ERR_LIMIT;
    assert(!is_flow(&w) || (in->target < in->component_count && in->symptom != ROOTRANK_LEVEL));
    struct rootrank_suspect *list = arena_array(a, ROOTRANK_SUSPECTS_MAX, sizeof *list);
    w.parts = arena_array(a, in->component_count + 1, sizeof *w.parts);
    enum err e = list != NULL && w.parts != NULL ? measure_all(in, a, &w.moves) : ERR_NOMEM;
    if (e == ERR_OK)
        know_parts(&w);
    if (e == ERR_OK)
        e = is_flow(&w) ? from_target(&w, a) : from_everybody(&w, a);
    if (e != ERR_OK)
        return e;
    weigh_changes(&w);
    for (uint32_t i = 0; i < in->component_count; i++) {
        const struct rootrank_part *p = &w.parts[i];
        if (p->own < ROOTRANK_LEAST_SHARE || p->likelihood < ROOTRANK_LEAST_SHARE || !has_moved(&w, i))
            continue;
        insert(list, &count,
               (struct rootrank_suspect){
                   .component = i, .share = p->likelihood, .shift = rootrank_shift_of(&w, i), .weak = p->likelihood < weak_share});
    }
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        name_series(&w, &list[i]);
        e = rootrank_describe(&w, a, &list[i]);
    }
    const char *note = count > 0 ? "" : rootrank_none(&w, a);
    if (e == ERR_OK && note == NULL)
        e = ERR_NOMEM;
    if (e != ERR_OK)
        return e;
    *ret = list;
    *ret_count = count;
    *ret_note = note;
    return ERR_OK;
}
