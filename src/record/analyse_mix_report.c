/* SPDX-License-Identifier: MIT */
/* What becomes of a window of finish reasons that differs: a finding, where it differs within the routes, teams or keys as well, and from
 * the same time a day earlier; else part of the baseline. */
#include "record/analyse_mix.h"

#include <math.h>
#include <string.h>

/* The class that moved most by the test; where those are rare ones together, and for the traffic, the one that rose most. */
static uint32_t risen(const struct mix *m)
{
    const double base = (double)mix_sum(m->base), found = (double)mix_sum(m->found);
    uint32_t most = 0;
    double by = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        const double rise = (double)m->found[i] / found - (double)m->base[i] / base;
        most = rise > by ? i : most;
        by = fmax(by, rise);
    }
    return most;
}

/* What of it is due to other traffic, by the share that rose. */
static enum err traffic_of(struct analyser *an, const struct group *g, int64_t now_ms, struct traffic *ret, struct errctx *ctx)
{
    const struct mix *m = g->own;
    const struct answer_share share = {
        .name = DRIFT_MIX, .whole = SIG_FINISH, .bad = SIG_FINISH, .bad_class = intern_text(store_strings(an->st), m->id[risen(m)])};
    struct stream s = {.share = &share, .d = {.base_mean = (double)m->base[risen(m)] / (double)mix_sum(m->base)}};
    const struct group of = {.b = g->b, .own = &s};
    return analyse_traffic(an, &of, m->began_ms, now_ms, 1, ret, ctx);
}

/* "finish reasons of gpt-x: tool 12.0 -> 18.4 %" */
static const char *found_text(struct analyser *an, const struct group *g, uint32_t most, double was, double is)
{
    const struct mix *m = g->own;
    const char *model = g->b != 0 ? text_string(an, g->b) : "all models",
               *class = m->id[most] != 0 ? text_string(an, m->id[most]) : "other";
    return model != NULL && class != NULL
               ? arena_printf(&an->scratch, "%s of %s: %s %.1f -> %.1f %%", DRIFT_MIX, model, class, 100 * was, 100 * is)
               : NULL;
}

/* Whether the hour may be all there is to it: the same time a day earlier, or as long before or after that, did not differ. *ret_known:
 * there was such a time, and it was none of a finding. */
static enum err is_of_hour(struct analyser *an, const struct group *g, int64_t now_ms, bool *ret, bool *ret_known, struct errctx *ctx)
{
    struct mix *m = g->own;
    const int64_t length_ms = (now_ms - m->began_ms + STREAM_STEP_MS - 1) / STREAM_STEP_MS * STREAM_STEP_MS;
    struct store_query q = {.signal = SIG_FINISH, .group_by = DIM_BIT(DIM_CLASS), .step_ms = length_ms, .columns = 3};
    struct store_result r;
    struct daycount of_finding;
    *ret = *ret_known = false;
    if (group_has_usual(g, &of_finding))
        return ERR_OK;
    q.t0_ms = (m->began_ms - DAY_MS) / STREAM_STEP_MS * STREAM_STEP_MS - length_ms;
    q.filter.dim[DIM_MODEL].ids = &g->b;
    q.filter.dim[DIM_MODEL].count = 1;
    enum err e = analyse_allowed(an, SIG_FINISH, &q.filter.sources, &q.filter.source_count, ctx);
    if (e == ERR_OK)
        e = store_read(an->st, &q, 1, &an->scratch, &r, ctx);
    for (uint32_t c = 0; e == ERR_OK && c < q.columns; c++) {
        uint64_t then[MIX_CLASSES] = {0};
        struct divergence d;
        for (size_t i = 0; i < r.count; i++)
            if (r.groups[i].cells[c].n > 0 && r.groups[i].cells[c].sum > 0)
                then[mix_class_of(m, r.groups[i].dim[DIM_CLASS])] += (uint64_t)r.groups[i].cells[c].sum;
        if (mix_sum(then) < MIX_WINDOW / 2)
            continue;
        *ret_known = true;
        *ret = *ret || !divergence_test(then, m->found, m->count, &d) || d.p > MIX_NORMAL_CHANCE || d.moved < MIX_LEAST_MOVED;
    }
    return e;
}

/* The window in which it was found is no news. */
static void forget_window(struct mix *m)
{
    memset(m->now, 0, sizeof m->now);
    m->began_ms = 0;
    m->back = 0;
}

static enum err tell(struct analyser *an, struct group *g, const struct traffic *t, const struct interval *in, struct errctx *ctx)
{
    struct mix *m = g->own;
    const uint32_t most = m->d.most < m->count ? (uint32_t)m->d.most : risen(m);
    const uint64_t base = mix_sum(m->base), found = mix_sum(m->found);
    const double was = (double)m->base[most] / (double)base, is = (double)m->found[most] / (double)found;
    const int64_t error_ms = m->at_ms - m->began_ms;
    const struct instant_between onset = {.at_ms = m->began_ms, .from_ms = m->began_ms, .to_ms = m->at_ms, .error_ms = error_ms};
    char off[TIMEFMT_MAX];
    const char *rule, *scope, *moved = found_text(an, g, most, was, is),
                              *what = moved != NULL ? analyse_where_add(an, moved, &t->found) : NULL, *n = text_count(an, found);
    const char *arl = text_number(an, stream_arl(an, g), 2), *also = t->text[0] != '\0' ? "; " : "";
    stream_finding(an, g->a, g->b, &rule, &scope);
    if (what == NULL || n == NULL || arl == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a mix of answers");
    instant_format_between(&onset, off);
    const char *text =
        arena_printf(&an->scratch,
                     "%s; of %s answers %.1f %% end otherwise than before, chi-squared p %.1g: at most 1 false alarm in %s samples "
                     "(%g in 30 d over %u streams); onset%s%s%s",
                     what, n, 100 * m->d.moved, m->d.p, arl, an->cfg->false_alarms, analyse_stream_total(an), off, also, t->text);
    const char *id = arena_printf(&an->scratch, "quality:%u:%u:%lld", g->a, g->b, (long long)in->t1_ms);
    enum err e = analyse_event(an, id, EVENT_QUALITY, m->began_ms, in->known_ms, scope, text, ctx);
    const struct daycount usual = {.n = base, .bad = m->base[most], .observed_ms = m->began_ms - m->from_ms};
    struct drift_found where = t->found;
    where.what = moved;
    where.beside = t->text;
    where.from_ms = onset.from_ms;
    where.to_ms = onset.to_ms;
    where.class = text_string(an, m->id[most]);
    const struct finding f = {.text = analyse_found_text(an, &where),
                              .onset_ms = m->began_ms,
                              .onset_error_ms = error_ms,
                              .window_ms = (int)fmin((double)error_ms, INT32_MAX),
                              .was = was,
                              .is = is};
    if (e == ERR_OK)
        e = where.class != NULL ? group_hold(an, &detect_mix, g, &f, &usual, in, ctx)
                                : errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a mix of answers");
    return e == ERR_OK ? analyse_found_put(an, g, &where, in->known_ms, ctx) : e;
}

enum err mix_report(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct mix *m = g->own;
    struct traffic traffic;
    bool of_hour, hour_known;
    m->alarmed = false;
    enum err e = is_of_hour(an, g, in->t1_ms, &of_hour, &hour_known, ctx);
    if (e == ERR_OK)
        e = traffic_of(an, g, in->t1_ms, &traffic, ctx);
    const double chance = divergence_alarm_p((double)mix_sum(m->found), stream_arl(an, g));
    if (e == ERR_OK && !of_hour && (traffic.is_told ? traffic.word == TRAFFIC_NOT && traffic.p <= chance : hour_known))
        e = tell(an, g, &traffic, in, ctx);
    else
        mix_merge(m);
    forget_window(m);
    return e;
}
