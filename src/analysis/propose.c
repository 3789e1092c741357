/* SPDX-License-Identifier: MIT */
#include "analysis/propose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"

enum {
    HOUR_MS = 3600000,
    LEAST_TOTAL = 1000, /* requests over the recorded time */
    LEAST_HOURS = 1,    /* of observation */
    HOUR_LEAST = 20,    /* requests that make an hour count for the median */
    LEAST_BUDGET = 20,  /* failures that a period must allow: below, single ones decide */
};
#define PERIOD_MS (30 * INT64_C(86400000))

static const double availability[] = {0.999, 0.995, 0.99, 0.98, 0.95, 0.9}; /* strictest first */
static const double latency_objective = 0.95, latency_room = 0.5;
static const double room = 2; /* the budget is at least that many times what ordinary hours spend */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The bad share of the median hour, NaN without hours of enough traffic. bad of column i is counts[i].bad_lo. */
static enum err usual(const struct propose_input *in, const struct slo_count *counts, struct arena *a, double *ret)
{
    size_t per_hour = in->step_ms < HOUR_MS ? (size_t)(HOUR_MS / in->step_ms) : 1, n = 0;
    double *hours = arena_array(a, in->count / per_hour + 1, sizeof *hours);
    if (hours == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < in->count; i += per_hour) {
        uint64_t total = 0, bad = 0;
        for (size_t k = i; k < in->count && k < i + per_hour; k++) {
            total += counts[k].total;
            bad += counts[k].bad_lo;
        }
        if (total >= HOUR_LEAST)
            hours[n++] = (double)bad / (double)total;
    }
    qsort(hours, n, sizeof *hours, by_value);
    *ret = n > 0 ? hours[n / 2] : (double)NAN;
    return ERR_OK;
}

static struct slo_count sum_of(const struct slo_count *counts, size_t count)
{
    struct slo_count sum = {.total = 0};
    for (size_t i = 0; i < count; i++) {
        sum.total += counts[i].total;
        sum.bad_lo += counts[i].bad_lo;
        sum.bad_hi += counts[i].bad_hi;
        sum.observed_ms += counts[i].observed_ms;
    }
    return sum;
}

static bool any_fires(const struct slo_state *s, enum severity severity)
{
    for (size_t i = 0; i < SLO_RULES; i++)
        if (slo_rule_at(i)->severity == severity && slo_alarm_get(s, i).state == ALERT_FIRING)
            return true;
    return false;
}

/* What the rules would have done over the recorded time. */
static enum err replay(const struct propose_input *in, const struct slo_count *counts, struct proposal *p)
{
    struct slo_state *s = slo_state_new(p->slo.objective, p->slo.period_ms);
    bool page = false, ticket = false;
    if (s == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < in->count; i++) {
        struct slo_change changes[SLO_RULES];
        int64_t end = in->t0_ms + ((int64_t)i + 1) * in->step_ms;
        slo_feed(s, end - counts[i].observed_ms, end, counts[i].total, counts[i].bad_lo, counts[i].bad_hi);
        (void)slo_evaluate(s, changes);
        bool pages = any_fires(s, SEV_PAGE), tickets = any_fires(s, SEV_TICKET);
        p->pages += pages && !page;
        p->tickets += tickets && !ticket;
        page = pages;
        ticket = tickets;
    }
    struct slo_count all = sum_of(counts, in->count), recent = slo_window(s, SLO_5M);
    p->total = all.total;
    p->bad = all.bad_lo;
    p->observed_ms = all.observed_ms;
    p->budget = slo_budget(&all, &recent, p->slo.objective, p->slo.period_ms);
    slo_state_free(s);
    return ERR_OK;
}

static enum err too_little(const struct propose_input *in, const struct slo_count *all, const char *of, struct arena *a,
                           struct proposal *ret)
{
    char time[TIMEFMT_MAX];
    duration_format(all->observed_ms, time);
    ret->possible = false;
    ret->total = all->total;
    ret->observed_ms = all->observed_ms;
    ret->reason = arena_printf(a, "%s: %llu %s in %s recorded; an objective wants %d over at least %d h", in->name,
                               (unsigned long long)all->total, of, time, LEAST_TOTAL, LEAST_HOURS);
    return ret->reason != NULL ? ERR_OK : ERR_NOMEM;
}

static bool enough(const struct slo_count *all)
{
    return all->total >= LEAST_TOTAL && all->observed_ms >= LEAST_HOURS * (int64_t)HOUR_MS;
}

static enum err begin(const struct propose_input *in, const char *what, struct arena *a, struct proposal *ret)
{
    *ret = (struct proposal){.reason = ""};
    if (in->scope != NULL) {
        ret->slo.scope_count = in->scope->scope_count;
        memcpy(ret->slo.scope, in->scope->scope, sizeof ret->slo.scope);
    }
    ret->slo.name = arena_printf(a, "%s %s", in->name, what);
    ret->slo.period_ms = PERIOD_MS;
    return ret->slo.name != NULL ? ERR_OK : ERR_NOMEM;
}

static const char *times(uint32_t n, const char *what, struct arena *a)
{
    return arena_printf(a, "%u %s%s", n, what, n == 1 ? "" : "s");
}

/* The common end of the sentence: "; 1 page and 2 tickets would have come in 23h50m". */
static const char *outcome_text(const struct proposal *p, struct arena *a)
{
    char time[TIMEFMT_MAX];
    const char *pages = times(p->pages, "page", a), *tickets = times(p->tickets, "ticket", a);
    duration_format(p->observed_ms, time);
    return pages != NULL && tickets != NULL ? arena_printf(a, "%s and %s would have come in %s", pages, tickets, time) : NULL;
}

enum err propose_availability(const struct propose_input *in, struct arena *a, struct proposal *ret)
{
    struct slo_count all = sum_of(in->counts, in->count);
    struct proposal p;
    enum err e = begin(in, "availability", a, &p);
    if (e == ERR_OK)
        e = usual(in, in->counts, a, &p.usual_ratio);
    if (e != ERR_OK)
        return e;
    p.slo.kind = SLO_AVAILABILITY;
    p.slo.signal = SIG_REQUESTS;
    if (!enough(&all) || isnan(p.usual_ratio)) {
        *ret = p;
        return too_little(in, &all, "requests", a, ret);
    }
    double month = (double)all.total * (double)PERIOD_MS / (double)all.observed_ms;
    for (size_t i = 0; i < sizeof availability / sizeof availability[0] && !p.possible; i++) {
        double allowed = 1 - availability[i];
        p.possible = allowed >= room * p.usual_ratio && allowed * month >= LEAST_BUDGET;
        p.slo.objective = availability[i];
    }
    if (!p.possible) {
        p.reason = arena_printf(a, "%s: %.2g %% of requests fail in an ordinary hour: no objective would mean anything", in->name,
                                100 * p.usual_ratio);
    } else {
        e = replay(in, in->counts, &p);
        const char *end = e == ERR_OK ? outcome_text(&p, a) : NULL;
        p.reason = end == NULL ? NULL
                               : arena_printf(a, "%.2g %% of requests fail in an ordinary hour, %.2g %% failed in all; %s",
                                              100 * p.usual_ratio, 100 * (double)p.bad / (double)p.total, end);
    }
    if (p.reason == NULL)
        return ERR_NOMEM;
    *ret = p;
    return ERR_OK;
}

/* ---- latency ---- */

/* All columns as one distribution. */
static enum err whole_of(const struct propose_input *in, struct arena *a, struct hist_set *ret)
{
    *ret = (struct hist_set){.count = 0};
    for (size_t i = 0; i < in->count; i++) {
        for (uint32_t k = 0; k < in->hists[i].count; k++) {
            enum err e = hist_set_add(ret, &in->hists[i].h[k], a);
            if (e != ERR_OK)
                return e;
        }
    }
    return ERR_OK;
}

/* The lowest edge of the largest member above which no more than max_share lie; false when there is none. */
static bool find_edge(const struct hist_set *set, double max_share, double *ret)
{
    static const double round[] = {0.1, 0.2, 0.3, 0.5, 0.75, 1,  1.5, 2,   3,   5,  7.5,
                                   10,  15,  20,  30,  45,   60, 90,  120, 180, 300}; /* exponential buckets are fine enough anywhere */
    const struct hist *largest = NULL;
    for (uint32_t i = 0; i < set->count; i++)
        if (largest == NULL || set->h[i].n > largest->n)
            largest = &set->h[i];
    if (largest == NULL || largest->n == 0)
        return false;
    bool classic = largest->scheme == HIST_CLASSIC;
    size_t edges = classic ? largest->bounds->count : sizeof round / sizeof round[0];
    for (size_t i = 0; i < edges; i++) {
        double edge = classic ? largest->bounds->upper[i] : round[i];
        uint64_t lo, hi;
        hist_above(set, edge, &lo, &hi);
        if (edge > 0 && (double)hi <= max_share * (double)hist_n(set)) {
            *ret = edge;
            return true;
        }
    }
    return false;
}

static enum err count_above(const struct propose_input *in, double threshold, struct arena *a, struct slo_count **ret)
{
    struct slo_count *counts = arena_array(a, in->count + 1, sizeof *counts);
    if (counts == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < in->count; i++) {
        counts[i] = (struct slo_count){.total = hist_n(&in->hists[i]), .observed_ms = in->counts[i].observed_ms};
        hist_above(&in->hists[i], threshold, &counts[i].bad_lo, &counts[i].bad_hi);
    }
    *ret = counts;
    return ERR_OK;
}

enum err propose_latency(const struct propose_input *in, struct arena *a, struct proposal *ret)
{
    const char *what = signal_info(in->signal)->name;
    struct hist_set whole;
    struct slo_count *counts;
    struct proposal p;
    enum err e = begin(in, what, a, &p);
    if (e == ERR_OK)
        e = whole_of(in, a, &whole);
    if (e == ERR_OK)
        e = count_above(in, 0, a, &counts);
    if (e != ERR_OK)
        return e;
    struct slo_count all = sum_of(counts, in->count);
    p.slo.kind = SLO_LATENCY;
    p.slo.signal = in->signal;
    p.slo.objective = latency_objective;
    if (!enough(&all)) {
        *ret = p;
        return too_little(in, &all, what, a, ret);
    }
    p.possible = find_edge(&whole, latency_room * (1 - latency_objective), &p.slo.threshold);
    if (!p.possible) {
        p.reason = arena_printf(a, "%s: too much of %s lies beyond the last bucket to say what is slow", in->name, what);
    } else {
        e = count_above(in, p.slo.threshold, a, &counts);
        if (e == ERR_OK)
            e = usual(in, counts, a, &p.usual_ratio);
        if (e == ERR_OK)
            e = replay(in, counts, &p);
        const char *end = e == ERR_OK ? outcome_text(&p, a) : NULL;
        p.reason = end == NULL ? NULL
                               : arena_printf(a, "%.2g %% are above %g s in an ordinary hour, %.2g %% were in all; %s", 100 * p.usual_ratio,
                                              p.slo.threshold, 100 * (double)p.bad / (double)p.total, end);
    }
    if (p.reason == NULL)
        return ERR_NOMEM;
    *ret = p;
    return ERR_OK;
}
