/* SPDX-License-Identifier: MIT */
/* How it is found: each measure is read for both windows by all dimensions at once, each combination of values is a leaf with what was
 * seen and what the baseline lets expect, and analysis/differs ranks the combinations. Requests and attempts are told apart by different
 * dimensions, so failures are looked for in both. */
#include "view/load.h"

#include <math.h>
#include <string.h>

#include "analysis/differs.h"
#include "base/timefmt.h"
#include "view/vcombos.h"
#include "view/vfilter.h"
#include "view/vrows.h"
#include "view/vsuspects.h"
#include "view/vtext.h"

enum { ROWS_PER_MEASURE = 6, MEASURES = 6, SHARE_ROUNDS = 3 };
/* What is not worth a row, besides what cannot be told from luck: less than a fiftieth of the whole, and for amounts, whose chance is
 * wider than Poisson's, a change of less than a quarter. Told: what overlaps so much with better rows adds nothing unless it moved that
 * much more. */
static const double least_part = 0.02, least_ratio = 1.25, told_part = 0.8, stronger_ratio = 1.5;
/* A whole that changed by less tells of no part of it; an excess of a part over the whole up to this is the luck of the others. */
static const double least_change = 0.05, luck = 0.05;
static const uint32_t latency_dims = VSUSPECTS_ATTEMPT_DIMS | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_ROUTE);
static const uint32_t money_dims = VSUSPECTS_ATTEMPT_DIMS | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY);

/* One combination of values with its counts in both windows. A share is part / all; an amount is all. */
struct leaf {
    uint32_t dim[DIM_COUNT];
    double all, part, past_all, past_part;
};

struct leaves {
    struct leaf *list;
    struct vcombos combos; /* of list[i] */
    uint32_t dims;
    double hours, past_hours; /* that were observed of both windows */
    struct vtrust trust, past_trust;
};

struct differs {
    bool base_recorded;
    int64_t base_covered_ms; /* of the baseline, by the signal that covers most */
    struct vread *vr;
    const struct view_differs_ask *ask;
    struct vdiffer *rows;
    size_t count;
    uint32_t told; /* by which dims failures are told apart */
    const char *slow_text;
};

/* A signal read for both windows. */
struct pair {
    size_t now, past;
};

static struct pair ask_pair(const struct differs *d, enum signal s, uint32_t group_by)
{
    struct pair q;
    q.now = vread_window(d->vr, s, group_by, d->ask->t0_ms, d->ask->t1_ms);
    q.past = vread_window(d->vr, s, group_by, d->ask->base0_ms, d->ask->base1_ms);
    d->vr->past[q.past] = true;
    return q;
}

static enum err leaves_init(struct leaves *lv, const struct differs *d, struct pair q, uint32_t dims)
{
    struct arena *a = d->vr->l->arena;
    size_t most = d->vr->r[q.now].count + d->vr->r[q.past].count;

    *lv = (struct leaves){.dims = dims, .list = arena_array(a, most + 1, sizeof *lv->list)};
    if (lv->list == NULL || vcombos_init(&lv->combos, a, most, dims) != ERR_OK)
        return ERR_NOMEM;
    lv->hours = (double)vread_sum(d->vr, q.now, 0, DIM_COUNT, 0).covered_ms / 3600000;
    lv->past_hours = (double)vread_sum(d->vr, q.past, 0, DIM_COUNT, 0).covered_ms / 3600000;
    lv->trust = vread_trust(d->vr, q.now);
    lv->past_trust = vread_trust(d->vr, q.past);
    return ERR_OK;
}

static struct leaf *leaf_of(struct leaves *lv, const struct store_group *g)
{
    size_t n = vcombos_number(&lv->combos, g->dim);
    memcpy(lv->list[n].dim, lv->combos.dim[n], sizeof lv->list[n].dim);
    return &lv->list[n];
}

static void add_outcomes(const struct differs *d, struct leaves *lv, size_t q, bool past)
{
    for (size_t i = 0; i < d->vr->r[q].count; i++) {
        const struct store_group *g = &d->vr->r[q].groups[i];
        enum outcome class = OUTCOME_OTHER;
        (void)outcome_by_name(str_of(vread_text(d->vr, g->dim[DIM_CLASS])), &class);
        bool bad = outcome_is_bad(class);
        if (g->cells[0].n == 0 || g->cells[0].sum <= 0 || (class != OUTCOME_OK && !bad))
            continue;
        struct leaf *l = leaf_of(lv, g);
        *(past ? &l->past_all : &l->all) += (double)g->cells[0].sum;
        *(past ? &l->past_part : &l->part) += bad ? (double)g->cells[0].sum : 0;
    }
}

static void add_slow(const struct differs *d, struct leaves *lv, size_t q, bool past, double threshold)
{
    for (size_t i = 0; i < d->vr->r[q].count; i++) {
        const struct store_group *g = &d->vr->r[q].groups[i];
        uint64_t certain, possible;
        if (g->hists == NULL || hist_n(&g->hists[0]) == 0)
            continue;
        struct leaf *l = leaf_of(lv, g);
        hist_above(&g->hists[0], threshold, &certain, &possible);
        *(past ? &l->past_all : &l->all) += (double)hist_n(&g->hists[0]);
        *(past ? &l->past_part : &l->part) += (double)certain;
    }
}

static void add_amounts(const struct differs *d, struct leaves *lv, size_t q, bool past, double unit)
{
    for (size_t i = 0; i < d->vr->r[q].count; i++) {
        const struct store_group *g = &d->vr->r[q].groups[i];
        if (g->cells[0].n == 0 || g->cells[0].sum <= 0)
            continue;
        struct leaf *l = leaf_of(lv, g);
        *(past ? &l->past_all : &l->all) += (double)g->cells[0].sum / unit;
    }
}

/* ---- from leaves to rows ---- */

static const char *what_of(const struct differs *d, const struct differs_element *e)
{
    struct arena *a = d->vr->l->arena;
    const char *text = "";
    for (uint32_t i = 0; i < e->dim_count && text != NULL; i++)
        text = arena_printf(a, "%s%s%s=%s", text, i > 0 ? " " : "", dim_name(e->dim[i]), vread_text(d->vr, e->id[i]));
    return text;
}

struct totals {
    double v, e, all, past_all, part, past_part;
};
struct shown {
    struct differs_element e;
    struct totals t;
};

static struct totals sum_of(const struct leaves *lv, const struct differs_leaf *in, const struct differs_element *e)
{
    struct totals t = {0};
    for (size_t i = 0; i < lv->combos.count; i++) {
        const struct leaf *l = &lv->list[i];
        if (e != NULL && !differs_holds(e, l->dim))
            continue;
        t.v += in[i].v;
        t.e += in[i].e;
        t.all += l->all;
        t.past_all += l->past_all;
        t.part += l->part;
        t.past_part += l->past_part;
    }
    return t;
}

/* Whether better rows have told what a row tells: most of its change lies in them, and it moved no more than they did. */
static bool is_told(const struct leaves *lv, const struct differs_leaf *in, const struct differs_element *e, const struct totals *t,
                    const struct shown *shown, size_t count, bool is_share)
{
    double within = 0, strongest = 0, ratio = is_share ? t->part / t->all : t->v / t->e;

    for (size_t i = 0; i < lv->combos.count; i++) {
        bool told = false;
        for (size_t k = 0; !told && k < count && differs_holds(e, in[i].dim); k++)
            told = differs_holds(&shown[k].e, in[i].dim);
        within += told ? in[i].v - in[i].e : 0;
    }
    for (size_t k = 0; k < count; k++) {
        double other = is_share ? shown[k].t.part / shown[k].t.all : shown[k].t.v / shown[k].t.e;
        strongest = other > strongest ? other : strongest;
    }
    return within / (t->v - t->e) >= told_part && ratio < strongest * stronger_ratio;
}

/* What is compared. Of amounts, shown is scale times events per hour. Less traffic is trouble as well; fewer failures and less spend are
 * none. */
struct measure {
    const char *name;
    bool is_share, is_money, either_way;
    double scale;
};

static struct vnum number_of(const struct measure *m, double all, double part, double hours, struct vtrust t)
{
    enum vnum_kind kind = m->is_share ? VNUM_OTHER : VNUM_SUM;
    if (!(all > 0))
        return vnum_marked(vnum_unknown(), kind, t);
    return vnum_of(m->is_share ? 100 * part / all : all / hours * m->scale, m->is_money ? 0 : (uint64_t)all, kind, t);
}

/* What was seen and what the baseline lets expect. Half an event for what was never seen, so that what is new is surprising and not
 * impossible. */
static void weigh(const struct leaves *lv, const struct measure *m, struct differs_leaf *in)
{
    const struct totals all = sum_of(lv, in, NULL);

    for (size_t i = 0; i < lv->combos.count; i++) {
        const struct leaf *l = &lv->list[i];
        memcpy(in[i].dim, l->dim, sizeof in[i].dim);
        in[i].v = m->is_share ? l->part : l->all;
        in[i].e = m->is_share ? differs_expected(l->all, l->past_all, l->past_part, (all.past_part + 0.5) / (all.past_all + 1))
                              : (l->past_all + 0.5) * lv->hours / lv->past_hours;
    }
}

static bool is_noise(const struct differs_element *e, const struct totals *t, const struct totals *all, const struct measure *m)
{
    double moved = fabs(t->v - t->e), whole = m->is_share ? fabs(all->v - all->e) : all->e;

    if (e->score < DIFFERS_LEAST_SCORE || moved < DIFFERS_LEAST_EVENTS || moved < least_part * whole)
        return true;
    return !m->is_share && t->v < t->e * least_ratio && t->e < t->v * least_ratio;
}

/* What is expected of a short past is drawn to the common share: a row that is beyond it need not be worse than it was itself. */
static bool is_worse(const struct totals *t, const struct measure *m)
{
    if (m->either_way)
        return true;
    return t->v > t->e && (!m->is_share || !(t->past_all > 0) || t->part / t->all > t->past_part / t->past_all);
}

/* Of the whole change, at most all of it; NaN where it is no part of it: the whole hardly changed, or others moved against the row. */
static double share_of(const struct totals *t, const struct totals *all)
{
    const double share = (t->v - t->e) / (all->v - all->e);

    if (!(fabs(all->v - all->e) >= least_change * all->e) || share < 0 || share > 1 + luck)
        return NAN;
    return share < 1 ? share : 1;
}

/* The rows of one measure so far, best first within a ranking. */
struct listing {
    const struct leaves *lv;
    const struct measure *m;
    const struct differs_leaf *in, *left; /* of lv's leaves, in their order; left: what better rows hold is as expected */
    struct totals all;
    struct shown shown[ROWS_PER_MEASURE];
    size_t rows;
};

static struct differs_part part_of(const struct totals *t, const struct measure *m)
{
    return (struct differs_part){.n = m->is_share ? t->all : (double)NAN, .v = t->v, .e = t->e};
}

/* Whether a row moved beyond what the rest did; what everything did tells of no part. */
static bool stands_out(const struct listing *g, const struct differs_element *e)
{
    const struct totals t = sum_of(g->lv, g->left, e), all = sum_of(g->lv, g->left, NULL);
    const struct differs_part part = part_of(&t, g->m), whole = part_of(&all, g->m);
    const struct differs_contrast c = differs_contrast_of(&part, &whole);

    if (isnan(c.ratio)) /* the rest is nothing: it is all there is */
        return true;
    if (c.nats < DIFFERS_LEAST_CONTRAST)
        return false;
    return g->m->is_share ? c.ratio > 1 && c.own >= least_part * (all.v - all.e) : c.ratio >= least_ratio || c.ratio <= 1 / least_ratio;
}

static enum err put_row(struct differs *d, struct listing *g, const struct differs_element *e, const struct totals *sum)
{
    const struct leaves *lv = g->lv;
    const struct totals t = *sum, *all = &g->all;
    struct vdiffer *row = &d->rows[d->count++];
    *row = (struct vdiffer){.what = what_of(d, e),
                            .alike = "",
                            .measure = g->m->name,
                            .score = e->score,
                            .now = number_of(g->m, t.all, t.part, lv->hours, lv->trust),
                            .then = number_of(g->m, t.past_all, t.past_part, lv->past_hours, lv->past_trust),
                            .share = share_of(&t, all)};
    g->shown[g->rows++] = (struct shown){*e, t};
    return row->what != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err add_row(struct differs *d, struct listing *g, const struct differs_element *e)
{
    const struct totals t = sum_of(g->lv, g->in, e);
    if (!is_worse(&t, g->m) || is_noise(e, &t, &g->all, g->m) || !stands_out(g, e) ||
        is_told(g->lv, g->in, e, &t, g->shown, g->rows, g->m->is_share))
        return ERR_OK;
    return put_row(d, g, e, &t);
}

/* Everything, where it got worse and no part of it stands out. */
static enum err add_whole(struct differs *d, struct listing *g)
{
    const struct differs_element everything = {.dim_count = 0, .score = differs_change(g->all.v, g->all.e)};
    if (g->rows > 0 || !is_worse(&g->all, g->m) || is_noise(&everything, &g->all, &g->all, g->m))
        return ERR_OK;
    return put_row(d, g, &everything, &g->all);
}

/* Says of each row of shares who of the others is alike. first: the row of shown[0]. */
static enum err tell_alike(struct differs *d, const struct listing *g, size_t first)
{
    for (size_t i = 0; g->m->is_share && i < g->rows; i++) {
        struct vdiffer *row = &d->rows[first + i];
        for (size_t k = 0; k < g->rows; k++) {
            const struct differs_element *x = &g->shown[i].e, *y = &g->shown[k].e;
            const struct differs_part a = {.n = g->shown[i].t.all, .v = g->shown[i].t.part},
                                      b = {.n = g->shown[k].t.all, .v = g->shown[k].t.part};
            if (i == k || x->dim_count != y->dim_count || memcmp(x->dim, y->dim, x->dim_count * sizeof *x->dim) != 0 ||
                !differs_is_no_better(&a, &b) || !differs_is_no_better(&b, &a))
                continue;
            row->alike = arena_printf(d->vr->l->arena, "%s%s%s", row->alike, row->alike[0] != '\0' ? " and " : "", d->rows[first + k].what);
            if (row->alike == NULL)
                return ERR_NOMEM;
        }
    }
    return ERR_OK;
}

/* Ranks the leaves and adds the rows. Of shares, what the best row holds is then taken to be as expected and the rest ranked again: beside
 * a great trouble a lesser one scores below nothing, for most of what moved lies outside it. */
static enum err add_rows(struct differs *d, const struct leaves *lv, const struct measure *m)
{
    struct arena *a = d->vr->l->arena;
    const size_t count = lv->combos.count;
    struct differs_leaf *in = arena_array(a, count + 1, sizeof *in), *left = arena_array(a, count + 1, sizeof *left);
    struct listing g = {.lv = lv, .m = m, .in = in, .left = left};
    const size_t first = d->count;
    enum err e = ERR_OK;

    if (in == NULL || left == NULL)
        return ERR_NOMEM;
    weigh(lv, m, in);
    memcpy(left, in, count * sizeof *left);
    g.all = sum_of(lv, in, NULL);
    for (int round = 0; e == ERR_OK && round < (m->is_share ? SHARE_ROUNDS : 1); round++) {
        const size_t before = g.rows;
        struct differs_element *list;
        size_t found;
        e = differs_rank(left, count, lv->dims, m->either_way ? DIFFERS_EITHER_WAY : DIFFERS_RISES, DIFFERS_ROWS_MAX, a, &list, &found);
        for (size_t i = 0; e == ERR_OK && i < found && g.rows < ROWS_PER_MEASURE; i++)
            e = add_row(d, &g, &list[i]);
        if (e != ERR_OK || g.rows == before)
            break;
        for (size_t i = 0; i < count; i++)
            if (differs_holds(&g.shown[before].e, left[i].dim))
                left[i].v = left[i].e;
    }
    if (e == ERR_OK)
        e = add_whole(d, &g);
    return e == ERR_OK ? tell_alike(d, &g, first) : e;
}

/* By which dims the leaves differ. */
static uint32_t told_dims(const struct leaves *lv)
{
    uint32_t told = 0;
    for (size_t i = 1; i < lv->combos.count; i++)
        for (int d = 0; d < DIM_COUNT; d++)
            told |= lv->list[i].dim[d] != lv->list[0].dim[d] ? DIM_BIT(d) : 0;
    return told & lv->dims;
}

static enum err failures(struct differs *d, struct pair q, uint32_t dims)
{
    struct leaves lv;
    enum err e = leaves_init(&lv, d, q, dims);
    if (e != ERR_OK)
        return e;
    add_outcomes(d, &lv, q.now, false);
    add_outcomes(d, &lv, q.past, true);
    d->told |= told_dims(&lv);
    return lv.combos.count > 0 ? add_rows(d, &lv, &(struct measure){"fail %", .is_share = true}) : ERR_OK;
}

static enum err slowness(struct differs *d, struct pair q, const char *name, const char *measure)
{
    struct leaves lv;
    struct hist_set base;
    char above[VTEXT_MAX];

    enum err e = vread_hist(d->vr, q.past, 0, DIM_COUNT, 0, &base);
    struct quantile p95 = e == ERR_OK ? hist_quantile(&base, 0.95) : (struct quantile){.n = 0};
    if (e != ERR_OK || p95.n == 0 || p95.thin || p95.above_last)
        return e;
    e = leaves_init(&lv, d, q, latency_dims);
    if (e != ERR_OK)
        return e;
    vtext_seconds(p95.hi, above);
    d->slow_text = arena_printf(d->vr->l->arena, "%s%sslow %s: above %s", d->slow_text, d->slow_text[0] != '\0' ? ", " : "", name, above);
    if (d->slow_text == NULL)
        return ERR_NOMEM;
    add_slow(d, &lv, q.now, false, p95.hi);
    add_slow(d, &lv, q.past, true, p95.hi);
    return add_rows(d, &lv, &(struct measure){measure, .is_share = true});
}

/* Amounts in events: requests are; money is counted in what a request cost on average in the baseline. */
static enum err amounts(struct differs *d, struct pair q, uint32_t dims, double unit, const struct measure *m)
{
    struct leaves lv;
    enum err e = leaves_init(&lv, d, q, dims);
    if (e != ERR_OK || lv.hours <= 0 || lv.past_hours <= 0 || !(unit > 0))
        return e;
    add_amounts(d, &lv, q.now, false, unit);
    add_amounts(d, &lv, q.past, true, unit);
    return add_rows(d, &lv, m);
}

/* Both sides of the gateway in one ranking; what both can tell stands once, and where one of them tells a part the whole is told. */
static void merge_sides(struct differs *d)
{
    size_t n = 0;
    bool any_part = false;

    for (size_t i = 0; i < d->count; i++)
        any_part = any_part || d->rows[i].what[0] != '\0';

    for (size_t i = 0; i < d->count; i++) {
        struct vdiffer row = d->rows[i];
        size_t at = n;
        bool twice = any_part && row.what[0] == '\0';
        for (size_t k = 0; k < n; k++)
            twice = twice || strcmp(d->rows[k].what, row.what) == 0;
        if (twice)
            continue;
        for (; at > 0 && row.score > d->rows[at - 1].score; at--)
            d->rows[at] = d->rows[at - 1];
        d->rows[at] = row;
        n++;
    }
    d->count = n;
}

static enum err find_all(struct differs *d, struct errctx *ctx)
{
    struct pair requests = ask_pair(d, SIG_REQUESTS, VSUSPECTS_REQUEST_DIMS | DIM_BIT(DIM_CLASS));
    struct pair attempts = ask_pair(d, SIG_ATTEMPTS, VSUSPECTS_ATTEMPT_DIMS | DIM_BIT(DIM_CLASS));
    struct pair ttft = ask_pair(d, SIG_TTFT, latency_dims), e2e = ask_pair(d, SIG_E2E, latency_dims);
    struct pair cost = ask_pair(d, SIG_COST, money_dims);

    enum err e = vread_run(d->vr, ctx);
    if (e != ERR_OK)
        return e;
    const size_t past[] = {requests.past, attempts.past, ttft.past, e2e.past, cost.past};
    for (size_t i = 0; i < sizeof past / sizeof *past; i++) {
        struct vsum s = vread_sum(d->vr, past[i], 0, DIM_COUNT, 0);
        d->base_recorded = d->base_recorded || s.known;
        d->base_covered_ms = s.covered_ms > d->base_covered_ms ? s.covered_ms : d->base_covered_ms;
    }
    if (!d->base_recorded)
        return ERR_OK;
    double base_requests = (double)vread_sum(d->vr, requests.past, 0, DIM_COUNT, 0).sum;
    double base_cost = (double)vread_sum(d->vr, cost.past, 0, DIM_COUNT, 0).sum;
    double mean_cost = base_requests > 0 ? base_cost / base_requests : 0;
    e = failures(d, requests, VSUSPECTS_REQUEST_DIMS);
    if (e == ERR_OK)
        e = failures(d, attempts, VSUSPECTS_ATTEMPT_DIMS);
    if (e == ERR_OK)
        merge_sides(d);
    if (e == ERR_OK)
        e = slowness(d, ttft, "ttft", "slow ttft %");
    if (e == ERR_OK)
        e = slowness(d, e2e, "e2e", "slow e2e %");
    if (e == ERR_OK)
        e = amounts(d, cost, money_dims, mean_cost,
                    &(struct measure){"$/h", .is_money = true, .scale = mean_cost / (double)unit_scale(UNIT_USD)});
    if (e == ERR_OK)
        e = amounts(d, requests, VSUSPECTS_REQUEST_DIMS, 1, &(struct measure){"req/s", .either_way = true, .scale = 1.0 / 3600});
    if (e == ERR_LIMIT)
        return errctx_set(ctx, e, "more than %d combinations of dimensions: a filter narrows them", DIFFERS_LEAVES_MAX);
    return e == ERR_OK ? e : errctx_set(ctx, e, "out of memory while looking for what differs");
}

/* Why nothing is known of the baseline. */
static const char *nothing_there(const struct view_loader *l, const struct view_differs *v)
{
    char date[TIMEFMT_MAX], clock[TIMEFMT_MAX];
    int64_t since = store_recorded_since_ms(l->st);

    if (since == 0 || since < v->ask.base1_ms)
        return arena_printf(l->arena, "nothing was measured in %s", v->ask.base_text);
    instant_format_day(since, date);
    instant_format_clock(since, clock);
    return arena_printf(l->arena, "nothing is recorded of %s: the recording begins %s %.5sZ", v->ask.base_text, date, clock);
}

/* "the same time yesterday (12m of it recorded)" where that is less than nine tenths. */
static const char *base_text(struct arena *a, const struct differs *d)
{
    char covered[TIMEFMT_MAX];
    if (d->base_covered_ms == 0 || d->base_covered_ms >= (d->ask->base1_ms - d->ask->base0_ms) / 10 * 9)
        return d->ask->base_text;
    duration_format(d->base_covered_ms, covered);
    return arena_printf(a, "%s (%s of it recorded)", d->ask->base_text, covered);
}

/* As its row has it: ">=41.3"; "none" of what was not there. NULL when the arena is full. */
static const char *number(struct arena *a, const struct vnum *n)
{
    char text[VTEXT_MAX];
    vtext_number(n->v, text);
    return isnan(n->v) ? "none" : arena_printf(a, "%s%s", exact_mark(n->exact), text);
}

/* nothing: that nothing recorded matches the filter, or "". */
static const char *sentence(struct arena *a, const struct view_differs *v, uint32_t told, const char *nothing)
{
    if (v->row_count == 0)
        return nothing[0] != '\0' ? nothing : arena_printf(a, "nothing is worse than in %s beyond chance", v->ask.base_text);
    const struct vdiffer *r = &v->rows[0];
    const char *share = isnan(r->share) ? ", " VIEW_DIFFERS_CANCEL : arena_printf(a, ", %.0f%% of the change", 100 * r->share);
    const char *now = number(a, &r->now), *then = number(a, &r->then);
    if (share == NULL || now == NULL || then == NULL)
        return NULL;
    if (r->what[0] == '\0') {
        const char *none = differs_none_text(a, told);
        return none != NULL ? arena_printf(a, "%s %s against %s in %s; %s", r->measure, now, then, v->ask.base_text, none) : NULL;
    }
    return arena_printf(a, "%s: %s %s against %s in %s%s%s%s", r->what, r->measure, now, then, v->ask.base_text, share,
                        r->alike[0] != '\0' ? "; alike: " : "", r->alike);
}

enum err view_load_differs(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                           struct view_differs *ret, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct vdiffer *rows = arena_array(l->arena, MEASURES * ROWS_PER_MEASURE, sizeof *rows);
    struct differs d = {.vr = vr, .ask = ask, .rows = rows, .slow_text = ""};

    if (vr == NULL || rows == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for what differs");
    if (ask->none != NULL) {
        *ret = (struct view_differs){.ask = *ask, .sentence = ask->none, .slow_text = ""};
        return ERR_OK;
    }
    enum err e = vread_init(vr, l, p, ctx);
    if (e == ERR_OK)
        e = find_all(&d, ctx);
    if (e != ERR_OK)
        return e;
    const char *nothing;
    e = vfilter_nothing(l, p, &nothing, ctx);
    if (e != ERR_OK)
        return e;
    struct view_differs v = {.ask = *ask, .base_recorded = d.base_recorded, .rows = d.rows, .row_count = d.count, .slow_text = d.slow_text};
    v.ask.base_text = base_text(l->arena, &d);
    v.sentence = v.ask.base_text == NULL                 ? NULL
                 : d.base_recorded || nothing[0] != '\0' ? sentence(l->arena, &v, d.told, nothing)
                                                         : nothing_there(l, &v);
    if (v.sentence == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for what differs");
    *ret = v;
    return ERR_OK;
}
