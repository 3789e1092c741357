/* SPDX-License-Identifier: MIT */
/* Every stage is spread over all requests, those included that did not pass it: only so do means add up to the end-to-end mean. What others
 * measure than who measured the end to end stands beside it: an application's retrieval comes before the gateway, an engine's queue lies in
 * the provider's time. */
#include "view/vparts.h"

#include <math.h>

#include "view/vtext.h"

enum { PROVIDERS_SHOWN = 4, PROVIDERS_MAX = 64, OURS_MAX = 10, STAGES_MAX = PROVIDERS_SHOWN + 1 + 3 + OURS_MAX + 1, NAMES_MAX = 2 };

static struct vask_window ask_window(struct vread *vr, int64_t back_ms)
{
    return (struct vask_window){
        .e2e = vread_now(vr, SIG_E2E, 0, back_ms),
        .provider = vread_now(vr, SIG_PROVIDER_LATENCY, DIM_BIT(DIM_PROVIDER), back_ms),
        .queue = vread_now(vr, SIG_QUEUE_TIME, 0, back_ms),
        .engine_queue = vread_now(vr, SIG_ENGINE_QUEUE, 0, back_ms),
        .overhead = vread_now(vr, SIG_OVERHEAD, 0, back_ms),
        .stage = vread_now(vr, SIG_STAGE_LATENCY, DIM_BIT(DIM_STAGE), back_ms),
    };
}

struct vstages_ask vstages_ask(struct vread *vr, const struct view_axis *axis)
{
    struct vstages_ask ask = {.now = ask_window(vr, 0), .then = {.e2e = VROWS_NONE}};
    if (axis->compare_ms > 0)
        ask.then = ask_window(vr, axis->compare_ms);
    ask.attempts = vread_now(vr, SIG_ATTEMPTS, DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_CLASS), 0);
    return ask;
}

struct measured {
    double total_s;
    uint64_t n;
    bool part; /* the sum of some is not known: they are taken to be like the others */
};

static enum err measure(const struct vread *vr, size_t q, enum dim dim, uint32_t id, struct measured *ret)
{
    struct hist_set set;
    enum err e = vread_hist(vr, q, 0, dim, id, &set);
    if (e != ERR_OK)
        return e;
    uint64_t n = hist_n(&set);
    uint64_t of = 0;
    double mean = hist_mean(&set, unit_scale(UNIT_SECONDS), &of);
    *ret = (struct measured){.total_s = n > 0 ? mean * (double)n : 0, .n = n, .part = of < n};
    return ERR_OK;
}

/* One side being built: the list, and the requests that everything is spread over. */
struct making {
    struct vread *vr;
    const struct vstages_ask *ask;
    struct vstage *list, *beside;
    size_t count, beside_count;
    struct measured whole, whole_then;
    bool part; /* of some that was added, or of the whole */
    double rest_s, rest_then_s;
};

static double per_request(const struct measured *whole, double total_s)
{
    return whole->n > 0 ? total_s / (double)whole->n : NAN;
}

/* Adds what now and then say of a stage; nothing when it is not measured now. */
static void add(struct making *m, const char *name, enum vstage_whose whose, struct measured now, struct measured then)
{
    if (now.n == 0 || isnan(now.total_s)) /* or observed without a sum: how long it took is not known */
        return;
    m->part = m->part || now.part;
    m->list[m->count++] = (struct vstage){
        .name = name,
        .whose = whose,
        .mean_s = per_request(&m->whole, now.total_s),
        .share = now.total_s / m->whole.total_s,
        .then_s = m->ask->then.e2e != VROWS_NONE && then.n > 0 ? per_request(&m->whole_then, then.total_s) : NAN,
        .each_s = now.total_s / (double)now.n,
        .n = now.n,
        .by = "",
        .fail = vnum_unknown(),
    };
    m->rest_s -= now.total_s;
    m->rest_then_s -= then.total_s;
}

static void add_beside(struct making *m, const char *name, const char *by, struct measured now, struct measured then)
{
    if (now.n == 0)
        return;
    m->beside[m->beside_count++] = (struct vstage){
        .name = name,
        .whose = STAGE_BESIDE,
        .mean_s = NAN,
        .share = NAN,
        .then_s = m->ask->then.e2e != VROWS_NONE && then.n > 0 ? then.total_s / (double)then.n : NAN,
        .each_s = now.total_s / (double)now.n,
        .n = now.n,
        .by = by,
        .fail = vnum_unknown(),
    };
}

static enum err read_stage(struct making *m, size_t now_q, size_t then_q, enum dim dim, uint32_t id, struct measured *now,
                           struct measured *then)
{
    *then = (struct measured){.n = 0};
    enum err e = measure(m->vr, now_q, dim, id, now);
    if (e == ERR_OK && m->ask->then.e2e != VROWS_NONE)
        e = measure(m->vr, then_q, dim, id, then);
    return e;
}

/* The providers by the time they take; those beyond the first few are one stage. A provider that fails is named however little time it
 * takes. */
static enum err add_providers(struct making *m)
{
    uint32_t ids[PROVIDERS_MAX];
    struct vread *vr = m->vr;
    struct measured others = {.n = 0}, others_then = {.n = 0}, now, then;
    size_t n = vread_ids(vr, m->ask->now.provider, DIM_PROVIDER, vread_by_sum, ids, PROVIDERS_MAX), shown = 0;

    for (size_t i = 0; i < n; i++) {
        enum err e = read_stage(m, m->ask->now.provider, m->ask->then.provider, DIM_PROVIDER, ids[i], &now, &then);
        if (e != ERR_OK)
            return e;
        struct voutcomes o = vread_outcomes(vr, m->ask->attempts, 0, DIM_PROVIDER, ids[i]);
        enum severity severity = ids[i] != 0 ? voutcomes_severity(&o) : SEV_NONE;
        if (now.n > 0 &&
            (shown < PROVIDERS_SHOWN - 1 || (severity == SEV_PAGE && shown < PROVIDERS_SHOWN) || (i + 1 == n && shown < PROVIDERS_SHOWN))) {
            const char *name = vread_text(vr, ids[i]);
            add(m, name[0] != '\0' ? name : "provider", STAGE_PROVIDERS, now, then);
            m->list[m->count - 1].fail = ids[i] != 0 ? vnum_ratio(o.bad, o.counted, o.trust) : vnum_unknown();
            m->list[m->count - 1].severity = severity;
            shown++;
        } else {
            others = (struct measured){others.total_s + now.total_s, others.n + now.n, others.part || now.part};
            others_then = (struct measured){others_then.total_s + then.total_s, others_then.n + then.n, others_then.part || then.part};
        }
    }
    add(m, "other providers", STAGE_PROVIDERS, others, others_then);
    return ERR_OK;
}

/* Which sources tell a stage; DIM_STAGE apart: stage counts. */
static void find_tellers(const struct vread *vr, enum signal signal, bool apart, uint32_t stage, bool *tells)
{
    for (size_t i = 0; i < vr->source_count; i++)
        tells[i] = !apart && vread_counts(vr, signal, i);
    for (size_t k = 0; apart && k < store_series_count(vr->l->st); k++) {
        const struct series *s = store_series_at(vr->l->st, k);
        if (s->signal != signal || s->dim[DIM_STAGE] != stage || store_has_stage(vr->kept_stages, vr->kept_stage_count, s))
            continue;
        for (size_t i = 0; i < vr->source_count; i++)
            tells[i] = tells[i] || (vr->sources[i].id == s->source && vread_counts(vr, signal, i));
    }
}

/* "" where some of those who tell it tell the end to end, too; else who they are. Errors: ERR_NOMEM. */
static enum err measured_beside(const struct vread *vr, enum signal signal, bool apart, uint32_t stage, const char **ret)
{
    struct arena *a = vr->l->arena;
    bool *tells = arena_array(a, vr->source_count + 1, sizeof *tells);
    const char *names = "";
    size_t n = 0;

    if (tells == NULL)
        return ERR_NOMEM;
    find_tellers(vr, signal, apart, stage, tells);
    *ret = "";
    for (size_t i = 0; i < vr->source_count && names != NULL; i++) {
        if (tells[i] && vread_counts(vr, SIG_E2E, i))
            return ERR_OK;
        if (tells[i] && n++ < NAMES_MAX)
            names = arena_printf(a, "%s%s%s", names, n > 1 ? ", " : "", vr->sources[i].name);
    }
    if (names != NULL && n > NAMES_MAX)
        names = arena_printf(a, "%s and %zu more", names, n - NAMES_MAX);
    *ret = names;
    return names != NULL ? ERR_OK : ERR_NOMEM;
}

/* One of ours, or beside them. */
static enum err add_one(struct making *m, const char *name, enum signal signal, size_t now_q, size_t then_q, enum dim dim, uint32_t id)
{
    struct measured now, then;
    const char *by = "";
    enum err e = read_stage(m, now_q, then_q, dim, id, &now, &then);
    if (e == ERR_OK && now.n > 0)
        e = measured_beside(m->vr, signal, dim == DIM_STAGE, id, &by);
    if (e != ERR_OK)
        return e;
    if (by[0] != '\0')
        add_beside(m, name, by, now, then);
    else
        add(m, name, STAGE_OURS, now, then);
    return ERR_OK;
}

static enum err add_ours(struct making *m)
{
    uint32_t ids[OURS_MAX];
    const struct vask_window *now = &m->ask->now, *then = &m->ask->then;

    enum err e = add_one(m, "gateway", SIG_OVERHEAD, now->overhead, then->overhead, DIM_COUNT, 0);
    if (e == ERR_OK)
        e = add_one(m, "queue", SIG_QUEUE_TIME, now->queue, then->queue, DIM_COUNT, 0);
    size_t n = vread_ids(m->vr, now->stage, DIM_STAGE, vread_by_sum, ids, OURS_MAX);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        const char *name = vread_text(m->vr, ids[i]);
        e = add_one(m, name[0] != '\0' ? name : "stage", SIG_STAGE_LATENCY, now->stage, then->stage, DIM_STAGE, ids[i]);
    }
    return e == ERR_OK ? add_one(m, "engine queue", SIG_ENGINE_QUEUE, now->engine_queue, then->engine_queue, DIM_COUNT, 0) : e;
}

/* What no stage accounts for. Parts that exceed the whole were measured of more requests than it, and the bar says so rather than lie. */
static void add_rest(struct making *m, bool provider_known)
{
    bool none = m->count == 0;
    double rest = fabs(m->rest_s) < 1e-9 * m->whole.total_s ? 0 : m->rest_s;
    const char *name = none ? "not known" : rest < 0 ? "counted twice" : provider_known ? "other" : "provider, other";
    m->list[m->count++] = (struct vstage){
        .name = name,
        .whose = STAGE_REST,
        .mean_s = per_request(&m->whole, rest),
        .share = rest / m->whole.total_s,
        .then_s = m->ask->then.e2e != VROWS_NONE && m->whole_then.n > 0 ? per_request(&m->whole_then, m->rest_then_s) : NAN,
        .each_s = NAN,
        .n = m->whole.n,
        .by = "",
        .fail = vnum_unknown(),
    };
}

static const char *append(struct arena *a, const char *text, const char *between, const char *more)
{
    return text == NULL || more == NULL ? NULL : arena_printf(a, "%s%s%s", text, text[0] != '\0' ? between : "", more);
}

/* NULL when the arena is full: "provider 92% (azure 42%, anthropic 23%), ours 1%; openai fails 98% of 1.2k attempts" */
static const char *describe(struct making *m, bool provider_known)
{
    struct arena *a = m->vr->l->arena;
    double provider = 0, ours = 0;
    bool ours_known = false;
    const char *who = "", *fails = "";
    char percent[VTEXT_MAX], more[VTEXT_MAX];

    for (size_t i = 0, named = 0; i < m->count; i++) {
        const struct vstage *s = &m->list[i];
        provider += s->whose == STAGE_PROVIDERS ? s->share : 0;
        ours += s->whose == STAGE_OURS ? s->share : 0;
        ours_known = ours_known || s->whose == STAGE_OURS;
        vtext_percent(100 * s->share, percent);
        if (s->whose == STAGE_PROVIDERS && named < 2 && ++named)
            who = append(a, who, ", ", arena_printf(a, "%s %s", s->name, percent));
        if (s->severity == SEV_PAGE) {
            vtext_percent(100 * s->fail.v, percent);
            vtext_count(s->fail.n, more);
            fails = append(a, fails, ", ", arena_printf(a, "%s fails %s of %s attempts", s->name, percent, more));
        }
    }
    const char *unsplit = vread_unsplit_text(m->vr, SIG_PROVIDER_LATENCY);
    if (unsplit == NULL || who == NULL || fails == NULL)
        return NULL;
    if (unsplit[0] == '\0')
        unsplit = "not measured";
    if (m->count == 1 && m->list[0].whose == STAGE_REST)
        return "no stage is measured here";
    vtext_percent(100 * ours, more);
    vtext_percent(100 * provider, percent);
    const char *text = provider_known ? arena_printf(a, "provider %s (%s)", percent, who) : arena_printf(a, "provider %s", unsplit);
    text = append(a, text, ", ", ours_known ? arena_printf(a, "ours %s", more) : "ours not measured");
    return fails[0] != '\0' ? append(a, text, "; ", fails) : text;
}

static void mark_trust(const struct vread *vr, const struct vask_window *w, struct view_latency *v)
{
    const size_t all[] = {w->e2e, w->provider, w->queue, w->overhead, w->stage};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct vtrust t = vread_trust(vr, all[i]);
        v->stages_stale = v->stages_stale || t.stale;
        v->stages_about = v->stages_about || t.less || t.lost || t.more;
    }
}

enum err vstages_build(struct vread *vr, const struct vstages_ask *ask, const struct view_axis *axis, struct view_latency *ret)
{
    struct making m = {.vr = vr,
                       .ask = ask,
                       .list = arena_array(vr->l->arena, 2 * STAGES_MAX, sizeof *m.list),
                       .beside = arena_array(vr->l->arena, STAGES_MAX, sizeof *m.beside)};

    ret->stage_text = ret->stage_against = "";
    if (m.list == NULL || m.beside == NULL)
        return ERR_NOMEM;
    enum err e = read_stage(&m, ask->now.e2e, ask->then.e2e, DIM_COUNT, 0, &m.whole, &m.whole_then);
    if (e != ERR_OK || !(m.whole.total_s > 0))
        return e; /* without sums a page says nothing about means */
    m.rest_s = m.whole.total_s;
    m.rest_then_s = m.whole_then.total_s;
    e = add_providers(&m);
    const bool provider_known = m.count > 0;
    if (e == ERR_OK)
        e = add_ours(&m);
    if (e != ERR_OK)
        return e;
    add_rest(&m, provider_known);
    ret->stages = m.list;
    ret->stage_total_s = per_request(&m.whole, m.whole.total_s);
    ret->stage_text = describe(&m, provider_known);
    for (size_t i = 0; i < m.beside_count; i++)
        m.list[m.count++] = m.beside[i];
    ret->stage_count = m.count;
    ret->stage_against = m.whole_then.n > 0 ? vparts_against(axis->compare_ms) : "";
    mark_trust(vr, &ask->now, ret);
    ret->stages_about = ret->stages_about || m.part || m.whole.part;
    return ret->stage_text != NULL ? ERR_OK : ERR_NOMEM;
}
