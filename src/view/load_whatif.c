/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <math.h>
#include <string.h>

#include "analysis/price_cost.h"
#include "analysis/whatif.h"
#include "base/timefmt.h"
#include "view/prices.h"
#include "view/vfilter.h"
#include "view/vtext.h"
#include "view/vwhy.h"

enum { LATENCIES = 2, QUANTILES = 2 };
enum { STEP_MS = 300000, STEPS_MAX = 96, STEP_N_MIN = 20 }; /* 20: a mean of fewer is chance */
static const enum signal latencies[LATENCIES] = {SIG_TTFT, SIG_E2E};
static const double quantiles[QUANTILES] = {0.5, 0.95}, multiplier_one = 1e8; /* price_multiplier's */
static const enum signal token_signals[VWHY_TOKENS] = {SIG_TOKENS_INPUT, SIG_TOKENS_CACHED, SIG_TOKENS_CACHE_WRITE, SIG_TOKENS_OUTPUT};

struct asks {
    struct vwhy_ask paid;
    size_t cost, requests, tokens[VWHY_TOKENS], latency[LATENCIES];
    size_t ttft_steps, request_steps, input_steps, cached_steps; /* of a cache */
    int64_t step_ms;
    uint32_t steps;
};

/* A model as it was observed, and where its prices are from. */
struct observed {
    uint32_t id; /* 0 = nothing was recorded of it */
    struct lmdi_side side;
    struct lmdi_side *parts; /* its deployments, where prices as paid are known: tokens, cost, prices */
    size_t part_count;
    const char *prices;
    bool has_cost; /* spend was recorded, or its tokens are priced in its place */
};

/* How ttft went with the cached share: in steps of the window. */
static void ask_steps(struct vread *vr, struct asks *ask)
{
    ask->step_ms = STEP_MS * ((vr->p->window_ms + (int64_t)STEP_MS * STEPS_MAX - 1) / ((int64_t)STEP_MS * STEPS_MAX));
    ask->steps = (uint32_t)(vr->p->window_ms / ask->step_ms);
    ask->steps = ask->steps > 0 ? ask->steps : 1;
    const int64_t t0 = instant_floor(vr->p->cursor_ms, ask->step_ms) - ask->steps * ask->step_ms;
    ask->ttft_steps = vread_add(vr, SIG_TTFT, DIM_BIT(DIM_MODEL), t0, ask->step_ms, ask->steps);
    ask->request_steps = vread_add(vr, SIG_REQUESTS, DIM_BIT(DIM_MODEL), t0, ask->step_ms, ask->steps);
    ask->input_steps = vread_add(vr, SIG_TOKENS_INPUT, DIM_BIT(DIM_MODEL), t0, ask->step_ms, ask->steps);
    ask->cached_steps = vread_add(vr, SIG_TOKENS_CACHED, DIM_BIT(DIM_MODEL), t0, ask->step_ms, ask->steps);
}

static void ask_all(struct vread *vr, struct asks *ask)
{
    const int64_t t1 = vr->p->cursor_ms, t0 = t1 - vr->p->window_ms;
    vwhy_ask_paid(vr, &ask->paid);
    ask->cost = vread_window(vr, SIG_COST, DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT), t0, t1);
    ask->requests = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_CLASS), t0, t1);
    for (int k = 0; k < VWHY_TOKENS; k++)
        ask->tokens[k] = vread_window(vr, token_signals[k], DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT), t0, t1);
    for (int i = 0; i < LATENCIES; i++)
        ask->latency[i] = vread_window(vr, latencies[i], DIM_BIT(DIM_MODEL), t0, t1);
}

static uint64_t tokens_of(const struct vread *vr, const struct asks *ask, int kind, uint32_t id)
{
    const int64_t sum = vread_sum(vr, ask->tokens[kind], 0, DIM_MODEL, id).sum;
    return sum > 0 ? (uint64_t)sum : 0;
}

/* The prices of the deployment on which most of the model's money was spent. */
static bool paid_prices(const struct vwhy *w, struct observed *m)
{
    const struct vserved *most = NULL;
    for (const struct vserved *s = w->served; s < w->served + w->served_count; s++)
        if (s->model == m->id && (s->price_pusd[LMDI_UNCACHED] > 0 || s->price_pusd[LMDI_ANSWER] > 0) &&
            (most == NULL || s->paid_nusd > most->paid_nusd))
            most = s;
    if (most != NULL)
        memcpy(m->side.price_pusd, most->price_pusd, sizeof m->side.price_pusd);
    return most != NULL;
}

/* The part of a model that a group is of, by deployments where cost and tokens are told apart by them. */
static struct lmdi_side *part_of(const struct vwhy *w, const struct store_group *g, struct observed *m, uint32_t *deployments)
{
    const uint32_t deployment = w->dims & DIM_BIT(DIM_DEPLOYMENT) ? g->dim[DIM_DEPLOYMENT] : 0;
    size_t i = 0;
    while (i < m->part_count && deployments[i] != deployment)
        i++;
    if (i == m->part_count) {
        deployments[m->part_count++] = deployment;
        m->parts[i] = (struct lmdi_side){.requests = 0};
        for (const struct vserved *s = w->served; s < w->served + w->served_count; s++)
            if (s->model == m->id && s->deployment == deployment)
                memcpy(m->parts[i].price_pusd, s->price_pusd, sizeof s->price_pusd);
    }
    return &m->parts[i];
}

static enum err build_parts(struct vread *vr, const struct asks *ask, const struct vwhy *w, struct observed *m)
{
    static const enum lmdi_kind kinds[VWHY_TOKENS] = {
        [VWHY_IN] = LMDI_UNCACHED, [VWHY_READ] = LMDI_CACHED, [VWHY_WRITTEN] = LMDI_WRITTEN, [VWHY_OUT] = LMDI_ANSWER};
    size_t room = vr->r[ask->cost].count;
    for (int k = 0; k < VWHY_TOKENS; k++)
        room += vr->r[ask->tokens[k]].count;
    m->parts = arena_array(vr->l->scratch, room + 1, sizeof *m->parts);
    uint32_t *deployments = arena_array(vr->l->scratch, room + 1, sizeof *deployments);
    if (m->parts == NULL || deployments == NULL)
        return ERR_NOMEM;
    for (int k = -1; k < VWHY_TOKENS; k++) {
        const struct store_result *r = &vr->r[k < 0 ? ask->cost : ask->tokens[k]];
        for (const struct store_group *g = r->groups; g < r->groups + r->count; g++) {
            if (g->dim[DIM_MODEL] != m->id || g->cells[0].n == 0 || g->cells[0].sum <= 0)
                continue;
            struct lmdi_side *part = part_of(w, g, m, deployments);
            if (k < 0)
                part->cost_nusd += g->cells[0].sum;
            else
                part->tokens[kinds[k]] += (uint64_t)g->cells[0].sum;
        }
    }
    for (size_t i = 0; i < m->part_count; i++) {
        uint64_t *t = m->parts[i].tokens, of_cache = t[LMDI_CACHED] + t[LMDI_WRITTEN];
        t[LMDI_UNCACHED] = t[LMDI_UNCACHED] > of_cache ? t[LMDI_UNCACHED] - of_cache : 0;
    }
    return ERR_OK;
}

/* Those of the list; false where it has none. Errors: ERR_NOMEM, those of reading a list. */
static enum err list_prices(const struct view_loader *l, const char *model, int64_t at_ms, struct observed *m, bool *ret_found,
                            struct errctx *ctx)
{
    static const enum price_term terms[LMDI_KINDS] = {
        [LMDI_UNCACHED] = PRICE_INPUT, [LMDI_CACHED] = PRICE_CACHED, [LMDI_WRITTEN] = PRICE_CACHE_WRITE, [LMDI_ANSWER] = PRICE_OUTPUT};
    const struct view_price_ask ask = {.model = model, .at_ms = at_ms};
    struct view_price v;
    unsigned notes = 0;
    const enum err e = view_load_price(l->cfg, &ask, l->arena, &v, ctx);

    *ret_found = e == ERR_OK;
    if (e != ERR_OK)
        return e == ERR_NOTFOUND ? ERR_OK : e;
    const uint64_t input = m->side.tokens[LMDI_UNCACHED] + m->side.tokens[LMDI_CACHED] + m->side.tokens[LMDI_WRITTEN];
    const int64_t prompt = m->side.requests > 0 ? (int64_t)(input / m->side.requests) : 0, by = price_multiplier(&v.price, NULL, &notes);
    for (int k = 0; k < LMDI_KINDS; k++) {
        int64_t pusd;
        if (price_unit(&v.price, terms[k], PRICE_STANDARD, prompt, &pusd, &notes))
            m->side.price_pusd[k] = llround((double)pusd * (double)by / multiplier_one);
    }
    return ERR_OK;
}

/* Where no gateway books spend: what the tokens cost at the prices that were found. */
static int64_t cost_at_prices(const struct lmdi_side *s)
{
    double pusd = 0;
    for (int k = 0; k < LMDI_KINDS; k++)
        pusd += (double)s->tokens[k] * (double)s->price_pusd[k];
    return llround(pusd / 1000);
}

static enum err observe(struct vread *vr, const struct asks *ask, const struct vwhy *w, const char *model, struct observed *ret,
                        struct errctx *ctx)
{
    struct observed m = {.prices = ""};
    bool listed = false;
    enum err e = ERR_OK;

    if (intern_find(store_strings(vr->l->st), str_of(model), &m.id)) {
        const struct voutcomes o = vread_outcomes(vr, ask->requests, 0, DIM_MODEL, m.id);
        const struct vsum cost = vread_sum(vr, ask->cost, 0, DIM_MODEL, m.id);
        const uint64_t in = tokens_of(vr, ask, VWHY_IN, m.id), read = tokens_of(vr, ask, VWHY_READ, m.id),
                       written = tokens_of(vr, ask, VWHY_WRITTEN, m.id);
        m.side = (struct lmdi_side){.requests = o.by_class[OUTCOME_OK], .cost_nusd = cost.sum > 0 ? cost.sum : 0};
        m.has_cost = cost.known;
        m.side.tokens[LMDI_UNCACHED] = in > read + written ? in - read - written : 0;
        m.side.tokens[LMDI_CACHED] = read;
        m.side.tokens[LMDI_WRITTEN] = written;
        m.side.tokens[LMDI_ANSWER] = tokens_of(vr, ask, VWHY_OUT, m.id);
    }
    if (m.id != 0 && paid_prices(w, &m)) {
        m.prices = "prices as paid in the last hour";
        e = build_parts(vr, ask, w, &m);
    } else {
        e = list_prices(vr->l, model, vr->p->cursor_ms, &m, &listed, ctx);
        m.prices = listed ? "prices of the list" : "";
    }
    if (e == ERR_OK && !m.has_cost && listed) {
        m.has_cost = true;
        m.side.cost_nusd = cost_at_prices(&m.side);
    }
    if (e == ERR_OK)
        *ret = m;
    return e;
}

static enum err build_latency(struct vread *vr, const struct asks *ask, const struct observed *from, const struct observed *to,
                              double share, struct view_whatif *v)
{
    struct vwhatif_latency *list = arena_array(vr->l->arena, LATENCIES * QUANTILES, sizeof *list);
    enum err e = list != NULL ? ERR_OK : ERR_NOMEM;
    for (int i = 0; e == ERR_OK && i < LATENCIES; i++) {
        struct hist_set is, other;
        e = vread_hist(vr, ask->latency[i], 0, DIM_MODEL, from->id, &is);
        if (e == ERR_OK)
            e = vread_hist(vr, ask->latency[i], 0, DIM_MODEL, to->id, &other);
        for (int k = 0; e == ERR_OK && hist_n(&is) > 0 && k < QUANTILES; k++) {
            struct vwhatif_latency *row = &list[v->latency_count];
            *row = (struct vwhatif_latency){
                .signal = signal_info(latencies[i])->name, .q = quantiles[k], .now = hist_quantile(&is, quantiles[k])};
            e = whatif_latency(&is, &other, share, quantiles[k], vr->l->arena, &row->after);
            v->latency_count += e == ERR_OK;
        }
    }
    v->latency = list;
    return e;
}

/* What counters tell of a cache's latency: ttft and the share of the cache side by side, step by step, and of no single request both. */
static enum err build_follow(struct vread *vr, const struct asks *ask, uint32_t model, double share, struct whatif_follow *ret)
{
    struct whatif_step steps[STEPS_MAX];
    size_t n = 0;
    for (uint32_t i = 0; i < ask->steps; i++) {
        const struct vsum in = vread_sum(vr, ask->input_steps, i, DIM_MODEL, model),
                          read = vread_sum(vr, ask->cached_steps, i, DIM_MODEL, model);
        const struct vsum requests = vread_sum(vr, ask->request_steps, i, DIM_MODEL, model);
        struct hist_set ttft;
        uint64_t of;
        const enum err e = vread_hist(vr, ask->ttft_steps, i, DIM_MODEL, model, &ttft);
        if (e != ERR_OK)
            return e;
        const double mean_s = hist_mean(&ttft, unit_scale(UNIT_SECONDS), &of);
        const struct vtrust t = vtrust_join(vtrust_join(in.trust, read.trust), vread_trust_at(vr, ask->ttft_steps, i));
        if (in.known && read.known && in.sum > 0 && requests.sum > 0 && !isnan(mean_s) && of >= STEP_N_MIN && !t.torn && !t.lost && !t.less)
            steps[n++] = (struct whatif_step){fmin(1, (double)read.sum / (double)in.sum), mean_s, (double)requests.sum,
                                              (double)in.sum / (double)requests.sum};
    }
    *ret = whatif_follow(steps, n, share);
    return ERR_OK;
}

static const char *follow_text(struct arena *a, const struct whatif_follow *f, int64_t step_ms, double share)
{
    static const char unknown[] = "latency: not known from counters";
    char lo[VTEXT_MAX], hi[VTEXT_MAX], asked[VTEXT_MAX], then[VTEXT_MAX], from[VTEXT_MAX], to[VTEXT_MAX], step[TIMEFMT_MAX];
    if (f->steps == 0)
        return arena_printf(a, "%s: ttft and cached tokens are not recorded together", unknown);
    vtext_percent(100 * f->share_lo, lo);
    vtext_percent(100 * f->share_hi, hi);
    vtext_percent(100 * share, asked);
    vtext_seconds(f->then_s, then);
    vtext_seconds(f->lo_s, from);
    vtext_seconds(f->hi_s, to);
    duration_format(step_ms, step);
    const char *seen = arena_printf(a, "n %zu x %s, %s to %s cached", f->steps, step, lo, hi);
    if (seen == NULL)
        return NULL;
    switch (f->is) {
    case WHATIF_FEW: return arena_printf(a, "%s: too little was observed (%s)", unknown, seen);
    case WHATIF_OUTSIDE: return arena_printf(a, "%s: %s was never cached (%s)", unknown, asked, seen);
    case WHATIF_MIXED:
        return arena_printf(a, "%s: the share went with load or prompt length, and which made it fast is not told (%s)", unknown, seen);
    case WHATIF_NOT: return arena_printf(a, "%s: ttft did not follow the share (%s)", unknown, seen);
    case WHATIF_RISES: return arena_printf(a, "%s: ttft rose with the share, so that something else moved both (%s)", unknown, seen);
    case WHATIF_FOLLOWS: break;
    }
    return arena_printf(
        a, "ttft mean then %s (%s to %s), as it was when %s was cached (%s): observed together, not caused; e2e: not known from counters",
        then, from, to, asked, seen);
}

static const char *signed_usd(struct arena *a, double usd_per_h)
{
    char text[VTEXT_MAX];
    vtext_usd_per_h(fabs(usd_per_h), text);
    return arena_printf(a, "%s%s", usd_per_h < 0 ? "-" : "+", text);
}

static const char *sentence(struct arena *a, const struct view_whatif_ask *ask, const struct view_whatif *v)
{
    char share[VTEXT_MAX], now[VTEXT_MAX], was[VTEXT_MAX];
    vtext_percent(100 * ask->share, share);
    vtext_usd_per_h(v->now_per_h, now);
    vtext_percent(100 * v->share_now, was);
    const char *what = ask->to != NULL       ? arena_printf(a, "%s of %s to %s", share, ask->from, ask->to)
                       : isnan(v->share_now) ? arena_printf(a, "%s of the prompts of %s cached", share, ask->from)
                                             : arena_printf(a, "%s of the prompts of %s cached, not %s", share, ask->from, was);
    if (what == NULL || isnan(v->delta_per_h))
        return what != NULL ? arena_printf(a, "%s: not known", what) : NULL;
    const char *delta = signed_usd(a, v->delta_per_h), *lo = signed_usd(a, v->lo), *hi = signed_usd(a, v->hi);
    return delta != NULL && lo != NULL && hi != NULL ? arena_printf(a, "%s: %s (%s to %s) of %s", what, delta, lo, hi, now) : NULL;
}

static const char *assumptions(const struct view_whatif_ask *ask, const struct view_whatif *v)
{
    if (isnan(v->delta_per_h))
        return "";
    if (ask->to == NULL)
        return "prompts and answers stay as they are; what is read from the cache is written never, or as often; each deployment has that "
               "share, "
               "or some have more of it than others";
    return "a moved request keeps the length of its prompt; its answer is as long as one model's or the other's; its cache share is "
           "between "
           "the larger of theirs and none";
}

static const char *unknown_to(const struct view_loader *l, const char *to)
{
    const char *hint = vfilter_hint(l, DIM_MODEL, to);
    return hint != NULL ? arena_printf(l->arena, "%s has neither traffic here nor a known price: %s", to, hint) : NULL;
}

static const char *note_of(const struct view_loader *l, const struct view_whatif_ask *ask, const struct asks *asked,
                           const struct whatif_follow *ttft, const struct view_whatif *v)
{
    if (ask->to == NULL) {
        const char *latency = follow_text(l->arena, ttft, asked->step_ms, ask->share);
        return latency == NULL || !isnan(v->delta_per_h) ? latency
                                                         : arena_printf(l->arena, "what its cached tokens cost is not known; %s", latency);
    }
    if (isnan(v->now_per_h))
        return arena_printf(l->arena, "no spend is recorded of %s, and it has no known price", ask->from);
    if (isnan(v->delta_per_h))
        return unknown_to(l, ask->to);
    return v->n_to == 0 ? "how fast the other answers is not known: it has no traffic here"
                        : "taken to answer as fast under the added load as now";
}

/* An unknown model, with the name that comes nearest. */
static enum err nothing_of(const struct view_loader *l, const char *model, struct errctx *ctx)
{
    struct store_filter f;
    memset(&f, 0, sizeof f);
    enum err e = vfilter_add(l, DIM_MODEL, model, &f);
    if (e == ERR_OK && vfilter_matches(l->st, SIG_COUNT, &f))
        return errctx_set(ctx, ERR_NOTFOUND, "no answered requests of the model %s are recorded in this time", model);
    const char *hint = e == ERR_OK ? vfilter_hint(l, DIM_MODEL, model) : NULL;
    return hint != NULL ? errctx_set(ctx, ERR_NOTFOUND, "no answered requests of the model %s are recorded in this time: %s", model, hint)
                        : errctx_set(ctx, ERR_NOMEM, "out of memory while reading what if");
}

enum err view_whatif_ask_make(const char *from, const char *to, const char *share, struct view_whatif_ask *ret, struct errctx *ctx)
{
    struct str s = str_of(share);
    double percent;
    if (to != NULL && strcmp(from, to) == 0)
        return errctx_set(ctx, ERR_USAGE, "whatif: both are the model %s", from);
    if (s.n > 0 && s.p[s.n - 1] == '%')
        s.n--;
    if (!str_to_f64(s, &percent) || !(percent >= (to != NULL ? 1e-6 : 0) && percent <= 100))
        return errctx_set(ctx, ERR_USAGE, "whatif: expected a percentage up to 100%%, like 30%%, got '%s'", share);
    *ret = (struct view_whatif_ask){.from = from, .to = to, .share = percent / 100};
    return ERR_OK;
}

static double usd(double nusd)
{
    return nusd / 1e9;
}

enum err view_load_whatif(const struct view_loader *l, const struct view_params *p, const struct view_whatif_ask *what,
                          struct view_whatif *ret, struct errctx *ctx)
{
    struct view_whatif v = {.share_now = (double)NAN, .basis = ""};
    struct asks ask;
    struct whatif_follow ttft = {.is = WHATIF_FEW};
    struct vwhy w;
    struct observed from, to = {.prices = ""};
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what if");
    memset(&ask, 0, sizeof ask);
    enum err e = vread_init(vr, l, p, ctx);
    if (e != ERR_OK)
        return e;
    ask_all(vr, &ask);
    if (what->to == NULL)
        ask_steps(vr, &ask);
    e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    if (vwhy_prices(vr, &ask.paid, &w) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what if");
    e = observe(vr, &ask, &w, what->from, &from, ctx);
    if (e == ERR_OK && what->to != NULL)
        e = observe(vr, &ask, &w, what->to, &to, ctx);
    if (e != ERR_OK)
        return e;
    if (from.side.requests == 0)
        return nothing_of(l, what->from, ctx);
    int64_t covered = vread_sum(vr, ask.cost, 0, DIM_COUNT, 0).covered_ms;
    covered = covered > 0 ? covered : vread_sum(vr, ask.requests, 0, DIM_COUNT, 0).covered_ms;
    v.window_ms = covered > 0 ? covered : p->window_ms;
    const bool is_whole = from.part_count == 0; /* its prices are the list's */
    struct whatif_cost c;
    if (what->to != NULL)
        c = whatif_move(&from.side, &to.side, what->share, v.window_ms);
    else if (whatif_cache(&from.side, is_whole ? &from.side : from.parts, is_whole ? 1 : from.part_count, what->share, v.window_ms,
                          l->scratch, &c) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what if");
    const struct observed *priced = what->to != NULL ? &to : &from;
    const double known = from.has_cost ? 0 : (double)NAN; /* the change of what is not known is not known */
    v.basis = !from.has_cost ? "" : c.basis == WHATIF_PRICES ? priced->prices : c.basis == WHATIF_OBSERVED ? "average cost of a token" : "";
    v.now_per_h = usd(c.now_per_h) + known;
    v.delta_per_h = usd(c.delta_per_h) + known;
    v.lo = usd(c.delta_lo) + known;
    v.hi = usd(c.delta_hi) + known;
    v.moved_per_h = c.moved_per_h;
    v.load_after = c.load_after;
    v.n_from = c.n_from;
    v.n_to = c.n_to;
    const uint64_t *t = from.side.tokens;
    const double input = (double)(t[LMDI_UNCACHED] + t[LMDI_CACHED] + t[LMDI_WRITTEN]);
    if (what->to == NULL && input > 0 && vread_sum(vr, ask.tokens[VWHY_READ], 0, DIM_MODEL, from.id).known)
        v.share_now = (double)t[LMDI_CACHED] / input;
    e = what->to != NULL ? build_latency(vr, &ask, &from, &to, what->share, &v) : build_follow(vr, &ask, from.id, what->share, &ttft);
    v.ttft_steps = ttft.steps;
    v.cached_lo = ttft.share_lo;
    v.cached_hi = ttft.share_hi;
    v.ttft_then_s = ttft.then_s;
    v.ttft_then_lo = ttft.lo_s;
    v.ttft_then_hi = ttft.hi_s;

    v.sentence = sentence(l->arena, what, &v);
    v.then_per_h = v.now_per_h + v.delta_per_h;
    v.assumes = assumptions(what, &v);
    v.note = note_of(l, what, &ask, &ttft, &v);
    if (e != ERR_OK || v.sentence == NULL || v.note == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what if");
    *ret = v;
    return ERR_OK;
}
