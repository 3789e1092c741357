/* SPDX-License-Identifier: MIT */
/* The table of detectors, and their being called. */
#include "record/analyse_detect.h"

#include <assert.h>
#include <string.h>

#include "record/analyse_late.h"
#include "record/analyse_stream.h"

static const struct detector *const table[] = {
    &detect_restart, &detect_names,  &detect_fallback, &detect_key,   &detect_quality,
    &detect_answers, &detect_length, &detect_mix,      &detect_price, &detect_router,
};
enum { DETECTORS = sizeof table / sizeof table[0] };
static_assert((int)DETECTORS <= (int)DETECTORS_MAX, "a step calls each of them for every interval");

enum err analyse_detectors_open(struct analyser *an, struct errctx *ctx)
{
    for (size_t i = 0; i < DETECTORS; i++) {
        if (table[i]->make == NULL)
            continue;
        an->detector[i] = table[i]->make();
        if (an->detector[i] == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the detector %s", table[i]->name);
    }
    return ERR_OK;
}

void analyse_detectors_close(struct analyser *an)
{
    for (size_t i = 0; i < DETECTORS; i++)
        if (table[i]->drop != NULL && an->detector[i] != NULL)
            table[i]->drop(an->detector[i]);
}

enum err analyse_detectors_fill(struct analyser *an, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < DETECTORS; i++)
        if (table[i]->fill != NULL)
            e = table[i]->fill(an, an->detector[i], ctx);
    return e;
}

enum err analyse_detectors_series(struct analyser *an, const struct series *s, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < DETECTORS; i++) {
        struct link l = {.to = (uint8_t)(LINK_DETECTOR + i)};
        bool wanted = false;
        e = table[i]->on_series(an, an->detector[i], s, &l, &wanted, ctx);
        if (e == ERR_OK && wanted)
            e = analyse_link(an, l, ctx);
    }
    return e;
}

bool analyse_detector_has_groups(const struct link *l)
{
    return table[l->to - LINK_DETECTOR]->finding != NULL;
}

void analyse_detector_item(struct analyser *an, const struct link *l, const struct store_item *item, const struct interval *in)
{
    size_t i = l->to - LINK_DETECTOR;
    if (table[i]->on_late != NULL && (in->backfill || in->revised || analyse_late_waits(an)))
        table[i]->on_late(an, an->detector[i], l, in, item);
    else
        table[i]->on_item(an, an->detector[i], l, item);
}

void analyse_detector_late(struct analyser *an, const struct link *l, const struct store_item *item, const struct interval *in)
{
    const size_t i = l->to < LINK_DETECTOR ? DETECTORS : l->to - LINK_DETECTOR;
    if (i < DETECTORS && table[i]->on_late != NULL)
        table[i]->on_late(an, an->detector[i], l, in, item);
}

void *analyse_streams_at(const struct analyser *an, size_t *at)
{
    while (*at < DETECTORS && !table[*at]->has_streams)
        (*at)++;
    return *at < DETECTORS ? an->detector[(*at)++] : NULL;
}

uint32_t analyse_stream_total(struct analyser *an)
{
    const int64_t step = analyse_as_of_ms(an) / STREAM_STEP_MS;
    if (an->stream_total > 0 && an->stream_step == step)
        return an->stream_total;
    an->stream_total = 0;
    an->stream_step = step;
    for (size_t i = 0; i < DETECTORS; i++)
        an->stream_total += table[i]->alive != NULL ? table[i]->alive(an, an->detector[i]) : 0;
    an->stream_total = an->stream_total > 0 ? an->stream_total : 1;
    return an->stream_total;
}

/* Tells screens how many streams are more than are watched of a kind, when that is another number. */
static enum err note_left(struct analyser *an, int64_t known_ms, struct errctx *ctx)
{
    char text[64];
    uint32_t left = 0;
    for (size_t i = 0; i < DETECTORS; i++)
        left += table[i]->finding == stream_finding ? ((const struct groups *)an->detector[i])->left_count : 0;
    if (left == an->left)
        return ERR_OK;
    an->left = left;
    (void)str_format(text, sizeof text, "%u %d", left, (int)GROUPS_MAX);
    return store_put_note(an->st, DRIFT_LEFT_NOTE, known_ms, str_of(text), ctx);
}

enum err analyse_detectors_interval(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    enum err e = note_left(an, in->known_ms, ctx);
    for (size_t i = 0; e == ERR_OK && i < DETECTORS; i++)
        e = table[i]->on_interval(an, an->detector[i], in, ctx);
    return e;
}

enum err analyse_detectors_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    enum err e = analyse_late_feed(an, now_ms, ctx);
    for (size_t i = 0; e == ERR_OK && i < DETECTORS; i++)
        if (table[i]->has_streams)
            e = streams_tick(an, an->detector[i], table[i], now_ms, ctx);
    const struct interval in = {.t1_ms = now_ms, .known_ms = now_ms};
    for (size_t i = 0; e == ERR_OK && i < DETECTORS && !analyse_late_waits(an); i++)
        if (table[i]->finding != NULL) /* with every source dead no interval comes */
            e = groups_sweep(an, an->detector[i], table[i], &in, ctx);
    return e == ERR_OK && an->evidence_due ? analyse_evidence(an, &in, ctx) : e;
}

/* ---- findings ---- */

enum err analyse_findings_open(struct analyser *an, struct errctx *ctx)
{
    struct alert *alerts;
    size_t count, n = 0;
    enum err e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &count, ctx);
    if (e != ERR_OK)
        return e;
    struct alert *list = arena_array(&an->arena, count + 1, sizeof *list);
    for (size_t i = 0; list != NULL && i < count; i++) {
        if (!alert_is_finding(&alerts[i]))
            continue;
        list[n] = alerts[i];
        list[n].rule = arena_strdup(&an->arena, str_of(alerts[i].rule));
        list[n].scope = arena_strdup(&an->arena, str_of(alerts[i].scope));
        list[n].text = arena_strdup(&an->arena, str_of(alerts[i].text));
        if (list[n].rule == NULL || list[n].scope == NULL || list[n].text == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading findings");
        n++;
    }
    an->findings = list;
    an->finding_count = n;
    return list != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading findings");
}

const struct alert *analyse_finding_of(const struct analyser *an, const char *rule, const char *scope)
{
    for (size_t i = 0; i < an->finding_count; i++)
        if (strcmp(an->findings[i].rule, rule) == 0 && strcmp(an->findings[i].scope, scope) == 0)
            return &an->findings[i];
    return NULL;
}

const char *analyse_rule(struct analyser *an, const char *detector, uint32_t string)
{
    const char *name = string != 0 ? text_string(an, string) : "";
    return name != NULL ? arena_printf(&an->scratch, "%s:%s", detector, name) : NULL;
}

/* "RULE|SCOPE" of the act "accept". */
static enum err accept_one(struct analyser *an, const struct store_act *act, struct errctx *ctx)
{
    const struct acceptance a = {.what = act->text, .author = act->author, .at_ms = act->at_ms};
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < DETECTORS; i++)
        if (table[i]->accept != NULL)
            e = table[i]->accept(an, an->detector[i], &a, ctx);
    return e;
}

enum err analyse_detectors_accept(struct analyser *an, struct errctx *ctx)
{
    struct store_act *acts;
    size_t count;
    enum err e = store_acts(an->st, INT64_MAX, &an->scratch, &acts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (!acts[i].pending && strcmp(acts[i].verb, STORE_ACT_ACCEPT) == 0)
            e = accept_one(an, &acts[i], ctx);
    return e;
}
