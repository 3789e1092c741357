/* SPDX-License-Identifier: MIT */
#include "view/vslo.h"

#include <math.h>
#include <string.h>

#include "analysis/stat.h"
#include "base/timefmt.h"
#include "config/yaml.h"

static const struct yaml_node *scalar(const struct yaml_node *n, const char *key)
{
    const struct yaml_node *v = yaml_get(n, key);
    return v != NULL && v->kind == YAML_SCALAR ? v : NULL;
}

/* One definition of the note. ERR_NOTFOUND when a member is missing, which a note of an older form may have; ERR_NOMEM. */
static enum err read_definition(const struct yaml_node *n, struct arena *a, struct slo *ret)
{
    const struct yaml_node *name = scalar(n, "name"), *kind = scalar(n, "kind"), *scope = yaml_get(n, "scope");
    const struct yaml_node *objective = scalar(n, "objective"), *period = scalar(n, "period_ms");
    struct slo s = {.kind = SLO_AVAILABILITY};

    if (name == NULL || kind == NULL || objective == NULL || period == NULL || !str_to_f64(objective->text, &s.objective) ||
        !str_to_i64(period->text, &s.period_ms) || !(s.objective > 0 && s.objective < 1) || s.period_ms <= 0)
        return ERR_NOTFOUND;
    s.name = arena_strdup(a, name->text);
    if (s.name == NULL)
        return ERR_NOMEM;
    if (str_eq_z(kind->text, "latency")) {
        const struct yaml_node *signal = scalar(n, "signal"), *threshold = scalar(n, "threshold");
        s.kind = SLO_LATENCY;
        if (signal == NULL || threshold == NULL || !signal_by_name(signal->text, &s.signal) || !str_to_f64(threshold->text, &s.threshold))
            return ERR_NOTFOUND;
    }
    for (size_t i = 0; scope != NULL && scope->kind == YAML_SEQUENCE && i < scope->count && s.scope_count < 4; i++) {
        const struct yaml_node *dim = scalar(scope->items[i], "dim"), *value = scalar(scope->items[i], "value");
        if (dim == NULL || value == NULL || !dim_by_name(dim->text, &s.scope[s.scope_count].dim))
            return ERR_NOTFOUND;
        s.scope[s.scope_count].value = arena_strdup(a, value->text);
        if (s.scope[s.scope_count++].value == NULL)
            return ERR_NOMEM;
    }
    *ret = s;
    return ERR_OK;
}

enum err vslo_definitions(const struct view_loader *l, int64_t cursor_ms, struct slo **ret, size_t *ret_count, struct errctx *ctx)
{
    struct str text;
    const struct yaml_node *root;

    if (!store_note(l->st, "slo", cursor_ms, l->arena, &text) || text.n == 0) {
        *ret = NULL;
        *ret_count = 0;
        return ERR_OK;
    }
    enum err e = yaml_parse(text, "note slo", l->arena, &root, ctx);
    if (e != ERR_OK)
        return e;
    if (root->kind != YAML_SEQUENCE)
        return errctx_set(ctx, ERR_CORRUPT, "store: the note 'slo' is not a list of objectives; restart the recorder to write it anew");
    struct slo *list = arena_array(l->arena, root->count + 1, sizeof *list);
    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    size_t n = 0;
    for (size_t i = 0; i < root->count; i++) {
        e = read_definition(root->items[i], l->arena, &list[n]);
        if (e == ERR_NOMEM)
            return errctx_set(ctx, e, "out of memory while reading objectives");
        n += e == ERR_OK;
    }
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}

struct alert *vslo_worse(struct alert *a, struct alert *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    return b->severity > a->severity || (b->severity == a->severity && b->since_ms < a->since_ms) ? b : a;
}

const struct slo *vslo_of_rule(const struct slo *slos, size_t count, const char *rule)
{
    static const char prefix[] = "slo:";
    if (strncmp(rule, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *name = rule + sizeof prefix - 1;
    const char *end = strrchr(name, ':');
    size_t n = end != NULL ? (size_t)(end - name) : strlen(name);
    for (size_t i = 0; i < count; i++)
        if (strlen(slos[i].name) == n && memcmp(slos[i].name, name, n) == 0)
            return &slos[i];
    return NULL;
}

enum err vslo_narrow(struct vread *vr, const struct slo *s)
{
    struct store_filter *f = &vr->q[vr->count - 1].filter;
    memset(f->dim, 0, sizeof f->dim);
    for (uint32_t i = 0; i < s->scope_count; i++) {
        uint32_t id;
        if (!intern_find(store_strings(vr->l->st), str_of(s->scope[i].value), &id))
            id = UINT32_MAX; /* nobody has seen this value yet: matches nothing */
        enum err e = vread_narrow(vr, s->scope[i].dim, id);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

enum signal vslo_signal(const struct slo *s)
{
    return s->kind == SLO_AVAILABILITY ? SIG_REQUESTS : s->signal;
}

size_t vslo_query(struct vread *vr, const struct slo *s, int64_t t0_ms, int64_t t1_ms)
{
    return vread_window(vr, vslo_signal(s), s->kind == SLO_AVAILABILITY ? DIM_BIT(DIM_CLASS) : 0, t0_ms, t1_ms);
}

struct slo_count vslo_count(const struct vread *vr, size_t q, const struct slo *s)
{
    struct slo_count c = {.total = 0};

    if (s->kind == SLO_AVAILABILITY) {
        struct voutcomes o = vread_outcomes(vr, q, 0, DIM_COUNT, 0);
        return (struct slo_count){.total = o.counted, .bad_lo = o.bad, .bad_hi = o.bad, .observed_ms = o.covered_ms};
    }
    struct hist_set set;
    if (vread_hist(vr, q, 0, DIM_COUNT, 0, &set) != ERR_OK)
        return c;
    hist_above(&set, s->threshold, &c.bad_lo, &c.bad_hi);
    c.total = hist_n(&set);
    c.observed_ms = vread_sum(vr, q, 0, DIM_COUNT, 0).covered_ms;
    return c;
}

static struct slo_count joined(struct slo_count a, struct slo_count b)
{
    return (struct slo_count){a.total + b.total, a.bad_lo + b.bad_lo, a.bad_hi + b.bad_hi, a.observed_ms + b.observed_ms};
}

static struct vnum burn_of(const struct slo_count *c, double objective, struct vtrust t)
{
    struct vnum n = {.v = slo_burn(c, objective), .n = c->total, .exact = c->bad_hi > c->bad_lo ? AT_LEAST : EXACT};
    return vnum_marked(n, VNUM_OTHER, t);
}

static enum severity severity_of(const struct slo *s, const struct alert *alerts, size_t count)
{
    enum severity worst = SEV_NONE;
    for (size_t i = 0; i < count; i++)
        if (alerts[i].state == ALERT_FIRING && alerts[i].severity > worst && vslo_of_rule(s, 1, alerts[i].rule) == s)
            worst = alerts[i].severity;
    return worst;
}

static void budget(struct vslo *v, const struct slo_count *period, const struct slo_count *recent, int64_t cursor_ms, struct vtrust t)
{
    struct slo_budget b = slo_budget(period, recent, v->objective, v->period_ms);
    v->budget_left = vnum_marked((struct vnum){.v = b.left_ratio, .n = period->total, .exact = b.partial ? ABOUT : EXACT}, VNUM_OTHER, t);
    v->gone_ms = b.gone_in_ms > 0 ? cursor_ms + b.gone_in_ms : 0;
}

static const char *burn_text(struct arena *a, struct vnum burn, const char *window, bool young)
{
    if (isnan(burn.v))
        return arena_printf(a, "n/a/%s", window);
    const char *mark = burn.exact == AT_LEAST ? ">=" : burn.exact == ABOUT ? "~" : "";
    const char *age = young ? " (young)" : "";
    if (burn.v >= 9.95)
        return arena_printf(a, "%s%.0fx/%s%s", mark, burn.v, window, age);
    return arena_printf(a, "%s%.*fx/%s%s", mark, burn.v < 0.095 ? 2 : 1, burn.v, window, age);
}

static const char *sentence(struct arena *a, const struct vslo *v)
{
    const char *five = burn_text(a, v->burn_5m, "5m", false), *hour = burn_text(a, v->burn_1h, "1h", v->young_1h);
    const char *left = "budget n/a", *gone = "";
    char clock[TIMEFMT_MAX], day[TIMEFMT_MAX];

    if (!isnan(v->budget_left.v)) {
        const char *mark = v->budget_left.exact == ABOUT ? "~" : "";
        left = v->budget_left.v > 0 ? arena_printf(a, "%s%.0f%% left", mark, 100 * v->budget_left.v)
                                    : arena_printf(a, "%sbudget gone (%.1fx)", mark, 1 - v->budget_left.v);
    }
    if (v->gone_ms != 0) {
        instant_format_clock(v->gone_ms, clock);
        instant_format_day(v->gone_ms, day);
        clock[5] = 'Z'; /* minutes are exact enough for an extrapolation */
        clock[6] = '\0';
        gone = arena_printf(a, ", gone %s %s at the 5m rate", day, clock);
    }
    if (five == NULL || hour == NULL || left == NULL || gone == NULL)
        return NULL;
    return arena_printf(a, "%s%s %s  %s%s", v->burn_5m.stale ? "stale: " : "", five, hour, left, gone);
}

/* Long windows are read from rollups up to a round edge, and the tail from there to the cursor from samples. */
enum window { W_5M, W_1H, W_6H, W_1D, W_3D, W_PERIOD, W_TAIL, WINDOWS };
enum { SLOS_AT_ONCE = VREAD_MAX / WINDOWS };
static const int64_t five_min = 300000, hour = 3600000, day = 86400000;

static enum err ask_windows(struct vread *vr, const struct slo *s, size_t q[WINDOWS])
{
    int64_t until = vr->until_ms[vslo_signal(s)], edge = instant_floor(until, five_min);
    const int64_t from[WINDOWS] = {until - five_min, until - hour, until - 6 * hour, edge - day, edge - 3 * day, instant_floor(edge - s->period_ms, hour), edge};
    const int64_t to[WINDOWS] = {until, until, until, edge, edge, edge, until};

    for (size_t w = 0; w < WINDOWS; w++) {
        q[w] = vslo_query(vr, s, from[w], to[w]);
        enum err e = vslo_narrow(vr, s);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static bool is_young(const struct slo_count *c, int64_t length_ms)
{
    return c->observed_ms < length_ms / 10 * 9;
}

static const char *scope_text(struct arena *a, const struct slo *s)
{
    const char *text = "";
    for (uint32_t i = 0; i < s->scope_count && text != NULL; i++)
        text = arena_printf(a, "%s%s%s=%s", text, i > 0 ? " " : "", dim_name(s->scope[i].dim), s->scope[i].value);
    return text;
}

static enum err fill(struct vread *vr, const struct vslo_rules *r, size_t at, const size_t q[WINDOWS], struct vslo *ret)
{
    const struct slo *s = &r->slos[at];
    int64_t until = vr->until_ms[vslo_signal(s)];
    const struct vtrust t = vread_trust(vr, q[W_5M]);
    struct slo_count c[WINDOWS];

    for (size_t w = 0; w < WINDOWS; w++)
        c[w] = vslo_count(vr, q[w], s);
    if (until % five_min != 0) /* else the tail is a window of no length */
        for (size_t w = W_1D; w <= W_PERIOD; w++)
            c[w] = joined(c[w], c[W_TAIL]);
    *ret = (struct vslo){
        .name = s->name, .scope_text = scope_text(vr->l->arena, s), .objective = s->objective, .period_ms = s->period_ms,
        .burn_5m = burn_of(&c[W_5M], s->objective, t), .burn_1h = burn_of(&c[W_1H], s->objective, t),
        .burn_6h = burn_of(&c[W_6H], s->objective, t), .burn_1d = burn_of(&c[W_1D], s->objective, t), .burn_3d = burn_of(&c[W_3D], s->objective, t),
        .young_1h = is_young(&c[W_1H], hour), .young_6h = is_young(&c[W_6H], 6 * hour), .young_1d = is_young(&c[W_1D], day), .young_3d = is_young(&c[W_3D], 3 * day),
        .total = c[W_PERIOD].total, .bad = c[W_PERIOD].bad_lo,
        .severity = severity_of(s, r->alerts, r->alert_count),
    };
    budget(ret, &c[W_PERIOD], &c[W_5M], until, t);
    ret->text = sentence(vr->l->arena, ret);
    return ret->text != NULL && ret->scope_text != NULL ? ERR_OK : ERR_NOMEM;
}

/* Objectives first .. first + count - 1 into list. */
static enum err load_some(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, size_t first, size_t count, struct vslo *list, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->arena, sizeof *vr);
    size_t q[SLOS_AT_ONCE][WINDOWS];

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    enum err e = vread_init(vr, l, p, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = ask_windows(vr, &r->slos[first + i], q[i]);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = fill(vr, r, first + i, q[i], &list[first + i]);
    return e;
}

enum err vslo_rules_load(const struct view_loader *l, int64_t cursor_ms, struct vslo_rules *ret, struct errctx *ctx)
{
    struct vslo_rules r;
    enum err e = vslo_definitions(l, cursor_ms, &r.slos, &r.count, ctx);
    if (e == ERR_OK)
        e = store_alerts(l->st, cursor_ms, l->arena, &r.alerts, &r.alert_count, ctx);
    if (e == ERR_OK)
        *ret = r;
    return e;
}

enum severity vslo_rules_severity(const struct vslo_rules *r, enum slo_kind kind, enum signal signal, const char *model)
{
    enum severity worst = SEV_NONE;
    for (size_t i = 0; i < r->count; i++) {
        const struct slo *s = &r->slos[i];
        bool about = s->kind == kind && (kind == SLO_AVAILABILITY || s->signal == signal);
        for (uint32_t k = 0; k < s->scope_count && model != NULL; k++)
            about = about && (s->scope[k].dim != DIM_MODEL || strcmp(s->scope[k].value, model) == 0);
        enum severity severity = severity_of(s, r->alerts, r->alert_count);
        worst = about && severity > worst ? severity : worst;
    }
    return worst;
}

enum err vslo_load(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *r, struct vslo **ret, struct errctx *ctx)
{
    struct vslo *out = arena_array(l->arena, r->count + 1, sizeof *out);
    enum err e = ERR_OK;

    if (out == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    for (size_t i = 0; e == ERR_OK && i < r->count; i += SLOS_AT_ONCE) {
        size_t n = r->count - i < SLOS_AT_ONCE ? r->count - i : SLOS_AT_ONCE;
        e = load_some(l, p, r, i, n, out, ctx);
    }
    if (e != ERR_OK)
        return e;
    *ret = out;
    return ERR_OK;
}

/* ---- what burns, whether or not a rule fires ---- */

static void keep_faster(const struct slo *s, const struct slo_count *c, struct vslo_burning *fastest)
{
    const struct slo_rule *urgent = slo_rule_at(0);
    double burn = slo_burn(c, s->objective);
    bool fast = burn >= slo_rule_factor(urgent, s->period_ms) && burn > fastest->burn;

    if (fast && stat_binom_tail(c->total, 1 - s->objective, c->bad_lo) <= urgent->guard)
        *fastest = (struct vslo_burning){.slo = s, .count = *c, .burn = burn};
}

enum err vslo_fastest(const struct view_loader *l, const struct view_params *p, const struct slo *slos, size_t count, struct vslo_burning *ret, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->arena, sizeof *vr);

    *ret = (struct vslo_burning){.slo = NULL};
    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");
    for (size_t i = 0; i < count; i += VREAD_MAX) {
        enum err e = vread_init(vr, l, p, ctx);
        for (size_t k = i; e == ERR_OK && k < count && k < i + VREAD_MAX; k++) {
            int64_t until = vr->until_ms[vslo_signal(&slos[k])];
            (void)vslo_query(vr, &slos[k], until - five_min, until);
            e = vslo_narrow(vr, &slos[k]);
        }
        if (e == ERR_OK)
            e = vread_run(vr, ctx);
        if (e != ERR_OK)
            return e;
        for (size_t q = 0; q < vr->count; q++) {
            struct slo_count c = vslo_count(vr, q, &slos[i + q]);
            keep_faster(&slos[i + q], &c, ret);
        }
    }
    return ERR_OK;
}

/* ---- what spent it ---- */

static const enum dim spenders[] = {DIM_PROVIDER, DIM_MODEL, DIM_TEAM};
enum { SPENDERS = sizeof spenders / sizeof *spenders };

static uint64_t bad_of(const struct vread *vr, const struct slo *s, const struct store_group *g)
{
    uint64_t certain = 0, possible;
    enum outcome class = OUTCOME_OTHER;

    if (s->kind != SLO_AVAILABILITY) {
        if (g->hists != NULL)
            hist_above(&g->hists[0], s->threshold, &certain, &possible);
        return certain;
    }
    (void)outcome_by_name(str_of(vread_text(vr, g->dim[DIM_CLASS])), &class);
    return outcome_is_bad(class) && g->cells[0].sum > 0 ? (uint64_t)g->cells[0].sum : 0;
}

/* The value with most of the bad ones; of a dim that the objective is about, there is nothing to tell. */
static enum err spent_by(struct vread *vr, const struct slo *s, const size_t q[SPENDERS], struct vslo *v)
{
    uint64_t most = 0, all = 0;

    v->spent_by = "";
    for (size_t d = 0; d < SPENDERS; d++) {
        const struct store_result *r = &vr->r[q[d]];
        bool scoped = false;
        for (uint32_t i = 0; i < s->scope_count; i++)
            scoped = scoped || s->scope[i].dim == spenders[d];
        uint32_t ids[256];
        size_t n = scoped ? 0 : vread_ids(vr, q[d], spenders[d], NULL, ids, sizeof ids / sizeof *ids);
        all = 0;
        for (size_t g = 0; g < r->count; g++)
            all += bad_of(vr, s, &r->groups[g]);
        for (size_t i = 0; i < n; i++) {
            uint64_t bad = 0;
            for (size_t g = 0; g < r->count; g++)
                bad += r->groups[g].dim[spenders[d]] == ids[i] ? bad_of(vr, s, &r->groups[g]) : 0;
            if (ids[i] == 0 || bad <= most)
                continue;
            most = bad;
            v->spent_by = arena_printf(vr->l->arena, "%s %s %.0f%%", dim_name(spenders[d]), vread_text(vr, ids[i]), 100 * (double)bad / (double)all);
            if (v->spent_by == NULL)
                return ERR_NOMEM;
        }
    }
    return ERR_OK;
}

static enum err load_spenders(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *rules, struct vslo *list, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->arena, sizeof *vr);
    enum err e = vr != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading objectives");

    for (size_t i = 0; e == ERR_OK && i < rules->count; i++) {
        const struct slo *s = &rules->slos[i];
        size_t q[SPENDERS];
        e = vread_init(vr, l, p, ctx);
        int64_t edge = instant_floor(vr->until_ms[vslo_signal(s)], five_min);
        for (size_t d = 0; e == ERR_OK && d < SPENDERS; d++) {
            uint32_t by = DIM_BIT(spenders[d]) | (s->kind == SLO_AVAILABILITY ? DIM_BIT(DIM_CLASS) : 0);
            q[d] = vread_window(vr, vslo_signal(s), by, instant_floor(edge - s->period_ms, hour), edge);
            e = vslo_narrow(vr, s);
        }
        if (e == ERR_OK)
            e = vread_run(vr, ctx);
        if (e == ERR_OK)
            e = spent_by(vr, s, q, &list[i]);
    }
    return e;
}

enum err view_load_slos(const struct view_loader *l, const struct view_params *p, struct view_slos *ret, struct errctx *ctx)
{
    struct vslo_rules rules;
    struct vslo *list;
    enum err e = vslo_rules_load(l, p->cursor_ms, &rules, ctx);
    if (e == ERR_OK)
        e = vslo_load(l, p, &rules, &list, ctx);
    if (e == ERR_OK)
        e = load_spenders(l, p, &rules, list, ctx);
    if (e == ERR_OK)
        *ret = (struct view_slos){.slos = list, .slo_count = rules.count};
    return e;
}
