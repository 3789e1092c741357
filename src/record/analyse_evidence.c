/* SPDX-License-Identifier: MIT */
/* How much speaks for a drift of each stream, told once a minute as a gauge of a source of its own: so it has a history, and a past cursor
 * sees what was known then. What is read of the past has none of that time: what it came to is told with the next turn of the clock. */
#include <math.h>
#include <stdlib.h>

#include "model/drift.h"
#include "record/analyse_stream.h"

static enum err series_of(struct analyser *an, const struct group *g, struct stream *s, struct errctx *ctx)
{
    struct series of = {.source = an->evidence_source, .signal = SIG_DRIFT_EVIDENCE};
    if (s->evidence != 0)
        return ERR_OK;
    of.dim[DIM_NAME] = g->a;
    of.dim[DIM_MODEL] = g->b;
    return store_series(an->st, &of, &s->evidence, ctx);
}

static enum err open_source(struct analyser *an, struct errctx *ctx)
{
    const struct source_status own = {
        .name = DRIFT_SOURCE, .kind = OWN_SOURCE_KIND, .url = "", .gateway = "", .profile = "", .interval_ms = MINUTE_MS};
    return an->evidence_source != 0 ? ERR_OK : store_put_source(an->st, &own, &an->evidence_source, ctx);
}

/* Of streams that told something since the last time; of the others it is not known, and a gap. Intervals of one end come source by source,
 * so what a stream told is looked for by its own time, not by the last time of all. */
static enum err fill(struct analyser *an, struct store_item *items, size_t *count, struct errctx *ctx)
{
    enum err e = ERR_OK;
    size_t at = 0;
    for (const struct groups *gs; (gs = analyse_streams_at(an, &at)) != NULL;) {
        for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++) {
            struct stream *s = gs->list[i]->own;
            const bool anew = s->evidence != 0 && s->evidence_ms == 0; /* what was told of the baseline before holds no more */
            double evidence = stream_evidence(gs->list[i]);
            evidence = isnan(evidence) && anew ? 0 : evidence;
            if (gs->list[i]->now_ms <= s->evidence_ms || isnan(evidence) || (s->share != NULL && !s->told))
                continue;
            s->evidence_ms = gs->list[i]->now_ms;
            e = series_of(an, gs->list[i], s, ctx);
            items[(*count)++] = (struct store_item){.series = s->evidence, .v.gauge = evidence};
        }
    }
    return e;
}

enum err analyse_evidence(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    size_t count = 0, most = 0, at = 0;
    if (in->backfill) {
        an->evidence_due = true;
        return ERR_OK;
    }
    if (in->t1_ms < an->evidence_ms + (an->evidence_due ? 1 : MINUTE_MS))
        return ERR_OK;
    for (const struct groups *gs; (gs = analyse_streams_at(an, &at)) != NULL;)
        most += gs->count;
    const int64_t before = an->evidence_ms;
    an->evidence_ms = in->t1_ms;
    an->evidence_due = false;
    if (most == 0)
        return ERR_OK;
    void *told = an->told;
    enum err e = analyse_grow(&told, &an->told_cap, an->told_count, sizeof *an->told, ctx);
    if (e == ERR_OK) {
        an->told = told;
        e = open_source(an, ctx);
    }
    struct store_item *items = e == ERR_OK ? malloc(most * sizeof *items) : NULL;
    if (e == ERR_OK && items == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory for the evidence of drifts");
    if (e == ERR_OK)
        e = fill(an, items, &count, ctx);
    if (e != ERR_OK || count == 0) {
        free(items);
        return e;
    }
    an->told[an->told_count++] =
        (struct store_batch){.source = an->evidence_source, .t0_ms = before, .t1_ms = in->t1_ms, .items = items, .count = count};
    return ERR_OK;
}

void analyse_evidence_drop(struct analyser *an)
{
    for (uint32_t i = 0; i < an->told_count; i++)
        free((void *)(uintptr_t)an->told[i].items);
    an->told_count = 0;
}

void analyser_told(struct analyser *an, const struct store_batch **ret, size_t *ret_count)
{
    *ret = an->told;
    *ret_count = an->told_count;
}
