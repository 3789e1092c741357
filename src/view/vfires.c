/* SPDX-License-Identifier: MIT */
#include "view/vfires.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "view/vownrule.h"
#include "view/vpace.h"
#include "view/vsymptoms.h"
#include "view/vtext.h"
#include "view/vtrouble.h"

/* What part of the scope's traffic ended on a fallback, as a phrase; "" when little did or nothing is known, NULL when the arena is
 * full. */
static const char *fallback_phrase(struct vread *vr, size_t fallbacks, size_t requests)
{
    struct vsum f = vread_sum(vr, fallbacks, 0, DIM_COUNT, 0), r = vread_sum(vr, requests, 0, DIM_COUNT, 0);
    if (!f.known || r.sum <= 0 || f.sum * 20 < r.sum)
        return "";
    return arena_printf(vr->l->arena, ", %.0f%% handed to a fallback", 100.0 * (double)f.sum / (double)r.sum);
}

/* What a sentence about what fires is made of. */
struct subject {
    const char *name; /* "gpt-x", "gpt-x within team=search" */
    /* " since 03:06:40Z (7m42s)"; where a hole holds the onset " since 03:06:40-03:07:40Z (6m42s to 7m42s)"; "" not known */
    const char *since;
    const char *lost;  /* over which time the lost are counted where it is not since: " in the last 1h" */
    const char *whole; /* "; of all: not split by team"; "" where that is what was asked */
    const char *ended; /* " in 11m until 03:17:52Z"; "" while it is not, or nobody knows when */
    bool over;         /* it is that that fires, and not what came back since */
    double allowed;    /* share of bad ones that the objective allows */
    struct vlatest_reading now;
    struct view_symptoms beside;
    const char *tail; /* what else went wrong, but failures: ", 2.6x its requests" */
};

/* ">=", "~", "": what is said before a number of which the sources leave something open. */
static const char *mark_of(enum vnum_kind kind, struct vtrust t)
{
    return exact_mark(vnum_of(0, 0, kind, t).exact);
}

/* NULL when the arena is full. */
static const char *availability_sentence(struct vread *vr, const size_t q[3], const struct subject *sj, struct view_verdict *v)
{
    struct arena *a = vr->l->arena;
    struct voutcomes now = vread_outcomes(vr, q[0], 0, DIM_COUNT, 0), all = vread_outcomes(vr, q[1], 0, DIM_COUNT, 0);
    char lost[VTEXT_MAX], part[VTEXT_MAX], last[VTEXT_MAX], n[VTEXT_MAX];

    vtext_count(all.bad, n);
    (void)str_format(lost, sizeof lost, "%s%s", mark_of(VNUM_SUM, all.trust), n);
    vtext_last(vread_measured_ms(vr, q[0]), last);
    if (now.trust.torn)
        return arena_printf(a, "%s: how many requests failed in the %s is not known; %s lost%s%s%s", sj->name, last, lost, sj->lost,
                            sj->since, sj->whole);
    if (!now.known || now.counted == 0)
        return arena_printf(a, "%s: no requests in the %s; %s lost%s%s%s", sj->name, last, lost, sj->lost, sj->since, sj->whole);
    v->bad_percent = 100.0 * (double)now.bad / (double)now.counted;
    vtext_percent(v->bad_percent, n);
    (void)str_format(part, sizeof part, "%s%s", mark_of(VNUM_OTHER, now.trust), n);
    const bool allowed = (double)now.bad <= sj->allowed * (double)now.counted;
    if (allowed || sj->over)
        return arena_printf(a, "%s: %s of requests failed in the %s%s; %s lost%s%s, and longer windows still burn%s", sj->name, part, last,
                            allowed ? ", within what is allowed" : "", lost, sj->lost, sj->ended[0] != '\0' ? sj->ended : sj->since,
                            sj->whole);
    const char *fallback = fallback_phrase(vr, q[2], q[0]), *news = vlatest_news(a, &sj->now, v->bad_percent / 100);
    if (fallback == NULL || news == NULL)
        return NULL;
    v->brief = arena_printf(a, "%s: %s fail%s%s, %s lost%s%s", sj->name, part, sj->since, news, lost, sj->lost, sj->whole);
    v->brief_more = arena_printf(a, "%s%s", sj->tail, fallback);
    return v->brief != NULL && v->brief_more != NULL ? arena_printf(a, "%s: %s of %s fail%s%s, %s lost%s%s%s%s", sj->name, part,
                                                                    now.trust.less ? "the requests seen" : "requests", sj->since, news,
                                                                    lost, sj->lost, fallback, sj->tail, sj->whole)
                                                     : NULL;
}

/* "29% of requests fail and ", ", 591 requests lost" of what is slow, and in few words "29% fail, ", ", 591 lost": who fails is worse off
 * than who waits. False when the arena is full. */
static bool failing_phrases(struct arena *a, const struct view_symptoms *s, const char *fail[2], const char *lost[2])
{
    char part[VTEXT_MAX], n[VTEXT_MAX];
    fail[0] = fail[1] = lost[0] = lost[1] = "";
    if (!s->fails)
        return true;
    vtext_percent(s->fail_now.v, part);
    vtext_count(s->failed, n);
    const char *mark = exact_mark(s->fail_now.exact);
    if (s->fail_now.v >= 1) { /* it may have been so, and be so no more */
        fail[0] = arena_printf(a, "%s%s of requests fail and ", mark, part);
        fail[1] = arena_printf(a, "%s%s fail, ", mark, part);
    }
    lost[0] = arena_printf(a, ", %s%s requests lost", exact_mark(s->exact), n);
    lost[1] = arena_printf(a, ", %s%s lost", exact_mark(s->exact), n);
    return fail[0] != NULL && fail[1] != NULL && lost[0] != NULL && lost[1] != NULL;
}

/* NULL when the arena is full. */
static const char *latency_sentence(struct vread *vr, const size_t q[3], const struct slo *s, const struct subject *sj,
                                    struct view_verdict *v)
{
    struct arena *a = vr->l->arena;
    const struct vtrust trust = vread_trust(vr, q[0]);
    struct slo_count now;
    char part[VTEXT_MAX], limit[VTEXT_MAX], p95[VTEXT_MAX], last[VTEXT_MAX];
    struct hist_set set;

    vtext_seconds(s->threshold, limit);
    vtext_last(vread_measured_ms(vr, q[0]), last);
    if (trust.torn)
        return arena_printf(a, "%s: how many answers have %s above %s in the %s is not known%s%s", sj->name, signal_info(s->signal)->name,
                            limit, last, sj->since, sj->whole);
    if (vslo_count(vr, q[0], s, &now) != ERR_OK || vread_hist(vr, q[0], 0, DIM_COUNT, 0, &set) != ERR_OK)
        return NULL;
    if (now.total == 0)
        return arena_printf(a, "%s: no %s observed in the %s%s%s", sj->name, signal_info(s->signal)->name, last, sj->since, sj->whole);
    struct quantile at = hist_quantile(&set, 0.95);
    v->bad_percent = 100.0 * (double)now.bad_lo / (double)now.total;
    vtext_percent(v->bad_percent, part);
    const char *mark = mark_of(VNUM_OTHER, trust), *fail[2], *lost[2], *metric = signal_info(s->signal)->name;
    vtext_quantile(&at, mark[0] != '\0', p95);
    const char *slow = mark[0] == '\0' && now.bad_hi > now.bad_lo ? ">=" : mark;
    if (!failing_phrases(a, &sj->beside, fail, lost))
        return NULL;
    v->brief =
        arena_printf(a, "%s: %s%s%s have %s above %s%s%s%s", sj->name, fail[1], slow, part, metric, limit, sj->since, lost[1], sj->whole);
    v->brief_more = arena_printf(a, "%s; p95 %s", sj->tail, p95);
    if (v->brief == NULL || v->brief_more == NULL)
        return NULL;
    return arena_printf(a, "%s: %s%s%s of %s have %s above %s%s%s; p95 %s%s%s", sj->name, fail[0], slow, part,
                        trust.less ? "the answers seen" : "answers", metric, limit, sj->since, lost[0], p95, sj->tail, sj->whole);
}

/* Where the data shows when it began, else since the alert; 0 where a filter's part was judged and its whole does not fire. */
static int64_t onset_of(const struct alert *al)
{
    return al->onset_ms != 0 ? al->onset_ms : al->since_ms;
}

/* The open incident of what fires whose trouble is known to have ended; NULL when there is none, or its end says nothing of the filter's
 * part. */
static const struct incident *ended_incident(const struct vfires *in, const struct slo *s, const struct alert *al)
{
    for (size_t i = 0; in->rules->reach[s - in->rules->slos] != VSLO_NARROWED && i < in->incident_count; i++)
        if (in->incidents[i].state != INCIDENT_RESOLVED && in->incidents[i].ended_ms > al->onset_ms &&
            incident_is_of(&in->incidents[i], al))
            return &in->incidents[i];
    return NULL;
}

/* A rule of a longer window may fire anew after its incident's end, for a stray failure more and what failed before: while the recorder
 * does not say that the trouble is back, it is told as of the incident's time, and it wakes nobody. */
static bool fires_for_old(const struct vfires *in, const struct slo *s, struct alert *al)
{
    const int64_t onset = onset_of(al);
    for (size_t i = 0; in->rules->reach[s - in->rules->slos] != VSLO_NARROWED && onset > 0 && i < in->incident_count; i++) {
        const struct incident *over = &in->incidents[i];
        if (over->state == INCIDENT_RESOLVED || over->ended_ms == 0 || over->ended_ms > onset || over->onset_ms <= 0 ||
            over->onset_ms >= over->ended_ms || !incident_is_of(over, al))
            continue;
        al->since_ms = al->onset_ms = over->onset_ms;
        al->onset_error_ms = over->onset_error_ms;
        return true;
    }
    return false;
}

/* NULL when the arena is full. */
static const char *ended_phrase(struct arena *a, const struct incident *over, int64_t onset_ms, int64_t error_ms)
{
    char clock[TIMEFMT_MAX], lasted[TIMEFMT_MAX];
    if (over == NULL || onset_ms <= 0)
        return "";
    instant_format_clock(over->ended_ms, clock);
    duration_format(over->ended_ms - onset_ms, lasted);
    const char *error = vtext_error(a, error_ms);
    return error != NULL ? arena_printf(a, " in %s%s until %s", lasted, error, clock) : NULL;
}

/* What one poll counts after a hole is counted as a whole, whenever in it the trouble began; an onset may be known less exactly still. NULL
 * when the arena is full. */
static const char *since_phrase(struct vread *vr, enum signal signal, int64_t onset_ms, int64_t error_ms)
{
    struct vhole h = {.is_hole = false};

    if (onset_ms > 0 && vtrouble_began(vr, signal, onset_ms, error_ms, &h) != ERR_OK)
        return NULL;
    if (!h.is_hole || (onset_ms - h.from_ms == error_ms && h.to_ms - onset_ms == error_ms)) /* an error to both sides says the same */
        return vtext_since(vr->l->arena, onset_ms, error_ms, vr->until_ms[signal]);
    char span[VTEXT_MAX], least[TIMEFMT_MAX], most[TIMEFMT_MAX];
    vtext_span(h.from_ms, h.to_ms, span);
    duration_format(vr->until_ms[signal] > h.to_ms ? vr->until_ms[signal] - h.to_ms : 0, least);
    duration_format(vr->until_ms[signal] - h.from_ms, most);
    return arena_printf(vr->l->arena, " since %s (%s to %s)", span, least, most);
}

/* Of what a firing objective is told: as a whole, or within the filter. False when the arena is full. */
static bool subject_of(const struct vfires *in, struct vread *vr, const struct slo *s, const struct alert *al, struct subject *ret)
{
    struct arena *a = in->l->arena;
    enum vslo_reach reach = in->rules->reach[s - in->rules->slos];
    const char *scope = vtext_scope(a, s), *unsplit = vread_unsplit_text(vr, vslo_signal(s));
    const int64_t onset = onset_of(al), error = vtrouble_wide_ms(vr, vslo_signal(s), al->onset_error_ms);
    const struct incident *over = ended_incident(in, s, al);
    char window[TIMEFMT_MAX];

    duration_format(al->window_long_ms, window);
    *ret = (struct subject){.name = scope,
                            .since = since_phrase(vr, vslo_signal(s), onset, error),
                            .lost = "",
                            .whole = "",
                            .ended = ended_phrase(a, over, onset, error),
                            .over = over != NULL && onset > 0 && al->since_ms < over->ended_ms,
                            .allowed = 1 - s->objective};
    if (reach == VSLO_NARROWED && scope != NULL)
        ret->name = arena_printf(a, "%s within %s", scope, in->p->filter);
    if (reach == VSLO_UNSPLIT && unsplit != NULL)
        ret->whole = arena_printf(a, "; of all: %s", unsplit);
    if (onset <= 0)
        ret->lost = arena_printf(a, " in the last %s", window);
    return ret->name != NULL && ret->since != NULL && ret->lost != NULL && ret->whole != NULL && ret->ended != NULL && unsplit != NULL;
}

/* What else went wrong in its scope, up to the end of its trouble. */
static enum err read_beside(const struct vfires *in, const struct vread *vr, const struct alert *al, enum signal signal, int64_t end_ms,
                            struct subject *sj, struct errctx *ctx)
{
    const int64_t onset = onset_of(al);
    struct vhole h = {.from_ms = onset, .to_ms = onset};
    sj->tail = "";
    if (onset <= 0)
        return ERR_OK;
    enum err e = vtrouble_began(vr, signal, onset, vtrouble_wide_ms(vr, signal, al->onset_error_ms), &h);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "the verdict cannot be read: %s", err_name(e));
    const struct vsymptoms_ask ask = {
        .scope = al->scope, .from_ms = h.from_ms, .onset_ms = onset, .by_ms = h.to_ms, .to_ms = end_ms, .less = false};
    e = vsymptoms_read(in->l, in->p, &ask, &sj->beside, ctx);
    if (e == ERR_OK)
        sj->tail = vsymptoms_tail(in->l->arena, &sj->beside);
    return sj->tail != NULL ? e : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}

enum err vfires_tell(const struct vfires *in, const struct alert *fires, struct view_verdict *v, struct errctx *ctx)
{
    const struct slo *s = vslo_of_rule(in->rules->slos, in->rules->count, fires->rule);
    struct alert told = *fires;
    const bool is_old = s != NULL && fires_for_old(in, s, &told);
    const struct alert *al = &told;
    struct subject sj;
    int64_t onset = onset_of(al);

    v->state = al->severity == SEV_PAGE && !is_old ? VERDICT_PAGE : VERDICT_TICKET;
    v->since_ms = onset;
    v->since_error_ms = al->onset_error_ms;
    v->scope = al->scope;
    if (budget_of_rule(al->rule).p != NULL)
        return vpace_sentence(in->l, in->p, in->rules, al, &v->sentence, ctx);
    if (s == NULL)
        return vownrule_tell(in->l, in->p, al, in->until_ms, &v->sentence, ctx);
    struct vread *vr = arena_alloc(in->l->scratch, sizeof *vr);
    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the verdict");
    enum err e = vread_init(vr, in->l, in->p, ctx);
    size_t q[3];
    if (e != ERR_OK)
        return e;
    int64_t until = vr->until_ms[vslo_signal(s)];
    /* what was before the onset is no part of what fails since */
    q[0] = vslo_query(vr, s, onset > until - in->p->now_window_ms && onset < until ? onset : until - in->p->now_window_ms, until);
    e = vslo_narrow(vr, s);
    const struct incident *over = ended_incident(in, s, al);
    const int64_t end = over != NULL && over->ended_ms + over->ended_error_ms < until ? over->ended_ms + over->ended_error_ms : until;
    q[1] = vslo_query(vr, s, onset > 0 ? onset : until - al->window_long_ms, end);
    if (e == ERR_OK)
        e = vslo_narrow(vr, s);
    q[2] = vread_now(vr, SIG_FALLBACKS, 0, 0);
    if (e == ERR_OK)
        e = vslo_narrow(vr, s);
    e = e == ERR_OK ? vread_run(vr, ctx) : errctx_set(ctx, e, "out of memory while reading the verdict");
    if (e != ERR_OK)
        return e;
    if (!subject_of(in, vr, s, al, &sj))
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
    e = read_beside(in, vr, al, vslo_signal(s), end, &sj, ctx);
    if (e != ERR_OK)
        return e;
    if (onset > 0) {
        const struct vtrouble_ask ask = {.slo = s, .alert = al, .onset_ms = onset, .name = sj.name, .whole = sj.whole};
        e = vtrouble_sentence(in->l, in->p, &ask, &v->sentence, &v->bad_percent, &sj.now, ctx);
        if (e == ERR_OK && v->sentence != NULL && is_old &&
            (v->sentence = arena_printf(in->l->arena, "%s; longer windows still burn", v->sentence)) == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
        if (e != ERR_OK || v->sentence != NULL)
            return e;
    }
    if (s->kind == SLO_AVAILABILITY)
        v->sentence = availability_sentence(vr, q, &sj, v);
    else
        v->sentence = latency_sentence(vr, q, s, &sj, v);
    return v->sentence != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}
