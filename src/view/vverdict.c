/* SPDX-License-Identifier: MIT */
/* How the verdict is found: sources first (is it real?), then rules (are there any?), then what fires, worst first. What rests on stale
 * data, or on none, is UNKNOWN, together with what it was while there was data; trouble that fresh data shows goes before trouble of which no
 * more is known, unless that was worse. */
#include "view/vverdict.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vfilter.h"
#include "view/vfires.h"
#include "view/vpace.h"
#include "view/vreality.h"
#include "view/vslo.h"
#include "view/vtext.h"

/* What is known of an objective, or a budget. */
struct standing {
    bool gone;      /* no source measures it any more: it can neither hold nor fail */
    bool unseen;    /* nothing was ever recorded in its scope */
    bool uncounted; /* of availability, and what answers tells that requests ended, and not how many failed */
    int64_t
        lacks_ms; /* since when what answers lacks a part of what it is judged by, 0 = it does not: it may fail more than it seems, or less */
    int64_t unknown_ms;    /* since when nothing is known of it, 0 = all is fresh */
    struct alert *no_data; /* the worst of its rules that wait for data, NULL = none */
};

struct verdict_input {
    const struct view_loader *l;
    const struct view_params *p;
    struct vslo_rules rules;
    struct standing *standing;    /* of rules.slos[i] */
    struct standing *of_budget;   /* of rules.budgets[i]; no_data: the worst of those that fired when their data ended */
    struct standing of_gateways;  /* of the gateway's own budgets */
    const char *uncounted;        /* "vllm counts no failures," */
    const struct alert *findings; /* open */
    size_t finding_count;
    struct incident *incidents;
    size_t incident_count;
};

static void note_unknown(struct standing *st, int64_t since_ms)
{
    st->unknown_ms = st->unknown_ms == 0 || since_ms < st->unknown_ms ? since_ms : st->unknown_ms;
}

static enum err standing_of(const struct verdict_input *in, const struct vread *vr, const struct slo *s, struct standing *ret)
{
    enum signal signal = vslo_signal(s);
    struct standing st = {.gone = vr->freshness[signal] == GONE};
    bool seen;
    enum err e = vslo_is_seen(vr, s, &seen);

    if (e != ERR_OK)
        return e;
    st.unseen = !seen;
    st.uncounted = st.unseen && s->kind == SLO_AVAILABILITY && !vr->has_series[SIG_REQUESTS] && vr->has_series[SIG_FINISH];
    st.lacks_ms = vr->lacks_ms[signal];

    if (vread_is_unknown(vr, signal))
        note_unknown(&st, vr->known_ms[signal]);
    for (size_t i = 0; i < in->rules.alert_count; i++) {
        struct alert *al = &in->rules.alerts[i];
        bool waits = al->state == ALERT_NO_DATA && !st.gone, fires_on_nothing = al->state == ALERT_FIRING && st.gone;
        if ((!waits && !fires_on_nothing) || vslo_of_rule(s, 1, al->rule) != s)
            continue;
        note_unknown(&st, al->since_ms);
        if (waits && (st.no_data == NULL || al->severity > st.no_data->severity))
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

static enum err before_silence(const struct verdict_input *in, const struct alert *al, struct alert **ret, struct errctx *ctx)
{
    struct alert *history;
    size_t count;
    enum err e = store_alert_history(in->l->st, 0, al->since_ms, in->p->cursor_ms, in->l->arena, &history, &count, ctx);

    if (e == ERR_OK)
        *ret = last_before(history, count, al);
    return e;
}

/* A budget of which nothing is observed, as of a team that sleeps, keeps its pace; unless it fired, or no spend at all is known. */
static enum err find_budget_standings(struct verdict_input *in, const struct vread *vr, struct errctx *ctx)
{
    struct standing any = {.gone = vr->freshness[SIG_COST] == GONE};
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
        struct standing *st = &in->of_budget[b - in->rules.budgets];
        e = before_silence(in, al, &before, ctx);
        if (before == NULL || before->state != ALERT_FIRING)
            continue;
        note_unknown(st, al->since_ms);
        st->no_data = vslo_worse(st->no_data, before);
    }
    return e;
}

static enum err find_standings(struct verdict_input *in, const struct vread *vr, struct errctx *ctx)
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
static bool is_settled(const struct verdict_input *in, const struct alert *al)
{
    const struct slo *s = vslo_of_rule(in->rules.slos, in->rules.count, al->rule);
    const struct config_budget *b = vpace_of_rule(&in->rules, al->rule);
    if (s != NULL)
        return in->standing[s - in->rules.slos].unknown_ms == 0;
    if (b != NULL)
        return in->of_budget[b - in->rules.budgets].unknown_ms == 0;
    return budget_of_rule(al->rule).p == NULL || in->of_gateways.unknown_ms == 0;
}

static struct alert *worst_firing(const struct verdict_input *in, bool settled)
{
    struct alert *worst = NULL;
    for (size_t i = 0; i < in->rules.alert_count; i++)
        if (alert_is_firing_rule(&in->rules.alerts[i]) && is_settled(in, &in->rules.alerts[i]) == settled)
            worst = vslo_worse(worst, &in->rules.alerts[i]);
    return worst;
}

/* Whether an alert is one that waits for data, of an objective that is judged. */
static bool is_silent(const struct verdict_input *in, const struct alert *al)
{
    return al->state == ALERT_NO_DATA && !is_settled(in, al) && vslo_of_rule(in->rules.slos, in->rules.count, al->rule) != NULL;
}

/* The worst that fired when its data ended; ret NULL when none did. */
static enum err worst_silent(const struct verdict_input *in, struct alert **ret, struct errctx *ctx)
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

static void incident_of(const struct verdict_input *in, const struct alert *al, struct view_verdict *v)
{
    for (size_t i = 0; i < in->incident_count; i++) {
        if (in->incidents[i].state == INCIDENT_RESOLVED)
            continue;
        bool is_it = al != NULL ? incident_is_of(&in->incidents[i], al) : in->rules.elsewhere == NULL; /* as recovering_phrase() */
        if (is_it && v->incident == 0)
            v->incident = in->incidents[i].id;
        else
            v->others++;
    }
}

/* An open incident of which nothing fires any more, as a phrase; "" when there is none. */
static const char *recovering_phrase(const struct verdict_input *in)
{
    for (size_t i = 0; in->rules.elsewhere == NULL && i < in->incident_count; i++)
        if (in->incidents[i].state != INCIDENT_RESOLVED)
            return arena_printf(in->l->arena, " again, #%lld %s is not resolved yet", (long long)in->incidents[i].id,
                                in->incidents[i].title);
    return "";
}

/* Whether a sentence of what does not fire begins with what is not well. */
static bool says_but(const char *sentence)
{
    return strncmp(sentence, "but ", 4) == 0;
}

/* "of 8.1k failed in the last 5m", "of 8.1k had ttft above 1 s in the last 5m". NULL when the arena is full. */
static const char *bad_ones(struct arena *a, const struct slo *s, const struct slo_count *c, const char *last)
{
    char n[VTEXT_MAX], limit[VTEXT_MAX];

    vtext_count(c->total, n);
    vtext_seconds(s->threshold, limit);
    return s->kind == SLO_AVAILABILITY ? arena_printf(a, "of %s failed in the %s", n, last)
                                       : arena_printf(a, "of %s had %s above %s in the %s", n, signal_info(s->signal)->name, limit, last);
}

/* What the last minute says of what burns, after "; ". NULL when the arena is full. */
static const char *outlook(struct arena *a, const struct vslo_burning *b)
{
    static const int64_t minute_ms = 60000;
    char in[TIMEFMT_MAX], part[VTEXT_MAX];

    if (b->over) {
        const char *ones = bad_ones(a, b->slo, &b->minute, "last 1m");
        vtext_percent(100.0 * (double)b->minute.bad_lo / (double)b->minute.total, part);
        return ones != NULL ? arena_printf(a, "%s %s", b->minute.bad_lo == 0 ? "none" : part, ones) : NULL;
    }
    if (b->pages_in_ms < 0)
        return "does not page yet";
    duration_format((b->pages_in_ms + minute_ms - 1) / minute_ms * minute_ms, in);
    return b->pages_in_ms < minute_ms ? "pages within a minute" : arena_printf(a, "pages within %s at this rate", in);
}

/* "but avail burns 14x its budget: 6.89% of 8.1k failed in the last 5m, 0.5% is allowed; does not page yet". NULL when the arena is full. */
static const char *burning_phrase(const struct verdict_input *in, const struct vslo_burning *b, const char *last)
{
    struct arena *a = in->l->arena;
    const bool narrowed = in->rules.reach[b->slo - in->rules.slos] == VSLO_NARROWED;
    const bool lacks = in->standing[b->slo - in->rules.slos].lacks_ms != 0;
    const struct vnum burn = {.v = b->burn,
                              .n = b->count.total,
                              .exact = lacks                               ? ABOUT
                                       : b->count.bad_hi > b->count.bad_lo ? AT_LEAST
                                                                           : EXACT};
    const char *ones = bad_ones(a, b->slo, &b->count, last), *then = outlook(a, b);
    const char *more = b->more > 0 ? arena_printf(a, " (+%zu more)", b->more) : "";
    char times[VIEW_BURN_MAX], part[VTEXT_MAX], allowed[VTEXT_MAX];

    vtext_percent(100.0 * (double)b->count.bad_lo / (double)b->count.total, part);
    vtext_percent(100.0 * (1 - b->slo->objective), allowed);
    return ones != NULL && then != NULL && more != NULL
               ? arena_printf(a, "but %s%s%s%s %s %s its budget: %s%s %s, %s is allowed; %s", b->slo->name, narrowed ? " within " : "",
                              narrowed ? in->p->filter : "", more, b->over ? "burned" : "burns", view_burn_text(&burn, times),
                              vtext_mark(burn.exact), part, ones, allowed, then)
               : NULL;
}

/* What the objectives say while none of them fires: they burn, wait for data, nothing was ever seen of them, they are not measured any more, or
 * hold. NULL when the arena is full. */
static const char *standing_phrase(const struct verdict_input *in, const struct vslo_burning *b, const char *last)
{
    struct arena *a = in->l->arena;
    const char *gone = "", *silent = "", *unseen = "", *uncounted = "";
    size_t gone_count = 0, silent_count = 0, unseen_count = 0, uncounted_count = 0, all = in->rules.count;

    for (size_t i = 0; i < all; i++) {
        const struct standing *st = &in->standing[i];
        const char *name = in->rules.slos[i].name;
        if (st->gone && gone_count++ == 0)
            gone = name;
        else if (!st->gone && st->no_data != NULL && silent_count++ == 0)
            silent = name;
        else if (!st->gone && st->no_data == NULL && st->unseen && unseen_count++ == 0)
            unseen = name;
        if (st->uncounted && uncounted_count++ == 0)
            uncounted = name;
    }
    const char *nothing = in->rules.budget_count > 0 ? "nothing but a budget can page" : "nothing can page";
    if (all == 0 && in->rules.defined > 0)
        return arena_printf(a, "%s: no objective covers %s", nothing, in->p->filter);
    if (all == 0)
        return nothing;
    if (gone_count == all)
        return arena_printf(a, "%s; what %s watches is not measured any more", nothing, all == 1 ? gone : "every objective");
    if (b->slo != NULL && in->standing[b->slo - in->rules.slos].unknown_ms == 0)
        return burning_phrase(in, b, last);
    if (silent_count > 0)
        return arena_printf(a, silent_count == 1 ? "no data for the objective %s" : "no data for the objective %s and %zu more", silent,
                            silent_count - 1);
    if (uncounted_count > 0 && unseen_count + gone_count == all)
        return arena_printf(a, "%s so that %s cannot be judged by it", in->uncounted, uncounted);
    if (unseen_count > 0 && unseen_count + gone_count == all)
        return all == 1 ? arena_printf(a, "nothing seen yet of what %s watches", unseen) : "nothing seen yet of what the objectives watch";
    if (gone_count > 0)
        return arena_printf(a, "%zu of %zu objectives hold, what %s watches is not measured any more", all - gone_count - unseen_count, all,
                            gone);
    if (unseen_count > 0)
        return arena_printf(a, "%zu of %zu objectives hold, nothing seen yet of what %s watches", all - unseen_count, all, unseen);
    const char *again = recovering_phrase(in);
    if (again == NULL)
        return NULL;
    return all == 1 ? arena_printf(a, "the objective holds%s", again) : arena_printf(a, "all %zu objectives hold%s", all, again);
}

/* The same, with what a filter makes of it: which of it could not be told apart, and what fires for others. */
static const char *rules_phrase(const struct verdict_input *in, const struct vslo_burning *b, const char *last)
{
    struct arena *a = in->l->arena;
    const char *text = standing_phrase(in, b, last);
    size_t whole = 0, narrowed = 0;

    for (size_t i = 0; i < in->rules.count; i++) {
        whole += in->rules.reach[i] == VSLO_UNSPLIT;
        narrowed += in->rules.reach[i] == VSLO_NARROWED;
    }
    if (text != NULL && narrowed > 0 && !says_but(text))
        text = arena_printf(a, "%s within %s", text, in->p->filter);
    if (text != NULL && whole > 0)
        text = arena_printf(
            a, whole == in->rules.count ? "%s, none of them split by the filter" : "%s, %zu of them of all: not split by the filter", text,
            whole);
    if (text != NULL && in->rules.elsewhere != NULL)
        text = arena_printf(a, "%s, while %s fires for others", text, in->rules.elsewhere);
    return text;
}

/* "json_valid of gpt-x fell 98.9 -> 94.0 % when found, since 10:54:37Z (2h55m), +1 more found": what pages nobody and is not well either. "" when all that was
 * found is of the scope that fires, NULL = none: its sentence says what became of it. */
static const char *found_phrase(const struct verdict_input *in, const char *fires)
{
    struct arena *a = in->l->arena;
    const struct alert *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < in->finding_count; i++) {
        const struct alert *al = &in->findings[i];
        if (fires != NULL && strcmp(al->scope, fires) == 0)
            continue;
        first = first != NULL ? first : al;
        count++;
    }
    if (first == NULL)
        return "";
    const char *since = vtext_since(a, first->onset_ms, in->p->cursor_ms);
    const char *more = count > 1 ? arena_printf(a, ", +%zu more found", count - 1) : "";
    return since != NULL && more != NULL ? arena_printf(a, "%s when found,%s%s", first->text, since, more) : NULL;
}

/* No verdict keeps silent about what was found; where nothing fires, it comes first, after what burns. fires: what does, or NULL. */
static enum err add_found(const struct verdict_input *in, const struct alert *fires, struct view_verdict *v)
{
    struct arena *a = in->l->arena;
    const char *found = found_phrase(in, fires != NULL ? fires->scope : NULL);

    if (found == NULL)
        return ERR_NOMEM;
    if (found[0] != '\0')
        v->sentence = fires != NULL || says_but(v->sentence) ? arena_printf(a, "%s; also %s", v->sentence, found)
                                                             : arena_printf(a, "but %s; %s", found, v->sentence);
    return v->sentence != NULL ? ERR_OK : ERR_NOMEM;
}

/* Which objectives are judged by what is left of their series, as a phrase; "" when none is. NULL when the arena is full. */
static const char *lacking_phrase(const struct verdict_input *in)
{
    const char *first = "";
    size_t n = 0;
    for (size_t i = 0; i < in->rules.count; i++)
        if (in->standing[i].lacks_ms != 0 && in->standing[i].unknown_ms == 0 && n++ == 0)
            first = in->rules.slos[i].name;
    if (n == 0)
        return "";
    return n == 1 ? arena_printf(in->l->arena, "; %s by what is left of its series", first)
                  : arena_printf(in->l->arena, "; %s and %zu more by what is left of their series", first, n - 1);
}

/* How much there was, and how much of it failed. NULL when the arena is full. */
static const char *traffic_phrase(const struct vread *vr, const struct voutcomes *o, const char *last)
{
    struct arena *a = vr->l->arena;
    char part[VTEXT_MAX], n[VTEXT_MAX];

    if (vr->freshness[SIG_REQUESTS] == UNCOUNTED)
        return vreality_sawtooth(vr, "");
    if (o->trust.torn) {
        vtext_count(o->all, n);
        return arena_printf(a, ">=%s requests in the %s, how many failed is not known", n, last);
    }
    if (!o->known || o->counted == 0)
        return arena_printf(a, o->known ? "no requests in the %s" : "requests of the %s not known", last);
    vtext_percent(100.0 * (double)o->bad / (double)o->counted, part);
    vtext_count(o->counted, n);
    return arena_printf(a, "%s%s of %s%s requests failed in the %s", o->trust.less ? "~" : "", part, o->trust.less ? ">=" : "", n, last);
}

/* Over how long the requests of a query of seconds have stopped, 0 = they have not, or so few came that nobody can tell: at the lower of the rates of the
 * minute before and of all that the query covers, STOPPED_LEAST are missing. Less than a minute is no silence: some sources count in steps. */
static int64_t stopped_ms(const struct vread *vr, size_t q, uint32_t seconds)
{
    enum { STOPPED_LEAST = 20 };
    uint32_t last = seconds;
    double minute = 0, all = 0;

    while (last > 0 && vread_sum(vr, q, last - 1, DIM_COUNT, 0).sum <= 0)
        last--;
    const uint32_t silent = seconds - last;
    if (vr->freshness[SIG_REQUESTS] != FRESH || last == 0 || silent < 60)
        return 0;
    for (uint32_t c = 0; c < last; c++) {
        const double n = (double)vread_sum(vr, q, c, DIM_COUNT, 0).sum;
        all += n;
        minute += c + 60 >= last ? n : 0;
    }
    const double rate = fmin(minute / 60, all / last);
    return rate * silent >= STOPPED_LEAST ? silent * INT64_C(1000) : 0;
}

/* What is left to say of all traffic where the objective that burns has told it: nothing. */
static bool tells_traffic(const struct vslo_burning *b)
{
    return b->slo != NULL && b->slo->kind == SLO_AVAILABILITY && b->slo->scope_count == 0;
}

static enum err quiet_sentence(const struct verdict_input *in, struct view_verdict *v, struct errctx *ctx)
{
    struct arena *a = in->l->arena;
    struct vread *vr = arena_alloc(in->l->scratch, sizeof *vr);
    char last[VTEXT_MAX], silence[TIMEFMT_MAX];
    const uint32_t seconds = (uint32_t)(in->p->now_window_ms / 1000);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the verdict");
    enum err e = vread_init(vr, in->l, in->p, ctx);
    if (e != ERR_OK)
        return e;
    size_t q = vread_now(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), 0);
    const int64_t until = vr->until_ms[SIG_REQUESTS];
    size_t by_second = vread_add(vr, SIG_REQUESTS, 0, until - seconds * INT64_C(1000), 1000, seconds);
    e = vread_run(vr, ctx);
    struct vslo_burning burning;
    if (e == ERR_OK)
        e = vslo_fastest(in->l, in->p, &in->rules, &burning, ctx);
    if (e != ERR_OK)
        return e;
    struct voutcomes o = vread_outcomes(vr, q, 0, DIM_COUNT, 0);
    vtext_last(vread_measured_ms(vr, q), last);
    const char *unsplit = vread_unsplit_text(vr, SIG_REQUESTS), *traffic;
    if (unsplit == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    traffic = traffic_phrase(vr, &o, last);
    if (traffic != NULL && (!o.known || o.counted == 0) && vr->freshness[SIG_REQUESTS] != UNCOUNTED && unsplit[0] != '\0')
        traffic = arena_printf(a, "%s: %s", traffic, unsplit);
    const char *rules = rules_phrase(in, &burning, last), *hint = in->rules.defined == 0 ? "; `gwtop init --slo` proposes objectives" : "";
    const char *lacking = lacking_phrase(in);
    if (rules == NULL || traffic == NULL || lacking == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    const bool told = says_but(rules) && tells_traffic(&burning);
    v->sentence = arena_printf(a, "%s%s%s%s%s", rules, lacking, told ? "" : "; ", told ? "" : traffic, hint);
    const int64_t stopped = stopped_ms(vr, by_second, seconds);
    duration_format(stopped, silence);
    if (stopped > 0 && v->sentence != NULL)
        v->sentence = arena_printf(a, "but no request for %s; %s", silence, says_but(v->sentence) ? v->sentence + 4 : v->sentence);
    return v->sentence != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}

/* The moment from which on nothing is known of what seems to hold, 0 while all of that is fresh. fires: something does, by what is left of what lacks a
 * part. */
static int64_t unsettled_since(const struct verdict_input *in, const struct vread *vr, bool fires)
{
    struct standing any = {.unknown_ms = 0};

    for (size_t i = 0; i < in->rules.budget_count; i++)
        if (in->of_budget[i].unknown_ms != 0)
            note_unknown(&any, in->of_budget[i].unknown_ms);
    if (in->rules.count == 0 && vread_is_unknown(vr, SIG_REQUESTS))
        note_unknown(&any, vr->known_ms[SIG_REQUESTS]);
    for (size_t i = 0; i < in->rules.count; i++) {
        if (in->standing[i].unknown_ms != 0)
            note_unknown(&any, in->standing[i].unknown_ms);
        if (in->standing[i].lacks_ms != 0 && !fires)
            note_unknown(&any, in->standing[i].lacks_ms);
    }
    return any.unknown_ms;
}

/* Whether nothing was ever recorded of what the objectives watch: that they hold would be a guess. */
static bool is_unseen(const struct verdict_input *in)
{
    size_t unseen = 0, gone = 0;

    for (size_t i = 0; i < in->rules.count; i++) {
        gone += in->standing[i].gone;
        unseen += !in->standing[i].gone && in->standing[i].unseen;
    }
    return unseen > 0 && unseen + gone == in->rules.count;
}

static bool can_page(const struct verdict_input *in)
{
    for (size_t i = 0; i < in->rules.count; i++)
        if (!in->standing[i].gone)
            return true;
    return false;
}

static enum err rule_verdict(const struct verdict_input *in, const struct alert *al, struct view_verdict *v, struct errctx *ctx)
{
    incident_of(in, al, v);
    const struct vfires fires = {in->l, in->p, &in->rules, in->incidents, in->incident_count};
    if (al != NULL)
        return vfires_tell(&fires, al, v, ctx);
    v->state = is_unseen(in) ? VERDICT_UNKNOWN : can_page(in) ? VERDICT_OK : VERDICT_NO_RULES;
    return quiet_sentence(in, v, ctx);
}

/* Why nothing at all can be told at the cursor; "" when something can. */
static enum err why_nothing(const struct verdict_input *in, const struct view_frame *f, const char **ret, struct errctx *ctx)
{
    char at[TIMEFMT_MAX], since[TIMEFMT_MAX];

    if (f->recording_since_ms > 0 && f->cursor_ms < f->recording_since_ms) {
        instant_format_iso(instant_floor(f->cursor_ms, 1000), at);
        instant_format_iso(instant_floor(f->recording_since_ms, 1000), since);
        *ret = arena_printf(in->l->arena, "%s is before the recording, which begins %s", at, since);
        return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    }
    *ret = "no source has been recorded yet";
    return f->sources_all == 0 ? ERR_OK : vfilter_nothing(in->l, in->p, ret, ctx);
}

static enum err judge(const struct verdict_input *in, const struct vread *vr, const struct view_frame *f, struct view_verdict *v,
                      struct errctx *ctx)
{
    struct arena *a = in->l->arena;
    *v = (struct view_verdict){.state = VERDICT_UNKNOWN, .was = VERDICT_UNKNOWN, .sentence = "", .scope = "", .bad_percent = NAN};

    const char *nothing;
    enum err e = why_nothing(in, f, &nothing, ctx);
    if (e != ERR_OK)
        return e;
    v->nothing = nothing[0] != '\0';
    if (v->nothing) {
        v->sentence = nothing;
    } else if (f->data_age_ms < 0) {
        v->sentence = "no source has answered yet";
    } else {
        struct alert *fresh = worst_firing(in, true), *old = worst_firing(in, false), *silent;
        e = worst_silent(in, &silent, ctx);
        if (e != ERR_OK)
            return e;
        old = vslo_worse(old, silent);
        const struct alert *al = vslo_worse(fresh, old);
        bool is_fresh = fresh != NULL && fresh->severity >= al->severity;
        al = is_fresh ? fresh : al;
        e = rule_verdict(in, al, v, ctx);
        if (e != ERR_OK)
            return e;
        if (add_found(in, al, v) != ERR_OK)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
        bool none_answers = view_answering(f) == 0;
        int64_t unsettled = none_answers ? f->cursor_ms - f->data_age_ms : is_fresh ? 0 : unsettled_since(in, vr, al != NULL);
        if (unsettled != 0) { /* what it was, and since when that is all there is */
            v->was = v->state;
            v->state = VERDICT_UNKNOWN;
            v->since_ms = unsettled;
            const char *missing = f->recorder_missing ? vreality_missing_recorder(a, f) : "";
            if (f->recorder_missing)
                v->sentence = missing != NULL ? arena_printf(a, "%s; then: %s", missing, v->sentence) : NULL;
        }
    }
    e = v->sentence != NULL ? vreality(vr, f, &v->reality, ctx) : ERR_NOMEM;
    return e != ERR_NOMEM ? e : errctx_set(ctx, e, "out of memory while writing the verdict");
}

enum err vverdict_load(const struct view_loader *l, const struct view_params *p, const struct vread *vr, const struct view_frame *f,
                       struct view_verdict *ret, struct errctx *ctx)
{
    struct verdict_input in = {.l = l, .p = p, .findings = f->findings, .finding_count = f->finding_count};
    struct view_verdict v;
    enum err e = vslo_rules_load(l, p, &in.rules, ctx);

    if (e == ERR_OK)
        e = vfilter_incidents(l, p, &in.incidents, &in.incident_count, ctx);
    if (e == ERR_OK)
        e = find_standings(&in, vr, ctx);
    if (e == ERR_OK)
        e = judge(&in, vr, f, &v, ctx);
    if (e == ERR_OK)
        *ret = v;
    return e;
}
