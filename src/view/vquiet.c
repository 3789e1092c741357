/* SPDX-License-Identifier: MIT */
#include "view/vquiet.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vreality.h"
#include "view/vsilence.h"
#include "view/vtext.h"

/* An open incident of which nothing fires any more, as a phrase; "" when there is none. */
static const char *recovering_phrase(const struct vjudged *in)
{
    for (size_t i = 0; in->rules.elsewhere == NULL && i < in->incident_count; i++)
        if (in->incidents[i].state != INCIDENT_RESOLVED)
            return arena_printf(in->l->arena, " again, #%lld %s is not resolved yet", (long long)in->incidents[i].id,
                                in->incidents[i].title);
    return "";
}

bool vquiet_says_but(const char *sentence)
{
    return strncmp(sentence, "but ", 4) == 0;
}

/* "of 8.1k failed in the last 5m", "of 8.1k had ttft above 1 s in the last 5m". NULL when the arena is full. */
static const char *bad_ones(struct arena *a, const struct slo *s, const struct slo_count *c, bool lost, const char *last)
{
    const char *mark = exact_mark(lost ? AT_LEAST : EXACT);
    char n[VTEXT_MAX], limit[VTEXT_MAX];

    vtext_count(c->total, n);
    vtext_seconds(s->threshold, limit);
    return s->kind == SLO_AVAILABILITY
               ? arena_printf(a, "of %s%s failed in the %s", mark, n, last)
               : arena_printf(a, "of %s%s had %s above %s in the %s", mark, n, signal_info(s->signal)->name, limit, last);
}

/* What the newest polls say of what burns, after "; ". old: nothing newer is known of it. NULL when the arena is full. */
static const char *outlook(struct arena *a, const struct vslo_burning *b, bool old)
{
    static const int64_t minute_ms = 60000;
    char in[TIMEFMT_MAX], part[VTEXT_MAX], last[VTEXT_MAX];

    if (b->now.over) {
        vtext_last(b->now.ms, last);
        const char *ones = bad_ones(a, b->slo, &b->now.count, false, last);
        vtext_percent(100.0 * (double)b->now.count.bad_lo / (double)b->now.count.total, part);
        return ones != NULL ? arena_printf(a, "%s %s", b->now.count.bad_lo == 0 ? "none" : part, ones) : NULL;
    }
    if (old || b->pages_in_ms < 0)
        return old ? "had not paged yet" : "does not page yet";
    duration_format((b->pages_in_ms + minute_ms - 1) / minute_ms * minute_ms, in);
    return b->pages_in_ms < minute_ms ? "pages within a minute" : arena_printf(a, "pages within %s at this rate", in);
}

/* "but avail burns 14x its budget: 6.89% of 8.1k failed in the last 5m, 0.5% is allowed; does not page yet". NULL when the arena is
 * full. */
static const char *burning_phrase(const struct vjudged *in, const struct vslo_burning *b, const char *last)
{
    struct arena *a = in->l->arena;
    const bool narrowed = in->rules.reach[b->slo - in->rules.slos] == VSLO_NARROWED;
    const struct vstanding *st = &in->standing[b->slo - in->rules.slos];
    const bool lacks = st->lacks_ms != 0 || st->unsure_ms != 0;
    const struct vnum burn = {.v = b->burn,
                              .n = b->count.total,
                              .exact = lacks || b->lost                    ? ABOUT
                                       : b->count.bad_hi > b->count.bad_lo ? AT_LEAST
                                                                           : EXACT};
    const double share = (double)b->count.bad_lo / (double)b->count.total;
    const char *ones = bad_ones(a, b->slo, &b->count, b->lost, last), *then = outlook(a, b, st->unknown_ms != 0);
    const char *news = b->now.over ? "" : vlatest_news(a, &b->now, share); /* the outlook says it */
    const char *more = b->more > 0 ? arena_printf(a, " (+%zu more)", b->more) : "";
    char times[VIEW_BURN_MAX], part[VTEXT_MAX], allowed[VTEXT_MAX];

    vtext_percent(100.0 * share, part);
    vtext_percent(100.0 * (1 - b->slo->objective), allowed);
    return ones != NULL && then != NULL && more != NULL && news != NULL
               ? arena_printf(a, "but %s%s%s%s %s %s its budget: %s%s %s%s, %s is allowed; %s", b->slo->name, narrowed ? " within " : "",
                              narrowed ? in->p->filter : "", more, b->now.over ? "burned" : "burns", view_burn_text(&burn, times),
                              exact_mark(burn.exact), part, ones, news, allowed, then)
               : NULL;
}

/* What the objectives say while none of them fires: they burn, wait for data, nothing was ever seen of them, they are not measured any
 * more, or hold. NULL when the arena is full. */
static const char *standing_phrase(const struct vjudged *in, const struct vslo_burning *b, const char *last)
{
    struct arena *a = in->l->arena;
    const char *gone = "", *silent = "", *unseen = "", *uncounted = "";
    size_t gone_count = 0, silent_count = 0, unseen_count = 0, uncounted_count = 0, all = in->rules.count;

    for (size_t i = 0; i < all; i++) {
        const struct vstanding *st = &in->standing[i];
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
    const char *nothing =
        in->rules.has_own ? "no rule fires, and no objective is set" : vfeeds_what_pages(&in->feeds, in->rules.budget_count > 0);
    if (all == 0 && in->rules.defined > 0)
        return arena_printf(a, "%s: no objective covers %s", nothing, in->p->filter);
    if (all == 0)
        return nothing;
    if (gone_count == all)
        return arena_printf(a, "%s; what %s watches is not measured any more", nothing, all == 1 ? gone : "every objective");
    const struct vstanding *burns = b->slo != NULL ? &in->standing[b->slo - in->rules.slos] : NULL;
    if (burns != NULL && !burns->gone && burns->no_data == NULL)
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
static const char *rules_phrase(const struct vjudged *in, const struct vslo_burning *b, const char *last)
{
    struct arena *a = in->l->arena;
    const char *text = standing_phrase(in, b, last);
    size_t whole = 0, narrowed = 0;

    for (size_t i = 0; i < in->rules.count; i++) {
        whole += in->rules.reach[i] == VSLO_UNSPLIT;
        narrowed += in->rules.reach[i] == VSLO_NARROWED;
    }
    if (text != NULL && narrowed > 0 && !vquiet_says_but(text))
        text = arena_printf(a, "%s within %s", text, in->p->filter);
    if (text != NULL && whole > 0)
        text = arena_printf(
            a, whole == in->rules.count ? "%s, none of them split by the filter" : "%s, %zu of them of all: not split by the filter", text,
            whole);
    if (text != NULL && in->rules.elsewhere != NULL)
        text = arena_printf(a, "%s, while %s fires for others", text, in->rules.elsewhere);
    return text;
}

/* Which objectives are judged by what is left of their series, as a phrase; "" when none is. NULL when the arena is full. */
static const char *lacking_phrase(const struct vjudged *in)
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
    const bool less = o->trust.less || o->trust.lost;
    return arena_printf(a, "%s%s of %s%s requests failed in the %s", less ? "~" : "", part,
                        exact_mark(less && o->trust.more ? ABOUT
                                   : less                ? AT_LEAST
                                                         : EXACT),
                        n, last);
}

/* "traffic of 1m11s is not known (02:00:59Z to 02:02:11Z)" where a part of the now window is lost that is worth a word, else "". NULL when
 * the arena is full. */
static const char *lost_phrase(const struct vread *vr)
{
    enum { PART = 30 };
    const int64_t until = vr->until_ms[SIG_REQUESTS], from = until - vr->p->now_window_ms;
    size_t count;
    const struct vtime *list = vread_lost(vr, SIG_REQUESTS, from, until, vr->l->arena, &count);
    int64_t sum = 0;

    for (size_t i = 0; list != NULL && i < count; i++)
        sum += list[i].t1_ms - list[i].t0_ms;
    if (list == NULL)
        return NULL;
    return sum * PART >= vr->p->now_window_ms ? vread_lost_text(vr->l->arena, "traffic", list, count) : "";
}

/* What is left to say of all traffic where the objective that burns has told it: nothing. */
static bool tells_traffic(const struct vslo_burning *b)
{
    return b->slo != NULL && b->slo->kind == SLO_AVAILABILITY && b->slo->scope_count == 0;
}

enum err vquiet_tell(const struct vjudged *in, struct view_verdict *v, struct errctx *ctx)
{
    struct arena *a = in->l->arena;
    struct vread *vr = arena_alloc(in->l->scratch, sizeof *vr);
    char last[VTEXT_MAX];

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the verdict");
    enum err e = vread_init(vr, in->l, in->p, ctx);
    if (e != ERR_OK)
        return e;
    size_t q = vread_now(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), 0);
    const struct vsilence_ask silence = vsilence_ask(vr);
    e = vread_run(vr, ctx);
    struct vslo_burning burning;
    const char *silent = "";
    if (e == ERR_OK)
        e = vsilence_read(vr, &silence, &silent);
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
    const bool told = vquiet_says_but(rules) && tells_traffic(&burning);
    v->sentence = arena_printf(a, "%s%s%s%s%s", rules, lacking, told ? "" : "; ", told ? "" : traffic, hint);
    const char *lost = lost_phrase(vr);
    for (const char *const *but = (const char *const[]){lost, silent, NULL}; v->sentence != NULL && *but != NULL; but++)
        if (**but != '\0')
            v->sentence = arena_printf(a, "but %s; %s", *but, vquiet_says_but(v->sentence) ? v->sentence + 4 : v->sentence);
    return v->sentence != NULL && lost != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}
