/* SPDX-License-Identifier: MIT */
/* Times of which a source's answers allow no ratio: they lacked all of a metric that makes up a signal, its failures say.
 *
 * How this works: while one lasts, what is fed from such a signal is fed by nobody: of several replicas the whole ones alone would tell of
 * a part as if it were all. It begins with lack.since_ms, and what was fed in between stays. Once it is over its counts come as late
 * samples; where the process ended before, they never come, and the time stays unknown for as long as windows reach back to it. A source
 * that does not answer any more is as good as gone: the others have the word again. */
#include <string.h>

#include "record/analyse_detect.h"

static const int64_t KEPT_MS = 3 * DAY_MS; /* no window of an objective is longer */

static struct torn *lasting(struct analyser *an, uint32_t source)
{
    for (uint32_t i = 0; i < an->torn_count; i++) {
        if (an->torn[i].lasts && an->torn[i].source == source)
            return &an->torn[i];
    }
    return NULL;
}

static void drop(struct analyser *an, uint32_t i)
{
    memmove(&an->torn[i], &an->torn[i + 1], (an->torn_count - i - 1) * sizeof *an->torn);
    an->torn_count--;
}

/* What is too old to matter goes, and where that does not make room the oldest that is over. */
static bool make_room(struct analyser *an)
{
    const int64_t oldest_ms = analyse_newest_ms(an) - KEPT_MS;
    for (uint32_t i = an->torn_count; i > 0; i--) {
        if (!an->torn[i - 1].lasts && an->torn[i - 1].to_ms < oldest_ms)
            drop(an, i - 1);
    }
    for (uint32_t i = 0; an->torn_count == TORN_MAX && i < an->torn_count; i++) {
        if (!an->torn[i].lasts)
            drop(an, i);
    }
    return an->torn_count < TORN_MAX;
}

void analyse_torn_add(struct analyser *an, const struct torn *t)
{
    if (t->from_ms >= t->to_ms && !t->lasts)
        return;
    for (uint32_t i = 0; i < an->torn_count; i++) {
        if (an->torn[i].source != t->source || an->torn[i].from_ms != t->from_ms)
            continue;
        an->torn[i] = *t; /* it goes on, or is known already */
        an->torn_moved = true;
        return;
    }
    if (make_room(an)) /* else more sources than that are torn at once: what is left of these is taken for all */
        an->torn[an->torn_count++] = *t;
    an->torn_moved = true;
}

/* What it counted is not known, and will not be. */
static void end_unknown(struct analyser *an, struct torn *t)
{
    t->lasts = false;
    t->to_ms = an->sources[t->source].last_ms;
    if (t->to_ms <= t->from_ms)
        drop(an, (uint32_t)(t - an->torn));
}

static void end_known(struct analyser *an, const struct torn *t)
{
    const struct torn over = *t;
    for (uint32_t i = an->torn_count; i > 0; i--) {
        if (an->torn[i - 1].source == over.source && an->torn[i - 1].from_ms >= over.from_ms)
            drop(an, i - 1);
    }
}

static void end(struct analyser *an, struct torn *t, bool lost)
{
    if (lost)
        end_unknown(an, t);
    else
        end_known(an, t);
    an->torn_moved = an->dirty = true;
}

void analyser_lacks(struct analyser *an, uint32_t source, const struct source_lack *lack, bool lost)
{
    struct torn *t = lasting(an, source);
    struct source_track *ignored;
    struct errctx no = {""};
    if (t != NULL && (lack->family == 0 || lost)) {
        end(an, t, lost);
        t = NULL;
    }
    if (lack->family == 0 || (t != NULL && t->signals == lack->family && t->from_ms == lack->since_ms))
        return;
    if (t != NULL) { /* a part of it came back */
        t->signals = lack->family;
        t->from_ms = lack->since_ms;
        an->torn_moved = true;
    } else if (analyse_source(an, source, &ignored, &no) == ERR_OK) { /* without memory the next interval fails */
        analyse_torn_add(an, &(struct torn){.source = source, .lasts = true, .from_ms = lack->since_ms, .signals = lack->family});
    }
}

void analyse_torn_silent(struct analyser *an, uint32_t source)
{
    struct torn *t = lasting(an, source);
    if (t != NULL)
        end(an, t, true);
}

/* ---- what it concerns ---- */

static bool is_of(const struct torn *t, const struct series *s)
{
    return s->source == t->source && (t->signals >> s->signal & 1) != 0;
}

static void mark(struct analyser *an, const struct link *l)
{
    if (l->to == LINK_SLO)
        an->slos[l->slot].torn = true;
    else if (l->to >= LINK_DETECTOR && analyse_detector_has_groups(l))
        an->torn_groups[l->to - LINK_DETECTOR][l->slot / 64] |= UINT64_C(1) << l->slot % 64;
}

void analyse_torn_mark(struct analyser *an)
{
    if (!an->torn_moved && an->torn_indexed == an->indexed)
        return;
    for (uint32_t i = 0; i < an->slo_count; i++)
        an->slos[i].torn = false;
    memset(an->torn_groups, 0, sizeof an->torn_groups);
    for (uint32_t k = 0; k < an->torn_count; k++) {
        for (uint32_t i = 0; an->torn[k].lasts && i < an->indexed; i++) {
            if (!is_of(&an->torn[k], store_series_at(an->st, i)))
                continue;
            for (uint32_t at = i > 0 ? an->link_end[i - 1] : 0; at < an->link_end[i]; at++)
                mark(an, &an->links.list[at]);
        }
    }
    an->torn_moved = false;
    an->torn_indexed = an->indexed;
}

bool analyse_torn_is(const struct analyser *an, const struct link *l)
{
    if (l->to == LINK_SLO)
        return an->slos[l->slot].torn;
    return l->to >= LINK_DETECTOR && analyse_detector_has_groups(l) &&
           (an->torn_groups[l->to - LINK_DETECTOR][l->slot / 64] >> l->slot % 64 & 1) != 0;
}

enum err analyse_torn_slos(struct analyser *an, const bool **ret, struct errctx *ctx)
{
    bool *concerns = arena_array(&an->scratch, (size_t)an->torn_count * an->slo_count + 1, sizeof *concerns);
    if (concerns == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while rebuilding windows");
    for (uint32_t k = 0; k < an->torn_count; k++) {
        for (uint32_t i = 0; i < an->indexed; i++) {
            if (!is_of(&an->torn[k], store_series_at(an->st, i)))
                continue;
            for (uint32_t at = i > 0 ? an->link_end[i - 1] : 0; at < an->link_end[i]; at++) {
                if (an->links.list[at].to == LINK_SLO)
                    concerns[(size_t)k * an->slo_count + an->links.list[at].slot] = true;
            }
        }
    }
    *ret = concerns;
    return ERR_OK;
}

static bool meets(const struct torn *t, int64_t t0_ms, int64_t t1_ms)
{
    return t1_ms > t->from_ms && (t->lasts || t0_ms < t->to_ms);
}

bool analyse_torn_then(const struct analyser *an, const bool *concerns, uint32_t slo, int64_t t0_ms, int64_t t1_ms)
{
    for (uint32_t k = 0; k < an->torn_count; k++) {
        if (concerns[(size_t)k * an->slo_count + slo] && meets(&an->torn[k], t0_ms, t1_ms))
            return true;
    }
    return false;
}

bool analyse_torn_any(const struct analyser *an, uint64_t signals, int64_t t0_ms, int64_t t1_ms)
{
    for (uint32_t k = 0; k < an->torn_count; k++) {
        if ((an->torn[k].signals & signals) != 0 && meets(&an->torn[k], t0_ms, t1_ms))
            return true;
    }
    return false;
}

bool analyse_torn_source(const struct analyser *an, uint32_t source, uint64_t signals, int64_t t0_ms, int64_t t1_ms)
{
    for (uint32_t k = 0; k < an->torn_count; k++) {
        if (an->torn[k].source == source && (an->torn[k].signals & signals) != 0 && meets(&an->torn[k], t0_ms, t1_ms))
            return true;
    }
    return false;
}
