/* SPDX-License-Identifier: MIT */
#include "view/vownrule.h"

#include <math.h>
#include <string.h>

#include "model/outside.h"
#include "view/vsymptoms.h"
#include "view/vtext.h"

/* ---- what it reads now ---- */

/* The terms of an expression, as queries. */
struct terms {
    struct ruleexpr x;
    size_t q[RULEEXPR_TERMS_MAX][2];
};

/* The last added query is of these, too; values of one dimension are alternatives. */
static enum err narrow(struct vread *vr, const struct ruleexpr_selector *s, const struct store_filter *scope)
{
    struct store_filter *f = &vr->q[vr->count - 1].filter;
    struct arena *a = vr->l->arena;

    for (int d = 0; d < DIM_COUNT; d++) {
        uint32_t n = 0, *ids = arena_array(a, RULEEXPR_PARTS_MAX + 1, sizeof *ids);
        if (ids == NULL)
            return ERR_NOMEM;
        for (uint32_t k = 0; k < s->part_count; k++) {
            uint32_t id = UINT32_MAX; /* what was never seen matches nothing */
            if (s->part[k].dim != (enum dim)d)
                continue;
            (void)intern_find(store_strings(vr->l->st), str_of(s->part[k].value), &id);
            ids[n++] = id;
        }
        if (n > 0) {
            f->dim[d].ids = ids;
            f->dim[d].count = n;
        } else if (scope->dim[d].count > 0) {
            f->dim[d] = scope->dim[d];
        }
    }
    return ERR_OK;
}

static enum err ask_terms(struct vread *vr, const struct store_filter *scope, struct terms *t)
{
    for (uint32_t i = 0; i < t->x.term_count; i++)
        for (uint32_t k = 0; k < t->x.term[i].selector_count; k++) {
            const struct ruleexpr_term *term = &t->x.term[i];
            const enum signal s = term->selector[k].signal;
            const int64_t window = term->fn == RULEEXPR_GAUGE ? vr->p->now_window_ms : term->window_ms;
            t->q[i][k] = vread_window(vr, s, 0, vr->until_ms[s] - window, vr->until_ms[s]);
            const enum err e = narrow(vr, &term->selector[k], scope);
            if (e != ERR_OK)
                return e;
        }
    return ERR_OK;
}

/* In all, in the signal's unit: of latencies and scores how many there were. *ret_known: something was observed. */
static double total(const struct vread *vr, size_t q, bool *ret_known)
{
    const struct signal_info *info = signal_info(vr->q[q].signal);
    const struct store_result *r = &vr->r[q];
    double sum = 0;
    *ret_known = false;
    for (size_t i = 0; i < r->count; i++) {
        const struct store_cell *c = &r->groups[i].cells[0];
        *ret_known = *ret_known || c->n > 0;
        sum += info->kind == KIND_INCREMENT ? unit_from_fixed(info->unit, c->sum)
               : info->kind == KIND_SCORE   ? (double)c->score_n
               : r->groups[i].hists != NULL ? (double)hist_n(&r->groups[i].hists[0])
                                            : 0;
    }
    return sum;
}

static double of_hists(const struct vread *vr, size_t q, const struct ruleexpr_term *term)
{
    struct hist_set set;
    if (vread_hist(vr, q, 0, DIM_COUNT, 0, &set) != ERR_OK)
        return (double)NAN;
    if (term->fn == RULEEXPR_MEAN)
        return hist_mean(&set, unit_scale(signal_info(vr->q[q].signal)->unit), NULL);
    const struct quantile at = hist_quantile(&set, term->q);
    const struct quantile_reading r = quantile_read(&at, false);
    return at.n == 0 || at.average_only ? (double)NAN : r.is == QUANTILE_ABOVE ? at.lo : at.value;
}

/* Of scores: their mean, or the share that is bad. */
static double of_scores(const struct vread *vr, size_t q, bool bad)
{
    const struct store_result *r = &vr->r[q];
    int64_t n = 0, sum = 0, fails = 0;
    for (size_t i = 0; i < r->count; i++) {
        n += r->groups[i].cells[0].score_n;
        sum += r->groups[i].cells[0].sum;
        fails += r->groups[i].cells[0].score_bad;
    }
    return n == 0 ? (double)NAN : bad ? (double)fails / (double)n : unit_from_fixed(signal_info(vr->q[q].signal)->unit, sum) / (double)n;
}

static double term_value(const struct vread *vr, const struct ruleexpr_term *term, const size_t q[2])
{
    const enum signal s = term->selector[0].signal;
    const struct vsum covered = vread_sum(vr, q[0], 0, DIM_COUNT, 0);
    bool known, all_known;
    const double v = total(vr, q[0], &known);

    if (vread_is_unknown(vr, s))
        return (double)NAN;
    switch (term->fn) {
    case RULEEXPR_GAUGE: return vread_gauge(vr, q[0], 0, DIM_COUNT, 0, 1).v;
    case RULEEXPR_RATE: return known && covered.covered_ms > 0 ? v * 1000 / (double)covered.covered_ms : (double)NAN;
    case RULEEXPR_SUM: return known ? v : (double)NAN;
    case RULEEXPR_RATIO: {
        const double all = total(vr, q[1], &all_known);
        return all > 0 && !vread_is_unknown(vr, term->selector[1].signal) ? v / all : (double)NAN;
    }
    case RULEEXPR_QUANTILE: return of_hists(vr, q[0], term);
    case RULEEXPR_MEAN: return signal_info(s)->kind == KIND_HISTOGRAM ? of_hists(vr, q[0], term) : of_scores(vr, q[0], false);
    case RULEEXPR_BAD: return of_scores(vr, q[0], true);
    }
    return (double)NAN;
}

enum err vownrule_value(const struct view_loader *l, const struct view_params *p, const struct rule_info *r, double *ret, bool *ret_above,
                        struct errctx *ctx)
{
    struct view_params whole = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct terms *t = arena_alloc(l->scratch, sizeof *t);
    const char *filter = vread_scope_filter(l->scratch, r->scope);
    struct store_filter scope;
    double value[RULEEXPR_TERMS_MAX];
    size_t at;

    whole.filter = ""; /* a rule has a scope of its own */
    if (vr == NULL || t == NULL || filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the rule %s", rule_info_name(r));
    enum err e = ruleexpr_parse(str_of(r->what), l->scratch, &t->x, &at, ctx);
    if (e == ERR_OK)
        e = view_filter_parse(filter, l->st, l->arena, &scope, ctx);
    if (e == ERR_OK)
        e = vread_init(vr, l, &whole, ctx);
    if (e == ERR_OK)
        e = ask_terms(vr, &scope, t);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading the rule %s", rule_info_name(r)) : e;
    for (uint32_t i = 0; i < t->x.term_count; i++)
        value[i] = term_value(vr, &t->x.term[i], t->q[i]);
    *ret = ruleexpr_value(&t->x, 0, value);
    *ret_above = t->x.compare[0].above;
    return ERR_OK;
}

/* ---- in words ---- */

static void number(double v, char out[VTEXT_MAX])
{
    char text[VTEXT_MAX];
    vtext_number(fabs(v), text);
    (void)str_format(out, VTEXT_MAX, "%s%s", v < 0 ? "-" : "", text);
}

/* "errors high: 0.4, fires above 0.05", "errors high: 0.01 now, no more above 0.05, was 0.14 when it fired". NULL when the arena is
 * full. */
static const char *own_text(struct arena *a, const struct rule_info *r, const struct alert *al, double now, bool above)
{
    const double threshold = al->burn_short, then = al->burn_long;
    const char *side = above ? "above" : "below", *name = rule_info_name(r);
    char value[VTEXT_MAX], limit[VTEXT_MAX], was[VTEXT_MAX];

    number(now, value);
    number(threshold, limit);
    number(then, was);
    const bool holds = above ? now > threshold : now < threshold;
    return isnan(now) ? arena_printf(a, "%s: not known now, %s when it fired", name, was)
           : holds    ? arena_printf(a, "%s: %s, fires %s %s", name, value, side, limit)
                      : arena_printf(a, "%s: %s now, no more %s %s, was %s when it fired", name, value, side, limit, was);
}

/* What gwtop counts itself in a scope: "; 40% of requests fail, 601 lost", of another's word too where none do: "; none of 1.2k requests
 * failed". "" of what is not known, or where a scope is not told. */
static const char *counted_text(struct arena *a, const struct view_symptoms *s, const char *scope, bool outside)
{
    char part[VTEXT_MAX], lost[VTEXT_MAX], all[VTEXT_MAX];
    vtext_percent(s->fail_now.v, part);
    vtext_count(s->failed, lost);
    vtext_count(s->counted, all);
    const char *of = scope[0] == '\0' ? "all requests" : "requests", *mark = exact_mark(s->exact);
    if (s->fails && s->fail_now.v > 0)
        return arena_printf(a, "; %s%s of %s fail, %s%s lost", exact_mark(s->fail_now.exact), part, of, mark, lost);
    if (s->fails)
        return arena_printf(a, "; %s%s of %s requests failed", mark, lost, all);
    if (!outside || scope[0] == '\0' || s->counted == 0)
        return "";
    return arena_printf(a, "; %s of its %s%s requests failed", s->failed == 0 ? "none" : lost, mark, all);
}

/* Where the data says when it began, else since it fired. */
static int64_t onset_of(const struct alert *al)
{
    return al->onset_ms != 0 ? al->onset_ms : al->since_ms;
}

enum err vownrule_tell(const struct view_loader *l, const struct view_params *p, const struct alert *al, int64_t until_ms, const char **ret,
                       struct errctx *ctx)
{
    const int64_t onset = onset_of(al), error = al->onset_ms != 0 ? al->onset_error_ms : 0;
    const struct vsymptoms_ask ask = {
        .scope = al->scope, .from_ms = onset - error, .onset_ms = onset, .by_ms = onset + error, .to_ms = until_ms, .less = false};
    const bool outside = outside_is_rule(al->rule);
    struct arena *a = l->arena;
    struct view_symptoms beside = {.fails = false};
    struct rule_info *rules;
    const char *what = al->text;
    size_t count;

    enum err e = view_rule_list(l, p, &rules, &count, ctx);
    const struct rule_info *r = e == ERR_OK ? rule_info_of(rules, count, al->rule) : NULL;
    const bool own = r != NULL && r->kind == RULE_OWN;
    if (own) {
        double now;
        bool above;
        struct errctx why = {.text = ""};
        e = vownrule_value(l, p, r, &now, &above, &why);
        if (e == ERR_OK)
            what = own_text(a, r, al, now, above);
        else if (e != ERR_PARSE && e != ERR_LIMIT) /* written by another version: what it said when it fired stands */
            return errctx_set(ctx, e, "%s", errctx_text(&why, e));
        e = ERR_OK;
    }
    if (e == ERR_OK && (own || outside))
        e = vsymptoms_read(l, p, &ask, &beside, ctx);
    if (e != ERR_OK)
        return e;
    const char *since = vtext_since(a, onset, error, until_ms), *counted = counted_text(a, &beside, al->scope, outside),
               *tail = vsymptoms_tail(a, &beside);
    *ret = what != NULL && since != NULL && counted != NULL && tail != NULL
               ? arena_printf(a, "%s%s%s%s%s", what, since[0] != '\0' ? "," : "", since, counted, tail)
               : NULL;
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}
