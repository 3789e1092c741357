/* SPDX-License-Identifier: MIT */
#include "view/vstanding.h"

#include <string.h>

#include "view/vpace.h"

static void note_unknown(struct vstanding *st, int64_t since_ms)
{
    st->unknown_ms = st->unknown_ms == 0 || since_ms < st->unknown_ms ? since_ms : st->unknown_ms;
}

static enum err standing_of(const struct vjudged *in, const struct vread *vr, const struct slo *s, struct vstanding *ret)
{
    enum signal signal = vslo_signal(s);
    struct vstanding st = {.gone = vr->freshness[signal] == GONE};
    bool seen;
    enum err e = vslo_is_seen(vr, s, &seen);

    if (e != ERR_OK)
        return e;
    const int64_t recorded = store_recorded_since_ms(vr->l->st);
    st.unseen = !seen || recorded == 0 || recorded >= vr->until_ms[signal]; /* the first poll of counters counts nothing */
    st.uncounted = st.unseen && s->kind == SLO_AVAILABILITY && !vr->has_series[SIG_REQUESTS] && vr->has_series[SIG_FINISH];
    st.lacks_ms = vr->lacks_ms[signal];
    st.unsure_ms = vr->unsure_ms[signal];

    if (vread_is_unknown(vr, signal))
        note_unknown(&st, vr->known_ms[signal]);
    for (size_t i = 0; i < in->rules.alert_count; i++) {
        struct alert *al = &in->rules.alerts[i];
        bool waits = al->state == ALERT_NO_DATA && !st.gone, fires_on_nothing = al->state == ALERT_FIRING && st.gone;
        if ((!waits && !fires_on_nothing) || vslo_of_rule(s, 1, al->rule) != s)
            continue;
        note_unknown(&st, al->since_ms);
        /* once the sources are silent, that a rule waits says nothing of the moment at which they answered last */
        const bool silent = vr->freshness[signal] == STALE && al->since_ms > vr->known_ms[signal];
        if (waits && !silent && (st.no_data == NULL || al->severity > st.no_data->severity))
            st.no_data = al;
    }
    *ret = st;
    return ERR_OK;
}

/* What a rule said last before it waited for data, NULL = nothing. */
static struct alert *last_before(struct alert *history, size_t count, const struct alert *al)
{
    struct alert *before = NULL;
    for (size_t k = 0; k < count; k++)
        if (history[k].state != ALERT_NO_DATA && history[k].since_ms < al->since_ms && strcmp(history[k].rule, al->rule) == 0 &&
            strcmp(history[k].scope, al->scope) == 0 && (before == NULL || history[k].since_ms > before->since_ms))
            before = &history[k];
    return before;
}

static enum err before_silence(const struct vjudged *in, const struct alert *al, struct alert **ret, struct errctx *ctx)
{
    struct alert *history;
    size_t count;
    enum err e = store_alert_history(in->l->st, 0, al->since_ms, in->p->cursor_ms, in->l->arena, &history, &count, ctx);

    if (e == ERR_OK)
        *ret = last_before(history, count, al);
    return e;
}

/* A budget of which nothing is observed, as of a team that sleeps, keeps its pace; unless it fired, or no spend at all is known. */
static enum err find_budget_standings(struct vjudged *in, const struct vread *vr, struct errctx *ctx)
{
    struct vstanding any = {.gone = vr->freshness[SIG_COST] == GONE};
    enum err e = ERR_OK;

    in->of_budget = arena_array(in->l->arena, in->rules.budget_count + 1, sizeof *in->of_budget);
    if (in->of_budget == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the verdict");
    if (vread_is_unknown(vr, SIG_COST))
        note_unknown(&any, vr->known_ms[SIG_COST]);
    for (size_t i = 0; i < in->rules.budget_count; i++)
        in->of_budget[i] = any;
    in->of_gateways = any;
    for (size_t i = 0; e == ERR_OK && i < in->rules.alert_count; i++) {
        struct alert *al = &in->rules.alerts[i], *before = NULL;
        const struct config_budget *b = vpace_of_rule(&in->rules, al->rule);
        if (b == NULL || al->state != ALERT_NO_DATA)
            continue;
        struct vstanding *st = &in->of_budget[b - in->rules.budgets];
        e = before_silence(in, al, &before, ctx);
        if (before == NULL || before->state != ALERT_FIRING)
            continue;
        note_unknown(st, al->since_ms);
        st->no_data = vslo_worse(st->no_data, before);
    }
    return e;
}

enum err vstanding_find(struct vjudged *in, const struct vread *vr, struct errctx *ctx)
{
    in->standing = arena_array(in->l->arena, in->rules.count + 1, sizeof *in->standing);
    if (in->standing == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the verdict");
    in->uncounted = vr->source_count == 1 ? arena_printf(in->l->arena, "%s counts no failures,", vr->sources[0].name)
                                          : "no source has counted failures yet,";
    if (in->uncounted == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the verdict");
    for (size_t i = 0; i < in->rules.count; i++)
        if (standing_of(in, vr, &in->rules.slos[i], &in->standing[i]) != ERR_OK)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the verdict");
    return find_budget_standings(in, vr, ctx);
}

/* Whether an alert rests on fresh data, as far as an objective or a budget says on what. */
static bool is_settled(const struct vjudged *in, const struct alert *al)
{
    const struct slo *s = vslo_of_rule(in->rules.slos, in->rules.count, al->rule);
    const struct config_budget *b = vpace_of_rule(&in->rules, al->rule);
    if (s != NULL)
        return in->standing[s - in->rules.slos].unknown_ms == 0;
    if (b != NULL)
        return in->of_budget[b - in->rules.budgets].unknown_ms == 0;
    return budget_of_rule(al->rule).p == NULL || in->of_gateways.unknown_ms == 0;
}

struct alert *vstanding_worst_firing(const struct vjudged *in, bool settled)
{
    struct alert *worst = NULL;
    for (size_t i = 0; i < in->rules.alert_count; i++)
        if (alert_is_firing_rule(&in->rules.alerts[i]) && is_settled(in, &in->rules.alerts[i]) == settled)
            worst = vslo_worse(worst, &in->rules.alerts[i]);
    return worst;
}

/* Whether an outside alert is told no more, and fired last. */
static bool is_untold(const struct alert *al)
{
    return al->state == ALERT_NO_DATA && outside_is_rule(al->rule);
}

/* Whether an alert is one that waits for data, of an objective that is judged, or of an outside system. */
static bool is_silent(const struct vjudged *in, const struct alert *al)
{
    return is_untold(al) ||
           (al->state == ALERT_NO_DATA && !is_settled(in, al) && vslo_of_rule(in->rules.slos, in->rules.count, al->rule) != NULL);
}

enum err vstanding_worst_silent(const struct vjudged *in, struct alert **ret, struct errctx *ctx)
{
    struct alert *worst = NULL, *history;
    int64_t until = 0;
    size_t count;

    *ret = NULL;
    for (size_t i = 0; i < in->rules.alert_count; i++)
        if (is_silent(in, &in->rules.alerts[i]) && in->rules.alerts[i].since_ms > until)
            until = in->rules.alerts[i].since_ms;
    enum err e = ERR_OK;
    count = 0;
    if (until != 0)
        e = store_alert_history(in->l->st, 0, until, in->p->cursor_ms, in->l->arena, &history, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < in->rules.alert_count; i++) {
        struct alert *before = is_silent(in, &in->rules.alerts[i]) ? last_before(history, count, &in->rules.alerts[i]) : NULL;
        if (before != NULL && before->state == ALERT_FIRING)
            worst = vslo_worse(worst, before);
    }
    for (size_t i = 0; i < in->rules.budget_count; i++)
        worst = vslo_worse(worst, in->of_budget[i].no_data);
    if (e == ERR_OK)
        *ret = worst;
    return e;
}

/* The moment from which on nothing is known of what seems to hold, 0 while all of that is fresh. fires: something does, by what is left of
 * what lacks a part. */
int64_t vstanding_unsettled_ms(const struct vjudged *in, const struct vread *vr, bool fires)
{
    struct vstanding any = {.unknown_ms = 0};

    for (size_t i = 0; i < in->rules.budget_count; i++)
        if (in->of_budget[i].unknown_ms != 0)
            note_unknown(&any, in->of_budget[i].unknown_ms);
    for (size_t i = 0; i < in->rules.alert_count; i++)
        if (is_untold(&in->rules.alerts[i]))
            note_unknown(&any, in->rules.alerts[i].since_ms);
    if (in->rules.count == 0 && vread_is_unknown(vr, SIG_REQUESTS))
        note_unknown(&any, vr->known_ms[SIG_REQUESTS]);
    for (size_t i = 0; i < in->rules.count; i++) {
        if (in->standing[i].unknown_ms != 0)
            note_unknown(&any, in->standing[i].unknown_ms);
        if (in->standing[i].lacks_ms != 0 && !fires)
            note_unknown(&any, in->standing[i].lacks_ms);
        if (in->standing[i].unsure_ms != 0 && !fires)
            note_unknown(&any, in->standing[i].unsure_ms);
    }
    return any.unknown_ms;
}

bool vstanding_lacks_data(const struct vjudged *in)
{
    for (size_t i = 0; i < in->rules.count; i++)
        if (!in->standing[i].gone && in->standing[i].no_data != NULL)
            return true;
    return false;
}

bool vstanding_is_unseen(const struct vjudged *in)
{
    size_t unseen = 0, gone = 0;

    for (size_t i = 0; i < in->rules.count; i++) {
        gone += in->standing[i].gone;
        unseen += !in->standing[i].gone && in->standing[i].unseen;
    }
    return unseen > 0 && unseen + gone == in->rules.count;
}

bool vstanding_can_page(const struct vjudged *in)
{
    if (in->rules.has_own)
        return true;
    for (size_t i = 0; i < in->rules.count; i++)
        if (!in->standing[i].gone)
            return true;
    return false;
}
