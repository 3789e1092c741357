/* SPDX-License-Identifier: MIT */
/* How this works: the newest polls show whether it is over (vlatest.h); the end is found by the recorder's change point
 * (slo_trouble_end) over the last half hour in steps of five seconds, and around it in steps of one; polls that are rarer are told by the
 * time they cover. */
#include "view/vtrouble.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vtext.h"

static const int64_t minute_ms = 60000, step_ms = 5000, around_ms = 30 * 60 * 1000;
static const int64_t fine_ms = 1000, close_ms = 120000; /* as many steps as slo_trouble_end tells singly */
enum { STEPS_MAX = 360, POLLS_MAX = 2000 };

/* ---- holes ---- */

/* Of the source that is asked least often. */
static int64_t interval_of(const struct vread *vr, enum signal s)
{
    int64_t interval = 0;
    for (size_t i = 0; i < vr->source_count; i++)
        if (vread_counts(vr, s, i) && vr->sources[i].interval_ms > interval)
            interval = vr->sources[i].interval_ms;
    return interval;
}

int64_t vtrouble_wide_ms(const struct vread *vr, enum signal s, int64_t onset_error_ms)
{
    return 2 * onset_error_ms > 3 * interval_of(vr, s) ? onset_error_ms : 0; /* polls come early and late */
}

enum err vtrouble_hole(const struct vread *vr, enum signal s, int64_t at_ms, struct vhole *ret)
{
    struct vhole h = {.from_ms = 0, .to_ms = INT64_MAX};
    const int64_t interval = interval_of(vr, s);

    for (size_t i = 0; i < vr->source_count; i++) {
        int64_t *polls;
        size_t count;
        if (!vread_counts(vr, s, i))
            continue;
        enum err e =
            store_polls(vr->l->st, vr->sources[i].id, at_ms - around_ms, at_ms + around_ms, POLLS_MAX, vr->l->arena, &polls, &count, NULL);
        if (e != ERR_OK)
            return e;
        for (size_t k = 0; k < count; k++) {
            if (polls[k] <= at_ms)
                h.from_ms = polls[k] > h.from_ms ? polls[k] : h.from_ms;
            else
                h.to_ms = polls[k] < h.to_ms ? polls[k] : h.to_ms;
        }
    }
    if (h.from_ms == 0 || h.to_ms == INT64_MAX)
        h.from_ms = h.to_ms = at_ms;
    h.is_hole = interval > 0 && h.to_ms - h.from_ms > 2 * interval;
    *ret = h;
    return ERR_OK;
}

enum err vtrouble_began(const struct vread *vr, enum signal s, int64_t onset_ms, int64_t wide_ms, struct vhole *ret)
{
    struct vhole h;
    enum err e = vtrouble_hole(vr, s, onset_ms, &h);
    if (e != ERR_OK)
        return e;
    if (!h.is_hole)
        h.from_ms = h.to_ms = onset_ms;
    h.from_ms = h.from_ms < onset_ms - wide_ms ? h.from_ms : onset_ms - wide_ms;
    h.to_ms = h.to_ms > onset_ms + wide_ms ? h.to_ms : onset_ms + wide_ms;
    h.is_hole = h.to_ms > h.from_ms;
    *ret = h;
    return ERR_OK;
}

const char *vtrouble_hole_text(struct arena *a, const struct vhole *h, const char *day)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX];
    instant_format_clock(h->from_ms, from);
    instant_format_clock(h->to_ms, to);
    return arena_printf(a, "some time between %s%s%s and %s", day, *day != '\0' ? " " : "", from, to);
}

/* ---- the end ---- */

static size_t rule_of(const struct alert *al)
{
    const char *last = strrchr(al->rule, ':');
    for (size_t i = 0; last != NULL && i < SLO_RULES; i++)
        if (strcmp(last + 1, slo_rule_at(i)->name) == 0)
            return i;
    return SLO_RULES;
}

static enum err count_column(const struct vread *vr, size_t q, uint32_t column, const struct slo *s, struct slo_count *ret)
{
    struct slo_count c = {.total = 0};
    if (s->kind == SLO_AVAILABILITY) {
        const struct voutcomes o = vread_outcomes(vr, q, column, DIM_COUNT, 0);
        *ret = (struct slo_count){.total = o.counted, .bad_lo = o.bad, .bad_hi = o.bad};
        return ERR_OK;
    }
    struct hist_set set;
    enum err e = vread_hist(vr, q, column, DIM_COUNT, 0, &set);
    if (e != ERR_OK)
        return e;
    c.total = hist_n(&set);
    hist_above(&set, s->threshold, &c.bad_lo, &c.bad_hi);
    *ret = c;
    return ERR_OK;
}

/* Steps from a moment to another, at the same edges whenever one asks, so that an end that was found stays where it is. */
static enum err ask_steps(struct vread *vr, const struct slo *s, int64_t from_ms, int64_t until_ms, int64_t step, size_t *ret)
{
    const int64_t from = instant_floor(from_ms, step);
    *ret = vread_add(vr, vslo_signal(s), s->kind == SLO_AVAILABILITY ? DIM_BIT(DIM_CLASS) : 0, from, step,
                     (uint32_t)((until_ms - from + step - 1) / step));
    return vslo_narrow(vr, s);
}

/* What ended in (from, to]: a column, and those without an answer before it, which its poll covers. */
struct step {
    uint32_t next; /* column; 0 to begin with */
    int64_t from_ms, to_ms;
    struct slo_count count;
};

/* False at the end, or with *ret_e. */
static bool next_step(const struct vread *vr, size_t q, const struct slo *s, int64_t until_ms, struct step *step, enum err *ret_e)
{
    step->from_ms = step->next == 0 ? vr->q[q].t0_ms : step->to_ms;
    while (step->next < vr->q[q].columns) {
        const int64_t end = vr->q[q].t0_ms + (step->next + 1) * vr->q[q].step_ms;
        *ret_e = count_column(vr, q, step->next++, s, &step->count);
        step->to_ms = end < until_ms ? end : until_ms;
        if (*ret_e != ERR_OK)
            return false;
        if (step->count.total > 0)
            return true;
    }
    return false;
}

static enum err find_end(const struct vread *vr, size_t q, const struct slo *s, int64_t until_ms, struct slo_end *ret, bool *ret_found)
{
    struct slo_state *state = slo_state_new(s->objective, s->period_ms);
    enum err e = state != NULL ? ERR_OK : ERR_NOMEM;
    struct step at = {.next = 0};

    while (e == ERR_OK && next_step(vr, q, s, until_ms, &at, &e))
        slo_feed(state, at.from_ms, at.to_ms, at.count.total, at.count.bad_lo, at.count.bad_hi);
    if (e == ERR_OK)
        *ret_found = slo_trouble_end(state, 0, ret);
    slo_state_free(state);
    return e;
}

/* The same end by finer steps, where those around it tell it. */
static enum err find_exact_end(struct vread *vr, const struct slo *s, int64_t until_ms, struct slo_end *end)
{
    const int64_t last = end->at_ms + close_ms < until_ms ? end->at_ms + close_ms : until_ms;
    struct slo_end exact;
    bool found = false;
    size_t q;

    vr->count = 0;
    enum err e = ask_steps(vr, s, end->at_ms - close_ms, last, fine_ms, &q);
    if (e == ERR_OK)
        e = vread_run(vr, NULL);
    if (e == ERR_OK)
        e = find_end(vr, q, s, last, &exact, &found);
    if (found && exact.error_ms < end->error_ms)
        *end = exact;
    return e;
}

/* ---- the sentence ---- */

struct trouble {
    struct vhole began;
    int64_t until_ms;
    struct vlatest_reading now;
    bool over;
    struct slo_end end; /* where it is over */
};

/* How it went in the steps since an onset. */
struct course {
    double burn;               /* of the budget, over all steps */
    int64_t calm_ms, pause_ms; /* how long no more failed than chance brings: to the end, and at most between two times when more did */
};

static enum err read_course(const struct vread *vr, size_t q, const struct slo *s, int64_t until_ms, struct course *ret)
{
    struct slo_count all = {.total = 0};
    struct course c = {.calm_ms = 0};
    struct step at = {.next = 0};
    bool failed = false;
    enum err e = ERR_OK;

    while (next_step(vr, q, s, until_ms, &at, &e)) {
        all.total += at.count.total;
        all.bad_lo += at.count.bad_lo;
        if (!vlatest_is_no_chance(s, &at.count)) {
            c.calm_ms += at.to_ms - at.from_ms;
            continue;
        }
        c.pause_ms = failed && c.calm_ms > c.pause_ms ? c.calm_ms : c.pause_ms;
        c.calm_ms = 0;
        failed = true;
    }
    c.burn = all.total > 0 ? slo_burn(&all, s->objective) : 0;
    *ret = c;
    return e;
}

static enum err look(struct vread *vr, const struct vtrouble_ask *ask, struct trouble *ret)
{
    const struct slo *s = ask->slo;
    const enum signal signal = vslo_signal(s);
    const size_t rule = rule_of(ask->alert);
    struct trouble t = {.until_ms = vr->until_ms[signal]};
    struct vlatest latest;
    size_t by_step;

    enum err e = vtrouble_hole(vr, signal, ask->onset_ms, &t.began);
    if (e != ERR_OK)
        return e;
    const int64_t since = t.until_ms - t.began.from_ms + minute_ms, longest = STEPS_MAX * step_ms;
    e = vlatest_ask(vr, s, &latest);
    if (e == ERR_OK)
        e = ask_steps(vr, s, t.until_ms - (since < longest ? since : longest), t.until_ms, step_ms, &by_step);
    if (e == ERR_OK)
        e = vread_run(vr, NULL);
    struct course course = {.burn = 0};
    if (e == ERR_OK)
        e = read_course(vr, by_step, s, t.until_ms, &course);
    if (e == ERR_OK && rule < SLO_RULES)
        e = vlatest_read(vr, s, &latest, fmax(slo_rule_end_factor(slo_rule_at(rule), s->period_ms), course.burn / 2), &t.now);
    t.over = e == ERR_OK && t.now.over && course.calm_ms > course.pause_ms; /* a pause is no end */
    if (t.over)
        e = find_end(vr, by_step, s, t.until_ms, &t.end, &t.over);
    if (e == ERR_OK && t.over)
        e = find_exact_end(vr, s, t.until_ms, &t.end);
    if (e == ERR_OK)
        *ret = t;
    return e;
}

/* What ended in (t0, t1]. */
static enum err count_window(struct vread *vr, const struct slo *s, int64_t t0_ms, int64_t t1_ms, struct slo_count *ret)
{
    vr->count = 0;
    const size_t q = vslo_query(vr, s, t0_ms, t1_ms);
    enum err e = vslo_narrow(vr, s);
    if (e == ERR_OK)
        e = vread_run(vr, NULL);
    return e == ERR_OK ? vslo_count(vr, q, s, ret) : e;
}

/* less: some of what was counted is lost. */
static void share(const struct slo_count *c, bool less, char out[VTEXT_MAX])
{
    char percent[VTEXT_MAX];
    vtext_percent(100.0 * (double)c->bad_lo / (double)c->total, percent);
    (void)str_format(out, VTEXT_MAX, "%s%s", exact_mark(less ? ABOUT : c->bad_hi > c->bad_lo ? AT_LEAST : EXACT), percent);
}

/* "failed", "had ttft above 1 s". NULL when the arena is full. */
static const char *did(struct arena *a, const struct slo *s)
{
    char limit[VTEXT_MAX];
    vtext_seconds(s->threshold, limit);
    return s->kind == SLO_AVAILABILITY ? "failed" : arena_printf(a, "had %s above %s", signal_info(s->signal)->name, limit);
}

/* "none of 2.4k failed in the last 1m; 100% failed 18:39:24-18:40:54Z, 3.6k lost", "... 18:39:24Z +-48s to 18:40:54Z ..." */
static enum err over_sentence(struct vread *vr, const struct vtrouble_ask *ask, const struct trouble *t, const char **ret)
{
    struct arena *a = vr->l->arena;
    struct slo_count during, certain = {.total = 0};
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], now[VTEXT_MAX], then[VTEXT_MAX], n[VTEXT_MAX], lost[VTEXT_MAX], last[VTEXT_MAX],
        span[VTEXT_MAX];
    enum err e = count_window(vr, ask->slo, ask->onset_ms, t->end.at_ms + t->end.error_ms, &during);

    if (e == ERR_OK && t->end.at_ms - t->end.error_ms > ask->onset_ms)
        e = count_window(vr, ask->slo, ask->onset_ms, t->end.at_ms - t->end.error_ms, &certain);
    if (e != ERR_OK)
        return e;
    *ret = NULL;
    if (during.bad_lo == 0)
        return ERR_OK;
    /* all that was lost, and the share of what surely lay within the trouble */
    instant_format_clock(ask->onset_ms, from);
    instant_format_clock(t->end.at_ms, to);
    vtext_span(ask->onset_ms, t->end.at_ms, span);
    const int64_t wide = vtrouble_wide_ms(vr, vslo_signal(ask->slo), ask->alert->onset_error_ms);
    const char *error = vtext_error(a, wide);
    const bool is_hole = t->began.is_hole && wide <= t->began.to_ms - t->began.from_ms;
    const char *hole = is_hole ? vtrouble_hole_text(a, &t->began, "") : "";
    const char *when = hole == NULL || error == NULL ? NULL
                       : hole[0] != '\0'             ? arena_printf(a, "from %s until %s", hole, to)
                       : wide == 0                   ? arena_strdup(a, str_of(span))
                                                     : arena_printf(a, "%s%s to %s", from, error, to);
    const bool less = vread_has_lost(vr, vslo_signal(ask->slo), ask->onset_ms, t->end.at_ms + t->end.error_ms);
    share(&t->now.count, false, now);
    share(certain.total > 0 ? &certain : &during, less, then);
    vtext_count(t->now.count.total, n);
    vtext_count(during.bad_lo, lost);
    vtext_last(t->now.ms, last);
    const char *what = did(a, ask->slo);
    *ret =
        what == NULL || when == NULL
            ? NULL
            : arena_printf(a, "%s: %s of %s %s in the %s; %s %s %s, %s%s %s%s", ask->name, t->now.count.bad_lo == 0 ? "none" : now, n, what,
                           last, then, ask->slo->kind == SLO_AVAILABILITY ? "failed" : "had", when, exact_mark(less ? AT_LEAST : EXACT),
                           lost, ask->slo->kind == SLO_AVAILABILITY ? "lost" : "in all", ask->whole);
    return *ret != NULL ? ERR_OK : ERR_NOMEM;
}

/* "2.41k failed some time between 18:39:24Z and 18:43:11Z, 0.2% of 1.2k since" */
static enum err hole_sentence(struct vread *vr, const struct vtrouble_ask *ask, const struct trouble *t, const char **ret,
                              double *ret_percent)
{
    struct arena *a = vr->l->arena;
    struct slo_count during, since = {.total = 0};
    char now[VTEXT_MAX], n[VTEXT_MAX], lost[VTEXT_MAX];
    enum err e = count_window(vr, ask->slo, t->began.from_ms, t->began.to_ms, &during);

    if (e == ERR_OK && t->until_ms > t->began.to_ms)
        e = count_window(vr, ask->slo, t->began.to_ms, t->until_ms, &since);
    if (e != ERR_OK)
        return e;
    *ret = NULL;
    if (during.bad_lo == 0)
        return ERR_OK;
    vtext_count(during.bad_lo, lost);
    vtext_count(since.total, n);
    share(&since, false, now);
    const bool less = vread_has_lost(vr, vslo_signal(ask->slo), t->began.from_ms, t->began.to_ms);
    *ret_percent = since.total > 0 ? 100.0 * (double)since.bad_lo / (double)since.total : *ret_percent;
    const char *what = did(a, ask->slo), *hole = vtrouble_hole_text(a, &t->began, "");
    const char *then = since.total == 0 ? "no answer since" : arena_printf(a, "%s of %s since", since.bad_lo == 0 ? "none" : now, n);
    *ret =
        what == NULL || then == NULL || hole == NULL
            ? NULL
            : arena_printf(a, "%s: %s%s %s %s, %s%s", ask->name, exact_mark(less ? AT_LEAST : EXACT), lost, what, hole, then, ask->whole);
    return *ret != NULL ? ERR_OK : ERR_NOMEM;
}

enum err vtrouble_sentence(const struct view_loader *l, const struct view_params *p, const struct vtrouble_ask *ask, const char **ret,
                           double *ret_percent, struct vlatest_reading *ret_now, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct trouble t;
    double percent = *ret_percent;
    enum err e = vr != NULL ? vread_init(vr, l, p, ctx) : ERR_NOMEM;

    *ret = NULL;
    *ret_now = (struct vlatest_reading){.over = false};
    if (e == ERR_OK && !vread_is_told(vr, vslo_signal(ask->slo)))
        return ERR_OK;
    if (e == ERR_OK)
        e = look(vr, ask, &t);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "the verdict cannot be read: %s", err_name(e));
    *ret_now = t.now;
    const bool in_one = t.over && t.end.at_ms - t.end.error_ms < t.began.to_ms;
    const bool uncertain = !t.over && t.began.is_hole && t.began.to_ms - t.began.from_ms > t.until_ms - t.began.to_ms;
    if (in_one || uncertain) {
        e = hole_sentence(vr, ask, &t, ret, &percent);
    } else if (t.over) {
        percent = 100.0 * (double)t.now.count.bad_lo / (double)t.now.count.total;
        e = over_sentence(vr, ask, &t, ret);
    }
    if (e != ERR_OK)
        return errctx_set(ctx, e, "the verdict cannot be read: %s", err_name(e));
    *ret_percent = *ret != NULL ? percent : *ret_percent;
    return ERR_OK;
}
