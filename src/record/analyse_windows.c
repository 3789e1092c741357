/* SPDX-License-Identifier: MIT */
/* The windows of objectives, budgets and rules (analyse_rule.c) from the store. The last day comes by minutes from samples; what is older
 * by five minutes, which the store answers from rollups, each put into the last of its minutes. The three-day window may therefore lose an
 * old bucket up to four minutes later than it did before a restart; the shorter ones are the same to the request. A minute of which some
 * was torn (analyse_torn.c) is left out whole. */
#include "record/analyse_int.h"

/* Objectives look back three days; budgets want the week before as well, for what is usual. */
enum { SLO_DAYS = 3, BUDGET_DAYS = 8 };
enum { COARSE_MS = 5 * MINUTE_MS, SLOS_AT_ONCE = 8, AT_ONCE = 64 }; /* read in one pass over the data: some 10 MB of cells */

/* When a source's polls ended, of the last hours: the time that an objective tells apart by what it is fed. */
enum { POLLS_MS = 256 * MINUTE_MS, POLLS_MAX = 1 << 16 };
struct polls {
    int64_t *at_ms;
    size_t count;
};

struct reading {
    int64_t newest_ms;
    const bool *torn;                  /* analyse_torn_slos */
    struct polls *polls;               /* by source */
    struct store_query q[2 * AT_ONCE]; /* coarse and fine of each */
    struct store_result r[2 * AT_ONCE];
};

/* Objectives come first, then budgets. */
static uint32_t count_all(const struct analyser *an)
{
    return an->slo_count + an->budget_count;
}

static enum err ask(struct analyser *an, uint32_t at, struct store_query q[2], int64_t newest_ms, struct errctx *ctx)
{
    const struct slo *slo = at < an->slo_count ? an->slos[at].def : NULL;
    const struct watch *scope = slo != NULL ? &an->slos[at].scope : &an->budgets[at - an->slo_count].scope;
    struct store_query one = {.signal = slo == NULL ? SIG_COST : slo->signal};
    if (slo != NULL && slo->kind == SLO_AVAILABILITY) {
        one.signal = SIG_REQUESTS;
        one.group_by = DIM_BIT(DIM_CLASS);
    }
    enum err e = analyse_allowed(an, one.signal, &one.filter.sources, &one.filter.source_count, ctx);
    if (e == ERR_OK && analyse_watch_filter(an, scope, &one.filter) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading the windows of %s", scope->subject);
    one.filter.without = an->kept_stages;
    one.filter.without_count = an->kept_stage_count;
    int64_t end = (newest_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS;
    int64_t day = (end - DAY_MS) / COARSE_MS * COARSE_MS,
            first = (end - (slo != NULL ? SLO_DAYS : BUDGET_DAYS) * DAY_MS) / COARSE_MS * COARSE_MS;
    q[0] = q[1] = one;
    q[0].t0_ms = first;
    q[0].step_ms = COARSE_MS;
    q[0].columns = (uint32_t)((day - first) / COARSE_MS);
    q[1].t0_ms = day;
    q[1].step_ms = MINUTE_MS;
    q[1].columns = (uint32_t)((end - day) / MINUTE_MS);
    return e;
}

static struct slo_count count_column(const struct analyser *an, const struct slo_track *t, const struct store_result *r, uint32_t column)
{
    struct slo_count c = {.total = 0};
    for (size_t i = 0; i < r->count; i++) {
        const struct store_group *g = &r->groups[i];
        const struct store_cell *cell = &g->cells[column];
        if (cell->n == 0)
            continue;
        if (cell->covered_ms > c.observed_ms)
            c.observed_ms = cell->covered_ms;
        if (t->def->kind == SLO_LATENCY) {
            uint64_t lo, hi;
            hist_above(&g->hists[column], t->def->threshold, &lo, &hi);
            c.total += hist_n(&g->hists[column]);
            c.bad_lo += lo;
            c.bad_hi += hi;
            continue;
        }
        enum outcome o = OUTCOME_OTHER;
        uint64_t n = cell->sum > 0 ? (uint64_t)cell->sum : 0;
        (void)outcome_by_name(str_of(intern_text(store_strings(an->st), g->dim[DIM_CLASS])), &o);
        if (o != OUTCOME_OK && !outcome_is_bad(o))
            continue;
        c.total += n;
        c.bad_lo += o == OUTCOME_OK ? 0 : n;
        c.bad_hi += o == OUTCOME_OK ? 0 : n;
    }
    return c;
}

static enum err read_polls(struct analyser *an, struct reading *rd, struct errctx *ctx)
{
    enum err e = ERR_OK;
    rd->polls = arena_array(&an->scratch, an->source_cap + 1, sizeof *rd->polls);
    if (rd->polls == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while rebuilding windows");
    for (uint32_t i = 1; e == ERR_OK && i < an->source_cap; i++)
        if (an->sources[i].last_ms != 0)
            e = store_polls(an->st, i, rd->newest_ms - POLLS_MS, INT64_MAX, POLLS_MAX, &an->scratch, &rd->polls[i].at_ms,
                            &rd->polls[i].count, ctx);
    return e;
}

/* The last poll that ended at a time or before, 0 = none. */
static int64_t poll_before(const struct polls *p, int64_t ms)
{
    size_t lo = 0, hi = p->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->at_ms[mid] <= ms)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo > 0 ? p->at_ms[lo - 1] : 0;
}

/* Feeds what the polls that ended in (t0, t1] counted. The first of them began when the one before it ended, and is no longer than all
 * together. */
static void feed_slo(const struct analyser *an, struct slo_track *t, const struct reading *rd, const struct store_filter *f, int64_t t0_ms,
                     int64_t t1_ms, const struct slo_count *c)
{
    int64_t first = t0_ms, last = 0;
    for (uint32_t k = 0, n = f->sources != NULL ? f->source_count : an->source_cap; k < n; k++) {
        uint32_t source = f->sources != NULL ? f->sources[k] : k;
        int64_t end = source < an->source_cap ? poll_before(&rd->polls[source], t1_ms) : 0;
        if (end <= t0_ms)
            continue;
        int64_t begin = poll_before(&rd->polls[source], t0_ms);
        first = begin < first ? begin : first;
        last = end > last ? end : last;
    }
    if (last == 0 || first < t0_ms - c->observed_ms)
        first = t0_ms - c->observed_ms;
    slo_feed_polls(t->state, first, last != 0 ? last : t1_ms, c);
}

struct spent {
    int64_t nusd, observed_ms;
};

static struct spent spend_column(const struct store_result *r, uint32_t column)
{
    struct spent s = {.nusd = 0};
    for (size_t i = 0; i < r->count; i++) {
        const struct store_cell *cell = &r->groups[i].cells[column];
        if (cell->n == 0)
            continue;
        s.nusd += cell->sum;
        s.observed_ms = cell->covered_ms > s.observed_ms ? cell->covered_ms : s.observed_ms;
    }
    return s;
}

static void fill(const struct analyser *an, uint32_t at, const struct store_query *q, const struct store_result *r,
                 const struct reading *rd)
{
    int64_t newest_ms = rd->newest_ms;
    for (uint32_t i = 0; i < q->columns; i++) {
        int64_t end = q->t0_ms + ((int64_t)i + 1) * q->step_ms;
        if (end > newest_ms)
            end = newest_ms;
        if (at >= an->slo_count) {
            struct spent s = spend_column(r, i);
            burn_feed(an->budgets[at - an->slo_count].state, end - s.observed_ms, end, s.nusd);
            continue;
        }
        if (analyse_torn_then(an, rd->torn, at, q->t0_ms + (int64_t)i * q->step_ms, end))
            continue;
        struct slo_count c = count_column(an, &an->slos[at], r, i);
        /* Nothing is counted where nothing was observed. */
        feed_slo(an, &an->slos[at], rd, &q->filter, q->t0_ms + (int64_t)i * q->step_ms, end, &c);
    }
}

enum err analyse_windows(struct analyser *an, struct errctx *ctx)
{
    struct reading *rd = arena_alloc(&an->scratch, sizeof *rd);
    if (rd == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while rebuilding windows");
    enum err used = analyse_budgets_used(an, ctx);
    if (used != ERR_OK)
        return used;
    rd->newest_ms = analyse_newest_ms(an);
    for (uint32_t i = 0; i < an->slo_count; i++)
        slo_state_forget(an->slos[i].state);
    for (uint32_t i = 0; i < an->budget_count; i++)
        burn_state_forget(an->budgets[i].state);
    if (rd->newest_ms == 0)
        return ERR_OK;
    enum err e = read_polls(an, rd, ctx);
    if (e == ERR_OK)
        e = analyse_torn_slos(an, &rd->torn, ctx);
    if (e != ERR_OK)
        return e;
    for (uint32_t from = 0, n; from < count_all(an); from += n) {
        bool slos = from < an->slo_count;
        uint32_t left = (slos ? an->slo_count : count_all(an)) - from, most = slos ? SLOS_AT_ONCE : AT_ONCE;
        n = left < most ? left : most;
        struct arena a; /* of this pass alone */
        for (uint32_t i = 0; e == ERR_OK && i < n; i++)
            e = ask(an, from + i, &rd->q[2 * i], rd->newest_ms, ctx);
        if (e != ERR_OK)
            return e;
        arena_init(&a, SCRATCH_MAX_BYTES);
        e = store_read(an->st, rd->q, 2 * n, &a, rd->r, ctx);
        for (uint32_t i = 0; e == ERR_OK && i < 2 * n; i++)
            fill(an, from + i / 2, &rd->q[i], &rd->r[i], rd);
        arena_fini(&a);
        if (e != ERR_OK)
            return e;
    }
    return analyse_rules_fill(an, ctx);
}
