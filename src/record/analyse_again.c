/* SPDX-License-Identifier: MIT */
/* An alarm that scores of the past have brought, or helped to.
 *
 * How this works: what is older than the newest that its stream has seen was fed when it came, so the detector's marks say nothing of when
 * it changed, nor whether it still is so. At the alarm the store has all of it by its time. So the detector goes back to its baseline and
 * is fed the day's columns from the oldest that came late on. Each alarm on that way is held against what came after it: one that is over
 * is an event with its two ends, and the detector goes on from there; at one that lasts it stands. docs/decisions/0013-detectors.md */
#include <math.h>
#include <stdlib.h>

#include "record/analyse_late.h"
#include "record/analyse_stream.h"

enum { COLUMNS_MAX = DAYRING_FIVES + 2 * DAYRING_MINUTES };

struct column {
    int64_t begin_ms, end_ms;
    struct scored c;
};

struct day {
    struct column *list;
    size_t count;
};

static double column(struct analyser *an, struct group *g, int64_t begin_ms, int64_t end_ms, const struct store_cell *cell,
                     const struct daycount *c)
{
    struct day *day = g->own;
    (void)an;
    if (c->n > 0 && day->count < COLUMNS_MAX)
        day->list[day->count++] = (struct column){.begin_ms = begin_ms, .end_ms = end_ms, .c = quality_scored(cell, c)};
    return 0;
}

/* The day of one score by its columns; in scratch. */
static enum err read_day(struct analyser *an, const struct group *g, struct day *ret, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const uint32_t model = g->b;
    struct dayring ring;
    struct group one = {.a = g->a, .b = g->b, .from_ms = g->from_ms, .ring = &ring, .own = ret}, *list = &one;
    struct groups gs = {.list = &list, .count = 1};
    struct groups_reading how = quality_reading();
    ret->count = 0;
    ret->list = arena_array(&an->scratch, COLUMNS_MAX, sizeof *ret->list);
    if (ret->list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a day of scores");
    dayring_init(&ring);
    how.column = column;
    how.filter.dim[DIM_NAME].ids = &s->name;
    how.filter.dim[DIM_NAME].count = 1;
    how.filter.dim[DIM_MODEL].ids = &model;
    how.filter.dim[DIM_MODEL].count = model != 0;
    return groups_fill(an, &gs, &how, ctx);
}

/* The samples until then, as a ring counts them: of an alarm for the better what is not bad. */
static void ring_of(const struct group *g, const struct day *day, bool better, int64_t until_ms, struct dayring *ret)
{
    const struct stream *s = g->own;
    dayring_init(ret);
    for (size_t i = 0; i < day->count && day->list[i].begin_ms < until_ms; i++) {
        const struct scored *c = &day->list[i].c;
        const double bad = !s->is_score ? (double)c->bad : stream_high_is_good(g) ? (double)c->n - c->sum : c->sum;
        dayring_add_sum(ret, day->list[i].begin_ms, day->list[i].end_ms, c->n, better ? (double)c->n - bad : bad);
    }
}

/* Whether what an alarm found is over, and since when: by the samples until then, when an earlier finding began, or by all. */
static bool is_past(const struct group *g, const struct day *day, const struct edetect_alarm *al, struct dayring_back *ret)
{
    const struct stream *s = g->own;
    const bool up = al->side == EDETECT_RISE, better = up != stream_rise_is_bad(g), earlier = al->onset < g->onset_ms;
    const double was = up ? al->before : 1 - al->before;
    struct dayring ring;
    ring_of(g, day, better, earlier ? g->onset_ms : INT64_MAX, &ring);
    struct group of = *g;
    of.ring = &ring;
    of.usual = daycount_of(s->d.base.n, was * (double)s->d.base.n, 0);
    of.usual_until_ms = INT64_MAX;
    of.onset_ms = al->onset;
    of.is = up ? al->after : 1 - al->after;
    if (earlier ? stream_back(&of, ret) : stream_is_over(&of, ret))
        return true;
    *ret = (struct dayring_back){.at_ms = g->onset_ms, .error_ms = g->onset_error_ms};
    return earlier;
}

static enum err tell_past(struct analyser *an, const struct group *g, const struct edetect_alarm *al, const struct dayring_back *back,
                          const struct interval *in, struct errctx *ctx)
{
    const int64_t later = al->onset_hi - al->onset_after, sooner = al->onset_after - al->onset_lo_after,
                  error = later > sooner ? later : sooner;
    const char *rule, *scope, *found = stream_found_text(an, g, al, stream_is_directed(g)), *from = text_clock(an, al->onset_after),
                              *to = text_clock(an, back->at_ms), *off = text_duration(an, error > STREAM_STEP_MS ? error : STREAM_STEP_MS),
                              *by = text_duration(an, back->error_ms);
    stream_finding(an, g->a, g->b, &rule, &scope);
    const char *id = arena_printf(&an->scratch, "quality-past:%u:%u:%lld", g->a, g->b, (long long)al->onset);
    const char *text =
        found != NULL && from != NULL && to != NULL && off != NULL && by != NULL
            ? arena_printf(&an->scratch, "%s from %s +-%s to %s +-%s, by scores that came late: it is over", found, from, off, to, by)
            : NULL;
    return analyse_event(an, id, EVENT_QUALITY, al->onset_after, in->known_ms, scope, text, ctx);
}

/* What came before the first of the late ones was in its order, and what an earlier finding holds is told. */
static bool is_fed(const struct group *g, const struct column *c, int64_t from_ms)
{
    return c->end_ms > from_ms && !(c->end_ms > g->onset_ms && c->begin_ms < g->ended_ms);
}

static void rewind_to(struct stream *s, int64_t at_ms)
{
    const struct edetect_count base = s->d.base;
    edetect_init_with(&s->d, s->is_score ? EDETECT_SCORE : EDETECT_BINARY, s->d.arl, at_ms, &base);
    s->sum = s->base_sum;
    s->since = (struct scored){.n = 0};
}

enum err stream_again(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    const int64_t newest_ms = s->at_ms;
    int64_t from_ms = s->late_from_ms;
    struct edetect_alarm al;
    struct dayring_back back;
    struct day day;
    bool lasts = false;
    enum err e = read_day(an, g, &day, ctx);
    if (e != ERR_OK)
        return e;
    s->late_from_ms = 0;
    rewind_to(s, from_ms);
    for (size_t i = 0; e == ERR_OK && i < day.count; i++) {
        if (!is_fed(g, &day.list[i], from_ms))
            continue;
        s->at_ms = day.list[i].end_ms;
        if (lasts)
            stream_add(&s->since, &day.list[i].c);
        else
            stream_feed(s, &day.list[i].c);
        if (lasts || !edetect_alarm(&s->d, &al))
            continue;
        lasts = !is_past(g, &day, &al, &back);
        if (lasts)
            continue;
        e = tell_past(an, g, &al, &back, in, ctx);
        from_ms = back.at_ms > day.list[i].end_ms ? back.at_ms : day.list[i].end_ms;
        rewind_to(s, from_ms);
    }
    s->at_ms = newest_ms;
    if (e != ERR_OK || lasts)
        return e;
    s->alarm_ms = 0;
    an->evidence_due = true;
    return stream_save(an, g, newest_ms, ctx);
}
