/* SPDX-License-Identifier: MIT */
#include "view/vslo.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vtext.h"

enum signal vslo_signal(const struct slo *s)
{
    return s->kind == SLO_AVAILABILITY ? SIG_REQUESTS : s->signal;
}

static uint32_t told_by(const struct slo *s)
{
    return s->kind == SLO_AVAILABILITY ? DIM_BIT(DIM_CLASS) : 0;
}

size_t vslo_query(struct vread *vr, const struct slo *s, int64_t t0_ms, int64_t t1_ms)
{
    return vread_window(vr, vslo_signal(s), told_by(s), t0_ms, t1_ms);
}

size_t vslo_query_axis(struct vread *vr, const struct slo *s, const struct view_axis *axis)
{
    return vread_axis(vr, vslo_signal(s), told_by(s), axis);
}

enum err vslo_count_column(const struct vread *vr, size_t q, uint32_t column, const struct slo *s, struct slo_count *ret)
{
    if (s->kind == SLO_AVAILABILITY) {
        struct voutcomes o = vread_outcomes(vr, q, column, DIM_COUNT, 0);
        *ret = (struct slo_count){.total = o.counted, .bad_lo = o.bad, .bad_hi = o.bad, .observed_ms = o.covered_ms};
        return ERR_OK;
    }
    struct hist_set set;
    enum err e = vread_hist(vr, q, column, DIM_COUNT, 0, &set);
    if (e != ERR_OK)
        return e;
    *ret = (struct slo_count){.total = hist_n(&set), .observed_ms = vread_sum(vr, q, column, DIM_COUNT, 0).covered_ms};
    hist_above(&set, s->threshold, &ret->bad_lo, &ret->bad_hi);
    return ERR_OK;
}

enum err vslo_count(const struct vread *vr, size_t q, const struct slo *s, struct slo_count *ret)
{
    return vslo_count_column(vr, q, 0, s, ret);
}

/* Less than nine tenths of it were observed; of five minutes, which few polls fill, less than half. */
static bool is_young(const struct slo_count *c, enum slo_window w)
{
    return c->observed_ms < (w == SLO_5M ? slo_window_ms(w) / 2 : slo_window_ms(w) / 10 * 9);
}

/* Over a window of which it is not certain how much was observed, a burn is about. */
static struct vnum burn_of(const struct slo_count *c, double objective, bool observed_about, struct vtrust t)
{
    struct vnum n = {.v = slo_burn(c, objective), .n = c->total, .exact = c->bad_hi > c->bad_lo ? AT_LEAST : EXACT};
    if (observed_about)
        n.exact = ABOUT;
    return vnum_marked(n, VNUM_OTHER, t);
}

static void budget(struct vslo *v, const struct slo_count *period, const struct slo_count *recent, int64_t cursor_ms, bool observed_about,
                   struct vtrust t)
{
    struct slo_budget b = slo_budget(period, recent, v->objective, v->period_ms);
    const bool about = b.partial || observed_about, band = period->bad_hi > period->bad_lo;
    /* A band goes before an estimate: that it may be less is the larger of the two errors. */
    const enum exactness left = band ? AT_MOST : about ? ABOUT : EXACT, gone = recent->bad_hi > recent->bad_lo ? AT_MOST : left;
    v->budget_left = vnum_marked((struct vnum){.v = b.left_ratio, .n = period->total, .exact = left}, VNUM_OTHER, t);
    v->gone_exact = vnum_marked((struct vnum){.exact = gone}, VNUM_OTHER, t).exact;
    const bool known = !isnan(b.left_ratio) && recent->observed_ms > 0 && !t.torn;
    v->end = known && b.gone_in_ms == 0                       ? VSLO_SPENT
             : known && b.gone_in_ms > 0                      ? VSLO_ENDS
             : known && b.gone_in_ms < 0 && b.early_in_ms < 0 ? VSLO_LASTS
                                                              : VSLO_END_UNKNOWN; /* a band of which one end lasts and one does not */
    v->gone_ms = v->end == VSLO_ENDS ? cursor_ms + b.gone_in_ms : 0;
    v->gone_early_ms = known && b.early_in_ms >= 0 ? cursor_ms + b.early_in_ms : 0;
}

static const char *gone_text(struct arena *a, const struct vslo *v, int64_t now_ms)
{
    const int64_t day_ms = 86400000, at_ms = v->end == VSLO_ENDS ? v->gone_ms : v->gone_early_ms;
    char day[TIMEFMT_MAX], clock[TIMEFMT_MAX];

    instant_format_day(at_ms, day);
    instant_format_clock(at_ms, clock);
    const bool today = instant_floor(at_ms, day_ms) == instant_floor(now_ms, day_ms);
    const char *date = today ? "" : day + 4 /* "Tue 24 Nov" without its weekday */, *gap = today ? "" : " ";
    if (v->end == VSLO_ENDS) /* minutes are exact enough for an extrapolation */
        return arena_printf(a, "gone %s%s%s%.5sZ", exact_mark(v->gone_exact), date, gap, clock);
    if (v->end != VSLO_END_UNKNOWN || isnan(v->budget_left.v))
        return "";
    return at_ms > now_ms ? arena_printf(a, "end not known (%s%s%.5sZ or later)", date, gap, clock) : "end not known";
}

const char *view_burn_text(const struct vnum *burn, char out[VIEW_BURN_MAX])
{
    if (isnan(burn->v))
        return "n/a";
    char times[EXACT_TEXT_MAX];
    (void)str_format(out, VIEW_BURN_MAX, "%s%s", exact_mark(burn->exact), exact_times(burn->v, times));
    return out;
}

static const char *burn_in(struct arena *a, const struct vnum *burn, const char *window, bool young)
{
    char text[VIEW_BURN_MAX];
    return arena_printf(a, "%s/%s%s", view_burn_text(burn, text), window, young && !isnan(burn->v) ? " (young)" : "");
}

/* Rounded towards less: a budget of which something is spent is never called whole, and one that is not gone never 0%. */
static const char *left_text(struct arena *a, const struct vnum *left)
{
    const char *mark = exact_mark(left->exact);
    double percent = 100 * left->v;

    if (isnan(left->v))
        return "? left";
    if (left->v <= 0)
        return arena_printf(a, "%sbudget gone (%.1fx)", mark, 1 - left->v);
    return percent < 1 ? arena_printf(a, "%s<1%% left", mark) : arena_printf(a, "%s%.0f%% left", mark, floor(percent));
}

static const char *sentence(struct arena *a, const struct vslo *v)
{
    const char *five = burn_in(a, &v->burn_5m, "5m", v->young_5m), *hour = burn_in(a, &v->burn_1h, "1h", v->young_1h), *gone = "";

    if (v->gone_text[0] != '\0')
        gone = arena_printf(a, ", %s%s", v->gone_text, v->end == VSLO_ENDS ? " at the 5m rate" : "");
    if (five == NULL || hour == NULL || gone == NULL)
        return NULL;
    const char *reach = v->reach_text[0] != '\0' ? arena_printf(a, " (%s)", v->reach_text) : "";
    const char *spent = v->spent_by[0] != '\0' ? "; mostly spent by " : "";
    return reach != NULL ? arena_printf(a, "%s%s %s  %s%s%s%s%s", v->burn_5m.stale ? "stale: " : "", five, hour, v->left_text, gone, spent,
                                        v->spent_by, reach)
                         : NULL;
}

/* Whose failures spent a budget is told by one of these. */
static const enum dim spenders[] = {DIM_PROVIDER, DIM_MODEL, DIM_TEAM};
enum { SPENDERS = sizeof spenders / sizeof *spenders };

/* What is asked of an objective: the rules' windows and the period, and the period by spender. Long windows begin at the edge of a rollup's
 * bucket: what was sampled long ago may be gone. */
enum { W_PERIOD = SLO_WINDOW_COUNT, WINDOWS, SLOS_AT_ONCE = VREAD_MAX / (WINDOWS + SPENDERS) };
struct slo_ask {
    size_t window[WINDOWS], spender[SPENDERS];
};
static const int64_t moment_ms = 20000, five_min = 300000, hour = 3600000;

static int64_t period_start(const struct slo *s, int64_t until_ms)
{
    return instant_floor(until_ms - s->period_ms, hour);
}

static int64_t window_start(enum slo_window w, int64_t until_ms)
{
    int64_t from = until_ms - slo_window_ms(w);
    return w >= SLO_1D ? instant_floor(from, five_min) : from;
}

static enum err ask_windows(struct vread *vr, const struct slo *s, bool with_period, struct slo_ask *ask)
{
    int64_t until = vr->until_ms[vslo_signal(s)];
    enum err e = ERR_OK;

    for (size_t w = 0; e == ERR_OK && w < (with_period ? WINDOWS : SLO_WINDOW_COUNT); w++) {
        ask->window[w] = vslo_query(vr, s, w == W_PERIOD ? period_start(s, until) : window_start((enum slo_window)w, until), until);
        e = vslo_narrow(vr, s);
    }
    return e;
}

static enum err ask_spenders(struct vread *vr, const struct slo *s, struct slo_ask *ask)
{
    int64_t until = vr->until_ms[vslo_signal(s)];
    enum err e = ERR_OK;

    for (size_t d = 0; e == ERR_OK && d < SPENDERS; d++) {
        uint32_t by = DIM_BIT(spenders[d]) | told_by(s);
        ask->spender[d] = vread_window(vr, vslo_signal(s), by, period_start(s, until), until);
        e = vslo_narrow(vr, s);
    }
    return e;
}

static enum err count_windows(const struct vread *vr, const struct slo *s, const size_t *q, size_t count, struct slo_count *ret)
{
    enum err e = ERR_OK;

    for (size_t w = 0; e == ERR_OK && w < count; w++)
        e = vslo_count(vr, q[w], s, &ret[w]);
    return e;
}

static const char *reach_text(struct vread *vr, const struct slo *s, enum vslo_reach reach)
{
    const char *unsplit = reach == VSLO_UNSPLIT ? vread_unsplit_text(vr, vslo_signal(s)) : "";

    if (unsplit == NULL || reach == VSLO_WHOLE)
        return unsplit;
    return reach == VSLO_NARROWED ? arena_printf(vr->l->arena, "within %s", vr->p->filter)
                                  : arena_printf(vr->l->arena, "whole: %s", unsplit);
}

static enum err fill(struct vread *vr, const struct vslo_rules *r, size_t at, const struct slo_ask *ask, struct vslo *ret)
{
    const struct slo *s = &r->slos[at];
    int64_t until = vr->until_ms[vslo_signal(s)];
    const struct vtrust t = vread_trust(vr, ask->window[SLO_5M]);
    struct slo_count c[WINDOWS];
    bool about[WINDOWS]; /* it is not certain how much of the window was observed */
    enum err e = count_windows(vr, s, ask->window, WINDOWS, c);

    if (e != ERR_OK)
        return e;
    for (size_t w = 0; w < WINDOWS; w++)
        about[w] = vr->r[ask->window[w]].cover[0].about;
    *ret = (struct vslo){
        .reach = r->reach[at],
        .reach_text = reach_text(vr, s, r->reach[at]),
        .name = s->name,
        .scope_text = vslo_scope(vr->l->arena, s, " "),
        .objective = s->objective,
        .period_ms = s->period_ms,
        .total = c[W_PERIOD].total,
        .bad = c[W_PERIOD].bad_lo,
        .bad_hi = c[W_PERIOD].bad_hi,
        .counted = vnum_of(0, 0, VNUM_SUM, vread_trust(vr, ask->window[W_PERIOD])).exact,
        .kind = s->kind,
        .signal = s->signal,
        .threshold = s->threshold,
        .severity = vslo_severity(r, s),
    };
    const struct {
        enum slo_window window;
        struct vnum *burn;
        bool *young;
    } windows[] = {
        {SLO_5M, &ret->burn_5m, &ret->young_5m}, {SLO_1H, &ret->burn_1h, &ret->young_1h}, {SLO_6H, &ret->burn_6h, &ret->young_6h},
        {SLO_1D, &ret->burn_1d, &ret->young_1d}, {SLO_3D, &ret->burn_3d, &ret->young_3d},
    };
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        enum slo_window w = windows[i].window;
        bool young = is_young(&c[w], w);
        *windows[i].burn = burn_of(&c[w], s->objective, young && about[w], t);
        *windows[i].young = young;
    }
    budget(ret, &c[W_PERIOD], &c[SLO_5M], until, about[W_PERIOD] || about[SLO_5M], t);
    ret->left_text = left_text(vr->l->arena, &ret->budget_left);
    ret->gone_text = gone_text(vr->l->arena, ret, until);
    return ret->gone_text != NULL && ret->reach_text != NULL && ret->left_text != NULL && ret->scope_text != NULL ? ERR_OK : ERR_NOMEM;
}

/* Asks for all windows of a few objectives at once, so that each stretch of time is read once; with_period: and for the period and who
 * spent it. */
static enum err read_some(struct vread *vr, const struct view_loader *l, const struct view_params *p, const struct slo *slos, size_t count,
                          bool with_period, struct slo_ask ask[SLOS_AT_ONCE], struct errctx *ctx)
{
    enum err e = vread_init(vr, l, p, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = ask_windows(vr, &slos[i], with_period, &ask[i]);
        if (e == ERR_OK && with_period)
            e = ask_spenders(vr, &slos[i], &ask[i]);
    }
    return e == ERR_OK ? vread_run(vr, ctx) : e;
}

/* What a failed reading of objectives is to say, where nobody said it. */
static enum err failed(enum err e, struct errctx *ctx)
{
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading objectives") : e;
}

static size_t at_once(size_t count, size_t first)
{
    return count - first < SLOS_AT_ONCE ? count - first : SLOS_AT_ONCE;
}

enum err vslo_windows(const struct view_loader *l, const struct view_params *p, const struct slo *slos, size_t count,
                      struct slo_count (*ret)[SLO_WINDOW_COUNT], struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    enum err e = vr != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");

    for (size_t first = 0; e == ERR_OK && first < count; first += SLOS_AT_ONCE) {
        struct slo_ask ask[SLOS_AT_ONCE];
        size_t n = at_once(count, first);
        e = read_some(vr, l, p, &slos[first], n, false, ask, ctx);
        for (size_t i = 0; e == ERR_OK && i < n; i++)
            e = count_windows(vr, &slos[first + i], ask[i].window, SLO_WINDOW_COUNT, ret[first + i]);
    }
    return failed(e, ctx);
}

/* ---- what burns, whether or not a rule fires ---- */

static void keep_faster(const struct slo *s, const struct slo_count *c, struct vslo_burning *fastest)
{
    double burn = slo_burn(c, s->objective);

    if (!(burn > 1) || !vlatest_is_no_chance(s, c))
        return;
    const size_t more = fastest->more + (fastest->slo != NULL);
    if (burn > fastest->burn)
        *fastest = (struct vslo_burning){.slo = s, .count = *c, .burn = burn, .pages_in_ms = -1};
    fastest->more = more;
}

/* The rate of now: of the last 20 s where a hundred requests ended in them, else of the last minute; polls that are rarer have none but
 * that of 5 min. An average of more, of which only the end is bad, promises a page that comes much earlier, or one that never comes. */
static const struct slo_count *newest_of(const struct vslo_burning *b, const struct slo_count *minute, const struct slo_count *moment)
{
    return moment->total >= 100 ? moment : minute->observed_ms > 0 ? minute : &b->count;
}

/* When the first of the rules that page has its share of the budget spent within its long window. */
static enum err find_page(struct vread *vr, struct vslo_burning *b, struct errctx *ctx)
{
    const struct slo *s = b->slo;
    const int64_t until = vr->until_ms[vslo_signal(s)];
    struct slo_count c[SLO_WINDOW_COUNT] = {{.total = 0}}, moment;
    struct vlatest latest;
    size_t q[SLO_WINDOW_COUNT];

    vr->count = 0;
    const size_t last = vslo_query(vr, s, until - moment_ms, until);
    enum err e = vslo_narrow(vr, s);
    for (size_t w = 0; e == ERR_OK && w <= SLO_6H; w++) {
        q[w] = vslo_query(vr, s, window_start((enum slo_window)w, until), until);
        e = vslo_narrow(vr, s);
    }
    if (e == ERR_OK)
        e = vlatest_ask(vr, s, &latest);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e == ERR_OK)
        e = count_windows(vr, s, q, SLO_6H + 1, c);
    if (e == ERR_OK)
        e = vslo_count(vr, last, s, &moment);
    if (e != ERR_OK)
        return e;
    const struct slo_count *newest = newest_of(b, &c[SLO_1M], &moment);
    const double burn = slo_burn(newest, s->objective);
    b->lost = vread_has_lost(vr, vslo_signal(s), until - five_min, until);
    e = vlatest_read(vr, s, &latest, fmax(burn, b->burn),
                     &b->now); /* of the two rates that are said, the one that is easier to tell from none */
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < SLO_RULES; i++) {
        if (slo_rule_at(i)->severity != SEV_PAGE)
            continue;
        const int64_t in_ms = slo_rule_fires_in_ms(i, c, newest, s->objective, s->period_ms);
        if (in_ms >= 0 && (b->pages_in_ms < 0 || in_ms < b->pages_in_ms))
            b->pages_in_ms = in_ms;
    }
    return ERR_OK;
}

enum err vslo_fastest(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, struct vslo_burning *ret,
                      struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct vslo_burning fastest = {.slo = NULL};

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    for (size_t i = 0; i < r->count; i += VREAD_MAX) {
        enum err e = vread_init(vr, l, p, ctx);
        for (size_t k = i; e == ERR_OK && k < r->count && k < i + VREAD_MAX; k++) {
            int64_t until = vr->until_ms[vslo_signal(&r->slos[k])];
            (void)vslo_query(vr, &r->slos[k], until - five_min, until);
            e = vslo_narrow(vr, &r->slos[k]);
        }
        if (e == ERR_OK)
            e = vread_run(vr, ctx);
        for (size_t q = 0; e == ERR_OK && q < vr->count; q++) {
            struct slo_count c;
            if (!vread_is_told(vr, vslo_signal(&r->slos[i + q])))
                continue;
            e = vslo_count(vr, q, &r->slos[i + q], &c);
            if (e == ERR_OK)
                keep_faster(&r->slos[i + q], &c, &fastest);
        }
        if (e != ERR_OK)
            return failed(e, ctx);
    }
    enum err e = fastest.slo != NULL ? find_page(vr, &fastest, ctx) : ERR_OK;
    if (e != ERR_OK)
        return failed(e, ctx);
    *ret = fastest;
    return ERR_OK;
}

/* ---- what spent it ---- */

static uint64_t bad_of(const struct vread *vr, const struct slo *s, size_t q, size_t group)
{
    const struct store_group *g = &vr->r[q].groups[group];
    uint64_t certain = 0, possible;

    if (s->kind == SLO_AVAILABILITY)
        return outcome_is_bad(vread_class(vr, q, group)) && g->cells[0].sum > 0 ? (uint64_t)g->cells[0].sum : 0;
    if (g->hists != NULL)
        hist_above(&g->hists[0], s->threshold, &certain, &possible);
    return certain;
}

/* Of a dim that the objective is about, or that the filter names one value of, there is nothing to tell. */
static bool is_scoped(const struct vread *vr, const struct slo *s, enum vslo_reach reach, enum dim dim)
{
    bool scoped = reach == VSLO_NARROWED && vr->filter.dim[dim].count == 1;

    for (uint32_t i = 0; i < s->scope_count; i++)
        scoped = scoped || s->scope[i].dim == dim;
    return scoped;
}

struct spender {
    enum dim dim;
    uint32_t id;      /* 0 = none */
    uint64_t bad, of; /* all bad ones */
};

/* The value of dim with most of the bad ones, if it has half of them and more than *most has. */
static enum err find_spender(struct vread *vr, const struct slo *s, size_t q, enum dim dim, struct spender *most)
{
    struct spender found = {.dim = dim};
    uint64_t all = 0;
    enum err e = vread_sort(vr, q, dim);

    if (e != ERR_OK)
        return e;
    const struct store_result *r = &vr->r[q];
    for (size_t g = 0; g < r->count;) {
        struct spender one = {.dim = dim, .id = r->groups[g].dim[dim]};
        for (; g < r->count && r->groups[g].dim[dim] == one.id; g++)
            one.bad += bad_of(vr, s, q, g);
        all += one.bad;
        found = one.id != 0 && one.bad > found.bad ? one : found;
    }
    found.of = all;
    if (found.bad > most->bad && 2 * found.bad >= all)
        *most = found;
    return ERR_OK;
}

static enum err spent_by(struct vread *vr, const struct slo *s, const size_t q[SPENDERS], struct vslo *v)
{
    struct spender most = {.id = 0};
    enum err e = ERR_OK;

    for (size_t d = 0; e == ERR_OK && d < SPENDERS; d++)
        if (!is_scoped(vr, s, v->reach, spenders[d]))
            e = find_spender(vr, s, q[d], spenders[d], &most);
    if (e != ERR_OK)
        return e;
    v->spent_by = most.id == 0 ? ""
                               : arena_printf(vr->l->arena, "%s %s %.0f%%", dim_name(most.dim), vread_text(vr, most.id),
                                              100 * (double)most.bad / (double)most.of);
    return v->spent_by != NULL ? ERR_OK : ERR_NOMEM;
}

enum err vslo_load(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, struct vslo **ret,
                   struct errctx *ctx)
{
    struct vslo *out = arena_array(l->arena, r->count + 1, sizeof *out);
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    enum err e = out != NULL && vr != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");

    for (size_t first = 0; e == ERR_OK && first < r->count; first += SLOS_AT_ONCE) {
        struct slo_ask ask[SLOS_AT_ONCE];
        size_t n = at_once(r->count, first);
        e = read_some(vr, l, p, &r->slos[first], n, true, ask, ctx);
        for (size_t i = first; e == ERR_OK && i < first + n; i++) {
            e = fill(vr, r, i, &ask[i - first], &out[i]);
            if (e == ERR_OK)
                e = spent_by(vr, &r->slos[i], ask[i - first].spender, &out[i]);
            if (e == ERR_OK)
                out[i].text = sentence(l->arena, &out[i]);
            if (e == ERR_OK && out[i].text == NULL)
                e = ERR_NOMEM;
        }
    }
    if (e != ERR_OK)
        return failed(e, ctx);
    *ret = out;
    return ERR_OK;
}

enum err view_load_slos(const struct view_loader *l, const struct view_params *p, struct view_slos *ret, struct errctx *ctx)
{
    struct vslo_rules rules;
    struct vslo *list;
    enum err e = vslo_rules_load(l, p, &rules, ctx);
    if (e == ERR_OK)
        e = vslo_load(l, p, &rules, &list, ctx);
    if (e == ERR_OK)
        *ret = (struct view_slos){.slos = list, .slo_count = rules.count, .defined = rules.defined};
    return e;
}
