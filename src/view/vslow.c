/* SPDX-License-Identifier: MIT */
#include "view/vslow.h"

#include <string.h>

#include "view/vslo.h"
#include "view/vtext.h"

/* Whether an objective is the trouble's: the same quantity in the same scope. NULL scope: the arena is full. */
static enum err is_own(struct arena *a, const struct slo *s, const struct view_differs_ask *trouble, bool *ret)
{
    const char *scope = vslo_scope(a, s, ",");
    const char *filter = scope != NULL ? vread_scope_filter(a, scope) : NULL;
    *ret = filter != NULL && trouble->of_slowness && trouble->slow == s->signal && strcmp(filter, trouble->scope) == 0;
    return filter != NULL ? ERR_OK : ERR_NOMEM;
}

/* Whether one goes before the other. */
static bool is_before(const struct vslow_of *a, bool a_is_own, const struct vslow_of *b, bool b_is_own)
{
    return a_is_own != b_is_own ? a_is_own : a->severity > b->severity;
}

/* Keeps the VSLOW_MAX that go first. */
static void keep(struct vslow_ask *ask, const struct vslow_of *one, bool own)
{
    size_t at = ask->count;
    while (at > 0 && is_before(one, own, &ask->of[at - 1], ask->of[at - 1].slo == ask->own))
        at--;
    if (at == VSLOW_MAX)
        return;
    ask->count += ask->count < VSLOW_MAX;
    memmove(&ask->of[at + 1], &ask->of[at], (ask->count - 1 - at) * sizeof ask->of[0]);
    ask->of[at] = *one;
    ask->own = own ? one->slo : ask->own;
}

enum err vslow_ask(struct vread *vr, const struct view_axis *axis, const struct vslo_rules *rules, const struct view_differs_ask *trouble,
                   struct vslow_ask *ret)
{
    struct vslow_ask ask = {.count = 0};

    for (size_t i = 0; i < rules->count; i++) {
        const struct vslow_of one = {.slo = &rules->slos[i], .severity = vslo_severity(rules, &rules->slos[i])};
        bool own;
        if (one.slo->kind != SLO_LATENCY || one.severity == SEV_NONE)
            continue;
        enum err e = is_own(vr->l->scratch, one.slo, trouble, &own);
        if (e != ERR_OK)
            return e;
        keep(&ask, &one, own && ask.own == NULL);
    }
    for (size_t i = 0; i < ask.count; i++) {
        struct vslow_of *of = &ask.of[i];
        enum err e = vask_add_of(vr, of->slo, axis, &of->ask);
        if (e != ERR_OK)
            return e;
    }
    *ret = ask;
    return ERR_OK;
}

enum err vslow_threshold(struct arena *a, const struct slo *s, struct vrow *row)
{
    const double factor = slo_rule_factor(slo_rule_at(SLO_PAGE_1H), s->objective, s->period_ms);
    row->strip.threshold = 100 * (1 - s->objective) * factor;
    row->strip.threshold_text = arena_printf(a, "page at %.3g%% (%.3gx)", row->strip.threshold, factor);
    return row->strip.threshold_text != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err rows_of(struct vread *vr, const struct view_axis *axis, const struct vslow_of *of, struct vrow *rows)
{
    struct arena *a = vr->l->arena;
    const char *scope = vtext_scope(a, of->slo);
    const bool staged = of->slo->signal == SIG_STAGE_LATENCY; /* its scope says what it is of */
    char threshold[VTEXT_MAX];

    if (scope == NULL)
        return ERR_NOMEM;
    enum err e = vrow_slow(vr, axis, of->ask, of->slo, arena_printf(a, "slow %% %s", scope), &rows[0]);
    if (e == ERR_OK)
        e = vslow_threshold(a, of->slo, &rows[0]);
    if (e == ERR_OK)
        e = vrow_quantile(
            vr, axis, of->ask, DIM_COUNT, 0, 0.95,
            staged ? arena_printf(a, "p95 %s", scope) : arena_printf(a, "%s p95 %s", signal_info(of->slo->signal)->name, scope), &rows[1]);
    if (e != ERR_OK)
        return e;
    vtext_seconds(of->slo->threshold, threshold);
    rows[0].severity = rows[1].severity = of->severity;
    rows[1].strip.threshold = of->slo->threshold;
    rows[1].strip.threshold_text = arena_printf(a, "%.4g%% within %s", 100 * of->slo->objective, threshold);
    return rows[1].strip.threshold_text != NULL ? ERR_OK : ERR_NOMEM;
}

enum err vslow_rows(struct vread *vr, const struct view_axis *axis, const struct vslow_ask *ask, struct vrow *rows, size_t *n)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < ask->count; i++, *n += 2)
        e = rows_of(vr, axis, &ask->of[i], &rows[*n]);
    return e;
}
