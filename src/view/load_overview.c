/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vbudget.h"
#include "view/vcost_text.h"
#include "view/vdiffers.h"
#include "view/vfinding.h"
#include "view/vincidents.h"
#include "view/vpages.h"
#include "view/vparts.h"
#include "view/vrefused.h"
#include "view/vscores.h"
#include "view/vsimilar.h"
#include "view/vslo.h"
#include "view/vslow.h"
#include "view/vsuspects.h"
#include "view/vtext.h"

enum { ROWS_MAX = 28, HEAT_ROWS = 8, TEAMS_SHOWN = 6 };

struct asks {
    struct vask requests, fallbacks, ttft, e2e, waiting, eval;
    struct vmoney_ask money;
    struct vhits_ask hits;
    struct vdeploy_ask deploy;
    struct vslow_ask slow;
    size_t stages, overhead, provider;
};

static enum err ask_all(struct vread *vr, const struct view_axis *axis, const struct vslo_rules *rules,
                        const struct view_differs_ask *trouble, struct asks *ask)
{
    enum err e = vslow_ask(vr, axis, rules, trouble, &ask->slow);
    if (e != ERR_OK)
        return e;
    ask->requests = vask_add(vr, SIG_REQUESTS, DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_CLASS), axis);
    ask->fallbacks = vask_add(vr, SIG_FALLBACKS, DIM_BIT(DIM_MODEL), axis);
    ask->ttft = vask_add(vr, SIG_TTFT, 0, axis);
    ask->e2e = vask_add(vr, SIG_E2E, 0, axis);
    ask->waiting = vask_add(vr, SIG_WAITING, DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_NAME), axis);
    ask->eval = vscores_ask(vr, axis);
    ask->money = vmoney_ask(vr, axis);
    if (ask->slow.own != NULL)
        e = vhits_ask_slow(vr, ask->slow.own, &ask->hits);
    else
        ask->hits = vhits_ask(vr);
    ask->deploy = vdeploy_ask(vr);
    ask->stages = vread_now(vr, SIG_STAGE_LATENCY, DIM_BIT(DIM_STAGE), 0);
    ask->overhead = vread_now(vr, SIG_OVERHEAD, 0, 0);
    ask->provider = vread_now(vr, SIG_PROVIDER_LATENCY, 0, 0);
    return e;
}

/* The model with most failures in the now window; 0 when nothing fails. */
static uint32_t worst_model(struct vread *vr, size_t q)
{
    uint32_t ids[256], worst = 0;
    uint64_t most = 0;
    size_t n = vread_ids(vr, q, DIM_MODEL, vread_by_sum, ids, sizeof ids / sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        uint64_t bad = vread_outcomes(vr, q, 0, DIM_MODEL, ids[i]).bad;
        if (bad > most && ids[i] != 0) {
            most = bad;
            worst = ids[i];
        }
    }
    return worst;
}

/* Of the objective of all, or of a model alone. */
static enum err set_fail_threshold(struct arena *a, struct vrow *row, const struct vslo_rules *r, const char *model)
{
    const struct slo *slos = r->slos;
    for (size_t i = 0; i < r->count; i++) {
        bool same = model == NULL
                        ? slos[i].scope_count == 0
                        : slos[i].scope_count == 1 && slos[i].scope[0].dim == DIM_MODEL && strcmp(slos[i].scope[0].value, model) == 0;
        if (slos[i].kind == SLO_AVAILABILITY && same)
            return vslow_threshold(a, &slos[i], row);
    }
    return ERR_OK;
}

static enum err traffic_rows(struct vread *vr, const struct view_axis *axis, const struct asks *ask, const struct vslo_rules *r,
                             struct vrow *rows, size_t *n)
{
    struct arena *a = vr->l->arena;
    enum err e = vrow_rate(vr, axis, ask->requests, DIM_COUNT, 0, 1, "req/s", "/s", &rows[(*n)++]);
    if (e == ERR_OK)
        e = vslow_rows(vr, axis, &ask->slow, rows, n);
    if (e == ERR_OK)
        e = vrow_fail(vr, axis, ask->requests, DIM_COUNT, 0, "fail % all", &rows[*n]);
    if (e == ERR_OK)
        e = set_fail_threshold(a, &rows[*n], r, NULL);
    rows[(*n)++].severity = vslo_rules_severity(r, SLO_AVAILABILITY, SIG_COUNT, NULL);
    uint32_t worst = worst_model(vr, ask->requests.now);
    if (e == ERR_OK && worst != 0) {
        const char *model = vread_text(vr, worst);
        e = vrow_fail(vr, axis, ask->requests, DIM_MODEL, worst, arena_printf(a, "fail %% %s", model), &rows[*n]);
        if (e == ERR_OK)
            e = set_fail_threshold(a, &rows[*n], r, model);
        rows[(*n)++].severity = vslo_rules_severity(r, SLO_AVAILABILITY, SIG_COUNT, model);
    }
    const struct voutcomes now = vread_outcomes(vr, ask->requests.now, 0, DIM_COUNT, 0);
    if (e == ERR_OK && vrefused_matters(&now, now.all))
        e = vrow_refused(vr, axis, ask->requests, "refused % all", &rows[(*n)++]);
    if (e == ERR_OK && vread_is_worth(vr, ask->fallbacks.axis)) {
        const char *label = worst != 0 ? arena_printf(a, "fallback %% %s", vread_text(vr, worst)) : "fallback %";
        e = vrow_share(vr, axis, ask->fallbacks, ask->requests, worst != 0 ? DIM_MODEL : DIM_COUNT, worst, label, &rows[(*n)++]);
    }
    return e;
}

static enum err latency_rows(struct vread *vr, const struct view_axis *axis, const struct asks *ask, const struct vslo_rules *r,
                             struct vrow *rows, size_t *n)
{
    enum err e = vrow_quantile(vr, axis, ask->ttft, DIM_COUNT, 0, 0.95, "ttft p95", &rows[*n]);
    rows[(*n)++].severity = vslo_rules_severity(r, SLO_LATENCY, SIG_TTFT, NULL);
    if (e == ERR_OK)
        e = vrow_quantile(vr, axis, ask->e2e, DIM_COUNT, 0, 0.99, "e2e p99", &rows[*n]);
    rows[(*n)++].severity = vslo_rules_severity(r, SLO_LATENCY, SIG_E2E, NULL);
    if (e == ERR_OK && vread_is_worth(vr, ask->waiting.axis)) {
        e = vrow_gauge(vr, axis, ask->waiting, DIM_COUNT, 0, 1, "vllm waiting", "", &rows[*n]);
        if (e != ERR_OK)
            return e;
        rows[*n].n_text = rows[*n].now.unsplit != 0 ? "" : arena_printf(vr->l->arena, "%llu eng", (unsigned long long)rows[*n].now.n);
        e = rows[(*n)++].n_text != NULL ? ERR_OK : ERR_NOMEM;
    }
    return e;
}

static enum err cost_row(struct vread *vr, const struct view_axis *axis, const struct asks *ask, const struct vmoney *m, struct vrow *rows,
                         size_t *n)
{
    struct vask cost = {SIG_COST, ask->money.now, ask->money.then, ask->money.axis};
    enum err e = vrow_rate(vr, axis, cost, DIM_COUNT, 0, (double)unit_scale(UNIT_USD) / 3600, "cost $/h", "$/h", &rows[*n]);
    rows[*n].now = m->now_per_h;
    vrow_compare(&rows[*n]);
    rows[*n].n_text = "";
    (*n)++;
    return e;
}

/* "guard 38 ms", "gateway not split by team" */
static const char *stage_line(struct vread *vr, size_t q, const char *name, const struct hist_set *set, bool split)
{
    char mean[VTEXT_MAX];
    const char *text = split ? mean : vread_unsplit_text(vr, vr->q[q].signal);
    uint64_t of = 0;

    if (split)
        vtext_seconds(hist_mean(set, unit_scale(UNIT_SECONDS), &of), mean);
    const struct vtrust t = vread_trust(vr, q);
    const bool about = of > 0 && (of < hist_n(set) || t.less || t.more);
    return text != NULL ? arena_printf(vr->l->arena, "%s %s%s", name, exact_mark(about ? ABOUT : EXACT), text) : NULL;
}

static enum err stage_lines(struct vread *vr, const struct asks *ask, struct view_overview *v)
{
    const struct store_result *r = &vr->r[ask->stages];
    const char **lines = arena_array(vr->l->arena, r->count + 3, sizeof *lines);
    const struct {
        const char *name;
        size_t q;
    } whole[] = {{"gateway", ask->overhead}, {"provider", ask->provider}};
    size_t n = 0;
    struct hist_set set = {.count = 0};

    if (lines == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->count; i++) {
        const uint32_t stage = r->groups[i].dim[DIM_STAGE];
        enum err e = vread_hist(vr, ask->stages, 0, DIM_STAGE, stage, &set);
        if (e != ERR_OK)
            return e;
        lines[n++] = stage_line(vr, ask->stages, vread_text(vr, stage), &set, true);
    }
    if (vread_trust(vr, ask->stages).unsplit != 0)
        lines[n++] = stage_line(vr, ask->stages, "stages", &set, false);
    for (size_t i = 0; i < 2; i++) {
        enum err e = vread_hist(vr, whole[i].q, 0, DIM_COUNT, 0, &set);
        if (e != ERR_OK)
            return e;
        bool split = vread_trust(vr, whole[i].q).unsplit == 0;
        if (!split || hist_n(&set) > 0)
            lines[n++] = stage_line(vr, whole[i].q, whole[i].name, &set, split);
    }
    for (size_t i = 0; i < n; i++)
        if (lines[i] == NULL)
            return ERR_NOMEM;
    v->stage_lines = lines;
    v->stage_count = n;
    return ERR_OK;
}

/* What the heatmap shows. */
static const char *heat_text(const struct vread *vr, const struct slo *slow)
{
    struct arena *a = vr->l->arena;
    const char *filter = vr->p->filter != NULL ? vr->p->filter : "";
    if (slow != NULL) {
        const char *scope = vslo_scope(a, slow, " ");
        return scope != NULL ? arena_printf(a, "%s, %s", signal_info(slow->signal)->name, scope[0] != '\0' ? scope : "all models") : NULL;
    }
    return filter[0] != '\0' ? arena_printf(a, "ttft, %s", filter) : "ttft, all models";
}

/* Of the first tokens of all answers; where a latency objective is what fires, of what that one measures. */
static enum err latency_block(struct vread *vr, const struct view_axis *axis, const struct asks *ask, struct view_overview *v)
{
    static const struct {
        double q;
        const char *label, *slow;
    } asked[] = {{0.5, "ttft p50", "p50"}, {0.95, "ttft p95", "p95"}, {0.99, "ttft p99", "p99"}};
    const struct slo *slow = ask->slow.own;
    const struct vask shown = slow != NULL ? ask->slow.of[0].ask : ask->ttft;
    struct vrow *rows = arena_array(vr->l->arena, 4, sizeof *rows);
    if (rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < 3; i++) {
        enum err e = vrow_quantile(vr, axis, shown, DIM_COUNT, 0, asked[i].q, slow != NULL ? asked[i].slow : asked[i].label, &rows[i]);
        rows[i].severity = slow != NULL && rows[i].now.v > slow->threshold ? ask->slow.of[0].severity : SEV_NONE;
        if (e != ERR_OK)
            return e;
    }
    enum err e = vrow_quantile(vr, axis, ask->e2e, DIM_COUNT, 0, 0.99, "e2e p99", &rows[3]);
    if (e != ERR_OK)
        return e;
    v->latency = rows;
    v->latency_count = 4;
    v->heat_text = heat_text(vr, slow);
    return v->heat_text != NULL ? vheat_build(vr, shown.axis, axis, HEAT_ROWS, &v->ttft) : ERR_NOMEM;
}

/* The open incident that the trouble is of, else the newest open one; *ret NULL when none is. */
static enum err incident_of(const struct vincident *list, size_t count, const char *scope, struct arena *a, const struct vincident **ret)
{
    const struct vincident *open = NULL;
    for (size_t i = 0; i < count; i++) {
        if (list[i].in.state == INCIDENT_RESOLVED)
            continue;
        const char *of = vread_scope_filter(a, list[i].in.scope);
        if (of == NULL)
            return ERR_NOMEM;
        if (strcmp(of, scope) == 0) {
            *ret = &list[i];
            return ERR_OK;
        }
        open = open != NULL ? open : &list[i];
    }
    *ret = open;
    return ERR_OK;
}

static enum err timeline_of(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *trouble,
                            struct view_overview *v, struct errctx *ctx)
{
    static const char *const severities[] = {[SEV_NONE] = "", [SEV_TICKET] = "TICKET ", [SEV_PAGE] = "PAGE "};
    static const char *const present[] = {[SEV_NONE] = "", [SEV_TICKET] = "(now TICKET) ", [SEV_PAGE] = ""};
    struct vincidents known;
    struct timeline_entry *entries;
    enum err e = vincidents_load(l, p, NULL, &known, ctx);
    const struct vincident *i = NULL;
    v->incident_text = "";
    if (e == ERR_OK)
        e = incident_of(known.list, known.count, trouble->scope, l->arena, &i);
    if (e != ERR_OK || i == NULL)
        return e;
    e = store_timeline(l->st, i->in.id, p->cursor_ms, l->arena, &entries, &v->timeline_count, ctx);
    v->timeline = entries;
    const char *by = i->in.owner[0] != '\0' ? arena_printf(l->arena, ", owner %s", i->in.owner) : "";
    char clock[TIMEFMT_MAX];
    instant_format_clock(i->in.ended_ms, clock);
    const bool ended = i->in.ended_ms != 0;
    v->incident_text = by == NULL
                           ? NULL
                           : arena_printf(l->arena, "#%lld %s%s%s%s%s%s%s%s", (long long)i->in.id, severities[i->in.severity],
                                          i->eased ? present[i->present] : "", incident_state_name(i->in.state), by, ended ? ", " : "",
                                          ended ? vincident_ended(&i->in) : "", ended ? " " : "", ended ? clock : "");
    return e == ERR_OK && v->incident_text == NULL ? ERR_NOMEM : e;
}

/* "gone 3 Dec 04:10Z at the 5m rate"; of one whose end is not known what is used of it: why is the cost pane's to say. */
static const char *budget_text(struct arena *a, const struct vbudget *b)
{
    char used[EXACT_TEXT_MAX];
    if (!b->known || b->end != BUDGET_UNKNOWN || b->end_exact == EXACT)
        return b->end_text;
    return arena_printf(a, "%s%s used, end not known", exact_mark(b->used_exact),
                        exact_share((double)b->used_nusd / (double)b->limit_nusd, used));
}

/* How much, until when, why: ">=$718/h over the last 5m; budget Nov: gone 3 Dec 04:10Z at the 5m rate; +$421/h vs 1h ago = key f31a +$425/h
 * since 13:32Z, rest -$4/h". What a narrow screen cuts off is the end of why. */
static enum err money_line(const struct view_loader *l, const struct view_params *p, const struct vmoney *m, struct view_overview *v,
                           struct errctx *ctx)
{
    struct arena *a = l->arena;
    struct vbudget *budgets;
    size_t count;
    enum err e = vbudget_load(l, p, NULL, 0, &budgets, &count, ctx);

    if (e != ERR_OK)
        return e;
    v->money_line = "";
    const struct vbudget *b = vbudget_first(budgets, count, m->rose, p->filter);
    if (isnan(m->now_per_h.v) && b == NULL)
        return ERR_OK;
    const char *now = isnan(m->now_per_h.v) ? "" : vcost_rate_text(a, &m->now_per_h, m->over_text);
    const char *spend = isnan(m->now_per_h.v) ? "spend not known"
                        : now == NULL         ? NULL
                                              : arena_printf(a, "%s%s", m->now_per_h.stale ? "stale: " : "", now);
    const char *end = b != NULL ? budget_text(a, b) : "";
    const char *until = b == NULL || end == NULL ? end : arena_printf(a, "; budget %s: %s%s", b->name, b->stale ? "stale: " : "", end);
    if (spend != NULL && until != NULL)
        v->money_line = arena_printf(a, "%s%s%s%s", spend, until, m->line[0] != '\0' ? "; " : "", m->line);
    return spend != NULL && until != NULL && v->money_line != NULL ? ERR_OK
                                                                   : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the overview");
}

/* Why nobody is hit: of answers that are too slow that is told already. */
static enum err hit_note(struct vread *vr, struct vhits *hits)
{
    char last[VTEXT_MAX];
    if (hits->over[0] != '\0')
        return ERR_OK;
    vtext_last(vr->p->now_window_ms, last);
    const char *none = vr->freshness[SIG_REQUESTS] == TORN
                           ? "not known: how many failed is not known"
                           : arena_printf(vr->l->arena, "not known: no request was recorded in the %s", last);
    return none != NULL ? vread_why_none(vr, SIG_REQUESTS, "requests are", none, &hits->note) : ERR_NOMEM;
}

/* p: as the caller asked. Where no source answers, vr->p stands at the last poll; what is known of facts and budgets does not. */
static enum err build(struct vread *vr, const struct view_params *p, const struct view_axis *axis, const struct asks *ask,
                      const struct vslo_rules *r, struct view_overview *v, struct errctx *ctx)
{
    struct arena *a = vr->l->arena;
    struct vrow *rows = arena_array(a, ROWS_MAX, sizeof *rows), *quality = arena_array(a, VSCORES_MAX + 1, sizeof *quality);
    struct vmoney m;
    struct vdeployment *deployments;
    size_t n = 0;

    if (rows == NULL || quality == NULL)
        return ERR_NOMEM;
    struct alert *found;
    size_t found_count;
    enum err e = vmoney_build(vr, ask->money, axis, &m, ctx);
    if (e == ERR_OK)
        e = money_line(vr->l, p, &m, v, ctx);
    if (e == ERR_OK)
        e = vfindings_load(vr->l, p, &found, &found_count, ctx);
    if (e == ERR_OK)
        e = traffic_rows(vr, axis, ask, r, rows, &n);
    if (e == ERR_OK)
        e = latency_rows(vr, axis, ask, r, rows, &n);
    if (e == ERR_OK)
        e = cost_row(vr, axis, ask, &m, rows, &n);
    if (e == ERR_OK)
        e = vscores_rows(vr, axis, ask->eval, found, vfindings_open(found, found_count), quality, &v->quality_count, ctx);
    for (size_t i = 0; i < v->quality_count && i < 2; i++)
        rows[n++] = quality[i];
    if (e == ERR_OK)
        e = vhits_build(vr, &ask->hits, TEAMS_SHOWN, &v->hits);
    if (e == ERR_OK)
        e = hit_note(vr, &v->hits);
    if (e == ERR_OK)
        e = vdeploy_build(vr, ask->deploy, &deployments, &v->deployment_count, &v->deployment_note);
    if (e == ERR_OK)
        e = latency_block(vr, axis, ask, v);
    if (e == ERR_OK)
        e = stage_lines(vr, ask, v);
    if (e != ERR_OK)
        return e;
    v->rows = rows;
    v->row_count = n;
    v->quality = quality;
    v->deployments = deployments;
    v->cost = m.stack;
    v->cost_count = m.stack_count;
    v->cost_per_h = m.now_per_h;
    v->sources = vr->sources;
    v->source_count = vr->source_count;
    return ERR_OK;
}

/* What differs since a rule began to fire: the first two of each measure. Nothing is looked for while nothing fires. */
static enum err diffs_of(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                         struct view_overview *v, struct errctx *ctx)
{
    enum { PER_MEASURE = 2 };
    struct view_differs found;

    if (ask->onset_ms == 0)
        return ERR_OK;
    enum err e = view_load_differs(l, p, ask, &found, ctx);
    if (e != ERR_OK) /* too many combinations to rank are no reason to show nothing else: the list at `w` says so */
        return e == ERR_LIMIT ? ERR_OK : e;
    struct vdiffer *list = arena_array(l->arena, found.row_count + 1, sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0, same = 0; i < found.row_count; i++) {
        const struct vdiffer *r = &found.rows[i];
        same = i > 0 && strcmp(r->measure, found.rows[i - 1].measure) == 0 ? same + 1 : 0;
        if (same < PER_MEASURE)
            list[v->diff_count++] = *r;
    }
    v->diffs = list;
    return ERR_OK;
}

enum err view_load_overview(const struct view_loader *l, const struct view_params *p, struct view_overview *ret, struct errctx *ctx)
{
    struct view_overview v;
    struct view_axis axis;
    struct asks ask;
    struct view_differs_ask trouble;
    struct vslo_rules rules;
    struct vslo *objectives;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the overview");
    memset(&v, 0, sizeof v);
    enum err e = vrows_init(vr, l, p, &axis, ctx);
    if (e != ERR_OK)
        return e;
    e = vslo_rules_load(l, p, &rules, ctx);
    if (e == ERR_OK)
        e = vdiffers_usual(l, p, &rules, &trouble, ctx);
    if (e == ERR_OK && ask_all(vr, &axis, &rules, &trouble, &ask) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading the overview");
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e == ERR_OK)
        e = vslo_load(l, p, &rules, &objectives, ctx);
    if (e != ERR_OK)
        return e;
    v.slos = objectives;
    v.slo_count = rules.count;
    v.rules = rules.alerts;
    v.rule_count = rules.alert_count;
    e = build(vr, p, &axis, &ask, &rules, &v, ctx);
    if (e == ERR_OK)
        e = vsuspects_load(l, p, &trouble, &v.suspects, &v.suspect_count, &v.suspect_note, ctx);
    v.like = "";
    if (e == ERR_OK && trouble.onset_ms != 0)
        e = vsimilar_now(l, p, &v.like, ctx);
    if (e == ERR_OK)
        e = vpages_load(l, p, &v.pages, &v.page_count, ctx);
    if (e == ERR_OK)
        e = timeline_of(l, p, &trouble, &v, ctx);
    if (e == ERR_OK)
        e = diffs_of(l, p, &trouble, &v, ctx);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading the overview") : e;
    *ret = v;
    return ERR_OK;
}
