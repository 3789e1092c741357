/* SPDX-License-Identifier: MIT */
/* How this works: the window is cut into steps at whose borders every tariff and every date of a pool lies, so that a step has one price;
 * power and tokens are read by step, priced, and summed to rates. Nothing of it is stored: a revised tariff re-prices the past. */
#include "view/load.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vread.h"
#include "view/vslo.h"
#include "view/vtext.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define MINUTE_MS INT64_C(60000)
enum { MILLI = 1000, TOKEN_KINDS = 2 };
static const enum signal token_signals[TOKEN_KINDS] = {SIG_TOKENS_INPUT, SIG_TOKENS_OUTPUT};
static const double gap_most = 0.05, mega = 1e6, watts_per_kw = 1e3, seconds_per_h = 3600;

struct steps {
    int64_t t0_ms, step_ms;
    uint32_t count;
};

/* The queries of one item of a pool. */
struct asked {
    size_t tokens[TOKEN_KINDS], power, energy, price, carbon;
    bool is_measured; /* power and energy were asked for: their source is recorded */
};

/* A GPU by what counts its energy, or else by the power it reads. */
struct gpu {
    const struct store_group *energy, *power;
};

/* Over the steps in which the pool is there, whichever of its items holds. */
struct used {
    int64_t steps;
    money_wide gpu_nusd_per_h; /* summed over them */
    double full_tokens_per_s;  /* summed, too; NaN where it is not said of all */
    struct vsum tokens[TOKEN_KINDS];
    int64_t powered, energy_nusd; /* steps of which power is known, and its cost, that of the site included */
    double watts, grams_per_h;    /* sums over them */
    uint64_t gpus, fewest;        /* the most and the fewest that were measured in one of them */
    bool short_of;                /* in some of them fewer than the pool has */
    bool sampled;                 /* some of it was read now and then, not counted */
    bool unpriced, no_carbon;
    struct vtrust power_trust;
    const struct hosting *unmeasured; /* an item that held, whose source of power is not recorded */
    const struct hosting *last;       /* the item that held last */
};

struct hosting_load {
    const struct view_loader *l;
    const struct view_params *p;
    struct vread *vr;
    struct steps steps;
    double lowest, highest; /* of prices that were used, USD/kWh */
    bool price_measured;
    struct view_hosting v;
};

static enum err out_of_memory(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what is hosted");
}

static struct steps steps_of(const struct view_params *p)
{
    const int64_t step = p->window_ms <= 2 * HOUR_MS ? MINUTE_MS
                         : p->window_ms <= DAY_MS    ? 5 * MINUTE_MS
                                                     : HOUR_MS,
                  count = p->window_ms / step > 0 ? p->window_ms / step : 1;
    return (struct steps){p->cursor_ms / step * step - count * step, step, (uint32_t)count};
}

/* ---- asking ---- */

static uint32_t source_named(const struct vread *vr, const char *name)
{
    for (size_t i = 0; i < vr->source_count; i++)
        if (strcmp(vr->sources[i].name, name) == 0)
            return vr->sources[i].id;
    return 0;
}

static size_t add_unfiltered(struct hosting_load *h, enum signal s, uint32_t group_by)
{
    const size_t q = vread_add(h->vr, s, group_by, h->steps.t0_ms, h->steps.step_ms, h->steps.count);
    vread_unfilter(h->vr);
    return q;
}

/* What its own source says, whoever has the word for power elsewhere. */
static enum err add_measured(struct hosting_load *h, const struct hosting *pool, enum signal s, size_t *ret)
{
    *ret = add_unfiltered(h, s, DIM_BIT(DIM_NAME));
    if (pool->power == NULL)
        return ERR_OK;
    uint32_t *id = arena_array(h->l->arena, 1, sizeof *id);
    if (id == NULL)
        return ERR_NOMEM;
    *id = source_named(h->vr, pool->power);
    h->vr->q[*ret].filter.sources = id;
    h->vr->q[*ret].filter.source_count = 1;
    return ERR_OK;
}

static enum err ask(struct hosting_load *h, const struct hosting *pool, struct asked *a, struct errctx *ctx)
{
    enum err e = vread_init(h->vr, h->l, h->p, ctx);
    if (e != ERR_OK)
        return e;
    for (int i = 0; e == ERR_OK && i < TOKEN_KINDS; i++) {
        a->tokens[i] = add_unfiltered(h, token_signals[i], 0);
        e = vslo_narrow_to(h->vr, pool->scope, pool->scope_count, VSLO_WHOLE);
    }
    a->is_measured = pool->power == NULL || source_named(h->vr, pool->power) != 0;
    if (e == ERR_OK && a->is_measured)
        e = add_measured(h, pool, SIG_POWER, &a->power);
    if (e == ERR_OK && a->is_measured)
        e = add_measured(h, pool, SIG_ENERGY, &a->energy);
    if (e != ERR_OK)
        return out_of_memory(ctx);
    a->price = add_unfiltered(h, SIG_ENERGY_PRICE, 0);
    a->carbon = add_unfiltered(h, SIG_CARBON_INTENSITY, 0);
    return vread_run(h->vr, ctx);
}

/* ---- one step ---- */

/* The mean of a gauge over a step's polls, NaN where it was not read. */
static double mean_of(const struct store_group *g, uint32_t step)
{
    const struct store_cell *c = g != NULL ? &g->cells[step] : NULL;
    return c != NULL && c->polls > 0 ? c->total / c->polls : (double)NAN;
}

static double measured(const struct vread *vr, size_t q, uint32_t step)
{
    return vr->r[q].count > 0 ? mean_of(&vr->r[q].groups[0], step) : (double)NAN;
}

static double gpu_watts(const struct gpu *g, uint32_t step, bool *sampled)
{
    const struct store_cell *c = g->energy != NULL ? &g->energy->cells[step] : NULL;
    if (c != NULL && c->n > 0 && c->covered_ms > 0)
        return (double)c->sum / (double)unit_scale(UNIT_JOULES) / ((double)c->covered_ms / MILLI);
    const double w = mean_of(g->power, step);
    *sampled = *sampled || !isnan(w);
    return w;
}

static uint64_t devices(const struct gpu *g)
{
    const struct store_group *of = g->energy != NULL ? g->energy : g->power;
    return of->dim[DIM_NAME] != 0 ? 1 : of->series;
}

/* Nano-USD per kWh: what a source measures before what the configuration says; false when it is not known. */
static bool price_at(struct hosting_load *h, const struct asked *a, uint32_t step, int64_t *ret)
{
    const double read = measured(h->vr, a->price, step) * (double)NUSD_PER_USD;
    const bool is_read = fabs(read) <= (double)KWH_MAX_NUSD; /* and not NaN */
    const struct tariff *t = tariff_at(h->l->cfg->tariffs, h->l->cfg->tariff_count, h->steps.t0_ms + step * h->steps.step_ms);
    if (!is_read && t == NULL)
        return false;
    *ret = is_read ? llround(read) : t->kwh_nusd;
    h->price_measured = h->price_measured || is_read;
    h->lowest = fmin(h->lowest, (double)*ret / (double)NUSD_PER_USD);
    h->highest = fmax(h->highest, (double)*ret / (double)NUSD_PER_USD);
    return true;
}

static void use_power(struct hosting_load *h, const struct asked *a, const struct hosting *pool, const struct gpu *gpus, size_t gpu_count,
                      uint32_t step, struct used *u)
{
    const double pue = h->l->cfg->pue, carbon = h->l->cfg->carbon_g_per_kwh, read = measured(h->vr, a->carbon, step);
    double watts = NAN;
    uint64_t seen = 0;

    for (size_t i = 0; i < gpu_count; i++) {
        const double w = gpu_watts(&gpus[i], step, &u->sampled);
        watts = merge_gauge(MERGE_SUM, watts, w);
        seen += isnan(w) ? 0 : devices(&gpus[i]);
    }
    if (isnan(watts))
        return;
    int64_t nusd = 0;
    const bool priced = price_at(h, a, step, &nusd);
    const double grams = !isnan(read) ? read : carbon > 0 ? carbon : (double)NAN;
    u->gpus = seen > u->gpus ? seen : u->gpus;
    u->fewest = u->powered == 0 || seen < u->fewest ? seen : u->fewest;
    u->short_of = u->short_of || seen < pool->gpus;
    u->powered++;
    u->watts += watts;
    u->unpriced = u->unpriced || !priced;
    u->no_carbon = u->no_carbon || isnan(grams);
    u->grams_per_h += watts / watts_per_kw * pue * grams;
    u->energy_nusd += energy_cost(llround(watts * (double)h->steps.step_ms * MILLI), llround(pue * MILLI), nusd);
}

static void add_sum(struct vsum *sum, struct vsum s)
{
    sum->sum += s.sum;
    sum->covered_ms += s.covered_ms;
    sum->n += s.n;
    sum->known = sum->known || s.known;
    sum->covered_about = sum->covered_about || s.covered_about;
    sum->trust = s.trust;
}

/* The item that holds in a step. */
static const struct hosting *item_at(const struct hosting_load *h, const char *name, uint32_t step)
{
    return hosting_at(h->l->cfg->hosting, h->l->cfg->hosting_count, name, h->steps.t0_ms + step * h->steps.step_ms);
}

static void use_step(struct hosting_load *h, const struct asked *a, const struct hosting *pool, const struct gpu *gpus, size_t gpu_count,
                     uint32_t step, struct used *u)
{
    u->steps++;
    u->last = pool;
    u->gpu_nusd_per_h += pool->gpus * pool->gpu_hour_nusd;
    u->full_tokens_per_s += pool->full_tokens_per_s > 0 ? pool->full_tokens_per_s : (double)NAN;
    for (int i = 0; i < TOKEN_KINDS; i++)
        add_sum(&u->tokens[i], vread_sum(h->vr, a->tokens[i], step, DIM_COUNT, 0));
    use_power(h, a, pool, gpus, gpu_count, step, u);
}

/* ---- a row ---- */

static enum err list_gpus(const struct hosting_load *h, const struct asked *a, struct gpu **ret, size_t *ret_count)
{
    const struct store_result *energy = &h->vr->r[a->energy], *power = &h->vr->r[a->power];
    size_t n = 0;
    struct gpu *list = a->is_measured ? arena_array(h->l->arena, energy->count + power->count + 1, sizeof *list) : NULL;

    *ret_count = 0;
    if (!a->is_measured)
        return ERR_OK;
    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < energy->count; i++)
        list[n++] = (struct gpu){&energy->groups[i], vread_group(power, DIM_NAME, energy->groups[i].dim[DIM_NAME])};
    for (size_t i = 0; i < power->count; i++)
        if (vread_group(energy, DIM_NAME, power->groups[i].dim[DIM_NAME]) == NULL)
            list[n++] = (struct gpu){NULL, &power->groups[i]};
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}

static struct vnum per_mtok(struct vnum per_h, struct vnum tokens_per_s)
{
    const double mtok_per_h = tokens_per_s.v * seconds_per_h / mega;
    return (struct vnum){.v = mtok_per_h > 0 ? per_h.v / mtok_per_h : (double)NAN,
                         .exact = exact_over(per_h.exact, tokens_per_s.exact),
                         .n = tokens_per_s.n,
                         .stale = per_h.stale || tokens_per_s.stale};
}

static struct vnum add(struct vnum a, struct vnum b)
{
    return (struct vnum){.v = a.v + b.v,
                         .exact = a.exact == EXACT                         ? b.exact
                                  : b.exact == EXACT || b.exact == a.exact ? a.exact
                                                                           : ABOUT,
                         .stale = a.stale || b.stale};
}

/* What is known of the power: of all GPUs, or at least that of those that are measured. */
static struct vnum of_power(const struct used *u, double v)
{
    struct vnum n = {.v = u->powered > 0 ? v / (double)u->powered : (double)NAN, .n = u->gpus};
    n.exact = u->short_of ? AT_LEAST : u->sampled ? ABOUT : EXACT;
    return vnum_marked(n, VNUM_SUM, u->power_trust);
}

static const char *why_power(struct arena *a, const struct used *u)
{
    const char *source = u->last->power;
    if (u->unmeasured != NULL)
        return arena_printf(a, "power: no source %s is recorded", u->unmeasured->power);
    if (u->powered == 0)
        return source != NULL ? arena_printf(a, "power: %s measures none", source) : "power: no source measures it";
    if (u->unpriced)
        return "electricity has no price for some hours: energy.tariff";
    return u->short_of ? arena_printf(a, "power of %s%llu of %u GPUs is measured", u->fewest < u->gpus ? "at times " : "",
                                      (unsigned long long)u->fewest, u->last->gpus)
                       : "";
}

static const char *why_tokens(const struct hosting_load *h, const struct used *u, const struct vnum *tokens_per_s)
{
    char covered[TIMEFMT_MAX];
    if (isnan(tokens_per_s->v))
        return "tokens: none recorded in its scope";
    if (tokens_per_s->v <= 0)
        return "tokens: none served";
    if ((double)u->tokens[0].covered_ms >= (1 - gap_most) * (double)(u->steps * h->steps.step_ms))
        return "";
    duration_format(u->tokens[0].covered_ms, covered);
    return arena_printf(h->l->arena, "tokens: recorded for %s of it", covered);
}

static const char *why_of(const struct hosting_load *h, const struct used *u, const struct vhosting *r)
{
    if (u->steps == 0)
        return "not there yet";
    const char *power = why_power(h->l->arena, u), *tokens = why_tokens(h, u, &r->tokens_per_s);
    return power != NULL && tokens != NULL
               ? arena_printf(h->l->arena, "%s%s%s", power, power[0] != '\0' && tokens[0] != '\0' ? "; " : "", tokens)
               : NULL;
}

/* A number of a sentence and what it is of, "" where it is not known: ", ~0.14 kWh". */
static const char *said(struct arena *a, const struct vnum *n, const char *before, bool is_money, const char *after)
{
    char number[VTEXT_MAX];
    if (is_money)
        vtext_usd(n->v, number);
    else
        vtext_number(n->v, number);
    return isnan(n->v) ? "" : arena_printf(a, "%s%s%s%s", before, exact_mark(n->exact), number, after);
}

static const char *text_of(struct arena *a, const struct vhosting *r)
{
    struct vnum full_percent = r->utilisation;
    full_percent.v *= 100;
    const char *gpus = said(a, &r->gpu_usd_per_h, " ", true, "/h"), *energy = said(a, &r->energy_usd_per_h, " + energy ", true, "/h"),
               *mtok = said(a, &r->usd_per_mtok, " = ", true, " a million tokens"), *kwh = said(a, &r->kwh_per_mtok, ", ", false, " kWh"),
               *grams = said(a, &r->g_per_mtok, ", ", false, " g CO2"), *full = said(a, &full_percent, "; ", false, "% of full");

    if (gpus == NULL || energy == NULL || mtok == NULL || kwh == NULL || grams == NULL || full == NULL)
        return NULL;
    return arena_printf(a, "%s: %u GPU%s%s%s%s%s%s%s", r->name, r->gpus, r->gpus == 1 ? "" : "s", gpus,
                        energy[0] != '\0' ? energy : ", energy not known", mtok, kwh, grams, full);
}

/* Adds the steps in which an item holds. */
static enum err use_item(struct hosting_load *h, const struct hosting *item, struct used *u, struct errctx *ctx)
{
    struct asked a = {.is_measured = false};
    struct gpu *gpus = NULL;
    size_t gpu_count;
    uint32_t first = 0;

    while (first < h->steps.count && item_at(h, item->name, first) != item)
        first++;
    if (first == h->steps.count)
        return ERR_OK;
    enum err e = ask(h, item, &a, ctx);
    if (e != ERR_OK)
        return e;
    if (list_gpus(h, &a, &gpus, &gpu_count) != ERR_OK)
        return out_of_memory(ctx);
    for (uint32_t step = first; step < h->steps.count; step++)
        if (item_at(h, item->name, step) == item)
            use_step(h, &a, item, gpus, gpu_count, step, u);
    if (a.is_measured)
        u->power_trust = vtrust_join(u->power_trust, vtrust_join(vread_trust(h->vr, a.power), vread_trust(h->vr, a.energy)));
    else
        u->unmeasured = item;
    return ERR_OK;
}

static struct vnum unknown_as_less(struct vnum whole, struct vnum part)
{
    return isnan(part.v) ? vnum_marked(whole, VNUM_SUM, (struct vtrust){.less = true}) : add(whole, part);
}

static void put_rates(const struct hosting_load *h, const struct used *u, struct vhosting *r)
{
    const double step_h = (double)h->steps.step_ms / (double)HOUR_MS, steps = (double)u->steps;
    r->gpu_usd_per_h = (struct vnum){.v = u->steps > 0 ? (double)(u->gpu_nusd_per_h / u->steps) / (double)NUSD_PER_USD : (double)NAN};
    r->tokens_per_s = add(vnum_rate(u->tokens[0], 1), vnum_rate(u->tokens[1], 1));
    r->tokens_per_s.n = u->tokens[0].n + u->tokens[1].n;
    r->power_w = of_power(u, u->watts);
    r->energy_usd_per_h = of_power(u, u->unpriced ? (double)NAN : (double)u->energy_nusd / (double)NUSD_PER_USD / step_h);
    r->g_per_h = of_power(u, u->no_carbon ? (double)NAN : u->grams_per_h);
    r->usd_per_h = unknown_as_less(r->gpu_usd_per_h, r->energy_usd_per_h);
    struct vnum kw = r->power_w;
    kw.v *= h->l->cfg->pue / watts_per_kw;
    r->usd_per_mtok = per_mtok(r->usd_per_h, r->tokens_per_s);
    r->kwh_per_mtok = per_mtok(kw, r->tokens_per_s);
    r->g_per_mtok = per_mtok(r->g_per_h, r->tokens_per_s);
    r->utilisation = r->tokens_per_s;
    r->utilisation.v /= u->full_tokens_per_s / steps;
    r->full_usd_per_mtok = per_mtok(r->usd_per_h, (struct vnum){.v = u->full_tokens_per_s / steps});
}

/* Of all items of a pool's name. */
static enum err build_row(struct hosting_load *h, const char *name, struct vhosting *r, struct errctx *ctx)
{
    const struct config *cfg = h->l->cfg;
    struct used u = {.steps = 0};
    enum err e = ERR_OK;

    for (uint32_t i = 0; e == ERR_OK && i < cfg->hosting_count; i++)
        if (strcmp(cfg->hosting[i].name, name) == 0)
            e = use_item(h, &cfg->hosting[i], &u, ctx);
    if (e != ERR_OK)
        return e;
    const struct hosting *pool = item_at(h, name, h->steps.count - 1);
    struct slo scope = {.scope_count = pool != NULL ? pool->scope_count : 0};
    if (pool != NULL)
        memcpy(scope.scope, pool->scope, sizeof scope.scope);
    *r = (struct vhosting){.name = name, .scope_text = vslo_scope(h->l->arena, &scope, " "), .gpus = pool != NULL ? pool->gpus : 0};
    put_rates(h, &u, r);
    r->why = why_of(h, &u, r);
    r->text = text_of(h->l->arena, r);
    return r->why != NULL && r->text != NULL && r->scope_text != NULL ? ERR_OK : out_of_memory(ctx);
}

/* ---- the view ---- */

/* Whether the pool's name stands in an earlier item. */
static bool is_again(const struct config *cfg, uint32_t item)
{
    for (uint32_t i = 0; i < item; i++)
        if (strcmp(cfg->hosting[i].name, cfg->hosting[item].name) == 0)
            return true;
    return false;
}

static const char *tariff_text(const struct hosting_load *h)
{
    const char *from = h->price_measured ? ", measured" : "";
    if (isinf(h->lowest))
        return "";
    return h->lowest < h->highest ? arena_printf(h->l->arena, "%.4g to %.4g USD/kWh%s", h->lowest, h->highest, from)
                                  : arena_printf(h->l->arena, "%.4g USD/kWh%s", h->lowest, from);
}

enum err view_load_hosting(const struct view_loader *l, const struct view_params *p, struct view_hosting *ret, struct errctx *ctx)
{
    const struct config *cfg = l->cfg;
    struct hosting_load h = {.l = l, .p = p, .steps = steps_of(p), .lowest = INFINITY, .highest = -INFINITY, .v = {.pue = cfg->pue}};
    struct vhosting *rows = arena_array(l->arena, cfg->hosting_count + 1, sizeof *rows);

    h.vr = arena_alloc(l->arena, sizeof *h.vr);
    if (rows == NULL || h.vr == NULL)
        return out_of_memory(ctx);
    for (uint32_t i = 0; i < cfg->hosting_count; i++) {
        if (is_again(cfg, i))
            continue;
        const enum err e = build_row(&h, cfg->hosting[i].name, &rows[h.v.count], ctx);
        if (e != ERR_OK)
            return e;
        h.v.count++;
    }
    h.v.rows = rows;
    h.v.window_ms = h.steps.count * h.steps.step_ms;
    h.v.tariff_text = tariff_text(&h);
    if (h.v.tariff_text == NULL)
        return out_of_memory(ctx);
    *ret = h.v;
    return ERR_OK;
}
